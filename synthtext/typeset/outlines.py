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
from array import array
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pathops
import uharfbuzz as hb

from synthtext.core.errors import InputError
from synthtext.core.kernel import kernel
from synthtext.typeset.contours import adds_up, control_area, control_polygons, is_too_costly, reverse, round_corners
from synthtext.typeset.fontfiles import FontFace

_MAX_SEGMENTS = 2_000_000  # about 60 MB; then the store starts anew (what it holds never shows in a sample)
_MAX_FONTS = 1024
_INK = 1e-5  # em squared: glyphs of less area show nothing (as in charmap)

_T = TypeVar("_T", bound=np.generic)


Rows = npt.NDArray[np.float64]
Ends = npt.NDArray[np.int64]


# What HarfBuzz and Skia draw, as numbers in a row: an operation, then its points.
_MOVE, _LINE, _QUADRATIC, _CUBIC, _CLOSE = 0.0, 1.0, 2.0, 3.0, 4.0
_VERBS = {
    pathops.PathVerb.MOVE: _MOVE,
    pathops.PathVerb.LINE: _LINE,
    pathops.PathVerb.QUAD: _QUADRATIC,
    pathops.PathVerb.CUBIC: _CUBIC,
    pathops.PathVerb.CLOSE: _CLOSE,
}


def _draw_funcs() -> hb.DrawFuncs:
    """Append what is drawn to the list that is the draw data."""
    funcs = hb.DrawFuncs()
    funcs.set_move_to_func(lambda x, y, out: out.extend((_MOVE, x, y)))
    funcs.set_line_to_func(lambda x, y, out: out.extend((_LINE, x, y)))
    funcs.set_quadratic_to_func(lambda a, b, x, y, out: out.extend((_QUADRATIC, a, b, x, y)))
    funcs.set_cubic_to_func(lambda a, b, c, d, x, y, out: out.extend((_CUBIC, a, b, c, d, x, y)))
    funcs.set_close_path_func(lambda out: out.append(_CLOSE))
    return funcs


_DRAW_FUNCS = _draw_funcs()


