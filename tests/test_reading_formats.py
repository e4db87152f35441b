"""Lists of labels as other makers write them, our own formats read back, and label files that are damaged."""

import contextlib
import csv
import io
import json
import random
import re
import tarfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from fake_generator import FakeGenerator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from synthtext import load_config
from synthtext.config import Config
from synthtext.core.errors import InputError
from synthtext.dataset.generate import generate
from synthtext.formats import FORMATS, SHARDED, open_dataset, read_icdar, read_polygons
from synthtext.formats.base import Encoding

QUAD = [(10, 10), (60, 10), (60, 30), (10, 30)]
CURVE = [(10, 40), (40, 36), (70, 36), (100, 40), (100, 60), (70, 56), (40, 56), (10, 60)]


def flat(points):
    return [v for point in points for v in point]


def jpeg(seed=0, height=80, width=140):
    image = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return cv2.imencode(".jpg", image)[1].tobytes()


PICTURES = {f"{k}.jpg": jpeg(k) for k in (1, 2, 3)}


def write(root, files):
    for name, data in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data if isinstance(data, bytes) else data.encode())
    return root


def all_of(path):
    """(reader, entries), with each picture fetched that is there."""
    reader = open_dataset(path)
    entries = list(reader.entries())
    assert len(reader) == len(entries)
    for entry in entries:
        if entry.ref is not None and not entry.problem:
            assert reader.image(entry.ref)[:2] in (b"\xff\xd8", b"\x89P")
    return reader, entries


# Tables


@pytest.mark.parametrize(
    ("name", "content", "texts"),
    [
        ("gt.txt", "1.jpg,one\n2.jpg,two words\n", ["one", "two words"]),
        ("gt.txt", "1.jpg, one, more\n2.jpg, two\n", ["one, more", "two"]),
        ("gt.txt", '1.jpg, "xx, yy"\n2.jpg, "a \\"b\\""\n', ["xx, yy", 'a "b"']),
        ("gt.txt", '1.jpg, "one"\n2.jpg, two\n', ['"one"', "two"]),
        ("gt.txt", "1.jpg one, more\n2.jpg two\n", ["one, more", "two"]),
        ("gt.txt", "1.jpg\tone, more\n2.jpg\ta\tb\n", ["one, more", "a\tb"]),
        ("labels.csv", "filename,words\n1.jpg,a, b\n2.jpg,\n", ["a, b", ""]),  # as EasyOCR's trainer reads it
        ("labels.csv", 'filename,words\n1.jpg,"a, b"\n2.jpg,x""y\n', ['"a, b"', 'x""y']),
        ("labels.csv", 'filename,words\n1.jpg,"a, b"\n2.jpg,"x""y"\n', ["a, b", 'x"y']),
        ("labels.csv", 'id,text,image\n7,"a, b",1.jpg\n8,two,2.jpg\n', ["a, b", "two"]),
        ("metadata.csv", "file_name,text\n1.jpg,one\n2.jpg,two\n", ["one", "two"]),
        ("rec_gt_train.txt", "1.jpg\tone\n2.jpg\ttwo\n", ["one", "two"]),
        ("labels.tsv", "\ufeff1.jpg\tone\r\n2.jpg\ttwo\r\n", ["one", "two"]),
        ("labels.tsv", "1.jpg\tone\r2.jpg\ttwo\r", ["one", "two"]),
        ("labels.csv", '"filename","words"\n"1.jpg","one"\n"2.jpg","two, ""three"""\n', ["one", 'two, "three"']),
        ("labels.csv", ',filename,words\n0,1.jpg,one\n1,2.jpg,"x, y"\n', ["one", "x, y"]),
        ("labels.csv", 'filename;words\n1.jpg;a, b\n2.jpg;"c;d"\n', ["a, b", "c;d"]),
        ("labels.csv", "1.jpg;a, b\n2.jpg;c;d\n", ["a, b", "c;d"]),
        ("labels.csv", "filename\twords\n1.jpg\ta\n2.jpg\tb\n", ["a", "b"]),
        ("labels.csv", 'filename,words\n1.jpg,"two\nlines"\n2.jpg,x\n', ["two\nlines", "x"]),
        ("labels.csv", 'filename,words\n1.jpg,"open\n2.jpg,"x\n', ['"open', '"x']),
        ("labels.csv", 'filename,words\n1.jpg,"\n2.jpg,"\n', ['"', '"']),
        ("labels.csv", 'filename,words\n1.jpg,"hello, world"\n2.jpg,5" nail\n', ['"hello, world"', '5" nail']),
        ("labels.csv", 'filename, words\n1.jpg, one\n2.jpg, "two, x"\n', ["one", "two, x"]),
        ("labels.csv", "filename,words\n1.jpg, one\n2.jpg, two\n", [" one", " two"]),
        ("metadata.csv", "file_name,id,text\n1.jpg,1,100,000\n2.jpg,2,hello, world\n", ["100,000", "hello, world"]),
        ("metadata.csv", 'file_name,w,text\n1.jpg,10,"x, y"\n2.jpg,10,p, q\n', ["x, y", "p, q"]),
        ("metadata.csv", 'file_name,w,text\n1.jpg,1,"l1\n\nl2"\n2.jpg,1,5" nail\n', ["l1\n\nl2", '5" nail']),
        ("metadata.csv", "file_name,label,transcription\n1.jpg,latin,one\n2.jpg,latin,two\n", ["one", "two"]),
    ],
)
def test_tables(tmp_path, name, content, texts):
    write(tmp_path, PICTURES | {name: content})
    reader, entries = all_of(tmp_path)
    assert reader.unit == "picture"
    assert [(entry.text, entry.ref, entry.problem) for entry in entries] == [
        (texts[0], "1.jpg", ""),
        (texts[1], "2.jpg", ""),
    ]


