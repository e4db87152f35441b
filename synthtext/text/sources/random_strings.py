"""The source `random`: strings without sense, each of one mix of kinds of characters."""

from __future__ import annotations

from synthtext.core.rng import Draws
from synthtext.text.composed import Context, fill
from synthtext.text.source_base import Composed

SOURCE = {
    "name": "random",
    "help": "strings without sense, each of one mix of kinds of characters",
    "maker": "RandomStrings",
}


class RandomStrings(Composed):
    """Composes the source `random`."""

    any_script = True

    @staticmethod
    def compose(draws: Draws, context: Context) -> str:
        alphabet = draws.choice(context.alphabets)
        length = 1 + draws.integer(min(context.longest, 12 if draws.chance(0.3) else 8))
        return fill(draws, (alphabet,) * length)
