"""The configuration: typed, frozen, read from YAML; presets, `extends`, overrides and the JSON schema.

Every knob stands in this file, with its unit and what it does. A share is a probability in [0, 1]; shares of a table
are relative weights. Lengths are relative to the text (to its height, its em) wherever a name does not say pixels.
"""

from __future__ import annotations

import hashlib
import re
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any, ClassVar

import msgspec
import numpy as np
import numpy.typing as npt
import yaml
from msgspec import Meta

from synthtext import assets
from synthtext.errors import InputError, known_arguments, near_miss
from synthtext.section import Choices, Field, Limits, Range, Section, Share, Weights, fields_of, show, unknown_key
from synthtext.section import ConfigError as ConfigError
from synthtext.section import Effect as Effect
from synthtext.text.charset import resolve_charset

Length = Annotated[int, Meta(ge=1, le=10_000)]
SceneWords = Annotated[int, Meta(ge=1, le=200)]
_INT64 = 2**63 - 1


def knobs(*values: Effect | Range | float) -> npt.NDArray[np.float64]:
    """A table of knobs for a kernel that draws, float64 (n, 3): a row (share, low, high) for each.

    Of a range the share is 1; of a share alone the range is [0, 0].
    """
    rows: list[tuple[float, float, float]] = []
    for value in values:
        if isinstance(value, Effect):
            rows.append((value.share, *value.strength))
        else:
            rows.append((1.0, *value) if isinstance(value, tuple) else (value, 0.0, 0.0))
    return np.array(rows)


def weights_of(table: Weights, names: Sequence[str]) -> npt.NDArray[np.float64]:
    """The weights of `names` in a configured table, 0 for those that it leaves out."""
    return np.array([table.get(name, 0.0) for name in names])


