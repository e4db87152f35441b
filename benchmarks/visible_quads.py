"""How well the quads that the formats `icdar` and `yolo-obb` write fit what the picture shows of a word.

    python benchmarks/visible_quads.py [--scenes 300] [--words 3000]

Of the words that the picture's border cuts: intersection over union with the visible part (by shapely), median, 5 % and
least, of the quad in `yolo-obb`, of ICDAR's whole pixels, and, to compare, of the word's quad with each corner clamped.
"""

from __future__ import annotations

import argparse

import numpy as np
from shapely.geometry import Polygon, box

from synthtext import Generator
from synthtext.formats.visible_part import Points, is_inside, visible_polygon, visible_quad, whole_pixels


def iou(quad: Points, part: Polygon) -> float:
    """Intersection over union."""
    shape = Polygon(quad).buffer(0)
    return float(shape.intersection(part).area / shape.union(part).area)


def fits(preset: str, count: int, seed: int) -> dict[str, list[tuple[float, float, float]]]:
    """Of each cut word, straight ones and curved ones apart: fit of the quad, of whole pixels, of clamped corners."""
    generator, found = Generator(preset, seed), {"straight": [], "curved": []}
    for index in range(count):
        sample = generator[index]
        height, width = sample.image.shape[:2]
        for word in sample.words:
            quad, polygon = ([[round(float(v), 2) for v in p] for p in points] for points in (word.quad, word.polygon))
            if is_inside(quad, height, width) and is_inside(polygon, height, width):
                continue
            part = Polygon(polygon).buffer(0).intersection(box(0, 0, width, height))
            visible = visible_polygon(polygon, height, width)
            if not visible:
                continue
            fitted = visible_quad(quad, visible, height, width)
            pixels = [[x + 0.5, y + 0.5] for x, y in whole_pixels(fitted, height, width)]
            clamped = np.clip(quad, 0, (width, height)).tolist()
            kind = "straight" if len(polygon) <= 6 else "curved"
            found[kind].append((iou(fitted, part), iou(pixels, part), iou(clamped, part)))
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", type=int, default=300)
    parser.add_argument("--words", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=5)
    args = parser.parse_args()
    print("| cut words of | number | quad | whole pixels | corners clamped |\n| --- | --- | --- | --- | --- |")
    for preset, count in (("scenes", args.scenes), ("words", args.words)):
        for kind, rows in fits(preset, count, args.seed).items():
            if rows:
                median, low, least = np.quantile(np.array(rows), (0.5, 0.05, 0.0), axis=0)
                cells = [f"{m:.3f}, {p:.3f}, {z:.3f}" for m, p, z in zip(median, low, least, strict=True)]
                print(f"| {count:,} {preset}, {kind} | {len(rows)} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
