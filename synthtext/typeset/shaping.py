"""Text to positioned glyphs, by HarfBuzz, and what of the text those glyphs show.

A line is cut into words at its blanks, and a word into runs of one direction, script and font; each run is shaped by
itself, with what stands beside it as context. Most lines are plain: one run a word, from left to right.

A shaped word says itself which text it is (`ShapedWord.text`): characters that change no glyph of this font are taken
out, and every character that is left belongs to a cell that has ink. So no label is of what is not drawn.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import Any, Literal

import uharfbuzz as hb
from msgspec import Struct

from synthtext.text import bidi
from synthtext.text.graphemes import clusters
from synthtext.text.invisible import INVISIBLE, SHAPING, without_idle
from synthtext.text.scripts import script_runs
from synthtext.typeset.outlines import FontInstance, OutlineStore

# Letter spacing splits ligatures, as in good typesetting.
_SPACED = {"liga": False, "clig": False, "dlig": False}
# Some fonts make arrows and the like of runs of these, which would no longer be what the label says.
_ARROWS = frozenset("<>^~|\\/")
_NO_ARROWS = {**_SPACED, "calt": False}
_CIRCLE = "\u25cc"
_ANY_LANGUAGE = "und"

# Scripts whose letters join into one stroke: nothing is put between them.
_JOINED = frozenset(
    ("Adlm", "Arab", "Beng", "Deva", "Guru", "Mand", "Mani", "Mong", "Nkoo", "Phag", "Phlp", "Rohg", "Sogd", "Syrc")
)
# Scripts in which the characters of a ligature do not stand side by side: it is one char.
_STACKED = frozenset(
    [
        *("Bali", "Beng", "Cakm", "Cham", "Deva", "Gran", "Gujr", "Guru", "Hang", "Java", "Khmr", "Knda", "Lana"),
        *("Laoo", "Limb", "Mlym", "Mtei", "Mymr", "Newa", "Orya", "Sinh", "Sund", "Sylo", "Tale", "Talu", "Taml"),
        *("Tavt", "Telu", "Thai", "Tibt", "Tirh"),
    ]
)
# All but Latin, Greek and Cyrillic letters without combining marks, digits and signs.
_INTRICATE = re.compile(
    "[^\u0000-\u02ff\u0370-\u0482\u048a-\u052f\u1e00-\u200b\u2010-\u2029\u2030-\u205f\u2070-\u20cf\u2100-\u2bff]"
)

Fonts = Sequence[FontInstance]  # the first, and where it lacks a character the second


class Reading(Struct, frozen=True):
    """How the cells of a word are read.

    `direction`: of the word, by its first letter, or from top to bottom. `order`: its cells in logical order, counted
    in the word; () where they stand so. `turned`: of each cell, whether its characters run to the left; () where none
    do.
    """

    direction: Literal["ltr", "rtl", "ttb"] = "ltr"
    order: tuple[int, ...] = ()
    turned: tuple[bool, ...] = ()


RIGHTWARDS = Reading()


class ShapedWord(Struct, frozen=True, eq=False):
    """A word, its glyphs from left to right. Lengths in em.

    `text`: what its glyphs show, in logical order; "" where that is nothing. `slots`: rows of the outline store.
    `advances`, `x_offsets`, `y_offsets`: one a glyph. `cells`: (first glyph, last + 1) of each cluster with ink.
    `cell_chars`: the characters that each cell stands for, in logical order; more than one for a ligature. Joined in
    logical order they are `text`.
    """

    text: str
    slots: list[int]
    advances: list[float]
    x_offsets: list[float]
    y_offsets: list[float]
    cells: list[tuple[int, int]]
    cell_chars: list[tuple[str, ...]]
    reading: Reading = RIGHTWARDS


class ShapedLine(Struct, frozen=True, eq=False):
    """The words of a line, in logical order, and how their glyphs stand beside one another.

    `starts`: the places, from left to right, of the glyphs before which a blank stands. `places`: from left to right,
    each glyph, counted through the words, and its unit; [] where glyphs stand as they are counted and each is a unit.
    The glyphs of a unit keep their distances: those of a cluster, or of a run whose letters join.
    """

    words: list[ShapedWord]
    starts: list[int]
    places: list[tuple[int, int]]

    @property
    def gaps(self) -> int:
        """How many times letters are spaced."""
        if self.places:
            return sum([a[1] != b[1] for a, b in itertools.pairwise(self.places)])
        return max(sum([len(word.slots) for word in self.words]) - 1, 0)


_EACH_GLYPH = [(i, i + 1) for i in range(256)]


def each_glyph(n: int) -> list[tuple[int, int]]:
    """The cells of n glyphs of which each is one."""
    return _EACH_GLYPH[:n] if n <= len(_EACH_GLYPH) else [(i, i + 1) for i in range(n)]


def is_plain(text: str) -> bool:
    """Whether every word of a text is one run from left to right, of letters that stand by themselves."""
    return text.isascii() or _INTRICATE.search(text) is None


def _features(text: str, spaced: bool) -> dict[str, Any] | None:
    if not text.isalnum() and not _ARROWS.isdisjoint(text):
        return _NO_ARROWS
    return _SPACED if spaced else None


def _shaped(
    font: hb.Font, text: str, features: dict[str, Any] | None, language: str, flags: hb.BufferFlags | None = None
) -> hb.Buffer:
    buffer = hb.Buffer()
    buffer.add_str(text)
    # Where none is set, HarfBuzz guesses the language of the user's environment.
    buffer.language = language or _ANY_LANGUAGE
    buffer.guess_segment_properties()
    if flags is not None:
        buffer.flags = flags
    hb.shape(font, buffer, features)
    return buffer


def _glyphs(font: hb.Font, text: str, flags: hb.BufferFlags | None = None) -> list[int]:
    return [info.codepoint for info in _shaped(font, text, None, "", flags).glyph_infos]


def draws_circle(font: hb.Font, word: str) -> bool:
    """Whether the font draws a dotted circle in a word that has none: where a mark has no letter that it can stand on
    (OpenType's "broken clusters"), HarfBuzz puts one there, and some fonts do so by rules of their own."""
    circle = font.get_nominal_glyph(ord(_CIRCLE))
    if not circle:
        return False
    glyphs = _glyphs(font, word)
    if _CIRCLE not in word and circle in glyphs:
        return True
    return glyphs != _glyphs(font, word, hb.BufferFlags.DO_NOT_INSERT_DOTTED_CIRCLE)


def visible(instance: FontInstance, store: OutlineStore, text: str, spaced: bool, language: str) -> str:
    """A word without the characters that draw nothing in this font and change no glyph of it; NFC.

    What stays of them, joiners and variation selectors, changes which glyphs with ink are drawn.
    """
    text = without_idle(text)
    if SHAPING.isdisjoint(text):
        return text

    def drawn(text: str) -> list[int]:
        shaped = _shaped(instance.font, text, _features(text, spaced), language)
        glyphs = [info.codepoint for info in shaped.glyph_infos]
        return [glyph for glyph in glyphs if store.slot(instance, glyph) not in store.blanks]

    glyphs = drawn(text)
    for i in range(len(text) - 1, -1, -1):
        if text[i] in SHAPING:
            shorter = text[:i] + text[i + 1 :]
            if drawn(shorter) == glyphs:
                text = shorter
    return without_idle(text)


class _Glyphs:
    """What HarfBuzz made of a run: `slots`, `clusters` (where in the text each glyph's is), advances, offsets, em."""

    __slots__ = ("advances", "clusters", "slots", "x_offsets", "y_offsets")

    def __init__(self, instance: FontInstance, store: OutlineStore, buffer: hb.Buffer) -> None:
        scale, known, infos = instance.scale, instance.slots, buffer.glyph_infos
        self.slots = [known.get(info.codepoint, -1) for info in infos]
        if -1 in self.slots:
            self.slots = [store.slot(instance, info.codepoint) for info in infos]
        self.clusters: list[int] = [info.cluster for info in infos]
        positions = [position.position for position in buffer.glyph_positions]
        self.advances = [p[2] * scale for p in positions]
        self.x_offsets = [p[0] * scale for p in positions]
        self.y_offsets = [p[1] * scale for p in positions]

    def groups(self, end: int, begins: frozenset[int] | None = None) -> list[tuple[int, int, int, int]]:
        """The glyphs that belong together, in logical order: (first, last + 1) of the text, and of the glyphs.

        `end`: of the run in the text. `begins`: where groups may begin; None: anywhere.
        """
        found: list[tuple[int, int, int]] = []
        last = 0
        for at, group in itertools.groupby(self.clusters):
            first, last = last, last + len(list(group))
            found.append((at, first, last))
        if found and found[0][0] > found[-1][0]:
            found.reverse()
        joined: list[tuple[int, int, int]] = []
        for at, first, last in found:
            if joined and begins is not None and at not in begins:
                start, a, b = joined[-1]
                joined[-1] = start, min(a, first), max(b, last)
            else:
                joined.append((at, first, last))
        stops = [at for at, *_ in joined[1:]] + [end]
        return [(at, stop, first, last) for (at, first, last), stop in zip(joined, stops, strict=True)]


class _Cell(Struct, frozen=True):
    """A cluster with ink: what it stands for, and its glyphs, `first` to `last` - 1."""

    text: str
    first: int
    last: int


def _cells(groups: list[tuple[int, int, int, int]], text: str, slots: list[int], store: OutlineStore) -> list[_Cell]:
    """The groups with ink, in logical order. Characters without ink belong to the cell before (at the beginning, to the
    one after)."""
    cells: list[_Cell] = []
    loose = ""
    for start, stop, first, last in groups:
        part = text[start:stop]
        if not store.blanks.issuperset(slots[first:last]):
            cells.append(_Cell(loose + part, first, last))
            loose = ""
        elif cells:
            cell = cells.pop()
            cells.append(_Cell(cell.text + part, cell.first, cell.last))
        else:
            loose += part
    return cells


def _plain_word(instance: FontInstance, store: OutlineStore, text: str, spaced: bool, language: str) -> ShapedWord:
    if not (text.isascii() and text.isprintable()) and not INVISIBLE.isdisjoint(text):
        text = visible(instance, store, text, spaced, language)
    if not text:
        return ShapedWord("", [], [], [], [], [], [])
    glyphs = _Glyphs(instance, store, _shaped(instance.font, text, _features(text, spaced), language))
    of_glyphs = glyphs.slots, glyphs.advances, glyphs.x_offsets, glyphs.y_offsets
    n = len(glyphs.slots)
    if len(text) == n and glyphs.clusters == list(range(n)) and store.blanks.isdisjoint(glyphs.slots):
        # The common case: a glyph a character.
        return ShapedWord(text, *of_glyphs, each_glyph(n), list(zip(text)))
    cells = _cells(glyphs.groups(len(text)), text, glyphs.slots, store)
    spans = [(cell.first, cell.last) for cell in cells]
    return ShapedWord(text if cells else "", *of_glyphs, spans, [clusters(cell.text) for cell in cells])


def shape_line(
    fonts: Fonts, store: OutlineStore, line: str, spaced: bool, language: str = "", rightwards: bool = True
) -> ShapedLine:
    """Shape a line. What leaves no ink is no part of it.

    `spaced`: letters will be spaced, so ligatures are off. `language`: BCP 47. `rightwards`: whether the line's
    paragraph runs from left to right.
    """
    if rightwards and is_plain(line) and len(fonts) == 1:
        words = [_plain_word(fonts[0], store, text, spaced, language) for text in line.split()]
        words = [word for word in words if word.cells]
        starts = list(itertools.accumulate([len(word.slots) for word in words[:-1]])) if len(words) > 1 else []
        return ShapedLine(words, starts, [])
    texts = [visible(fonts[0], store, text, spaced, language) for text in line.split()]
    return _intricate_line(fonts, store, " ".join(filter(None, texts)), spaced, language, rightwards)


class _Run(Struct, frozen=True):
    """A part of a line, `start` to `stop` - 1, that is shaped by itself; `word`: which of the line it is of, -1 for a
    blank between two."""

    start: int
    stop: int
    word: int
    level: int
    script: str
    font: int


def _fonts_of(fonts: Fonts, parts: Sequence[str]) -> list[int]:
    """Which font each character of the clusters `parts` is set in: the first that has all of its cluster."""
    found: list[int] = []
    for part in parts:
        needed = [ord(c) for c in part if c not in INVISIBLE]
        able = (n for n, font in enumerate(fonts) if all(map(font.face.covers, needed)))
        found += [next(able, 0)] * len(part)
    return found


def _runs(fonts: Fonts, line: str, levels: Sequence[int], parts: Sequence[str]) -> list[_Run]:
    """A line cut at its blanks, and where direction, script or font change."""
    scripts = [script for start, stop, script in script_runs(line) for _ in range(start, stop)]
    numbers = _fonts_of(fonts, parts) if len(fonts) > 1 else [0] * len(line)
    runs: list[_Run] = []
    start = word = 0
    for i in range(1, len(line) + 1):
        blank = line[start] == " "
        same = i < len(line) and not blank and line[i] != " "
        if same and (levels[i], scripts[i], numbers[i]) == (levels[start], scripts[start], numbers[start]):
            continue
        runs.append(_Run(start, i, -1 if blank else word, levels[start], scripts[start], numbers[start]))
        word += blank
        start = i
    return runs


def _intricate_line(
    fonts: Fonts, store: OutlineStore, line: str, spaced: bool, language: str, rightwards: bool
) -> ShapedLine:
    """A line of any script: its words parted by one blank each, without characters that change nothing."""
    if not line:
        return ShapedLine([], [], [])
    _, levels = bidi.levels(line, "ltr" if rightwards else "rtl")
    parts = clusters(line)
    runs = _runs(fonts, line, levels, parts)
    shaped = {n: _shaped_run(fonts, store, line, run, spaced, language) for n, run in enumerate(runs) if run.word >= 0}
    seen = bidi.reorder([run.level for run in runs])
    begins = frozenset(itertools.accumulate(map(len, parts), initial=0))
    words: list[ShapedWord] = []
    numbered: dict[int, list[tuple[int, int]]] = {}  # of each run, its glyphs as they are counted, and their units
    count = 0
    for word in range(runs[-1].word + 1):
        own = [number for number in seen if runs[number].word == word]
        made, units = _joined_word(line, [runs[n] for n in own], [shaped[n] for n in own], begins, store)
        if made.cells:
            words.append(made)
            for n in own:
                k = len(shaped[n].slots)
                numbered[n] = [(count + i, count + unit) for i, unit in units[:k]]
                del units[:k]
            count += len(made.slots)
    starts: list[int] = []
    places: list[tuple[int, int]] = []
    blank = False
    for number in seen:
        if number in numbered:
            if blank and places:
                starts.append(len(places))
            places += numbered[number]
            blank = False
        else:
            blank |= runs[number].word < 0
    return ShapedLine(words, starts, [] if places == [(i, i) for i in range(count)] else places)


def _shaped_run(fonts: Fonts, store: OutlineStore, line: str, run: _Run, spaced: bool, language: str) -> _Glyphs:
    instance = fonts[run.font]
    buffer = hb.Buffer()
    buffer.add_str(line, run.start, run.stop - run.start)
    buffer.direction = "rtl" if run.level % 2 else "ltr"
    buffer.script = run.script
    buffer.language = language or _ANY_LANGUAGE
    text = line[run.start : run.stop]
    hb.shape(instance.font, buffer, _features(text, spaced and run.script not in _JOINED))
    return _Glyphs(instance, store, buffer)


def _joined_word(
    line: str, runs: list[_Run], shaped: list[_Glyphs], begins: frozenset[int], store: OutlineStore
) -> tuple[ShapedWord, list[tuple[int, int]]]:
    """The word of runs that stand from left to right; and of its glyphs, each with the first glyph of its unit."""
    slots: list[int] = []
    groups: list[tuple[int, int, int, int]] = []
    units: list[tuple[int, int]] = []
    leftwards: list[bool] = []
    stacked: list[bool] = []
    for run, glyphs in zip(runs, shaped, strict=True):
        at, n = len(slots), len(glyphs.slots)
        own = [(a, b, at + first, at + last) for a, b, first, last in glyphs.groups(run.stop, begins)]
        if run.script in _JOINED:
            units += [(at + i, at) for i in range(n)]
        else:
            units += sorted((i, first) for _, _, first, last in own for i in range(first, last))
        groups += own
        slots += glyphs.slots
        leftwards += [run.level % 2 == 1] * n
        stacked += [run.script in _STACKED] * n
    groups.sort()
    cells = _cells(groups, line, slots, store)
    rank = sorted(range(len(cells)), key=lambda i: cells[i].first)
    order = tuple(sorted(range(len(cells)), key=rank.__getitem__))
    seen = [cells[i] for i in rank]
    text = line[groups[0][0] : groups[-1][1]] if groups else ""
    reading = Reading(
        "rtl" if bidi.levels(text, "auto")[0] else "ltr",
        () if order == tuple(range(len(cells))) else order,
        tuple([leftwards[cell.first] for cell in seen]) if True in leftwards else (),
    )
    word = ShapedWord(
        text,
        slots,
        [v for glyphs in shaped for v in glyphs.advances],
        [v for glyphs in shaped for v in glyphs.x_offsets],
        [v for glyphs in shaped for v in glyphs.y_offsets],
        [(cell.first, cell.last) for cell in seen],
        [(cell.text,) if stacked[cell.first] else clusters(cell.text) for cell in seen],
        reading,
    )
    return word, units
