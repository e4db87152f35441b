"""Characters that draw nothing: they are in no label, whatever the text's source, and get no quad."""

from __future__ import annotations

import json
import sys
import unicodedata
from pathlib import Path

import numpy as np
import pytest
import regex
import uharfbuzz as hb
from hypothesis import given, settings
from hypothesis import strategies as st
from made_fonts import build, letter
from one_word import as_read, shape

from synthtext import Generator
from synthtext.core.errors import InputError
from synthtext.dataset.generate import generate
from synthtext.inspection import text_checks
from synthtext.text import dropped
from synthtext.text.charset import cut_to, resolve_charset
from synthtext.text.corpus import load_file, load_vocabulary
from synthtext.text.dropped import Dropped, Example, Loss
from synthtext.text.invisible import DEFAULT_IGNORABLE, INVISIBLE, SHAPING, draws_nothing, needless, without_idle
from synthtext.text.source import TextSource
from synthtext.text.text_config import TextConfig
from synthtext.typeset.catalogue import load_catalogue
from synthtext.typeset.font_config import FontConfig
from synthtext.typeset.layout import Extra, LayoutParams, lay_out
from synthtext.typeset.outlines import OutlineStore

ZWNJ, ZWJ, VS1, VS16, SHY, ZWSP, BOM = "\u200c", "\u200d", "\ufe00", "\ufe0f", "\u00ad", "\u200b", "\ufeff"
STARTER = load_catalogue(FontConfig())
STORE = OutlineStore()
VAZIRMATN = STORE.instance(next(face for face in STARTER.faces if face.family == "Vazirmatn"), ())
ROBOTO = STORE.instance(next(face for face in STARTER.faces if face.family == "Roboto"), ())


# --- which they are


def test_default_ignorables_are_those_of_another_library():
    theirs = regex.compile(r"\p{Default_Ignorable_Code_Point}")
    ours = {p for first, last in DEFAULT_IGNORABLE for p in range(first, last + 1)}
    assert ours == {p for p in range(sys.maxunicode + 1) if theirs.match(chr(p))}


def test_all_that_draws_nothing_is_known():
    for c in map(chr, range(sys.maxunicode + 1)):
        if unicodedata.category(c) in ("Cc", "Zl", "Zp"):
            assert draws_nothing(c)
            assert (c in INVISIBLE) != c.isspace()
    assert SHAPING <= INVISIBLE
    drawn = "".join(chr(p) for p in (*range(0x600, 0x606), 0x6DD, 0x70F))  # format characters that have a form
    assert INVISIBLE.isdisjoint(f" \u00a0\u3000aé漢\u0301{drawn}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("auto\u00admobil", "automobil"),
        ("zero\u200bwidth", "zerowidth"),
        ("left\u200eright", "leftright"),
        ("word\u2060 joiner", "word joiner"),
        ("bom\ufeffinside", "bominside"),
        ("\u200b", ""),
        ("\u202eforced\u202c", "forced"),
        ("bell\x07 \x00nul\x7f", "bell nul"),
        ("e\u00ad\u0301", "é"),
        ("flag\U000e0067\U000e007f", "flag"),
        (f"{ZWSP}{ZWNJ}a{ZWNJ}{SHY} {VS1}b{ZWNJ}c", f"a b{ZWNJ}c"),
        (f"a{ZWJ}", f"a{ZWJ}"),  # may be another form: the font tells
        ("plain é", "plain é"),
    ],
)
def test_what_never_changes_a_glyph_is_taken_out(text, expected):
    assert without_idle(text) == expected
    assert without_idle(expected) == expected


TEXTS = st.text(st.sampled_from(f"aé م\u06ccخ{ZWNJ}{ZWJ}{VS1}{VS16}{SHY}{ZWSP}{BOM}\u034f\u115f\x07\U000e0041\u0301"))


@given(TEXTS)
def test_taking_out_is_done_once_and_for_all(text):
    clean = without_idle(text)
    assert without_idle(clean) == clean
    assert unicodedata.is_normalized("NFC", clean) or clean == text
    seen = [c for c in unicodedata.normalize("NFD", text) if c not in INVISIBLE]
    assert [c for c in unicodedata.normalize("NFD", clean) if c not in INVISIBLE] == seen
    for word in clean.split():
        assert word[0] not in SHAPING
        assert word[-1] != ZWNJ


