"""One lamp's light."""

from __future__ import annotations

import numpy as np

from synthtext.core.kernel import kernel
from synthtext.core.records import Angle, Number, Positive
from synthtext.core.rng import Draws
from synthtext.effects.canvas import Canvas
from synthtext.effects.effect import Effect, EffectParams, Stock
from synthtext.paint.colour import colour


class Night(Effect):
    """One lamp's light in the dark; stops of light that are missing."""

    strength = (0.5, 3.0)
    limits = (0.0, 8.0)
    scope = "picture"

    class Params(EffectParams, frozen=True):
        """The lamp: its place in widths and heights, its reach in heights, its hue in radians."""

        x: Number
        y: Number
        reach: Positive
        hue: Angle

    def draw(self, draws: Draws, strength: float, stock: Stock) -> Params:
        return self.Params(
            strength=strength,
            x=draws.random(),
            y=draws.uniform(-0.5, 1.0),
            reach=draws.uniform(0.8, 3.0),
            hue=draws.choice((0.55, 0.8, 1.0, -2.2)),
        )

    def after(self, canvas: Canvas, params: Params) -> None:
        height, width = canvas.height, canvas.width
        lamp = np.array(colour(75.0, 0.55, params.hue)) / 0.5625
        dark = 0.5**params.strength
        light_up(canvas.image, params.x * width, params.y * height, params.reach * height, dark, lamp)


@kernel
def light_up(image, lamp_x, lamp_y, reach, dark, lamp):
    """Night: the light of one lamp at (`lamp_x`, `lamp_y`), falling off over `reach` pixels, in place.

    `dark`: the part of the light that is left where the lamp is. `lamp`: float64 (3,), its colour, about 1.
    """
    for y in range(image.shape[0]):
        for x in range(image.shape[1]):
            dx, dy = (x + 0.5 - lamp_x) / reach, (y + 0.5 - lamp_y) / reach
            fall = 1.0 / (1.0 + 0.5 * (dx * dx + dy * dy))
            for k in range(3):
                image[y, x, k] *= np.float32(dark * (0.25 + 0.75 * fall * lamp[k]))
