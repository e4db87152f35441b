"""A list of pictures and texts, a line each: `labels.tsv`, `gt.txt`, EasyOCR's `labels.csv`, PaddleOCR's lists.

    image <TAB> text                    image, "text"                     image,text              image text
    ["1.jpg", "2.jpg"] <TAB> text       PaddleOCR's recognisers: several pictures of one text
    image <TAB> [{"transcription": ..., "points": [[x, y], ...]}, ...]    PaddleOCR's detectors

What stands between the two is what makes most of the first cells pictures that are there (else, look like pictures).
Behind a comma the text is all that follows, as EasyOCR's trainer reads it, unless every text that holds a comma or a
quote is quoted as CSV has it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec import Struct

from synthtext.formats.folder import unescape
from synthtext.formats.reading.entries import PICTURE_KEYS, TEXT_KEYS, Entry, Manifest, WordLabel, word_of
from synthtext.formats.reading.picture_files import LOOKED_AT, PictureFiles, Place, find_place, is_picture, lines_of
from synthtext.formats.reading.records import DAMAGED
from synthtext.formats.reading.truth_lines import is_ignored

_QUOTED = re.compile(r'(.+?),\s+"(.*)"\s*')  # of ICDAR's word recognition tasks
_SPACED = re.compile(r"(\S+)\s+(.*)")
_COMMA = re.compile(r"([^,]+),(.*)")
_CSV_QUOTED = re.compile(r'"(?:[^"]|"")*"\s*')
_HEADS = frozenset({*PICTURE_KEYS, *TEXT_KEYS, "id", "images", "labels", "texts", "word", "filenames"})

Cells = tuple[str, str]


class PaddleWord(Struct, frozen=True):
    """A word of PaddleOCR's `Label.txt`."""

    transcription: str
    points: list[tuple[float, float]]
    difficult: bool = False


_decode_names = msgspec.json.Decoder(list[str]).decode
_decode_words = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_word = msgspec.json.Decoder(PaddleWord).decode


def _tabbed(line: str) -> Cells | None:
    name, tab, text = line.partition("\t")
    return (name, text) if tab else None


def _by(pattern: re.Pattern[str]) -> Callable[[str], Cells | None]:
    def split(line: str) -> Cells | None:
        match = pattern.fullmatch(line)
        return (match[1], match[2]) if match else None

    return split


_WAYS: dict[str, Callable[[str], Cells | None]] = {
    "tab": _tabbed,
    "quoted": _by(_QUOTED),
    "comma": _by(_COMMA),
    "blank": _by(_SPACED),
}


class TableLayout(NamedTuple):
    """How a table is read. `way`: of _WAYS. `header`: whether the first line is one. `quoted`: as CSV has it.

    `columns`: which cells are picture and text, of a table with a header that names more than two; else ().
    `words`: whether the texts are PaddleOCR's lists of words. `matched`: share of looked-at names that are pictures
    that are there. `stripped`: whether a blank stands before every text.
    """

    way: str
    place: Place
    header: bool = False
    quoted: bool = False
    columns: tuple[int, int] | tuple[()] = ()
    words: bool = False
    matched: float = 0.0
    stripped: bool = False


def _first_names(cell: str) -> list[str]:
    """The pictures that a first cell names: one, or a list in JSON."""
    if cell.lstrip().startswith("["):
        try:
            return _decode_names(cell)
        except DAMAGED:
            pass
    return [cell.strip()] if cell.strip() else []


def decide_table(root: Path, table: Path) -> TableLayout:
    """How a table's lines are to be read, by their beginning and the pictures that are there."""
    lines = [line for _, line in islice(lines_of(table), LOOKED_AT) if line and line.strip()]
    best, score = TableLayout("tab", Place()), (-1, -1)
    for way, split in _WAYS.items():
        cells = [split(line) for line in lines]
        if way == "quoted" and not all(cells[1:] or cells):
            continue
        names = [name for pair in cells if pair for name in _first_names(pair[0])]
        if not names:
            continue
        place = find_place(root, names, table)
        seen = (place.found, sum(map(is_picture, names)))
        if seen > score:
            best, score = TableLayout(way, place, matched=place.found / max(len(lines), 1)), seen
    split = _WAYS[best.way]
    pairs = [pair for line in lines if (pair := split(line))]
    header = _is_header(root, best, lines, pairs)
    columns = _columns(best.way, lines[0]) if header else ()
    body = pairs[header:]
    if best.way in ("tab", "blank", "comma"):
        best = best._replace(words=bool(body) and all(_is_word_list(text) for _, text in body))
    if best.way == "comma":
        best = best._replace(
            quoted=_is_csv(table, header), stripped=bool(body) and all(text.startswith(" ") for _, text in body)
        )
    return best._replace(header=header, columns=columns)


def _is_header(root: Path, layout: TableLayout, lines: list[str], pairs: list[Cells]) -> bool:
    """Whether the first line names columns: its first cell is no picture, and is a usual name, or all others are."""
    split = _WAYS[layout.way]
    first = split(lines[0]) if lines else None
    if first is None:
        return False
    names = _first_names(first[0])
    if not names or any(is_picture(n) or (root / layout.place.path(n)).is_file() for n in names if "\0" not in n):
        return False
    if {cell.strip(' "\ufeff').lower() for cell in first} <= _HEADS or names[0].strip('"').lower() in _HEADS:
        return True
    return len(pairs) > 1 and all(is_picture(name) for pair in pairs[1:] for name in _first_names(pair[0]))


