"""Surfaces in perspective: walls, panels, windows, boxes. Each is a polygon of a plane, filled with a material."""

from __future__ import annotations

import math
import threading
from typing import Annotated

import numpy as np
import numpy.typing as npt
from msgspec import Meta

from synthtext.core.errors import InputError
from synthtext.core.kernel import kernel
from synthtext.core.records import Length, Number, Part, Place, Record
from synthtext.paint.backgrounds import KINDS, BackgroundParams
from synthtext.paint.colour import RGB
from synthtext.paint.photographs import LINEAR, BackgroundLibrary
from synthtext.paint.textures import KINDS as TEXTURE_KINDS
from synthtext.paint.textures import SIZE, packed, texture_field
from synthtext.scene.planes import Box, Homography, chain, invert, project, scale_at

Image = npt.NDArray[np.float32]
Light = tuple[Number, Number, Number]

_NO_SCREWS = np.zeros((0, 3))


class Shade(Record, frozen=True):
    """A soft shadow that a panel throws on what lies behind it; lengths in the plane's units."""

    x: Place
    y: Place
    blur: Length
    opacity: Part


class Panel(Record, frozen=True):
    """A flat thing on a plane; lengths in the plane's units.

    `box`: x0, y0, x1, y1. `radius`: of its corners; half a side or more makes it round. `material`: what it is made of,
    its `scale` in source pixels per unit; a photograph fills the box, its `scale` the part of it that is shown, unless
    `tiled`. `light`: factor on its light at the image pixel (x, y): l[0] x + l[1] y + l[2].
    `rim`: width of a line along the border, `inset` from it, in `rim_colour`. `bevel`: width of the lit top edge and
    the dark bottom edge. `screws`: 0, 2 or 4 of radius `screw`. `shade`: the shadow that it throws.
    """

    box: Box
    material: BackgroundParams
    light: Light = (0.0, 0.0, 1.0)
    radius: Length = 0.0
    tiled: bool = False
    rim: Length = 0.0
    inset: Length = 0.0
    rim_colour: RGB = (0.0, 0.0, 0.0)
    bevel: Length = 0.0
    screws: Annotated[int, Meta(ge=0, le=4)] = 0
    screw: Length = 0.0
    shade: Shade | None = None
    opacity: Part = 1.0


class Element(Record, frozen=True):
    """A panel on its plane: part of what is built. `plane`: the homography to pixels."""

    plane: Homography
    panel: Panel


@kernel
def _source(place, x, y):
    """Source pixel at image point (x, y), through the homography `place`; far away beyond the horizon."""
    w = place[6] * x + place[7] * y + place[8]
    if w < 1e-9:
        w = 1e-9
    u = (place[0] * x + place[1] * y + place[2]) / w
    v = (place[3] * x + place[4] * y + place[5]) / w
    return min(max(u, -1e7), 1e7), min(max(v, -1e7), 1e7)


@kernel
def _level_of(place, x, y, u0, v0, u1, v1, length, levels):
    """The halving whose pixels are nearest to the image's about (x, y), by the geometric mean of both footprints."""
    ub, vb = _source(place, x, y + 1.0)
    ua, va = _source(place, x, y)
    across = math.sqrt((u1 - u0) * (u1 - u0) + (v1 - v0) * (v1 - v0)) / length
    down = math.sqrt((ub - ua) * (ub - ua) + (vb - va) * (vb - va))
    footprint = max(across * down, 0.16 * max(across, down) ** 2)
    level = 0
    while level < levels - 1 and footprint > 2.0:
        footprint *= 0.25
        level += 1
    return level


@kernel
def _run(place, begin, end, y):
    """Over how many pixels of a row from x = begin to end the map may be taken for linear, 8 to 64.

    A chord of n pixels strays from u(x) = (a x + b) / (g x + h) by n^2 / 8 u'', and u'' = -2 g / (g x + h) u'; 1/8 of a
    pixel is allowed.
    """
    slope = abs(place[6])
    w = min(place[6] * begin + place[7] * y + place[8], place[6] * end + place[7] * y + place[8])
    if slope * 8192.0 <= w:
        return 128
    n = math.sqrt(0.5 * max(w, 0.0) / slope)
    return min(max(int(n), 8), 128)


