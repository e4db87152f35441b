"""The configuration of backgrounds and of the text's colours."""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta

from synthtext.core.section import Choices, EffectShare, Limits, Range, Section, Share, Weights

#: What may lie behind a text: made up, or a photograph.
BACKGROUND_KINDS = (
    *("plain", "gradient", "noise", "paper", "fabric", "wood", "stone", "metal", "plaster", "brick", "tiles"),
    "photo",
)


class BackgroundConfig(Section, frozen=True):
    """What lies behind the text.

    `kinds`: weights of plain, gradient, noise, paper, fabric, wood, stone, metal, plaster, brick, tiles, photo.
    `starter`: use the embedded photographs. `folders`: the user's own, beside them (or packs: `pack:NAME`).
    `scale`: source pixels of a photograph (or texture) per line height of text, drawn log-uniformly.
    `contrast`: of a procedural texture, [0, 1].
    `memory_mb`: bound on decoded photographs held by a process.
    """

    PATH = "paint.background"
    LIMITS: ClassVar[Limits] = {"scale": (0.5, 100_000.0), "contrast": (0.0, 1.0)}
    CHOICES: ClassVar[Choices] = {"kinds": BACKGROUND_KINDS}

    kinds: Weights = msgspec.field(default_factory=lambda: {"plain": 1.0})
    starter: bool = True
    folders: tuple[str, ...] = ()
    scale: Range = (24.0, 240.0)
    contrast: Range = (0.05, 0.5)
    memory_mb: Annotated[int, Meta(ge=8, le=1 << 20)] = 96


class PaintConfig(Section, frozen=True):
    """How the text is coloured. Lightness is 100 sqrt(luminance): 0 is black, 100 white.

    `contrast`: difference of lightness between the text and what lies behind it. `dark_on_light`: share of samples
    whose text is the darker of the two. `shade`: of word crops, part of the lightness that is taken from what lies
    behind the lighter text: what bears light letters is dark.
    `colourful`: share of texts in a colour rather than a grey; `saturation`: of those, 1 being the most that a screen
    can show at that lightness.
    `fill`: weights of colour, gradient, texture. `opacity`: of the fill.
    `border`: an outline around the letters, strength in em. `outline_only`: share of bordered texts without a fill.
    `shadow`: strength is its offset in em.
    `ghost`: faint text behind; strength is its opacity. `neighbour`: lines above or below that reach into the crop;
    strength is how far, in line heights.
    """

    PATH = "paint"
    LIMITS: ClassVar[Limits] = {
        "contrast": (0.0, 100.0),
        "shade": (0.0, 1.0),
        "saturation": (0.0, 1.0),
        "opacity": (0.0, 1.0),
        "border": (0.0, 0.5),
        "shadow": (0.0, 1.0),
        "ghost": (0.0, 1.0),
        "neighbour": (0.0, 2.0),
    }
    CHOICES: ClassVar[Choices] = {"fill": ("colour", "gradient", "texture")}

    contrast: Range = (25.0, 95.0)
    dark_on_light: Share = 0.6
    shade: Range = (0.0, 0.0)
    colourful: Share = 0.5
    saturation: Range = (0.2, 1.0)
    fill: Weights = msgspec.field(default_factory=lambda: {"colour": 1.0})
    opacity: Range = (1.0, 1.0)
    border: EffectShare = EffectShare(0.0, (0.02, 0.08))
    outline_only: Share = 0.0
    shadow: EffectShare = EffectShare(0.0, (0.02, 0.1))
    ghost: EffectShare = EffectShare(0.0, (0.05, 0.25))
    neighbour: EffectShare = EffectShare(0.0, (0.02, 0.25))
    background: BackgroundConfig = BackgroundConfig()
