"""Slow, readable twins of the target encoders: one sample at a time, distances and crossings by definition."""

import math

import numpy as np


def area_of(polygon):
    x, y = np.asarray(polygon, float).T
    return 0.5 * float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)))


def perimeter_of(polygon):
    p = np.asarray(polygon, float)
    return float(np.hypot(*(np.roll(p, -1, 0) - p).T).sum())


def inside(polygon, x, y):
    """Even-odd rule: count the edges that a ray to the left crosses."""
    crossings = 0
    n = len(polygon)
    for k in range(n):
        (x0, y0), (x1, y1) = polygon[k], polygon[(k + 1) % n]
        if (y0 <= y) != (y1 <= y) and x0 + (y - y0) * (x1 - x0) / (y1 - y0) <= x:
            crossings += 1
    return crossings % 2 == 1


def border_distance(polygon, x, y):
    """From a point to the nearest point of the border."""
    least = math.inf
    n = len(polygon)
    for k in range(n):
        a, b = np.asarray(polygon[k], float), np.asarray(polygon[(k + 1) % n], float)
        length = float((b - a) @ (b - a))
        t = 0.0 if length == 0 else min(max(float((np.array([x, y]) - a) @ (b - a)) / length, 0.0), 1.0)
        least = min(least, float(np.hypot(*(a + t * (b - a) - (x, y)))))
    return least


def samples(height, width, stride):
    """(i, j, x, y) of every sample of the maps."""
    for i in range(math.ceil(height / stride)):
        for j in range(math.ceil(width / stride)):
            yield i, j, (j + 0.5) * stride, (i + 0.5) * stride


def shrunk(quad, share=0.3):
    """EAST, section 3.3.1."""
    p = [np.array(point, float) for point in quad]
    length = [float(np.hypot(*(p[(i + 1) % 4] - p[i]))) for i in range(4)]
    r = [min(length[i], length[i - 1]) for i in range(4)]
    longer = [0, 2] if length[0] + length[2] >= length[1] + length[3] else [1, 3]
    for i in longer + [edge for edge in range(4) if edge not in longer]:
        j = (i + 1) % 4
        way = (p[j] - p[i]) / np.hypot(*(p[j] - p[i]))
        p[i], p[j] = p[i] + share * r[i] * way, p[j] - share * r[j] * way
    return np.array(p)


def rectangles_of(points, corners):
    """All rectangles of least area (within 1e-9): every direction between two points is tried, the top edge first, then
    the bottom one. Corners are numbered by least squares against the text's four corners.
    """
    p = np.asarray(points, float)
    n = len(p)
    pairs = [(0, 1), (n // 2, n // 2 + 1), *((a, b) for a in range(n) for b in range(n))]
    found = []
    for a, b in pairs:
        way = p[b] - p[a]
        if not np.hypot(*way) > 0:
            continue
        u = way / np.hypot(*way)
        v = np.array([-u[1], u[0]])
        lu, hu, lv, hv = (p @ u).min(), (p @ u).max(), (p @ v).min(), (p @ v).max()
        box = np.array([u * lu + v * lv, u * hu + v * lv, u * hu + v * hv, u * lu + v * hv])
        turns = [np.roll(box, -s, 0) for s in range(4)]
        found.append(((hu - lu) * (hv - lv), min(turns, key=lambda t: round(float(((t - corners) ** 2).sum()), 6))))
    least = min(size for size, _ in found)
    return [box for size, box in found if size <= least * (1 + 1e-9)]


def rectangle_of(points, corners):
    return rectangles_of(points, corners)[0]


def owners(polygons, legible, core, height, width, stride):
    """Instance map: a sample belongs to the smallest legible text (the first of equal ones) whose core holds it."""
    shape = math.ceil(height / stride), math.ceil(width / stride)
    instance, held = np.zeros(shape, np.int32), np.zeros(len(polygons), bool)
    areas = [area_of(p) for p in polygons]
    for i, j, x, y in samples(height, width, stride):
        holders = [k for k in range(len(polygons)) if legible[k] and core(k, x, y)]
        held[holders] = True
        if holders:
            instance[i, j] = 1 + min(holders, key=lambda k: (areas[k], k))
    return instance, held


def training_mask(polygons, masked, instance, height, width, stride):
    mask = np.ones(instance.shape, np.uint8)
    for i, j, x, y in samples(height, width, stride):
        if instance[i, j] == 0 and any(masked[k] and inside(p, x, y) for k, p in enumerate(polygons)):
            mask[i, j] = 0
    return mask


def east(quads, ignore, height, width, stride, shrink=0.3, min_size=0.0, folded=False, mask_border=False):
    """score, rbox, quad, side, mask, instance."""
    quads = [np.asarray(q, float) for q in quads]
    sides = [min(float(np.hypot(*(q[(i + 1) % 4] - q[i]))) for i in range(4)) for q in quads]
    real = [abs(area_of(q)) > max(1e-4, 1e-6 * perimeter_of(q) ** 2) for q in quads]
    legible = [real[k] and not ignore[k] and sides[k] >= min_size for k in range(len(quads))]
    cores = [shrunk(q, shrink) if legible[k] else q for k, q in enumerate(quads)]

    def core(k, x, y):
        return inside(cores[k], x, y) and inside(quads[k], x, y)

    instance, held = owners(quads, legible, core, height, width, stride)
    masked = [real[k] and (not legible[k] or not held[k] or mask_border) for k in range(len(quads))]
    mask = training_mask(quads, masked, instance, height, width, stride)
    rbox, quad = np.zeros((*instance.shape, 5)), np.zeros((*instance.shape, 8))
    side = np.zeros(instance.shape)
    for i, j, x, y in samples(height, width, stride):
        if instance[i, j] == 0:
            continue
        k = instance[i, j] - 1
        box = rectangle_of(quads[k], quads[k])
        if folded:

            def turned(b):
                return math.atan2(*(b[1] - b[0])[::-1])

            box = next(b for s in range(4) if -math.pi / 4 <= turned(b := np.roll(box, -s, 0)) < math.pi / 4)
        u = (box[1] - box[0]) / np.hypot(*(box[1] - box[0]))
        v = np.array([-u[1], u[0]])
        p = np.array([x, y])
        rbox[i, j] = [(p - box[0]) @ v, (box[2] - p) @ u, (box[2] - p) @ v, (p - box[0]) @ u, math.atan2(u[1], u[0])]
        quad[i, j] = (quads[k] - p).ravel()
        side[i, j] = sides[k]
    return (instance > 0).astype(float), rbox, quad, side, mask, instance
