"""The examples run, resume exactly and learn, on the smallest of networks and pictures."""

import json
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from synthtext import Generator, InputError

torch = pytest.importorskip("torch", reason="the extra torch is not installed")

sys.path.insert(0, str(Path(__file__).parents[1] / "examples"))

import train_detector  # noqa: E402
import train_recognizer  # noqa: E402

from training import splits  # noqa: E402

DIGITS = (
    *("--config", "clean", "--set", "text.charset='@digits'", "--set", "text.sources={number: 1}"),
    *("--set", "text.length=[1, 2]", "--set", "fonts.styles={sans: 1}"),
    *("--width", "0.5", "--batch-size", "32", "--val", "64", "--lr", "4e-3", "--threads", "1"),
)
SCENES = (
    *("--size", "96", "--width", "0.5", "--batch-size", "4", "--val", "4", "--lr", "4e-3", "--threads", "1"),
    *("--set", "scene.words=[1, 3]", "--set", "scene.text_height=[0.2, 0.4]", "--set", "scene.settings={wall: 1}"),
    *("--set", "scene.groups={word: 1}", "--set", "degrade={}"),
)
EXAMPLES = {"recognizer": (train_recognizer, DIGITS), "detector": (train_detector, SCENES)}


def run(name, out, *argv):
    """Train; gives the results, the log's rows and the checkpoint."""
    module, common = EXAMPLES[name]
    results = module.main([*common, "--out", str(out), *map(str, argv)])
    rows = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    return results, rows, torch.load(out / "checkpoint.pt", weights_only=True)


def losses(rows):
    return [(row["step"], row["loss"]) for row in rows if row["kind"] == "train"]


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_resumed_run_ends_where_one_that_was_not_stopped_does(name, tmp_path):
    common = ("--log", 2, "--workers", 0)
    _, whole_rows, whole = run(name, tmp_path / "whole", "--steps", 6, "--every", 4, *common)
    with pytest.MonkeyPatch.context() as patch:  # stopped after the checkpoint at 4, before the end
        patch.setattr(EXAMPLES[name][0], "save", stop_after(EXAMPLES[name][0].save))
        with pytest.raises(KeyboardInterrupt):
            run(name, tmp_path / "parts", "--steps", 6, "--every", 4, *common)
    _, rows, parts = run(name, tmp_path / "parts", "--steps", 6, "--every", 4, "--resume", *common[:2], "--workers", 1)
    assert parts["stream"] == whole["stream"]
    assert parts["step"] == whole["step"] == 6
    assert parts["model"].keys() == whole["model"].keys()
    for key, value in whole["model"].items():
        assert torch.equal(parts["model"][key], value), key
    assert losses(rows) == losses(whole_rows)
    assert [step for step, _ in losses(rows)] == [2, 4, 6]


def stop_after(real):
    def save(*args):
        real(*args)
        raise KeyboardInterrupt

    return save


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_former_run_is_not_emptied_without_being_asked(name, tmp_path, capsys):
    small = ("--steps", 1, "--every", 1, "--log", 1, "--workers", 0)
    _, rows, _ = run(name, tmp_path, *small)
    before = (tmp_path / "log.jsonl").read_bytes(), (tmp_path / "checkpoint.pt").read_bytes()
    with pytest.raises(InputError, match=r"holds log.jsonl of a former run; go on with --resume, start again with"):
        run(name, tmp_path, *small)
    with pytest.raises(InputError, match="exclude each other"):
        run(name, tmp_path, *small, "--resume", "--overwrite")
    assert ((tmp_path / "log.jsonl").read_bytes(), (tmp_path / "checkpoint.pt").read_bytes()) == before
    assert losses(run(name, tmp_path, *small, "--overwrite")[1]) == losses(rows)
    told = capsys.readouterr().err
    assert "samples made to validate on" in told.splitlines()[0]
    assert "training from step 0 to 1" in told


def test_the_recogniser_learns(tmp_path):
    results, rows, _ = run("recognizer", tmp_path, "--steps", 220, "--every", 220, "--log", 10, "--workers", 1)
    first, last = losses(rows)[0][1], losses(rows)[-1][1]
    assert last < 0.1 * first
    assert results["val"]["accuracy"] > 0.5


def test_the_detector_learns(tmp_path):
    _, rows, _ = run("detector", tmp_path, "--steps", 180, "--every", 180, "--log", 10, "--workers", 1)
    values = [loss for _, loss in losses(rows)]
    assert values[-1] < 0.7 * values[0]
    assert [row["kind"] for row in rows].count("val") == 1


