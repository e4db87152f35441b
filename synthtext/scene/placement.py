"""Where a group fits: calm regions of a picture, and quads that do not meet."""

from __future__ import annotations

import math

import numpy as np

from synthtext.core.kernel import kernel
from synthtext.core.srgb import LUMINANCE
from synthtext.geometry.polygons import clip_convex, intersection_area, signed_area

CELL = 8  # pixels of a side of a cell of the calm map


@kernel
def edge_sums(image):
    """Integral images over cells of CELL pixels: float64 (rows + 1, columns + 1, 3).

    `image`: float32 (H, W, 3) linear light. Summed are a cell's mean edge strength (the steps of lightness, 100
    sqrt(luminance), to the right and down, as root mean square), its mean lightness, and the square of that.
    The sum over any box of cells is then four look-ups (Crow, "Summed-area tables for texture mapping", SIGGRAPH 1984).
    """
    height, width = image.shape[0], image.shape[1]
    rows, columns = (height + CELL - 1) // CELL, (width + CELL - 1) // CELL
    edges, light, counts = np.zeros((rows, columns)), np.zeros((rows, columns)), np.zeros((rows, columns))
    above, here = np.zeros(width, np.float32), np.zeros(width, np.float32)
    for y in range(height):
        above, here = here, above
        for x in range(width):
            luminance = np.float32(LUMINANCE[0]) * image[y, x, 0] + np.float32(LUMINANCE[1]) * image[y, x, 1]
            here[x] = np.float32(100.0) * np.sqrt(luminance + np.float32(LUMINANCE[2]) * image[y, x, 2])
        row = y // CELL
        for column in range(columns):
            first, last = column * CELL, min((column + 1) * CELL, width)
            total, steps = np.float32(0.0), np.float32(0.0)
            for x in range(first, last):
                right = here[x] - here[x - 1] if x > 0 else np.float32(0.0)
                down = here[x] - above[x] if y > 0 else np.float32(0.0)
                steps += right * right + down * down
                total += here[x]
            light[row, column] += total
            edges[row, column] += steps
            counts[row, column] += last - first
    sums = np.zeros((rows + 1, columns + 1, 3))
    for r in range(rows):
        running = np.zeros(3)
        for c in range(columns):
            mean = light[r, c] / counts[r, c]
            running[0] += math.sqrt(edges[r, c] / counts[r, c])
            running[1] += mean
            running[2] += mean * mean
            for k in range(3):
                sums[r + 1, c + 1, k] = sums[r, c + 1, k] + running[k]
    return sums


@kernel
def roughness(sums, x0, y0, x1, y1):
    """How little text would stand in the box (pixels): mean edge strength, and a part of the lightness's deviation."""
    rows, columns = sums.shape[0] - 1, sums.shape[1] - 1
    c0, r0 = int(min(max(x0 / CELL, 0.0), columns - 1.0)), int(min(max(y0 / CELL, 0.0), rows - 1.0))
    c1 = int(min(max(math.ceil(x1 / CELL), c0 + 1.0), float(columns)))
    r1 = int(min(max(math.ceil(y1 / CELL), r0 + 1.0), float(rows)))
    n = (r1 - r0) * (c1 - c0)
    s0 = sums[r1, c1, 0] - sums[r0, c1, 0] - sums[r1, c0, 0] + sums[r0, c0, 0]
    s1 = sums[r1, c1, 1] - sums[r0, c1, 1] - sums[r1, c0, 1] + sums[r0, c0, 1]
    s2 = sums[r1, c1, 2] - sums[r0, c1, 2] - sums[r1, c0, 2] + sums[r0, c0, 2]
    return s0 / n + 0.4 * math.sqrt(max(s2 / n - (s1 / n) ** 2, 0.0))


@kernel
def meets(quad, others, count):
    """Whether `quad`, float64 (4, 2), shares area with any of `others[:count]`, float64 (n, 4, 2); all clockwise."""
    x0, y0, x1, y1 = 1e30, 1e30, -1e30, -1e30
    for k in range(4):
        x0, x1 = min(x0, quad[k, 0]), max(x1, quad[k, 0])
        y0, y1 = min(y0, quad[k, 1]), max(y1, quad[k, 1])
    for i in range(count):
        other = others[i]
        a0, b0, a1, b1 = 1e30, 1e30, -1e30, -1e30
        for k in range(4):
            a0, a1 = min(a0, other[k, 0]), max(a1, other[k, 0])
            b0, b1 = min(b0, other[k, 1]), max(b1, other[k, 1])
        if x0 < a1 and a0 < x1 and y0 < b1 and b0 < y1 and intersection_area(quad, other) > 1e-6:
            return True
    return False


