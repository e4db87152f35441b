"""Labels hold their ink, under every layout and warp."""

import sys
from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtext.core.rng import Draws, Stage
from synthtext.core.section import EffectShare
from synthtext.crop.cast import crop
from synthtext.crop.margins import FITS
from synthtext.geometry.warp import draw_warp, make_warp
from synthtext.geometry.warp_config import WarpConfig
from synthtext.labels.fit import MAX_STATIONS, fit_labels
from synthtext.raster.coverage import fill
from synthtext.raster.polylines import flatten_glyphs
from synthtext.typeset.catalogue import load_catalogue
from synthtext.typeset.font_config import FontConfig
from synthtext.typeset.layout import draw_layout, draw_outline, lay_out
from synthtext.typeset.layout_config import LayoutConfig
from synthtext.typeset.outlines import OutlineStore

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))
import label_oracle

CATALOGUE = load_catalogue(FontConfig())
STORE = OutlineStore()
LAYOUT = LayoutConfig(
    curve={"straight": 2.0, "arc": 1.0, "free": 1.0},
    curvature=(5.0, 200.0),
    letter_spacing=EffectShare(0.5, (-0.05, 0.4)),
    slant=EffectShare(0.5, (-15.0, 20.0)),
    weight=EffectShare(0.5, (-0.012, 0.04)),
    stretch=(0.6, 1.5),
    jitter=EffectShare(0.3, (0.01, 0.1)),
    stroke_contrast=EffectShare(0.2, (-0.02, 0.02)),
    roughness=EffectShare(0.2, (0.003, 0.02)),
    proportions=EffectShare(0.4, (0.05, 0.3)),
)
WARP = WarpConfig(
    rotation=EffectShare(0.7, (0.0, 180.0)),
    tilt=EffectShare(0.6, (5.0, 50.0)),
    distance=(0.9, 4.0),
    lens=EffectShare(0.4, (0.01, 0.12)),
    elastic=EffectShare(0.4, (0.01, 0.07)),
)
TEXTS = ["Hamburg", "fi", "office flight", "Ägypten", "x", "1,234.50 €", "…", "AVAILABLE now", "gjpqy|", "W.Ill-iam's"]


# Words that curl up, seen from the side and crumpled: some are no band.
CURLED = msgspec.structs.replace(LAYOUT, curve={"arc": 1.0, "free": 2.0}, curvature=(100.0, 300.0), stretch=(0.5, 0.6))
CRUMPLED = msgspec.structs.replace(WARP, tilt=EffectShare(1.0, (40.0, 60.0)), elastic=EffectShare(1.0, (0.05, 0.1)))


def made(text, number, height=64, width=256, fit="stretch", of_layout=LAYOUT, of_warp=WARP):
    """Everything of a text up to its labels, by the same calls as the generator's."""
    font = CATALOGUE.draw(Draws(3, Stage.FONT, number), text)
    face = CATALOGUE.face(font.face)
    instance = STORE.instance(face, font.variation)
    lines = tuple(text.split("\n"))
    record = draw_layout(Draws(3, Stage.LAYOUT, number), of_layout, len(lines))
    record = draw_outline(Draws(3, Stage.OUTLINE, number), of_layout, record)
    layout = lay_out(lines, (), (instance,), STORE, record)
    warp = make_warp(draw_warp(Draws(3, Stage.WARP, number), of_warp), layout.width, layout.height)
    scale = max(height / layout.height, width / layout.width)
    outlines = flatten_glyphs(STORE, layout.slots, layout.placement, warp, scale)
    ink = outlines.points, outlines.contour_ends, outlines.glyph_ends
    crop(*ink, layout.own, warp, (0.2,) * 4, 0.0, FITS.index(fit), height, width)
    char_quads, word_quads = (np.empty((len(of), 4, 2), np.float32) for of in (layout.cells, layout.words))
    polygons, sizes = np.empty((len(word_quads), 2 * MAX_STATIONS, 2), np.float32), np.empty(len(word_quads), np.int64)
    text_on_plane = outlines.boxes, layout.placement, warp, layout.curved, layout.cells, layout.words
    fit_labels(*ink, *text_on_plane, char_quads, word_quads, polygons, sizes)
    labels = char_quads, word_quads, [polygon[:size] for polygon, size in zip(polygons, sizes.tolist(), strict=True)]
    return layout, outlines, labels, f"{font.face} {text!r} {number}"


def outside(polygon, points):
    """How far the farthest of the points lies outside of the polygon (negative: inside)."""
    contour = polygon.astype(np.float32).reshape(-1, 1, 2)
    return max(-cv2.pointPolygonTest(contour, (float(x), float(y)), True) for x, y in points)


def cell_points(layout, outlines, cell):
    first, last = layout.cells[cell]
    glyph_ends, contour_ends = outlines.glyph_ends, outlines.contour_ends
    c0 = glyph_ends[first - 1] if first else 0
    c1 = glyph_ends[last - 1]
    start = contour_ends[c0 - 1] if c0 else 0
    return outlines.points[start : contour_ends[c1 - 1] if c1 else 0]


@given(st.sampled_from([*TEXTS, "two lines\nof text"]), st.integers(0, 100_000))
@settings(max_examples=250)
def test_all_ink_lies_within_char_quads_word_quads_and_polygons(text, number):
    layout, outlines, (char_quads, word_quads, polygons), what = made(text, number)
    for word, (first, last) in enumerate(layout.words):
        for cell in range(first, last):
            points = cell_points(layout, outlines, cell)
            for name, polygon in (("char", char_quads[cell]), ("word", word_quads[word]), ("polygon", polygons[word])):
                assert outside(polygon, points) < 0.05, (what, name, word, cell)


