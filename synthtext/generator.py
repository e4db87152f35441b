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
from msgspec import Struct

from synthtext.config import Config, config_digest, load_config
from synthtext.degrade.camera import NO_CAMERA, CameraRecord, draw_camera
from synthtext.degrade.degrade import DegradeRecord, apply_degrade, draw_degrade
from synthtext.errors import InputError
from synthtext.geometry.crop import CropRecord, draw_crop, fit_crop
from synthtext.geometry.labels import MAX_STATIONS, fit_labels
from synthtext.geometry.warp import Warp, WarpRecord, draw_warp, make_warp
from synthtext.legibility import measure_words, score_words
from synthtext.paint.backgrounds import BackgroundRecord, apply_background, draw_background, load_library
from synthtext.paint.distractor import DistractorRecord, apply_ghost, draw_distractors
from synthtext.paint.effects import NO_EFFECTS, EffectsRecord, draw_effects, fit_paint, paint_text
from synthtext.paint.ink import PaintRecord, draw_paint
from synthtext.paint.interference import (
    NO_INTERFERENCE,
    InterferenceRecord,
    apply_over,
    apply_under,
    draw_interference,
)
from synthtext.paint.plane import image_to_plane, plane_to_image
from synthtext.paint.print import NO_PRINT, PrintRecord, apply_reverse, bilevel, draw_print, halftone
from synthtext.paint.surface import NO_SURFACE, SurfaceRecord, apply_surface, draw_surface
from synthtext.raster.coverage import fill
from synthtext.raster.polylines import Polylines, bounds, flatten_glyphs
from synthtext.rng import Draws, Stage, draws_of_stages
from synthtext.sample import Labels, Sample
from synthtext.text.source import TextRecord, TextSource
from synthtext.typeset.catalogue import FontRecord, load_catalogue
from synthtext.typeset.layout import Extra, Layout, LayoutRecord, draw_layout, lay_out
from synthtext.typeset.outlines import FontInstance, OutlineStore
from synthtext.version import __version__

Mark = Callable[[str], None]


class Plan(Struct, frozen=True, forbid_unknown_fields=True):
    """The records of a sample: all that was drawn for it, in the order of the stages."""

    seed: int
    index: int
    attempt: int
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


