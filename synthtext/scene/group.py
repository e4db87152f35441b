"""What a group says and how it is dressed: what its kinds, a file each in `groups/`, are made with.

How to add one: `docs/design.md`, "How to add something".
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import msgspec

from synthtext.config import Config
from synthtext.core.rng import Draws
from synthtext.core.section import Range
from synthtext.core.srgb import LUMINANCE
from synthtext.core.weights import pick
from synthtext.paint.backgrounds import BackgroundParams, draw_background
from synthtext.paint.colour import RGB, colour
from synthtext.paint.ink import PaintParams, draw_paint
from synthtext.paint.paint_config import BackgroundConfig
from synthtext.paint.photographs import BackgroundLibrary
from synthtext.paint.textures import SIZE
from synthtext.scene.blocks import Block, block_layout
from synthtext.scene.panel import Light, Panel, Shade
from synthtext.scene.planes import Box
from synthtext.scene.scene_config import GROUPS
from synthtext.text.languages import spoken
from synthtext.typeset.catalogue import Catalogue, FontRecord
from synthtext.typeset.layout import Layout, draw_layout, draw_outline
from synthtext.typeset.outlines import OutlineStore

Line = Callable[[str], str]  # the next line of text, in a case ("" for any)


class PanelStyle(NamedTuple):
    """What a kind's panel may be like.

    `materials`: what it is made of, of which those are used that `paint.background.kinds` gives a weight;
    `contrast`: of their textures. `padding`: how far it goes beyond the ink, beside others. `screws`: whether it may be
    screwed on. `rim`: how often it has a line along its border. `corners`: how round they may be, 0 for square ones.
    `hard`: whether it is a plate, and no paper. `stripe`: how often a band along one side has another colour.
    """

    materials: dict[str, float]
    contrast: Range
    padding: float = 1.0
    screws: bool = False
    rim: float = 0.0
    corners: float = 0.0
    hard: bool = False
    stripe: float = 0.0


class GroupKind:
    """A kind of group of text: a class in a file of `groups/`, which declares it there.

    `needs`: width and height in em without which it need not be tried. `panel`: of its panel; None for bare text.
    """

    needs: ClassVar[tuple[float, float]]
    panel: ClassVar[PanelStyle | None] = None

    def __init__(self, name: str) -> None:
        self.name = name

    def fits(self, wide: float, tall: float) -> bool:
        """Whether a place of that width and height, em, is worth a try."""
        return self.needs[0] <= wide and self.needs[1] <= tall

    def content(self, composer: Composer, draws: Draws, line: Line) -> Content | None:
        """What it says and how that is dressed; None where no font covers it. `line` gives the texts."""
        raise NotImplementedError

    def outline(self, draws: Draws, content: Content, ink: Box, across: float, down: float) -> tuple[Box, float]:
        """The box of its panel about the `ink`, with margins, and the radius of its corners where that is given."""
        x0, y0, x1, y1 = ink
        top = down + (content.picture * max(x1 - x0, y1 - y0) if content.picture else 0.0)
        return (x0 - across, y0 - top, x1 + across, y1 + down), 0.0


@dataclass(frozen=True, slots=True)
class Content:
    """A group's text before it has a place: its blocks and their layouts.

    `picture`: the picture's share of a panel, if any. `circle`: the ring on which its first block stands, if any.
    """

    kind: GroupKind
    blocks: tuple[Block, ...]
    layouts: list[Layout]
    words: int
    picture: float = 0.0
    circle: tuple[float, float, float] | None = None


class Composer:
    """Makes contents and panels for a configuration."""

    def __init__(self, config: Config, catalogue: Catalogue, library: BackgroundLibrary, store: OutlineStore) -> None:
        self.config = config
        self.catalogue = catalogue
        self.library = library
        self.store = store
        self.kinds: dict[str, GroupKind] = {name: choice.load()(name) for name, choice in GROUPS.items()}
        wanted = config.paint.background.kinds
        self._materials = {}
        for name, kind in self.kinds.items():
            if kind.panel is not None:
                kept = {m: weight for m, weight in kind.panel.materials.items() if wanted.get(m, 0.0) > 0.0}
                self._materials[name] = msgspec.structs.replace(
                    config.paint.background, kinds=kept or {"plain": 1.0}, contrast=kind.panel.contrast
                )

    # --- text

    def content(self, draws: Draws, kind: str, line: Line) -> Content | None:
        """The content of a group; None where no font covers its text."""
        case = pick(draws, self.config.text.case)
        return self.kinds[kind].content(self, draws, lambda own: line(own or case))

    def block(
        self,
        draws: Draws,
        lines: list[str],
        font: FontRecord | None,
        paint: PaintParams,
        align: str = "",
        scale: float = 1.0,
        curve: str = "straight",
    ) -> tuple[Block, Layout] | None:
        """Lines as a block, and its layout; None where there is no line, or no font covers them."""
        lines = [text for text in lines if text]
        if not lines:
            return None
        characters = "\n".join(lines)
        if font is None or not self.catalogue.covers(font.face, characters):
            font = self.catalogue.draw(draws, characters)
        if font is None:
            return None
        record = draw_outline(draws, self.config.layout, draw_layout(draws, self.config.layout, 2))
        changes: dict[str, object] = {"align": align} if align else {}
        if curve != "straight":
            turn = math.radians(draws.uniform(*self.config.layout.curvature))
            turn *= 1.0 if draws.random() < 0.65 else -1.0
            if curve == "free":
                turn *= 0.6
            changes |= {"curve": curve, "turn": turn, "waves": draws.uniform(0.4, 1.1)}
            changes["phase"] = draws.uniform(0.0, 2.0 * math.pi)
            changes["letter_spacing"] = max(record.letter_spacing, 0.04)
        record = msgspec.structs.replace(record, **changes)
        language = spoken(self.config.text.languages, characters)
        block = Block(tuple(lines), font, record, paint, scale, language=language)
        return block, block_layout(block, self.catalogue, self.store)

    def paint(self, draws: Draws) -> PaintParams:
        """How a block is painted."""
        return draw_paint(draws, self.config.paint, self.library)

    def arranged(
        self,
        kind: GroupKind,
        parts: list[tuple[Block, Layout] | None],
        align: str,
        gap: float,
        picture: float = 0.0,
    ) -> Content | None:
        """Blocks below each other, `gap` em apart, without those that are None; None where the first is."""
        kept = [part for part in parts if part is not None]
        if not kept or parts[0] is None:
            return None
        blocks = _column(kept, align, gap)
        words = sum(len(layout.words) for _, layout in kept)
        return Content(kind, blocks, [layout for _, layout in kept], words, picture)

    # --- panels

    def panels(self, draws: Draws, content: Content, ink: Box, light: Light, dark: bool | None) -> tuple[Panel, ...]:
        """What stands behind a content whose ink lies in `ink`; empty for bare text. `dark`: its tone."""
        style = content.kind.panel
        if style is None:
            return ()
        y0 = ink[1]
        pad_x, pad_y = draws.uniform(0.25, 0.9), draws.uniform(0.2, 0.6)
        pad_x, pad_y = style.padding * pad_x, style.padding * pad_y
        screws = draws.choice((2, 4)) if style.screws and draws.chance(0.3) else 0
        if screws:
            pad_x, pad_y = pad_x + 0.15, pad_y + 0.15
        box, radius = content.kind.outline(draws, content, ink, pad_x, pad_y)
        w, h = box[2] - box[0], box[3] - box[1]
        material = self.material(draws, content.kind, min(w, h), dark)
        mean = material_lightness(material)
        opposite = draws.uniform(0.0, 15.0) if mean > 50.0 else draws.uniform(85.0, 100.0)
        rim = inset = 0.0
        rim_colour: RGB = (0.0, 0.0, 0.0)
        if draws.chance(style.rim):
            rim = draws.uniform(0.03, 0.11) * min(1.0, 0.3 * min(w, h))
            inset = draws.uniform(0.0, 0.14) * min(1.0, 0.4 * min(w, h)) if draws.chance(0.7) else 0.0
            rim_colour = colour(
                opposite, draws.uniform(0.0, 0.9) if draws.chance(0.4) else 0.0, draws.uniform(0.0, 6.3)
            )
        if style.corners and draws.chance(0.45):
            radius = draws.uniform(0.06, 0.5) * min(w, h) * style.corners
        bevel = draws.uniform(0.02, 0.08) if style.hard and draws.chance(0.5) else 0.0
        shade = None
        if draws.chance(0.75):
            reach = draws.uniform(0.02, 0.16) if style.hard else draws.uniform(0.0, 0.06)
            shade = Shade(
                reach * draws.uniform(-1.0, 1.0), reach, draws.uniform(0.3, 1.2) * reach + 0.02, draws.uniform(0.2, 0.6)
            )
        panel = Panel(
            box, material, light, radius, False, rim, inset, rim_colour, bevel, screws, 0.032 * min(w, h, 2.5), shade
        )
        result = [panel]
        if content.picture and self.library.names:
            gap = draws.uniform(0.0, 0.5)
            high = y0 - 0.3 - gap - box[1]
            if high > 0.5:
                record = BackgroundParams(
                    "photo", draws.choice(self.library.names), draws.random(), draws.random(), draws.uniform(0.35, 1.0)
                )
                result.append(Panel((box[0] + gap, box[1] + gap, box[2] - gap, y0 - 0.3), record, light))
        elif style.stripe and draws.chance(style.stripe):  # a band of another colour along one side
            band = draws.uniform(0.08, 0.2) * h
            stripe = BackgroundParams(
                "plain", first=(c := colour(opposite, draws.random(), draws.uniform(0.0, 6.3))), second=c
            )
            result.append(Panel((box[0], box[3] - min(band, pad_y * 0.8), box[2], box[3]), stripe, light))
        return tuple(result)

    def material(self, draws: Draws, kind: GroupKind, side: float, dark: bool | None) -> BackgroundParams:
        """What a panel is made of; its texture spans a few sides of it."""
        config: BackgroundConfig = self._materials[kind.name]
        record = draw_background(draws, config, self.library)
        for _ in range(6):
            if dark is None or (material_lightness(record) < 50.0) == dark:
                break
            record = draw_background(draws, config, self.library)
        return msgspec.structs.replace(record, scale=SIZE / (max(side, 0.5) * draws.uniform(1.2, 4.0)))


def _column(parts: list[tuple[Block, Layout]], align: str, gap: float) -> tuple[Block, ...]:
    """Blocks below each other, `gap` em of the smaller neighbour apart."""
    widest = max(layout.width * block.scale for block, layout in parts)
    placed: list[Block] = []
    y = 0.0
    for i, (block, layout) in enumerate(parts):
        height, width = layout.height * block.scale, layout.width * block.scale
        if i:
            y += gap * min(block.scale, parts[i - 1][0].scale)
        x = {"left": 0.5 * (width - widest), "right": 0.5 * (widest - width)}.get(align, 0.0)
        placed.append(msgspec.structs.replace(block, x=x, y=y + 0.5 * height))
        y += height
    return tuple(placed)


def material_lightness(record: BackgroundParams) -> float:
    """The mean lightness of a plain, gradient or textured material."""
    y = sum(w * 0.5 * (a + b) for w, a, b in zip(LUMINANCE, record.first, record.second, strict=True))
    return 100.0 * math.sqrt(max(y, 0.0))


def wrapped(text: str, most: int) -> list[str]:
    """The words of a text on lines of at most about `most` characters."""
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= most:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return lines


def paragraph(line: Line, target: int) -> str:
    """A line of about `target` characters."""
    text = line("")
    for _ in range(4):
        if len(text) >= 0.75 * target:
            break
        text += " " + line("")
    return text
