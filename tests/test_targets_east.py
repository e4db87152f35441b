import math

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from naive_targets import area_of, border_distance, rectangle_of, rectangles_of, shrunk
from naive_targets import east as naive_east
from target_scenes import box, iou

from synthtext.core.errors import InputError
from synthtext.geometry.polygons import clockwise
from synthtext.targets import east, nms

SIZE = 64


def text_quad(rng, size=SIZE, low=4.0, high=60.0, bend=0.15):
    """A clockwise quad around a slanted rectangle, often partly outside of the image."""
    centre, angle = rng.uniform(-8, size + 8, 2), rng.uniform(-math.pi, math.pi)
    half = 0.5 * np.exp(rng.uniform(math.log(low), math.log(high), 2))
    u = np.array([math.cos(angle), math.sin(angle)])
    v = np.array([-u[1], u[0]])
    corners = np.array([centre + a * half[0] * u + b * half[1] * v for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))])
    return corners + rng.uniform(-bend, bend, (4, 2)) * half.min()


def concave_quad(rng):
    """A dart: three corners and a fourth between them."""
    quad = text_quad(rng, low=20.0)
    quad[2] = quad[[0, 1, 3]].mean(0) + 0.02 * (quad[1] - quad[0])
    return quad


def scene(seed, count, concave=False):
    rng = np.random.default_rng(seed)
    quads = np.array([concave_quad(rng) if concave and k % 2 else text_quad(rng) for k in range(count)])
    return quads.astype(np.float32), rng.random(count) < 0.25


@given(
    st.integers(0, 10**6), st.integers(0, 6), st.sampled_from([1, 2, 4]), st.booleans(), st.booleans(),
    st.sampled_from([0.0, 8.0]), st.booleans(),
)  # fmt: skip
@settings(max_examples=40)
def test_encode_agrees_with_naive(seed, count, stride, folded, border, min_size, concave):
    quads, ignore = scene(seed, count, concave)
    height, width = SIZE - 3, SIZE
    options = {"folded": folded, "mask_border": border, "min_size": min_size}
    t = east.encode(quads, ignore, height, width, stride, **options)
    score, rbox, quad, side, mask, instance = naive_east(quads, ignore, height, width, stride, **options)
    for i, j in np.argwhere((t.instance != instance) | (t.mask != mask)):
        x, y = (j + 0.5) * stride, (i + 0.5) * stride
        borders = [*quads, *(shrunk(q) for q in quads)]
        assert min(border_distance(b, x, y) for b in borders) < 1e-6, (i, j)
    same = t.instance == instance
    assert np.array_equal(t.score > 0, t.instance > 0)
    np.testing.assert_allclose(t.quad[same], quad[same], atol=1e-3)
    np.testing.assert_allclose(t.side[same], side[same], atol=1e-3)
    np.testing.assert_allclose(t.score[same], score[same])
    for k in np.unique(t.instance[same & (instance > 0)]):
        own = same & (instance == k)
        at = np.argwhere(own)[0]
        # Where two rectangles are as small, either is right.
        least = area_of(rectangle_of(quads[k - 1].astype(float), quads[k - 1]))
        assert rectangle_area(t.rbox[tuple(at)]) == pytest.approx(least, abs=1e-2, rel=1e-5)
        if np.allclose(t.rbox[tuple(at)], rbox[tuple(at)], atol=1e-2):
            np.testing.assert_allclose(t.rbox[own], rbox[own], atol=1e-2)


def rectangle_area(rbox):
    return float((rbox[0] + rbox[2]) * (rbox[1] + rbox[3]))


@given(st.lists(st.integers(0, 64), min_size=8, max_size=8), st.sampled_from([1, 2, 4]))
@settings(max_examples=100)
def test_core_of_any_quad_agrees_with_naive(corners, stride):
    """Very uneven quads, too, whose core reaches out of them: a sample must lie in both."""
    quad = np.array(corners, float).reshape(4, 2)
    assume(shapely.Polygon(quad).is_valid and abs(area_of(quad)) > 1)
    (quad,) = clockwise([quad])
    t = east.encode([quad], None, SIZE, SIZE, stride)
    _, _, _, _, mask, instance = naive_east([quad], [False], SIZE, SIZE, stride)
    for i, j in np.argwhere((t.instance != instance) | (t.mask != mask)):
        x, y = (j + 0.5) * stride, (i + 0.5) * stride
        assert min(border_distance(b, x, y) for b in (quad, shrunk(quad))) < 1e-6, (i, j)


