"""Where the words of a language come from: wordfreq's list, that of an optional package, or the names that CLDR has.

CLDR names countries, languages, scripts, currencies, cities, months, days and units in each language: some hundreds to
two thousand true words, without frequencies. They serve where wordfreq has no list.
"""

from __future__ import annotations

import importlib.util
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from synthtext.text.languages import Language

# Inside a word: apostrophes, hyphens, the middle dot of Catalan, the joiners of Persian and Hindi, the signs of Hebrew
# abbreviations, the dot between the syllables of Tibetan.
JOINERS = "'’-·\u200c\u200d׳״་"


class WordList(NamedTuple):
    """A list as its maker has it. `origin`: who. `groups`: words of one frequency, most frequent first."""

    origin: str
    groups: list[tuple[float, list[str]]]


def word_list(language: Language) -> WordList:
    """The best list there is of a language: of its optional package, if that is installed, wordfreq's, CLDR's."""
    if language.package and importlib.util.find_spec(language.package) is not None:
        return _OF_PACKAGES[language.package](language)
    if language.wordfreq and not language.package:
        return _of_wordfreq(language)
    return WordList("CLDR names", [(1.0, list(dict.fromkeys(_cldr_words(language))))])


def is_word(token: str) -> bool:
    """Letters, their marks, and joiners between them; it begins with a letter."""
    kinds = [unicodedata.category(c)[0] for c in token]
    return (
        "L" in kinds and kinds[0] != "M" and all(k in "LM" or c in JOINERS for k, c in zip(kinds, token, strict=True))
    )


def _of_wordfreq(language: Language) -> WordList:
    import wordfreq  # here, not above: a configuration of digits alone should not pay for it

    groups = wordfreq.get_frequency_list(language.wordfreq, "best")
    wordfreq.get_frequency_list.cache_clear()  # three times the words that are kept, and never asked for again
    ranked = [(10.0 ** (-centibels / 100.0), group) for centibels, group in enumerate(groups)]
    if not language.letters:
        return WordList("wordfreq", ranked)
    rewritten = [
        (frequency, [w for w in (_rewritten(w, language.letters) for w in group) if w]) for frequency, group in ranked
    ]
    return WordList("wordfreq, in its own letters", rewritten)


def _rewritten(word: str, letters: Mapping[str, str]) -> str:
    """A word letter by letter, pairs of letters first; "" for one that has a letter which has no counterpart."""
    text, at = "", 0
    while at < len(word):
        for length in (2, 1):
            piece = word[at : at + length]
            if piece in letters or (length == 1 and piece in JOINERS):
                text += letters.get(piece, piece)
                at += len(piece)
                break
        else:
            return ""
    return text


def _of_opencc(language: Language) -> WordList:
    """wordfreq's Chinese words, which are in simplified characters, in those of Taiwan."""
    import opencc

    convert = opencc.OpenCC("s2tw").convert
    groups = [(frequency, convert("\n".join(group)).split("\n")) for frequency, group in _of_wordfreq(language).groups]
    return WordList("wordfreq, by OpenCC", groups)


def _of_pythainlp(language: Language) -> WordList:
    """The words of PyThaiNLP's dictionary by their frequencies in the Thai National Corpus (both CC0)."""
    from pythainlp.corpus import thai_words, tnc

    known = thai_words()
    counts = {word: count for word, count in tnc.word_freqs() if word in known and count > 0}
    whole = sum(counts.values())
    by_count: dict[int, list[str]] = {}
    for word, count in counts.items():
        by_count.setdefault(count, []).append(word)
    return WordList("PyThaiNLP", [(count / whole, sorted(by_count[count])) for count in sorted(by_count, reverse=True)])


_OF_PACKAGES = {"opencc": _of_opencc, "pythainlp": _of_pythainlp}


def _cldr_words(language: Language) -> Iterator[str]:
    """The words of CLDR's names, cut at what is no letter. Names of unspaced scripts stay whole."""
    for name in _cldr_names(language):
        text = unicodedata.normalize("NFC", name)
        parts = "".join([c if c in JOINERS or unicodedata.category(c)[0] in "LM" else " " for c in text]).split()
        for part in parts:
            word = part.strip(JOINERS)
            if len(word) > 1 or "一" <= word <= "鿿":
                yield word


def _cldr_names(language: Language) -> Iterator[str]:
    from babel.core import Locale

    locale = Locale.parse(language.cldr)
    for names in (locale.months, locale.days):
        for form in ("stand-alone", "format"):
            yield from _texts(names.get(form, {}).get("wide", {}))
    yield from _texts(locale._data.get("unit_display_names", {}))
    for table in (locale.territories, locale.languages, locale.scripts, locale.currencies, locale.variants):
        yield from _texts(table)
    for zone in locale.time_zones.values():
        yield from _texts(zone.get("city", ""))


def _texts(tree: Any) -> Iterator[str]:
    """Every text in nested mappings, in the order of their keys."""
    if isinstance(tree, str):
        yield tree
    elif hasattr(tree, "items"):
        rows: Iterable[tuple[Any, Any]] = tree.items()
        for _, value in sorted(rows, key=lambda row: str(row[0])):
            yield from _texts(value)
