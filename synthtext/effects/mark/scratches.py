"""Scratches."""

from __future__ import annotations

import math

import numpy as np

from synthtext.core.records import Angle, Key
from synthtext.core.rng import Draws
from synthtext.effects.canvas import Canvas
from synthtext.effects.effect import Effect, EffectParams, Stock
from synthtext.paint.composite import NO_CUT, NO_RAMP, over
from synthtext.paint.strokes import stroke

_WIDTHS = ((0.008, 0.6), (0.018, 0.3), (0.035, 0.1))  # em to each side, and how many of them are so wide


class Scratches(Effect):
    """Scratches across the text; how many per square em."""

    strength = (0.5, 4.0)
    limits = (0.0, 20.0)
    sheet = True

    class Params(EffectParams, frozen=True):
        """`angle`: that most are near, radians; `light`: whether they are lighter than what they cross; `key`."""

        angle: Angle
        light: bool
        key: Key

    def draw(self, draws: Draws, strength: float, stock: Stock) -> Params:
        angle, light = draws.uniform(0.0, math.pi), draws.chance(0.7)
        return self.Params(strength=strength, angle=angle, light=light, key=draws.key())

    def after(self, canvas: Canvas, params: Params) -> None:
        height, width, em = canvas.height, canvas.width, canvas.em
        draws = Draws(params.key, self.stream, 0)
        area = height * width / (em * em)
        marks = np.zeros((height, width), np.float32)
        for thickness, part in _WIDTHS:
            lines = []
            for _ in range(min(int(params.strength * area * part + draws.random()), 60)):
                angle = params.angle + draws.normal(0.0, 0.5)
                x, y = draws.uniform(-0.1, 1.1) * width, draws.uniform(-0.1, 1.1) * height
                length, bend = draws.log_uniform(0.3, 4.0) * em, draws.normal(0.0, 0.25)
                path = [(x, y)]
                for step in range(6):
                    heading = angle + bend * step / 6
                    x, y = x + length / 6 * math.cos(heading), y + length / 6 * math.sin(heading)
                    path.append((x, y))
                lines.append(np.array(path))
            np.maximum(marks, stroke(lines, thickness * em, height, width), out=marks)
        tone = np.full(3, canvas.light * (0.75 if params.light else 0.03))
        over(canvas.image, marks, NO_CUT, tone, tone, NO_RAMP, 0.75)
        canvas.hide(marks)
