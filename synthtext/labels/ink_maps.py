"""Ink masks: which pixels a text's ink covers, and which char and word each of these pixels belongs to.

Ink is the letters' own shape: the area inside of their outlines, by exact coverage (`raster/coverage.py`), less what
is known to hide it or to have taken it away. A pixel belongs to the char that most of the ink in it is of, letters
being laid over one another in the order in which they are drawn; of equal ones, to the later. `ink_planes.py` makes it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from synthtext.core.errors import InputError

Ids = npt.NDArray[np.uint16]

#: The coverage from which on a pixel counts as ink, where nothing else is asked for.
THRESHOLD = 0.5
#: The maps of an `Ink`, and what batches, columns and folders that hold them are called.
INK_NAMES = {"coverage": "ink", "words": "ink_words", "chars": "ink_chars"}
INK_MAPS = tuple(INK_NAMES)


class Ink(Struct, frozen=True, eq=False):
    """The ink of a sample, pixel by pixel.

    `coverage` uint8 (H, W): 255 times the part of the pixel's square that visible, labelled ink covers, rounded.
    `owner` uint16 (H, W): the part of the text that the pixel's ink is of, 0 where `coverage` is 0. `char_ids`,
    `word_ids` uint16 (n + 1,): of each part, from 0 for none, the number of its char and its word in the order of the
    labels, counted from 1; 0 where it has no label.
    """

    coverage: npt.NDArray[np.uint8]
    owner: Ids
    char_ids: Ids
    word_ids: Ids

    def chars(self, threshold: float = THRESHOLD) -> Ids:
        """uint16 (H, W): i + 1 where the ink of char i of the sample's labels is, else 0.

        `threshold` in [0, 1]: the coverage from which on a pixel counts as ink; 0 takes every pixel with any ink.
        Raises InputError for another.
        """
        return self._map(self.char_ids, threshold)

    def words(self, threshold: float = THRESHOLD) -> Ids:
        """uint16 (H, W): i + 1 where the ink of word i of the sample's labels is, else 0; see `chars`."""
        return self._map(self.word_ids, threshold)

    def _map(self, ids: Ids, threshold: float) -> Ids:
        result: Ids = ids[self.owner]
        result[self.coverage < least_coverage(threshold)] = 0
        return result


def ink_maps(ink: Ink, maps: Sequence[str] = INK_MAPS, threshold: float = THRESHOLD) -> list[npt.NDArray[Any]]:
    """Some of the maps of INK_MAPS: `coverage`, and `words` and `chars` at a threshold."""
    make = {"words": ink.words, "chars": ink.chars}
    return [make[name](threshold) if name in make else ink.coverage for name in maps]


def least_coverage(threshold: float) -> int:
    """The least coverage, 1 to 255, that counts as ink at a threshold in [0, 1]. Raises InputError for another."""
    if isinstance(threshold, bool) or not isinstance(threshold, int | float) or not 0.0 <= threshold <= 1.0:
        raise InputError(f"threshold: is {threshold!r}; give the part of a pixel that ink is to cover, from 0 to 1")
    return max(math.ceil(255.0 * threshold), 1)
