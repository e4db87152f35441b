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
    points = np.asarray(polygon, float).tolist()
    for (x0, y0), (x1, y1) in zip(points, points[1:] + points[:1], strict=True):
        if (y0 <= y) != (y1 <= y) and x0 + (y - y0) * (x1 - x0) / (y1 - y0) <= x:
            crossings += 1
    return crossings % 2 == 1


def border_distance(polygon, x, y):
    """From a point to the nearest point of the border."""
    least = math.inf
    points = np.asarray(polygon, float).tolist()
    for (ax, ay), (bx, by) in zip(points, points[1:] + points[:1], strict=True):
        dx, dy = bx - ax, by - ay
        length = dx * dx + dy * dy
        t = 0.0 if length == 0 else min(max(((x - ax) * dx + (y - ay) * dy) / length, 0.0), 1.0)
        least = min(least, math.hypot(ax + t * dx - x, ay + t * dy - y))
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
        size = np.hypot(*(p[j] - p[i]))
        way = (p[j] - p[i]) / size if size > 0 else np.zeros(2)
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


def real_texts(polygons, ignore, min_size):
    """Which polygons have an area, and which of them are legible."""
    real = [abs(area_of(p)) > max(1e-4, 1e-6 * perimeter_of(p) ** 2) for p in polygons]
    sides = [min(float(np.hypot(*(np.roll(p, -1, 0) - p)[k])) for k in range(len(p))) for p in polygons]
    return real, [real[k] and not ignore[k] and sides[k] >= min_size for k in range(len(polygons))]


def shrink_distance(polygon, ratio):
    return area_of(polygon) * (1 - ratio**2) / perimeter_of(polygon)


def widen(polygons, thin, meets, free, core, instance, stride):
    """The samples that thin texts gain: larger texts first, none beside another text's core; then the bridges."""
    height, width = instance.shape

    def open_to(k, i, j):
        if core[i, j] or instance[i, j] != (k + 1 if free is None else free):
            return False
        beside = [(i + 1, j), (i - 1, j), (i, j + 1), (i, j - 1)]
        beside = [(a, b) for a, b in beside if 0 <= a < height and 0 <= b < width]
        return not any(core[at] and instance[at] != k + 1 for at in beside)

    gained = {}
    for k in sorted(range(len(polygons)), key=lambda k: (-area_of(polygons[k]), -k)):
        if not thin[k]:
            continue
        for i, j, x, y in samples(height * stride, width * stride, stride):
            if open_to(k, i, j) and inside(polygons[k], x, y) and meets(k, x, y):
                core[i, j], instance[i, j] = 1, k + 1
        for i in range(height - 1):
            for j in range(width - 1):
                block = [(i, j), (i, j + 1), (i + 1, j), (i + 1, j + 1)]
                own = [bool(core[at]) and instance[at] == k + 1 for at in block]
                if own not in ([True, False, False, True], [False, True, True, False]):
                    continue
                best, most = None, 0.0
                for (a, b), taken in zip(block, own, strict=True):
                    if not taken and open_to(k, a, b):
                        depth = signed_depth(polygons[k], (b + 0.5) * stride, (a + 0.5) * stride)
                        if depth > most + 1e-6 * stride:
                            best, most = (a, b), depth
                if best is not None:
                    core[best], instance[best] = 1, k + 1
                    gained[best] = (best[0], 2 * j + 1 - best[1])  # the neighbour in the same row
    return gained


def is_thin(polygon, reach, stride):
    """By the shorter side of the rectangle of the same area and perimeter."""
    half = perimeter_of(polygon) / 4
    return half - math.sqrt(max(half * half - area_of(polygon), 0)) - 2 * reach < 2 * stride


def signed_depth(polygon, x, y):
    distance = border_distance(polygon, x, y)
    return distance if inside(polygon, x, y) else -distance


def meets_middle(polygon, reach, stride, x, y):
    """Whether the core's middle line passes within stride (|nx| + |ny|) / 2, along the normal n of the border."""
    depth = border_distance(polygon, x, y)
    points = np.asarray(polygon, float)
    nearest = None
    for a, b in zip(points, np.roll(points, -1, 0), strict=True):
        way = b - a
        t = 0.0 if not way.any() else min(max(float((np.array([x, y]) - a) @ way / (way @ way)), 0.0), 1.0)
        at = a + t * way
        if nearest is None or np.hypot(*(at - (x, y))) < np.hypot(*(nearest - (x, y))) - 1e-12:
            nearest = at
    normal = (np.array([x, y]) - nearest) / depth
    t = stride * np.abs(normal).sum() / 2
    far = max((2 * t + signed_depth(polygon, x + 2 * t * normal[0], y + 2 * t * normal[1]) - depth) / 2, 0.0)
    downwards = normal[1] + 1e-3 * normal[0] > 0
    within = far < t - 5e-7 * stride if downwards else far <= t + 1e-6 * stride
    return within and signed_depth(polygon, x + far * normal[0], y + far * normal[1]) >= reach - 1e-6 * stride


