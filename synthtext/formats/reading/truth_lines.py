"""Ground truth of scene text: files in which each line, or each record, is a polygon and its text.

    x1,y1,x2,y2,x3,y3,x4,y4,text         ICDAR 2015: clockwise from the top left; the text is all after the eighth comma
    x1,y1,...,x4,y4,Latin,text           ICDAR 2017 and 2019 MLT: a script stands between
    x1,y1,...,x4,y4,0,"text"             RCTW-17: a column that is 1 where the text is difficult, and quotes
    left, top, right, bottom, "text"     ICDAR 2013, with commas or blanks
    x1,y1,...,x14,y14,####text           CTW1500: other than four points, then four hashes
    left,top,right,bottom,dx1,dy1,...    CTW1500's training labels: 32 numbers, a box and 14 offsets from its corner
    x1,y1,...,xn,yn,text                 polygons of more than four points, without a mark
    x: [[...]], y: [[...]], ornt: [u'c'], transcriptions: [u'text']      Total-Text; a record may take several lines
    0 x1 y1 x2 y2 x3 y3 x4 y4            YOLO's oriented boxes, in parts of the picture's width and height; no text

What cannot be seen in a line is decided by nearly all lines of a set (`decide_layout`): whether a column stands between
corners and text, whether quotes enclose every text, whether more than eight numbers are points or a text's own digits.

`###`, with blanks or one pair of quotes about it or without, means that the text is to be ignored; in Total-Text `#`
does, too. `####x` behind eight numbers is the text `####x`, and `*` is a word.
"""

from __future__ import annotations

import math
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from synthtext.core.errors import InputError
from synthtext.formats.base import MANIFEST
from synthtext.formats.reading.entries import Point, box_of, quad_of
from synthtext.formats.reading.picture_files import read_labels

Floats = npt.NDArray[np.float32]

