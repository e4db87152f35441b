"""Surfaces in perspective: walls, panels, windows, boxes. Each is a polygon of a plane, filled with a material."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from synthtext.errors import InputError
from synthtext.kernel import kernel
from synthtext.paint.backgrounds import KINDS, LINEAR, BackgroundLibrary, BackgroundRecord
from synthtext.paint.colour import RGB
from synthtext.paint.composite import over, soften
from synthtext.paint.textures import KINDS as TEXTURE_KINDS
from synthtext.paint.textures import SIZE, packed, texture_field
from synthtext.raster.coverage import fill
from synthtext.scene.planes import Box, Homography, chain, invert

Image = npt.NDArray[np.float32]
Light = tuple[float, float, float]

_NO_CUT = np.zeros((0, 0), np.float32)
_NO_RAMP = np.zeros(3)
_ARC = 5  # points on a rounded corner's arc, its ends included
_RUN = 16  # pixels over which the map from image to source is taken for linear


class Shade(Struct, frozen=True):
    """A soft shadow that a panel throws on what lies behind it; lengths in the plane's units."""

    x: float
    y: float
    blur: float
    opacity: float


class Panel(Struct, frozen=True):
    """A flat thing on a plane; lengths in the plane's units.

    `box`: x0, y0, x1, y1. `radius`: of its corners; half a side or more makes it round. `material`: what it is made of,
    its `scale` in source pixels per unit; a photograph fills the box, its `scale` the part of it that is shown, unless
    `tiled`. `light`: factor on its light at the image pixel (x, y): l[0] x + l[1] y + l[2].
    `rim`: width of a line along the border, `inset` from it, in `rim_colour`. `bevel`: width of the lit top edge and the
    dark bottom edge. `screws`: 0, 2 or 4 of radius `screw`. `shade`: the shadow that it throws.
    """

    box: Box
    material: BackgroundRecord
    light: Light = (0.0, 0.0, 1.0)
    radius: float = 0.0
    tiled: bool = False
    rim: float = 0.0
    inset: float = 0.0
    rim_colour: RGB = (0.0, 0.0, 0.0)
    bevel: float = 0.0
    screws: int = 0
    screw: float = 0.0
    shade: Shade | None = None
    opacity: float = 1.0


class Element(Struct, frozen=True):
    """A panel on its plane: part of what is built. `plane`: the homography to pixels."""

    plane: Homography
    panel: Panel


@kernel
def _source(place, x, y):  # type: ignore[no-untyped-def]
    """Source pixel at image point (x, y), through the homography `place`; far away beyond the horizon."""
    w = place[6] * x + place[7] * y + place[8]
    if w < 1e-9:
        w = 1e-9
    u = (place[0] * x + place[1] * y + place[2]) / w
    v = (place[3] * x + place[4] * y + place[5]) / w
    return min(max(u, -1e7), 1e7), min(max(v, -1e7), 1e7)


@kernel
def _level_of(place, x, y, u0, v0, u1, v1, length, levels):  # type: ignore[no-untyped-def]
    """The halving whose pixels are nearest to the image's about (x, y), by the geometric mean of both footprints."""
    ub, vb = _source(place, x, y + 1.0)
    ua, va = _source(place, x, y)
    across = math.hypot(u1 - u0, v1 - v0) / length
    down = math.hypot(ub - ua, vb - va)
    footprint = max(across * down, 0.16 * max(across, down) ** 2)
    level = 0
    while level < levels - 1 and footprint > 2.0:
        footprint *= 0.25
        level += 1
    return level


@kernel
def _covered(row):  # type: ignore[no-untyped-def]
    """First and last + 1 of what `row`, float32 (w,), covers."""
    first, last = 0, row.shape[0]
    while first < last and row[first] <= np.float32(0.0):
        first += 1
    while last > first and row[last - 1] <= np.float32(0.0):
        last -= 1
    return first, last


@kernel
def _blend(line, values, alphas, row, first, last, left, opacity):  # type: ignore[no-untyped-def]
    """Bring `values` over an image's row `line`, float32 (3 W,), at the columns first to last of the window.

    `values`: float32 (3 w,). `alphas`: the same, scratch. `row`: float32 (w,), the coverage.
    """
    for c in range(first, last):
        a = row[c] * opacity
        alphas[3 * c], alphas[3 * c + 1], alphas[3 * c + 2] = a, a, a
    under, over, alpha = line[3 * (left + first) : 3 * (left + last)], values[3 * first :], alphas[3 * first :]
    for i in range(3 * (last - first)):
        under[i] += alpha[i] * (over[i] - under[i])