@given(st.integers(0, 10**6), st.sampled_from([1, 4]), st.booleans())
@settings(max_examples=150)
def test_round_trip(seed, stride, folded):
    rng = np.random.default_rng(seed)
    quad = text_quad(rng, low=0.5, high=100.0, bend=0.6).astype(np.float32)
    if seed % 4 == 0:
        quad = concave_quad(rng).astype(np.float32)
    assume(shapely.Polygon(quad).is_valid and area_of(quad) > 1e-2)
    t = east.encode(quad[None], None, SIZE, SIZE, stride, folded=folded)
    assume(t.score.any())
    rectangles = rectangles_of(quad.astype(float), quad)
    quads, scores = east.decode(t.score, t.rbox, stride=stride)
    assert len(quads) == 1
    assert scores[0] == 1.0
    assert max(iou(quads[0], rectangle) for rectangle in rectangles) >= 0.99
    if not folded:
        assert min(np.abs(quads[0] - rectangle).max() for rectangle in rectangles) < 1e-2
    quads, _ = east.decode(t.score, quad=t.quad, stride=stride)
    assert len(quads) == 1
    assert iou(quads[0], quad) >= 0.99
    np.testing.assert_allclose(quads[0], quad, atol=1e-2)


@pytest.mark.parametrize("degrees", range(-179, 181, 12))
def test_angle_keeps_the_reading_direction(degrees):
    angle = math.radians(degrees)
    u, v = np.array([math.cos(angle), math.sin(angle)]), np.array([-math.sin(angle), math.cos(angle)])
    quad = np.array([32 - 20 * u - 6 * v, 32 + 20 * u - 6 * v, 32 + 20 * u + 6 * v, 32 - 20 * u + 6 * v])
    t = east.encode(quad[None], None, SIZE, SIZE, 1)
    rbox = t.rbox[32, 32]
    assert rbox[4] == pytest.approx(angle, abs=1e-5)
    assert rbox[0] + rbox[2] == pytest.approx(12, abs=1e-4)
    assert rbox[1] + rbox[3] == pytest.approx(40, abs=1e-4)
    decoded, _ = east.decode(t.score, t.rbox, stride=1)
    np.testing.assert_allclose(decoded[0], quad, atol=1e-3)
    folded = east.encode(quad[None], None, SIZE, SIZE, 1, folded=True)
    inside = folded.rbox[folded.score > 0]
    assert inside[:, 4].min() >= np.float32(-math.pi / 4)
    assert inside[:, 4].max() < math.pi / 4 + 1e-6
    assert (inside[0, 4] - angle) % (math.pi / 2) == pytest.approx(0, abs=1e-5) or (
        (angle - inside[0, 4]) % (math.pi / 2) == pytest.approx(0, abs=1e-5)
    )


def test_a_rectangle_by_hand():
    t = east.encode([[[8, 8], [40, 8], [40, 24], [8, 24]]], [False], 32, 48, stride=4)
    assert [a.shape for a in t] == [(8, 12), (8, 12, 5), (8, 12, 8), (8, 12), (8, 12), (8, 12)]
    assert [a.dtype for a in t] == [np.float32] * 4 + [np.uint8, np.int32]
    # r_i = 16, 0.3 of it 4.8: the core is (12.8, 12.8) to (35.2, 19.2), and samples stand at 14, 18, ...
    assert t.instance[:, :].tolist() == [[1 if 3 <= j <= 8 and 3 <= i <= 4 else 0 for j in range(12)] for i in range(8)]
    np.testing.assert_allclose(t.rbox[3, 3], [6, 26, 10, 6, 0])
    np.testing.assert_allclose(t.quad[3, 3], [-6, -6, 26, -6, 26, 10, -6, 10])
    assert t.side[3, 3] == 16
    assert t.mask.all()


def test_no_text_gives_empty_maps():
    for quads, ignore in (([], []), (np.zeros((0, 4, 2)), None), (np.zeros((0, 4, 2)), np.zeros(0, bool))):
        t = east.encode(quads, ignore, 33, 61, stride=4)
        assert t.score.shape == (9, 16)
        assert not any(a.any() for a in (t.score, t.rbox, t.quad, t.side, t.instance))
        assert t.mask.all()
        found, scores = east.decode(t.score, t.rbox, stride=4)
        assert found.shape == (0, 4, 2)
        assert scores.shape == (0,)


def test_the_smaller_of_two_overlapping_quads_owns_the_sample_and_nothing_is_summed():
    big, small = box(0, 0, 60, 60), box(20, 20, 50, 40)
    for quads in ([big, small], [small, big]):
        t = east.encode(quads, None, 64, 64, 1)
        at = quads.index(small) + 1
        assert t.instance[30, 35] == at
        np.testing.assert_allclose(t.rbox[30, 35], [10.5, 14.5, 9.5, 15.5, 0])
        assert t.score.max() == 1.0
    first = east.encode([small, small], None, 64, 64, 1)
    assert set(np.unique(first.instance)) == {0, 1}


