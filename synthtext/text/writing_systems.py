"""Scripts as languages are written in them: their letters, their direction, whether they have case."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import NamedTuple

from synthtext.text.scripts import INHERITED, script_of


class WritingSystem(NamedTuple):
    """A script by its code of ISO 15924.

    `letters`: the scripts of Unicode that its letters and marks are of. `right_to_left`: its direction. `cased`:
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
    "Arab": _of("Arabic", "Arab", right_to_left=True),
    "Armn": _of("Armenian", "Armn", cased=True),
    "Beng": _of("Bengali", "Beng"),
    "Cyrl": _of("Cyrillic", "Cyrl", cased=True),
    "Deva": _of("Devanagari", "Deva"),
    "Ethi": _of("Ethiopic", "Ethi"),
    "Geor": _of("Georgian", "Geor"),
    "Grek": _of("Greek", "Grek", cased=True),
    "Gujr": _of("Gujarati", "Gujr"),
    "Guru": _of("Gurmukhi", "Guru"),
    "Hans": _of("Han, simplified", "Hani"),
    "Hant": _of("Han, traditional", "Hani"),
    "Hebr": _of("Hebrew", "Hebr", right_to_left=True),
    "Jpan": _of("Japanese", "Hani Hira Kana"),
    "Khmr": _of("Khmer", "Khmr"),
    "Knda": _of("Kannada", "Knda"),
    "Kore": _of("Korean", "Hang"),
    "Laoo": _of("Lao", "Laoo"),
    "Latn": _of("Latin", "Latn", cased=True),
    "Mlym": _of("Malayalam", "Mlym"),
    "Mymr": _of("Myanmar", "Mymr"),
    "Orya": _of("Odia", "Orya"),
    "Sinh": _of("Sinhala", "Sinh"),
    "Taml": _of("Tamil", "Taml"),
    "Telu": _of("Telugu", "Telu"),
    "Thai": _of("Thai", "Thai"),
    "Tibt": _of("Tibetan", "Tibt"),
}

# Letters that words of several scripts are written with: modifier letters, the micro sign, marks of length.
_SHARED = frozenset("ʹʺʻʼʽʾʿˀˁˈˌːµーｰ〆")
_ARABIC = frozenset("ـ٠١٢٣٤٥٦٧٨٩")  # which Unicode counts to no script alone


@cache
def writes(script: str, c: str) -> bool:
    """Whether a text in a script may hold `c`: its own letters, marks and digits, and what all scripts share."""
    category = unicodedata.category(c)
    if (c.isascii() and category == "Nd") or (category != "Nd" and category[0] not in "LM"):
        return True
    if c in _ARABIC:
        return script == "Arab"
    of = script_of(c)
    return of in WRITING_SYSTEMS[script].letters or of == INHERITED or c in _SHARED
