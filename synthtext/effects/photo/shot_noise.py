"""Noise that grows with the light."""

from __future__ import annotations

from synthtext.effects.effect import PhotoEffect


class ShotNoise(PhotoEffect):
    """Noise of each of the camera's pixels and channels; standard deviation at full white, where it is strongest, in
    parts of full white, linear.
    """

    strength = (0.005, 0.06)
    limits = (0.0, 1.0)
