"""The setting `shelf`."""

from __future__ import annotations

from synthtext.paint.backgrounds import BackgroundParams
from synthtext.paint.colour import colour
from synthtext.scene.panel import Panel, Shade
from synthtext.scene.setting import GOODS, GREY, Area, Builder, Setting, before_camera, seen_part, shrunk

SETTING = {"name": "shelf", "help": "shelves of goods with price tags, from the front", "maker": "shelf"}

_ON_GOODS = {"word": 5.0, "block": 2.5, "curve": 1.0, "label": 1.5, "stack": 0.7}


def shelf(b: Builder) -> Setting:
    """Shelves of goods with price tags, from the front."""
    draws = b.draws
    camera = b.camera(0.0, 0.5 * b.tilt(25.0))
    plane = b.facing(camera, draws.log_uniform(0.7, 2.2), b.tilt(35.0))
    box = before_camera(plane, (-5.0, -4.0, 5.0, 4.0))
    light = b.light(draws.uniform(0.6, 1.0))
    dark = colour(draws.uniform(8.0, 45.0), draws.uniform(0.0, 0.3), draws.uniform(0.0, 6.3))
    b.add(plane, Panel(box, BackgroundParams("plain", first=dark, second=dark), light))
    seen = seen_part(b, plane, box)
    pitch, board = draws.uniform(0.22, 0.5), draws.uniform(0.02, 0.045)
    material, tiled = b.material({"plain": 5.0, "metal": 2.0, "wood": 2.0}, 300.0, (0.02, 0.15), photos=0.0)
    tags = draws.chance(0.75)
    y = seen[1] - draws.random() * pitch
    while y < seen[3] + pitch:
        x = seen[0] - draws.random() * 0.3
        while x < seen[2]:
            w = draws.log_uniform(0.3, 1.1) * pitch
            tall = pitch * draws.uniform(0.45, 0.88)
            goods, own_tiled = b.material(GOODS, 400.0, (0.02, 0.3), photos=0.03)
            many = 1 + draws.integer(3)
            texts = draws.chance(0.75)
            for _ in range(many):
                if x >= seen[2]:
                    break
                face = (x, y + pitch - board - tall, x + w, y + pitch - board)
                shade = Shade(0.01, 0.0, 0.012, 0.5)
                b.add(plane, Panel(face, goods, light, 0.01 * w, own_tiled, bevel=0.004, shade=shade))
                if draws.chance(0.3):
                    tone = colour(draws.uniform(5.0, 95.0), draws.random(), draws.uniform(0.0, 6.3))
                    at, part = draws.uniform(0.1, 0.6), draws.uniform(0.15, 0.4)
                    band = (x, face[1] + at * tall, x + w, face[1] + (at + part) * tall)
                    b.add(plane, Panel(band, BackgroundParams("plain", first=tone, second=tone), light))
                    face = band
                b.slot(plane, shrunk(face, 0.08), _ON_GOODS, light, 0.8 if texts else 0.05)
                x += w * draws.uniform(1.01, 1.06)
            x += draws.uniform(0.005, 0.05)
        edge = (box[0], y + pitch - board, box[2], y + pitch)
        b.add(plane, Panel(edge, material, light, tiled=tiled, bevel=0.004, shade=Shade(0.0, 0.02, 0.03, 0.6)))
        if tags:
            at = seen[0]
            while at < seen[2]:
                at += draws.uniform(0.1, 0.5)
                w = draws.uniform(1.4, 3.0) * board
                tag = (at, y + pitch - 0.98 * board, at + w, y + pitch - 0.05 * board)
                b.slot(plane, tag, {"plate": 1.0, "label": 1.0}, light, 0.5, bare=False)
        y += pitch
    b.areas.append(Area(plane, box, light, 1.0, 0.05, kinds={"label": 3.0, "plate": 2.0, "sign": 1.0, "circle": 1.0}))
    return b.done(GREY)
