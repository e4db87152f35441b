"""Loss of resolution: the picture is made smaller by averaging areas, and later larger again by an interpolation.

Both are linear in each axis. With n samples on one side and m on the other, the sample j covers [j, j + 1] of its own
axis, which is [j n / m, (j + 1) n / m] of the other: edges lie on edges, so nothing moves.

    smaller   out[j] = the mean of the input over [j n / m, (j + 1) n / m], parts of a sample counted as parts
    larger    out[j] = sum over i of in[i] k(u - i), u = (j + 1/2) n / m - 1/2, divided by the sum of the k, with k

              nearest   1 for -1/2 <= x < 1/2
              linear    1 - |x| for |x| < 1
              cubic     of Keys, a = -1/2 ("Cubic convolution interpolation", IEEE ASSP 29, 1981, eq. 15)
              lanczos   sinc(x) sinc(x / 3) for |x| < 3 (Duchon, "Lanczos filtering", J. Appl. Meteor. 18, 1979)

    where the input is continued beyond its ends by its last samples.

A picture is made smaller in linear light, as by a sensor with fewer pixels, and larger as 8-bit codes, as pictures are.
"""

from __future__ import annotations

import math
from typing import Literal, get_args

import numpy as np

from synthtext.core.kernel import kernel, part

Filter = Literal["nearest", "linear", "cubic", "lanczos"]
FILTERS: tuple[Filter, ...] = get_args(Filter)
_TILE = 32  # pixels a side of what is transposed at a time


@kernel
def area_taps(n, m):
    """From n samples to m <= n: where from, int64 (m, t), and weights, float32 (m, t)."""
    count = -(-n // m) + 1
    where, weights = np.empty((m, count), np.int64), np.empty((m, count), np.float32)
    for j in range(m):
        first = j * n // m
        for t in range(count):
            # in units of 1 / m of a sample, so that all is exact
            low, high = max((first + t) * m, j * n), min((first + t + 1) * m, (j + 1) * n)
            where[j, t] = min(first + t, n - 1)
            weights[j, t] = max(high - low, 0) / n
    return where, weights


@kernel
def interpolation_taps(n, m, kind):
    """From n samples to m >= n with filter `kind`, an index into FILTERS: int64 (m, t) and float32 (m, t)."""
    count = 1 if kind == 0 else 2 * kind
    where, weights = np.empty((m, count), np.int64), np.empty((m, count), np.float32)
    w = np.ones(count)
    for j in range(m):
        centre = (j + 0.5) * n / m
        first = math.floor(centre) if kind == 0 else math.floor(centre - 0.5)
        f = centre - 0.5 - first
        if kind == 1:
            w[0], w[1] = 1.0 - f, f
        elif kind == 2:
            w[0] = f * (-0.5 + f * (1.0 - 0.5 * f))
            w[1] = 1.0 + f * f * (-2.5 + 1.5 * f)
            w[2] = f * (0.5 + f * (2.0 - 1.5 * f))
            w[3] = f * f * (-0.5 + 0.5 * f)
        elif kind == 3:
            # sin(pi (f - k)) and sin(pi (f - k) / 3) of all taps from those of f
            a, b, c = math.sin(math.pi * f), math.sin(math.pi * f / 3.0), math.cos(math.pi * f / 3.0)
            total = 0.0
            for t in range(6):
                k = t - 2
                x = f - k
                if abs(x) < 1e-9:
                    w[t] = 1.0
                else:
                    wide = b * math.cos(math.pi * k / 3.0) - c * math.sin(math.pi * k / 3.0)
                    w[t] = 3.0 * a * (1.0 if k % 2 == 0 else -1.0) * wide / (math.pi * math.pi * x * x)
                total += w[t]
            w /= total
        for t in range(count):
            where[j, t] = min(max(first - (count - 1) // 2 + t, 0), n - 1)
            weights[j, t] = w[t]
    return where, weights


@kernel
def combine(source, where, weights):
    """Rows of `source`, float32 (n, k), added up by taps (m, t): float32 (m, k)."""
    size = source.shape[1]
    out = np.empty((where.shape[0], size), np.float32)
    for j in range(where.shape[0]):
        target = out[j]
        row, weight = source[where[j, 0]], weights[j, 0]
        for i in range(size):
            target[i] = weight * row[i]
        for t in range(1, where.shape[1]):
            row, weight = source[where[j, t]], weights[j, t]
            if weight != np.float32(0.0):
                for i in range(size):
                    target[i] += weight * row[i]
    return out


@kernel
def _turned(rows, pixels):
    """The transpose of an image of `pixels` columns, float32: row x holds the pixels of column x."""
    height = rows.shape[0]
    out = np.empty((pixels, 3 * height), np.float32)
    for left in range(0, pixels, _TILE):  # by tiles, so that of a large picture both sides stay in the cache
        for top in range(0, height, _TILE):
            for y in range(top, min(top + _TILE, height)):
                row = rows[y]
                for x in range(left, min(left + _TILE, pixels)):
                    column = out[x]
                    column[3 * y], column[3 * y + 1], column[3 * y + 2] = row[3 * x], row[3 * x + 1], row[3 * x + 2]
    return out


@kernel
def shrink(rows, height, width):
    """An image made `height` by `width` pixels small by averaging areas.

    `rows`: float32 (h, 3 w), linear light; 1 <= height <= h, 1 <= width <= w. Returns float32 (height, 3 width).
    """
    full_height, full_width = rows.shape[0], rows.shape[1] // 3
    if height < full_height:
        where, weights = area_taps(full_height, height)
        rows = combine(rows, where, weights)
    if width < full_width:
        # On the transpose, so that inner loops are contiguous.
        where, weights = area_taps(full_width, width)
        rows = _turned(combine(_turned(rows, full_width), where, weights), height)
    return rows


@kernel
def interpolate(rows, height, width, kind):
    """An image, float32 (h, 3 w), made `height` >= h by `width` >= w pixels large by the filter `kind`, in float32."""
    own_height, own_width = rows.shape[0], rows.shape[1] // 3
    if own_width < width:
        where, weights = interpolation_taps(own_width, width, kind)
        rows = _turned(combine(_turned(rows, own_width), where, weights), own_height)
    if own_height < height:
        where, weights = interpolation_taps(own_height, height, kind)
        rows = combine(rows, where, weights)
    return rows


@part
def enlarge(codes, kind, out):
    """Enlarge 8-bit codes, uint8 (h, 3 w), into `out`, uint8 (H, 3 W) of H >= h, W >= w, by the filter `kind`."""
    full_height, full_width = out.shape[0], out.shape[1] // 3
    rows = interpolate(codes.astype(np.float32), full_height, full_width, kind)
    zero, most, half = np.float32(0.0), np.float32(255.0), np.float32(0.5)
    for y in range(full_height):
        row, target = rows[y], out[y]
        for x in range(3 * full_width):
            target[x] = np.uint8(min(max(row[x], zero), most) + half)
