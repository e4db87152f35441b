"""How fast `synthtext inspect` reads: words per second of processor time of one core, by what it does with each.

    taskset -c 0 python benchmarks/inspection.py --json benchmarks/results/inspection.json [DATASET ...]

`labels` reads, parses and counts every label, fetches each image file's bytes, hashes them and checks their header;
`labels, with plans` also counts fonts, backgrounds and effects of stored plans. `measures` is contrast, blur, colour,
thumbnail and hash of decoded pictures, `decoding` is OpenCV's. `everything` is all of it with each picture decoded, as
`--sample all`; `large set` is what follows for 100,000 words with the default sample of 20,000 pictures. Of DATASETs
(anybody's, with real pictures) `everything` is given. Processor time, since the machine may be shared; medians of runs.
"""

from __future__ import annotations

import argparse
import datetime
import io
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from synthtext.dataset.generate import generate
from synthtext.formats import open_dataset
from synthtext.formats.base import Encoding
from synthtext.inspection.duplicates import duplicates, near_duplicates
from synthtext.inspection.gather import gather
from synthtext.inspection.pictures import decode, look_at
from synthtext.tools.bench import machine

RUNS = 5


def timed(work: Callable[[], Any]) -> list[float]:
    """Seconds of processor time of each run."""
    work()
    seconds = []
    for _ in range(RUNS):
        began = time.process_time()
        work()
        seconds.append(time.process_time() - began)
    return seconds


def rates(count: int, seconds: list[float]) -> dict[str, float]:
    """Words per second."""
    found = sorted(count / s for s in seconds)
    return {"median": statistics.median(found), "min": found[0], "max": found[-1]}


def whole(path: Path, sample: int) -> None:
    """What the command does before it writes."""
    reader = open_dataset(path)
    g = gather(reader, sample)
    duplicates(g)
    near_duplicates(g)
    reader.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datasets", nargs="*", metavar="DATASET")
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("-n", type=int, default=10_000, metavar="COUNT", help="words of the generated sets")
    args = parser.parse_args()
    n = args.n
    result: dict[str, Any] = {
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "machine": machine(),
        "words": n,
        "unit": "words per second of processor time, one core",
    }
    with tempfile.TemporaryDirectory() as folder:
        sets = {}
        for name, form, plans in (("lmdb", "lmdb", False), ("folder", "folder", False), ("plans", "folder", True)):
            sets[name] = Path(folder) / name
            generate(
                "words", sets[name], n, format=form, workers=1, encoding=Encoding(plans=plans), stream=io.StringIO()
            )
        for name in ("lmdb", "folder"):
            labels = timed(lambda name=name: whole(sets[name], 1))
            everything = timed(lambda name=name: whole(sets[name], n))
            result[f"labels, {name}"] = rates(n, labels)
            result[f"everything, {name}"] = rates(n, everything)
            a, b = statistics.median(labels) / n, statistics.median(everything) / n
            result[f"large set, {name}"] = {"median": 1.0 / (a + 0.2 * (b - a))}
        result["labels, with plans, folder"] = rates(n, timed(lambda: whole(sets["plans"], 1)))
        reader = open_dataset(sets["lmdb"])
        files = [reader.image(entry.ref) for entry in reader.entries()]
        images = [decode(data) for data in files]
        result["decoding"] = rates(n, timed(lambda: [decode(data) for data in files]))
        result["measures"] = rates(n, timed(lambda: [look_at(image) for image in images]))
        without = [1.0 / result[key]["median"] for key in ("everything, lmdb", "decoding")]
        result["everything but decoding, lmdb"] = {"median": 1.0 / (without[0] - without[1])}
    for dataset in args.datasets:
        g = gather(open_dataset(dataset), 1)
        words = max(g.labels, g.count)
        seconds = timed(lambda dataset=dataset: whole(Path(dataset), 10**9))
        result[f"everything, {Path(dataset).name}"] = rates(words, seconds) | {"words": words, "pictures": g.count}
    for key, value in result.items():
        if isinstance(value, dict) and "median" in value:
            spread = f"  ({value['min']:,.0f} to {value['max']:,.0f})" if "min" in value else ""
            print(f"{key:<32}{value['median']:>9,.0f} words/s{spread}")
    if args.json:
        Path(args.json).write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