IGNORE = "###"
SCRIPTS = frozenset({"Arabic", "Bangla", "Chinese", "Hindi", "Japanese", "Korean", "Latin", "Mixed", "None", "Symbols"})
_LARGEST = 1e9  # a coordinate beyond is none
_FEW = 8  # lines that begin with 0 or 1, from which on that is a column, though no quotes follow
_MOST = 0.9  # of the lines of a set: what so many of them have in common is how it is written
_SAME = 0.75  # of the polygons of a set: where so many have one number of points, all have it
_SHARE = 0.7  # of a polygon's area: where its first four points enclose less, they are no quad
_NUMBER = re.compile(r"[ \t]*[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?[ \t]*")
_PLAIN = re.compile(r"[ \t]*-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?[ \t]*")  # as programs write coordinates: not 000
_CTW = re.compile(r"([^#]*),\s*####(.*)", re.DOTALL)
_RECTANGLE = re.compile(r'\s*([-\d.]+)[,\s]\s*([-\d.]+)[,\s]\s*([-\d.]+)[,\s]\s*([-\d.]+)[,\s]\s*"(.*)"\s*', re.ASCII)
_RECORD = re.compile(r"\s*x:\s*\[")
_RECORD_X = re.compile(r"\s*x:\s*\[+([^\]]*)\]")
_RECORD_Y = re.compile(r"\by:\s*\[+([^\]]*)\]")
_RECORD_TEXT = re.compile(r"transcriptions:\s*\[\s*(?:[uUbB]?(['\"])(.*)\1)?\s*\]\s*")
_RECORD_ORIENTATION = re.compile(r"ornt:\s*\[\s*[uU]?['\"]#")
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(['\"\\]))")


class IcdarLabels(NamedTuple):
    """`quads` float32 (n, 4, 2), as they stand in the file; `texts` (n); `ignore` bool (n,)."""

    quads: Floats
    texts: list[str]
    ignore: npt.NDArray[np.bool_]


class PolygonLabels(NamedTuple):
    """`polygons`: n arrays float32 (m, 2), as they stand in the file; `texts` (n); `ignore` bool (n,)."""

    polygons: list[Floats]
    texts: list[str]
    ignore: npt.NDArray[np.bool_]


class Truth(NamedTuple):
    """A polygon in pixels (of a `relative` layout in parts of the picture), its text, and whether to ignore it."""

    points: list[Point]
    text: str
    ignore: bool


class Layout(NamedTuple):
    """How the lines of a set are to be read.

    `column`: what stands between corners and text: "" for nothing, "script", or "difficult" (0 or 1). `quoted`: quotes
    enclose every text. `rectangles`: four numbers, not eight. `points`: of each polygon; 0 where it varies. `relative`:
    as YOLO has it. `exact`: eight numbers and the text, whatever it reads like.
    """

    column: str = ""
    quoted: bool = False
    rectangles: bool = False
    points: int = 4
    relative: bool = False
    exact: bool = False

    @property
    def columns(self) -> int:
        """How many columns stand between corners and text."""
        return 1 if self.column else 0


OURS = Layout(exact=True)  # as our own writer has it


def read_icdar(path: str | Path) -> IcdarLabels:
    """The labels of one picture, of the kinds above: quads (`entries.quad_of`), texts and ignore flags, as they stand.

    Empty lines are passed over; a line of eight numbers alone has the text "". Raises InputError that names file and
    line.
    """
    found = _read_all(path)
    quads = np.array([quad_of(truth.points) for truth in found], np.float32).reshape(-1, 4, 2)
    return IcdarLabels(quads, [t.text for t in found], np.array([t.ignore for t in found], bool))


def read_polygons(path: str | Path) -> PolygonLabels:
    """The same with polygons, of as many points as they have. Raises InputError that names file and line."""
    found = _read_all(path)
    polygons = [np.array(truth.points, np.float32) for truth in found]
    return PolygonLabels(polygons, [t.text for t in found], np.array([t.ignore for t in found], bool))


def _read_all(path: str | Path) -> list[Truth]:
    data = read_labels(path)
    try:
        data.decode()
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8") from None
    records = [(number, line or "") for number, line in split_records(data)]
    layout = OURS if is_ours(path) else decide_layout(line for _, line in records)
    if layout.relative:
        raise InputError(
            f"{path}: has YOLO's labels, in parts of a picture's size; open the folder of both with open_dataset"
        )
    found = []
    for number, line in records:
        try:
            found.append(parse_line(line, layout))
        except ValueError as error:
            raise InputError(f"{path}:{number}: {error}") from None
    return found


def is_ours(path: str | Path) -> bool:
    """Whether the file lies in a data set that this package wrote: a manifest stands at most three folders above."""
    folder = os.path.dirname(os.path.abspath(path))
    for _ in range(3):
        if os.path.isfile(os.path.join(folder, MANIFEST)):
            return True
        folder = os.path.dirname(folder)
    return False


def split_records(data: bytes) -> Iterator[tuple[int, str | None]]:
    """(line number, record) of all that are not empty: a line each, of Total-Text the lines that belong together.

    None for a record that is not UTF-8. A byte order mark at the beginning of any line is taken off.
    """
    first, parts = 0, list[str]()
    # Not splitlines(): a text may hold what Unicode calls a line break.
    for number, raw in enumerate(data.split(b"\n" if b"\n" in data else b"\r"), 1):
        try:
            line = raw.removesuffix(b"\r").decode().removeprefix("\ufeff")
        except UnicodeDecodeError:
            if parts:
                yield first, " ".join(parts)
                parts = []
            yield number, None
            continue
        starts = _RECORD.match(line) is not None
        if parts and (starts or not line.strip()):
            yield first, " ".join(parts)
            parts = []
        if starts:
            first, parts = number, [line]
        elif parts:
            parts.append(line)
        elif line.strip():
            yield number, line
        if parts and _RECORD_TEXT.search(line):
            yield first, " ".join(parts)
            parts = []
    if parts:
        yield first, " ".join(parts)


def _leading(fields: list[str]) -> int:
    """How many fields at the beginning are numbers."""
    for k, field in enumerate(fields):
        if _NUMBER.fullmatch(field) is None:
            return k
    return len(fields)


def _polygon(fields: list[str], n: int) -> int:
    """How many of `n` leading numbers are the coordinates of one polygon of more than four points; 0 where none is.

    It is one where no point lies farther from the first four than these, of its points, let expect, and where the first
    four are not its quad: on a word with two sides they go along one of them.
    """
    n = next((k for k in range(n) if _PLAIN.fullmatch(fields[k]) is None), n)
    if n < 10:
        return 0
    values = list(map(float, fields[:n]))
    for k in range(n - n % 2, 9, -2):
        axes = values[:k:2], values[1:k:2]
        room = max(max(axis[:4]) - min(axis[:4]) for axis in axes) * k / 8
        near = all(min(axis[:4]) - room <= min(axis) and max(axis) <= max(axis[:4]) + room for axis in axes)
        if near and _area(values[:8]) < _SHARE * _area(values[:k]):
            return k
    return 0


def _area(values: list[float]) -> float:
    """The area that x1, y1, x2, y2, ... enclose."""
    points = _points(values)
    return 0.5 * abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, points[1:] + points[:1], strict=True)))


def _is_quoted(text: str) -> bool:
    text = text.strip()
    return len(text) >= 2 and text[0] == text[-1] == '"'


def is_ignored(text: str) -> bool:
    """Whether a text is `###`, with blanks or one pair of quotes about it or without."""
    text = text.strip()
    return (text[1:-1].strip() if _is_quoted(text) else text) == IGNORE


