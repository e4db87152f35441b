"""A stream in PyTorch's own loaders. Imported only when asked for; `pip install "synthtext[torch]"`.

`StreamDataset` is iterable and gives whole batches, `SampleDataset` is map-style and gives samples: the same bytes as
those of `Stream` for the same seed. `Collate` makes of samples what Hugging Face's `Trainer` gives to a model.
`OnDevice` copies batches to a GPU while it computes.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np

from synthtext.config import Config, checked_overrides
from synthtext.core.errors import InputError, known_arguments
from synthtext.stream.fields import Declared, Layout, make_fields
from synthtext.stream.stream import SampleSource, Stream, source_of

try:
    import torch
    from torch.utils.data import Dataset, IterableDataset, get_worker_info
except ImportError:
    raise InputError('synthtext.torch: the package torch is missing; pip install "synthtext[torch]"') from None


def to_tensors(batch: Any) -> Any:
    """A batch, or a part of one, with its arrays as tensors over the same memory; all else stays.

    An array of objects, as Ray Data has strings and pictures of different sizes, becomes a list, of tensors where it
    held arrays: `ray_dataset(...).iter_torch_batches(collate_fn=to_tensors)`.
    """
    return _convert(batch, _to_tensor)


def _to_tensor(value: Any) -> Any:
    if not isinstance(value, np.ndarray):
        return value
    if value.dtype.kind in "OU":
        return [_to_tensor(part) for part in value.tolist()]
    return torch.from_numpy(value if value.flags.writeable else value.copy())


def _convert(value: Any, leaf: Callable[[Any], Any]) -> Any:
    if isinstance(value, dict):
        return {key: _convert(part, leaf) for key, part in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(_convert(part, leaf) for part in value))
    return leaf(value)


def ranks() -> tuple[int, int]:
    """This process's rank and how many there are: of torch.distributed where that is in use, else (0, 1)."""
    distributed = torch.distributed
    if distributed.is_available() and distributed.is_initialized():
        return distributed.get_rank(), distributed.get_world_size()
    return 0, 1