def dbnet(polygons, ignore, height, width, stride, ratio=0.4, low=0.3, high=0.7, min_size=0.0):
    """probability, threshold, mask, threshold_mask, instance."""
    real, legible = real_texts(polygons, ignore, min_size)
    reach = [shrink_distance(p, ratio) if real[k] else 0.0 for k, p in enumerate(polygons)]

    def core(k, x, y):
        return inside(polygons[k], x, y) and border_distance(polygons[k], x, y) >= reach[k]

    thin = [real[k] and is_thin(p, reach[k], stride) for k, p in enumerate(polygons)]

    def meets(k, x, y):
        return thin[k] and inside(polygons[k], x, y) and meets_middle(polygons[k], reach[k], stride, x, y)

    _, held = owners(polygons, legible, lambda k, x, y: core(k, x, y) or meets(k, x, y), height, width, stride)
    legible = [a and bool(b) for a, b in zip(legible, held, strict=True)]
    instance, _ = owners(polygons, legible, core, height, width, stride)
    probability = (instance > 0).astype(float)
    trained = [a and b for a, b in zip(thin, legible, strict=True)]
    widen(polygons, trained, meets, 0, probability, instance, stride)
    masked = [real[k] and not legible[k] for k in range(len(polygons))]
    mask = training_mask(polygons, masked, instance, height, width, stride)
    threshold, band = np.full(instance.shape, low), np.zeros(instance.shape, np.uint8)
    for i, j, x, y in samples(height, width, stride):
        for k, p in enumerate(polygons):
            if legible[k]:
                distance = border_distance(p, x, y)
                if distance < reach[k]:
                    threshold[i, j] = max(threshold[i, j], low + (high - low) * (1 - distance / reach[k]))
                if distance < reach[k] or inside(p, x, y):
                    band[i, j] = 1
    return probability, threshold, mask, band & mask, instance


def psenet(polygons, ignore, height, width, stride, ratios, min_size=0.0):
    """kernels, mask, instance; ratios ascending."""
    real, legible = real_texts(polygons, ignore, min_size)

    def held_by(k, x, y, ratio):
        p = polygons[k]
        return inside(p, x, y) and border_distance(p, x, y) >= shrink_distance(p, ratio)

    def core(k, x, y):
        return held_by(k, x, y, ratios[0])

    thin = [real[k] and is_thin(p, shrink_distance(p, ratios[0]), stride) for k, p in enumerate(polygons)]

    def meets(k, x, y):
        p = polygons[k]
        return thin[k] and inside(p, x, y) and meets_middle(p, shrink_distance(p, ratios[0]), stride, x, y)

    _, held = owners(polygons, legible, lambda k, x, y: core(k, x, y) or meets(k, x, y), height, width, stride)
    legible = [a and bool(b) for a, b in zip(legible, held, strict=True)]
    instance, _ = owners(polygons, legible, lambda k, x, y: inside(polygons[k], x, y), height, width, stride)
    kernels = np.zeros((*instance.shape, len(ratios)), np.uint8)
    for i, j, x, y in samples(height, width, stride):
        if instance[i, j]:
            kernels[i, j] = [held_by(instance[i, j] - 1, x, y, ratio) for ratio in ratios]
    trained = [a and b for a, b in zip(thin, legible, strict=True)]
    widen(polygons, trained, meets, None, kernels[..., 0], instance, stride)
    kernels[kernels[..., 0] > 0] = 1
    masked = [real[k] and not legible[k] for k in range(len(polygons))]
    return kernels, training_mask(polygons, masked, instance, height, width, stride), instance


def expand(labels, inside_map):
    """All labels take one step at a time; in a step, who was labelled first (row order at the start) goes first."""
    labels = labels.copy()
    front = [tuple(at) for at in np.argwhere(labels > 0)]
    while front:
        following = []
        for i, j in front:
            for a, b in ((i + 1, j), (i - 1, j), (i, j + 1), (i, j - 1)):
                free = 0 <= a < labels.shape[0] and 0 <= b < labels.shape[1] and labels[a, b] == 0
                if free and inside_map[a, b]:
                    labels[a, b] = labels[i, j]
                    following.append((a, b))
        front = following
    return labels


