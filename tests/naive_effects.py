"""Readable twins of the kernels of effects, surfaces, print and camera: whole arrays, one definition after the other.

Fields are float (H, W), images float (H, W, 3); all return what the kernels write in place.
"""

from __future__ import annotations

import math

import numpy as np


def grid(height, width):
    """x and y of the pixels' centres."""
    y, x = np.mgrid[0:height, 0:width] + 0.5
    return x, y


def apply(h, x, y):
    """A homography, 9 numbers, of points."""
    p = np.tensordot(np.asarray(h).reshape(3, 3), np.stack([x, y, np.ones_like(x)]), 1)
    return p[0] / p[2], p[1] / p[2]


def mix(a, b, t):
    return a + t[..., None] * (b - a)


def bilinear(field, x, y):
    """Between pixels whose places are whole numbers; continued by the edge."""
    height, width = field.shape
    x, y = np.clip(x, 0, width - 1), np.clip(y, 0, height - 1)
    i, j = np.floor(x).astype(int), np.floor(y).astype(int)
    k, m = np.minimum(i + 1, width - 1), np.minimum(j + 1, height - 1)
    fx, fy = x - i, y - j
    return (1 - fy) * ((1 - fx) * field[j, i] + fx * field[j, k]) + fy * ((1 - fx) * field[m, i] + fx * field[m, k])


# relief


def extrude(image, coverage, dx, dy, side, light_x, light_y):
    out = image.copy()
    height, width = coverage.shape
    steps = int(2 * math.sqrt(dx * dx + dy * dy)) + 1
    for y in range(height):
        for x in range(width):
            seen = [0.0] + [
                float(bilinear(coverage, np.array(x - dx * k / steps), np.array(y - dy * k / steps)))
                for k in range(1, steps + 1)
            ]
            running = np.maximum.accumulate(seen)
            best = running[-1]
            if best <= 0:
                continue
            # The record that is set last among those set before the half was passed.
            at = max(k for k in range(1, steps + 1) if running[k] > running[k - 1] and running[k - 1] < 0.5)
            sx, sy = x - dx * at / steps, y - dy * at / steps
            value = lambda u, v: float(bilinear(coverage, np.array(u), np.array(v)))  # noqa: E731
            gx = value(sx + 1, sy) - value(sx - 1, sy)
            gy = value(sx, sy + 1) - value(sx, sy - 1)
            if gx * dx + gy * dy > 0:
                gx, gy = -gx, -gy
            facing = -(gx * light_x + gy * light_y) / (math.hypot(gx, gy) + 1e-6)
            tone = (0.55 + 0.45 * facing) * (1 - 0.45 * at / steps)
            out[y, x] += min(best, 1) * (np.minimum(side * tone, 1) - out[y, x])
    return out


def shade_relief(image, relief, light_x, light_y, depth, gloss):
    padded = np.pad(relief, 1, mode="edge")
    slope = -(light_x * (padded[1:-1, 2:] - padded[1:-1, :-2]) + light_y * (padded[2:, 1:-1] - padded[:-2, 1:-1]))
    shine = gloss * np.maximum(depth * slope - 0.25, 0) ** 2
    return np.minimum(image * np.maximum(1 + depth * slope, 0.2)[..., None] + shine[..., None], 1)


def add_glow(image, glow, colour, dim):
    lit = glow[..., None] * colour
    return image * (dim + lit) + 0.7 * lit


def whiten(image, coverage, core, colour):
    return mix(image, colour, np.maximum(1.6 * core - 0.6, 0) * coverage)


def threads(image, coverage, plane, cos, sin, pitch, length, depth):
    u, v = apply(plane, *grid(*coverage.shape))
    lane = (cos * v - sin * u) / pitch
    number = np.floor(lane)
    across = 2 * (lane - number) - 1
    # Numba's remainder of a negative number has the divisor's sign, as Python's.
    along = (cos * u + sin * v) / length + 0.5 * (number % 2) + 0.13 * (number % 5)
    along = 2 * (along - np.floor(along)) - 1
    bump = (1 - across**2) * (1 - along**4)
    shaded = np.minimum(image * (1 + depth * coverage * (1.25 * bump - 0.8))[..., None], 1)
    return np.where((coverage > 0)[..., None], shaded, image)


