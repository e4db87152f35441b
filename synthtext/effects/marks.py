"""What crosses or surrounds the text: ruled lines and a plate's edge under it; underlines, strokes, boxes, stamps,
scratches, dirt and objects over it.

Lines that belong to the text go through the text's own warp, on its own baseline.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
from msgspec import Meta

from synthtext.core.applied import draw_applied
from synthtext.core.kernel import kernel
from synthtext.core.records import Amount, Angle, Key, Lightness, Number, Part, Positive, Record
from synthtext.core.rng import Draws, Stage
from synthtext.effects.effects_config import InterferenceConfig
from synthtext.geometry.warp import W_FIT, Warp, WarpParams, make_warp, warp_far, warp_points
from synthtext.paint.colour import colour
from synthtext.paint.composite import over, soften
from synthtext.paint.plane import image_to_plane, plane_to_image
from synthtext.paint.wear_fields import choose_level, plane_field
from synthtext.raster.coverage import dilate, fill
from synthtext.raster.polylines import Polylines, flatten_glyphs
from synthtext.typeset.catalogue import Catalogue, FontRecord
from synthtext.typeset.glyph_table import P_X, P_XX, P_XY, P_Y, P_YX, P_YY
from synthtext.typeset.layout import Layout, LayoutParams, lay_out
from synthtext.typeset.outlines import OutlineStore

Image = npt.NDArray[np.float32]
Coverage = npt.NDArray[np.float32]
Boxed = tuple[npt.NDArray[np.float64], float, float, float, float]
Points = npt.NDArray[np.float64]

_NO_CUT = np.zeros((0, 0), np.float32)
_NO_RAMP = np.zeros(3)
_HEPTAGON = tuple((math.cos(2.0 * math.pi * k / 7), math.sin(2.0 * math.pi * k / 7)) for k in range(7))
_AFAR = 30.0  # em: a side of a plate that the picture does not show
_PIXELS = np.array([1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0])  # the plane of the picture itself


Style = Literal["solid", "double", "dashed", "wavy", "pen", "oval"]


class Mark(Record, frozen=True):
    """A line along, through or around the text. Lengths in em, colours as of paint/colour.py.

    `style`: solid, double, dashed, wavy or pen (an unsteady hand); of a box: solid, double or oval. `offset`: of an
    underline below the baseline, of a strike above it, of a box from the ink. `tilt`: of a strike, radians.
    `own_colour`: the text's colour is taken. `first`, `last`: the part of the text's words that is marked, in [0, 1].
    """

    width: Amount
    style: Style
    offset: Number
    tilt: Angle = 0.0
    own_colour: bool = True
    lightness: Lightness = 0.0
    saturation: Part = 0.0
    hue: Angle = 0.0
    first: Part = 0.0
    last: Part = 1.0
    key: Key = 0


class Seal(Record, frozen=True):
    """A stamp: two rings, or a frame, with a word in it. Centre in widths and heights, sizes in em, radians."""

    opacity: Part
    text: str
    font: FontRecord
    round: bool
    x: Number
    y: Number
    size: Positive
    rotation: Angle
    hue: Angle
    worn: Part
    key: Key


class Occluder(Record, frozen=True):
    """An object before the text. `share`: of the picture's width (a bar) or area that it hides; place as `Seal`.

    `shape`: bar (a pole, a strap, a strip of tape), blob (a leaf, a thumb, a splash) or corner (a sheet, a label).
    """

    share: Part
    shape: Literal["bar", "blob", "corner"]
    x: Number
    y: Number
    angle: Angle
    lightness: Lightness
    saturation: Part
    hue: Angle
    soft: Amount
    key: Key


class Plate(Record, frozen=True):
    """What bears the text, and ends within the picture. Lengths in em, colours as of paint/colour.py.

    `distance`: of its edge from the ink, about; `sides`: left, top, right, bottom, those beyond the picture _AFAR.
    `corner`: radius of its corners over half of its shorter side. `rim`: width of the line along its edge, 0 for none.
    `lightness`, `saturation`, `hue`: of what lies beyond; `solid`: how far it hides the ground, in [0, 1].
    """

    distance: Number
    sides: tuple[Number, Number, Number, Number]
    corner: Part
    rim: Amount
    rim_lightness: Lightness
    lightness: Lightness
    saturation: Part
    hue: Angle
    solid: Part


class InterferenceParams(Record, frozen=True):
    """What was drawn. `ruled_lines`: their opacity; scratches and specks: how many there are per square em."""

    ruled_lines: Part = 0.0
    ruled_spacing: Annotated[float, Meta(ge=0.02, le=100.0)] = 1.3
    ruled_offset: Number = 0.1
    ruled_grid: bool = False
    ruled_hue: Angle = 4.0
    underline: Mark | None = None
    strike: Mark | None = None
    box: Mark | None = None
    seal: Seal | None = None
    scratches: Amount = 0.0
    scratch_angle: Angle = 0.0
    scratch_light: bool = True
    specks: Amount = 0.0
    speck_size: Amount = 0.03
    speck_lightness: Lightness = 10.0
    occlusion: Occluder | None = None
    key: Key = 0
    plate: Plate | None = None


NO_INTERFERENCE = InterferenceParams()


def _draw_mark(draws: Draws, width: float, styles: tuple[Style, ...], offset: tuple[float, float]) -> Mark:
    own = draws.chance(0.5)
    first = draws.uniform(0.0, 0.8) if draws.chance(0.2) else 0.0
    return Mark(
        width,
        draws.choice(styles),
        draws.uniform(*offset),
        draws.normal(0.0, 0.02),
        own,
        0.0 if own else draws.choice((5.0, 25.0, 40.0, 95.0)),
        0.0 if own else draws.random(),
        0.0 if own else draws.choice((0.0, 4.0, 4.2, 1.6)),
        first,
        draws.uniform(first + 0.2, 1.0) if first else 1.0,
        draws.key(),
    )


def _draw_plate(draws: Draws, distance: float) -> Plate:
    shape = draws.choice(("plate", "plate", "band", "side"))
    sides = [distance * draws.uniform(0.7, 1.5) for _ in range(4)]
    if shape == "band":
        sides[0] = sides[2] = _AFAR
    elif shape == "side":
        near = draws.choice(range(4))
        sides = [side if k == near else _AFAR for k, side in enumerate(sides)]
    corner = draws.choice((0.0, 0.0, 0.25, 0.6, 1.0))
    rim = draws.uniform(0.02, 0.08) if draws.chance(0.4) else 0.0
    return Plate(
        distance,
        (sides[0], sides[1], sides[2], sides[3]),
        corner if shape == "plate" else 0.0,
        min(rim, 0.6 * distance),
        draws.choice((5.0, 30.0, 60.0, 95.0)),
        draws.uniform(0.0, 100.0),
        draws.random() ** 2,
        draws.uniform(0.0, 2.0 * math.pi),
        draws.uniform(0.7, 1.0),
    )


def draw_interference(
    draws: Draws, config: InterferenceConfig, catalogue: Catalogue, words: Callable[[Draws, int], str]
) -> InterferenceParams:
    """Draw what crosses the text. `words(draws, characters)` makes text of about that length, for stamps."""
    applied = draw_applied(draws, config)
    if not applied:
        return NO_INTERFERENCE
    r = draws.random
    spacing, offset, grid = draws.uniform(0.9, 1.7), draws.uniform(-0.05, 0.25), draws.chance(0.25)
    hue = draws.choice((4.0, 4.2, 0.0, 2.0))
    underline = strike = box = seal = occluder = None
    if "underline" in applied:
        underline = _draw_mark(
            draws, applied["underline"], ("solid", "solid", "double", "dashed", "wavy", "pen"), (0.06, 0.2)
        )
    if "strike" in applied:
        strike = _draw_mark(draws, applied["strike"], ("solid", "pen", "pen", "double"), (0.2, 0.36))
    if "box" in applied:
        box = _draw_mark(draws, applied["box"], ("solid", "solid", "double", "oval"), (0.06, 0.3))
    if "seal" in applied:
        text = words(draws, 12).upper()
        font = catalogue.draw(draws, text) if text else None
        if font is not None:
            seal = Seal(
                applied["seal"],
                text,
                font,
                draws.chance(0.6),
                r(),
                r(),
                draws.uniform(0.8, 1.8),
                draws.normal(0.0, 0.3),
                draws.choice((0.0, 0.1, 4.0, 4.3, 5.0)),
                draws.uniform(0.1, 0.45),
                draws.key(),
            )
    if "occlusion" in applied:
        occluder = Occluder(
            applied["occlusion"],
            draws.choice(("bar", "bar", "blob", "corner")),
            r(),
            r(),
            draws.uniform(0.0, 2.0 * math.pi),
            draws.uniform(0.0, 100.0),
            draws.random() ** 2,
            draws.uniform(0.0, 2.0 * math.pi),
            draws.uniform(0.0, 0.06),
            draws.key(),
        )
    return InterferenceParams(
        applied.get("ruled_lines", 0.0),
        spacing,
        offset,
        grid,
        hue,
        underline,
        strike,
        box,
        seal,
        applied.get("scratches", 0.0),
        draws.uniform(0.0, math.pi),
        draws.chance(0.7),
        applied.get("specks", 0.0),
        draws.log_uniform(0.012, 0.06),
        draws.choice((0.0, 15.0, 35.0, 95.0)),
        occluder,
        draws.key(),
        _draw_plate(draws, applied["plate"]) if "plate" in applied else None,
    )


@kernel
def stain(image, coverage, ink, opacity):  # type: ignore[no-untyped-def]
    """Transparent ink over `image`, float32 (H, W, 3), in place: what is dark beneath stays dark.

    `coverage`: float32 (H, W). `ink`: float64 (3,), the part of the light that full ink lets through.
    """
    for y in range(coverage.shape[0]):
        for x in range(coverage.shape[1]):
            a = coverage[y, x] * np.float32(opacity)
            if a > np.float32(0.0):
                for k in range(3):
                    image[y, x, k] *= np.float32(1.0) - a * (np.float32(1.0) - np.float32(ink[k]))


def stroke(lines: list[Points], radius: float, height: int, width: int) -> Coverage:
    """Coverage of polylines, each float64 (n, 2) in pixels, drawn `radius` pixels to each side with round ends."""
    out = np.zeros((height, width), np.float32)
    if lines:
        # There and back again makes an open line a closed contour without an inside.
        closed = [np.concatenate([line, line[-2:0:-1]]) for line in lines]
        ends = np.cumsum([len(line) for line in closed])
        thick = max(radius, 0.25)
        dilate(np.concatenate(closed), ends, ends, np.zeros_like(out), thick, 0.0, 0.0, out)
        # A line thinner than a pixel covers its share of it.
        out *= np.float32(min(2.0 * radius / (min(thick, 0.5) + 0.5) ** 2, 1.0))
    return out


def apply_under(
    image: Image, record: InterferenceParams, layout: Layout, own: Polylines, warp: Warp, em: float
) -> None:
    """Rule the paper, and paint what lies beyond it, in place, before the text is painted.

    `image`: float32 (H, W, 3). `own`: the text's outlines. `em`: pixels.
    """
    if record.ruled_lines:
        _rule(image, record, layout, warp, em)
    if record.plate is not None:
        _surround(image, record.plate, layout, own, warp)


def _seen_corners(warp: Warp, height: int, width: int) -> Points:
    """The picture's corners in the text's plane, em, homogeneous, float64 (4, 3); the last is one over the depth."""
    plane = image_to_plane(plane_to_image(warp)).reshape(3, 3)
    return np.array([[0, 0, 1], [width, 0, 1], [width, height, 1], [0, height, 1]]) @ plane.T


def _rule(image: Image, record: InterferenceParams, layout: Layout, warp: Warp, em: float) -> None:
    height, width = image.shape[:2]
    corners = _seen_corners(warp, height, width)
    corners = corners[:, :2] / corners[:, 2:]
    (x0, y0), (x1, y1) = corners.min(0) - 0.3, corners.max(0) + 0.3
    base = float(layout.placement[0, P_Y]) + record.ruled_offset
    lines = []
    for k in range(math.ceil((y0 - base) / record.ruled_spacing), int((y1 - base) // record.ruled_spacing) + 1)[:80]:
        y = base + k * record.ruled_spacing
        lines.append(_warped(_straight((x0, y), (x1, y), x1 - x0), warp))
    if record.ruled_grid:
        for k in range(math.ceil(x0 / record.ruled_spacing), int(x1 // record.ruled_spacing) + 1)[:80]:
            x = k * record.ruled_spacing
            lines.append(_warped(_straight((x, y0), (x, y1), y1 - y0), warp))
    coverage = stroke(lines, 0.018 * em, height, width)
    stain(image, coverage, np.array(colour(35.0, 0.5, record.ruled_hue)), record.ruled_lines)


def _surround(image: Image, plate: Plate, layout: Layout, own: Polylines, warp: Warp) -> None:
    """Paint over all that is not plate, and the plate's rim, which lies on it."""
    x0, y0, x1, y1 = ink_box(layout.placement, own.boxes, layout.own)
    left, top, right, bottom = plate.sides
    x0, y0, x1, y1 = x0 - left, y0 - top, x1 + right, y1 + bottom
    # Corners no rounder than leaves those of the ink's box on the plate.
    radius = min(0.5 * plate.corner * min(x1 - x0, y1 - y0), min(plate.sides) / (1.0 - math.sqrt(0.5)))
    closeness = _seen_corners(warp, *image.shape[:2])[:, 2]
    nearest = 0.5 / float(closeness.max()) if closeness.min() > 0.0 else 0.02
    bearing = _inside(warp_far(warp, rounded_rectangle(x0, y0, x1, y1, radius), nearest), image)
    beyond = np.array(colour(plate.lightness, plate.saturation, plate.hue))
    over(image, np.float32(1.0) - bearing, _NO_CUT, beyond, beyond, _NO_RAMP, plate.solid)
    if plate.rim:
        w = plate.rim
        field = rounded_rectangle(x0 + w, y0 + w, x1 - w, y1 - w, max(radius - w, 0.0))
        rim = np.maximum(bearing - _inside(warp_far(warp, field, nearest), image), np.float32(0.0))
        tone = np.full(3, (0.01 * plate.rim_lightness) ** 2)
        over(image, rim, _NO_CUT, tone, tone, _NO_RAMP, 1.0)


