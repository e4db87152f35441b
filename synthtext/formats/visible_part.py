"""What the picture leaves of a label: the part of a polygon that is visible, and the quad that fits it best.

One rule for whatever is written for detectors: what is written is the visible part, and a quad is fitted to it. A
polygon that lies in the picture is kept as it is; of another, what lies inside is left. A polygon of four points is its
own quad. Beside one of more points the quad is kept where it lies in the picture; else it is the best, by intersection
over union with the visible polygon, of those with four corners of what is left of it, those with four of the polygon's
convex hull, and the polygon's bounding box.
Coordinates are in pixels, rounded to 1/100; the picture is [0, width] x [0, height], its pixels' centres at (0.5, 0.5).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np

from synthtext.geometry.polygons import clip_convex, convex_hull, signed_area
from synthtext.labels import visible

Points = list[list[float]]
_LEAST = 0.01  # square pixels: what is smaller is not visible
GOOD = 0.99  # of an overlap, from which on no other quads are tried
_CORNERS = 8  # of a convex polygon, of which quads are tried


def is_inside(points: Sequence[Sequence[float]], height: int, width: int) -> bool:
    """Whether all points lie in the picture."""
    return all(0.0 <= x <= width and 0.0 <= y <= height for x, y in points)


def visible_polygon(polygon: Points, height: int, width: int) -> Points:
    """The part of a polygon that lies in the picture; [] where less than 1/100 of a square pixel does.

    `polygon`: 2 k points, clockwise: k of the top side, then k of the bottom side back; so are those given back.
    """
    if is_inside(polygon, height, width):
        return polygon
    points = np.array(polygon, np.float32)
    out, ring, spare = np.empty((visible.MOST_POINTS, 2), np.float32), *np.empty((2, visible.MOST_POINTS, 4))
    size, share = visible.visible_polygon(points, len(points), height, width, ring, spare, out)
    found = [[round(x, 2), round(y, 2)] for x, y in out[:size].tolist()]
    return found if share > 0.0 and _area(found) >= _LEAST else []


def visible_quad(quad: Points, polygon: Points, height: int, width: int) -> Points:
    """The quad in the picture of a word whose visible polygon is `polygon`, and whose own is `quad`.

    Clockwise; its first corner is that of the reading order's top left.
    """
    if len(polygon) == 4:
        return polygon
    if is_inside(quad, height, width):
        return quad
    picture = np.array([(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)])
    left, spare = np.empty((9, 2)), np.empty((9, 2))
    size = clip_convex(np.array(quad), 4, picture, 4, left, spare)
    corners = [[min(max(round(x, 2), 0.0), width), min(max(round(y, 2), 0.0), height)] for x, y in left[:size].tolist()]
    xs, ys = [p[0] for p in polygon], [p[1] for p in polygon]
    box = [[min(xs), min(ys)], [max(xs), min(ys)], [max(xs), max(ys)], [min(xs), max(ys)]]
    around = np.empty(2 * len(polygon) + 1, np.int64)
    hull = [polygon[i] for i in around[: convex_hull(np.array(polygon), 0, len(polygon), around)]]
    best, overlap = box, 0.0
    for candidates in (_fours(corners), _fours(hull), [box]):
        if candidates and overlap < GOOD:
            overlaps = _overlaps(polygon, candidates)
            if max(overlaps) > overlap:
                overlap = max(overlaps)
                best = candidates[overlaps.index(overlap)]
    # Numbered so that the corners lie, about their middle, the way the word's own do.
    turns = [best[shift:] + best[:shift] for shift in range(4)]
    x0, y0 = sum(p[0] for p in quad) / 4.0, sum(p[1] for p in quad) / 4.0
    likeness = [sum(a * (x - x0) + b * (y - y0) for (a, b), (x, y) in zip(t, quad, strict=True)) for t in turns]
    return turns[likeness.index(max(likeness))]


def whole_pixels(quad: Points, height: int, width: int) -> list[list[int]]:
    """The pixels, (column, row) from 0, that a quad's corners lie in; a point at a far border counts to the last pixel.

    Where the corners of something thin would meet or change sides, those of the box around them, at least a pixel long
    and high.
    """
    corners = [[min(math.floor(x), width - 1), min(math.floor(y), height - 1)] for x, y in quad]
    if _is_clockwise(corners):
        return corners
    (x0, x1), (y0, y1) = (_spread([p[axis] for p in corners], size) for axis, size in enumerate((width, height)))
    return [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]


def _spread(values: list[int], size: int) -> tuple[int, int]:
    """Least and most, at least 1 apart, of 0 to size - 1."""
    low, high = min(values), max(values)
    if low == high:
        low, high = (low, low + 1) if low + 1 < size else (max(low - 1, 0), low)
    return low, high


def _is_clockwise(quad: Sequence[Sequence[float]]) -> bool:
    """Whether a quad has an area, runs clockwise, does not cross itself and has no spike: a diagonal parts it so."""
    a, b, c, d = quad
    for ears in (((a, b, c), (c, d, a)), ((b, c, d), (d, a, b))):
        parts = [_area(ear) for ear in ears]
        if min(parts) >= 0.0 and sum(parts) > 0.0:
            return all(part > 0.0 or _is_between(*ear) for part, ear in zip(parts, ears, strict=True))
    return False


def _is_between(before: Sequence[float], point: Sequence[float], after: Sequence[float]) -> bool:
    """Whether a point that lies on a line with two others lies between them."""
    return sum((p - q) * (r - q) for p, q, r in zip(before, point, after, strict=True)) <= 0.0


def _area(points: Sequence[Sequence[float]]) -> float:
    """Shoelace area: positive for clockwise on the screen."""
    if len(points) < 3:
        return 0.0
    x0, y0 = points[0]
    return 0.5 * sum(
        (ax - x0) * (by - y0) - (ay - y0) * (bx - x0) for (ax, ay), (bx, by) in itertools.pairwise(points[1:])
    )


def _fours(corners: Points) -> list[Points]:
    """Quads of four corners each of a convex polygon: of more than `_CORNERS`, without those that cut off least; a
    triangle has a corner in the middle of its longest side, too."""
    corners = list(corners)
    while len(corners) > _CORNERS:
        losses = [_area([corners[i - 1], p, corners[(i + 1) % len(corners)]]) for i, p in enumerate(corners)]
        del corners[losses.index(min(losses))]
    if len(corners) == 3:
        gaps = [math.dist(corners[i - 1], p) for i, p in enumerate(corners)]
        at = gaps.index(max(gaps))
        corners.insert(at, _middle(corners[at - 1], corners[at]))
    return [list(four) for four in itertools.combinations(corners, 4)]


def _middle(a: Sequence[float], b: Sequence[float]) -> list[float]:
    return [round(0.5 * (a[0] + b[0]), 2), round(0.5 * (a[1] + b[1]), 2)]


def _overlaps(polygon: Points, quads: list[Points]) -> list[float]:
    """Intersection over union of a clockwise polygon with each of some convex, clockwise quads; 0 of an empty one."""
    room = 4 * len(polygon) + 16
    result, spare, points = np.empty((room, 2)), np.empty((room, 2)), np.array(polygon)
    whole = _area(polygon)
    found = []
    for quad in quads:
        own = _area(quad)
        size = clip_convex(points, len(points), np.array(quad), 4, result, spare) if own > 0.0 else 0
        shared = float(signed_area(result, 0, size)) if size > 2 else 0.0
        found.append(shared / (own + whole - shared) if own > 0.0 else 0.0)
    return found
