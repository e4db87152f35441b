import ctypes
import math

import cv2
import freetype
import naive_raster as naive
import numpy as np
import pytest
import uharfbuzz as hb
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from one_word import as_read, shape

from synthtext.config import load_config
from synthtext.core.rng import Draws, Stage
from synthtext.geometry.warp import W_FIT, WarpParams, make_warp
from synthtext.raster.coverage import fill
from synthtext.raster.outline import TOLERANCE, waisted
from synthtext.raster.polylines import flatten_glyphs
from synthtext.scene.blocks import ink_box
from synthtext.text.source import TextSource
from synthtext.typeset.catalogue import load_catalogue
from synthtext.typeset.contours import adds_up, round_corners
from synthtext.typeset.font_config import FontConfig
from synthtext.typeset.glyph_table import P_SHEAR, P_STRETCH, P_WAIST, P_WEIGHT, P_X, P_XX, P_Y, P_YY, PLACEMENT
from synthtext.typeset.layout import Extra, LayoutParams, bearable, lay_out
from synthtext.typeset.outlines import OutlineStore, glyph_contours

CATALOGUE = load_catalogue(FontConfig())
STATIC = [face for face in CATALOGUE.faces if not face.axes and not face.scripts]
VARIABLE = [face for face in CATALOGUE.faces if face.axes]


def upright(x, y):
    """A placement at (x, y), y downward, nothing else."""
    placement = np.zeros((1, PLACEMENT))
    placement[0, P_STRETCH] = placement[0, P_XX] = 1.0
    placement[0, P_YY] = -1.0
    placement[0, P_X], placement[0, P_Y] = x, y
    return placement


def plain_warp(scale):
    warp = make_warp(WarpParams(), 1.0, 1.0)
    warp[W_FIT : W_FIT + 2] = scale
    return warp


def drawn(face, char, em, height, width, variation=(), weight=0.0):
    """One character, its origin at (em / 4, 3/4 of the height)."""
    store = OutlineStore()
    instance = store.instance(face, variation)
    slot = store.slot(instance, instance.font.get_nominal_glyph(ord(char)))
    placement = upright(0.25, 0.75 * height / em)
    placement[0, P_WEIGHT] = weight
    outlines = flatten_glyphs(store, np.array([slot]), placement, plain_warp(em), 1.0)
    out = np.zeros((height, width), np.float32)
    fill(outlines.points, outlines.contour_ends, outlines.glyph_ends, 0.0, 0.0, out)
    return out


@pytest.mark.parametrize("face", STATIC[::6], ids=lambda face: face.id)
@pytest.mark.parametrize("char", ["B", "g", "8"])
def test_coverage_is_freetypes_at_large_size(face, char):
    """A second opinion: FreeType's unhinted raster of the same glyph at 120 pixels per em."""
    em, height, width = 120, 200, 260
    ours = drawn(face, char, em, height, width)
    ft = freetype.Face(str(face.path), face.index)
    ft.set_char_size(em * 64)
    ft.load_char(char, freetype.FT_LOAD_NO_HINTING | freetype.FT_LOAD_NO_BITMAP)
    outline = ft.glyph.outline
    freetype.FT_Outline_Translate(ctypes.byref(outline._FT_Outline), int(0.25 * em * 64), int(0.25 * height * 64))
    raster = (ctypes.c_ubyte * (height * width))()
    bitmap = freetype.FT_Bitmap()
    bitmap.rows, bitmap.width, bitmap.pitch = height, width, width
    bitmap.buffer = ctypes.cast(raster, ctypes.POINTER(ctypes.c_ubyte))
    bitmap.num_grays, bitmap.pixel_mode = 256, freetype.FT_PIXEL_MODE_GRAY
    library = freetype.get_handle()
    assert freetype.FT_Outline_Get_Bitmap(library, ctypes.byref(outline._FT_Outline), ctypes.byref(bitmap)) == 0
    theirs = np.frombuffer(raster, np.uint8).reshape(height, width) / 255.0
    difference = np.abs(ours - theirs)
    assert theirs.sum() > 100
    assert difference.mean() < 2e-3
    # FreeType rounds points to 1/64 pixel, and lets overlapping contours of one glyph add up at their edges.
    assert np.quantile(difference, 0.999) < 0.1


