import math

import cv2
import naive_raster as naive
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from synthtext.core.rng import Draws, Stage
from synthtext.core.section import EffectShare
from synthtext.crop.margins import FITS, fit_crop
from synthtext.geometry.warp import (
    W_FIT,
    W_H,
    W_LENS,
    W_SHAKE,
    WarpParams,
    bend_points,
    draw_warp,
    make_warp,
    pinhole,
    project,
    project_points,
    sine,
    warp_far,
    warp_points,
)
from synthtext.geometry.warp_config import WarpConfig
from synthtext.labels.fit import support_quad
from synthtext.raster.coverage import fill

EVERYTHING = WarpConfig(
    rotation=EffectShare(1.0, (0.0, 180.0)),
    tilt=EffectShare(1.0, (0.0, 50.0)),
    distance=(0.8, 4.0),
    lens=EffectShare(1.0, (0.0, 0.15)),
    elastic=EffectShare(1.0, (0.0, 0.08)),
)
records = st.integers(0, 10_000).map(lambda i: draw_warp(Draws(1, Stage.WARP, i), EVERYTHING))
sizes = st.tuples(st.floats(0.5, 12.0), st.floats(0.5, 3.0))


def mapped(warp, points):
    out = np.array(points, float)
    warp_points(warp, out, out)
    return out


@given(records, sizes, st.tuples(st.floats(-1, 1), st.floats(-1, 1)))
def test_warp_is_its_naive_twin(record, size, at):
    warp = make_warp(record, *size)
    warp[W_FIT : W_FIT + 4] = 3.0, 2.0, -7.0, 5.0
    x, y = at[0] * size[0] / 2, at[1] * size[1] / 2
    expected = naive.warp_point(
        warp[W_H : W_H + 9], record.lens, warp[W_LENS + 1], record.waves, (3.0, 2.0, -7.0, 5.0), x, y
    )
    np.testing.assert_allclose(mapped(warp, [(x, y)])[0], expected, rtol=1e-9, atol=1e-9)


@given(st.floats(-1e4, 1e4))
def test_sine_is_the_sine(angle):
    assert sine(angle) == pytest.approx(math.sin(angle), abs=1e-11)


def test_sine_is_bounded_where_no_digits_are_left():
    assert all(abs(sine(sign * 10.0**k)) < 3.0 for k in range(300) for sign in (-1, 1))


@given(records, sizes, st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), max_size=40))
def test_points_in_loops_are_those_one_by_one(record, size, places):
    """Labels go through the warp point by point, outlines by arrays: both land in the very same place."""
    warp = make_warp(record, *size)
    warp[W_SHAKE : W_SHAKE + 3] = 2.0, 0.3, 0.01
    at = np.array(places).reshape(-1, 2) * size
    x, y, u, v = at[:, 0].copy(), at[:, 1].copy(), np.empty(len(at)), np.empty(len(at))
    project_points(tuple(warp[:9].tolist()), x, y, u, v)
    bend_points(warp, u, v, *np.empty((2, len(at))))
    np.testing.assert_array_equal(np.stack([u, v], 1), mapped(warp, at))


@given(
    st.tuples(st.floats(-9, 9), st.floats(-2, 2), st.floats(0.01, 12), st.floats(0.01, 3)),
    st.tuples(*[st.floats(-0.3, 1.0)] * 4),
    st.floats(4.0, 90.0),
    st.sampled_from(FITS),
    st.integers(8, 128),
    st.integers(8, 1024),
)
def test_the_crop_is_the_ink_and_its_margins(box, margins, em, fit, height, width):
    x, y, w, h = box
    box = x, y, x + w, y + h
    warp = make_warp(WarpParams(), 1.0, 1.0)
    found = fit_crop(warp, box, margins, em, FITS.index(fit), height, width)
    high, wide, (x0, y0, x1, y1), taken = naive.fit_crop(box, margins, em, fit, height, width)
    scale = min(em, height / (y1 - y0), width / (x1 - x0)) if fit == "natural" else height / (y1 - y0)
    assume(all(abs(scale * size % 1 - 0.5) > 1e-6 for size in (x1 - x0, y1 - y0)))  # halves may be rounded either way
    assert found == (high, wide, pytest.approx(taken / (x1 - x0)), pytest.approx(high / (y1 - y0)), taken)
    np.testing.assert_allclose(mapped(warp, [(x0, y0), (x1, y1)]), [(0, 0), (taken, high)], atol=1e-9)


