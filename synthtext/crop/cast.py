"""From a layout to outlines in the image, their coverage and their labels: what a crop needs of geometry and raster.

A kernel before and one after the image's size is known: a sample does not pay for a call a step.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from synthtext.core.kernel import part
from synthtext.crop.image_config import ImageConfig
from synthtext.crop.margins import FITS, fit_crop
from synthtext.geometry.warp import Warp
from synthtext.labels.fit import MAX_STATIONS, fit_labels
from synthtext.raster.coverage import fill
from synthtext.raster.outline import fit_points
from synthtext.raster.polylines import Polylines, bounds, flatten_glyphs
from synthtext.typeset.layout import Layout
from synthtext.typeset.outlines import OutlineStore


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


class Projected(Struct, frozen=True, eq=False):
    """A layout's outlines in an image of height x width pixels, with the scales in pixels per em that they got.

    `taken`: pixels from the left that the text and its margins take; less than `width` where the image is padded.
    """

    outlines: Polylines
    height: int
    width: int
    scale_x: float
    scale_y: float
    taken: int


def project_layout(
    store: OutlineStore,
    layout: Layout,
    warp: Warp,
    margins: tuple[float, float, float, float],
    em: float,
    config: ImageConfig,
) -> Projected:
    """Flatten a layout through `warp`, whose fit is set so that the labelled ink and its margins make the image.

    `margins`: left, top, right, bottom, em. `em`: pixels per em, for images of natural size; else 0.
    """
    scale = em or max(config.height / layout.height, config.width / layout.width)
    outlines = flatten_glyphs(store, layout.slots, layout.placement, warp, scale)
    height, width, scale_x, scale_y, taken = crop(
        outlines.points,
        outlines.contour_ends,
        outlines.glyph_ends,
        layout.own,
        warp,
        margins,
        em,
        FITS.index(config.fit),
        config.height,
        config.width,
    )
    return Projected(outlines, height, width, scale_x, scale_y, taken)


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


class Cast(Struct, frozen=True, eq=False):
    """What a layout's outlines cover, and its labels.

    `coverage` float32 (H, W) of the labelled glyphs, `written` of all; `char_quads` float32 (n, 4, 2), of the cells;
    `word_quads` float32 (m, 4, 2); `polygons`, of the words, float32 (m, 2 * MAX_STATIONS, 2), of which `sizes` points
    are used. Labels are whole here: what the picture shows of them is told by `geometry.visible`.
    """

    coverage: npt.NDArray[np.float32]
    written: npt.NDArray[np.float32]
    char_quads: npt.NDArray[np.float32]
    word_quads: npt.NDArray[np.float32]
    polygons: npt.NDArray[np.float32]
    sizes: npt.NDArray[np.int64]


def cast_layout(layout: Layout, projected: Projected, warp: Warp) -> Cast:
    """Rasterise and label the outlines that `project_layout` gave."""
    n, m = len(layout.cells), len(layout.words)
    coverage = np.zeros((projected.height, projected.width), np.float32)
    written = coverage if layout.own == len(layout.slots) else np.empty_like(coverage)
    char_quads, word_quads = np.empty((n, 4, 2), np.float32), np.empty((m, 4, 2), np.float32)
    polygons, sizes = np.empty((m, 2 * MAX_STATIONS, 2), np.float32), np.empty(m, np.int64)
    outlines = projected.outlines
    cast(
        outlines.points,
        outlines.contour_ends,
        outlines.glyph_ends,
        outlines.boxes,
        layout.placement,
        layout.own,
        warp,
        layout.curved,
        layout.cells,
        layout.words,
        coverage,
        written,
        char_quads,
        word_quads,
        polygons,
        sizes,
    )
    return Cast(coverage, written, char_quads, word_quads, polygons, sizes)
