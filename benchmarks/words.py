"""The figures of word crops: rates in memory and on disk, two workers against one, first sample, memory.

    taskset -c 0 python benchmarks/words.py --json benchmarks/results/words.json

Rates are samples per second of one process; pin it to one core (the two-worker part unpins itself). Each figure is a
median over chunks, printed with the least and the most: on a shared machine, read the spread before the median.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from synthtext.tools.bench import bench, machine

SYNTHTIGER_SIZE = ("image.height=63", "image.width=206")  # what its default template gives, about


def spread(values: list[float]) -> dict[str, float]:
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def written(form: str, count: int) -> float:
    """Samples per second written by one process, after the imports and the set-up."""
    from synthtext.dataset.generate import generate

    with tempfile.TemporaryDirectory() as folder, open(os.devnull, "w", encoding="utf-8") as quiet:
        result = generate("words", Path(folder) / "out", count, format=form, workers=1, stream=quiet)
    return count / result.seconds


def first_sample(cache: str) -> float:
    """Seconds from the command to a data set of one sample, with Numba's kernels cached in `cache`."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "synthtext", "generate", "words", "-n", "1", "--workers", "1", "-o", folder]
        began = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, "NUMBA_CACHE_DIR": cache})
        return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("-n", type=int, default=8000, metavar="COUNT", help="samples a figure")
    args = parser.parse_args()
    result: dict[str, Any] = {"machine": machine()}

    memory = bench("words", 0, args.n, 1, ())
    result["date"] = memory["date"]
    result["memory_32x128"] = spread(memory["samples_per_s_chunks"])
    result["stages_us"] = memory["stages_us"]
    result["resident_mb"] = memory["resident_mb"]
    print(f"in memory, 32x128: {result['memory_32x128']['median']:,.0f}/s, {memory['resident_mb']:.0f} MB", flush=True)
    large = bench("words", 0, args.n // 4, 1, SYNTHTIGER_SIZE)
    result["memory_63x206"] = spread(large["samples_per_s_chunks"])
    print(f"in memory, 63x206: {result['memory_63x206']['median']:,.0f}/s", flush=True)
    for form in ("lmdb", "folder"):
        result[f"written_{form}"] = spread([written(form, args.n // 2) for _ in range(3)])
        print(f"written as {form}: {result[f'written_{form}']['median']:,.0f}/s", flush=True)
    with tempfile.TemporaryDirectory() as cache:
        result["first_sample_cold_s"] = first_sample(cache)
        result["first_sample_warm_s"] = spread([first_sample(cache) for _ in range(3)])
    print(
        f"first sample: {result['first_sample_warm_s']['median']:.2f} s, "
        f"{result['first_sample_cold_s']:.1f} s with no compiled kernels",
        flush=True,
    )
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, range(os.cpu_count() or 1))
    pairs = [bench("words", 0, args.n // 2, 2, ())["workers"] for _ in range(3)]
    result["two_workers"] = sorted(pairs, key=lambda pair: pair["ratio"])[1]
    print(f"two workers: {result['two_workers']['ratio']:.2f} times one", flush=True)
    if args.json:
        Path(args.json).write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
