"""The format `webdataset`: POSIX tar files, of each sample the members `<key>.jpg`, `<key>.txt` and `<key>.json`.

The key is the index, in nine digits or more. The headers are written here and not by `tarfile`, which needs as long
for three of them as the engine for half a word; every field but name, size and checksum is the same for all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO, ClassVar

from synthtext.formats.base import Item, Manifest
from synthtext.formats.shards import ShardedWriter

_BLOCK = 512
_RECORD = 20 * _BLOCK  # what tar files are padded to

# ustar (POSIX.1-1988), from the mode on: mode, uid, gid, then size; mtime, 8 spaces for the checksum, type; magic,
# version, user, group. No time and no user: the bytes are the samples' alone.
_BEFORE_SIZE = b"0000644\0" + b"0000000\0" * 2
_AFTER_SIZE = b"%011o\0" % 0 + b" " * 8 + b"0" + b"\0" * 100 + b"ustar\x0000" + b"\0" * 64
_CHECKSUM_AT = 148
_FIXED_SUM = sum(_BEFORE_SIZE) + sum(_AFTER_SIZE)


def tar_header(name: bytes, size: int) -> bytes:
    """The 512 bytes before a member: `name` of at most 100 bytes, `size` below 8 GiB."""
    digits = b"%011o\0" % size
    checksum = b"%06o\0 " % (_FIXED_SUM + sum(name) + sum(digits))
    header = name.ljust(100, b"\0") + _BEFORE_SIZE + digits + _AFTER_SIZE
    return (header[:_CHECKSUM_AT] + checksum + header[_CHECKSUM_AT + 8 :]).ljust(_BLOCK, b"\0")


class TarShard:
    """Writes one tar file; see `ShardFile`."""

    suffix: ClassVar[str] = "tar"

    @staticmethod
    def image_name(manifest: Manifest, index: int) -> str:
        """The member."""
        return f"{index:09d}.{manifest.image_format}"

    def __init__(self, file: IO[bytes], manifest: Manifest) -> None:
        self._file = file
        self._image = manifest.image_format
        self._bytes = 0

    def add(self, items: Sequence[Item]) -> None:
        """Three members each."""
        parts: list[bytes] = []
        for item in items:
            for suffix, data in ((self._image, item.image), ("txt", item.text.encode()), ("json", item.record)):
                parts += (
                    tar_header(f"{item.index:09d}.{suffix}".encode(), len(data)),
                    data,
                    b"\0" * (-len(data) % 512),
                )
        whole = b"".join(parts)
        self._bytes += len(whole)
        self._file.write(whole)

    def finish(self) -> None:
        """Two blocks of zeros, and as many as make the last record full."""
        end = 2 * _BLOCK
        self._file.write(b"\0" * (end + -(self._bytes + end) % _RECORD))

    @staticmethod
    def side_files(manifest: Manifest) -> dict[str, bytes]:
        """None."""
        return {}


class WebDatasetWriter(ShardedWriter):
    """Writes the format `webdataset`."""

    shard_file = TarShard
