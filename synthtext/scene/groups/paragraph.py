"""The group `block`."""

from __future__ import annotations

from synthtext.core.rng import Draws
from synthtext.core.weights import pick
from synthtext.scene.group import Composer, Content, GroupKind, Line, paragraph

GROUP = {"name": "block", "help": "a paragraph: several lines without a panel", "maker": "Paragraph"}


class Paragraph(GroupKind):
    """Makes groups of the kind `block`."""

    needs = (9.0, 3.0)

    def content(self, composer: Composer, draws: Draws, line: Line) -> Content | None:
        target = draws.integer(18) + 10
        rows = [paragraph(line, target) for _ in range(2 + draws.integer(5))]
        align = pick(draws, composer.config.layout.align)
        return composer.arranged(self, [composer.block(draws, rows, None, composer.paint(draws), align)], align, 0.0)
