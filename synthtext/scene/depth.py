"""SynthText's backgrounds (Gupta et al., "Synthetic data for text localisation in natural images", CVPR 2016).

A folder holds `bg_img/`, pictures; `depth.h5`, by a picture's name (2, W, H) depths, of which the second is used; and
`seg.h5`, under `mask` by name (H, W) labels of regions, with the attributes `area` and `label` (one entry a region).

A region is taken for a plane where its depth says so: in a pinhole camera of focal length f (520 pixels, as in
SynthText's own code) a plane's inverse depth is affine in the pixel, 1 / z = a (u - cx) / f + b (v - cy) / f + c, and
(a, b, c) is normal to it. It is fitted by least squares, reweighted against outliers.
"""

from __future__ import annotations

import math
import os
from collections import OrderedDict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from synthtext.core.errors import InputError
from synthtext.scene.planes import Homography

FOCAL = 520.0
_LEAST_AREA = 0.012  # of the picture: smaller regions hold no text
_MOST_AWAY = 0.06  # median deviation of a plane's inverse depth, as a part of it
_STEEPEST = math.cos(math.radians(72.0))  # a plane seen more from the side is left out
_KEPT = 16  # pictures whose planes are kept


class Plane(NamedTuple):
    """A region that is a plane: its label, and the homography from the plane to pixels of the region map."""

    label: int
    plane: Homography


class Regions(NamedTuple):
    """A picture's regions: `labels` int32 (h, w) and those that are planes."""

    labels: npt.NDArray[np.int32]
    planes: tuple[Plane, ...]


class DepthSource:
    """The pictures of a folder that have depth and regions. `names`: sorted.

    Raises InputError where a file is missing or cannot be read, or h5py is.
    """

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder).expanduser()
        for part in ("bg_img", "depth.h5", "seg.h5"):
            if not (self.folder / part).exists():
                raise InputError(
                    f"scene.synthtext: {folder!r} has no {part}; give the folder that holds bg_img, depth.h5 and seg.h5"
                )
        self._files: dict[str, Any] = {}
        self._owner = -1
        self._known: OrderedDict[str, Regions] = OrderedDict()
        depth, mask = set(self._open("depth.h5")), set(self._masks())
        pictures = {path.name for path in (self.folder / "bg_img").iterdir() if path.is_file()}
        self.names = tuple(sorted(depth & mask & pictures))
        if not self.names:
            raise InputError(
                f"scene.synthtext: no picture of {self.folder / 'bg_img'} stands in both depth.h5 and seg.h5; "
                "their keys are the pictures' file names"
            )

    def _open(self, name: str) -> Any:
        """The file, opened anew in every process that uses it."""
        if self._owner != os.getpid():
            self._files, self._owner = {}, os.getpid()
        if name not in self._files:
            try:
                import h5py
            except ImportError:
                raise InputError('scene.synthtext: needs h5py; pip install "synthtext[h5]"') from None
            try:
                self._files[name] = h5py.File(self.folder / name, "r")
            except OSError as error:
                raise InputError(
                    f"scene.synthtext: {self.folder / name}: is no HDF5 file that can be read ({error})"
                ) from None
        return self._files[name]

    def _masks(self) -> Any:
        masks = self._open("seg.h5")
        if "mask" not in masks:
            raise InputError(f"scene.synthtext: {self.folder / 'seg.h5'}: has no group 'mask'; see docs/scenes.md")
        return masks["mask"]

    def regions(self, name: str) -> Regions:
        """The regions of a picture. Raises InputError for data of another shape."""
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = self._read(name)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return known

    def _read(self, name: str) -> Regions:
        stored, mask = self._open("depth.h5")[name], self._masks()[name]
        if stored.ndim != 3 or stored.shape[0] < 2 or mask.ndim != 2:
            raise InputError(
                f"scene.synthtext: {name}: depth of shape {stored.shape} and regions of shape {mask.shape}; "
                "(2, W, H) and (H, W) are needed"
            )
        depth = np.asarray(stored[1]).T.astype(np.float64)
        labels = np.asarray(mask[:]).astype(np.int32)
        height, width = labels.shape
        rows = (np.arange(height) * depth.shape[0] // height).clip(0, depth.shape[0] - 1)
        columns = (np.arange(width) * depth.shape[1] // width).clip(0, depth.shape[1] - 1)
        depth = depth[rows][:, columns]
        planes = []
        for label in np.unique(labels[labels > 0]).tolist():
            plane = fit_plane(depth, labels == label, FOCAL)
            if plane is not None:
                planes.append(Plane(label, plane))
        return Regions(labels, tuple(planes))


def fit_plane(depth: npt.NDArray[np.float64], inside: npt.NDArray[np.bool_], focal: float) -> Homography | None:
    """The plane of a region: the homography from its coordinates to pixels; None where it is none, or seen too aslant.

    `depth`: float64 (h, w). `inside`: bool (h, w). The plane's origin lies in the region's middle, its x axis is as
    level, and its y axis as upright, as may be; its unit is that of the depth.
    """
    v, u = np.nonzero(inside & np.isfinite(depth) & (depth > 0.0))
    height, width = depth.shape
    if len(u) < max(_LEAST_AREA * depth.size, 12):
        return None
    step = max(len(u) // 2000, 1)
    v, u = v[::step], u[::step]
    x, y = (u + 0.5 - 0.5 * width) / focal, (v + 0.5 - 0.5 * height) / focal
    inverse = 1.0 / depth[v, u]
    rows = np.column_stack([x, y, np.ones(len(x))])
    weights = np.ones(len(x))
    normal = np.zeros(3)
    for _ in range(6):
        root = np.sqrt(weights)[:, None]
        normal = np.linalg.lstsq(rows * root, inverse * root[:, 0], rcond=None)[0]
        away = np.abs(rows @ normal - inverse)
        scale = max(1.5 * float(np.median(away)), 1e-9 * float(inverse.mean()))
        weights = 1.0 / (1.0 + (away / scale) ** 2)
    if float(np.median(away)) > _MOST_AWAY * float(np.median(inverse)):
        return None
    mx, my = float(np.median(x)), float(np.median(y))
    at = float(normal @ (mx, my, 1.0))
    length = float(np.linalg.norm(normal))
    towards = np.array([mx, my, 1.0]) / math.hypot(mx, my, 1.0)
    if at <= 0.0 or float(towards @ normal) / length < _STEEPEST:
        return None
    n = normal / length
    down = np.array([0.0, 1.0, 0.0]) - n[1] * n
    if float(np.linalg.norm(down)) < 0.2:  # a floor or a ceiling: upright is away from the viewer
        down = np.array([0.0, 0.0, -1.0]) + n[2] * n
    down /= np.linalg.norm(down)
    along = np.cross(down, n)
    origin = np.array([mx, my, 1.0]) / at
    camera = np.array([[focal, 0.0, 0.5 * width], [0.0, focal, 0.5 * height], [0.0, 0.0, 1.0]])
    h = camera @ np.column_stack([along, down, origin])
    if np.linalg.det(h) <= 0.0:
        return None
    return tuple(h.ravel().tolist())
