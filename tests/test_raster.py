import math

import naive_effects
import naive_raster as naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from test_warp import records

from synthtext.geometry.warp import W_BEND, W_FIT, W_H, W_LENS, WarpParams, make_warp
from synthtext.paint.composite import make_room, over, soften
from synthtext.raster.coverage import dilate, fill
from synthtext.raster.outline import _ROUGH_STEP, TOLERANCE, flatten
from synthtext.typeset.glyph_table import (
    P_CONTRAST,
    P_ROUGH,
    P_SEED,
    P_SHEAR,
    P_STRETCH,
    P_WAIST,
    P_WEIGHT,
    P_X,
    P_XX,
    P_XY,
    P_Y,
    P_YX,
    P_YY,
    PLACEMENT,
)


def packed(glyphs):
    """Glyphs as lists of contours to the arrays that kernels take."""
    points = [p for contours in glyphs for contour in contours for p in contour]
    contour_ends = np.cumsum([len(contour) for contours in glyphs for contour in contours])
    glyph_ends = np.cumsum([len(contours) for contours in glyphs])
    return np.array(points, float).reshape(-1, 2), contour_ends.astype(np.int64), glyph_ends.astype(np.int64)


def filled(glyphs, height, width, dx=0.0, dy=0.0):
    out = np.zeros((height, width), np.float32)
    fill(*packed(glyphs), dx, dy, out)
    return out


coordinate = st.floats(-6.0, 18.0, width=32) | st.integers(-6, 18).map(float)
contour = st.lists(st.tuples(coordinate, coordinate), min_size=3, max_size=7)
glyphs = st.lists(st.lists(contour, min_size=0, max_size=3), min_size=1, max_size=3)


@given(glyphs)
@settings(max_examples=150, deadline=None)
def test_fill_is_its_naive_twin(shapes):
    np.testing.assert_allclose(filled(shapes, 9, 11), naive.fill(shapes, 9, 11), atol=2e-4)


@given(glyphs, st.floats(-5, 5), st.floats(-5, 5))
@settings(max_examples=50, deadline=None)
def test_a_shift_is_a_shift_of_the_points(shapes, dx, dy):
    moved = [[[(x + dx, y + dy) for x, y in c] for c in contours] for contours in shapes]
    np.testing.assert_allclose(filled(shapes, 9, 11, dx, dy), filled(moved, 9, 11), atol=2e-4)


def test_outlines_longer_and_larger_than_what_is_worked_on_at_a_time():
    """Far edges, of more pieces than there is room for, leave the picture on all sides; and one of many points."""
    turn, reach = np.arange(1400) * math.pi / 700, np.where(np.arange(1400) % 2, 690.0, 500.0)
    star = np.stack([700 + reach * np.cos(turn), 3 + 0.01 * reach * np.sin(turn)], 1).tolist()
    for shape in ([(-40.0, 1.0), (1500.0, -2.0), (1300.0, 7.5), (10.0, 5.0)], star):
        out = filled([[shape]], 6, 1400)
        columns = [0, 1, 9, 10, 11, 199, 200, 511, 512, 700, 1023, 1024, 1298, 1299, 1300, 1301, 1398, 1399]
        wanted = [[min(abs(naive.pixel_coverage([shape], c, r)), 1.0) for c in columns] for r in range(6)]
        np.testing.assert_allclose(out[:, columns], wanted, atol=5e-4)


# Control points of float32, as the store keeps them.
near = st.floats(-1.0, 1.0, width=32)
segment = st.lists(st.tuples(near, near), min_size=1, max_size=3)
outline = st.lists(st.lists(segment, min_size=2, max_size=5), min_size=0, max_size=3)
amount = st.sampled_from([0.0, 0.0, 1.0])
PLACES = st.fixed_dictionaries(
    {
        P_SHEAR: st.floats(-0.3, 0.3),
        P_STRETCH: st.floats(0.7, 1.4),
        P_WEIGHT: amount.flatmap(lambda a: st.floats(-0.02 * a, 0.05 * a)),
        P_CONTRAST: amount.flatmap(lambda a: st.floats(-0.02 * a, 0.02 * a)),
        P_ROUGH: amount.map(lambda a: 0.02 * a),
        P_SEED: st.integers(0, 1000),
        P_WAIST: amount.flatmap(lambda a: st.floats(-0.1 * a, 0.1 * a)),
        P_XX: st.floats(0.8, 1.2),
        P_XY: st.floats(-0.2, 0.2),
        P_YX: st.floats(-0.2, 0.2),
        P_YY: st.floats(-1.2, -0.8),
        P_X: st.floats(-1.0, 1.0),
        P_Y: st.floats(-0.5, 0.5),
    }
)


