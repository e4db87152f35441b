"""Where text is found: photographs, and places built of a few planes - walls, streets, corridors, shelves, tables.

A setting is what is painted before any text (a backdrop and elements, back to front) and where text may go: slots, that
a text fills (a shop's fascia, a box's face), and areas, on which it stands at any size.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import msgspec
import numpy as np
import numpy.typing as npt

from synthtext.config import Config
from synthtext.core.rng import Draws
from synthtext.core.weights import pick
from synthtext.paint.backgrounds import BackgroundParams, draw_background
from synthtext.paint.colour import colour
from synthtext.paint.paint_config import BackgroundConfig
from synthtext.paint.photographs import BackgroundLibrary
from synthtext.scene.depth import DepthSource
from synthtext.scene.panel import Element, Light, Panel, Shade, frame_panel
from synthtext.scene.placement import CELL
from synthtext.scene.planes import IDENTITY, Box, Camera, Homography, chain, in_front, quad_of

_STARTER = "photos/"
_STARTER_SCENE = "photos/scene-"

_WALLS = {
    "plaster": 5.0,
    "brick": 4.0,
    "plain": 3.0,
    "stone": 2.5,
    "tiles": 1.5,
    "wood": 2.0,
    "metal": 2.0,
    "noise": 0.5,
}
_INSIDE = {"plain": 6.0, "plaster": 4.0, "tiles": 2.0, "stone": 1.0, "wood": 1.0, "metal": 1.0}
_FLOORS = {"stone": 4.0, "tiles": 3.0, "noise": 1.5, "wood": 1.5, "plain": 1.0}
_TABLES = {"wood": 5.0, "plain": 2.0, "fabric": 2.0, "stone": 1.5, "metal": 1.0}
_GOODS = {"plain": 7.0, "gradient": 2.0, "paper": 2.0, "noise": 0.5}
_BOARD = {"plain": 3.0, "wood": 3.0, "metal": 2.0}


@dataclass(frozen=True, slots=True)
class Slot:
    """A place that one text fills: a box of a plane. `chance` that it does; `bare`: text without a panel of its own."""

    plane: Homography
    box: Box
    kinds: dict[str, float]
    light: Light
    chance: float = 1.0
    bare: bool = True


@dataclass(frozen=True, slots=True)
class Area:
    """A part of a plane on which texts stand; `turn`: how far they may be turned in it (radians).

    `calm`: only where the picture has few edges. `free`: each group on a plane of its own, instead of this one.
    `kinds`: weights of groups; empty for those of the configuration. `avoid`: boxes of the plane that are kept free.
    `view`: the box of the image (pixels) in which it is seen, where the plane's box does not say; `inside`: of each
    cell of the calm map whether it belongs to the area.
    """

    plane: Homography
    box: Box
    light: Light
    weight: float = 1.0
    turn: float = 0.02
    calm: bool = False
    free: bool = False
    kinds: dict[str, float] = field(default_factory=dict)
    avoid: tuple[Box, ...] = ()
    view: Box | None = None
    inside: npt.NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """What is painted before the text, and where the text may go."""

    backdrop: BackgroundParams
    elements: tuple[Element, ...]
    slots: tuple[Slot, ...]
    areas: tuple[Area, ...]


class _Builder:
    """Collects a setting for an image of height x width pixels."""

    def __init__(self, draws: Draws, config: Config, library: BackgroundLibrary, height: int, width: int) -> None:
        self.draws = draws
        self.config = config
        self.library = library
        self.height, self.width = height, width
        self.elements: list[Element] = []
        self.slots: list[Slot] = []
        self.areas: list[Area] = []
        names = library.names
        self.surfaces = [n for n in names if n.startswith(_STARTER) and not n.startswith(_STARTER_SCENE)]
        surfaces = set(self.surfaces)
        self.scenes = [n for n in names if n not in surfaces] or list(names)

    # --- light and cameras

    def camera(self, yaw: float, pitch: float) -> Camera:
        """A camera whose roll is drawn. `yaw`, `pitch` in radians."""
        draws, rotation = self.draws, self.config.warp.rotation
        roll = 0.0
        if draws.chance(rotation.share):
            roll = math.radians(draws.uniform(*rotation.strength)) * (1.0 if draws.chance(0.5) else -1.0)
        side = min(self.height, self.width)
        focal = side * draws.log_uniform(0.8, 1.8)
        return Camera(focal, 0.5 * self.width, 0.5 * self.height, yaw, pitch, roll)

    def facing(self, camera: Camera, distance: float, turn: float) -> Homography:
        """An upright plane `distance` ahead, turned by `turn` about the vertical."""
        return camera.plane((0.0, 0.0, distance), (math.cos(turn), 0.0, math.sin(turn)), (0.0, 1.0, 0.0))

    def tilt(self, most: float = 90.0) -> float:
        """An angle from `warp.tilt`, radians, either sign; 0 where it is not applied."""
        draws, tilt = self.draws, self.config.warp.tilt
        angle = min(draws.uniform(*tilt.strength), most) if draws.chance(tilt.share) else 0.0
        return math.radians(angle) * (1.0 if draws.chance(0.5) else -1.0)

    def light(self, level: float, change: float = 0.25) -> Light:
        """A factor on the light of a surface that changes by about `change` across the image."""
        draws = self.draws
        x = draws.uniform(-change, change) / self.width
        y = draws.uniform(-change, change) / self.height
        return (x, y, level - 0.5 * (x * self.width + y * self.height))

    # --- materials

    def material(
        self, weights: dict[str, float], scale: float, contrast: tuple[float, float] = (0.04, 0.35), photos: float = 0.3
    ) -> tuple[BackgroundParams, bool]:
        """A material for a surface, `scale` source pixels per unit; and whether it is a tiled photograph."""
        draws = self.draws
        if self.surfaces and draws.chance(photos):
            record = BackgroundParams(
                "photo",
                draws.choice(self.surfaces),
                draws.random(),
                draws.random(),
                scale * draws.log_uniform(0.7, 1.6),
                mirror=draws.chance(0.5),
                gain=draws.log_uniform(1.0, 2.6),
            )
            return record, True
        kinds = self.config.paint.background.kinds
        kept = {k: w for k, w in weights.items() if kinds.get(k, 0.0) > 0.0} or {"plain": 1.0}
        config = msgspec.structs.replace(_CONFIG, kinds=kept, contrast=contrast)
        record = draw_background(draws, config, self.library)
        return msgspec.structs.replace(record, scale=scale * draws.log_uniform(0.7, 1.5)), False

    def glass(self) -> BackgroundParams:
        """What is seen in a window: a piece of a photograph, dark, or a dark gradient."""
        draws = self.draws
        if self.scenes and draws.chance(0.75):
            return BackgroundParams(
                "photo",
                draws.choice(self.scenes),
                draws.random(),
                draws.random(),
                draws.uniform(0.4, 1.0),
                mirror=draws.chance(0.5),
                gain=draws.uniform(0.15, 1.2),
            )
        tone = colour(draws.uniform(6.0, 40.0), draws.uniform(0.0, 0.4), draws.uniform(-2.4, -1.4))
        other = colour(draws.uniform(20.0, 75.0), draws.uniform(0.0, 0.3), draws.uniform(-2.4, -1.4))
        return BackgroundParams("gradient", angle=draws.uniform(1.2, 1.9), first=other, second=tone)

    def backdrop(self) -> BackgroundParams:
        """A photograph as a whole, or as much of it as the image's shape lets in."""
        draws = self.draws
        if not self.scenes:
            return self.sky()
        name = draws.choice(self.scenes)
        rows, columns = self.library.photo(name)[0][0].shape[:2]
        angle, shear = draws.normal(0.0, 0.03), draws.normal(0.0, 0.02)
        # Never mirrored at its edges, which shows; rather blown up, up to the part that is left of it.
        reach = 1.0 + 2.0 * (abs(math.sin(angle)) + abs(shear))
        most = min((columns - 2) / self.width, (rows - 2) / self.height) / reach
        return BackgroundParams(
            "photo",
            name,
            draws.random(),
            draws.random(),
            most * draws.uniform(0.62, 1.0),
            angle,
            shear,
            draws.chance(0.5),
            gain=draws.log_uniform(0.8, 1.8),
        )

    def sky(self) -> BackgroundParams:
        draws = self.draws
        top = colour(draws.uniform(45.0, 92.0), draws.uniform(0.05, 0.5), -1.9)
        low = colour(draws.uniform(80.0, 99.0), draws.uniform(0.0, 0.2), -1.7)
        return BackgroundParams("gradient", angle=0.5 * math.pi, first=top, second=low)

    # --- parts

    def add(self, plane: Homography, panel: Panel) -> None:
        if in_front(plane, panel.box, 0.02):
            self.elements.append(Element(plane, panel))

    def surface(
        self, plane: Homography, box: Box, weights: dict[str, float], scale: float, light: Light, photos: float = 0.3
    ) -> None:
        material, tiled = self.material(weights, scale, photos=photos)
        self.add(plane, Panel(box, material, light, tiled=tiled))

    def slot(
        self, plane: Homography, box: Box, kinds: dict[str, float], light: Light, chance: float, bare: bool = True
    ) -> None:
        if in_front(plane, box, 0.02):
            quad = quad_of(plane, box)
            low, high = quad.min(0), quad.max(0)
            if high[0] > 0 and high[1] > 0 and low[0] < self.width and low[1] < self.height:
                self.slots.append(Slot(plane, box, kinds, light, chance, bare))

    def done(self, backdrop: BackgroundParams) -> Setting:
        """The setting, without what lies wholly behind something else."""
        elements = self.elements
        for i in range(len(elements) - 1, -1, -1):
            if self._fills(elements[i]):
                elements, backdrop = elements[i:], _GREY
                break
        return Setting(backdrop, tuple(elements), tuple(self.slots), tuple(self.areas))

    def _fills(self, element: Element) -> bool:
        """Whether an element covers all of the image."""
        panel = element.panel
        if panel.radius > 0.0 or panel.opacity < 1.0:
            return False
        lines = np.empty((4, 3))
        frame_panel(np.array(element.plane), panel.box, 0.0, self.height, self.width, lines)
        at = np.array([(0, 0, 1), (self.width, 0, 1), (self.width, self.height, 1), (0, self.height, 1)])
        return bool((at @ lines.T).min() > 0.5)


