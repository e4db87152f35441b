"""The group `label`."""

from __future__ import annotations

from synthtext.core.rng import Draws
from synthtext.scene.blocks import Block
from synthtext.scene.group import Composer, Content, GroupKind, Line, PanelStyle, wrapped
from synthtext.scene.planes import Box
from synthtext.typeset.layout import Layout

GROUP = {"name": "label", "help": "a paper label: a few lines, perhaps under a larger one", "maker": "Label"}


class Label(GroupKind):
    """Makes groups of the kind `label`."""

    needs = (8.0, 3.0)
    panel = PanelStyle(
        materials={"plain": 40, "paper": 50, "gradient": 6, "fabric": 4},
        contrast=(0.01, 0.12),
        rim=0.2,
        corners=0.7,
    )

    def content(self, composer: Composer, draws: Draws, line: Line) -> Content | None:
        align = "left" if draws.chance(0.6) else "center"
        paint = composer.paint(draws)
        parts: list[tuple[Block, Layout] | None] = []
        if draws.chance(0.4):
            parts.append(composer.block(draws, wrapped(line(""), 12)[:2], None, paint, align, draws.uniform(1.2, 2.0)))
        rows = [line("") for _ in range(1 + draws.integer(4))]
        parts.append(composer.block(draws, rows, None, paint, align))
        return composer.arranged(self, parts, align, draws.uniform(0.1, 0.5))

    def outline(self, draws: Draws, content: Content, ink: Box, across: float, down: float) -> tuple[Box, float]:
        """Sometimes with room at its end."""
        box, _ = super().outline(draws, content, ink, across, down)
        if draws.chance(0.3):
            box = (box[0], box[1], box[2] + draws.uniform(0.0, 0.5) * (ink[2] - ink[0]), box[3])
        return box, 0.0
