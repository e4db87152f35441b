"""What every encoder does first with what it is given: shapes, numbers, order and crossings, and the size of the maps.

Errors are `InputError`s that name the index. The same rules hold for all encoders:

- a quad or polygon that is not finite, crosses itself or runs counter-clockwise is an error (`clockwise` mends quads
  that do the last);
- a degenerate one (no area) adds nothing to any map; labels outside of the image are cut by the raster only;
- where labels overlap, a sample belongs to the one of the smallest area (of the first, where areas are equal);
- the mask is 0 in ignored text, in text whose shortest side is below `min_size`, and in text whose core, widened where
  it is thin (see `thin`), holds no sample at this stride, except where a sample lies in the core of another, legible
  text;
- maps have ceil(height / stride) rows; sample (i, j) stands at ((j + 0.5) * stride, (i + 0.5) * stride) of the image;
- maps given as `out` are written anew, whatever they held.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from synthtext.core.errors import InputError
from synthtext.geometry.polygons import (
    COUNTER_CLOCKWISE,
    CROSSING,
    FARTHEST,
    NOT_FINITE,
    inspect_polygons,
    pack_polygons,
)

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]
Points = npt.NDArray[np.float64]
Ends = npt.NDArray[np.int64]
Polygons = npt.NDArray[Any] | Sequence[npt.ArrayLike]
Maps = TypeVar("Maps", bound=tuple[Any, ...])

_FAULTS = {
    NOT_FINITE: f"has a coordinate that is NaN, infinite or beyond {FARTHEST:.0e} pixels; drop it",
    COUNTER_CLOCKWISE: "runs counter-clockwise on the screen; start at the reading order's top left and go clockwise, "
    "or, where its first corner is that top left, pass quads through synthtext.geometry.polygons.clockwise",
    CROSSING: "crosses itself; order its corners clockwise or drop it",
}


def as_points(
    polygons: npt.ArrayLike | Polygons, quads: bool = False, name: str = "", sides: bool = False
) -> tuple[Points, Ends, Bytes]:
    """`points`, `ends` and what each one is (`inspect_polygons`); InputError that names the first bad one
    (as a `name`). With `sides`, polygons must be (2k, 2), of two sides of k points each.
    """
    name = name or ("quad" if quads else "polygon")
    if quads:
        try:
            array = np.ascontiguousarray(polygons, np.float64)
        except (ValueError, TypeError) as error:
            message = f"{name}s: are no array of numbers ({error}); give (n, 4, 2), four xy corners a quad"
            raise InputError(message) from None
        if array.size == 0:
            array = array.reshape(0, 4, 2)
        if array.ndim != 3 or array.shape[1:] != (4, 2):
            raise InputError(f"{name}s: have the shape {array.shape}; give (n, 4, 2), four xy corners a quad")
        points, ends = array.reshape(-1, 2), np.arange(4, 4 * len(array) + 1, 4)
    else:
        points, ends = pack_polygons(polygons, name, sides)
    status = np.empty(len(ends), np.uint8)
    bad = inspect_polygons(points, ends, status)
    if bad >= 0:
        raise InputError(f"{name} {bad}: {_FAULTS[int(status[bad])]}")
    return points, ends, status


def as_ignore(ignore: npt.ArrayLike | None, count: int) -> Bytes:
    """Ignore flags as uint8 (n,); None ignores nothing."""
    if ignore is None:
        return np.zeros(count, np.uint8)
    flags = np.asarray(ignore)
    if flags.size == 0:
        flags = np.zeros(0, np.bool_)
    if flags.shape != (count,):
        raise InputError(f"ignore: has the shape {flags.shape} for {count} texts; give one flag a text, ({count},)")
    if flags.dtype.kind not in "biu":
        raise InputError(f"ignore: holds {flags.dtype} values; give booleans")
    return np.asarray(flags != 0, np.uint8)


def as_char_word(char_word: npt.ArrayLike, chars: int, words: int) -> npt.NDArray[np.int64]:
    """The word of each char, int64 (chars,), each from 0 to words - 1; InputError otherwise."""
    array = np.asarray(char_word)
    array = np.zeros(0, np.int64) if array.size == 0 else array
    if array.shape != (chars,) or array.dtype.kind not in "iu":
        raise InputError(f"char_word: is {array.dtype} {array.shape} for {chars} chars; give one integer a char")
    bad = np.flatnonzero((array < 0) | (array >= words))
    if bad.size:
        raise InputError(f"char_word[{bad[0]}]: is {array[bad[0]]}, but there are {words} words")
    return np.ascontiguousarray(array, np.int64)


def map_shape(height: int, width: int, stride: int) -> tuple[int, int]:
    """Rows and columns of a map at `stride`: a last row or column that the image fills only partly counts."""
    for name, value in (("height", height), ("width", width), ("stride", stride)):
        if not (isinstance(value, int | np.integer) and value >= 1):
            raise InputError(f"{name}: is {value!r}; give a whole number of pixels, at least 1")
    return -(-height // stride), -(-width // stride)


def check_share(name: str, value: float, low: float, high: float) -> float:
    """`value` as a float where it lies in [low, high]; NaN does not."""
    if not (isinstance(value, float | int | np.number) and low <= value <= high):
        raise InputError(f"{name}: is {value!r}; give a number from {low:g} to {high:g}")
    return float(value)


class Spec(NamedTuple):
    """One map of a method: its channels (none for a plain (h, w) map), its dtype and what it holds without text."""

    name: str
    channels: tuple[int, ...]
    dtype: type[np.generic]
    blank: float = 0.0


def check_size(min_size: float) -> float:
    """The least shortest side of a text that is not ignored, as a float."""
    return check_share("min_size", min_size, 0.0, FARTHEST)


def prepare(kind: Callable[..., Maps], shape: tuple[int, int], specs: Sequence[Spec], out: Maps | None = None) -> Maps:
    """Blank maps as a `kind`: new ones, or `out`, whose arrays must be as the specs say."""
    if out is None:
        return kind(*_allocate(shape, specs))
    if not isinstance(out, tuple) or len(out) != len(specs):
        raise InputError(f"out: is no tuple of {len(specs)} maps ({', '.join(spec.name for spec in specs)})")
    for array, spec in zip(out, specs, strict=True):
        want, dtype = (*shape, *spec.channels), np.dtype(spec.dtype)
        good = isinstance(array, np.ndarray) and array.shape == want and array.dtype == dtype
        if not good or not array.flags.c_contiguous or not array.flags.writeable:
            got = f"{array.dtype} {array.shape}" if isinstance(array, np.ndarray) else type(array).__name__
            raise InputError(f"out.{spec.name}: is {got}; give a writeable, C-contiguous array {dtype} {want}")
    for array, spec in zip(out, specs, strict=True):
        array.fill(spec.blank)
    return out


def _allocate(shape: tuple[int, int], specs: Sequence[Spec]) -> list[npt.NDArray[Any]]:
    """Blank maps, all in one block: the allocator hands one block out again, where many small ones go back to the
    system and each of their pages is faulted in anew, which costs more than the whole encoding.
    """
    sizes = [math.prod((*shape, *spec.channels)) * np.dtype(spec.dtype).itemsize for spec in specs]
    starts = [0, *np.cumsum([-(-size // 64) * 64 for size in sizes]).tolist()]
    block = np.zeros(starts[-1], np.uint8)
    maps = []
    for spec, start, size in zip(specs, starts, sizes, strict=False):
        array = block[start : start + size].view(spec.dtype).reshape(*shape, *spec.channels)
        if spec.blank:
            array.fill(spec.blank)
        maps.append(array)
    return maps
