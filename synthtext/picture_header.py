"""What the header of a picture's file says: its size, and how EXIF turns it."""

from __future__ import annotations

import io
import warnings

from PIL import Image

from synthtext.paint.backgrounds import MAX_PIXELS, size_in_header

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
