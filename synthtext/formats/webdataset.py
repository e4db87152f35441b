"""The format `webdataset`: POSIX tar files, of each sample the members `<key>.jpg`, `<key>.txt` and `<key>.json`.

With `Encoding.ink` also `<key>.ink.png`, `<key>.ink_words.png` and `<key>.ink_chars.png`, the ink masks.
The key is the index, in nine digits or more. The headers are written here and not by `tarfile`, which needs as long
for three of them as the engine for half a word; every field but name, size and checksum is the same for all.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import IO, ClassVar

from synthtext.formats.base import Item, Manifest
from synthtext.formats.shards import ShardedWriter
from synthtext.labels.ink_maps import INK_NAMES

FORMAT = {
    "name": "webdataset",
    "help": "tar shards for WebDataset: key.jpg, key.txt, key.json",
    "writer": "WebDatasetWriter",
    "sharded": True,
}

_INK = tuple(f".{name}.png".encode() for name in INK_NAMES.values())
_BLOCK = 512
_ZEROS = bytes(_BLOCK)
_RECORD = 20 * _BLOCK  # what tar files are padded to

# ustar (POSIX.1-1988), from the mode on: mode, uid, gid, then size; mtime, 8 blanks for the checksum, type; magic,
# version, user, group. No time and no user: the bytes are the samples' alone.
_BEFORE_SIZE = b"0000644\0" + b"0000000\0" * 2
_MTIME = b"%011o\0" % 0
_AFTER_CHECKSUM = (b"0" + b"\0" * 100 + b"ustar\x0000").ljust(_BLOCK - 156, b"\0")
_AFTER_SIZE = _MTIME + b" " * 8 + _AFTER_CHECKSUM


def tar_header(name: bytes, size: int) -> bytes:
    """The 512 bytes before a member: `name` of at most 100 bytes, `size` below 8 GiB."""
    return b"".join(_header(name, *_tail(len(name), b""), size))


@functools.lru_cache(maxsize=64)
def _tail(length: int, suffix: bytes) -> tuple[bytes, int]:
    """What follows the first `length` bytes of a name up to the size, `suffix` first; and the sum of its bytes."""
    tail = suffix + b"\0" * (100 - length - len(suffix)) + _BEFORE_SIZE
    return tail, sum(tail) + sum(_AFTER_SIZE)


def _header(stem: bytes, tail: bytes, fixed_sum: int, size: int) -> tuple[bytes, ...]:
    """A member's header in pieces. The checksum is the sum of all bytes, with blanks in its own place."""
    digits = b"%011o\0" % size
    return stem, tail, digits, _MTIME, b"%06o\0 " % (fixed_sum + sum(stem) + sum(digits)), _AFTER_CHECKSUM


class TarShard:
    """Writes one tar file; see `ShardFile`."""

    suffix: ClassVar[str] = "tar"

    @staticmethod
    def image_name(manifest: Manifest, index: int) -> str:
        """The member."""
        return f"{index:09d}.{manifest.image_format}"

    def __init__(self, file: IO[bytes], manifest: Manifest) -> None:
        self._file = file
        self._image = b"." + manifest.image_format.encode()
        self._bytes = 0

    def add(self, items: Sequence[Item]) -> None:
        """Three members each, and those of the ink masks."""
        parts: list[bytes] = []
        for item in items:
            stem = b"%09d" % item.index
            members = ((self._image, item.image), (b".txt", item.text.encode()), (b".json", item.record))
            for suffix, data in (*members, *zip(_INK, item.ink, strict=bool(item.ink))):
                size = len(data)
                parts += (*_header(stem, *_tail(len(stem), suffix), size), data, _ZEROS[: -size % _BLOCK])
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