def test_a_name_with_a_comma(tmp_path):
    write(tmp_path, {"a,1.jpg": PICTURES["1.jpg"], "labels.csv": 'filename,words\n"a,1.jpg",one, two\n'})
    _, (entry,) = all_of(tmp_path)
    assert (entry.ref, entry.text) == ("a,1.jpg", "one, two")


def test_more_cells_than_a_header_has_are_told(tmp_path):
    write(tmp_path, PICTURES | {"metadata.csv": "text,file_name\none,1.jpg,\nx, y,2.jpg\nz\n"})
    _, (one, two, three) = all_of(tmp_path)
    assert (one.ref, one.text, one.problem) == ("1.jpg", "one", "")
    assert (two.text, two.problem) == ("", "has 3 cells, and the header 2; put texts with a comma in quotes")
    assert (three.name, three.problem) == ("metadata.csv:4", "has 1 of the 2 cells that the header names")


@pytest.mark.parametrize("name", ["labels.csv", "labels.tsv", "metadata.jsonl"])
def test_utf_16_is_told(tmp_path, name):
    write(tmp_path, PICTURES | {name: "filename,words\n1.jpg,one\n".encode("utf-16")})
    with pytest.raises(InputError, match="is UTF-16; save it as UTF-8"):
        open_dataset(tmp_path)


@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Zl", "Zp"], exclude_characters="\r\0")),
        min_size=2,
        max_size=5,
    )
)
def test_csv_by_the_module_that_writes_it(tmp_path_factory, texts):
    folder = tmp_path_factory.mktemp("csv")
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["filename", "words"])
    for k, text in enumerate(texts):
        writer.writerow([f"{k}.jpg", text])
    write(folder, {f"{k}.jpg": b"" for k in range(len(texts))} | {"labels.csv": out.getvalue()})
    assert [entry.text for entry in open_dataset(folder).entries()] == texts


def test_names_without_a_suffix(tmp_path):
    write(
        tmp_path,
        {"img 1.png": PICTURES["1.jpg"], "img 2.png": PICTURES["2.jpg"], "gt.txt": "img 1,first\nimg 2,second\n"},
    )
    _, entries = all_of(tmp_path)
    assert [(entry.text, entry.ref) for entry in entries] == [("first", "img 1.png"), ("second", "img 2.png")]


def test_names_in_folders_without_a_suffix(tmp_path):
    write(tmp_path, {"x/1.png": PICTURES["1.jpg"], "y/1.jpg": PICTURES["2.jpg"], "gt.txt": "x/1\tone\ny/1\ttwo\n"})
    _, entries = all_of(tmp_path)
    assert [(entry.text, entry.ref) for entry in entries] == [("one", "x/1.png"), ("two", "y/1.jpg")]


def test_several_pictures_of_one_text(tmp_path):
    write(tmp_path, PICTURES | {"gt.txt": '["1.jpg", "2.jpg"]\tsame\n3.jpg\tother\n'})
    _, entries = all_of(tmp_path)
    assert [(e.name, e.text) for e in entries] == [("1.jpg", "same"), ("2.jpg", "same"), ("3.jpg", "other")]


def paddle(*words):
    return json.dumps([{"transcription": t, "points": p, "difficult": d} for t, p, d in words], ensure_ascii=False)


def test_label_lists_of_paddleocr(tmp_path):
    words = paddle(
        ("hello", QUAD, False), ("###", QUAD, True), ("*", QUAD, False), ("hard", QUAD, True), ("", CURVE, False)
    )
    broken = (
        '[{"transcription": "x", "points": [[1, 2]]}, {"label": 7}, '
        '{"transcription": "y", "points": [[1, 2], [3, 2], [3, 4], [1, 4]]}]'
    )
    write(tmp_path, PICTURES | {"Label.txt": f"1.jpg\t{words}\n2.jpg\t[]\n3.jpg\t{broken}\n"})
    reader, (one, two, three) = all_of(tmp_path)
    assert (reader.format, reader.unit) == ("paddleocr", "word")
    assert [(w.text, w.ignore) for w in one.words] == [
        ("hello", False), ("###", True), ("*", True), ("hard", True), ("", False),
    ]  # fmt: skip
    assert one.words[0].quad == QUAD
    assert one.words[4].polygon == CURVE
    assert one.words[4].quad == [(10, 40), (100, 40), (100, 60), (10, 60)]
    assert (two.words, two.problem) == ([], "")
    assert [w.text for w in three.words] == ["y"]
    assert three.problem == "word 0 has 1 points; a polygon has at least 3 (and 1 more)"


@pytest.mark.parametrize("cell", ["null", "", '[{"transcr', "text", '["1.jpg"]'])
@pytest.mark.parametrize("first", [True, False])
def test_one_cell_that_is_no_list_of_words(tmp_path, cell, first):
    lines = [f"1.jpg\t{paddle(('a', QUAD, False))}\n", f"2.jpg\t{cell}\n"]
    write(tmp_path, PICTURES | {"Label.txt": "".join(lines if first else lines[::-1])})
    reader, entries = all_of(tmp_path)
    one, two = entries if first else entries[::-1]
    assert reader.unit == "word"
    assert (one.text, [w.quad for w in one.words], one.problem) == ("a", [QUAD], "")
    assert (two.text, two.words) == ("", [])
    assert "is no list of words" in two.problem or "cannot be read" in two.problem


def test_words_of_paddleocr_in_other_types(tmp_path):
    words = json.dumps(
        [
            {"transcription": "a", "points": QUAD, "difficult": "False"},
            {"transcription": "b", "points": QUAD, "difficult": "True"},
            {"transcription": None, "points": QUAD},
            {"transcription": 12, "points": QUAD, "difficult": 0},
        ]
    )
    write(tmp_path, PICTURES | {"Label.txt": f"1.jpg\t{words}\n"})
    _, (entry,) = all_of(tmp_path)
    assert [(w.text, w.ignore) for w in entry.words] == [("a", False), ("b", True), ("", False), ("12", False)]


