"""Specks of dirt."""

from __future__ import annotations

import math

import numpy as np

from synthtext.core.records import Amount, Key, Lightness
from synthtext.core.rng import Draws
from synthtext.effects.canvas import Canvas
from synthtext.effects.effect import Effect, EffectParams, Stock
from synthtext.paint.composite import NO_CUT, NO_RAMP, over
from synthtext.raster.coverage import fill

_HEPTAGON = tuple((math.cos(2.0 * math.pi * k / 7), math.sin(2.0 * math.pi * k / 7)) for k in range(7))


class Specks(Effect):
    """Specks of dirt on the text; how many per square em."""

    strength = (1.0, 12.0)
    limits = (0.0, 60.0)
    sheet = True

    class Params(EffectParams, frozen=True):
        """`size`: of most, em; their `lightness`; `key`: where they lie."""

        size: Amount
        lightness: Lightness
        key: Key

    def draw(self, draws: Draws, strength: float, stock: Stock) -> Params:
        size, lightness = draws.log_uniform(0.012, 0.06), draws.choice((0.0, 15.0, 35.0, 95.0))
        return self.Params(strength=strength, size=size, lightness=lightness, key=draws.key())

    def after(self, canvas: Canvas, params: Params) -> None:
        height, width, em = canvas.height, canvas.width, canvas.em
        draws = Draws(params.key, self.stream, 0)
        count = min(int(params.strength * height * width / (em * em) + draws.random()), 400)
        points = np.empty((7 * count, 2))
        r = draws.random
        for i in range(count):
            x, y = r() * width, r() * height
            size = params.size * em * draws.log_uniform(0.4, 2.5)
            for k, (c, s) in enumerate(_HEPTAGON):
                reach = size * (0.5 + 0.8 * r())
                points[7 * i + k] = x + reach * c, y + reach * s
        marks = np.zeros((height, width), np.float32)
        ends = np.arange(1, count + 1)
        fill(points, 7 * ends, ends, 0.0, 0.0, marks)
        tone = np.full(3, canvas.light * (0.01 * params.lightness) ** 2)
        over(canvas.image, marks, NO_CUT, tone, tone, NO_RAMP, 0.9)
        canvas.hide(marks)