def test_ignored_text_is_masked_whole_but_not_in_a_legible_core():
    t = east.encode([box(4, 4, 40, 24), box(20, 4, 60, 24)], [True, False], 32, 64, 1)
    assert not t.mask[5:23, 5:20].any()
    core = t.instance == 2
    assert core.any()
    assert t.mask[core].all()
    assert not t.mask[:, 4:40][4:24][~core[4:24, 4:40]].any()
    assert t.mask[25:].all()
    assert not (t.instance == 1).any()


def test_text_too_small_for_the_map_is_ignored_not_taught_as_background():
    tiny = [box(9, 9, 30, 12.9)]
    at4, at1 = east.encode(tiny, None, 32, 32, 4), east.encode(tiny, None, 32, 32, 1)
    assert not at4.score.any()
    assert (at4.mask == 0).sum() == 5
    assert at1.score.any()
    assert at1.mask.all()
    assert not east.encode(tiny, None, 32, 32, 1, min_size=5.0).score.any()


def test_border_can_be_masked():
    t = east.encode([box(8, 8, 40, 24)], None, 32, 48, 1, mask_border=True)
    assert (t.mask == 0).sum() == 32 * 16 - t.score.sum()


def test_touching_quads_share_no_sample():
    quads = [box(0.5, 0.5, 30.5, 20.5), box(30.5, 0.5, 60.5, 20.5)]
    t = east.encode(quads, [True, True], 32, 64, 1)
    assert (t.mask == 0).sum() == 60 * 20


def test_quads_across_the_edge_keep_their_rectangle():
    quad = np.array([[[-30, 5], [50, 5], [50, 25], [-30, 25]]], float)
    t = east.encode(quad, None, 32, 32, 4)
    found, _ = east.decode(t.score, t.rbox, stride=4)
    np.testing.assert_allclose(found, quad, atol=1e-4)
    outside = east.encode(quad + 1000, None, 32, 32, 4)
    assert outside.mask.all()
    assert not outside.score.any()


def test_degenerate_quads_add_nothing():
    flat = [box(3, 5, 40, 5), [[7, 7]] * 4, [[0, 0], [10, 10], [20, 20], [30, 30]]]
    t = east.encode(flat, None, 48, 48, 1)
    assert t.mask.all()
    assert not t.score.any()


def test_more_instances_than_a_byte_and_ten_thousand():
    corners = [(10 * (k % 100), 10 * (k // 100)) for k in range(10_000)]
    quads = np.array([box(x + 1, y + 1, x + 9, y + 8) for x, y in corners])
    t = east.encode(quads, None, 1000, 1000, 1)
    assert len(np.unique(t.instance)) == 10_001
    assert t.instance[995, 995] == 10_000
    found, _ = east.decode(t.score, t.rbox, stride=1)
    assert len(found) == 10_000


def test_out_is_written_again_as_if_new():
    maps = east.empty(SIZE, SIZE, 2)
    for seed in range(4):
        quads, ignore = scene(seed, 5)
        given_back = east.encode(quads, ignore, SIZE, SIZE, 2, out=maps)
        assert given_back is maps
        for a, b in zip(maps, east.encode(quads, ignore, SIZE, SIZE, 2), strict=True):
            assert np.array_equal(a, b)
    with pytest.raises(InputError, match=r"out\.score"):
        east.encode(quads, None, SIZE, SIZE, 4, out=maps)


GOOD = box(2, 2, 20, 12)


@pytest.mark.parametrize(
    ("quads", "ignore", "message"),
    [
        ([GOOD, box(2, 2, np.nan, 9)], None, "quad 1: has a coordinate"),
        ([GOOD, box(2, 2, np.inf, 9)], None, "quad 1: has a coordinate"),
        ([GOOD, box(2, 2, 1e9, 9)], None, "quad 1: has a coordinate"),
        ([GOOD, GOOD[::-1]], None, "quad 1: runs counter-clockwise"),
        ([GOOD, GOOD, [GOOD[0], GOOD[2], GOOD[1], GOOD[3]]], None, "quad 2: crosses itself"),
        (np.zeros((2, 8)), None, "quads: have the shape"),
        (np.zeros((4, 2)), None, "quads: have the shape"),
        ([GOOD, GOOD[:3]], None, "quads: are no array"),
        ([["a"] * 4], None, "quads: are no array"),
        ([GOOD], [True, False], "ignore: has the shape"),
    ],
)
def test_bad_labels_are_named(quads, ignore, message):
    with pytest.raises(InputError, match=message):
        east.encode(quads, ignore, 32, 32)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"height": 0}, "height"),
        ({"width": 2.5}, "width"),
        ({"stride": 0}, "stride"),
        ({"shrink": 0.5}, "shrink"),
        ({"shrink": np.nan}, "shrink"),
    ],
)
def test_bad_options_are_named(change, message):
    with pytest.raises(InputError, match=message):
        east.encode(**{"quads": [GOOD], "ignore": None, "height": 32, "width": 32, **change})


