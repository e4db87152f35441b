"""The kernels of scenes against their slow twins in naive_scene.py, and against shapely."""

import math

import cv2
import naive_scene
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Polygon

from synthtext.geometry.warp import warp_xy
from synthtext.paint.photographs import LINEAR
from synthtext.paint.textures import packed, pyramid, texels_of, texture_field
from synthtext.scene.blocks import plane_warp
from synthtext.scene.depth import FOCAL, fit_plane
from synthtext.scene.gather_labels import word_areas, word_ems
from synthtext.scene.panel import cast_shade, cover_panel, frame_panel, paint_flat, paint_photo, paint_texture
from synthtext.scene.placement import CELL, bands_meet, edge_sums, find_place, meets, roughness
from synthtext.scene.planes import Camera, chain, in_front, invert, project, quad_of, scale_at, similarity

seeds = st.integers(0, 2**31)


def random_plane(rng, height, width, away=1.0):
    """A plane in front of a camera, about 70 pixels a unit, seen from `away` times as far by as long a lens."""
    camera = Camera(away * rng.uniform(80, 200), 0.5 * width, 0.5 * height, *(rng.uniform(-0.5, 0.5, 3) / away))
    turn, tilt = rng.uniform(-0.8, 0.8, 2)
    along = (math.cos(turn), 0.0, math.sin(turn))
    down = (-math.sin(turn) * math.sin(tilt), math.cos(tilt), math.cos(turn) * math.sin(tilt))
    return camera.plane((rng.uniform(-0.3, 0.3), rng.uniform(-0.3, 0.3), away * rng.uniform(1.5, 3.0)), along, down)


def photo_words(levels):
    """A picture as `BackgroundLibrary.photo_words` gives it."""
    photo = texels_of([level @ np.array((1, 256, 65536), np.uint32) for level in levels])
    return photo.words, photo.places


def random_quad(rng, size=60.0, at=100.0):
    """A convex quad, clockwise on the screen."""
    angles = np.sort(rng.uniform(0, 0.45 * math.pi, 4)) + np.arange(4) * 0.5 * math.pi
    radius = rng.uniform(0.3, 1.0) * size
    return rng.uniform(0, at, 2) + radius * np.column_stack([np.cos(angles), np.sin(angles)])


@given(seeds)
@settings(max_examples=40)
def test_planes(seed):
    rng = np.random.default_rng(seed)
    h = random_plane(rng, 80, 100)
    x, y = rng.uniform(-0.5, 0.5, 2)
    at = project(h, x, y)
    assert at == pytest.approx(naive_scene.through(h, x, y))
    assert project(invert(h), *at) == pytest.approx((x, y), abs=1e-9)
    move = similarity(*rng.uniform(-1, 1, 4))
    assert project(chain(h, move), x, y) == pytest.approx(project(h, *project(move, x, y)))
    e = 1e-5
    a, b = np.array(project(h, x + e, y)) - at, np.array(project(h, x, y + e)) - at
    assert scale_at(h, x, y) == pytest.approx(math.sqrt(abs(a[0] * b[1] - a[1] * b[0])) / e, rel=1e-3)
    warp = plane_warp(h)
    assert warp_xy(warp, x, y) == pytest.approx(at)


