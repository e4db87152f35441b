"""A scene's picture and labels: setting, panels, text, what stands before it, light and camera."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from synthtext.core.errors import InputError
from synthtext.core.kernel import kernel
from synthtext.core.srgb import LUMINANCE, luma
from synthtext.crop.image_config import ImageConfig
from synthtext.crop.resources import Resources
from synthtext.effects.canvas import Canvas, plane_of_picture
from synthtext.effects.paint_letters import paint_letters
from synthtext.effects.photograph import take_photograph
from synthtext.geometry.warp import W_FIT, Warp
from synthtext.labels.fit import MAX_STATIONS, fit_labels, support_quad
from synthtext.labels.ink_maps import Ink
from synthtext.labels.ink_planes import InkPlanes, ink_parts
from synthtext.labels.legibility import measure_words, score_words
from synthtext.paint.backgrounds import BackgroundParams, apply_background
from synthtext.paint.ink import PaintParams
from synthtext.paint.photographs import BackgroundLibrary
from synthtext.raster.coverage import fill
from synthtext.raster.polylines import flatten_glyphs
from synthtext.sample import Sample
from synthtext.scene.blocks import Typeset, block_layout, plane_warp, stackable, typeset
from synthtext.scene.gather_labels import (
    TRACE,
    Labelled,
    Placed,
    Seen,
    Window,
    gather_labels,
    ink_not_hidden,
    window,
    word_areas,
    word_ems,
)
from synthtext.scene.panel import Element, paint_panel, silhouette
from synthtext.scene.planes import quad_of
from synthtext.scene.scene_plan import Group, ScenePlan, check_plane
from synthtext.typeset.catalogue import Catalogue
from synthtext.typeset.outlines import OutlineStore

Image = npt.NDArray[np.float32]

_NONE = np.zeros((0, 0), np.float32)


def place_group(group: Group, text: Typeset, store: OutlineStore) -> Placed:
    """The group's outlines and labels in the image."""
    warp, layout = plane_warp(group.plane), text.layout
    outlines = flatten_glyphs(store, layout.slots, layout.placement, warp, 1.0)
    n, m = len(layout.cells), len(layout.words)
    char_quads, word_quads = np.empty((n, 4, 2), np.float32), np.empty((m, 4, 2), np.float32)
    polygons, sizes = np.empty((m, 2 * MAX_STATIONS, 2), np.float32), np.empty(m, np.int64)
    fit_labels(
        outlines.points,
        outlines.contour_ends,
        outlines.glyph_ends,
        outlines.boxes,
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
    if text.stacked:
        upright = quad_of(group.plane, text.box)
        fitted = np.empty((4, 2))
        support_quad(upright, outlines.points, 0, len(outlines.points), fitted)
        word_quads[0] = polygons[0, :4] = fitted
        sizes[0] = 4
    return Placed(layout, text.block_of, text.glyphs, outlines, warp, char_quads, word_quads, polygons, sizes)


def placed_again(group: Group, path: str, catalogue: Catalogue, store: OutlineStore) -> Placed:
    """The outlines and labels of a group from outside. Raises InputError where it has no text, or no place."""
    if not group.blocks:
        raise InputError(f"{path}.blocks: is empty; give a block of text, or leave the group out")
    layouts = []
    for i, block in enumerate(group.blocks):
        if block.stack:
            upright = msgspec.structs.replace(block, stack=False)
            if not stackable(block_layout(upright, catalogue, store)):
                raise InputError(f"{path}.blocks[{i}].stack: only one word of a glyph a letter can be stacked")
        layouts.append(block_layout(block, catalogue, store))
    text = typeset(group.blocks, layouts, store)
    check_plane(group.plane, (text.box,), path)
    return place_group(group, text, store)


def paint_setting(
    backdrop: BackgroundParams, elements: Sequence[Element], library: BackgroundLibrary, config: ImageConfig
) -> Image:
    height, width = config.height, config.width
    if backdrop.kind == "plain":
        image = np.empty((height, width, 3), np.float32)
        image.reshape(height, -1)[:] = np.tile(np.array(backdrop.first, np.float32), width)
    else:
        image = apply_background(backdrop, library, height, width, 1.0)
    for element in elements:
        paint_panel(image, element.plane, element.panel, library)
    return image


def render_scene(
    resources: Resources,
    plan: ScenePlan,
    image: Image,
    placed: list[Placed],
    bare: Image | None = None,
    keep: Callable[[Image], None] | None = None,
) -> Sample:
    """The scene of a plan, onto `image`. `bare`: gets all but the text; `keep`: called with the painted image."""
    config, library, mark = resources.config, resources.library, resources.mark
    height, width = image.shape[:2]
    coverages = []
    for group, one in zip(plan.groups, placed, strict=True):
        if bare is not None:
            paint_sheet(bare, group, one, resources)
        sheet = paint_sheet(image, group, one, resources)
        mark("panels")
        coverages.append(paint_group(image, group, one, resources, sheet))
        mark("text")
    hidden = _NONE
    if plan.occluders:
        hidden = np.zeros((height, width), np.float32)
        for element in plan.occluders:
            paint_panel(image, element.plane, element.panel, library)
            if bare is not None:
                paint_panel(bare, element.plane, element.panel, library)
            silhouette(element, height, width, hidden)
    mark("occluders")
    canvas = picture_canvas(resources, image)
    if plan.effects.any("after"):
        canvas.seen = np.ones((height, width), np.float32) - (hidden if hidden.size else np.float32(0.0))
        plan.effects.run("after", canvas)
        hidden = np.float32(1.0) - canvas.seen
    if keep:
        keep(image)
    pixels = take_photograph(canvas, plan.degrade, plan.effects)
    mark("degrade")
    seen = [_look(pixels, hidden, one, windows) for one, windows in zip(placed, coverages, strict=True)]
    mark("legibility")
    if config.image.channels == "grey":
        pixels = luma(pixels)
    text, labels, labelled = gather_labels(placed, seen, height, width, config.scene, config.legibility.minimum)
    mark("labels")
    return Sample(
        pixels,
        text,
        labels,
        plan.seed,
        plan.index,
        lambda: msgspec.to_builtins(plan),
        lambda: scene_ink(resources, plan, labelled),
    )


def scene_ink(resources: Resources, plan: ScenePlan, labelled: Sequence[Labelled]) -> Ink:
    """The ink masks of a plan's scene, of which `labelled` are the labels of each group.

    They are made anew of the plan, so that a scene without them keeps nothing.
    """
    image = resources.config.image
    planes = InkPlanes(image.height, image.width)
    hidden = np.empty((image.height, image.width), np.float32)
    picture = None
    if plan.effects.any("after") or any(group.effects for group in plan.groups):
        picture = paint_setting(plan.backdrop, plan.elements, resources.library, image)
    for i, (group, ids) in enumerate(zip(plan.groups, labelled, strict=True)):
        for panel in group.panels:  # they stand before the texts that were painted before, where there are any
            quad = quad_of(group.plane, panel.box)
            if planes.has_ink(*quad.min(0).tolist(), *quad.max(0).tolist()):
                hidden[:] = 0.0
                silhouette(Element(group.plane, panel), image.height, image.width, hidden)
                planes.hide(hidden)
        one = placed_again(group, f"plan.groups[{i}]", resources.catalogue, resources.store)
        planes.add(one.outlines, one.layout.cells, ink_parts(one.layout, one.char_quads), ids.chars, ids.words)
        if picture is not None:  # of what its effects take away
            sheet = paint_sheet(picture, group, one, resources)
            for left, top, drawn, seen, _ in paint_group(picture, group, one, resources, sheet):
                hidden[:] = 0.0
                part = hidden[top : top + drawn.shape[0], left : left + drawn.shape[1]]
                np.divide(drawn - seen, drawn, out=part, where=drawn > 0.0)
                planes.hide(hidden)
    if plan.occluders:
        hidden[:] = 0.0
        for element in plan.occluders:
            silhouette(element, image.height, image.width, hidden)
        planes.hide(hidden)
    if plan.effects.any("after") and picture is not None:
        canvas = picture_canvas(resources, picture)
        canvas.seen = np.ones((image.height, image.width), np.float32)
        plan.effects.run("after", canvas)
        planes.hide(np.float32(1.0) - canvas.seen)
    return planes.ink()


def picture_canvas(resources: Resources, image: Image) -> Canvas:
    """What the effects of a whole picture may touch. Its em is the scene's line height."""
    config = resources.config
    em = config.scene.line_height * min(config.image.height, config.image.width)
    warp = plane_of_picture(em, *image.shape[:2])
    return Canvas(image, _NONE, warp, em, 1.0, resources.catalogue, resources.store, resources.library)


class Sheet(NamedTuple):
    """Where a group's effects act: a canvas, and the `view` of the image that it stands for, from (left, top).

    `mask`: float32 (h, w), how far the group's panel covers it, beyond which no effect goes; None for bare text.
    """

    canvas: Canvas
    view: Image
    left: int
    top: int
    mask: npt.NDArray[np.float32] | None

    def run(self, hook: str, group: Group) -> None:
        """Call the hooks of the group's effects."""
        if not group.effects.any(hook):
            return
        canvas, view = self.canvas, self.view
        canvas.image = view.copy()
        group.effects.run(hook, canvas)
        view[:] = canvas.image if self.mask is None else view + self.mask[..., None] * (canvas.image - view)


def paint_sheet(image: Image, group: Group, one: Placed, resources: Resources) -> Sheet | None:
    """Paint a group's panels, and what its effects do to them before there is text; None where none acts on it."""
    height, width = image.shape[:2]
    for panel in group.panels:
        paint_panel(image, group.plane, panel, resources.library)
    if not (group.effects.any("ground") or group.effects.any("after")):
        return None
    points = np.concatenate([one.outlines.points, *(quad_of(group.plane, panel.box) for panel in group.panels)])
    left, top, right, bottom = window(points, height, width, 2.0 + 0.5 * group.scale)
    if left >= right or top >= bottom:
        return None
    mask = None
    if group.panels:
        mask = panel_of(group, height, width)[top:bottom, left:right]
    view = image[top:bottom, left:right]
    canvas = Canvas(
        view,
        np.ones(view.shape[:2], np.float32),
        shifted(one.warp, left, top),
        group.scale,
        1.0,
        resources.catalogue,
        resources.store,
        resources.library,
        light=group.light,
    )
    canvas.set_text(one.layout.own, lambda: one.layout, one.outlines, one.layout.placement, canvas.seen)
    sheet = Sheet(canvas, view, left, top, mask)
    sheet.run("ground", group)
    return sheet


def panel_of(group: Group, height: int, width: int) -> npt.NDArray[np.float32]:
    """How far the group's panel covers each pixel, float32 (H, W): not at all where it has none."""
    covered = np.zeros((height, width), np.float32)
    if group.panels:
        silhouette(Element(group.plane, group.panels[0]), height, width, covered)
    return covered


def shifted(warp: Warp, left: int, top: int) -> Warp:
    """A warp to the pixels of a window whose first is (left, top)."""
    moved = warp.copy()
    moved[W_FIT + 2] -= left
    moved[W_FIT + 3] -= top
    return moved


def paint_group(
    image: Image, group: Group, one: Placed, resources: Resources, sheet: Sheet | None = None
) -> list[Window]:
    """Paint a group's blocks; returns each block's window."""
    height, width = image.shape[:2]
    windows = []
    start = 0
    for block, end in zip(group.blocks, one.glyphs, strict=True):
        outlines = one.outlines.between(start, end)
        placement = one.layout.placement[start:end]
        em = block.scale * group.scale
        record = block.paint
        around = record.border + (0.35 if record.shadow is not None else 0.0) + group.effects.reach()
        left, top, right, bottom = window(outlines.points, height, width, 2.0 + em * around)
        start = end
        if left >= right or top >= bottom:
            windows.append(Window(0, 0, _NONE, _NONE, _NONE))
            continue
        outlines.points[:] -= (left, top)
        coverage = np.zeros((bottom - top, right - left), np.float32)
        fill(outlines.points, outlines.contour_ends, outlines.glyph_ends, 0.0, 0.0, coverage)
        view = image[top:bottom, left:right]
        # Against what it is written on, as lit evenly: the same light then falls on both.
        behind = 100.0 * math.sqrt(min(mean_behind(view, coverage) / group.light, 1.0))
        canvas = Canvas(
            view.copy() if group.effects else view,
            coverage,
            shifted(one.warp, left, top),
            em,
            1.0,
            resources.catalogue,
            resources.store,
            resources.library,
            light=group.light,
            unit=block.scale,
        )
        canvas.set_text(one.layout.own, lambda: one.layout, outlines, placement, coverage)
        if group.effects.any("behind"):
            canvas.ground = panel_of(group, height, width)[top:bottom, left:right]
        painted = paint_letters(canvas, record, group.effects, stand_out(behind, record))
        if group.effects:
            view[:] = canvas.image
        windows.append(Window(left, top, coverage, canvas.seen, painted))
        if sheet is not None and not hasattr(sheet.canvas, "tint"):
            sheet.canvas.tone, sheet.canvas.tint = canvas.tone, canvas.tint
    if sheet is not None:
        sheet.run("after", group)
        windows = [_left_of(one, sheet) for one in windows]
    return windows


def _left_of(own: Window, sheet: Sheet) -> Window:
    """A window of text with what the group's effects left to be seen of it."""
    if not own.drawn.size:
        return own
    (h, w), left = own.drawn.shape, np.ones_like(own.drawn)
    seen, y, x = sheet.canvas.seen, own.top - sheet.top, own.left - sheet.left
    y0, x0, y1, x1 = max(y, 0), max(x, 0), min(y + h, seen.shape[0]), min(x + w, seen.shape[1])
    left[y0 - y : y1 - y, x0 - x : x1 - x] = seen[y0:y1, x0:x1]
    return own._replace(seen=own.seen * left)


def _look(pixels: npt.NDArray[np.uint8], hidden: npt.NDArray[np.float32], one: Placed, windows: list[Window]) -> Seen:
    """What is seen of a group's words. `pixels`: uint8 (H, W, 3), finished."""
    height, width = pixels.shape[:2]
    layout, outlines = one.layout, one.outlines
    m = len(layout.words)
    ems, areas, measures = np.empty(m), np.empty((m, 2)), np.zeros((m, 5))
    shapes = outlines.points, outlines.contour_ends, outlines.glyph_ends, layout.cells
    word_ems(one.warp, layout.placement, layout.cells, layout.words, ems)
    word_areas(*shapes, layout.words, height, width, areas)
    blocks = np.array(one.block_of)
    whole = not hidden.size
    for number, (left, top, drawn, seen, painted) in enumerate(windows):
        of = np.flatnonzero(blocks == number)
        if len(of) and drawn.size:
            part = slice(int(of[0]), int(of[-1]) + 1)
            whole = whole and seen is drawn
            if hidden.size:
                seen = seen * (1.0 - hidden[top : top + drawn.shape[0], left : left + drawn.shape[1]])
            words, polygons, sizes = layout.words[part], one.polygons[part], one.sizes[part]
            measure_words(pixels, left, top, drawn, seen, painted, *shapes, words, polygons, sizes, measures[part])
    scores, visible = np.empty(m, np.float32), np.empty(m, np.float32)
    score_words(measures, areas[:, 0], areas[:, 1], ems, scores, visible)
    ink = areas[:, 1].astype(np.float32)
    if not whole:  # a share of what its outline holds may be of another word, too
        ink = (visible * areas[:, 0]).astype(np.float32)
        for word in np.flatnonzero((ink < TRACE) & (areas[:, 1] >= TRACE)).tolist():
            ink[word] = ink_not_hidden(one, word, hidden) if hidden.size else areas[word, 1]
    return Seen(scores, visible, ink)


@kernel
def mean_behind(image, coverage):
    """Mean luminance of `image`, float32 (h, w, 3), under the coverage, float32 (h, w)."""
    total, weight = 0.0, 1e-6
    for r in range(coverage.shape[0]):
        for c in range(coverage.shape[1]):
            a = coverage[r, c]
            if a > 0.0:
                weight += a
                total += a * (
                    LUMINANCE[0] * image[r, c, 0] + LUMINANCE[1] * image[r, c, 1] + LUMINANCE[2] * image[r, c, 2]
                )
    return total / weight


def stand_out(behind: float, record: PaintParams) -> float:
    """The lightness of text on a ground of lightness `behind`: on the side drawn, or, with no room there, the other."""
    darker = record.darker
    room = behind if darker else 100.0 - behind
    if room < record.contrast and room < 0.6 * max(100.0 - room, 1e-9):
        darker = not darker
    lightness = behind - record.contrast if darker else behind + record.contrast
    return min(max(lightness, 0.0), 100.0)
