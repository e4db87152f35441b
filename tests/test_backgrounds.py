"""Backgrounds: the starter set, procedural textures, photographs, and the kernels that sample them."""

from __future__ import annotations

import hashlib
import io
import logging
import shutil
import struct
import subprocess
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import msgspec
import naive_backgrounds as naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtext.core import assets
from synthtext.core.errors import InputError
from synthtext.core.rng import Draws, Stage
from synthtext.paint import backgrounds, photographs, textures
from synthtext.paint.backgrounds import KINDS, BackgroundParams, apply_background, draw_background
from synthtext.paint.paint_config import BackgroundConfig
from synthtext.paint.photographs import LINEAR, load_library, picture_size
from synthtext.paint.textures import SIZE, VARIANTS, texture_field

EVERY = BackgroundConfig(kinds=dict.fromkeys(KINDS, 1.0))
LICENCES = {"CC0-1.0", "CC-BY-2.0", "CC-BY-3.0", "CC-BY-4.0", "MIT", "public-domain"}


def pixels(seed: int, *shape: int) -> np.ndarray:
    """Reproducible bytes: the hash of a counter."""
    count = int(np.prod(shape))
    data = b"".join(hashlib.sha256(f"{seed}/{i}".encode()).digest() for i in range(count // 32 + 1))
    return np.frombuffer(data[:count], np.uint8).reshape(shape).copy()


def smooth_picture(height: int, width: int) -> np.ndarray:
    """A picture without sharp edges, so that two ways of resampling must agree."""
    y, x = np.mgrid[:height, :width].astype(float)
    waves = [127 + 100 * np.sin(x / 9 + k) * np.cos(y / 7 - k) for k in range(3)]
    return np.clip(np.stack(waves, 2), 0, 255).astype(np.uint8)


# ----------------------------------------------------------------------------------------------- the starter set


def manifest() -> list[dict[str, str]]:
    lines = (assets.folder("backgrounds") / "manifest.tsv").read_text(encoding="utf-8").splitlines()
    names = lines[0].split("\t")
    return [dict(zip(names, line.split("\t"), strict=True)) for line in lines[1:]]


def test_the_manifest_names_every_photograph_with_its_hash_and_licence() -> None:
    root = assets.folder("backgrounds")
    rows = manifest()
    assert {row["path"] for row in rows} == {p.relative_to(root).as_posix() for p in (root / "photos").rglob("*.*")}
    assert len(rows) >= 40
    for row in rows:
        assert hashlib.sha256((root / row["path"]).read_bytes()).hexdigest() == row["sha256"], row["path"]
        assert row["licence"] in LICENCES, row["path"]
        assert (root / "licences" / f"{row['licence']}.txt").stat().st_size > 500, row["licence"]
        assert all(row[key] for key in ("title", "author", "source", "version")), row["path"]


def test_the_starter_set_is_small_and_every_photograph_decodes() -> None:
    root = assets.folder("backgrounds")
    assert sum(p.stat().st_size for p in root.rglob("*") if p.is_file()) < 12_000_000
    library = load_library(EVERY)
    assert len(library.names) == len(manifest())
    assert library.skipped == ()
    for name in library.names:
        levels, mean = library.photo(name)
        assert max(levels[0].shape[:2]) <= photographs.PHOTO_SIDE
        assert levels[0].shape[2] == 3
        assert 0.0 < mean <= 1.01


# ------------------------------------------------------------------------------------------------------ textures


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([(1, 1), (1, 4), (2, 8), (4, 4), (16, 2), (16, 16)]))
def test_noise_is_the_spline(seed: int, shape: tuple[int, int]) -> None:
    lattice = (pixels(seed, *shape) / 127.5 - 1).astype(np.float32)
    out = np.zeros((16, 16), np.float32)
    textures.add_noise(out, lattice, np.float32(0.7))
    np.testing.assert_allclose(out, 0.7 * naive.noise(lattice, 16), atol=1e-5)


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([2, 4]))
def test_cells_are_the_nearest_points(seed: int, n: int) -> None:
    # Points in the middle half of their cells: then the two nearest lie in the 3 x 3 cells that the kernel looks at.
    points = (0.25 + 0.5 * pixels(seed, n, n, 2) / 255).astype(np.float32)
    near, second = np.empty((2, 16, 16), np.float32)
    owner = np.empty((16, 16), np.int32)
    textures.cells(points, near, second, owner)
    expected = naive.cells(points, 16)
    np.testing.assert_allclose(near, expected[0], atol=1e-5)
    np.testing.assert_allclose(second, expected[1], atol=1e-5)
    clear = expected[1] - expected[0] > 1e-5
    np.testing.assert_array_equal(owner[clear], expected[2][clear])


