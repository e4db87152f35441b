"""DBNet's maps (Liao et al. 2020, "Real-time Scene Text Detection with Differentiable Binarization", section 3.4).

t = encode(polygons, ignore, height, width, stride=1)
polygons, scores = decode(t.probability, stride=1)
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from synthtext.core.errors import InputError
from synthtext.core.kernel import kernel
from synthtext.geometry.polygons import (
    DEGENERATE,
    first_sample,
    perimeter,
    row_crossings,
    rows_of,
    shortest_side,
    signed_area,
)
from synthtext.targets.boundary import (
    Bytes,
    Floats,
    Ints,
    Points,
    Polygons,
    Spec,
    as_ignore,
    as_points,
    check_share,
    check_size,
    map_shape,
    prepare,
)
from synthtext.targets.components import grown, outlines, rectangle_around
from synthtext.targets.rows import E_SIZE, edges_of, mask_texts, paint_order, row_distance
from synthtext.targets.thin import core_holds, is_thin, widen

TAKES = "polygons"  # what `encode` is made of: words' quads or polygons, or these and chars


class DbnetTargets(NamedTuple):
    """Maps of `h` = ceil(height / stride) rows, `w` columns.

    `probability` float32 (h, w): 1 in the shrunk texts. `mask` uint8: 1 where its loss counts.
    `threshold` float32: from 0.3 (the default) at the distance D of a text's border, and beyond, to 0.7 on the border.
    `threshold_mask` uint8: 1 where the threshold's loss counts: in a legible text, core included, and within D of it.
    `instance` int32: 1 + the index of the polygon whose shrunk text the sample lies in, or 0.
    """

    probability: Floats
    threshold: Floats
    mask: Bytes
    threshold_mask: Bytes
    instance: Ints


def _specs(low: float) -> tuple[Spec, ...]:
    return (
        Spec("probability", (), np.float32),
        Spec("threshold", (), np.float32, low),
        Spec("mask", (), np.uint8, 1),
        Spec("threshold_mask", (), np.uint8),
        Spec("instance", (), np.int32),
    )


def encode(
    polygons: Polygons,
    ignore: npt.ArrayLike | None,
    height: int,
    width: int,
    stride: int = 1,
    *,
    ratio: float = 0.4,
    threshold_range: tuple[float, float] = (0.3, 0.7),
    min_size: float = 0.0,
    out: DbnetTargets | None = None,
) -> DbnetTargets:
    """DBNet's training maps of an image of height x width pixels.

    `polygons`: (m, 2) each, or quads (n, 4, 2); `ignore` (n,) or None. A text is shrunk, and its border widened to
    both sides, by D = A (1 - ratio^2) / L, of its area A and perimeter L (equation 10). Shrinking by D keeps what lies
    inside and at least D from the border: distances are exact, no offset polygon is made. Where bands of several texts
    meet, the higher threshold stays. Thin cores are widened (see `thin`); texts whose core holds no sample have no
    band, and none counts in ignored text. `out`: maps of `empty` or of an earlier call, written anew and given back.
    Raises InputError with the polygon's index; other rules: see `boundary`.
    """
    shape = map_shape(height, width, stride)
    points, ends, status = as_points(polygons)
    flags = as_ignore(ignore, len(ends))
    ratio = check_share("ratio", ratio, 0.0, 1.0)
    low, high = _range(threshold_range)
    min_size = check_size(min_size)
    maps = prepare(DbnetTargets, shape, _specs(low), out)
    _encode(points, ends, status, flags, float(stride), ratio, low, high, min_size, *maps)
    return maps


def empty(
    height: int, width: int, stride: int = 1, *, threshold_range: tuple[float, float] = (0.3, 0.7)
) -> DbnetTargets:
    """Maps of an image without text, to be given to `encode` as `out`."""
    return prepare(DbnetTargets, map_shape(height, width, stride), _specs(_range(threshold_range)[0]))


def _range(threshold_range: tuple[float, float]) -> tuple[float, float]:
    try:
        low, high = threshold_range
    except (TypeError, ValueError):
        raise InputError(f"threshold_range: is {threshold_range!r}; give two numbers, such as (0.3, 0.7)") from None
    low = check_share("threshold_range", low, 0.0, 1.0)
    return low, check_share("threshold_range", high, low, 1.0)


@kernel
def _encode(
    points, ends, status, ignore, stride, ratio, low, high, min_size,
    probability, threshold, mask, threshold_mask, instance,
):  # fmt: skip
    """All maps of one image. See `encode`."""
    height, width = probability.shape
    xs, edges = np.empty(points.shape[0]), np.empty((points.shape[0], E_SIZE))
    squared = np.empty(width, np.float32)
    masked, thin = np.zeros(ends.shape[0], np.uint8), np.zeros(ends.shape[0], np.uint8)
    one = np.float32(1.0)
    base, span = np.float32(low), np.float32(high - low)
    order = paint_order(points, ends)
    for step in range(ends.shape[0]):
        k = order[step]
        begin, end = ends[k - 1] if k > 0 else 0, ends[k]
        if status[k] >= DEGENERATE:
            continue
        if ignore[k] or shortest_side(points, begin, end) < min_size:
            masked[k] = 1
            continue
        area, length = signed_area(points, begin, end), perimeter(points, begin, end)
        reach = area * (1.0 - ratio * ratio) / length
        edges_of(points, begin, end, edges)
        limit, inverse = np.float32(reach * reach), np.float32(1.0 / max(reach, 1e-9))
        thin[k] = is_thin(area, length, reach, stride)
        if not core_holds(points, begin, end, edges, reach, thin[k], stride, height, width, xs, squared):
            masked[k], thin[k] = 1, 0
            continue
        left, right = points[begin, 0], points[begin, 0]
        for n in range(begin, end):
            left, right = min(left, points[n, 0]), max(right, points[n, 0])
        c0, c1 = first_sample(left - reach, stride, width), first_sample(right + reach, stride, width)
        first, last = rows_of(points, begin, end, reach, stride, height)
        number = np.int32(k + 1)
        for i in range(first, last):
            y = (i + 0.5) * stride
            b0, b1 = row_distance(edges, end - begin, y, stride, c0, c1, reach, squared)
            count = row_crossings(points, begin, end, y, xs)
            for s in range(0, count, 2):
                j0, j1 = first_sample(xs[s], stride, width), first_sample(xs[s + 1], stride, width)
                values, owner, near = probability[i, j0:j1], instance[i, j0:j1], squared[j0:j1]
                for j in range(j1 - j0):
                    values[j] = one if near[j] >= limit else values[j]
                    owner[j] = number if near[j] >= limit else owner[j]
                threshold_mask[i, j0:j1] = 1
            values, valid, near = threshold[i, b0:b1], threshold_mask[i, b0:b1], squared[b0:b1]
            for j in range(b1 - b0):
                value = base + span * (one - np.sqrt(near[j]) * inverse)
                values[j] = value if value > values[j] else values[j]
            for j in range(b1 - b0):
                valid[j] |= np.uint8(near[j] < limit)
    for step in range(ends.shape[0]):
        k = order[step]
        if not thin[k]:
            continue
        begin, end = ends[k - 1] if k > 0 else 0, ends[k]
        reach = signed_area(points, begin, end) * (1.0 - ratio * ratio) / perimeter(points, begin, end)
        edges_of(points, begin, end, edges)
        widen(points, begin, end, edges, reach, stride, k + 1, 0, probability, instance, xs, squared)
    mask_texts(points, ends, status, masked, stride, instance, mask)
    for i in range(height):
        for j in range(width):
            threshold_mask[i, j] &= mask[i, j]


def shrunk_distance(area: float, length: float, ratio: float) -> float:
    """The D by which a text was shrunk, from the area and perimeter of what is left.

    With sharp corners, of which a strip of text has four right ones, shrinking by D takes 8 D off the perimeter and
    L D - 4 D^2 off the area; D = A (1 - ratio^2) / L then solves 4 (1 + r^2) D^2 + r^2 L' D - (1 - r^2) A' = 0.
    """
    a, b, c = 4.0 * (1.0 + ratio * ratio), ratio * ratio * length, (1.0 - ratio * ratio) * area
    return (-b + math.sqrt(b * b + 4.0 * a * c)) / (2.0 * a)


def decode(
    probability: npt.ArrayLike,
    stride: int = 1,
    *,
    threshold: float = 0.3,
    min_score: float = 0.5,
    ratio: float = 0.4,
    unclip: float | None = None,
    quads: bool = False,
) -> tuple[list[Points], Floats]:
    """Texts of a probability (or binarised) map: its connected parts above `threshold`, grown again.

    A part grows by the D that undoes the shrinking with `ratio` (`shrunk_distance`), or with `unclip` by the paper's
    D' = A' unclip / L' (1.5 there). Parts of a mean probability below `min_score` are dropped. Gives outlines float64
    (m, 2), clockwise, or with `quads` the rectangles of least area around them, (4, 2), and their scores float32.
    Neither the outline's first point nor the quad's first corner knows the reading direction.
    """
    ratio = check_share("ratio", ratio, 0.0, 1.0)
    if unclip is not None:
        unclip = check_share("unclip", unclip, 0.0, 100.0)
    found, scores = outlines(probability, stride, threshold, min_score)
    texts = []
    for outline in found:
        area, length = float(signed_area(outline, 0, len(outline))), float(perimeter(outline, 0, len(outline)))
        text = grown(outline, shrunk_distance(area, length, ratio) if unclip is None else unclip * area / length)
        # The rectangle last: around the thin core it would be as much too large, and then be grown for that.
        texts.append(rectangle_around(text) if quads else text)
    return texts, scores