@given(st.floats(0.0, 1.2), st.floats(0, 6.3), st.floats(-0.1, 0.1), st.floats(0.02, 0.4), st.floats(1, 60))
def test_a_far_outline_is_cut_before_the_camera_and_not_folded_by_the_lens(tilt, axis, lens, nearest, reach):
    warp = make_warp(WarpParams(tilt=tilt, tilt_axis=axis, lens=lens), 5.0, 1.0)
    warp[W_FIT : W_FIT + 4] = 3.0, 2.0, -7.0, 5.0
    square = [(-reach, -reach), (reach, -reach), (reach, reach), (-reach, reach)]
    kept = naive.cut_before(square, lambda p: warp[6] * p[0] + warp[7] * p[1] + warp[8], nearest)
    found = warp_far(warp, np.array(square), nearest)
    assert len(found) == len(kept)
    for place, point in zip(found, kept, strict=True):
        seen = project(warp, *point)
        radius = math.hypot(*seen)
        # The lens moves r to r + k r^3. Where k < 0, that turns round at r = 1 / sqrt(-3 k), two thirds of it farther
        # in; from there on, points go as far as they would have gone.
        k = lens * warp[W_LENS + 1]
        turn = 1 / math.sqrt(-3 * k) if k < 0 else math.inf
        bent = radius + k * radius**3 if radius <= turn else radius - turn / 3
        wanted = np.array(seen) * (bent / radius) * (3.0, 2.0) + (-7.0, 5.0)
        np.testing.assert_allclose(place, wanted, rtol=1e-9, atol=1e-9)


@given(records, sizes)
def test_a_warp_never_folds_nor_mirrors(record, size):
    """Small triangles all over the text keep their orientation, and a bounded size."""
    warp = make_warp(record, *size)
    xs, ys = np.meshgrid(np.linspace(-0.5, 0.5, 15) * size[0], np.linspace(-0.5, 0.5, 9) * size[1])
    at = np.stack([xs.ravel(), ys.ravel()], 1)
    h = 1e-4
    p, px, py = mapped(warp, at), mapped(warp, at + np.array((h, 0))), mapped(warp, at + np.array((0, h)))
    jacobian = ((px - p)[:, 0] * (py - p)[:, 1] - (px - p)[:, 1] * (py - p)[:, 0]) / h**2
    assert jacobian.min() > 0.02
    assert jacobian.max() < 60.0


def test_a_camera_straight_above_changes_nothing():
    np.testing.assert_allclose(np.reshape(pinhole(4.0, 0.0, 0.0, 1.0, 2.0), (3, 3)), np.eye(3), atol=1e-12)


@given(st.floats(0.05, 1.0), st.floats(0, 2 * math.pi), st.floats(1.0, 4.0))
def test_pinhole_projects_a_turned_plane(tilt, axis, distance):
    """Against the definition: rotate the 3D point about the axis in the plane, divide by its depth."""
    width = 3.0
    h = np.reshape(pinhole(width, 0.0, tilt, axis, distance), (3, 3))
    rotation, _ = cv2.Rodrigues(np.array([math.cos(axis), math.sin(axis), 0.0]) * tilt)
    depth = distance * width
    for p in ((1.0, 0.5, 0.0), (-1.4, 0.3, 0.0)):
        x, y, z = rotation @ p
        u, v, w = h @ (p[0], p[1], 1.0)
        np.testing.assert_allclose((u / w, v / w), (depth * x / (depth + z), depth * y / (depth + z)), rtol=1e-9)


