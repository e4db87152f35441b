"""A progress bar on stderr: done, rate and remaining time; a line now and then where stderr is not a terminal."""

from __future__ import annotations

import shutil
import sys
import time
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import TextIO

_REDRAW_S = 0.1
_LINE_S = 10.0
_WINDOW_S = 15.0  # the rate is that of the last seconds, so that a slow start is soon forgotten


def per_second(rate: float) -> str:
    """A rate as it is shown: three digits below 100 a second, whole numbers above."""
    return f"{rate:,.3g}/s" if rate < 100.0 else f"{rate:,.0f}/s"


def duration(seconds: float) -> str:
    """Seconds as `4 s`, `3:07` (minutes) or `2:03:07` (hours)."""
    whole = int(seconds + 0.5)
    if whole < 60:
        return f"{whole} s"
    minutes, s = divmod(whole, 60)
    hours, m = divmod(minutes, 60)
    return f"{hours}:{m:02d}:{s:02d}" if hours else f"{m}:{s:02d}"


class Progress:
    """Shows how far a run is. `done`: where it begins. A context manager, at whose end the bar is wiped.

    `more`, an attribute: what is shown beside.
    """

    def __init__(
        self, total: int, done: int = 0, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._total, self._done = total, done
        self._stream = stream or sys.stderr
        self._bar = self._stream.isatty()
        self._clock = clock
        self._began = self._shown = clock()
        self._times: deque[tuple[float, int]] = deque([(self._began, done)])
        self._wiped, self._measured = True, False
        self.more = ""

    def update(self, done: int | None = None) -> None:
        """Tell how much is done (None: no more than before), as often as you like."""
        now = self._clock()
        done = self._done if done is None else done
        self._done = done
        if done != self._times[-1][1]:
            if not self._measured:  # what came before the first was compiling and starting, not work
                self._times.clear()
                self._measured = True
            self._times.append((now, done))
            while len(self._times) > 2 and now - self._times[1][0] > _WINDOW_S:
                self._times.popleft()
        if now - self._shown >= (_REDRAW_S if self._bar else _LINE_S):
            self._shown = now
            self._show(now)

    def note(self, line: str) -> None:
        """Print a line of its own, above the bar."""
        self.wipe()
        print(line, file=self._stream, flush=True)

    def wipe(self) -> None:
        """Take the bar off the screen."""
        if not self._wiped:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._wiped = True

    def text(self, now: float) -> str:
        """What is shown, without the bar."""
        (t0, n0), (_, n1) = self._times[0], self._times[-1]
        counted = f"{self._done:,} of {self._total:,}"
        if n1 == n0:
            starting = "starting (the very first run compiles for one to two minutes)"
            return counted if self._measured else f"{counted}, {starting}"
        rate = (n1 - n0) / max(now - t0, 1e-9)
        left = duration((self._total - self._done) / rate)
        text = f"{counted}, {per_second(rate)}, {left} left"
        return f"{text}, {self.more}" if self.more else text

    def _show(self, now: float) -> None:
        text = self.text(now)
        if not self._bar:
            print(text, file=self._stream, flush=True)
            return
        width = min(30, shutil.get_terminal_size().columns - len(text) - 4)
        filled = int(width * self._done / self._total) if width > 4 else 0
        bar = f"[{'#' * filled}{'.' * (width - filled)}] " if width > 4 else ""
        self._stream.write(f"\r\x1b[K{bar}{text}")
        self._stream.flush()
        self._wiped = False

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.wipe()
