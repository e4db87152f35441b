"""What a sample must say, worked out from its outlines and pictures (`Generator.stages`) by other means than ours."""

from pathlib import Path

import naive_legibility
import numpy as np
from fontTools.pens.boundsPen import BoundsPen
from fontTools.ttLib import TTFont
from shapely.geometry import MultiPolygon, Polygon, box
from shapely.ops import unary_union

FONTS = Path(__file__).parent.parent / "fonts"
SCANLINES = 8  # a row of pixels


def ink_shape(contours):
    """The ink of an outline, for shapely: what an odd number of its contours go round."""
    shape = MultiPolygon()
    for contour in contours:
        if len(contour) > 2:
            shape = shape.symmetric_difference(Polygon(contour).buffer(0))
    return shape


def word_shape(word):
    return unary_union([ink_shape(contours) for _, contours in word.chars])


def share_inside(shape, height, width):
    """Which share of a shape's area lies in the picture."""
    return shape.intersection(box(0, 0, width, height)).area / shape.area


def coverage(contours, height, width):
    """Of one outline, float64 (height, width): exact along a scanline, 8 scanlines a row."""
    out = np.zeros((height, width))
    starts = np.concatenate([np.asarray(c) for c in contours])
    ends = np.concatenate([np.roll(np.asarray(c), -1, axis=0) for c in contours])
    for step in range(height * SCANLINES):
        y = (step + 0.5) / SCANLINES
        crossing = (starts[:, 1] <= y) != (ends[:, 1] <= y)
        a, b = starts[crossing], ends[crossing]
        xs = np.clip(np.sort(a[:, 0] + (y - a[:, 1]) * (b[:, 0] - a[:, 0]) / (b[:, 1] - a[:, 1])), 0.0, width)
        for x0, x1 in zip(xs[::2], xs[1::2], strict=True):
            columns = np.arange(int(x0), min(int(np.ceil(x1)), width))
            out[step // SCANLINES, columns] += np.minimum(x1, columns + 1) - np.maximum(x0, columns)
    return out / SCANLINES


def ink_of(words, height, width):
    """Coverage of words, united by the largest: float32 (height, width)."""
    out = np.zeros((height, width))
    for word in words:
        for _, contours in word.chars:
            out = np.maximum(out, coverage(contours, height, width))
    return out.astype(np.float32)


def extent(contours):
    """x0, y0, x1, y1 of contours."""
    points = np.concatenate(contours)
    return (*points.min(0), *points.max(0))


def pixels_per_em(face, words):
    """Pixels per em along x and y of upright text: its letters' extents against those that the font file tells."""
    font = TTFont(FONTS / face)
    glyphs, names, upem = font.getGlyphSet(), font.getBestCmap(), font["head"].unitsPerEm
    scales = []
    for word in words:
        for text, contours in word.chars:
            pen = BoundsPen(glyphs)
            glyphs[names[ord(text)]].draw(pen)
            x0, y0, x1, y1 = extent(contours)
            scales.append(((x1 - x0) / (pen.bounds[2] - pen.bounds[0]), (y1 - y0) / (pen.bounds[3] - pen.bounds[1])))
    return upem * np.median(scales, axis=0)


def lightness(linear):
    """100 times the root of luminance of linear light."""
    return 100.0 * np.sqrt(np.maximum(linear.astype(float) @ naive_legibility.LUMA, 0.0)).astype(np.float32)


def legibility(stages, adorned=False):
    """Of each word of an upright crop without curves: (score, its em in pixels). `adorned`: drawn by more than ink."""
    image = stages.photographed
    height, width = image.shape[:2]
    ink = ink_of(stages.words, height, width)
    painted = lightness(stages.painted) - lightness(stages.background) if adorned else np.empty((0, 0))
    em = min(pixels_per_em(stages.sample.plan["font"]["face"], stages.words))
    found = []
    for word in stages.words:
        letters = [[contour.tolist() for contour in contours] for _, contours in word.chars]
        x0, y0, x1, y1 = extent([contour for _, contours in word.chars for contour in contours])
        quad = [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]
        like, contrast, _, drawn, area = naive_legibility.measure(image, 0, 0, ink, ink, painted, letters, quad)
        found.append((naive_legibility.score(like, contrast, em, min(drawn / area, 1.0)), em))
    return found
