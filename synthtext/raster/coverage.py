"""Polylines to coverage: which part of each pixel's square is ink, exactly."""

from __future__ import annotations

import math

import numpy as np

from synthtext.core.kernel import ZERO, kernel

# Edges are cut into pieces at most a pixel long and a pixel high, and so many pieces are worked on at a time. Their
# numbers stand in one array, kind after kind, at distances that the compiler knows: loops over them fill vector
# registers. First the pieces' ends x0, y0, x1, y1, then the changes that they make (see `_changes`).
_PIECES = 512
_X0, _Y0, _X1, _Y1 = 0, _PIECES, 2 * _PIECES, 3 * _PIECES
_A0, _A1, _A2, _B0, _B1, _B2 = (k * _PIECES for k in range(4, 10))
_BORDER = 1.0  # pixels around a window: what lies beyond is moved into them


@kernel
def _changes(pieces, places, n, stride):
    """What the first `n` pieces change in coverage, pixel to pixel down the columns.

    What lies below a piece is covered by the part of the column's width that it spans, negative where it runs to the
    left. A piece lies in one column or in two, and in each, a, then b, in one row or in two: it changes the coverage
    of three pixels on top of each other in each. `places`: int32 (2 _PIECES,), the first of them, of a and of b, in an
    array of rows of `stride` pixels.
    """
    zero, half, one, least = np.float32(0.0), np.float32(0.5), np.float32(1.0), np.float32(1e-12)
    for k in range(n):
        ax, ay, bx, by = pieces[k + _X0], pieces[k + _Y0], pieces[k + _X1], pieces[k + _Y1]
        sign = -one if ax > bx else one
        x0, x1 = min(ax, bx), max(ax, bx)
        y0, y1 = (by if ax > bx else ay), (ay if ax > bx else by)
        column = np.floor(x0)
        side = column + one
        yc = y0 + min((side - x0) / max(x1 - x0, least), one) * (y1 - y0)  # where it goes over to the next column
        # In a column: of the part in the upper row, and of that in the lower one, width and mean depth below the top.
        low, high = min(y0, yc), max(y0, yc)
        row = np.floor(low)
        under = row + one
        width = (min(x1, side) - x0) * sign
        upper = width * min((under - low) / max(high - low, least), one)
        lower = width - upper
        depth, depth2 = half * (low + min(high, under)) - row, half * max(high - under, zero)
        pieces[k + _A0] = upper - upper * depth
        pieces[k + _A1] = upper * depth + (lower - lower * depth2)
        pieces[k + _A2] = lower * depth2
        places[k] = np.int32(row) * stride + np.int32(column)
        low, high = min(yc, y1), max(yc, y1)
        row = np.floor(low)
        under = row + one
        width = max(x1 - side, zero) * sign
        upper = width * min((under - low) / max(high - low, least), one)
        lower = width - upper
        depth, depth2 = half * (low + min(high, under)) - row, half * max(high - under, zero)
        pieces[k + _B0] = upper - upper * depth
        pieces[k + _B1] = upper * depth + (lower - lower * depth2)
        pieces[k + _B2] = lower * depth2
        places[k + _PIECES] = np.int32(row) * stride + np.int32(column) + 1


@kernel
def _add_pieces(pieces, places, n, stride, changes):
    """Add what the first `n` pieces change to `changes`, float32, rows of `stride` pixels in one array."""
    _changes(pieces, places, n, stride)
    below, beneath = np.uint32(stride), np.uint32(2 * stride)
    for k in range(n):
        a, b = np.uint32(places[k]), np.uint32(places[k + _PIECES])
        changes[a] += pieces[k + _A0]
        changes[a + below] += pieces[k + _A1]
        changes[a + beneath] += pieces[k + _A2]
        changes[b] += pieces[k + _B0]
        changes[b + below] += pieces[k + _B1]
        changes[b + beneath] += pieces[k + _B2]


