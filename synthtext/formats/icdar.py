"""ICDAR's text files of scene text labels, a text a line, and their relatives with polygons.

    x1,y1,x2,y2,x3,y3,x4,y4,text       ICDAR 2015: clockwise from the top left; the text may hold commas
    x1,y1,...,x14,y14,####text         CTW1500: any number of points, then four hashes
    x: [[...]], y: [[...]], ornt: [u'c'], transcriptions: [u'text']      Total-Text

`###` (in Total-Text `#`) for a text means that it is to be ignored.
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

from synthtext.errors import InputError
from synthtext.formats.detection import DetectionWriter, Record, fitted_quad, numbered
from synthtext.formats.visible import whole_pixels

Floats = npt.NDArray[np.float32]

IGNORE = "###"
MARKS = ("*", IGNORE)  # what loaders take for "to be ignored"; in files that are read here, `*` is a word
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)")
_CTW = re.compile(r"([^#]*),\s*####(.*)$")
_TOTAL_TEXT = re.compile(r"x:\s*\[\[(.*?)\]\],\s*y:\s*\[\[(.*?)\]\].*?transcriptions:\s*\[u?(['\"])(.*)\3\]\s*$")


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


def read_icdar(path: str | Path) -> IcdarLabels:
    """The labels of one image: `x1,y1,...,x4,y4,text` a line, UTF-8 with or without a byte order mark.

    Empty lines are passed over; a line of eight numbers alone has the text "". Coordinates are given back as they
    stand. Raises InputError that names file and line.
    """
    quads, texts = [], []
    for where, line in _lines(path):
        fields = line.split(",", 8)
        if len(fields) < 8:
            raise InputError(f"{where}: has {len(fields)} fields; write x1,y1,x2,y2,x3,y3,x4,y4,text")
        quads.append(_numbers(fields[:8], where))
        texts.append(fields[8] if len(fields) == 9 else "")
    array = np.array(quads, np.float32).reshape(-1, 4, 2)
    return IcdarLabels(array, texts, np.array([text == IGNORE for text in texts], bool))


def read_polygons(path: str | Path) -> PolygonLabels:
    """The same of files whose lines are ICDAR's, CTW1500's or Total-Text's. Raises InputError."""
    polygons, texts, ignore = [], [], []
    for where, line in _lines(path):
        if match := _TOTAL_TEXT.match(line):
            x, y, text = _numbers(match[1].split(), where), _numbers(match[2].split(), where), match[4]
            if len(x) != len(y):
                raise InputError(f"{where}: has {len(x)} x for {len(y)} y; give as many of each")
            points = np.stack([x, y], 1)
            ignore.append(text == "#")
        elif match := _CTW.match(line):
            values, text = _numbers(match[1].split(","), where), match[2]
            if len(values) % 2:
                raise InputError(f"{where}: has {len(values)} coordinates; give x and y of each point")
            points = np.array(values).reshape(-1, 2)
            ignore.append(text == IGNORE)
        else:
            fields = line.split(",", 8)
            if len(fields) < 8:
                raise InputError(f"{where}: has {len(fields)} fields; write x1,y1,...,x4,y4,text or x1,y1,...,####text")
            points = np.array(_numbers(fields[:8], where)).reshape(-1, 2)
            text = fields[8] if len(fields) == 9 else ""
            ignore.append(text == IGNORE)
        if len(points) < 3:
            raise InputError(f"{where}: has {len(points)} points; a polygon has at least 3")
        polygons.append(points.astype(np.float32))
        texts.append(text)
    return PolygonLabels(polygons, texts, np.array(ignore, bool))


def _lines(path: str | Path) -> list[tuple[str, str]]:
    """The lines that are not empty, each with the words that name it in a message."""
    try:
        content = Path(path).read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8") from None
    # Not splitlines(): a text may hold what Unicode calls a line break.
    lines = enumerate((line.rstrip("\r") for line in content.split("\n")), 1)
    return [(f"{path}:{number}", line) for number, line in lines if line.strip()]


def _numbers(fields: list[str], where: str) -> list[float]:
    """The coordinates that some fields hold."""
    values = []
    for place, field in enumerate(fields, 1):
        try:
            value = float(field)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise InputError(f"{where}: coordinate {place}, {field.strip()!r}, is no number; write x1,y1,x2,y2,...")
        values.append(value)
    return values


class IcdarWriter(DetectionWriter):
    """Writes the format `icdar`: beside the files of `folder`, gt/000/gt_000000007.txt for the image of index 7.

    A word a line, `x1,y1,...,x4,y4,text`: the quad fitted to the visible part, in whole pixels from 0 to width - 1 and
    height - 1 as ICDAR 2015 counts them; of a curved word, the quad about it. `###` for what is to be ignored, and for
    what could not be read back (`sayable`).
    """

    entries: ClassVar[frozenset[str]] = DetectionWriter.entries | {"gt"}

    @staticmethod
    def sayable(text: str) -> bool:
        """Whether a text is read as it stands, here and by the loaders that follow ICDAR 2015's files.

        Those split at every comma, some by the module `csv`; strip blanks, a byte order mark or a pair of double quotes
        (the competition's own scripts); take a first or last field of `*` or `###` for a mark; and where points may be
        more than four, take two numbers before a text for one.
        """
        fields = [field.strip() for field in text.split(",")]
        return (
            text.splitlines() == [text]
            and text == text.strip().strip("\ufeff")
            and not any(field.startswith('"') or field.strip("'") in MARKS for field in fields)
            and not (len(fields) > 2 and all(_NUMBER.fullmatch(field) for field in fields[:2]))
        )

    def file(self, record: Record) -> tuple[str, bytes]:
        """The label file."""
        lines = []
        for word in record["words"]:
            pixels = whole_pixels(fitted_quad(word, record), record["height"], record["width"])
            numbers = [str(v) for p in pixels for v in p]
            lines.append(f"{','.join(numbers)},{IGNORE if word['ignore'] else word['text']}\n")
        return numbered("gt", "gt_", record["index"], ".txt"), "".join(lines).encode()