@kernel
def paint_texture(image, left, top, coverage, flat, levels, place, paint, light, opacity):  # type: ignore[no-untyped-def]
    """Paint a texture in perspective over `image`, float32 (H, 3 W) linear light, where `coverage` says.

    `coverage`: float32 (h, w), the window whose first pixel is (left, top). `flat`, `levels`: the texture's
    halvings, (S, S, 2) each, as from `packed`. `place`: float64 (9,), the homography from image points to the pixels of the first level. `paint`: float32
    (7,), as `sample_texture` takes it. `light`: float64 (3,), the factor at image point (x, y).
    """
    height, width = coverage.shape
    one, step = np.float32(1), np.float32(1.0 / (255.0 * 65536.0))
    r0, g0, b0 = paint[0], paint[1], paint[2]
    r1, g1, b1 = (paint[3] - r0) * step, (paint[4] - g0) * step, (paint[5] - b0) * step
    slope, base = paint[6] * np.float32(1.0 / (128.0 * 65536.0)), one - paint[6]
    lx = np.float32(light[0])
    values, alphas = np.empty(3 * width, np.float32), np.empty(3 * width, np.float32)
    o = np.uint64(1)
    for r in range(height):
        y = top + r + 0.5
        begin, end = _covered(coverage[r])
        if begin == end:
            continue
        for start in range(begin, end, _RUN):
            stop = min(start + _RUN, end)
            n = stop - start
            x = left + start + 0.5
            u0, v0 = _source(place, x, y)
            u1, v1 = _source(place, x + n, y)
            level = _level_of(place, x + 0.5 * n, y, u0, v0, u1, v1, float(n), levels.shape[0])
            size, first = levels[level, 1], np.uint64(levels[level, 0])
            mask, stride = np.uint64(size - 1), np.uint64(2 * size)
            wrap = stride * mask + stride - o
            unit = 65536.0 / (1 << level)
            u, v = np.int64(u0 * unit - 32768.0), np.int64(v0 * unit - 32768.0)
            du, dv = np.int64((u1 - u0) * unit / n), np.int64((v1 - v0) * unit / n)
            factor = np.float32(light[0] * x + light[1] * y + light[2])
            for c in range(start, stop):
                i, j = np.uint64(u >> 16) & mask, np.uint64(v >> 16) & mask
                fu, fv = np.int32((u >> 8) & 255), np.int32((v >> 8) & 255)
                i2, j = np.uint64(2) * ((i + o) & mask), stride * j
                j2 = (j + stride) & wrap
                i = np.uint64(2) * i
                w11 = fu * fv
                w10, w01 = (fu << 8) - w11, (fv << 8) - w11
                w00 = 65536 - w11 - w10 - w01
                j, j2 = j + first, j2 + first
                p, q, s, t = j + i, j + i2, j2 + i, j2 + i2
                mix = np.float32(np.int32(flat[p] * w00 + flat[q] * w10 + flat[s] * w01 + flat[t] * w11))
                relief = np.float32(
                    np.int32(flat[p + o] * w00 + flat[q + o] * w10 + flat[s + o] * w01 + flat[t + o] * w11)
                )
                lit = (base + slope * relief) * (factor + lx * np.float32(c - start))
                values[3 * c] = (r0 + r1 * mix) * lit
                values[3 * c + 1] = (g0 + g1 * mix) * lit
                values[3 * c + 2] = (b0 + b1 * mix) * lit
                u += du
                v += dv
        _blend(image[top + r], values, alphas, coverage[r], begin, end, left, np.float32(opacity))


@kernel
def _fold(i, n):  # type: ignore[no-untyped-def]
    i %= 2 * n
    return min(i, 2 * n - 1 - i)


