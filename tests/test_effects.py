"""Effects on ink, interference, print, surfaces, camera and outlines: kernels against their twins, and the whole."""

import json
import math

import cv2
import msgspec
import naive_effects as naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtext import Generator, InputError, load_config
from synthtext.config import Config
from synthtext.core.section import fields_of
from synthtext.effects.camera.banding import flicker
from synthtext.effects.camera.chromatic_aberration import aberrate
from synthtext.effects.camera.demosaic import demosaic
from synthtext.effects.camera.denoise import denoise
from synthtext.effects.camera.sharpen import sharpen
from synthtext.effects.mark.plate import AFAR, rounded_rectangle
from synthtext.effects.print.fax import bilevel
from synthtext.effects.print.halftone import halftone
from synthtext.effects.print.thermal import fade
from synthtext.effects.registry import HOOKED, Applied
from synthtext.effects.surface.crumple import brighten
from synthtext.effects.surface.folds import fold
from synthtext.effects.surface.glare import spot
from synthtext.effects.surface.glass import veil
from synthtext.effects.surface.night import light_up
from synthtext.effects.surface.reflection import add_light
from synthtext.effects.surface.screen import screen
from synthtext.effects.surface.texture_through import emphasise, luminance_of
from synthtext.geometry.warp import W_FIT, WarpParams, make_warp, warp_points
from synthtext.paint import relief, wear
from synthtext.paint import wear_fields as fields
from synthtext.paint.plane import image_to_plane, plane_to_image
from synthtext.paint.strokes import ink_box, stain
from synthtext.raster.outline import _ROUGH_STEP, roughen_xy
from synthtext.text.source import TextRecord
from synthtext.tools import gallery
from synthtext.typeset.contours import round_corners
from synthtext.typeset.glyph_table import P_X, P_XX, P_XY, P_Y, P_YX, P_YY, PLACEMENT

SIZES = st.tuples(st.integers(2, 11), st.integers(2, 13))
ANGLES = st.floats(-3.1, 3.1)
PARTS = st.floats(0.0, 1.0)


def pictures(seed, size):
    """A picture, three fields and a colour."""
    rng = np.random.default_rng(seed)
    image, layer = rng.random((2, *size, 3), dtype=np.float32)
    return image, layer, rng.random((4, *size), dtype=np.float32), rng.random(3)


def planes(seed, em=9.0):
    """A homography from a plane in em to pixels, and back."""
    rng = np.random.default_rng(seed)
    warp = make_warp(WarpParams(float(rng.normal(0, 0.3)), 0.5, float(rng.random()), 1.5), 1.5, 1.0)
    warp[W_FIT : W_FIT + 4] = em, 1.1 * em, 6.0, 5.0
    forward = plane_to_image(warp)
    return image_to_plane(forward), forward


def changed(kernel, array, *args):
    """What a kernel makes of an array that it changes in place."""
    out = array.copy()
    kernel(out, *args)
    return out


def close(got, want):
    np.testing.assert_allclose(got, want, rtol=2e-4, atol=2e-5)


seeded = given(st.integers(0, 10_000), SIZES)
few = settings(max_examples=20)


@seeded
@few
def test_the_plane_is_the_warps_and_its_inverse(seed, size):
    plane, forward = planes(seed)
    warp = make_warp(WarpParams(0.2, 0.4, 0.3, 2.0), 3.0, 1.0)
    warp[W_FIT : W_FIT + 4] = 20.0, 24.0, 30.0, 14.0
    points = np.random.default_rng(seed).normal(0, 0.6, (5, 2))
    moved = np.empty_like(points)
    warp_points(warp, points, moved)
    np.testing.assert_allclose(np.stack(naive.apply(plane_to_image(warp), *points.T), 1), moved, rtol=1e-9)
    x, y = naive.grid(*size)
    back = naive.apply(plane, *naive.apply(forward, 0.1 * x, 0.1 * y))
    np.testing.assert_allclose(back, (0.1 * x, 0.1 * y), rtol=1e-8, atol=1e-9)


