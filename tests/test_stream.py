import contextlib
import gc
import json
import os
import pickle
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from fake_generator import FakeBatches, FakeGenerator
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtext import Generator, InputError, SampleError, Stream
from synthtext.config import load_config
from synthtext.runtime.workers import Pool
from synthtext.stream.fields import WIDTH_MULTIPLE
from synthtext.targets import craft, ctc, dbnet, east, encode
from synthtext.targets.alphabet import Alphabet

HERE = Path(__file__).parent
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc or forks")
RAGGED = load_config("clean", ["image.fit=natural"])
ALL = ("image", "text", "index", "words", "chars")
METHODS = ["fork", "spawn"] if sys.platform == "linux" else ["spawn"]


@pytest.fixture(autouse=True)
def _one_thread(request):
    """A process with more than one thread must not be forked; see conftest.py, by which these tests run first."""
    forks = "fork" in request.node.name or "fork" in request.function.__code__.co_consts
    if forks and "PYTEST_XDIST_WORKER" not in os.environ and len(list(Path("/proc/self/task").iterdir())) > 1:
        pytest.skip("this process has started threads")


def fake(seed=0):
    return FakeGenerator(RAGGED, seed)


def frozen(batch):
    """A batch as what can be compared."""
    return {k: (v.dtype.str, v.shape, v.tobytes()) if isinstance(v, np.ndarray) else v for k, v in batch.items()}


def batches(n, **options):
    """The first n batches of a stream of the fake generator."""
    with Stream(fake(), **({"batch_size": 20, "fields": ALL} | options)) as stream:
        return [frozen(batch) for batch, _ in zip(stream, range(n), strict=False)]


@pytest.fixture(scope="module")
def undisturbed():
    """Six batches made in this process without an incident."""
    return batches(6, workers=0)


