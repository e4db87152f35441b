"""Legibility: how well a person could read a word, measured in the finished picture against what was drawn.

Compared are differences of two planes between points a little apart: of the ink's coverage a, which is exact, and of
the lightness l (0 to 100) that the picture has in the end. They are taken along the rows, at a distance of half the
mean run of ink or gap in them, and down the columns alike, and summed over a letter's columns in its word's outline:

    likeness   sum(da dl) / sqrt(sum(da da) sum(dl dl)): the part of what varies there that is the letter's strokes
               and the gaps between them; of the word's letters, the least
    contrast   sum(da dl) / sum(da da): the lightness that is left between stroke and gap; of the letters, the least

Whatever takes the strokes away lowers the likeness, each as it acts: blur takes the strokes across its direction and
fills narrow gaps, a coarse sensor and JPEG take what is finer than they are, and noise, a line across, a crease, a busy
ground or a lamp's reflection add what is no stroke. What is only fainter keeps its likeness, and loses contrast.

Letters that are drawn by more than their ink (a border, sides, relief) are held against the picture of them, too: the
lightness by which painting them changed what lay behind them, p in the place of a. Where they are liker to that, the
mean of both counts: what is drawn around ink can be read, and can be taken for it.

With e, the em in pixels, across the direction in which it is the smaller, and v, the share of the word's ink that lies
in the picture, the score is the product

    clip((likeness - 0.22) / 0.78) * clip(contrast / 3) * clip((e - 4) / 8) * clip((v - 0.4) / 0.45)

with clip to [0, 1]. `benchmarks/legibility.py` holds it against a recogniser, effect by effect.
"""

from __future__ import annotations

import math

import numpy as np

from synthtext.core.kernel import kernel, part
from synthtext.core.srgb import LUMINANCE
from synthtext.geometry.polygons import row_crossings, signed_area

LIKENESS, CONTRAST, SEEN, DRAWN, AREA = range(5)  # columns of `measure_words`' result
_MARGIN = 2.0  # pixels around a word's outline that are looked at
_TILE = 256  # columns that are summed at a time: sums lie so far apart, which the compiler knows, in one array
_LEAST = 2.0  # sum of squared differences of coverage, below which a letter is too little to be judged


@kernel
def lightness_of(planes, out):
    """100 sqrt(luminance) of an image in planes, float32 (H, 3, W) linear light, into `out` float32 (H, W)."""
    for r in range(out.shape[0]):
        red, green, blue, row = planes[r, 0], planes[r, 1], planes[r, 2], out[r]
        for c in range(out.shape[1]):
            y = np.float32(LUMINANCE[0]) * red[c] + np.float32(LUMINANCE[1]) * green[c]
            row[c] = y + np.float32(LUMINANCE[2]) * blue[c]
        for c in range(out.shape[1]):
            row[c] = np.float32(100.0) * np.sqrt(max(row[c], np.float32(0.0)))


@kernel
def _outline(points, contour_ends, glyph_ends, first, last):
    """Of the outlines of the glyphs first to last - 1: area, extents of all edges along x and along y, added up, and
    the least and the largest x."""
    begin = glyph_ends[first - 1] if first > 0 else 0
    area, across, down, x_min, x_max = 0.0, 0.0, 0.0, 1e30, -1e30
    start = contour_ends[begin - 1] if begin > 0 else 0
    for c in range(begin, glyph_ends[last - 1]):
        stop = contour_ends[c]
        x0, y0 = points[stop - 1, 0], points[stop - 1, 1]
        for i in range(start, stop):
            x1, y1 = points[i, 0], points[i, 1]
            area += x0 * y1 - x1 * y0
            across, down = across + abs(x1 - x0), down + abs(y1 - y0)
            x_min, x_max = min(x_min, x1), max(x_max, x1)
            x0, y0 = x1, y1
        start = stop
    return 0.5 * abs(area), across, down, x_min, x_max


@kernel
def _add_products(a, b, c, d, sums):
    """Add the products of the differences c - a and d - b, float32 (n,), to `sums` (see `_TILE`): of the first's
    squares, of both, of the second's squares."""
    for i in range(a.shape[0]):
        da, db = c[i] - a[i], d[i] - b[i]
        sums[i] += da * da
        sums[i + _TILE] += da * db
        sums[i + 2 * _TILE] += db * db


