"""Glyph outlines, taken from fonts through HarfBuzz once and kept in flat arrays that kernels read.

A glyph is a run of closed contours, a contour a run of segments: a line, a quadratic or a cubic Bezier curve. A segment
stores its degree and the control points after its start; it starts where the one before it ends (the contour's first
where its last ends). Coordinates are em units with y upward, as in fonts, divided by the units per em.
Outer contours run so that the glyph's signed area is positive, and contours that overlap are united (Skia's path
operations), so that the sum of signed areas is the coverage.
"""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Callable
from itertools import pairwise
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pathops
import uharfbuzz as hb

from synthtext.errors import InputError
from synthtext.kernel import kernel
from synthtext.typeset.catalogue import FontFace

_MAX_SEGMENTS = 2_000_000  # about 60 MB; then the store starts anew (what it holds never shows in a sample)
_MAX_FONTS = 1024

_T = TypeVar("_T", bound=np.generic)


Rows = npt.NDArray[np.float64]
Ends = npt.NDArray[np.int64]


class _Pen:
    """Collects what HarfBuzz or Skia draws: a row a segment, and where each contour ends."""

    def __init__(self) -> None:
        self.rows: list[tuple[float, ...]] = []
        self.ends: list[int] = []
        self._start = (0.0, 0.0)
        self._at = (0.0, 0.0)

    def moveTo(self, p: tuple[float, float]) -> None:
        self._start = self._at = p

    def lineTo(self, p: tuple[float, float]) -> None:
        if p != self._at:
            self.rows.append((1.0, *p, 0.0, 0.0, 0.0, 0.0))
            self._at = p

    def qCurveTo(self, c: tuple[float, float], p: tuple[float, float]) -> None:
        self.rows.append((2.0, *c, *p, 0.0, 0.0))
        self._at = p

    def curveTo(self, c: tuple[float, float], d: tuple[float, float], p: tuple[float, float]) -> None:
        self.rows.append((3.0, *c, *d, *p))
        self._at = p

    def closePath(self) -> None:
        if self._at != self._start:
            self.lineTo(self._start)
        if len(self.rows) > (self.ends[-1] if self.ends else 0):
            self.ends.append(len(self.rows))

    endPath = closePath

    def contours(self) -> tuple[Rows, Ends]:
        """All that was drawn, as `glyph_contours` gives it."""
        return np.array(self.rows).reshape(-1, 7), np.array(self.ends, np.int64)


@kernel
def _survey(rows, ends, areas, boxes):  # type: ignore[no-untyped-def]
    """Twice the signed area, and the box, of each contour's control polygon; returns the sum of the areas."""
    total, start = 0.0, 0
    for c in range(ends.shape[0]):
        last = int(rows[ends[c] - 1, 0])
        ax, ay = rows[ends[c] - 1, 2 * last - 1], rows[ends[c] - 1, 2 * last]
        area, x0, y0, x1, y1 = 0.0, ax, ay, ax, ay
        for s in range(start, ends[c]):
            for k in range(int(rows[s, 0])):
                bx, by = rows[s, 1 + 2 * k], rows[s, 2 + 2 * k]
                area += ax * by - ay * bx
                x0, x1, y0, y1 = min(x0, bx), max(x1, bx), min(y0, by), max(y1, by)
                ax, ay = bx, by
        areas[c] = area
        boxes[c, 0], boxes[c, 1], boxes[c, 2], boxes[c, 3] = x0, y0, x1, y1
        total += area
        start = ends[c]
    return total


@kernel
def _overlap(areas, boxes, total):  # type: ignore[no-untyped-def]
    """Whether two contours that add ink may overlap, by their boxes."""
    for i in range(areas.shape[0]):
        for j in range(i):
            if areas[i] * total > 0.0 and areas[j] * total > 0.0:
                a, b = boxes[i], boxes[j]
                if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]:
                    return True
    return False


@kernel
def _reversed(rows, ends):  # type: ignore[no-untyped-def]
    """The same contours run through from their other end."""
    out = np.zeros_like(rows)
    start = 0
    for c in range(ends.shape[0]):
        end = ends[c]
        for s in range(start, end):
            target = out[start + end - 1 - s]
            d = int(rows[s, 0])
            target[0] = d
            for k in range(d - 1):  # control points between the ends, in reverse
                target[1 + 2 * k], target[2 + 2 * k] = rows[s, 1 + 2 * (d - 2 - k)], rows[s, 2 + 2 * (d - 2 - k)]
            before = s - 1 if s > start else end - 1
            at = int(rows[before, 0])
            target[2 * d - 1], target[2 * d] = rows[before, 2 * at - 1], rows[before, 2 * at]
        start = end
    return out


