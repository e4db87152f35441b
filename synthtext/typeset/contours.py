"""Contours of a glyph: which way they run, whether they overlap, and rounding of their corners.

Contours are `rows`, float64 (n, 7), a row a segment: its degree (1, 2 or 3) and the control points after its start
(the rest 0); and `ends`, int64 (c,): the running number of segments after each contour. A segment starts where the
one before it ends, a contour's first where its last ends.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from synthtext.core.kernel import kernel

# What an outline may have to be tested for overlap, and united, at all. No glyph of the starter set and of 400 fonts
# of Debian, ornate, hieroglyphic, Chinese, has over 8,530 points, 607 contours or a tangle of 660,000.
MAX_POINTS = 10_000
MAX_CONTOURS = 2_000
MAX_TANGLE = 4_000_000

_CHORDS = 5  # of a curve, where contours are tested for overlap
_CORNER = 0.94  # cosine of the turn, about 20 degrees, from which on it is a corner


@kernel
def control_area(rows, ends):
    """Twice the signed area of the contours' control polygons together."""
    area, start = 0.0, 0
    for c in range(ends.shape[0]):
        last = int(rows[ends[c] - 1, 0])
        ax, ay = rows[ends[c] - 1, 2 * last - 1], rows[ends[c] - 1, 2 * last]
        for s in range(start, ends[c]):
            for k in range(int(rows[s, 0])):
                bx, by = rows[s, 1 + 2 * k], rows[s, 2 + 2 * k]
                area += ax * by - ay * bx
                ax, ay = bx, by
        start = ends[c]
    return area


@kernel
def reverse(rows, ends):
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


@kernel
def _chords(rows, ends):
    """The contours as closed polygons: vertices, float64 (m, 2), each chord ending at its own; the running number of
    them after each segment, and after each contour.
    """
    n = rows.shape[0]
    points = np.empty((_CHORDS * n, 2))
    after, contours = np.empty(n, np.int64), np.empty(ends.shape[0], np.int64)
    used, start = 0, 0
    for c in range(ends.shape[0]):
        last = int(rows[ends[c] - 1, 0])
        sx, sy = rows[ends[c] - 1, 2 * last - 1], rows[ends[c] - 1, 2 * last]
        for s in range(start, ends[c]):
            d = int(rows[s, 0])
            ax, ay, bx, by = rows[s, 1], rows[s, 2], rows[s, 3], rows[s, 4]
            ex, ey = rows[s, 2 * d - 1], rows[s, 2 * d]
            if d > 1:
                for i in range(1, _CHORDS):
                    t = i / _CHORDS
                    r = 1.0 - t
                    if d == 2:
                        points[used, 0] = r * r * sx + 2.0 * r * t * ax + t * t * ex
                        points[used, 1] = r * r * sy + 2.0 * r * t * ay + t * t * ey
                    else:
                        points[used, 0] = r * r * r * sx + 3.0 * r * t * (r * ax + t * bx) + t * t * t * ex
                        points[used, 1] = r * r * r * sy + 3.0 * r * t * (r * ay + t * by) + t * t * t * ey
                    used += 1
            points[used, 0], points[used, 1] = ex, ey
            used += 1
            after[s] = used
            sx, sy = ex, ey
        contours[c] = used
        start = ends[c]
    return points[:used], after, contours


@kernel
def _side(ax, ay, bx, by, x, y):
    return (bx - ax) * (y - ay) - (by - ay) * (x - ax)


@kernel
def _meet(ax, ay, bx, by, cx, cy, dx, dy):
    """Whether two chords cross or touch."""
    if max(ax, bx) < min(cx, dx) or max(cx, dx) < min(ax, bx):
        return False
    if max(ay, by) < min(cy, dy) or max(cy, dy) < min(ay, by):
        return False
    return (
        _side(ax, ay, bx, by, cx, cy) * _side(ax, ay, bx, by, dx, dy) <= 0.0
        and _side(cx, cy, dx, dy, ax, ay) * _side(cx, cy, dx, dy, bx, by) <= 0.0
    )


