"""What comes back of words that are encoded and decoded.

    python benchmarks/round_trip.py [--real FOLDER] [--json FILE]

Per method and stride, of the legible words that lie within the picture: the share that is trained (`trained`: its core
holds a sample), and of these the shares whose core is in one piece (`whole`, joined by sides), and that `decode` gives
back with an intersection over union above 0.9 (`back`), of those at least 4 samples high as well (`tall_back`). The
rows `samples` say what a perfect decoder of whole samples could reach: the samples in a word, each a square. Words are
those of generated scenes, or the labels gt_*.txt of FOLDER as ICDAR 2015's, of pictures of 960 x 540.
"""

from __future__ import annotations

import argparse
import datetime
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import shapely

from synthtext import Generator
from synthtext.formats import read_icdar
from synthtext.geometry.polygons import clockwise
from synthtext.targets import craft, encoder
from synthtext.tools.bench import machine

METHODS = ("east", "dbnet", "psenet", "pan", "craft", "textsnake", "fcenet")
STRIDES = (1, 2, 4, 8)
#: The maps that `decode` makes words of.
DECODED = {
    "dbnet": ("probability",),
    "psenet": ("kernels",),
    "pan": ("text", "kernel"),
    "craft": ("region", "affinity"),
    "textsnake": ("text", "centre", "radius", "cos", "sin"),
    "fcenet": ("text", "centre", "fourier"),
}
OPTIONS: dict[str, dict[str, Any]] = {"dbnet, unclip 1.5": {"unclip": 1.5}, "dbnet, unclip 2.0": {"unclip": 2.0}}
TALL = 4.0  # samples across a word that is tall


class Words(NamedTuple):
    """The labels of a picture: quads and polygons of words, ignore flags, chars and whose they are."""

    height: int
    width: int
    quads: Any
    polygons: Any
    ignore: Any
    chars: Any
    owner: Any


def scenes(count: int) -> Iterator[Words]:
    """The words of `count` generated scenes."""
    generator = Generator("scenes", 0)
    for index in range(count):
        sample = generator[index]
        own = sample.labels
        height, width = sample.image.shape[:2]
        yield Words(height, width, own.word_quads, own.polygons, own.ignore, own.char_quads, own.char_word)


def real(folder: Path) -> Iterator[Words]:
    """The words of a folder of label files."""
    for path in sorted(folder.glob("gt_*.txt")):
        quads, texts, ignore = read_icdar(path)
        quads = clockwise(quads)
        written = ["" if off else text for text, off in zip(texts, ignore, strict=True)]
        chars, owner, _ = craft.split_words(quads, written)
        yield Words(540, 960, quads, list(quads), ignore, chars, owner)


def core_of(name: str, maps: Any) -> Any:
    """The map of the samples whose parts become words, bool (h, w)."""
    if name == "psenet":
        return maps.kernels[..., 0] > 0
    if name == "craft":
        return (maps.region > 0.4) | (maps.affinity > 0.4)
    return getattr(maps, {"east": "score", "dbnet": "probability", "pan": "kernel"}.get(name, "centre")) > 0


def overlap(a: Any, b: Any) -> float:
    """Intersection over union of two outlines."""
    a, b = shapely.make_valid(a), shapely.make_valid(b)
    whole = a.union(b).area
    return float(a.intersection(b).area / whole) if whole > 0 else 0.0


def across(polygon: Any) -> float:
    """The shorter side of the least rectangle around a polygon, in pixels."""
    return float(min(cv2.minAreaRect(np.asarray(polygon, np.float32))[1]))


