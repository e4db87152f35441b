"""Polylines to coverage: which part of each pixel's square is ink, exactly."""

from __future__ import annotations

import math

import numpy as np

from synthtext.core.kernel import kernel


@kernel
def _add_piece(row, xa, xb, height):  # type: ignore[no-untyped-def]
    """Add to `row` the changes in coverage, pixel to pixel, that one piece of an edge makes within one pixel row.

    The piece goes from xa to xb (0 <= both <= width of the row - 1) and spans `height` (signed) of the row. What lies
    to its right is covered by `height`. With G(x) the integral of that up to x, pixel i is covered by G(i + 1) - G(i).
    """
    if xa > xb:
        xa, xb = xb, xa
    first = int(xa)
    if xb <= first + 1:
        # Rounded before they are added: neighbouring pieces add to the same pixels, and wait for one another.
        inside = height * (first + 1 - 0.5 * (xa + xb))
        row[first] += np.float32(inside)
        row[first + 1] += np.float32(height - inside)
        return
    slope = 0.5 * height / (xb - xa)
    before = slope * (first + 1 - xa) * (first + 1 - xa)
    row[first] += np.float32(before)
    reached = before
    last = int(xb)
    for i in range(first + 1, last):
        g = slope * (i + 1 - xa) * (i + 1 - xa)
        row[i] += np.float32((g - reached) - before)
        before = g - reached
        reached = g
    g = height * (last + 1 - 0.5 * (xa + xb))
    row[last] += np.float32((g - reached) - before)
    row[last + 1] += np.float32(height - (g - reached))


@kernel
def _add_edge(acc, x0, y0, x1, y1):  # type: ignore[no-untyped-def]
    """Add one edge, in the coordinates of `acc` (rows, width + 2), clipped to it on all sides."""
    if y0 == y1:
        return
    sign = 1.0
    if y0 > y1:
        x0, y0, x1, y1 = x1, y1, x0, y0
        sign = -1.0
    rows, width = acc.shape[0], acc.shape[1] - 2
    if y1 <= 0.0 or y0 >= rows:
        return
    slope = (x1 - x0) / (y1 - y0)
    if y0 < 0.0:
        x0, y0 = x0 - slope * y0, 0.0
    if y1 > rows:
        y1 = float(rows)
    y, x = y0, x0
    r = int(y0)
    while y < y1 and r < rows:
        below = min(float(r + 1), y1)
        step = below - y
        xn = x + slope * step
        lo, hi = min(x, xn), max(x, xn)
        if hi <= 0.0:
            acc[r, 0] += sign * step
        elif lo < width:
            if lo >= 0.0 and hi <= width:
                _add_piece(acc[r], x, xn, sign * step)
            else:
                # Cut at the sides: what is left of them stands as an upright piece at column 0, what is right of them
                # covers nothing here.
                part = step / (hi - lo)
                if lo < 0.0:
                    acc[r, 0] += sign * part * -lo
                    lo = 0.0
                hi = min(hi, float(width))
                _add_piece(acc[r], lo, hi, sign * part * (hi - lo))
        y, x = below, xn
        r += 1


@kernel
def _add_edge_inside(acc, x0, y0, x1, y1):  # type: ignore[no-untyped-def]
    """`_add_edge` of an edge that is known to lie within `acc`: nothing to clip, and mostly within one row."""
    if y0 == y1:
        return
    sign = 1.0
    if y0 > y1:
        x0, y0, x1, y1 = x1, y1, x0, y0
        sign = -1.0
    r = int(y0)
    if y1 <= r + 1:
        _add_piece(acc[r], x0, x1, sign * (y1 - y0))
        return
    slope = (x1 - x0) / (y1 - y0)
    y, x = y0, x0
    while y < y1:
        below = min(float(r + 1), y1)
        step = below - y
        xn = x + slope * step
        _add_piece(acc[r], x, xn, sign * step)
        y, x = below, xn
        r += 1


@kernel
def fill(points, contour_ends, glyph_ends, dx, dy, out):  # type: ignore[no-untyped-def]
    """Coverage of glyphs, each by the exact area of ink in each pixel's square; united by their maximum.

    `points` float64 (m, 2) pixels, `contour_ends`, `glyph_ends`: as `flatten` gives them. `dx`, `dy`: shift in pixels.
    `out`: float32 (H, W) in [0, 1], to which the ink is added (max). A glyph's contours are summed with their sign, and
    clamped to [0, 1]: winding numbers above 1 do not double, holes cut.
    Neighbours that touch (script) meet by the larger coverage, so that a shared edge is not made bolder.
    """
    height, width = out.shape
    scratch, totals = np.empty((0, 0), np.float32), np.empty(0, np.float32)
    contour, start = 0, 0
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
            if rows + 2 > scratch.shape[0] or columns > scratch.shape[1]:
                scratch = np.empty((max(rows + 2, scratch.shape[0]), max(columns, scratch.shape[1])), np.float32)
                totals = np.empty(scratch.shape[1], np.float32)
            for r in range(rows + 2):
                scratch[r, :columns] = np.float32(0.0)
            # Edges are taken column by column of pixels, so that the sums, down the rows, run side by side.
            acc = scratch[: rows + 2, :columns].T
            ox, oy = dx - left, dy - top
            inside = x_min + ox >= 0.0 and y_min + oy >= 0.0 and x_max + ox <= columns and y_max + oy <= rows
            for c in range(contour, glyph_ends[g]):
                stop = contour_ends[c]
                x0, y0 = points[stop - 1, 0] + ox, points[stop - 1, 1] + oy
                for i in range(start, stop):
                    x1, y1 = points[i, 0] + ox, points[i, 1] + oy
                    if inside:
                        _add_edge_inside(acc, y0, x0, y1, x1)
                    else:
                        _add_edge(acc, y0, x0, y1, x1)
                    x0, y0 = x1, y1
                start = stop
            totals[:columns] = np.float32(0.0)
            for r in range(rows):
                change, target = scratch[r, :columns], out[top + r, left:right]
                for i in range(columns):
                    totals[i] += change[i]
                    # A mirrored glyph has its signs reversed as a whole.
                    target[i] = max(target[i], min(abs(totals[i]), np.float32(1.0)))
        start = end
        contour = glyph_ends[g]


@kernel
def dilate(points, contour_ends, glyph_ends, fill_coverage, radius, dx, dy, out, aspect=1.0):  # type: ignore[no-untyped-def]
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
                    py, row = np.float32(r + 0.5 - y0), nearest[r]
                    for q in range(first, last):
                        px = narrow * np.float32(q) + shift
                        t = min(max(px * gx + py * gy, np.float32(0.0)), np.float32(1.0))
                        qx, qy = px - t * fx, py - t * fy
                        row[q] = min(row[q], qx * qx + qy * qy)
            x0, y0 = x1, y1
        start = stop
    for r in range(height):
        for q in range(width):
            grown = min(max(np.float32(reach) - np.sqrt(nearest[r, q]), np.float32(0.0)), np.float32(1.0))
            out[r, q] = max(grown, fill_coverage[r, q])
