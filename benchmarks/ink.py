"""What ink masks cost: `python benchmarks/ink.py [CONFIG ...] [-n COUNT] [--json FILE]`.

Microseconds a sample of each configuration (words, lines, scenes), medians of chunks that alternate: the sample without
ink, its `ink` beside that, the maps by id, and their PNG files; and the files' bytes.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from pathlib import Path
from typing import Any

from synthtext import Generator
from synthtext.formats.encode import encode_ink
from synthtext.tools.bench import machine

CHUNKS = 8


def measure(config: str, count: int) -> dict[str, Any]:
    """The figures of one configuration."""
    generator = Generator(config, 0)
    for index in range(count, count + max(count // 2, 20)):
        encode_ink(generator[index].ink, 0.5)
    steps: dict[str, list[float]] = {name: [] for name in ("sample", "ink", "maps", "files")}
    size, chunk = 0, max(count // CHUNKS, 1)
    for first in range(0, chunk * CHUNKS, chunk):
        spent = dict.fromkeys(steps, 0.0)
        for index in range(first, first + chunk):
            times = [time.perf_counter()]
            sample = generator[index]
            times.append(time.perf_counter())
            ink = sample.ink
            times.append(time.perf_counter())
            ink.words()
            ink.chars()
            times.append(time.perf_counter())
            size += sum(map(len, encode_ink(ink, 0.5)))
            times.append(time.perf_counter())
            for name, begin, end in zip(spent, times, times[1:], strict=False):
                spent[name] += end - begin
        for name, seconds in spent.items():
            steps[name].append(1e6 * seconds / chunk)
    us = {name: statistics.median(values) for name, values in steps.items()}
    return {"config": config, "us": us, "bytes": size / (chunk * CHUNKS), "image": list(sample.image.shape)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("config", nargs="*", default=["words", "lines", "scenes"])
    parser.add_argument("-n", type=int, default=800)
    parser.add_argument("--json")
    args = parser.parse_args()
    results = []
    print(f"{'config':<10}{'sample':>10}{'ink':>10}{'maps':>10}{'files':>10}  us, and bytes")
    for config in args.config:
        result = measure(config, max(args.n // (10 if config == "scenes" else 1), CHUNKS))
        results.append(result)
        print(
            f"{config:<10}"
            + "".join(f"{value:>10.0f}" for value in result["us"].values())
            + f"  {result['bytes']:,.0f}"
        )
    if args.json:
        Path(args.json).write_text(
            json.dumps({"machine": machine(), "results": results}, indent=1) + "\n", encoding="utf-8"
        )


if __name__ == "__main__":
    main()
