"""Brightness of display values."""

from __future__ import annotations

from typing import Any

from synthtext.effects.effect import PhotoEffect


class Gamma(PhotoEffect):
    """Brightness of display values; exponent."""

    strength = (0.7, 1.4)
    limits = (0.1, 10.0)

    def strength_in(self, degrade: Any) -> float:
        return float(degrade.gamma) if degrade.gamma != 1.0 else 0.0
