"""The group `word`."""

from __future__ import annotations

from synthtext.core.rng import Draws
from synthtext.scene.group import Composer, Content, GroupKind, Line, wrapped

GROUP = {"name": "word", "help": "a word or two without a panel", "maker": "Word"}


class Word(GroupKind):
    """Makes groups of the kind `word`."""

    needs = (5.0, 1.2)

    def content(self, composer: Composer, draws: Draws, line: Line) -> Content | None:
        lines = wrapped(line(""), 14)[: 1 + draws.chance(0.25)]
        return composer.arranged(self, [composer.block(draws, lines, None, composer.paint(draws))], "left", 0.0)
