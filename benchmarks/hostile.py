"""Hostile fonts and pictures, run through `synthtext generate` to the end.

    python benchmarks/hostile.py [--count 300] [--samples 2000] [--workers 2]

Makes so many spoilt fonts and so many spoilt pictures (`tests/hostile.py`) beside one honest one each, generates a data
set from those alone, and prints how many files were named and left out, and the seconds: of the first run, which reads
every file in a probe, and of a second one.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import hostile  # noqa: E402

from synthtext.core.assets import folder  # noqa: E402


def run(scratch: Path, name: str, samples: int, workers: int) -> tuple[float, str]:
    """Seconds and what was said of a run. Raises SystemExit where it does not end well."""
    settings = (
        "fonts.starter=false",
        f"fonts.folders=['{scratch / 'fonts'}']",
        "text.charset='@digits+upper+lower'",
        "text.sources={random: 1}",
        "paint.background.starter=false",
        f"paint.background.folders=['{scratch / 'pictures'}']",
        "paint.background.kinds={photo: 1}",
    )
    command = [sys.executable, "-m", "synthtext", "generate", "words", "-o", str(scratch / name), "-n", str(samples)]
    command += ["--workers", str(workers), *(part for setting in settings for part in ("--set", setting))]
    environment = os.environ | {"SYNTHTEXT_CACHE": str(scratch / "cache"), "PYTHONPATH": str(ROOT)}
    began = time.monotonic()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    seconds = time.monotonic() - began
    if done.returncode:
        raise SystemExit(f"status {done.returncode}:\n{done.stderr}")
    return seconds, done.stderr


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--samples", type=int, default=2000)
    parser.add_argument("--workers", type=int, default=2)
    args = parser.parse_args()
    scratch = Path(tempfile.mkdtemp(prefix="hostile-"))
    try:
        for kind in ("fonts", "pictures"):
            (scratch / kind).mkdir()
        honest = sorted(path for path in folder("fonts").rglob("*") if path.suffix in (".ttf", ".otf"))
        for name, data in hostile.fonts(honest, args.count):
            (scratch / "fonts" / name).write_bytes(data)
        for name, data in hostile.pictures(args.count):
            (scratch / "pictures" / name).write_bytes(data)
        shutil.copy(folder("fonts") / "lato/Lato_900Black.ttf", scratch / "fonts/honest.ttf")
        (scratch / "pictures/honest.png").write_bytes(hostile.encoded(hostile.scenery(), ".png"))
        first, said = run(scratch, "first", args.samples, args.workers)
        second, _ = run(scratch, "second", args.samples, args.workers)
        for kind, mark in (("fonts", "synthtext: font file "), ("pictures", "synthtext: background ")):
            named = [line for line in said.splitlines() if line.startswith(mark) and "left out" in line]
            part = sum(line.startswith(mark) and "without some characters" in line for line in said.splitlines())
            some = f", {part} used without some characters" if part else ""
            print(f"{kind}: {args.count} hostile, {len(named)} named and left out{some}")
        print(f"{args.samples} samples by {args.workers} workers: {first:.1f} s, again {second:.1f} s")
        for line in said.splitlines():
            if "processor time" in line or "crashes" in line or "hung" in line or "memory" in line:
                print(line)
    finally:
        shutil.rmtree(scratch)


if __name__ == "__main__":
    main()
