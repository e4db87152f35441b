"""Scenes from end to end: the same bytes, labels that hold their ink, honest edges, SynthText's own backgrounds."""

import hashlib
import json
import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import goldens
import h5py
import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Polygon, box
from shapely.ops import unary_union

from synthtext import Generator, InputError, load_config
from synthtext.core.records import read_plan
from synthtext.scene.scene_config import GROUPS, SETTINGS
from synthtext.scene.scene_maker import SceneMaker
from synthtext.scene.scene_plan import ScenePlan
from synthtext.targets import east

GOLDEN = Path(__file__).parent / "golden" / "scenes.json"
SMALL = ["image.height=256", "image.width=320"]
# Nothing but the text differs from one rendering to the next: no camera, no paint that reaches beyond the ink.
PLAIN = [
    *(f"degrade.{name}.share=0" for name in msgspec.to_builtins(load_config("scenes"))["degrade"]),
    "paint.border.share=0",
    "paint.shadow.share=0",
    "paint.fill={colour: 1}",
    "paint.opacity=1",
    "scene.occluder=0",
    "scene.cut=0",
    *(f"layout.{name}.share=0.3" for name in ("stroke_contrast", "roughness", "rounding", "proportions")),
]
SCENES = Generator("scenes", 0, SMALL)
CLEAR = Generator("scenes", 0, [*SMALL, *PLAIN])


def digest(sample):
    h = hashlib.sha256(np.ascontiguousarray(sample.image).tobytes())
    labels = sample.labels
    arrays = (
        labels.char_quads,
        labels.char_word,
        labels.word_quads,
        *labels.polygons,
        labels.ignore,
        labels.legibility,
    )
    for array in (*arrays, labels.visible, labels.line, labels.paragraph):
        h.update(np.ascontiguousarray(array).tobytes())
    h.update(repr((sample.text, labels.char_text, labels.word_text)).encode())
    return h.hexdigest()


def digests(job):
    seed, indices = job
    generator = Generator("scenes", seed, SMALL)
    return [digest(generator[i]) for i in indices]


def test_same_bytes_in_any_order_process_and_thread():
    indices = [0, 1, 5, 77, 3_000_000_000]
    here = digests((0, indices))
    assert [digest(SCENES[i]) for i in reversed(indices)][::-1] == here
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.map(digests, [(0, indices[::-1])])[0][::-1] == here
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(lambda i: digest(SCENES[i]), indices)) == here
    assert len({*here, *digests((1, indices))}) == 10


@given(st.integers(0, 2**40))
@settings(max_examples=12)
def test_a_plan_renders_the_same_bytes_after_a_trip_through_json(index):
    sample = SCENES[index]
    plan = json.loads(json.dumps(sample.plan))
    assert digest(SCENES.render(plan)) == digest(sample)
    assert read_plan(plan, ScenePlan) == SCENES.draw(index)


def test_what_a_camera_adds_changes_pixels_and_no_label():
    camera = ("chromatic_aberration", "banding", "demosaic", "denoise", "sharpen")
    other = Generator("scenes", 0, [*SMALL, *(f"camera.{name}.share=1" for name in camera)])[0]
    assert list(other.plan["effects"]) == [f"camera.{name}" for name in camera]
    assert np.array_equal(other.labels.word_quads, SCENES[0].labels.word_quads)
    assert np.abs(other.image.astype(int) - SCENES[0].image).mean() > 1.0
    assert digest(SCENES.render(json.loads(json.dumps(other.plan)))) == digest(other)


def test_outlines_are_changed_block_by_block():
    changed = [block["layout"] for i in range(4) for group in CLEAR[i].plan["groups"] for block in group["blocks"]]
    for name in ("stroke_contrast", "roughness", "rounding", "proportions"):
        assert 0.1 < np.mean([layout[name] != 0.0 for layout in changed]) < 0.6, name


def test_generator_is_the_same_class_to_its_users():
    assert isinstance(SCENES._maker, SceneMaker)
    assert isinstance(SCENES, Generator)
    assert type(Generator("words")) is Generator
    with pytest.raises(IndexError):
        SCENES[-1]
    with pytest.raises(InputError, match="plan does not fit"):
        SCENES.render({**SCENES[0].plan, "colour": 1})
    assert Generator("scenes", 5, SMALL).digest == SCENES.digest
    assert Generator("scenes", 0).digest != SCENES.digest


