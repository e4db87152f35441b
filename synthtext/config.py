"""The configuration: typed, frozen, read from YAML; presets, `extends`, overrides and the JSON schema.

Every knob stands in this file, with its unit and what it does. A share is a probability in [0, 1]; shares of a table
are relative weights. Lengths are relative to the text (to its height, its em) wherever a name does not say pixels.
"""

from __future__ import annotations

import difflib
import hashlib
import re
import typing
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
import numpy as np
import numpy.typing as npt
import yaml
from msgspec import Meta, Struct

from synthtext import assets
from synthtext.errors import InputError
from synthtext.text.charset import resolve_charset

Share = Annotated[float, Meta(ge=0.0, le=1.0)]
Range = tuple[float, float]
Weights = dict[str, Annotated[float, Meta(ge=0.0)]]


class Effect(Struct, frozen=True, forbid_unknown_fields=True):
    """How often an effect is applied (`share`) and how strongly (`strength`, drawn from the range)."""

    share: Share = 0.0
    strength: Range = (0.0, 1.0)


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


class ImageConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """The picture that comes out.

    `fit`: `stretch` scales the crop to height x width, `pad` keeps its aspect and lets the background go on at
    the right (or, where the text is too long for the width, narrows it), `natural` keeps its own size.
    `height`, `width`: pixels; with `natural` both are only upper bounds.
    `text_height`: pixels from ascender to descender of a line, drawn log-uniformly; for `natural` only.
    `margin`: the space between ink and edge on each side, in em; negative cuts into letters. `margins_alike`: share of
    crops of which all sides are tight or all loose, as who cut them out was used to do it: one margin is drawn, from
    which each side's lies up to 0.04 em away. Of the others each side is drawn alone.
    """

    height: Annotated[int, Meta(ge=8, le=4096)] = 32
    width: Annotated[int, Meta(ge=8, le=16384)] = 128
    fit: typing.Literal["stretch", "pad", "natural"] = "stretch"
    channels: typing.Literal["rgb", "grey"] = "rgb"
    text_height: Range = (16.0, 64.0)
    margin: Range = (0.0, 0.3)
    margins_alike: Share = 0.0

    def __post_init__(self) -> None:
        _check_within("text_height", self.text_height, 4.0, 4096.0)
        _check_within("margin", self.margin, -0.5, 10.0)


TEXT_SOURCES = (
    *("word", "file", "number", "price", "date", "time", "phone", "code", "plate", "email", "url", "acronym", "random"),
    "receipt",
)
TEXT_CASES = ("as_is", "lower", "upper", "title", "sentence", "mixed")


class TextConfig(Struct, frozen=True, forbid_unknown_fields=True):
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

    sources: Weights = msgspec.field(default_factory=lambda: {"word": 1.0})
    languages: tuple[str, ...] = ("en",)
    vocabulary: Annotated[int, Meta(ge=1)] = 100_000
    frequency_power: Annotated[float, Meta(ge=0.0, le=2.0)] = 0.0
    length_power: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.0
    files: tuple[str, ...] = ()
    case: Weights = msgspec.field(default_factory=lambda: {"as_is": 1.0})
    punctuation: Share = 0.0
    inline: Share = 0.0
    words: Weights = msgspec.field(default_factory=lambda: {"1": 1.0})
    lines: Weights = msgspec.field(default_factory=lambda: {"1": 1.0})
    length: tuple[Annotated[int, Meta(ge=1)], Annotated[int, Meta(ge=1)]] = (1, 24)
    rare: Share = 0.0
    cut: Share = 0.0
    charset: str = ""
    strict: bool = False

    def __post_init__(self) -> None:
        _check_names("sources", self.sources, TEXT_SOURCES)
        _check_names("case", self.case, TEXT_CASES)
        _check_counts("words", self.words)
        _check_counts("lines", self.lines)
        if self.length[0] > self.length[1]:
            raise ValueError(f"length: {self.length[0]} to {self.length[1]} is upside down; give the fewest first")
        if self.sources.get("file", 0.0) > 0.0 and not self.files:
            raise ValueError("sources: `file` has a weight but `files` is empty; name a text file in `files`")
        if self.files and not self.sources.get("file", 0.0) > 0.0:
            raise ValueError("files: given, but `file` has no weight in `sources`; add one, such as `file: 1`")
        if not self.languages:
            raise ValueError("languages: is empty; name at least one, such as `en`")
        if len(set(self.languages)) < len(self.languages):
            raise ValueError(f"languages: {', '.join(self.languages)} names one twice; name each once")
        resolve_charset(self.charset)


