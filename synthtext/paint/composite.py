"""Layers over an image, in linear light: the kernels that bring coverage and colour together.

They work on planes, float32 (H, 3, W): a row's reds, then its greens, then its blues, which fill vector registers. An
image of pixels, (H, W, 3), is the same with its axes turned: `image.transpose(0, 2, 1)`.
"""

from __future__ import annotations

import math

import numpy as np

from synthtext.core.kernel import kernel, part
from synthtext.core.srgb import LUMINANCE

NO_CUT = np.zeros((0, 0), np.float32)  # of `over`: nothing is cut out
NO_RAMP = np.zeros(3)  # of `over`: one colour


@kernel
def _weigh(red, green, blue, row, covered, lit, all_light):
    """Add a row's coverage, its luminance under that, and all its luminance to the sums by column."""
    for c in range(row.shape[0]):
        y = np.float32(LUMINANCE[0]) * red[c] + np.float32(LUMINANCE[1]) * green[c] + np.float32(LUMINANCE[2]) * blue[c]
        covered[c] += row[c]
        lit[c] += row[c] * y
        all_light[c] += y


@kernel
def _lighten(values, lift):
    for c in range(values.shape[0]):
        values[c] += lift * (np.float32(1.0) - values[c])


@kernel
def _dim(values, gain):
    for c in range(values.shape[0]):
        values[c] *= gain


@kernel
def make_room(planes, coverage, contrast, darker, shade):
    """Dim or lighten an image so that text can stand out from it by `contrast`; choose the text's lightness.

    `planes`: float32 (H, 3, W) linear light, changed in place. `coverage`: float32 (H, W), where the text will be.
    `contrast`: lightness between text and what lies behind it. `darker`: whether the text is the darker of the two.
    `shade`: part of the lightness that is taken from what lies behind lighter text. Dimming beyond that stops at a
    fifth of the light, lightening at half the way to white; where that is not enough the text takes the side with
    more room. Returns (the text's lightness, the background's behind it).
    """
    height, width = coverage.shape
    # Sums by column: a row of independent sums fills vector registers, one sum would wait for itself.
    covered, lit, all_light = np.zeros(width, np.float32), np.zeros(width, np.float32), np.zeros(width, np.float32)
    for r in range(height):
        _weigh(planes[r, 0], planes[r, 1], planes[r, 2], coverage[r], covered, lit, all_light)
    total, weight = 0.0, 0.0
    for c in range(width):
        weight += covered[c]
        total += lit[c]
    if weight < 1e-3:
        total, weight = 0.0, 1.0 * height * width
        for c in range(width):
            total += all_light[c]
    behind = 100.0 * math.sqrt(max(total / weight, 0.0))
    if darker and behind < contrast:
        y, wanted = 0.0001 * behind * behind, 0.0001 * contrast * contrast
        lift = np.float32(min((wanted - y) / max(1.0 - y, 1e-6), 0.5))
        for r in range(height):
            for k in range(3):
                _lighten(planes[r, k], lift)
        behind = 100.0 * math.sqrt(y + lift * (1.0 - y))
    elif not darker and (shade > 0.0 or behind > 100.0 - contrast):
        gain = (1.0 - shade) ** 2
        shaded = behind * (1.0 - shade)
        if shaded > 100.0 - contrast:
            gain *= max(((100.0 - contrast) / shaded) ** 2, 0.2)
        dim = np.float32(gain)
        for r in range(height):
            for k in range(3):
                _dim(planes[r, k], dim)
        behind *= math.sqrt(gain)
    lightness = behind - contrast if darker else behind + contrast
    if lightness < 0.0 or lightness > 100.0:
        # A little short of room is no reason to change sides.
        if darker and behind < 0.6 * contrast and behind < 50.0:
            lightness = behind + contrast
        elif not darker and 100.0 - behind < 0.6 * contrast and behind > 50.0:
            lightness = behind - contrast
    return min(max(lightness, 0.0), 100.0), behind


@kernel
def _mix(values, share, tone):
    for c in range(values.shape[0]):
        values[c] = (np.float32(1.0) - share[c]) * values[c] + share[c] * tone


@kernel
def _mix_ramp(values, share, at, tone, change):
    for c in range(values.shape[0]):
        values[c] = (np.float32(1.0) - share[c]) * values[c] + share[c] * (tone + at[c] * change)


