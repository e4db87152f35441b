"""Encoders by name: of a sample's labels, into given maps, and `synthtext targets`."""

import functools
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest
from target_scenes import box

from synthtext import Generator, cli, targets
from synthtext.core.errors import InputError
from synthtext.targets import TAKES, craft, draw, east
from synthtext.targets.alphabet import Alphabet


@pytest.fixture(scope="module")
def sample():
    return Generator("lines", seed=0)[1]


def options_of(name):
    return {"alphabet": Alphabet.of("@latin")} if name == "chars" else {}


@pytest.mark.parametrize("name", TAKES)
@pytest.mark.parametrize("stride", [None, 3])
def test_every_encoder_takes_a_samples_labels_and_writes_into_given_maps(sample, name, stride):
    height, width = sample.image.shape[:2]
    t = targets.encode(name, sample.labels, height, width, stride, **options_of(name))
    assert t.instance.max() > 0
    assert t.mask.dtype == np.uint8
    assert t.instance.dtype == np.int32
    blank = targets.empty(name, height, width, stride, **options_of(name))
    assert [a.shape for a in blank] == [a.shape for a in t]
    assert [a.dtype for a in blank] == [a.dtype for a in t]
    assert blank.mask.all()
    assert not blank.instance.any()
    out = type(t)(*(np.full_like(a, 77) for a in t))  # whatever they held: a slice of a ring's slot
    again = targets.encode(name, sample.labels, height, width, stride, out=out, **options_of(name))
    assert again is out
    for a, b in zip(again, t, strict=True):
        assert np.array_equal(a, b)


@pytest.mark.parametrize("name", TAKES)
def test_no_text_gives_blank_maps_and_bad_out_is_named(name):
    none = {"char_quads": [], "char_text": (), "char_word": []} if name == "chars" else {}
    none |= {"char_quads": [], "char_word": []} if name == "craft" else {}
    key = {"east": "quads", "craft": "word_polygons", "chars": "word_polygons"}.get(name, "polygons")
    arguments = {**none, key: [], "ignore": [], "height": 33, "width": 61, **options_of(name)}
    module = targets.encoder(name)
    t = module.encode(**arguments)
    for a, b in zip(t, module.empty(33, 61), strict=True):
        assert np.array_equal(a, b)
    if hasattr(module, "decode"):
        assert all(len(texts) == 0 for _, texts in draw.decoded(name, t, 4))
    first = t._fields[0]
    for bad in (
        t._replace(**{first: t[0].astype(np.float64)}),
        t._replace(**{first: t[0][:-1]}),
        t._replace(**{first: np.asfortranarray(np.zeros((*t[0].shape, 2), t[0].dtype))[..., 0]}),
        t._replace(**{first: None}),
    ):
        with pytest.raises(InputError, match=rf"out\.{first}: is "):
            module.encode(**arguments, out=bad)
    with pytest.raises(InputError, match="out: is no tuple"):
        module.encode(**arguments, out=t[:-1])
    frozen = t[0].copy()
    frozen.flags.writeable = False
    with pytest.raises(InputError, match="writeable"):
        module.encode(**arguments, out=t._replace(**{first: frozen}))


@pytest.mark.parametrize("name", [n for n in TAKES if TAKES[n] == "polygons"])
@pytest.mark.parametrize(
    ("polygons", "message"),
    [
        ([box(2, 2, 20, 12), box(2, 2, np.nan, 9)], "polygon 1: has a coordinate"),
        ([box(2, 2, 20, 12), box(2, 2, 9, 9)[::-1]], "polygon 1: runs counter-clockwise"),
        ([[[0, 0], [9, 9], [9, 0], [0, 9]]], "polygon 0: crosses itself"),
        ([box(2, 2, 20, 12), [[1, 2], [3, 4]]], "polygon 1: has the shape"),
        ([[["a", "b"]] * 4], "polygon 0: is no array of numbers"),
        (np.zeros((3, 4, 3)), "polygon 0: has the shape"),
        (7, "polygons: are int"),
    ],
)
def test_bad_polygons_are_named(name, polygons, message):
    with pytest.raises(InputError, match=message):
        targets.encoder(name).encode(polygons, None, 32, 32)


@pytest.mark.parametrize("name", TAKES)
def test_ten_thousand_texts_and_threads(name):
    corner = 10.0 * np.stack(np.meshgrid(np.arange(100), np.arange(100)), 2).reshape(-1, 1, 2)
    quads = corner + np.array(box(1, 1, 9, 8))
    args = [quads, None, 1000, 1000]
    if TAKES[name] == "chars":
        chars = [quads, ["a"] * 10_000, np.arange(10_000)]
        args = [*(chars if name == "chars" else chars[::2]), *args]
    args += [Alphabet("a"), 2] if name == "chars" else [2]
    encode = targets.encoder(name).encode
    if name == "craft":  # its Gaussians would cover what lies between the words
        encode = functools.partial(encode, enlarge=1.0)
    t = encode(*args)
    assert np.array_equal(np.unique(t.instance), np.arange(10_001))
    assert t.mask.all()
    with ThreadPoolExecutor(4) as pool:  # kernels release the GIL and share nothing
        for again in pool.map(lambda _: encode(*args), range(4)):
            assert all(np.array_equal(a, b) for a, b in zip(t, again, strict=True))