@given(st.integers(0, 2**32), st.integers(2, 9), st.integers(2, 9), st.sampled_from([2, 3]))
@settings(max_examples=30, deadline=None)
def test_halving_is_the_rounded_mean_of_four(seed: int, height: int, width: int, channels: int) -> None:
    image = pixels(seed, height, width, channels)
    np.testing.assert_array_equal(textures.halve(image), naive.halve(image))


@pytest.mark.parametrize("kind", textures.KINDS)
def test_textures_wrap_around(kind: str) -> None:
    """Across the seam pixels differ no more than across any other line (a joint may lie on it)."""
    for variant in range(VARIANTS):
        field = texture_field(kind, variant)[0].astype(int)
        for axis in (0, 1):
            steps = np.abs(np.roll(field, -1, axis) - field).mean((1 - axis, 2))
            room = 1.3 if kind in ("fabric", "wood") else 1.1  # the seam may be the edge of a stripe or a plank
            assert steps[-1] <= room * steps[:-1].max() + 1.0, (variant, axis)


@pytest.mark.parametrize("kind", textures.KINDS)
def test_textures_differ_and_use_their_range(kind: str) -> None:
    seen = set()
    for variant in range(VARIANTS):
        levels = texture_field(kind, variant)
        field = levels[0]
        assert field.shape == (SIZE, SIZE, 2)
        assert field.dtype == np.uint8
        assert not field.flags.writeable
        assert field[:, :, 0].std() > 4.0, variant
        # The relief lights up as much as it darkens, more or less: else it would shift the colours.
        assert 96 < field[:, :, 1].mean() < 150, variant
        seen.add(field.tobytes())
    assert len(seen) == VARIANTS


def test_textures_are_the_same_in_another_process_and_order() -> None:
    code = (
        "import hashlib; from synthtext.paint.textures import *\n"
        "for k in reversed(KINDS): print(k, hashlib.sha256(texture_field(k, 3)[0].tobytes()).hexdigest())"
    )
    root = Path(backgrounds.__file__).parents[2]
    run = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    other = dict(line.split() for line in run.stdout.splitlines())
    assert other == {k: hashlib.sha256(texture_field(k, 3)[0].tobytes()).hexdigest() for k in textures.KINDS}


def test_a_texture_that_there_is_not() -> None:
    with pytest.raises(InputError, match="unknown texture 'tartan'"):
        texture_field("tartan", 0)
    with pytest.raises(InputError, match="no variant 99"):
        texture_field("wood", 99)


# ------------------------------------------------------------------------------------------------ sampling kernels

places = st.tuples(
    st.integers(-(10**7), 10**7), st.integers(-(10**7), 10**7), *[st.integers(-200_000, 200_000) for _ in range(4)]
).map(lambda t: np.array(t, np.int64))
shares = st.floats(0.0, 1.0, width=32)
WORDS = np.array((1, 256, 65536), np.uint32)  # a photograph's pixels in one


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), places, st.tuples(*[shares] * 7), st.sampled_from([8, 32]))
def test_a_texture_is_sampled_as_defined(seed: int, place: np.ndarray, paint: tuple[float, ...], size: int) -> None:
    image, colours = pixels(seed, size, size, 2), np.array(paint, np.float32)
    out = np.empty((5, 3, 9), np.float32)
    textured = naive.texture(5, 9, image, place, colours)
    backgrounds.sample_texture(out, image @ np.array((1, 256), np.uint16), place, colours)
    np.testing.assert_allclose(out.transpose(0, 2, 1), textured, atol=2e-6)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 2**32),
    places,
    st.tuples(st.floats(0.0, 3.0, width=32), shares, shares, shares),
    st.integers(2, 40),
    st.integers(2, 40),
)
def test_a_photograph_is_sampled_as_defined(
    seed: int, place: np.ndarray, paint: tuple[float, ...], rows: int, columns: int
) -> None:
    image, light = pixels(seed, rows, columns, 3), np.array(paint, np.float32)
    out = np.empty((5, 3, 9), np.float32)
    backgrounds.sample_photo(out, image @ WORDS, LINEAR, place, light)
    np.testing.assert_allclose(out.transpose(0, 2, 1), naive.photo(5, 9, image, place, light), atol=2e-6)