@given(st.lists(st.tuples(outline, PLACES), min_size=1, max_size=2), records, st.booleans(), st.floats(7.3, 93.7))
@settings(max_examples=150, deadline=None)
def test_flatten_is_its_naive_twin(glyphs, record, bent, scale):
    warp = make_warp(record if bent else WarpParams(record.rotation, record.tilt, record.tilt_axis), 5.0, 3.0)
    warp[W_FIT : W_FIT + 4] = 3.1, 2.3, -7.0, 5.0
    contours = [contour for shapes, _ in glyphs for contour in shapes]
    segments = [segment for contour in contours for segment in contour]
    degree = np.array([len(segment) for segment in segments], np.uint8)
    control = np.zeros((len(segments), 6), np.float32)
    for i, segment in enumerate(segments):
        control[i, : 2 * len(segment)] = np.ravel(segment)
    ends = np.cumsum([0] + [len(contour) for contour in contours])
    glyph_ends = np.cumsum([0] + [len(shapes) for shapes, _ in glyphs])
    placement = np.zeros((len(glyphs), PLACEMENT))
    for g, (_, numbers) in enumerate(glyphs):
        placement[g, list(numbers)] = list(numbers.values())
    points, contour_ends = np.empty((30000, 2)), np.empty(9, np.int64)
    own_ends, boxes = np.empty(len(glyphs), np.int64), np.empty((len(glyphs), 4))
    pairs = np.stack([ends[:-1], ends[1:]], 1).astype(np.int32), np.stack([glyph_ends[:-1], glyph_ends[1:]], 1)
    slots = np.arange(len(glyphs))
    used, closed = flatten(
        degree, control, pairs[0], pairs[1].astype(np.int32), slots, placement, warp, scale,
        points, contour_ends, own_ends, boxes,
    )  # fmt: skip
    np.testing.assert_array_equal(own_ends, glyph_ends[1:])
    lens, waves = (record.lens, record.waves) if bent else (0.0, ())
    fit, polylines = warp[W_FIT : W_FIT + 4], []
    for g, (shapes, at) in enumerate(glyphs):

        def shape(polygon, at=at):
            if at[P_WEIGHT] or at[P_CONTRAST]:
                polygon = naive.embolden(polygon, at[P_WEIGHT] + at[P_CONTRAST], at[P_WEIGHT] - at[P_CONTRAST])
            raised = [(x, y + 4 * at[P_WAIST] * y / 0.75 * (1 - y / 0.75) if 0 < y < 0.75 else y) for x, y in polygon]
            return [(at[P_STRETCH] * x + at[P_SHEAR] * y, y) for x, y in raised]

        def roughen(p, at=at):
            return naive_effects.roughen(*p, at[P_ROUGH], at[P_SEED], _ROUGH_STEP)

        def view(p, at=at):
            x = at[P_XX] * p[0] + at[P_XY] * p[1] + at[P_X]
            y = at[P_YX] * p[0] + at[P_YY] * p[1] + at[P_Y]
            return naive.warp_point(warp[W_H : W_H + 9], 0.0, 0.0, (), (1.0, 1.0, 0.0, 0.0), x, y)

        def bend(p):
            return naive.warp_point(np.eye(3), lens, warp[W_LENS + 1], waves, fit, *p)

        lines, box = naive.flatten(
            shapes, shape, roughen if at[P_ROUGH] else None, view, bend, fit, warp[W_BEND], TOLERANCE / scale
        )
        np.testing.assert_allclose(boxes[g], box, atol=1e-9)
        polylines += lines
    np.testing.assert_array_equal(contour_ends[:closed], np.cumsum([len(line) for line in polylines]))
    wanted = [p for line in polylines for p in line]
    np.testing.assert_allclose(points[:used], np.reshape(wanted, (-1, 2)), rtol=1e-8, atol=1e-8)


def rectangle(x0, y0, x1, y1):
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


def test_overlapping_contours_neither_double_nor_cancel():
    both = filled([[rectangle(1, 1, 6, 4), rectangle(3, 2, 9, 7)]], 8, 10)
    apart = np.maximum(filled([[rectangle(1, 1, 6, 4)]], 8, 10), filled([[rectangle(3, 2, 9, 7)]], 8, 10))
    np.testing.assert_allclose(both, apart, atol=1e-6)


def test_a_hole_is_cut_and_a_mirrored_glyph_is_filled():
    ring = [rectangle(1, 1, 8, 8), rectangle(3, 3, 6, 6)[::-1]]
    out = filled([ring], 9, 9)
    assert out[4, 4] == 0.0
    assert out[2, 2] == 1.0
    mirrored = [[(9 - x, y) for x, y in c] for c in ring]
    np.testing.assert_allclose(filled([mirrored], 9, 9), out[:, ::-1], atol=1e-6)


