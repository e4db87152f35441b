import json

import pytest
from fake_generator import FakeGenerator
from test_generate import content, make

from synthtext import cli
from synthtext.core.errors import InputError
from synthtext.dataset.claim import LOCK
from synthtext.dataset.generate import generate_splits
from synthtext.dataset.merge import merge
from synthtext.formats import SHARDED
from synthtext.formats.base import read_manifest

OPTIONS = {"format": "webdataset", "shard_size": 50, "start": 7, "seed": 2}


@pytest.fixture(scope="module")
def single(tmp_path_factory):
    """530 samples in 11 shards, made in one run, of each format."""
    root = tmp_path_factory.mktemp("single")
    for format in SHARDED:
        make(root / format, 530, **OPTIONS | {"format": format})
    return {format: content(root / format) for format in SHARDED}


def pieces(folder, n, **changes):
    for i in range(n):
        make(folder, 530, piece=(i, n), **OPTIONS | changes)


@pytest.mark.parametrize("format", SHARDED)
@pytest.mark.parametrize("n", [1, 3, 13])
def test_parts_in_one_folder_join_to_what_a_single_run_writes(format, n, tmp_path, single):
    pieces(tmp_path / "d", n, format=format)
    assert "dataset.json" not in content(tmp_path / "d")
    [(place, manifest)] = merge([tmp_path / "d"])
    assert (place, manifest.count, len(manifest.shards)) == (str(tmp_path / "d"), 530, 11)
    assert content(tmp_path / "d") == single[format]


def test_parts_of_several_folders_join_in_another(tmp_path, single, capsys):
    for i in range(3):
        make(tmp_path / f"job{i}", 530, piece=(i, 3), **OPTIONS)
    before = {i: content(tmp_path / f"job{i}") for i in range(3)}
    assert cli.main(["merge", *(str(tmp_path / f"job{i}") for i in (2, 0, 1)), "-o", str(tmp_path / "d")]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'd'}: 530 samples in 11 shards, joined and checked\n"
    assert content(tmp_path / "d") == single["webdataset"]
    assert {i: content(tmp_path / f"job{i}") for i in range(3)} == before
    with pytest.raises(InputError, match="several folders; name with -o"):
        merge([tmp_path / "job0", tmp_path / "job1"])


def test_a_part_makes_its_own_shards_resumes_and_is_replaced_alone(tmp_path, single):
    make(tmp_path / "d", 530, piece=(1, 3), **OPTIONS)
    manifest = read_manifest(tmp_path / "d", "dataset-00001-of-00003.json")
    assert manifest.wanted == manifest.written == 200
    assert [s.name for s in manifest.shards] == [f"shard-{k:06d}.tar" for k in range(3, 7)]
    assert [s.first for s in manifest.shards] == [157, 207, 257, 307]
    with pytest.raises(InputError, match=r"holds a data set already .seed 2, 200 samples, complete"):
        make(tmp_path / "d", 530, piece=(1, 3), **OPTIONS)
    make(tmp_path / "d", 530, piece=(0, 3), **OPTIONS)
    before = content(tmp_path / "d")
    make(tmp_path / "d", 530, piece=(1, 3), resume=True, **OPTIONS)
    make(tmp_path / "d", 530, piece=(1, 3), overwrite=True, **OPTIONS)
    assert content(tmp_path / "d") == before
    with pytest.raises(InputError, match=r"holds parts of a data set \(dataset-00000-of-00003.json\); join them"):
        make(tmp_path / "d", 530, **OPTIONS)
    make(tmp_path / "d", 530, piece=(2, 3), **OPTIONS)
    merge([tmp_path / "d"])
    assert content(tmp_path / "d") == single["webdataset"]
    with pytest.raises(InputError, match="holds a whole data set already"):
        make(tmp_path / "d", 530, piece=(1, 3), **OPTIONS)


def test_parts_run_beside_each_other_but_not_twice(tmp_path):
    from synthtext.dataset.claim import locked
    from synthtext.formats.storage import LocalStorage

    folder = tmp_path / "d"
    with locked(LocalStorage(folder), "dataset-00000-of-00003.json"):
        make(folder, 530, piece=(1, 3), **OPTIONS)
        with pytest.raises(InputError, match="another run is writing to it"):
            make(folder, 530, piece=(0, 3), **OPTIONS)
        with pytest.raises(InputError, match="another run is writing to it"):
            merge([folder])
    assert not list(folder.glob(f"*{LOCK}"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seed": 3}, "with seed 2, and 3 is asked for"),
        ({"overrides": ("text.cut=0.5",)}, "text.cut: 0.0 there, 0.5 now"),
        ({"piece": (1, 4)}, "of 530 samples in 3 parts, and 530 in 4 are asked for"),
    ],
)
def test_a_part_of_another_data_set_is_refused_beside_the_others(changes, message, tmp_path):
    make(tmp_path / "d", 530, piece=(0, 3), **OPTIONS)
    before = content(tmp_path / "d")
    with pytest.raises(InputError, match=message):
        make(tmp_path / "d", 530, **OPTIONS | {"piece": (1, 3)} | changes)
    assert content(tmp_path / "d") == before