@given(st.integers(0, 10_000), SIZES, st.floats(-4, 4), st.floats(-4, 4), ANGLES)
@few
def test_extrude_is_its_twin(seed, size, dx, dy, angle):
    image, _, (coverage, *_), side = pictures(seed, size)
    coverage *= coverage > 0.6
    args = (coverage, dx, dy, side, math.cos(angle), math.sin(angle))
    close(changed(relief.extrude, image, *args), naive.extrude(image.astype(float), *args))


@given(st.integers(0, 10_000), SIZES, ANGLES, PARTS)
@few
def test_relief_and_light_are_their_twins(seed, size, angle, part):
    image, layer, (a, b, c, d), tint = pictures(seed, size)
    plane, forward = planes(seed)
    cos, sin = math.cos(angle), math.sin(angle)
    for kernel, twin, args in (
        (relief.shade_relief, naive.shade_relief, (a, cos, sin, 2.5 * part, 0.3)),
        (relief.add_glow, naive.add_glow, (a, tint, part)),
        (relief.whiten, naive.whiten, (a, b, tint)),
        (relief.threads, naive.threads, (a, plane, cos, sin, 0.2, 1.1, part)),
        (wear.reveal, naive.reveal, (layer, a)),
        (stain, naive.stain, (a, tint, part)),
        (emphasise, naive.emphasise, (a, b, c, part)),
        (fold, naive.fold, (plane, np.array([(cos, sin, 0.1, 1.0), (-sin, cos, -0.2, -1.0)]), part, 0.05)),
        (brighten, naive.brighten, (d, part)),
        (screen, naive.screen, (plane, cos / 0.31, sin / 0.31, part)),
        (light_up, naive.light_up, (3.0, 2.0, 7.0, 0.3, tint)),
        (veil, naive.veil, (a, part, 0.5)),
        (add_light, naive.add_light, (layer, part)),
        (spot, naive.spot, (4.0, 3.0, 6.0, 2.0, cos, sin, part)),
        (halftone, naive.halftone, (plane, 0.43, angle, seed % 2 == 0, 1.0 + 6.0 * part)),
    ):
        close(changed(kernel, image, *args), twin(image.astype(float), *args))
    keep = d
    close(changed(wear.wear, keep, a, b, part, 0.2, 0.6), naive.wear(keep, a, b, part, 0.2, 0.6))
    fading = (a, plane, 0.07, part, seed)
    close(changed(fade, keep, *fading), naive.fade(keep, *fading))
    out = np.empty_like(a)
    wear.spread(a, b, part, out)
    close(out, naive.spread(a, b, part))
    lit, unlit = np.empty_like(a), np.empty_like(a)
    wear.lamps(a, plane, forward, 0.37, 0.42, 1.35, lit, unlit)
    want = naive.lamps(a, plane, forward, 0.37, 0.42, 1.35)
    np.testing.assert_allclose((lit, unlit), want, rtol=1e-3, atol=1e-3)
    luminance_of(image, out)
    close(out, image @ [0.2126, 0.7152, 0.0722])


@given(st.integers(0, 10_000), SIZES, st.floats(-3, 3), st.floats(-3, 3), PARTS)
@few
def test_the_camera_is_its_twins(seed, size, dx, dy, part):
    rng = np.random.default_rng(seed)
    rows = rng.random((size[0], 3 * size[1]), dtype=np.float32)
    codes = rng.integers(0, 256, rows.shape, dtype=np.uint8)
    close(changed(aberrate, rows, dx, dy), naive.aberrate(rows, dx, dy))
    close(changed(flicker, rows, part, 3.7, dx), naive.flicker(rows, part, 3.7, dx))
    bayer = (seed & 1, seed >> 1 & 1)
    for kernel, twin, args in (
        (demosaic, naive.demosaic, (*bayer, part)),
        (denoise, naive.denoise, (5.0 + 60.0 * part,)),
        (sharpen, naive.sharpen, (3.0 * part,)),
    ):
        got, want = changed(kernel, codes, *args).astype(float), twin(codes, *args)
        assert np.abs(got - want).max() <= 0.502  # rounded to 8 bits
    np.testing.assert_array_equal(changed(bilevel, codes, 1.0 + 3.0 * part, dx), naive.bilevel(codes, 1.0 + 3.0 * part, dx))  # fmt: skip # noqa: E501


