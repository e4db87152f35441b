"""A stamp: two rings, or a frame, with a word in it."""

from __future__ import annotations

import math

import numpy as np

from synthtext.core.records import Angle, Key, Number, Part, Positive
from synthtext.core.rng import Draws
from synthtext.effects.canvas import Canvas, Coverage
from synthtext.effects.effect import Effect, EffectParams, Stock
from synthtext.geometry.warp import W_FIT, WarpParams, make_warp
from synthtext.paint.colour import colour
from synthtext.paint.strokes import Points, stain, stroke
from synthtext.paint.wear_fields import choose_level, plane_field
from synthtext.raster.coverage import fill
from synthtext.raster.polylines import flatten_glyphs
from synthtext.typeset.catalogue import FontRecord
from synthtext.typeset.glyph_table import P_X, P_XX, P_Y, P_YX
from synthtext.typeset.layout import LayoutParams, lay_out

_PIXELS = np.array([1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0])  # the plane of the picture itself


class Seal(Effect):
    """A stamp of transparent ink over the text; its opacity."""

    strength = (0.3, 0.9)
    limits = (0.0, 1.0)
    sheet = True

    class Params(EffectParams, frozen=True):
        """Its word and font; whether it is round; centre in widths and heights, `size` in em, angles in radians.

        `worn`: the part of it that was not pressed, by the field of `key`.
        """

        text: str
        font: FontRecord
        round: bool
        x: Number
        y: Number
        size: Positive
        rotation: Angle
        hue: Angle
        worn: Part
        key: Key

    def draw(self, draws: Draws, strength: float, stock: Stock) -> Params | None:
        text = stock.words(draws, 12).upper()
        font = stock.catalogue.draw(draws, text) if text else None
        if font is None:
            return None
        return self.Params(
            strength=strength,
            text=text,
            font=font,
            round=draws.chance(0.6),
            x=draws.random(),
            y=draws.random(),
            size=draws.uniform(0.8, 1.8),
            rotation=draws.normal(0.0, 0.3),
            hue=draws.choice((0.0, 0.1, 4.0, 4.3, 5.0)),
            worn=draws.uniform(0.1, 0.45),
            key=draws.key(),
        )

    def after(self, canvas: Canvas, params: Params) -> None:
        """Print it, unevenly pressed."""
        height, width, em, aspect = canvas.height, canvas.width, canvas.em, canvas.aspect
        fonts = canvas.catalogue.instances(params.font, canvas.store)
        turn = 4.0
        layout_params = LayoutParams(curve="arc", turn=turn) if params.round else LayoutParams()
        layout = lay_out((params.text,), (), fonts, canvas.store, layout_params)
        radius = params.size * em
        frames = layout.placement
        if params.round:
            arc = layout.width / (2.0 * math.sin(min(0.5 * turn, 0.5 * math.pi)))
            letter = min(0.78 * radius / arc, 0.45 * radius)
            cx = float((frames[:, P_X] + 0.25 * frames[:, P_XX] - arc * frames[:, P_YX]).mean())
            cy = float((frames[:, P_Y] + 0.25 * frames[:, P_YX] + arc * frames[:, P_XX]).mean())
        else:
            letter, cx, cy = 0.7 * radius, 0.0, 0.0
        warp = make_warp(WarpParams(rotation=params.rotation), layout.width, layout.height)
        c, s = math.cos(params.rotation), math.sin(params.rotation)
        x, y = params.x * width, params.y * height
        warp[W_FIT : W_FIT + 4] = (
            letter * aspect,
            letter,
            x - letter * aspect * (c * cx - s * cy),
            y - letter * (s * cx + c * cy),
        )
        lines = flatten_glyphs(canvas.store, layout.slots, layout.placement, warp, 1.0)
        coverage = np.zeros((height, width), np.float32)
        fill(lines.points, lines.contour_ends, lines.glyph_ends, 0.0, 0.0, coverage)
        rings: list[Points] = []
        if params.round:
            t = np.linspace(0.0, 2.0 * math.pi, 73)
            circle = np.stack([aspect * np.cos(t), np.sin(t)], 1)
            rings = [np.array([x, y]) + r * radius * circle for r in (1.12, 0.6)]
        else:
            a, b = 0.5 * layout.width + 0.35, 0.62
            corners = np.array([[-a, -b], [a, -b], [a, b], [-a, b], [-a, -b]])
            turned = np.stack([c * corners[:, 0] - s * corners[:, 1], s * corners[:, 0] + c * corners[:, 1]], 1)
            rings = [np.array([x, y]) + letter * turned * np.array([aspect, 1.0])]
        np.maximum(coverage, stroke(rings, 0.05 * radius, height, width), out=coverage)
        _rub(coverage, params.worn, params.key, em)
        stain(canvas.image, coverage, np.array(colour(32.0, 0.9, params.hue)), params.strength)


def _rub(coverage: Coverage, share: float, key: int, em: float) -> None:
    """Take ink away where it was not pressed, in place."""
    field, factor, x, y = choose_level("worn", key, 80.0 / em)
    values = np.empty_like(coverage)
    plane_field(_PIXELS, field, 80.0 * factor / em, 80.0 * factor / em, x, y, values)
    coverage *= np.clip((values - np.float32(share)) / np.float32(0.3) + np.float32(0.5), 0.0, 1.0)