def _inside(outline: Points, image: Image) -> Coverage:
    """Coverage of what a closed line in pixels encloses, float32 (H, W)."""
    coverage = np.zeros(image.shape[:2], np.float32)
    if len(outline) > 2:
        fill(outline, np.array([len(outline)]), np.array([1]), 0.0, 0.0, coverage)
    return coverage


def apply_over(
    image: Image,
    seen: Coverage,
    record: InterferenceParams,
    layout: Layout,
    own: Polylines,
    warp: Warp,
    tint: npt.NDArray[np.float64],
    catalogue: Catalogue,
    store: OutlineStore,
    em: float,
    aspect: float,
) -> Coverage:
    """Draw what crosses the text, in place. Returns the labelled ink that is left to be seen, float32 (H, W).

    `image`: float32 (H, W, 3). `seen`: float32 (H, W), the labelled ink; `own`: its outlines. `tint`: its colour.
    """
    height, width = image.shape[:2]
    lines = text_lines(layout, own) if record.underline or record.strike else []
    for mark, kind in ((record.underline, "underline"), (record.strike, "strike"), (record.box, "box")):
        if mark is None:
            continue
        paths = _box_paths(mark, layout, own, warp) if kind == "box" else _line_paths(mark, kind, lines, warp)
        coverage = stroke(paths, 0.5 * mark.width * em, height, width)
        if mark.style == "pen":
            coverage *= np.float32(0.9)
        ink = tint if mark.own_colour else np.array(colour(mark.lightness, mark.saturation, mark.hue))
        over(image, coverage, _NO_CUT, ink, ink, _NO_RAMP, 1.0)
        seen = seen * (np.float32(1.0) - coverage)
    if record.seal is not None:
        _stamp(image, record.seal, catalogue, store, em, aspect)
    if record.scratches:
        marks = _scratches(record, height, width, em)
        tone = np.full(3, 0.75 if record.scratch_light else 0.03)
        over(image, marks, _NO_CUT, tone, tone, _NO_RAMP, 0.75)
        seen = seen * (np.float32(1.0) - marks)
    if record.specks:
        marks = _specks(record, height, width, em)
        tone = np.full(3, (0.01 * record.speck_lightness) ** 2)
        over(image, marks, _NO_CUT, tone, tone, _NO_RAMP, 0.9)
        seen = seen * (np.float32(1.0) - marks)
    if record.occlusion is not None:
        hidden = _occlude(image, record.occlusion, em)
        seen = seen * (np.float32(1.0) - hidden)
    return seen


