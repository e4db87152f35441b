"""The formats for detectors, read back as their own ecosystems read them."""

import csv
import json
import os
import re
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from shapely.geometry import Polygon, box

from synthtext import Generator, load_config
from synthtext.dataset.generate import generate
from synthtext.formats import read_icdar, writer_of
from synthtext.formats.base import FORMAT_VERSION, Item, Manifest, write_manifest
from synthtext.formats.storage import LocalStorage

CONFIG = load_config("scenes", ["image.height=160", "image.width=200", "scene.words=[4, 12]", "scene.cut=0.5"])
FORMATS = ("icdar", "coco", "paddleocr", "mmocr", "yolo-obb")
START, COUNT = 998, 5  # over the border of a subfolder
IMAGE = box(0, 0, 200, 160)


@pytest.fixture(scope="module")
def samples():
    generator = Generator(CONFIG, 7)
    return [generator[i] for i in range(START, START + COUNT)]


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    made = {}
    for name in FORMATS:
        made[name] = tmp_path_factory.mktemp("formats") / name
        generate(CONFIG, made[name], COUNT, seed=7, start=START, format=name, workers=1)
    return made


def contents(folder):
    skipped = {"dataset.json", "report.json"}
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in skipped
    }


@pytest.mark.parametrize("name", FORMATS)
def test_a_run_that_goes_on_gives_the_same_bytes(name, folders, tmp_path):
    generate(CONFIG, tmp_path / "a", 2, seed=7, start=START, format=name, workers=1)
    generate(CONFIG, tmp_path / "a", COUNT, seed=7, start=START, format=name, workers=1, resume=True)
    assert contents(tmp_path / "a") == contents(folders[name])
    generate(CONFIG, tmp_path / "a", COUNT, seed=7, start=START, format=name, workers=1, resume=True)
    assert contents(tmp_path / "a") == contents(folders[name])
    # What a killed run left after the last commit is cut off.
    for path in (tmp_path / "a").iterdir():
        if path.suffix in (".txt", ".jsonl", ".tsv"):
            with open(path, "ab") as file:
                file.write(b"half a li")
    generate(CONFIG, tmp_path / "a", COUNT, seed=7, start=START, format=name, workers=1, resume=True)
    assert contents(tmp_path / "a") == contents(folders[name])
    generate(CONFIG, tmp_path / "a", COUNT, seed=7, start=START, format=name, workers=1, overwrite=True)
    assert contents(tmp_path / "a") == contents(folders[name])


def image_at(folder, name, sample):
    picture = cv2.imread(str(folder / name))
    assert picture.shape == sample.image.shape
    assert np.abs(picture[..., ::-1].astype(int) - sample.image).mean() < 4


def seen_part(word):
    """What the picture leaves of a word, by shapely."""
    return Polygon(word.polygon).intersection(IMAGE)


def is_whole(word):
    return all(IMAGE.covers(Polygon(points)) for points in (word.quad, word.polygon))


def fits(quad, word, slack):
    """A written quad runs clockwise in the picture; of a straight word it is the visible part, as far as four corners
    can be it."""
    shape, part = Polygon(quad), seen_part(word)
    assert shape.exterior.is_ccw  # as y goes down: clockwise
    assert shape.within(IMAGE.buffer(0.006))
    if len(word.polygon) == 4 or (part.area > 4 and len(part.minimum_rotated_rectangle.exterior.coords) == 5):
        held = part.intersection(shape.buffer(slack, join_style="mitre")).area
        assert held >= (0.98 if len(word.polygon) == 4 else 0.75) * part.area


