"""What a picture shows of a label, beside shapely's intersections."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Polygon, box

from synthtext.labels.fit import MAX_STATIONS
from synthtext.labels.visible import shown_labels

HEIGHT, WIDTH = 90, 120
PICTURE = box(0, 0, WIDTH, HEIGHT)
seeds = st.integers(0, 2**31)


def shown(chars, words, polygons):
    """`shown_labels` of polygons of any sizes; chars and words as copies."""
    packed = np.zeros((len(polygons), 2 * MAX_STATIONS, 2), np.float32)
    for row, polygon in zip(packed, polygons, strict=True):
        row[: len(polygon)] = polygon
    sizes = np.array([len(polygon) for polygon in polygons])
    chars, words = (np.array(quads, np.float32).reshape(-1, 4, 2) for quads in (chars, words))
    return chars, words, *shown_labels(chars, words, packed, sizes, HEIGHT, WIDTH)


def random_quad(rng):
    """A convex quad, in perspective, somewhere about the picture, clockwise from the text's top left."""
    w, h = rng.uniform(4, 120), rng.uniform(4, 60)
    corners = np.array([(-w, -h), (w, -h), (w, h), (-w, h)]) / 2
    corners *= rng.uniform(0.7, 1.0, (4, 1))
    turn = rng.uniform(-np.pi, np.pi)
    c, s = np.cos(turn), np.sin(turn)
    at = rng.uniform((-30, -30), (WIDTH + 30, HEIGHT + 30))
    return (corners @ np.array([(c, s), (-s, c)]) + at).astype(np.float32)


def random_band(rng):
    """A band about an arc, 2k points, its top side first."""
    k = int(rng.integers(2, MAX_STATIONS + 1))
    turn = rng.uniform(-2.5, 2.5)
    radius, high = rng.uniform(30, 80), rng.uniform(6, 22)
    at = rng.uniform(-0.5, 0.5) + np.linspace(-0.5, 0.5, k) * turn - np.pi / 2
    sign = 1.0 if turn > 0 else -1.0
    ring = np.stack([np.cos(at), np.sin(at)], axis=1) * sign
    top, bottom = ring * (radius * sign + high / 2), ring * (radius * sign - high / 2)
    band = np.concatenate([top, bottom[::-1]]) * sign
    return (band + rng.uniform((0, 0), (WIDTH, HEIGHT + radius))).astype(np.float32)


@given(seeds)
@settings(max_examples=150)
def test_quads_hold_what_the_picture_shows_and_polygons_are_it(seed):
    quad = random_quad(np.random.default_rng(seed))
    whole = Polygon(quad)
    inside = whole.intersection(PICTURE)
    (char,), (part,), (polygon,), (share,), (word_share,) = shown([quad], [quad], [quad])
    assert share == pytest.approx(inside.area / whole.area, abs=1e-4)
    assert word_share == pytest.approx(share, abs=1e-6)
    if share in (0.0, 1.0):  # nothing is seen, or all: not a bit is changed
        assert (char == quad).all()
        assert (part == quad).all()
        assert (polygon == quad).all()
        return
    assert (char == part).all()
    assert len(polygon) % 2 == 0
    assert Polygon(polygon).symmetric_difference(inside).area < 1e-2 * max(inside.area, 1)
    assert (polygon >= 0).all()
    assert (polygon <= (WIDTH, HEIGHT)).all()
    # The part lies in the quad, holds what is seen, no more than its frame needs, and reads the same way round.
    assert Polygon(part).difference(whole.buffer(1e-2)).area < 1e-2
    assert inside.difference(Polygon(part).buffer(1e-2)).area < 1e-2
    for a, b in zip(part, np.roll(part, -1, axis=0), strict=True):
        length = float(np.hypot(*(b - a)))
        if length > 1.0:
            outward = np.array([b[1] - a[1], a[0] - b[0]]) / length
            assert ((polygon - a) @ outward).max() == pytest.approx(0.0, abs=0.02)
    before, after = quad[1] - quad[0], part[1] - part[0]
    if np.hypot(*after) > 0.5:
        assert before @ after > 0.6 * np.hypot(*before) * np.hypot(*after)


@given(seeds)
@settings(max_examples=200)
def test_bands_are_cut_as_bands(seed):
    band = random_band(np.random.default_rng(seed))
    whole = Polygon(band)
    if not whole.is_valid or not whole.exterior.is_ccw:  # clockwise on the screen: shapely's y goes up
        return
    inside = whole.intersection(PICTURE)
    *_, (polygon,), _, (share,) = shown([], [band[[0, len(band) // 2 - 1, len(band) // 2, -1]]], [band])
    assert share == pytest.approx(inside.area / whole.area, abs=1e-3)
    if share in (0.0, 1.0):
        assert (polygon == band).all()
        return
    assert len(polygon) % 2 == 0
    assert (polygon >= 0).all()
    assert (polygon <= (WIDTH, HEIGHT)).all()
    # Pieces hang together along the border, by strips without area: the sum of signed areas is theirs.
    x, y = polygon.astype(float).T
    assert 0.5 * (x * np.roll(y, -1) - np.roll(x, -1) * y).sum() == pytest.approx(inside.area, abs=0.05)
    assert Polygon(polygon).buffer(0).symmetric_difference(inside.buffer(0)).area < 0.05
    # No two neighbouring points are the same.
    assert np.hypot(*(polygon - np.roll(polygon, 1, axis=0)).T).min() > 0.0


def test_sides_stay_what_they_were():
    """The first half of the points is the top side, in reading direction, also of what is turned or cut to a corner."""
    upright = np.array([(10, -5), (50, -5), (50, 15), (10, 15)], np.float32)
    for turned, cut in ((upright, (10, 0)), (upright[[1, 2, 3, 0]], (50, 0)), (upright[[2, 3, 0, 1]], (50, 15))):
        _, (quad,), (polygon,), _, _ = shown([], [turned], [turned])
        assert tuple(polygon[0]) == cut
        np.testing.assert_allclose(polygon, quad, atol=1e-4)  # of what is cut square, the quad is the polygon
    corner = np.array([(-20, -10), (20, -10), (20, 10), (-20, 10)], np.float32) + np.float32(0.25)
    *_, (polygon,), _, _ = shown([], [corner], [corner])
    np.testing.assert_allclose(polygon, [(0, 0), (20.25, 0), (20.25, 10.25), (0, 10.25)], atol=1e-5)


def test_an_arc_keeps_its_curve_where_its_top_is_cut_off():
    at = np.linspace(-0.6, 0.6, 7) - np.pi / 2
    ring = np.stack([np.cos(at), np.sin(at)], axis=1)
    band = np.concatenate([60 * ring, 40 * ring[::-1]]).astype(np.float32) + np.float32((60, 55))
    *_, (polygon,), _, _ = shown([], [band[[0, 6, 7, 13]]], [band])
    k = len(polygon) // 2
    np.testing.assert_allclose(polygon[0], band[0], atol=1e-5)
    np.testing.assert_allclose(polygon[k - 1], band[6], atol=1e-5)
    assert polygon[:k, 1].min() == 0.0  # the border stands for what it cuts off
    for point in band[7:]:
        assert np.hypot(*(polygon[k:] - point).T).min() < 1e-4  # the bottom side is whole
