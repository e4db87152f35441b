"""The setting `wall`."""

from __future__ import annotations

from synthtext.paint.backgrounds import BackgroundParams
from synthtext.paint.colour import colour
from synthtext.scene.panel import Light, Panel, Shade
from synthtext.scene.planes import Box, Homography
from synthtext.scene.setting import WALLS, Area, Builder, Setting, before_camera, pane, seen_part

SETTING = {"name": "wall", "help": "a wall, a door or a notice board from close by", "maker": "wall"}

_BOARD = {"plain": 3.0, "wood": 3.0, "metal": 2.0}


def wall(b: Builder) -> Setting:
    """A wall, a door or a notice board from close by."""
    draws = b.draws
    camera = b.camera(0.0, 0.4 * b.tilt(25.0))
    plane = b.facing(camera, draws.log_uniform(0.8, 4.0), b.tilt())
    box = before_camera(plane, (-14.0, -9.0, 14.0, 9.0))
    light = b.light(draws.uniform(0.55, 1.0))
    b.surface(plane, box, WALLS, draws.log_uniform(180.0, 600.0), light, photos=0.4)
    seen = seen_part(b, plane, box)
    height, width = seen[3] - seen[1], seen[2] - seen[0]
    if draws.chance(0.3):  # a base in another colour, or a ledge
        at = seen[1] + draws.uniform(0.55, 0.85) * height
        b.surface(plane, (box[0], at, box[2], box[3]), WALLS, draws.log_uniform(180.0, 600.0), light)
        shadow = BackgroundParams("plain", first=(0.02, 0.02, 0.02), second=(0.02, 0.02, 0.02))
        b.add(plane, Panel((box[0], at - 0.012, box[2], at + 0.012), shadow, light, opacity=0.6))
    avoid: tuple[Box, ...] = ()
    if draws.chance(0.3):  # a notice board: what hangs on it hangs close
        w, h = draws.uniform(0.5, 0.9) * width, draws.uniform(0.4, 0.8) * height
        x, y = seen[0] + draws.random() * (width - w), seen[1] + draws.random() * (height - h)
        material, tiled = b.material(_BOARD, draws.log_uniform(200.0, 500.0), photos=0.1)
        edge = colour(draws.uniform(10.0, 90.0), draws.uniform(0.0, 0.3), draws.uniform(0.0, 6.3))
        rim = 0.02 * min(w, h)
        shade = Shade(0.01 * w, 0.02 * h, 0.02 * h, 0.4)
        board = Panel((x, y, x + w, y + h), material, light, 0.0, tiled, rim, 0.0, edge, 0.3 * rim, shade=shade)
        b.add(plane, board)
        kinds = {"poster": 5.0, "label": 4.0, "sign": 1.0, "circle": 0.5, "plate": 0.5, "block": 0.5}
        inside = (x + 2 * rim, y + 2 * rim, x + w - 2 * rim, y + h - 2 * rim)
        b.areas.append(Area(plane, inside, light, 3.0, 0.06, kinds=kinds))
        avoid = ((x, y, x + w, y + h),)
    elif draws.chance(0.3):
        _window(b, plane, seen, light)
    b.areas.append(Area(plane, box, light, 1.0, 0.03, avoid=avoid))
    return b.done(b.backdrop())


def _window(b: Builder, plane: Homography, seen: Box, light: Light) -> None:
    """A window or a door in a wall."""
    draws = b.draws
    height, width = seen[3] - seen[1], seen[2] - seen[0]
    w, h = draws.uniform(0.25, 0.5) * width, draws.uniform(0.35, 0.9) * height
    x, y = seen[0] + draws.uniform(-0.1, 0.8) * width, seen[1] + draws.uniform(-0.1, 0.5) * height
    pane(b, plane, (x, y, x + w, y + h), light)
