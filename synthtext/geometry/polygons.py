"""Polygons as plain arrays: areas, crossings, hulls, rectangles, clipping, scan lines and offsets.

A set of polygons is `points` float64 (m, 2) and `ends` int64 (n,): polygon k is `points[ends[k - 1]:ends[k]]`. On the
screen (y down) a clockwise polygon has a positive area. Kernels are exact up to float64 rounding.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pathops

from synthtext.core.errors import InputError
from synthtext.core.kernel import kernel

Points = npt.NDArray[np.float64]

# What `inspect_polygons` says of a polygon; from NOT_FINITE on it is an error.
CONVEX, CONCAVE, DEGENERATE, NOT_FINITE, COUNTER_CLOCKWISE, CROSSING = range(6)
FARTHEST = 1e6  # pixels: a coordinate beyond it is a slip, not a label


@kernel
def signed_area(points, begin, end):
    """Shoelace area of `points[begin:end]`: positive for clockwise on the screen."""
    total = 0.0
    x0, y0 = points[begin, 0], points[begin, 1]
    for i in range(begin + 1, end - 1):
        total += (points[i, 0] - x0) * (points[i + 1, 1] - y0) - (points[i, 1] - y0) * (points[i + 1, 0] - x0)
    return 0.5 * total


@kernel
def perimeter(points, begin, end):
    """Length of the closed border of `points[begin:end]`."""
    total = 0.0
    j = end - 1
    for i in range(begin, end):
        total += math.hypot(points[i, 0] - points[j, 0], points[i, 1] - points[j, 1])
        j = i
    return total


@kernel
def turn(ax, ay, bx, by, cx, cy):
    """Twice the signed area of the triangle a, b, c: positive where c lies to the right of a to b on the screen."""
    return (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)


@kernel
def _edges_cross(points, a, b, c, d):
    """Whether edges a-b and c-d cross in a point inside both."""
    ax, ay, bx, by = points[a, 0], points[a, 1], points[b, 0], points[b, 1]
    cx, cy, dx, dy = points[c, 0], points[c, 1], points[d, 0], points[d, 1]
    if max(ax, bx) < min(cx, dx) or max(cx, dx) < min(ax, bx) or max(ay, by) < min(cy, dy) or max(cy, dy) < min(ay, by):
        return False
    s, t = turn(ax, ay, bx, by, cx, cy), turn(ax, ay, bx, by, dx, dy)
    u, v = turn(cx, cy, dx, dy, ax, ay), turn(cx, cy, dx, dy, bx, by)
    return ((s > 0.0 and t < 0.0) or (s < 0.0 and t > 0.0)) and ((u > 0.0 and v < 0.0) or (u < 0.0 and v > 0.0))


@kernel
def inspect_polygons(points, ends, status):
    """Write what each polygon is into `status` uint8 (n,): CONVEX ... CROSSING. Gives the first bad one, or -1.

    Degenerate: of an area of at most 1e-4 square pixels, or a millionth of the squared perimeter.
    """
    begin = 0
    for k in range(ends.shape[0]):
        end = ends[k]
        status[k] = CONVEX
        for i in range(begin, end):
            if not (abs(points[i, 0]) <= FARTHEST and abs(points[i, 1]) <= FARTHEST):
                status[k] = NOT_FINITE
                return k
        area, length = signed_area(points, begin, end), perimeter(points, begin, end)
        crossing = False
        for i in range(begin, end - 2):
            for j in range(i + 2, end if i > begin else end - 1):
                crossing |= _edges_cross(points, i, i + 1, j, j + 1 if j + 1 < end else begin)
        if abs(area) <= max(1e-4, 1e-6 * length * length) and not crossing:
            status[k] = DEGENERATE
        elif crossing:
            status[k] = CROSSING
            return k
        elif area < 0.0:
            status[k] = COUNTER_CLOCKWISE
            return k
        else:
            for i in range(begin, end):
                j = i + 1 if i + 1 < end else begin
                m = j + 1 if j + 1 < end else begin
                if turn(points[i, 0], points[i, 1], points[j, 0], points[j, 1], points[m, 0], points[m, 1]) < 0.0:
                    status[k] = CONCAVE
        begin = end
    return -1


@kernel
def shortest_side(points, begin, end):
    """Shortest edge of `points[begin:end]`."""
    least = 1e30
    j = end - 1
    for i in range(begin, end):
        least = min(least, math.hypot(points[i, 0] - points[j, 0], points[i, 1] - points[j, 1]))
        j = i
    return least


@kernel
def row_crossings(points, begin, end, y, xs):
    """x at which the border of `points[begin:end]` crosses the scan line y, ascending, into `xs`; gives their number.

    `xs`: room for end - begin. The inside is between the first and second, third and fourth, ... (even-odd). An edge
    holds its upper end, not its lower one, so that every number is even and touching polygons share no point.
    """
    count = 0
    j = end - 1
    for i in range(begin, end):
        y0, y1 = points[j, 1], points[i, 1]
        if (y0 <= y) != (y1 <= y):
            x = points[j, 0] + (y - y0) * (points[i, 0] - points[j, 0]) / (y1 - y0)
            place = count
            while place > 0 and xs[place - 1] > x:
                xs[place] = xs[place - 1]
                place -= 1
            xs[place] = x
            count += 1
        j = i
    return count


@kernel
def first_sample(x, stride, count):
    """The first of `count` samples, at (j + 0.5) * stride, that lies at x or beyond; `count` where none does."""
    return int(min(max(math.ceil(x / stride - 0.5), 0.0), float(count)))


@kernel
def rows_of(points, begin, end, margin, stride, height):
    """Rows (first, last + 1) of a map of `height` rows whose samples lie in the y range of the polygon, +- margin."""
    low, high = points[begin, 1], points[begin, 1]
    for i in range(begin + 1, end):
        low, high = min(low, points[i, 1]), max(high, points[i, 1])
    return first_sample(low - margin, stride, height), first_sample(high + margin, stride, height)


@kernel
def convex_hull(points, begin, end, hull):
    """Indices into `points` of the hull of `points[begin:end]`, clockwise on the screen, into `hull`; gives how many.

    `hull`: int64, room for 2 * (end - begin) + 1.
    """
    n = end - begin
    order = np.empty(n, np.int64)
    for i in range(n):
        x, y = points[begin + i, 0], points[begin + i, 1]
        place = i
        while place > 0:
            o = order[place - 1]
            if points[o, 0] > x or (points[o, 0] == x and points[o, 1] > y):
                order[place] = o
                place -= 1
            else:
                break
        order[place] = begin + i
    size = 0
    for side in range(2):
        base = size
        for step in range(n):
            i = order[step] if side == 0 else order[n - 1 - step]
            while size >= base + 2:
                a, b = hull[size - 2], hull[size - 1]
                if turn(points[a, 0], points[a, 1], points[b, 0], points[b, 1], points[i, 0], points[i, 1]) > 0.0:
                    break
                size -= 1
            hull[size] = i
            size += 1
        size -= 1
    return max(size, 1)


@kernel
def _bounding(points, begin, end, ux, uy, box):
    """Extents of the points along (ux, uy) and its clockwise normal, into `box`: least u, most u, least v, most v."""
    box[0], box[1], box[2], box[3] = 1e30, -1e30, 1e30, -1e30
    for i in range(begin, end):
        u, v = points[i, 0] * ux + points[i, 1] * uy, points[i, 1] * ux - points[i, 0] * uy
        box[0], box[1], box[2], box[3] = min(box[0], u), max(box[1], u), min(box[2], v), max(box[3], v)
    return (box[1] - box[0]) * (box[3] - box[2])


@kernel
def min_area_rectangle(points, begin, end, out):
    """The rectangle of least area around `points[begin:end]`, clockwise, into `out` (4, 2); False where it has none.

    Its corners are numbered so that they lie nearest, in least squares, to the corners of the text: first and last
    point of the top side, first and last of the bottom side. One side lies along an edge of the convex hull.
    """
    n = end - begin
    hull = np.empty(2 * n + 1, np.int64)
    size = convex_hull(points, begin, end, hull)
    box, best = np.empty(4), np.inf
    bx, by = 0.0, 0.0
    # The top edge first, then the bottom one: where several rectangles are as small (of a concave quad, whose hull is a
    # triangle, all three are), the text's own direction is kept.
    for k in range(-2, size):
        i, j = hull[max(k, 0)], hull[k + 1 if k + 1 < size else 0]
        if k < 0:
            i = begin if k == -2 else begin + n // 2
            j = i + 1
        dx, dy = points[j, 0] - points[i, 0], points[j, 1] - points[i, 1]
        length = math.hypot(dx, dy)
        if length > 0.0:
            area = _bounding(points, begin, end, dx / length, dy / length, box)
            if area < best * (1.0 - 1e-9):
                best, bx, by = area, dx / length, dy / length
    if best == np.inf:
        return False
    _bounding(points, begin, end, bx, by, box)
    corner = (begin, begin + n // 2 - 1, begin + n // 2, end - 1)
    x, y = np.empty(4), np.empty(4)
    for k in range(4):
        u, v = box[0] if k == 0 or k == 3 else box[1], box[2] if k < 2 else box[3]
        x[k], y[k] = bx * u - by * v, by * u + bx * v
    most, shift = 0.0, 0
    for s in range(4):
        total = 0.0
        for k in range(4):
            c = (k + s) % 4
            # Relative to the first point, so that nothing is lost far from the origin.
            total += (x[c] - x[0]) * (points[corner[k], 0] - x[0]) + (y[c] - y[0]) * (points[corner[k], 1] - y[0])
        if s == 0 or total > most + 1e-9 * abs(most):
            most, shift = total, s
    for k in range(4):
        out[k, 0], out[k, 1] = x[(k + shift) % 4], y[(k + shift) % 4]
    return True


@kernel
def clip_convex(subject, size, clip, clip_size, result, spare):
    """Sutherland-Hodgman: `subject[:size]` cut by the convex, clockwise `clip[:clip_size]` into `result`; its size.

    `result` and `spare` need room for size + clip_size + 1 points each.
    """
    for i in range(size):
        result[i, 0], result[i, 1] = subject[i, 0], subject[i, 1]
    for e in range(clip_size):
        f = e + 1 if e + 1 < clip_size else 0
        ax, ay, bx, by = clip[e, 0], clip[e, 1], clip[f, 0], clip[f, 1]
        for i in range(size):
            spare[i, 0], spare[i, 1] = result[i, 0], result[i, 1]
        count = 0
        for i in range(size):
            j = i + 1 if i + 1 < size else 0
            px, py, qx, qy = spare[i, 0], spare[i, 1], spare[j, 0], spare[j, 1]
            s, t = turn(ax, ay, bx, by, px, py), turn(ax, ay, bx, by, qx, qy)
            if s >= 0.0:
                result[count, 0], result[count, 1] = px, py
                count += 1
            if (s > 0.0 and t < 0.0) or (s < 0.0 and t > 0.0):
                w = s / (s - t)
                result[count, 0], result[count, 1] = px + w * (qx - px), py + w * (qy - py)
                count += 1
        size = count
        if size < 3:
            return 0
    return size


@kernel
def _is_convex(quad):
    for i in range(4):
        j, k = (i + 1) % 4, (i + 2) % 4
        if turn(quad[i, 0], quad[i, 1], quad[j, 0], quad[j, 1], quad[k, 0], quad[k, 1]) < 0.0:
            return False
    return True


@kernel
def intersection_area(a, b):
    """Area that two simple clockwise quads (4, 2) share, concave ones included."""
    result, spare = np.empty((9, 2)), np.empty((9, 2))
    if _is_convex(a) and _is_convex(b):
        size = clip_convex(a, 4, b, 4, result, spare)
        return signed_area(result, 0, size) if size > 2 else 0.0
    # A polygon is the signed sum of the triangles that fan out from its first corner.
    first, second = np.empty((3, 2)), np.empty((3, 2))
    total = 0.0
    for s in range(2):
        sign = 1.0
        for k in range(3):
            c = 0 if k == 0 else s + k
            first[k, 0], first[k, 1] = a[c, 0], a[c, 1]
        if signed_area(first, 0, 3) < 0.0:
            sign = -1.0
            first[1, 0], first[2, 0] = first[2, 0], first[1, 0]
            first[1, 1], first[2, 1] = first[2, 1], first[1, 1]
        for t in range(2):
            other = sign
            for k in range(3):
                c = 0 if k == 0 else t + k
                second[k, 0], second[k, 1] = b[c, 0], b[c, 1]
            if signed_area(second, 0, 3) < 0.0:
                other = -sign
                second[1, 0], second[2, 0] = second[2, 0], second[1, 0]
                second[1, 1], second[2, 1] = second[2, 1], second[1, 1]
            size = clip_convex(first, 3, second, 3, result, spare)
            if size > 2:
                total += other * signed_area(result, 0, size)
    return max(total, 0.0)


@kernel
def quad_iou(a, b):
    """Intersection over union of two simple quads (4, 2), clockwise; 0 where both are empty."""
    shared = intersection_area(a, b)
    union = signed_area(a, 0, 4) + signed_area(b, 0, 4) - shared
    return shared / union if union > 0.0 else 0.0


def clockwise(quads: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """Quads (n, 4, 2) in the order that the encoders want: those that run counter-clockwise are read the other way
    round from the same first corner. Float32 (n, 4, 2); InputError where the shape is another one.
    """
    array = np.array(quads, np.float32)
    if array.size == 0:
        return np.zeros((0, 4, 2), np.float32)
    if array.ndim != 3 or array.shape[1:] != (4, 2):
        raise InputError(f"quads: have the shape {array.shape}; give (n, 4, 2), four xy corners a quad")
    x, y = array[..., 0].astype(np.float64), array[..., 1].astype(np.float64)
    area = (x * np.roll(y, -1, 1) - y * np.roll(x, -1, 1)).sum(1)
    array[area < 0.0] = array[area < 0.0][:, [0, 3, 2, 1]]
    return array


def clockwise_polygons(polygons: Sequence[npt.ArrayLike]) -> tuple[list[npt.NDArray[np.float32]], int]:
    """Polygons (m, 2) each, float32, those that run counter-clockwise read the other way round: quads from the same
    first corner (`clockwise`), others from the last point, so that a side given as the bottom one becomes the top.
    Gives them, and how many were turned.
    """
    arrays = [np.asarray(polygon, np.float32) for polygon in polygons]
    turned = 0
    for k, array in enumerate(arrays):
        if len(array) > 2 and float(signed_area(array.astype(np.float64), 0, len(array))) < 0.0:
            turned += 1
            arrays[k] = array[[0, 3, 2, 1]] if len(array) == 4 else array[::-1].copy()
    return arrays, turned


def offset_polygon(points: npt.ArrayLike, distance: float, *, mitre: bool = False) -> list[Points]:
    """The simple polygon (m, 2) grown by `distance` pixels all round, or shrunk where it is negative.

    Corners that move apart are rounded, or with `mitre` kept sharp (cut off beyond 4 distances). Gives its pieces,
    largest first: none where nothing is left, several where a neck was cut. float64 (m', 2) each, clockwise.
    """
    array = np.asarray(points, np.float64)
    if array.ndim != 2 or array.shape[1] != 2 or len(array) < 3 or not np.isfinite(array).all():
        raise InputError(f"points: of shape {array.shape} are no polygon; give (m, 2) finite numbers, m at least 3")
    if distance == 0.0:
        return [array.copy()]
    # Skia's stroker flattens arcs to its own tolerance in units of the path: a large scale makes that tolerance small.
    origin = array.min(0)
    scale = 1024.0 / max(float(np.ptp(array, axis=0).max()), abs(distance), 1e-9)
    own, border = pathops.Path(), pathops.Path()
    for path in (own, border):
        pen = path.getPen()
        scaled = [(float(x), float(y)) for x, y in (array - origin) * scale]
        pen.moveTo(scaled[0])
        for point in scaled[1:]:
            pen.lineTo(point)
        pen.closePath()
    join = pathops.LineJoin.MITER_JOIN if mitre else pathops.LineJoin.ROUND_JOIN
    border.stroke(2.0 * abs(distance) * scale, pathops.LineCap.BUTT_CAP, join, 4.0)
    how = pathops.PathOp.UNION if distance > 0.0 else pathops.PathOp.DIFFERENCE
    border.convertConicsToQuads(0.1)
    path = pathops.op(own, border, how, fix_winding=True)
    pieces = [piece / scale + origin for piece in _flattened(path)]
    areas = [float(signed_area(piece, 0, len(piece))) for piece in pieces]
    outer = max(areas, key=abs, default=0.0)
    kept = [(abs(a), p if a > 0 else p[::-1].copy()) for a, p in zip(areas, pieces, strict=True) if a * outer > 0.0]
    return [piece for _, piece in sorted(kept, key=lambda pair: -pair[0])]


def _flattened(path: pathops.Path) -> list[Points]:
    """The contours of a path of lines and quadratic curves as points, each curve by 4 chords."""
    contours: list[Points] = []
    points: list[tuple[float, float]] = []
    for verb, at in path:
        if verb == pathops.PathVerb.MOVE:
            points = [at[0]]
        elif verb == pathops.PathVerb.LINE:
            points.append(at[0])
        elif verb == pathops.PathVerb.QUAD:
            (x0, y0), (x1, y1), (x2, y2) = points[-1], at[0], at[1]
            for t in (0.25, 0.5, 0.75, 1.0):
                a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t * t
                points.append((a * x0 + b * x1 + c * x2, a * y0 + b * y1 + c * y2))
        elif verb == pathops.PathVerb.CLOSE:
            if len(points) > 1 and points[0] == points[-1]:
                points.pop()
            if len(points) > 2:
                contours.append(np.array(points, np.float64))
            points = []
    return contours


def pack_polygons(
    polygons: npt.ArrayLike | Sequence[npt.ArrayLike], name: str = "polygon", sides: bool = False
) -> tuple[Points, npt.NDArray[np.int64]]:
    """Polygons of any sizes as `points` float64 (m, 2) and `ends` int64 (n,).

    InputError that names the first (as a `name`) which is no (m, 2) with m >= 3, or with `sides` no (2k, 2).
    """
    want = "(2k, 2), k >= 2 points of the top side, then k of the bottom side back" if sides else "(m, 2), m >= 3"
    if isinstance(polygons, np.ndarray) and polygons.ndim == 3 and polygons.dtype.kind in "iuf":
        n, size, axes = polygons.shape  # all of one size: no loop
        if axes == 2 and size >= 3 and not (sides and size % 2):
            points = np.ascontiguousarray(polygons, np.float64).reshape(-1, 2)
            return points, np.arange(1, n + 1, dtype=np.int64) * size
    try:
        parts = list(polygons)  # type: ignore[arg-type]
    except TypeError:
        raise InputError(f"{name}s: are {type(polygons).__name__}; give a list of arrays, each {want}") from None
    ends = np.empty(len(parts), np.int64)
    arrays, total = [], 0
    for k, part in enumerate(parts):
        try:
            array = np.asarray(part, np.float64)
        except (ValueError, TypeError) as error:
            raise InputError(f"{name} {k}: is no array of numbers ({error}); give {want}") from None
        size = len(array) if array.ndim == 2 and array.shape[1] == 2 else 0
        if size < 3 or (sides and (size < 4 or size % 2)):
            raise InputError(f"{name} {k}: has the shape {array.shape}; give {want}")
        arrays.append(array)
        ends[k] = total = total + size
    return (np.concatenate(arrays) if arrays else np.zeros((0, 2))), ends
