"""The text's paint: colour against the background, gradient or texture, border and shadow."""

from __future__ import annotations

import math
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
from msgspec import Meta
from msgspec.structs import replace

from synthtext.core.kernel import kernel
from synthtext.core.records import Angle, Lightness, Number, Part, Record
from synthtext.core.rng import AHEAD, Draws, Stage, choose, normal, strength, uniform
from synthtext.core.section import params_table, weights_of
from synthtext.paint.backgrounds import (
    BackgroundParams,
    apply_background,
    background_params,
    background_params_table,
    sample_background_params,
)
from synthtext.paint.colour import colour
from synthtext.paint.composite import NO_CUT, NO_RAMP, make_room, over, over_layer, soften
from synthtext.paint.paint_config import PaintConfig
from synthtext.paint.photographs import BackgroundLibrary
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
def sample_paint_params(u, table):  # type: ignore[no-untyped-def]
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


def apply_paint(
    image: Image,
    coverage: Coverage,
    outlines: Polylines,
    record: PaintParams,
    library: BackgroundLibrary,
    em: float,
    aspect: float,
    ink: Ink | None = None,
) -> float:
    """Paint text over `image`, float32 (H, W, 3) linear light, in place.

    `coverage`: float32 (H, W) of the text; `outlines`: its polylines. `em`: pixels, in the direction in which they are
    fewer. `aspect`: of horizontal to vertical scale. `ink`: effects. Returns the lightness of the text.
    """
    lightness: float = make_room(image, coverage, record.contrast, record.darker, record.shade)[0]
    paint_text(image, coverage, outlines, record, library, em, aspect, lightness, ink=ink)
    return lightness


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
    """Paint text of a given lightness over `image`, as `apply_paint`. `light`: factor on the light that falls on it."""
    height, width = coverage.shape
    tall = em / min(aspect, 1.0)  # pixels of an em down the picture
    start = light * np.array(colour(lightness, record.saturation, record.hue))
    if record.shadow is not None:
        x, y, blur = record.shadow
        shade = np.zeros_like(coverage)
        fill(outlines.points, outlines.contour_ends, outlines.glyph_ends, x * tall * aspect, y * tall, shade)
        if blur * tall > 0.25:
            soften(shade, blur * tall, aspect)
        over(image, shade, NO_CUT, np.zeros(3), np.zeros(3), NO_RAMP, record.shadow_opacity)
    if ink is not None:
        ink.behind(image, lightness, start)
    cut = NO_CUT
    if record.border > 0.0:
        outer = np.empty_like(coverage)
        dilate(
            outlines.points,
            outlines.contour_ends,
            outlines.glyph_ends,
            coverage,
            record.border * tall,
            0.0,
            0.0,
            outer,
            aspect,
        )
        tone = lightness if record.outline_only else _apart(record.border_lightness, lightness)
        rim = light * np.array(colour(tone, record.border_saturation, record.border_hue))
        cut = coverage if record.outline_only else NO_CUT
        over(image, outer, cut, rim, rim, NO_RAMP, record.opacity)
        if record.outline_only:
            return
    if record.texture is not None:
        layer = apply_background(record.texture, library, height, width, em, aspect)
        over_layer(image, coverage, layer, start, record.opacity)
    elif record.gradient != 0.0:
        # The far end goes away from the background's lightness rather than into it.
        shift = -abs(record.gradient) if record.darker else abs(record.gradient)
        end = light * np.array(colour(lightness + shift, record.saturation, record.hue + record.gradient_hue))
        c, s = math.cos(record.gradient_angle), math.sin(record.gradient_angle)
        span = abs(c) * width + abs(s) * height
        ramp = np.array([c / span, s / span, 0.5 - (c * width + s * height) / (2.0 * span)])
        over(image, coverage, NO_CUT, start, end, ramp, record.opacity)
    else:
        over(image, coverage, NO_CUT, start, start, NO_RAMP, record.opacity)
    if ink is not None:
        ink.over(image, start)


def _apart(lightness: float, other: float) -> float:
    """A border as light as its fill would only make letters fat: move it a good step away."""
    if abs(lightness - other) >= 25.0:
        return lightness
    return other - 40.0 if other > 50.0 else other + 40.0