@pytest.mark.parametrize("kind", ["texture", "photo"])
def test_surfaces_are_sampled_in_perspective(kind):
    """At the scale of the source, against bilinear sampling by the definition; runs are linear to 1/8 of a pixel."""
    rng = np.random.default_rng(3)
    for _ in range(4):
        height, width = 24, 60
        plane = random_plane(rng, height, width, 12.0)
        source = (rng.uniform(60, 90), rng.uniform(-8, 8), 40.0, rng.uniform(-8, 8), rng.uniform(60, 90), 30.0)
        place = np.array(chain((*source, 0, 0, 1), invert(plane)))
        image = rng.random((height, 3 * width), np.float32)
        before = image.copy()
        coverage = rng.random((height - 4, width - 7), np.float32)
        coverage[:, :5] = 0.0
        spans = np.tile((5, 5, 5, width - 7), (height - 4, 1))
        light = np.array([1e-3, 2e-3, 0.7])
        if kind == "texture":
            levels = (texture_field("brick", 1)[0],)
            paint = rng.random(7, np.float32)
            first, second, relief = paint[:3], paint[3:6], paint[6]
            flat, table = packed(texture_field("brick", 1))
            paint_texture(image, 7, 4, coverage, spans, flat, table[:1], place, paint, light, 0.8)

            def colour(value, first=first, second=second, relief=relief):
                return (first + (second - first) * value[0] / 255) * (1 - relief + relief * value[1] / 128)
        else:
            noise = rng.integers(0, 256, (12, 15, 3), dtype=np.uint8)
            levels = pyramid(cv2.resize(noise, (150, 120), interpolation=cv2.INTER_CUBIC), 1)
            words, table = photo_words(levels)
            paint = np.array((0.9, 0.1, 0, 0), np.float32)
            paint_photo(image, 7, 4, coverage, spans, words, table, LINEAR, place, paint, light, 0.8)

            def colour(value):
                linear = np.where(value <= 0.04045 * 255, value / 255 / 12.92, ((value / 255 + 0.055) / 1.055) ** 2.4)
                return 0.9 * linear + (0.1, 0, 0)

        for r in range(height - 4):
            for c in range(width - 7):
                x, y = 7 + c + 0.5, 4 + r + 0.5
                u, v = naive_scene.through(place, x, y)
                value = naive_scene.bilinear(levels[0], u, v, kind == "texture")
                lit = colour(value) * (light @ (x, y, 1))
                was = before[4 + r, 3 * (7 + c) : 3 * (7 + c) + 3]
                expected = was + 0.8 * coverage[r, c] * (lit - was)
                got = image[4 + r, 3 * (7 + c) : 3 * (7 + c) + 3]
                assert np.abs(got - expected).max() < 0.06, (r, c)
        assert (image[:4] == before[:4]).all()
        assert (image[:, :21] == before[:, :21]).all()


def test_smaller_levels_are_taken_for_what_is_far():
    """Of a checkerboard of single pixels, seen from far, only grey is left."""
    board = np.kron(np.indices((128, 128)).sum(0)[..., None] % 2, np.ones((1, 1, 3))).astype(np.uint8) * 255
    words, table = photo_words(pyramid(board))
    image, coverage = np.zeros((16, 96), np.float32), np.ones((16, 32), np.float32)
    place = np.array((4.0, 0.3, 0, 0.3, 4.0, 0, 0, 0, 1.0))
    paint = np.array((1, 0, 0, 0), np.float32)
    paint_photo(
        image,
        0,
        0,
        coverage,
        np.tile((0, 0, 32, 32), (16, 1)),
        words,
        table,
        LINEAR,
        place,
        paint,
        np.array([0, 0, 1.0]),
        1.0,
    )
    assert np.ptp(image) < 0.02


def test_gradients_in_perspective():
    rng = np.random.default_rng(5)
    plane = random_plane(rng, 20, 50)
    place = np.array(chain((0.8, 0.3, 0.4, 0, 0, 0, 0, 0, 1), invert(plane)))
    image, coverage = np.zeros((20, 150), np.float32), np.ones((20, 50), np.float32)
    paint = rng.random(6, np.float32)
    paint_flat(image, 0, 0, coverage, np.tile((0, 0, 50, 50), (20, 1)), paint, place, np.array([0, 0, 0.5]), 1.0)
    for r in range(20):
        for c in range(50):
            t = min(max(naive_scene.through(place, c + 0.5, r + 0.5)[0], 0), 1)
            expected = 0.5 * (paint[:3] + t * (paint[3:] - paint[:3]))
            np.testing.assert_allclose(image[r, 3 * c : 3 * c + 3], expected, atol=0.02)


