"""A shadow that is cast on the picture."""

from __future__ import annotations

from typing import Any

from synthtext.effects.effect import PhotoEffect


class CastShadow(PhotoEffect):
    """A shadow with a soft edge, of something large, of a pole, of blinds or of a corner; part of the light that it
    takes.
    """

    strength = (0.15, 0.7)
    limits = (0.0, 1.0)

    def strength_in(self, degrade: Any) -> float:
        return float(degrade.shadow.depth) if degrade.shadow is not None else 0.0
