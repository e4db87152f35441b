"""What lies behind the text: plain colours, gradients, procedural textures and photographs.

Photographs are the starter set in `backgrounds/` and the user's folders. They are decoded when first drawn, at most
PHOTO_SIDE pixels on the longer side, with their halvings, and kept within a bound on memory. Those of the user's
folders are decoded once before, in a probe process, and what was found is kept in an index (`synthtext/index.py`): a
file that is no picture, is cut off, too large or doesn't decode is named and left out, before a sample is drawn.
"""

from __future__ import annotations

import functools
import hashlib
import io
import logging
import math
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import cv2
import numpy as np
import numpy.typing as npt
from msgspec import Meta, Struct

from synthtext.core import assets
from synthtext.core.contents import digests_of
from synthtext.core.errors import InputError
from synthtext.core.file_index import Entry, Index, Kind, look_up
from synthtext.core.files import Found, Unfit, files_below, has_suffix, look, read, shown
from synthtext.core.kernel import kernel
from synthtext.core.picture_header import size_in_header
from synthtext.core.records import Amount, Angle, Number, Part, Positive, Record
from synthtext.core.rng import AHEAD, Draws, Stage, choose, log_uniform, normal, uniform
from synthtext.core.section import params_table, weights_of
from synthtext.core.split import NO_SPLIT, SplitConfig, members
from synthtext.paint.colour import RGB, colour
from synthtext.paint.paint_config import BACKGROUND_KINDS, BackgroundConfig
from synthtext.paint.textures import KINDS as TEXTURE_KINDS
from synthtext.paint.textures import SIZE, VARIANTS, pyramid, texture_field

Image = npt.NDArray[np.float32]
Picture = npt.NDArray[np.uint8]

KINDS = BACKGROUND_KINDS
assert ("plain", "gradient", *TEXTURE_KINDS, "photo") == KINDS
PHOTO_SIDE = 768
DECODE_S = 10.0  # of processor time for one: it is decoded again by each worker that draws it
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})

_log = logging.getLogger(__name__)
_named: set[str] = set()  # what was warned of already: a message's presence is the only thing that depends on it


class BackgroundParams(Record, frozen=True):
    """What was drawn for a background.

    `kind`: one of KINDS. `source`: the texture's variant, or the photograph's name in its library.
    `x`, `y`: where the crop lies, as fractions of the room that it has. `scale`: source pixels per line height.
    `angle`: radians; `shear`: of x along y; `mirror`: left and right exchanged.
    `first`, `second`: linear RGB; a gradient's ends (along `angle`), or the colours that a texture's pattern mixes.
    `relief`: how strongly a texture's relief shades it. `gain`: of a photograph's light; `veil`: how much of `first`
    lies over it, as haze or fading does.
    """

    kind: str
    source: int | str = 0
    x: Number = 0.5
    y: Number = 0.5
    scale: Positive = 64.0
    angle: Angle = 0.0
    shear: Annotated[float, Meta(ge=-10.0, le=10.0)] = 0.0
    mirror: bool = False
    first: RGB = (1.0, 1.0, 1.0)
    second: RGB = (1.0, 1.0, 1.0)
    relief: Annotated[float, Meta(ge=0.0, le=10.0)] = 0.0
    gain: Amount = 1.0
    veil: Part = 0.0


class Tone(Struct, frozen=True):
    """A family of colours: ranges of lightness (0 to 100) and saturation (0 to 1); a hue (radians) and its spread."""

    lightness: tuple[float, float]
    saturation: tuple[float, float]
    hue: float = 0.0
    spread: float = math.pi


