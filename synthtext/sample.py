"""What a sample is, and the words in which the package speaks of it.

Points are `xy`, float32, in pixels of the final image; the centre of its top-left pixel is (0.5, 0.5).
Images are uint8, `(H, W, 3)` RGB or `(H, W)` grey.
A quad is `(4, 2)`: clockwise on the screen, from the top left corner of the text as it stands upright, in every script.
A polygon is `(2k, 2)`: k points of the top side from left to right, then k of the bottom side back, in every script.
Texts, words and chars are in logical order, as they are typed and read; `direction` tells which way a word runs.

Labels tell what the picture shows (`labels/visible.py` makes it so, for crops and scenes alike):

- A word's polygon is exactly the part of it that lies in the picture. Where nothing is cut off, a polygon of four
  points is the word's quad. Where a border cuts a side off, what runs along the border is that side.
- A quad is the part of the whole quad, in its own perspective frame, that holds what lies in the picture. It keeps the
  text's own frame, and so reaches beyond the picture where a border cuts it slantwise.
- A crop's text is all that was written, so that in a crop a char or word may lie wholly outside: it keeps its whole
  quad and polygon, and its word's `visible` tells. In a scene it has no label, and a char of which less than half lies
  in the picture is left out of its word. A word of which there is ink in the picture has a label in any case: where no
  char is half inside, one of the chars that show, ignored.

Angles are radians, clockwise on the screen positive, of the top edge. Font sizes are the em in pixels.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Struct

from synthtext.core.errors import InputError
from synthtext.labels.ink_maps import Ink

Floats = npt.NDArray[np.float32]


def check_index(index: int) -> int:
    """The index of a sample, a whole number from 0 to 2**63 - 1. Raises TypeError or IndexError for anything else."""
    try:
        index = operator.index(index)
    except TypeError:
        raise TypeError(
            f"a sample's index is a whole number, got {index!r}; for several use a Stream or a loop"
        ) from None
    if not 0 <= index < 2**63:
        raise IndexError(f"a sample's index is 0 or more and below 2**63, got {index}")
    return index


def check_count(start: int, count: int) -> int:
    """How many samples a batch from `start` on has, a whole number >= 0. Raises InputError or IndexError if not."""
    try:
        count = operator.index(count)
    except TypeError:
        raise InputError(f"a batch's count is a whole number, got {count!r}") from None
    if count < 0:
        raise InputError(f"a batch's count is 0 or more, got {count}")
    if count:
        check_index(start + count - 1)
    return count


_UNTOLD: Floats = np.empty(0, np.float32)


class Char(Struct, frozen=True, eq=False):
    """One character (a grapheme's code points): its text and the quad, float32 (4, 2), that holds its ink."""

    text: str
    quad: Floats


class Word(Struct, frozen=True, eq=False):
    """One word: what stands between blanks. `ignore`: a person could not read it; `legibility`: see legibility.py.

    `visible`: the share of its ink that is seen, the rest being outside of the image or hidden. `direction`: "ltr",
    "rtl" or "ttb" (from top to bottom); the chars are in the order in which they are read.
    """

    text: str
    quad: Floats
    polygon: Floats
    ignore: bool
    legibility: float
    chars: tuple[Char, ...]
    line: int
    paragraph: int
    visible: float = 1.0
    direction: str = "ltr"


class Labels(Struct, frozen=True, eq=False):
    """The label record of a sample as arrays: what encoders and streams read without making an object per char.

    `char_text` (n strings), `char_quads` float32 (n, 4, 2), `char_word` int64 (n,): the word of each char.
    `word_text` (m strings), `word_quads` float32 (m, 4, 2), `polygons` (m arrays float32 (2k, 2)), `ignore` bool (m,),
    `legibility` float32 (m,), `line` and `paragraph` int64 (m,), `visible` float32 (m,), by default 1; `direction`
    (m strings), by default all "ltr".
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
    visible: Floats = _UNTOLD
    direction: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.visible is _UNTOLD:
            msgspec.structs.force_setattr(self, "visible", np.ones(len(self.word_text), np.float32))
        if not self.direction:
            msgspec.structs.force_setattr(self, "direction", ("ltr",) * len(self.word_text))


def _no_ink() -> Ink:
    raise InputError("ink: this sample does not know its outlines; take one of a Generator, Mix or Curriculum")


class _Made(Struct, frozen=True):
    """What was made already, for who calls for it."""

    value: Any

    def __call__(self) -> Any:
        return self.value


@dataclass(frozen=True)
class Sample:
    """One labelled image. Pickled or copied it has its plan and its ink masks with it, which are made then.

    `image`: uint8 (H, W, 3) RGB or (H, W). `text`: the transcription, lines joined by newlines in reading order.
    `labels`: the label record; `words`: the same as objects. `plan`: every drawn parameter, JSON-able.
    """

    image: npt.NDArray[np.uint8]
    text: str
    labels: Labels
    seed: int
    index: int
    _plan: Callable[[], dict[str, Any]] = field(repr=False)
    _ink: Callable[[], Ink] = field(default=_no_ink, repr=False)

    def __getstate__(self) -> dict[str, Any]:
        """Its fields: what is made when asked for is made now, since its maker is in this process alone."""
        ink = _no_ink if self._ink is _no_ink else _Made(self.ink)
        return {f.name: getattr(self, f.name) for f in fields(self)} | {"_plan": _Made(self.plan), "_ink": ink}

    @cached_property
    def plan(self) -> dict[str, Any]:
        """Every drawn parameter; `Generator.render` makes the same sample of it."""
        return self._plan()

    @cached_property
    def ink(self) -> Ink:
        """Ink masks: coverage by visible ink, and the char and the word of each pixel of it; made when asked for.

        `sample.ink.words()` is uint16 (H, W): i + 1 where the ink of `words[i]` is. See docs/ink.md.
        """
        return self._ink()

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """The words in reading order."""
        labels = self.labels
        chars: list[list[Char]] = [[] for _ in labels.word_text]
        for text, quad, word in zip(labels.char_text, labels.char_quads, labels.char_word.tolist(), strict=True):
            chars[word].append(Char(text, quad))
        return tuple(
            Word(text, quad, polygon, ignore, legibility, tuple(own), line, paragraph, visible, direction)
            for text, quad, polygon, ignore, legibility, own, line, paragraph, visible, direction in zip(
                labels.word_text,
                labels.word_quads,
                labels.polygons,
                labels.ignore.tolist(),
                labels.legibility.tolist(),
                chars,
                labels.line.tolist(),
                labels.paragraph.tolist(),
                labels.visible.tolist(),
                labels.direction,
                strict=True,
            )
        )