@kernel
def _compare(plane, top, left, light, spans, kx, ky, sums):
    """By column, the sums of products of the differences of two planes, `kx` apart along x and `ky` along y.

    `light`: float32 (rows, columns). `plane`: float32, in which these rows and columns begin at (left, top). `spans`:
    int64 (rows, 2), the columns of each row that are looked at.
    Out: `sums` float32 (3, columns): of the plane's squares, of both, of the light's squares.
    """
    rows, columns = light.shape
    middle = (kx + 1) // 2
    tile = np.empty(3 * _TILE, np.float32)
    for begin in range(0, columns, _TILE):
        end = min(begin + _TILE, columns)
        tile[:] = np.float32(0.0)
        for r in range(rows):
            first, last = spans[r, 0], spans[r, 1]
            a, b = plane[top + r, left : left + columns], light[r]
            # Columns whose middle lies between two points of the row.
            p, q = max(first + middle, begin) - middle, min(last - kx + middle, end) - middle
            if q > p:
                _add_products(a[p:q], b[p:q], a[p + kx : q + kx], b[p + kx : q + kx], tile[p + middle - begin :])
            if r >= ky:
                p, q = max(first, spans[r - ky, 0], begin), min(last, spans[r - ky, 1], end)
                if q > p:
                    c, d = plane[top + r - ky, left : left + columns], light[r - ky]
                    _add_products(c[p:q], d[p:q], a[p:q], b[p:q], tile[p - begin :])
        for k in range(3):
            for c in range(begin, end):
                sums[k, c] = tile[k * _TILE + c - begin]


@kernel
def _total(sums, first, last):
    """The sums of `_compare` over the columns first to last - 1."""
    own, cross, seen = 0.0, 0.0, 0.0
    for c in range(first, last):
        own, cross, seen = own + sums[0, c], cross + sums[1, c], seen + sums[2, c]
    return own, cross, seen


@kernel
def _likeness(own, cross, seen):
    return cross / math.sqrt(own * seen) if own > 1e-6 and seen > 1e-6 else 0.0


@kernel
def measure_words(
    codes, left, top, drawn, seen, painted, points, contour_ends, glyph_ends, cells, words, polygons, sizes, out
):
    """What is left of each word in a finished picture.

    `codes`: uint8 (H, W, 3). `drawn`: float32 (h, w), coverage of the text, its first pixel at (left, top) of the
    picture; `seen`: what is not hidden of it; `painted`: by how much lightness painting it changed the picture (of
    shape (0, 0) where its ink tells all; see `lightness_of`). `points` ... `words`: the outlines as `flatten` gives
    them, in the picture, and what they stand for. `polygons`, `sizes`: outlines of the words, as of `fit_labels`.
    Out: `out` float64 (m, 5): likeness and contrast, as they stand at the head of this module; the area of ink in the
    picture that is seen, and that was drawn; and the area of the outlines, pixels.
    """
    height, width = drawn.shape
    flat = codes.reshape(codes.shape[0], 3 * codes.shape[1])
    xs = np.empty(polygons.shape[1])
    for m in range(words.shape[0]):
        n = sizes[m]
        y0, y1 = 1e30, -1e30
        for i in range(n):
            y0, y1 = min(y0, polygons[m, i, 1]), max(y1, polygons[m, i, 1])
        r0 = int(min(max(y0 - top - _MARGIN, 0.0), height))
        r1 = int(min(max(y1 - top + _MARGIN + 1.0, 0.0), height))
        out[m] = 0.0
        out[m, AREA], across, down, _, _ = _outline(
            points, contour_ends, glyph_ends, cells[words[m, 0], 0], cells[words[m, 1] - 1, 1]
        )
        if r1 <= r0:
            continue
        spans = np.zeros((r1 - r0, 2), np.int64)
        c0, c1 = width, 0
        for r in range(r0, r1):
            # Rows just above and below the outline are looked at over the width of its nearest row.
            crossings = row_crossings(polygons[m], 0, n, min(max(top + r + 0.5, y0 + 1e-3), y1 - 1e-3), xs)
            if crossings > 1:
                first = int(min(max(xs[0] - left - _MARGIN, 0.0), width))
                last = int(min(max(xs[crossings - 1] - left + _MARGIN + 1.0, 0.0), width))
                if last > first:
                    spans[r - r0, 0], spans[r - r0, 1] = first, last
                    c0, c1 = min(c0, first), max(c1, last)
        if c1 <= c0:
            continue
        columns = c1 - c0
        light = np.empty((r1 - r0, columns), np.float32)
        visibles, inks = np.zeros(columns, np.float32), np.zeros(columns, np.float32)
        for r in range(r0, r1):
            row = light[r - r0]
            if spans[r - r0, 1] == 0:
                spans[r - r0, 0] = c0
                spans[r - r0, 1] = c0
            spans[r - r0, 0] -= c0
            spans[r - r0, 1] -= c0
            # Flat, not (n, 3): a loop over that does not fill vector registers.
            pixels = flat[top + r, 3 * (left + c0) : 3 * (left + c1)]
            for c in range(columns):
                y = np.float32(LUMINANCE[0]) * np.float32(pixels[3 * c])
                y += np.float32(LUMINANCE[1]) * np.float32(pixels[3 * c + 1])
                y += np.float32(LUMINANCE[2]) * np.float32(pixels[3 * c + 2])
                row[c] = np.float32(100.0 / 255.0) * y
            first, last = spans[r - r0, 0], spans[r - r0, 1]
            written, shown = drawn[r, c0:c1], seen[r, c0:c1]
            for c in range(first, last):
                inks[c] += written[c]
            for c in range(first, last):
                visibles[c] += shown[c]
        area = abs(signed_area(polygons[m], 0, n))
        kx = int(min(max(0.5 * area / max(down, 1e-6) + 0.5, 1.0), max(columns - 1.0, 1.0)))
        ky = int(min(max(0.5 * area / max(across, 1e-6) + 0.5, 1.0), max(r1 - r0 - 1.0, 1.0)))
        sums, others = np.empty((3, columns), np.float32), np.zeros((3, columns), np.float32)
        _compare(drawn, r0, c0, light, spans, kx, ky, sums)
        own, cross, varied = _total(sums, 0, columns)
        sign = 1.0 if cross >= 0.0 else -1.0
        more = painted.shape[0] > 0
        if more:
            _compare(painted, r0, c0, light, spans, kx, ky, others)
        likeness, contrast, letters = 1.0, 100.0, 0
        for cell in range(words[m, 0], words[m, 1]):
            _, _, _, x0, x1 = _outline(points, contour_ends, glyph_ends, cells[cell, 0], cells[cell, 1])
            first = int(min(max(x0 - left - c0, 0.0), columns))
            last = int(min(max(x1 - left - c0 + 1.0, 0.0), columns))
            a, b, d = _total(sums, first, last)
            if a >= _LEAST:
                like = sign * _likeness(a, b, d)
                if more:
                    like = max(like, 0.5 * (max(like, 0.0) + _likeness(*_total(others, first, last))))
                likeness, contrast = min(likeness, like), min(contrast, like * math.sqrt(d / a))
                letters += 1
        if letters == 0:
            likeness = sign * _likeness(own, cross, varied)
            if more:
                likeness = max(likeness, 0.5 * (max(likeness, 0.0) + _likeness(*_total(others, 0, columns))))
            contrast = likeness * math.sqrt(varied / max(own, 1e-6))
        out[m, LIKENESS], out[m, CONTRAST] = max(likeness, 0.0), max(contrast, 0.0)
        visible, whole = 0.0, 0.0
        for c in range(columns):
            visible, whole = visible + visibles[c], whole + inks[c]
        out[m, SEEN], out[m, DRAWN] = visible, whole