TONES = {
    "white": Tone((86, 99), (0.0, 0.15), 1.1, 0.6),
    "cream": Tone((76, 95), (0.15, 0.55), 1.1, 0.25),
    "grey": Tone((15, 88), (0.0, 0.06)),
    "black": Tone((3, 22), (0.0, 0.2)),
    "pastel": Tone((62, 90), (0.15, 0.5)),
    "dark": Tone((10, 36), (0.3, 0.95)),
    "any": Tone((8, 92), (0.0, 1.0)),
    "red": Tone((30, 52), (0.75, 1.0), 0.23, 0.12),
    "orange": Tone((52, 70), (0.8, 1.0), 0.55, 0.1),
    "yellow": Tone((74, 90), (0.75, 1.0), 1.25, 0.12),
    "green": Tone((26, 60), (0.55, 1.0), 2.5, 0.3),
    "blue": Tone((20, 55), (0.6, 1.0), -1.85, 0.25),
    "brown": Tone((16, 46), (0.4, 0.85), 0.65, 0.15),
    "oak": Tone((40, 72), (0.35, 0.65), 0.85, 0.15),
    "clay": Tone((28, 55), (0.4, 0.8), 0.42, 0.12),
    "sand": Tone((50, 82), (0.15, 0.4), 0.95, 0.2),
    "slate": Tone((18, 55), (0.02, 0.15), -2.1, 0.5),
}
_FLAT = {
    "white": 22.0,
    "cream": 10.0,
    "grey": 12.0,
    "black": 10.0,
    "pastel": 12.0,
    "dark": 8.0,
    "any": 6.0,
    "red": 4.0,
    "orange": 2.0,
    "yellow": 4.0,
    "green": 3.0,
    "blue": 5.0,
    "brown": 2.0,
}
# By how likely each kind has each family of colours.
PALETTES = {
    "plain": _FLAT,
    "gradient": _FLAT,
    "noise": _FLAT,
    "paper": {"white": 5.0, "cream": 4.0, "sand": 2.0, "grey": 1.0, "pastel": 2.0, "yellow": 0.4, "any": 0.6},
    "fabric": {
        "white": 2.0,
        "cream": 1.5,
        "black": 1.5,
        "dark": 2.0,
        "blue": 1.0,
        "red": 0.7,
        "pastel": 1.5,
        "any": 2.0,
    },
    "wood": {"oak": 5.0, "brown": 4.0, "sand": 1.5, "grey": 1.0, "white": 0.7, "any": 0.6},
    "stone": {"grey": 4.0, "sand": 2.5, "slate": 2.0, "white": 1.5, "black": 1.0, "clay": 0.5},
    "metal": {
        "grey": 5.0,
        "slate": 2.0,
        "white": 1.0,
        "black": 1.0,
        "any": 1.0,
        "yellow": 0.4,
        "blue": 0.4,
        "green": 0.4,
    },
    "plaster": {"white": 4.0, "cream": 3.0, "grey": 2.0, "sand": 2.0, "pastel": 2.0, "clay": 0.7, "any": 0.7},
    "brick": {"clay": 5.0, "sand": 1.5, "brown": 1.5, "white": 1.0, "grey": 1.0, "black": 0.4},
    "tiles": {
        "white": 4.0,
        "grey": 1.5,
        "blue": 1.0,
        "green": 0.7,
        "clay": 1.0,
        "cream": 1.0,
        "black": 0.7,
        "any": 1.5,
    },
}


def _table(names: Sequence[str]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """TONES as rows (ranges of lightness and saturation, hue, spread), and the weights of each kind's palette."""
    tones = np.array([(*tone.lightness, *tone.saturation, tone.hue, tone.spread) for tone in TONES.values()])
    return tones, np.array([weights_of(PALETTES.get(name, _FLAT), list(TONES)) for name in names])


_TONE_ROWS, _PALETTE_ROWS = _table(KINDS)
_PLAIN, _GRADIENT, _PHOTO = KINDS.index("plain"), KINDS.index("gradient"), KINDS.index("photo")
_WOOD, _PAPER, _METAL, _BRICK, _TILES = (KINDS.index(name) for name in ("wood", "paper", "metal", "brick", "tiles"))


def background_params_table(
    config: BackgroundConfig, library: BackgroundLibrary
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], int]:
    """What `sample_background_params` draws from: weights of KINDS, a table of ranges, how many photographs."""
    return weights_of(config.kinds, KINDS), params_table(config.scale, config.contrast), len(library.names)