def text_lines(layout: Layout, own: Polylines) -> list[list[Boxed]]:
    """Of each line of text, each of its words' glyphs that have ink: (placement, x0, y0, x1, y1), its box in em."""
    lines: dict[int, list[Boxed]] = {}
    boxes, cells = own.boxes.tolist(), layout.cells.tolist()
    for (first, last), line in zip(layout.words.tolist(), layout.word_lines, strict=True):
        for glyph in range(cells[first][0], cells[last - 1][1]):
            x0, y0, x1, y1 = boxes[glyph]
            if x1 > x0:
                lines.setdefault(line, []).append((layout.placement[glyph], x0, y0, x1, y1))
    return [lines[k] for k in sorted(lines)]


def _at(frame: npt.NDArray[np.float64], x: float, y: float) -> tuple[float, float]:
    return (
        float(frame[P_XX] * x + frame[P_XY] * y + frame[P_X]),
        float(frame[P_YX] * x + frame[P_YY] * y + frame[P_Y]),
    )


def _straight(a: tuple[float, float], b: tuple[float, float], length: float) -> Points:
    """From a to b in steps of at most half an em, so that a warp can bend it."""
    steps = min(max(math.ceil(2.0 * length), 1), 200)
    t = np.linspace(0.0, 1.0, steps + 1)[:, None]
    points: Points = np.array(a) + t * (np.array(b) - np.array(a))
    return points


