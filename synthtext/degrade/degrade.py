"""What light, camera and compression do to a picture, in the order in which they do it.

light (gradient, cast shadow, vignette) -> optics (defocus, Gaussian and motion blur) -> loss of resolution -> sensor
(exposure, white balance, shot and read noise) -> processing (sRGB, contrast, gamma, 8 bits) -> JPEG, once or twice.

No effect moves what it degrades: labels stay exact.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from operator import attrgetter
from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Struct

from synthtext.config import DegradeConfig
from synthtext.degrade.camera import CameraRecord
from synthtext.degrade.jpeg import jpeg
from synthtext.degrade.light import illuminate
from synthtext.degrade.optics import blur
from synthtext.degrade.resample import FILTERS, Filter, lose_resolution
from synthtext.degrade.sensor import NORMALS, develop, tone_table
from synthtext.rng import Draws
from synthtext.srgb import ROOT_TO_DISPLAY, ROOT_TO_SRGB

_NAMES = tuple(field.name for field in msgspec.structs.fields(DegradeConfig))
_effects = attrgetter(*_NAMES)
# The strength of an effect that is not applied: the factors' is 1.
_OFF = tuple(1.0 if name in ("resolution", "contrast", "gamma") else 0.0 for name in _NAMES)
# Weights of 4 shapes of shadow, and of the 4 filters, as running sums.
_SHAPES = (0.45, 0.65, 0.8, 1.0)
_FILTER_SUMS = (0.1, 0.45, 0.8, 1.0)
# Variance that a filter adds when it enlarges, in squares of its own samples.
_FILTER_VARIANCE = {"nearest": 1 / 12, "linear": 1 / 6, "cubic": 0.0, "lanczos": 0.0}


class Shadow(Struct, frozen=True):
    """A cast shadow. Lengths in units of sqrt(height width) of the image; `x`, `y` in its width and height; radians.

    `depth`: part of the light that is taken. `softness`: width of its edge. `sides`: (angle, offset) of half-planes
    whose intersection is dark: each holds the points that lie further than -offset from (x, y) in direction `angle`.
    `period`: above 0, stripes instead, period / 2 wide, across the direction of the one side.
    """

    depth: float
    softness: float
    x: float
    y: float
    sides: tuple[tuple[float, float], ...]
    period: float = 0.0


class Compression(Struct, frozen=True):
    """One JPEG compression. `left`, `top`: pixels by which its grid of blocks begins outside of the image."""

    quality: int
    chroma: Literal["4:4:4", "4:2:0"] = "4:4:4"
    left: int = 0
    top: int = 0


class DegradeRecord(Struct, frozen=True):
    """What is done to one image. The defaults do nothing but encode it as sRGB.

    light: `light_gradient` (stops from end to end, along `light_angle`, radians); `shadow`; `vignette` (part of the
    light lost at the furthest corner) about (`vignette_x`, `vignette_y`) in widths and heights.
    optics, in line heights: `defocus` (radius of a disk), `gaussian_blur` (standard deviation), `motion_blur` (length
    of a path in direction `motion_angle`, radians; `motion_bend`: 4 times its middle's height over its chord).
    `resolution_factor`: by how much the image is made smaller, and larger again by `resolution_filter`.
    sensor: `exposure` (stops), `white_balance` (stops of red, green, blue); `shot_noise` (standard deviation at white)
    and `read_noise` (everywhere) in parts of full white, linear; `noise_key` tells one noise from another.
    processing, of display values: `contrast` (factor about the middle), then `gamma` (exponent). `jpeg`: in order.
    """

    light_gradient: float = 0.0
    light_angle: float = 0.0
    shadow: Shadow | None = None
    vignette: float = 0.0
    vignette_x: float = 0.5
    vignette_y: float = 0.5
    defocus: float = 0.0
    gaussian_blur: float = 0.0
    motion_blur: float = 0.0
    motion_angle: float = 0.0
    motion_bend: float = 0.0
    resolution_factor: float = 1.0
    resolution_filter: Filter = "linear"
    exposure: float = 0.0
    white_balance: tuple[float, float, float] = (0.0, 0.0, 0.0)
    shot_noise: float = 0.0
    read_noise: float = 0.0
    noise_key: int = 0
    contrast: float = 1.0
    gamma: float = 1.0
    jpeg: tuple[Compression, ...] = ()

    def blur(self, line_height: float) -> float:
        """Standard deviation in pixels, mean of all directions, of all blur together, low resolution included."""
        line = 0.25 * self.defocus**2 + self.gaussian_blur**2 + self.motion_blur**2 / 24.0
        lost = (1.0 / 12.0 + _FILTER_VARIANCE[self.resolution_filter]) * (self.resolution_factor**2 - 1.0)
        return math.sqrt(line * line_height**2 + lost)

    def seen(self, contrast: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """The lightness that exposure, contrast and gamma make of a scene's, clipped as they clip.

        `contrast`: float64 (m, 2 or more): the lightness of each word's ink and of its surround. Returns a copy of it
        with these two replaced. Lightness (100 sqrt of luminance) is taken for the display value, which it is close to.
        """
        out = contrast.copy()
        if self.exposure or self.contrast != 1.0 or self.gamma != 1.0:
            factor = 0.01 * 2.0 ** (0.5 * self.exposure)
            for m, pair in enumerate(contrast[:, :2].tolist()):
                for i, lightness in enumerate(pair):
                    v = 0.5 + self.contrast * (min(factor * lightness, 1.0) - 0.5)
                    out[m, i] = 100.0 * min(max(v, 0.0), 1.0) ** self.gamma
        return out

    def noise(self, contrast: npt.NDArray[np.float64]) -> float:
        """Standard deviation of the noise in lightness, as `seen`, about the words' own.

        `contrast`: float64 (m, 2 or more): the lightness in the scene of each word's ink and of its surround.
        """
        if (self.shot_noise == 0.0 and self.read_noise == 0.0) or not len(contrast):
            return 0.0
        pairs = contrast.tolist()
        mean = sum([pair[0] + pair[1] for pair in pairs]) / (2 * len(pairs))
        light = max(2.0**self.exposure * (0.01 * mean) ** 2, 1e-3)
        # The channels' noise is independent, so that luminance has sqrt(sum of the squares of its weights) of it.
        return 0.755 * 50.0 * self.contrast * math.sqrt(self.shot_noise**2 + self.read_noise**2 / light)


def _draw_shadow(depth: float, u: tuple[float, ...]) -> Shadow | None:
    """`u`: eight uniforms."""
    if depth == 0.0:
        return None
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


def draw_degrade(draws: Draws, config: DegradeConfig) -> DegradeRecord:
    """Draw how an image is degraded."""
    r = draws.random
    # Each effect takes two numbers, applied or not, so that no effect's share moves what is drawn for another.
    strengths = []
    for effect, off in zip(_effects(config), _OFF, strict=True):
        applied = r() < effect.share
        low, high = effect.strength
        strength = low + (high - low) * r()
        strengths.append(strength if applied else off)
    gradient, depth, vignette, defocus, gaussian, motion, resolution = strengths[:7]
    exposure, balance, shot, read, contrast, gamma, first, second = strengths[7:]
    shadow = _draw_shadow(depth, (r(), r(), r(), r(), r(), r(), r(), r()))
    light_angle, vignette_x, vignette_y = r(), r(), r()
    motion_angle, motion_bend, kind = r(), r(), r()
    brighter, warmth, tint = r(), r(), r()
    key = draws.key()
    chroma, chroma_again, grid = r(), r(), int(256.0 * r())
    if exposure and brighter >= 0.5:
        exposure = -exposure
    compressions: tuple[Compression, ...] = ()
    if first:
        # The photograph that the image was cut from, and then the image itself.
        compressions = (Compression(round(first), "4:2:0" if chroma < 0.7 else "4:4:4", grid & 15, grid >> 4),)
        if second:
            compressions += (Compression(round(second), "4:2:0" if chroma_again < 0.7 else "4:4:4"),)
    stops = (0.0, 0.0, 0.0)
    if balance:
        # Along the daylight locus (blue to orange) above all, and a little across it (green to magenta).
        t, g = balance * (2.0 * warmth - 1.0), 0.4 * balance * (2.0 * tint - 1.0)
        stops = (t, g, -t)
    name: Filter = "linear"
    if resolution != 1.0:
        name = FILTERS[sum(kind >= edge for edge in _FILTER_SUMS[:3])]
    return DegradeRecord(
        gradient,
        2.0 * math.pi * light_angle if gradient else 0.0,
        shadow,
        vignette,
        1.4 * vignette_x - 0.2 if vignette else 0.5,
        1.4 * vignette_y - 0.2 if vignette else 0.5,
        defocus,
        gaussian,
        motion,
        math.pi * motion_angle if motion else 0.0,
        2.0 * motion_bend - 1.0 if motion else 0.0,
        resolution,
        name,
        exposure,
        stops,
        shot,
        read,
        key if shot or read else 0,
        contrast,
        gamma,
        compressions,
    )


def apply_degrade(
    image: npt.NDArray[np.float32],
    record: DegradeRecord,
    line_height: float,
    camera: CameraRecord | None = None,
    scan: Callable[[npt.NDArray[np.uint8]], None] | None = None,
) -> npt.NDArray[np.uint8]:
    """Degrade an image.

    `image`: float32 (h, w, 3), linear light in [0, 1], C-contiguous; it is overwritten. `line_height`: of the text, in
    pixels: the unit of the record's blurs. `camera`: what it adds. `scan`: changes the codes, uint8 (h, 3 w), in place,
    before they are compressed. Returns uint8 (h, w, 3), sRGB.
    """
    height, width, _ = image.shape
    rows = image.reshape(height, 3 * width)
    if record.light_gradient or record.shadow is not None or record.vignette:
        _apply_light(rows, record)
    if record.defocus or record.gaussian_blur or record.motion_blur:
        blur(
            rows,
            record.defocus * line_height,
            record.gaussian_blur * line_height,
            record.motion_blur * line_height,
            record.motion_angle,
            record.motion_bend,
        )
    if record.resolution_factor > 1.0:
        small_height = max(1, int(height / record.resolution_factor + 0.5))
        small_width = max(1, int(width / record.resolution_factor + 0.5))
        lose_resolution(rows, small_height, small_width, FILTERS.index(record.resolution_filter))
    if camera is not None:
        camera.before(rows, line_height)
    table = ROOT_TO_SRGB
    if record.contrast != 1.0 or record.gamma != 1.0:
        table = tone_table(record.contrast, record.gamma, ROOT_TO_DISPLAY)
    red, green, blue = record.white_balance
    out = np.empty((height, width, 3), np.uint8)
    codes = out.reshape(height, 3 * width)
    develop(
        rows,
        2.0 ** (record.exposure + red),
        2.0 ** (record.exposure + green),
        2.0 ** (record.exposure + blue),
        record.shot_noise,
        record.read_noise,
        np.uint64(record.noise_key),
        NORMALS,
        table,
        codes,
    )
    if camera is not None:
        camera.after(codes)
    if scan is not None:
        scan(codes)
    for step in record.jpeg:
        jpeg(codes, step.quality, step.chroma == "4:2:0", step.left, step.top)
    return out


def _apply_light(rows: npt.NDArray[np.float32], record: DegradeRecord) -> None:
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
