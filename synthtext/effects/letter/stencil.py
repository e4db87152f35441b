"""Letters through a stencil."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from synthtext.effects.canvas import Canvas
from synthtext.effects.effect import Effect, EffectParams
from synthtext.geometry.warp import warp_points
from synthtext.raster.coverage import fill
from synthtext.raster.polylines import Polylines
from synthtext.typeset.glyph_table import P_X, P_XX, P_XY, P_Y, P_YX, P_YY


class Stencil(Effect):
    """Bridges across letters with holes; their width."""

    strength = (0.04, 0.1)
    limits = (0.0, 0.3)

    def wear(self, canvas: Canvas, params: EffectParams) -> None:
        corners, glyphs = bridges(canvas.outlines, canvas.placement, params.strength)
        if glyphs:
            cut = np.zeros_like(canvas.keep)
            warp_points(canvas.warp, corners, corners)
            ends = np.arange(1, glyphs + 1)
            fill(corners, 4 * ends, ends, 0.0, 0.0, cut)
            canvas.keep *= np.float32(1.0) - cut


def bridges(
    outlines: Polylines, placement: npt.NDArray[np.float64], width: float
) -> tuple[npt.NDArray[np.float64], int]:
    """A stencil's bridges: an upright bar, `width` em wide, through each glyph that has a hole.

    Returns corners in text space, float64 (4 n, 2), and n.
    """
    corners: list[tuple[float, float]] = []
    first = 0
    ends = outlines.glyph_ends.tolist()
    for glyph, (end, box) in enumerate(zip(ends, outlines.boxes.tolist(), strict=True)):
        if has_hole(outlines, first, end):
            frame = placement[glyph].tolist()
            x0, y0, x1, y1 = box
            middle = 0.5 * (x0 + x1)
            for x, y in (
                (middle - 0.5 * width, y1 + 0.1),
                (middle + 0.5 * width, y1 + 0.1),
                (middle + 0.5 * width, y0 - 0.1),
                (middle - 0.5 * width, y0 - 0.1),
            ):
                corners.append(
                    (
                        frame[P_XX] * x + frame[P_XY] * y + frame[P_X],
                        frame[P_YX] * x + frame[P_YY] * y + frame[P_Y],
                    )
                )
        first = end
    return np.array(corners).reshape(-1, 2), len(corners) // 4


def has_hole(outlines: Polylines, first: int, end: int) -> bool:
    """Whether two of the contours [first, end) run in opposite senses."""
    senses = set()
    for contour in range(first, end):
        begin = int(outlines.contour_ends[contour - 1]) if contour else 0
        x, y = outlines.points[begin : int(outlines.contour_ends[contour])].T
        senses.add(float((x * np.roll(y, -1) - y * np.roll(x, -1)).sum()) > 0.0)
    return len(senses) == 2
