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
from synthtext.core.kernel import kernel, part
from synthtext.core.pointers import int64_at, uint16_at, uint32_at
from synthtext.core.records import Amount, Angle, Number, Part, Positive, Record
from synthtext.core.rng import AHEAD, Draws, Stage, choose, log_uniform, normal, uniform
from synthtext.core.section import params_table, weights_of
from synthtext.paint.background_colours import _FLAT, PALETTES, TONES
from synthtext.paint.colour import RGB, colour
from synthtext.paint.composite import to_pixels
from synthtext.paint.paint_config import BACKGROUND_KINDS, BackgroundConfig
from synthtext.paint.photographs import LINEAR, BackgroundLibrary
from synthtext.paint.textures import KINDS as TEXTURE_KINDS
from synthtext.paint.textures import SIZE, VARIANTS, texture_words

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
def sample_background_params(u, kinds, table, photos):
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
    row, held = background_row(record, library)
    out = np.empty((height, width, 3), np.float32)
    _background_pixels(np.array([row], BACKGROUND), line_height, aspect, LINEAR, out)
    del held
    return out


#: A BackgroundParams as a row that kernels take: its fields, `kind` a number, and of a texture or photograph the
#: address of its texels (`texture_words`, `BackgroundLibrary.photo_words`) and of their table, how many levels that
#: has, and the mean light. It holds as long as the arrays do.
BACKGROUND = np.dtype(
    [
        *((name, np.int64) for name in ("kind", "texels", "table", "levels", "mirror")),
        *((name, np.float64) for name in ("mean", "x", "y", "scale", "angle", "shear", "relief", "gain", "veil")),
        ("first", np.float64, 3),
        ("second", np.float64, 3),
    ]
)
NO_BACKGROUND = (0,) * 5 + (0.0,) * 9 + ((0.0,) * 3,) * 2


def background_row(record: BackgroundParams, library: BackgroundLibrary) -> tuple[tuple[Any, ...], Any]:
    """The row of a record, and what must be held for as long as it is used.

    Raises InputError for a kind, variant or photograph that there isn't.
    """
    kind, held = record.kind, None
    texels, table, levels, mean = 0, 0, 0, 1.0
    if kind not in KINDS:
        raise InputError(f"unknown background {kind!r}: the kinds are {', '.join(KINDS)}")
    if kind not in ("plain", "gradient"):
        held = library.photo_words(str(record.source)) if kind == "photo" else texture_words(kind, int(record.source))
        texels, table, levels, mean = held.texels, held.table, held.levels, held.mean
    return (
        KINDS.index(kind),
        texels,
        table,
        levels,
        record.mirror,
        mean,
        record.x,
        record.y,
        record.scale,
        record.angle,
        record.shear,
        record.relief,
        record.gain,
        record.veil,
        record.first,
        record.second,
    ), held


@kernel
def paint_background(planes, row, line_height, aspect, linear):
    """A background into `planes`, float32 (H, 3, W). `row`: of BACKGROUND; `linear`: LINEAR; the rest:
    `apply_background`.
    """
    height, width = planes.shape[0], planes.shape[2]
    paint = np.empty(9, np.float32)
    for k in range(3):
        paint[k], paint[3 + k] = row.first[k], row.second[k]
    if row.kind == _PLAIN or row.kind == _GRADIENT:
        c, s = math.cos(row.angle), math.sin(row.angle)
        span = max(abs(c) * width + abs(s) * height, 1.0)
        paint[6], paint[7] = c / span, s / span
        paint[8] = 0.5 + (0.5 * (c + s) - 0.5 * (c * width + s * height)) / span
        fill_gradient(planes, paint)
        return
    down, mirror = row.scale / line_height, row.mirror != 0
    table = int64_at(row.table, 3 * row.levels)
    if row.kind == _PHOTO:
        level, place = _place_photo(
            row.x, row.y, down, row.angle, row.shear, mirror, aspect, table[1], table[2], row.levels, height, width
        )
        gain = min(row.gain, max(1.0, 0.6 / row.mean))
        paint[0] = gain * (1.0 - row.veil)
        for k in range(3):
            paint[1 + k] = row.veil * row.first[k]
        rows, columns = table[3 * level + 1], table[3 * level + 2]
        words = uint32_at(row.texels + 4 * table[3 * level], rows * columns)
        sample_photo(planes, words.reshape(rows, columns), linear, place, paint)
        return
    level, place = _place_texture(row.x, row.y, down, row.angle, row.shear, mirror, aspect, row.levels, height, width)
    size = table[3 * level + 1]
    texels = uint16_at(row.texels + 2 * table[3 * level], size * size)
    paint[6] = row.relief
    sample_texture(planes, texels.reshape(size, size), place, paint)


