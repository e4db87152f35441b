import errno
import io
import json
import sys

import cv2
import lmdb
import msgspec
import numpy as np
import pytest
from fake_generator import FakeGenerator
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from synthtext.config import load_config
from synthtext.core.errors import InputError
from synthtext.formats import open_dataset, writer_of
from synthtext.formats.base import FORMAT_VERSION, Encoding, Item, Manifest, read_manifest, write_manifest
from synthtext.formats.encode import encode, encode_image, encode_record, label_record, write_points
from synthtext.formats.folder import one_line, unescape
from synthtext.formats.storage import LocalStorage

RGB = FakeGenerator(load_config("clean"), 3)
GREY = FakeGenerator(load_config("clean", ["image.channels=grey"]), 3)


def manifest(format, count=10, start=0, **changes):
    values = {"image_format": "jpg", "quality": 95, "plans": False, "config": {}} | changes
    return Manifest(format, FORMAT_VERSION, "0", "digest", 0, start, count, **values)


def open_writer(format, folder, m):
    return writer_of(format)(LocalStorage(folder), m)


def items(writer_class, m, source=RGB, count=None):
    return [
        encode(source[i], writer_class.image_name(m, i), m.encoding)
        for i in range(m.start, m.start + (count or m.count))
    ]


@given(st.text(st.characters(codec="utf-8") | st.sampled_from("\\nrt\t\r\n\x0b\x85\u2028\"' ")))
def test_a_text_stands_in_the_table_as_it_is_but_for_its_line_breaks(text):
    line = one_line(text)
    assert len(f"x{line}x".splitlines()) == 1
    assert line.replace(" ", "") == "".join(text.splitlines()).replace(" ", "")
    if len(f"x{text}x".splitlines()) == 1:
        assert line == text


def test_every_line_break_is_one_blank():
    assert one_line("a\nb\r\nc\rd\n") == "a b c d "
    assert one_line("back\\slash\\n\ttab") == "back\\slash\\n\ttab"


def test_a_table_of_the_first_version_has_escapes_and_one_of_this_has_none(tmp_path):
    (tmp_path / "labels.tsv").write_bytes(rb"a.png" + b"\t" + rb"C:\\new\tline\nend\r" + b"\n")
    texts = {}
    for version in (1, FORMAT_VERSION):
        write_manifest(tmp_path, msgspec.structs.replace(manifest("folder", count=1), format_version=version))
        texts[version] = [entry.text for entry in open_dataset(tmp_path).entries()]
    assert texts == {1: ["C:\\new\tline\nend\r"], FORMAT_VERSION: [r"C:\\new\tline\nend\r"]}
    assert unescape(r"a\\nb\nc\q") == "a\\nb\nc\\q"


@pytest.mark.parametrize("source", [RGB, GREY])
def test_png_keeps_every_pixel_and_jpeg_nearly(source):
    image = source[4].image
    png = np.array(Image.open(io.BytesIO(encode_image(image, Encoding("png")))))
    assert np.array_equal(png, image)
    smooth = cv2.GaussianBlur(np.repeat(np.repeat(image, 4, 0), 4, 1), (0, 0), 4)
    jpeg = Image.open(io.BytesIO(encode_image(smooth, Encoding("jpg", 95))))
    assert jpeg.mode == ("RGB" if smooth.ndim == 3 else "L")
    assert np.abs(np.array(jpeg).astype(int) - smooth).max() <= 12
    assert len(encode_image(smooth, Encoding("jpg", 30))) < len(encode_image(smooth, Encoding("jpg", 95)))


def test_jpeg_keeps_chroma_at_full_resolution():
    stripes = np.zeros((16, 16, 3), np.uint8)
    stripes[:, ::2], stripes[:, 1::2] = (200, 60, 60), (60, 60, 200)
    back = np.array(Image.open(io.BytesIO(encode_image(stripes, Encoding("jpg", 95))))).astype(int)
    assert np.abs(back - stripes).max() < 40


