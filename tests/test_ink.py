"""Ink masks, and the coverage in `stages`: against the exact areas of the outlines (shapely) and the picture itself."""

import io
import json
import pickle

import cv2
import msgspec
import numpy as np
import pytest
from fake_generator import FakeGenerator
from shapely import Polygon, box

from synthtext import Generator, InputError, Mix, Stream
from synthtext.config import Config
from synthtext.dataset.generate import generate
from synthtext.formats import FORMATS, SHARDED, open_dataset, read_ink
from synthtext.formats.base import Encoding, read_manifest
from synthtext.labels.ink_maps import INK_NAMES
from synthtext.labels.ink_planes import InkPlanes, add_ink, ink_parts
from synthtext.sample import Labels, Sample
from synthtext.tools.preview import draw_tile, parse_draw

CLEAN = Generator("clean", 3)
LINES = Generator("clean", 4, ["text.words={'3': 1}", "text.lines={'2': 1}", "image.height=64", "text.length=[6, 30]"])
SCENES = Generator("scenes", 5, ["image.height=192", "image.width=256"])
QUIET = io.StringIO()
# A flat colour, so that what shows of it tells how much of a pixel is ink.
FLAT = {
    "gradient": 0.0, "texture": None, "border": 0.0, "outline_only": False, "shadow": None, "shade": 0.0,
    "opacity": 1.0, "saturation": 1.0,
}  # fmt: skip


def plan_of(generator, index):
    return json.loads(json.dumps(generator.draw(index), default=msgspec.to_builtins))


def shape_of(contours):
    """The ink of an outline: what an odd number of its contours go round."""
    shape = Polygon()
    for contour in (contour for contour in contours if len(contour) > 2):
        shape = shape.symmetric_difference(Polygon(contour).buffer(0))
    return shape


def areas_of(shape, height, width):
    """Of each pixel's square, the part that a shape covers."""
    areas = np.zeros((height, width))
    shape = shape.intersection(box(0, 0, width, height))
    if shape.is_empty:
        return areas
    x0, y0, x1, y1 = shape.bounds
    for y in range(int(y0), min(int(np.ceil(y1)), height)):
        row = shape.intersection(box(x0 - 1, y, x1 + 1, y + 1))
        for x in range(int(x0), min(int(np.ceil(x1)), width)):
            areas[y, x] = row.intersection(box(x, y, x + 1, y + 1)).area
    return areas


# --- coverage between the stages


@pytest.mark.parametrize("index", range(4))
def test_coverage_of_words_and_chars_is_their_outlines_area(index):
    stages = LINES.stages(index)
    height, width = stages.photographed.shape[:2]
    for word in stages.words:
        assert word.coverage.shape == (height, width)
        assert word.coverage.dtype == np.float32
        assert len(word.char_coverage) == len(word.chars)
        areas = [areas_of(shape_of(contours), height, width) for _, contours in word.chars]
        for coverage, area in zip(word.char_coverage, areas, strict=True):
            np.testing.assert_allclose(coverage, area, atol=2e-3)
        np.testing.assert_array_equal(word.coverage, np.max(word.char_coverage, axis=0))


def test_coverage_of_a_scenes_words_is_of_the_picture_alone():
    compared = cut = 0
    for index in range(6):
        stages = SCENES.stages(index)
        for word in stages.words[:6]:
            assert word.coverage.shape == (192, 256)
            for (_, contours), coverage in zip(word.chars, word.char_coverage, strict=True):
                if sum(len(contour) for contour in contours) < 400 and np.ptp(np.concatenate(contours)) < 300:
                    np.testing.assert_allclose(coverage, areas_of(shape_of(contours), 192, 256), atol=3e-3)
                compared += 1
                cut += any(((c < 0) | (c > (256, 192))).any() for c in contours)
    assert compared > 50
    assert cut > 0


# --- whose ink it is


