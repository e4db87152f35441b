"""Ink masks: pictures, how much of each pixel is ink, and whose ink it is.

    python examples/ink.py ink.jpg

Three words, of which something hides ink, and a scene; beside each its coverage, its words and its chars.
"""

from __future__ import annotations

import sys

import cv2
import numpy as np
import numpy.typing as npt

from synthtext import Generator
from synthtext.sample import Sample

Image = npt.NDArray[np.uint8]

# Configuration, settings, index and enlargement of each row.
ROWS = (
    ("words", ("effects.worn={share: 1, strength: 0.5}",), 3, 2),
    ("words", ("interference.occlusion={share: 1, strength: 0.14}",), 9, 2),
    ("words", ("interference.strike={share: 1, strength: 0.07}",), 12, 2),
    ("scenes", ("image.width=256", "image.height=192", "scene.occluder=1", "scene.text_height=[0.1, 0.4]"), 5, 1),
)


def coloured(ids: npt.NDArray[np.uint16]) -> Image:
    """A colour for each id, far from those of its neighbours; black for 0."""
    number = np.arange(int(ids.max()) + 1)
    hsv = np.stack([(number * 55) % 180, np.full_like(number, 210), np.where(number, 235, 0)], axis=1)
    table = cv2.cvtColor(hsv.astype(np.uint8)[None], cv2.COLOR_HSV2RGB)[0]
    return np.asarray(table[ids])


def row(sample: Sample, zoom: int) -> Image:
    """A sample's picture and its masks, side by side."""
    ink = sample.ink
    tiles = [sample.image, np.repeat(ink.coverage[..., None], 3, axis=2), coloured(ink.words()), coloured(ink.chars())]
    whole = np.hstack([np.pad(tile, ((2, 2), (2, 2), (0, 0)), constant_values=255) for tile in tiles])
    return whole.repeat(zoom, 0).repeat(zoom, 1)


def main() -> None:
    rows = [row(Generator(config, 0, settings)[index], zoom) for config, settings, index, zoom in ROWS]
    width = max(picture.shape[1] for picture in rows)
    page = [np.pad(picture, ((0, 0), (0, width - picture.shape[1]), (0, 0)), constant_values=255) for picture in rows]
    cv2.imwrite(sys.argv[1], np.vstack(page)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])


if __name__ == "__main__":
    main()
