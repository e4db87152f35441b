import contextlib
import errno
import hashlib
import importlib.metadata
import io
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from fake_generator import TEXTS, FakeBatches, FakeGenerator

from synthtext.config import load_config
from synthtext.core.errors import InputError, SampleError
from synthtext.core.version import __version__
from synthtext.dataset import claim
from synthtext.dataset import generate as module
from synthtext.dataset.generate import generate
from synthtext.formats import FORMATS, SHARDED
from synthtext.formats.base import Encoding, read_manifest, write_manifest
from synthtext.formats.storage import LocalStorage
from synthtext.runtime.progress import Progress, duration
from synthtext.runtime.workers import make_range

HERE = Path(__file__).parent
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc or forks")


@pytest.fixture(autouse=True)
def small_commits(monkeypatch):
    monkeypatch.setattr(module, "COMMIT_SAMPLES", 256)
    monkeypatch.setattr(module, "SHARD_SIZE", 200)


def make(out, count=700, workers=1, make_generator=FakeGenerator, **options):
    stream = io.StringIO()
    generate("clean", out, count, workers=workers, make_generator=make_generator, stream=stream, **options)
    return stream.getvalue()


def content(folder):
    """SHA-256 of every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(Path(folder).rglob("*"))
        if path.is_file()
    }


def start(*argv, **environment):
    env = os.environ | {"PYTHONPATH": f"{HERE}{os.pathsep}{HERE.parent}", "OPENBLAS_NUM_THREADS": "1"} | environment
    return subprocess.Popen(
        [sys.executable, str(HERE / "fake_cli.py"), "generate", "clean", *map(str, argv)],
        env=env,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The files of 1,500 samples in each format, made in one process without an incident."""
    root = tmp_path_factory.mktemp("undisturbed")
    result = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "COMMIT_SAMPLES", 256)
        patch.setattr(module, "SHARD_SIZE", 200)
        for format in FORMATS:
            make(root / format, 1500, format=format)
            result[format] = content(root / format)
    return result


def test_a_data_set_holds_what_was_asked_for(tmp_path):
    make(tmp_path / "a" / "b", 70, start=990, seed=5, encoding=Encoding("png"))
    folder = tmp_path / "a" / "b"
    rows = (folder / "labels.tsv").read_text(encoding="utf-8").split("\n")
    assert len(rows) == 71
    records = [json.loads(line) for line in (folder / "labels.jsonl").read_text(encoding="utf-8").split("\n")[:-1]]
    assert [r["index"] for r in records] == list(range(990, 1060))
    assert [row.split("\t")[0] for row in rows[:-1]] == [r["image"] for r in records]
    assert {r["image"] for r in records} == {p.relative_to(folder).as_posix() for p in folder.rglob("*.png")}
    manifest = json.loads((folder / "dataset.json").read_text(encoding="utf-8"))
    config = load_config("clean")
    assert manifest["digest"] == FakeGenerator(config).digest
    assert manifest["config"]["image"]["height"] == config.image.height
    told = {key: manifest[key] for key in ("format", "synthtext", "seed", "start", "count", "written", "image_format")}
    assert told == {
        "format": "folder",
        "synthtext": __version__,
        "seed": 5,
        "start": 990,
        "count": 70,
        "written": 70,
        "image_format": "png",
    }
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))["coverage"]
    assert (report["texts"], report["distinct"]) == (70, len(TEXTS))
    assert {path.name for path in folder.iterdir()} == {
        "images",
        "labels.tsv",
        "labels.jsonl",
        "dataset.json",
        "report.json",
    }


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("workers", [2, 3])
def test_same_bytes_for_every_number_of_workers(format, workers, tmp_path, undisturbed):
    make(tmp_path / "d", 1500, workers, format=format)
    assert content(tmp_path / "d") == undisturbed[format]


@LINUX
@pytest.mark.parametrize("format", FORMATS)
def test_same_bytes_from_forked_workers(format, tmp_path, undisturbed):
    code = (
        "import sys; import fake_cli; from synthtext.runtime.workers import start_method; "
        "sys.exit(start_method() != 'fork')"
    )
    env = os.environ | {"PYTHONPATH": f"{HERE}{os.pathsep}{HERE.parent}"}
    assert subprocess.run([sys.executable, "-c", code], env=env, check=False).returncode == 0
    run = start("-o", tmp_path / "d", "-n", 1500, "--format", format, "--workers", 3)
    assert run.wait() == 0, run.stderr.read()
    assert content(tmp_path / "d") == undisturbed[format]


