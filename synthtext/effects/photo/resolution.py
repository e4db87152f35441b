"""A camera of few pixels."""

from __future__ import annotations

from typing import Any

from synthtext.effects.effect import PhotoEffect


class Resolution(PhotoEffect):
    """Few pixels; height of a camera's pixel in rows of the picture, its logarithm uniform.

    Above 1, the photograph is as much smaller, and is enlarged to the picture by nearest, linear, cubic or Lanczos;
    below 1, only a picture that is stretched in width loses anything.
    """

    strength = (1.1, 2.5)
    limits = (0.05, 100.0)
    logarithmic = True

    def strength_in(self, degrade: Any) -> float:
        return float(degrade.resolution_factor)
