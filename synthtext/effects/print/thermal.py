"""A faded receipt."""

from __future__ import annotations

import numpy as np

from synthtext.core.kernel import kernel
from synthtext.core.records import Key
from synthtext.core.rng import Draws
from synthtext.effects.canvas import Canvas
from synthtext.effects.effect import Effect, EffectParams, Stock


class Thermal(Effect):
    """A receipt that has faded; how far, in [0, 1]."""

    strength = (0.3, 0.85)
    limits = (0.0, 1.0)
    gallery = ("fonts.families=[Share Tech Mono]",)

    class Params(EffectParams, frozen=True):
        """`key`: where it faded, and which elements of the print head are weak."""

        key: Key

    def draw(self, draws: Draws, strength: float, stock: Stock) -> Params:
        return self.Params(strength=strength, key=draws.key())

    def wear(self, canvas: Canvas, params: Params) -> None:
        cloud = canvas.field("cloud", params.key, 50.0)
        fade(canvas.keep, cloud, canvas.plane, 0.04, params.strength, params.key)


@kernel
def fade(keep, cloud, plane, pitch, strength, key):
    """Multiply `keep`, float32 (H, W), by what has not faded of a thermal print, in place.

    `cloud`: float32 (H, W) in [0, 1], where heat and light took more. `plane`: float64 (9,), pixels to em. The print
    head's elements stand `pitch` em apart along the text; some of them, by `key`, are weak or dead, which leaves light
    columns. `strength` in [0, 1].
    """
    for y in range(keep.shape[0]):
        for x in range(keep.shape[1]):
            px, py = x + 0.5, y + 0.5
            w = 1.0 / (plane[6] * px + plane[7] * py + plane[8])
            u = (plane[0] * px + plane[1] * py + plane[2]) * w
            at = u / pitch
            number = np.floor(at)
            near = at - number
            # Between the middles of two elements, both have their part.
            a, b = _element(number, key), _element(number + 1.0, key)
            weak = a + near * (b - a)
            left = 1.0 - strength * (0.35 + 0.75 * cloud[y, x] * cloud[y, x]) - strength * weak
            keep[y, x] *= np.float32(min(max(left, 0.04), 1.0))


@kernel
def _element(number, key):
    """How weak an element of a print head is: 0 for most, up to 1 for one that is dead."""
    z = np.uint64(int(number) + 1000000) * np.uint64(0x9E3779B97F4A7C15) ^ np.uint64(key)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    chance = (z >> np.uint64(40)) / 16777216.0
    return 0.0 if chance < 0.75 else (chance - 0.75) * 2.4
