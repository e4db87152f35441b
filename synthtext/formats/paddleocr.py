"""The format `paddleocr`: beside the files of `folder`, `Label.txt` as PaddleOCR's text detection reads it.

A line an image: its path, a tab, and JSON: [{"transcription": ..., "points": [[x, y], ...]}, ...] in pixels, clockwise
from the top left; four points, or, of a curved word, its polygon. `###` for what is to be ignored (a
word that is a lone `*` is, too, to PaddleOCR).
Train with `data_dir` the data set's folder and `label_file_list` [Label.txt]
(https://www.paddleocr.ai, "Text Detection": data preparation).
"""

from __future__ import annotations

from typing import ClassVar

from synthtext.formats.detection import DetectionWriter, Record, to_json
from synthtext.formats.reading.truth_lines import IGNORE


class PaddleOcrWriter(DetectionWriter):
    """Writes the format `paddleocr`; see `Writer`."""

    growing: ClassVar[tuple[str, ...]] = ("Label.txt",)
    entries: ClassVar[frozenset[str]] = DetectionWriter.entries | {*growing}

    def lines(self, record: Record) -> tuple[bytes, ...]:
        """The image's line."""
        words = [
            {
                "transcription": IGNORE if word["ignore"] else word["text"],
                "points": word["polygon"] if len(word["polygon"]) > 4 else word["quad"],
            }
            for word in record["words"]
        ]
        return (record["image"].encode() + b"\t" + to_json(words) + b"\n",)
