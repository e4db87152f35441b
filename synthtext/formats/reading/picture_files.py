"""Pictures and label files below a folder: bytes of the ones, lines of the others."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path


def read_bytes(path: Path | str) -> bytes:
    # Not `open`: of a few kilobytes, its buffering costs as much as the file.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        size = os.fstat(descriptor).st_size
        data = os.read(descriptor, size)
        while len(data) < size and (more := os.read(descriptor, size - len(data))):
            data += more
        return data
    finally:
        os.close(descriptor)


class PictureFiles:
    """Pictures that are files below a folder; `ref` is the path below it. No label leads out of the folder."""

    def __init__(self, root: Path) -> None:
        self.path = root
        self._inside = os.path.realpath(root)

    def image(self, ref: str) -> bytes:
        """The file's bytes."""
        full = os.path.join(self._inside, ref)
        if ".." in ref or os.path.isabs(ref):
            full = os.path.normpath(full)
            if not full.startswith(self._inside + os.sep):
                raise OSError(f"the label leads out of the data set's folder: {ref}")
        return read_bytes(full)

    def close(self) -> None:
        """Nothing is open."""


def lines_of(path: Path) -> Iterator[tuple[int, str | None]]:
    """(number, line) of a text file, without its end; None for a line that is not UTF-8."""
    with open(path, "rb") as file:
        for number, line in enumerate(file, 1):
            line = line.rstrip(b"\r\n")
            if number == 1:
                line = line.removeprefix(b"\xef\xbb\xbf")
            try:
                yield number, line.decode()
            except UnicodeDecodeError:
                yield number, None


def count_lines(path: Path) -> int:
    count, last = 0, b"\n"
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            count += block.count(b"\n")
            last = block
    return count + (not last.endswith(b"\n"))
