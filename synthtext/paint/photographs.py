"""Photographs: those that a library has, looked at once, decoded when they are drawn and kept within a bound."""

from __future__ import annotations

import functools
import hashlib
import io
import logging
import threading
from collections import OrderedDict
from pathlib import Path
from typing import BinaryIO

import cv2
import numpy as np
import numpy.typing as npt
from msgspec import Struct

from synthtext.core import assets
from synthtext.core.contents import digests_of
from synthtext.core.errors import InputError
from synthtext.core.file_index import Entry, Index, Kind, look_up
from synthtext.core.files import Found, Unfit, files_below, has_suffix, look, read, shown
from synthtext.core.kernel import kernel
from synthtext.core.picture_header import size_in_header
from synthtext.core.split import NO_SPLIT, SplitConfig, members
from synthtext.paint.paint_config import BackgroundConfig
from synthtext.paint.textures import Texels, pyramid, texels_of

Image = npt.NDArray[np.float32]
Picture = npt.NDArray[np.uint8]

PHOTO_SIDE = 768
DECODE_S = 10.0  # of processor time for one: it is decoded again by each worker that draws it
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})

_log = logging.getLogger(__name__)
_named: set[str] = set()  # what was warned of already: a message's presence is the only thing that depends on it


class Photo(Struct, frozen=True):
    """A photograph that was listed: its path, its size by its header (before EXIF turns it); is it a JPEG; the SHA-256
    of its bytes, hex."""

    path: str
    bytes: int
    width: int
    height: int
    jpeg: bool
    sha256: str = ""


