import io
import json
import math
import zlib
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import cv2
import msgspec
import naive_degrade as naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from synthtext.config import load_config
from synthtext.core.errors import InputError
from synthtext.core.section import EffectShare
from synthtext.core.srgb import (
    ROOT_TO_DISPLAY,
    ROOT_TO_SRGB,
    SRGB_TO_LINEAR,
    decode_srgb,
    encode_srgb,
    srgb_encode,
)
from synthtext.degrade import jpeg_round_trip as jpeg_module
from synthtext.degrade.degrade import Compression, DegradeParams, Shadow, apply_degrade
from synthtext.degrade.degrade import photograph as take
from synthtext.degrade.draw_degrade import SAMPLED, draw_degrade
from synthtext.degrade.jpeg_round_trip import code_plane, jpeg, quantisation
from synthtext.degrade.light import illuminate
from synthtext.degrade.optics import blur, convolve, disk_points, gaussian_taps, path_points, splat
from synthtext.degrade.resample import FILTERS, enlarge, shrink
from synthtext.degrade.sensor import NORMALS, develop, tone_table
from synthtext.effects.effects_config import DegradeConfig
from synthtext.effects.registry import BY_SECTION, Applied

EFFECTS = DegradeConfig.__struct_fields__
DEFAULTS = DegradeConfig()
ALL_ON = DegradeConfig(**{name: EffectShare(1.0, getattr(DEFAULTS, name).strength) for name in EFFECTS})

heights, widths, seeds = st.integers(1, 21), st.integers(1, 23), st.integers(0, 10_000)


def noise_image(height, width, seed=0):
    return np.random.default_rng(seed).random((height, width, 3), dtype=np.float32)


def text_image(height=32, width=128):
    """Dark strokes of several widths and directions on a light ground, linear light."""
    canvas = np.full((4 * height, 4 * width, 3), 235, np.uint8)
    scale = height / 32
    for i in range(7):
        x = int((20 + 70 * i) * scale)
        thickness = max(1, int((3 + 2 * (i % 4)) * scale))
        cv2.putText(
            canvas, "ARe7g"[i % 5], (x, int(95 * scale)), cv2.FONT_HERSHEY_SIMPLEX, 2.6 * scale, (40, 25, 20), thickness
        )
    return decode_srgb(canvas).reshape(height, 4, width, 4, 3).mean((1, 3), dtype=np.float32)


def run(kernel, image, *args):
    """A kernel that works in place, on a copy."""
    out = image.copy()
    kernel(out.reshape(out.shape[0], -1), *args)
    return out


def gradient_energy(image):
    values = image.astype(float)
    return (np.diff(values, axis=0) ** 2).sum() + (np.diff(values, axis=1) ** 2).sum()


def centroid(image):
    mass = image.astype(float).sum(2)
    ys, xs = np.indices(mass.shape)
    return (mass * ys).sum() / mass.sum(), (mass * xs).sum() / mass.sum()


# sRGB


def test_srgb_tables_are_the_curve():
    codes = np.arange(256, dtype=np.uint8)
    assert (encode_srgb(decode_srgb(codes)) == codes).all()
    assert abs(SRGB_TO_LINEAR[128] - ((128 / 255 + 0.055) / 1.055) ** 2.4) < 1e-7
    light = np.linspace(0, 1, 200_001).astype(np.float32)
    exact = np.array([255 * srgb_encode(float(v)) for v in light])
    assert np.abs(encode_srgb(light) - exact).max() <= 0.55
    assert (np.diff(ROOT_TO_DISPLAY) > 0).all()


def test_encode_srgb_clips():
    assert encode_srgb(np.array([-1.0, 0.0, 1.0, 7.0], np.float32)).tolist() == [0, 0, 255, 255]


# light


sides = st.lists(
    st.tuples(st.floats(0, 6.3), st.floats(-8, 8)).map(lambda s: (math.cos(s[0]), math.sin(s[0]), s[1])),
    min_size=1,
    max_size=4,
)


@given(
    heights,
    widths,
    st.floats(-2, 2),
    st.floats(0, 6.3),
    st.floats(0, 0.9),
    st.floats(-5, 25),
    st.floats(-5, 25),
    st.sampled_from([0.0, 0.5, 1.0]),
    st.floats(0.5, 6),
    st.sampled_from([0.0, 0.0, 6.0, 11.5]),
    sides,
)
@settings(max_examples=60)
def test_illuminate_is_its_naive_twin(h, w, gradient, angle, vignette, cx, cy, depth, softness, period, shape):
    image = noise_image(h, w)
    args = (gradient, angle, vignette, cx, cy, depth, softness, period)
    got = run(illuminate, image, *args, np.array(shape))
    np.testing.assert_allclose(got, naive.illuminate(image, *args, shape), rtol=1e-4, atol=2e-5)


# optics


def shift_weights(points):
    shifts, weights = splat(points)
    return {tuple(s): float(w) for s, w in zip(shifts.tolist(), weights, strict=True)}


@given(st.lists(st.tuples(st.floats(-4, 4), st.floats(-4, 4)), min_size=1, max_size=9))
@settings(max_examples=60)
def test_splat_is_its_naive_twin(points):
    got, want = shift_weights(np.array(points)), naive.splat(points)
    for key in set(got) | set(want):
        assert got.get(key, 0.0) == pytest.approx(want.get(key, 0.0), abs=1e-6)


