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
    """What a composed text may lean on: the language's habits, a source of words, the alphabets of random strings."""

    locale: Locale
    word: Callable[[Draws], str]
    alphabets: tuple[str, ...]
    longest: int


Composer = Callable[[Draws, Context], str]


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
    """The marks of thousands and of decimals: mostly the language's own."""
    if draws.chance(0.85):
        return context.locale.thousands, context.locale.decimal
    return draws.choice(((",", "."), (".", ","), (" ", ","), ("'", "."), ("", "."), ("", ",")))


def magnitude(draws: Draws, most: int) -> str:
    """A whole number of 1 to `most` digits, as digits."""
    return fill(draws, (NONZERO,) + (string.digits,) * draws.integer(most))


def grouped(digits: str, mark: str) -> str:
    """Digits in groups of three, from the right."""
    head = len(digits) % 3
    groups = [digits[:head]] if head else []
    return mark.join(groups + [digits[i : i + 3] for i in range(head, len(digits), 3)])


def native(draws: Draws, context: Context, text: str) -> str:
    """`text` in the digits of the script, for half of the texts in a language that has its own."""
    if context.locale.digits and draws.chance(0.5):
        return text.translate(str.maketrans(string.digits, context.locale.digits))
    return text


def label_text(draws: Draws, context: Context, which: int) -> str:
    """A label of the language's forms and receipts; "" where they aren't known."""
    return draws.choice(context.locale.labels[which]) if context.locale.labels else ""
