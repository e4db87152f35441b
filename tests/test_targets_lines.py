"""TextSnake and FCENet: maps of the band of a text about its centre line."""

import math

import naive_targets as naive
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from target_scenes import SIZE, box, iou, ribbon, scene

from synthtext.core.errors import InputError
from synthtext.targets import fcenet, textsnake

HEIGHT = SIZE - 3


def arch(radius=80.0, height=36.0, k=9, centre=(128, 140), start=math.pi, sweep=math.pi):
    """A text that is bent upwards, read from left to right."""
    a = start + np.linspace(0, sweep, k)
    way = np.stack([np.cos(a), np.sin(a)], 1)
    return np.concatenate([centre + (radius + height / 2) * way, (centre + (radius - height / 2) * way)[::-1]])


def bowl(radius=80.0, height=36.0, k=9, centre=(128, 60)):
    """A text that is bent downwards, read from left to right."""
    a = np.linspace(math.pi, 0, k)
    way = np.stack([np.cos(a), np.sin(a)], 1)
    return np.concatenate([centre + (radius - height / 2) * way, (centre + (radius + height / 2) * way)[::-1]])


def agree(polygons, stride, share, cut, pairs):
    """The maps are the same but at samples so near to a border of a text or of a piece that rounding decides."""
    borders = [
        *polygons,
        *(quad for p in polygons for least in (0, stride) for quad, _, _ in naive.Band(p).pieces(share, cut, least)),
    ]
    for ours, theirs in pairs:
        bad = np.abs(ours.astype(float) - theirs) > 2e-3 * np.maximum(1, np.abs(theirs))
        for i, j in np.argwhere(bad.any(-1) if bad.ndim == 3 else bad):
            x, y = (j + 0.5) * stride, (i + 0.5) * stride
            assert min(naive.border_distance(b, x, y) for b in borders) < 1e-4, (i, j)


cases = given(
    st.integers(0, 10**6),
    st.integers(0, 4),
    st.sampled_from([1, 2, 4]),
    st.sampled_from([0.0, 6.0]),
    st.sampled_from([0.0, 0.5, 1.5]),
)


@cases
@settings(max_examples=40)
def test_textsnake_agrees_with_naive(seed, count, stride, min_size, cut):
    polygons, ignore = scene(seed, count)
    t = textsnake.encode(polygons, ignore, HEIGHT, SIZE, stride, widen=0.3, cut=cut, min_size=min_size)
    maps = naive.textsnake(polygons, ignore, HEIGHT, SIZE, stride, 0.3, cut, min_size)
    agree(polygons, stride, 0.3, cut, zip(t, maps, strict=True))
    assert ((t.centre > 0) <= (t.text > 0)).all()


@cases
@settings(max_examples=40)
def test_fcenet_agrees_with_naive(seed, count, stride, min_size, cut):
    polygons, ignore = scene(seed, count)
    t = fcenet.encode(polygons, ignore, HEIGHT, SIZE, stride, degree=3, cut=cut, min_size=min_size)
    instance, mask, line, gained = naive.strips(polygons, ignore, HEIGHT, SIZE, stride, 0.3, cut, min_size)
    centre = np.zeros(instance.shape)
    for at in [*line, *gained]:
        centre[at] = 1
    pairs = [(t.text, (instance > 0) * 1), (t.centre, centre), (t.mask, mask), (t.instance, instance)]
    agree(polygons, stride, 0.3, cut, pairs)
    assert not t.fourier[t.instance == 0].any()
    for k in set(np.unique(t.instance)) - {0}:
        c = naive.fourier(polygons[k - 1], 3)
        i, j = np.argwhere(t.instance == k)[0]
        c[3] -= (j + 0.5) * stride + 1j * (i + 0.5) * stride
        np.testing.assert_allclose(t.fourier[i, j], np.concatenate([c.real, c.imag]), atol=0.02)


def test_textsnake_by_hand():
    t = textsnake.encode([box(10, 10, 50, 30)], None, 40, 60)
    assert t.text.sum() == 40 * 20
    rows, columns = np.nonzero(t.centre)
    # Radius 10: cut by 5 at each end, 2 to each side of the middle.
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (18, 21, 15, 44)
    inside = t.centre > 0
    assert set(t.radius[inside]) == {10}
    assert set(t.cos[inside]) == {1}
    assert set(t.sin[inside]) == {0}
    assert not t.radius[~inside].any()
    upside_down = textsnake.encode([np.roll(box(10, 10, 50, 30), 2, 0)], None, 40, 60)
    assert set(upside_down.cos[inside]) == {-1}  # the label says which side is the top: nothing is guessed


def test_textsnake_directions_follow_an_arch():
    t = textsnake.encode([arch()], None, 200, 256)
    assert np.abs(t.radius[t.centre > 0] - 18).max() < 1
    for i, j in np.argwhere(t.centre)[::37]:
        x, y = j + 0.5 - 128, i + 0.5 - 140
        assert t.cos[i, j] * -y + t.sin[i, j] * x > 0.98 * math.hypot(x, y)  # clockwise around (128, 140)


@pytest.mark.parametrize("stride", [1, 4])
@pytest.mark.parametrize(
    "text",
    [
        arch(),
        bowl(),
        np.array(box(20, 60, 200, 100), float),
        arch(start=2.5, sweep=5.6, k=16, radius=70, height=30, centre=(128, 110)),
    ],
    ids=["arch", "bowl", "line", "ring"],
)
def test_textsnake_decode(text, stride):
    t = textsnake.encode([text], None, 220, 256, stride)
    (found,), scores = textsnake.decode(t.text, t.centre, t.radius, t.cos, t.sin, stride)
    assert iou(text, found) > (0.9 if stride == 1 else 0.82)
    # The first point is where reading begins, on the top side.
    assert np.hypot(*(found[0] - text[0])) < 8
    assert scores.tolist() == [1.0]


