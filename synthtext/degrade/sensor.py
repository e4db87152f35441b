"""From light to 8-bit codes: gains, shot and read noise, and the tone curve, in one pass."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from synthtext.core.kernel import kernel


def _normal_quantiles(n: int) -> npt.NDArray[np.float32]:
    upper = [NormalDist().inv_cdf((i + 0.5) / n) for i in range(n // 2, n)]
    scale = math.sqrt(sum(v * v for v in upper) / len(upper))
    return np.array([-v / scale for v in reversed(upper)] + [v / scale for v in upper], np.float32)


NORMALS = _normal_quantiles(4096)
"""float32 (4096,): quantiles of the normal distribution, scaled to variance 1; one at random is a normal deviate."""


# Each loop below reads and writes few arrays, and its indices are known not to be negative: it fills vector registers,
# or looks up without a branch.


@kernel
def _noise_words(key, first, words):
    """The numbers first, first + 1, ... of splitmix64 with the seed `key`, into `words`, uint64 (n,).

    Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
    """
    for x in range(words.shape[0]):
        z = key + np.uint64(first + x + 1) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        words[x] = z ^ (z >> np.uint64(31))


@kernel
def _deviates(words, normals, noise):
    """Three normal deviates of each word, into `noise`, float32 (3 n,)."""
    for x in range(words.shape[0]):
        z = words[x]
        noise[3 * x] = normals[z >> np.uint64(52)]
        noise[3 * x + 1] = normals[(z >> np.uint64(40)) & np.uint64(4095)]
        noise[3 * x + 2] = normals[(z >> np.uint64(28)) & np.uint64(4095)]


@kernel
def _root(light):
    """4096 times the square root of light, clipped to [0, 1], as a whole number."""
    return np.int32(np.sqrt(min(np.float32(1.0), max(np.float32(0.0), light))) * np.float32(4096.0) + np.float32(0.5))


@kernel
def _expose(row, gain, roots):
    for i in range(row.shape[0]):
        roots[i] = _root(row[i] * gain[i])


@kernel
def _expose_noisily(row, gain, noise, shot2, read2, roots):
    for i in range(row.shape[0]):
        light = max(np.float32(0.0), row[i] * gain[i])
        roots[i] = _root(light + noise[i] * np.sqrt(shot2 * light + read2))


@kernel
def _look_up(roots, table, codes):
    for i in range(codes.shape[0]):
        codes[i] = table[np.uint32(roots[i])]


@kernel
def develop(rows, red, green, blue, shot, read, key, normals, table, out):
    """What the sensor and its processing make of light.

    `rows`: float32 (h, 3 w), linear light. `red`, `green`, `blue`: gains. `shot`: standard deviation of the shot
    noise at full white (its variance grows with the light), `read`: of the read noise (the same everywhere); linear.
    `key`: uint64; the noise is a function of it and of the pixel's place in rows. `normals`: NORMALS. `table`: uint8
    (4097,), code by 4096 times the square root of the light. `out`: uint8 (h, 3 w).
    """
    height, size = rows.shape
    width = size // 3
    shot2, read2 = np.float32(shot * shot), np.float32(read * read)
    noisy = shot > 0.0 or read > 0.0
    gain, noise, roots = np.empty(size, np.float32), np.empty(size, np.float32), np.empty(size, np.int32)
    words = np.empty(width, np.uint64)
    for x in range(width):
        gain[3 * x], gain[3 * x + 1], gain[3 * x + 2] = red, green, blue
    for y in range(height):
        if noisy:
            _noise_words(np.uint64(key), y * width, words)
            _deviates(words, normals, noise)
            _expose_noisily(rows[y], gain, noise, shot2, read2, roots)
        else:
            _expose(rows[y], gain, roots)
        _look_up(roots, table, out[y])


_LOG_EDGES = np.array([math.log((level + 0.5) / 255.0) for level in range(255)])


@kernel
def tone_table(contrast, gamma, display):
    """The table that `develop` takes, for a display value v -> clip(1/2 + contrast (v - 1/2)) ** gamma.

    `display`: ROOT_TO_DISPLAY. Returns uint8 (4097,). It is made from the other side, by finding where each code
    begins: 255 exponentials instead of 4097 powers.
    """
    table = np.empty(display.shape[0], np.uint8)
    at = 0
    for level in range(256):
        end = display.shape[0]
        if level < 255:
            toned = (level + 0.5) / 255.0
            if gamma != 1.0:
                toned = math.exp(_LOG_EDGES[level] / gamma)
            edge = 0.5 + (toned - 0.5) / contrast
            end = at
            while end < display.shape[0] and display[end] < edge:
                end += 1
        table[at:end] = level
        at = end
    return table
