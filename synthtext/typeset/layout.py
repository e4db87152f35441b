"""Where each glyph goes: lines, spacing, curves and jitter; in text space, before any warp."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt
from msgspec import Meta, Struct
from msgspec.structs import replace

from synthtext.core.errors import InputError
from synthtext.core.kernel import kernel, part
from synthtext.core.records import Amount, Angle, Key, Number, Part, Positive, Record
from synthtext.core.rng import AHEAD, Draws, Stage, choose, key_of, log_uniform, philox4x32, strength, uniform
from synthtext.core.section import params_table, weights_of
from synthtext.text import bidi
from synthtext.typeset.glyph_table import (
    P_CONTRAST,
    P_ROUGH,
    P_SEED,
    P_SHEAR,
    P_STRETCH,
    P_WAIST,
    P_WEIGHT,
    P_X,
    P_XX,
    P_XY,
    P_Y,
    P_YX,
    P_YY,
    PLACEMENT,
)
from synthtext.typeset.layout_config import LayoutConfig
from synthtext.typeset.outlines import FontInstance, OutlineStore
from synthtext.typeset.shaping import Fonts, Reading, ShapedLine, ShapedWord, is_plain, shape_line

_EACH_GLYPH = np.column_stack([np.arange(256), np.arange(256) + 1])  # the cells, where each glyph is one
_NO_PLACES = np.empty((0, 2), np.int64)
CURVES = ("straight", "arc", "free")
_ALIGNS = ("left", "center", "right")  # 0, 1 and 2 halves of the room go before a line


class LayoutParams(Record, frozen=True):
    """What was drawn for a layout. Lengths in em, angles in radians (clockwise on the screen positive)."""

    curve: Literal["straight", "arc", "free"] = "straight"
    turn: Angle = 0.0  # of the baseline from its start to its end (arc), or its steepest slope times two (free)
    waves: Amount = 1.0  # of a free curve, along the line
    phase: Angle = 0.0
    letter_spacing: Number = 0.0
    word_spacing: Number = 1.0
    line_spacing: Number = 1.2
    slant: Annotated[float, Meta(ge=-1.2, le=1.2)] = 0.0
    weight: Annotated[float, Meta(ge=-1.0, le=1.0)] = 0.0
    stretch: Positive = 1.0
    jitter: Amount = 0.0
    jitter_key: Key = 0
    align: Literal["left", "center", "right"] = "left"
    stroke_contrast: Annotated[float, Meta(ge=-1.0, le=1.0)] = 0.0
    roughness: Part = 0.0
    rounding: Part = 0.0  # a multiple of ROUNDING_STEP
    proportions: Part = 0.0  # letters' widths change by up to exp(this), either way


# What weight may take of the mean gap at either side, and of the mean stroke, whose hairlines are much thinner.
_FILLED, _THINNED = 0.2, 0.08
ROUNDING_STEP = 0.02  # em: outlines are rounded once for each radius, and kept
_WAIST = 0.4  # em that x-height and waist may move, for a factor of e on the widths


def layout_params_table(config: LayoutConfig) -> npt.NDArray[np.float64]:
    """The table that `sample_layout_params` draws from."""
    effects = (config.letter_spacing, config.slant, config.weight, config.jitter)
    ranges = (config.curvature, config.word_spacing, config.line_spacing, config.stretch)
    weights = weights_of(config.curve, CURVES), weights_of(config.align, _ALIGNS)
    return np.concatenate([weights, params_table(*effects, *ranges)])


@kernel
def sample_layout_params(u, table):
    """The fields of a LayoutParams, curve and align as numbers. `u`: uniforms, float64 (19 or more,)."""
    curve, align = choose(table[0], u[0]), choose(table[1], u[1])
    spacing = strength(table[2], u[2], u[3], 0.0)
    slant = math.radians(strength(table[3], u[4], u[5], 0.0))
    weight = strength(table[4], u[6], u[7], 0.0)
    jitter = strength(table[5], u[8], u[9], 0.0)
    key = key_of(u[10], u[11]) if jitter > 0.0 else 0
    turn, waves, phase = 0.0, 1.0, 0.0
    if curve > 0:
        turn = math.radians(uniform(table[6], u[12])) * (1.0 if u[13] < 0.5 else -1.0)
        waves, phase = 0.4 + 0.8 * u[14], 2.0 * math.pi * u[15]
    word_spacing, line_spacing = uniform(table[7], u[16]), uniform(table[8], u[17])
    stretch = log_uniform(table[9], u[18])
    return curve, turn, waves, phase, spacing, word_spacing, line_spacing, slant, weight, stretch, jitter, key, align


def layout_params(
    numbers: tuple[Any, ...], lines: int, outline: tuple[float, ...] = (), outline_key: int = 0
) -> LayoutParams:
    """The record of what `sample_layout_params` gave, for a text of so many lines; several lines stay straight.

    `outline`: what `sample_outline_params` gave; `outline_key`: the key of what it says is random by letter.
    """
    curve, turn, waves, phase, *others, key, align = numbers
    if lines > 1:
        curve, turn, waves, phase = 0, 0.0, 1.0, 0.0
    jitter = *others, key or outline_key
    return LayoutParams(CURVES[curve], turn, waves, phase, *jitter, _ALIGNS[align], *outline)  # type: ignore[call-arg, arg-type]


def draw_layout(draws: Draws, config: LayoutConfig, lines: int) -> LayoutParams:
    """Draw a layout for a text of so many lines; several lines stay straight."""
    return layout_params(sample_layout_params(draws.take(AHEAD[Stage.LAYOUT]), layout_params_table(config)), lines)


def outline_params_table(config: LayoutConfig) -> npt.NDArray[np.float64]:
    """The table that `sample_outline_params` draws from."""
    return params_table(config.stroke_contrast, config.roughness, config.rounding, config.proportions)


@kernel
def sample_outline_params(u, table):
    """What is changed of the letters' outlines: stroke contrast, roughness, rounding and proportions, the last fields
    of a LayoutParams; and whether one of them is random by letter. `u`: uniforms, float64 (8 or more,)."""
    contrast, roughness = strength(table[0], u[0], u[1], 0.0), strength(table[1], u[2], u[3], 0.0)
    rounding, proportions = strength(table[2], u[4], u[5], 0.0), strength(table[3], u[6], u[7], 0.0)
    keyed = u[2] < table[1, 0] or u[6] < table[3, 0]
    return (contrast, roughness, ROUNDING_STEP * round(rounding / ROUNDING_STEP), proportions), keyed


def draw_outline(draws: Draws, config: LayoutConfig, record: LayoutParams) -> LayoutParams:
    """The record with what is changed of the letters' outlines."""
    (contrast, roughness, rounding, proportions), keyed = sample_outline_params(
        draws.take(8), outline_params_table(config)
    )
    return replace(
        record,
        jitter_key=draws.key() if keyed and not record.jitter_key else record.jitter_key,
        stroke_contrast=contrast,
        roughness=roughness,
        rounding=rounding,
        proportions=proportions,
    )


