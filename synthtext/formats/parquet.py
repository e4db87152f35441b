"""The format `parquet`: what the Hugging Face library `datasets` loads as it stands, `load_dataset("words/")`.

    image    struct of `bytes`, the image file, and `path`, its name: the feature `Image`
    text     the transcription
    label    the label record, JSON
    index    the sample's index

The features stand in the files' metadata under "huggingface"; `README.md` tells the library which files to load.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from importlib.util import find_spec
from typing import IO, Any, ClassVar

from synthtext.core.errors import InputError
from synthtext.formats.base import Item, Manifest
from synthtext.formats.shards import ShardedWriter

FORMAT = {
    "name": "parquet",
    "help": "Parquet shards that Hugging Face datasets loads [extra parquet]",
    "writer": "ParquetWriter",
    "sharded": True,
}

if find_spec("pyarrow") is None:
    raise InputError('--format parquet: the package pyarrow is missing; pip install "synthtext[parquet]"')

_GROUP_ROWS = 1000  # of a row group: what a reader holds at a time
_GROUP_BYTES = 32 << 20
_VALUE = {"text": "string", "label": "string", "index": "int64"}
_FEATURES = {"image": {"_type": "Image"}, **{k: {"dtype": v, "_type": "Value"} for k, v in _VALUE.items()}}
# What the library calls the usual splits.
_SPLITS = {"val": "validation", "valid": "validation", "dev": "validation"}


@functools.cache
def _arrow() -> tuple[Any, Any, Any]:
    """pyarrow, pyarrow.parquet, and the files' schema.

    Imported when the first shard is opened: pyarrow starts a thread, after which no worker would be forked.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema(
        [
            ("image", pa.struct([("bytes", pa.binary()), ("path", pa.string())])),
            ("text", pa.string()),
            ("label", pa.string()),
            ("index", pa.int64()),
        ],
        {"huggingface": json.dumps({"info": {"features": _FEATURES}})},
    )
    return pa, pq, schema


class ParquetShard:
    """Writes one Parquet file; see `ShardFile`."""

    suffix: ClassVar[str] = "parquet"

    @staticmethod
    def image_name(manifest: Manifest, index: int) -> str:
        """The `path` of the image struct."""
        return f"{index:09d}.{manifest.image_format}"

    def __init__(self, file: IO[bytes], manifest: Manifest) -> None:
        self._manifest = manifest
        self._items: list[Item] = []
        self._held = 0
        _, pq, schema = _arrow()
        self._writer = pq.ParquetWriter(
            file,
            schema,
            # Images are compressed already; label records shrink to a fifth.
            compression={"image.bytes": "none", "image.path": "zstd", "text": "zstd", "label": "zstd", "index": "zstd"},
            compression_level={"image.path": 1, "text": 1, "label": 1, "index": 1},
            use_dictionary=False,
            write_statistics=["index"],
        )

    def add(self, items: Sequence[Item]) -> None:
        """A row each; a row group when it is full."""
        for item in items:
            self._items.append(item)
            self._held += len(item.image) + len(item.record)
            if len(self._items) == _GROUP_ROWS or self._held >= _GROUP_BYTES:
                self._flush()

    def _flush(self) -> None:
        pa, _, schema = _arrow()
        items = self._items
        names = [self.image_name(self._manifest, item.index) for item in items]
        image = pa.StructArray.from_arrays(
            [pa.array([item.image for item in items], pa.binary()), pa.array(names, pa.string())], ["bytes", "path"]
        )
        columns = [
            image,
            pa.array([item.text for item in items], pa.string()),
            pa.array([item.record for item in items], pa.string()),
            pa.array([item.index for item in items], pa.int64()),
        ]
        self._writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=schema))
        self._items, self._held = [], 0

    def finish(self) -> None:
        """The last row group and the file's end."""
        if self._items:
            self._flush()
        self._writer.close()

    @staticmethod
    def side_files(manifest: Manifest) -> dict[str, bytes]:
        """The data set's card, by whose head `datasets` knows the files and the split."""
        name = (manifest.split or {}).get("name", "train")
        card = f"""---
configs:
- config_name: default
  data_files:
  - split: {_SPLITS.get(name, name)}
    path: "*.parquet"
---

{manifest.count:,} text images with exact labels, made by synthtext {manifest.synthtext}; dataset.json says how.
"""
        return {"README.md": card.encode()}


class ParquetWriter(ShardedWriter):
    """Writes the format `parquet`."""

    shard_file = ParquetShard
