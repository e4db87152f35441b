"""The score of a word against its formula, its measures against a slow twin, and what each kind of damage does."""

import msgspec
import naive_legibility as naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtext import Generator
from synthtext.config import Config
from synthtext.labels.legibility import (
    AREA,
    CONTRAST,
    DRAWN,
    LIKENESS,
    SEEN,
    judge_words,
    lightness_of,
    measure_words,
    score_word,
    score_words,
)
from synthtext.raster.coverage import fill
from synthtext.text.source import TextRecord

NOTHING = np.empty((0, 0), np.float32)
shares = st.floats(0.0, 1.0)


@given(shares, st.floats(0.0, 100.0), st.floats(1.0, 60.0), shares)
def test_scores_are_the_formula(likeness, contrast, em, share):
    assert score_word(likeness, contrast, em, share) == pytest.approx(naive.score(likeness, contrast, em, share))


def test_scores_and_visible_shares_of_several_words():
    measures = np.array([[1.0, 90.0, 50.0, 100.0, 120.0], [0.5, 2.0, 80.0, 80.0, 80.0], [0.9, 9.0, 0.0, 0.0, 40.0]])
    areas, insides, ems = np.array([120.0, 80.0, 40.0]), np.array([60.0, 80.0, 0.0]), np.array([20.0, 9.0, 20.0])
    legibility, visible = np.empty((2, 3), np.float32)
    score_words(measures, areas, insides, ems, legibility, visible)
    np.testing.assert_allclose(visible, [0.25, 1.0, 0.0])
    wanted = [naive.score(1.0, 90.0, 20.0, 0.5), naive.score(0.5, 2.0, 9.0, 1.0), 0.0]
    np.testing.assert_allclose(legibility, wanted, rtol=1e-6)


def letters_of(rng, count):
    """Outlines of `count` letters, triangles with a hole each: their contours, and the arrays that stand for them."""
    letters = []
    for k in range(count):
        x, y = 8.0 + 12.0 * k + rng.uniform(-1, 1), 8.0 + rng.uniform(-2, 2)
        size = rng.uniform(7, 11)
        outer = [(x, y), (x + size, y + rng.uniform(0, 3)), (x + rng.uniform(2, 6), y + size)]
        middle = np.mean(outer, axis=0)
        letters.append([outer, [tuple(middle + 0.4 * (np.array(p) - middle)) for p in outer[::-1]]])
    points = np.array([p for letter in letters for contour in letter for p in contour])
    ends = np.cumsum([3] * (2 * count))
    cells = np.array([(k, k + 1) for k in range(count)])
    return letters, (points, ends, 2 * np.arange(1, count + 1), cells)


@given(st.integers(0, 10_000))
@settings(max_examples=30)
def test_measures_are_those_of_the_slow_twin(seed):
    rng = np.random.default_rng(seed)
    count, left, top = int(rng.integers(1, 4)), int(rng.integers(0, 5)), int(rng.integers(0, 4))
    letters, shapes = letters_of(rng, count)
    drawn = np.zeros((26, 44), np.float32)
    fill(shapes[0], shapes[1], shapes[2], -left, -top, drawn)
    light = rng.uniform(0, 200) + rng.uniform(-200, 200) * drawn + rng.uniform(0, 40) * rng.standard_normal(drawn.shape)
    codes = rng.integers(0, 256, (40, 60, 3)).astype(np.uint8)
    codes[top : top + 26, left : left + 44] = np.clip(light, 0, 255)[..., None] * (1.0, 0.8, 0.6)
    seen = drawn * rng.random(drawn.shape).astype(np.float32)
    painted = rng.standard_normal(drawn.shape).astype(np.float32) if seed % 2 else NOTHING
    x1 = 8.0 + 12.0 * count
    polygon = [(6.5, 5.0), (x1, 6.0 + rng.uniform(-2, 2)), (x1 - rng.uniform(0, 3), 20.0), (8.0, 19.0)]
    polygons, sizes = np.zeros((1, 6, 2), np.float32), np.array([4])
    polygons[0, :4] = polygon
    out = np.empty((1, 5))
    words = np.array([(0, count)])
    measure_words(codes, left, top, drawn, seen, painted, *shapes, words, polygons, sizes, out)
    exact = [(float(x), float(y)) for x, y in polygons[0, :4]]
    wanted = naive.measure(codes, left, top, drawn, seen, painted, letters, exact)
    np.testing.assert_allclose(out[0], wanted, rtol=2e-3, atol=2e-3)


