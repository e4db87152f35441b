"""Letters with a third dimension: sides, raised and cut relief, thread, and light that they give off."""

from __future__ import annotations

import math

import numpy as np

from synthtext.core.kernel import kernel
from synthtext.core.rng import Draws


def draw_light(draws: Draws) -> float:
    """From where light comes, radians: from above, mostly from the left."""
    return draws.uniform(-0.85 * math.pi, -0.15 * math.pi)


@kernel
def extrude(image, coverage, dx, dy, side, light_x, light_y):
    """Paint the sides of letters whose front is `coverage`, swept by (dx, dy) pixels, behind them, in place.

    `image`: float32 (H, W, 3). `side`: float64 (3,), linear RGB of a side that is lit from straight ahead. A side is
    lit by its outward normal, the front's falling edge where the sweep meets it, towards (`light_x`, `light_y`).
    """
    height, width = coverage.shape
    length = np.sqrt(dx * dx + dy * dy)
    steps = int(2.0 * length) + 1
    for y in range(height):
        for x in range(width):
            # What is seen of a side hangs from the edge of the front that is met first: there a ray enters the front.
            best, at = 0.0, 0
            for k in range(1, steps + 1):
                c = _bilinear(coverage, x - dx * k / steps, y - dy * k / steps)
                if best < 0.5 and c > best:
                    at = k
                best = max(best, c)
            if best > 0.0:
                # The edge of the front that this point of the side hangs from.
                sx, sy = x - dx * at / steps, y - dy * at / steps
                gx = _bilinear(coverage, sx + 1.0, sy) - _bilinear(coverage, sx - 1.0, sy)
                gy = _bilinear(coverage, sx, sy + 1.0) - _bilinear(coverage, sx, sy - 1.0)
                # A thin stroke has an edge on both sides: what counts is the one that the sweep leaves over.
                if gx * dx + gy * dy > 0.0:
                    gx, gy = -gx, -gy
                norm = np.sqrt(gx * gx + gy * gy) + 1e-6
                facing = -(gx * light_x + gy * light_y) / norm
                # Away from the front the side lies deeper, where less light comes.
                deep = 1.0 - 0.45 * at / steps
                tone = (0.55 + 0.45 * facing) * deep
                a = np.float32(min(best, 1.0))
                for k in range(3):
                    image[y, x, k] += a * (np.float32(min(side[k] * tone, 1.0)) - image[y, x, k])


@kernel
def _bilinear(field, x, y):
    """`field`, float32 (H, W), between the pixels' corners (x, y); continued by its edge."""
    height, width = field.shape
    x, y = min(max(x, 0.0), width - 1.0), min(max(y, 0.0), height - 1.0)
    i, j = int(x), int(y)
    k, m = min(i + 1, width - 1), min(j + 1, height - 1)
    fx, fy = x - i, y - j
    top = field[j, i] + fx * (field[j, k] - field[j, i])
    return top + fy * (field[m, i] + fx * (field[m, k] - field[m, i]) - top)


@kernel
def shade_relief(image, relief, light_x, light_y, depth, gloss):
    """Light a surface of height `relief`, float32 (H, W), from (`light_x`, `light_y`), in place.

    The light is multiplied by 1 + depth times the slope towards the lamp; `gloss` adds the lamp's own reflection where
    the slope is steep. What is in shadow keeps a fifth of its light.
    """
    height, width = relief.shape
    for y in range(height):
        up, down = max(y - 1, 0), min(y + 1, height - 1)
        for x in range(width):
            left, right = max(x - 1, 0), min(x + 1, width - 1)
            slope = -(light_x * (relief[y, right] - relief[y, left]) + light_y * (relief[down, x] - relief[up, x]))
            factor = np.float32(max(1.0 + depth * slope, 0.2))
            shine = np.float32(gloss * max(depth * slope - 0.25, 0.0) ** 2)
            for k in range(3):
                image[y, x, k] = min(image[y, x, k] * factor + shine, np.float32(1.0))


@kernel
def add_glow(image, glow, colour, dim):
    """Dim `image` to the part `dim` of its light, and add `colour`, float64 (3,), times `glow`, float32 (H, W)."""
    kept = np.float32(dim)
    for y in range(glow.shape[0]):
        for x in range(glow.shape[1]):
            for k in range(3):
                # What the glow falls on is lit by it, too.
                lit = np.float32(colour[k]) * glow[y, x]
                image[y, x, k] = image[y, x, k] * (kept + lit) + np.float32(0.7) * lit


@kernel
def whiten(image, coverage, core, colour):
    """The inside of a glowing tube: where `core`, float32 (H, W), is high, `image` goes to `colour`, in place."""
    for y in range(core.shape[0]):
        for x in range(core.shape[1]):
            t = max(np.float32(1.6) * core[y, x] - np.float32(0.6), np.float32(0.0)) * coverage[y, x]
            for k in range(3):
                image[y, x, k] += t * (np.float32(colour[k]) - image[y, x, k])


@kernel
def threads(image, coverage, plane, cos, sin, pitch, length, depth):
    """Embroider: shade what is covered as satin stitches, in place.

    `plane`: float64 (9,), pixels to em. Threads lie in the direction (cos, sin) of the plane, `pitch` em apart, each
    stitch `length` em long and begun half a stitch after its neighbour's. `depth` in [0, 1]: of the shading.
    """
    for y in range(coverage.shape[0]):
        for x in range(coverage.shape[1]):
            if coverage[y, x] > np.float32(0.0):
                px, py = x + 0.5, y + 0.5
                w = 1.0 / (plane[6] * px + plane[7] * py + plane[8])
                u = (plane[0] * px + plane[1] * py + plane[2]) * w
                v = (plane[3] * px + plane[4] * py + plane[5]) * w
                lane = (cos * v - sin * u) / pitch
                number = np.floor(lane)
                across = 2.0 * (lane - number) - 1.0
                along = (cos * u + sin * v) / length + 0.5 * (int(number) & 1) + 0.13 * (int(number) % 5)
                along = 2.0 * (along - np.floor(along)) - 1.0
                # A round back across, and a stitch that dives under at its ends.
                bump = (1.0 - across * across) * (1.0 - along * along * along * along)
                tone = np.float32(1.0 + depth * coverage[y, x] * (1.25 * bump - 0.8))
                for k in range(3):
                    image[y, x, k] = min(image[y, x, k] * tone, np.float32(1.0))
