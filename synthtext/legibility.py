"""Legibility: how well a person could read a word, from what is known of how it was made.

With, of a word,

    dL       difference of lightness (100 sqrt of luminance) between its ink and its surround, before the camera
    s        width of its strokes in pixels: twice the ink's area over its outline's length
    b        standard deviation in pixels of all blur together, low resolution included
    n        standard deviation of lightness: half of the surround's own (texture) and all the noise, added in squares
    e        the em in pixels, across the direction in which it is the smaller, over the loss of resolution
    v        visible share of its ink

the contrast that is left after the blur is dL exp(-(pi b / s)^2 / 2), the response of a Gaussian blur at the frequency
1 / (2 s) at which strokes alternate, and the score is the product

    clip(contrast / 10) * clip((contrast / (n + 2) - 0.3) / 2) * clip((e - 4) / 8) * clip((v - 0.4) / 0.45)

with clip to [0, 1]: it falls off where strokes sink into the background or the noise, where an x-height has less than
about 6 pixels, and where letters are cut away.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from synthtext.kernel import kernel


@kernel
def measure_words(image, own, other, points, contour_ends, glyph_ends, cells, words, quads, out):  # type: ignore[no-untyped-def]
    """What is known of each word's looks before the camera.

    `image`: float32 (H, W, 3) linear light. `own`: float32 (H, W), coverage of labelled text; `other`: of all that was
    written. `points` ... `words`: the outlines as `flatten` gives them, and what they stand for. `quads`: float32
    (m, 4, 2). Out: `out` float64 (m, 6): mean lightness of the ink, of its surround, standard deviation of the
    surround, visible area of the ink, area of its outlines, their length; in pixels. Lightness is taken over the
    quad's bounding box grown by 2 pixels.
    """
    height, width = own.shape
    zero, one = np.float32(0.0), np.float32(1.0)
    for m in range(words.shape[0]):
        g0, g1 = cells[words[m, 0], 0], cells[words[m, 1] - 1, 1]
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
        left, right, top, bottom = 1e30, -1e30, 1e30, -1e30
        for k in range(4):
            left, right = min(left, quads[m, k, 0]), max(right, quads[m, k, 0])
            top, bottom = min(top, quads[m, k, 1]), max(bottom, quads[m, k, 1])
        c0, c1 = int(min(max(left - 2.0, 0.0), width)), int(min(max(right + 3.0, 0.0), width))
        r0, r1 = int(min(max(top - 2.0, 0.0), height)), int(min(max(bottom + 3.0, 0.0), height))
        # Sums by column: a row of independent sums fills vector registers, one sum would wait for itself.
        sums = np.zeros((6, max(c1 - c0, 0)), np.float32)
        visibles, solids, inks = sums[0], sums[1], sums[2]
        clears, lights, squares = sums[3], sums[4], sums[5]
        for r in range(r0, r1):
            written, around, pixels = own[r, c0:c1], other[r, c0:c1], image[r, c0:c1]
            for c in range(visibles.shape[0]):
                a = written[c]
                y = np.float32(0.2126) * pixels[c, 0] + np.float32(0.7152) * pixels[c, 1]
                y += np.float32(0.0722) * pixels[c, 2]
                lightness = np.sqrt(y)
                solid = a if a > np.float32(0.5) else zero
                clear = one if around[c] < np.float32(0.05) else zero
                visibles[c] += a
                solids[c] += solid
                inks[c] += solid * lightness
                clears[c] += clear
                lights[c] += clear * lightness
                squares[c] += clear * y
        visible, solid, ink, n, sum1, sum2 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        for c in range(visibles.shape[0]):
            visible, solid, ink = visible + visibles[c], solid + solids[c], ink + inks[c]
            n, sum1, sum2 = n + clears[c], sum1 + lights[c], sum2 + squares[c]
        mean = sum1 / n if n > 0.0 else 0.0
        out[m, 0] = 100.0 * ink / solid if solid > 0.0 else 100.0 * mean
        out[m, 1] = 100.0 * mean if n > 0.0 else out[m, 0]
        out[m, 2] = 100.0 * math.sqrt(max(sum2 / n - mean * mean, 0.0)) if n > 0.0 else 0.0
        out[m, 3], out[m, 4], out[m, 5] = visible, 0.5 * abs(area), length


def _clip(x: float) -> float:
    return 0.0 if x < 0.0 else min(x, 1.0)


def score_words(
    measures: npt.NDArray[np.float64], em: float, blur: float, noise: float, resolution: float
) -> npt.NDArray[np.float32]:
    """The score of each word, float32 (m,) in [0, 1]; the formula stands at the head of this module.

    `measures`: float64 (m, 6) of `measure_words`. `em`: pixels. `blur`: pixels (standard deviation). `noise`: lightness
    (standard deviation). `resolution`: factor of its loss.
    """
    scores = []
    size = _clip((em / resolution - 4.0) / 8.0)
    for ink, surround, clutter, visible, area, length in measures.tolist():
        stroke = max(2.0 * area / max(length, 1e-6), 0.3)
        left = abs(ink - surround) * math.exp(-0.5 * (math.pi * blur / stroke) ** 2)
        against = left / (math.hypot(0.5 * clutter, noise) + 2.0)
        seen = visible / max(area, 1e-6)
        scores.append(_clip(left / 10.0) * _clip((against - 0.3) / 2.0) * size * _clip((seen - 0.4) / 0.45))
    return np.array(scores, np.float32)
