"""A table of texts beside pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from synthtext.formats.base import MANIFEST
from synthtext.formats.folder import unescape
from synthtext.formats.reading.entries import PICTURES, Entry
from synthtext.formats.reading.picture_files import PictureFiles, lines_of

_QUOTED = re.compile(r'(\S+),\s*"(.*)"\s*$')  # of ICDAR's word recognition tasks
_SPACED = re.compile(r"(\S+)\s+(.*)$")


class TableReader(PictureFiles):
    """A folder with a table of texts: `image <TAB> text`, `image text`, or `image, "text"`; see `_split`."""

    format = "folder"
    manifest = None
    unit = "picture"

    def __init__(self, root: Path, table: Path) -> None:
        super().__init__(root)
        self._table = table
        # Ours escapes; other makers' backslashes are backslashes.
        self._ours = (root / MANIFEST).is_file()
        self._below = ""
        for _, line in lines_of(table):
            name = _split(line or "")[0]
            if name and not (root / name).is_file():
                self._below = next((b for b in ("images/", "image/") if (root / b / name).is_file()), "")
            if name and Path(name).suffix:
                break

    def __len__(self) -> int:
        return sum(1 for _ in self.entries())

    def entries(self) -> Iterator[Entry]:
        """Blank lines and a header (a first line whose first cell has no picture's suffix) are passed over."""
        for number, line in lines_of(self._table):
            if line is None:
                yield Entry(f"{self._table.name}:{number}", "", "", problem="is not UTF-8")
                continue
            name, text, problem = _split(line)
            if not name or (number == 1 and Path(name).suffix.lower() not in PICTURES):
                continue
            yield Entry(name, unescape(text) if self._ours else text, self._below + name, problem=problem)


def _split(line: str) -> tuple[str, str, str]:
    """(image, text, problem) of a line."""
    if not line.strip():
        return "", "", ""
    if "\t" in line:
        name, _, text = line.partition("\t")
        return name, text, ""
    match = _QUOTED.match(line) or _SPACED.match(line)
    if match:
        return match[1], match[2], ""
    return line.strip(), "", "has no text, only a picture's name"
