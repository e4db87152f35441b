"""A lens darkens towards the corners."""

from __future__ import annotations

from synthtext.effects.effect import PhotoEffect


class Vignette(PhotoEffect):
    """A lens darkens towards the corners; part of the light lost at the furthest."""

    strength = (0.1, 0.5)
    limits = (0.0, 0.95)
