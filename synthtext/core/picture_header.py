"""What the header of a picture's file says: its size, and how EXIF turns it."""

from __future__ import annotations

import io
import os
import struct
import warnings
from typing import BinaryIO

from PIL import Image

MAX_PIXELS = 100_000_000
_SIZED = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # frame headers (ITU-T T.81, table B.1)


def picture_size(data: bytes) -> tuple[int, int]:
    """(width, height) of an image file by its header. Raises ValueError where it is none, cut off or too large.

    The usual JPEG and PNG are told here, in a few microseconds; all else, and all that is odd, by `size_in_header`.
    """
    if data[:2] == b"\xff\xd8" and data[-2:] == b"\xff\xd9":
        at, end = 2, len(data) - 10
        while at < end and data[at] == 0xFF:
            code = data[at + 1]
            if code in _SIZED:
                height, width = data[at + 5] << 8 | data[at + 6], data[at + 7] << 8 | data[at + 8]
                if 0 < height * width <= MAX_PIXELS:
                    return width, height
                break
            at += 2 + (data[at + 2] << 8 | data[at + 3])
    elif data[:8] == b"\x89PNG\r\n\x1a\n" and data[-8:-4] == b"IEND":
        width, height = int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
        if 0 < height * width <= MAX_PIXELS:
            return width, height
    return size_in_header(io.BytesIO(data))[:2]


def size_in_header(file: BinaryIO) -> tuple[int, int, bool]:
    """(width, height, is it a JPEG) of an open JPEG, PNG, WebP, BMP or TIFF file, up to MAX_PIXELS pixels.

    Raises ValueError where the file is none of these, is cut off, or is larger.
    """
    head = file.read(32)
    end = file.seek(0, os.SEEK_END)
    if end == 0:
        raise ValueError("it is empty")
    file.seek(max(0, end - 65536))
    tail = file.read()
    try:
        if head[:2] == b"\xff\xd8":
            width, height = _jpeg_size(file)
            whole = b"\xff\xd9" in tail
        elif head[:8] == b"\x89PNG\r\n\x1a\n":
            width, height = struct.unpack(">II", head[16:24])
            whole = b"IEND" in tail
        elif head[:4] == b"RIFF" and head[8:12] == b"WEBP":
            file.seek(0)
            width, height = _webp_size(file.read(40))
            whole = end >= struct.unpack("<I", head[4:8])[0] + 8
        elif head[:2] == b"BM":
            width, height = (abs(v) for v in struct.unpack("<ii", head[18:26]))
            whole = end >= struct.unpack("<I", head[2:6])[0]
        elif head[:4] in (b"II*\0", b"MM\0*"):
            width, height = _tiff_size(file, "<" if head[:2] == b"II" else ">")
            whole = True
        else:
            raise ValueError("it is no JPEG, PNG, WebP, BMP or TIFF picture")
    except struct.error:
        raise ValueError("its header is cut off") from None
    if width * height > MAX_PIXELS:
        raise ValueError(f"it has {width} x {height} pixels, more than {MAX_PIXELS // 1_000_000} million")
    if min(width, height) < 1:
        raise ValueError(f"it has {width} x {height} pixels")
    if not whole:
        raise ValueError("it is cut off")
    return width, height, head[:2] == b"\xff\xd8"


def _jpeg_size(file: BinaryIO) -> tuple[int, int]:
    """The size in the first frame header (ITU-T T.81, B.2.2)."""
    seek, read = file.seek, file.read
    seek(2)
    while True:
        mark, code, length = struct.unpack(">BBH", read(4))
        if mark != 0xFF:
            raise ValueError("its JPEG header is damaged")
        if code == 0xFF:  # a fill byte before the marker
            seek(-3, os.SEEK_CUR)
            continue
        if 0xC0 <= code <= 0xCF and code not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">xHH", read(5))
            return width, height
        if code in (0xD9, 0xDA) or length < 2:
            raise ValueError("its JPEG header is damaged")
        seek(length - 2, os.SEEK_CUR)


def _webp_size(head: bytes) -> tuple[int, int]:
    """The size of a lossy, lossless or extended WebP (RFC 9649, section 2)."""
    kind = head[12:16]
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", head[26:30])
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":
        (bits,) = struct.unpack("<I", head[21:25])
        return (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1
    if kind == b"VP8X" and len(head) >= 30:
        return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    raise ValueError("its WebP header is damaged")


def _tiff_size(file: BinaryIO, order: str) -> tuple[int, int]:
    """The size in the first directory (TIFF 6.0, section 2): tags 256 and 257."""
    seek, read = file.seek, file.read
    seek(4)
    seek(struct.unpack(order + "I", read(4))[0])
    size = {}
    for _ in range(struct.unpack(order + "H", read(2))[0]):
        tag, kind = struct.unpack(order + "HH", read(4))
        entry = read(8)
        if tag in (256, 257):
            size[tag] = struct.unpack(order + "4xH" if kind == 3 else order + "4xI", entry[: 6 if kind == 3 else 8])[0]
    if len(size) < 2:
        raise ValueError("its TIFF header has no size")
    return size[256], size[257]


_ORIENTATION = 0x0112  # EXIF 2.3, section 4.6.4 A
_EXIF_WITHIN = 1 << 17  # bytes of a JPEG in which its EXIF is looked for: it comes before the pixels


def exif_orientation(data: bytes) -> int:
    """The EXIF orientation, 1 to 8, of a JPEG, PNG, WebP or TIFF file; 1 where it has none, or a damaged one."""
    if not _may_turn(data):
        return 1
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data)) as picture:
                turned = picture.getexif().get(_ORIENTATION, 1)
    except Exception:  # of a damaged file Pillow raises what its parsers meet: SyntaxError, struct.error, KeyError, ...
        return 1
    return int(turned) if turned in range(1, 9) else 1


def _may_turn(data: bytes) -> bool:
    """Whether a file may hold EXIF at all: most have none, and are not worth a parser."""
    if data[:2] == b"\xff\xd8":
        return data.find(b"Exif\0\0", 0, _EXIF_WITHIN) >= 0
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return b"eXIf" in data or b"Raw profile type" in data
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return data[12:16] == b"VP8X" and b"EXIF" in data
    return data[:4] in (b"II*\0", b"MM\0*")