def test_icdar(folders, samples):
    folder = folders["icdar"]
    for sample in samples:
        name = f"{sample.index // 1000:03d}/{sample.index:09d}"
        image_at(folder, f"images/{name}.jpg", sample)
        found = read_icdar(folder / f"gt/{name[:4]}gt_{name[4:]}.txt")
        assert found.texts == ["###" if w.ignore else w.text for w in sample.words]
        assert found.ignore.tolist() == [w.ignore for w in sample.words]
        for quad, word in zip(found.quads, sample.words, strict=True):
            assert quad.min() >= 0
            assert (quad.max(0) < (200, 160)).all()
            if is_whole(word):
                assert np.abs(quad + 0.5 - word.quad).max() <= 0.51
            fits(quad + 0.5, word, 0.51)


def test_coco_with_pycocotools(folders, samples, capsys):
    folder = folders["coco"]
    coco = COCO(str(folder / "annotations.json"))
    assert sorted(coco.getImgIds()) == [sample.index for sample in samples]
    results = []
    for sample in samples:
        image = coco.loadImgs(sample.index)[0]
        assert (image["height"], image["width"]) == sample.image.shape[:2]
        image_at(folder, image["file_name"], sample)
        found = coco.loadAnns(coco.getAnnIds(imgIds=sample.index))
        assert [a["text"] for a in found] == [w.text for w in sample.words]
        assert [bool(a["iscrowd"]) for a in found] == [w.ignore for w in sample.words]
        for entry, word in zip(found, sample.words, strict=True):
            assert "ignore" not in entry  # detectron2's load_coco_json refuses one that is not 0
            part = seen_part(word)
            x, y, w, h = entry["bbox"]
            assert (x, y, x + w, y + h) == pytest.approx(part.bounds, abs=0.02)
            assert entry["area"] == pytest.approx(part.area, abs=0.01 * part.length + 0.01)
            (segment,) = entry["segmentation"]
            written = Polygon(np.reshape(segment, (-1, 2)))
            assert written.bounds == pytest.approx((x, y, x + w, y + h), abs=0.006)
            assert written.area == pytest.approx(entry["area"], abs=0.006)
            assert written.symmetric_difference(part).area < 0.01 * part.length + 0.01
            if not entry["iscrowd"]:
                mask = coco.annToMask(entry)
                assert mask.sum() == pytest.approx(entry["area"], rel=0.25, abs=12)
                results.append({"image_id": sample.index, "category_id": 1, "bbox": entry["bbox"], "score": 0.9})
                results[-1]["segmentation"] = entry["segmentation"]
    # Who finds every word that is to be found has a precision of 1, whatever is ignored, and also who finds that, too.
    crowds = [
        {key: entry[key] for key in ("image_id", "category_id", "bbox", "segmentation")} | {"score": 0.95}
        for entry in coco.loadAnns(coco.getAnnIds(iscrowd=True))
    ]
    assert crowds
    for kind in ("bbox", "segm"):
        for found in (results, results + crowds):
            score = COCOeval(coco, coco.loadRes(found), kind)
            score.evaluate()
            score.accumulate()
            score.summarize()
            capsys.readouterr()
            assert score.stats[0] == pytest.approx(1.0)


def paddle_lines(path):
    """As ppocr/data/simple_dataset.py and its DetLabelEncode do it (PaddleOCR 2.7)."""
    for line in path.read_bytes().decode("utf-8").split("\n")[:-1]:
        name, label = line.strip("\n").split("\t")
        boxes, texts, ignored = [], [], []
        for entry in json.loads(label):
            boxes.append(entry["points"])
            texts.append(entry["transcription"])
            ignored.append(entry["transcription"] in ("*", "###"))
        most = max(len(b) for b in boxes)
        padded = [b + b[-1:] * (most - len(b)) for b in boxes]
        yield name, np.array(padded, np.float32), texts, np.array(ignored, bool)


