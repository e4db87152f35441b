"""An oracle of labels: whether each label is true, by arithmetic and rasters that are not the engine's.

    python benchmarks/label_oracle.py                              20,000 words, 5,000 lines and 2,000 scenes
    python benchmarks/label_oracle.py words=500 scenes=50 --seed 7 --workers 2

Each sample is looked at in three ways:

structure   chars joined are their word, words joined their lines, in order; numbers are finite and in range; quads and
            polygons run clockwise and do not cross themselves; polygons lie within the picture, and one of four points
            is its quad where that does.
outlines    of each word that was drawn (`Generator.stages`), the outlines, cut to the picture, lie within a label's
            polygon and quad, and each char's within its quad. The share of ink that is seen is that of OpenCV's raster
            at 8 x 8 points a pixel.
pixels      each sample's plan is rendered again in black on white, a scene's with and without its text: what differs
            lies in labels, and each label of which something is seen holds some of it.

Faults are printed with preset, seed and index, and counted in benchmarks/results/label_oracle-DATE.json; exit 1.
"""

from __future__ import annotations

import argparse
import datetime
import json
import math
import multiprocessing
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from synthtext import Generator
from synthtext.crop.stages import DrawnWord, Stages

COUNTS = {"words": 20_000, "lines": 5_000, "scenes": 2_000}
FINE = 8  # points a pixel, each way, of the raster
TRACE = 1.0 / 16.0  # square pixels of ink that need no label
NEAR = 0.05  # pixels by which an outline may lie outside of its label
CHUNK = 50

Points = npt.NDArray[np.float64]
Fault = tuple[str, str]


# Arithmetic


def area(polygon: npt.NDArray[Any]) -> float:
    """Signed area, positive for clockwise on the screen."""
    x, y = (polygon.astype(np.float64) - polygon[0]).T
    return 0.5 * float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum())


def crosses_itself(polygon: npt.NDArray[Any]) -> bool:
    """Whether two edges cross within both."""
    a = polygon.astype(np.float64)
    b = np.roll(a, -1, axis=0)

    def side(p: Points, q: Points, r: Points) -> Points:
        cross = (q[..., 0] - p[..., 0]) * (r[..., 1] - p[..., 1]) - (q[..., 1] - p[..., 1]) * (r[..., 0] - p[..., 0])
        return np.where(np.abs(cross) < 1e-6, 0.0, np.sign(cross))

    p, q, r, s = a[:, None], b[:, None], a[None], b[None]
    return bool(((side(p, q, r) * side(p, q, s) < 0) & (side(r, s, p) * side(r, s, q) < 0)).any())


def in_picture(contours: tuple[Points, ...], height: int, width: int) -> Points:
    """Points of the contours within the picture, and where their edges meet its border: float64 (n, 2)."""
    kept = []
    for a in contours:
        b = np.roll(a, -1, axis=0)
        d = b - a
        # Liang and Barsky: the part (t0, t1) of each edge that lies inside.
        t0, t1 = np.zeros(len(a)), np.ones(len(a))
        valid = np.ones(len(a), bool)
        for axis, most in ((0, width), (1, height)):
            for sign, bound in ((-1.0, 0.0), (1.0, float(most))):
                p, q = sign * d[:, axis], sign * (bound - a[:, axis])
                with np.errstate(divide="ignore", invalid="ignore"):
                    t = q / p
                t0 = np.where(p < 0, np.maximum(t0, t), t0)
                t1 = np.where(p > 0, np.minimum(t1, t), t1)
                valid &= ~((p == 0) & (q < 0))
        valid &= t0 <= t1
        for t in (t0, t1):
            kept.append(a[valid] + t[valid, None] * d[valid])
    return np.concatenate(kept) if kept else np.empty((0, 2))


