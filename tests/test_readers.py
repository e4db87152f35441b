"""Reading data sets back: our own, and the layouts of other makers, written here by their own libraries or by hand."""

import io
import json
import tarfile

import cv2
import lmdb
import numpy as np
import pytest
from fake_generator import FakeGenerator

from synthtext.config import Config
from synthtext.core.errors import InputError
from synthtext.dataset.generate import generate
from synthtext.formats import open_dataset
from synthtext.formats.base import Encoding
from synthtext.formats.reading.entries import quad_of
from synthtext.formats.reading.tar_reader import tar_members
from synthtext.formats.reading.truth_files import parse_truth
from synthtext.formats.reading.truth_lines import Layout, parse_line

QUIET = io.StringIO()


def png(seed=0, height=12, width=30):
    image = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return cv2.imencode(".png", image)[1].tobytes()


def all_of(path):
    reader = open_dataset(path)
    entries = list(reader.entries())
    assert len(reader) == len(entries)
    return reader, entries


@pytest.mark.parametrize("format", ["folder", "lmdb"])
def test_what_was_generated_is_read_back(tmp_path, format):
    made = FakeGenerator(Config(), 3)
    generate(
        Config(),
        tmp_path / "d",
        12,
        seed=3,
        format=format,
        workers=1,
        make_generator=FakeGenerator,
        stream=QUIET,
        encoding=Encoding("png", plans=True),
    )
    reader, entries = all_of(tmp_path / "d")
    assert (reader.format, reader.unit, reader.manifest.seed) == (format, "picture", 3)
    for i, entry in enumerate(entries):
        sample = made[i]
        assert entry.text == sample.text
        assert [word.text for word in entry.words] == [word.text for word in sample.words]
        assert [word.ignore for word in entry.words] == [word.ignore for word in sample.words]
        for word, own in zip(entry.words, sample.words, strict=True):
            np.testing.assert_allclose(word.quad, own.quad, atol=0.006)
            assert word.legibility == pytest.approx(own.legibility, abs=1e-4)
        image = cv2.imdecode(np.frombuffer(reader.image(entry.ref), np.uint8), cv2.IMREAD_COLOR)
        assert np.array_equal(image[:, :, ::-1], sample.image)
        assert (entry.height, entry.width) == sample.image.shape[:2]
        assert json.loads(bytes(entry.plan)) == sample.plan
    reader.close()


@pytest.mark.parametrize(
    ("name", "line", "text"),
    [
        ("labels.tsv", "a.png\tto be\\n or", "to be\\n or"),
        ("gt.txt", "a.png to be", "to be"),
        ("gt.txt", 'a.png, "to, be"', "to, be"),
        ("labels.txt", "a.png\tto be", "to be"),
    ],
)
def test_tables_of_other_makers(tmp_path, name, line, text):
    (tmp_path / "a.png").write_bytes(png())
    (tmp_path / name).write_text(line + "\n\n", encoding="utf-8")
    reader, entries = all_of(tmp_path)
    assert [entry.text for entry in entries] == [text]
    assert reader.image(entries[0].ref) == png()


def test_table_with_a_header_a_mark_and_pictures_in_a_subfolder(tmp_path):
    (tmp_path / "images").mkdir()
    (tmp_path / "images/a.png").write_bytes(png())
    (tmp_path / "labels.tsv").write_bytes(
        "\ufefffilename\twords\na.png\tein Wort\nb.png\t\xff\n".encode("latin-1", "replace")
    )
    (tmp_path / "labels.tsv").write_bytes(b"\xef\xbb\xbffilename\twords\na.png\tein Wort\nb.png\t\xff\n")
    reader, entries = all_of(tmp_path)
    assert [(entry.text, entry.problem) for entry in entries] == [("ein Wort", ""), ("", "is not UTF-8")]
    assert reader.image(entries[0].ref) == png()


def test_no_label_leads_out_of_the_folder(tmp_path):
    (tmp_path / "secret.png").write_bytes(png())
    data = tmp_path / "d"
    data.mkdir()
    (data / "a.png").write_bytes(png())
    (data / "labels.tsv").write_text(f"a.png\ta\n../secret.png\tb\n{tmp_path}/secret.png\tc\n", encoding="utf-8")
    reader, entries = all_of(data)
    assert reader.image(entries[0].ref)
    for entry in entries[1:]:
        with pytest.raises(OSError, match="leads out"):
            reader.image(entry.ref)


