"""Worker processes that share what they compile: of several that lack a kernel one compiles it, the others wait for it.

Numba keeps what it compiled on disk, but does not ask whether another process compiles the same at the moment: with
nothing there, each of N workers would compile everything. A lock on a file goes to one of them; the system takes it
back when that process ends, however it does.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

_ASK_S = 0.05


def compile_once(file: int, waits: Callable[[], None]) -> None:
    """From now on this process compiles only while it has the lock on an open file; `waits` is called while it waits.

    What is on disk already is loaded without the lock. Nothing is done on systems that have no such locks.
    """
    try:
        import fcntl
    except ImportError:
        return
    from numba.core import event
    from numba.core.caching import FunctionCache

    load: Any = FunctionCache.load_overload
    held = False

    def load_or_wait(self: Any, sig: Any, target_context: Any) -> Any:
        nonlocal held
        found = load(self, sig, target_context)
        if found is not None or held:
            return found
        while not held:
            try:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                held = True
            except BlockingIOError:
                waits()
                time.sleep(_ASK_S)
        return load(self, sig, target_context)  # another may have compiled it meanwhile

    class Listener(event.Listener):
        """Gives the lock back when the outermost compilation has ended, or failed."""

        depth = 0

        def on_start(self, event: Any) -> None:
            self.depth += 1

        def on_end(self, event: Any) -> None:
            nonlocal held
            self.depth -= 1
            if held and self.depth == 0:
                fcntl.lockf(file, fcntl.LOCK_UN)
                held = False

    FunctionCache.load_overload = load_or_wait  # type: ignore[method-assign]
    event.register("numba:compiler_lock", Listener())  # type: ignore[no-untyped-call]
