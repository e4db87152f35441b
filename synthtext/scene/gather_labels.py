"""Labels of a scene: what the image's edge leaves of each word, how much of it is seen, and how well it can be read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from synthtext.core.kernel import kernel
from synthtext.geometry.polygons import signed_area
from synthtext.geometry.warp import Warp, warp_xy
from synthtext.labels.order import in_logical_order
from synthtext.labels.visible import shown_labels
from synthtext.raster.coverage import fill
from synthtext.raster.polylines import Polylines, bounds
from synthtext.sample import Labels
from synthtext.scene.scene_config import SceneConfig
from synthtext.typeset.glyph_table import P_X, P_XX, P_Y, P_YX
from synthtext.typeset.layout import Layout

Floats = npt.NDArray[np.float32]

TRACE = 1.0 / 16.0  # square pixels of ink: less of it changes no pixel by more than a sixteenth of its contrast


@dataclass(frozen=True, slots=True)
class Placed:
    """A group in the image: its outlines and labels. `layout`: its text; `glyphs`: where each block's end."""

    layout: Layout
    block_of: list[int]
    glyphs: list[int]
    outlines: Polylines
    warp: Warp
    char_quads: npt.NDArray[np.float32]
    word_quads: npt.NDArray[np.float32]
    polygons: npt.NDArray[np.float32]
    sizes: npt.NDArray[np.int64]


def window(points: npt.NDArray[np.float64], height: int, width: int, margin: float) -> tuple[int, int, int, int]:
    """The pixels (left, top, right, bottom) of the image in the points' box, grown by a margin; it may be empty."""
    x0, y0, x1, y1 = bounds(points)
    left, top = int(max(x0 - margin, 0.0)), int(max(y0 - margin, 0.0))
    return left, top, math.ceil(min(x1 + margin, width)), math.ceil(min(y1 + margin, height))


class Window(NamedTuple):
    """What a block of text covers of the image, its first pixel at (left, top).

    `drawn`: float32 (h, w), coverage of its ink; `seen`: of what is left of it. `painted`: float32 (h, w), by how much
    lightness painting it changed the image; of shape (0, 0) where its ink tells all.
    """

    left: int
    top: int
    drawn: npt.NDArray[np.float32]
    seen: npt.NDArray[np.float32]
    painted: npt.NDArray[np.float32]


