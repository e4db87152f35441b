"""The colours of grounds: how light and how even each kind is, and palettes of real surfaces."""

from __future__ import annotations

import math

from msgspec import Struct


class Tone(Struct, frozen=True):
    """A family of colours: ranges of lightness (0 to 100) and saturation (0 to 1); a hue (radians) and its spread."""

    lightness: tuple[float, float]
    saturation: tuple[float, float]
    hue: float = 0.0
    spread: float = math.pi


TONES = {
    "white": Tone((86, 99), (0.0, 0.15), 1.1, 0.6),
    "cream": Tone((76, 95), (0.15, 0.55), 1.1, 0.25),
    "grey": Tone((15, 88), (0.0, 0.06)),
    "black": Tone((3, 22), (0.0, 0.2)),
    "pastel": Tone((62, 90), (0.15, 0.5)),
    "dark": Tone((10, 36), (0.3, 0.95)),
    "any": Tone((8, 92), (0.0, 1.0)),
    "red": Tone((30, 52), (0.75, 1.0), 0.23, 0.12),
    "orange": Tone((52, 70), (0.8, 1.0), 0.55, 0.1),
    "yellow": Tone((74, 90), (0.75, 1.0), 1.25, 0.12),
    "green": Tone((26, 60), (0.55, 1.0), 2.5, 0.3),
    "blue": Tone((20, 55), (0.6, 1.0), -1.85, 0.25),
    "brown": Tone((16, 46), (0.4, 0.85), 0.65, 0.15),
    "oak": Tone((40, 72), (0.35, 0.65), 0.85, 0.15),
    "clay": Tone((28, 55), (0.4, 0.8), 0.42, 0.12),
    "sand": Tone((50, 82), (0.15, 0.4), 0.95, 0.2),
    "slate": Tone((18, 55), (0.02, 0.15), -2.1, 0.5),
}


_FLAT = {
    "white": 22.0,
    "cream": 10.0,
    "grey": 12.0,
    "black": 10.0,
    "pastel": 12.0,
    "dark": 8.0,
    "any": 6.0,
    "red": 4.0,
    "orange": 2.0,
    "yellow": 4.0,
    "green": 3.0,
    "blue": 5.0,
    "brown": 2.0,
}


# By how likely each kind has each family of colours.
PALETTES = {
    "plain": _FLAT,
    "gradient": _FLAT,
    "noise": _FLAT,
    "paper": {"white": 5.0, "cream": 4.0, "sand": 2.0, "grey": 1.0, "pastel": 2.0, "yellow": 0.4, "any": 0.6},
    "fabric": {
        "white": 2.0,
        "cream": 1.5,
        "black": 1.5,
        "dark": 2.0,
        "blue": 1.0,
        "red": 0.7,
        "pastel": 1.5,
        "any": 2.0,
    },
    "wood": {"oak": 5.0, "brown": 4.0, "sand": 1.5, "grey": 1.0, "white": 0.7, "any": 0.6},
    "stone": {"grey": 4.0, "sand": 2.5, "slate": 2.0, "white": 1.5, "black": 1.0, "clay": 0.5},
    "metal": {
        "grey": 5.0,
        "slate": 2.0,
        "white": 1.0,
        "black": 1.0,
        "any": 1.0,
        "yellow": 0.4,
        "blue": 0.4,
        "green": 0.4,
    },
    "plaster": {"white": 4.0, "cream": 3.0, "grey": 2.0, "sand": 2.0, "pastel": 2.0, "clay": 0.7, "any": 0.7},
    "brick": {"clay": 5.0, "sand": 1.5, "brown": 1.5, "white": 1.0, "grey": 1.0, "black": 0.4},
    "tiles": {
        "white": 4.0,
        "grey": 1.5,
        "blue": 1.0,
        "green": 0.7,
        "clay": 1.0,
        "cream": 1.0,
        "black": 0.7,
        "any": 1.5,
    },
}
