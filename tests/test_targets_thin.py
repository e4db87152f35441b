"""Cores that are thinner than the samples' spacing stay in one piece, in every method and at every stride."""

import cv2
import naive_targets as naive
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from target_scenes import box

from synthtext.targets import dbnet, fcenet, pan, psenet, textsnake, thin
from synthtext.targets.rows import edges_of

CORES = {
    "dbnet": (dbnet, lambda t: t.probability > 0),
    "psenet": (psenet, lambda t: t.kernels[..., 0] > 0),
    "pan": (pan, lambda t: t.kernel > 0),
    "textsnake": (textsnake, lambda t: t.centre > 0),
    "fcenet": (fcenet, lambda t: t.centre > 0),
}
methods = pytest.mark.parametrize("name", CORES)


def core_of(name, texts, stride, size=200, ignore=None):
    module, core = CORES[name]
    return core(module.encode(texts, ignore, size, size, stride))


def pieces(core):
    return cv2.connectedComponents(core.astype(np.uint8), connectivity=4)[0] - 1


def slanted(middle, length, height, angle):
    u = np.array([np.cos(angle), np.sin(angle)])
    v = np.array([-u[1], u[0]])
    corners = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    return np.array([np.array(middle) + 0.5 * (a * length * u + b * height * v) for a, b in corners])


@methods
@pytest.mark.parametrize("stride", [1, 2, 4, 8])
def test_a_slanted_thin_word_is_one_word(name, stride):
    word = [[57.7, 85.3], [146.4, 100.9], [144.3, 112.7], [55.6, 97.1]]
    assert pieces(core_of(name, [word], stride)) == 1
    module, _ = CORES[name]
    t = module.encode([word], None, 200, 200, stride)
    maps = {
        "dbnet": ("probability",),
        "psenet": ("kernels",),
        "pan": ("text", "kernel"),
        "textsnake": ("text", "centre", "radius", "cos", "sin"),
        "fcenet": ("text", "centre", "fourier"),
    }[name]
    assert len(module.decode(*(getattr(t, field) for field in maps), stride=stride)[0]) == 1


@methods
@given(
    st.floats(-np.pi, np.pi), st.sampled_from([2, 4, 8]), st.floats(1.5, 4), st.floats(3, 9),
    st.tuples(st.floats(90, 110), st.floats(90, 110)),
)  # fmt: skip
@settings(max_examples=60)
def test_every_straight_word_has_a_core_in_one_piece(name, angle, stride, height, aspect, middle):
    length = min(height * stride * aspect, 150)
    core = core_of(name, [slanted(middle, length, height * stride, angle)], stride)
    assert pieces(core) == 1
    # Along the word it reaches about as far as the exact core.
    rows, columns = np.nonzero(core)
    along = (columns + 0.5) * stride * np.cos(angle) + (rows + 0.5) * stride * np.sin(angle)
    assert np.ptp(along) > length - 1.6 * height * stride - 2 * stride


@methods
def test_a_core_in_one_piece_is_not_touched(name):
    """A thick one is sampled by definition, one a little thicker than the spacing as well."""
    thick, straight = box(20, 20, 180, 80), box(20, 100, 180, 130)
    core = core_of(name, [thick, straight], 4)
    for text in (thick, straight):
        share = {"textsnake": 0.2, "fcenet": 0.3}.get(name)
        for i, j, x, y in naive.samples(200, 200, 4):
            if naive.inside(text, x, y):
                if share is None:
                    ratio = 0.4 if name == "dbnet" else 0.5
                    want = naive.border_distance(text, x, y) >= naive.shrink_distance(text, ratio)
                else:
                    want = any(naive.inside(quad, x, y) for quad, _, _ in naive.Band(text).pieces(share, 0.5))
                assert core[i, j] == want


def test_a_line_half_way_between_two_rows_has_one_row():
    """y = 44 lies half-way between the samples at 42 and 46: the core, 2.6 pixels thick, holds none of them."""
    core = core_of("dbnet", [box(20, 38, 160, 50)], 4)
    assert np.unique(np.nonzero(core)[0]).tolist() == [11]
    assert np.nonzero(core)[1].size >= 30


@methods
def test_widened_cores_of_two_words_do_not_touch(name):
    words = [slanted((100, 80 + 9 * k), 120, 8.5, 0.12) for k in range(3)]
    module, _ = CORES[name]
    t = module.encode(words, None, 200, 200, 4)
    core = core_of(name, words, 4)
    owner = np.where(core, t.instance, 0)
    point = [core_of(name, [word], 4) for word in words]
    assert all(p.any() for p in point)
    for a, b in ((owner[1:], owner[:-1]), (owner[:, 1:], owner[:, :-1])):
        assert not ((a > 0) & (b > 0) & (a != b)).any()


@given(st.floats(-np.pi, np.pi), st.floats(8, 14), st.sampled_from([2, 4]), st.floats(-20, 20), st.floats(-20, 20))
@settings(max_examples=60)
def test_meets_core_agrees_with_naive(angle, height, stride, dx, dy):
    word = slanted((100 + dx / 9, 100 + dy / 9), 90, height, angle)
    x, y = 100 + dx, 100 + dy
    assume(naive.inside(word, x, y))
    edges = np.empty((4, 8))
    edges_of(word, 0, 4, edges)
    reach = naive.shrink_distance(word, 0.4)
    got = thin.meets_core(edges, 4, x, y, float(stride), reach, np.empty(2))
    assert bool(got) == naive.meets_middle(word, reach, stride, x, y)
