"""What every reader gives: entries with words, and the protocol `Reader`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Struct

from synthtext.core.errors import InputError

PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})

Point = tuple[float, float]


class WordLabel(Struct, frozen=True):
    """A word's label: points xy in pixels; `legibility` below 0 where it is not known. Fields as in the label
    record."""

    text: str = ""
    quad: list[Point] = []
    polygon: list[Point] = []
    ignore: bool = False
    legibility: float = -1.0


class Entry(Struct, frozen=True):
    """One picture's labels. `name`: to show; `ref`: what `Reader.image` takes. `height`, `width`: as labelled, else 0.

    `plan`: the JSON of the sample's plan, where it is stored. `problem`: what is wrong with the label itself, else "".
    `ink`: where there are ink masks, what `Reader.image` takes for each, in the order of INK_MAPS; see `read_ink`.
    """

    name: str
    text: str
    ref: Any
    words: list[WordLabel] = []
    height: int = 0
    width: int = 0
    plan: msgspec.Raw = msgspec.Raw(b"")
    problem: str = ""
    ink: tuple[Any, ...] = ()


class Record(Struct, frozen=True):
    """What of a label record is read; the rest is passed over undecoded."""

    image: str = ""
    text: str = ""
    height: int = 0
    width: int = 0
    words: list[WordLabel] = []
    plan: msgspec.Raw = msgspec.Raw(b"")


# The names by which other makers call a picture's file and its text, the likelier first, whatever the kind of data set.
# `label` comes late: it is often a class or a language beside the text.
PICTURE_KEYS = ("image", "file_name", "filename", "img_path", "image_path", "path", "file", "img", "image_name", "name")
TEXT_KEYS = (
    "text", "transcription", "words", "word", "utf8_string", "ground_truth", "gt", "label", "caption", "sentence",
    "string", "value", "rec",
)  # fmt: skip

decode_record = msgspec.json.Decoder(Record).decode


class FoundManifest(Struct, frozen=True):
    """What of `dataset.json` is read, whichever version of the package wrote it."""

    format: str = ""
    synthtext: str = ""
    format_version: int = 0
    digest: str = ""
    seed: int = 0
    start: int = 0
    count: int = 0
    config: dict[str, Any] = {}
    ink: float | None = None


class Reader(Protocol):
    """One data set. `format`: its name; `manifest`: of our own, else None.

    `unit`: what one label is of: a picture (word or line crops) or each word in it (scenes and pages).
    """

    @property
    def format(self) -> str: ...
    @property
    def path(self) -> Path: ...
    @property
    def manifest(self) -> FoundManifest | None: ...
    @property
    def unit(self) -> str: ...

    def __len__(self) -> int:
        """How many pictures, as the labels have it."""

    def entries(self) -> Iterator[Entry]:
        """Every picture's labels, in order."""

    def image(self, ref: Any) -> bytes:
        """The image file's bytes. Raises OSError where they cannot be had."""

    def close(self) -> None:
        """Let go of what is open."""


class InkArrays(NamedTuple):
    """Ink masks as they were stored, (H, W): `coverage` uint8; `words` and `chars` uint16, i + 1 where that label's
    ink is."""

    coverage: npt.NDArray[np.uint8]
    words: npt.NDArray[np.uint16]
    chars: npt.NDArray[np.uint16]


def read_ink(reader: Reader, entry: Entry) -> InkArrays:
    """The ink masks of an entry. Raises InputError where it has none, OSError where they cannot be read."""
    import cv2

    if not entry.ink:
        raise InputError(f"{entry.name}: has no ink masks; make the data set with generate --ink")
    arrays: list[Any] = []
    for ref, dtype in zip(entry.ink, (np.uint8, np.uint16, np.uint16), strict=True):
        array = cv2.imdecode(np.frombuffer(reader.image(ref), np.uint8), cv2.IMREAD_UNCHANGED)
        if array is None or array.ndim != 2 or array.dtype != dtype:
            raise OSError(f"{entry.name}: an ink mask is no grey PNG of {8 * np.dtype(dtype).itemsize} bits")
        arrays.append(array)
    return InkArrays(*arrays)


def unit_of(manifest: FoundManifest | None, several: bool = False) -> str:
    kind = manifest.config.get("kind", "words") if manifest else "scenes" if several else "words"
    return "picture" if kind == "words" else "word"


def entry_of(record: Record, name: str, ref: Any) -> Entry:
    return Entry(name, record.text, ref, record.words, record.height, record.width, record.plan)


def quad_of(points: Sequence[Point]) -> list[Point]:
    """A quad about a word's polygon whose points run along its top side, then back along the bottom.

    Four points are one; of more, the ends of the two sides; of an odd number, which are no two sides, `fitted_quad`.
    """
    if len(points) == 4:
        return list(points)
    k = len(points) // 2
    return fitted_quad(points) if len(points) % 2 else [points[0], points[k - 1], points[k], points[-1]]


def fitted_quad(points: Sequence[Point]) -> list[Point]:
    """The least rectangle about points whose order says nothing of the reading direction.

    Its corners clockwise, from the one whose side towards the next is nearest to running right.
    """
    import cv2

    corners = cv2.boxPoints(cv2.minAreaRect(np.array(points, np.float32)))
    edges = np.roll(corners, -1, 0) - corners
    first = int(np.argmin(np.abs(np.arctan2(edges[:, 1], edges[:, 0]))))
    return [(float(x), float(y)) for x, y in np.roll(corners, -first, 0)]


def word_of(text: str, points: Sequence[Point], ignore: bool = False) -> WordLabel:
    """A word with a polygon as `quad_of` has it."""
    polygon = [(float(x), float(y)) for x, y in points]
    return WordLabel(text, quad_of(polygon), polygon, ignore)


def box_of(left: float, top: float, right: float, bottom: float) -> list[Point]:
    """The corners of an upright rectangle, clockwise from the top left."""
    return [(left, top), (right, top), (right, bottom), (left, bottom)]
