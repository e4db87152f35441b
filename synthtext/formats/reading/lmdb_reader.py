"""LMDB environments as deep-text-recognition-benchmark has them."""

from __future__ import annotations

import contextlib
import os
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from synthtext.core.errors import InputError
from synthtext.formats.reading.entries import Entry, FoundManifest, decode_record, entry_of, unit_of
from synthtext.labels.ink_maps import INK_NAMES


class LmdbReader:
    """One or several LMDB environments with the keys of deep-text-recognition-benchmark, and `meta-` of ours."""

    format = "lmdb"

    def __init__(self, path: Path, folders: list[Path], manifest: FoundManifest | None) -> None:
        try:
            import lmdb
        except ImportError:
            raise InputError(f'{path}: to read it, lmdb is missing; pip install "synthtext[lmdb]"') from None
        self.path, self.manifest, self.unit = path, manifest, unit_of(manifest)
        self._transactions: list[Any] = []
        self._counts: list[int] = []
        for folder in folders:
            try:
                env = _environment(lmdb, folder)
                transaction = env.begin(buffers=False)
                count = transaction.get(b"num-samples")
                entries = env.stat()["entries"]
            except lmdb.Error as error:
                raise InputError(
                    f"{folder}: is an LMDB that cannot be read ({error}); bring back a whole copy"
                ) from None
            if count is None:
                raise InputError(
                    f"{folder}: has no key num-samples: it is cut off, or not as deep-text-recognition-benchmark has it"
                )
            count = count.strip()
            if not count.isdigit() or int(count) > entries:
                raise InputError(
                    f"{folder}: has {count.decode(errors='replace')} as num-samples, and {entries} entries; "
                    "write the number of its pictures, or bring back a whole copy"
                )
            self._transactions.append(transaction)
            self._counts.append(int(count))

    def __len__(self) -> int:
        return sum(self._counts)

    def entries(self) -> Iterator[Entry]:
        """By number, from 1; a missing label is a problem."""
        for i, (transaction, count) in enumerate(zip(self._transactions, self._counts, strict=True)):
            get = transaction.get
            for number in range(1, count + 1):
                name = b"image-%09d" % number
                label, problem = get(b"label-%09d" % number), ""
                record = get(b"meta-%09d" % number)
                if record is not None:
                    with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError):
                        entry = entry_of(decode_record(record), name.decode(), (i, name))
                        if self.manifest is not None and self.manifest.ink is not None:
                            keys = tuple((i, b"%b-%09d" % (kind.encode(), number)) for kind in INK_NAMES.values())
                            entry = msgspec.structs.replace(entry, ink=keys)
                        yield entry
                        continue
                if label is None:
                    label, problem = b"", f"the key label-{number:09d} is missing"
                try:
                    text = label.decode()
                except UnicodeDecodeError:
                    text, problem = "", "is not UTF-8"
                yield Entry(name.decode(), text, (i, name), problem=problem)

    def image(self, ref: tuple[int, bytes]) -> bytes:
        """The value of the key."""
        data: bytes | None = self._transactions[ref[0]].get(ref[1])
        if data is None:
            raise OSError(f"the key {ref[1].decode()} is missing")
        return data

    def close(self) -> None:
        """Close the environments."""
        for transaction in self._transactions:
            transaction.abort()
        self._transactions.clear()


_open_environments: weakref.WeakValueDictionary[tuple[int, int], Any] = weakref.WeakValueDictionary()


def _environment(lmdb: Any, folder: Path) -> Any:
    """The environment of a folder or file: of those that are open the same, since LMDB opens none twice in a process.

    It is closed when the last reader lets go of it. Raises lmdb.Error.
    """
    file = folder / "data.mdb" if folder.is_dir() else folder
    status = os.stat(file)
    key = status.st_dev, status.st_ino
    if (env := _open_environments.get(key)) is None:
        env = lmdb.open(str(folder), subdir=folder.is_dir(), readonly=True, lock=False, readahead=False)
        _open_environments[key] = env
    return env