@given(heights, widths, st.integers(1, 11), seeds)
@settings(max_examples=60)
def test_convolve_is_its_naive_twin(h, w, n, seed):
    rng = np.random.default_rng(seed)
    shifts, weights = rng.integers(-4, 5, (n, 2)), rng.random(n).astype(np.float32)
    image = noise_image(h, w, seed)
    np.testing.assert_allclose(
        run(convolve, image, shifts, weights), naive.convolve(image, shifts, weights), rtol=1e-5, atol=1e-5
    )


@pytest.mark.parametrize("sigma", [0.3, 1.0, 2.7])
def test_gaussian_blur_is_opencvs(sigma):
    image = noise_image(31, 43)
    size = len(gaussian_taps(sigma))
    want = cv2.GaussianBlur(image, (size, size), sigma, borderType=cv2.BORDER_REPLICATE)
    np.testing.assert_allclose(run(blur, image, 0.0, sigma, 0.0, 0.0, 0.0, 1.0), want, atol=2e-6)


@pytest.mark.parametrize("radius", [0.7, 2.0, 6.3])
def test_defocus_is_a_disk(radius):
    # Against a disk drawn 16 times as large, whose points are shared by the same tents.
    r, s = int(radius) + 2, 16
    fine = np.arange(-r * s, r * s + 1) / s
    disk = (fine[:, None] ** 2 + fine[None] ** 2 <= radius**2).astype(float)
    tents = np.maximum(0, 1 - np.abs(np.arange(-r, r + 1)[:, None] - fine[None]))
    want = tents @ disk @ tents.T / disk.sum()
    got = np.zeros_like(want)
    for (dy, dx), weight in shift_weights(disk_points(radius)).items():
        got[dy + r, dx + r] = weight
    np.testing.assert_allclose(got, want, atol=0.03 * want.max())
    assert got.sum() == pytest.approx(1.0, abs=1e-6)
    # variance per axis of a uniform disk is r^2 / 4; the tents add less than a pixel's 1/4
    variance = (got.sum(1) * np.arange(-r, r + 1) ** 2).sum()
    assert radius**2 / 4 <= variance * 1.02
    assert variance <= radius**2 / 4 + 0.25


@given(st.floats(0.1, 20), st.floats(0, 6.3), st.floats(-1, 1))
def test_the_path_of_motion_is_centred_and_as_long_as_asked(length, angle, bend):
    points = path_points(length, angle, bend)
    np.testing.assert_allclose(points.mean(0), 0, atol=1e-9)
    chord = points[-1] - points[0]
    n = len(points)
    np.testing.assert_allclose(np.hypot(*chord), length * (n - 1) / n, rtol=1e-9)
    np.testing.assert_allclose(chord, length * (n - 1) / n * np.array([math.sin(angle), math.cos(angle)]), atol=1e-9)


# resolution


def shrunk(image, height, width):
    return shrink(image.reshape(len(image), -1), height, width).reshape(height, width, 3)


def enlarged(codes, height, width, kind):
    out = np.empty((height, width, 3), np.uint8)
    enlarge(codes.reshape(len(codes), -1), FILTERS.index(kind), out.reshape(height, -1))
    return out