@kernel
def _either_way(word):
    """A random word of 32 bits as a float in [-1, 1)."""
    return word * 4.656612873077393e-10 - 1.0


@kernel
def _proportions(extents, slots, places, proportions, key):
    """Factors on the widths of glyphs, float64 (n,), and how far x-height and waist move up, em.

    A factor hangs on the font's advance alone: letters that are alike in width stay so, figures of a table and
    monospaced faces too. All glyphs of a unit have that of its first glyph with an advance; where each glyph is a unit
    (`places` is empty), a mark without an advance goes with the glyph before it.
    """
    widths, waist = np.ones(slots.shape[0]), 0.0
    if proportions > 0.0:
        low, high = np.uint64(key & 0xFFFFFFFF), np.uint64(key >> 32)
        one, zero, last = np.uint64(1), np.uint64(0), 1.0
        for k in range(slots.shape[0]):
            i, j = k, k
            if places.shape[0] > 0:
                i = places[k, 0]
                if k > 0 and places[k - 1, 1] == places[k, 1]:
                    widths[i] = last
                    continue
                last_of_unit = k
                while last_of_unit + 1 < slots.shape[0] and places[last_of_unit + 1, 1] == places[k, 1]:
                    last_of_unit += 1
                while j < last_of_unit and extents[slots[places[j, 0]], 3] <= 0.0:
                    j += 1
                j = places[j, 0]
            advance = extents[slots[j], 3]
            if advance > 0.0:
                a, _, _, _ = philox4x32(np.uint64(1000.0 * advance + 1.5), one, zero, zero, low, high)
                last = math.exp(proportions * _either_way(a))
            widths[i] = last
        a, _, _, _ = philox4x32(zero, one, zero, zero, low, high)
        waist = _WAIST * proportions * _either_way(a)
    return widths, waist