# --- what the font shows


def test_joiners_stay_where_the_glyphs_differ_and_belong_to_the_char_before():
    word = shape(VAZIRMATN, STORE, "م\u06cc\u200cخواهم", False)
    assert word.text == "م\u06cc\u200cخواهم"
    assert [c for chars in as_read(word) for c in chars] == ["م", "\u06cc\u200c", *"خواهم"]
    assert word.reading.direction == "rtl"
    for text in ("\u062f\u200c\u062f", "م\u200dم", "\u200cم", "م\u200c", "م\u2060م"):
        expected = text.replace("\u200c", "").replace("\u200d", "").replace("\u2060", "")
        assert shape(VAZIRMATN, STORE, text, False).text == expected, ascii(text)
    assert shape(VAZIRMATN, STORE, "\u0647\u200d", False).text == "\u0647\u200d"  # the initial form, alone


def test_a_latin_word_keeps_a_joiner_only_between_a_ligature():
    for text in (f"a{ZWNJ}b", f"a{ZWJ}b", f"a{VS16}", f"ab{ZWJ}", f"©{VS16}"):
        assert shape(ROBOTO, STORE, text, False).text == text.translate(dict.fromkeys(map(ord, SHAPING)))
    kept = 0
    for face in STARTER.faces:
        instance = STORE.instance(face, ())
        if face.covers(ord("f")) and face.covers(ord("i")):
            joined, apart = glyphs(instance.font, "fi"), glyphs(instance.font, f"f{ZWNJ}i")
            space = instance.font.get_nominal_glyph(0x20)
            differ = joined != [glyph for glyph in apart if glyph != space]
            kept += differ
            assert shape(instance, STORE, f"f{ZWNJ}i", False).text == (f"f{ZWNJ}i" if differ else "fi"), face.id
    assert kept > 10


def glyphs(font, text):
    """As HarfBuzz gives them."""
    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    hb.shape(font, buffer)
    return [info.codepoint for info in buffer.glyph_infos]


@pytest.fixture(scope="module")
def selecting(tmp_path_factory):
    """A font in which a is drawn as b after the first variation selector, and c as a, which has no ink there."""
    glyphs = {c: letter(c) for c in "abn"} | {" ": []}
    path = build(tmp_path_factory.mktemp("fonts") / "vs.ttf", glyphs, variants=[("a", VS1, "b"), ("n", VS1, " ")])
    (face,) = load_catalogue(FontConfig(starter=False, folders=(str(path),))).faces
    return STORE.instance(face, ())


def test_a_variation_selector_stays_where_the_font_has_that_form(selecting):
    word = shape(selecting, STORE, f"n{VS16}a{VS1}a", False)
    assert word.text == f"na{VS1}a"
    assert word.cell_chars == [("n",), (f"a{VS1}",), ("a",)]


def test_a_cell_without_ink_is_no_char(selecting):
    word = shape(selecting, STORE, f"an{VS1}b", False)
    assert (word.text, word.cell_chars, word.cells) == (f"an{VS1}b", [("a", f"n{VS1}"), ("b",)], [(0, 1), (2, 3)])
    word = shape(selecting, STORE, f"n{VS1}b", False)
    assert word.cell_chars == [(f"n{VS1}", "b")]
    nothing = shape(selecting, STORE, f"n{VS1}", False)
    assert (nothing.text, nothing.cells) == ("", [])
    layout = lay_out(("a b", f"b n{VS1} a"), (Extra(f"n{VS1}", 0, "left"),), (selecting,), STORE, LayoutParams())
    assert layout.text == "a b\nb a"
    assert layout.own == len(layout.slots) == 4
    with pytest.raises(InputError, match=r"draws nothing of it"):
        lay_out(("a", f"n{VS1}"), (), (selecting,), STORE, LayoutParams())


@settings(deadline=None)
@given(TEXTS, st.booleans())
def test_chars_joined_are_the_text_and_have_ink(text, spaced):
    for part in text.split():
        word = shape(VAZIRMATN, STORE, part, spaced)
        assert "".join(c for chars in as_read(word) for c in chars) == word.text
        for first, last in word.cells:
            assert not STORE.blanks.issuperset(word.slots[first:last])
        assert shape(VAZIRMATN, STORE, word.text, spaced).text == word.text


