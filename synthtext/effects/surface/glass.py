"""A dirty pane."""

from __future__ import annotations

import numpy as np

from synthtext.core.kernel import kernel
from synthtext.core.records import Key
from synthtext.core.rng import Draws
from synthtext.effects.canvas import Canvas
from synthtext.effects.effect import Effect, EffectParams, Stock


class Glass(Effect):
    """Dirt and haze on a pane before the text; their opacity."""

    strength = (0.15, 0.6)
    limits = (0.0, 1.0)
    scope = "picture"

    class Params(EffectParams, frozen=True):
        """`key`: where in the fields of dirt and haze."""

        key: Key

    def draw(self, draws: Draws, strength: float, stock: Stock) -> Params:
        return self.Params(strength=strength, key=draws.key())

    def after(self, canvas: Canvas, params: Params) -> None:
        dirt, haze = canvas.field("worn", params.key >> 5, 45.0), canvas.field("cloud", params.key >> 7, 40.0)
        veil(canvas.image, np.float32(0.45) * haze + np.float32(0.55) * dirt * dirt, params.strength, 0.5)


@kernel
def veil(image, field, strength, tone):
    """Dirty glass: light scattered by it, in place. `field`: float32 (H, W) in [0, 1], how dirty; `tone`: its light."""
    for y in range(field.shape[0]):
        for x in range(field.shape[1]):
            a = np.float32(strength) * field[y, x]
            for k in range(3):
                image[y, x, k] += a * (np.float32(tone) - image[y, x, k])
