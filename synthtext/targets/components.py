"""Connected parts of a map as outlines in the image: what the decoders of segmentation maps share."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from synthtext.core.errors import InputError
from synthtext.core.kernel import kernel
from synthtext.geometry.polygons import Points, inspect_polygons, min_area_rectangle, offset_polygon, signed_area
from synthtext.targets.boundary import Floats, Ints, check_share, map_shape


def as_map(name: str, values: npt.ArrayLike) -> Floats:
    """A (h, w) map as float32; InputError where it is none, or has a value that is not finite."""
    array = np.ascontiguousarray(values, np.float32)
    if array.ndim != 2:
        raise InputError(f"{name}: has the shape {array.shape}; give a map (h, w)")
    return as_finite(name, array)


def as_finite(name: str, array: Floats) -> Floats:
    """The array; InputError that names the first value that is not finite."""
    with np.errstate(all="ignore"):
        total = float(array.sum())
    if not math.isfinite(total) and not (finite := np.isfinite(array)).all():
        at = ", ".join(map(str, np.argwhere(~finite)[0].tolist()))
        raise InputError(f"{name}[{at}]: is not finite; mend the map")
    return array


def parts_of(inside: npt.NDArray[np.bool_], *, corners: bool = False) -> Ints:
    """The map of the numbers, from 1 on, of the connected parts; 0 outside of them. Samples are joined by their sides,
    or with `corners` also by their corners.
    """
    binary = np.ascontiguousarray(inside, np.uint8)
    joined = 8 if corners else 4
    return np.asarray(cv2.connectedComponents(binary, connectivity=joined, ltype=cv2.CV_32S)[1], np.int32)


@kernel
def _boxes(labels, box):
    """Least row, row behind the last, least column and column behind the last of each label, into `box` (n, 4)."""
    for i in range(labels.shape[0]):
        for j in range(labels.shape[1]):
            k = labels[i, j]
            if k > 0:
                box[k, 0], box[k, 1] = min(box[k, 0], i), i + 1
                box[k, 2], box[k, 3] = min(box[k, 2], j), max(box[k, 3], j + 1)


def boxes_of(labels: Ints) -> Iterator[tuple[int, tuple[slice, slice]]]:
    """Each label of a map from 1 on that occurs, and the rows and columns that it occupies."""
    box = np.zeros((int(labels.max(initial=0)) + 1, 4), np.int64)
    box[:, ::2] = max(labels.shape)
    _boxes(labels, box)
    for k, (top, bottom, left, right) in enumerate(box.tolist()):
        if bottom > 0:
            yield k, (slice(top, bottom), slice(left, right))


def outline_of(part: npt.NDArray[np.bool_], x: int, y: int, stride: int) -> Points:
    """The outer border of a part (h, w) whose first sample is (y, x) of the map: float64 (m, 2), clockwise, in pixels.

    It runs half a sample outside of the outermost samples, steps of less than a sample straightened.
    """
    contours, _ = cv2.findContours(part.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return _outline(max(contours, key=len)[:, 0], x, y, stride)


def _outline(contour: npt.NDArray[Any], x: int, y: int, stride: int) -> Points:
    """`outline_of` the samples (m, 2), xy, along the border of a part."""
    corner = np.array([x + 0.5, y + 0.5])
    rough = (cv2.approxPolyDP(contour, 0.75, True)[:, 0] + corner) * float(stride)
    area = float(signed_area(rough, 0, len(rough))) if len(rough) > 2 else 0.0
    if abs(area) < 0.25 * stride * stride:  # a part one sample wide has no inside between its middles
        corners = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]])
        return rectangle_around(((contour + corner)[:, None] + corners).reshape(-1, 2) * float(stride))
    return grown(rough if area > 0.0 else rough[::-1].copy(), 0.5 * stride)


def rectangle_around(points: Points) -> Points:
    """The rectangle of least area around an outline (m, 2): (4, 2), clockwise, its first corner the one nearest to the
    screen's top left, by x + y.
    """
    box = np.empty((4, 2))
    min_area_rectangle(np.ascontiguousarray(points, np.float64), 0, len(points), box)
    return np.roll(box, -int(np.argmin(box.sum(1))), 0)


@kernel
def _grow(points, distance, out):
    """A clockwise polygon grown by a distance, its corners kept sharp, into `out` (m, 2); how many corners it has.

    Edges are moved outwards and cut with their neighbours; those that vanish thereby, in a notch, are left out. 0 where
    that is not all there is to do: at a corner sharper than 29 degrees, or where little is left.
    """
    m = points.shape[0]
    lines, alive = np.empty((m, 4)), np.empty(m, np.int64)  # direction of an edge, and a point of it, moved
    for i in range(m):
        j = i + 1 if i + 1 < m else 0
        dx, dy = points[j, 0] - points[i, 0], points[j, 1] - points[i, 1]
        size = math.hypot(dx, dy)
        if not size > 0.0:
            return 0
        dx, dy = dx / size, dy / size
        lines[i, 0], lines[i, 1] = dx, dy
        lines[i, 2], lines[i, 3] = points[i, 0] + distance * dy, points[i, 1] - distance * dx
        alive[i] = i
    count = m
    while count > 2:
        for n in range(count):
            h, i = alive[n - 1 if n > 0 else count - 1], alive[n]
            cross = lines[h, 0] * lines[i, 1] - lines[h, 1] * lines[i, 0]
            if 1.0 + lines[h, 0] * lines[i, 0] + lines[h, 1] * lines[i, 1] < 0.125:
                return 0
            x, y = lines[i, 2], lines[i, 3]
            if abs(cross) > 1e-9:
                s = ((x - lines[h, 2]) * lines[i, 1] - (y - lines[h, 3]) * lines[i, 0]) / cross
                x, y = lines[h, 2] + s * lines[h, 0], lines[h, 3] + s * lines[h, 1]
            out[n, 0], out[n, 1] = x, y
        gone = -1
        for n in range(count):
            j = n + 1 if n + 1 < count else 0
            i = alive[n]
            if not (out[j, 0] - out[n, 0]) * lines[i, 0] + (out[j, 1] - out[n, 1]) * lines[i, 1] > 0.0:
                gone = n
                break
        if gone < 0:
            return count
        for n in range(gone, count - 1):
            alive[n] = alive[n + 1]
        count -= 1
    return 0


def grown(outline: Points, distance: float) -> Points:
    """An outline grown by a distance, its corners kept sharp: the largest piece."""
    out = np.empty_like(outline)
    count = _grow(outline, distance, out) if distance >= 0.0 else 0
    if count and inspect_polygons(out, np.array([count]), np.empty(1, np.uint8)) < 0:
        return out[:count]
    pieces = offset_polygon(outline, distance, mitre=True)
    return pieces[0] if pieces else outline


def outlines(score: npt.ArrayLike, stride: int, threshold: float, min_score: float) -> tuple[list[Points], Floats]:
    """Outlines of the parts of a map above a threshold, joined by sides or corners, whose mean value is at least
    `min_score`, and these values. (Parts are not asked for what lies in their holes, other parts included.)
    """
    values = as_map("score", score)
    map_shape(1, 1, stride)
    threshold = check_share("threshold", threshold, 0.0, 1.0)
    min_score = check_share("min_score", min_score, 0.0, 1.0)
    binary = (values > threshold).view(np.uint8)
    contours, tree = cv2.findContours(binary, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    found, scores = [], []
    for n in reversed(range(len(contours))):  # OpenCV lists the last row's first
        if tree[0, n, 3] >= 0:  # a hole
            continue
        contour = contours[n]
        x, y, width, height = cv2.boundingRect(contour)
        inside = np.zeros((height, width), np.uint8)
        cv2.drawContours(inside, [contour], 0, 1, cv2.FILLED, offset=(-x, -y))
        inside &= binary[y : y + height, x : x + width]
        mean = cv2.mean(values[y : y + height, x : x + width], inside)[0]
        if mean >= min_score:
            found.append(_outline(contour[:, 0], 0, 0, stride))
            scores.append(mean)
    return found, np.array(scores, np.float32)


def labelled_outlines(
    labels: Ints, values: Floats, stride: int, min_score: float, quads: bool
) -> tuple[list[Points], Floats]:
    """Outlines (or rectangles) of the samples of each label from 1 on whose mean value is at least `min_score`."""
    min_score = check_share("min_score", min_score, 0.0, 1.0)
    found, scores = [], []
    for k, (rows, columns) in boxes_of(labels):
        part = labels[rows, columns] == k
        mean = float(values[rows, columns][part].mean())
        if mean >= min_score:
            outline = outline_of(part, columns.start, rows.start, stride)
            found.append(rectangle_around(outline) if quads else outline)
            scores.append(mean)
    return found, np.array(scores, np.float32)
