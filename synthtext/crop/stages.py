"""A sample between its stages, for those who look at how it was made: what `Generator.stages` gives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from synthtext.raster.polylines import Polylines
from synthtext.sample import Sample
from synthtext.typeset.layout import Layout

Image = npt.NDArray[np.float32]
Contours = tuple[npt.NDArray[np.float64], ...]


@dataclass(frozen=True)
class DrawnWord:
    """A word as it was drawn, whole, with or without a label.

    `chars`: in the order of the glyphs, of each its text (a ligature's is several characters) and its outline: closed
    contours, float64 (n, 2), xy in pixels of the image, which may lie outside of it. What an odd number of an outline's
    contours go round is ink.
    """

    text: str
    chars: tuple[tuple[str, Contours], ...]


@dataclass(frozen=True)
class Stages:
    """A sample and what it was before it was done.

    `words`: all that were drawn, in reading order. `background`: all but the labelled text, `painted`: with it; float32
    (H, W, 3), linear light, before light and camera (`degrade`). `photographed`: the sample's image.
    """

    sample: Sample
    words: tuple[DrawnWord, ...]
    background: Image
    painted: Image

    @property
    def photographed(self) -> npt.NDArray[np.uint8]:
        """The finished image."""
        return self.sample.image


def drawn_words(layout: Layout, outlines: Polylines) -> tuple[DrawnWord, ...]:
    """The words of a layout with the outlines of their chars."""
    points = np.split(outlines.points, outlines.contour_ends[:-1])
    ends = [0, *outlines.glyph_ends.tolist()]
    cells = [tuple(points[ends[first] : ends[last]]) for first, last in layout.cells.tolist()]
    return tuple(
        DrawnWord(text, tuple(("".join(layout.char_texts[i]), cells[i]) for i in range(first, last)))
        for text, (first, last) in zip(layout.word_texts, layout.words.tolist(), strict=True)
    )
