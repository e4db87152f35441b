"""Connected parts of a map as outlines in the image: what the decoders of segmentation maps share."""

from __future__ import annotations

import math
from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt

from synthtext.errors import InputError
from synthtext.geometry.polygons import Points, min_area_rectangle, offset_polygon, signed_area
from synthtext.targets.boundary import Floats, Ints, check_share, map_shape


def as_map(name: str, values: npt.ArrayLike) -> Floats:
    """A (h, w) map as float32; InputError where it is none, or has a value that is not finite."""
    array = np.ascontiguousarray(values, np.float32)
    if array.ndim != 2:
        raise InputError(f"{name}: has the shape {array.shape}; give a map (h, w)")
    return as_finite(name, array)


def as_finite(name: str, array: Floats) -> Floats:
    """The array; InputError that names the first value that is not finite."""
    if not math.isfinite(float(array.sum(dtype=np.float64))) and not (finite := np.isfinite(array)).all():
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


def boxes_of(labels: Ints) -> Iterator[tuple[int, tuple[slice, slice]]]:
    """Each label of a map from 1 on that occurs, and the rows and columns that it occupies."""
    rows, columns = np.nonzero(labels)
    numbers = labels[rows, columns]
    low = np.full((2, int(numbers.max(initial=0)) + 1), np.iinfo(np.int64).max)
    high = np.full_like(low, -1)
    for axis, at in enumerate((rows, columns)):
        np.minimum.at(low[axis], numbers, at)
        np.maximum.at(high[axis], numbers, at + 1)
    for k in range(1, low.shape[1]):
        if high[0, k] > 0:
            yield k, (slice(int(low[0, k]), int(high[0, k])), slice(int(low[1, k]), int(high[1, k])))


def outline_of(part: npt.NDArray[np.bool_], x: int, y: int, stride: int) -> Points:
    """The outer border of a part (h, w) whose first sample is (y, x) of the map: float64 (m, 2), clockwise, in pixels.

    It runs half a sample outside of the outermost samples, steps of less than a sample straightened.
    """
    contours, _ = cv2.findContours(part.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    contour = max(contours, key=len)[:, 0]
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


def grown(outline: Points, distance: float) -> Points:
    """An outline grown by a distance, its corners kept sharp: the largest piece."""
    pieces = offset_polygon(outline, distance, mitre=True)
    return pieces[0] if pieces else outline


def outlines(
    score: npt.ArrayLike, stride: int, threshold: float, min_score: float, quads: bool
) -> tuple[list[Points], Floats]:
    """Outlines (or rectangles) of the connected parts of a map above a threshold, and their mean values."""
    values = as_map("score", score)
    map_shape(1, 1, stride)
    threshold = check_share("threshold", threshold, 0.0, 1.0)
    return labelled_outlines(parts_of(values > threshold), values, stride, min_score, quads)


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