def expected_owners(stages, height, width):
    """Of each drawn char, laid over those before it, how much of a pixel it keeps; in order."""
    kept = []
    for word in stages.words:
        for _, contours in word.chars:
            area = areas_of(shape_of(contours), height, width)
            kept = [other * (1.0 - area) for other in kept] + [area]
    return np.array(kept)


@pytest.mark.parametrize("generator", [CLEAN, LINES])
def test_each_pixel_is_of_the_char_that_most_of_its_ink_is_of(generator):
    """Crops in Latin letters without ligatures: the drawn chars are the labelled ones, in order."""
    seen = 0
    for index in range(10):
        stages = generator.stages(index)
        sample, ink = stages.sample, stages.sample.ink
        if any(len(text) > 1 for word in stages.words for text, _ in word.chars):
            continue
        height, width = sample.image.shape[:2]
        assert (ink.coverage.shape, ink.coverage.dtype) == ((height, width), np.uint8)
        kept = expected_owners(stages, height, width)
        assert len(kept) == len(sample.labels.char_text)
        best, order = kept.argmax(0), np.sort(kept, axis=0)
        clear = (order[-1] - (order[-2] if len(order) > 1 else 0.0) > 0.02) & (order[-1] > 0.02)
        chars = ink.chars(0.0)
        assert chars.dtype == np.uint16
        np.testing.assert_array_equal(chars[clear], best[clear] + 1)
        words = np.concatenate([[0], sample.labels.char_word + 1])
        np.testing.assert_array_equal(ink.words(0.0), words[chars])
        np.testing.assert_array_equal(chars > 0, ink.coverage > 0)
        drawn = np.max([word.coverage for word in stages.words], axis=0)
        np.testing.assert_allclose(ink.coverage, 255.0 * drawn, atol=0.51)
        seen += clear.any()
    assert seen > 7


def test_ids_are_given_from_the_threshold_on():
    ink = CLEAN[7].ink
    for threshold, least in ((0.0, 1), (0.25, 64), (0.5, 128), (1.0, 255)):
        np.testing.assert_array_equal(ink.words(threshold) > 0, ink.coverage >= least)
        np.testing.assert_array_equal(ink.chars(threshold) > 0, ink.coverage >= least)
    np.testing.assert_array_equal(ink.words(), ink.words(0.5))
    for bad in (-0.1, 1.5, float("nan"), "half", True):
        with pytest.raises(InputError, match="give the part of a pixel that ink is to cover"):
            ink.words(bad)


@pytest.mark.parametrize(
    ("family", "text", "ligatures"),
    [("Vazirmatn", "سلام لا دنیا", 1), ("", "office affix", 1), ("Roboto", "plain words", 0)],
)
def test_parts_of_ligatures_and_right_to_left_words_are_their_labels_own(family, text, ligatures):
    """The ink of each char lies in its own quad, whichever way the word runs."""
    generator = Generator("clean", 1, ["image.height=48", "image.width=256"])
    plan = plan_of(generator, 0)
    plan["text"]["lines"] = [text]
    for face in generator.catalogue.faces:
        if face.family == family or (not family and not face.axes and all(map(face.covers, map(ord, text)))):
            plan["font"] = {"face": face.id, "variation": []}
            stages = generator.stages(plan)
            if sum(len(chars) > 1 for word in stages.words for chars, _ in word.chars) >= ligatures:
                break
    else:
        pytest.fail("no font has the ligature")
    sample = stages.sample
    chars, words = sample.ink.chars(0.0), sample.ink.words(0.0)
    for i, quad in enumerate(sample.labels.char_quads):
        own = (chars == i + 1).astype(np.float64)
        y, x = np.nonzero(own)
        assert len(x), (text, i)
        shape = Polygon(quad).buffer(1.1)
        assert all(shape.contains(box(a, b, a + 1, b + 1).centroid) for a, b in zip(x, y, strict=True)), (text, i)
        assert set(words[y, x].tolist()) == {int(sample.labels.char_word[i]) + 1}
    for i, word in enumerate(sample.words):
        assert word.text in text
        assert (words == i + 1).any()


