"""Letters raised out of the surface."""

from __future__ import annotations

import math

from synthtext.core.records import Angle, Part
from synthtext.core.rng import Draws
from synthtext.effects.canvas import Canvas
from synthtext.effects.effect import Effect, EffectParams, Stock
from synthtext.paint.ink import PaintParams, faintly
from synthtext.paint.relief import draw_light, shade_relief


class Emboss(Effect):
    """Letters raised out of the surface; steepness in [0, 1]."""

    strength = (0.3, 1.0)
    limits = (0.0, 1.0)
    excludes = ("engrave", "extrusion")
    adorns = True
    gallery = ("paint.contrast=[12, 12]", "paint.background.kinds={plain: 1}")

    class Params(EffectParams, frozen=True):
        """`light_angle`: from where light comes, radians; `paint`: how much of it the letters get."""

        light_angle: Angle
        paint: Part

    def draw(self, draws: Draws, strength: float, stock: Stock) -> Params:
        # Such letters are seldom painted in full.
        return self.Params(strength=strength, light_angle=draw_light(draws), paint=draws.uniform(0.25, 1.0))

    def fit(self, paint: PaintParams, params: Params) -> PaintParams:
        return faintly(paint, params.paint)

    def over(self, canvas: Canvas, params: Params) -> None:
        x, y = math.cos(params.light_angle), math.sin(params.light_angle)
        shade_relief(canvas.image, canvas.soft(0.035), x, y, 2.2 * params.strength, 0.25)