@pytest.mark.parametrize("face", CATALOGUE.faces, ids=lambda face: face.id)
def test_contours_neither_double_nor_cancel(face):
    """Contours that overlap are united, those that run the wrong way turned: no winding number leaves {0, 1}."""
    axes = [(tag, value) for tag, low, _, high in face.axes[:1] for value in (low, high)]
    for variation in [(axis,) for axis in axes] or [()]:
        instance = OutlineStore().instance(face, variation)
        for char in "HAaegtkRQ=8i%":
            glyph = instance.font.get_nominal_glyph(ord(char))
            if glyph is None:
                continue
            rows, ends = glyph_contours(instance.font, glyph)
            polygons = [np.array(list(vertices(contour))) for contour in np.split(rows, ends[:-1])]
            everything = np.concatenate(polygons)
            low, high = everything.min(axis=0), everything.max(axis=0)
            grid = np.stack(np.meshgrid(*(np.arange(0.0137, 1.0, 1 / 28),) * 2), -1).reshape(-1, 2)
            winding = winding_numbers(polygons, low + grid * (high - low))
            assert set(winding.tolist()) <= {0, 1}, (char, variation)
            assert winding.any(), (char, variation)


def winding_numbers(polygons, points):
    """How often closed polygons, each (n, 2), go round points, (m, 2)."""
    x, y = points.T[:, :, None]
    total = np.zeros(len(points), int)
    for polygon in polygons:
        px, py = np.roll(polygon, 1, axis=0).T
        qx, qy = polygon.T
        left = (qx - px) * (y - py) - (x - px) * (qy - py) > 0
        total += ((py <= y) & (qy > y) & left).sum(1) - ((py > y) & (qy <= y) & ~left).sum(1)
    return total


corner = st.tuples(st.integers(0, 12), st.integers(0, 12))


def polygon_contours(polygons):
    """Polygons as contours of lines."""
    rows = [[1.0, x, y, 0.0, 0.0, 0.0, 0.0] for polygon in polygons for x, y in polygon]
    return np.array(rows), np.cumsum([len(polygon) for polygon in polygons])


@settings(max_examples=300)
@given(st.lists(st.lists(corner, min_size=3, max_size=5, unique=True), min_size=1, max_size=3))
def test_contours_that_add_up_wind_once_at_most(polygons):
    if adds_up(*polygon_contours(polygons)):
        grid = np.stack(np.meshgrid(np.arange(0.21, 12, 0.53), np.arange(0.17, 12, 0.53)), -1).reshape(-1, 2)
        winding = winding_numbers([np.array(polygon) for polygon in polygons], grid)
        assert set(winding.tolist()) <= {0, 1} or set(winding.tolist()) <= {0, -1}


def square(x, y, side):
    return [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]


@pytest.mark.parametrize(
    ("polygons", "expected"),
    [
        ([square(0, 0, 9)], True),
        ([square(0, 0, 9)[::-1]], True),
        ([square(0, 0, 9), square(3, 3, 3)[::-1]], True),  # a counter
        ([square(0, 0, 9), square(3, 3, 3)], False),  # drawn twice
        ([square(0, 0, 9), square(12, 0, 3)], True),
        ([square(0, 0, 9), square(12, 0, 3)[::-1]], False),  # would be taken away from nothing
        ([square(0, 0, 9), square(5, 5, 9)], False),
        ([square(0, 0, 9), square(5, 5, 9)[::-1]], False),
        ([square(0, 0, 9), square(9, 0, 9)], False),  # they touch
        ([[(0, 0), (9, 9), (9, 0), (0, 9)]], False),  # it crosses itself
        ([square(0, 0, 9), square(1, 1, 7)[::-1], square(3, 3, 3)], True),
    ],
)
def test_what_adds_up(polygons, expected):
    assert adds_up(*polygon_contours(polygons)) == expected


def bezier(points, t):
    d = len(points) - 1
    weights = [math.comb(d, k) * t**k * (1 - t) ** (d - k) for k in range(d + 1)]
    return tuple(sum(w * p[i] for w, p in zip(weights, points, strict=True)) for i in (0, 1))


