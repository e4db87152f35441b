"""Which of several sources a sample comes from, by its index alone, in shares that are exact over each block.

Samples are taken in blocks of `BLOCK`. A keyed permutation sends each sample's place in its block to a slot; the slots
are divided among the sources by weight. So each block holds every source's share exactly, and a sample's running number
within its source (block * slots of the source + slot) is known from its index alone.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from synthtext.core.rng import permute

BLOCK = 4096
_ODD = 0x9E3779B97F4A7C15
_MASK = 0xFFFFFFFFFFFFFFFF


class Shares:
    """Deals samples to sources by weight. `key`: a 64-bit integer, which names the order."""

    def __init__(self, weights: Sequence[float], key: int) -> None:
        self._edges = list(accumulate(apportion(weights, BLOCK)))
        self._key = key

    def assign(self, index: int) -> tuple[int, int]:
        """The source of a sample, and the sample's running number within that source."""
        if len(self._edges) == 1:
            return 0, index
        block, place = divmod(index, BLOCK)
        slot = permute(place, BLOCK, (self._key + block * _ODD) & _MASK)
        source = bisect_right(self._edges, slot)
        start = self._edges[source - 1] if source else 0
        return source, block * (self._edges[source] - start) + slot - start


def apportion(weights: Sequence[float], total: int) -> list[int]:
    """`total` slots divided by weight (largest remainders), at least one for each positive weight."""
    whole = sum(weights)
    exact = [weight / whole * total for weight in weights]
    slots = [max(1, int(x)) for x in exact]
    by_remainder = sorted(range(len(slots)), key=lambda i: (slots[i] - exact[i], i))
    for i in by_remainder[: max(0, total - sum(slots))]:
        slots[i] += 1
    while sum(slots) > total:
        slots[max(range(len(slots)), key=slots.__getitem__)] -= 1
    return slots