class ImageConfig(Section, frozen=True):
    """The picture that comes out.

    `fit`: `stretch` scales the crop to height x width, `pad` keeps its aspect and lets the background go on at
    the right (or, where the text is too long for the width, narrows it), `natural` keeps its own size.
    `height`, `width`: pixels; with `natural` both are only upper bounds.
    `text_height`: pixels from ascender to descender of a line, drawn log-uniformly; for `natural` only.
    `margin`: the space between ink and edge on each side, in em; negative cuts into letters. `margins_alike`: share of
    crops of which all sides are tight or all loose, as who cut them out was used to do it: one margin is drawn, from
    which each side's lies up to 0.04 em away. Of the others each side is drawn alone.
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


TEXT_SOURCES = (
    *("word", "file", "number", "price", "date", "time", "phone", "code", "plate", "email", "url", "acronym", "random"),
    "receipt",
)
TEXT_CASES = ("as_is", "lower", "upper", "title", "sentence", "mixed")
_COUNTS = tuple(str(n) for n in range(1, 65))


class TextConfig(Section, frozen=True):
    """What is written. Shares and weights are held exactly over each block of 4096 samples where it says "exact".

    `sources`: weights of word, file, number, price, date, time, phone, code, plate, email, url, acronym, random and
    receipt (items, totals and form fields); exact; one source a sample. A source that `charset` rules out is left out.
    `languages`: wordfreq's codes, each as likely (exact). `vocabulary`: how many of the most frequent words of each
    language are used. `frequency_power`: 0 takes each word once a pass (a keyed permutation), above 0 weights by
    frequency ** power (1: as in running text), over a pass exactly. `length_power`: 0 leaves the lengths of words to
    that, which makes most of them long; 1 draws a length as often as running text has it, and then a word of it.
    `files`: UTF-8 text files, a text a line, for the source `file`; each line once a pass, in its own case; of a line
    that is longer than `length` allows, a run of words. Characters that draw nothing (soft hyphens, zero-width spaces,
    direction marks, controls) are taken out. Lines of which nothing is left, or that no font covers, are left out and
    told when a run starts.
    `case`: weights of as_is, lower, upper, title (each word capitalised), sentence (the first word), mixed (each letter
    by chance), drawn once a sample, applied to words. `punctuation`: share of words that get some.
    `inline`: share of the words after a line's first that are replaced by a composed text.
    `words`: weights of how many words a line has, by the number as a string ("1", "2", ...): where they come from
    dictionaries. `lines`: the same for lines of a sample, for every source.
    `length`: characters (code points) of a line, fewest and most. Of `file`, a shorter line is left out.
    `rare`: share of samples that are the one of several candidates with the rarest character.
    `cut`: share of samples that show a piece of a neighbouring word, up to half of its nearest letter, at the left, the
    right, or both.
    `charset`: the characters that may appear ("" for any that a font covers): a literal set, or names after an "@"
    joined by "+": digits, lower, upper, letters, alphanumeric, punctuation, space, ascii, currency, latin, greek,
    cyrillic ("@ascii", "@digits+upper"). Several words need a space in it.
    `strict`: a text that no font covers is an error, instead of being drawn again.
    """

    PATH = "text"
    CHOICES: ClassVar[Choices] = {"sources": TEXT_SOURCES, "case": TEXT_CASES, "words": _COUNTS, "lines": _COUNTS}

    sources: Weights = msgspec.field(default_factory=lambda: {"word": 1.0})
    languages: tuple[str, ...] = ("en",)
    vocabulary: Annotated[int, Meta(ge=1, le=10_000_000)] = 100_000
    frequency_power: Annotated[float, Meta(ge=0.0, le=2.0)] = 0.0
    length_power: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.0
    files: tuple[str, ...] = ()
    case: Weights = msgspec.field(default_factory=lambda: {"as_is": 1.0})
    punctuation: Share = 0.0
    inline: Share = 0.0
    words: Weights = msgspec.field(default_factory=lambda: {"1": 1.0})
    lines: Weights = msgspec.field(default_factory=lambda: {"1": 1.0})
    length: tuple[Length, Length] = (1, 24)
    rare: Share = 0.0
    cut: Share = 0.0
    charset: str = ""
    strict: bool = False

    def problems(self) -> Iterator[tuple[str, str]]:
        if self.sources.get("file", 0.0) > 0.0 and not self.files:
            yield "sources files", "`file` has a weight but `files` is empty; name a text file in `files`"
        if self.files and not self.sources.get("file", 0.0) > 0.0:
            yield "files sources", "given, but `file` has no weight in `sources`; add one, such as `file: 1`"
        if not self.languages:
            yield "languages", "is empty; name at least one, such as `en`"
        if len(set(self.languages)) < len(self.languages):
            yield "languages", f"{', '.join(self.languages)} names one twice; name each once"
        try:
            resolve_charset(self.charset)
        except ValueError as error:
            yield "charset", str(error).removeprefix("charset: ")


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


class LayoutConfig(Section, frozen=True):
    """Where the glyphs go, before any warp. Strengths in em, angles in degrees.

    `curve`: weights of straight, arc, free. `curvature`: of an arc or curve, as total turn of the baseline in degrees.
    `letter_spacing`: added to each advance. `word_spacing`: factor on the space. `line_spacing`: of lines, in em.
    `slant`: synthetic, degrees; `weight`: synthetic, em by which each side of a stroke moves out (negative
    thins), bounded by the mean gap and the mean stroke of the letters.
    `stroke_contrast`: em by which each side of an upright moves out and of a level stroke moves in (negative: the
    other way round). `roughness`: em by which outlines wander, as of old type; `rounding`: radius of corners, em.
    `proportions`: makes another face of a face: letters narrower and wider by up to about this part, those of one width
    alike, and x-height and waist higher or lower by up to two fifths of it, em.
    `stretch`: factor on the glyphs' width. `jitter`: per-glyph displacement (em) and, times 60, rotation in degrees.
    `align`: weights of left, center, right, for several lines.
    """

    PATH = "layout"
    LIMITS: ClassVar[Limits] = {
        "curvature": (0.0, 300.0),
        "letter_spacing": (-0.2, 2.0),
        "word_spacing": (0.2, 10.0),
        "line_spacing": (0.5, 10.0),
        "slant": (-45.0, 45.0),
        "weight": (-0.05, 0.1),
        "stroke_contrast": (-0.05, 0.05),
        "roughness": (0.0, 0.1),
        "rounding": (0.0, 0.5),
        "proportions": (0.0, 0.3),
        "stretch": (0.2, 5.0),
        "jitter": (0.0, 0.5),
    }
    CHOICES: ClassVar[Choices] = {"curve": ("straight", "arc", "free"), "align": ("left", "center", "right")}

    curve: Weights = msgspec.field(default_factory=lambda: {"straight": 1.0})
    curvature: Range = (10.0, 60.0)
    letter_spacing: Effect = Effect(0.0, (-0.02, 0.2))
    word_spacing: Range = (1.0, 1.0)
    line_spacing: Range = (1.1, 1.5)
    slant: Effect = Effect(0.0, (-8.0, 18.0))
    weight: Effect = Effect(0.0, (-0.012, 0.03))
    stroke_contrast: Effect = Effect(0.0, (-0.012, 0.012))
    roughness: Effect = Effect(0.0, (0.003, 0.02))
    rounding: Effect = Effect(0.0, (0.02, 0.08))
    proportions: Effect = Effect(0.0, (0.03, 0.15))
    stretch: Range = (1.0, 1.0)
    jitter: Effect = Effect(0.0, (0.01, 0.06))
    align: Weights = msgspec.field(default_factory=lambda: {"left": 1.0, "center": 1.0, "right": 0.5})


class WarpConfig(Section, frozen=True):
    """How the text's plane is seen.

    `rotation`: in the image plane, degrees, symmetric (a strength of 5 means -5 to 5). `tilt`: of the plane away from
    the camera, degrees, in any direction. `distance`: of the camera, in text widths (near is stronger perspective).
    `lens`: radial distortion at the text's end, as a part of its half width, either sign. `elastic`: displacement in
    line heights. `rolling_shutter`: of a camera that moves while it reads its rows: shift across per row down, either
    way, and, where it shakes, waves along the rows.
    """

    PATH = "warp"
    LIMITS: ClassVar[Limits] = {
        "rotation": (0.0, 180.0),
        "tilt": (0.0, 75.0),
        "distance": (0.5, 1000.0),
        "lens": (0.0, 0.2),
        "elastic": (0.0, 0.2),
        "rolling_shutter": (0.0, 1.0),
    }

    rotation: Effect = Effect(0.0, (0.0, 10.0))
    tilt: Effect = Effect(0.0, (5.0, 40.0))
    distance: Range = (1.2, 4.0)
    lens: Effect = Effect(0.0, (0.01, 0.08))
    elastic: Effect = Effect(0.0, (0.01, 0.05))
    rolling_shutter: Effect = Effect(0.0, (0.03, 0.25))


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
    border: Effect = Effect(0.0, (0.02, 0.08))
    outline_only: Share = 0.0
    shadow: Effect = Effect(0.0, (0.02, 0.1))
    ghost: Effect = Effect(0.0, (0.05, 0.25))
    neighbour: Effect = Effect(0.0, (0.02, 0.25))
    background: BackgroundConfig = BackgroundConfig()


class EffectsConfig(Section, frozen=True):
    """How the letters are made, beside their colour. Strengths are in em where nothing else is said.

    `double_border`: two lines around the letters, width of each. `extrusion`: letters with sides, lit from one side;
    their depth. `emboss`, `engrave`: raised out of and cut into the surface; steepness in [0, 1]. `neon`: glowing
    tubes; reach of the glow. `led`: a panel of round lamps; from one to the next. `worn`: rubbed-off paint, and
    `chipped`: flaked-off paint; part of it that is gone. `stencil`: bridges across letters with holes; their width.
    `stitched`: embroidery; width of a thread. `ink_spread`: ink that has run into the paper (bleed); its reach.
    """

    PATH = "effects"
    LIMITS: ClassVar[Limits] = {
        "double_border": (0.0, 0.3),
        "extrusion": (0.0, 0.6),
        "emboss": (0.0, 1.0),
        "engrave": (0.0, 1.0),
        "neon": (0.0, 1.0),
        "led": (0.01, 0.5),
        "worn": (0.0, 0.95),
        "chipped": (0.0, 0.95),
        "stencil": (0.0, 0.3),
        "stitched": (0.01, 0.3),
        "ink_spread": (0.0, 0.5),
    }

    double_border: Effect = Effect(0.0, (0.02, 0.06))
    extrusion: Effect = Effect(0.0, (0.04, 0.22))
    emboss: Effect = Effect(0.0, (0.3, 1.0))
    engrave: Effect = Effect(0.0, (0.3, 1.0))
    neon: Effect = Effect(0.0, (0.08, 0.4))
    led: Effect = Effect(0.0, (0.05, 0.11))
    worn: Effect = Effect(0.0, (0.1, 0.5))
    chipped: Effect = Effect(0.0, (0.08, 0.4))
    stencil: Effect = Effect(0.0, (0.04, 0.1))
    stitched: Effect = Effect(0.0, (0.04, 0.1))
    ink_spread: Effect = Effect(0.0, (0.03, 0.14))


class InterferenceConfig(Section, frozen=True):
    """What crosses or surrounds the text. What hides ink, the legibility knows.

    `ruled_lines`: on the paper, under the text; opacity. `underline`, `strike` (crossed out), `box` (or an oval
    around the text): width of the line, em. `seal`: a stamp of transparent ink; opacity. `scratches`, `specks` (dirt):
    how many per square em. `occlusion`: a pole, a leaf, a sheet before the text; the part of the picture that it hides.
    `plate`: the edge of the plate, label or band that bears the text, and what lies beyond; its distance from the ink.
    """

    PATH = "interference"
    LIMITS: ClassVar[Limits] = {
        "ruled_lines": (0.0, 1.0),
        "underline": (0.0, 0.5),
        "strike": (0.0, 0.5),
        "box": (0.0, 0.5),
        "seal": (0.0, 1.0),
        "scratches": (0.0, 20.0),
        "specks": (0.0, 60.0),
        "occlusion": (0.0, 0.6),
        "plate": (0.0, 3.0),
    }

    ruled_lines: Effect = Effect(0.0, (0.2, 0.9))
    underline: Effect = Effect(0.0, (0.02, 0.1))
    strike: Effect = Effect(0.0, (0.015, 0.07))
    box: Effect = Effect(0.0, (0.02, 0.08))
    seal: Effect = Effect(0.0, (0.3, 0.9))
    scratches: Effect = Effect(0.0, (0.5, 4.0))
    specks: Effect = Effect(0.0, (1.0, 12.0))
    occlusion: Effect = Effect(0.0, (0.03, 0.18))
    plate: Effect = Effect(0.0, (0.05, 0.25))


class PrintConfig(Section, frozen=True):
    """How a page was printed and scanned. Bleed is `effects.ink_spread`, skew is `warp.rotation`.

    `halftone`: the screens of four-colour (or black) print; em from dot to dot. `toner_loss`: streaks and voids where
    toner is missing; part of the ink. `thermal`: a receipt that has faded; how far, in [0, 1]. `dot_matrix`: letters
    of printed dots; em from dot to dot. `show_through`: the other side of the sheet; opacity. `fax`: scanned in one bit
    a pixel; the scanner's pixel in em (never less than a pixel of the picture).
    """

    PATH = "print"
    LIMITS: ClassVar[Limits] = {
        "halftone": (0.01, 0.5),
        "toner_loss": (0.0, 0.95),
        "thermal": (0.0, 1.0),
        "dot_matrix": (0.01, 0.5),
        "show_through": (0.0, 1.0),
        "fax": (0.0, 0.5),
    }

    halftone: Effect = Effect(0.0, (0.04, 0.12))
    toner_loss: Effect = Effect(0.0, (0.1, 0.5))
    thermal: Effect = Effect(0.0, (0.3, 0.85))
    dot_matrix: Effect = Effect(0.0, (0.055, 0.1))
    show_through: Effect = Effect(0.0, (0.08, 0.35))
    fax: Effect = Effect(0.0, (0.02, 0.09))


class CameraConfig(Section, frozen=True):
    """What a camera's lens, shutter and processing add to `degrade`, each in its place in the same order.

    `chromatic_aberration`: shift of red and of blue against green, on which the labels lie, in line heights. `banding`:
    flickering light under a rolling shutter; part of the light lost in the dark bands. `demosaic`: artefacts of a
    Bayer sensor, of a picture at the sensor's own size; how much of them, in [0, 1]. `denoise`: smears texture, keeps
    edges; in [0, 1]. `sharpen`: halos of an unsharp mask; its amount.
    """

    PATH = "camera"
    LIMITS: ClassVar[Limits] = {
        "chromatic_aberration": (0.0, 0.2),
        "banding": (0.0, 0.95),
        "demosaic": (0.0, 1.0),
        "denoise": (0.0, 1.0),
        "sharpen": (0.0, 8.0),
    }

    chromatic_aberration: Effect = Effect(0.0, (0.008, 0.04))
    banding: Effect = Effect(0.0, (0.1, 0.5))
    demosaic: Effect = Effect(0.0, (0.3, 1.0))
    denoise: Effect = Effect(0.0, (0.2, 1.0))
    sharpen: Effect = Effect(0.0, (0.4, 2.5))


class SurfaceConfig(Section, frozen=True):
    """The surface that text lies on, and what lies before it. None of it moves a pixel.

    `texture_through`: the ground's texture (fabric, brick, brushed metal) shows in the ink; in [0, 1]. `folds`:
    creases of a folded sheet, `crumple`: of a crumpled one; depth of the shading. `screen`: a display's pixels, which
    beat with the camera's (moire); depth of its pattern. `night`: one lamp's light; stops. `glass`: dirt and haze on
    a pane; opacity. `reflection`: of a scene in it; part of its light. `glare`: a lamp's reflection; its light.
    """

    PATH = "surface"
    LIMITS: ClassVar[Limits] = {
        "texture_through": (0.0, 1.0),
        "folds": (0.0, 1.0),
        "crumple": (0.0, 1.0),
        "screen": (0.0, 1.0),
        "night": (0.0, 8.0),
        "glass": (0.0, 1.0),
        "reflection": (0.0, 1.0),
        "glare": (0.0, 4.0),
    }

    texture_through: Effect = Effect(0.0, (0.3, 1.0))
    folds: Effect = Effect(0.0, (0.2, 0.8))
    crumple: Effect = Effect(0.0, (0.2, 0.8))
    screen: Effect = Effect(0.0, (0.2, 0.9))
    night: Effect = Effect(0.0, (0.5, 3.0))
    glass: Effect = Effect(0.0, (0.15, 0.6))
    reflection: Effect = Effect(0.0, (0.1, 0.5))
    glare: Effect = Effect(0.0, (0.15, 0.8))


class DegradeConfig(Section, frozen=True):
    """What light, camera and compression do, in this order. Strengths are drawn uniformly; blurs are in line heights.

    Where a picture is stretched to its width (`image.fit: stretch`), all that lens and pixels do is stretched with it.

    light: `light_gradient`, stops from one end of the image to the other, in any direction. `cast_shadow`, part of the
    light that is taken by a shadow with a soft edge. `vignette`, part of the light that is lost at the furthest corner.
    optics: `defocus`, radius of a disk. `gaussian_blur`, standard deviation. `motion_blur`, length of the path.
    sensor: `resolution`, height of a camera's pixel in rows of the picture, its logarithm uniform: above 1, the
    photograph is as much smaller, and is enlarged to the picture by nearest, linear, cubic or Lanczos; below 1, only a
    picture that is stretched in width loses anything.
    `exposure`, stops, either way. `white_balance`, the most stops that red and blue are apart from neutral.
    `shot_noise`, standard deviation at full white, where it is strongest; `read_noise`, the same in dark and light:
    both in parts of full white, linear, for each pixel of the camera and channel.
    processing: `contrast`, factor about the middle; `gamma`, exponent; both of display values.
    compression: `jpeg`, quality 1 to 100 (lower is stronger), of the photograph that the image was cut from, so that
    its grid of blocks lies anywhere. `jpeg_again`: of the image itself, after the first; its share is of those.
    """

    PATH = "degrade"
    LIMITS: ClassVar[Limits] = {
        "light_gradient": (0.0, 8.0),
        "cast_shadow": (0.0, 1.0),
        "vignette": (0.0, 0.95),
        "defocus": (0.0, 1.0),
        "gaussian_blur": (0.0, 1.0),
        "motion_blur": (0.0, 2.0),
        "resolution": (0.05, 100.0),
        "exposure": (0.0, 6.0),
        "white_balance": (0.0, 3.0),
        "shot_noise": (0.0, 1.0),
        "read_noise": (0.0, 1.0),
        "contrast": (0.1, 10.0),
        "gamma": (0.1, 10.0),
        "jpeg": (1.0, 100.0),
        "jpeg_again": (1.0, 100.0),
    }

    light_gradient: Effect = Effect(0.0, (0.1, 1.5))
    cast_shadow: Effect = Effect(0.0, (0.15, 0.7))
    vignette: Effect = Effect(0.0, (0.1, 0.5))
    defocus: Effect = Effect(0.0, (0.01, 0.06))
    gaussian_blur: Effect = Effect(0.0, (0.01, 0.04))
    motion_blur: Effect = Effect(0.0, (0.03, 0.15))
    resolution: Effect = Effect(0.0, (1.1, 2.5))
    exposure: Effect = Effect(0.0, (0.0, 1.0))
    white_balance: Effect = Effect(0.0, (0.0, 0.4))
    shot_noise: Effect = Effect(0.0, (0.005, 0.06))
    read_noise: Effect = Effect(0.0, (0.001, 0.015))
    contrast: Effect = Effect(0.0, (0.7, 1.3))
    gamma: Effect = Effect(0.0, (0.7, 1.4))
    jpeg: Effect = Effect(0.0, (25.0, 95.0))
    jpeg_again: Effect = Effect(0.0, (40.0, 95.0))


class LegibilityConfig(Section, frozen=True):
    """The budget: a word scored below `minimum` is drawn again up to `redraws` times, then marked `ignore`."""

    PATH = "legibility"

    minimum: Share = 0.0
    redraws: Annotated[int, Meta(ge=0, le=20)] = 3


SplitKind = typing.Literal["fonts", "backgrounds", "words"]
SPLIT_KINDS: tuple[SplitKind, ...] = ("fonts", "backgrounds", "words")


class SplitConfig(Section, frozen=True):
    """One of several splits whose fonts, backgrounds and words are disjoint, whatever the seed of the samples.

    `name`: which one ("" for all there is, undivided). `shares`: of every split, relative, by name, in order; the same
    for each. `by`: what is divided: fonts (by family), backgrounds (photographs; textures are made up, and are not
    divided), words (of the languages' lists, in any case; lines of `text.files`, and composed texts such as numbers
    and dates, each as a whole). `seed`: another one divides otherwise.
    """

    PATH = "split"

    name: str = ""
    shares: Weights = msgspec.field(default_factory=dict)
    by: tuple[SplitKind, ...] = SPLIT_KINDS
    seed: Annotated[int, Meta(ge=-_INT64 - 1, le=_INT64)] = 0

    def problems(self) -> Iterator[tuple[str, str]]:
        if not self.name:
            return
        if self.name not in self.shares:
            known = ", ".join(self.shares) or "none is named"
            yield "name shares", f"{self.name!r} is none of the splits in `shares` ({known})"
        for name, share in self.shares.items():
            if not share > 0.0:
                yield "shares", f"{name} has the share {share:g}; give each a share above 0"


NO_SPLIT = SplitConfig()


SCENE_SETTINGS = ("photo", "wall", "street", "corridor", "shelf", "table")
SCENE_GROUPS = ("sign", "plate", "poster", "label", "block", "word", "curve", "circle", "stack")


class SceneConfig(Section, frozen=True):
    """A scene (`kind: scenes`): where text stands, how much of it, how large, and what is labelled.

    `words`: fewest and most words of a scene, drawn log-uniformly. `text_height`: the em as a part of the image's
    shorter side, drawn log-uniformly for each group of text.
    `settings`: weights of photo (a photograph, text where it is calm), wall, street, corridor, shelf, table (built).
    `groups`: weights of sign, plate, poster, label (with a panel behind), block (several lines), word, curve, circle
    and stack (letters one below the other).
    `occluder`: share of scenes with a pole, a cable or something out of focus in front of the text.
    `cut`: share of groups that may run over the image's edge. `edge`: `cut` labels what is seen of a word, `ignore`
    ignores every word that the edge cuts. `min_visible`: a word of which a smaller part is seen is ignored.
    `line_height`: what counts as a line height in `degrade`, as a part of the image's shorter side.
    `synthtext`: folder with `bg_img/`, `depth.h5` and `seg.h5` as SynthText (Gupta et al., 2016) has them, used as
    photographs with planes and regions ("" for none); needs h5py.
    """

    PATH = "scene"
    LIMITS: ClassVar[Limits] = {"text_height": (0.005, 2.0)}
    CHOICES: ClassVar[Choices] = {"settings": SCENE_SETTINGS, "groups": SCENE_GROUPS}

    words: tuple[SceneWords, SceneWords] = (5, 60)
    text_height: Range = (0.02, 0.45)
    settings: Weights = msgspec.field(
        default_factory=lambda: {"photo": 30, "wall": 20, "street": 20, "corridor": 8, "shelf": 12, "table": 10}
    )
    groups: Weights = msgspec.field(
        default_factory=lambda: {
            "sign": 16,
            "plate": 10,
            "poster": 14,
            "label": 12,
            "block": 12,
            "word": 20,
            "curve": 5,
            "circle": 5,
            "stack": 4,
        }
    )
    occluder: Share = 0.15
    cut: Share = 0.15
    edge: typing.Literal["cut", "ignore"] = "cut"
    min_visible: Share = 0.5
    line_height: Annotated[float, Meta(ge=0.001, le=1.0)] = 0.0625
    synthtext: str = ""


class Config(Section, frozen=True):
    """A whole configuration: what `Generator` takes."""

    kind: typing.Literal["words", "scenes"] = "words"
    image: ImageConfig = ImageConfig()
    text: TextConfig = TextConfig()
    fonts: FontConfig = FontConfig()
    layout: LayoutConfig = LayoutConfig()
    warp: WarpConfig = WarpConfig()
    paint: PaintConfig = PaintConfig()
    effects: EffectsConfig = EffectsConfig()
    interference: InterferenceConfig = InterferenceConfig()
    print: PrintConfig = PrintConfig()
    surface: SurfaceConfig = SurfaceConfig()
    degrade: DegradeConfig = DegradeConfig()
    camera: CameraConfig = CameraConfig()
    legibility: LegibilityConfig = LegibilityConfig()
    split: SplitConfig = NO_SPLIT
    scene: SceneConfig = SceneConfig()


def preset_names() -> list[str]:
    """The names of the embedded presets."""
    return sorted(path.stem for path in assets.folder("configs").glob("*.yaml"))


@known_arguments
def load_config(source: str | Path | Config, overrides: Sequence[str] = ()) -> Config:
    """Read a configuration.

    `source`: a preset's name, the path of a YAML file, or a `Config`, which is returned as it is (with overrides).
    `overrides`: strings `a.b=value`, the value in YAML, applied last.
    Raises InputError for an unknown preset, an unreadable file, an unknown key, a wrong type or a value out of range:
    it names the key, and the override, the file or the preset that gave the value.
    """
    return _layers(source, overrides).config()


def origin_of(source: str | Path | Config, overrides: Sequence[str], key: str) -> str:
    """Where the value of a key comes from: an override, a file or a preset; "" where nobody gave it."""
    return _layers(source, overrides).origin(key)


def _layers(source: str | Path | Config, overrides: Sequence[str]) -> _Layers:
    overrides = checked_overrides(overrides)
    if isinstance(source, Config):
        layers = _Layers(source)
    elif isinstance(source, str | Path):
        layers = _Layers(Config())
        for tree, origin in _read(_find(source), ()):
            layers.add(tree, origin)
    else:
        raise InputError(
            f"config: got {show(source)}; give a preset's name, the path of a YAML file or a Config, such as 'words'"
        )
    for text in overrides:
        layers.add(_parse_override(text), f"--set {text}")
    return layers


def checked_overrides(overrides: Sequence[str]) -> tuple[str, ...]:
    """Overrides as a tuple. Raises InputError for anything but strings in a list or a tuple."""
    if isinstance(overrides, str):
        raise InputError(f"overrides: is the string {overrides!r}; write a list of strings: [{overrides!r}]")
    if isinstance(overrides, Mapping):
        wanted = [f"{key}={value}" for key, value in overrides.items()]
        raise InputError(f"overrides: is a mapping; write a list of strings: {show(wanted)}")
    texts: tuple[Any, ...] = tuple(overrides) if isinstance(overrides, Iterable) else (overrides,)
    for text in texts:
        if not isinstance(text, str):
            raise InputError(f"overrides: holds {show(text)}; write a list of strings, such as ['image.height=64']")
    return texts


def replaced(config: Config, values: Mapping[str, Any], origin: str) -> Config:
    """The configuration with the values of keys such as `image.height`. Raises InputError that begins with `origin`."""
    layers = _Layers(config)
    for key, value in values.items():
        layers.add(_nested(key, value), origin)
    return layers.config()


def schema() -> dict[str, Any]:
    """The JSON schema of a configuration file, for editors that complete and check YAML."""
    result = msgspec.json.schema(Config)
    definition = result["$defs"]["Config"]
    definition["properties"] = {
        "extends": {"type": "string", "description": "the preset or file whose values stand where this one is silent"},
        **definition["properties"],
    }
    return result


def config_digest(config: Config) -> str:
    """SHA-256 of the configuration's values, as hex: two configurations with one digest make the same samples."""
    return hashlib.sha256(msgspec.json.encode(config, order="deterministic")).hexdigest()


