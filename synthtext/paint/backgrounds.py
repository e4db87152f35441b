"""What lies behind the text: plain colours, gradients, procedural textures and photographs.

Photographs are the starter set in `backgrounds/` and the user's folders. They are decoded when first drawn, at most
PHOTO_SIDE pixels on the longer side, with their halvings, and kept within a bound on memory. Those of the user's
folders are decoded once before, in a probe process, and what was found is kept in an index (`synthtext/index.py`): a
file that is no picture, is cut off, too large or doesn't decode is named and left out, before a sample is drawn.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
from msgspec import Meta

from synthtext.core.errors import InputError
from synthtext.core.kernel import kernel
from synthtext.core.records import Amount, Angle, Number, Part, Positive, Record
from synthtext.core.rng import AHEAD, Draws, Stage, choose, log_uniform, normal, uniform
from synthtext.core.section import params_table, weights_of
from synthtext.paint.background_colours import _FLAT, PALETTES, TONES
from synthtext.paint.colour import RGB, colour
from synthtext.paint.paint_config import BACKGROUND_KINDS, BackgroundConfig
from synthtext.paint.photographs import LINEAR, BackgroundLibrary
from synthtext.paint.textures import KINDS as TEXTURE_KINDS
from synthtext.paint.textures import SIZE, VARIANTS, texture_field

Image = npt.NDArray[np.float32]

KINDS = BACKGROUND_KINDS
assert ("plain", "gradient", *TEXTURE_KINDS, "photo") == KINDS


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


# What the command line prints
