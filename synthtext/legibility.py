"""Legibility: how well a person could read a word, from what is known of how it was made.

With, of a word,

    dL       difference of lightness (100 sqrt of luminance) between its ink and its surround, before the camera
    s        width of its strokes in pixels: twice the ink's area over its outline's length
    b        standard deviation in pixels of all blur together, low resolution included
    n        standard deviation of lightness: half of the surround's own (texture) and all of the noise, added in squares
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
def measure_words(points, contour_ends, glyph_ends, cells, words, out):  # type: ignore[no-untyped-def]
    """Per word the area (pixels) and the length (pixels) of its outlines. `out`: float64 (m, 2)."""
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
                area += 0.5 * (x0 * y1 - x1 * y0)
                length += math.hypot(x1 - x0, y1 - y0)
                x0, y0 = x1, y1
            start = stop
        out[m, 0], out[m, 1] = abs(area), length


def _clip(x: float) -> float:
    return 0.0 if x < 0.0 else min(x, 1.0)


def score_words(
    contrast: npt.NDArray[np.float64],
    measures: npt.NDArray[np.float64],
    em: float,
    blur: float,
    noise: float,
    resolution: float,
) -> npt.NDArray[np.float32]:
    """The score of each word, float32 (m,) in [0, 1]; the formula stands at the head of this module.

    `contrast`: float64 (m, 4) of `ink_contrast`. `measures`: float64 (m, 2) of `measure_words`. `em`: pixels.
    `blur`: pixels (standard deviation). `noise`: lightness (standard deviation). `resolution`: factor of its loss.
    """
    scores = np.empty(len(measures), np.float32)
    size = _clip((em / resolution - 4.0) / 8.0)
    for m, ((ink, surround, clutter, visible), (area, length)) in enumerate(
        zip(contrast.tolist(), measures.tolist(), strict=True)
    ):
        stroke = max(2.0 * area / max(length, 1e-6), 0.3)
        left = abs(ink - surround) * math.exp(-0.5 * (math.pi * blur / stroke) ** 2)
        against = left / (math.hypot(0.5 * clutter, noise) + 2.0)
        seen = visible / max(area, 1e-6)
        scores[m] = _clip(left / 10.0) * _clip((against - 0.3) / 2.0) * size * _clip((seen - 0.4) / 0.45)
    return scores
