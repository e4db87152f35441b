"""What the picture shows of a label: the rule that `sample.py` tells, for crops and scenes alike.

A polygon becomes exactly what lies inside of the picture; a quad the part of it, in its own perspective frame, that
holds what lies inside. What lies inside as it is stays as it is, bit by bit.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from synthtext.core.kernel import kernel, part
from synthtext.labels.fit import MAX_STATIONS

Floats = npt.NDArray[np.float32]

_LEAST_AREA = 1e-3  # square pixels: below it, nothing is seen
_SAME = 1e-3  # pixels between a quad and a polygon that are the same but for rounding
_APART = 1e-4  # pixels between two points that are told apart
# Points that a polygon may come to: each of four borders adds at most half of what there was; then the shorter of its
# two sides gets as many as the longer.
_MOST = 6 * 2 * MAX_STATIONS
MOST_POINTS = 2 * _MOST
_CORNERS = np.int64(4)  # no literal, for which the kernels below would be compiled once more


@kernel
def _inside(points, size, height, width):
    """Whether all of `points[:size]` lie inside of the picture."""
    for i in range(size):
        x, y = points[i, 0], points[i, 1]
        if not (0.0 <= x <= width and 0.0 <= y <= height):
            return False
    return True


@kernel
def _area(points, size):
    total = 0.0
    for i in range(1, size - 1):
        total += (points[i, 0] - points[0, 0]) * (points[i + 1, 1] - points[0, 1]) - (points[i, 1] - points[0, 1]) * (
            points[i + 1, 0] - points[0, 0]
        )
    return 0.5 * total


@kernel
def _copy(source, target):
    """A point of a ring, four numbers, into another."""
    for k in range(4):
        target[k] = source[k]


@kernel
def _clip(ring, size, height, width, spare):
    """Sutherland-Hodgman: the closed `ring[:size]`, float64 (n, 4), cut by the picture, in place; gives its new size.

    A point is x, y, and two more numbers that go linearly along the edges. `spare`: of the same shape.
    """
    for side in range(4):
        axis, sign = side % 2, 1.0 if side < 2 else -1.0
        bound = 0.0 if side < 2 else float(width if axis == 0 else height)
        count = 0
        for i in range(size):
            j = i + 1 if i + 1 < size else 0
            p, q = sign * (ring[i, axis] - bound), sign * (ring[j, axis] - bound)
            if p >= 0.0:
                _copy(ring[i], spare[count])
                count += 1
            if (p > 0.0 and q < 0.0) or (p < 0.0 and q > 0.0):
                t = p / (p - q)
                for k in range(4):
                    spare[count, k] = ring[i, k] + t * (ring[j, k] - ring[i, k])
                spare[count, axis] = bound
                count += 1
        size = 0
        for i in range(count):
            before = spare[i - 1 if i > 0 else count - 1]
            if count < 4 or math.hypot(spare[i, 0] - before[0], spare[i, 1] - before[1]) > _APART:
                _copy(spare[i], ring[size])
                size += 1
        if size < 3:
            return 0
    return size


@part
def _frame(quad):
    """The homography, 9 numbers by rows, from the unit square to a quad (4, 2) (Heckbert's closed form)."""
    x0, y0, x1, y1 = float(quad[0, 0]), float(quad[0, 1]), float(quad[1, 0]), float(quad[1, 1])
    x2, y2, x3, y3 = float(quad[2, 0]), float(quad[2, 1]), float(quad[3, 0]), float(quad[3, 1])
    sx, sy = x0 - x1 + x2 - x3, y0 - y1 + y2 - y3
    dx1, dx2, dy1, dy2 = x1 - x2, x3 - x2, y1 - y2, y3 - y2
    det = dx1 * dy2 - dx2 * dy1
    g, h = (sx * dy2 - dx2 * sy) / det, (dx1 * sy - sx * dy1) / det
    return x1 - x0 + g * x1, x3 - x0 + h * x3, x0, y1 - y0 + g * y1, y3 - y0 + h * y3, y0, g, h, 1.0


@kernel
def visible_quad(quad, height, width, ring, spare):
    """Cut a convex quad, float32 (4, 2), in place to the part, in its own frame, that holds what the picture shows.

    Gives the share of its area that lies inside of the picture. A quad of which nothing does is left as it is.
    `ring`, `spare`: scratch, float64 (n, 4), n at least 16.
    """
    if _inside(quad, _CORNERS, height, width):
        return 1.0
    for i in range(4):
        ring[i, 0], ring[i, 1], ring[i, 2], ring[i, 3] = quad[i, 0], quad[i, 1], 0.0, 0.0
    total = _area(ring, _CORNERS)
    size = _clip(ring, _CORNERS, height, width, spare)
    area = _area(ring, size) if size > 2 else 0.0
    if area <= _LEAST_AREA or total <= _LEAST_AREA:
        return 0.0
    a, b, c, d, e, f, g, h, i9 = _frame(quad)
    u0, u1, v0, v1 = 1.0, 0.0, 1.0, 0.0
    for i in range(size):
        x, y = ring[i, 0], ring[i, 1]
        w = (d * h - e * g) * x + (b * g - a * h) * y + (a * e - b * d)
        u = ((e * i9 - f * h) * x + (c * h - b * i9) * y + (b * f - c * e)) / w
        v = ((f * g - d * i9) * x + (a * i9 - c * g) * y + (c * d - a * f)) / w
        u0, u1, v0, v1 = min(u0, u), max(u1, u), min(v0, v), max(v1, v)
    u0, u1, v0, v1 = max(u0, 0.0), min(u1, 1.0), max(v0, 0.0), min(v1, 1.0)
    for i in range(4):
        u, v = u0 if i == 0 or i == 3 else u1, v0 if i < 2 else v1
        w = g * u + h * v + i9
        quad[i, 0], quad[i, 1] = (a * u + b * v + c) / w, (d * u + e * v + f) / w
    return min(area / total, 1.0)


@kernel
def _insert(ring, size, place, other):
    """Put the middle between the points `place - 1` and `other` at `place`."""
    x, y = 0.5 * (ring[place - 1, 0] + ring[other, 0]), 0.5 * (ring[place - 1, 1] + ring[other, 1])
    for i in range(size, place, -1):
        _copy(ring[i - 1], ring[i])
    ring[place, 0], ring[place, 1] = x, y


@kernel
def visible_polygon(polygon, size, height, width, ring, spare, out):
    """What the picture shows of a polygon, float32 (2k, 2), k points a side: into `out`, float32 (MOST_POINTS, 2).

    Gives its size and the share of its area. Where the border cuts a side off, what runs along the border stands for
    it: the first point is nearest to the text's top left, the first of the bottom side to its bottom right, by place
    along and across the text. The side of fewer points gets more, on its longest edges. A polygon of which the picture
    shows nothing is given as it is. `ring`, `spare`: scratch, float64 (MOST_POINTS, 4).
    """
    for i in range(size):
        out[i, 0], out[i, 1] = polygon[i, 0], polygon[i, 1]
    if _inside(polygon, size, height, width):
        return size, 1.0
    k = size // 2
    for i in range(size):
        ring[i, 0], ring[i, 1] = polygon[i, 0], polygon[i, 1]
        ring[i, 2], ring[i, 3] = (i if i < k else size - 1 - i) / (k - 1), 0.0 if i < k else 1.0
    total = _area(ring, size)
    n = _clip(ring, size, height, width, spare)
    area = _area(ring, n) if n > 2 else 0.0
    if area <= _LEAST_AREA or total <= _LEAST_AREA:
        return size, 0.0
    u0, u1, v0, v1 = np.inf, -np.inf, np.inf, -np.inf
    for i in range(n):
        u0, u1, v0, v1 = min(u0, ring[i, 2]), max(u1, ring[i, 2]), min(v0, ring[i, 3]), max(v1, ring[i, 3])
    wide, high = max(u1 - u0, 1e-9), max(v1 - v0, 1e-9)
    first, last, least, most = 0, 0, np.inf, -np.inf
    for i in range(n):
        place = (ring[i, 2] - u0) / wide + (ring[i, 3] - v0) / high
        if place < least:
            least, first = place, i
        if place > most:
            most, last = place, i
    for i in range(n):
        _copy(ring[(first + i) % n], spare[i])
    for i in range(n):
        _copy(spare[i], ring[i])
    top = max((last - first) % n, 1)
    while 2 * top != n:
        upper = 2 * top < n
        begin, end = (0, top) if upper else (top, n)
        if end - begin == 1:  # it begins halfway along the edge to the other side's next point
            _insert(ring, n, top, top)
        else:
            longest, at = -1.0, begin + 1
            for i in range(begin + 1, end):
                gap = math.hypot(ring[i, 0] - ring[i - 1, 0], ring[i, 1] - ring[i - 1, 1])
                if gap > longest:
                    longest, at = gap, i
            _insert(ring, n, at, at)
        n += 1
        if upper:
            top += 1
    for i in range(n):
        out[i, 0], out[i, 1] = ring[i, 0], ring[i, 1]
    return n, min(area / total, 1.0)


@part
def show_labels(char_quads, word_quads, polygons, sizes, height, width, shown, shown_sizes, char_shares, word_shares):
    """Cut all labels of a text to what a picture of `height` x `width` pixels shows of them.

    `char_quads` float32 (n, 4, 2), `word_quads` float32 (m, 4, 2): in place. `polygons`, `sizes`: as of `fit_labels`.
    Out: `shown` float32 (m, MOST_POINTS, 2), `shown_sizes` int64 (m,); `char_shares` float32 (n,), of the quads' areas,
    and `word_shares` float32 (m,), of the polygons' areas: 0 where a label lies outside and was left as it is.
    """
    ring, spare = np.empty((MOST_POINTS, 4)), np.empty((MOST_POINTS, 4))
    for i in range(char_quads.shape[0]):
        char_shares[i] = visible_quad(char_quads[i], height, width, ring, spare)
    for m in range(word_quads.shape[0]):
        visible_quad(word_quads[m], height, width, ring, spare)
        shown_sizes[m], word_shares[m] = visible_polygon(polygons[m], sizes[m], height, width, ring, spare, shown[m])
        if shown_sizes[m] == 4:
            away = 0.0
            for k in range(4):
                for axis in range(2):
                    away = max(away, abs(word_quads[m, k, axis] - shown[m, k, axis]))
            if away < _SAME:  # cut along the word's own directions: the two are one, up to rounding
                for k in range(4):
                    word_quads[m, k, 0], word_quads[m, k, 1] = shown[m, k, 0], shown[m, k, 1]


def shown_labels(
    char_quads: Floats,
    word_quads: Floats,
    polygons: Floats,
    sizes: npt.NDArray[np.int64],
    height: int,
    width: int,
) -> tuple[tuple[Floats, ...], Floats, Floats]:
    """`show_labels` with new arrays: the words' polygons, float32 (2k, 2) each, and the shares of chars and words.

    `char_quads` and `word_quads` are cut in place.
    """
    n, m = len(char_quads), len(word_quads)
    shown, shown_sizes = np.empty((m, MOST_POINTS, 2), np.float32), np.empty(m, np.int64)
    char_shares, word_shares = np.empty(n, np.float32), np.empty(m, np.float32)
    show_labels(char_quads, word_quads, polygons, sizes, height, width, shown, shown_sizes, char_shares, word_shares)
    return tuple([shown[i, :k].copy() for i, k in enumerate(shown_sizes.tolist())]), char_shares, word_shares
