"""What the encoders' kernels share: the order in which texts are painted, masks, and distances along a row of a map."""

from __future__ import annotations

import numpy as np

from synthtext.core.kernel import kernel
from synthtext.geometry.polygons import DEGENERATE, first_sample, row_crossings, rows_of, signed_area


@kernel
def paint_order(points, ends):
    """Indices of the polygons, largest first, of equal ones the last first: what is painted later wins."""
    n = ends.shape[0]
    area = np.empty(n)
    begin = 0
    for k in range(n):
        area[k] = signed_area(points, begin, ends[k])
        begin = ends[k]
    return np.argsort(area, kind="mergesort")[::-1].copy()


@kernel
def mask_texts(points, ends, status, masked, stride, instance, mask):
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


# Columns of an edge: its first end, its way to the other end, 1 / its squared length, 1 / its rise, least and most y.
E_X, E_Y, E_DX, E_DY, E_SCALE, E_SLOPE, E_LOW, E_HIGH = range(8)
E_SIZE = 8


@kernel
def edges_of(points, begin, end, edges):
    """Write the edges of `points[begin:end]` into `edges` float64 (end - begin, E_SIZE), for `row_distance`."""
    for n in range(end - begin):
        a, b = begin + n, begin + n - 1 if n > 0 else end - 1
        dx, dy = points[b, 0] - points[a, 0], points[b, 1] - points[a, 1]
        length = dx * dx + dy * dy
        edges[n, E_X], edges[n, E_Y], edges[n, E_DX], edges[n, E_DY] = points[a, 0], points[a, 1], dx, dy
        edges[n, E_SCALE] = 1.0 / length if length > 0.0 else 0.0
        edges[n, E_SLOPE] = 1.0 / dy if abs(dy) > 1e-9 else 0.0
        edges[n, E_LOW], edges[n, E_HIGH] = min(points[a, 1], points[b, 1]), max(points[a, 1], points[b, 1])


@kernel
def row_distance(edges, count, y, stride, j0, j1, reach, squared):
    """Squared distances of the samples j0 ... j1 - 1 of the row at y to `count` edges (`edges_of`).

    Into `squared[j0:j1]`, float32; those of at least `reach` read as reach squared or more. Gives the range of samples
    out of which none is nearer than `reach`.
    """
    some, most = j1, j0
    squared[j0:j1] = np.float32(1.01 * reach * reach + 1e-6)
    reach *= 1.001
    inverse = 1.0 / stride
    zero, one = np.float32(0.0), np.float32(1.0)
    for n in range(count):
        if y < edges[n, E_LOW] - reach or y > edges[n, E_HIGH] + reach:
            continue
        # The part of the edge within reach of the row, in y, widened by the reach in x, is all that can matter.
        ax, up, dx, slope = edges[n, E_X], y - edges[n, E_Y], edges[n, E_DX], edges[n, E_SLOPE]
        s, t = 0.0, 1.0
        if slope != 0.0:
            s, t = (up - reach) * slope, (up + reach) * slope
            s, t = max(min(s, t), 0.0), min(max(s, t), 1.0)
        low, high = ax + min(s * dx, t * dx) - reach, ax + max(s * dx, t * dx) + reach
        c0 = max(j0, int(min(max(low * inverse - 0.5, 0.0), float(j1))))
        c1 = min(j1, int(min(max(high * inverse + 1.5, 0.0), float(j1))))
        if c1 <= c0:
            continue
        some, most = min(some, c0), max(most, c1)
        near = squared[c0:c1]  # counted from 0, so that the compiler sees no negative index, and vectorises
        # Relative to the edge's first end, so that float32 is fine enough.
        wx, wy, py = np.float32(dx), np.float32(edges[n, E_DY]), np.float32(up)
        scale, start, step = np.float32(edges[n, E_SCALE]), np.float32((c0 + 0.5) * stride - ax), np.float32(stride)
        along = py * wy
        for j in range(c1 - c0):
            px = start + step * np.float32(j)
            w = (px * wx + along) * scale
            w = w if w > zero else zero
            w = w if w < one else one
            ex, ey = px - w * wx, py - w * wy
            d = ex * ex + ey * ey
            near[j] = d if d < near[j] else near[j]
    return some, max(some, most)
