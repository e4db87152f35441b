"""The group `curve`."""

from __future__ import annotations

from synthtext.core.rng import Draws
from synthtext.core.weights import pick
from synthtext.scene.group import Composer, Content, GroupKind, Line

GROUP = {"name": "curve", "help": "a line along a curve", "maker": "Curve"}


class Curve(GroupKind):
    """Makes groups of the kind `curve`."""

    needs = (7.0, 3.0)

    def content(self, composer: Composer, draws: Draws, line: Line) -> Content | None:
        curves = {k: w for k, w in composer.config.layout.curve.items() if k != "straight" and w > 0.0}
        curve = pick(draws, curves or {"arc": 2.0, "free": 1.0})
        part = composer.block(draws, [line("")], None, composer.paint(draws), curve=curve)
        return composer.arranged(self, [part], "left", 0.0)
