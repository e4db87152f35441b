"""The text's paint: colour against the background, gradient or texture, border and shadow."""

from __future__ import annotations

import math
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
from msgspec import Meta
from msgspec.structs import replace

from synthtext.core.kernel import kernel, part
from synthtext.core.records import Angle, Lightness, Number, Part, Record
from synthtext.core.rng import AHEAD, Draws, Stage, choose, normal, strength, uniform
from synthtext.core.section import params_table, weights_of
from synthtext.paint.backgrounds import (
    BACKGROUND,
    NO_BACKGROUND,
    BackgroundParams,
    background_params,
    background_params_table,
    background_row,
    paint_background,
    sample_background_params,
)
from synthtext.paint.colour import colour
from synthtext.paint.composite import make_room, over_layer, over_planes, soften
from synthtext.paint.paint_config import PaintConfig
from synthtext.paint.photographs import LINEAR, BackgroundLibrary
from synthtext.raster.coverage import dilate, fill
from synthtext.raster.polylines import Polylines

Image = npt.NDArray[np.float32]
Coverage = npt.NDArray[np.float32]


TEXTURE = 24  # of the paint's uniforms, the first that draws a texture


class Ink:
    """What `paint_text` asks for beside the paint itself; effects/paint_letters.py fills it in."""

    def behind(self, image: Image, tone: float, tint: npt.NDArray[np.float64]) -> None:
        """Paint what lies behind the letters, whose lightness is `tone` and linear colour `tint`."""

    def over(self, image: Image, tint: npt.NDArray[np.float64]) -> None:
        """Change the letters that were painted."""


class PaintParams(Record, frozen=True):
    """What was drawn for the paint. Lightness in [0, 100], lengths in em, angles and hues in radians."""

    contrast: Lightness
    darker: bool
    saturation: Part = 0.0
    hue: Angle = 0.0
    opacity: Part = 1.0
    gradient: Number = 0.0  # the lightness by which the far end differs
    gradient_hue: Angle = 0.0
    gradient_angle: Angle = 0.0
    texture: BackgroundParams | None = None
    border: Annotated[float, Meta(ge=0.0, le=10.0)] = 0.0
    border_lightness: Lightness = 0.0
    border_saturation: Part = 0.0
    border_hue: Angle = 0.0
    outline_only: bool = False
    shadow: tuple[Number, Number, Number] | None = None  # offset x, y, blur
    shadow_opacity: Part = 0.0
    shade: Part = 0.0  # part of the lightness that is taken from what lies behind lighter text


_FILLS = ("colour", "gradient", "texture")
_TONES = (0.0, 8.0, 95.0, 100.0)  # of most borders


def paint_params_table(config: PaintConfig) -> npt.NDArray[np.float64]:
    """The table that `sample_paint_params` draws from."""
    rows = (config.contrast, config.dark_on_light, config.colourful, config.saturation, config.opacity)
    effects = (config.border, config.outline_only, config.shadow)
    return np.concatenate([params_table(*rows, *effects, config.shade), [weights_of(config.fill, _FILLS)]])


@kernel
def sample_paint_params(u, table):
    """The fields of a PaintParams, before them whether there is a texture. `u`: uniforms, float64 (24 or more,)."""
    contrast, darker = uniform(table[0], u[0]), u[1] < table[1, 0]
    saturation = uniform(table[3], u[2]) if u[3] < table[2, 0] else 0.0
    hue, opacity = 2.0 * math.pi * u[4], uniform(table[4], u[5])
    fill = choose(table[9], u[6])
    gradient, gradient_hue, gradient_angle = 0.0, 0.0, 0.0
    if fill == 1:
        gradient, gradient_hue, gradient_angle = 70.0 * u[7] - 35.0, normal(u[8], u[9], 0.6), 2.0 * math.pi * u[10]
    border = strength(table[5], u[11], u[12], 0.0)
    border_lightness, border_saturation, border_hue, outline_only = 0.0, 0.0, 0.0, False
    if border > 0.0:
        # Mostly the tone of the background's side or its opposite extreme, sometimes any.
        border_lightness = _TONES[int(4.0 * u[13])] if u[14] < 0.6 else 100.0 * u[13]
        border_saturation, border_hue = u[15], 2.0 * math.pi * u[16]
        outline_only = u[17] < table[6, 0]
    reach, angle = strength(table[7], u[18], u[19], 0.0), 2.0 * math.pi * u[20]
    shadow = reach * math.cos(angle), reach * math.sin(angle), 1.5 * u[21] * reach
    shadow_opacity = 0.2 + 0.6 * u[22] if reach > 0.0 else 0.0
    before = contrast, darker, saturation, hue, opacity, gradient, gradient_hue, gradient_angle
    border_tone = border, border_lightness, border_saturation, border_hue, outline_only
    return fill == 2, before, border_tone, shadow, shadow_opacity, uniform(table[8], u[23])