@settings(max_examples=30, deadline=None)
@given(
    st.floats(20, 44, width=32),
    st.floats(20, 44, width=32),
    st.floats(0.4, 1.4),
    st.floats(-3.0, 3.0),
    st.booleans(),
)
def test_photographs_agree_with_opencv(x: float, y: float, scale: float, angle: float, mirror: bool) -> None:
    image = smooth_picture(64, 64)
    record = BackgroundParams("photo", scale=scale, angle=angle, mirror=mirror)
    a, b, c, d = backgrounds._matrix(record.angle, record.shear, record.mirror, scale, scale)
    out = np.empty((16, 3, 24), np.float32)
    place = backgrounds._fixed(x, y, (a, b, c, d), 0, 16, 24)
    backgrounds.sample_photo(out, image @ WORDS, LINEAR, place, np.array((1, 0, 0, 0), np.float32))
    # OpenCV's pixel centres lie at whole numbers.
    matrix = np.array([[a, b, x - 0.5 - 11.5 * a - 7.5 * b], [c, d, y - 0.5 - 11.5 * c - 7.5 * d]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    other = cv2.warpAffine(image, matrix, (24, 16), flags=flags, borderMode=cv2.BORDER_REFLECT)
    # OpenCV places samples in 1/32 of a pixel; the picture's slope is below 15 codes a pixel.
    np.testing.assert_allclose(out.transpose(0, 2, 1), LINEAR[other.astype(int) * 16], atol=0.02)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.integers(2, 14), st.integers(2, 14), st.data())
def test_shrinking_is_the_mean_over_the_area(seed: int, rows: int, columns: int, data: st.DataObject) -> None:
    image = pixels(seed, rows, columns, 3)
    height, width = data.draw(st.integers(1, rows)), data.draw(st.integers(1, columns))
    small = photographs.shrink(image, height, width)
    np.testing.assert_array_equal(small, naive.shrink(image, height, width))
    other = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    assert np.abs(small.astype(int) - other).max() <= 1


@settings(max_examples=30, deadline=None)
@given(st.tuples(*[shares] * 6), st.tuples(*[st.floats(-1.0, 1.0, width=32)] * 3))
def test_a_gradient_is_filled_as_defined(colours: tuple[float, ...], ramp: tuple[float, ...]) -> None:
    paint = np.array(colours + ramp, np.float32)
    out = np.empty((7, 3, 5), np.float32)
    backgrounds.fill_gradient(out, paint)
    np.testing.assert_allclose(out.transpose(0, 2, 1), naive.gradient(7, 5, paint), atol=2e-6)


def test_linear_is_the_inverse_of_srgb() -> None:
    code = np.arange(256) / 255.0
    linear = LINEAR[::16].astype(float)
    back = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    np.testing.assert_allclose(back, code, atol=1e-6)


# -------------------------------------------------------------------------------------------------- draw and apply


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, 2**63),
    st.sampled_from([(32, 128), (64, 200), (8, 8), (33, 7)]),
    st.floats(6.0, 60.0),
    st.floats(0.3, 3.0),
)
def test_whatever_is_drawn_renders_within_range_and_survives_json(
    index: int, size: tuple[int, int], line_height: float, aspect: float
) -> None:
    library = load_library(EVERY)
    record = draw_background(Draws(3, Stage.BACKGROUND, index), EVERY, library)
    assert msgspec.convert(msgspec.to_builtins(record), BackgroundParams) == record
    assert msgspec.json.decode(msgspec.json.encode(record), type=BackgroundParams) == record
    image = apply_background(record, LIBRARY, *size, line_height, aspect)
    assert image.shape == (*size, 3)
    assert image.dtype == np.float32
    assert float(image.min()) >= 0.0
    assert float(image.max()) <= 1.0
    again = apply_background(record, library, *size, line_height, aspect)
    np.testing.assert_array_equal(image, again)


LIBRARY = load_library(EVERY)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_drawn_when_asked_for(kind: str) -> None:
    config = BackgroundConfig(kinds={kind: 1.0})
    records = [draw_background(Draws(0, Stage.BACKGROUND, i), config, LIBRARY) for i in range(60)]
    assert {record.kind for record in records} == {kind}
    pictures = [apply_background(record, LIBRARY, 32, 128, 24.0) for record in records]
    assert len({picture.tobytes() for picture in pictures}) > 55
    light = np.array([picture.mean() for picture in pictures])
    assert light.std() > 0.08  # dark and light ones
    busy = np.array([np.ptp(picture, axis=(0, 1)).mean() for picture in pictures])
    assert (busy.max() == 0.0) if kind == "plain" else (np.median(busy) > 0.02)


