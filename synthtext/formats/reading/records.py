"""A JSON object a line: our `labels.jsonl`, the `metadata.jsonl` of Hugging Face's imagefolder, and their like."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from synthtext.errors import InputError
from synthtext.formats.reading.entries import (
    PICTURE_KEYS,
    TEXT_KEYS,
    Entry,
    Manifest,
    decode_record,
    entry_of,
    unit_of,
)
from synthtext.formats.reading.picture_files import LOOKED_AT, PictureFiles, count_lines, find_place

DAMAGED = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def named_text(row: dict[str, Any]) -> tuple[str, str | None]:
    """The picture's name, "" where there is none, and the text, None where there is none, of any maker's object."""
    name = next((row[key] for key in PICTURE_KEYS if isinstance(row.get(key), str)), "")
    return name, next((row[key] for key in TEXT_KEYS if isinstance(row.get(key), str)), None)


def _decode(line: bytes) -> tuple[Entry, str]:
    """(the entry, its picture's name) of a line, whichever way it calls the two. Raises as DAMAGED has it."""
    try:
        record = decode_record(line)
        if record.image:
            return entry_of(record, record.image, record.image), record.image
    except msgspec.ValidationError:
        pass
    name, text = named_text(msgspec.json.decode(line, type=dict[str, Any]))
    if not name:
        raise msgspec.DecodeError("it names no picture: give image or file_name")
    return Entry(name, text or "", name, problem="" if text is not None else "has no text"), name


class RecordReader(PictureFiles):
    """A file of label records (docs/formats.md), or of objects with a picture's name and a text, one a line."""

    format = "folder"

    def __init__(self, root: Path, table: Path, manifest: Manifest | None) -> None:
        super().__init__(root)
        self._table = table
        self.manifest = manifest
        self.unit = unit_of(manifest)
        if manifest is None:
            self._place = find_place(root, (name for entry, name in islice(self._decoded(), LOOKED_AT) if name))

    def __len__(self) -> int:
        return count_lines(self._table)

    def _decoded(self) -> Iterator[tuple[Entry, str]]:
        try:
            with open(self._table, "rb") as file:
                for number, line in enumerate(file, 1):
                    try:
                        yield _decode(line.removeprefix(b"\xef\xbb\xbf"))
                    except DAMAGED as error:
                        yield (
                            Entry(f"{self._table.name}:{number}", "", None, problem=f"is no label record ({error})"),
                            "",
                        )
        except OSError as error:
            raise InputError(f"{self._table}: cannot be read: {error.strerror or error}") from None

    def entries(self) -> Iterator[Entry]:
        """A line that is no record comes as an entry with a problem."""
        if self.manifest is not None:
            yield from (entry for entry, _ in self._decoded())
            return
        for entry, name in self._decoded():
            yield msgspec.structs.replace(entry, ref=self._place.path(name)) if name else entry
