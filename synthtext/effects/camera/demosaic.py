"""The mosaic of a Bayer sensor."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from msgspec import Meta

from synthtext.core.kernel import kernel
from synthtext.core.rng import Draws
from synthtext.effects.canvas import Canvas
from synthtext.effects.effect import Effect, EffectParams, Stock


class Demosaic(Effect):
    """Artefacts of a Bayer sensor, of a picture at the sensor's own size; how much of them, in [0, 1]."""

    strength = (0.3, 1.0)
    limits = (0.0, 1.0)
    scope = "picture"

    class Params(EffectParams, frozen=True):
        """`bayer`: which of the four arrangements of the mosaic."""

        bayer: Annotated[int, Meta(ge=0, le=3)]

    def draw(self, draws: Draws, strength: float, stock: Stock) -> Params:
        return self.Params(strength=strength, bayer=draws.integer(4))

    def process(self, canvas: Canvas, params: Params) -> None:
        demosaic(canvas.codes, params.bayer & 1, params.bayer >> 1, params.strength)


@kernel
def _fill_in(row, i, total, count, part):
    """Move `row[i]` by `part` of the way to the mean of `count` values that add up to `total`."""
    if count > 0:
        own = np.float64(row[i])
        row[i] = np.uint8(own + part * (total / count - own) + 0.5)


@kernel
def demosaic(codes, odd_x, odd_y, part):
    """Keep one channel a pixel, as under a Bayer filter, and fill in the others by their neighbours' means, in place.

    Red lies where x has the parity `odd_x` and y that of `odd_y`, blue where neither has. `codes`: uint8 (h, 3 w).
    `part`: of the filled-in values, in [0, 1]; the rest stays as it is.
    """
    height, width = codes.shape[0], codes.shape[1] // 3
    # Zeros all round, and how many neighbours there are.
    source = np.zeros((height + 2, 3 * (width + 2)), np.int32)
    for y in range(height):
        source[y + 1, 3 : 3 * width + 3] = codes[y]
    for y in range(height):
        row = codes[y]
        above, own, below = source[y], source[y + 1], source[y + 2]
        upright = (1 if y > 0 else 0) + (1 if y < height - 1 else 0)
        # Of the row's two kinds of pixels, one is green; the other is red in every second row, blue in the others. `at`
        # is the colour of that, `other` the one that has no pixel in the row.
        red_row = (y & 1) == odd_y
        at, other = (0, 2) if red_row else (2, 0)
        for x in range(width):
            i = 3 * x + 3  # of this pixel in `source`
            level = (1 if x > 0 else 0) + (1 if x < width - 1 else 0)
            if ((x & 1) == odd_x) == red_row:
                sides = own[i - 2] + own[i + 4] + above[i + 1] + below[i + 1]
                corners = above[i + other - 3] + above[i + other + 3] + below[i + other - 3] + below[i + other + 3]
                _fill_in(row, 3 * x + 1, sides, level + upright, part)
                _fill_in(row, 3 * x + other, corners, level * upright, part)
            else:
                _fill_in(row, 3 * x + at, own[i + at - 3] + own[i + at + 3], level, part)
                _fill_in(row, 3 * x + other, above[i + other] + below[i + other], upright, part)
