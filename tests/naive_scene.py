"""Slow, readable twins of the kernels in scene/: plain Python, one definition after the other."""

from __future__ import annotations

import math

import numpy as np
from shapely.geometry import Polygon
from shapely.geometry import box as rectangle


def through(h, x, y):
    """A homography (nine numbers) applied to a point."""
    u, v, w = np.asarray(h, float).reshape(3, 3) @ (x, y, 1.0)
    return u / w, v / w


def bilinear(picture, u, v, wrap):
    """The value of `picture` (h, w, c) at (u, v), pixel centres at halves; wrapping around, or mirrored."""
    rows, columns = picture.shape[:2]

    def at(i, n):
        if wrap:
            return i % n
        i %= 2 * n
        return min(i, 2 * n - 1 - i)

    i, j = math.floor(u - 0.5), math.floor(v - 0.5)
    fu, fv = u - 0.5 - i, v - 0.5 - j
    total = 0.0
    for dj, wv in ((0, 1 - fv), (1, fv)):
        for di, wu in ((0, 1 - fu), (1, fu)):
            total = total + wu * wv * picture[at(j + dj, rows), at(i + di, columns)].astype(float)
    return total


def sides(plane, box):
    """(a, b, c) of each side of a projected box: how far inside a point lies is a x + b y + c."""
    x0, y0, x1, y1 = box
    quad = [through(plane, x, y) for x, y in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))]
    sign = 1.0 if Polygon(quad).exterior.is_ccw else -1.0  # on the screen, y down, that is clockwise
    lines = []
    for (ax, ay), (bx, by) in zip(quad, quad[1:] + quad[:1], strict=True):
        length = math.hypot(bx - ax, by - ay)
        a, b = -sign * (by - ay) / length, sign * (bx - ax) / length
        lines.append((a, b, -a * ax - b * ay))
    return lines


def cover(plane, box, height, width):
    """Coverage of a projected box without round corners."""
    lines = sides(plane, box)
    out = np.zeros((height, width))
    for r in range(height):
        for c in range(width):
            d = min(a * (c + 0.5) + b * (r + 0.5) + k for a, b, k in lines)
            out[r, c] = min(max(d + 0.5, 0.0), 1.0)
    return out


def shade(image, lines, blur, opacity):
    out = image.astype(float).copy()
    for r in range(image.shape[0]):
        for c in range(image.shape[1]):
            t = 1.0
            for a, b, k in lines:
                t *= min(max(0.5 + 0.5 * (a * (c + 0.5) + b * (r + 0.5) + k) / blur, 0.0), 1.0)
            out[r, c] *= 1.0 - opacity * t * t * (3 - 2 * t)
    return out


def lightness(image):
    return 100.0 * np.sqrt(image.astype(float) @ (0.2126, 0.7152, 0.0722))


def cells(image, size):
    """Edge strength and lightness of each cell."""
    light = lightness(image)
    steps = np.zeros(light.shape)
    steps[:, 1:] += np.diff(light, axis=1) ** 2
    steps[1:] += np.diff(light, axis=0) ** 2
    rows, columns = -(-light.shape[0] // size), -(-light.shape[1] // size)
    out = np.zeros((rows, columns, 2))
    for r in range(rows):
        for c in range(columns):
            part = np.s_[r * size : (r + 1) * size, c * size : (c + 1) * size]
            out[r, c] = math.sqrt(steps[part].mean()), light[part].mean()
    return out


def roughness(cell, size, x0, y0, x1, y1):
    rows, columns = cell.shape[:2]
    c0, r0 = int(min(max(x0 // size, 0), columns - 1)), int(min(max(y0 // size, 0), rows - 1))
    c1 = min(max(math.ceil(x1 / size), c0 + 1), columns)
    r1 = min(max(math.ceil(y1 / size), r0 + 1), rows)
    part = cell[r0:r1, c0:c1]
    return part[..., 0].mean() + 0.4 * part[..., 1].std()


def strips(band):
    """The quads of a band: k points of its top, then k of its bottom back."""
    k = len(band) // 2
    return [Polygon([band[s], band[s + 1], band[2 * k - 2 - s], band[2 * k - 1 - s]]) for s in range(k - 1)]


def shared_area(a, b):
    """Of two bands: the sum over pairs of their strips."""
    return sum(p.intersection(q).area for p in strips(a) for q in strips(b))


def signed_area(points):
    return 0.5 * sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, np.roll(points, -1, axis=0), strict=True))


def areas(contours, height, width):
    """Of a word's contours: area, area inside the image. Holes run the other way round."""
    image = rectangle(0, 0, width, height)
    whole = inside = 0.0
    for points in contours:
        polygon = Polygon(points)
        sign = math.copysign(1.0, signed_area(points))
        whole += sign * polygon.area
        inside += sign * polygon.intersection(image).area
    return abs(whole), abs(inside)


def smaller_scale(warp_xy, x, y):
    """The smaller singular value of the Jacobian of a map at a point."""
    h = 1e-3
    u, ua, ub = (np.array(warp_xy(x + a, y + b)) for a, b in ((0, 0), (h, 0), (0, h)))
    return np.linalg.svd(np.column_stack([(ua - u) / h, (ub - u) / h]), compute_uv=False)[-1]
