"""What each language writes: its own script, digits, marks, case and words, and what is said where it cannot."""

from __future__ import annotations

import datetime
import re
import unicodedata

import pytest
from fontTools import unicodedata as properties

from synthtext import Generator, cli
from synthtext.core.errors import InputError
from synthtext.core.rng import Draws, Stage
from synthtext.text.calendars import islamic, japanese, persian
from synthtext.text.composed import Context, grouped
from synthtext.text.corpus import load_vocabulary
from synthtext.text.han_numbers import han_digits, han_number
from synthtext.text.languages import language_of, languages
from synthtext.text.letter_case import capitalised, lower, upper
from synthtext.text.locale import locale_of, native_of
from synthtext.text.source import TextSource
from synthtext.text.text_config import TextConfig
from synthtext.text.word_lists import is_word

OWN = ("word", "number", "price", "date", "time", "phone", "receipt")
ANY_SCRIPT = ("code", "plate", "email", "url", "acronym", "random")
# Scripts of Unicode that texts of a language may hold, where it is not the one of its code.
SCRIPTS = {"Hans": "Hani", "Hant": "Hani", "Jpan": "Hani Hira Kana", "Kore": "Hang", "Latn": "Latn Grek"}


def texts(code, source, count=200, **over):
    more = {"vocabulary": 3000, "length": (1, 60), "punctuation": 0.5, "words": {"1": 1, "3": 1}, **over}
    made = TextSource(TextConfig(sources={source: 1}, languages=(code,), **more), 0)
    return [made.draw(Draws(0, Stage.TEXT, i), i).text for i in range(count)]


@pytest.mark.parametrize("code", sorted(languages()))
def test_texts_hold_their_script_alone(code):
    script = languages()[code].script
    allowed = {*SCRIPTS.get(script, script).split(), "Zyyy", "Zinh"}
    for source in OWN:
        for text in texts(code, source):
            assert {properties.script(c) for c in text} <= allowed, (source, text)
            assert text == unicodedata.normalize("NFC", text) == text.strip()
    for source in ANY_SCRIPT:
        for text in texts(code, source, 60):
            assert {properties.script(c) for c in text} <= allowed | {"Latn"}, (source, text)


@pytest.mark.parametrize("code", ["ar", "fa", "hi", "th", "my"])
def test_digits_are_of_one_kind_and_as_often_native_as_told(code):
    zero = next(c for c in native_of(code).digits.values() if c.isdecimal() and unicodedata.digit(c) == 0)

    def share(**over):
        made = [text for source in OWN[1:] for text in texts(code, source, 100, **over)]
        kinds = [{ord(c) - unicodedata.digit(c) for c in text if c.isdecimal()} for text in made]
        assert all(len(kind) <= 1 for kind in kinds)
        assert set().union(*kinds) <= {ord("0"), ord(zero)}
        return sum(kind == {ord(zero)} for kind in kinds) / sum(map(bool, kinds))

    assert share(native_digits=0.0) == 0.0
    assert share(native_digits=1.0) == 1.0
    assert 0.35 < share() < 0.65


def test_marks_of_numbers_are_the_scripts_own():
    made = texts("ar", "number", 2000, native_digits=1.0)
    assert any(re.fullmatch("[٠-٩]{1,3}(٬[٠-٩]{3})+", text) for text in made)
    assert any(re.fullmatch("[٠-٩]+٫[٠-٩]+", text) for text in made)
    assert any("٪" in text for text in made)
    assert not any("%" in text for text in made)


@pytest.mark.parametrize(("code", "expected"), [("hi", "12,34,56,789"), ("en", "123,456,789"), ("de", "123.456.789")])
def test_grouping(code, expected):
    locale = locale_of(code)
    context = Context(locale, lambda draws: "", ("0",), 24)
    assert grouped("123456789", locale.thousands, context) == expected
    assert grouped("123", locale.thousands, context) == "123"


@pytest.mark.parametrize("code", ["ar", "de", "hi", "fr", "zh-Hans", "ka", "id"])
def test_english_forms_are_englishs_alone(code):
    for text in texts(code, "word", 1000, punctuation=1.0, words={"1": 1}):
        assert not re.search(r"^[^'‘]*\w['’]s$|^[^'‘]*\ws'$", text), text
    for source in ("number", "price", "date", "time"):
        for text in texts(code, source, 300):
            assert not re.search(r"\d(st|nd|rd|th|am|pm)\b| for |^EXP |^EST\.|\beach\b", text), text


def test_own_marks():
    assert any("؟" in text for text in texts("ar", "word"))
    assert not any(set(text) & set("?,;") for text in texts("ar", "word", 2000))
    for code in ("zh-Hans", "zh-Hant", "ja"):
        together = "".join(texts(code, "word", 2000))
        assert not set(together) & set("?,!:;'\"„"), code
        assert "。" in together
    assert any("।" in text for text in texts("hi", "word"))
    assert any("「" in text for text in texts("ja", "word", 1000))