def outside(points: Points, polygon: npt.NDArray[Any]) -> float:
    """How far the farthest of the points lies outside of a polygon, 0 where none does."""
    if not len(points):
        return 0.0
    a = polygon.astype(np.float64)
    b = np.roll(a, -1, axis=0)
    x, y = points[:, :1], points[:, 1:]
    straddles = (a[:, 1] > y) != (b[:, 1] > y)
    rise = np.where(b[:, 1] == a[:, 1], 1.0, b[:, 1] - a[:, 1])
    within = (straddles & (x < a[:, 0] + (y - a[:, 1]) / rise * (b[:, 0] - a[:, 0]))).sum(axis=1) % 2 == 1
    out = points[~within]
    if not len(out):
        return 0.0
    ab = b - a
    t = np.clip(((out[:, None] - a) * ab).sum(2) / np.maximum((ab * ab).sum(1), 1e-30), 0.0, 1.0)
    return float(np.hypot(*np.moveaxis(out[:, None] - (a + t[..., None] * ab), 2, 0)).min(1).max())


def cover(contours: tuple[Points, ...] | list[Points], left: int, top: int, height: int, width: int) -> Points:
    """What an odd number of the contours go round, as coverage (height, width) of the pixels from (left, top)."""
    fine = np.zeros((height * FINE, width * FINE), np.uint8)
    corners = [np.round(((c.astype(np.float64) - (left, top)) * FINE - 0.5) * 16).astype(np.int32) for c in contours]
    if corners:
        cv2.fillPoly(fine, corners, 1, shift=4)
    return fine.reshape(height, FINE, width, FINE).mean(axis=(1, 3))


def ink(word: DrawnWord, height: int, width: int) -> tuple[float, float]:
    """Square pixels of a word's ink: in the picture, and in all."""
    points = [p for _, contours in word.chars for p in contours]
    if not points:
        return 0.0, 0.0
    every = np.concatenate(points)
    (x0, y0), (x1, y1) = np.floor(every.min(0)).astype(int) - 1, np.ceil(every.max(0)).astype(int) + 1
    if (x1 - x0) * (y1 - y0) > 4_000_000:
        return math.nan, math.nan
    whole = np.zeros((y1 - y0, x1 - x0))
    for _, contours in word.chars:
        np.maximum(whole, cover(contours, x0, y0, y1 - y0, x1 - x0), out=whole)
    seen = whole[max(-y0, 0) : max(height - y0, 0), max(-x0, 0) : max(width - x0, 0)]
    return float(seen.sum()), float(whole.sum())


# What is looked at


def look_at_structure(stages: Stages, scene: bool, minimum: float) -> Iterator[Fault]:
    sample = stages.sample
    labels = sample.labels
    height, width = sample.image.shape[:2]
    chars: list[list[str]] = [[] for _ in labels.word_text]
    for text, word in zip(labels.char_text, labels.char_word.tolist(), strict=True):
        chars[word].append(text)
    for own, text in zip(chars, labels.word_text, strict=True):
        if "".join(own) != text or not text:
            yield "chars are not their word", f"{own} {text!r}"
    lines: dict[int, list[str]] = {}
    for text, line in zip(labels.word_text, labels.line.tolist(), strict=True):
        lines.setdefault(line, []).append(text)
    if "\n".join(" ".join(line) for line in lines.values()) != sample.text:
        yield "words are not the text", repr(sample.text)
    for name in ("char_word", "line", "paragraph"):
        if (np.diff(getattr(labels, name)) < 0).any():
            yield f"{name} is not in order", ""
    for name in ("char_quads", "word_quads", "legibility", "visible"):
        if not np.isfinite(getattr(labels, name)).all():
            yield f"{name} is not finite", ""
    for name in ("legibility", "visible"):
        if ((getattr(labels, name) < 0) | (getattr(labels, name) > 1)).any():
            yield f"{name} is not in [0, 1]", ""
    faint = labels.legibility < minimum
    if (labels.ignore < faint).any() or (not scene and (labels.ignore > faint).any()):
        yield "ignored against the rule", ""
    for kind, quads in (("char", labels.char_quads), ("word", labels.word_quads)):
        for i, quad in enumerate(quads):
            if area(quad) <= 0.0:
                yield f"{kind} quad is not clockwise", f"{i} {area(quad)}"
            elif crosses_itself(quad):
                yield f"{kind} quad crosses itself", str(i)
    for polygon, quad, text, seen in zip(
        labels.polygons, labels.word_quads, labels.word_text, labels.visible, strict=True
    ):
        if len(polygon) < 4 or len(polygon) % 2:
            yield "polygon has no two sides", f"{text!r} {len(polygon)}"
        if not np.isfinite(polygon).all() or area(polygon) <= 0.0:
            yield "polygon is not clockwise", f"{text!r} {area(polygon)}"
        elif crosses_itself(polygon):
            yield "polygon crosses itself", repr(text)
        beyond = max(float(-polygon.min()), float((polygon - (width, height)).max()))
        if beyond > 1e-3 and (scene or seen > 0.0):
            yield "polygon leaves the picture", f"{text!r} {beyond}"
        # A polygon that touches the border may be what is left of a longer one.
        whole = (
            min(quad.min(), polygon.min()) > 0 and (quad < (width, height)).all() and (polygon < (width, height)).all()
        )
        if len(polygon) == 4 and whole and (polygon != quad).any():
            yield "polygon of four points is not its quad", repr(text)


