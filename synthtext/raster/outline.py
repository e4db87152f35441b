"""Outlines to polylines: placement, synthetic weight, warp, and flattening to a tolerance, in one pass."""

from __future__ import annotations

import math

import numpy as np

from synthtext.core.kernel import kernel, part
from synthtext.geometry.warp import W_BEND, W_FIT, bend_points, fitted, project, project_points
from synthtext.typeset.glyph_table import (
    P_CONTRAST,
    P_ROUGH,
    P_SEED,
    P_SHEAR,
    P_STRETCH,
    P_WAIST,
    P_WEIGHT,
    P_X,
    P_XX,
    P_XY,
    P_Y,
    P_YX,
    P_YY,
)

TOLERANCE = 0.1  # pixels between a curve and its polyline, at most

_ROUGH_STEP = 0.045  # em between the nodes of the noise of a rough outline
_ROOM = 256  # points of a glyph for which there is room at first
_CAPITAL = 0.75  # em, about: where a waist moves nothing any more


@kernel
def _node(i, j, seed):
    """Two numbers in [-1, 1) of a node of the noise."""
    z = np.uint64(i + 4096) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(j + 4096) * np.uint64(0xC2B2AE3D27D4EB4F)
    z += np.uint64(seed)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (z >> np.uint64(40)) / 8388608.0 - 1.0, ((z >> np.uint64(16)) & np.uint64(0xFFFFFF)) / 8388608.0 - 1.0


@kernel
def roughen_xy(x, y, amplitude, seed):
    """Where a rough outline has the point (x, y), em: moved by smooth value noise of that amplitude."""
    u, v = x / _ROUGH_STEP, y / _ROUGH_STEP
    i, j = math.floor(u), math.floor(v)
    fx, fy = u - i, v - j
    fx, fy = fx * fx * (3.0 - 2.0 * fx), fy * fy * (3.0 - 2.0 * fy)
    i, j = int(i), int(j)
    ax, ay = _node(i, j, seed)
    bx, by = _node(i + 1, j, seed)
    cx, cy = _node(i, j + 1, seed)
    dx, dy = _node(i + 1, j + 1, seed)
    tx, ty = ax + fx * (bx - ax), ay + fx * (by - ay)
    lx, ly = cx + fx * (dx - cx), cy + fx * (dy - cy)
    return x + amplitude * (tx + fy * (lx - tx)), y + amplitude * (ty + fy * (ly - ty))


@kernel
def waisted(y, waist):
    """The height of what is `y` em high where the waist moves up by `waist`: baseline and capitals stay, order too."""
    if y <= 0.0 or y >= _CAPITAL:
        return y
    t = y / _CAPITAL
    return y + 4.0 * waist * t * (1.0 - t)


@kernel
def _embolden(x, y, across, along, scratch):
    """Move the vertices of a closed control polygon, `x` and `y` float64 (n,), outward along their mitres, in place.

    Uprights move out by `across`, level strokes by `along`: an offset of its own in x and y.
    Vertex i moves to where the two edges that meet in it, moved out by the offset, intersect; a mitre is bounded to
    twice the offset. Outer contours run counter-clockwise with y upward, so that outward is to the right. Edges of no
    length are passed over. `scratch`: float64 (5, n + 1 or more).
    """
    n = x.shape[0]
    ax, ay, room = scratch[0], scratch[1], scratch[4]  # (ax[i], ay[i]): the edge before vertex i, of length 1
    ax[0], ay[0] = x[0] - x[n - 1], y[0] - y[n - 1]
    for i in range(1, n):
        ax[i] = x[i] - x[i - 1]
    for i in range(1, n):
        ay[i] = y[i] - y[i - 1]
    short = 0
    for i in range(n):
        short += ax[i] * ax[i] + ay[i] * ay[i] < 1e-12
    if short == n:
        return
    for i in range(n):
        length = math.sqrt(ax[i] * ax[i] + ay[i] * ay[i])
        ax[i], ay[i] = ax[i] / length, ay[i] / length
    ax[n], ay[n] = ax[0], ay[0]
    bx, by = ax[1 : n + 1], ay[1 : n + 1]  # the edge after it
    if short > 0:
        bx, by = scratch[2, :n], scratch[3, :n]
        _pass_over(x, y, ax, ay, bx, by)
    for i in range(n):
        room[i] = max(1.0 + ax[i] * bx[i] + ay[i] * by[i], 0.5)
    # Normals to the right of the direction of travel: (dy, -dx).
    for i in range(n):
        x[i] += across * (ay[i] + by[i]) / room[i]
    for i in range(n):
        y[i] += along * -(ax[i] + bx[i]) / room[i]


