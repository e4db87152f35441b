"""Slow, readable twins of synthtext.inspection.pictures."""

import math

import numpy as np


def luma(image):
    blue, green, red = (image[..., c].astype(np.int64) for c in range(3))
    return ((19595 * red + 38470 * green + 7471 * blue + 32768) // 65536).astype(np.uint8)


def quantile(values, share):
    values = sorted(values)
    return values[max(math.ceil(share * len(values)) - 1, 0)]


def measure(image):
    grey = luma(image).astype(int)
    height, width = grey.shape
    steps, chroma, warm, cold = [], 0, 0, 0
    for y in range(height):
        for x in range(width):
            right = abs(grey[y, x + 1] - grey[y, x]) if x + 1 < width else 0
            down = abs(grey[y + 1, x] - grey[y, x]) if y + 1 < height else 0
            steps.append(max(right, down))
            b, g, r = (int(v) for v in image[y, x])
            chroma += max(b, g, r) - min(b, g, r)
            warm += r - b if r >= g >= b else 0
            cold += b - r if b >= g >= r else 0
    n = height * width
    dark, light = quantile(grey.ravel().tolist(), 0.05), quantile(grey.ravel().tolist(), 0.95)
    steep = quantile(steps, 0.99)
    edge = (light - dark) / steep if steep else 0.0
    clipped = ((grey == 0) | (grey == 255)).sum() / n
    extremes = [quantile(grey.ravel().tolist(), share) for share in (0.005, 0.995)]
    many = sum(step >= 32 for step in steps)
    return [dark, light, grey.sum() / n, edge, chroma / n, clipped, warm / n, cold / n, *extremes, many]


def shrink(grey, side):
    """The mean over each cell of the grid, by how much of each pixel lies in it."""
    height, width = grey.shape

    def parts(i, length):
        low, high = i * length / side, (i + 1) * length / side
        return [max(min(high, p + 1) - max(low, p), 0.0) for p in range(length)]

    out = np.zeros((side, side))
    for i in range(side):
        for j in range(side):
            weights = np.outer(parts(i, height), parts(j, width))
            out[i, j] = (weights * grey).sum() / weights.sum()
    return out


def hash_bits(small, low=8):
    """The 64 bits by the DCT's definition."""
    n = len(small)
    found = []
    for i in range(low):
        for j in range(low):
            found.append(
                sum(
                    small[y, x]
                    * math.cos(math.pi * i * (2 * y + 1) / (2 * n))
                    * math.cos(math.pi * j * (2 * x + 1) / (2 * n))
                    for y in range(n)
                    for x in range(n)
                )
            )
    middle = sorted(found[1:])[(len(found) - 1) // 2]
    return [k > 0 and value > middle for k, value in enumerate(found)]


def near_pairs(hashes, thumbs, side, radius, least):
    found = []
    for i in range(len(hashes)):
        for j in range(i + 1, len(hashes)):
            if side is not None and side[i] == side[j]:
                continue
            if bin(int(hashes[i]) ^ int(hashes[j])).count("1") > radius:
                continue
            a, b = thumbs[i].astype(float), thumbs[j].astype(float)
            if a.std() == 0 or b.std() == 0 or np.corrcoef(a, b)[0, 1] < least:
                continue
            found.append((i, j))
    return found
