"""Fonts made for the purpose of a test: each glyph is a list of polygons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

Polygons = list[list[tuple[int, int]]]

BOX: Polygons = [[(50, 0), (50, 700), (450, 700), (450, 0)]]
INNER = [(100, 50), (400, 50), (400, 650), (100, 650)]
TOFU: Polygons = [[*BOX[0]], INNER]


def letter(c: str, scale: float = 1.0) -> Polygons:
    """A polygon unlike that of any other character: a comb whose teeth are the bits of its hashed code point."""
    points = [(50, 0)]
    for bit in range(16):
        height = 700 if ord(c) * 40503 >> bit & 1 else 100 + 5 * bit
        points += [(50 + 20 * bit, height), (70 + 20 * bit, height)]
    return [[(int(x * scale), int(y * scale)) for x, y in [*points, (370, 0)]]]


def build(
    path: Path,
    glyphs: Mapping[str, Polygons],
    family: str = "Test",
    widths: Mapping[str, int] | None = None,
    variants: Sequence[tuple[str, str, str]] = (),
) -> Path:
    """Write a font that draws each character as its polygons, and return its path. `widths`: other than 500.

    `variants`: (character, variation selector, the character as which it is then drawn).
    """
    names = {c: f"u{ord(c):05X}" for c in glyphs}
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", *names.values()])
    uvs = [(ord(c), ord(selector), names[other]) for c, selector, other in variants]
    builder.setupCharacterMap({ord(c): name for c, name in names.items()}, uvs or None)
    drawn = {}
    for name, polygons in [(".notdef", TOFU), *((names[c], polygons) for c, polygons in glyphs.items())]:
        pen = TTGlyphPen(None)
        for polygon in polygons:
            pen.moveTo(polygon[0])
            for point in polygon[1:]:
                pen.lineTo(point)
            pen.closePath()
        drawn[name] = pen.glyph()
    builder.setupGlyf(drawn)
    advances = dict.fromkeys(drawn, (500, 0)) | {names[c]: (width, 0) for c, width in (widths or {}).items()}
    builder.setupHorizontalMetrics(advances)
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": family, "styleName": "Regular"})
    builder.setupOS2(sTypoAscender=800, sTypoDescender=-200, usWinAscent=800, usWinDescent=200)
    builder.setupPost()
    path.parent.mkdir(parents=True, exist_ok=True)
    builder.save(path)
    return path
