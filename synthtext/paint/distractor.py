"""Text that is seen but not labelled: lines above and below that reach into the crop, and faint text behind."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from synthtext.core.records import Amount, Angle, Lightness, Number, Part, Record
from synthtext.core.rng import Draws
from synthtext.geometry.warp import W_FIT, WarpParams, make_warp
from synthtext.paint.composite import over
from synthtext.paint.paint_config import PaintConfig
from synthtext.raster.coverage import fill
from synthtext.raster.polylines import flatten_glyphs
from synthtext.typeset.catalogue import Catalogue, FontRecord
from synthtext.typeset.layout import LayoutParams, lay_out
from synthtext.typeset.outlines import OutlineStore


class NeighbourParams(Record, frozen=True):
    """A line above (`line` -1) or below the text: its words, shift along it and how far it reaches in, in em."""

    text: str
    above: bool
    shift: Number
    reach: Number


class GhostParams(Record, frozen=True):
    """Faint text behind: words and font; centre as fractions of the image; em relative to the text's; radians."""

    text: str
    font: FontRecord
    x: Number
    y: Number
    scale: Amount
    rotation: Angle
    mirrored: bool
    opacity: Part
    lightness: Lightness


class DistractorParams(Record, frozen=True):
    """All of a sample's distractors. `cut_reach`: the share of its advance to which a cut neighbour's nearest letter is
    seen: never so much that a reader would read it, and the label be wrong."""

    neighbours: tuple[NeighbourParams, ...] = ()
    ghost: GhostParams | None = None
    cut_reach: Part = 0.4


def draw_distractors(
    draws: Draws,
    config: PaintConfig,
    catalogue: Catalogue,
    words: Callable[[Draws, int], str],
    covers: Callable[[str], bool],
    characters: int,
    straight: bool,
) -> DistractorParams:
    """Draw distractors. `words(draws, characters)` makes text of about that length; `covers`: the text's font has it.

    Only `straight` text gets neighbouring lines: those of a curved line would run through it.
    """
    neighbours: list[NeighbourParams] = []
    ghost = None
    cut_reach = draws.uniform(0.15, 0.5)
    if draws.chance(config.neighbour.share) and straight:
        sides = draws.choice(((True,), (False,), (True, False)))
        for above in sides:
            text = words(draws, characters)
            shift, reach = draws.uniform(-1.0, 1.0), draws.uniform(*config.neighbour.strength)
            if text and covers(text):
                neighbours.append(NeighbourParams(text, above, shift, reach))
    if draws.chance(config.ghost.share):
        text = words(draws, characters)
        font = catalogue.draw(draws, text) if text else None
        if font is not None:
            ghost = GhostParams(
                text,
                font,
                draws.random(),
                draws.random(),
                draws.log_uniform(0.5, 2.0),
                draws.normal(0.0, 0.15),
                draws.chance(0.4),
                draws.uniform(*config.ghost.strength),
                draws.choice((0.0, 30.0, 100.0)),
            )
    return DistractorParams(tuple(neighbours), ghost, cut_reach)


def apply_ghost(
    image: npt.NDArray[np.float32],
    ghost: GhostParams,
    catalogue: Catalogue,
    store: OutlineStore,
    em: float,
    aspect: float,
) -> None:
    """Paint the faint text over `image`, float32 (H, W, 3), in place. `em`: pixels of the text in front of it."""
    height, width = image.shape[:2]
    fonts = catalogue.instances(ghost.font, store)
    layout = lay_out((ghost.text,), (), fonts, store, LayoutParams())
    warp = make_warp(WarpParams(rotation=ghost.rotation), layout.width, layout.height)
    scale = em * ghost.scale
    across = -scale * aspect if ghost.mirrored else scale * aspect
    warp[W_FIT : W_FIT + 4] = across, scale, ghost.x * width, ghost.y * height
    outlines = flatten_glyphs(store, layout.slots, layout.placement, warp, 1.0)
    coverage = np.zeros((height, width), np.float32)
    fill(outlines.points, outlines.contour_ends, outlines.glyph_ends, 0.0, 0.0, coverage)
    tone = np.full(3, (0.01 * ghost.lightness) ** 2)
    over(image, coverage, np.zeros((0, 0), np.float32), tone, tone, np.zeros(3), ghost.opacity)