@kernel
def _background_pixels(rows, line_height, aspect, linear, out):
    """The background of the one row into `out`, float32 (H, W, 3)."""
    planes = np.empty((out.shape[0], 3, out.shape[1]), np.float32)
    paint_background(planes, rows[0], line_height, aspect, linear)
    to_pixels(planes, out)


@kernel
def _matrix(angle, shear, mirror, across, down):
    """Source pixels that one output pixel right, and one down, move: (x by x, x by y, y by x, y by y)."""
    c, s = math.cos(angle), math.sin(angle)
    if mirror:
        across = -across
    return c * across, (c * shear - s) * down, s * across, (s * shear + c) * down


@kernel
def _level(ratio, levels):
    """The halving whose pixels are nearest to the output's, for `ratio` source pixels per output pixel."""
    level = 0
    while level < levels - 1 and ratio > 1.4142135623730951:
        ratio *= 0.5
        level += 1
    return level


@kernel
def _fixed(x, y, matrix, level, height, width):
    """The affine map from output pixels to a level's indices, in 1 / 65536: (u, v at the first pixel, a, b, c, d).

    (x, y): the source's point at the output's centre, source pixels of level 0. `matrix`: (a, b, c, d) of `_matrix`.
    """
    a, b, c, d = matrix
    unit = 65536.0 / (1 << level)
    right, below = 0.5 * (width - 1), 0.5 * (height - 1)
    u = (x - a * right - b * below) * unit - 32768.0
    v = (y - c * right - d * below) * unit - 32768.0
    return round(u), round(v), round(a * unit), round(b * unit), round(c * unit), round(d * unit)


@part
def _place_photo(x, y, down, angle, shear, mirror, aspect, rows, columns, levels, height, width):
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


@part
def _place_texture(x, y, down, angle, shear, mirror, aspect, levels, height, width):
    """The same of a texture, which has no edge."""
    down = min(down, max(1.0, 1.5 * SIZE / max(width, height)))  # more repeats than that would show
    level = _level(down / math.sqrt(aspect), levels)
    matrix = _matrix(angle, shear, mirror, down / aspect, down)
    return level, _fixed(x * SIZE, y * SIZE, matrix, level, height, width)


@kernel
def fill_gradient(planes, paint):
    """A linear gradient into `planes`, float32 (H, 3, W).

    `paint`: float32 (9,): the first colour, the second, and (a, b, c) of the mix a x + b y + c, clipped to [0, 1].
    """
    height, width = planes.shape[0], planes.shape[2]
    if paint[3] == paint[0] and paint[4] == paint[1] and paint[5] == paint[2]:
        for y in range(height):
            for k in range(3):
                planes[y, k, :] = paint[k]
        return
    mix = np.empty(width, np.float32)
    for y in range(height):
        at = paint[7] * np.float32(y) + paint[8]
        for x in range(width):
            mix[x] = min(max(paint[6] * np.float32(x) + at, np.float32(0)), np.float32(1))
        for k in range(3):
            row, start, change = planes[y, k], paint[k], paint[3 + k] - paint[k]
            for x in range(width):
                row[x] = start + change * mix[x]