def test_the_example_makes_its_picture(tmp_path):
    example = Path(__file__).parent.parent / "examples" / "targets.py"
    done = subprocess.run([sys.executable, example, tmp_path / "t.jpg"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert cv2.imread(str(tmp_path / "t.jpg")).shape[1] == 1300


def test_bad_names_and_options_are_named(sample):
    with pytest.raises(InputError, match="'eats': is unknown; the targets are chars, craft, dbnet, east"):
        targets.encoder("eats")
    with pytest.raises(InputError, match=r"'east'.*'ratio'"):
        targets.encode("east", sample.labels, 32, 32, ratio=2)


def test_importing_the_package_loads_no_encoder():
    code = "import sys, synthtext.targets; sys.exit('synthtext.targets.east' in sys.modules or 'numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.fixture
def scene(tmp_path):
    image = np.full((120, 200, 3), 90, np.uint8)
    image[30:60, 20:150] = 250
    cv2.imwrite(str(tmp_path / "a.png"), image)
    lines = ["20,30,150,30,150,60,20,60,Hello", "20,80,120,80,120,110,20,110,###"]
    (tmp_path / "gt_a.txt").write_text("\ufeff" + "\n".join(lines), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("name", TAKES)
def test_command_draws_every_target(scene, name, capsys):
    command = ["targets", str(scene / "a.png"), str(scene / "gt_a.txt"), "--target", name]
    assert cli.main([*command, "-o", str(scene / "t.png")]) == 0
    assert "1 texts and 1 ignored" in capsys.readouterr().err
    sheet = cv2.imread(str(scene / "t.png"))
    assert sheet.shape[1] == 3 * 574 + 14
    assert cli.main([*command, "--stride", "2", "-o", str(scene / "t.npz")]) == 0
    maps = np.load(scene / "t.npz")
    assert maps["instance"].shape == (60, 100)
    assert set(np.unique(maps["instance"])) == ({0, *range(1, 6)} if TAKES[name] == "chars" else {0, 1})
    assert not maps["mask"][42:54, 12:58].any()


def test_drawn_samples_lie_where_they_belong():
    image = np.full((64, 96, 3), 128, np.uint8)
    t = east.encode([box(16, 16, 80, 48)], None, 64, 96, 4)
    titles = dict(draw.panels(image, t, 4))
    score = titles["score, up to 1"]
    pale = score[0, 0].tolist()
    coloured = (score != pale).any(2)
    assert np.array_equal(coloured, np.kron(t.score, np.ones((4, 4))) > 0)
    assert len([title for title in titles if title.startswith("rbox")]) == 5
    red = titles["mask: red does not count"]
    assert (red == red[0, 0]).all()


WORDS = [("Hello", box(20, 30, 150, 60)), ("###", box(20, 80, 120, 110))]
FLAT = [[v for point in quad for v in point] for _, quad in WORDS]
LISTS = {
    "labels.txt": "\n".join(
        "0 " + " ".join(str(v / (120 if k % 2 else 200)) for k, v in enumerate(flat)) for flat in FLAT
    ),
    "Label.txt": "a.png\t" + json.dumps([{"transcription": text, "points": quad} for text, quad in WORDS]),
    "labels.json": json.dumps({"a.png": {"polygons": [quad for _, quad in WORDS]}, "b.png": {"polygons": []}}),
    "coco.json": json.dumps(
        {
            "images": [{"id": 4, "file_name": "a.png"}],
            "annotations": [
                {"image_id": 4, "segmentation": [flat], "iscrowd": int(text == "###"), "text": text}
                for (text, _), flat in zip(WORDS, FLAT, strict=True)
            ],
        }
    ),
    "textdet.json": json.dumps(
        {
            "data_list": [
                {
                    "img_path": "a.png",
                    "instances": [
                        {"polygon": flat, "ignore": text == "###", "text": text}
                        for (text, _), flat in zip(WORDS, FLAT, strict=True)
                    ],
                }
            ]
        }
    ),
    "labels.jsonl": json.dumps(
        {"image": "a.png", "words": [{"text": t, "quad": q, "polygon": q, "ignore": t == "###"} for t, q in WORDS]}
    ),
}


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("whole", [False, True])
def test_labels_of_every_layout_are_drawn(scene, name, whole, capsys):
    """By the file that holds them, and by the folder where it is the only one."""
    (scene / "gt_a.txt").unlink()
    (scene / name).write_text(LISTS[name], encoding="utf-8")
    if whole and name == "labels.txt":
        (scene / name).rename(scene / "a.txt")
    command = ["targets", str(scene / "a.png"), str(scene if whole else scene / name), "-o", str(scene / "t.npz")]
    assert cli.main([*command, "--stride", "4"]) == 0
    known = name not in ("labels.txt", "labels.json")  # these say of no text that it is to be ignored
    assert ("1 texts and 1 ignored" if known else "2 texts and 0 ignored") in capsys.readouterr().err
    maps = np.load(scene / "t.npz")
    want = east.encode([quad for _, quad in WORDS], [False, known], 120, 200, 4)
    assert np.array_equal(maps["score"], want.score)
    assert np.array_equal(maps["mask"], want.mask)


def test_labels_that_do_not_name_the_picture(scene, capsys):
    (scene / "labels.json").write_text(json.dumps({"b.png": {"polygons": [WORDS[0][1]]}}), encoding="utf-8")
    (scene / "texts.json").write_text(json.dumps({"a.png": "Hello"}), encoding="utf-8")
    for name, message in (("labels.json", "names no picture a.png"), ("texts.json", "has no polygons for a.png")):
        command = ["targets", str(scene / "a.png"), str(scene / name), "-o", str(scene / "t.npz")]
        assert cli.main(command) == 2
        assert message in capsys.readouterr().err


def test_equal_widths_stand_in_for_chars(scene):
    maps, _, _ = draw.encode_file("craft", scene / "gt_a.txt", scene / "a.png", 120, 200, 1)
    quads, owner, _ = craft.split_words([box(20, 30, 150, 60)], ["Hello"])
    want = craft.encode(quads, owner, [box(20, 30, 150, 60)], None, 120, 200, 1)
    assert np.array_equal(maps.region, want.region)


@pytest.mark.parametrize(
    ("labels", "extra", "message"),
    [
        ("1,2,3", [], "gt_a.txt:1: has 3 fields"),
        ("0,0,9,9,9,0,0,9,x", [], "gt_a.txt: quad 0: crosses itself"),
        ("0,0,5,1,9,0,9,9,5,8,0,9,####x", [], "label 0 has 6 points, and east takes quads"),
        ("", ["--target", "nonsense"], "'nonsense': is unknown"),
        ("", ["--stride", "0"], "--stride 0"),
        ("", ["--columns", "0"], "--columns 0"),
        ("", ["-o", "x.gif"], "-o x.gif"),
        ("", ["-o", "/nowhere/x.png"], "-o /nowhere/x.png: cannot be written"),
    ],
)
def test_command_names_bad_input(scene, labels, extra, message, capsys):
    (scene / "gt_a.txt").write_text(labels, encoding="utf-8")
    command = ["targets", str(scene / "a.png"), str(scene / "gt_a.txt"), "-o", str(scene / "t.png"), *extra]
    assert cli.main(command) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_command_does_not_write_over_what_it_reads(scene, capsys):
    before = (scene / "a.png").read_bytes()
    assert cli.main(["targets", str(scene / "a.png"), str(scene / "gt_a.txt"), "-o", str(scene / "." / "a.png")]) == 2
    assert "is what is read; give another name" in capsys.readouterr().err
    assert (scene / "a.png").read_bytes() == before


def test_command_names_bad_pictures_and_turns_counter_clockwise_labels(scene, capsys):
    (scene / "bad.png").write_bytes(b"no picture")
    for name in ("bad.png", "none.png"):
        command = ["targets", str(scene / name), str(scene / "gt_a.txt"), "-o", str(scene / "t.png")]
        assert cli.main(command) == 2
        assert name in capsys.readouterr().err
    (scene / "gt_a.txt").write_text("20,30,20,60,150,60,150,30,Hello", encoding="utf-8")
    maps, polygons, _ = draw.encode_file("east", scene / "gt_a.txt", scene / "a.png", 120, 200, 4)
    assert "1 texts run counter-clockwise" in capsys.readouterr().err
    assert maps.score.any()
    assert polygons[0].tolist() == box(20, 30, 150, 60)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_named_pipe_is_neither_waited_for_nor_taken_as_empty(tmp_path, capsys):
    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((20, 30, 3), np.uint8))
    (tmp_path / "gt.txt").write_text("1,1,20,1,20,10,1,10,word\n")
    os.mkfifo(tmp_path / "pipe.png")
    os.mkfifo(tmp_path / "pipe.txt")
    for picture, truth in (("pipe.png", "gt.txt"), ("a.png", "pipe.txt")):
        argv = ["targets", str(tmp_path / picture), str(tmp_path / truth), "--target", "east"]
        assert cli.main([*argv, "-o", str(tmp_path / "maps.png")]) == 2
        assert "no regular file" in capsys.readouterr().err
