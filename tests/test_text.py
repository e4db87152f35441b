"""What is written: corpora, composed texts, sources, coverage."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtext.core.errors import InputError
from synthtext.core.rng import Draws, Stage
from synthtext.core.shares import BLOCK, apportion
from synthtext.text.characters_seen import CoverageCounter
from synthtext.text.charset import CHARSETS, cut_to, fold_into, resolve_charset
from synthtext.text.composed import Context, fill, pattern
from synthtext.text.corpus import Vocabulary, load_file, load_vocabulary
from synthtext.text.languages import languages
from synthtext.text.locale import locale_of
from synthtext.text.passes import Passes
from synthtext.text.source import CANDIDATES, TextRecord, TextSource
from synthtext.text.source_base import Composed
from synthtext.text.sources import SOURCES
from synthtext.text.text_config import TEXT_CASES, TextConfig

PUNCTUATED = "".join(c for c in CHARSETS["ascii"] if not c.isalnum())


#: What composes the texts of each source that is composed.
COMPOSERS = {
    name: maker.compose for name, maker in ((n, s.load()) for n, s in SOURCES.items()) if issubclass(maker, Composed)
}


def draw(source: TextSource, index: int, seed: int = 0, allowed=None) -> TextRecord:
    return source.draw(Draws(seed, Stage.TEXT, index), index, allowed)


def records(config: TextConfig, count: int, seed: int = 0, start: int = 0) -> list[TextRecord]:
    source = TextSource(config, seed)
    return [draw(source, i, seed) for i in range(start, start + count)]


def texts_file(folder: Path, lines: list[str], name: str = "texts.txt") -> str:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


# --- words and files


def test_vocabulary_is_distinct_ranked_and_clean():
    vocabulary = load_vocabulary("en", 20_000)
    assert len(vocabulary.words) == len(set(vocabulary.words)) == 20_000 == vocabulary.ends[-1]
    assert vocabulary.words[:4] == ["the", "to", "and", "of"]
    assert vocabulary.frequencies == sorted(vocabulary.frequencies, reverse=True)
    assert len(vocabulary.ends) == len(vocabulary.frequencies)
    for word in vocabulary.words:
        assert not any(c.isdigit() for c in word), word
        assert any(c.isalpha() for c in word), word
        assert all(c.isalpha() is False or "LATIN" in unicodedata.name(c) for c in word if c not in "ªºµ"), word
        assert word == unicodedata.normalize("NFC", word)
    assert "I" in vocabulary.words
    assert "i" not in vocabulary.words


def test_vocabulary_agrees_with_the_corpus_library():
    from wordfreq import word_frequency

    vocabulary = load_vocabulary("de", 5000)
    start = 0
    for end, frequency in zip(vocabulary.ends, vocabulary.frequencies, strict=True):
        assert word_frequency(vocabulary.words[start], "de") == pytest.approx(frequency, rel=0.03)
        start = end


def test_every_language_has_words_in_its_own_script():
    for language, script in {
        "ru": "CYRILLIC",
        "el": "GREEK",
        "ar": "ARABIC",
        "he": "HEBREW",
        "hi": "DEVANAGARI",
    }.items():
        words = load_vocabulary(language, 500).words
        letters = Counter(unicodedata.name(c).split()[0] for w in words for c in w if c.isalpha())
        assert letters.most_common(1)[0][0] == script


def test_filtered_vocabulary_keeps_frequencies():
    vocabulary = Vocabulary("en", ["a", "bb", "c", "dd", "e"], [1, 3, 5], [0.5, 0.25, 0.125])
    odd = vocabulary.filtered(lambda w: len(w) == 1)
    assert (odd.words, odd.ends, odd.frequencies) == (["a", "c", "e"], [1, 2, 3], [0.5, 0.25, 0.125])
    long = vocabulary.filtered(lambda w: len(w) == 2)
    assert (long.words, long.ends, long.frequencies) == (["bb", "dd"], [1, 2], [0.25, 0.125])


@given(
    st.lists(st.tuples(st.text("ab", min_size=1, max_size=6), st.floats(1e-6, 1.0)), min_size=1, max_size=20),
    st.floats(0.0, 2.0),
    st.floats(0.0, 1.0),
)
def test_weights_of_words_are_their_definition(rows, power, length_power):
    words, frequencies = zip(*sorted(rows, key=lambda row: -row[1]), strict=True)
    vocabulary = Vocabulary("en", list(words), list(range(1, len(words) + 1)), list(frequencies))
    edges = vocabulary.cumulative(power, length_power)
    weights = []
    for word, frequency in zip(words, frequencies, strict=True):
        alike = [f for w, f in zip(words, frequencies, strict=True) if len(w) == len(word)]
        weights.append(frequency**power * (sum(alike) / sum(f**power for f in alike)) ** length_power)
    np.testing.assert_allclose(np.diff(edges, prepend=0.0), np.array(weights) / sum(weights), rtol=1e-6, atol=1e-12)


def test_words_of_one_frequency_share_its_weight():
    vocabulary = Vocabulary("en", ["a", "bb", "c", "dd"], [1, 3, 4], [0.5, 0.25, 0.125])
    np.testing.assert_allclose(vocabulary.cumulative(1.0, 0.0), np.cumsum([4, 2, 2, 1]) / 9)


def test_unknown_language_names_the_nearest():
    with pytest.raises(InputError, match=r"text\.languages: 'en-GB' is not a language that is known; .* 'en'\?"):
        TextConfig(languages=("en-GB",))


def test_file_takes_bom_crlf_blank_lines_and_composes(tmp_path):
    path = tmp_path / "words.txt"
    path.write_bytes("\ufeffone\r\n\r\n  two  words \r\nGru\u0308\u00dfe\ttab\n\n".encode())
    file = load_file(str(path))
    assert file.texts == ("one", "two words", "Gr\u00fc\u00dfe tab")
    assert (list(file.numbers), file.lines, file.empty) == ([1, 3, 4], 5, [2, 5])


BAD_FILES = [
    (b"", r"texts\.txt: holds no text; write one text a line"),
    (b"\n \r\n\n", r"texts\.txt: holds no text"),
    (b"good\nb\xe4d\n", r"texts\.txt: line 2 is not UTF-8 \(byte 0xe4 at offset 6\); save the file as UTF-8"),
    ("UTF-16".encode("utf-16"), r"line 1 is not UTF-8 \(byte 0xff at offset 0\)"),
    ("\n\u200b\u00ad\n".encode(), r"texts\.txt: holds nothing that is drawn in line 2"),
]


@pytest.mark.parametrize(("content", "message"), BAD_FILES)
def test_bad_file_is_one_clear_sentence(tmp_path, content, message):
    path = tmp_path / "texts.txt"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        load_file(str(path))


def test_missing_file_and_folder_are_named(tmp_path):
    with pytest.raises(InputError, match=r"nowhere\.txt: there is no such file"):
        load_file(str(tmp_path / "nowhere.txt"))
    with pytest.raises(InputError, match="cannot be read"):
        load_file(str(tmp_path))


# --- character sets


def test_named_charsets():
    assert resolve_charset("") == frozenset()
    assert resolve_charset("@digits+upper") == frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    assert resolve_charset("abc@") == frozenset("abc@")
    assert len(resolve_charset("@ascii")) == 95
    assert set("äßéŁřşžœ€–“").issubset(resolve_charset("@latin"))
    for name, characters in CHARSETS.items():
        assert len(set(characters)) == len(characters), name
        assert unicodedata.normalize("NFC", characters) == characters, name


def test_cut_keeps_marks_with_their_letter():
    word = "कि" * 3  # each a letter and a vowel sign
    assert cut_to(word, 3) == "कि"
    assert cut_to("ab cd", 3) == "ab"
    assert cut_to("ab", 5) == "ab"


@given(st.text(max_size=20), st.frozensets(st.sampled_from("abcABC 01ßé"), min_size=1))
def test_fold_stays_inside(text, charset):
    assert charset.issuperset(fold_into(text, charset))


def test_fold_prefers_the_other_case():
    assert fold_into("AB-12 c", frozenset("abc012")) == "ab12c"
    assert fold_into("a - b", frozenset("ab ")) == "a b"


# --- composed texts


def context(language: str = "en") -> Context:
    words = load_vocabulary(language, 2000).words
    return Context(locale_of(language), lambda d: d.choice(words), ("0123456789", "abcXYZ019#"), 24)


SHAPES = {
    "number": r".*[0-9IVXLCM½¼¾].*",
    "price": r".*[0-9].*",
    "date": r".*([0-9]|day|(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)).*",
    "time": r".*\d.*",
    "phone": r"([A-Z][a-z.]*:? )?(ext\. )?[+*(]?\d[-0-9 ().+/#]{1,22}",
    "code": r".*[0-9A-Z].*",
    "plate": r"[A-Z0-9·][A-Z0-9 ·-]{4,13}",
    "email": r"(E-?mail: |mail: )?[A-Za-z0-9._-]+@[A-Za-z0-9-]+(\.[A-Za-z]{2,4}){1,2}",
    "url": r"[#@]\w+|(https?://|HTTPS?://)?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+){1,4}(/.*)?",
    "acronym": r"[A-Z0-9.&/+() s-]{2,13}",
    "random": r"[0-9]{1,12}|[abcXYZ019#]{1,12}",
    "receipt": r".*\S.*",
}
DISTINCT = {
    **dict.fromkeys(("number", "time"), 0.55),
    **dict.fromkeys(("price", "date", "phone", "code", "acronym"), 0.8),
    **dict.fromkeys(("plate", "email", "url", "receipt"), 0.95),
    "random": 0.75,
}


@pytest.mark.parametrize("name", sorted(COMPOSERS))
def test_composed_texts_have_their_shape_and_are_diverse(name):
    c = context()
    texts = [COMPOSERS[name](Draws(5, Stage.TEXT, i), c) for i in range(3000)]
    for text in texts:
        assert re.fullmatch(SHAPES[name], text), text
        assert text == text.strip()
        assert "  " not in text, text
        assert unicodedata.normalize("NFC", text) == text
        assert not {"{", "}"} & set(text) or name == "random", text
    assert len(set(texts)) / len(texts) > DISTINCT[name]
    masks = {re.sub(r"[a-z]+", "a", re.sub(r"[A-Z]+", "A", re.sub(r"[0-9]", "0", t))) for t in texts}
    assert len(masks) > (12 if name in ("random", "acronym") else 25)


@pytest.mark.parametrize("language", sorted(languages()))
def test_composers_work_in_every_language(language):
    c = Context(locale_of(language), lambda d: "Ωß", ("01",), 24)
    for name, compose in COMPOSERS.items():
        for i in range(60):
            text = compose(Draws(1, Stage.TEXT, i), c)
            assert text, name
            assert text == text.strip(), name
            assert text == unicodedata.normalize("NFC", text), name


def test_composers_are_pure():
    c = context()
    for compose in COMPOSERS.values():
        assert [compose(Draws(2, Stage.TEXT, i), c) for i in range(50)] == [
            compose(Draws(2, Stage.TEXT, i), c) for i in range(50)
        ]


def test_patterns():
    assert fill(Draws(0, Stage.TEXT, 0), pattern("{A0}-#")) == "A0-#"
    for i in range(50):
        assert re.fullmatch(r"[A-Z]{2}[1-9]\d [0-9a-f]", fill(Draws(0, Stage.TEXT, i), pattern("AA10 h")))


def test_check_digits_are_right():
    c = context()
    codes = [COMPOSERS["code"](Draws(3, Stage.TEXT, i), c) for i in range(12_000)]
    isbns = [re.sub(r"\D", "", t.removeprefix("ISBN-13")) for t in codes if re.search(r"^(ISBN.*|97[89]-.*)\d$", t)]
    assert len(isbns) > 100
    for isbn in isbns:
        assert sum(int(x) * (1, 3)[i % 2] for i, x in enumerate(isbn)) % 10 == 0, isbn
    ibans = [t.replace(" ", "") for t in codes if re.match(r"(DE|AT|CH|ES|DK|BE)\d\d ?\d{4} ?\d{4}", t)]
    assert len(ibans) > 50
    for iban in ibans:
        assert int("".join(str(int(x, 36)) for x in iban[4:] + iban[:4])) % 97 == 1, iban


def test_dates_exist():
    import datetime

    c = context("de")
    found = 0
    for i in range(4000):
        text = COMPOSERS["date"](Draws(4, Stage.TEXT, i), c)
        if match := re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", text):
            datetime.date(*map(int, match.groups()))
            found += 1
    assert found > 50


# --- the source: passes, shares, determinism


def small(**over) -> TextConfig:
    return TextConfig(**{"vocabulary": 700, **over})


def test_each_word_comes_once_a_pass():
    words = load_vocabulary("en", 700).words
    drawn = [r.text for r in records(small(), 1400)]
    assert sorted(drawn[:700]) == sorted(words)
    assert sorted(drawn[700:]) == sorted(words)
    assert drawn[:700] != drawn[700:]
    assert drawn[:700] != words
    assert drawn[:700] != [r.text for r in records(small(), 700, seed=1)]


def test_each_word_comes_once_a_pass_beside_other_sources():
    config = small(sources={"word": 3, "number": 2, "code": 1}, languages=("en", "de"), punctuation=0.0)
    drawn = records(config, 4 * BLOCK)
    words = [r.text for r in drawn if r.source == "word"]
    assert abs(len(words) - 2 * BLOCK) <= 4
    counts = Counter(words)
    both = Counter(load_vocabulary("en", 700).words) + Counter(load_vocabulary("de", 700).words)
    # 4096 running numbers a language are five passes over 700 words and a part of a sixth
    for word, lists in both.items():
        assert 5 * lists <= counts[word] <= 6 * lists, word


def test_further_words_come_at_most_once_a_pass():
    config = small(words={"2": 1}, length=(1, 60))
    pairs = [r.text.split(" ") for r in records(config, 700)]
    assert max(Counter(a for a, _ in pairs).values()) == 1
    assert max(Counter(b for _, b in pairs).values()) == 1


def test_each_line_of_a_file_comes_once_a_pass(tmp_path):
    lines = [f"line {i}" for i in range(37)]
    path = texts_file(tmp_path, lines)
    config = TextConfig(sources={"file": 1}, files=(path,))
    drawn = [r.text for r in records(config, 74)]
    assert sorted(drawn[:37]) == sorted(drawn[37:]) == sorted(lines)
    mixed = [
        r.text
        for r in records(TextConfig(sources={"file": 1, "number": 3}, files=(path,)), BLOCK)
        if r.source == "file"
    ]
    assert max(Counter(mixed).values()) - min(Counter(mixed).values()) <= 1


RICH = TextConfig(
    sources={"word": 5, "number": 1, "price": 1, "url": 1, "random": 1, "receipt": 1, "email": 1, "acronym": 1},
    languages=("en", "de"),
    vocabulary=3000,
    case=dict.fromkeys(TEXT_CASES, 1.0),
    punctuation=0.3,
    inline=0.1,
    words={"1": 2, "2": 1, "4": 1},
    lines={"1": 3, "2": 1},
    length=(1, 40),
    rare=0.2,
    cut=0.3,
)


def test_a_sample_is_a_function_of_seed_and_index_alone():
    forward = records(RICH, 300)
    source = TextSource(RICH, 0)
    backward = [draw(source, i) for i in reversed(range(300))][::-1]
    assert forward == backward
    assert forward[120:130] == records(RICH, 10, start=120)
    assert forward != records(RICH, 300, seed=1)
    assert draw(source, 10**15) == draw(TextSource(RICH, 0), 10**15)


def test_records_survive_json():
    for record in records(RICH, 100):
        assert msgspec.convert(msgspec.to_builtins(record), TextRecord) == record
        assert record.text == "\n".join(record.lines)
        assert set(record.characters) == set(record.text + record.cut_left + record.cut_right) - {"\n"}


def test_shares_of_sources_are_exact_in_each_block():
    weights = {"word": 60, "number": 6, "price": 4, "random": 29.9, "code": 0.001}
    config = small(sources=weights)
    source = TextSource(config, 3)
    expected = dict(zip(weights, apportion(list(weights.values()), BLOCK), strict=True))
    assert sum(expected.values()) == BLOCK
    assert expected["code"] == 1
    for block in (0, 7):
        counts = Counter(source._assign(i)[0] for i in range(block * BLOCK, (block + 1) * BLOCK))
        assert counts == expected
    # running numbers: each once, without a gap
    seen = sorted(n for name, n in map(source._assign, range(2 * BLOCK)) if name == "price")
    assert seen == list(range(2 * expected["price"]))


@given(st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=14))
def test_apportion_is_whole_positive_and_near(weights):
    slots = apportion(weights, BLOCK)
    assert sum(slots) == BLOCK
    assert min(slots) >= 1
    for slot, weight in zip(slots, weights, strict=True):
        assert abs(slot - weight / sum(weights) * BLOCK) <= len(weights)


@pytest.mark.parametrize(("power", "length_power"), [(1.0, 0.0), (0.3, 0.0), (0.2, 0.6)])
def test_weighted_words_come_as_often_as_their_weight_says(power, length_power):
    """In each pass of n words, a word comes n times its share, rounded up or down."""
    words = load_vocabulary("en", 700)
    frequencies = np.repeat(words.frequencies, np.diff([0, *words.ends]))
    weights = frequencies**power
    lengths = np.array([len(w) for w in words.words])
    for length in set(lengths.tolist()):  # the share of each length moves towards that of running text
        at = lengths == length
        weights[at] *= (frequencies[at].sum() / (frequencies[at] ** power).sum()) ** length_power
    expected = len(words) * weights / weights.sum()
    source = small(frequency_power=power, length_power=length_power)
    drawn = [r.text for r in records(source, 3 * len(words))]
    for start in range(0, len(drawn), len(words)):
        counts = Counter(drawn[start : start + len(words)])
        np.testing.assert_array_less([abs(counts[w] - n) for w, n in zip(words.words, expected, strict=True)], 1.0)
    assert drawn[: len(words)] != drawn[len(words) : 2 * len(words)]


def test_case_weights():
    def share(case: str, test) -> float:
        drawn = [r.text for r in records(small(case={case: 1.0}), 400) if len(r.text) > 4]
        return sum(map(test, drawn)) / len(drawn)

    assert share("upper", str.isupper) == 1.0
    assert share("lower", str.islower) == 1.0
    assert share("title", lambda t: t[0].isupper() and t[1:].islower()) == 1.0
    assert share("sentence", lambda t: t[0].isupper() and t[1:].islower()) == 1.0
    assert share("mixed", lambda t: not t.isupper() and not t.islower()) > 0.8
    lines = records(small(case={"sentence": 1}, words={"4": 1}, length=(1, 90)), 200)
    assert all(r.text[0].isupper() and r.text.split()[1] not in {"The", "And", "Of"} for r in lines)


def test_case_follows_the_language():
    turkish = {r.text for r in records(small(languages=("tr",), case={"upper": 1}), 700)}
    assert any("İ" in t for t in turkish)
    german = {r.text for r in records(small(languages=("de",), case={"upper": 1}, vocabulary=3000), 3000)}
    assert any("SS" in t for t in german)
    assert not any("ß" in t for t in german)


def test_punctuation_share():
    def punctuated(share: float) -> float:
        drawn = [r.text for r in records(small(punctuation=share), 1500)]
        return sum(any(not c.isalpha() and c != "'" for c in t) for t in drawn) / len(drawn)

    assert punctuated(0.0) < 0.005
    assert 0.24 < punctuated(0.3) < 0.36


def test_words_and_lines_counts():
    drawn = records(small(words={"2": 1, "3": 1}, lines={"1": 1, "3": 1}, length=(1, 90)), 600)
    assert {len(r.lines) for r in drawn} == {1, 3}
    assert {len(line.split(" ")) for r in drawn for line in r.lines} == {2, 3}
    japanese = records(small(languages=("ja",), words={"3": 1}, length=(1, 60)), 50)
    assert not any(" " in r.text for r in japanese)


def test_inline_puts_composed_texts_into_lines():
    drawn = records(small(words={"6": 1}, inline=0.3, length=(1, 120)), 100)
    assert sum(any(c.isdigit() for c in r.text) for r in drawn) > 60


@given(
    fewest=st.integers(1, 20),
    more=st.integers(0, 30),
    count=st.sampled_from(["1", "2", "5"]),
    name=st.sampled_from(["word", "number", "price", "email", "url", "random", "receipt", "acronym"]),
    punctuation=st.sampled_from([0.0, 0.5]),
)
@settings(max_examples=60, deadline=None)
def test_length_is_kept(fewest, more, count, name, punctuation):
    config = small(
        sources={name: 1}, words={count: 1}, length=(fewest, fewest + more), punctuation=punctuation, vocabulary=3000
    )
    try:
        source = TextSource(config, 0)
    except InputError:
        assert name == "word"
        assert count == "1"
        assert fewest > 12
        return
    for i in range(40):
        text = draw(source, i).text
        assert fewest <= len(text) <= fewest + more, text
        assert text == text.strip()


def test_long_lines_of_a_file_give_runs_of_their_words(tmp_path):
    line = "the quick brown fox jumps over the lazy dog and runs away"
    path = texts_file(tmp_path, [line, "x" * 40, "tiny"])
    config = TextConfig(sources={"file": 1}, files=(path,), length=(5, 20))
    drawn = {r.text for r in records(config, 200)}
    assert "tiny" not in drawn
    assert all(5 <= len(t) <= 20 and (t in line or t == "x" * 20) for t in drawn)
    assert len(drawn) > 8


@given(
    charset=st.one_of(
        st.sampled_from(
            ["@digits", "@lower+digits", "@upper", "@ascii", "@alphanumeric", "@latin", "@letters+space", "aeiorst"]
        ),
        st.text(st.sampled_from(CHARSETS["ascii"]), min_size=12, max_size=60).filter(lambda t: not t.startswith("@")),
    ),
    cases=st.lists(st.sampled_from(TEXT_CASES), min_size=1, unique=True),
    lines=st.sampled_from(["1", "2"]),
)
@settings(max_examples=60, deadline=None)
def test_charset_is_never_left(charset, cases, lines):
    config = TextConfig(
        sources=dict.fromkeys([s for s in SOURCES if s != "file"], 1.0),
        languages=("en", "de"),
        vocabulary=1500,
        case=dict.fromkeys(cases, 1.0),
        punctuation=0.5,
        inline=0.3,
        words={"1": 1, "3": 1},
        lines={lines: 1},
        rare=0.1,
        cut=0.3,
        charset=charset,
    )
    source = TextSource(config, 1)
    assert source.charset == resolve_charset(charset)
    for i in range(120):
        record = draw(source, i)
        assert source.charset.issuperset(record.characters), record
        assert all(record.lines)
        assert record.source not in source.left_out


def test_charset_leaves_out_what_it_rules_out():
    source = TextSource(small(sources={"word": 1, "email": 1, "number": 1}, charset="@digits"), 0)
    assert source.left_out == ("word", "email")
    assert {draw(source, i).source for i in range(50)} == {"number"}
    with pytest.raises(InputError, match=r"leave nothing of word to write; widen them"):
        TextSource(small(charset="@digits"), 0)


def test_rare_raises_the_share_of_rare_characters():
    def share(rare: float) -> float:
        drawn = "".join(r.text for r in records(small(rare=rare, vocabulary=5000), 1500))
        return sum(drawn.count(c) for c in "jqxzé") / len(drawn)

    assert CANDIDATES > 1
    assert share(1.0) > 4 * share(0.0)
    # every source keeps its share
    sources = {"word": 1, "number": 1}
    counts = Counter(r.source for r in records(small(sources=sources, rare=0.5), BLOCK))
    assert counts == {"word": BLOCK // 2, "number": BLOCK // 2}


def test_cut_gives_neighbours():
    drawn = records(small(cut=0.5), 1000)
    sides = Counter((bool(r.cut_left), bool(r.cut_right)) for r in drawn)
    assert 430 < sides[False, False] < 570
    assert min(sides[True, False], sides[False, True], sides[True, True]) > 120
    assert not any(r.cut_left or r.cut_right for r in records(small(), 200))
    numbers = records(TextConfig(sources={"number": 1}, cut=1.0), 100)
    assert all(r.cut_left or r.cut_right for r in numbers)


def test_text_that_no_font_covers():
    source = TextSource(small(), 0)
    for i in range(300):
        assert "e" not in draw(source, i, allowed=lambda t: "e" not in t).text
    with pytest.raises(InputError, match=r"sample 5: none of 21 texts of the source 'word' is covered by a font"):
        draw(source, 5, allowed=lambda t: False)
    strict = TextSource(small(strict=True), 0)
    text = draw(strict, 5).text
    with pytest.raises(InputError, match=f"text '{text}' of sample 5 has a character that no font in use covers"):
        draw(strict, 5, allowed=lambda t: False)
    assert draw(strict, 5, allowed=lambda t: True).text == text


def test_neighbours_are_dropped_where_no_font_covers_all():
    source = TextSource(small(cut=1.0), 0)
    for i in range(50):
        whole = draw(source, i)
        cut = draw(source, i, allowed=lambda t, text=whole.text: t == text)
        assert (cut.text, cut.cut_left, cut.cut_right) == (whole.text, "", "")


def test_filler_has_about_the_length():
    for config in (small(), TextConfig(sources={"number": 1}), small(charset="@lower")):
        source = TextSource(config, 0)
        for characters in (1, 5, 30):
            text = source.filler(Draws(0, Stage.DISTRACTOR, 1), characters)
            assert 0.6 * characters - 1 <= len(text) <= characters
            assert not source.charset or source.charset.issuperset(text)


def test_digest_tells_resources_apart(tmp_path):
    one = TextConfig(sources={"file": 1}, files=(texts_file(tmp_path, ["a", "b"], "1.txt"),))
    two = TextConfig(sources={"file": 1}, files=(texts_file(tmp_path, ["a", "c"], "2.txt"),))
    assert TextSource(one, 0).digest == TextSource(one, 9).digest != TextSource(two, 0).digest


# --- configuration


def test_the_order_of_sources_decides_what_stands_within_a_line():
    """It is fixed for those that there are; the order of a configuration's weights does not matter."""
    config = small(sources={"code": 1, "word": 97, "number": 1, "price": 1}, words={"4": 1}, inline=0.5)
    turned = small(sources={"price": 1, "number": 1, "word": 97, "code": 1}, words={"4": 1}, inline=0.5)
    assert list(SOURCES) == [
        *("word", "file", "number", "price", "date", "time", "phone", "code", "plate", "email", "url", "acronym"),
        *("random", "receipt"),
    ]
    one, other = (TextSource(c, 0).sources["word"] for c in (config, turned))
    drawn = [[source.lines(Draws(0, Stage.TEXT, i), 0, i, "as_is", 1) for i in range(100)] for source in (one, other)]
    assert drawn[0] == drawn[1]
    assert any(re.search(r"\d", line) for lines in drawn[0] for line in lines)


