"""How a page was printed: its screens, missing toner, faded thermal paper, dots, the other side of the sheet, fax."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Annotated

import numpy as np
import numpy.typing as npt
from msgspec import Meta

from synthtext.core.applied import draw_applied
from synthtext.core.kernel import kernel
from synthtext.core.records import Amount, Angle, Key, Number, Part, Record
from synthtext.core.rng import Draws
from synthtext.effects.effects_config import PrintConfig
from synthtext.effects.marks import stain
from synthtext.geometry.warp import W_FIT, WarpParams, make_warp
from synthtext.paint.composite import soften
from synthtext.raster.coverage import fill
from synthtext.raster.polylines import flatten_glyphs
from synthtext.typeset.catalogue import Catalogue, FontRecord
from synthtext.typeset.layout import LayoutParams, lay_out
from synthtext.typeset.outlines import OutlineStore

Image = npt.NDArray[np.float32]
Coverage = npt.NDArray[np.float32]


class Reverse(Record, frozen=True):
    """The other side of a sheet: its lines and font, shift in em, and how much of its ink is seen through."""

    lines: tuple[str, ...]
    font: FontRecord
    x: Number
    y: Number
    opacity: Part


class PrintParams(Record, frozen=True):
    """What was drawn: strengths of `PrintConfig` (0: not applied), and how they look.

    `screen_angle`: by which all screens are turned, radians. `black`: one screen only, of black ink. `key`: of the
    fields of missing ink. `fax_bias`: by which the scanner's threshold lies off the middle, in 8-bit levels.
    """

    halftone: Amount = 0.0
    screen_angle: Angle = 0.0
    black: bool = False
    toner_loss: Amount = 0.0
    thermal: Amount = 0.0
    dot_matrix: Amount = 0.0
    show_through: Reverse | None = None
    fax: Amount = 0.0
    fax_bias: Annotated[float, Meta(ge=-255.0, le=255.0)] = 0.0
    key: Key = 0

    @property
    def masks(self) -> bool:
        """Whether any of it takes ink away."""
        return self.toner_loss > 0.0 or self.thermal > 0.0


NO_PRINT = PrintParams()


def draw_print(
    draws: Draws, config: PrintConfig, catalogue: Catalogue, words: Callable[[Draws, int], str]
) -> PrintParams:
    """Draw how a page was printed. `words(draws, characters)` makes text of about that length, for its other side."""
    applied = draw_applied(draws, config)
    if not applied:
        return NO_PRINT
    angle, black, key = draws.uniform(0.0, 0.5 * math.pi), draws.chance(0.5), draws.key()
    bias = draws.normal(0.0, 10.0)
    reverse = None
    if "show_through" in applied:
        lines = tuple(line for line in (words(draws, 18) for _ in range(3)) if line)
        font = catalogue.draw(draws, "".join(lines)) if lines else None
        if font is not None:
            reverse = Reverse(lines, font, draws.uniform(-3.0, 3.0), draws.uniform(-0.7, 0.7), applied["show_through"])
    return PrintParams(
        applied.get("halftone", 0.0),
        angle,
        black,
        applied.get("toner_loss", 0.0),
        applied.get("thermal", 0.0),
        applied.get("dot_matrix", 0.0),
        reverse,
        applied.get("fax", 0.0),
        bias if "fax" in applied else 0.0,
        key,
    )


def apply_reverse(
    image: Image, record: Reverse, rotation: float, catalogue: Catalogue, store: OutlineStore, em: float, aspect: float
) -> None:
    """Let the sheet's other side show through, in place: mirrored, and blurred by the paper.

    `image`: float32 (H, W, 3). `rotation`: of the text in front, radians. `em`: pixels.
    """
    height, width = image.shape[:2]
    instance = store.instance(catalogue.face(record.font.face), record.font.variation)
    layout = lay_out(record.lines, (), instance, store, LayoutParams(line_spacing=1.25))
    warp = make_warp(WarpParams(rotation=-rotation), layout.width, layout.height)
    # Mirrored, so that the rotation shows the other way round.
    warp[W_FIT : W_FIT + 4] = -em * aspect, em, 0.5 * width + record.x * em * aspect, 0.5 * height + record.y * em
    lines = flatten_glyphs(store, layout.slots, layout.placement, warp, 1.0)
    coverage = np.zeros((height, width), np.float32)
    fill(lines.points, lines.contour_ends, lines.glyph_ends, 0.0, 0.0, coverage)
    soften(coverage, max(0.035 * em, 0.3))
    stain(image, coverage, np.zeros(3), record.opacity)


@kernel
def halftone(image, plane, pitch, angle, black, detail):  # type: ignore[no-untyped-def]
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
                ink[3] = 1.0 - min(0.2126 * r + 0.7152 * g + 0.0722 * b, 1.0)
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


@kernel
def fade(keep, cloud, plane, pitch, strength, key):  # type: ignore[no-untyped-def]
    """Multiply `keep`, float32 (H, W), by what has not faded of a thermal print, in place.

    `cloud`: float32 (H, W) in [0, 1], where heat and light took more. `plane`: float64 (9,), pixels to em. The print
    head's elements stand `pitch` em apart along the text; some of them, by `key`, are weak or dead, which leaves light
    columns. `strength` in [0, 1].
    """
    for y in range(keep.shape[0]):
        for x in range(keep.shape[1]):
            px, py = x + 0.5, y + 0.5
            w = 1.0 / (plane[6] * px + plane[7] * py + plane[8])
            u = (plane[0] * px + plane[1] * py + plane[2]) * w
            at = u / pitch
            number = np.floor(at)
            near = at - number
            # Between the middles of two elements, both have their part.
            a, b = _element(number, key), _element(number + 1.0, key)
            weak = a + near * (b - a)
            left = 1.0 - strength * (0.35 + 0.75 * cloud[y, x] * cloud[y, x]) - strength * weak
            keep[y, x] *= np.float32(min(max(left, 0.04), 1.0))


@kernel
def _element(number, key):  # type: ignore[no-untyped-def]
    """How weak an element of a print head is: 0 for most, up to 1 for one that is dead."""
    z = np.uint64(int(number) + 1000000) * np.uint64(0x9E3779B97F4A7C15) ^ np.uint64(key)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    chance = (z >> np.uint64(40)) / 16777216.0
    return 0.0 if chance < 0.75 else (chance - 0.75) * 2.4


@kernel
def bilevel(codes, pitch, bias):  # type: ignore[no-untyped-def]
    """Scan in one bit a pixel, in place: black or white by the mean of each cell of `pitch` x `pitch` pixels.

    `codes`: uint8 (h, 3 w). The threshold is halfway between the means of what is darker and of what is lighter than
    the picture's mean (one step of Ridler and Calvard, 1978), plus `bias` levels.
    """
    height, width = codes.shape[0], codes.shape[1] // 3
    grey = np.empty((height, width))
    total = 0.0
    for y in range(height):
        for x in range(width):
            grey[y, x] = 0.299 * codes[y, 3 * x] + 0.587 * codes[y, 3 * x + 1] + 0.114 * codes[y, 3 * x + 2]
            total += grey[y, x]
    mean = total / (height * width)
    dark, darks, light, lights = 0.0, 0, 0.0, 0
    for y in range(height):
        for x in range(width):
            if grey[y, x] < mean:
                dark, darks = dark + grey[y, x], darks + 1
            else:
                light, lights = light + grey[y, x], lights + 1
    threshold = mean
    if darks > 0 and lights > 0:
        threshold = 0.5 * (dark / darks + light / lights)
    threshold += bias
    rows, columns = math.ceil(height / pitch), math.ceil(width / pitch)
    for j in range(rows):
        y0, y1 = int(j * pitch), min(max(int((j + 1) * pitch), int(j * pitch) + 1), height)
        for i in range(columns):
            x0, x1 = int(i * pitch), min(max(int((i + 1) * pitch), int(i * pitch) + 1), width)
            sums, count = 0.0, 0
            for y in range(y0, y1):
                for x in range(x0, x1):
                    sums, count = sums + grey[y, x], count + 1
            value = np.uint8(255) if count > 0 and sums / count >= threshold else np.uint8(0)
            for y in range(y0, y1):
                for x in range(3 * x0, 3 * x1):
                    codes[y, x] = value
