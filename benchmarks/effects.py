"""What each effect costs: microseconds added to a word of preset `words`, the same samples with and without it.

    taskset -c 0 python benchmarks/effects.py --json benchmarks/results/effects.json

The median over samples and repeats of paired differences. `preset_ratio`: the preset's time over its own with every
share of these effects at 0, samples made in turn, the best of three each.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from datetime import date
from pathlib import Path
from typing import Any

from synthtext import Generator
from synthtext.tools.bench import machine
from synthtext.tools.gallery import effect_paths

SECTIONS = ("effects", "interference", "print", "surface", "camera")
OUTLINES = ("layout.stroke_contrast", "layout.roughness", "layout.rounding", "warp.rolling_shutter")
PATHS = [path for path, _ in effect_paths() if path.split(".")[0] in SECTIONS or path in OUTLINES]


def timed(call: Any, argument: Any) -> float:
    """Seconds of one call."""
    began = time.perf_counter()
    call(argument)
    return time.perf_counter() - began


def added(plain: Generator, path: str, off: list[str], count: int) -> float:
    """Microseconds that an effect adds to rendering a plan."""
    generator = Generator("words", 0, [*off, f"{path}.share=1"])
    pairs = [(plain.draw(index), generator.draw(index)) for index in range(count)]
    for _, plan in pairs:
        generator.render(plan)
    return 1e6 * statistics.median(
        timed(generator.render, b) - timed(plain.render, a) for _ in range(5) for a, b in pairs
    )


def ratio(off: list[str], count: int) -> float:
    """The preset's time a sample over its time without these effects."""
    pair = Generator("words", 0, off), Generator("words", 0)
    best = [[1e9] * count, [1e9] * count]
    for turn in range(4):  # the first warms up
        for index in range(count):
            for generator, times in zip(pair, best, strict=True):
                seconds = timed(generator.__getitem__, index)
                times[index] = min(times[index], seconds) if turn else 1e9
    return sum(best[1]) / sum(best[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("-n", type=int, default=60, metavar="COUNT", help="samples an effect")
    args = parser.parse_args()
    off = [f"{path}.share=0" for path in PATHS]
    plain = Generator("words", 0, off)
    for index in range(args.n):
        plain[index]
    result: dict[str, Any] = {"machine": machine(), "date": date.today().isoformat(), "added_us": {}}
    for path in PATHS:
        result["added_us"][path] = round(added(plain, path, off, args.n))
        print(f"{path:32s} {result['added_us'][path]:6d} us", flush=True)
    result["preset_ratio"] = round(ratio(off, 10 * args.n), 3)
    print(f"preset words: {result['preset_ratio']} times its time without them")
    if args.json:
        Path(args.json).write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