@kernel
def _place(
    glyphs, starts, places, blank, curve, turn, waves, phase, spacing, slant, weight, stretch, jitter, key, x, y,
    number, contrast, rough, proportions, extents, slots, out,
):  # fmt: skip
    """Place the glyphs of one line.

    `glyphs`: float64 (3 n,): all advances, then all x offsets, then all y offsets, em. `starts`: int64, the places of
    glyphs that a blank stands before; `blank`: em of it. `places` int64 (n or 0, 2): see `ShapedLine`. `curve` ...
    `key`: see `LayoutParams` (`curve` as in CURVES).
    `contrast`, `rough`, `proportions`: of the outlines. `extents`: of the outline store; `slots` int64 (n,), its rows.
    `x`, `y`: where the line's baseline starts. `number`: tells the jitter of one line from another's.
    Out: `out`, float64 (n, PLACEMENT).
    """
    n = out.shape[0]
    advances, x_offsets, y_offsets = glyphs[:n], glyphs[n : 2 * n], glyphs[2 * n :]
    shear = math.tan(slant)
    low, high = np.uint64(key & 0xFFFFFFFF), np.uint64(key >> 32)
    widths, waist = _proportions(extents, slots, places, proportions, key)
    intricate = places.shape[0] > 0
    length, word = 0.0, 0
    for k in range(n):
        i = places[k, 0] if intricate else k
        if word < starts.shape[0] and starts[word] == k:
            length += blank
            word += 1
        ends = not intricate or k + 1 == n or places[k + 1, 1] != places[k, 1]
        length += stretch * widths[i] * advances[i] + (spacing if ends else 0.0)
    length = max(length - spacing, 1e-6)
    # Along a curve the baseline is walked in small steps; (x, y) is where s em of it have been walked.
    pen, s, word = 0.0, 0.0, 0
    for k in range(n):
        i, unit, alone, ends = k, k, True, True
        if intricate:
            i, unit = places[k, 0], places[k, 1]
            ends = k + 1 == n or places[k + 1, 1] != unit
            alone = ends and (k == 0 or places[k - 1, 1] != unit)
        if word < starts.shape[0] and starts[word] == k:
            pen += blank
            word += 1
        own = stretch * widths[i]
        width = own * advances[i]
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
            a, b, c, _ = philox4x32(np.uint64(unit), np.uint64(number), 0, 0, low, high)
            dx, dy = jitter * _either_way(a), jitter * _either_way(b)
            if alone:
                angle += jitter * _either_way(c) * (60.0 * math.pi / 180.0)
        cos, sin = math.cos(angle), math.sin(angle)
        lx, ly = own * x_offsets[i] - 0.5 * width + dx, -y_offsets[i] + dy
        out[i, P_SHEAR], out[i, P_STRETCH], out[i, P_WEIGHT], out[i, P_WAIST] = shear, own, weight, waist
        # Every glyph wanders in its own place of the noise, two of the same letter differently.
        out[i, P_CONTRAST], out[i, P_ROUGH] = contrast, rough
        out[i, P_SEED] = np.float64(low) + 7919.0 * i + 104729.0 * number
        out[i, P_XX], out[i, P_XY], out[i, P_YX], out[i, P_YY] = cos, sin, sin, -cos
        out[i, P_X] = px + cos * lx - sin * ly
        out[i, P_Y] = py + sin * lx + cos * ly
        pen += width + (spacing if ends else 0.0)