class Generator:
    """Makes samples by index.

    `config`: a preset's name, the path of a YAML file, or a `Config`. `seed`: any integer.
    `overrides`: strings `a.b=value`, as of the command line's `--set`.
    `generator[i]` is the same sample, byte for byte, whatever was asked for before, in whichever process.
    `mark(stage)`: called after each stage of a sample, for profiling.
    Raises InputError for a bad configuration or resource.
    """

    def __init__(
        self, config: str | Path | Config, seed: int = 0, overrides: Sequence[str] = (), mark: Mark | None = None
    ) -> None:
        self.config = load_config(config, overrides)
        self.seed = seed
        self.catalogue = load_catalogue(self.config.fonts)
        self.library = load_library(self.config.paint.background)
        self.text = TextSource(self.config.text, seed)
        self.store = OutlineStore()
        self.mark = mark

    @property
    def digest(self) -> str:
        """SHA-256, hex, of all that the samples depend on beside seed and index: config, resources, version."""
        parts = [config_digest(self.config), __version__, self.catalogue.digest, self.library.digest, self.text.digest]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def __getitem__(self, index: int) -> Sample:
        """The sample of an index >= 0. Raises IndexError below 0."""
        if index < 0:
            raise IndexError(f"a sample's index is 0 or more, got {index}")
        budget = self.config.legibility
        text = self._draw_text(index)
        attempt = 0
        while True:
            plan = self.draw(index, attempt, text)
            sample = self._render(plan)
            if True not in sample.labels.ignore.tolist() or attempt >= budget.redraws:
                return sample
            attempt += 1

    def draw(self, index: int, attempt: int = 0, text: TextRecord | None = None) -> Plan:
        """The plan of a sample; `attempt` counts redraws, which change all but the text."""
        config, seed = self.config, self.seed
        text = text or self._draw_text(index)
        draws = draws_of_stages(seed, index, attempt)
        font = self.catalogue.draw(draws[Stage.FONT], text.characters)
        if font is None:
            raise InputError(f"no font covers all of {text.characters!r}: add a font that does, or narrow text.charset")
        if self.mark:
            self.mark("draw text, font")
        face = font.face

        effects = draw_effects(draws[Stage.EFFECT], config.effects)
        layout = draw_layout(draws[Stage.LAYOUT], config.layout, len(text.lines))
        plan = Plan(
            seed,
            index,
            attempt,
            text,
            font,
            layout,
            draw_warp(draws[Stage.WARP], config.warp),
            draw_crop(draws[Stage.CROP], config.image),
            draw_distractors(
                draws[Stage.DISTRACTOR],
                config.paint,
                self.catalogue,
                self.text.filler,
                lambda words: self.catalogue.covers(face, words),
                max(len(line) for line in text.lines),
                layout.curve == "straight",
            ),
            draw_background(draws[Stage.BACKGROUND], config.paint.background, self.library),
            fit_paint(
                draw_paint(draws[Stage.PAINT], config.paint, self.library), effects, draws[Stage.EFFECT].random()
            ),
            draw_degrade(draws[Stage.DEGRADE], config.degrade),
            effects,
            draw_print(draws[Stage.PRINT], config.print, self.catalogue, self.text.filler),
            draw_interference(draws[Stage.INTERFERENCE], config.interference, self.catalogue, self.text.filler),
            draw_surface(draws[Stage.SURFACE], config.surface, config.paint.background, self.library),
            draw_camera(draws[Stage.CAMERA], config.camera),
        )
        if self.mark:
            self.mark("draw the rest")
        return plan

    def render(self, plan: Plan | dict[str, Any]) -> Sample:
        """The sample of a plan, as of `draw` or of `Sample.plan`, edited or not. Raises InputError for a bad plan."""
        if isinstance(plan, dict):
            try:
                plan = msgspec.convert(plan, Plan)
            except msgspec.ValidationError as error:
                raise InputError(f"the plan does not fit this version of synthtext: {error}") from None
        return self._render(plan)

    def _draw_text(self, index: int) -> TextRecord:
        return self.text.draw(Draws(self.seed, Stage.TEXT, index), index, self._covered)

    def _covered(self, text: str) -> bool:
        return self.catalogue.covering(text) != 0

    def _render(self, plan: Plan) -> Sample:
        config, mark, store = self.config, self.mark, self.store
        face = self.catalogue.face(plan.font.face)
        instance = store.instance(face, plan.font.variation, plan.layout.rounding)
        extras, margins = _surroundings(plan, instance)
        layout = lay_out(plan.text.lines, extras, instance, store, plan.layout)
        if mark:
            mark("shape, lay out")
        warp = make_warp(plan.warp, layout.width, layout.height)
        text_em = plan.crop.text_height / (face.ascender - face.descender)
        scale = text_em or max(config.image.height / layout.height, config.image.width / layout.width)
        outlines = flatten_glyphs(store, layout.slots, layout.placement, warp, scale)
        own = outlines.first_glyphs(layout.own)
        fit = fit_crop(warp, bounds(own.points), margins, text_em, config.image)
        outlines.fit(warp)
        if config.text.strict:
            _check_width(plan, fit.width)
        if mark:
            mark("flatten")
        height, width = fit.height, fit.width
        coverage = np.zeros((height, width), np.float32)
        fill(own.points, own.contour_ends, own.glyph_ends, 0.0, 0.0, coverage)
        written = coverage
        if extras:
            around = outlines.glyphs_after(layout.own)
            written = coverage.copy()
            fill(around.points, around.contour_ends, around.glyph_ends, 0.0, 0.0, written)
        if mark:
            mark("raster")
        char_quads, word_quads, polygons = fit_text_labels(layout, own, warp)
        if mark:
            mark("labels")
        em, aspect = min(fit.scale_x, fit.scale_y), fit.scale_x / fit.scale_y
        image = apply_background(plan.background, self.library, height, width, fit.scale_y, aspect)
        if mark:
            mark("background")
        if plan.distractor.ghost is not None:
            apply_ghost(image, plan.distractor.ghost, self.catalogue, store, fit.scale_y, aspect)
        if plan.print.show_through is not None:
            apply_reverse(image, plan.print.show_through, plan.warp.rotation, self.catalogue, store, em, aspect)
        apply_under(image, plan.interference, layout, warp, em)
        seen, tint = paint_text(
            image,
            coverage,
            written,
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
        if plan.print.halftone:
            pitch = plan.print.halftone
            plane = image_to_plane(plane_to_image(warp))
            halftone(image, plane, pitch, plan.print.screen_angle, plan.print.black, pitch * em * math.sqrt(aspect))
        if plan.interference != NO_INTERFERENCE:
            seen = apply_over(
                image, seen, plan.interference, layout, own, warp, tint, self.catalogue, store, em, aspect
            )
        if plan.surface != NO_SURFACE:
            apply_surface(image, plan.surface, warp, self.library, em, aspect)
        if mark:
            mark("paint")
        record = plan.degrade
        measures = np.empty((len(word_quads), 6))
        measure_words(
            image,
            seen,
            written,
            own.points,
            own.contour_ends,
            own.glyph_ends,
            layout.cells,
            layout.words,
            word_quads,
            measures,
        )
        noise = record.noise(measures)
        measures[:, :3] = record.seen(measures[:, :3])
        # A scanner's pixel is the coarser of its own and the picture's.
        cell = max(plan.print.fax * em, 1.0)
        legibility = score_words(measures, em, record.blur(em), noise, max(record.resolution_factor, cell))
        if mark:
            mark("legibility")
        scan = functools.partial(bilevel, pitch=cell, bias=plan.print.fax_bias) if plan.print.fax else None
        pixels = apply_degrade(image, record, em, plan.camera, scan)
        if mark:
            mark("degrade")
        pixels = _finish(pixels, config.image.channels == "grey", config)
        labels = _labels(layout, char_quads, word_quads, polygons, legibility, config.legibility.minimum)
        if mark:
            mark("finish")
        return Sample(
            pixels,
            "\n".join(plan.text.lines),
            labels,
            plan.seed,
            plan.index,
            lambda: msgspec.to_builtins(plan),
        )


def _check_width(plan: Plan, width: int) -> None:
    """In strict mode, a text of which a character would have less than two pixels is an error."""
    longest = max(plan.text.lines, key=len)
    if width < 2 * len(longest):
        raise InputError(
            f"text {longest!r} of sample {plan.index} is too long: {len(longest)} characters on {width} pixels; raise "
            "image.width, lower text.length, or set text.strict to false"
        )


def _surroundings(plan: Plan, instance: FontInstance) -> tuple[tuple[Extra, ...], tuple[float, float, float, float]]:
    """The unlabelled text around, and the margins widened so that pieces of it are seen."""
    left, top, right, bottom = plan.crop.margins
    extras: list[Extra] = []
    blank = 0.28 * plan.layout.stretch * plan.layout.word_spacing + plan.layout.letter_spacing
    middle = (len(plan.text.lines) - 1) // 2
    if plan.text.cut_left:
        extras.append(Extra(plan.text.cut_left, middle, "left"))
        left = blank + plan.distractor.cut_reach
    if plan.text.cut_right:
        extras.append(Extra(plan.text.cut_right, middle, "right"))
        right = blank + plan.distractor.cut_reach
    gap = max(plan.layout.line_spacing - 1.0, 0.0)
    for neighbour in plan.distractor.neighbours:
        line = -1 if neighbour.above else len(plan.text.lines)
        extras.append(Extra(neighbour.text, line, "line", neighbour.shift))
        if neighbour.above:
            top = gap + neighbour.reach
        else:
            bottom = gap + neighbour.reach
    return tuple(extras), (left, top, right, bottom)


def fit_text_labels(
    layout: Layout, own: Polylines, warp: Warp
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32], tuple[npt.NDArray[np.float32], ...]]:
    """Quads of the cells, float32 (n, 4, 2), of the words (m, 4, 2), and the words' polygons, each (2k, 2)."""
    n, m = len(layout.cells), len(layout.words)
    char_quads, word_quads = np.empty((n, 4, 2), np.float32), np.empty((m, 4, 2), np.float32)
    polygons, sizes = np.empty((m, 2 * MAX_STATIONS, 2), np.float32), np.empty(m, np.int64)
    fit_labels(
        own.points,
        own.contour_ends,
        own.glyph_ends,
        own.boxes,
        layout.placement,
        warp,
        layout.curved,
        layout.cells,
        layout.words,
        char_quads,
        word_quads,
        polygons,
        sizes,
    )
    return char_quads, word_quads, tuple(polygons[i, :k].copy() for i, k in enumerate(sizes.tolist()))


