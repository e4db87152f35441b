"""`Polylines`: outlines ready for the raster, in buffers that grow as needed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from synthtext.core.kernel import kernel
from synthtext.geometry.warp import W_SIZE, Warp
from synthtext.raster.outline import flatten
from synthtext.typeset.outlines import OutlineStore

_POINTS = 4096
_CONTOURS = 512


def room_for(glyphs: int) -> tuple[int, int]:
    """How many points and contours so many glyphs hardly ever exceed."""
    return max(_POINTS, 160 * glyphs), max(_CONTOURS, 8 * glyphs)


class Polylines(Struct, frozen=True, eq=False):
    """Flattened glyphs: `points` float64 (m, 2), `contour_ends` int64 (c,), `glyph_ends` int64 (n,), `boxes` (n, 4)."""

    points: npt.NDArray[np.float64]
    contour_ends: npt.NDArray[np.int64]
    glyph_ends: npt.NDArray[np.int64]
    boxes: npt.NDArray[np.float64]

    def between(self, first: int, last: int) -> Polylines:
        """Those of the glyphs `first` to `last` - 1, as a copy of their own."""
        c0 = int(self.glyph_ends[first - 1]) if first else 0
        c1 = int(self.glyph_ends[last - 1])
        p0 = int(self.contour_ends[c0 - 1]) if c0 else 0
        p1 = int(self.contour_ends[c1 - 1]) if c1 else 0
        return Polylines(
            self.points[p0:p1].copy(),
            self.contour_ends[c0:c1] - p0,
            self.glyph_ends[first:last] - c0,
            self.boxes[first:last],
        )


def flatten_glyphs(
    store: OutlineStore,
    slots: npt.NDArray[np.int64],
    placement: npt.NDArray[np.float64],
    warp: Warp,
    scale: float,
) -> Polylines:
    """Flatten placed glyphs through a warp; `scale`: pixels per unit that leaves it (its fit may come later)."""
    assert warp.shape == (W_SIZE,)
    n = slots.shape[0]
    glyph_ends, boxes = np.empty(n, np.int64), np.empty((n, 4))
    size, most = room_for(n)
    while True:
        points, contour_ends = np.empty((size, 2)), np.empty(most, np.int64)
        used, closed = flatten(
            store.degree,
            store.control,
            store.contours,
            store.glyphs,
            slots,
            placement,
            warp,
            scale,
            points,
            contour_ends,
            glyph_ends,
            boxes,
        )
        if used >= 0 and closed >= 0:
            return Polylines(points[:used], contour_ends[:closed], glyph_ends, boxes)
        size, most = 2 * size, 2 * most


@kernel
def bounds(points):
    """The box x0, y0, x1, y1 of `points`, float64 (n, 2)."""
    x0, y0, x1, y1 = 1e30, 1e30, -1e30, -1e30
    for i in range(points.shape[0]):
        x, y = points[i, 0], points[i, 1]
        x0, x1 = min(x0, x), max(x1, x)
        y0, y1 = min(y0, y), max(y1, y)
    return x0, y0, x1, y1