def test_aberration_leaves_green_where_the_labels_are():
    rows = np.random.default_rng(0).random((9, 33), dtype=np.float32)
    moved = changed(aberrate, rows, 1.3, -0.7)
    np.testing.assert_array_equal(moved[:, 1::3], rows[:, 1::3])
    assert not np.array_equal(moved[:, ::3], rows[:, ::3])


@seeded
@few
def test_fields_are_sampled_as_by_their_twin(seed, size):
    plane, _ = planes(seed)
    field = fields.field_levels("worn", seed % fields.FIELD_VARIANTS)[3]
    out = np.empty(size, np.float32)
    fields.plane_field(plane, field, 9.0, 7.0, 3.3, 500.1, out)
    close(out, naive.plane_field(plane, field, 9.0, 7.0, 3.3, 500.1, size))


@pytest.mark.parametrize("kind", fields.FIELDS)
def test_fields_are_spread_evenly(kind):
    for level in fields.field_levels(kind, 1):
        counts = np.bincount(level.ravel(), minlength=256)
        assert counts.max() - counts.min() <= 1


@given(st.floats(-2, 2), st.floats(-2, 2), st.floats(0, 0.05), st.integers(0, 2**40))
def test_a_rough_outline_is_its_twins(x, y, amplitude, seed):
    got = roughen_xy(x, y, amplitude, float(seed))
    np.testing.assert_allclose(got, naive.roughen(x, y, amplitude, seed, _ROUGH_STEP), atol=1e-12)
    assert math.dist(got, (x, y)) <= math.sqrt(2) * amplitude + 1e-12


def polygon(rows, ends):
    """The first contour's points, its curves walked in steps."""
    rows = rows[: ends[0]]
    at = rows[-1, 2 * int(rows[-1, 0]) - 1 : 2 * int(rows[-1, 0]) + 1]
    points = []
    for row in rows:
        d = int(row[0])
        control = np.vstack([at, row[1 : 1 + 2 * d].reshape(d, 2)])
        for t in np.linspace(0.02, 1, 50):
            p = control
            while len(p) > 1:
                p = p[:-1] + t * (p[1:] - p[:-1])
            points.append(p[0])
        at = control[-1]
    return np.array(points)


def area(points):
    x, y = points.T
    return 0.5 * (x * np.roll(y, -1) - y * np.roll(x, -1)).sum()


@given(st.floats(1, 40))
def test_rounding_a_square_cuts_its_corners(radius):
    square = np.array(
        [[1, 100, 0, 0, 0, 0, 0], [1, 100, 100, 0, 0, 0, 0], [1, 0, 100, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0, 0]]
    )
    rows, ends = round_corners(square.astype(float), np.array([4]), radius)
    assert ends.tolist() == [8]
    # A quadratic bridge between points at distance r from the corner leaves out a sixth of r squared.
    assert area(polygon(rows, ends)) == pytest.approx(1e4 - 4 * radius**2 / 6, rel=1e-3)
    points = polygon(rows, ends)
    assert points.min() >= -1e-9 and points.max() <= 100 + 1e-9  # noqa: PT018


def test_rounding_leaves_smooth_outlines_alone():
    k = 55.228  # a circle of four cubics
    circle = np.array(
        [
            [3, 100, k, k, 100, 0, 100], [3, -k, 100, -100, k, -100, 0],
            [3, -100, -k, -k, -100, 0, -100], [3, k, -100, 100, -k, 100, 0],
        ]
    )  # fmt: skip
    rows, ends = round_corners(circle, np.array([4]), 10.0)
    np.testing.assert_array_equal(rows, circle)
    assert ends.tolist() == [4]


# whole samples

PIXEL_EFFECTS = list(HOOKED)
LETTERS = ("layout.stroke_contrast", "layout.roughness", "layout.rounding", "layout.proportions")
OUTLINES = (*LETTERS, "warp.rolling_shutter")
BASE = (
    "fonts.families=[Montserrat, Lora, Overpass]",
    "paint.contrast=[60, 60]",
    "paint.background.kinds={paper: 1, brick: 1}",
    "degrade.shot_noise={share: 1, strength: [0.03, 0.03]}",
)
PLAIN = Generator(Config(), 0, BASE)
WORD = TextRecord(("Bakery",), "word")


def generator_of(path, strength):
    return Generator(Config(), 0, [*BASE, f"{path}={{share: 1, strength: [{strength}, {strength}]}}"])


