"""What can be measured of any picture, whoever made it: light, contrast, sharpness, colour, a hash, near-duplicates.

Pictures are as OpenCV decodes them, uint8 (H, W, 3) **BGR**. Luma is ITU-R BT.601's, in 16-bit fixed point, 0 to 255.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from synthtext.core.kernel import kernel

GRID = 32  # side of the grey thumbnail that the hash is taken of
LOW = 8  # its lowest frequencies that become bits
BANDS = 5  # pieces of a hash: hashes that differ in fewer bits than that agree in one of them
MEASURES = ("dark", "light", "mean", "edge", "chroma", "clipped", "warm", "cold", "darkest", "lightest", "steps")
STEP = 32  # luma between neighbours, from which on it is the edge of something

_COSINES = np.cos(np.pi * np.outer(np.arange(LOW), 2.0 * np.arange(GRID) + 1.0) / (2.0 * GRID))
_SHIFTS = np.array([0, 13, 26, 39, 52], np.uint64)
_WIDTHS = (13, 13, 13, 13, 12)


@kernel
def luma(image, out):
    """The luma of `image`, uint8 (H, W, 3) BGR, rounded: `out` uint8 (H, W)."""
    for y in range(image.shape[0]):
        for x in range(image.shape[1]):
            b, g, r = np.uint32(image[y, x, 0]), np.uint32(image[y, x, 1]), np.uint32(image[y, x, 2])
            value = np.uint32(19595) * r + np.uint32(38470) * g + np.uint32(7471) * b + np.uint32(32768)
            out[y, x] = np.uint8(value >> np.uint32(16))


@kernel
def _quantile(histogram, total, share):
    """The least value to which at least `share` of the counts lie."""
    need = share * total
    seen = 0
    for value in range(histogram.shape[0]):
        seen += histogram[value]
        if seen >= need:
            return value
    return histogram.shape[0] - 1


@kernel
def measure(image, grey, left, top, right, bottom, out):
    """Measure the box [left, right) x [top, bottom) of `image`, uint8 (H, W, 3) BGR, into `out`, float64 (11,).

    `grey`: uint8 (H, W), the luma of `image`. What is measured, in the order of MEASURES:
    dark, light: luma that 5 % and 95 % lie at or below; mean: of luma. edge: pixels that an edge takes to climb from
    dark to light: (light - dark) over the 99th percentile of the luma's differences between neighbours (the larger of
    right and down), 1 where it is sharp and about 2.5 sigma under a Gaussian blur; 0 in a picture without contrast.
    chroma: mean of the largest less the least channel. clipped: share of pixels whose luma is 0 or 255.
    warm, cold: mean of R - B where R >= G >= B, and of B - R where B >= G >= R: red and blue exchanged exchanges the
    two. darkest, lightest: luma that 1/200 and 199/200 lie at or below. steps: pixels whose difference is STEP or more.
    """
    # Four tables in turn: of flat paper one count after the other goes to the same place, and would wait for the last.
    luma_counts, step_counts = np.zeros((4, 256), np.int64), np.zeros((4, 256), np.int64)
    chroma, warm, cold = np.int64(0), np.int64(0), np.int64(0)
    for y in range(top, bottom):
        below = min(y + 1, bottom - 1)
        for x in range(left, right):
            value = np.int32(grey[y, x])
            luma_counts[x & 3, value] += 1
            across = abs(np.int32(grey[y, min(x + 1, right - 1)]) - value)
            step_counts[x & 3, max(across, abs(np.int32(grey[below, x]) - value))] += 1
        row_chroma, row_warm, row_cold = np.int32(0), np.int32(0), np.int32(0)
        for x in range(left, right):
            b, g, r = np.int32(image[y, x, 0]), np.int32(image[y, x, 1]), np.int32(image[y, x, 2])
            row_chroma += max(b, max(g, r)) - min(b, min(g, r))
            row_warm += r - b if (r >= g) & (g >= b) else np.int32(0)
            row_cold += b - r if (b >= g) & (g >= r) else np.int32(0)
        chroma, warm, cold = chroma + row_chroma, warm + row_warm, cold + row_cold
    lumas, steps = luma_counts.sum(0), step_counts.sum(0)
    n = (bottom - top) * (right - left)
    total = 0
    for level in range(256):
        total += level * lumas[level]
    dark, light = _quantile(lumas, n, 0.05), _quantile(lumas, n, 0.95)
    steep = _quantile(steps, n, 0.99)
    out[0], out[1], out[2] = dark, light, total / n
    out[3] = (light - dark) / steep if steep > 0 else 0.0
    out[4], out[5] = chroma / n, (lumas[0] + lumas[255]) / n
    out[6], out[7] = warm / n, cold / n
    out[8], out[9] = _quantile(lumas, n, 0.005), _quantile(lumas, n, 0.995)
    out[10] = steps[STEP:].sum()


@kernel
def shrink_grey(grey, out):
    """`grey`, uint8 (H, W), averaged over a grid of equal cells: `out` float64 (n, m).

    Each cell is the mean over its exact area, pixels counted by the part that lies in it; a picture smaller than the
    grid repeats its pixels.
    """
    height, width = grey.shape
    rows, columns = out.shape
    if height % rows == 0 and width % columns == 0:  # whole pixels: the same in integers, and several times as fast
        tall, wide = height // rows, width // columns
        for i in range(rows):
            for j in range(columns):
                whole = np.uint32(0)
                for y in range(i * tall, (i + 1) * tall):
                    for x in range(j * wide, (j + 1) * wide):
                        whole += np.uint32(grey[y, x])
                out[i, j] = whole / (tall * wide)
        return
    line = np.empty(width)
    for i in range(rows):
        top, bottom = i * height / rows, (i + 1) * height / rows
        line[:] = 0.0
        for y in range(int(top), min(int(np.ceil(bottom)), height)):
            tall = min(bottom, y + 1.0) - max(top, float(y))
            for x in range(width):
                line[x] += tall * grey[y, x]
        for j in range(columns):
            left, right = j * width / columns, (j + 1) * width / columns
            total = 0.0
            for x in range(int(left), min(int(np.ceil(right)), width)):
                total += (min(right, x + 1.0) - max(left, float(x))) * line[x]
            out[i, j] = total / ((bottom - top) * (right - left))


@kernel
def hash_grey(grey, cosines):
    """The perceptual hash of `grey`, float64 (GRID, GRID): a uint64.

    Bit 8 i + j is set where the coefficient (i, j) of its DCT-II is above the median of the 63 lowest but (0, 0), which
    is the mean and left out (Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions", 2010,
    section 3.2). `cosines`: float64 (LOW, GRID), rows cos(pi k (2 n + 1) / (2 GRID)).
    """
    low, n = cosines.shape
    half = np.zeros((low, n))
    for i in range(low):
        for y in range(n):
            for x in range(n):
                half[i, x] += cosines[i, y] * grey[y, x]
    found = np.empty(low * low)
    for i in range(low):
        for j in range(low):
            value = 0.0
            for x in range(n):
                value += half[i, x] * cosines[j, x]
            found[low * i + j] = value
    middle = np.sort(found[1:])[(low * low - 1) // 2]
    bits = np.uint64(0)
    for k in range(1, low * low):
        if found[k] > middle:
            bits |= np.uint64(1) << np.uint64(k)
    return bits


@kernel
def _ones(x):
    """How many bits of a uint64 are set."""
    x = x - ((x >> np.uint64(1)) & np.uint64(0x5555555555555555))
    x = (x & np.uint64(0x3333333333333333)) + ((x >> np.uint64(2)) & np.uint64(0x3333333333333333))
    x = (x + (x >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((x * np.uint64(0x0101010101010101)) >> np.uint64(56))


@kernel
def _alike(a, b):
    """Correlation of two thumbnails, uint8 (n,); 0 where one is flat."""
    n = a.shape[0]
    sa, sb = np.int64(0), np.int64(0)
    saa, sbb, sab = np.int64(0), np.int64(0), np.int64(0)
    for i in range(n):
        x, y = np.int64(a[i]), np.int64(b[i])
        sa, sb, saa, sbb, sab = sa + x, sb + y, saa + x * x, sbb + y * y, sab + x * y
    va, vb = n * saa - sa * sa, n * sbb - sb * sb
    return (n * sab - sa * sb) / np.sqrt(np.float64(va) * np.float64(vb)) if va > 0 and vb > 0 else 0.0


@kernel
def _pairs_of_band(hashes, order, band, masks, thumbs, side, across, radius, least, pairs, found):
    """Append the near pairs that agree in `band`, and in no band before it, to `pairs` from row `found`; gives the
    count.

    `order`: rows by their bits in `band`. A pair beyond the room in `pairs` is counted and not written.
    """
    n = order.shape[0]
    start = 0
    while start < n:
        stop = start + 1
        while stop < n and hashes[order[stop]] & masks[band] == hashes[order[start]] & masks[band]:
            stop += 1
        for p in range(start, stop):
            for q in range(p + 1, stop):
                i, j = min(order[p], order[q]), max(order[p], order[q])
                if across and side[i] == side[j]:
                    continue
                differing = hashes[i] ^ hashes[j]
                if _ones(differing) > radius:
                    continue
                known = False
                for b in range(band):
                    known |= differing & masks[b] == 0
                if known or _alike(thumbs[i], thumbs[j]) < least:
                    continue
                if found < pairs.shape[0]:
                    pairs[found, 0], pairs[found, 1] = i, j
                found += 1
        start = stop
    return found


@kernel
def _look(image, cosines, grey, measures, thumb):
    """All of a picture at once: fills `grey`, `measures` and `thumb`, gives the hash."""
    luma(image, grey)
    measure(image, grey, 0, 0, image.shape[1], image.shape[0], measures)
    small = np.empty((GRID, GRID))
    shrink_grey(grey, small)
    for i in range(GRID):
        for j in range(GRID):
            thumb[GRID * i + j] = np.uint8(np.rint(small[i, j]))
    return hash_grey(small, cosines)


class Look(NamedTuple):
    """`grey`: luma, uint8 (H, W). `measures`: float64 (11,), MEASURES. `hash`: uint64. `thumb`: uint8 (GRID²,)."""

    grey: npt.NDArray[np.uint8]
    measures: npt.NDArray[np.float64]
    hash: int
    thumb: npt.NDArray[np.uint8]


def look_at(image: npt.NDArray[np.uint8]) -> Look:
    """Measure and hash a picture, uint8 (H, W, 3) BGR."""
    grey, measures, thumb = (
        np.empty(image.shape[:2], np.uint8),
        np.empty(len(MEASURES)),
        np.empty(GRID * GRID, np.uint8),
    )
    return Look(grey, measures, int(_look(image, _COSINES, grey, measures, thumb)), thumb)


def near_pairs(
    hashes: npt.NDArray[np.uint64],
    thumbs: npt.NDArray[np.uint8],
    side: npt.NDArray[np.uint8] | None = None,
    *,
    radius: int = BANDS - 1,
    least: float = 0.95,
    room: int = 100_000,
) -> tuple[npt.NDArray[np.int64], int]:
    """Pairs of pictures that look the same: hashes at most `radius` bits apart, thumbnails that correlate by `least`.

    `hashes`: uint64 (n,). `thumbs`: uint8 (n, GRID * GRID). `side`: uint8 (n,); only pairs of two sides count.
    Gives the pairs, int64 (k, 2), rising within each, and how many there are (more than k beyond `room`).
    Exact for a radius below BANDS: such hashes agree in one of the BANDS pieces (Manku et al., WWW 2007, section 3).
    """
    if not 0 <= radius < BANDS:
        raise ValueError(f"radius: {radius} is not within 0 to {BANDS - 1}")
    masks = np.array([np.uint64((1 << w) - 1) << s for w, s in zip(_WIDTHS, _SHIFTS, strict=True)], np.uint64)
    sides = np.zeros(len(hashes), np.uint8) if side is None else side
    pairs = np.empty((room, 2), np.int64)
    found = 0
    for band in range(BANDS):
        order = np.argsort(hashes & masks[band], kind="stable")
        found = int(
            _pairs_of_band(hashes, order, band, masks, thumbs, sides, side is not None, radius, least, pairs, found)
        )
    return pairs[: min(found, room)].copy(), found


def decode(data: bytes) -> npt.NDArray[np.uint8] | None:
    """The picture, uint8 (H, W, 3) BGR, as its rows lie in the file (EXIF does not turn it); None where it is none."""
    flags = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), flags) if data else None
    except cv2.error:
        return None
    return None if image is None or not image.size else np.asarray(image, np.uint8)