def test_glyphs_that_share_an_edge_do_not_darken_it():
    half = rectangle(1.0, 1.5, 5.0, 6.0)
    np.testing.assert_array_equal(filled([[half], [half]], 8, 8), filled([[half]], 8, 8))


def test_wild_coordinates_are_clipped_not_overflown():
    out = filled([[[(-1e12, 2.0), (1e12, 2.0), (1e12, 4.0), (-1e12, 4.0)]]], 6, 6)
    np.testing.assert_allclose(out[2:4], 1.0, atol=1e-3)
    assert out[[0, 1, 4, 5]].max() == 0.0


@given(
    st.lists(st.lists(contour, min_size=1, max_size=2), min_size=1, max_size=2), st.floats(0.1, 4.0), st.floats(0.3, 3)
)
@settings(max_examples=50, deadline=None)
def test_dilate_is_its_naive_twin(shapes, radius, aspect):
    coverage = filled(shapes, 8, 9)
    out = np.empty_like(coverage)
    points, contour_ends, glyph_ends = packed(shapes)
    dilate(points, contour_ends, glyph_ends, coverage, radius, 0.0, 0.0, out, aspect)
    np.testing.assert_allclose(out, naive.dilate(shapes, coverage, radius, aspect), atol=2e-3)


def test_a_disc_has_its_area_and_grows_to_a_larger_disc():
    angles = np.linspace(0, 2 * math.pi, 720, endpoint=False)
    disc = [[(32 + 20 * math.cos(a), 32 + 20 * math.sin(a)) for a in angles]]
    out = filled([disc], 64, 64)
    assert out.sum() == pytest.approx(math.pi * 400, rel=1e-4)
    grown = np.empty_like(out)
    points, contour_ends, glyph_ends = packed([disc])
    dilate(points, contour_ends, glyph_ends, out, 5.0, 0.0, 0.0, grown)
    assert grown.sum() == pytest.approx(math.pi * 625, rel=5e-3)


@given(
    hnp.arrays(np.float32, st.tuples(st.integers(1, 12), st.integers(1, 12)), elements=st.floats(0, 1, width=32)),
    st.floats(0.0, 6.0),
    st.floats(0.3, 3.0),
)
@settings(max_examples=80, deadline=None)
def test_soften_is_its_naive_twin(coverage, radius, aspect):
    out = coverage.copy()
    soften(out, radius, aspect)
    np.testing.assert_allclose(out, naive.soften(coverage, radius, aspect), atol=1e-5)


@given(
    hnp.arrays(np.float32, (5, 6, 3), elements=st.floats(0, 1, width=32)),
    hnp.arrays(np.float32, (5, 6), elements=st.floats(0, 1, width=32)),
    st.lists(st.floats(0, 1), min_size=6, max_size=6),
    st.lists(st.floats(-1, 1), min_size=3, max_size=3),
    st.floats(0, 1),
)
@settings(max_examples=50, deadline=None)
def test_over_is_the_painters_rule(image, coverage, colours, ramp, opacity):
    start, end = np.array(colours[:3]), np.array(colours[3:])
    y, x = np.mgrid[:5, :6]
    share = np.clip(ramp[0] * x + ramp[1] * y + ramp[2], 0, 1)[..., None]
    expected = naive.over(image, coverage, start + share * (end - start), opacity)
    out = image.copy()
    over(out, coverage, np.zeros((0, 0), np.float32), start, end, np.array(ramp), opacity)
    np.testing.assert_allclose(out, expected, atol=1e-5)


@given(
    hnp.arrays(np.float32, (4, 7, 3), elements=st.floats(0.0, 1.0, width=32)),
    hnp.arrays(np.float32, (4, 7), elements=st.floats(0.0, 1.0, width=32)),
    st.floats(0.0, 100.0),
    st.booleans(),
    st.floats(0.0, 0.9),
)
@settings(max_examples=200, deadline=None)
def test_make_room_is_its_naive_twin(image, coverage, contrast, darker, shade):
    expected, text, behind = naive.make_room(image.astype(float), coverage.astype(float), contrast, darker, shade)
    out = image.copy()
    found = make_room(out.transpose(0, 2, 1), coverage, contrast, darker, shade)
    # Where the text changes sides hangs on a threshold: near it, either is right.
    room = behind if darker else 100.0 - behind
    if abs(room - 0.6 * contrast) > 0.01 and abs(room - 50.0) > 0.01:
        np.testing.assert_allclose(found, (text, behind), atol=0.02)
    np.testing.assert_allclose(out, expected, atol=1e-4)