def sample_of(generator, index):
    return generator.render(generator.draw(index, 0, WORD))


def default_of(path):
    section, name = path.split(".")
    return getattr(getattr(Config(), section), name)


def label_bytes(sample):
    labels = sample.labels
    return [a.tobytes() for a in (labels.char_quads, labels.word_quads, *labels.polygons)]


@pytest.mark.parametrize("path", [*PIXEL_EFFECTS, *OUTLINES])
def test_an_effect_changes_pixels_and_only_outlines_change_labels(path):
    low, high = default_of(path).strength
    differences = []
    weak, strong = generator_of(path, low), generator_of(path, high)
    for index in range(4):
        plain = sample_of(PLAIN, index)
        samples = [sample_of(weak, index), sample_of(strong, index)]
        for sample in samples:
            plan = json.loads(json.dumps(sample.plan))
            again = strong.render(plan)
            np.testing.assert_array_equal(again.image, sample.image)
            assert label_bytes(again) == label_bytes(sample)
            if path in PIXEL_EFFECTS:
                assert label_bytes(sample) == label_bytes(plain)
        differences.append([np.abs(s.image.astype(float) - plain.image).mean() for s in samples])
    weaker, stronger = np.mean(differences, axis=0)[:: -1 if path in gallery.DOWNWARD else 1]
    assert stronger > 0.2
    # What grows coarser or wider (lamps, dots, a scanner's pixels, a glow) is strong from the start.
    assert stronger > (0.8 if path in COARSE else 1.0) * weaker


COARSE = ("effects.led", "effects.neon", "print.dot_matrix", "print.fax", "layout.stroke_contrast", "effects.stitched")


@given(st.floats(0.5, 6.0), st.floats(0.5, 3.0), PARTS)
def test_a_plate_is_a_rectangle_less_its_corners(width, height, corner):
    x0, y0 = -0.4 * width, -0.7 * height
    radius = 0.5 * corner * min(width, height)
    points = rounded_rectangle(x0, y0, x0 + width, y0 + height, radius)
    assert (points >= np.array([x0, y0]) - 1e-9).all()
    assert (points <= np.array([x0 + width, y0 + height]) + 1e-9).all()
    after = np.roll(points, -1, axis=0)
    assert np.hypot(*(after - points).T).max() <= 0.5 + 1e-9
    sector = 7 * 0.5 * math.sin(0.5 * math.pi / 7) * radius**2  # a quarter of a circle, as seven triangles
    area = 0.5 * float((points[:, 0] * after[:, 1] - after[:, 0] * points[:, 1]).sum())
    assert area == pytest.approx(width * height - 4.0 * (radius**2 - sector), rel=1e-6, abs=1e-6)


def test_a_band_runs_through_the_picture_however_it_is_tilted():
    """One letter, seen from nearby and through a lens: a side afar must not fold back into the picture."""
    letter = TextRecord(("I",), "word")
    warped = (
        "warp.tilt={share: 1, strength: [32, 32]}",
        "warp.distance=1",
        "warp.lens={share: 1, strength: [0.08, 0.08]}",
    )
    still = ("paint.background.kinds={plain: 1}", "paint.background.contrast=0", "image.margin=[0.25, 0.25]")
    generator = Generator(Config(), 4, [*warped, *still, "interference.plate={share: 1, strength: [0.1, 0.1]}"])
    beyond = []
    for index in range(120):
        plan = generator.draw(index, 0, letter)
        plate = plan.effects["interference.plate"]
        if max(plate.sides) < AFAR:
            continue
        away = msgspec.structs.replace(plate, solid=1.0, rim=0.0, lightness=100.0, saturation=0.0)
        shown = []
        for sides in (away.sides, (AFAR,) * 4):
            one = msgspec.structs.replace(away, sides=sides)
            over = Applied({"interference.plate": one})
            shown.append(generator.render(msgspec.structs.replace(plan, effects=over)).image)
        plain = generator.render(msgspec.structs.replace(plan, effects={})).image
        assert (shown[1] != plain).any(axis=2).mean() < 0.01
        beyond.append((shown[0] != plain).any(axis=2).mean())
    assert len(beyond) > 30
    assert max(beyond) < 0.6
    assert np.mean(beyond) > 0.1


