"""What a group says and how it is dressed: signs, plates, posters, labels, paragraphs, words, curves, rings, stacks."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from synthtext.config import Config
from synthtext.core.rng import Draws
from synthtext.core.weights import pick
from synthtext.paint.backgrounds import BackgroundParams, draw_background
from synthtext.paint.colour import LUMA, RGB, colour
from synthtext.paint.ink import PaintParams, draw_paint
from synthtext.paint.paint_config import BackgroundConfig
from synthtext.paint.photographs import BackgroundLibrary
from synthtext.paint.textures import SIZE
from synthtext.scene.blocks import Block, block_layout, ring, stackable
from synthtext.scene.panel import Light, Panel, Shade
from synthtext.scene.planes import Box
from synthtext.typeset.catalogue import Catalogue, FontRecord
from synthtext.typeset.layout import Layout, LayoutParams, draw_layout, draw_outline
from synthtext.typeset.outlines import OutlineStore

Line = Callable[[str], str]  # the next line of text, in a case ("" for any)

PANELLED = frozenset({"sign", "plate", "poster", "label", "circle"})

# What panels are made of, by kind of group; only what `paint.background.kinds` gives a weight is used.
_MATERIALS: dict[str, dict[str, float]] = {
    "sign": {"plain": 58, "gradient": 8, "metal": 10, "wood": 9, "plaster": 4, "stone": 3, "noise": 4, "fabric": 4},
    "plate": {"plain": 50, "gradient": 6, "metal": 25, "wood": 5, "stone": 6, "tiles": 2, "noise": 4},
    "poster": {"plain": 45, "paper": 30, "gradient": 20, "fabric": 5},
    "label": {"plain": 40, "paper": 50, "gradient": 6, "fabric": 4},
    "circle": {"plain": 60, "gradient": 10, "metal": 15, "paper": 10, "wood": 5},
}
_CONTRAST = {"sign": (0.02, 0.2), "plate": (0.02, 0.25), "poster": (0.01, 0.12), "label": (0.01, 0.12)}


@dataclass(frozen=True, slots=True)
class Content:
    """A group's text before it has a place: its blocks and their layouts; the picture's share of a poster, if any."""

    kind: str
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
        kinds = config.paint.background.kinds
        self._materials = {}
        for kind, weights in _MATERIALS.items():
            kept = {name: weight for name, weight in weights.items() if kinds.get(name, 0.0) > 0.0}
            self._materials[kind] = msgspec.structs.replace(
                config.paint.background, kinds=kept or {"plain": 1.0}, contrast=_CONTRAST.get(kind, (0.02, 0.2))
            )
        curves = {k: w for k, w in config.layout.curve.items() if k != "straight" and w > 0.0}
        self._curves = curves or {"arc": 2.0, "free": 1.0}

    # --- text

    def content(self, draws: Draws, kind: str, line: Line) -> Content | None:
        """The content of a group; None where no font covers its text."""
        case = pick(draws, self.config.text.case)
        makers = {
            "sign": self._sign,
            "plate": self._plate,
            "poster": self._poster,
            "label": self._label,
            "block": self._block_of_lines,
            "word": self._word,
            "curve": self._curve,
            "circle": self._circle,
            "stack": self._stack,
        }
        return makers[kind](draws, lambda own: line(own or case))

    def _font(self, draws: Draws, text: str) -> FontRecord | None:
        return self.catalogue.draw(draws, text)

    def _block(
        self,
        draws: Draws,
        lines: list[str],
        font: FontRecord | None,
        paint: PaintParams,
        align: str = "",
        scale: float = 1.0,
        curve: str = "straight",
        stack: bool = False,
    ) -> tuple[Block, Layout] | None:
        lines = [text for text in lines if text]
        if not lines:
            return None
        characters = "\n".join(lines)
        if font is None or not self.catalogue.covers(font.face, characters):
            font = self._font(draws, characters)
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
        block = Block(tuple(lines), font, record, paint, scale, stack=stack)
        return block, block_layout(block, self.catalogue, self.store)

    def _paint(self, draws: Draws) -> PaintParams:
        return draw_paint(draws, self.config.paint, self.library)

    def _column(self, draws: Draws, parts: list[tuple[Block, Layout]], align: str, gap: float) -> tuple[Block, ...]:
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

    def _of(
        self,
        draws: Draws,
        kind: str,
        parts: list[tuple[Block, Layout] | None],
        align: str,
        gap: float,
        picture: float = 0.0,
    ) -> Content | None:
        kept = [part for part in parts if part is not None]
        if not kept or parts[0] is None:
            return None
        blocks = self._column(draws, kept, align, gap)
        words = sum(len(layout.words) for _, layout in kept)
        return Content(kind, blocks, [layout for _, layout in kept], words, picture)

    def _sign(self, draws: Draws, line: Line) -> Content | None:
        count = 1 if draws.chance(0.55) else 2
        lines = [text for _ in range(count) for text in wrapped(line(""), draws.integer(9) + 9)]
        paint, align = self._paint(draws), "center" if draws.chance(0.75) else "left"
        parts = [self._block(draws, lines[:4], None, paint, align)]
        if draws.chance(0.3) and parts[0] is not None:
            small = self._paint(draws) if draws.chance(0.3) else paint
            font = parts[0][0].font if draws.chance(0.6) else None
            parts.append(self._block(draws, wrapped(line(""), 20)[:2], font, small, align, draws.uniform(0.35, 0.65)))
        return self._of(draws, "sign", parts, align, draws.uniform(0.1, 0.5))

    def _plate(self, draws: Draws, line: Line) -> Content | None:
        lines = wrapped(line(""), 8 if draws.chance(0.6) else 14)[:3]
        return self._of(draws, "plate", [self._block(draws, lines, None, self._paint(draws), "center")], "center", 0.2)

    def _poster(self, draws: Draws, line: Line) -> Content | None:
        align = "center" if draws.chance(0.5) else "left"
        heading = [text for _ in range(1 + draws.chance(0.4)) for text in wrapped(line(""), draws.integer(6) + 7)][:3]
        paint = self._paint(draws)
        parts = [self._block(draws, heading, None, paint, align)]
        small = draws.log_uniform(0.22, 0.5)
        if draws.chance(0.75):
            rows = [paragraph(line, draws.integer(14) + 12) for _ in range(1 + draws.integer(5))]
            second = self._paint(draws) if draws.chance(0.4) else paint
            parts.append(self._block(draws, rows, None, second, align, small))
        if draws.chance(0.4):
            font = parts[-1][0].font if parts[-1] is not None else None
            size = draws.log_uniform(0.3, 0.8)
            parts.append(self._block(draws, wrapped(line(""), 14)[:2], font, paint, align, size))
        picture = draws.uniform(0.3, 0.6) if draws.chance(0.4) else 0.0
        return self._of(draws, "poster", parts, align, draws.uniform(0.4, 1.2), picture)

    def _label(self, draws: Draws, line: Line) -> Content | None:
        align = "left" if draws.chance(0.6) else "center"
        paint = self._paint(draws)
        parts: list[tuple[Block, Layout] | None] = []
        if draws.chance(0.4):
            parts.append(self._block(draws, wrapped(line(""), 12)[:2], None, paint, align, draws.uniform(1.2, 2.0)))
        rows = [line("") for _ in range(1 + draws.integer(4))]
        parts.append(self._block(draws, rows, None, paint, align))
        return self._of(draws, "label", parts, align, draws.uniform(0.1, 0.5))

    def _block_of_lines(self, draws: Draws, line: Line) -> Content | None:
        target = draws.integer(18) + 10
        rows = [paragraph(line, target) for _ in range(2 + draws.integer(5))]
        align = pick(draws, self.config.layout.align)
        return self._of(draws, "block", [self._block(draws, rows, None, self._paint(draws), align)], align, 0.0)

    def _word(self, draws: Draws, line: Line) -> Content | None:
        lines = wrapped(line(""), 14)[: 1 + draws.chance(0.25)]
        return self._of(draws, "word", [self._block(draws, lines, None, self._paint(draws))], "left", 0.0)

    def _curve(self, draws: Draws, line: Line) -> Content | None:
        curve = pick(draws, self._curves)
        part = self._block(draws, [line("")], None, self._paint(draws), curve=curve)
        return self._of(draws, "curve", [part], "left", 0.0)

    def _circle(self, draws: Draws, line: Line) -> Content | None:
        text = line("")
        while len(text) < 8:
            text = f"{text} {line('')}"
        font = self._font(draws, text)
        if font is None:
            return None
        paint, turn = self._paint(draws), draws.uniform(0.7, 1.6) * math.pi
        # Letters on too tight a ring would run into each other: a longer text closes more of it.
        turn = min(turn, 0.055 * math.pi * len(text) + 0.5 * math.pi)
        record = LayoutParams("arc", turn, letter_spacing=draws.uniform(0.06, 0.25), word_spacing=1.2)
        outer = Block((text,), font, record, paint)
        layout = block_layout(outer, self.catalogue, self.store)
        circle = ring(layout, turn)
        blocks, layouts = [outer], [layout]
        if draws.chance(0.6):
            inner = self._block(draws, wrapped(line(""), 7)[:2], font if draws.chance(0.5) else None, paint, "center")
            if inner is not None:
                room = 1.25 * max(circle[2] - 0.45, 0.0)
                size = min(room / inner[1].width, 0.9 * room / inner[1].height, 2.2)
                if size > 0.35:
                    block = msgspec.structs.replace(inner[0], scale=size, x=circle[0], y=circle[1])
                    blocks.append(block)
                    layouts.append(inner[1])
        return Content("circle", tuple(blocks), layouts, sum(len(x.words) for x in layouts), 0.0, circle)

    def _stack(self, draws: Draws, line: Line) -> Content | None:
        for _ in range(4):
            word = line("upper" if draws.chance(0.7) else "").split()[0]
            if 3 <= len(word) <= 10:
                break
        else:
            return None
        part = self._block(draws, [word], None, self._paint(draws))
        if part is None:
            return None
        # Any spacing rules ligatures out.
        record = msgspec.structs.replace(part[0].layout, slant=0.0, jitter=0.0, letter_spacing=0.01)
        block = msgspec.structs.replace(part[0], layout=record)
        if not stackable(block_layout(block, self.catalogue, self.store)):
            return None
        block = msgspec.structs.replace(block, stack=True)
        return Content("stack", (block,), [block_layout(block, self.catalogue, self.store)], 1)

    # --- panels

    def panels(self, draws: Draws, content: Content, ink: Box, light: Light, dark: bool | None) -> tuple[Panel, ...]:
        """What stands behind a content whose ink lies in `ink`; empty for bare text. `dark`: its tone."""
        kind = content.kind
        if kind not in PANELLED:
            return ()
        x0, y0, x1, y1 = ink
        width, height = x1 - x0, y1 - y0
        pad_x, pad_y = draws.uniform(0.25, 0.9), draws.uniform(0.2, 0.6)
        if kind == "plate":
            pad_x, pad_y = 0.7 * pad_x, 0.7 * pad_y
        screws = draws.choice((2, 4)) if kind in ("sign", "plate") and draws.chance(0.3) else 0
        if screws:
            pad_x, pad_y = pad_x + 0.15, pad_y + 0.15
        radius = 0.0
        if content.circle is not None:
            cx, cy, r = content.circle
            reach = max(math.hypot(x - cx, y - cy) for x, y in ((x0, y0), (x1, y0)))
            reach = max(min(reach, r + 1.1), r + 0.8, y1 - cy, 0.0) + draws.uniform(0.2, 0.6)
            box: Box = (cx - reach, cy - reach, cx + reach, cy + reach)
            radius = reach
        else:
            top = pad_y + (content.picture * max(width, height) if content.picture else 0.0)
            box = (x0 - pad_x, y0 - top, x1 + pad_x, y1 + pad_y)
            if kind == "poster":  # paper has a format
                box = _to_aspect(box, draws.uniform(1.0, 1.5) if draws.chance(0.7) else draws.uniform(0.55, 0.8), draws)
            elif kind == "label" and draws.chance(0.3):
                box = (box[0], box[1], box[2] + draws.uniform(0.0, 0.5) * width, box[3])
        w, h = box[2] - box[0], box[3] - box[1]
        material = self.material(draws, kind, min(w, h), dark)
        mean = material_lightness(material)
        opposite = draws.uniform(0.0, 15.0) if mean > 50.0 else draws.uniform(85.0, 100.0)
        rim = inset = 0.0
        rim_colour: RGB = (0.0, 0.0, 0.0)
        if draws.chance({"sign": 0.45, "plate": 0.5, "circle": 0.7, "label": 0.2}.get(kind, 0.15)):
            rim = draws.uniform(0.03, 0.11) * min(1.0, 0.3 * min(w, h))
            inset = draws.uniform(0.0, 0.14) * min(1.0, 0.4 * min(w, h)) if draws.chance(0.7) else 0.0
            rim_colour = colour(
                opposite, draws.uniform(0.0, 0.9) if draws.chance(0.4) else 0.0, draws.uniform(0.0, 6.3)
            )
        if content.circle is None and kind in ("sign", "plate", "label") and draws.chance(0.45):
            radius = draws.uniform(0.06, 0.5) * min(w, h) * (0.4 if kind == "sign" else 0.7)
        hard = kind in ("sign", "plate", "circle")
        bevel = draws.uniform(0.02, 0.08) if hard and draws.chance(0.5) else 0.0
        shade = None
        if draws.chance(0.75):
            reach = draws.uniform(0.02, 0.16) if hard else draws.uniform(0.0, 0.06)
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
        elif kind == "sign" and draws.chance(0.12):  # a band of another colour along one side
            band = draws.uniform(0.08, 0.2) * h
            stripe = BackgroundParams(
                "plain", first=(c := colour(opposite, draws.random(), draws.uniform(0.0, 6.3))), second=c
            )
            result.append(Panel((box[0], box[3] - min(band, pad_y * 0.8), box[2], box[3]), stripe, light))
        return tuple(result)

    def material(self, draws: Draws, kind: str, side: float, dark: bool | None) -> BackgroundParams:
        """What a panel is made of; its texture spans a few sides of it."""
        config: BackgroundConfig = self._materials[kind]
        record = draw_background(draws, config, self.library)
        for _ in range(6):
            if dark is None or (material_lightness(record) < 50.0) == dark:
                break
            record = draw_background(draws, config, self.library)
        return msgspec.structs.replace(record, scale=SIZE / (max(side, 0.5) * draws.uniform(1.2, 4.0)))


def material_lightness(record: BackgroundParams) -> float:
    """The mean lightness of a plain, gradient or textured material."""
    y = sum(w * 0.5 * (a + b) for w, a, b in zip(LUMA, record.first, record.second, strict=True))
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


def _to_aspect(box: Box, aspect: float, draws: Draws) -> Box:
    """The box grown, below or at both sides, so that its height over its width is at least (or at most) `aspect`."""
    x0, y0, x1, y1 = box
    w, h = x1 - x0, y1 - y0
    if h < aspect * w:
        more = min(aspect * w - h, 0.8 * h)
        share = draws.uniform(0.2, 0.8)
        return x0, y0 - share * more, x1, y1 + (1.0 - share) * more
    more = min(h / aspect - w, 0.8 * w)
    return x0 - 0.5 * more, y0, x1 + 0.5 * more, y1
