"""The text of a group: blocks of lines stacked on one plane, shaped, placed and flattened together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from synthtext.core.kernel import kernel
from synthtext.core.records import Number, Positive, Record
from synthtext.geometry.warp import W_FIT, W_H, W_SIZE, Warp, warp_points
from synthtext.paint.ink import PaintParams
from synthtext.raster.outline import waisted
from synthtext.scene.planes import Box, Homography
from synthtext.typeset.catalogue import Catalogue, FontRecord
from synthtext.typeset.glyph_table import (
    P_CONTRAST,
    P_ROUGH,
    P_SHEAR,
    P_STRETCH,
    P_WAIST,
    P_WEIGHT,
    P_X,
    P_XX,
    P_XY,
    P_Y,
    P_YX,
    P_YY,
)
from synthtext.typeset.layout import Layout, LayoutParams, lay_out
from synthtext.typeset.outlines import OutlineStore
from synthtext.typeset.shaping import Reading, shape_line

_UPRIGHT_PITCH = 1.02  # em from one letter of a stack to the next


class Block(Record, frozen=True):
    """Lines in one font and paint. `scale`: its em in the plane's units; `x`, `y`: where its middle lies on the plane.

    `stack`: letters upright, one below the other (a single word). `language`: BCP 47, for the shaping.
    """

    lines: tuple[str, ...]
    font: FontRecord
    layout: LayoutParams
    paint: PaintParams
    scale: Positive = 1.0
    x: Number = 0.0
    y: Number = 0.0
    stack: bool = False
    language: str = ""


def block_layout(block: Block, catalogue: Catalogue, store: OutlineStore) -> Layout:
    """Shape and place a block, in em about its own middle."""
    fonts = catalogue.instances(block.font, store, block.layout.rounding)
    layout = lay_out(block.lines, (), fonts, store, block.layout, block.language)
    if not block.stack:
        return layout
    (word,) = shape_line(fonts, store, block.lines[0], True, block.language).words
    n = len(word.slots)
    placement = layout.placement
    for i in range(n):
        stretch = placement[i, P_STRETCH]
        placement[i, P_XX : P_YY + 1] = (1.0, 0.0, 0.0, -1.0)
        placement[i, P_X] = stretch * (word.x_offsets[i] - 0.5 * word.advances[i])
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
        [Reading("ttb")],
        1.0,
        _UPRIGHT_PITCH * n,
        False,
    )


def stackable(layout: Layout) -> bool:
    """Whether a text can be stacked: one word, a glyph a letter, left to right."""
    return len(layout.words) == 1 and len(layout.cells) == len(layout.slots) and not layout.readings[0].order


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
    """A group's text on its plane. `layout`: all blocks as one; `block_of`: the block of each word.

    `glyphs`: how many glyphs each block ends at. `stacked`: whether it is a stack. `box`: holds the ink, closely.
    """

    layout: Layout
    block_of: list[int]
    glyphs: list[int]
    stacked: bool
    box: Box


def typeset(blocks: tuple[Block, ...], layouts: list[Layout], store: OutlineStore) -> Typeset:
    """The blocks on their plane."""
    layout, block_of, glyphs = merge(blocks, layouts)
    box = ink_box(store.control, store.degree, store.contours, store.glyphs, layout.slots, layout.placement)
    return Typeset(layout, block_of, glyphs, any(block.stack for block in blocks), box)


def merge(blocks: tuple[Block, ...], layouts: list[Layout]) -> tuple[Layout, list[int], list[int]]:
    """The blocks' layouts as one, on the group's plane; the block of each word; how many glyphs each block ends at."""
    placements = []
    for block, layout in zip(blocks, layouts, strict=True):
        placement = layout.placement.copy()
        if block.scale != 1.0:
            placement[:, P_XX : P_Y + 1] *= block.scale
        placement[:, P_X : P_Y + 1] += (block.x, block.y)
        placements.append(placement)
    first = layouts[0]
    if len(blocks) == 1:
        merged = Layout(
            first.slots,
            placements[0],
            first.own,
            first.cells,
            first.words,
            first.char_texts,
            first.word_texts,
            first.word_lines,
            first.readings,
            first.width,
            first.height,
            first.curved,
        )
        return merged, [0] * len(first.words), [len(first.slots)]
    slots, cells, words = [], [], []
    char_texts: list[tuple[str, ...]] = []
    word_texts: list[str] = []
    word_lines: list[int] = []
    readings: list[Reading] = []
    block_of: list[int] = []
    ends: list[int] = []
    glyphs = chars = lines = 0
    for number, (block, layout) in enumerate(zip(blocks, layouts, strict=True)):
        slots.append(layout.slots)
        cells.append(layout.cells + glyphs)
        words.append(layout.words + chars)
        char_texts += layout.char_texts
        word_texts += layout.word_texts
        word_lines += [lines + line for line in layout.word_lines]
        readings += layout.readings
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
        readings,
        0.0,
        0.0,
        any(layout.curved for layout in layouts),
    )
    return merged, block_of, ends


@kernel
def ink_box(control, degree, contours, glyphs, slots, placement):
    """A box (x0, y0, x1, y1) on the plane that holds the ink of placed glyphs: of their control points.

    It is the ink's own where curves have points at their extremes, as fonts do, and never smaller.
    `control` ... `glyphs`: of the outline store. `slots` int64 (n,), `placement` float64 (n, PLACEMENT).
    """
    x0, y0, x1, y1 = 1e30, 1e30, -1e30, -1e30
    for g in range(slots.shape[0]):
        shear, stretch = placement[g, P_SHEAR], placement[g, P_STRETCH]
        waist, rough = placement[g, P_WAIST], placement[g, P_ROUGH]
        # A mitre reaches no further than twice the offset.
        reach = 2.0 * max(placement[g, P_WEIGHT] + abs(placement[g, P_CONTRAST]), 0.0)
        left, low, right, high = 1e30, 1e30, -1e30, -1e30
        for c in range(glyphs[slots[g], 0], glyphs[slots[g], 1]):
            for s in range(contours[c, 0], contours[c, 1]):
                for k in range(degree[s]):
                    y = control[s, 2 * k + 1]
                    x = stretch * control[s, 2 * k] + shear * waisted(y, waist)
                    left, right, low, high = min(left, x), max(right, x), min(low, y), max(high, y)
        if left > right:
            continue
        across = (stretch + (1.0 if waist == 0.0 else 2.0) * abs(shear)) * reach + rough
        left, right = left - across, right + across
        low, high = waisted(low - reach, waist) - rough, waisted(high + reach, waist) + rough
        for k in range(4):
            x = left if k == 0 or k == 3 else right
            y = high if k < 2 else low
            u = placement[g, P_XX] * x + placement[g, P_XY] * y + placement[g, P_X]
            v = placement[g, P_YX] * x + placement[g, P_YY] * y + placement[g, P_Y]
            x0, x1, y0, y1 = min(x0, u), max(x1, u), min(y0, v), max(y1, v)
    return x0, y0, x1, y1


def plane_warp(plane: Homography) -> Warp:
    """The warp that sends a plane to the image."""
    warp = np.zeros(W_SIZE)
    warp[W_H : W_H + 9] = plane
    warp[W_FIT] = warp[W_FIT + 1] = 1.0
    return warp


def warped_points(plane: Homography, points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Points, float64 (n, 2), sent through a homography."""
    result: npt.NDArray[np.float64] = np.empty_like(points)
    warp_points(plane_warp(plane), points, result)
    return result
