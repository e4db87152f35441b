"""The formats in shards: read back by the libraries that they are for, and what holds for all of them."""

import hashlib
import io
import json
import struct
import tarfile
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from fake_generator import TEXTS, FakeGenerator
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from test_generate import content, make

from synthtext.config import load_config
from synthtext.core.errors import InputError
from synthtext.formats import SHARDED
from synthtext.formats.base import Encoding, read_manifest
from synthtext.formats.webdataset import tar_header

PNG = FakeGenerator(load_config("clean"), 3)


@pytest.fixture(scope="module", params=["png", "jpg"])
def written(request, tmp_path_factory):
    """120 samples from index 995 in each format, in shards of 50."""
    root = tmp_path_factory.mktemp("written")
    for format in SHARDED:
        make(root / format, 120, start=995, seed=3, format=format, shard_size=50, encoding=Encoding(request.param))
    return root, request.param


def check(rows, suffix):
    """`rows`: (image as an array, text, label record, index) of each sample."""
    rows = list(rows)
    assert [index for *_, index in rows] == list(range(995, 1115))
    for image, text, label, index in rows:
        sample = PNG[index]
        assert image.shape == sample.image.shape
        if suffix == "png":
            assert np.array_equal(image, sample.image)
        assert text == label["text"] == sample.text == TEXTS[index % len(TEXTS)]
        assert (label["index"], label["image"]) == (index, f"{index:09d}.{suffix}")
        assert [w["text"] for w in label["words"]] == [w.text for w in sample.words]


def pixels(data):
    return np.array(Image.open(io.BytesIO(data)))


def test_webdataset_reads_it(written):
    wds = pytest.importorskip("webdataset")
    root, suffix = written
    url = str(root / "webdataset" / "shard-{000000..000002}.tar")
    data = wds.WebDataset(url, shardshuffle=False).decode("rgb8").to_tuple(suffix, "txt", "json", "__key__")
    check(((image, text, label, int(key)) for image, text, label, key in data), suffix)


def test_tar_files_are_what_tarfile_reads_and_hold_no_time_or_user(written):
    root, suffix = written
    names = []
    for path in sorted((root / "webdataset").glob("*.tar")):
        assert path.stat().st_size % 10240 == 0
        with tarfile.open(path, errorlevel=2) as file:
            for member in file:
                told = (member.mode, member.uid, member.gid, member.uname, member.gname, member.mtime, member.isreg())
                assert told == (0o644, 0, 0, "", "", 0, True)
                names.append(member.name)
    assert names == [f"{i:09d}.{kind}" for i in range(995, 1115) for kind in (suffix, "txt", "json")]


@given(st.binary(min_size=1, max_size=100).filter(lambda name: b"\0" not in name), st.integers(0, 8**11 - 1))
def test_tar_headers_are_those_of_tarfile(name, size):
    info = tarfile.TarInfo.frombuf(tar_header(name, size), "utf-8", "surrogateescape")
    assert info.size == size
    assert info.name.encode("utf-8", "surrogateescape") == name.rstrip(b"/")
    plain = tarfile.TarInfo(name.decode("ascii", "replace").replace("\ufffd", "x").replace("/", "x"))
    plain.size = size
    assert tar_header(plain.name.encode(), size) == plain.tobuf(tarfile.USTAR_FORMAT)


def test_pyarrow_reads_it(written):
    pq = pytest.importorskip("pyarrow.parquet")
    root, suffix = written
    files = sorted((root / "parquet").glob("*.parquet"))
    assert len(files) == 3
    table = pq.read_table(files)
    rows = table.to_pylist()
    assert [row["image"]["path"] for row in rows] == [f"{i:09d}.{suffix}" for i in range(995, 1115)]
    check(((pixels(r["image"]["bytes"]), r["text"], json.loads(r["label"]), r["index"]) for r in rows), suffix)


def test_hugging_face_datasets_loads_the_folder(written, tmp_path, monkeypatch):
    datasets = pytest.importorskip("datasets")
    root, suffix = written
    data = datasets.load_dataset(str(root / "parquet"), cache_dir=str(tmp_path))
    assert list(data) == ["train"]
    assert isinstance(data["train"].features["image"], datasets.Image)
    rows = data["train"]
    check(((np.array(r["image"]), r["text"], json.loads(r["label"]), r["index"]) for r in rows), suffix)


def read_mds(folder):
    """The layout, read as MosaicML Streaming documents it."""
    index = json.loads((folder / "index.json").read_text())
    assert index["version"] == 2
    for shard in index["shards"]:
        raw = (folder / shard["raw_data"]["basename"]).read_bytes()
        assert len(raw) == shard["raw_data"]["bytes"]
        assert hashlib.sha256(raw).hexdigest() == shard["raw_data"]["hashes"]["sha256"]
        (n,) = struct.unpack_from("<I", raw)
        assert n == shard["samples"]
        offsets = struct.unpack_from(f"<{n + 1}I", raw, 4)
        assert json.loads(raw[4 + 4 * (n + 1) : offsets[0]])["column_names"] == shard["column_names"]
        assert offsets[-1] == len(raw)
        for begin, end in pairwise(offsets):
            at = begin + 4 * shard["column_sizes"].count(None)
            lengths = iter(struct.unpack_from(f"<{shard['column_sizes'].count(None)}I", raw, begin))
            row = {}
            for name, size in zip(shard["column_names"], shard["column_sizes"], strict=True):
                size = next(lengths) if size is None else size
                row[name] = raw[at : at + size]
                at += size
            assert at == end
            yield row


