"""The same samples on a Ray cluster: a data set's shards as tasks (`--engine ray`), and a source for Ray Data.

A task makes one shard and puts it in its place; what it returns is the shard's entry in the manifest, which the driver
alone writes. So a worker or a node that dies costs the shards that it was at: Ray starts their tasks again elsewhere,
and they come out the same.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import uuid
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, cast

import msgspec

from synthtext.config import Config, load_config
from synthtext.core.errors import InputError, known_arguments
from synthtext.core.versions import Versions, library_versions, version_differences
from synthtext.formats import writer_of
from synthtext.formats.base import Item, Manifest, Shard
from synthtext.formats.encode import encode_record
from synthtext.formats.shards import ShardedWriter, write_shard
from synthtext.formats.storage import Storage, open_storage
from synthtext.runtime.workers import Encode, Failure, Source, make_range

RETRIES = 5  # of a shard whose worker or node has died
_POLL_S = 0.25
_CHUNK = 64


@dataclasses.dataclass(frozen=True)
class ShardJob:
    """What every task needs; picklable. `place`: a folder that all nodes see under this path, or a URL."""

    place: str | Path
    manifest: Manifest
    make_generator: Callable[[Config, int], Source]
    encode: Encode
    folder: str
    """The driver's working directory, from which relative paths in the configuration count."""
    accept_versions: bool = False


class MadeShard(NamedTuple):
    """A shard that is in its place, and the versions of the libraries that made it."""

    shard: Shard
    versions: Versions


class _ShardFailed(Exception):
    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


_sources: dict[tuple[str, int, Any], Source] = {}  # a worker process makes many shards with one generator


def _source(job: ShardJob) -> Source:
    if not job.accept_versions and (now := library_versions()) not in job.manifest.versions:
        raise InputError(
            f"node {os.uname().nodename} has other versions of what makes the samples than the one that began "
            f"({version_differences(job.manifest.versions[-1], now)}); install the same there, or go on with "
            "--accept-versions"
        )
    key = (job.manifest.digest, job.manifest.seed, job.make_generator)
    if key not in _sources:
        with contextlib.suppress(OSError):
            os.chdir(job.folder)
        config = msgspec.convert(job.manifest.config, Config)
        source = job.make_generator(config, job.manifest.seed)
        digest = getattr(source, "digest", job.manifest.digest)
        if digest != job.manifest.digest:
            raise InputError(
                f"node {os.uname().nodename} has other fonts, backgrounds or texts than the one that began (digest "
                f"{digest[:12]}, there {job.manifest.digest[:12]}); install the same there"
            )
        _sources.clear()
        _sources[key] = source
    return _sources[key]


def make_shard(job: ShardJob, number: int) -> MadeShard | Failure:
    """One task: make and write a shard."""
    import cv2

    cv2.setNumThreads(1)
    indices = job.manifest.shard_range(number)

    def batches() -> Iterator[Sequence[Item]]:
        source = _source(job)
        for i in range(0, len(indices), _CHUNK):
            reply = make_range(source, job.encode, indices[i : i + _CHUNK])
            if reply.failure is not None:
                raise _ShardFailed(reply.failure)
            yield reply.items

    writer = cast(type[ShardedWriter], writer_of(job.manifest.format))
    try:
        shard = write_shard(open_storage(job.place), writer.shard_file, job.manifest, number, batches())
        return MadeShard(shard, library_versions())
    except _ShardFailed as error:
        return error.failure
    except InputError as error:
        return Failure(indices.start, "input", str(error))
    except OSError as error:
        return Failure(indices.start, "input", f"{job.place}: cannot be written: {error.strerror or error}")


