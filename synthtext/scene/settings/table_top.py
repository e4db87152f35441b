"""The setting `table`."""

from __future__ import annotations

import math

from synthtext.scene.setting import Area, Builder, Setting, before_camera

SETTING = {
    "name": "table",
    "help": "a table, counter or floor from above, with papers, cards and boxes on it",
    "maker": "table",
}

_TABLES = {"wood": 5.0, "plain": 2.0, "fabric": 2.0, "stone": 1.5, "metal": 1.0}


def table(b: Builder) -> Setting:
    """A table, counter or floor from above, with papers, cards and boxes on it."""
    draws = b.draws
    camera = b.camera(0.0, math.radians(draws.uniform(38.0, 88.0)))
    height = draws.log_uniform(0.3, 1.2)
    plane = camera.plane((0.0, height, 0.0), (1.0, 0.0, 0.0), (0.0, 0.0, -1.0))
    box = before_camera(plane, (-8.0, -4.0, 8.0, 2.0))
    light = b.light(draws.uniform(0.55, 1.0), 0.4)
    b.surface(plane, box, _TABLES, draws.log_uniform(350.0, 1200.0), light, photos=0.25)
    kinds = {"label": 6.0, "poster": 4.0, "plate": 1.5, "sign": 1.0, "circle": 1.0, "word": 0.7, "block": 0.7}
    turn = draws.choice((0.1, 0.35, 0.7))
    b.areas.append(Area(plane, box, light, 1.0, turn, kinds=kinds))
    return b.done(b.backdrop())
