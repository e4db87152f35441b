"""An object before the text."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from synthtext.core.records import Amount, Angle, Key, Lightness, Number, Part
from synthtext.core.rng import Draws
from synthtext.effects.canvas import Canvas
from synthtext.effects.effect import Effect, EffectParams, Stock
from synthtext.paint.colour import colour
from synthtext.paint.composite import NO_CUT, NO_RAMP, over, soften
from synthtext.raster.coverage import fill


class Occlusion(Effect):
    """A pole, a leaf, a sheet before the text; the part of the picture that it hides."""

    strength = (0.03, 0.18)
    limits = (0.0, 0.6)
    scope = "picture"

    class Params(EffectParams, frozen=True):
        """`strength`: the part of the picture's width (a bar) or area. Centre in widths and heights, angles in radians.

        `soft`: width of its edge, em. `shape`: bar (a pole, a strap, a strip of tape), blob (a leaf, a thumb, a splash)
        or corner (a sheet, a label).
        """

        shape: Literal["bar", "blob", "corner"]
        x: Number
        y: Number
        angle: Angle
        lightness: Lightness
        saturation: Part
        hue: Angle
        soft: Amount
        key: Key

    def draw(self, draws: Draws, strength: float, stock: Stock) -> Params:
        return self.Params(
            strength=strength,
            shape=draws.choice(("bar", "bar", "blob", "corner")),
            x=draws.random(),
            y=draws.random(),
            angle=draws.uniform(0.0, 2.0 * math.pi),
            lightness=draws.uniform(0.0, 100.0),
            saturation=draws.random() ** 2,
            hue=draws.uniform(0.0, 2.0 * math.pi),
            soft=draws.uniform(0.0, 0.06),
            key=draws.key(),
        )

    def after(self, canvas: Canvas, params: Params) -> None:
        """Put it before the text, with its shadow."""
        height, width, em = canvas.height, canvas.width, canvas.em
        draws = Draws(params.key, self.stream, 0)
        x, y = params.x * width, params.y * height
        c, s = math.cos(params.angle), math.sin(params.angle)
        far = 2.0 * (height + width)
        if params.shape == "bar":
            # Across the text rather than along it.
            c, s = 0.35 * c, math.copysign(1.0, s)
            norm = math.hypot(c, s)
            c, s = c / norm, s / norm
            half = 0.5 * params.strength * width * abs(s)
            outline = np.array(
                [
                    (x + a * far * c - b * half * s, y + a * far * s + b * half * c)
                    for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))
                ]
            )
        elif params.shape == "blob":
            # An ellipse of that area, its edge uneven.
            size = math.sqrt(params.strength * height * width / math.pi)
            long = min(size * 1.5, 0.45 * width)
            short = params.strength * height * width / (math.pi * long)
            phases = [draws.uniform(0.0, 2.0 * math.pi) for _ in range(3)]
            points = []
            for k in range(36):
                t = 2.0 * math.pi * k / 36
                wave = 1.0 + sum(0.16 / n * math.sin((n + 1) * t + p) for n, p in enumerate(phases, 1))
                a, b = long * wave * math.cos(t), short * wave * math.sin(t)
                points.append((x + a * c - b * s, y + a * s + b * c))
            outline = np.array(points)
        else:
            side = width if c > 0.0 else 0.0
            inner = side - math.copysign(params.strength * width, c)
            lean = 0.4 * s * height
            outline = np.array(
                [
                    (side + math.copysign(far, c), -far),
                    (inner + lean, -1.0),
                    (inner - lean, height + 1.0),
                    (side + math.copysign(far, c), far),
                ]
            )
        hidden = np.zeros((height, width), np.float32)
        ends = np.array([len(outline)])
        one = np.array([1])
        shade = np.zeros_like(hidden)
        fill(outline, ends, one, 0.06 * em, 0.08 * em, shade)
        soften(shade, max(0.07 * em, 0.5))
        black = np.zeros(3)
        over(canvas.image, shade, NO_CUT, black, black, NO_RAMP, 0.4)
        fill(outline, ends, one, 0.0, 0.0, hidden)
        if params.soft * em > 0.3:
            soften(hidden, params.soft * em)
        near = np.array(colour(params.lightness, params.saturation, params.hue))
        ramp = np.array([-s / (0.8 * width), c / (0.8 * width), 0.5])
        over(canvas.image, hidden, NO_CUT, near, 0.55 * near, ramp, 1.0)
        canvas.hide(hidden)
