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
from synthtext.bench import StageTimer, machine, resident_mb

FEWEST = 12  # words of a scene that counts
CHUNKS = 8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("-n", type=int, default=400, metavar="COUNT", help="scenes (default 400)")
    args = parser.parse_args()
    generator = Generator("scenes", 0)
    timer = StageTimer()
    clock: list[float] = []
    worked: list[float] = []
    words: list[int] = []
    stages: dict[str, list[float]] = {}
    for index in range(args.n):
        count = len(generator[index].labels.word_text)
        if count < FEWEST:
            continue
        began, cpu = time.perf_counter(), time.process_time()
        generator[index]
        clock.append(time.perf_counter() - began)
        worked.append(time.process_time() - cpu)
        words.append(count)
        timer.seconds.clear()
        timer("")
        generator.mark = timer
        generator[index]
        generator.mark = None
        for name, seconds in timer.seconds.items():
            if name:
                stages.setdefault(name, []).append(seconds)
    size = max(len(clock) // CHUNKS, 1)
    chunks = [range(i, min(i + size, len(clock))) for i in range(0, len(clock), size)][:CHUNKS]
    on_clock = [len(chunk) / sum(clock[i] for i in chunk) for chunk in chunks]
    of_cpu = [len(chunk) / sum(worked[i] for i in chunk) for chunk in chunks]
    result: dict[str, Any] = {
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "machine": machine(),
        "load": list(os.getloadavg()),
        "image": [512, 512, 3],
        "scenes": len(clock),
        "words_mean": statistics.mean(words),
        "scenes_per_s": {"median": statistics.median(on_clock), "min": min(on_clock), "max": max(on_clock)},
        "scenes_per_cpu_s": {"median": statistics.median(of_cpu), "min": min(of_cpu), "max": max(of_cpu)},
        "goal_per_s": 60.0,
        "resident_mb": resident_mb(),
        # Medians, since a stage that waited for the processor says nothing of itself.
        "stages_ms": {name: 1e3 * statistics.median(values) for name, values in stages.items()},
    }
    print(f"{len(clock)} scenes of {result['words_mean']:.1f} words, load {result['load'][0]:.1f}")
    for key, title in (("scenes_per_s", "a second"), ("scenes_per_cpu_s", "a second of processor time")):
        row = result[key]
        print(f"{row['median']:.1f} scenes {title} (chunks {row['min']:.1f} to {row['max']:.1f})")
    for name, ms in sorted(result["stages_ms"].items(), key=lambda item: -item[1]):
        print(f"{name:<20}{ms:8.2f} ms")
    if args.json:
        Path(args.json).write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
