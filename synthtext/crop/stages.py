"""A sample between its stages, for those who look at how it was made: what `Generator.stages` gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from synthtext.raster.coverage import fill
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
    _outlines: Polylines = field(repr=False)
    _cells: tuple[tuple[int, int], ...] = field(repr=False)
    _size: tuple[int, int] = field(repr=False)

    @cached_property
    def coverage(self) -> Image:
        """Which part of each pixel's square its outlines cover, exactly: float32 (H, W) in [0, 1], of the picture.

        Drawn ink: what hides it or takes it away is not taken off, as it is in `Sample.ink`.
        """
        return self._covered(self._cells[0][0], self._cells[-1][1])

    @cached_property
    def char_coverage(self) -> tuple[Image, ...]:
        """`coverage` of each of `chars` by itself."""
        return tuple(self._covered(first, last) for first, last in self._cells)

    def _covered(self, first: int, last: int) -> Image:
        coverage = np.zeros(self._size, np.float32)
        if last > first:
            own = self._outlines.between(first, last)
            fill(own.points, own.contour_ends, own.glyph_ends, 0.0, 0.0, coverage)
        return coverage


@dataclass(frozen=True)
class Stages:
    """A sample and what it was before it was done.

    `words`: all that were drawn, in reading order, with the coverage of each and of its chars. `background`: all but
    the labelled text, `painted`: with it; float32 (H, W, 3), linear light, before light and camera (`degrade`).
    `photographed`: the sample's image.
    """

    sample: Sample
    words: tuple[DrawnWord, ...]
    background: Image
    painted: Image

    @property
    def photographed(self) -> npt.NDArray[np.uint8]:
        """The finished image."""
        return self.sample.image


def drawn_words(layout: Layout, outlines: Polylines, height: int, width: int) -> tuple[DrawnWord, ...]:
    """The words of a layout with the outlines of their chars, in a picture of height x width pixels."""
    points = np.split(outlines.points, outlines.contour_ends[:-1])
    ends = [0, *outlines.glyph_ends.tolist()]
    cells: list[tuple[int, int]] = [(first, last) for first, last in layout.cells.tolist()]
    contours = [tuple(points[ends[first] : ends[last]]) for first, last in cells]
    return tuple(
        DrawnWord(
            text,
            tuple(("".join(layout.char_texts[i]), contours[i]) for i in range(first, last)),
            outlines,
            tuple(cells[first:last]),
            (height, width),
        )
        for text, (first, last) in zip(layout.word_texts, layout.words.tolist(), strict=True)
    )
