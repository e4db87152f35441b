"""What the formats for text detectors share: the files of `folder`, and beside them the ecosystem's own.

Each adds, for a label record (see `encode.label_record`), a file of its own or lines to files that grow. Two rules hold
for all:

- *Coordinates*: what is written is the visible part (`formats/visible.py`): the word's polygon clipped to the picture,
  and a quad fitted to it. Nothing leaves the picture, and a word of which nothing is visible is left out.
- *Texts*: a text that the format, or the loaders that usually read it, would read otherwise is not written: its word is
  marked as ignored, and counted (`DetectionWriter.unsayable`).

`labels.jsonl` keeps the sample's labels as they are, and what the formats have no place for: chars, lines, visible
share.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, BinaryIO, ClassVar

import msgspec
from msgspec import Struct

from synthtext.formats.base import Item, Manifest
from synthtext.formats.folder import FolderWriter, _cut, _write_file
from synthtext.formats.storage import Storage
from synthtext.formats.visible_part import Points, visible_polygon, visible_quad

_JSON = msgspec.json.Encoder()
_DECODE = msgspec.json.Decoder()

Record = dict[str, Any]


class _Word(Struct):
    text: str
    ignore: bool


class _Texts(Struct):
    words: list[_Word]


_DECODE_TEXTS = msgspec.json.Decoder(_Texts)


def to_json(value: Any) -> bytes:
    """Compact JSON in UTF-8."""
    return _JSON.encode(value)


class DetectionWriter(FolderWriter):
    """`FolderWriter` with more files. `growing`: names of those to which every sample adds."""

    growing: ClassVar[tuple[str, ...]] = ()
    entries: ClassVar[frozenset[str]] = FolderWriter.entries

    def __init__(self, storage: Storage, manifest: Manifest) -> None:
        super().__init__(storage, manifest)
        self._growing: dict[str, BinaryIO] = {
            name: open(_cut(self._folder / name, manifest), "ab")  # noqa: SIM115 (closed by `close`)
            for name in self.growing
        }

    @staticmethod
    def sayable(text: str) -> bool:
        """Whether the format, and its usual loaders, read a word's text as it is."""
        return True

    def lines(self, record: Record) -> tuple[bytes, ...]:
        """What a sample adds to each growing file, in their order. The record: as `visible_record` gives it, and words
        whose text is not `sayable` are ignored."""
        return ()

    def file(self, record: Record) -> tuple[str, bytes] | None:
        """A file of a sample's own: its name below the data set's folder and its content."""
        return None

    def write(self, items: Sequence[Item]) -> None:
        """The files of `folder`, then the format's own."""
        super().write(items)
        made = ""
        for item in items:
            record = visible_record(_DECODE.decode(item.record))
            for word in record["words"]:
                word["ignore"] = word["ignore"] or not self.sayable(word["text"])
            for stream, lines in zip(self._growing.values(), self.lines(record), strict=True):
                stream.write(lines)
            own = self.file(record)
            if own is not None:
                path = f"{self._folder}/{own[0]}"
                if os.path.dirname(path) != made:
                    made = os.path.dirname(path)
                    os.makedirs(made, exist_ok=True)
                _write_file(path, own[1])

    def unsayable(self) -> int:
        """Words of `labels.jsonl` that a person can read and whose text the format cannot say."""
        with open(self._folder / "labels.jsonl", "rb") as file:
            return sum(
                not word.ignore and not self.sayable(word.text)
                for line in file
                for word in _DECODE_TEXTS.decode(line).words
            )

    def commit(self) -> Manifest:
        """With the lengths of all files that grow."""
        manifest = super().commit()
        sizes = dict(manifest.bytes)
        for name, stream in self._growing.items():
            stream.flush()
            os.fsync(stream.fileno())
            sizes[name] = os.fstat(stream.fileno()).st_size
        self.manifest = msgspec.structs.replace(manifest, bytes=sizes)
        return self.manifest

    def close(self) -> Manifest:
        """Close all files."""
        super().close()
        for stream in self._growing.values():
            try:
                stream.close()
            except OSError:
                stream.raw.close()  # type: ignore[attr-defined] # the disk is full, which was told already
        return self.manifest


def visible_record(record: Record) -> Record:
    """A label record of which each word's `polygon` is the visible part; without words of which nothing is visible."""
    height, width = record["height"], record["width"]
    words = [word | {"polygon": visible_polygon(word["polygon"], height, width)} for word in record["words"]]
    return record | {"words": [word for word in words if word["polygon"]]}


def fitted_quad(word: Record, record: Record) -> Points:
    """The quad fitted to the visible part of a word of a `visible_record`."""
    return visible_quad(word["quad"], word["polygon"], record["height"], record["width"])


def bounding_box(points: Points) -> tuple[float, float, float, float]:
    """The least x and y of points, and their most."""
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return min(xs), min(ys), max(xs), max(ys)


def area(points: Points) -> float:
    """Shoelace area of a polygon."""
    total = 0.0
    for (ax, ay), (bx, by) in zip([points[-1], *points[:-1]], points, strict=True):
        total += ax * by - ay * bx
    return round(0.5 * abs(total), 2)


def numbered(folder: str, prefix: str, index: int, suffix: str) -> str:
    """The name of a sample's file: `folder/000/prefix000000007suffix`, as the images have it."""
    return f"{folder}/{index // 1000:03d}/{prefix}{index:09d}{suffix}"
