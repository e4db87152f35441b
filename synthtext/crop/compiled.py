"""A batch of crops in compiled code: the stages of a crop over a row, and their composition.

A row goes through the stages in order. Which of them, the caller says: all of them for rows in which nothing else acts,
without the GIL; one after the other for a row into whose picture other code reaches in between.
"""

from __future__ import annotations

import numpy as np

from synthtext.core.kernel import kernel, part
from synthtext.crop.cast import cast, crop
from synthtext.crop.margins import FITS
from synthtext.degrade.steps import compress, enlarge_photograph, expose, shine, size_of_photograph
from synthtext.effects.mark.plate import bear
from synthtext.geometry.warp import set_shutter, set_warp
from synthtext.labels.legibility import judge_words, lightness_of
from synthtext.labels.visible import show_labels
from synthtext.paint.backgrounds import paint_background
from synthtext.paint.composite import to_pixels
from synthtext.paint.ink import paint_ink
from synthtext.paint.plane import image_to_plane, plane_to_image
from synthtext.raster.outline import flatten
from synthtext.typeset.layout import place_runs

#: The stages: layout, outlines, coverage and labels; the background, with a plate; the text, both in planes; the
#: picture in pixels; the light on it; its photograph; that compressed; that at the picture's size and compressed
#: again; legibility.
CAST, GROUND, INK, JOIN, LIGHT, EXPOSE, DEVELOP, FINISH, JUDGE = range(9)
LAST = JUDGE
#: What has come of a row: it is done as far as was asked; a word is not legible; there was no room for its outlines.
DONE, REJECTED, FULL = range(3)
_PAD = FITS.index("pad")

#: What the stages of a row leave for those after them. `taken`: pixels from the left that text and margins take;
#: `points`, `contours`: of its outlines; `photo_height`, `photo_width`: of the camera's picture. `em`: pixels, where
#: they are fewer. `lightness`: of the text. `hidden`: what is seen of the ink is not all of it; `adorned`: letters are
#: more than their ink; `scanned`: a scan comes between photograph and compression.
STATE = np.dtype(
    [
        *((name, np.int64) for name in ("status", "height", "width", "taken", "points", "contours")),
        *((name, np.int64) for name in ("photo_height", "photo_width", "hidden", "adorned", "scanned")),
        *((name, np.float64) for name in ("layout_width", "layout_height", "scale_x", "scale_y", "em", "aspect")),
        ("lightness", np.float64),
    ]
)


@part
def place_row(row, runs, glyphs, starts, places, slots, extents, placement, warp, fit, height, width, state):
    """Layout and warp of a row; gives the scale at which its outlines are flattened."""
    own_runs = runs[row.first_run : row.last_run]
    w, h = place_runs(row, own_runs, glyphs, starts, places, slots, row.own, extents, placement)
    reach = 1.5 * h * width / height if fit == _PAD else 0.0  # a padded picture goes on from the text
    set_warp(
        warp, w, h, reach, row.rotation, row.tilt, row.tilt_axis, row.distance, row.lens, row.elastic[: row.wave_count]
    )
    set_shutter(warp, row.skew, row.shake)
    state.layout_width, state.layout_height = w, h
    return row.em if row.em != 0.0 else max(height / h, width / w)


