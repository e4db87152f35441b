"""What a reader points at as one character: extended grapheme clusters (UAX #29).

clusters("na\u0308h")       ("n", "a\u0308", "h")
"""

from __future__ import annotations

import re

from synthtext.text.unicode_data import Property

# Each class of Grapheme_Cluster_Break as a letter. Extend is cut in three by Indic_Conjunct_Break: e what may stand in
# a conjunct, k what links one (a virama), a the rest.
_CLASS = Property(
    "grapheme",
    "o",
    {
        "CR": "r",
        "LF": "n",
        "Control": "t",
        "Extend": "e",
        "Linker": "k",
        "Extend_Apart": "a",
        "ZWJ": "z",
        "Regional_Indicator": "f",
        "Prepend": "p",
        "SpacingMark": "s",
        "L": "L",
        "V": "V",
        "T": "T",
        "Hangul": "H",
        "Consonant": "c",
        "Extended_Pictographic": "x",
    },
)
_FIRST_HANGUL, _PER_LV = 0xAC00, 28  # every 28th syllable is an LV, the others are LVTs: Y and Z here
# Table 1b of UAX #29, and rule GB9c: consonants about a virama.
_CLUSTER = re.compile(
    "rn|[rnt]|p*(?:L*(?:V+|YV*|Z)T*|L+|T+|ff|x(?:[aek]*zx)*|c(?:[ez]*k[ekz]*c)*|[^rnt])[aekzs]*|p+[aekzs]*"
)


def _classes(text: str) -> str:
    classes = "".join(map(_CLASS.__getitem__, text))
    if "H" not in classes:
        return classes
    return "".join(
        [
            ("Z" if (ord(c) - _FIRST_HANGUL) % _PER_LV else "Y") if k == "H" else k
            for c, k in zip(text, classes, strict=True)
        ]
    )


def clusters(text: str) -> tuple[str, ...]:
    """The extended grapheme clusters of a text, in order: joined they are the text."""
    if text.isascii() and "\r\n" not in text:
        return tuple(text)
    return tuple([text[m.start() : m.end()] for m in _CLUSTER.finditer(_classes(text))])
