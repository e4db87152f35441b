"""`Stream`: samples straight into a training loop, with no data set on disk.

Worker processes render ranges of indices into a ring of batches in shared memory; the loop reads NumPy arrays that lie
there. Pixels are never sent, pickled or copied between processes. A batch's place in the ring is used again when
nothing refers to its arrays any more, and workers that find no free place wait: memory is bounded.
"""

from __future__ import annotations

import gc
import os
import sys
import time
import traceback
import weakref
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol, Self

import msgspec
import numpy as np
from msgspec import Struct

from synthtext.arrays.sample_fields import Batch
from synthtext.config import Config, checked_overrides
from synthtext.core.errors import InputError, SampleError, known_arguments
from synthtext.runtime.shared_memory import SharedBlock
from synthtext.runtime.workers import (
    Answer,
    Answered,
    Failure,
    Pool,
    Source,
    Starts,
    make_at_once,
    pieces,
    sample_failed,
    tell_fonts,
)
from synthtext.sample import Sample
from synthtext.stream.fields import Declared, Layout, make_fields

STATE_VERSION = 1
PARTS = 4  # of a batch, made by whichever worker is free
_CONTROL = 4096  # bytes at the begin of the shared memory: the generation, and nothing else yet
_pack = msgspec.msgpack.Encoder().encode


class SampleSource(Source, Protocol):
    """What of a `Generator`, a `Mix` or a `Curriculum` is needed."""

    @property
    def seed(self) -> int: ...

    @property
    def digest(self) -> str: ...

    @property
    def configs(self) -> tuple[Config, ...]:
        """Every configuration that its samples may have: their image sizes and text lengths bound a batch."""


class _Task(Struct, frozen=True, array_like=True):
    """Where a range's samples go. `generation`: of the stream's position; of an older one nothing is wanted."""

    generation: int
    slot: int
    row: int


class _Part(Struct, frozen=True, array_like=True):
    """A worker's answer: the fields' messages, what went wrong for good, and what did at a first attempt."""

    messages: list[Any]
    failure: Failure | None = None
    notes: list[str] = []


@dataclass(frozen=True)
class _Fill:
    """A worker's part: makes the samples of a range and writes them into their rows. Picklable."""

    source: Source
    layout: Layout

    def __call__(self, memory: SharedBlock | None) -> Answer:
        assert memory is not None
        layout, source = self.layout, self.source
        tell_fonts(source)
        control = memory.bytes(0, 8).view(np.int64)
        slots: dict[int, list[list[Any]]] = {}

        def answer(indices: range, more: bytes, starts: Starts, singly: bool) -> bytes:
            task = msgspec.msgpack.decode(more, type=_Task)
            if task.slot not in slots:
                slots[task.slot] = layout.arrays(_slot(memory, layout, task.slot), layout.batch_size)
            arrays = slots[task.slot]
            pictures = layout.pictures(arrays)
            samples: list[Sample] = []
            notes: list[str] = []
            for piece in pieces(source, indices, singly):
                if control[0] != task.generation:
                    return _pack(_Part([]))
                row = task.row + piece.start - indices.start
                own = None if pictures is None else pictures[row : row + len(piece)]
                at_once = make_at_once(source, piece, starts, own)
                if at_once is not None:
                    samples += at_once
                    continue
                for index in piece:
                    starts(range(index, index + 1))
                    try:
                        samples.append(source[index])
                    except Exception as error:
                        made = _attempt(lambda: source[index], index)  # noqa: B023 (called at once)
                        if isinstance(made, Failure):
                            return _pack(_Part([], made, notes))
                        first_error = f"{type(error).__name__}: {error}"
                        notes.append(
                            f"synthtext: sample {index} failed ({first_error}) and was made at the second attempt"
                        )
                        samples.append(made)
            messages = _attempt(lambda: layout.write(arrays, task.row, samples), indices.start)
            if isinstance(messages, Failure):
                # Each by itself: which one was it?
                for row, (index, sample) in enumerate(zip(indices, samples, strict=True), task.row):
                    messages = _attempt(lambda: layout.write(arrays, row, [sample]), index)  # noqa: B023
                    if isinstance(messages, Failure):
                        return _pack(_Part([], messages, notes))
                messages = layout.write(arrays, task.row, samples)
            return _pack(_Part(messages, None, notes))

        return answer


