"""CRAFT: Gaussians of chars and of the gaps between them."""

import cv2
import naive_targets as naive
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from target_scenes import SIZE, box, iou

from synthtext.core.errors import InputError
from synthtext.targets import craft


def word(rng, count):
    """A slanted word of `count` chars whose quads are convex: chars float32 (n, 4, 2), and its own quad."""
    centre, angle = rng.uniform(0, SIZE, 2), rng.uniform(-np.pi, np.pi)
    u = np.array([np.cos(angle), np.sin(angle)])
    v = np.array([-u[1], u[0]])
    height, width = rng.uniform(6, 16), rng.uniform(5, 12)

    def at(x, y):
        return centre + (x - count / 2) * width * u + y * height * v

    quads = np.array([[at(k, -0.5), at(k + 1, -0.5), at(k + 1, 0.5), at(k, 0.5)] for k in range(count)])
    quads += rng.uniform(-0.8, 0.8, quads.shape)
    return quads.astype(np.float32), np.array([at(0, -0.5), at(count, -0.5), at(count, 0.5), at(0, 0.5)], np.float32)


@given(st.integers(0, 10**6), st.integers(0, 3), st.sampled_from([1, 2, 4]), st.sampled_from([1.0, 1.5]))
@settings(max_examples=25)
def test_encode_agrees_with_naive(seed, count, stride, enlarge):
    rng = np.random.default_rng(seed)
    words = [word(rng, int(rng.integers(1, 5))) for _ in range(count)]
    chars = np.concatenate([w[0] for w in words]) if words else np.zeros((0, 4, 2))
    owner = np.repeat(np.arange(count), [len(w[0]) for w in words])
    polygons, ignore = [w[1] for w in words], rng.random(count) < 0.3
    t = craft.encode(chars, owner, polygons, ignore, SIZE - 3, SIZE, stride, enlarge=enlarge)
    maps = naive.craft(chars.astype(float), owner, polygons, ignore, SIZE - 3, SIZE, stride, enlarge=enlarge)
    for ours, theirs in zip(t[:2], maps[:2], strict=True):
        bad = np.abs(ours - theirs) > 1e-3
        assert bad.mean() < 2e-3  # samples on a border
    same = t.instance == maps[3]
    assert same.mean() > 0.995
    assert (t.mask == maps[2])[same].mean() > 0.995


@given(st.integers(0, 10**6))
@settings(max_examples=30)
def test_gaussian_is_the_one_that_opencv_warps(seed):
    rng = np.random.default_rng(seed)
    quad = word(rng, 1)[0][0] * 2
    t = craft.encode(quad[None], [0], [quad], None, 2 * SIZE, 2 * SIZE, 1, enlarge=1.0)
    side = 401
    a = (np.arange(side) + 0.5) / side - 0.5
    picture = np.exp(-(a[:, None] ** 2 + a**2) / (2 * 0.2**2)).astype(np.float32)
    corners = np.array(box(-0.5, -0.5, side - 0.5, side - 0.5), np.float32)
    matrix = cv2.getPerspectiveTransform(corners, quad - 0.5)
    warped = cv2.warpPerspective(picture, matrix, (2 * SIZE, 2 * SIZE), flags=cv2.INTER_LINEAR)
    x, y = np.meshgrid(np.arange(2 * SIZE) + 0.5, np.arange(2 * SIZE) + 0.5)
    inner = shapely.contains_xy(shapely.Polygon(quad).buffer(-1), x, y)
    assert np.abs(t.region - warped)[inner].max(initial=0) < 0.01