# The kernels below work on a row in steps, each a loop over plain arrays that fills vector registers: where four
# neighbouring texels lie, the texels, their mixture, the colours.


@kernel
def _texels_around(near, right, below, beyond, fx, fy, u, v, a, c, mask, shift):
    """Of each pixel of a row, where the four texels around it lie in a texture that wraps, and 8 bits of fraction."""
    for x in range(fx.shape[0]):
        uu, vv = np.int32(u + a * x), np.int32(v + c * x)
        i, j = (uu >> 16) & mask, (vv >> 16) & mask
        i2, j2 = (i + 1) & mask, ((j + 1) & mask) << shift
        j = j << shift
        near[x], right[x], below[x], beyond[x] = j | i, j | i2, j2 | i, j2 | i2
        fx[x], fy[x] = (uu >> 8) & 255, (vv >> 8) & 255


@kernel
def _fetch(flat, near, right, below, beyond, p, q, s, t):
    """The texels at four places each."""
    for x in range(near.shape[0]):
        p[x], q[x] = flat[np.uint32(near[x])], flat[np.uint32(right[x])]
    for x in range(near.shape[0]):
        s[x], t[x] = flat[np.uint32(below[x])], flat[np.uint32(beyond[x])]


@kernel
def _mixed(p, q, s, t, fx, fy, bits, out):
    """The byte of four texels that begins at `bits`, mixed by their fractions, with 16 bits of fraction."""
    for x in range(out.shape[0]):
        w11 = np.int32(fx[x] * fy[x])
        w10, w01 = np.int32((fx[x] << 8) - w11), np.int32((fy[x] << 8) - w11)
        w00 = np.int32(65536 - w11 - w10 - w01)
        near, right = np.int32((p[x] >> bits) & 255), np.int32((q[x] >> bits) & 255)
        below, beyond = np.int32((s[x] >> bits) & 255), np.int32((t[x] >> bits) & 255)
        out[x] = np.int32(near * w00 + right * w10 + below * w01 + beyond * w11)


@kernel
def _shaded(row, mix, light, start, change, base, slope):
    for x in range(row.shape[0]):
        value = (start + change * np.float32(mix[x])) * (base + slope * np.float32(light[x]))
        row[x] = min(max(value, np.float32(0)), np.float32(1))


@kernel
def sample_texture(planes, texture, place, paint):
    """Sample a texture that wraps around, bilinearly, into `planes`, float32 (H, 3, W), linear light.

    `texture`: uint16 (S, S), S a power of two, pattern + 256 relief. `place`: six integers, as `_fixed` makes them.
    `paint`: float32 (7 or more,): the first colour, the second, and the strength of the relief.
    """
    height, width = planes.shape[0], planes.shape[2]
    size = texture.shape[0]
    flat = texture.reshape(-1)
    mask, shift = np.int32(size - 1), np.int32(0)
    while (1 << shift) < size:
        shift = np.int32(shift + 1)
    u0, v0, a, b, c, d = place[0], place[1], place[2], place[3], place[4], place[5]
    places = np.empty((4, width), np.int32)
    texels = np.empty((4, width), np.uint16)
    fx, fy = np.empty(width, np.int32), np.empty(width, np.int32)
    mix, light = np.empty(width, np.int32), np.empty(width, np.int32)
    # Pattern and relief come with 16 bits of fraction.
    step = np.float32(1.0 / (255.0 * 65536.0))
    slope = paint[6] * np.float32(1.0 / (128.0 * 65536.0))
    base = np.float32(1) - paint[6]
    for y in range(height):
        _texels_around(
            places[0], places[1], places[2], places[3], fx, fy,
            np.int32(u0 + b * y), np.int32(v0 + d * y), np.int32(a), np.int32(c), mask, shift,
        )  # fmt: skip
        _fetch(flat, places[0], places[1], places[2], places[3], texels[0], texels[1], texels[2], texels[3])
        _mixed(texels[0], texels[1], texels[2], texels[3], fx, fy, np.uint16(0), mix)
        _mixed(texels[0], texels[1], texels[2], texels[3], fx, fy, np.uint16(8), light)
        for k in range(3):
            _shaded(planes[y, k], mix, light, paint[k], (paint[3 + k] - paint[k]) * step, base, slope)