# wear


def plane_field(plane, field, across, down, shift_x, shift_y, shape):
    u, v = apply(plane, *grid(*shape))
    u, v = across * u + shift_x, down * v + shift_y
    i, j = np.floor(u).astype(int), np.floor(v).astype(int)
    fx, fy, size = u - i, v - j, field.shape[0]
    values = field.astype(float)
    at = lambda a, b: values[b % size, a % size]  # noqa: E731
    top, bottom = (1 - fx) * at(i, j) + fx * at(i + 1, j), (1 - fx) * at(i, j + 1) + fx * at(i + 1, j + 1)
    return ((1 - fy) * top + fy * bottom + 0.5) / 256


def wear(keep, field, soft, share, edge, bias):
    local = share * (1 + bias * (1 - 2 * soft))
    return keep * np.clip((field - local) / edge + 0.5, 0, 1)


def lamps(coverage, plane, forward, pitch, ratio, grow):
    height, width = coverage.shape
    x, y = grid(height, width)
    u, v = (a / pitch for a in apply(plane, x, y))
    cu, cv = np.floor(u) + 0.5, np.floor(v) + 0.5
    ox, oy = apply(forward, cu * pitch, cv * pitch)
    r, off = np.hypot(u - cu, v - cv), np.hypot(x - ox, y - oy)
    scale = np.where(r > 1e-6, off / np.maximum(r, 1e-12), 1e6)
    fine = np.clip((scale - 1.2) / 1.3, 0, 1)
    disc = fine * np.clip((ratio - r) * scale + 0.5, 0, 1) + (1 - fine) * min(math.pi * ratio**2, 1)
    column, row = np.clip(ox, 0, width - 1).astype(int), np.clip(oy, 0, height - 1).astype(int)
    on = np.clip((coverage[row, column] * grow - 0.5) * 4 + 0.5, 0, 1)
    return disc * on, disc * (1 - on)


def reveal(image, under, keep):
    return mix(under, image, keep)


def spread(soft, field, reach):
    t = np.clip((soft - 0.5 + reach * field) / 0.2 + 0.2, 0, 1)
    return t * t * (3 - 2 * t)


# interference and print


def stain(image, coverage, ink, opacity):
    return image * (1 - (opacity * coverage)[..., None] * (1 - ink))


def halftone(image, plane, pitch, angle, black, detail):
    u, v = apply(plane, *grid(*image.shape[:2]))
    if black:
        inks = [np.zeros(u.shape)] * 3 + [1 - np.minimum(image @ [0.2126, 0.7152, 0.0722], 1)]
    else:
        most = np.clip(image.max(2), 1e-3, 1)
        inks = [1 - image[..., k] / most for k in range(3)] + [1 - most]
    printed = []
    for ink, degrees in zip(inks, (15, 75, 0, 45), strict=True):
        turn = angle + math.radians(degrees)
        a, b = math.cos(turn) * u + math.sin(turn) * v, math.cos(turn) * v - math.sin(turn) * u
        wave = lambda t: np.abs(2 * ((t / pitch) % 1.0) - 1)  # noqa: E731
        s = wave(a) + wave(b)
        threshold = np.where(s < 1, s * s / 2, 1 - (2 - s) ** 2 / 2)
        dots = np.clip((ink - threshold) * max(detail / 2.8, 0.8) + 0.5, 0, 1)
        printed.append(np.where(ink > 0.004, dots, ink))
    if black:
        most = image.max(2, keepdims=True)
        out = (1 - printed[3])[..., None] * np.where(most > 0.02, image / np.maximum(most, 1e-9), 0)
    else:
        out = (1 - printed[3])[..., None] * (1 - np.stack(printed[:3], 2))
    return image + min(max((detail - 1.6) / 5, 0), 0.65) * (out - image)