def vertices(contour):
    """A contour's curves, eight chords each."""
    contour = [(int(row[0]), row[1:]) for row in contour.tolist()]
    degree, last = contour[-1]
    at = last[2 * degree - 2 : 2 * degree]
    for degree, control in contour:
        points = [at, *(control[i : i + 2] for i in range(0, 2 * degree, 2))]
        yield from (bezier(points, t / 8) for t in range(1, 9))
        at = points[-1]


def test_axes_change_the_glyph():
    face = next(face for face in VARIABLE if any(axis[0] == "wght" for axis in face.axes))
    _, low, _, high = next(axis for axis in face.axes if axis[0] == "wght")
    light, heavy = (drawn(face, "H", 60, 90, 120, (("wght", value),)) for value in (low, high))
    assert heavy.sum() > 1.3 * light.sum()


@given(st.sampled_from(CATALOGUE.faces), st.sampled_from("aBg8&"), st.floats(8, 200))
@settings(max_examples=60)
def test_polylines_stay_within_the_tolerance_of_the_curves(face, char, em):
    if not face.covers(ord(char)):
        return
    store = OutlineStore()
    instance = store.instance(face, ())
    slot = store.slot(instance, instance.font.get_nominal_glyph(ord(char)))
    outlines = flatten_glyphs(store, np.array([slot]), upright(0.0, 0.0), plain_warp(em), 1.0)
    start = 0
    for contour, stop in zip(range(*store.glyphs[slot]), outlines.contour_ends, strict=True):
        polyline = outlines.points[start:stop]
        edges = list(zip(np.roll(polyline, 1, axis=0), polyline, strict=True))
        first, last = store.contours[contour]
        at = store.control[last - 1, 2 * store.degree[last - 1] - 2 : 2 * store.degree[last - 1]].astype(float)
        for s in range(first, min(last, first + 12)):
            d = store.degree[s]
            p = [at, *store.control[s, : 2 * d].astype(float).reshape(-1, 2)]
            at = p[-1]
            for t in (0.25, 0.5, 0.75):
                x, y = bezier(p, t)
                x, y = em * x, -em * y
                assert min(naive.distance_to_segment((x, y), a, b) for a, b in edges) < TOLERANCE + 1e-6
        start = stop


def test_weight_grows_strokes_by_what_it_says():
    face = next(face for face in STATIC if "Roboto" in face.id or "OpenSans" in face.id or "open-sans" in face.id)
    em = 200
    normal, bold, thin = (drawn(face, "l", em, 300, 200, weight=w) for w in (0.0, 0.02, -0.01))
    row = slice(120, 180)
    width = normal[row].sum(1).mean()
    assert bold[row].sum(1).mean() == pytest.approx(width + 2 * 0.02 * em, abs=0.2)
    assert thin[row].sum(1).mean() == pytest.approx(width - 2 * 0.01 * em, abs=0.2)


def test_shear_and_stretch_are_linear():
    face = STATIC[0]
    store = OutlineStore()
    instance = store.instance(face, ())
    slot = store.slot(instance, instance.font.get_nominal_glyph(ord("H")))
    placement = upright(0.0, 0.0)
    straight = flatten_glyphs(store, np.array([slot]), placement, plain_warp(100.0), 1.0).points
    placement[0, P_SHEAR], placement[0, P_STRETCH] = 0.3, 1.5
    slanted = flatten_glyphs(store, np.array([slot]), placement, plain_warp(100.0), 1.0).points
    np.testing.assert_allclose(slanted[:, 0], 1.5 * straight[:, 0] - 0.3 * straight[:, 1], atol=1e-9)
    np.testing.assert_allclose(slanted[:, 1], straight[:, 1], atol=1e-9)


def test_a_waist_moves_what_lies_between_baseline_and_capitals():
    """An x and an H by its corners: x-height and bar move up, foot and head stay."""
    face = next(face for face in STATIC if face.tags[0] == "sans")
    store = OutlineStore()
    instance = store.instance(face, ())
    for char in "xH":
        slot = store.slot(instance, instance.font.get_nominal_glyph(ord(char)))
        placement = upright(0.0, 0.0)
        plain = flatten_glyphs(store, np.array([slot]), placement, plain_warp(1.0), 1.0).points
        placement[0, P_WAIST] = 0.08
        moved = flatten_glyphs(store, np.array([slot]), placement, plain_warp(1.0), 1.0).points
        y = -plain[:, 1]
        between = (y > 0.0) & (y < 0.75)
        np.testing.assert_allclose(-moved[:, 1], np.where(between, y + 0.32 * y / 0.75 * (1.0 - y / 0.75), y))
        np.testing.assert_array_equal(moved[:, 0], plain[:, 0])
        assert np.ptp((-moved[:, 1] - y).round(3)) > 0.03


