"""A display's pixels."""

from __future__ import annotations

import math

import numpy as np

from synthtext.core.kernel import kernel
from synthtext.core.records import Angle, Positive
from synthtext.core.rng import Draws
from synthtext.effects.canvas import Canvas
from synthtext.effects.effect import Effect, EffectParams, Stock


class Screen(Effect):
    """A display's pixels, which beat with the camera's (moire); depth of its pattern."""

    strength = (0.2, 0.9)
    limits = (0.0, 1.0)
    sheet = True
    gallery = ("paint.background.kinds={gradient: 1}",)

    class Params(EffectParams, frozen=True):
        """`pitch`: em from pixel to pixel; `angle`: of their rows, radians."""

        pitch: Positive
        angle: Angle

    def draw(self, draws: Draws, strength: float, stock: Stock) -> Params:
        return self.Params(strength=strength, pitch=draws.log_uniform(0.025, 0.1), angle=draws.normal(0.0, 0.05))

    def after(self, canvas: Canvas, params: Params) -> None:
        c, s = math.cos(params.angle) / params.pitch, math.sin(params.angle) / params.pitch
        screen(canvas.image, canvas.plane, c, s, params.strength)


@kernel
def screen(image, plane, c, s, depth):
    """Show the picture on a screen: stripes of red, green and blue in rows, in place.

    `plane`: float64 (9,), pixels to em. (c, s): of the screen's axis, over the em from one of its pixels to the next.
    Where these are nearly as small as the camera's, the two grids beat: moire, as each pixel of the picture takes one
    sample. `depth` in [0, 1].
    """
    turn = 2.0 * math.pi
    for y in range(image.shape[0]):
        for x in range(image.shape[1]):
            px, py = x + 0.5, y + 0.5
            w = 1.0 / (plane[6] * px + plane[7] * py + plane[8])
            u = (plane[0] * px + plane[1] * py + plane[2]) * w
            v = (plane[3] * px + plane[4] * py + plane[5]) * w
            a, b = c * u + s * v, c * v - s * u
            line = 1.0 + depth * 0.45 * math.cos(turn * b)
            for k in range(3):
                stripe = 1.0 + depth * 0.8 * math.cos(turn * (a - k / 3.0))
                image[y, x, k] = np.float32(min(image[y, x, k] * line * stripe, 1.0))
