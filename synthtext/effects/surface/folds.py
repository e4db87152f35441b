"""A folded sheet."""

from __future__ import annotations

import math

import numpy as np

from synthtext.core.kernel import kernel
from synthtext.core.records import Angle, Number
from synthtext.core.rng import Draws
from synthtext.effects.canvas import Canvas
from synthtext.effects.effect import ON_PAPER, Effect, EffectParams, Stock


class Folds(Effect):
    """Creases of a folded sheet; depth of the shading."""

    strength = (0.2, 0.8)
    limits = (0.0, 1.0)
    sheet = True
    gallery = ON_PAPER

    class Params(EffectParams, frozen=True):
        """`creases`: of each its angle in radians, offset in em, and the side that is lit, +1 or -1."""

        creases: tuple[tuple[Angle, Number, Number], ...]

    def draw(self, draws: Draws, strength: float, stock: Stock) -> Params:
        # Sheets are folded along and across, rarely askew.
        level = draws.chance(0.6)
        base = draws.normal(0.0, 0.05) + (0.5 * math.pi if level else 0.0)
        count = 1 + draws.integer(3)
        spacing, start = draws.uniform(1.0, 3.0), draws.uniform(-0.5, 0.35) if level else draws.uniform(-2.0, 0.5)
        creases = tuple(
            (base + draws.normal(0.0, 0.02), start + k * spacing, draws.choice((-1.0, 1.0))) for k in range(count)
        )
        return self.Params(strength=strength, creases=creases)

    def after(self, canvas: Canvas, params: Params) -> None:
        lines = np.array([(math.cos(a), math.sin(a), offset, lit) for a, offset, lit in params.creases])
        fold(canvas.image, canvas.plane, lines.reshape(-1, 4), params.strength, 0.6 / canvas.across)


@kernel
def fold(image, plane, creases, depth, least):
    """Shade a folded sheet, in place.

    `plane`: float64 (9,), pixels to em. `creases`: float64 (n, 4): the line a u + b v = c of the plane, (a, b) a unit
    vector, and the side that faces the light. The halves are bent: light rises to one side of the crease and falls to
    the other, over about half an em; the crease itself is a dark line beside a bright one. `depth` in [0, 1]. `least`:
    em, half a line's width at least, so that a picture can show it.
    """
    thin = max(0.022, least)
    for y in range(image.shape[0]):
        for x in range(image.shape[1]):
            px, py = x + 0.5, y + 0.5
            w = 1.0 / (plane[6] * px + plane[7] * py + plane[8])
            u = (plane[0] * px + plane[1] * py + plane[2]) * w
            v = (plane[3] * px + plane[4] * py + plane[5]) * w
            light = 1.0
            for n in range(creases.shape[0]):
                a, b = creases[n, 0], creases[n, 1]
                along = a * v - b * u
                # A crease wanders a little.
                d = a * u + b * v - creases[n, 2] + 0.012 * math.sin(5.0 * along) + 0.006 * math.sin(17.0 * along + n)
                d *= creases[n, 3]
                t = d / 0.45
                ridge, valley = (d - 0.8 * thin) / thin, (d + 0.8 * thin) / thin
                light *= 1.0 + depth * (
                    0.75 * t / (1.0 + t * t) + 0.45 / (1.0 + ridge * ridge) ** 2 - 0.6 / (1.0 + valley * valley) ** 2
                )
            gain = np.float32(max(light, 0.05))
            for k in range(3):
                image[y, x, k] = min(image[y, x, k] * gain, np.float32(1.0))
