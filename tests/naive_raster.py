"""Slow, readable twins of the kernels in geometry/, raster/ and typeset/: plain Python, one after the other."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np


def clip_to_halfplane(polygon, axis, bound, keep_below):
    """Sutherland and Hodgman: the part of a polygon (list of points) on one side of an axis-parallel line."""

    def inside(p):
        return p[axis] <= bound if keep_below else p[axis] >= bound

    result = []
    for a, b in zip(polygon[-1:] + polygon[:-1], polygon, strict=True):
        if inside(a) != inside(b):
            t = (bound - a[axis]) / (b[axis] - a[axis])
            result.append((a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])))
        if inside(b):
            result.append(b)
    return result


def signed_area(polygon):
    if len(polygon) < 3:
        return 0.0
    return 0.5 * sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(polygon[-1:] + polygon[:-1], polygon, strict=True))


def pixel_coverage(contours, x, y):
    """Signed area of the contours within the pixel's square."""
    total = 0.0
    for contour in contours:
        part = [tuple(map(float, p)) for p in contour]
        for axis, low in ((0, x), (1, y)):
            part = clip_to_halfplane(part, axis, low, False)
            part = clip_to_halfplane(part, axis, low + 1, True) if part else part
            if not part:
                break
        total += signed_area(part)
    return total


def fill(glyphs, height, width):
    """Coverage of glyphs (lists of contours): per glyph clamped, united by the maximum."""
    out = np.zeros((height, width))
    for contours in glyphs:
        for r in range(height):
            for c in range(width):
                out[r, c] = max(out[r, c], min(abs(pixel_coverage(contours, c, r)), 1.0))
    return out


def distance_to_segment(p, a, b):
    (px, py), (ax, ay), (bx, by) = p, a, b
    ex, ey = bx - ax, by - ay
    squared = ex * ex + ey * ey
    t = 0.0 if squared < 1e-12 else min(max(((px - ax) * ex + (py - ay) * ey) / squared, 0.0), 1.0)
    return math.hypot(px - ax - t * ex, py - ay - t * ey)


def dilate(glyphs, coverage, radius, aspect):
    out = np.zeros_like(coverage)
    glyphs = [[[(x / aspect, y) for x, y in contour] for contour in contours] for contours in glyphs]
    edges = [
        (a, b)
        for contours in glyphs
        for contour in contours
        for a, b in zip([contour[-1], *contour[:-1]], contour, strict=True)
    ]
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            d = min(distance_to_segment(((c + 0.5) / aspect, r + 0.5), a, b) for a, b in edges)
            out[r, c] = max(min(max(radius + 0.5 - d, 0.0), 1.0), coverage[r, c])
    return out


def warp_point(h, lens, inverse_square, waves, fit, x, y):
    """The four steps of a warp, one by one."""
    u, v, w = np.asarray(h, float).reshape(3, 3) @ (x, y, 1.0)
    u, v = u / w, v / w
    factor = 1.0 + lens * inverse_square * (u * u + v * v)
    u, v = u * factor, v * factor
    du = sum(ax * math.sin(kx * u + ky * v + phase) for kx, ky, phase, ax, ay in waves)
    dv = sum(ay * math.sin(kx * u + ky * v + phase) for kx, ky, phase, ax, ay in waves)
    return fit[0] * (u + du) + fit[2], fit[1] * (v + dv) + fit[3]


def fit_crop(box, margins, em, fit, height, width):
    """The picture's height and width, the window (x0, y0, x1, y1) of the text's plane in it, and its width there.

    The ink's box is at least 0.3 em wide and 0.6 em high, the window half of that, whatever the margins cut off.
    """
    (x0, y0, x1, y1), (left, top, right, bottom) = box, margins
    wide, high = max(0.3 - (x1 - x0), 0.0) / 2, max(0.6 - (y1 - y0), 0.0) / 2
    x0, y0, x1, y1 = x0 - wide - left, y0 - high - top, x1 + wide + right, y1 + high + bottom
    w, h = max(x1 - x0, 0.15), max(y1 - y0, 0.3)
    if fit == "natural":
        em = min(em, height / h, width / w)
        height, width = max(round(em * h), 1), max(round(em * w), 1)
    taken = min(max(round(height * w / h), 1), width) if fit == "pad" else width
    return height, width, (x0, y0, x0 + w, y0 + h), taken