@kernel
def tangle(points, ends, most):
    """How entangled closed polygons are: over their edges, the sum of the cube of how many others each crosses or
    touches, its neighbours apart. Where it passes `most`, what it has come to by then.

    Skia's time to unite them grows so: 5 million take it 0.1 s at most, whether edges lie on each other, cross in a
    grid or meet in a point. `points`: float64 (n, 2). `ends`: int64 (c,), the running number of points after each
    polygon.
    """
    n = points.shape[0]
    boxes, before, met = np.empty((n, 4)), np.empty(n, np.int64), np.zeros(n, np.int64)
    start = 0
    for c in range(ends.shape[0]):
        for k in range(start, ends[c]):
            p = k - 1 if k > start else ends[c] - 1
            before[k] = p
            boxes[k, 0], boxes[k, 1] = min(points[p, 0], points[k, 0]), min(points[p, 1], points[k, 1])
            boxes[k, 2], boxes[k, 3] = max(points[p, 0], points[k, 0]), max(points[p, 1], points[k, 1])
        start = ends[c]
    total = 0
    for i in range(n):
        p = before[i]
        for j in range(i + 1, n):
            if (
                boxes[i, 0] > boxes[j, 2]
                or boxes[j, 0] > boxes[i, 2]
                or boxes[i, 1] > boxes[j, 3]
                or boxes[j, 1] > boxes[i, 3]
            ):
                continue
            q = before[j]
            if q == i or p == j:
                continue
            if _meet(
                points[p, 0], points[p, 1], points[i, 0], points[i, 1],
                points[q, 0], points[q, 1], points[j, 0], points[j, 1],
            ):  # fmt: skip
                for k in (i, j):
                    total += 3 * met[k] * (met[k] + 1) + 1  # (m + 1)^3 - m^3
                    met[k] += 1
        if total > most:
            break
    return total


@kernel
def control_polygons(rows, ends):
    """The contours' control points as closed polygons: `points` and `ends` of `tangle`."""
    total = 0
    for s in range(rows.shape[0]):
        total += int(rows[s, 0])
    points, lasts = np.empty((total, 2)), np.empty_like(ends)
    used, start = 0, 0
    for c in range(ends.shape[0]):
        for s in range(start, ends[c]):
            for k in range(int(rows[s, 0])):
                points[used, 0], points[used, 1] = rows[s, 1 + 2 * k], rows[s, 2 + 2 * k]
                used += 1
        lasts[c] = used
        start = ends[c]
    return points, lasts


def is_too_costly(points: npt.NDArray[np.float64], ends: npt.NDArray[np.int64]) -> bool:
    """Whether an outline has more than MAX_POINTS, MAX_CONTOURS or MAX_TANGLE, by its control polygons: to unite such a
    one may take minutes. Arguments as of `tangle`.
    """
    n = len(points)
    if n > MAX_POINTS or len(ends) > MAX_CONTOURS:
        return True
    return n**4 > MAX_TANGLE and bool(tangle(points, ends, MAX_TANGLE) > MAX_TANGLE)


@kernel
def adds_up(rows, ends):
    """Whether the sum of the contours' signed areas is the ink under the non-zero rule: no two of them, nor two parts
    of one, cross or touch, and none doubles or takes back what another has drawn.
    """
    points, after, contours = _chords(rows, ends)
    n = rows.shape[0]
    boxes, sizes, firsts = np.empty((n, 4)), np.empty(ends.shape[0]), np.empty(ends.shape[0], np.int64)
    start, first, total = 0, 0, 0.0
    for c in range(ends.shape[0]):
        px, py = points[contours[c] - 1, 0], points[contours[c] - 1, 1]
        at, size = first, 0.0
        for s in range(start, ends[c]):
            x0, y0, x1, y1 = px, py, px, py
            for k in range(at, after[s]):
                x, y = points[k, 0], points[k, 1]
                size += px * y - py * x
                x0, x1, y0, y1 = min(x0, x), max(x1, x), min(y0, y), max(y1, y)
                px, py = x, y
            at = after[s]
            boxes[s, 0], boxes[s, 1], boxes[s, 2], boxes[s, 3] = x0, y0, x1, y1
        sizes[c], firsts[c] = size, first
        total += size
        start, first = ends[c], contours[c]
    contour = 0
    for s in range(n):
        if s == ends[contour]:
            contour += 1
        begin = after[s - 1] if s else 0
        other = contour
        for r in range(s + 1, n):
            if r == ends[other]:
                other += 1
            if (
                boxes[s, 0] > boxes[r, 2]
                or boxes[r, 0] > boxes[s, 2]
                or boxes[s, 1] > boxes[r, 3]
                or boxes[r, 1] > boxes[s, 3]
            ):
                continue
            for i in range(begin, after[s]):
                before = i - 1 if i > firsts[contour] else contours[contour] - 1
                for j in range(after[r - 1], after[r]):
                    ahead = j - 1 if j > firsts[other] else contours[other] - 1
                    if ahead == i or before == j:  # they follow each other
                        continue
                    if _meet(
                        points[before, 0], points[before, 1], points[i, 0], points[i, 1],
                        points[ahead, 0], points[ahead, 1], points[j, 0], points[j, 1],
                    ):  # fmt: skip
                        return False
    sense = 1.0 if total > 0.0 else -1.0
    for c in range(ends.shape[0]):
        x, y = points[firsts[c], 0], points[firsts[c], 1]
        winding = 0.0
        for o in range(ends.shape[0]):
            if o != c and _inside(points, firsts[o], contours[o], x, y):
                winding += sense if sizes[o] > 0.0 else -sense
        within = winding + (sense if sizes[c] > 0.0 else -sense)
        if winding < 0.0 or winding > 1.0 or within < 0.0 or within > 1.0:
            return False
    return True