def look_at_outlines(stages: Stages, scene: bool, hides: bool) -> Iterator[Fault]:
    """`hides`: whether something lies over the text or takes ink away, so that less of it may be seen."""
    labels = stages.sample.labels
    height, width = stages.sample.image.shape[:2]
    changed = np.abs(stages.painted - stages.background).max(2)
    first = np.concatenate([[0], np.bincount(labels.char_word, minlength=len(labels.word_text)).cumsum()]).astype(int)
    taken: set[int] = set()
    for number, word in enumerate(stages.words):
        each = [in_picture(contours, height, width) for _, contours in word.chars]
        points = np.concatenate(each)
        candidates: Any = [number]
        if scene:
            near = [k for k, polygon in enumerate(labels.polygons) if k not in taken and _meet(points, polygon)]
            candidates = [k for k in near if outside(points, labels.polygons[k]) <= NEAR]
            if not candidates:
                seen, _ = ink(word, height, width)
                x, y = points.astype(int).clip(0, (width - 1, height - 1)).T if len(points) else (None, None)
                if seen >= 1.5 * TRACE and changed[y, x].max() > 0.02:
                    worst = min((outside(points, labels.polygons[k]) for k in near), default=math.inf)
                    yield "ink without a label", f"{word.text!r} {seen:.2f} square pixels, {worst:.3f} outside"
                continue
        k = candidates[0]
        taken.add(k)
        if (far := outside(points, labels.polygons[k])) > NEAR and labels.visible[k] > 0:
            yield "outline beyond its polygon", f"{word.text!r} {far:.3f}"
        if (far := outside(points, labels.word_quads[k])) > NEAR and labels.visible[k] > 0:
            yield "outline beyond its word quad", f"{word.text!r} {far:.3f}"
        quads, texts = labels.char_quads[first[k] : first[k + 1]], labels.char_text[first[k] : first[k + 1]]
        if "".join(text for text, _ in word.chars) in (word.text, word.text[::-1]):
            yield from _chars(word, each, list(texts), quads)
        seen, whole = ink(word, height, width)
        more = float(labels.visible[k]) - seen / whole if whole > 8.0 else 0.0
        # What lies under another letter counts as not seen.
        single = sum(abs(sum(map(area, contours))) for _, contours in word.chars)
        least = 0.06 + 1.0 / whole + max(1.0 - whole / single, 0.0) if whole > 0.0 and single > 0.0 else 1.0
        if more > least or (-more > least and not hides):
            yield "visible share", f"{word.text!r} is {labels.visible[k]:.3f}, ought to be {seen / whole:.3f}"
    if scene and len(taken) < len(labels.word_text):
        yield "label without a word", str([t for k, t in enumerate(labels.word_text) if k not in taken])


def _meet(points: Points, polygon: npt.NDArray[Any]) -> bool:
    if not len(points):
        return False
    return bool((points.max(0) >= polygon.min(0) - NEAR).all() and (points.min(0) <= polygon.max(0) + NEAR).all())


