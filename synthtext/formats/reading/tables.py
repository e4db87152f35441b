"""A list of pictures and texts, a line each: `labels.tsv`, `gt.txt`, EasyOCR's `labels.csv`, PaddleOCR's lists.

    image <TAB> text                    image, "text"            image,text            image;text            image text
    ["1.jpg", "2.jpg"] <TAB> text       PaddleOCR's recognisers: several pictures of one text
    image <TAB> [{"transcription": ..., "points": [[x, y], ...]}, ...]    PaddleOCR's detectors

What stands between the two is what the header's usual names of columns are separated by, else what makes most of the
first cells pictures that are there (else, look like pictures). Behind a comma or a semicolon the text is all that
follows, as EasyOCR's trainer reads it, unless every text that holds one, a quote or a line break is quoted as CSV has
it. Of a table with more columns, each line has as many cells as its header; those beyond belong to a last text.
"""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec import Struct

from synthtext.formats.folder import unescape
from synthtext.formats.reading.entries import PICTURE_KEYS, TEXT_KEYS, Entry, FoundManifest, WordLabel, word_of
from synthtext.formats.reading.json_records import DAMAGED, joined
from synthtext.formats.reading.picture_files import LOOKED_AT, PictureFiles, Place, find_place, is_picture, lines_of
from synthtext.formats.reading.truth_lines import is_ignored

_QUOTED = re.compile(r'(.+?),\s+"(.*)"\s*')  # of ICDAR's word recognition tasks
_SPACED = re.compile(r"(\S+)\s+(.*)")
_SEPARATORS = {"tab": "\t", "comma": ",", "semicolon": ";"}
_CELLS = {
    (separator, blanks): re.compile(rf'{" *" * blanks}"([^"]*(?:""[^"]*)*)"[ \t]*(?={separator}|\Z)|([^"{separator}]*)')
    for separator in _SEPARATORS.values()
    for blanks in (False, True)
}
_MOST_LINES = 100  # of one cell of CSV
_HEADS = frozenset({*PICTURE_KEYS, *TEXT_KEYS, "id", "images", "labels", "texts", "word", "filenames"})

Cells = tuple[str, str]


class PaddleWord(Struct, frozen=True):
    """A word of PaddleOCR's `Label.txt`."""

    transcription: str | int | float | None
    points: list[tuple[float, float]]
    difficult: bool | float | str | None = False


_decode_names = msgspec.json.Decoder(list[str]).decode
_decode_words = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_word = msgspec.json.Decoder(PaddleWord).decode


def _at(separator: str) -> Callable[[str], Cells | None]:
    def split(line: str) -> Cells | None:
        if line.startswith('"') and separator != "\t":
            cell = _CELLS[separator, False].match(line)
            if cell is not None and cell[1] is not None and cell.end() < len(line):
                return cell[1].replace('""', '"'), line[cell.end() + 1 :]
        name, found, text = line.partition(separator)
        return (name, text) if found else None

    return split


def _by(pattern: re.Pattern[str]) -> Callable[[str], Cells | None]:
    def split(line: str) -> Cells | None:
        match = pattern.fullmatch(line)
        return (match[1], match[2]) if match else None

    return split


_WAYS: dict[str, Callable[[str], Cells | None]] = {
    "tab": _at("\t"),
    "quoted": _by(_QUOTED),
    "comma": _at(","),
    "semicolon": _at(";"),
    "blank": _by(_SPACED),
}


class TableLayout(NamedTuple):
    """How a table is read. `way`: of _WAYS. `header`: whether the first line is one. `quoted`: as CSV has it.

    `columns`: which cells are picture and text, and how many there are, of a table with a header that names more than
    two; else (). `words`: whether the texts are PaddleOCR's lists of words. `matched`: share of looked-at names that
    are pictures that are there. `stripped`: whether a blank stands before every text.
    """

    way: str
    place: Place
    header: bool = False
    quoted: bool = False
    columns: tuple[int, int, int] | tuple[()] = ()
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
    best = _by_header(root, table, lines) or _by_pictures(root, table, lines)
    if best.columns:
        quotes = best.way != "tab" or table.suffix.lower() == ".csv"
        return best._replace(quoted=quotes and any('"' in line for _, line in lines_of(table) if line))
    split = _WAYS[best.way]
    pairs = [pair for line in lines if (pair := split(line))]
    header = _is_header(root, best, lines, pairs)
    texts = [text for _, text in pairs[header:]]
    best = best._replace(header=header)
    if best.way in ("tab", "blank", "comma"):
        best = best._replace(words=_are_word_lists(texts))
    if best.way in ("comma", "semicolon"):
        blank = bool(texts) and all(text.startswith(" ") for text in texts)
        best = best._replace(stripped=blank and not (header and pairs[0][1][:1] != " "))
        best = best._replace(quoted=_is_csv(table, best))
    return best