def _check_within(key: str, value: Range, low: float, high: float) -> None:
    """Both ends inside the bounds; whether the range is upside down is checked for all ranges at once, on loading."""
    for end in value:
        if not low <= end <= high:
            raise ValueError(f"{key}: {end:g} lies outside [{low:g}, {high:g}]")


def _check_weights(key: str, weights: Weights) -> None:
    if not weights or not 0.0 < sum(weights.values()) < float("inf"):
        raise ValueError(f"{key}: no weight is above 0; give at least one a weight")


def _check_names(key: str, weights: Weights, known: tuple[str, ...]) -> None:
    for name in weights:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1, 0.0)[0]
            raise ValueError(f"{key}: {name!r} is unknown; did you mean {near!r}? (known: {', '.join(known)})")
    _check_weights(key, weights)


def _check_counts(key: str, weights: Weights) -> None:
    for name in weights:
        if not (name.isascii() and name.isdigit() and 1 <= int(name) <= 64):
            raise ValueError(f'{key}: {name!r} is not a count from "1" to "64"')
    _check_weights(key, weights)


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


class FontConfig(Struct, frozen=True, forbid_unknown_fields=True):
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

    starter: bool = True
    folders: tuple[str, ...] = ()
    styles: Weights = msgspec.field(default_factory=dict)
    families: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    variation_steps: Annotated[int, Meta(ge=1, le=64)] = 6

    def __post_init__(self) -> None:
        if self.styles:
            _check_names("styles", self.styles, tuple(FONT_STYLES))
        if not self.starter and not self.folders:
            raise ValueError("folders: is empty and `starter` is false, so there is no font; name a folder of fonts")
        if "" in self.folders:
            raise ValueError("folders: an entry is empty; give the path of a folder of fonts")
        both = {name.casefold() for name in self.families} & {name.casefold() for name in self.exclude}
        if both:
            raise ValueError(f"exclude: {sorted(both)[0]!r} stands in `families` too; name it in one of them")


class LayoutConfig(Struct, frozen=True, forbid_unknown_fields=True):
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

    def __post_init__(self) -> None:
        _check_names("curve", self.curve, ("straight", "arc", "free"))
        _check_names("align", self.align, ("left", "center", "right"))
        _check_within("curvature", self.curvature, 0.0, 300.0)
        _check_within("letter_spacing.strength", self.letter_spacing.strength, -0.2, 2.0)
        _check_within("word_spacing", self.word_spacing, 0.2, 10.0)
        _check_within("line_spacing", self.line_spacing, 0.5, 10.0)
        _check_within("slant.strength", self.slant.strength, -45.0, 45.0)
        _check_within("weight.strength", self.weight.strength, -0.05, 0.1)
        _check_within("stroke_contrast.strength", self.stroke_contrast.strength, -0.05, 0.05)
        _check_within("roughness.strength", self.roughness.strength, 0.0, 0.1)
        _check_within("rounding.strength", self.rounding.strength, 0.0, 0.5)
        _check_within("proportions.strength", self.proportions.strength, 0.0, 0.3)
        _check_within("stretch", self.stretch, 0.2, 5.0)
        _check_within("jitter.strength", self.jitter.strength, 0.0, 0.5)


class WarpConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """How the text's plane is seen.

    `rotation`: in the image plane, degrees, symmetric (a strength of 5 means -5 to 5). `tilt`: of the plane away from
    the camera, degrees, in any direction. `distance`: of the camera, in text widths (near is stronger perspective).
    `lens`: radial distortion at the text's end, as a part of its half width, either sign. `elastic`: displacement in
    line heights. `rolling_shutter`: of a camera that moves while it reads its rows: shift across per row down, either
    way, and, where it shakes, waves along the rows.
    """

    rotation: Effect = Effect(0.0, (0.0, 10.0))
    tilt: Effect = Effect(0.0, (5.0, 40.0))
    distance: Range = (1.2, 4.0)
    lens: Effect = Effect(0.0, (0.01, 0.08))
    elastic: Effect = Effect(0.0, (0.01, 0.05))
    rolling_shutter: Effect = Effect(0.0, (0.03, 0.25))

    def __post_init__(self) -> None:
        _check_within("rotation.strength", self.rotation.strength, 0.0, 180.0)
        _check_within("tilt.strength", self.tilt.strength, 0.0, 75.0)
        _check_within("distance", self.distance, 0.5, 1000.0)
        _check_within("lens.strength", self.lens.strength, 0.0, 0.2)
        _check_within("elastic.strength", self.elastic.strength, 0.0, 0.2)
        _check_within("rolling_shutter.strength", self.rolling_shutter.strength, 0.0, 1.0)


class BackgroundConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """What lies behind the text.

    `kinds`: weights of plain, gradient, noise, paper, fabric, wood, stone, metal, plaster, brick, tiles, photo.
    `starter`: use the embedded photographs. `folders`: the user's own, beside them (or packs: `pack:NAME`).
    `scale`: source pixels of a photograph (or texture) per line height of text, drawn log-uniformly.
    `contrast`: of a procedural texture, [0, 1].
    `memory_mb`: bound on decoded photographs held by a process.
    """

    kinds: Weights = msgspec.field(default_factory=lambda: {"plain": 1.0})
    starter: bool = True
    folders: tuple[str, ...] = ()
    scale: Range = (24.0, 240.0)
    contrast: Range = (0.05, 0.5)
    memory_mb: Annotated[int, Meta(ge=8)] = 96


class PaintConfig(Struct, frozen=True, forbid_unknown_fields=True):
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

    def __post_init__(self) -> None:
        _check_names("fill", self.fill, ("colour", "gradient", "texture"))
        _check_within("contrast", self.contrast, 0.0, 100.0)
        _check_within("shade", self.shade, 0.0, 1.0)
        _check_within("saturation", self.saturation, 0.0, 1.0)
        _check_within("opacity", self.opacity, 0.0, 1.0)
        _check_within("border.strength", self.border.strength, 0.0, 0.5)
        _check_within("shadow.strength", self.shadow.strength, 0.0, 1.0)
        _check_within("ghost.strength", self.ghost.strength, 0.0, 1.0)
        _check_within("neighbour.strength", self.neighbour.strength, 0.0, 2.0)


def _check_strengths(struct: Struct, limits: dict[str, Range]) -> None:
    for name, (low, high) in limits.items():
        strength = getattr(struct, name).strength
        if not all(low <= value <= high for value in strength):
            raise ValueError(f"{name}: the strength {list(strength)} is not within {low:g} to {high:g}")