def check_batch(batch, source, indices):
    """The batch holds just the samples of these indices."""
    assert batch["index"].tolist() == list(indices)
    samples = [source[index] for index in indices]
    assert batch["text"] == [sample.text for sample in samples]
    widest = max(sample.image.shape[1] for sample in samples)
    assert batch["image"].shape[2] == -(-widest // WIDTH_MULTIPLE) * WIDTH_MULTIPLE
    for row, sample in enumerate(samples):
        height, width = sample.image.shape[:2]
        assert batch["size"][row].tolist() == [height, width]
        assert np.array_equal(batch["image"][row, :height, :width], sample.image)
        assert not batch["image"][row, height:].any()
        assert not batch["image"][row, :, width:].any()
        words, chars = len(sample.words), len(sample.labels.char_text)
        assert batch["word_count"][row] == words
        assert batch["word_text"][row] == [word.text for word in sample.words]
        assert np.array_equal(batch["word_quads"][row, :words], sample.labels.word_quads)
        assert np.array_equal(batch["word_ignore"][row, :words], sample.labels.ignore)
        assert not batch["word_quads"][row, words:].any()
        assert batch["char_count"][row] == chars
        assert np.array_equal(batch["char_quads"][row, :chars], sample.labels.char_quads)
        assert np.array_equal(batch["char_word"][row, :chars], sample.labels.char_word)
        assert not batch["char_quads"][row, chars:].any()


@pytest.mark.parametrize(("workers", "method"), [(0, None), *((n, m) for m in METHODS for n in (1, 3))])
def test_batches_hold_the_samples_of_consecutive_indices(workers, method):
    with Stream(fake(7), batch_size=20, fields=ALL, workers=workers, method=method, start=100) as stream:
        for number, batch in zip(range(5), stream, strict=False):
            check_batch(batch, fake(7), range(100 + 20 * number, 120 + 20 * number))


@pytest.mark.parametrize("preset", ["words", "clean"])
def test_a_stream_of_a_preset_is_its_generator(preset):
    generator = Generator(preset, 3)
    with Stream(preset, 3, batch_size=10, workers=2, overrides=("legibility.redraws=1",)) as stream:
        generator = Generator(preset, 3, ("legibility.redraws=1",))
        for _ in range(2):
            batch = next(stream)
            for row, index in enumerate(batch["index"].tolist()):
                assert np.array_equal(batch["image"][row], generator[index].image)
                assert batch["text"][row] == generator[index].text


@given(
    workers=st.sampled_from([0, 0, 2]),
    batch=st.integers(1, 23),
    world=st.integers(1, 4),
    start=st.integers(0, 99),
    count=st.integers(0, 150),
    drop_last=st.booleans(),
)
@settings(max_examples=16)
def test_ranks_deal_out_one_sequence(workers, batch, world, start, count, drop_last):
    step = batch * world
    whole = count // step * step if drop_last else count
    expected = [list(range(i, min(i + batch, start + whole))) for i in range(start, start + whole, batch)]
    for rank in range(world):
        options = {"batch_size": batch, "rank": rank, "world_size": world, "start": start, "count": count}
        with Stream(fake(), fields=["index"], workers=workers, drop_last=drop_last, **options) as stream:
            assert [b["index"].tolist() for b in stream] == expected[rank::world]
            assert [b["index"].tolist() for b in stream] == expected[rank::world]  # the next epoch


@given(before=st.integers(0, 4), after=st.integers(0, 3), workers=st.tuples(*[st.sampled_from([0, 2])] * 2))
@settings(max_examples=8)
def test_a_state_goes_on_with_exactly_the_next_batch(undisturbed, before, after, workers):
    with Stream(fake(), batch_size=20, fields=ALL, workers=workers[0]) as stream:
        for _ in range(before):
            next(stream)
        state = json.loads(json.dumps(stream.state_dict()))
        for _ in range(after):
            next(stream)
        stream.load_state_dict(state)
        assert stream.state_dict() == state
        assert frozen(next(stream)) == undisturbed[before]
    stream = Stream(fake(), batch_size=20, fields=ALL, workers=workers[1])
    stream.load_state_dict(state)
    with stream:
        assert [frozen(next(stream)) for _ in range(2)] == undisturbed[before : before + 2]


def test_a_state_holds_for_other_ranks_and_batch_sizes():
    with Stream(fake(), batch_size=10, world_size=2, rank=1, fields=["index"], workers=0) as stream:
        next(stream)
        state = stream.state_dict()
    with Stream(fake(), batch_size=6, fields=["index"], workers=0) as stream:
        stream.load_state_dict(state)
        assert next(stream)["index"].tolist() == list(range(20, 26))


def test_a_state_of_another_source_is_refused():
    with Stream(fake(), workers=0) as stream:
        state = stream.state_dict()
    with Stream(fake(1), workers=0) as stream, pytest.raises(InputError, match="state is of seed 0, the stream of 1"):
        stream.load_state_dict(state)
    other = FakeGenerator(load_config(RAGGED, ["text.cut=0.5"]))
    with Stream(other, workers=0) as stream, pytest.raises(InputError, match="state is of another configuration"):
        stream.load_state_dict(state)
    with Stream(fake(), workers=0) as stream, pytest.raises(InputError, match="lacks version, index, seed or digest"):
        stream.load_state_dict({})


@pytest.mark.parametrize("workers", [0, 2])
def test_what_is_held_of_a_batch_stays_as_it_is(workers, undisturbed):
    with Stream(fake(), batch_size=20, fields=ALL, workers=workers, ring=4) as stream:
        held = next(stream)
        row = next(stream)["image"][3]
        copy = row.copy()
        for _ in range(6):
            next(stream)
        assert frozen(held) == undisturbed[0]
        assert np.array_equal(row, copy)
        del row
        held = [held, next(stream), next(stream), next(stream)]
        with pytest.raises(RuntimeError, match="all 4 batches of the ring are still referred to"):
            next(stream)
        where = held.pop()["index"][-1]
        assert next(stream)["index"][0] == where + 1
    assert frozen(held[0]) == undisturbed[0]


@pytest.mark.parametrize("workers", [0, 2])
def test_what_is_held_stays_when_the_stream_is_moved(workers, undisturbed):
    with Stream(fake(), batch_size=20, fields=ALL, workers=workers, ring=3) as stream:
        held = [next(stream)]
        for first in (2, 4, 1):
            stream.load_state_dict({**stream.state_dict(), "index": 20 * first})
            for number in (first, first + 1):
                batch = next(stream)
                assert frozen(batch) == undisturbed[number]
                assert frozen(held[0]) == undisturbed[0], f"overwritten by batch {number}"
            del batch


@pytest.mark.parametrize("workers", [0, 2])
def test_batches_that_only_garbage_holds_come_free(workers):
    gc.disable()
    try:
        with Stream(fake(), batch_size=20, workers=workers, ring=3) as stream:
            for _ in range(7):
                batch = next(stream)
                batch["itself"] = batch
    finally:
        gc.enable()


def test_what_the_loop_writes_into_a_batch_is_not_seen_again(undisturbed):
    with Stream(fake(), batch_size=20, fields=(*ALL, "east"), workers=1, ring=2) as stream:
        for number in range(6):
            batch = next(stream)
            expected = east.encode(fake()[20 * number].labels.word_quads, None, 32, 128)
            assert np.array_equal(batch["east"].rbox[0], expected.rbox)
            maps = batch.pop("east")
            width = undisturbed[number]["image"][1][2]
            batch["image"] = batch["image"][:, :, :width]
            assert frozen(batch) == undisturbed[number]
            for array in [*batch.values(), *maps]:
                if isinstance(array, np.ndarray):
                    array.fill(77)
            del batch, maps, array


@LINUX
def test_workers_wait_when_the_ring_is_full():
    with Stream(fake(), batch_size=10, workers=2, ring=4) as stream:
        next(stream)
        deadline = time.monotonic() + 20.0
        while (begun := int(stream._pool._progress[:, 2].sum())) < 40 and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.3)
        assert begun == int(stream._pool._progress[:, 2].sum()) == 40


