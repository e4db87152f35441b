"""The surface and what lies between it and the camera: texture, folds, screens, night, glass, reflections, glare.

All of it changes light only. What folds and glass would move is not moved: labels stay where the ink is.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from synthtext.core.applied import draw_applied
from synthtext.core.kernel import kernel
from synthtext.core.records import Amount, Angle, Key, Number, Positive, Record
from synthtext.core.rng import Draws
from synthtext.degrade.optics import blur
from synthtext.effects.effects_config import SurfaceConfig
from synthtext.geometry.warp import Warp
from synthtext.paint.backgrounds import BackgroundParams, apply_background, draw_background
from synthtext.paint.colour import colour
from synthtext.paint.paint_config import BackgroundConfig
from synthtext.paint.photographs import BackgroundLibrary
from synthtext.paint.plane import Plane, image_to_plane, plane_to_image
from synthtext.paint.wear_fields import choose_level, plane_field

Image = npt.NDArray[np.float32]
Coverage = npt.NDArray[np.float32]


class SurfaceParams(Record, frozen=True):
    """What was drawn: strengths of `SurfaceConfig` (0: not applied), and how they look.

    `creases`: (angle in radians, offset in em, side that is lit, +1 or -1) of each fold. `pitch`: em from pixel to
    pixel of a screen; `screen_angle`: radians. `lamp`: place (in widths and heights), reach (in heights) and hue of
    the light at night. `mirrored`: what is reflected. `glare_at`: place, length and breadth (in heights), angle.
    `key`: of the fields of crumpled paper and of dirt on glass.
    """

    texture_through: Amount = 0.0
    folds: Amount = 0.0
    creases: tuple[tuple[Angle, Number, Number], ...] = ()
    crumple: Amount = 0.0
    screen: Amount = 0.0
    pitch: Positive = 0.05
    screen_angle: Angle = 0.0
    night: Amount = 0.0
    lamp: tuple[Number, Number, Positive, Angle] = (0.5, 0.0, 1.5, 0.6)
    glass: Amount = 0.0
    reflection: Amount = 0.0
    mirrored: BackgroundParams | None = None
    glare: Amount = 0.0
    glare_at: tuple[Number, Number, Positive, Positive, Angle] = (0.5, 0.5, 1.0, 0.3, 0.0)
    key: Key = 0


NO_SURFACE = SurfaceParams()


def draw_surface(
    draws: Draws, config: SurfaceConfig, background: BackgroundConfig, library: BackgroundLibrary
) -> SurfaceParams:
    """Draw the surface. `background`, `library`: for what is reflected in it."""
    applied = draw_applied(draws, config)
    if not applied:
        return NO_SURFACE
    r = draws.random
    creases: tuple[tuple[Angle, Number, Number], ...] = ()
    if "folds" in applied:
        # Sheets are folded along and across, rarely askew.
        level = draws.chance(0.6)
        base = draws.normal(0.0, 0.05) + (0.5 * math.pi if level else 0.0)
        count = 1 + draws.integer(3)
        spacing, start = draws.uniform(1.0, 3.0), draws.uniform(-0.5, 0.35) if level else draws.uniform(-2.0, 0.5)
        creases = tuple(
            (base + draws.normal(0.0, 0.02), start + k * spacing, draws.choice((-1.0, 1.0))) for k in range(count)
        )
    pitch, screen_angle = draws.log_uniform(0.025, 0.1), draws.normal(0.0, 0.05)
    lamp = (r(), draws.uniform(-0.5, 1.0), draws.uniform(0.8, 3.0), draws.choice((0.55, 0.8, 1.0, -2.2)))
    mirrored = None
    if "reflection" in applied:
        kinds = {"photo": 1.0} if library.names else {"gradient": 1.0}
        mirrored = draw_background(draws, replace(background, kinds=kinds), library)
    glare_at = (r(), r(), draws.log_uniform(0.4, 3.0), draws.log_uniform(0.12, 0.5), draws.uniform(0.0, math.pi))
    return SurfaceParams(
        **applied,
        creases=creases,
        pitch=pitch,
        screen_angle=screen_angle,
        lamp=lamp,
        mirrored=mirrored,
        glare_at=glare_at,
        key=draws.key(),
    )


def apply_surface(
    image: Image, record: SurfaceParams, warp: Warp, library: BackgroundLibrary, em: float, aspect: float
) -> None:
    """Change `image`, float32 (H, W, 3) linear light, by what the surface and the air before it do, in place.

    `warp`: of the text, on whose plane folds and screens lie. `em`: pixels.
    """
    height, width = image.shape[:2]
    plane = image_to_plane(plane_to_image(warp))
    across = em * math.sqrt(aspect)
    if record.folds and record.creases:
        lines = [(math.cos(a), math.sin(a), offset, lit) for a, offset, lit in record.creases]
        fold(image, plane, np.array(lines), record.folds, 0.6 / across)
    if record.crumple:
        facets = _field("facets", record.key, plane, 55.0, across, height, width)
        brighten(image, facets, 1.1 * record.crumple)
    if record.screen:
        c, s = math.cos(record.screen_angle), math.sin(record.screen_angle)
        screen(image, plane, c / record.pitch, s / record.pitch, record.screen)
    if record.night:
        x, y, reach, hue = record.lamp
        lamp = np.array(colour(75.0, 0.55, hue)) / 0.5625
        light_up(image, x * width, y * height, reach * height, 0.5**record.night, lamp)
    if record.glass:
        dirt = _field("worn", record.key >> 5, plane, 45.0, across, height, width)
        haze = _field("cloud", record.key >> 7, plane, 40.0, across, height, width)
        veil(image, np.float32(0.45) * haze + np.float32(0.55) * dirt * dirt, record.glass, 0.5)
    if record.mirrored is not None:
        layer = apply_background(record.mirrored, library, height, width, em, aspect)
        # What is reflected lies further away than what the camera is focused on.
        blur(layer.reshape(height, 3 * width), 0.0, 0.14 * across, 0.0, 0.0, 0.0, 1.0)
        add_light(image, layer, record.reflection)
    if record.glare:
        x, y, long, broad, angle = record.glare_at
        spot(
            image, x * width, y * height, long * height, broad * height, math.cos(angle), math.sin(angle), record.glare
        )


def _field(kind: str, key: int, plane: Plane, scale: float, across: float, height: int, width: int) -> Coverage:
    field, factor, x, y = choose_level(kind, key, scale / across)
    out = np.empty((height, width), np.float32)
    plane_field(plane, field, scale * factor, scale * factor, x, y, out)
    return out


@kernel
def emphasise(image, coverage, before, around, strength):  # type: ignore[no-untyped-def]
    """Let the ground's texture show in the ink over it, in place.

    `image`: float32 (H, W, 3), painted. `coverage`: float32 (H, W), of the ink. `before`, `around`: float32 (H, W), the
    luminance that the ground had there, and its mean around there. `strength` in [0, 1].
    """
    for y in range(coverage.shape[0]):
        for x in range(coverage.shape[1]):
            a = coverage[y, x]
            if a > np.float32(0.0):
                ratio = (before[y, x] + np.float32(0.01)) / (around[y, x] + np.float32(0.01))
                ratio = min(max(ratio, np.float32(0.2)), np.float32(3.0))
                gain = np.float32(1.0) + a * np.float32(strength) * (ratio - np.float32(1.0))
                for k in range(3):
                    image[y, x, k] = min(image[y, x, k] * gain, np.float32(1.0))


@kernel
def luminance_of(image, out):  # type: ignore[no-untyped-def]
    """Relative luminance of `image`, float32 (H, W, 3) linear RGB, into `out`, float32 (H, W)."""
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            out[y, x] = (
                np.float32(0.2126) * image[y, x, 0]
                + np.float32(0.7152) * image[y, x, 1]
                + np.float32(0.0722) * image[y, x, 2]
            )


@kernel
def fold(image, plane, creases, depth, least):  # type: ignore[no-untyped-def]
    """Shade a folded sheet, in place.

    `plane`: float64 (9,), pixels to em. `creases`: float64 (n, 4): the line a u + b v = c of the plane, (a, b) a unit
    vector, and the side that faces the light. The halves are bent: light rises to one side of the crease and falls to
    the other, over about half an em; the crease itself is a dark line beside a bright one. `depth` in [0, 1]. `least`:
    em, half a line's width at least, so that a picture can show it.
    """
    thin = max(0.022, least)
    for y in range(image.shape[0]):
        for x in range(image.shape[1]):
            px, py = x + 0.5, y + 0.5
            w = 1.0 / (plane[6] * px + plane[7] * py + plane[8])
            u = (plane[0] * px + plane[1] * py + plane[2]) * w
            v = (plane[3] * px + plane[4] * py + plane[5]) * w
            light = 1.0
            for n in range(creases.shape[0]):
                a, b = creases[n, 0], creases[n, 1]
                along = a * v - b * u
                # A crease wanders a little.
                d = a * u + b * v - creases[n, 2] + 0.012 * math.sin(5.0 * along) + 0.006 * math.sin(17.0 * along + n)
                d *= creases[n, 3]
                t = d / 0.45
                ridge, valley = (d - 0.8 * thin) / thin, (d + 0.8 * thin) / thin
                light *= 1.0 + depth * (
                    0.75 * t / (1.0 + t * t) + 0.45 / (1.0 + ridge * ridge) ** 2 - 0.6 / (1.0 + valley * valley) ** 2
                )
            gain = np.float32(max(light, 0.05))
            for k in range(3):
                image[y, x, k] = min(image[y, x, k] * gain, np.float32(1.0))


@kernel
def brighten(image, field, depth):  # type: ignore[no-untyped-def]
    """Multiply `image` by 1 + depth (field - 1/2), in place. `field`: float32 (H, W), in [0, 1]."""
    for y in range(field.shape[0]):
        for x in range(field.shape[1]):
            gain = np.float32(1.0) + np.float32(depth) * (field[y, x] - np.float32(0.5))
            for k in range(3):
                image[y, x, k] = min(image[y, x, k] * gain, np.float32(1.0))


@kernel
def screen(image, plane, c, s, depth):  # type: ignore[no-untyped-def]
    """Show the picture on a screen: stripes of red, green and blue in rows, in place.

    `plane`: float64 (9,), pixels to em. (c, s): of the screen's axis, over the em from one of its pixels to the next.
    Where these are nearly as small as the camera's, the two grids beat: moire, as each pixel of the picture takes one
    sample. `depth` in [0, 1].
    """
    turn = 2.0 * math.pi
    for y in range(image.shape[0]):
        for x in range(image.shape[1]):
            px, py = x + 0.5, y + 0.5
            w = 1.0 / (plane[6] * px + plane[7] * py + plane[8])
            u = (plane[0] * px + plane[1] * py + plane[2]) * w
            v = (plane[3] * px + plane[4] * py + plane[5]) * w
            a, b = c * u + s * v, c * v - s * u
            line = 1.0 + depth * 0.45 * math.cos(turn * b)
            for k in range(3):
                stripe = 1.0 + depth * 0.8 * math.cos(turn * (a - k / 3.0))
                image[y, x, k] = np.float32(min(image[y, x, k] * line * stripe, 1.0))


@kernel
def light_up(image, lamp_x, lamp_y, reach, dark, lamp):  # type: ignore[no-untyped-def]
    """Night: the light of one lamp at (`lamp_x`, `lamp_y`), falling off over `reach` pixels, in place.

    `dark`: the part of the light that is left where the lamp is. `lamp`: float64 (3,), its colour, about 1.
    """
    for y in range(image.shape[0]):
        for x in range(image.shape[1]):
            dx, dy = (x + 0.5 - lamp_x) / reach, (y + 0.5 - lamp_y) / reach
            fall = 1.0 / (1.0 + 0.5 * (dx * dx + dy * dy))
            for k in range(3):
                image[y, x, k] *= np.float32(dark * (0.25 + 0.75 * fall * lamp[k]))


@kernel
def veil(image, field, strength, tone):  # type: ignore[no-untyped-def]
    """Dirty glass: light scattered by it, in place. `field`: float32 (H, W) in [0, 1], how dirty; `tone`: its light."""
    for y in range(field.shape[0]):
        for x in range(field.shape[1]):
            a = np.float32(strength) * field[y, x]
            for k in range(3):
                image[y, x, k] += a * (np.float32(tone) - image[y, x, k])


@kernel
def add_light(image, layer, part):  # type: ignore[no-untyped-def]
    """Add a part of the light of `layer`, float32 (H, W, 3), to `image`, in place: a reflection."""
    for y in range(image.shape[0]):
        for x in range(image.shape[1]):
            for k in range(3):
                lit = image[y, x, k] * np.float32(1.0 - 0.3 * part) + np.float32(part) * layer[y, x, k]
                image[y, x, k] = min(lit, np.float32(1.0))


@kernel
def spot(image, at_x, at_y, long, broad, c, s, strength):  # type: ignore[no-untyped-def]
    """Glare: a lamp's reflection at (`at_x`, `at_y`), `long` by `broad` pixels along (c, s), in place."""
    for y in range(image.shape[0]):
        for x in range(image.shape[1]):
            dx, dy = x + 0.5 - at_x, y + 0.5 - at_y
            a, b = (c * dx + s * dy) / long, (c * dy - s * dx) / broad
            r = 1.0 + a * a + b * b
            # A core that is blown out, and the sheen around it.
            light = np.float32(strength * (1.6 / (r * r) + 0.25 / r))
            for k in range(3):
                image[y, x, k] = min(image[y, x, k] + light, np.float32(1.0))
