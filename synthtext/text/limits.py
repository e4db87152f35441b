"""What a text may hold: which characters, how many of them, how many words and lines, and of which split it is."""

from __future__ import annotations

import math
from itertools import accumulate

from synthtext.core.errors import InputError
from synthtext.core.rng import Draws
from synthtext.core.split import SplitConfig, text_filter
from synthtext.text.charset import fold_into, resolve_charset
from synthtext.text.text_config import TextConfig

TRIES = 32  # composed texts tried for one that fits `length` and `charset`


class Counts:
    """A weighted choice of whole numbers."""

    __slots__ = ("cumulative", "most", "values")

    def __init__(self, weights: dict[str, float]) -> None:
        rows = sorted((int(name), weight) for name, weight in weights.items() if weight > 0.0)
        self.values = [value for value, _ in rows]
        self.cumulative = list(accumulate(weight for _, weight in rows))
        self.most = self.values[-1]

    def draw(self, draws: Draws) -> int:
        return self.values[0] if len(self.values) == 1 else self.values[draws.weighted(self.cumulative)]


class Limits:
    """What a text may hold. Immutable.

    `charset`: the characters, empty for any. `fewest`, `most`: characters of a line. `spaced`: whether a space may be
    written. `words`, `lines`: how many of a line, and of a sample. `narrow`: whether it may rule words out. `holds`:
    whether a text is of the split; `tries`: how many composed texts are tried for one that is.
    """

    def __init__(self, config: TextConfig, split: SplitConfig) -> None:
        self.charset = resolve_charset(config.charset)
        self.fewest, self.most = config.length
        self.spaced = not self.charset or " " in self.charset
        self.words, self.lines = Counts(config.words), Counts(config.lines)
        self.narrow = bool(self.charset) or self.fewest > 1 or self.most < 30
        self.split = split
        self.holds = text_filter(split) or _anything
        self.tries = 1
        if self.holds is not _anything:  # enough to meet a text of the split, if it has a tenth of its share of them
            self.tries = math.ceil(TRIES * sum(split.shares.values()) / split.shares[split.name])

    def usable(self, word: str) -> bool:
        """Whether a word can be written by the charset, in one case at least, and fits the length."""
        if len(word) > self.most or (len(word) < self.fewest and (self.words.most == 1 or not self.spaced)):
            return False
        inside = self.charset.issuperset
        return not self.charset or inside(word) or inside(word.upper()) or inside(word.lower())

    def fold(self, text: str) -> str:
        """A composed text inside the charset, "" where too little of it would be left."""
        if not self.charset:
            return text
        folded = fold_into(text, self.charset)
        return folded if 2 * len(folded) >= len(text) else ""

    def check_split(self, some: bool, what: str) -> None:
        """Raise InputError where none of the texts `what` is of the split."""
        if not some:
            raise InputError(
                f"split: none of the {what} fall to {self.split.name!r}; raise its share in split.shares, or leave "
                "words out of split.by"
            )


def _anything(text: str) -> bool:
    return True