BAD_CONFIGS = [
    ({"sources": {"wrd": 1}}, "sources: 'wrd' is unknown; did you mean 'word'"),
    ({"sources": {}}, "sources: no weight is above 0"),
    ({"sources": {"word": 0}}, "sources: no weight is above 0"),
    ({"case": {"uper": 1}}, "case: 'uper' is unknown; did you mean 'upper'"),
    ({"words": {"0": 1}}, "words: '0' is not a count"),
    ({"words": {"two": 1}}, "words: 'two' is not a count"),
    ({"lines": {"1": 0}}, "lines: no weight is above 0"),
    ({"length": [9, 3]}, "length: the range \\[9, 3\\] is reversed; write \\[3, 9\\]"),
    ({"sources": {"file": 1}}, "`files` is empty"),
    ({"files": ["a.txt"]}, "`file` has no weight"),
    ({"languages": []}, "languages: is empty"),
    ({"languages": ["en", "en"]}, "names one twice"),
    ({"charset": "@asci"}, "did you mean 'ascii'"),
    ({"charset": " "}, "nothing but spaces"),
    ({"charset": "a\tb"}, r"control character U\+0009"),
    ({"punctuation": 1.5}, "<= 1.0"),
    ({"sources": {"word": -1}}, ">= 0.0"),
]


