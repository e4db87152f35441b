"""Training maps by name, of generated labels: one map of every method over one scene.

    python examples/targets.py targets.jpg

The scene is a small collage, so that straight, curved and ignored texts stand side by side.
"""

from __future__ import annotations

import sys

import cv2
import numpy as np

from synthtext import Generator, targets
from synthtext.caption import draw_caption
from synthtext.sample import Labels
from synthtext.targets import draw

# Where samples go: top left corner, settings, index, and whether their words are to be ignored.
PLACES = (
    ((12, 16), ("layout.curve={arc: 1}", "layout.curvature=[90, 100]", "image.width=300"), 3, False),
    ((240, 12), ("warp.tilt.share=1",), 8, False),
    ((212, 72), ("warp.rotation={share: 1, strength: [12, 14]}",), 12, False),
    ((14, 126), ("layout.curve={free: 1}", "image.width=300"), 6, False),
    ((232, 168), (), 4, True),
)
PANELS = {
    "east": ("score, up to 1", "rbox: to the top", "mask"),
    "dbnet": ("threshold,",),
    "psenet": ("kernels",),
    "craft": ("region", "affinity"),
    "textsnake": ("radius", "cos, sin"),
}


def collage(height: int, width: int) -> tuple[np.ndarray, Labels]:
    """A scene uint8 (height, width, 3), and its labels."""
    rng = np.random.default_rng(0)
    image = np.clip(rng.normal(205, 4, (height, width, 3)), 0, 255).astype(np.uint8)
    parts = []
    for at, settings, index, ignore in PLACES:
        size = ("image.height=88", "image.width=260", "image.fit=natural", "image.text_height=[34, 40]")
        sample = Generator("words", 5, (*size, "text.length=[5, 9]", *settings))[index]
        h, w = sample.image.shape[:2]
        image[at[1] : at[1] + h, at[0] : at[0] + w] = sample.image
        parts.append((sample.labels, np.array(at, np.float32), ignore))
    words = np.cumsum([0, *(len(labels.word_text) for labels, _, _ in parts)])
    return image, Labels(
        char_text=tuple(c for labels, _, _ in parts for c in labels.char_text),
        char_quads=np.concatenate([labels.char_quads + at for labels, at, _ in parts]),
        char_word=np.concatenate([p[0].char_word + first for p, first in zip(parts, words, strict=False)]),
        word_text=tuple(text for labels, _, _ in parts for text in labels.word_text),
        word_quads=np.concatenate([labels.word_quads + at for labels, at, _ in parts]),
        polygons=tuple(polygon + at for labels, at, _ in parts for polygon in labels.polygons),
        ignore=np.concatenate([np.full(len(labels.word_text), ignore) for labels, _, ignore in parts]),
        legibility=np.concatenate([labels.legibility for labels, _, _ in parts]),
        line=np.concatenate([labels.line for labels, _, _ in parts]),
        paragraph=np.concatenate([labels.paragraph for labels, _, _ in parts]),
    )


def main(out: str) -> None:
    height, width, stride = 216, 420, 2
    image, labels = collage(height, width)
    colours = [(235, 40, 60) if off else (0, 200, 80) for off in labels.ignore]
    shown = [("labels; red: to be ignored", draw.outlined(image, labels.polygons, colours, width))]
    for name, wanted in PANELS.items():
        maps = targets.encode(name, labels, height, width, stride)
        for title, picture in draw.panels(image, maps, stride):
            if title.startswith(wanted):
                shown.append((f"{name}: {title}", picture))
    maps = targets.encode("fcenet", labels, height, width, stride)
    for title, texts in draw.decoded("fcenet", maps, stride):
        picture = draw.outlined(image, texts, [(255, 120, 0)] * len(texts), width)
        shown.append((f"fcenet: {title}, of its Fourier coefficients", picture))
    small, columns, gap = 420, 3, 10
    tall = round(small * height / width)
    rows = -(-len(shown) // columns)
    page = np.full((rows * (tall + 34) + gap, columns * (small + gap) + gap, 3), 250, np.uint8)
    for k, (title, picture) in enumerate(shown):
        y, x = gap + k // columns * (tall + 34), gap + k % columns * (small + gap)
        page[y : y + tall, x : x + small] = cv2.resize(picture, (small, tall), interpolation=cv2.INTER_AREA)
        draw_caption(page, title, x, y + tall + 18, 15.0, (30, 30, 34), small)
    cv2.imwrite(out, page[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 88])


if __name__ == "__main__":
    main(sys.argv[1])
