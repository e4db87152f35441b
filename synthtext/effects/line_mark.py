"""What underlines, strikes and boxes have in common: a line of some style that belongs to the text."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import numpy.typing as npt

from synthtext.core.records import Angle, Key, Lightness, Number, Part
from synthtext.core.rng import Draws
from synthtext.effects.canvas import Canvas
from synthtext.effects.effect import EffectParams
from synthtext.paint.colour import colour
from synthtext.paint.composite import NO_CUT, NO_RAMP, over
from synthtext.paint.strokes import Points, stroke, text_lines, warped
from synthtext.typeset.glyph_table import P_X, P_XX, P_XY, P_Y, P_YX, P_YY

Style = Literal["solid", "double", "dashed", "wavy", "pen", "oval"]


class LineMark(EffectParams, frozen=True):
    """A line along, through or around the text. Lengths in em, colours as of paint/colour.py. `strength`: its width.

    `style`: solid, double, dashed, wavy or pen (an unsteady hand); of a box: solid, double or oval. `offset`: of an
    underline below the baseline, of a strike above it, of a box from the ink. `tilt`: of a strike, radians.
    `own_colour`: the text's colour is taken. `first`, `last`: the part of the text's words that is marked, in [0, 1].
    `key`: of an unsteady hand.
    """

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


def draw_line_mark(draws: Draws, width: float, styles: tuple[Style, ...], offset: tuple[float, float]) -> LineMark:
    """Draw a line of one of the styles, at an offset from a range."""
    own = draws.chance(0.5)
    first = draws.uniform(0.0, 0.8) if draws.chance(0.2) else 0.0
    return LineMark(
        strength=width,
        style=draws.choice(styles),
        offset=draws.uniform(*offset),
        tilt=draws.normal(0.0, 0.02),
        own_colour=own,
        lightness=0.0 if own else draws.choice((5.0, 25.0, 40.0, 95.0)),
        saturation=0.0 if own else draws.random(),
        hue=0.0 if own else draws.choice((0.0, 4.0, 4.2, 1.6)),
        first=first,
        last=draws.uniform(first + 0.2, 1.0) if first else 1.0,
        key=draws.key(),
    )


def paint_line_mark(canvas: Canvas, mark: LineMark, paths: list[Points]) -> None:
    """Paint a mark over the text along polylines, in pixels; what lies under it is hidden."""
    coverage = stroke(paths, 0.5 * mark.strength * canvas.em, canvas.height, canvas.width)
    if mark.style == "pen":
        coverage *= np.float32(0.9)
    ink = canvas.light * np.array(colour(mark.lightness, mark.saturation, mark.hue))
    if mark.own_colour:
        ink = canvas.tint
    over(canvas.image, coverage, NO_CUT, ink, ink, NO_RAMP, 1.0)
    canvas.hide(coverage)


def _at(frame: npt.NDArray[np.float64], x: float, y: float) -> tuple[float, float]:
    return (
        float(frame[P_XX] * x + frame[P_XY] * y + frame[P_X]),
        float(frame[P_YX] * x + frame[P_YY] * y + frame[P_Y]),
    )


def line_paths(mark: LineMark, draws: Draws, height: float, tilt: float, canvas: Canvas) -> list[Points]:
    """A mark along each line of text, `height` em above its baseline, as polylines in pixels. `draws`: of a hand."""
    paths: list[Points] = []
    warp = canvas.warp
    for glyphs in text_lines(canvas.layout, canvas.outlines):
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
        path[:, 1] += math.tan(tilt) * (fine - 0.5 * length)
        if mark.style == "wavy":
            path[:, 1] += 1.2 * mark.strength * np.sin(fine / max(1.1 * mark.strength, 0.03))
        elif mark.style == "pen":
            for wave in (1.3, 3.1, 7.7):
                phase = draws.uniform(0.0, 2.0 * math.pi)
                path[:, 1] += 0.05 / wave * np.sin(wave * fine + phase)
        if mark.style == "double":
            gap = np.array([0.0, 1.1 * mark.strength])
            paths += [warped(path - gap, warp), warped(path + gap, warp)]
        elif mark.style == "dashed":
            dash = max(int(10.0 * 3.0 * max(mark.strength, 0.05)), 2)
            paths += [
                warped(path[i : i + dash], warp) for i in range(0, len(path), 2 * dash) if len(path[i : i + dash]) > 1
            ]
        else:
            paths.append(warped(path, warp))
    return paths