def of_samples(stride: int, words: Words) -> Iterator[dict[str, Any]]:
    """For each legible word within the picture: how well its own samples, as squares, show it."""
    picture = shapely.box(0, 0, words.width, words.height)
    for polygon, off in zip(words.polygons, words.ignore, strict=True):
        own = shapely.Polygon(np.asarray(polygon, np.float64))
        if off or not picture.covers(own):
            continue
        x0, y0, x1, y1 = own.bounds
        x, y = np.meshgrid(np.arange(x0 // stride, x1 // stride + 1), np.arange(y0 // stride, y1 // stride + 1))
        held = shapely.contains_xy(shapely.make_valid(own), (x + 0.5) * stride, (y + 0.5) * stride)
        x, y = x[held] * stride, y[held] * stride
        iou = overlap(shapely.union_all(shapely.box(x, y, x + stride, y + stride)), own) if held.any() else 0.0
        yield {"samples": across(polygon) / stride, "trained": bool(held.any()), "whole": True, "iou": iou}


def of_picture(title: str, stride: int, words: Words) -> Iterator[dict[str, Any]]:
    """For each legible word within the picture: its height in samples, and what became of it."""
    name, options = title.partition(",")[0], OPTIONS.get(title, {})
    if name == "samples":
        yield from of_samples(stride, words)
        return
    module = encoder(name)
    labels = words.quads if name == "east" else words.polygons
    first = (words.chars, words.owner) if name == "craft" else ()
    maps = module.encode(*first, labels, words.ignore, words.height, words.width, stride)
    core = core_of(name, maps)
    owner = maps.instance
    if name == "craft":  # whose the parts are is known of the chars' samples
        owner = np.append(0, np.asarray(words.owner) + 1)[owner]
    if name == "east":
        found, _ = module.decode(maps.score, quad=maps.quad, stride=stride)
    else:
        found, _ = module.decode(*(getattr(maps, field) for field in DECODED[name]), stride=stride, **options)
    shapes = [shapely.Polygon(np.asarray(p, np.float64)) for p in found]
    tree = shapely.STRtree(shapes)
    picture = shapely.box(0, 0, words.width, words.height)
    for k, polygon in enumerate(labels):
        own = shapely.Polygon(np.asarray(polygon, np.float64))
        if words.ignore[k] or not picture.covers(own):
            continue
        part = ((owner == k + 1) & core).astype(np.uint8)
        trained = bool(part.any())
        pieces = cv2.connectedComponents(part, connectivity=4)[0] - 1 if trained else 0
        best = max((overlap(shapes[n], own) for n in tree.query(own)), default=0.0)
        yield {"samples": across(polygon) / stride, "trained": trained, "whole": pieces == 1, "iou": best}


def share(rows: list[dict[str, Any]], key: str) -> float | None:
    """The mean of a key; None of none."""
    return round(float(np.mean([row[key] for row in rows])), 4) if rows else None


def table(pictures: list[Words]) -> list[dict[str, Any]]:
    """A row per method and stride."""
    rows = []
    for name in (*METHODS, "samples", *OPTIONS):
        for stride in STRIDES if name not in OPTIONS else STRIDES[:1]:
            words = [row for picture in pictures for row in of_picture(name, stride, picture)]
            for row in words:
                row["back"] = row["iou"] > 0.9
            trained = [row for row in words if row["trained"]]
            tall = [row for row in trained if row["samples"] >= TALL]
            rows.append(
                {
                    "method": name,
                    "stride": stride,
                    "words": len(words),
                    "trained": share(words, "trained"),
                    "whole": share(trained, "whole"),
                    "back": share(trained, "back"),
                    "tall": len(tall),
                    "tall_back": share(tall, "back"),
                    "mean_iou": share(trained, "iou"),
                }
            )
            print("  ".join(f"{key} {value}" for key, value in rows[-1].items()), flush=True)
    return rows


def markdown(rows: list[dict[str, Any]]) -> str:
    """The table of docs/targets.md: per method, of each stride the shares trained / whole / given back, in percent."""
    lines = ["| | " + " | ".join(f"stride {stride}" for stride in STRIDES) + " |", "| --- " * (len(STRIDES) + 1) + "|"]
    for name in dict.fromkeys(row["method"] for row in rows):
        cells = {row["stride"]: row for row in rows if row["method"] == name}
        shown = [
            " / ".join(f"{100 * cells[stride][key]:.1f}" for key in ("trained", "whole", "back"))
            if stride in cells
            else ""
            for stride in STRIDES
        ]
        lines.append(f"| {name} | " + " | ".join(shown) + " |")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=60, help="generated scenes; 0 for none")
    parser.add_argument("--real", type=Path, help="a folder of pictures' labels, gt_*.txt")
    parser.add_argument("--json", type=Path, help="write the figures there")
    args = parser.parse_args()
    result: dict[str, Any] = {"date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
    result |= {"machine": machine(), "scenes": args.scenes}
    if args.scenes:
        result["generated"] = table(list(scenes(args.scenes)))
    if args.real:
        result["real"] = table(list(real(args.real)))
    for key in ("generated", "real"):
        if key in result:
            print(f"\n{key}: trained / in one piece / given back, %\n\n{markdown(result[key])}")
    if args.json:
        args.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