def _columns(way: str, line: str) -> tuple[int, int] | tuple[()]:
    """Which of the columns that a header names are the picture and the text, where they are not the first two."""
    cells = [cell.strip(' "').lower() for cell in line.split("\t" if way == "tab" else ",")]
    picture = next((cells.index(key) for key in PICTURE_KEYS if key in cells), None)
    text = next((cells.index(key) for key in TEXT_KEYS if key in cells), None)
    if picture is None or text is None or (picture, text, len(cells)) == (0, 1, 2):
        return ()
    return picture, text


def _is_csv(table: Path, header: bool) -> bool:
    """Whether all texts with a comma or a quote are quoted as CSV has it, and some are."""
    some = False
    for number, line in lines_of(table):
        pair = _WAYS["comma"](line) if line else None
        if pair is None or (header and number == 1):
            continue
        if '"' in pair[1] or "," in pair[1]:
            if _CSV_QUOTED.fullmatch(pair[1]) is None:
                return False
            some = True
    return some


def _csv_row(line: str) -> list[str]:
    """The cells of a line of CSV; none where it is damaged."""
    try:
        return next(csv.reader([line]), [])
    except csv.Error:
        return []


def _is_word_list(text: str) -> bool:
    text = text.strip()
    if text == "[]":
        return True
    return text.startswith("[{") and '"points"' in text


def table_words(text: str) -> tuple[list[WordLabel], str]:
    """The words of a cell of PaddleOCR's `Label.txt`, and what is wrong with the first that cannot be read.

    Ignored are those that read `###` or `*`, as PaddleOCR's loader has it, and those that are `difficult`.
    """
    try:
        raws = _decode_words(text)
    except DAMAGED as error:
        return [], f"is no list of words ({error})"
    words, problem = [], ""
    for k, raw in enumerate(raws):
        try:
            word = _decode_word(raw)
        except DAMAGED as error:
            problem = problem or f"word {k} cannot be read ({error})"
            continue
        if len(word.points) < 3:
            problem = problem or f"word {k} has {len(word.points)} points; a polygon has at least 3"
            continue
        text = word.transcription
        words.append(word_of(text, word.points, word.difficult or text == "*" or is_ignored(text)))
    return words, problem


class TableReader(PictureFiles):
    """A folder with a table of texts, or of words with their polygons; see above."""

    format = "folder"

    def __init__(self, root: Path, table: Path, manifest: Manifest | None = None) -> None:
        super().__init__(root)
        self._table = table
        self.manifest = manifest
        self._layout = decide_table(root, table)
        self.unit = "word" if self._layout.words else "picture"
        if self._layout.words:
            self.format = "paddleocr"

    @property
    def matched(self) -> float:
        """The share of its first names that are pictures that are there."""
        return self._layout.matched

    def __len__(self) -> int:
        return sum(1 for _ in self.entries())

    def _rows(self) -> Iterator[tuple[int, str | None, Cells | None]]:
        """(line number, the line, picture and text), without a header and empty lines."""
        layout = self._layout
        split = _WAYS[layout.way]
        for number, line in lines_of(self._table):
            if (number == 1 and layout.header) or (line is not None and not line.strip()):
                continue
            if line is None:
                yield number, None, None
            elif layout.columns:
                row = line.split("\t") if layout.way == "tab" else _csv_row(line)
                picture, text = layout.columns
                yield number, line, (row[picture], row[text]) if len(row) > max(picture, text) else None
            else:
                cells = split(line)
                if cells and layout.quoted and _CSV_QUOTED.fullmatch(cells[1]):
                    cells = cells[0], cells[1].strip()[1:-1].replace('""', '"')
                elif cells and layout.stripped:
                    cells = cells[0], cells[1].lstrip(" ")
                yield number, line, cells

    def entries(self) -> Iterator[Entry]:
        """Blank lines and a header are passed over; a line that cannot be read is an entry with a problem."""
        layout = self._layout
        for number, line, cells in self._rows():
            if line is None:
                yield Entry(f"{self._table.name}:{number}", "", None, problem="is not UTF-8")
                continue
            if cells is None or not cells[0].strip():
                name = line.strip() if cells is None else f"{self._table.name}:{number}"
                what = "has no text, only a picture's name" if cells is None else "names no picture"
                yield Entry(name, "", layout.place.path(name) if cells is None else None, problem=what)
                continue
            words, text, problem = list[WordLabel](), cells[1], ""
            if layout.words:
                words, problem = table_words(text)
                text = "\n".join(word.text for word in words if not word.ignore)
            elif self.manifest is not None and self.manifest.format_version == 1:
                text = unescape(text)  # ours had escapes once; other makers' backslashes are backslashes
            elif layout.way == "quoted":
                text = re.sub(r'\\(["\\])', r"\1", text)
            for name in _first_names(cells[0]):
                yield Entry(name, text, layout.place.path(name), words, problem=problem)


def is_table(root: Path, table: Path) -> bool:
    """Whether most lines of a file begin with pictures that are there."""
    return decide_table(root, table).matched > 0.5
