"""The format `paddleocr`: beside the files of `folder`, `Label.txt` as PaddleOCR's text detection reads it.

A line an image: its path, a tab, and JSON: [{"transcription": ..., "points": [[x, y], ...]}, ...], the word's visible
polygon in pixels, clockwise from the top left: four points, or more of a curved word or one that the picture's border
cuts. `###` for what is to be ignored. PaddleOCR ignores a word whose text reads `*` or `###`, too: it is written so.
Train with `data_dir` the data set's folder and `label_file_list` [Label.txt]
(https://www.paddleocr.ai, "Text Detection": data preparation).
"""

from __future__ import annotations

from typing import ClassVar

from synthtext.formats.detection import DetectionWriter, Record, to_json
from synthtext.formats.icdar import MARKS
from synthtext.formats.reading.truth_lines import IGNORE

FORMAT = {
    "name": "paddleocr",
    "help": "as folder, and label lists of PaddleOCR's detectors",
    "writer": "PaddleOcrWriter",
    "sharded": False,
}


class PaddleOcrWriter(DetectionWriter):
    """Writes the format `paddleocr`; see `Writer`."""

    growing: ClassVar[tuple[str, ...]] = ("Label.txt",)
    entries: ClassVar[frozenset[str]] = DetectionWriter.entries | {*growing}

    @staticmethod
    def sayable(text: str) -> bool:
        """JSON says every text; the marks are read as such."""
        return text not in MARKS

    def lines(self, record: Record) -> tuple[bytes, ...]:
        """The image's line."""
        words = [
            {
                "transcription": IGNORE if word["ignore"] else word["text"],
                "points": word["polygon"],
            }
            for word in record["words"]
        ]
        return (record["image"].encode() + b"\t" + to_json(words) + b"\n",)
