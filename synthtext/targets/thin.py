"""Cores that are thinner than the samples' spacing: what keeps a text in one piece at every stride.

The rule, one for all methods. A core's samples are those whose points lie in it. Where these are in one piece (each
joined to the next by one of its four sides), nothing else happens. Where they are in several, or where there are none,
the core is widened to the spacing: a sample counts, too, where the core's middle line passes within

    t = stride (|nx| + |ny|) / 2

of its point, measured along n, the direction from the nearest border. That is the thickness at which a straight band is
a line of samples joined by their sides (a "standard" digital line: Reveilles 1991; Andres, Acharya, Sibata 1997), so no
sample is added that is not needed. It stays within the text, and apart from the cores of other texts.
"""

from __future__ import annotations

import math

import numpy as np

from synthtext.geometry.polygons import first_sample, row_crossings, rows_of
from synthtext.kernel import kernel
from synthtext.targets.rows import E_DX, E_DY, E_SCALE, E_X, E_Y, row_distance

# What `add_run` knows of the rows so far.
_ROW, _SIDE, _BEFORE, _NOW, _LABELS, PIECES = range(6)
_LABELS_MOST = 256


@kernel
def pieces_of(width):  # type: ignore[no-untyped-def]
    """State, runs of two rows and labels for `add_run` of a map of `width` columns, nothing added."""
    state = np.zeros(6, np.int64)
    state[_ROW] = -2
    return state, np.empty((2, width // 2 + 1, 3), np.int64), np.empty(_LABELS_MOST, np.int64)


@kernel
def restart(state):  # type: ignore[no-untyped-def]
    """Forget what was added."""
    state[:] = 0
    state[_ROW] = -2


@kernel
def _root(parent, label):  # type: ignore[no-untyped-def]
    while parent[label] != label:
        label = parent[label]
    return label


@kernel
def add_run(state, runs, parent, i, a, b):  # type: ignore[no-untyped-def]
    """Add the samples a ... b - 1 of row i, row by row from left to right; `state[PIECES]`: in how many pieces they are.

    Samples are joined where they share a side. (Of a comb of over 256 teeth, the number is an upper bound.)
    """
    if i != state[_ROW]:
        if i == state[_ROW] + 1:
            state[_SIDE] = 1 - state[_SIDE]
            state[_BEFORE] = state[_NOW]
        else:
            state[_BEFORE] = 0
        state[_NOW] = 0
        state[_ROW] = i
    now = state[_SIDE]
    label = -1
    for p in range(state[_BEFORE]):
        if runs[1 - now, p, 0] < b and runs[1 - now, p, 1] > a:
            root = _root(parent, runs[1 - now, p, 2])
            if label < 0:
                label = root
            elif root != label:
                parent[root] = label
                state[PIECES] -= 1
    if label < 0:
        label = min(state[_LABELS], _LABELS_MOST - 1)
        parent[label] = label
        state[_LABELS] += 1
        state[PIECES] += 1
    n = state[_NOW]
    runs[now, n, 0], runs[now, n, 1], runs[now, n, 2] = a, b, label
    state[_NOW] = n + 1


@kernel
def add_row(state, runs, parent, i, first, values, limit):  # type: ignore[no-untyped-def]
    """`add_run` of a row's samples first ... whose `values` (n,) are at least `limit`."""
    begin = -1
    for j in range(values.shape[0]):
        if values[j] >= limit:
            if begin < 0:
                begin = j
        elif begin >= 0:
            add_run(state, runs, parent, i, first + begin, first + j)
            begin = -1
    if begin >= 0:
        add_run(state, runs, parent, i, first + begin, first + values.shape[0])


@kernel
def spacing(nx, ny, stride):  # type: ignore[no-untyped-def]
    """t: half of the thickness, across the unit vector's normal, at which a band's samples are joined by their sides."""
    return 0.5 * stride * (abs(nx) + abs(ny))


@kernel
def _border(edges, count, x, y, way):  # type: ignore[no-untyped-def]
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
        if (py >= 0.0) != (py - dy >= 0.0) and py * dx / dy <= px:
            crossings += 1
    distance = math.sqrt(least)
    inverse = 1.0 / max(distance, 1e-12)
    way[0], way[1] = ex * inverse, ey * inverse
    return distance if crossings % 2 == 1 else -distance


@kernel
def meets_core(edges, count, x, y, stride, reach, way):  # type: ignore[no-untyped-def]
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
def apart(core, instance, i, j, number):  # type: ignore[no-untyped-def]
    """Whether no sample beside (i, j) lies in the `core` (h, w) of another text than `number`."""
    height, width = core.shape
    for side in range(4):
        a, b = i + (side == 0) - (side == 1), j + (side == 2) - (side == 3)
        if 0 <= a < height and 0 <= b < width and core[a, b] and instance[a, b] != number:
            return False
    return True


@kernel
def core_holds(points, begin, end, edges, reach, stride, height, width, xs, squared):  # type: ignore[no-untyped-def]
    """Whether a sample of the map lies in the core of `points[begin:end]`, or within t of its middle line.

    `edges`: of the polygon (`rows.edges_of`). `xs` and `squared`: scratch, of as many values as it has corners and the
    map columns.
    """
    limit, below, way = np.float32(reach * reach), np.float32(max(reach - stride, 0.0) ** 2), np.empty(2)
    first, last = rows_of(points, begin, end, 0.0, stride, height)
    for widened in range(2):
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
def widen(  # type: ignore[no-untyped-def]
    points, begin, end, edges, reach, stride, number, free, core, instance, xs, squared
):
    """Add the samples within t of the middle line to the `core` (h, w) of text `number`, where `instance` is `free`."""
    height, width = instance.shape
    below, way = np.float32(max(reach - stride, 0.0) ** 2), np.empty(2)
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
