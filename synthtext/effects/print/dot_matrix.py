"""Letters of printed dots."""

from __future__ import annotations

from synthtext.effects.canvas import Canvas
from synthtext.effects.effect import Effect, EffectParams


class DotMatrix(Effect):
    """Letters of printed dots; em from dot to dot."""

    strength = (0.055, 0.1)
    limits = (0.01, 0.5)
    reach = 1.0
    gallery = ("fonts.families=[Courier Prime]",)

    def cover(self, canvas: Canvas, params: EffectParams) -> None:
        canvas.drawn, _ = canvas.dots(params.strength, 0.55, 1.9)
