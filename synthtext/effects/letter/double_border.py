"""Two lines around letters."""

from __future__ import annotations

import numpy as np

from synthtext.core.records import Lightness
from synthtext.core.rng import Draws
from synthtext.effects.canvas import Canvas
from synthtext.effects.effect import Effect, EffectParams, Stock
from synthtext.paint.composite import NO_CUT, NO_RAMP, over
from synthtext.paint.ink import PaintParams, without
from synthtext.raster.coverage import dilate


class DoubleBorder(Effect):
    """Two lines around the letters, width of each."""

    strength = (0.02, 0.06)
    limits = (0.0, 0.3)
    reach = 2.2
    adorns = True

    class Params(EffectParams, frozen=True):
        """`inner`, `outer`: lightness of the two lines."""

        inner: Lightness
        outer: Lightness

    def draw(self, draws: Draws, strength: float, stock: Stock) -> Params:
        inner = draws.choice((0.0, 8.0, 95.0, 100.0))
        return self.Params(strength=strength, inner=inner, outer=draws.uniform(0.0, 100.0))

    def fit(self, paint: PaintParams, params: Params) -> PaintParams:
        return without(paint, "outline_only", "shadow", "border")

    def behind(self, canvas: Canvas, params: Params) -> None:
        width, lines = params.strength * canvas.em, canvas.outlines
        for radius, lightness in ((2.0 * width, params.outer), (width, params.inner)):
            outer = np.empty_like(canvas.written)
            dilate(lines.points, lines.contour_ends, lines.glyph_ends, canvas.written, radius, 0.0, 0.0, outer)
            grey = np.full(3, canvas.light * (0.01 * lightness) ** 2)
            over(canvas.image, outer, NO_CUT, grey, grey, NO_RAMP, 1.0)
