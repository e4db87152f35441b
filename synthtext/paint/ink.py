"""The text's paint: colour against the background, gradient or texture, border and shadow."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from synthtext.config import PaintConfig
from synthtext.paint.backgrounds import BackgroundLibrary, BackgroundRecord, apply_background, draw_background
from synthtext.paint.colour import colour
from synthtext.paint.composite import make_room, over, over_layer, soften
from synthtext.raster.coverage import dilate, fill
from synthtext.raster.polylines import Polylines
from synthtext.rng import Draws
from synthtext.weights import pick

Image = npt.NDArray[np.float32]
Coverage = npt.NDArray[np.float32]

_NO_CUT = np.zeros((0, 0), np.float32)
_NO_RAMP = np.zeros(3)


class Ink:
    """What `apply_paint` asks for beside the paint itself; paint/effects.py fills it in."""

    def behind(self, image: Image, tone: float, tint: npt.NDArray[np.float64]) -> None:
        """Paint what lies behind the letters, whose lightness is `tone` and linear colour `tint`."""

    def over(self, image: Image, tint: npt.NDArray[np.float64]) -> None:
        """Change the letters that were painted."""


class PaintRecord(Struct, frozen=True):
    """What was drawn for the paint. Lightness in [0, 100], lengths in em, angles and hues in radians."""

    contrast: float
    darker: bool
    saturation: float = 0.0
    hue: float = 0.0
    opacity: float = 1.0
    gradient: float = 0.0  # the lightness by which the far end differs
    gradient_hue: float = 0.0
    gradient_angle: float = 0.0
    texture: BackgroundRecord | None = None
    border: float = 0.0
    border_lightness: float = 0.0
    border_saturation: float = 0.0
    border_hue: float = 0.0
    outline_only: bool = False
    shadow: tuple[float, float, float] | None = None  # offset x, y, blur
    shadow_opacity: float = 0.0


def draw_paint(draws: Draws, config: PaintConfig, library: BackgroundLibrary) -> PaintRecord:
    """Draw the paint of a text."""
    contrast = draws.uniform(*config.contrast)
    darker = draws.chance(config.dark_on_light)
    coloured = draws.chance(config.colourful)
    saturation, hue = draws.uniform(*config.saturation), draws.uniform(0.0, 2.0 * math.pi)
    opacity = draws.uniform(*config.opacity)
    kind = pick(draws, config.fill)
    gradient = gradient_hue = gradient_angle = 0.0
    texture = None
    if kind == "gradient":
        gradient, gradient_hue = draws.uniform(-35.0, 35.0), draws.normal(0.0, 0.6)
        gradient_angle = draws.uniform(0.0, 2.0 * math.pi)
    elif kind == "texture":
        texture = draw_background(draws, config.background, library)
    border = border_lightness = border_saturation = border_hue = 0.0
    outline_only = False
    if draws.chance(config.border.share):
        border = draws.uniform(*config.border.strength)
        # Mostly the tone of the background's side or its opposite extreme, sometimes any.
        border_lightness = draws.choice((0.0, 8.0, 95.0, 100.0)) if draws.chance(0.6) else draws.uniform(0.0, 100.0)
        border_saturation, border_hue = draws.uniform(0.0, 1.0), draws.uniform(0.0, 2.0 * math.pi)
        outline_only = draws.chance(config.outline_only)
    shadow, shadow_opacity = None, 0.0
    if draws.chance(config.shadow.share):
        reach, angle = draws.uniform(*config.shadow.strength), draws.uniform(0.0, 2.0 * math.pi)
        shadow = (reach * math.cos(angle), reach * math.sin(angle), draws.uniform(0.0, 1.5) * reach)
        shadow_opacity = draws.uniform(0.2, 0.8)
    return PaintRecord(
        contrast,
        darker,
        saturation if coloured else 0.0,
        hue,
        opacity,
        gradient,
        gradient_hue,
        gradient_angle,
        texture,
        border,
        border_lightness,
        border_saturation,
        border_hue,
        outline_only,
        shadow,
        shadow_opacity,
    )


def apply_paint(
    image: Image,
    coverage: Coverage,
    outlines: Polylines,
    record: PaintRecord,
    library: BackgroundLibrary,
    em: float,
    aspect: float,
    ink: Ink | None = None,
) -> float:
    """Paint text over `image`, float32 (H, W, 3) linear light, in place.

    `coverage`: float32 (H, W) of the text; `outlines`: its polylines. `em`: pixels. `aspect`: of horizontal to vertical
    scale. `ink`: effects. Returns the lightness of the text.
    """
    height, width = coverage.shape
    lightness: float = make_room(image, coverage, record.contrast, record.darker)[0]
    start = np.array(colour(lightness, record.saturation, record.hue))
    if record.shadow is not None:
        x, y, blur = record.shadow
        shade = np.zeros_like(coverage)
        fill(outlines.points, outlines.contour_ends, outlines.glyph_ends, x * em, y * em, shade)
        if blur * em > 0.25:
            soften(shade, blur * em)
        over(image, shade, _NO_CUT, np.zeros(3), np.zeros(3), _NO_RAMP, record.shadow_opacity)
    if ink is not None:
        ink.behind(image, lightness, start)
    cut = _NO_CUT
    if record.border > 0.0:
        outer = np.empty_like(coverage)
        dilate(
            outlines.points, outlines.contour_ends, outlines.glyph_ends, coverage, record.border * em, 0.0, 0.0, outer
        )
        tone = lightness if record.outline_only else _apart(record.border_lightness, lightness)
        rim = np.array(colour(tone, record.border_saturation, record.border_hue))
        cut = coverage if record.outline_only else _NO_CUT
        over(image, outer, cut, rim, rim, _NO_RAMP, record.opacity)
        if record.outline_only:
            return lightness
    if record.texture is not None:
        layer = apply_background(record.texture, library, height, width, em, aspect)
        over_layer(image, coverage, layer, start, record.opacity)
    elif record.gradient != 0.0:
        # The far end goes away from the background's lightness rather than into it.
        shift = -abs(record.gradient) if record.darker else abs(record.gradient)
        end = np.array(colour(lightness + shift, record.saturation, record.hue + record.gradient_hue))
        c, s = math.cos(record.gradient_angle), math.sin(record.gradient_angle)
        span = abs(c) * width + abs(s) * height
        ramp = np.array([c / span, s / span, 0.5 - (c * width + s * height) / (2.0 * span)])
        over(image, coverage, _NO_CUT, start, end, ramp, record.opacity)
    else:
        over(image, coverage, _NO_CUT, start, start, _NO_RAMP, record.opacity)
    if ink is not None:
        ink.over(image, start)
    return lightness


def _apart(lightness: float, other: float) -> float:
    """A border as light as its fill would only make letters fat: move it a good step away."""
    if abs(lightness - other) >= 25.0:
        return lightness
    return other - 40.0 if other > 50.0 else other + 40.0