@kernel
def paint_photo(image, left, top, coverage, flat, levels, table, place, paint, light, opacity):  # type: ignore[no-untyped-def]
    """Paint a photograph in perspective over `image`; as `paint_texture`, but mirrored at its edges.

    `flat`, `levels`: a picture, (h, w, 3) sRGB, and its halvings. `table`: LINEAR. `paint`: float32 (4,), a gain and the RGB added.
    """
    height, width = coverage.shape
    gain, red, green, blue = paint[0], paint[1], paint[2], paint[3]
    lx = np.float32(light[0])
    values, alphas = np.empty(3 * width, np.float32), np.empty(3 * width, np.float32)
    o, o2 = np.uint64(1), np.uint64(2)
    for r in range(height):
        y = top + r + 0.5
        begin, end = _covered(coverage[r])
        if begin == end:
            continue
        for start in range(begin, end, _RUN):
            stop = min(start + _RUN, end)
            n = stop - start
            x = left + start + 0.5
            u0, v0 = _source(place, x, y)
            u1, v1 = _source(place, x + n, y)
            level = _level_of(place, x + 0.5 * n, y, u0, v0, u1, v1, float(n), levels.shape[0])
            first, rows, columns = levels[level, 0], levels[level, 1], levels[level, 2]
            unit = 65536.0 / (1 << level)
            u, v = np.int64(u0 * unit - 32768.0), np.int64(v0 * unit - 32768.0)
            du, dv = np.int64((u1 - u0) * unit / n), np.int64((v1 - v0) * unit / n)
            factor = np.float32(light[0] * x + light[1] * y + light[2])
            ue, ve = u + du * n, v + dv * n
            inside = min(u, ue) >= 0 and min(v, ve) >= 0
            inside = inside and (max(u, ue) >> 16) < columns - 1 and (max(v, ve) >> 16) < rows - 1
            for c in range(start, stop):
                i, j = u >> 16, v >> 16
                i2, j2 = i + 1, j + 1
                if not inside:
                    i, i2, j, j2 = _fold(i, columns), _fold(i2, columns), _fold(j, rows), _fold(j2, rows)
                fu, fv = np.int32((u >> 8) & 255), np.int32((v >> 8) & 255)
                w11 = fu * fv
                w10, w01 = (fu << 8) - w11, (fv << 8) - w11
                w00 = 65536 - w11 - w10 - w01
                p, q = np.uint64(first + 3 * (j * columns + i)), np.uint64(first + 3 * (j * columns + i2))
                s, t = np.uint64(first + 3 * (j2 * columns + i)), np.uint64(first + 3 * (j2 * columns + i2))
                k0 = np.uint64((flat[p] * w00 + flat[q] * w10 + flat[s] * w01 + flat[t] * w11) >> 12)
                k1 = np.uint64(
                    (flat[p + o] * w00 + flat[q + o] * w10 + flat[s + o] * w01 + flat[t + o] * w11) >> 12
                )
                k2 = np.uint64(
                    (flat[p + o2] * w00 + flat[q + o2] * w10 + flat[s + o2] * w01 + flat[t + o2] * w11) >> 12
                )
                lit = factor + lx * np.float32(c - start)
                values[3 * c] = (table[k0] * gain + red) * lit
                values[3 * c + 1] = (table[k1] * gain + green) * lit
                values[3 * c + 2] = (table[k2] * gain + blue) * lit
                u += du
                v += dv
        _blend(image[top + r], values, alphas, coverage[r], begin, end, left, np.float32(opacity))


@kernel
def paint_flat(image, left, top, coverage, paint, place, light, opacity):  # type: ignore[no-untyped-def]
    """Paint a colour, or a gradient between two, in perspective over `image`; as `paint_texture`.

    `paint`: float32 (6,), both colours. `place`: float64 (9,), from image points to (share of the second colour, _).
    """
    height, width = coverage.shape
    zero, one = np.float32(0), np.float32(1)
    r0, g0, b0 = paint[0], paint[1], paint[2]
    r1, g1, b1 = paint[3] - r0, paint[4] - g0, paint[5] - b0
    plain = r1 == zero and g1 == zero and b1 == zero
    lx = np.float32(light[0])
    values, alphas = np.empty(3 * width, np.float32), np.empty(3 * width, np.float32)
    for r in range(height):
        y = top + r + 0.5
        begin, end = _covered(coverage[r])
        if begin == end:
            continue
        factor = np.float32(light[0] * (left + 0.5) + light[1] * y + light[2])
        if plain:
            for c in range(begin, end):
                lit = factor + lx * np.float32(c)
                values[3 * c], values[3 * c + 1], values[3 * c + 2] = r0 * lit, g0 * lit, b0 * lit
        else:
            for start in range(begin, end, _RUN):
                stop = min(start + _RUN, end)
                n = stop - start
                a = np.float32(_source(place, left + start + 0.5, y)[0])
                b = np.float32(_source(place, left + stop + 0.5, y)[0])
                b = (b - a) / np.float32(n)
                for c in range(start, stop):
                    t = min(max(a + b * np.float32(c - start), zero), one)
                    lit = factor + lx * np.float32(c)
                    values[3 * c] = (r0 + t * r1) * lit
                    values[3 * c + 1] = (g0 + t * g1) * lit
                    values[3 * c + 2] = (b0 + t * b1) * lit
        _blend(image[top + r], values, alphas, coverage[r], begin, end, left, np.float32(opacity))