# Layers: presets, files, overrides


@cache
def _all_keys() -> tuple[str, ...]:
    return tuple(_keys_below(Config))


def _keys_below(section: type[Section]) -> Iterator[str]:
    for field in fields_of(section).values():
        yield field.path
        if field.form == "section":
            yield from _keys_below(field.kind)


def _unknown(path: str, key: str, fields: Mapping[str, Field]) -> str:
    """What is said of a key that is not there; one of that name may stand in another section."""
    elsewhere = [other for other in _all_keys() if other.rpartition(".")[2] == key]
    if elsewhere:
        return f"unknown key {path!r}: did you mean {' or '.join(map(repr, elsewhere[:3]))}?"
    return unknown_key(path, key, fields)


class _Layers:
    """Values laid over each other, each with where it came from."""

    def __init__(self, base: Config) -> None:
        self._values = _leaves(base)
        self._origins: dict[str, tuple[int, str]] = {}
        self._count = 0

    def add(self, tree: Any, origin: str) -> None:
        """Lay the values of a tree over those so far. Raises InputError for any that cannot be."""
        self._count += 1
        try:
            self._lay(Config, tree, "", origin, self._values)
        except ConfigError as error:
            raise InputError(f"{origin}: {error}") from None

    def _lay(self, section: type[Section], tree: Any, path: str, origin: str, values: dict[str, Any]) -> None:
        if not isinstance(tree, Mapping):
            what = path or "the file"
            raise InputError(f"{origin}: {what} must be a mapping of keys to values, got {show(tree)}")
        fields = fields_of(section)
        for key, value in tree.items():
            name = f"{path}.{key}" if path else str(key)
            if key not in fields:
                raise InputError(f"{origin}: {_unknown(name, str(key), fields)}")
            field = fields[key]
            if field.form == "section":
                self._lay(field.kind, value, name, origin, values[key])
            else:
                values[key] = field.settle(value, values[key])
                self._origins[name] = self._count, origin

    def origin(self, key: str) -> str:
        """Who gave the value of a key last; "" for nobody."""
        return self._origins.get(key, (0, ""))[1]

    def config(self) -> Config:
        """All of it. Raises InputError for what does not go together, naming who said so last."""
        try:
            return _built(Config, self._values)
        except ConfigError as error:
            said = [self._origins[key] for key in error.keys if key in self._origins]
            raise InputError(f"{max(said)[1]}: {error}" if said else str(error)) from None