@pytest.mark.parametrize("code", sorted(languages()))
def test_words_are_words_of_the_script(code):
    language, vocabulary = languages()[code], load_vocabulary(code, 5000)
    assert len(vocabulary) > 250
    assert len(set(vocabulary.words)) == len(vocabulary)
    for word in vocabulary.words:
        assert is_word(word)
        assert language.writes(word)
        assert unicodedata.category(word[0])[0] == "L"
        assert word == unicodedata.normalize("NFC", word)


def test_serbian_is_cyrillic():
    assert {"и", "је", "љубав"} <= set(load_vocabulary("sr", 100_000).words)


@pytest.mark.parametrize(
    ("code", "word", "capitals", "title"),
    [
        ("en", "straw", "STRAW", "Straw"),
        ("de", "straße", "STRASSE", "Straße"),
        ("tr", "izmir", "İZMİR", "İzmir"),
        ("az", "istanbul", "İSTANBUL", "İstanbul"),
        ("nl", "ijs", "IJS", "IJs"),
        ("el", "άνθρωπος", "ΑΝΘΡΩΠΟΣ", "Άνθρωπος"),
        ("el", "μάιος", "ΜΑΪΟΣ", "Μάιος"),
        ("el", "προϊόν", "ΠΡΟΪΟΝ", "Προϊόν"),
        ("ka", "თბილისი", "თბილისი", "თბილისი"),
        ("hy", "երևան", "ԵՐԵՎԱՆ", "Երևան"),
    ],
)
def test_case(code, word, capitals, title):
    language = language_of(code)
    assert (upper(word, language), capitalised(word, language)) == (capitals, title)


def test_turkish_small_letters():
    assert lower("IĞDIR İZMİR", language_of("tr")) == "ığdır izmir"


def test_calendars_agree_with_known_days():
    assert persian(datetime.date(2024, 3, 20))[:3] == (1403, 1, 1)
    assert persian(datetime.date(2025, 3, 20))[:3] == (1403, 12, 30)
    assert persian(datetime.date(1979, 2, 11))[:3] == (1357, 11, 22)
    assert islamic(datetime.date(2000, 1, 1))[:3] == (1420, 9, 24)
    assert japanese(datetime.date(2019, 4, 30)) == (31, 4, 30, "平成")
    assert japanese(datetime.date(2019, 5, 1)) == (1, 5, 1, "令和")


@pytest.mark.parametrize("calendar", [persian, islamic])
def test_calendars_count_every_day_once(calendar):
    day = datetime.date(1850, 1, 1)
    before = calendar(day)
    for _ in range(70_000):
        day += datetime.timedelta(1)
        now = calendar(day)
        if now.day == 1:
            assert (now.year, now.month) in ((before.year, before.month + 1), (before.year + 1, 1))
            assert before.day in (29, 30, 31)
        else:
            assert now[:3] == (before.year, before.month, before.day + 1)
        before = now


def test_calendars_are_in_use():
    assert any(re.search("25[0-9][0-9]", text) for text in texts("th", "date", 400, native_digits=0.0))
    assert any("令和" in text for text in texts("ja", "date", 400))
    assert any("民國" in text for text in texts("zh-Hant", "date", 400))
    assert any("فروردین" in text for text in texts("fa", "date", 900))


def test_numbers_of_han():
    numbers = (0, 5, 10, 15, 20, 101, 110, 325, 1001, 2024)
    told = ["〇", "五", "十", "十五", "二十", "一百〇一", "一百一十", "三百二十五", "一千〇一", "二千〇二十四"]
    assert [han_number(n) for n in numbers] == told
    assert han_digits(2024) == "二〇二四"


def test_tags_that_mean_the_same():
    assert language_of("zh") is language_of("zh-Hans")
    with pytest.raises(InputError, match=r"text\.languages: zh, zh-Hans names one twice"):
        TextConfig(languages=("zh", "zh-Hans"))
    with pytest.raises(InputError, match=r"'fr_FR' is not a language that is known; did you mean 'fr'\?"):
        language_of("fr_FR")


def test_a_language_without_fonts_is_refused():
    fonts = "fonts.families=['Abril Fatface']"
    with pytest.raises(InputError, match=r"text\.languages: no font in use draws words of 'km' \(Khmer, .*fonts add"):
        Generator("clean", 0, ["text.languages=[km]", fonts])


def test_language_on_the_command_line(tmp_path, capsys):
    out = str(tmp_path / "sheet.png")
    assert cli.main(["preview", "clean", "--language", "en,xx", "-n", "1", "-o", out]) == 2
    assert "--set text.languages=[en,xx]: text.languages: 'xx' is not" in capsys.readouterr().err
    assert cli.main(["languages", "he"]) == 0
    assert re.search(r"^he +Hebrew +Hebr +rtl .* wordfreq \(100,000 words\)$", capsys.readouterr().out, re.MULTILINE)
