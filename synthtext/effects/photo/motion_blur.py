"""A camera that shook."""

from __future__ import annotations

from synthtext.effects.effect import PhotoEffect


class MotionBlur(PhotoEffect):
    """The camera moved, along a bent path; its length."""

    strength = (0.03, 0.15)
    limits = (0.0, 2.0)
