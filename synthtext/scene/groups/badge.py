"""The group `circle`."""

from __future__ import annotations

import math

import msgspec

from synthtext.core.rng import Draws
from synthtext.scene.blocks import Block, block_layout, ring
from synthtext.scene.group import Composer, Content, GroupKind, Line, PanelStyle, wrapped
from synthtext.scene.planes import Box
from synthtext.text.languages import spoken
from synthtext.typeset.layout import LayoutParams

GROUP = {
    "name": "circle",
    "help": "a round badge: a line along its edge, perhaps another in its middle",
    "maker": "Circle",
}


class Circle(GroupKind):
    """Makes groups of the kind `circle`."""

    needs = (8.0, 8.0)
    panel = PanelStyle(
        materials={"plain": 60, "gradient": 10, "metal": 15, "paper": 10, "wood": 5},
        contrast=(0.02, 0.2),
        rim=0.7,
        hard=True,
    )

    def content(self, composer: Composer, draws: Draws, line: Line) -> Content | None:
        text = line("")
        while len(text) < 8:
            text = f"{text} {line('')}"
        font = composer.catalogue.draw(draws, text)
        if font is None:
            return None
        paint, turn = composer.paint(draws), draws.uniform(0.7, 1.6) * math.pi
        # Letters on too tight a ring would run into each other: a longer text closes more of it.
        turn = min(turn, 0.055 * math.pi * len(text) + 0.5 * math.pi)
        record = LayoutParams("arc", turn, letter_spacing=draws.uniform(0.06, 0.25), word_spacing=1.2)
        outer = Block((text,), font, record, paint, language=spoken(composer.config.text.languages, text))
        layout = block_layout(outer, composer.catalogue, composer.store)
        circle = ring(layout, turn)
        blocks, layouts = [outer], [layout]
        if draws.chance(0.6):
            inner = composer.block(
                draws, wrapped(line(""), 7)[:2], font if draws.chance(0.5) else None, paint, "center"
            )
            if inner is not None:
                room = 1.25 * max(circle[2] - 0.45, 0.0)
                size = min(room / inner[1].width, 0.9 * room / inner[1].height, 2.2)
                if size > 0.35:
                    block = msgspec.structs.replace(inner[0], scale=size, x=circle[0], y=circle[1])
                    blocks.append(block)
                    layouts.append(inner[1])
        return Content(self, tuple(blocks), layouts, sum(len(x.words) for x in layouts), 0.0, circle)

    def outline(self, draws: Draws, content: Content, ink: Box, across: float, down: float) -> tuple[Box, float]:
        """A disc about the ring of text."""
        if content.circle is None:
            return super().outline(draws, content, ink, across, down)
        x0, y0, x1, y1 = ink
        cx, cy, r = content.circle
        reach = max(math.hypot(x - cx, y - cy) for x, y in ((x0, y0), (x1, y0)))
        reach = max(min(reach, r + 1.1), r + 0.8, y1 - cy, 0.0) + draws.uniform(0.2, 0.6)
        return (cx - reach, cy - reach, cx + reach, cy + reach), reach
