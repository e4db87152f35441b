"""What every data set on disk has in common: encoded samples, the manifest `dataset.json`, and the writer's protocol.

A sample is encoded where it was made (in a worker process) into an `Item`: plain bytes. A writer takes items in the
order of their indices and never looks inside.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol

import msgspec
from msgspec import Struct

from synthtext.errors import InputError

FORMAT_VERSION = 1
MANIFEST = "dataset.json"
REPORT = "report.json"
IMAGE_FORMATS = ("jpg", "png")


class Encoding(Struct, frozen=True):
    """How samples are encoded. `quality`: of JPEG, 1 to 100. `plans`: each record holds the sample's plan."""

    image_format: str = "jpg"
    quality: int = 95
    plans: bool = False


class Item(Struct, frozen=True, array_like=True):
    """An encoded sample: its index, transcription, the image file's bytes and the label record, a line of JSON."""

    index: int
    text: str
    image: bytes
    record: bytes


class Manifest(Struct, frozen=True, forbid_unknown_fields=True):
    """`dataset.json`: what a data set is made of, and how much of it is there.

    `digest`: of configuration, resources and version (`Generator.digest`). `count`: samples asked for, of the indices
    from `start`. `written`: samples that are whole on disk; `bytes`: how long the growing files were then.
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

    @property
    def encoding(self) -> Encoding:
        """How its samples are encoded."""
        return Encoding(self.image_format, self.quality, self.plans)


class Writer(Protocol):
    """Writes one data set, in the order of the indices.

    `entries`: the names that it makes in the data set's folder, beside the manifest and the report.
    `written`: samples that were whole when it opened the folder.
    """

    entries: ClassVar[frozenset[str]]
    written: int

    @staticmethod
    def image_name(manifest: Manifest, index: int) -> str:
        """Where the data set holds the image of an index: what the label record says under `image`."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        """Open for writing after the samples that are whole; what was half-written beyond them is cut off."""

    def write(self, items: Sequence[Item]) -> None:
        """Take the next samples. Raises OSError where the disk refuses."""

    def commit(self) -> dict[str, int]:
        """Bring all that was taken safely to disk; returns the manifest's `bytes`."""

    def texts(self) -> Iterator[str]:
        """The transcriptions as they can be read back, in order."""

    def close(self) -> None:
        """Let go of the files; what was not committed may be lost."""


def read_manifest(folder: Path) -> Manifest | None:
    """The folder's manifest; None where there is none. Raises InputError for one that cannot be read."""
    path = folder / MANIFEST
    try:
        return msgspec.json.decode(path.read_bytes(), type=Manifest)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path}: is not the manifest of a data set that this version of synthtext can read ({error}); "
            "choose another folder"
        ) from None


def write_atomically(path: Path, content: bytes) -> None:
    """Replace a file so that after a kill or a power cut it is the old one or the new one, whole."""
    temporary = path.with_name(path.name + ".tmp")
    with open(temporary, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Bring a folder's entries to disk (not possible on Windows, where nothing is done)."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Replace `dataset.json`."""
    text = json.dumps(msgspec.to_builtins(manifest), indent=1, ensure_ascii=False)
    write_atomically(folder / MANIFEST, text.encode() + b"\n")
