"""DBNet, PSENet and PAN: maps of texts that are shrunk by a distance."""

import cv2
import naive_targets as naive
import numpy as np
import pyclipper
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from target_scenes import SIZE, box, iou, scene

from synthtext.core.errors import InputError
from synthtext.targets import components, dbnet, pan, psenet

scenes = given(st.integers(0, 10**6), st.integers(0, 5), st.sampled_from([1, 2, 4]), st.sampled_from([0.0, 6.0]))


def near_a_limit(polygons, i, j, stride, distances, margin=1e-3):
    """Whether the sample lies so near to one of the limits of one of the polygons that rounding decides."""
    x, y = (j + 0.5) * stride, (i + 0.5) * stride
    return any(
        abs(naive.border_distance(p, x, y) - d) < margin
        for p, own in zip(polygons, distances, strict=True)
        for d in own
    )


def agree(polygons, stride, distances, pairs):
    """The maps are the same but at such samples, and where such a sample decides whether a core is in one piece."""
    pairs = list(pairs)
    height, width = pairs[0][0].shape[:2]
    for ours, theirs in pairs:
        bad = np.abs(ours.astype(float) - theirs) > 2e-3
        for i, j in np.argwhere(bad.any(-1) if bad.ndim == 3 else bad):
            assert near_a_limit(polygons, i, j, stride, distances) or any(
                near_a_limit(polygons, a, b, stride, distances, 3e-5) for a in range(height) for b in range(width)
            ), (i, j)


@scenes
@settings(max_examples=30)
def test_dbnet_agrees_with_naive(seed, count, stride, min_size):
    polygons, ignore = scene(seed, count)
    t = dbnet.encode(polygons, ignore, SIZE - 3, SIZE, stride, ratio=0.5, min_size=min_size)
    maps = naive.dbnet(polygons, ignore, SIZE - 3, SIZE, stride, 0.5, min_size=min_size)
    assert [a.shape for a in t] == [b.shape for b in maps]
    distances = [(0.0, naive.shrink_distance(p, 0.5)) for p in polygons]
    agree(polygons, stride, distances, zip(t, maps, strict=True))


@scenes
@settings(max_examples=30)
def test_psenet_and_pan_agree_with_naive(seed, count, stride, min_size):
    polygons, ignore = scene(seed, count)
    ratios = psenet.ratios(4, 0.4)
    assert ratios == pytest.approx((0.4, 0.6, 0.8, 1.0))
    t = psenet.encode(polygons, ignore, SIZE - 3, SIZE, stride, count=4, smallest=0.4, min_size=min_size)
    maps = naive.psenet(polygons, ignore, SIZE - 3, SIZE, stride, ratios, min_size)
    distances = [[naive.shrink_distance(p, r) for r in ratios] for p in polygons]
    agree(polygons, stride, distances, zip(t, maps, strict=True))
    p = pan.encode(polygons, ignore, SIZE - 3, SIZE, stride, ratio=0.6, min_size=min_size)
    kernels, mask, instance = naive.psenet(polygons, ignore, SIZE - 3, SIZE, stride, (0.6, 1.0), min_size)
    maps = kernels[..., 1], kernels[..., 0], mask, instance, instance * kernels[..., 0]
    distances = [[naive.shrink_distance(q, r) for r in (0.6, 1.0)] for q in polygons]
    agree(polygons, stride, distances, zip(p, maps, strict=True))