@pytest.mark.parametrize(
    "name", ["val.tsv", "gt_val.txt", "valid.csv", "annotations/instances_val2017.json", "dev.jsonl"]
)
def test_a_list_of_one_split_is_not_about_the_pictures_of_another(tmp_path, name):
    content = {
        ".tsv": "1.jpg\ta\n2.jpg\tb\n",
        ".txt": "1.jpg a\n2.jpg b\n",
        ".csv": "filename,words\n1.jpg,a\n2.jpg,b\n",
        ".json": '[{"file_name": "1.jpg", "text": "a"}, {"file_name": "2.jpg", "text": "b"}]',
        ".jsonl": '{"file_name": "1.jpg", "text": "a"}\n{"file_name": "2.jpg", "text": "b"}\n',
    }[Path(name).suffix]
    both = {f"train/{n}": d for n, d in PICTURES.items()} | {f"val/{n}": d for n, d in PICTURES.items()}
    write(tmp_path / "a", both | {name: content})
    assert [e.ref for e in open_dataset(tmp_path / "a" / name).entries()] == ["val/1.jpg", "val/2.jpg"]
    write(tmp_path / "d", both | {f"images/{n}": d for n, d in PICTURES.items()} | {name: content})
    assert [e.ref for e in open_dataset(tmp_path / "d" / name).entries()] == ["val/1.jpg", "val/2.jpg"]
    write(tmp_path / "b", {n: d for n, d in both.items() if n != "val/1.jpg"} | {name: content})
    assert [e.ref for e in open_dataset(tmp_path / "b" / name).entries()] == ["val/1.jpg", "val/2.jpg"]
    write(tmp_path / "c", {n: d for n, d in both.items() if n.startswith("train")} | {name: content})
    assert [e.ref for e in open_dataset(tmp_path / "c" / name).entries()] == ["1.jpg", "2.jpg"]  # not there


def test_a_list_that_could_be_of_two_splits_is_refused(tmp_path):
    write(tmp_path, {f"{s}/{n}": d for s in ("train", "val", "x") for n, d in PICTURES.items()})
    write(tmp_path, {"labels.tsv": "1.jpg\ta\n2.jpg\tb\n"})
    with pytest.raises(InputError, match=r"its pictures are in train/ and in val/, of two splits; move it into"):
        open_dataset(tmp_path)
    (tmp_path / "val" / "2.jpg").unlink()
    assert [e.ref for e in open_dataset(tmp_path).entries()] == ["train/1.jpg", "train/2.jpg"]
    write(tmp_path, {"labels.tsv": "val/1.jpg\ta\ntrain/2.jpg\tb\n"})
    assert [e.ref for e in open_dataset(tmp_path).entries()] == ["val/1.jpg", "train/2.jpg"]


@pytest.mark.parametrize("prefix", ["", "images/", "train/", "data/train/"])
def test_pictures_lie_in_a_folder_below(tmp_path, prefix):
    write(tmp_path, {prefix + name: data for name, data in PICTURES.items()} | {"gt.txt": "1.jpg\ta\n2.jpg\tb\n"})
    _, entries = all_of(tmp_path)
    assert [entry.ref for entry in entries] == [f"{prefix}1.jpg", f"{prefix}2.jpg"]


def test_names_that_begin_with_the_folders_own(tmp_path):
    root = write(tmp_path / "photos", PICTURES | {"Label.txt": f"photos/1.jpg\t{paddle(('a', QUAD, False))}\n"})
    _, (entry,) = all_of(root)
    assert (entry.ref, entry.text) == ("1.jpg", "a")


def test_several_lists_are_named(tmp_path):
    write(tmp_path, PICTURES | {"rec_a.txt": "1.jpg\ta\n", "rec_b.txt": "2.jpg\tb\n"})
    with pytest.raises(InputError, match=r"several lists of labels \(rec_a\.txt, rec_b\.txt\)"):
        open_dataset(tmp_path)
    assert [entry.text for entry in open_dataset(tmp_path / "rec_b.txt").entries()] == ["b"]


LISTED = {
    "labels.tsv": "1.jpg\ta\n", "labels.csv": "filename,words\n1.jpg,a\n", "gt.txt": "1.jpg a\n",
    "metadata.jsonl": '{"file_name": "1.jpg", "text": "a"}\n', "metadata.csv": "file_name,text\n1.jpg,a\n",
}  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other"), [("labels.tsv", "labels.csv"), ("metadata.jsonl", "metadata.csv"), ("labels.tsv", "gt.txt")]
)
def test_several_lists_of_usual_names(tmp_path, one, other):
    """They may stand side by side where they say the same; of classes is no list of pictures."""
    write(tmp_path, PICTURES | {one: LISTED[one], other: LISTED[other]})
    assert [e.text for e in open_dataset(tmp_path).entries()] == ["a"]
    write(tmp_path, {other: LISTED[other].replace("a\n", "b\n").replace('"a"', '"b"'), "labels.txt": "text\nnone\n"})
    with pytest.raises(InputError, match=rf"several lists of labels \({one}, {other}\); give the path of one"):
        open_dataset(tmp_path)
    assert [e.text for e in open_dataset(tmp_path / other).entries()] == ["b"]


