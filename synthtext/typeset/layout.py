"""Where each glyph goes: lines, spacing, curves and jitter; in text space, before any warp."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from synthtext.config import LayoutConfig
from synthtext.kernel import kernel
from synthtext.raster.outline import (
    P_CONTRAST,
    P_ROUGH,
    P_SEED,
    P_SHEAR,
    P_STRETCH,
    P_WEIGHT,
    P_X,
    P_XX,
    P_XY,
    P_Y,
    P_YX,
    P_YY,
    PLACEMENT,
)
from synthtext.rng import Draws, philox4x32
from synthtext.typeset.outlines import FontInstance, OutlineStore
from synthtext.typeset.shaping import ShapedWord, shape
from synthtext.weights import pick

_CURVES = {"straight": 0, "arc": 1, "free": 2}
_ALIGN = {"left": 0.0, "center": 0.5, "right": 1.0}


class LayoutRecord(Struct, frozen=True):
    """What was drawn for a layout. Lengths in em, angles in radians (clockwise on the screen positive)."""

    curve: str = "straight"
    turn: float = 0.0  # of the baseline from its start to its end (arc), or its steepest slope times two (free)
    waves: float = 1.0  # of a free curve, along the line
    phase: float = 0.0
    letter_spacing: float = 0.0
    word_spacing: float = 1.0
    line_spacing: float = 1.2
    slant: float = 0.0
    weight: float = 0.0
    stretch: float = 1.0
    jitter: float = 0.0
    jitter_key: int = 0
    align: str = "left"
    stroke_contrast: float = 0.0
    roughness: float = 0.0
    rounding: float = 0.0  # a multiple of ROUNDING_STEP


ROUNDING_STEP = 0.005  # em: outlines are rounded once for each radius, and kept


def draw_layout(draws: Draws, config: LayoutConfig, lines: int) -> LayoutRecord:
    """Draw a layout for a text of so many lines; several lines stay straight."""
    turn, waves, phase = 0.0, 1.0, 0.0
    curve = pick(draws, config.curve)
    if lines > 1:
        curve = "straight"
    elif curve != "straight":
        turn = math.radians(draws.uniform(*config.curvature)) * (1.0 if draws.random() < 0.5 else -1.0)
        waves, phase = draws.uniform(0.4, 1.2), draws.uniform(0.0, 2.0 * math.pi)
    letter_spacing = slant = weight = jitter = 0.0
    jitter_key = 0
    if draws.chance(config.letter_spacing.share):
        letter_spacing = draws.uniform(*config.letter_spacing.strength)
    if draws.chance(config.slant.share):
        slant = math.radians(draws.uniform(*config.slant.strength))
    if draws.chance(config.weight.share):
        weight = draws.uniform(*config.weight.strength)
    if draws.chance(config.jitter.share):
        jitter, jitter_key = draws.uniform(*config.jitter.strength), draws.key()
    word_spacing, line_spacing = draws.uniform(*config.word_spacing), draws.uniform(*config.line_spacing)
    stretch, align = draws.log_uniform(*config.stretch), pick(draws, config.align)
    stroke_contrast = roughness = rounding = 0.0
    if draws.chance(config.stroke_contrast.share):
        stroke_contrast = draws.uniform(*config.stroke_contrast.strength)
    if draws.chance(config.roughness.share):
        roughness, jitter_key = draws.uniform(*config.roughness.strength), jitter_key or draws.key()
    if draws.chance(config.rounding.share):
        rounding = ROUNDING_STEP * round(draws.uniform(*config.rounding.strength) / ROUNDING_STEP)
    return LayoutRecord(
        curve,
        turn,
        waves,
        phase,
        letter_spacing,
        word_spacing,
        line_spacing,
        slant,
        weight,
        stretch,
        jitter,
        jitter_key,
        align,
        stroke_contrast,
        roughness,
        rounding,
    )


@kernel
def _place(glyphs, params, out):  # type: ignore[no-untyped-def]
    """Place the glyphs of one line; see `LayoutRecord`.

    `glyphs`: float64 (4, n): advances, x and y offsets, and the em before each glyph (blanks between words).
    `params`: curve, turn, waves, phase, letter spacing, slant, weight, stretch, jitter, x of the line's
    start, y of its baseline, jitter key (two halves), number of the line, stroke contrast, roughness.
    """
    curve, turn, waves, phase = int(params[0]), params[1], params[2], params[3]
    spacing, shear, weight, stretch, jitter = params[4], math.tan(params[5]), params[6], params[7], params[8]
    advances, x_offsets, y_offsets, gaps = glyphs[0], glyphs[1], glyphs[2], glyphs[3]
    n = glyphs.shape[1]
    length = 0.0
    for i in range(n):
        length += gaps[i] + stretch * advances[i] + spacing
    length = max(length - spacing, 1e-6)
    pen = 0.0
    # Along a curve the baseline is walked in small steps; (x, y) is where s em of it have been walked.
    x, y, s = params[9], params[10], 0.0
    for i in range(n):
        pen += gaps[i]
        width = stretch * advances[i]
        middle = pen + 0.5 * width
        while s < middle:
            step = min(0.1, middle - s)
            angle = _angle(curve, turn, waves, phase, (s + 0.5 * step) / length)
            x += step * math.cos(angle)
            y += step * math.sin(angle)
            s += step
        angle = _angle(curve, turn, waves, phase, middle / length)
        # A zero-width mark stands behind the middle of what was walked: step back along the tangent.
        back = middle - s
        px, py = x + back * math.cos(angle), y + back * math.sin(angle)
        dx, dy = 0.0, 0.0
        if jitter > 0.0:
            a, b, c, _ = philox4x32(
                np.uint64(i), np.uint64(params[13]), 0, 0, np.uint64(params[11]), np.uint64(params[12])
            )
            dx = jitter * (a * 4.656612873077393e-10 - 1.0)
            dy = jitter * (b * 4.656612873077393e-10 - 1.0)
            angle += jitter * (c * 4.656612873077393e-10 - 1.0) * (60.0 * math.pi / 180.0)
        cos, sin = math.cos(angle), math.sin(angle)
        lx, ly = stretch * x_offsets[i] - 0.5 * width + dx, -y_offsets[i] + dy
        out[i, P_SHEAR], out[i, P_STRETCH], out[i, P_WEIGHT] = shear, stretch, weight
        # Every glyph wanders in its own place of the noise, two of the same letter differently.
        out[i, P_CONTRAST], out[i, P_ROUGH] = params[14], params[15]
        out[i, P_SEED] = params[11] + 7919.0 * i + 104729.0 * params[13]
        out[i, P_XX], out[i, P_XY], out[i, P_YX], out[i, P_YY] = cos, sin, sin, -cos
        out[i, P_X] = px + cos * lx - sin * ly
        out[i, P_Y] = py + sin * lx + cos * ly
        pen += width + spacing


@kernel
def _angle(curve, turn, waves, phase, t):  # type: ignore[no-untyped-def]
    if curve == 1:
        return turn * (t - 0.5)
    if curve == 2:
        return 0.5 * turn * math.sin(2.0 * math.pi * waves * t + phase)
    return 0.0


@kernel
def _centre(placement, own):  # type: ignore[no-untyped-def]
    """Move the origin into the middle of the first `own` glyphs, in place. Returns their width and height, about."""
    x0, y0, x1, y1 = 1e30, 1e30, -1e30, -1e30
    for i in range(own):
        x, y = placement[i, P_X], placement[i, P_Y]
        x0, x1, y0, y1 = min(x0, x), max(x1, x + 0.5), min(y0, y - 0.75), max(y1, y + 0.25)
    for i in range(placement.shape[0]):
        placement[i, P_X] -= 0.5 * (x0 + x1)
        placement[i, P_Y] -= 0.5 * (y0 + y1)
    return x1 - x0, y1 - y0


class Extra(Struct, frozen=True, eq=False):
    """Text that is drawn but not labelled: a neighbour. `line`: the line's number (-1 above the first).

    `side`: "left" or "right" of that line's own text, or "line" for a line of its own, `shift` em along.
    """

    text: str
    line: int
    side: str
    shift: float = 0.0


class Layout(Struct, frozen=True, eq=False):
    """Placed text. Arrays as the raster takes them; the labelled glyphs come first, then those of extras.

    `slots` int64 (n,); `placement` float64 (n, PLACEMENT), text space with the origin in the text's middle;
    `own`: how many glyphs are labelled; `cells` int64 (c, 2); `words` int64 (m, 2): cells of each word in visual
    order; `char_texts`: per cell; `word_texts`, `word_lines`, `word_rtl`; `width`, `height`: em, about; `curved`.
    """

    slots: npt.NDArray[np.int64]
    placement: npt.NDArray[np.float64]
    own: int
    cells: npt.NDArray[np.int64]
    words: npt.NDArray[np.int64]
    char_texts: list[tuple[str, ...]]
    word_texts: list[str]
    word_lines: list[int]
    word_rtl: list[bool]
    width: float
    height: float
    curved: bool


def _natural_width(words: list[ShapedWord], blank: float, record: LayoutRecord) -> float:
    glyphs = sum(len(w.slots) for w in words)
    advance = sum(sum(w.advances) for w in words)
    return record.stretch * advance + record.letter_spacing * max(glyphs - 1, 0) + blank * (len(words) - 1)


def lay_out(
    lines: tuple[str, ...],
    extras: tuple[Extra, ...],
    instance: FontInstance,
    store: OutlineStore,
    record: LayoutRecord,
) -> Layout:
    """Shape and place lines of text, and the extras around them. Each line holds at least one visible character."""
    spaced = record.letter_spacing != 0.0
    blank = _blank(instance) * record.word_spacing * record.stretch + record.letter_spacing
    shaped = [[shape(instance, store, word, spaced) for word in line.split()] for line in lines]
    widths = [_natural_width(words, blank, record) for words in shaped]
    widest = max(widths)
    slots: list[int] = []
    parts: list[npt.NDArray[np.float64]] = []
    cells: list[tuple[int, int]] = []
    words: list[tuple[int, int]] = []
    char_texts: list[tuple[str, ...]] = []
    word_texts: list[str] = []
    word_lines: list[int] = []
    word_rtl: list[bool] = []
    starts = [(widest - width) * _ALIGN[record.align] for width in widths]
    for number, (line, row) in enumerate(zip(lines, shaped, strict=True)):
        for text, word in zip(line.split(), row, strict=True):
            first = len(cells)
            at = len(slots)
            slots += word.slots
            cells += [(at + a, at + b) for a, b in word.cells]
            char_texts += word.cell_chars
            words.append((first, len(cells)))
            word_texts.append(text)
            word_lines.append(number)
            word_rtl.append(word.rtl)
        parts.append(_placed(row, blank, record, starts[number], number * record.line_spacing, number))
    own = len(slots)
    for number, extra in enumerate(extras):
        row = [shape(instance, store, word, spaced) for word in extra.text.split()]
        width = _natural_width(row, blank, record)
        if extra.side == "left":
            x = starts[extra.line] - blank - width
        elif extra.side == "right":
            x = starts[extra.line] + widths[extra.line] + blank
        else:
            x = 0.5 * (widest - width) + extra.shift
        for word in row:
            slots += word.slots
        # Beside a curved line the neighbour stands on the tangent's height; only a piece of it is seen.
        straight = LayoutRecord(
            letter_spacing=record.letter_spacing,
            slant=record.slant,
            weight=record.weight,
            stroke_contrast=record.stroke_contrast,
            roughness=record.roughness,
            stretch=record.stretch,
            jitter=record.jitter,
            jitter_key=record.jitter_key,
        )
        parts.append(_placed(row, blank, straight, x, extra.line * record.line_spacing, 1000 + number))
    placement = np.concatenate(parts) if len(parts) > 1 else parts[0]
    width, height = _centre(placement, own)
    return Layout(
        np.array(slots),
        placement,
        own,
        np.array(cells),
        np.array(words),
        char_texts,
        word_texts,
        word_lines,
        word_rtl,
        width,
        height,
        record.curve != "straight" or record.jitter > 0.0,
    )


def _blank(instance: FontInstance) -> float:
    glyph = instance.font.get_nominal_glyph(0x20)
    return instance.font.get_glyph_h_advance(glyph) * instance.scale if glyph else 0.25


def _placed(
    row: list[ShapedWord], blank: float, record: LayoutRecord, x: float, y: float, number: int
) -> npt.NDArray[np.float64]:
    if len(row) == 1:
        word = row[0]
        advances, x_offsets, y_offsets = word.advances, word.x_offsets, word.y_offsets
    else:
        advances = [v for word in row for v in word.advances]
        x_offsets = [v for word in row for v in word.x_offsets]
        y_offsets = [v for word in row for v in word.y_offsets]
    gaps = [0.0] * len(advances)
    at = 0
    for word in row[:-1]:
        at += len(word.slots)
        gaps[at] = blank - record.letter_spacing
    params = (
        float(_CURVES[record.curve]),
        record.turn,
        record.waves,
        record.phase,
        record.letter_spacing,
        record.slant,
        record.weight,
        record.stretch,
        record.jitter,
        x,
        y,
        float(record.jitter_key & 0xFFFFFFFF),
        float(record.jitter_key >> 32),
        float(number),
        record.stroke_contrast,
        record.roughness,
    )
    out = np.empty((len(advances), PLACEMENT))
    _place(np.array([advances, x_offsets, y_offsets, gaps]), np.array(params), out)
    return out
