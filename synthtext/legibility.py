"""Legibility: how well a person could read a word, from what is known of how it was made.

With, of a word,

    dL       difference of lightness (100 sqrt of luminance) between its ink and its surround, before the camera;
             no more than twice that of its weakest letter, in the picture's columns that it spans
    s        width of its strokes in pixels: twice the ink's area over its outline's length
    b        standard deviation in pixels of all blur together, low resolution included
    n        standard deviation of lightness: half of the surround's and of the ink's own (texture), and all the noise,
             added in squares
    e        the em in pixels, across the direction in which it is the smaller, over the loss of resolution
    v        visible share of its ink, or of what is drawn in the columns of the letter of which the least is left

the contrast that is left after the blur is dL exp(-(pi b / s)^2 / 2), the response of a Gaussian blur at the frequency
1 / (2 s) at which strokes alternate, and the score is the product

    clip(contrast / 10) * clip((contrast / (n + 2) - 0.3) / 2) * clip((e - 4) / 8) * clip((v - 0.4) / 0.45)

with clip to [0, 1]: it falls off where strokes sink into the background or the noise, where an x-height has less than
about 6 pixels, and where letters are cut away.
"""

from __future__ import annotations

import math

import numpy as np

from synthtext.degrade.degrade import noise_lightness, seen_lightness
from synthtext.kernel import kernel


@kernel
def _strokes(points, contour_ends, glyph_ends, cells, word):  # type: ignore[no-untyped-def]
    """Area and length of the outlines of the cells that are `word`, int64 (2,), in pixels."""
    g0, g1 = cells[word[0], 0], cells[word[1] - 1, 1]
    first = glyph_ends[g0 - 1] if g0 > 0 else 0
    area, length = 0.0, 0.0
    start = contour_ends[first - 1] if first > 0 else 0
    for c in range(first, glyph_ends[g1 - 1]):
        stop = contour_ends[c]
        x0, y0 = points[stop - 1, 0], points[stop - 1, 1]
        for i in range(start, stop):
            x1, y1 = points[i, 0], points[i, 1]
            area += x0 * y1 - x1 * y0
            length += math.sqrt((x1 - x0) * (x1 - x0) + (y1 - y0) * (y1 - y0))
            x0, y0 = x1, y1
        start = stop
    return 0.5 * abs(area), length


@kernel
def _weakest_letter(  # type: ignore[no-untyped-def]
    solids, inks, clears, lights, visibles, drawns, left, points, contour_ends, glyph_ends, cells, word, ink, surround,
    exposure, contrast, gamma,
):  # fmt: skip
    """The least by which the ink of a letter stands out to the side to which the word's does, in seen lightness, >= 0,
    and the least share of a letter's ink that is seen.

    `solids` ... `lights`: by column of the picture from `left` on, the weights and the sums of the lightness of ink and
    surround; `visibles`, `drawns`: the ink that is seen, and that was drawn. A letter has the columns that its outline
    spans. `ink`, `surround`: the word's own lightness. `exposure`, `contrast`, `gamma`: what the camera makes of
    lightness.
    """
    sign, columns, weakest, share = 1.0 if ink > surround else -1.0, solids.shape[0], 100.0, 1.0
    for cell in range(word[0], word[1]):
        first, last = cells[cell, 0], cells[cell, 1]
        begin = glyph_ends[first - 1] if first > 0 else 0
        start, stop = contour_ends[begin - 1] if begin > 0 else 0, contour_ends[glyph_ends[last - 1] - 1]
        x0, x1 = 1e30, -1e30
        for i in range(start, stop):
            x0, x1 = min(x0, points[i, 0]), max(x1, points[i, 0])
        solid, light, n, ground, visible, drawn = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        for c in range(int(min(max(x0 - left, 0.0), columns)), int(min(max(x1 - left + 1.0, 0.0), columns))):
            solid, light = solid + solids[c], light + inks[c]
            n, ground = n + clears[c], ground + lights[c]
            visible, drawn = visible + visibles[c], drawn + drawns[c]
        if drawn >= 2.0:
            share = min(share, visible / drawn)
        if solid >= 2.0:
            letter = seen_lightness(100.0 * light / solid, exposure, contrast, gamma)
            behind = seen_lightness(100.0 * ground / n if n >= 2.0 else surround, exposure, contrast, gamma)
            weakest = min(weakest, max(sign * (letter - behind), 0.0))
    return weakest, share