@pytest.mark.parametrize("format", ["icdar", "yolo-obb", "parquet", "coco", "folder"])
def test_parts_of_a_split_of_ours_are_no_one_set(tmp_path, format):
    for part, start in (("train", 0), ("val", 3)):
        generate(
            Config(), tmp_path / part, 3, start=start, format=format, workers=1, make_generator=FakeGenerator,
            stream=io.StringIO(),
        )  # fmt: skip
        (tmp_path / part / "labels.jsonl").unlink(missing_ok=True)
    with pytest.raises(InputError, match="in it are some: train, val; give the path of one"):
        open_dataset(tmp_path)


@pytest.mark.parametrize(
    ("files", "what"),
    [
        ({"x.tgz": b"x"}, r"x\.tgz is an archive; unpack it"),
        ({"img_1.gif": b"x", "gt_img_1.txt": b"1,1,9,1,9,9,1,9,a"}, r"img_1\.gif is a GIF, which is not read"),
        (
            {"IMG_1.jpg": b"x", "img_1.txt": b"1,1,9,1,9,9,1,9,a"},
            r"of its name and split \(IMG_1\.jpg beside img_1\.txt\)",
        ),
        ({"a.bin.png": b"x", "a.nrm.png": b"x", "a.gt.txt": b"x"}, r"a\.bin\.png shares the truth file a\.gt\.txt"),
        ({"train/1.jpg": b"x", "test/1.jpg": b"x", "gt/1.txt": b"x"}, r"test/1\.jpg shares the truth file gt/1\.txt"),
        ({"x.tar": b""}, r"x\.tar: is empty; fetch it again"),
    ],
)
def test_why_a_folder_is_no_data_set(tmp_path, files, what):
    with pytest.raises(InputError, match=what):
        open_dataset(write(tmp_path, files))


def test_a_file_of_one_picture_is_no_table(tmp_path):
    write(tmp_path, {"gt_1.txt": "10,10,60,10,60,30,10,30,a\n", "1.zip": b"x"})
    with pytest.raises(InputError, match="has the labels of one picture; give the folder with both"):
        open_dataset(tmp_path / "gt_1.txt")
    with pytest.raises(InputError, match="is an archive; unpack it"):
        open_dataset(tmp_path / "1.zip")
    with pytest.raises(InputError, match="path of a data set is empty"):
        open_dataset("")


def test_splits_with_a_list_each_are_named(tmp_path):
    for split in ("train", "val"):
        write(tmp_path / split, PICTURES | {"metadata.jsonl": '{"file_name": "1.jpg", "text": "a"}'})
    write(tmp_path / "other", {"readme.md": "none"})
    with pytest.raises(InputError, match="is no data set, but in it are some: train, val; give the path of one"):
        open_dataset(tmp_path)


# Objects a line, and JSON files


def test_metadata_of_imagefolder(tmp_path):
    lines = ['{"file_name": "train/1.jpg", "text": "one"}', '{"file_name": "train/2.jpg"}', "{", '{"text": "x"}']
    write(tmp_path, {f"train/{name}": data for name, data in PICTURES.items()} | {"metadata.jsonl": "\n".join(lines)})
    _, (one, two, three, four) = all_of(tmp_path)
    assert (one.text, one.ref, one.problem) == ("one", "train/1.jpg", "")
    assert two.problem == "has no text"
    assert "no label record" in three.problem
    assert "names no picture" in four.problem


ORDER = [
    ({"image": "1.jpg", "label": "x"}, "x"),
    ({"image": "1.jpg", "gt": "x"}, "x"),
    ({"image": "1.jpg", "transcription": "x", "label": "latin"}, "x"),
    ({"file_name": "1.jpg", "label": "latin", "transcription": "x"}, "x"),
    ({"file_name": "1.jpg", "caption": "a sign", "text": "x"}, "x"),
    ({"image": "1.jpg", "words": "x"}, "x"),
    ({"image": "1.jpg", "text": 12}, "12"),
    ({"image": "1.jpg", "text": "", "label": "latin"}, ""),
    ({"image": "1.jpg", "label": 3}, None),
    ({"image": "1.jpg"}, None),
]


@pytest.mark.parametrize(("row", "text"), ORDER)
def test_by_which_name_a_text_is_found(tmp_path, row, text):
    """The same in a list of objects, a line each or in JSON, in a tar and in Parquet."""
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    for name, content in (("labels.jsonl", json.dumps(row)), ("labels.json", json.dumps([row]))):
        _, (entry,) = all_of(write(tmp_path / name, PICTURES | {name: content}))
        assert (entry.text, entry.problem) == ((text, "") if text is not None else ("", "has no text"))
    write(tmp_path, {"x.tar": members({"1.jpg": PICTURES["1.jpg"], "1.json": json.dumps(row).encode()})})
    _, (entry,) = all_of(tmp_path / "x.tar")
    assert (entry.text, entry.problem) == (text or "", "" if text is not None else "has no text (.txt or .json)")
    if all(isinstance(value, str) for value in row.values()) and len(row) > 1:
        columns = {key: [PICTURES["1.jpg"] if value == "1.jpg" else value] for key, value in row.items()}
        pq.write_table(pa.table(columns), tmp_path / "x.parquet")
        _, (entry,) = all_of(tmp_path / "x.parquet")
        assert entry.text == text


def test_blank_lines_between_objects(tmp_path):
    write(
        tmp_path,
        PICTURES | {"metadata.jsonl": '{"image": "1.jpg", "text": "a"}\n\n \r\n{"image": "2.jpg", "text": "b"}\n\n'},
    )
    _, entries = all_of(tmp_path)
    assert [(e.text, e.problem) for e in entries] == [("a", ""), ("b", "")]


