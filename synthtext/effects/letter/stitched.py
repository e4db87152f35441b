"""Embroidery."""

from __future__ import annotations

import math

from synthtext.core.records import Angle
from synthtext.core.rng import Draws
from synthtext.effects.canvas import Canvas
from synthtext.effects.effect import Effect, EffectParams, Stock
from synthtext.paint.ink import PaintParams, without
from synthtext.paint.relief import draw_light, shade_relief, threads


class Stitched(Effect):
    """Embroidery; width of a thread."""

    strength = (0.04, 0.1)
    limits = (0.01, 0.3)
    excludes = ("emboss", "engrave", "extrusion", "chipped", "worn", "stencil", "ink_spread")
    gallery = ("paint.background.kinds={fabric: 1}",)

    class Params(EffectParams, frozen=True):
        """`angle`: of the threads; `light_angle`: from where light comes; radians."""

        angle: Angle
        light_angle: Angle

    def draw(self, draws: Draws, strength: float, stock: Stock) -> Params:
        return self.Params(strength=strength, angle=draws.normal(0.0, 0.5), light_angle=draw_light(draws))

    def fit(self, paint: PaintParams, params: Params) -> PaintParams:
        return without(paint, "outline_only", "shadow")

    def over(self, canvas: Canvas, params: Params) -> None:
        pitch, c, s = params.strength, math.cos(params.angle), math.sin(params.angle)
        # Threads that the picture cannot show leave their sheen alone.
        depth = min(max((pitch * canvas.across - 0.8) / 1.6, 0.25), 1.0)
        threads(canvas.image, canvas.written, canvas.plane, c, s, pitch, 7.0 * pitch, 0.75 * depth)
        x, y = math.cos(params.light_angle), math.sin(params.light_angle)
        shade_relief(canvas.image, canvas.soft(0.05), x, y, 1.3, 0.02)