def _unite(rows: Rows, ends: Ends) -> tuple[Rows, Ends]:
    """The union of the contours under the non-zero rule."""
    path = pathops.Path()
    segments = rows.tolist()
    start = 0
    for end in ends.tolist():
        last = segments[end - 1]
        degree = int(last[0])
        path.moveTo(last[2 * degree - 1], last[2 * degree])
        for s in segments[start:end]:
            if s[0] == 1.0:
                path.lineTo(*s[1:3])
            elif s[0] == 2.0:
                path.quadTo(*s[1:5])
            else:
                path.cubicTo(*s[1:7])
        path.close()
        start = end
    try:
        path.simplify(fix_winding=True, keep_starting_points=False)
    except pathops.PathOpsError:
        return rows, ends  # a glyph that Skia cannot solve is drawn as it is: the raster still clamps
    pen = _Pen()
    calls: dict[object, Callable[..., None]] = {
        pathops.PathVerb.MOVE: pen.moveTo,
        pathops.PathVerb.LINE: pen.lineTo,
        pathops.PathVerb.QUAD: pen.qCurveTo,
        pathops.PathVerb.CUBIC: pen.curveTo,
        pathops.PathVerb.CLOSE: pen.closePath,
    }
    for verb, points in path:
        calls[verb](*points)
    return pen.contours()


def glyph_contours(font: hb.Font, glyph: int, variable: bool) -> tuple[Rows, Ends]:
    """The contours of a glyph in font units: overlaps united, outer contours of positive area.

    `variable`: of a variable font, whose contours may overlap themselves, too.
    Returns a row a segment, float64 (n, 7): its degree and the control points after its start (the rest 0); and the
    running number of segments after each contour, int64 (c,).
    """
    pen = _Pen()
    font.draw_glyph_with_pen(glyph, pen)
    rows, ends = pen.contours()
    areas, boxes = np.empty(len(ends)), np.empty((len(ends), 4))
    total = _survey(rows, ends, areas, boxes)
    if len(ends) and (variable or _overlap(areas, boxes, total)):
        rows, ends = _unite(rows, ends)
        areas, boxes = np.empty(len(ends)), np.empty((len(ends), 4))
        total = _survey(rows, ends, areas, boxes)
    return (_reversed(rows, ends) if total < 0.0 else rows), ends


def _cut(points: list[tuple[float, float]], t: float) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """A Bezier curve's parts before and after t (de Casteljau)."""
    before, after = [points[0]], [points[-1]]
    while len(points) > 1:
        points = [(a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])) for a, b in pairwise(points)]
        before.append(points[0])
        after.append(points[-1])
    return before, after[::-1]


def round_corners(rows: Rows, ends: Ends, radius: float) -> tuple[Rows, Ends]:
    """The contours with each corner (a turn of more than 20 degrees) cut off and bridged by a quadratic curve.

    `rows`, `ends`: as of `glyph_contours`; `radius`: how far from the corner, at most, the curve begins, in their
    units: less on a segment that is too short for it on both its sides. The ink's extremes that are sharp become
    smaller, none becomes larger.
    """
    pen = _Pen()
    start = 0
    for end in ends.tolist():
        curves: list[list[tuple[float, float]]] = []
        for row in rows[start:end].tolist():
            d = int(row[0])
            curves.append([(row[1 + 2 * k], row[2 + 2 * k]) for k in range(d)])
        start = end
        at = curves[-1][-1]
        for curve in curves:
            curve.insert(0, at)
            at = curve[-1]
        n = len(curves)
        lengths = [sum(math.dist(a, b) for a, b in pairwise(curve)) for curve in curves]
        corner = [_is_corner(curves[i - 1], curves[i]) for i in range(n)]  # before curve i
        cuts = [min(radius, 0.45 * lengths[i - 1], 0.45 * lengths[i]) if corner[i] else 0.0 for i in range(n)]
        pieces = []
        for i, curve in enumerate(curves):
            lead, tail, piece = cuts[i], cuts[(i + 1) % n], curve
            if tail > 0.0:
                piece = _cut(piece, 1.0 - tail / lengths[i])[0]
            if lead > 0.0:
                piece = _cut(piece, lead / max(lengths[i] - tail, 1e-9))[1]
            pieces.append(piece)
        pen.moveTo(pieces[0][0])
        for i, piece in enumerate(pieces):
            if len(piece) == 2:
                pen.lineTo(piece[1])
            elif len(piece) == 3:
                pen.qCurveTo(*piece[1:])
            else:
                pen.curveTo(*piece[1:])
            if cuts[(i + 1) % n] > 0.0:
                pen.qCurveTo(curves[i][-1], pieces[(i + 1) % n][0])
        pen.closePath()
    return pen.contours()