_CONFIG = BackgroundConfig()
_GREY = BackgroundParams("plain", first=(0.5, 0.5, 0.5), second=(0.5, 0.5, 0.5))
_ON_GLASS = {"word": 4.0, "curve": 1.0, "block": 1.0, "circle": 1.0, "label": 1.5, "stack": 0.5}
_ON_GOODS = {"word": 5.0, "block": 2.5, "curve": 1.0, "label": 1.5, "stack": 0.7}


def draw_setting(
    draws: Draws,
    config: Config,
    library: BackgroundLibrary,
    height: int,
    width: int,
    depths: DepthSource | None = None,
) -> Setting:
    """Draw where a scene is set. `depths`: SynthText's pictures, which stand for all other photographs."""
    builder = _Builder(draws, config, library, height, width)
    kind = pick(draws, config.scene.settings)
    if kind == "photo" and depths is not None:
        return _planes(builder, depths)
    makers = {
        "photo": _photo,
        "wall": _wall,
        "street": _street,
        "corridor": _corridor,
        "shelf": _shelf,
        "table": _table,
    }
    return makers[kind](builder)


def _photo(b: _Builder) -> Setting:
    """A photograph; text where it is calm, each group on a plane of its own."""
    box = (0.0, 0.0, float(b.width), float(b.height))
    b.areas.append(Area(IDENTITY, box, (0.0, 0.0, 1.0), calm=True, free=True))
    return b.done(b.backdrop())


