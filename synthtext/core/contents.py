"""What files hold, told apart by real path, size and times of change (that of the file's record, too, which nobody can
set back): keys for caches, and digests of contents.

Every cache of something that was read from a file goes through here, so that an edited file is never taken for the one
that it was.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec

from synthtext.core import assets
from synthtext.core.errors import InputError

T = TypeVar("T")
#: A file that was changed as lately as this may be changed again within one tick of its file system's clock.
_FRESH_NS = 2_000_000_000
_THREADS = 4


class FileKey(NamedTuple):
    """A file as it is: another one, or the same after an edit, has another key."""

    path: str
    size: int
    mtime_ns: int
    ctime_ns: int

    @property
    def fresh(self) -> bool:
        """Whether it was changed so lately that the key may not tell the next change."""
        return time.time_ns() - self.mtime_ns < _FRESH_NS


def file_key(path: str | Path) -> FileKey:
    """Raises OSError for a file that is not there."""
    real = os.path.realpath(path)
    stat = os.stat(real)
    return FileKey(real, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)


def kept_by_file(maxsize: int) -> Callable[[Callable[[str], T]], Callable[[str], T]]:
    """Keep what a function of a file's path gives, as long as the file stays as it is."""

    def decorate(load: Callable[[str], T]) -> Callable[[str], T]:
        @functools.lru_cache(maxsize)
        def kept(path: str, key: FileKey) -> T:
            return load(path)

        @functools.wraps(load)
        def current(path: str) -> T:
            try:
                key = file_key(path)
            except (OSError, ValueError):
                return load(path)  # which says what is wrong
            return load(path) if key.fresh else kept(path, key)

        return current

    return decorate


def digests_of(paths: Iterable[str | Path]) -> dict[str, str]:
    """SHA-256, hex, of the bytes of each file, by path. What was read once is kept in the user's cache folder.

    Raises InputError for a file that cannot be read.
    """
    names = sorted({str(path) for path in paths})
    if not names:
        return {}
    keys: dict[str, FileKey] = {}
    for name in names:
        try:
            keys[name] = file_key(name)
        except OSError as error:
            raise InputError(f"{name}: cannot be read: {error.strerror or error}; bring it back") from None
    file = cache_file("contents", os.path.commonpath([os.path.dirname(key.path) for key in keys.values()]))
    known = _load(file)
    digests = {name: known[key.path][3] for name, key in keys.items() if known.get(key.path, ())[:3] == key[1:]}
    missing = [name for name in names if name not in digests]
    if missing:
        with ThreadPoolExecutor(_THREADS) as pool:
            digests.update(zip(missing, pool.map(_sha256, missing), strict=True))
        lasting = {keys[name].path: (*keys[name][1:], digests[name]) for name in missing if not keys[name].fresh}
        if lasting:
            with contextlib.suppress(UnicodeEncodeError):  # of a name that is not UTF-8
                save(file, msgspec.msgpack.encode(known | lasting))
    return digests


def _sha256(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}; bring it back") from None


_Known = dict[str, tuple[int, int, int, str]]  # by real path: size, mtime_ns, ctime_ns, SHA-256


def cache_file(kind: str, name: str | Path) -> Path | None:
    """Where what was found out of that kind about the folder or file `name` is kept; None where there is no place."""
    root = assets.cache_folder()
    return root and root / f"{kind}-{hashlib.sha256(os.fsencode(name)).hexdigest()[:20]}.msgpack"


def save(file: Path | None, content: bytes) -> None:
    """Written beside and moved into place, so that no other process reads half of it. No cache is no error."""
    if file is None:
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as part:
                part.write(content)
            os.replace(name, file)
        except OSError:
            os.unlink(name)
    except OSError:
        pass


def _load(file: Path | None) -> _Known:
    try:
        return msgspec.msgpack.decode(file.read_bytes() if file else b"", type=_Known)
    except (OSError, msgspec.DecodeError):  # absent, or from something else: made anew
        return {}
