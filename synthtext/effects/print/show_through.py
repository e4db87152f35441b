"""The other side of the sheet."""

from __future__ import annotations

import numpy as np

from synthtext.core.records import Number
from synthtext.core.rng import Draws
from synthtext.effects.canvas import Canvas
from synthtext.effects.effect import Effect, EffectParams, Stock
from synthtext.geometry.warp import W_FIT, WarpParams, make_warp
from synthtext.paint.composite import soften
from synthtext.paint.strokes import stain
from synthtext.raster.coverage import fill
from synthtext.raster.polylines import flatten_glyphs
from synthtext.typeset.catalogue import FontRecord
from synthtext.typeset.layout import LayoutParams, lay_out


class ShowThrough(Effect):
    """The other side of the sheet shows; opacity of its ink."""

    strength = (0.08, 0.35)
    limits = (0.0, 1.0)
    sheet = True

    class Params(EffectParams, frozen=True):
        """The other side's lines and font, and its shift in em."""

        lines: tuple[str, ...]
        font: FontRecord
        x: Number
        y: Number

    def draw(self, draws: Draws, strength: float, stock: Stock) -> Params | None:
        lines = tuple(line for line in (stock.words(draws, 18) for _ in range(3)) if line)
        font = stock.catalogue.draw(draws, "".join(lines)) if lines else None
        if font is None:
            return None
        x, y = draws.uniform(-3.0, 3.0), draws.uniform(-0.7, 0.7)
        return self.Params(strength=strength, lines=lines, font=font, x=x, y=y)

    def ground(self, canvas: Canvas, params: Params) -> None:
        """Print it, mirrored, and blurred by the paper."""
        height, width, em, aspect = canvas.height, canvas.width, canvas.em, canvas.aspect
        fonts = canvas.catalogue.instances(params.font, canvas.store)
        layout = lay_out(params.lines, (), fonts, canvas.store, LayoutParams(line_spacing=1.25))
        warp = make_warp(WarpParams(rotation=-canvas.rotation), layout.width, layout.height)
        # Mirrored, so that the rotation shows the other way round.
        warp[W_FIT : W_FIT + 4] = -em * aspect, em, 0.5 * width + params.x * em * aspect, 0.5 * height + params.y * em
        lines = flatten_glyphs(canvas.store, layout.slots, layout.placement, warp, 1.0)
        coverage = np.zeros((height, width), np.float32)
        fill(lines.points, lines.contour_ends, lines.glyph_ends, 0.0, 0.0, coverage)
        soften(coverage, max(0.035 * em, 0.3))
        stain(canvas.image, coverage, np.zeros(3), params.strength)
