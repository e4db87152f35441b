"""A lens out of focus."""

from __future__ import annotations

from synthtext.effects.effect import PhotoEffect


class Defocus(PhotoEffect):
    """Out of focus: blur by a disk; its radius."""

    strength = (0.01, 0.06)
    limits = (0.0, 1.0)
