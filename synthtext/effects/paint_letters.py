"""Letters painted with their effects: what lies behind them, the paint, what shapes it, and what takes it away."""

from __future__ import annotations

import numpy as np

from synthtext.effects.canvas import Canvas, Colour, Image
from synthtext.effects.registry import EFFECTS, Applied
from synthtext.labels.legibility import lightness_of
from synthtext.paint.composite import make_room
from synthtext.paint.ink import Ink, PaintParams, paint_text
from synthtext.paint.wear import reveal

_NONE = np.empty((0, 0), np.float32)


class _Hooked(Ink):
    """Runs the hooks at the points at which `paint_text` asks for them."""

    def __init__(self, canvas: Canvas, applied: Applied) -> None:
        self.canvas, self.applied = canvas, applied
        self.under: Image | None = None

    def behind(self, image: Image, tone: float, tint: Colour) -> None:
        canvas = self.canvas
        canvas.tone, canvas.tint = tone, tint
        if self.applied.any("wear"):
            self.under = image.copy()
        self.applied.run("behind", canvas)

    def over(self, image: Image, tint: Colour) -> None:
        self.applied.run("over", self.canvas)


def paint_letters(canvas: Canvas, paint: PaintParams, applied: Applied, lightness: float | None = None) -> Image:
    """Paint the text of a canvas with its effects, in place.

    `lightness`: of the text; None: by `paint.contrast` from the ground's.
    Returns by how much lightness this changed the image, float32 (H, W), where letters are more than their ink; else
    an array of shape (0, 0).
    """
    image, painted = canvas.image, _NONE
    if paint.border or any(EFFECTS[path].adorns for path in applied):
        painted, before = np.empty((2, canvas.height, canvas.width), np.float32)
        lightness_of(image.transpose(0, 2, 1), before)
    canvas.drawn = canvas.written
    applied.run("cover", canvas)
    if lightness is None:
        planes = image.transpose(0, 2, 1)
        lightness = float(make_room(planes, canvas.drawn, paint.contrast, paint.darker, paint.shade)[0])
    ink = _Hooked(canvas, applied)
    paint_text(
        image,
        canvas.drawn,
        canvas.outlines,
        paint,
        canvas.library,
        canvas.em,
        canvas.aspect,
        lightness,
        canvas.light,
        ink,
    )
    if ink.under is not None:
        canvas.keep = np.ones_like(canvas.written)
        applied.run("wear", canvas)
        reveal(image, ink.under, canvas.keep)
        canvas.seen = canvas.seen * canvas.keep
    if painted is not _NONE:
        lightness_of(image.transpose(0, 2, 1), painted)
        painted -= before
    return painted