@kernel
def _blend(line, values, row, span, left, opacity):
    """Bring `values` over an image's row `line`, float32 (3 W,), where `row` covers.

    `values`: float32 (3 w,). `row`: float32 (w,), the coverage; `span`: as of `cover_panel`.
    """
    first, inner, outer, last = span
    shift = 3 * left
    if opacity < np.float32(1.0):
        inner = outer = first
    under, over = line[shift + 3 * inner : shift + 3 * outer], values[3 * inner : 3 * outer]
    for i in range(3 * (outer - inner)):
        under[i] = over[i]
    for part in range(2):
        for c in range(first if part == 0 else outer, inner if part == 0 else last):
            a = row[c] * opacity
            for i in range(3 * c, 3 * c + 3):
                line[shift + i] += a * (values[i] - line[shift + i])


@kernel
def paint_texture(image, left, top, coverage, spans, flat, levels, place, paint, light, opacity):
    """Paint a texture in perspective over `image`, float32 (H, 3 W) linear light, where `coverage` says.

    `coverage`, `spans`: of the window whose first pixel is (left, top), as from `cover_panel`. `flat`, `levels`: the
    texture's halvings, (S, S, 2) each, as from `packed`. `place`: float64 (9,), the homography from image points to
    the pixels of the first level. `paint`: float32 (7,), as `sample_texture` takes it. `light`: float64 (3,): it is
    light[0] x + light[1] y + light[2] at image point (x, y).
    """
    height, width = coverage.shape
    one, step = np.float32(1), np.float32(1.0 / (255.0 * 65536.0))
    r0, g0, b0 = paint[0], paint[1], paint[2]
    r1, g1, b1 = (paint[3] - r0) * step, (paint[4] - g0) * step, (paint[5] - b0) * step
    slope, base = paint[6] * np.float32(1.0 / (128.0 * 65536.0)), one - paint[6]
    lx = np.float32(light[0])
    values, xs = np.empty(3 * width, np.float32), np.arange(width).astype(np.float32)
    pairs = flat.view(np.uint16)
    o, b8, b16, b24, b32 = np.uint64(1), np.uint64(8), np.uint64(65536), np.uint64(24), np.uint64(32)
    halves, low = np.uint64(0x000000FF000000FF), np.uint64(0xFFFFFFFF)
    for r in range(height):
        y = top + r + 0.5
        begin, end = spans[r, 0], spans[r, 3]
        if begin >= end:
            continue
        run = _run(place, left + begin, left + end, y)
        for start in range(begin, end, run):
            stop = min(start + run, end)
            n = stop - start
            x = left + start + 0.5
            u0, v0 = _source(place, x, y)
            u1, v1 = _source(place, x + n, y)
            level = _level_of(place, x + 0.5 * n, y, u0, v0, u1, v1, float(n), levels.shape[0])
            size, first = np.uint64(levels[level, 1]), np.uint64(levels[level, 0] // 2)
            mask = size - o
            unit = 65536.0 / (1 << level)
            u, v = np.int64(u0 * unit - 32768.0), np.int64(v0 * unit - 32768.0)
            du, dv = np.int64((u1 - u0) * unit / n), np.int64((v1 - v0) * unit / n)
            factor = np.float32(light[0] * x + light[1] * y + light[2])
            target = values[3 * start : 3 * stop]
            for c in range(n):
                i, j = np.uint64(u >> 16) & mask, np.uint64(v >> 16) & mask
                fu, fv = np.uint64((u >> 8) & 255), np.uint64((v >> 8) & 255)
                i2, j2 = (i + o) & mask, first + size * ((j + o) & mask)
                j = first + size * j
                w11 = fu * fv
                w10, w01 = (fu << b8) - w11, (fv << b8) - w11
                w00 = b16 - w11 - w10 - w01
                # Pattern and relief, a byte each, are spread to the halves of one word, and summed together there.
                p, q = np.uint64(pairs[j + i]), np.uint64(pairs[j + i2])
                s, t = np.uint64(pairs[j2 + i]), np.uint64(pairs[j2 + i2])
                total = ((p | (p << b24)) & halves) * w00 + ((q | (q << b24)) & halves) * w10
                total += ((s | (s << b24)) & halves) * w01 + ((t | (t << b24)) & halves) * w11
                mix, relief = np.float32(np.int64(total & low)), np.float32(np.int64(total >> b32))
                lit = (base + slope * relief) * (factor + lx * xs[c])
                target[3 * c] = (r0 + r1 * mix) * lit
                target[3 * c + 1] = (g0 + g1 * mix) * lit
                target[3 * c + 2] = (b0 + b1 * mix) * lit
                u += du
                v += dv
        _blend(image[top + r], values, coverage[r], spans[r], left, np.float32(opacity))


@kernel
def _unfold(u, du, n, size):
    """A run of n samples from u in steps of du (1 / 65536), where it lies in one mirror image of a picture of `size`
    pixels: the same run in the picture itself. Returns (u, du, whether it does).
    """
    end = u + du * n
    low, high = min(u, end) >> 16, (max(u, end) >> 16) + 1
    period = size << 16
    k = low // size
    if high - k * size >= size:
        return u, du, False
    if k % 2 == 0:
        return u - k * period, du, True
    return ((size - 1) << 16) - (u - k * period), -du, True


@kernel
def _fold(i, n):
    i %= 2 * n
    return min(i, 2 * n - 1 - i)


@kernel
def paint_photo(image, left, top_row, coverage, spans, words, levels, table, place, paint, light, opacity):
    """Paint a photograph in perspective over `image`; as `paint_texture`, but mirrored at its edges.

    `words`, `levels`: a picture and its halvings, as of `BackgroundLibrary.photo_words`. `table`: LINEAR.
    `paint`: float32 (4,), a gain and the RGB that is added.
    """
    height, width = coverage.shape
    gain, red, green, blue = paint[0], paint[1], paint[2], paint[3]
    lx = np.float32(light[0])
    values, xs = np.empty(3 * width, np.float32), np.arange(width).astype(np.float32)
    b3, b4, b8, b12, b13 = np.uint64(8), np.uint64(4), np.uint64(8), np.uint64(4096), np.uint64(13)
    b26, b29, b50, top = np.uint64(26), np.uint64(29), np.uint64(50), np.uint64(4095)
    red_bits, green_bits, blue_bits = np.uint64(0xFF), np.uint64(0xFF00), np.uint64(0xFF0000)
    for r in range(height):
        y = top_row + r + 0.5
        begin, end = spans[r, 0], spans[r, 3]
        if begin >= end:
            continue
        run = _run(place, left + begin, left + end, y)
        for start in range(begin, end, run):
            stop = min(start + run, end)
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
            u, du, whole_u = _unfold(u, du, n, columns)
            v, dv, whole_v = _unfold(v, dv, n, rows)
            inside = whole_u and whole_v
            target = values[3 * start : 3 * stop]
            for c in range(n):
                i, j = u >> 16, v >> 16
                i2, j2 = i + 1, j + 1
                if not inside:
                    i, i2, j, j2 = _fold(i, columns), _fold(i2, columns), _fold(j, rows), _fold(j2, rows)
                fu, fv = np.uint64((u >> 8) & 255), np.uint64((v >> 8) & 255)
                # Weights of 12 bits: three channels, 21 bits each, are summed in one word.
                w11 = (fu * fv + b3) >> b4
                w10, w01 = (fu << b4) - w11, (fv << b4) - w11
                w00 = b12 - w11 - w10 - w01
                p, q = np.uint64(words[first + j * columns + i]), np.uint64(words[first + j * columns + i2])
                s, t = np.uint64(words[first + j2 * columns + i]), np.uint64(words[first + j2 * columns + i2])
                total = ((p & red_bits) | ((p & green_bits) << b13) | ((p & blue_bits) << b26)) * w00
                total += ((q & red_bits) | ((q & green_bits) << b13) | ((q & blue_bits) << b26)) * w10
                total += ((s & red_bits) | ((s & green_bits) << b13) | ((s & blue_bits) << b26)) * w01
                total += ((t & red_bits) | ((t & green_bits) << b13) | ((t & blue_bits) << b26)) * w11
                k0, k1, k2 = (total >> b8) & top, (total >> b29) & top, (total >> b50) & top
                lit = factor + lx * xs[c]
                target[3 * c] = (table[k0] * gain + red) * lit
                target[3 * c + 1] = (table[k1] * gain + green) * lit
                target[3 * c + 2] = (table[k2] * gain + blue) * lit
                u += du
                v += dv
        _blend(image[top_row + r], values, coverage[r], spans[r], left, np.float32(opacity))


@kernel
def paint_flat(image, left, top, coverage, spans, paint, place, light, opacity):
    """Paint a colour, or a gradient between two, in perspective over `image`; as `paint_texture`.

    `paint`: float32 (6,), both colours. `place`: float64 (9,), from image points to (share of the second colour, _).
    """
    height, width = coverage.shape
    zero, one = np.float32(0), np.float32(1)
    r0, g0, b0 = paint[0], paint[1], paint[2]
    r1, g1, b1 = paint[3] - r0, paint[4] - g0, paint[5] - b0
    plain = r1 == zero and g1 == zero and b1 == zero
    lx = np.float32(light[0])
    values = np.empty(3 * width, np.float32)
    hues, lights = np.empty(3 * width, np.float32), np.empty(3 * width, np.float32)
    xs = np.arange(width).astype(np.float32)
    for c in range(width):
        hues[3 * c], hues[3 * c + 1], hues[3 * c + 2] = r0, g0, b0
        lights[3 * c] = lights[3 * c + 1] = lights[3 * c + 2] = lx * np.float32(c)
    for r in range(height):
        y = top + r + 0.5
        begin, end = spans[r, 0], spans[r, 3]
        if begin >= end:
            continue
        factor = np.float32(light[0] * (left + 0.5) + light[1] * y + light[2])
        if plain:
            target, hue, change = values[3 * begin : 3 * end], hues[3 * begin : 3 * end], lights[3 * begin : 3 * end]
            for i in range(3 * (end - begin)):
                target[i] = hue[i] * (factor + change[i])
        else:
            run = _run(place, left + begin, left + end, y)
            for start in range(begin, end, run):
                stop = min(start + run, end)
                n = stop - start
                a = np.float32(_source(place, left + start + 0.5, y)[0])
                b = np.float32(_source(place, left + stop + 0.5, y)[0])
                b = (b - a) / np.float32(n)
                target, bright = values[3 * start : 3 * stop], factor + lx * np.float32(start)
                for c in range(n):
                    t = min(max(a + b * xs[c], zero), one)
                    lit = bright + lx * xs[c]
                    target[3 * c] = (r0 + t * r1) * lit
                    target[3 * c + 1] = (g0 + t * g1) * lit
                    target[3 * c + 2] = (b0 + t * b1) * lit
        _blend(image[top + r], values, coverage[r], spans[r], left, np.float32(opacity))


@kernel
def frame_panel(plane, box, margin, height, width, lines):
    """The sides of a box of the plane in the image, and its window there.

    `lines`: float64 (4, 3), written: a x + b y + c is how far (pixels) the image point (x, y) lies inside of the top,
    right, bottom and left side. Returns the window (left, top, right, bottom), grown by `margin` pixels, inside the
    image of height x width; empty where the box is not seen.
    """
    xs, ys = np.empty(4), np.empty(4)
    for k in range(4):
        x = box[0] if k == 0 or k == 3 else box[2]
        y = box[1] if k < 2 else box[3]
        w = max(plane[6] * x + plane[7] * y + plane[8], 1e-9)
        xs[k] = (plane[0] * x + plane[1] * y + plane[2]) / w
        ys[k] = (plane[3] * x + plane[4] * y + plane[5]) / w
    area = (xs[2] - xs[0]) * (ys[3] - ys[1]) - (ys[2] - ys[0]) * (xs[3] - xs[1])
    sign = 1.0 if area >= 0.0 else -1.0
    for k in range(4):
        j = (k + 1) % 4
        dx, dy = xs[j] - xs[k], ys[j] - ys[k]
        length = max(math.sqrt(dx * dx + dy * dy), 1e-9)
        lines[k, 0], lines[k, 1] = -sign * dy / length, sign * dx / length
        lines[k, 2] = -lines[k, 0] * xs[k] - lines[k, 1] * ys[k]
    left, top = max(xs.min() - margin, 0.0), max(ys.min() - margin, 0.0)
    right, bottom = min(xs.max() + margin, float(width)), min(ys.max() + margin, float(height))
    if not (left < right and top < bottom):
        return 0, 0, 0, 0
    return int(left), int(top), math.ceil(right), math.ceil(bottom)


@kernel
def _inside_corner(back, u, v, w, du, dv, on_left, on_top, r):
    """How far inside of a rounded corner a point lies, in pixels: over the length of the distance's gradient there.

    (u, v): on the plane, `w` its third coordinate; (du, dv): from the corner's centre; r: its radius.
    """
    distance = math.sqrt(du * du + dv * dv)
    su, sv = (du if on_left else -du) / distance, (dv if on_top else -dv) / distance
    gx = (su * (back[0] - u * back[6]) + sv * (back[3] - v * back[6])) / w
    gy = (su * (back[1] - u * back[7]) + sv * (back[4] - v * back[7])) / w
    return (r - distance) / max(math.sqrt(gx * gx + gy * gy), 1e-9)


@kernel
def _span(lines, x, y, count, least):
    """First and last + 1 of `count` points x, x + 1, ... of a row y that lie at least `least` inside of all sides."""
    low, high = 0.0, float(count)
    for k in range(4):
        slope, start = lines[k, 0], lines[k, 0] * x + lines[k, 1] * y + lines[k, 2] - least
        if slope > 1e-12:
            low = max(low, -start / slope)
        elif slope < -1e-12:
            high = min(high, -start / slope + 1.0)
        elif start <= 0.0:
            return 0, 0
    first, last = math.ceil(min(low, float(count))), math.floor(max(high, 0.0))
    return (first, last) if first < last else (0, 0)


@kernel
def _corner_reach(lines, back, box, r):
    """How far from the sides, in pixels, a rounded corner still matters: as far as its square reaches."""
    a, b, c, d, e, f, g, h, m = back
    reach = 0.0
    for k in range(4):
        for point in range(3):
            x = box[0] if k == 0 or k == 3 else box[2]
            y = box[1] if k < 2 else box[3]
            if point != 1:
                x += r if k == 0 or k == 3 else -r
            if point != 0:
                y += r if k < 2 else -r
            w = (d * h - e * g) * x + (b * g - a * h) * y + (a * e - b * d)
            u = ((e * m - f * h) * x + (c * h - b * m) * y + (b * f - c * e)) / w
            v = ((f * g - d * m) * x + (a * m - c * g) * y + (c * d - a * f)) / w
            for side in (k, (k + 3) % 4):
                reach = max(reach, lines[side, 0] * u + lines[side, 1] * v + lines[side, 2])
    return reach + 1.0


@kernel
def cover_panel(lines, back, box, radius, left, top, out, spans):
    """Coverage of a box with rounded corners, float32 (h, w), in the window at (left, top).

    A pixel is covered by clamp(d + 1/2), d being how far its centre lies inside of the nearest side; near a rounded
    corner, inside of its circle. `back`: float64 (9,), from the image to the plane. `spans`: int64 (h, 4), written: of
    each row, where what is covered begins, where it is wholly covered from and up to, and where the rest ends.
    """
    height, width = out.shape
    half, zero, one = np.float32(0.5), np.float32(0.0), np.float32(1.0)
    x0, y0, x1, y1 = box
    r = min(radius, 0.5 * (x1 - x0), 0.5 * (y1 - y0))
    reach = _corner_reach(lines, back, box, r) if r > 0.0 else 0.0
    for i in range(height):
        y = top + i + 0.5
        row = out[i]
        first, last = _span(lines, left + 0.5, y, width, -0.5)
        inner, outer = _span(lines, left + 0.5, y, width, 0.5)
        inner, outer = min(max(inner, first), last), max(min(outer, last), first)
        if outer < inner:
            inner = outer = first
        row[:first] = zero
        row[last:] = zero
        row[inner:outer] = one
        for part in range(2):
            for j in range(first if part == 0 else outer, inner if part == 0 else last):
                d = 1e30
                for k in range(4):
                    d = min(d, lines[k, 0] * (left + j + 0.5) + lines[k, 1] * y + lines[k, 2])
                row[j] = min(max(np.float32(d) + half, zero), one)
        if r > 0.0:
            plain, round_ = _span(lines, left + 0.5, y, width, reach)
            for j in range(first, last):
                if plain <= j < round_:
                    continue
                x = left + j + 0.5
                d0 = min(
                    lines[0, 0] * x + lines[0, 1] * y + lines[0, 2], lines[2, 0] * x + lines[2, 1] * y + lines[2, 2]
                )
                d1 = min(
                    lines[1, 0] * x + lines[1, 1] * y + lines[1, 2], lines[3, 0] * x + lines[3, 1] * y + lines[3, 2]
                )
                if d0 < reach and d1 < reach:
                    w = back[6] * x + back[7] * y + back[8]
                    u, v = (back[0] * x + back[1] * y + back[2]) / w, (back[3] * x + back[4] * y + back[5]) / w
                    du, dv = max(max(x0 + r - u, u - x1 + r), 0.0), max(max(y0 + r - v, v - y1 + r), 0.0)
                    if du > 0.0 and dv > 0.0:
                        inside = _inside_corner(back, u, v, w, du, dv, u < x0 + r, v < y0 + r, r)
                        row[j] = min(row[j], min(max(np.float32(inside) + half, zero), one))
            while first < last and row[first] <= zero:
                first += 1
            while last > first and row[last - 1] <= zero:
                last -= 1
            inner, outer = min(max(inner, first), last), max(min(outer, last), first)
            while inner < outer and row[inner] < one:
                inner += 1
            while outer > inner and row[outer - 1] < one:
                outer -= 1
        spans[i, 0], spans[i, 1], spans[i, 2], spans[i, 3] = first, inner, outer, last


@kernel
def cast_shade(image, lines, back, box, radius, left, top, right, bottom, blur, opacity, over, inset):
    """Darken `image`, float32 (H, 3 W), inside of a panel's shape, with an edge `2 blur` pixels wide, by `opacity`.

    The window is left to right, top to bottom; the shape is that of `cover_panel`. What lies more than `inset` pixels
    inside of the sides `over` is left as it is: the panel itself will cover it.
    """
    zero, one, half = np.float32(0.0), np.float32(1.0), np.float32(0.5)
    sharp, strength = np.float32(0.5 / max(blur, 0.5)), np.float32(opacity)
    x0, y0, x1, y1 = box
    r = min(radius, 0.5 * (x1 - x0), 0.5 * (y1 - y0))
    a = np.empty(4, np.float32)
    c = np.empty(4, np.float32)
    for k in range(4):
        a[k] = lines[k, 0] * sharp
    a0, a1, a2, a3 = a[0], a[1], a[2], a[3]
    size = right - left
    reach = np.float32((_corner_reach(lines, back, box, r) + blur) * sharp) if r > 0.0 else zero
    shades, factors = np.empty(size, np.float32), np.empty(3 * size, np.float32)
    xs = np.arange(size).astype(np.float32)
    for i in range(top, bottom):
        y = i + 0.5
        for k in range(4):
            c[k] = (lines[k, 0] * (left + 0.5) + lines[k, 1] * y + lines[k, 2]) * sharp + half
        c0, c1, c2, c3 = c[0], c[1], c[2], c[3]
        hidden, seen = _span(over, left + 0.5, y, size, inset)
        for part in range(2):
            first, last = (0, hidden) if part == 0 else (seen, size)
            n = last - first
            x_part, shade, factor = xs[first:last], shades[first:last], factors[3 * first : 3 * last]
            for j in range(n):
                x = x_part[j]
                # The product of the two axes' ramps rounds the corners off, as a large light does.
                d0, d2 = min(max(a0 * x + c0, zero), one), min(max(a2 * x + c2, zero), one)
                d1, d3 = min(max(a1 * x + c1, zero), one), min(max(a3 * x + c3, zero), one)
                shade[j] = d0 * d1 * d2 * d3
            if r > 0.0:
                for j in range(n):
                    x = x_part[j]
                    s0, s1 = min(a0 * x + c0, a2 * x + c2), min(a1 * x + c1, a3 * x + c3)
                    if s0 < reach and s1 < reach and s0 > zero and s1 > zero:
                        x = left + first + j + 0.5
                        w = back[6] * x + back[7] * y + back[8]
                        u, v = (back[0] * x + back[1] * y + back[2]) / w, (back[3] * x + back[4] * y + back[5]) / w
                        du, dv = max(max(x0 + r - u, u - x1 + r), 0.0), max(max(y0 + r - v, v - y1 + r), 0.0)
                        if du > 0.0 and dv > 0.0:
                            inside = _inside_corner(back, u, v, w, du, dv, u < x0 + r, v < y0 + r, r)
                            shade[j] = min(shade[j], min(max(np.float32(inside) * sharp + half, zero), one))
            for j in range(n):
                t = shade[j]
                f = one - strength * t * t * (np.float32(3.0) - np.float32(2.0) * t)
                factor[3 * j], factor[3 * j + 1], factor[3 * j + 2] = f, f, f
            line = image[i, 3 * (left + first) : 3 * (left + last)]
            for j in range(3 * n):
                line[j] *= factor[j]


@kernel
def trim_panel(image, lines, coverage, left, top, bevel, screws, factor):
    """The small things on a panel: a lit top edge and a dark bottom edge `bevel` pixels wide, and screws.

    `image`: float32 (H, 3 W). `coverage`: of the panel, its window's first pixel at (left, top). `screws`: float64
    (n, 3), x, y and radius in pixels. `factor`: light on the panel.
    """
    height, width = coverage.shape
    zero, one = np.float32(0.0), np.float32(1.0)
    if bevel > 0.0:
        for i in range(height):
            y = top + i + 0.5
            for side in range(0, 3, 2):
                d0 = lines[side, 0] * (left + 0.5) + lines[side, 1] * y + lines[side, 2]
                d1 = d0 + lines[side, 0] * width
                if min(d0, d1) > bevel + 0.5:
                    continue
                for j in range(width):
                    a = np.float32(min(max(bevel + 0.5 - d0 - lines[side, 0] * j, 0.0), 1.0)) * coverage[i, j]
                    if a > zero:
                        a *= np.float32(0.35) if side == 0 else np.float32(0.45)
                        target = np.float32(factor) if side == 0 else zero
                        for k in range(3 * (left + j), 3 * (left + j) + 3):
                            image[top + i, k] += a * (target - image[top + i, k])
    rows, columns = image.shape[0], image.shape[1] // 3
    for s in range(screws.shape[0]):
        cx, cy, r = screws[s, 0], screws[s, 1], screws[s, 2]
        for y in range(int(max(cy - 1.5 * r - 2.0, 0.0)), int(min(max(cy + 1.7 * r + 2.0, 0.0), rows))):
            for x in range(int(max(cx - 1.5 * r - 2.0, 0.0)), int(min(max(cx + 1.5 * r + 2.0, 0.0), columns))):
                dx, dy = x + 0.5 - cx, y + 0.5 - cy
                shade = np.float32(min(max(1.35 * r + 0.5 - math.hypot(dx, dy - 0.3 * r), 0.0), 1.0) * 0.4)
                head = np.float32(min(max(r + 0.5 - math.hypot(dx, dy), 0.0), 1.0) * 0.9)
                tone = np.float32(factor * (0.35 - 0.2 * dy / max(r, 0.5)))
                for k in range(3 * x, 3 * x + 3):
                    image[y, k] *= one - shade
                    image[y, k] += head * (tone - image[y, k])


_local = threading.local()


def _scratch(height: int, width: int) -> npt.NDArray[np.float32]:
    """A float32 (height, width) of anything, that the next call takes back."""
    buffer = getattr(_local, "buffer", None)
    if buffer is None or buffer.size < height * width:
        buffer = _local.buffer = np.empty(height * width, np.float32)
    result: npt.NDArray[np.float32] = buffer[: height * width].reshape(height, width)
    return result


def paint_panel(image: Image, plane: Homography, panel: Panel, library: BackgroundLibrary) -> None:
    """Paint a panel over `image`, float32 (H, W, 3) linear light, in place."""
    height, width = image.shape[:2]
    rows = image.reshape(height, 3 * width)
    forward, back, lines, box = np.array(plane), np.array(invert(plane)), np.empty((4, 3)), panel.box
    scale = scale_at(plane, 0.5 * (box[0] + box[2]), 0.5 * (box[1] + box[3]))
    shade = panel.shade
    if shade is not None:
        blur = max(shade.blur * scale, 0.7)
        moved = (box[0] + shade.x, box[1] + shade.y, box[2] + shade.x, box[3] + shade.y)
        view = frame_panel(forward, moved, blur + 1.0, height, width, lines)
        own = np.empty((4, 3))
        frame_panel(forward, box, 1.0, height, width, own)
        if view[2] > view[0]:
            inset = 1.0 + 1.5 * panel.radius * scale if panel.opacity >= 1.0 else 1e9
            cast_shade(rows, lines, back, moved, panel.radius, *view, blur, shade.opacity, own, inset)
    left, top, right, bottom = frame_panel(forward, box, 1.0, height, width, lines)
    if left >= right:
        return
    coverage, spans = _scratch(bottom - top, right - left), np.empty((bottom - top, 4), np.int64)
    cover_panel(lines, back, box, panel.radius, left, top, coverage, spans)
    light = np.array(panel.light)
    paint_material(rows, left, top, coverage, spans, back, panel, library, light)
    factor = max(light[0] * 0.5 * (left + right) + light[1] * 0.5 * (top + bottom) + light[2], 0.0)
    bevel = panel.bevel * scale if panel.bevel * scale > 0.3 else 0.0
    screws = _screws(plane, panel, scale) if panel.screws and panel.screw * scale > 0.4 else _NO_SCREWS
    if bevel or len(screws):
        trim_panel(rows, lines, coverage, left, top, bevel, screws, factor)
    if panel.rim * scale > 0.2:
        rim, within = np.empty_like(coverage), np.empty_like(spans)
        outer, inner = grown(box, -panel.inset), grown(box, -panel.inset - panel.rim)
        frame_panel(forward, outer, 0.0, height, width, lines)
        cover_panel(lines, back, outer, max(panel.radius - panel.inset, 0.0), left, top, rim, spans)
        frame_panel(forward, inner, 0.0, height, width, lines)
        cover_panel(lines, back, inner, max(panel.radius - panel.inset - panel.rim, 0.0), left, top, coverage, within)
        rim -= coverage
        spans[:, 1] = spans[:, 2] = spans[:, 0]
        # What lies inside of the rim is not looked at.
        beyond = spans.copy()
        spans[:, 3] = np.where(within[:, 1] < within[:, 2], within[:, 1], spans[:, 3])
        beyond[:, :3] = np.where(within[:, 1] < within[:, 2], within[:, 2], spans[:, 3])[:, None]
        colour = np.array((*panel.rim_colour, *panel.rim_colour), np.float32)
        for part in (spans, beyond):
            paint_flat(rows, left, top, rim, part, colour, back, light, panel.opacity)


def silhouette(element: Element, height: int, width: int, out: npt.NDArray[np.float32]) -> None:
    """Add the coverage of an element to `out`, float32 (H, W)."""
    plane, panel = element.plane, element.panel
    lines = np.empty((4, 3))
    left, top, right, bottom = frame_panel(np.array(plane), panel.box, 1.0, height, width, lines)
    if left < right:
        coverage = _scratch(bottom - top, right - left)
        spans = np.empty((bottom - top, 4), np.int64)
        cover_panel(lines, np.array(invert(plane)), panel.box, panel.radius, left, top, coverage, spans)
        part = out[top:bottom, left:right]
        np.maximum(part, panel.opacity * coverage, out=part)


def grown(box: Box, by: float) -> Box:
    """A box grown by a length on each side."""
    return box[0] - by, box[1] - by, box[2] + by, box[3] + by


def _screws(plane: Homography, panel: Panel, scale: float) -> npt.NDArray[np.float64]:
    """Where a panel's screws are: x, y and radius in pixels."""
    x0, y0, x1, y1 = grown(panel.box, -2.2 * panel.screw - panel.inset - panel.rim)
    places = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
    if panel.screws == 2:
        places = [(x0, 0.5 * (y0 + y1)), (x1, 0.5 * (y0 + y1))]
    return np.array([(*project(plane, x, y), panel.screw * scale) for x, y in places])


def paint_material(
    image: Image,
    left: int,
    top: int,
    coverage: npt.NDArray[np.float32],
    spans: npt.NDArray[np.int64],
    back: npt.NDArray[np.float64],
    panel: Panel,
    library: BackgroundLibrary,
    light: npt.NDArray[np.float64],
) -> None:
    """Fill the window's coverage of `image`, float32 (H, 3 W), with the panel's material; `back`: image to plane."""
    record = panel.material
    x0, y0, x1, y1 = panel.box
    if record.kind == "plain":
        paint_flat(
            image,
            left,
            top,
            coverage,
            spans,
            np.array((*record.first, *record.first), np.float32),
            back,
            light,
            panel.opacity,
        )
        return
    if record.kind == "gradient":
        c, s = math.cos(record.angle), math.sin(record.angle)
        span = max(abs(c) * (x1 - x0) + abs(s) * (y1 - y0), 1e-9)
        middle = 0.5 - (c * (x0 + x1) + s * (y0 + y1)) / (2.0 * span)
        place = _through((c / span, s / span, middle, 0.0, 0.0, 0.0), back)
        paint = np.array((*record.first, *record.second), np.float32)
        paint_flat(image, left, top, coverage, spans, paint, place, light, panel.opacity)
        return
    c, s = math.cos(record.angle), math.sin(record.angle)
    across = -1.0 if record.mirror else 1.0
    if record.kind == "photo":
        photo = library.photo_words(str(record.source))
        words, levels, mean = photo.words, photo.places, photo.mean
        rows, columns = levels[0, 1:].tolist()
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
        place = _through(source, back)
        paint_photo(image, left, top, coverage, spans, words, levels, LINEAR, place, paint, light, panel.opacity)
        return
    if record.kind not in TEXTURE_KINDS:
        raise InputError(f"unknown background {record.kind!r}: the kinds are {', '.join(KINDS)}")
    flat, levels = packed(texture_field(record.kind, int(record.source)))
    k = record.scale
    source = (across * k * c, -k * s, record.x * SIZE, across * k * s, k * c, record.y * SIZE)
    place = _through(source, back)
    paint = np.array((*record.first, *record.second, record.relief), np.float32)
    paint_texture(image, left, top, coverage, spans, flat, levels, place, paint, light, panel.opacity)


def _through(
    affine: tuple[float, float, float, float, float, float], back: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """From the image to a source: through the plane, then by an affine map (two rows of three)."""
    b: Homography = tuple(back.tolist())
    return np.array(chain((*affine, 0.0, 0.0, 1.0), b))