@kernel
def over_planes(planes, coverage, cut, start, end, ramp, opacity):
    """`over`, of an image in planes: float32 (H, 3, W)."""
    height, width = coverage.shape
    strength, one = np.float32(opacity), np.float32(1.0)
    plain = start[0] == end[0] and start[1] == end[1] and start[2] == end[2]
    share, at = np.empty(width, np.float32), np.empty(width, np.float32)
    for r in range(height):
        row = coverage[r]
        for c in range(width):
            share[c] = row[c] * strength
        if cut.shape[0] > 0:
            gone = cut[r]
            for c in range(width):
                share[c] *= one - gone[c]
        if plain:
            for k in range(3):
                _mix(planes[r, k], share, np.float32(start[k]))
        else:
            for c in range(width):
                at[c] = np.float32(min(max(ramp[0] * c + ramp[1] * r + ramp[2], 0.0), 1.0))
            for k in range(3):
                _mix_ramp(planes[r, k], share, at, np.float32(start[k]), np.float32(end[k] - start[k]))


@kernel
def over(image, coverage, cut, start, end, ramp, opacity):
    """Paint a colour, or a gradient between two, over `image` where `coverage` says, in place.

    `image`: float32 (H, W, 3). `coverage`: float32 (H, W). `cut`: float32 (H, W), what is taken off the coverage
    (shape (0, 0) for nothing). `start`, `end`: float64 (3,), linear RGB. `ramp`: float64 (3,): the share of `end` at
    pixel (x, y) is clamp(ramp0 x + ramp1 y + ramp2). `opacity` in [0, 1].
    """
    over_planes(image.transpose(0, 2, 1), coverage, cut, start, end, ramp, opacity)


@kernel
def over_layer(planes, coverage, layer, colour, opacity):
    """Paint `layer`, float32 (H, 3, W), brought to the mean `colour`, float64 (3,), over an image where covered.

    `planes`: the image, float32 (H, 3, W). What the layer is made brighter than 1 by that is clipped.
    """
    height, width = coverage.shape
    sums = np.zeros(3)
    for r in range(height):
        for k in range(3):
            row = layer[r, k]
            for c in range(width):
                sums[k] += row[c]
    gain = np.empty(3, np.float32)
    for k in range(3):
        gain[k] = colour[k] / max(sums[k] / (height * width), 1e-3)
    strength, one = np.float32(opacity), np.float32(1.0)
    for r in range(height):
        for k in range(3):
            values, row, bright = planes[r, k], layer[r, k], gain[k]
            for c in range(width):
                a = coverage[r, c] * strength
                if a > np.float32(0.0):
                    values[c] = (one - a) * values[c] + a * min(row[c] * bright, one)


@kernel
def to_pixels(planes, image):
    """An image in planes, float32 (H, 3, W), into `image`, float32 (H, W, 3)."""
    for r in range(image.shape[0]):
        red, green, blue, row = planes[r, 0], planes[r, 1], planes[r, 2], image[r]
        for c in range(image.shape[1]):
            row[c, 0], row[c, 1], row[c, 2] = red[c], green[c], blue[c]


@kernel
def to_planes(image, planes):
    """An image, float32 (H, W, 3), into `planes`, float32 (H, 3, W)."""
    for r in range(image.shape[0]):
        red, green, blue, row = planes[r, 0], planes[r, 1], planes[r, 2], image[r]
        for c in range(image.shape[1]):
            red[c], green[c], blue[c] = row[c, 0], row[c, 1], row[c, 2]


@kernel
def _box(plane, radius):
    """A box filter of half width `radius` pixels down the columns of `plane`, float32 (H, W), in place; 0 outside."""
    height, width = plane.shape
    reach = int(radius)
    edge, norm = np.float32(radius - reach), np.float32(1.0 / (2.0 * radius + 1.0))
    # Rows of zeros above and below, so that every sum has its ends; the sums of all columns run side by side.
    padded = np.zeros((height + 2 * reach + 2, width), np.float32)
    for r in range(height):
        for c in range(width):
            padded[reach + 1 + r, c] = plane[r, c]
    total = np.zeros(width, np.float32)
    for r in range(1, 2 * reach + 1):
        row = padded[r]
        for c in range(width):
            total[c] += row[c]
    for r in range(height):
        above, first, last, below = padded[r], padded[r + 1], padded[r + 2 * reach + 1], padded[r + 2 * reach + 2]
        target = plane[r]
        for c in range(width):
            total[c] += last[c]
        for c in range(width):
            target[c] = max((total[c] + edge * (above[c] + below[c])) * norm, np.float32(0.0))
        for c in range(width):
            total[c] -= first[c]


@part
def soften(coverage, radius, aspect=1.0):
    """Coverage blurred by two box filters of half width `radius` pixels along each axis (a tent): a soft shadow.

    `coverage`: float32 (H, W), changed in place; outside of it counts as empty. Across, the half width is `aspect`
    times as large.
    """
    _box(coverage, radius)
    _box(coverage, radius)
    height, width = coverage.shape
    turned = np.empty((width, height), np.float32)
    for r in range(height):
        for c in range(width):
            turned[c, r] = coverage[r, c]
    _box(turned, radius * aspect)
    _box(turned, radius * aspect)
    for r in range(height):
        for c in range(width):
            coverage[r, c] = turned[c, r]