def noise_codes(height, width, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


@given(heights, widths, st.integers(1, 21), st.integers(1, 23), seeds)
@settings(max_examples=80)
def test_shrink_is_its_naive_twin(h, w, small_h, small_w, seed):
    small_h, small_w = min(small_h, h), min(small_w, w)
    image = noise_image(h, w, seed)
    np.testing.assert_allclose(shrunk(image, small_h, small_w), naive.shrink(image, small_h, small_w), atol=5e-6)


@given(st.integers(1, 21), st.integers(1, 23), heights, widths, st.sampled_from(FILTERS), seeds)
@settings(max_examples=80)
def test_enlarge_is_its_naive_twin(h, w, full_h, full_w, kind, seed):
    full_h, full_w = max(full_h, h), max(full_w, w)
    codes = noise_codes(h, w, seed)
    want = naive.enlarge(codes, full_h, full_w, kind)
    np.testing.assert_allclose(enlarged(codes, full_h, full_w, kind), want, atol=0.501)


@pytest.mark.parametrize("factor", [2, 3, 4])
@pytest.mark.parametrize("kind", FILTERS)
def test_enlarge_is_pillows(factor, kind):
    codes = noise_codes(12, 15, factor)
    got = enlarged(codes, 12 * factor, 15 * factor, kind)
    method = {"nearest": "NEAREST", "linear": "BILINEAR", "cubic": "BICUBIC", "lanczos": "LANCZOS"}[kind]
    edge = 4 * factor  # Pillow cuts a filter off at the edge, where ours repeats the last sample
    for c in range(3):
        want = Image.fromarray(codes[..., c].astype(np.float32)).resize(
            (15 * factor, 12 * factor), Image.Resampling[method]
        )
        want = np.clip(np.array(want), 0, 255)
        np.testing.assert_allclose(got[edge:-edge, edge:-edge, c], want[edge:-edge, edge:-edge], atol=0.51)


def test_area_averages_are_opencvs():
    image = noise_image(30, 40, 5)
    np.testing.assert_allclose(
        shrunk(image, 10, 8), cv2.resize(image, (8, 10), interpolation=cv2.INTER_AREA), atol=1e-6
    )


# sensor


@given(
    heights,
    widths,
    st.tuples(*[st.floats(0.3, 2.5)] * 3),
    st.floats(0, 0.2),
    st.floats(0, 0.1),
    st.integers(0, 2**63 - 1),
)
@settings(max_examples=50)
def test_develop_is_its_naive_twin(h, w, gains, shot, read, key):
    image = noise_image(h, w, h * w)
    out = np.empty((h, 3 * w), np.uint8)
    develop(image.reshape(h, -1), *gains, shot, read, np.uint64(key), NORMALS, ROOT_TO_SRGB, out)
    want = naive.develop(image, gains, shot, read, key, NORMALS)
    assert np.abs(out.reshape(h, w, 3) - want).max() <= 0.56


@given(st.floats(0.2, 5), st.floats(0.3, 3))
@settings(max_examples=30)
def test_tone_table_is_the_formula(contrast, gamma):
    table = tone_table(contrast, gamma, ROOT_TO_DISPLAY)
    want = np.array([naive.tone((i / 4096) ** 2, contrast, gamma) for i in range(4097)])
    assert np.abs(table - want).max() <= 0.501
    assert (np.diff(table.astype(int)) >= 0).all()


def test_tone_table_of_no_change_is_srgb():
    assert (tone_table(1.0, 1.0, ROOT_TO_DISPLAY) == ROOT_TO_SRGB).all()


def linear_noise(level, shot, read, key, size=256):
    """The noise of a flat image, read back by a table without rounding of consequence."""
    out = np.empty((size, 3 * size), np.uint8)
    rows = np.full((size, 3 * size), level, np.float32)
    # each code is a 16th of a root step about the level, so that the noise is measured finely
    base = int(4096 * math.sqrt(level))
    table = np.clip(np.arange(4097) - base + 128, 0, 255).astype(np.uint8)
    develop(rows, 1.0, 1.0, 1.0, shot, read, np.uint64(key), NORMALS, table, out)
    root = (out.reshape(size, size, 3).astype(float) - 128 + base) / 4096
    return root**2 - level


@pytest.mark.parametrize(("level", "shot", "read"), [(0.25, 0.01, 0.0), (0.25, 0.0, 0.004), (0.7, 0.008, 0.003)])
def test_noise_has_the_variance_of_light_and_electronics(level, shot, read):
    noise = linear_noise(level, shot, read, 12345)
    assert noise.std() == pytest.approx(math.sqrt(shot**2 * level + read**2), rel=0.02)
    assert abs(noise.mean()) < 0.02 * noise.std()


def test_noise_is_normal_and_independent():
    noise = linear_noise(0.5, 0.0, 0.004, 99)
    z = noise / noise.std()
    assert (z**4).mean() == pytest.approx(3.0, abs=0.1)
    assert abs((z**3).mean()) < 0.05
    limit = 5 / math.sqrt(z[..., 0].size)
    for a in range(3):
        for b in range(a):
            assert abs((z[..., a] * z[..., b]).mean()) < limit
    for dy, dx in ((0, 1), (1, 0), (1, 1), (0, 2), (8, 0)):
        assert abs((z[dy:, dx:] * z[: z.shape[0] - dy, : z.shape[1] - dx]).mean()) < limit
    assert abs((z * (linear_noise(0.5, 0.0, 0.004, 100) / noise.std())).mean()) < limit


# JPEG


def pillow_jpeg(image, quality, subsample):
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=quality, subsampling=2 if subsample else 0)
    return np.array(Image.open(file))


def picture(height, width, seed):
    rng = np.random.default_rng(seed)
    image = cv2.resize(
        rng.integers(30, 226, (4, 6, 3)).astype(np.uint8), (width, height), interpolation=cv2.INTER_LINEAR
    )
    for _ in range(5):
        p, q = rng.integers(0, (width, height)), rng.integers(0, (width, height))
        cv2.line(image, p.tolist(), q.tolist(), rng.integers(0, 256, 3).tolist(), 2, cv2.LINE_AA)
    return image


@pytest.mark.parametrize("subsample", [False, True])
@pytest.mark.parametrize("quality", [10, 30, 50, 75, 90, 100])
def test_jpeg_is_pillows(quality, subsample):
    sizes = [(32, 128), (9, 17), (8, 8), (47, 83), (1, 1), (5, 40), (64, 64)]
    differences, losses = [], []
    for seed in range(28):
        image = picture(*sizes[seed % 7], seed)
        got = run(jpeg, image, quality, subsample, 0, 0).astype(int)
        want = pillow_jpeg(image, quality, subsample).astype(int)
        differences.append((got - want).ravel())
        losses.append((np.abs(got - image).mean(), np.abs(want - image).mean()))
    # Equal but where a coefficient half way between two steps goes the other way in the library's integers.
    together = np.concatenate(differences)
    assert np.abs(together).mean() <= 0.4
    assert np.quantile(np.abs(together), 0.98) <= 4
    assert abs(together.mean()) <= 0.05
    np.testing.assert_allclose(*zip(*losses, strict=True), rtol=0.03, atol=0.2)


