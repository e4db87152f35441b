"""Text to positioned glyphs, by HarfBuzz, one word at a time."""

from __future__ import annotations

import itertools
import unicodedata

import uharfbuzz as hb
from msgspec import Struct

from synthtext.typeset.outlines import FontInstance, OutlineStore

# Letter spacing splits ligatures, as in good typesetting.
_SPACED = {"liga": False, "clig": False, "dlig": False}
# Some fonts make arrows and the like of runs of these, which would no longer be what the label says.
_ARROWS = frozenset("<>^~|\\/")
_NO_ARROWS = {**_SPACED, "calt": False}


class ShapedWord(Struct, frozen=True, eq=False):
    """A word in visual order, left to right. Lengths in em.

    `slots`: rows of the outline store. `advances`, `x_offsets`, `y_offsets`: one a glyph. `cells`: (first glyph,
    last + 1) of each cluster with ink. `cell_chars`: the characters that each cell stands for, in logical order;
    more than one for a ligature. `order`: the cells' numbers in logical order.
    """

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
        if parts and (unicodedata.category(c) in ("Mn", "Me", "Mc", "Cf") or parts[-1].endswith("\u200d")):
            parts[-1] += c
        else:
            parts.append(c)
    return tuple(parts)


_EACH_GLYPH = [(i, i + 1) for i in range(256)]


def each_glyph(n: int) -> list[tuple[int, int]]:
    """The cells of n glyphs of which each is one."""
    return _EACH_GLYPH[:n] if n <= len(_EACH_GLYPH) else [(i, i + 1) for i in range(n)]


def shape(instance: FontInstance, store: OutlineStore, text: str, spaced: bool) -> ShapedWord:
    """Shape one word (no blanks in it). `spaced`: letters will be spaced, so ligatures are off."""
    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    features = _SPACED if spaced else None
    if not text.isalnum() and not _ARROWS.isdisjoint(text):
        features = _NO_ARROWS
    hb.shape(instance.font, buffer, features)
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
    rtl = len(clusters) > 1 and clusters[0] > clusters[-1]
    cells: list[tuple[int, int]] = []
    cell_chars: list[tuple[str, ...]] = []
    n = len(slots)
    if len(text) == n and clusters == list(range(n)):  # the common case: a glyph a character
        return ShapedWord(slots, advances, x_offsets, y_offsets, each_glyph(n), list(zip(text)), False)
    edges = sorted({*clusters, len(text)})
    follows = dict(itertools.pairwise(edges))
    first = 0
    while first < n:
        last = first + 1
        while last < n and clusters[last] == clusters[first]:
            last += 1
        glyphs = store.glyphs
        inked = any(glyphs[slots[g], 0] < glyphs[slots[g], 1] for g in range(first, last))
        chars = graphemes(text[clusters[first] : follows[clusters[first]]])
        if inked:
            cells.append((first, last))
            cell_chars.append(chars)
        first = last
    return ShapedWord(slots, advances, x_offsets, y_offsets, cells, cell_chars, rtl)