COCO = {
    "images": [
        {"id": 1, "file_name": "1.jpg", "height": 80, "width": 140},
        {"id": 2, "file_name": "2.jpg"},
        {"id": "x"},
    ],
    "annotations": [
        {"id": 1, "image_id": 1, "bbox": [10, 10, 50, 20], "segmentation": [flat(QUAD)], "iscrowd": 0, "text": "a"},
        {"id": 2, "image_id": 1, "bbox": [10, 10, 50, 20], "iscrowd": 1, "utf8_string": "b"},
        {"id": 3, "image_id": 2, "bbox": [1, 2, 3, 4], "segmentation": {"counts": "x", "size": [1, 1]}, "ignore": 1},
        {"id": 4, "image_id": 2, "bbox": [1, 2, 3], "text": "lost"},
        {"id": 5, "image_id": 9, "bbox": [1, 2, 3, 4]},
    ],
    "categories": [{"id": 1, "name": "text"}],
}


@pytest.mark.parametrize("place", ["annotations.json", "annotations/instances_train.json", "_annotations.coco.json"])
def test_coco(tmp_path, place):
    write(tmp_path, {f"imgs/{name}": data for name, data in PICTURES.items()} | {place: json.dumps(COCO)})
    for path in (tmp_path, tmp_path / place):
        reader, (one, two, *lost) = all_of(path)
        assert (reader.format, reader.unit) == ("coco", "word")
        assert (one.ref, one.height, one.width, one.problem) == ("imgs/1.jpg", 80, 140, "")
        assert [(w.text, w.ignore, w.quad) for w in one.words] == [("a", False, QUAD), ("b", True, QUAD)]
        assert [(w.quad, w.ignore) for w in two.words] == [([(1, 2), (4, 2), (4, 6), (1, 6)], True)]
        assert two.problem.startswith("annotation 3 has neither")
        assert [entry.name for entry in lost] == ["image 2", "annotation 4"]


def test_coco_text_and_textocr(tmp_path):
    words = {
        "5": {
            "id": 5,
            "image_id": 1,
            "bbox": [1, 2, 3, 4],
            "mask": flat(QUAD),
            "utf8_string": "a",
            "legibility": "legible",
        },
        "6": {"id": 6, "image_id": 1, "bbox": [1, 2, 3, 4], "mask": flat(QUAD), "legibility": "illegible"},
        "7": {"id": "7", "image_id": 1, "bbox": [1, 2, 3, 4], "points": flat(QUAD), "utf8_string": "."},
    }
    labels = {"imgs": {"1": {"id": 1, "file_name": "1.jpg"}}, "anns": words, "imgToAnns": {"1": [5, 6, 7]}}
    write(tmp_path, PICTURES | {"labels.json": json.dumps(labels)})
    _, (entry,) = all_of(tmp_path)
    assert [(w.text, w.ignore, w.quad) for w in entry.words] == [
        ("a", False, QUAD),
        ("", True, QUAD),
        (".", True, QUAD),
    ]


def test_coco_of_other_types(tmp_path):
    """Sizes that are null or floats, flags that are booleans, texts that are numbers or stand elsewhere."""
    box = {"image_id": 1, "bbox": [10, 10, 50, 20]}
    words = [
        box | {"iscrowd": True, "text": "a"}, box | {"iscrowd": False, "text": 12}, box | {"caption": "b"},
        box | {"rec": "c"}, box | {"attributes": {"occluded": False, "transcription": "d"}}, box | {"label": "word"},
        box | {"text": None, "transcription": "e", "legibility": None},
    ]  # fmt: skip
    images = [{"id": 1, "file_name": "1.jpg", "height": 80.0, "width": 140.0}]
    images += [{"id": 2, "file_name": "2.jpg", "height": None, "width": None}]
    write(tmp_path, PICTURES | {"annotations.json": json.dumps({"images": images, "annotations": words})})
    _, (one, two) = all_of(tmp_path)
    assert [(w.text, w.ignore) for w in one.words] == [
        ("a", True), ("12", False), ("b", False), ("c", False), ("d", False), ("", False), ("e", False),
    ]  # fmt: skip
    assert (one.height, one.width, two.height, two.width) == (80, 140, 0, 0)
    assert one.problem == two.problem == ""


def test_a_coco_polygon_in_any_order_has_a_rectangle_about_it(tmp_path):
    hexagon = [(60, 20), (60, 30), (10, 30), (10, 20), (10, 10), (60, 10)]
    words = [{"image_id": 1, "segmentation": [flat(points)]} for points in (hexagon, QUAD[1:] + QUAD[:1])]
    labels = {"images": COCO["images"][:1], "annotations": words}
    write(tmp_path, PICTURES | {"annotations.json": json.dumps(labels)})
    _, (entry,) = all_of(tmp_path)
    assert entry.words[0].polygon == hexagon
    np.testing.assert_allclose(entry.words[0].quad, QUAD, atol=1e-3)
    assert entry.words[1].quad == QUAD[1:] + QUAD[:1]  # four points are a quad as they stand


def test_mmocr(tmp_path):
    instances = [
        {"polygon": flat(CURVE), "bbox": [10, 36, 100, 60], "bbox_label": 0, "ignore": False, "text": "a"},
        {"bbox": [10, 10, 60, 30], "bbox_label": 0, "ignore": True},
        {"polygon": [1, 2, 3], "ignore": False},
    ]
    data = [{"img_path": "imgs/1.jpg", "height": 80, "width": 140, "instances": instances}, {"height": 3}]
    labels = {"metainfo": {"task_name": "textdet"}, "data_list": data}
    write(tmp_path, {"imgs/1.jpg": PICTURES["1.jpg"], "textdet_train.json": json.dumps(labels)})
    reader, (entry, lost) = all_of(tmp_path)
    assert (reader.format, reader.unit) == ("mmocr", "word")
    assert [(w.text, w.ignore, w.polygon) for w in entry.words] == [("a", False, CURVE), ("", True, QUAD)]
    assert "instance 2 has 3 coordinates" in entry.problem
    assert lost.name == "entry 1"
    rows = [{"img_path": "imgs/1.jpg", "instances": [{"text": "word"}]}]
    write(tmp_path, {"textrecog_train.json": json.dumps({"metainfo": {}, "data_list": rows})})
    reader, (entry,) = all_of(tmp_path / "textrecog_train.json")
    assert (reader.unit, entry.text, entry.ref) == ("picture", "word", "imgs/1.jpg")
    with pytest.raises(InputError, match=r"textdet_train\.json, textrecog_train\.json"):
        open_dataset(tmp_path)


