"""`synthtext generate`: a range of indices, made by several processes, written in order, resumable after any end.

Samples come in ranges of `CHUNK`; after `COMMIT_SAMPLES` or `COMMIT_BYTES` they are brought to disk, and then
`dataset.json`, which is replaced as a whole, says so. A run that goes on cuts off what lies beyond and makes it again:
the same bytes, since a sample depends on nothing but configuration, seed and index. Where a commit falls depends on the
samples alone, so that files whose bytes show it (LMDB's) are the same for every number of workers and interruptions.
Of a format in shards, a commit says which shards are whole; `piece` makes a part of the shards, beside other machines
that make the others, and `synthtext merge` joins what they say.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import re
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TextIO

import msgspec

from synthtext.config import Config, load_config
from synthtext.core.errors import InputError, known_arguments
from synthtext.core.shares import apportion
from synthtext.core.split import SPLIT_KINDS
from synthtext.core.version import __version__
from synthtext.core.versions import all_versions, library_versions
from synthtext.dataset.claim import _check_free, _claim, disk, locked
from synthtext.formats import SHARDED, writer_of
from synthtext.formats.base import (
    FORMAT_VERSION,
    IMAGE_FORMATS,
    REPORT,
    Encoding,
    Item,
    Manifest,
    Writer,
    local_path,
    read_manifest,
    write_manifest,
)
from synthtext.formats.shards import ShardedWriter
from synthtext.formats.storage import Storage, join, open_storage
from synthtext.labels.ink_maps import THRESHOLD, least_coverage
from synthtext.runtime.progress import Progress, duration, per_second
from synthtext.runtime.workers import (
    Encode,
    Failure,
    Reply,
    Source,
    Workers,
    default_workers,
    make_range,
    sample_failed,
)
from synthtext.sample import Sample
from synthtext.split import split_configs
from synthtext.text.dropped import Dropped, dropped_of, tell

CHUNK = 64
COMMIT_SAMPLES = 1024
COMMIT_BYTES = 8 << 20
SHARD_SIZE = 10_000
_SAVE_S = 1.0
ENGINES = ("local", "ray")


class DatasetSource(Source, Protocol):
    """What of a `Generator` is needed to make a data set."""

    @property
    def digest(self) -> str: ...

    @property
    def split(self) -> dict[str, Any] | None: ...


class Make(Protocol):
    """Builds the generator; `Generator` itself, where nothing else is asked for."""

    def __call__(self, config: Config, seed: int) -> DatasetSource: ...


def _make_generator(config: Config, seed: int) -> DatasetSource:
    from synthtext.generator import Generator

    return Generator(config, seed)


@dataclasses.dataclass(frozen=True)
class Result:
    """What a run did: samples that it had to see to, samples made by this run, seconds, workers.

    `split`: of what the samples of a split are made (`Generator.split`). `unsayable`: words of the whole data set that
    are written as ignored, since the format would read their texts otherwise (`DetectionWriter.sayable`).
    """

    folder: Path | str
    samples: int
    made: int
    seconds: float
    workers: int
    split: dict[str, Any] | None = None
    unsayable: int = 0

    def summary(self) -> str:
        """One line, and another where words are written as ignored."""
        line = self._made()
        if self.unsayable:
            are = "1 word is" if self.unsayable == 1 else f"{self.unsayable:,} words are"
            line += f"\n{self.folder}: {are} written as ignored, since the format would read the text otherwise"
        return line

    def _made(self) -> str:
        if not self.made:
            return f"{self.folder}: complete already, {self.samples:,} samples"
        rate = self.made / max(self.seconds, 1e-9)
        whole = "" if self.made == self.samples else f" of {self.samples:,}"
        workers = "1 process" if self.workers == 1 else f"{self.workers} workers"
        line = (
            f"{self.folder}: {self.made:,}{whole} samples in {duration(self.seconds)} ({per_second(rate)}, {workers})"
        )
        if self.split is None:
            return line
        families, photographs = len(self.split["families"]), len(self.split["photographs"])
        return f"{line}; {families} font families, {photographs} photographs, {self.split['words']:,} words"


@dataclasses.dataclass(frozen=True)
class _Encode:
    """Encodes samples for one data set; picklable."""

    manifest: Manifest
    writer: type[Writer]

    def __call__(self, sample: Sample) -> Item:
        from synthtext.formats.encode import encode

        return encode(sample, self.writer.image_name(self.manifest, sample.index), self.manifest.encoding)


@known_arguments
def generate(
    config: str | Path | Config,
    out: str | Path,
    count: int,
    *,
    seed: int = 0,
    start: int = 0,
    format: str = "folder",
    shard_size: int | None = None,
    piece: tuple[int, int] | None = None,
    engine: str = "local",
    ray_address: str | None = None,
    workers: int | None = None,
    resume: bool = False,
    overwrite: bool = False,
    accept_versions: bool = False,
    overrides: Sequence[str] = (),
    encoding: Encoding = Encoding(),  # noqa: B008 (frozen)
    make_generator: Make | None = None,
    stream: TextIO | None = None,
) -> Result:
    """Make the samples `start` to `start + count - 1` of a configuration and write them to `out`.

    `out`: a folder, or for a format in shards any URL that fsspec can write to, such as s3://bucket/words.
    `shard_size`: samples of a shard (None: 10,000). `piece`: (i, n): of n parts of the shards only the i-th, from 0.
    `engine`: local, or ray: a task a shard, on the cluster at `ray_address` (None: the one in use, or of this machine).
    `workers`: processes (None: one a core; 1: this one alone). `resume`: go on where a run with the same arguments
    ended, or extend it to a larger `count`. `accept_versions`: also where the libraries that make the samples have
    other versions now, so that some may come out otherwise; `dataset.json` then lists all. `overwrite`: replace a data
    set that lies there. `stream`: where progress is shown (None: stderr). The samples depend on none of these six, nor
    on `ray_address` and `workers`.
    Raises InputError for bad arguments, a folder that holds anything else and a disk that refuses; SampleError for a
    sample that cannot be made. What was committed before stays, and `resume` goes on from there.
    """
    _check_arguments(count, seed, start, workers, resume, overwrite, encoding)
    shard_size = _check_shards(format, shard_size, piece, engine, ray_address)
    writer_class = writer_of(format)
    settled = load_config(config, overrides)
    storage = open_storage(out)
    if not shard_size:
        local_path(storage, format)
    name = Manifest(format, 0, "", "", 0, 0, 0, "", 0, False, {}, piece=piece).name
    _check_free(storage, name, resume, overwrite)
    make_generator = make_generator or _make_generator
    source = make_generator(settled, seed)
    tell(source)
    manifest = Manifest(
        format,
        FORMAT_VERSION,
        __version__,
        source.digest,
        seed,
        start,
        count,
        encoding.image_format,
        encoding.quality,
        encoding.plans,
        msgspec.json.decode(msgspec.json.encode(settled)),
        ink=encoding.ink_threshold if encoding.ink else None,
        shard_size=shard_size,
        piece=piece,
        split=source.split,
        versions=(library_versions(),),
    )
    with locked(storage, "" if piece is None else name) as locks:
        _check_free(storage, name, resume, overwrite)
        with disk(storage):
            manifest = _claim(storage, manifest, resume, overwrite, accept_versions)
            writer = writer_class(storage, manifest)
        state = _State(storage, writer, manifest)
        try:
            began = time.monotonic()
            # LMDB may have committed, and the run ended before the manifest said so.
            state.save()
            before, wanted = writer.manifest.written, manifest.wanted
            missing = writer.missing()
            processes = min(workers or default_workers(), max(sum(-(-len(rest) // CHUNK) for rest in missing), 1))
            encode = _Encode(manifest, writer_class)
            job = _Job(storage, manifest, str(config) if isinstance(config, str | Path) else "", tuple(overrides))
            with Progress(wanted, before, stream) as progress:
                if engine == "ray":
                    processes = _write_on_ray(
                        state, job, make_generator, encode, ray_address, workers, accept_versions, progress
                    )
                elif processes > 1:
                    pool = Workers(processes, source, encode, locks, progress.note)
                    with contextlib.closing(pool):
                        for rest in missing:
                            _write(pool.replies(rest.start, rest.stop, CHUNK, progress.update), state, job, progress)
                else:
                    for rest in missing:
                        chunks = (rest[i : i + CHUNK] for i in range(0, len(rest), CHUNK))
                        _write((make_range(source, encode, chunk) for chunk in chunks), state, job, progress)
            with disk(storage):
                state.save()
                writer.finish()
                unsayable = writer.unsayable()
                if before < wanted or REPORT not in storage.names():
                    _write_report(storage, writer, manifest, settled, unsayable, dropped_of(source))
            seconds = time.monotonic() - began
            return Result(
                storage.path or str(storage), wanted, wanted - before, seconds, processes, source.split, unsayable
            )
        finally:
            state.close()


def generate_splits(
    config: str | Path | Config,
    out: str | Path,
    count: int,
    shares: Mapping[str, float] | str,
    by: Sequence[str] = SPLIT_KINDS,
    *,
    seed: int = 0,
    overrides: Sequence[str] = (),
    **options: Any,
) -> dict[str, Result]:
    """Write splits that are apart (`split_configs`) to `out`/NAME each, `count` samples in all, by share.

    The first is made with `seed`, the next with seed + 1 and so on: so each can be made longer later. `options`: of
    `generate`. Raises what `generate` does.
    """
    configs = split_configs(config, shares, by, overrides, load_config(config, overrides).split.seed)
    weights = list(next(iter(configs.values())).split.shares.values())
    if count < len(configs):
        raise InputError(f"-n {count}: {len(configs)} splits need as many samples or more")
    if read_manifest(out) is not None:
        raise InputError(f"{out}: holds a data set itself; give the splits a folder of their own")
    counts = apportion(weights, count)
    results = {}
    for k, (name, settled) in enumerate(configs.items()):
        results[name] = generate(settled, join(out, name), counts[k], seed=seed + k, **options)
    return results


def _check_arguments(
    count: int, seed: int, start: int, workers: int | None, resume: bool, overwrite: bool, encoding: Encoding
) -> None:
    if count < 1:
        raise InputError(f"-n {count}: ask for 1 sample or more")
    if start < 0:
        raise InputError(f"--start {start}: indices begin at 0")
    if start + count > 2**63:
        raise InputError(f"--start {start}: the last index would be above 2**63 - 1; begin lower")
    if not 0 <= seed < 2**64:
        raise InputError(f"--seed {seed}: give a number from 0 to 2**64 - 1")
    if workers is not None and not 1 <= workers <= 4096:
        raise InputError(f"--workers {workers}: give a number from 1 to 4096")
    if encoding.image_format not in IMAGE_FORMATS:
        raise InputError(f"--image-format {encoding.image_format}: unknown; write {' or '.join(IMAGE_FORMATS)}")
    if not 1 <= encoding.quality <= 100:
        raise InputError(f"--quality {encoding.quality}: give a number from 1 to 100")
    try:
        least_coverage(encoding.ink_threshold)
    except InputError as error:
        raise InputError(f"--ink-threshold: {error}") from None
    if encoding.ink_threshold != THRESHOLD and not encoding.ink:
        raise InputError(f"--ink-threshold {encoding.ink_threshold}: is of ink masks; add --ink")
    if resume and overwrite:
        raise InputError("--resume and --overwrite exclude each other: one goes on, the other starts again")


def _check_shards(
    format: str, shard_size: int | None, piece: tuple[int, int] | None, engine: str, ray_address: str | None
) -> int:
    """The size of shards; 0 for a format that has none."""
    if engine not in ENGINES:
        raise InputError(f"--engine {engine}: unknown; choose {' or '.join(ENGINES)}")
    if ray_address is not None and engine != "ray":
        raise InputError(f"--ray-address {ray_address}: only for --engine ray; add that")
    if format not in SHARDED:
        given = {"--shard-size": shard_size is not None, "--shard": piece is not None, "--engine ray": engine == "ray"}
        for option in (option for option, is_given in given.items() if is_given):
            raise InputError(f"{option}: --format {format} has no shards; choose {', '.join(SHARDED)}")
        return 0
    if shard_size is not None and not 1 <= shard_size <= 10_000_000:
        raise InputError(f"--shard-size {shard_size}: give a number from 1 to 10,000,000")
    if piece is not None and not 0 <= piece[0] < piece[1] <= 99_999:
        raise InputError(
            f"--shard {piece[0]}/{piece[1]}: parts count from 0: give 0/{piece[1]} to {piece[1] - 1}/{piece[1]}"
        )
    return shard_size or SHARD_SIZE


# The folder


# The samples


@dataclasses.dataclass(frozen=True)
class _Job:
    """What is written where; `config` and `overrides` as they were given ("" for a `Config` object)."""

    storage: Storage
    manifest: Manifest
    config: str
    overrides: tuple[str, ...]

    @property
    def again(self) -> str:
        """Code that makes the generator."""
        more = f", {list(self.overrides)!r}" if self.overrides else ""
        config = repr(self.config) if self.config else "config"
        return f"from synthtext import Generator; Generator({config}, {self.manifest.seed}{more})"


class _State:
    """A writer, and the manifest as it was last saved."""

    def __init__(self, storage: Storage, writer: Writer, saved: Manifest) -> None:
        self._storage = storage
        self.writer = writer
        self._saved = saved
        self.saved_at = time.monotonic()

    def save(self, manifest: Manifest | None = None) -> None:
        """Write the manifest, where it says more than before."""
        manifest = manifest or self.writer.manifest
        if manifest != self._saved:
            write_manifest(self._storage, manifest)
            self._saved = manifest
            self.saved_at = time.monotonic()

    def close(self) -> None:
        """Let go of the files. What became whole since the last commit is told, unless the disk refuses."""
        with contextlib.suppress(OSError):
            self.save(self.writer.close())


def _write(replies: Iterator[Reply], state: _State, job: _Job, progress: Progress) -> None:
    """Write the replies in order, and commit."""
    writer = state.writer
    done = writer.manifest.written
    pending_samples = pending_bytes = 0
    for reply in replies:
        with disk(job.storage):
            writer.write(reply.items)
            done += len(reply.items)
            pending_samples += len(reply.items)
            pending_bytes += sum(item.size for item in reply.items)
            if reply.failure is not None:
                raise sample_failed(reply.failure, job.manifest.seed, job.manifest.digest, job.again)
            if pending_samples >= COMMIT_SAMPLES or pending_bytes >= COMMIT_BYTES or done == job.manifest.wanted:
                state.save(writer.commit())
                pending_samples = pending_bytes = 0
            elif job.manifest.shard_size and time.monotonic() - state.saved_at > _SAVE_S:
                state.save(writer.commit())  # of shards, a commit leaves no trace in the bytes
        progress.update(done)


def _write_on_ray(
    state: _State,
    job: _Job,
    make_generator: Make,
    encode: Encode,
    address: str | None,
    workers: int | None,
    accept_versions: bool,
    progress: Progress,
) -> int:
    """Make the missing shards on a cluster; returns how many CPUs it has."""
    from synthtext.dataset import distributed

    writer = state.writer
    assert isinstance(writer, ShardedWriter)
    missing = writer.missing_shards()
    if not missing:
        return 0
    place = job.storage.path.resolve() if job.storage.path else str(job.storage)
    manifest = msgspec.structs.replace(job.manifest, shards=())
    task = distributed.ShardJob(place, manifest, make_generator, encode, os.getcwd(), accept_versions)
    done = writer.manifest.written
    with distributed.cluster(address, workers) as ray:
        for made in distributed.make_shards(ray, task, missing, progress.update):
            if isinstance(made, Failure):
                raise sample_failed(made, job.manifest.seed, job.manifest.digest, job.again)
            writer.add_shard(made.shard)
            versions = all_versions([writer.manifest.versions, [made.versions]])
            writer.manifest = msgspec.structs.replace(writer.manifest, versions=versions)
            done += made.shard.samples
            with disk(job.storage):
                state.save(writer.commit())
            progress.update(done)
        return int(ray.cluster_resources().get("CPU", 1))


def _write_report(
    storage: Storage, writer: Writer, manifest: Manifest, config: Config, unsayable: int, dropped: Dropped
) -> None:
    """`report.json`: what the texts cover, counted from what can be read back, the words that are `unsayable`, and what
    was dropped before. Of a format in shards, which are not read back, the last alone, where there is any."""
    from synthtext.text.characters_seen import CoverageCounter
    from synthtext.text.charset import resolve_charset

    texts = writer.texts()
    if texts is None:
        if dropped.to_dict():
            _put_report(storage, {"dropped": dropped.to_dict()})
        return
    counter = CoverageCounter(resolve_charset(config.text.charset))
    for text in texts:
        counter.add(text)
    report = counter.to_dict()
    del report["sources"]  # not told by what can be read back
    if report["texts"] != manifest.count:
        raise InputError(
            f"{storage}: {report['texts']} texts can be read back of {manifest.count}; it was changed while it was "
            "written: start again with --overwrite"
        )
    whole = {"coverage": report, "written_as_ignored": unsayable, "dropped": dropped.to_dict()}
    _put_report(storage, whole)


def _put_report(storage: Storage, report: dict[str, Any]) -> None:
    content = json.dumps(report, indent=1, ensure_ascii=False) + "\n"
    storage.replace(REPORT, content.encode("utf-8", "surrogatepass"))


def _parse_piece(text: str | None) -> tuple[int, int] | None:
    """(i, n) of "i/n"."""
    if text is None:
        return None
    match = re.fullmatch(r"(\d{1,9})/(\d{1,9})", text)
    if match is None:
        raise InputError(f"--shard {text}: write i/n, such as 0/16 to 15/16 for 16 jobs")
    return int(match.group(1)), int(match.group(2))


def run(args: Any) -> int:
    """The subcommand."""
    options: dict[str, Any] = {
        "seed": args.seed,
        "start": args.start,
        "format": args.format,
        "shard_size": args.shard_size,
        "piece": _parse_piece(args.shard),
        "engine": args.engine,
        "ray_address": args.ray_address,
        "workers": args.workers,
        "resume": args.resume,
        "overwrite": args.overwrite,
        "accept_versions": args.accept_versions,
        "overrides": tuple(args.set or ()),
        "encoding": Encoding(args.image_format, args.quality, args.plans, args.ink, args.ink_threshold),
    }
    if args.split:
        by = tuple(part.strip() for part in args.split_by.split(","))
        results = generate_splits(args.config, args.out, args.n, args.split, by, **options)
    else:
        results = {"": generate(args.config, args.out, args.n, **options)}
    for result in results.values():
        print(result.summary(), file=sys.stderr)
    return 0
