"""Character sets: what may be written, by name or as it stands."""

from __future__ import annotations

import difflib
import string
import unicodedata

from synthtext.text.invisible import INVISIBLE, SHAPING

_LATIN_1 = "".join(chr(c) for c in range(0xC0, 0x100))
_LATIN_A = "".join(chr(c) for c in range(0x100, 0x180) if chr(c) not in "Ŀŀŉĸſ")
_TYPOGRAPHIC = "‘’“”‚„«»‹›–—…•·¡¿§©®™°ªº№†±¼½¾²³µ"
_CURRENCY = "$¢£¤¥€₹₽₩₺₪₴₫฿"
_GREEK = "".join(chr(c) for c in range(0x384, 0x3CF) if unicodedata.category(chr(c)) != "Cn" and c != 0x387)
_CYRILLIC = "".join(chr(c) for c in range(0x400, 0x460)) + "Ґґ"

#: The named sets, each a string of distinct characters. `ascii` is the 95 printable ones, the space among them.
CHARSETS: dict[str, str] = {
    "digits": string.digits,
    "lower": string.ascii_lowercase,
    "upper": string.ascii_uppercase,
    "letters": string.ascii_letters,
    "alphanumeric": string.digits + string.ascii_letters,
    "punctuation": string.punctuation,
    "space": " ",
    "ascii": "".join(chr(c) for c in range(0x20, 0x7F)),
    "currency": _CURRENCY,
    "latin": "".join(chr(c) for c in range(0x20, 0x7F)) + _LATIN_1 + _LATIN_A + "ȘșȚțẞ" + _TYPOGRAPHIC + _CURRENCY[1:],
    "greek": _GREEK,
    "cyrillic": _CYRILLIC,
}


def resolve_charset(charset: str) -> frozenset[str]:
    """The characters that `charset` means; the empty set stands for "any".

    Names follow an "@" and are joined by "+": "@ascii", "@digits+upper". Everything else is taken letter by letter (a
    literal set that holds an "@" just doesn't begin with it: the order of a set says nothing). Composed to NFC.

    Raises ValueError for an unknown name, a control character, or nothing but spaces.
    """
    if charset.startswith("@"):
        characters = ""
        for name in charset[1:].split("+"):
            if name not in CHARSETS:
                near = difflib.get_close_matches(name, CHARSETS, 1, 0.0)[0]
                raise ValueError(
                    f"charset: {name!r} is not a named set; did you mean {near!r}? (known: {', '.join(CHARSETS)}; "
                    "a literal set must not begin with '@')"
                )
            characters += CHARSETS[name]
    else:
        characters = unicodedata.normalize("NFC", charset)
    for c in characters:
        if unicodedata.category(c) == "Cc":
            raise ValueError(f"charset: the control character U+{ord(c):04X} cannot be written; remove it")
        if c in INVISIBLE and c not in SHAPING:
            raise ValueError(f"charset: U+{ord(c):04X} draws nothing, so that no text has it; remove it")
    if characters and not characters.strip():
        raise ValueError("charset: holds nothing but spaces; add the characters that may appear")
    return frozenset(characters)


def fold_into(text: str, charset: frozenset[str]) -> str:
    """`text` with each character outside `charset` put in its other case where that is inside, else left out.

    Runs of spaces that this leaves are made one, and none stand at the ends.
    """
    if charset.issuperset(text):
        return text
    kept = []
    for c in text:
        if c in charset:
            kept.append(c)
            continue
        for other in (c.lower(), c.upper()):
            if charset.issuperset(other):
                kept.append(other)
                break
    return " ".join("".join(kept).split()) if " " in charset else "".join(kept)


def cut_to(text: str, length: int) -> str:
    """At most the first `length` code points of `text`, never between a letter and its marks; no space at the end."""
    if len(text) <= length:
        return text
    end = length
    while end > 0 and _joins(text[end]):
        end -= 1
    return text[: end or length].rstrip()


def _joins(c: str) -> bool:
    """Whether `c` belongs to the character before it: a mark, a joiner, a variation selector."""
    return unicodedata.category(c) in ("Mn", "Mc", "Me") or c in SHAPING
