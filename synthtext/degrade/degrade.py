"""What light, camera and compression do to a picture, in the order in which they do it.

light (gradient, cast shadow, vignette) -> optics (defocus, Gaussian and motion blur) -> sensor (its pixels, exposure,
white balance, shot and read noise) -> processing (sRGB, contrast, gamma, 8 bits) -> JPEG of the photograph -> the crop
of it, brought to the size of the image -> JPEG of that.

No effect moves what it degrades: labels stay exact.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Annotated, Any, Literal

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Meta

from synthtext.core.kernel import kernel
from synthtext.core.records import Amount, Angle, Key, Number, Part, Record, Stops
from synthtext.core.rng import AHEAD, Draws, Stage, choose, key_of, log_uniform, strength
from synthtext.core.section import params_table
from synthtext.core.srgb import ROOT_TO_DISPLAY, ROOT_TO_SRGB
from synthtext.degrade.degrade_config import DegradeConfig
from synthtext.degrade.jpeg import jpeg
from synthtext.degrade.light import illuminate
from synthtext.degrade.optics import blur
from synthtext.degrade.resample import FILTERS, Filter, enlarge, shrink
from synthtext.degrade.sensor import NORMALS, develop, tone_table

_SHAPES = (0.45, 0.65, 0.8, 1.0)  # weights of 4 shapes of shadow, as running sums
_FILTER_WEIGHTS = np.array([0.1, 0.35, 0.35, 0.2])  # of FILTERS
_LINEAR = FILTERS.index("linear")
MOST_SIDES, MOST_JPEG = 8, 8  # of a shadow, and compressions, that a plan may hold
_COARSE = 2.0  # of the camera's pixels: a blur that reaches so far is applied to its picture


class Shadow(Record, frozen=True):
    """A cast shadow. Lengths in units of sqrt(height width) of the image; `x`, `y` in its width and height; radians.

    `depth`: part of the light that is taken. `softness`: width of its edge. `sides`: (angle, offset) of half-planes
    whose intersection is dark: each holds the points that lie further than -offset from (x, y) in direction `angle`.
    `period`: above 0, stripes instead, period / 2 wide, across the direction of the one side.
    """

    depth: Part
    softness: Amount
    x: Number
    y: Number
    sides: Annotated[tuple[tuple[Number, Number], ...], Meta(max_length=MOST_SIDES)]
    period: Amount = 0.0


class Compression(Record, frozen=True):
    """One JPEG compression. `left`, `top`: pixels by which its grid of blocks begins outside of the image."""

    quality: Annotated[int, Meta(ge=1, le=100)]
    chroma: Literal["4:4:4", "4:2:0"] = "4:4:4"
    left: Annotated[int, Meta(ge=0, le=15)] = 0
    top: Annotated[int, Meta(ge=0, le=15)] = 0


class DegradeParams(Record, frozen=True):
    """What is done to one image. The defaults do nothing but encode it as sRGB.

    light: `light_gradient` (stops from end to end, along `light_angle`, radians); `shadow`; `vignette` (part of the
    light lost at the furthest corner) about (`vignette_x`, `vignette_y`) in widths and heights.
    optics, in line heights: `defocus` (radius of a disk), `gaussian_blur` (standard deviation), `motion_blur` (length
    of a path in direction `motion_angle`, radians; `motion_bend`: 4 times its middle's height over its chord).
    `resolution_factor`: rows of the image that one of the camera's is high; where that is more than one, the photograph
    is smaller by it, and is made larger again by `resolution_filter`.
    sensor: `exposure` (stops), `white_balance` (stops of red, green, blue); `shot_noise` (standard deviation at white)
    and `read_noise` (everywhere) in parts of full white, linear; `noise_key` tells one noise from another.
    processing, of display values: `contrast` (factor about the middle), then `gamma` (exponent). `jpeg`: the first of
    the photograph, in the camera's pixels, the others of the image.
    """

    light_gradient: Stops = 0.0
    light_angle: Angle = 0.0
    shadow: Shadow | None = None
    vignette: Part = 0.0
    vignette_x: Number = 0.5
    vignette_y: Number = 0.5
    defocus: Amount = 0.0
    gaussian_blur: Amount = 0.0
    motion_blur: Amount = 0.0
    motion_angle: Angle = 0.0
    motion_bend: Annotated[float, Meta(ge=-10.0, le=10.0)] = 0.0
    resolution_factor: Annotated[float, Meta(ge=0.0, le=1e4)] = 0.0
    resolution_filter: Filter = "linear"
    exposure: Stops = 0.0
    white_balance: tuple[Stops, Stops, Stops] = (0.0, 0.0, 0.0)
    shot_noise: Amount = 0.0
    read_noise: Amount = 0.0
    noise_key: Key = 0
    contrast: Amount = 1.0
    gamma: Annotated[float, Meta(ge=0.01, le=100.0)] = 1.0
    jpeg: Annotated[tuple[Compression, ...], Meta(max_length=MOST_JPEG)] = ()


def _draw_shadow(depth: float, u: list[float]) -> Shadow:
    """`u`: eight uniforms."""
    angle, softness = 2.0 * math.pi * u[1], 0.02 * 30.0 ** u[2]
    x, y = 0.1 + 0.8 * u[3], 0.1 + 0.8 * u[4]
    sides: tuple[tuple[float, float], ...] = ((angle, 0.0),)
    period = 0.0
    if u[0] < _SHAPES[0]:  # the edge of something large
        pass
    elif u[0] < _SHAPES[1]:  # a pole, a branch, a hand
        width = 0.1 + 0.5 * u[5]
        sides = ((angle, width), (angle + math.pi, width))
    elif u[0] < _SHAPES[2]:  # a railing, blinds
        period = 0.3 + 0.9 * u[5]
        softness = min(softness, 0.3 * period)
    else:  # a corner, or a slab with two sides
        turn = math.pi * (0.3 + 0.4 * u[5])
        sides = ((angle, 0.0), (angle + turn, 0.0), (angle - math.pi, 0.4 + u[6]))
        if u[7] < 0.5:
            sides = sides[:2]
    return Shadow(depth, softness, x, y, sides, period)


def degrade_params_table(config: DegradeConfig) -> npt.NDArray[np.float64]:
    """The table that `sample_degrade_params` draws from: a row an effect, in their order."""
    return params_table(*msgspec.structs.astuple(config))


@kernel
def sample_degrade_params(u, table):
    """The fields of a DegradeParams: (light_gradient, light_angle), the rest but shadow and jpeg; then what these need:
    a shadow's depth; qualities, chroma (1: 4:2:0) and left, top of two compressions. `u`: uniforms, float64 (52,).
    """
    # Each effect takes two numbers, applied or not, so that no effect's share moves what is drawn for another.
    gradient, depth = strength(table[0], u[0], u[1], 0.0), strength(table[1], u[2], u[3], 0.0)
    vignette, defocus = strength(table[2], u[4], u[5], 0.0), strength(table[3], u[6], u[7], 0.0)
    gaussian, motion = strength(table[4], u[8], u[9], 0.0), strength(table[5], u[10], u[11], 0.0)
    resolution = log_uniform(table[6], u[13]) if u[12] < table[6, 0] else 0.0
    exposure = strength(table[7], u[14], u[15], 0.0)
    balance, shot = strength(table[8], u[16], u[17], 0.0), strength(table[9], u[18], u[19], 0.0)
    read, contrast = strength(table[10], u[20], u[21], 0.0), strength(table[11], u[22], u[23], 1.0)
    gamma = strength(table[12], u[24], u[25], 1.0)
    first, again = strength(table[13], u[26], u[27], 0.0), strength(table[14], u[28], u[29], 0.0)
    light_angle = 2.0 * math.pi * u[38] if gradient else 0.0
    vignette_x, vignette_y = (1.4 * u[39] - 0.2, 1.4 * u[40] - 0.2) if vignette else (0.5, 0.5)
    motion_angle, motion_bend = (math.pi * u[41], 2.0 * u[42] - 1.0) if motion else (0.0, 0.0)
    enlarge = choose(_FILTER_WEIGHTS, u[43]) if resolution > 0.0 else _LINEAR
    if u[44] >= 0.5:
        exposure = 0.0 - exposure
    # Along the daylight locus (blue to orange) above all, and a little across it (green to magenta).
    warmth, tint = balance * (2.0 * u[45] - 1.0) + 0.0, 0.4 * balance * (2.0 * u[46] - 1.0) + 0.0
    key = key_of(u[47], u[48]) if shot or read else 0
    light = gradient, light_angle
    before = vignette, vignette_x, vignette_y, defocus, gaussian, motion, motion_angle, motion_bend, resolution
    after = exposure, (warmth, tint, 0.0 - warmth), shot, read, key, contrast, gamma
    grid = int(256.0 * u[51])
    return light, before, enlarge, after, depth, (round(first), u[49] < 0.7, round(again), u[50] < 0.7, grid)


def degrade_params(numbers: tuple[Any, ...], u: npt.NDArray[np.float64]) -> DegradeParams:
    """The record of what `sample_degrade_params` gave for `u`."""
    light, before, enlarge, after, depth, (quality, halved, again, halved_again, grid) = numbers
    shadow = _draw_shadow(depth, u[30:38].tolist()) if depth else None
    compressions: tuple[Compression, ...] = ()
    if quality:
        # The photograph that the image was cut from, and then the image itself.
        compressions = (Compression(quality, "4:2:0" if halved else "4:4:4", grid & 15, grid >> 4),)
        if again:
            compressions += (Compression(again, "4:2:0" if halved_again else "4:4:4"),)
    return DegradeParams(*light, shadow, *before, FILTERS[enlarge], *after, compressions)  # type: ignore[call-arg]


def draw_degrade(draws: Draws, config: DegradeConfig) -> DegradeParams:
    """Draw how an image is degraded."""
    u = draws.take(AHEAD[Stage.DEGRADE])
    return degrade_params(sample_degrade_params(u, degrade_params_table(config)), u)


Process = Callable[[npt.NDArray[np.uint8]], None]


def apply_degrade(
    image: npt.NDArray[np.float32],
    record: DegradeParams,
    line_height: float,
    aspect: float = 1.0,
    lens: Callable[[], None] | None = None,
    process: Process | None = None,
    scan: Process | None = None,
) -> npt.NDArray[np.uint8]:
    """Degrade an image.

    `image`: float32 (h, w, 3), linear light in [0, 1], C-contiguous; it is overwritten. `line_height`: of the text, in
    pixels: the unit of the record's blurs. `aspect`: how much wider the picture was made after it was taken, which
    stretches what lens and pixels do. `lens`: changes the image, after light has fallen on it. `process`: changes the
    photograph's codes, uint8 (h, 3 w), in place, before they are compressed; `scan`: those of the image.
    Returns uint8 (h, w, 3), sRGB.
    """
    height, width, _ = image.shape
    rows = image.reshape(height, 3 * width)
    if record.light_gradient or record.shadow is not None or record.vignette:
        _apply_light(rows, record)
    if lens is not None:
        lens()
    red, green, blue = record.white_balance
    out = np.empty((height, width, 3), np.uint8)
    codes = taken = out.reshape(height, 3 * width)
    size = camera_size(height, width, record.resolution_factor, aspect)
    if size != (height, width):
        taken = np.empty((size[0], 3 * size[1]), np.uint8)
    photograph(
        rows,
        record.defocus * line_height,
        record.gaussian_blur * line_height,
        record.motion_blur * line_height,
        record.motion_angle,
        record.motion_bend,
        aspect,
        record.exposure + red,
        record.exposure + green,
        record.exposure + blue,
        record.shot_noise,
        record.read_noise,
        record.noise_key,
        record.contrast,
        record.gamma,
        NORMALS,
        ROOT_TO_SRGB,
        ROOT_TO_DISPLAY,
        taken,
    )
    if process is not None:
        process(taken)
    # A scan is no part of a photograph.
    of_photograph, of_image = ((), record.jpeg) if scan is not None else (record.jpeg[:1], record.jpeg[1:])
    for step in of_photograph:
        jpeg(taken, step.quality, step.chroma == "4:2:0", step.left, step.top)
    if taken is not codes:
        enlarge(taken, FILTERS.index(record.resolution_filter), codes)
    if scan is not None:
        scan(codes)
    for step in of_image:
        jpeg(codes, step.quality, step.chroma == "4:2:0", step.left, step.top)
    return out


@kernel
def camera_size(height, width, factor, aspect):
    """Height and width of a picture in pixels of the camera, `factor` rows high; see `apply_degrade`."""
    return max(1, int(height / max(factor, 1.0) + 0.5)), max(1, int(width / max(factor * aspect, 1.0) + 0.5))


@kernel
def _reach(defocus, sigma, motion):
    """How far the least of the blurs reaches that there are, pixels; 0 where there is none."""
    least = math.inf
    for reach in (defocus, 2.0 * sigma, 0.5 * motion):
        if reach > 0.0:
            least = min(least, reach)
    return least if least < math.inf else 0.0


@kernel
def photograph(
    rows, defocus, sigma, motion, angle, bend, aspect, red, green, blue, shot, read, key, contrast, gamma,
    normals, srgb, display, codes,
):  # fmt: skip
    """Optics, sensor and processing: `blur`, `shrink` to the size of `codes` and `develop` in one call.

    `defocus`, `sigma`, `motion`: pixels. `red`, `green`, `blue`: stops. `srgb`, `display`: ROOT_TO_SRGB and
    ROOT_TO_DISPLAY.
    """
    height, width = codes.shape[0], codes.shape[1] // 3
    # How many of the camera's pixels one of the picture's is high and wide.
    down, across = height / rows.shape[0], width / (rows.shape[1] // 3)
    if _reach(defocus, sigma, motion) * min(down, aspect * across) >= _COARSE:
        # What is blurred that far loses nothing when it is made smaller first, and is then less to blur.
        light = shrink(rows, height, width)
        blur(light, defocus * down, sigma * down, motion * down, angle, bend, aspect * across / down)
    else:
        blur(rows, defocus, sigma, motion, angle, bend, aspect)
        light = shrink(rows, height, width)
    table = srgb
    if contrast != 1.0 or gamma != 1.0:
        table = tone_table(contrast, gamma, display)
    develop(light, 2.0**red, 2.0**green, 2.0**blue, shot, read, np.uint64(key), normals, table, codes)


def _apply_light(rows: npt.NDArray[np.float32], record: DegradeParams) -> None:
    height, width = rows.shape[0], rows.shape[1] // 3
    unit = math.sqrt(height * width)
    depth, softness, period, sides = 0.0, 1.0, 0.0, []
    if record.shadow is not None:
        shadow = record.shadow
        depth, softness, period = shadow.depth, max(shadow.softness * unit, 1e-3), shadow.period * unit
        for angle, offset in shadow.sides:
            a, b = math.cos(angle), math.sin(angle)
            sides.append((a, b, offset * unit - a * shadow.x * width - b * shadow.y * height))
    illuminate(
        rows,
        record.light_gradient,
        record.light_angle,
        record.vignette,
        record.vignette_x * width,
        record.vignette_y * height,
        depth,
        softness,
        period,
        np.array(sides).reshape(-1, 3),
    )