# Faults


def fault(kind, index, times, folder):
    folder.mkdir()
    return f"{kind} {index} {times} {folder}"


@LINUX
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kind", ["kill", "exit", "hang"])
def test_a_worker_that_dies_or_hangs_is_replaced(kind, method, tmp_path, monkeypatch, undisturbed):
    monkeypatch.setenv("FAKE_FAULT", fault(kind, 47, 2, tmp_path / "faults"))
    lines = []
    found = batches(6, workers=2, method=method, patience_s=0.6, tell=lines.append)
    assert found == undisturbed
    assert len(lines) == 2
    cause = {"kill": "died of SIGKILL", "exit": "ended with status 7", "hang": "has hung for"}[kind]
    assert all(cause in line and "at sample 47 of 45 to 49; these are made again" in line for line in lines)
    assert len(list((tmp_path / "faults").iterdir())) == 2


@LINUX
def test_a_range_that_hung_is_given_twice_the_time(tmp_path, monkeypatch, undisturbed):
    monkeypatch.setenv("FAKE_FAULT", fault("hang", 47, 2, tmp_path / "faults"))
    lines = []
    found = batches(6, workers=1, method="spawn", patience_s=1.6, tell=lines.append)
    assert found == undisturbed
    first, second = (int(re.search(r"has hung for (\d+) s", line)[1]) for line in lines)
    assert first == 2
    assert second in (3, 4)


@pytest.mark.parametrize("method", METHODS)
def test_a_worker_that_compiles_does_not_hang(method, tmp_path, monkeypatch, undisturbed):
    monkeypatch.setenv("FAKE_FAULT", fault("compile", 47, 2, tmp_path / "faults"))
    lines = []
    assert batches(6, workers=2, method=method, patience_s=0.6, tell=lines.append) == undisturbed
    assert not lines
    assert len(list((tmp_path / "faults").iterdir())) == 1


class Frozen:
    """A worker's part: answers how many objects the garbage collector leaves alone."""

    def __call__(self, memory):
        return lambda indices, more, starts, singly: str(gc.get_freeze_count()).encode()


@pytest.mark.parametrize("method", METHODS)
def test_only_forked_workers_leave_alone_what_their_parent_has(method):
    before = gc.get_freeze_count()
    pool = Pool(1, Frozen(), method=method)
    try:
        pool.assign(pool.workers[0], range(1))
        news = []
        while not news:
            news = pool.poll()
    finally:
        pool.close()
    assert (int(news[0].data) > 10_000) == (method == "fork")
    assert gc.get_freeze_count() == before


