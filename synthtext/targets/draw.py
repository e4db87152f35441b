"""The maps of a method drawn over the picture that they belong to, as one sheet; and `synthtext targets`."""

from __future__ import annotations

import argparse
import inspect
import math
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from synthtext.core.errors import InputError
from synthtext.core.files import Unfit, read, shown
from synthtext.geometry.polygons import clockwise_polygons

Image = npt.NDArray[np.uint8]
Map = npt.NDArray[Any]
Colour = tuple[int, int, int]

_RBOX = ("to the top, px", "to the right, px", "to the bottom, px", "to the left, px", "angle, radians")
_SHIFT = 4  # bits of a pixel's fraction that OpenCV's drawing takes
_PAPER, _INK = (250, 250, 248), (30, 30, 34)
_LEGIBLE, _IGNORED, _DECODED = (0, 200, 80), (235, 40, 60), (255, 150, 0)


def _grey(image: Image) -> Image:
    """The picture, pale and without colour, for maps to lie on."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    return np.asarray(np.repeat((grey // 2 + 110)[..., None], 3, 2), np.uint8)


def _resized(image: Image, width: int) -> Image:
    height = max(round(image.shape[0] * width / image.shape[1]), 1)
    how = cv2.INTER_AREA if width < image.shape[1] else cv2.INTER_NEAREST
    return np.asarray(cv2.resize(image, (width, height), interpolation=how), np.uint8)


def outlined(image: Image, polygons: Sequence[npt.ArrayLike], colours: Sequence[Colour], width: int) -> Image:
    """The picture, `width` pixels wide, with polygons; a dot on the first point of each: there reading begins."""
    picture = _resized(image, width)
    for points, colour in zip(polygons, colours, strict=True):
        # OpenCV's pixel centres are whole numbers, ours lie at halves.
        at = np.asarray(points, np.float64) * (width / image.shape[1]) - 0.5
        fixed = np.rint(at.clip(-5000, 20000) * (1 << _SHIFT)).astype(np.int32)
        cv2.polylines(picture, [fixed], True, colour, 1, cv2.LINE_AA, _SHIFT)
        cv2.circle(picture, fixed[0].tolist(), 2 << _SHIFT, colour, -1, cv2.LINE_AA, _SHIFT)
    return picture


def _spread(values: Map, stride: int, height: int, width: int) -> Map:
    """A map as large as the picture, each sample a square of `stride` pixels."""
    large: Map = values.repeat(stride, 0).repeat(stride, 1)
    return large[:height, :width]


def _heat(image: Image, values: Map, shown: Map, low: float, high: float) -> Image:
    """Values, dark blue for `low` to yellow for `high`, where `shown`, over the pale picture."""
    scaled = np.clip((values.astype(np.float64) - low) / max(high - low, 1e-9), 0, 1)
    coloured = cv2.applyColorMap((255 * scaled).astype(np.uint8), cv2.COLORMAP_VIRIDIS)[..., ::-1]
    alpha = np.where(shown, 0.85, 0.0)[..., None]
    return np.asarray(np.rint(_grey(image) * (1 - alpha) + coloured * alpha), np.uint8)


def _ids(image: Image, values: Map) -> Image:
    """Each number in a colour of its own; neighbours in number far apart in hue."""
    known = values > 0
    hue = (values.astype(np.int64) * 67) % 180
    hsv = np.stack([hue, np.full_like(hue, 200), np.full_like(hue, 235)], 2).astype(np.uint8)
    coloured = cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)
    return np.where(known[..., None], coloured // 4 * 3 + _grey(image) // 4, _grey(image)).astype(np.uint8)


def _mask(image: Image, values: Map) -> Image:
    """Red where the loss does not count."""
    red = np.array(_IGNORED, np.float64)
    off = (values == 0)[..., None]
    return np.where(off, np.rint(0.4 * _grey(image) + 0.6 * red), _grey(image)).astype(np.uint8)


def _direction(image: Image, cos: Map, sin: Map) -> Image:
    """The angle as a hue: red points right, then yellow-green down, cyan left, violet up."""
    angle = np.arctan2(sin, cos)
    hue = np.rint(angle % (2 * math.pi) / (2 * math.pi) * 179).astype(np.uint8)
    hsv = np.stack([hue, np.full_like(hue, 220), np.full_like(hue, 240)], 2)
    shown = ((cos != 0) | (sin != 0))[..., None]
    return np.where(shown, cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), _grey(image)).astype(np.uint8)


def panels(image: Image, maps: Any, stride: int) -> Iterator[tuple[str, Image]]:
    """The maps of an encoder's NamedTuple, each as a title and a picture, uint8 RGB of the image's size.

    Corner offsets and Fourier coefficients, which say little to the eye, are left out: see `decoded`.
    """
    height, width = image.shape[:2]
    fields: dict[str, Map] = {
        name: _spread(values, stride, height, width)
        for name, values in maps._asdict().items()
        if name not in ("quad", "fourier")
    }
    owned = fields["instance"] > 0
    for name, values in fields.items():
        if name == "sin":
            continue
        if name == "cos":
            yield "cos, sin: reading direction (red: to the right)", _direction(image, values, fields["sin"])
        elif name.endswith("mask"):
            yield f"{name}: red does not count", _mask(image, values)
        elif values.dtype == np.int32:
            yield name, _ids(image, values)
        elif name == "kernels":
            count = values.sum(2)
            yield f"kernels: S_1 (yellow) to S_{values.shape[2]}", _heat(image, count, count > 0, 0, values.shape[2])
        elif name == "rbox":
            for channel, title in enumerate(_RBOX):
                part = values[..., channel]
                own = part[owned] if owned.any() else np.zeros(1)
                low, high = float(own.min()), float(own.max())
                yield f"{name}: {title}, {low:.3g} to {high:.3g}", _heat(image, part, owned, low, high)
        else:
            blank = float(values.min(initial=0.0)) if name != "threshold" else float(values.min())
            high = float(values.max())
            title = name if high == 1.0 and values.dtype == np.uint8 else f"{name}, up to {high:.3g}"
            yield title, _heat(image, values, values > blank, min(blank, high), high)


def decoded(name: str, maps: Any, stride: int) -> Iterator[tuple[str, list[npt.NDArray[Any]]]]:
    """The texts that the method's `decode` finds in its own maps, under a title; nothing where it has no decode."""
    from synthtext.targets import encoder

    module = encoder(name)
    takes = {
        "east": ("score", "rbox"),
        "dbnet": ("probability",),
        "psenet": ("kernels",),
        "pan": ("text", "kernel"),
        "craft": ("region", "affinity"),
        "textsnake": ("text", "centre", "radius", "cos", "sin"),
        "fcenet": ("text", "centre", "fourier"),
    }
    if name in takes:
        title = "decoded from rbox" if name == "east" else "decoded"
        yield title, list(module.decode(*(getattr(maps, field) for field in takes[name]), stride=stride)[0])
    if name == "east":
        yield "decoded from quad", list(module.decode(maps.score, quad=maps.quad, stride=stride)[0])