def _planes(b: _Builder, depths: DepthSource) -> Setting:
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
    return b.done(_GREY)


def _wall(b: _Builder) -> Setting:
    """A wall, a door or a notice board from close by."""
    draws = b.draws
    camera = b.camera(0.0, 0.4 * b.tilt(25.0))
    plane = b.facing(camera, draws.log_uniform(0.8, 4.0), b.tilt())
    box = _before_camera(plane, (-14.0, -9.0, 14.0, 9.0))
    light = b.light(draws.uniform(0.55, 1.0))
    b.surface(plane, box, _WALLS, draws.log_uniform(180.0, 600.0), light, photos=0.4)
    seen = _seen(b, plane, box)
    height, width = seen[3] - seen[1], seen[2] - seen[0]
    if draws.chance(0.3):  # a base in another colour, or a ledge
        at = seen[1] + draws.uniform(0.55, 0.85) * height
        b.surface(plane, (box[0], at, box[2], box[3]), _WALLS, draws.log_uniform(180.0, 600.0), light)
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


def _window(b: _Builder, plane: Homography, seen: Box, light: Light) -> None:
    """A window or a door in a wall."""
    draws = b.draws
    height, width = seen[3] - seen[1], seen[2] - seen[0]
    w, h = draws.uniform(0.25, 0.5) * width, draws.uniform(0.35, 0.9) * height
    x, y = seen[0] + draws.uniform(-0.1, 0.8) * width, seen[1] + draws.uniform(-0.1, 0.5) * height
    _pane(b, plane, (x, y, x + w, y + h), light)


