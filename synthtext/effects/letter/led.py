"""A panel of lamps."""

from __future__ import annotations

import numpy as np
from msgspec.structs import replace

from synthtext.effects.canvas import Canvas
from synthtext.effects.effect import Effect, EffectParams
from synthtext.paint.composite import soften
from synthtext.paint.ink import PaintParams, shining
from synthtext.paint.relief import whiten


class Led(Effect):
    """A panel of round lamps; from one to the next."""

    strength = (0.05, 0.11)
    limits = (0.01, 0.5)
    sheet = True
    reach = 4.0
    excludes = (
        "double_border",
        "extrusion",
        "emboss",
        "engrave",
        "worn",
        "chipped",
        "stencil",
        "stitched",
        "ink_spread",
        "print.dot_matrix",
        "print.toner_loss",
        "print.thermal",
    )
    gallery = ("paint.background.kinds={plain: 1}",)

    def fit(self, paint: PaintParams, params: EffectParams) -> PaintParams:
        return replace(shining(paint), contrast=max(paint.contrast, 60.0))

    def cover(self, canvas: Canvas, params: EffectParams) -> None:
        canvas.drawn, unlit = canvas.dots(params.strength, 0.42, 1.35)
        canvas.kept[self.path] = unlit
        canvas.seen = canvas.seen * (canvas.drawn / np.maximum(canvas.drawn + unlit, np.float32(1e-3)))

    def behind(self, canvas: Canvas, params: EffectParams) -> None:
        canvas.shine(canvas.kept[self.path], np.full(3, 0.015), 0.2)
        glow = canvas.written.copy()
        soften(glow, max(0.12 * canvas.across, 0.5))
        canvas.shine(np.float32(0.12) * glow, canvas.tint, 1.0)

    def over(self, canvas: Canvas, params: EffectParams) -> None:
        whiten(canvas.image, canvas.written, canvas.written, 0.7 * canvas.tint + 0.3)