@kernel
def _add_contour(points, start, stop, ox, oy, pieces, places, n, stride, changes):
    """Append the edges of the contour `points[start:stop]`, moved by (ox, oy) and cut into pieces, to the `n` pieces
    that wait to be added to `changes`; where there is no room left, all are added. Gives how many wait then."""
    zero, one = np.float32(0.0), np.float32(1.0)
    x0, y0 = np.float32(points[stop - 1, 0] + ox), np.float32(points[stop - 1, 1] + oy)
    for i in range(start, stop):
        x1, y1 = np.float32(points[i, 0] + ox), np.float32(points[i, 1] + oy)
        dx, dy = x1 - x0, y1 - y0
        length = max(abs(dx), abs(dy))
        x, y = x0, y0
        if length > one and dx != zero:
            steps = math.ceil(length)
            step = one / np.float32(steps)
            for k in range(1, steps):
                t = np.float32(k) * step
                xn, yn = x0 + t * dx, y0 + t * dy
                if n == _PIECES:
                    _add_pieces(pieces, places, n, stride, changes)
                    n = ZERO
                pieces[n + _X0], pieces[n + _Y0], pieces[n + _X1], pieces[n + _Y1] = x, y, xn, yn
                n += 1
                x, y = xn, yn
        if dx != zero:
            if n == _PIECES:
                _add_pieces(pieces, places, n, stride, changes)
                n = ZERO
            pieces[n + _X0], pieces[n + _Y0], pieces[n + _X1], pieces[n + _Y1] = x, y, x1, y1
            n += 1
        x0, y0 = x1, y1
    return n


@kernel
def _between(a, b, t, least, most):
    value = b if t == 1.0 else a + t * (b - a)
    return min(max(value, least), most)


@kernel
def _clip(points, start, stop, ox, oy, columns, rows, out):
    """The contour `points[start:stop]`, moved by (ox, oy), with all that lies outside of 0 <= x <= columns,
    0 <= y <= rows moved to the nearest point in it, into `out`, float64 (4 (stop - start), 2).

    What lies above covers all below it, and still does; what lies beside becomes upright, and covers nothing.
    """
    ax, ay = points[stop - 1, 0] + ox, points[stop - 1, 1] + oy
    n = 0
    for i in range(start, stop):
        bx, by = points[i, 0] + ox, points[i, 1] + oy
        dx, dy = bx - ax, by - ay
        # Where the edge enters and leaves the columns, and, in between, the rows.
        s, t = (-ax / dx, (columns - ax) / dx) if dx != 0.0 else (0.0, 1.0)
        first, last = min(max(min(s, t), 0.0), 1.0), min(max(max(s, t), 0.0), 1.0)
        s, t = (-ay / dy, (rows - ay) / dy) if dy != 0.0 else (0.0, 1.0)
        upper, lower = min(max(min(s, t), first), last), min(max(max(s, t), first), last)
        for k in range(4):
            t = first if k == 0 else upper if k == 1 else lower if k == 2 else last
            out[n, 0], out[n, 1] = _between(ax, bx, t, 0.0, columns), _between(ay, by, t, 0.0, rows)
            n += 1
        ax, ay = bx, by