@given(st.integers(1, 4), st.integers(1, 5), st.integers(1, 100), seeds)
@settings(max_examples=40)
def test_code_plane_is_its_naive_twin(m, n, quality, seed):
    plane = (np.random.default_rng(seed).random((8 * m, 8 * n)) * 255 - 128).astype(np.float32)
    table = quantisation(jpeg_module._LUMINANCE, quality)
    got = plane.copy()
    code_plane(got, table, 0, 8 * m, 0, 8 * n)
    # Equal but for what lies within rounding of a half: a coefficient's, or a sample's.
    assert (np.abs(got - naive.code_plane(plane, table)) > 0).mean() < 0.01


def test_quantisation_is_pillows():
    for quality in (1, 10, 25, 49, 50, 51, 75, 99, 100):
        file = io.BytesIO()
        Image.new("RGB", (8, 8)).save(file, "JPEG", quality=quality)
        tables = Image.open(file).quantization
        for i, base in enumerate((jpeg_module._LUMINANCE, jpeg_module._CHROMINANCE)):
            assert quantisation(base, quality).ravel().tolist() == list(tables[i])


@pytest.mark.parametrize("subsample", [False, True])
def test_a_grid_that_begins_outside_is_a_crop(subsample):
    image = picture(48, 80, 3)
    # Where the whole is the crop with its edge repeated, the crop of the whole is the whole of the crop.
    left, top = 5, 11
    whole = np.pad(image, ((top, 0), (left, 0), (0, 0)), mode="edge")
    want = run(jpeg, whole, 40, subsample, 0, 0)[top:, left:]
    assert (run(jpeg, image, 40, subsample, left, top) == want).all()


def test_the_same_jpeg_again_changes_little_and_another_grid_more():
    image = picture(32, 128, 1)
    once = run(jpeg, image, 30, False, 0, 0)
    again, shifted = run(jpeg, once, 30, False, 0, 0), run(jpeg, once, 30, False, 3, 4)
    assert np.abs(again.astype(int) - once).mean() < 0.2 * np.abs(shifted.astype(int) - once).mean()


# draw and apply


def draw(index, config=ALL_ON):
    return draw_degrade(11, index, config)


def test_off_is_the_encoding_only():
    image = noise_image(32, 128)
    record = draw(3, DEFAULTS)
    assert record == DegradeParams()
    want = encode_srgb(image)
    assert (apply_degrade(image, record, 24.0) == want).all()


@pytest.mark.parametrize("name", EFFECTS)
def test_each_effect_is_drawn_by_its_own_share(name):
    names = {name, "jpeg"} if name == "jpeg_again" else {name}
    only = DegradeConfig(**{n: EffectShare(1.0, getattr(DEFAULTS, n).strength) for n in names})
    changed = {
        "cast_shadow": {"shadow"},
        "light_gradient": {"light_gradient", "light_angle"},
        "vignette": {"vignette", "vignette_x", "vignette_y"},
        "motion_blur": {"motion_blur", "motion_angle", "motion_bend"},
        "resolution": {"resolution_factor", "resolution_filter"},
        "shot_noise": {"shot_noise", "noise_key"},
        "read_noise": {"read_noise", "noise_key"},
        "jpeg_again": {"jpeg"},
    }.get(name, {name})
    base, everything = DegradeParams(), draw(5)
    record = draw(5, only)
    image = text_image()
    plain = apply_degrade(image.copy(), base, 24.0)
    assert (apply_degrade(image, record, 24.0) != plain).any()
    for field in DegradeParams.__struct_fields__:
        # What is drawn for an effect depends on no other's share.
        want = everything if field in changed else base
        if name == "jpeg" and field == "jpeg":
            assert record.jpeg == everything.jpeg[:1]
        else:
            assert getattr(record, field) == getattr(want, field), field


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**40), st.integers(0, 9), st.floats(0.2, 1.0))
@settings(max_examples=150)
def test_each_effect_is_drawn_from_its_own_stream(seed, index, attempt, share):
    config = DegradeConfig(**{name: EffectShare(share, getattr(DEFAULTS, name).strength) for name in EFFECTS})
    record = plain_of(draw_degrade(seed, index, config, attempt))
    want = plain_of(DegradeParams()) | naive.degrade_params(seed, index, attempt, config)
    assert dict(leaves(record)) == {
        path: pytest.approx(value, rel=1e-12) if isinstance(value, float) else value for path, value in leaves(want)
    }


def plain_of(record):
    return json.loads(msgspec.json.encode(record))


def leaves(value, path=""):
    """The numbers and names within plain data, each with its path."""
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(item, f"{path}.{key}")
    else:
        yield path, value


def strengths_of(record):
    return {name: effect.strength_in(record) for name, effect in BY_SECTION["degrade"].items()}


