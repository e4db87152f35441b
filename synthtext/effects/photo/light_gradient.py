"""Light that falls off from one side."""

from __future__ import annotations

from synthtext.effects.effect import PhotoEffect


class LightGradient(PhotoEffect):
    """Light that falls off across the image, in any direction; stops from one end to the other."""

    strength = (0.1, 1.5)
    limits = (0.0, 8.0)
