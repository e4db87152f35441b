"""Reading data sets, our own and those of other makers, one picture with its labels at a time.

`open_dataset` tells the kinds apart (`detect.py`); each has its file here. Labels are read in one pass, in order; a
picture's bytes are fetched by its `ref`, so that whoever needs only some of the pictures pays for these alone.
"""

from __future__ import annotations

from synthtext.formats.reading.detect import open_dataset
from synthtext.formats.reading.entries import Entry, FoundManifest, InkArrays, Reader, WordLabel, read_ink
from synthtext.formats.reading.truth_lines import read_icdar, read_polygons

__all__ = [
    "Entry",
    "FoundManifest",
    "InkArrays",
    "Reader",
    "WordLabel",
    "open_dataset",
    "read_icdar",
    "read_ink",
    "read_polygons",
]