@kernel
def _angle(curve, turn, waves, phase, t):
    if curve == 1:
        return turn * (t - 0.5)
    if curve == 2:
        return 0.5 * turn * math.sin(2.0 * math.pi * waves * t + phase)
    return 0.0


@kernel
def _centre(placement, own):
    """Move the origin into the middle of the first `own` glyphs, in place. Returns their width and height, about."""
    x0, y0, x1, y1 = 1e30, 1e30, -1e30, -1e30
    for i in range(own):
        x, y = placement[i, P_X], placement[i, P_Y]
        x0, x1, y0, y1 = min(x0, x), max(x1, x + 0.5), min(y0, y - 0.75), max(y1, y + 0.25)
    for i in range(placement.shape[0]):
        placement[i, P_X] -= 0.5 * (x0 + x1)
        placement[i, P_Y] -= 0.5 * (y0 + y1)
    return x1 - x0, y1 - y0


@kernel
def _bounds_of_weight(extents, slots, advances):
    """How much thinner and how much bolder each side of the strokes of glyphs may become, em; see `bearable`."""
    area, length, boxes = 0.0, 0.0, 0.0
    for i in range(slots.shape[0]):
        extent = extents[slots[i]]
        area += extent[0]
        boxes += extent[1] * advances[i]
        length += extent[2]
    length = max(length, 1e-6)
    return 2.0 * _THINNED * area / length, 2.0 * _FILLED * max(boxes - area, 0.0) / length


@kernel
def _bear(weight, contrast, thinner, bolder):
    """What strokes bear of weight and contrast that may become so much thinner and bolder."""
    weight = min(max(weight, -thinner), bolder)
    # Contrast adds to the one direction what it takes from the other, whichever way round.
    room = min(bolder - weight, thinner + weight)
    return weight, min(max(contrast, -room), room)


def bearable(record: LayoutParams, store: OutlineStore, words: list[ShapedWord]) -> LayoutParams:
    """The record with no more weight and contrast than the words bear: counters and gaps stay open, strokes stay.

    The mean width of the strokes is twice the ink's area over its outline's length, and that of the gaps in and between
    them twice the area of the white over it.
    """
    slots = [slot for word in words for slot in word.slots]
    advances = [advance for word in words for advance in word.advances]
    thinner, bolder = _bounds_of_weight(store.extents, np.array(slots), np.array(advances))
    weight, contrast = _bear(record.weight, record.stroke_contrast, thinner, bolder)
    if weight == record.weight and contrast == record.stroke_contrast:
        return record
    return replace(record, weight=weight, stroke_contrast=contrast)


@part
def place_runs(row, runs, glyphs, starts, places, slots, own, extents, placement):
    """Place the glyphs of runs, the origin in the middle of the labelled ones; returns their width and height, about.

    `row`: of a table of crops (crop/table.py), what was drawn for the layout. `runs`: its runs, of RUN; `glyphs`, all
    runs' numbers as `_place` takes them, `starts`, `places` and `slots`: what they point into. `own`: how many glyphs
    are labelled. Out: `placement`, float64 (n, PLACEMENT).
    """
    weight, contrast = row.weight, row.stroke_contrast
    first = runs[0].first
    if weight != 0.0 or contrast != 0.0:
        advances = np.empty(own)
        for i in range(runs.shape[0]):
            run = runs[i]
            if run.own != 0:
                begin, n = run.first - first, run.last - run.first
                for k in range(n):
                    advances[begin + k] = glyphs[3 * run.first + k]
        thinner, bolder = _bounds_of_weight(extents, slots[first : first + own], advances)
        weight, contrast = _bear(weight, contrast, thinner, bolder)
    for i in range(runs.shape[0]):
        run = runs[i]
        # Beside a curved line the neighbour stands on the tangent's height; only a piece of it is seen.
        curve = row.curve if run.own != 0 else 0
        _place(
            glyphs[3 * run.first : 3 * run.last], starts[run.start : run.stop],
            places[run.place : run.placed], row.blank - row.letter_spacing, curve,
            row.turn, row.waves, row.phase, row.letter_spacing, row.slant, weight, row.stretch, row.jitter,
            row.jitter_key, run.x, run.y, run.number, contrast, row.roughness, row.proportions, extents,
            slots[run.first : run.last], placement[run.first - first : run.last - first],
        )  # fmt: skip
    return _centre(placement, own)


