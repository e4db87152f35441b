"""`synthtext bench`: how fast a configuration is made on this machine, and where the time goes."""

from __future__ import annotations

import argparse
import datetime
import json
import multiprocessing
import os
import platform
import statistics
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from synthtext.core.errors import InputError
from synthtext.core.version import __version__
from synthtext.runtime.workers import default_workers, pieces

_CHUNKS = 8  # timed apart, so that a median can be given
_TRIPS = 50  # of JPEG, timed together


def machine() -> dict[str, Any]:
    """What a figure was measured on."""
    import llvmlite
    import numba
    import numpy

    return {
        "cpu": _cpu_name(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "numba": numba.__version__,
        "llvmlite": llvmlite.__version__,
        "synthtext": __version__,
    }


def _cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def resident_mb() -> float:
    """Resident memory of this process now, in MB; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


class StageTimer:
    """Adds up the time between the marks of a generator: what was spent since the mark before belongs to a stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._last = time.perf_counter()

    def __call__(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage] += now - self._last
        self._last = now


def _make(generator: Any, start: int, count: int) -> None:
    """Make a range as data sets and streams do: as many samples at once as the generator likes."""
    for piece in pieces(generator, range(start, start + count)):
        generator.batch(piece.start, len(piece))


def _rate(generator: Any, start: int, count: int) -> list[float]:
    """Samples per second of each chunk."""
    size = max(count // _CHUNKS, 1)
    rates = []
    for first in range(start, start + size * _CHUNKS, size):
        began = time.perf_counter()
        _make(generator, first, size)
        rates.append(size / (time.perf_counter() - began))
    return rates


def _rate_singly(generator: Any, start: int, count: int) -> float:
    """Samples per second where each is asked for by its index."""
    began = time.perf_counter()
    for i in range(start, start + count):
        generator[i]
    return count / (time.perf_counter() - began)


def jpeg_round_trip_s(image: Any) -> float:
    """Seconds in which OpenCV compresses and decompresses an image: a unit of time that goes with the machine."""
    import cv2

    best = float("inf")
    for _ in range(_CHUNKS):
        began = time.perf_counter()
        for _ in range(_TRIPS):
            cv2.imdecode(cv2.imencode(".jpg", image, (cv2.IMWRITE_JPEG_QUALITY, 60))[1], cv2.IMREAD_COLOR)
        best = min(best, (time.perf_counter() - began) / _TRIPS)
    return best


def _worker(config: Any, seed: int, start: int, count: int, warm: Any, go: Any, results: Any) -> None:
    from synthtext.generator import Generator

    generator = Generator(config, seed)
    _make(generator, start, min(count, 500))
    warm.release()
    go.wait()
    began = time.perf_counter()
    _make(generator, start, count)
    results.put((began, time.perf_counter()))


def _parallel_rate(config: Any, seed: int, count: int, workers: int) -> float:
    """Samples per second of so many processes together, all warm before the clock starts."""
    context = multiprocessing.get_context("spawn")
    warm, go, results = context.Semaphore(0), context.Event(), context.Queue()
    processes = [
        context.Process(target=_worker, args=(config, seed, i * count, count, warm, go, results), daemon=True)
        for i in range(workers)
    ]
    for process in processes:
        process.start()
    for _ in processes:
        warm.acquire()
    go.set()
    times = [results.get() for _ in processes]
    for process in processes:
        process.join()
    seconds: float = max(t[1] for t in times) - min(t[0] for t in times)
    return workers * count / seconds


def bench(source: str, seed: int, count: int, workers: int, overrides: tuple[str, ...]) -> dict[str, Any]:
    """Measure a configuration; see `run` for what is printed. Rates are samples per second."""
    began = time.perf_counter()
    from synthtext.generator import Generator

    imported = time.perf_counter()
    generator = Generator(source, seed, overrides)
    built = time.perf_counter()
    first = generator[0]
    done = time.perf_counter()
    warm_up = max(min(count, 2000), 200)
    _make(generator, count, warm_up)
    rates = _rate(generator, 0, count)
    singly = _rate_singly(
        generator, count + warm_up, max(count // _CHUNKS, 1)
    )  # new ones, as those of the batches were
    trip = jpeg_round_trip_s(first.image)
    generator.mark = timer = StageTimer()
    per_stage = min(count, 2000)
    for i in range(per_stage):
        generator[i]
    total = sum(timer.seconds.values())
    result: dict[str, Any] = {
        "config": source,
        "overrides": list(overrides),
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "machine": machine(),
        "image": list(first.image.shape),
        "samples": count,
        "import_s": imported - began,
        "build_s": built - imported,
        "first_sample_s": done - built,
        "samples_per_s": statistics.median(rates),
        "samples_per_s_chunks": rates,
        "samples_per_s_singly": singly,
        "jpeg_round_trips": 1.0 / (max(rates) * trip),
        "resident_mb": resident_mb(),
        "stages_us": {name: 1e6 * seconds / per_stage for name, seconds in timer.seconds.items()},
        "stages_share": {name: seconds / total for name, seconds in timer.seconds.items()},
    }
    if workers > 1:
        alone = _parallel_rate(generator.config, seed, count, 1)
        together = _parallel_rate(generator.config, seed, count, workers)
        result["workers"] = {"count": workers, "one": alone, "all": together, "ratio": together / alone}
    return result


def bench_stream(
    source: str, seed: int, count: int, workers: int, batch_size: int, overrides: tuple[str, ...]
) -> dict[str, Any]:
    """Measure a stream as a loop sees it that only touches the arrays: after the ring has filled once."""
    from synthtext.runtime.progress import Progress
    from synthtext.stream.stream import Stats, Stream

    batches = max(-(-count // batch_size), 1)
    with Stream(source, seed, batch_size=batch_size, workers=workers, overrides=overrides) as stream:
        began = time.perf_counter()
        image = next(stream)["image"]
        first = time.perf_counter() - began
        for _ in range(stream.ring):
            next(stream)
        stream.stats = Stats()
        rates = []
        with Progress(batches * batch_size) as progress:
            for number in range(1, batches + 1):
                began = time.perf_counter()
                image = next(stream)["image"]
                rates.append(batch_size / (time.perf_counter() - began))
                stats = stream.stats
                progress.more = f"waited {100 * stats.waited:.0f}%, {stats.fill:.1f} of {stream.ring} batches ready"
                progress.update(number * batch_size)
        stats = stream.stats
        return {
            "config": source,
            "overrides": list(overrides),
            "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "machine": machine(),
            "image": list(image.shape),
            "samples": stats.samples,
            "workers": workers,
            "first_batch_s": first,
            "samples_per_s": stats.rate,
            "samples_per_s_batches": rates,
            "waited_share": stats.waited,
            "ring": stream.ring,
            "ring_fill": stats.fill,
            "restarts": stats.restarts,
            "ring_mb": stream.ring * stream.slot_bytes / 1e6,
            "resident_mb": resident_mb(),
        }


def report_stream(result: dict[str, Any]) -> str:
    """The lines of a stream's result."""
    workers = "1 worker" if result["workers"] == 1 else f"{result['workers']} workers"
    restarts = f", {result['restarts']} workers replaced" if result["restarts"] else ""
    return (
        f"{result['config']}  batches of {'x'.join(map(str, result['image']))}  {result['samples']} samples, {workers} "
        f"on {result['machine']['cpu']}\n"
        f"{result['samples_per_s']:,.0f} samples/s; the loop waited {100 * result['waited_share']:.1f}% of its time"
        f"{restarts}\n"
        f"{result['ring_fill']:.1f} of {result['ring']} batches were ready when one was asked for "
        f"(the ring has {result['ring_mb']:,.0f} MB)\n"
        f"first batch after {result['first_batch_s']:.2f} s; {result['resident_mb']:.0f} MB resident in this process"
    )


def report(result: dict[str, Any]) -> str:
    """The table of a result."""
    lines = [
        f"{result['config']}  {'x'.join(map(str, result['image']))}  {result['samples']} samples on "
        f"{result['machine']['cpu']}",
        f"{result['samples_per_s']:,.0f} samples/s in one process, made in batches "
        f"(median of {len(result['samples_per_s_chunks'])} chunks), {result['resident_mb']:.0f} MB resident",
        f"{result['samples_per_s_singly']:,.0f} samples/s one by one; at best, a sample of a batch takes as long as "
        f"{result['jpeg_round_trips']:.1f} JPEG round trips of OpenCV at its size",
        f"first sample after {result['import_s']:.2f} s of imports, {result['build_s']:.2f} s of set-up and "
        f"{result['first_sample_s']:.2f} s of its own",
        "",
        f"{'stage':<20}{'µs':>9}{'share':>9}",
    ]
    for name, us in sorted(result["stages_us"].items(), key=lambda item: -item[1]):
        lines.append(f"{name:<20}{us:>9.1f}{100 * result['stages_share'][name]:>8.1f}%")
    lines.append(f"{'sum':<20}{sum(result['stages_us'].values()):>9.1f}")
    if "workers" in result:
        w = result["workers"]
        lines.append(
            f"\n{w['count']} workers: {w['all']:,.0f} samples/s, {w['ratio']:.2f} times one worker's {w['one']:,.0f}"
        )
    return "\n".join(lines)


def run(args: argparse.Namespace) -> int:
    """The subcommand: measures, prints a table, writes JSON where asked."""
    if args.n < _CHUNKS:
        raise InputError(f"-n {args.n}: measure {_CHUNKS} samples or more")
    overrides = tuple(args.set or ())
    if args.stream:
        workers = default_workers() if args.workers is None else args.workers
        result = bench_stream(args.config, args.seed, args.n, workers, args.batch_size, overrides)
        print(report_stream(result))
    else:
        result = bench(args.config, args.seed, args.n, args.workers or 1, overrides)
        print(report(result))
    if args.json:
        try:
            Path(args.json).write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            raise InputError(f"--json {args.json}: cannot be written: {error.strerror}") from None
        print(f"written to {args.json}", file=sys.stderr)
    return 0
