"""What a camera does against noise."""

from __future__ import annotations

import numpy as np

from synthtext.core.kernel import kernel
from synthtext.effects.canvas import Canvas
from synthtext.effects.effect import Effect, EffectParams


class Denoise(Effect):
    """Smears texture, keeps edges; in [0, 1]."""

    strength = (0.2, 1.0)
    limits = (0.0, 1.0)
    scope = "picture"
    gallery = ("degrade.shot_noise={share: 1, strength: [0.08, 0.08]}",)

    def process(self, canvas: Canvas, params: EffectParams) -> None:
        denoise(canvas.codes, 40.0 * params.strength)


@kernel
def denoise(codes, tolerance):  # type: ignore[no-untyped-def]
    """Smooth what differs by less than about `tolerance` levels, keep edges, in place: a bilateral filter.

    Tomasi and Manduchi, "Bilateral filtering for gray and color images", ICCV 1998; over the 12 pixels within two
    steps, with the weight 1 / (1 + (d / tolerance)^2)^2 of the difference d, summed over the channels, in place of a
    Gaussian.
    """
    height, width = codes.shape[0], codes.shape[1] // 3
    source = codes.astype(np.float32)
    scale = np.float32(1.0 / (tolerance * tolerance))
    one = np.float32(1.0)
    for y in range(height):
        for x in range(width):
            r, g, b = source[y, 3 * x], source[y, 3 * x + 1], source[y, 3 * x + 2]
            s0, s1, s2, total = r, g, b, one
            for j in range(max(y - 2, 0), min(y + 3, height)):
                for i in range(max(x - 2, 0), min(x + 3, width)):
                    steps = abs(i - x) + abs(j - y)
                    if 0 < steps <= 2:
                        d0, d1, d2 = source[j, 3 * i] - r, source[j, 3 * i + 1] - g, source[j, 3 * i + 2] - b
                        w = one / (one + scale * (d0 * d0 + d1 * d1 + d2 * d2))
                        w = w * w
                        s0 += w * source[j, 3 * i]
                        s1 += w * source[j, 3 * i + 1]
                        s2 += w * source[j, 3 * i + 2]
                        total += w
            half = np.float32(0.5)
            codes[y, 3 * x] = np.uint8(s0 / total + half)
            codes[y, 3 * x + 1] = np.uint8(s1 / total + half)
            codes[y, 3 * x + 2] = np.uint8(s2 / total + half)