def test_ids_of_scenes_are_those_of_their_labels():
    """Of each word, the ink lies in its polygon, and is as much as its outlines cover; unlabelled chars have no id."""
    found = unlabelled = 0
    for index in range(16):
        stages = SCENES.stages(index)
        sample, ink = stages.sample, SCENES[index].ink
        for array, other in zip(ink.__struct_fields__, sample.ink.__struct_fields__, strict=True):
            np.testing.assert_array_equal(getattr(ink, array), getattr(sample.ink, other))
        words, chars = ink.words(0.0), ink.chars(0.0)
        assert words.max(initial=0) <= len(sample.words)
        owners = np.concatenate([[0], sample.labels.char_word + 1])[chars]
        assert (owners[chars > 0] == words[chars > 0]).all()
        unlabelled += int(((chars == 0) & (words > 0)).sum())
        for i, word in enumerate(sample.words):
            y, x = np.nonzero(words == i + 1)
            near = np.zeros((192, 256), np.uint8)
            cv2.fillPoly(near, [np.round((word.polygon - 0.5) * 256).astype(np.int32)], 1, shift=8)
            assert cv2.dilate(near, np.ones((5, 5), np.uint8))[y, x].all(), (index, word.text)
            drawn = [w for w in stages.words if w.text == word.text]
            if len(drawn) == 1 and word.visible > 0.999:
                assert ink.coverage[y, x].sum() / 255.0 == pytest.approx(drawn[0].coverage.sum(), rel=0.05, abs=1.0)
                found += 1
        for i, quad in enumerate(sample.labels.char_quads):
            y, x = np.nonzero(chars == i + 1)
            near = np.zeros((192, 256), np.uint8)
            cv2.fillPoly(near, [np.round((quad - 0.5) * 256).astype(np.int32)], 1, shift=8)
            assert cv2.dilate(near, np.ones((5, 5), np.uint8))[y, x].all(), (index, i)
    assert found > 40
    assert unlabelled > 0, "no char is cut off: the test shows less than it says"


@pytest.mark.parametrize(("order", "expected"), [((0, 1), [1, 1, 2, 2, 2]), ((1, 0), [1, 1, 1, 1, 2])])
def test_later_ink_wins_where_words_overlap(order, expected):
    """Two squares, half over one another; of the pixel that one covers in part, by what each keeps of it."""
    squares = np.array([(1, 1), (5, 1), (5, 5), (1, 5), (3.4, 1), (7, 1), (7, 5), (3.4, 5)], np.float64)
    points = np.concatenate([squares[4 * k : 4 * k + 4] for k in order])
    coverage, share = np.zeros((2, 6, 8), np.float32)
    owner = np.zeros((6, 8), np.uint16)
    cells, starts, cuts = np.array([(0, 1), (1, 2)]), np.arange(3), np.zeros((2, 2, 2), np.float32)
    add_ink(points, np.array([4, 8]), np.array([1, 2]), cells, starts, cuts, 1, coverage, owner, share)
    squares_of = np.array([0, *(k + 1 for k in order)])  # of each owner
    np.testing.assert_array_equal(squares_of[owner[2, 1:6]], expected)
    np.testing.assert_allclose(coverage[2], [0, 1, 1, 1, 1, 1, 1, 0], atol=1e-6)
    assert not owner[0].any()


# --- what of it is seen


HIDING = [
    "effects.worn", "effects.chipped", "effects.stencil", "print.toner_loss", "print.thermal",
    "interference.strike", "interference.scratches", "interference.specks", "interference.occlusion",
]  # fmt: skip


SHADOW = {"interference.occlusion": 0.41}
THROUGH = {"interference.scratches": 0.25, "interference.specks": 0.1}