# --- samples


def texts(folder: Path, lines: list[str]) -> str:
    path = folder / "texts.txt"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def of_file(preset: str, path: str, *more: str) -> Generator:
    return Generator(preset, 0, ["text.sources={file: 1}", f"text.files=[{json.dumps(path)}]", *more])


LINES = ["auto\u00admobil", "zero\u200bwidth", "word\u2060 joiner", "bom\ufeffinside", ZWSP, f"end{ZWJ}"]


@pytest.mark.parametrize("preset", ["words", "scenes"])
def test_no_sample_has_a_char_without_ink(tmp_path, preset):
    generator = of_file(preset, texts(tmp_path, [*LINES, "م\u06cc\u200cخواهم"]), "text.cut=0.4", "text.length=[1, 24]")
    assert generator.text.dropped.nothing_drawn.examples == (Example(ZWSP, str(tmp_path / "texts.txt"), 5),)
    allowed = {"automobil", "zerowidth", "word", "joiner", "bominside", "end", "م\u06cc\u200cخواهم"}
    for index in range(40 if preset == "words" else 4):
        sample = generator[index]
        height, width = sample.image.shape[:2]
        for word in sample.words:
            assert preset == "scenes" or word.text in allowed, ascii(word.text)
            assert "".join(char.text for char in word.chars) == word.text
            for char in word.chars:
                assert np.isfinite(char.quad).all()
                assert np.abs(char.quad).max() < 4 * max(height, width)


def test_an_edited_plan_is_labelled_by_what_is_drawn():
    generator = Generator("words", 3)
    plan = generator[0].plan
    plan["text"] |= {"lines": [f"a{SHY}b{ZWSP} c{BOM}"], "cut_left": f"n{ZWSP}", "cut_right": ""}
    sample = generator.render(plan)
    assert sample.text == "ab c"
    assert [char.text for word in sample.words for char in word.chars] == ["a", "b", "c"]
    assert all(np.abs(char.quad).max() < 1000 for word in sample.words for char in word.chars)


def test_presets_say_what_their_plans_say():
    for preset in ("words", "lines"):
        generator = Generator(preset, 1)
        for index in range(60):
            sample = generator[index]
            assert sample.text == "\n".join(sample.plan["text"]["lines"])


# --- files and word lists


def test_controls_in_a_file_are_taken_out_and_white_space_is_a_space(tmp_path):
    path = tmp_path / "odd.txt"
    path.write_bytes("bell\x07\nold\rMac\na\x1cb\u2028c\n\ufeffbom\n\u3000ideographic\u00a0space\n".encode())
    assert load_file(str(path)).texts == ("bell", "old", "Mac", "a b c", "bom", "ideographic space")


def test_persian_words_that_end_in_a_joiner_are_no_second_ones():
    words = load_vocabulary("fa", 100_000).words
    assert len(words) == len(set(words))
    assert not [word for word in words if word != without_idle(word)]
    assert sum(ZWNJ in word for word in words) > 2000


def test_a_charset_has_no_character_that_is_never_written():
    assert ZWNJ in resolve_charset(f"ab{ZWNJ}")
    with pytest.raises(ValueError, match=r"U\+00AD draws nothing"):
        resolve_charset(f"ab{SHY}")
    assert cut_to(f"ab{VS1}{ZWJ}c", 3) == "a"


def test_what_is_dropped_is_counted_and_named(tmp_path):
    long = "x" * 30 + " word"
    path = texts(tmp_path, ["good", "", "漢字", "good", ZWSP, long, "ok", "Ж1", "a", "", "also 漢"])
    more = TextConfig(sources={"file": 1}, files=(path,), length=(2, 20))
    source = TextSource(more, 0, uncovered=lambda found: {i: "no_font" for i, t in enumerate(found) if "漢" in t})
    found = source.dropped
    assert found == Dropped(
        empty=Loss(2, 11, (Example("", path, 2), Example("", path, 10))),
        nothing_drawn=Loss(1, 11, (Example(ZWSP, path, 5),)),
        too_short=Loss(1, 11, (Example("a", path, 9),)),
        no_font=Loss(2, 11, (Example("漢字", path, 3), Example("also 漢", path, 11))),
        too_long=Loss(1, 11, (Example(long, path, 6),)),
        doubled=Loss(1, 11, (Example("good", path, 4),)),
    )
    assert source.sources["file"].texts == ["good", "good", long, "ok", "Ж1"]
    covers = "hold a character that no font covers: left out"
    assert f"text.files: 2 of 11 lines {covers} ({path}: line 3 '漢字', line 11 'also 漢')" in found.told()
    assert found.to_dict()["no_font"]["count"] == 2
    assert "dotted_circle" not in found.to_dict()
    narrow = TextSource(TextConfig(sources={"file": 1}, files=(path,), charset="@ascii"), 0)
    assert [example.line for example in narrow.dropped.charset.examples] == [3, 8, 11]