class TensorStream:
    """An iterator over a `Stream`, in tensors over its shared memory; `state_dict` and `load_state_dict` are its."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> dict[str, Any]:
        try:
            batch: dict[str, Any] = to_tensors(next(self.stream))
        except StopIteration:
            self.stream.close()
            raise
        return batch

    def state_dict(self) -> dict[str, Any]:
        """See `Stream`."""
        return self.stream.state_dict()

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """See `Stream`."""
        self.stream.load_state_dict(state)


class StreamDataset(IterableDataset):
    """Batches of a stream, as an iterable dataset: the loader must not batch again.

        DataLoader(StreamDataset("words", batch_size=256, workers=8), batch_size=None)
        DataLoader(StreamDataset("words", batch_size=256), batch_size=None, num_workers=8)
        StatefulDataLoader(...)          # of torchdata, with state_dict() and load_state_dict()

    In the first, `workers` processes of the stream's own write into shared memory, where the tensors lie: the fastest.
    In the second, each of the loader's processes makes every 8th batch itself, and the loader copies and sends them.
    The batches and their order are the same. Arguments are those of `Stream`; `rank` and `world_size` are by default
    those of torch.distributed. Each iterator is a stream of its own from `start` on, which ends with `count` or when it
    is dropped. With `count` the dataset has a length, in batches. Lightning needs that to resume in the middle of an
    epoch: of a loader without a length it takes a batch more than it has trained on, which a resumed run then lacks.
    """

    def __init__(
        self,
        source: str | Path | Config | SampleSource,
        seed: int | None = None,
        *,
        rank: int | None = None,
        world_size: int | None = None,
        overrides: Sequence[str] = (),
        **options: Any,
    ) -> None:
        if (rank is None) != (world_size is None):
            raise InputError("rank, world_size: give both, or neither for those of torch.distributed")
        self.source, _ = source_of(source, seed, checked_overrides(overrides))
        self.rank, self.world_size = ranks() if rank is None or world_size is None else (rank, world_size)
        self.options = options
        self._stream(0, 1)  # bad arguments are told now

    def _stream(self, worker: int, workers: int) -> Stream:
        """The stream of one of so many processes of a loader."""
        options = dict(self.options)
        if workers > 1 and options.get("drop_last") and options.get("count") is not None:
            # What is incomplete is that of the ranks, not of the loader's processes.
            step = options.get("batch_size", 256) * self.world_size
            options.update(count=options["count"] // step * step, drop_last=False)
        if get_worker_info() is not None:
            options["workers"] = 0  # the loader's processes may not start further ones
        rank, world_size = self.rank + self.world_size * worker, self.world_size * workers
        return Stream(self.source, rank=rank, world_size=world_size, **options)

    def __len__(self) -> int:
        """The batches of this rank. Raises TypeError where there is no `count`, as the stream then has no end."""
        batches = self._stream(0, 1).batches
        if batches is None:
            raise TypeError("a StreamDataset without count has no end, and no length; give count=")
        return batches

    def __bool__(self) -> bool:
        return True  # also where it has no length

    def __iter__(self) -> Iterator[dict[str, Any]]:
        info = get_worker_info()
        if info is None:
            return TensorStream(self._stream(0, 1))
        _one_thread()
        return TensorStream(self._stream(info.id, info.num_workers))


class SampleDataset(Dataset):
    """The samples of the indices `start` to `start + count - 1`, one at a time, as a map-style dataset.

        DataLoader(SampleDataset("words", count=100_000, fields=["image", "text"]), batch_size=256, num_workers=8)

    A sample has the entries of a batch without the batch's axis, images and padding at their full extent. Batches of a
    loader that does not shuffle hold what those of `Stream` do. `DistributedSampler` deals it out to ranks. Where the
    field `words` is asked for, pass `collate_fn=SampleDataset.collate` to the loader: their texts are lists of any
    length.
    """

    @known_arguments
    def __init__(
        self,
        source: str | Path | Config | SampleSource,
        seed: int | None = None,
        *,
        count: int,
        start: int = 0,
        fields: Declared = ("image", "text", "index"),
        overrides: Sequence[str] = (),
    ) -> None:
        if count < 0 or start < 0:
            raise InputError(f"start, count: are {start} and {count}; give whole numbers, at least 0")
        self.source, _ = source_of(source, seed, checked_overrides(overrides))
        self.start, self.count = start, count
        self._layout = Layout(make_fields(fields, self.source.configs), 1, cut=False)
        self._with_index = "index" in fields

    @staticmethod
    def collate(samples: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """A batch of samples: tensors are stacked, anything else is a list."""

        def join(parts: Sequence[Any]) -> Any:
            if isinstance(parts[0], torch.Tensor):
                return torch.stack(list(parts))
            if hasattr(parts[0], "_fields"):
                return type(parts[0])(*(join(group) for group in zip(*parts, strict=True)))
            return list(parts)

        return {key: join([sample[key] for sample in samples]) for key in samples[0]}

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> dict[str, Any]:
        """The sample; raises IndexError outside of the range."""
        if not 0 <= index < self.count:
            raise IndexError(f"sample {index} of {self.count}")
        if get_worker_info() is not None:
            _one_thread()
        layout = self._layout
        arrays = layout.arrays(np.zeros(layout.slot_size, np.uint8), 1)
        messages = layout.write(arrays, 0, [self.source[self.start + index]])
        batch = layout.read(arrays, [messages])
        if self._with_index:
            batch["index"] = np.array([self.start + index])
        sample: dict[str, Any] = _convert(batch, lambda value: value[0])
        return {
            key: torch.tensor(value) if isinstance(value, np.generic) else to_tensors(value)
            for key, value in sample.items()
        }


class Collate:
    """Samples of a `SampleDataset` as a batch for Hugging Face's `Trainer`: `pixel_values` and `labels`.

        train = SampleDataset("words", count=100_000)
        args = TrainingArguments(..., remove_unused_columns=False)  # else it takes image and text out of the samples
        Trainer(model, args, train_dataset=train, data_collator=Collate(lambda texts: tokenizer(texts).input_ids))

    `encode`: texts to their ids, a list each; shorter ones are filled up with `padding`, which the losses of
    `transformers` pass over. `mean`, `std`: of the pictures' values in [0, 1], a number or one a channel, as of the
    model's image processor. Gives `pixel_values` float32 (N, C, H, W) and `labels` int64 (N, longest).
    """

    def __init__(
        self,
        encode: Callable[[list[str]], Sequence[Sequence[int]]],
        *,
        mean: float | Sequence[float] = 0.5,
        std: float | Sequence[float] = 0.5,
        padding: int = -100,
    ) -> None:
        self.encode, self.padding = encode, padding
        self.mean, self.std = (torch.tensor(value, dtype=torch.float32).reshape(-1, 1, 1) for value in (mean, std))

    def __call__(self, samples: Sequence[dict[str, Any]]) -> dict[str, torch.Tensor]:
        missing = [key for key in ("image", "text") if key not in samples[0]]
        if missing:
            raise InputError(
                f"Collate: the samples lack {' and '.join(missing)}; name image and text in fields, and give "
                "TrainingArguments remove_unused_columns=False"
            )
        batch = SampleDataset.collate(samples)
        images = batch["image"]
        if images.shape[-1] <= 3:  # NHWC: no picture is so narrow
            images = images.permute(0, 3, 1, 2)
        rows = self.encode(batch["text"])
        labels = torch.full((len(rows), max(map(len, rows))), self.padding, dtype=torch.int64)
        for row, ids in zip(labels, rows, strict=True):
            row[: len(ids)] = torch.tensor(ids, dtype=torch.int64)
        return {"pixel_values": (images / 255.0 - self.mean) / self.std, "labels": labels}


def _one_thread() -> None:
    """In a process of a loader, which are as many as there are cores, and were forked from one that has threads."""
    import cv2

    cv2.setNumThreads(1)


_opencv_threads: list[int] = []


def _stop_opencvs_threads() -> None:
    """Before a fork. OpenCV's pool of threads is not forked along: the child would wait for it for ever."""
    if "cv2" in sys.modules:
        import cv2

        _opencv_threads.append(cv2.getNumThreads())
        cv2.setNumThreads(1)