def _by_header(root: Path, table: Path, lines: list[str]) -> TableLayout | None:
    """The layout that a header tells, which has usual names for the pictures and the texts."""
    for way, separator in _SEPARATORS.items() if lines else ():
        cells = [cell.strip(' "').lower() for cell in _split(lines[0], separator)]
        picture = next((cells.index(key) for key in PICTURE_KEYS if key in cells), None)
        text = next((cells.index(key) for key in TEXT_KEYS if key in cells), None)
        if picture is None or text is None:
            continue
        rows = [_split(line, separator) for line in lines[1:]]
        names = [name for row in rows if len(row) > picture for name in _first_names(row[picture])]
        place = find_place(root, names, table)
        if os.path.isfile(os.path.join(root, place.path(cells[picture]))):
            continue  # a line like the others
        columns = () if (picture, text, len(cells)) == (0, 1, 2) else (picture, text, len(cells))
        return TableLayout(way, place, header=True, columns=columns, matched=place.found / max(len(names), 1))
    return None


def _by_pictures(root: Path, table: Path, lines: list[str]) -> TableLayout:
    """The layout of two cells a line by which most of the first are pictures."""
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
    return best


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


def _split(line: str, separator: str) -> list[str]:
    """The cells of a line, as CSV has it where it can be."""
    return (_csv_cells(line, separator) if '"' in line else None) or line.split(separator)


def _csv_cells(record: str, separator: str, blanks: bool = False) -> list[str] | None:
    """The cells of a record of CSV, without their quotes; None where a quote stands at no end of a cell.

    `blanks`: whether blanks may stand before a quote.
    """
    pattern, cells, at = _CELLS[separator, blanks], list[str](), 0
    while (cell := pattern.match(record, at)) is not None:
        cells.append(cell[2] if cell[1] is None else cell[1].replace('""', '"'))
        at = cell.end()
        if at == len(record):
            return cells
        if record[at] != separator:
            return None
        at += 1
    return None


def _csv_records(
    lines: Iterable[tuple[int, str | None]], separator: str, blanks: bool
) -> Iterator[tuple[int, str | None, list[str] | None]]:
    """(number, text, cells) of each record of CSV, which goes on over the lines of an open quote.

    The cells are None where it is none: then it is one line. No line that begins with a picture goes on with a cell.
    """
    waiting = deque[tuple[int, str | None]]()
    lines = iter(lines)
    while first := waiting.popleft() if waiting else next(lines, None):
        number, record = first
        if record is not None and '"' not in record:
            yield number, record, record.split(separator)
            continue
        cells = None if record is None else _csv_cells(record, separator, blanks)
        joined = list[tuple[int, str | None]]()
        whole = record
        while cells is None and whole is not None and '"' in whole and len(joined) < _MOST_LINES:
            more = waiting[len(joined)] if len(joined) < len(waiting) else next(lines, None)
            if more is None:
                break
            if len(joined) == len(waiting):
                waiting.append(more)
            joined.append(more)
            if more[1] is None or is_picture(more[1].partition(separator)[0].strip(' "')):
                break
            whole = f"{whole}\n{more[1]}"
            if '"' in more[1]:
                cells = _csv_cells(whole, separator, blanks)
                if cells is not None:
                    record = whole
                    for _ in joined:
                        waiting.popleft()
        yield number, record, cells


def _is_csv(table: Path, layout: TableLayout) -> bool:
    """Whether a table of two cells a line is CSV, so that cells with a separator or a quote are quoted, and some are.

    Blanks before a quote are passed over in a file that is called CSV.
    """
    some = False
    blanks = layout.stripped and table.suffix.lower() == ".csv"
    for number, record, cells in _csv_records(lines_of(table), _SEPARATORS[layout.way], blanks):
        if record is None or not record.strip() or (layout.header and number == 1):
            continue
        if cells is None or len(cells) > 2:
            return False
        some = some or '"' in record
    return some


def _are_word_lists(texts: list[str]) -> bool:
    """Whether texts are PaddleOCR's lists of words: at least half of them, and more than empty lists."""
    full = sum(text.lstrip().startswith("[{") and '"points"' in text for text in texts)
    empty = sum(text.strip() == "[]" for text in texts)
    return bool(texts) and (full + empty == len(texts) or (full > 0 and 2 * (full + empty) >= len(texts)))


