"""Random fields by which paint wears, flakes, bleeds and fades: their values are spread evenly.

A field is a function of (kind, variant) alone: uint8 (512, 512), wrapping around, every value as frequent as any other,
so that the part of it below 255 t is t: a share of wear is then exact on average.
"""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt

from synthtext.core.kernel import kernel
from synthtext.paint.textures import SIZE, make_field, pyramid

FIELDS = ("worn", "flakes", "fibres", "cloud", "grain", "facets")
FIELD_VARIANTS = 4
Field = npt.NDArray[np.uint8]


@functools.lru_cache(maxsize=len(FIELDS) * FIELD_VARIANTS)
def field_levels(kind: str, variant: int) -> tuple[Field, ...]:
    """The field and its halvings, each evened anew."""
    whole = _evened(make_field(kind, variant))
    return tuple(whole if i == 0 else _evened(level[:, :, 0]) for i, level in enumerate(pyramid(whole[:, :, None])))


def _evened(values: npt.NDArray[np.float32] | Field) -> Field:
    order = np.argsort(values, axis=None, kind="stable")
    out = np.empty(values.size, np.uint8)
    out[order] = (np.arange(values.size) * 256 // values.size).astype(np.uint8)
    return out.reshape(values.shape)


def choose_level(kind: str, key: int, texels: float) -> tuple[Field, float, float, float]:
    """The field of a key for `texels` of it a pixel: (field, factor on its coordinates, shift across, shift down)."""
    levels = field_levels(kind, key % FIELD_VARIANTS)
    level = 0
    while texels > 1.5 and level < len(levels) - 1:
        texels, level = 0.5 * texels, level + 1
    factor = 0.5**level
    return levels[level], factor, float((key >> 8) % SIZE) * factor, float((key >> 20) % SIZE) * factor


@kernel
def sample_field(field, u, v):
    """The field at (u, v), its own pixels, between its four neighbours; in [0, 1]."""
    size = field.shape[0]
    u0, v0 = np.floor(u), np.floor(v)
    fu, fv = u - u0, v - v0
    i, j = int(u0) & (size - 1), int(v0) & (size - 1)
    k, m = (i + 1) & (size - 1), (j + 1) & (size - 1)
    top = field[j, i] + fu * (np.float64(field[j, k]) - field[j, i])
    bottom = field[m, i] + fu * (np.float64(field[m, k]) - field[m, i])
    return (top + fv * (bottom - top) + 0.5) / 256.0


@kernel
def plane_field(plane, field, across, down, shift_x, shift_y, out):
    """A field seen on a plane. `plane`: float64 (9,), pixels to em; `across`, `down`: the field's pixels per em.

    `out`: float32 (H, W), set to values in [0, 1].
    """
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            px, py = x + 0.5, y + 0.5
            w = 1.0 / (plane[6] * px + plane[7] * py + plane[8])
            u = (plane[0] * px + plane[1] * py + plane[2]) * w
            v = (plane[3] * px + plane[4] * py + plane[5]) * w
            out[y, x] = sample_field(field, across * u + shift_x, down * v + shift_y)