@kernel
def _gather(drawn):
    """The contours of what was drawn: rows and ends. A line of no length is passed over, an open contour closed."""
    rows, ends = np.zeros((drawn.size // 2 + 1, 7)), np.empty(drawn.size // 3 + 1, np.int64)
    n, contours, at = 0, 0, 0
    start_x, start_y, x, y = 0.0, 0.0, 0.0, 0.0
    while at < drawn.size:
        operation = int(drawn[at])
        if operation == 0 or operation == 4:
            if x != start_x or y != start_y:
                rows[n, 0], rows[n, 1], rows[n, 2] = 1, start_x, start_y
                n += 1
            if n > (ends[contours - 1] if contours else 0):
                ends[contours] = n
                contours += 1
            at += 1
            if operation == 0:
                start_x, start_y = drawn[at], drawn[at + 1]
                at += 2
            x, y = start_x, start_y
            continue
        end_x, end_y = drawn[at + 2 * operation - 1], drawn[at + 2 * operation]
        if operation > 1 or end_x != x or end_y != y:
            for k in range(2 * operation + 1):
                rows[n, k] = drawn[at + k]
            n += 1
        x, y = end_x, end_y
        at += 2 * operation + 1
    return rows[:n].copy(), ends[:contours].copy()


def _contours(drawn: list[float]) -> tuple[Rows, Ends]:
    return _gather(np.frombuffer(array("d", drawn)))  # type: ignore[no-any-return]


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
    drawn: list[float] = []
    for verb, points in path:
        drawn.append(_VERBS[verb])
        for point in points:
            drawn += point
    return _contours(drawn)


def glyph_contours(font: hb.Font, glyph: int) -> tuple[Rows, Ends]:
    """The contours of a glyph in font units, as contours.py has them: overlaps united, outer ones of positive area.

    An outline that is too costly to unite (`is_too_costly`) is drawn as it is, and the raster clamps its coverage: such
    a glyph is no character's own (fontfiles.py leaves those out), but a substitution or an axis may bring it.
    """
    drawn: list[float] = []
    font.draw_glyph(glyph, _DRAW_FUNCS, drawn)
    rows, ends = _contours(drawn)
    if len(ends) and not is_too_costly(*control_polygons(rows, ends)) and not adds_up(rows, ends):
        rows, ends = _unite(rows, ends)
    return (reverse(rows, ends) if control_area(rows, ends) < 0.0 else rows), ends


@kernel
def _store(rows, ends, scale, degree, control, contours, start, at, extent):
    """Write contours, scaled, to the store's arrays from segment `start` and contour `at` on; and the extent."""
    for s in range(rows.shape[0]):
        degree[start + s] = np.uint8(rows[s, 0])
        for k in range(6):
            control[start + s, k] = scale * rows[s, 1 + k]
    first, area, length, y0, y1 = 0, 0.0, 0.0, 1e30, -1e30
    for c in range(ends.shape[0]):
        contours[at + c, 0], contours[at + c, 1] = start + first, start + ends[c]
        d = int(rows[ends[c] - 1, 0])
        px, py = scale * rows[ends[c] - 1, 2 * d - 1], scale * rows[ends[c] - 1, 2 * d]
        for s in range(first, ends[c]):
            for k in range(int(rows[s, 0])):
                x, y = scale * rows[s, 1 + 2 * k], scale * rows[s, 2 + 2 * k]
                area += 0.5 * (px * y - py * x)
                length += math.hypot(x - px, y - py)
                y0, y1 = min(y0, y), max(y1, y)
                px, py = x, y
        first = ends[c]
    extent[0], extent[1], extent[2] = area, max(y1 - y0, 0.0), length


class FontInstance:
    """A face at one position of its variation axes: a HarfBuzz font and the slots of its glyphs in the store.

    `scale`: em per font unit; `blank`: the space's advance, em. `rounding`: radius to which corners are rounded, em,
    of the glyphs of `plain`, the same font unrounded.
    """

    __slots__ = ("blank", "face", "font", "plain", "rounding", "scale", "slots")

    def __init__(self, face: FontFace, rounding: float, of: hb.Font | FontInstance) -> None:
        self.face, self.rounding = face, rounding
        self.slots: dict[int, int] = {}
        self.scale = 1.0 / face.units_per_em
        self.plain = of if isinstance(of, FontInstance) else None
        self.font: hb.Font = of.font if isinstance(of, FontInstance) else of
        glyph = self.font.get_nominal_glyph(0x20)
        self.blank: float = self.font.get_glyph_h_advance(glyph) * self.scale if glyph else 0.25


def open_face(face: FontFace) -> hb.Face:
    """The face as HarfBuzz has it. Raises InputError where its file cannot be read any more."""
    try:
        blob = hb.Blob.from_file_path(str(face.path))
    except Exception:
        raise InputError(f"font file {face.path} cannot be read any more; was it moved while in use?") from None
    return hb.Face(blob, face.index)


def _font(face: hb.Face, variation: tuple[tuple[str, float], ...]) -> hb.Font:
    font = hb.Font(face)
    if variation:
        font.set_variations(dict(variation))
    return font


class OutlineStore:
    """Every outline that this process has used, in growing arrays.

    `degree`     uint8 (S,): 1, 2 or 3.
    `control`    float32 (S, 6): the control points after the segment's start, x0 y0 x1 y1 x2 y2 (the rest 0).
    `contours`   int32 (C, 2): first and last + 1 of each contour's segments.
    `glyphs`     int32 (G, 2): first and last + 1 of each glyph's contours.
    `blanks`     the rows of `glyphs` without ink: no contour, or none with an area.
    `extents`    float64 (G, 4): the area of each glyph's ink, its height, its outlines' length, by control points, and
                 its advance.
    """

    def __init__(self) -> None:
        self._fonts: OrderedDict[tuple[str, tuple[tuple[str, float], ...], float], FontInstance] = OrderedDict()
        self._faces: dict[str, hb.Face] = {}
        self._lock = threading.Lock()
        self.watch: Callable[[FontFace], None] | None = None  # told each face before it is used
        self._clear()

    def _clear(self) -> None:
        self._fonts.clear()
        self.degree: npt.NDArray[np.uint8] = np.zeros(4096, np.uint8)
        self.control: npt.NDArray[np.float32] = np.zeros((4096, 6), np.float32)
        self.contours: npt.NDArray[np.int32] = np.zeros((1024, 2), np.int32)
        self.glyphs: npt.NDArray[np.int32] = np.zeros((512, 2), np.int32)
        self.extents: npt.NDArray[np.float64] = np.zeros((512, 4))
        self.blanks: set[int] = set()
        self._counts = [0, 0, 0]

    def instance(self, face: FontFace, variation: tuple[tuple[str, float], ...], rounding: float = 0.0) -> FontInstance:
        """The font instance, opened on first use."""
        if self.watch is not None:
            self.watch(face)
        found = self._fonts.get((face.id, variation, rounding))
        if found is None:
            with self._lock:
                if self._counts[0] > _MAX_SEGMENTS or len(self._fonts) > _MAX_FONTS:
                    self._clear()
                found = self._open(face, variation, rounding)
        return found

    def _open(self, face: FontFace, variation: tuple[tuple[str, float], ...], rounding: float) -> FontInstance:
        key = (face.id, variation, rounding)
        if key not in self._fonts:
            if rounding:
                self._fonts[key] = FontInstance(face, rounding, self._open(face, variation, 0.0))
            else:
                # Positions of a font share its face, and with it what HarfBuzz works out of its tables once.
                opened = self._faces.get(face.id)
                if opened is None:
                    opened = self._faces[face.id] = open_face(face)
                self._fonts[key] = FontInstance(face, 0.0, _font(opened, variation))
        return self._fonts[key]

    def slot(self, instance: FontInstance, glyph: int) -> int:
        """The row of `glyphs` that holds the glyph's outline, extracted on first use."""
        slot = instance.slots.get(glyph)
        if slot is None:
            plain = self.slot(instance.plain, glyph) if instance.plain else -1
            with self._lock:
                if instance.plain:
                    rows, ends = round_corners(*self._contours(plain), instance.rounding)
                    slot = self._add(rows, ends, 1.0)
                else:
                    slot = self._add(*glyph_contours(instance.font, glyph), instance.scale)
                self.extents[slot, 3] = instance.font.get_glyph_h_advance(glyph) * instance.scale
                instance.slots[glyph] = slot
        return slot

    def _add(self, rows: Rows, ends: Ends, scale: float) -> int:
        start, at, slot = self._counts
        end, last = start + len(rows), at + len(ends)
        self.degree = _grown(self.degree, end)
        self.control = _grown(self.control, end)
        self.contours = _grown(self.contours, last)
        self.glyphs, self.extents = _grown(self.glyphs, slot + 1), _grown(self.extents, slot + 1)
        _store(rows, ends, scale, self.degree, self.control, self.contours, start, at, self.extents[slot])
        self.glyphs[slot] = at, last
        if self.extents[slot, 0] < _INK:
            self.blanks.add(slot)
        self._counts = [end, last, slot + 1]
        return slot

    def _contours(self, slot: int) -> tuple[Rows, Ends]:
        """The contours of a glyph of the store, em."""
        first, last = self.glyphs[slot].tolist()
        if first == last:
            return np.zeros((0, 7)), np.zeros(0, np.int64)
        start, end = int(self.contours[first, 0]), int(self.contours[last - 1, 1])
        rows = np.column_stack([self.degree[start:end], self.control[start:end]]).astype(np.float64)
        return rows, self.contours[first:last, 1].astype(np.int64) - start


def _grown(array: npt.NDArray[_T], size: int) -> npt.NDArray[_T]:
    if size <= array.shape[0]:
        return array
    result = np.zeros((max(size, 2 * array.shape[0]), *array.shape[1:]), array.dtype)
    result[: array.shape[0]] = array
    return result
