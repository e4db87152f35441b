"""A soft lens."""

from __future__ import annotations

from synthtext.effects.effect import PhotoEffect


class GaussianBlur(PhotoEffect):
    """A soft lens: Gaussian blur; its standard deviation."""

    strength = (0.01, 0.04)
    limits = (0.0, 1.0)