def decide_layout(lines: Iterable[str]) -> Layout:
    """The layout that explains nearly all lines of a set together; a line that it does not explain is a wrong one."""
    corners = flagged = scripted = quoted_behind = relative = rectangles = texts = quoted = bare = total = 0
    polygons = Counter[int]()  # by how many coordinates they have
    for line in lines:
        if _RECORD.match(line):
            continue
        total += 1
        if _is_relative(line):
            relative += 1
            continue
        fields = line.split(",")
        n = _leading(fields)
        if _looks_like_rectangle(line, fields, n):
            rectangles += 1
            continue
        if n < 8 or (n != 8 and fields[n:] and fields[n].lstrip().startswith("####")):
            continue
        corners += 1
        text = ",".join(fields[8:])
        if text and not is_ignored(text):
            texts += 1
            quoted += _is_quoted(text)
        if len(fields) > 9:
            ninth = fields[8].strip()
            flagged += ninth in ("0", "1")
            scripted += ninth in SCRIPTS
            quoted_behind += _is_quoted(",".join(fields[9:]))
        if n >= 10 and (k := _polygon(fields, n)):
            polygons[k] += 1
            bare += k == len(fields)
    if 2 * relative > total or (relative and not corners and not rectangles):
        return Layout(relative=True)
    if 2 * rectangles > total:
        return Layout(rectangles=True)
    most = max(_MOST * corners, 1)
    if scripted >= most:
        return Layout("script")
    if flagged >= most and (quoted_behind >= most or corners >= _FEW):
        return Layout("difficult", quoted=quoted_behind >= most)
    return Layout(quoted=quoted >= max(_MOST * texts, 1), points=_points_of_set(polygons, corners, bare))


def _points_of_set(polygons: Counter[int], corners: int, bare: int) -> int:
    """How many points all polygons of a set have; 0 where it varies. `polygons`: by number of coordinates, if over 8.

    Five points are a quad's and two numbers of a text, unless no line has fewer. `bare`: lines without a text; where
    most are, no number of them is cut off as one.
    """
    count = polygons.total()
    if not count or (count < corners and max(polygons) < 12):
        return 4
    often, times = polygons.most_common(1)[0]
    return often // 2 if times >= _SAME * corners and 2 * bare < corners else 0


def _looks_like_rectangle(line: str, fields: list[str], n: int) -> bool:
    match = _RECTANGLE.fullmatch(line)
    sides = match.groups()[:4] if match else fields[:4] if n == 4 and len(fields) > 4 else None
    if sides is None or not all(map(_NUMBER.fullmatch, sides)):
        return False
    left, top, right, bottom = map(float, sides)
    return left < right and top < bottom


def _is_relative(line: str) -> bool:
    """Whether a line is YOLO's: a class, then four numbers or more, in parts of the picture."""
    parts = line.split()
    return len(parts) > 4 and all(_NUMBER.fullmatch(part) and _is_part(float(part)) for part in parts[1:])


def _is_part(value: float) -> bool:
    return -0.5 <= value <= 1.5


def parse_line(line: str, layout: Layout) -> Truth:
    """What one record says. Raises ValueError that tells what is wrong and what to write."""
    fields = line.split(",")
    if not layout.exact and (found := _marked(line, fields, layout)) is not None:
        return found
    if len(fields) < 8:
        raise ValueError(
            f"has {_count(len(fields), 'field')}; write x1,y1,x2,y2,x3,y3,x4,y4,text, or more points and ####text"
        )
    if layout.column:
        _check_column(fields, layout.column)
    text = 8 + layout.columns
    return _with_text(_numbers(fields[:8]), ",".join(fields[text:]), layout, fields[8:text])


def _marked(line: str, fields: list[str], layout: Layout) -> Truth | None:
    """The same of a line that is not eight numbers and a text; None where it is."""
    if _RECORD.match(line):
        return _total_text(line)
    if layout.relative:
        return _yolo(line)
    match = _CTW.fullmatch(line)
    if match is not None:
        before = match[1].split(",")
        if len(before) != 8 and _leading(before) == len(before):
            if len(before) % 2:
                raise ValueError(f"has {_count(len(before), 'coordinate')}; give x and y of each point")
            return _truth(_points(_numbers(before)), match[2], is_ignored(match[2]))
    if layout.rectangles or _RECTANGLE.fullmatch(line):
        return _rectangle(line)
    n = _leading(fields)
    if n == len(fields) == 32 and (offsets := _offsets(_numbers(fields))):
        return _truth(offsets, "", False)
    if layout.points != 4 and n >= 10 and (k := _polygon(fields, n)):
        k = min(k, 2 * layout.points or k)
        return _with_text(_numbers(fields[:k]), ",".join(fields[k:]), layout, [])
    return None


