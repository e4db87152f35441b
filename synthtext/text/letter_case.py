"""Capitals and small letters as a language writes them."""

from __future__ import annotations

import re
import unicodedata

from synthtext.text.languages import Language

_TURKIC = frozenset({"az", "tr"})
_GREEK_ACCENTS = re.compile("[\u0300\u0301\u0304\u0306\u0313\u0314\u0342\u0345]")
# An accented vowel before iota or upsilon: without the accent, two dots keep the two apart.
_GREEK_HIATUS = re.compile("([αεοΑΕΟ]\u0301)([ιυΙΥ])(?!\u0308)")


def upper(text: str, language: Language) -> str:
    """`text` in capitals; as it stands in a script without them. Greek loses its accents, as Greeks write it."""
    if not language.cased:
        return text
    if language.code in _TURKIC:
        text = text.replace("i", "İ")
    elif language.code == "el":
        text = _GREEK_HIATUS.sub("\\1\\2\u0308", unicodedata.normalize("NFD", text))
        text = unicodedata.normalize("NFC", _GREEK_ACCENTS.sub("", text))
    elif language.code == "hy":
        text = text.replace("և", "եվ")
    return text.upper()


def lower(text: str, language: Language) -> str:
    """`text` in small letters; as it stands in a script without case."""
    if not language.cased:
        return text
    if language.code in _TURKIC:
        text = text.replace("İ", "i").replace("I", "ı")
    return text.lower()


def capitalised(word: str, language: Language) -> str:
    """`word` with a capital at its head."""
    if not language.cased:
        return word
    if language.code == "nl" and word.startswith("ij"):
        return "IJ" + word[2:]
    head = word[0].replace("i", "İ") if language.code in _TURKIC else word[0]
    return head.title() + word[1:]


def titled(text: str, language: Language) -> str:
    """Each word of `text` with a capital at its head."""
    if language.code in _TURKIC or language.code == "nl":
        return " ".join([capitalised(word, language) for word in text.split(" ") if word])
    return text.title() if language.cased else text