def paint_params(numbers: tuple[Any, ...], texture: tuple[Any, ...], library: BackgroundLibrary) -> PaintParams:
    """The record of what `sample_paint_params` gave, and `sample_background_params` for a texture."""
    textured, before, border, shadow, opacity, shade = numbers
    layer = background_params(texture, library) if textured else None
    return PaintParams(*before, layer, *border, shadow if opacity else None, opacity, shade)  # type: ignore[call-arg]


def without(paint: PaintParams, *parts: str) -> PaintParams:
    """The paint without some of `outline_only`, `shadow`, `border`."""
    off: dict[str, Any] = {"outline_only": False, "shadow": None, "border": 0.0}
    return replace(paint, **{part: off[part] for part in parts})


def faintly(paint: PaintParams, part: float) -> PaintParams:
    """The paint of letters that are seen by their relief: a part of it, and nothing around it."""
    return replace(without(paint, "outline_only", "shadow", "border"), opacity=paint.opacity * part)


def shining(paint: PaintParams) -> PaintParams:
    """The paint of what gives light: plain, in full, lighter than what lies behind it."""
    plain = without(paint, "outline_only", "shadow", "border")
    return replace(plain, darker=False, texture=None, gradient=0.0, opacity=1.0)


def draw_paint(draws: Draws, config: PaintConfig, library: BackgroundLibrary) -> PaintParams:
    """Draw the paint of a text."""
    u = draws.take(AHEAD[Stage.PAINT])
    texture = sample_background_params(u[TEXTURE:], *background_params_table(config.background, library))
    return paint_params(sample_paint_params(u, paint_params_table(config)), texture, library)


#: A PaintParams as a row that kernels take: its fields, and whether there are a texture and a shadow.
PAINT = np.dtype(
    [
        *((name, np.int64) for name in ("darker", "textured", "outline_only", "shadowed")),
        *((name, np.float64) for name in ("contrast", "saturation", "hue", "opacity", "gradient", "gradient_hue")),
        *((name, np.float64) for name in ("gradient_angle", "border", "border_lightness", "border_saturation")),
        *((name, np.float64) for name in ("border_hue", "shadow_opacity", "shade")),
        ("shadow", np.float64, 3),
        ("texture", BACKGROUND),
    ]
)
_NO_SHADOW = (0.0, 0.0, 0.0)


def paint_row(record: PaintParams, library: BackgroundLibrary) -> tuple[tuple[Any, ...], Any]:
    """The row of a record, and what must be held for as long as it is used (see `background_row`)."""
    texture, held = NO_BACKGROUND, None
    if record.texture is not None:
        texture, held = background_row(record.texture, library)
    return (
        record.darker,
        record.texture is not None,
        record.outline_only,
        record.shadow is not None,
        record.contrast,
        record.saturation,
        record.hue,
        record.opacity,
        record.gradient,
        record.gradient_hue,
        record.gradient_angle,
        record.border,
        record.border_lightness,
        record.border_saturation,
        record.border_hue,
        record.shadow_opacity,
        record.shade,
        record.shadow or _NO_SHADOW,
        texture,
    ), held


@kernel
def _scaled_colour(lightness, saturation, hue, light):
    """`colour` times `light`, float64 (3,)."""
    tint = np.empty(3)
    tint[0], tint[1], tint[2] = colour(lightness, saturation, hue)
    for k in range(3):
        tint[k] *= light
    return tint


@part
def _apart(lightness, other):
    """A border as light as its fill would only make letters fat: move it a good step away."""
    if abs(lightness - other) >= 25.0:
        return lightness
    return other - 40.0 if other > 50.0 else other + 40.0


@part
def paint_shadow(planes, coverage, points, contour_ends, glyph_ends, paint, em, aspect):
    """The first step of `paint_ink`: what lies behind the letters."""
    if paint.shadowed == 0:
        return
    tall = em / min(aspect, 1.0)  # pixels of an em down the picture
    shade, black = np.zeros(coverage.shape, np.float32), np.zeros(3)
    blur = paint.shadow[2] * tall
    fill(points, contour_ends, glyph_ends, paint.shadow[0] * tall * aspect, paint.shadow[1] * tall, shade)
    if blur > 0.25:
        soften(shade, blur, aspect)
    over_planes(planes, shade, np.zeros((0, 0), np.float32), black, black, black, paint.shadow_opacity)