def _warped(points: Points, warp: Warp) -> Points:
    out = np.empty_like(points)
    warp_points(warp, np.ascontiguousarray(points), out)
    return out


def _line_paths(mark: Mark, kind: str, lines: list[list[Boxed]], warp: Warp) -> list[Points]:
    """An underline or a strike of each line of text, as polylines in pixels."""
    draws = Draws(mark.key, Stage.INTERFERENCE, 0)
    paths: list[Points] = []
    height = -mark.offset if kind == "underline" else mark.offset
    for glyphs in lines:
        count = len(glyphs)
        first = min(int(mark.first * count), count - 1)
        some = glyphs[first : max(math.ceil(mark.last * count), first + 1)]
        ends = [_at(frame, x, height) for frame, x0, _, x1, _ in some for x in (x0, x1)]
        # In visual order: the glyphs of a right-to-left word stand so already.
        path = np.array(ends)
        reach = 0.05
        start = path[0] - path[1]
        path[0] += reach * start / max(math.hypot(*start), 1e-6)
        stop = path[-1] - path[-2]
        path[-1] += reach * stop / max(math.hypot(*stop), 1e-6)
        at = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
        length = float(at[-1])
        density = 50.0 if mark.style == "wavy" else 10.0
        fine = np.linspace(0.0, length, min(max(int(density * length), 2), 800))
        path = np.stack([np.interp(fine, at, path[:, 0]), np.interp(fine, at, path[:, 1])], 1)
        if kind == "strike":
            path[:, 1] += math.tan(mark.tilt) * (fine - 0.5 * length)
        if mark.style == "wavy":
            path[:, 1] += 1.2 * mark.width * np.sin(fine / max(1.1 * mark.width, 0.03))
        elif mark.style == "pen":
            for wave in (1.3, 3.1, 7.7):
                phase = draws.uniform(0.0, 2.0 * math.pi)
                path[:, 1] += 0.05 / wave * np.sin(wave * fine + phase)
        if mark.style == "double":
            gap = np.array([0.0, 1.1 * mark.width])
            paths += [_warped(path - gap, warp), _warped(path + gap, warp)]
        elif mark.style == "dashed":
            dash = max(int(10.0 * 3.0 * max(mark.width, 0.05)), 2)
            paths += [
                _warped(path[i : i + dash], warp) for i in range(0, len(path), 2 * dash) if len(path[i : i + dash]) > 1
            ]
        else:
            paths.append(_warped(path, warp))
    return paths


