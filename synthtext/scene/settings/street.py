"""The setting `street`."""

from __future__ import annotations

import math

from synthtext.scene.panel import Light, Panel, Shade
from synthtext.scene.planes import Box, Homography, in_front
from synthtext.scene.setting import FLOORS, GOODS, WALLS, Area, Builder, Setting, before_camera, pane, seen_part, shrunk

SETTING = {
    "name": "street",
    "help": "a row of shops: ground, wall, fascias with names, windows, doors; the sky above",
    "maker": "street",
}


def street(b: Builder) -> Setting:
    """A row of shops: ground, wall, fascias with names, windows, doors; the sky above."""
    draws = b.draws
    camera = b.camera(0.0, 0.25 * b.tilt(20.0) - 0.04)
    distance = draws.log_uniform(2.5, 9.0)
    eye, high = 1.5, draws.uniform(3.4, 7.0)
    plane = b.facing(camera, distance, b.tilt())
    box = before_camera(plane, (-30.0, -high, 30.0, eye))
    level = draws.uniform(0.5, 1.0)
    light = b.light(level)
    ground = camera.plane((0.0, eye, 0.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0))
    reach = before_camera(ground, (-60.0, 0.05, 60.0, 80.0))
    b.surface(ground, reach, FLOORS, draws.log_uniform(60.0, 200.0), b.light(level * draws.uniform(0.7, 1.1)))
    b.surface(plane, box, WALLS, draws.log_uniform(120.0, 320.0), light)
    seen = seen_part(b, plane, box)
    low = -draws.uniform(0.9, 1.5)  # the fascia's lower edge
    bay = draws.log_uniform(2.2, 5.0)
    x = math.floor(seen[0] / bay) * bay + draws.random() * bay - bay
    upper_glass = draws.chance(0.7)
    while x < seen[2]:
        _shop(b, plane, (x, low, x + bay, eye), light, high, upper_glass)
        x += bay * draws.choice((1.0, 1.0, 1.05, 1.4))
    b.areas.append(Area(plane, box, light, 1.0, 0.02))
    if draws.chance(0.5):  # something that stands in front: a board on the pavement
        x, z = draws.uniform(-0.6, 0.6) * distance * 0.5, distance * draws.uniform(0.4, 0.85)
        w, h = draws.uniform(0.5, 1.1), draws.uniform(0.7, 1.6)
        turn = draws.uniform(-0.5, 0.5)
        stand = camera.plane((x, eye - h, z), (math.cos(turn), 0.0, math.sin(turn)), (0.0, 1.0, 0.0))
        material, tiled = b.material(GOODS, 300.0, (0.02, 0.15), 0.0)
        own = b.light(level * draws.uniform(0.8, 1.2))
        if in_front(stand, (0.0, 0.0, w, h), 0.3):
            b.add(stand, Panel((0.0, 0.0, w, h), material, own, 0.02, tiled, 0.02, 0.0, (0.05, 0.05, 0.05)))
            b.slot(stand, (0.06, 0.06, w - 0.06, h - 0.12), {"block": 2.0, "sign": 2.0, "word": 1.0}, own, 0.9)
    return b.done(b.backdrop() if draws.chance(0.3) else b.sky())


def _shop(b: Builder, plane: Homography, box: Box, light: Light, high: float, upper: bool) -> None:
    """One bay of a street's wall: window or door below, fascia above it, perhaps a window on the next floor."""
    draws = b.draws
    x0, low, x1, ground = box
    gap = draws.uniform(0.05, 0.35)
    kind = draws.random()
    if kind < 0.8:
        tall = draws.uniform(0.45, 0.9)
        fascia = (x0 + gap, low - tall, x1 - gap, low)
        material, tiled = b.material(GOODS | {"metal": 2.0, "wood": 2.0}, 150.0, (0.02, 0.2), photos=0.15)
        own = light
        if draws.chance(0.2):  # lit from within
            own = (light[0], light[1], light[2] * 1.5)
        shade = Shade(0.0, 0.08, 0.08, 0.5)
        b.add(plane, Panel(fascia, material, own, 0.0, tiled, bevel=0.03, shade=shade))
        b.slot(plane, shrunk(fascia, 0.05), {"word": 6.0, "sign": 2.0, "curve": 0.5}, own, 0.85)
    if kind < 0.6:
        pane(b, plane, (x0 + gap, low + 0.05, x1 - gap, ground - draws.uniform(0.1, 0.7)), light)
    elif kind < 0.85:
        width = min(x1 - x0 - 2 * gap, draws.uniform(0.9, 1.6))
        pane(b, plane, (x0 + gap, low + 0.05, x0 + gap + width, ground), light)
    if upper and high + low > 2.0:
        top = low - draws.uniform(1.2, 1.5)
        pane(b, plane, (x0 + 0.3 * (x1 - x0), top - 1.4, x0 + 0.7 * (x1 - x0), top), light)