def test_plain_colours_cover_lightness_and_hue() -> None:
    config = BackgroundConfig()
    first = np.array([draw_background(Draws(0, Stage.BACKGROUND, i), config, LIBRARY).first for i in range(3000)])
    lightness = 100 * np.sqrt(first @ [0.2126, 0.7152, 0.0722])
    shares, _ = np.histogram(lightness, [0, 20, 40, 60, 80, 100.01])
    assert shares.min() > 150
    spread = first.max(1) - first.min(1)
    assert 0.3 < (spread < 0.1).mean() < 0.8  # greys, whites and blacks, as most signs and prints have
    for channel in range(3):
        assert ((first.argmax(1) == channel) & (spread > 0.25)).sum() > 60


def test_contrast_says_how_far_apart_a_textures_colours_lie() -> None:
    def spread(contrast: float) -> float:
        config = BackgroundConfig(kinds={"plaster": 1.0}, contrast=(contrast, contrast))
        records = [draw_background(Draws(0, Stage.BACKGROUND, i), config, LIBRARY) for i in range(40)]
        return float(np.mean([apply_background(r, LIBRARY, 32, 64, 24.0).std(axis=(0, 1)).mean() for r in records]))

    assert spread(0.0) < 0.002 < 3 * spread(0.1) < 2 * spread(0.4)


def test_scale_is_source_pixels_per_line_height() -> None:
    """A texture at 32 source pixels per line, and lines of 32 pixels: the texture itself, pixel by pixel."""
    record = BackgroundParams("noise", 2, scale=32.0, first=(0.0,) * 3, second=(1.0,) * 3)
    image = apply_background(record, LIBRARY, 64, 96, 32.0)
    field = texture_field("noise", 2)[0][SIZE // 2 - 32 : SIZE // 2 + 32, SIZE // 2 - 48 : SIZE // 2 + 48, 0]
    np.testing.assert_allclose(image[:, :, 0], field / 255.0, atol=1e-6)


def test_aspect_stretches_across() -> None:
    record = BackgroundParams("brick", 0, scale=64.0, first=(0.0,) * 3, second=(1.0,) * 3)
    narrow = apply_background(record, LIBRARY, 64, 64, 64.0)
    wide = apply_background(record, LIBRARY, 64, 128, 64.0, 2.0)
    assert np.abs(wide.reshape(64, 64, 2, 3).mean(2) - narrow).mean() < 0.02


def test_a_small_crop_lies_inside_its_photograph() -> None:
    """At the corner of the room, the crop touches the photograph's edge and doesn't mirror it."""
    name = LIBRARY.names[0]
    photo = LIBRARY.photo(name)[0][0]
    image = apply_background(BackgroundParams("photo", name, 0.0, 0.0, 32.0), LIBRARY, 32, 128, 32.0)
    np.testing.assert_allclose(image, LINEAR[photo[:32, :128].astype(int) * 16], atol=1e-6)


def test_a_plan_with_unknown_parts_is_refused() -> None:
    for record, message in (
        (BackgroundParams("photo", "nowhere/x.jpg"), "photograph 'nowhere/x.jpg' is not in the library"),
        (BackgroundParams("wood", 77), "no variant 77"),
        (BackgroundParams("velvet"), "unknown background 'velvet'"),
    ):
        with pytest.raises(InputError, match=message):
            apply_background(record, LIBRARY, 8, 8, 8.0)


# ---------------------------------------------------------------------------------------------- folders and files


def write(path: Path, image: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), image)
    return path


def own(folder: Path, **values: object) -> BackgroundConfig:
    return BackgroundConfig(kinds={"photo": 1.0}, starter=False, folders=(str(folder),), **values)  # type: ignore[arg-type]


