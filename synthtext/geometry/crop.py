"""Which window of the warped text becomes the image, and at what scale: the last step of a `Warp`, its fit."""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct

from synthtext.config import ImageConfig
from synthtext.geometry.warp import W_FIT, Warp
from synthtext.rng import Draws

# A full stop must not fill the picture: a crop holds at least this much of the text's plane, in em.
_LEAST_WIDTH, _LEAST_HEIGHT = 0.3, 0.6


class CropRecord(Struct, frozen=True):
    """Margins around the ink in em: left, top, right, bottom (negative cuts into); for `natural`, a line's height."""

    margins: tuple[float, float, float, float]
    text_height: float = 0.0  # pixels from ascender to descender


class Fit(NamedTuple):
    """The size in pixels of what is rendered (padding comes after), and the scales in pixels per em."""

    height: int
    width: int
    scale_x: float
    scale_y: float


def draw_crop(draws: Draws, config: ImageConfig) -> CropRecord:
    """Draw the margins and, for images of natural size, the text's height."""
    low, high = config.margin
    margins = tuple(draws.uniform(low, high) for _ in range(4))
    height = draws.log_uniform(*config.text_height) if config.fit == "natural" else 0.0
    return CropRecord(margins, height)  # type: ignore[arg-type]


def fit_crop(
    warp: Warp,
    box: tuple[float, float, float, float],
    margins: tuple[float, float, float, float],
    em: float,
    config: ImageConfig,
) -> Fit:
    """Set the fit of `warp` so that the ink's `box` (x0, y0, x1, y1, warped em) and its margins make the image.

    `em`: pixels per em, for `natural` size only.
    """
    x0, y0, x1, y1 = box
    if x1 - x0 < _LEAST_WIDTH:
        x0, x1 = 0.5 * (x0 + x1 - _LEAST_WIDTH), 0.5 * (x0 + x1 + _LEAST_WIDTH)
    if y1 - y0 < _LEAST_HEIGHT:
        y0, y1 = 0.5 * (y0 + y1 - _LEAST_HEIGHT), 0.5 * (y0 + y1 + _LEAST_HEIGHT)
    left, top, right, bottom = margins
    x0, y0, x1, y1 = x0 - left, y0 - top, x1 + right, y1 + bottom
    w, h = max(x1 - x0, 0.5 * _LEAST_WIDTH), max(y1 - y0, 0.5 * _LEAST_HEIGHT)
    if config.fit == "stretch":
        height, width = config.height, config.width
    elif config.fit == "pad":
        height = config.height
        width = min(max(round(height / h * w), 1), config.width)
    else:
        em = min(em, config.height / h, config.width / w)
        height, width = max(round(em * h), 1), max(round(em * w), 1)
    scale_x, scale_y = width / w, height / h
    warp[W_FIT : W_FIT + 4] = scale_x, scale_y, -scale_x * x0, -scale_y * y0
    return Fit(height, width, scale_x, scale_y)
