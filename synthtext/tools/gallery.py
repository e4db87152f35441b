"""`synthtext gallery`: every effect of the configuration, by name, from low to high strength, as pictures and a page.

The effects are found in the configuration's structs: one that is added there is in the gallery without a line here.
"""

from __future__ import annotations

import argparse
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import msgspec
import numpy as np
import numpy.typing as npt

from synthtext.config import Config
from synthtext.core.errors import InputError
from synthtext.core.section import EffectShare, Section, fields_of
from synthtext.effects.registry import EFFECTS
from synthtext.text.source import TextRecord

Image = npt.NDArray[np.uint8]

STEPS = 5
_TILE_HEIGHT, _TILE_WIDTH, _NAME, _GAP = 48, 176, 176, 4
_PAPER, _INK, _FAINT = (250, 250, 248), (30, 30, 34), (110, 110, 116)
_QUALITY = 82

# What the samples of all groups share: sharp, undegraded, one word.
_BASE = (
    f"image={{height: {_TILE_HEIGHT}, width: {_TILE_WIDTH}, fit: stretch, margin: [0.14, 0.16]}}",
    "paint.dark_on_light=1",
    "paint.colourful=0",
    "paint.contrast=[62, 62]",
    "paint.background.kinds={paper: 1}",
    "paint.background.contrast=0.1",
)
_SIGN = (
    "fonts.families=[Montserrat]",
    "paint.dark_on_light=0",
    "paint.colourful=1",
    "paint.contrast=[52, 52]",
    "paint.background.kinds={plaster: 1}",
    "paint.background.contrast=0.25",
)
_PAGE = ("fonts.families=[Libre Baskerville]",)
_PHOTO = ("fonts.families=[Overpass]", "paint.dark_on_light=0", "paint.background.kinds={photo: 1}")
# By section: the word, the index of the sample, and what is set beside `_BASE`.
_GROUPS: dict[str, tuple[str, int, tuple[str, ...]]] = {
    "layout": ("Reading", 3, _PAGE),
    "warp": ("Harbour", 2, (*_PAGE, "warp.distance=1.5")),
    "paint": ("Market", 4, (*_SIGN, "paint.border.share=0")),
    "effects": ("Bakery", 6, _SIGN),
    "interference": ("Payment", 10, (*_PAGE, "image.margin=[0.2, 0.26]")),
    "print": ("Receipt", 7, _PAGE),
    "surface": ("Station", 8, _PHOTO),
    "degrade": ("Avenue", 12, _PHOTO),
    "camera": ("Avenue", 12, _PHOTO),
}
# What is set so that an effect is seen, of those that are no class of their own (`Effect.gallery`).
_NEEDS: dict[str, tuple[str, ...]] = {
    "layout.jitter": ("fonts.families=[Caveat]",),
    "paint.neighbour": (*_PAGE, *_BASE[1:], "text.length=[1, 12]"),
    "paint.ghost": _PAGE + _BASE[1:],
} | {path: effect.gallery for path, effect in EFFECTS.items() if effect.gallery}
# Where a lower number is the stronger effect.
DOWNWARD = {path for path, effect in EFFECTS.items() if effect.downward}


def effect_paths(section: type[Section] = Config) -> Iterator[tuple[str, EffectShare]]:
    """The path in the configuration, and the default, of every effect there is."""
    for field in fields_of(section).values():
        if field.form == "effect":
            yield field.path, field.default
        elif field.form == "section":
            yield from effect_paths(field.kind)


def strengths(path: str, effect: EffectShare) -> list[float]:
    """The strengths at which an effect is shown: its default range, weakest first."""
    low, high = effect.strength
    if path in DOWNWARD:
        low, high = high, low
    return [low + (high - low) * i / (STEPS - 1) for i in range(STEPS)]


