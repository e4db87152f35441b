"""The figure of scenes: 512 x 512, all stages on, of those with 12 words or more.

    taskset -c 0 python benchmarks/scenes.py --json benchmarks/results/scenes.json

Per scene of one process, pinned to one core: seconds on the clock, and seconds that the processor worked for it, to
which a busy machine's other processes do not add (though they slow its caches and, with hyper-threading, its core).
Each sample is made twice, and the second is timed: fonts and photographs are warm, as after the first minutes of a run.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import statistics
import time
from pathlib import Path
from typing import Any

from synthtext import Generator
from synthtext.tools.bench import StageTimer, machine, resident_mb

FEWEST = 12  # words of a scene that counts
CHUNKS = 8


# The preset as it is, of whose scenes those with enough words count; and with hardly more words than that.
CASES: dict[str, tuple[str, ...]] = {"preset": (), "14 to 20 words": ("scene.words=[14, 20]",)}


def spread(seconds: list[float]) -> dict[str, float]:
    """Scenes per second of CHUNKS chunks: the median, the least and the most."""
    size = max(len(seconds) // CHUNKS, 1)
    rates = [size / sum(seconds[i : i + size]) for i in range(0, size * (len(seconds) // size), size)]
    return {"median": statistics.median(rates), "min": min(rates), "max": max(rates)}


def measure(overrides: tuple[str, ...], count: int) -> dict[str, Any]:
    """The figures of one configuration."""
    generator = Generator("scenes", 0, overrides)
    timer = StageTimer()
    clock: list[float] = []
    worked: list[float] = []
    words: list[int] = []
    stages: dict[str, list[float]] = {}
    for index in range(count):
        number = len(generator[index].labels.word_text)
        if number < FEWEST:
            continue
        began, cpu = time.perf_counter(), time.process_time()
        generator[index]
        clock.append(time.perf_counter() - began)
        worked.append(time.process_time() - cpu)
        words.append(number)
        timer.seconds.clear()
        timer("")
        generator.mark = timer
        generator[index]
        generator.mark = None
        for name, seconds in timer.seconds.items():
            if name:
                stages.setdefault(name, []).append(seconds)
    return {
        "overrides": list(overrides),
        "scenes": len(clock),
        "words_mean": statistics.mean(words),
        "load": os.getloadavg()[0],
        "scenes_per_s": spread(clock),
        "scenes_per_cpu_s": spread(worked),
        # Medians, since a stage that waited for the processor says nothing of itself.
        "stages_ms": {name: 1e3 * statistics.median(values) for name, values in stages.items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("-n", type=int, default=400, metavar="COUNT", help="scenes of each case (default 400)")
    args = parser.parse_args()
    cases = {}
    for title, overrides in CASES.items():
        row = cases[title] = measure(overrides, args.n)
        print(f"{title}: {row['scenes']} scenes of {row['words_mean']:.1f} words, load {row['load']:.1f}")
        for key, unit in (("scenes_per_s", "a second"), ("scenes_per_cpu_s", "a second of processor time")):
            print(f"  {row[key]['median']:.1f} {unit} (chunks {row[key]['min']:.1f} to {row[key]['max']:.1f})")
        for name, ms in sorted(row["stages_ms"].items(), key=lambda item: -item[1]):
            print(f"    {name:<18}{ms:7.2f} ms")
    result = {
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "machine": machine(),
        "image": [512, 512, 3],
        "goal_per_s": 60.0,
        "resident_mb": resident_mb(),
        "cases": cases,
    }
    if args.json:
        Path(args.json).write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
