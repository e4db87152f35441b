"""`synthtext generate`: a range of indices, made by several processes, written in order, resumable after any end.

Samples come in ranges of `CHUNK`; after `COMMIT_SAMPLES` or `COMMIT_BYTES` they are brought to disk, and then
`dataset.json`, which is replaced as a whole, says so. A run that goes on cuts off what lies beyond and makes it again:
the same bytes, since a sample depends on nothing but configuration, seed and index. Where a commit falls depends on the
samples alone, so that files whose bytes show it (LMDB's) are the same for every number of workers and interruptions.
"""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import json
import os
import re
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol, TextIO

import msgspec

from synthtext.config import Config, load_config
from synthtext.errors import InputError
from synthtext.formats import writer_of
from synthtext.formats.base import (
    FORMAT_VERSION,
    IMAGE_FORMATS,
    MANIFEST,
    REPORT,
    Encoding,
    Item,
    Manifest,
    Writer,
    read_manifest,
    sync_folder,
    write_atomically,
    write_manifest,
)
from synthtext.progress import Progress, duration
from synthtext.sample import Sample
from synthtext.version import __version__
from synthtext.workers import Reply, Source, Workers, default_workers, make_range, sample_failed

CHUNK = 64
COMMIT_SAMPLES = 1024
COMMIT_BYTES = 8 << 20
_OUR_NAMES = re.compile(r"(images|gt|labels)/(\d{3,}(/(gt_)?\d{9,}\.(jpg|png|txt))?)?$")


class DatasetSource(Source, Protocol):
    """What of a `Generator` is needed to make a data set."""

    @property
    def digest(self) -> str: ...


class Make(Protocol):
    """Builds the generator; `Generator` itself, where nothing else is asked for."""

    def __call__(self, config: Config, seed: int) -> DatasetSource: ...


def _make_generator(config: Config, seed: int) -> DatasetSource:
    from synthtext.generator import Generator

    return Generator(config, seed)


@dataclasses.dataclass(frozen=True)
class Result:
    """What a run did: samples in the data set, samples made by this run, seconds, workers."""

    folder: Path
    samples: int
    made: int
    seconds: float
    workers: int

    def summary(self) -> str:
        """One line."""
        if not self.made:
            return f"{self.folder}: complete already, {self.samples:,} samples"
        rate = self.made / max(self.seconds, 1e-9)
        whole = "" if self.made == self.samples else f" of {self.samples:,}"
        workers = "1 process" if self.workers == 1 else f"{self.workers} workers"
        return f"{self.folder}: {self.made:,}{whole} samples in {duration(self.seconds)} ({rate:,.0f}/s, {workers})"


@dataclasses.dataclass(frozen=True)
class _Encode:
    """Encodes samples for one data set; picklable."""

    manifest: Manifest
    writer: type[Writer]

    def __call__(self, sample: Sample) -> Item:
        from synthtext.formats.encode import encode

        return encode(sample, self.writer.image_name(self.manifest, sample.index), self.manifest.encoding)


