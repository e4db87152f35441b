"""The formats for detectors, read back as their own ecosystems read them."""

import json
import os
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from shapely.geometry import Polygon

from synthtext import Generator, load_config
from synthtext.formats import read_icdar
from synthtext.generate import generate

CONFIG = load_config("scenes", ["image.height=160", "image.width=200", "scene.words=[4, 12]", "scene.cut=0.5"])
FORMATS = ("icdar", "coco", "paddleocr", "mmocr", "yolo-obb")
START, COUNT = 998, 5  # over the border of a subfolder


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


def test_icdar(folders, samples):
    folder = folders["icdar"]
    for sample in samples:
        name = f"{sample.index // 1000:03d}/{sample.index:09d}"
        image_at(folder, f"images/{name}.jpg", sample)
        found = read_icdar(folder / f"gt/{name[:4]}gt_{name[4:]}.txt")
        assert found.texts == ["###" if w.ignore else w.text for w in sample.words]
        assert found.ignore.tolist() == [w.ignore for w in sample.words]
        for quad, word in zip(found.quads, sample.words, strict=True):
            assert np.abs(quad + 0.5 - word.quad).max() <= 0.51


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
            x, y, w, h = entry["bbox"]
            (x0, y0), (x1, y1) = word.polygon.min(0), word.polygon.max(0)
            assert (x, y, x + w, y + h) == pytest.approx((max(x0, 0), max(y0, 0), min(x1, 200), min(y1, 160)), abs=0.02)
            assert entry["area"] == pytest.approx(Polygon(word.polygon).area, rel=0.02, abs=0.5)
            if not entry["iscrowd"]:
                mask = coco.annToMask(entry)
                assert mask.sum() == pytest.approx(entry["area"], rel=0.25, abs=12)
                results.append({"image_id": sample.index, "category_id": 1, "bbox": entry["bbox"], "score": 0.9})
    # Who finds every word that is to be found has a precision of 1, whatever is ignored.
    score = COCOeval(coco, coco.loadRes(results), "bbox")
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
        assert ignored.tolist() == [w.ignore or w.text == "*" for w in sample.words]
        for points, word in zip(boxes, sample.words, strict=True):
            wanted = word.polygon if len(word.polygon) > 4 else word.quad
            np.testing.assert_allclose(points[: len(wanted)], wanted, atol=0.006)


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
            np.testing.assert_allclose(polygon.reshape(-1, 2), word.polygon, atol=0.006)
            x0, y0, x1, y1 = instance["bbox"]
            assert 0 <= x0 <= x1 <= 200
            assert 0 <= y0 <= y1 <= 160
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
        wanted = [w.quad / (200, 160) for w in sample.words if not w.ignore]
        assert len(quads) == len(wanted)
        for quad, word in zip(quads, wanted, strict=True):
            np.testing.assert_allclose(quad, np.clip(word, 0, 1), atol=1e-4)


def test_what_was_read_back_holds_ignored_and_curved_words(samples):
    """Otherwise the tests above would pass over half of what they are for."""
    words = [word for sample in samples for word in sample.words]
    assert any(word.ignore for word in words)
    assert any(not word.ignore for word in words)
    assert any(word.visible < 0.99 for word in words)


@pytest.mark.parametrize("name", FORMATS)
def test_word_crops_are_written_too(name, tmp_path):
    generate("clean", tmp_path / "a", 3, format=name, workers=1)
    assert (tmp_path / "a" / "images/000/000000002.jpg").exists()
    rows = (tmp_path / "a" / "labels.jsonl").read_bytes().splitlines()
    assert all(json.loads(row)["words"][0]["visible"] > 0.95 for row in rows)
