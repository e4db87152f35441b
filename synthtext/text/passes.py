"""Access to many texts by number, each as often as its share, whatever came before."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from synthtext.core.rng import hash64, permute


class Passes:
    """Access to `items` by running number, in passes of as many as there are: each once a pass, or, by `edges` (running
    sums of their weights), each as often as n times its share, up or down to a whole number.
    """

    __slots__ = ("_edges", "_key", "_last", "items")

    def __init__(self, items: Sequence[str], key: int, edges: Sequence[float] = ()) -> None:
        self.items = items
        self._edges = edges
        self._key = key
        self._last = -1, 0, 0.0

    def __getitem__(self, number: int) -> str:
        n = len(self.items)
        turn, place = divmod(number, n)
        last = self._last  # the pass, its key and offset: kept for speed alone, as one, so that threads may share it
        if last[0] != turn:
            pass_key = hash64(self._key, turn)
            last = self._last = turn, pass_key, (hash64(pass_key, 1) >> 11) * 2.0**-53
        _, pass_key, offset = last
        place = permute(place, n, pass_key)
        if not self._edges:
            return self.items[place]
        # Systematic sampling: n points evenly spaced over the weights, from a random offset.
        return self.items[find(self._edges, (place + offset) / n)]


def find(edges: Sequence[float], share: float) -> int:
    """Where a share in [0, 1) of the weights falls."""
    return min(bisect_right(edges, share * edges[-1]), len(edges) - 1)