def check_spans(coverage, spans):
    """What lies outside of a span is not covered, what lies in its middle is wholly."""
    for row, (first, inner, outer, last) in zip(coverage, spans.tolist(), strict=True):
        assert 0 <= first <= inner <= outer <= last <= len(row)
        assert not row[:first].any()
        assert not row[last:].any()
        assert (row[inner:outer] == 1.0).all()


@given(seeds)
@settings(max_examples=25)
def test_panels_cover_what_their_sides_hold(seed):
    rng = np.random.default_rng(seed)
    height, width = 60, 70
    plane = np.array(random_plane(rng, height, width))
    box = np.array((*rng.uniform(-0.5, 0.0, 2), *rng.uniform(0.05, 0.5, 2)))
    if not in_front(tuple(plane), tuple(box), 0.1):
        return
    lines = np.empty((4, 3))
    left, top, right, bottom = frame_panel(plane, box, 1.0, height, width, lines)
    np.testing.assert_allclose(lines, naive_scene.sides(plane, box), atol=1e-6)
    whole = naive_scene.cover(plane, box, height, width)
    if right <= left:
        assert not whole.any()
        return
    coverage, spans = np.empty((bottom - top, right - left), np.float32), np.empty((bottom - top, 4), np.int64)
    cover_panel(lines, np.array(invert(tuple(plane))), box, 0.0, left, top, coverage, spans)
    check_spans(coverage, spans)
    np.testing.assert_allclose(coverage, whole[top:bottom, left:right], atol=2e-5)
    outside = whole.copy()
    outside[top:bottom, left:right] = 0.0
    assert not outside.any()
    # Against exact areas: never further than half a pixel of a side's length.
    exact = Polygon(quad_of(tuple(plane), tuple(box)))
    assert abs(whole.sum() - exact.intersection(Polygon([(0, 0), (width, 0), (width, height), (0, height)])).area) < 6.0


def test_round_panels_have_the_area_of_an_ellipse():
    plane = Camera(200.0, 60.0, 50.0).plane((0.0, 0.0, 2.0), (0.9, 0.0, 0.436), (0.0, 1.0, 0.0))
    box = np.array((-0.3, -0.3, 0.3, 0.3))
    lines, coverage, spans = np.empty((4, 3)), np.empty((100, 120), np.float32), np.empty((100, 4), np.int64)
    frame_panel(np.array(plane), box, 1.0, 100, 120, lines)
    cover_panel(lines, np.array(invert(plane)), box, 0.3, 0, 0, coverage, spans)
    check_spans(coverage, spans)
    small, shape = np.empty((100, 120), np.float32), naive_scene.cover(plane, box, 100, 120)
    cover_panel(lines, np.array(invert(plane)), box, 0.02, 0, 0, small, spans)
    check_spans(small, spans)
    missing = shape - small
    assert (missing > -1e-5).all()
    assert 0.5 < missing.sum() < 0.02**2 * 4 * scale_at(plane, 0, 0) ** 2
    assert (missing > 0.01).sum() < 24
    t = np.linspace(0, 2 * math.pi, 400)
    circle = Polygon([project(plane, 0.3 * math.cos(a), 0.3 * math.sin(a)) for a in t])
    assert coverage.sum() == pytest.approx(circle.area, rel=0.01)


