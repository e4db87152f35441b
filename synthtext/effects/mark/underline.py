"""A line under the text."""

from __future__ import annotations

from synthtext.core.rng import Draws
from synthtext.effects.canvas import Canvas
from synthtext.effects.effect import Effect, Stock
from synthtext.effects.line_mark import LineMark, draw_line_mark, line_paths, paint_line_mark


class Underline(Effect):
    """A line under the text, or a part of it; its width, em."""

    strength = (0.02, 0.1)
    limits = (0.0, 0.5)
    along = True
    Params = LineMark

    def draw(self, draws: Draws, strength: float, stock: Stock) -> LineMark:
        return draw_line_mark(draws, strength, ("solid", "solid", "double", "dashed", "wavy", "pen"), (0.06, 0.2))

    def after(self, canvas: Canvas, params: LineMark) -> None:
        draws = Draws(params.key, self.stream, 0)
        paint_line_mark(canvas, params, line_paths(params, draws, -params.offset, 0.0, canvas))