@kernel
def _pixels_around(near, right, below, beyond, fx, fy, u, v, a, c, columns):
    """`_texels_around` of a photograph of so many columns, no pixel of whose crop lies beyond an edge."""
    for x in range(fx.shape[0]):
        uu, vv = np.int32(u + a * x), np.int32(v + c * x)
        at = np.int32((vv >> 16) * columns + (uu >> 16))
        near[x], right[x] = at, np.int32(at + 1)
        below[x], beyond[x] = np.int32(at + columns), np.int32(at + columns + 1)
        fx[x], fy[x] = (uu >> 8) & 255, (vv >> 8) & 255


@kernel
def _mirrored_around(near, right, below, beyond, fx, fy, u, v, a, c, columns, fold_u, fold_v, first_u, first_v):
    """The same, mirrored at the edges: `fold_u`, `fold_v`, the mirror images of the indices from the first on."""
    for x in range(fx.shape[0]):
        uu, vv = u + a * x, v + c * x
        i, j = (uu >> 16) - first_u, (vv >> 16) - first_v
        i1, i2, j1, j2 = fold_u[i], fold_u[i + 1], fold_v[j] * columns, fold_v[j + 1] * columns
        near[x], right[x], below[x], beyond[x] = j1 + i1, j1 + i2, j2 + i1, j2 + i2
        fx[x], fy[x] = (uu >> 8) & 255, (vv >> 8) & 255


@kernel
def _lit(row, codes, table, gain, more):
    """Codes with 16 bits of fraction as linear light, times `gain`, and `more`."""
    for x in range(row.shape[0]):
        row[x] = min(table[np.uint32(codes[x] >> 12)] * gain + more, np.float32(1))


@kernel
def sample_photo(planes, photo, table, place, paint):
    """Sample a photograph, mirrored at its edges, bilinearly, into `planes`, float32 (H, 3, W), linear light.

    `photo`: uint32 (h, w), sRGB, red + 256 green + 65536 blue. `table`: float32 (4096,), LINEAR. `place`: six integers,
    as `_fixed` makes them. `paint`: float32 (4 or more,): a gain, and the linear RGB that is added; the sum is clipped
    at 1.
    """
    height, width = planes.shape[0], planes.shape[2]
    rows, columns = photo.shape[0], photo.shape[1]
    flat = photo.reshape(-1)
    u0, v0, a, b, c, d = place[0], place[1], place[2], place[3], place[4], place[5]
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
    places = np.empty((4, width), np.int32)
    pixels = np.empty((4, width), np.uint32)
    fx, fy, codes = np.empty(width, np.int32), np.empty(width, np.int32), np.empty(width, np.int32)
    for y in range(height):
        u, v = u0 + b * y, v0 + d * y
        if inside:
            _pixels_around(
                places[0], places[1], places[2], places[3], fx, fy,
                np.int32(u), np.int32(v), np.int32(a), np.int32(c), np.int32(columns),
            )  # fmt: skip
        else:
            _mirrored_around(
                places[0], places[1], places[2], places[3], fx, fy,
                u, v, a, c, columns, fold_u, fold_v, first_u, first_v,
            )  # fmt: skip
        _fetch(flat, places[0], places[1], places[2], places[3], pixels[0], pixels[1], pixels[2], pixels[3])
        for k in range(3):
            _mixed(pixels[0], pixels[1], pixels[2], pixels[3], fx, fy, np.uint32(8 * k), codes)
            _lit(planes[y, k], codes, table, paint[0], paint[1 + k])
