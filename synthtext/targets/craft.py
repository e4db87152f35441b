"""CRAFT's maps (Baek et al. 2019, "Character Region Awareness for Text Detection", section 3.2.1).

t = encode(char_quads, char_word, word_polygons, ignore, height, width, stride=2)
quads, scores = decode(t.region, t.affinity, stride=2)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from synthtext.core.errors import InputError
from synthtext.core.kernel import kernel
from synthtext.geometry.polygons import (
    DEGENERATE,
    first_sample,
    inspect_polygons,
    min_area_rectangle,
    row_crossings,
    rows_of,
    shortest_side,
    signed_area,
    turn,
)
from synthtext.targets.boundary import (
    Bytes,
    Floats,
    Ints,
    Points,
    Polygons,
    Spec,
    as_char_word,
    as_ignore,
    as_points,
    check_share,
    check_size,
    map_shape,
    prepare,
)
from synthtext.targets.components import as_map, boxes_of, parts_of, rectangle_around
from synthtext.targets.rows import mask_texts

TAKES = "chars"  # what `encode` is made of: words' quads or polygons, or these and chars


class CraftTargets(NamedTuple):
    """Maps of `h` = ceil(height / stride) rows, `w` columns.

    `region`, `affinity` float32 (h, w): the greatest of the Gaussians of the chars, and of the gaps between neighbours.
    `mask` uint8: 1 where the loss counts. `instance` int32: 1 + the index of the char that `region` is of, or 0.
    """

    region: Floats
    affinity: Floats
    mask: Bytes
    instance: Ints


_SPECS = (
    Spec("region", (), np.float32),
    Spec("affinity", (), np.float32),
    Spec("mask", (), np.uint8, 1),
    Spec("instance", (), np.int32),
)


def encode(
    char_quads: npt.ArrayLike,
    char_word: npt.ArrayLike,
    word_polygons: Polygons,
    ignore: npt.ArrayLike | None,
    height: int,
    width: int,
    stride: int = 2,
    *,
    sigma: float = 0.2,
    enlarge: float = 1.5,
    min_size: float = 0.0,
    out: CraftTargets | None = None,
) -> CraftTargets:
    """CRAFT's training maps of an image of height x width pixels.

    `char_quads` (n, 4, 2); `char_word` (n,): the word of each char, chars in reading order; `word_polygons`: m of them,
    (2k, 2) or (m, 4, 2); `ignore` (m,) or None. A char's Gaussian, of `sigma` times the side of a square and cut off at
    its border, is seen through the homography from that square to the char's quad; it is computed at each sample, no
    picture of it is warped. The quad is grown about its middle by `enlarge` first: 1.5 in the authors' training code,
    1 in the paper. An affinity quad's corners are
    the centroids of the upper and lower triangle, between a side and the crossing of the diagonals, of two neighbouring
    chars of a word; where chars are stacked, one below the other, of the left and right triangle. A quad that is not
    convex stands for its rectangle of least area; one without area is left out, and its neighbours become neighbours;
    an affinity quad that crosses itself is left out. Where Gaussians overlap the greatest counts.
    The mask is 0 in words that are ignored, whose shortest side is below `min_size`, or of whose chars none holds a
    sample, outside of the quads of chars that are drawn. `out`: maps of `empty` or of an earlier call, written anew and
    given back. Raises InputError. Without quads of chars: `split_words`.
    """
    shape = map_shape(height, width, stride)
    points, _, status = as_points(char_quads, quads=True, name="char quad")
    word_points, word_ends, word_status = as_points(word_polygons, name="word polygon")
    flags = as_ignore(ignore, len(word_ends))
    words = as_char_word(char_word, len(status), len(word_ends))
    sigma, enlarge = check_share("sigma", sigma, 1e-3, 10.0), check_share("enlarge", enlarge, 0.1, 10.0)
    min_size = check_size(min_size)
    maps = prepare(CraftTargets, shape, _SPECS, out)
    _encode(
        points, status, words, word_points, word_ends, word_status, flags,
        float(stride), sigma, enlarge, min_size, *maps,
    )  # fmt: skip
    return maps


def empty(height: int, width: int, stride: int = 2) -> CraftTargets:
    """Maps of an image without text, to be given to `encode` as `out`."""
    return prepare(CraftTargets, map_shape(height, width, stride), _SPECS)


@kernel
def _square_of(quad, inverse):
    """The homography from a convex quad (4, 2) to the unit square, up to a factor, into `inverse` (9,)."""
    x0, y0, x1, y1 = quad[0, 0], quad[0, 1], quad[1, 0], quad[1, 1]
    x2, y2, x3, y3 = quad[2, 0], quad[2, 1], quad[3, 0], quad[3, 1]
    sx, sy = x0 - x1 + x2 - x3, y0 - y1 + y2 - y3
    ax, ay, bx, by = x1 - x2, y1 - y2, x3 - x2, y3 - y2
    determinant = ax * by - bx * ay
    g, h = (sx * by - bx * sy) / determinant, (ax * sy - sx * ay) / determinant
    # Square to quad: ((a, b, x0), (d, e, y0), (g, h, 1)); its adjugate is the way back.
    a, b, d, e = x1 - x0 + g * x1, x3 - x0 + h * x3, y1 - y0 + g * y1, y3 - y0 + h * y3
    inverse[0], inverse[1], inverse[2] = e - h * y0, h * x0 - b, b * y0 - e * x0
    inverse[3], inverse[4], inverse[5] = g * y0 - d, a - g * x0, d * x0 - a * y0
    inverse[6], inverse[7], inverse[8] = d * h - e * g, b * g - a * h, a * e - b * d


@kernel
def _as_convex(quad):
    """Put the rectangle of least area in the place of a clockwise quad (4, 2) that is not convex, or all but a triangle
    (which is no square seen through a homography).
    """
    area = signed_area(quad, 0, 4)
    for i in range(4):
        j, k = (i + 1) % 4, (i + 2) % 4
        if turn(quad[i, 0], quad[i, 1], quad[j, 0], quad[j, 1], quad[k, 0], quad[k, 1]) < 1e-6 * area:
            box = np.empty((4, 2))
            min_area_rectangle(quad, 0, 4, box)
            quad[:] = box
            return


@kernel
def _draw(quad, enlarge, stride, scale, number, heat, instance):
    """Draw the Gaussian of a convex quad, grown about its middle, into `heat`; where it is the greatest so far,
    `number` into `instance` (unless it is 0). Whether it holds a sample.
    """
    height, width = heat.shape
    xs, inverse, near, wide = np.empty(4), np.empty(9), np.empty((4, 2)), np.empty((4, 2))
    for c in range(2):
        middle = 0.25 * (quad[0, c] + quad[1, c] + quad[2, c] + quad[3, c])
        for n in range(4):
            wide[n, c] = middle + enlarge * (quad[n, c] - middle)
    # About the quad's first corner, so that nothing is lost far from the origin.
    ox, oy = wide[0, 0], wide[0, 1]
    for n in range(4):
        near[n, 0], near[n, 1] = wide[n, 0] - ox, wide[n, 1] - oy
    _square_of(near, inverse)
    first, last = rows_of(wide, 0, 4, 0.0, stride, height)
    found = False
    for i in range(first, last):
        y = (i + 0.5) * stride
        if row_crossings(wide, 0, 4, y, xs) < 2:
            continue
        for j in range(first_sample(xs[0], stride, width), first_sample(xs[1], stride, width)):
            x = (j + 0.5) * stride - ox
            w = inverse[6] * x + inverse[7] * (y - oy) + inverse[8]
            u = (inverse[0] * x + inverse[1] * (y - oy) + inverse[2]) / w - 0.5
            v = (inverse[3] * x + inverse[4] * (y - oy) + inverse[5]) / w - 0.5
            value = np.float32(math.exp(scale * (u * u + v * v)))
            found = True
            if value > heat[i, j]:
                heat[i, j] = value
                if number > 0:
                    instance[i, j] = number
    return found


@kernel
def _triangles(quad, out):
    """Centroids of a convex quad's upper, right, lower and left triangle, whose common corner is the crossing of the
    diagonals, into `out` (4, 2).
    """
    ax, ay, bx, by = quad[0, 0], quad[0, 1], quad[1, 0], quad[1, 1]
    cx, cy, dx, dy = quad[2, 0], quad[2, 1], quad[3, 0], quad[3, 1]
    t = ((bx - ax) * (dy - by) - (by - ay) * (dx - bx)) / ((cx - ax) * (dy - by) - (cy - ay) * (dx - bx))
    x, y = ax + t * (cx - ax), ay + t * (cy - ay)
    for k in range(4):
        n = (k + 1) % 4
        out[k, 0], out[k, 1] = (quad[k, 0] + quad[n, 0] + x) / 3.0, (quad[k, 1] + quad[n, 1] + y) / 3.0


@kernel
def _affinity(before, after, link):
    """The affinity quad of two neighbours, of their triangles' centroids (`_triangles`), clockwise, into `link`.

    Of upper and lower triangles where the way from one char to the next is along the text's line, else of left and
    right ones.
    """
    wx, wy = 0.0, 0.0
    for k in range(4):
        wx, wy = wx + after[k, 0] - before[k, 0], wy + after[k, 1] - before[k, 1]
    across = before[1] - before[3] + after[1] - after[3]
    down = before[2] - before[0] + after[2] - after[0]
    level = abs(wx * across[0] + wy * across[1]) * math.hypot(down[0], down[1])
    steep = abs(wx * down[0] + wy * down[1]) * math.hypot(across[0], across[1])
    one, two = (0, 2) if level >= steep else (1, 3)
    link[0], link[1], link[2], link[3] = before[one], after[one], after[two], before[two]
    if signed_area(link, 0, 4) < 0.0:  # written from right to left, or stacked downwards
        link[0], link[1], link[2], link[3] = after[one], before[one], before[two], after[two]


@kernel
def _encode(
    points, status, char_word, word_points, word_ends, word_status, ignore, stride, sigma, enlarge, min_size,
    region, affinity, mask, instance,
):  # fmt: skip
    """All maps of one image. See `encode`."""
    scale = -0.5 / (sigma * sigma)
    masked = np.ones(word_ends.shape[0], np.uint8)
    quad, link = np.empty((4, 2)), np.empty((4, 2))
    before, after = np.empty((4, 2)), np.empty((4, 2))
    one, kind = np.full(1, 4), np.empty(1, np.uint8)
    last = -1
    for k in range(char_word.shape[0]):
        m = char_word[k]
        begin = word_ends[m - 1] if m > 0 else 0
        if ignore[m] or status[k] >= DEGENERATE or word_status[m] >= DEGENERATE:
            continue
        if shortest_side(word_points, begin, word_ends[m]) < min_size:
            continue
        quad[:] = points[4 * k : 4 * k + 4]
        _as_convex(quad)
        if _draw(quad, enlarge, stride, scale, k + 1, region, instance):
            masked[m] = 0
        _triangles(quad, after)
        if last == m:
            _affinity(before, after, link)
            if inspect_polygons(link, one, kind) < 0 and kind[0] < DEGENERATE:
                _as_convex(link)
                _draw(link, enlarge, stride, scale, 0, affinity, instance)
        last = m
        before[:] = after
    mask_texts(word_points, word_ends, word_status, masked, stride, instance, mask)


def split_words(polygons: Polygons, texts: Sequence[str]) -> tuple[Floats, npt.NDArray[np.int64], tuple[str, ...]]:
    """Chars of equal widths, for words whose chars nobody labelled (as section 3.2.2 takes them where it must).

    `polygons`: (2k, 2) each, or quads (n, 4, 2), and their `texts`. A polygon's band (see `strips`) is cut into as many
    pieces, equally long along the middle line, as its text has characters without blanks. Gives `char_quads` float32
    (m, 4, 2), `char_word` int64 (m,) and the characters. Raises InputError.
    """
    points, ends, status = as_points(polygons, sides=True)
    if len(texts) != len(ends):
        raise InputError(f"texts: are {len(texts)} for {len(ends)} polygons; give one a polygon")
    quads: list[Points] = []
    words: list[int] = []
    chars: list[str] = []
    for k, text in enumerate(texts):
        own = "".join(text.split())
        begin, end = int(ends[k - 1]) if k else 0, int(ends[k])
        if not own or status[k] >= DEGENERATE:
            continue
        top, bottom = points[begin : begin + (end - begin) // 2], points[begin + (end - begin) // 2 : end][::-1]
        middle = 0.5 * (top + bottom)
        along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(middle, axis=0).T))])
        if not along[-1] > 0.0:
            continue
        at = np.linspace(0.0, along[-1], len(own) + 1)
        upper = np.stack([np.interp(at, along, top[:, c]) for c in range(2)], 1)
        lower = np.stack([np.interp(at, along, bottom[:, c]) for c in range(2)], 1)
        quads.append(np.stack([upper[:-1], upper[1:], lower[1:], lower[:-1]], 1))
        words += [k] * len(own)
        chars += own
    array = np.concatenate(quads) if quads else np.zeros((0, 4, 2))
    return array.astype(np.float32), np.array(words, np.int64), tuple(chars)


@kernel
def _level_points(values, part, low, floor, out):
    """Where a map of Gaussians falls to `low` along rows and columns, from the samples of a `part` (h, w) to those
    outside of it, into `out` (m, 2): points xy, in samples of the map; their number.

    Between two samples the logarithm is taken as linear; outside of the map and below `floor`, where Gaussians are cut
    off, as `floor`.
    """
    height, width = part.shape
    count = 0
    for i in range(height):
        for j in range(width):
            if not part[i, j]:
                continue
            for side in range(4):
                di, dj = (side == 0) - (side == 1), (side == 2) - (side == 3)
                a, b = i + di, j + dj
                beyond = 0.0
                if 0 <= a < height and 0 <= b < width:
                    if part[a, b]:
                        continue
                    beyond = values[a, b]
                t = math.log(values[i, j] / low) / math.log(values[i, j] / min(max(beyond, floor), low))
                out[count, 0], out[count, 1] = j + 0.5 + t * dj, i + 0.5 + t * di
                count += 1
    return count


def decode(
    region: npt.ArrayLike,
    affinity: npt.ArrayLike,
    stride: int = 2,
    *,
    text: float = 0.7,
    link: float = 0.4,
    low: float = 0.4,
    sigma: float = 0.2,
    enlarge: float = 1.5,
    aspect: float = 0.6,
) -> tuple[list[Points], Floats]:
    """Word rectangles of region and affinity maps: the parts where region > `low` or affinity > `link`, and region
    exceeds `text` somewhere (section 3.3). `sigma` and `enlarge`: of `encode`.

    The Gaussian falls to `low` at enlarge sigma sqrt(-2 ln low) of the char's side from its middle, so a part is that
    much of the word's height, measured between samples. Its rectangle of least area is grown by the rest: above and
    below, and at both ends by as much of a char's width, taken as `aspect` times its height. Gives float64 (4, 2) each,
    and the greatest region in each. With enlarge=1 Gaussians of unlike neighbours do not meet at the levels that are
    usual: their words come in pieces.
    """
    regions, links = as_map("region", region), as_map("affinity", affinity)
    if regions.shape != links.shape:
        raise InputError(f"affinity: has the shape {links.shape} for a region map of {regions.shape}; give the same")
    low, sigma = check_share("low", low, 0.01, 0.99), check_share("sigma", sigma, 1e-3, 10.0)
    text, link = check_share("text", text, 0.0, 1.0), check_share("link", link, 0.01, 1.0)
    enlarge, aspect = check_share("enlarge", enlarge, 0.1, 10.0), check_share("aspect", aspect, 0.0, 10.0)
    map_shape(1, 1, stride)
    values = np.maximum(regions, links * np.float32(low / link))
    labels = parts_of((regions > low) | (links > link))
    share = enlarge * min(2.0 * sigma * math.sqrt(-2.0 * math.log(low)), 1.0)
    floor = min(math.exp(-0.125 / (sigma * sigma)), 0.9 * low)
    found, scores = [], []
    for k, (rows, columns) in boxes_of(labels):
        # A sample more on each side, for what is beyond the part.
        top, left = max(rows.start - 1, 0), max(columns.start - 1, 0)
        around = slice(top, rows.stop + 1), slice(left, columns.stop + 1)
        part = labels[around] == k
        score = float(regions[around][part].max())
        if score < text:
            continue
        border = np.empty((4 * int(np.count_nonzero(part)), 2))
        count = _level_points(np.maximum(values[around], low * (1.0 + 1e-6) * part), part, low, floor, border)
        box = rectangle_around((border[:count] + np.array([left, top])) * float(stride))
        width, height = float(np.hypot(*(box[1] - box[0]))), float(np.hypot(*(box[3] - box[0])))
        margin = 0.5 * (1.0 / share - 1.0) * min(width, height)
        along, down = (aspect * margin, margin) if width >= height else (margin, aspect * margin)
        u, v = (box[1] - box[0]) / width * along, (box[3] - box[0]) / height * down
        found.append(box + np.array([-u - v, u - v, u + v, v - u]))
        scores.append(score)
    return found, np.array(scores, np.float32)
