"""How fast the target encoders are: `taskset -c 1 python benchmarks/targets.py [--real FOLDER] [--json FILE]`.

Each figure is the median over `--repeat` calls, in microseconds, of a whole call: checks, maps, encoding; `us` with new
maps, `us_out` into given ones. FOLDER: label files gt_*.txt as ICDAR 2015's, of pictures of 960 x 540.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from synthtext.formats import read_icdar
from synthtext.targets import attention, craft, ctc, encoder
from synthtext.targets.alphabet import Alphabet
from synthtext.tools.bench import machine

FIGURES = {("east", 512, 4): 150.0, ("east", 512, 1): 1500.0, ("dbnet", 640, 1): 1000.0}


def median_us(call: Callable[[], Any], repeat: int) -> float:
    """Microseconds of a call: the median of `repeat`, after five that are not counted."""
    for _ in range(5):
        call()
    times = []
    for _ in range(repeat):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return round(1e6 * statistics.median(times), 1)


def words(count: int, size: int, share: float, seed: int = 0) -> np.ndarray:
    """`count` slanted words, one to a cell of a grid, that fill about `share` of the image: float32 (n, 4, 2)."""
    rng = np.random.default_rng(seed)
    cells = int(np.ceil(np.sqrt(count)))
    area = share * size * size / count
    quads = []
    for k in range(count):
        aspect, angle = rng.uniform(2.0, 5.0), rng.uniform(-0.35, 0.35)
        height = np.sqrt(area / aspect)
        u = np.array([np.cos(angle), np.sin(angle)])
        v = np.array([-u[1], u[0]])
        middle = (np.array([k % cells, k // cells]) + rng.uniform(0.45, 0.55, 2)) * size / cells
        corners = ((-1, -1), (1, -1), (1, 1), (-1, 1))
        quads.append([middle + 0.5 * height * (a * aspect * u + b * v) for a, b in corners])
    return np.array(quads, np.float32)


def arched(quads: np.ndarray, points: int = 7) -> np.ndarray:
    """The same words bent upwards, with `points` points a side: float32 (n, 2 points, 2)."""
    t = np.linspace(0, 1, points)[None, :, None]
    lift = (quads[:, :1] - quads[:, 3:]) * np.sin(np.pi * t) * 0.5
    top = quads[:, :1] + t * (quads[:, 1:2] - quads[:, :1]) + lift
    bottom = quads[:, 3:] + t * (quads[:, 2:3] - quads[:, 3:]) + lift
    return np.concatenate([top, bottom[:, ::-1]], 1).astype(np.float32)


def call_of(name: str, quads: np.ndarray, size: int, stride: int) -> Callable[..., Any]:
    """An encoder's call on some words, taking `out`."""
    module = encoder(name)
    polygons = list(arched(quads)) if name in ("textsnake", "fcenet", "psenet", "pan", "dbnet") else quads
    if name in ("craft", "chars"):
        chars, owner, text = craft.split_words(quads, ["wording"] * len(quads))
        args: tuple[Any, ...] = (chars, text, owner) if name == "chars" else (chars, owner)
        more = (Alphabet.of("@lower"),) if name == "chars" else ()
        return lambda **options: module.encode(*args, quads, None, size, size, *more, stride, **options)
    return lambda **options: module.encode(polygons, None, size, size, stride, **options)


def encoders(repeat: int) -> list[dict[str, Any]]:
    """Every encoder on 16 words that cover a fifth of the image, with new maps and with given ones."""
    rows = []
    for name, size, strides in (
        ("east", 512, (4, 1)),
        ("dbnet", 640, (1, 4)),
        ("psenet", 640, (4, 1)),
        ("pan", 640, (4, 1)),
        ("craft", 640, (2, 1)),
        ("textsnake", 640, (1, 4)),
        ("fcenet", 640, (8, 1)),
        ("chars", 640, (2, 1)),
    ):
        quads = words(16, size, 0.2)
        for stride in strides:
            call = call_of(name, quads, size, stride)
            maps = call()
            row = {"target": name, "size": size, "stride": stride, "texts": 16}
            row |= {"us": median_us(call, repeat), "us_out": median_us(lambda c=call, m=maps: c(out=m), repeat)}
            if goal := FIGURES.get((name, size, stride)):
                row |= {"goal_us": goal, "reached": row["us"] < goal}
            rows.append(row)
    return rows


def growth(repeat: int) -> list[dict[str, Any]]:
    """EAST at stride 1, 512 x 512, into given maps, as words grow: nanoseconds a sample more than without text."""
    rows = []
    call = call_of("east", np.zeros((0, 4, 2), np.float32), 512, 1)
    maps = call()
    none = median_us(lambda: call(out=maps), repeat)
    for share in (0.05, 0.1, 0.2, 0.4):
        call = call_of("east", words(16, 512, share), 512, 1)
        maps = call()
        taken = median_us(lambda c=call, m=maps: c(out=m), repeat)
        samples = int(maps.score.sum())
        rows.append({"covered": share, "samples": samples, "us": taken, "ns_a_sample": 1e3 * (taken - none) / samples})
    for count in (16, 160, 1600):
        quads = words(count, 512, 0.2)
        call = call_of("east", quads, 512, 1)
        maps = call()
        taken = median_us(lambda c=call, m=maps: c(out=m), repeat)
        rows.append({"texts": count, "samples": int(maps.score.sum()), "us": taken})
    return [{"no_text_us": none}, *rows]


