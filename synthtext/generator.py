"""`Generator`: the stages in order. A sample is a pure function of (config, seed, index)."""

from __future__ import annotations

import functools
import hashlib
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from synthtext.config import Config, config_digest, load_config
from synthtext.core.applied import section_effects, section_shares, sections_applied
from synthtext.core.errors import InputError, known_arguments
from synthtext.core.kernel import kernel
from synthtext.core.records import Key, Record, read_plan
from synthtext.core.rng import AHEAD, COUNTS, NUMBERS_SHAPE, Draws, Stage, fill_stages
from synthtext.core.split import divides
from synthtext.core.srgb import luma
from synthtext.core.version import __version__
from synthtext.crop.cast import Cast, cast_layout, project_layout
from synthtext.crop.check_plan import check_records
from synthtext.crop.image_config import ImageConfig
from synthtext.crop.margins import CropRecord, crop_knobs, crop_numbers
from synthtext.crop.stages import Stages, drawn_words
from synthtext.degrade.camera import NO_CAMERA, CameraRecord, draw_camera
from synthtext.degrade.degrade import DegradeRecord, apply_degrade, degrade_knobs, degrade_numbers, degrade_record
from synthtext.effects.letters import NO_EFFECTS, EffectsRecord, draw_effects, fit_paint, paint_with_effects
from synthtext.effects.marks import (
    NO_INTERFERENCE,
    InterferenceRecord,
    apply_over,
    apply_under,
    draw_interference,
)
from synthtext.effects.printing import NO_PRINT, PrintRecord, apply_reverse, bilevel, draw_print, halftone
from synthtext.effects.surfaces import NO_SURFACE, SurfaceRecord, apply_surface, draw_surface
from synthtext.geometry.warp import WarpRecord, draw_shutter, make_warp, warp_knobs, warp_numbers, warp_record
from synthtext.labels.legibility import judge_words, lightness_of
from synthtext.labels.order import in_logical_order
from synthtext.labels.visible import shown_labels
from synthtext.paint.backgrounds import (
    BackgroundRecord,
    apply_background,
    background_knobs,
    background_numbers,
    background_record,
    load_library,
)
from synthtext.paint.distractor import DistractorRecord, apply_ghost, draw_distractors
from synthtext.paint.ink import TEXTURE, PaintRecord, paint_knobs, paint_numbers, paint_record
from synthtext.paint.plane import image_to_plane, plane_to_image
from synthtext.sample import Labels, Sample, check_index
from synthtext.text.source import TextRecord, TextSource
from synthtext.typeset.catalogue import FontRecord, load_catalogue
from synthtext.typeset.layout import (
    Extra,
    Layout,
    LayoutRecord,
    draw_outline,
    lay_out,
    layout_knobs,
    layout_numbers,
    layout_record,
    outline_effects,
)
from synthtext.typeset.outlines import FontInstance, OutlineStore
from synthtext.typeset.shaping import shape

_NO_PLANE = np.empty((0, 0), np.float32)
_NOTHING = (NO_EFFECTS, NO_PRINT, NO_INTERFERENCE, NO_SURFACE, NO_CAMERA)
Mark = Callable[[str], None]


class Plan(Record, frozen=True):
    """The records of a sample: all that was drawn for it, in the order of the stages."""

    seed: int
    index: Key
    attempt: Key
    text: TextRecord
    font: FontRecord
    layout: LayoutRecord
    warp: WarpRecord
    crop: CropRecord
    distractor: DistractorRecord
    background: BackgroundRecord
    paint: PaintRecord
    degrade: DegradeRecord
    effects: EffectsRecord = NO_EFFECTS
    print: PrintRecord = NO_PRINT
    interference: InterferenceRecord = NO_INTERFERENCE
    surface: SurfaceRecord = NO_SURFACE
    camera: CameraRecord = NO_CAMERA


