"""The configuration of which fonts are used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta

from synthtext.core.section import Choices, Section, Weights

#: The styles of fonts, each with its standard weight: roughly how often signs, print and photographs show it.
FONT_STYLES: dict[str, float] = {
    "sans": 16.0,
    "serif": 9.0,
    "condensed": 7.0,
    "signage": 6.0,
    "slab": 4.0,
    "handwriting": 4.0,
    "display": 3.0,
    "rounded": 3.0,
    "script": 3.0,
    "mono": 2.0,
    "typewriter": 2.0,
    "techno": 2.0,
    "wide": 2.0,
    "brush": 1.5,
    "comic": 1.5,
    "stencil": 1.5,
    "blackletter": 1.0,
    "engraved": 1.0,
    "deco": 1.0,
    "western": 1.0,
    "ocr": 1.0,
    "pixel": 1.0,
    "dotmatrix": 0.7,
    "segment": 0.7,
    "outline": 0.5,
    "user": 10.0,
}


class FontConfig(Section, frozen=True):
    """Which fonts.

    `starter`: use the embedded set. `folders`: the user's own beside it (or single font files,
    or packs: `pack:NAME`).
    `styles`: weights of sans, serif, condensed, signage, slab, display, rounded, handwriting, script, brush, mono,
    typewriter, techno, wide, comic, stencil, blackletter, engraved, deco, western, outline, ocr, pixel, dotmatrix,
    segment and user (fonts of `folders`, unless a manifest.tsv there says otherwise); where any is named, those that
    are not are left out; empty: a standard table. A style's families share its weight, a family's files the family's.
    `families`: only these, where any are named. `exclude`: families left out.
    `variation_steps`: positions at which a variable font's first axis may be drawn (1: its default only).
    """

    PATH = "fonts"
    CHOICES: ClassVar[Choices] = {"styles": tuple(FONT_STYLES)}

    starter: bool = True
    folders: tuple[str, ...] = ()
    styles: Weights = msgspec.field(default_factory=dict)
    families: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    variation_steps: Annotated[int, Meta(ge=1, le=64)] = 6

    def problems(self) -> Iterator[tuple[str, str]]:
        if not self.starter and not self.folders:
            yield "folders starter", "is empty and `starter` is false, so there is no font; name a folder of fonts"
        if "" in self.folders:
            yield "folders", "an entry is empty; give the path of a folder of fonts"
        both = {name.casefold() for name in self.families} & {name.casefold() for name in self.exclude}
        if both:
            yield "exclude families", f"{sorted(both)[0]!r} stands in `families` too; name it in one of them"