def test_doctr(tmp_path):
    pictures = {f"images/{name}": data for name, data in PICTURES.items()}
    reader, entries = all_of(write(tmp_path / "rec", pictures | {"labels.json": '{"1.jpg": "I", "2.jpg": "am"}'}))
    assert (reader.format, reader.unit) == ("doctr", "picture")
    assert [(e.text, e.ref) for e in entries] == [("I", "images/1.jpg"), ("am", "images/2.jpg")]
    labels = {
        "1.jpg": {"img_dimensions": [80, 140], "img_hash": "theimagedumpmyhash", "polygons": [QUAD, [[1, 2]]]},
        "2.jpg": {"img_dimensions": [80, 140], "polygons": {"words": [QUAD], "lines": [QUAD, QUAD]}},
        "3.jpg": {"polygons": "none"},
    }
    reader, (one, two, three) = all_of(write(tmp_path / "det", pictures | {"labels.json": json.dumps(labels)}))
    assert reader.unit == "word"
    assert ([w.quad for w in one.words], one.height, one.width) == ([QUAD], 80, 140)
    assert one.problem.startswith("polygon 1 has 1 points")
    assert len(two.words) == 3
    assert "cannot be read" in three.problem
    odd = '{"1.jpg": "I", "2.jpg": null, "3.jpg": 7, "4.jpg": "am"}'
    _, entries = all_of(write(tmp_path / "odd", pictures | {"images/4.jpg": jpeg(), "labels.json": odd}))
    assert [(e.text, bool(e.problem)) for e in entries] == [("I", False), ("", True), ("", True), ("am", False)]
    words = [{"value": "hi", "geometry": [10, 10, 60, 30]}]
    write(tmp_path / "ocr", pictures | {"labels.json": json.dumps({"1.jpg": {"typed_words": words}})})
    _, (entry,) = all_of(tmp_path / "ocr")
    assert [(w.text, w.quad) for w in entry.words] == [("hi", QUAD)]


@pytest.mark.parametrize(
    "content", ["{", "[1]", '{"a": 1}', "", "[" * 100_000, '{"name": "a package"}', '[{"name": "x", "text": "y"}]']
)
def test_json_that_is_no_list_of_labels(tmp_path, content):
    write(tmp_path, PICTURES | {"labels.json": content})
    with pytest.raises(InputError, match=r"labels\.json|no data set that is known"):
        open_dataset(tmp_path / "labels.json")


# Tar


def test_what_a_system_leaves_in_a_tar_is_passed_over(tmp_path):
    names = {
        **dict.fromkeys((".DS_Store", "._000.jpg", "__MACOSX/._000.txt"), b"x"),
        "./000.jpg": PICTURES["1.jpg"],
        "./000.txt": b"a",
        **dict.fromkeys(("./._000.txt", "sub/._001.jpg"), b"x"),
        "sub/001.jpg": PICTURES["2.jpg"],
        "sub/001.txt": b"b",
        "sub/.DS_Store": b"x",
    }
    with tarfile.open(tmp_path / "x.tar", "w") as tar:
        for name, data in names.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    write(tmp_path, {"._x.tar": b"\0\x05\x16\x07"})
    _, entries = all_of(tmp_path)
    assert [(e.name, e.text, e.problem) for e in entries] == [("000", "a", ""), ("sub/001", "b", "")]


def test_a_sample_of_a_repeated_name_is_told(tmp_path):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for k in (1, 2):
            for suffix, data in (("jpg", PICTURES[f"{k}.jpg"]), ("txt", b"%d" % k)):
                info = tarfile.TarInfo(f"0.{suffix}")
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
    write(tmp_path, {"x.tar": out.getvalue()})
    _, (one, two) = all_of(tmp_path)
    assert (one.text, one.problem, two.text) == ("1", "", "2")
    assert "has the name of the sample before it" in two.problem


# LMDB and Parquet


def lmdb_of(folder, keys):
    lmdb = pytest.importorskip("lmdb")
    with lmdb.open(str(folder), map_size=1 << 20) as env, env.begin(write=True) as transaction:
        for key, value in keys.items():
            transaction.put(key, value)


def test_an_lmdb_is_opened_twice(tmp_path):
    lmdb_of(
        tmp_path / "x",
        {b"num-samples": b"1\n", b"image-000000001": PICTURES["1.jpg"], b"label-000000001": b"a"},
    )
    first, second = open_dataset(tmp_path / "x"), open_dataset(tmp_path / "x")
    first.close()
    assert [e.text for e in second.entries()] == ["a"]
    third = open_dataset(tmp_path / "x" / "data.mdb")
    second.close()
    assert third.image(next(third.entries()).ref) == PICTURES["1.jpg"]
    third.close()


@pytest.mark.parametrize(
    ("count", "what"),
    [(b"9", "has 9 as num-samples, and 2 entries"), (b"x", "has x as num-samples"), (None, "has no key num-samples")],
)
def test_a_wrong_number_of_samples(tmp_path, count, what):
    lmdb_of(tmp_path / "x", {b"label-000000001": b"a"} | ({} if count is None else {b"num-samples": count}))
    with pytest.raises(InputError, match=what):
        open_dataset(tmp_path / "x")


