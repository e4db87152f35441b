"""What an effect is: a class in a file, from which its configuration, limits, docs, gallery, plan and counts follow.

How to add one: `docs/design.md`, "An effect is one file".
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from synthtext.core.records import Amount, Record
from synthtext.core.rng import Draws, stream_of
from synthtext.core.section import Range
from synthtext.effects.canvas import Canvas
from synthtext.paint.ink import PaintParams
from synthtext.paint.paint_config import BackgroundConfig
from synthtext.paint.photographs import BackgroundLibrary
from synthtext.typeset.catalogue import Catalogue

#: The folder of the effects of each section of the configuration.
FOLDERS = {
    "effects": "letter",
    "interference": "mark",
    "print": "print",
    "surface": "surface",
    "degrade": "photo",
    "camera": "camera",
}
SECTIONS = {folder: section for section, folder in FOLDERS.items()}

#: What is set for the gallery's picture of an effect that belongs on paper.
ON_PAPER = (
    "fonts.families=[Libre Baskerville]",
    "paint.dark_on_light=1",
    "paint.colourful=0",
    "paint.contrast=[62, 62]",
    "paint.background.kinds={paper: 1}",
    "paint.background.contrast=0.1",
)


class EffectParams(Record, frozen=True):
    """What was drawn of an effect that is applied. `strength`: from its range in the configuration."""

    strength: Amount


@dataclass(frozen=True, slots=True)
class Stock:
    """What effects may draw from: fonts, photographs, `background` (how they are drawn), and texts.

    `words(draws, characters)` makes text of about that length.
    """

    catalogue: Catalogue
    library: BackgroundLibrary
    background: BackgroundConfig
    words: Callable[[Draws, int], str]


class Effect:
    """Something that is done to a picture, to a share of the samples, with a strength. No effect moves ink.

    A subclass is an effect: it is registered by being defined, under the name of its class (`InkSpread`: `ink_spread`)
    in the section of its folder. Its docstring says what it is and what its strength measures: it goes into
    docs/config.md, the schema and the gallery.

    `strength`: the range where the configuration names none; `limits`: the lowest and the highest that there may be.
    `excludes`: effects that are left out where this one is applied, `neon` of the same section or `print.fax`.
    `scope`: "text" is drawn for each text and lies on its plane (in scenes, for each group), "picture" for the whole
    picture. `sheet`: whether it lies on the sheet or plate that bears the text: in scenes only groups with a panel get
    it, and no further than the panel. `along`: whether it runs along a line of text, as letters one below the other
    have none. `reach`: how far it goes beyond the ink, in times its strength, which is in em. `adorns`: whether letters
    are drawn by more than their ink. `downward`: whether less is stronger. `logarithmic`: whether the strength's
    logarithm is uniform. `gallery`: what else is set to see it there.
    `Params`: its record in a plan.

    The methods below `draw` are hooks: those that a subclass has are called, in this order, with what `draw` gave;
    those of several effects in the order of `physical_order.ORDER`.
    """

    strength: ClassVar[Range]
    limits: ClassVar[Range]
    excludes: ClassVar[tuple[str, ...]] = ()
    scope: ClassVar[Literal["text", "picture"]] = "text"
    sheet: ClassVar[bool] = False
    along: ClassVar[bool] = False
    reach: ClassVar[float] = 0.0
    adorns: ClassVar[bool] = False
    downward: ClassVar[bool] = False
    logarithmic: ClassVar[bool] = False
    gallery: ClassVar[tuple[str, ...]] = ()
    Params: ClassVar[type[EffectParams]] = EffectParams

    section: ClassVar[str]
    name: ClassVar[str]
    path: ClassVar[str]  # section.name
    hooks: ClassVar[frozenset[str]]
    doc: ClassVar[str]
    stream: ClassVar[int]  # of its random numbers: see `rng.stream_of`

    def __init_subclass__(cls, abstract: bool = False) -> None:
        if abstract:
            return
        folder = cls.__module__.split(".")[-2]
        cls.section = SECTIONS[folder]
        cls.name = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
        cls.path = f"{cls.section}.{cls.name}"
        cls.hooks = frozenset(hook for hook in HOOKS if getattr(cls, hook) is not getattr(Effect, hook))
        cls.doc = inspect.cleandoc(cls.__doc__ or "")
        cls.stream = stream_of(cls.path)
        cls.excludes = tuple(name if "." in name else f"{cls.section}.{name}" for name in cls.excludes)
        DEFINED[cls.path] = cls()

    def draw(self, draws: Draws, strength: float, stock: Stock) -> EffectParams | None:
        """What is to be done, of random numbers of its own; None where it cannot be (as no font has a text)."""
        return self.Params(strength)

    def fit(self, paint: PaintParams, params: Any) -> PaintParams:
        """The paint that goes with it, when a plan is drawn."""
        return paint

    def ground(self, canvas: Canvas, params: Any) -> None:
        """Change what the text will be written on."""

    def cover(self, canvas: Canvas, params: Any) -> None:
        """Change `canvas.drawn`, what will be painted."""

    def behind(self, canvas: Canvas, params: Any) -> None:
        """Paint what lies behind the letters; `canvas.tone` and `canvas.tint` are known now."""

    def over(self, canvas: Canvas, params: Any) -> None:
        """Change the letters that were painted."""

    def wear(self, canvas: Canvas, params: Any) -> None:
        """Take ink away: multiply `canvas.keep`."""

    def after(self, canvas: Canvas, params: Any) -> None:
        """Change the picture, linear light, with the text on it; say by `canvas.hide` what hides ink."""

    def lens(self, canvas: Canvas, params: Any) -> None:
        """Change the light that falls through the lens, after shadows, before blur."""

    def process(self, canvas: Canvas, params: Any) -> None:
        """Change `canvas.codes`, the photograph in 8 bits, at the camera's size, before it is compressed."""

    def scan(self, canvas: Canvas, params: Any) -> None:
        """Change `canvas.codes`, the picture in 8 bits, before it is compressed."""


class PhotoEffect(Effect, abstract=True):
    """An effect of the photograph: one kernel draws all of them (`degrade.draw_degrade`), others apply them at once.

    Its class says what it is; it has no hooks, and no record of its own: a plan's `degrade` holds what was drawn.
    """

    scope = "picture"

    def strength_in(self, degrade: Any) -> float:
        """Its strength in a plan's DegradeParams; 0 where it is not applied."""
        value: float = getattr(degrade, self.name)
        return value


HOOKS = ("fit", "ground", "cover", "behind", "over", "wear", "after", "lens", "process", "scan")

#: The effects by path, as they were defined; `registry.EFFECTS` has them in order.
DEFINED: dict[str, Effect] = {}
