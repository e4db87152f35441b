"""Compression of the image itself."""

from __future__ import annotations

from typing import Any

from synthtext.effects.effect import PhotoEffect


class JpegAgain(PhotoEffect):
    """Compression of the image itself, after the first; quality 1 to 100 (lower is stronger). Its share is of those."""

    strength = (40.0, 95.0)
    limits = (1.0, 100.0)
    downward = True
    gallery = ("degrade.jpeg={share: 1, strength: [60, 60]}",)

    def strength_in(self, degrade: Any) -> float:
        return float(degrade.jpeg[1].quality) if len(degrade.jpeg) > 1 else 0.0
