"""The group `stack`."""

from __future__ import annotations

import msgspec

from synthtext.core.rng import Draws
from synthtext.scene.blocks import block_layout, stackable
from synthtext.scene.group import Composer, Content, GroupKind, Line

GROUP = {"name": "stack", "help": "a word whose letters stand one below the other", "maker": "Stack"}


class Stack(GroupKind):
    """Makes groups of the kind `stack`."""

    needs = (1.3, 4.5)

    def content(self, composer: Composer, draws: Draws, line: Line) -> Content | None:
        for _ in range(4):
            word = line("upper" if draws.chance(0.7) else "").split()[0]
            if 3 <= len(word) <= 10:
                break
        else:
            return None
        part = composer.block(draws, [word], None, composer.paint(draws))
        if part is None:
            return None
        # Any spacing rules ligatures out.
        record = msgspec.structs.replace(part[0].layout, slant=0.0, jitter=0.0, letter_spacing=0.01)
        block = msgspec.structs.replace(part[0], layout=record)
        if not stackable(block_layout(block, composer.catalogue, composer.store)):
            return None
        block = msgspec.structs.replace(block, stack=True)
        return Content(self, (block,), [block_layout(block, composer.catalogue, composer.store)], 1)