@LINUX
def test_a_stopped_worker_counts_as_hung(undisturbed):
    lines = []
    with Stream(fake(), batch_size=20, fields=ALL, workers=2, patience_s=0.6, tell=lines.append) as stream:
        found = [frozen(next(stream))]
        os.kill(stream._pool.workers[0].process.pid, signal.SIGSTOP)
        found += [frozen(next(stream)) for _ in range(5)]
        assert stream.stats.restarts == 1
    assert found == undisturbed
    assert "has hung for" in lines[0]


@LINUX
def test_a_range_that_kills_every_worker_is_given_up(tmp_path, monkeypatch, undisturbed):
    monkeypatch.setenv("FAKE_FAULT", fault("kill", 47, 99, tmp_path / "faults"))
    with Stream(fake(), batch_size=20, fields=ALL, workers=2, tell=lambda line: None) as stream:
        assert [frozen(next(stream)) for _ in range(2)] == undisturbed[:2]
        with pytest.raises(SampleError, match=r"sample 47 of seed 0 cannot be made .*3 workers have died now"):
            next(stream)


@LINUX
def test_of_samples_made_at_once_the_one_that_kills_every_worker_is_named(tmp_path, monkeypatch, undisturbed):
    monkeypatch.setenv("FAKE_FAULT", fault("kill", 147, 99, tmp_path / "faults"))
    lines = []
    with Stream(FakeBatches(RAGGED), batch_size=100, fields=ALL, workers=2, tell=lines.append) as stream:
        next(stream)
        with pytest.raises(SampleError, match=r"sample 147 of seed 0 cannot be made .*3 workers have died now"):
            next(stream)
    assert "at one of the samples 141 to 149 of 125 to 149" in lines[0]
    assert "at sample 147 of 125 to 149" in lines[1]


@pytest.mark.parametrize("workers", [0, 2])
def test_a_sample_that_fails_once_is_replayed(workers, tmp_path, monkeypatch, undisturbed):
    monkeypatch.setenv("FAKE_FAULT", fault("raise", 47, 1, tmp_path / "faults"))
    lines = []
    assert batches(6, workers=workers, tell=lines.append) == undisturbed
    assert lines == ["synthtext: sample 47 failed (ZeroDivisionError: no sum) and was made at the second attempt"]


@pytest.mark.parametrize("workers", [0, 2])
def test_a_sample_that_fails_twice_is_raised_in_its_turn(workers, tmp_path, monkeypatch, undisturbed):
    monkeypatch.setenv("FAKE_FAULT", fault("raise", 47, 4, tmp_path / "faults"))
    with Stream(fake(), batch_size=20, fields=ALL, workers=workers) as stream:
        assert [frozen(next(stream)) for _ in range(2)] == undisturbed[:2]
        for _ in range(2):  # it does not go away by asking again
            with pytest.raises(SampleError) as error:
                next(stream)
        message = str(error.value)
        assert "sample 47 of seed 0 cannot be made (ZeroDivisionError: no sum)" in message
        assert fake().digest[:12] in message
        assert error.value.index == 47
        assert "_maybe_fail" in error.value.details
        stream.load_state_dict(stream.state_dict() | {"index": 60})
        assert frozen(next(stream)) == undisturbed[3]


@pytest.mark.parametrize("workers", [0, 2])
def test_bad_input_met_in_a_sample_stays_bad_input(workers, tmp_path, monkeypatch):
    monkeypatch.setenv("FAKE_FAULT", fault("input", 7, 9, tmp_path / "faults"))
    with Stream(fake(), batch_size=20, workers=workers) as stream, pytest.raises(InputError) as error:
        next(stream)
    assert str(error.value) == "sample 7 of seed 0: no font covers it"


@pytest.mark.parametrize("workers", [0, 1])
def test_labels_beyond_their_room_name_the_sample(workers):
    index = next(i for i in range(99) if len(fake()[i].words) > 1)
    with Stream(fake(), fields={"words": {"most": 1}}, workers=workers) as stream, pytest.raises(InputError) as error:
        next(stream)
    assert str(error.value).startswith(f"sample {index} of seed 0: it has 2 words, more than the 1 that a batch holds")


