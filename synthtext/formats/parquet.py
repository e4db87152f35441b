"""The format `parquet`: what the Hugging Face library `datasets` loads as it stands, `load_dataset("words/")`.

    image    struct of `bytes`, the image file, and `path`, its name: the feature `Image`
    text     the transcription
    label    the label record, JSON
    index    the sample's index
    ink      with `Encoding.ink`: as `image`, the PNG files of its ink masks; `ink_words`, `ink_chars` alike

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
from synthtext.labels.ink_maps import INK_NAMES

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
_PICTURE = {"_type": "Image"}
_FEATURES = {"image": _PICTURE, **{k: {"dtype": v, "_type": "Value"} for k, v in _VALUE.items()}}
# What the library calls the usual splits.
_SPLITS = {"val": "validation", "valid": "validation", "dev": "validation"}


@functools.cache
def _arrow(ink: bool) -> tuple[Any, Any, Any]:
    """pyarrow, pyarrow.parquet, and the files' schema.

    Imported when the first shard is opened: pyarrow starts a thread, after which no worker would be forked.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    picture = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    names = tuple(INK_NAMES.values()) if ink else ()
    features = _FEATURES | dict.fromkeys(names, _PICTURE)
    schema = pa.schema(
        [
            ("image", picture),
            ("text", pa.string()),
            ("label", pa.string()),
            ("index", pa.int64()),
            *((name, picture) for name in names),
        ],
        {"huggingface": json.dumps({"info": {"features": features}})},
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
        _, pq, schema = _arrow(manifest.ink is not None)
        # Images are compressed already; label records shrink to a fifth.
        plain = ["image", *(INK_NAMES.values() if manifest.ink is not None else ())]
        packed = [*(f"{name}.path" for name in plain), "text", "label", "index"]
        self._writer = pq.ParquetWriter(
            file,
            schema,
            compression=dict.fromkeys((f"{name}.bytes" for name in plain), "none") | dict.fromkeys(packed, "zstd"),
            compression_level=dict.fromkeys(packed, 1),
            use_dictionary=False,
            write_statistics=["index"],
        )

    def add(self, items: Sequence[Item]) -> None:
        """A row each; a row group when it is full."""
        for item in items:
            self._items.append(item)
            self._held += item.size
            if len(self._items) == _GROUP_ROWS or self._held >= _GROUP_BYTES:
                self._flush()

    def _flush(self) -> None:
        pa, _, schema = _arrow(self._manifest.ink is not None)
        items = self._items
        names = [self.image_name(self._manifest, item.index) for item in items]

        def pictures(files: list[bytes], names: list[str]) -> Any:
            return pa.StructArray.from_arrays(
                [pa.array(files, pa.binary()), pa.array(names, pa.string())], ["bytes", "path"]
            )

        columns = [
            pictures([item.image for item in items], names),
            pa.array([item.text for item in items], pa.string()),
            pa.array([item.record for item in items], pa.string()),
            pa.array([item.index for item in items], pa.int64()),
        ]
        if self._manifest.ink is not None:
            for k, kind in enumerate(INK_NAMES.values()):
                own = [f"{item.index:09d}.{kind}.png" for item in items]
                columns.append(pictures([item.ink[k] for item in items], own))
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