@given(st.integers(0, 10**6))
@settings(max_examples=40)
def test_textsnake_decode_gives_one_polygon_a_text(seed):
    rng = np.random.default_rng(seed)
    text = ribbon(rng, 160)
    t = textsnake.encode([text], None, 400, 400, 2) if naive.area_of(text) > 200 else None
    assume(t is not None and t.centre.any())
    found, _ = textsnake.decode(t.text, t.centre, t.radius, t.cos, t.sin, 2)
    assert len(found) >= 1
    assert all(np.isfinite(p).all() and len(p) >= 4 and len(p) % 2 == 0 for p in found)


def test_fourier_of_a_circle_and_a_square():
    a = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    circle = np.stack([40 + 25 * np.cos(a), 30 + 25 * np.sin(a)], 1)
    c = np.empty(11, np.complex128)
    fcenet.fourier_of(circle, 0, 400, c)
    np.testing.assert_allclose(c[5], 40 + 30j, atol=1e-6)
    assert abs(c[6]) == pytest.approx(25, rel=1e-3)
    assert np.angle(c[6]) == pytest.approx(0, abs=1e-2)  # starts at the right
    assert np.abs(np.delete(c, [5, 6])).max() < 1e-6
    fcenet.fourier_of(np.array(box(0, 0, 40, 20), float), 0, 4, c)
    np.testing.assert_allclose(c, naive.fourier(box(0, 0, 40, 20), 5), atol=5e-3)
    np.testing.assert_allclose(fcenet.contour_of(c, 50)[0], [40, 10], atol=1.0)


@pytest.mark.parametrize("stride", [1, 8])
def test_fcenet_decode(stride):
    texts = [arch(), np.array(box(20, 160, 200, 200), float)]
    t = fcenet.encode(texts, None, 220, 256, stride)
    found, scores = fcenet.decode(t.text, t.centre, t.fourier, stride)
    assert len(found) == 2
    assert scores.tolist() == [1.0, 1.0]
    for text in texts:
        assert max(iou(text, f) for f in found) > 0.9


def test_fcenet_decode_keeps_texts_apart_whose_centres_touch():
    texts = [np.array(box(20, 20, 120, 60), float), np.array(box(120, 20, 220, 60), float)]
    t = fcenet.encode(texts, None, 80, 240, 4, cut=0.0)
    found, _ = fcenet.decode(t.text, t.centre, t.fourier, 4)
    assert sorted(round(float(f[:, 0].mean())) for f in found) == [70, 170]


def test_ignored_tiny_and_outside_texts():
    texts = [box(4, 4, 40, 24), box(20, 30, 60, 50), box(5, 54, 60, 54.2), box(500, 0, 600, 30)]
    for t in (
        textsnake.encode(texts, [True, False, False, False], 64, 64),
        fcenet.encode(texts, [True, False, False, False], 64, 64, 1),
    ):
        assert set(np.unique(t.instance)) == {0, 2}
        assert not t.mask[5:23, 5:39].any()
        assert (t.mask == 0).sum() == 36 * 20
    for module in (textsnake, fcenet):  # thinner than the samples' spacing: all of its samples are its centre line
        coarse = module.encode([box(9, 9.2, 30, 10.4)], None, 64, 64, 4)
        assert coarse.text.sum() == coarse.centre.sum() == 5
        assert coarse.mask.all()
        between = module.encode([box(9, 10.2, 30, 11.4)], None, 64, 64, 4)
        assert not between.text.any()


@pytest.mark.parametrize(
    ("module", "polygons", "options", "message"),
    [
        (textsnake, [box(2, 2, 20, 12), [[0, 0], [9, 0], [9, 9], [5, 9], [0, 9]]], {}, r"polygon 1: has the shape"),
        (fcenet, np.zeros((1, 5, 2)), {}, r"polygon 0: has the shape"),
        (textsnake, [box(2, 2, 20, 12)], {"widen": 0}, "widen"),
        (textsnake, [box(2, 2, 20, 12)], {"cut": np.nan}, "cut"),
        (fcenet, [box(2, 2, 20, 12)], {"degree": 0}, "degree"),
        (fcenet, [box(2, 2, 20, 12)], {"degree": 2.5}, "degree"),
    ],
)
def test_bad_input_is_named(module, polygons, options, message):
    with pytest.raises(InputError, match=message):
        module.encode(polygons, None, 32, 32, **options)


def test_bad_maps_are_named():
    good = np.zeros((8, 8), np.float32)
    with pytest.raises(InputError, match="give five of the same"):
        textsnake.decode(good, good, good, good, good[:4])
    with pytest.raises(InputError, match=r"give \(h, w, 4K \+ 2\)"):
        fcenet.decode(good, good, np.zeros((8, 8, 4)))
    with pytest.raises(InputError, match="stations"):
        textsnake.decode(good, good, good, good, good, stations=1)
    bad = np.zeros((8, 8, 6), np.float32)
    bad[1, 2, 3] = np.inf
    with pytest.raises(InputError, match=r"fourier\[1, 2, 3\]"):
        fcenet.decode(good, good, bad)
    assert textsnake.decode(good, good, good, good, good)[0] == []
    assert fcenet.decode(good, good, np.zeros((8, 8, 6)))[0] == []
