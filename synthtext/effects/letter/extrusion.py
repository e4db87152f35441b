"""Letters with sides."""

from __future__ import annotations

import math

from synthtext.core.records import Angle
from synthtext.core.rng import Draws
from synthtext.effects.canvas import Canvas
from synthtext.effects.effect import Effect, EffectParams, Stock
from synthtext.paint.ink import PaintParams, without
from synthtext.paint.relief import draw_light, extrude


class Extrusion(Effect):
    """Letters with sides, lit from one side; their depth."""

    strength = (0.04, 0.22)
    limits = (0.0, 0.6)
    reach = 1.2
    excludes = ("ink_spread",)
    adorns = True

    class Params(EffectParams, frozen=True):
        """`angle`: in which the sides go back; `light_angle`: from where light comes; radians."""

        angle: Angle
        light_angle: Angle

    def draw(self, draws: Draws, strength: float, stock: Stock) -> Params:
        # What is extruded is seen from any side.
        return self.Params(strength=strength, angle=draws.uniform(0.0, 2.0 * math.pi), light_angle=draw_light(draws))

    def fit(self, paint: PaintParams, params: Params) -> PaintParams:
        return without(paint, "outline_only", "shadow")

    def behind(self, canvas: Canvas, params: Params) -> None:
        depth, angle, light = params.strength * canvas.em, params.angle, params.light_angle
        dark = canvas.tone <= 45.0
        side = canvas.tint + 0.16 * canvas.light if dark else canvas.tint * 0.9
        x, y = depth * math.cos(angle), depth * math.sin(angle)
        extrude(canvas.image, canvas.written, x, y, side, math.cos(light), math.sin(light))