def test_validation_has_other_fonts_photographs_and_words():
    train, val = (Generator(config) for config in splits("words", ["text.sources={word: 1}", "text.cut=0"]))
    assert not set(train.split["families"]) & set(val.split["families"])
    assert not set(train.split["photographs"]) & set(val.split["photographs"])
    texts = [{generator[i].text.casefold() for i in range(60)} for generator in (train, val)]
    assert not texts[0] & texts[1]


def test_the_recogniser_is_evaluated_on_a_folder(tmp_path):
    generator = Generator("clean", 0, ["text.charset='@digits'", "text.sources={number: 1}"])
    (tmp_path / "real" / "a").mkdir(parents=True)
    rows = []
    for i in range(6):
        sample = generator[i]
        cv2.imwrite(str(tmp_path / "real" / "a" / f"{i}.png"), sample.image)
        rows.append(f"a/{i}.png\t{sample.text}\n")
    (tmp_path / "real" / "labels.tsv").write_text("".join(rows))
    results, _, _ = run("recognizer", tmp_path / "out", "--steps", 1, "--real", tmp_path / "real", "--workers", 0)
    assert results["real"].keys() == {"all", "a"}
    (tmp_path / "real" / "labels.tsv").write_text("b.png\tx\n")
    with pytest.raises(InputError, match=r"labels.tsv: line 1 names no picture"):
        run("recognizer", tmp_path / "out", "--steps", 1, "--real", tmp_path / "real", "--workers", 0)


def test_the_detector_is_evaluated_on_a_folder(tmp_path):
    (tmp_path / "real").mkdir()
    cv2.imwrite(str(tmp_path / "real" / "img_1.png"), np.full((70, 101, 3), 255, np.uint8))
    (tmp_path / "real" / "gt_img_1.txt").write_text("10,10,50,10,50,30,10,30,word\n60,10,90,10,90,30,60,30,###\n")
    results, _, _ = run("detector", tmp_path / "out", "--steps", 1, "--real", tmp_path / "real", "--workers", 0)
    assert results["real"].keys() == {"precision", "recall", "f1"}
    with pytest.raises(InputError, match=r"holds no gt_\*.txt"):
        run("detector", tmp_path / "out", "--steps", 1, "--real", tmp_path, "--workers", 0)


def test_accuracy_is_folded_as_recognisers_are_compared():
    found, texts = ["Abc", "a-b", "1", "x"], ["abc", "AB", "1", "y"]
    assert train_recognizer.accuracy(found, texts) == {"accuracy": 0.25, "folded": 0.75}


def test_detections_are_matched_as_icdar_does():
    def box(x, width=10):
        return np.array([[x, 0], [x + width, 0], [x + width, 10], [x, 10]], np.float32)

    words = np.stack([box(0), box(20), box(40)])
    ignore = np.array([False, False, True])
    # A hit, its double, one on the ignored word, and one on nothing.
    found = np.stack([box(1), box(0), box(41), box(80)])
    assert train_detector.match(found, words, ignore) == (1, 3, 2)
    assert train_detector.figures([(1, 3, 2), (1, 1, 2)]) == {"precision": 0.5, "recall": 0.5, "f1": 0.5}
    assert train_detector.match(found[:0], words[:0], ignore[:0]) == (0, 0, 0)


def test_the_detectors_loss_is_least_at_the_truth():
    from synthtext.targets import east

    quads = np.array([[[10, 20], [80, 30], [77, 51], [7, 41]]], np.float32)
    maps = east.encode(quads, None, 96, 96, folded=True)
    target = type(maps)(*(torch.from_numpy(array)[None] for array in maps))
    inside = target.score > 0.5

    def loss(shift=0.0, turned=0.0):
        distances = target.rbox[..., :4] + shift * inside[..., None]
        maps = train_detector.Maps(target.score, distances, target.rbox[..., 4] + turned)
        return [float(value) for value in train_detector.losses_of(maps, target)]

    score, geometry = loss()
    assert score < 1e-4
    assert abs(geometry) < 1e-5
    assert loss(shift=2.0)[1] > 0.05
    assert loss(shift=-2.0)[1] > 0.05
    assert loss(turned=0.3)[1] == pytest.approx(10.0 * (1.0 - np.cos(0.3)), rel=1e-3)
    for kind in ("bce", "dice"):
        worse = train_detector.Maps(1.0 - target.score, target.rbox[..., :4], target.rbox[..., 4])
        assert float(train_detector.losses_of(worse, target, kind)[0]) > 0.5