def outside_strips(polygon, points):
    """How far the farthest of the points lies outside of all strips of a band, which may lie over itself."""
    k = len(polygon) // 2
    top, bottom = polygon[:k].astype(float), polygon[k:][::-1].astype(float)
    least = np.full(len(points), np.inf)
    for s in range(k - 1):
        corners = np.array([top[s], top[s + 1], bottom[s + 1], bottom[s]])
        sides = np.roll(corners, -1, axis=0) - corners
        normals = np.stack([sides[:, 1], -sides[:, 0]], axis=1) / np.hypot(*sides.T)[:, None]
        least = np.minimum(least, ((points[:, None] - corners) * normals).sum(2).max(1))
    return least.max()


def test_a_word_that_curls_too_much_for_a_band_has_one_that_holds_it_or_its_quad():
    bands = quads = 0
    for number in range(200):
        text = "Donaudampfschifffahrtsgesellschaft"
        layout, outlines, (_, _, polygons), what = made(text, number, of_layout=CURLED, of_warp=CRUMPLED)
        points = np.concatenate([cell_points(layout, outlines, cell) for cell in range(len(layout.cells))])
        assert outside_strips(polygons[0], points) < 0.05, what
        bands += len(polygons[0]) > 4
        quads += len(polygons[0]) == 4
    assert bands > 50
    assert quads > 5


@given(st.sampled_from(TEXTS), st.integers(0, 100_000))
@settings(max_examples=60)
def test_coverage_lies_within_word_polygons(text, number):
    """The same on pixels: no pixel that holds ink lies more than its own diagonal outside of a polygon."""
    _, outlines, (_, _, polygons), what = made(text, number)
    coverage = np.zeros((64, 256), np.float32)
    fill(outlines.points, outlines.contour_ends, outlines.glyph_ends, 0.0, 0.0, coverage)
    rows, columns = np.nonzero(coverage > 1e-3)
    assert len(rows), what
    for x, y in zip(columns + 0.5, rows + 0.5, strict=True):
        assert min(outside(polygon, [(x, y)]) for polygon in polygons) < 0.75, what


@given(st.sampled_from(TEXTS), st.integers(0, 100_000))
@settings(max_examples=100)
def test_char_quads_are_tight(text, number):
    """Each side of a char's quad touches its ink."""
    layout, outlines, (char_quads, _, _), what = made(text, number)
    for cell, quad in enumerate(char_quads.astype(float)):
        points = cell_points(layout, outlines, cell)
        for k in range(4):
            d = quad[(k + 1) % 4] - quad[k]
            if np.hypot(*d) > 0.5:
                normal = np.array([d[1], -d[0]]) / np.hypot(*d)
                assert abs(((points - quad[k]) @ normal).max()) < 0.05, (what, cell, k)


@given(st.sampled_from(TEXTS), st.integers(0, 100_000))
@settings(max_examples=100)
def test_quads_and_polygons_run_clockwise(text, number):
    _, _, (char_quads, word_quads, polygons), what = made(text, number)
    for polygon in [*char_quads, *word_quads, *polygons]:
        assert cv2.contourArea(polygon.astype(np.float32), oriented=True) > 0, what
    for size in map(len, polygons):
        assert size % 2 == 0
        assert size >= 4


def test_a_ligature_is_one_cell_of_its_characters():
    """Of a font that has it; without one, as when letters are spaced, each character has its own."""
    joined = 0
    for number in range(30):
        layout, _, (char_quads, _, _), what = made("office", number)
        assert "".join(c for chars in layout.char_texts for c in chars) == "office", what
        assert len(char_quads) == len(layout.char_texts) == len(layout.cells)
        for chars, (first, last) in zip(layout.char_texts, layout.cells.tolist(), strict=True):
            assert last - first == 1
            joined += chars in (tuple("ffi"), tuple("ff"), tuple("fi"))
            assert len(chars) == 1 or chars in (tuple("ffi"), tuple("ff"), tuple("fi")), what
    assert joined > 3


def test_extents_of_the_fit_are_the_margins():
    """With 0.2 em around, the ink's box is the image less those margins."""
    for number in range(20):
        layout, outlines, _, what = made("Hamburg", number, fit="stretch")
        assert len(layout.words) == 1
        low, high = outlines.points.min(0), (256.0, 64.0) - outlines.points.max(0)
        np.testing.assert_allclose(low, high, atol=0.01, err_msg=what)  # as much on the one side as on the other
        assert low.min() > 0.5, what


@pytest.mark.parametrize(("preset", "count"), [("words", 8), ("lines", 2), ("scenes", 1)])
def test_the_oracle_of_labels_finds_no_fault(preset, count):
    """A few of the samples that `benchmarks/label_oracle.py` looks at, effects among them."""
    overrides = tuple(f"{path}.share=0.3" for path in ("effects.worn", "interference.scratches", "surface.folds"))
    if preset == "scenes":
        overrides += ("image.height=160", "image.width=200")
    _, faults, seen, _ = label_oracle.look((preset, 1, 0, count, overrides))
    assert faults == []
    assert seen["samples"] == count
    assert seen["drawn"] > 0
