"""Quads and polygons of placed, warped text: char quads, word quads, and polygons with ordered top and bottom sides.

All are fitted to the very polylines that the raster fills, so that a label holds its ink whatever the warp did.
"""

from __future__ import annotations

import math

import numpy as np

from synthtext.core.kernel import kernel, part
from synthtext.geometry.warp import W_BEND, warp_xy
from synthtext.typeset.glyph_table import P_X, P_XX, P_XY, P_Y, P_YX, P_YY

MAX_STATIONS = 17  # points on a polygon's top side, and as many on its bottom side


@kernel
def _corners(nx, ny, offset, out):
    """Where neighbouring sides meet; returns whether all do at a fair angle."""
    for k in range(4):
        j = (k + 3) % 4
        determinant = nx[j] * ny[k] - ny[j] * nx[k]
        if determinant < 0.1:
            return False
        out[k, 0] = (offset[j] * ny[k] - offset[k] * ny[j]) / determinant
        out[k, 1] = (nx[j] * offset[k] - nx[k] * offset[j]) / determinant
    return True


@kernel
def _offsets(nx, ny, points, begin, end, offset):
    """How far `points[begin:end]` reach along each of the four normals."""
    n0x, n1x, n2x, n3x, n0y, n1y, n2y, n3y = nx[0], nx[1], nx[2], nx[3], ny[0], ny[1], ny[2], ny[3]
    o0, o1, o2, o3 = -1e30, -1e30, -1e30, -1e30
    for i in range(begin, end):
        x, y = points[i, 0], points[i, 1]
        o0, o1 = max(o0, n0x * x + n0y * y), max(o1, n1x * x + n1y * y)
        o2, o3 = max(o2, n2x * x + n2y * y), max(o3, n3x * x + n3y * y)
    offset[0], offset[1], offset[2], offset[3] = o0, o1, o2, o3


@kernel
def support_quad(quad, points, begin, end, out):
    """Shift each side of `quad` (4, 2), keeping its direction, until it touches `points[begin:end]` from outside.

    Sides run clockwise on the screen. A quad of which two neighbouring sides are nearly parallel (less than 6 degrees
    apart), as of a letter seen almost edge-on, gives way to the rectangle along its length.
    """
    nx, ny, offset = np.empty(4), np.empty(4), np.empty(4)
    for k in range(4):
        dx, dy = quad[(k + 1) % 4, 0] - quad[k, 0], quad[(k + 1) % 4, 1] - quad[k, 1]
        length = math.sqrt(dx * dx + dy * dy)
        nx[k], ny[k] = (dy / length, -dx / length) if length > 1e-9 else (0.0, 0.0)
    _offsets(nx, ny, points, begin, end, offset)
    if not _corners(nx, ny, offset, out):
        dx = quad[1, 0] - quad[0, 0] + quad[2, 0] - quad[3, 0]
        dy = quad[1, 1] - quad[0, 1] + quad[2, 1] - quad[3, 1]
        length = math.sqrt(dx * dx + dy * dy)
        dx, dy = (dx / length, dy / length) if length > 1e-9 else (1.0, 0.0)
        nx[0], nx[1], nx[2], nx[3] = dy, dx, -dy, -dx
        ny[0], ny[1], ny[2], ny[3] = -dx, dy, dx, -dy
        _offsets(nx, ny, points, begin, end, offset)
        _corners(nx, ny, offset, out)


@kernel
def _in_frame(placement, g, x, y):
    return (
        placement[g, P_XX] * x + placement[g, P_XY] * y + placement[g, P_X],
        placement[g, P_YX] * x + placement[g, P_YY] * y + placement[g, P_Y],
    )


@kernel
def _side(line, ax, ay, bx, by):
    """Store in `line` the outward unit normal and the offset of a side from a to b of a clockwise polygon."""
    dx, dy = bx - ax, by - ay
    length = math.sqrt(dx * dx + dy * dy)
    if length > 1e-9:
        line[0], line[1] = dy / length, -dx / length
        line[2] = line[0] * ax + line[1] * ay
    else:
        line[0], line[1], line[2] = 0.0, 0.0, 0.0


@kernel
def _strip_sides(top, bottom, k, sides):
    """The four sides (top, bottom, left, right) of each strip of the band, into `sides` (k - 1, 4, 3)."""
    for s in range(k - 1):
        _side(sides[s, 0], top[s, 0], top[s, 1], top[s + 1, 0], top[s + 1, 1])
        _side(sides[s, 1], bottom[s + 1, 0], bottom[s + 1, 1], bottom[s, 0], bottom[s, 1])
        _side(sides[s, 2], bottom[s, 0], bottom[s, 1], top[s, 0], top[s, 1])
        _side(sides[s, 3], top[s + 1, 0], top[s + 1, 1], bottom[s + 1, 0], bottom[s + 1, 1])