def _attempt(do: Callable[[], Any], index: int) -> Any:
    """What `do` gives, or a Failure."""
    try:
        return do()
    except InputError as error:
        return Failure(index, "input", str(error))
    except Exception as error:
        return Failure(index, "exception", f"{type(error).__name__}: {error}", traceback.format_exc())


def _slot(memory: SharedBlock, layout: Layout, number: int) -> Any:
    return memory.bytes(_CONTROL + number * layout.slot_size, layout.slot_size)


@dataclass
class _Pending:
    """A batch that is being made: its first index, its size, its place, and what has come of it."""

    first: int
    rows: int
    slot: int
    parts: dict[int, list[Any] | None] = field(default_factory=dict)  # messages by a part's first index
    missing: int = 0
    failures: list[Failure] = field(default_factory=list)


@dataclass
class Stats:
    """How a stream goes, since the first batch was asked for (or `Stream.stats` was set anew).

    `seconds`: in all; `waited_s`: of these, how long the loop waited for batches. `filled`: summed over the batches,
    how many were complete in the ring when one was asked for. `restarts`: of workers.
    """

    batches: int = 0
    samples: int = 0
    waited_s: float = 0.0
    filled: int = 0
    restarts: int = 0
    began: float = field(default_factory=time.perf_counter)

    @property
    def seconds(self) -> float:
        """Since the begin."""
        return time.perf_counter() - self.began

    @property
    def rate(self) -> float:
        """Samples per second."""
        return self.samples / max(self.seconds, 1e-9)

    @property
    def waited(self) -> float:
        """The share of its time that the loop waited."""
        return self.waited_s / max(self.seconds, 1e-9)

    @property
    def fill(self) -> float:
        """How many batches were complete, on average, when one was asked for."""
        return self.filled / max(self.batches, 1)


class _RingHeldError(RuntimeError):
    """The loop holds all batches of the ring."""


