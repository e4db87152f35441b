"""A scene filled with text: a setting is drawn, and groups are stood in its slots and on its areas."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from synthtext.core.rng import Draws, Stage, fill_uniform
from synthtext.core.weights import pick
from synthtext.crop.resources import Resources
from synthtext.degrade.draw_degrade import draw_degrade
from synthtext.effects.draw_effects import drawer_of, fit_paint
from synthtext.geometry.warp import draw_warp, pinhole
from synthtext.paint.backgrounds import BackgroundParams
from synthtext.paint.colour import colour
from synthtext.raster.polylines import bounds
from synthtext.scene.blocks import Typeset, typeset, warped_points
from synthtext.scene.depth import DepthSource
from synthtext.scene.gather_labels import Placed
from synthtext.scene.group import Composer, Content
from synthtext.scene.panel import Element, Light, Panel
from synthtext.scene.placement import CELL, bands_meet, edge_sums, find_place, meets, roughness, seen_area
from synthtext.scene.planes import Box, Homography, chain, invert, quad_of, scale_at, similarity
from synthtext.scene.render_scene import paint_setting, place_group
from synthtext.scene.scene_plan import Group, ScenePlan
from synthtext.scene.setting import Area, Setting, Slot, draw_setting

Image = npt.NDArray[np.float32]

_SETTINGS = 4  # drawn for one in which text has room
_LEAST_ROOM = 0.08  # share of the image
_LINES = 256  # texts that a scene may ask for
_GROUPS = 64
_TRIES = 72  # places tried for a group at one size
_SHRINKS = 4  # times that it is made smaller
_CALM = 11.0  # roughness up to which bare text is written on a photograph
_UNTIDY = 60.0  # and up to which a panel is put up
_FULL = 0.4  # share of an area that its groups are to cover at most
_BEYOND = 1e4  # roughness of a cell that is no part of an area
_EVEN: Light = (0.0, 0.0, 1.0)
_NO_SUMS = np.zeros((0, 0, 0))


@dataclass(slots=True)
class Site:
    """A scene while it is filled: what was painted, what was placed, and which quads are taken."""

    index: int
    setting: Setting
    image: Image
    groups: list[tuple[Group, Placed]]
    taken: npt.NDArray[np.float64]
    count: int
    quads: list[npt.NDArray[np.float64]]
    words: int = 0
    sums: npt.NDArray[np.float64] | None = None
    light: float = 1.0
    calm: float = _CALM

    def take(self, quad: npt.NDArray[np.float64]) -> None:
        if self.count == len(self.taken):
            self.taken = np.concatenate([self.taken, np.empty_like(self.taken)])
        self.taken[self.count] = quad
        self.count += 1


class Filler:
    """Draws the plans of scenes, and paints what they are drawn on."""

    def __init__(self, resources: Resources, depths: DepthSource | None) -> None:
        self.config, self.seed, self.store = resources.config, resources.seed, resources.store
        self.library, self.text, self.covered = resources.library, resources.text, resources.covered
        self.depths, self.mark = depths, resources.mark
        stock = resources.catalogue, resources.library, resources.text.filler
        self._of_texts = drawer_of(self.config, *stock, scope="text")
        self._of_picture = drawer_of(self.config, *stock, scope="picture")
        self.composer = Composer(self.config, resources.catalogue, self.library, self.store)

    def draw(self, index: int) -> tuple[ScenePlan, Site]:
        config, seed = self.config, self.seed
        height, width = config.image.height, config.image.width
        draws = Draws(seed, Stage.SCENE, index)
        for _ in range(_SETTINGS):
            setting = draw_setting(draws, config, self.library, height, width, self.depths)
            room = sum(self._room(area, setting.slots) for area in setting.areas)
            if room > _LEAST_ROOM * height * width:
                break
        wanted = round(draws.log_uniform(config.scene.words[0], config.scene.words[1] + 0.5))
        self.mark("draw setting")
        image = paint_setting(setting.backdrop, setting.elements, self.library, config.image)
        self.mark("background")
        site = Site(index, setting, image, [], np.empty((64, 4, 2)), 0, [])
        if any(area.calm for area in setting.areas):
            site.sums = edge_sums(image)
            rows, columns, _ = site.sums.shape
            count = (rows - 1) * (columns - 1)
            mean, square = float(site.sums[-1, -1, 1]) / count, float(site.sums[-1, -1, 2]) / count
            spread = math.sqrt(max(square - mean * mean, 0.0))
            # What is calm is so beside the rest of its picture: a soft photograph has few edges anywhere.
            overall = roughness(site.sums, 0.0, 0.0, float(width), float(height))
            site.calm = min(max(0.55 * overall, 3.0), _CALM)
            site.light = min(max((0.01 * (mean + 1.5 * spread)) ** 2 * 1.1, 0.1), 1.0)
        line = self._lines(index)
        self._fill_slots(site, index, wanted, line)
        self._fill_areas(site, index, wanted, line)
        site.groups.sort(key=lambda pair: _reading_key(pair[1], height))
        self.mark("compose, place")
        plan = ScenePlan(
            seed,
            index,
            0,
            setting.backdrop,
            setting.elements,
            tuple(group for group, _ in site.groups),
            self._draw_occluders(draws),
            draw_degrade(seed, index, config.degrade),
            self._of_picture.draw(seed, index),
        )
        self.mark("draw the rest")
        return plan, site

    def _lines(self, index: int) -> Any:
        """What gives the next line of text of a scene, in a case."""
        number = 0

        def line(case: str) -> str:
            nonlocal number
            own = index * _LINES + number % _LINES
            record = self.text.draw(Draws(self.seed, Stage.TEXT, index, number), own, self.covered, case)
            number += 1
            return record.lines[0]

        return line

    def _kinds(self, own: dict[str, float]) -> dict[str, float]:
        """The weights of groups where a place has its own: only those that the configuration has, too."""
        groups = self.config.scene.groups
        kept = {kind: weight for kind, weight in own.items() if groups.get(kind, 0.0) > 0.0}
        return kept or groups

    def _fill_slots(self, site: Site, index: int, wanted: int, line: Any) -> None:
        draws = Draws(self.seed, Stage.SCENE, index, 1)
        least = 0.8 * self._side * self.config.scene.text_height[0]
        for slot in site.setting.slots:
            chosen, cut = draws.chance(slot.chance), draws.chance(self.config.scene.cut)
            if not chosen or site.words >= wanted or len(site.groups) >= _GROUPS:
                continue
            if not cut and not self._inside(quad_of(slot.plane, slot.box)):
                continue
            x0, y0, x1, y1 = slot.box
            scale = scale_at(slot.plane, 0.5 * (x0 + x1), 0.5 * (y0 + y1))
            wide, tall = (x1 - x0) * scale / least, (y1 - y0) * scale / least
            made = self.composer.kinds
            kinds = {k: w for k, w in self._kinds(slot.kinds).items() if made[k].fits(wide, tall)}
            if not kinds:
                continue
            content = self.composer.content(draws, pick(draws, kinds), line)
            if content is not None:
                self._fill_slot(site, draws, slot, content, scale, least)

    def _fill_slot(self, site: Site, draws: Draws, slot: Slot, content: Content, scale: float, least: float) -> None:
        """Fit a content into a slot, where it can be made large enough."""
        x0, y0, x1, y1 = slot.box
        text = typeset(content.blocks, content.layouts, self.store)
        panels: tuple[Panel, ...] = ()
        box = text.box
        if not slot.bare and content.kind.panel is not None:
            panels = self.composer.panels(draws, content, text.box, _EVEN, draws.chance(0.15))
            box = _around(box, panels)
        fit = min((x1 - x0) / (box[2] - box[0]), (y1 - y0) / (box[3] - box[1]))
        size = fit * (1.0 if panels else draws.uniform(0.6, 1.0))
        if size * scale * smallest(content) < least:
            return
        if text.layout.curved and not self._inside(quad_of(slot.plane, slot.box)):
            return  # a band is not cut
        w, h = size * (box[2] - box[0]), size * (box[3] - box[1])
        share = 0.5 if draws.chance(0.7) else draws.random()
        x, y = x0 + share * (x1 - x0 - w), y0 + (0.5 if draws.chance(0.6) else draws.random()) * (y1 - y0 - h)
        plane = chain(slot.plane, similarity(x - size * box[0], y - size * box[1], 0.0, size))
        self._put(site, content, text, panels, plane, box, slot.light, size * scale, False)

    def _fill_areas(self, site: Site, index: int, wanted: int, line: Any) -> None:
        """Stand groups on the areas until there are as many words as wanted, the larger first."""
        areas, scene = site.setting.areas, self.config.scene
        slots = site.setting.slots
        rooms = {str(i): room for i, area in enumerate(areas) if (room := self._room(area, slots)) > 0.0}
        if not rooms:
            return
        draws = Draws(self.seed, Stage.SCENE, index, 2)
        weights = {name: areas[int(name)].weight * room for name, room in rooms.items()}
        for slot in slots:  # what stands on a wall keeps clear of its windows
            site.take(quad_of(slot.plane, slot.box))
        # One more than the fewest: one may turn out to be out of sight.
        least, smallest_size = min(scene.words[0] + 1, scene.words[1]), self._side * scene.text_height[0]
        for turn in range(6):
            asked: list[tuple[float, str, Content]] = []
            covered = dict.fromkeys(rooms, 0.0)
            words = site.words
            while words < wanted and len(asked) + len(site.groups) < _GROUPS:
                name = pick(draws, weights)
                kind = pick(draws, self._kinds(areas[int(name)].kinds))
                size = self._side * draws.log_uniform(*scene.text_height)
                if turn > 1:
                    kind = pick(draws, {"word": 1.0, "label": 2.0})
                    size = self._side * min(scene.text_height[0] * draws.uniform(1.0, 2.5), scene.text_height[1])
                content = self.composer.content(draws, kind, line)
                if content is None:
                    words += 1
                    continue
                # A paragraph in letters that fill the image has no place: what is long is written smaller.
                size /= math.sqrt(1.0 + 0.12 * content.words)
                covered[name] += size * size * footprint(content)
                asked.append((size, name, content))
                words += content.words
            # What would cover more than there is room for is made smaller as a whole.
            shrink = {name: min(1.0, math.sqrt(_FULL * rooms[name] / max(covered[name], 1.0))) for name in rooms}
            asked = [
                (max(size * shrink[name], 1.2 * smallest_size / smallest(content)), name, content)
                for size, name, content in asked
            ]
            asked.sort(key=lambda one: -one[0] * one[0] * footprint(one[2]))  # what needs most room chooses first
            for number, (size, name, content) in enumerate(asked):
                own = Draws(self.seed, Stage.SCENE, index, 3 + turn * _GROUPS + number)
                others = [areas[int(other)] for other in rooms if other != name][:3]
                self._stand(site, own, [areas[int(name)], *others], content, size, turn > 2)
            if site.words >= (0.75 * wanted if turn < 3 else least):
                break
            wanted = max(wanted, least)
            if turn == 2:  # there is no room beside the windows: take what there is
                site.count = 0
                for quad in site.quads:
                    site.take(quad)

    def _room(self, area: Area, slots: Sequence[Slot]) -> float:
        """How many pixels of the image an area covers, about, beside the slots in its plane."""
        view = self._view(area)
        if view is None:
            return 0.0
        if area.inside is not None:
            return float(area.inside.sum()) * CELL * CELL
        room = (view[2] - view[0]) * (view[3] - view[1])
        if area.free:
            return room
        taken = sum(self._seen_area(slot.plane, slot.box) for slot in slots if slot.plane == area.plane)
        # Of the gaps between windows, half is too narrow for anything.
        room = min(room, self._seen_area(area.plane, area.box))
        return max(room - 1.5 * taken, 0.1 * room)

    def _seen_area(self, plane: Homography, box: Box) -> float:
        """How many pixels of the image a box of a plane covers."""
        area: float = seen_area(quad_of(plane, box), self.config.image.height, self.config.image.width)
        return area

    def _stand(
        self, site: Site, draws: Draws, areas: Sequence[Area], content: Content, size: float, anywhere: bool
    ) -> None:
        """Find a group a place in the first area that has one, smaller where there is no room; else drop it.

        `anywhere`: where it is not calm, too.
        """
        text = typeset(content.blocks, content.layouts, self.store)
        inside = site.light if areas[0].calm else 1.0
        if areas[0].calm and content.kind.panel is not None and draws.chance(0.12):
            inside = min(2.0 * site.light, 1.0)  # lit from within
        panels = self.composer.panels(draws, content, text.box, _EVEN, None)
        box = _around(text.box, panels)
        cut = 0.35 if draws.chance(self.config.scene.cut) and not text.layout.curved else 1.0
        numbers = np.empty(3 * _TRIES * (_SHRINKS + 1))
        fill_uniform(numbers, np.uint64(draws.key()), np.uint64(Stage.SCENE), np.uint64(0), 0)
        tries = numbers.reshape(-1, 3)
        turns = 2.0 * tries[:, 2] - 1.0
        extent, around = np.array([self.config.image.height, self.config.image.width], np.float64), np.array(box)
        least = self._side * self.config.scene.text_height[0] / smallest(content)
        found = np.empty(9)
        for area in areas:
            view = self._view(area)
            if view is None:
                continue
            plane = self._pose(draws, box) if area.free else area.plane
            tries[:, 2] = area.turn * turns
            before = site.count
            for free_box in area.avoid:
                site.take(quad_of(area.plane, free_box))
            placed = find_place(
                np.array(plane),
                area.free,
                np.array(area.box),
                np.array(view),
                around,
                size,
                least,
                _SHRINKS,
                cut,
                _UNTIDY if panels else site.calm,
                tries,
                site.taken,
                site.count,
                self._sums(site, area, anywhere),
                extent,
                found,
            )
            site.count = before
            if placed > 0.0:
                place: Homography = tuple(found.tolist())  # type: ignore[assignment]
                light = (0.0, 0.0, inside) if area.calm else area.light
                self._put(site, content, text, panels, place, box, light, placed, True)
                return

    @staticmethod
    def _sums(site: Site, area: Area, anywhere: bool) -> npt.NDArray[np.float64]:
        """The calm map of an area: beyond it, no cell is calm. Of shape (0, 0, 0) where none is asked for."""
        if site.sums is None or not area.calm or (anywhere and area.inside is None):
            return _NO_SUMS
        if area.inside is None:
            return site.sums
        sums = site.sums.copy()
        sums[1:, 1:, 0] += np.where(area.inside, 0.0, _BEYOND).cumsum(0).cumsum(1)
        return sums

    def _view(self, area: Area) -> Box | None:
        """The part of the image, a box, in which the area is seen; None where it is not."""
        height, width = self.config.image.height, self.config.image.width
        if area.view is not None or area.free:
            return area.view or (0.0, 0.0, float(width), float(height))
        quad = quad_of(area.plane, area.box)
        x0, y0 = np.maximum(quad.min(0), 0.0).tolist()
        x1, y1 = np.minimum(quad.max(0), (width, height)).tolist()
        return (x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None

    def _pose(self, draws: Draws, box: Box) -> Homography:
        """A plane of its own for a group: of unit scale, with the box's middle at the origin."""
        pose = draw_warp(draws, self.config.warp)
        across, middle = box[2] - box[0], (0.5 * (box[0] + box[2]), 0.5 * (box[1] + box[3]))
        depth = max(pose.distance, 0.9 * math.hypot(across, box[3] - box[1]) / max(across, 1e-6))
        tilted: Homography = pinhole(across, pose.rotation, pose.tilt, pose.tilt_axis, depth)
        return chain(tilted, similarity(-middle[0], -middle[1], 0.0, 1.0))

    def _put(
        self,
        site: Site,
        content: Content,
        text: Typeset,
        panels: tuple[Panel, ...],
        plane: Homography,
        box: Box,
        light: Light,
        size: float,
        checked: bool,
    ) -> None:
        """Place a group, unless its words would run into each other or into what is there, or be too many."""
        if site.words + content.words > self.config.scene.words[1]:
            return
        quad = quad_of(plane, box)
        if not checked and meets(_wider(quad), site.taken, site.count):
            return
        middle = quad.mean(0).tolist()
        level = max(light[0] * middle[0] + light[1] * middle[1] + light[2], 0.05)
        effects = self._of_texts.draw(self.seed, site.index, 1 + len(site.groups))
        effects = effects.without(*(("sheet",) if not panels else ()), *(("along",) if text.stacked else ()))
        blocks = content.blocks
        if effects:
            blocks = tuple(msgspec.structs.replace(b, paint=fit_paint(b.paint, effects)) for b in blocks)
        group = Group(content.kind.name, blocks, tuple(_lit(p, light) for p in panels), plane, size, level, effects)
        placed = place_group(group, text, self.store)
        ends = np.cumsum(placed.sizes)
        points = np.concatenate(
            [p[:k] for p, k in zip(placed.polygons, placed.sizes.tolist(), strict=True)], dtype=float
        )
        if not np.isfinite(points).all() or bands_meet(points, ends, 0.02):
            return
        if text.layout.curved:  # a band about curved text reaches beyond its ink
            x0, y0, x1, y1 = bounds(warped_points(invert(plane), points))
            quad = quad_of(plane, (min(x0, box[0]), min(y0, box[1]), max(x1, box[2]), max(y1, box[3])))
            if meets(quad, site.taken, site.count):
                return
        site.groups.append((group, placed))
        site.take(quad)
        site.quads.append(quad)
        site.words += content.words

    @property
    def _side(self) -> int:
        return min(self.config.image.height, self.config.image.width)

    def _inside(self, quad: npt.NDArray[np.float64]) -> bool:
        size = (self.config.image.width, self.config.image.height)
        return bool((quad >= 0.0).all() and (quad <= size).all())

    def _draw_occluders(self, draws: Draws) -> tuple[Element, ...]:
        """What stands between camera and text: a pole, a cable, something out of focus."""
        if not draws.chance(self.config.scene.occluder):
            return ()
        height, width = float(self.config.image.height), float(self.config.image.width)
        side = min(height, width)
        tone = colour(draws.uniform(3.0, 45.0), draws.uniform(0.0, 0.4), draws.uniform(0.0, 6.3))
        material = BackgroundParams("plain", first=tone, second=tone)
        kind = draws.random()
        turn = draws.normal(0.0, 0.06)
        x, y = draws.random() * width, draws.random() * height
        if kind < 0.5:
            thick = side * draws.log_uniform(0.012, 0.07)
            material = BackgroundParams(
                "gradient", angle=0.0, first=tone, second=colour(draws.uniform(20.0, 70.0), 0.05, 0.0)
            )
            box: Box = (-0.5 * thick, -2.0 * height, 0.5 * thick, 2.0 * height)
        elif kind < 0.75:
            thick = max(side * draws.uniform(0.002, 0.006), 0.8)
            box, turn = (-2.0 * width, -0.5 * thick, 2.0 * width, 0.5 * thick), draws.normal(0.0, 0.25)
        else:  # at the border, as of someone who stands there
            reach = side * draws.uniform(0.08, 0.22)
            x, y = draws.choice((0.0, width)), height * draws.uniform(0.6, 1.1)
            box = (-reach, -1.3 * reach, reach, 4.0 * reach)
        panel = Panel(box, material, (0.0, 0.0, draws.uniform(0.4, 1.0)), radius=side if kind >= 0.75 else 0.0)
        return (Element(similarity(x, y, turn, 1.0), panel),)


