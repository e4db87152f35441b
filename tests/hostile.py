"""Fonts, pictures and archives as no honest tool makes them, by number: the same each time (`tests/test_hostile.py`,
`benchmarks/hostile.py`).

Fonts: bytes of an honest one spoilt in one of eight ways, and built ones whose tables are in order and what they say is
not. Pictures: bytes spoilt in one of six ways, and honest encodings that are rare.
"""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,-"
Shape = Callable[[TTGlyphPen, int], None]


# Fonts


def _tables(data: bytes) -> list[tuple[bytes, int, int, int]]:
    """(tag, where its entry stands, offset, length) of each table of a font."""
    (count,) = struct.unpack_from(">H", data, 4)
    entries = [12 + 16 * i for i in range(count)]
    return [(data[at : at + 4], at, *struct.unpack_from(">II", data, at + 8)) for at in entries]


def _noise(data: bytearray, random: random.Random, start: int, length: int, count: int) -> None:
    for _ in range(count):
        data[min(start + random.randrange(max(length, 1)), len(data) - 1)] = random.randrange(256)


def spoilt_font(honest: bytes, number: int) -> bytes:
    """The font's bytes, spoilt."""
    r = random.Random(number)
    data, tables = bytearray(honest), _tables(honest)
    kind = number % 8
    _, entry, offset, length = r.choice(tables)
    if kind == 0:
        for _ in range(r.choice([1, 5, 50, 500])):
            data[r.randrange(len(data))] ^= 1 << r.randrange(8)
    elif kind == 1:
        data = data[: r.randrange(1, len(data))]
    elif kind == 2:
        wanted = (b"glyf", b"CFF ", b"loca", b"cmap", b"hmtx", b"GSUB", b"GPOS", b"fvar", b"gvar", b"maxp", b"head")
        _, _, offset, length = r.choice([table for table in tables if table[0] in wanted])
        _noise(data, r, offset, length, r.choice([3, 30, 200]))
    elif kind == 3:
        end = min(offset + r.choice([4, 8, 16, 40]), len(data))
        data[offset:end] = b"\xff" * (end - offset)
    elif kind == 4:
        wild = r.choice([0, 1, 0x7FFFFFFF, 0xFFFFFFF0, len(data) - 4]), r.choice([0, 3, 0x7FFFFFFF, 0xFFFFFFFF])
        struct.pack_into(">II", data, entry + 8, *wild)
    elif kind == 5:
        _, other, _, _ = r.choice(tables)
        struct.pack_into(">II", data, other + 8, offset + r.randrange(20), length)
    elif kind == 6:
        wanted = (b"GSUB", b"GPOS", b"GDEF", b"kern", b"glyf", b"CFF ")
        _, _, offset, length = r.choice([table for table in tables if table[0] in wanted])
        for _ in range(60):
            at = offset + 2 * r.randrange(max(length // 2 - 1, 1))
            data[at : at + 2] = struct.pack(">H", r.choice([0, 1, 0xFFFF, 0x7FFF, r.randrange(65536)]))
    else:
        head = next(table for table in tables if table[0] == b"head")
        struct.pack_into(">H", data, head[2] + 18, r.choice([0, 1, 15, 16, 65535, 7, 30000]))
    return bytes(data)


def _polygon(pen: TTGlyphPen, points: list[tuple[int, int]]) -> None:
    pen.moveTo(points[0])
    for point in points[1:]:
        pen.lineTo(point)
    pen.closePath()


def plain_shape(pen: TTGlyphPen, number: int) -> None:
    """A trapezoid, each character's another."""
    x = 100 + 3 * number
    _polygon(pen, [(50, 0), (50, 700), (x + 100, 700 - number), (x, number)])


def same_contours(count: int) -> Shape:
    """The same square so many times: what makes Skia's union spin."""

    def draw(pen: TTGlyphPen, number: int) -> None:
        for _ in range(count):
            _polygon(pen, [(50, 0), (50, 700), (400 + number, 700), (400, 0)])

    return draw


def _scribble(pen: TTGlyphPen, number: int) -> None:
    r = random.Random(number)
    _polygon(pen, [(r.randrange(1000), r.randrange(1000)) for _ in range(12_000)])


def _tiles(pen: TTGlyphPen, number: int) -> None:
    for k in range(4000):
        x, y = k % 60 * 16, k // 60 * 16
        _polygon(pen, [(x, y), (x, y + 12), (x + 12, y + 12 + number % 3), (x + 12, y)])


def _lattice(pen: TTGlyphPen, number: int) -> None:
    for k in range(100):
        at = 10 * k
        _polygon(pen, [(0, at), (0, at + 5), (1000 + number, at + 5), (1000 + number, at)])
        _polygon(pen, [(at, 0), (at, 1000), (at + 5, 1000), (at + 5, 0)])


def built_font(
    shape: Shape = plain_shape, em: int = 1000, advance: int = 600, rise: int = 800, fall: int = -200
) -> bytes:
    """A font whose tables are in order. `shape`: draws the glyph of a number."""
    builder = FontBuilder(em, isTTF=True)
    names = [".notdef", *(f"g{ord(c)}" for c in CHARACTERS)]
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord(c): f"g{ord(c)}" for c in CHARACTERS})
    glyphs = {}
    for number, name in enumerate(names):
        pen = TTGlyphPen(None)
        shape(pen, number)
        glyphs[name] = pen.glyph()
    builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics(dict.fromkeys(names, (advance, 0)))
    builder.setupHorizontalHeader(ascent=rise, descent=fall)
    builder.setupNameTable({"familyName": "Hostile", "styleName": "Regular"})
    builder.setupOS2(sTypoAscender=rise, sTypoDescender=fall)
    builder.setupPost()
    file = io.BytesIO()
    builder.font.save(file)
    return file.getvalue()


