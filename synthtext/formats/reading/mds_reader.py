"""MosaicML Streaming's MDS shards, listed in `index.json` (https://docs.mosaicml.com/projects/streaming).

A shard: number of samples n, n + 1 offsets (all uint32, little-endian), the columns' description; a sample: the lengths
of its columns that have no fixed one (uint32), then the columns in order. Read without that library.
"""

from __future__ import annotations

import gzip
import os
import struct
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from synthtext.core.errors import InputError
from synthtext.formats.reading.entries import (
    PICTURE_KEYS,
    TEXT_KEYS,
    Entry,
    FoundManifest,
    Record,
    decode_record,
    unit_of,
)
from synthtext.formats.reading.json_records import DAMAGED
from synthtext.formats.reading.picture_files import read_labels
from synthtext.labels.ink_maps import INK_NAMES

_PICTURES = ("jpeg", "png", "bytes", "jpeg_array")
_ZIPPED = 1 << 30  # bytes that a zipped shard may have when unpacked


class _File(Struct, frozen=True):
    basename: str
    bytes: int = 0


class _Shard(Struct, frozen=True):
    column_names: list[str]
    column_encodings: list[str]
    column_sizes: list[int | None]
    raw_data: _File
    samples: int
    zip_data: _File | None = None
    compression: str | None = None
    format: str = "mds"


class _Index(Struct, frozen=True):
    shards: list[_Shard]


def is_index(file: Path) -> bool:
    """Whether a file is the index of MDS shards."""
    try:
        return bool(msgspec.json.decode(read_labels(file), type=_Index).shards)
    except (*DAMAGED, InputError):
        return False


class MdsReader:
    """MDS shards with a column of pictures (JPEG or PNG, or bytes) and one of texts."""

    format = "mds"

    def __init__(self, path: Path, manifest: FoundManifest | None) -> None:
        index = path / "index.json"
        try:
            self._shards = msgspec.json.decode(read_labels(index), type=_Index).shards
        except DAMAGED as error:
            raise InputError(f"{index}: is no index of MDS shards ({error}); write it anew") from None
        self.path, self.manifest, self.unit = path, manifest, unit_of(manifest)
        self._has_ink = manifest is not None and manifest.ink is not None
        self._held: tuple[int, bytes, tuple[int, ...]] | None = None
        for shard in self._shards:
            name = (shard.raw_data if shard.zip_data is None else shard.zip_data).basename
            if shard.format != "mds" or (shard.compression not in (None, "", "gz") and not self._unpacked(shard)):
                raise InputError(
                    f"{path / name}: is {shard.compression or shard.format}; unpack it, or write plain MDS"
                )
            if os.path.basename(shard.raw_data.basename) != shard.raw_data.basename or os.path.basename(name) != name:
                raise InputError(f"{index}: names a shard outside of its folder: {name}")
            columns = len(shard.column_names)
            if not columns == len(shard.column_encodings) == len(shard.column_sizes) or shard.samples < 0:
                raise InputError(f"{index}: has columns without a name, an encoding or a size; write it anew")

    def _unpacked(self, shard: _Shard) -> bool:
        return os.path.isfile(self.path / shard.raw_data.basename)

    def __len__(self) -> int:
        return sum(shard.samples for shard in self._shards)

    def _column(self, shard: _Shard, kinds: tuple[str, ...], names: tuple[str, ...]) -> int:
        """Which column has one of the encodings: the first of the usual names, else the first; -1 where none has."""
        fit = [k for k, encoding in enumerate(shard.column_encodings) if encoding.split(":")[0] in kinds]
        named = [k for name in names for k in fit if shard.column_names[k] == name]
        return next(iter([*named, *fit]), -1)

    def _open(self, number: int) -> tuple[bytes, tuple[int, ...]]:
        """A shard's bytes and its samples' offsets. Raises OSError."""
        if self._held is None or self._held[0] != number:
            shard = self._shards[number]
            if self._unpacked(shard) or shard.zip_data is None:
                with open(self.path / shard.raw_data.basename, "rb") as file:
                    data = file.read()
            else:
                with gzip.open(self.path / shard.zip_data.basename, "rb") as packed:
                    data = packed.read(_ZIPPED)
            try:
                count = struct.unpack_from("<I", data)[0]
                offsets = struct.unpack_from(f"<{shard.samples + 1}I", data, 4)
            except struct.error:
                raise OSError("the shard is cut off") from None
            if count != shard.samples or offsets[-1] > len(data):
                raise OSError("the shard is cut off, or is not the one of index.json")
            self._held = (number, data, offsets)
        return self._held[1:]

    def _cells(self, number: int, k: int) -> list[bytes]:
        """A sample's columns. Raises OSError."""
        shard = self._shards[number]
        data, offsets = self._open(number)
        at, end = offsets[k], offsets[k + 1]
        sizes, cells = [], []
        for size in shard.column_sizes:
            if size is None:
                if at + 4 > end:
                    raise OSError("the sample is cut off")
                size = int.from_bytes(data[at : at + 4], "little")
                at += 4
            sizes.append(size)
        for size in sizes:
            if size < 0 or at + size > end:
                raise OSError("the sample is cut off")
            cells.append(data[at : at + size])
            at += size
        return cells

    def entries(self) -> Iterator[Entry]:
        """Shard by shard; a sample that cannot be read is told as a problem."""
        row = 0
        for number, shard in enumerate(self._shards):
            text_at = self._column(shard, ("str",), TEXT_KEYS)
            record_at = self._column(shard, ("json",), ("label",)) if self.manifest is not None else -1
            ink = tuple(name for name in INK_NAMES.values() if self._has_ink and name in shard.column_names)
            for k in range(shard.samples):
                name, text, problem, record = f"sample {row}", "", "", Record()
                row += 1
                try:
                    cells = self._cells(number, k)
                    if record_at >= 0:
                        record = decode_record(cells[record_at])
                    if text_at >= 0:
                        text = cells[text_at].decode()
                    else:
                        problem = "has no text: no column is of the encoding str"
                except OSError as error:
                    problem = f"{shard.raw_data.basename}: {error.strerror or error}"
                except DAMAGED as error:
                    problem = f"its text or label record cannot be read ({error})"
                yield Entry(
                    name, text, (number, k), record.words, record.height, record.width, record.plan, problem,
                    tuple((number, k, column) for column in ink),
                )  # fmt: skip

    def image(self, ref: tuple[int, int] | tuple[int, int, str]) -> bytes:
        """The cell's bytes: of the pictures' column, or of the one that is named."""
        shard = self._shards[ref[0]]
        named = ref[2:]
        at = shard.column_names.index(named[0]) if named else self._column(shard, _PICTURES, PICTURE_KEYS)
        if at < 0:
            raise OSError("no column holds the bytes of a JPEG or PNG file")
        return self._cells(*ref[:2])[at]

    def close(self) -> None:
        """Let go of the shard in memory."""
        self._held = None
