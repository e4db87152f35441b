"""Plans of crops as rows of tables: what compiled code renders a batch from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from synthtext.crop.crop_plan import Plan
from synthtext.crop.resources import Resources
from synthtext.crop.shape import surroundings
from synthtext.degrade.steps import DEGRADE, degrade_row
from synthtext.effects.mark.plate import NO_PLATE, PLATE, Plate, plate_row
from synthtext.effects.registry import EFFECTS
from synthtext.geometry.warp import WAVES
from synthtext.paint.backgrounds import BACKGROUND, background_row
from synthtext.paint.ink import PAINT, paint_row
from synthtext.typeset.layout import CURVES, RUN, blank_of, shape_runs
from synthtext.typeset.shaping import ShapedWord

Ints = npt.NDArray[np.int64]

#: A plan, with its place in the batch's other arrays: its runs, its glyphs (of which `own` are labelled), and its
#: cells and words, each `first` to `last` - 1. `picture`: the row of the pictures that it is rendered into. `least`:
#: the legibility below which it is rejected. `plain`: each cell is one character, left to right. The rest: the plan's.
ROW = np.dtype(
    [
        *((f"{end}_{name}", np.int64) for name in ("run", "glyph", "cell", "word") for end in ("first", "last")),
        *((name, np.int64) for name in ("own", "picture", "plain", "curve", "jitter_key", "wave_count")),
        *((name, np.float64) for name in ("least", "blank", "turn", "waves", "phase", "letter_spacing", "slant")),
        *((name, np.float64) for name in ("weight", "stretch", "jitter", "stroke_contrast", "roughness")),
        *((name, np.float64) for name in ("proportions", "rotation", "tilt", "tilt_axis", "distance", "lens", "skew")),
        ("elastic", np.float64, (WAVES, 5)),
        ("shake", np.float64, 3),
        ("margins", np.float64, 4),
        ("em", np.float64),  # pixels, for images of natural size; else 0
        ("background", BACKGROUND),
        ("paint", PAINT),
        ("degrade", DEGRADE),
        ("plated", np.int64),
        ("plate", PLATE),
    ]
)
_CURVES = {name: number for number, name in enumerate(CURVES)}
_PLATE_ALONE = {Plate.path}
_GROUND_HOOKED = {path for path, effect in EFFECTS.items() if "ground" in effect.hooks} - _PLATE_ALONE
_NO_WAVE = (0.0,) * 5
_NO_WAVES = (_NO_WAVE,) * WAVES


class Texts(Struct, frozen=True, eq=False):
    """What the labels of a row say: its labelled words, shaped, and their lines."""

    words: list[ShapedWord]
    lines: list[int]

    @property
    def plain(self) -> bool:
        """Whether each cell is one character, left to right."""
        return all(not word.reading.order and max(map(len, word.cell_chars)) == 1 for word in self.words)


class Table(Struct, frozen=True, eq=False):
    """The rows of plans, and what they point into.

    `rows`: of ROW. `runs`: of RUN. `glyphs` float64, of each run all advances, then all x offsets, then all y offsets;
    `slots` int64, rows of the outline store; `starts` int64 and `places` int64 (p, 2): see `place_runs`. `cells` int64
    (c, 2), glyphs counted within the row; `words` int64 (m, 2), cells within the row. `held`: what the rows' addresses
    rely on.
    """

    plans: Sequence[Plan]
    texts: list[Texts]
    rows: npt.NDArray[Any]
    runs: npt.NDArray[Any]
    glyphs: npt.NDArray[np.float64]
    slots: Ints
    starts: Ints
    cells: Ints
    words: Ints
    places: Ints
    held: list[Any]

    @property
    def most_glyphs(self) -> int:
        """Of a row."""
        return int((self.rows["last_glyph"] - self.rows["first_glyph"]).max())


def unhooked(plan: Plan) -> bool:
    """Whether nothing acts in a plan but compiled code: no effect, or a plate alone."""
    effects = plan.effects
    return plan.distractor.ghost is None and (not effects or effects.keys() == _PLATE_ALONE)


def _plate_of(plan: Plan) -> Plate.Params | None:
    """The plate of a plan where nothing else acts on the ground: compiled code paints it."""
    plate = plan.effects.get(Plate.path)
    alone = plan.distractor.ghost is None and _GROUND_HOOKED.isdisjoint(plan.effects)
    return plate if alone and isinstance(plate, Plate.Params) else None


def make_table(resources: Resources, plans: Sequence[Plan], leasts: Sequence[float]) -> Table:
    """Shape the texts of plans, and fill the rows. `leasts`: the legibility below which each is rejected.

    Every outline and photograph is in memory then. Raises InputError where a text leaves no ink, or a file is gone.
    """
    store, catalogue, library = resources.store, resources.catalogue, resources.library
    rows: list[tuple[Any, ...]] = []
    runs: list[tuple[Any, ...]] = []
    glyphs: list[float] = []
    slots: list[int] = []
    starts: list[int] = []
    places: list[tuple[int, int]] = []
    cells: list[tuple[int, int]] = []
    words: list[tuple[int, int]] = []
    texts: list[Texts] = []
    held: list[Any] = []
    for picture, (plan, least) in enumerate(zip(plans, leasts, strict=True)):
        layout, warp = plan.layout, plan.warp
        face = catalogue.face(plan.font.face)
        fonts = catalogue.instances(plan.font, store, layout.rounding)
        extras, margins = surroundings(plan, fonts, store)
        first_run, first_glyph, first_cell, first_word = len(runs), len(slots), len(cells), len(words)
        own, lines = 0, []
        labelled: list[ShapedWord] = []
        for run in shape_runs(plan.text.lines, extras, fonts, store, layout, plan.text.language):
            first, start, place = len(slots), len(starts), len(places)
            of_run = run.line.words
            if run.own:
                for word in of_run:
                    at, cell = len(slots) - first_glyph, len(cells) - first_cell
                    cells += [(at + a, at + b) for a, b in word.cells] if at else word.cells
                    words.append((cell, cell + len(word.cells)))
                    slots += word.slots
                labelled += of_run
                lines += [run.number] * len(of_run)
                own = len(slots) - first_glyph
            else:
                for word in of_run:
                    slots += word.slots
            for numbers in ("advances", "x_offsets", "y_offsets"):
                for word in of_run:
                    glyphs += getattr(word, numbers)
            starts += run.line.starts
            places += run.line.places
            runs.append((first, len(slots), start, len(starts), place, len(places), run.number, run.own, run.x, run.y))
        text = Texts(labelled, lines)
        texts.append(text)
        background, texels = background_row(plan.background, library)
        paint, more_texels = paint_row(plan.paint, library)
        held += (texels, more_texels)
        plate = _plate_of(plan)
        rows.append(
            (
                first_run,
                len(runs),
                first_glyph,
                len(slots),
                first_cell,
                len(cells),
                first_word,
                len(words),
                own,
                picture,
                text.plain,
                _CURVES[layout.curve],
                layout.jitter_key,
                len(warp.waves),
                least,
                blank_of(fonts[0], layout),
                layout.turn,
                layout.waves,
                layout.phase,
                layout.letter_spacing,
                layout.slant,
                layout.weight,
                layout.stretch,
                layout.jitter,
                layout.stroke_contrast,
                layout.roughness,
                layout.proportions,
                warp.rotation,
                warp.tilt,
                warp.tilt_axis,
                warp.distance,
                warp.lens,
                warp.skew,
                (*warp.waves, *_NO_WAVES[len(warp.waves) :]),
                warp.shake,
                margins,
                plan.crop.text_height / (face.ascender - face.descender),
                background,
                paint,
                degrade_row(plan.degrade),
                plate is not None,
                NO_PLATE if plate is None else plate_row(plate),
            )
        )
    return Table(
        plans,
        texts,
        np.array(rows, ROW),
        np.array(runs, RUN),
        np.array(glyphs),
        np.array(slots, np.int64),
        np.array(starts, np.int64),
        np.array(cells, np.int64),
        np.array(words, np.int64),
        np.array(places, np.int64).reshape(-1, 2),
        held,
    )
