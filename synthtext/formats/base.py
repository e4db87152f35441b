"""What every data set on disk has in common: encoded samples, the manifest `dataset.json`, and the writer's protocol.

A sample is encoded where it was made (in a worker process) into an `Item`: plain bytes. A writer takes items in the
order of their indices and never looks inside.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import msgspec
from msgspec import Struct

from synthtext.core.errors import InputError
from synthtext.core.versions import Versions
from synthtext.formats.storage import Storage, join, open_storage
from synthtext.labels.ink_maps import THRESHOLD

FORMAT_VERSION = 2  # 1: `labels.tsv` had escapes
MANIFEST = "dataset.json"
REPORT = "report.json"
PIECE = re.compile(r"dataset-(\d{5})-of-(\d{5})\.json")  # the manifest of a part, made by `--shard i/n`
IMAGE_FORMATS = ("jpg", "png")


class Encoding(Struct, frozen=True):
    """How samples are encoded. `quality`: of JPEG, 1 to 100. `plans`: each record holds the sample's plan.

    `ink`: ink masks go along (`labels/ink_maps.py`); `ink_threshold`: the coverage from which on a pixel has an id.
    """

    image_format: str = "jpg"
    quality: int = 95
    plans: bool = False
    ink: bool = False
    ink_threshold: float = THRESHOLD


class Item(Struct, frozen=True, array_like=True):
    """An encoded sample: its index, transcription, the image file's bytes and the label record, a line of JSON.

    `ink`: PNG files of its ink masks, in the order of INK_MAPS; empty where none are asked for.
    """

    index: int
    text: str
    image: bytes
    record: bytes
    ink: tuple[bytes, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of pictures and labels."""
        return len(self.image) + len(self.record) + sum(map(len, self.ink))


class Shard(Struct, frozen=True):
    """A shard that is whole: its file's name, index of its first sample, number of samples, length, SHA-256 in hex."""

    name: str
    first: int
    samples: int
    bytes: int
    sha256: str

    @property
    def stop(self) -> int:
        """The index after its last sample's."""
        return self.first + self.samples


class Manifest(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`dataset.json`: what a data set is made of, and how much of it is there.

    `digest`: of configuration, resources and version (`Generator.digest`). `count`: samples asked for, of the indices
    from `start`. `written`: samples that are whole on disk; `bytes`: how long the growing files were then. `ink`: the
    threshold of its ink masks, None without. `shard_size`: samples of a shard, 0 for a format without shards; `shards`:
    those that are whole, by their first index. `piece`: (i, n) where only the i-th of n parts of the shards is made
    here. `split`: which part of fonts, backgrounds and words the samples are made of, where they are divided.
    `versions`: of the libraries that made them (`library_versions`), in the order in which they were accepted; an empty
    one stands for what was not recorded.
    """

    format: str
    format_version: int
    synthtext: str
    digest: str
    seed: int
    start: int
    count: int
    image_format: str
    quality: int
    plans: bool
    config: dict[str, Any]
    written: int = 0
    bytes: dict[str, int] = {}
    ink: float | None = None
    shard_size: int = 0
    piece: tuple[int, int] | None = None
    split: dict[str, Any] | None = None
    versions: tuple[Versions, ...] = ()
    shards: tuple[Shard, ...] = ()

    @property
    def encoding(self) -> Encoding:
        """How its samples are encoded."""
        return Encoding(self.image_format, self.quality, self.plans, *(() if self.ink is None else (True, self.ink)))

    @property
    def name(self) -> str:
        """The file that it is kept in."""
        return MANIFEST if self.piece is None else f"dataset-{self.piece[0]:05d}-of-{self.piece[1]:05d}.json"

    @property
    def numbers(self) -> range:
        """The numbers of the shards that are made here, of all that the data set has."""
        whole = -(-self.count // self.shard_size)
        i, n = self.piece or (0, 1)
        return range(whole * i // n, whole * (i + 1) // n)

    def shard_range(self, number: int) -> range:
        """The indices of a shard."""
        first = self.start + number * self.shard_size
        return range(first, min(first + self.shard_size, self.start + self.count))

    @property
    def wanted(self) -> int:
        """How many samples are made here."""
        if self.piece is None:
            return self.count
        numbers = self.numbers
        return self.shard_range(numbers[-1]).stop - self.shard_range(numbers[0]).start if numbers else 0


class Writer(Protocol):
    """Writes one data set, in the order of the indices.

    `manifest`: what is whole so far; at first, of what the storage held already.
    """

    manifest: Manifest

    @staticmethod
    def owns(name: str) -> bool:
        """Whether it makes files or folders of this name, beside the manifest and the report."""

    @staticmethod
    def image_name(manifest: Manifest, index: int) -> str:
        """Where the data set holds the image of an index: what the label record says under `image`."""

    def __init__(self, storage: Storage, manifest: Manifest) -> None:
        """Open for writing after the samples that are whole; what was half-written beyond them is cut off."""

    def missing(self) -> list[range]:
        """The indices that are still to be written, as ranges that do not touch, rising."""

    def write(self, items: Sequence[Item]) -> None:
        """Take the next samples. Raises OSError where the disk refuses."""

    def commit(self) -> Manifest:
        """Bring all that was taken safely to disk (of a format with shards, those that are whole)."""

    def finish(self) -> None:
        """All is written: add what the format has beside the samples."""

    def texts(self) -> Iterator[str] | None:
        """The transcriptions as they can be read back, in order; None where that would cost too much."""

    def unsayable(self) -> int:
        """How many words are written as ignored, since the format would read their texts otherwise."""

    def close(self) -> Manifest:
        """Let go of the files; what was not committed may be lost. Gives the manifest of what is whole."""


def after_written(manifest: Manifest) -> list[range]:
    """What is missing of a data set that is written from the first sample to the last."""
    rest = range(manifest.start + manifest.written, manifest.start + manifest.count)
    return [rest] if rest else []


def local_path(storage: Storage, format: str) -> Path:
    """The folder, for a format that can only lie in one."""
    if storage.path is None:
        raise InputError(
            f"{storage}: --format {format} writes to a local folder; of the others, webdataset, parquet and "
            "mds write to any place"
        )
    return storage.path


def read_manifest(place: str | Path | Storage, name: str = MANIFEST) -> Manifest | None:
    """A data set's manifest; None where there is none. Raises InputError for one that cannot be read."""
    storage = open_storage(place)
    where = join(storage.path or str(storage), name)
    try:
        content = storage.read(name)
        return None if content is None else msgspec.json.decode(content, type=Manifest)
    except OSError as error:
        raise InputError(f"{where}: cannot be read: {error.strerror or error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(
            f"{where}: is not the manifest of a data set that this version of synthtext can read ({error}); "
            "choose another folder"
        ) from None


def write_manifest(place: str | Path | Storage, manifest: Manifest) -> None:
    """Replace the manifest: one key a line, and one shard."""
    tree = msgspec.to_builtins(manifest)
    shards = tree.pop("shards", [])
    text = json.dumps(tree, indent=1, ensure_ascii=False)
    if shards:
        rows = ",\n".join("  " + json.dumps(shard) for shard in shards)
        text = f'{text[:-2]},\n "shards": [\n{rows}\n ]\n}}'
    open_storage(place).replace(manifest.name, text.encode() + b"\n")
