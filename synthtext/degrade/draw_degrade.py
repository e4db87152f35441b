"""How a photograph's parameters are drawn: one kernel for all effects of the section `degrade`.

What they are stands in `effects/photo`, a file an effect.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from synthtext.core.kernel import kernel
from synthtext.core.rng import choose, fill_streams, fill_uniform, key_of, log_uniform, stream_of, strength
from synthtext.core.section import Section, params_table
from synthtext.degrade.degrade import Compression, DegradeParams, Shadow
from synthtext.degrade.resample import FILTERS

#: The effects that `sample_degrade_params` draws, in the order of its rows. Adding one moves no other.
SAMPLED = (
    "light_gradient",
    "cast_shadow",
    "vignette",
    "defocus",
    "gaussian_blur",
    "motion_blur",
    "resolution",
    "exposure",
    "white_balance",
    "shot_noise",
    "read_noise",
    "contrast",
    "gamma",
    "jpeg",
    "jpeg_again",
)
(
    _LIGHT_GRADIENT,
    _CAST_SHADOW,
    _VIGNETTE,
    _DEFOCUS,
    _GAUSSIAN_BLUR,
    _MOTION_BLUR,
    _RESOLUTION,
    _EXPOSURE,
    _WHITE_BALANCE,
    _SHOT_NOISE,
    _READ_NOISE,
    _CONTRAST,
    _GAMMA,
    _JPEG,
    _JPEG_AGAIN,
) = range(len(SAMPLED))
_STREAMS = np.array([stream_of(f"degrade.{name}") for name in SAMPLED])
# Numbers that each takes of its stream: whether it is applied, how strongly, and two more. A shadow takes eight more.
_COUNTS = np.full(len(SAMPLED), 4)
_SHAPES = (0.45, 0.65, 0.8)  # below which a uniform is one of the first 3 of 4 shapes of shadow
_FILTER_WEIGHTS = np.array([0.1, 0.35, 0.35, 0.2])  # of FILTERS
_LINEAR = FILTERS.index("linear")
_HALVED = 0.7  # the share of JPEGs with chroma of half the size


def degrade_params_table(config: Section) -> npt.NDArray[np.float64]:
    """The table that `sample_degrade_params` draws from, of the section `degrade`: a row an effect, as in SAMPLED."""
    return params_table(*(getattr(config, name) for name in SAMPLED))


@kernel
def sample_shadow(seed, index, attempt):
    """A shadow's softness, x, y, its sides, three, how many of them there are, and its period; for the arguments see
    `sample_degrade_params`. It is drawn only where there is one, which is seldom.
    """
    u = np.empty(8)
    fill_uniform(u, seed, np.uint64(_STREAMS[_CAST_SHADOW]) | (np.uint64(attempt) << np.uint64(16)), index, np.int64(1))
    angle, softness = 2.0 * math.pi * u[1], 0.02 * 30.0 ** u[2]
    x, y = 0.1 + 0.8 * u[3], 0.1 + 0.8 * u[4]
    first, second, third = (angle, 0.0), (0.0, 0.0), (0.0, 0.0)
    count, period = 1, 0.0
    if u[0] < _SHAPES[0]:  # the edge of something large
        pass
    elif u[0] < _SHAPES[1]:  # a pole, a branch, a hand
        width = 0.1 + 0.5 * u[5]
        count, first, second = 2, (angle, width), (angle + math.pi, width)
    elif u[0] < _SHAPES[2]:  # a railing, blinds
        period = 0.3 + 0.9 * u[5]
        softness = min(softness, 0.3 * period)
    else:  # a corner, or a slab with two sides
        turn = math.pi * (0.3 + 0.4 * u[5])
        count, second, third = 3, (angle + turn, 0.0), (angle - math.pi, 0.4 + u[6])
        if u[7] < 0.5:
            count = 2
    return softness, x, y, (first, second, third), count, period


@kernel
def sample_degrade_params(table, seed, index, attempt):
    """The fields of a DegradeParams, each effect's of its own stream.

    `table`: of `degrade_params_table`. `seed`, `index`: uint64. `attempt`: below 2**16.
    Returns (light_gradient, light_angle); the rest but shadow and jpeg, in order, the filter as an index into FILTERS;
    the shadow's depth (0: there is none; else see `sample_shadow`); of both compressions quality (0: there is none) and
    whether chroma is halved, of the first its left and top.
    """
    u = np.empty((_STREAMS.shape[0], 4))
    fill_streams(u, _STREAMS, _COUNTS, seed, index, attempt)
    s = np.empty(_STREAMS.shape[0])
    for i in range(_STREAMS.shape[0]):
        s[i] = strength(table[i], u[i, 0], u[i, 1], 1.0 if i in (_CONTRAST, _GAMMA) else 0.0)

    gradient, light_angle = s[_LIGHT_GRADIENT], 0.0
    if gradient != 0.0:
        light_angle = 2.0 * math.pi * u[_LIGHT_GRADIENT, 2]
    vignette, vignette_x, vignette_y = s[_VIGNETTE], 0.5, 0.5
    if vignette != 0.0:
        vignette_x, vignette_y = 1.4 * u[_VIGNETTE, 2] - 0.2, 1.4 * u[_VIGNETTE, 3] - 0.2
    motion, motion_angle, motion_bend = s[_MOTION_BLUR], 0.0, 0.0
    if motion != 0.0:
        motion_angle, motion_bend = math.pi * u[_MOTION_BLUR, 2], 2.0 * u[_MOTION_BLUR, 3] - 1.0
    resolution, enlarge = 0.0, _LINEAR
    if u[_RESOLUTION, 0] < table[_RESOLUTION, 0]:
        resolution = log_uniform(table[_RESOLUTION], u[_RESOLUTION, 1])
        enlarge = choose(_FILTER_WEIGHTS, u[_RESOLUTION, 2])
    exposure = s[_EXPOSURE]
    if u[_EXPOSURE, 2] >= 0.5:
        exposure = 0.0 - exposure
    # Along the daylight locus (blue to orange) above all, and a little across it (green to magenta).
    warmth = s[_WHITE_BALANCE] * (2.0 * u[_WHITE_BALANCE, 2] - 1.0) + 0.0
    tint = 0.4 * s[_WHITE_BALANCE] * (2.0 * u[_WHITE_BALANCE, 3] - 1.0) + 0.0
    shot, read, key = s[_SHOT_NOISE], s[_READ_NOISE], 0
    if shot != 0.0 or read != 0.0:  # the noise of both is one; whether there is the other does not change it
        key = key_of(u[_READ_NOISE, 2], u[_READ_NOISE, 3])

    light = gradient, light_angle
    optics = vignette, vignette_x, vignette_y, s[_DEFOCUS], s[_GAUSSIAN_BLUR], motion, motion_angle, motion_bend
    sensor = resolution, enlarge, exposure, (warmth, tint, 0.0 - warmth), shot, read, key, s[_CONTRAST], s[_GAMMA]
    grid = int(256.0 * u[_JPEG, 3])
    first = round(s[_JPEG]), u[_JPEG, 2] < _HALVED, grid & 15, grid >> 4
    return light, optics, sensor, s[_CAST_SHADOW], first, (round(s[_JPEG_AGAIN]), u[_JPEG_AGAIN, 2] < _HALVED)


def degrade_params(sampled: tuple[Any, ...], seed: np.uint64, index: np.uint64, attempt: int) -> DegradeParams:
    """The record of what `sample_degrade_params` gave for `seed`, `index` and `attempt`."""
    light, optics, (resolution, enlarge, *rest), depth, (quality, halved, left, top), again = sampled
    shadow = None
    if depth:
        softness, x, y, sides, count, period = sample_shadow(seed, index, attempt)
        shadow = Shadow(depth, softness, x, y, sides[:count], period)
    jpeg: tuple[Compression, ...] = ()
    if quality:
        # The photograph that the image was cut from, and then the image itself.
        jpeg = (Compression(quality, "4:2:0" if halved else "4:4:4", left, top),)
        if again[0]:
            jpeg += (Compression(again[0], "4:2:0" if again[1] else "4:4:4"),)
    return DegradeParams(*light, shadow, *optics, resolution, FILTERS[enlarge], *rest, jpeg)  # type: ignore[call-arg]


def draw_degrade(seed: int, index: int, config: Section, attempt: int = 0) -> DegradeParams:
    """Draw how an image is degraded. `config`: the section `degrade`."""
    seeds = np.uint64(seed & 0xFFFFFFFFFFFFFFFF), np.uint64(index)
    return degrade_params(sample_degrade_params(degrade_params_table(config), *seeds, attempt), *seeds, attempt)
