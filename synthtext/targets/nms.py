"""Locality-aware non-maximum suppression of quads (Zhou et al. 2017, section 3.6, algorithm 1)."""

from __future__ import annotations

import math

import numpy as np

from synthtext.core.kernel import kernel
from synthtext.geometry.polygons import quad_iou, signed_area


@kernel
def _surely_alike(a, b, threshold):
    """Whether the IoU of two quads must exceed `threshold`, since their corners nearly coincide.

    Where no corner moves by more than d, the two differ only within d of the border: by 2 d L + pi d^2 at most.
    """
    farthest, length = 0.0, 0.0
    for k in range(4):
        j = (k + 1) % 4
        farthest = max(farthest, math.hypot(a[k, 0] - b[k, 0], a[k, 1] - b[k, 1]))
        length += math.hypot(a[j, 0] - a[k, 0], a[j, 1] - a[k, 1])
    area, band = signed_area(a, 0, 4), 2.0 * farthest * length + math.pi * farthest * farthest
    return area > band and area - band > threshold * (area + band)


@kernel
def _nearest_turn(quad, last):
    """By how many corners to turn `quad` so that its corners lie nearest, in least squares, to those of `last`."""
    least, best = np.inf, 0
    for s in range(4):
        total = 0.0
        for k in range(4):
            c = (k + s) % 4
            total += (quad[c, 0] - last[k, 0]) ** 2 + (quad[c, 1] - last[k, 1]) ** 2
        if total < least:
            least, best = total, s
    return best


@kernel
def push(quad, score, at, threshold, count, quads, weight, row, votes):
    """Merge a quad (4, 2) of row `at` into the last of the `count` quads, where that is of the same row and their IoU
    exceeds `threshold`, or add it. Gives the new count.

    Two quads that begin at different corners (a text predicted upside down at some samples) would average to a crumpled
    one: the newcomer's corners are turned to those of the quad that it is merged into.
    `quads` float64 (m, 4, 2): means weighted by score; `weight` float64 (m,): summed scores; `row` and `votes` int64
    (m,): row, and how many quads went into it.
    """
    if count > 0 and row[count - 1] == at:
        last = quads[count - 1]
        alike = _surely_alike(quad, last, threshold)
        if alike or quad_iou(quad, last) > threshold:
            shift = 0 if alike else _nearest_turn(quad, last)
            total = weight[count - 1] + score
            share = score / total if total > 0.0 else 0.5
            for k in range(4):
                c = (k + shift) % 4
                last[k, 0] += share * (quad[c, 0] - last[k, 0])
                last[k, 1] += share * (quad[c, 1] - last[k, 1])
            weight[count - 1] = total
            votes[count - 1] += 1
            return count
    for k in range(4):
        quads[count, k, 0], quads[count, k, 1] = quad[k, 0], quad[k, 1]
    weight[count], row[count], votes[count] = score, at, 1
    return count + 1


@kernel
def suppress(quads, weight, threshold):
    """Standard NMS: indices int64 of the quads (m, 4, 2) to keep, heaviest first (of equal ones the first).

    A quad goes where its IoU with a kept one exceeds `threshold`. Quads without area go as well.
    """
    m = quads.shape[0]
    order = np.argsort(-weight, kind="mergesort")
    box = np.empty((m, 4))
    kept = np.empty(m, np.int64)
    count = 0
    for step in range(m):
        i = order[step]
        x0, y0, x1, y1 = quads[i, 0, 0], quads[i, 0, 1], quads[i, 0, 0], quads[i, 0, 1]
        for k in range(1, 4):
            x0, x1 = min(x0, quads[i, k, 0]), max(x1, quads[i, k, 0])
            y0, y1 = min(y0, quads[i, k, 1]), max(y1, quads[i, k, 1])
        stays = signed_area(quads[i], 0, 4) > 0.0
        for c in range(count):
            if not stays:
                break
            # A box of the kept one that misses this box rules an overlap out.
            if box[c, 0] < x1 and box[c, 2] > x0 and box[c, 1] < y1 and box[c, 3] > y0:
                stays = not quad_iou(quads[kept[c]], quads[i]) > threshold
        if stays:
            box[count, 0], box[count, 1], box[count, 2], box[count, 3] = x0, y0, x1, y1
            kept[count] = i
            count += 1
    return kept[:count].copy()