def element(number, key):
    mask = (1 << 64) - 1
    z = ((number + 1_000_000) * 0x9E3779B97F4A7C15 & mask) ^ key
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & mask
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB & mask
    return max(((z >> 40) / 2**24 - 0.75) * 2.4, 0.0)


def fade(keep, cloud, plane, pitch, strength, key):
    u, _ = apply(plane, *grid(*keep.shape))
    at = u / pitch
    number = np.floor(at)
    a = np.vectorize(lambda n: element(int(n), key))(number)
    b = np.vectorize(lambda n: element(int(n) + 1, key))(number)
    weak = a + (at - number) * (b - a)
    return keep * np.clip(1 - strength * (0.35 + 0.75 * cloud**2) - strength * weak, 0.04, 1)


def bilevel(codes, pitch, bias):
    grey = codes.reshape(codes.shape[0], -1, 3) @ [0.299, 0.587, 0.114]
    height, width = grey.shape
    low, high = grey[grey < grey.mean()], grey[grey >= grey.mean()]
    threshold = grey.mean() if not len(low) or not len(high) else (low.mean() + high.mean()) / 2
    out = np.zeros_like(grey)
    for j in range(math.ceil(height / pitch)):
        for i in range(math.ceil(width / pitch)):
            rows = slice(int(j * pitch), max(int((j + 1) * pitch), int(j * pitch) + 1))
            columns = slice(int(i * pitch), max(int((i + 1) * pitch), int(i * pitch) + 1))
            cell = grey[rows, columns]
            if cell.size:
                out[rows, columns] = 255 if cell.mean() >= threshold + bias else 0
    return np.repeat(out, 3, axis=1)


# surface


def emphasise(image, coverage, before, around, strength):
    ratio = np.clip((before + 0.01) / (around + 0.01), 0.2, 3)
    lit = np.minimum(image * (1 + coverage * strength * (ratio - 1))[..., None], 1)
    return np.where((coverage > 0)[..., None], lit, image)


def fold(image, plane, creases, depth, least):
    u, v = apply(plane, *grid(*image.shape[:2]))
    light, thin = np.ones(u.shape), max(0.022, least)
    for n, (a, b, c, side) in enumerate(creases):
        along = a * v - b * u
        d = side * (a * u + b * v - c + 0.012 * np.sin(5 * along) + 0.006 * np.sin(17 * along + n))
        t, ridge, valley = d / 0.45, d / thin - 0.8, d / thin + 0.8
        light *= 1 + depth * (0.75 * t / (1 + t * t) + 0.45 / (1 + ridge**2) ** 2 - 0.6 / (1 + valley**2) ** 2)
    return np.minimum(image * np.maximum(light, 0.05)[..., None], 1)


def brighten(image, field, depth):
    return np.minimum(image * (1 + depth * (field - 0.5))[..., None], 1)


def screen(image, plane, c, s, depth):
    u, v = apply(plane, *grid(*image.shape[:2]))
    a, b = c * u + s * v, c * v - s * u
    line = 1 + 0.45 * depth * np.cos(2 * math.pi * b)
    stripes = np.stack([1 + 0.8 * depth * np.cos(2 * math.pi * (a - k / 3)) for k in range(3)], 2)
    return np.minimum(image * line[..., None] * stripes, 1)


def light_up(image, lamp_x, lamp_y, reach, dark, lamp):
    x, y = grid(*image.shape[:2])
    fall = 1 / (1 + 0.5 * ((x - lamp_x) ** 2 + (y - lamp_y) ** 2) / reach**2)
    return image * dark * (0.25 + 0.75 * fall[..., None] * lamp)


def veil(image, field, strength, tone):
    return mix(image, np.full(3, tone), strength * field)


def add_light(image, layer, part):
    return np.minimum(image * (1 - 0.3 * part) + part * layer, 1)


