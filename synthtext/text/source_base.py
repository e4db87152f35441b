"""What a source of text is: a class in a file of `sources/`, which declares it there.

How to add one: `docs/design.md`, "How to add something".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from synthtext.core.errors import InputError
from synthtext.core.rng import Draws, Stage
from synthtext.text.composed import Context
from synthtext.text.dropped import NOTHING, Dropped
from synthtext.text.lexicon import Lexicon
from synthtext.text.limits import TRIES, Limits
from synthtext.text.text_config import TextConfig

_LATIN = re.compile("[A-Za-z]")

Uncovered = Callable[[Sequence[str]], dict[int, str]]


@dataclass(frozen=True, slots=True)
class TextStock:
    """What all sources share.

    `key`: of the orders in which texts come. `uncovered`: which of some texts no font covers, and why; None leaves
    fonts aside.
    """

    config: TextConfig
    limits: Limits
    lexicon: Lexicon
    key: int
    uncovered: Uncovered | None = None


class Source:
    """A source of text: what gives the lines of a sample.

    `needs_words`: whether it draws from the languages' word lists, so that these have to be read. `texts`: what else it
    draws from, for the digest. `dropped`: what of these cannot be written as it stands.
    """

    needs_words: ClassVar[bool] = False
    texts: Sequence[str] = ()
    dropped: Dropped = NOTHING

    def __init__(self, name: str, stock: TextStock) -> None:
        self.name = name
        self.config, self.limits, self.lexicon = stock.config, stock.limits, stock.lexicon

    def possible(self) -> bool:
        """Whether `charset` and `length` leave something of it."""
        return True

    def meet(self, composed: Sequence[Composed]) -> None:
        """Be told of the composed sources that may stand within a line."""

    def lines(self, draws: Draws, which: int, number: int | None, case: str, count: int) -> list[str]:
        """The lines of a text in the language `which`.

        `number`: the running number of the sample within its source and language; None for texts at random. `case`: of
        words.
        """
        raise NotImplementedError


class Composed(Source):
    """A source whose texts are composed, each line by itself.

    `inline`: whether such a text may stand within a line of words. `any_script`: whether it may hold Latin letters in
    a language of another script, as addresses of the net and codes do; others are composed again until they hold none.
    """

    inline: ClassVar[bool] = False
    any_script: ClassVar[bool] = False

    @staticmethod
    def compose(draws: Draws, context: Context) -> str:
        """A text, of its `draws` alone."""
        raise NotImplementedError

    def folded(self, draws: Draws, which: int) -> str:
        """A text inside the charset, "" where too little of it would be left."""
        context = self.lexicon.contexts[which]
        if context.native is not None and draws.random() < self.config.native_digits:
            context = context._replace(locale=context.native)
        return self.limits.fold(self._own(draws, context))

    def _own(self, draws: Draws, context: Context) -> str:
        """A text in the script of the language, in the digits that the context's habits have."""
        language, text = context.locale.language, self.compose(draws, context)
        if language.latin:
            return text
        for _ in range(0 if self.any_script else TRIES):
            if language.writes(text):
                break
            text = self.compose(draws, context)
        digits = context.locale.digits
        return text if digits is None or _LATIN.search(text) else text.translate(digits)

    def possible(self) -> bool:
        if not self.limits.charset:
            return True
        draws = Draws(0, Stage.TEXT, 0)
        return sum(bool(self.folded(draws, 0)) for _ in range(64)) >= 16

    def lines(self, draws: Draws, which: int, number: int | None, case: str, count: int) -> list[str]:
        return [self._line(draws, which) for _ in range(count)]

    def _line(self, draws: Draws, which: int) -> str:
        """A text of the split."""
        for _ in range(self.limits.tries):
            text = self._fitting(draws, which)
            if self.limits.holds(text):
                return text
        split, name = self.limits.split.name, self.name
        raise InputError(
            f"split: of {self.limits.tries} texts of the source {name!r} none fell to {split!r}: there are too few "
            f"different ones; take {name!r} out of text.sources, raise the share in split.shares, or leave words out "
            "of split.by"
        )

    def _fitting(self, draws: Draws, which: int) -> str:
        """A text of the allowed length."""
        text = ""
        for _ in range(TRIES):
            text = self.folded(draws, which) or text
            if self.limits.fewest <= len(text) <= self.limits.most:
                return text
        return self.lexicon.fitted(draws, [text], " ", lambda: self.folded(draws, which))
