"""Ranges of indices, made by several processes: `Pool` for any work, `Workers` for encoded samples in their order.

A worker gets ranges over a pipe and answers each. Pipes, and no queues: a queue has a thread of its own, after which
the process must not be forked, and a worker that dies is seen at once as the end of its pipe. One that hangs is seen by
its count of samples, which stands in shared memory, and is killed. Another takes the place of either, and what it held
is made again.
"""

from __future__ import annotations

import contextlib
import gc
import heapq
import multiprocessing
import os
import pickle
import shlex
import signal
import sys
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import Any, Literal, Protocol

import msgspec
from msgspec import Struct

from synthtext.core.child import Parent, count_threads, end_with, main_module_spared, this_process
from synthtext.core.errors import InputError, SampleError
from synthtext.formats.base import Item
from synthtext.runtime.compile_once import compile_once
from synthtext.runtime.shared_memory import SharedBlock
from synthtext.sample import Sample

DEATHS = 3  # of workers over one range, after which it is given up
START_S = 300.0  # what a worker may take to begin, and to compile a kernel that is not cached yet
SAMPLE_S = 60.0  # what a sample of a data set may take before its worker counts as hung
_QUEUED = 2  # ranges a worker holds: the one that it makes and the one that it goes on with
_AHEAD = 4  # ranges a worker that may be finished and wait for an earlier one: the bound on memory
_POLL_S = 0.25
# Bytes of a worker's state, int64: the index that it is at, how many samples it makes there at once, how often it began
# on some, compilations that run.
_NUMBERS = 32
_STATE = 288  # and after them the font that it opened last
_CANNOT_BEGIN = b"\xc1"  # before a worker's last words; no msgpack begins so
_TOGETHER = 256 << 10  # bytes of images that are encoded in one go


class Source(Protocol):
    """What of a `Generator` is needed; what has its `batch` and `together` too is asked for several samples at once."""

    def __getitem__(self, index: int) -> Sample: ...


Encode = Callable[[Sample], Item]
Starts = Callable[[range], None]  # told each index, or the several that are made at once, before
# Of a range and what else was said of it, in a worker; the last tells whether its samples are to be made one by one.
Answer = Callable[[range, bytes, Starts, bool], bytes]
Open = Callable[[SharedBlock | None], Answer]  # called once, in the worker, with the memory that it shares


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


def pieces(source: Source, indices: range, singly: bool = False) -> Iterator[range]:
    """A range in the pieces of which the samples are made at once; `singly`: of one sample each."""
    size = 1 if singly else getattr(source, "together", 1)
    return (indices[i : i + size] for i in range(0, len(indices), size))


def make_at_once(source: Source, piece: range, starts: Starts, *more: Any) -> Sequence[Sample] | None:
    """The samples of a piece, by `source.batch`, which is given `more`; None where there is one, or one fails.

    Which one it is, and why it fails, will be known when they are made one by one.
    """
    if len(piece) < 2:
        return None
    starts(piece)
    try:
        made: Sequence[Sample] = source.batch(piece.start, len(piece), *more)  # type: ignore[attr-defined]
    except Exception:
        return None
    return made


def _make_singly(source: Source, piece: range, starts: Starts) -> Iterator[Sample]:
    for index in piece:
        starts(range(index, index + 1))
        yield source[index]


def make_range(
    source: Source, encode: Encode, indices: range, starts: Starts = lambda piece: None, singly: bool = False
) -> Reply:
    """Make and encode the samples of a range. `starts` is told what is made next; `singly`: one by one.

    A few are made and then encoded together: each of the two runs faster while its code and tables stay in the caches.
    """
    items: list[Item] = []
    made: list[Sample] = []
    at, held = indices.start, 0
    try:
        try:
            for piece in pieces(source, indices, singly):
                for sample in make_at_once(source, piece, starts) or _make_singly(source, piece, starts):
                    made.append(sample)
                    at += 1
                    held += sample.image.nbytes
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


def default_workers() -> int:
    """As many as this process may use cores."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def start_method() -> str:
    """`fork` where it is safe, else `spawn`.

    A forked worker starts at once and shares fonts, word lists and compiled code with its parent, where a spawned one
    imports and indexes for a second or two. But a thread's locks are copied as they are at that moment, and would stay
    locked for ever in the child: so only a process that has no second thread is forked, and only on Linux (macOS's
    own libraries do not survive it). The command line keeps itself to one thread for this.
    """
    return "fork" if sys.platform == "linux" and count_threads() == 1 else "spawn"


def sample_failed(failure: Failure, seed: int, digest: str, again: str) -> Exception:
    """The error that tells how to see a sample's failure again. `again`: code that makes its source."""
    if failure.kind == "input":
        return InputError(f"sample {failure.index} of seed {seed}: {failure.message}")
    code = f"{again}[{failure.index}]"
    return SampleError(
        f"sample {failure.index} of seed {seed} cannot be made ({failure.message}); the configuration's digest is "
        f"{digest[:12]}; to see it again: python -c {shlex.quote(code)}",
        failure.index,
        failure.details,
    )