@given(st.integers(0, 10**6))
@settings(max_examples=40)
def test_shrinking_by_distance_is_the_offset_polygon_that_pyclipper_makes(seed):
    (polygon,), _ = scene(seed, 1)
    t = dbnet.encode([polygon], None, SIZE, SIZE, 1)
    offset = pyclipper.PyclipperOffset(2.0, 4.0)
    offset.AddPath(np.round(polygon * 4096).astype(int).tolist(), pyclipper.JT_ROUND, pyclipper.ET_CLOSEDPOLYGON)
    distance = naive.shrink_distance(polygon, 0.4)
    shrunk = [np.array(p) / 4096 for p in offset.Execute(-distance * 4096)]
    border = [np.array(p) / 4096 for p in offset.Execute(distance * 4096)]
    thin = naive.is_thin(polygon, distance, 1)
    for i, j, x, y in naive.samples(SIZE, SIZE, 1):
        if abs(naive.border_distance(polygon, x, y) - distance) > 0.02 and t.mask[i, j]:
            core = any(naive.inside(p, x, y) for p in shrunk)
            # A thin core may be widened, and loses nothing.
            assert t.probability[i, j] >= core if thin else t.probability[i, j] == core
            if t.probability.any():
                outer = any(naive.inside(p, x, y) for p in border)
                assert t.threshold_mask[i, j] == (outer or naive.inside(polygon, x, y))


def test_dbnet_by_hand():
    t = dbnet.encode([box(10, 10, 50, 30)], None, 40, 60)
    # D = 800 * 0.84 / 120 = 5.6
    assert t.probability.sum() == 28 * 8
    rows, columns = np.nonzero(t.probability)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (16, 23, 16, 43)
    assert t.threshold[20, 0] == pytest.approx(0.3)
    assert t.threshold[20, 9] == pytest.approx(0.3 + 0.4 * (1 - 0.5 / 5.6))
    assert t.threshold[20, 12] == pytest.approx(0.3 + 0.4 * (1 - 2.5 / 5.6))
    assert t.threshold_mask[20, 30]  # the loss runs over all of the dilated text, its core included
    assert t.threshold[20, 30] == pytest.approx(0.3)
    assert t.threshold_mask[5:35, 10:50].all()
    assert not t.threshold_mask[:4].any()
    assert t.mask.all()


def test_dbnet_threshold_counts_in_all_of_the_dilated_text():
    """Liao et al. train the threshold map wherever their dilated polygon is painted, not in its border's band alone."""
    t = dbnet.encode([box(10, 10, 110, 50)], None, 64, 128)
    assert t.threshold_mask[30, 60] == 1
    distance = naive.shrink_distance(box(10, 10, 110, 50), 0.4)
    ys, xs = np.mgrid[:64, :128] + 0.5
    dilated = np.hypot(np.maximum(np.abs(xs - 60) - 50, 0), np.maximum(np.abs(ys - 30) - 20, 0)) < distance
    assert np.array_equal(t.threshold_mask > 0, dilated)


def test_ignored_text_counts_nowhere():
    polygons = [box(4, 4, 40, 24), box(38, 4, 62, 24)]
    for t in (
        dbnet.encode(polygons, [True, False], 32, 64),
        psenet.encode(polygons, [True, False], 32, 64, 1),
        pan.encode(polygons, [True, False], 32, 64, 1),
    ):
        assert not t.mask[5:23, 5:37].any()
        assert t.mask[26:].all()
        assert set(np.unique(t.instance)) == {0, 2}
        assert t.mask[t.instance == 2].all()
    t = dbnet.encode(polygons, [True, False], 32, 64)
    assert not t.threshold_mask[5:23, 5:37].any()
    assert t.threshold_mask[5:23, 40].all()


@pytest.mark.parametrize("module", [dbnet, psenet, pan])
def test_tiny_degenerate_and_outside_texts(module):
    # Of the tiny one's samples one lies in a corner, none near the middle of its core.
    tiny, flat, far = box(9.5, 9.5, 13.5, 13.5), box(3, 5, 40, 5), box(900, 900, 960, 920)
    t = module.encode([tiny, flat, far], None, 64, 64, 4)
    assert not t.instance.any()
    assert np.argwhere(t.mask == 0).tolist() == [[2, 2]]
    assert module.encode([flat, far], None, 64, 64, 4).mask.all()
    cut = module.encode([box(-50, 10, 30, 40)], None, 64, 64, 1)
    assert cut.instance[25, 0] == 1