@pytest.mark.parametrize("first", [0, 50])
def test_labels_agree_with_text_and_image(first):
    counts = []
    for i in range(first, first + 25):
        sample = SCENES[i]
        labels, (height, width) = sample.labels, sample.image.shape[:2]
        assert sample.image.shape == (256, 320, 3)
        assert sample.text.split() == list(labels.word_text)
        assert len(sample.text.split("\n")) == len(set(labels.line.tolist()))
        assert labels.line.tolist() == sorted(labels.line.tolist())
        assert labels.paragraph.tolist() == sorted(labels.paragraph.tolist())
        counts.append(len(labels.word_text))
        frame = box(0, 0, width, height).buffer(0.02)
        for word in sample.words:
            assert "".join(c.text for c in word.chars) == word.text
            assert 0.0 < word.visible <= 1.0
            assert 0.0 <= word.legibility <= 1.0
            assert word.ignore == (word.legibility < SCENES.config.legibility.minimum or word.visible < 0.5)
            polygon = Polygon(word.polygon)
            assert frame.covers(polygon.buffer(0)), (i, word.text)
            assert len(word.polygon) % 2 == 0
            # A quad sticks out of the image by no more than a slanted cut makes it.
            assert box(-width, -height, 2 * width, 2 * height).covers(Polygon(word.quad))
            assert Polygon(word.quad).buffer(0.5).covers(polygon) or len(word.polygon) > 4
        # Every encoder takes these quads; those of a word cut at a slant may stick out.
        east.encode(labels.word_quads, labels.ignore, height, width, stride=4)
    assert min(counts) >= 1
    assert np.mean(counts) > 10


def test_no_two_words_overlap():
    for i in range(40):
        polygons = [Polygon(p).buffer(0) for p in SCENES[i].labels.polygons]
        for a in range(len(polygons)):
            for b in range(a):
                shared = polygons[a].intersection(polygons[b]).area
                assert shared <= 0.05, (i, SCENES[i].labels.word_text[a], SCENES[i].labels.word_text[b])


def test_all_ink_lies_in_its_labels():
    """What the text changes of a picture lies in the words' polygons and in their chars' quads, and fills them."""
    for i in range(30):
        sample = CLEAR[i]
        plan = CLEAR.draw(i)
        groups = tuple(msgspec.structs.replace(g, panels=()) for g in plan.groups)
        with_text = CLEAR.render(msgspec.structs.replace(plan, groups=groups)).image.astype(int)
        without = CLEAR.render(msgspec.structs.replace(plan, groups=())).image.astype(int)
        changed = np.abs(with_text - without).max(2) > 3
        words, chars = np.zeros(changed.shape, np.uint8), np.zeros(changed.shape, np.uint8)
        for word in sample.words:
            own = np.zeros(changed.shape, np.uint8)
            for mask, shapes in ((words, [word.polygon]), (chars, [c.quad for c in word.chars]), (own, [word.polygon])):
                for shape in shapes:
                    fixed = np.int32(np.round((shape - 0.5) * 256))
                    cv2.fillPoly(mask, [fixed], 1, cv2.LINE_8, shift=8)
                    cv2.polylines(mask, [fixed], True, 1, 2, cv2.LINE_8, shift=8)  # a pixel touched by an edge
            contrast = np.abs(with_text - without).max(2)[own > 0]
            assert contrast.max(initial=0) > 0, (i, word.text)
        drawn = sum(len(line.split()) for g in sample.plan["groups"] for b in g["blocks"] for line in b["lines"])
        assert drawn == len(sample.words)
        assert not (changed & (words == 0)).any(), i
        assert not (changed & (chars == 0)).any(), i


CUT = Generator("scenes", 0, [*SMALL, *PLAIN, "scene.cut=1", "scene.settings={wall: 1, table: 1}"])


