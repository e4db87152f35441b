"""Properties of characters by the Unicode Character Database, one version of it on any Python: see `unicode.tsv`."""

from __future__ import annotations

import functools
from bisect import bisect_right
from pathlib import Path

_FILE = Path(__file__).with_name("unicode.tsv")


@functools.cache
def _values() -> dict[str, dict[str, str]]:
    """By property and value, the code points: ranges such as `41-5a`, hexadecimal, parted by blanks."""
    found: dict[str, dict[str, str]] = {}
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            name, value, code_points = line.split("\t")
            found.setdefault(name, {})[value] = code_points
    return found


def spans(name: str, value: str) -> list[tuple[int, int]]:
    """(first, last) of each range that the table has for a property's value."""
    ends = (text.partition("-") for text in _values()[name][value].split(" "))
    return [(int(first, 16), int(last or first, 16)) for first, _, last in ends]


class Property(dict[str, str]):
    """A property: of each character its value, found when it is first asked for and kept.

    `usual`: the value of all characters that the table does not name. `names`: what is told instead of some values.
    """

    def __init__(self, name: str, usual: str, names: dict[str, str] | None = None) -> None:
        super().__init__()
        self._name = name
        self._usual = usual
        self._names = names or {}

    @functools.cached_property
    def _ranges(self) -> tuple[list[int], list[tuple[int, str]]]:
        """The first code point of each range, in order; its last, and its value."""
        name = self._name
        found = sorted(
            (first, last, self._names.get(value, value))
            for value in _values()[name]
            for first, last in spans(name, value)
        )
        return [first for first, _, _ in found], [(last, value) for _, last, value in found]

    def __missing__(self, c: str) -> str:
        firsts, rest = self._ranges
        i = bisect_right(firsts, ord(c)) - 1
        value = rest[i][1] if i >= 0 and ord(c) <= rest[i][0] else self._usual
        self[c] = value
        return value