def test_icdar_beside_and_in_another_folder(tmp_path):
    for folder in ("both", "images", "truth"):
        (tmp_path / folder).mkdir()
    line = "1,2,21,2,21,9,1,9,a, b\n1,2,3,4,5,6,7,8,###\n"
    (tmp_path / "both/img_1.png").write_bytes(png(1))
    (tmp_path / "both/gt_img_1.txt").write_text("\ufeff" + line, encoding="utf-8")
    (tmp_path / "images/img_2.png").write_bytes(png(2))
    (tmp_path / "truth/gt_img_2.txt").write_text('1 2 30 40 "x"\n', encoding="utf-8")
    reader, entries = all_of(tmp_path)
    assert (reader.format, reader.unit) == ("icdar", "word")
    one, two = entries
    assert [(word.text, word.ignore) for word in one.words] == [("a, b", False), ("###", True)]
    assert one.text == "a, b"
    assert one.words[0].quad == [(1, 2), (21, 2), (21, 9), (1, 9)]
    assert two.words[0].quad == [(1, 2), (30, 2), (30, 40), (1, 40)]
    assert reader.image(two.ref) == png(2)


def test_polygons_keep_their_ends_as_a_quad(tmp_path):
    path = tmp_path / "gt.txt"
    path.write_text("0,0,5,1,10,0,10,4,5,5,0,4,####curved\n", encoding="utf-8")
    (truth,), problem = parse_truth(path.read_bytes(), path.name)
    assert problem == ""
    assert quad_of(truth.points) == [(0, 0), (10, 0), (10, 4), (0, 4)]
    assert len(truth.points) == 6


def test_a_bad_line_is_named(tmp_path):
    path = tmp_path / "gt_x.txt"
    path.write_text("1,2,3\n", encoding="utf-8")
    words, problem = parse_truth(path.read_bytes(), path.name)
    assert words == []
    assert "gt_x.txt:1" in problem
    assert parse_line('38, 43, 920, 215, "Tired"', Layout()).text == "Tired"
    with pytest.raises(ValueError, match="has 1 field;"):
        parse_line("nonsense", Layout())


def test_lmdb_of_other_makers(tmp_path):
    with lmdb.open(str(tmp_path / "d"), map_size=1 << 20) as env, env.begin(write=True) as txn:
        txn.put(b"num-samples", b"3")
        for i in (1, 2):
            txn.put(b"image-%09d" % i, png(i))
            txn.put(b"label-%09d" % i, f"wört{i}".encode())
    reader, entries = all_of(tmp_path / "d")
    assert [entry.text for entry in entries] == ["wört1", "wört2", ""]
    assert "missing" in entries[2].problem
    assert reader.image(entries[1].ref) == png(2)
    with pytest.raises(OSError, match="missing"):
        reader.image(entries[2].ref)
    reader.close()


def test_lmdb_of_another_layout_is_refused(tmp_path):
    with lmdb.open(str(tmp_path / "d"), map_size=1 << 20) as env, env.begin(write=True) as txn:
        txn.put(b"0", b"x")
    with pytest.raises(InputError, match="num-samples"):
        open_dataset(tmp_path / "d")