@kernel
def _excess(side, x, y):
    """How far (x, y) lies outside of a side."""
    return side[0] * x + side[1] * y - side[2]


@kernel
def _push(top, bottom, s, above, below):
    """Move station s apart: its top point away from its bottom point by `above`, its bottom point by `below`."""
    dx, dy = top[s, 0] - bottom[s, 0], top[s, 1] - bottom[s, 1]
    length = max(math.sqrt(dx * dx + dy * dy), 1e-9)
    top[s, 0] += above * dx / length
    top[s, 1] += above * dy / length
    bottom[s, 0] -= below * dx / length
    bottom[s, 1] -= below * dy / length


@kernel
def _spread(top, bottom, k, left, right):
    """Move the band's first station out by `left`, its last by `right`, along the band."""
    for e in range(2):
        a, b, by = (0, 1, left) if e == 0 else (k - 1, k - 2, right)
        dx = top[a, 0] + bottom[a, 0] - top[b, 0] - bottom[b, 0]
        dy = top[a, 1] + bottom[a, 1] - top[b, 1] - bottom[b, 1]
        length = max(math.sqrt(dx * dx + dy * dy), 1e-9)
        for side in (top, bottom):
            side[a, 0] += by * dx / length
            side[a, 1] += by * dy / length


@part
def _hold(top, bottom, k, sides, points, begin, end):
    """Grow the band until each of `points[begin:end]` lies in one of its strips. Returns whether that was reached."""
    for turn in range(8):
        _strip_sides(top, bottom, k, sides)
        worst, last = 0.0, 0
        for i in range(begin, end):
            x, y = points[i, 0], points[i, 1]
            least = 1e30
            for step in range(k - 1):  # neighbours of the last point's strip first: points come glyph by glyph
                s = last + step if last + step < k - 1 else last + step - (k - 1)
                excess = max(
                    max(_excess(sides[s, 0], x, y), _excess(sides[s, 1], x, y)),
                    max(_excess(sides[s, 2], x, y), _excess(sides[s, 3], x, y)),
                )
                if excess < least:
                    least = excess
                    if least <= 0.0:
                        last = s
                        break
            worst = max(worst, least)
        if worst <= 1e-6:
            return True
        # A slanted strip grows by less across than along: the more often it did not do, the more is added.
        grow = (1.05 + 0.3 * turn) * worst
        for s in range(k):
            _push(top, bottom, s, grow, grow)
        _spread(top, bottom, k, grow, grow)
    return False


@kernel
def _turns_right(ax, ay, bx, by, cx, cy):
    return (bx - ax) * (cy - by) - (by - ay) * (cx - bx) > 0.0


@part
def _is_band(top, bottom, k):
    """Whether every strip of the band is a convex quad, clockwise on the screen: then it does not cross itself."""
    for s in range(k - 1):
        ax, ay, bx, by = top[s, 0], top[s, 1], top[s + 1, 0], top[s + 1, 1]
        cx, cy, dx, dy = bottom[s + 1, 0], bottom[s + 1, 1], bottom[s, 0], bottom[s, 1]
        if not (_turns_right(ax, ay, bx, by, cx, cy) and _turns_right(bx, by, cx, cy, dx, dy)):
            return False
        if not (_turns_right(cx, cy, dx, dy, ax, ay) and _turns_right(dx, dy, ax, ay, bx, by)):
            return False
    return True


