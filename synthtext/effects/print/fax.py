"""A scan in one bit a pixel."""

from __future__ import annotations

import math
from typing import Annotated

import numpy as np
from msgspec import Meta

from synthtext.core.kernel import kernel
from synthtext.core.rng import Draws
from synthtext.effects.canvas import Canvas
from synthtext.effects.effect import Effect, EffectParams, Stock


class Fax(Effect):
    """Scanned in one bit a pixel; the scanner's pixel in em (never less than a pixel of the picture)."""

    strength = (0.02, 0.09)
    limits = (0.0, 0.5)
    scope = "picture"

    class Params(EffectParams, frozen=True):
        """`bias`: by which the scanner's threshold lies off the middle, in 8-bit levels."""

        bias: Annotated[float, Meta(ge=-255.0, le=255.0)]

    def draw(self, draws: Draws, strength: float, stock: Stock) -> Params:
        return self.Params(strength=strength, bias=draws.normal(0.0, 10.0))

    def scan(self, canvas: Canvas, params: Params) -> None:
        bilevel(canvas.codes, max(params.strength * canvas.em, 1.0), params.bias)


@kernel
def bilevel(codes, pitch, bias):
    """Scan in one bit a pixel, in place: black or white by the mean of each cell of `pitch` x `pitch` pixels.

    `codes`: uint8 (h, 3 w). The threshold is halfway between the means of what is darker and of what is lighter than
    the picture's mean (one step of Ridler and Calvard, 1978), plus `bias` levels.
    """
    height, width = codes.shape[0], codes.shape[1] // 3
    grey = np.empty((height, width))
    total = 0.0
    for y in range(height):
        for x in range(width):
            grey[y, x] = 0.299 * codes[y, 3 * x] + 0.587 * codes[y, 3 * x + 1] + 0.114 * codes[y, 3 * x + 2]
            total += grey[y, x]
    mean = total / (height * width)
    dark, darks, light, lights = 0.0, 0, 0.0, 0
    for y in range(height):
        for x in range(width):
            if grey[y, x] < mean:
                dark, darks = dark + grey[y, x], darks + 1
            else:
                light, lights = light + grey[y, x], lights + 1
    threshold = mean
    if darks > 0 and lights > 0:
        threshold = 0.5 * (dark / darks + light / lights)
    threshold += bias
    rows, columns = math.ceil(height / pitch), math.ceil(width / pitch)
    for j in range(rows):
        y0, y1 = int(j * pitch), min(max(int((j + 1) * pitch), int(j * pitch) + 1), height)
        for i in range(columns):
            x0, x1 = int(i * pitch), min(max(int((i + 1) * pitch), int(i * pitch) + 1), width)
            sums, count = 0.0, 0
            for y in range(y0, y1):
                for x in range(x0, x1):
                    sums, count = sums + grey[y, x], count + 1
            value = np.uint8(255) if count > 0 and sums / count >= threshold else np.uint8(0)
            for y in range(y0, y1):
                for x in range(3 * x0, 3 * x1):
                    codes[y, x] = value
