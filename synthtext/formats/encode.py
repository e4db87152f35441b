"""A sample as bytes: the image file and the label record. Runs in the worker processes."""

from __future__ import annotations

from typing import Any, Protocol

import cv2
import msgspec
import numpy as np
import numpy.typing as npt

from synthtext.formats.base import Encoding, Item
from synthtext.sample import Labels, Sample

_JSON = msgspec.json.Encoder()
# Chroma at full resolution: halved, the coloured strokes of small text bleed into their ground.
_SAMPLING = [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]
_PNG_LEVEL = 3  # of 9: twice as fast as 6 and about 5 % larger on word crops


class Labelled(Protocol):
    """What of a `Sample` is encoded."""

    image: npt.NDArray[np.uint8]
    text: str
    labels: Labels
    seed: int
    index: int

    @property
    def plan(self) -> dict[str, Any]: ...


def encode_image(image: npt.NDArray[np.uint8], encoding: Encoding) -> bytes:
    """The JPEG or PNG file of an image, uint8 (H, W, 3) RGB or (H, W)."""
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR) if image.ndim == 3 else image
    if encoding.image_format == "png":
        _, data = cv2.imencode(".png", bgr, [cv2.IMWRITE_PNG_COMPRESSION, _PNG_LEVEL])
    else:
        _, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, encoding.quality, *_SAMPLING])
    return data.tobytes()


def label_record(sample: Labelled | Sample, image_name: str, plans: bool) -> dict[str, Any]:
    """The label record as JSON-able values; coordinates in pixels, rounded to 1/100."""
    labels = sample.labels
    n, m = len(labels.char_text), len(labels.word_text)
    # All points are rounded at once: of a few dozen each, the calls would cost more than the work.
    points = np.concatenate([labels.char_quads.reshape(-1, 2), labels.word_quads.reshape(-1, 2), *labels.polygons])
    hundredths = np.multiply(points, 100.0, dtype=np.float64)
    np.rint(hundredths, out=hundredths)
    xy = (hundredths / 100.0).tolist()
    chars: list[list[dict[str, Any]]] = [[] for _ in range(m)]
    for i, (text, word) in enumerate(zip(labels.char_text, labels.char_word.tolist(), strict=True)):
        chars[word].append({"text": text, "quad": xy[4 * i : 4 * i + 4]})
    words = []
    polygon_at = 4 * (n + m)
    for i, (text, polygon, ignore, legibility, line, paragraph) in enumerate(
        zip(
            labels.word_text,
            labels.polygons,
            labels.ignore.tolist(),
            labels.legibility.tolist(),
            labels.line.tolist(),
            labels.paragraph.tolist(),
            strict=True,
        )
    ):
        quad_at = 4 * (n + i)
        words.append(
            {
                "text": text,
                "quad": xy[quad_at : quad_at + 4],
                "polygon": xy[polygon_at : polygon_at + len(polygon)],
                "ignore": ignore,
                "legibility": round(legibility, 4),
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


def encode_record(sample: Labelled | Sample, image_name: str, plans: bool) -> bytes:
    """The label record as a line of JSON."""
    return _JSON.encode(label_record(sample, image_name, plans))


def encode(sample: Labelled | Sample, image_name: str, encoding: Encoding) -> Item:
    """Encode a sample, whose image the data set will hold under `image_name`."""
    record = encode_record(sample, image_name, encoding.plans)
    return Item(sample.index, sample.text, encode_image(sample.image, encoding), record)
