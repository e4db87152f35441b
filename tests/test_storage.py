"""Places that fsspec knows: in memory, and a local server that speaks S3."""

import hashlib
import io
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest
from fake_generator import FakeGenerator
from test_generate import content, make

from synthtext.core.errors import InputError
from synthtext.dataset.generate import generate_splits
from synthtext.dataset.merge import merge
from synthtext.formats import SHARDED
from synthtext.formats.base import read_manifest
from synthtext.formats.storage import LocalStorage, open_storage

fsspec = pytest.importorskip("fsspec")
OPTIONS = {"shard_size": 50}


def remote(url):
    """SHA-256 of every file below a URL."""
    fs, root = fsspec.core.url_to_fs(url)
    fs.invalidate_cache()
    root = root.rstrip("/")
    return {path[len(root) + 1 :]: hashlib.sha256(fs.cat_file(path)).hexdigest() for path in sorted(fs.find(root))}


@pytest.fixture
def memory():
    fs = fsspec.filesystem("memory")
    yield "memory://bucket/words"
    if fs.exists("/bucket"):
        fs.rm("/bucket", recursive=True)


@pytest.fixture(scope="module")
def s3(tmp_path_factory):
    """A bucket on a server of this machine."""
    pytest.importorskip("moto.server")
    pytest.importorskip("s3fs")
    log = tmp_path_factory.mktemp("s3") / "log"
    # Port 0: the system chooses one, which the server tells.
    code = (
        "from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app\n"
        "from werkzeug.serving import make_server\n"
        "server = make_server('127.0.0.1', 0, DomainDispatcherApplication(create_backend_app), threaded=True)\n"
        "print(server.port, flush=True)\n"
        "server.serve_forever()"
    )
    with open(log, "w") as errors:
        server = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=errors, text=True)
    try:
        port = server.stdout.readline().strip()
        assert port, log.read_text()
        endpoint = f"http://127.0.0.1:{port}"
        until = time.monotonic() + 20
        while time.monotonic() < until:
            try:
                urllib.request.urlopen(endpoint, timeout=5).close()
                break
            except urllib.error.HTTPError:
                break
            except OSError:
                time.sleep(0.05)
        keys = {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        with pytest.MonkeyPatch.context() as patch:
            for name, value in keys.items():
                patch.setenv(name, value)
            fs = fsspec.filesystem("s3", skip_instance_cache=True)
            fs.mkdir("words-bucket")
            yield "s3://words-bucket"
    finally:
        server.kill()
        server.wait()


@pytest.mark.parametrize("format", SHARDED)
def test_a_place_in_memory_gets_the_bytes_that_a_folder_gets(format, tmp_path, memory):
    make(tmp_path / "d", 180, format=format, **OPTIONS)
    make(memory, 120, format=format, workers=2, **OPTIONS)
    make(memory, 180, format=format, resume=True, **OPTIONS)
    assert remote(memory) == content(tmp_path / "d")
    make(memory, 90, format=format, seed=1, overwrite=True, **OPTIONS)
    make(tmp_path / "other", 90, format=format, seed=1, **OPTIONS)
    assert remote(memory) == content(tmp_path / "other")


@pytest.mark.parametrize("format", SHARDED)
def test_an_s3_bucket_gets_the_bytes_that_a_folder_gets(format, tmp_path, s3):
    url = f"{s3}/{format}"
    make(tmp_path / "d", 180, format=format, **OPTIONS)
    make(url, 180, format=format, **OPTIONS)
    assert remote(url) == content(tmp_path / "d")
    with pytest.raises(InputError, match=r"s3://words-bucket/\w+: holds a data set already .* complete"):
        make(url, 180, format=format, **OPTIONS)


def test_parts_are_made_and_merged_in_a_bucket(tmp_path, s3):
    url = f"{s3}/parts"
    for i in range(3):
        make(url, 180, format="webdataset", piece=(i, 3), **OPTIONS)
    merge([url])
    make(tmp_path / "d", 180, format="webdataset", **OPTIONS)
    assert remote(url) == content(tmp_path / "d")
    for i in range(3):
        make(tmp_path / f"p{i}", 180, format="webdataset", piece=(i, 3), **OPTIONS)
    merge([tmp_path / f"p{i}" for i in range(3)], f"{s3}/joined")
    assert remote(f"{s3}/joined") == content(tmp_path / "d")


def test_a_run_that_failed_leaves_whole_shards_in_the_bucket(tmp_path, s3, monkeypatch):
    from synthtext.core.errors import SampleError

    url = f"{s3}/failed"
    (tmp_path / "faults").mkdir()
    monkeypatch.setenv("FAKE_FAULT", f"raise 130 99 {tmp_path / 'faults'}")
    with pytest.raises(SampleError):
        make(url, 180, format="parquet", **OPTIONS)
    assert [s.first for s in read_manifest(url).shards] == [0, 50]
    assert remote(url).keys() == {"dataset.json", "shard-000000.parquet", "shard-000001.parquet"}
    monkeypatch.delenv("FAKE_FAULT")
    make(url, 180, format="parquet", resume=True, **OPTIONS)
    make(tmp_path / "d", 180, format="parquet", **OPTIONS)
    assert remote(url) == content(tmp_path / "d")


def test_splits_and_their_parts_go_to_a_url(tmp_path, memory):
    options = {"format": "mds", "workers": 1, "make_generator": FakeGenerator, "stream": io.StringIO()} | OPTIONS
    for i in range(2):
        generate_splits("clean", memory, 300, "train=2,val=1", piece=(i, 2), **options)
    merge([memory])
    generate_splits("clean", tmp_path / "d", 300, "train=2,val=1", **options)
    assert remote(memory) == content(tmp_path / "d")


def test_pyarrow_reads_from_the_bucket(tmp_path, s3):
    pq = pytest.importorskip("pyarrow.parquet")
    url = f"{s3}/read"
    make(url, 120, format="parquet", **OPTIONS)
    fs = fsspec.filesystem("s3")
    table = pq.read_table([f"words-bucket/read/{s.name}" for s in read_manifest(url).shards], filesystem=fs)
    assert table["index"].to_pylist() == list(range(120))


def test_a_file_url_is_a_folder(tmp_path):
    make(f"file://{tmp_path}/d", 30)
    make(tmp_path / "other", 30)
    assert content(tmp_path / "d") == content(tmp_path / "other")
    assert isinstance(open_storage(f"file://{tmp_path}/d"), LocalStorage)


@pytest.mark.parametrize("format", ["folder", "lmdb"])
def test_formats_without_shards_are_refused_at_a_url(format, memory):
    with pytest.raises(InputError, match=f"--format {format} writes to a local folder; of the others, webdataset"):
        make(memory, 30, format=format)
    assert not remote(memory)


def test_a_bucket_that_is_not_there_is_told_in_one_sentence(s3):
    with pytest.raises(InputError, match=r"s3://no-such-bucket-here/x: cannot be written: .*bucket") as error:
        make("s3://no-such-bucket-here/x", 30, format="mds")
    assert "\n" not in str(error.value)


def test_unknown_schemes_and_missing_packages_are_told(monkeypatch):
    with pytest.raises(InputError, match=r"nowhere://x: is no place that fsspec knows"):
        open_storage("nowhere://x")

    def missing(url):
        raise ImportError("Install s3fs to access S3")

    monkeypatch.setattr(fsspec.core, "url_to_fs", missing)
    with pytest.raises(InputError, match=r's3:// is missing; pip install "synthtext\[s3\]"'):
        open_storage("s3://bucket/x")
    with pytest.raises(InputError, match=r"for gs:// is missing; Install"):
        open_storage("gs://bucket/x")
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(InputError, match=r'the package fsspec is missing; pip install "synthtext\[s3\]"'):
        open_storage("s3://bucket/x")
    with pytest.raises(InputError, match=r'pip install "synthtext\[fsspec\]"'):
        open_storage("gs://bucket/x")


def test_where_uploads_are_seen_half_done_they_are_renamed(monkeypatch, memory, tmp_path):
    from synthtext.formats import storage

    monkeypatch.setattr(storage, "_WHOLE", frozenset())
    put = []
    fs = fsspec.filesystem("memory")
    real = type(fs).put_file

    def seen(self, path, key, *rest, **more):
        put.append(key)
        real(self, path, key, *rest, **more)

    monkeypatch.setattr(type(fs), "put_file", seen)
    make(memory, 120, format="webdataset", **OPTIONS)
    make(tmp_path / "d", 120, format="webdataset", **OPTIONS)
    assert remote(memory) == content(tmp_path / "d")
    assert put
    assert all(name.endswith(".tmp") for name in put)


def test_nothing_is_left_in_the_temporary_folder(tmp_path, monkeypatch, memory):
    (tmp_path / "t").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "t"))
    make(memory, 120, format="webdataset", **OPTIONS)
    make(memory, 170, format="webdataset", resume=True, **OPTIONS)
    assert not os.listdir(tmp_path / "t")
    assert json.loads(fsspec.filesystem("memory").cat_file("/bucket/words/dataset.json"))["written"] == 170
