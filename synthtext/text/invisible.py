"""Characters that draw nothing: which they are, and texts without them.

A label says what is seen, so what draws nothing is no part of one. Most of these characters never change a glyph (soft
hyphen, zero-width space, direction marks, a byte order mark, tags, controls) and are taken out of every text. A few may
change the glyphs beside them (`SHAPING`): whether they do is told by the font alone, when it shapes the text
(`typeset.shaping`).
"""

from __future__ import annotations

import re
import unicodedata

#: Ranges of Default_Ignorable_Code_Point (Unicode 16.0, DerivedCoreProperties.txt), which `unicodedata` lacks.
DEFAULT_IGNORABLE = (
    (0x00AD, 0x00AD),  # soft hyphen
    (0x034F, 0x034F),  # combining grapheme joiner
    (0x061C, 0x061C),  # Arabic letter mark
    (0x115F, 0x1160),  # Hangul choseong filler, jungseong filler
    (0x17B4, 0x17B5),  # Khmer inherent vowels
    (0x180B, 0x180F),  # Mongolian variation selectors and vowel separator
    (0x200B, 0x200F),  # zero-width space, non-joiner and joiner, direction marks
    (0x202A, 0x202E),  # embeddings and overrides
    (0x2060, 0x206F),  # word joiner, invisible operators, isolates, deprecated format characters
    (0x3164, 0x3164),  # Hangul filler
    (0xFE00, 0xFE0F),  # variation selectors
    (0xFEFF, 0xFEFF),  # zero-width no-break space: the byte order mark
    (0xFFA0, 0xFFA0),  # halfwidth Hangul filler
    (0xFFF0, 0xFFF8),  # unassigned
    (0x1BCA0, 0x1BCA3),  # shorthand format controls
    (0x1D173, 0x1D17A),  # musical format controls
    (0xE0000, 0xE0FFF),  # tags, variation selectors, unassigned
)
# Controls but those that are white space; annotations and the format controls of hieroglyphs, which are no ignorables
# by that property, but have no form of their own either.
_OTHERS = ((0x00, 0x08), (0x0E, 0x1B), (0x7F, 0x84), (0x86, 0x9F), (0xFFF9, 0xFFFB), (0x13430, 0x1343F))
_SHAPING = (
    (0x034F, 0x034F),
    (0x115F, 0x1160),
    (0x180B, 0x180F),
    (0x200C, 0x200D),
    (0xFE00, 0xFE0F),
    (0xE0100, 0xE01EF),
)
_ZWNJ, _ZWJ = "\u200c", "\u200d"


def _set(ranges: tuple[tuple[int, int], ...]) -> frozenset[str]:
    return frozenset(chr(p) for first, last in ranges for p in range(first, last + 1))


#: Every character that draws nothing by design. White space is not among them: it parts words.
INVISIBLE = _set(DEFAULT_IGNORABLE) | _set(_OTHERS)
#: Those that may change the glyphs of their neighbours: joiners, variation selectors and the like.
SHAPING = _set(_SHAPING)


def _class(ranges: tuple[tuple[int, int], ...]) -> str:
    return "".join(f"{re.escape(chr(first))}-{re.escape(chr(last))}" for first, last in ranges)


_IDLE = re.compile(  # invisible and not shaping
    "(?![" + _class(_SHAPING) + "])[" + _class(DEFAULT_IGNORABLE + _OTHERS) + "]"
)
# A shaping character with no letter before it in its word, and a non-joiner that ends one.
_LOOSE = re.compile(rf"(?<!\S)[{_class(_SHAPING)}]+|{_ZWNJ}+(?!\S)")


def without_idle(text: str) -> str:
    """`text`, NFC, without the characters that draw nothing and never change a glyph, and without shaping characters
    that have nothing to act on: at the beginning of a word, or a non-joiner at its end.

    A text that has none of all that is returned as it is.
    """
    if (text.isascii() and text.isprintable()) or INVISIBLE.isdisjoint(text):
        return text
    while (shorter := _LOOSE.sub("", _IDLE.sub("", text))) != text:
        text = shorter
    return unicodedata.normalize("NFC", text)


def needless(text: str) -> str:
    """The first character of a label that draws nothing and changes nothing, whatever the font, controls aside; "" for
    none.

    Joiners and variation selectors are needless where they have nothing to act on, and after Latin, Greek and Cyrillic
    letters and the signs of these scripts, but for a non-joiner between two letters, which keeps a ligature apart.
    """
    if text.isascii() or INVISIBLE.isdisjoint(text):
        return ""
    for i, c in enumerate(text):
        if c not in INVISIBLE or unicodedata.category(c) == "Cc":
            continue
        before, after = text[i - 1] if i else " ", text[i + 1] if i + 1 < len(text) else " "
        if c not in SHAPING or before.isspace() or (c == _ZWNJ and after.isspace()):
            return c
        if before < "\u0590" and not (c == _ZWNJ and before.isalpha() and after.isalpha()):
            return c
    return ""


def has_invisible(text: str) -> bool:
    """Whether some character of `text` draws nothing."""
    return not (text.isascii() and text.isprintable()) and not INVISIBLE.isdisjoint(text)


def draws_nothing(c: str) -> bool:
    """Whether `c` draws nothing by design, or ends a line."""
    return c in INVISIBLE or c in "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f\x85\u2028\u2029"
