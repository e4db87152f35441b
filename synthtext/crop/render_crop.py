"""A crop's picture and labels, of its plan: from layout to compressed pixels.

Crops in which only compiled code acts are rendered all at once. Into the picture of another its effects reach between
the stages, one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from synthtext.crop.batch import ADORNED, COVERAGE, SEEN, WRITTEN, Pictures, Rendering
from synthtext.crop.compiled import CAST, DEVELOP, EXPOSE, FINISH, GROUND, INK, JOIN, JUDGE, LAST, LIGHT
from synthtext.crop.crop_plan import Plan
from synthtext.crop.resources import Resources
from synthtext.crop.table import make_table, unhooked
from synthtext.effects.canvas import Canvas
from synthtext.effects.paint_letters import paint_letters
from synthtext.labels.ink_maps import Ink
from synthtext.labels.ink_planes import InkPlanes, ink_parts
from synthtext.paint.colour import colour
from synthtext.paint.composite import to_pixels, to_planes
from synthtext.paint.distractor import apply_ghost
from synthtext.sample import Sample

_LETTER_HOOKS = ("cover", "behind", "over", "wear")


def render_crops(
    resources: Resources,
    plans: Sequence[Plan],
    legible: Sequence[bool],
    pictures: Pictures | None = None,
    places: Sequence[int] = (),
) -> Rendering:
    """Render plans. `legible`: of which a word that is not has them rejected.

    `pictures`: uint8 (m, 3 height width), into which they are rendered, each into that of `places`.
    Raises InputError where a plan cannot be rendered.
    """
    least = float(np.float32(resources.config.legibility.minimum))
    table = make_table(resources, plans, [least if one else -1.0 for one in legible])
    if pictures is not None:
        table.rows["picture"] = places
    rendering = Rendering(resources, table, pictures)
    resources.mark("shape")
    stepwise = resources.on_mark is not None
    hooked = [s for s, plan in enumerate(plans) if stepwise or not unhooked(plan)]
    rendering.step(sorted(set(range(len(plans))) - set(hooked)), CAST, LAST)
    for s in hooked:
        _render_stepwise(rendering, s)
    if resources.config.text.strict:
        for s in range(len(plans)):
            rendering.check_width(s)
    return rendering


def sample_of(rendering: Rendering, s: int) -> Sample:
    """The sample of a row that is done."""
    resources, plan = rendering.resources, rendering.table.plans[s]
    return Sample(
        rendering.image(s),
        rendering.text(s),
        rendering.labels(s),
        plan.seed,
        plan.index,
        lambda: msgspec.to_builtins(plan),
        lambda: crop_ink(resources, plan),
    )


def render_crop(resources: Resources, plan: Plan, keep: dict[str, Any] | None = None) -> Sample:
    """The sample of a plan, legible or not.

    `keep`: gets what lies between the stages: `layout`, `outlines`, `char_quads` of its cells; the image before and
    after it is written on, `background` and `painted`; `seen`, float32 (H, W), coverage by ink that is left to be seen.
    """
    if keep is None:
        return sample_of(render_crops(resources, [plan], [False]), 0)
    rendering = Rendering(resources, make_table(resources, [plan], [-1.0]))
    _render_stepwise(rendering, 0, keep)
    return sample_of(rendering, 0)


def crop_ink(resources: Resources, plan: Plan) -> Ink:
    """The ink masks of a plan's sample. They are made anew of the plan, so that a sample without them keeps nothing."""
    kept: dict[str, Any] = {}
    if plan.effects:
        render_crop(resources, plan, kept)
    else:
        rendering = Rendering(resources, make_table(resources, [plan], [-1.0]))
        rendering.step([0], CAST, CAST)
        kept.update(_cast_of(rendering, 0))
    layout, outlines, char_quads = kept["layout"], kept["outlines"], kept["char_quads"]
    parts = ink_parts(layout, char_quads)
    planes = InkPlanes(*kept["size"])
    chars, words = np.arange(1, len(parts.labels) + 1), np.arange(1, len(layout.words) + 1)
    planes.add(outlines, layout.cells, parts, chars, words)
    if plan.effects:
        planes.show(kept["seen"])
    return planes.ink()