def test_words_cut_by_the_edge_carry_their_visible_share():
    """Against the same scene on a canvas large enough to show them whole."""
    compared = 0
    for i in range(40):
        plan = CUT.draw(i)
        sample = CUT.render(plan)
        cut = [w for w in sample.words if w.visible < 0.98]
        if not cut:
            continue
        margin = 400
        config = msgspec.structs.replace(
            CUT.config, image=msgspec.structs.replace(CUT.config.image, height=256 + 2 * margin, width=320 + 2 * margin)
        )
        moved = tuple(msgspec.structs.replace(g, panels=(), plane=_shifted(g.plane, margin)) for g in plan.groups)
        whole = Generator(config, 0).render(msgspec.structs.replace(plan, groups=moved, elements=()))
        for word in cut:
            quads = [w for w in whole.words if w.text.startswith(word.text) or word.text in w.text]
            near = [w for w in quads if Polygon(w.quad - margin).intersects(Polygon(word.polygon).buffer(-0.3))]
            if len(near) != 1 or len(near[0].polygon) > 4:
                continue
            original = near[0].quad - margin
            inside = Polygon(original).intersection(box(0, 0, 320, 256))
            # The label is what the image shows of the whole word's quad, and the share is about that of its area.
            assert Polygon(word.polygon).symmetric_difference(inside).area < 0.02 * Polygon(original).area + 2
            # Of its ink, which is as evenly spread over the quad as letters are; test_whole_samples.py has it exactly.
            assert word.visible == pytest.approx(inside.area / Polygon(original).area, abs=0.2)
            assert len(word.text) <= len(near[0].text)
            assert word.ignore == (word.visible < 0.5 or word.legibility < 0.1)
            compared += 1
    assert compared >= 8


def shape_of(contours):
    """The ink of an outline: what an odd number of its contours go round."""
    shape = Polygon()
    for contour in (contour for contour in contours if len(contour) > 2):
        shape = shape.symmetric_difference(Polygon(contour).buffer(0))
    return shape


def test_all_ink_in_the_picture_has_a_label():
    """Of words whose chars are all cut off, what shows is ignored: with and without the text, nothing else differs."""
    remnants = slivers = 0
    for i in range(60):
        plan = json.loads(json.dumps(CUT.draw(i), default=msgspec.to_builtins))
        for group in plan["groups"]:
            for block in group["blocks"]:
                block["paint"].update(border=0.0, outline_only=False, shadow=None, shade=0.0, opacity=1.0)
        stages = CUT.stages(plan)
        changed = np.abs(stages.painted - stages.background).max(2) > 0.1
        held = np.zeros((8 * 256, 8 * 320), np.uint8)  # fine: what the border leaves of a word may be a sliver
        for word in stages.sample.words:
            cv2.fillPoly(held, [np.round((8.0 * word.polygon - 0.5) * 16).astype(np.int32)], 1, shift=4)
            assert word.text
            assert "".join(char.text for char in word.chars) == word.text
            whole = next((drawn for drawn in stages.words if word.text == drawn.text), None)
            if whole is None and word.ignore and len(word.text) <= 2:
                remnants += 1
        labels = unary_union([Polygon(word.polygon).buffer(0.1) for word in stages.sample.words])
        for drawn in stages.words:
            shapes = [shape_of(contours).intersection(box(0, 0, 320, 256)) for _, contours in drawn.chars]
            if 0.1 < sum(shape.area for shape in shapes) < 5.0:
                assert all(shape.area < 0.01 or shape.distance(labels) == 0.0 for shape in shapes), (i, drawn.text)
                slivers += 1
        held = held.reshape(256, 8, 320, 8).max(axis=(1, 3))
        assert not (changed & (cv2.dilate(held, np.ones((3, 3), np.uint8)) == 0)).any(), i
        assert len(stages.sample.words) <= len(stages.words)
    assert remnants >= 3
    assert slivers >= 3


def _shifted(plane, margin):
    h = np.array(plane).reshape(3, 3)
    return tuple((np.array([[1, 0, margin], [0, 1, margin], [0, 0, 1.0]]) @ h).ravel().tolist())


def test_what_the_edge_cuts_can_be_ignored_and_the_share_set():
    overrides = [*SMALL, *PLAIN, "scene.cut=1", "scene.settings={wall: 1, table: 1}"]
    ignoring = Generator("scenes", 0, [*overrides, "scene.edge=ignore"])
    lenient = Generator("scenes", 0, [*overrides, "scene.min_visible=0", "legibility.minimum=0"])
    seen = 0
    for i in range(25):
        for a, b, c in zip(CUT[i].words, ignoring[i].words, lenient[i].words, strict=True):
            assert a.text == b.text == c.text
            if a.visible < 0.99:
                assert b.ignore
                seen += 1
            assert not c.ignore or c.visible < 0.75  # of a word whose chars are all cut off, what shows is ignored
    assert seen > 10
    none = Generator("scenes", 0, [*SMALL, *PLAIN, "scene.cut=0"])
    for i in range(10):
        assert all(w.visible > 0.999 for w in none[i].words)


