"""Labels in logical order, whatever order their glyphs are drawn in."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from synthtext.typeset.layout import Layout


def in_logical_order(
    layout: Layout, quads: npt.NDArray[np.float32]
) -> tuple[list[str], npt.NDArray[np.int64], npt.NDArray[np.float32], list[int]]:
    """The chars' texts, words, quads and cells: ligatures cut into characters."""
    texts: list[str] = []
    word_of: list[int] = []
    rows: list[int] = []
    split: dict[int, npt.NDArray[np.float32]] = {}
    for word, (first, last) in enumerate(layout.words.tolist()):
        reading = layout.readings[word]
        for place in reading.order or range(last - first):
            cell = first + place
            chars = layout.char_texts[cell]
            if len(chars) > 1:
                for quad in _split(quads[cell], len(chars), bool(reading.turned) and reading.turned[place]):
                    split[len(rows)] = quad
                    rows.append(cell)
            else:
                rows.append(cell)
            texts += chars
            word_of += [word] * len(chars)
    ordered = quads[rows]
    for row, quad in split.items():
        ordered[row] = quad
    return texts, np.array(word_of, np.int64), ordered, rows


def _split(quad: npt.NDArray[np.float32], parts: int, turned: bool) -> list[npt.NDArray[np.float32]]:
    """A ligature's quad cut into its characters' quads, along its top and bottom."""
    edges = np.linspace(0.0, 1.0, parts + 1, dtype=np.float32)[:, None]
    top = quad[0] + edges * (quad[1] - quad[0])
    bottom = quad[3] + edges * (quad[2] - quad[3])
    cut = [np.stack([top[i], top[i + 1], bottom[i + 1], bottom[i]]) for i in range(parts)]
    return cut[::-1] if turned else cut