@kernel
def sample_background_params(u, kinds, table, photos):  # type: ignore[no-untyped-def]
    """The fields of a BackgroundParams, kind and source as numbers. `u`: uniforms, float64 (28,).

    `kinds`, `table`, `photos`: of `background_params_table`.
    """
    kind = choose(kinds, u[0])
    tone = _TONE_ROWS[choose(_PALETTE_ROWS[kind], u[1])]
    lightness, saturation = tone[0] + (tone[1] - tone[0]) * u[2], tone[2] + (tone[3] - tone[2]) * u[3]
    hue = tone[4] + tone[5] * (2.0 * u[4] - 1.0)
    first = colour(lightness, saturation, hue)
    second, white = first, (1.0, 1.0, 1.0)
    if kind == _PLAIN:
        return kind, 0, 0.5, 0.5, 64.0, 0.0, 0.0, False, first, second, 0.0, 1.0, 0.0
    x, y, scale = u[5], u[6], log_uniform(table[0], u[7])
    shear, mirror = normal(u[8], u[9], 0.08), u[10] < 0.5
    if kind == _PHOTO:
        angle = normal(u[11], u[12], 0.06) if u[13] < 0.85 else 2.0 * math.pi * u[11]
        gain = 0.6 * 5.0 ** u[14]
        veil = 0.1 + 0.6 * u[15] if u[16] < 0.25 else 0.0
        if veil == 0.0:
            first, second = white, white
        return kind, int(u[17] * photos), x, y, scale, angle, shear, mirror, first, second, 0.0, gain, veil
    contrast = uniform(table[1], u[11])
    # The second colour is the first, lighter or darker and a little off in hue; where there is no room, the other way.
    step = 100.0 * contrast
    if u[12] < (0.75 if kind in (_WOOD, _PAPER) else 0.5):
        step = -step
    other = lightness + step if 3.0 <= lightness + step <= 98.0 else lightness - step
    change, turn = 0.4 + 0.8 * u[13], normal(u[14], u[15], 0.2)
    if kind == _GRADIENT:
        second = colour(other, min(saturation * change, 1.0), hue + 2.0 * turn)
        return kind, 0, 0.5, 0.5, 64.0, 2.0 * math.pi * u[16], 0.0, False, first, second, 0.0, 1.0, 0.0
    variant = int(u[16] * VARIANTS)
    if kind in (_BRICK, _TILES):  # the pattern's low end is the joint: dull, whatever the blocks' colour
        first = colour(other, 0.3 * saturation * change, hue + turn)
    elif kind == _METAL and variant % 4 == 2:  # its pattern's high end is rust
        second = colour(18.0 + 27.0 * u[17], 0.5 + 0.45 * u[18], 0.5 + normal(u[19], u[20], 0.1))
    else:
        second = colour(other, min(saturation * change, 1.0), hue + turn)
    # Mostly level, as what people build is; sometimes upright; sometimes any way.
    angle = normal(u[21], u[22], 0.03)
    if u[23] > 0.85:
        angle = 2.0 * math.pi * u[24]
    elif u[23] > 0.65 and kind != _BRICK:
        angle += 0.5 * math.pi
    relief = min(2.0 * contrast * (0.6 + 0.7 * u[25]), 1.0)
    return kind, variant, x, y, scale, angle, shear, mirror, first, second, relief, 1.0, 0.0


def background_params(numbers: tuple[Any, ...], library: BackgroundLibrary) -> BackgroundParams:
    """The record of what `sample_background_params` gave."""
    kind, source, *others = numbers
    return BackgroundParams(KINDS[kind], library.names[source] if kind == _PHOTO else source, *others)


def draw_background(draws: Draws, config: BackgroundConfig, library: BackgroundLibrary) -> BackgroundParams:
    """Draw a background. `library`: what `load_library(config)` gave."""
    u = draws.take(AHEAD[Stage.BACKGROUND])
    return background_params(sample_background_params(u, *background_params_table(config, library)), library)


def apply_background(
    record: BackgroundParams,
    library: BackgroundLibrary,
    height: int,
    width: int,
    line_height: float,
    aspect: float = 1.0,
) -> Image:
    """Render a background: float32 (height, width, 3), linear light in [0, 1].

    `line_height`: of the text, in output pixels down. `aspect`: output pixels that a length takes across, per output
    pixel that it takes down; 1 unless the picture is stretched.

    Raises InputError for a kind, variant or photograph that there isn't.
    """
    out = np.empty((height, width, 3), np.float32)
    kind = record.kind
    if kind in ("plain", "gradient"):
        c, s = math.cos(record.angle), math.sin(record.angle)
        span = max(abs(c) * width + abs(s) * height, 1.0)
        ramp = (c / span, s / span, 0.5 + (0.5 * (c + s) - 0.5 * (c * width + s * height)) / span)
        fill_gradient(out, np.array((*record.first, *record.second, *ramp), np.float32))
        return out
    if kind != "photo" and kind not in TEXTURE_KINDS:
        raise InputError(f"unknown background {kind!r}: the kinds are {', '.join(KINDS)}")
    crop = record.x, record.y, record.scale / line_height, record.angle, record.shear, record.mirror
    if kind == "photo":
        levels, mean = library.photo(str(record.source))
        rows, columns = levels[0].shape[:2]
        level, place = _place_photo(*crop, aspect, rows, columns, len(levels), height, width)
        gain = min(record.gain, max(1.0, 0.6 / mean))
        clear = gain * (1.0 - record.veil)
        paint = np.array((clear, *(record.veil * v for v in record.first)), np.float32)
        sample_photo(out, levels[level], LINEAR, place, paint)
        return out
    levels = texture_field(kind, int(record.source))
    level, place = _place_texture(*crop, aspect, len(levels), height, width)
    sample_texture(out, levels[level], place, np.array((*record.first, *record.second, record.relief), np.float32))
    return out