@kernel
def word_ems(warp, placement, cells, words, out):
    """The em of each word in pixels, across the direction in which it is the smaller, into `out` float64 (m,)."""
    h = 1e-3
    for m in range(words.shape[0]):
        g = cells[(words[m, 0] + words[m, 1]) // 2, 0]
        x, y = placement[g, P_X], placement[g, P_Y]
        u, v = warp_xy(warp, x, y)
        ua, va = warp_xy(warp, x + h, y)
        ub, vb = warp_xy(warp, x, y + h)
        a, b, c, d = (ua - u) / h, (ub - u) / h, (va - v) / h, (vb - v) / h
        # The smaller singular value of the Jacobian: s1 s2 = |det|, s1^2 + s2^2 = sum of squares.
        squares, det = a * a + b * b + c * c + d * d, abs(a * d - b * c)
        smaller = math.sqrt(max(0.5 * (squares - math.sqrt(max(squares * squares - 4.0 * det * det, 0.0))), 0.0))
        out[m] = smaller * math.hypot(placement[g, P_XX], placement[g, P_YX])


@kernel
def _clip_area(points, begin, end, height, width, a, b):
    """Signed area of the closed `points[begin:end]` inside the image; `a`, `b`: scratch."""
    size = end - begin
    for i in range(size):
        a[i, 0], a[i, 1] = points[begin + i, 0], points[begin + i, 1]
    for side in range(4):
        axis = side % 2
        bound = 0.0 if side < 2 else (float(width) if axis == 0 else float(height))
        sign = 1.0 if side < 2 else -1.0
        count = 0
        for i in range(size):
            j = i + 1 if i + 1 < size else 0
            p, q = sign * (a[i, axis] - bound), sign * (a[j, axis] - bound)
            if p >= 0.0:
                b[count, 0], b[count, 1] = a[i, 0], a[i, 1]
                count += 1
            if (p > 0.0 and q < 0.0) or (p < 0.0 and q > 0.0):
                t = p / (p - q)
                b[count, 0], b[count, 1] = a[i, 0] + t * (a[j, 0] - a[i, 0]), a[i, 1] + t * (a[j, 1] - a[i, 1])
                count += 1
        for i in range(count):
            a[i, 0], a[i, 1] = b[i, 0], b[i, 1]
        size = count
        if size < 3:
            return 0.0
    return signed_area(a, 0, size)


@kernel
def word_areas(points, contour_ends, glyph_ends, cells, words, height, width, out):
    """Of each word's outlines: area, and area inside the image, into `out` float64 (m, 2)."""
    longest, start = 0, 0
    for c in range(contour_ends.shape[0]):
        longest, start = max(longest, contour_ends[c] - start), contour_ends[c]
    a, b = np.empty((6 * longest + 16, 2)), np.empty((6 * longest + 16, 2))
    for m in range(words.shape[0]):
        g0, g1 = cells[words[m, 0], 0], cells[words[m, 1] - 1, 1]
        first = glyph_ends[g0 - 1] if g0 > 0 else 0
        start = contour_ends[first - 1] if first > 0 else 0
        area, inside = 0.0, 0.0
        for c in range(first, glyph_ends[g1 - 1]):
            stop = contour_ends[c]
            x0, y0 = points[stop - 1, 0], points[stop - 1, 1]
            own = 0.0
            whole = True
            for i in range(start, stop):
                x1, y1 = points[i, 0], points[i, 1]
                own += x0 * y1 - x1 * y0
                if x1 < 0.0 or y1 < 0.0 or x1 > width or y1 > height:
                    whole = False
                x0, y0 = x1, y1
            own *= 0.5
            area += own
            inside += own if whole else _clip_area(points, start, stop, height, width, a, b)
            start = stop
        out[m, 0], out[m, 1] = abs(area), abs(inside)


class Labelled(NamedTuple):
    """Of a group, int64: the number, from 1, of each of its chars (in logical order) and words among the labels; 0 for
    those without one."""

    chars: npt.NDArray[np.int64]
    words: npt.NDArray[np.int64]


class Seen(NamedTuple):
    """Of each of a group's words, float32 (m,): legibility, visible share of its ink, and square pixels of it seen."""

    legibility: Floats
    visible: Floats
    ink: Floats


def ink_not_hidden(one: Placed, word: int, hidden: Floats) -> float:
    """Square pixels of a word's ink that lie in the picture and not behind `hidden`, float32 (H, W)."""
    height, width = hidden.shape
    outlines, cells = one.outlines, one.layout.cells
    first, last = one.layout.words[word].tolist()
    own = outlines.between(int(cells[first, 0]), int(cells[last - 1, 1]))
    left, top, right, bottom = window(own.points, height, width, 0.0)
    if left >= right or top >= bottom:
        return 0.0
    coverage = np.zeros((bottom - top, right - left), np.float32)
    fill(own.points, own.contour_ends, own.glyph_ends, float(-left), float(-top), coverage)
    return float((coverage * (1.0 - hidden[top:bottom, left:right])).sum())


def _chars_that_show(
    one: Placed, cells: Sequence[int], shares: npt.NDArray[np.float32], height: int, width: int
) -> list[int]:
    """Which of a word's chars, of the cells `cells`, have ink in the picture: at least the one that has most.

    `shares`: of their quads' areas.
    """
    outlines, of = one.outlines, np.array(cells)
    areas = np.empty((len(of), 2))
    word_areas(
        outlines.points,
        outlines.contour_ends,
        outlines.glyph_ends,
        one.layout.cells,
        np.stack([of, of + 1], axis=1),
        height,
        width,
        areas,
    )
    ink = np.where(shares > 0.0, areas[:, 1], 0.0)
    shown: list[int] = np.flatnonzero(ink >= TRACE).tolist()
    return shown or [int(np.argmax(ink))]


def gather_labels(
    placed: Sequence[Placed],
    seen: Sequence[Seen],
    height: int,
    width: int,
    scene: SceneConfig,
    minimum: float,
) -> tuple[str, Labels, list[Labelled]]:
    """Text and labels of all groups in reading order, as the picture shows them (`labels/visible.py`); and which of
    each group are labelled.

    All ink that is seen has a label. A word keeps the chars of which at least half is inside of the picture; where none
    is, it is ignored, and its text is the chars that show. A word of which no more than a TRACE is seen has no label.
    `minimum`: legibility below which a word is ignored.
    """
    char_text: list[str] = []
    char_quads: list[Floats] = [np.empty((0, 4, 2), np.float32)]
    char_word: list[int] = []
    word_text: list[str] = []
    word_quads: list[Floats] = [np.empty((0, 4, 2), np.float32)]
    polygons: list[Floats] = []
    ignore: list[bool] = []
    scores: list[float] = []
    shares: list[float] = []
    lines: list[int] = []
    paragraphs: list[int] = []
    directions: list[str] = []
    texts: list[list[str]] = []
    labelled: list[Labelled] = []
    paragraph = -1
    for one, (legibility, visible, ink) in zip(placed, seen, strict=True):
        layout = one.layout
        own_texts, word_of, quads, cells = in_logical_order(layout, one.char_quads)
        own_words = one.word_quads.copy()
        shown, parts, insides = shown_labels(quads, own_words, one.polygons, one.sizes, height, width)
        whole = parts.min() >= 0.5
        counts = np.bincount(word_of, minlength=len(layout.word_texts)).tolist()
        ids = Labelled(np.zeros(len(own_texts), np.int64), np.zeros(len(counts), np.int64))
        labelled.append(ids)
        first, last = 0, (-1, -1)
        for word, (score, share, seen_ink, inside) in enumerate(
            zip(legibility.tolist(), visible.tolist(), ink.tolist(), insides.tolist(), strict=True)
        ):
            begin, first = first, first + counts[word]
            if seen_ink < TRACE:
                continue
            content, chars, own = layout.word_texts[word], own_texts[begin:first], quads[begin:first]
            numbers = ids.chars[begin:first]
            remnant = False
            if not whole:
                kept = np.flatnonzero(parts[begin:first] >= 0.5).tolist()
                remnant = not kept
                if remnant:
                    kept = _chars_that_show(one, cells[begin:first], parts[begin:first], height, width)
                if len(kept) < len(chars):
                    chars, own = [chars[i] for i in kept], own[kept]
                    content = "".join(chars)
                    numbers[kept] = np.arange(len(char_text) + 1, len(char_text) + 1 + len(kept))
            if len(numbers) == len(chars):
                numbers[:] = np.arange(len(char_text) + 1, len(char_text) + 1 + len(chars))
            ids.words[word] = len(word_text) + 1
            place = (one.block_of[word], layout.word_lines[word])
            if place[0] != last[0]:
                paragraph += 1
            if place != last:
                texts.append([])
            last = place
            char_text += chars
            char_quads.append(own)
            char_word += [len(word_text)] * len(chars)
            texts[-1].append(content)
            word_text.append(content)
            word_quads.append(own_words[word : word + 1])
            polygons.append(shown[word])
            shares.append(share)
            scores.append(score)
            cut_off = inside < 0.999 and scene.edge == "ignore"
            ignore.append(score < minimum or share < scene.min_visible or share <= 0.0 or remnant or cut_off)
            lines.append(len(texts) - 1)
            paragraphs.append(paragraph)
            directions.append(layout.readings[word].direction)
    labels = Labels(
        tuple(char_text),
        np.concatenate(char_quads),
        np.array(char_word, np.int64),
        tuple(word_text),
        np.concatenate(word_quads),
        tuple(polygons),
        np.array(ignore, np.bool_),
        np.array(scores, np.float32),
        np.array(lines, np.int64),
        np.array(paragraphs, np.int64),
        np.array(shares, np.float32),
        tuple(directions),
    )
    return "\n".join([" ".join(words) for words in texts]), labels, labelled
