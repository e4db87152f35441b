"""The format `mds`: MosaicML Streaming's shards, which its `StreamingDataset` reads; written without that library.

Columns: `image` (the library's encoding "jpeg" or "png": it gives a PIL image), `text` ("str"), `label` ("json", the
label record) and `index` ("int"); with `Encoding.ink` also `ink`, `ink_chars` and `ink_words` ("png"). A shard, all
integers uint32 and little-endian:

    number of samples n; n + 1 offsets of the samples in the file; the description of the columns, JSON; the samples,
    each the lengths of its columns that have no fixed one, then the columns by name

`index.json` lists the shards as the library wants it.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from itertools import accumulate
from typing import IO, Any, ClassVar

from synthtext.core.errors import InputError
from synthtext.formats.base import Item, Manifest
from synthtext.formats.shards import ShardedWriter
from synthtext.labels.ink_maps import INK_NAMES

FORMAT = {"name": "mds", "help": "MDS shards for MosaicML Streaming", "writer": "MdsWriter", "sharded": True}

_LIMIT = 1 << 32  # what the offsets can tell
_ENCODINGS = {"index": "int", "label": "json", "text": "str"}


def _columns(manifest: Manifest) -> dict[str, Any]:
    encodings = {"image": "png" if manifest.image_format == "png" else "jpeg", **_ENCODINGS}
    if manifest.ink is not None:
        encodings |= dict.fromkeys(INK_NAMES.values(), "png")
    names = sorted(encodings)
    return {
        "column_encodings": [encodings[name] for name in names],
        "column_names": names,
        "column_sizes": [8 if name == "index" else None for name in names],
        "compression": None,
        "format": "mds",
        "hashes": ["sha256"],
        "size_limit": None,
        "version": 2,
    }


class MdsShard:
    """Writes one MDS file; see `ShardFile`. The offsets come first: a shard is held in memory until it is whole."""

    suffix: ClassVar[str] = "mds"

    @staticmethod
    def image_name(manifest: Manifest, index: int) -> str:
        """The image's name, by which no reader asks."""
        return f"{index:09d}.{manifest.image_format}"

    def __init__(self, file: IO[bytes], manifest: Manifest) -> None:
        self._file = file
        self._columns = json.dumps(_columns(manifest), sort_keys=True).encode()
        self._samples: list[bytes] = []

    def add(self, items: Sequence[Item]) -> None:
        """Each as one piece of bytes."""
        for item in items:
            cells = {"image": item.image, "label": item.record, "text": item.text.encode()}
            cells |= dict(zip(INK_NAMES.values(), item.ink, strict=bool(item.ink)))
            lengths = struct.pack(f"<{len(cells)}I", *(len(cells[name]) for name in sorted(cells)))
            cells["index"] = struct.pack("<q", item.index)
            self._samples.append(b"".join((lengths, *(cells[name] for name in sorted(cells)))))

    def finish(self) -> None:
        """The whole file."""
        n = len(self._samples)
        begin = 4 + 4 * (n + 1) + len(self._columns)
        offsets = list(accumulate(map(len, self._samples), initial=begin))
        if offsets[-1] >= _LIMIT:
            raise InputError(
                f"--format mds: {n:,} samples are {offsets[-1]:,} bytes, and a shard holds less than 4 GiB; lower "
                "--shard-size"
            )
        self._file.write(struct.pack(f"<{n + 2}I", n, *offsets) + self._columns)
        self._file.write(b"".join(self._samples))
        self._samples.clear()

    @staticmethod
    def side_files(manifest: Manifest) -> dict[str, bytes]:
        """The library's index."""
        shards = [
            {
                **_columns(manifest),
                "raw_data": {"basename": s.name, "bytes": s.bytes, "hashes": {"sha256": s.sha256}},
                "samples": s.samples,
                "zip_data": None,
            }
            for s in manifest.shards
        ]
        return {"index.json": json.dumps({"shards": shards, "version": 2}, sort_keys=True).encode()}


class MdsWriter(ShardedWriter):
    """Writes the format `mds`."""

    shard_file = MdsShard
