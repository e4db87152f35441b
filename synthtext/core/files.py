"""Files as they are found: what lies below a folder, and reading it without being held up.

Only regular files count: a device has no end, and a pipe nobody who writes to it. A file or folder that links lead to
is taken once: by its own name if it lies below the folder, else by the first of the links in the order of names.
"""

from __future__ import annotations

import heapq
import os
import re
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from synthtext.core.errors import InputError

MAX_BYTES = 256 << 20  # of a font or a picture; the largest fonts, collections of Chinese faces, have half of it

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
)


_UNFIT_NAME = re.compile(
    "[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\ud800-\\udfff]"
)  # of bytes that are no UTF-8, surrogates
RENAME = "has a name that is not UTF-8 or holds control characters: rename it"


class Unfit(Exception):
    """Why a file is not read: "is no regular file (a named pipe)", ..., to be said of its path."""


class Found(NamedTuple):
    """A regular file: where it lies, its size in bytes, when its contents and when its record were changed."""

    path: str
    size: int
    mtime_ns: int
    ctime_ns: int


class Listing(NamedTuple):
    """`files`: by their names below the folder, with forward slashes, sorted. `left_out`: path and reason, sorted."""

    files: Mapping[str, Found]
    left_out: tuple[tuple[str, str], ...]


def shown(path: str | os.PathLike[str]) -> str:
    """A path as it can be printed on one line: bytes that are no UTF-8, line ends and the like as escapes."""
    text = os.fspath(path).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return text if text.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def is_plain(name: str) -> bool:
    """Whether a file's name fits on a line of UTF-8."""
    return _UNFIT_NAME.search(name) is None


def _checked(status: os.stat_result, limit: int) -> os.stat_result:
    if not stat.S_ISREG(status.st_mode):
        kind = next((name for test, name in _KINDS if test(status.st_mode)), "another kind of file")
        raise Unfit(f"is no regular file ({kind})")
    if status.st_size > limit:
        raise Unfit(f"has {status.st_size / (1 << 20):,.0f} MB, more than {limit >> 20:,}")
    return status


def look(path: str | os.PathLike[str], limit: int = MAX_BYTES) -> Found:
    """A file that is to be read. Raises Unfit for what is no regular file, has more than `limit` bytes, or is not
    there."""
    try:
        status = _checked(os.stat(path), limit)
    except OSError as error:
        raise Unfit(f"cannot be read: {_reason(path, error)}") from None
    return Found(os.fspath(path), status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def read(path: str | os.PathLike[str], limit: int = MAX_BYTES) -> bytes:
    """The bytes of a regular file. Raises Unfit as `look`; never waits for anybody to write to it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with open(descriptor, "rb") as file:
            _checked(os.fstat(descriptor), limit)
            data = file.read(limit + 1)
    except OSError as error:
        if os.path.isdir(path):  # which some systems don't even open
            raise Unfit("is no regular file (a folder)") from None
        raise Unfit(f"cannot be read: {_reason(path, error)}") from None
    if len(data) > limit:
        raise Unfit(f"has more than {limit >> 20:,} MB")
    return data


def _reason(path: str | os.PathLike[str], error: OSError) -> str:
    if os.path.islink(path) and not os.path.exists(path):
        return "it is a link to nothing"
    return error.strerror or str(error)


def files_below(root: str | os.PathLike[str], wanted: Callable[[str], bool], limit: int = MAX_BYTES) -> Listing:
    """The regular files below the folder `root` whose name below it is `wanted`; or the file `root` itself.

    What is wanted and cannot be read, or has more than `limit` bytes, is told in `left_out`, and so are folders that
    cannot be listed and names that are not UTF-8 or hold line ends and the like, which no table, cache or plan could
    hold. Raises InputError for a root with such a name of its own.
    """
    root = os.fspath(root)
    real_root = os.path.realpath(root)
    if not is_plain(os.path.basename(real_root)):
        raise InputError(f"{shown(root)}: {RENAME}")
    files: dict[str, Found] = {}
    left_out: list[tuple[str, str]] = []
    seen: set[str] = set()
    folders: list[tuple[str, str, str]] = []
    links: list[tuple[str, str]] = []  # a heap

    def take(name: str, path: str, real: str) -> None:
        if real in seen:
            return
        seen.add(real)
        try:
            files[name] = look(path, limit)
        except Unfit as error:
            left_out.append((path, str(error)))

    if not os.path.isdir(root):
        take(os.path.basename(root), root, real_root)
        return Listing(files, tuple(left_out))
    folders.append(("", root, real_root))
    while folders or links:
        if not folders:  # of what has a name of its own, everything has been seen: now what only links lead to
            name, path = heapq.heappop(links)
            real = os.path.realpath(path)
            if os.path.isdir(path):
                folders.append((name + "/", path, real))
            elif wanted(name):
                take(name, path, real)
            continue
        above, folder, real_folder = folders.pop()
        if real_folder in seen:
            continue
        seen.add(real_folder)
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    name = above + entry.name
                    if not is_plain(entry.name):
                        if wanted(name) or entry.is_dir():
                            left_out.append((entry.path, RENAME))
                    elif entry.is_symlink():
                        heapq.heappush(links, (name, entry.path))
                    elif entry.is_dir():
                        folders.append((name + "/", entry.path, os.path.join(real_folder, entry.name)))
                    elif wanted(name):
                        take(name, entry.path, os.path.join(real_folder, entry.name))
        except OSError as error:
            left_out.append((folder, f"cannot be listed: {error.strerror}"))
    return Listing(dict(sorted(files.items())), tuple(sorted(left_out)))


def has_suffix(suffixes: frozenset[str] | set[str]) -> Callable[[str], bool]:
    """For `files_below`: names that end in one of the suffixes (lower case, with their dot) and are not hidden."""
    return lambda name: os.path.splitext(name)[1].lower() in suffixes and not Path(name).name.startswith(".")
