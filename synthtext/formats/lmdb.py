"""The format `lmdb`: the keys that deep-text-recognition-benchmark and its heirs read, counted from 1.

    num-samples       how many there are, decimal
    image-000000001   the JPEG or PNG file of the first sample
    label-000000001   its text, UTF-8
    meta-000000001    its label record, JSON: quads, polygons, chars (readers of the layout pass it over)
    ink-000000001     with `Encoding.ink`: the PNG files of its ink masks; ink_words-, ink_chars- alike

The file `data.mdb` lies in the data set's folder; the folder's path is what `lmdb.open` takes.
"""

from __future__ import annotations

import errno
import mmap
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from synthtext.core.errors import InputError
from synthtext.formats.base import Item, Manifest, after_written, local_path
from synthtext.formats.storage import Storage
from synthtext.labels.ink_maps import INK_NAMES

FORMAT = {
    "name": "lmdb",
    "help": "one LMDB file, with the keys of deep-text-recognition-benchmark [extra lmdb]",
    "writer": "LmdbWriter",
    "sharded": False,
}

try:
    import lmdb
except ImportError:
    raise InputError('--format lmdb: the package lmdb is missing; pip install "synthtext[lmdb]"') from None

_FIRST_MAP = 1 << 20
_FULL = 32 << 20  # bytes free, less than which a commit may have filled the disk
_COUNT = b"num-samples"
_BEGIN = 2 * mmap.PAGESIZE  # bytes of the two pages without which a file is no database yet


class LmdbWriter:
    """Writes the format `lmdb`; see `Writer`.

    A commit is one transaction, with `num-samples` in it: the database itself knows how much of it is whole.
    The environment is opened anew for each: its pages then come zeroed, so that the file's bytes depend on nothing
    but the samples, whatever the process did before.
    """

    @staticmethod
    def owns(name: str) -> bool:
        """Whether it makes this name."""
        return name in ("data.mdb", "lock.mdb")

    @staticmethod
    def image_name(manifest: Manifest, index: int) -> str:
        """The image's key."""
        return f"image-{index - manifest.start + 1:09d}"

    def __init__(self, storage: Storage, manifest: Manifest) -> None:
        self._folder = local_path(storage, manifest.format)
        self._items: list[Item] = []
        written = 0
        if manifest.written == 0 and self._data.exists() and self._data.stat().st_size < _BEGIN:
            self._data.unlink()  # of a run that ended in its first write
        if self._data.exists():
            try:
                written = self._count()
            except lmdb.Error as error:
                raise InputError(f"{self._data}: cannot be read ({error}); start again with --overwrite") from None
        if written < manifest.written:
            raise InputError(
                f"{self._data}: holds {written} samples, fewer than the {manifest.written} that dataset.json "
                "knows of; it was changed since: start again with --overwrite"
            )
        # It may be ahead of the manifest: a run may have ended between the two.
        self.manifest = msgspec.structs.replace(manifest, written=written)

    def missing(self) -> list[range]:
        """What comes after the samples that are whole."""
        return after_written(self.manifest)

    @property
    def _data(self) -> Path:
        return self._folder / "data.mdb"

    def _open(self, **options: Any) -> Any:
        # No lock file: `generate` holds a lock on the folder, and the reader's own is made when it is needed.
        return lmdb.open(str(self._folder), map_size=_FIRST_MAP, lock=False, readahead=False, **options)

    def _count(self) -> int:
        with self._open(readonly=True) as env, env.begin() as txn:
            return int(txn.get(_COUNT, b"0"))

    def write(self, items: Sequence[Item]) -> None:
        """Kept in memory until the commit."""
        self._items += items

    def commit(self) -> Manifest:
        """One transaction, in a map that is a power of two; doubled, and the transaction made again, where it is full.

        The map's size stands in the file: it follows from what is there and what comes, not from how it came there.
        """
        if not self._items:
            return self.manifest
        coming = sum(item.size + len(item.text) for item in self._items)
        size = 0
        while True:
            try:
                with self._open() as env:
                    there = (env.info()["last_pgno"] + 1) * env.stat()["psize"]
                    size = size or 1 << (there + 2 * coming + _FIRST_MAP).bit_length()
                    env.set_mapsize(size)
                    self._put(env)
                break
            except lmdb.MapFullError:
                size *= 2
            except lmdb.Error as error:
                raise _as_os_error(error, self._data) from error
        self.manifest = msgspec.structs.replace(self.manifest, written=self.manifest.written + len(self._items))
        self._items.clear()
        return self.manifest

    def finish(self) -> None:
        """Nothing lies beside the samples."""

    def _put(self, env: Any) -> None:
        numbers = range(self.manifest.written + 1, self.manifest.written + len(self._items) + 1)
        with env.begin(write=True) as txn:
            for kind, field in (("image", "image"), ("label", "text"), ("meta", "record")):
                for number, item in zip(numbers, self._items, strict=True):
                    value = getattr(item, field)
                    txn.put(f"{kind}-{number:09d}".encode(), value.encode() if field == "text" else value)
            for k, kind in enumerate(INK_NAMES.values()):
                for number, item in zip(numbers, self._items, strict=True):
                    if item.ink:
                        txn.put(f"{kind}-{number:09d}".encode(), item.ink[k])
            txn.put(_COUNT, str(numbers[-1]).encode())

    def texts(self) -> Iterator[str]:
        """The labels, in order."""
        with self._open(readonly=True) as env, env.begin() as txn:
            for number in range(1, int(txn.get(_COUNT, b"0")) + 1):
                yield txn.get(f"label-{number:09d}".encode()).decode()

    def unsayable(self) -> int:
        """None: a value holds any text."""
        return 0

    def close(self) -> Manifest:
        """Forget what was not committed."""
        self._items.clear()
        return self.manifest


def _as_os_error(error: Exception, path: Path) -> OSError:
    """LMDB's error as the OSError behind it, which it tells only in words."""
    for code in (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS, errno.EFBIG):
        if os.strerror(code) in str(error):
            return OSError(code, os.strerror(code), str(path))
    if os.strerror(errno.EIO) in str(error):
        # So LMDB tells of a write that the system took only in part, too.
        if shutil.disk_usage(path.parent).free < _FULL:
            return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        hint = "a short write: is the disk full, or a limit on file sizes reached?"
        return OSError(errno.EIO, f"{os.strerror(errno.EIO)} ({hint})", str(path))
    return OSError(errno.EIO, str(error), str(path))
