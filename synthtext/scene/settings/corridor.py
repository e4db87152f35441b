"""The setting `corridor`."""

from __future__ import annotations

import math

from synthtext.paint.backgrounds import BackgroundParams
from synthtext.scene.panel import Panel
from synthtext.scene.planes import Camera
from synthtext.scene.setting import FLOORS, GREY, Area, Builder, Setting, pane

SETTING = {
    "name": "corridor",
    "help": "a passage: two walls, floor and ceiling, and what is at its end",
    "maker": "corridor",
}

_INSIDE = {"plain": 6.0, "plaster": 4.0, "tiles": 2.0, "stone": 1.0, "wood": 1.0, "metal": 1.0}


def corridor(b: Builder) -> Setting:
    """A passage: two walls, floor and ceiling, and what is at its end."""
    draws = b.draws
    camera = b.camera(math.radians(draws.uniform(-22.0, 22.0)), 0.3 * b.tilt(15.0))
    wide, high, long = draws.uniform(2.2, 6.0), draws.uniform(2.4, 4.0), draws.log_uniform(5.0, 20.0)
    left, right = -wide * draws.uniform(0.3, 0.7), 0.0
    right = left + wide
    eye = 1.5
    top = eye - high
    level = draws.uniform(0.5, 1.0)
    end = camera.plane((left, top, long), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
    light = b.light(level * draws.uniform(0.5, 1.2))
    if draws.chance(0.5):
        b.add(end, Panel((-0.1, -0.1, wide + 0.1, high + 0.1), b.glass(), light))
    else:
        b.surface(end, (-0.1, -0.1, wide + 0.1, high + 0.1), _INSIDE, 150.0, light)
        b.areas.append(Area(end, (0.0, 0.0, wide, high), light, 0.6))
    floor = camera.plane((left, eye, 0.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0))
    ceiling = camera.plane((left, top, 0.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0))
    nears = _nearest(camera, left, top, eye), _nearest(camera, right, top, eye)
    near = max(nears)
    middle = _nearest(camera, 0.5 * (left + right), top, eye)
    starts = max(nears[0], middle), max(nears[1], middle)
    halves = ((-0.1, 0.5 * wide + 0.05), (0.5 * wide, wide + 0.1))  # what meets overlaps: no gap shows between
    for plane, weights, low, photos in (
        (floor, FLOORS, 0.5, 0.2),
        (ceiling, {"plain": 4.0, "plaster": 2.0, "metal": 1.0}, 0.6, 0.0),
    ):
        material, tiled = b.material(weights, 120.0, photos=photos)
        own = b.light(level * draws.uniform(low, 1.0))
        # In two halves, since the one beside the wall that the camera turns to begins nearer.
        for (x0, x1), z in zip(halves, starts, strict=True):
            b.add(plane, Panel((x0, z, x1, long + 0.02), material, own, tiled=tiled))
    z = near + draws.random() * 2.0
    lamp = BackgroundParams("plain", first=(1.0, 1.0, 0.95), second=(1.0, 1.0, 0.95))
    if draws.chance(0.7):
        while z < long:
            b.add(ceiling, Panel((0.4 * wide, z, 0.6 * wide, z + 0.8), lamp, (0.0, 0.0, 1.0)))
            z += draws.uniform(2.0, 2.6)
    material, tiled = b.material(_INSIDE, 200.0)
    for side in (0, 1):
        # Each wall is read from the left as one faces it: the left one away from the viewer, the right one towards him.
        if side == 0:
            wall = camera.plane((left, top, 0.0), (0.0, 0.0, 1.0), (0.0, 1.0, 0.0))
            area = (nears[0], 0.0, long, high)
        else:
            wall = camera.plane((right, top, 0.0), (0.0, 0.0, -1.0), (0.0, 1.0, 0.0))
            area = (-long, 0.0, -nears[1], high)
        own = b.light(level * draws.uniform(0.6, 1.1))
        b.add(wall, Panel((area[0] - 0.02, area[1], area[2] + 0.02, area[3]), material, own, tiled=tiled))
        u = area[0] + draws.random() * 2.0
        while u + 1.0 < area[2]:
            w = draws.uniform(0.9, 2.4)
            if draws.chance(0.45):
                pane(b, wall, (u, draws.uniform(0.3, 0.8), u + w, high - draws.uniform(0.0, 0.8)), own)
            u += w + draws.uniform(0.4, 3.0)
        b.areas.append(Area(wall, (area[0], 0.15, area[2], 0.8 * high), own, 1.5))
    return b.done(GREY)


def _nearest(camera: Camera, x: float, top: float, bottom: float) -> float:
    """The nearest depth at which a passage's wall, at x, lies before the camera from top to bottom."""
    z = 0.02
    while z < 20.0 and min(camera.turned((x, y, z))[2] for y in (top, bottom)) <= 0.05:
        z *= 1.1
    return z
