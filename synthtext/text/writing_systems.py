"""Scripts as languages are written in them: their letters, their direction, whether they have case."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import NamedTuple

from synthtext.text.scripts import script_of


class WritingSystem(NamedTuple):
    """A script by its code of ISO 15924.

    `letters`: the first words of the Unicode names of its letters and marks. `right_to_left`: its direction. `cased`:
    whether texts in it are written in capitals, too. Georgian's are not: Unicode has capitals (Mtavruli) that hardly a
    font draws.
    """

    name: str
    letters: frozenset[str]
    right_to_left: bool = False
    cased: bool = False


def _of(name: str, letters: str, right_to_left: bool = False, cased: bool = False) -> WritingSystem:
    return WritingSystem(name, frozenset(letters.split()), right_to_left, cased)


WRITING_SYSTEMS: dict[str, WritingSystem] = {
    "Arab": _of("Arabic", "ARABIC", right_to_left=True),
    "Armn": _of("Armenian", "ARMENIAN", cased=True),
    "Beng": _of("Bengali", "BENGALI"),
    "Cyrl": _of("Cyrillic", "CYRILLIC", cased=True),
    "Deva": _of("Devanagari", "DEVANAGARI"),
    "Ethi": _of("Ethiopic", "ETHIOPIC"),
    "Geor": _of("Georgian", "GEORGIAN"),
    "Grek": _of("Greek", "GREEK", cased=True),
    "Gujr": _of("Gujarati", "GUJARATI"),
    "Guru": _of("Gurmukhi", "GURMUKHI"),
    "Hans": _of("Han, simplified", "CJK IDEOGRAPHIC"),
    "Hant": _of("Han, traditional", "CJK IDEOGRAPHIC"),
    "Hebr": _of("Hebrew", "HEBREW", right_to_left=True),
    "Jpan": _of("Japanese", "CJK IDEOGRAPHIC HIRAGANA KATAKANA KATAKANA-HIRAGANA"),
    "Khmr": _of("Khmer", "KHMER"),
    "Knda": _of("Kannada", "KANNADA"),
    "Kore": _of("Korean", "HANGUL"),
    "Laoo": _of("Lao", "LAO"),
    # Some lists of Latin words hold the mark ー, which Unicode counts to no script: without it all others would move.
    "Latn": _of("Latin", "LATIN FEMININE MASCULINE KATAKANA-HIRAGANA", cased=True),
    "Mlym": _of("Malayalam", "MALAYALAM"),
    "Mymr": _of("Myanmar", "MYANMAR"),
    "Orya": _of("Odia", "ORIYA"),
    "Sinh": _of("Sinhala", "SINHALA"),
    "Taml": _of("Tamil", "TAMIL"),
    "Telu": _of("Telugu", "TELUGU"),
    "Thai": _of("Thai", "THAI"),
    "Tibt": _of("Tibetan", "TIBETAN"),
}

# First words of the names of letters and marks that belong to every script.
_COMMON = frozenset({"COMBINING", "MICRO", "MODIFIER", "ZERO"})


@cache
def writes(script: str, c: str) -> bool:
    """Whether a text in a script may hold `c`: its own letters, marks and digits, and what all scripts share."""
    category = unicodedata.category(c)
    if category == "Nd":
        return c.isascii() or script_of(c) in _DIGITS.get(script, WRITING_SYSTEMS[script].letters)
    if category[0] not in "LM":
        return True
    word = script_of(c)
    return word in WRITING_SYSTEMS[script].letters or word in _COMMON


_DIGITS = {"Arab": frozenset({"ARABIC-INDIC", "EXTENDED"})}