def sheet(
    image: Image,
    name: str,
    maps: Any,
    stride: int,
    polygons: Sequence[npt.ArrayLike] = (),
    ignore: Sequence[bool] = (),
    *,
    columns: int = 3,
    width: int = 560,
) -> Image:
    """The labels, every map and what `decode` makes of the maps over `image` uint8 (H, W, 3): one picture, RGB.

    `maps`: what the encoder `name` gave at `stride`; `polygons` and `ignore`: the labels. `width`: of each panel.
    """
    from synthtext.crop.caption import draw_caption

    colours = [_IGNORED if off else _LEGIBLE for off in ignore]
    tiles = [("labels: ignored ones red, a dot where reading begins", outlined(image, polygons, colours, width))]
    tiles += [(title, _resized(picture, width)) for title, picture in panels(image, maps, stride)]
    for title, texts in decoded(name, maps, stride):
        tiles.append((title, outlined(_grey(image), texts, [_DECODED] * len(texts), width)))
    tall, gap, below = tiles[0][1].shape[0], 14, 26
    columns = min(columns, len(tiles))
    rows = -(-len(tiles) // columns)
    page = np.full((rows * (tall + below + gap) + 44, columns * (width + gap) + gap, 3), _PAPER, np.uint8)
    heading = f"{name}, stride {stride}, {image.shape[1]} x {image.shape[0]} pixels"
    draw_caption(page, heading, gap, 28, 18.0, _INK, page.shape[1] - 2 * gap)
    for k, (title, picture) in enumerate(tiles):
        y, x = 44 + k // columns * (tall + below + gap), gap + k % columns * (width + gap)
        page[y : y + tall, x : x + width] = picture
        draw_caption(page, title, x, y + tall + 17, 14.0, _INK, width)
    return page


def read_image(path: str | Path) -> Image:
    """A picture as uint8 (H, W, 3) RGB. Raises InputError."""
    try:
        content = np.frombuffer(read(path), np.uint8)
    except Unfit as error:
        reason = str(error) if str(error).startswith("cannot be read") else f"cannot be read: it {error}"
        raise InputError(f"{shown(path)}: {reason}") from None
    picture = cv2.imdecode(content, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION) if content.size else None
    if picture is None:
        raise InputError(f"{path}: is no whole picture; give a JPEG, PNG, BMP, TIFF or WebP that is not cut off")
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)


