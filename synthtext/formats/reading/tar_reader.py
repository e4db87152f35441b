"""Tar shards as the library `webdataset` reads them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from synthtext.core.errors import InputError
from synthtext.formats.reading.entries import PICTURES, Entry, FoundManifest, Record, unit_of
from synthtext.formats.reading.json_records import DAMAGED, decode_object
from synthtext.formats.reading.picture_files import is_hidden
from synthtext.labels.ink_maps import INK_NAMES

_BLOCK = 512


def _number(field: bytes) -> int:
    """A number of a tar header (POSIX.1-1988 ustar: octal; GNU: base 256 where the first bit is set).

    Raises ValueError.
    """
    if field[0] & 0x80:
        return int.from_bytes(field[1:], "big")
    value = int(field.split(b"\0", 1)[0].strip() or b"0", 8)
    if value < 0:
        raise ValueError
    return value


def _pax(data: bytes) -> dict[str, str]:
    """The records `length key=value` of a pax header (POSIX.1-2001). Raises ValueError."""
    found = {}
    while data:
        length, _, rest = data.partition(b" ")
        size = int(length)
        if size <= len(length):
            raise ValueError
        key, _, value = rest[: size - len(length) - 2].partition(b"=")
        found[key.decode("utf-8", "replace")] = value.decode("utf-8", "replace")
        data = data[size:]
    return found


def tar_members(path: Path) -> Iterator[tuple[str, int, int]]:
    """(name, offset, bytes) of each file in an uncompressed tar, by its headers alone: several times as fast as
    tarfile.

    Raises InputError where the file is no tar or is cut off.
    """
    size = path.stat().st_size
    if not size:
        raise InputError(f"{path}: is empty; fetch it again")
    at, name, long = 0, "", ""
    with open(path, "rb") as file:
        while True:
            header = file.read(_BLOCK)
            if len(header) < _BLOCK:
                if header or at > size:
                    raise InputError(f"{path}: is cut off at byte {size}; fetch it again")
                return
            if not header.strip(b"\0"):
                return
            try:
                length = _number(header[124:136])
                if _number(header[148:156]) != sum(header) - sum(header[148:156]) + 8 * 32:
                    raise ValueError
            except ValueError:
                raise InputError(f"{path}: is no tar file, or is damaged at byte {at}; fetch it again") from None
            at += _BLOCK
            if at + length > size:
                raise InputError(f"{path}: is cut off at byte {size}; fetch it again")
            kind = header[156:157]
            if kind in b"Lx":
                data = file.read(length)
                try:
                    long = data.rstrip(b"\0").decode("utf-8", "replace") if kind == b"L" else _pax(data).get("path", "")
                except ValueError:
                    raise InputError(f"{path}: is damaged at byte {at}; fetch it again") from None
            elif kind in b"0\0":
                name = header[:100].split(b"\0", 1)[0].decode("utf-8", "replace")
                prefix = header[345:500].split(b"\0", 1)[0].decode("utf-8", "replace")
                if prefix and header[257:263] == b"ustar\0":
                    name = f"{prefix}/{name}"
                yield long or name, at, length
                long = ""
            at += -(-length // _BLOCK) * _BLOCK
            file.seek(at)


class TarReader:
    """Tar shards as the library `webdataset` reads them: files with one name up to the first dot are one sample.

    What a system leaves behind (`.DS_Store`, `._000.jpg`, `__MACOSX/`) is passed over.
    """

    format = "webdataset"

    def __init__(self, path: Path, files: list[Path], manifest: FoundManifest | None) -> None:
        self.path, self.manifest, self.unit = path, manifest, unit_of(manifest)
        self._ink = tuple(f"{name}.png" for name in INK_NAMES.values()) if manifest and manifest.ink is not None else ()
        self._files = files
        self._descriptors = [os.open(file, os.O_RDONLY | getattr(os, "O_BINARY", 0)) for file in files]
        self._samples: list[tuple[str, int, dict[str, tuple[int, int]]]] = []
        self._repeated = set[int]()  # samples of the same name as the one before them
        for i, file in enumerate(files):
            last = None
            for name, at, length in tar_members(file):
                folder, _, base = name.removeprefix("./").rpartition("/")
                if not base or any(map(is_hidden, (*folder.split("/"), base))):
                    continue
                stem, _, suffix = base.partition(".")
                key = f"{folder}/{stem}" if folder else stem
                suffix = suffix.lower()
                if key == last and suffix in self._samples[-1][2]:
                    self._repeated.add(len(self._samples))
                    last = None
                if key != last:
                    self._samples.append((key, i, {}))
                    last = key
                self._samples[-1][2][suffix] = (at, length)

    def __len__(self) -> int:
        return len(self._samples)

    def _get(self, i: int, place: tuple[int, int]) -> bytes:
        return os.pread(self._descriptors[i], place[1], place[0])

    def entries(self) -> Iterator[Entry]:
        """In the order of the shards."""
        for number, (key, i, parts) in enumerate(self._samples):
            ref = next(((i, place) for suffix, place in parts.items() if f".{suffix.split('.')[-1]}" in PICTURES), None)
            text, problem, record, has_text = "", "" if ref else "has no picture", Record(), False
            if number in self._repeated:
                problem = "has the name of the sample before it, at which webdataset stops; rename one"
            if "json" in parts:
                with contextlib.suppress(*DAMAGED):
                    record, has_text = decode_object(self._get(i, parts["json"]))
            label = next((parts[s] for s in ("txt", "gt.txt", "text", "label", "cls") if s in parts), None)
            if label is not None:
                try:
                    text = self._get(i, label).decode()
                except UnicodeDecodeError:
                    problem = "is not UTF-8"
            elif not has_text:
                problem = problem or "has no text (.txt or .json)"
            text = text or record.text
            ink = tuple((i, parts[name]) for name in self._ink if name in parts)
            yield Entry(key, text, ref, record.words, record.height, record.width, record.plan, problem, ink)

    def image(self, ref: tuple[int, tuple[int, int]] | None) -> bytes:
        """The member's bytes."""
        if ref is None:
            raise OSError("there is no picture")
        return self._get(*ref)

    def close(self) -> None:
        """Close the files."""
        for descriptor in self._descriptors:
            os.close(descriptor)
