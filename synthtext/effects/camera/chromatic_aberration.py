"""Colour fringes of a lens."""

from __future__ import annotations

import math

import numpy as np

from synthtext.core.kernel import kernel
from synthtext.core.records import Angle
from synthtext.core.rng import Draws
from synthtext.effects.canvas import Canvas
from synthtext.effects.effect import Effect, EffectParams, Stock


class ChromaticAberration(Effect):
    """Shift of red and of blue against green, on which the labels lie, in line heights."""

    strength = (0.008, 0.04)
    limits = (0.0, 0.2)
    scope = "picture"

    class Params(EffectParams, frozen=True):
        """`angle`: where red is shifted to, radians."""

        angle: Angle

    def draw(self, draws: Draws, strength: float, stock: Stock) -> Params:
        return self.Params(strength=strength, angle=draws.uniform(0.0, 2.0 * math.pi))

    def lens(self, canvas: Canvas, params: Params) -> None:
        shift = params.strength * canvas.tall
        aberrate(canvas.rows, shift * canvas.aspect * math.cos(params.angle), shift * math.sin(params.angle))


@kernel
def aberrate(rows, dx, dy):
    """Shift red by (dx, dy) pixels and blue by the opposite, between pixels, in place; the edges are continued.

    Over the part of a photograph that a crop is, lateral chromatic aberration is a shift.
    """
    height, width = rows.shape[0], rows.shape[1] // 3
    source = rows.copy()
    for channel in (0, 2):
        sx, sy = (dx, dy) if channel == 0 else (-dx, -dy)
        for y in range(height):
            v = min(max(y - sy, 0.0), height - 1.0)
            j = int(v)
            m, fy = min(j + 1, height - 1), np.float32(v - j)
            for x in range(width):
                u = min(max(x - sx, 0.0), width - 1.0)
                i = int(u)
                k, fx = 3 * min(i + 1, width - 1) + channel, np.float32(u - i)
                i = 3 * i + channel
                top = source[j, i] + fx * (source[j, k] - source[j, i])
                bottom = source[m, i] + fx * (source[m, k] - source[m, i])
                rows[y, 3 * x + channel] = top + fy * (bottom - top)