def test_what_stands_in_front_hides_text():
    """A pole is drawn over words: their visible share and legibility fall, what it does not touch keeps its own."""
    free = CLEAR
    for i in range(20):
        plan = free.draw(i)
        sample = free.render(plan)
        target = next((w for w in sample.words if len(w.text) > 4 and w.legibility > 0.8 and w.visible > 0.999), None)
        if target is None:
            continue
        x = float(target.quad[:, 0].mean())
        half = 0.2 * float(np.ptp(target.quad[:, 0]))
        pole = {
            "plane": [1, 0, x, 0, 1, 0, 0, 0, 1],
            "panel": {"box": [-half, -500, half, 500], "material": {"kind": "plain", "first": [0.1, 0.1, 0.1]}},
        }
        hidden = free.render({**sample.plan, "occluders": [pole]})
        before = {tuple(w.quad.ravel().tolist()): w for w in sample.words}
        for word in hidden.words:
            was = before[tuple(word.quad.ravel().tolist())]
            if word.quad[:, 0].min() > x + half + 3 or word.quad[:, 0].max() < x - half - 3:
                assert word.visible == pytest.approx(was.visible)
            else:
                assert word.visible <= was.visible + 1e-6
        now = next((w for w in hidden.words if (w.quad == target.quad).all()), None)
        assert now is not None
        assert now.visible < 0.85
        assert now.legibility <= target.legibility
        return
    raise AssertionError("no scene had a word to hide")


def test_sizes_are_spread_and_words_are_many():
    heights, words = [], []
    for i in range(60):
        labels = SCENES[i].labels
        words.append(len(labels.word_text))
        heights += [float(min(np.hypot(*(q[3] - q[0])), np.hypot(*(q[2] - q[1])))) for q in labels.word_quads]
    assert np.percentile(heights, 10) < 9.0
    assert max(heights) > 40.0
    assert 8 <= np.median(words) <= 30
    assert max(words) >= 35


@pytest.mark.parametrize("setting", list(SETTINGS))
def test_every_setting_of_any_size(setting):
    generator = Generator("scenes", 3, [f"scene.settings={{{setting}: 1}}", "image.height=200", "image.width=450"])
    words = [len(generator[i].words) for i in range(8)]
    assert generator[0].image.shape == (200, 450, 3)
    assert np.mean(words) > 4
    grey = Generator("scenes", 3, [f"scene.settings={{{setting}: 1}}", "image.channels=grey", *SMALL])
    assert grey[1].image.shape == (256, 320)


@pytest.mark.parametrize("kind", list(GROUPS))
def test_every_kind_of_group(kind):
    generator = Generator("scenes", 1, [f"scene.groups={{{kind}: 1}}", "scene.settings={wall: 1}", *SMALL])
    found = {g["kind"] for i in range(6) for g in generator[i].plan["groups"]}
    assert kind in found
    if kind == "stack":
        sample = next(s for s in (generator[i] for i in range(6)) if s.words)
        for word in sample.words:
            ys = [c.quad[:, 1].mean() for c in word.chars]
            assert ys == sorted(ys)
    if kind == "circle":
        assert any(len(w.polygon) > 4 for i in range(6) for w in generator[i].words)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("scene.words=[9, 3]", r"words: the range \[9, 3\] is reversed"),
        ("scene.groups={signs: 1}", "'signs' is unknown; did you mean 'sign'"),
        ("scene.settings={moon: 1}", "'moon' is unknown"),
        ("scene.text_height=[0, 0.2]", "text_height: 0 lies outside"),
        ("scene.edge=cat", "scene.edge"),
        ("scene.synthtext=/nowhere", "has no bg_img"),
        ("scene.word=3", "did you mean 'scene.words'"),
    ],
)
def test_bad_configurations_are_named(override, message):
    with pytest.raises(InputError, match=message) as error:
        Generator("scenes", 0, [override])
    assert "\n" not in str(error.value)