def _square(size: int, x: int = 0) -> Shape:
    def draw(pen: TTGlyphPen, number: int) -> None:
        _polygon(pen, [(x, 0), (x, size), (x + size + number, size), (x + size, 0)])

    return draw


BUILT: dict[str, Callable[[], bytes]] = {
    "plain": built_font,
    "em_16": lambda: built_font(em=16),
    "em_16384": lambda: built_font(em=16384),
    "no_advance": lambda: built_font(advance=0),
    "wide": lambda: built_font(advance=32767),
    "flat": lambda: built_font(rise=0, fall=0),
    "tall": lambda: built_font(rise=32767, fall=-32768),
    "upside": lambda: built_font(rise=-500, fall=500),
    "huge": lambda: built_font(_square(32000)),
    "tiny": lambda: built_font(_square(6)),
    "far": lambda: built_font(_square(400, 20000)),
    "no_ink": lambda: built_font(lambda pen, number: None),
    "scribble": lambda: built_font(_scribble),
    "tiles": lambda: built_font(_tiles),
    "lattice": lambda: built_font(_lattice),
    "same_contours": lambda: built_font(same_contours(300)),
    "few_same_contours": lambda: built_font(same_contours(10)),
}


def fonts(honest: list[Path], count: int) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of `count` hostile fonts, made of honest ones that are no larger than 150 kB."""
    small = [path for path in honest if path.stat().st_size < 150_000]
    built = list(BUILT)[:count]
    for name in built:
        yield f"{name}.ttf", BUILT[name]()
    for number in range(count - len(built)):
        source = random.Random(number // 8).choice(small)
        yield f"spoilt_{number:03d}{source.suffix}", spoilt_font(source.read_bytes(), number)


# Pictures


_FORMS = (
    (".jpg", []),
    (".png", []),
    (".webp", []),
    (".bmp", []),
    (".tif", []),
    (".jpeg", [cv2.IMWRITE_JPEG_PROGRESSIVE, 1]),
    (".tiff", [cv2.IMWRITE_TIFF_COMPRESSION, 8]),
)


def scenery(height: int = 90, width: int = 120) -> np.ndarray:
    """A smooth picture, uint8 (height, width, 3)."""
    y, x = np.mgrid[0:height, 0:width]
    return np.dstack([x * 255 // width, y * 255 // height, (x + y) * 255 // (height + width)]).astype(np.uint8)


def encoded(image: np.ndarray, suffix: str, options: list[int] | None = None) -> bytes:
    """The picture's file."""
    return cv2.imencode(suffix, image, options or [])[1].tobytes()