def test_folders_are_listed_recursively_with_names_that_do_not_depend_on_the_place(tmp_path: Path) -> None:
    for place in ("a", "b"):
        for name in ("walls/z.png", "walls/deep/y.jpg", "walls/x.webp", "walls/w.bmp", "walls/v.tiff"):
            write(tmp_path / place / name, smooth_picture(20, 30))
        (tmp_path / place / "walls/notes.txt").write_text("not a picture")
    one, two = (load_library(own(tmp_path / place / "walls")) for place in ("a", "b"))
    assert one.names == ("walls/deep/y.jpg", "walls/v.tiff", "walls/w.bmp", "walls/x.webp", "walls/z.png")
    assert one.names == two.names
    assert one.digest == two.digest
    assert one.skipped == ()
    for name in one.names:
        assert one.photo(name)[0][0].shape == (20, 30, 3)
    np.testing.assert_array_equal(one.photo("walls/z.png")[0][0], smooth_picture(20, 30)[:, :, ::-1])
    both = load_library(BackgroundConfig(starter=False, folders=(str(tmp_path / "a/walls"), str(tmp_path / "b/walls"))))
    assert len(both.names) == 10
    assert "walls~2/z.png" in both.names


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".bmp", ".tiff"])
def test_sizes_are_read_from_headers(tmp_path: Path, suffix: str) -> None:
    path = write(tmp_path / f"x{suffix}", smooth_picture(37, 53))
    assert picture_size(io.BytesIO(path.read_bytes())) == (53, 37, suffix == ".jpg")


def test_fill_bytes_before_a_jpeg_marker_are_skipped(tmp_path: Path) -> None:
    path = write(tmp_path / "x.jpg", smooth_picture(37, 53))
    data = path.read_bytes()
    path.write_bytes(data[:2] + b"\xff" * 5 + data[2:])
    assert picture_size(io.BytesIO(path.read_bytes())) == (53, 37, True)


def test_sizes_of_extended_and_lossless_webp_agree_with_pillow(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    for options in ({"lossless": True}, {"quality": 80}, {"quality": 80, "exif": b"Exif\0\0"}):
        path = tmp_path / "x.webp"
        image.fromarray(smooth_picture(41, 29)).save(path, **options)
        assert picture_size(io.BytesIO(path.read_bytes()))[:2] == (29, 41)
    rgba = np.dstack([smooth_picture(41, 29), np.full((41, 29), 90, np.uint8)])
    image.fromarray(rgba).save(path, quality=80)
    assert picture_size(io.BytesIO(path.read_bytes()))[:2] == (29, 41)


def bomb(path: Path) -> None:
    """A PNG of a few bytes whose header says 60000 x 60000."""
    chunk = struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", len(chunk))
        + b"IHDR"
        + chunk
        + struct.pack(">I", zlib.crc32(b"IHDR" + chunk))
        + struct.pack(">I", 0)
        + b"IEND"
        + struct.pack(">I", zlib.crc32(b"IEND"))
    )


def truncated(path: Path, suffix: str) -> None:
    whole = write(path.with_name(f"whole{suffix}"), pixels(1, 90, 90, 3))
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    whole.unlink()