@kernel
def _matrix(angle, shear, mirror, across, down):  # type: ignore[no-untyped-def]
    """Source pixels that one output pixel right, and one down, move: (x by x, x by y, y by x, y by y)."""
    c, s = math.cos(angle), math.sin(angle)
    if mirror:
        across = -across
    return c * across, (c * shear - s) * down, s * across, (s * shear + c) * down


@kernel
def _level(ratio, levels):  # type: ignore[no-untyped-def]
    """The halving whose pixels are nearest to the output's, for `ratio` source pixels per output pixel."""
    level = 0
    while level < levels - 1 and ratio > 1.4142135623730951:
        ratio *= 0.5
        level += 1
    return level


@kernel
def _fixed(x, y, matrix, level, height, width):  # type: ignore[no-untyped-def]
    """The affine map from output pixels to a level's indices, in 1 / 65536: (u, v at the first pixel, a, b, c, d).

    (x, y): the source's point at the output's centre, source pixels of level 0. `matrix`: (a, b, c, d) of `_matrix`.
    """
    a, b, c, d = matrix
    unit = 65536.0 / (1 << level)
    right, below = 0.5 * (width - 1), 0.5 * (height - 1)
    u = (x - a * right - b * below) * unit - 32768.0
    v = (y - c * right - d * below) * unit - 32768.0
    return round(u), round(v), round(a * unit), round(b * unit), round(c * unit), round(d * unit)


@kernel
def _place_photo(  # type: ignore[no-untyped-def]
    x, y, down, angle, shear, mirror, aspect, rows, columns, levels, height, width
):
    """The level of a photograph of rows x columns pixels that is taken, and the crop in it as of `_fixed`.

    `x` ... `mirror`: of the record, but `down`, source pixels per output pixel down. `aspect`: see `apply_background`.
    """
    a, b, c, d = _matrix(angle, shear, mirror, down / aspect, down)
    reach_x, reach_y = abs(a) * width + abs(b) * height, abs(c) * width + abs(d) * height
    # Rather a smaller piece than one that runs over the photograph's edge, as long as its pixels aren't blown up.
    fit = max(min(1.0, (columns - 2) / reach_x, (rows - 2) / reach_y), min(1.0, 1.0 / down))
    room_x, room_y = columns - fit * reach_x, rows - fit * reach_y
    x = 0.5 * fit * reach_x + x * room_x if room_x > 0.0 else x * columns
    y = 0.5 * fit * reach_y + y * room_y if room_y > 0.0 else y * rows
    level = _level(fit * down / math.sqrt(aspect), levels)
    return level, _fixed(x, y, (fit * a, fit * b, fit * c, fit * d), level, height, width)


@kernel
def _place_texture(x, y, down, angle, shear, mirror, aspect, levels, height, width):  # type: ignore[no-untyped-def]
    """The same of a texture, which has no edge."""
    down = min(down, max(1.0, 1.5 * SIZE / max(width, height)))  # more repeats than that would show
    level = _level(down / math.sqrt(aspect), levels)
    matrix = _matrix(angle, shear, mirror, down / aspect, down)
    return level, _fixed(x * SIZE, y * SIZE, matrix, level, height, width)


def _linear_table() -> Image:
    table = np.empty(4096, np.float32)
    for i in range(4096):
        v = min(i / (255.0 * 16.0), 1.0)
        table[i] = v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4
    table.setflags(write=False)
    return table


# sRGB (IEC 61966-2-1) in steps of 1 / 16 of a code, to linear light.
LINEAR = _linear_table()


@kernel
def fill_gradient(out, paint):  # type: ignore[no-untyped-def]
    """A linear gradient into `out`, float32 (H, W, 3).

    `paint`: float32 (9,): the first colour, the second, and (a, b, c) of the mix a x + b y + c, clipped to [0, 1].
    """
    height, width = out.shape[0], out.shape[1]
    r, g, b = paint[0], paint[1], paint[2]
    dr, dg, db = paint[3] - r, paint[4] - g, paint[5] - b
    if dr == 0.0 and dg == 0.0 and db == 0.0:
        for x in range(width):
            out[0, x, 0], out[0, x, 1], out[0, x, 2] = r, g, b
        for y in range(1, height):
            out[y] = out[0]
        return
    for y in range(height):
        at = paint[7] * np.float32(y) + paint[8]
        for x in range(width):
            t = min(max(paint[6] * np.float32(x) + at, np.float32(0)), np.float32(1))
            out[y, x, 0] = r + dr * t
            out[y, x, 1] = g + dg * t
            out[y, x, 2] = b + db * t