def _check_column(fields: list[str], column: str) -> None:
    """Raises ValueError where a line lacks the column that the others of the set have."""
    if len(fields) < 10 or fields[8].strip() not in (SCRIPTS if column == "script" else ("0", "1")):
        example = "script, such as Latin," if column == "script" else "0 or 1"
        raise ValueError(f"has no {example} before its text, as the other lines have; add it, or take the line out")


def _with_text(values: list[float], text: str, layout: Layout, columns: list[str]) -> Truth:
    ignore = is_ignored(text) or (columns == ["1"])
    if layout.quoted and _is_quoted(text):
        text = re.sub(r'\\(["\\])', r"\1", text.strip()[1:-1])
    return _truth(_points(values), text, ignore)


def _points(values: list[float]) -> list[Point]:
    return list(zip(values[::2], values[1::2], strict=True))


def _truth(points: list[Point], text: str, ignore: bool) -> Truth:
    if len(points) < 3:
        raise ValueError(f"has {_count(len(points), 'point')}; a polygon has at least 3")
    return Truth(points, text, ignore)


def _rectangle(line: str) -> Truth:
    if match := _RECTANGLE.fullmatch(line):
        text = re.sub(r'\\(["\\])', r"\1", match[5])
        return Truth(box_of(*_numbers(list(match.groups()[:4]))), text, is_ignored(text))
    fields = line.split(",", 4)
    if len(fields) < 5:
        raise ValueError(f"has {_count(len(fields), 'field')}; write left,top,right,bottom,text")
    return Truth(box_of(*_numbers(fields[:4])), fields[4], is_ignored(fields[4]))


def _offsets(values: list[float]) -> list[Point] | None:
    """The 14 points of CTW1500's 32 numbers; None where an offset leaves the box."""
    left, top, right, bottom = values[:4]
    points = _points(values[4:])
    if all(-1 <= x <= right - left + 1 and -1 <= y <= bottom - top + 1 for x, y in points):
        return [(left + x, top + y) for x, y in points]
    return None


def _yolo(line: str) -> Truth:
    name, *parts = line.split()
    if not (name.isascii() and name.isdigit()):
        raise ValueError(f"begins with {name[:40]!r}; write the number of a class, then x1 y1 x2 y2 x3 y3 x4 y4")
    values = _numbers(parts)
    if not all(map(_is_part, values)):
        raise ValueError("has a number that is no part of the picture's size; divide x by its width, y by its height")
    if len(values) < 4 or len(values) % 2:
        hint = "; is the last a confidence? take it off" if len(values) in (5, 9) else ""
        count = _count(len(values), "number")
        raise ValueError(f"has {count} behind the class; write 4, or x and y of each point{hint}")
    if len(values) == 4:
        x, y, width, height = values
        return Truth(box_of(x - width / 2, y - height / 2, x + width / 2, y + height / 2), "", False)
    return _truth(_points(values), "", False)


def _total_text(record: str) -> Truth:
    x, y, text = _RECORD_X.match(record), _RECORD_Y.search(record), _RECORD_TEXT.search(record)
    if x is None or y is None:
        raise ValueError("has no list of y; write x: [[...]], y: [[...]], ornt: [u'c'], transcriptions: [u'text']")
    xs, ys = (_numbers(re.split(r"[,\s]+", match[1].strip(" ,\t"))) if match[1].strip() else [] for match in (x, y))
    if len(xs) != len(ys):
        raise ValueError(f"has {len(xs)} x for {len(ys)} y; give as many of each")
    if text is None:
        raise ValueError("has no list of transcriptions; write transcriptions: [u'text']")
    if text[1] and re.search(rf"{text[1]}\s*,\s*[uUbB]?{text[1]}", text[2]):
        raise ValueError("has several transcriptions; write the one of its polygon")
    word = _ESCAPE.sub(_unescaped, text[2] or "")
    ignore = word == "#" or is_ignored(word) or (not word and _RECORD_ORIENTATION.search(record) is not None)
    return _truth(list(zip(xs, ys, strict=True)), word, ignore)


def _unescaped(match: re.Match[str]) -> str:
    code = match[1] or match[2] or match[3]
    if code is None:
        return match[4]
    value = int(code, 16)
    return chr(value) if value < 0x110000 and not 0xD800 <= value < 0xE000 else match[0]


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _numbers(fields: list[str]) -> list[float]:
    """The coordinates that some fields hold."""
    values = []
    for place, field in enumerate(fields, 1):
        value = float(field) if _NUMBER.fullmatch(field) else math.nan
        if not abs(value) <= _LARGEST:
            shown = field.strip() if len(field) < 40 else field.strip()[:40] + "..."
            raise ValueError(f"coordinate {place}, {shown!r}, is no number; write x1,y1,x2,y2,...")
        values.append(value)
    return values
