"""Measures, hashes and near-duplicates of pictures, against slow twins and OpenCV."""

import cv2
import naive_pictures as naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtext.generator import Generator
from synthtext.inspection import pictures


def picture(seed, height=None, width=None):
    random = np.random.default_rng(seed)
    h, w = height or random.integers(1, 40), width or random.integers(1, 40)
    base = random.integers(0, 256, (h, w, 3), dtype=np.uint8)
    kind = seed % 3
    if kind == 1:
        base[:] = base[0, 0]
    if kind == 2:
        base = cv2.GaussianBlur(base, (5, 5), 1.5).reshape(h, w, 3)
    return np.ascontiguousarray(base)


@settings(max_examples=60)
@given(st.integers(0, 2**31))
def test_measures_are_those_of_the_twin(seed):
    image = picture(seed)
    look = pictures.look_at(image)
    assert np.array_equal(look.grey, naive.luma(image))
    np.testing.assert_allclose(look.measures, naive.measure(image), atol=1e-9)


@settings(max_examples=30)
@given(st.integers(0, 2**31))
def test_a_box_is_measured_as_its_crop(seed):
    image = picture(seed, 23, 31)
    top, left = seed % 11, seed % 13
    bottom, right = top + 2 + seed % 9, left + 2 + seed % 15
    grey, out = naive.luma(image), np.empty(len(pictures.MEASURES))
    pictures.measure(image, grey, left, top, right, bottom, out)
    np.testing.assert_allclose(out, naive.measure(image[top:bottom, left:right]), atol=1e-9)


@settings(max_examples=40)
@given(st.integers(0, 2**31))
def test_thumbnails_are_means_over_areas(seed):
    grey = naive.luma(picture(seed))
    out = np.empty((32, 32))
    pictures.shrink_grey(grey, out)
    np.testing.assert_allclose(out, naive.shrink(grey, 32), atol=1e-9)


def test_thumbnails_agree_with_opencv_where_it_averages_areas():
    grey = naive.luma(picture(5, 96, 160))
    out = np.empty((32, 32))
    pictures.shrink_grey(grey, out)
    np.testing.assert_allclose(
        out, cv2.resize(grey.astype(np.float64), (32, 32), interpolation=cv2.INTER_AREA), atol=1e-6
    )


@pytest.mark.parametrize("seed", range(3, 40, 6))
def test_hash_is_the_definitions_and_opencvs(seed):
    image = picture(seed, 40, 90)
    look = pictures.look_at(image)
    small = naive.shrink(look.grey, 32)
    bits = naive.hash_bits(small)
    assert [bool(look.hash >> k & 1) for k in range(64)] == bits
    dct = cv2.dct(small)[:8, :8].copy()
    # OpenCV scales the first row and column by 1 / sqrt(2); the definition here does not.
    dct[0] *= np.sqrt(2)
    dct[:, 0] *= np.sqrt(2)
    flat = dct.ravel()
    assert [k > 0 and bool(flat[k] > np.median(flat[1:])) for k in range(64)] == bits


@settings(max_examples=30)
@given(st.integers(0, 2**31), st.integers(0, 4), st.booleans())
def test_near_pairs_are_all_of_them(seed, radius, sides):
    random = np.random.default_rng(seed)
    base = random.integers(0, 2**64, 5, dtype=np.uint64)
    hashes = base[random.integers(0, 5, 60)]
    for _ in range(3):  # turn some bits, so that distances of 0 to 6 occur
        hashes ^= (random.integers(0, 2, 60).astype(np.uint64)) << random.integers(0, 64, 60).astype(np.uint64)
    thumbs = random.integers(0, 256, (3, 1024), dtype=np.uint8)[random.integers(0, 3, 60)]
    side = random.integers(0, 2, 60).astype(np.uint8) if sides else None
    pairs, count = pictures.near_pairs(hashes, thumbs, side, radius=radius, least=0.9)
    expected = naive.near_pairs(hashes, thumbs, side, radius, 0.9)
    assert sorted(map(tuple, pairs.tolist())) == expected
    assert count == len(expected)
    few, same = pictures.near_pairs(hashes, thumbs, side, radius=radius, least=0.9, room=3)
    assert same == count
    assert len(few) == min(3, count)


def test_a_radius_that_the_bands_do_not_hold_is_refused():
    with pytest.raises(ValueError, match="radius"):
        pictures.near_pairs(np.zeros(2, np.uint64), np.zeros((2, 1024), np.uint8), radius=5)


def changed(image):
    """The same picture as somebody else might have saved it."""
    brighter = np.clip(image * 0.85 + 20, 0, 255).astype(np.uint8)
    larger = cv2.resize(image, None, fx=1.5, fy=1.5, interpolation=cv2.INTER_CUBIC)
    jpeg = cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 60])[1], cv2.IMREAD_COLOR)
    return brighter, larger, jpeg


def test_changed_pictures_are_found_and_other_words_are_not():
    generator = Generator("words", 4)
    images = [np.ascontiguousarray(generator[i].image[:, :, ::-1]) for i in range(60)]
    looks = [pictures.look_at(image) for image in images]
    found = 0
    for image in images:
        for other in changed(image):
            looks.append(pictures.look_at(other))
    hashes = np.array([look.hash for look in looks], np.uint64)
    thumbs = np.array([look.thumb for look in looks])
    pairs, _ = pictures.near_pairs(hashes, thumbs)
    number = [*range(60), *(i for i in range(60) for _ in range(3))]
    assert all(number[i] == number[j] for i, j in pairs.tolist())
    found = len({j for i, j in pairs.tolist() if i < 60 <= j})
    assert found > 0.85 * 180


def test_blur_is_told_by_how_long_an_edge_takes():
    sharp = np.zeros((40, 80, 3), np.uint8)
    sharp[:, 40:] = 200
    edges = []
    for sigma in (0.0, 1.0, 2.0, 3.0):
        image = cv2.GaussianBlur(sharp, (0, 0), sigma) if sigma else sharp
        edges.append(pictures.look_at(image).measures[3])
    assert edges[0] == 1.0
    # The steepest slope of a blurred step is its height over sigma sqrt(2 pi).
    np.testing.assert_allclose(edges[1:], [np.sqrt(2 * np.pi) * s for s in (1.0, 2.0, 3.0)], rtol=0.12)


def test_red_and_blue_exchanged_exchanges_warm_and_cold():
    image = picture(8, 20, 20)
    one, other = pictures.look_at(image).measures, pictures.look_at(np.ascontiguousarray(image[:, :, ::-1])).measures
    assert (one[6], one[7]) == (other[7], other[6])


@pytest.mark.parametrize("data", [b"", b"nonsense", b"\x89PNG\r\n\x1a\n" + bytes(50)])
def test_what_is_no_picture_does_not_decode(data):
    assert pictures.decode(data) is None
