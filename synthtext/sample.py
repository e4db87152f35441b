"""What a sample is, and the words in which the package speaks of it.

Points are `xy`, float32, in pixels of the final image; the centre of its top-left pixel is (0.5, 0.5).
Images are uint8, `(H, W, 3)` RGB or `(H, W)` grey.
A quad is `(4, 2)`: clockwise on the screen, from the corner at the reading order's top left.
A polygon is `(2k, 2)`: k points of the top side in reading direction, then k of the bottom side back.
Angles are radians, clockwise on the screen positive, of the top edge. Font sizes are the em in pixels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec import Struct

Floats = npt.NDArray[np.float32]


class Char(Struct, frozen=True, eq=False):
    """One character (a grapheme's code points): its text and the quad, float32 (4, 2), that holds its ink."""

    text: str
    quad: Floats


class Word(Struct, frozen=True, eq=False):
    """One word: what stands between blanks. `ignore`: a person could not read it; `legibility`: see legibility.py."""

    text: str
    quad: Floats
    polygon: Floats
    ignore: bool
    legibility: float
    chars: tuple[Char, ...]
    line: int
    paragraph: int


class Labels(Struct, frozen=True, eq=False):
    """The label record of a sample as arrays: what encoders and streams read without making an object per char.

    `char_text` (n strings), `char_quads` float32 (n, 4, 2), `char_word` int64 (n,): the word of each char.
    `word_text` (m strings), `word_quads` float32 (m, 4, 2), `polygons` (m arrays float32 (2k, 2)), `ignore` bool (m,),
    `legibility` float32 (m,), `line` and `paragraph` int64 (m,).
    """

    char_text: tuple[str, ...]
    char_quads: Floats
    char_word: npt.NDArray[np.int64]
    word_text: tuple[str, ...]
    word_quads: Floats
    polygons: tuple[Floats, ...]
    ignore: npt.NDArray[np.bool_]
    legibility: Floats
    line: npt.NDArray[np.int64]
    paragraph: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Sample:
    """One labelled image.

    `image`: uint8 (H, W, 3) RGB or (H, W). `text`: the transcription, lines joined by newlines in reading order.
    `labels`: the label record; `words`: the same as objects. `plan`: every drawn parameter, JSON-able.
    """

    image: npt.NDArray[np.uint8]
    text: str
    labels: Labels
    seed: int
    index: int
    _plan: Callable[[], dict[str, Any]] = field(repr=False)

    @cached_property
    def plan(self) -> dict[str, Any]:
        """Every drawn parameter; `Generator.render` makes the same sample of it."""
        return self._plan()

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """The words in reading order."""
        labels = self.labels
        chars: list[list[Char]] = [[] for _ in labels.word_text]
        for text, quad, word in zip(labels.char_text, labels.char_quads, labels.char_word.tolist(), strict=True):
            chars[word].append(Char(text, quad))
        return tuple(
            Word(text, quad, polygon, ignore, legibility, tuple(own), line, paragraph)
            for text, quad, polygon, ignore, legibility, own, line, paragraph in zip(
                labels.word_text,
                labels.word_quads,
                labels.polygons,
                labels.ignore.tolist(),
                labels.legibility.tolist(),
                chars,
                labels.line.tolist(),
                labels.paragraph.tolist(),
                strict=True,
            )
        )