@kernel
def _pass_over(x, y, ax, ay, bx, by):
    """Of each vertex, the nearest edge before it that has a length into `ax`, `ay`, and after it into `bx`, `by`."""
    n = x.shape[0]
    for i in range(n):
        bx[i], by[i] = ax[i + 1], ay[i + 1]
    for _ in range(2):  # once around for what goes over the first vertex
        for i in range(n):
            j = n - 1 - i
            dx, dy = x[i] - x[i - 1], y[i] - y[i - 1]
            if dx * dx + dy * dy < 1e-12:
                ax[i], ay[i] = ax[(i + n - 1) % n], ay[(i + n - 1) % n]
            k = (j + 1) % n
            dx, dy = x[k] - x[j], y[k] - y[j]
            if dx * dx + dy * dy < 1e-12:
                bx[j], by[j] = bx[k], by[k]


@kernel
def _length(x, y):
    # Not math.hypot, which guards against overflow at several times the cost.
    return math.sqrt(x * x + y * y)


@part
def _in_frame(h, frame):
    """The homography `h` (9 numbers, row by row) after a placement's frame."""
    xx, xy, yx, yy, x, y = frame[P_XX], frame[P_XY], frame[P_YX], frame[P_YY], frame[P_X], frame[P_Y]
    return (
        h[0] * xx + h[1] * yx, h[0] * xy + h[1] * yy, h[0] * x + h[1] * y + h[2],
        h[3] * xx + h[4] * yx, h[3] * xy + h[4] * yy, h[3] * x + h[4] * y + h[5],
        h[6] * xx + h[7] * yx, h[6] * xy + h[7] * yy, h[6] * x + h[7] * y + h[8],
    )  # fmt: skip


@part
def _control_points(degree, control, contours, first, last, across, along, waist, stretch, shear, x, y, scratch):
    """The control points of the contours first to last - 1, shaped as a placement says, into `x`, `y`; how many.

    `scratch`: see `_embolden`.
    """
    n = 0
    for c in range(first, last):
        begin = n
        for s in range(contours[c, 0], contours[c, 1]):
            for k in range(degree[s]):
                x[n], y[n] = control[s, 2 * k], control[s, 2 * k + 1]
                n += 1
        if across != 0.0 or along != 0.0:
            _embolden(x[begin:n], y[begin:n], across, along, scratch)
    if waist != 0.0:
        for i in range(n):
            y[i] = waisted(y[i], waist)
    for i in range(n):
        x[i] = stretch * x[i] + shear * y[i]
    return n