@pytest.mark.parametrize("name", HIDING)
def test_a_crops_ink_is_what_can_be_seen_of_its_colour(name):
    """The same text in another hue: how much a pixel changes is how much of it is visible ink."""
    generator = Generator("clean", 6, [f"{name}.share=1.0"])
    hidden = 0
    for index in range(6):
        plan = plan_of(generator, index)
        if name == "interference.strike":
            plan["effects"][name].update(own_colour=False, lightness=50.0)
        plan["background"].update(kind="plain", first=(0.09,) * 3, second=(0.09,) * 3)
        plan["paint"].update(FLAT, contrast=40.0, darker=False)
        pictures = []
        for hue in (0.3, 3.4):
            plan["paint"]["hue"] = hue
            pictures.append(generator.stages(plan))
        change = np.abs(pictures[0].painted - pictures[1].painted).astype(np.float64).sum(2)
        ink, drawn = pictures[0].sample.ink, np.max([word.coverage for word in pictures[0].words], axis=0)
        bare = {key: value for key, value in plan.items() if key != "effects"}
        clean = [generator.stages(bare | {"paint": plan["paint"] | {"hue": hue}}).painted for hue in (0.3, 3.4)]
        whole = np.abs(clean[0] - clean[1]).sum(2).max()  # of a pixel that is all ink
        shows = 255.0 * change / whole - ink.coverage
        # Beside an object lies its shadow, in which colours are fainter; scratches and specks let a little through,
        # which is not told as ink.
        assert (shows > -2.0 - SHADOW.get(name, 0.0) * ink.coverage).all()
        assert (shows < 2.0 + THROUGH.get(name, 0.0) * 255.0 * drawn).all()
        assert (ink.coverage <= 255.0 * drawn + 0.51).all()
        assert not ink.chars(0.0)[ink.coverage == 0].any()
        hidden += int((255.0 * drawn - ink.coverage > 60).sum())
    assert hidden > 10, name


def test_a_scenes_ink_is_not_behind_what_stands_before_it():
    generator = Generator("scenes", 8, ["image.height=192", "image.width=256", "scene.occluder=1.0"])
    hidden = 0
    for index in range(8):
        plan = plan_of(generator, index)
        for group in plan["groups"]:
            for block in group["blocks"]:
                block["paint"].update(FLAT, contrast=40.0)
        pictures = []
        for hue in (0.3, 3.4):
            for group in plan["groups"]:
                for block in group["blocks"]:
                    block["paint"]["hue"] = hue
            pictures.append(generator.stages(plan))
        change = np.abs(pictures[0].painted - pictures[1].painted).sum(2)
        ink = pictures[0].sample.ink
        drawn = np.max([np.zeros((192, 256), np.float32), *(word.coverage for word in pictures[0].words)], axis=0)
        assert (change[ink.coverage == 0] < 0.02).all(), index
        assert (change[ink.coverage > 200] > 0.0).all(), index
        hidden += int((255.0 * drawn - ink.coverage > 100).sum())
    assert hidden > 50


def test_a_panel_that_is_painted_later_hides_ink():
    """An edited plan: a group, and the same again some pixels further: its panel stands before the first's text."""
    plan, number = next(
        (plan, k)
        for plan in (plan_of(SCENES, i) for i in range(40))
        for k, group in enumerate(plan["groups"])
        if group["kind"] == "sign"
    )
    plan["occluders"] = []
    plan["groups"] = [plan["groups"][number]]
    alone = SCENES.render(plan)
    before = alone.ink
    plan["groups"].append(json.loads(json.dumps(plan["groups"][0])))
    both = SCENES.render(plan)
    # The second's panel lies exactly over the first's text: all the ink there is of the second's words.
    np.testing.assert_array_equal(both.ink.coverage, before.coverage)
    first = len(alone.words)
    assert set(np.unique(both.ink.words(0.0))) - {0} <= set(range(first + 1, 2 * first + 1))


# --- where it comes from


