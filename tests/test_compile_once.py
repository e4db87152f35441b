"""Workers that lack a kernel: one compiles it, the others wait, whatever becomes of the one."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from synthtext.core.kernel import kernel
from synthtext.runtime import workers
from synthtext.runtime.workers import Answered, Pool

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere each worker compiles on its own")


@kernel
def square(x):
    return x * x


@kernel
def squares(n):
    total = 0.0
    for i in range(n):
        total += square(float(i))
    return total


@kernel
def cannot_compile(n):
    return n.no_such_thing


class Compiles:
    """A worker's part: calls the kernels when as many workers have come to it; answers how many it compiled.

    `fault`: what the first that compiles does: dies, or fails.
    """

    def __init__(self, folder, fault=""):
        self.folder, self.fault = folder, fault

    def __call__(self, memory):
        from numba.core import event

        compiled = []
        fault, folder = self.fault, Path(self.folder)

        class Listener(event.Listener):
            def on_start(self, event):
                compiled.append(event.data["dispatcher"].py_func.__name__)
                if fault == "dies" and not (folder / "died").exists():
                    (folder / "died").touch()
                    os._exit(7)
                for _ in range(40):  # it takes 2 s, and says that it goes on
                    self.starts(range(1))
                    time.sleep(0.05)

            def on_end(self, event):
                pass

        def answer(indices, more, starts, singly):
            starts(indices)
            (folder / f"worker{os.getpid()}").touch()
            until = time.monotonic() + 60
            while len(list(folder.glob("worker*"))) < 2 and time.monotonic() < until:
                starts(indices)
                time.sleep(0.01)
            Listener.starts = staticmethod(starts)
            event.register("numba:compile", Listener())
            if fault == "fails":
                with pytest.raises(Exception, match="no_such_thing"):
                    cannot_compile(3.0)
            assert squares(4) == 14.0
            return " ".join(compiled).encode()

        return answer


def compiled_by(work, patience_s=None, both_began=lambda: None):
    """What each of two workers compiled, and what was told. `both_began`: called when both have."""
    told, found = [], []
    pool = Pool(2, work, tell=told.append, method="spawn", patience_s=patience_s)
    try:
        for number, worker in enumerate(pool.workers):
            pool.assign(worker, range(number, number + 1))
        until = time.monotonic() + 120
        while len(found) < 2 and time.monotonic() < until:
            if len(list(Path(work.folder).glob("worker*"))) == 2:
                both_began()
            for news in pool.poll():
                if isinstance(news, Answered):
                    found.append(news.data.decode().split())
                else:
                    for indices in news.ranges:
                        pool.assign(pool.least_busy(), indices)
    finally:
        pool.close()
    return found, told


@pytest.fixture(autouse=True)
def empty_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))


def test_of_two_workers_one_compiles(tmp_path):
    found, told = compiled_by(Compiles(str(tmp_path)))
    assert sorted(found) == [[], ["squares", "square"]]
    assert not told


def test_a_worker_that_waits_for_another_does_not_hang(tmp_path, monkeypatch):
    """It waits longer than a worker may take to compile."""
    found, told = compiled_by(Compiles(str(tmp_path)), 1.0, lambda: monkeypatch.setattr(workers, "START_S", 1.0))
    assert sorted(found) == [[], ["squares", "square"]]
    assert not told


def test_where_the_one_that_compiles_dies_another_does(tmp_path):
    found, told = compiled_by(Compiles(str(tmp_path), "dies"))
    assert sorted(found) == [[], ["squares", "square"]]
    assert len(told) == 1
    assert "ended with status 7" in told[0]


def test_the_others_go_on_where_a_compilation_fails(tmp_path):
    found, _ = compiled_by(Compiles(str(tmp_path), "fails"))
    assert sorted(found) == [["cannot_compile"], ["cannot_compile", "squares", "square"]]