def _is_corner(a: list[tuple[float, float]], b: list[tuple[float, float]]) -> bool:
    """Whether the direction turns by more than 20 degrees from the end of a curve to the start of the next."""
    ax, ay = next(((a[-1][0] - p[0], a[-1][1] - p[1]) for p in reversed(a[:-1]) if p != a[-1]), (0.0, 0.0))
    bx, by = next(((p[0] - b[0][0], p[1] - b[0][1]) for p in b[1:] if p != b[0]), (0.0, 0.0))
    length = math.hypot(ax, ay) * math.hypot(bx, by)
    return length > 0.0 and ax * bx + ay * by < 0.94 * length


class FontInstance:
    """A face at one position of its variation axes: a HarfBuzz font and the slots of its glyphs in the store.

    `scale`: em per font unit; `blank`: the space's advance, em; `rounding`: radius to which corners are rounded, em.
    """

    __slots__ = ("blank", "face", "font", "number", "rounding", "scale", "slots")

    def __init__(
        self, face: FontFace, variation: tuple[tuple[str, float], ...], number: int, rounding: float = 0.0
    ) -> None:
        try:
            blob = hb.Blob.from_file_path(str(face.path))
        except Exception:
            raise InputError(f"font file {face.path} cannot be read any more; was it moved while in use?") from None
        self.face = face
        self.rounding = rounding
        self.font = hb.Font(hb.Face(blob, face.index))
        if variation:
            self.font.set_variations(dict(variation))
        self.scale = 1.0 / face.units_per_em
        glyph = self.font.get_nominal_glyph(0x20)
        self.blank: float = self.font.get_glyph_h_advance(glyph) * self.scale if glyph else 0.25
        self.number = number
        self.slots: dict[int, int] = {}


class OutlineStore:
    """Every outline that this process has used, in growing arrays.

    `degree`     uint8 (S,): 1, 2 or 3.
    `control`    float32 (S, 6): the control points after the segment's start, x0 y0 x1 y1 x2 y2 (the rest 0).
    `contours`   int32 (C, 2): first and last + 1 of each contour's segments.
    `glyphs`     int32 (G, 2): first and last + 1 of each glyph's contours.
    """

    def __init__(self) -> None:
        self._fonts: OrderedDict[tuple[str, tuple[tuple[str, float], ...], float], FontInstance] = OrderedDict()
        self._lock = threading.Lock()
        self._clear()

    def _clear(self) -> None:
        self._fonts.clear()
        self.degree: npt.NDArray[np.uint8] = np.zeros(4096, np.uint8)
        self.control: npt.NDArray[np.float32] = np.zeros((4096, 6), np.float32)
        self.contours: npt.NDArray[np.int32] = np.zeros((1024, 2), np.int32)
        self.glyphs: npt.NDArray[np.int32] = np.zeros((512, 2), np.int32)
        self._counts = [0, 0, 0]

    def instance(self, face: FontFace, variation: tuple[tuple[str, float], ...], rounding: float = 0.0) -> FontInstance:
        """The font instance, opened on first use."""
        key = (face.id, variation, rounding)
        found = self._fonts.get(key)
        if found is None:
            with self._lock:
                if self._counts[0] > _MAX_SEGMENTS or len(self._fonts) > _MAX_FONTS:
                    self._clear()
                found = self._fonts[key] = FontInstance(face, variation, len(self._fonts), rounding)
        return found

    def slot(self, instance: FontInstance, glyph: int) -> int:
        """The row of `glyphs` that holds the glyph's outline, extracted on first use."""
        slot = instance.slots.get(glyph)
        if slot is None:
            with self._lock:
                rows, ends = glyph_contours(instance.font, glyph, bool(instance.face.axes))
                if instance.rounding:
                    rows, ends = round_corners(rows, ends, instance.rounding / instance.scale)
                slot = instance.slots[glyph] = self._add(rows, ends, instance.scale)
        return slot

    def _add(self, rows: Rows, ends: Ends, scale: float) -> int:
        start, at, slot = self._counts
        end, last = start + len(rows), at + len(ends)
        self.degree = _grown(self.degree, end)
        self.control = _grown(self.control, end)
        self.contours = _grown(self.contours, last)
        self.glyphs = _grown(self.glyphs, slot + 1)
        self.degree[start:end] = rows[:, 0]
        self.control[start:end] = scale * rows[:, 1:]
        self.contours[at:last, 1] = ends + start
        self.contours[at + 1 : last, 0] = ends[:-1] + start
        self.contours[at : at + 1, 0] = start
        self.glyphs[slot] = at, last
        self._counts = [end, last, slot + 1]
        return slot


def _grown(array: npt.NDArray[_T], size: int) -> npt.NDArray[_T]:
    if size <= array.shape[0]:
        return array
    result = np.zeros((max(size, 2 * array.shape[0]), *array.shape[1:]), array.dtype)
    result[: array.shape[0]] = array
    return result
