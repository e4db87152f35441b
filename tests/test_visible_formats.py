"""What the picture leaves of polygons and quads, held against shapely."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from shapely.geometry import Polygon, box

from synthtext.formats.visible_part import GOOD, is_inside, visible_polygon, visible_quad, whole_pixels

HEIGHT, WIDTH = 60, 90
IMAGE = box(0, 0, WIDTH, HEIGHT)


def iou(a, b):
    return a.intersection(b).area / a.union(b).area


def rounded(points):
    return [[round(float(x), 2), round(float(y), 2)] for x, y in points]


@st.composite
def bands(draw):
    """The polygon of an arc of text, and the quad about its ends."""
    k = draw(st.integers(2, 9))
    x, y = draw(st.floats(-40, WIDTH + 40)), draw(st.floats(-40, HEIGHT + 40))
    radius, height = draw(st.floats(20, 200)), draw(st.floats(3, 15))
    first, sweep = draw(st.floats(-math.pi, math.pi)), draw(st.floats(0.1, 2.0))
    angles = first + sweep * np.arange(k) / (k - 1)
    rays = np.stack([np.cos(angles), np.sin(angles)], 1)
    middle = np.array((x, y)) - radius * rays[k // 2]
    top, bottom = middle + (radius + height) * rays, middle + radius * rays
    return rounded([*top, *bottom[::-1]]), rounded([top[0], top[-1], bottom[-1], bottom[0]])


@given(bands())
def test_the_visible_polygon_is_the_intersection(band):
    polygon, _ = band
    whole = Polygon(polygon)
    assume(whole.is_valid)
    inside = whole.intersection(IMAGE)
    found = visible_polygon(polygon, HEIGHT, WIDTH)
    if inside.area < 0.1:
        assert not found or Polygon(found).area < 0.3
        return
    assert len(found) % 2 == 0
    assert len(found) >= 4
    assert is_inside(found, HEIGHT, WIDTH)
    assert found == rounded(found)
    xy = np.array(found)
    x, y = xy[:, 0], xy[:, 1]
    area = 0.5 * float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))
    assert area == pytest.approx(inside.area, abs=0.01 * inside.length + 0.02)  # clockwise: positive
    if inside.geom_type == "Polygon":
        assert Polygon(found).buffer(0).symmetric_difference(inside).area < 0.02 * inside.length + 0.02
    if whole.within(IMAGE):
        assert found == polygon


def test_a_spike_is_no_quad():
    """Corners that go along an edge and back: of this sliver, whole pixels had made such a one."""
    assert whole_pixels([[1.2, 0.1], [0.3, 1.4], [0.2, 2.1], [0.1, 0.2]], HEIGHT, WIDTH) == [
        [0, 0],
        [1, 0],
        [1, 2],
        [0, 2],
    ]


@given(bands())
def test_the_quad_is_in_the_picture_and_fits_no_worse_than_a_box(band):
    polygon, quad = band
    visible = visible_polygon(polygon, HEIGHT, WIDTH)
    assume(len(visible) > 0 and Polygon(visible).is_valid and Polygon(visible).area > 1)
    found = visible_quad(quad, visible, HEIGHT, WIDTH)
    assert is_inside(found, HEIGHT, WIDTH)
    shape = Polygon(found)
    assert shape.exterior.is_ccw  # as y goes down: clockwise on the screen
    if len(visible) == 4:
        assert found == visible
    elif is_inside(quad, HEIGHT, WIDTH):
        assert found == quad
    else:
        assert shape.is_valid
        of_box = iou(box(*Polygon(visible).bounds), Polygon(visible))
        assert iou(shape, Polygon(visible)) >= min(of_box, GOOD) - 1e-6
    pixels = whole_pixels(found, HEIGHT, WIDTH)
    assert all(type(v) is int and 0 <= v < size for p in pixels for v, size in zip(p, (WIDTH, HEIGHT), strict=True))
    assert Polygon(pixels).exterior.is_ccw
    assert Polygon(pixels).area > 0


@pytest.mark.parametrize("turn", range(4))
def test_the_parts_of_a_word_keep_its_first_corner_and_its_sides(turn):
    """A word that runs to the right, down, to the left and up, of which the picture cuts a part off."""
    word = np.array([[-20, -8], [20, -8], [20, 8], [-20, 8]], float)
    rotation = np.linalg.matrix_power(np.array([[0.0, -1.0], [1.0, 0.0]]), turn)
    for middle in ((85, 30), (5, 30), (45, 5), (45, 55), (85, 55), (5, 5)):
        quad = rounded(word @ rotation.T + middle)
        found = visible_polygon(quad, HEIGHT, WIDTH)
        clipped = np.clip(np.array(quad), 0, (WIDTH, HEIGHT))
        np.testing.assert_allclose(found, clipped, atol=1e-9)  # axis-parallel: clamping is exact, corner by corner
        assert visible_quad(quad, found, HEIGHT, WIDTH) == found


def test_a_slanted_word_cut_at_a_corner_has_both_sides_and_the_best_four_corners():
    quad = [[60.0, 20.0], [95.0, 40.0], [88.0, 52.0], [53.0, 32.0]]
    polygon = visible_polygon(quad, HEIGHT, WIDTH)
    assert polygon == [[60.0, 20.0], [90.0, 37.14], [90.0, 48.57], [88.0, 52.0], [70.5, 42.0], [53.0, 32.0]]
    visible = Polygon(quad).intersection(IMAGE)
    found = visible_quad(quad, polygon, HEIGHT, WIDTH)
    assert found == [[60.0, 20.0], [90.0, 37.14], [88.0, 52.0], [53.0, 32.0]]
    assert iou(Polygon(found), visible) > 0.97


def test_a_triangle_that_is_left_has_four_points():
    polygon = visible_polygon([[-30.0, 0.0], [0.0, -30.0], [40.0, 10.0], [10.0, 40.0]], HEIGHT, WIDTH)
    assert len(polygon) % 2 == 0
    corner = visible_polygon([[-9.0, 1.0], [1.0, -9.0], [5.0, -5.0], [-5.0, 5.0]], HEIGHT, WIDTH)
    assert corner == []  # it touches the picture's corner alone
    left = visible_polygon([[-9.0, 3.0], [3.0, -9.0], [7.0, -5.0], [-5.0, 7.0]], HEIGHT, WIDTH)
    assert len(left) == 4
    assert Polygon(left).area == pytest.approx(2.0)
    assert visible_quad([[-9.0, 3.0], [3.0, -9.0], [7.0, -5.0], [-5.0, 7.0]], left, HEIGHT, WIDTH) == left


def test_what_is_thinner_than_a_pixel_keeps_an_area_and_its_direction():
    thin = [[10.2, 20.1], [40.7, 20.3], [40.6, 20.9], [10.1, 20.8]]
    assert whole_pixels(thin, HEIGHT, WIDTH) == [[10, 20], [40, 20], [40, 21], [10, 21]]
    last = [[89.5, 59.2], [90.0, 59.2], [90.0, 60.0], [89.5, 60.0]]
    assert whole_pixels(last, HEIGHT, WIDTH) == [[88, 58], [89, 58], [89, 59], [88, 59]]
    # Its corners' pixels cross: 10.9 and 10.1 fall together, and one side turns about the other.
    slanted = [[10.9, 10.9], [30.1, 11.9], [30.05, 12.0], [10.0, 11.0]]
    assert Polygon(whole_pixels(slanted, HEIGHT, WIDTH)).exterior.is_ccw
    square = [[1.0, 2.0], [5.5, 2.5], [5.4, 7.0], [1.2, 6.9]]
    assert whole_pixels(square, HEIGHT, WIDTH) == [[1, 2], [5, 2], [5, 7], [1, 6]]
