"""Where a group fits: calm regions of a picture, and quads that do not meet."""

from __future__ import annotations

import math

import numpy as np

from synthtext.geometry.polygons import intersection_area
from synthtext.kernel import kernel

CELL = 8  # pixels of a side of a cell of the calm map


@kernel
def edge_sums(image):  # type: ignore[no-untyped-def]
    """Integral images over cells of CELL pixels: float64 (rows + 1, columns + 1, 3).

    `image`: float32 (H, W, 3) linear light. Summed are a cell's mean edge strength (the steps of lightness, 100
    sqrt(luminance), to the right and down, as root mean square), its mean lightness, and the square of that.
    The sum over any box of cells is then four look-ups (Crow, "Summed-area tables for texture mapping", SIGGRAPH 1984).
    """
    height, width = image.shape[0], image.shape[1]
    rows, columns = (height + CELL - 1) // CELL, (width + CELL - 1) // CELL
    edges, light, counts = np.zeros((rows, columns)), np.zeros((rows, columns)), np.zeros((rows, columns))
    above, here = np.zeros(width, np.float32), np.zeros(width, np.float32)
    for y in range(height):
        above, here = here, above
        for x in range(width):
            luminance = np.float32(0.2126) * image[y, x, 0] + np.float32(0.7152) * image[y, x, 1]
            here[x] = np.float32(100.0) * np.sqrt(luminance + np.float32(0.0722) * image[y, x, 2])
        row = y // CELL
        for column in range(columns):
            first, last = column * CELL, min((column + 1) * CELL, width)
            total, steps = np.float32(0.0), np.float32(0.0)
            for x in range(first, last):
                right = here[x] - here[x - 1] if x > 0 else np.float32(0.0)
                down = here[x] - above[x] if y > 0 else np.float32(0.0)
                steps += right * right + down * down
                total += here[x]
            light[row, column] += total
            edges[row, column] += steps
            counts[row, column] += last - first
    sums = np.zeros((rows + 1, columns + 1, 3))
    for r in range(rows):
        running = np.zeros(3)
        for c in range(columns):
            mean = light[r, c] / counts[r, c]
            running[0] += math.sqrt(edges[r, c] / counts[r, c])
            running[1] += mean
            running[2] += mean * mean
            for k in range(3):
                sums[r + 1, c + 1, k] = sums[r, c + 1, k] + running[k]
    return sums


@kernel
def roughness(sums, x0, y0, x1, y1):  # type: ignore[no-untyped-def]
    """How little text would stand in the box (pixels): mean edge strength, and a part of the lightness's deviation."""
    rows, columns = sums.shape[0] - 1, sums.shape[1] - 1
    c0, r0 = int(min(max(x0 / CELL, 0.0), columns - 1.0)), int(min(max(y0 / CELL, 0.0), rows - 1.0))
    c1 = int(min(max(math.ceil(x1 / CELL), c0 + 1.0), float(columns)))
    r1 = int(min(max(math.ceil(y1 / CELL), r0 + 1.0), float(rows)))
    n = (r1 - r0) * (c1 - c0)
    s0 = sums[r1, c1, 0] - sums[r0, c1, 0] - sums[r1, c0, 0] + sums[r0, c0, 0]
    s1 = sums[r1, c1, 1] - sums[r0, c1, 1] - sums[r1, c0, 1] + sums[r0, c0, 1]
    s2 = sums[r1, c1, 2] - sums[r0, c1, 2] - sums[r1, c0, 2] + sums[r0, c0, 2]
    return s0 / n + 0.25 * math.sqrt(max(s2 / n - (s1 / n) ** 2, 0.0))


@kernel
def meets(quad, others, count):  # type: ignore[no-untyped-def]
    """Whether `quad`, float64 (4, 2), shares area with any of `others[:count]`, float64 (n, 4, 2); all clockwise."""
    x0, y0, x1, y1 = 1e30, 1e30, -1e30, -1e30
    for k in range(4):
        x0, x1 = min(x0, quad[k, 0]), max(x1, quad[k, 0])
        y0, y1 = min(y0, quad[k, 1]), max(y1, quad[k, 1])
    for i in range(count):
        other = others[i]
        a0, b0, a1, b1 = 1e30, 1e30, -1e30, -1e30
        for k in range(4):
            a0, a1 = min(a0, other[k, 0]), max(a1, other[k, 0])
            b0, b1 = min(b0, other[k, 1]), max(b1, other[k, 1])
        if x0 < a1 and a0 < x1 and y0 < b1 and b0 < y1 and intersection_area(quad, other) > 1e-6:
            return True
    return False


@kernel
def bands_meet(points, ends, least):  # type: ignore[no-untyped-def]
    """Whether two of the bands `points[ends[k - 1]:ends[k]]` share more than `least` square pixels.

    A band: k points of its top side, then k of its bottom side back; its strips are convex quads.
    """
    n = ends.shape[0]
    boxes = np.empty((n, 4))
    start = 0
    for i in range(n):
        boxes[i, 0], boxes[i, 1], boxes[i, 2], boxes[i, 3] = 1e30, 1e30, -1e30, -1e30
        for p in range(start, ends[i]):
            boxes[i, 0], boxes[i, 2] = min(boxes[i, 0], points[p, 0]), max(boxes[i, 2], points[p, 0])
            boxes[i, 1], boxes[i, 3] = min(boxes[i, 1], points[p, 1]), max(boxes[i, 3], points[p, 1])
        start = ends[i]
    a, b = np.empty((4, 2)), np.empty((4, 2))
    for i in range(n):
        first = ends[i - 1] if i > 0 else 0
        for j in range(i):
            if boxes[i, 0] >= boxes[j, 2] or boxes[j, 0] >= boxes[i, 2]:
                continue
            if boxes[i, 1] >= boxes[j, 3] or boxes[j, 1] >= boxes[i, 3]:
                continue
            second = ends[j - 1] if j > 0 else 0
            total = 0.0
            m, k = (ends[i] - first) // 2, (ends[j] - second) // 2
            for s in range(m - 1):
                _strip(points, first, m, s, a)
                for t in range(k - 1):
                    _strip(points, second, k, t, b)
                    total += intersection_area(a, b)
                    if total > least:
                        return True
    return False


@kernel
def _strip(points, first, half, s, out):  # type: ignore[no-untyped-def]
    for axis in range(2):
        out[0, axis], out[1, axis] = points[first + s, axis], points[first + s + 1, axis]
        out[2, axis], out[3, axis] = points[first + 2 * half - 2 - s, axis], points[first + 2 * half - 1 - s, axis]