def _kill_at(event, folder, format, encoding=Encoding(), room=None):  # noqa: B008
    """In a forked process: make samples, and die at that access to the file system, or in a write after it.

    `room`: None, to die at once; else how many bytes a file may have: the write that goes beyond is cut off there, and
    its process killed by the system.
    """
    seen = 0

    def hook(name, arguments):
        nonlocal seen
        if name in ("open", "os.rename", "os.remove", "os.mkdir", "os.truncate", "os.rmdir") and str(
            arguments[0]
        ).startswith(str(folder)):
            seen += 1
            if seen == event and room is None:
                os._exit(9)
            if seen == event:
                resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
                resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    if room is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # Python ignores it, and would raise an OSError instead

    sys.addaudithook(hook)
    # Standard error stays as it is: a traceback would be an unexpected end, and is to be seen.
    make(folder, 10, format=format, resume=True, encoding=encoding)
    os._exit(0)


@LINUX
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
@pytest.mark.parametrize(
    ("format", "ink"), [*((f, False) for f in FORMATS), *((f, True) for f in ("folder", "lmdb", "webdataset"))]
)
def test_killed_at_any_access_to_the_disk_and_resumed(format, ink, tmp_path, monkeypatch):
    encoding = Encoding(ink=ink)
    monkeypatch.setattr(module, "COMMIT_SAMPLES", 4)
    monkeypatch.setattr(module, "SHARD_SIZE", 3)
    monkeypatch.setattr(module, "CHUNK", 2)
    make(tmp_path / "whole", 10, format=format, encoding=encoding)
    whole = content(tmp_path / "whole")
    event = 0
    while True:
        event += 1
        folder = tmp_path / f"killed{event}"
        child = os.fork()
        if not child:
            try:
                _kill_at(event, folder, format, encoding)
            finally:
                os._exit(1)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if status == 0:
            break
        assert status == 9
        make(folder, 10, format=format, resume=True, encoding=encoding)
        assert content(folder) == whole, f"killed at access {event}"
    assert event > (25 if format == "folder" else 10)


