"""What writing a data set costs over making its samples in memory, for each format, in one process.

    taskset -c 0 python benchmarks/writers.py --json benchmarks/results/writers-DATE.json

The rounds take the formats in turn, always the same samples: in memory (images and labels, nothing encoded), encoded
(the image file and the label record, thrown away), and written. Every stretch of 64 samples is timed by itself, and
the shortest times of each stretch over the rounds are summed: what a shared machine adds falls out, what each stretch
really costs, its commits and renames included, does not. Resident memory is that of a process which writes one round's
samples, and of one which writes four times as many.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from synthtext.config import Config, load_config
from synthtext.core.errors import InputError
from synthtext.dataset.generate import generate
from synthtext.formats import FORMATS, SHARDED, writer_of
from synthtext.formats.base import Encoding
from synthtext.formats.encode import encode
from synthtext.generator import Generator
from synthtext.sample import Sample
from synthtext.tools.bench import machine, resident_mb  # noqa: F401 (used by the processes that it starts)

STRETCH = 64


class Clocked:
    """A generator that notes the time before every 64th sample."""

    def __init__(self, generator: Generator) -> None:
        self._generator = generator
        self.config, self.digest, self.split = generator.config, generator.digest, generator.split
        self.marks: list[float] = []

    def __getitem__(self, index: int) -> Sample:
        if index % STRETCH == 0:
            self.marks.append(time.perf_counter())
        return self._generator[index]


def in_memory(source: Clocked | Generator, count: int) -> None:
    for index in range(count):
        source[index]


def encoded(source: Clocked, count: int) -> None:
    for index in range(count):
        encode(source[index], "images/000/000000000.jpg", Encoding())


def written(source: Clocked, count: int, form: str, shard_size: int) -> None:
    """`generate`, from its first line to its last; the generator is the one that is there already."""

    def make(config: Config, seed: int) -> Clocked:
        return source

    with tempfile.TemporaryDirectory() as folder, open(os.devnull, "w", encoding="utf-8") as quiet:
        generate(
            source.config,
            Path(folder) / "out",
            count,
            format=form,
            shard_size=shard_size if form in SHARDED else None,
            workers=1,
            make_generator=make,
            stream=quiet,
        )
        source.marks.append(time.perf_counter())


def timed(work: Callable[..., None], generator: Generator, *args: Any) -> npt.NDArray[np.float64]:
    """Seconds of each stretch; the first has the start-up, the last the end."""
    source = Clocked(generator)
    began = time.perf_counter()
    work(source, *args)
    source.marks.append(time.perf_counter())
    return np.diff([began, *source.marks[1:]])


def memory_of(config: str, form: str, count: int, shard_size: int) -> float:
    """Resident MB at the end of a process that has written so many samples."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import writers; from synthtext.generator import Generator;"
        "g = Generator(sys.argv[2]); writers.in_memory(g, 200);"
        "writers.written(writers.Clocked(g), int(sys.argv[4]), sys.argv[3], int(sys.argv[5]));"
        "print(writers.resident_mb())"
    )
    argv = [sys.executable, "-c", code, str(Path(__file__).parent), config, form, str(count), str(shard_size)]
    return float(subprocess.run(argv, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", nargs="?", default="words")
    parser.add_argument("-n", type=int, default=2048, metavar="COUNT", help="samples of a round (default 2048)")
    parser.add_argument("--rounds", type=int, default=15, metavar="R", help="rounds (default 15)")
    parser.add_argument("--shard-size", type=int, metavar="N", help="samples of a shard (default: half a round)")
    parser.add_argument("--json", metavar="FILE")
    args = parser.parse_args()
    shard_size = args.shard_size or max(args.n // 2, 1)
    generator = Generator(load_config(args.config))
    in_memory(generator, 300)
    forms = []
    for form in FORMATS:
        try:
            writer_of(form)
            forms.append(form)
        except InputError as error:
            print(f"left out: {error}")
    jobs: dict[str, tuple[Any, ...]] = {"in memory": (in_memory,), "encoded": (encoded,)}
    jobs |= {form: (written, form, shard_size) for form in forms}
    rounds: dict[str, list[npt.NDArray[np.float64]]] = {name: [] for name in jobs}
    for r in range(args.rounds + 1):  # the first warms up the caches, and is not counted
        for name, (work, *more) in jobs.items():
            stretches = timed(work, generator, args.n, *more)
            if r:
                rounds[name].append(stretches)
    shortest = {name: float(np.min(times, axis=0).sum()) for name, times in rounds.items()}
    base = shortest.pop("in memory")
    cost = {name: seconds / base - 1.0 for name, seconds in shortest.items()}
    result: dict[str, Any] = {
        "machine": machine(),
        "date": datetime.date.today().isoformat(),
        "config": args.config,
        "samples_a_round": args.n,
        "rounds": args.rounds,
        "shard_size": shard_size,
        "in_memory_samples_per_s": args.n / base,
        "cost_over_in_memory": cost,
        "resident_mb": {
            form: {str(k * args.n): memory_of(args.config, form, k * args.n, shard_size) for k in (1, 4)}
            for form in forms
        },
    }
    print(f"{args.config}: {args.n / base:,.0f} samples/s in memory")
    for name, part in cost.items():
        held = result["resident_mb"].get(name, {})
        told = ", ".join(f"{mb:.0f} MB after {count} samples" for count, mb in held.items())
        print(f"{name:<12} {part:+6.1%}  {told}")
    if args.json:
        Path(args.json).write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