def test_bad_maps_are_named():
    t = east.encode([GOOD], None, 32, 32, 1)
    with pytest.raises(InputError, match="one of the two"):
        east.decode(t.score)
    with pytest.raises(InputError, match="one of the two"):
        east.decode(t.score, t.rbox, quad=t.quad)
    with pytest.raises(InputError, match="rbox: has the shape"):
        east.decode(t.score, t.quad)
    i, j = np.argwhere(t.score > 0)[0]
    t.rbox[i, j, 2] = np.nan
    with pytest.raises(InputError, match=rf"rbox\[{i}, {j}\]"):
        east.decode(t.score, t.rbox, stride=1)


def test_counter_clockwise_input_can_be_mended():
    t = east.encode(clockwise([GOOD[::-1]]), None, 32, 32, 1)
    assert t.score.any()


def naive_nms(quads, weight, row, merge, overlap):
    """Algorithm 1 of the paper, with shapely; corners are turned to the nearest order before they are averaged."""
    merged = []
    for quad, w, r in zip(quads, weight, row, strict=True):
        if merged and merged[-1][2] == r and iou(quad, merged[-1][0]) > merge:
            old, total, _, votes = merged[-1]
            quad = min((np.roll(quad, -s, 0) for s in range(4)), key=lambda q: float(((q - old) ** 2).sum()))
            merged[-1] = (old * total + quad * w) / (total + w), total + w, r, votes + 1
        else:
            merged.append((quad, w, r, 1))
    kept = []
    for quad, w, _, votes in sorted(merged, key=lambda m: -m[1]):
        if area_of(quad) > 0 and all(iou(quad, k[0]) <= overlap for k in kept):
            kept.append((quad, w, votes))
    return kept


@given(st.integers(0, 10**6), st.integers(1, 40))
@settings(max_examples=60)
def test_locality_aware_nms_agrees_with_naive(seed, count):
    rng = np.random.default_rng(seed)
    centres = [text_quad(rng, low=24) for _ in range(4)]
    quads = np.array([centres[rng.integers(4)] + rng.normal(0, 1.5, (4, 2)) for _ in range(count)])
    quads = np.array([np.roll(q, rng.choice([0, 0, 2]), 0) for q in quads])
    assume(all(shapely.Polygon(q).is_valid and area_of(q) > 1 for q in quads))
    weight, row = rng.uniform(0.5, 1, count), np.sort(rng.integers(0, 5, count))
    want = naive_nms(quads, weight, row, 0.5, 0.2)
    assume(all(shapely.Polygon(q).is_valid for q, _, _ in want))
    held, total, rows, votes = np.empty((count, 4, 2)), np.empty(count), np.empty(count, int), np.empty(count, int)
    left = 0
    for quad, w, r in zip(quads, weight.tolist(), row.tolist(), strict=True):
        left = nms.push(quad, w, r, 0.5, left, held, total, rows, votes)
    kept = nms.suppress(held[:left], total[:left], 0.2)
    assert len(kept) == len(want)
    for k, (quad, w, count_of) in zip(kept, want, strict=True):
        np.testing.assert_allclose(held[k], quad, atol=1e-9)
        assert total[k] == pytest.approx(w)
        assert votes[k] == count_of


def test_votes_that_differ_in_direction_are_not_averaged_to_a_crumpled_quad():
    t = east.encode([box(4, 4, 60, 24)], None, SIZE, SIZE, 1)
    upside_down = east.encode([box(4, 4, 60, 24)[2:] + box(4, 4, 60, 24)[:2]], None, SIZE, SIZE, 1)
    t.rbox[:, 30:] = upside_down.rbox[:, 30:]
    found, scores = east.decode(t.score, t.rbox, stride=1)
    np.testing.assert_allclose(found, [box(4, 4, 60, 24)], atol=1e-4)
    assert scores.tolist() == [1.0]


def test_decode_drops_what_overlaps_a_stronger_quad():
    quads = np.array([box(0, 0, 20, 10), box(2, 0, 22, 10), box(40, 0, 60, 10)], float)
    assert nms.suppress(quads, np.array([1.0, 3.0, 2.0]), 0.2).tolist() == [1, 2]
    assert nms.suppress(quads, np.array([1.0, 3.0, 2.0]), 0.9).tolist() == [1, 2, 0]
