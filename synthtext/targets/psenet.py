"""PSENet's kernels (Wang et al. 2019, "Shape Robust Text Detection with Progressive Scale Expansion Network", 3.3).

t = encode(polygons, ignore, height, width, stride=4)
polygons, scores = decode(t.kernels, stride=4)
"""

from __future__ import annotations

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
from synthtext.targets.components import as_finite, labelled_outlines, parts_of
from synthtext.targets.rows import E_SIZE, edges_of, mask_texts, paint_order, row_distance
from synthtext.targets.thin import core_holds, is_thin, widen

TAKES = "polygons"  # what `encode` is made of: words' quads or polygons, or these and chars


class PsenetTargets(NamedTuple):
    """Maps of `h` = ceil(height / stride) rows, `w` columns.

    `kernels` uint8 (h, w, n): 1 in the shrunk texts, S_1 (the smallest) first, S_n (the whole texts) last.
    `mask` uint8 (h, w): 1 where the loss counts. `instance` int32 (h, w): 1 + the index of the sample's text, or 0.
    """

    kernels: Bytes
    mask: Bytes
    instance: Ints


def ratios(count: int, smallest: float) -> tuple[float, ...]:
    """r_i = 1 - (1 - m) (n - i) / (n - 1) for i = 1 ... n (equation 2)."""
    if not (isinstance(count, int | np.integer) and 2 <= count <= 1000):
        raise InputError(f"count: is {count!r}; give a whole number of kernels, 2 to 1000")
    smallest = check_share("smallest", smallest, 0.05, 1.0)
    return tuple(1.0 - (1.0 - smallest) * (count - i) / (count - 1) for i in range(1, count + 1))


def encode(
    polygons: Polygons,
    ignore: npt.ArrayLike | None,
    height: int,
    width: int,
    stride: int = 4,
    *,
    count: int = 6,
    smallest: float = 0.5,
    min_size: float = 0.0,
    out: PsenetTargets | None = None,
) -> PsenetTargets:
    """PSENet's `count` kernel maps of an image of height x width pixels.

    `polygons`: (m, 2) each, or quads (n, 4, 2); `ignore` (n,) or None. Kernel i keeps what lies inside and at least
    d_i = A (1 - r_i^2) / L from the border, with r_i from `smallest` to 1 (`ratios`, equations 1 and 2). A sample in
    several texts counts for the smallest of them only. A thin smallest kernel is widened (see `thin`); a text
    is ignored where that holds no sample either. `out`: maps of `empty` or of an earlier call, written anew and given
    back. Raises InputError; other rules: see `boundary`.
    """
    shape = map_shape(height, width, stride)
    shares = np.array(ratios(count, smallest))
    maps = prepare(PsenetTargets, shape, _specs(count), out)
    erode(polygons, ignore, stride, shares, min_size, *maps)
    return maps


def empty(height: int, width: int, stride: int = 4, *, count: int = 6) -> PsenetTargets:
    """Maps of an image without text, to be given to `encode` as `out`."""
    return prepare(PsenetTargets, map_shape(height, width, stride), _specs(len(ratios(count, 1.0))))


def _specs(count: int) -> tuple[Spec, ...]:
    return (
        Spec("kernels", (int(count),), np.uint8),
        Spec("mask", (), np.uint8, 1),
        Spec("instance", (), np.int32),
    )


def erode(
    polygons: Polygons,
    ignore: npt.ArrayLike | None,
    stride: int,
    shares: npt.NDArray[np.float64],
    min_size: float,
    kernels: Bytes,
    mask: Bytes,
    instance: Ints,
) -> None:
    """Write texts shrunk by several ratios, ascending, into blank maps: see `encode`."""
    points, ends, status = as_points(polygons)
    flags = as_ignore(ignore, len(ends))
    _encode(points, ends, status, flags, float(stride), shares, check_size(min_size), kernels, mask, instance)