def change(path, **fields):
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


def test_merge_refuses_what_does_not_fit_and_changes_nothing(tmp_path):
    folder = tmp_path / "d"
    pieces(folder, 3)
    second = folder / "dataset-00001-of-00003.json"
    good = second.read_text()
    shards = json.loads(good)["shards"]

    def refused(message):
        before = content(folder)
        with pytest.raises(InputError, match=message):
            merge([folder])
        assert content(folder) == before

    change(second, written=150, shards=shards[:3])
    refused(r"dataset-00001-of-00003.json: is not complete, 150 of 200 samples; go on with --shard 1/3 --resume")
    change(second, written=200, shards=[shards[0], shards[0], *shards[2:]])
    refused("shard-000003.tar, which begins at sample 157, overlaps the one before it")
    change(second, shards=[shards[0], *shards[2:]])
    refused("shard-000005.tar, which begins at sample 257, leaves out the samples from 207")
    change(second, shards=shards, seed=9)
    refused(r"dataset-00001-of-00003.json: is a part of another data set than .*00000.* \(seed: 2 there, 9 now\)")
    change(second, seed=2, digest="f" * 64)
    refused("is a part of another data set than")
    second.unlink()
    refused("1 of 3 parts are missing; make them with --shard 1/3")
    second.write_text(good)
    shard = folder / "shard-000004.tar"
    data = shard.read_bytes()
    shard.write_bytes(data[:700] + b"X" + data[701:])
    refused(r"shard-000004.tar: is not the shard that was made")
    shard.unlink()
    refused(r"shard-000004.tar: is missing; make that part again with --overwrite")
    shard.write_bytes(data)
    (folder / "copy").mkdir()
    (folder / "copy" / second.name).write_text(good)
    with pytest.raises(InputError, match="is the same part as"):
        merge([folder, folder / "copy"], tmp_path / "out")


def test_a_merge_that_was_ended_is_finished(tmp_path, single, monkeypatch):
    from synthtext.formats.storage import LocalStorage

    pieces(tmp_path / "d", 3)
    real = LocalStorage.remove

    def fail(self, name):
        if "00001-of" in name:
            raise KeyboardInterrupt
        real(self, name)

    monkeypatch.setattr(LocalStorage, "remove", fail)
    with pytest.raises(KeyboardInterrupt):
        merge([tmp_path / "d"])
    monkeypatch.setattr(LocalStorage, "remove", real)
    assert {"dataset.json", "dataset-00001-of-00003.json"} <= content(tmp_path / "d").keys()
    merge([tmp_path / "d"])
    assert content(tmp_path / "d") == single["webdataset"]


def test_a_folder_without_parts_is_told(tmp_path):
    make(tmp_path / "d", 30)
    with pytest.raises(InputError, match="holds a whole data set already, and not of these parts"):
        merge([tmp_path / "d"])
    with pytest.raises(InputError, match="holds no parts"):
        merge([tmp_path / "none"])


def test_parts_of_splits_join_split_by_split(tmp_path):
    options = {"format": "mds", "shard_size": 20, "workers": 1, "make_generator": FakeGenerator}
    for i in range(2):
        generate_splits("clean", tmp_path / "d", 200, "train=3,val=1", piece=(i, 2), **options)
    assert [manifest.count for _, manifest in merge([tmp_path / "d"])] == [150, 50]
    generate_splits("clean", tmp_path / "single", 200, "train=3,val=1", **options)
    assert content(tmp_path / "d") == content(tmp_path / "single")


@pytest.mark.parametrize("text", ["1", "1/", "a/b", "-1/2", "1/2/3"])
def test_a_bad_part_is_told(text, capsys):
    assert cli.main(["generate", "clean", "-o", "/tmp/never", "-n", "10", f"--shard={text}"]) == 2
    assert "write i/n, such as 0/16 to 15/16 for 16 jobs" in capsys.readouterr().err


def test_parts_of_other_versions_are_joined_only_when_asked(tmp_path, monkeypatch, capsys, single):
    from synthtext.dataset import generate as module

    now = module.library_versions()
    old = now | {"skia-pathops": "0.8.0"}
    folder = tmp_path / "d"
    make(folder, 530, piece=(0, 2), **OPTIONS)
    monkeypatch.setattr(module, "library_versions", lambda: old)
    with pytest.raises(InputError, match=rf"skia-pathops {now['skia-pathops']} there, 0\.8\.0 now"):
        make(folder, 530, piece=(1, 2), **OPTIONS)
    make(folder, 530, piece=(1, 2), accept_versions=True, **OPTIONS)
    with pytest.raises(InputError, match=rf"skia-pathops {now['skia-pathops']} there, 0\.8\.0 now.*--accept-versions"):
        merge([folder])
    assert cli.main(["merge", str(folder), "--accept-versions"]) == 0
    assert read_manifest(folder).versions == (now, old)
    rest = {name: digest for name, digest in content(folder).items() if name != "dataset.json"}
    assert rest == {name: digest for name, digest in single["webdataset"].items() if name != "dataset.json"}