@kernel
def _add_up(changes, stride, total, out, top, left):
    """The sums of `changes` down the columns, clamped, into `out` where they are more: the window at (left, top).

    `total`: float32 (columns,), scratch.
    """
    columns = total.shape[0]
    for i in range(columns):
        total[i] = changes[1 + i]
    for r in range(changes.shape[0] // stride - 5):
        at = (r + 1) * stride + 1
        change, target = changes[at : at + columns], out[top + r, left : left + columns]
        for i in range(columns):
            total[i] += change[i]
            # A mirrored glyph has its signs reversed as a whole.
            target[i] = max(target[i], min(abs(total[i]), np.float32(1.0)))


@kernel
def fill(points, contour_ends, glyph_ends, dx, dy, out):
    """Coverage of glyphs, each by the exact area of ink in each pixel's square; united by their maximum.

    `points` float64 (m, 2) pixels, `contour_ends`, `glyph_ends`: as `flatten` gives them. `dx`, `dy`: shift in pixels.
    `out`: float32 (H, W) in [0, 1], to which the ink is added (max). A glyph's contours are summed with their sign, and
    clamped to [0, 1]: winding numbers above 1 do not double, holes cut.
    Neighbours that touch (script) meet by the larger coverage, so that a shared edge is not made bolder.
    """
    height, width = out.shape
    pieces, places = np.empty(10 * _PIECES, np.float32), np.empty(2 * _PIECES, np.int32)
    changes, total, clipped = np.empty(0, np.float32), np.empty(width, np.float32), np.empty((0, 2))
    contour, start = ZERO, ZERO
    for g in range(glyph_ends.shape[0]):
        begin, x_min, x_max, y_min, y_max = start, 1e30, -1e30, 1e30, -1e30
        end = start if glyph_ends[g] == contour else contour_ends[glyph_ends[g] - 1]
        for i in range(begin, end):
            x, y = points[i, 0], points[i, 1]
            x_min, x_max = min(x_min, x), max(x_max, x)
            y_min, y_max = min(y_min, y), max(y_max, y)
        # Comparisons before conversion: a wild coordinate must not overflow an int.
        if end > begin and x_max + dx > 0.0 and y_max + dy > 0.0 and x_min + dx < width and y_min + dy < height:
            left, top = math.floor(max(x_min + dx, 0.0)), math.floor(max(y_min + dy, 0.0))
            right = math.ceil(min(x_max + dx, float(width)))
            bottom = math.ceil(min(y_max + dy, float(height)))
            rows, columns = bottom - top, right - left
            # A window with its border; room for the two rows below, and the column beside, that the last pieces change.
            stride = columns + 4
            size = (rows + 5) * stride
            if size > changes.shape[0]:
                changes = np.empty(2 * size, np.float32)
            changes[:size] = np.float32(0.0)
            ox, oy = dx - left + _BORDER, dy - top + _BORDER
            inside = x_min + dx >= left and y_min + dy >= top and x_max + dx <= right and y_max + dy <= bottom
            n = ZERO
            for c in range(contour, glyph_ends[g]):
                stop = contour_ends[c]
                if inside:
                    n = _add_contour(points, start, stop, ox, oy, pieces, places, n, stride, changes)
                else:
                    if 4 * (stop - start) > clipped.shape[0]:
                        clipped = np.empty((8 * (stop - start), 2))
                    _clip(points, start, stop, ox, oy, columns + 2.0 * _BORDER, rows + 2.0 * _BORDER, clipped)
                    n = _add_contour(clipped, ZERO, 4 * (stop - start), 0.0, 0.0, pieces, places, n, stride, changes)
                start = stop
            _add_pieces(pieces, places, n, stride, changes)
            _add_up(changes[:size], stride, total[:columns], out, top, left)
        start = end
        contour = glyph_ends[g]


@kernel
def dilate(points, contour_ends, glyph_ends, fill_coverage, radius, dx, dy, out, aspect=1.0):
    """Coverage of glyphs grown by `radius` pixels with round joins: a border's outer shape.

    A pixel whose centre lies at distance d from the outline is covered by clamp(radius - d + 1/2); inside the glyphs
    by 1. `fill_coverage`: float32 (H, W), the glyphs' own coverage, at the same shift. `out`: float32 (H, W), set.
    `aspect`: all this is of a picture of square pixels, which was then made as many times as wide.
    """
    height, width = out.shape
    reach = radius + 0.5
    across, narrow = reach * aspect, np.float32(1.0 / aspect)
    nearest = np.full((height, width), np.float32(reach * reach), np.float32)
    start = 0
    for c in range(contour_ends.shape[0]):
        stop = contour_ends[c]
        x0, y0 = points[stop - 1, 0] + dx, points[stop - 1, 1] + dy
        for i in range(start, stop):
            x1, y1 = points[i, 0] + dx, points[i, 1] + dy
            ex, ey = (x1 - x0) / aspect, y1 - y0
            squared = ex * ex + ey * ey
            x_lo, x_hi = max(min(x0, x1) - across - 0.5, 0.0), min(max(x0, x1) + across + 0.5, float(width))
            y_lo, y_hi = max(min(y0, y1) - reach - 0.5, 0.0), min(max(y0, y1) + reach + 0.5, float(height))
            if x_lo < x_hi and y_lo < y_hi:
                inverse = 1.0 / squared if squared > 1e-12 else 0.0
                fx, fy, gx, gy = np.float32(ex), np.float32(ey), np.float32(ex * inverse), np.float32(ey * inverse)
                first, last, shift = int(x_lo), math.ceil(x_hi), np.float32((0.5 - x0) / aspect)
                for r in range(int(y_lo), math.ceil(y_hi)):
                    py, row = np.float32(r + 0.5 - y0), nearest[r, first:last]
                    for q in range(row.shape[0]):  # a slice: no index may be negative
                        px = narrow * np.float32(first + q) + shift
                        t = min(max(px * gx + py * gy, np.float32(0.0)), np.float32(1.0))
                        qx, qy = px - t * fx, py - t * fy
                        row[q] = min(row[q], qx * qx + qy * qy)
            x0, y0 = x1, y1
        start = stop
    for r in range(height):
        for q in range(width):
            grown = min(max(np.float32(reach) - np.sqrt(nearest[r, q]), np.float32(0.0)), np.float32(1.0))
            out[r, q] = max(grown, fill_coverage[r, q])