def cut_before(polygon, depth, nearest):
    """The part of a convex polygon that is `nearest` or more before the camera; `depth` of a point goes linearly."""
    result = []
    for a, b in zip(polygon[-1:] + polygon[:-1], polygon, strict=True):
        if (depth(a) >= nearest) != (depth(b) >= nearest):
            t = (nearest - depth(a)) / (depth(b) - depth(a))
            result.append((a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])))
        if depth(b) >= nearest:
            result.append(b)
    return result


def embolden(polygon, across, along):
    """The vertices of a closed polygon, each moved to where the two edges that meet in it do when they are moved out.

    By unit directions a and b of the edges before and after it, to the right of which is outside: an edge moves out by
    `across` of its normal's x and `along` of its y. Mitres are cut off at 60 degrees. Edges of no length are no edges.
    """

    def edge(i, step):
        """The direction of the nearest edge that has a length, from vertex i backward or forward."""
        for k in range(len(polygon)):
            ends = polygon[(i + k * step) % len(polygon)], polygon[(i + (k + 1) * step) % len(polygon)]
            p, q = ends if step > 0 else ends[::-1]
            length = math.dist(p, q)
            if length >= 1e-6:
                return (q[0] - p[0]) / length, (q[1] - p[1]) / length
        return None

    out = []
    for i, (x, y) in enumerate(polygon):
        a, b = edge(i, -1), edge(i, 1)
        if a is None:
            return polygon
        half = max(1.0 + a[0] * b[0] + a[1] * b[1], 0.5)
        out.append((x + across * (a[1] + b[1]) / half, y - along * (a[0] + b[0]) / half))
    return out


def bezier(points, t):
    """The point of a curve at t (de Casteljau)."""
    while len(points) > 1:
        points = [(a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])) for a, b in pairwise(points)]
    return points[0]


def second_derivative(points):
    """A bound of the length of a curve's second derivative."""
    n = len(points) - 1
    bends = [
        math.hypot(a[0] - 2 * b[0] + c[0], a[1] - 2 * b[1] + c[1])
        for a, b, c in zip(points, points[1:], points[2:], strict=False)
    ]
    return n * (n - 1) * max(bends, default=0.0)


def flatten(contours, shape, roughen, view, bend, fit, most_bend, tolerance):
    """The polylines of a glyph's contours, and the box of what they hold before they are placed.

    A contour is a list of segments, each the control points after its start. `shape`: what becomes of the control
    points of a contour. `roughen`: of a point of the outline, None for a smooth one. `view`: where the camera sees a
    point of the glyph; `bend`: where the rest of the warp sends that, with a second derivative of at most `most_bend`;
    `fit`: the scales across and down that it ends with.
    """
    lines, held = [], []
    for segments in contours:
        moved = iter(shape([p for segment in segments for p in segment]))
        segments = [[next(moved) for _ in segment] for segment in segments]
        rough = roughen or (lambda p: p)
        line = []
        for i, segment in enumerate(segments):
            curve = [segments[i - 1][-1], *segment]
            start, end = view(rough(curve[0])), view(rough(curve[-1]))
            seen = [(fit[0] * x, fit[1] * y) for x, y in (start, *map(view, curve[1:-1]), end)]
            # A chord is off by at most |p''| / (8 n^2).
            steps = int(math.sqrt(second_derivative(seen) / (8 * tolerance))) + 1
            if most_bend > 0:
                longest = math.sqrt(8 * tolerance / most_bend)
                steps = min(max(steps, int(math.dist(bend(start), bend(end)) / longest) + 1), 256)
            if roughen:  # two points a step of the noise
                steps = min(max(steps, int(2 * math.dist(curve[0], curve[-1]) / 0.045) + 1), 256)
            line += [rough(bezier(curve, k / steps)) for k in range(1, steps)] + [rough(curve[-1])]
        held += line
        lines.append([bend(view(p)) for p in line])
    xs, ys = [x for x, _ in held], [y for _, y in held]
    return lines, (min(xs, default=1e30), min(ys, default=1e30), max(xs, default=-1e30), max(ys, default=-1e30))


def support_quad(quad, points):
    """Each side moved along its outward normal until it touches the points; corners where neighbours meet."""
    lines = []
    for k in range(4):
        d = quad[(k + 1) % 4] - quad[k]
        n = np.array([d[1], -d[0]]) / np.hypot(*d)
        lines.append((n, max(float(n @ p) for p in points)))
    corners = []
    for k in range(4):
        (n0, c0), (n1, c1) = lines[k - 1], lines[k]
        corners.append(np.linalg.solve(np.array([n0, n1]), np.array([c0, c1])))
    return np.array(corners)


