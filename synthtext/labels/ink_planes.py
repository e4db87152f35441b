"""How ink masks are made (`ink_maps.py` says what they are): texts laid over one another, cell by cell."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from synthtext.core.errors import InputError
from synthtext.core.kernel import kernel
from synthtext.labels.ink_maps import Ink
from synthtext.labels.order import in_logical_order
from synthtext.raster.coverage import fill
from synthtext.raster.polylines import Polylines, bounds
from synthtext.typeset.layout import Layout

Floats = npt.NDArray[np.float32]

_MOST_IDS = 65535
_NO_QUADS = np.zeros((0, 4, 2), np.float32)


class InkParts(Struct, frozen=True, eq=False):
    """A text's cells cut into the parts that are labelled one by one: a ligature's cell has several.

    `starts` int64 (c + 1,): each cell's first part; `cuts` float32 (p, 2, 2): the line, from top to bottom, before each
    part of a cell that has several. `labels` int64 (p,): the part's char, numbered in logical order; `words` int64
    (p,): its word.
    """

    starts: npt.NDArray[np.int64]
    cuts: Floats
    labels: npt.NDArray[np.int64]
    words: npt.NDArray[np.int64]


def has_ligatures(layout: Layout) -> bool:
    """Whether a cell of the text is of several characters, so that `ink_parts` needs their quads."""
    return max(map(len, layout.char_texts)) > 1


def ink_parts(layout: Layout, char_quads: Floats = _NO_QUADS) -> InkParts:
    """The parts of a text. `char_quads`: float32 (c, 4, 2), of its whole cells; needed where it `has_ligatures`."""
    count = len(layout.cells)
    if not has_ligatures(layout) and not any(reading.order for reading in layout.readings):
        words = np.repeat(np.arange(len(layout.words)), layout.words[:, 1] - layout.words[:, 0])
        return InkParts(np.arange(count + 1), np.zeros((count, 2, 2), np.float32), np.arange(count), words)
    quads = char_quads if len(char_quads) else np.zeros((count, 4, 2), np.float32)
    _, word_of, ordered, rows = in_logical_order(layout, quads)
    cells = np.array(rows)
    turned = np.zeros(count, np.bool_)
    for (first, last), reading in zip(layout.words.tolist(), layout.readings, strict=True):
        turned[first:last] = reading.turned or False
    turned = turned[cells]
    # Side by side as they are drawn: a right-to-left ligature's first char is its last part.
    place = np.arange(len(cells))
    labels = np.lexsort((np.where(turned, -place, place), cells))
    starts = np.concatenate([[0], np.cumsum(np.bincount(cells, minlength=count))])
    return InkParts(starts, ordered[labels][:, (0, 3)], labels, word_of[labels])


@kernel
def add_ink(points, contour_ends, glyph_ends, cells, starts, cuts, part, coverage, owner, share):
    """Lay the ink of cells over a picture, in order.

    `points`, `contour_ends`, `glyph_ends`: as of `flatten`; `cells` int64 (c, 2): the glyphs of each; `starts`, `cuts`:
    as of `InkParts`. `part`: the number that the first cell's first part gets. In and out: `coverage` float32 (H, W),
    united by the maximum; `owner` uint16 (H, W) and `share` float32 (H, W): the part that most of the ink of a pixel is
    of, and how much of the pixel it keeps under what is laid over it.
    """
    height, width = coverage.shape
    window = np.empty((0, 0), np.float32)
    for i in range(cells.shape[0]):
        g0, g1 = cells[i, 0], cells[i, 1]
        c0 = glyph_ends[g0 - 1] if g0 > 0 else 0
        c1 = glyph_ends[g1 - 1] if g1 > g0 else c0
        if c1 == c0:
            continue
        p0, p1 = contour_ends[c0 - 1] if c0 > 0 else 0, contour_ends[c1 - 1]
        x_min, x_max, y_min, y_max = 1e30, -1e30, 1e30, -1e30
        for p in range(p0, p1):
            x, y = points[p, 0], points[p, 1]
            x_min, x_max, y_min, y_max = min(x_min, x), max(x_max, x), min(y_min, y), max(y_max, y)
        if not (x_max > 0.0 and y_max > 0.0 and x_min < width and y_min < height):
            continue
        left, top = math.floor(max(x_min, 0.0)), math.floor(max(y_min, 0.0))
        rows, columns = math.ceil(min(y_max, float(height))) - top, math.ceil(min(x_max, float(width))) - left
        if rows > window.shape[0] or columns > window.shape[1]:
            window = np.empty((max(rows, window.shape[0]), max(columns, window.shape[1])), np.float32)
        own = window[:rows, :columns]
        own[:] = np.float32(0.0)
        fill(points[p0:p1], contour_ends[c0:c1] - p0, glyph_ends[g0:g1] - c0, -float(left), -float(top), own)
        first, last = starts[i], starts[i + 1]
        for r in range(rows):
            for c in range(columns):
                a = own[r, c]
                if a > np.float32(0.0):
                    y, x = top + r, left + c
                    coverage[y, x] = max(coverage[y, x], a)
                    under = share[y, x] * (np.float32(1.0) - a)
                    if a < under:
                        share[y, x] = under
                        continue
                    share[y, x] = a
                    k = first
                    while k + 1 < last:
                        tx, ty = cuts[k + 1, 0, 0], cuts[k + 1, 0, 1]
                        dx, dy = cuts[k + 1, 1, 0] - tx, cuts[k + 1, 1, 1] - ty
                        if dx * (y + 0.5 - ty) - dy * (x + 0.5 - tx) > 0.0:
                            break
                        k += 1
                    owner[y, x] = part + k


class InkPlanes:
    """Ink masks in the making: texts, and what hides them, laid over one another in the order of drawing."""

    def __init__(self, height: int, width: int) -> None:
        self._coverage, self._share, self._one = np.zeros((3, height, width), np.float32)
        self._owner = np.zeros((height, width), np.uint16)
        self._char_ids: list[npt.NDArray[np.int64]] = [np.zeros(1, np.int64)]
        self._word_ids: list[npt.NDArray[np.int64]] = [np.zeros(1, np.int64)]
        self._parts = 1

    def add(
        self,
        outlines: Polylines,
        cells: npt.NDArray[np.int64],
        parts: InkParts,
        char_ids: npt.NDArray[np.int64],
        word_ids: npt.NDArray[np.int64],
    ) -> None:
        """Lay a text over it. `char_ids`, `word_ids` int64: the id of each of its chars, in logical order, and words.

        Raises InputError where there are more chars than ids.
        """
        first, self._parts = self._parts, self._parts + len(parts.labels)
        if self._parts > _MOST_IDS + 1:
            raise InputError(f"ink: a picture has more than {_MOST_IDS:,} chars; make it with less text")
        add_ink(
            outlines.points, outlines.contour_ends, outlines.glyph_ends, cells, parts.starts, parts.cuts, first,
            self._one, self._owner, self._share,
        )  # fmt: skip
        part = self._within(*bounds(outlines.points))
        own, whole = self._one[part], self._coverage[part]
        whole += (np.float32(1.0) - whole) * own
        own[:] = 0.0
        self._char_ids.append(char_ids[parts.labels])
        self._word_ids.append(word_ids[parts.words])

    def _within(self, x0: float, y0: float, x1: float, y1: float) -> tuple[slice, slice]:
        """The pixels of the picture in a box; there may be none."""
        height, width = self._owner.shape
        top, bottom = max(math.floor(y0), 0), max(min(math.ceil(y1), height), 0)
        left, right = max(math.floor(x0), 0), max(min(math.ceil(x1), width), 0)
        return slice(top, bottom), slice(left, right)

    def has_ink(self, x0: float, y0: float, x1: float, y1: float) -> bool:
        """Whether there is any in a box of the picture."""
        return bool(self._coverage[self._within(x0, y0, x1, y1)].any())

    def hide(self, hidden: Floats) -> None:
        """Lay what is no ink over it: `hidden`, float32 (H, W), the part of each pixel that it hides."""
        left = np.float32(1.0) - hidden
        self._coverage *= left
        self._share *= left

    def show(self, seen: Floats) -> None:
        """Say what of its one text is seen: `seen`, float32 (H, W), coverage by the ink that is left."""
        self._coverage = seen

    def ink(self) -> Ink:
        """The masks."""
        coverage = np.rint(np.float32(255.0) * np.clip(self._coverage, 0.0, 1.0)).astype(np.uint8)
        owner = self._owner
        owner[coverage == 0] = 0
        ids = [np.concatenate(part).astype(np.uint16) for part in (self._char_ids, self._word_ids)]
        return Ink(coverage, owner, *ids)
