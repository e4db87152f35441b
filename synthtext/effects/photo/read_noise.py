"""Noise that is the same in dark and light."""

from __future__ import annotations

from synthtext.effects.effect import PhotoEffect


class ReadNoise(PhotoEffect):
    """Noise of each of the camera's pixels and channels, the same in dark and light; standard deviation in parts of
    full white, linear.
    """

    strength = (0.001, 0.015)
    limits = (0.0, 1.0)