def draw_row(path: str, effect: EffectShare) -> list[Image]:
    """One sample with the effect at each of its strengths, uint8 (H, W, 3) each."""
    from synthtext.generator import Generator

    word, index, more = _GROUPS.get(path.split(".")[0], ("Sample", 0, ()))
    tiles = []
    for strength in strengths(path, effect):
        overrides = (
            *_BASE,
            *more,
            *_NEEDS.get(path, ()),
            f"{path}={{share: 1, strength: [{strength}, {strength}]}}",
        )
        generator = Generator(Config(), 0, overrides)
        plan = generator.draw(index, 0, TextRecord((word,), "word"))
        tiles.append(generator.render(plan).image)
    return tiles


def draw_group(group: str, effects: list[tuple[str, EffectShare]]) -> Image:
    """The picture of a group: a row an effect, its name and strengths at the left."""
    from synthtext.crop.caption import draw_caption

    row_height = _TILE_HEIGHT + _GAP
    page = np.full((row_height * len(effects) + _GAP, _NAME + STEPS * (_TILE_WIDTH + _GAP), 3), _PAPER, np.uint8)
    for row, (path, effect) in enumerate(effects):
        y = _GAP + row * row_height
        shown = strengths(path, effect)
        draw_caption(page, path.split(".", 1)[1], 8, y + 21, 15.0, _INK, _NAME - 16)
        draw_caption(page, f"{shown[0]:g} … {shown[-1]:g}", 8, y + 39, 12.0, _FAINT, _NAME - 16)
        for column, tile in enumerate(draw_row(path, effect)):
            x = _NAME + column * (_TILE_WIDTH + _GAP)
            page[y : y + _TILE_HEIGHT, x : x + _TILE_WIDTH] = tile
    return page


def groups() -> dict[str, list[tuple[str, EffectShare]]]:
    """Every effect, by the section of the configuration that it stands in."""
    found: dict[str, list[tuple[str, EffectShare]]] = {}
    for path, effect in effect_paths():
        found.setdefault(path.split(".")[0], []).append((path, effect))
    return found


def markdown(folder: str) -> str:
    """The page, in Markdown; its pictures lie in `folder`, as links see it."""
    sections = {field.encode_name: field.type for field in msgspec.structs.fields(Config)}
    lines = [
        "# Gallery",
        "",
        "Every effect that has a share and a strength, on one word, from the low to the high end of its default range.",
        "`synthtext gallery -o docs/gallery.md` draws it anew from the configuration; [config.md](config.md) says what",
        "each strength means. All of it keeps labels exact: what moves ink moves its labels by the same map.",
    ]
    for group, effects in groups().items():
        doc = inspect.cleandoc(sections[group].__doc__ or "").split("\n\n")[0].splitlines()[0]
        names = ", ".join(f"`{path}`" for path, _ in effects)
        lines += ["", f"## {group}", "", doc, "", names, "", f"![{group}]({folder}/{group}.jpg)"]
    return "\n".join(lines) + "\n"


def gallery(out: str | Path) -> int:
    """Write the page to `out` (.md) and a picture a group into the folder of the same name beside it.

    Returns the pictures' bytes. Raises InputError for a bad name and a path that cannot be written.
    """
    page = Path(out)
    if page.suffix != ".md":
        raise InputError(f"-o {out}: end the name in .md; the pictures go into a folder of the same name beside it")
    folder = page.with_suffix("")
    size = 0
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for group, effects in groups().items():
            picture = cv2.cvtColor(draw_group(group, effects), cv2.COLOR_RGB2BGR)
            content = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1].tobytes()
            (folder / f"{group}.jpg").write_bytes(content)
            size += len(content)
        page.write_text(markdown(folder.name), encoding="utf-8")
    except OSError as error:
        raise InputError(f"-o {out}: cannot be written: {error.strerror}") from None
    return size


def run(args: argparse.Namespace) -> int:
    """The subcommand."""
    size = gallery(args.out)
    count = sum(len(effects) for effects in groups().values())
    print(f"{count} effects drawn on {args.out} ({size / 1e6:.2f} MB of pictures)", file=sys.stderr)
    return 0
