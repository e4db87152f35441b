"""Words that run from right to left: labels in the order in which they are read, each where its ink is."""

import itertools
import random
from unicodedata import bidirectional

import numpy as np
import pytest
import seen_from_outside as seen
import wordfreq
from shapely.geometry import Polygon

from synthtext import Generator
from synthtext.text import bidi

ARABIC = ("سلام", "كتاب", "العربية", "لا", "سلاما", "لالا", "بيت")
HEBREW = ("שלום", "עברית", "ספר", "א")
LATIN = ("office", "fit")  # the same with ligatures that run from left to right


def generator_of(tmp_path, words, preset, *more):
    (tmp_path / "texts.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    texts = [f"text.files=['{tmp_path / 'texts.txt'}']", "text.sources={file: 1}", "text.case={as_is: 1}"]
    return Generator(preset, 0, [*texts, *more])


def check_order(word, drawn, rightwards):
    """Each char's quad stands where its ink is, and the chars in reading order along the word's own top edge."""
    assert "".join(char.text for char in word.chars) == word.text
    along = word.quad[1] - word.quad[0]
    along = along / np.hypot(*along)
    middles = [float(char.quad.mean(0) @ along) for char in word.chars]
    ordered = sorted(middles, reverse=not rightwards)
    assert middles == ordered, word.text
    # In visual order the outlines come from left to right; a ligature's is that of its characters together.
    parts = drawn.chars if rightwards else drawn.chars[::-1]
    assert "".join(text for text, _ in parts) == word.text
    at = 0
    for text, contours in parts:
        quads = [char.quad for char in word.chars[at : at + len(text)]]
        at += len(text)
        around = Polygon(np.concatenate([quad.astype(float) for quad in quads])).convex_hull
        ink = seen.ink_shape(contours)
        assert ink.difference(around.buffer(0.05)).area < 0.01 * ink.area + 0.01, (word.text, text)
        for quad in quads:
            assert Polygon(quad).area > 0.0
            assert Polygon(quad).intersects(ink), (word.text, text)


@pytest.mark.parametrize(("words", "rightwards"), [(ARABIC, False), (HEBREW, False), (LATIN, True)])
def test_chars_of_a_crop_stand_in_reading_order_over_their_ink(words, rightwards, tmp_path):
    generator = generator_of(tmp_path, words, "clean", "warp.rotation={share: 0.5, strength: [2, 20]}")
    found, ligatures = set(), 0
    for i in range(40):
        stages = generator.stages(i)
        assert [word.text for word in stages.sample.words] == [word.text for word in stages.words]
        for word, drawn in zip(stages.sample.words, stages.words, strict=True):
            check_order(word, drawn, rightwards)
            found.add(word.text)
            ligatures += any(len(text) > 1 for text, _ in drawn.chars)
            assert word.visible > 0.9
            assert word.legibility > 0.5
    assert found == set(words)
    assert (ligatures > 0) == (words != HEBREW)


@pytest.mark.parametrize("words", [ARABIC, HEBREW])
def test_chars_of_a_scene_stand_in_reading_order_over_their_ink(words, tmp_path):
    size = ["image.height=256", "image.width=320", "scene.cut=0", "scene.occluder=0"]
    groups = "scene.groups={sign: 1, plate: 1, word: 1, label: 1}"
    generator = generator_of(tmp_path, words, "scenes", *size, groups, "scene.settings={wall: 1}")
    several = 0
    for i in range(4):
        stages = generator.stages(i)
        assert [word.text for word in stages.sample.words] == [word.text for word in stages.words]
        for word, drawn in zip(stages.sample.words, stages.words, strict=True):
            check_order(word, drawn, False)
            several += len(word.chars) > 1
    assert several > 5


def test_words_of_both_directions_in_one_file(tmp_path):
    generator = generator_of(tmp_path, ("שלום", "hello", "سلام"), "clean")
    found = set()
    for i in range(15):
        stages = generator.stages(i)
        word, drawn = stages.sample.words[0], stages.words[0]
        check_order(word, drawn, word.text.isascii())
        found.add(word.text)
    assert len(found) == 3


def test_chars_of_several_glyphs_are_of_their_own_word(tmp_path):
    """A letter and its mark are two glyphs and one char: what comes after them moves by no glyph."""
    generator = generator_of(
        tmp_path, ("q\u0303a m\u0302o x\u0303i", "b\u030ae f\u0303u"), "clean", "text.words={3: 1}"
    )
    marked = 0
    for i in range(12):
        stages = generator.stages(i)
        marked += any(len(char.text) > 1 for word in stages.sample.words for char in word.chars)
        inks = [seen.ink_shape([c for _, contours in drawn.chars for c in contours]) for drawn in stages.words]
        for number, word in enumerate(stages.sample.words):
            assert "".join(char.text for char in word.chars) == word.text
            around = Polygon(word.quad).buffer(0.05)
            for other, ink in enumerate(inks):
                inside = ink.intersection(around).area
                assert inside > 0.95 * ink.area if other == number else inside < 0.05 * ink.area, (word.text, other)
    assert marked > 6


# --- lines


LINES = (  # in logical order, and as they stand from left to right
    ("سنة 2024", "2024 ةنس"),
    ("سنة2024 (هنا)", "(انه) 2024ةنس"),
    ("٢٠٢٤", "٢٠٢٤"),
    ("USB-כבל in Latin", "USB-לבכ in Latin"),
    ("שלום עולם", "םלוע םולש"),
    ("(בית)", "(תיב)"),
    ("ב-Windows 10 חדש", "שדח Windows 10-ב"),  # a word may stand about another one
    ('דוא"ל: a.b@c.de', 'a.b@c.de :ל"אוד'),
    ("قیمت: ۱۲٬۵۰۰", "۱۲٬۵۰۰ :تمیق"),
)


def seen_line(sample):
    """What the picture shows from left to right, a mirrored bracket by its char, with no blanks."""
    chars = [(float(char.quad[:, 0].mean()), char.text) for word in sample.words for char in word.chars]
    return "".join(text for _, text in sorted(chars))


@pytest.mark.parametrize(("logical", "visual"), LINES)
def test_lines_stand_in_the_order_of_uax_9(logical, visual, tmp_path):
    sample = generator_of(tmp_path, (logical,), "clean", "text.length=[1, 40]", "image.fit=natural")[0]
    assert sample.text == logical
    assert [word.text for word in sample.words] == logical.split()
    mirrored = str.maketrans("()", ")(") if sample.words[0].direction == "rtl" else {}
    assert seen_line(sample) == visual.translate(mirrored).replace(" ", "")
    for word in sample.words:
        rtl = [c for c in word.text if bidirectional(c) in ("R", "AL")]
        first = next((c for c in word.text if bidirectional(c) in ("L", "R", "AL")), "")
        assert word.direction == ("rtl" if first in rtl and rtl else "ltr")


@pytest.mark.parametrize("language", ["ar", "fa", "ur", "he"])
def test_any_line_stands_in_the_order_of_uax_9(language, tmp_path):
    """Words of a language among numbers, Latin and brackets: each char where the algorithm puts its first character."""
    draws = random.Random(language)
    own = [w for w in wordfreq.top_n_list(language, 400) if w.isalpha() and len(w) > 1]
    others = ("2024", "12.5%", "(abc)", "iOS", "[3]", "١٢", "a-b", "A/B")
    words = [
        " ".join(draws.choice(own) if draws.random() < 0.7 else draws.choice(others) for _ in range(5))
        for _ in range(24)
    ]
    generator = generator_of(tmp_path, words, "clean", "text.length=[1, 80]", "image.fit=natural", "image.width=2000")
    for i in range(24):
        sample = generator[i]
        line = sample.text
        _, levels = bidi.levels(line, "auto")
        begins = {}
        at = 0
        for word in sample.words:
            for char in word.chars:
                while not line.startswith(char.text, at):
                    at += 1
                begins[at] = float(char.quad[:, 0].mean())
                at += len(char.text)
        middles = [begins[k] for k in bidi.reorder(levels) if k in begins]
        # Letters of a joined script overlap: neighbours may change places by less than their own width.
        assert all(b > a - 6.0 for a, b in itertools.pairwise(middles)), line
        assert np.corrcoef(middles, np.arange(len(middles)))[0, 1] > 0.97


def test_letters_that_join_are_not_spaced(tmp_path):
    """Letter spacing moves Latin letters apart, and leaves a word of Arabic as it is."""
    widths = {}
    for spacing in ("0.0", "{share: 1.0, strength: [0.2, 0.2]}"):
        generator = generator_of(
            tmp_path, ("سلام", "Latin"), "clean", f"layout.letter_spacing={spacing}", "fonts.families=[Vazirmatn]",
            "fonts.variation_steps=1", "image.fit=natural", "layout.stretch=[1, 1]",
        )  # fmt: skip
        for i in range(6):
            word = generator[i].words[0]
            height = np.hypot(*(generator[i].plan["layout"]["stretch"], 0.0)) or 1.0
            widths[word.text, spacing] = float(np.ptp(word.quad[:, 0])) / height
    (arabic, spaced_arabic), (latin, spaced_latin) = (
        [width for (text, _), width in sorted(widths.items()) if text == wanted] for wanted in ("سلام", "Latin")
    )
    assert spaced_latin > 1.1 * latin
    assert spaced_arabic == pytest.approx(arabic, rel=0.03)