def test_ink_is_the_same_of_index_plan_and_pickled_generator():
    for generator, index in ((Generator("words", 2), 11), (SCENES, 3)):
        sample = generator[index]
        again = generator.render(sample.plan), pickle.loads(pickle.dumps(generator))[index]
        for other in again:
            np.testing.assert_array_equal(sample.ink.coverage, other.ink.coverage)
            np.testing.assert_array_equal(sample.ink.chars(), other.ink.chars())
            np.testing.assert_array_equal(sample.ink.words(), other.ink.words())
    assert generator[0].ink is not generator[0].ink


def test_all_presets_have_ink_of_their_labels():
    for preset in ("words", "lines", "scenes"):
        generator = Generator(preset, 9)
        for index in range(40 if preset != "scenes" else 4):
            sample = generator[index]
            ink = sample.ink
            assert ink.coverage.shape == sample.image.shape[:2]
            chars, words = ink.chars(0.0), ink.words(0.0)
            owners = np.concatenate([[0], sample.labels.char_word + 1])[chars]
            np.testing.assert_array_equal(owners[chars > 0], words[chars > 0])


def test_a_sample_without_outlines_says_so():
    no = np.zeros(0)
    labels = Labels((), no.reshape(0, 4, 2), no, (), no.reshape(0, 4, 2), (), no, no, no, no)
    with pytest.raises(InputError, match="does not know its outlines"):
        _ = Sample(np.zeros((2, 2), np.uint8), "", labels, 0, 0, dict).ink


def test_more_chars_than_ids_are_refused():
    layout = msgspec.structs.replace(_layout(), words=np.array([(0, 2)]))
    planes = InkPlanes(4, 4)
    planes._parts = 65535
    with pytest.raises(InputError, match="more than 65,535 chars"):
        planes.add(None, layout.cells, ink_parts(layout), np.arange(2), np.arange(1))


def _layout():
    from synthtext.typeset.layout import Layout
    from synthtext.typeset.shaping import RIGHTWARDS

    return Layout(
        np.zeros(2, np.int64), np.zeros((2, 1)), 2, np.array([(0, 1), (1, 2)]), np.array([(0, 2)]),
        [("a",), ("b",)], ["ab"], [0], [RIGHTWARDS], 1.0, 1.0, False,
    )  # fmt: skip


# --- streams


@pytest.mark.parametrize("fit", ["stretch", "natural", "pad"])
@pytest.mark.parametrize("workers", [0, 1])
def test_streams_hold_the_ink_of_their_samples(fit, workers):
    source = Generator("clean", 2, [f"image.fit={fit}"])
    fields = {"image": {}, "ink": {}, "text": {}}
    with Stream(source, batch_size=6, fields=fields, workers=workers, method="spawn", count=12) as stream:
        for number, batch in enumerate(stream):
            assert batch["ink"].dtype == np.uint8
            assert batch["ink_words"].dtype == batch["ink_chars"].dtype == np.uint16
            for name in ("ink", "ink_words", "ink_chars"):
                assert batch[name].shape == batch["image"].shape[:3]
            for row in range(6):
                sample = source[6 * number + row]
                height, width = sample.image.shape[:2]
                for name, array in (
                    ("ink", sample.ink.coverage), ("ink_words", sample.ink.words()), ("ink_chars", sample.ink.chars())
                ):  # fmt: skip
                    np.testing.assert_array_equal(batch[name][row, :height, :width], array)
                    assert not batch[name][row, height:].any()
                    assert not batch[name][row, :, width:].any()


