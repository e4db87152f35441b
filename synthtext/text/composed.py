"""Texts that are composed instead of looked up: each function is pure in its `Draws`.

A pattern is a picture of a text: 0 a digit, 1 a digit but zero, A and a a letter, H and h a hexadecimal digit, X a
letter or digit that isn't easily mistaken; what stands in braces, and every other character, is meant literally.
"""

from __future__ import annotations

import string
from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate
from typing import NamedTuple

from synthtext.core.rng import Draws
from synthtext.text import letter_case
from synthtext.text.locale import Locale

NONZERO = "123456789"
_ALPHABETS = {
    "0": string.digits,
    "1": NONZERO,
    "A": string.ascii_uppercase,
    "a": string.ascii_lowercase,
    "H": "0123456789ABCDEF",
    "h": "0123456789abcdef",
    "X": "ABCDEFGHJKLMNPQRSTUVWXYZ23456789",
}
Pattern = tuple[str, ...]


class Context(NamedTuple):
    """What a composed text may lean on: the language's habits, a source of words, the alphabets of random strings.

    `native`: its habits with the digits of its script, None where it has none.
    """

    locale: Locale
    word: Callable[[Draws], str]
    alphabets: tuple[str, ...]
    longest: int
    native: Locale | None = None


Composer = Callable[[Draws, Context], str]


def words(text: str) -> tuple[str, ...]:
    """The words of `text`: tables are easier to read so."""
    return tuple(text.split())


def pattern(picture: str) -> Pattern:
    """Parse a picture into one alphabet a character; a literal is an alphabet of one."""
    parts: list[str] = []
    literal = False
    for c in picture:
        if c in "{}":
            literal = c == "{"
        else:
            parts.append(c if literal else _ALPHABETS.get(c, c))
    return tuple(parts)


def pictures(text: str) -> tuple[str, ...]:
    """Several pictures, with bars or line breaks between them."""
    return tuple(picture.strip() for line in text.strip().splitlines() for picture in line.split(" | "))


def patterns(text: str) -> tuple[Pattern, ...]:
    """The patterns of several pictures."""
    return tuple(pattern(picture) for picture in pictures(text))


def fill(draws: Draws, alphabets: Pattern) -> str:
    """One character out of each alphabet."""
    random = draws.random
    return "".join([a if len(a) == 1 else a[int(random() * len(a))] for a in alphabets])


class Table:
    """Ways to write something, each with a weight."""

    def __init__(self, *rows: tuple[float, Composer]) -> None:
        self.functions = [function for _, function in rows]
        self.cumulative = list(accumulate(weight for weight, _ in rows))

    def __call__(self, draws: Draws, context: Context) -> str:
        row = bisect_right(self.cumulative, draws.random() * self.cumulative[-1])
        return self.functions[min(row, len(self.functions) - 1)](draws, context)


def any_of(pictures: str) -> Composer:
    """Any of the patterns, each as likely."""
    table = patterns(pictures)
    return lambda draws, context: fill(draws, draws.choice(table))


def marks(draws: Draws, context: Context) -> tuple[str, str]:
    """The marks of thousands and of decimals: mostly the language's own, always with the digits of its script."""
    if context.locale.digits or draws.chance(0.85):
        return context.locale.thousands, context.locale.decimal
    return draws.choice(((",", "."), (".", ","), (" ", ","), ("'", "."), ("", "."), ("", ",")))


def magnitude(draws: Draws, most: int) -> str:
    """A whole number of 1 to `most` digits, as digits."""
    return fill(draws, (NONZERO,) + (string.digits,) * draws.integer(most))


def grouped(digits: str, mark: str, context: Context) -> str:
    """Digits in groups, from the right: of three, or as in India of three and then of two."""
    last, others = context.locale.grouping
    groups = [digits[-last:]]
    end = len(digits) - last
    while end > 0:
        groups.append(digits[max(0, end - others) : end])
        end -= others
    return mark.join(reversed(groups))


def label_text(draws: Draws, context: Context, which: str) -> str:
    """A label of the language's forms and receipts (see `languages.LABELS`); "" where none is known."""
    labels = context.locale.language.labels.get(which)
    return draws.choice(labels) if labels else ""


def upper(text: str, context: Context) -> str:
    """`text` in capitals, as the language writes them."""
    return letter_case.upper(text, context.locale.language)
