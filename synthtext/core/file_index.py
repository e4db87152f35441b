"""What was found out about the files of a folder: each read once, in a probe process, and kept in a cache on disk by
name, size and times of change, so that a start takes milliseconds."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Generic, TypeVar

import msgspec
from msgspec import Struct

from synthtext.core.contents import cache_file, save
from synthtext.core.files import Found
from synthtext.core.isolated import Trouble, probe, seconds_for

T = TypeVar("T")


class Entry(Struct, Generic[T], frozen=True, array_like=True):
    """A file as it was when it was read. `content`: what it holds; None where it is of no use, and `problem` says why.

    `sha256`: of the bytes, hex; "" where the file could not be read. `passing`: the problem may have been the machine's
    doing: the next run tries again, though not its workers, which have no probe.
    """

    size: int
    mtime_ns: int
    ctime_ns: int
    sha256: str = ""
    problem: str = ""
    content: T | None = None
    passing: bool = False


class Index(Struct, Generic[T], frozen=True, array_like=True):
    """The entries of a folder's files, by name. `version`: caches of another are left aside."""

    version: str
    entries: dict[str, Entry[T]]


class Kind(Struct, Generic[T], frozen=True):
    """A kind of files.

    `name`: of its caches. `version`: raised when an entry would come out differently for the same file. `index`:
    `Index` of what its entries hold. `read`: the entry of a file, picklable. `seconds`: of processor time that it may
    take.
    """

    name: str
    version: str
    index: type[Index[T]]
    read: Callable[[str], Entry[T]]
    seconds: Callable[[str], float] = seconds_for


def look_up(kind: Kind[T], root: Path, files: Mapping[str, Found], trusted: bool = False) -> dict[str, Entry[T]]:
    """The entry of each file, in the order of `files`, from the cache where file and kind are as they were.

    `root`: the folder (or file) that they are of. The others are read, in a probe process unless they are `trusted`.
    """
    again = not multiprocessing.current_process().daemon
    file = cache_file(kind.name, root)
    cached = _load(kind, file)
    entries = {
        name: entry
        for name, entry in cached.items()
        if name in files and (entry.size, entry.mtime_ns, entry.ctime_ns) == files[name][1:]
        if not (entry.passing and again)
    }
    new = [name for name in files if name not in entries]
    paths = [files[name].path for name in new]
    replies: Iterable[Entry[T] | Trouble] = map(kind.read, paths) if trusted else probed(kind, paths)
    for name, reply in zip(new, replies, strict=True):
        if isinstance(reply, Trouble):
            reply = Entry(*files[name][1:], problem=reply.reason, passing=reply.passing)
        entries[name] = reply
    entries = {name: entries[name] for name in files}
    if entries != cached:
        keep(kind, root, entries)
    return entries


def probed(kind: Kind[T], paths: Sequence[str]) -> Iterator[Entry[T] | Trouble]:
    """The entry of each file, read in a probe process, or what came of it."""
    return probe(kind.read, paths, seconds=kind.seconds)


def keep(kind: Kind[T], root: Path, entries: Mapping[str, Entry[T]]) -> None:
    """Keep what was found out about the files of the folder `root`, so that they are not read again."""
    save(cache_file(kind.name, root), msgspec.msgpack.encode(Index(kind.version, dict(entries))))


def _load(kind: Kind[T], file: Path | None) -> dict[str, Entry[T]]:
    try:
        index = msgspec.msgpack.decode(file.read_bytes() if file else b"", type=kind.index)
    except (OSError, msgspec.DecodeError):  # absent, or from something else: made anew
        return {}
    return index.entries if index.version == kind.version else {}
