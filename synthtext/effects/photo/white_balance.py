"""A cast of colour."""

from __future__ import annotations

from typing import Any

from synthtext.effects.effect import PhotoEffect


class WhiteBalance(PhotoEffect):
    """A cast of colour; the most stops that red and blue are apart from neutral."""

    strength = (0.0, 0.4)
    limits = (0.0, 3.0)

    def strength_in(self, degrade: Any) -> float:
        return float(max(map(abs, degrade.white_balance), default=0.0))
