"""The light that falls on the scene: gradient, cast shadow and vignette, as one factor per pixel."""

from __future__ import annotations

import math

import numpy as np

from synthtext.core.kernel import kernel


@kernel
def illuminate(rows, gradient, angle, vignette, centre_x, centre_y, depth, softness, period, sides):
    """Multiply an image by the light on it, in place.

    `rows`: float32 (h, 3 w), linear light. All lengths in pixels, all angles in radians.
    `gradient`: stops from one end of the image to the other, along `angle`; the middle is left as it is.
    `vignette`: part of the light lost at the corner that is furthest from (`centre_x`, `centre_y`), which loses none;
    in between, the cosine-fourth law: light = 1 / (1 + k r^2)^2.
    `sides`: float64 (n, 3), half-planes a x + b y + c >= 0 (a, b a unit vector) whose intersection lies in shadow;
    `depth` of its light is taken, over an edge of width `softness`. With `period` above 0 there is one side, and what
    lies in shadow is stripes, period / 2 wide, about the lines a x + b y + c = k period.
    """
    height, width = rows.shape[0], rows.shape[1] // 3
    one, half = np.float32(1.0), np.float32(0.5)
    xs, across, radial = np.empty(width, np.float32), np.empty(width, np.float32), np.empty(width, np.float32)
    line, inside = np.empty(width, np.float32), np.empty(width, np.float32)
    cos, sin = math.cos(angle), math.sin(angle)
    stops = gradient / (abs(cos) * width + abs(sin) * height)
    far_x, far_y = max(centre_x, width - centre_x), max(centre_y, height - centre_y)
    k = ((1.0 - vignette) ** -0.5 - 1.0) / (far_x * far_x + far_y * far_y)
    for x in range(width):
        xs[x] = x + 0.5
        across[x] = 2.0 ** (stops * cos * (x + 0.5 - 0.5 * width))
        radial[x] = 1.0 + k * (x + 0.5 - centre_x) ** 2
    taken, sharp = np.float32(depth), np.float32(1.0 / softness)
    wave, quarter = np.float32(period), np.float32(0.25 * period)
    for y in range(height):
        down = np.float32(2.0 ** (stops * sin * (y + 0.5 - 0.5 * height)))
        below = np.float32(k * (y + 0.5 - centre_y) ** 2)
        for x in range(width):
            r = radial[x] + below
            line[x] = across[x] * down / (r * r)
        if depth > 0.0:
            inside[:] = np.float32(1e9)
            for n in range(sides.shape[0]):
                a, c = np.float32(sides[n, 0]), np.float32(sides[n, 1] * (y + 0.5) + sides[n, 2])
                for x in range(width):
                    inside[x] = min(inside[x], a * xs[x] + c)
            if period > 0.0:
                for x in range(width):
                    t = inside[x]
                    inside[x] = quarter - abs(t - wave * np.floor(t / wave + half))
            for x in range(width):
                t = max(np.float32(0.0), min(one, inside[x] * sharp + half))
                line[x] *= one - taken * (t * t * (np.float32(3.0) - np.float32(2.0) * t))
        row = rows[y]
        for x in range(width):
            factor = line[x]
            row[3 * x] *= factor
            row[3 * x + 1] *= factor
            row[3 * x + 2] *= factor