@kernel
def bands_meet(points, ends, least):
    """Whether two of the bands `points[ends[k - 1]:ends[k]]` share more than `least` square pixels.

    A band: k points of its top side, then k of its bottom side back; its strips are convex quads.
    """
    n = ends.shape[0]
    boxes = np.empty((n, 4))
    start = 0
    for i in range(n):
        boxes[i, 0], boxes[i, 1], boxes[i, 2], boxes[i, 3] = 1e30, 1e30, -1e30, -1e30
        for p in range(start, ends[i]):
            boxes[i, 0], boxes[i, 2] = min(boxes[i, 0], points[p, 0]), max(boxes[i, 2], points[p, 0])
            boxes[i, 1], boxes[i, 3] = min(boxes[i, 1], points[p, 1]), max(boxes[i, 3], points[p, 1])
        start = ends[i]
    a, b = np.empty((4, 2)), np.empty((4, 2))
    for i in range(n):
        first = ends[i - 1] if i > 0 else 0
        for j in range(i):
            if boxes[i, 0] >= boxes[j, 2] or boxes[j, 0] >= boxes[i, 2]:
                continue
            if boxes[i, 1] >= boxes[j, 3] or boxes[j, 1] >= boxes[i, 3]:
                continue
            second = ends[j - 1] if j > 0 else 0
            total = 0.0
            m, k = (ends[i] - first) // 2, (ends[j] - second) // 2
            for s in range(m - 1):
                _strip(points, first, m, s, a)
                for t in range(k - 1):
                    _strip(points, second, k, t, b)
                    total += intersection_area(a, b)
                    if total > least:
                        return True
    return False


@kernel
def _strip(points, first, half, s, out):
    for axis in range(2):
        out[0, axis], out[1, axis] = points[first + s, axis], points[first + s + 1, axis]
        out[2, axis], out[3, axis] = points[first + 2 * half - 2 - s, axis], points[first + 2 * half - 1 - s, axis]


@kernel
def _chain(a, b, out):
    """The homography that applies `b`, then `a`; float64 (9,) each."""
    for i in range(3):
        for j in range(3):
            out[3 * i + j] = a[3 * i] * b[j] + a[3 * i + 1] * b[3 + j] + a[3 * i + 2] * b[6 + j]


@kernel
def _corners(plane, box, least, quad):
    """The corners of `box` in the image, into `quad`; False where one lies behind the camera."""
    for k in range(4):
        x = box[0] if k == 0 or k == 3 else box[2]
        y = box[1] if k < 2 else box[3]
        w = plane[6] * x + plane[7] * y + plane[8]
        if w <= least:
            return False
        quad[k, 0] = (plane[0] * x + plane[1] * y + plane[2]) / w
        quad[k, 1] = (plane[3] * x + plane[4] * y + plane[5]) / w
    return True


@kernel
def _inside_share(quad, image, clipped, spare):
    """The share of a convex quad's area that lies inside `image`, the image's own quad."""
    size = clip_convex(quad, 4, image, 4, clipped, spare)
    whole = signed_area(quad, 0, 4)
    return signed_area(clipped, 0, size) / whole if size > 2 and whole > 0.0 else 0.0


@kernel
def seen_area(quad, height, width):
    """How many square pixels of a convex, clockwise quad, float64 (4, 2), lie inside the image."""
    image = np.zeros((4, 2))
    image[1, 0] = image[2, 0] = width
    image[2, 1] = image[3, 1] = height
    clipped, spare = np.empty((9, 2)), np.empty((9, 2))
    size = clip_convex(quad, 4, image, 4, clipped, spare)
    return signed_area(clipped, 0, size) if size > 2 else 0.0


