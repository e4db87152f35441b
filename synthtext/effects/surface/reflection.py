"""A scene in a pane."""

from __future__ import annotations

import numpy as np
from msgspec.structs import replace

from synthtext.core.kernel import kernel
from synthtext.core.rng import Draws
from synthtext.degrade.optics import blur
from synthtext.effects.canvas import Canvas
from synthtext.effects.effect import Effect, EffectParams, Stock
from synthtext.paint.backgrounds import BackgroundParams, apply_background, draw_background


class Reflection(Effect):
    """A scene is reflected in a pane before the text; part of its light."""

    strength = (0.1, 0.5)
    limits = (0.0, 1.0)
    scope = "picture"

    class Params(EffectParams, frozen=True):
        """`mirrored`: what is reflected."""

        mirrored: BackgroundParams

    def draw(self, draws: Draws, strength: float, stock: Stock) -> Params:
        kinds = {"photo": 1.0} if stock.library.names else {"gradient": 1.0}
        mirrored = draw_background(draws, replace(stock.background, kinds=kinds), stock.library)
        return self.Params(strength=strength, mirrored=mirrored)

    def after(self, canvas: Canvas, params: Params) -> None:
        height, width = canvas.height, canvas.width
        layer = apply_background(params.mirrored, canvas.library, height, width, canvas.em, canvas.aspect)
        # What is reflected lies further away than what the camera is focused on.
        blur(layer.reshape(height, 3 * width), 0.0, 0.14 * canvas.across, 0.0, 0.0, 0.0, 1.0)
        add_light(canvas.image, layer, params.strength)


@kernel
def add_light(image, layer, part):
    """Add a part of the light of `layer`, float32 (H, W, 3), to `image`, in place: a reflection."""
    for y in range(image.shape[0]):
        for x in range(image.shape[1]):
            for k in range(3):
                lit = image[y, x, k] * np.float32(1.0 - 0.3 * part) + np.float32(part) * layer[y, x, k]
                image[y, x, k] = min(lit, np.float32(1.0))
