"""The words of one picture, out of a truth file of its own or out of a whole data set."""

from __future__ import annotations

import os
from pathlib import Path

from synthtext.core.errors import InputError
from synthtext.formats.reading.detect import open_dataset
from synthtext.formats.reading.entries import Entry, Reader, WordLabel
from synthtext.formats.reading.picture_files import read_labels
from synthtext.formats.reading.truth_files import parse_truth, to_word
from synthtext.formats.reading.truth_lines import OURS, decide_layout, is_ours, split_records


def words_of_picture(labels: str | Path, picture: str | Path) -> tuple[list[WordLabel], str]:
    """The words of a picture, and what is wrong with some of them, "" where nothing is.

    `labels`: a truth file (a polygon and a text a line), or any data set or list that `open_dataset` reads and that
    names the picture. Raises InputError: of a truth file, for the first line that cannot be read.
    """
    labels, picture = Path(labels), Path(picture)
    if not labels.is_dir() and labels.suffix.lower() not in _LISTS:
        data = read_labels(labels)
        if picture.name.encode() not in data:
            return _truth_file(labels, data, picture), ""
    reader = open_dataset(labels)
    try:
        entry = _entry_of(reader, picture)
    finally:
        reader.close()
    if entry is None:
        raise InputError(f"{labels}: names no picture {picture.name}; give the labels of that picture")
    if not entry.words:
        raise InputError(f"{labels}: has no polygons for {picture.name}{': ' if entry.problem else ''}{entry.problem}")
    return entry.words, entry.problem


_LISTS = frozenset({".json", ".jsonl", ".csv", ".tsv", ".tar", ".parquet", ".mdb", ".lmdb"})  # never of one picture


def _entry_of(reader: Reader, picture: Path) -> Entry | None:
    """The entry whose file the picture is, else the only one of its name."""
    named = [entry for entry in reader.entries() if os.path.basename(str(entry.ref or entry.name)) == picture.name]
    for entry in named:
        file = os.path.join(reader.path, str(entry.ref))
        if os.path.exists(file) and os.path.exists(picture) and os.path.samefile(file, picture):
            return entry
    return named[0] if len(named) == 1 else None


def _truth_file(labels: Path, data: bytes, picture: Path) -> list[WordLabel]:
    from synthtext.core.picture_header import picture_size

    layout = decide_layout(line for _, line in split_records(data) if line)
    if not layout.relative and is_ours(labels):
        layout = OURS
    width, height = 1, 1
    if layout.relative:
        try:
            width, height = picture_size(read_labels(picture))
        except ValueError as error:
            raise InputError(f"{picture}: {error}") from None
    found, problem = parse_truth(data, str(labels), layout)
    if problem:
        raise InputError(problem)
    return [to_word(truth, width, height) for truth in found]
