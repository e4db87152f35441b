"""An independent recogniser that reads the samples: RapidOCR's, whose package carries its model (the extra `judge`).

It errs, too: what it reads otherwise is a disagreement, to be looked at. Where it finds less than half of a label's
letters, the sample counts as illegible, and the share of these is set against a target.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from msgspec import Struct

from synthtext.core.errors import InputError

HALF = 0.5  # share of a label's letters, fewer of which make a sample illegible
_BATCH = 64


class Reading(Struct, frozen=True):
    """What the judge read of a picture, or of a word in it (`word`: its number among the picture's words, else -1).

    `similarity`: 1 less the edit distance over the longer text's length, both folded (`fold`); in [0, 1].
    """

    picture: int
    word: int
    text: str
    read: str
    score: float
    similarity: float

    @property
    def illegible(self) -> bool:
        """Whether less than half of the label was found."""
        return self.similarity < HALF

    @property
    def agrees(self) -> bool:
        """Whether it reads the label, case and blanks and look-alike widths aside."""
        return self.similarity == 1.0


def fold(text: str) -> str:
    """A text without what recognisers differ in by habit: case, blanks, compatibility forms."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def edit_distance(a: str, b: str) -> int:
    """Insertions, deletions and replacements that turn `a` into `b` (Levenshtein)."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (x != y))
    return row[-1]


def similarity(label: str, read: str) -> float:
    """1 less the edit distance of the folded texts over the longer one's length."""
    a, b = fold(label), fold(read)
    longest = max(len(a), len(b))
    return 1.0 - edit_distance(a, b) / longest if longest else 1.0


class Judge:
    """The recogniser; `threads`: that read one text (0: as many as there are cores). Raises InputError without it."""

    def __init__(self, threads: int = 0) -> None:
        try:
            import onnxruntime  # noqa: F401 (RapidOCR names it only when it runs)
            from rapidocr import RapidOCR
        except ImportError as error:
            raise InputError(
                f'--judge: the recogniser is missing ({error.name}); pip install "synthtext[judge]"'
            ) from None
        settings: dict[str, Any] = {"Global.log_level": "warning"}
        if threads:
            settings["EngineConfig.onnxruntime.intra_op_num_threads"] = threads
        self._engine: Any = RapidOCR(params=settings)

    def read(self, images: Sequence[npt.NDArray[np.uint8]]) -> list[tuple[str, float]]:
        """(text, confidence) of each crop, uint8 (H, W, 3) BGR, that holds one line of text."""
        found: list[tuple[str, float]] = []
        for start in range(0, len(images), _BATCH):
            result = self._engine.recognize_txt(list(images[start : start + _BATCH]))
            found += zip(result.txts, map(float, result.scores), strict=True)
        return found


def rectify(image: npt.NDArray[np.uint8], quad: Sequence[tuple[float, float]]) -> npt.NDArray[np.uint8] | None:
    """The word in a quad, from its top-left corner clockwise, as an upright crop; None where it has no size."""
    corners = np.array(quad, np.float64)
    if not np.isfinite(corners).all():
        return None
    sides = np.hypot(*(np.roll(corners, -1, 0) - corners).T)
    width, height = round(max(sides[0], sides[2])), round(max(sides[1], sides[3]))
    if not (4 <= width <= 8192 and 4 <= height <= 8192):
        return None
    # Corners of pixels here, centres with OpenCV: half a pixel.
    target = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32) - np.float32(0.5)
    matrix = cv2.getPerspectiveTransform((corners - 0.5).astype(np.float32), target)
    crop = cv2.warpPerspective(image, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(crop, np.uint8)
