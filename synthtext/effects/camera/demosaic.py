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
def demosaic(codes, odd_x, odd_y, part):  # type: ignore[no-untyped-def]
    """Keep one channel a pixel, as under a Bayer filter, and fill in the others by their neighbours' means, in place.

    Red lies where x has the parity `odd_x` and y that of `odd_y`, blue where neither has. `codes`: uint8 (h, 3 w).
    `part`: of the filled-in values, in [0, 1]; the rest stays as it is.
    """
    height, width = codes.shape[0], codes.shape[1] // 3
    source = codes.copy()
    for y in range(height):
        for x in range(width):
            for k in range(3):
                total, count = 0, 0
                for j in range(max(y - 1, 0), min(y + 2, height)):
                    for i in range(max(x - 1, 0), min(x + 2, width)):
                        red = (i & 1) == odd_x and (j & 1) == odd_y
                        blue = (i & 1) != odd_x and (j & 1) != odd_y
                        here = red if k == 0 else blue if k == 2 else not red and not blue
                        # Green of the corners is further away than green of the sides, and is not asked.
                        if here and (k != 1 or i == x or j == y):
                            if i == x and j == y:
                                total, count = 9 * source[j, 3 * i + k], 9
                            elif count != 9:
                                total, count = total + source[j, 3 * i + k], count + 1
                if count > 0:
                    own = np.float64(source[y, 3 * x + k])
                    codes[y, 3 * x + k] = np.uint8(own + part * (total / count - own) + 0.5)