@pytest.mark.parametrize("stride", [1, 4])
@pytest.mark.parametrize("curved", [False, True])
def test_decode_gives_the_texts_again(stride, curved):
    t = np.linspace(0, np.pi, 12)
    arch = np.stack([128 - 90 * np.cos(t), 150 - 90 * np.sin(t)], 1)
    inner = np.stack([128 - 50 * np.cos(t), 150 - 50 * np.sin(t)], 1)[::-1]
    texts = [np.concatenate([arch, inner])] if curved else [box(20, 20, 140, 60), box(40, 120, 200, 150)]
    for found in (
        dbnet.decode(dbnet.encode(texts, None, 200, 256, stride).probability, stride)[0],
        psenet.decode(psenet.encode(texts, None, 200, 256, stride).kernels, stride)[0],
        pan.decode(*(m := pan.encode(texts, None, 200, 256, stride))[:2], stride=stride)[0],
    ):
        assert len(found) == len(texts)
        for text in texts:
            assert max(iou(text, f) for f in found) > (0.9 if stride == 1 else 0.8)
        assert all(naive.area_of(f) > 0 for f in found)
    if not curved:
        quads, scores = dbnet.decode(dbnet.encode(texts, None, 200, 256, stride).probability, stride, quads=True)
        assert [q.shape for q in quads] == [(4, 2)] * 2
        assert scores.tolist() == [1.0, 1.0]
        assert min(iou(a, b) for a, b in zip(texts, quads, strict=True)) > 0.85
    assert len(m) == 5


def test_similarity_keeps_touching_texts_apart():
    texts = [box(4, 4, 60, 24), box(4, 24, 60, 44)]
    t = pan.encode(texts, None, 48, 64, 1)
    similarity = np.zeros((48, 64, 4), np.float32)
    similarity[t.instance == 1, 0], similarity[t.instance == 2, 1] = 10, 10
    similarity[40:44, 10:20] = similarity[10, 10]  # these say that they belong to the first text
    with_it, _ = pan.decode(t.text, t.kernel, similarity, 1)
    without, _ = pan.decode(t.text, t.kernel, stride=1)
    assert len(with_it) == len(without) == 2
    assert sum(naive.area_of(p) for p in with_it) < sum(naive.area_of(p) for p in without) - 15


@given(st.integers(0, 10**6))
@settings(max_examples=40)
def test_expansion_agrees_with_naive(seed):
    rng = np.random.default_rng(seed)
    inside = rng.random((17, 23)) < 0.7
    labels = np.where(inside & (rng.random((17, 23)) < 0.05), rng.integers(1, 9, (17, 23)), 0).astype(np.int32)
    want = naive.expand(labels, inside)
    psenet.expand_all(labels, inside)
    assert np.array_equal(labels, want)


def test_parts_are_those_of_opencv_and_outlined_half_a_sample_outside():
    part = np.zeros((9, 12), bool)
    part[2:6, 3:10] = True
    outline = components.outline_of(part, 5, 7, 4)
    assert shapely.Polygon(outline).symmetric_difference(shapely.box(32, 36, 60, 52)).area < 1e-3
    line = np.zeros((9, 12), bool)
    line[4, 2:9] = True
    assert naive.area_of(components.outline_of(line, 0, 0, 1)) == pytest.approx(7)
    count, _ = cv2.connectedComponents(part.astype(np.uint8), connectivity=4)
    assert components.parts_of(part).max() == count - 1


@pytest.mark.parametrize("module", [dbnet, psenet, pan])
def test_polygons_of_any_number_of_corners(module):
    triangle, pentagon = [[5, 5], [60, 8], [8, 50]], [[70, 10], [100, 5], [120, 30], [95, 60], [65, 40]]
    t = module.encode([triangle, np.array(pentagon)], None, 64, 128, 1)
    assert set(np.unique(t.instance)) == {0, 1, 2}


