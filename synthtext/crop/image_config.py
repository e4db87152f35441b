"""The configuration of the picture that comes out."""

from __future__ import annotations

import typing
from typing import Annotated, ClassVar

from msgspec import Meta

from synthtext.core.section import Limits, Range, Section, Share


class ImageConfig(Section, frozen=True):
    """The picture that comes out.

    `fit`: `stretch` scales the crop to height x width, `pad` keeps its aspect and lets the background go on at
    the right (or, where the text is too long for the width, narrows it), `natural` keeps its own size.
    `height`, `width`: pixels; with `natural` both are only upper bounds.
    `text_height`: pixels from ascender to descender of a line, drawn log-uniformly; for `natural` only.
    `margin`: the space between ink and edge on each side, in em; negative cuts into letters. `margins_alike`: share of
    crops of which all sides are tight or all loose, as annotators usually crop them: one margin is drawn, and each
    side's lies up to 0.04 em from it. Of the others each side is drawn alone.
    """

    PATH = "image"
    LIMITS: ClassVar[Limits] = {"text_height": (4.0, 4096.0), "margin": (-0.5, 10.0)}

    height: Annotated[int, Meta(ge=8, le=4096)] = 32
    width: Annotated[int, Meta(ge=8, le=16384)] = 128
    fit: typing.Literal["stretch", "pad", "natural"] = "stretch"
    channels: typing.Literal["rgb", "grey"] = "rgb"
    text_height: Range = (16.0, 64.0)
    margin: Range = (0.0, 0.3)
    margins_alike: Share = 0.0