_EFFECT_LIMITS = {
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


class EffectsConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """How the letters are made, beside their colour. Strengths are in em where nothing else is said.

    `double_border`: two lines around the letters, width of each. `extrusion`: letters with sides, lit from one side;
    their depth. `emboss`, `engrave`: raised out of and cut into the surface; steepness in [0, 1]. `neon`: glowing
    tubes; reach of the glow. `led`: a panel of round lamps; from one to the next. `worn`: rubbed-off paint, and
    `chipped`: flaked-off paint; part of it that is gone. `stencil`: bridges across letters with holes; their width.
    `stitched`: embroidery; width of a thread. `ink_spread`: ink that has run into the paper (bleed); its reach.
    """

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

    def __post_init__(self) -> None:
        _check_strengths(self, _EFFECT_LIMITS)


_INTERFERENCE_LIMITS = {
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


class InterferenceConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """What crosses or surrounds the text. What hides ink, the legibility knows.

    `ruled_lines`: on the paper, under the text; opacity. `underline`, `strike` (crossed out), `box` (or an oval
    around the text): width of the line, em. `seal`: a stamp of transparent ink; opacity. `scratches`, `specks` (dirt):
    how many per square em. `occlusion`: a pole, a leaf, a sheet before the text; the part of the picture that it hides.
    `plate`: the edge of the plate, label or band that bears the text, and what lies beyond; its distance from the ink.
    """

    ruled_lines: Effect = Effect(0.0, (0.2, 0.9))
    underline: Effect = Effect(0.0, (0.02, 0.1))
    strike: Effect = Effect(0.0, (0.015, 0.07))
    box: Effect = Effect(0.0, (0.02, 0.08))
    seal: Effect = Effect(0.0, (0.3, 0.9))
    scratches: Effect = Effect(0.0, (0.5, 4.0))
    specks: Effect = Effect(0.0, (1.0, 12.0))
    occlusion: Effect = Effect(0.0, (0.03, 0.18))
    plate: Effect = Effect(0.0, (0.05, 0.25))

    def __post_init__(self) -> None:
        _check_strengths(self, _INTERFERENCE_LIMITS)


_PRINT_LIMITS = {
    "halftone": (0.01, 0.5),
    "toner_loss": (0.0, 0.95),
    "thermal": (0.0, 1.0),
    "dot_matrix": (0.01, 0.5),
    "show_through": (0.0, 1.0),
    "fax": (0.0, 0.5),
}


class PrintConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """How a page was printed and scanned. Bleed is `effects.ink_spread`, skew is `warp.rotation`.

    `halftone`: the screens of four-colour (or black) print; em from dot to dot. `toner_loss`: streaks and voids where
    toner is missing; part of the ink. `thermal`: a receipt that has faded; how far, in [0, 1]. `dot_matrix`: letters
    of printed dots; em from dot to dot. `show_through`: the other side of the sheet; opacity. `fax`: scanned in one bit
    a pixel; the scanner's pixel in em (never less than a pixel of the picture).
    """

    halftone: Effect = Effect(0.0, (0.04, 0.12))
    toner_loss: Effect = Effect(0.0, (0.1, 0.5))
    thermal: Effect = Effect(0.0, (0.3, 0.85))
    dot_matrix: Effect = Effect(0.0, (0.055, 0.1))
    show_through: Effect = Effect(0.0, (0.08, 0.35))
    fax: Effect = Effect(0.0, (0.02, 0.09))

    def __post_init__(self) -> None:
        _check_strengths(self, _PRINT_LIMITS)


_CAMERA_LIMITS = {
    "chromatic_aberration": (0.0, 0.2),
    "banding": (0.0, 0.95),
    "demosaic": (0.0, 1.0),
    "denoise": (0.0, 1.0),
    "sharpen": (0.0, 8.0),
}


class CameraConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """What a camera's lens, shutter and processing add to `degrade`, each in its place in the same order.

    `chromatic_aberration`: shift of red and of blue against green, on which the labels lie, in line heights. `banding`:
    flickering light under a rolling shutter; part of the light lost in the dark bands. `demosaic`: artefacts of a
    Bayer sensor, of a picture at the sensor's own size; how much of them, in [0, 1]. `denoise`: smears texture, keeps
    edges; in [0, 1]. `sharpen`: halos of an unsharp mask; its amount.
    """

    chromatic_aberration: Effect = Effect(0.0, (0.008, 0.04))
    banding: Effect = Effect(0.0, (0.1, 0.5))
    demosaic: Effect = Effect(0.0, (0.3, 1.0))
    denoise: Effect = Effect(0.0, (0.2, 1.0))
    sharpen: Effect = Effect(0.0, (0.4, 2.5))

    def __post_init__(self) -> None:
        _check_strengths(self, _CAMERA_LIMITS)


_SURFACE_LIMITS = {
    "texture_through": (0.0, 1.0),
    "folds": (0.0, 1.0),
    "crumple": (0.0, 1.0),
    "screen": (0.0, 1.0),
    "night": (0.0, 8.0),
    "glass": (0.0, 1.0),
    "reflection": (0.0, 1.0),
    "glare": (0.0, 4.0),
}


class SurfaceConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """The surface that text lies on, and what lies before it. None of it moves a pixel.

    `texture_through`: the ground's texture (fabric, brick, brushed metal) shows in the ink; in [0, 1]. `folds`:
    creases of a folded sheet, `crumple`: of a crumpled one; depth of the shading. `screen`: a display's pixels, which
    beat with the camera's (moire); depth of its pattern. `night`: one lamp's light; stops. `glass`: dirt and haze on
    a pane; opacity. `reflection`: of a scene in it; part of its light. `glare`: a lamp's reflection; its light.
    """

    texture_through: Effect = Effect(0.0, (0.3, 1.0))
    folds: Effect = Effect(0.0, (0.2, 0.8))
    crumple: Effect = Effect(0.0, (0.2, 0.8))
    screen: Effect = Effect(0.0, (0.2, 0.9))
    night: Effect = Effect(0.0, (0.5, 3.0))
    glass: Effect = Effect(0.0, (0.15, 0.6))
    reflection: Effect = Effect(0.0, (0.1, 0.5))
    glare: Effect = Effect(0.0, (0.15, 0.8))

    def __post_init__(self) -> None:
        _check_strengths(self, _SURFACE_LIMITS)


# What a strength may be, by effect of DegradeConfig.
_DEGRADE_LIMITS = {
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


class DegradeConfig(Struct, frozen=True, forbid_unknown_fields=True):
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

    def __post_init__(self) -> None:
        _check_strengths(self, _DEGRADE_LIMITS)


class LegibilityConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """The budget: a word scored below `minimum` is drawn again up to `redraws` times, then marked `ignore`."""

    minimum: Share = 0.0
    redraws: Annotated[int, Meta(ge=0, le=20)] = 3


SplitKind = typing.Literal["fonts", "backgrounds", "words"]
SPLIT_KINDS: tuple[SplitKind, ...] = ("fonts", "backgrounds", "words")


class SplitConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """One of several splits whose fonts, backgrounds and words are disjoint, whatever the seed of the samples.

    `name`: which one ("" for all there is, undivided). `shares`: of every split, relative, by name, in order; the same
    for each. `by`: what is divided: fonts (by family), backgrounds (photographs; textures are made up, and are not
    divided), words (of the languages' lists, in any case; lines of `text.files`, and composed texts such as numbers
    and dates, each as a whole). `seed`: another one divides otherwise.
    """

    name: str = ""
    shares: Weights = {}
    by: tuple[SplitKind, ...] = SPLIT_KINDS
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.name:
            return
        if self.name not in self.shares:
            known = ", ".join(self.shares) or "none is named"
            raise ValueError(f"name: {self.name!r} is none of the splits in `shares` ({known})")
        for name, share in self.shares.items():
            if not 0.0 < share < float("inf"):
                raise ValueError(f"shares: {name} has the share {share:g}; give each a share above 0")


NO_SPLIT = SplitConfig()


SCENE_SETTINGS = ("photo", "wall", "street", "corridor", "shelf", "table")
SCENE_GROUPS = ("sign", "plate", "poster", "label", "block", "word", "curve", "circle", "stack")


class SceneConfig(Struct, frozen=True, forbid_unknown_fields=True):
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

    words: tuple[Annotated[int, Meta(ge=1, le=200)], Annotated[int, Meta(ge=1, le=200)]] = (5, 60)
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
    line_height: Annotated[float, Meta(gt=0.0, le=1.0)] = 0.0625
    synthtext: str = ""

    def __post_init__(self) -> None:
        if self.words[0] > self.words[1]:
            raise ValueError(f"words: {self.words[0]} to {self.words[1]} is upside down; give the fewest first")
        _check_within("text_height", self.text_height, 0.005, 2.0)
        _check_names("settings", self.settings, SCENE_SETTINGS)
        _check_names("groups", self.groups, SCENE_GROUPS)


class Config(Struct, frozen=True, forbid_unknown_fields=True):
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


def load_config(source: str | Path | Config, overrides: typing.Sequence[str] = ()) -> Config:
    """Read a configuration.

    `source`: a preset's name, the path of a YAML file, or a `Config`, which is returned as it is (with overrides).
    `overrides`: strings `a.b=value`, the value in YAML, applied last.
    Raises InputError for an unknown preset, an unreadable file, an unknown key, a wrong type or a value out of range.
    """
    if isinstance(source, Config):
        if not overrides:
            return source
        tree, where = msgspec.to_builtins(source), "the configuration"
    else:
        path = _find(source)
        tree, where = _read(path, ()), str(path)
    tree = _normalise(tree, Config, where, "")
    for override in overrides:
        tree = _merge(tree, _parse_override(override), Config)
    try:
        config = msgspec.convert(tree, Config)
    except msgspec.ValidationError as error:
        raise InputError(f"{where}: {_explain(error)}") from None
    _check_ranges(config, where, "")
    return config


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


def _find(source: str | Path) -> Path:
    path = Path(source)
    if path.suffix in {".yaml", ".yml"}:
        if path.is_file():
            return path
        raise InputError(f"configuration file {str(source)!r} does not exist")
    names = preset_names()
    if str(source) in names:
        return assets.folder("configs") / f"{source}.yaml"
    hint = f"did you mean {_nearest(str(source), names)!r}? " if _nearest(str(source), names) else ""
    raise InputError(
        f"unknown preset {str(source)!r}: {hint}the presets are {', '.join(names)}; a file's name ends in .yaml"
    )


def _read(path: Path, seen: tuple[Path, ...]) -> dict[str, Any]:
    """The file's mapping, laid over that of the file which it extends."""
    path = path.resolve()
    if path in seen:
        raise InputError(f"{path}: 'extends' goes in a circle: {' -> '.join(p.name for p in (*seen, path))}")
    try:
        tree = yaml.safe_load(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is not UTF-8 (byte {error.start}); save it as UTF-8") from None
    except yaml.YAMLError as error:
        problem = " ".join(str(error).split())
        raise InputError(f"{path}: is not valid YAML: {problem}") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    if tree is None:
        tree = {}
    if not isinstance(tree, dict):
        raise InputError(f"{path}: holds a {type(tree).__name__}, where a mapping of keys to values is needed")
    parent = tree.pop("extends", None)
    if parent is None:
        return _merge(msgspec.to_builtins(Config()), _normalise(tree, Config, str(path), ""), Config)
    if not isinstance(parent, str):
        raise InputError(f"{path}: 'extends' must be one preset's name or a path, got {parent!r}")
    beside = path.parent / parent
    base = _read(beside if beside.is_file() else _find(parent), (*seen, path))
    return _merge(base, _normalise(tree, Config, str(path), ""), Config)


def _parse_override(text: str) -> Any:
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise InputError(f"--set {text!r}: write it as key.subkey=value")
    try:
        parsed = yaml.safe_load(value)
    except yaml.YAMLError:
        raise InputError(f"--set {text!r}: the value {value!r} is not valid YAML") from None
    tree: Any = parsed
    for part in reversed(key.strip().split(".")):
        tree = {part: tree}
    return _normalise(tree, Config, f"--set {text!r}", "")


def _fields(struct: type) -> dict[str, Any]:
    return {field.encode_name: field.type for field in msgspec.structs.fields(struct)}


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Struct)


def _is_range(kind: Any) -> bool:
    return typing.get_origin(kind) is tuple and len(typing.get_args(kind)) == 2 and ... not in typing.get_args(kind)


def _nearest(name: str, names: typing.Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(names), n=1, cutoff=0.5)
    return close[0] if close else ""


def _normalise(tree: Any, struct: type, where: str, path: str) -> dict[str, Any]:
    """Refuse unknown keys by name; widen the shorthands: a number for a range, and a share for an effect."""
    if not isinstance(tree, dict):
        raise InputError(f"{where}: {path or 'the file'} must be a mapping of keys to values, got {tree!r}")
    fields = _fields(struct)
    result: dict[str, Any] = {}
    for key, value in tree.items():
        name = f"{path}.{key}" if path else str(key)
        if key not in fields:
            near = _nearest(str(key), fields)
            hint = f"did you mean {near!r}?" if near else f"the keys here are {', '.join(fields)}"
            raise InputError(f"{where}: unknown key {name!r}: {hint}")
        kind = fields[key]
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if kind is Effect and number:
            value = {"share": value}
        if _is_struct(kind):
            value = _normalise(value, kind, where, name)
        elif _is_range(kind) and number:
            value = [value, value]
        elif typing.get_origin(kind) is dict and isinstance(value, dict):
            value = {str(name): weight for name, weight in value.items()}
        result[key] = value
    return result


def _merge(base: dict[str, Any], over: dict[str, Any], struct: type) -> dict[str, Any]:
    """`over` laid over `base`: sections merge key by key, tables of weights and ranges are replaced as a whole."""
    fields = _fields(struct)
    result = dict(base)
    for key, value in over.items():
        kind = fields[key]
        result[key] = _merge(result.get(key, {}), value, kind) if _is_struct(kind) else value
    return result


def _explain(error: msgspec.ValidationError) -> str:
    message = str(error)
    match = re.match(r"(.*?)(?: - at `\$\.?(.*?)`)?$", message, re.DOTALL)
    text, path = (match.group(1), match.group(2)) if match else (message, None)
    text = text[:1].lower() + text[1:]
    return f"{path}: {text}" if path else text


def _check_ranges(struct: Struct, where: str, path: str) -> None:
    for name, kind in _fields(type(struct)).items():
        value = getattr(struct, name)
        here = f"{path}.{name}" if path else name
        if isinstance(value, Struct):
            _check_ranges(value, where, here)
        elif _is_range(kind):
            if not all(abs(x) < float("inf") for x in value):
                raise InputError(f"{where}: {here}: a range needs finite numbers, got {list(value)}")
            if value[0] > value[1]:
                raise InputError(
                    f"{where}: {here}: the range {list(value)} is upside down; write [{value[1]}, {value[0]}]"
                )
        elif isinstance(value, dict) and value and not sum(value.values()) > 0:
            raise InputError(f"{where}: {here}: the weights are all zero; give at least one of them a positive weight")
