"""Our format `folder`: `labels.jsonl`, a label record a line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from synthtext.formats.reading.entries import Entry, Manifest, decode_record, entry_of, unit_of
from synthtext.formats.reading.picture_files import PictureFiles, count_lines


class RecordReader(PictureFiles):
    """Our format `folder`: `labels.jsonl`, a label record a line."""

    format = "folder"

    def __init__(self, root: Path, table: Path, manifest: Manifest | None) -> None:
        super().__init__(root)
        self._table = table
        self.manifest = manifest
        self.unit = unit_of(manifest)

    def __len__(self) -> int:
        return count_lines(self._table)

    def entries(self) -> Iterator[Entry]:
        """A line that is no record comes as an entry with a problem."""
        with open(self._table, "rb") as file:
            for number, line in enumerate(file, 1):
                try:
                    record = decode_record(line)
                except (msgspec.DecodeError, UnicodeDecodeError) as error:
                    yield Entry(f"{self._table.name}:{number}", "", "", problem=f"is no label record ({error})")
                    continue
                yield entry_of(record, record.image, record.image)