def spoilt_picture(honest: bytes, number: int) -> bytes:
    """The picture's bytes, spoilt."""
    r = random.Random(number)
    data = bytearray(honest)
    kind = number // len(_FORMS) % 6
    if kind == 0:
        return bytes(data[: r.randrange(1, len(data))])
    if kind == 1:
        for _ in range(r.choice([1, 10, 300])):
            data[r.randrange(len(data))] ^= 1 << r.randrange(8)
    elif kind == 2:
        for _ in range(r.choice([1, 4, 10])):
            data[r.randrange(min(120, len(data)))] = r.choice([0, 255, r.randrange(256)])
    elif kind == 3:  # the middle is gone, the end is there
        start = r.randrange(40, len(data) - 40)
        del data[start : r.randrange(start, len(data) - 20)]
    elif kind == 4:
        data[200:-50] = r.randbytes(len(data) - 250)
    else:
        data += r.randbytes(2000)
    return bytes(data)


def png(width: int, height: int, rows: bytes = b"") -> bytes:
    """A PNG whose header says so, whatever it holds."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(rows, 9))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + body + chunk(b"IEND", b"")


def _jpeg_that_says(height: int, width: int) -> bytes:
    data = bytearray(encoded(scenery(), ".jpg"))
    struct.pack_into(">HH", data, data.index(b"\xff\xc0") + 5, height, width)
    return bytes(data)


def _bmp_that_says(height: int, width: int = 120) -> bytes:
    data = bytearray(encoded(scenery(), ".bmp"))
    struct.pack_into("<ii", data, 18, width, height)
    return bytes(data)


def _cmyk() -> bytes:
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(scenery()).convert("CMYK").save(file, "JPEG")
    return file.getvalue()


def _animated() -> bytes:
    from PIL import Image

    file = io.BytesIO()
    image = Image.fromarray(scenery())
    image.save(file, "WEBP", save_all=True, append_images=[image.rotate(90), image.rotate(180)])
    return file.getvalue()


RARE: dict[str, Callable[[], bytes]] = {
    "grey.jpg": lambda: encoded(scenery()[:, :, 0], ".jpg"),
    "sixteen_bits.png": lambda: encoded(scenery().astype(np.uint16) * 257, ".png"),
    "floats.tif": lambda: encoded(scenery().astype(np.float32) * 1e9, ".tif"),
    "not_numbers.tif": lambda: encoded(np.full((90, 120), np.nan, np.float32), ".tif"),
    "transparent.png": lambda: encoded(np.dstack([scenery(), scenery()[:, :, :1]]), ".png"),
    "cmyk.jpg": _cmyk,
    "animated.webp": _animated,
    "nothing.jpg": lambda: b"",
    "zeros.png": lambda: bytes(5000),
    "page.png": lambda: b"<html></html>",
    "vast.png": lambda: png(60_000, 60_000),
    "vaster.png": lambda: png(0x7FFFFFFF, 0x7FFFFFFF),
    "bomb.png": lambda: png(12_000, 8_000, bytes(8_000 * 36_001)),
    "no_rows.png": lambda: png(500, 500, bytes(100)),
    "strip.png": lambda: png(100_000, 8, bytes(8 * 300_001)),
    "jpeg_65535.jpg": lambda: _jpeg_that_says(65535, 65535),
    "jpeg_9000.jpg": lambda: _jpeg_that_says(9000, 9000),
    "bmp_upside.bmp": lambda: _bmp_that_says(-90),
    "bmp_least.bmp": lambda: _bmp_that_says(-(1 << 31)),
    "bmp_9000.bmp": lambda: _bmp_that_says(9000, 9000),
    "loop.tif": lambda: b"II*\0\x08\0\0\0\x01\0\0\x01\x03\0\x01\0\0\0\x20\0\0\0\x08\0\0\0",
}


def pictures(count: int) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of `count` hostile pictures."""
    rare = list(RARE)[:count]
    for name in rare:
        yield name, RARE[name]()
    honest = [(suffix, encoded(scenery(200, 300), suffix, options)) for suffix, options in _FORMS]
    for number in range(count - len(rare)):
        suffix, data = honest[number % len(honest)]
        yield f"spoilt_{number:03d}{suffix}", spoilt_picture(data, number)