@pytest.mark.parametrize("name", EFFECTS)
def test_the_share_of_an_effect_moves_no_other(name):
    """Taken out, it takes its own parameters out, and no other is drawn otherwise."""
    shares = {n: EffectShare(0.8, getattr(DEFAULTS, n).strength) for n in EFFECTS}
    with_all, without = DegradeConfig(**shares), DegradeConfig(**shares | {name: getattr(DEFAULTS, name)})
    own = {
        "cast_shadow": {"shadow"},
        "light_gradient": {"light_gradient", "light_angle"},
        "vignette": {"vignette", "vignette_x", "vignette_y"},
        "motion_blur": {"motion_blur", "motion_angle", "motion_bend"},
        "resolution": {"resolution_factor", "resolution_filter"},
        "jpeg_again": {"jpeg"},
    }.get(name, {name})
    taken_out = 0
    for index in range(60):
        before, after = draw(index, with_all), draw(index, without)
        taken_out += before != after
        assert strengths_of(after)[name] == 0.0
        for field in own:
            kept = before.jpeg[:1] if name == "jpeg_again" else getattr(DegradeParams(), field)
            assert getattr(after, field) == kept, field
        for field in set(DegradeParams.__struct_fields__) - own:
            # Without any noise there is no key of it.
            if field != "noise_key" or after.shot_noise or after.read_noise:
                assert getattr(after, field) == getattr(before, field), field
    assert taken_out > 30


def test_strengths_are_read_off_the_record():
    assert set(strengths_of(DegradeParams()).values()) == {0.0}
    record = draw(7)
    assert strengths_of(record) == {
        "light_gradient": record.light_gradient,
        "cast_shadow": record.shadow.depth,
        "vignette": record.vignette,
        "defocus": record.defocus,
        "gaussian_blur": record.gaussian_blur,
        "motion_blur": record.motion_blur,
        "resolution": record.resolution_factor,
        "exposure": abs(record.exposure),
        "white_balance": max(map(abs, record.white_balance)),
        "shot_noise": record.shot_noise,
        "read_noise": record.read_noise,
        "contrast": record.contrast,
        "gamma": record.gamma,
        "jpeg": record.jpeg[0].quality,
        "jpeg_again": record.jpeg[1].quality,
    }
    # The logarithm is uniform of those whose classes say so.
    config = DegradeConfig(**{name: EffectShare(1.0, (1.0, 100.0)) for name in ("resolution", "jpeg", "jpeg_again")})
    drawn = [strengths_of(draw(index, config)) for index in range(400)]
    for name in ("resolution", "jpeg", "jpeg_again"):
        middle = 10.0 if BY_SECTION["degrade"][name].logarithmic else 50.5
        assert np.mean([strengths[name] < middle for strengths in drawn]) == pytest.approx(0.5, abs=0.08)


def test_every_effect_of_the_section_has_a_class_and_a_row():
    assert tuple(BY_SECTION["degrade"]) == EFFECTS == SAMPLED


def test_what_is_drawn_of_the_photograph_stands_nowhere_else_in_a_plan():
    with pytest.raises(ValueError, match=r"degrade\.defocus: .* stands in the plan's 'degrade'"):
        Applied.read({"degrade.defocus": {"strength": 0.1}})


def test_shares_and_ranges_hold():
    config = DegradeConfig(
        defocus=EffectShare(0.3, (0.02, 0.04)), jpeg=EffectShare(0.5, (30, 60)), jpeg_again=EffectShare(0.4, (70, 80))
    )
    records = [draw(i, config) for i in range(4000)]
    radii = np.array([r.defocus for r in records])
    assert (radii > 0).mean() == pytest.approx(0.3, abs=0.03)
    assert radii[radii > 0].min() >= 0.02
    assert radii.max() <= 0.04
    passes = np.array([len(r.jpeg) for r in records])
    assert (passes > 0).mean() == pytest.approx(0.5, abs=0.03)
    assert (passes[passes > 0] == 2).mean() == pytest.approx(0.4, abs=0.04)
    assert {r.jpeg[0].quality for r in records if r.jpeg} == set(range(30, 61))
    assert {(r.jpeg[0].left, r.jpeg[0].top) for r in records if r.jpeg} >= {(0, 0), (15, 15), (7, 8)}
    assert all((r.jpeg[1].left, r.jpeg[1].top) == (0, 0) for r in records if len(r.jpeg) == 2)


def test_records_survive_json():
    for i in range(50):
        record = draw(i)
        assert msgspec.convert(json.loads(json.dumps(msgspec.to_builtins(record))), DegradeParams) == record


def test_the_same_record_gives_the_same_bytes_in_threads_too():
    images, records = [text_image(24, 90 + i) for i in range(6)], [draw(i) for i in range(6)]

    def apply(i):
        return apply_degrade(images[i % 6].copy(), records[i % 6], 20.0).tobytes()

    want = [apply(i) for i in range(6)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(apply, range(48))) == want * 8
    assert len(set(want)) == 6


def everything(kind, chroma):
    return DegradeParams(
        light_gradient=0.8,
        light_angle=0.7,
        shadow=Shadow(0.5, 0.1, 0.4, 0.6, ((0.3, 0.2), (2.0, 0.3))),
        vignette=0.3,
        defocus=0.03,
        gaussian_blur=0.02,
        motion_blur=0.1,
        motion_angle=0.6,
        motion_bend=0.4,
        resolution_factor=1.7,
        resolution_filter=kind,
        exposure=0.3,
        white_balance=(0.2, 0.05, -0.2),
        shot_noise=0.03,
        read_noise=0.01,
        noise_key=123456789123456789,
        contrast=1.2,
        gamma=0.9,
        jpeg=(Compression(60, chroma, 3, 5), Compression(75)),
    )


