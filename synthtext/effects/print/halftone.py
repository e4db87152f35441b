"""The screens of print."""

from __future__ import annotations

import math

import numpy as np

from synthtext.core.kernel import kernel
from synthtext.core.records import Angle
from synthtext.core.rng import Draws
from synthtext.core.srgb import LUMINANCE
from synthtext.effects.canvas import Canvas
from synthtext.effects.effect import Effect, EffectParams, Stock


class Halftone(Effect):
    """The screens of four-colour (or black) print; em from dot to dot."""

    strength = (0.04, 0.12)
    limits = (0.01, 0.5)
    sheet = True
    gallery = ("paint.contrast=[50, 50]", "paint.background.kinds={photo: 1}")

    class Params(EffectParams, frozen=True):
        """`angle`: by which all screens are turned, radians. `black`: one screen only, of black ink."""

        angle: Angle
        black: bool

    def draw(self, draws: Draws, strength: float, stock: Stock) -> Params:
        return self.Params(strength=strength, angle=draws.uniform(0.0, 0.5 * math.pi), black=draws.chance(0.5))

    def after(self, canvas: Canvas, params: Params) -> None:
        pitch = params.strength
        halftone(canvas.image, canvas.plane, pitch, params.angle, params.black, pitch * canvas.across)


@kernel
def halftone(image, plane, pitch, angle, black, detail):
    """Print a picture, float32 (H, W, 3) linear light, in dots, in place.

    `plane`: float64 (9,), pixels to em. `pitch`: em from dot to dot. The screens of cyan, magenta, yellow and black
    are turned by 15, 75, 0 and 45 degrees, and `angle` radians; with `black`, there is one screen, of the luminance.
    Ink of coverage a lets 1 - a of the light through (Murray and Davies, 1936); where three inks lie, black replaces
    them. The cell's threshold is the sum of two triangle waves, spread evenly by its distribution: dots grow from
    diamonds to a chequerboard to holes. `detail`: pixels from dot to dot; under 1.6 the
    dots are not seen, above that more and more.
    """
    steep = max(detail / 2.8, 0.8)
    fine = np.float32(min(max((detail - 1.6) / 5.0, 0.0), 0.65))
    cos, sin = np.empty(4), np.empty(4)
    for k in range(4):
        turn = angle + math.pi / 180.0 * (15.0 if k == 0 else 75.0 if k == 1 else 0.0 if k == 2 else 45.0)
        cos[k], sin[k] = math.cos(turn) / pitch, math.sin(turn) / pitch
    ink = np.empty(4)
    for y in range(image.shape[0]):
        for x in range(image.shape[1]):
            px, py = x + 0.5, y + 0.5
            w = 1.0 / (plane[6] * px + plane[7] * py + plane[8])
            u = (plane[0] * px + plane[1] * py + plane[2]) * w
            v = (plane[3] * px + plane[4] * py + plane[5]) * w
            r, g, b = image[y, x, 0], image[y, x, 1], image[y, x, 2]
            if black:
                ink[0], ink[1], ink[2] = 0.0, 0.0, 0.0
                ink[3] = 1.0 - min(LUMINANCE[0] * r + LUMINANCE[1] * g + LUMINANCE[2] * b, 1.0)
            else:
                most = min(max(r, g, b, np.float32(1e-3)), np.float32(1.0))
                ink[3] = 1.0 - most
                ink[0], ink[1], ink[2] = 1.0 - r / most, 1.0 - g / most, 1.0 - b / most
            for k in range(4):
                if ink[k] > 0.004:
                    a, c = cos[k] * u + sin[k] * v, cos[k] * v - sin[k] * u
                    s = abs(2.0 * (a - np.floor(a)) - 1.0) + abs(2.0 * (c - np.floor(c)) - 1.0)
                    threshold = 0.5 * s * s if s < 1.0 else 1.0 - 0.5 * (2.0 - s) * (2.0 - s)
                    ink[k] = min(max((ink[k] - threshold) * steep + 0.5, 0.0), 1.0)
            light = np.float32(1.0 - ink[3])
            if black:
                # The paper's own colour stays under black ink.
                tone = max(r, g, b)
                tone = np.float32(1.0) / tone if tone > np.float32(0.02) else np.float32(0.0)
                r1, g1, b1 = light * r * tone, light * g * tone, light * b * tone
            else:
                r1, g1, b1 = (
                    light * np.float32(1.0 - ink[0]),
                    light * np.float32(1.0 - ink[1]),
                    light * np.float32(1.0 - ink[2]),
                )
            image[y, x, 0] = r + fine * (r1 - r)
            image[y, x, 1] = g + fine * (g1 - g)
            image[y, x, 2] = b + fine * (b1 - b)
