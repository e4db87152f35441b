"""Pictures, and a file of ground truth for each."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from synthtext.errors import InputError
from synthtext.formats.icdar import read_polygons
from synthtext.formats.reading.entries import PICTURES, Entry, WordLabel
from synthtext.formats.reading.picture_files import PictureFiles, lines_of

_RECTANGLE = re.compile(r'\s*(\d+),?\s+(\d+),?\s+(\d+),?\s+(\d+),?\s+"(.*)"\s*$')


def icdar_pairs(root: Path) -> list[tuple[str, str]]:
    """(picture, ground truth) below `root`, as relative paths, sorted; the truth is NAME.txt or gt_NAME.txt, beside the
    picture or, where one folder holds the pictures and another the truths, anywhere below."""
    pictures: dict[tuple[str, str], str] = {}
    truths: dict[tuple[str, str], str] = {}
    for folder, subfolders, names in os.walk(root):
        subfolders.sort()
        for name in sorted(names):
            stem, suffix = os.path.splitext(name)
            where = os.path.relpath(os.path.join(folder, name), root).replace(os.sep, "/")
            if suffix.lower() in PICTURES:
                pictures[folder, stem] = where
            elif suffix.lower() == ".txt":
                truths[folder, stem.removeprefix("gt_")] = where
    elsewhere = {stem: where for (_, stem), where in truths.items()}
    pairs = [
        (stem, where, truths.get((folder, stem)) or elsewhere.get(stem)) for (folder, stem), where in pictures.items()
    ]
    pairs.sort(key=lambda pair: (len(pair[0]), pair[1]))
    return [(where, truth) for _, where, truth in pairs if truth]


def parse_rectangle(line: str) -> WordLabel | None:
    """A line `left, top, right, bottom, "text"`, with commas or blanks, as of ICDAR 2013; None where it is none."""
    match = _RECTANGLE.match(line)
    if match is None:
        return None
    left, top, right, bottom = map(float, match.groups()[:4])
    quad = [(left, top), (right, top), (right, bottom), (left, bottom)]
    return WordLabel(match[5], quad, quad, match[5] == "###")


def read_truth(path: Path) -> tuple[list[WordLabel], str]:
    """The words of a ground truth file, and what is wrong with it ("" where nothing is).

    Its lines are ICDAR's, CTW1500's or Total-Text's (`read_polygons`), or rectangles with a quoted text (ICDAR 2013).
    """
    try:
        labels = read_polygons(path)
    except InputError as error:
        words = [parse_rectangle(line or "") for _, line in lines_of(path) if line is None or line.strip()]
        kept = [word for word in words if word is not None]
        return kept, "" if kept and len(kept) == len(words) else str(error)
    found = []
    for polygon, text, ignore in zip(labels.polygons, labels.texts, labels.ignore.tolist(), strict=True):
        points = [(x, y) for x, y in polygon.tolist()]
        k = len(points) // 2
        found.append(WordLabel(text, [points[0], points[k - 1], points[k], points[-1]], points, ignore))
    return found, ""


class IcdarReader(PictureFiles):
    """Pictures with their ground truth beside them or in another folder."""

    format = "icdar"
    manifest = None
    unit = "word"

    def __init__(self, root: Path, pairs: list[tuple[str, str]]) -> None:
        super().__init__(root)
        self._pairs = pairs

    def __len__(self) -> int:
        return len(self._pairs)

    def entries(self) -> Iterator[Entry]:
        """What is wrong with a ground truth file is the entry's problem."""
        for picture, truth in self._pairs:
            words, problem = read_truth(self.path / truth)
            text = "\n".join(word.text for word in words if not word.ignore)
            yield Entry(picture, text, picture, words, problem=problem)