@given(st.floats(-1.0, 2.0), st.floats(-1.0, 2.0), st.floats(-0.12, 0.12))
def test_a_waist_keeps_what_is_higher_higher(low, high, waist):
    low, high = sorted((low, high))
    assert waisted(low, waist) <= waisted(high, waist)
    if high - low > 1e-9:
        assert waisted(low, waist) < waisted(high, waist)


def test_proportions_change_letters_alike_whatever_their_neighbours():
    """A letter has one width in a word, kerned or not; of a monospaced face all letters have one; marks stay put."""
    store = OutlineStore()
    record = LayoutParams(proportions=0.2, jitter_key=7)
    sans = next(face for face in STATIC if face.tags[0] == "sans")
    mono = next(face for face in STATIC if "mono" in face.tags)
    instance = store.instance(sans, ())
    plain = lay_out(("AVATAR",), (), (instance,), store, LayoutParams()).placement
    placement = lay_out(("AVATAR",), (), (instance,), store, record).placement
    widths = placement[:, P_STRETCH]
    assert (plain[:, P_STRETCH] == 1.0).all()
    assert widths[0] == widths[2] == widths[4]
    assert len(set(widths.tolist())) > 1
    assert ((math.exp(-0.2) <= widths) & (widths <= math.exp(0.2))).all()
    # The letters follow one another by their new advances.
    word = shape(instance, store, "AVATAR", False)
    ends = np.cumsum(np.array(word.advances) * widths)
    starts = np.concatenate([[0.0], ends[:-1]]) + np.array(word.x_offsets) * widths
    np.testing.assert_allclose(placement[:, P_X] - placement[0, P_X], starts - starts[0], atol=1e-9)
    assert len(set(lay_out(("AVATAR",), (), (store.instance(mono, ()),), store, record).placement[:, P_STRETCH])) == 1
    others = [lay_out(("x",), (), (instance,), store, replace(record, jitter_key=k)) for k in range(9)]
    assert len({other.placement[0, P_WAIST] for other in others}) == 9


def test_shaping_is_harfbuzzs():
    """Advances with kerning, against a shaping of our own call for the whole word."""
    for face in CATALOGUE.faces[::9]:
        store = OutlineStore()
        instance = store.instance(face, ())
        text = "AVATAR" if face.covers(ord("A")) else "0123"
        if not all(face.covers(ord(c)) for c in text):
            continue
        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        hb.shape(instance.font, buffer, None)
        expected = [p.x_advance / face.units_per_em for p in buffer.glyph_positions]
        assert shape(instance, store, text, False).advances == pytest.approx(expected)


def test_letter_spacing_splits_ligatures():
    store = OutlineStore()
    found = False
    for face in CATALOGUE.faces:
        instance = store.instance(face, ())
        if not all(face.covers(ord(c)) for c in "office"):
            continue
        joined = shape(instance, store, "office", False)
        apart = shape(instance, store, "office", True)
        assert [c for chars in joined.cell_chars for c in chars] == list("office")
        assert len(apart.cells) >= len(joined.cells)
        found |= len(joined.cells) < 6 and len(apart.cells) == 6
    assert found, "no font of the starter set has a ligature: the test shows nothing"


@pytest.mark.parametrize("curve", ["straight", "arc", "free"])
def test_lines_have_the_length_and_turn_that_was_drawn(curve):
    store = OutlineStore()
    instance = store.instance(STATIC[0], ())
    text = "HHHHHHHHHH"
    flat = lay_out((text,), (), (instance,), store, LayoutParams())
    record = LayoutParams(curve=curve, turn=1.0, letter_spacing=0.1, stretch=1.2)
    layout = lay_out((text,), (), (instance,), store, record)
    step = np.hypot(*np.diff(layout.placement[:, [P_X, P_Y]], axis=0).T)
    advance = np.diff(flat.placement[:, P_X])[0]
    np.testing.assert_allclose(step, 1.2 * advance + 0.1, rtol=0.03)
    angles = np.arctan2(layout.placement[:, P_XX + 2], layout.placement[:, P_XX])
    expected = {"straight": 0.0, "arc": 1.0 * 0.9, "free": None}[curve]
    if expected is not None:
        assert angles[-1] - angles[0] == pytest.approx(expected, abs=0.03)
    else:
        assert 0.3 < np.ptp(angles) <= 1.0