@pytest.mark.parametrize("kind", ["string", "large_string", "string_view", "dictionary"])
def test_columns_of_parquet(tmp_path, kind):
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    types = {"dictionary": pa.dictionary(pa.int32(), pa.string())}
    texts = pa.array(["a", "b"]).cast(types.get(kind) or getattr(pa, kind)())
    pictures = pa.array([{"bytes": PICTURES[f"{k}.jpg"], "path": None} for k in (1, 2)])
    table = pa.table({"md5": pa.array([b"x", b"y"]), "text": texts, "image": pictures})
    write(tmp_path, {"0.parquet": ""})
    pq.write_table(table, tmp_path / "0.parquet")
    reader, entries = all_of(tmp_path)
    assert [e.text for e in entries] == ["a", "b"]
    assert reader.image(entries[1].ref) == PICTURES["2.jpg"]
    reader.close()
    write(tmp_path, {"1.parquet": b"PAR1 none PAR1"})
    with pytest.raises(InputError, match=r"1\.parquet: is Parquet that cannot be read"):
        open_dataset(tmp_path)


# Our own formats


SCENES = load_config("scenes", ["image.height=160", "image.width=200", "scene.words=[4, 12]", "scene.cut=0.5"])
LISTS = {
    "coco": "annotations.json",
    "paddleocr": "Label.txt",
    "mmocr": "textdet.json",
    "icdar": "gt/",
    "yolo-obb": "labels/",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    for name in LISTS:
        generate(SCENES, folder / name, 5, seed=7, start=998, format=name, workers=1, stream=io.StringIO())
    return folder


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_of_ours_is_read_back(tmp_path, format):
    fake = FakeGenerator(Config(), 3)
    options = {"shard_size": 5} if format in SHARDED else {}
    generate(
        Config(), tmp_path, 12, seed=3, format=format, workers=1, make_generator=FakeGenerator, stream=io.StringIO(),
        encoding=Encoding("png", plans=True), **options,
    )  # fmt: skip
    reader, entries = all_of(tmp_path)
    assert (reader.unit, reader.manifest.seed, len(entries)) == ("picture", 3, 12)
    for i, entry in enumerate(entries):
        sample = fake[i]
        assert (entry.text, entry.problem) == (sample.text, "")
        assert [(w.text, w.ignore) for w in entry.words] == [(w.text, w.ignore) for w in sample.words]
        assert json.loads(bytes(entry.plan)) == sample.plan
        image = cv2.imdecode(np.frombuffer(reader.image(entry.ref), np.uint8), cv2.IMREAD_COLOR)
        assert np.array_equal(image[:, :, ::-1], sample.image)
    reader.close()


@pytest.mark.parametrize("format", LISTS)
@pytest.mark.parametrize("manifest", [True, False])
def test_the_lists_for_other_programs_are_read_back(tmp_path, made, format, manifest):
    """As they are without our own lists beside them, with the manifest and without."""
    folder = tmp_path / format
    for path in sorted((made / format).rglob("*")):
        name = path.relative_to(made / format).as_posix()
        if path.is_file() and (name.startswith(("images/", LISTS[format])) or (manifest and name == "dataset.json")):
            write(folder, {name: path.read_bytes()})
    reader, entries = all_of(folder)
    assert (reader.format, reader.unit) == (format, "word")
    assert (reader.manifest is not None) == manifest
    records = {e.ref: e for e in open_dataset(made / format).entries()}
    assert sorted(records) == sorted(e.ref for e in entries)
    for entry in entries:
        assert entry.problem == ""
        expected = [w for w in records[entry.ref].words if inside(w.polygon)]
        if format == "yolo-obb":
            expected = [w for w in expected if not w.ignore]
            assert len(entry.words) == len(expected)
        else:
            assert [w.ignore for w in entry.words] == [w.ignore for w in expected]
            texts = [w.text for w in entry.words if not w.ignore]
            assert texts == [w.text for w in expected if not w.ignore]
        for word, own in zip(entry.words, expected, strict=True):
            visible = np.clip(np.array(own.polygon), 0, (200, 160))
            centre = np.array(word.quad).mean(0)
            assert (visible.min(0) - 1.5 <= centre).all()
            assert (centre <= visible.max(0) + 1.5).all()


def inside(polygon):
    """Whether some of a polygon is in the picture."""
    x, y = np.array(polygon).T
    return x.max() > 0 and y.max() > 0 and x.min() < 200 and y.min() < 160


def test_mds_of_another_maker(tmp_path):
    """Columns in another order, of the library's own example, zipped, and a shard that is missing."""
    import gzip
    import struct

    def shard(rows):
        data = [struct.pack("<2I", len(t), len(i)) + t + i for t, i in rows]
        head = b"{}"
        offsets = np.cumsum([4 + 4 * (len(data) + 1) + len(head), *map(len, data)])
        return struct.pack(f"<{len(data) + 2}I", len(data), *offsets) + head + b"".join(data)

    base = {
        "column_encodings": ["str", "jpeg"], "column_names": ["caption", "picture"], "column_sizes": [None, None],
        "format": "mds", "hashes": [], "size_limit": 1 << 26, "version": 2,
    }  # fmt: skip
    whole = shard([(b"one", PICTURES["1.jpg"]), ("zwö".encode(), PICTURES["2.jpg"])])
    files = [{"basename": f"shard.{k:05d}.mds", "bytes": 1} for k in range(3)]
    index = [base | {"samples": 2, "compression": None, "raw_data": file, "zip_data": None} for file in files]
    index[1] |= {"compression": "gz", "zip_data": {"basename": "shard.00001.mds.gz", "bytes": 1}}
    index[2]["samples"] = 1
    write(tmp_path, {"index.json": json.dumps({"version": 2, "shards": index}), "shard.00000.mds": whole})
    write(tmp_path, {"shard.00001.mds.gz": gzip.compress(whole)})
    reader, entries = all_of(tmp_path)
    assert [entry.text for entry in entries] == ["one", "zwö", "one", "zwö", ""]
    assert reader.image(entries[3].ref) == PICTURES["2.jpg"]
    assert "shard.00002.mds: No such file" in entries[4].problem
    index[1]["compression"] = "zstd"
    write(tmp_path, {"index.json": json.dumps({"version": 2, "shards": index})})
    with pytest.raises(InputError, match=r"shard\.00001\.mds\.gz: is zstd; unpack it"):
        open_dataset(tmp_path)


# Damage


def members(names):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, data in names.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


QUADS = [
    b'10,10,60,10,60,30,10,30,0,"main street"\n70,10,120,10,120,30,70,30,1,"###"\n',
    b"10,10,60,10,60,30,10,30,100,000\n70,10,120,10,120,30,70,30,####x\n",
    b"10,40,40,36,70,36,100,40,100,60,70,56,40,56,10,60,upper\n",
    b"5,30,110,70,0,10,17,8,34,7,51,6,68,7,85,8,102,9,102,37,85,36,68,35,51,34,34,35,17,36,0,38\n",
    b'38, 43, 920, 215, "Tired"\n1 2 30 40 "x"\n',
    b"x: [[10 40 70\n 70 40 10]], y: [[10 8 10\n 30 28 30]], ornt: [u'c'], transcriptions: [u'SHOP']\n",
    b"0 0.1 0.1 0.5 0.1 0.5 0.3 0.1 0.3\n0 0.5 0.5 0.2 0.1\n",
]
SEEDS = [
    *[("gt_1.txt", data) for data in QUADS],
    ("1.gt.txt", "hällo\n".encode()),
    ("labels.csv", b'filename,words\n1.jpg,"a, b"\n2.jpg,c\n'),
    ("gt.txt", b'["1.jpg", "2.jpg"]\tsame\n3.jpg\tx\n'),
    ("Label.txt", f"1.jpg\t{paddle(('hello', QUAD, False))}\n".encode()),
    ("labels.json", b'{"1.jpg": "a", "2.jpg": "b"}'),
    ("labels.json", json.dumps({"1.jpg": {"img_dimensions": [80, 140], "polygons": [QUAD]}}).encode()),
    ("annotations.json", json.dumps(COCO).encode()),
    (
        "textdet.json",
        json.dumps({"data_list": [{"img_path": "1.jpg", "instances": [{"polygon": flat(QUAD)}]}]}).encode(),
    ),
    ("metadata.jsonl", b'{"file_name": "1.jpg", "text": "a"}\n{"file_name": "2.jpg", "text": "b"}\n'),
    ("labels.jsonl", b'{"image": "1.jpg", "words": [{"text": "a", "quad": [[1, 1], [2, 1], [2, 2], [1, 2]]}]}\n'),
    ("x.tar", members({"a.jpg": b"y" * 600, "a.txt": b"t", "ü" * 120 + ".txt": b"t", ".DS_Store": b"x"})),
]
PIECES = [
    b'"',
    b",",
    b"[",
    b"]",
    b"{",
    b"\xff",
    b"\n",
    b"\0",
    b"1e999",
    b"-",
    b"NaN",
    b"####",
    b"\xef\xbb\xbf",
    b"../",
    b"x: [[",
]


def damaged(data, rng):
    data = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 5, 20))):
        at = rng.randrange(len(data) + 1)
        way = rng.randrange(5)
        if way == 0:
            data[at : at + 1] = bytes([rng.randrange(256)])
        elif way == 1:
            del data[at : at + rng.randrange(1, 8)]
        elif way == 2:
            data[at:at] = rng.choice(PIECES)
        elif way == 3:
            del data[at:]
        else:
            data[at:at] = data[rng.randrange(len(data) + 1) :][:20]
    return bytes(data)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.sampled_from(SEEDS), st.integers(0, 2**32))
