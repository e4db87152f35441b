"""Counter-based random numbers: every draw is a function of (seed, stage, index, attempt) and nothing else.

The generator is Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011): the key is the
seed, the counter holds the stage, the attempt, the sample's index and a block number. Nothing here has global state.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Sequence
from enum import IntEnum
from itertools import chain
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from synthtext.core.kernel import ZERO, kernel

T = TypeVar("T")

_BLOCK = 64  # uniforms made at a time, where a stage asks for them
_MASK32 = 0xFFFFFFFF
_MASK64 = 0xFFFFFFFFFFFFFFFF


class Stage(IntEnum):
    """The stages that draw, each with a stream of its own: a change to one leaves the draws of the others alone.

    Numbers from 0x100 to 0xFFFF are the effects' (`stream_of`).
    """

    TEXT = 1
    FONT = 2
    LAYOUT = 3
    WARP = 4
    BACKGROUND = 5
    PAINT = 6
    DISTRACTOR = 8
    CROP = 9
    SCENE = 10
    TEXTURE = 11
    SPLIT = 12
    MIX = 13
    OUTLINE = 19
    SHUTTER = 20


# Uniforms made ahead for a stage of a sample, all stages in one call: all that a stage whose numbers a kernel draws may
# ask for, and as many as most samples ask for where Python draws (text, font and distractors).
AHEAD = {
    Stage.TEXT: 16,
    Stage.FONT: 4,
    Stage.LAYOUT: 20,
    Stage.WARP: 24,
    Stage.BACKGROUND: 28,
    Stage.PAINT: 52,
    Stage.DISTRACTOR: 4,
    Stage.CROP: 8,
    Stage.OUTLINE: 12,
    Stage.SHUTTER: 8,
}
_BY_NUMBER: dict[int, int] = {stage.value: count for stage, count in AHEAD.items()}
COUNTS = np.array([_BY_NUMBER.get(stage, 0) for stage in range(max(Stage) + 1)])  # the same, by the stage's number
STAGES = np.arange(len(COUNTS))
NUMBERS_SHAPE = (len(COUNTS), max(AHEAD.values()))
_FIRST_STREAM = 0x100  # those below are the stages'


def stream_of(path: str) -> int:
    """The number of an effect's random stream, 16 bits as a stage's, of its name alone: adding one moves no other."""
    digest = hashlib.sha256(path.encode()).digest()
    return _FIRST_STREAM + int.from_bytes(digest[:8], "little") % (0x10000 - _FIRST_STREAM)


@kernel
def philox4x32(c0, c1, c2, c3, k0, k1):
    """One block of Philox4x32-10: four counter words and two key words (all < 2**32) to four random words."""
    mask = np.uint64(0xFFFFFFFF)
    shift = np.uint64(32)
    x0, x1, x2, x3 = np.uint64(c0), np.uint64(c1), np.uint64(c2), np.uint64(c3)
    y0, y1 = np.uint64(k0), np.uint64(k1)
    for _ in range(10):
        p0 = np.uint64(0xD2511F53) * x0
        p1 = np.uint64(0xCD9E8D57) * x2
        x0, x1, x2, x3 = ((p1 >> shift) ^ x1 ^ y0) & mask, p1 & mask, ((p0 >> shift) ^ x3 ^ y1) & mask, p0 & mask
        y0 = (y0 + np.uint64(0x9E3779B9)) & mask
        y1 = (y1 + np.uint64(0xBB67AE85)) & mask
    return x0, x1, x2, x3


@kernel
def fill_uniform(out, seed, stage, index, block):
    """Fill `out`, float64 (4n,), with uniforms in [0, 1), multiples of 2**-32, of the stream (seed, stage, index).

    `seed`, `index`: uint64. `stage`: uint64 below 2**32 (it carries the attempt too). `block`: where in the stream.
    """
    mask = np.uint64(0xFFFFFFFF)
    shift = np.uint64(32)
    for i in range(out.shape[0] // 4):
        a, b, c, d = philox4x32(np.uint64(block + i), stage, index & mask, index >> shift, seed & mask, seed >> shift)
        out[4 * i] = a * 2.3283064365386963e-10
        out[4 * i + 1] = b * 2.3283064365386963e-10
        out[4 * i + 2] = c * 2.3283064365386963e-10
        out[4 * i + 3] = d * 2.3283064365386963e-10


@kernel
def fill_streams(out, streams, counts, seed, index, attempt):
    """Fill `out[i, : counts[i]]` with the first uniforms of each stream, `streams[i]`; counts are multiples of 4."""
    for i in range(counts.shape[0]):
        tagged = np.uint64(streams[i]) | (np.uint64(attempt) << np.uint64(16))
        fill_uniform(out[i, : counts[i]], seed, tagged, index, ZERO)


def _numbers(seed: int, stage: int, index: int, block: int) -> Iterator[float]:
    """The uniforms of the stream (seed, stage, index) from a block on, made `_BLOCK` at a time."""
    numbers = np.empty(_BLOCK)
    while True:
        fill_uniform(numbers, np.uint64(seed & _MASK64), np.uint64(stage), np.uint64(index & _MASK64), block)
        yield from numbers.tolist()
        block += _BLOCK // 4


class Draws:
    """The random numbers of one stage of one sample, in the order in which they are asked for.

    `random()` gives a float in [0, 1). All methods return plain Python numbers, so that records built from them are
    JSON as they stand.
    """

    __slots__ = ("random",)

    def __init__(self, seed: int, stage: int, index: int, attempt: int = 0, ahead: Sequence[float] = ()) -> None:
        """`ahead`: the stream's first numbers, where they are known already (a multiple of 4 of them)."""
        more = _numbers(seed, stage | (attempt << 16), index, len(ahead) // 4)
        # Bound to the iterator itself: a sample asks for a hundred numbers, and a method of ours would cost more than
        # all of them.
        self.random: Callable[[], float] = chain(ahead, more).__next__

    def uniform(self, low: float, high: float) -> float:
        """A float in [low, high)."""
        return low + (high - low) * self.random()

    def log_uniform(self, low: float, high: float) -> float:
        """A float in [low, high), its logarithm uniform; 0 < low <= high."""
        return low * math.exp(math.log(high / low) * self.random())

    def normal(self, mean: float = 0.0, sigma: float = 1.0) -> float:
        """A normal deviate (Box and Muller)."""
        radius = math.sqrt(-2.0 * math.log(1.0 - self.random()))
        return mean + sigma * radius * math.cos(2.0 * math.pi * self.random())

    def integer(self, n: int) -> int:
        """An integer in [0, n), n below 2**32."""
        return int(self.random() * n)

    def chance(self, p: float) -> bool:
        """True with probability p. Always takes one number, so that later draws do not move with p."""
        return self.random() < p

    def choice(self, items: Sequence[T]) -> T:
        """One of `items`, each as likely."""
        return items[int(self.random() * len(items))]

    def weighted(self, cumulative: Sequence[float]) -> int:
        """An index into `cumulative`, running sums of weights (the last is the total), by weight."""
        x = self.random() * cumulative[-1]
        for i, edge in enumerate(cumulative):
            if x < edge:
                return i
        return len(cumulative) - 1

    def take(self, n: int) -> npt.NDArray[np.float64]:
        """The next n numbers, float64 (n,), for a kernel that draws."""
        return np.array([self.random() for _ in range(n)])

    def key(self) -> int:
        """A 63-bit integer that keys the per-pixel noise of a kernel."""
        return (int(self.random() * 4294967296.0) << 31) ^ int(self.random() * 4294967296.0)


# What kernels draw with: `x` is a uniform in [0, 1), `row` a row of a table of
# parameters' ranges (see `section.params_table`).


@kernel
def uniform(row, x):
    """A float in the row's range."""
    return row[1] + (row[2] - row[1]) * x


@kernel
def log_uniform(row, x):
    """A float in the row's range, its logarithm uniform; 0 < low <= high."""
    return row[1] * math.exp(math.log(row[2] / row[1]) * x)


@kernel
def strength(row, chance, x, off):
    """A strength from the row's range where the uniform `chance` falls into its share, else `off`."""
    return row[1] + (row[2] - row[1]) * x if chance < row[0] else off


@kernel
def normal(x, y, sigma):
    """A normal deviate of two uniforms (Box and Muller)."""
    return sigma * math.sqrt(-2.0 * math.log(1.0 - x)) * math.cos(2.0 * math.pi * y)


@kernel
def choose(weights, x):
    """An index into `weights`, by weight."""
    x *= weights.sum()
    last = 0
    for i in range(weights.shape[0]):
        if weights[i] > 0.0:
            last = i
            x -= weights[i]
            if x < 0.0:
                return i
    return last


@kernel
def key_of(x, y):
    """A 63-bit integer of two uniforms, that keys the per-pixel noise of a kernel."""
    return (np.int64(x * 4294967296.0) << np.int64(31)) ^ np.int64(y * 4294967296.0)


@kernel
def _mix64(x):
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@kernel
def _permute(i, n, key):
    bits = np.uint64(1)
    while (np.uint64(1) << (np.uint64(2) * bits)) < n:
        bits += np.uint64(1)
    half_mask = (np.uint64(1) << bits) - np.uint64(1)
    x = np.uint64(i)
    while True:
        left, right = x >> bits, x & half_mask
        for r in range(6):
            left, right = right, left ^ (_mix64(right ^ key ^ _mix64(np.uint64(r) + key)) & half_mask)
        x = (left << bits) | right
        if x < n:
            return x


def permute(i: int, n: int, key: int) -> int:
    """Where the permutation of range(n) named by `key` sends i: sampling without replacement, by random access.

    A six-round Feistel network over the smallest even number of bits that holds n, walked until it lands inside
    (Black and Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002).

    Raises ValueError unless 0 <= i < n < 2**62.
    """
    if not 0 <= i < n < 1 << 62:
        raise ValueError(f"permute needs 0 <= i < n < 2**62, got i={i}, n={n}")
    return int(_permute(np.uint64(i), np.uint64(n), np.uint64(key & _MASK64)))


def hash64(*words: int) -> int:
    """A 64-bit hash of integers, the same in every process: keys for permutations and textures."""
    h = 0x9E3779B97F4A7C15
    for word in words:
        for part in (word & _MASK64, (word >> 64) & _MASK64):
            h = ((h ^ part) + 0x9E3779B97F4A7C15) & _MASK64
            h = ((h ^ (h >> 30)) * 0xBF58476D1CE4E5B9) & _MASK64
            h = ((h ^ (h >> 27)) * 0x94D049BB133111EB) & _MASK64
            h ^= h >> 31
    return h