def _split(quad: npt.NDArray[np.float32], parts: int, rtl: bool) -> list[npt.NDArray[np.float32]]:
    """A ligature's quad cut into its characters' quads, along its top and bottom."""
    edges = np.linspace(0.0, 1.0, parts + 1, dtype=np.float32)[:, None]
    top = quad[0] + edges * (quad[1] - quad[0])
    bottom = quad[3] + edges * (quad[2] - quad[3])
    cut = [np.stack([top[i], top[i + 1], bottom[i + 1], bottom[i]]) for i in range(parts)]
    return cut[::-1] if rtl else cut


def _labels(
    layout: Layout,
    char_quads: npt.NDArray[np.float32],
    word_quads: npt.NDArray[np.float32],
    polygons: tuple[npt.NDArray[np.float32], ...],
    legibility: npt.NDArray[np.float32],
    minimum: float,
) -> Labels:
    texts = ["".join(chars) for chars in layout.char_texts]
    if max(map(len, layout.char_texts)) == 1 and True not in layout.word_rtl:
        counts = layout.words[:, 1] - layout.words[:, 0]
        word_of = np.repeat(np.arange(len(counts)), counts) if len(counts) > 1 else np.zeros(len(texts), np.int64)
    else:
        texts, word_of, char_quads = _in_logical_order(layout, char_quads)
    return Labels(
        tuple(texts),
        char_quads,
        word_of,
        tuple(layout.word_texts),
        word_quads,
        polygons,
        legibility < minimum,
        legibility,
        np.array(layout.word_lines, np.int64),
        np.zeros(len(layout.word_lines), np.int64),
    )


