"""What a camera adds in its lens, its shutter and its processing; each step works on the picture in place.

`before(rows, ...)` works on light, before the sensor; `after(codes, ...)` on 8-bit values, before compression. Green,
which is most of what is seen and on which the labels lie, is never moved.
"""

from __future__ import annotations

import math
from typing import Annotated

import numpy as np
import numpy.typing as npt
from msgspec import Meta

from synthtext.core.applied import draw_applied
from synthtext.core.kernel import kernel
from synthtext.core.records import Amount, Angle, Positive, Record
from synthtext.core.rng import Draws
from synthtext.degrade.degrade_config import CameraConfig

_TILE = 256  # pixels of a row that are worked on at a time: arrays of so many after each other in one


class CameraParams(Record, frozen=True):
    """What was drawn: strengths of `CameraConfig` (0: not applied), and how they look.

    `aberration_angle`: where red is shifted to, radians. `band_period`: in heights of the picture; `band_phase`:
    radians. `bayer`: which of the four arrangements of the mosaic.
    """

    chromatic_aberration: Amount = 0.0
    aberration_angle: Angle = 0.0
    banding: Amount = 0.0
    band_period: Positive = 1.0
    band_phase: Angle = 0.0
    demosaic: Amount = 0.0
    bayer: Annotated[int, Meta(ge=0, le=3)] = 0
    denoise: Amount = 0.0
    sharpen: Amount = 0.0

    def before(self, rows: npt.NDArray[np.float32], line_height: float, aspect: float) -> None:
        """Lens and shutter: change light, float32 (h, 3 w), in place. `line_height`: of the text, in pixels.

        `aspect`: how much wider the picture was made after it was taken.
        """
        if self.chromatic_aberration:
            shift = self.chromatic_aberration * line_height
            aberrate(rows, shift * aspect * math.cos(self.aberration_angle), shift * math.sin(self.aberration_angle))
        if self.banding:
            flicker(rows, self.banding, self.band_period * rows.shape[0], self.band_phase)

    def after(self, codes: npt.NDArray[np.uint8]) -> None:
        """Processing: change 8-bit values, uint8 (h, 3 w), in place."""
        if self.demosaic:
            demosaic(codes, self.bayer & 1, self.bayer >> 1, self.demosaic)
        if self.denoise:
            denoise(codes, 40.0 * self.denoise)
        if self.sharpen:
            sharpen(codes, self.sharpen)


NO_CAMERA = CameraParams()


def draw_camera(draws: Draws, config: CameraConfig) -> CameraParams:
    """Draw what the camera adds."""
    applied = draw_applied(draws, config)
    if not applied:
        return NO_CAMERA
    angle, period, phase = draws.random(), draws.random(), draws.random()
    return CameraParams(
        **applied,
        aberration_angle=2.0 * math.pi * angle,
        band_period=0.15 * 10.0**period,
        band_phase=2.0 * math.pi * phase,
        bayer=draws.integer(4),
    )


@kernel
def aberrate(rows, dx, dy):  # type: ignore[no-untyped-def]
    """Shift red by (dx, dy) pixels and blue by the opposite, between pixels, in place; the edges are continued.

    Over the part of a photograph that a crop is, lateral chromatic aberration is a shift.
    """
    height, width = rows.shape[0], rows.shape[1] // 3
    source = rows.copy()
    for channel in (0, 2):
        sx, sy = (dx, dy) if channel == 0 else (-dx, -dy)
        for y in range(height):
            v = min(max(y - sy, 0.0), height - 1.0)
            j = int(v)
            m, fy = min(j + 1, height - 1), np.float32(v - j)
            for x in range(width):
                u = min(max(x - sx, 0.0), width - 1.0)
                i = int(u)
                k, fx = 3 * min(i + 1, width - 1) + channel, np.float32(u - i)
                i = 3 * i + channel
                top = source[j, i] + fx * (source[j, k] - source[j, i])
                bottom = source[m, i] + fx * (source[m, k] - source[m, i])
                rows[y, 3 * x + channel] = top + fy * (bottom - top)


@kernel
def flicker(rows, depth, period, phase):  # type: ignore[no-untyped-def]
    """Multiply each row by the lamp's light while it was exposed: 1 - depth (1 + cos) / 2, of `period` rows."""
    for y in range(rows.shape[0]):
        gain = np.float32(1.0 - 0.5 * depth * (1.0 + math.cos(2.0 * math.pi * (y + 0.5) / period + phase)))
        for x in range(rows.shape[1]):
            rows[y, x] *= gain


@kernel
def demosaic(codes, odd_x, odd_y, part):  # type: ignore[no-untyped-def]
    """Keep one channel a pixel, as under a Bayer filter, and fill in the others by their neighbours' means, in place.

    Red lies where x has the parity `odd_x` and y that of `odd_y`, blue where neither has. `codes`: uint8 (h, 3 w).
    `part`: of the filled-in values, in [0, 1]; the rest stays as it is.
    """
    height, width = codes.shape[0], codes.shape[1] // 3
    # Zeros all round, and how many neighbours there are.
    source = np.zeros((height + 2, 3 * (width + 2)), np.int32)
    for y in range(height):
        source[y + 1, 3 : 3 * width + 3] = codes[y]
    for y in range(height):
        row = codes[y]
        above, own, below = source[y], source[y + 1], source[y + 2]
        upright = (1 if y > 0 else 0) + (1 if y < height - 1 else 0)
        # Of the row's two kinds of pixels, one is green; the other is red in every second row, blue in the others. `at`
        # is the colour of that, `other` the one that has no pixel in the row.
        red_row = (y & 1) == odd_y
        at, other = (0, 2) if red_row else (2, 0)
        for x in range(width):
            i = 3 * x + 3  # of this pixel in `source`
            level = (1 if x > 0 else 0) + (1 if x < width - 1 else 0)
            if ((x & 1) == odd_x) == red_row:
                sides = own[i - 2] + own[i + 4] + above[i + 1] + below[i + 1]
                corners = above[i + other - 3] + above[i + other + 3] + below[i + other - 3] + below[i + other + 3]
                _fill_in(row, 3 * x + 1, sides, level + upright, part)
                _fill_in(row, 3 * x + other, corners, level * upright, part)
            else:
                _fill_in(row, 3 * x + at, own[i + at - 3] + own[i + at + 3], level, part)
                _fill_in(row, 3 * x + other, above[i + other] + below[i + other], upright, part)