def _pane(b: _Builder, plane: Homography, box: Box, light: Light) -> None:
    """A framed pane of glass, which may carry lettering."""
    draws = b.draws
    x0, y0, x1, y1 = box
    edge = draws.uniform(0.02, 0.06) * min(x1 - x0, y1 - y0)
    frame, tiled = b.material({"plain": 5.0, "metal": 2.0, "wood": 2.0}, 300.0, (0.02, 0.15), photos=0.0)
    shade = Shade(0.0, 0.3 * edge, edge, 0.4)
    b.add(plane, Panel(box, frame, light, 0.0, tiled, bevel=0.2 * edge, shade=shade))
    glass = b.glass()
    inside = (x0 + edge, y0 + edge, x1 - edge, y1 - edge)
    b.add(plane, Panel(inside, glass, light))
    b.slot(plane, _shrunk(inside, 0.08), _ON_GLASS, light, 0.45)


def _street(b: _Builder) -> Setting:
    """A row of shops: ground, wall, fascias with names, windows, doors; the sky above."""
    draws = b.draws
    camera = b.camera(0.0, 0.25 * b.tilt(20.0) - 0.04)
    distance = draws.log_uniform(2.5, 9.0)
    eye, high = 1.5, draws.uniform(3.4, 7.0)
    plane = b.facing(camera, distance, b.tilt())
    box = _before_camera(plane, (-30.0, -high, 30.0, eye))
    level = draws.uniform(0.5, 1.0)
    light = b.light(level)
    ground = camera.plane((0.0, eye, 0.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0))
    reach = _before_camera(ground, (-60.0, 0.05, 60.0, 80.0))
    b.surface(ground, reach, _FLOORS, draws.log_uniform(60.0, 200.0), b.light(level * draws.uniform(0.7, 1.1)))
    b.surface(plane, box, _WALLS, draws.log_uniform(120.0, 320.0), light)
    seen = _seen(b, plane, box)
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
        material, tiled = b.material(_GOODS, 300.0, (0.02, 0.15), 0.0)
        own = b.light(level * draws.uniform(0.8, 1.2))
        if in_front(stand, (0.0, 0.0, w, h), 0.3):
            b.add(stand, Panel((0.0, 0.0, w, h), material, own, 0.02, tiled, 0.02, 0.0, (0.05, 0.05, 0.05)))
            b.slot(stand, (0.06, 0.06, w - 0.06, h - 0.12), {"block": 2.0, "sign": 2.0, "word": 1.0}, own, 0.9)
    return b.done(b.backdrop() if draws.chance(0.3) else b.sky())


def _shop(b: _Builder, plane: Homography, box: Box, light: Light, high: float, upper: bool) -> None:
    """One bay of a street's wall: window or door below, fascia above it, perhaps a window on the next floor."""
    draws = b.draws
    x0, low, x1, ground = box
    gap = draws.uniform(0.05, 0.35)
    kind = draws.random()
    if kind < 0.8:
        tall = draws.uniform(0.45, 0.9)
        fascia = (x0 + gap, low - tall, x1 - gap, low)
        material, tiled = b.material(_GOODS | {"metal": 2.0, "wood": 2.0}, 150.0, (0.02, 0.2), photos=0.15)
        own = light
        if draws.chance(0.2):  # lit from within
            own = (light[0], light[1], light[2] * 1.5)
        shade = Shade(0.0, 0.08, 0.08, 0.5)
        b.add(plane, Panel(fascia, material, own, 0.0, tiled, bevel=0.03, shade=shade))
        b.slot(plane, _shrunk(fascia, 0.05), {"word": 6.0, "sign": 2.0, "curve": 0.5}, own, 0.85)
    if kind < 0.6:
        _pane(b, plane, (x0 + gap, low + 0.05, x1 - gap, ground - draws.uniform(0.1, 0.7)), light)
    elif kind < 0.85:
        width = min(x1 - x0 - 2 * gap, draws.uniform(0.9, 1.6))
        _pane(b, plane, (x0 + gap, low + 0.05, x0 + gap + width, ground), light)
    if upper and high + low > 2.0:
        top = low - draws.uniform(1.2, 1.5)
        _pane(b, plane, (x0 + 0.3 * (x1 - x0), top - 1.4, x0 + 0.7 * (x1 - x0), top), light)


def _corridor(b: _Builder) -> Setting:
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
        (floor, _FLOORS, 0.5, 0.2),
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
                _pane(b, wall, (u, draws.uniform(0.3, 0.8), u + w, high - draws.uniform(0.0, 0.8)), own)
            u += w + draws.uniform(0.4, 3.0)
        b.areas.append(Area(wall, (area[0], 0.15, area[2], 0.8 * high), own, 1.5))
    return b.done(_GREY)


