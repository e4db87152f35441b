"""Exposed too long, or too briefly."""

from __future__ import annotations

from typing import Any

from synthtext.effects.effect import PhotoEffect


class Exposure(PhotoEffect):
    """Exposed too long or too briefly; stops, either way."""

    strength = (0.0, 1.0)
    limits = (0.0, 6.0)

    def strength_in(self, degrade: Any) -> float:
        return float(abs(degrade.exposure))