def test_damaged_labels_give_labels_or_one_sentence(tmp_path_factory, seed, number):
    name, data = seed[0], damaged(seed[1], random.Random(number))
    folder = write(tmp_path_factory.mktemp("damaged"), PICTURES | {name: data})
    try:
        reader = open_dataset(folder)
        entries = list(reader.entries())
        assert len(reader) == len(entries)
        for entry in entries:
            with contextlib.suppress(OSError):
                assert reader.image(entry.ref)
            assert all(len(w.quad) == 4 for w in entry.words if w.quad)
        reader.close()
    except InputError as error:
        one_sentence(error)
    if name.endswith(".txt"):
        for read in (read_icdar, read_polygons):
            try:
                labels = read(folder / name)
                assert np.isfinite(np.concatenate([np.zeros((1, 2)), *labels[0]])).all()
                assert len(labels[0]) == len(labels.texts) == len(labels.ignore)
            except InputError as error:
                one_sentence(error)


def one_sentence(error):
    assert re.fullmatch(r"[^\n]{10,600}", str(error)), str(error)


@pytest.mark.parametrize("name", ["\0", "x" * 300, "/dev/null/x"])
def test_names_that_no_file_can_have(tmp_path, name):
    write(tmp_path, PICTURES | {"gt.txt": f"1.jpg\ta\n{name}\tb\n"})
    reader = open_dataset(tmp_path)
    one, two = reader.entries()
    assert reader.image(one.ref)
    with pytest.raises(OSError, match=r"."):
        reader.image(two.ref)
    with pytest.raises(InputError):
        open_dataset(tmp_path / name)
    with pytest.raises(InputError, match="cannot be read"):
        read_icdar(Path(tmp_path) / name)