class _Unbuildable(FakeGenerator):
    def __reduce__(self):
        return _refuse, ()


def _refuse():
    raise InputError("fonts/: is gone")


def test_a_worker_that_cannot_begin_says_why_at_once():
    with Stream(_Unbuildable(RAGGED), workers=2, method="spawn") as stream, pytest.raises(InputError, match="is gone"):
        next(stream)


@pytest.mark.parametrize("workers", [0, 2])
def test_who_goes_on_after_an_interrupt_gets_every_batch(workers, undisturbed):
    with Stream(fake(), batch_size=20, fields=ALL, workers=workers, patience_s=0.6) as stream:
        found = [frozen(next(stream))]
        for after in ("poll", "_take_in", "_deliver"):
            where = stream._pool if after == "poll" else stream
            if where is None:
                continue
            real = getattr(where, after)

            def interrupted(*args, real=real):
                real(*args)  # what has come is lost
                raise KeyboardInterrupt

            setattr(where, after, interrupted)
            with pytest.raises(KeyboardInterrupt):
                found.extend(frozen(next(stream)) for _ in range(9))
            setattr(where, after, real)
            found.append(frozen(next(stream)))
        found += [frozen(next(stream)) for _ in range(6 - len(found))]
    assert found[:6] == undisturbed


@LINUX
@pytest.mark.parametrize("method", METHODS)
def test_systems_without_anonymous_files_have_other_shared_memory(method, monkeypatch, undisturbed):
    monkeypatch.delattr(os, "memfd_create")
    assert batches(6, workers=2, method=method) == undisturbed


# Beginnings and ends


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(check, seconds=10.0):
    deadline = time.monotonic() + seconds
    while not check() and time.monotonic() < deadline:
        time.sleep(0.05)
    return check()


SCRIPT = """
import os, sys, time
from synthtext import Stream
from synthtext.config import load_config
from synthtext.runtime.workers import Pool
from fake_generator import FakeGenerator
source = FakeGenerator(load_config("clean", ["image.fit=natural"]))
stream = Stream(source, batch_size=20, workers=2, method=sys.argv[1])
with stream:
    next(stream)
    print(*(worker.process.pid for worker in stream._pool.workers), flush=True)
    if sys.argv[2] == "raise":
        raise ZeroDivisionError
    if sys.argv[2] == "loop":
        for batch in stream:
            time.sleep(0.01)
if sys.argv[2] == "exit":
    stream = Stream(source, workers=2)
    next(stream)
"""