@kernel
def measure_words(  # type: ignore[no-untyped-def]
    image, own, drawn, other, points, contour_ends, glyph_ends, cells, words, quads, exposure, contrast, gamma, out
):
    """What is known of each word's looks before the camera.

    `image`: float32 (H, W, 3) linear light. `drawn`: float32 (H, W), coverage of labelled text; `own`: what is seen of
    it; `other`: coverage of all that was written. `points` ... `words`: the outlines as `flatten` gives them, and what
    they stand for. `quads`: float32 (m, 4, 2). `exposure`, `contrast`, `gamma`: see DegradeRecord. Out: `out` float64
    (m, 8): mean lightness of the ink, of its surround, standard deviation of both (of the ink where it covers a pixel),
    added in squares, visible area of the ink, area of its outlines, their length, in pixels; by how much its weakest
    letter will stand out after the camera; and the least visible share of a letter. Lightness is taken over the quad's
    bounding box grown by 2 pixels.
    """
    height, width = own.shape
    zero, one = np.float32(0.0), np.float32(1.0)
    for m in range(words.shape[0]):
        area, length = _strokes(points, contour_ends, glyph_ends, cells, words[m])
        left, right, top, bottom = 1e30, -1e30, 1e30, -1e30
        for k in range(4):
            left, right = min(left, quads[m, k, 0]), max(right, quads[m, k, 0])
            top, bottom = min(top, quads[m, k, 1]), max(bottom, quads[m, k, 1])
        c0, c1 = int(min(max(left - 2.0, 0.0), width)), int(min(max(right + 3.0, 0.0), width))
        r0, r1 = int(min(max(top - 2.0, 0.0), height)), int(min(max(bottom + 3.0, 0.0), height))
        # Sums by column: a row of independent sums fills vector registers, one sum would wait for itself. A few arrays
        # a loop: of more, the compiler doesn't prove that they don't overlap.
        columns = max(c1 - c0, 0)
        luminances, lightnesses = np.empty(columns, np.float32), np.empty(columns, np.float32)
        visibles, solids, inks = (
            np.zeros(columns, np.float32),
            np.zeros(columns, np.float32),
            np.zeros(columns, np.float32),
        )
        clears, lights, squares = (
            np.zeros(columns, np.float32),
            np.zeros(columns, np.float32),
            np.zeros(columns, np.float32),
        )
        fulls, ink_lights, ink_squares = (
            np.zeros(columns, np.float32),
            np.zeros(columns, np.float32),
            np.zeros(columns, np.float32),
        )
        drawns = np.zeros(columns, np.float32)
        for r in range(r0, r1):
            written, whole, around, pixels = own[r, c0:c1], drawn[r, c0:c1], other[r, c0:c1], image[r, c0:c1]
            for c in range(columns):
                y = np.float32(0.2126) * pixels[c, 0] + np.float32(0.7152) * pixels[c, 1]
                luminances[c] = y + np.float32(0.0722) * pixels[c, 2]
            for c in range(columns):
                lightnesses[c] = np.sqrt(luminances[c])
            for c in range(columns):
                visibles[c] += written[c]
                solids[c] += written[c] if written[c] > np.float32(0.5) else zero
            for c in range(columns):
                drawns[c] += whole[c]
            for c in range(columns):
                inks[c] += (written[c] if written[c] > np.float32(0.5) else zero) * lightnesses[c]
            for c in range(columns):
                clears[c] += one if around[c] < np.float32(0.05) else zero
                lights[c] += lightnesses[c] if around[c] < np.float32(0.05) else zero
            for c in range(columns):
                squares[c] += luminances[c] if around[c] < np.float32(0.05) else zero
            for c in range(columns):
                fulls[c] += one if written[c] > np.float32(0.95) else zero
                ink_lights[c] += lightnesses[c] if written[c] > np.float32(0.95) else zero
            for c in range(columns):
                ink_squares[c] += luminances[c] if written[c] > np.float32(0.95) else zero
        visible, solid, ink, n, sum1, sum2 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        full, full1, full2 = 0.0, 0.0, 0.0
        for c in range(columns):
            visible, solid, ink = visible + visibles[c], solid + solids[c], ink + inks[c]
            n, sum1, sum2 = n + clears[c], sum1 + lights[c], sum2 + squares[c]
            full, full1, full2 = full + fulls[c], full1 + ink_lights[c], full2 + ink_squares[c]
        mean = sum1 / n if n > 0.0 else 0.0
        variance = max(sum2 / n - mean * mean, 0.0) if n > 0.0 else 0.0
        variance += max(full2 / full - (full1 / full) ** 2, 0.0) if full > 0.0 else 0.0
        out[m, 0] = 100.0 * ink / solid if solid > 0.0 else 100.0 * mean
        out[m, 1] = 100.0 * mean if n > 0.0 else out[m, 0]
        out[m, 2] = 100.0 * math.sqrt(variance)
        out[m, 6], out[m, 7] = _weakest_letter(
            solids, inks, clears, lights, visibles, drawns, c0, points, contour_ends, glyph_ends, cells, words[m],
            out[m, 0], out[m, 1], exposure, contrast, gamma,
        )  # fmt: skip
        out[m, 3], out[m, 4], out[m, 5] = visible, area, length


