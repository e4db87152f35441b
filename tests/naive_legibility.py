"""Readable, slow twin of synthtext.labels.legibility: one pair of pixels at a time, in float64."""

import math

LUMA = (0.2126, 0.7152, 0.0722)


def crossings(polygon, y):
    """x at which the border of a polygon crosses a height, ascending."""
    found = []
    for (ax, ay), (bx, by) in zip(polygon, polygon[1:] + polygon[:1], strict=True):
        if (ay <= y) != (by <= y):
            found.append(ax + (y - ay) * (bx - ax) / (by - ay))
    return sorted(found)


def looked_at(polygon, left, top, height, width):
    """The pixels (row, column) of a window at (left, top) that lie within 2 pixels of a polygon's rows."""
    low, high = min(y for _, y in polygon), max(y for _, y in polygon)
    pixels = set()
    for r in range(height):
        if low - 2 < top + r + 1 and top + r <= high + 2:
            xs = crossings(polygon, min(max(top + r + 0.5, low + 1e-3), high - 1e-3))
            if xs:
                pixels |= {(r, c) for c in range(width) if xs[0] - 2 < left + c + 1 and left + c <= xs[-1] + 2}
    return pixels


def edges(contours):
    """Of contours: signed area, and the extents of all edges along x and along y."""
    area = across = down = 0.0
    for points in contours:
        for (ax, ay), (bx, by) in zip(points, points[1:] + points[:1], strict=True):
            area, across, down = area + 0.5 * (ax * by - bx * ay), across + abs(bx - ax), down + abs(by - ay)
    return area, across, down


def likeness(a, b, pairs):
    """Sums of squares and products of the differences of two planes, dictionaries by pixel, over pairs of pixels."""
    own = sum((a[q] - a[p]) ** 2 for p, q in pairs)
    cross = sum((a[q] - a[p]) * (b[q] - b[p]) for p, q in pairs)
    seen = sum((b[q] - b[p]) ** 2 for p, q in pairs)
    return own, cross / math.sqrt(own * seen) if own > 1e-6 and seen > 1e-6 else 0.0, seen


def measure(codes, left, top, drawn, seen, painted, letters, polygon):
    """Likeness, contrast, ink seen, ink drawn and area of a word of `letters`, each a list of contours."""
    height, width = drawn.shape
    pixels = looked_at(polygon, left, top, height, width)
    light = {
        (r, c): sum(w * float(v) for w, v in zip(LUMA, codes[top + r, left + c], strict=True)) / 2.55 for r, c in pixels
    }
    area, across, down = edges([points for letter in letters for points in letter])
    span = abs(edges([polygon])[0])
    rows, columns = ([p[k] for p in pixels] for k in (0, 1))
    kx = int(min(max(0.5 * span / down + 0.5, 1), max(columns) - min(columns)))
    ky = int(min(max(0.5 * span / across + 0.5, 1), max(rows) - min(rows)))
    # Each pair, and the column that it belongs to: the middle one.
    pairs = [((r, c), (r, c + kx), c + (kx + 1) // 2) for r, c in pixels if (r, c + kx) in pixels]
    pairs += [((r, c), (r + ky, c), c) for r, c in pixels if (r + ky, c) in pixels]
    ink = {p: float(drawn[p]) for p in pixels}
    paint = {p: float(painted[p]) for p in pixels} if painted.size else None
    total = likeness(ink, light, [(p, q) for p, q, _ in pairs])
    sign = 1.0 if total[1] >= 0.0 else -1.0
    found = []
    for letter in letters:
        xs = [x for points in letter for x, _ in points]
        first, last = max(min(xs) - left, 0), max(xs) - left
        own_pairs = [(p, q) for p, q, c in pairs if int(first) <= c <= int(last)]
        own, like, varied = likeness(ink, light, own_pairs)
        if own >= 2.0:
            like *= sign
            if paint is not None:
                like = max(like, (max(like, 0.0) + likeness(paint, light, own_pairs)[1]) / 2)
            found.append((like, like * math.sqrt(varied / own)))
    return (
        max(min(like for like, _ in found), 0.0),
        max(min(contrast for _, contrast in found), 0.0),
        sum(float(seen[p]) for p in pixels),
        sum(ink.values()),
        abs(area),
    )


def score(likeness, contrast, em, share):
    def clip(x):
        return min(max(x, 0.0), 1.0)

    return clip((likeness - 0.22) / 0.78) * clip(contrast / 3) * clip((em - 4) / 8) * clip((share - 0.4) / 0.45)
