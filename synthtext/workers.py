"""Samples of a range of indices, made and encoded by several processes, handed on in the order of the indices.

A worker gets ranges over a pipe and answers each with its encoded samples. Pipes, and no queues: a queue has a thread
of its own, after which the process must not be forked, and a worker that dies is seen at once as the end of its pipe.
"""

from __future__ import annotations

import contextlib
import heapq
import multiprocessing
import os
import signal
import sys
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Literal, Protocol

import msgspec
from msgspec import Struct

from synthtext.config import Config
from synthtext.errors import InputError
from synthtext.formats.base import Item
from synthtext.sample import Sample

DEATHS = 3  # of workers over one range, after which it is given up
_QUEUED = 2  # ranges a worker holds: the one that it makes and the one that it goes on with
_AHEAD = 4  # ranges a worker that may be finished and wait for an earlier one: the bound on memory
_POLL_S = 0.25
_TOGETHER = 256 << 10  # bytes of images that are encoded in one go


class Source(Protocol):
    """What of a `Generator` is needed."""

    def __getitem__(self, index: int) -> Sample: ...


MakeGenerator = Callable[[Config, int], Source]
Encode = Callable[[Sample], Item]


class Failure(Struct, frozen=True):
    """A sample that could not be made: the input is at fault, an exception came, or the workers died over it.

    `details`: the exception's traceback.
    """

    index: int
    kind: Literal["input", "exception", "death"]
    message: str
    details: str = ""


class Reply(Struct, frozen=True):
    """A worker's answer to a range: its samples, up to the first that failed."""

    first: int
    items: list[Item]
    failure: Failure | None = None


def make_range(source: Source, encode: Encode, indices: range, starts: Callable[[int], None] = lambda i: None) -> Reply:
    """Make and encode the samples of a range; `starts` is told each index before it is made.

    A few are made and then encoded together: each of the two runs faster while its code and tables stay in the caches.
    """
    items: list[Item] = []
    made: list[Sample] = []
    at, held = indices.start, 0
    try:
        try:
            for index in indices:
                at = index
                starts(index)
                made.append(source[index])
                held += made[-1].image.nbytes
                if held >= _TOGETHER:
                    _encode_all(made, items, encode)
                    held = 0
        finally:  # also what was made before one that failed
            _encode_all(made, items, encode)
    except Exception as error:
        at = made[0].index if made else at  # what encoding failed at
        if isinstance(error, InputError):
            return Reply(indices.start, items, Failure(at, "input", str(error)))
        message = f"{type(error).__name__}: {error}"
        return Reply(indices.start, items, Failure(at, "exception", message, traceback.format_exc()))
    return Reply(indices.start, items)


def _encode_all(made: list[Sample], items: list[Item], encode: Encode) -> None:
    """Encode all of `made` into `items`; after an exception, the first that is left in `made` has caused it."""
    while made:
        items.append(encode(made[0]))
        del made[0]


def _threads() -> int:
    """How many threads this process has, those of libraries included; 1 where the system does not tell."""
    try:
        return len(list(Path("/proc/self/task").iterdir()))
    except OSError:
        return 1


def start_method() -> str:
    """`fork` where it is safe, else `spawn`.

    A forked worker starts at once and shares fonts, word lists and compiled code with its parent, where a spawned one
    imports and indexes for a second or two. But a thread's locks are copied as they are at that moment, and would stay
    locked for ever in the child: so only a process that has no second thread is forked, and only on Linux (macOS's
    own libraries do not survive it). The command line keeps itself to one thread for this.
    """
    return "fork" if sys.platform == "linux" and _threads() == 1 else "spawn"