@pytest.mark.parametrize("index", range(12))
def test_record_says_what_the_sample_says(index):
    sample = RGB[index]
    record = msgspec.json.decode(encode(sample, "images/x.jpg", Encoding(plans=True)).record)
    assert (record["index"], record["seed"], record["text"]) == (sample.index, sample.seed, sample.text)
    assert (record["height"], record["width"]) == sample.image.shape[:2]
    assert record["image"] == "images/x.jpg"
    assert record["plan"] == sample.plan
    assert len(record["words"]) == len(sample.words)
    for said, word in zip(record["words"], sample.words, strict=True):
        assert (said["text"], said["ignore"], said["line"], said["paragraph"]) == (
            word.text,
            word.ignore,
            word.line,
            word.paragraph,
        )
        assert said["legibility"] == pytest.approx(word.legibility, abs=5.1e-5)
        np.testing.assert_allclose(said["quad"], word.quad, atol=0.0051)
        np.testing.assert_allclose(said["polygon"], word.polygon, atol=0.0051)
        assert [c["text"] for c in said["chars"]] == [c.text for c in word.chars]
        for c, char in zip(said["chars"], word.chars, strict=True):
            np.testing.assert_allclose(c["quad"], char.quad, atol=0.0051)
            assert all(v == round(v, 2) for point in c["quad"] for v in point)


@given(
    st.lists(st.tuples(*[st.floats(-1e5, 1e5, width=32)] * 2), min_size=1, max_size=30),
    st.integers(-10, 10),
)
def test_points_are_written_as_json_writes_the_rounded_floats(points, hundredths):
    points = np.array([*points, (hundredths / 100, -hundredths / 100), (-0.001, 0.0)], np.float32)
    text, ends = np.empty(48 * len(points), np.uint8), np.empty(len(points), np.int64)
    write_points(points, text, ends)
    plain = [[round(float(v) * 100) / 100 + 0.0 for v in point] for point in points]
    assert text[: ends[-1]].tobytes() == msgspec.json.encode(plain)[1:-1]
    begins = [0, *(ends[:-1] + 1)]
    for begin, end, point in zip(begins, ends, plain, strict=True):
        assert text[begin:end].tobytes() == msgspec.json.encode(point)


@pytest.mark.parametrize("plans", [False, True])
@pytest.mark.parametrize("index", range(12))
def test_the_record_is_encoded_as_its_values_are(index, plans):
    sample = RGB[index]
    assert encode_record(sample, "x.jpg", plans) == msgspec.json.encode(label_record(sample, "x.jpg", plans))


def test_record_without_plan_does_not_make_one():
    sample = RGB[0]
    assert "plan" not in label_record(sample, "x", False)
    assert "plan" not in sample.__dict__


def test_folder_reads_back(tmp_path):
    m = manifest("folder", count=12, start=995, image_format="png")
    writer = open_writer("folder", tmp_path, m)
    writer.write(items(type(writer), m)[:7])
    writer.write(items(type(writer), m)[7:])
    sizes = writer.commit().bytes
    assert writer.close().written == 12
    rows = [line.split("\t", 1) for line in (tmp_path / "labels.tsv").read_bytes().decode().split("\n")[:-1]]
    true = [RGB[i].text for i in range(995, 1007)]
    assert [text for _, text in rows] == [{"two\nlines": "two lines", "x\r": "x "}.get(text, text) for text in true]
    assert list(writer.texts()) == true
    assert writer.unsayable() == 0
    assert rows[0][0] == "images/000/000000995.png"
    assert rows[-1][0] == "images/001/000001006.png"
    for i, (name, _) in enumerate(rows):
        assert np.array_equal(np.array(Image.open(tmp_path / name)), RGB[995 + i].image)
    records = [json.loads(line) for line in (tmp_path / "labels.jsonl").read_text(encoding="utf-8").split("\n")[:-1]]
    assert [(r["index"], r["image"]) for r in records] == [(995 + i, name) for i, (name, _) in enumerate(rows)]
    assert sizes == {name: (tmp_path / name).stat().st_size for name in ("labels.tsv", "labels.jsonl")}


class LmdbReader:
    """The layout's own reader, as recognition benchmarks have it: 1-based keys, num-samples, an image file a value."""

    def __init__(self, root):
        self.env = lmdb.open(str(root), max_readers=32, readonly=True, lock=False, readahead=False, meminit=False)
        with self.env.begin(write=False) as txn:
            self.count = int(txn.get(b"num-samples"))

    def __len__(self):
        return self.count

    def __getitem__(self, position):
        number = position + 1
        with self.env.begin(write=False) as txn:
            label = txn.get(b"label-%09d" % number).decode("utf-8")
            image = Image.open(io.BytesIO(txn.get(b"image-%09d" % number)))
            meta = json.loads(txn.get(b"meta-%09d" % number))
        return np.array(image), label, meta


