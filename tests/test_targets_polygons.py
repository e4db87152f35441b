import cv2
import numpy as np
import pyclipper
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from naive_targets import area_of, inside, perimeter_of, rectangle_of

from synthtext.core.errors import InputError
from synthtext.geometry import polygons as pg

coordinate = st.floats(-200, 200, width=32)
point = st.tuples(coordinate, coordinate)


def star(seed, low=10.0, high=80.0, most=14):
    """A simple clockwise polygon around (0, 0), concave as a rule, of an even number of corners."""
    rng = np.random.default_rng(seed)
    n = 2 * int(rng.integers(2, most // 2))
    angles = (np.arange(n) + rng.uniform(0.1, 0.9, n)) * 2 * np.pi / n
    radii = rng.uniform(low, high, n)
    return np.stack([radii * np.cos(angles), radii * np.sin(angles)], 1)


@given(st.integers(0, 10**6))
@settings(max_examples=60)
def test_area_perimeter_and_kind_agree_with_shapely(seed):
    p = star(seed)
    shape = shapely.Polygon(p)
    assume(shape.is_valid)
    ends, status = np.array([len(p)]), np.zeros(1, np.uint8)
    assert pg.signed_area(p, 0, len(p)) == pytest.approx(shape.area)
    assert pg.perimeter(p, 0, len(p)) == pytest.approx(shape.length)
    assert pg.inspect_polygons(p, ends, status) == -1
    assert (status[0] == pg.CONVEX) == (shape.convex_hull.area - shape.area < 1e-9)
    assert pg.inspect_polygons(p[::-1].copy(), ends, status) == 0
    assert status[0] == pg.COUNTER_CLOCKWISE


@given(st.lists(point, min_size=4, max_size=8))
@settings(max_examples=100)
def test_crossings_agree_with_shapely(points):
    p = np.array(points)
    shape = shapely.Polygon(p)
    assume(abs(area_of(p)) > 1.0 + 1e-5 * perimeter_of(p) ** 2)
    status = np.zeros(1, np.uint8)
    pg.inspect_polygons(p, np.array([len(p)]), status)
    if shape.is_valid:
        assert status[0] != pg.CROSSING
    # The other way round, "invalid" also means that the border merely touches itself, which has an inside.
    if status[0] == pg.CROSSING:
        assert not shape.is_valid


@given(st.integers(0, 10**6), st.floats(-90, 90))
@settings(max_examples=60)
def test_scan_line_is_the_inside(seed, y):
    p = star(seed)
    xs = np.empty(64)
    count = pg.row_crossings(p, 0, len(p), y, xs)
    assert count % 2 == 0
    assert np.all(np.diff(xs[:count]) >= 0)
    for x in np.linspace(-90, 90, 37):
        if count == 0 or np.abs(xs[:count] - x).min() > 1e-9:
            assert (np.searchsorted(xs[:count], x) % 2 == 1) == inside(p, x, y)


@given(st.lists(point, min_size=4, max_size=12, unique=True))
@settings(max_examples=100)
def test_least_rectangle_agrees_with_opencv_and_holds_all(points):
    p = np.array(points)[: len(points) // 2 * 2]
    hull = shapely.MultiPoint(p).convex_hull
    assume(hull.area > 1e-3 * hull.length**2)
    out = np.empty((4, 2))
    assert pg.min_area_rectangle(p, 0, len(p), out)
    (_, (w, h), _) = cv2.minAreaRect(p.astype(np.float32))
    assert area_of(out) == pytest.approx(w * h, rel=1e-3)
    assert np.dot(out[1] - out[0], out[3] - out[0]) == pytest.approx(0, abs=1e-6 * area_of(out))
    assert shapely.Polygon(out).buffer(1e-4).covers(shapely.MultiPoint(p))
    k = len(p) // 2
    naive = rectangle_of(p, p[[0, k - 1, k, 2 * k - 1]])
    assert area_of(naive) == pytest.approx(area_of(out), rel=1e-6)


def test_least_rectangle_of_one_place_is_none():
    assert not pg.min_area_rectangle(np.full((4, 2), 3.0), 0, 4, np.empty((4, 2)))


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.tuples(st.floats(-60, 60), st.floats(-60, 60)))
@settings(max_examples=150)
def test_intersection_of_quads_agrees_with_shapely(a, b, shift):
    first, second = star(a, most=6)[:4], star(b, most=6)[:4] + shift
    one, two = shapely.Polygon(first), shapely.Polygon(second)
    assume(one.is_valid and two.is_valid and area_of(first) > 0 and area_of(second) > 0)
    assert pg.intersection_area(first, second) == pytest.approx(one.intersection(two).area, abs=1e-6)
    assert pg.quad_iou(first, second) == pytest.approx(one.intersection(two).area / one.union(two).area, abs=1e-9)
    assert pg.quad_iou(first, first) == pytest.approx(1.0)


def clipper_offset(p, distance, join):
    scale = 1024.0
    offset = pyclipper.PyclipperOffset(4.0, 4.0)
    offset.AddPath(np.round(p * scale).astype(int).tolist(), join, pyclipper.ET_CLOSEDPOLYGON)
    return [np.array(path) / scale for path in offset.Execute(distance * scale)]


@given(st.integers(0, 10**6), st.floats(-15, 15))
@settings(max_examples=100)
def test_offset_agrees_with_pyclipper_and_shapely(seed, distance):
    p = star(seed, low=30.0)
    assume(abs(distance) > 0.05 and shapely.Polygon(p).is_valid)
    own = pg.offset_polygon(p, distance)
    assert all(area_of(piece) > 0 for piece in own)
    total = sum(area_of(piece) for piece in own)
    clipped = sum(area_of(q) for q in clipper_offset(p, distance, pyclipper.JT_ROUND))
    assert total == pytest.approx(clipped, rel=3e-3, abs=3)
    want = shapely.Polygon(p).buffer(distance, quad_segs=64)
    shape = shapely.union_all([shapely.Polygon(q) for q in own])
    assert shape.symmetric_difference(want).area < 5e-3 * want.area + 3


def test_offset_with_mitre_keeps_a_rectangle_sharp():
    (grown,) = pg.offset_polygon([[10, 10], [50, 10], [50, 20], [10, 20]], 3.0, mitre=True)
    assert shapely.Polygon(grown).symmetric_difference(shapely.box(7, 7, 53, 23)).area < 1e-3


def test_offset_may_leave_nothing_or_pieces():
    assert pg.offset_polygon([[0, 0], [50, 0], [50, 10], [0, 10]], -6.0) == []
    half = [[0, 0], [20, 0], [20, 8], [40, 8], [40, 0], [60, 0]]
    dumbbell = half + [[x, 20 - y] for x, y in half[::-1]]
    assert len(pg.offset_polygon(dumbbell, -3.0)) == 2
    with pytest.raises(InputError, match="points"):
        pg.offset_polygon([[0, 0], [1, np.nan], [1, 1]], 2.0)


def test_clockwise_polygons_keep_their_sides():
    top, bottom = [[0, 0], [5, -1], [9, 0]], [[9, 4], [5, 3], [0, 4]]
    good, quad = np.array(top + bottom, np.float32), np.array([[0, 0], [9, 1], [9, 5], [0, 4]], np.float32)
    upside_down = good[::-1]  # the bottom side first, from left to right
    mended, turned = pg.clockwise_polygons([good, upside_down, quad[[0, 3, 2, 1]]])
    assert turned == 2
    assert (mended[0] == good).all()
    assert (mended[1] == good).all()
    assert (mended[2] == quad).all()


def test_clockwise_mends_the_order_and_keeps_the_first_corner():
    good = np.array([[0, 0], [9, 1], [9, 5], [0, 4]], np.float32)
    both = pg.clockwise([good, good[[0, 3, 2, 1]]])
    assert (both == good).all()
    assert pg.clockwise([]).shape == (0, 4, 2)
    with pytest.raises(InputError, match="shape"):
        pg.clockwise(np.zeros((3, 5, 2)))