def test_a_stream_has_the_maps_that_are_asked_for():
    source = Mix([(Generator("clean", 2), 1.0), (Generator("clean", 2, ["image.channels=grey"]), 1.0)])
    fields = {"ink": {"maps": ["chars", "coverage"], "threshold": 0.25}}
    with Stream(source, batch_size=4, fields=fields, workers=0, count=8) as stream:
        batch = next(stream)
        assert set(batch) == {"ink_chars", "ink"}
        for row in range(4):
            np.testing.assert_array_equal(batch["ink_chars"][row], source[row].ink.chars(0.25))
            np.testing.assert_array_equal(batch["ink"][row], source[row].ink.coverage)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"maps": "words"}, "fields: ink.maps is 'words'; give some of coverage, words, chars"),
        ({"maps": []}, "fields: ink.maps is"),
        ({"maps": ["letters"]}, "fields: ink.maps is"),
        ({"maps": ["words", "words"]}, "fields: ink.maps is"),
        ({"maps": [["words"]]}, "fields: ink.maps is"),
        ({"threshold": 2.0}, "fields: ink.threshold: is 2.0; give the part of a pixel"),
        ({"most": 3}, "fields: ink has no option 'most'; it has maps, threshold"),
    ],
)
def test_bad_options_of_the_field_are_told(options, message):
    with pytest.raises(InputError) as error:
        Stream("clean", fields={"ink": options}, workers=0)
    assert message in str(error.value)


# --- data sets


def write(folder, count=12, **options):
    if options.get("format") in SHARDED:
        options.setdefault("shard_size", 5)
    options = {"workers": 1, "encoding": Encoding("png", ink=True), "make_generator": FakeGenerator} | options
    return generate(Config(), folder, count, seed=3, stream=QUIET, **options)


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_keeps_ink_and_gives_it_back(tmp_path, format):
    fake = FakeGenerator(Config(), 3)
    write(tmp_path, format=format)
    assert read_manifest(tmp_path).ink == 0.5
    reader = open_dataset(tmp_path)
    entries = list(reader.entries())
    assert len(entries) == 12
    for entry, sample in zip(entries, map(fake.__getitem__, range(12)), strict=True):
        image = cv2.imdecode(np.frombuffer(reader.image(entry.ref), np.uint8), cv2.IMREAD_COLOR)
        np.testing.assert_array_equal(image[:, :, ::-1], sample.image)
        ink = read_ink(reader, entry)
        assert (ink.coverage.dtype, ink.words.dtype, ink.chars.dtype) == (np.uint8, np.uint16, np.uint16)
        np.testing.assert_array_equal(ink.coverage, sample.ink.coverage)
        np.testing.assert_array_equal(ink.words, sample.ink.words())
        np.testing.assert_array_equal(ink.chars, sample.ink.chars())
        assert (entry.text, entry.problem) == (sample.text, "")
    reader.close()


@pytest.mark.parametrize("format", FORMATS)
def test_without_it_a_data_set_says_and_holds_nothing_of_ink(tmp_path, format):
    write(tmp_path, format=format, encoding=Encoding("png"))
    assert "ink" not in json.loads((tmp_path / "dataset.json").read_text())
    reader = open_dataset(tmp_path)
    entry = next(reader.entries())
    with pytest.raises(InputError, match="has no ink masks"):
        read_ink(reader, entry)
    assert not any(path.name.startswith("ink") for path in tmp_path.iterdir())
    reader.close()


def test_a_folders_masks_have_their_pictures_names(tmp_path):
    write(tmp_path, start=998)
    for folder in INK_NAMES.values():
        names = {path.relative_to(tmp_path / folder).as_posix() for path in (tmp_path / folder).rglob("*.png")}
        assert names == {path.relative_to(tmp_path / "images").as_posix() for path in tmp_path.rglob("images/*/*.png")}
    assert (tmp_path / "ink_words/001/000001000.png").exists()


def test_ids_on_disk_are_those_of_the_threshold(tmp_path):
    fake = FakeGenerator(Config(), 3)
    write(tmp_path, encoding=Encoding("png", ink=True, ink_threshold=0.0))
    reader = open_dataset(tmp_path)
    for entry, sample in zip(reader.entries(), map(fake.__getitem__, range(12)), strict=True):
        np.testing.assert_array_equal(read_ink(reader, entry).words, sample.ink.words(0.0))
    reader.close()