def run_script(path, method, what):
    """Run the script, which has no `if __name__ == "__main__"`; gives the process and the workers' pids."""
    env = os.environ | {"PYTHONPATH": f"{HERE}{os.pathsep}{HERE.parent}"}
    process = subprocess.Popen(
        [sys.executable, str(path), method, what],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    return process, [int(pid) for pid in process.stdout.readline().split()]


@LINUX
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("what", ["SIGKILL", "SIGINT", "SIGTERM", "raise", "exit", "frozen"])
def test_nothing_is_left_behind(method, what, tmp_path, monkeypatch):
    (tmp_path / "script.py").write_text(SCRIPT)
    if what == "frozen":  # a worker that hangs does not see its pipe's end; a thread of its sees its parent's
        monkeypatch.setenv("FAKE_FAULT", fault("hang", 90, 2, tmp_path / "faults"))
    process, pids = run_script(tmp_path / "script.py", method, what if what in ("raise", "exit") else "loop")
    assert len(pids) == 2
    if what == "frozen":
        assert wait_until(lambda: any((tmp_path / "faults").iterdir()))
        what = "SIGKILL"
    if what.startswith("SIG"):
        time.sleep(0.2)
        assert all(map(alive, pids))
        for pid in (process.pid, *pids):  # the memory has no name that could be left behind
            assert "/dev/shm" not in Path(f"/proc/{pid}/maps").read_text()
        os.killpg(process.pid, getattr(signal, what)) if what == "SIGINT" else process.send_signal(
            getattr(signal, what)
        )
    _, errors = process.communicate(timeout=30)
    assert wait_until(lambda: not any(map(alive, pids))), errors
    expected = {"SIGINT": "KeyboardInterrupt", "raise": "ZeroDivisionError"}.get(what, "")
    assert expected in errors
    assert errors.count("Traceback") == bool(expected)


@LINUX
def test_many_streams_leave_no_descriptor_process_or_memory():
    def held():
        maps = Path("/proc/self/maps").read_text().count("memfd:synthtext")
        return len(os.listdir("/proc/self/fd")), len(children(os.getpid())), maps

    source = fake()
    for _ in range(2):
        with Stream(source, batch_size=20, workers=2, method="fork") as stream:
            next(stream)
    del stream
    gc.collect()
    before = held()
    for cycle in range(30):
        with Stream(source, batch_size=20, workers=2, method="fork") as stream:
            for _ in range(cycle % 3):
                next(stream)
    with contextlib.suppress(ZeroDivisionError), Stream(source, workers=2, method="fork") as stream:
        raise ZeroDivisionError
    del stream
    gc.collect()
    assert held() == before


def children(pid):
    return [
        path.name
        for path in Path("/proc").iterdir()
        if path.name.isdigit() and (stat := _stat(path)) and int(stat.rpartition(")")[2].split()[1]) == pid
    ]


def _stat(path):
    try:
        return (path / "stat").read_text()
    except OSError:
        return ""


@LINUX
def test_a_forked_copy_of_a_stream_is_refused_and_ends_nothing():
    with Stream(fake(), batch_size=20, workers=1, method="fork") as stream:
        next(stream)
        pid = os.fork()
        if pid == 0:
            try:
                next(stream)
            except RuntimeError:
                stream.close()
                os._exit(3)
            os._exit(4)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 3
        assert next(stream)["index"][0] == 20


def test_a_closed_stream_says_so():
    stream = Stream(fake(), workers=1)
    next(stream)
    stream.close()
    stream.close()
    with pytest.raises(ValueError, match="the stream is closed"):
        next(stream)


# What is declared


def test_image_layouts_and_channels():
    grey = load_config("clean", ["image.channels=grey"])
    generators = {"rgb": Generator("clean"), "grey": Generator(grey)}
    for own, generator in generators.items():
        for channels in ("rgb", "grey"):
            for layout in ("NHWC", "NCHW"):
                fields = {"image": {"layout": layout, "channels": channels}}
                with Stream(generator, batch_size=4, fields=fields, workers=0) as stream:
                    image = next(stream)["image"]
                assert image.flags.c_contiguous
                if layout == "NCHW":
                    image = image.transpose(0, 2, 3, 1)
                depth = {"rgb": 3, "grey": 1}[channels]
                assert image.shape == (4, 32, 128, depth)
                expected = generators["grey" if channels == "grey" else own]
                for row in range(4):
                    assert np.array_equal(np.squeeze(image[row]), expected[row].image) or (
                        (own, channels) == ("grey", "rgb")
                        and np.array_equal(image[row], np.repeat(expected[row].image[..., None], 3, 2))
                    )


def test_target_maps_are_the_encoders_own():
    generator = Generator("words")
    fields = {"image": {}, "east": {"stride": 4, "shrink": 0.2}, "dbnet": {}, "craft": {"stride": 2}}
    with Stream(generator, batch_size=6, fields=fields, workers=2) as stream:
        for number in range(8):
            batch = next(stream)
            for row in range(6):
                labels = generator[6 * number + row].labels
                for name, expected in {
                    "east": east.encode(labels.word_quads, labels.ignore, 32, 128, 4, shrink=0.2),
                    "dbnet": dbnet.encode(labels.polygons, labels.ignore, 32, 128),
                    "craft": craft.encode(labels.char_quads, labels.char_word, labels.polygons, labels.ignore, 32, 128),
                }.items():
                    for key, array in expected._asdict().items():
                        assert np.array_equal(getattr(batch[name], key)[row], array), (name, key)


REFUSED = [
    ({"fields": "image"}, "fields: is 'image'; give a list of names"),
    ({"fields": []}, "give a list of names"),
    ({"fields": ["imgae"]}, "fields: 'imgae' is unknown; did you mean 'image'?"),
    ({"fields": {"image": {"layout": "HWC"}}}, "image.layout is 'HWC'; give NHWC or NCHW"),
    ({"fields": {"image": {"channels": "bgr"}}}, "image.channels is 'bgr'; give rgb or grey"),
    ({"fields": {"words": {"max": 3}}}, "words has no option 'max'; it has most"),
    ({"fields": {"words": {"most": 0}}}, "words.most is 0"),
    ({"fields": {"east": {"strid": 4}}}, "target 'east': got an unexpected keyword argument 'strid'"),
    ({"fields": {"ctc": {"alphabet": "abc", "len": 4}}}, "ctc: "),
    ({"fields": ["ctc"]}, "fields: ctc needs an alphabet"),
    ({"fields": ["char_maps"]}, "fields: char_maps needs an alphabet"),
    ({"fields": {"east": 4}}, "fields: east has the options 4"),
    ({"fields": ["source"]}, "this is no Mix"),
    ({"batch_size": 0}, "batch_size: is 0; give a whole number from 1"),
    ({"workers": -1}, "workers: is -1"),
    ({"rank": 2, "world_size": 2}, "rank: is 2; give a whole number from 0 to 1"),
    ({"count": -1}, "count: is -1"),
    ({"start": 0.5}, "start: is 0.5"),
    ({"ring": 1}, "ring: is 1"),
    ({"method": "forkserver"}, "method: is 'forkserver'"),
    ({"patience_s": 0}, "patience_s: is 0"),
    ({"seed": 1}, "seed: is 1, but the source has the seed 0 already"),
    ({"overrides": ["text.cut=0"]}, "overrides: go with a preset"),
    ({"batch_size": 1 << 20, "ring": 1 << 16}, "of shared memory cannot be had"),
]


@pytest.mark.parametrize(("options", "message"), REFUSED)
def test_bad_arguments_are_told_in_a_sentence(options, message):
    with pytest.raises(InputError) as error, Stream(fake(), **options):
        pass
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_generators_are_pickled_as_configuration_and_seed():
    generator = Generator("clean", 4, ["text.cut=0.5"])
    data = pickle.dumps(generator)
    assert len(data) < 10_000
    assert np.array_equal(pickle.loads(data)[5].image, generator[5].image)


def test_encoded_labels_and_char_maps_are_the_encoders_own():
    source = Generator("words", 0, ["text.charset='@ascii'", "legibility.minimum=0.5", "legibility.redraws=0"])
    ascii_ = Alphabet.of("@ascii")
    fields = {"text": {}, "ctc": {"length": 30, "blank": 95}, "attention": {"alphabet": ascii_}, "char_maps": {}}
    masked = 0
    with Stream(source, batch_size=16, fields=fields, workers=1) as stream:
        for number in range(4):
            batch = next(stream)
            samples = [source[16 * number + row] for row in range(16)]
            ignore = [bool(sample.labels.ignore.any()) for sample in samples]
            masked += sum(ignore)
            expected = ctc.encode(batch["text"], ascii_, ignore, length=30, blank=95)
            for key, array in expected._asdict().items():
                assert np.array_equal(getattr(batch["ctc"], key), array), key
            assert np.array_equal(batch["attention"].lengths, expected.lengths)
            for row, sample in enumerate(samples):
                maps = encode("chars", sample.labels, 32, 128, alphabet=ascii_)
                assert np.array_equal(batch["char_maps"].classes[row], maps.classes)
    assert masked


def test_the_fields_of_the_docs_run_on_the_presets():
    text = (Path(__file__).parents[1] / "docs" / "streaming.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(fields = \{.*?\n\})\n```", text, re.S)
    names: dict = {}
    exec(code, names)
    for preset, count in (("words", 64), ("lines", 16)):
        with Stream(preset, seed=0, batch_size=count, fields=names["fields"], workers=0) as stream:
            batch = next(stream)
        assert {"image", "text", "ctc", "word_quads", "east"} <= batch.keys()
        assert len(batch["text"]) == count