@kernel
def sample_texture(out, texture, place, paint):  # type: ignore[no-untyped-def]
    """Sample a texture that wraps around, bilinearly, into `out`, float32 (H, W, 3), linear light.

    `texture`: uint8 (S, S, 2), S a power of two. `place`: six integers, as `_fixed` makes them.
    `paint`: float32 (7,): the first colour, the second, and the strength of the relief.
    """
    height, width = out.shape[0], out.shape[1]
    size = texture.shape[0]
    mask = np.uint64(size - 1)
    stride = np.uint64(2 * size)
    flat = texture.reshape(-1)
    u0, v0, a, b, c, d = place[0], place[1], place[2], place[3], place[4], place[5]
    # Pattern and relief come with 16 bits of fraction.
    step = np.float32(1.0 / (255.0 * 65536.0))
    r0, g0, b0 = paint[0], paint[1], paint[2]
    r1, g1, b1 = (paint[3] - r0) * step, (paint[4] - g0) * step, (paint[5] - b0) * step
    slope = paint[6] * np.float32(1.0 / (128.0 * 65536.0))
    base = np.float32(1) - paint[6]
    zero, one = np.float32(0), np.float32(1)
    for y in range(height):
        u, v = u0 + b * y, v0 + d * y
        for x in range(width):
            i, j = np.uint64(u >> 16) & mask, np.uint64(v >> 16) & mask
            fu, fv = np.int32((u >> 8) & 255), np.int32((v >> 8) & 255)
            i2, j = np.uint64(2) * ((i + np.uint64(1)) & mask), stride * j
            j2 = (j + stride) & (stride * mask + stride - np.uint64(1))
            i = np.uint64(2) * i
            w11 = fu * fv
            w10, w01 = (fu << 8) - w11, (fv << 8) - w11
            w00 = 65536 - w11 - w10 - w01
            p, q, s, t = j + i, j + i2, j2 + i, j2 + i2
            one_ = np.uint64(1)
            mix = np.float32(np.int32(flat[p] * w00 + flat[q] * w10 + flat[s] * w01 + flat[t] * w11))
            light = np.float32(
                np.int32(flat[p + one_] * w00 + flat[q + one_] * w10 + flat[s + one_] * w01 + flat[t + one_] * w11)
            )
            light = base + slope * light
            out[y, x, 0] = min(max((r0 + r1 * mix) * light, zero), one)
            out[y, x, 1] = min(max((g0 + g1 * mix) * light, zero), one)
            out[y, x, 2] = min(max((b0 + b1 * mix) * light, zero), one)
            u += a
            v += c


