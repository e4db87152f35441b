"""FCENet's maps (Zhu et al. 2021, "Fourier Contour Embedding for Arbitrary-Shaped Text Detection", section 3).

t = encode(polygons, ignore, height, width, stride=8)
polygons, scores = decode(t.text, t.centre, t.fourier, stride=8)
"""

from __future__ import annotations

import cmath
import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from synthtext.core.errors import InputError
from synthtext.core.kernel import kernel
from synthtext.geometry.polygons import (
    DEGENERATE,
    first_sample,
    perimeter,
    row_crossings,
    rows_of,
    shortest_side,
    signed_area,
)
from synthtext.targets.boundary import (
    Bytes,
    Floats,
    Ints,
    Points,
    Polygons,
    Spec,
    as_ignore,
    as_points,
    check_share,
    check_size,
    map_shape,
    prepare,
)
from synthtext.targets.components import as_finite, as_map, boxes_of, parts_of
from synthtext.targets.rows import E_SIZE, edges_of, mask_texts, paint_order
from synthtext.targets.strips import (
    S_SIZE,
    band_ends,
    band_holds,
    band_is_thin,
    band_quad,
    stations_of,
)
from synthtext.targets.thin import apart, bridge

TAKES = "polygons"  # what `encode` is made of: words' quads or polygons, or these and chars


class FcenetTargets(NamedTuple):
    """Maps of `h` = ceil(height / stride) rows, `w` columns.

    `text` uint8 (h, w): 1 in the texts. `centre` uint8: 1 in their centre regions.
    `fourier` float32 (h, w, 2 (2K + 1)): the Fourier coefficients c_-K ... c_K of the text's contour about the sample
    point, real parts first, then imaginary parts, in pixels of the image; 0 outside of texts.
    `mask` uint8: 1 where losses count. `instance` int32: 1 + the index of the sample's text, or 0.
    """

    text: Bytes
    centre: Bytes
    fourier: Floats
    mask: Bytes
    instance: Ints


def encode(
    polygons: Polygons,
    ignore: npt.ArrayLike | None,
    height: int,
    width: int,
    stride: int = 8,
    *,
    degree: int = 5,
    shrink: float = 0.3,
    cut: float = 0.5,
    min_size: float = 0.0,
    out: FcenetTargets | None = None,
) -> FcenetTargets:
    """FCENet's training maps of an image of height x width pixels, of one level of its pyramid.

    `polygons`: (2k, 2) each, top side, then bottom side back; or quads (n, 4, 2). `ignore` (n,) or None. `degree`: K.
    The centre region is the band of `shrink` of the text's height about its centre line, cut at the ends by `cut` of
    the radius (see `strips`). The contour is f(t) = x + iy, run through clockwise at uniform speed from where the
    horizontal line through its middle leaves it on the right; c_k is the integral of f(t) exp(-2 pi i k t), in closed
    form: no resampling. A thin centre region is widened (see `thin`). Texts for other levels are left out by the
    caller, or given as ignored. `out`: maps of `empty` or of an earlier call, written anew and given back. Raises
    InputError; other rules: see `boundary`.
    """
    shape = map_shape(height, width, stride)
    points, ends, status = as_points(polygons, sides=True)
    flags = as_ignore(ignore, len(ends))
    shrink, cut = check_share("shrink", shrink, 0.01, 1.0), check_share("cut", cut, 0.0, 10.0)
    maps = prepare(FcenetTargets, shape, _specs(degree), out)
    _encode(points, ends, status, flags, float(stride), shrink, cut, check_size(min_size), *maps)
    return maps


def empty(height: int, width: int, stride: int = 8, *, degree: int = 5) -> FcenetTargets:
    """Maps of an image without text, to be given to `encode` as `out`."""
    return prepare(FcenetTargets, map_shape(height, width, stride), _specs(degree))


def _specs(degree: int) -> tuple[Spec, ...]:
    if not (isinstance(degree, int | np.integer) and 1 <= degree <= 64):
        raise InputError(f"degree: is {degree!r}; give a whole number from 1 to 64")
    return (
        Spec("text", (), np.uint8),
        Spec("centre", (), np.uint8),
        Spec("fourier", (4 * int(degree) + 2,), np.float32),
        Spec("mask", (), np.uint8, 1),
        Spec("instance", (), np.int32),
    )