def _chars(word: DrawnWord, each: list[Points], texts: list[str], quads: npt.NDArray[Any]) -> Iterator[Fault]:
    """Each char's outline within its quad, a ligature's within its chars' together."""
    glyphs = [(text, points) for (text, _), points in zip(word.chars, each, strict=True)]
    if "".join(text for text, _ in glyphs) != word.text:  # right to left
        glyphs = glyphs[::-1]
    if "".join(texts) != word.text:  # chars that are cut off are left out: each that is kept has its glyph
        for text, quad in zip(texts, quads, strict=True):
            worst = min((outside(points, quad) for own, points in glyphs if own == text), default=0.0)
            if worst > NEAR:
                yield "outline beyond its char quad", f"{text!r} of {word.text!r} {worst:.3f}"
        return
    at = 0
    for text, points in glyphs:
        count = 1
        while len("".join(texts[at : at + count])) < len(text):
            count += 1
        own = quads[at : at + count]
        at += count
        if len(points):
            far = np.array([[outside(p[None], quad) for quad in own] for p in points]) if count > 1 else None
            worst = outside(points, own[0]) if far is None else float(far.min(axis=1).max())
            if worst > NEAR:
                yield "outline beyond its char quad", f"{text!r} of {word.text!r} {worst:.3f}"


def plain(plan: dict[str, Any], clean: dict[str, Any]) -> dict[str, Any]:
    """A sample's plan with black text on white and nothing else."""
    plan = json.loads(json.dumps(plan))
    white = {**clean["background"], "kind": "plain", "first": [1.0, 1.0, 1.0], "second": [1.0, 1.0, 1.0]}
    plan["degrade"], plan["effects"] = clean["degrade"], {}
    if "groups" in plan:
        for group in plan["groups"]:
            group["effects"] = {}
            for block in group["blocks"]:
                block["paint"].update(border=0.0, outline_only=False, shadow=None, shadow_opacity=0.0, shade=0.0)
                block["paint"].update(opacity=1.0, texture=None, gradient=0.0)
        return plan
    plan["background"] = white
    plan["paint"] = {**clean["paint"], "contrast": 100.0, "darker": True}
    plan["distractor"] = {"neighbours": [], "ghost": None}
    plan["text"].update(cut_left="", cut_right="")
    return plan


def look_at_pixels(stages: Stages, scene: bool) -> Iterator[Fault]:
    """What differs with and without the text, of stages that have no effects that go beyond the ink."""
    labels = stages.sample.labels
    changed = np.abs(stages.painted - stages.background).max(2)
    height, width = changed.shape
    held = np.zeros((height, width), bool)
    for text, polygon, seen in zip(labels.word_text, labels.polygons, labels.visible, strict=True):
        (x0, y0), (x1, y1) = np.floor(polygon.min(0)).astype(int), np.ceil(polygon.max(0)).astype(int)
        x0, y0, x1, y1 = max(x0 - 1, 0), max(y0 - 1, 0), min(x1 + 1, width), min(y1 + 1, height)
        if x0 >= x1 or y0 >= y1:
            continue
        inside = cover([polygon], x0, y0, y1 - y0, x1 - x0) > 0.0
        held[y0:y1, x0:x1] |= inside
        if seen > 0.3 and changed[y0:y1, x0:x1][inside].max(initial=0.0) < 0.005:
            yield "label without ink", f"{text!r} {seen:.2f}"
    loose = (changed > 0.08) & ~held
    # A pixel of which a corner lies within an edge of a polygon may be missed by 8 x 8 points.
    loose &= ~cv2.dilate(held.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool) | (changed > 0.3)
    if loose.any():
        ys, xs = np.nonzero(loose)
        yield "ink beyond all labels", f"{len(xs)} pixels at ({xs[0]}, {ys[0]}), up to {changed[loose].max():.2f}"


# The run