@kernel
def _draw_numbers(  # type: ignore[no-untyped-def]
    numbers, seed, index, attempt, layout, warp, crop, paint, degrade, kinds, background, photos
):
    """Fill `numbers` with the uniforms of all stages, and draw with them what kernels draw: the numbers of layout,
    warp, crop, background, paint, the paint's texture, and degrade. `layout` ...: the stages' tables of knobs.

    Stages by `.value`: Numba before 0.64 takes no IntEnum for an index.
    """
    fill_stages(numbers, COUNTS, seed, index, attempt)
    of_paint = numbers[Stage.PAINT.value]
    return (
        layout_numbers(numbers[Stage.LAYOUT.value], layout),
        warp_numbers(numbers[Stage.WARP.value], warp),
        crop_numbers(numbers[Stage.CROP.value], crop),
        background_numbers(numbers[Stage.BACKGROUND.value], kinds, background, photos),
        paint_numbers(of_paint, paint),
        background_numbers(of_paint[TEXTURE:], kinds, background, photos),
        degrade_numbers(numbers[Stage.DEGRADE.value], degrade),
    )


class Generator:
    """Makes samples by index.

    `config`: a preset's name, the path of a YAML file, or a `Config`. `seed`: any integer.
    `overrides`: strings `a.b=value`, as of the command line's `--set`.
    `generator[i]` is the same sample, byte for byte, whatever was asked for before, in whichever process.
    `mark(stage)`: called after each stage of a sample, for profiling.
    Raises InputError for a bad configuration or resource.
    """

    @known_arguments
    def __new__(
        cls, config: str | Path | Config, seed: int = 0, overrides: Sequence[str] = (), mark: Mark | None = None
    ) -> Generator:
        """A configuration of another kind is made by a generator of its own, with the same contract."""
        if cls is Generator and load_config(config, overrides).kind == "scenes":
            from synthtext.scene.maker import SceneGenerator

            return super().__new__(SceneGenerator)
        return super().__new__(cls)

    @known_arguments
    def __init__(
        self, config: str | Path | Config, seed: int = 0, overrides: Sequence[str] = (), mark: Mark | None = None
    ) -> None:
        self.config = load_config(config, overrides)
        if isinstance(seed, bool) or not isinstance(seed, int | np.integer):
            raise InputError(f"seed: got {seed!r}; give a whole number")
        self.seed = seed
        self.catalogue = load_catalogue(self.config.fonts, self.config.split)
        self.library = load_library(self.config.paint.background, self.config.split)
        self.text = TextSource(self.config.text, seed, self.config.split, self.catalogue.uncovered)
        if divides(self.config.split, "fonts"):
            self._check_fonts()
        self.store = OutlineStore()
        self.mark = mark
        config_of = self.config
        self._backgrounds = background_knobs(config_of.paint.background, self.library)
        self._knobs = (
            layout_knobs(config_of.layout),
            warp_knobs(config_of.warp),
            crop_knobs(config_of.image),
            paint_knobs(config_of.paint),
            degrade_knobs(config_of.degrade),
        )
        self._sections = section_shares(
            (Stage.OUTLINE, outline_effects(config_of.layout)),
            (Stage.SHUTTER, (config_of.warp.rolling_shutter,)),
            (Stage.EFFECT, section_effects(config_of.effects)),
            (Stage.PRINT, section_effects(config_of.print)),
            (Stage.INTERFERENCE, section_effects(config_of.interference)),
            (Stage.SURFACE, section_effects(config_of.surface)),
            (Stage.CAMERA, section_effects(config_of.camera)),
        )

    def __reduce__(self) -> tuple[type[Generator], tuple[Config, int]]:
        """Pickled, it is its configuration and seed, and built anew elsewhere: in spawned workers."""
        return type(self), (self.config, self.seed)

    @property
    def configs(self) -> tuple[Config, ...]:
        """Every configuration that the samples may have: the one."""
        return (self.config,)

    @property
    def digest(self) -> str:
        """SHA-256, hex, of all that the samples depend on beside seed and index: config, resources, version."""
        parts = [config_digest(self.config), __version__, self.catalogue.digest, self.library.digest, self.text.digest]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    @property
    def split(self) -> dict[str, Any] | None:
        """Of what the samples of this split are made: font families, photographs, number of words; None without one."""
        split = self.config.split
        if not split.name:
            return None
        return {
            **msgspec.to_builtins(split),
            "families": sorted({face.family for face in self.catalogue.faces}),
            "photographs": list(self.library.names),
            "words": self.text.words,
        }

    def __getitem__(self, index: int) -> Sample:
        """The sample of an index >= 0. Raises IndexError below 0."""
        index = check_index(index)
        budget = self.config.legibility
        attempt, text = 0, None
        while True:
            plan = self.draw(index, attempt, text)
            sample = self._render(plan, attempt < budget.redraws)
            if sample is not None:
                return sample
            attempt, text = attempt + 1, plan.text

    def draw(self, index: int, attempt: int = 0, text: TextRecord | None = None) -> Plan:
        """The plan of a sample; `attempt` counts redraws, which change all but the text."""
        config, seed = self.config, self.seed
        numbers = np.empty(NUMBERS_SHAPE)
        seeds = np.uint64(seed & 0xFFFFFFFFFFFFFFFF), np.uint64(index)
        layout, warp, crop, background, paint, texture, degrade = _draw_numbers(
            numbers, *seeds, attempt, *self._knobs, *self._backgrounds
        )

        def draws(stage: Stage, attempt: int) -> Draws:
            return Draws(seed, stage, index, attempt, numbers[stage, : AHEAD[stage]].tolist())

        if text is None:
            of_text = Draws(seed, Stage.TEXT, index) if attempt else draws(Stage.TEXT, 0)
            text = self.text.draw(of_text, index, self._covered)
            if config.image.fit == "pad":  # the picture goes on there: no border would cut the next word off
                text = msgspec.structs.replace(text, cut_right="")
        font = self.catalogue.draw(draws(Stage.FONT, attempt), text.written)
        if font is None:
            raise InputError(f"no font covers all of {text.characters!r}: add a font that does, or narrow text.charset")
        if self.mark:
            self.mark("draw text, font")
        face = font.face
        layout, warp = layout_record(layout, len(text.lines)), warp_record(warp)
        paint, filler = paint_record(paint, texture, self.library), self.text.filler
        effects, printed, interference, surface, camera = _NOTHING
        applied = sections_applied(numbers, *self._sections)
        if applied & 1:
            layout = draw_outline(draws(Stage.OUTLINE, attempt), config.layout, layout)
        if applied & 2:
            warp = draw_shutter(draws(Stage.SHUTTER, attempt), config.warp, warp)
        if applied & 4:
            of_effects = draws(Stage.EFFECT, attempt)
            effects = draw_effects(of_effects, config.effects)
            paint = fit_paint(paint, effects, of_effects.random())
        if applied & 8:
            printed = draw_print(draws(Stage.PRINT, attempt), config.print, self.catalogue, filler)
        if applied & 16:
            of_lines = draws(Stage.INTERFERENCE, attempt)
            interference = draw_interference(of_lines, config.interference, self.catalogue, filler)
        if applied & 32:
            of_surface = draws(Stage.SURFACE, attempt)
            surface = draw_surface(of_surface, config.surface, config.paint.background, self.library)
        if applied & 64:
            camera = draw_camera(draws(Stage.CAMERA, attempt), config.camera)
        plan = Plan(
            seed,
            index,
            attempt,
            text,
            font,
            layout,
            warp,
            CropRecord(*crop),
            draw_distractors(
                draws(Stage.DISTRACTOR, attempt),
                config.paint,
                self.catalogue,
                filler,
                lambda words: self.catalogue.covers(face, words),
                max(len(line) for line in text.lines),
                layout.curve == "straight",
            ),
            background_record(background, self.library),
            paint,
            degrade_record(degrade, numbers[Stage.DEGRADE]),
            effects,
            printed,
            interference,
            surface,
            camera,
        )
        if self.mark:
            self.mark("draw the rest")
        return plan

    def render(self, plan: Plan | dict[str, Any]) -> Sample:
        """The sample of a plan, as of `draw` or of `Sample.plan`, edited or not. Raises InputError for a bad plan."""
        plan = read_plan(plan, Plan)
        check_records(plan, plan.font, self.catalogue, self.library)
        sample = self._render(plan)
        assert sample is not None
        return sample

    def stages(self, sample: int | Plan | dict[str, Any]) -> Stages:
        """A sample between its stages: by index, or of a plan as `render` takes it. For inspection: it costs two."""
        plan = read_plan(self[sample].plan if isinstance(sample, int) else sample, Plan)
        check_records(plan, plan.font, self.catalogue, self.library)
        kept: list[Any] = []
        done = self._render(plan, keep=kept.append)
        layout, outlines, background, painted = kept
        assert done is not None
        return Stages(done, drawn_words(layout, outlines), background, painted)

    def _check_fonts(self) -> None:
        """Refuse a split whose fonts cannot write a language at all: only many samples later would it be known."""
        for language, words in self.text.commonest(100):
            if not any(map(self._covered, words)):
                raise InputError(
                    f"split: none of the {len(self.catalogue.faces)} fonts of {self.config.split.name!r} draws words "
                    f"of the language {language!r}; add fonts that do, raise the share in split.shares, or leave fonts "
                    "out of split.by"
                )

    def _covered(self, text: str) -> bool:
        return self.catalogue.can_draw(text)

    def _render(self, plan: Plan, legible: bool = False, keep: Callable[[Any], None] | None = None) -> Sample | None:
        """The sample of a plan; None, where it is to be `legible` and a word of it is not.

        `keep`: called with layout, outlines, and the image before and after it is written on.
        """
        config, mark, store = self.config, self.mark, self.store
        face = self.catalogue.face(plan.font.face)
        instance = store.instance(face, plan.font.variation, plan.layout.rounding)
        extras, margins = _surroundings(plan, instance, store)
        layout = lay_out(plan.text.lines, extras, instance, store, plan.layout)
        if mark:
            mark("shape, lay out")
        warp = make_warp(plan.warp, layout.width, layout.height, _reach(layout, config.image))
        text_em = plan.crop.text_height / (face.ascender - face.descender)
        projected = project_layout(store, layout, warp, margins, text_em, config.image)
        height, width, outlines = projected.height, projected.width, projected.outlines
        if config.text.strict:
            _check_width(plan, projected.taken)
        em, aspect = min(projected.scale_x, projected.scale_y), projected.scale_x / projected.scale_y
        # A scanner's pixel is the coarser of its own and the picture's.
        cell = max(plan.print.fax * em, 1.0)
        if mark:
            mark("flatten")
        cast = cast_layout(layout, projected, warp)
        if mark:
            mark("raster, labels")
        image = apply_background(plan.background, self.library, height, width, projected.scale_y, aspect)
        if mark:
            mark("background")
        if plan.distractor.ghost is not None:
            apply_ghost(image, plan.distractor.ghost, self.catalogue, store, projected.scale_y, aspect)
        if plan.print.show_through is not None:
            apply_reverse(image, plan.print.show_through, plan.warp.rotation, self.catalogue, store, em, aspect)
        apply_under(image, plan.interference, layout, outlines, warp, em)
        if keep:
            for part in (layout, outlines, image.copy()):
                keep(part)
        # Of letters that are more than their ink, what painting them changes.
        painted = _NO_PLANE
        if plan.paint.border or plan.effects.adorns:
            painted, before = np.empty((2, height, width), np.float32)
            lightness_of(image, before)
        seen, tint = paint_with_effects(
            image,
            cast.coverage,
            cast.written,
            outlines,
            layout.placement,
            warp,
            plan.paint,
            plan.effects,
            plan.print,
            plan.surface.texture_through,
            self.library,
            em,
            aspect,
        )
        if painted is not _NO_PLANE:
            lightness_of(image, painted)
            painted -= before
        if plan.print.halftone:
            pitch = plan.print.halftone
            plane = image_to_plane(plane_to_image(warp))
            halftone(image, plane, pitch, plan.print.screen_angle, plan.print.black, pitch * em * math.sqrt(aspect))
        if plan.interference != NO_INTERFERENCE:
            seen = apply_over(
                image, seen, plan.interference, layout, outlines, warp, tint, self.catalogue, store, em, aspect
            )
        if plan.surface != NO_SURFACE:
            apply_surface(image, plan.surface, warp, self.library, em, aspect)
        if keep:
            keep(image.copy())
        if mark:
            mark("paint")
        scan = functools.partial(bilevel, pitch=cell, bias=plan.print.fax_bias) if plan.print.fax else None
        camera = plan.camera if plan.camera != NO_CAMERA else None
        pixels = apply_degrade(image, plan.degrade, projected.scale_y, camera, scan, aspect)
        if mark:
            mark("degrade")
        legibility, visible = np.empty((2, len(layout.words)), np.float32)
        judge_words(
            pixels,
            cast.coverage,
            seen,
            painted,
            outlines.points,
            outlines.contour_ends,
            outlines.glyph_ends,
            layout.cells,
            layout.words,
            cast.word_quads,
            em,
            legibility,
            visible,
        )
        if mark:
            mark("legibility")
        if legible and legibility.min() < config.legibility.minimum:
            return None
        if config.image.channels == "grey":
            pixels = luma(pixels)
        labels = _labels(layout, cast, legibility, visible, config.legibility.minimum)
        if mark:
            mark("finish")
        return Sample(
            pixels,
            layout.text,
            labels,
            plan.seed,
            plan.index,
            lambda: msgspec.to_builtins(plan),
        )