def _leaves(section: Section) -> dict[str, Any]:
    return {
        name: _leaves(getattr(section, name)) if field.form == "section" else getattr(section, name)
        for name, field in fields_of(type(section)).items()
    }


_SectionT = typing.TypeVar("_SectionT", bound=Section)


def _built(section: type[_SectionT], values: dict[str, Any]) -> _SectionT:
    fields = fields_of(section)
    made = {k: _built(fields[k].kind, v) if fields[k].form == "section" else v for k, v in values.items()}
    return section(**made)


# YAML


class _Loader(yaml.SafeLoader):
    """YAML with the scalars of YAML 1.2's core schema (https://yaml.org/spec/1.2.2/#103-core-schema), and no key twice.

    So 1e7 is a number, 040 is forty, and `no`, 2:08 and 2024-01-01 are texts.
    """

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            if isinstance(key, yaml.ScalarNode) and key.value != "<<":
                if key.value in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"the key {key.value!r} stands twice; leave one of them out", key.start_mark
                    )
                seen.add(key.value)
        return super().construct_mapping(node, deep)


def _whole_number(loader: _Loader, node: yaml.ScalarNode) -> int:
    value = loader.construct_scalar(node)
    return int(value, 0) if value.startswith(("0x", "0o")) else int(value)


_OF_YAML_1_1 = {f"tag:yaml.org,2002:{name}" for name in ("bool", "int", "float", "timestamp")}
_Loader.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in rows if tag not in _OF_YAML_1_1]
    for first, rows in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _name, _form, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    ("float", r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("float", r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)", "-+."),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_name}", re.compile(rf"(?:{_form})\Z"), list(_first))