def test_rotation_is_clockwise_on_the_screen():
    warp = make_warp(WarpParams(rotation=math.pi / 2), 2.0, 1.0)
    np.testing.assert_allclose(mapped(warp, [(1.0, 0.0)])[0], (0.0, 1.0), atol=1e-12)


@given(st.integers(0, 1000))
@settings(max_examples=20)
def test_raster_of_warped_outline_is_opencvs_warp_of_a_fine_mask(i):
    """A second opinion: a letter-like mask drawn 16 times as large, warped by OpenCV, and averaged down."""
    config = WarpConfig(rotation=EffectShare(1.0, (0.0, 40.0)), tilt=EffectShare(1.0, (0.0, 40.0)))
    warp = make_warp(draw_warp(Draws(2, Stage.WARP, i), config), 1.4, 1.4)
    warp[W_FIT : W_FIT + 4] = 20.0, 20.0, 20.0, 20.0
    shape = np.array([(-0.5, -0.7), (0.5, -0.7), (0.5, -0.4), (-0.1, -0.4), (-0.1, 0.7), (-0.5, 0.7)])
    points = mapped(warp, shape)
    out = np.zeros((40, 40), np.float32)
    fill(points, np.array([len(points)]), np.array([1]), 0.0, 0.0, out)
    fine = 16
    # The mask lives in a 320 x 320 raster over [-0.8, 0.8]^2; its pixel (c, r) has its centre at c + 1/2, r + 1/2.
    mask = np.zeros((320, 320), np.uint8)
    mask[20:300, 60:140] = 255
    mask[20:80, 60:260] = 255
    to_text = np.array([[1 / 200, 0, -0.8 + 0.5 / 200], [0, 1 / 200, -0.8 + 0.5 / 200], [0, 0, 1]])
    fit = np.array([[20 * fine, 0, 20 * fine - 0.5], [0, 20 * fine, 20 * fine - 0.5], [0, 0, 1]])
    full = fit @ warp[W_H : W_H + 9].reshape(3, 3) @ to_text
    big = cv2.warpPerspective(mask, full, (40 * fine, 40 * fine), flags=cv2.INTER_LINEAR)
    reference = big.reshape(40, fine, 40, fine).mean((1, 3)) / 255.0
    assert np.abs(out - reference).max() < 0.06  # OpenCV's bilinear weights have 5 bits
    assert np.abs(out - reference).mean() < 0.002


@given(
    st.lists(st.tuples(st.floats(-10, 10), st.floats(-10, 10)), min_size=1, max_size=30),
    st.floats(0, 6.2),
    st.floats(-0.4, 0.4),
)
def test_support_quad_is_its_naive_twin_and_holds_its_points(points, angle, skew):
    points = np.array(points)
    c, s = math.cos(angle), math.sin(angle)
    quad = np.array([(-2, -1), (2, -1 + skew), (2 - skew, 1), (-2, 1)]) @ np.array([[c, s], [-s, c]])
    assume(np.ptp(points, axis=0).max() > 1e-3)
    out = np.empty((4, 2))
    support_quad(quad, points, 0, len(points), out)
    np.testing.assert_allclose(out, naive.support_quad(quad, points), atol=1e-6)
    for k in range(4):
        d = out[(k + 1) % 4] - out[k]
        if np.hypot(*d) > 1e-6:
            outward = np.array([d[1], -d[0]]) / np.hypot(*d)
            assert ((points - out[k]) @ outward).max() < 1e-6


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_effects_are_drawn_by_their_share(share):
    config = WarpConfig(*(EffectShare(share, (0.1, 0.2)) if i != 2 else (1.0, 2.0) for i in range(5)))
    record = draw_warp(Draws(0, Stage.WARP, 0), config)
    assert (record == WarpParams()) == (share == 0.0)
