"""The plate, label or band that bears the text, and ends within the picture."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from synthtext.core.kernel import kernel
from synthtext.core.records import Amount, Angle, Lightness, Number, Part
from synthtext.core.rng import Draws
from synthtext.effects.canvas import Canvas
from synthtext.effects.effect import Effect, EffectParams, Stock
from synthtext.geometry.warp import warp_far
from synthtext.paint.colour import colour
from synthtext.paint.composite import over_planes
from synthtext.paint.plane import corners_in_plane
from synthtext.paint.strokes import ink_box
from synthtext.raster.coverage import fill

AFAR = 30.0  # em: a side of a plate that the picture does not show
_ALONG = ((0.0, 1.0), (-1.0, 0.0), (0.0, -1.0), (1.0, 0.0))  # the sides after each corner: right, bottom, left, top


class Plate(Effect):
    """The edge of the plate, label or band that bears the text, and what lies beyond; its distance from the ink."""

    strength = (0.05, 0.25)
    limits = (0.0, 3.0)
    sheet = True
    downward = True
    gallery = ("image.margin=[0.3, 0.32]",)

    class Params(EffectParams, frozen=True):
        """Lengths in em, colours as of paint/colour.py. `strength`: the distance of its edge from the ink, about.

        `sides`: left, top, right, bottom, those beyond the picture AFAR. `corner`: radius of its corners over half of
        its shorter side. `rim`: width of the line along its edge, 0 for none. `lightness`, `saturation`, `hue`: of what
        lies beyond; `solid`: how far it hides the ground, in [0, 1].
        """

        sides: tuple[Number, Number, Number, Number]
        corner: Part
        rim: Amount
        rim_lightness: Lightness
        lightness: Lightness
        saturation: Part
        hue: Angle
        solid: Part

    def draw(self, draws: Draws, strength: float, stock: Stock) -> Params:
        shape = draws.choice(("plate", "plate", "band", "side"))
        sides = [strength * draws.uniform(0.7, 1.5) for _ in range(4)]
        if shape == "band":
            sides[0] = sides[2] = AFAR
        elif shape == "side":
            near = draws.choice(range(4))
            sides = [side if k == near else AFAR for k, side in enumerate(sides)]
        corner = draws.choice((0.0, 0.0, 0.25, 0.6, 1.0))
        rim = draws.uniform(0.02, 0.08) if draws.chance(0.4) else 0.0
        return self.Params(
            strength=strength,
            sides=(sides[0], sides[1], sides[2], sides[3]),
            corner=corner if shape == "plate" else 0.0,
            rim=min(rim, 0.6 * strength),
            rim_lightness=draws.choice((5.0, 30.0, 60.0, 95.0)),
            lightness=draws.uniform(0.0, 100.0),
            saturation=draws.random() ** 2,
            hue=draws.uniform(0.0, 2.0 * math.pi),
            solid=draws.uniform(0.7, 1.0),
        )

    def ground(self, canvas: Canvas, params: Params) -> None:
        """Paint over all that is not plate, and the plate's rim, which lies on it."""
        planes = np.ascontiguousarray(canvas.image.transpose(0, 2, 1))
        bear(
            planes, canvas.placement, canvas.outlines.boxes, canvas.own, canvas.warp, canvas.plane, canvas.light,
            np.array([plate_row(params)], PLATE)[0],
        )  # fmt: skip
        canvas.image[:] = planes.transpose(0, 2, 1)


#: The `Params` of a plate as a row that kernels take.
PLATE = np.dtype(
    [
        *((name, np.float64) for name in ("corner", "rim", "rim_lightness", "lightness", "saturation", "hue", "solid")),
        ("sides", np.float64, 4),
    ]
)
NO_PLATE = (*(0.0,) * 7, (0.0,) * 4)


def plate_row(params: Plate.Params) -> tuple[Any, ...]:
    """The row of a plate."""
    tone = params.lightness, params.saturation, params.hue, params.solid
    return params.corner, params.rim, params.rim_lightness, *tone, params.sides


