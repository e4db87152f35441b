"""A JSON object a line: our `labels.jsonl`, the `metadata.jsonl` of Hugging Face's imagefolder, and their like."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from synthtext.core.errors import InputError
from synthtext.formats.reading.entries import (
    PICTURE_KEYS,
    TEXT_KEYS,
    Entry,
    FoundManifest,
    Record,
    decode_record,
    entry_of,
    unit_of,
)
from synthtext.formats.reading.picture_files import LOOKED_AT, PictureFiles, count_lines, find_place, lines_in
from synthtext.labels.ink_maps import INK_NAMES

DAMAGED = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def joined(problems: list[str]) -> str:
    """The first of several problems, and how many more there are."""
    return "" if not problems else problems[0] + (f" (and {len(problems) - 1} more)" if len(problems) > 1 else "")


def text_in(row: dict[str, Any]) -> str | None:
    """The text of any maker's object, None where there is none. A number is one, but as a `label` it is a class."""
    text = next((row[key] for key in TEXT_KEYS if isinstance(row.get(key), str)), None)
    if text is None:
        text = next((str(row[key]) for key in TEXT_KEYS if key != "label" and type(row.get(key)) in (int, float)), None)
    return text


def named_text(row: dict[str, Any]) -> tuple[str, str | None]:
    """The picture's name, "" where there is none, and the text, None where there is none, of any maker's object."""
    return next((row[key] for key in PICTURE_KEYS if isinstance(row.get(key), str)), ""), text_in(row)


def decode_object(line: bytes) -> tuple[Record, bool]:
    """A label record or any maker's object, whichever way it calls the two, and whether it has a text or words.

    Raises as DAMAGED has it.
    """
    record = Record()
    try:
        record = decode_record(line)
        if record.text and record.image:
            return record, True
    except msgspec.ValidationError:
        pass
    name, text = named_text(msgspec.json.decode(line, type=dict[str, Any]))
    image = record.image or name
    return msgspec.structs.replace(record, image=image, text=text or ""), text is not None or bool(record.words)


def _decode(line: bytes) -> tuple[Entry, str]:
    """(the entry, its picture's name) of a line. Raises as DAMAGED has it."""
    record, has_text = decode_object(line)
    if not record.image:
        raise msgspec.DecodeError("it names no picture: give image or file_name")
    entry = entry_of(record, record.image, record.image)
    return (entry if has_text else msgspec.structs.replace(entry, problem="has no text")), record.image


class RecordReader(PictureFiles):
    """A file of label records (docs/formats.md), or of objects with a picture's name and a text, one a line."""

    format = "folder"

    def __init__(self, root: Path, table: Path, manifest: FoundManifest | None) -> None:
        super().__init__(root)
        self._table = table
        self.manifest = manifest
        self.unit = unit_of(manifest)
        self._has_ink = manifest is not None and manifest.ink is not None
        if manifest is None:
            self._place = find_place(root, (name for entry, name in islice(self._decoded(), LOOKED_AT) if name), table)

    def __len__(self) -> int:
        return count_lines(self._table)

    def _with_ink(self, entry: Entry) -> Entry:
        """The entry with its ink masks: as its picture's file, in folders of their own."""
        below = os.path.splitext(entry.name.removeprefix("images/"))[0]
        return msgspec.structs.replace(entry, ink=tuple(f"{folder}/{below}.png" for folder in INK_NAMES.values()))

    def _decoded(self) -> Iterator[tuple[Entry, str]]:
        try:
            with open(self._table, "rb") as file:
                for number, line in enumerate(lines_in(file), 1):
                    try:
                        record = decode_record(line)
                    except DAMAGED:
                        record = Record()
                    if record.text and record.image:  # ours: the rest is for other makers' lines
                        entry = entry_of(record, record.image, record.image)
                        yield (self._with_ink(entry) if self._has_ink else entry), record.image
                        continue
                    if line.isspace():
                        continue
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