class Stream:
    """Batches of samples in the order of their indices, endless or `count` samples long.

        with Stream("words", seed=0, batch_size=256, workers=2) as stream:
            for batch in stream:
                batch["image"], batch["text"], batch["index"]

    `source`: a preset's name, the path of a YAML file or a `Config`, with `seed` and `overrides` as of `Generator`; or
    what makes samples itself: a `Generator`, `Mix` or `Curriculum`, which has a seed already.
    `batch_size`: samples to a batch. `fields`: what a batch holds, names or names with options; see docs/streaming.md.
    `workers`: processes; 0 makes the samples in this one. The batches are the same bytes whatever their number.
    `start`: the first index. `count`: samples in all, of all ranks (None: without end); the last batch may be smaller,
    unless `drop_last`. `rank`, `world_size`: this stream takes each world_size-th batch of the sequence.
    `ring`: batches that have room in memory, those included that the loop still holds (None: enough).
    `patience_s`: how long a sample may take, compiling apart, before its worker counts as hung and is replaced.
    `method`: fork or spawn (None: fork on Linux in a process without further threads, else spawn).
    `tell`: is given a line on what went wrong and was mended (None: stderr).

    Arrays stay as they are as long as anything refers to them; holding as many batches as `ring` is an error.
    Raises InputError for bad arguments. A sample that fails twice raises InputError or SampleError in its batch's turn.
    """

    @known_arguments
    def __init__(
        self,
        source: str | Path | Config | SampleSource,
        seed: int | None = None,
        *,
        batch_size: int = 256,
        fields: Declared = ("image", "text", "index"),
        workers: int = 1,
        start: int = 0,
        count: int | None = None,
        drop_last: bool = False,
        rank: int = 0,
        world_size: int = 1,
        overrides: Sequence[str] = (),
        ring: int | None = None,
        patience_s: float = 10.0,
        method: str | None = None,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        batch_size = _check_whole("batch_size", batch_size, 1, 1 << 20)
        workers = _check_whole("workers", workers, 0, 4096)
        start = _check_whole("start", start, 0, 2**62)
        world_size = _check_whole("world_size", world_size, 1, 1 << 20)
        rank = _check_whole("rank", rank, 0, world_size - 1)
        if count is not None:
            count = _check_whole("count", count, 0, 2**62)
        if ring is not None:
            ring = _check_whole("ring", ring, 2, 1 << 16)
        if method not in (None, "fork", "spawn"):
            raise InputError(f"method: is {method!r}; give fork, spawn or None")
        if not patience_s > 0.0:
            raise InputError(f"patience_s: is {patience_s!r}; give seconds, above 0")
        self.source, self._again = source_of(source, seed, checked_overrides(overrides))
        self.batch_size, self.workers = batch_size, workers
        self.rank, self.world_size = rank, world_size
        self.ring = ring or -(-2 * workers // PARTS) + 3
        self.stats = Stats()
        self._start = start
        self._stop = None if count is None else start + count
        self._drop_last = drop_last
        self._method, self._patience_s = method, patience_s
        self._tell = tell or (lambda line: print(line, file=sys.stderr, flush=True))
        self._layout = Layout(make_fields(fields, self.source.configs), batch_size)
        #: Bytes of a batch in the ring.
        self.slot_bytes = self._layout.slot_size
        self._known = tuple(name for name in ("index", "source") if name in fields)
        if "source" in fields and not hasattr(self.source, "where"):
            raise InputError("fields: source: tells which of a Mix's sources a sample comes from, and this is no Mix")
        self._position = start  # the first index of the next step of all ranks
        self._planned = start  # the same, of the next batch to be given to workers
        self._ended = self._closed = self._torn = False
        self._generation = 0
        self._pending: deque[_Pending] = deque()
        self._queue: deque[tuple[range, _Pending]] = deque()  # parts that no worker has yet
        self._parts: dict[int, _Pending] = {}  # by the first index
        self._free: deque[int] = deque()
        self._leases: dict[int, weakref.ref[Any]] = {}
        self._memory: SharedBlock | None = None
        self._pool: Pool | None = None
        self._control: Any = None  # the generation, in shared memory
        self._answer: Answer | None = None
        self._owner = os.getpid()

    # --- begin and end

    def _open(self) -> None:
        if self._closed:
            raise ValueError("the stream is closed; make another")
        if self._memory is not None:
            return
        memory = SharedBlock(_CONTROL + self.ring * self._layout.slot_size)
        fill = _Fill(self.source, self._layout)
        self._control = memory.bytes(0, 8).view(np.int64)
        self._control[0] = self._generation
        self._free.extend(range(self.ring))
        if self.workers:
            self._pool = Pool(self.workers, fill, (), self._tell, self._method, self._patience_s, memory)
        else:
            self._answer = fill(memory)
        self._memory = memory
        self.stats = Stats()

    def close(self) -> None:
        """End the workers and give the memory back; what is still held of batches stays good."""
        if self._owner != os.getpid():
            return  # a forked copy: the workers are not this process's
        self._closed = True
        if self._pool is not None:
            self._pool.close()
            self._pool = None
        if self._memory is not None:
            self._memory.close()
            self._memory = None
        self._answer = self._control = None
        self._pending.clear()
        self._queue.clear()

    def __enter__(self) -> Self:
        self._open()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_pool", None) is not None:
            self.close()

    # --- position

    @cached_property
    def _digest(self) -> str:
        return self.source.digest

    def state_dict(self) -> dict[str, Any]:
        """Where the stream is: JSON-able. Another of the same source goes on from it with exactly the next batch.

        It is the same for all ranks between two steps, and holds for another `batch_size`, `world_size` or `workers`.
        """
        return {
            "version": STATE_VERSION,
            "index": self._position,
            "seed": self.source.seed,
            "digest": self._digest,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there. Raises InputError where the state is of another source or not a state."""
        try:
            version, index, seed, digest = (state[key] for key in ("version", "index", "seed", "digest"))
        except (KeyError, TypeError):
            raise InputError("the state lacks version, index, seed or digest; give what state_dict gave") from None
        if version != STATE_VERSION:
            raise InputError(f"the stream's state has version {version}, this synthtext reads {STATE_VERSION}")
        if seed != self.source.seed:
            raise InputError(f"the stream's state is of seed {seed}, the stream of {self.source.seed}; give the same")
        if digest != self._digest:
            raise InputError(
                f"the stream's state is of another configuration, or of other fonts, backgrounds or texts (digest "
                f"{str(digest)[:12]}, here {self._digest[:12]}); give the same, or begin anew with start={index}"
            )
        self._seek(_check_whole("index", index, 0, 2**62))

    def _seek(self, index: int) -> None:
        self._discard()
        self._position = self._planned = index
        self._ended = False

    def _discard(self) -> None:
        """Leave off all that is being made."""
        self._generation += 1
        if self._control is not None:
            self._control[0] = self._generation
        while self._pool is not None and any(worker.ranges for worker in self._pool.workers):
            self._pool.poll()
        self._free.clear()
        held = {slot for slot, lease in self._leases.items() if lease() is not None}
        self._free.extend(slot for slot in range(self.ring) if self._memory is not None and slot not in held)
        self._pending.clear()
        self._queue.clear()
        self._parts.clear()

    # --- batches

    def __iter__(self) -> Iterator[Batch]:
        """The stream itself; after its end it begins again at `start`."""
        if self._ended:
            self._seek(self._start)
        return self

    def __next__(self) -> Batch:
        """The next batch."""
        if self._owner != os.getpid():
            raise RuntimeError("the stream belongs to the process that made it; make one of its own here")
        self._open()
        if self._torn:
            self._seek(self._position)
        self._torn = True  # ^C may come anywhere from here on; who goes on after it gets this batch made anew
        try:
            batch = self._next()
        except (SampleError, InputError, StopIteration, _RingHeldError):
            self._torn = False
            raise
        self._torn = False
        return batch

    def _next(self) -> Batch:
        if self.stats.batches == 0:
            self.stats.began = time.perf_counter()
        began = time.perf_counter()
        self._advance(0.0)
        if self._pool is not None:
            self.stats.filled += sum(pending.missing == 0 for pending in self._pending)
        while self._pending and self._pending[0].missing:
            self._advance(None)
        self.stats.waited_s += time.perf_counter() - began
        if not self._pending:
            if self._plan() is not None:
                raise _RingHeldError(
                    f"all {self.ring} batches of the ring are still referred to; copy what is kept "
                    '(batch["image"].copy()), or give Stream a larger ring'
                )
            self._ended = True
            raise StopIteration
        pending = self._pending[0]
        if pending.failures:
            failure = min(pending.failures, key=lambda failure: failure.index)
            raise sample_failed(failure, self.source.seed, self._digest, self._again)
        batch = self._deliver(pending)
        self._pending.popleft()
        self._position += self.batch_size * self.world_size
        self.stats.batches += 1
        self.stats.samples += pending.rows
        return batch

    def _deliver(self, pending: _Pending) -> Batch:
        assert self._memory is not None
        slot, free = pending.slot, self._free
        root = _slot(self._memory, self._layout, slot)
        # Every array of the batch is a view of this one, and keeps it: when it goes, nobody sees the slot any more.
        self._leases[slot] = weakref.ref(root, lambda _: free.append(slot))
        messages = [pending.parts[first] or [] for first in sorted(pending.parts)]
        batch = self._layout.read(self._layout.arrays(root, pending.rows), messages)
        indices = range(pending.first, pending.first + pending.rows)
        if "index" in self._known:
            batch["index"] = np.arange(indices.start, indices.stop)
        if "source" in self._known:
            batch["source"] = np.array([self.source.where(index)[0] for index in indices])  # type: ignore[attr-defined]
        return batch

    @property
    def batches(self) -> int | None:
        """How many batches this rank takes of a stream with `count`, from `start` to its end; None without end."""
        if self._stop is None:
            return None
        count, step = self._stop - self._start, self.batch_size * self.world_size
        if self._drop_last:
            return count // step
        return -(-max(count - self.rank * self.batch_size, 0) // step)

    def _plan(self) -> _Pending | None:
        """The next batch to be given to workers, without a place yet; None at the end."""
        first = self._planned + self.rank * self.batch_size
        if self._stop is None:
            return _Pending(first, self.batch_size, -1)
        step = self.batch_size * self.world_size
        if self._drop_last and self._planned + step > self._stop:
            return None
        rows = min(self.batch_size, self._stop - first)
        return _Pending(first, rows, -1) if rows > 0 else None

    def _advance(self, timeout_s: float | None) -> None:
        """Give out what there is room for, and take in what has come, waiting for it if told to (None)."""
        if self._pool is None:
            self._fill_here()
            return
        self._give_out(self._pool)
        for event in self._pool.poll() if timeout_s is None else self._pool.poll(timeout_s):
            if isinstance(event, Answered):
                part = msgspec.msgpack.decode(event.data, type=_Part)
                self._take_in(event.indices, part)
                continue
            self.stats.restarts += 1
            lost = event.ranges
            if event.failure is not None:
                self._take_in(lost.pop(0), _Part([], event.failure))
            self._queue.extendleft((indices, self._parts[indices.start]) for indices in reversed(lost))
        self._give_out(self._pool)

    def _give_out(self, pool: Pool) -> None:
        while self._free or self._collect():
            pending = self._plan()
            if pending is None:
                break
            self._place(pending)
            size = -(-self.batch_size // PARTS)
            stop = pending.first + pending.rows
            for first in range(pending.first, stop, size):
                self._queue.append((range(first, min(first + size, stop)), pending))
                self._parts[first] = pending
                pending.parts[first] = None
            pending.missing = len(pending.parts)
        while self._queue:
            indices, pending = self._queue.popleft()
            task = _Task(self._generation, pending.slot, indices.start - pending.first)
            pool.assign(pool.least_busy(), indices, _pack(task))

    def _collect(self) -> bool:
        """Whether a place comes free by collecting cyclic garbage, where the loop waits for nothing else."""
        if self._pending or self._plan() is None:
            return False
        gc.collect()
        return bool(self._free)

    def _place(self, pending: _Pending) -> None:
        pending.slot = self._free.popleft()
        self._pending.append(pending)
        self._planned += self.batch_size * self.world_size

    def _take_in(self, indices: range, part: _Part) -> None:
        pending = self._parts.pop(indices.start)
        pending.parts[indices.start] = part.messages
        pending.missing -= 1
        if part.failure is not None:
            pending.failures.append(part.failure)
        for note in part.notes:
            self._tell(note)

    def _fill_here(self) -> None:
        """Make the next batch in this process."""
        assert self._answer is not None
        pending = self._plan() if not self._pending and (self._free or self._collect()) else None
        if pending is None:
            return
        self._place(pending)
        indices = range(pending.first, pending.first + pending.rows)
        self._parts[indices.start] = pending
        pending.missing = 1
        task = _Task(self._generation, pending.slot, 0)
        try:
            data = self._answer(indices, _pack(task), lambda piece: None, False)
        except BaseException:  # ^C
            self._pending.pop()
            self._free.append(pending.slot)
            self._planned = self._position
            raise
        self._take_in(indices, msgspec.msgpack.decode(data, type=_Part))


def _check_whole(name: str, value: Any, low: int, high: int) -> int:
    if not (isinstance(value, int | np.integer) and low <= value <= high):
        raise InputError(f"{name}: is {value!r}; give a whole number from {low} to {high}")
    return int(value)


def source_of(
    source: str | Path | Config | SampleSource, seed: int | None, overrides: tuple[str, ...]
) -> tuple[SampleSource, str]:
    """What makes the samples, and code that makes it again."""
    if isinstance(source, str | Path | Config):
        from synthtext.generator import Generator

        more = f", {list(overrides)!r}" if overrides else ""
        name = "config" if isinstance(source, Config) else repr(str(source))
        code = f"from synthtext import Generator; Generator({name}, {seed or 0}{more})"
        return Generator(source, seed or 0, overrides), code
    if not isinstance(getattr(source, "seed", None), int) or not hasattr(source, "configs"):
        raise InputError(
            f"source: is {source!r}; give a preset's name, the path of a YAML file, a Config, or what makes samples: a "
            "Generator, Mix or Curriculum"
        )
    if overrides:
        raise InputError("overrides: go with a preset, a file or a Config; give them to the source itself")
    if seed is not None and seed != source.seed:
        raise InputError(f"seed: is {seed}, but the source has the seed {source.seed} already; leave seed out")
    return source, "source"
