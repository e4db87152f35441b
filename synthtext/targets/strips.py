"""The band of a text between its ordered sides: what TextSnake and FCENet know of its centre line.

A polygon of k points on each side has k stations: the top point s and the bottom point that stands below it. The centre
line joins the stations' middles. Nothing is guessed: the label says which side is which.
"""

from __future__ import annotations

import math

import numpy as np

from synthtext.core.kernel import kernel
from synthtext.geometry.polygons import first_sample, row_crossings, rows_of
from synthtext.targets.thin import spacing

# Columns of a station: middle, half the way from the middle to the top point, tangent, radius, place along the line.
S_X, S_Y, S_UP_X, S_UP_Y, S_COS, S_SIN, S_RADIUS, S_ALONG = range(8)
S_SIZE = 8


@kernel
def stations_of(points, begin, end, out):
    """Write the stations of `points[begin:end]` into `out` (k, S_SIZE); gives the centre line's length.

    The tangent at a station is that of the chord between its neighbours; the radius is half the way from the bottom
    to the top point, measured across the tangent.
    """
    k = (end - begin) // 2
    length = 0.0
    for s in range(k):
        tx, ty = points[begin + s, 0], points[begin + s, 1]
        bx, by = points[end - 1 - s, 0], points[end - 1 - s, 1]
        out[s, S_X], out[s, S_Y] = 0.5 * (tx + bx), 0.5 * (ty + by)
        out[s, S_UP_X], out[s, S_UP_Y] = 0.5 * (tx - bx), 0.5 * (ty - by)
        if s > 0:
            length += math.hypot(out[s, S_X] - out[s - 1, S_X], out[s, S_Y] - out[s - 1, S_Y])
        out[s, S_ALONG] = length
    for s in range(k):
        a, b = max(s - 1, 0), min(s + 1, k - 1)
        dx, dy = out[b, S_X] - out[a, S_X], out[b, S_Y] - out[a, S_Y]
        size = math.hypot(dx, dy)
        if size < 1e-9:  # no direction of its own: at right angles to the way up
            dx, dy = -out[s, S_UP_Y], out[s, S_UP_X]
            size = max(math.hypot(dx, dy), 1e-9)
        out[s, S_COS], out[s, S_SIN] = dx / size, dy / size
        out[s, S_RADIUS] = abs(out[s, S_UP_X] * out[s, S_SIN] - out[s, S_UP_Y] * out[s, S_COS])
    return length


@kernel
def station_at(stations, s, t, out):
    """The station between `stations[s]` and the next one at the share t, its tangent of unit length, into `out`."""
    for c in range(S_SIZE):
        out[c] = stations[s, c] + t * (stations[s + 1, c] - stations[s, c])
    size = math.hypot(out[S_COS], out[S_SIN])
    if size > 1e-9:
        out[S_COS] /= size
        out[S_SIN] /= size
    else:
        out[S_COS], out[S_SIN] = stations[s, S_COS], stations[s, S_SIN]


@kernel
def band_ends(stations, k, length, share, least):
    """Where the centre line's part begins and ends that is left when `share` of the radius is cut at each end, of a
    short text at most a third of its length; so that a diagonal of a square of `least` is left where the text has it.
    """
    third = length / 3.0
    low = min(share * stations[0, S_RADIUS], third)
    high = length - min(share * stations[k - 1, S_RADIUS], third)
    need = math.sqrt(0.5) * least
    if high - low < 2.0 * need:
        middle = 0.5 * (low + high)
        low, high = max(middle - need, 0.0), min(middle + need, length)
    return low, high


@kernel
def _share_at(station, dx, dy, share, least):
    """`share`, or what makes the band about the direction (dx, dy) as thick as the spacing `least` of samples needs it
    (see `thin`), at most the whole text.
    """
    size = math.hypot(dx, dy)
    half = abs(station[S_UP_X] * dy - station[S_UP_Y] * dx)  # half of the text's thickness, times the size
    need = size * spacing(dy / size, dx / size, least) if size > 0.0 else 0.0
    return max(share, min(need / half, 1.0)) if half > 1e-9 else share


@kernel
def band_is_thin(stations, k, length, cut, share, stride):
    """Whether a band of `share` of the height is somewhere too thin, or as a whole too short, for the samples."""
    if band_ends(stations, k, length, cut, 0.0) != band_ends(stations, k, length, cut, stride):
        return True
    for s in range(k - 1):
        dx, dy = stations[s + 1, S_X] - stations[s, S_X], stations[s + 1, S_Y] - stations[s, S_Y]
        for c in range(2):
            if _share_at(stations[s + c], dx, dy, share, stride) > share:
                return True
    return False


@kernel
def band_quad(stations, s, low, high, share, least, quad, near, far):
    """The piece of the band between stations s and s + 1, of `share` of its height, cut to the places low ... high, and
    widened for samples that lie `least` apart (0: not widened).

    Into `quad` (4, 2), its end stations into `near` and `far`; False where nothing is left.
    """
    a, b = stations[s, S_ALONG], stations[s + 1, S_ALONG]
    first, last = max(a, low), min(b, high)
    if not first < last:
        return False
    station_at(stations, s, (first - a) / (b - a), near)
    station_at(stations, s, (last - a) / (b - a), far)
    one, two = share, share
    if least > 0.0:
        dx, dy = far[S_X] - near[S_X], far[S_Y] - near[S_Y]
        one, two = _share_at(near, dx, dy, share, least), _share_at(far, dx, dy, share, least)
    quad[0, 0], quad[0, 1] = near[S_X] + one * near[S_UP_X], near[S_Y] + one * near[S_UP_Y]
    quad[1, 0], quad[1, 1] = far[S_X] + two * far[S_UP_X], far[S_Y] + two * far[S_UP_Y]
    quad[2, 0], quad[2, 1] = far[S_X] - two * far[S_UP_X], far[S_Y] - two * far[S_UP_Y]
    quad[3, 0], quad[3, 1] = near[S_X] - one * near[S_UP_X], near[S_Y] - one * near[S_UP_Y]
    return True


@kernel
def band_holds(points, begin, end, stations, k, length, cut, share, stride, height, width):
    """Whether a sample of the map lies in the band, or in the widened one, and in the polygon."""
    quad, near, far = np.empty((4, 2)), np.empty(S_SIZE), np.empty(S_SIZE)
    xs, walls = np.empty(4), np.empty(end - begin)
    for least in (0.0, stride):
        low, high = band_ends(stations, k, length, cut, least)
        for s in range(k - 1):
            if not band_quad(stations, s, low, high, share, least, quad, near, far):
                continue
            first, last = rows_of(quad, 0, 4, 0.0, stride, height)
            for i in range(first, last):
                y = (i + 0.5) * stride
                count = row_crossings(quad, 0, 4, y, xs)
                sides = row_crossings(points, begin, end, y, walls)
                for c in range(0, count, 2):
                    for d in range(0, sides, 2):
                        x0, x1 = max(xs[c], walls[d]), min(xs[c + 1], walls[d + 1])
                        if first_sample(x1, stride, width) > first_sample(x0, stride, width):
                            return True
    return False
