"""A crop's picture and labels, of its plan: from layout to compressed pixels."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from synthtext.core.errors import InputError
from synthtext.core.srgb import luma
from synthtext.crop.cast import Cast, Projected, cast_layout, project_layout
from synthtext.crop.crop_plan import Plan
from synthtext.crop.image_config import ImageConfig
from synthtext.crop.resources import Resources
from synthtext.crop.shape import surroundings
from synthtext.effects.canvas import Canvas
from synthtext.effects.paint_letters import paint_letters
from synthtext.effects.photograph import take_photograph
from synthtext.geometry.warp import Warp, make_warp
from synthtext.labels.ink_maps import Ink
from synthtext.labels.ink_planes import InkPlanes, has_ligatures, ink_parts
from synthtext.labels.legibility import judge_words
from synthtext.labels.order import in_logical_order
from synthtext.labels.visible import shown_labels
from synthtext.paint.backgrounds import (
    apply_background,
)
from synthtext.paint.distractor import apply_ghost
from synthtext.sample import Labels, Sample
from synthtext.typeset.layout import (
    Layout,
    lay_out,
)

_NO_QUADS = np.empty((0, 4, 2), np.float32)


def place_crop(resources: Resources, plan: Plan) -> tuple[Layout, Warp, Projected]:
    """The text of a plan laid out, its warp, and its outlines in the image."""
    config, mark, store, catalogue = resources.config, resources.mark, resources.store, resources.catalogue
    face = catalogue.face(plan.font.face)
    instance = store.instance(face, plan.font.variation, plan.layout.rounding)
    extras, margins = surroundings(plan, instance, store)
    layout = lay_out(plan.text.lines, extras, instance, store, plan.layout)
    mark("shape, lay out")
    warp = make_warp(plan.warp, layout.width, layout.height, _reach(layout, config.image))
    text_em = plan.crop.text_height / (face.ascender - face.descender)
    projected = project_layout(store, layout, warp, margins, text_em, config.image)
    return layout, warp, projected


def render_crop(
    resources: Resources, plan: Plan, legible: bool = False, keep: dict[str, Any] | None = None
) -> Sample | None:
    """The sample of a plan; None, where it is to be `legible` and a word of it is not.

    `keep`: gets what lies between the stages: `layout`, `outlines`, `char_quads` of its cells; the image before and
    after it is written on, `background` and `painted`; `seen`, float32 (H, W), coverage by ink that is left to be seen.
    """
    config, mark, store = resources.config, resources.mark, resources.store
    catalogue, library = resources.catalogue, resources.library
    layout, warp, projected = place_crop(resources, plan)
    height, width, outlines = projected.height, projected.width, projected.outlines
    if config.text.strict:
        _check_width(plan, projected.taken)
    em, aspect = min(projected.scale_x, projected.scale_y), projected.scale_x / projected.scale_y
    mark("flatten")
    cast = cast_layout(layout, projected, warp)
    mark("raster, labels")
    image = apply_background(plan.background, library, height, width, projected.scale_y, aspect)
    mark("background")
    if plan.distractor.ghost is not None:
        apply_ghost(image, plan.distractor.ghost, catalogue, store, projected.scale_y, aspect)
    canvas = Canvas(image, cast.coverage, warp, em, aspect, catalogue, store, library, plan.warp.rotation)
    canvas.set_text(layout, outlines, layout.placement, cast.written)
    plan.effects.run("ground", canvas)
    if keep is not None:
        keep.update(layout=layout, outlines=outlines, char_quads=cast.char_quads.copy(), background=image.copy())
    # Of letters that are more than their ink, what painting them changes.
    painted = paint_letters(canvas, plan.paint, plan.effects)
    plan.effects.run("after", canvas)
    if keep is not None:
        keep.update(painted=image.copy(), seen=canvas.seen)
    mark("paint")
    pixels = take_photograph(canvas, plan.degrade, plan.effects)
    mark("degrade")
    legibility, visible = np.empty((2, len(layout.words)), np.float32)
    judge_words(
        pixels,
        cast.coverage,
        canvas.seen,
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
    mark("legibility")
    if legible and legibility.min() < config.legibility.minimum:
        return None
    if config.image.channels == "grey":
        pixels = luma(pixels)
    labels = _labels(layout, cast, legibility, visible, config.legibility.minimum)
    mark("finish")
    return Sample(
        pixels,
        layout.text,
        labels,
        plan.seed,
        plan.index,
        lambda: msgspec.to_builtins(plan),
        lambda: crop_ink(resources, plan),
    )


def crop_ink(resources: Resources, plan: Plan) -> Ink:
    """The ink masks of a plan's sample. They are made anew of the plan, so that a sample without them keeps nothing."""
    seen, char_quads = None, _NO_QUADS
    if not plan.effects:
        layout, warp, projected = place_crop(resources, plan)
        height, width, outlines = projected.height, projected.width, projected.outlines
        if has_ligatures(layout):
            char_quads = cast_layout(layout, projected, warp).char_quads
    else:
        kept: dict[str, Any] = {}
        render_crop(resources, plan, keep=kept)
        layout, outlines, char_quads, seen = (kept[name] for name in ("layout", "outlines", "char_quads", "seen"))
        height, width = seen.shape
    parts = ink_parts(layout, char_quads)
    planes = InkPlanes(height, width)
    chars, words = np.arange(1, len(parts.labels) + 1), np.arange(1, len(layout.words) + 1)
    planes.add(outlines, layout.cells, parts, chars, words)
    if seen is not None:
        planes.show(seen)
    return planes.ink()


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
