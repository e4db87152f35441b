"""Procedural surfaces that wrap around: paper, fabric, wood, stone, metal, plaster, brick, tiles, and plain noise.

A texture is a function of (kind, variant) alone: uint8 (SIZE, SIZE, 2). Channel 0, the pattern, mixes two colours (0 is
the first, 255 the second); channel 1, the relief, brightens and darkens (128 is neutral), lit from the top left.
Colours, scale, rotation and crop come from the sample, so that a few variants of each kind go a long way.

Only +, -, *, /, comparisons and square roots are used, which IEEE 754 fixes to the bit: every machine makes the same.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from synthtext.core.errors import InputError
from synthtext.core.kernel import kernel
from synthtext.core.rng import Draws, Stage, fill_uniform, hash64

Field = npt.NDArray[np.float32]
Texture = npt.NDArray[np.uint8]

SIZE = 512
VARIANTS = 8
KINDS = ("noise", "paper", "fabric", "wood", "stone", "metal", "plaster", "brick", "tiles")
_LEVELS = 6


@kernel
def add_noise(out, lattice, amplitude):
    """Add amplitude * noise to `out`, float32 (S, S): a periodic uniform cubic B-spline over `lattice`, float32 (n, m).

    n and m divide S. A spline's surface is smooth to the second derivative: no creases show when it is lit.
    """
    size = out.shape[0]
    n, m = lattice.shape
    tall, wide = size // n, size // m
    weights = np.empty((4, wide), np.float32)
    for p in range(wide):
        t = np.float32(p) / np.float32(wide)
        weights[0, p] = (np.float32(1) - t) * (np.float32(1) - t) * (np.float32(1) - t) / np.float32(6)
        weights[1, p] = (np.float32(3) * t * t * t - np.float32(6) * t * t + np.float32(4)) / np.float32(6)
        weights[3, p] = t * t * t / np.float32(6)
        weights[2, p] = np.float32(1) - weights[0, p] - weights[1, p] - weights[3, p]
    row = np.empty(m + 3, np.float32)
    for y in range(size):
        cell = y // tall
        t = np.float32(y % tall) / np.float32(tall)
        a = amplitude * (np.float32(1) - t) * (np.float32(1) - t) * (np.float32(1) - t) / np.float32(6)
        b = amplitude * (np.float32(3) * t * t * t - np.float32(6) * t * t + np.float32(4)) / np.float32(6)
        d = amplitude * t * t * t / np.float32(6)
        c = amplitude - a - b - d
        r0, r1, r2, r3 = cell, (cell + 1) % n, (cell + 2) % n, (cell + 3) % n
        for x in range(m):
            row[x] = a * lattice[r0, x] + b * lattice[r1, x] + c * lattice[r2, x] + d * lattice[r3, x]
        for x in range(3):
            row[m + x] = row[x % m]
        for x in range(m):
            a0, a1, a2, a3 = row[x], row[x + 1], row[x + 2], row[x + 3]
            at = x * wide
            for p in range(wide):
                out[y, at + p] += weights[0, p] * a0 + weights[1, p] * a1 + weights[2, p] * a2 + weights[3, p] * a3


@kernel
def cells(points, near, second, owner):
    """Cellular noise (Worley, "A cellular texture basis function", SIGGRAPH 1996), periodic.

    `points`: float32 (n, n, 2), the place of each cell's one point within it, in [0, 1); n divides the outputs' side S.
    `near`, `second`: float32 (S, S), distance to the nearest and the next point, in cells. `owner`: int32 (S, S), the
    nearest point's number, row by row.
    """
    size = near.shape[0]
    n = points.shape[0]
    around = np.empty((n + 2, n + 2, 2), np.float32)  # the points' places on a plane that is one cell larger all around
    number = np.empty((n + 2, n + 2), np.int32)
    for j in range(n + 2):
        for i in range(n + 2):
            py, px = (j + n - 1) % n, (i + n - 1) % n
            number[j, i] = py * n + px
            around[j, i, 0] = points[py, px, 0] + np.float32(i - 1)
            around[j, i, 1] = points[py, px, 1] + np.float32(j - 1)
    step = np.float32(n) / np.float32(size)
    tall = size // n
    for y in range(size):
        fy = np.float32(y) * step
        cy = y // tall
        for cx in range(n):
            for x in range(cx * tall, (cx + 1) * tall):
                fx = np.float32(x) * step
                first, next_, who = np.float32(9), np.float32(9), 0
                for j in range(cy, cy + 3):
                    for i in range(cx, cx + 3):
                        dx = around[j, i, 0] - fx
                        dy = around[j, i, 1] - fy
                        d = dx * dx + dy * dy
                        who = number[j, i] if d < first else who
                        next_ = min(next_, max(first, d))
                        first = min(first, d)
                near[y, x] = np.sqrt(first)
                second[y, x] = np.sqrt(next_)
                owner[y, x] = who


class _Maker:
    """The random numbers and the fields of one texture."""

    def __init__(self, kind: int, variant: int) -> None:
        self.key = hash64(Stage.TEXTURE, kind, variant)
        self.draws = Draws(self.key, Stage.TEXTURE, variant)
        self.layer = 0

    def values(self, count: int) -> Field:
        """`count` values in [-1, 1)."""
        self.layer += 1
        numbers = np.empty((count + 3) // 4 * 4)
        fill_uniform(numbers, np.uint64(self.key), np.uint64(Stage.TEXTURE), np.uint64(self.layer), 0)
        return (2.0 * numbers[:count] - 1.0).astype(np.float32)

    def noise(self, down: int, across: int, amplitude: float = 1.0, out: Field | None = None) -> Field:
        """Noise of down x across cells, added to `out` or on its own; its deviation is near amplitude / 3."""
        field = np.zeros((SIZE, SIZE), np.float32) if out is None else out
        add_noise(field, self.values(down * across).reshape(down, across), np.float32(amplitude))
        return field

    def octaves(self, down: int, across: int, count: int, roughness: float) -> Field:
        """Noise of several octaves (each twice as fine and `roughness` times as strong), scaled to deviation 1 / 3."""
        field = np.zeros((SIZE, SIZE), np.float32)
        amplitude, power = 1.0, 0.0
        for _ in range(count):
            if down > SIZE or across > SIZE:
                break
            self.noise(down, across, amplitude, field)
            power += amplitude * amplitude
            down, across, amplitude = 2 * down, 2 * across, amplitude * roughness
        field *= np.float32(1.2 / math.sqrt(power))
        return field

    def grid(self, n: int) -> tuple[Field, Field, npt.NDArray[np.int32]]:
        near, second = np.empty((2, SIZE, SIZE), np.float32)
        owner = np.empty((SIZE, SIZE), np.int32)
        cells(np.float32(0.5) + np.float32(0.5) * self.values(n * n * 2).reshape(n, n, 2), near, second, owner)
        return near, second, owner


_AT = (np.arange(SIZE, dtype=np.float32) + np.float32(0.5)) / np.float32(SIZE)


def _smooth(x: Field, low: float, high: float) -> Field:
    """0 below `low`, 1 above `high`, and a cubic between."""
    t = (x - np.float32(low)) * np.float32(1.0 / (high - low))
    np.clip(t, 0.0, 1.0, out=t)
    result: Field = t * t * (np.float32(3) - np.float32(2) * t)
    return result


def _wave(x: Field) -> Field:
    """A periodic bump of period 1 between -1 and 1, smooth: parabolas in place of a sine."""
    t = x - np.floor(x) - np.float32(0.5)
    result: Field = np.float32(8) * t * (np.float32(1) - np.float32(2) * np.abs(t))
    return result


def _light(height: Field, strength: float) -> Field:
    """How much brighter a surface of that height is than a flat one, with light from the top left."""
    slope = np.empty_like(height)
    slope[1:, 1:] = height[1:, 1:] - height[:-1, :-1]
    slope[0, 1:] = height[0, 1:] - height[-1, :-1]
    slope[1:, 0] = height[1:, 0] - height[:-1, -1]
    slope[0, 0] = height[0, 0] - height[-1, -1]
    slope *= np.float32(strength)
    return slope


def _finish(pattern: Field, relief: Field | float) -> Texture:
    """`pattern` in [0, 1] and `relief` in [-1, 1] as a texture."""
    texture = np.empty((SIZE, SIZE, 2), np.uint8)
    texture[:, :, 0] = np.clip(pattern * np.float32(255) + np.float32(0.5), 0, 255)
    texture[:, :, 1] = np.clip(np.float32(128.5) + np.float32(127) * relief, 0, 255)
    return texture


def _noise(m: _Maker, variant: int) -> Texture:
    count, roughness = 2 + variant % 6, m.draws.uniform(0.4, 0.75)
    base = (2, 4, 8)[variant % 3]
    across = base * (1, 1, 2, 4)[variant % 4]
    field = m.octaves(base, across, count, roughness)
    if variant % 4 == 3:  # ridges
        field = np.float32(1) - np.float32(2.2) * np.abs(field)
    return _finish(np.float32(0.5) + np.float32(0.5) * field, 0.0)


def _paper(m: _Maker, variant: int) -> Texture:
    cloud = m.octaves(2, 2, 3, 0.6)
    grain = m.noise(256, 256, 0.8)
    m.noise(512, 512, 0.6, grain)
    m.noise(64, 64, 0.5, grain)
    pattern = np.float32(0.35) + np.float32(0.22) * cloud + np.float32(0.12) * grain
    relief = _light(grain, 0.18)
    style = variant % 4
    if style == 1:  # laid: the mould's wires
        wires = _wave(_AT * np.float32((64, 85, 128)[variant % 3]))[:, None] * np.float32(0.08)
        chains = _smooth(np.abs(_wave(_AT * np.float32(6) + np.float32(0.25)))[None, :], 0.95, 1.0)
        pattern = pattern + wires + np.float32(0.1) * chains
        relief += wires
    elif style == 2:  # recycled: fibres and specks
        pattern += np.float32(0.7) * _smooth(m.noise(256, 128), 0.55, 0.8)
        pattern += np.float32(0.5) * _smooth(m.noise(64, 256), 0.6, 0.85)
        pattern -= np.float32(0.5) * _smooth(m.noise(128, 256), 0.5, 0.8)
    elif style == 3:  # crumpled: flat facets between sharp folds
        near, second, _ = m.grid(8)
        fold = second - near
        near, second, _ = m.grid(4)
        fold += np.float32(1.5) * (second - near)
        m.noise(16, 16, 0.5, fold)
        relief += _light(fold, 4.0)
        pattern += np.float32(0.25) * (np.float32(1) - _smooth(fold, 0.0, 0.25))
    return _finish(pattern, relief)


def _fabric(m: _Maker, variant: int) -> Texture:
    threads = (64, 128, 64, 32, 128, 64, 128, 32)[variant]
    wander = m.octaves(4, 4, 4, 0.6)
    u = _AT[None, :] * np.float32(threads) + np.float32(0.22) * wander
    v = _AT[:, None] * np.float32(threads) + np.float32(0.22) * m.octaves(4, 4, 4, 0.6)
    iu, iv = np.floor(u), np.floor(v)
    pu, pv = u - iu - np.float32(0.5), v - iv - np.float32(0.5)
    column, line = iu.astype(np.int32) & (threads - 1), iv.astype(np.int32) & (threads - 1)
    style = variant % 4
    if style in (0, 3):  # plain weave, and canvas, which is the same with thick threads
        over = (column + line) & 1 == 0
    elif style == 1:  # twill
        over = (column + line) & 3 < 2
    else:  # herringbone
        over = (np.where(column & 8 == 0, column, -column) + line) & 3 < 2
    # The upper thread's round back: high along its middle, falling where it dives under its neighbours.
    warp = np.float32(1) - np.float32(3.2) * pu * pu - np.float32(0.8) * pv * pv
    weft = np.float32(1) - np.float32(3.2) * pv * pv - np.float32(0.8) * pu * pu
    height = np.where(over, warp, weft)
    tone_warp, tone_weft = m.values(threads), m.values(threads)
    tone = np.where(over, tone_warp[column], tone_weft[line])
    fuzz = m.noise(512, 512, 1.0)
    pattern = np.float32(0.3) + np.float32(0.12) * tone + np.float32(0.1) * fuzz + np.float32(0.15) * wander
    if variant >= 4:  # two colours of thread: stripes or a check
        band = threads // (4, 8, 4, 2)[variant - 4]
        stripe = (column & (band - 1)) * 3 < band
        check = (line & (band - 1)) * 3 < band
        second = np.where(over, stripe, check if variant % 2 == 0 else stripe)
        pattern += np.float32(0.5) * second
    relief = np.float32(0.75) * height - np.float32(0.55) + np.float32(0.1) * fuzz
    return _finish(pattern, relief)


def _wood(m: _Maker, variant: int) -> Texture:
    """Growth rings cut lengthwise: level lines of a height that runs along y, bent by slow noise and by knots."""
    planks = (1, 1, 4, 8, 1, 2, 4, 8)[variant]
    rings = m.draws.uniform(8.0, 22.0)
    bend = m.octaves(4, 1, 3, 0.45)
    plank = np.minimum((_AT * np.float32(planks)).astype(np.int32), planks - 1)
    inside = _AT * np.float32(planks) - plank.astype(np.float32)
    offset = m.values(planks)
    height = bend * np.float32(m.draws.uniform(1.0, 2.4)) + m.noise(2, 1, 1.2)
    if planks > 1:  # planks are cut from different trees: shift each along the grain
        shift = ((offset + 1.0) * 0.5 * SIZE).astype(np.int32)
        along = (np.arange(SIZE)[None, :] + shift[plank][:, None]) % SIZE
        height = height[np.arange(SIZE)[:, None], along]
    # A whole number of rings from top to bottom keeps the wrap.
    ring = np.float32(round(rings)) * _AT[:, None] + height + np.float32(3) * offset[plank][:, None]
    saw = ring - np.floor(ring)
    late = _smooth(saw, 0.25, 0.97) * (np.float32(1) - _smooth(saw, 0.97, 1.0))  # late wood darkens, then the year ends
    streak = m.noise(256, 4, 0.8)
    m.noise(512, 8, 0.8, streak)
    m.noise(128, 2, 0.5, streak)
    pores = _smooth(m.noise(512, 32), 0.45, 0.75)
    tone = np.float32(0.12) * offset[plank][:, None] if planks > 1 else np.float32(0.0)
    pattern = np.float32(0.22) + np.float32(0.3) * late + np.float32(0.16) * streak + np.float32(0.35) * pores + tone
    pattern += np.float32(0.08) * m.octaves(2, 1, 3, 0.6)
    relief = np.float32(-0.12) * pores + np.float32(0.05) * streak
    if planks > 1:
        edge = np.minimum(inside, np.float32(1) - inside) * np.float32(SIZE / planks)
        gap = (np.float32(1) - _smooth(edge, 0.8, 2.6))[:, None]
        relief = relief - np.float32(0.75) * gap
    return _finish(pattern, relief)


def _stone(m: _Maker, variant: int) -> Texture:
    style = variant % 4
    if style == 0:  # granite: crystals of three tones
        _, _, owner = m.grid(64 if variant < 4 else 128)
        tone = m.values(128 * 128)[owner]
        cloud = m.octaves(8, 8, 5, 0.75)
        pattern = np.float32(0.45) + np.float32(0.22) * tone + np.float32(0.3) * cloud
        pattern += np.float32(0.35) * _smooth(tone + cloud, 0.8, 1.0)
        pattern -= np.float32(0.35) * (np.float32(1) - _smooth(tone + cloud, -1.0, -0.8))
        relief: Field = np.float32(0.08) * m.noise(512, 512)
    elif style == 1:  # marble: veins along the zero lines of bent noise
        field = m.octaves(2, 4, 6, 0.5)
        fine = m.octaves(4, 4, 5, 0.6)
        vein = np.float32(1) - _smooth(np.abs(field), 0.0, m.draws.uniform(0.1, 0.25))
        thin = np.float32(1) - _smooth(np.abs(fine + np.float32(0.5) * field), 0.0, 0.06)
        wide = _smooth(field, -0.6, 0.6)
        pattern = np.float32(0.1) + np.float32(0.55) * vein * _smooth(fine, -0.5, 0.6) + np.float32(0.25) * thin * wide
        pattern += np.float32(0.22) * wide + np.float32(0.06) * fine
        relief = np.zeros((SIZE, SIZE), np.float32)
    elif style == 2:  # concrete: clouds, grit and air holes
        cloud = m.octaves(2, 2, 5, 0.6)
        grit = m.octaves(128, 128, 3, 0.9)
        holes = _smooth(m.noise(64, 64), 0.62, 0.75)
        pattern = np.float32(0.4) + np.float32(0.3) * cloud + np.float32(0.14) * grit + np.float32(0.3) * holes
        relief = _light(grit, 0.12) + _light(holes, -0.6)
    else:  # rough: sandstone or slate, split in layers
        layers = m.octaves(4, 2 if variant < 4 else 4, 6, 0.68)
        pattern = np.float32(0.45) + np.float32(0.35) * m.octaves(8, 2, 4, 0.6) + np.float32(0.1) * m.noise(512, 512)
        relief = _light(layers, 1.6)
    return _finish(pattern, relief)


def _metal(m: _Maker, variant: int) -> Texture:
    style = variant % 4
    brush = m.noise(512, 4, 1.0)
    m.noise(512, 16, 0.8, brush)
    m.noise(128, 2, 0.6, brush)
    glare = m.octaves(4, 1, 2, 0.5) if style != 1 else m.octaves(1, 4, 2, 0.5)
    pattern = np.float32(0.45) + np.float32(0.3) * glare + np.float32(0.16) * brush
    relief = np.float32(0.1) * brush + np.float32(0.2) * glare
    if style == 1:  # worn: scratches and dents
        scratch = _smooth(np.abs(m.octaves(8, 2, 5, 0.5)), 0.0, 0.02)
        relief += np.float32(0.3) * (np.float32(1) - scratch) + _light(m.octaves(4, 4, 3, 0.5), 0.8)
    elif style == 2:  # rust that eats in from spots
        eaten = m.octaves(4, 4, 6, 0.62)
        rust = _smooth(eaten, 0.12, 0.4)
        rough = m.octaves(64, 64, 4, 0.8)
        pattern = pattern * (np.float32(1) - rust) * np.float32(0.5) + rust * (
            np.float32(0.75) + np.float32(0.3) * rough
        )
        relief = relief * (np.float32(1) - rust) + rust * _light(rough, 0.3) + _light(rust, 0.5)
    elif style == 3:  # galvanised: flat crystals
        near, second, owner = m.grid(16 if variant < 4 else 32)
        tone = m.values(32 * 32)[owner]
        edge = np.float32(1) - _smooth(second - near, 0.0, 0.12)
        pattern = (
            np.float32(0.45) + np.float32(0.3) * tone + np.float32(0.12) * edge + np.float32(0.1) * m.noise(256, 256)
        )
        relief = np.float32(0.12) * tone + np.float32(0.15) * glare
    return _finish(pattern, relief)


def _plaster(m: _Maker, variant: int) -> Texture:
    style = variant % 4
    stain = m.octaves(2, 2, 5, 0.58)
    pattern = np.float32(0.35) + np.float32(0.4) * stain
    if style == 0:  # smooth, a little uneven
        relief = _light(m.octaves(8, 8, 6, 0.66), 1.7)
    elif style == 1:  # roughcast
        bumps = m.octaves(64, 64, 3, 0.7)
        relief = _light(np.maximum(bumps, np.float32(-0.15)), 1.1)
        pattern -= np.float32(0.12) * bumps
    elif style == 2:  # trowelled: arcs of the tool
        sweep = m.octaves(4, 8, 2, 0.5) + np.float32(0.4) * m.octaves(32, 8, 4, 0.7)
        relief = _light(np.maximum(sweep, np.float32(0.0)), 2.4) + _light(m.noise(256, 256), 0.2)
        pattern += np.float32(0.15) * sweep
    else:  # cracked, with the ground showing through
        field = m.octaves(4, 4, 6, 0.55)
        crack = np.float32(1) - _smooth(np.abs(field), 0.004, 0.022)
        crack *= _smooth(m.octaves(2, 2, 2, 0.5), -0.05, 0.25)
        bare = _smooth(stain, 0.42, 0.5)
        rough = m.octaves(32, 32, 4, 0.75)
        pattern = np.float32(0.15) + np.float32(0.15) * stain + np.float32(0.7) * bare + np.float32(0.3) * crack
        relief = _light(m.octaves(16, 16, 5, 0.6), 0.6) + bare * _light(rough, 0.5) + _light(bare, -0.5)
        relief -= np.float32(0.6) * crack
    return _finish(pattern, relief)


def _courses(rows: int, columns: int, shift: float, wobble: Field) -> tuple[Field, npt.NDArray[np.int32]]:
    """A wall of rows x columns blocks (powers of two): distance in pixels to the nearest joint, and the block's number.

    `shift`: by what part of a block every other row moves. `wobble`: float32 (SIZE, SIZE), how joints stray (pixels).
    """
    v = _AT[:, None] * np.float32(rows) + wobble * np.float32(rows / SIZE)
    line = np.floor(v)
    moved = np.float32(shift) * (line - np.float32(2) * np.floor(line * np.float32(0.5)))
    u = _AT[None, :] * np.float32(columns) + moved + wobble.T * np.float32(columns / SIZE)
    column = np.floor(u)
    fu, fv = u - column, v - line
    across = np.minimum(fu, np.float32(1) - fu) * np.float32(SIZE / columns)
    down = np.minimum(fv, np.float32(1) - fv) * np.float32(SIZE / rows)
    block = (line.astype(np.int32) & (rows - 1)) * columns + (column.astype(np.int32) & (columns - 1))
    return np.minimum(across, down), block


def _brick(m: _Maker, variant: int) -> Texture:
    rows, columns, shift = (
        (8, 4, 0.5),
        (16, 8, 0.5),
        (8, 4, 0.5),
        (8, 4, 0.0),
        (16, 8, 0.5),
        (4, 2, 0.5),
        (8, 4, 0.25),
        (16, 4, 0.5),
    )[variant]
    joint = m.draws.uniform(0.05, 0.1) * SIZE / rows
    ragged = m.draws.uniform(0.8, 2.2)
    wobble = m.octaves(16, 16, 4, 0.6) * np.float32(ragged)
    edge, block = _courses(rows, columns, shift, wobble)
    face = _smooth(edge, joint * 0.7, joint * 0.7 + 2.0)
    rough = m.octaves(32, 32, 5, 0.75)
    tone = m.values(rows * columns)[block]
    brick = np.float32(0.75) + np.float32(0.16) * tone + np.float32(0.2) * rough
    brick -= np.float32(0.3) * _smooth(m.octaves(16, 16, 4, 0.7), 0.4, 0.6)  # soot and scale
    mortar = np.float32(0.1) + np.float32(0.14) * m.octaves(64, 64, 3, 0.8)
    pattern = mortar + face * (brick - mortar)
    body = _smooth(edge, joint * 0.5, joint * 0.5 + 5.0)
    relief = _light(body, 1.1) + _light(rough, 0.45) - np.float32(0.12) * (np.float32(1) - face)
    return _finish(pattern, relief)


def _tiles(m: _Maker, variant: int) -> Texture:
    rows, columns, shift = (
        (4, 4, 0.0),
        (8, 8, 0.0),
        (8, 4, 0.5),
        (16, 16, 0.0),
        (4, 4, 0.0),
        (8, 8, 0.0),
        (8, 4, 0.0),
        (32, 32, 0.0),
    )[variant]
    joint = max(1.2, 0.035 * SIZE / rows)
    edge, block = _courses(rows, columns, shift, np.zeros((SIZE, SIZE), np.float32))
    face = _smooth(edge, joint * 0.5, joint * 0.5 + 1.5)
    tone = m.values(rows * columns)[block]
    style = variant % 4
    glaze = np.float32(0.7) + np.float32(0.08) * tone + np.float32(0.05) * m.octaves(8, 8, 4, 0.6)
    if style == 0 and variant:  # a chessboard
        glaze -= np.float32(0.5) * ((block // columns + block % columns) % 2)
    elif style == 3:  # mosaic
        glaze += np.float32(0.18) * tone
    elif style == 1:  # stoneware, speckled
        glaze += np.float32(0.3) * _smooth(m.noise(256, 256), 0.4, 0.7) - np.float32(0.05)
    dirt = m.octaves(4, 4, 5, 0.6)
    grout = np.float32(0.08) + np.float32(0.12) * dirt
    pattern = grout + face * (glaze - grout)
    body = _smooth(edge, joint * 0.5, joint * 0.5 + 3.0)
    tilt = m.values(rows * columns)[block]  # tiles never lie quite flat: each mirrors another part of the room
    relief = _light(body, 0.9) + np.float32(0.06) * tilt * face - np.float32(0.1) * (np.float32(1) - face)
    relief += np.float32(0.08) * face * m.octaves(2, 2, 2, 0.5)
    return _finish(pattern, relief)


_MAKERS: tuple[Callable[[_Maker, int], Texture], ...] = (
    _noise,
    _paper,
    _fabric,
    _wood,
    _stone,
    _metal,
    _plaster,
    _brick,
    _tiles,
)


@kernel
def halve(image):
    """The picture at half the size: uint8 (H, W, C) to (H // 2, W // 2, C), each pixel the rounded mean of four."""
    height, width, channels = image.shape[0] // 2, image.shape[1] // 2, image.shape[2]
    out = np.empty((height, width, channels), np.uint8)
    for y in range(height):
        for x in range(width):
            for c in range(channels):
                total = np.int32(image[2 * y, 2 * x, c]) + np.int32(image[2 * y, 2 * x + 1, c])
                total += np.int32(image[2 * y + 1, 2 * x, c]) + np.int32(image[2 * y + 1, 2 * x + 1, c])
                out[y, x, c] = np.uint8((total + 2) >> 2)
    return out


def pyramid(image: npt.NDArray[np.uint8], levels: int = _LEVELS) -> tuple[npt.NDArray[np.uint8], ...]:
    """The picture and its halvings, at most `levels` of them, while both sides keep 8 pixels.

    They lie one after the other in one buffer, which `packed` gives.
    """
    parts = [np.ascontiguousarray(image)]
    while len(parts) < levels and min(parts[-1].shape[:2]) >= 16:
        parts.append(halve(parts[-1]))
    buffer = np.empty(sum(part.size for part in parts), np.uint8)
    result, at = [], 0
    for part in parts:
        level = buffer[at : at + part.size].reshape(part.shape)
        level[...] = part
        result.append(level)
        at += part.size
    return tuple(result)


def packed(levels: tuple[npt.NDArray[np.uint8], ...]) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """A pyramid as kernels take it: all its bytes, and of each level (where it begins, rows, columns), int64 (n, 3)."""
    table, at = [], 0
    for level in levels:
        table.append((at, level.shape[0], level.shape[1]))
        at += level.size
    buffer: npt.NDArray[np.uint8] = levels[0].base  # type: ignore[assignment]
    return buffer, np.array(table)


@functools.lru_cache(maxsize=len(KINDS) * VARIANTS)
def texture_field(kind: str, variant: int) -> tuple[Texture, ...]:
    """The texture `variant` (in [0, VARIANTS)) of `kind` (one of KINDS) and its halvings, read-only.

    The first is uint8 (SIZE, SIZE, 2): pattern and relief. Made once a process (a few ms) and kept: 0.7 MB each.

    Raises InputError for an unknown kind or a variant out of range.
    """
    if kind not in KINDS:
        raise InputError(f"unknown texture {kind!r}: the kinds are {', '.join(KINDS)}")
    if not 0 <= variant < VARIANTS:
        raise InputError(f"texture {kind!r} has no variant {variant}: give a number from 0 to {VARIANTS - 1}")
    number = KINDS.index(kind)
    levels = pyramid(_MAKERS[number](_Maker(number, variant), variant))
    for level in levels:
        level.setflags(write=False)
    return levels


def make_field(kind: str, variant: int) -> Field:
    """A field of paint/fields.py before its values are evened: float32 (SIZE, SIZE)."""
    names = ("worn", "flakes", "fibres", "cloud", "grain", "facets")
    m = _Maker(100 + names.index(kind), variant)
    if kind == "worn":  # rubbed: patches that end in grain
        field = m.octaves(8, 8, 7, 0.72)
        return m.noise(512, 256, 0.5, field)
    if kind == "flakes":  # whole chips come off, large beside small
        near, _, owner = m.grid(32)
        _, _, small = m.grid(64)
        field = m.octaves(8, 8, 3, 0.5) + np.float32(0.5) * m.values(32 * 32)[owner]
        field += np.float32(0.25) * m.values(64 * 64)[small] + np.float32(0.05) * near
        return field
    if kind == "fibres":  # how far paper leads ink: clumps of fibres, and fibres
        return m.octaves(32, 32, 5, 0.85)
    if kind == "cloud":
        return m.octaves(4, 4, 4, 0.5)
    if kind == "facets":  # crumpled: flat pieces between sharp folds, each lit by its slope
        near, second, _ = m.grid(8)
        height = second - near
        near, second, _ = m.grid(4)
        height += np.float32(1.5) * (second - near)
        slope: Field = _light(m.noise(16, 16, 0.5, height), 1.0) + _light(m.octaves(8, 8, 5, 0.55), 1.2)
        return slope
    return m.octaves(128, 128, 3, 0.9)


class Texels(Struct, frozen=True, eq=False):
    """A picture and its halvings as kernels take them.

    `words`: all their texels, one after the other. `places`: of each level (where it begins, rows, columns), int64
    (n, 3). `texels`, `table`: the addresses of the two; `levels`: n. `mean`: of a photograph, its light.
    """

    words: npt.NDArray[Any]
    places: npt.NDArray[np.int64]
    texels: int
    table: int
    levels: int
    mean: float


def texels_of(levels: Sequence[npt.NDArray[Any]], mean: float = 1.0) -> Texels:
    """The levels of a picture, (h, w) each, in one."""
    starts = itertools.accumulate([0, *(level.size for level in levels[:-1])])
    places = np.array([(start, *level.shape) for start, level in zip(starts, levels, strict=True)])
    words = np.concatenate([level.ravel() for level in levels])
    return Texels(words, places, words.ctypes.data, places.ctypes.data, len(levels), mean)


@functools.lru_cache(maxsize=len(KINDS) * VARIANTS)
def texture_words(kind: str, variant: int) -> Texels:
    """`texture_field` for kernels: texels uint16, pattern + 256 relief. Raises InputError as that."""
    buffer, places = packed(texture_field(kind, variant))
    places = places // (2, 1, 1)
    words = buffer.view("<u2").astype(np.uint16, copy=False)
    return Texels(words, places, words.ctypes.data, places.ctypes.data, len(places), 1.0)
