"""What addresses of the net are made of."""

from __future__ import annotations

import unicodedata

from synthtext.core.rng import Draws
from synthtext.text.composed import Context, words

_SYLLABLES = tuple(c + v for c in words("b c d f g h k l m n p r s t v z st tr") for v in "aeiou")
_DOMAINS = words("""
com com com com com com net net org org info io co co.uk co.uk de fr it es nl eu us ca com.au ch at be pl se edu gov
shop app dev tv me biz ru jp in com.br
""")


def ascii_word(draws: Draws, context: Context) -> str:
    """A word in plain lower-case ASCII, as domains have it: accents off; syllables for what isn't Latin."""
    word = unicodedata.normalize("NFKD", context.word(draws).lower())
    word = "".join([c for c in word if "a" <= c <= "z"])
    if 2 < len(word) < 13:
        return word
    return "".join([draws.choice(_SYLLABLES) for _ in range(2 + draws.integer(3))])


def host(draws: Draws, context: Context) -> str:
    """The name of a computer in the net."""
    name = ascii_word(draws, context)
    if draws.chance(0.4):
        second = ascii_word(draws, context)
        if len(name) + len(second) < 16:
            name += draws.choice(("", "", "-")) + second
    if draws.chance(0.08):
        name += str(1 + draws.integer(99))
    return name + "." + draws.choice(_DOMAINS)
