"""The figures of streams: `python benchmarks/stream.py [--part scaling --part own ...] [--json FILE]`.

    scaling   two workers against one, and against what two processes reach that only render
    own       CPU time of a batch of 256 words beside rendering, in the worker and in the loop's process
    loader    against torch's DataLoader around a map-style generator, with two workers each (needs torch)
    memory    resident memory of all processes over --words words of the preset `clean`
    cycles    what a thousand streams, begun and ended, leave behind

Rates are medians of alternating runs of --seconds; the ratios are of the medians. On a shared machine read the spread.
"""

from __future__ import annotations

# ruff: noqa: E402
import os

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")  # as the command line has it: a process of one thread may fork its workers

import argparse
import datetime
import gc
import json
import statistics
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from synthtext import Generator, Stream
from synthtext.tools.bench import _parallel_rate, machine

BATCH = 256


def spread(values: list[float]) -> dict[str, float]:
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def touch(batch: Any) -> int:
    """What a loop does that only touches the arrays: read a byte of each page."""
    return int(batch["image"].reshape(-1)[::4096].sum())


def rate(batches: Iterable[Any], seconds: float, warm: int = 6) -> float:
    """Samples per second, after some batches that are not counted."""
    began, done = 0.0, 0
    for number, batch in enumerate(batches):
        touch(batch)
        if number == warm:
            began = time.perf_counter()
        elif number > warm:
            done += BATCH
            if time.perf_counter() - began > seconds:
                break
    return done / (time.perf_counter() - began)


def stream_rate(config: str, workers: int, seconds: float) -> float:
    with Stream(config, batch_size=BATCH, workers=workers) as stream:
        return rate(stream, seconds)


def alternate(runs: dict[str, Callable[[], float]], repeat: int) -> dict[str, Any]:
    values: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(repeat):
        for name, run in runs.items():
            values[name].append(run())
    return {name: spread(v) for name, v in values.items()}


def scaling(args: argparse.Namespace) -> dict[str, Any]:
    config = Generator("words").config
    count = 0

    def rendering(workers: int) -> float:
        nonlocal count
        count = count or max(int(args.seconds * stream_rate("words", 1, 1.0)), 500)
        return _parallel_rate(config, 0, count, workers)

    result = alternate(
        {
            "one": lambda: stream_rate("words", 1, args.seconds),
            "two": lambda: stream_rate("words", 2, args.seconds),
            "rendering_one": lambda: rendering(1),
            "rendering_two": lambda: rendering(2),
        },
        args.repeat,
    )
    result["ratio"] = result["two"]["median"] / result["one"]["median"]
    result["rendering_ratio"] = result["rendering_two"]["median"] / result["rendering_one"]["median"]
    print(f"two workers: {result['ratio']:.2f} times one (rendering alone: {result['rendering_ratio']:.2f} times)")
    return result


class Ready:
    """A source whose samples are made already: what is left is the stream's own cost."""

    def __init__(self, count: int = 64) -> None:
        generator = Generator("words")
        self.seed, self.digest, self.configs = 0, generator.digest, generator.configs
        self._samples = [generator[i] for i in range(count)]

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (len(self._samples),)

    def __getitem__(self, index: int) -> Any:
        return self._samples[index % len(self._samples)]


