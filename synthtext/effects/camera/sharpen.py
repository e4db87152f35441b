"""An unsharp mask."""

from __future__ import annotations

import numpy as np

from synthtext.core.kernel import kernel
from synthtext.effects.canvas import Canvas
from synthtext.effects.effect import Effect, EffectParams


class Sharpen(Effect):
    """Halos of an unsharp mask; its amount."""

    strength = (0.4, 2.5)
    limits = (0.0, 8.0)
    scope = "picture"

    def process(self, canvas: Canvas, params: EffectParams) -> None:
        sharpen(canvas.codes, params.strength)


@kernel
def sharpen(codes, amount):  # type: ignore[no-untyped-def]
    """Unsharp mask, in place: add `amount` times the difference from a (1 2 3 2 1) x (1 2 3 2 1) blur."""
    height, width = codes.shape[0], codes.shape[1] // 3
    across = np.empty((height, codes.shape[1]), np.int32)
    for y in range(height):
        for x in range(width):
            a, b = max(x - 2, 0), max(x - 1, 0)
            c, d = min(x + 1, width - 1), min(x + 2, width - 1)
            for k in range(3):
                across[y, 3 * x + k] = (
                    np.int32(codes[y, 3 * a + k])
                    + 2 * np.int32(codes[y, 3 * b + k])
                    + 3 * np.int32(codes[y, 3 * x + k])
                    + 2 * np.int32(codes[y, 3 * c + k])
                    + np.int32(codes[y, 3 * d + k])
                )
    weight = amount / 81.0
    for y in range(height):
        a, b = max(y - 2, 0), max(y - 1, 0)
        c, d = min(y + 1, height - 1), min(y + 2, height - 1)
        for i in range(codes.shape[1]):
            blurred = across[a, i] + 2 * across[b, i] + 3 * across[y, i] + 2 * across[c, i] + across[d, i]
            value = codes[y, i] + weight * (81 * np.int32(codes[y, i]) - blurred)
            codes[y, i] = np.uint8(min(max(value, 0.0), 255.0) + 0.5)