def test_bytes_are_those_of_every_machine():
    codes = (np.arange(32 * 96 * 3, dtype=np.uint32) * 2654435761 >> 24).astype(np.uint8).reshape(32, 96, 3)
    for kind, chroma, pinned in zip(FILTERS, ("4:2:0", "4:4:4") * 2, PINNED, strict=True):
        out = apply_degrade(decode_srgb(codes), everything(kind, chroma), 24.0)
        assert zlib.crc32(out.tobytes()) == pinned, kind


def test_a_noise_key_tells_one_noise_from_another():
    record = DegradeParams(shot_noise=0.05, noise_key=1)
    other = msgspec.structs.replace(record, noise_key=2)
    image = text_image()
    assert (apply_degrade(image.copy(), record, 24.0) != apply_degrade(image.copy(), other, 24.0)).mean() > 0.5


@given(st.integers(1, 40), st.integers(1, 70), seeds, st.floats(1, 60))
@settings(max_examples=60)
def test_any_size_gives_a_picture(h, w, index, line_height):
    image = noise_image(h, w, index)
    out = apply_degrade(image, draw(index), line_height)
    assert out.shape == (h, w, 3)
    assert out.dtype == np.uint8
    assert np.isfinite(image).all()


@pytest.mark.parametrize(
    ("field", "strengths"),
    [
        ("defocus", (0.01, 0.03, 0.06, 0.12)),
        ("gaussian_blur", (0.01, 0.03, 0.06, 0.12)),
        ("motion_blur", (0.03, 0.08, 0.15, 0.3)),
        ("resolution_factor", (1.2, 2.0, 3.0, 5.0)),
        ("contrast", (1.0, 0.8, 0.6, 0.4)),
    ],
)
def test_stronger_is_smoother(field, strengths):
    image = text_image()
    energies = [gradient_energy(apply_degrade(image.copy(), DegradeParams(**{field: s}), 24.0)) for s in strengths]
    assert all(a > 1.05 * b for a, b in pairwise(energies))


def test_stronger_is_further_from_the_original():
    image = text_image()
    plain = apply_degrade(image.copy(), DegradeParams(), 24.0).astype(float)

    def error(**fields):
        return np.abs(apply_degrade(image.copy(), DegradeParams(**fields), 24.0) - plain).mean()

    for field, strengths in {
        "shot_noise": (0.01, 0.03, 0.08),
        "read_noise": (0.003, 0.01, 0.03),
        "light_gradient": (0.2, 0.6, 1.5),
        "vignette": (0.1, 0.3, 0.7),
        "exposure": (-0.2, -0.6, -1.5),
        "gamma": (1.1, 1.4, 2.0),
    }.items():
        errors = [error(**{field: s}) for s in strengths]
        assert errors == sorted(errors), field
        assert errors[0] < 0.7 * errors[-1], field
    shadows = [error(shadow=Shadow(d, 0.1, 0.5, 0.5, ((0.3, 0.0),))) for d in (0.1, 0.3, 0.7)]
    assert shadows == sorted(shadows)
    losses = [error(jpeg=(Compression(q, "4:2:0"),)) for q in (95, 70, 40, 15)]
    assert losses == sorted(losses)


def blob(height, width, y, x, sigma=3.0):
    ys, xs = np.indices((height, width)) + 0.5
    value = np.exp(-((ys - y) ** 2 + (xs - x) ** 2) / (2 * sigma**2))
    return np.repeat(value[..., None], 3, axis=2).astype(np.float32)


@pytest.mark.parametrize("kind", FILTERS)
@pytest.mark.parametrize("factor", [1.3, 2.0, 2.7])
def test_loss_of_resolution_moves_nothing(kind, factor):
    for y, x in ((24.0, 60.0), (23.3, 61.8)):
        image = blob(48, 120, y, x)
        small = shrunk(image, int(48 / factor + 0.5), int(120 / factor + 0.5))
        out = enlarged((255.0 * small + 0.5).astype(np.uint8), 48, 120, kind)
        # nearest repeats samples as evenly as it can, which is not evenly
        np.testing.assert_allclose(centroid(out), centroid(image), atol=0.15 if kind == "nearest" else 0.03)


@pytest.mark.parametrize("angle", [0.0, 0.7, 2.0, 4.0])
@pytest.mark.parametrize("bend", [-1.0, 0.0, 0.6])
def test_blur_moves_nothing(angle, bend):
    image = blob(64, 90, 31.3, 44.8)
    out = run(blur, image, 2.3, 1.1, 6.5, angle, bend, 1.4)
    np.testing.assert_allclose(centroid(out), centroid(image), atol=0.01)
    assert out.sum() == pytest.approx(image.sum(), rel=1e-5)


@given(seeds)
@settings(max_examples=40)
def test_no_effect_moves_an_edge(index):
    # A pattern that is its own mirror image stays so on average: the blurs' centre is the pixel's.
    record = draw(index)
    geometry = DegradeParams(
        defocus=record.defocus,
        gaussian_blur=record.gaussian_blur,
        motion_blur=record.motion_blur,
        motion_angle=record.motion_angle,
        motion_bend=record.motion_bend,
        resolution_factor=record.resolution_factor,
        resolution_filter=record.resolution_filter,
    )
    image = blob(64, 128, 32, 64, 5.0)
    before = centroid(image)
    after = centroid(decode_srgb(apply_degrade(image, geometry, 28.0)))
    np.testing.assert_allclose(after, before, atol=0.1)