def cpu_s(pid: int) -> float:
    """CPU seconds of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def own(args: argparse.Namespace) -> dict[str, Any]:
    source = Ready()
    result: dict[str, Any] = {}
    for name, fields in {"image, text, index": ("image", "text", "index"), "with words, chars": None}.items():
        here, there, wall = [], [], []
        for _ in range(args.repeat):
            declared = fields or ("image", "text", "index", "words", "chars")
            with Stream(source, batch_size=BATCH, workers=1, fields=declared) as stream:
                for _ in range(20):
                    touch(next(stream))
                assert stream._pool is not None
                pid = stream._pool.workers[0].process.pid
                before, mine, began = cpu_s(pid), time.process_time(), time.perf_counter()
                batches = 0
                while time.perf_counter() - began < args.seconds:
                    next(stream)
                    batches += 1
                wall.append(1e3 * (time.perf_counter() - began) / batches)
                here.append(1e3 * (time.process_time() - mine) / batches)
                there.append(1e3 * (cpu_s(pid) - before) / batches)
        total = [a + b for a, b in zip(here, there, strict=True)]
        result[name] = {
            "loop_cpu_ms": spread(here),
            "worker_cpu_ms": spread(there),
            "cpu_ms": spread(total),
            "wall_ms": spread(wall),
        }
        print(
            f"own cost of a batch of {BATCH} ({name}): {result[name]['cpu_ms']['median']:.2f} ms of CPU time, of which "
            f"{result[name]['loop_cpu_ms']['median']:.2f} ms in the loop's process"
        )
    return result


def loader(args: argparse.Namespace) -> dict[str, Any]:
    import torch
    from torch.utils.data import DataLoader, Dataset

    from synthtext.stream.torch import StreamDataset

    class Plain(Dataset):  # type: ignore[type-arg]
        """What anybody writes first."""

        def __init__(self) -> None:
            self.generator = Generator("words")

        def __len__(self) -> int:
            return 1 << 30

        def __getitem__(self, index: int) -> dict[str, Any]:
            sample = self.generator[index]
            return {"image": torch.from_numpy(sample.image), "text": sample.text, "index": index}

    def plain() -> float:
        return rate(DataLoader(Plain(), batch_size=BATCH, num_workers=2), args.seconds)

    def dataset() -> float:
        data = StreamDataset("words", batch_size=BATCH)
        return rate(DataLoader(data, batch_size=None, num_workers=2), args.seconds)

    result = alternate(
        {
            "stream": lambda: stream_rate("words", 2, args.seconds),
            "plain_loader": plain,
            "stream_dataset_in_loader": dataset,
        },
        args.repeat,
    )
    result["ratio"] = result["stream"]["median"] / result["plain_loader"]["median"]
    result["torch"] = torch.__version__
    print(f"against DataLoader around a map-style generator: {result['ratio']:.2f} times its rate")
    return result


def resident_mb(pid: int | str) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def memory(args: argparse.Namespace) -> dict[str, Any]:
    with Stream("clean", batch_size=BATCH, workers=2) as stream:
        assert stream._pool is not None
        pids = [os.getpid(), *(worker.process.pid for worker in stream._pool.workers)]
        rows: list[dict[str, Any]] = []
        began = time.perf_counter()
        marks = [args.words * k // 20 for k in range(1, 21)]
        for batch in stream:
            touch(batch)
            words = stream.stats.samples
            if words >= marks[0]:
                marks = marks[1:]
                rows.append({"words": words, "resident_mb": [round(resident_mb(pid), 1) for pid in pids]})
            if not marks:
                break
        seconds = time.perf_counter() - began
    first, last = rows[0], rows[-1]
    print(f"resident MB of loop and workers: {first['resident_mb']} after {first['words']:,} words,")
    print(f"  {last['resident_mb']} after {last['words']:,} ({last['words'] / seconds:,.0f} words/s)")
    return {"seconds": seconds, "preset": "clean", "rows": rows}


def left_behind() -> dict[str, Any]:
    gc.collect()
    me = os.getpid()
    children = 0
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            try:
                fields = (path / "stat").read_text(encoding="ascii").rpartition(")")[2].split()
            except OSError:
                continue
            children += int(fields[1]) == me
    return {
        "descriptors": len(os.listdir("/proc/self/fd")),
        "children": children,
        "memory_maps": len(Path("/proc/self/maps").read_text(encoding="utf-8").splitlines()),
        "shared_memory_maps": Path("/proc/self/maps").read_text(encoding="utf-8").count("memfd:synthtext"),
        "resident_mb": round(resident_mb("self"), 1),
    }


def cycles(args: argparse.Namespace) -> dict[str, Any]:
    source = Generator("clean")
    source[0]  # kernels are loaded once, and not by each worker

    def cycle(batches: int) -> None:
        with Stream(source, batch_size=32, workers=2) as stream:
            for _ in range(batches):
                touch(next(stream))

    for number in range(20):
        cycle(number % 3)
    before = left_behind()
    began = time.perf_counter()
    for number in range(args.cycles):
        cycle(number % 3)
    seconds = (time.perf_counter() - began) / args.cycles
    after = left_behind()
    print(f"{args.cycles} streams ({1e3 * seconds:.0f} ms each): {before} before, {after} after")
    return {"cycles": args.cycles, "cycle_s": seconds, "before": before, "after": after}


PARTS = {"scaling": scaling, "own": own, "loader": loader, "memory": memory, "cycles": cycles}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", action="append", choices=list(PARTS), help="only this one (may be given again)")
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each run (default 5)")
    parser.add_argument("--repeat", type=int, default=5, help="runs of each kind (default 5)")
    parser.add_argument("--words", type=int, default=1_000_000, help="of the part memory (default 1,000,000)")
    parser.add_argument("--cycles", type=int, default=1000, help="of the part cycles (default 1,000)")
    args = parser.parse_args()
    result: dict[str, Any] = {
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "machine": machine(),
        "load": os.getloadavg(),
        "batch_size": BATCH,
    }
    for name in args.part or PARTS:
        result[name] = PARTS[name](args)
    result["load_after"] = os.getloadavg()
    if args.json:
        Path(args.json).write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
