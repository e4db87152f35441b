"""The steps of `degrade.apply_degrade` over a row of numbers: light, photograph, and what is done to its codes.

A picture's size and its camera's are known before: between any two steps something else may work on it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from synthtext.core.kernel import part
from synthtext.degrade.degrade import MOST_JPEG, MOST_SIDES, DegradeParams, camera_size, photograph
from synthtext.degrade.jpeg_round_trip import jpeg
from synthtext.degrade.light import illuminate
from synthtext.degrade.resample import FILTERS, enlarge

#: A DegradeParams as a row that kernels take: its fields, and how many sides and compressions there are. `shadowed`:
#: whether there is a shadow. A side is (angle, offset), a compression (quality, is chroma halved, left, top).
DEGRADE = np.dtype(
    [
        *((name, np.int64) for name in ("shadowed", "sides", "compressions", "resolution_filter", "noise_key")),
        *((name, np.float64) for name in ("light_gradient", "light_angle", "depth", "softness", "x", "y", "period")),
        *((name, np.float64) for name in ("vignette", "vignette_x", "vignette_y", "defocus", "gaussian_blur")),
        *((name, np.float64) for name in ("motion_blur", "motion_angle", "motion_bend", "resolution_factor")),
        *((name, np.float64) for name in ("exposure", "shot_noise", "read_noise", "contrast", "gamma")),
        ("white_balance", np.float64, 3),
        ("side", np.float64, (MOST_SIDES, 2)),
        ("jpeg", np.int64, (MOST_JPEG, 4)),
    ]
)
_NO_SHADOW = (0.0, 1.0, 0.0, 0.0, 0.0)
_NO_SIDE, _NO_JPEG = (0.0, 0.0), (0, 0, 0, 0)
_NO_SIDES, _NO_JPEGS = (_NO_SIDE,) * MOST_SIDES, (_NO_JPEG,) * MOST_JPEG
_FILTERS = {name: number for number, name in enumerate(FILTERS)}


def degrade_row(record: DegradeParams) -> tuple[Any, ...]:
    """The row of a record."""
    shadow, of_shadow, sides, compressions = record.shadow, _NO_SHADOW, _NO_SIDES, _NO_JPEGS
    if shadow is not None:
        of_shadow = shadow.depth, shadow.softness, shadow.x, shadow.y, shadow.period
        sides = (*shadow.sides, *_NO_SIDES[len(shadow.sides) :])
    if record.jpeg:
        steps = [(step.quality, step.chroma == "4:2:0", step.left, step.top) for step in record.jpeg]
        compressions = (*steps, *_NO_JPEGS[len(steps) :])
    return (
        shadow is not None,
        0 if shadow is None else len(shadow.sides),
        len(record.jpeg),
        _FILTERS[record.resolution_filter],
        record.noise_key,
        record.light_gradient,
        record.light_angle,
        *of_shadow,
        record.vignette,
        record.vignette_x,
        record.vignette_y,
        record.defocus,
        record.gaussian_blur,
        record.motion_blur,
        record.motion_angle,
        record.motion_bend,
        record.resolution_factor,
        record.exposure,
        record.shot_noise,
        record.read_noise,
        record.contrast,
        record.gamma,
        record.white_balance,
        sides,
        compressions,
    )


@part
def shine(rows, row):
    """The light on a picture, float32 (h, 3 w), in place. `row`: of DEGRADE."""
    if row.light_gradient == 0.0 and row.shadowed == 0 and row.vignette == 0.0:
        return
    height, width = rows.shape[0], rows.shape[1] // 3
    unit = math.sqrt(height * width)
    depth, softness, period = 0.0, 1.0, 0.0
    sides = np.empty((row.sides, 3))
    if row.shadowed != 0:
        depth, softness, period = row.depth, max(row.softness * unit, 1e-3), row.period * unit
        for i in range(row.sides):
            a, b = math.cos(row.side[i, 0]), math.sin(row.side[i, 0])
            sides[i, 0], sides[i, 1] = a, b
            sides[i, 2] = row.side[i, 1] * unit - a * row.x * width - b * row.y * height
    illuminate(
        rows, row.light_gradient, row.light_angle, row.vignette, row.vignette_x * width, row.vignette_y * height,
        depth, softness, period, sides,
    )  # fmt: skip


@part
def size_of_photograph(height, width, row, aspect):
    """Height and width of a picture of height x width pixels in pixels of its camera."""
    return camera_size(height, width, row.resolution_factor, aspect)


@part
def expose(rows, row, line_height, aspect, normals, srgb, display, codes):
    """Take the photograph of light, float32 (h, 3 w), into `codes`, uint8, of the camera's size.

    `normals`, `srgb`, `display`: NORMALS, ROOT_TO_SRGB and ROOT_TO_DISPLAY. `line_height`, `aspect`: as of
    `apply_degrade`.
    """
    photograph(
        rows, row.defocus * line_height, row.gaussian_blur * line_height, row.motion_blur * line_height,
        row.motion_angle, row.motion_bend, aspect,
        row.exposure + row.white_balance[0], row.exposure + row.white_balance[1], row.exposure + row.white_balance[2],
        row.shot_noise, row.read_noise, row.noise_key, row.contrast, row.gamma, normals, srgb, display, codes,
    )  # fmt: skip


@part
def compress(codes, row, first, last):
    """The compressions `first` to `last` - 1 of codes, uint8 (h, 3 w), in place."""
    for i in range(first, min(last, row.compressions)):
        jpeg(codes, row.jpeg[i, 0], row.jpeg[i, 1] != 0, row.jpeg[i, 2], row.jpeg[i, 3])


@part
def enlarge_photograph(taken, row, codes):
    """The photograph brought to the picture's size."""
    enlarge(taken, row.resolution_filter, codes)
