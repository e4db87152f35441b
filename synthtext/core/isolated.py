"""Files that may harm their reader are read in a process of its own: what it dies of is a finding, and the run goes on.

Parsers of fonts and pictures are C and C++ code. A damaged or hostile file can make them crash, hang or fill the
memory: then the probe process is gone, the file is named, and a new process takes the next one. What a file may take is
counted in the probe's own processor time, which a busy machine does not shorten; the clock is the last resort, for what
waits and does nothing.
"""

from __future__ import annotations

import contextlib
import faulthandler
import math
import multiprocessing
import os
import pickle
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from msgspec import Struct

from synthtext.core.child import Parent, count_threads, end_with, main_module_spared, this_process

T = TypeVar("T")
R = TypeVar("R")

SECONDS = 20.0  # of processor time for a file,
SECONDS_A_MB = 10.0  # and for each of its MB: a collection of Chinese faces takes 1.5 s a MB
PATIENCE_S = 1800.0  # by the clock
MEMORY_MB = 2048


class Trouble(Struct, frozen=True):
    """Why a file could not be read: "crashes its parser (SIGSEGV)", ... `passing`: may have been the machine's
    doing."""

    reason: str
    passing: bool = False


def seconds_for(path: str | os.PathLike[str]) -> float:
    """The processor time that a file may take its parser: it grows with the file, as honest work does."""
    with contextlib.suppress(OSError):
        return SECONDS + SECONDS_A_MB * os.stat(path).st_size / (1 << 20)
    return SECONDS


def _limit_memory(megabytes: int) -> None:
    """Let this process take so much memory beyond what it has mapped now, and write no core file."""
    if os.name != "posix":
        return
    import resource

    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError, ValueError):
        with open("/proc/self/statm", encoding="ascii") as file:
            mapped = int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
        limit = mapped + (megabytes << 20)
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        if hard == resource.RLIM_INFINITY or limit < hard:
            resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def _limit_time(seconds: float) -> None:
    """Let this process use so much processor time from now on, in whole seconds; then the system ends it by SIGXCPU."""
    if os.name != "posix":
        return
    import resource

    with contextlib.suppress(OSError, ValueError):
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        limit = math.ceil(time.process_time() + seconds)
        resource.setrlimit(resource.RLIMIT_CPU, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))


def _serve(work: Callable[[Any], Any] | bytes, connection: Connection, megabytes: int, parent: Parent) -> None:
    """The probe process: one item after the other, until the parent hangs up."""
    end_with(parent)
    faulthandler.disable()  # the crash is told by the parent, in one sentence,
    with contextlib.suppress(OSError):  # and what libraries say of damaged bytes by nobody
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    _limit_memory(megabytes)
    function = pickle.loads(work) if isinstance(work, bytes) else work
    while True:
        try:
            item, seconds = connection.recv()
        except (EOFError, OSError):
            return
        _limit_time(seconds)
        try:
            reply = function(item)
        except MemoryError:
            reply = Trouble(f"needs more than {megabytes} MB of memory to be read", True)
        except Exception as error:
            reply = Trouble(f"cannot be read ({type(error).__name__}: {error})")
        connection.send(reply)


def _method() -> str:
    """Forking takes milliseconds, and is safe as long as this process has one thread, those of libraries included."""
    return "fork" if "fork" in multiprocessing.get_all_start_methods() and count_threads() == 1 else "spawn"


class _Probe:
    def __init__(self, function: Callable[[Any], Any], megabytes: int) -> None:
        method = _method()
        context: Any = multiprocessing.get_context(method)
        self.connection, theirs = context.Pipe()
        work = function if method == "fork" else pickle.dumps(function)
        self._process = context.Process(target=_serve, args=(work, theirs, megabytes, this_process()), daemon=True)
        with main_module_spared(work):
            self._process.start()
        theirs.close()

    def ask(self, item: Any, seconds: float, patience_s: float) -> Any:
        """The reply, or the Trouble that ended the process."""
        try:
            self.connection.send((item, seconds))
            if not self.connection.poll(patience_s):
                self.close()
                return Trouble(f"takes its parser more than {patience_s:g} s", True)
            return self.connection.recv()
        except (EOFError, OSError):
            self._process.join(5.0)
            code = self._process.exitcode
            if code is not None and code < 0:
                with contextlib.suppress(ValueError):
                    name = signal.Signals(-code).name
                    if name == "SIGXCPU":
                        return Trouble(f"takes its parser more than {seconds:.0f} s of processor time")
                    return Trouble(f"crashes its parser ({name})")
            return Trouble(f"ends its parser (exit status {code})")

    @property
    def alive(self) -> bool:
        return bool(self._process.is_alive())

    def close(self) -> None:
        self.connection.close()
        self._process.join(0.2)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


def probe(
    function: Callable[[T], R],
    items: Sequence[T],
    *,
    seconds: Callable[[T], float] = seconds_for,  # type: ignore[assignment]
    patience_s: float = PATIENCE_S,
    memory_mb: int = MEMORY_MB,
) -> Iterator[R | Trouble]:
    """`function(item)` of each item, in order, in a process that may die of any of them.

    `function`: picklable, as are its results. `seconds`: of processor time for an item (where the system counts it,
    which Windows does not); `patience_s`: by the clock; `memory_mb`: beyond what the process has at first.
    """
    worker: _Probe | None = None
    if multiprocessing.current_process().daemon:  # a worker, which may have no children; its parent has probed
        yield from map(function, items)
        return
    try:
        for item in items:
            if worker is None or not worker.alive:
                worker = _Probe(function, memory_mb)
            reply = worker.ask(item, seconds(item), patience_s)
            if isinstance(reply, Trouble) and not worker.alive:
                worker = None
            yield reply
    finally:
        if worker is not None:
            worker.close()