@kernel
def flatten(degree, control, contours, glyphs, slots, placement, warp, scale, points, contour_ends, glyph_ends, boxes):
    """Flatten placed glyphs to polylines.

    `degree`, `control`, `contours`, `glyphs`: the outline store. `slots`: int64 (n,), its rows to draw.
    `placement`: float64 (n, PLACEMENT). `warp`: see geometry/warp.py. `scale`: pixels per unit that leaves the warp.
    Out: `points` float64 (m, 2), the vertices of all contours in the warp's units; `contour_ends` int64, the running
    number of points after each contour; `glyph_ends` int64 (n,), the running number of contours after each glyph;
    `boxes` float64 (n, 4), the ink's box x0, y0, x1, y1 in each glyph's own frame, before that is applied (y upward).
    Returns (points used, contours used), negative where `points` or `contour_ends` is too small: -(needed at least).

    Glyph by glyph in phases, each a loop over plain arrays: control points, their places in the picture, the number of
    steps that each curve needs, points on the curves, their places.
    """
    used, closed = 0, 0
    tolerance = TOLERANCE / scale
    bend, fit_x, fit_y = warp[W_BEND], warp[W_FIT], warp[W_FIT + 1]
    bent = bend > 0.0
    # The longest chord that a bent line may have: its sagitta is bend * length**2 / 8.
    longest = math.sqrt(8.0 * tolerance / bend) if bent else 1e30
    camera = (warp[0], warp[1], warp[2], warp[3], warp[4], warp[5], warp[6], warp[7], warp[8])
    if not bent:  # then homography and fit are one
        camera = fitted(camera, fit_x, fit_y, warp[W_FIT + 2], warp[W_FIT + 3])
        fit_x, fit_y = 1.0, 1.0
    scratch = np.empty((8, _ROOM))
    for g in range(slots.shape[0]):
        weight, contrast = placement[g, P_WEIGHT], placement[g, P_CONTRAST]
        rough, seed = placement[g, P_ROUGH], placement[g, P_SEED]
        # From the glyph's own frame through the camera.
        view = _in_frame(camera, placement[g])
        first, last, begin = glyphs[slots[g], 0], glyphs[slots[g], 1], used
        segments, segments_end = 0, 0
        if last > first:
            segments, segments_end = contours[first, 0], contours[last - 1, 1]
        if 3 * (segments_end - segments) >= scratch.shape[1]:
            scratch = np.empty((8, 6 * (segments_end - segments)))
        x, y, p, q = scratch[0], scratch[1], scratch[2], scratch[3]
        n = _control_points(
            degree, control, contours, first, last, weight + contrast, weight - contrast,
            placement[g, P_WAIST], placement[g, P_STRETCH], placement[g, P_SHEAR], x, y, scratch[2:],
        )  # fmt: skip
        # (p, q) is where the view sends a control point, (u, v) where the whole warp does. A curve is bent by the warp
        # as its control points are by the view, and by no more than `bend` beside that.
        project_points(view, x[:n], y[:n], p[:n], q[:n])
        if rough > 0.0:  # of what lies on the outline
            at = -1
            for s in range(segments, segments_end):
                at += degree[s]
                p[at], q[at] = project(view, *roughen_xy(x[at], y[at], rough, seed))
        u, v = p, q
        if bent:
            u, v = scratch[4], scratch[5]
            for i in range(n):
                u[i], v[i] = p[i], q[i]
            bend_points(warp, u[:n], v[:n], scratch[6], scratch[7])
        at = 0
        for c in range(first, last):
            before = at - 1
            for s in range(contours[c, 0], contours[c, 1]):
                before += degree[s]
            for s in range(contours[c, 0], contours[c, 1]):
                d = degree[s]
                end = at + d - 1
                sx, sy, ex, ey = x[before], y[before], x[end], y[end]
                steps = 1
                if d > 1:
                    # |p''| bounds the chord's error: n equal steps leave |p''| / (8 n^2).
                    bends = 2.0 * _length(
                        fit_x * (p[before] - 2.0 * p[at] + p[at + 1]), fit_y * (q[before] - 2.0 * q[at] + q[at + 1])
                    )
                    if d == 3:
                        more = 2.0 * _length(
                            fit_x * (p[at] - 2.0 * p[at + 1] + p[end]), fit_y * (q[at] - 2.0 * q[at + 1] + q[end])
                        )
                        bends = 3.0 * max(bends, more)
                    steps = int(math.sqrt(bends / (8.0 * tolerance))) + 1
                if bent:
                    steps = max(steps, int(_length(u[end] - u[before], v[end] - v[before]) / longest) + 1)
                    steps = min(steps, 256)
                if rough > 0.0:
                    steps = max(steps, int(2.0 * _length(ex - sx, ey - sy) / _ROUGH_STEP) + 1)
                    steps = min(steps, 256)
                if used + steps > points.shape[0]:
                    return -(used + steps), -closed
                if steps > 1:
                    # The curve as a polynomial in t, x = sx + t (x1 + t (x2 + t x3)).
                    ax, ay = x[at], y[at]
                    if d == 1:
                        x1, x2, x3, y1, y2, y3 = ex - sx, 0.0, 0.0, ey - sy, 0.0, 0.0
                    elif d == 2:
                        x1, x2, x3 = 2.0 * (ax - sx), sx - 2.0 * ax + ex, 0.0
                        y1, y2, y3 = 2.0 * (ay - sy), sy - 2.0 * ay + ey, 0.0
                    else:
                        bx, by = x[at + 1], y[at + 1]
                        x1, x2, x3 = 3.0 * (ax - sx), 3.0 * (sx - 2.0 * ax + bx), ex - sx + 3.0 * (ax - bx)
                        y1, y2, y3 = 3.0 * (ay - sy), 3.0 * (sy - 2.0 * ay + by), ey - sy + 3.0 * (ay - by)
                    step = 1.0 / steps
                    for i in range(1, steps):
                        t = i * step
                        points[used, 0] = sx + t * (x1 + t * (x2 + t * x3))
                        points[used, 1] = sy + t * (y1 + t * (y2 + t * y3))
                        used += 1
                points[used, 0], points[used, 1] = ex, ey
                used += 1
                before, at = end, end + 1
            if closed >= contour_ends.shape[0]:
                return -used, -(closed + 1)
            contour_ends[closed] = used
            closed += 1
        glyph_ends[g] = closed
        n = used - begin
        if n > scratch.shape[1]:
            scratch = np.empty((8, 2 * n))
        x, y, p, q = scratch[0, :n], scratch[1, :n], scratch[2, :n], scratch[3, :n]
        for i in range(n):
            x[i], y[i] = points[begin + i, 0], points[begin + i, 1]
        if rough > 0.0:
            for i in range(n):
                x[i], y[i] = roughen_xy(x[i], y[i], rough, seed)
        x0, y0, x1, y1 = 1e30, 1e30, -1e30, -1e30
        for i in range(n):
            x0, x1 = min(x0, x[i]), max(x1, x[i])
            y0, y1 = min(y0, y[i]), max(y1, y[i])
        boxes[g, 0], boxes[g, 1], boxes[g, 2], boxes[g, 3] = x0, y0, x1, y1
        project_points(view, x, y, p, q)
        if bent:
            bend_points(warp, p, q, scratch[4], scratch[5])
        for i in range(n):
            points[begin + i, 0], points[begin + i, 1] = p[i], q[i]
    return used, closed


@part
def fit_points(points, used, warp):
    """Apply the warp's fit, set after the flattening, to `points[:used]`, in place."""
    sx, sy, tx, ty = warp[W_FIT], warp[W_FIT + 1], warp[W_FIT + 2], warp[W_FIT + 3]
    for i in range(used):
        points[i, 0] = sx * points[i, 0] + tx
        points[i, 1] = sy * points[i, 1] + ty