def test_mds_is_as_documented(written):
    root, suffix = written
    rows = [
        (pixels(r["image"]), r["text"].decode(), json.loads(r["label"]), int.from_bytes(r["index"], "little"))
        for r in read_mds(root / "mds")
    ]
    check(rows, suffix)


def test_streaming_reads_it(written):
    streaming = pytest.importorskip("streaming", reason="mosaicml-streaming brings much with it")
    root, suffix = written
    data = streaming.StreamingDataset(local=str(root / "mds"), shuffle=False, batch_size=1, validate_hash="sha256")
    check(((np.array(r["image"]), r["text"], r["label"], r["index"]) for r in data), suffix)


@pytest.mark.parametrize("format", SHARDED)
def test_the_manifest_is_the_index_of_the_shards(written, format):
    root, _ = written
    manifest = read_manifest(root / format)
    assert (manifest.written, manifest.count, manifest.shard_size, manifest.seed) == (120, 120, 50, 3)
    assert [(s.first, s.samples) for s in manifest.shards] == [(995, 50), (1045, 50), (1095, 20)]
    for shard in manifest.shards:
        data = (root / format / shard.name).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (shard.bytes, shard.sha256)
    raw = json.loads((root / format / "dataset.json").read_text())
    assert raw["shards"][0].keys() == {"name", "first", "samples", "bytes", "sha256"}
    assert not (root / format / "report.json").exists()


@pytest.mark.parametrize("format", SHARDED)
def test_a_longer_data_set_keeps_whole_shards_and_makes_the_short_one_again(format, tmp_path):
    make(tmp_path / "fresh", 130, format=format, shard_size=50)
    make(tmp_path / "d", 70, format=format, shard_size=50)
    first = tmp_path / "d" / read_manifest(tmp_path / "d").shards[0].name
    before = first.stat().st_mtime_ns
    make(tmp_path / "d", 130, format=format, shard_size=50, resume=True)
    assert first.stat().st_mtime_ns == before
    assert content(tmp_path / "d") == content(tmp_path / "fresh")


@pytest.mark.parametrize("format", SHARDED)
def test_a_shard_that_has_gone_is_told_and_one_unknown_is_made_again(format, tmp_path):
    make(tmp_path / "d", 130, format=format, shard_size=50)
    whole = content(tmp_path / "d")
    manifest = json.loads((tmp_path / "d" / "dataset.json").read_text())
    hole = manifest["shards"].pop(1)
    manifest["written"] -= hole["samples"]
    (tmp_path / "d" / "dataset.json").write_text(json.dumps(manifest))
    make(tmp_path / "d", 130, format=format, shard_size=50, resume=True)
    assert content(tmp_path / "d") == whole
    (tmp_path / "d" / hole["name"]).unlink()
    with pytest.raises(InputError, match=rf"{hole['name']} is missing, which dataset.json knows of"):
        make(tmp_path / "d", 130, format=format, shard_size=50, resume=True)


def test_resume_refuses_another_size_of_shards(tmp_path):
    make(tmp_path / "d", 130, format="webdataset", shard_size=50)
    with pytest.raises(InputError, match="with shard_size 50, and 40 is asked for"):
        make(tmp_path / "d", 130, format="webdataset", shard_size=40, resume=True)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"format": "folder", "shard_size": 5},
            "--shard-size: --format folder has no shards; choose mds, parquet, webdataset",
        ),
        ({"format": "lmdb", "piece": (0, 2)}, "--shard: --format lmdb has no shards"),
        ({"format": "mds", "shard_size": 0}, "--shard-size 0: give a number from 1"),
        ({"format": "mds", "piece": (2, 2)}, "--shard 2/2: parts count from 0: give 0/2 to 1/2"),
    ],
)
def test_bad_arguments_are_told(options, message, tmp_path):
    with pytest.raises(InputError, match=message):
        make(tmp_path / "d", 10, **options)
    assert not (tmp_path / "d").exists()


def test_an_mds_shard_above_what_its_offsets_hold_is_refused(tmp_path, monkeypatch):
    from synthtext.formats import mds

    monkeypatch.setattr(mds, "_LIMIT", 20_000)
    with pytest.raises(InputError, match="a shard holds less than 4 GiB; lower --shard-size"):
        make(tmp_path / "d", 100, format="mds")
    assert {path.name for path in Path(tmp_path / "d").iterdir()} == {"dataset.json"}


def test_missing_pyarrow_is_told_with_the_command(monkeypatch):
    import sys

    from synthtext.formats import writer_of

    monkeypatch.delitem(sys.modules, "synthtext.formats.parquet", raising=False)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(InputError, match=r'pip install "synthtext\[parquet\]"'):
        writer_of("parquet")