@kernel
def _clip(x):
    return min(max(x, 0.0), 1.0)


@part
def score_word(likeness, contrast, em, share):
    """The score of a word in [0, 1]; the formula stands at the head of this module.

    `likeness`, `contrast`: as `measure_words` gives them. `em`: pixels. `share`: of the ink, that lies in the picture.
    """
    strokes, size, whole = _clip((likeness - 0.22) / 0.78), _clip((em - 4.0) / 8.0), _clip((share - 0.4) / 0.45)
    return strokes * _clip(contrast / 3.0) * size * whole


@part
def score_words(measures, areas, insides, ems, legibility, visible):
    """Legibility and visible share of words, into `legibility` and `visible`, float32 (m,).

    `measures`: float64 (m, 5), as of `measure_words`. `areas`, `insides`: float64 (m,), of the words' ink, and of what
    of it lies in the picture. `ems`: float64 (m,), pixels.
    """
    for m in range(legibility.shape[0]):
        share = min(insides[m] / max(areas[m], 1e-6), 1.0)
        # Of a sliver at the border no pixel may be held to be drawn: nothing is known to hide it.
        drawn = measures[m, DRAWN]
        visible[m] = share * (min(measures[m, SEEN] / drawn, 1.0) if drawn > 1e-6 else 1.0)
        legibility[m] = score_word(measures[m, LIKENESS], measures[m, CONTRAST], ems[m], share)


@part
def judge_words(
    codes, drawn, seen, painted, points, contour_ends, glyph_ends, cells, words, quads, em, legibility, visible
):
    """Legibility and visible share of the words of a crop, into `legibility` and `visible`, float32 (m,).

    `codes` ... `words`: as of `measure_words`, whose polygons here are the words' `quads`, float32 (m, 4, 2). `em`: of
    all of them, pixels.
    """
    n = words.shape[0]
    measures = np.empty((n, 5))
    measure_words(
        codes,
        0,
        0,
        drawn,
        seen,
        painted,
        points,
        contour_ends,
        glyph_ends,
        cells,
        words,
        quads,
        np.full(n, 4),
        measures,
    )
    score_words(measures, measures[:, AREA], measures[:, DRAWN], np.full(n, em), legibility, visible)
