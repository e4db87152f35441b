"""The setting `photo`."""

from __future__ import annotations

import numpy as np

from synthtext.paint.backgrounds import BackgroundParams
from synthtext.scene.depth import DepthSource
from synthtext.scene.panel import Element, Panel
from synthtext.scene.placement import CELL
from synthtext.scene.planes import IDENTITY, Homography, chain
from synthtext.scene.setting import GREY, Area, Builder, Setting

SETTING = {
    "name": "photo",
    "help": "a photograph; text where it is calm, or on its planes where their depth is known",
    "maker": "photo",
}


def photo(b: Builder) -> Setting:
    """A photograph; text where it is calm, each group on a plane of its own, where no planes are known."""
    if b.depths is not None:
        return _on_planes(b, b.depths)
    box = (0.0, 0.0, float(b.width), float(b.height))
    b.areas.append(Area(IDENTITY, box, (0.0, 0.0, 1.0), calm=True, free=True))
    return b.done(b.backdrop())


def _on_planes(b: Builder, depths: DepthSource) -> Setting:
    """A photograph whose planes are known by its depth: text stands on them."""
    draws = b.draws
    name = draws.choice(depths.names)
    regions = depths.regions(name)
    photo = f"bg_img/{name}"
    rows, columns = b.library.photo(photo)[0][0].shape[:2]
    zoom, x, y = draws.uniform(0.7, 1.0), draws.random(), draws.random()
    # The same crop as `paint_material` makes: source pixel = k * image pixel + shift.
    k = zoom * min((columns - 2) / b.width, (rows - 2) / b.height)
    shift_x, shift_y = x * (columns - k * b.width), y * (rows - k * b.height)
    height, width = regions.labels.shape
    rx, ry = width / columns, height / rows
    crop: Homography = (1 / (k * rx), 0.0, -shift_x / k, 0.0, 1 / (k * ry), -shift_y / k, 0.0, 0.0, 1.0)
    u = (np.arange((b.width + CELL - 1) // CELL) + 0.5) * CELL
    v = (np.arange((b.height + CELL - 1) // CELL) + 0.5) * CELL
    column = ((k * u + shift_x) * rx).astype(np.int64).clip(0, width - 1)
    row = ((k * v + shift_y) * ry).astype(np.int64).clip(0, height - 1)
    cells = regions.labels[row][:, column]
    for label, plane in regions.planes:
        inside = cells == label
        if inside.sum() < 6:
            continue
        r, c = np.nonzero(inside)
        view = (float(c.min() * CELL), float(r.min() * CELL), float((c.max() + 1) * CELL), float((r.max() + 1) * CELL))
        weight = float(inside.sum())
        box = (-1e9, -1e9, 1e9, 1e9)
        b.areas.append(Area(chain(crop, plane), box, (0.0, 0.0, 1.0), weight, 0.03, True, view=view, inside=inside))
    if not b.areas:
        whole = (0.0, 0.0, float(b.width), float(b.height))
        b.areas.append(Area(IDENTITY, whole, (0.0, 0.0, 1.0), calm=True, free=True))
    material = BackgroundParams("photo", photo, x, y, zoom, gain=draws.log_uniform(0.9, 1.4))
    b.elements.append(Element(IDENTITY, Panel((0.0, 0.0, float(b.width), float(b.height)), material)))
    return b.done(GREY)
