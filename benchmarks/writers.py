"""What writing a data set costs over making its samples in memory, for each format, in one process.

    taskset -c 0 python benchmarks/writers.py --json benchmarks/results/writers.json

The rounds take the formats in turn, always the same samples: in memory (images and labels, nothing encoded), encoded
(the image file and the label record, thrown away), and written. Each round gives a ratio to its own run in memory, of
which the median is told; beside it the ratio of the shortest times of all rounds, which others disturb least.
Both are of the clock. Resident memory is that of a process which writes one round's samples, and of one which writes
four times as many.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from synthtext.bench import machine, resident_mb  # noqa: F401 (used by the processes that it starts)
from synthtext.config import Config, load_config
from synthtext.errors import InputError
from synthtext.formats import FORMATS, SHARDED, writer_of
from synthtext.formats.base import Encoding
from synthtext.formats.encode import encode
from synthtext.generate import generate
from synthtext.generator import Generator


def in_memory(generator: Generator, first: int, count: int) -> None:
    for index in range(first, first + count):
        generator[index]


def encoded(generator: Generator, first: int, count: int) -> None:
    for index in range(first, first + count):
        encode(generator[index], "images/000/000000000.jpg", Encoding())


def written(generator: Generator, first: int, count: int, form: str, shard_size: int) -> None:
    """`generate`, from its first line to its last; the generator is the one that is there already."""

    def make(config: Config, seed: int) -> Generator:
        return generator

    with tempfile.TemporaryDirectory() as folder, open(os.devnull, "w", encoding="utf-8") as quiet:
        generate(
            generator.config,
            Path(folder) / "out",
            count,
            start=first,
            format=form,
            shard_size=shard_size if form in SHARDED else None,
            workers=1,
            make_generator=make,
            stream=quiet,
        )


def timed(work: Callable[..., None], *args: Any) -> float:
    """Seconds."""
    began = time.perf_counter()
    work(*args)
    return time.perf_counter() - began


def memory_of(config: str, form: str, count: int, shard_size: int) -> float:
    """Resident MB at the end of a process that has written so many samples."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import writers; from synthtext.generator import Generator;"
        "g = Generator(sys.argv[2]); writers.in_memory(g, 0, 200);"
        "writers.written(g, 0, int(sys.argv[4]), sys.argv[3], int(sys.argv[5])); print(writers.resident_mb())"
    )
    argv = [sys.executable, "-c", code, str(Path(__file__).parent), config, form, str(count), str(shard_size)]
    return float(subprocess.run(argv, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", nargs="?", default="words")
    parser.add_argument("-n", type=int, default=2000, metavar="COUNT", help="samples of a round (default 2000)")
    parser.add_argument("--rounds", type=int, default=7, metavar="R", help="rounds (default 7)")
    parser.add_argument("--shard-size", type=int, metavar="N", help="samples of a shard (default: half a round)")
    parser.add_argument("--json", metavar="FILE")
    args = parser.parse_args()
    shard_size = args.shard_size or max(args.n // 2, 1)
    generator = Generator(load_config(args.config))
    in_memory(generator, 0, 300)
    forms = []
    for form in FORMATS:
        try:
            writer_of(form)
            forms.append(form)
        except InputError as error:
            print(f"left out: {error}")
    jobs: dict[str, tuple[Any, ...]] = {"in memory": (in_memory,), "encoded": (encoded,)}
    jobs |= {form: (written, form, shard_size) for form in forms}
    times: dict[str, list[float]] = {name: [] for name in jobs}
    for r in range(args.rounds + 1):  # the first warms up the caches, and is not counted
        for name, (work, *more) in jobs.items():
            seconds = timed(work, generator, 0, args.n, *more)
            if r:
                times[name].append(seconds)
    base = times.pop("in memory")
    cost = {
        name: {
            "shortest": min(own) / min(base) - 1.0,
            "median": statistics.median(t / b - 1.0 for t, b in zip(own, base, strict=True)),
        }
        for name, own in times.items()
    }
    result: dict[str, Any] = {
        "machine": machine(),
        "date": datetime.date.today().isoformat(),
        "config": args.config,
        "samples_a_round": args.n,
        "rounds": args.rounds,
        "shard_size": shard_size,
        "in_memory_samples_per_s": {"fastest": args.n / min(base), "median": args.n / statistics.median(base)},
        "cost_over_in_memory": cost,
        "resident_mb": {
            form: {str(k * args.n): memory_of(args.config, form, k * args.n, shard_size) for k in (1, 4)}
            for form in forms
        },
    }
    rate = result["in_memory_samples_per_s"]
    print(f"{args.config}: {rate['fastest']:,.0f} samples/s in memory at the fastest, {rate['median']:,.0f} the median")
    for name, figures in cost.items():
        held = result["resident_mb"].get(name, {})
        told = ", ".join(f"{mb:.0f} MB after {count} samples" for count, mb in held.items())
        print(f"{name:<12} {figures['shortest']:+6.1%} (median {figures['median']:+6.1%})  {told}")
    if args.json:
        Path(args.json).write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