def test_lines_no_font_covers_never_come_and_strict_names_them(tmp_path):
    path = texts(tmp_path, ["one", "𓀀字", "two"])
    generator = of_file("words", path)
    assert {generator[i].text.lower() for i in range(20)} == {"one", "two"}
    assert generator.text.dropped.no_font == Loss(1, 3, (Example("𓀀字", path, 2),))
    with pytest.raises(InputError, match=r"no font in use covers line 2, '𓀀字'"):
        of_file("words", path, "text.strict=true")
    with pytest.raises(InputError, match=r"none of 1 texts .* hold a character that no font covers: .*line 1 '𓀀字'"):
        of_file("words", texts(tmp_path / "..", ["𓀀字"]))


def test_examples_are_the_first_few_and_told_once(tmp_path, caplog, monkeypatch):
    monkeypatch.setattr(dropped, "_told", set())
    path = texts(tmp_path, ["good", *("𓀀" * n for n in range(1, 10))])
    out = tmp_path / "out"
    overrides = ["text.sources={file: 1}", f"text.files=[{json.dumps(path)}]"]
    with caplog.at_level("WARNING", "synthtext"):
        for _ in range(2):
            generate("clean", out, 2, overrides=overrides, workers=1, overwrite=True)
    first = f"{path}: line 2 '𓀀', line 3 '𓀀𓀀', line 4 '𓀀𓀀𓀀', line 5 '𓀀𓀀𓀀𓀀', line 6 '𓀀𓀀𓀀𓀀𓀀' and 4 more"
    assert caplog.messages == [f"text.files: 9 of 10 lines hold a character that no font covers: left out ({first})"]
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert report["dropped"]["no_font"]["count"] == 9
    assert report["dropped"]["no_font"]["examples"][0] == {"text": "𓀀", "file": path, "line": 2}
    generate("clean", tmp_path / "tars", 2, overrides=overrides, workers=1, format="webdataset")
    assert json.loads((tmp_path / "tars/report.json").read_text(encoding="utf-8")) == {"dropped": report["dropped"]}
    generate("clean", tmp_path / "tars", 3, overrides=overrides, workers=1, format="webdataset", resume=True)


def test_words_that_no_font_covers_are_counted():
    few = ["text.languages=[en, ro]", "text.vocabulary=2000", "fonts.families=[Special Elite]"]
    generator = Generator("clean", 0, few)
    (lost,) = generator.text.dropped.words.values()
    words = load_vocabulary("ro", 2000).words
    assert (lost.count, lost.of) == (sum(not generator.catalogue.can_draw(word) for word in words), len(words))
    assert "of 2,000 words of 'ro'" in generator.text.dropped.told()[0]
    assert Generator("clean", 0).text.dropped.told() == []


# --- other makers' labels


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("soft\u00adhyphen", {"invisible"}),
        (f"©{VS16}", {"invisible"}),
        (f"end{ZWJ}", {"invisible"}),
        (f"م{ZWNJ}", {"invisible"}),
        ("\u202eforced\u202c", {"invisible"}),
        (ZWSP, {"empty"}),
        ("bell\x07", {"control"}),
        ("م\u06cc\u200cخواهم", set()),
        ("क\u094d\u200dष", set()),
        ("\u0647\u200d", set()),
        (f"f{ZWNJ}i", set()),
        ("plain", set()),
    ],
)
def test_inspect_finds_labels_with_what_is_not_drawn(text, kinds):
    assert {kind for kind, _ in text_checks.text_troubles(text)} == kinds
    assert bool(needless(text)) == (kinds == {"invisible"} or text == ZWSP)
