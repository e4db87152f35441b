"""Cores that are thinner than the samples' spacing: what keeps a text in one piece at every stride.

The rule, one for all methods. A core's samples are those whose points lie in it, and those that its middle line passes
within

    t = stride (|nx| + |ny|) / 2

of, measured along n, the direction from the nearest border. That is the thickness at which a straight band is a line of
samples joined by their sides (a "standard" digital line: Reveilles 1991; Andres, Acharya, Sibata 1997): a core at least
that thick gains no sample, a thinner one those that it needs. Two samples that are left with but a corner in common, at
the ends of a line, gain the deeper of the two that lie between them. What is added stays within the text, and apart
from the cores of other texts.
"""

from __future__ import annotations

import math

import numpy as np

from synthtext.core.kernel import kernel
from synthtext.geometry.polygons import first_sample, row_crossings, rows_of
from synthtext.targets.rows import E_DX, E_DY, E_SCALE, E_SLOPE, E_X, E_Y, row_distance


@kernel
def spacing(nx, ny, stride):
    """t: half of the thickness along the unit vector at which a band's samples are joined by their sides."""
    return 0.5 * stride * (abs(nx) + abs(ny))


@kernel
def _border(edges, count, x, y, way):
    """Signed distance to the border (`rows.edges_of`), positive inside; the direction away from its nearest point, into
    the text where the point lies inside, into `way` (2,).
    """
    least, ex, ey = np.inf, 0.0, 0.0
    crossings = 0
    for n in range(count):
        px, py = x - edges[n, E_X], y - edges[n, E_Y]
        dx, dy = edges[n, E_DX], edges[n, E_DY]
        t = min(max((px * dx + py * dy) * edges[n, E_SCALE], 0.0), 1.0)
        qx, qy = px - t * dx, py - t * dy
        squared = qx * qx + qy * qy
        if squared < least:
            least, ex, ey = squared, qx, qy
        if (py >= 0.0) != (py - dy >= 0.0) and py * dx * edges[n, E_SLOPE] <= px:
            crossings += 1
    distance = math.sqrt(least)
    inverse = 1.0 / max(distance, 1e-12)
    way[0], way[1] = ex * inverse, ey * inverse
    return distance if crossings % 2 == 1 else -distance


@kernel
def meets_core(edges, count, x, y, stride, reach, way):
    """Whether the middle line of the core, what lies at least `reach` from the border, passes within t of a sample.

    The depth grows by a pixel a pixel along n until the middle line is crossed, and falls behind it: of the depths at
    the sample and 2 t further on follows where it lies. A line half-way between two rows belongs to the lower one.
    `way`: scratch (2,).
    """
    depth = _border(edges, count, x, y, way)
    if depth <= 1e-9:
        return False
    nx, ny = way[0], way[1]
    t = spacing(nx, ny, stride)
    beyond = _border(edges, count, x + 2.0 * t * nx, y + 2.0 * t * ny, way)
    far = max(0.5 * (2.0 * t + beyond - depth), 0.0)
    tie = 1e-6 * stride
    if far > t + (-tie if ny + 1e-3 * nx > 0.0 else tie):
        return False
    return _border(edges, count, x + far * nx, y + far * ny, way) >= reach - tie


@kernel
def apart(core, instance, i, j, number):
    """Whether no sample beside (i, j) lies in the `core` (h, w) of another text than `number`."""
    height, width = core.shape
    for side in range(4):
        a, b = i + (side == 0) - (side == 1), j + (side == 2) - (side == 3)
        if 0 <= a < height and 0 <= b < width and core[a, b] and instance[a, b] != number:
            return False
    return True


@kernel
def is_thin(area, length, reach, stride):
    """Whether the core of a text of this area and perimeter is so thin that its middle line is to be looked for: by the
    thickness of a rectangle of the same, to be safe up to twice the stride.
    """
    half = 0.25 * length
    return half - math.sqrt(max(half * half - area, 0.0)) < 2.0 * (reach + stride)


