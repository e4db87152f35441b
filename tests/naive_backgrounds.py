"""Slow twins of the kernels in synthtext.paint.textures and synthtext.paint.backgrounds: the definitions."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def noise(lattice: npt.NDArray[np.float32], size: int) -> Array:
    """A periodic uniform cubic B-spline: at every pixel, the sum over the lattice of value times basis function."""

    def basis(t: float) -> float:
        t = abs(t)
        if t < 1.0:
            return (4.0 - 6.0 * t * t + 3.0 * t**3) / 6.0
        return (2.0 - t) ** 3 / 6.0 if t < 2.0 else 0.0

    n, m = lattice.shape
    out = np.zeros((size, size))
    for y in range(size):
        for x in range(size):
            v, u = y * n / size + 1.0, x * m / size + 1.0
            for j in range(math.floor(v) - 1, math.floor(v) + 3):
                for i in range(math.floor(u) - 1, math.floor(u) + 3):
                    out[y, x] += basis(v - j) * basis(u - i) * lattice[j % n, i % m]
    return out


def cells(points: npt.NDArray[np.float32], size: int) -> tuple[Array, Array, npt.NDArray[np.int32]]:
    """Distances to the nearest two of all points, their copies in the eight neighbouring tiles included."""
    n = points.shape[0]
    near, second, owner = np.empty((size, size)), np.empty((size, size)), np.empty((size, size), np.int32)
    for y in range(size):
        for x in range(size):
            found = []
            for j in range(-n, 2 * n):
                for i in range(-n, 2 * n):
                    px, py = points[j % n, i % n].astype(float)
                    d = math.hypot(i + px - x * n / size, j + py - y * n / size)
                    found.append((d, (j % n) * n + i % n))
            found.sort()
            near[y, x], second[y, x], owner[y, x] = found[0][0], found[1][0], found[0][1]
    return near, second, owner


def halve(image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    height, width = image.shape[0] // 2 * 2, image.shape[1] // 2 * 2
    wide = image[:height, :width].astype(int)
    return ((wide[::2, ::2] + wide[1::2, ::2] + wide[::2, 1::2] + wide[1::2, 1::2] + 2) // 4).astype(np.uint8)


def gradient(height: int, width: int, paint: npt.NDArray[np.float32]) -> Array:
    y, x = np.mgrid[:height, :width]
    a, b, c = paint[6:].astype(float)
    mix = np.clip(a * x + b * y + c, 0.0, 1.0)[:, :, None]
    return paint[:3] * (1.0 - mix) + paint[3:6] * mix


def _bilinear(image: npt.NDArray[np.uint8], u: int, v: int, edge: str) -> Array:
    """The picture at index (u, v) / 65536, with 8 bits of fraction kept; `edge`: how it goes on, `wrap` or `mirror`."""

    def index(i: int, n: int) -> int:
        if edge == "wrap":
            return i % n
        i %= 2 * n
        return i if i < n else 2 * n - 1 - i

    height, width = image.shape[:2]
    j, i = v // 65536, u // 65536
    fv, fu = (v % 65536 // 256) / 256.0, (u % 65536 // 256) / 256.0
    total = np.zeros(image.shape[2])
    for dj, wv in ((0, 1.0 - fv), (1, fv)):
        for di, wu in ((0, 1.0 - fu), (1, fu)):
            total += wv * wu * image[index(j + dj, height), index(i + di, width)]
    return total


def texture(
    height: int,
    width: int,
    image: npt.NDArray[np.uint8],
    place: npt.NDArray[np.int64],
    paint: npt.NDArray[np.float32],
) -> Array:
    u0, v0, a, b, c, d = (int(v) for v in place)
    first, second, relief = paint[:3].astype(float), paint[3:6].astype(float), float(paint[6])
    out = np.empty((height, width, 3))
    for y in range(height):
        for x in range(width):
            pattern, light = _bilinear(image, u0 + a * x + b * y, v0 + c * x + d * y, "wrap")
            colour = first + (second - first) * pattern / 255.0
            out[y, x] = np.clip(colour * (1.0 + relief * (light - 128.0) / 128.0), 0.0, 1.0)
    return out


def photo(
    height: int,
    width: int,
    image: npt.NDArray[np.uint8],
    place: npt.NDArray[np.int64],
    paint: npt.NDArray[np.float32],
) -> Array:
    u0, v0, a, b, c, d = (int(v) for v in place)
    out = np.empty((height, width, 3))
    for y in range(height):
        for x in range(width):
            code = np.floor(_bilinear(image, u0 + a * x + b * y, v0 + c * x + d * y, "mirror") * 16.0) / 16.0 / 255.0
            linear = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
            out[y, x] = np.minimum(linear * paint[0] + paint[1:], 1.0)
    return out


def shrink(image: npt.NDArray[np.uint8], height: int, width: int) -> npt.NDArray[np.uint8]:
    """Each output pixel: the mean over its rectangle of the source, every source pixel by the area that lies inside."""
    rows, columns = image.shape[:2]

    def overlaps(i: int, n: int, size: int) -> list[tuple[int, Fraction]]:
        low, high = Fraction(i * size, n), Fraction((i + 1) * size, n)
        return [(j, min(high, j + 1) - max(low, j)) for j in range(math.floor(low), math.ceil(high))]

    out = np.empty((height, width, 3), np.uint8)
    for y in range(height):
        for x in range(width):
            for c in range(3):
                total = sum(
                    (
                        wy * wx * int(image[j, i, c])
                        for j, wy in overlaps(y, height, rows)
                        for i, wx in overlaps(x, width, columns)
                    ),
                    Fraction(0),
                )
                mean = total * height * width / (rows * columns)
                out[y, x, c] = math.floor(mean + Fraction(1, 2))
    return out