@kernel
def contour_start(points, begin, end):
    """Where the contour starts: edge (of its first point's index) and share of that edge.

    Of the crossings of the border with the horizontal line through its arc-length centroid, the rightmost.
    """
    total, middle = 0.0, 0.0
    for i in range(begin, end):
        j = i + 1 if i + 1 < end else begin
        length = math.hypot(points[j, 0] - points[i, 0], points[j, 1] - points[i, 1])
        total += length
        middle += 0.5 * length * (points[i, 1] + points[j, 1])
    middle /= total
    edge, share, most = begin, 0.0, -np.inf
    for i in range(begin, end):
        j = i + 1 if i + 1 < end else begin
        y0, y1 = points[i, 1], points[j, 1]
        if (y0 <= middle) != (y1 <= middle):
            t = (middle - y0) / (y1 - y0)
            x = points[i, 0] + t * (points[j, 0] - points[i, 0])
            if x > most:
                edge, share, most = i, t, x
    return edge, share


@kernel
def fourier_of(points, begin, end, coefficients):
    """c_-K ... c_K of the contour `points[begin:end]` into `coefficients` complex (2K + 1,).

    The contour is linear between corners: f'(t) is constant there, and by parts c_k is the sum over edges of
    -f' (exp(-2 pi i k a) - exp(-2 pi i k b)) / (2 pi k)^2, an edge running from t = a to b.
    """
    degree = coefficients.shape[0] // 2
    coefficients[:] = 0.0
    total = 0.0
    for i in range(begin, end):
        j = i + 1 if i + 1 < end else begin
        total += math.hypot(points[j, 0] - points[i, 0], points[j, 1] - points[i, 1])
    edge, share = contour_start(points, begin, end)
    t = 0.0
    # The edge of the start comes twice: its later part first, its earlier part last.
    for n in range(end - begin + 1):
        i = begin + (edge - begin + n) % (end - begin)
        j = i + 1 if i + 1 < end else begin
        dx, dy = points[j, 0] - points[i, 0], points[j, 1] - points[i, 1]
        first, last = share if n == 0 else 0.0, share if n == end - begin else 1.0
        piece = math.hypot(dx, dy) * (last - first) / total
        if piece <= 0.0:
            continue
        slope = complex(dx, dy) * (last - first) / piece
        middle = 0.5 * (first + last)
        coefficients[degree] += piece * complex(points[i, 0] + middle * dx, points[i, 1] + middle * dy)
        for k in range(1, degree + 1):
            w = 2.0 * math.pi * k
            a, b = cmath.exp(complex(0.0, -w * t)), cmath.exp(complex(0.0, -w * (t + piece)))
            coefficients[degree + k] -= slope * (a - b) / (w * w)
            coefficients[degree - k] -= slope * (a.conjugate() - b.conjugate()) / (w * w)
        t += piece


@kernel
def _paint_centre(stations, k, length, cut, shrink, least, stride, number, centre, instance):
    """The centre region of text `number` into its samples, widened for samples `least` apart (0: not widened)."""
    height, width = centre.shape
    quad, near, far, xs = np.empty((4, 2)), np.empty(S_SIZE), np.empty(S_SIZE), np.empty(4)
    low, high = band_ends(stations, k, length, cut, least)
    for s in range(k - 1):
        if not band_quad(stations, s, low, high, shrink, least, quad, near, far):
            continue
        first, last = rows_of(quad, 0, 4, 0.0, stride, height)
        for i in range(first, last):
            count = row_crossings(quad, 0, 4, (i + 0.5) * stride, xs)
            for c in range(0, count, 2):
                for j in range(first_sample(xs[c], stride, width), first_sample(xs[c + 1], stride, width)):
                    if instance[i, j] == number and centre[i, j] == 0:
                        centre[i, j] = least == 0.0 or apart(centre, instance, i, j, number)