def generate(
    config: str | Path | Config,
    out: str | Path,
    count: int,
    *,
    seed: int = 0,
    start: int = 0,
    format: str = "folder",
    workers: int | None = None,
    resume: bool = False,
    overwrite: bool = False,
    overrides: Sequence[str] = (),
    encoding: Encoding = Encoding(),  # noqa: B008 (frozen)
    make_generator: Make | None = None,
    stream: TextIO | None = None,
) -> Result:
    """Make the samples `start` to `start + count - 1` of a configuration and write them to the folder `out`.

    `workers`: processes (None: one a core; 1: this one alone). `resume`: go on where a run with the same arguments
    ended, or extend it to a larger `count`. `overwrite`: replace a data set that lies there. `stream`: where progress
    is shown (None: stderr). The bytes written depend on none of these.
    Raises InputError for bad arguments, a folder that holds anything else and a disk that refuses; SampleError for a
    sample that cannot be made. What was committed before stays, and `resume` goes on from there.
    """
    _check_arguments(count, seed, start, workers, resume, overwrite, encoding)
    writer_class = writer_of(format)
    settled = load_config(config, overrides)
    folder = Path(out)
    _check_free(folder, resume, overwrite)
    make_generator = make_generator or _make_generator
    source = make_generator(settled, seed)
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
    )
    with _locked(folder) as lock:
        _check_free(folder, resume, overwrite)
        with _disk(folder):
            manifest = _claim(folder, manifest, resume, overwrite)
            writer = writer_class(folder, manifest)
        try:
            began = time.monotonic()
            before = writer.written
            if before != manifest.written:  # LMDB committed, and the run ended before the manifest said so
                with _disk(folder):
                    manifest = msgspec.structs.replace(manifest, written=before)
                    write_manifest(folder, manifest)
            encode = _Encode(manifest, writer_class)
            first, stop = start + before, start + count
            processes = min(workers or default_workers(), max(-((first - stop) // CHUNK), 1))
            job = _Job(folder, manifest, str(config) if isinstance(config, str | Path) else "", tuple(overrides))
            with Progress(count, before, stream) as progress:
                if processes > 1:
                    pool = Workers(processes, source, encode, (lock,), progress.note)
                    with contextlib.closing(pool):
                        _write(pool.replies(first, stop, CHUNK, progress.update), writer, job, progress)
                else:
                    replies = (
                        make_range(source, encode, range(i, min(i + CHUNK, stop))) for i in range(first, stop, CHUNK)
                    )
                    _write(replies, writer, job, progress)
            if before < count or not (folder / REPORT).exists():
                with _disk(folder):
                    _write_report(folder, writer, manifest, settled)
            return Result(folder, count, count - before, time.monotonic() - began, processes)
        finally:
            writer.close()


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
    if resume and overwrite:
        raise InputError("--resume and --overwrite exclude each other: one goes on, the other starts again")


# The folder


def _check_free(folder: Path, resume: bool, overwrite: bool) -> None:
    """Refuse a folder that is not for this run. Nothing is changed."""
    try:
        names = sorted(path.name for path in folder.iterdir()) if folder.exists() else []
    except NotADirectoryError:
        raise InputError(f"{folder}: is a file; name a folder to write to") from None
    except OSError as error:
        raise InputError(f"{folder}: cannot be read: {error.strerror}") from None
    names = [name for name in names if name != f"{MANIFEST}.tmp"]
    if not names:
        return
    held = read_manifest(folder)
    if held is None:
        raise InputError(f"{folder}: holds other files ({names[0]}) and no data set; choose a new or empty folder")
    if _replaceable(held, resume, overwrite):
        foreign = _foreign_file(folder, held)
        if foreign:
            raise InputError(
                f"{folder}: beside the data set it holds {foreign}, which is not deleted with it; move it away "
                "or choose another folder"
            )
    elif not resume:
        state = "complete" if held.written >= held.count else f"{held.written:,} of them written"
        raise InputError(
            f"{folder}: holds a data set already (seed {held.seed}, {held.count:,} samples, {state}); go on with "
            "--resume, replace it with --overwrite, or choose another folder"
        )


def _replaceable(held: Manifest, resume: bool, overwrite: bool) -> bool:
    """Whether the data set there may go: asked for, or a run's that ended before it had written anything."""
    return overwrite or (held.written == 0 and not resume)


def _foreign_file(folder: Path, held: Manifest) -> str:
    """The first file in the folder that no data set of that format has; empty where there is none."""
    entries = writer_of(held.format).entries
    ours = {*entries, MANIFEST, REPORT, f"{MANIFEST}.tmp", f"{REPORT}.tmp"}
    for path in sorted(folder.iterdir()):
        if path.name not in ours:
            return path.name
    for entry in sorted(entries):
        if not (folder / entry).is_dir():
            continue
        for root, folders, files in os.walk(folder / entry):
            below = Path(root).relative_to(folder).as_posix()
            for name in (*folders, *files):
                if not _OUR_NAMES.match(f"{below}/{name}"):
                    return f"{below}/{name}"
    return ""


def _claim(folder: Path, manifest: Manifest, resume: bool, overwrite: bool) -> Manifest:
    """Make the folder this run's own: new, emptied, or gone on with. Returns the manifest, with what is written."""
    for name in (MANIFEST, REPORT):
        (folder / f"{name}.tmp").unlink(missing_ok=True)
    held = read_manifest(folder)
    if held is not None and _replaceable(held, resume, overwrite):
        # First the manifest: killed in the middle, the folder must not claim what is deleted.
        write_manifest(folder, msgspec.structs.replace(held, written=0, bytes={}))
        for name in (*writer_of(held.format).entries, REPORT):
            path = folder / name
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink(missing_ok=True)
        held = None
    if held is not None:
        _check_same(folder, held, manifest)
        manifest = msgspec.structs.replace(manifest, written=held.written, bytes=held.bytes)
        if manifest.count != held.count:
            (folder / REPORT).unlink(missing_ok=True)
    if manifest != held:
        write_manifest(folder, manifest)
    return manifest


def _check_same(folder: Path, held: Manifest, wanted: Manifest) -> None:
    """Refuse to go on with a data set that is made differently, and say in what."""
    for name in ("format", "format_version", "synthtext", "seed", "start", "image_format", "quality", "plans"):
        old, new = getattr(held, name), getattr(wanted, name)
        if old != new:
            raise InputError(
                f"{folder}: holds a data set with {name} {old}, and {new} is asked for; use the same for --resume, or "
                "another folder"
            )
    differences = list(_differences(held.config, wanted.config))
    if differences:
        shown = "; ".join(differences[:4]) + (f"; and {len(differences) - 4} more" if len(differences) > 4 else "")
        raise InputError(f"{folder}: holds a data set of another configuration ({shown}); use the same for --resume")
    if held.digest != wanted.digest:
        raise InputError(
            f"{folder}: holds a data set made with other fonts, backgrounds or texts than those there now (digest "
            f"{held.digest[:12]}, now {wanted.digest[:12]}); bring the old ones back or start again in another folder"
        )
    if held.written > wanted.count:
        raise InputError(
            f"{folder}: holds {held.written:,} samples already, more than the {wanted.count:,} asked for; ask for "
            f"{held.count:,} or more, or use another folder"
        )


def _differences(old: Any, new: Any, path: str = "") -> Iterator[str]:
    """Where two configurations differ: `a.b: 1 -> 2`."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys((*old, *new)):
            yield from _differences(old.get(key), new.get(key), f"{path}.{key}" if path else str(key))
    elif json.dumps(old) != json.dumps(new):
        yield f"{path}: {json.dumps(old)} there, {json.dumps(new)} now"


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[int]:
    """Make the folder, and keep other runs out of it; gives the lock's file descriptor (-1 where there is none)."""
    with _disk(folder):
        folder.mkdir(parents=True, exist_ok=True)
    if os.name != "posix":
        yield -1
        return
    import fcntl

    # On the folder itself: a lock file would be one more thing to clear away. The lock ends with the process.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(f"{folder}: another run is writing to it; wait for its end or stop it") from None
        except OSError:
            pass  # a file system without locks
        yield descriptor
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _disk(folder: Path) -> Iterator[None]:
    """A disk that is full or refuses: one sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise InputError(
                f"{folder}: no space is left on its disk; free some and go on with --resume, nothing committed is lost"
            ) from error
        where = error.filename if isinstance(error.filename, str) else str(folder)
        raise InputError(f"{where}: cannot be written: {error.strerror or error}") from error


# The samples


@dataclasses.dataclass(frozen=True)
class _Job:
    """What is written where; `config` and `overrides` as they were given ("" for a `Config` object)."""

    folder: Path
    manifest: Manifest
    config: str
    overrides: tuple[str, ...]

    @property
    def again(self) -> str:
        """Code that makes the generator."""
        more = f", {list(self.overrides)!r}" if self.overrides else ""
        config = repr(self.config) if self.config else "config"
        return f"from synthtext import Generator; Generator({config}, {self.manifest.seed}{more})"


def _write(replies: Iterator[Reply], writer: Writer, job: _Job, progress: Progress) -> None:
    """Write the replies in order, and commit."""
    manifest = job.manifest
    written = writer.written
    pending_samples = pending_bytes = 0
    for reply in replies:
        with _disk(job.folder):
            writer.write(reply.items)
            written += len(reply.items)
            pending_samples += len(reply.items)
            pending_bytes += sum(len(item.image) + len(item.record) for item in reply.items)
            if reply.failure is not None:
                raise sample_failed(reply.failure, manifest.seed, manifest.digest, job.again)
            if pending_samples >= COMMIT_SAMPLES or pending_bytes >= COMMIT_BYTES or written == manifest.count:
                lengths = writer.commit()
                write_manifest(job.folder, msgspec.structs.replace(manifest, written=written, bytes=lengths))
                pending_samples = pending_bytes = 0
        progress.update(written)


def _write_report(folder: Path, writer: Writer, manifest: Manifest, config: Config) -> None:
    """`report.json`: what the texts cover, counted from what can be read back."""
    from synthtext.text.charset import resolve_charset
    from synthtext.text.coverage import CoverageCounter

    counter = CoverageCounter(resolve_charset(config.text.charset))
    for text in writer.texts():
        counter.add(text)
    report = counter.to_dict()
    del report["sources"]  # not told by what can be read back
    if report["texts"] != manifest.count:
        raise InputError(
            f"{folder}: {report['texts']} texts can be read back of {manifest.count}; it was changed while it was "
            "written: start again with --overwrite"
        )
    content = json.dumps({"coverage": report}, indent=1, ensure_ascii=False) + "\n"
    write_atomically(folder / REPORT, content.encode("utf-8", "surrogatepass"))
    sync_folder(folder)


def run(args: Any) -> int:
    """The subcommand."""
    result = generate(
        args.config,
        args.out,
        args.n,
        seed=args.seed,
        start=args.start,
        format=args.format,
        workers=args.workers,
        resume=args.resume,
        overwrite=args.overwrite,
        overrides=tuple(args.set or ()),
        encoding=Encoding(args.image_format, args.quality, args.plans),
    )
    print(result.summary(), file=sys.stderr)
    return 0