@given(st.integers(0, 1000))
@settings(max_examples=10)
def test_lightness_is_the_root_of_luminance(seed):
    image = np.random.default_rng(seed).random((5, 7, 3)).astype(np.float32)
    out = np.empty((5, 7), np.float32)
    lightness_of(image.transpose(0, 2, 1), out)
    np.testing.assert_allclose(out, 100 * np.sqrt(image @ np.array([0.2126, 0.7152, 0.0722])), rtol=1e-5)


# Three bars, letters of a word, dark on a light ground.
BARS = np.array([[(x, 6.0), (x + 4.0, 6.0), (x + 4.0, 18.0), (x, 18.0)] for x in (6.0, 14.0, 22.0)])
BARS_DRAWN = np.zeros((24, 32), np.float32)
for x in (6, 14, 22):
    BARS_DRAWN[6:18, x : x + 4] = 1.0
OUTLINES = BARS.reshape(-1, 2), np.array([4, 8, 12]), np.array([1, 2, 3]), np.array([[0, 1], [1, 2], [2, 3]])
WORD, QUAD = np.array([[0, 3]]), np.array([[(6.0, 6.0), (26.0, 6.0), (26.0, 18.0), (6.0, 18.0)]], np.float32)


def measured(light, painted=NOTHING):
    """Likeness and contrast of the three bars in a grey picture, `light` (24, 32) in [0, 255]."""
    codes = np.repeat(np.clip(np.asarray(light) + 0.5, 0, 255).astype(np.uint8)[..., None], 3, axis=2)
    out = np.empty((1, 5))
    measure_words(codes, 0, 0, BARS_DRAWN, BARS_DRAWN, painted, *OUTLINES, WORD, QUAD, np.array([4]), out)
    assert (out[0, SEEN], out[0, DRAWN], out[0, AREA]) == (144.0, 144.0, 144.0)
    return out[0, LIKENESS], out[0, CONTRAST]


def test_what_is_only_fainter_keeps_its_likeness():
    for ink, ground in ((0, 255), (255, 0), (100, 151), (151, 100)):
        likeness, contrast = measured(np.where(BARS_DRAWN > 0, ink, ground))
        assert likeness == pytest.approx(1.0, abs=1e-5)
        assert contrast == pytest.approx(abs(ink - ground) / 2.55, rel=1e-4)


def test_blur_counts_where_it_crosses_the_strokes():
    """Upright bars, moved along them and across them by two strokes' width."""
    light = 255.0 * (1.0 - BARS_DRAWN)
    along = np.mean([np.roll(light, k, axis=0) for k in range(-4, 4)], axis=0)
    across = np.mean([np.roll(light, k, axis=1) for k in range(-4, 4)], axis=0)
    assert measured(along)[0] > 0.9
    assert measured(across)[0] < 0.6  # their ends are left


def test_a_word_is_no_more_legible_than_its_weakest_letter():
    """What covers the middle bar, and what fills the gap after it, is taken off the whole word."""
    clean = np.where(BARS_DRAWN > 0, 20.0, 230.0)
    covered, filled, faint = clean.copy(), clean.copy(), clean.copy()
    covered[4:20, 13:19] = 230.0
    filled[6:18, 18:22] = 20.0
    faint[6:18, 14:18] = 225.0
    assert measured(covered)[0] < 0.1
    assert 0.25 < measured(filled)[0] < 0.9
    assert measured(faint)[1] == pytest.approx(5 / 2.55, rel=1e-3)


