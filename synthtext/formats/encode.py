"""A sample as bytes: the image file and the label record. Runs in the worker processes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import cv2
import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Raw

from synthtext.core.kernel import kernel
from synthtext.formats.base import Encoding, Item
from synthtext.labels.ink_maps import INK_MAPS, Ink, ink_maps
from synthtext.sample import Labels, Sample

_JSON = msgspec.json.Encoder()
# Chroma at full resolution: halved, the coloured strokes of small text bleed into their ground.
_SAMPLING = [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]
_PNG_LEVEL = 3  # of 9: twice as fast as 6 and about 5 % larger on word crops
# Masks are runs of the same value: run lengths take half the time of deflate's search, and fewer bytes.
_RUNS = [cv2.IMWRITE_PNG_COMPRESSION, 1, cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE]
# Not in every version of OpenCV. Ids mostly go on from the row above; of coverage nothing can be foretold.
_FILTERS = {
    kind: [cv2.IMWRITE_PNG_FILTER, getattr(cv2, f"IMWRITE_PNG_FILTER_{name}")]
    for kind, name in (("coverage", "NONE"), ("words", "UP"), ("chars", "UP"))
    if hasattr(cv2, "IMWRITE_PNG_FILTER")
}


class Labelled(Protocol):
    """What of a `Sample` is encoded."""

    image: npt.NDArray[np.uint8]
    text: str
    labels: Labels
    seed: int
    index: int

    @property
    def plan(self) -> dict[str, Any]: ...

    @property
    def ink(self) -> Ink: ...


def encode_image(image: npt.NDArray[np.uint8], encoding: Encoding) -> bytes:
    """The JPEG or PNG file of an image, uint8 (H, W, 3) RGB or (H, W)."""
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR) if image.ndim == 3 else image
    if encoding.image_format == "png":
        _, data = cv2.imencode(".png", bgr, [cv2.IMWRITE_PNG_COMPRESSION, _PNG_LEVEL])
    else:
        _, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, encoding.quality, *_SAMPLING])
    return data.tobytes()


def encode_ink(ink: Ink, threshold: float) -> tuple[bytes, ...]:
    """PNG files of the maps of INK_MAPS: grey, of 8 bits the coverage, of 16 bits the ids."""
    return tuple(
        cv2.imencode(".png", array, [*_RUNS, *_FILTERS.get(name, ())])[1].tobytes()
        for name, array in zip(INK_MAPS, ink_maps(ink, threshold=threshold), strict=True)
    )


@kernel
def write_points(points, out, ends):
    """Points as JSON, "[x,y]," each, rounded to 1/100: as a float is written, with a digit or two after the point.

    `points`: float32 (n, 2). Out: `out` uint8 (48 n,), the text; `ends` int64 (n,), where each point's "]" is passed.
    """
    digits = np.empty(20, np.uint8)
    at = 0
    for i in range(points.shape[0]):
        for axis in range(2):
            out[at] = 44 if axis else 91  # , or [
            at += 1
            value = np.int64(np.rint(np.float64(points[i, axis]) * 100.0))
            if value < 0:
                out[at] = 45  # -
                at += 1
                value = -value
            whole, part = value // 100, value % 100
            n = 0
            while n == 0 or whole > 0:
                digits[n] = 48 + whole % 10
                whole //= 10
                n += 1
            for k in range(n):
                out[at + k] = digits[n - 1 - k]
            out[at + n] = 46  # .
            out[at + n + 1] = 48 + part // 10
            at += n + 2
            if part % 10:
                out[at] = 48 + part % 10
                at += 1
        out[at] = 93  # ]
        out[at + 1] = 44
        ends[i] = at + 1
        at += 2


def label_record(sample: Labelled | Sample, image_name: str, plans: bool) -> dict[str, Any]:
    """The label record as JSON-able values; coordinates in pixels, rounded to 1/100."""
    # Adding 0 makes a plain zero of a negative one.
    xy = (np.rint(np.multiply(_points(sample.labels), 100.0, dtype=np.float64)) / 100.0 + 0.0).tolist()
    return _record(sample, image_name, plans, lambda first, end: xy[first:end])


def encode_record(sample: Labelled | Sample, image_name: str, plans: bool) -> bytes:
    """The label record as a line of JSON: `label_record`, without a Python object for each coordinate."""
    points = _points(sample.labels)
    text, ends = np.empty(48 * len(points), np.uint8), np.empty(len(points), np.int64)
    write_points(points, text, ends)
    edges = [-1, *ends.tolist()]
    json = text[: edges[-1] + 1].tobytes()
    return _JSON.encode(
        _record(sample, image_name, plans, lambda first, end: Raw(b"[%b]" % json[edges[first] + 1 : edges[end]]))
    )


def _points(labels: Labels) -> npt.NDArray[np.float32]:
    """All points of a sample: of its chars' quads, its words' quads and its words' polygons."""
    return np.concatenate([labels.char_quads.reshape(-1, 2), labels.word_quads.reshape(-1, 2), *labels.polygons])


def _record(
    sample: Labelled | Sample, image_name: str, plans: bool, points: Callable[[int, int], Any]
) -> dict[str, Any]:
    """The record; `points(first, end)`: those of `_points`, as they are to stand in it."""
    labels = sample.labels
    n, m = len(labels.char_text), len(labels.word_text)
    chars: list[list[dict[str, Any]]] = [[] for _ in range(m)]
    for i, (text, word) in enumerate(zip(labels.char_text, labels.char_word.tolist(), strict=True)):
        chars[word].append({"text": text, "quad": points(4 * i, 4 * i + 4)})
    words = []
    polygon_at = 4 * (n + m)
    for i, (text, polygon, ignore, legibility, visible, line, paragraph) in enumerate(
        zip(
            labels.word_text,
            labels.polygons,
            labels.ignore.tolist(),
            labels.legibility.tolist(),
            labels.visible.tolist(),
            labels.line.tolist(),
            labels.paragraph.tolist(),
            strict=True,
        )
    ):
        quad_at = 4 * (n + i)
        words.append(
            {
                "text": text,
                "quad": points(quad_at, quad_at + 4),
                "polygon": points(polygon_at, polygon_at + len(polygon)),
                "ignore": ignore,
                "legibility": round(legibility, 4),
                "visible": round(visible, 4),
                "line": line,
                "paragraph": paragraph,
                "chars": chars[i],
            }
        )
        polygon_at += len(polygon)
    record = {
        "index": sample.index,
        "seed": sample.seed,
        "image": image_name,
        "height": sample.image.shape[0],
        "width": sample.image.shape[1],
        "text": sample.text,
        "words": words,
    }
    if plans:
        record["plan"] = sample.plan
    return record


def encode(sample: Labelled | Sample, image_name: str, encoding: Encoding) -> Item:
    """Encode a sample, whose image the data set will hold under `image_name`."""
    record = encode_record(sample, image_name, encoding.plans)
    ink = encode_ink(sample.ink, encoding.ink_threshold) if encoding.ink else ()
    return Item(sample.index, sample.text, encode_image(sample.image, encoding), record, ink)