def test_paddleocr(folders, samples):
    folder = folders["paddleocr"]
    for (name, boxes, texts, ignored), sample in zip(paddle_lines(folder / "Label.txt"), samples, strict=True):
        image_at(folder, name, sample)
        assert texts == ["###" if w.ignore else w.text for w in sample.words]
        assert ignored.tolist() == [w.ignore for w in sample.words]
        for points, word in zip(boxes, sample.words, strict=True):
            shape, part = Polygon(points).buffer(0), seen_part(word)
            assert shape.symmetric_difference(part).area < 0.01 * part.length + 0.01
            if is_whole(word):
                np.testing.assert_allclose(points[: len(word.polygon)], word.polygon, atol=0.006)


def test_mmocr(folders, samples):
    """As OCRDataset, LoadOCRAnnotations and TextDetDataset of MMOCR 1.0 read it."""
    folder = folders["mmocr"]
    content = json.loads((folder / "textdet.json").read_text(encoding="utf-8"))
    assert content["metainfo"]["dataset_type"] == "TextDetDataset"
    assert content["metainfo"]["category"] == [{"id": 0, "name": "text"}]
    for info, sample in zip(content["data_list"], samples, strict=True):
        image_at(folder, info["img_path"], sample)
        assert (info["height"], info["width"]) == sample.image.shape[:2]
        assert [i["ignore"] for i in info["instances"]] == [w.ignore for w in sample.words]
        for instance, word in zip(info["instances"], sample.words, strict=True):
            polygon = np.array(instance["polygon"], np.float32)
            assert polygon.size % 2 == 0
            assert polygon.size >= 8
            part = seen_part(word)
            assert Polygon(polygon.reshape(-1, 2)).symmetric_difference(part).area < 0.01 * part.length + 0.01
            if is_whole(word):
                np.testing.assert_allclose(polygon.reshape(-1, 2), word.polygon, atol=0.006)
            assert instance["bbox"] == pytest.approx(part.bounds, abs=0.02)
            assert instance["bbox_label"] == 0
            assert instance["text"] == word.text


def ultralytics_labels(folder):
    """As ultralytics.data finds and checks them: labels beside images, nine columns in [0, 1], no duplicates."""
    data = yaml.safe_load((folder / "data.yaml").read_text())
    assert data["names"] == {0: "text"}
    images = sorted(p for p in (folder / data["train"]).rglob("*") if p.suffix in (".jpg", ".png"))
    for image in images:
        before, _, after = str(image).rpartition(f"{os.sep}images{os.sep}")
        path = Path(f"{before}{os.sep}labels{os.sep}{after}").with_suffix(".txt")
        rows = [line.split() for line in path.read_text().strip().splitlines() if line]
        values = np.array(rows, np.float32).reshape(-1, 9)
        assert (values[:, 0] == 0).all()
        assert values.min(initial=0) >= 0.0
        assert values.max(initial=0) <= 1.0
        assert len(np.unique(values, axis=0)) == len(values)
        yield image, values[:, 1:].reshape(-1, 4, 2)


def test_yolo_obb(folders, samples):
    folder = folders["yolo-obb"]
    for (image, quads), sample in zip(ultralytics_labels(folder), samples, strict=True):
        image_at(folder, image.relative_to(folder), sample)
        wanted = [w for w in sample.words if not w.ignore]
        assert len(quads) == len(wanted)
        for quad, word in zip(quads, wanted, strict=True):
            fits(quad * (200, 160), word, 0.03)
            if is_whole(word):
                np.testing.assert_allclose(quad, word.quad / (200, 160), atol=1e-4)


def test_what_was_read_back_holds_ignored_and_curved_words(samples):
    """Otherwise the tests above would pass over half of what they are for."""
    words = [word for sample in samples for word in sample.words]
    assert any(word.ignore for word in words)
    assert any(not word.ignore for word in words)
    assert any(word.visible < 0.99 for word in words)
    assert any(len(word.polygon) > 4 for word in words)