@given(st.integers(0, 10_000), st.integers(1, 6))
def test_the_box_of_the_ink_is_that_of_its_glyphs_corners(seed, count):
    rng = np.random.default_rng(seed)
    placement, boxes = rng.normal(size=(8, PLACEMENT)), rng.normal(size=(8, 4))
    boxes[:, 2:] = boxes[:, :2] + rng.random((8, 2)) + 0.01
    count = max(count, 2)
    boxes[count] = -50.0, -50.0, 50.0, 50.0  # not labelled
    boxes[0] = 0.0  # a blank
    corners = []
    for frame, (x0, y0, x1, y1) in zip(placement[1:count], boxes[1:count], strict=True):
        matrix = np.array([[frame[P_XX], frame[P_XY]], [frame[P_YX], frame[P_YY]]])
        corners += [matrix @ (x, y) + (frame[P_X], frame[P_Y]) for x in (x0, x1) for y in (y0, y1)]
    found = ink_box(placement, boxes, count)
    np.testing.assert_allclose(found, (*np.min(corners, axis=0), *np.max(corners, axis=0)), rtol=1e-12)


def test_ink_stands_on_its_plate_and_what_lies_beyond_is_of_one_tone():
    """With margins wider than the plate: the picture's corners are beyond it, and no ink is."""
    wide = ("image.margin=[0.6, 0.7]", "interference.plate={share: 1, strength: [0.1, 0.1]}")
    still = ("paint.background.kinds={plain: 1}", "paint.background.contrast=0", "paint.contrast=[60, 60]")
    plated = Generator(Config(), 4, [*wide, *still, "fonts.families=[Lora]"])
    checked = 0
    for index in range(40):
        plan = plated.draw(index, 0, WORD)
        plate = plan.effects["interference.plate"]
        if max(plate.sides) > 1.0:
            continue
        plate = msgspec.structs.replace(plate, lightness=100.0, saturation=0.0, solid=1.0, rim=0.0)
        over = Applied({"interference.plate": plate})
        image = plated.render(msgspec.structs.replace(plan, effects=over)).image
        bare = msgspec.structs.replace(plan, effects=Applied())
        plain = plated.render(bare).image
        beyond = (image != plain).any(axis=2)
        corners = [0, 0, -1, -1], [0, -1, 0, -1]
        assert (image[corners] == image[0, 0]).all()
        assert beyond[corners].all()
        quad = plated.render(bare).labels.word_quads[0]
        (left, top), (right, bottom) = np.ceil(quad[0]).astype(int), np.floor(quad[2]).astype(int)
        assert not beyond[top:bottom, left:right].any()
        checked += 1
    assert checked > 10


def test_what_hides_ink_lowers_legibility():
    for path, strength in (
        ("effects.worn", 0.8),
        ("effects.chipped", 0.8),
        ("print.toner_loss", 0.9),
        ("print.thermal", 1.0),
        ("interference.occlusion", 0.6),
        ("surface.night", 8.0),
    ):
        hidden = generator_of(path, strength)
        plain = [sample_of(PLAIN, i).labels.legibility[0] for i in range(6)]
        scores = [sample_of(hidden, i).labels.legibility[0] for i in range(6)]
        assert np.mean(scores) < 0.85 * np.mean(plain), path


@pytest.mark.parametrize("path", [*PIXEL_EFFECTS, *OUTLINES])
def test_a_share_of_nought_changes_nothing(path):
    """Nor what else is drawn: each effect's numbers come from a stage of its own, or after all others."""
    off = Generator(Config(), 0, [*BASE, f"{path}={{share: 0, strength: [{default_of(path).strength[1]}, {default_of(path).strength[1]}]}}"])  # fmt: skip # noqa: E501
    sample, plain = sample_of(off, 2), sample_of(PLAIN, 2)
    np.testing.assert_array_equal(sample.image, plain.image)
    assert label_bytes(sample) == label_bytes(plain)


def test_an_effect_moves_no_other_sections_draws():
    plain = PLAIN.draw(3)
    for path in PIXEL_EFFECTS:
        plan = generator_of(path, default_of(path).strength[0]).draw(3)
        same = [name for name in plan.__struct_fields__ if name not in ("effects", "paint")]
        assert [getattr(plan, name) for name in same] == [getattr(plain, name) for name in same], path


