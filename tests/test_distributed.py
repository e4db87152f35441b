"""A Ray cluster of two nodes' worth of processes on this machine, one of which is killed on the way."""

import io
import json
import logging
import os
import subprocess
import sys
import threading
import time
import types
from pathlib import Path

import numpy as np
import pytest
from fake_generator import FakeGenerator
from test_generate import content, fault, make

from synthtext.config import load_config
from synthtext.core.errors import InputError, SampleError
from synthtext.dataset.generate import generate

HERE = Path(__file__).parent
OPTIONS = {"format": "webdataset", "shard_size": 50}


def test_missing_ray_is_told_with_the_command(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(InputError, match=r'--engine ray: the package ray is missing; pip install "synthtext\[ray\]"'):
        make(tmp_path / "d", 100, engine="ray", **OPTIONS)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"engine": "spark"}, "--engine spark: unknown; choose local or ray"),
        ({"engine": "ray", "format": "lmdb", "shard_size": None}, "--engine ray: --format lmdb has no shards"),
        ({"ray_address": "auto"}, "--ray-address auto: only for --engine ray"),
    ],
)
def test_bad_arguments_are_told(options, message, tmp_path):
    with pytest.raises(InputError, match=message):
        make(tmp_path / "d", 100, **OPTIONS | options)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A head with one CPU; the tests add nodes. Connected, so that `generate` uses it."""
    ray = pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    faults = tmp_path_factory.mktemp("ray")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", f"{HERE}{os.pathsep}{HERE.parent}")
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("FAKE_SLEEP", "0.002")
        patch.setenv("FAKE_FAULT_FILE", str(faults / "fault"))
        head = {"num_cpus": 1, "object_store_memory": 80 << 20, "include_dashboard": False}
        cluster = Cluster(initialize_head=True, head_node_args=head)
        try:
            ray.init(address=cluster.address, logging_level=logging.ERROR, log_to_driver=False)
            cluster.faults = faults
            yield cluster
        finally:
            ray.shutdown()
            cluster.shutdown()


def on_ray(folder, count=500, **options):
    stream = io.StringIO()
    result = generate(
        "clean", folder, count, engine="ray", make_generator=FakeGenerator, stream=stream, **OPTIONS | options
    )
    return result, stream.getvalue()


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    folder = tmp_path_factory.mktemp("local") / "d"
    make(folder, 500, **OPTIONS)
    return content(folder)


def test_the_cluster_writes_the_bytes_of_a_local_run(cluster, tmp_path, local):
    result, _ = on_ray(tmp_path / "d")
    assert (result.made, result.samples) == (500, 500)
    assert content(tmp_path / "d") == local
    result, _ = on_ray(tmp_path / "d", resume=True)
    assert result.made == 0
    make(tmp_path / "half", 250, **OPTIONS)
    result, _ = on_ray(tmp_path / "half", resume=True)
    assert result.made == 250
    assert content(tmp_path / "half") == local


def test_a_node_that_is_killed_costs_its_unfinished_shards_only(cluster, tmp_path, local):
    node = cluster.add_node(num_cpus=1, object_store_memory=80 << 20)
    cluster.wait_for_nodes()
    folder = tmp_path / "d"

    def kill():
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                if len(json.loads((folder / "dataset.json").read_text()).get("shards", ())) >= 3:
                    break
            except FileNotFoundError:
                pass
            time.sleep(0.02)
        times.update({p.name: p.stat().st_mtime_ns for p in folder.glob("*.tar")})
        cluster.remove_node(node, allow_graceful=False)

    times = {}
    killer = threading.Thread(target=kill)
    killer.start()
    on_ray(folder)
    killer.join()
    assert content(folder) == local
    assert 3 <= len(times) < 10  # it was killed on the way, and the shards that were there have not been made again
    assert {name: (folder / name).stat().st_mtime_ns for name in times} == times


def test_a_worker_that_is_killed_is_replaced(cluster, tmp_path, local):
    (cluster.faults / "fault").write_text(fault("kill", 222, 2, cluster.faults / "killed"))
    try:
        on_ray(tmp_path / "d")
        assert len(list((cluster.faults / "killed").iterdir())) == 2
    finally:
        (cluster.faults / "fault").unlink()
    assert content(tmp_path / "d") == local


def test_a_sample_that_fails_keeps_the_whole_shards_and_can_be_resumed(cluster, tmp_path, local):
    (cluster.faults / "fault").write_text(fault("raise", 222, 99, cluster.faults / "raised"))
    try:
        with pytest.raises(SampleError, match=r"sample 222 of seed 0 cannot be made \(ZeroDivisionError: no sum\)"):
            on_ray(tmp_path / "d")
    finally:
        (cluster.faults / "fault").unlink()
    assert "shards" in json.loads((tmp_path / "d" / "dataset.json").read_text())
    result, _ = on_ray(tmp_path / "d", resume=True)
    assert 0 < result.made < 500
    assert content(tmp_path / "d") == local


class Elsewhere(FakeGenerator):
    """One that finds other fonts wherever it is not the driver."""

    def __init__(self, config, seed=0):
        super().__init__(config, seed)
        if os.getpid() != int(os.environ.get("DRIVER_PID", "0")):
            self.digest = "f" * 64


def test_a_node_with_other_resources_is_refused(cluster, tmp_path, monkeypatch):
    monkeypatch.setenv("DRIVER_PID", str(os.getpid()))
    with pytest.raises(InputError, match=r"has other fonts, backgrounds or texts than the one that began .digest ffff"):
        generate("clean", tmp_path / "d", 100, engine="ray", make_generator=Elsewhere, stream=io.StringIO(), **OPTIONS)


def test_a_place_that_nodes_do_not_share_is_refused(cluster):
    fsspec = pytest.importorskip("fsspec")
    with pytest.raises(InputError, match="was written by a node of the cluster and is not to be seen here"):
        on_ray("memory://bucket/ray")
    fsspec.filesystem("memory").rm("/bucket", recursive=True)


@pytest.mark.parametrize("images", ["one size", "sizes"])
def test_ray_data_reads_samples_without_a_disk(cluster, images):
    pytest.importorskip("pandas")
    from synthtext.dataset.distributed import ray_dataset

    count = 60
    size = 8 if images == "sizes" else 1
    data = ray_dataset("clean", count, seed=3, start=7, batch_size=size, blocks=4, make_generator=FakeGenerator)
    source = FakeGenerator(load_config("clean"), 3)
    rows = sorted(data.iter_rows(), key=lambda row: row["index"])
    assert [row["index"] for row in rows] == list(range(7, 7 + count))
    for row in rows:
        sample = source[row["index"]]
        assert np.array_equal(row["image"], sample.image)
        assert row["text"] == sample.text
        assert [w["text"] for w in json.loads(row["label"])["words"]] == [w.text for w in sample.words]


def test_an_address_without_a_cluster_is_told_in_one_sentence(tmp_path, monkeypatch):
    def init(**options):
        assert options["address"] == "10.0.0.1:6379"
        raise ConnectionError("Ray is trying to start at 10.0.0.1:6379, but is already running. Please\ncheck.")

    fake = types.SimpleNamespace(init=init, is_initialized=lambda: False)
    monkeypatch.setitem(sys.modules, "ray", fake)
    with pytest.raises(
        InputError, match=r"--ray-address 10.0.0.1:6379: no cluster answers \(Ray is trying .*\)"
    ) as error:
        make(tmp_path / "d", 100, engine="ray", ray_address="10.0.0.1:6379", **OPTIONS)
    assert "\n" not in str(error.value)


def test_without_an_address_the_command_line_uses_this_machine(tmp_path):
    pytest.importorskip("ray")
    argv = ["generate", "clean", "-o", "d", "-n", "100", "--format", "mds", "--engine", "ray", "--workers", "2"]
    env = os.environ | {"PYTHONPATH": f"{HERE}{os.pathsep}{HERE.parent}", "RAY_USAGE_STATS_ENABLED": "0"}
    env.pop("RAY_ADDRESS", None)
    done = subprocess.run(
        [sys.executable, str(HERE / "fake_cli.py"), *argv],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("d: 100 samples in ")
    make(tmp_path / "local", 100, format="mds", shard_size=200)
    assert content(tmp_path / "d") == content(tmp_path / "local")