def encode_file(
    name: str, path: str | Path, picture: str | Path, height: int, width: int, stride: int | None
) -> tuple[Any, list[Any], Any]:
    """The maps of a method for a picture's labels, its polygons (clockwise) and ignore flags.

    `path`: a truth file, or a list or data set that names `picture` (see `words_of_picture`). Chars, where
    the method wants them, are taken as equally wide. Raises InputError that names file and label.
    """
    from synthtext.formats.reading.one_picture import words_of_picture
    from synthtext.targets import TAKES, alphabet, craft, encoder

    words, problem = words_of_picture(path, picture)
    if problem:
        print(f"synthtext: {path}: {problem}; the others are drawn", file=sys.stderr)
    texts, ignore = [word.text for word in words], np.array([word.ignore for word in words], bool)
    polygons, turned = clockwise_polygons([word.polygon or word.quad for word in words])
    if turned:
        print(f"synthtext: {path}: {turned} texts run counter-clockwise; taken the other way round", file=sys.stderr)
    module = encoder(name)
    options: dict[str, Any] = {} if stride is None else {"stride": stride}
    try:
        if TAKES[name] == "quads":
            for k, polygon in enumerate(polygons):
                if len(polygon) != 4:
                    raise InputError(f"label {k} has {len(polygon)} points, and {name} takes quads; try dbnet")
            maps = module.encode(polygons, ignore, height, width, **options)
        elif TAKES[name] == "chars":
            written = ["" if off else text for text, off in zip(texts, ignore, strict=True)]
            quads, owner, chars = craft.split_words(polygons, written)
            own: list[Any] = [quads, owner, polygons, ignore, height, width]
            if name == "chars":
                own.insert(1, chars)
                own.append(alphabet.Alphabet("".join(sorted(set(chars))) or "?"))
            maps = module.encode(*own, **options)
        else:
            maps = module.encode(polygons, ignore, height, width, **options)
    except InputError as error:
        raise InputError(f"{path}: {error} (labels are counted from 0)") from None
    return maps, polygons, ignore


def run(args: argparse.Namespace) -> int:
    """The subcommand `targets`."""
    from synthtext.targets import encoder

    if Path(args.out).suffix.lower() not in (".png", ".jpg", ".npz"):
        raise InputError(f"-o {args.out}: end the name in .png or .jpg for a sheet, or in .npz for the maps themselves")
    for given in (args.image, args.labels):
        if os.path.exists(args.out) and os.path.exists(given) and os.path.samefile(args.out, given):
            raise InputError(f"-o {args.out}: is what is read; give another name")
    module = encoder(args.target)
    for name, value in (("--stride", args.stride), ("--columns", args.columns)):
        if value is not None and value < 1:
            raise InputError(f"{name} {value}: give 1 or more")
    image = read_image(args.image)
    height, width = image.shape[:2]
    maps, polygons, ignore = encode_file(args.target, args.labels, args.image, height, width, args.stride)
    stride = args.stride or inspect.signature(module.encode).parameters["stride"].default
    try:
        if args.out.lower().endswith(".npz"):
            np.savez_compressed(args.out, **maps._asdict())
        else:
            picture = sheet(image, args.target, maps, stride, polygons, ignore.tolist(), columns=args.columns)
            content = cv2.imencode(Path(args.out).suffix.lower(), picture[..., ::-1])[1]
            Path(args.out).write_bytes(content.tobytes())
    except OSError as error:
        raise InputError(f"-o {args.out}: cannot be written: {error.strerror}") from None
    legible = len(polygons) - int(ignore.sum())
    print(f"{args.target} maps of {legible} texts and {int(ignore.sum())} ignored ones: {args.out}", file=sys.stderr)
    return 0