@pytest.mark.parametrize(("source", "mode"), [(RGB, 3), (GREY, 2)])
def test_lmdb_reads_back_with_an_independent_reader(tmp_path, source, mode):
    m = manifest("lmdb", count=25, start=40, image_format="png")
    writer = open_writer("lmdb", tmp_path, m)
    every = items(type(writer), m, source)
    for part in (every[:10], every[10:20], every[20:]):
        writer.write(part)
        writer.commit()
    writer.close()
    data = LmdbReader(tmp_path)
    assert len(data) == 25
    for position in range(25):
        image, label, meta = data[position]
        sample = source[40 + position]
        assert np.array_equal(image, sample.image)
        assert image.ndim == mode
        assert (label, meta["text"], meta["index"]) == (sample.text, sample.text, sample.index)
        assert meta["image"] == f"image-{position + 1:09d}"
    data.env.close()
    assert list(writer.texts()) == [source[40 + i].text for i in range(25)]
    assert {path.name for path in tmp_path.iterdir()} == {"data.mdb"}


def test_lmdb_map_grows_with_what_is_written(tmp_path):
    m = manifest("lmdb", count=40)
    writer = open_writer("lmdb", tmp_path, m)
    for i in range(40):
        writer.write([Item(i, f"text {i}", bytes([i]) * 300_000, b"{}")])
        if i % 8 == 7:
            writer.commit()
    size = (tmp_path / "data.mdb").stat().st_size
    assert 40 * 300_000 < size < 1.1 * 40 * 300_000 + (1 << 20)
    with lmdb.open(str(tmp_path), readonly=True, lock=False) as env:
        assert size <= env.info()["map_size"] <= 4 * size
        with env.begin() as txn:
            assert txn.get(b"image-000000040") == bytes([39]) * 300_000
    assert list(writer.texts()) == [f"text {i}" for i in range(40)]


@pytest.mark.parametrize("format", ["folder", "lmdb"])
def test_what_was_not_committed_is_cut_off_and_written_again(format, tmp_path):
    m = manifest(format, count=9)
    writer = open_writer(format, tmp_path, m)
    every = items(type(writer), m)
    writer.write(every[:4])
    held = writer.commit()
    writer.write(every[4:7])
    assert writer.close() == held  # the folder's buffers reach the disk, uncommitted
    again = open_writer(format, tmp_path, held)
    assert again.manifest == held
    assert again.missing() == [range(4, 9)]
    again.write(every[4:])
    again.commit()
    again.close()
    assert list(again.texts()) == [item.text for item in every]


@pytest.mark.parametrize(("format", "name"), [("folder", "labels.tsv"), ("lmdb", "data.mdb")])
def test_files_that_lost_committed_samples_are_refused(format, name, tmp_path):
    m = manifest(format, count=9)
    writer = open_writer(format, tmp_path, m)
    writer.write(items(type(writer), m))
    held = writer.commit()
    writer.close()
    (tmp_path / name).unlink()
    with pytest.raises(InputError, match="it was changed since"):
        open_writer(format, tmp_path, held)


def test_an_lmdb_file_that_is_none_is_refused(tmp_path):
    (tmp_path / "data.mdb").write_bytes(b"no database" * 1000)
    with pytest.raises(InputError, match=r"data.mdb: cannot be read"):
        open_writer("lmdb", tmp_path, manifest("lmdb"))


def test_lmdb_errors_are_told_as_what_the_disk_said():
    from synthtext.formats.lmdb import _as_os_error

    assert _as_os_error(lmdb.DiskError("mdb_txn_commit: No space left on device"), "x").errno == errno.ENOSPC
    assert _as_os_error(lmdb.Error("mdb_put: something else"), "x").errno == errno.EIO


def test_missing_lmdb_package_is_told_with_the_command(monkeypatch):
    monkeypatch.delitem(sys.modules, "synthtext.formats.lmdb", raising=False)
    monkeypatch.setitem(sys.modules, "lmdb", None)
    with pytest.raises(InputError, match=r'pip install "synthtext\[lmdb\]"'):
        writer_of("lmdb")


def test_manifest_survives_and_is_replaced_whole(tmp_path):
    assert read_manifest(tmp_path) is None
    m = manifest("folder", config={"text": {"charset": "äöü"}}, written=7, bytes={"labels.tsv": 3})
    write_manifest(tmp_path, m)
    assert read_manifest(tmp_path) == m
    assert {path.name for path in tmp_path.iterdir()} == {"dataset.json"}
    (tmp_path / "dataset.json").write_text('{"format": "folder"}', encoding="utf-8")
    with pytest.raises(InputError, match=r"dataset.json: is not the manifest"):
        read_manifest(tmp_path)