@kernel
def _clip(x):  # type: ignore[no-untyped-def]
    return min(max(x, 0.0), 1.0)


@kernel
def score_word(ink, surround, clutter, visible, area, length, em, blur, noise, resolution):  # type: ignore[no-untyped-def]
    """The score of a word in [0, 1]; the formula stands at the head of this module.

    `ink` ... `length`: as `measure_words` gives them and as the camera sees them. `em`, `blur` (standard deviation):
    pixels. `noise`: lightness (standard deviation). `resolution`: factor of its loss.
    """
    stroke = max(2.0 * area / max(length, 1e-6), 0.3)
    left = abs(ink - surround) * math.exp(-0.5 * (math.pi * blur / stroke) ** 2)
    against = left / (math.hypot(0.5 * clutter, noise) + 2.0)
    size, seen = _clip((em / resolution - 4.0) / 8.0), _clip((visible / max(area, 1e-6) - 0.4) / 0.45)
    return _clip(left / 10.0) * _clip((against - 0.3) / 2.0) * size * seen


@kernel
def best_score(points, contour_ends, glyph_ends, cells, words, em, blur, resolution, contrast):  # type: ignore[no-untyped-def]
    """About the most that the worst of the words will score, on a plain ground: known before anything is painted.

    `points` ... `words`: as of `measure_words`. `em`, `blur`, `resolution`: as of `score_word`. `contrast`: lightness
    between ink and ground.
    """
    best = 1.0
    for m in range(words.shape[0]):
        area, length = _strokes(points, contour_ends, glyph_ends, cells, words[m])
        best = min(best, score_word(contrast, 0.0, 0.0, area, area, length, em, blur, 0.0, resolution))
    return best


@kernel
def judge_words(  # type: ignore[no-untyped-def]
    image, own, drawn, other, points, contour_ends, glyph_ends, cells, words, quads,
    em, blur, resolution, exposure, contrast, gamma, shot, read, measures, out,
):  # fmt: skip
    """The score of each word of a picture before the camera into `out`, float32 (m,).

    `image` ... `quads`: as of `measure_words`. `em`, `blur`, `resolution`: as of `score_word`. `exposure` ... `read`:
    what the camera will do; see DegradeRecord. Out, too: `measures`, float64 (m, 8), as the camera sees them.
    """
    n = words.shape[0]
    looks = image, own, drawn, other, points, contour_ends, glyph_ends, cells, words, quads
    measure_words(*looks, exposure, contrast, gamma, measures)
    total = 0.0
    for m in range(n):
        for i in range(2):
            total += measures[m, i]
            measures[m, i] = seen_lightness(measures[m, i], exposure, contrast, gamma)
    noise = noise_lightness(total / (2 * n), exposure, contrast, shot, read)
    for m in range(n):
        ink, surround, clutter = measures[m, 0], measures[m, 1], measures[m, 2]
        visible, area, length = measures[m, 3], measures[m, 4], measures[m, 5]
        stands_out = min(abs(ink - surround), 2.0 * measures[m, 6])
        ink = surround + stands_out if ink > surround else surround - stands_out
        visible = min(visible, measures[m, 7] * area)
        out[m] = score_word(ink, surround, clutter, visible, area, length, em, blur, noise, resolution)