def _work(
    pipe: Connection,
    inherited: Sequence[Any],
    state: SharedBlock,
    number: int,
    work: Open | bytes,
    memory: SharedBlock | None,
    parent: Parent,
) -> None:
    """A worker process: answers ranges until its pipe ends, be it that the parent is done or that it died."""
    end_with(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ^C reaches the whole group: the parent alone decides
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # A copy of another's pipe end would keep that one open after the parent's death.
    for end in inherited:
        end.close() if isinstance(end, Connection) else os.close(end)
    import cv2

    cv2.setNumThreads(1)
    told = state.bytes(_STATE * number, _STATE)
    progress = told[:_NUMBERS].data.cast("q")
    _tell_compiling(progress)
    if state.file >= 0:
        compile_once(state.file, lambda: _count(progress))
    _fonts.append(told[_NUMBERS:].data)

    def starts(piece: range) -> None:
        progress[0], progress[1] = piece.start, len(piece)
        _count(progress)

    try:
        answer: Answer | None = None
        while True:
            first, stop, more, singly = msgspec.msgpack.decode(pipe.recv_bytes(), type=tuple[int, int, bytes, bool])
            progress[0], progress[1] = first, 1
            if answer is None:
                try:
                    answer = (pickle.loads(work) if isinstance(work, bytes) else work)(memory)
                except Exception as error:
                    bad_input = isinstance(error, InputError)
                    failure = Failure(first, "input" if bad_input else "exception", str(error), traceback.format_exc())
                    pipe.send_bytes(_CANNOT_BEGIN + msgspec.msgpack.encode(failure))
                    return
            pipe.send_bytes(answer(range(first, stop), more, starts, singly))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


def _count(progress: memoryview) -> None:
    """Let the parent see that this worker does not hang."""
    progress[2] += 1


_fonts: list[memoryview] = []  # in a worker: where it tells the font that it opens


def tell_fonts(source: Source) -> None:
    """In a worker: let the parent know which font the source opened last, to name it where the worker hangs."""
    store = getattr(source, "store", None)
    if store is None or not _fonts:
        return
    told = _fonts[-1]

    def watch(face: Any) -> None:
        text = f"{face.id} (family {face.family})".encode()[: len(told) - 1] + b"\0"
        told[: len(text)] = text

    store.watch = watch


def _tell_compiling(progress: memoryview) -> None:
    """Let Numba count its running compilations there: a worker that compiles does not hang."""
    from numba.core import event

    class Listener(event.Listener):
        def on_start(self, event: Any) -> None:
            progress[3] += 1

        def on_end(self, event: Any) -> None:
            progress[3] -= 1

    event.register("numba:compiler_lock", Listener())  # type: ignore[no-untyped-call]


@dataclass
class _Worker:
    number: int
    process: Any
    pipe: Connection
    ranges: deque[range] = field(default_factory=deque)
    answered: bool = False  # once, at least
    seen: tuple[int, int] = (0, 0)  # how often it began, and its compilations, when it was last looked at
    still_s: float = 0.0  # how long that has been the same


class Answered(Struct, frozen=True):
    """A worker's answer to a range."""

    indices: range
    data: bytes


class Lost(Struct, frozen=True):
    """What a worker held that died or hung, its work at that time first; `failure` where that has killed too many."""

    ranges: list[range]
    failure: Failure | None


class Pool:
    """So many processes that answer ranges. `work`: makes what answers; for spawned workers it is pickled.

    `inherited`: file descriptors that a forked worker has to close. `tell`: gets a line on each worker replaced.
    `method`: fork or spawn (None: `start_method`). `patience_s`: how long a sample may take before the worker counts as
    hung (twice as long when its range is made again, and so on; `START_S` before its first, and to compile a kernel).
    `memory`: what `work` is called with.
    """

    def __init__(
        self,
        count: int,
        work: Open,
        inherited: Sequence[int] = (),
        tell: Callable[[str], None] = lambda line: print(line, file=sys.stderr),
        method: str | None = None,
        patience_s: float | None = None,
        memory: SharedBlock | None = None,
    ) -> None:
        self._method = method
        self._work = work
        self._memory = memory
        self._inherited = inherited
        self._tell = tell
        self._patience_s = patience_s
        self._state = SharedBlock(_STATE * count)
        self._told = self._state.bytes().reshape(count, _STATE)
        self._progress = self._told.view("int64")[:, : _NUMBERS // 8]
        self._deaths: dict[int, int] = {}
        self._looked = time.monotonic()
        self.replaced = 0
        self.workers: list[_Worker] = []
        try:
            for number in range(count):
                self.workers.append(self._start(number))
        except BaseException:
            self.close()
            raise

    def _start(self, number: int) -> _Worker:
        # Asked each time: a library that has been loaded since may have started a thread.
        method = self._method or start_method()
        forks = method == "fork"
        context: Any = multiprocessing.get_context(method)
        ours, theirs = context.Pipe()
        self._told[number] = 0
        self._progress[number, 0] = -1
        close = (ours, *(w.pipe for w in self.workers), *self._inherited) if forks else ()
        work = self._work if forks else pickle.dumps(self._work)
        process = context.Process(
            target=_work,
            args=(theirs, close, self._state, number, work, self._memory, this_process()),
            name=f"synthtext-{number + 1}",
            daemon=True,
        )
        with _interrupts_held_back(), main_module_spared(work), _garbage_left_alone(forks):
            process.start()
        theirs.close()
        return _Worker(number, process, ours)

    def assign(self, worker: _Worker, indices: range, more: bytes = b"") -> None:
        """Give a worker a range, to be made after those that it has; `more` comes to its `Answer`.

        One over which a worker has died is made sample by sample, so that it is known which one kills.
        """
        if not worker.ranges:
            worker.still_s = 0.0
        worker.ranges.append(indices)
        # To one that has died nothing can be sent, which the end of its pipe tells next.
        with contextlib.suppress(OSError):
            singly = indices.start in self._deaths
            worker.pipe.send_bytes(msgspec.msgpack.encode((indices.start, indices.stop, more, singly)))

    def least_busy(self) -> _Worker:
        """The worker with the fewest ranges."""
        return min(self.workers, key=lambda worker: len(worker.ranges))

    def poll(self, timeout_s: float = _POLL_S) -> list[Answered | Lost]:
        """What has come, or been lost, waiting for it as long as told. Raises what a worker met when it began."""
        ready = wait([worker.pipe for worker in self.workers], timeout_s)
        news: list[Answered | Lost] = []
        for worker in [w for w in self.workers if w.pipe in ready]:
            try:
                data = worker.pipe.recv_bytes()
            except (EOFError, OSError):
                worker.process.join(10.0)
                news.append(self._replace(worker, _cause(worker.process.exitcode)))
            else:
                if data.startswith(_CANNOT_BEGIN):
                    failure = msgspec.msgpack.decode(data[1:], type=Failure)
                    if failure.kind == "input":
                        raise InputError(failure.message)
                    raise RuntimeError(f"a worker cannot begin:\n{failure.details}")
                worker.answered = True
                news.append(Answered(worker.ranges.popleft(), data))
        elapsed = time.monotonic() - self._looked
        if elapsed >= _POLL_S:
            # Where nobody waited, or everything was stopped (^Z), the time says nothing about the workers.
            news += self._end_hung(min(elapsed, 2.0 * _POLL_S))
            self._looked += elapsed
        return news

    def _end_hung(self, elapsed_s: float) -> list[Answered | Lost]:
        news: list[Answered | Lost] = []
        for worker in list(self.workers):
            _, _, began, compiling = self._progress[worker.number].tolist()
            still = worker.ranges and worker.seen == (began, compiling)
            worker.still_s = worker.still_s + elapsed_s if still else 0.0
            worker.seen = began, compiling
            if self._patience_s is None or not worker.ranges:
                continue
            patience = self._patience_s * 2.0 ** self._deaths.get(worker.ranges[0].start, 0)
            if not began or compiling:
                patience = max(patience, START_S)
            if worker.still_s > patience:
                worker.process.kill()
                worker.process.join(10.0)
                news.append(self._replace(worker, f"has hung for {worker.still_s:.0f} s and was ended"))
        return news

    def _replace(self, worker: _Worker, cause: str) -> Lost:
        """Start another in place of a worker that ended. Raises RuntimeError where it never came to work at all."""
        worker.pipe.close()
        at, several, began, _ = self._progress[worker.number].tolist()
        font = bytes(self._told[worker.number, _NUMBERS:]).partition(b"\0")[0].decode("utf-8", "replace")
        if not began and not worker.answered and (worker.process.exitcode or 0) > 0:
            raise RuntimeError(
                f"worker {worker.number + 1} {cause} before it made a sample; what it needs is perhaps defined in a "
                'script that lacks `if __name__ == "__main__":`, or its error stands above'
            )
        self.workers[self.workers.index(worker)] = self._start(worker.number)
        self.replaced += 1
        what = f"worker {worker.number + 1} (pid {worker.process.pid}) {cause}"
        if not worker.ranges:
            self._tell(f"synthtext: {what} while it had nothing to do; another takes its place")
            return Lost([], None)
        guilty = worker.ranges[0]
        self._deaths[guilty.start] = n = self._deaths.get(guilty.start, 0) + 1
        if at not in guilty:
            at, several = guilty.start, 1
        what_of = f"sample {at}" if several == 1 else f"one of the samples {at} to {at + several - 1}"
        where = f"at {what_of} of {guilty.start} to {guilty.stop - 1}" + (font and f", with the font {font}")
        if n < DEATHS:
            self._tell(f"synthtext: {what} {where}; these are made again ({n} of {DEATHS - 1})")
            return Lost(list(worker.ranges), None)
        message = f"{what} {where}, where {n} workers have died now"
        if font:
            message += "; if that font is to blame, leave it out by fonts.exclude, in a new folder"
        return Lost(list(worker.ranges), Failure(at, "death", message))

    def close(self) -> None:
        """End the processes."""
        for worker in self.workers:
            worker.pipe.close()
        for worker in self.workers:
            worker.process.terminate()
        for worker in self.workers:
            worker.process.join(5.0)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
            worker.process.close()
        self.workers = []
        self._state.close()


@dataclass(frozen=True)
class _EncodeRanges:
    """A worker's part in `Workers`."""

    source: Source
    encode: Encode

    def __call__(self, memory: SharedBlock | None) -> Answer:
        tell_fonts(self.source)
        pack = msgspec.msgpack.Encoder().encode
        return lambda indices, more, starts, singly: pack(make_range(self.source, self.encode, indices, starts, singly))


class Workers:
    """Processes that make and encode samples. `source`: the parent's own generator, which forked workers share.

    `inherited`, `tell`, `patience_s`: see `Pool`.
    """

    def __init__(
        self,
        count: int,
        source: Source,
        encode: Encode,
        inherited: Sequence[int] = (),
        tell: Callable[[str], None] = lambda line: print(line, file=sys.stderr),
        patience_s: float | None = SAMPLE_S,
    ) -> None:
        self._pool = Pool(count, _EncodeRanges(source, encode), inherited, tell, patience_s=patience_s)

    def replies(self, first: int, stop: int, size: int, idle: Callable[[], None] = lambda: None) -> Iterator[Reply]:
        """The samples from `first` to `stop - 1`, in ranges of `size`, in order.

        A range that has killed `DEATHS` workers gets a failure in its turn. `idle` is called now and then while nothing
        comes.
        """
        pool = self._pool
        count = -((first - stop) // size)
        again: list[int] = []  # a heap of the numbers of ranges that a dead worker held
        fresh = 0  # the first range that nobody has got yet
        done: dict[int, Reply] = {}

        for turn in range(count):
            while turn not in done:
                horizon = min(turn + _AHEAD * len(pool.workers), count)
                for depth in range(1, _QUEUED + 1):
                    for worker in pool.workers:
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
                        pool.assign(worker, range(begin, min(begin + size, stop)))
                news = pool.poll()
                if not news:
                    idle()
                for event in news:
                    if isinstance(event, Answered):
                        reply = msgspec.msgpack.decode(event.data, type=Reply)
                        done[(reply.first - first) // size] = reply
                        continue
                    lost = event.ranges
                    if event.failure is not None:
                        guilty = lost.pop(0)
                        done[(guilty.start - first) // size] = Reply(guilty.start, [], event.failure)
                    for indices in lost:
                        heapq.heappush(again, (indices.start - first) // size)
            yield done.pop(turn)

    def close(self) -> None:
        """End the processes."""
        self._pool.close()


@contextlib.contextmanager
def _garbage_left_alone(forks: bool) -> Iterator[None]:
    """A process forked in it never looks for garbage among what it has from its parent.

    Looking marks each object, and so makes the worker's own copy of memory that it would share.
    """
    if not forks or gc.get_freeze_count():  # what somebody froze is not ours to thaw
        yield
        return
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


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