@kernel
def sample_photo(out, photo, table, place, paint):  # type: ignore[no-untyped-def]
    """Sample a photograph, mirrored at its edges, bilinearly, into `out`, float32 (H, W, 3), linear light.

    `photo`: uint8 (h, w, 3), sRGB. `table`: float32 (4096,), LINEAR. `place`: six integers, as `_fixed` makes them.
    `paint`: float32 (4,): a gain, and the linear RGB that is added; the sum is clipped at 1.
    """
    height, width = out.shape[0], out.shape[1]
    rows, columns = photo.shape[0], photo.shape[1]
    flat = photo.reshape(-1)
    u0, v0, a, b, c, d = place[0], place[1], place[2], place[3], place[4], place[5]
    gain, red, green, blue = paint[0], paint[1], paint[2], paint[3]
    one = np.float32(1)
    right, below = width - 1, height - 1
    low_u, high_u = u0 + min(a * right, 0) + min(b * below, 0), u0 + max(a * right, 0) + max(b * below, 0)
    low_v, high_v = v0 + min(c * right, 0) + min(d * below, 0), v0 + max(c * right, 0) + max(d * below, 0)
    inside = low_u >= 0 and low_v >= 0 and (high_u >> 16) < columns - 1 and (high_v >> 16) < rows - 1
    # Where it reaches over an edge: each index's mirror image, looked up.
    first_u, first_v = low_u >> 16, low_v >> 16
    fold_u = np.empty(0 if inside else (high_u >> 16) - first_u + 2, np.int64)
    fold_v = np.empty(0 if inside else (high_v >> 16) - first_v + 2, np.int64)
    for k in range(fold_u.shape[0]):
        i = (k + first_u) % (2 * columns)
        fold_u[k] = min(i, 2 * columns - 1 - i)
    for k in range(fold_v.shape[0]):
        j = (k + first_v) % (2 * rows)
        fold_v[k] = min(j, 2 * rows - 1 - j)
    for y in range(height):
        u, v = u0 + b * y, v0 + d * y
        for x in range(width):
            i, j = u >> 16, v >> 16
            i2, j2 = i + 1, j + 1
            if not inside:
                i2, j2 = fold_u[i2 - first_u], fold_v[j2 - first_v]
                i, j = fold_u[i - first_u], fold_v[j - first_v]
            fu, fv = np.int32((u >> 8) & 255), np.int32((v >> 8) & 255)
            w11 = fu * fv
            w10, w01 = (fu << 8) - w11, (fv << 8) - w11
            w00 = 65536 - w11 - w10 - w01
            p, q = np.uint64(3 * (j * columns + i)), np.uint64(3 * (j * columns + i2))
            s, t = np.uint64(3 * (j2 * columns + i)), np.uint64(3 * (j2 * columns + i2))
            o = np.uint64(1)
            value = table[np.uint64((flat[p] * w00 + flat[q] * w10 + flat[s] * w01 + flat[t] * w11) >> 12)]
            out[y, x, 0] = min(value * gain + red, one)
            value = table[
                np.uint64((flat[p + o] * w00 + flat[q + o] * w10 + flat[s + o] * w01 + flat[t + o] * w11) >> 12)
            ]
            out[y, x, 1] = min(value * gain + green, one)
            o = np.uint64(2)
            value = table[
                np.uint64((flat[p + o] * w00 + flat[q + o] * w10 + flat[s + o] * w01 + flat[t + o] * w11) >> 12)
            ]
            out[y, x, 2] = min(value * gain + blue, one)
            u += a
            v += c