@part
def paint_fill(planes, coverage, points, contour_ends, glyph_ends, paint, em, aspect, lightness, light, linear):
    """The second step of `paint_ink`: border and fill."""
    height, width = coverage.shape
    tall = em / min(aspect, 1.0)
    nothing, level = np.zeros((0, 0), np.float32), np.zeros(3)
    if paint.border > 0.0:
        outer = np.empty(coverage.shape, np.float32)
        dilate(points, contour_ends, glyph_ends, coverage, paint.border * tall, 0.0, 0.0, outer, aspect)
        only = paint.outline_only != 0
        tone = lightness if only else _apart(paint.border_lightness, lightness)
        rim = _scaled_colour(tone, paint.border_saturation, paint.border_hue, light)
        over_planes(planes, outer, coverage if only else nothing, rim, rim, level, paint.opacity)
        if only:
            return
    start = _scaled_colour(lightness, paint.saturation, paint.hue, light)
    if paint.textured != 0:
        layer = np.empty((height, 3, width), np.float32)
        paint_background(layer, paint.texture, em, aspect, linear)
        over_layer(planes, coverage, layer, start, paint.opacity)
        return
    if paint.gradient == 0.0:
        over_planes(planes, coverage, nothing, start, start, level, paint.opacity)
        return
    # The far end goes away from the background's lightness rather than into it.
    shift = -abs(paint.gradient) if paint.darker != 0 else abs(paint.gradient)
    end = _scaled_colour(lightness + shift, paint.saturation, paint.hue + paint.gradient_hue, light)
    c, s = math.cos(paint.gradient_angle), math.sin(paint.gradient_angle)
    span = abs(c) * width + abs(s) * height
    level[0], level[1], level[2] = c / span, s / span, 0.5 - (c * width + s * height) / (2.0 * span)
    over_planes(planes, coverage, nothing, start, end, level, paint.opacity)


@part
def paint_ink(planes, coverage, points, contour_ends, glyph_ends, paint, em, aspect, linear):
    """Paint text over an image, in place. Returns the lightness of the text.

    `planes`: float32 (H, 3, W), linear light. `coverage`: float32 (H, W) of the text; `points` ... `glyph_ends`: its
    polylines. `paint`: of PAINT; `linear`: LINEAR. `em`, `aspect`: as of `paint_text`.
    """
    lightness, _ = make_room(planes, coverage, paint.contrast, paint.darker != 0, paint.shade)
    paint_shadow(planes, coverage, points, contour_ends, glyph_ends, paint, em, aspect)
    paint_fill(planes, coverage, points, contour_ends, glyph_ends, paint, em, aspect, lightness, 1.0, linear)
    return lightness


@kernel
def _shadow_of(planes, coverage, points, contour_ends, glyph_ends, paints, em, aspect):
    paint_shadow(planes, coverage, points, contour_ends, glyph_ends, paints[0], em, aspect)


@kernel
def _fill_of(planes, coverage, points, contour_ends, glyph_ends, paints, em, aspect, lightness, light, linear):
    paint_fill(planes, coverage, points, contour_ends, glyph_ends, paints[0], em, aspect, lightness, light, linear)


def paint_text(
    image: Image,
    coverage: Coverage,
    outlines: Polylines,
    record: PaintParams,
    library: BackgroundLibrary,
    em: float,
    aspect: float,
    lightness: float,
    light: float = 1.0,
    ink: Ink | None = None,
) -> None:
    """Paint text of a given lightness over `image`, float32 (H, W, 3) linear light, in place.

    `coverage`: float32 (H, W) of the text; `outlines`: its polylines. `em`: pixels, in the direction in which they are
    fewer. `aspect`: of horizontal to vertical scale. `light`: factor on the light that falls on it. `ink`: effects.
    """
    row, held = paint_row(record, library)
    of_text = image.transpose(0, 2, 1), coverage, outlines.points, outlines.contour_ends, outlines.glyph_ends
    paint = np.array([row], PAINT), em, aspect
    tint = light * np.array(colour(lightness, record.saturation, record.hue))
    if record.shadow is not None:
        _shadow_of(*of_text, *paint)
    if ink is not None:
        ink.behind(image, lightness, tint)
    _fill_of(*of_text, *paint, lightness, light, LINEAR)
    if ink is not None and not (record.border and record.outline_only):
        ink.over(image, tint)
    del held