@kernel
def fit_labels(
    points, contour_ends, glyph_ends, boxes, placement, warp, curved, cells, words,
    char_quads, word_quads, polygons, sizes,
):  # fmt: skip
    """Labels of a text whose outlines have been flattened and fitted.

    `points` ... `boxes`: as `flatten` gives them. `curved`: whether baselines are. `cells`: int64 (n, 2), the glyphs
    (first, last + 1) of each char, at least one with ink. `words`: int64 (m, 2), the cells of each word.
    Out: `char_quads` float32 (n, 4, 2); `word_quads` float32 (m, 4, 2); `polygons` float32 (m, 2 * MAX_STATIONS, 2),
    of which `sizes[m]` points are used: the top side left to right, then the bottom side right to left.
    """
    quad, fitted = np.empty((4, 2)), np.empty((4, 2))
    top, bottom = np.empty((MAX_STATIONS, 2)), np.empty((MAX_STATIONS, 2))
    sides = np.empty((MAX_STATIONS - 1, 4, 3))
    starts, ends = np.empty(cells.shape[0], np.int64), np.empty(cells.shape[0], np.int64)
    base = np.empty(cells.shape[0], np.int64)
    for i in range(cells.shape[0]):
        g0, g1 = cells[i, 0], cells[i, 1]
        c0 = glyph_ends[g0 - 1] if g0 > 0 else 0
        c1 = glyph_ends[g1 - 1]
        starts[i] = contour_ends[c0 - 1] if c0 > 0 else 0
        ends[i] = contour_ends[c1 - 1] if c1 > 0 else 0
        base[i] = g0
        while base[i] < g1 - 1 and boxes[base[i], 0] > boxes[base[i], 2]:
            base[i] += 1
        g = base[i]
        for k in range(4):
            x = boxes[g, 0] if k == 0 or k == 3 else boxes[g, 2]
            y = boxes[g, 3] if k < 2 else boxes[g, 1]
            x, y = _in_frame(placement, g, x, y)
            quad[k, 0], quad[k, 1] = warp_xy(warp, x, y)
        support_quad(quad, points, starts[i], ends[i], fitted)
        for k in range(4):
            char_quads[i, k, 0], char_quads[i, k, 1] = fitted[k, 0], fitted[k, 1]
    for m in range(words.shape[0]):
        a, b = words[m, 0], words[m, 1]
        # The word's axis in text space: its letters' own; on a curve from the first one's origin to the last one's end.
        ox, oy = _in_frame(placement, base[a], boxes[base[a], 0], 0.0)
        px, py = _in_frame(placement, base[b - 1], boxes[base[b - 1], 2], 0.0)
        dx, dy = px - ox, py - oy
        if not curved or b - a == 1 or dx * dx + dy * dy < 1e-12:
            dx, dy = placement[base[a], P_XX], placement[base[a], P_YX]
        length = math.sqrt(dx * dx + dy * dy)
        dx, dy = dx / length, dy / length
        u0, u1, v0, v1 = 1e30, -1e30, 1e30, -1e30
        above, below = -1e30, 1e30
        for i in range(a, b):
            g = base[i]
            above, below = max(above, boxes[g, 3]), min(below, boxes[g, 1])
            for k in range(4):
                x = boxes[g, 0] if k == 0 or k == 3 else boxes[g, 2]
                y = boxes[g, 3] if k < 2 else boxes[g, 1]
                x, y = _in_frame(placement, g, x, y)
                u, v = dx * (x - ox) + dy * (y - oy), -dy * (x - ox) + dx * (y - oy)
                u0, u1, v0, v1 = min(u0, u), max(u1, u), min(v0, v), max(v1, v)
        for k in range(4):
            u = u0 if k == 0 or k == 3 else u1
            v = v0 if k < 2 else v1
            quad[k, 0], quad[k, 1] = warp_xy(warp, ox + dx * u - dy * v, oy + dy * u + dx * v)
        support_quad(quad, points, starts[a], ends[b - 1], fitted)
        for k in range(4):
            word_quads[m, k, 0], word_quads[m, k, 1] = fitted[k, 0], fitted[k, 1]
        if b - a == 1 or (not curved and warp[W_BEND] == 0.0):
            for k in range(4):
                polygons[m, k, 0], polygons[m, k, 1] = fitted[k, 0], fitted[k, 1]
            sizes[m] = 4
            continue
        # Stations along the baseline: at both ends, and between neighbouring cells (of several, in a long word).
        stride = (b - a + MAX_STATIONS - 2) // (MAX_STATIONS - 1)
        k = (b - a + stride - 1) // stride + 1
        for s in range(k):
            i = min(a + s * stride, b)
            for side in range(2):
                v = above if side == 0 else below
                band = top if side == 0 else bottom
                if i == a:
                    x, y = _in_frame(placement, base[a], boxes[base[a], 0], v)
                elif i == b:
                    x, y = _in_frame(placement, base[b - 1], boxes[base[b - 1], 2], v)
                else:
                    x, y = _in_frame(placement, base[i - 1], boxes[base[i - 1], 2], v)
                    xn, yn = _in_frame(placement, base[i], boxes[base[i], 0], v)
                    x, y = 0.5 * (x + xn), 0.5 * (y + yn)
                band[s, 0], band[s, 1] = warp_xy(warp, x, y)
        _strip_sides(top, bottom, k, sides)
        for s in range(k - 1):
            up, down = 0.0, 0.0
            for i in range(starts[a + s * stride], ends[min(a + (s + 1) * stride, b) - 1]):
                up = max(up, _excess(sides[s, 0], points[i, 0], points[i, 1]))
                down = max(down, _excess(sides[s, 1], points[i, 0], points[i, 1]))
            _push(top, bottom, s, up, down)
            _push(top, bottom, s + 1, up, down)
        held = _hold(top, bottom, k, sides, points, starts[a], ends[b - 1])
        if not held or not _is_band(top, bottom, k):
            # The baseline turns too sharply for a band of this height: the quad holds the ink all the same.
            for i in range(4):
                polygons[m, i, 0], polygons[m, i, 1] = fitted[i, 0], fitted[i, 1]
            sizes[m] = 4
            continue
        for s in range(k):
            polygons[m, s, 0], polygons[m, s, 1] = top[s, 0], top[s, 1]
            polygons[m, 2 * k - 1 - s, 0], polygons[m, 2 * k - 1 - s, 1] = bottom[s, 0], bottom[s, 1]
        sizes[m] = 2 * k