#: A run as kernels take it: its glyphs `first` to `last` - 1, its part `start` to `stop` - 1 of the blanks' places, and
#: that of the glyphs' places, `place` to `placed` - 1.
RUN = np.dtype(
    [
        *((name, np.int64) for name in ("first", "last", "start", "stop", "place", "placed", "number", "own")),
        *((name, np.float64) for name in ("x", "y")),
    ]
)


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
    `own`: how many glyphs are labelled; `cells` int64 (c, 2); `words` int64 (m, 2): cells of each word, from left to
    right; `char_texts`: per cell; `word_texts`, `word_lines`, `readings`: per word, in logical order; `width`,
    `height`: em, about; `curved`.
    """

    slots: npt.NDArray[np.int64]
    placement: npt.NDArray[np.float64]
    own: int
    cells: npt.NDArray[np.int64]
    words: npt.NDArray[np.int64]
    char_texts: list[tuple[str, ...]]
    word_texts: list[str]
    word_lines: list[int]
    readings: list[Reading]
    width: float
    height: float
    curved: bool

    @property
    def text(self) -> str:
        """The labelled text: words with spaces, lines with newlines between them."""
        if len(self.word_texts) == 1:
            return self.word_texts[0]
        lines = [""] * (self.word_lines[-1] + 1)
        for text, line in zip(self.word_texts, self.word_lines, strict=True):
            lines[line] += f" {text}" if lines[line] else text
        return "\n".join(lines)


def _places(line: ShapedLine) -> npt.NDArray[np.int64]:
    return np.array(line.places, np.int64) if line.places else _NO_PLACES


def _natural_width(line: ShapedLine, blank: float, record: LayoutParams, store: OutlineStore) -> float:
    advance = sum([sum(w.advances) for w in line.words])
    if record.proportions:
        slots = np.array([slot for w in line.words for slot in w.slots])
        widths, _ = _proportions(store.extents, slots, _places(line), record.proportions, record.jitter_key)
        advance = float(np.dot(widths, [a for w in line.words for a in w.advances]))
    return record.stretch * advance + record.letter_spacing * line.gaps + blank * len(line.starts)


class Run(Struct, frozen=True, eq=False):
    """A line, shaped, and where its baseline begins, em. `own`: whether it is labelled, and no extra.

    `number`: of a labelled line, its place among them; it tells the jitter of one run from another's.
    """

    line: ShapedLine
    x: float
    y: float
    number: int
    own: bool


def blank_of(instance: FontInstance, record: LayoutParams) -> float:
    """How far words stand apart, em."""
    return instance.blank * record.word_spacing * record.stretch + record.letter_spacing


def shape_runs(
    lines: tuple[str, ...],
    extras: tuple[Extra, ...],
    fonts: Fonts,
    store: OutlineStore,
    record: LayoutParams,
    language: str = "",
) -> list[Run]:
    """Shape lines of text, and the extras around them, and tell where they begin: the labelled lines come first.

    The lines are one paragraph, whose direction its first letter gives. What leaves no ink is no part of it. Raises
    InputError for a line that leaves none.
    """
    spaced = record.letter_spacing != 0.0
    rightwards = all(map(is_plain, lines)) or not bidi.levels(" ".join(lines), "auto")[0]
    shaped = [shape_line(fonts, store, line, spaced, language, rightwards) for line in lines]
    for text, line in zip(lines, shaped, strict=True):
        if not line.words:
            font = fonts[0].face.id
            raise InputError(f"text {text!r}: the font {font!r} draws nothing of it; write what can be seen")
    if len(lines) == 1 and not extras:  # one line alone has nothing to be aligned with
        return [Run(shaped[0], 0.0, 0.0, 0, True)]
    blank = blank_of(fonts[0], record)
    widths = [_natural_width(line, blank, record, store) for line in shaped]
    widest = max(widths)
    starts = [(widest - width) * 0.5 * _ALIGNS.index(record.align) for width in widths]
    runs = [Run(line, starts[n], n * record.line_spacing, n, True) for n, line in enumerate(shaped)]
    for number, extra in enumerate(extras):
        line = shape_line(fonts, store, extra.text, spaced, language, rightwards)
        if not line.words:
            continue
        width = _natural_width(line, blank, record, store)
        if extra.side == "left":
            x = starts[extra.line] - blank - width
        elif extra.side == "right":
            x = starts[extra.line] + widths[extra.line] + blank
        else:
            x = 0.5 * (widest - width) + extra.shift
        runs.append(Run(line, x, extra.line * record.line_spacing, 1000 + number, False))
    return runs


def lay_out(
    lines: tuple[str, ...],
    extras: tuple[Extra, ...],
    fonts: Fonts,
    store: OutlineStore,
    record: LayoutParams,
    language: str = "",
) -> Layout:
    """Shape and place lines of text, and the extras around them.

    The layout is of what the fonts draw: a word, or an extra, that leaves no ink is no part of it.
    Raises InputError for a line that leaves none.
    """
    runs = shape_runs(lines, extras, fonts, store, record, language)
    blank = blank_of(fonts[0], record)
    shaped = [word for run in runs if run.own for word in run.line.words]
    if record.weight or record.stroke_contrast:
        record = bearable(record, store, shaped)
    # Beside a curved line the neighbour stands on the tangent's height; only a piece of it is seen.
    straight = replace(record, curve="straight")
    slots: list[int] = []
    parts: list[npt.NDArray[np.float64]] = []
    cells: list[tuple[int, int]] = []
    words: list[tuple[int, int]] = []
    char_texts: list[tuple[str, ...]] = []
    for word in shaped:
        first = len(char_texts)
        cells += [(len(slots) + a, len(slots) + b) for a, b in word.cells] if slots else word.cells
        slots += word.slots
        char_texts += word.cell_chars
        words.append((first, len(char_texts)))
    own = len(slots)
    for run in runs:
        if not run.own:
            for word in run.line.words:
                slots += word.slots
        of_run = record if run.own else straight
        parts.append(_placed(run, store, blank, of_run))
    placement = np.concatenate(parts) if len(parts) > 1 else parts[0]
    width, height = _centre(placement, own)
    return Layout(
        np.array(slots),
        placement,
        own,
        _EACH_GLYPH[:own].copy() if len(cells) == own <= len(_EACH_GLYPH) else np.array(cells),
        np.array(words),
        char_texts,
        [word.text for word in shaped],
        [run.number for run in runs if run.own for _ in run.line.words],
        [word.reading for word in shaped],
        width,
        height,
        record.curve != "straight" or record.jitter > 0.0,
    )


def _placed(run: Run, store: OutlineStore, blank: float, record: LayoutParams) -> npt.NDArray[np.float64]:
    """The words of one run placed: float64 (n, PLACEMENT); see `_place`."""
    words = run.line.words
    if len(words) == 1:
        glyphs, slots = words[0].advances + words[0].x_offsets + words[0].y_offsets, words[0].slots
    else:
        glyphs = [v for word in words for v in word.advances]
        glyphs += [v for word in words for v in word.x_offsets]
        glyphs += [v for word in words for v in word.y_offsets]
        slots = [slot for word in words for slot in word.slots]
    out = np.empty((len(glyphs) // 3, PLACEMENT))
    _place(
        np.array(glyphs),
        np.array(run.line.starts, np.int64),
        _places(run.line),
        blank - record.letter_spacing,
        CURVES.index(record.curve),
        record.turn,
        record.waves,
        record.phase,
        record.letter_spacing,
        record.slant,
        record.weight,
        record.stretch,
        record.jitter,
        record.jitter_key,
        run.x,
        run.y,
        run.number,
        record.stroke_contrast,
        record.roughness,
        record.proportions,
        store.extents,
        np.array(slots),
        out,
    )
    return out
