"""Missing toner."""

from __future__ import annotations

import numpy as np

from synthtext.core.records import Key
from synthtext.core.rng import Draws
from synthtext.effects.canvas import Canvas
from synthtext.effects.effect import Effect, EffectParams, Stock
from synthtext.paint.wear import wear


class TonerLoss(Effect):
    """Streaks and voids where toner is missing; part of the ink."""

    strength = (0.1, 0.5)
    limits = (0.0, 0.95)

    class Params(EffectParams, frozen=True):
        """`key`: where in the fields of missing ink."""

        key: Key

    def draw(self, draws: Draws, strength: float, stock: Stock) -> Params:
        return self.Params(strength=strength, key=draws.key())

    def wear(self, canvas: Canvas, params: Params) -> None:
        # Along the way of the sheet, down the page, the drum gives less; there toner is missing grain by grain.
        streaks, grain = canvas.field("cloud", params.key, 40.0, 0.12), canvas.field("grain", params.key >> 4, 300.0)
        missing = np.float32(0.35) * streaks + np.float32(0.65) * grain
        wear(canvas.keep, missing, canvas.soft(0.05), 0.85 * params.strength, 0.2, 0.0)
