"""Ruled paper."""

from __future__ import annotations

import math
from typing import Annotated

import numpy as np
from msgspec import Meta

from synthtext.core.records import Angle, Number
from synthtext.core.rng import Draws
from synthtext.effects.canvas import Canvas
from synthtext.effects.effect import Effect, EffectParams, Stock
from synthtext.paint.colour import colour
from synthtext.paint.strokes import stain, straight, stroke, warped
from synthtext.typeset.glyph_table import P_Y


class RuledLines(Effect):
    """Lines on the paper, under the text; opacity."""

    strength = (0.2, 0.9)
    limits = (0.0, 1.0)
    sheet = True

    class Params(EffectParams, frozen=True):
        """`spacing`: em from line to line; `offset`: of one below the baseline; `grid`: upright ones, too; `hue`."""

        spacing: Annotated[float, Meta(ge=0.02, le=100.0)]
        offset: Number
        grid: bool
        hue: Angle

    def draw(self, draws: Draws, strength: float, stock: Stock) -> Params:
        return self.Params(
            strength=strength,
            spacing=draws.uniform(0.9, 1.7),
            offset=draws.uniform(-0.05, 0.25),
            grid=draws.chance(0.25),
            hue=draws.choice((4.0, 4.2, 0.0, 2.0)),
        )

    def ground(self, canvas: Canvas, params: Params) -> None:
        corners = canvas.corners
        corners = corners[:, :2] / corners[:, 2:]
        (x0, y0), (x1, y1) = corners.min(0) - 0.3, corners.max(0) + 0.3
        step, warp = params.spacing, canvas.warp
        base = float(canvas.placement[0, P_Y]) + params.offset
        lines = []
        for k in range(math.ceil((y0 - base) / step), int((y1 - base) // step) + 1)[:80]:
            y = base + k * step
            lines.append(warped(straight((x0, y), (x1, y), x1 - x0), warp))
        if params.grid:
            for k in range(math.ceil(x0 / step), int(x1 // step) + 1)[:80]:
                lines.append(warped(straight((k * step, y0), (k * step, y1), y1 - y0), warp))
        coverage = stroke(lines, 0.018 * canvas.em, canvas.height, canvas.width)
        stain(canvas.image, coverage, np.array(colour(35.0, 0.5, params.hue)), params.strength)
