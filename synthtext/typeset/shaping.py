"""Text to positioned glyphs, by HarfBuzz, one word at a time: and what of the text those glyphs show.

A shaped word says itself which text it is (`ShapedWord.text`): characters that change no glyph of this font are taken
out, and every character that is left belongs to a cell that has ink. So no label is of what is not drawn.
"""

from __future__ import annotations

import itertools
import unicodedata
from typing import Any

import uharfbuzz as hb
from msgspec import Struct

from synthtext.text.invisible import INVISIBLE, SHAPING, without_idle
from synthtext.typeset.outlines import FontInstance, OutlineStore

# Letter spacing splits ligatures, as in good typesetting.
_SPACED = {"liga": False, "clig": False, "dlig": False}
# Some fonts make arrows and the like of runs of these, which would no longer be what the label says.
_ARROWS = frozenset("<>^~|\\/")
_NO_ARROWS = {**_SPACED, "calt": False}
_CIRCLE = "\u25cc"


class ShapedWord(Struct, frozen=True, eq=False):
    """A word in visual order, left to right. Lengths in em.

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
    rtl: bool


def graphemes(text: str) -> tuple[str, ...]:
    """`text` cut before each character that is not a combining mark, joiner or variation selector."""
    parts: list[str] = []
    for c in text:
        joins = c in SHAPING or unicodedata.category(c) in ("Mn", "Me", "Mc", "Cf")
        if parts and (joins or parts[-1].endswith("\u200d")):
            parts[-1] += c
        else:
            parts.append(c)
    return tuple(parts)


_EACH_GLYPH = [(i, i + 1) for i in range(256)]


def each_glyph(n: int) -> list[tuple[int, int]]:
    """The cells of n glyphs of which each is one."""
    return _EACH_GLYPH[:n] if n <= len(_EACH_GLYPH) else [(i, i + 1) for i in range(n)]


def _features(text: str, spaced: bool) -> dict[str, Any] | None:
    if not text.isalnum() and not _ARROWS.isdisjoint(text):
        return _NO_ARROWS
    return _SPACED if spaced else None


def _shaped(
    font: hb.Font, text: str, features: dict[str, Any] | None, flags: hb.BufferFlags | None = None
) -> hb.Buffer:
    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    if flags is not None:
        buffer.flags = flags
    hb.shape(font, buffer, features)
    return buffer


def _glyphs(font: hb.Font, text: str, flags: hb.BufferFlags | None = None) -> list[int]:
    return [info.codepoint for info in _shaped(font, text, None, flags).glyph_infos]


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


def visible(instance: FontInstance, store: OutlineStore, text: str, spaced: bool) -> str:
    """A word without the characters that draw nothing in this font and change no glyph of it; NFC.

    What stays of them, joiners and variation selectors, changes which glyphs with ink are drawn.
    """
    text = without_idle(text)
    if SHAPING.isdisjoint(text):
        return text

    def drawn(text: str) -> list[int]:
        glyphs = [info.codepoint for info in _shaped(instance.font, text, _features(text, spaced)).glyph_infos]
        return [glyph for glyph in glyphs if store.slot(instance, glyph) not in store.blanks]

    glyphs = drawn(text)
    for i in range(len(text) - 1, -1, -1):
        if text[i] in SHAPING:
            shorter = text[:i] + text[i + 1 :]
            if drawn(shorter) == glyphs:
                text = shorter
    return without_idle(text)


def shape(instance: FontInstance, store: OutlineStore, text: str, spaced: bool) -> ShapedWord:
    """Shape one word (no blanks in it). `spaced`: letters will be spaced, so ligatures are off."""
    if not (text.isascii() and text.isprintable()) and not INVISIBLE.isdisjoint(text):
        text = visible(instance, store, text, spaced)
    if not text:
        return ShapedWord("", [], [], [], [], [], [], False)
    buffer = _shaped(instance.font, text, _features(text, spaced))
    scale = instance.scale
    infos = buffer.glyph_infos
    known = instance.slots
    slots = [known.get(info.codepoint, -1) for info in infos]
    if -1 in slots:
        slots = [store.slot(instance, info.codepoint) for info in infos]
    clusters = [info.cluster for info in infos]
    positions = [position.position for position in buffer.glyph_positions]
    advances = [p[2] * scale for p in positions]
    x_offsets = [p[0] * scale for p in positions]
    y_offsets = [p[1] * scale for p in positions]
    n = len(slots)
    if len(text) == n and clusters == list(range(n)) and store.blanks.isdisjoint(slots):
        # The common case: a glyph a character.
        return ShapedWord(text, slots, advances, x_offsets, y_offsets, each_glyph(n), list(zip(text)), False)
    rtl = buffer.direction == "rtl"
    follows = dict(itertools.pairwise(sorted({*clusters, len(text)})))
    cells: list[tuple[int, int]] = []
    parts: list[str] = []
    loose = ""  # of clusters without ink, which belong to the cell before (at the beginning: after) in logical order
    runs = []
    first = 0
    while first < n:
        last = first + 1
        while last < n and clusters[last] == clusters[first]:
            last += 1
        runs.append((first, last))
        first = last
    for first, last in reversed(runs) if rtl else runs:
        part = text[clusters[first] : follows[clusters[first]]]
        if not store.blanks.issuperset(slots[first:last]):
            cells.append((first, last))
            parts.append(loose + part)
            loose = ""
        elif parts:
            parts[-1] += part
        else:
            loose += part
    if not cells:
        text = ""
    chars = [graphemes(part) for part in parts]
    if rtl:
        cells.reverse()
        chars.reverse()
    return ShapedWord(text, slots, advances, x_offsets, y_offsets, cells, chars, rtl)