def _work(
    pipe: Connection,
    inherited: Sequence[Any],
    at: Any,
    source: Source | None,
    make_generator: MakeGenerator,
    config: Config,
    seed: int,
    encode: Encode,
) -> None:
    """A worker process: answers ranges until its pipe ends, be it that the parent is done or that it died."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ^C reaches the whole group: the parent alone decides
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # A copy of another's pipe end would keep that one open after the parent's death.
    for end in inherited:
        end.close() if isinstance(end, Connection) else os.close(end)
    import cv2

    cv2.setNumThreads(1)

    def starts(index: int) -> None:
        at.value = index

    pack = msgspec.msgpack.Encoder().encode
    try:
        while True:
            first, stop = msgspec.msgpack.decode(pipe.recv_bytes(), type=tuple[int, int])
            starts(first)
            if source is None:
                source = make_generator(config, seed)
            pipe.send_bytes(pack(make_range(source, encode, range(first, stop), starts)))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


@dataclass
class _Worker:
    number: int
    process: Any
    pipe: Connection
    at: Any  # the index that it is at, in shared memory
    ranges: deque[range] = field(default_factory=deque)


class Workers:
    """So many processes. `source`: the parent's own generator, which forked workers share.

    `inherited`: file descriptors that a forked worker has to close.
    """

    def __init__(
        self,
        count: int,
        source: Source,
        make_generator: MakeGenerator,
        config: Config,
        seed: int,
        encode: Encode,
        inherited: Sequence[int] = (),
        tell: Callable[[str], None] = lambda line: print(line, file=sys.stderr),
    ) -> None:
        self._source = source
        self._arguments = (make_generator, config, seed, encode)
        self._inherited = inherited
        self._tell = tell
        self._workers: list[_Worker] = []
        for number in range(count):
            self._workers.append(self._start(number + 1))

    def _start(self, number: int) -> _Worker:
        # Asked each time: a library that the writer has loaded since may have started a thread.
        method = start_method()
        forks = method == "fork"
        context: Any = multiprocessing.get_context(method)
        ours, theirs = context.Pipe()
        at = context.RawValue("q", -1)
        close = (ours, *(w.pipe for w in self._workers), *self._inherited) if forks else ()
        source = self._source if forks else None
        process = context.Process(
            target=_work, args=(theirs, close, at, source, *self._arguments), name=f"synthtext-{number}", daemon=True
        )
        with _interrupts_held_back():
            process.start()
        theirs.close()
        return _Worker(number, process, ours, at)

    def replies(self, first: int, stop: int, size: int, idle: Callable[[], None] = lambda: None) -> Iterator[Reply]:
        """The samples from `first` to `stop - 1`, in ranges of `size`, in order.

        A range that has killed `DEATHS` workers gets a failure in its turn. `idle` is called now and then while nothing
        comes.
        """
        count = -((first - stop) // size)
        again: list[int] = []  # a heap of the numbers of ranges that a dead worker held
        fresh = 0  # the first range that nobody has got yet
        deaths: dict[int, int] = {}
        done: dict[int, Reply] = {}

        for turn in range(count):
            while turn not in done:
                horizon = min(turn + _AHEAD * len(self._workers), count)
                for depth in range(1, _QUEUED + 1):
                    for worker in self._workers:
                        if len(worker.ranges) >= depth:
                            continue
                        if again:
                            number = heapq.heappop(again)
                        elif fresh < horizon:
                            number = fresh
                            fresh += 1
                        else:
                            continue
                        begin = first + number * size
                        self._assign(worker, range(begin, min(begin + size, stop)))
                ready = wait([worker.pipe for worker in self._workers], _POLL_S)
                if not ready:
                    idle()
                for worker in [w for w in self._workers if w.pipe in ready]:
                    try:
                        reply = msgspec.msgpack.decode(worker.pipe.recv_bytes(), type=Reply)
                    except (EOFError, OSError):
                        lost = list(worker.ranges)
                        failure = self._replace(worker, deaths)
                        if failure is not None:
                            guilty = lost.pop(0)
                            done[(guilty.start - first) // size] = Reply(guilty.start, [], failure)
                        for indices in lost:
                            heapq.heappush(again, (indices.start - first) // size)
                        continue
                    worker.ranges.popleft()
                    done[(reply.first - first) // size] = reply
            yield done.pop(turn)

    @staticmethod
    def _assign(worker: _Worker, indices: range) -> None:
        worker.ranges.append(indices)
        # To one that has died nothing can be sent, which the end of its pipe tells next.
        with contextlib.suppress(OSError):
            worker.pipe.send_bytes(msgspec.msgpack.encode((indices.start, indices.stop)))

    def _replace(self, worker: _Worker, deaths: dict[int, int]) -> Failure | None:
        """Start another in place of a worker that died; a failure where its range has now killed too many."""
        worker.pipe.close()
        worker.process.join(10.0)
        place = self._workers.index(worker)
        del self._workers[place]
        self._workers.insert(place, self._start(worker.number))
        what = f"worker {worker.number} (pid {worker.process.pid}) {_cause(worker.process.exitcode)}"
        if not worker.ranges:
            self._tell(f"synthtext: {what} while it had nothing to do; another takes its place")
            return None
        guilty = worker.ranges[0]
        deaths[guilty.start] = n = deaths.get(guilty.start, 0) + 1
        at = worker.at.value if worker.at.value in guilty else guilty.start
        where = f"at sample {at} of {guilty.start} to {guilty.stop - 1}"
        if n < DEATHS:
            self._tell(f"synthtext: {what} {where}; these are made again ({n} of {DEATHS - 1})")
            return None
        return Failure(at, "death", f"{what} {where}, where {n} workers have died now")

    def close(self) -> None:
        """End the processes."""
        for worker in self._workers:
            worker.pipe.close()
        for worker in self._workers:
            worker.process.terminate()
        for worker in self._workers:
            worker.process.join(5.0)
            if worker.process.is_alive():
                worker.process.kill()


@contextlib.contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """^C comes only after the block; a process started in it never gets it, not even while it is still importing."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _cause(exitcode: int | None) -> str:
    if exitcode is not None and exitcode < 0:
        try:
            name = signal.Signals(-exitcode).name
        except ValueError:
            name = f"signal {-exitcode}"
        return f"died of {name}" + (" (out of memory?)" if name == "SIGKILL" else "")
    return f"ended with status {exitcode}"
