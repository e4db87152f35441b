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
def _across(row, padded, out):
    """A row, uint8 (3 w,), by the weights 1 2 3 2 1, its ends repeated. `padded`: scratch, float32 (3 w + 12,)."""
    n = row.shape[0]
    for k in range(6):
        padded[k], padded[n + 6 + k] = row[k % 3], row[n - 3 + k % 3]
    for i in range(n):
        padded[i + 6] = row[i]
    one, two, three = padded[:n], padded[3 : n + 3], padded[6 : n + 6]
    four, five = padded[9 : n + 9], padded[12:]
    for i in range(n):
        out[i] = one[i] + np.float32(2.0) * two[i] + np.float32(3.0) * three[i] + np.float32(2.0) * four[i] + five[i]


@kernel
def sharpen(codes, amount):
    """Unsharp mask, in place: add `amount` times the difference from a (1 2 3 2 1) x (1 2 3 2 1) blur."""
    height, size = codes.shape
    across, padded = np.empty((height, size), np.float32), np.empty(size + 12, np.float32)
    for y in range(height):
        _across(codes[y], padded, across[y])
    weight, two, three, whole = amount / 81.0, np.float32(2.0), np.float32(3.0), np.float32(81.0)
    for y in range(height):
        a, b, own = across[max(y - 2, 0)], across[max(y - 1, 0)], across[y]
        c, d, row = across[min(y + 1, height - 1)], across[min(y + 2, height - 1)], codes[y]
        for i in range(size):
            blurred = a[i] + two * b[i] + three * own[i] + two * c[i] + d[i]  # whole numbers: exact
            value = row[i] + weight * np.float64(whole * np.float32(row[i]) - blurred)
            row[i] = np.uint8(min(max(value, 0.0), 255.0) + 0.5)
