"""What JPEG (ITU-T T.81) does to a picture, without the entropy coding, which loses nothing.

As the Independent JPEG Group's library does it by default: JFIF's YCbCr; chroma at full or half resolution (means of
2 x 2 pixels; on the way back the triangle filter that it calls fancy); its scaling of the tables of T.81 annex K by
quality. The transform is in float32 instead of integers, which leads to differences of a level here and there.
"""

from __future__ import annotations

import math

import numpy as np

from synthtext.core.kernel import kernel

# T.81, tables K.1 (luminance) and K.2 (chrominance).
_LUMINANCE = np.array(
    [
        [16, 11, 10, 16, 24, 40, 51, 61],
        [12, 12, 14, 19, 26, 58, 60, 55],
        [14, 13, 16, 24, 40, 57, 69, 56],
        [14, 17, 22, 29, 51, 87, 80, 62],
        [18, 22, 37, 56, 68, 109, 103, 77],
        [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101],
        [72, 92, 95, 98, 112, 100, 103, 99],
    ]
)
_CHROMINANCE = np.array(
    [
        [17, 18, 24, 47, 99, 99, 99, 99],
        [18, 21, 26, 66, 99, 99, 99, 99],
        [24, 26, 56, 99, 99, 99, 99, 99],
        [47, 66, 99, 99, 99, 99, 99, 99],
        [99, 99, 99, 99, 99, 99, 99, 99],
        [99, 99, 99, 99, 99, 99, 99, 99],
        [99, 99, 99, 99, 99, 99, 99, 99],
        [99, 99, 99, 99, 99, 99, 99, 99],
    ]
)


# The orthonormal DCT-II of 8 samples: sum over x of in[x] cos((2 x + 1) u pi / 16) / 2; for u = 0, over sqrt(2).
_C0, _C1, _C2, _C3, _C5, _C6, _C7 = (np.float32(0.5 * math.cos(k * math.pi / 16)) for k in (4, 1, 2, 3, 5, 6, 7))
# Two blocks are worked on at a time, as 8 rows of 16 one after the other: the loops below fill vector registers.
_L = 16


@kernel
def transform(a):
    """The DCT of each of the 16 columns of `a`, float32 (8 * 16,), in place.

    The sums and the differences of samples that mirror each other go to the even and to the odd coefficients.
    """
    for j in range(_L):
        x0, x1, x2, x3 = a[j], a[j + _L], a[j + 2 * _L], a[j + 3 * _L]
        x4, x5, x6, x7 = a[j + 4 * _L], a[j + 5 * _L], a[j + 6 * _L], a[j + 7 * _L]
        s0, s1, s2, s3 = x0 + x7, x1 + x6, x2 + x5, x3 + x4
        d0, d1, d2, d3 = x0 - x7, x1 - x6, x2 - x5, x3 - x4
        p, q, r, t = s0 + s3, s1 + s2, s0 - s3, s1 - s2
        a[j] = _C0 * (p + q)
        a[j + _L] = (_C1 * d0 + _C3 * d1) + (_C5 * d2 + _C7 * d3)
        a[j + 2 * _L] = _C2 * r + _C6 * t
        a[j + 3 * _L] = (_C3 * d0 - _C7 * d1) - (_C1 * d2 + _C5 * d3)
        a[j + 4 * _L] = _C0 * (p - q)
        a[j + 5 * _L] = (_C5 * d0 - _C1 * d1) + (_C7 * d2 + _C3 * d3)
        a[j + 6 * _L] = _C6 * r - _C2 * t
        a[j + 7 * _L] = (_C7 * d0 - _C5 * d1) + (_C3 * d2 - _C1 * d3)


@kernel
def transform_back(a):
    """The inverse of `transform`: its transpose."""
    for j in range(_L):
        y0, y1, y2, y3 = a[j], a[j + _L], a[j + 2 * _L], a[j + 3 * _L]
        y4, y5, y6, y7 = a[j + 4 * _L], a[j + 5 * _L], a[j + 6 * _L], a[j + 7 * _L]
        p, q = _C0 * (y0 + y4), _C0 * (y0 - y4)
        r, t = _C2 * y2 + _C6 * y6, _C6 * y2 - _C2 * y6
        s0, s1, s2, s3 = p + r, q + t, q - t, p - r
        d0 = (_C1 * y1 + _C3 * y3) + (_C5 * y5 + _C7 * y7)
        d1 = (_C3 * y1 - _C7 * y3) - (_C1 * y5 + _C5 * y7)
        d2 = (_C5 * y1 - _C1 * y3) + (_C7 * y5 + _C3 * y7)
        d3 = (_C7 * y1 - _C5 * y3) + (_C3 * y5 - _C1 * y7)
        a[j], a[j + 7 * _L] = s0 + d0, s0 - d0
        a[j + _L], a[j + 6 * _L] = s1 + d1, s1 - d1
        a[j + 2 * _L], a[j + 5 * _L] = s2 + d2, s2 - d2
        a[j + 3 * _L], a[j + 4 * _L] = s3 + d3, s3 - d3


