"""A data set that is killed at random moments and resumed has the bytes of one that was not disturbed.

    python benchmarks/resume.py --json benchmarks/results/resume-DATE.json # 100,000 words, killed 5 times
    python benchmarks/resume.py -n 6000 --shard-size 500 --kills 2         # a quick look

Every run is the command line in a process of its own, killed with SIGKILL (its workers see to themselves). Told is
whether the SHA-256 of every file is the same, and the most memory of its own that parent and workers had together.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from synthtext.formats import SHARDED
from synthtext.formats.base import read_manifest
from synthtext.tools.bench import machine


def start(config: str, folder: Path, args: argparse.Namespace, form: str) -> subprocess.Popen[bytes]:
    argv = [sys.executable, "-m", "synthtext", "generate", config, "-o", str(folder), "-n", str(args.n), "--resume"]
    argv += ["--format", form, "--shard-size", str(args.shard_size), "--workers", str(args.workers)]
    return subprocess.Popen(argv, stderr=subprocess.DEVNULL)


def resident_mb(pid: int) -> float:
    """Of a process and its children; 0 where it has ended."""
    total = 0
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for each in (str(pid), *children):
            pages = int(Path(f"/proc/{each}/statm").read_text().split()[1]) - int(
                Path(f"/proc/{each}/statm").read_text().split()[2]
            )
            total += pages
    except (OSError, ValueError, IndexError):
        return 0.0
    return total * os.sysconf("SC_PAGE_SIZE") / 1e6


def watch(run: subprocess.Popen[bytes], until: float) -> float:
    """Wait for the run's end, or until a time; the most own (not shared) memory that was seen, in MB."""
    most = 0.0
    while run.poll() is None and time.monotonic() < until:
        most = max(most, resident_mb(run.pid))
        time.sleep(0.1)
    return most


def digests(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir())}


def trial(args: argparse.Namespace, form: str, root: Path) -> dict[str, Any]:
    began = time.monotonic()
    run = start(args.config, root / "whole", args, form)
    while run.poll() is None and not (root / "whole" / "dataset.json").exists():
        time.sleep(0.02)
    startup = time.monotonic() - began
    memory = watch(run, float("inf"))
    seconds = time.monotonic() - began - startup
    if run.returncode:
        raise SystemExit(f"{form}: the undisturbed run ended with status {run.returncode}")
    moments = random.Random(f"{args.seed}/{form}")
    lost, kills = 0, 0
    before = 0
    while kills < args.kills:
        run = start(args.config, root / "killed", args, form)
        # After the start-up, a part of what is left, so that all kills fall inside the run.
        left = seconds * (1.0 - before / args.n)
        watch(run, time.monotonic() + startup + moments.uniform(0.3, 1.4) * left / (args.kills - kills + 1))
        if run.poll() is not None:
            break
        run.send_signal(signal.SIGKILL)
        run.wait()
        kills += 1
        time.sleep(0.3)
        manifest = read_manifest(root / "killed")
        before = manifest.written if manifest else 0
        lost += sum(1 for p in (root / "killed").glob("*.tmp"))
        print(f"  {form}: killed {kills} times, {before:,} samples whole", flush=True)
    run = start(args.config, root / "killed", args, form)
    watch(run, float("inf"))
    whole, killed = digests(root / "whole"), digests(root / "killed")
    manifest = read_manifest(root / "whole")
    return {
        "same": whole == killed,
        "kills": kills,
        "shards": len(manifest.shards) if manifest else 0,
        "files_half_written_at_a_kill": lost,
        "seconds_undisturbed": round(seconds, 1),
        "own_memory_mb": round(memory),
        "sha256_of_all": hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", nargs="?", default="words")
    parser.add_argument("-n", type=int, default=100_000, metavar="COUNT")
    parser.add_argument("--shard-size", type=int, default=5000, metavar="N")
    parser.add_argument("--kills", type=int, default=5, metavar="K")
    parser.add_argument("--workers", type=int, default=2, metavar="W")
    parser.add_argument("--formats", default="webdataset", metavar="F,F", help=f"of {','.join(SHARDED)}, or all")
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    parser.add_argument("--json", metavar="FILE")
    args = parser.parse_args()
    forms = SHARDED if args.formats == "all" else args.formats.split(",")
    results: dict[str, Any] = {}
    for form in forms:
        with tempfile.TemporaryDirectory() as root:
            results[form] = trial(args, form, Path(root))
        r = results[form]
        what = "the same bytes" if r["same"] else "OTHER BYTES"
        print(f"{form}: {what}, killed {r['kills']} times, {r['shards']} shards, {r['own_memory_mb']} MB")
    told = {
        "machine": machine(),
        "date": datetime.date.today().isoformat(),
        "config": args.config,
        "samples": args.n,
        "shard_size": args.shard_size,
        "workers": args.workers,
        "formats": results,
    }
    if args.json:
        Path(args.json).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    if not all(r["same"] and r["kills"] == args.kills for r in results.values()):
        raise SystemExit("not the same, or not killed as often as asked for")


if __name__ == "__main__":
    main()
