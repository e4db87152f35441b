"""Where text is found: what photographs, and places built of a few planes, a file each in `settings/`, are made with.

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
from synthtext.scene.planes import Box, Camera, Homography, in_front, invert, project, quad_of
from synthtext.scene.scene_config import SETTINGS

_STARTER = "photos/"
_STARTER_SCENE = "photos/scene-"

WALLS = {
    "plaster": 5.0,
    "brick": 4.0,
    "plain": 3.0,
    "stone": 2.5,
    "tiles": 1.5,
    "wood": 2.0,
    "metal": 2.0,
    "noise": 0.5,
}
FLOORS = {"stone": 4.0, "tiles": 3.0, "noise": 1.5, "wood": 1.5, "plain": 1.0}
GOODS = {"plain": 7.0, "gradient": 2.0, "paper": 2.0, "noise": 0.5}


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


class Builder:
    """Collects a setting for an image of height x width pixels. `depths`: pictures whose planes are known, if any."""

    def __init__(
        self,
        draws: Draws,
        config: Config,
        library: BackgroundLibrary,
        height: int,
        width: int,
        depths: DepthSource | None = None,
    ) -> None:
        self.depths = depths
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
        """A sky that is lighter below."""
        draws = self.draws
        top = colour(draws.uniform(45.0, 92.0), draws.uniform(0.05, 0.5), -1.9)
        low = colour(draws.uniform(80.0, 99.0), draws.uniform(0.0, 0.2), -1.7)
        return BackgroundParams("gradient", angle=0.5 * math.pi, first=top, second=low)

    # --- parts

    def add(self, plane: Homography, panel: Panel) -> None:
        """Paint a panel, before all that were added; not what reaches behind the camera."""
        if in_front(plane, panel.box, 0.02):
            self.elements.append(Element(plane, panel))

    def surface(
        self, plane: Homography, box: Box, weights: dict[str, float], scale: float, light: Light, photos: float = 0.3
    ) -> None:
        """Paint a surface of a material by weight, see `material`."""
        material, tiled = self.material(weights, scale, photos=photos)
        self.add(plane, Panel(box, material, light, tiled=tiled))

    def slot(
        self, plane: Homography, box: Box, kinds: dict[str, float], light: Light, chance: float, bare: bool = True
    ) -> None:
        """Let a text stand in a box of a plane, where the image shows it: see `Slot`."""
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
                elements, backdrop = elements[i:], GREY
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
GREY = BackgroundParams("plain", first=(0.5, 0.5, 0.5), second=(0.5, 0.5, 0.5))
_ON_GLASS = {"word": 4.0, "curve": 1.0, "block": 1.0, "circle": 1.0, "label": 1.5, "stack": 0.5}


def draw_setting(
    draws: Draws,
    config: Config,
    library: BackgroundLibrary,
    height: int,
    width: int,
    depths: DepthSource | None = None,
) -> Setting:
    """Draw where a scene is set. `depths`: SynthText's pictures, which stand for all other photographs."""
    build = SETTINGS[pick(draws, config.scene.settings)].load()
    setting: Setting = build(Builder(draws, config, library, height, width, depths))
    return setting


def pane(b: Builder, plane: Homography, box: Box, light: Light) -> None:
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
    b.slot(plane, shrunk(inside, 0.08), _ON_GLASS, light, 0.45)


def shrunk(box: Box, share: float) -> Box:
    """A box without a margin of that share of its shorter side."""
    m = share * min(box[2] - box[0], box[3] - box[1])
    return box[0] + m, box[1] + m, box[2] - m, box[3] - m


def before_camera(plane: Homography, box: Box, least: float = 0.06) -> Box:
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


def seen_part(b: Builder, plane: Homography, box: Box) -> Box:
    """The part of a plane's box that the image shows, about: the box of the image's corners in the plane."""
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