@pytest.mark.parametrize("name", FORMATS)
def test_word_crops_are_written_too(name, tmp_path):
    generate("clean", tmp_path / "a", 3, format=name, workers=1)
    assert (tmp_path / "a" / "images/000/000000002.jpg").exists()
    rows = (tmp_path / "a" / "labels.jsonl").read_bytes().splitlines()
    assert all(json.loads(row)["words"][0]["visible"] > 0.95 for row in rows)


# Texts that a format may read otherwise


def word_at(row, text, ignore=False):
    quad = [[10.0, 10.0 + row], [60.0, 10.0 + row], [60.0, 20.0 + row], [10.0, 20.0 + row]]
    return {"text": text, "quad": quad, "polygon": quad, "ignore": ignore, "legibility": 1.0}


def write_words(folder, format, words):
    """A data set of one picture with these words, through the format's writer."""
    folder.mkdir(exist_ok=True)
    record = {"index": 0, "image": "images/000/000000000.jpg", "height": 1000, "width": 200, "words": words, "text": ""}
    manifest = Manifest(format, FORMAT_VERSION, "0", "digest", 0, 0, 1, "jpg", 95, False, {})
    writer = writer_of(format)(LocalStorage(folder), manifest)
    writer.write([Item(0, "", b"", json.dumps(record).encode())])
    write_manifest(folder, writer.commit())
    count = writer.unsayable()
    writer.close()
    return count