def _allow_opencvs_threads() -> None:
    """After a fork, in the parent."""
    if _opencv_threads:
        import cv2

        cv2.setNumThreads(_opencv_threads.pop())


# PyTorch's loaders fork when they like to, from whatever the training loop has done with OpenCV before.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_stop_opencvs_threads, after_in_parent=_allow_opencvs_threads)


class OnDevice:
    """Batches on a device: the next one is copied there while the loop is at work on the one before.

        for batch in OnDevice(TensorStream(stream), "cuda"): ...

    `batches`: a `Stream`, a loader, or any iterable of batches. To a GPU, they go through pinned memory and by a CUDA
    stream of their own; elsewhere tensors are moved, or stay where they are. `state_dict` is that of `batches` as it
    was after the batch that the loop has, though the next was already taken from it.
    """

    def __init__(self, batches: Iterable[Any], device: Any = None) -> None:
        default = "cuda" if torch.cuda.is_available() else "cpu"
        self.device = torch.device(default if device is None else device)
        self._batches = batches
        self._state: Any = None

    def __iter__(self) -> Iterator[Any]:
        if self.device.type != "cuda":
            for batch in self._batches:
                self._state = self._now()
                yield _convert(to_tensors(batch), self._move)
            return
        side = torch.cuda.Stream(self.device)
        ready: tuple[Any, Any, Any] | None = None
        for batch in self._batches:
            state = self._now()
            with torch.cuda.stream(side):
                moved = _convert(to_tensors(batch), self._copy)
                copied = side.record_event()
            del batch
            if ready is not None:
                yield self._hand_over(*ready)
            ready = moved, copied, state
        if ready is not None:
            yield self._hand_over(*ready)

    def _move(self, value: Any) -> Any:
        return value.to(self.device) if isinstance(value, torch.Tensor) else value

    def _copy(self, value: Any) -> Any:
        return value.pin_memory().to(self.device, non_blocking=True) if isinstance(value, torch.Tensor) else value

    def _hand_over(self, batch: Any, copied: Any, state: Any) -> Any:
        """Let the loop's CUDA stream wait for the copy, and the memory be kept until it is done with it."""
        self._state = state
        current = torch.cuda.current_stream(self.device)
        current.wait_event(copied)
        _convert(batch, lambda value: value.record_stream(current) if isinstance(value, torch.Tensor) else None)
        return batch

    def _now(self) -> Any:
        return self._batches.state_dict() if hasattr(self._batches, "state_dict") else None

    def state_dict(self) -> Any:
        """Of `batches`, after the batch that the loop has."""
        return self._now() if self._state is None else self._state

    def load_state_dict(self, state: Any) -> None:
        """Go on from there."""
        self._batches.load_state_dict(state)  # type: ignore[attr-defined]
        self._state = None