@kernel
def render_rows(which, first, last, fit, height, width, table, store, tables, scratch, labels, pictures, states):
    """Take rows through the stages `first` to `last`.

    `which`: int64 (n,), the rows. `fit`, `height`, `width`: of the configuration's image, `fit` an index into FITS.
    `table`: rows, runs, glyphs, slots, starts, cells, words, places of a `Table`. `store`: degree, control, contours,
    glyphs and extents of the outline store. `tables`: LINEAR, NORMALS, ROOT_TO_SRGB, ROOT_TO_DISPLAY. `scratch`,
    `labels` (its arrays), `pictures`: of `batch.Rendering`.
    Out: `states`, of STATE, a row each.
    """
    rows, runs, glyphs, slots, starts, cells_of, words_of, places = table
    degree, control, contours, glyph_table, extents = store
    linear, normals, srgb, display = tables
    placements, warp, points_of, contour_ends_of, glyph_ends_of, boxes_of, planes_of, pixels_of, masks, photo = scratch
    char_quads, word_quads, polygons, sizes, shown, shown_sizes, char_shares, word_shares, legibility, visible = labels
    nothing = np.empty((0, 0), np.float32)
    for k in range(which.shape[0]):
        s = which[k]
        row, state = rows[s], states[s]
        n = row.last_glyph - row.first_glyph
        own_slots = slots[row.first_glyph : row.last_glyph]
        placement, glyph_ends, boxes = placements[:n], glyph_ends_of[:n], boxes_of[:n]
        cells, words = cells_of[row.first_cell : row.last_cell], words_of[row.first_word : row.last_word]
        own_chars, own_words = char_quads[row.first_cell : row.last_cell], word_quads[row.first_word : row.last_word]
        own_polygons, own_sizes = polygons[row.first_word : row.last_word], sizes[row.first_word : row.last_word]
        if first == CAST:
            state.hidden, state.adorned, state.scanned = 0, 0, 0
            scale = place_row(
                row, runs, glyphs, starts, places, slots, extents, placement, warp, fit, height, width, state
            )
            used, closed = flatten(
                degree, control, contours, glyph_table, own_slots, placement, warp, scale, points_of, contour_ends_of,
                glyph_ends, boxes,
            )  # fmt: skip
            if used < 0 or closed < 0:
                state.status = FULL
                continue
            state.points, state.contours, state.status = used, closed, DONE
            margins = (row.margins[0], row.margins[1], row.margins[2], row.margins[3])
            state.height, state.width, state.scale_x, state.scale_y, state.taken = crop(
                points_of[:used],
                contour_ends_of[:closed],
                glyph_ends,
                row.own,
                warp,
                margins,
                row.em,
                fit,
                height,
                width,
            )
            state.em, state.aspect = min(state.scale_x, state.scale_y), state.scale_x / state.scale_y
            state.photo_height, state.photo_width = size_of_photograph(
                state.height, state.width, row.degrade, state.aspect
            )
        h, w, em, aspect = state.height, state.width, state.em, state.aspect
        tall = em / min(aspect, 1.0)  # pixels of an em down the picture
        points, contour_ends = points_of[: state.points], contour_ends_of[: state.contours]
        size = h * w
        coverage = masks[0, :size].reshape(h, w)
        written = coverage if row.own == n else masks[1, :size].reshape(h, w)
        seen, painted = masks[2, :size].reshape(h, w), masks[3, :size].reshape(h, w)
        planes, image = planes_of[: 3 * size].reshape(h, 3, w), pixels_of[: 3 * size].reshape(h, w, 3)
        light = pixels_of[: 3 * size].reshape(h, 3 * w)
        codes = pictures[row.picture, : 3 * size].reshape(h, 3 * w)
        small = state.photo_height != h or state.photo_width != w
        taken = codes
        if small:
            taken = photo[: 3 * state.photo_height * state.photo_width].reshape(
                state.photo_height, 3 * state.photo_width
            )
        if first == CAST:
            coverage[:] = np.float32(0.0)
            cast(
                points, contour_ends, glyph_ends, boxes, placement, row.own, warp, row.curve != 0 or row.jitter > 0.0,
                cells, words, coverage, written, own_chars, own_words, own_polygons, own_sizes,
            )  # fmt: skip
        if first <= GROUND <= last:
            paint_background(planes, row.background, state.scale_y, aspect, linear)
            if row.plated != 0:
                plane = image_to_plane(plane_to_image(warp))
                bear(planes, placement, boxes, row.own, warp, plane, 1.0, row.plate)
        if first <= INK <= last:
            if row.paint.border > 0.0:
                lightness_of(planes, seen)
            state.lightness = paint_ink(
                planes, written, points, contour_ends, glyph_ends, row.paint, em, aspect, linear
            )
            if row.paint.border > 0.0:
                state.adorned = 1
                lightness_of(planes, painted)
                for i in range(h):
                    for j in range(w):
                        painted[i, j] -= seen[i, j]
        if first <= JOIN <= last:
            to_pixels(planes, image)
        if first <= LIGHT <= last:
            shine(light, row.degrade)
        if first <= EXPOSE <= last:
            expose(light, row.degrade, tall, aspect, normals, srgb, display, taken)
        # A scan is no part of a photograph.
        of_photograph = 0 if state.scanned != 0 else 1
        if first <= DEVELOP <= last:
            compress(taken, row.degrade, 0, of_photograph)
            if small:
                enlarge_photograph(taken, row.degrade, codes)
        if first <= FINISH <= last:
            compress(codes, row.degrade, of_photograph, row.degrade.compressions)
        if first <= JUDGE <= last:
            score, share = legibility[row.first_word : row.last_word], visible[row.first_word : row.last_word]
            judge_words(
                codes.reshape(h, w, 3), coverage, seen if state.hidden != 0 else coverage,
                painted if state.adorned != 0 else nothing, points, contour_ends, glyph_ends, cells, words, own_words,
                em, score, share,
            )  # fmt: skip
            for i in range(score.shape[0]):
                if score[i] < row.least:
                    state.status = REJECTED
            if state.status == DONE and row.plain != 0:
                show_labels(
                    own_chars, own_words, own_polygons, own_sizes, h, w, shown[row.first_word : row.last_word],
                    shown_sizes[row.first_word : row.last_word], char_shares[row.first_cell : row.last_cell],
                    word_shares[row.first_word : row.last_word],
                )  # fmt: skip