def test_extras_are_placed_beside_and_not_labelled():
    store = OutlineStore()
    instance = store.instance(STATIC[0], ())
    extras = (Extra("WEST", 0, "left"), Extra("EAST", 0, "right"), Extra("BELOW", 1, "line"))
    layout = lay_out(("MID",), extras, (instance,), store, LayoutParams(line_spacing=1.3))
    own, rest = layout.placement[: layout.own], layout.placement[layout.own :]
    assert layout.own == 3
    assert [t for chars in layout.char_texts for t in chars] == list("MID")
    assert rest[:4, P_X].max() < own[:, P_X].min()
    assert rest[4:8, P_X].min() > own[:, P_X].max()
    np.testing.assert_allclose(rest[8:, P_Y] - own[0, P_Y], 1.3)


@pytest.mark.parametrize("preset", ["words", "lines"])
def test_no_tofu_over_corpus_and_fonts(preset):
    """Every glyph that is drawn for a text of the corpus, in any font drawn for it, is the font's own, and has ink."""
    source = TextSource(load_config(preset).text, 0)
    store = OutlineStore()
    for index in range(1500):
        text = source.draw(Draws(0, Stage.TEXT, index), index, lambda t: CATALOGUE.covering(t) != 0)
        font = CATALOGUE.draw(Draws(0, Stage.FONT, index), text.characters)
        instance = store.instance(CATALOGUE.face(font.face), font.variation)
        for word in " ".join(text.lines).split():
            buffer = hb.Buffer()
            buffer.add_str(word)
            buffer.guess_segment_properties()
            hb.shape(instance.font, buffer, None)
            assert all(info.codepoint != 0 for info in buffer.glyph_infos), (font, word)
            shaped = shape(instance, store, word, False)
            assert "".join(c for chars in as_read(shaped) for c in chars) == word, (font, word)


def test_a_store_that_starts_anew_draws_the_same(monkeypatch):
    """What it held never shows in a glyph, rounded or not."""
    monkeypatch.setattr("synthtext.typeset.outlines._MAX_SEGMENTS", 60)
    store = OutlineStore()
    for face in STATIC[:6]:
        for rounding in (0.0, 0.04):
            for char in "aBg":
                fresh = OutlineStore()
                seen = []
                for of in (store, fresh):
                    instance = of.instance(face, (), rounding)
                    slot = of.slot(instance, instance.font.get_nominal_glyph(ord(char)))
                    first, last = of.glyphs[slot]
                    start, end = of.contours[first, 0], of.contours[last - 1, 1]
                    seen.append((of.control[start:end], of.contours[first:last] - start))
                np.testing.assert_array_equal(seen[0][0], seen[1][0])
                np.testing.assert_array_equal(seen[0][1], seen[1][1])


def coverage_of(face, text, record, em=96):
    store = OutlineStore()
    layout = lay_out((text,), (), (store.instance(face, ()),), store, record)
    warp = plain_warp(float(em))
    warp[W_FIT + 2 : W_FIT + 4] = 0.5 * em * layout.width + 60, 100
    outlines = flatten_glyphs(store, layout.slots, layout.placement, warp, float(em))
    coverage = np.zeros((220, int(em * layout.width) + 140), np.float32)
    fill(outlines.points, outlines.contour_ends, outlines.glyph_ends, 0.0, 0.0, coverage)
    return coverage, layout.placement[0, P_WEIGHT]