@pytest.mark.parametrize("format", ["folder", "webdataset"])
def test_a_data_set_goes_on_only_with_the_ink_it_began_with(tmp_path, format):
    write(tmp_path, format=format)
    for encoding in (Encoding("png"), Encoding("png", ink=True, ink_threshold=0.2)):
        with pytest.raises(InputError, match="with ink"):
            write(tmp_path, 20, format=format, resume=True, encoding=encoding)
    write(tmp_path, 20, format=format, resume=True)
    write(tmp_path / "whole", 20, format=format)
    files = [p for p in (tmp_path / "whole").rglob("*") if p.is_file() and p.name != "report.json"]
    assert len(files) > 4
    for path in files:
        assert path.read_bytes() == (tmp_path / path.relative_to(tmp_path / "whole")).read_bytes(), path


def test_overwriting_takes_the_masks_away_and_nothing_else(tmp_path):
    write(tmp_path)
    (tmp_path / "ink" / "000" / "mine.png").write_bytes(b"")
    with pytest.raises(InputError, match=r"ink/000/mine\.png"):
        write(tmp_path, overwrite=True)
    (tmp_path / "ink" / "000" / "mine.png").unlink()
    write(tmp_path, overwrite=True, encoding=Encoding("png"))
    assert not (tmp_path / "ink").exists()


@pytest.mark.parametrize(
    ("encoding", "message"),
    [
        (Encoding(ink=True, ink_threshold=1.5), "--ink-threshold: threshold: is 1.5"),
        (Encoding(ink_threshold=0.25), "--ink-threshold 0.25: is of ink masks; add --ink"),
    ],
)
def test_bad_thresholds_are_told(tmp_path, encoding, message):
    with pytest.raises(InputError) as error:
        write(tmp_path / "d", encoding=encoding)
    assert message in str(error.value)
    assert not (tmp_path / "d").exists()


def test_masks_are_told_apart_from_pictures_without_the_manifest(tmp_path):
    """A copy without dataset.json: the lists of labels still find their own pictures."""
    for format in ("folder", "icdar", "yolo-obb"):
        write(tmp_path / format, format=format)
        (tmp_path / format / "dataset.json").unlink()
        reader = open_dataset(tmp_path / format)
        entries = list(reader.entries())
        assert len(entries) == 12
        assert not any(entry.problem for entry in entries)
        reader.close()


def test_webdataset_and_datasets_read_the_masks(tmp_path):
    """The libraries that users read them with."""
    wds = pytest.importorskip("webdataset")
    write(tmp_path / "w", format="webdataset", shard_size=12)
    rows = list(wds.WebDataset(str(tmp_path / "w/shard-000000.tar"), shardshuffle=False))
    assert len(rows) == 12
    for row in rows:
        assert {"png", "txt", "json", "ink.png", "ink_words.png", "ink_chars.png"} <= set(row)


# --- drawn


def test_preview_draws_the_ink_of_each_char_in_a_colour():
    assert parse_draw("ink,words") == ("ink", "words")
    sample = CLEAN[5]
    tile = draw_tile(sample, 1.0, ("ink",))[6:-6, 6:-6].astype(int)
    plain = draw_tile(sample, 1.0, ())[6:-6, 6:-6].astype(int)
    chars, coverage = sample.ink.chars(), sample.ink.coverage
    colours = set()
    for i in range(len(sample.labels.char_text)):
        pixels = tile[(chars == i + 1) & (coverage == 255)]
        assert (pixels == pixels[:1]).all()
        colours |= {tuple(pixel) for pixel in pixels.tolist()}
    assert len(colours) == len(sample.labels.char_text) > 3
    empty = coverage == 0
    np.testing.assert_allclose(tile[empty], 255 - 0.45 * (255 - plain[empty]), atol=1)