def _shelf(b: _Builder) -> Setting:
    """Shelves of goods with price tags, from the front."""
    draws = b.draws
    camera = b.camera(0.0, 0.5 * b.tilt(25.0))
    plane = b.facing(camera, draws.log_uniform(0.7, 2.2), b.tilt(35.0))
    box = _before_camera(plane, (-5.0, -4.0, 5.0, 4.0))
    light = b.light(draws.uniform(0.6, 1.0))
    dark = colour(draws.uniform(8.0, 45.0), draws.uniform(0.0, 0.3), draws.uniform(0.0, 6.3))
    b.add(plane, Panel(box, BackgroundParams("plain", first=dark, second=dark), light))
    seen = _seen(b, plane, box)
    pitch, board = draws.uniform(0.22, 0.5), draws.uniform(0.02, 0.045)
    material, tiled = b.material({"plain": 5.0, "metal": 2.0, "wood": 2.0}, 300.0, (0.02, 0.15), photos=0.0)
    tags = draws.chance(0.75)
    y = seen[1] - draws.random() * pitch
    while y < seen[3] + pitch:
        x = seen[0] - draws.random() * 0.3
        while x < seen[2]:
            w = draws.log_uniform(0.3, 1.1) * pitch
            tall = pitch * draws.uniform(0.45, 0.88)
            goods, own_tiled = b.material(_GOODS, 400.0, (0.02, 0.3), photos=0.03)
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
                b.slot(plane, _shrunk(face, 0.08), _ON_GOODS, light, 0.8 if texts else 0.05)
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
    return b.done(_GREY)


def _table(b: _Builder) -> Setting:
    """A table, counter or floor from above, with papers, cards and boxes on it."""
    draws = b.draws
    camera = b.camera(0.0, math.radians(draws.uniform(38.0, 88.0)))
    height = draws.log_uniform(0.3, 1.2)
    plane = camera.plane((0.0, height, 0.0), (1.0, 0.0, 0.0), (0.0, 0.0, -1.0))
    box = _before_camera(plane, (-8.0, -4.0, 8.0, 2.0))
    light = b.light(draws.uniform(0.55, 1.0), 0.4)
    b.surface(plane, box, _TABLES, draws.log_uniform(350.0, 1200.0), light, photos=0.25)
    kinds = {"label": 6.0, "poster": 4.0, "plate": 1.5, "sign": 1.0, "circle": 1.0, "word": 0.7, "block": 0.7}
    turn = draws.choice((0.1, 0.35, 0.7))
    b.areas.append(Area(plane, box, light, 1.0, turn, kinds=kinds))
    return b.done(b.backdrop())


def _shrunk(box: Box, share: float) -> Box:
    m = share * min(box[2] - box[0], box[3] - box[1])
    return box[0] + m, box[1] + m, box[2] - m, box[3] - m


def _nearest(camera: Camera, x: float, top: float, bottom: float) -> float:
    """The nearest depth at which a passage's wall, at x, lies before the camera from top to bottom."""
    z = 0.02
    while z < 20.0 and min(camera.turned((x, y, z))[2] for y in (top, bottom)) <= 0.05:
        z *= 1.1
    return z


def _before_camera(plane: Homography, box: Box, least: float = 0.06) -> Box:
    """The box, cut so that all of it lies at least `least` before the camera."""
    x0, y0, x1, y1 = box
    g, h, i = plane[6:]
    if i > 0.05:
        # Of a wall that runs away to one side, what is far above and below is seen least.
        y0, y1 = _from(h, i, 0.5 * i, y0, y1)
        x0, x1 = _from(g, i + min(h * y0, h * y1), least, x0, x1)
    else:
        y0, y1 = _from(h, i + min(g * x0, g * x1), least, y0, y1)
    return x0, y0, x1, y1


def _from(slope: float, start: float, least: float, low: float, high: float) -> tuple[float, float]:
    """The part of low to high in which slope x + start is at least `least`."""
    if slope > 1e-9:
        low = max(low, (least - start) / slope)
    elif slope < -1e-9:
        high = min(high, (least - start) / slope)
    return low, high


def _seen(b: _Builder, plane: Homography, box: Box) -> Box:
    """The part of a plane's box that the image shows, about: the box of the image's corners in the plane."""
    from synthtext.scene.planes import invert, project

    back = invert(plane)
    x0, y0, x1, y1 = box
    xs, ys = [], []
    for x, y in ((0.0, 0.0), (b.width, 0.0), (b.width, b.height), (0.0, b.height)):
        if back[6] * x + back[7] * y + back[8] <= 1e-9:  # beyond the horizon
            return x0, y0, x1, y1
        u, v = project(back, x, y)
        xs.append(min(max(u, x0), x1))
        ys.append(min(max(v, y0), y1))
    return min(xs), min(ys), max(xs), max(ys)