# SynthText's own backgrounds


def write_synthtext(folder, names=("a.jpg", "b.jpg")):
    """Two pictures of a wall above a floor: the wall's depth is that of a plane that turns away, the floor's noise."""
    (folder / "bg_img").mkdir()
    rng = np.random.default_rng(0)
    height, width = 120, 160
    v, u = np.indices((height, width))
    depth = 1.0 / ((0.4 * (u - 80) / 520 + 1.0) / 4.0)
    depth[80:] = rng.uniform(1, 9, (40, width))
    labels = np.where(v < 80, 1, 2).astype(np.uint16)
    with h5py.File(folder / "depth.h5", "w") as depths, h5py.File(folder / "seg.h5", "w") as segments:
        masks = segments.create_group("mask")
        for name in names:
            picture = np.full((240, 320, 3), 150, np.uint8)
            picture[160:] = rng.integers(0, 255, (80, 320, 3))
            cv2.imwrite(str(folder / "bg_img" / name), picture)
            depths.create_dataset(name, data=np.stack([depth.T, depth.T]).astype(np.float32))
            stored = masks.create_dataset(name, data=labels)
            stored.attrs["area"], stored.attrs["label"] = [80 * width, 40 * width], [1, 2]


def test_synthtext_backgrounds_give_planes_and_regions(tmp_path):
    write_synthtext(tmp_path)
    overrides = ["scene.settings={photo: 1}", f"scene.synthtext={tmp_path}", "scene.occluder=0", *SMALL]
    generator = Generator("scenes", 0, overrides)
    assert generator._maker.depths.names == ("a.jpg", "b.jpg")
    regions = generator._maker.depths.regions("a.jpg")
    assert [plane.label for plane in regions.planes] == [1]
    total = 0
    for i in range(12):
        sample = generator[i]
        assert sample.plan["elements"][0]["panel"]["material"]["source"].startswith("bg_img/")
        assert digest(generator.render(sample.plan)) == digest(sample)
        material = sample.plan["elements"][0]["panel"]["material"]
        k = material["scale"] * min(318 / 320, 238 / 256)
        edge = (160 - material["y"] * (240 - k * 256)) / k  # where the floor begins, in the image
        for word in sample.words:
            assert word.quad[:, 1].mean() < edge + 4
            total += 1
    assert total > 40
    assert generator.digest != Generator("scenes", 0, overrides[:1] + overrides[2:]).digest


def test_bad_synthtext_folders_are_named(tmp_path):
    write_synthtext(tmp_path, ("a.jpg",))
    (tmp_path / "bg_img" / "a.jpg").rename(tmp_path / "bg_img" / "c.jpg")
    with pytest.raises(InputError, match=r"no picture of .* stands in both"):
        Generator("scenes", 0, [f"scene.synthtext={tmp_path}"])
    (tmp_path / "depth.h5").write_bytes(b"nothing")
    with pytest.raises(InputError, match="no HDF5 file"):
        Generator("scenes", 0, [f"scene.synthtext={tmp_path}"])
    (tmp_path / "depth.h5").unlink()
    with pytest.raises(InputError, match=r"has no depth\.h5"):
        Generator("scenes", 0, [f"scene.synthtext={tmp_path}"])


# Goldens


def golden_row(index):
    """What a golden scene keeps: enough to tell what changed, and where."""
    sample = SCENES[index]
    groups = sample.plan["groups"]
    fonts = [block["font"]["face"] for group in groups for block in group["blocks"]]
    return goldens.row_of(sample, (8, 10), index=index, groups=[group["kind"] for group in groups], fonts=fonts)


GOLDEN_INDICES = (0, 1, 2, 3, 4, 7)


@pytest.mark.parametrize("index", GOLDEN_INDICES)
def test_golden(index):
    """Against tests/golden/scenes.json; written anew by `python tests/test_scenes.py` after a wanted change."""
    changed = goldens.differences(goldens.read(GOLDEN, "index")[(index,)], golden_row(index))
    assert not changed, "\n".join(changed)


def write_goldens():
    goldens.write(GOLDEN, [golden_row(index) for index in GOLDEN_INDICES])


if __name__ == "__main__":
    write_goldens()