@kernel
def _encode(points, ends, status, ignore, stride, shares, min_size, kernels, mask, instance):
    """All maps of one image. See `encode`."""
    height, width = mask.shape
    levels = shares.shape[0]
    xs, edges = np.empty(points.shape[0]), np.empty((points.shape[0], E_SIZE))
    squared = np.empty(width, np.float32)
    limits = np.empty(levels, np.float32)
    masked, thin = np.zeros(ends.shape[0], np.uint8), np.zeros(ends.shape[0], np.uint8)
    smallest = kernels[..., 0]
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
        scale = area / length
        edges_of(points, begin, end, edges)
        reach = scale * (1.0 - shares[0] * shares[0])
        thin[k] = is_thin(area, length, reach, stride)
        if not core_holds(points, begin, end, edges, reach, thin[k], stride, height, width, xs, squared):
            masked[k], thin[k] = 1, 0
            continue
        for n in range(levels):
            d = scale * (1.0 - shares[n] * shares[n])
            limits[n] = np.float32(d * d)
        first, last = rows_of(points, begin, end, 0.0, stride, height)
        for i in range(first, last):
            y = (i + 0.5) * stride
            count = row_crossings(points, begin, end, y, xs)
            for s in range(0, count, 2):
                j0, j1 = first_sample(xs[s], stride, width), first_sample(xs[s + 1], stride, width)
                if j1 <= j0:
                    continue
                row_distance(edges, end - begin, y, stride, j0, j1, reach, squared)
                for j in range(j0, j1):
                    instance[i, j] = k + 1
                    for m in range(levels):
                        kernels[i, j, m] = np.uint8(squared[j] >= limits[m])
    for step in range(ends.shape[0]):
        k = order[step]
        if not thin[k]:
            continue
        begin, end = ends[k - 1] if k > 0 else 0, ends[k]
        reach = signed_area(points, begin, end) / perimeter(points, begin, end) * (1.0 - shares[0] * shares[0])
        edges_of(points, begin, end, edges)
        widen(points, begin, end, edges, reach, stride, k + 1, k + 1, smallest, instance, xs, squared)
    if thin.any():
        for i in range(height):
            for j in range(width):
                if smallest[i, j]:
                    kernels[i, j] = 1
    mask_texts(points, ends, status, masked, stride, instance, mask)


@kernel
def expand(labels, inside, queue, vectors, means, limit):
    """Progressive scale expansion: labels flow into the samples where `inside` is set, the nearer (in steps) first.

    `labels` int32 (h, w), in place; `inside` bool (h, w); `queue` int64 (h * w,), scratch. Of two labels that arrive in
    the same step, the one whose sample comes first in the queue (row order at its start) takes the place. A sample's
    vector in `vectors` float32 (h, w, d) must lie within `limit` of `means` float32 (labels + 1, d) of the label; with
    d = 0 all do.
    """
    height, width = labels.shape
    head, tail = 0, 0
    for i in range(height):
        for j in range(width):
            if labels[i, j] > 0:
                queue[tail] = i * width + j
                tail += 1
    while head < tail:
        i, j = queue[head] // width, queue[head] % width
        head += 1
        for side in range(4):
            a, b = i + (side == 0) - (side == 1), j + (side == 2) - (side == 3)
            if 0 <= a < height and 0 <= b < width and labels[a, b] == 0 and inside[a, b]:
                apart = 0.0
                for d in range(vectors.shape[2]):
                    apart += (vectors[a, b, d] - means[labels[i, j], d]) ** 2
                if apart <= limit * limit:
                    labels[a, b] = labels[i, j]
                    queue[tail] = a * width + b
                    tail += 1


def expand_all(labels: Ints, inside: npt.NDArray[np.bool_]) -> None:
    """`expand`, whatever the samples' vectors."""
    none = np.zeros((*labels.shape, 0), np.float32)
    expand(labels, np.ascontiguousarray(inside), np.empty(labels.size, np.int64), none, none[0], 1.0)


def decode(
    kernels: npt.ArrayLike,
    stride: int = 4,
    *,
    threshold: float = 0.5,
    min_score: float = 0.5,
    quads: bool = False,
) -> tuple[list[Points], Floats]:
    """Texts of kernel maps or probabilities (h, w, n): the parts of S_1, expanded through S_2 ... S_n (section 3.2).

    A sample counts for S_i where its value exceeds `threshold` in S_i and in S_n. Texts of a mean S_n below `min_score`
    are dropped. Gives outlines float64 (m, 2), clockwise, or with `quads` rectangles of least area (4, 2), and scores.
    """
    values = np.ascontiguousarray(kernels, np.float32)
    if values.ndim != 3 or values.shape[2] < 2:
        raise InputError(f"kernels: have the shape {values.shape}; give (h, w, n), n at least 2")
    map_shape(1, 1, stride)
    values, threshold = as_finite("kernels", values), check_share("threshold", threshold, 0.0, 1.0)
    inside = (values > threshold) & (values[..., -1:] > threshold)
    labels = parts_of(inside[..., 0])
    for level in range(1, values.shape[2]):
        expand_all(labels, inside[..., level])
    return labelled_outlines(labels, values[..., -1], stride, min_score, quads)
