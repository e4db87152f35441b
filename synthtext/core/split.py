"""Splits that are really apart: fonts by family, backgrounds by photograph and words by their letters go to one each.

Where an item goes is a function of its name, `split.seed` and `split.shares`, whatever else there is: the item is
hashed to a place in [0, 1), and the splits have intervals as long as their shares. So the split of a word
stays when the vocabulary grows, and data sets that are made apart, at other times or on other machines, fit together.
Of few items (photographs, families) a small share may get none; then it takes the one that lies nearest to it.
"""

from __future__ import annotations

import hashlib
import re
import typing
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate, pairwise
from typing import Annotated

import msgspec
from msgspec import Meta

from synthtext.core.errors import InputError
from synthtext.core.section import Section, Weights

_INT64 = 2**63 - 1
SplitKind = typing.Literal["fonts", "backgrounds", "words"]
SPLIT_KINDS: tuple[SplitKind, ...] = ("fonts", "backgrounds", "words")


class SplitConfig(Section, frozen=True):
    """One of several splits whose fonts, backgrounds and words are disjoint, whatever the seed of the samples.

    `name`: which one ("" for all there is, undivided). `shares`: of every split, relative, by name, in order; the same
    for each. `by`: what is divided: fonts (by family), backgrounds (photographs; textures are made up, and are not
    divided), words (of the languages' lists, in any case; lines of `text.files`, and composed texts such as numbers
    and dates, each as a whole). `seed`: another one divides otherwise.
    """

    PATH = "split"

    name: str = ""
    shares: Weights = msgspec.field(default_factory=dict)
    by: tuple[SplitKind, ...] = SPLIT_KINDS
    seed: Annotated[int, Meta(ge=-_INT64 - 1, le=_INT64)] = 0

    def problems(self) -> Iterator[tuple[str, str]]:
        if not self.name:
            return
        if self.name not in self.shares:
            known = ", ".join(self.shares) or "none is named"
            yield "name shares", f"{self.name!r} is none of the splits in `shares` ({known})"
        for name, share in self.shares.items():
            if not share > 0.0:
                yield "shares", f"{name} has the share {share:g}; give each a share above 0"


NO_SPLIT = SplitConfig()

_UNIT = 2.0**-53
# Of 4,000 tried, the one with which seed 0 gives the usual shares of the embedded fonts and photographs, and of the
# fonts' styles, best what they ask for: of 119 families, chance alone would often give a share of 0.05 only two.
_SALT = 73
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


def _place(seed: int, kind: str, name: str) -> float:
    """Where an item lies in [0, 1)."""
    data = f"{_SALT}\0{seed}\0{kind}\0{name}".encode("utf-8", "surrogatepass")
    return (int.from_bytes(hashlib.blake2b(data, digest_size=8).digest()) >> 11) * _UNIT


def _intervals(config: SplitConfig) -> dict[str, tuple[float, float]]:
    """By name, so that the order in which the shares are given does not matter."""
    names = sorted(config.shares)
    whole = sum(config.shares[name] for name in names)
    edges = [x / whole for x in accumulate((config.shares[name] for name in names), initial=0.0)]
    edges[-1] = 1.0
    return dict(zip(names, pairwise(edges), strict=True))


def divides(config: SplitConfig, kind: str) -> bool:
    """Whether items of a kind (fonts, backgrounds, words) are divided at all."""
    return bool(config.name) and kind in config.by


def divide(config: SplitConfig, kind: str, names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Which of few items (family names, photographs) each split gets, sorted; none is left without.

    Raises InputError for fewer items than splits.
    """
    places = {name: _place(config.seed, kind, name.casefold()) for name in sorted(set(names))}
    intervals = _intervals(config)
    if len(places) < len(intervals):
        raise InputError(
            f"split: {len(places)} {kind} cannot be divided among {len(intervals)} splits ({', '.join(intervals)}); "
            f"add some, or leave {kind} out of split.by"
        )
    result: dict[str, set[str]] = {split: set() for split in intervals}
    for name, x in places.items():
        result[next(s for s, (a, b) in intervals.items() if a <= x < b)].add(name)
    for split, (a, b) in intervals.items():
        if not result[split]:
            spare = [name for held in result.values() if len(held) > 1 for name in held]
            nearest = min(spare, key=lambda name: (abs(places[name] - 0.5 * (a + b)), name))
            for held in result.values():
                held.discard(nearest)
            result[split].add(nearest)
    return {split: tuple(sorted(held)) for split, held in result.items()}


def members(config: SplitConfig, kind: str, names: Iterable[str]) -> frozenset[str]:
    """Of few items, those of this split; all where the kind is not divided."""
    return frozenset(divide(config, kind, names)[config.name] if divides(config, kind) else names)


def text_filter(config: SplitConfig) -> Callable[[str], bool] | None:
    """Whether a word, or a composed text as a whole, is of this split, in whatever case; None where all are."""
    if not divides(config, "words"):
        return None
    low, high = _intervals(config)[config.name]
    seed = config.seed

    def holds(text: str) -> bool:
        return low <= _place(seed, "words", unicodedata.normalize("NFC", text.casefold())) < high

    return holds


def parse_shares(text: str) -> dict[str, float]:
    """The shares of `train=0.9,val=0.05,test=0.05`. Raises InputError."""
    shares: dict[str, float] = {}
    for part in text.split(","):
        name, equals, value = (x.strip() for x in part.partition("="))
        try:
            share = float(value)
        except ValueError:
            share = -1.0
        if not equals or not _NAME.fullmatch(name) or name in shares or not 0.0 < share < float("inf"):
            raise InputError(
                f"--split {text}: write each split once as name=share, such as train=0.9,val=0.05,test=0.05"
            )
        shares[name] = share
    if len(shares) < 2:
        raise InputError(f"--split {text}: name two splits or more, such as train=0.9,val=0.1")
    return shares
