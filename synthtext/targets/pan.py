"""PAN's maps (Wang et al. 2019, "Efficient and Accurate Arbitrary-Shaped Text Detection with Pixel Aggregation
Network").

t = encode(polygons, ignore, height, width, stride=4)
polygons, scores = decode(text, kernel, similarity, stride=4)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from synthtext.core.errors import InputError
from synthtext.targets.boundary import (
    Bytes,
    Floats,
    Ints,
    Points,
    Polygons,
    Spec,
    check_share,
    map_shape,
    prepare,
)
from synthtext.targets.components import as_finite, as_map, labelled_outlines, parts_of
from synthtext.targets.psenet import erode, expand, expand_all

TAKES = "polygons"  # what `encode` is made of: words' quads or polygons, or these and chars


class PanTargets(NamedTuple):
    """Maps of `h` = ceil(height / stride) rows, `w` columns.

    `text`, `kernel` uint8 (h, w): 1 in the texts, and in the texts shrunk by `ratio`. `mask` uint8: where losses count.
    `instance`, `kernel_instance` int32: 1 + the index of the text, or 0, of each sample of `text` and of `kernel`: what
    the aggregation and discrimination losses of the similarity vectors (section 3.4) gather by.
    """

    text: Bytes
    kernel: Bytes
    mask: Bytes
    instance: Ints
    kernel_instance: Ints


_SPECS = (
    Spec("text", (), np.uint8),
    Spec("kernel", (), np.uint8),
    Spec("mask", (), np.uint8, 1),
    Spec("instance", (), np.int32),
    Spec("kernel_instance", (), np.int32),
)


def encode(
    polygons: Polygons,
    ignore: npt.ArrayLike | None,
    height: int,
    width: int,
    stride: int = 4,
    *,
    ratio: float = 0.5,
    min_size: float = 0.0,
    out: PanTargets | None = None,
) -> PanTargets:
    """PAN's training maps: the texts, and their kernels, shrunk as PSENet's are, by `ratio` (0.7 for curved text in the
    paper). Parameters, rules and errors: see `psenet.encode`.
    """
    shape = map_shape(height, width, stride)
    ratio = check_share("ratio", ratio, 0.05, 1.0)
    maps = prepare(PanTargets, shape, _SPECS, out)
    both = np.zeros((*shape, 2), np.uint8)
    erode(polygons, ignore, stride, np.array([ratio, 1.0]), min_size, both, maps.mask, maps.instance)
    maps.kernel[...], maps.text[...] = both[..., 0], both[..., 1]
    np.multiply(maps.instance, maps.kernel, out=maps.kernel_instance)
    return maps


def empty(height: int, width: int, stride: int = 4) -> PanTargets:
    """Maps of an image without text, to be given to `encode` as `out`."""
    return prepare(PanTargets, map_shape(height, width, stride), _SPECS)


def decode(
    text: npt.ArrayLike,
    kernel: npt.ArrayLike,
    similarity: npt.ArrayLike | None = None,
    stride: int = 4,
    *,
    threshold: float = 0.5,
    distance: float = 6.0,
    min_score: float = 0.5,
    quads: bool = False,
) -> tuple[list[Points], Floats]:
    """Texts of PAN's maps: the parts of `kernel` (h, w), expanded into `text` (h, w) (section 3.2, pixel aggregation).

    With `similarity` (h, w, d), a sample joins a kernel only where its vector lies within `distance` of the mean of the
    kernel's vectors. Gives outlines float64 (m, 2) or with `quads` rectangles (4, 2), and mean text scores.
    """
    values, kernels = as_map("text", text), as_map("kernel", kernel)
    if values.shape != kernels.shape:
        raise InputError(f"kernel: has the shape {kernels.shape} for a text map of {values.shape}; give the same")
    map_shape(1, 1, stride)
    threshold, distance = check_share("threshold", threshold, 0.0, 1.0), check_share("distance", distance, 0.0, 1e9)
    inside = values > threshold
    labels = parts_of((kernels > threshold) & inside)
    if similarity is None:
        expand_all(labels, inside)
    else:
        vectors = np.ascontiguousarray(similarity, np.float32)
        if vectors.ndim != 3 or vectors.shape[:2] != values.shape:
            raise InputError(f"similarity: has the shape {vectors.shape} for maps of {values.shape}; give (h, w, d)")
        as_finite("similarity", vectors)
        count = int(labels.max(initial=0)) + 1
        own = np.maximum(np.bincount(labels.ravel(), minlength=count), 1)
        sums = [np.bincount(labels.ravel(), vectors[..., d].ravel(), count) for d in range(vectors.shape[2])]
        means = np.asarray(np.stack(sums, 1) / own[:, None], np.float32)
        expand(labels, inside, np.empty(labels.size, np.int64), vectors, means, float(distance))
    return labelled_outlines(labels, values, stride, min_score, quads)
