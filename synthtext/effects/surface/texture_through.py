"""The ground's texture in the ink."""

from __future__ import annotations

import numpy as np

from synthtext.core.kernel import kernel
from synthtext.core.srgb import LUMINANCE
from synthtext.effects.canvas import Canvas
from synthtext.effects.effect import Effect, EffectParams
from synthtext.paint.composite import soften


class TextureThrough(Effect):
    """The ground's texture (fabric, brick, brushed metal) shows in the ink; in [0, 1]."""

    strength = (0.3, 1.0)
    limits = (0.0, 1.0)
    gallery = (
        "paint.background.kinds={brick: 1}",
        "paint.background.contrast=0.4",
        "paint.background.scale=[230, 230]",
        "paint.contrast=[30, 30]",
        "paint.dark_on_light=1",
    )

    def behind(self, canvas: Canvas, params: EffectParams) -> None:
        ground = canvas.kept[self.path] = np.empty_like(canvas.written)
        luminance_of(canvas.image, ground)

    def over(self, canvas: Canvas, params: EffectParams) -> None:
        ground = canvas.kept[self.path]
        around, whole = ground.copy(), np.ones_like(ground)
        # The picture's edge counts as empty, in both: their ratio is the mean of what is there.
        soften(around, max(0.15 * canvas.across, 1.0))
        soften(whole, max(0.15 * canvas.across, 1.0))
        emphasise(canvas.image, canvas.written, ground, around / whole, params.strength)


@kernel
def emphasise(image, coverage, before, around, strength):
    """Let the ground's texture show in the ink over it, in place.

    `image`: float32 (H, W, 3), painted. `coverage`: float32 (H, W), of the ink. `before`, `around`: float32 (H, W), the
    luminance that the ground had there, and its mean around there. `strength` in [0, 1].
    """
    for y in range(coverage.shape[0]):
        for x in range(coverage.shape[1]):
            a = coverage[y, x]
            if a > np.float32(0.0):
                ratio = (before[y, x] + np.float32(0.01)) / (around[y, x] + np.float32(0.01))
                ratio = min(max(ratio, np.float32(0.2)), np.float32(3.0))
                gain = np.float32(1.0) + a * np.float32(strength) * (ratio - np.float32(1.0))
                for k in range(3):
                    image[y, x, k] = min(image[y, x, k] * gain, np.float32(1.0))


@kernel
def luminance_of(image, out):
    """Relative luminance of `image`, float32 (H, W, 3) linear RGB, into `out`, float32 (H, W)."""
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            out[y, x] = (
                np.float32(LUMINANCE[0]) * image[y, x, 0]
                + np.float32(LUMINANCE[1]) * image[y, x, 1]
                + np.float32(LUMINANCE[2]) * image[y, x, 2]
            )