def to_square(quad):
    """The homography that takes a quad's corners to (0, 0), (1, 0), (1, 1), (0, 1): eight linear equations."""
    rows, right = [], []
    for (x, y), (u, v) in zip(quad, [(0, 0), (1, 0), (1, 1), (0, 1)], strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right += [u, v]
    return np.append(np.linalg.solve(rows, right), 1).reshape(3, 3)


def gaussian(quad, homography, x, y, sigma):
    """CRAFT's Gaussian of a convex quad at a point; 0 outside of the quad."""
    if not inside(quad, x, y):
        return 0.0
    u, v, w = homography @ (x, y, 1)
    return math.exp(-((u / w - 0.5) ** 2 + (v / w - 0.5) ** 2) / (2 * sigma**2))


def crossing_of_diagonals(quad):
    a, b, c, d = np.asarray(quad, float)
    s, _ = np.linalg.solve(np.stack([c - a, b - d], 1), b - a)
    return a + s * (c - a)


def affinity_quad(first, second):
    """Section 3.2.1 of CRAFT, for chars side by side; for chars below each other, of left and right triangles."""
    thirds = []
    for quad in (first, second):
        middle = crossing_of_diagonals(quad)
        thirds.append([np.mean([quad[k], quad[(k + 1) % 4], middle], 0) for k in range(4)])
    before, after = thirds
    way = np.mean(after, 0) - np.mean(before, 0)
    across = before[1] - before[3] + after[1] - after[3]
    down = before[2] - before[0] + after[2] - after[0]
    level = abs(way @ across) / np.hypot(*across) >= abs(way @ down) / np.hypot(*down)
    a, b = (0, 2) if level else (1, 3)
    link = np.array([before[a], after[a], after[b], before[b]])
    return link if area_of(link) > 0 else link[[1, 0, 3, 2]]


def craft(char_quads, char_word, word_polygons, ignore, height, width, stride, sigma=0.2, enlarge=1.0):
    """region, affinity, mask, instance; quads convex, affinity quads as well."""
    shape = math.ceil(height / stride), math.ceil(width / stride)
    region, affinity, instance = np.zeros(shape), np.zeros(shape), np.zeros(shape, np.int32)
    held = np.zeros(len(word_polygons), bool)

    def grown(quad):
        wide = np.mean(quad, 0) + enlarge * (np.asarray(quad) - np.mean(quad, 0))
        return wide, to_square(wide)

    chars = [grown(quad) for quad in char_quads]
    links = [
        grown(affinity_quad(char_quads[k - 1], char_quads[k]))
        for k in range(1, len(char_quads))
        if char_word[k] == char_word[k - 1] and not ignore[char_word[k]]
    ]
    for i, j, x, y in samples(height, width, stride):
        for k, char in enumerate(chars):
            if not ignore[char_word[k]] and (heat := gaussian(*char, x, y, sigma)) > 0:
                held[char_word[k]] = True
                if heat > region[i, j] + 1e-9:
                    region[i, j], instance[i, j] = heat, k + 1
        affinity[i, j] = max((gaussian(*link, x, y, sigma) for link in links), default=0.0)
    mask = training_mask(word_polygons, ~held, instance, height, width, stride)
    return region, affinity, mask, instance


class Band:
    """The centre line of a (2k, 2) polygon: places along it, middles, half-way vectors to the top, tangents, radii."""

    def __init__(self, polygon):
        p = np.asarray(polygon, float)
        k = len(p) // 2
        top, bottom = p[:k], p[k:][::-1]
        self.middle, self.up = (top + bottom) / 2, (top - bottom) / 2
        self.along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(self.middle, axis=0).T))])
        chords = np.array([self.middle[min(s + 1, k - 1)] - self.middle[max(s - 1, 0)] for s in range(k)])
        self.tangent = chords / np.hypot(*chords.T)[:, None]
        self.radius = np.abs(self.up[:, 0] * self.tangent[:, 1] - self.up[:, 1] * self.tangent[:, 0])

    def at(self, place):
        """middle, up, tangent, radius at a place of the line."""

        def linear(values):
            values = np.asarray(values)
            if values.ndim == 1:
                return float(np.interp(place, self.along, values))
            return np.array([np.interp(place, self.along, column) for column in values.T])

        tangent = linear(self.tangent)
        return linear(self.middle), linear(self.up), tangent / np.hypot(*tangent), linear(self.radius)

    def pieces(self, share, cut, least=0.0):
        """Quads of the band between stations, with the stations at their ends; widened for samples `least` apart."""
        third = self.along[-1] / 3
        low = min(cut * self.radius[0], third)
        high = self.along[-1] - min(cut * self.radius[-1], third)
        if high - low < math.sqrt(2) * least:
            middle = (low + high) / 2
            low, high = middle - math.sqrt(0.5) * least, middle + math.sqrt(0.5) * least
        for a, b in zip(self.along, self.along[1:], strict=False):
            first, last = max(a, low), min(b, high)
            if first < last:
                near, far = self.at(first), self.at(last)
                (a, up_a), (b, up_b) = near[:2], far[:2]
                u = (b - a) / max(float(np.hypot(*(b - a))), 1e-12)
                need = least * np.abs(u).sum() / 2
                one, two = (
                    max(share, min(need / max(abs(float(up[0] * u[1] - up[1] * u[0])), 1e-9), 1.0))
                    for up in (up_a, up_b)
                )
                quad = np.array([a + one * up_a, b + two * up_b, b - two * up_b, a - one * up_a])
                yield quad, near, far