def spread(image):
    """The variances of the light, (down, across), in pixels squared."""
    mass = image.astype(float).sum(2)
    ys, xs = np.indices(mass.shape)
    y, x = centroid(image)
    return np.array([(mass * (ys + 0.5 - y) ** 2).sum(), (mass * (xs + 0.5 - x) ** 2).sum()]) / mass.sum()


@pytest.mark.parametrize("aspect", [0.6, 1.0, 2.5])
@pytest.mark.parametrize("lens", [(3.0, 0.0, 0.0), (0.0, 1.5, 0.0), (0.0, 0.0, 9.0)])
def test_a_stretched_picture_is_blurred_as_before_it_was_stretched(lens, aspect):
    """Across, the blur is that of a picture of square pixels, made `aspect` times as wide."""
    image = blob(80, 160, 40, 80, 4.0)
    down, across = spread(run(blur, image, *lens, 0.6, 0.0, aspect)) - spread(image)
    square = spread(run(blur, image, *lens, 0.6, 0.0, 1.0)) - spread(image)
    assert down == pytest.approx(square[0], rel=1e-3)
    # Sharing points among pixels adds a fraction of a square pixel, not stretched.
    assert across == pytest.approx(aspect**2 * square[1], rel=0.05, abs=max(0.25, 0.2 * aspect**2))


@pytest.mark.parametrize(("factor", "aspect", "lost"), [
    (0.0, 3.0, (False, False)),
    (0.7, 1.0, (False, False)),
    (0.7, 2.0, (False, True)),
    (2.0, 1.0, (True, True)),
    (2.0, 0.4, (True, False)),
])  # fmt: skip
def test_a_camera_s_pixels_are_stretched_with_the_picture(factor, aspect, lost):
    """A picture that is made wide loses columns before rows, one that is made narrow rows alone."""
    for axis in (0, 1):
        stripes = np.repeat(np.float32(np.indices((32, 64))[axis] % 2)[..., None], 3, axis=2)
        kept = apply_degrade(stripes.copy(), DegradeParams(resolution_factor=factor), 20.0, aspect=aspect)
        assert (kept.std() < 100.0) == lost[axis]


# order


def test_blur_is_in_linear_light():
    stripes = np.zeros((16, 64, 3), np.float32)
    stripes[:, ::2] = 1.0
    out = apply_degrade(stripes, DegradeParams(gaussian_blur=0.5), 10.0)
    assert abs(int(out[8, 32, 0]) - 188) <= 1  # half the light is code 188, not 128


def test_shadow_is_before_blur_and_noise_after_it():
    sharp = Shadow(0.9, 0.001, 0.5, 0.5, ((0.0, 0.0),))
    flat = np.full((16, 64, 3), 0.5, np.float32)
    hard = apply_degrade(flat.copy(), DegradeParams(shadow=sharp), 20.0)
    soft = apply_degrade(flat.copy(), DegradeParams(shadow=sharp, defocus=0.2), 20.0)
    assert len(np.unique(hard[8, :, 0])) <= 3
    assert len(np.unique(soft[8, :, 0])) >= 8
    assert hard[8, 10, 0] > hard[8, 50, 0]  # the side the angle points to is dark
    noisy = DegradeParams(shot_noise=0.05, noise_key=4)
    plain = apply_degrade(flat.copy(), noisy, 20.0)
    blurred = msgspec.structs.replace(noisy, defocus=0.2)
    assert apply_degrade(flat.copy(), blurred, 20.0).std() == pytest.approx(plain.std(), rel=0.01)


def test_noise_and_the_photograph_s_jpeg_are_of_the_camera_s_pixels():
    """Where the camera's pixels are 2 rows high, so is the grain, and 16 rows are a block."""
    flat = np.full((32, 64, 3), 0.5, np.float32)
    coarse = DegradeParams(resolution_factor=2.0, resolution_filter="nearest")
    grain = apply_degrade(flat, msgspec.structs.replace(coarse, shot_noise=0.05, noise_key=4), 20.0)
    assert (grain[::2] == grain[1::2]).all()
    assert (grain[:, ::2] == grain[:, 1::2]).all()
    assert (grain[:-2:2] != grain[2::2]).mean() > 0.8
    edge = np.zeros((32, 64, 3), np.float32)
    edge[:, 20:] = 1.0
    rings = apply_degrade(edge, msgspec.structs.replace(coarse, jpeg=(Compression(30),)), 20.0)
    touched = (rings[:, :, 1] % 255 != 0).any(0)
    assert touched[16:32].any()
    assert not touched[:16].any()
    assert not touched[32:].any()


def photograph(image, lens, height, width, aspect=1.0):
    """The camera's picture, uint8 (height, width, 3), of light through `lens`: defocus, sigma, motion, angle, bend."""
    codes = np.empty((height, 3 * width), np.uint8)
    none = (0.0,) * 5 + (0, 1.0, 1.0)
    rows = image.copy().reshape(image.shape[0], -1)
    take(rows, *lens, aspect, *none, NORMALS, ROOT_TO_SRGB, ROOT_TO_DISPLAY, codes)
    return codes.reshape(height, width, 3)


