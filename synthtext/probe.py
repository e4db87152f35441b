"""Files that may harm their reader are read in a process of its own: what it dies of is a finding, and the run goes on.

Parsers of fonts and pictures are C and C++ code. A damaged or hostile file can make them crash, hang or fill the
memory: then the probe process is gone, the file is named, and a new process takes the next one.
"""

from __future__ import annotations

import contextlib
import faulthandler
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from msgspec import Struct

T = TypeVar("T")
R = TypeVar("R")

SECONDS = 30.0
MEMORY_MB = 2048


class Trouble(Struct, frozen=True):
    """Why a file could not be read: "crashes its parser (SIGSEGV)", ... `passing`: may have been the machine's
    doing."""

    reason: str
    passing: bool = False


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


def _serve(function: Callable[[Any], Any], connection: Connection, megabytes: int) -> None:
    """The probe process: one item after the other, until the parent hangs up."""
    faulthandler.disable()  # the crash is told by the parent, in one sentence
    _limit_memory(megabytes)
    while True:
        try:
            item = connection.recv()
        except (EOFError, OSError):
            return
        try:
            reply = function(item)
        except MemoryError:
            reply = Trouble(f"needs more than {megabytes} MB of memory to be read", True)
        except Exception as error:
            reply = Trouble(f"cannot be read ({type(error).__name__}: {error})")
        connection.send(reply)


def _context() -> Any:
    """Forking takes milliseconds, and is safe as long as this process has one thread."""
    fork = "fork" in multiprocessing.get_all_start_methods() and threading.active_count() == 1
    return multiprocessing.get_context("fork" if fork else "spawn")


class _Probe:
    def __init__(self, function: Callable[[Any], Any], megabytes: int) -> None:
        context = _context()
        self.connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(function, theirs, megabytes), daemon=True)
        self._process.start()
        theirs.close()

    def ask(self, item: Any, seconds: float) -> Any:
        """The reply, or the Trouble that ended the process."""
        try:
            self.connection.send(item)
            if not self.connection.poll(seconds):
                self.close()
                return Trouble(f"takes its parser more than {seconds:g} s", True)
            return self.connection.recv()
        except (EOFError, OSError):
            self._process.join(5.0)
            code = self._process.exitcode
            if code is not None and code < 0:
                with contextlib.suppress(ValueError):
                    return Trouble(f"crashes its parser ({signal.Signals(-code).name})")
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
    function: Callable[[T], R], items: Sequence[T], *, seconds: float = SECONDS, memory_mb: int = MEMORY_MB
) -> Iterator[R | Trouble]:
    """`function(item)` of each item, in order, in a process that may die of any of them.

    `function`: picklable, as are its results. `seconds`: for one item; `memory_mb`: beyond what the process has at
    first.
    """
    worker: _Probe | None = None
    if multiprocessing.current_process().daemon:  # a worker, which may have no children; its parent has probed
        yield from map(function, items)
        return
    try:
        for item in items:
            if worker is None or not worker.alive:
                worker = _Probe(function, memory_mb)
            reply = worker.ask(item, seconds)
            if isinstance(reply, Trouble) and not worker.alive:
                worker = None
            yield reply
    finally:
        if worker is not None:
            worker.close()
