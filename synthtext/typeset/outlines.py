"""Glyph outlines, taken from fonts through HarfBuzz once and kept in flat arrays that kernels read.

A glyph is a run of closed contours, a contour a run of segments: a line, a quadratic or a cubic Bezier curve. A segment
stores its degree and the control points after its start; it starts where the one before it ends (the contour's first
where its last ends). Coordinates are em units with y upward, as in fonts, divided by the units per em.
Outer contours run so that the glyph's signed area is positive, and contours that overlap are united (Skia's path
operations), so that the sum of signed areas is the coverage.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pathops
import uharfbuzz as hb

from synthtext.errors import InputError
from synthtext.typeset.catalogue import FontFace

_MAX_SEGMENTS = 2_000_000  # about 60 MB; then the store starts anew (what it holds never shows in a sample)
_MAX_FONTS = 1024

_T = TypeVar("_T", bound=np.generic)


# A segment while it is collected: degree, then x0 y0 x1 y1 x2 y2 of the control points after its start (the rest 0).
Segment = tuple[int, float, float, float, float, float, float]
Contour = list[Segment]


class _Pen:
    """Collects what HarfBuzz or Skia draws as contours."""

    def __init__(self) -> None:
        self.contours: list[Contour] = []
        self._start = (0.0, 0.0)
        self._at = (0.0, 0.0)

    def moveTo(self, p: tuple[float, float]) -> None:
        self.contours.append([])
        self._start = self._at = p

    def lineTo(self, p: tuple[float, float]) -> None:
        if p != self._at:
            self.contours[-1].append((1, p[0], p[1], 0.0, 0.0, 0.0, 0.0))
            self._at = p

    def qCurveTo(self, c: tuple[float, float], p: tuple[float, float]) -> None:
        self.contours[-1].append((2, c[0], c[1], p[0], p[1], 0.0, 0.0))
        self._at = p

    def curveTo(self, c: tuple[float, float], d: tuple[float, float], p: tuple[float, float]) -> None:
        self.contours[-1].append((3, c[0], c[1], d[0], d[1], p[0], p[1]))
        self._at = p

    def closePath(self) -> None:
        if self._at != self._start:
            self.lineTo(self._start)

    endPath = closePath


def _points(contour: Contour) -> list[tuple[float, float]]:
    """The vertices of the control polygon, from the one after the start round to the start."""
    return [(s[i], s[i + 1]) for s in contour for i in range(1, 2 * s[0], 2)]


def _area(points: list[tuple[float, float]]) -> float:
    """Twice the signed area of a polygon."""
    total = 0.0
    ax, ay = points[-1]
    for bx, by in points:
        total += ax * by - ay * bx
        ax, ay = bx, by
    return total


def _overlap(polygons: list[list[tuple[float, float]]], areas: list[float]) -> bool:
    """Whether two contours that add ink may overlap, by their boxes."""
    sign = sum(areas)
    boxes = []
    for points, area in zip(polygons, areas, strict=True):
        if area * sign > 0.0:
            xs, ys = [p[0] for p in points], [p[1] for p in points]
            boxes.append((min(xs), min(ys), max(xs), max(ys)))
    for i, a in enumerate(boxes):
        for b in boxes[:i]:
            if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]:
                return True
    return False


def _unite(contours: list[Contour]) -> list[Contour]:
    """The union of the contours under the non-zero rule."""
    path = pathops.Path()
    for contour in contours:
        path.moveTo(*_points(contour)[-1])
        for s in contour:
            if s[0] == 1:
                path.lineTo(*s[1:3])
            elif s[0] == 2:
                path.quadTo(*s[1:5])
            else:
                path.cubicTo(*s[1:7])
        path.close()
    try:
        path.simplify(fix_winding=True, keep_starting_points=False)
    except pathops.PathOpsError:
        return contours  # a glyph that Skia cannot solve is drawn as it is: the raster still clamps
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
    return [contour for contour in pen.contours if contour]


def _reverse(contour: Contour) -> Contour:
    points = _points(contour)
    points.insert(0, points[-1])
    points.reverse()
    result: Contour = []
    at = 1
    for segment in reversed(contour):
        n = segment[0]
        row = [v for p in points[at : at + n] for v in p] + [0.0] * (6 - 2 * n)
        result.append((n, *row))  # type: ignore[arg-type]
        at += n
    return result


def glyph_contours(font: hb.Font, glyph: int, variable: bool) -> list[Contour]:
    """The contours of a glyph in font units: overlaps united, outer contours of positive area.

    `variable`: of a variable font, whose contours may overlap themselves, too.
    """
    pen = _Pen()
    font.draw_glyph_with_pen(glyph, pen)
    contours = [contour for contour in pen.contours if contour]
    polygons = [_points(contour) for contour in contours]
    areas = [_area(points) for points in polygons]
    if contours and (variable or (len(contours) > 1 and _overlap(polygons, areas))):
        contours = _unite(contours)
        areas = [_area(_points(contour)) for contour in contours]
    return [_reverse(contour) for contour in contours] if sum(areas) < 0 else contours


class FontInstance:
    """A face at one position of its variation axes: a HarfBuzz font and the slots of its glyphs in the store."""

    __slots__ = ("ascender", "descender", "face", "font", "number", "scale", "slots")

    def __init__(self, face: FontFace, variation: tuple[tuple[str, float], ...], number: int) -> None:
        try:
            blob = hb.Blob.from_file_path(str(face.path))
        except Exception:
            raise InputError(f"font file {face.path} cannot be read any more; was it moved while in use?") from None
        self.face = face
        self.font = hb.Font(hb.Face(blob, face.index))
        if variation:
            self.font.set_variations(dict(variation))
        self.scale = 1.0 / face.units_per_em
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
        self._fonts: OrderedDict[tuple[str, tuple[tuple[str, float], ...]], FontInstance] = OrderedDict()
        self._lock = threading.Lock()
        self._clear()

    def _clear(self) -> None:
        self._fonts.clear()
        self.degree: npt.NDArray[np.uint8] = np.zeros(4096, np.uint8)
        self.control: npt.NDArray[np.float32] = np.zeros((4096, 6), np.float32)
        self.contours: npt.NDArray[np.int32] = np.zeros((1024, 2), np.int32)
        self.glyphs: npt.NDArray[np.int32] = np.zeros((512, 2), np.int32)
        self._counts = [0, 0, 0]

    def instance(self, face: FontFace, variation: tuple[tuple[str, float], ...]) -> FontInstance:
        """The font instance, opened on first use."""
        key = (face.id, variation)
        found = self._fonts.get(key)
        if found is None:
            with self._lock:
                if self._counts[0] > _MAX_SEGMENTS or len(self._fonts) > _MAX_FONTS:
                    self._clear()
                found = self._fonts[key] = FontInstance(face, variation, len(self._fonts))
        return found

    def slot(self, instance: FontInstance, glyph: int) -> int:
        """The row of `glyphs` that holds the glyph's outline, extracted on first use."""
        slot = instance.slots.get(glyph)
        if slot is None:
            with self._lock:
                slot = instance.slots[glyph] = self._add(
                    glyph_contours(instance.font, glyph, bool(instance.face.axes)), instance.scale
                )
        return slot

    def _add(self, contours: list[Contour], scale: float) -> int:
        rows = np.array([segment for contour in contours for segment in contour]).reshape(-1, 7)
        start, at, slot = self._counts
        end = start + len(rows)
        self.degree = _grown(self.degree, end)
        self.control = _grown(self.control, end)
        self.contours = _grown(self.contours, at + len(contours))
        self.glyphs = _grown(self.glyphs, slot + 1)
        self.degree[start:end] = rows[:, 0]
        self.control[start:end] = scale * rows[:, 1:]
        self.glyphs[slot] = at, at + len(contours)
        for contour in contours:
            self.contours[at] = start, start + len(contour)
            start += len(contour)
            at += 1
        self._counts = [end, at, slot + 1]
        return slot


def _grown(array: npt.NDArray[_T], size: int) -> npt.NDArray[_T]:
    if size <= array.shape[0]:
        return array
    result = np.zeros((max(size, 2 * array.shape[0]), *array.shape[1:]), array.dtype)
    result[: array.shape[0]] = array
    return result
