"""Lines along, through and around text, in the text's own plane: what marks, plates and stamps are drawn with."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from synthtext.core.kernel import kernel
from synthtext.geometry.warp import Warp, warp_points
from synthtext.raster.coverage import dilate
from synthtext.raster.polylines import Polylines
from synthtext.typeset.glyph_table import P_X, P_XX, P_XY, P_Y, P_YX, P_YY
from synthtext.typeset.layout import Layout

Coverage = npt.NDArray[np.float32]
Points = npt.NDArray[np.float64]
Boxed = tuple[npt.NDArray[np.float64], float, float, float, float]


@kernel
def stain(image, coverage, ink, opacity):
    """Transparent ink over `image`, float32 (H, W, 3), in place: what is dark beneath stays dark.

    `coverage`: float32 (H, W). `ink`: float64 (3,), the part of the light that full ink lets through.
    """
    for y in range(coverage.shape[0]):
        for x in range(coverage.shape[1]):
            a = coverage[y, x] * np.float32(opacity)
            if a > np.float32(0.0):
                for k in range(3):
                    image[y, x, k] *= np.float32(1.0) - a * (np.float32(1.0) - np.float32(ink[k]))


def stroke(lines: list[Points], radius: float, height: int, width: int) -> Coverage:
    """Coverage of polylines, each float64 (n, 2) in pixels, drawn `radius` pixels to each side with round ends."""
    out = np.zeros((height, width), np.float32)
    if lines:
        # There and back again makes an open line a closed contour without an inside.
        closed = [np.concatenate([line, line[-2:0:-1]]) for line in lines]
        ends = np.cumsum([len(line) for line in closed])
        thick = max(radius, 0.25)
        dilate(np.concatenate(closed), ends, ends, np.zeros_like(out), thick, 0.0, 0.0, out)
        # A line thinner than a pixel covers its share of it.
        out *= np.float32(min(2.0 * radius / (min(thick, 0.5) + 0.5) ** 2, 1.0))
    return out


def straight(a: tuple[float, float], b: tuple[float, float], length: float) -> Points:
    """From a to b in steps of at most half an em, so that a warp can bend it."""
    steps = min(max(math.ceil(2.0 * length), 1), 200)
    t = np.linspace(0.0, 1.0, steps + 1)[:, None]
    points: Points = np.array(a) + t * (np.array(b) - np.array(a))
    return points


def warped(points: Points, warp: Warp) -> Points:
    out = np.empty_like(points)
    warp_points(warp, np.ascontiguousarray(points), out)
    return out


def text_lines(layout: Layout, own: Polylines) -> list[list[Boxed]]:
    """Of each line of text, each of its words' glyphs that have ink: (placement, x0, y0, x1, y1), its box in em."""
    lines: dict[int, list[Boxed]] = {}
    boxes, cells = own.boxes.tolist(), layout.cells.tolist()
    for (first, last), line in zip(layout.words.tolist(), layout.word_lines, strict=True):
        for glyph in range(cells[first][0], cells[last - 1][1]):
            x0, y0, x1, y1 = boxes[glyph]
            if x1 > x0:
                lines.setdefault(line, []).append((layout.placement[glyph], x0, y0, x1, y1))
    return [lines[k] for k in sorted(lines)]


@kernel
def ink_box(placement, boxes, count):
    """Least x and y, greatest x and y, em, of the boxes of the first `count` glyphs that have ink, as they are placed.

    `placement`: float64 (n, PLACEMENT); `boxes`: float64 (n, 4), x0, y0, x1, y1 of each glyph.
    """
    x0, y0, x1, y1 = 1e30, 1e30, -1e30, -1e30
    for g in range(count):
        frame, box = placement[g], boxes[g]
        if box[2] > box[0]:
            for corner in range(4):
                u, v = box[2 * (corner % 2)], box[1 + 2 * (corner // 2)]
                x = frame[P_XX] * u + frame[P_XY] * v + frame[P_X]
                y = frame[P_YX] * u + frame[P_YY] * v + frame[P_Y]
                x0, x1, y0, y1 = min(x0, x), max(x1, x), min(y0, y), max(y1, y)
    return x0, y0, x1, y1