def test_an_effect_moves_no_other():
    """Each draws from a stream of its own: with all others on, each that is left is drawn as alone."""
    everything = Generator(Config(), 0, [*BASE, *(f"{path}.share=0.5" for path in PIXEL_EFFECTS)])
    alone = {path: Generator(Config(), 0, [*BASE, f"{path}.share=0.5"]) for path in PIXEL_EFFECTS}
    seen = set()
    for index in range(600):  # some are left out beside most others
        for path, params in everything.draw(index, 0, WORD).effects.items():
            if index < 12 or path not in seen:
                assert alone[path].draw(index, 0, WORD).effects == {path: params}
                seen.add(path)
    assert seen == set(PIXEL_EFFECTS)


@pytest.mark.parametrize("path", [*PIXEL_EFFECTS, *OUTLINES])
def test_a_strength_out_of_bounds_is_refused_by_name(path):
    with pytest.raises(InputError, match=path.split(".")[1]):
        load_config("words", [f"{path}={{share: 1, strength: [0, 1000]}}"])


def test_every_effect_at_once():
    overrides = [f"{path}.share=1" for path in (*PIXEL_EFFECTS, *OUTLINES)]
    generator = Generator("words", 0, overrides)
    for index in range(6):
        sample = generator[index]
        assert msgspec.json.decode(msgspec.json.encode(sample.plan)) == json.loads(json.dumps(sample.plan))
        np.testing.assert_array_equal(generator.render(sample.plan).image, sample.image)


# the gallery


def test_the_gallery_names_every_effect_there_is(tmp_path):
    page = gallery.markdown("gallery")
    found = []

    def walk(section):
        for field in fields_of(section).values():
            if field.form == "effect":
                found.append(field.path)
            elif field.form == "section":
                walk(field.kind)

    walk(Config)
    assert len(found) > 60
    for path in found:
        assert f"`{path}`" in page


def test_the_gallery_in_the_docs_is_up_to_date():
    """Draw it anew with `synthtext gallery -o docs/gallery.md`."""
    docs = gallery.Path(__file__).parent.parent / "docs"
    assert (docs / "gallery.md").read_text(encoding="utf-8") == gallery.markdown("gallery")
    pictures = [docs / "gallery" / f"{group}.jpg" for group in gallery.groups()]
    assert sum(path.stat().st_size for path in pictures) < 1_500_000
    assert sorted(path.name for path in (docs / "gallery").iterdir()) == sorted(path.name for path in pictures)


def test_a_row_of_the_gallery_grows_stronger():
    tiles = gallery.draw_row("effects.worn", Config().effects.worn)
    assert len(tiles) == gallery.STEPS
    away = [np.abs(tile.astype(float) - tiles[0]).mean() for tile in tiles]
    assert away == sorted(away)


def test_the_gallery_refuses_a_bad_name(tmp_path):
    with pytest.raises(InputError, match=r"\.md"):
        gallery.gallery(tmp_path / "gallery")
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be written"):
        gallery.gallery(tmp_path / "file" / "gallery.md")


def test_the_gallery_makes_its_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(gallery, "groups", dict)
    page = tmp_path / "new" / "deep" / "gallery.md"
    assert gallery.gallery(page) == 0
    assert page.is_file()


def test_changed_outlines_stay_in_their_labels():
    """Ink of wandering, rounded, skewed letters lies in the quads of their chars, which each hold some."""
    generator = Generator("clean", 0, [f"{path}.share=1" for path in OUTLINES])
    for index in range(25):
        sample = generator[index]
        ink, covered = sample.image.min(2) < 128, np.zeros(sample.image.shape[:2], np.uint8)
        for char in (char for word in sample.words for char in word.chars):
            mask = np.zeros_like(covered)
            cv2.fillPoly(mask, [np.int32(np.round((char.quad - 0.5) * 256))], 1, shift=8)
            covered |= cv2.dilate(mask, np.ones((3, 3), np.uint8))
            assert (sample.image.min(2) < 250)[mask > 0].any() or not mask.any(), (index, char.text)
        assert not (ink & (covered == 0)).any(), (index, sample.text)
