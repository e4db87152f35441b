"""The format `icdar`: ICDAR 2015's text files of scene text labels, a text a line; what reads them is in `reading/`.

x1,y1,x2,y2,x3,y3,x4,y4,text       clockwise from the top left; the text may hold commas
"""

from __future__ import annotations

import math
from typing import ClassVar

from synthtext.formats.detection import DetectionWriter, Record, numbered
from synthtext.formats.reading.truth_lines import IGNORE


class IcdarWriter(DetectionWriter):
    """Writes the format `icdar`: beside the files of `folder`, gt/000/gt_000000007.txt for the image of index 7.

    A word a line, `x1,y1,...,x4,y4,text` in whole pixels, counted from the centre of the first as ICDAR 2015 does; the
    quad of a curved word is the one about it. `###` for what is to be ignored.
    """

    entries: ClassVar[frozenset[str]] = DetectionWriter.entries | {"gt"}

    def file(self, record: Record) -> tuple[str, bytes]:
        """The label file."""
        lines = []
        for word in record["words"]:
            numbers = [str(math.floor(v)) for point in word["quad"] for v in point]
            lines.append(f"{','.join(numbers)},{IGNORE if word['ignore'] else word['text']}\n")
        return numbered("gt", "gt_", record["index"], ".txt"), "".join(lines).encode()