@kernel
def turn(a, b):
    """The two blocks of `a` transposed, into `b`; both float32 (8 * 16,)."""
    for k in range(0, _L, 8):
        for i in range(8):
            for j in range(8):
                b[i * _L + k + j] = a[j * _L + k + i]


@kernel
def quantisation(base, quality):
    """The table of a quality in 1..100, from `base`, int (8, 8): float32 (8, 8)."""
    scale = 5000 // quality if quality < 50 else 200 - 2 * quality
    table = np.empty((8, 8), np.float32)
    for u in range(8):
        for v in range(8):
            table[u, v] = min(max((base[u, v] * scale + 50) // 100, 1), 255)
    return table


@kernel
def code_plane(plane, table, first_y, end_y, first_x, end_x):
    """Transform, quantise and transform back each 8 x 8 block of `plane[first_y:end_y, first_x:end_x]`, in place.

    `plane`: float32 (8 m, 8 n), samples less 128; it comes back as whole samples in 0..255. `table`: float32 (8, 8).
    """
    upright, turned = np.zeros(8 * _L, np.float32), np.zeros(8 * _L, np.float32)
    step, inverse = np.empty(8 * _L, np.float32), np.empty(8 * _L, np.float32)
    for i in range(8):
        for j in range(_L):
            step[i * _L + j] = table[j % 8, i]
            inverse[i * _L + j] = np.float32(1.0) / table[j % 8, i]
    zero, top, middle = np.float32(0.0), np.float32(255.0), np.float32(128.5)
    # Halves are rounded away from 0; the excess over a half covers what the float transform loses of exact halves.
    half = np.float32(0.5 + 1.0 / 4096.0)
    for y in range(first_y, end_y, 8):
        for x in range(first_x, end_x, _L):
            n = min(_L, end_x - x)
            for i in range(8):
                row = plane[y + i, x : x + n]
                for j in range(n):
                    upright[i * _L + j] = row[j]
            transform(upright)
            turn(upright, turned)
            transform(turned)
            for i in range(8 * _L):
                s = turned[i]
                turned[i] = np.copysign(np.floor(abs(s) * inverse[i] + half) * step[i], s)
            transform_back(turned)
            turn(turned, upright)
            transform_back(upright)
            for i in range(8):
                row = plane[y + i, x : x + n]
                for j in range(n):
                    row[j] = min(top, max(zero, np.floor(upright[i * _L + j] + middle)))


@kernel
def halve(plane, out):
    """Means of 2 x 2 samples, halves rounded down in even columns and up in odd ones: `out`, float32 (h / 2, w / 2)."""
    bias0, bias1 = np.float32(0.25), np.float32(0.5)
    quarter = np.float32(0.25)
    for y in range(out.shape[0]):
        a, b, target = plane[2 * y], plane[2 * y + 1], out[y]
        for x in range(out.shape[1]):
            mean = (a[2 * x] + a[2 * x + 1] + b[2 * x] + b[2 * x + 1]) * quarter
            target[x] = np.floor(mean + (bias0 if x % 2 == 0 else bias1))


@kernel
def _copy_row(source, target):
    for x in range(target.shape[0]):
        target[x] = source[x]


@kernel
def double_row(plane, y, limit_y, limit_x, sums, row):
    """Row `y` of a plane at twice its size by the triangle filter (3/4 and 1/4 in each axis), into `row`.

    `plane`: float32 (h, w), of which `limit_y` by `limit_x` samples count; the last are repeated beyond them.
    `sums`: float32 (limit_x + 2,), scratch. `row`: float32 (2 limit_x or more,).
    """
    near = y // 2
    far = min(max(near - 1 if y % 2 == 0 else near + 1, 0), limit_y - 1)
    a, b = plane[near], plane[far]
    three, sixteenth = np.float32(3.0), np.float32(1.0 / 16.0)
    for x in range(limit_x):
        sums[x + 1] = three * a[x] + b[x]
    sums[0], sums[limit_x + 1] = sums[1], sums[limit_x]
    for x in range(limit_x):
        row[2 * x] = np.floor((three * sums[x + 1] + sums[x] + np.float32(8.0)) * sixteenth)
        row[2 * x + 1] = np.floor((three * sums[x + 1] + sums[x + 2] + np.float32(7.0)) * sixteenth)


@kernel
def jpeg(rows, quality, subsample, left, top):
    """Compress and decompress an image, in place.

    `rows`: uint8 (h, 3 w), RGB. `quality`: 1..100. `subsample`: chroma at half resolution (4:2:0) instead of full
    (4:4:4). `left`, `top`: pixels, >= 0, by which the grid of blocks begins outside of the image, as after a crop.
    """
    height, width = rows.shape[0], rows.shape[1] // 3
    unit = 16 if subsample else 8
    full_height, full_width = -(-(top + height) // unit) * unit, -(-(left + width) // unit) * unit
    planes = np.empty((3, full_height, full_width), np.float32)
    colours = np.empty(3 * width, np.float32)
    half, zero, middle, most = np.float32(0.5), np.float32(0.0), np.float32(128.0), np.float32(255.0)
    for y in range(height):
        row = rows[y]
        for i in range(3 * width):
            colours[i] = row[i]
        luma, blue = planes[0, top + y, left : left + width], planes[1, top + y, left : left + width]
        red = planes[2, top + y, left : left + width]
        for x in range(width):
            r, g, b = colours[3 * x], colours[3 * x + 1], colours[3 * x + 2]
            luma[x] = np.floor(np.float32(0.299) * r + np.float32(0.587) * g + np.float32(0.114) * b + half) - middle
            blue[x] = np.floor(np.float32(-0.168735892) * r - np.float32(0.331264108) * g + half * b + half)
            red[x] = np.floor(half * r - np.float32(0.418687589) * g - np.float32(0.081312411) * b + half)
        for p in range(3):
            line = planes[p, top + y]
            line[:left] = line[left]
            line[left + width :] = line[left + width - 1]
    for p in range(3):
        for y in range(full_height):
            nearest = min(max(y, top), top + height - 1)
            if nearest != y:
                _copy_row(planes[p, nearest], planes[p, y])
    table = quantisation(_CHROMINANCE, quality)
    # Blocks that lie wholly outside of the image change nothing in it.
    first_y, first_x, end_y, end_x = (
        top // 8 * 8,
        left // 8 * 8,
        -(-(top + height) // 8) * 8,
        -(-(left + width) // 8) * 8,
    )
    code_plane(planes[0], quantisation(_LUMINANCE, quality), first_y, end_y, first_x, end_x)
    chroma = planes[1:]
    limit_y, limit_x = (top + height + 1) // 2, (left + width + 1) // 2
    if subsample:
        chroma = np.empty((2, full_height // 2, full_width // 2), np.float32)
        for p in range(2):
            halve(planes[p + 1], chroma[p])
            for y in range(limit_y, full_height // 2):  # below, the last row is repeated after it was halved
                _copy_row(chroma[p, limit_y - 1], chroma[p, y])
        first_y, first_x, end_y, end_x = 0, 0, full_height // 2, full_width // 2
    code_plane(chroma[0], table, first_y, end_y, first_x, end_x)
    code_plane(chroma[1], table, first_y, end_y, first_x, end_x)
    sums = np.empty(full_width // 2 + 2, np.float32)
    blues, reds = np.empty(full_width, np.float32), np.empty(full_width, np.float32)
    for y in range(height):
        if subsample:
            double_row(chroma[0], top + y, limit_y, limit_x, sums, blues)
            double_row(chroma[1], top + y, limit_y, limit_x, sums, reds)
        else:
            blues, reds = chroma[0, top + y], chroma[1, top + y]
        luma, blue, red = planes[0, top + y, left : left + width], blues[left:], reds[left:]
        for x in range(width):
            base, b, r = luma[x] + half, blue[x] - middle, red[x] - middle
            colours[3 * x] = base + np.float32(1.402) * r
            colours[3 * x + 1] = base - np.float32(0.344136286) * b - np.float32(0.714136286) * r
            colours[3 * x + 2] = base + np.float32(1.772) * b
        row = rows[y]
        for i in range(3 * width):
            row[i] = np.uint8(min(most, max(zero, colours[i])))
