"""A crumpled sheet."""

from __future__ import annotations

import numpy as np

from synthtext.core.kernel import kernel
from synthtext.core.records import Key
from synthtext.core.rng import Draws
from synthtext.effects.canvas import Canvas
from synthtext.effects.effect import ON_PAPER, Effect, EffectParams, Stock


class Crumple(Effect):
    """Creases of a crumpled sheet; depth of the shading."""

    strength = (0.2, 0.8)
    limits = (0.0, 1.0)
    sheet = True
    gallery = ON_PAPER

    class Params(EffectParams, frozen=True):
        """`key`: where in the field of facets."""

        key: Key

    def draw(self, draws: Draws, strength: float, stock: Stock) -> Params:
        return self.Params(strength=strength, key=draws.key())

    def after(self, canvas: Canvas, params: Params) -> None:
        brighten(canvas.image, canvas.field("facets", params.key, 55.0), 1.1 * params.strength)


@kernel
def brighten(image, field, depth):
    """Multiply `image` by 1 + depth (field - 1/2), in place. `field`: float32 (H, W), in [0, 1]."""
    for y in range(field.shape[0]):
        for x in range(field.shape[1]):
            gain = np.float32(1.0) + np.float32(depth) * (field[y, x] - np.float32(0.5))
            for k in range(3):
                image[y, x, k] = min(image[y, x, k] * gain, np.float32(1.0))