def look(
    job: tuple[str, int, int, int, tuple[str, ...]],
) -> tuple[str, list[tuple[int, str, str]], Counter[str], float]:
    preset, seed, first, count, overrides = job
    cv2.setNumThreads(1)
    began = time.process_time()
    generator, clean = _generator(preset, seed, overrides), _generator("clean", 0, ())[0].plan
    scene = generator.config.kind == "scenes"
    faults: list[tuple[int, str, str]] = []
    seen: Counter[str] = Counter()
    for index in range(first, first + count):
        stages = generator.stages(index)
        bare = generator.stages(plain(stages.sample.plan, clean))
        plan = stages.sample.plan
        if scene:
            hides = bool(plan["effects"] or plan["occluders"] or any(group["effects"] for group in plan["groups"]))
        else:
            hides = bool(plan["effects"]) or plan["paint"]["opacity"] < 1.0
        found = [*look_at_structure(stages, scene, generator.config.legibility.minimum)]
        found += look_at_outlines(stages, scene, hides)
        found += look_at_pixels(bare, scene)
        faults += [(index, kind, detail) for kind, detail in found]
        labels = stages.sample.labels
        seen.update(
            samples=1, words=len(labels.word_text), chars=len(labels.char_text), ignored=int(labels.ignore.sum())
        )
        seen.update(drawn=len(stages.words))
    return preset, faults, seen, time.process_time() - began


_generators: dict[tuple[str, int, tuple[str, ...]], Generator] = {}


def _generator(preset: str, seed: int, overrides: tuple[str, ...]) -> Generator:
    key = preset, seed, overrides
    if key not in _generators:
        _generators[key] = Generator(preset, seed, overrides)
    return _generators[key]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("counts", nargs="*", help="PRESET=COUNT; all three by default")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--set", dest="overrides", action="append", default=[], help="as of synthtext generate")
    parser.add_argument("--json", help="where the figures go; by default benchmarks/results/label_oracle-DATE.json")
    options = parser.parse_args()
    counts = {k: int(v) for k, _, v in (count.partition("=") for count in options.counts)} or COUNTS
    overrides = tuple(options.overrides)
    jobs = [
        (preset, options.seed, options.start + first, min(CHUNK, count - first), overrides)
        for preset, count in counts.items()
        for first in range(0, count, CHUNK)
    ]
    # All presets side by side, so that a run that is ended has looked at its part of each.
    jobs.sort(key=lambda job: (job[2] - options.start) / counts[job[0]])
    began = time.monotonic()
    seen: dict[str, Counter[str]] = {preset: Counter() for preset in counts}
    kinds: dict[str, Counter[str]] = {preset: Counter() for preset in counts}
    examples: list[str] = []
    spent: Counter[str] = Counter()
    today = datetime.date.today().isoformat()
    path = Path(options.json or Path(__file__).parent / "results" / f"label_oracle-{today}.json")

    def result() -> dict[str, Any]:
        return {
            "date": today,
            "seed": options.seed,
            "start": options.start,
            "overrides": list(overrides),
            "seconds": round(time.monotonic() - began, 1),
            "presets": {
                preset: {**seen[preset], "processor_seconds": spent[preset] / 1000, "faults": dict(kinds[preset])}
                for preset in counts
            },
            "examples": examples,
        }

    with multiprocessing.get_context("spawn").Pool(options.workers) as pool:
        for preset, faults, had, seconds in pool.imap_unordered(look, jobs):
            seen[preset].update(had)
            spent[preset] += round(1000 * seconds)
            for index, kind, detail in faults:
                kinds[preset][kind] += 1
                line = f"{preset} seed {options.seed} index {index}: {kind}: {detail}"
                if kinds[preset][kind] <= 20:
                    print(line, flush=True)
                if kinds[preset][kind] <= 3:
                    examples.append(line)
            path.write_text(json.dumps(result(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    total = sum(sum(found.values()) for found in kinds.values())
    for preset in counts:
        print(f"{preset}: {dict(seen[preset])}, faults {dict(kinds[preset]) or 0}")
    print(f"{total} faults in {time.monotonic() - began:.0f} s; {path}")
    return 1 if total else 0


if __name__ == "__main__":
    raise SystemExit(main())