@kernel
def _encode(points, ends, status, ignore, stride, shrink, cut, min_size, text, centre, fourier, mask, instance):
    """All maps of one image. See `encode`."""
    height, width = text.shape
    xs = np.empty(max(points.shape[0], 4))
    stations, edges = np.empty((points.shape[0] // 2, S_SIZE)), np.empty((points.shape[0], E_SIZE))
    terms = fourier.shape[2] // 2
    coefficients, values = np.empty(terms, np.complex128), np.empty(2 * terms, np.float32)
    masked, thin = np.zeros(ends.shape[0], np.uint8), np.zeros(ends.shape[0], np.uint8)
    order = paint_order(points, ends)
    for step in range(ends.shape[0]):
        k = order[step]
        begin, end = ends[k - 1] if k > 0 else 0, ends[k]
        if status[k] >= DEGENERATE:
            continue
        size = (end - begin) // 2
        length = stations_of(points, begin, end, stations)
        if (
            ignore[k]
            or shortest_side(points, begin, end) < min_size
            or not band_holds(points, begin, end, stations, size, length, cut, shrink, stride, height, width)
        ):
            masked[k] = 1
            continue
        fourier_of(points, begin, end, coefficients)
        for c in range(terms):
            values[c], values[terms + c] = coefficients[c].real, coefficients[c].imag
        middle = coefficients[terms // 2]
        first, last = rows_of(points, begin, end, 0.0, stride, height)
        for i in range(first, last):
            y = (i + 0.5) * stride
            count = row_crossings(points, begin, end, y, xs)
            for s in range(0, count, 2):
                for j in range(first_sample(xs[s], stride, width), first_sample(xs[s + 1], stride, width)):
                    text[i, j], instance[i, j], centre[i, j] = 1, k + 1, 0
                    fourier[i, j] = values
                    fourier[i, j, terms // 2] = middle.real - (j + 0.5) * stride
                    fourier[i, j, terms + terms // 2] = middle.imag - y
        _paint_centre(stations, size, length, cut, shrink, 0.0, stride, k + 1, centre, instance)
        thin[k] = band_is_thin(stations, size, length, cut, shrink, stride)
    for step in range(ends.shape[0]):
        k = order[step]
        if thin[k]:
            begin, end = ends[k - 1] if k > 0 else 0, ends[k]
            length = stations_of(points, begin, end, stations)
            size = (end - begin) // 2
            _paint_centre(stations, size, length, cut, shrink, stride, stride, k + 1, centre, instance)
            edges_of(points, begin, end, edges)
            bridge(points, begin, end, edges, stride, k + 1, k + 1, centre, instance)
    mask_texts(points, ends, status, masked, stride, instance, mask)


def contour_of(coefficients: npt.NDArray[np.complex128], count: int) -> Points:
    """`count` points float64 (count, 2) of the contour that c_-K ... c_K stand for, at t = 0, 1 / count, ..."""
    degree = len(coefficients) // 2
    t = np.arange(count) / count
    f = np.exp(2j * np.pi * np.outer(t, np.arange(-degree, degree + 1))) @ coefficients
    return np.stack([f.real, f.imag], 1)


def decode(
    text: npt.ArrayLike,
    centre: npt.ArrayLike,
    fourier: npt.ArrayLike,
    stride: int = 8,
    *,
    threshold: float = 0.3,
    points: int = 50,
) -> tuple[list[Points], Floats]:
    """Contours of FCENet's maps: `text` and `centre` (h, w), `fourier` (h, w, 4K + 2).

    A sample's score is text times centre. In each connected part above `threshold`, the samples whose contours lie
    within half of a text's height (area by perimeter) of that of the best sample, in the mean square, are averaged by
    score, then those of the best one left, and so on: the part of the NMS. Gives contours float64 (points, 2),
    clockwise from the right, and the mean scores. Whether a text reads upside down is not in the coefficients.
    """
    texts, centres = as_map("text", text), as_map("centre", centre)
    maps = np.ascontiguousarray(fourier, np.float32)
    if maps.ndim != 3 or maps.shape[:2] != texts.shape or maps.shape[2] % 4 != 2 or centres.shape != texts.shape:
        raise InputError(
            f"fourier, text, centre: have the shapes {maps.shape}, {texts.shape}, {centres.shape}; "
            "give (h, w, 4K + 2) and twice (h, w)"
        )
    map_shape(1, 1, stride)
    threshold = check_share("threshold", threshold, 0.0, 1.0)
    if not (isinstance(points, int | np.integer) and points >= 3):
        raise InputError(f"points: is {points!r}; give a whole number, at least 3")
    as_finite("fourier", maps)
    score = texts * centres
    terms = maps.shape[2] // 2
    found, scores = [], []
    for k, (rows, columns) in boxes_of(labels := parts_of(score > threshold)):
        i, j = np.nonzero(labels[rows, columns] == k)
        i, j = i + rows.start, j + columns.start
        values = maps[i, j].astype(np.float64)
        c = values[:, :terms] + 1j * values[:, terms:]
        c[:, terms // 2] += (j + 0.5) * stride + 1j * (i + 0.5) * stride
        weight = score[i, j].astype(np.float64)
        while len(c):
            best = c[np.argmax(weight)]
            line = contour_of(best, 50)
            size = abs(float(signed_area(line, 0, 50))) / max(float(perimeter(line, 0, 50)), 1e-9)
            # Parseval: the sum of the squared differences of the coefficients is the mean square between the contours.
            own = (np.abs(c - best) ** 2).sum(1) <= max(size, 0.5 * stride) ** 2
            mean = (c[own] * weight[own, None]).sum(0) / weight[own].sum()
            found.append(contour_of(np.asarray(mean), points))
            scores.append(float(weight[own].mean()))
            c, weight = c[~own], weight[~own]
    return found, np.array(scores, np.float32)
