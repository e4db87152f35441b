"""Labels of a scene: what the image's edge leaves of each word, how much of it is seen, and how well it can be read."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from synthtext.config import SceneConfig
from synthtext.degrade.degrade import noise_lightness, seen_lightness
from synthtext.generator import _in_logical_order
from synthtext.geometry.polygons import clip_convex, row_crossings, signed_area
from synthtext.geometry.warp import Warp, warp_xy
from synthtext.kernel import kernel
from synthtext.legibility import score_word
from synthtext.raster.outline import P_X, P_XX, P_Y, P_YX
from synthtext.raster.polylines import Polylines
from synthtext.sample import Labels
from synthtext.typeset.layout import Layout

Floats = npt.NDArray[np.float32]
Points = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Placed:
    """A group in the image: its outlines and labels. `layout`: its text; `glyphs`: where each block's end."""

    layout: Layout
    block_of: list[int]
    glyphs: list[int]
    outlines: Polylines
    warp: Warp
    char_quads: npt.NDArray[np.float32]
    word_quads: npt.NDArray[np.float32]
    polygons: npt.NDArray[np.float32]
    sizes: npt.NDArray[np.int64]


@kernel
def word_ems(warp, placement, cells, words, out):  # type: ignore[no-untyped-def]
    """The em of each word in pixels, across the direction in which it is the smaller, into `out` float64 (m,)."""
    h = 1e-3
    for m in range(words.shape[0]):
        g = cells[(words[m, 0] + words[m, 1]) // 2, 0]
        x, y = placement[g, P_X], placement[g, P_Y]
        u, v = warp_xy(warp, x, y)
        ua, va = warp_xy(warp, x + h, y)
        ub, vb = warp_xy(warp, x, y + h)
        a, b, c, d = (ua - u) / h, (ub - u) / h, (va - v) / h, (vb - v) / h
        # The smaller singular value of the Jacobian: s1 s2 = |det|, s1^2 + s2^2 = sum of squares.
        squares, det = a * a + b * b + c * c + d * d, abs(a * d - b * c)
        smaller = math.sqrt(max(0.5 * (squares - math.sqrt(max(squares * squares - 4.0 * det * det, 0.0))), 0.0))
        out[m] = smaller * math.hypot(placement[g, P_XX], placement[g, P_YX])


@kernel
def _clip_area(points, begin, end, height, width, a, b):  # type: ignore[no-untyped-def]
    """Signed area of the closed `points[begin:end]` inside the image; `a`, `b`: scratch."""
    size = end - begin
    for i in range(size):
        a[i, 0], a[i, 1] = points[begin + i, 0], points[begin + i, 1]
    for side in range(4):
        axis = side % 2
        bound = 0.0 if side < 2 else (float(width) if axis == 0 else float(height))
        sign = 1.0 if side < 2 else -1.0
        count = 0
        for i in range(size):
            j = i + 1 if i + 1 < size else 0
            p, q = sign * (a[i, axis] - bound), sign * (a[j, axis] - bound)
            if p >= 0.0:
                b[count, 0], b[count, 1] = a[i, 0], a[i, 1]
                count += 1
            if (p > 0.0 and q < 0.0) or (p < 0.0 and q > 0.0):
                t = p / (p - q)
                b[count, 0], b[count, 1] = a[i, 0] + t * (a[j, 0] - a[i, 0]), a[i, 1] + t * (a[j, 1] - a[i, 1])
                count += 1
        for i in range(count):
            a[i, 0], a[i, 1] = b[i, 0], b[i, 1]
        size = count
        if size < 3:
            return 0.0
    return signed_area(a, 0, size)


@kernel
def word_areas(points, contour_ends, glyph_ends, cells, words, height, width, out):  # type: ignore[no-untyped-def]
    """Of each word's outlines: area, area inside the image, and length of the outlines, into `out` float64 (m, 3)."""
    longest, start = 0, 0
    for c in range(contour_ends.shape[0]):
        longest, start = max(longest, contour_ends[c] - start), contour_ends[c]
    a, b = np.empty((6 * longest + 16, 2)), np.empty((6 * longest + 16, 2))
    for m in range(words.shape[0]):
        g0, g1 = cells[words[m, 0], 0], cells[words[m, 1] - 1, 1]
        first = glyph_ends[g0 - 1] if g0 > 0 else 0
        start = contour_ends[first - 1] if first > 0 else 0
        area, inside, length = 0.0, 0.0, 0.0
        for c in range(first, glyph_ends[g1 - 1]):
            stop = contour_ends[c]
            x0, y0 = points[stop - 1, 0], points[stop - 1, 1]
            own = 0.0
            whole = True
            for i in range(start, stop):
                x1, y1 = points[i, 0], points[i, 1]
                own += x0 * y1 - x1 * y0
                length += math.sqrt((x1 - x0) * (x1 - x0) + (y1 - y0) * (y1 - y0))
                if x1 < 0.0 or y1 < 0.0 or x1 > width or y1 > height:
                    whole = False
                x0, y0 = x1, y1
            own *= 0.5
            area += own
            inside += own if whole else _clip_area(points, start, stop, height, width, a, b)
            start = stop
        out[m, 0], out[m, 1], out[m, 2] = abs(area), abs(inside), length


@kernel
def look_at_words(image, left, top, coverage, hidden, polygons, sizes, out):  # type: ignore[no-untyped-def]
    """What is seen of each word before the camera, into `out` float64 (m, 4).

    `image`: float32 (H, W, 3) linear light. `coverage`: float32 (h, w) of the block's ink, its first pixel at (left,
    top). `hidden`: float32 (H, W), what lies in front (shape (0, 0) for nothing). `polygons`, `sizes`: as from
    `fit_labels`. Out: mean lightness of the ink, of its surround, standard deviation of the surround, share of the ink
    that is hidden. The surround: what is not ink within 2 pixels of the polygon.
    """
    height, width = coverage.shape
    xs = np.empty(polygons.shape[1])
    for m in range(sizes.shape[0]):
        n = sizes[m]
        y0, y1 = 1e30, -1e30
        for i in range(n):
            y0, y1 = min(y0, polygons[m, i, 1]), max(y1, polygons[m, i, 1])
        r0, r1 = int(min(max(y0 - top - 2.0, 0.0), height)), int(min(max(y1 - top + 3.0, 0.0), height))
        ink, solid, lost, sum1, sum2, count = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        for r in range(r0, r1):
            # Rows just above and below the polygon are looked at over the width of its nearest row.
            y = min(max(top + r + 0.5, y0 + 1e-3), y1 - 1e-3)
            crossings = row_crossings(polygons[m], 0, n, y, xs)
            for k in range(0, crossings - 1, 2):
                c0 = int(min(max(xs[k] - left - 2.0, 0.0), width))
                c1 = int(min(max(xs[k + 1] - left + 3.0, 0.0), width))
                for c in range(c0, c1):
                    a = coverage[r, c]
                    within = xs[k] - 0.5 <= left + c + 0.5 <= xs[k + 1] + 0.5
                    if (a > np.float32(0.35) and within) or a < np.float32(0.05):
                        p = image[top + r, left + c]
                        luminance = np.float32(0.2126) * p[0] + np.float32(0.7152) * p[1] + np.float32(0.0722) * p[2]
                        lightness = np.sqrt(luminance)
                        if a > np.float32(0.35):
                            # What is thin never covers a pixel: the ink's own lightness weighs by coverage squared.
                            ink += a * a * lightness
                            solid += a * a
                            if hidden.shape[0] > 0:
                                lost += a * a * hidden[top + r, left + c]
                        else:
                            sum1 += lightness
                            sum2 += lightness * lightness
                            count += 1.0
        mean = sum1 / count if count > 0.0 else 0.0
        out[m, 0] = 100.0 * ink / solid if solid > 0.0 else 100.0 * mean
        out[m, 1] = 100.0 * mean if count > 0.0 else out[m, 0]
        out[m, 2] = 100.0 * math.sqrt(max(sum2 / count - mean * mean, 0.0)) if count > 0.0 else 0.0
        out[m, 3] = lost / solid if solid > 0.0 else 0.0


@kernel
def judge_looks(  # type: ignore[no-untyped-def]
    looks, areas, ems, blur, resolution, exposure, contrast, gamma, shot, read, scores, visible
):
    """Legibility and visible share of each word, into `scores` and `visible`, float32 (m,).

    `looks`, `areas`, `ems`: as of `look_at_words`, `word_areas` and `word_ems`. `blur` ... `read`: see DegradeRecord.
    """
    for m in range(scores.shape[0]):
        ink, surround, clutter, area = looks[m, 0], looks[m, 1], looks[m, 2], areas[m, 0]
        share = min(max(areas[m, 1] / max(area, 1e-9) * (1.0 - looks[m, 3]), 0.0), 1.0)
        noise = noise_lightness(0.5 * (ink + surround), exposure, contrast, shot, read)
        ink = seen_lightness(ink, exposure, contrast, gamma)
        surround = seen_lightness(surround, exposure, contrast, gamma)
        visible[m] = share
        scores[m] = score_word(ink, surround, clutter, share * area, area, areas[m, 2], ems[m], blur, noise, resolution)


def _frame(quad: Points) -> npt.NDArray[np.float64]:
    """The homography, float64 (3, 3), from the unit square to the quad (Heckbert's closed form)."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = quad.tolist()
    sx, sy = x0 - x1 + x2 - x3, y0 - y1 + y2 - y3
    dx1, dx2, dy1, dy2 = x1 - x2, x3 - x2, y1 - y2, y3 - y2
    det = dx1 * dy2 - dx2 * dy1
    g, h = (sx * dy2 - dx2 * sy) / det, (dx1 * sy - sx * dy1) / det
    return np.array([[x1 - x0 + g * x1, x3 - x0 + h * x3, x0], [y1 - y0 + g * y1, y3 - y0 + h * y3, y0], [g, h, 1.0]])


def cut_quad(quad: Floats, height: int, width: int) -> tuple[Floats, Floats, float]:
    """What the image leaves of a convex quad, float32 (4, 2).

    Returns (quad, polygon, share): the part of the quad, in its own perspective frame, that holds all that lies inside
    the image (where a slanted quad is cut, its corners may lie outside); exactly what lies inside, as k points of its
    top and k of its bottom side, float32 (2 k, 2); and the share of its area that lies inside: 0 for a quad outside.
    """
    if (quad >= 0.0).all() and (quad <= (width, height)).all():
        return quad, quad, 1.0
    whole = quad.astype(np.float64)
    image = np.array([(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)])
    clipped, spare = np.empty((9, 2)), np.empty((9, 2))
    size = clip_convex(whole, 4, image, 4, clipped, spare)
    total = signed_area(whole, 0, 4)
    inside = clipped[:size]
    area = signed_area(inside, 0, size) if size > 2 else 0.0
    if area <= 1e-3 or total <= 1e-9:
        return quad, quad, 0.0
    frame = _frame(whole)
    p = np.column_stack([inside, np.ones(size)]) @ np.linalg.inv(frame).T
    uv = p[:, :2] / p[:, 2:]
    (u0, v0), (u1, v1) = uv.min(0).tolist(), uv.max(0).tolist()
    corners = np.array([(u0, v0, 1.0), (u1, v0, 1.0), (u1, v1, 1.0), (u0, v1, 1.0)]) @ frame.T
    part = (corners[:, :2] / corners[:, 2:]).astype(np.float32)
    return part, _sides(inside, uv).astype(np.float32), min(float(area / total), 1.0)


def _sides(points: Points, uv: Points) -> Points:
    """A convex clockwise polygon with as many points on its top as on its bottom side; `uv`: in the word's frame."""
    n = len(points)
    span = np.maximum(np.ptp(uv, axis=0), 1e-9)
    uv = (uv - uv.min(0)) / span
    start = int(np.argmin(uv.sum(1)))
    turn = int(np.argmax(uv.sum(1)))
    around = [points[(start + i) % n] for i in range(n)]
    first = max((turn - start) % n, 1)
    top, bottom = around[:first], around[first:]
    while len(top) != len(bottom):
        shorter = top if len(top) < len(bottom) else bottom
        if len(shorter) == 1:
            shorter.append(shorter[0])
            continue
        gaps = [math.dist(a, b) for a, b in itertools.pairwise(shorter)]
        at = int(np.argmax(gaps))
        shorter.insert(at + 1, 0.5 * (shorter[at] + shorter[at + 1]))
    return np.array(top + bottom)


def _inside(quads: Floats, size: Floats) -> list[bool]:
    """Which quads, float32 (n, 4, 2), lie inside of the image's `size`, width and height."""
    flags: list[bool] = np.all((quads >= 0.0) & (quads <= size), axis=(1, 2)).tolist()
    return flags


def gather_labels(
    placed: Sequence[Placed],
    seen: Sequence[tuple[Floats, Floats]],
    height: int,
    width: int,
    scene: SceneConfig,
    minimum: float,
) -> tuple[str, Labels]:
    """Text and labels of all groups in reading order, cut to the image; what lies outside of it is dropped.

    `seen`: legibility and visible share of each group's words. `minimum`: legibility below which a word is ignored.
    """
    char_text: list[str] = []
    char_quads: list[Floats] = [np.empty((0, 4, 2), np.float32)]
    char_word: list[int] = []
    word_text: list[str] = []
    word_quads: list[Floats] = [np.empty((0, 4, 2), np.float32)]
    polygons: list[Floats] = []
    ignore: list[bool] = []
    scores: list[float] = []
    shares: list[float] = []
    lines: list[int] = []
    paragraphs: list[int] = []
    texts: list[list[str]] = []
    size = np.array((width, height), np.float32)
    paragraph = -1
    for one, (legibility, visible) in zip(placed, seen, strict=True):
        layout = one.layout
        own_texts, word_of, quads = _in_logical_order(layout, one.char_quads)
        whole_chars, whole_words = _inside(quads, size), _inside(one.word_quads, size)
        whole = all(whole_chars) and all(whole_words)
        counts = np.bincount(word_of, minlength=len(layout.word_texts)).tolist()
        first, last = 0, (-1, -1)
        for word, (score, share) in enumerate(zip(legibility.tolist(), visible.tolist(), strict=True)):
            begin, first = first, first + counts[word]
            n = int(one.sizes[word])
            quad, polygon, inside = one.word_quads[word : word + 1], one.polygons[word, :n], 1.0
            content, chars, own = layout.word_texts[word], own_texts[begin:first], quads[begin:first]
            if not whole and not whole_words[word]:
                part, cut, inside = cut_quad(quad[0], height, width)
                quad, polygon = part[None], polygon if n > 4 and inside > 0.999 else cut
            if not whole and not all(whole_chars[begin:first]):
                cuts = [cut_quad(char, height, width) for char in own]
                kept = [i for i, (_, _, seen_part) in enumerate(cuts) if seen_part >= 0.5]
                if len(kept) < len(chars):
                    chars = [chars[i] for i in kept]
                    content = "".join(chars)
                own = np.array([cuts[i][0] for i in kept], np.float32).reshape(-1, 4, 2)
            if not chars or inside <= 0.0 or share <= 0.0:
                continue
            place = (one.block_of[word], layout.word_lines[word])
            if place[0] != last[0]:
                paragraph += 1
            if place != last:
                texts.append([])
            last = place
            char_text += chars
            char_quads.append(own)
            char_word += [len(word_text)] * len(chars)
            texts[-1].append(content)
            word_text.append(content)
            word_quads.append(quad)
            polygons.append(polygon)
            shares.append(share)
            scores.append(score)
            cut_off = inside < 0.999 and scene.edge == "ignore"
            ignore.append(score < minimum or share < scene.min_visible or cut_off)
            lines.append(len(texts) - 1)
            paragraphs.append(paragraph)
    labels = Labels(
        tuple(char_text),
        np.concatenate(char_quads),
        np.array(char_word, np.int64),
        tuple(word_text),
        np.concatenate(word_quads),
        tuple(polygons),
        np.array(ignore, np.bool_),
        np.array(scores, np.float32),
        np.array(lines, np.int64),
        np.array(paragraphs, np.int64),
        np.array(shares, np.float32),
    )
    return "\n".join([" ".join(words) for words in texts]), labels
