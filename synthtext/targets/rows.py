"""What the encoders' kernels share: the order in which texts are painted, masks, and distances along a row of a map."""

from __future__ import annotations

import math

import numpy as np

from synthtext.geometry.polygons import DEGENERATE, first_sample, row_crossings, rows_of, signed_area
from synthtext.kernel import kernel


@kernel
def paint_order(points, ends):  # type: ignore[no-untyped-def]
    """Indices of the polygons, largest first, of equal ones the last first: what is painted later wins."""
    n = ends.shape[0]
    area = np.empty(n)
    begin = 0
    for k in range(n):
        area[k] = signed_area(points, begin, ends[k])
        begin = ends[k]
    return np.argsort(area, kind="mergesort")[::-1].copy()


@kernel
def mask_texts(points, ends, status, masked, stride, instance, mask):  # type: ignore[no-untyped-def]
    """Write 0 into `mask` where a sample lies in a polygon that `masked` (n,) names, and in no text of `instance`."""
    height, width = mask.shape
    xs = np.empty(points.shape[0])
    begin = 0
    for k in range(ends.shape[0]):
        if masked[k] and status[k] < DEGENERATE:
            first, last = rows_of(points, begin, ends[k], 0.0, stride, height)
            for i in range(first, last):
                count = row_crossings(points, begin, ends[k], (i + 0.5) * stride, xs)
                for s in range(0, count, 2):
                    for j in range(first_sample(xs[s], stride, width), first_sample(xs[s + 1], stride, width)):
                        if instance[i, j] == 0:
                            mask[i, j] = 0
        begin = ends[k]


@kernel
def row_distance(points, begin, end, y, stride, j0, j1, reach, squared):  # type: ignore[no-untyped-def]
    """Squared distances of the samples j0 ... j1 - 1 of the row at y to the border of `points[begin:end]`.

    Into `squared[j0:j1]`, float32; those of at least `reach` read as reach squared or more. Gives the range of samples
    out of which none is nearer than `reach`.
    """
    some, most = j1, j0
    farthest = np.float32(1.01 * reach * reach + 1e-6)
    squared[j0:j1] = farthest
    reach *= 1.001
    zero, one = np.float32(0.0), np.float32(1.0)
    b = end - 1
    for a in range(begin, end):
        ax, ay, bx, by = points[a, 0], points[a, 1], points[b, 0], points[b, 1]
        b = a
        if y < min(ay, by) - reach or y > max(ay, by) + reach:
            continue
        # The part of the edge within reach of the row, in y, widened by the reach in x, is all that can matter.
        s, t = 0.0, 1.0
        if abs(by - ay) > 1e-9:
            s, t = (y - reach - ay) / (by - ay), (y + reach - ay) / (by - ay)
            s, t = max(min(s, t), 0.0), min(max(s, t), 1.0)
        low, high = min(ax + s * (bx - ax), ax + t * (bx - ax)), max(ax + s * (bx - ax), ax + t * (bx - ax))
        c0 = max(j0, int(min(max(math.floor((low - reach) / stride - 0.5), -1.0), float(j1))))
        c1 = min(j1, int(min(max(math.ceil((high + reach) / stride + 0.5), -1.0), float(j1))))
        if c1 <= c0:
            continue
        some, most = min(some, c0), max(most, c1)
        near = squared[c0:c1]  # counted from 0, so that the compiler sees no negative index, and vectorises
        # Relative to the edge's first end, so that float32 is fine enough.
        dx, dy, py = np.float32(bx - ax), np.float32(by - ay), np.float32(y - ay)
        length = dx * dx + dy * dy
        scale = one / length if length > zero else zero
        start, step, along = np.float32((c0 + 0.5) * stride - ax), np.float32(stride), py * dy
        for j in range(c1 - c0):
            px = start + step * np.float32(j)
            w = (px * dx + along) * scale
            w = w if w > zero else zero
            w = w if w < one else one
            ex, ey = px - w * dx, py - w * dy
            d = ex * ex + ey * ey
            near[j] = d if d < near[j] else near[j]
    return some, max(some, most)