@pytest.mark.parametrize(("section", "message"), BAD_CONFIGS)
def test_bad_config_is_refused(section, message):
    with pytest.raises(msgspec.ValidationError, match=message):
        msgspec.convert(section, TextConfig)


def test_file_without_usable_lines_is_named(tmp_path):
    path = texts_file(tmp_path, ["abc", "xyz"])
    with pytest.raises(InputError, match=r"texts\.txt: none of 2 texts lies within"):
        TextSource(TextConfig(sources={"file": 1}, files=(path,), charset="@digits"), 0)


# --- coverage


def test_coverage_against_plain_counting():
    drawn = records(RICH, 5000)
    counter = CoverageCounter(resolve_charset("@latin"))
    for r in drawn:
        counter.add(r.text, r.source)
    d = counter.to_dict()
    texts = [r.text for r in drawn]
    letters = "".join(texts).replace("\n", "")
    assert d["texts"] == 5000
    assert d["distinct"] == len(set(texts))
    assert d["distinct_exact"] is True
    assert d["duplicates"] == 5000 - len(set(texts))
    assert d["characters"] == Counter(letters)
    assert d["sources"] == Counter(r.source for r in drawn)
    assert d["lengths"] == Counter(str(len(t.replace("\n", ""))) for t in texts)
    assert set(d["never_seen"]) == resolve_charset("@latin") - set(letters)
    assert set(d["outside"]) == set(letters) - resolve_charset("@latin")
    assert msgspec.json.decode(msgspec.json.encode(d)) == d
    summary = counter.summary()
    assert "5,000" in summary
    assert "never seen" in summary
    assert CoverageCounter().summary() == "no texts"


