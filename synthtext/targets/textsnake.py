"""TextSnake's maps (Long et al. 2018, "TextSnake: A Flexible Representation for Detecting Text of Arbitrary Shapes").

t = encode(polygons, ignore, height, width, stride=1)
polygons, scores = decode(t.text, t.centre, t.radius, t.cos, t.sin, stride=1)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from synthtext.core.errors import InputError
from synthtext.core.kernel import kernel
from synthtext.geometry.polygons import DEGENERATE, first_sample, row_crossings, rows_of, shortest_side
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
from synthtext.targets.components import as_map, boxes_of, parts_of
from synthtext.targets.rows import E_SIZE, edges_of, mask_texts, paint_order
from synthtext.targets.strips import (
    S_COS,
    S_RADIUS,
    S_SIN,
    S_SIZE,
    S_X,
    S_Y,
    band_ends,
    band_holds,
    band_is_thin,
    band_quad,
    stations_of,
)
from synthtext.targets.thin import apart, gap_at

TAKES = "polygons"  # what `encode` is made of: words' quads or polygons, or these and chars


class TextsnakeTargets(NamedTuple):
    """Maps of `h` = ceil(height / stride) rows, `w` columns; geometry is 0 outside of the centre lines.

    `text` uint8 (h, w): 1 in the texts. `centre` uint8: 1 in the widened centre lines. `radius` float32: half of the
    text's height there, pixels of the image. `cos`, `sin` float32: of the reading direction's angle, clockwise on the
    screen positive. `mask` uint8: 1 where the loss counts. `instance` int32: 1 + the index of the sample's text, or 0.
    """

    text: Bytes
    centre: Bytes
    radius: Floats
    cos: Floats
    sin: Floats
    mask: Bytes
    instance: Ints


_SPECS = (
    Spec("text", (), np.uint8),
    Spec("centre", (), np.uint8),
    Spec("radius", (), np.float32),
    Spec("cos", (), np.float32),
    Spec("sin", (), np.float32),
    Spec("mask", (), np.uint8, 1),
    Spec("instance", (), np.int32),
)


def encode(
    polygons: Polygons,
    ignore: npt.ArrayLike | None,
    height: int,
    width: int,
    stride: int = 1,
    *,
    widen: float = 0.2,
    cut: float = 0.5,
    min_size: float = 0.0,
    out: TextsnakeTargets | None = None,
) -> TextsnakeTargets:
    """TextSnake's training maps of an image of height x width pixels.

    `polygons`: (2k, 2) each, k points of the top side in reading direction, then k of the bottom side back; or quads
    (n, 4, 2). `ignore` (n,) or None. The centre line runs through the middles between opposite points. It is cut at
    both ends by `cut` of the radius there (at most a third of the line), and widened by `widen` of the way to each side
    (section 3.4). Radius and direction vary linearly between stations. A sample in several texts counts for the
    smallest only. A thin centre line is widened (see `thin`); a text without a sample is ignored. `out`: maps of
    `empty` or of an earlier call, written anew and given back. Raises InputError; other rules: see `boundary`.
    """
    shape = map_shape(height, width, stride)
    points, ends, status = as_points(polygons, sides=True)
    flags = as_ignore(ignore, len(ends))
    widen, cut = check_share("widen", widen, 0.01, 1.0), check_share("cut", cut, 0.0, 10.0)
    maps = prepare(TextsnakeTargets, shape, _SPECS, out)
    _encode(points, ends, status, flags, float(stride), widen, cut, check_size(min_size), *maps)
    return maps


def empty(height: int, width: int, stride: int = 1) -> TextsnakeTargets:
    """Maps of an image without text, to be given to `encode` as `out`."""
    return prepare(TextsnakeTargets, map_shape(height, width, stride), _SPECS)


@kernel
def _paint_line(stations, k, length, cut, widen, least, stride, number, centre, radius, cos, sin, instance):
    """The centre line of text `number` into its samples, widened for samples `least` apart (0: not widened)."""
    height, width = centre.shape
    quad, near, far, xs = np.empty((4, 2)), np.empty(S_SIZE), np.empty(S_SIZE), np.empty(4)
    low, high = band_ends(stations, k, length, cut, least)
    for s in range(k - 1):
        if not band_quad(stations, s, low, high, widen, least, quad, near, far):
            continue
        dx, dy = far[S_X] - near[S_X], far[S_Y] - near[S_Y]
        squared = dx * dx + dy * dy
        first, last = rows_of(quad, 0, 4, 0.0, stride, height)
        for i in range(first, last):
            y = (i + 0.5) * stride
            count = row_crossings(quad, 0, 4, y, xs)
            for c in range(0, count, 2):
                for j in range(first_sample(xs[c], stride, width), first_sample(xs[c + 1], stride, width)):
                    if instance[i, j] != number:
                        continue
                    if least > 0.0 and (centre[i, j] or not apart(centre, instance, i, j, number)):
                        continue
                    x = (j + 0.5) * stride
                    t = ((x - near[S_X]) * dx + (y - near[S_Y]) * dy) / squared
                    t = min(max(t, 0.0), 1.0)
                    u = near[S_COS] + t * (far[S_COS] - near[S_COS])
                    v = near[S_SIN] + t * (far[S_SIN] - near[S_SIN])
                    norm = max(np.hypot(u, v), 1e-9)
                    centre[i, j] = 1
                    cos[i, j], sin[i, j] = u / norm, v / norm
                    radius[i, j] = near[S_RADIUS] + t * (far[S_RADIUS] - near[S_RADIUS])


@kernel
def _bridge_line(points, begin, end, edges, stride, number, centre, radius, cos, sin, instance):
    """`thin.bridge`, with the geometry of the neighbour in the same row."""
    height, width = centre.shape
    first, last = rows_of(points, begin, end, 0.0, stride, height)
    left, right = points[begin, 0], points[begin, 0]
    for n in range(begin, end):
        left, right = min(left, points[n, 0]), max(right, points[n, 0])
    for i in range(first, last - 1):
        for j in range(first_sample(left, stride, width), first_sample(right, stride, width) - 1):
            side = gap_at(edges, end - begin, stride, number, number, centre, instance, i, j)
            if side >= 0:
                a, b, c = i + side // 2, j + side % 2, j + 1 - side % 2
                centre[a, b], radius[a, b], cos[a, b], sin[a, b] = 1, radius[a, c], cos[a, c], sin[a, c]


@kernel
def _encode(points, ends, status, ignore, stride, widen, cut, min_size, text, centre, radius, cos, sin, mask, instance):
    """All maps of one image. See `encode`."""
    height, width = text.shape
    xs = np.empty(max(points.shape[0], 4))
    stations, edges = np.empty((points.shape[0] // 2, S_SIZE)), np.empty((points.shape[0], E_SIZE))
    masked, thin = np.zeros(ends.shape[0], np.uint8), np.zeros(ends.shape[0], np.uint8)
    order = paint_order(points, ends)
    for step in range(ends.shape[0]):
        k = order[step]
        begin, end = ends[k - 1] if k > 0 else 0, ends[k]
        if status[k] >= DEGENERATE:
            continue
        size = (end - begin) // 2
        length = stations_of(points, begin, end, stations)
        if (
            ignore[k]
            or shortest_side(points, begin, end) < min_size
            or not band_holds(points, begin, end, stations, size, length, cut, widen, stride, height, width)
        ):
            masked[k] = 1
            continue
        first, last = rows_of(points, begin, end, 0.0, stride, height)
        for i in range(first, last):
            count = row_crossings(points, begin, end, (i + 0.5) * stride, xs)
            for s in range(0, count, 2):
                for j in range(first_sample(xs[s], stride, width), first_sample(xs[s + 1], stride, width)):
                    text[i, j], instance[i, j], centre[i, j] = 1, k + 1, 0
                    radius[i, j], cos[i, j], sin[i, j] = 0.0, 0.0, 0.0
        _paint_line(stations, size, length, cut, widen, 0.0, stride, k + 1, centre, radius, cos, sin, instance)
        thin[k] = band_is_thin(stations, size, length, cut, widen, stride)
    for step in range(ends.shape[0]):
        k = order[step]
        if thin[k]:
            begin, end = ends[k - 1] if k > 0 else 0, ends[k]
            length = stations_of(points, begin, end, stations)
            size = (end - begin) // 2
            _paint_line(stations, size, length, cut, widen, stride, stride, k + 1, centre, radius, cos, sin, instance)
            edges_of(points, begin, end, edges)
            _bridge_line(points, begin, end, edges, stride, k + 1, centre, radius, cos, sin, instance)
    mask_texts(points, ends, status, masked, stride, instance, mask)


def decode(
    text: npt.ArrayLike,
    centre: npt.ArrayLike,
    radius: npt.ArrayLike,
    cos: npt.ArrayLike,
    sin: npt.ArrayLike,
    stride: int = 1,
    *,
    threshold: float = 0.5,
    cut: float = 0.5,
    stations: int = 12,
) -> tuple[list[Points], Floats]:
    """Polygons of TextSnake's maps (each (h, w)): the parts where text and centre line exceed `threshold`.

    Along each part the samples are brought into reading order by their predicted direction, gathered into slices, and
    each slice gives a station: middle, direction and radius, averaged. The line is made longer at both ends by the
    `cut` that `encode` took. Gives (2m, 2) float64 with ordered sides, 2 <= m <= `stations`, and mean centre scores.
    """
    maps = [
        as_map(n, a)
        for n, a in zip(("text", "centre", "radius", "cos", "sin"), (text, centre, radius, cos, sin), strict=True)
    ]
    if len({a.shape for a in maps}) > 1:
        raise InputError(f"maps: have the shapes {', '.join(str(a.shape) for a in maps)}; give five of the same")
    map_shape(1, 1, stride)
    threshold, cut = check_share("threshold", threshold, 0.0, 1.0), check_share("cut", cut, 0.0, 10.0)
    if not (isinstance(stations, int | np.integer) and stations >= 2):
        raise InputError(f"stations: is {stations!r}; give a whole number, at least 2")
    texts, centres, radii, cosines, sines = maps
    labels = parts_of((texts > threshold) & (centres > threshold), corners=True)
    found, scores = [], []
    for k, (rows, columns) in boxes_of(labels):
        i, j = np.nonzero(labels[rows, columns] == k)
        i, j = i + rows.start, j + columns.start
        at = np.stack([(j + 0.5) * stride, (i + 0.5) * stride], 1).astype(np.float64)
        way = np.stack([cosines[i, j], sines[i, j]], 1).astype(np.float64)
        polygon = _thread(at, way, radii[i, j].astype(np.float64), float(stride), cut, stations)
        found.append(polygon)
        scores.append(float(centres[i, j].mean()))
    return found, np.array(scores, np.float32)


def _thread(at: Points, way: Points, radius: Points, stride: float, cut: float, stations: int) -> Points:
    """The polygon of one centre line's samples: `at` (n, 2), unit directions `way` (n, 2), `radius` (n,)."""
    step = max(float(radius.mean()) * 0.5, 1.5 * stride)

    def slice_at(point: Points, direction: Points) -> tuple[Points, Points, float] | None:
        """Mean of the samples in a slice across the direction at a point."""
        offset = at - point
        along = offset @ direction
        across = np.abs(offset[:, 1] * direction[0] - offset[:, 0] * direction[1])
        own = (np.abs(along) <= 0.75 * stride) & (across <= radius) & (way @ direction > 0.0)
        if not own.any():
            return None
        mean = way[own].mean(0)
        mean /= max(float(np.hypot(*mean)), 1e-9)
        # The middle across the line; along it, the slice's own place.
        normal = np.array([-direction[1], direction[0]])
        side = offset[own] @ normal
        return point + normal * 0.5 * (side.min() + side.max()), mean, float(radius[own].mean())

    middle = int(np.argmin(((at - at.mean(0)) ** 2).sum(1)))
    start = slice_at(at[middle], way[middle]) or (at[middle], way[middle], float(radius[middle]))
    line = [start]
    for sign in (1.0, -1.0):
        here = start
        for _ in range(10_000):
            following = None
            for share in (1.0, 0.5, 0.25):
                following = slice_at(here[0] + sign * share * step * here[1], here[1])
                if following is not None:
                    break
            if following is None or float((following[0] - here[0]) @ (sign * here[1])) < 0.1 * stride:
                break
            # A text that bites its tail: where the line comes back to itself, it ends.
            others = [p for p, _, _ in line if p is not here[0]]
            if others and min(float(np.hypot(*(p - following[0]))) for p in others) < 0.4 * stride:
                break
            here = following
            line = [*line, here] if sign > 0.0 else [here, *line]
    # The samples' own extent along the ends' directions, then what encode had cut off.
    for end, sign in ((0, -1.0), (-1, 1.0)):
        point, direction, size = line[end]
        reach = sign * ((at - point) @ direction)
        near = np.hypot(*(at - point).T) <= 1.5 * size + 2.0 * step
        extent = max(float(reach[near].max(initial=0.0)), 0.0) + 0.5 * stride + cut * size
        line[end] = (point + sign * extent * direction, direction, size)
    if len(line) == 1:
        point, direction, size = line[0]
        reach = (at - point) @ direction
        line = [
            (point + (float(reach.min()) - 0.5 * stride - cut * size) * direction, direction, size),
            (point, direction, size),
        ]
    pick = np.unique(np.round(np.linspace(0, len(line) - 1, min(len(line), stations))).astype(int))
    rows = [line[n] for n in pick]
    up = np.array([[d[1] * r, -d[0] * r] for _, d, r in rows])
    middles = np.array([p for p, _, _ in rows])
    return np.concatenate([middles + up, (middles - up)[::-1]])