def test_a_word_by_hand():
    chars = [box(10 + 20 * k, 10, 30 + 20 * k, 40) for k in range(3)]
    t = craft.encode(chars, [0, 0, 0], [box(10, 10, 70, 40)], None, 48, 80, 1, enlarge=1.0)
    assert t.region.max() < 1
    assert t.region[24, 19] == pytest.approx(np.exp(-0.5 * ((0.5 / 20) ** 2 + (0.5 / 30) ** 2) / 0.04), abs=1e-5)
    # Between the first two: from middle to middle, from a sixth to five sixths of the height.
    rows, columns = np.nonzero(t.affinity[:, :40])
    assert (columns.min(), rows.min(), rows.max()) == (20, 15, 34)
    assert t.affinity[24, 29] > 0.98
    assert t.affinity[24, 49] > 0.98
    assert t.affinity[24, 19] < 0.06
    assert (t.instance[11:39, 10:30] == 1).all()
    assert t.mask.all()


@pytest.mark.parametrize("order", [1, -1])
def test_neighbours_have_affinity_in_any_direction(order):
    across = [box(10 + 20 * k, 10, 28 + 20 * k, 40) for k in range(3)][::order]
    down = [box(10, 10 + 20 * k, 34, 28 + 20 * k) for k in range(3)][::order]
    for chars, row, column in ((across, 24, 29), (down, 29, 21)):
        t = craft.encode(chars, [0, 0, 0], [box(10, 10, 70, 70)], None, 80, 80, 1)
        assert t.affinity[row, column] > 0.9
    two_words = craft.encode(across, [0, 1, 1], [box(10, 10, 30, 40), box(30, 10, 70, 40)], None, 80, 80, 1)
    assert (two_words.affinity[24, 29] > 0) != (two_words.affinity[24, 49] > 0)


def test_ignored_and_unlabelled_words_are_masked():
    chars = [box(10, 10, 20, 30), box(20, 10, 30, 30)]
    words = [box(10, 10, 20, 30), box(20, 10, 30, 30), box(40, 10, 60, 30)]
    t = craft.encode(chars, [0, 1], words, [True, False, False], 40, 64, 1, enlarge=1.0)
    assert not t.mask[11:29, 10:20].any()
    assert t.mask[11:29, 20:30].all()
    assert not t.mask[11:29, 40:60].any()  # nobody said where its chars are
    assert not t.region[:, :20].any()
    tiny = craft.encode([box(9, 9, 10, 11.9)], [0], [box(8.5, 9, 21, 11.9)], None, 32, 32, 4, enlarge=1.0)
    assert not tiny.region.any()
    assert (tiny.mask == 0).sum() == 3


def test_chars_that_are_no_square_in_perspective():
    triangle = [[10, 10], [40, 10], [25, 40], [17.5, 25]]  # its last corner lies on a side
    dart = [[50, 10], [70, 20], [50, 40], [55, 20]]
    flat = box(10, 50, 60, 50)
    t = craft.encode([triangle, dart, flat], [0, 0, 0], [box(5, 5, 75, 60)], None, 64, 80, 1)
    assert np.isfinite(t.region).all()
    assert {1, 2} <= set(np.unique(t.instance)) <= {0, 1, 2}
    assert t.region.max() > 0.9


def test_decode_gives_the_words_again():
    chars, owner = [], []
    words = [(20, 20, 14, 5), (20, 90, 22, 6), (150, 30, 30, 2)]
    for k, (x, y, size, count) in enumerate(words):
        chars += [box(x + n * size * 0.6, y, x + (n + 1) * size * 0.6, y + size) for n in range(count)]
        owner += [k] * count
    polygons = [box(x, y, x + 0.6 * size * count, y + size) for x, y, size, count in words]
    t = craft.encode(chars, owner, polygons, None, 130, 220, 1)
    found, scores = craft.decode(t.region, t.affinity, 1)
    assert len(found) == 3
    assert scores.min() > 0.9
    for polygon in polygons:
        assert max(iou(polygon, f) for f in found) > 0.9


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("enlarge", [1.25, 1.5, 2.0])
@given(st.lists(st.floats(5, 14), min_size=1, max_size=9), st.floats(20, 26), st.floats(-0.6, 0.6))
@settings(max_examples=25)
def test_words_of_unlike_chars_come_back_in_one_piece(stride, enlarge, widths, height, angle):
    u = np.array([np.cos(angle), np.sin(angle)])
    v = np.array([-u[1], u[0]])
    at = np.concatenate([[0.0], np.cumsum(widths)])
    corner = np.array([60.0, 80.0]) + at[:, None] * u
    chars = np.stack([corner[:-1], corner[1:], corner[1:] + height * v, corner[:-1] + height * v], 1)
    own = np.array([chars[0, 0], chars[-1, 1], chars[-1, 2], chars[0, 3]])
    t = craft.encode(chars, [0] * len(widths), [own], None, 200, 200, stride, enlarge=enlarge)
    found, _ = craft.decode(t.region, t.affinity, stride, enlarge=enlarge)
    assert len(found) == 1
    # Known to half a char's width at the ends, and to the fraction of a sample across.
    across = min(np.hypot(*(found[0][k + 1] - found[0][k])) for k in range(2))
    want = min(height, at[-1])
    assert across == pytest.approx(want, rel=0.25)
    assert iou(found[0], own) > (0.8 if len(widths) > 2 else 0.6)


