"""What the formats in shards share: samples go to the open shard, which is put in its place when it is whole.

Shard k holds the `shard_size` samples from index start + k * shard_size, and is called `shard-00000k.<suffix>`. Its
bytes depend on its samples alone, so shards can be made in any order, by any process, on any machine, and again.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import re
from collections.abc import Iterable, Sequence
from typing import IO, Any, ClassVar, Protocol

import msgspec

from synthtext.core.errors import InputError
from synthtext.formats.base import Item, Manifest, Shard
from synthtext.formats.storage import TEMPORARY, Storage


class ShardFile(Protocol):
    """Writes one shard: all that a format in shards has of its own.

    `suffix`: of its file's name.
    """

    suffix: ClassVar[str]

    @staticmethod
    def image_name(manifest: Manifest, index: int) -> str:
        """See `Writer.image_name`."""

    def __init__(self, file: IO[bytes], manifest: Manifest) -> None:
        """`file`: to be written from start to end, without a step back."""

    def add(self, items: Sequence[Item]) -> None:
        """The next samples."""

    def finish(self) -> None:
        """All samples are there. The file is closed by the caller."""

    @staticmethod
    def side_files(manifest: Manifest) -> dict[str, bytes]:
        """What lies beside the shards of a whole data set, by name."""


class _Measured(io.RawIOBase):
    """Hashes and counts what is written to a file."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self._bytes = 0

    def write(self, data: Any) -> int:
        with memoryview(data) as view:
            if self._file.closed:  # pyarrow ends even a file that was dropped
                return view.nbytes
            self._hash.update(view)
            self._bytes += view.nbytes
            self._file.write(view)
            return view.nbytes

    def tell(self) -> int:
        return self._bytes

    def writable(self) -> bool:
        return True

    def entry(self, name: str, indices: range) -> Shard:
        """The shard's entry in the manifest."""
        return Shard(name, indices.start, len(indices), self._bytes, self._hash.hexdigest())


class ShardedWriter:
    """Writes a data set in shards, each by a `shard_file`; see `Writer`.

    `shards` that the manifest lists are whole; any other file is from a run that was ended, and is written again.
    """

    shard_file: ClassVar[type[ShardFile]]

    @classmethod
    def owns(cls, name: str) -> bool:
        """Whether it makes this name."""
        return bool(re.fullmatch(rf"shard-\d{{6,}}\.{cls.shard_file.suffix}({re.escape(TEMPORARY)})?", name)) or (
            name in cls.shard_file.side_files(_NO_SAMPLES)
        )

    @classmethod
    def image_name(cls, manifest: Manifest, index: int) -> str:
        """The image's name in its shard."""
        return cls.shard_file.image_name(manifest, index)

    def __init__(self, storage: Storage, manifest: Manifest) -> None:
        wanted = {manifest.shard_range(number) for number in manifest.numbers}
        # Of a data set that grows, the last shard may have been a short one.
        shards = {s.first: s for s in manifest.shards if range(s.first, s.stop) in wanted}
        self._storage = storage
        self._shards = shards
        self.manifest = self._updated(manifest)
        self._drop_old()
        self._stack = contextlib.ExitStack()
        self._indices = range(0)
        self._next = 0

    def _drop_old(self) -> None:
        """Refuse to go on where a whole shard has gone; delete what lists the shards of a smaller data set."""
        there = set(self._storage.names())
        for shard in self.manifest.shards:
            if shard.name not in there:
                raise InputError(
                    f"{self._storage}: {shard.name} is missing, which {self.manifest.name} knows of; the data set was "
                    "changed since: bring it back, or start again with --overwrite"
                )
        if self.missing_shards():
            for name in there & self.shard_file.side_files(_NO_SAMPLES).keys():
                self._storage.remove(name)

    def _updated(self, manifest: Manifest) -> Manifest:
        shards = tuple(self._shards[first] for first in sorted(self._shards))
        return msgspec.structs.replace(manifest, shards=shards, written=sum(s.samples for s in shards))

    def missing(self) -> list[range]:
        """The indices of the shards that are not whole."""
        result: list[range] = []
        for number in self.missing_shards():
            indices = self.manifest.shard_range(number)
            if result and result[-1].stop == indices.start:
                result[-1] = range(result[-1].start, indices.stop)
            else:
                result.append(indices)
        return result

    def missing_shards(self) -> list[int]:
        """The numbers of the shards that are not whole."""
        m = self.manifest
        return [number for number in m.numbers if m.shard_range(number).start not in self._shards]

    def add_shard(self, shard: Shard) -> None:
        """A shard that was made elsewhere is in its place."""
        self._shards[shard.first] = shard

    def write(self, items: Sequence[Item]) -> None:
        """To the open shard, and to the next ones where they reach further."""
        while items:
            if not self._indices:
                self._open(items[0].index)
            room = self._indices.stop - self._next
            self._file.add(items[:room])
            self._next += len(items[:room])
            items = items[room:]
            if self._next == self._indices.stop:
                self._finish_shard()

    def _open(self, index: int) -> None:
        m = self.manifest
        number = (index - m.start) // m.shard_size
        self._indices = m.shard_range(number)
        self._next = index
        self._name = shard_name(number, self.shard_file.suffix)
        self._measured = _Measured(self._stack.enter_context(self._storage.create(self._name)))
        self._file = self.shard_file(self._measured, m)  # type: ignore[arg-type]

    def _finish_shard(self) -> None:
        self._file.finish()
        self._stack.close()
        self.add_shard(self._measured.entry(self._name, self._indices))
        self._indices = range(0)

    def commit(self) -> Manifest:
        """With the shards that are whole."""
        if len(self._shards) != len(self.manifest.shards):
            self.manifest = self._updated(self.manifest)
        return self.manifest

    def finish(self) -> None:
        """Write what the format has beside its shards (of a piece, that is done when the pieces are joined)."""
        if self.manifest.piece is None:
            write_side_files(self._storage, self.shard_file, self.commit())

    def texts(self) -> None:
        """Not read back: `synthtext inspect` does it."""
        return None

    def unsayable(self) -> int:
        """None: shards hold any text."""
        return 0

    def close(self) -> Manifest:
        """Drop the shard that is not whole."""
        if self._indices:
            self._indices = range(0)
            with contextlib.suppress(_Dropped):
                self._stack.__exit__(_Dropped, _Dropped(), None)
        return self.commit()


def write_shard(
    storage: Storage, shard_file: type[ShardFile], manifest: Manifest, number: int, batches: Iterable[Sequence[Item]]
) -> Shard:
    """Write one shard, of which `batches` has all samples in order. Raises OSError where the place refuses."""
    name = shard_name(number, shard_file.suffix)
    with storage.create(name) as raw:
        measured = _Measured(raw)
        file = shard_file(measured, manifest)  # type: ignore[arg-type]
        for items in batches:
            file.add(items)
        file.finish()
    return measured.entry(name, manifest.shard_range(number))


class _Dropped(BaseException):
    """Tells a storage that a file is not to be kept."""


def shard_name(number: int, suffix: str) -> str:
    """The file of a shard."""
    return f"shard-{number:06d}.{suffix}"


def write_side_files(storage: Storage, shard_file: type[ShardFile], manifest: Manifest) -> None:
    """Write what a format has beside its shards."""
    for name, content in shard_file.side_files(manifest).items():
        if storage.read(name) != content:
            storage.replace(name, content)


_NO_SAMPLES = Manifest("", 0, "", "", 0, 0, 1, "jpg", 95, False, {}, shard_size=1)
