"""What light, camera and compression do to a picture, in the order in which they do it.

light (gradient, cast shadow, vignette) -> optics (defocus, Gaussian and motion blur) -> sensor (its pixels, exposure,
white balance, shot and read noise) -> processing (sRGB, contrast, gamma, 8 bits) -> JPEG of the photograph -> the crop
of it, brought to the size of the image -> JPEG of that.

No effect moves what it degrades: labels stay exact.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
from msgspec import Meta

from synthtext.core.kernel import part
from synthtext.core.records import Amount, Angle, Key, Number, Part, Record, Stops
from synthtext.core.srgb import ROOT_TO_DISPLAY, ROOT_TO_SRGB
from synthtext.degrade.jpeg_round_trip import jpeg
from synthtext.degrade.light import illuminate
from synthtext.degrade.optics import blur
from synthtext.degrade.resample import FILTERS, Filter, enlarge, shrink
from synthtext.degrade.sensor import NORMALS, develop, tone_table

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


@part
def camera_size(height, width, factor, aspect):
    """Height and width of a picture in pixels of the camera, `factor` rows high; see `apply_degrade`."""
    return max(1, int(height / max(factor, 1.0) + 0.5)), max(1, int(width / max(factor * aspect, 1.0) + 0.5))


@part
def _reach(defocus, sigma, motion):
    """How far the least of the blurs reaches that there are, pixels; 0 where there is none."""
    least = math.inf
    for reach in (defocus, 2.0 * sigma, 0.5 * motion):
        if reach > 0.0:
            least = min(least, reach)
    return least if least < math.inf else 0.0


@part
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