@kernel
def _fill_in(row, i, total, count, part):  # type: ignore[no-untyped-def]
    """Move `row[i]` by `part` of the way to the mean of `count` values that add up to `total`."""
    if count > 0:
        own = np.float64(row[i])
        row[i] = np.uint8(own + part * (total / count - own) + 0.5)


@kernel
def _add_neighbours(r, g, b, other_r, other_g, other_b, scale, sums):  # type: ignore[no-untyped-def]
    """Add pixels' neighbours, float32 (n,) a channel, by their weights to `sums`: of red, green, blue, and the weights,
    each _TILE after the other."""
    one = np.float32(1.0)
    for i in range(r.shape[0]):
        d0, d1, d2 = other_r[i] - r[i], other_g[i] - g[i], other_b[i] - b[i]
        w = one / (one + scale * (d0 * d0 + d1 * d1 + d2 * d2))
        w = w * w
        sums[i] += w * other_r[i]
        sums[i + _TILE] += w * other_g[i]
        sums[i + 2 * _TILE] += w * other_b[i]
        sums[i + 3 * _TILE] += w


@kernel
def denoise(codes, tolerance):  # type: ignore[no-untyped-def]
    """Smooth what differs by less than about `tolerance` levels, keep edges, in place: a bilateral filter.

    Tomasi and Manduchi, "Bilateral filtering for gray and color images", ICCV 1998; over the 12 pixels within two
    steps, with the weight 1 / (1 + (d / tolerance)^2)^2 of the difference d, summed over the channels, in place of a
    Gaussian.
    """
    height, width = codes.shape[0], codes.shape[1] // 3
    planes, sums = np.empty((3, height, width), np.float32), np.empty(4 * _TILE, np.float32)
    for y in range(height):
        row = codes[y]
        for k in range(3):
            plane = planes[k, y]
            for x in range(width):
                plane[x] = row[3 * x + k]
    scale, half = np.float32(1.0 / (tolerance * tolerance)), np.float32(0.5)
    for y in range(height):
        r, g, b, row = planes[0, y], planes[1, y], planes[2, y], codes[y]
        for left in range(0, width, _TILE):
            right = min(left + _TILE, width)
            for k in range(3):
                sums[k * _TILE : k * _TILE + right - left] = planes[k, y, left:right]
            sums[3 * _TILE :] = np.float32(1.0)
            for j in range(max(y - 2, 0), min(y + 3, height)):
                reach = 2 - abs(j - y)
                for d in range(-reach, reach + 1):
                    p, q = max(left, -d), min(right, width - d)
                    if q > p and (d != 0 or j != y):
                        _add_neighbours(
                            r[p:q], g[p:q], b[p:q],
                            planes[0, j, p + d : q + d], planes[1, j, p + d : q + d], planes[2, j, p + d : q + d],
                            scale, sums[p - left :],
                        )  # fmt: skip
            for k in range(3):
                for i in range(right - left):
                    row[3 * (left + i) + k] = np.uint8(sums[i + k * _TILE] / sums[i + 3 * _TILE] + half)


@kernel
def _across(row, padded, out):  # type: ignore[no-untyped-def]
    """A row, uint8 (3 w,), by the weights 1 2 3 2 1, its ends repeated. `padded`: scratch, float32 (3 w + 12,)."""
    n = row.shape[0]
    for k in range(6):
        padded[k], padded[n + 6 + k] = row[k % 3], row[n - 3 + k % 3]
    for i in range(n):
        padded[i + 6] = row[i]
    one, two, three = padded[:n], padded[3 : n + 3], padded[6 : n + 6]
    four, five = padded[9 : n + 9], padded[12:]
    for i in range(n):
        out[i] = one[i] + np.float32(2.0) * two[i] + np.float32(3.0) * three[i] + np.float32(2.0) * four[i] + five[i]


@kernel
def sharpen(codes, amount):  # type: ignore[no-untyped-def]
    """Unsharp mask, in place: add `amount` times the difference from a (1 2 3 2 1) x (1 2 3 2 1) blur."""
    height, size = codes.shape
    across, padded = np.empty((height, size), np.float32), np.empty(size + 12, np.float32)
    for y in range(height):
        _across(codes[y], padded, across[y])
    weight, two, three, whole = amount / 81.0, np.float32(2.0), np.float32(3.0), np.float32(81.0)
    for y in range(height):
        a, b, own = across[max(y - 2, 0)], across[max(y - 1, 0)], across[y]
        c, d, row = across[min(y + 1, height - 1)], across[min(y + 2, height - 1)], codes[y]
        for i in range(size):
            blurred = a[i] + two * b[i] + three * own[i] + two * c[i] + d[i]  # whole numbers: exact
            value = row[i] + weight * np.float64(whole * np.float32(row[i]) - blurred)
            row[i] = np.uint8(min(max(value, 0.0), 255.0) + 0.5)
