"""Processes that are started to work for another: how they are started, and that they end with it, whatever they do.

A thread that watches the parent does not do, where the process hangs in C code that holds Python's lock: the thread
then never runs. What ends it there:

- Linux: the kernel, which sends SIGKILL when the parent dies (prctl(2), PR_SET_PDEATHSIG). It does so at the end of the
  *thread* that started the process, so that it is only asked for where that is the main thread, which ends last.
- Elsewhere on POSIX, and from other threads: a timer of the process's own time (setitimer(2), ITIMER_PROF), which the
  watching thread winds up again while it runs. A process that holds the lock for ALONE_S of processor time ends.
- Windows has neither here: there the watching thread must get its turn.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from multiprocessing.connection import wait
from types import ModuleType
from typing import NamedTuple

ALONE_S = 300.0
_WATCH_S = 0.5
_PR_SET_PDEATHSIG = 1


def count_threads() -> int:
    """How many threads this process has, those of libraries included where the system tells."""
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        return threading.active_count()


class Parent(NamedTuple):
    """A process that starts another. `by_main_thread`: whether its main thread does."""

    pid: int
    by_main_thread: bool


def this_process() -> Parent:
    """This process, as the parent of one that it starts now, in this thread."""
    return Parent(os.getpid(), threading.current_thread() is threading.main_thread())


def end_with(parent: Parent) -> None:
    """From now on this process, which `parent` has started, ends soon after it."""
    if not _ends_by_kernel(parent):
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _ends_by_kernel(parent: Parent) -> bool:
    if sys.platform != "linux" or not parent.by_main_thread:
        return False
    import ctypes

    try:
        done: bool = ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) == 0
    except (OSError, AttributeError):
        return False
    if os.getppid() != parent.pid:  # it died before this was asked for
        os._exit(1)
    return done


def _watch(parent: Parent) -> None:
    if os.name != "posix":
        process = multiprocessing.parent_process()
        if process is not None:
            wait([process.sentinel])
        os._exit(1)
    # The sentinel would not do: processes that were forked in between hold its other end, too.
    while os.getppid() == parent.pid:
        with contextlib.suppress(OSError, ValueError):
            signal.setitimer(signal.ITIMER_PROF, ALONE_S)
        time.sleep(_WATCH_S)
    os._exit(1)


@contextlib.contextmanager
def main_module_spared(work: object) -> Iterator[None]:
    """A process spawned in it does not run the user's script again, unless the pickled work needs names from there.

    multiprocessing imports the main module in each spawned process, for which scripts need their
    `if __name__ == "__main__":`; workers that need nothing from there can do without.
    """
    if not isinstance(work, bytes) or b"__main__" in work:
        yield
        return
    main = sys.modules["__main__"]
    stand_in = ModuleType("__main__")
    stand_in.__spec__ = None
    sys.modules["__main__"] = stand_in
    try:
        yield
    finally:
        sys.modules["__main__"] = main
