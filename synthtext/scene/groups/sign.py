"""The group `sign`."""

from __future__ import annotations

from synthtext.core.rng import Draws
from synthtext.scene.group import Composer, Content, GroupKind, Line, PanelStyle, wrapped

GROUP = {"name": "sign", "help": "a sign: a line or two, perhaps with something smaller below", "maker": "Sign"}


class Sign(GroupKind):
    """Makes groups of the kind `sign`."""

    needs = (6.0, 2.5)
    panel = PanelStyle(
        materials={
            "plain": 58,
            "gradient": 8,
            "metal": 10,
            "wood": 9,
            "plaster": 4,
            "stone": 3,
            "noise": 4,
            "fabric": 4,
        },
        contrast=(0.02, 0.2),
        screws=True,
        rim=0.45,
        corners=0.4,
        hard=True,
        stripe=0.12,
    )

    def content(self, composer: Composer, draws: Draws, line: Line) -> Content | None:
        count = 1 if draws.chance(0.55) else 2
        lines = [text for _ in range(count) for text in wrapped(line(""), draws.integer(9) + 9)]
        paint, align = composer.paint(draws), "center" if draws.chance(0.75) else "left"
        parts = [composer.block(draws, lines[:4], None, paint, align)]
        if draws.chance(0.3) and parts[0] is not None:
            small = composer.paint(draws) if draws.chance(0.3) else paint
            font = parts[0][0].font if draws.chance(0.6) else None
            parts.append(
                composer.block(draws, wrapped(line(""), 20)[:2], font, small, align, draws.uniform(0.35, 0.65))
            )
        return composer.arranged(self, parts, align, draws.uniform(0.1, 0.5))