@pytest.mark.parametrize(
    ("module", "options", "message"),
    [
        (dbnet, {"ratio": 1.5}, "ratio"),
        (dbnet, {"threshold_range": (0.7, 0.3)}, "threshold_range"),
        (dbnet, {"threshold_range": 0.3}, "threshold_range"),
        (dbnet, {"min_size": np.nan}, "min_size"),
        (psenet, {"count": 1}, "count"),
        (psenet, {"count": 2.5}, "count"),
        (psenet, {"smallest": 0}, "smallest"),
        (pan, {"ratio": np.nan}, "ratio"),
    ],
)
def test_bad_options_are_named(module, options, message):
    with pytest.raises(InputError, match=message):
        module.encode([box(2, 2, 20, 12)], None, 32, 32, **options)


def test_bad_maps_are_named():
    good = np.zeros((8, 8), np.float32)
    bad = good.copy()
    bad[3, 5] = np.nan
    with pytest.raises(InputError, match=r"score\[3, 5\]: is not finite"):
        dbnet.decode(bad)
    with pytest.raises(InputError, match="score: has the shape"):
        dbnet.decode(good[0])
    with pytest.raises(InputError, match="threshold"):
        dbnet.decode(good, threshold=np.nan)
    with pytest.raises(InputError, match="kernels: have the shape"):
        psenet.decode(good)
    with pytest.raises(InputError, match="kernel: has the shape"):
        pan.decode(good, good[:4])
    with pytest.raises(InputError, match="similarity"):
        pan.decode(good, good, good)
    assert dbnet.decode(good)[0] == psenet.decode(np.zeros((8, 8, 3)))[0] == pan.decode(good, good)[0] == []


@given(st.integers(0, 10**6), st.floats(0.2, 6))
@settings(max_examples=150)
def test_grown_agrees_with_shapely(seed, distance):
    """A word's outline of steps and notches, its corners kept sharp."""
    rng = np.random.default_rng(seed)
    x = np.sort(rng.uniform(0, 60, int(rng.integers(2, 8))))
    x[-1] = max(x[-1], x[0] + 8)
    top = np.stack([x, rng.uniform(0, 6, len(x))], 1)
    bottom = np.stack([x, rng.uniform(14, 20, len(x))], 1)[::-1]
    outline = np.concatenate([top, bottom])
    shape = shapely.Polygon(outline)
    assume(shape.is_valid and shape.area > 20 and components._grow(outline, distance, np.empty_like(outline)))
    found = shapely.set_precision(shapely.make_valid(shapely.Polygon(components.grown(outline, distance))), 1e-5)
    # All that a disc covers is in it, but what is lost at the ends of a notch; no corner reaches farther than 4 discs.
    disc = shape.buffer(distance, quad_segs=32)
    assert disc.difference(found).area < 0.04 * disc.area
    assert shape.buffer(4.01 * distance).covers(found)
    assert found.area < disc.area + 0.5 * len(outline) * distance**2


def test_grown_closes_a_notch():
    """A notch narrower than twice the distance vanishes with its edges; the corners outside stay sharp."""
    comb = np.array([[0, 0], [20, 0], [20, 3], [22, 3], [22, 0], [40, 0], [40, 10], [0, 10]], float)
    found = components.grown(comb, 2.0)
    assert shapely.Polygon(found).symmetric_difference(shapely.box(-2, -2, 42, 12)).area < 1e-3


def test_dbnet_decode_joins_by_corners_and_keeps_rows_order():
    """As OpenCV's contours do; a hole is no text, and is not asked for its value."""
    values = np.zeros((40, 60), np.float32)
    values[2:6, 2:12] = values[6:10, 12:22] = 0.9  # joined by a corner
    values[20:36, 4:34] = 0.8
    values[24:32, 10:28] = 0.0
    found, scores = dbnet.decode(values, quads=True)
    assert len(found) == 2
    assert scores.tolist() == pytest.approx([0.9, 0.8])
    assert found[0][:, 1].mean() < found[1][:, 1].mean()