@kernel
def ink_box(placement, boxes, count):  # type: ignore[no-untyped-def]
    """Least x and y, greatest x and y, em, of the boxes of the first `count` glyphs that have ink, as they are placed.

    `placement`: float64 (n, PLACEMENT); `boxes`: float64 (n, 4), x0, y0, x1, y1 of each glyph.
    """
    x0, y0, x1, y1 = 1e30, 1e30, -1e30, -1e30
    for g in range(count):
        frame, box = placement[g], boxes[g]
        if box[2] > box[0]:
            for corner in range(4):
                u, v = box[2 * (corner % 2)], box[1 + 2 * (corner // 2)]
                x = frame[P_XX] * u + frame[P_XY] * v + frame[P_X]
                y = frame[P_YX] * u + frame[P_YY] * v + frame[P_Y]
                x0, x1, y0, y1 = min(x0, x), max(x1, x), min(y0, y), max(y1, y)
    return x0, y0, x1, y1


_ALONG = ((0.0, 1.0), (-1.0, 0.0), (0.0, -1.0), (1.0, 0.0))  # the sides after each corner: right, bottom, left, top


@kernel
def rounded_rectangle(x0, y0, x1, y1, r):  # type: ignore[no-untyped-def]
    """Its outline, clockwise on the screen, float64 (n, 2), in steps of at most half a unit, so that warps can bend it.

    `r`: radius of its corners, no more than half of the shorter side. A quarter of a circle is seven chords.
    """
    across, down = x1 - x0 - 2.0 * r, y1 - y0 - 2.0 * r
    wide, high = min(max(math.ceil(2.0 * across), 1), 200), min(max(math.ceil(2.0 * down), 1), 200)
    out = np.empty((32 + 2 * (wide + high), 2))
    n = 0
    for k in range(4):
        cx, cy = x1 - r if k < 2 else x0 + r, y0 + r if k == 0 or k == 3 else y1 - r
        for i in range(8):
            angle = 0.5 * math.pi * (k - 1 + i / 7.0)
            out[n, 0], out[n, 1] = cx + r * math.cos(angle), cy + r * math.sin(angle)
            n += 1
        steps, length = (high, down) if k % 2 == 0 else (wide, across)
        dx, dy = _ALONG[k]
        x, y = out[n - 1, 0], out[n - 1, 1]
        for i in range(1, steps + 1):
            t = length * i / steps
            out[n, 0], out[n, 1] = x + t * dx, y + t * dy
            n += 1
    return out


def _box_paths(mark: Mark, layout: Layout, own: Polylines, warp: Warp) -> list[Points]:
    """A frame or an oval around all of the text, as polylines in pixels."""
    x0, y0, x1, y1 = ink_box(layout.placement, own.boxes, layout.own)
    x0, y0, x1, y1 = x0 - mark.offset, y0 - mark.offset, x1 + mark.offset, y1 + mark.offset
    if mark.style == "oval":
        t = np.linspace(0.0, 2.0 * math.pi, 65)
        # An oval that holds the box's corners, nearly.
        a, b = 0.5 * (x1 - x0) + 0.25, 0.6 * (y1 - y0) + 0.05
        oval = np.stack([0.5 * (x0 + x1) + a * np.cos(t), 0.5 * (y0 + y1) + b * np.sin(t)], 1)
        return [_warped(oval, warp)]
    paths = []
    for grow in (0.0, 2.2 * mark.width) if mark.style == "double" else (0.0,):
        left, top, right, bottom = x0 - grow, y0 - grow, x1 + grow, y1 + grow
        for a, b in (
            ((left, top), (right, top)),
            ((right, top), (right, bottom)),
            ((right, bottom), (left, bottom)),
            ((left, bottom), (left, top)),
        ):
            paths.append(_warped(_straight(a, b, math.dist(a, b)), warp))
    return paths


def _stamp(image: Image, seal: Seal, catalogue: Catalogue, store: OutlineStore, em: float, aspect: float) -> None:
    """Print a stamp over the image, in place: transparent ink, unevenly pressed."""
    height, width = image.shape[:2]
    instance = store.instance(catalogue.face(seal.font.face), seal.font.variation)
    turn = 4.0
    layout_params = LayoutParams(curve="arc", turn=turn) if seal.round else LayoutParams()
    layout = lay_out((seal.text,), (), instance, store, layout_params)
    radius = seal.size * em
    frames = layout.placement
    if seal.round:
        arc = layout.width / (2.0 * math.sin(min(0.5 * turn, 0.5 * math.pi)))
        letter = min(0.78 * radius / arc, 0.45 * radius)
        cx = float((frames[:, P_X] + 0.25 * frames[:, P_XX] - arc * frames[:, P_YX]).mean())
        cy = float((frames[:, P_Y] + 0.25 * frames[:, P_YX] + arc * frames[:, P_XX]).mean())
    else:
        letter, cx, cy = 0.7 * radius, 0.0, 0.0
    warp = make_warp(WarpParams(rotation=seal.rotation), layout.width, layout.height)
    c, s = math.cos(seal.rotation), math.sin(seal.rotation)
    x, y = seal.x * width, seal.y * height
    warp[W_FIT : W_FIT + 4] = (
        letter * aspect,
        letter,
        x - letter * aspect * (c * cx - s * cy),
        y - letter * (s * cx + c * cy),
    )
    lines = flatten_glyphs(store, layout.slots, layout.placement, warp, 1.0)
    coverage = np.zeros((height, width), np.float32)
    fill(lines.points, lines.contour_ends, lines.glyph_ends, 0.0, 0.0, coverage)
    rings: list[Points] = []
    if seal.round:
        t = np.linspace(0.0, 2.0 * math.pi, 73)
        circle = np.stack([aspect * np.cos(t), np.sin(t)], 1)
        rings = [np.array([x, y]) + r * radius * circle for r in (1.12, 0.6)]
    else:
        a, b = 0.5 * layout.width + 0.35, 0.62
        corners = np.array([[-a, -b], [a, -b], [a, b], [-a, b], [-a, -b]])
        turned = np.stack([c * corners[:, 0] - s * corners[:, 1], s * corners[:, 0] + c * corners[:, 1]], 1)
        rings = [np.array([x, y]) + letter * turned * np.array([aspect, 1.0])]
    np.maximum(coverage, stroke(rings, 0.05 * radius, height, width), out=coverage)
    _rub(coverage, seal.worn, seal.key, em)
    stain(image, coverage, np.array(colour(32.0, 0.9, seal.hue)), seal.opacity)


def _rub(coverage: Coverage, share: float, key: int, em: float) -> None:
    """Take ink away where it was not pressed, in place."""
    field, factor, x, y = choose_level("worn", key, 80.0 / em)
    values = np.empty_like(coverage)
    plane_field(
        np.array([1.0, 0, 0, 0, 1.0, 0, 0, 0, 1.0]), field, 80.0 * factor / em, 80.0 * factor / em, x, y, values
    )
    coverage *= np.clip((values - np.float32(share)) / np.float32(0.3) + np.float32(0.5), 0.0, 1.0)


def _scratches(record: InterferenceParams, height: int, width: int, em: float) -> Coverage:
    draws = Draws(record.key, Stage.INTERFERENCE, 1)
    area = height * width / (em * em)
    out = np.zeros((height, width), np.float32)
    for thickness, part in ((0.008, 0.6), (0.018, 0.3), (0.035, 0.1)):
        lines = []
        for _ in range(min(int(record.scratches * area * part + draws.random()), 60)):
            angle = record.scratch_angle + draws.normal(0.0, 0.5)
            x, y = draws.uniform(-0.1, 1.1) * width, draws.uniform(-0.1, 1.1) * height
            length, bend = draws.log_uniform(0.3, 4.0) * em, draws.normal(0.0, 0.25)
            path = [(x, y)]
            for step in range(6):
                heading = angle + bend * step / 6
                x, y = x + length / 6 * math.cos(heading), y + length / 6 * math.sin(heading)
                path.append((x, y))
            lines.append(np.array(path))
        np.maximum(out, stroke(lines, thickness * em, height, width), out=out)
    return out


def _specks(record: InterferenceParams, height: int, width: int, em: float) -> Coverage:
    draws = Draws(record.key, Stage.INTERFERENCE, 2)
    count = min(int(record.specks * height * width / (em * em) + draws.random()), 400)
    points = np.empty((7 * count, 2))
    r = draws.random
    for i in range(count):
        x, y = r() * width, r() * height
        size = record.speck_size * em * draws.log_uniform(0.4, 2.5)
        for k, (c, s) in enumerate(_HEPTAGON):
            reach = size * (0.5 + 0.8 * r())
            points[7 * i + k] = x + reach * c, y + reach * s
    out = np.zeros((height, width), np.float32)
    ends = np.arange(1, count + 1)
    fill(points, 7 * ends, ends, 0.0, 0.0, out)
    return out


def _occlude(image: Image, record: Occluder, em: float) -> Coverage:
    """Put an object before the text, with its shadow, in place. Returns its coverage."""
    height, width = image.shape[:2]
    draws = Draws(record.key, Stage.INTERFERENCE, 3)
    x, y = record.x * width, record.y * height
    c, s = math.cos(record.angle), math.sin(record.angle)
    far = 2.0 * (height + width)
    if record.shape == "bar":
        # Across the text rather than along it.
        c, s = 0.35 * c, math.copysign(1.0, s)
        norm = math.hypot(c, s)
        c, s = c / norm, s / norm
        half = 0.5 * record.share * width * abs(s)
        outline = np.array(
            [
                (x + a * far * c - b * half * s, y + a * far * s + b * half * c)
                for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))
            ]
        )
    elif record.shape == "blob":
        # An ellipse of that area, its edge uneven.
        size = math.sqrt(record.share * height * width / math.pi)
        long = min(size * 1.5, 0.45 * width)
        short = record.share * height * width / (math.pi * long)
        phases = [draws.uniform(0.0, 2.0 * math.pi) for _ in range(3)]
        points = []
        for k in range(36):
            t = 2.0 * math.pi * k / 36
            wave = 1.0 + sum(0.16 / n * math.sin((n + 1) * t + p) for n, p in enumerate(phases, 1))
            a, b = long * wave * math.cos(t), short * wave * math.sin(t)
            points.append((x + a * c - b * s, y + a * s + b * c))
        outline = np.array(points)
    else:
        side = width if c > 0.0 else 0.0
        inner = side - math.copysign(record.share * width, c)
        lean = 0.4 * s * height
        outline = np.array(
            [
                (side + math.copysign(far, c), -far),
                (inner + lean, -1.0),
                (inner - lean, height + 1.0),
                (side + math.copysign(far, c), far),
            ]
        )
    hidden = np.zeros((height, width), np.float32)
    ends = np.array([len(outline)])
    one = np.array([1])
    shade = np.zeros_like(hidden)
    fill(outline, ends, one, 0.06 * em, 0.08 * em, shade)
    soften(shade, max(0.07 * em, 0.5))
    black = np.zeros(3)
    over(image, shade, _NO_CUT, black, black, _NO_RAMP, 0.4)
    fill(outline, ends, one, 0.0, 0.0, hidden)
    if record.soft * em > 0.3:
        soften(hidden, record.soft * em)
    near = np.array(colour(record.lightness, record.saturation, record.hue))
    ramp = np.array([-s / (0.8 * width), c / (0.8 * width), 0.5])
    over(image, hidden, _NO_CUT, near, 0.55 * near, ramp, 1.0)
    return hidden
