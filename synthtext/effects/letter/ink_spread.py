"""Ink that runs."""

from __future__ import annotations

import numpy as np

from synthtext.core.records import Key
from synthtext.core.rng import Draws
from synthtext.effects.canvas import Canvas
from synthtext.effects.effect import ON_PAPER, Effect, EffectParams, Stock
from synthtext.paint.composite import NO_CUT, NO_RAMP, over
from synthtext.paint.wear import spread


class InkSpread(Effect):
    """Ink that has run into the paper (bleed); its reach."""

    strength = (0.03, 0.14)
    limits = (0.0, 0.5)
    reach = 3.0
    gallery = ON_PAPER

    class Params(EffectParams, frozen=True):
        """`key`: where in the field of fibres."""

        key: Key

    def draw(self, draws: Draws, strength: float, stock: Stock) -> Params:
        return self.Params(strength=strength, key=draws.key())

    def behind(self, canvas: Canvas, params: Params) -> None:
        run = np.empty_like(canvas.written)
        spread(canvas.soft(params.strength), canvas.field("fibres", params.key, 160.0), 0.44, run)
        over(canvas.image, run, NO_CUT, canvas.tint, canvas.tint, NO_RAMP, 0.65)