def _reach(layout: Layout, image: ImageConfig) -> float:
    """How far a padded picture goes on from the text's middle, em, about: as far as that, its plane is seen."""
    return 1.5 * layout.height * image.width / image.height if image.fit == "pad" else 0.0


def _check_width(plan: Plan, width: int) -> None:
    """In strict mode, a text of which a character would have less than two pixels is an error."""
    longest = max(plan.text.lines, key=len)
    if width < 2 * len(longest):
        raise InputError(
            f"text {longest!r} of sample {plan.index} is too long: {len(longest)} characters on {width} pixels; raise "
            "image.width, lower text.length, or set text.strict to false"
        )


def _surroundings(
    plan: Plan, instance: FontInstance, store: OutlineStore
) -> tuple[tuple[Extra, ...], tuple[float, float, float, float]]:
    """The unlabelled text around, and the margins widened so that pieces of it are seen."""
    left, top, right, bottom = plan.crop.margins
    extras: list[Extra] = []
    stretch, spacing = plan.layout.stretch, plan.layout.letter_spacing
    middle = (len(plan.text.lines) - 1) // 2

    def reach(words: str, nearest: int) -> float:
        advances = shape(instance, store, words.split()[nearest], spacing != 0.0).advances if words.strip() else ()
        letter = advances[nearest] if advances else 0.0
        blank = instance.blank * plan.layout.word_spacing * stretch + spacing
        return blank + plan.distractor.cut_reach * stretch * letter

    if plan.text.cut_left:
        extras.append(Extra(plan.text.cut_left, middle, "left"))
        left = reach(plan.text.cut_left, -1)
    if plan.text.cut_right:
        extras.append(Extra(plan.text.cut_right, middle, "right"))
        right = reach(plan.text.cut_right, 0)
    gap = max(plan.layout.line_spacing - 1.0, 0.0)
    for neighbour in plan.distractor.neighbours:
        line = -1 if neighbour.above else len(plan.text.lines)
        extras.append(Extra(neighbour.text, line, "line", neighbour.shift))
        if neighbour.above:
            top = gap + neighbour.reach
        else:
            bottom = gap + neighbour.reach
    return tuple(extras), (left, top, right, bottom)


def _labels(
    layout: Layout,
    cast: Cast,
    legibility: npt.NDArray[np.float32],
    visible: npt.NDArray[np.float32],
    minimum: float,
) -> Labels:
    texts, char_quads = list(map("".join, layout.char_texts)), cast.char_quads
    if max(map(len, layout.char_texts)) == 1 and True not in layout.word_rtl:
        counts = layout.words[:, 1] - layout.words[:, 0]
        word_of = np.repeat(np.arange(len(counts)), counts) if len(counts) > 1 else np.zeros(len(texts), np.int64)
    else:
        texts, word_of, char_quads, _ = in_logical_order(layout, char_quads)
    height, width = cast.coverage.shape
    polygons, _, _ = shown_labels(char_quads, cast.word_quads, cast.polygons, cast.sizes, height, width)
    return Labels(
        tuple(texts),
        char_quads,
        word_of,
        tuple(layout.word_texts),
        cast.word_quads,
        polygons,
        legibility < minimum,
        legibility,
        np.array(layout.word_lines, np.int64),
        np.zeros(len(layout.word_lines), np.int64),
        visible,
    )
