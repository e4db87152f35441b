"""The plan of a crop, and how it is drawn: each stage's numbers, and its record."""

from __future__ import annotations

import msgspec
import numpy as np

from synthtext.core.errors import InputError
from synthtext.core.kernel import kernel
from synthtext.core.records import Key, Record
from synthtext.core.rng import AHEAD, COUNTS, NUMBERS_SHAPE, STAGES, Draws, Stage, fill_streams, key_of
from synthtext.crop.margins import CropParams, crop_params_table, sample_crop_params
from synthtext.crop.resources import Resources
from synthtext.degrade.degrade import DegradeParams
from synthtext.degrade.draw_degrade import degrade_params, degrade_params_table, sample_degrade_params
from synthtext.effects.draw_effects import drawer_of, fit_paint
from synthtext.effects.registry import NONE_APPLIED, Applied
from synthtext.geometry.warp import (
    WarpParams,
    sample_shutter_params,
    sample_warp_params,
    shutter_params_table,
    warp_params,
    warp_params_table,
)
from synthtext.paint.backgrounds import (
    BackgroundParams,
    background_params,
    background_params_table,
    sample_background_params,
)
from synthtext.paint.distractor import DistractorParams, draw_distractors
from synthtext.paint.ink import TEXTURE, PaintParams, paint_params, paint_params_table, sample_paint_params
from synthtext.text.source import TextRecord
from synthtext.typeset.catalogue import FontRecord
from synthtext.typeset.layout import (
    LayoutParams,
    layout_params,
    layout_params_table,
    outline_params_table,
    sample_layout_params,
    sample_outline_params,
)


class Plan(Record, frozen=True):
    """The records of a sample: all that was drawn for it, in the order of the stages."""

    seed: int
    index: Key
    attempt: Key
    text: TextRecord
    font: FontRecord
    layout: LayoutParams
    warp: WarpParams
    crop: CropParams
    distractor: DistractorParams
    background: BackgroundParams
    paint: PaintParams
    degrade: DegradeParams
    effects: Applied = NONE_APPLIED


@kernel
def _draw_numbers(numbers, seed, index, attempt, of_layout, of_warp, crop, paint, degrade, kinds, background, photos):
    """Fill `numbers` with the uniforms of all stages, and sample with them what kernels sample: the parameters of
    layout, outlines, warp, shutter, crop, background, paint, the paint's texture, and degrade. `of_layout` ...: the
    stages' tables, of layout and outlines, of warp and shutter.

    Stages by `.value`: Numba before 0.64 takes no IntEnum for an index.
    """
    fill_streams(numbers, STAGES, COUNTS, seed, index, attempt)
    of_paint, of_outline = numbers[Stage.PAINT.value], numbers[Stage.OUTLINE.value]
    outline, keyed = sample_outline_params(of_outline, of_layout[1])
    return (
        sample_layout_params(numbers[Stage.LAYOUT.value], of_layout[0]),
        outline,
        key_of(of_outline[8], of_outline[9]) if keyed else 0,
        sample_warp_params(numbers[Stage.WARP.value], of_warp[0]),
        sample_shutter_params(numbers[Stage.SHUTTER.value], of_warp[1]),
        sample_crop_params(numbers[Stage.CROP.value], crop),
        sample_background_params(numbers[Stage.BACKGROUND.value], kinds, background, photos),
        sample_paint_params(of_paint, paint),
        sample_background_params(of_paint[TEXTURE:], kinds, background, photos),
        sample_degrade_params(degrade, seed, index, attempt),
    )


class Drawer:
    """Draws the plans of crops, of `resources`."""

    def __init__(self, resources: Resources) -> None:
        self.resources = resources
        config = resources.config
        self._backgrounds = background_params_table(config.paint.background, resources.library)
        self._tables = (
            (layout_params_table(config.layout), outline_params_table(config.layout)),
            (warp_params_table(config.warp), shutter_params_table(config.warp)),
            crop_params_table(config.image),
            paint_params_table(config.paint),
            degrade_params_table(config.degrade),
        )
        self._effects = drawer_of(config, resources.catalogue, resources.library, resources.text.filler)

    def draw(self, index: int, attempt: int = 0, text: TextRecord | None = None) -> Plan:
        """The plan of a sample; `attempt` counts redraws, which change all but the text."""
        resources = self.resources
        config, seed, mark = resources.config, resources.seed, resources.mark
        catalogue, library = resources.catalogue, resources.library
        numbers = np.empty(NUMBERS_SHAPE)
        seeds = np.uint64(seed & 0xFFFFFFFFFFFFFFFF), np.uint64(index)
        layout, outline, key, warp, shutter, crop, background, paint, texture, degrade = _draw_numbers(
            numbers, *seeds, attempt, *self._tables, *self._backgrounds
        )

        def draws(stage: Stage, attempt: int) -> Draws:
            return Draws(seed, stage, index, attempt, numbers[stage, : AHEAD[stage]].tolist())

        if text is None:
            of_text = Draws(seed, Stage.TEXT, index) if attempt else draws(Stage.TEXT, 0)
            text = resources.text.draw(of_text, index, resources.covered)
            if config.image.fit == "pad":  # the picture goes on there: no border would cut the next word off
                text = msgspec.structs.replace(text, cut_right="")
        font = catalogue.draw(draws(Stage.FONT, attempt), text.written)
        if font is None:
            raise InputError(f"no font covers all of {text.characters!r}: add a font that does, or narrow text.charset")
        mark("draw text, font")
        face = font.face
        layout, warp = layout_params(layout, len(text.lines), outline, key), warp_params(warp, shutter)
        paint, filler = paint_params(paint, texture, library), resources.text.filler
        effects = self._effects.draw(seed, index, attempt)
        plan = Plan(
            seed,
            index,
            attempt,
            text,
            font,
            layout,
            warp,
            CropParams(*crop),
            draw_distractors(
                draws(Stage.DISTRACTOR, attempt),
                config.paint,
                catalogue,
                filler,
                lambda words: catalogue.covers(face, words),
                max(len(line) for line in text.lines),
                layout.curve == "straight",
            ),
            background_params(background, library),
            fit_paint(paint, effects),
            degrade_params(degrade, *seeds, attempt),
            effects,
        )
        mark("draw the rest")
        return plan
