r"""The format `folder`: image files in numbered subfolders, `labels.tsv` and `labels.jsonl`.

images/000/000000007.jpg   the image of index 7; a subfolder holds the 1,000 indices that begin with its number
labels.tsv                 image <TAB> text: the very text, without escapes or quotes; but a blank for each line break
                           in it (`one_line`): `labels.jsonl` has the true one
labels.jsonl               a label record a line
ink/000/000000007.png      with `Encoding.ink`: its ink masks, coverage here, ids in `ink_words` and `ink_chars` alike
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

import msgspec
from msgspec import Struct

from synthtext.core.errors import InputError
from synthtext.formats.base import Item, Manifest, after_written, local_path
from synthtext.formats.storage import Storage
from synthtext.labels.ink_maps import INK_NAMES

FORMAT = {
    "name": "folder",
    "help": "image files, labels.tsv and labels.jsonl",
    "writer": "FolderWriter",
    "sharded": False,
}

_BREAK = re.compile("\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")  # where `str.splitlines` splits
_UNESCAPES = {"\\\\": "\\", "\\t": "\t", "\\n": "\n", "\\r": "\r"}
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)


class _Text(Struct):
    text: str


_DECODE = msgspec.json.Decoder(_Text)


def one_line(text: str) -> str:
    """A text as it stands in `labels.tsv`: a blank for each line break."""
    return _BREAK.sub(" ", text)


def unescape(cell: str) -> str:
    """The text of a cell of `labels.tsv` as `format_version` 1 wrote it."""
    return re.sub(r"\\[\\tnr]", lambda match: _UNESCAPES[match.group()], cell)


class FolderWriter:
    """Writes the format `folder`; see `Writer`."""

    entries: ClassVar[frozenset[str]] = frozenset({"images", "labels.tsv", "labels.jsonl", *INK_NAMES.values()})

    @classmethod
    def owns(cls, name: str) -> bool:
        """Whether it makes this name."""
        return name in cls.entries

    @staticmethod
    def image_name(manifest: Manifest, index: int) -> str:
        """The image file's path below the data set's folder."""
        return f"images/{index // 1000:03d}/{index:09d}.{manifest.image_format}"

    def __init__(self, storage: Storage, manifest: Manifest) -> None:
        folder = local_path(storage, manifest.format)
        self.manifest = manifest
        self._taken = manifest.written
        self._folder = folder
        self._subfolder = -1
        self._labels = open(_cut(folder / "labels.tsv", manifest), "ab")  # noqa: SIM115 (closed by `close`)
        self._records = open(_cut(folder / "labels.jsonl", manifest), "ab")  # noqa: SIM115

    def write(self, items: Sequence[Item]) -> None:
        """An image file that a killed run left half-written has the same name, and is written again here."""
        labels: list[str] = []
        records: list[bytes] = []
        for item in items:
            name = self.image_name(self.manifest, item.index)
            path = f"{self._folder}/{name}"
            if item.index // 1000 != self._subfolder:
                os.makedirs(os.path.dirname(path), exist_ok=True)
                for folder in INK_NAMES.values() if item.ink else ():
                    os.makedirs(f"{self._folder}/{folder}/{item.index // 1000:03d}", exist_ok=True)
                self._subfolder = item.index // 1000
            _write_file(path, item.image)
            for folder, data in zip(INK_NAMES.values(), item.ink, strict=bool(item.ink)):
                _write_file(f"{self._folder}/{folder}/{item.index // 1000:03d}/{item.index:09d}.png", data)
            labels.append(f"{name}\t{one_line(item.text)}\n")
            records += (item.record, b"\n")
        self._taken += len(items)
        self._labels.write("".join(labels).encode())
        self._records.write(b"".join(records))

    def missing(self) -> list[range]:
        """What comes after the samples that are whole."""
        return after_written(self.manifest)

    def commit(self) -> Manifest:
        """With the lengths of the two label files."""
        sizes = {}
        for file in (self._labels, self._records):
            file.flush()
            os.fsync(file.fileno())
            sizes[Path(file.name).name] = os.fstat(file.fileno()).st_size
        self.manifest = msgspec.structs.replace(self.manifest, written=self._taken, bytes=sizes)
        return self.manifest

    def finish(self) -> None:
        """Nothing lies beside the samples."""

    def texts(self) -> Iterator[str]:
        """The texts of `labels.jsonl`."""
        with open(self._folder / "labels.jsonl", "rb") as file:
            for line in file:
                yield _DECODE.decode(line).text

    def unsayable(self) -> int:
        """None: a text with line breaks is whole in `labels.jsonl`."""
        return 0

    def close(self) -> Manifest:
        """Close the two label files."""
        for file in (self._labels, self._records):
            try:
                file.close()
            except OSError:
                # The disk is full, which `write` or `commit` has told already.
                file.raw.close()
        return self.manifest


def _write_file(path: str, data: bytes) -> None:
    # Not `open`: of a few kilobytes, its buffering costs as much as the file.
    descriptor = os.open(path, _NEW_FILE, 0o666)
    try:
        done = os.write(descriptor, data)
        while done < len(data):
            done += os.write(descriptor, data[done:])
    finally:
        os.close(descriptor)


def _cut(path: Path, manifest: Manifest) -> Path:
    """Cut off what was written after the last commit."""
    committed = manifest.bytes.get(path.name, 0)
    size = path.stat().st_size if path.exists() else 0
    if size < committed:
        raise InputError(
            f"{path}: is {size} bytes long, shorter than the {committed} that dataset.json knows of; "
            "it was changed since: start again with --overwrite"
        )
    if size > committed:
        os.truncate(path, committed)
    return path