def test_the_default_is_what_the_authors_train():
    """JaidedAI/EasyOCR, trainer/craft: enlarge_region and enlarge_affinity are [0.5, 0.5]: half as large again."""
    quad = [box(20, 20, 40, 50)]
    t = craft.encode(quad, [0], quad, None, 80, 80, 1)
    rows, columns = np.nonzero(t.region)
    assert (columns.min(), columns.max(), rows.min(), rows.max()) == (15, 44, 12, 56)


def test_split_words_cuts_into_equal_widths():
    arch = [[0, 20], [20, 10], [40, 10], [60, 20], [60, 40], [40, 30], [20, 30], [0, 40]]
    quads, owner, chars = craft.split_words([box(0, 0, 30, 10), arch, box(0, 0, 9, 9)], ["a bc", "ten chars", "  "])
    assert chars == tuple("abctenchars")
    assert owner.tolist() == [0] * 3 + [1] * 8
    np.testing.assert_allclose(quads[:3], [box(0, 0, 10, 10), box(10, 0, 20, 10), box(20, 0, 30, 10)])
    whole = shapely.union_all([shapely.Polygon(q).buffer(1e-3) for q in quads[3:]])
    assert whole.symmetric_difference(shapely.Polygon(arch)).area < 15
    np.testing.assert_allclose(quads[3, 0], arch[0])
    np.testing.assert_allclose(quads[-1, 2], arch[4])
    with pytest.raises(InputError, match="texts: are 1 for 2"):
        craft.split_words([box(0, 0, 30, 10), arch], ["a"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"char_quads": [box(0, 0, 9, np.nan)]}, "char quad 0: has a coordinate"),
        ({"word_polygons": [box(0, 0, 9, 9)[::-1]]}, "word polygon 0: runs counter-clockwise"),
        ({"char_word": [1]}, r"char_word\[0\]: is 1, but there are 1 words"),
        ({"char_word": [-1]}, r"char_word\[0\]: is -1"),
        ({"char_word": [0.0]}, "char_word: is float64"),
        ({"char_word": [0, 0]}, "char_word: is int64"),
        ({"sigma": 0}, "sigma"),
        ({"enlarge": np.nan}, "enlarge"),
    ],
)
def test_bad_input_is_named(change, message):
    good = {"char_quads": [box(0, 0, 9, 9)], "char_word": [0], "word_polygons": [box(0, 0, 9, 9)], "ignore": None}
    with pytest.raises(InputError, match=message):
        craft.encode(**{**good, "height": 32, "width": 32, **change})


def test_bad_maps_are_named():
    good = np.zeros((8, 8), np.float32)
    with pytest.raises(InputError, match="affinity: has the shape"):
        craft.decode(good, good[:4])
    with pytest.raises(InputError, match="low"):
        craft.decode(good, good, low=np.nan)
    assert craft.decode(good, good)[0] == []