def soften(coverage, radius, aspect):
    """Two box filters of fractional half width along each axis, zero outside."""

    def box(line, radius):
        reach = int(radius)
        weights = np.concatenate([[radius - reach], np.ones(2 * reach + 1), [radius - reach]]) / (2 * radius + 1)
        return np.convolve(line, weights)[reach + 1 : reach + 1 + len(line)]

    out = coverage.astype(float)
    for _ in range(2):
        out = np.stack([box(row, radius * aspect) for row in out])
        out = np.stack([box(column, radius) for column in out.T]).T
    return out


def over(image, coverage, colours, opacity):
    """Painter's rule, per pixel: `colours` (H, W, 3)."""
    a = (coverage * opacity)[..., None]
    return (1 - a) * image + a * colours


def cut_curve(points, t):
    """A Bezier curve's parts before and after t (de Casteljau)."""
    before, after = [points[0]], [points[-1]]
    while len(points) > 1:
        points = [(a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])) for a, b in pairwise(points)]
        before.append(points[0])
        after.append(points[-1])
    return before, after[::-1]


def is_corner(a, b):
    """Whether the direction turns by more than 20 degrees from the end of a curve to the start of the next."""
    ax, ay = next(((a[-1][0] - p[0], a[-1][1] - p[1]) for p in reversed(a[:-1]) if p != a[-1]), (0.0, 0.0))
    bx, by = next(((p[0] - b[0][0], p[1] - b[0][1]) for p in b[1:] if p != b[0]), (0.0, 0.0))
    length = math.hypot(ax, ay) * math.hypot(bx, by)
    return length > 0.0 and ax * bx + ay * by < 0.94 * length


def round_corners(contours, radius):
    """Contours, each a list of curves as their control points, start included: with corners bridged by quadratics."""
    rounded = []
    for curves in contours:
        n = len(curves)
        lengths = [sum(math.dist(a, b) for a, b in pairwise(curve)) for curve in curves]
        corner = [is_corner(curves[i - 1], curves[i]) for i in range(n)]  # before curve i
        cuts = [min(radius, 0.45 * lengths[i - 1], 0.45 * lengths[i]) if corner[i] else 0.0 for i in range(n)]
        pieces = []
        for i, curve in enumerate(curves):
            lead, tail, piece = cuts[i], cuts[(i + 1) % n], curve
            if tail > 0.0:
                piece = cut_curve(piece, 1.0 - tail / lengths[i])[0]
            if lead > 0.0:
                piece = cut_curve(piece, lead / max(lengths[i] - tail, 1e-9))[1]
            pieces.append(piece)
        out = []
        for i, piece in enumerate(pieces):
            out.append(piece)
            if cuts[(i + 1) % n] > 0.0:
                out.append([piece[-1], curves[i][-1], pieces[(i + 1) % n][0]])
        rounded.append(out)
    return rounded


def make_room(image, coverage, contrast, darker, shade):
    """The image dimmed or lightened as text of that contrast needs, the text's lightness, and that behind it."""
    light = image @ np.array([0.2126, 0.7152, 0.0722])
    weight = coverage if coverage.sum() >= 1e-3 else np.ones_like(coverage)
    behind = 100.0 * math.sqrt(max((weight * light).sum() / weight.sum(), 0.0))
    if darker:
        y, wanted = (behind / 100.0) ** 2, (contrast / 100.0) ** 2
        lift = min(max((wanted - y) / max(1.0 - y, 1e-6), 0.0), 0.5)
        image, behind = image + lift * (1.0 - image), 100.0 * math.sqrt(y + lift * (1.0 - y))
    else:
        dim = 1.0 - shade
        if behind * dim > 100.0 - contrast:
            dim *= max((100.0 - contrast) / (behind * dim), math.sqrt(0.2))
        image, behind = image * dim**2, behind * dim
    text = behind - contrast if darker else behind + contrast
    if darker and text < 0.0 and behind < min(0.6 * contrast, 50.0):
        text = behind + contrast
    elif not darker and text > 100.0 and behind > max(100.0 - 0.6 * contrast, 50.0):
        text = behind - contrast
    return image, min(max(text, 0.0), 100.0), behind
