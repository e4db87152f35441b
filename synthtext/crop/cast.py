"""From a layout to outlines in the image, their coverage and their labels: what a crop needs of geometry and raster.

A kernel before and one after the image's size is known: a sample does not pay for a call a step.
"""

from __future__ import annotations

from synthtext.core.kernel import part
from synthtext.crop.margins import fit_crop
from synthtext.labels.fit import fit_labels
from synthtext.raster.coverage import fill
from synthtext.raster.outline import fit_points
from synthtext.raster.polylines import bounds


@part
def _extent(glyph_ends, contour_ends, n):
    """How many points and contours the first n glyphs have."""
    contours = glyph_ends[n - 1]
    return (contour_ends[contours - 1] if contours > 0 else 0), contours


@part
def crop(points, contour_ends, glyph_ends, own, warp, margins, em, fit, height, width):
    """`fit_crop` by the ink of the first `own` glyphs, then that fit of all points."""
    ink, _ = _extent(glyph_ends, contour_ends, own)
    size_and_scale = fit_crop(warp, bounds(points[:ink]), margins, em, fit, height, width)
    fit_points(points, points.shape[0], warp)
    return size_and_scale


@part
def cast(
    points, contour_ends, glyph_ends, boxes, placement, own, warp, curved, cells, words,
    coverage, written, char_quads, word_quads, polygons, sizes,
):  # fmt: skip
    """`fill` of the first `own` glyphs into `coverage`, of all into `written`, and `fit_labels`."""
    ink, contours = _extent(glyph_ends, contour_ends, own)
    fill(points[:ink], contour_ends[:contours], glyph_ends[:own], 0.0, 0.0, coverage)
    if own < glyph_ends.shape[0]:
        for y in range(coverage.shape[0]):
            for x in range(coverage.shape[1]):
                written[y, x] = coverage[y, x]
        fill(points[ink:], contour_ends[contours:] - ink, glyph_ends[own:] - contours, 0.0, 0.0, written)
    fit_labels(
        points, contour_ends, glyph_ends, boxes, placement, warp, curved, cells, words,
        char_quads, word_quads, polygons, sizes,
    )  # fmt: skip