def _import(name: str, what: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        raise InputError(f'{what}: the package ray is missing; pip install "synthtext[ray]"') from None


@contextlib.contextmanager
def cluster(address: str | None, workers: int | None = None) -> Iterator[Any]:
    """The `ray` module, connected: to `address`, to the cluster in use already, or to one of this machine's own."""
    ray = _import("ray", "--engine ray")
    if ray.is_initialized():
        yield ray
        return
    options: dict[str, Any] = {"address": address}
    if address is None and not os.environ.get("RAY_ADDRESS"):
        options = {"address": "local", "num_cpus": workers, "include_dashboard": False}
    try:
        ray.init(logging_level="ERROR", log_to_driver=False, **options)
    except (ConnectionError, ValueError, TimeoutError, RuntimeError) as error:
        reason = " ".join(str(error).split()).split(". ")[0]
        raise InputError(f"--ray-address {address}: no cluster answers ({reason}); give host:port or auto") from None
    try:
        yield ray
    finally:
        ray.shutdown()


def make_shards(
    ray: Any, job: ShardJob, numbers: Sequence[int], idle: Callable[[], None] = lambda: None
) -> Iterator[MadeShard | Failure]:
    """Make shards on a cluster (`cluster`), in any order; a shard that cannot be made ends it with its failure.

    `idle` is called now and then while nothing comes. Raises InputError for a folder that the nodes do not share.
    """
    task = ray.remote(make_shard).options(max_retries=RETRIES, num_cpus=1, scheduling_strategy="SPREAD")
    held = ray.put(job)
    storage = open_storage(job.place)
    waiting = iter(numbers)
    pending: dict[Any, int] = {}
    try:
        while True:
            # Enough to keep all busy and to let an autoscaler see what is wanted; not a million at once.
            room = 16 + 4 * int(ray.cluster_resources().get("CPU", 1)) - len(pending)
            for number in (n for _, n in zip(range(room), waiting, strict=False)):
                pending[task.remote(held, number)] = number
            if not pending:
                return
            ready, _ = ray.wait(list(pending), num_returns=1, timeout=_POLL_S)
            if not ready:
                idle()
            for reference in ready:
                number = pending.pop(reference)
                try:
                    made = ray.get(reference)
                except ray.exceptions.RayError as error:
                    reason = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
                    first = job.manifest.shard_range(number).start
                    yield Failure(first, "death", f"shard {number} was tried {RETRIES + 1} times: {reason}")
                    return
                if isinstance(made, MadeShard):
                    _check_seen(storage, made.shard)
                yield made
                if isinstance(made, Failure):
                    return
    finally:
        for reference in pending:
            ray.cancel(reference)


def _check_seen(storage: Storage, shard: Shard) -> None:
    """Refuse a folder that is another one on each node."""
    if storage.size(shard.name) != shard.bytes:
        raise InputError(
            f"{storage}: {shard.name} was written by a node of the cluster and is not to be seen here; give a folder "
            "that all nodes share, or a URL such as s3://bucket/words"
        )


@dataclasses.dataclass(frozen=True)
class _MakeBatch:
    """Turns a batch of indices into samples, in a worker of Ray Data."""

    config: Config
    seed: int
    start: int
    make_generator: Callable[[Config, int], Source]
    token: str
    """Of the data set: a worker process that outlives it must not go on with fonts and texts that were edited since."""

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        import numpy as np

        key = (self.token, self.seed, self.make_generator)
        if key not in _sources:
            _sources.clear()
            _sources[key] = self.make_generator(self.config, self.seed)
        samples = [_sources[key][self.start + int(i)] for i in batch["id"]]
        images = [sample.image for sample in samples]
        if len({image.shape for image in images}) > 1:
            column = np.empty(len(images), object)
            column[:] = images
        else:
            column = np.stack(images)
        return {
            "image": column,
            "text": np.array([sample.text for sample in samples], object),
            "label": np.array([encode_record(sample, "", False).decode() for sample in samples], object),
            "index": np.array([sample.index for sample in samples], np.int64),
        }


@known_arguments
def ray_dataset(
    config: str | Path | Config,
    count: int,
    *,
    seed: int = 0,
    start: int = 0,
    overrides: Sequence[str] = (),
    batch_size: int = 256,
    blocks: int | None = None,
    make_generator: Callable[[Config, int], Source] | None = None,
) -> Any:
    """A `ray.data.Dataset` of samples that are made when they are read, so that a cluster can feed training.

    Rows: `image`, uint8 (H, W, 3) or (H, W); `text`; `label`, the label record as JSON; `index`. For batches of tensors
    see `torch_collate`. They come as they are ready, or by index where Ray's `DataContext` says
    `execution_options.preserve_order`. `blocks`: pieces that are made
    in parallel (None: Ray's choice). Ray is started where it is not. Raises InputError.
    """
    if count < 1 or start < 0:
        raise InputError(f"ray_dataset: {count} samples from {start}: ask for 1 or more, from 0 on")
    settled = load_config(config, overrides)
    data = _import("ray.data", "ray_dataset")
    if make_generator is None:
        from synthtext.generator import Generator

        make_generator = Generator
    indices = data.range(count) if blocks is None else data.range(count, override_num_blocks=blocks)
    make = _MakeBatch(settled, seed, start, make_generator, uuid.uuid4().hex)
    return indices.map_batches(make.__call__, batch_size=batch_size, batch_format="numpy")


def torch_collate() -> Any:
    """What makes PyTorch's batches of a `ray_dataset`: `iter_torch_batches(collate_fn=torch_collate())`.

    Ray's own collation refuses strings. By this one `text` and `label` are lists of strings, `image` and `index` are
    tensors; pictures of different sizes are a list of tensors. Raises InputError where Ray or PyTorch is missing.
    """
    base: Any = _import("ray.data.collate_fn", "torch_collate").NumpyBatchCollateFn
    from synthtext.stream.torch import to_tensors

    class TorchCollate(base):  # type: ignore[misc]
        def __call__(self, batch: dict[str, Any]) -> Any:
            return to_tensors(batch)

    return TorchCollate()