BAD = {
    "empty.jpg": (lambda p: p.write_bytes(b""), "it is empty"),
    "text.jpg": (lambda p: p.write_text("not a picture, although its name says so"), "it is no JPEG, PNG, WebP"),
    "stub.jpg": (lambda p: p.write_bytes(b"\xff\xd8\xff"), "its header is cut off"),
    "junk.jpg": (lambda p: p.write_bytes(b"\xff\xd8" + b"junk" * 20), "its JPEG header is damaged"),
    "half.jpg": (lambda p: truncated(p, ".jpg"), "it is cut off"),
    "half.png": (lambda p: truncated(p, ".png"), "it is cut off"),
    "half.webp": (lambda p: truncated(p, ".webp"), "it is cut off"),
    "half.bmp": (lambda p: truncated(p, ".bmp"), "it is cut off"),
    "stub.tiff": (lambda p: p.write_bytes(b"II*\0\x08\0\0\0"), "its header is cut off"),
    "stub.webp": (lambda p: p.write_bytes(b"RIFF\x10\0\0\0WEBPVP8?" + bytes(20)), "its WebP header is damaged"),
    "bomb.png": (bomb, "it has 60000 x 60000 pixels, more than 100 million"),
    "tiny.png": (lambda p: write(p, smooth_picture(3, 50)), "it has 50 x 3 pixels; 8 a side are needed"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_files_are_named_once_and_left_out(tmp_path: Path, name: str, caplog: pytest.LogCaptureFixture) -> None:
    make, reason = BAD[name]
    make(tmp_path / name)
    write(tmp_path / "good.png", smooth_picture(20, 30))
    with caplog.at_level(logging.WARNING):
        library = load_library(own(tmp_path))
        load_library(own(tmp_path))
    assert [n.split("/")[1] for n in library.names] == ["good.png"]
    assert library.skipped[0][0] == str(tmp_path / name)
    assert library.skipped[0][1].startswith(reason)
    assert [name in message for message in caplog.messages] == [True]


def test_a_file_that_does_not_decode_is_left_out_before_it_is_drawn(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Header and end are fine, and the middle isn't."""
    for name, value in (("a", 10), ("c", 200)):
        write(tmp_path / f"{name}.png", np.full((20, 20, 3), value, np.uint8))
    bad = write(tmp_path / "b.png", smooth_picture(20, 20))
    data = bytearray(bad.read_bytes())
    at = data.index(b"IDAT")
    data[at + 4 : at + 30] = bytes(26)
    bad.write_bytes(data)
    with caplog.at_level(logging.WARNING):
        library = load_library(own(tmp_path))
    assert [name.split("/")[1] for name in library.names] == ["a.png", "c.png"]
    assert [m for m in caplog.messages if "b.png" in m] == [f"background {bad} is left out: it cannot be decoded"]
    shutil.copyfile(bad, tmp_path / "a.png")  # after it was listed
    with pytest.raises(InputError, match=r"a\.png cannot be read any more .it cannot be decoded.; was it changed"):
        library.photo(library.names[0])
    shutil.copyfile(bad, tmp_path / "c.png")
    with pytest.raises(InputError, match="holds no picture that can be read; 3 could not be read"):
        load_library(own(tmp_path))


def test_large_photographs_are_shrunk_and_turned_as_their_exif_says(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    picture = smooth_picture(1200, 2000)
    write(tmp_path / "large.png", picture)
    exif = image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    image.fromarray(picture[:, :, ::-1]).save(tmp_path / "turned.jpg", quality=95, exif=exif)
    library = load_library(own(tmp_path))
    large, turned = (library.photo(name)[0] for name in library.names)
    assert large[0].shape == (460, 768, 3)
    assert [level.shape[:2] for level in large[1:3]] == [(230, 384), (115, 192)]
    assert turned[0].shape == (768, 460, 3)
    difference = np.rot90(turned[0]).astype(int) - large[0]
    assert np.abs(difference).mean() < 2.0


def test_memory_stays_within_its_bound_and_samples_do_not_depend_on_it(tmp_path: Path) -> None:
    for i in range(12):
        write(tmp_path / f"{i:02}.png", np.full((760, 760, 3), 20 * i, np.uint8))
    small, large = load_library(own(tmp_path, memory_mb=8)), load_library(own(tmp_path, memory_mb=96))
    config = own(tmp_path)
    for i in range(40):
        record = draw_background(Draws(0, Stage.BACKGROUND, i), config, small)
        one, two = (apply_background(record, library, 16, 16, 16.0) for library in (small, large))
        np.testing.assert_array_equal(one, two)
        assert small._held <= 8 << 20
    assert small._held == sum(entry.words.nbytes for entry in small._cache.values()) < large._held


def test_threads_share_a_library(tmp_path: Path) -> None:
    """What is held is counted once, and nothing is asked of a photograph that another thread has just let go."""
    for i in range(4):
        write(tmp_path / f"{i}.png", np.full((16, 16, 3), 60 * i, np.uint8))
    library = load_library(own(tmp_path, memory_mb=8))
    library._limit = 1  # one photograph
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda i: library.photo_words(library.names[i % 4 if i % 3 else 0]), range(600)))
    finally:
        sys.setswitchinterval(interval)
    assert len(library._cache) == 1
    assert library._held == sum(entry.words.nbytes for entry in library._cache.values())


def test_folders_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad/x.jpg").write_bytes(b"")
    (tmp_path / "file").write_text("")
    for folder, message in (
        ("gone", "gone' does not exist or is not a folder"),
        ("file", "file' does not exist or is not a folder"),
        ("empty", "empty' holds no picture that can be read; give"),
        ("bad", "bad' holds no picture that can be read; 1 could not be read"),
    ):
        with pytest.raises(InputError, match=message):
            load_library(own(tmp_path / folder))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"kinds": {"photo": 1.0}, "starter": False}, "'photo' has a weight, but there are no photographs"),
        ({"kinds": {"velvet": 1.0}}, "kinds: 'velvet' is unknown;.* the choices are plain, gradient"),
        ({"scale": (0.0, 10.0)}, r"scale: 0 lies outside \[0.5, 100000\]"),
        ({"contrast": (0.2, 1.5)}, r"contrast: 1.5 lies outside \[0, 1\]"),
    ],
)
def test_configurations_that_cannot_be_used(values: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        load_library(BackgroundConfig(**values))  # type: ignore[arg-type]