def strips(polygons, ignore, height, width, stride, share, cut, min_size=0.0):
    """instance, mask, and for each sample in a centre line the piece of the band that it lies in (the last one)."""
    real, legible = real_texts(polygons, ignore, min_size)
    bands = [Band(p) if legible[k] else None for k, p in enumerate(polygons)]
    narrow = [list(band.pieces(share, cut)) if band else [] for band in bands]
    wide = [list(band.pieces(share, cut, stride)) if band else [] for band in bands]

    def within(quads):
        def holds(k, x, y):
            return inside(polygons[k], x, y) and any(inside(quad, x, y) for quad, _, _ in quads[k])

        return holds

    core, meets = within(narrow), within(wide)
    _, held = owners(polygons, legible, lambda k, x, y: core(k, x, y) or meets(k, x, y), height, width, stride)
    legible = [a and bool(b) for a, b in zip(legible, held, strict=True)]
    instance, _ = owners(polygons, legible, lambda k, x, y: inside(polygons[k], x, y), height, width, stride)
    masked = [real[k] and not legible[k] for k in range(len(polygons))]
    line = np.zeros(instance.shape)
    for i, j, x, y in samples(height, width, stride):
        line[i, j] = instance[i, j] > 0 and core(instance[i, j] - 1, x, y)
    thin = [
        any(not np.allclose(a, b, atol=1e-9) for (a, _, _), (b, _, _) in zip(narrow[k], wide[k], strict=False))
        or len(narrow[k]) != len(wide[k])
        for k in range(len(polygons))
    ]
    trained = [a and b for a, b in zip(legible, thin, strict=True)]
    gained = widen(polygons, trained, meets, None, line, instance, stride)
    centre = {}
    for i, j, x, y in samples(height, width, stride):
        if line[i, j]:
            k = instance[i, j] - 1
            for quads in (wide[k], narrow[k]):
                for quad, near, far in quads:
                    if inside(quad, x, y):
                        centre[i, j] = (near, far)
    return instance, training_mask(polygons, masked, instance, height, width, stride), centre, gained


def textsnake(polygons, ignore, height, width, stride, share=0.2, cut=0.5, min_size=0.0):
    """text, centre, radius, cos, sin, mask, instance."""
    instance, mask, line, gained = strips(polygons, ignore, height, width, stride, share, cut, min_size)
    centre, radius, cos, sin = (np.zeros(instance.shape) for _ in range(4))
    for (i, j), (near, far) in line.items():
        way = far[0] - near[0]
        t = min(max(float((np.array([(j + 0.5) * stride, (i + 0.5) * stride]) - near[0]) @ way / (way @ way)), 0), 1)
        direction = (1 - t) * near[2] + t * far[2]
        centre[i, j], radius[i, j] = 1, (1 - t) * near[3] + t * far[3]
        cos[i, j], sin[i, j] = direction / np.hypot(*direction)
    for at, beside in gained.items():
        centre[at] = 1
        for values in (radius, cos, sin):
            values[at] = values[beside]
    return (instance > 0).astype(int), centre, radius, cos, sin, mask, instance


def fourier(polygon, degree, count=40_000):
    """c_-K ... c_K by sampling the contour, clockwise at uniform speed from the rightmost crossing of its border with
    the horizontal line through the border's middle."""
    p = np.asarray(polygon, float)
    closed = np.concatenate([p, p[:1]])
    along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
    at = (np.arange(count) + 0.5) / count * along[-1]
    x, y = (np.interp(at, along, closed[:, c]) for c in range(2))
    above = y <= y.mean()
    crossing = np.flatnonzero(above != np.roll(above, 1))
    start = crossing[np.argmax(x[crossing])]
    f = np.roll(x + 1j * y, -start)
    t = np.arange(count) / count
    return np.array([np.mean(f * np.exp(-2j * np.pi * k * t)) for k in range(-degree, degree + 1)])