@kernel
def shrink(image, height, width):  # type: ignore[no-untyped-def]
    """Area-averaged: uint8 (H, W, 3) to (height, width, 3), no larger. In integers: exact, and the same everywhere."""
    rows, columns = image.shape[0], image.shape[1]
    out = np.empty((height, width, 3), np.uint8)
    total = rows * columns
    sums = np.empty((width, 3), np.int64)
    for y in range(height):
        sums[:] = 0
        # In units of 1 / height of a source row: this output row spans [y * rows, (y + 1) * rows).
        top, bottom = y * rows, (y + 1) * rows
        for j in range(top // height, (bottom + height - 1) // height):
            tall = min(bottom, (j + 1) * height) - max(top, j * height)
            for x in range(width):
                left, right = x * columns, (x + 1) * columns
                r, g, b = np.int64(0), np.int64(0), np.int64(0)
                for i in range(left // width, (right + width - 1) // width):
                    wide = min(right, (i + 1) * width) - max(left, i * width)
                    r += wide * image[j, i, 0]
                    g += wide * image[j, i, 1]
                    b += wide * image[j, i, 2]
                sums[x, 0] += tall * r
                sums[x, 1] += tall * g
                sums[x, 2] += tall * b
        for x in range(width):
            for c in range(3):
                out[y, x, c] = np.uint8((sums[x, c] + total // 2) // total)
    return out


class Photo(Struct, frozen=True):
    """A photograph that was listed: its path, its size by its header (before EXIF turns it); is it a JPEG; the SHA-256
    of its bytes, hex."""

    path: str
    bytes: int
    width: int
    height: int
    jpeg: bool
    sha256: str = ""


class BackgroundLibrary:
    """The photographs that may be drawn.

    `names`: of the photographs, sorted: `<folder's name>/<path inside>`, the same wherever the folder lies.
    `skipped`: (path, reason) of the files that were left out.
    """

    def __init__(
        self, photos: dict[str, Photo], skipped: tuple[tuple[str, str], ...] = (), memory_mb: int = 96
    ) -> None:
        self.names = tuple(sorted(photos))
        self.skipped = skipped
        self._photos = photos
        self._limit = memory_mb << 20
        self._held = 0
        self._cache: OrderedDict[str, tuple[tuple[Picture, ...], float, int]] = OrderedDict()
        self._words: dict[str, tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64]]] = {}

    @functools.cached_property
    def digest(self) -> str:
        """SHA-256, hex, of the photographs' names and of their files' bytes: what a sample relies on."""
        files = digests_of(photo.path for photo in self._photos.values())
        rows = (f"{name}\t{files[self._photos[name].path]}\n" for name in self.names)
        return hashlib.sha256("".join(rows).encode()).hexdigest()

    @property
    def photos(self) -> list[tuple[str, Photo]]:
        """Every photograph by its name, sorted."""
        return [(name, self._photos[name]) for name in self.names]

    def photo(self, name: str) -> tuple[tuple[Picture, ...], float]:
        """The photograph's halvings, uint8 (h, w, 3) sRGB each, and its mean light in (0, 1].

        Raises InputError for an unknown name, and for a file that was changed since it was listed and doesn't decode.
        """
        entry = self._cache.get(name)
        if entry is not None:
            self._cache.move_to_end(name)
            return entry[0], entry[1]
        if name not in self._photos:
            raise InputError(f"photograph {name!r} is not in the library; add its folder to paint.background.folders")
        photo = self._photos[name]
        try:
            picture = _decode(read(photo.path), photo.width, photo.height, photo.jpeg)
        except (Unfit, ValueError) as error:
            raise InputError(
                f"photograph {shown(photo.path)} cannot be read any more ({error}); was it changed while in use?"
            ) from None
        levels = pyramid(picture)
        small = levels[-1]
        mean = float(LINEAR[int(small.sum(dtype=np.int64)) * 16 // small.size]) + 1e-3
        size = sum(level.nbytes for level in levels)
        self._cache[name] = (levels, mean, size)
        self._held += size
        while self._held > self._limit and len(self._cache) > 1:
            old, (_, _, freed) = self._cache.popitem(last=False)
            self._words.pop(old, None)
            self._held -= freed
        return levels, mean

    def photo_words(self, name: str) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64], float]:
        """The photograph for kernels: its halvings' pixels, red + 256 green + 65536 blue, one after the other; of each
        (where it begins, rows, columns), int64 (n, 3); and its mean light. Raises InputError as `photo`.
        """
        levels, mean = self.photo(name)
        words = self._words.get(name)
        if words is None:
            pixels = [level.astype(np.uint32) @ np.array((1, 256, 65536), np.uint32) for level in levels]
            starts = np.cumsum([0, *(part.size for part in pixels)])
            table = np.array([(start, *part.shape) for start, part in zip(starts.tolist(), pixels, strict=False)])
            words = self._words[name] = np.concatenate([part.ravel() for part in pixels]), table
            self._cache[name] = (levels, mean, self._cache[name][2] + words[0].nbytes)
            self._held += words[0].nbytes
        return *words, mean


def load_library(config: BackgroundConfig, split: SplitConfig = NO_SPLIT) -> BackgroundLibrary:
    """List the photographs that `config` names, of the split: from the index, where it knows them.

    Raises InputError for a folder that is missing or holds no picture, and where photographs are wanted and there are
    none.
    """
    photos: dict[str, Photo] = {}
    skipped: list[tuple[str, str]] = []
    taken: set[str] = set()
    ours = [assets.folder("backgrounds") / "photos"] if config.starter else []
    roots = ours + [Path(assets.resolve(folder, "backgrounds")).expanduser() for folder in config.folders]
    for root in roots:
        if not root.is_dir():
            raise InputError(f"paint.background.folders: {str(root)!r} does not exist or is not a folder; give one")
        prefix, number = root.resolve().name, 2
        while prefix in taken:
            prefix, number = f"{root.resolve().name}~{number}", number + 1
        taken.add(prefix)
        found = _list(root, prefix, skipped, root in ours)
        if not found:
            unread = ""
            if skipped:
                name, reason = skipped[-1]
                unread = f"; {len(skipped)} could not be read ({shown(name)} {reason})"
            raise InputError(
                f"paint.background.folders: {str(root)!r} holds no picture that can be read{unread}; give a folder of "
                "pictures"
            )
        photos.update(found)
    if config.kinds.get("photo", 0.0) > 0.0 and not photos:
        raise InputError(
            "paint.background.kinds: 'photo' has a weight, but there are no photographs: "
            "set starter: true, name a folder in paint.background.folders, or take 'photo' out"
        )
    for path, reason in skipped:
        _name_once(path, reason)
    if photos:
        kept = members(split, "backgrounds", photos)
        photos = {name: photo for name, photo in photos.items() if name in kept}
    return BackgroundLibrary(photos, tuple(skipped), config.memory_mb)


class PictureSize(Struct, frozen=True, array_like=True):
    """What the index holds of a picture: its size by its header; is it a JPEG."""

    width: int
    height: int
    jpeg: bool


def _look_at(path: str, decoded: bool) -> Entry[PictureSize]:
    found, digest = Found(path, 0, 0, 0), ""
    try:
        found = look(path)
        data = read(path)
        digest = hashlib.sha256(data).hexdigest()
        size = picture_size(io.BytesIO(data))
        if decoded:
            _decode(data, *size)
        return Entry(*found[1:], digest, content=PictureSize(*size))
    except (Unfit, ValueError) as error:
        return Entry(*found[1:], digest, str(error))


def read_header(path: str) -> Entry[PictureSize]:
    """What a picture's header and end say, or why it is of no use."""
    return _look_at(path, False)


def read_picture(path: str) -> Entry[PictureSize]:
    """The same of a picture that was decoded, too."""
    return _look_at(path, True)


_VERSION = f"1/{cv2.__version__}"
PICTURES = Kind("pictures", _VERSION, Index[PictureSize], read_picture, lambda path: DECODE_S)
_OURS = Kind("starter-pictures", _VERSION, Index[PictureSize], read_header)


def _list(root: Path, prefix: str, skipped: list[tuple[str, str]], ours: bool) -> dict[str, Photo]:
    listing = files_below(root, has_suffix(SUFFIXES))
    entries = look_up(_OURS if ours else PICTURES, root.resolve(), listing.files, trusted=ours)
    troubles = list(listing.left_out)
    photos: dict[str, Photo] = {}
    for name, entry in entries.items():
        path, size = listing.files[name].path, entry.content
        if size is None:
            troubles.append((path, entry.problem))
        else:
            photos[f"{prefix}/{name}"] = Photo(path, entry.size, size.width, size.height, size.jpeg, entry.sha256)
    skipped += [(path, r if r.startswith(("it ", "its ")) else f"it {r}") for path, r in sorted(troubles)]
    return photos


def _name_once(path: str, reason: str) -> None:
    if path not in _named:
        _named.add(path)
        _log.warning("background %s is left out: %s", shown(path), reason)


def _decode(data: bytes, width: int, height: int, jpeg: bool) -> Picture:
    """The photograph as RGB uint8, at most PHOTO_SIDE long. Raises ValueError where it can't be decoded.

    `width`, `height`, `jpeg`: as `picture_size` gives them.
    """
    flags = cv2.IMREAD_COLOR
    if jpeg:  # a JPEG can be decoded at a half, a quarter or an eighth of its size at a part of the cost
        room = max(width, height) // PHOTO_SIDE
        if room >= 2:
            flags = (
                cv2.IMREAD_REDUCED_COLOR_8
                if room >= 8
                else cv2.IMREAD_REDUCED_COLOR_4
                if room >= 4
                else cv2.IMREAD_REDUCED_COLOR_2
            )
    try:
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error as error:
        raise ValueError(f"it cannot be decoded ({error.err})") from None
    if picture is None or min(picture.shape[:2]) < 2:
        raise ValueError("it cannot be decoded")
    rgb: Picture = np.ascontiguousarray(picture[:, :, ::-1], np.uint8)
    height, width = rgb.shape[:2]
    longer = max(height, width)
    if longer <= PHOTO_SIDE:
        return rgb
    # A very long strip keeps a width of 2.
    result: Picture = shrink(rgb, max(2, height * PHOTO_SIDE // longer), max(2, width * PHOTO_SIDE // longer))
    return result


def picture_size(file: BinaryIO) -> tuple[int, int, bool]:
    """(width, height, is it a JPEG) of a JPEG, PNG, WebP, BMP or TIFF file, by its header; it isn't decoded.

    Raises ValueError where the file is none of these, is cut off, or has more than MAX_PIXELS pixels or a side under 8.
    """
    width, height, jpeg = size_in_header(file)
    if min(width, height) < 8:
        raise ValueError(f"it has {width} x {height} pixels; 8 a side are needed")
    return width, height, jpeg


# What the command line prints


def list_table(library: BackgroundLibrary) -> str:
    """One line a photograph: name, size, bytes."""
    rows = [(name, f"{p.width} x {p.height}", f"{p.bytes:,}") for name, p in library.photos]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [f"{name:<{widths[0]}}  {size:<{widths[1]}}  {count:>{widths[2]}}" for name, size, count in rows]
    return "\n".join([*lines, f"{len(rows)} photographs"])