@pytest.mark.parametrize("format", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_tar_members_are_those_of_tarfile(tmp_path, format):
    names = ["a.jpg", "dir/b.txt", "x" * 90 + ".jpg", "d" * 80 + "/" + "n" * 90 + ".json", "grüße.txt"]
    if format != tarfile.USTAR_FORMAT:
        names.append("l" * 300 + ".txt")
    path = tmp_path / "x.tar"
    with tarfile.open(path, "w", format=format) as tar:
        for i, name in enumerate(names):
            data = bytes([i]) * (i * 300)
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
        tar.addfile(tarfile.TarInfo("folder/"))
    with tarfile.open(path) as tar:
        expected = [(m.name, m.offset_data, m.size) for m in tar if m.isfile() and m.name != "folder/"]
    assert [m for m in tar_members(path) if m[0] != "folder/"] == expected


def test_webdataset_shards(tmp_path):
    for shard in range(2):
        with tarfile.open(tmp_path / f"shard-{shard:05d}.tar", "w") as tar:
            for i in range(3):
                key = f"{3 * shard + i:06d}"
                for suffix, data in (("png", png(i)), ("txt", f"text {key}".encode()), ("cls", b"7")):
                    info = tarfile.TarInfo(f"{key}.{suffix}")
                    info.size = len(data)
                    tar.addfile(info, io.BytesIO(data))
    reader, entries = all_of(tmp_path)
    assert [entry.text for entry in entries] == [f"text {i:06d}" for i in range(6)]
    assert reader.image(entries[4].ref) == png(1)
    reader.close()


def test_webdataset_with_records_and_gaps(tmp_path):
    record = {
        "text": "r",
        "words": [{"text": "r", "quad": [[0, 0], [1, 0], [1, 1], [0, 1]]}],
        "height": 12,
        "width": 30,
    }
    with tarfile.open(tmp_path / "x.tar", "w") as tar:
        members = [("a.json", json.dumps(record).encode()), ("a.png", png()), ("b.png", png()), ("c.txt", b"c")]
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    reader, (a, b, c) = all_of(tmp_path / "x.tar")
    assert (a.text, a.problem, len(a.words)) == ("r", "", 1)
    assert "no text" in b.problem
    assert "no picture" in c.problem
    with pytest.raises(OSError, match="no picture"):
        reader.image(c.ref)


@pytest.mark.parametrize("cut", [100, 700, 1500])
def test_a_damaged_tar_is_refused_by_name(tmp_path, cut):
    with tarfile.open(tmp_path / "x.tar", "w") as tar:
        for name in ("a.png", "b.png"):
            info = tarfile.TarInfo(name)
            info.size = 900
            tar.addfile(info, io.BytesIO(b"x" * 900))
    data = (tmp_path / "x.tar").read_bytes()
    (tmp_path / "x.tar").write_bytes(data[:cut] if cut > 512 else b"\x01" * 1024)
    with pytest.raises(InputError, match=r"x\.tar"):
        open_dataset(tmp_path / "x.tar")


def test_parquet(tmp_path):
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    table = pa.table(
        {
            "image": [{"bytes": png(i), "path": f"{i}.png"} for i in range(5)],
            "text": ["a", "b", None, "d", "e"],
        }
    )
    pq.write_table(table, tmp_path / "x.parquet", row_group_size=2)
    reader, entries = all_of(tmp_path)
    assert [entry.text for entry in entries] == ["a", "b", "", "d", "e"]
    assert "null" in entries[2].problem
    assert [reader.image(entry.ref) for entry in entries] == [png(i) for i in range(5)]
    reader.close()
    # Several files of several groups, of which a picture's place in one is that of another in the other.
    other = pa.table({"image": [{"bytes": png(10 + i), "path": None} for i in range(5)], "text": list("vwxyz")})
    pq.write_table(other, tmp_path / "x2.parquet", row_group_size=2)
    reader, entries = all_of(tmp_path)
    assert [entry.text for entry in entries] == ["a", "b", "", "d", "e", *"vwxyz"]
    numbers = [*range(5), *range(10, 15)]
    for i in (0, 5, 1, 6, 0, 2, 7, 9, 4, 3, 8, 5):
        assert reader.image(entries[i].ref) == png(numbers[i]), i
    reader.close()
    (tmp_path / "x2.parquet").unlink()
    pq.write_table(table.rename_columns(["image", "txt"]), tmp_path / "y.parquet")
    with pytest.raises(InputError, match=r"y\.parquet: has no column text, which x\.parquet has"):
        open_dataset(tmp_path)


@pytest.mark.parametrize("content", [{}, {"a.png": png()}, {"notes.md": b"x"}])
def test_an_unknown_folder_is_one_sentence(tmp_path, content):
    for name, data in content.items():
        (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match="no data set that is known"):
        open_dataset(tmp_path)


def test_a_missing_path_and_a_broken_manifest(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        open_dataset(tmp_path / "no")
    (tmp_path / "dataset.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match=r"dataset\.json"):
        open_dataset(tmp_path)