def spot(image, at_x, at_y, long, broad, c, s, strength):
    x, y = grid(*image.shape[:2])
    a, b = (c * (x - at_x) + s * (y - at_y)) / long, (c * (y - at_y) - s * (x - at_x)) / broad
    r = 1 + a * a + b * b
    return np.minimum(image + strength * (1.6 / r**2 + 0.25 / r)[..., None], 1)


# camera; codes and rows are (H, 3 W)


def aberrate(rows, dx, dy):
    image = rows.reshape(rows.shape[0], -1, 3).astype(float)
    y, x = np.mgrid[0 : image.shape[0], 0 : image.shape[1]].astype(float)
    red, blue = bilinear(image[..., 0], x - dx, y - dy), bilinear(image[..., 2], x + dx, y + dy)
    return np.stack([red, image[..., 1], blue], 2).reshape(rows.shape)


def flicker(rows, depth, period, phase):
    y = np.arange(rows.shape[0]) + 0.5
    return rows * (1 - depth * (1 + np.cos(2 * math.pi * y / period + phase)) / 2)[:, None]


def demosaic(codes, odd_x, odd_y, part):
    image = codes.reshape(codes.shape[0], -1, 3).astype(float)
    height, width, _ = image.shape
    kind = [[0 if x % 2 == odd_x and y % 2 == odd_y else 2 if x % 2 != odd_x and y % 2 != odd_y else 1
             for x in range(width)] for y in range(height)]  # fmt: skip
    out = image.copy()
    for y in range(height):
        for x in range(width):
            for k in range(3):
                if kind[y][x] == k:
                    continue
                near = [
                    image[j, i, k]
                    for j in range(max(y - 1, 0), min(y + 2, height))
                    for i in range(max(x - 1, 0), min(x + 2, width))
                    if kind[j][i] == k and (k != 1 or i == x or j == y)
                ]
                if near:
                    out[y, x, k] += part * (sum(near) / len(near) - image[y, x, k])
    return out.reshape(codes.shape)


def denoise(codes, tolerance):
    image = codes.reshape(codes.shape[0], -1, 3).astype(float)
    height, width, _ = image.shape
    out = np.empty_like(image)
    for y in range(height):
        for x in range(width):
            total, weights = 0, 0
            for j in range(height):
                for i in range(width):
                    if abs(i - x) + abs(j - y) <= 2:
                        d = ((image[j, i] - image[y, x]) ** 2).sum()
                        weight = (1 / (1 + d / tolerance**2)) ** 2
                        total, weights = total + weight * image[j, i], weights + weight
            out[y, x] = total / weights
    return out.reshape(codes.shape)


def sharpen(codes, amount):
    image = codes.reshape(codes.shape[0], -1, 3).astype(float)
    padded = np.pad(image, ((2, 2), (2, 2), (0, 0)), mode="edge")
    taps = np.array([1, 2, 3, 2, 1]) / 9
    height, width, _ = image.shape
    blurred = sum(taps[j] * taps[i] * padded[j : j + height, i : i + width] for j in range(5) for i in range(5))
    return np.clip(image + amount * (image - blurred), 0, 255).reshape(codes.shape)


# outlines


def roughen(x, y, amplitude, seed, step):
    """The moved point: value noise between the four nodes around it."""

    def node(i, j):
        mask = (1 << 64) - 1
        z = ((i + 4096) * 0x9E3779B97F4A7C15 + (j + 4096) * 0xC2B2AE3D27D4EB4F + int(seed)) & mask
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & mask
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB & mask
        return np.array([(z >> 40) / 2**23 - 1, ((z >> 16) & 0xFFFFFF) / 2**23 - 1])

    i, j = math.floor(x / step), math.floor(y / step)
    fx, fy = (t * t * (3 - 2 * t) for t in (x / step - i, y / step - j))
    top = (1 - fx) * node(i, j) + fx * node(i + 1, j)
    bottom = (1 - fx) * node(i, j + 1) + fx * node(i + 1, j + 1)
    return np.array([x, y]) + amplitude * ((1 - fy) * top + fy * bottom)