def by_first_or_last_field(path):
    """(label, ignored) as argman's EAST reads them (`csv`, the last field) and as many others do (the ninth field)."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    lines = [line.strip().split(",") for line in path.read_text(encoding="utf-8-sig").splitlines()]
    marks = ("*", "###")
    return [
        (",".join(row[8:]), row[-1] in marks, line[8] in marks or line[-1] in marks)
        for row, line in zip(rows, lines, strict=True)
    ]


def by_the_competition(path):
    """The transcriptions as the scripts of the Robust Reading Competition take them: double quotes about one go."""
    texts = []
    for line in path.read_bytes().decode().split("\n")[:-1]:
        match = re.match(r"^" + r"\s*(-?[0-9]+)\s*," * 8 + r"(.*)$", line)
        quoted = re.match(r"^\s*\"(.*)\"\s*$", match[9])
        texts.append(quoted[1].replace("\\\\", "\\").replace('\\"', '"') if quoted else match[9])
    return texts


HOSTILE = ["*", "###", "####x", "#", "**", ' "###"', "'###'", '"hi"', 'say "hi"', '"open', "a,###", "*,b", "100,000"]
HOSTILE += ["1,2,3", "1,2", '0,"x"', ",", " a", "a\u3000", "\ufeffb", "a\nb", "a\u2028b", "日本", "a\\n", "", "\u200b,"]
TEXTS = st.text(st.sampled_from("#*,\"' \\19a日\ufeff\u200d\t\n\u2028") | st.characters(codec="utf-8"), max_size=9)


@example(HOSTILE)
@given(st.lists(st.sampled_from(HOSTILE) | TEXTS, min_size=1, max_size=6))
def test_icdar_never_says_a_text_falsely(tmp_path_factory, texts):
    folder = tmp_path_factory.mktemp("icdar") / "d"
    words = [word_at(12 * row, text, ignore=row == 3) for row, text in enumerate(texts)]
    count = write_words(folder, "icdar", words)
    path = folder / "gt/000/gt_000000000.txt"
    found = read_icdar(path)
    wanted = []
    for said, ignored, word in zip(found.texts, found.ignore.tolist(), words, strict=True):
        assert said == word["text"] or ignored
        assert ignored == (said == "###")
        wanted.append((said, ignored, ignored))
    assert by_first_or_last_field(path) == wanted
    assert by_the_competition(path) == found.texts
    assert count == sum(ignored and not word["ignore"] for (_, ignored, _), word in zip(wanted, words, strict=True))
    assert len({q.tobytes() for q in found.quads}) == len(texts)


def test_icdar_says_all_that_it_can(tmp_path):
    texts = [
        "####x",
        "#",
        "**",
        'say "hi"',
        "'quoted'",
        "100,000",
        "a, b",
        ",",
        "日本",
        "a\\n",
        "12",
        "1,2",
        "#1",
        "a*",
    ]
    assert write_words(tmp_path / "d", "icdar", [word_at(12 * row, text) for row, text in enumerate(texts)]) == 0
    found = read_icdar(tmp_path / "d/gt/000/gt_000000000.txt")
    assert found.texts == texts
    assert not found.ignore.any()


@given(st.lists(st.sampled_from(HOSTILE) | TEXTS, min_size=1, max_size=6))
def test_paddleocr_says_every_text_but_the_marks(tmp_path_factory, texts):
    folder = tmp_path_factory.mktemp("paddle") / "d"
    count = write_words(folder, "paddleocr", [word_at(12 * row, text) for row, text in enumerate(texts)])
    ((_, _, said, ignored),) = paddle_lines(folder / "Label.txt")
    assert said == ["###" if text in ("*", "###") else text for text in texts]
    assert ignored.tolist() == [text in ("*", "###") for text in texts]
    assert count == ignored.sum()


@pytest.mark.parametrize("format", ["coco", "mmocr"])
def test_json_says_every_text(tmp_path, format):
    words = [word_at(12 * row, text, row % 2 == 1) for row, text in enumerate(HOSTILE)]
    assert write_words(tmp_path / "d", format, words) == 0
    if format == "coco":
        found = [json.loads(line) for line in (tmp_path / "d/coco_annotations.jsonl").read_bytes().splitlines()]
        ignored = [bool(entry["iscrowd"]) for entry in found]
    else:
        content = (tmp_path / "d/textdet.json").read_bytes() + b"]}"  # closed when all samples are there
        found = json.loads(content)["data_list"][0]["instances"]
        ignored = [entry["ignore"] for entry in found]
    assert [entry["text"] for entry in found] == HOSTILE
    assert ignored == [word["ignore"] for word in words]


@pytest.mark.parametrize("format", FORMATS)
def test_a_word_outside_of_the_picture_is_left_out(tmp_path, format):
    inside, outside = word_at(0, "in"), word_at(2000, "out")
    write_words(tmp_path / "d", format, [outside, inside])
    name = {
        "icdar": "gt/000/gt_000000000.txt",
        "coco": "coco_annotations.jsonl",
        "paddleocr": "Label.txt",
        "mmocr": "textdet.json",
        "yolo-obb": "labels/000/000000000.txt",
    }[format]
    content = (tmp_path / "d" / name).read_text(encoding="utf-8")
    assert "out" not in content
    assert len(content.splitlines()) == (2 if format == "mmocr" else 1)
    kept = json.loads((tmp_path / "d/labels.jsonl").read_text(encoding="utf-8"))["words"]
    assert [word["text"] for word in kept] == ["out", "in"]


def shapes_written(folder, format):
    """The polygons of a data set of one picture of 200 x 1000, in pixels: the quads of icdar and yolo-obb."""
    if format == "icdar":
        return [quad + 0.5 for quad in read_icdar(folder / "gt/000/gt_000000000.txt").quads]
    if format == "yolo-obb":
        rows = np.loadtxt(folder / "labels/000/000000000.txt", ndmin=2)
        return [row[1:].reshape(4, 2) * (200, 1000) for row in rows]
    if format == "paddleocr":
        return [np.array(e["points"]) for e in json.loads((folder / "Label.txt").read_text().split("\t", 1)[1])]
    if format == "coco":
        entries = [json.loads(line) for line in (folder / "coco_annotations.jsonl").read_bytes().splitlines()]
        for entry in entries:
            (x, y, w, h), part = entry["bbox"], Polygon(np.reshape(entry["segmentation"][0], (-1, 2)))
            assert part.bounds == pytest.approx((x, y, x + w, y + h), abs=0.006)
            assert part.area == pytest.approx(entry["area"], abs=0.006)
        return [np.reshape(entry["segmentation"][0], (-1, 2)) for entry in entries]
    (info,) = json.loads((folder / "textdet.json").read_bytes() + b"]}")["data_list"]
    for entry in info["instances"]:
        assert Polygon(np.reshape(entry["polygon"], (-1, 2))).bounds == pytest.approx(tuple(entry["bbox"]))
    return [np.reshape(entry["polygon"], (-1, 2)) for entry in info["instances"]]


@pytest.mark.parametrize("format", FORMATS)
def test_what_is_written_of_words_across_the_border_is_the_visible_part(tmp_path, format):
    """Straight and curved words about all four borders and corners, whose labels nobody has cut before."""
    rng = np.random.default_rng(11)
    words, parts = [], []
    picture = box(0, 0, 200, 1000)
    while len(words) < 80:
        x, y = rng.choice([0, 100, 200]) + rng.normal(0, 12), rng.choice([0, 500, 1000]) + rng.normal(0, 12)
        k, turn, bend = rng.choice([2, 2, 7]), rng.uniform(-np.pi, np.pi), rng.uniform(-1, 1)
        along = np.linspace(-40, 40, k)
        middle = np.stack([along, (k > 2) * bend * along**2 / 80], 1)
        band = np.concatenate([middle - np.array((0, 9)), middle[::-1] + np.array((0, 9))])
        (x0, y0), (x1, y1) = band.min(0), band.max(0)
        about = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
        rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        band, about = (np.round(points @ rotation + (x, y), 2) for points in (band, about))
        part = Polygon(band).intersection(picture)
        if part.area > 100 and part.geom_type == "Polygon" and part.area < 0.97 * Polygon(band).area:
            words.append(word_at(0, "word") | {"quad": about.tolist(), "polygon": band.tolist()})
            parts.append(part)
    write_words(tmp_path / "d", format, words)
    found = shapes_written(tmp_path / "d", format)
    assert len(found) == len(parts)
    slack = 0.75 if format == "icdar" else 0.011
    for points, part, word in zip(found, parts, words, strict=True):
        assert points.min() >= 0
        assert (points.max(0) <= (200, 1000)).all()
        shape = Polygon(points)
        assert shape.exterior.is_ccw
        overlap = shape.intersection(part).area / shape.union(part).area
        if format in ("icdar", "yolo-obb"):
            straight = len(word["polygon"]) == 4
            # Of a bow the border may leave a crescent, which no quad fits.
            assert overlap > (0.75 if straight else 0.39) - (0.1 if format == "icdar" else 0)
            if straight and len(part.exterior.coords) == 5:  # four corners are left: the quad is the part
                assert shape.symmetric_difference(part).area < slack * part.length
        else:
            assert shape.symmetric_difference(part).area < slack * part.length
            assert len(points) % 2 == 0


def test_the_summary_and_the_report_count_what_is_written_as_ignored(tmp_path):
    text = tmp_path / "texts.txt"
    text.write_text("###\nplain\n*\n", encoding="utf-8")
    overrides = [f"text.files=[{text}]", "text.sources={file: 1}"]
    result = generate("clean", tmp_path / "a", 9, format="icdar", workers=1, overrides=overrides)
    records = [json.loads(line) for line in (tmp_path / "a/labels.jsonl").read_bytes().splitlines()]
    marks = sum(word["text"] in ("*", "###") and not word["ignore"] for r in records for word in r["words"])
    assert result.unsayable == marks > 1
    assert f"{marks} words are written as ignored, since the format would read the text otherwise" in result.summary()
    assert json.loads((tmp_path / "a/report.json").read_bytes())["written_as_ignored"] == marks
    again = generate("clean", tmp_path / "a", 9, format="icdar", workers=1, overrides=overrides, resume=True)
    assert again.unsayable == marks
