"""What a camera does against noise."""

from __future__ import annotations

import numpy as np

from synthtext.core.kernel import kernel
from synthtext.effects.canvas import Canvas
from synthtext.effects.effect import Effect, EffectParams

_TILE = 256  # pixels of a row that are worked on at a time: arrays of so many after each other in one


class Denoise(Effect):
    """Smears texture, keeps edges; in [0, 1]."""

    strength = (0.2, 1.0)
    limits = (0.0, 1.0)
    scope = "picture"
    gallery = ("degrade.shot_noise={share: 1, strength: [0.08, 0.08]}",)

    def process(self, canvas: Canvas, params: EffectParams) -> None:
        denoise(canvas.codes, 40.0 * params.strength)


@kernel
def _add_neighbours(r, g, b, other_r, other_g, other_b, scale, sums):
    """Add pixels' neighbours, float32 (n,) a channel, by their weights to `sums`: of red, green, blue, and the weights,
    each _TILE after the other."""
    one = np.float32(1.0)
    for i in range(r.shape[0]):
        d0, d1, d2 = other_r[i] - r[i], other_g[i] - g[i], other_b[i] - b[i]
        w = one / (one + scale * (d0 * d0 + d1 * d1 + d2 * d2))
        w = w * w
        sums[i] += w * other_r[i]
        sums[i + _TILE] += w * other_g[i]
        sums[i + 2 * _TILE] += w * other_b[i]
        sums[i + 3 * _TILE] += w


@kernel
def denoise(codes, tolerance):
    """Smooth what differs by less than about `tolerance` levels, keep edges, in place: a bilateral filter.

    Tomasi and Manduchi, "Bilateral filtering for gray and color images", ICCV 1998; over the 12 pixels within two
    steps, with the weight 1 / (1 + (d / tolerance)^2)^2 of the difference d, summed over the channels, in place of a
    Gaussian.
    """
    height, width = codes.shape[0], codes.shape[1] // 3
    planes, sums = np.empty((3, height, width), np.float32), np.empty(4 * _TILE, np.float32)
    for y in range(height):
        row = codes[y]
        for k in range(3):
            plane = planes[k, y]
            for x in range(width):
                plane[x] = row[3 * x + k]
    scale, half = np.float32(1.0 / (tolerance * tolerance)), np.float32(0.5)
    for y in range(height):
        r, g, b, row = planes[0, y], planes[1, y], planes[2, y], codes[y]
        for left in range(0, width, _TILE):
            right = min(left + _TILE, width)
            for k in range(3):
                sums[k * _TILE : k * _TILE + right - left] = planes[k, y, left:right]
            sums[3 * _TILE :] = np.float32(1.0)
            for j in range(max(y - 2, 0), min(y + 3, height)):
                reach = 2 - abs(j - y)
                for d in range(-reach, reach + 1):
                    p, q = max(left, -d), min(right, width - d)
                    if q > p and (d != 0 or j != y):
                        _add_neighbours(
                            r[p:q], g[p:q], b[p:q],
                            planes[0, j, p + d : q + d], planes[1, j, p + d : q + d], planes[2, j, p + d : q + d],
                            scale, sums[p - left :],
                        )  # fmt: skip
            for k in range(3):
                for i in range(right - left):
                    row[3 * (left + i) + k] = np.uint8(sums[i + k * _TILE] / sums[i + 3 * _TILE] + half)
