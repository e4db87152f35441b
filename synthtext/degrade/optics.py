"""Blur in linear light: defocus, Gaussian and motion, each a sum of shifted copies of the image.

Their weights sum to 1 and are centred, so that no blur moves or brightens what it blurs. Beyond its edges an image goes
on with the colour of its edge.
"""

from __future__ import annotations

import math

import numpy as np

from synthtext.core.kernel import kernel
from synthtext.degrade.resample import FILTERS, interpolate, shrink

_ACROSS = 24  # points across a small disk
_PER_PIXEL = 4  # points per pixel of a large one, and of a path
# Reach in pixels beyond which a blur is done on a smaller picture: of a disk's radius or a Gaussian's standard
# deviation, and of half a path, across which the picture stays sharp.
_LARGE, _LONG = 16.0, 64.0
_LINEAR = np.int64(FILTERS.index("linear"))  # no literal: one type for all filters


@kernel
def convolve(rows, shifts, weights):
    """Replace each pixel by the weighted sum of its neighbours, in place.

    `rows`: float32 (h, 3 w). `shifts`: int64 (n, 2), (dy, dx) of the neighbour; `weights`: float32 (n,).
    """
    height, size = rows.shape
    width = size // 3
    n = weights.shape[0]
    ry, rx = 0, 0
    for t in range(n):
        ry, rx = max(ry, abs(shifts[t, 0])), max(rx, abs(shifts[t, 1]))
    padded = np.empty((height + 2 * ry, 3 * (width + 2 * rx)), np.float32)
    for y in range(height + 2 * ry):
        source, target = rows[min(max(y - ry, 0), height - 1)], padded[y]
        for x in range(rx):
            for c in range(3):
                target[3 * x + c] = source[c]
                target[3 * (rx + width + x) + c] = source[size - 3 + c]
        for i in range(size):
            target[3 * rx + i] = source[i]
    for y in range(height):
        target = rows[y]
        target[:] = np.float32(0.0)
        t = 0
        while t + 4 <= n:  # four at a time: the row that is summed into is read and written less often
            a, b = 3 * (rx + shifts[t, 1]), 3 * (rx + shifts[t + 1, 1])
            c, d = 3 * (rx + shifts[t + 2, 1]), 3 * (rx + shifts[t + 3, 1])
            s0, s1 = padded[y + ry + shifts[t, 0], a : a + size], padded[y + ry + shifts[t + 1, 0], b : b + size]
            s2, s3 = padded[y + ry + shifts[t + 2, 0], c : c + size], padded[y + ry + shifts[t + 3, 0], d : d + size]
            w0, w1, w2, w3 = weights[t], weights[t + 1], weights[t + 2], weights[t + 3]
            for i in range(size):
                target[i] += (w0 * s0[i] + w1 * s1[i]) + (w2 * s2[i] + w3 * s3[i])
            t += 4
        while t < n:
            a = 3 * (rx + shifts[t, 1])
            s0, w0 = padded[y + ry + shifts[t, 0], a : a + size], weights[t]
            for i in range(size):
                target[i] += w0 * s0[i]
            t += 1


@kernel
def splat(points):
    """Taps of equal weight at `points`, float64 (n, 2) of (dy, dx) in pixels, shared bilinearly among whole pixels.

    Returns shifts, int64 (m, 2), and weights, float32 (m,), that sum to 1 and whose mean is that of the points.
    """
    n = points.shape[0]
    reach = 0.0
    for i in range(n):
        reach = max(reach, abs(points[i, 0]), abs(points[i, 1]))
    r = math.ceil(reach)
    side = 2 * r + 2
    grid = np.zeros((side, side))
    for i in range(n):
        y, x = points[i, 0] + r, points[i, 1] + r
        iy, ix = int(y), int(x)
        fy, fx = y - iy, x - ix
        grid[iy, ix] += (1.0 - fy) * (1.0 - fx)
        grid[iy, ix + 1] += (1.0 - fy) * fx
        grid[iy + 1, ix] += fy * (1.0 - fx)
        grid[iy + 1, ix + 1] += fy * fx
    shifts, weights = np.empty((side * side, 2), np.int64), np.empty(side * side, np.float32)
    m = 0
    for iy in range(side):
        for ix in range(side):
            if grid[iy, ix] > 1e-9 * n:
                shifts[m, 0], shifts[m, 1] = iy - r, ix - r
                weights[m] = grid[iy, ix] / n
                m += 1
    return shifts[:m], weights[:m]


@kernel
def disk_points(radius):
    """Points of a square grid that lie within `radius` (pixels) of the origin: float64 (n, 2) of (dy, dx)."""
    across = max(_ACROSS, math.ceil(2.0 * radius * _PER_PIXEL))
    points = np.empty((across * across, 2))
    n = 0
    for i in range(across):
        y = (2.0 * (i + 0.5) / across - 1.0) * radius
        for j in range(across):
            x = (2.0 * (j + 0.5) / across - 1.0) * radius
            if x * x + y * y <= radius * radius:
                points[n, 0], points[n, 1] = y, x
                n += 1
    return points[:n]


