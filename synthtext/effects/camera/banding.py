"""Flickering light under a rolling shutter."""

from __future__ import annotations

import math

import numpy as np

from synthtext.core.kernel import kernel
from synthtext.core.records import Angle, Positive
from synthtext.core.rng import Draws
from synthtext.effects.canvas import Canvas
from synthtext.effects.effect import Effect, EffectParams, Stock


class Banding(Effect):
    """Flickering light under a rolling shutter; part of the light lost in the dark bands."""

    strength = (0.1, 0.5)
    limits = (0.0, 0.95)
    scope = "picture"

    class Params(EffectParams, frozen=True):
        """`period`: of the bands, in heights of the picture; `phase`: radians."""

        period: Positive
        phase: Angle

    def draw(self, draws: Draws, strength: float, stock: Stock) -> Params:
        period = 0.15 * 10.0 ** draws.random()
        return self.Params(strength=strength, period=period, phase=draws.uniform(0.0, 2.0 * math.pi))

    def lens(self, canvas: Canvas, params: Params) -> None:
        flicker(canvas.rows, params.strength, params.period * canvas.height, params.phase)


@kernel
def flicker(rows, depth, period, phase):
    """Multiply each row by the lamp's light while it was exposed: 1 - depth (1 + cos) / 2, of `period` rows."""
    for y in range(rows.shape[0]):
        gain = np.float32(1.0 - 0.5 * depth * (1.0 + math.cos(2.0 * math.pi * (y + 0.5) / period + phase)))
        for x in range(rows.shape[1]):
            rows[y, x] *= gain