@kernel
def core_holds(points, begin, end, edges, reach, thin, stride, height, width, xs, squared):
    """Whether a sample of the map lies in the core of `points[begin:end]`, or of a `thin` one within t of its middle.

    `edges`: of the polygon (`rows.edges_of`). `xs` and `squared`: scratch, of as many values as it has corners and the
    map columns.
    """
    limit, below, way = np.float32(reach * reach), np.float32(max(reach - 0.708 * stride, 0.0) ** 2), np.empty(2)
    first, last = rows_of(points, begin, end, 0.0, stride, height)
    for widened in range(2 if thin else 1):
        for n in range(last - first):
            i = first + (n + (last - first) // 2) % (last - first)  # from the middle on: there it is found soon
            y = (i + 0.5) * stride
            count = row_crossings(points, begin, end, y, xs)
            found = False
            for s in range(0, count, 2):
                j0, j1 = first_sample(xs[s], stride, width), first_sample(xs[s + 1], stride, width)
                if j1 <= j0:
                    continue
                row_distance(edges, end - begin, y, stride, j0, j1, reach, squared)
                for j in range(j0, j1):
                    if widened == 0:
                        found |= squared[j] >= limit
                    elif squared[j] >= below and not found:
                        found = meets_core(edges, end - begin, (j + 0.5) * stride, y, stride, reach, way)
            if found:
                return True
    return False


@kernel
def widen(points, begin, end, edges, reach, stride, number, free, core, instance, xs, squared):
    """Add the samples within t of the middle line to the `core` (h, w) of text `number`, where `instance` is `free`."""
    height, width = instance.shape
    below, way = np.float32(max(reach - 0.708 * stride, 0.0) ** 2), np.empty(2)
    first, last = rows_of(points, begin, end, 0.0, stride, height)
    for i in range(first, last):
        y = (i + 0.5) * stride
        count = row_crossings(points, begin, end, y, xs)
        for s in range(0, count, 2):
            j0, j1 = first_sample(xs[s], stride, width), first_sample(xs[s + 1], stride, width)
            if j1 <= j0:
                continue
            row_distance(edges, end - begin, y, stride, j0, j1, reach, squared)
            for j in range(j0, j1):
                if squared[j] < below or instance[i, j] != free or core[i, j]:
                    continue
                if apart(core, instance, i, j, number) and meets_core(
                    edges, end - begin, (j + 0.5) * stride, y, stride, reach, way
                ):
                    core[i, j], instance[i, j] = 1, number
    bridge(points, begin, end, edges, stride, number, free, core, instance)


@kernel
def bridge(points, begin, end, edges, stride, number, free, core, instance):
    """Join samples of the `core` of text `number` that have but a corner in common: see `gap_at`. Gives how many."""
    height, width = instance.shape
    first, last = rows_of(points, begin, end, 0.0, stride, height)
    left, right = points[begin, 0], points[begin, 0]
    for n in range(begin, end):
        left, right = min(left, points[n, 0]), max(right, points[n, 0])
    j0, j1 = first_sample(left, stride, width), first_sample(right, stride, width)
    added = 0
    for i in range(first, last - 1):
        for j in range(j0, j1 - 1):
            side = gap_at(edges, end - begin, stride, number, free, core, instance, i, j)
            if side >= 0:
                core[i + side // 2, j + side % 2], instance[i + side // 2, j + side % 2] = 1, number
                added += 1
    return added


@kernel
def _own(core, instance, number, i, j):
    return core[i, j] != 0 and instance[i, j] == number


@kernel
def gap_at(edges, count, stride, number, free, core, instance, i, j):
    """Of four samples whose first is (i, j), two of one core at opposite corners: which of the other two joins them.

    The deeper one within the text, where it is free: 0 to 3, row by row; -1 where there is nothing to join.
    """
    one, two = 0, 3
    if _own(core, instance, number, i, j) and _own(core, instance, number, i + 1, j + 1):
        one, two = 1, 2
    elif not (_own(core, instance, number, i, j + 1) and _own(core, instance, number, i + 1, j)):
        return -1
    if _own(core, instance, number, i + one // 2, j + one % 2) or _own(
        core, instance, number, i + two // 2, j + two % 2
    ):
        return -1
    way, best, most = np.empty(2), -1, 0.0
    for side in (one, two):
        a, b = i + side // 2, j + side % 2
        if instance[a, b] == free and apart(core, instance, a, b, number):
            depth = _border(edges, count, (b + 0.5) * stride, (a + 0.5) * stride, way)
            if depth > most + 1e-6 * stride:
                best, most = side, depth
    return best