@LINUX
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
@pytest.mark.parametrize("format", FORMATS)
def test_killed_in_the_middle_of_a_write_and_resumed(format, tmp_path, monkeypatch):
    """Of a file only the first bytes were written, early or late in the run: resumed, nothing of it is left."""
    monkeypatch.setattr(module, "COMMIT_SAMPLES", 4)
    monkeypatch.setattr(module, "SHARD_SIZE", 3)
    monkeypatch.setattr(module, "CHUNK", 2)
    make(tmp_path / "whole", 10, format=format)
    whole = content(tmp_path / "whole")
    sizes = sorted({path.stat().st_size for path in (tmp_path / "whole").rglob("*") if path.is_file()})
    rooms = sorted({1, *(size - 1 for size in sizes if size), *(size // 2 for size in sizes)})
    rooms = rooms[:: max(len(rooms) // 5, 1)]
    killed = 0
    for number, room in enumerate(rooms):
        folder = tmp_path / f"killed{room}"
        child = os.fork()
        if not child:
            try:
                _kill_at(1 + 4 * number, folder, format, room=room)
            finally:
                os._exit(1)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert status in (0, -signal.SIGXFSZ) or (status, format) == (1, "lmdb")  # which is refused a larger map
        if status:
            killed += 1
            make(folder, 10, format=format, resume=True)
        assert content(folder) == whole, f"killed at byte {room}"
    assert killed >= 3


@LINUX
@pytest.mark.parametrize("format", FORMATS)
def test_killed_at_random_moments_and_resumed(format, tmp_path, undisturbed):
    folder = tmp_path / "d"
    moments = random.Random(format)
    kills = 0
    for _ in range(4):
        run = start("-o", folder, "-n", 1500, "--resume", "--workers", 2, "--format", format, FAKE_SLEEP="0.0006")
        while run.poll() is None and not (folder / "dataset.json").exists():
            time.sleep(0.01)
        with contextlib.suppress(subprocess.TimeoutExpired):
            run.wait(moments.uniform(0.05, 0.3) + 0.25 * (kills > 0))
        if run.poll() is None:
            os.kill(run.pid, signal.SIGKILL)  # the parent alone: its workers have to see to themselves
            kills += 1
        run.wait()
        run.stderr.close()
    assert kills >= 2
    run = start("-o", folder, "-n", 1500, "--resume", "--workers", 2, "--format", format)
    assert run.wait() == 0, run.stderr.read()
    assert content(folder) == undisturbed[format]


@LINUX
def test_workers_end_with_a_killed_parent(tmp_path):
    run = start("-o", tmp_path / "d", "-n", 100_000, "--workers", 3, FAKE_SLEEP="0.001")
    children = Path(f"/proc/{run.pid}/task/{run.pid}/children")
    until = time.monotonic() + 20
    while len(children.read_text().split()) < 3 and time.monotonic() < until:
        time.sleep(0.02)
    workers = children.read_text().split()
    assert len(workers) == 3
    run.kill()
    run.wait()
    run.stderr.close()
    until = time.monotonic() + 20
    alive = workers
    while alive and time.monotonic() < until:
        time.sleep(0.05)
        # One that has ended may stay as a zombie where nobody inherits it.
        alive = [pid for pid in alive if (p := Path(f"/proc/{pid}/stat")).exists() and " Z " not in p.read_text()]
    assert not alive


@LINUX
def test_interrupt_is_one_line_and_can_be_resumed(tmp_path, undisturbed):
    run = start("-o", tmp_path / "d", "-n", 1500, "--workers", 2, FAKE_SLEEP="0.001")
    until = time.monotonic() + 20
    while not (tmp_path / "d" / "labels.tsv").exists() and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(0.2)
    os.killpg(run.pid, signal.SIGINT)  # as a terminal does: to the whole group
    _, told = run.communicate(timeout=30)
    assert run.returncode == 130
    assert told.count("\n") == 1
    assert told.startswith("synthtext: interrupted")
    make(tmp_path / "d", 1500, resume=True)
    assert content(tmp_path / "d") == undisturbed["folder"]


def fault(kind, index, times, folder):
    folder.mkdir()
    return f"{kind} {index} {times} {folder}"


@pytest.mark.parametrize(("kind", "cause"), [("kill", "died of SIGKILL"), ("exit", "ended with status 7")])
def test_a_worker_that_dies_is_named_and_its_range_made_again(kind, cause, tmp_path, monkeypatch, undisturbed):
    monkeypatch.setenv("FAKE_FAULT", fault(kind, 333, 2, tmp_path / "faults"))
    told = make(tmp_path / "d", 1500, workers=2)
    assert told.count(cause) == 2
    assert "at sample 333 of 320 to 383; these are made again (1 of 2)" in told
    assert content(tmp_path / "d") == undisturbed["folder"]


@LINUX
def test_a_forked_worker_that_dies_leaves_no_trace_in_the_bytes(tmp_path, undisturbed):
    trouble = fault("kill", 777, 2, tmp_path / "faults")
    run = start("-o", tmp_path / "d", "-n", 1500, "--workers", 2, FAKE_FAULT=trouble)
    _, told = run.communicate(timeout=60)
    assert run.returncode == 0, told
    assert told.count("died of SIGKILL (out of memory?) at sample 777 of 768 to 831") == 2
    assert content(tmp_path / "d") == undisturbed["folder"]


def test_a_range_that_kills_every_worker_is_given_up(tmp_path, monkeypatch, undisturbed):
    monkeypatch.setenv("FAKE_FAULT", fault("kill", 333, 99, tmp_path / "faults"))
    with pytest.raises(SampleError, match=r"sample 333 of seed 0 cannot be made .worker . .pid .*3 workers have died"):
        make(tmp_path / "d", 1500, workers=2)
    assert len(list((tmp_path / "faults").iterdir())) == 3
    monkeypatch.delenv("FAKE_FAULT")
    make(tmp_path / "d", 1500, resume=True)
    assert content(tmp_path / "d") == undisturbed["folder"]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_sample_that_fails_is_reported_so_that_it_can_be_made_again(workers, tmp_path, monkeypatch, undisturbed):
    monkeypatch.setenv("FAKE_FAULT", fault("raise", 601, 99, tmp_path / "faults"))
    with pytest.raises(SampleError) as error:
        make(tmp_path / "d", 1500, workers, overrides=("text.cut=0",))
    message = str(error.value)
    assert "sample 601 of seed 0 cannot be made (ZeroDivisionError: no sum)" in message
    assert FakeGenerator(load_config("clean")).digest[:12] in message
    assert "Generator('\"'\"'clean'\"'\"', 0, ['\"'\"'text.cut=0'\"'\"'])[601]" in message
    assert "ZeroDivisionError" in error.value.details
    assert "_maybe_fail" in error.value.details
    assert json.loads((tmp_path / "d" / "dataset.json").read_text())["written"] == 512
    monkeypatch.delenv("FAKE_FAULT")
    make(tmp_path / "d", 1500, workers, resume=True)
    assert content(tmp_path / "d") == undisturbed["folder"]


@pytest.mark.parametrize("workers", [1, 2])
def test_bad_input_met_while_sampling_stays_bad_input(workers, tmp_path, monkeypatch):
    monkeypatch.setenv("FAKE_FAULT", fault("input", 100, 99, tmp_path / "faults"))
    with pytest.raises(InputError, match=r"^sample 100 of seed 0: no font covers it$"):
        make(tmp_path / "d", 300, workers)


@LINUX
@pytest.mark.parametrize("format", FORMATS)
def test_a_disk_that_refuses_is_told_and_nothing_is_lost(format, tmp_path, undisturbed):
    """The system's own limit on a file's size stands in for a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000 if format in SHARDED else 300_000, before[1]))
    try:
        with pytest.raises(InputError, match=r"cannot be written: (File too large|Input/output error .a short write)"):
            make(tmp_path / "d", 1500, format=format)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    make(tmp_path / "d", 1500, format=format, resume=True)
    assert content(tmp_path / "d") == undisturbed[format]


def test_a_full_disk_is_told_in_one_sentence(tmp_path, monkeypatch, undisturbed):
    from synthtext.formats import folder

    real = folder._write_file

    def full(path, data):
        if "000000777" in path:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
        real(path, data)

    monkeypatch.setattr(folder, "_write_file", full)
    with pytest.raises(InputError, match="no space is left on its disk; free some and go on with --resume"):
        make(tmp_path / "d", 1500)
    monkeypatch.setattr(folder, "_write_file", real)
    make(tmp_path / "d", 1500, resume=True)
    assert content(tmp_path / "d") == undisturbed["folder"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")
def test_a_write_that_the_system_refuses_is_a_full_disk(tmp_path):
    make(tmp_path / "d", 100)
    manifest = read_manifest(tmp_path / "d")
    (tmp_path / "d" / "dataset.json.tmp").symlink_to("/dev/full")
    with pytest.raises(InputError, match="no space is left"), module.disk(tmp_path / "d"):
        write_manifest(tmp_path / "d", manifest)
    assert read_manifest(tmp_path / "d") == manifest


def test_more_samples_can_be_asked_for(tmp_path, undisturbed):
    make(tmp_path / "d", 700)
    make(tmp_path / "d", 1500, resume=True)
    assert content(tmp_path / "d") == undisturbed["folder"]


def test_a_complete_data_set_is_left_alone(tmp_path):
    make(tmp_path / "d", 100)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "d").rglob("*")}
    result = generate("clean", tmp_path / "d", 100, resume=True, make_generator=FakeGenerator, stream=io.StringIO())
    assert result.summary() == f"{tmp_path / 'd'}: complete already, 100 samples"
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "d").rglob("*")} == before


def test_a_run_that_wrote_nothing_does_not_stand_in_the_way(tmp_path, monkeypatch):
    monkeypatch.setenv("FAKE_FAULT", fault("input", 3, 1, tmp_path / "faults"))
    with pytest.raises(InputError, match="sample 3"):
        make(tmp_path / "d", 100)
    make(tmp_path / "d", 100, seed=8)
    make(tmp_path / "fresh", 100, seed=8)
    assert content(tmp_path / "d") == content(tmp_path / "fresh")


REFUSED = [
    ({"seed": 1}, "holds a data set with seed 0, and 1 is asked for"),
    ({"start": 5}, "with start 0, and 5 is asked for"),
    ({"format": "lmdb"}, "with format folder, and lmdb is asked for"),
    ({"encoding": Encoding("png")}, "with image_format jpg, and png is asked for"),
    ({"encoding": Encoding(quality=50)}, "with quality 95, and 50 is asked for"),
    ({"encoding": Encoding(plans=True)}, "with plans False, and True is asked for"),
    (
        {"overrides": ("image.height=48", "text.cut=0.5")},
        "image.height: 32 there, 48 now; text.cut: 0.0 there, 0.5 now",
    ),
    ({"count": 299}, "holds 300 samples already, more than the 299 asked for"),
]


@pytest.mark.parametrize(("changes", "message"), REFUSED)
def test_resume_refuses_another_data_set_and_says_why(changes, message, tmp_path):
    make(tmp_path / "d", 300)
    before = content(tmp_path / "d")
    with pytest.raises(InputError) as error:
        make(tmp_path / "d", **({"count": 300, "resume": True} | changes))
    assert message in str(error.value)
    assert content(tmp_path / "d") == before


def test_resume_refuses_other_resources_and_versions(tmp_path, monkeypatch):
    class Other(FakeGenerator):
        def __init__(self, config, seed=0):
            super().__init__(config, seed)
            self.digest = "f" * 64

    make(tmp_path / "d", 30)
    with pytest.raises(InputError, match="other fonts, backgrounds or texts than those there now"):
        generate("clean", tmp_path / "d", 30, resume=True, make_generator=Other, workers=1)
    monkeypatch.setattr(module, "__version__", "99.0")
    with pytest.raises(InputError, match=f"with synthtext {__version__}, and 99.0 is asked for"):
        make(tmp_path / "d", 30, resume=True)


@pytest.mark.parametrize(("old", "new"), [("folder", "lmdb"), ("lmdb", "folder"), ("folder", "folder")])
def test_overwrite_replaces_a_data_set_whole(old, new, tmp_path):
    make(tmp_path / "d", 1100, format=old, seed=1)
    make(tmp_path / "d", 300, format=new, seed=2, overwrite=True)
    make(tmp_path / "fresh", 300, format=new, seed=2)
    assert content(tmp_path / "d") == content(tmp_path / "fresh")


@pytest.mark.parametrize("name", ["notes.txt", "images/000/mine.jpg", "images/holiday.jpg", "images/my/000000001.jpg"])
def test_overwrite_never_deletes_what_is_not_its_own(name, tmp_path):
    make(tmp_path / "d", 30)
    (tmp_path / "d" / name).parent.mkdir(exist_ok=True)
    (tmp_path / "d" / name).write_text("mine")
    before = content(tmp_path / "d")
    with pytest.raises(InputError, match="which is not deleted with it"):
        make(tmp_path / "d", 30, overwrite=True)
    assert content(tmp_path / "d") == before


@pytest.mark.parametrize("options", [{}, {"resume": True}, {"overwrite": True}])
def test_a_folder_with_other_files_is_refused(options, tmp_path):
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "thesis.tex").write_text("mine")
    with pytest.raises(InputError, match=r"holds other files \(thesis.tex\) and no data set"):
        make(tmp_path / "d", 30, **options)
    assert content(tmp_path / "d").keys() == {"thesis.tex"}


@pytest.mark.skipif(os.name != "posix", reason="locks by flock")
def test_two_runs_do_not_write_to_one_folder(tmp_path):
    with module.locked(LocalStorage(tmp_path / "d")), pytest.raises(InputError, match="another run is writing to it"):
        make(tmp_path / "d", 30)
    make(tmp_path / "d", 30)


def test_commits_fall_by_bytes_too(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "COMMIT_BYTES", 50_000)
    commits = []
    real = module.write_manifest
    for place in (module, claim):
        monkeypatch.setattr(place, "write_manifest", lambda f, m: (commits.append(m.written), real(f, m)))
    make(tmp_path / "d", 700)
    assert len(commits) > 4
    assert commits[0] == 0
    assert commits[-1] == 700


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_tells_rate_and_remaining_time():
    now = 0.0
    screen = Terminal()
    with Progress(1000, 100, screen, lambda: now) as progress:
        for done in range(100, 600, 100):
            progress.update(done)
            now += 1.0
        assert progress.text(now) == "500 of 1,000, 75/s, 7 s left"
        progress.note("a word")
    assert screen.getvalue().endswith("\r\x1b[Ka word\n")
    assert "[####" in screen.getvalue()


def test_progress_forgets_the_time_before_the_first_samples():
    """In it kernels are compiled: two minutes for 64 samples would tell a day for a million."""
    now = 120.0
    progress = Progress(1000, 0, io.StringIO(), lambda: now)
    assert "starting" in progress.text(now)
    now += 120.0
    progress.update(100)
    assert progress.text(now) == "100 of 1,000"
    now += 2.0
    progress.update(300)
    assert progress.text(now) == "300 of 1,000, 100/s, 7 s left"


def test_progress_off_a_terminal_is_a_line_now_and_then():
    now = 0.0
    stream = io.StringIO()
    with Progress(10_000, 0, stream, lambda: now) as progress:
        for done in range(0, 3500, 100):
            progress.update(done)
            now += 1.0
    lines = stream.getvalue().splitlines()
    assert len(lines) == 3
    assert lines[0] == "1,000 of 10,000, 100/s, 1:30 left"


@pytest.mark.parametrize(("seconds", "text"), [(0.2, "0 s"), (59.4, "59 s"), (187, "3:07"), (7387, "2:03:07")])
def test_durations(seconds, text):
    assert duration(seconds) == text


def test_what_cannot_be_encoded_is_named_and_what_comes_before_it_is_kept():
    source = FakeGenerator(load_config("clean"))

    def encode(sample):
        if sample.index == 21:
            raise ValueError("no such format")
        return sample.index

    reply = make_range(source, encode, range(10, 40))
    assert reply.items == list(range(10, 21))
    assert (reply.failure.index, reply.failure.kind) == (21, "exception")
    assert "ValueError: no such format" in reply.failure.details


# Several samples at once


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("format", ["folder", "webdataset"])
def test_same_bytes_of_samples_made_at_once(format, workers, tmp_path, undisturbed):
    make(tmp_path / "d", 1500, workers, FakeBatches, format=format)
    assert content(tmp_path / "d") == undisturbed[format]


def test_a_range_is_made_at_once_and_one_by_one_where_that_is_wanted():
    source = FakeBatches(load_config("clean"))
    told = []
    reply = make_range(source, lambda sample: sample.index, range(10, 50), told.append)
    assert source.asked == told == [range(10, 26), range(26, 42), range(42, 50)]
    assert reply.items == list(range(10, 50))
    source.asked, told = [], []
    reply = make_range(source, lambda sample: sample.index, range(10, 50), told.append, singly=True)
    assert source.asked == [index for (index,) in told] == reply.items == list(range(10, 50))


@pytest.mark.parametrize("kind", ["raise", "input"])
@pytest.mark.parametrize("at", [10, 26, 30, 41, 49])
def test_of_samples_made_at_once_the_one_that_fails_is_named_and_those_before_are_kept(kind, at, tmp_path, monkeypatch):
    monkeypatch.setenv("FAKE_FAULT", fault(kind, at, 99, tmp_path / "faults"))
    reply = make_range(FakeBatches(load_config("clean")), lambda sample: sample.index, range(10, 50))
    assert reply.items == list(range(10, at))
    assert (reply.failure.index, reply.failure.kind) == (at, "input" if kind == "input" else "exception")


@pytest.mark.parametrize("workers", [1, 2])
def test_a_run_of_samples_made_at_once_goes_on_after_one_that_failed(workers, tmp_path, monkeypatch, undisturbed):
    monkeypatch.setenv("FAKE_FAULT", fault("raise", 601, 99, tmp_path / "faults"))
    with pytest.raises(SampleError, match=r"sample 601 of seed 0 cannot be made .ZeroDivisionError: no sum"):
        make(tmp_path / "d", 1500, workers, FakeBatches)
    assert json.loads((tmp_path / "d" / "dataset.json").read_text())["written"] == 512
    monkeypatch.delenv("FAKE_FAULT")
    make(tmp_path / "d", 1500, workers, FakeBatches, resume=True)
    assert content(tmp_path / "d") == undisturbed["folder"]


def test_a_worker_that_dies_over_several_samples_has_them_made_one_by_one(tmp_path, monkeypatch, undisturbed):
    monkeypatch.setenv("FAKE_FAULT", fault("kill", 333, 2, tmp_path / "faults"))
    told = make(tmp_path / "d", 1500, 2, FakeBatches)
    assert "at one of the samples 320 to 335 of 320 to 383; these are made again (1 of 2)" in told
    assert "at sample 333 of 320 to 383; these are made again (2 of 2)" in told
    assert content(tmp_path / "d") == undisturbed["folder"]


def test_of_samples_made_at_once_the_one_that_kills_every_worker_is_named(tmp_path, monkeypatch, undisturbed):
    monkeypatch.setenv("FAKE_FAULT", fault("exit", 333, 99, tmp_path / "faults"))
    with pytest.raises(SampleError, match=r"sample 333 of seed 0 cannot be made .*3 workers have died"):
        make(tmp_path / "d", 1500, 2, FakeBatches)
    monkeypatch.delenv("FAKE_FAULT")
    make(tmp_path / "d", 1500, resume=True)
    assert content(tmp_path / "d") == undisturbed["folder"]


# Versions of libraries


def versions_of(folder):
    return json.loads((folder / "dataset.json").read_text(encoding="utf-8")).get("versions")


def test_a_data_set_says_with_what_it_was_made(tmp_path):
    make(tmp_path / "d", 10)
    [versions] = versions_of(tmp_path / "d")
    assert versions["python"] == ".".join(map(str, sys.version_info[:2]))
    names = {"opencv": "opencv-python-headless", "python": None, "harfbuzz": None}
    packages = {name: names.get(name, name) for name in versions if names.get(name, name)}
    drawn_with = {"numpy", "opencv", "uharfbuzz", "skia-pathops", "numba", "llvmlite", "wordfreq", "babel"}
    assert set(packages) == drawn_with
    for name, package in packages.items():
        assert importlib.metadata.version(package).startswith(versions[name])


@pytest.mark.parametrize("format", ["folder", "webdataset"])
def test_going_on_with_other_versions_is_told_and_wants_a_word(format, tmp_path, monkeypatch, undisturbed):
    folder = tmp_path / "d"
    now = module.library_versions()
    old = now | {"numba": "0.61.0", "opencv": "4.10.0"}
    monkeypatch.setattr(module, "library_versions", lambda: old)
    make(folder, 700, format=format)
    assert versions_of(folder) == [old]
    monkeypatch.undo()
    monkeypatch.setattr(module, "COMMIT_SAMPLES", 256)
    monkeypatch.setattr(module, "SHARD_SIZE", 200)
    before = content(folder)
    make(folder, 700, format=format, resume=True)  # nothing is made: nothing to tell
    assert content(folder) == before
    with pytest.raises(InputError) as error:
        make(folder, 1500, format=format, resume=True)
    told = str(error.value)
    assert f"opencv 4.10.0 there, {now['opencv']} now, numba 0.61.0 there, {now['numba']} now" in told
    assert "--overwrite" in told
    assert "--accept-versions" in told
    assert "\n" not in told
    assert content(folder) == before
    make(folder, 1400, format=format, resume=True, accept_versions=True)
    assert versions_of(folder) == [old, now]
    make(folder, 1500, format=format, resume=True)  # by versions that were accepted before
    assert versions_of(folder) == [old, now]
    rest = {name: digest for name, digest in content(folder).items() if name != "dataset.json"}
    assert rest == {name: digest for name, digest in undisturbed[format].items() if name != "dataset.json"}
    make(folder, 1500, format=format, overwrite=True)
    assert content(folder) == undisturbed[format]


def test_a_data_set_without_a_record_of_versions_counts_as_made_with_others(tmp_path):
    folder = tmp_path / "d"
    make(folder, 10)
    tree = json.loads((folder / "dataset.json").read_text(encoding="utf-8"))
    del tree["versions"]
    (folder / "dataset.json").write_text(json.dumps(tree), encoding="utf-8")
    with pytest.raises(InputError, match="does not say with which versions of the libraries it was made"):
        make(folder, 20, resume=True)
    make(folder, 20, resume=True, accept_versions=True)
    assert versions_of(folder) == [{}, module.library_versions()]
