"""A lamp's reflection."""

from __future__ import annotations

import math

import numpy as np

from synthtext.core.kernel import kernel
from synthtext.core.records import Angle, Number, Positive
from synthtext.core.rng import Draws
from synthtext.effects.canvas import Canvas
from synthtext.effects.effect import Effect, EffectParams, Stock


class Glare(Effect):
    """A lamp's reflection; its light."""

    strength = (0.15, 0.8)
    limits = (0.0, 4.0)
    scope = "picture"

    class Params(EffectParams, frozen=True):
        """`x`, `y`: its place in widths and heights; `long`, `broad`: in heights; `angle` of its length, radians."""

        x: Number
        y: Number
        long: Positive
        broad: Positive
        angle: Angle

    def draw(self, draws: Draws, strength: float, stock: Stock) -> Params:
        return self.Params(
            strength=strength,
            x=draws.random(),
            y=draws.random(),
            long=draws.log_uniform(0.4, 3.0),
            broad=draws.log_uniform(0.12, 0.5),
            angle=draws.uniform(0.0, math.pi),
        )

    def after(self, canvas: Canvas, params: Params) -> None:
        height, width = canvas.height, canvas.width
        spot(
            canvas.image,
            params.x * width,
            params.y * height,
            params.long * height,
            params.broad * height,
            math.cos(params.angle),
            math.sin(params.angle),
            params.strength,
        )


@kernel
def spot(image, at_x, at_y, long, broad, c, s, strength):
    """Glare: a lamp's reflection at (`at_x`, `at_y`), `long` by `broad` pixels along (c, s), in place."""
    for y in range(image.shape[0]):
        for x in range(image.shape[1]):
            dx, dy = x + 0.5 - at_x, y + 0.5 - at_y
            a, b = (c * dx + s * dy) / long, (c * dy - s * dx) / broad
            r = 1.0 + a * a + b * b
            # A core that is blown out, and the sheen around it.
            light = np.float32(strength * (1.6 / (r * r) + 0.25 / r))
            for k in range(3):
                image[y, x, k] = min(image[y, x, k] + light, np.float32(1.0))