_Loader.add_constructor("tag:yaml.org,2002:int", _whole_number)


def _parse(text: str) -> Any:
    """Raises yaml.YAMLError."""
    try:
        return yaml.load(text, _Loader)
    except (RecursionError, ValueError, OverflowError) as error:  # nested too deep; a date such as 2024-99-99
        raise yaml.YAMLError(" ".join(str(error).split()) or type(error).__name__) from None


def _find(source: str | Path) -> Path:
    path = Path(source)
    if path.suffix in {".yaml", ".yml"}:
        if path.is_file():
            return path
        raise InputError(f"configuration file {str(source)!r} does not exist")
    names = preset_names()
    if str(source) in names:
        return assets.folder("configs") / f"{source}.yaml"
    near = near_miss(str(source), names)
    hint = f"did you mean {near!r}? " if near else ""
    raise InputError(
        f"unknown preset {str(source)!r}: {hint}the presets are {', '.join(names)}; a file's name ends in .yaml"
    )


def _read(path: Path, seen: tuple[Path, ...]) -> list[tuple[dict[str, Any], str]]:
    """The file's mapping, after that of the file which it extends and so on; each with its name."""
    path = path.resolve()
    packaged = path.parent == assets.folder("configs").resolve()
    name = f"preset {path.stem!r}" if packaged else str(path)
    if path in seen:
        raise InputError(f"{name}: 'extends' goes in a circle: {' -> '.join(p.name for p in (*seen, path))}")
    try:
        tree = _parse(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: is not UTF-8 (byte {error.start}); save it as UTF-8") from None
    except yaml.YAMLError as error:
        raise InputError(f"{name}: is not valid YAML: {_yaml_problem(error)}") from None
    except OSError as error:
        raise InputError(f"{name}: cannot be read: {error.strerror}") from None
    if tree is None:
        tree = {}
    if not isinstance(tree, dict):
        raise InputError(f"{name}: holds a {type(tree).__name__}, where a mapping of keys to values is needed")
    parent = tree.pop("extends", None)
    if parent is None:
        return [(tree, name)]
    if not isinstance(parent, str):
        raise InputError(f"{name}: 'extends' must be one preset's name or a path, got {show(parent)}")
    beside = path.parent / parent
    try:
        found = beside if beside.is_file() else _find(parent)
    except InputError as error:
        raise InputError(f"{name}: extends: {error}") from None
    return [*_read(found, (*seen, path)), (tree, name)]


def _yaml_problem(error: yaml.YAMLError) -> str:
    """What is wrong, and where, on one line."""
    problem, mark = getattr(error, "problem", None), getattr(error, "problem_mark", None)
    text = " ".join(str(problem or error).split())
    if "cannot start any token" in text:
        text += "; put the value in quotes"
    return f"line {mark.line + 1}: {text}" if mark else text


def _nested(key: str, value: Any) -> Any:
    for part in reversed(key.strip().split(".")):
        value = {part: value}
    return value


def _parse_override(text: str) -> Any:
    """The tree of `a.b=value`. The value of a key that holds a text is that text, where it is not in quotes."""
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise InputError(f"--set {text}: write it as key.subkey=value")
    kind: Any = Config
    field: Field | None = None
    for part in key.strip().split("."):
        field = fields_of(kind).get(part) if kind is not None else None
        kind = field.kind if field is not None else None
    value = value.strip()
    if field is not None and field.form == "str" and value[:1] not in ("'", '"'):
        return _nested(key, value)
    try:
        return _nested(key, _parse(value))
    except yaml.YAMLError as error:
        raise InputError(f"--set {text}: the value {value!r} is not valid YAML: {_yaml_problem(error)}") from None
