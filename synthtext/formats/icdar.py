"""The format `icdar`: ICDAR 2015's text files of scene text labels, a text a line; what reads them is in `reading/`.

x1,y1,x2,y2,x3,y3,x4,y4,text       clockwise from the top left; the text may hold commas
"""

from __future__ import annotations

import re
from typing import ClassVar

from synthtext.formats.detection import DetectionWriter, Record, fitted_quad, numbered
from synthtext.formats.reading.truth_lines import IGNORE
from synthtext.formats.visible_part import whole_pixels

FORMAT = {
    "name": "icdar",
    "help": "as folder, and a gt_*.txt an image as of ICDAR 2015",
    "writer": "IcdarWriter",
    "sharded": False,
}

MARKS = ("*", IGNORE)  # what loaders take for "to be ignored"; in files that are read here, `*` is a word
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)")


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