def table_words(text: str) -> tuple[list[WordLabel], str]:
    """The words of a cell of PaddleOCR's `Label.txt`, and what is wrong with the first that cannot be read.

    Ignored are those that read `###` or `*`, as PaddleOCR's loader has it, and those that are `difficult`.
    """
    try:
        raws = _decode_words(text)
    except DAMAGED as error:
        return [], f"is no list of words ({error})"
    words, problems = [], list[str]()
    for k, raw in enumerate(raws):
        try:
            word = _decode_word(raw)
        except DAMAGED as error:
            problems.append(f"word {k} cannot be read ({error})")
            continue
        if len(word.points) < 3:
            problems.append(f"word {k} has {len(word.points)} points; a polygon has at least 3")
            continue
        text = "" if word.transcription is None else str(word.transcription)
        difficult = word.difficult.lower() in ("true", "1") if isinstance(word.difficult, str) else word.difficult
        words.append(word_of(text, word.points, bool(difficult) or text == "*" or is_ignored(text)))
    return words, joined(problems)


class TableReader(PictureFiles):
    """A folder with a table of texts, or of words with their polygons; see above."""

    format = "folder"

    def __init__(self, root: Path, table: Path, manifest: FoundManifest | None = None) -> None:
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

    def _rows(self) -> Iterator[tuple[int, str | None, Cells | None, str]]:
        """(line number, the line, picture and text, what is wrong), without a header and empty lines."""
        layout = self._layout
        if layout.columns or layout.quoted:
            yield from self._cells()
            return
        split = _WAYS[layout.way]
        for number, line in lines_of(self._table):
            if (number == 1 and layout.header) or (line is not None and not line.strip()):
                continue
            if line is None:
                yield number, None, None, "is not UTF-8"
                continue
            cells = split(line)
            if cells and layout.stripped:
                cells = cells[0], cells[1].lstrip(" ")
            yield number, line, cells, ""

    def _cells(self) -> Iterator[tuple[int, str | None, Cells | None, str]]:
        """The same of a table with more columns, or of CSV."""
        layout = self._layout
        separator, lines = _SEPARATORS[layout.way], lines_of(self._table)
        blanks = layout.stripped and self._table.suffix.lower() == ".csv"
        records = _csv_records(lines, separator, blanks) if layout.quoted else ((n, line, None) for n, line in lines)
        picture, text, count = layout.columns or (0, 1, 2)
        for number, line, cells in records:
            if (number == 1 and layout.header) or (line is not None and not line.strip()):
                continue
            if line is None:
                yield number, None, None, "is not UTF-8"
                continue
            cells = cells or line.split(separator)
            while len(cells) > count > text + 1 and not cells[-1].strip():
                cells.pop()  # a separator at the line's end
            if len(cells) > count:
                if text != count - 1:
                    what = f"has {len(cells)} cells, and the header {count}; put texts with a {layout.way} in quotes"
                    yield number, line, (cells[picture], ""), what
                    continue
                cells[text:] = [separator.join(cells[text:])]
            if len(cells) <= max(picture, text):
                yield (
                    number,
                    line,
                    None,
                    f"has {len(cells)} of the {count} cells that the header names" if layout.columns else "",
                )
                continue
            found = cells[text].lstrip(" ") if layout.stripped else cells[text]
            yield number, line, (cells[picture], found), ""

    def entries(self) -> Iterator[Entry]:
        """Blank lines and a header are passed over; a line that cannot be read is an entry with a problem."""
        layout = self._layout
        escaped = self.manifest is not None and self.manifest.format_version == 1
        for number, line, cells, problem in self._rows():
            if line is None or (cells is None and problem):
                yield Entry(f"{self._table.name}:{number}", "", None, problem=problem)
                continue
            if cells is None or not cells[0].strip():
                name = line.strip() if cells is None else f"{self._table.name}:{number}"
                what = "has no text, only a picture's name" if cells is None else "names no picture"
                yield Entry(name, "", layout.place.path(name) if cells is None else None, problem=problem or what)
                continue
            words, text = list[WordLabel](), cells[1]
            if layout.words:
                words, problem = table_words(text)
                text = "\n".join(word.text for word in words if not word.ignore)
            elif escaped:
                text = unescape(text)  # ours had escapes once; other makers' backslashes are backslashes
            elif layout.way == "quoted":
                text = re.sub(r'\\(["\\])', r"\1", text)
            for name in _first_names(cells[0]):
                yield Entry(name, text, layout.place.path(name), words, problem=problem)


def is_table(root: Path, table: Path) -> bool:
    """Whether most lines of a file begin with pictures that are there."""
    return decide_table(root, table).matched > 0.5
