"""The text of a group: blocks of lines stacked on one plane, shaped, placed and flattened together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from synthtext.geometry.warp import W_FIT, W_H, W_SIZE, Warp, warp_points
from synthtext.paint.ink import PaintRecord
from synthtext.raster.outline import P_X, P_XX, P_Y, P_YX, P_YY
from synthtext.raster.polylines import Polylines, bounds, flatten_glyphs
from synthtext.scene.planes import Box, Homography
from synthtext.typeset.catalogue import Catalogue, FontRecord
from synthtext.typeset.layout import Layout, LayoutRecord, lay_out
from synthtext.typeset.outlines import OutlineStore
from synthtext.typeset.shaping import shape

_UPRIGHT_PITCH = 1.02  # em from one letter of a stack to the next


class Block(Struct, frozen=True):
    """Lines in one font and paint. `scale`: its em in the plane's units; `x`, `y`: where its middle lies on the plane.

    `stack`: letters upright, one below the other (a single word).
    """

    lines: tuple[str, ...]
    font: FontRecord
    layout: LayoutRecord
    paint: PaintRecord
    scale: float = 1.0
    x: float = 0.0
    y: float = 0.0
    stack: bool = False


def block_layout(block: Block, catalogue: Catalogue, store: OutlineStore) -> Layout:
    """Shape and place a block, in em about its own middle."""
    instance = store.instance(catalogue.face(block.font.face), block.font.variation)
    layout = lay_out(block.lines, (), instance, store, block.layout)
    if not block.stack:
        return layout
    word = shape(instance, store, block.lines[0], True)
    n = len(word.slots)
    placement = layout.placement
    for i in range(n):
        width = block.layout.stretch * word.advances[i]
        placement[i, P_XX : P_YY + 1] = (1.0, 0.0, 0.0, -1.0)
        placement[i, P_X] = block.layout.stretch * word.x_offsets[i] - 0.5 * width
        placement[i, P_Y] = _UPRIGHT_PITCH * (i - 0.5 * (n - 1)) + 0.36 - word.y_offsets[i]
    return Layout(
        layout.slots,
        placement,
        layout.own,
        layout.cells,
        layout.words,
        layout.char_texts,
        layout.word_texts,
        layout.word_lines,
        layout.word_rtl,
        1.0,
        _UPRIGHT_PITCH * n,
        False,
    )


def stackable(layout: Layout) -> bool:
    """Whether a text can be stacked: one word, a glyph a letter, left to right."""
    return len(layout.words) == 1 and len(layout.cells) == len(layout.slots) and not layout.word_rtl[0]


def ring(layout: Layout, turn: float) -> tuple[float, float, float]:
    """The circle (x, y, radius, em) on which the baseline of text set on an arc runs."""
    p = layout.placement
    length = float(np.hypot(np.diff(p[:, P_X]), np.diff(p[:, P_Y])).sum()) + 0.5
    radius = length / abs(turn)
    side = 1.0 if turn > 0.0 else -1.0
    x = p[:, P_X] + 0.25 * p[:, P_XX] - side * radius * p[:, P_YX]
    y = p[:, P_Y] + 0.25 * p[:, P_YX] + side * radius * p[:, P_XX]
    return float(x.mean()), float(y.mean()), radius


@dataclass(frozen=True, slots=True)
class Typeset:
    """A group's text on its plane. `layout`: all blocks as one; `block_of`: int (words,), the block of each word.

    `outlines`: in the plane's units. `box`: of the ink. `detail`: pixels per unit for which they were flattened.
    """

    layout: Layout
    block_of: list[int]
    block_glyphs: list[int]
    stacked: bool
    outlines: Polylines
    box: Box
    detail: float


def merge(blocks: tuple[Block, ...], layouts: list[Layout]) -> tuple[Layout, list[int], list[int]]:
    """The blocks' layouts as one, on the group's plane; the block of each word; how many glyphs each block ends at."""
    slots, placements, cells, words = [], [], [], []
    char_texts: list[tuple[str, ...]] = []
    word_texts: list[str] = []
    word_lines: list[int] = []
    word_rtl: list[bool] = []
    block_of: list[int] = []
    ends: list[int] = []
    glyphs = chars = lines = 0
    for number, (block, layout) in enumerate(zip(blocks, layouts, strict=True)):
        placement = layout.placement.copy()
        placement[:, P_XX : P_YY + 1] *= block.scale
        placement[:, P_X] = block.scale * placement[:, P_X] + block.x
        placement[:, P_Y] = block.scale * placement[:, P_Y] + block.y
        slots.append(layout.slots)
        placements.append(placement)
        cells.append(layout.cells + glyphs)
        words.append(layout.words + chars)
        char_texts += layout.char_texts
        word_texts += layout.word_texts
        word_lines += [lines + line for line in layout.word_lines]
        word_rtl += layout.word_rtl
        block_of += [number] * len(layout.word_texts)
        glyphs += len(layout.slots)
        chars += len(layout.cells)
        lines += len(block.lines)
        ends.append(glyphs)
    merged = Layout(
        np.concatenate(slots),
        np.concatenate(placements),
        glyphs,
        np.concatenate(cells),
        np.concatenate(words),
        char_texts,
        word_texts,
        word_lines,
        word_rtl,
        0.0,
        0.0,
        any(layout.curved for layout in layouts),
    )
    return merged, block_of, ends


def typeset(blocks: tuple[Block, ...], layouts: list[Layout], store: OutlineStore, scale: float) -> Typeset:
    """Flatten the blocks on their plane; `scale`: pixels per unit at which curves must look smooth."""
    layout, block_of, ends = merge(blocks, layouts)
    outlines = flatten_glyphs(store, layout.slots, layout.placement, plane_warp(), scale)
    box = bounds(outlines.points)
    return Typeset(layout, block_of, ends, any(block.stack for block in blocks), outlines, box, scale)


def plane_warp(plane: Homography | None = None) -> Warp:
    """The warp that sends a plane to the image; without one, nowhere else."""
    warp = np.zeros(W_SIZE)
    warp[W_H : W_H + 9] = plane if plane is not None else (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
    warp[W_FIT] = warp[W_FIT + 1] = 1.0
    return warp


def warped_points(plane: Homography, points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Points, float64 (n, 2), sent through a homography."""
    result: npt.NDArray[np.float64] = np.empty_like(points)
    warp_points(plane_warp(plane), points, result)
    return result


def warped(outlines: Polylines, plane: Homography) -> Polylines:
    """The outlines in the image."""
    points = warped_points(plane, outlines.points)
    return Polylines(points, outlines.contour_ends, outlines.glyph_ends, outlines.boxes)