@kernel
def path_points(length, angle, bend):
    """Points along the path of a camera's shake, about their mean: float64 (n, 2) of (dy, dx).

    The path is t -> length (t u + bend (t^2 - 1/12) v), t from -1/2 to 1/2, u the direction of `angle` and v square to
    it: a parabola, whose middle lies bend / 4 of its length off its chord.
    """
    n = max(2, math.ceil(length * _PER_PIXEL))
    points = np.empty((n, 2))
    cos, sin = math.cos(angle), math.sin(angle)
    mean = (1.0 - 1.0 / (n * n)) / 12.0  # of t^2
    for i in range(n):
        t = (i + 0.5) / n - 0.5
        along, aside = length * t, length * bend * (t * t - mean)
        points[i, 0] = along * sin + aside * cos
        points[i, 1] = along * cos - aside * sin
    return points


@kernel
def gaussian_taps(sigma):
    """A Gaussian sampled at whole pixels up to 3 sigma, normalised: float32 (2 r + 1,)."""
    r = math.ceil(3.0 * sigma)
    taps = np.empty(2 * r + 1, np.float64)
    for i in range(2 * r + 1):
        taps[i] = math.exp(-0.5 * ((i - r) / sigma) ** 2)
    total = 0.0
    for i in range(2 * r + 1):
        total += taps[i]
    weights = np.empty(2 * r + 1, np.float32)
    for i in range(2 * r + 1):
        weights[i] = taps[i] / total
    return weights


@kernel
def _reduced(rows, reach_y, reach_x, most):
    """The picture in which a blur that reaches so many pixels reaches at most `most`, and its scales down and across.

    It is `rows` itself where that holds already. A tap a pixel would make a picture of n times the height cost n^2
    times as much a pixel; what a blur leaves of a picture needs no more samples than this.
    """
    height, width = rows.shape[0], rows.shape[1] // 3
    h = height if reach_y <= most else max(1, round(height * most / reach_y))
    w = width if reach_x <= most else max(1, round(width * most / reach_x))
    return shrink(rows, h, w), h / height, w / width


@kernel
def _scale(points, down, across):
    """Scale `points`, float64 (n, 2) of (dy, dx), in place."""
    for i in range(points.shape[0]):
        points[i, 0] *= down
        points[i, 1] *= across


@kernel
def _spread(small, shifts, weights, rows):
    """`convolve` of `small`, as of `_reduced`, brought back to the size of `rows`, into which it goes."""
    convolve(small, shifts, weights)
    if small.shape[0] != rows.shape[0] or small.shape[1] != rows.shape[1]:
        large = interpolate(small, rows.shape[0], rows.shape[1] // 3, _LINEAR)
        for y in range(rows.shape[0]):
            source, target = large[y], rows[y]
            for i in range(rows.shape[1]):
                target[i] = source[i]


@kernel
def blur(rows, defocus, sigma, length, angle, bend, aspect):
    """Defocus (disk), Gaussian and motion blur, in this order, in place; 0 leaves one out.

    `rows`: float32 (h, 3 w), linear light. `defocus`: radius, `sigma`, `length`: pixels. `angle`: radians. All this is
    of a picture of square pixels, which was then made `aspect` times as wide.
    """
    if defocus > 0.0:
        small, down, across = _reduced(rows, defocus, defocus * aspect, _LARGE)
        whole = small.shape[0] == rows.shape[0] and small.shape[1] == rows.shape[1]
        radius = defocus if whole else defocus * max(down, aspect * across)
        points = disk_points(radius)
        _scale(points, defocus * down / radius, aspect * (defocus * across / radius))
        shifts, weights = splat(points)
        _spread(small, shifts, weights, rows)
    if sigma > 0.0:
        small, down, across = _reduced(rows, sigma, sigma * aspect, _LARGE)
        for axis in range(2):
            taps = gaussian_taps(sigma * down if axis == 0 else sigma * aspect * across)
            shifts = np.zeros((taps.shape[0], 2), np.int64)
            for i in range(taps.shape[0]):
                shifts[i, axis] = i - taps.shape[0] // 2
            if axis == 0:
                convolve(small, shifts, taps)
            else:
                _spread(small, shifts, taps, rows)
    if length > 0.0:
        points = path_points(length, angle, bend)
        _scale(points, 1.0, aspect)
        reach_y, reach_x = 0.0, 0.0
        for i in range(points.shape[0]):
            reach_y, reach_x = max(reach_y, abs(points[i, 0])), max(reach_x, abs(points[i, 1]))
        small, down, across = _reduced(rows, reach_y, reach_x, _LONG)
        _scale(points, down, across)
        shifts, weights = splat(points)
        _spread(small, shifts, weights, rows)
