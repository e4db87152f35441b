"""The score of a word against its formula, and a word's measures against what they are defined as."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from synthtext.legibility import judge_words, measure_words, score_word

lightness = st.floats(0.0, 100.0)


@given(
    st.lists(
        st.tuples(lightness, lightness, st.floats(0, 40), st.floats(0, 400), st.floats(0, 400), st.floats(0, 400))
    ),
    st.floats(1.0, 60.0),
    st.floats(0.0, 4.0),
    st.floats(0.0, 20.0),
    st.floats(1.0, 4.0),
)
def test_scores_are_the_formula(rows, em, blur, noise, resolution):
    def clip(x):
        return min(max(x, 0.0), 1.0)

    expected = []
    for ink, surround, clutter, visible, area, length in rows:
        stroke = max(2.0 * area / max(length, 1e-6), 0.3)
        contrast = abs(ink - surround) * math.exp(-((math.pi * blur / stroke) ** 2) / 2.0)
        n = math.hypot(clutter / 2.0, noise)
        seen = clip(contrast / 10.0) * clip((contrast / (n + 2.0) - 0.3) / 2.0)
        share = visible / max(area, 1e-6)
        expected.append(seen * clip((em / resolution - 4.0) / 8.0) * clip((share - 0.4) / 0.45))
    scores = [score_word(*row, em, blur, noise, resolution) for row in rows]
    np.testing.assert_allclose(scores, expected, atol=1e-6)


@given(st.integers(0, 10_000))
def test_measures_of_a_square_are_their_definition(seed):
    """One glyph, a square; the picture and both coverages are random."""
    random = np.random.default_rng(seed)
    image = random.random((24, 40, 3)).astype(np.float32)
    own, other = random.random((2, 24, 40)).astype(np.float32) ** 4
    own[random.random((24, 40)) < 0.2] = 1.0
    drawn = np.maximum(own, random.random((24, 40)).astype(np.float32))
    corners = np.array([(8.0, 6.0), (30.0, 6.0), (30.0, 17.0), (8.0, 17.0)])
    one = np.array([1])
    out = np.empty((1, 8))
    quads = corners[None].astype(np.float32)
    measure_words(
        image,
        own,
        drawn,
        other,
        corners,
        np.array([4]),
        one,
        np.array([[0, 1]]),
        np.array([[0, 1]]),
        quads,
        0.5,
        1.0,
        0.8,
        out,
    )
    window = np.s_[4:20, 6:33]  # the quad's box and 2 pixels more
    y = image[window] @ np.array([0.2126, 0.7152, 0.0722])
    light, a, clear = 100.0 * np.sqrt(y), own[window], other[window] < 0.05
    solid = np.where(a > 0.5, a, 0.0)
    ink = (solid * light).sum() / solid.sum() if solid.any() else light[clear].mean()
    clutter = math.hypot(light[clear].std(), light[a > 0.95].std())
    seen = [
        100.0 * min((2.0**0.25) * (light * weight)[:, 2:25].sum() / weight[:, 2:25].sum() / 100.0, 1.0) ** 0.8
        for weight in (solid, clear)
    ]  # over the columns of the letter
    stands_out = (seen[0] - seen[1]) * (1.0 if ink > light[clear].mean() else -1.0)
    share = a[:, 2:25].sum() / drawn[window][:, 2:25].sum()
    expected = (ink, light[clear].mean(), clutter, a.sum(), 22.0 * 11.0, 66.0, max(stands_out, 0.0), share)
    np.testing.assert_allclose(out[0], expected, rtol=2e-3, atol=2e-3)


# Three squares, letters of a word, and a camera that changes nothing but sees an em as 20 pixels.
SQUARES = np.array([[(x, 6.0), (x + 8.0, 6.0), (x + 8.0, 18.0), (x, 18.0)] for x in (4.0, 16.0, 28.0)])
SQUARES_DRAWN = np.zeros((24, 40), np.float32)
for x in (4, 16, 28):
    SQUARES_DRAWN[6:18, x : x + 8] = 1.0
OUTLINES = (
    SQUARES.reshape(-1, 2),
    np.array([4, 8, 12]),
    np.array([1, 2, 3]),
    np.array([[0, 1], [1, 2], [2, 3]]),
    np.array([[0, 3]]),
    np.array([[(4.0, 6.0), (36.0, 6.0), (36.0, 18.0), (4.0, 18.0)]], np.float32),
)
CAMERA = 20.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0


def dark_on_white(coverage):
    return np.repeat(np.where(coverage > 0, 0.04, 1.0)[..., None], 3, axis=2).astype(np.float32)


def judged(image, seen):
    """Measures and score of the three squares, of which `seen` is left."""
    measures, score = np.empty((1, 8)), np.empty(1, np.float32)
    judge_words(image, seen, SQUARES_DRAWN, SQUARES_DRAWN, *OUTLINES, *CAMERA, measures, score)
    return measures[0], score[0]


def test_a_word_is_no_more_legible_than_twice_its_weakest_letter():
    """Three dark squares on white; what covers the middle one is taken off the whole word."""
    rows = []
    for middle in (0.04, 0.49, 0.9, 1.0):
        image = dark_on_white(SQUARES_DRAWN)
        image[6:18, 16:24] = middle
        measures, score = judged(image, SQUARES_DRAWN)
        rows.append((measures[6], score))
    weakest, scores = np.array(rows).T
    np.testing.assert_allclose(weakest, [80.0, 30.0, 100.0 - 100.0 * math.sqrt(0.9), 0.0], atol=0.01)
    assert scores[0] == 1.0
    assert scores[1] > scores[2] > scores[3] == 0.0
    # A glare that the camera clips hides a letter, though its light still differs from that around it.
    image[6:18, 16:24] = 0.7
    image[:, 15:25] += 0.5
    measures, score = judged(image, SQUARES_DRAWN)
    assert measures[6] == score == 0.0


def test_a_letter_that_is_hidden_makes_its_word_illegible():
    """Three dark squares on white, of the middle one a part is gone, as paint that has chipped off."""
    rows = []
    for rows_gone in (0, 3, 6, 12):
        seen = SQUARES_DRAWN.copy()
        seen[6 : 6 + rows_gone, 16:24] = 0.0
        measures, score = judged(dark_on_white(seen), seen)
        rows.append((measures[7], score))
    shares, scores = np.array(rows).T
    np.testing.assert_allclose(shares, [1.0, 0.75, 0.5, 0.0], atol=1e-6)
    np.testing.assert_allclose(scores, [1.0, 0.35 / 0.45, 0.1 / 0.45, 0.0], atol=1e-6)
