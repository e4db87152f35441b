"""EAST's maps (Zhou et al. 2017, "EAST: An Efficient and Accurate Scene Text Detector", sections 3.3 and 3.4).

    t = encode(quads, ignore, height, width, stride=4)
    quads, scores = decode(t.score, t.rbox, stride=4)

Rules where labels overlap, are tiny, ignored, degenerate or outside: see `boundary`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from synthtext.core.errors import InputError
from synthtext.core.kernel import kernel
from synthtext.geometry.polygons import (
    CONCAVE,
    DEGENERATE,
    first_sample,
    min_area_rectangle,
    row_crossings,
    rows_of,
    shortest_side,
    turn,
)
from synthtext.targets.boundary import (
    Bytes,
    Floats,
    Ints,
    Spec,
    as_ignore,
    as_points,
    check_share,
    check_size,
    map_shape,
    prepare,
)
from synthtext.targets.components import as_map
from synthtext.targets.nms import push, suppress
from synthtext.targets.rows import mask_texts, paint_order

TAKES = "quads"  # what `encode` is made of: words' quads or polygons, or these and chars


class EastTargets(NamedTuple):
    """Maps of `h` = ceil(height / stride) rows, `w` columns. Lengths are pixels of the image; 0 outside of cores.

    `score` float32 (h, w): 1 in the shrunk core of a legible text.
    `rbox` float32 (h, w, 5): distances to the top, right, bottom and left side of the text's rectangle of least area,
    and the angle of its top side, radians, clockwise on the screen positive, in (-pi, pi] (folded: [-pi/4, pi/4)).
    `quad` float32 (h, w, 8): corner minus sample point, x and y, of the four corners in the label's order.
    `side` float32 (h, w): the quad's shortest side, the normaliser N_Q* of the QUAD loss (section 3.4.2).
    `mask` uint8 (h, w): 1 where the loss counts.
    `instance` int32 (h, w): 1 + the index of the quad that the sample belongs to, or 0.
    """

    score: Floats
    rbox: Floats
    quad: Floats
    side: Floats
    mask: Bytes
    instance: Ints


_SPECS = (
    Spec("score", (), np.float32),
    Spec("rbox", (5,), np.float32),
    Spec("quad", (8,), np.float32),
    Spec("side", (), np.float32),
    Spec("mask", (), np.uint8, 1),
    Spec("instance", (), np.int32),
)


def empty(height: int, width: int, stride: int = 4) -> EastTargets:
    """Maps of an image without text, to be given to `encode` as `out` (a batch's slices will do as well)."""
    return prepare(EastTargets, map_shape(height, width, stride), _SPECS)


def encode(
    quads: npt.ArrayLike,
    ignore: npt.ArrayLike | None,
    height: int,
    width: int,
    stride: int = 4,
    *,
    shrink: float = 0.3,
    min_size: float = 0.0,
    folded: bool = False,
    mask_border: bool = False,
    out: EastTargets | None = None,
) -> EastTargets:
    """EAST's training maps of an image of height x width pixels.

    `quads` (n, 4, 2): xy corners in pixels, clockwise from the reading order's top left. `ignore` (n,), or None.
    A sample is positive where its point lies in the quad and in its core: each edge of the quad made shorter, the
    longer pair first, at each end by `shrink` times that corner's reference length r_i (section 3.3.1).
    The zone between core and quad is trained as background, as in the paper, or with `mask_border` not trained.
    `min_size`: texts whose shortest side has fewer pixels are ignored. `folded`: the angle in EAST's own range, with
    the distances in the order that goes with it; the reading direction is lost. `out`: maps of `empty`, of an earlier
    call, or slices of a batch's arrays, written anew and given back. Raises InputError with the quad's index; see
    `boundary`.
    """
    shape = map_shape(height, width, stride)
    points, ends, status = as_points(quads, quads=True)
    flags = as_ignore(ignore, len(ends))
    shrink, min_size = check_share("shrink", shrink, 0.0, 0.45), check_size(min_size)
    maps = prepare(EastTargets, shape, _SPECS, out)
    _encode(points, ends, status, flags, float(stride), shrink, min_size, bool(folded), bool(mask_border), *maps)
    return maps


@kernel
def shrink_quad(points, begin, shrink, core):
    """Section 3.3.1: the quad `points[begin:begin + 4]` with its edges moved inward, into `core` (4, 2)."""
    length = np.empty(4)
    for i in range(4):
        j = (i + 1) % 4
        core[i, 0], core[i, 1] = points[begin + i, 0], points[begin + i, 1]
        length[i] = math.hypot(points[begin + j, 0] - points[begin + i, 0], points[begin + j, 1] - points[begin + i, 1])
    longer = 0 if length[0] + length[2] >= length[1] + length[3] else 1
    for edge in (longer, longer + 2, 1 - longer, 3 - longer):
        i, j = edge % 4, (edge + 1) % 4
        dx, dy = core[j, 0] - core[i, 0], core[j, 1] - core[i, 1]
        size = math.hypot(dx, dy)
        if size > 0.0:
            dx, dy = shrink * dx / size, shrink * dy / size
            # r_i: the shorter of the two edges that meet in corner i.
            ri, rj = min(length[i], length[(i + 3) % 4]), min(length[j], length[(j + 3) % 4])
            core[i, 0] += ri * dx
            core[i, 1] += ri * dy
            core[j, 0] -= rj * dx
            core[j, 1] -= rj * dy


@kernel
def _holds(points, begin, core):
    """Whether a convex quad holds its core: of a very uneven one, an end may be moved past the other."""
    for i in range(4):
        a, b = begin + i, begin + (i + 1) % 4
        for k in range(4):
            if turn(points[a, 0], points[a, 1], points[b, 0], points[b, 1], core[k, 0], core[k, 1]) < 0.0:
                return False
    return True


@kernel
def _encode(
    points, ends, status, ignore, stride, shrink, min_size, folded, mask_border,
    score, rbox, quad, side, mask, instance,
):  # fmt: skip
    """All maps of one image; `points` (4n, 2). See `encode`."""
    height, width = score.shape
    n = ends.shape[0]
    core, rectangle = np.empty((4, 2)), np.empty((4, 2))
    xs, bounds = np.empty(4), np.empty(4)
    masked = np.zeros(n, np.uint8)
    order = paint_order(points, ends)
    for step in range(n):
        k = order[step]
        b = 4 * k
        if status[k] >= DEGENERATE:
            continue
        shortest = shortest_side(points, b, b + 4)
        if ignore[k] or shortest < min_size:
            masked[k] = 1
            continue
        shrink_quad(points, b, shrink, core)
        walled = status[k] == CONCAVE or not _holds(points, b, core)
        first, last = rows_of(core, 0, 4, 0.0, stride, height)
        found = False
        ready = False
        ux, uy, across, down, angle = 1.0, 0.0, 0.0, 0.0, 0.0
        for i in range(first, last):
            y = (i + 0.5) * stride
            count = row_crossings(core, 0, 4, y, xs)
            walls = row_crossings(points, b, b + 4, y, bounds) if walled else 2
            for s in range(0, count, 2):
                for t in range(0, walls, 2):
                    x0, x1 = xs[s], xs[s + 1]
                    if walled:
                        x0, x1 = max(x0, bounds[t]), min(x1, bounds[t + 1])
                    j0, j1 = first_sample(x0, stride, width), first_sample(x1, stride, width)
                    if j1 <= j0:
                        continue
                    found = True
                    if not ready:
                        ready = True
                        min_area_rectangle(points, b, b + 4, rectangle)
                        shift = 0
                        ux, uy = rectangle[1, 0] - rectangle[0, 0], rectangle[1, 1] - rectangle[0, 1]
                        angle = math.atan2(uy, ux)
                        if folded:
                            while not -0.25 * math.pi <= angle:
                                angle, shift = angle + 0.5 * math.pi, shift + 1
                            while not angle < 0.25 * math.pi:
                                angle, shift = angle - 0.5 * math.pi, shift + 3
                        elif angle == -math.pi:  # of -0.0
                            angle = math.pi
                        shift %= 4
                        ax, ay = rectangle[shift, 0], rectangle[shift, 1]
                        ux, uy = rectangle[(shift + 1) % 4, 0] - ax, rectangle[(shift + 1) % 4, 1] - ay
                        vx, vy = rectangle[(shift + 3) % 4, 0] - ax, rectangle[(shift + 3) % 4, 1] - ay
                        across, down = math.hypot(ux, uy), math.hypot(vx, vy)
                        ux, uy = ux / across, uy / across
                        x00, y00, x10, y10 = points[b, 0], points[b, 1], points[b + 1, 0], points[b + 1, 1]
                        x20, y20, x30, y30 = points[b + 2, 0], points[b + 2, 1], points[b + 3, 0], points[b + 3, 1]
                    for j in range(j0, j1):
                        x = (j + 0.5) * stride
                        left = (x - ax) * ux + (y - ay) * uy
                        top = (y - ay) * ux - (x - ax) * uy
                        score[i, j] = 1.0
                        side[i, j] = shortest
                        instance[i, j] = k + 1
                        rbox[i, j, 0], rbox[i, j, 1] = top, across - left
                        rbox[i, j, 2], rbox[i, j, 3] = down - top, left
                        rbox[i, j, 4] = angle
                        quad[i, j, 0], quad[i, j, 1] = x00 - x, y00 - y
                        quad[i, j, 2], quad[i, j, 3] = x10 - x, y10 - y
                        quad[i, j, 4], quad[i, j, 5] = x20 - x, y20 - y
                        quad[i, j, 6], quad[i, j, 7] = x30 - x, y30 - y
        if not found:
            masked[k] = 1
    if mask_border:
        masked[:] = 1
    mask_texts(points, ends, status, masked, stride, instance, mask)


@kernel
def _restore(score, geometry, stride, threshold, merge, quads, weight, row, votes):
    """The quads of all samples whose score is at least the threshold, merged along rows (`nms.push`); their number.

    `geometry`: (h, w, 5) rbox or (h, w, 8) quad offsets. Gives -1 - (i * w + j) of a sample that is not finite.
    """
    count = 0
    quad = np.empty((4, 2))
    angle, ux, uy = 0.0, 1.0, 0.0
    for i in range(score.shape[0]):
        y = (i + 0.5) * stride
        for j in range(score.shape[1]):
            if not score[i, j] >= threshold:
                continue
            x = (j + 0.5) * stride
            at = geometry[i, j]
            for c in range(at.shape[0]):
                if not math.isfinite(at[c]):
                    return -1 - (i * score.shape[1] + j)
            if at.shape[0] == 5:
                if at[4] != angle:
                    angle = float(at[4])
                    ux, uy = math.cos(angle), math.sin(angle)
                for k in range(4):
                    a = -float(at[3]) if k == 0 or k == 3 else float(at[1])
                    b = -float(at[0]) if k < 2 else float(at[2])
                    quad[k, 0], quad[k, 1] = x + a * ux - b * uy, y + a * uy + b * ux
            else:
                for k in range(4):
                    quad[k, 0], quad[k, 1] = x + at[2 * k], y + at[2 * k + 1]
            count = push(quad, float(score[i, j]), i, merge, count, quads, weight, row, votes)
    return count


def decode(
    score: npt.ArrayLike,
    rbox: npt.ArrayLike | None = None,
    stride: int = 4,
    *,
    quad: npt.ArrayLike | None = None,
    threshold: float = 0.8,
    merge: float = 0.5,
    overlap: float = 0.2,
) -> tuple[Floats, Floats]:
    """Quads of score and geometry maps: of `rbox` (h, w, 5), or else of `quad` (h, w, 8).

    Each sample whose score is at least `threshold` votes for its quad; locality-aware NMS (section 3.6) averages
    neighbours in a row, weighted by score, whose IoU exceeds `merge`, then drops what overlaps a stronger quad (by its
    summed score) with an IoU above `overlap`. Gives quads float32 (n, 4, 2), strongest first, and the mean score of the
    votes in each, float32 (n,). Raises InputError.
    """
    scores = as_map("score", score)
    if (rbox is None) == (quad is None):
        raise InputError("rbox, quad: one of the two is needed; give the geometry map that goes with the score")
    name, depth = ("rbox", 5) if quad is None else ("quad", 8)
    geometry = np.ascontiguousarray(rbox if quad is None else quad, np.float32)
    if geometry.shape != (*scores.shape, depth):
        raise InputError(f"{name}: has the shape {geometry.shape} for a score of {scores.shape}; give (h, w, {depth})")
    map_shape(1, 1, stride)
    threshold, merge = check_share("threshold", threshold, 0.0, 1.0), check_share("merge", merge, 0.0, 1.0)
    overlap = check_share("overlap", overlap, 0.0, 1.0)
    count = int(np.count_nonzero(scores >= threshold))
    quads, weight = np.empty((count, 4, 2)), np.empty(count)
    row, votes = np.empty(count, np.int64), np.empty(count, np.int64)
    count = _restore(scores, geometry, float(stride), threshold, merge, quads, weight, row, votes)
    if count < 0:
        i, j = divmod(-1 - count, scores.shape[1])
        raise InputError(f"{name}[{i}, {j}]: is not finite though the score there is {scores[i, j]:.3g}; mend the map")
    kept = suppress(quads[:count], weight[:count], overlap)
    return quads[kept].astype(np.float32), (weight[kept] / votes[kept]).astype(np.float32)