def test_weight_closes_no_counter_and_breaks_no_stroke():
    """However much of it is asked for: but for a few ornamental faces, letters keep their counters and their pieces."""
    filled = broken = 0
    for face in CATALOGUE.faces:
        plain, bold, thin = (coverage_of(face, "oeBA", LayoutParams(weight=w))[0] for w in (0.0, 0.08, -0.08))
        assert thin.sum() < plain.sum() < bold.sum()
        whites = [cv2.connectedComponents((c < 0.5).astype(np.uint8), connectivity=4)[0] for c in (plain, bold)]
        pieces = [cv2.connectedComponents((c > 0.5).astype(np.uint8), connectivity=8)[0] for c in (plain, thin)]
        filled += whites[1] < whites[0]
        broken += pieces[1] > pieces[0]
    assert filled <= 6
    assert broken <= 10


@given(st.floats(-0.05, 0.05), st.floats(-0.05, 0.05))
def test_contrast_is_bounded_alike_whichever_way_round(weight, contrast):
    store = OutlineStore()
    words = [shape(store.instance(STATIC[0], ()), store, "Hello", False)]
    most = bearable(LayoutParams(weight=9.0), store, words).weight
    least = bearable(LayoutParams(weight=-9.0), store, words).weight
    there, back = (
        bearable(LayoutParams(weight=weight, stroke_contrast=c), store, words) for c in (contrast, -contrast)
    )
    assert there.weight == min(max(weight, least), most)
    assert there.stroke_contrast == -back.stroke_contrast
    for side in (1.0, -1.0):
        assert least - 1e-12 <= there.weight + side * there.stroke_contrast <= most + 1e-12
    if least < weight - abs(contrast) and weight + abs(contrast) < most:
        assert there.stroke_contrast == contrast


def test_weight_that_letters_bear_is_left_as_it_is():
    face = next(face for face in STATIC if face.tags[0] == "sans")
    assert coverage_of(face, "Hello", LayoutParams(weight=0.01))[1] == 0.01
    assert coverage_of(face, "Hello", LayoutParams(weight=-0.004))[1] == -0.004


def curves_of(rows, ends):
    """Contours as lists of curves, each a list of its control points with its start."""
    contours = []
    for contour in np.split(rows, ends[:-1]):
        curves = [[tuple(row[1 + 2 * k : 3 + 2 * k]) for k in range(int(row[0]))] for row in contour.tolist()]
        contours.append([[curves[i - 1][-1], *curve] for i, curve in enumerate(curves)])
    return contours


@pytest.mark.parametrize("face", STATIC[::6], ids=lambda face: face.id)
def test_rounding_is_its_twin(face):
    instance = OutlineStore().instance(face, ())
    for char in "AagS8&":
        glyph = instance.font.get_nominal_glyph(ord(char))
        if glyph is None:
            continue
        contours = glyph_contours(instance.font, glyph)
        rounded = curves_of(*round_corners(*contours, 0.03 / instance.scale))
        expected = naive.round_corners(curves_of(*contours), 0.03 / instance.scale)
        assert [[len(curve) for curve in contour] for contour in rounded] == [
            [len(curve) for curve in contour] for contour in expected
        ]
        for ours, theirs in zip(rounded, expected, strict=True):
            for a, b in zip(ours, theirs, strict=True):
                np.testing.assert_allclose(a, b, atol=1e-6 / instance.scale)


@given(
    st.sampled_from(["gamy", "QVX", "fjord"]),
    st.tuples(
        *[st.floats(low, high) for low, high in ((-0.3, 0.3), (-0.05, 0.1), (-0.05, 0.05), (0.0, 0.1), (0.0, 0.3))]
    ),
    st.integers(0, 1 << 40),
)
def test_the_box_of_a_scenes_text_holds_its_ink_whatever_is_done_to_outlines(text, values, key):
    slant, weight, contrast, rough, proportions = values
    store = OutlineStore()
    record = LayoutParams(
        slant=slant, weight=weight, stroke_contrast=contrast, roughness=rough, proportions=proportions, jitter_key=key
    )
    layout = lay_out((text,), (), (store.instance(STATIC[key % len(STATIC)], ()),), store, record)
    x0, y0, x1, y1 = ink_box(store.control, store.degree, store.contours, store.glyphs, layout.slots, layout.placement)
    points = flatten_glyphs(store, layout.slots, layout.placement, plain_warp(1.0), 200.0).points
    if len(points):
        assert (points.min(0) >= (x0 - 1e-6, y0 - 1e-6)).all()
        assert (points.max(0) <= (x1 + 1e-6, y1 + 1e-6)).all()
