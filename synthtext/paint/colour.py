"""Colour in linear light: lightness, and colours of a given lightness.

Lightness is Hunter's L = 100 sqrt(Y), Y the relative luminance (R. S. Hunter, "Photoelectric color difference meter",
JOSA 48, 1958): near to CIE L*, and a square root instead of a cube root in kernels.
"""

from __future__ import annotations

import math

from synthtext.core.kernel import kernel
from synthtext.core.records import Colour
from synthtext.core.srgb import LUMINANCE

RGB = tuple[Colour, Colour, Colour]


def _plane() -> tuple[RGB, RGB]:
    """Two orthogonal unit vectors of the plane of linear RGB directions that keep luminance; the first towards red."""
    r, g, b = LUMINANCE
    norm = r * r + g * g + b * b
    red = (1 - r * r / norm, -r * g / norm, -r * b / norm)
    length = math.sqrt(sum(v * v for v in red))
    red = (red[0] / length, red[1] / length, red[2] / length)
    n = math.sqrt(norm)
    r, g, b = r / n, g / n, b / n
    return red, (g * red[2] - b * red[1], b * red[0] - r * red[2], r * red[1] - g * red[0])


_E1, _E2 = _plane()


@kernel
def luminance(lightness):
    """Relative luminance Y in [0, 1] of a lightness in [0, 100]."""
    return (0.01 * lightness) ** 2


@kernel
def _room(y, slope):
    """How far y may go along a slope until it leaves [0, 1]."""
    if slope > 1e-9:
        return (1.0 - y) / slope
    return y / -slope if slope < -1e-9 else 1e9


@kernel
def colour(lightness, saturation, hue):
    """The linear RGB colour, a tuple, of exactly that lightness, as saturated as asked.

    `saturation`: 0 is grey, 1 the edge of the gamut at this lightness. `hue`: radians, 0 is red.
    """
    y = luminance(min(max(lightness, 0.0), 100.0))
    c, s = math.cos(hue), math.sin(hue)
    r, g, b = c * _E1[0] + s * _E2[0], c * _E1[1] + s * _E2[1], c * _E1[2] + s * _E2[2]
    t = saturation * min(_room(y, r), _room(y, g), _room(y, b))
    return y + t * r, y + t * g, y + t * b