@given(
    st.tuples(st.floats(0.0, 5.0), st.floats(0.0, 2.0), st.floats(0.0, 8.0), st.floats(0.0, 3.0), st.floats(-1, 1)),
    st.floats(1.0, 4.0),
    st.floats(0.6, 1.6),
    st.integers(0, 99),
)
@settings(max_examples=60, deadline=None)
def test_the_photograph_is_light_blurred_then_averaged_over_the_camera_s_pixels(lens, factor, aspect, seed):
    """However it is done: where the blur is wide, the picture is made smaller first, and that can hardly be seen."""
    lens = tuple(v if v > 0.3 or k > 2 else 0.0 for k, v in enumerate(lens))
    image = cv2.resize(noise_image(6, 10, seed), (80, 36), interpolation=cv2.INTER_NEAREST)
    height, width = round(36 / factor), round(80 / max(factor * aspect, 1.0))
    taken = photograph(image, lens, height, width, aspect)
    blurred = run(blur, image, *lens, aspect)
    wanted = naive.develop(naive.shrink(blurred, height, width), (1.0, 1.0, 1.0), 0.0, 0.0, 0, NORMALS)
    away = np.abs(taken - wanted)
    assert away.mean() < 2.0
    assert away.max() < 25.0
    reach = min((r for r in (lens[0], 2 * lens[1], lens[2] / 2) if r > 0), default=0.0)
    if reach * min(height / 36, aspect * width / 80) < 1.99:
        assert away.max() < 0.6


def test_exposure_comes_before_noise_and_contrast_after():
    flat = np.full((64, 64, 3), 0.4, np.float32)
    noise = DegradeParams(read_noise=0.01, noise_key=4)
    bright = apply_degrade(flat.copy(), noise, 20.0)
    dark = apply_degrade(flat.copy(), msgspec.structs.replace(noise, exposure=-2.0), 20.0)
    assert decode_srgb(dark).std() == pytest.approx(decode_srgb(bright).std(), rel=0.05)
    assert decode_srgb(dark).mean() == pytest.approx(0.25 * decode_srgb(bright).mean(), rel=0.05)
    stretched = apply_degrade(flat.copy(), msgspec.structs.replace(noise, contrast=2.0), 20.0)
    assert stretched.std() == pytest.approx(2 * bright.std(), rel=0.05)


def test_jpeg_is_last():
    for factor, steps in ((0.0, (Compression(40),)), (2.0, (Compression(90), Compression(40)))):
        record = msgspec.structs.replace(draw(2), resolution_factor=factor, jpeg=steps)
        before = apply_degrade(text_image(), msgspec.structs.replace(record, jpeg=steps[:-1]), 24.0)
        assert (apply_degrade(text_image(), record, 24.0) == run(jpeg, before, 40, False, 0, 0)).all()


def test_white_balance_turns_grey_to_a_colour():
    grey = np.full((8, 8, 3), 0.3, np.float32)
    r, g, b = apply_degrade(grey, DegradeParams(white_balance=(0.3, 0.0, -0.3)), 8.0)[4, 4].tolist()
    assert r > g > b
    assert SRGB_TO_LINEAR[r] / SRGB_TO_LINEAR[b] == pytest.approx(2**0.6, rel=0.03)


# bad input


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("degrade.jpeg.strength=[0,50]", "degrade.jpeg.strength: 0 lies outside [1, 100]; write two numbers from"),
        ("degrade.resolution.strength=[0.01,2]", "degrade.resolution.strength: 0.01 lies outside [0.05, 100]"),
        ("degrade.cast_shadow.strength=[0.5,1.5]", "degrade.cast_shadow.strength: 1.5 lies outside [0, 1]"),
        ("degrade.defocus.strength=[0.05,0.01]", "the range [0.05, 0.01] is reversed; write [0.01, 0.05]"),
        ("degrade.defocus.share=1.5", "degrade.defocus.share: 1.5 lies outside [0, 1]"),
        ("degrade.motionblur=0.5", "did you mean 'degrade.motion_blur'?"),
    ],
)
def test_a_bad_strength_is_refused(override, message):
    with pytest.raises(InputError, match="degrade") as error:
        load_config("clean", [override])
    assert message in str(error.value)


# crc32 of what `everything` makes, by filter: the same on every processor. New only with a change of the pictures.
PINNED = [395378453, 1385706201, 3094901403, 375118805]


@pytest.mark.parametrize(
    ("lens", "points"),
    [((24.0, 0.0, 0.0), disk_points(24.0)), ((0.0, 0.0, 170.0), path_points(170.0, 0.7, 0.4))],
    ids=["defocus", "motion"],
)
def test_a_large_blur_is_that_of_a_tap_a_pixel(lens, points):
    """It is done on a smaller picture: of what the blur leaves, that one has samples enough."""
    picture = np.random.default_rng(0).random((12, 15, 3), np.float32)
    picture = np.ascontiguousarray(cv2.resize(picture, (450, 360), interpolation=cv2.INTER_NEAREST))
    direct = picture.reshape(360, 1350).copy()
    convolve(direct, *splat(points))
    done = picture.reshape(360, 1350).copy()
    blur(done, *lens, 0.7, 0.4, 1.0)
    assert np.abs(done - direct).mean() < 0.02 * np.abs(direct - picture.reshape(360, 1350)).mean()
    assert np.abs(done - direct).max() < 0.06
    assert done.mean() == pytest.approx(direct.mean(), abs=1e-3)