@kernel
def find_place(
    plane, free, limits, view, box, size, least, shrinks, cut, roughest, numbers, taken, count, sums, extent, out
):
    """Look for a place for a group whose box is `box` (x0, y0, x1, y1; its plane's units), as large as may be.

    `free`: whether the group has a pose of its own, `plane` (of unit scale about the box's middle), rather than
    standing on a plane, from whose part `limits` (a box) nothing may stick out. `view`: the box of the image (pixels)
    in which its middle may lie. `size`: pixels per unit, made smaller `shrinks` times by 0.62, not below `least`.
    `cut`: the least share of it that must lie inside the image. `numbers`: uniforms, float64 (n, 3), n / (shrinks + 1)
    tries a size: place, and turn in the plane in radians. `taken[:count]`: quads to keep off. `roughest`, `sums`: the
    most roughness there may be behind, the least of a size's tries being chosen; without sums (shape (0, 0, 0)) the
    first that fits.
    `extent`: height and width of the image. `out`: float64 (9,), the homography found.
    Returns its size; 0 where there is no place.
    """
    height, width = extent[0], extent[1]
    image = np.zeros((4, 2))
    image[1, 0] = image[2, 0] = width
    image[2, 1] = image[3, 1] = height
    clipped, spare = np.empty((9, 2)), np.empty((9, 2))
    trial, own, quad, wide, back = np.empty(9), np.empty(9), np.empty((4, 2)), np.empty((4, 2)), np.empty(9)
    middle_x, middle_y = 0.5 * (box[0] + box[2]), 0.5 * (box[1] + box[3])
    a, b, c, d, e, f, g, h, i = plane
    det = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    back[0], back[1], back[2] = e * i - f * h, c * h - b * i, b * f - c * e
    back[3], back[4], back[5] = f * g - d * i, a * i - c * g, c * d - a * f
    back[6], back[7], back[8] = d * h - e * g, b * g - a * h, a * e - b * d
    tries = numbers.shape[0] // (shrinks + 1)
    for turn in range(shrinks + 1):
        if size < least:
            return 0.0
        best = roughest
        # Most of the group must lie inside: its middle keeps off the edge by about half of it.
        margin_x, margin_y = 0.0, 0.0
        if cut >= 1.0:
            half_x, half_y = 0.35 * size * (box[2] - box[0]), 0.35 * size * (box[3] - box[1])
            margin_x, margin_y = min(half_x, 0.45 * (view[2] - view[0])), min(half_y, 0.45 * (view[3] - view[1]))
        for t in range(turn * tries, (turn + 1) * tries):
            px = view[0] + margin_x + numbers[t, 0] * (view[2] - view[0] - 2.0 * margin_x)
            py = view[1] + margin_y + numbers[t, 1] * (view[3] - view[1] - 2.0 * margin_y)
            if free:
                own[:] = 0.0
                own[0], own[2], own[4], own[5], own[8] = size, px, size, py, 1.0
                _chain(own, plane, trial)
            else:
                w = (back[6] * px + back[7] * py + back[8]) / det
                if w <= 1e-9:
                    continue
                u = (back[0] * px + back[1] * py + back[2]) / (det * w)
                v = (back[3] * px + back[4] * py + back[5]) / (det * w)
                # 1 / w is the depth; the Jacobian's determinant is det / depth^3.
                k = size / math.sqrt(abs(det) * w * w * w)
                cosine, sine = k * math.cos(numbers[t, 2]), k * math.sin(numbers[t, 2])
                own[0], own[1], own[3], own[4] = cosine, -sine, sine, cosine
                own[2] = u - cosine * middle_x + sine * middle_y
                own[5] = v - sine * middle_x - cosine * middle_y
                own[6], own[7], own[8] = 0.0, 0.0, 1.0
                _corners(own, box, 0.0, quad)
                fits = True
                for j in range(4):
                    fits &= limits[0] <= quad[j, 0] <= limits[2] and limits[1] <= quad[j, 1] <= limits[3]
                if not fits:
                    continue
                _chain(plane, own, trial)
            if not _corners(trial, box, 0.03, quad):
                continue
            x0, y0, x1, y1 = quad[:, 0].min(), quad[:, 1].min(), quad[:, 0].max(), quad[:, 1].max()
            over = x0 < 0.0 or y0 < 0.0 or x1 > width or y1 > height
            if over and (cut >= 1.0 or _inside_share(quad, image, clipped, spare) < cut):
                continue
            cx, cy = quad[:, 0].mean(), quad[:, 1].mean()
            for j in range(4):
                wide[j, 0], wide[j, 1] = cx + 1.04 * (quad[j, 0] - cx), cy + 1.04 * (quad[j, 1] - cy)
            if meets(wide, taken, count):
                continue
            if sums.shape[0] == 0:
                out[:] = trial
                return size
            cost = roughness(sums, x0, y0, x1, y1)
            if cost < best:
                best = cost
                out[:] = trial
        if sums.shape[0] > 0 and best < roughest:
            return size
        size *= 0.62
    return 0.0