def _cast_of(rendering: Rendering, s: int) -> dict[str, Any]:
    """Of the row at work, what is known once it is cast."""
    return {
        "layout": rendering.layout(s),
        "outlines": rendering.outlines(s),
        "char_quads": rendering.cell_quads(s),
        "size": rendering.size(s),
    }


def _canvas_of(rendering: Rendering, s: int) -> Canvas:
    """The row at work for its effects, once it is cast."""
    resources, plan, state = rendering.resources, rendering.table.plans[s], rendering.states[s]
    image, coverage = rendering.pixels(s), rendering.mask(s, COVERAGE)
    em, aspect = float(state["em"]), float(state["aspect"])
    catalogue, store, library = resources.catalogue, resources.store, resources.library
    canvas = Canvas(image, coverage, rendering.warp, em, aspect, catalogue, store, library, plan.warp.rotation)
    placement, own = rendering.placement(s), int(rendering.table.rows["own"][s])
    written = coverage if own == len(placement) else rendering.mask(s, WRITTEN)
    canvas.set_text(own, lambda: rendering.layout(s), rendering.outlines(s), placement, written)
    return canvas


def _render_stepwise(rendering: Rendering, s: int, keep: dict[str, Any] | None = None) -> None:
    """Take a row through the stages, from one effect that reaches into its picture to the next."""
    resources, plan, states = rendering.resources, rendering.table.plans[s], rendering.states
    effects, ghost, mark = plan.effects, plan.distractor.ghost, resources.mark
    hooks, marked, begin = effects.hooks, resources.on_mark is not None, CAST

    def reach(stage: int) -> None:
        nonlocal begin
        if begin <= stage:
            rendering.step([s], begin, stage)
            begin = stage + 1

    on_ground = ghost is not None or ("ground" in hooks and not rendering.table.rows["plated"][s])
    on_letters = not hooks.isdisjoint(_LETTER_HOOKS)
    if marked:
        reach(CAST)
        mark("flatten, raster, labels")
    if on_ground or on_letters or keep is not None or marked:
        reach(GROUND)
    else:
        reach(JOIN if "after" in hooks else LIGHT if "lens" in hooks else EXPOSE)
    mark("background")
    states["scanned"][s] = "scan" in hooks
    canvas = _canvas_of(rendering, s)
    planes, image, coverage = rendering.planes(s), canvas.image, canvas.seen
    if begin == INK:
        to_pixels(planes, image)
    if ghost is not None:
        apply_ghost(image, ghost, canvas.catalogue, canvas.store, float(states["scale_y"][s]), canvas.aspect)
    if on_ground:
        effects.run("ground", canvas)
    if keep is not None:
        keep.update(_cast_of(rendering, s), background=image.copy())
    if on_letters:
        painted = paint_letters(canvas, plan.paint, effects)
        if painted.size:
            rendering.mask(s, ADORNED)[:] = painted
            states["adorned"][s] = 1
        begin = LIGHT
    else:
        if on_ground:
            to_planes(image, planes)
        if "after" in hooks or keep is not None or marked:
            reach(JOIN)
        canvas.tone = float(states["lightness"][s])
        canvas.tint = np.array(colour(canvas.tone, plan.paint.saturation, plan.paint.hue))
    effects.run("after", canvas)
    if canvas.seen is not coverage:
        rendering.mask(s, SEEN)[:] = canvas.seen
        states["hidden"][s] = 1
    if keep is not None:
        keep.update(painted=image.copy(), seen=canvas.seen.copy())
    mark("paint")
    for stage, hook in ((LIGHT, "lens"), (EXPOSE, "process"), (DEVELOP, "scan")):
        if hook in hooks:
            reach(stage)
            if hook != "lens":
                canvas.codes = rendering.codes(s, hook == "process")
            effects.run(hook, canvas)
    if marked:
        reach(FINISH)
        mark("degrade")
    reach(JUDGE)
    mark("legibility")