def decoding(repeat: int) -> list[dict[str, Any]]:
    """EAST's decode, with locality-aware NMS, of the maps of 16 words."""
    from synthtext.targets import east

    rows = []
    for stride in (4, 1):
        t = east.encode(words(16, 512, 0.2), None, 512, 512, stride)
        taken = median_us(lambda t=t, s=stride: east.decode(t.score, t.rbox, s), repeat)
        rows.append({"decode": "east", "stride": stride, "positive": int(t.score.sum()), "us": taken})
    return rows


def opencv_decode(probability: np.ndarray, quads: bool, threshold: float = 0.3, unclip: float = 1.5) -> list[Any]:
    """A decoder of DBNet's maps as others have it, of OpenCV's parts: contours, their mean value, and rectangles grown
    by the distance (`quads`) or polygons grown by pyclipper.
    """
    import cv2
    import pyclipper

    contours, _ = cv2.findContours((probability > threshold).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for contour in contours:
        if quads:
            outline = cv2.boxPoints(cv2.minAreaRect(contour))
        else:
            outline = cv2.approxPolyDP(contour, 0.002 * cv2.arcLength(contour, True), True)[:, 0].astype(np.float32)
        if len(outline) < 4:
            continue
        x, y, width, height = cv2.boundingRect(contour)
        mask = np.zeros((height, width), np.uint8)
        cv2.fillPoly(mask, [np.rint(outline - (x, y)).astype(np.int32)], 1)
        if cv2.mean(probability[y : y + height, x : x + width], mask)[0] < 0.5:
            continue
        offset = pyclipper.PyclipperOffset()
        offset.AddPath(np.rint(outline).astype(int).tolist(), pyclipper.JT_ROUND, pyclipper.ET_CLOSEDPOLYGON)
        grown = offset.Execute(cv2.contourArea(outline) * unclip / cv2.arcLength(outline, True))
        text = np.array(grown[0], np.float32)
        found.append(cv2.boxPoints(cv2.minAreaRect(text)) if quads else text)
    return found


def dbnet_decoding(repeat: int) -> list[dict[str, Any]]:
    """DBNet's decode of a blurred, noisy map of 16 words, 640 x 640, beside the same of OpenCV's parts."""
    import cv2

    from synthtext.targets import dbnet

    t = dbnet.encode(list(arched(words(16, 640, 0.2))), None, 640, 640, 1)
    noise = np.random.default_rng(0).normal(0.0, 0.02, t.probability.shape)
    values = np.clip(cv2.GaussianBlur(t.probability, (0, 0), 2) + noise, 0, 1).astype(np.float32)
    rows = []
    for quads in (False, True):
        ours = median_us(lambda q=quads: dbnet.decode(values, 1, unclip=1.5, quads=q), repeat)
        theirs = median_us(lambda q=quads: opencv_decode(values, q), repeat)
        rows.append({"decode": "dbnet", "quads": quads, "us": ours, "opencv_us": theirs})
    return rows


def labels(repeat: int) -> list[dict[str, Any]]:
    """CTC and attention labels of a batch of 256 words."""
    rng = np.random.default_rng(0)
    alphabet = Alphabet.of("@latin")
    texts = ["".join(rng.choice(list(alphabet.characters), int(rng.integers(1, 25)))) for _ in range(256)]
    return [
        {"labels": module.__name__.rpartition(".")[2], "batch": 256, "us": median_us(call, repeat)}
        for module, call in (
            (ctc, lambda: ctc.encode(texts, alphabet, length=25)),
            (attention, lambda: attention.encode(texts, alphabet, length=25)),
        )
    ]


def real(folder: Path, repeat: int) -> list[dict[str, Any]]:
    """Milliseconds for all label files of a folder, at 960 x 540 pixels, stride 4: the median of some rounds."""
    files = [read_icdar(path) for path in sorted(folder.glob("gt_*.txt"))]
    rows = []
    for name in ("east", "dbnet", "psenet", "pan", "textsnake", "fcenet"):
        module = encoder(name)

        def every(module: Any = module) -> None:
            for quads, _, ignore in files:
                module.encode(quads, ignore, 540, 960, 4)

        taken = median_us(every, max(repeat // 50, 3))
        rows.append({"real": name, "files": len(files), "us_a_picture": round(taken / max(len(files), 1), 1)})
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=400)
    parser.add_argument("--real", type=Path, help="a folder of pictures' labels, gt_*.txt")
    parser.add_argument("--json", type=Path, help="write the figures there")
    args = parser.parse_args()
    rows = [
        *encoders(args.repeat),
        *growth(args.repeat),
        *decoding(args.repeat),
        *dbnet_decoding(args.repeat),
        *labels(args.repeat),
    ]
    if args.real:
        rows += real(args.real, args.repeat)
    for row in rows:
        print("  ".join(f"{key} {value:.4g}" if isinstance(value, float) else f"{key} {value}"
                        for key, value in row.items()))  # fmt: skip
    if args.json:
        pinned = len(os.sched_getaffinity(0)) == 1 if hasattr(os, "sched_getaffinity") else False
        date = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        result = {"date": date, "machine": machine(), "pinned": pinned, "repeat": args.repeat, "rows": rows}
        args.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