def test_shades_of_round_panels_are_round():
    plane = Camera(200.0, 60.0, 50.0).plane((0.0, 0.0, 2.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
    box = np.array((-0.3, -0.3, 0.3, 0.3))
    lines, image = np.empty((4, 3)), np.ones((100, 360), np.float32)
    view = frame_panel(np.array(plane), box, 6.0, 100, 120, lines)
    cast_shade(image, lines, np.array(invert(plane)), box, 0.3, *view, 4.0, 1.0, lines, 1e9)
    y, x = np.indices((100, 120)) + 0.5
    distance = np.hypot(x - 60, y - 50)
    dark = 1.0 - image[:, ::3]
    assert (dark[distance > 35] == 0.0).all()
    assert (dark[distance < 25] > 0.9).all()
    assert dark[(distance > 29.5) & (distance < 30.5)].mean() == pytest.approx(0.5, abs=0.05)


def test_what_a_panel_covers_is_not_shaded_before():
    plane = Camera(200.0, 60.0, 50.0).plane((0.0, 0.0, 2.0), (0.9, 0.436, 0.0), (-0.436, 0.9, 0.0))
    box, moved = np.array((-0.2, -0.2, 0.2, 0.2)), np.array((-0.17, -0.15, 0.23, 0.25))
    own, lines = np.empty((4, 3)), np.empty((4, 3))
    frame_panel(np.array(plane), box, 0.0, 100, 120, own)
    view = frame_panel(np.array(plane), moved, 5.0, 100, 120, lines)
    part, whole = np.ones((2, 100, 360), np.float32)
    args = (lines, np.array(invert(plane)), moved, 0.0, *view, 3.0, 0.5, own)
    cast_shade(part, *args, 1.0)
    cast_shade(whole, *args, 1e9)
    covered = naive_scene.cover(plane, box, 100, 120).repeat(3, 1)
    assert (part[covered < 1] == whole[covered < 1]).all()
    assert (part == 1.0).sum() > (whole == 1.0).sum() + 1000


def test_shades():
    rng = np.random.default_rng(1)
    plane = random_plane(rng, 30, 40)
    box = np.array((-0.1, -0.1, 0.1, 0.1))
    lines = np.empty((4, 3))
    view = frame_panel(np.array(plane), box, 4.0, 30, 40, lines)
    image = rng.random((30, 120), np.float32)
    expected = naive_scene.shade(image.reshape(30, 40, 3), lines, 3.0, 0.6)
    cast_shade(image, lines, np.array(invert(plane)), box, 0.0, *view, 3.0, 0.6, lines, 1e9)
    np.testing.assert_allclose(image.reshape(30, 40, 3), expected, atol=1e-5)


@given(seeds)
@settings(max_examples=20)
def test_calm_map(seed):
    rng = np.random.default_rng(seed)
    height, width = rng.integers(10, 50, 2)
    image = rng.random((height, width, 3), np.float32)
    sums = edge_sums(image)
    cells = naive_scene.cells(image, CELL)
    x0, y0 = rng.uniform(-10, 50, 2)
    x1, y1 = x0 + rng.uniform(1, 40), y0 + rng.uniform(1, 40)
    assert roughness(sums, x0, y0, x1, y1) == pytest.approx(
        naive_scene.roughness(cells, CELL, x0, y0, x1, y1), rel=1e-3, abs=1e-2
    )


@given(seeds)
@settings(max_examples=60)
def test_quads_meet_where_they_share_area(seed):
    rng = np.random.default_rng(seed)
    others = np.array([random_quad(rng) for _ in range(4)])
    quad = random_quad(rng)
    shared = sum(Polygon(quad).intersection(Polygon(other)).area for other in others)
    if shared == 0.0 or shared > 1e-4:
        assert meets(quad, others, 4) == (shared > 0.0)
    assert not meets(quad, others, 0)


def random_band(rng):
    """An arc of text of random size and place: top side, then bottom side back."""
    k = int(rng.integers(2, 7))
    turn, start, radius, thick = rng.uniform(0.3, 2.5), rng.uniform(0, 6), rng.uniform(15, 40), rng.uniform(3, 12)
    t = start + np.linspace(0, turn, k)
    circle = np.column_stack([np.cos(t), np.sin(t)])
    return rng.uniform(0, 80, 2) + np.concatenate([(radius + thick) * circle, radius * circle[::-1]])


@given(seeds)
@settings(max_examples=40)
def test_bands_meet_where_they_share_area(seed):
    rng = np.random.default_rng(seed)
    bands = [random_band(rng) for _ in range(3)]
    pairs = [naive_scene.shared_area(bands[i], bands[j]) for i in range(3) for j in range(i)]
    ends = np.cumsum([len(band) for band in bands])
    if all(abs(area - 0.5) > 0.01 for area in pairs):
        assert bands_meet(np.concatenate(bands), ends, 0.5) == any(area > 0.5 for area in pairs)


@given(seeds, st.booleans(), st.booleans())
@settings(max_examples=60)
def test_places_keep_off_what_is_taken_and_inside_of_what_is_given(seed, free, whole):
    rng = np.random.default_rng(seed)
    height, width = 200, 240
    plane = random_plane(rng, height, width)
    box = (-1.0, -0.4, 1.2, 0.5)
    limits = (-0.6, -0.5, 0.5, 0.6)
    if free:
        plane = chain((1.0, 0.1, 0.0, -0.1, 1.0, 0.0, 0.001, 0.002, 1.0), similarity(-0.1, -0.05, 0.0, 1.0))
    taken = np.array([random_quad(rng, 60, 200) for _ in range(5)])
    numbers = rng.random((40, 3))
    numbers[:, 2] = 0.1 * (2 * numbers[:, 2] - 1)
    found = np.empty(9)
    size = find_place(
        np.array(plane),
        free,
        np.array(limits),
        np.array((0.0, 0.0, width, height)),
        np.array(box),
        40.0,
        8.0,
        3,
        1.0 if whole else 0.5,
        1e9,
        numbers,
        taken,
        5,
        np.zeros((0, 0, 0)),
        np.array((height, width), float),
        found,
    )
    if size == 0.0:
        return
    assert any(size == pytest.approx(40.0 * 0.62**k) for k in range(4))
    h = tuple(found.tolist())
    quad = quad_of(h, box)
    shape = Polygon(quad)
    assert shape.is_valid
    x, y = quad[:, 0], quad[:, 1]
    assert (x * np.roll(y, -1) - y * np.roll(x, -1)).sum() > 0  # clockwise on the screen: not mirrored
    assert scale_at(h, 0.1, 0.05) == pytest.approx(size, rel=0.02)
    image = Polygon([(0, 0), (width, 0), (width, height), (0, height)])
    assert shape.intersection(image).area >= (0.9999 if whole else 0.499) * shape.area
    for other in taken:
        assert shape.intersection(Polygon(other)).area < 1e-5
    if not free:
        inner = [project(invert(plane), *p) for p in quad]
        assert all(limits[0] - 1e-6 <= u <= limits[2] + 1e-6 for u, _ in inner)
        assert all(limits[1] - 1e-6 <= v <= limits[3] + 1e-6 for _, v in inner)


def test_the_calmest_place_is_taken():
    rng = np.random.default_rng(0)
    image = rng.random((160, 160, 3), np.float32)
    image[80:, 80:] = 0.5
    sums = edge_sums(image)
    numbers, found = rng.random((200, 3)), np.empty(9)
    args = (
        np.array(chain(similarity(0, 0, 0, 1), similarity(0, 0, 0, 1))),
        True,
        np.zeros(4),
        np.array((0, 0, 160.0, 160.0)),
    )
    rest = (np.array((-1.0, -0.5, 1.0, 0.5)), 15.0, 5.0, 0, 1.0, 5.0, numbers, np.empty((0, 4, 2)), 0, sums)
    assert find_place(*args, *rest, np.array((160.0, 160.0)), found) == 15.0
    quad = quad_of(tuple(found.tolist()), (-1, -0.5, 1, 0.5))
    assert quad.min() >= 78.0


@given(seeds)
@settings(max_examples=30)
def test_areas_of_words_inside_the_image(seed):
    rng = np.random.default_rng(seed)
    height, width = 60, 80
    words = []
    for _ in range(3):
        at, radius = rng.uniform(0, 90, 2), rng.uniform(8, 25)
        t = np.linspace(0, 2 * math.pi, int(rng.integers(5, 20)), endpoint=False)
        wobble = rng.uniform(0.7, 1.0, len(t))
        outer = at + radius * wobble[:, None] * np.column_stack([np.cos(t), np.sin(t)])
        inner = at + 0.3 * radius * np.column_stack([np.cos(t), -np.sin(t)])
        words.append([outer, inner])
    contours = [points for word in words for points in word]
    out = np.empty((3, 2))
    word_areas(
        np.concatenate(contours),
        np.cumsum([len(points) for points in contours]),
        np.array([2, 4, 6]),
        np.array([[0, 1], [1, 2], [2, 3]]),
        np.array([[0, 1], [1, 2], [2, 3]]),
        height,
        width,
        out,
    )
    for row, word in zip(out, words, strict=True):
        np.testing.assert_allclose(row, naive_scene.areas(word, height, width), rtol=1e-6, atol=1e-6)


def test_the_em_is_taken_across_the_direction_in_which_it_is_smaller():
    rng = np.random.default_rng(2)
    for _ in range(20):
        plane = random_plane(rng, 100, 100)
        warp = plane_warp(plane)
        placement = np.zeros((2, 9))
        angle, em = rng.uniform(0, 6), rng.uniform(0.02, 0.2)
        placement[:, 3:7] = em * np.array([math.cos(angle), math.sin(angle), math.sin(angle), -math.cos(angle)])
        placement[:, 7:] = rng.uniform(-0.2, 0.2, (2, 2))
        out = np.empty(1)
        word_ems(warp, placement, np.array([[0, 1], [1, 2]]), np.array([[0, 2]]), out)
        scale = naive_scene.smaller_scale(lambda x, y, w=warp: warp_xy(w, x, y), *placement[1, 7:])
        assert out[0] == pytest.approx(em * scale, rel=1e-3)


@given(seeds)
@settings(max_examples=25)
def test_planes_are_found_in_depth(seed):
    """Points of the plane that was meant lie on the plane that is found, outliers and all."""
    rng = np.random.default_rng(seed)
    height, width = 60, 80
    normal = np.array([*rng.uniform(-0.8, 0.8, 2), 1.0])
    v, u = np.indices((height, width))
    x, y = (u + 0.5 - 0.5 * width) / FOCAL, (v + 0.5 - 0.5 * height) / FOCAL
    inverse = (normal[0] * x + normal[1] * y + normal[2]) / 4.0
    depth = 1.0 / inverse * (1.0 + 0.005 * rng.standard_normal((height, width)))
    depth[rng.random((height, width)) < 0.1] *= 2.0
    found = fit_plane(depth, np.ones((height, width), bool), FOCAL)
    assert found is not None
    h = np.array(found).reshape(3, 3)
    camera = np.array([[FOCAL, 0, 0.5 * width], [0, FOCAL, 0.5 * height], [0, 0, 1]])
    frame = np.linalg.inv(camera) @ h
    seen = np.cross(frame[:, 0], frame[:, 1])
    wanted = normal / np.linalg.norm(normal)
    assert abs(seen @ wanted) > 0.995
    assert np.linalg.norm(frame[:, 0]) == pytest.approx(1.0)
    assert frame[:, 0] @ frame[:, 1] == pytest.approx(0.0, abs=1e-9)
    assert project(found, 1.0, 0.0)[0] > project(found, 0.0, 0.0)[0]
    bumpy = depth * (1.0 + 0.4 * rng.standard_normal((height, width)))
    assert fit_plane(np.abs(bumpy), np.ones((height, width), bool), FOCAL) is None
    assert fit_plane(depth, np.zeros((height, width), bool), FOCAL) is None