@kernel
def _inside(points, first, last, x, y):
    """Whether (x, y) lies in the polygon of the vertices [first, last)."""
    inside = False
    px, py = points[last - 1, 0], points[last - 1, 1]
    for k in range(first, last):
        qx, qy = points[k, 0], points[k, 1]
        if (py > y) != (qy > y) and x < px + (y - py) / (qy - py) * (qx - px):
            inside = not inside
        px, py = qx, qy
    return inside


@kernel
def _split_at(curve, degree, t, late):
    """Make of a Bezier curve, float64 (degree + 1, 2), its part before t, or after it if `late` (de Casteljau)."""
    for step in range(degree):
        if late:
            for k in range(degree - step):
                for axis in range(2):
                    curve[k, axis] += t * (curve[k + 1, axis] - curve[k, axis])
        else:
            for k in range(degree, step, -1):
                for axis in range(2):
                    curve[k, axis] = curve[k - 1, axis] + t * (curve[k, axis] - curve[k - 1, axis])


@kernel
def round_corners(rows, ends, radius):
    """The contours with each corner (a turn of more than 20 degrees) cut off and bridged by a quadratic curve.

    `radius`: how far from the corner, at most, the curve begins, in the rows' units: less on a segment that is too
    short for it on both its sides. Ink that ends in a point becomes smaller, none becomes larger.
    """
    n = rows.shape[0]
    out, out_ends, used = np.zeros((2 * n, 7)), np.empty_like(ends), 0
    curves, lengths, cuts = np.empty((n, 4, 2)), np.empty(n), np.empty(n)
    start = 0
    for c in range(ends.shape[0]):
        end = ends[c]
        d = int(rows[end - 1, 0])
        x, y = rows[end - 1, 2 * d - 1], rows[end - 1, 2 * d]
        for s in range(start, end):
            curves[s, 0, 0], curves[s, 0, 1] = x, y
            lengths[s] = 0.0
            for k in range(int(rows[s, 0])):
                px, py = x, y
                x, y = rows[s, 1 + 2 * k], rows[s, 2 + 2 * k]
                curves[s, k + 1, 0], curves[s, k + 1, 1] = x, y
                lengths[s] += math.hypot(x - px, y - py)
        for s in range(start, end):  # the cut before segment s, and after the one before it
            before = s - 1 if s > start else end - 1
            cuts[s] = 0.0
            if _is_corner(curves[before], int(rows[before, 0]), curves[s], int(rows[s, 0])):
                cuts[s] = min(radius, 0.45 * lengths[before], 0.45 * lengths[s])
        for s in range(start, end):
            d = int(rows[s, 0])
            tail = cuts[s + 1] if s + 1 < end else cuts[start]
            corner_x, corner_y = curves[s, d, 0], curves[s, d, 1]
            if tail > 0.0:
                _split_at(curves[s], d, 1.0 - tail / lengths[s], False)
            if cuts[s] > 0.0:
                _split_at(curves[s], d, cuts[s] / max(lengths[s] - tail, 1e-9), True)
            out[used, 0] = d
            for k in range(d):
                out[used, 1 + 2 * k], out[used, 2 + 2 * k] = curves[s, k + 1, 0], curves[s, k + 1, 1]
            used += 1
            if tail > 0.0:
                out[used, 0], out[used, 1], out[used, 2] = 2, corner_x, corner_y  # its end is set below
                used += 1
        out_ends[c] = used
        # A bridge ends where the next segment now starts.
        row = out_ends[c - 1] if c else 0
        for s in range(start, end):
            row += 1
            after = s + 1 if s + 1 < end else start
            if cuts[after] > 0.0:
                out[row, 3], out[row, 4] = curves[after, 0, 0], curves[after, 0, 1]
                row += 1
        start = end
    return out[:used].copy(), out_ends


@kernel
def _is_corner(a, a_degree, b, b_degree):
    """Whether the direction turns by more than 20 degrees from the end of a curve to the start of the next."""
    ax, ay, bx, by = 0.0, 0.0, 0.0, 0.0
    for k in range(a_degree - 1, -1, -1):
        ax, ay = a[a_degree, 0] - a[k, 0], a[a_degree, 1] - a[k, 1]
        if ax != 0.0 or ay != 0.0:
            break
    for k in range(1, b_degree + 1):
        bx, by = b[k, 0] - b[0, 0], b[k, 1] - b[0, 1]
        if bx != 0.0 or by != 0.0:
            break
    length = math.hypot(ax, ay) * math.hypot(bx, by)
    return length > 0.0 and ax * bx + ay * by < _CORNER * length