def test_coverage_merges():
    texts = [r.text for r in records(RICH, 600)]
    whole, first, second = (CoverageCounter() for _ in range(3))
    for i, text in enumerate(texts):
        whole.add(text, "a")
        (first if i < 350 else second).add(text, "a")
    first.merge(second)
    assert first.to_dict() == whole.to_dict()


def test_coverage_estimates_many_distinct_texts_in_bounded_memory():
    counter = CoverageCounter(distinct_limit=2048)
    for i in range(60_000):
        counter.add(str(i % 30_000))
    d = counter.to_dict()
    assert len(counter._hashes) <= 2048
    assert d["distinct_exact"] is False
    assert d["distinct"] == pytest.approx(30_000, rel=0.12)


def test_ascii_words_with_punctuation_use_it_all():
    drawn = "".join(r.text for r in records(small(punctuation=1.0, charset="@ascii", vocabulary=3000), 3000))
    assert set(PUNCTUATED) - set(drawn) <= set("$%\\^`|")


def test_threads_share_passes():
    """Two threads, each in passes of its own: what one keeps of its pass is never half of the other's."""
    items = [str(i) for i in range(50)]
    alone, shared = Passes(items, 7, list(range(1, 51))), Passes(items, 7, list(range(1, 51)))
    numbers = [[3_000_000_000 * thread + 37 * i for i in range(4000)] for thread in range(4)]
    expected = [[alone[number] for number in own] for own in numbers]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(lambda own: [shared[number] for number in own], numbers))
    finally:
        sys.setswitchinterval(interval)
    assert found == expected
