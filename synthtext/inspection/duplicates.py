"""Pictures and texts that a data set has twice, or shares with another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthtext.inspection.gather import EXAMPLES, Array, Gathered, families
from synthtext.inspection.pictures import near_pairs

_FLAT_HASH = 8.0  # lightness between the 5th and 95th percentile, below which a hash says nothing of near-duplicates


def duplicates(g: Gathered) -> tuple[int, list[tuple[int, int]], int, list[tuple[int, int]]]:
    """Pictures whose bytes an earlier one has: how many and pairs of them; and of these with another text the same."""
    known = g.digest != 0
    numbers = np.flatnonzero(known)
    order = numbers[np.argsort(g.digest[numbers], kind="stable")]
    same = np.flatnonzero(g.digest[order[1:]] == g.digest[order[:-1]])
    pairs = [(int(order[i]), int(order[i + 1])) for i in same.tolist()]
    clashes = [pair for pair in pairs if g.text_key[pair[0]] != g.text_key[pair[1]]]
    return len(pairs), pairs[:EXAMPLES], len(clashes), clashes[:EXAMPLES]


def _telling(g: Gathered) -> Array:
    """Rows of the sample whose hash says something: bool (k,)."""
    told: Array = (g.looks[:, 1] - g.looks[:, 0]) / 2.55 >= _FLAT_HASH
    return told


def near_duplicates(g: Gathered) -> tuple[int, list[tuple[int, int]]]:
    """Sampled pictures that look the same and have other bytes: how many pairs, and the first, by picture."""
    rows = np.flatnonzero(_telling(g))
    pairs, count = near_pairs(g.hashes[rows], g.thumbs[rows])
    numbers = g.sampled[rows[pairs]] if len(pairs) else np.zeros((0, 2), np.int64)
    other = g.digest[numbers[:, 0]] != g.digest[numbers[:, 1]]
    return count - int((~other).sum()), [(int(i), int(j)) for i, j in numbers[other][:EXAMPLES].tolist()]


@dataclass(frozen=True)
class Leakage:
    """What two data sets share. Counts are of the first one's; pairs are (picture of the first, of the second)."""

    identical: int
    identical_pairs: list[tuple[int, int]]
    near: int
    near_pairs: list[tuple[int, int]]
    texts: int  # distinct labels that both have, in whatever case
    labels: int  # the first one's labels whose text the second has
    families: tuple[str, ...]
    photos: tuple[str, ...]
    indices: int  # samples that are the same by construction: same digest, seed and index


def leakage(a: Gathered, b: Gathered) -> Leakage:
    """What the data set `a` shares with `b`."""
    place = {int(d): j for j, d in reversed(list(enumerate(b.digest.tolist()))) if d}
    pairs = [(i, place[d]) for i, d in enumerate(a.digest.tolist()) if d in place]
    near: list[tuple[int, int]] = []
    rows_a, rows_b = np.flatnonzero(_telling(a)), np.flatnonzero(_telling(b))
    found, _ = near_pairs(
        np.concatenate([a.hashes[rows_a], b.hashes[rows_b]]),
        np.concatenate([a.thumbs[rows_a], b.thumbs[rows_b]]),
        np.repeat(np.array([0, 1], np.uint8), [len(rows_a), len(rows_b)]),
    )
    for i, j in found.tolist():
        one, other = int(a.sampled[rows_a[i]]), int(b.sampled[rows_b[j - len(rows_a)]])
        if a.digest[one] != b.digest[other]:
            near.append((one, other))
    shared = {text.casefold() for text in a.texts} & {text.casefold() for text in b.texts}
    return Leakage(
        len(pairs),
        pairs[:EXAMPLES],
        len({one for one, _ in near}),
        near[:EXAMPLES],
        len(shared),
        sum(count for text, count in a.texts.items() if text.casefold() in shared),
        tuple(sorted(families(a).keys() & families(b).keys())),
        tuple(sorted(a.photos.keys() & b.photos.keys())),
        _shared_indices(a, b),
    )


def _shared_indices(a: Gathered, b: Gathered) -> int:
    one, other = a.reader.manifest, b.reader.manifest
    if one is None or other is None or (one.digest, one.seed) != (other.digest, other.seed):
        return 0
    return max(min(one.start + one.count, other.start + other.count) - max(one.start, other.start), 0)