def test_noise_and_lines_across_lower_the_likeness():
    rng = np.random.default_rng(1)
    clean = np.where(BARS_DRAWN > 0, 100.0, 150.0)
    noisy = [measured(clean + sigma * rng.standard_normal(clean.shape))[0] for sigma in (5.0, 20.0, 60.0)]
    assert 0.98 > noisy[0] > noisy[1] > noisy[2]
    struck = clean.copy()
    struck[11:14] = 0.0
    assert measured(struck)[0] < 0.8


def test_letters_that_are_lines_around_ink_are_held_against_what_was_painted():
    """Outlines only: where ink would be is what lies behind, within a dark line."""
    painted = np.zeros_like(BARS_DRAWN)
    for x in (6, 14, 22):
        painted[5:19, x - 1 : x + 5] = -60.0
        painted[6:18, x : x + 4] = 0.0
    light = 200.0 + 2.55 * painted
    ink = measured(light)[0]
    assert 0.5 < ink < 0.8
    assert measured(light, painted)[0] == pytest.approx(0.5 * (ink + 1.0), abs=0.01)
    assert measured(np.full_like(light, 200.0), painted)[0] == 0.0


def test_a_word_outside_of_its_window_is_not_seen():
    out = np.empty((1, 5))
    codes = np.zeros((24, 32, 3), np.uint8)
    for shift in ((100.0, 0.0), (-100.0, 0.0), (0.0, 100.0), (0.0, -100.0)):
        quad = QUAD + np.float32(shift)
        outlines = (OUTLINES[0] + shift, *OUTLINES[1:])
        measure_words(codes, 0, 0, BARS_DRAWN, BARS_DRAWN, NOTHING, *outlines, WORD, quad, np.array([4]), out)
        np.testing.assert_allclose(out[0], (0.0, 0.0, 0.0, 0.0, 144.0))


def test_a_crop_is_judged_as_its_measures_say():
    codes = np.repeat(np.where(BARS_DRAWN > 0, 90, 100).astype(np.uint8)[..., None], 3, axis=2)
    half = BARS_DRAWN.copy()
    half[:, :18] = 0.0
    legibility, visible = np.empty((2, 1), np.float32)
    judge_words(codes, BARS_DRAWN, half, NOTHING, *OUTLINES, WORD, QUAD, 9.0, legibility, visible)
    assert visible[0] == pytest.approx(1 / 3)
    assert legibility[0] == pytest.approx(naive.score(1.0, 10 / 2.55, 9.0, 1.0), rel=1e-4)


def test_motion_blur_that_takes_the_letters_scores_low():
    """A serial number under a blur of half of the text's height along its line: nobody can read it."""
    base = ["image={fit: natural, height: 96, width: 640, text_height: [32, 32], margin: [0.2, 0.2]}"]
    generator = Generator(Config(), 0, [*base, "fonts.families=[Oswald]", "paint.contrast=[60, 90]"])
    for index in range(12):
        plan = msgspec.to_builtins(generator.draw(index, 0, TextRecord(("HN4MW7X",), "word")))
        scores = []
        for length in (0.0, 0.1, 0.5):
            plan["degrade"]["motion_blur"] = length
            scores.append(generator.render(plan).words[0].legibility)
        assert scores[0] > 0.9
        assert scores[1] > 0.5
        assert scores[2] < 0.2


def test_what_no_pixel_is_measured_of_is_hidden_by_nothing():
    """A sliver at the border covers no pixel by enough, and is ink in the picture all the same."""
    measures = np.zeros((3, 5))
    measures[1, [SEEN, DRAWN]] = 4.0, 8.0
    measures[2, [SEEN, DRAWN]] = 0.0, 8.0
    legibility, visible = np.empty((2, 3), np.float32)
    score_words(measures, np.full(3, 40.0), np.array([0.2, 20.0, 20.0]), np.full(3, 12.0), legibility, visible)
    np.testing.assert_allclose(visible, [0.2 / 40.0, 0.25, 0.0], rtol=1e-6)