class BackgroundLibrary:
    """The photographs that may be drawn.

    `names`: of the photographs, sorted: `<folder's name>/<path inside>`, the same wherever the folder lies.
    `skipped`: (path, reason) of the files that were left out.
    """

    def __init__(
        self, photos: dict[str, Photo], skipped: tuple[tuple[str, str], ...] = (), memory_mb: int = 96
    ) -> None:
        self.names = tuple(sorted(photos))
        self.skipped = skipped
        self._photos = photos
        self._limit = memory_mb << 20
        self._held = 0
        self._cache: OrderedDict[str, Texels] = OrderedDict()
        self._lock = threading.Lock()  # of the cache and of what it holds

    @functools.cached_property
    def digest(self) -> str:
        """SHA-256, hex, of the photographs' names and of their files' bytes: what a sample relies on."""
        files = digests_of(photo.path for photo in self._photos.values())
        rows = (f"{name}\t{files[self._photos[name].path]}\n" for name in self.names)
        return hashlib.sha256("".join(rows).encode()).hexdigest()

    @property
    def photos(self) -> list[tuple[str, Photo]]:
        """Every photograph by its name, sorted."""
        return [(name, self._photos[name]) for name in self.names]

    def photo(self, name: str) -> tuple[tuple[Picture, ...], float]:
        """The photograph's halvings, uint8 (h, w, 3) sRGB each, and its mean light in (0, 1].

        Raises InputError for an unknown name, and for a file that was changed since it was listed and doesn't decode.
        """
        words = self.photo_words(name)
        levels = []
        for start, rows, columns in words.places.tolist():
            pixels = words.words[start : start + rows * columns].astype("<u4", copy=False)
            levels.append(pixels.view(np.uint8).reshape(rows, columns, 4)[:, :, :3])
        return tuple(levels), words.mean

    def photo_words(self, name: str) -> Texels:
        """The photograph for kernels: its halvings' pixels, red + 256 green + 65536 blue. Raises as `photo`."""
        with self._lock:
            words = self._cache.get(name)
            if words is not None:
                self._cache.move_to_end(name)
                return words
        if name not in self._photos:
            raise InputError(f"photograph {name!r} is not in the library; add its folder to paint.background.folders")
        photo = self._photos[name]
        try:
            picture = _decode(read(photo.path), photo.width, photo.height, photo.jpeg)
        except (Unfit, ValueError) as error:
            raise InputError(
                f"photograph {shown(photo.path)} cannot be read any more ({error}); was it changed while in use?"
            ) from None
        levels = pyramid(picture)
        small = levels[-1]
        mean = float(LINEAR[int(small.sum(dtype=np.int64)) * 16 // small.size]) + 1e-3
        words = texels_of([level @ _BYTES for level in levels], mean)
        with self._lock:
            if name not in self._cache:  # another thread may have read it meanwhile
                self._cache[name] = words
                self._held += words.words.nbytes
            while self._held > self._limit and len(self._cache) > 1:
                _, old = self._cache.popitem(last=False)
                self._held -= old.words.nbytes
        return words


_BYTES = np.array((1, 256, 65536), np.uint32)


def load_library(config: BackgroundConfig, split: SplitConfig = NO_SPLIT) -> BackgroundLibrary:
    """List the photographs that `config` names, of the split: from the index, where it knows them.

    Raises InputError for a folder that is missing or holds no picture, and where photographs are wanted and there are
    none.
    """
    photos: dict[str, Photo] = {}
    skipped: list[tuple[str, str]] = []
    taken: set[str] = set()
    ours = [assets.folder("backgrounds") / "photos"] if config.starter else []
    roots = ours + [Path(assets.resolve(folder, "backgrounds")).expanduser() for folder in config.folders]
    for root in roots:
        if not root.is_dir():
            raise InputError(f"paint.background.folders: {str(root)!r} does not exist or is not a folder; give one")
        prefix, number = root.resolve().name, 2
        while prefix in taken:
            prefix, number = f"{root.resolve().name}~{number}", number + 1
        taken.add(prefix)
        found = _list(root, prefix, skipped, root in ours)
        if not found:
            unread = ""
            if skipped:
                name, reason = skipped[-1]
                unread = f"; {len(skipped)} could not be read ({shown(name)} {reason})"
            raise InputError(
                f"paint.background.folders: {str(root)!r} holds no picture that can be read{unread}; give a folder of "
                "pictures"
            )
        photos.update(found)
    if config.kinds.get("photo", 0.0) > 0.0 and not photos:
        raise InputError(
            "paint.background.kinds: 'photo' has a weight, but there are no photographs: "
            "set starter: true, name a folder in paint.background.folders, or take 'photo' out"
        )
    for path, reason in skipped:
        _name_once(path, reason)
    if photos:
        kept = members(split, "backgrounds", photos)
        photos = {name: photo for name, photo in photos.items() if name in kept}
    return BackgroundLibrary(photos, tuple(skipped), config.memory_mb)


class PictureSize(Struct, frozen=True, array_like=True):
    """What the index holds of a picture: its size by its header; is it a JPEG."""

    width: int
    height: int
    jpeg: bool


def _look_at(path: str, decoded: bool) -> Entry[PictureSize]:
    found, digest = Found(path, 0, 0, 0), ""
    try:
        found = look(path)
        data = read(path)
        digest = hashlib.sha256(data).hexdigest()
        size = picture_size(io.BytesIO(data))
        if decoded:
            _decode(data, *size)
        return Entry(*found[1:], digest, content=PictureSize(*size))
    except (Unfit, ValueError) as error:
        return Entry(*found[1:], digest, str(error))


def read_header(path: str) -> Entry[PictureSize]:
    """What a picture's header and end say, or why it is of no use."""
    return _look_at(path, False)


def read_picture(path: str) -> Entry[PictureSize]:
    """The same of a picture that was decoded, too."""
    return _look_at(path, True)


_VERSION = f"1/{cv2.__version__}"


PICTURES = Kind("pictures", _VERSION, Index[PictureSize], read_picture, lambda path: DECODE_S)


_OURS = Kind("starter-pictures", _VERSION, Index[PictureSize], read_header)


def _list(root: Path, prefix: str, skipped: list[tuple[str, str]], ours: bool) -> dict[str, Photo]:
    listing = files_below(root, has_suffix(SUFFIXES))
    entries = look_up(_OURS if ours else PICTURES, root.resolve(), listing.files, trusted=ours)
    troubles = list(listing.left_out)
    photos: dict[str, Photo] = {}
    for name, entry in entries.items():
        path, size = listing.files[name].path, entry.content
        if size is None:
            troubles.append((path, entry.problem))
        else:
            photos[f"{prefix}/{name}"] = Photo(path, entry.size, size.width, size.height, size.jpeg, entry.sha256)
    skipped += [(path, r if r.startswith(("it ", "its ")) else f"it {r}") for path, r in sorted(troubles)]
    return photos


def _name_once(path: str, reason: str) -> None:
    if path not in _named:
        _named.add(path)
        _log.warning("background %s is left out: %s", shown(path), reason)


def _decode(data: bytes, width: int, height: int, jpeg: bool) -> Picture:
    """The photograph as RGB uint8, at most PHOTO_SIDE long. Raises ValueError where it can't be decoded.

    `width`, `height`, `jpeg`: as `picture_size` gives them.
    """
    flags = cv2.IMREAD_COLOR
    if jpeg:  # a JPEG can be decoded at a half, a quarter or an eighth of its size at a part of the cost
        room = max(width, height) // PHOTO_SIDE
        if room >= 2:
            flags = (
                cv2.IMREAD_REDUCED_COLOR_8
                if room >= 8
                else cv2.IMREAD_REDUCED_COLOR_4
                if room >= 4
                else cv2.IMREAD_REDUCED_COLOR_2
            )
    try:
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error as error:
        raise ValueError(f"it cannot be decoded ({error.err})") from None
    if picture is None or min(picture.shape[:2]) < 2:
        raise ValueError("it cannot be decoded")
    rgb: Picture = np.ascontiguousarray(picture[:, :, ::-1], np.uint8)
    height, width = rgb.shape[:2]
    longer = max(height, width)
    if longer <= PHOTO_SIDE:
        return rgb
    # A very long strip keeps a width of 2.
    result: Picture = shrink(rgb, max(2, height * PHOTO_SIDE // longer), max(2, width * PHOTO_SIDE // longer))
    return result


def picture_size(file: BinaryIO) -> tuple[int, int, bool]:
    """(width, height, is it a JPEG) of a JPEG, PNG, WebP, BMP or TIFF file, by its header; it isn't decoded.

    Raises ValueError where the file is none of these, is cut off, or has more than MAX_PIXELS pixels or a side under 8.
    """
    width, height, jpeg = size_in_header(file)
    if min(width, height) < 8:
        raise ValueError(f"it has {width} x {height} pixels; 8 a side are needed")
    return width, height, jpeg


def list_table(library: BackgroundLibrary) -> str:
    """One line a photograph: name, size, bytes."""
    rows = [(name, f"{p.width} x {p.height}", f"{p.bytes:,}") for name, p in library.photos]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [f"{name:<{widths[0]}}  {size:<{widths[1]}}  {count:>{widths[2]}}" for name, size, count in rows]
    return "\n".join([*lines, f"{len(rows)} photographs"])


def _linear_table() -> Image:
    table = np.empty(4096, np.float32)
    for i in range(4096):
        v = min(i / (255.0 * 16.0), 1.0)
        table[i] = v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4
    table.setflags(write=False)
    return table


# sRGB (IEC 61966-2-1) in steps of 1 / 16 of a code, to linear light.
LINEAR = _linear_table()


@kernel
def shrink(image, height, width):
    """Area-averaged: uint8 (H, W, 3) to (height, width, 3), no larger. In integers: exact, and the same everywhere."""
    rows, columns = image.shape[0], image.shape[1]
    out = np.empty((height, width, 3), np.uint8)
    total = rows * columns
    sums = np.empty((width, 3), np.int64)
    for y in range(height):
        sums[:] = 0
        # In units of 1 / height of a source row: this output row spans [y * rows, (y + 1) * rows).
        top, bottom = y * rows, (y + 1) * rows
        for j in range(top // height, (bottom + height - 1) // height):
            tall = min(bottom, (j + 1) * height) - max(top, j * height)
            for x in range(width):
                left, right = x * columns, (x + 1) * columns
                r, g, b = np.int64(0), np.int64(0), np.int64(0)
                for i in range(left // width, (right + width - 1) // width):
                    wide = min(right, (i + 1) * width) - max(left, i * width)
                    r += wide * image[j, i, 0]
                    g += wide * image[j, i, 1]
                    b += wide * image[j, i, 2]
                sums[x, 0] += tall * r
                sums[x, 1] += tall * g
                sums[x, 2] += tall * b
        for x in range(width):
            for c in range(3):
                out[y, x, c] = np.uint8((sums[x, c] + total // 2) // total)
    return out
