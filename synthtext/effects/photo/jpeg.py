"""Compression of the photograph."""

from __future__ import annotations

from typing import Any

from synthtext.effects.effect import PhotoEffect


class Jpeg(PhotoEffect):
    """Compression of the photograph that the image was cut from, so that its grid of blocks lies anywhere; quality 1 to
    100 (lower is stronger).
    """

    strength = (25.0, 95.0)
    limits = (1.0, 100.0)
    downward = True

    def strength_in(self, degrade: Any) -> float:
        return float(degrade.jpeg[0].quality) if degrade.jpeg else 0.0
