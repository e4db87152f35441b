"""What the formats for text detectors share: the files of `folder`, and beside them the ecosystem's own.

Each adds, for a label record (see `encode.label_record`), a file of its own or lines to files that grow. Ignored words
are marked in the way of each format. `labels.jsonl` holds what it has no place for: chars, lines, visible share.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, BinaryIO, ClassVar

import msgspec

from synthtext.formats.base import Item, Manifest
from synthtext.formats.folder import FolderWriter, _cut, _write_file
from synthtext.formats.storage import Storage

_JSON = msgspec.json.Encoder()
_DECODE = msgspec.json.Decoder()

Record = dict[str, Any]
Points = list[list[float]]


def to_json(value: Any) -> bytes:
    """Compact JSON in UTF-8."""
    return _JSON.encode(value)


class DetectionWriter(FolderWriter):
    """`FolderWriter` with more files. `growing`: names of those to which every sample adds; `single`: others."""

    growing: ClassVar[tuple[str, ...]] = ()
    entries: ClassVar[frozenset[str]] = FolderWriter.entries

    def __init__(self, storage: Storage, manifest: Manifest) -> None:
        super().__init__(storage, manifest)
        self._growing: dict[str, BinaryIO] = {
            name: open(_cut(self._folder / name, manifest), "ab")  # noqa: SIM115 (closed by `close`)
            for name in self.growing
        }

    def lines(self, record: Record) -> tuple[bytes, ...]:
        """What a sample adds to each growing file, in their order."""
        return ()

    def file(self, record: Record) -> tuple[str, bytes] | None:
        """A file of a sample's own: its name below the data set's folder and its content."""
        return None

    def write(self, items: Sequence[Item]) -> None:
        """The files of `folder`, then the format's own."""
        super().write(items)
        made = ""
        for item in items:
            record = _DECODE.decode(item.record)
            for stream, lines in zip(self._growing.values(), self.lines(record), strict=True):
                stream.write(lines)
            own = self.file(record)
            if own is not None:
                path = f"{self._folder}/{own[0]}"
                if os.path.dirname(path) != made:
                    made = os.path.dirname(path)
                    os.makedirs(made, exist_ok=True)
                _write_file(path, own[1])

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


def bounding_box(points: Points, height: int, width: int) -> tuple[float, float, float, float]:
    """The box x, y, width, height of points, cut to the image."""
    x0, x1 = max(min(p[0] for p in points), 0.0), min(max(p[0] for p in points), float(width))
    y0, y1 = max(min(p[1] for p in points), 0.0), min(max(p[1] for p in points), float(height))
    return x0, y0, round(max(x1 - x0, 0.0), 2), round(max(y1 - y0, 0.0), 2)


def area(points: Points) -> float:
    """Shoelace area of a polygon."""
    total = 0.0
    for (ax, ay), (bx, by) in zip([points[-1], *points[:-1]], points, strict=True):
        total += ax * by - ay * bx
    return round(0.5 * abs(total), 2)


def numbered(folder: str, prefix: str, index: int, suffix: str) -> str:
    """The name of a sample's file: `folder/000/prefix000000007suffix`, as the images have it."""
    return f"{folder}/{index // 1000:03d}/{prefix}{index:09d}{suffix}"
