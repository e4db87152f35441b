"""The group `plate`."""

from __future__ import annotations

from synthtext.core.rng import Draws
from synthtext.scene.group import Composer, Content, GroupKind, Line, PanelStyle, wrapped

GROUP = {"name": "plate", "help": "a small sign: up to three short lines", "maker": "Plate"}


class Plate(GroupKind):
    """Makes groups of the kind `plate`."""

    needs = (4.5, 1.6)
    panel = PanelStyle(
        materials={"plain": 50, "gradient": 6, "metal": 25, "wood": 5, "stone": 6, "tiles": 2, "noise": 4},
        contrast=(0.02, 0.25),
        padding=0.7,
        screws=True,
        rim=0.5,
        corners=0.7,
        hard=True,
    )

    def content(self, composer: Composer, draws: Draws, line: Line) -> Content | None:
        lines = wrapped(line(""), 8 if draws.chance(0.6) else 14)[:3]
        return composer.arranged(
            self, [composer.block(draws, lines, None, composer.paint(draws), "center")], "center", 0.2
        )
