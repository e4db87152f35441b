"""Which window of the warped text becomes the image, and at what scale: the last step of a `Warp`, its fit."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import numpy.typing as npt
from msgspec import Meta

from synthtext.core.kernel import kernel, part
from synthtext.core.records import Number, Record
from synthtext.core.rng import AHEAD, Draws, Stage, log_uniform, uniform
from synthtext.core.section import EffectShare, params_table
from synthtext.crop.image_config import ImageConfig
from synthtext.geometry.warp import W_FIT

# A full stop must not fill the picture: a crop holds at least this much of the text's plane, in em.
_LEAST_WIDTH, _LEAST_HEIGHT = 0.3, 0.6

_APART = 0.04  # em by which margins that are alike differ from the one that they were drawn as

FITS = ("stretch", "pad", "natural")
_PAD, _NATURAL = FITS.index("pad"), FITS.index("natural")


class CropParams(Record, frozen=True):
    """Margins around the ink in em: left, top, right, bottom (negative cuts into); for `natural`, a line's height."""

    margins: tuple[Number, Number, Number, Number]
    text_height: Annotated[float, Meta(ge=0.0, le=4096.0)] = 0.0  # pixels from ascender to descender


def crop_params_table(config: ImageConfig) -> npt.NDArray[np.float64]:
    """The table that `sample_crop_params` draws from."""
    natural = config.fit == "natural"
    return params_table(config.margin, EffectShare(1.0 if natural else 0.0, config.text_height), config.margins_alike)


@kernel
def sample_crop_params(u, table):
    """The fields of a CropParams. `u`: uniforms, float64 (7 or more,)."""
    margin, one = table[0], uniform(table[0], u[6])
    if u[5] < table[2, 0]:
        margins = (
            one + _APART * (2.0 * u[0] - 1.0),
            one + _APART * (2.0 * u[1] - 1.0),
            one + _APART * (2.0 * u[2] - 1.0),
            one + _APART * (2.0 * u[3] - 1.0),
        )
    else:
        margins = uniform(margin, u[0]), uniform(margin, u[1]), uniform(margin, u[2]), uniform(margin, u[3])
    return margins, log_uniform(table[1], u[4]) if table[1, 0] > 0.0 else 0.0


def draw_crop(draws: Draws, config: ImageConfig) -> CropParams:
    """Draw the margins and, for images of natural size, the text's height."""
    return CropParams(*sample_crop_params(draws.take(AHEAD[Stage.CROP]), crop_params_table(config)))


@part
def fit_crop(warp, box, margins, em, fit, image_height, image_width):
    """Set the fit of `warp` so that the ink's `box` (x0, y0, x1, y1, warped em) and its margins make the image.

    `margins`: left, top, right, bottom, em. `em`: pixels per em, for `natural` size only. `fit`: an index into FITS.
    Returns the image's height and width in pixels, the scales in pixels per em, and the width that ink and margins
    take: beyond it, where `pad` leaves room, the picture simply goes on.
    """
    x0, y0, x1, y1 = box
    if x1 - x0 < _LEAST_WIDTH:
        x0, x1 = 0.5 * (x0 + x1 - _LEAST_WIDTH), 0.5 * (x0 + x1 + _LEAST_WIDTH)
    if y1 - y0 < _LEAST_HEIGHT:
        y0, y1 = 0.5 * (y0 + y1 - _LEAST_HEIGHT), 0.5 * (y0 + y1 + _LEAST_HEIGHT)
    left, top, right, bottom = margins
    x0, y0, x1, y1 = x0 - left, y0 - top, x1 + right, y1 + bottom
    w, h = max(x1 - x0, 0.5 * _LEAST_WIDTH), max(y1 - y0, 0.5 * _LEAST_HEIGHT)
    height, width = image_height, image_width
    taken = width
    if fit == _PAD:
        taken = min(max(round(height / h * w), 1), image_width)
    elif fit == _NATURAL:
        em = min(em, image_height / h, image_width / w)
        height, width = max(round(em * h), 1), max(round(em * w), 1)
        taken = width
    scale_x, scale_y = taken / w, height / h
    warp[W_FIT], warp[W_FIT + 1] = scale_x, scale_y
    warp[W_FIT + 2], warp[W_FIT + 3] = -scale_x * x0, -scale_y * y0
    return height, width, scale_x, scale_y, taken
