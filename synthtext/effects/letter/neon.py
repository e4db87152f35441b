"""Letters of glowing tubes."""

from __future__ import annotations

import numpy as np
from msgspec.structs import replace

from synthtext.effects.canvas import Canvas
from synthtext.effects.effect import Effect, EffectParams
from synthtext.paint.ink import PaintParams, shining
from synthtext.paint.relief import whiten


class Neon(Effect):
    """Letters of glowing tubes; reach of the glow."""

    strength = (0.08, 0.4)
    limits = (0.0, 1.0)
    reach = 3.0
    excludes = ("led", "double_border", "extrusion", "emboss", "engrave", "worn", "stitched", "ink_spread")
    gallery = ("paint.background.kinds={brick: 1}", "paint.saturation=[1, 1]")

    def fit(self, paint: PaintParams, params: EffectParams) -> PaintParams:
        # Full colours are not the lightest: a tube's is seen in its glow.
        contrast, saturation = min(max(paint.contrast, 50.0), 60.0), max(paint.saturation, 0.85)
        return replace(shining(paint), contrast=contrast, saturation=saturation)

    def behind(self, canvas: Canvas, params: EffectParams) -> None:
        wide, near = canvas.soft(params.strength), canvas.soft(0.3 * params.strength)
        canvas.shine(np.float32(0.5) * wide + np.float32(0.45) * near, canvas.tint, 0.35)

    def over(self, canvas: Canvas, params: EffectParams) -> None:
        whiten(canvas.image, canvas.written, canvas.soft(0.035), 0.25 * canvas.tint + 0.75)