def _in_logical_order(
    layout: Layout, quads: npt.NDArray[np.float32]
) -> tuple[list[str], npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """The chars' texts, words and quads: ligatures cut into their characters, right-to-left words turned round."""
    texts: list[str] = []
    word_of: list[int] = []
    rows: list[int] = []
    split: dict[int, npt.NDArray[np.float32]] = {}
    for word, (first, last) in enumerate(layout.words.tolist()):
        cells = range(last - 1, first - 1, -1) if layout.word_rtl[word] else range(first, last)
        for cell in cells:
            chars = layout.char_texts[cell]
            if len(chars) > 1:
                for quad in _split(quads[cell], len(chars), layout.word_rtl[word]):
                    split[len(rows)] = quad
                    rows.append(cell)
            else:
                rows.append(cell)
            texts += chars
            word_of += [word] * len(chars)
    ordered = quads[rows]
    for row, quad in split.items():
        ordered[row] = quad
    return texts, np.array(word_of, np.int64), ordered


def _finish(pixels: npt.NDArray[np.uint8], grey: bool, config: Config) -> npt.NDArray[np.uint8]:
    """Grey and padding: `pad` repeats the last column, so that no edge is made that a network could learn."""
    if grey:
        # ITU-R BT.601 luma in 16-bit fixed point, as JPEG and OpenCV have it.
        rgb = pixels.astype(np.uint32)
        pixels = ((19595 * rgb[..., 0] + 38470 * rgb[..., 1] + 7471 * rgb[..., 2] + 32768) >> 16).astype(np.uint8)
    if config.image.fit == "pad" and pixels.shape[1] < config.image.width:
        missing = config.image.width - pixels.shape[1]
        pixels = np.concatenate([pixels, np.repeat(pixels[:, -1:], missing, axis=1)], axis=1)
    return pixels