@kernel
def bear(planes, placement, boxes, own, warp, plane, light, row):
    """Paint what lies beyond a plate, and its rim, over a picture in place.

    `planes`: float32 (H, 3, W), linear light. `placement`, `boxes`: of the text's glyphs, the labelled `own` first.
    `warp`, `plane`, `light`: of the canvas. `row`: of PLATE.
    """
    height, width = planes.shape[0], planes.shape[2]
    x0, y0, x1, y1 = ink_box(placement, boxes, own)
    left, top, right, bottom = row.sides[0], row.sides[1], row.sides[2], row.sides[3]
    x0, y0, x1, y1 = x0 - left, y0 - top, x1 + right, y1 + bottom
    # Corners no rounder than leaves those of the ink's box on the plate.
    least = min(min(left, top), min(right, bottom))
    radius = min(0.5 * row.corner * min(x1 - x0, y1 - y0), least / (1.0 - math.sqrt(0.5)))
    corners = corners_in_plane(plane, float(height), float(width))
    closest, farthest = corners[0, 2], corners[0, 2]
    for k in range(1, 4):
        closest, farthest = max(closest, corners[k, 2]), min(farthest, corners[k, 2])
    nearest = 0.5 / closest if farthest > 0.0 else 0.02
    bearing = _enclosed(warp_far(warp, rounded_rectangle(x0, y0, x1, y1, radius), nearest), height, width)
    nothing, level, tint = np.zeros((0, 0), np.float32), np.zeros(3), np.empty(3)
    tint[0], tint[1], tint[2] = colour(row.lightness, row.saturation, row.hue)
    for k in range(3):
        tint[k] *= light
    beyond = np.empty((height, width), np.float32)
    for i in range(height):
        for j in range(width):
            beyond[i, j] = np.float32(1.0) - bearing[i, j]
    over_planes(planes, beyond, nothing, tint, tint, level, row.solid)
    rim = row.rim
    if rim > 0.0:
        inner = rounded_rectangle(x0 + rim, y0 + rim, x1 - rim, y1 - rim, max(radius - rim, 0.0))
        within = _enclosed(warp_far(warp, inner, nearest), height, width)
        for i in range(height):
            for j in range(width):
                within[i, j] = max(bearing[i, j] - within[i, j], np.float32(0.0))
        for k in range(3):
            tint[k] = light * (0.01 * row.rim_lightness) ** 2
        over_planes(planes, within, nothing, tint, tint, level, 1.0)


@kernel
def _enclosed(outline, height, width):
    """Coverage of what a closed line in pixels encloses, float32 (height, width)."""
    coverage, contour_ends = np.zeros((height, width), np.float32), np.empty(1, np.int64)
    if outline.shape[0] > 2:
        contour_ends[0] = outline.shape[0]
        fill(outline, contour_ends, np.ones(1, np.int64), 0.0, 0.0, coverage)
    return coverage


@kernel
def rounded_rectangle(x0, y0, x1, y1, r):
    """Its outline, clockwise on the screen, float64 (n, 2), in steps of at most half a unit, so that warps can bend it.

    `r`: radius of its corners, no more than half of the shorter side. A quarter of a circle is seven chords.
    """
    across, down = x1 - x0 - 2.0 * r, y1 - y0 - 2.0 * r
    wide, high = min(max(math.ceil(2.0 * across), 1), 200), min(max(math.ceil(2.0 * down), 1), 200)
    out = np.empty((32 + 2 * (wide + high), 2))
    n = 0
    for k in range(4):
        cx, cy = x1 - r if k < 2 else x0 + r, y0 + r if k == 0 or k == 3 else y1 - r
        for i in range(8):
            angle = 0.5 * math.pi * (k - 1 + i / 7.0)
            out[n, 0], out[n, 1] = cx + r * math.cos(angle), cy + r * math.sin(angle)
            n += 1
        steps, length = (high, down) if k % 2 == 0 else (wide, across)
        dx, dy = _ALONG[k]
        x, y = out[n - 1, 0], out[n - 1, 1]
        for i in range(1, steps + 1):
            t = length * i / steps
            out[n, 0], out[n, 1] = x + t * dx, y + t * dy
            n += 1
    return out