def outline(box: Box, radius: float) -> npt.NDArray[np.float64]:
    """A box with rounded corners as a clockwise polygon of the plane, float64 (n, 2)."""
    x0, y0, x1, y1 = box
    radius = min(radius, 0.5 * (x1 - x0), 0.5 * (y1 - y0))
    if radius <= 0.0:
        return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
    arc = max(_ARC, 2) if radius < 0.3 * min(x1 - x0, y1 - y0) else 4 * _ARC
    t = np.linspace(0.0, 0.5 * math.pi, arc)
    s, c = radius * np.sin(t), radius * np.cos(t)
    return np.concatenate(
        [
            np.stack([x0 + radius - c, y0 + radius - s], 1),
            np.stack([x1 - radius + s, y0 + radius - c], 1),
            np.stack([x1 - radius + c, y1 - radius + s], 1),
            np.stack([x0 + radius - s, y1 - radius + c], 1),
        ]
    )


def projected(h: Homography, points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Points of a plane in the image."""
    m = np.array(h).reshape(3, 3)
    p = points @ m[:, :2].T + m[:, 2]
    result: npt.NDArray[np.float64] = p[:, :2] / p[:, 2:]
    return result


def window(points: npt.NDArray[np.float64], height: int, width: int, margin: float = 0.0) -> tuple[int, int, int, int]:
    """The pixels (left, top, right, bottom) that the points' box touches inside the image; empty where it does not."""
    x0, y0 = points.min(0).tolist()
    x1, y1 = points.max(0).tolist()
    left, top = int(max(x0 - margin, 0.0)), int(max(y0 - margin, 0.0))
    return left, top, int(min(math.ceil(x1 + margin), width)), int(min(math.ceil(y1 + margin), height))


def _cover(
    parts: list[npt.NDArray[np.float64]], view: tuple[int, int, int, int], x: float = 0.0, y: float = 0.0
) -> npt.NDArray[np.float32]:
    """Coverage of the polygons (summed with their sign) in the window."""
    left, top, right, bottom = view
    out = np.zeros((bottom - top, right - left), np.float32)
    points = parts[0] if len(parts) == 1 else np.concatenate(parts)
    ends = np.cumsum([len(p) for p in parts])
    fill(points, ends, np.array([len(parts)]), x - left, y - top, out)
    return out


def paint_panel(image: Image, plane: Homography, panel: Panel, library: BackgroundLibrary) -> None:
    """Paint a panel over `image`, float32 (H, W, 3) linear light, in place."""
    height, width = image.shape[:2]
    shape = outline(panel.box, panel.radius)
    points = projected(plane, shape)
    scale = _scale(plane, panel.box)
    if panel.shade is not None:
        _paint_shade(image, plane, panel, panel.shade, shape, scale)
    view = window(points, height, width)
    left, top, right, bottom = view
    if left >= right or top >= bottom:
        return
    coverage = _cover([points], view)
    light = np.array(panel.light)
    paint_material(image, left, top, coverage, plane, panel, library, light)
    factor = max(light[0] * 0.5 * (left + right) + light[1] * 0.5 * (top + bottom) + light[2], 0.0)
    if panel.bevel * scale > 0.3:
        _paint_bevel(image, plane, panel, points, view)
    if panel.rim * scale > 0.2:
        inner, outer = _grown(panel.box, -panel.inset - panel.rim), _grown(panel.box, -panel.inset)
        a = projected(plane, outline(outer, panel.radius - panel.inset))
        b = projected(plane, outline(inner, panel.radius - panel.inset - panel.rim))[::-1]
        colour = factor * np.array(panel.rim_colour)
        over(image[top:bottom, left:right], _cover([a, b], view), _NO_CUT, colour, colour, _NO_RAMP, panel.opacity)
    if panel.screws and panel.screw * scale > 0.4:
        _paint_screws(image, plane, panel, view, factor)


def _scale(plane: Homography, box: Box) -> float:
    from synthtext.scene.planes import scale_at

    return scale_at(plane, 0.5 * (box[0] + box[2]), 0.5 * (box[1] + box[3]))


def _grown(box: Box, by: float) -> Box:
    return box[0] - by, box[1] - by, box[2] + by, box[3] + by


def _paint_shade(
    image: Image, plane: Homography, panel: Panel, shade: Shade, shape: npt.NDArray[np.float64], scale: float
) -> None:
    blur = shade.blur * scale
    points = projected(plane, shape + np.array([shade.x, shade.y]))
    view = window(points, image.shape[0], image.shape[1], 2.0 * blur + 1.0)
    left, top, right, bottom = view
    if left >= right or top >= bottom:
        return
    coverage = _cover([points], view)
    if blur > 0.25:
        soften(coverage, blur)
    black = np.zeros(3)
    over(image[top:bottom, left:right], coverage, _NO_CUT, black, black, _NO_RAMP, shade.opacity)


def _paint_bevel(
    image: Image, plane: Homography, panel: Panel, points: npt.NDArray[np.float64], view: tuple[int, int, int, int]
) -> None:
    """The top edge catches light, the bottom edge lies in shade: the shape less itself, shifted down or up."""
    left, top, right, bottom = view
    for by, tone in ((panel.bevel, 1.0), (-panel.bevel, 0.0)):
        moved = projected(plane, outline(panel.box, panel.radius) + np.array([0.0, by]))
        edge = np.maximum(_cover([points], view) - _cover([moved], view), np.float32(0.0))
        colour = np.full(3, tone)
        over(image[top:bottom, left:right], edge, _NO_CUT, colour, colour, _NO_RAMP, 0.35 if tone else 0.45)


def _paint_screws(
    image: Image, plane: Homography, panel: Panel, view: tuple[int, int, int, int], factor: float
) -> None:
    left, top, right, bottom = view
    x0, y0, x1, y1 = _grown(panel.box, -2.2 * panel.screw - panel.inset - panel.rim)
    places = ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
    if panel.screws == 2:
        places = ((x0, 0.5 * (y0 + y1)), (x1, 0.5 * (y0 + y1)))
    heads, shades = [], []
    for x, y in places:
        r = panel.screw
        heads.append(projected(plane, outline((x - r, y - r, x + r, y + r), r)))
        s = 1.35 * r
        shades.append(projected(plane, outline((x - s, y - s + 0.3 * r, x + s, y + s + 0.3 * r), s)))
    for parts, tone, opacity in ((shades, 0.0, 0.4), (heads, 0.35, 0.9)):
        colour = np.full(3, tone * factor)
        over(image[top:bottom, left:right], _cover(parts, view), _NO_CUT, colour, colour, _NO_RAMP, opacity)


def paint_material(
    image: Image,
    left: int,
    top: int,
    coverage: npt.NDArray[np.float32],
    plane: Homography,
    panel: Panel,
    library: BackgroundLibrary,
    light: npt.NDArray[np.float64],
) -> None:
    """Fill the window's coverage with the panel's material."""
    image = image.reshape(len(image), -1)
    record = panel.material
    x0, y0, x1, y1 = panel.box
    back = invert(plane)
    if record.kind in ("plain", "gradient"):
        c, s = math.cos(record.angle), math.sin(record.angle)
        span = max(abs(c) * (x1 - x0) + abs(s) * (y1 - y0), 1e-9)
        middle = 0.5 - (c * (x0 + x1) + s * (y0 + y1)) / (2.0 * span)
        place = chain((c / span, s / span, middle, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0), back)
        paint = np.array((*record.first, *record.second), np.float32)
        paint_flat(image, left, top, coverage, paint, np.array(place), light, panel.opacity)
        return
    c, s = math.cos(record.angle), math.sin(record.angle)
    across = -1.0 if record.mirror else 1.0
    if record.kind == "photo":
        levels, mean = library.photo(str(record.source))
        rows, columns = levels[0].shape[:2]
        clear = min(record.gain, max(1.0, 0.6 / mean)) * (1.0 - record.veil)
        paint = np.array((clear, *(record.veil * v for v in record.first)), np.float32)
        if panel.tiled:
            k = record.scale
            source = (across * k * c, -k * s, record.x * columns, across * k * s, k * c, record.y * rows)
        else:
            k = record.scale * min((columns - 2) / max(x1 - x0, 1e-9), (rows - 2) / max(y1 - y0, 1e-9))
            room_x, room_y = columns - k * (x1 - x0), rows - k * (y1 - y0)
            begin = k * x1 if record.mirror else -k * x0
            source = (across * k, 0.0, begin + record.x * room_x, 0.0, k, record.y * room_y - k * y0)
        place = chain((*source, 0.0, 0.0, 1.0), back)
        paint_photo(image, left, top, coverage, *packed(levels), LINEAR, np.array(place), paint, light, panel.opacity)
        return
    if record.kind not in TEXTURE_KINDS:
        raise InputError(f"unknown background {record.kind!r}: the kinds are {', '.join(KINDS)}")
    levels = texture_field(record.kind, int(record.source))
    k = record.scale
    source = (across * k * c, -k * s, record.x * SIZE, across * k * s, k * c, record.y * SIZE)
    place = chain((*source, 0.0, 0.0, 1.0), back)
    paint = np.array((*record.first, *record.second, record.relief), np.float32)
    paint_texture(image, left, top, coverage, *packed(levels), np.array(place), paint, light, panel.opacity)

