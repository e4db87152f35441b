"""Contrast of display values."""

from __future__ import annotations

from typing import Any

from synthtext.effects.effect import PhotoEffect


class Contrast(PhotoEffect):
    """Contrast of display values; factor about the middle."""

    strength = (0.7, 1.3)
    limits = (0.1, 10.0)

    def strength_in(self, degrade: Any) -> float:
        return float(degrade.contrast) if degrade.contrast != 1.0 else 0.0
