"""A frame around the text."""

from __future__ import annotations

import math

import numpy as np

from synthtext.core.rng import Draws
from synthtext.effects.canvas import Canvas
from synthtext.effects.effect import Effect, Stock
from synthtext.effects.line_mark import LineMark, draw_line_mark, paint_line_mark
from synthtext.paint.strokes import Points, ink_box, straight, warped


class Box(Effect):
    """A box, or an oval, around the text; width of its line, em."""

    strength = (0.02, 0.08)
    limits = (0.0, 0.5)
    Params = LineMark

    def draw(self, draws: Draws, strength: float, stock: Stock) -> LineMark:
        return draw_line_mark(draws, strength, ("solid", "solid", "double", "oval"), (0.06, 0.3))

    def after(self, canvas: Canvas, params: LineMark) -> None:
        paint_line_mark(canvas, params, box_paths(params, canvas))


def box_paths(mark: LineMark, canvas: Canvas) -> list[Points]:
    """A frame or an oval around all of the text, as polylines in pixels."""
    warp = canvas.warp
    x0, y0, x1, y1 = ink_box(canvas.placement, canvas.outlines.boxes, canvas.own)
    x0, y0, x1, y1 = x0 - mark.offset, y0 - mark.offset, x1 + mark.offset, y1 + mark.offset
    if mark.style == "oval":
        t = np.linspace(0.0, 2.0 * math.pi, 65)
        # An oval that holds the box's corners, nearly.
        a, b = 0.5 * (x1 - x0) + 0.25, 0.6 * (y1 - y0) + 0.05
        oval = np.stack([0.5 * (x0 + x1) + a * np.cos(t), 0.5 * (y0 + y1) + b * np.sin(t)], 1)
        return [warped(oval, warp)]
    paths = []
    for grow in (0.0, 2.2 * mark.strength) if mark.style == "double" else (0.0,):
        left, top, right, bottom = x0 - grow, y0 - grow, x1 + grow, y1 + grow
        for a, b in (
            ((left, top), (right, top)),
            ((right, top), (right, bottom)),
            ((right, bottom), (left, bottom)),
            ((left, bottom), (left, top)),
        ):
            paths.append(warped(straight(a, b, math.dist(a, b)), warp))
    return paths
