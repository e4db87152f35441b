"""Paint that has flaked off."""

from __future__ import annotations

from synthtext.core.records import Key
from synthtext.core.rng import Draws
from synthtext.effects.canvas import Canvas
from synthtext.effects.effect import Effect, EffectParams, Stock
from synthtext.paint.wear import wear


class Chipped(Effect):
    """Flaked-off paint; part of it that is gone."""

    strength = (0.08, 0.4)
    limits = (0.0, 0.95)

    class Params(EffectParams, frozen=True):
        """`key`: where in the field of wear."""

        key: Key

    def draw(self, draws: Draws, strength: float, stock: Stock) -> Params:
        return self.Params(strength=strength, key=draws.key())

    def wear(self, canvas: Canvas, params: Params) -> None:
        wear(canvas.keep, canvas.field("flakes", params.key, 60.0), canvas.soft(0.05), params.strength, 0.05, 0.7)