def footprint(content: Content) -> float:
    """The area of a group on its plane, in squares of its unit, about: lines, margins and panel."""
    lines = sum(b.scale**2 * x.width * x.height for b, x in zip(content.blocks, content.layouts, strict=True))
    if content.circle is not None:
        return (2.0 * content.circle[2] + 3.0) ** 2
    return lines * ((2.2 + content.picture) if content.kind.panel is not None else 1.3)


def smallest(content: Content) -> float:
    """The em of a group's smallest block in its plane's units, or a little more: small print may be hard to read."""
    return min(1.0, 1.25 * min(block.scale for block in content.blocks))


def _around(ink: Box, panels: tuple[Panel, ...]) -> Box:
    """The box of ink and panels."""
    boxes = [ink, *(panel.box for panel in panels)]
    return min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)


def _lit(panel: Panel, light: Light) -> Panel:
    return panel if panel.light == light else msgspec.structs.replace(panel, light=light)


def _wider(quad: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """A quad with a margin of a few percent, so that neighbours do not touch."""
    middle = quad.mean(0)
    result: npt.NDArray[np.float64] = middle + 1.04 * (quad - middle)
    return result


def _reading_key(placed: Placed, height: int) -> tuple[int, float]:
    """Where a group comes in reading order: by bands of a twelfth of the image from the top, then from the left."""
    x, y = placed.word_quads[0].mean(0).tolist()
    return int(12.0 * y / height), x
