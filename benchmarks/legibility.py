"""What a recogniser reads of each effect alone, by the legibility that samples are scored: is the score right?

    python benchmarks/legibility.py --json benchmarks/results/legibility-DATE.json --table docs/inspect.md

Of every effect in the configuration, some samples are made with it at share 1 and with nothing else: words and serial
numbers in even print, half at their own size and half stretched to 32 x 128, which the judge (RapidOCR) reads. Half of
the strengths are drawn from the default range, half from beyond it, in bands up to what the configuration takes. The
judge reads each word's box. A reading is right that has all letters and digits, case aside, with O as 0, and I, l and 1
as one another.

Of samples that are scored 0.8 or more the judge may misread 5 % beyond what it misreads without the effect, and of
those scored below 0.2 it may read 20 %. What is beyond that by no more than the one sample that chance may bring among
so few is told as met. `--readings FILE` keeps what was read, by picture: a changed formula needs no new reading.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import itertools
import json
import math
import string
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from synthtext import Generator, load_config
from synthtext.config import Config
from synthtext.core.errors import InputError
from synthtext.core.section import EffectShare
from synthtext.inspection.judge import Judge, fold, rectify
from synthtext.sample import Sample
from synthtext.text.source import TextRecord
from synthtext.tools.bench import machine
from synthtext.tools.gallery import effect_paths

MARKS = "<!-- benchmarks/legibility.py: begin -->", "<!-- benchmarks/legibility.py: end -->"
HIGH, LOW = 0.8, 0.2
MISREAD, READ = 0.05, 0.2  # what is tolerated: of the high beyond the base's, of the low

STEPS = 4  # bands beyond an end of a default range
_IMAGES = (
    "image={fit: natural, height: 160, width: 1200, text_height: [26, 44], margin: [0.1, 0.3]}",
    "image={fit: stretch, height: 32, width: 128, margin: [0.1, 0.25]}",
)
_BASE = (
    "text={vocabulary: 20000, length: [4, 10]}",
    "fonts.styles={sans: 24, serif: 10, condensed: 9, signage: 6, slab: 5, rounded: 3, mono: 2, typewriter: 2}",
    "paint={contrast: [30, 90], dark_on_light: 0.6, colourful: 0.5}",
    "paint.background.kinds={plain: 2, gradient: 1, paper: 1}",
    "paint.background.contrast=[0.05, 0.2]",
    "legibility={minimum: 0, redraws: 0}",
)
# What an effect needs to be there at all; see gallery._NEEDS.
_NEEDS: dict[str, tuple[str, ...]] = {
    "degrade.jpeg_again": ("degrade.jpeg={share: 1, strength: [95, 95]}",),
    "surface.texture_through": ("paint.background.kinds={brick: 1, fabric: 1, metal: 1}",),
    "camera.denoise": ("degrade.shot_noise={share: 1, strength: [0.03, 0.03]}",),
}
# Serial numbers have no letter that looks like a digit, and no language: nothing but their strokes can be read.
_SERIAL = "ABCDEFGHJKLMNPRSTUVWXYZ23456789"
_ALIKE = str.maketrans("o|il!", "01111")


def key_of(text: str) -> str:
    """What of a text the judge must find: letters and digits, look-alikes as one."""
    return "".join(c for c in fold(text).translate(_ALIKE) if c.isalnum())


def accepted(path: str, value: float) -> bool:
    """Whether the configuration takes a strength."""
    with contextlib.suppress(InputError):
        load_config(Config(), [f"{path}.strength=[{value!r}, {value!r}]"])
        return True
    return False


def limit(path: str, end: float, direction: float) -> float:
    """The furthest strength from `end` (up: `direction` 1, down: -1) that the configuration takes, at most 100 away."""
    near, far = 0.0, 100.0
    if accepted(path, end + direction * far):
        return end + direction * far
    for _ in range(24):
        middle = 0.5 * (near + far)
        near, far = (middle, far) if accepted(path, end + direction * middle) else (near, middle)
    return end + direction * near


def bands(path: str, effect: EffectShare) -> list[tuple[float, float]]:
    """The default range, and the ranges beyond its ends: each end's way to its limit in steps of even ratio.

    A strength of 0 does nothing, so that none is drawn between it and the low end.
    """
    low, high = effect.strength
    out = []
    for end in (low, high):
        to = limit(path, end, -1.0 if end == low else 1.0)
        if abs(to - end) > 1e-5 and not 0.0 <= to < 1e-5:
            steps = [i / STEPS for i in range(STEPS + 1)]
            ends = [end * (to / end) ** u if to / end > 0.0 else end + (to - end) * u for u in steps]
            out += [(min(pair), max(pair)) for pair in itertools.pairwise(ends)]
    return [(low, high), *out]


def texts(generator: Generator, count: int) -> list[str]:
    """Words and serial numbers, in turn."""
    rng = np.random.default_rng(5)
    found = []
    for index in range(count):
        if index % 2:
            found.append("".join(rng.choice(list(_SERIAL), int(rng.integers(5, 9)))))
        else:
            word = "".join(c for c in generator.draw(index).text.lines[0] if c in string.ascii_letters)
            case = (str.lower, str.title, str.upper)[index // 2 % 3]
            found.append(case(word if len(word) > 3 else "Harbour"))
    return found


def samples(path: str, effect: EffectShare | None, count: int) -> Iterator[tuple[str, Sample]]:
    """Texts and samples, half of them of the default range; `path` "" for no effect."""
    ranges = bands(path, effect) if effect is not None else [(0.0, 0.0)]
    inside = count if len(ranges) == 1 else count - count // 2
    words = texts(Generator(Config(), 3, _BASE), count)
    made = 0
    for number, (low, high) in enumerate(ranges):
        # Of band b of n beyond the range, the samples from (b - 1) / n to b / n of them.
        first, last = (0, inside) if number == 0 else (made, inside + (count - inside) * number // (len(ranges) - 1))
        given = (f"{path}={{share: 1, strength: [{low!r}, {high!r}]}}",) if path else ()
        for image in _IMAGES:
            generator = Generator(Config(), 3, [*_BASE, image, *_NEEDS.get(path, ()), *given])
            for index in range(first + _IMAGES.index(image), last, len(_IMAGES)):
                yield words[index], generator.render(generator.draw(index, 0, TextRecord((words[index],), "word")))
        made = last


def seen_by_judge(sample: Sample) -> npt.NDArray[np.uint8]:
    """The word's box, turned upright where it is not, and a tenth more, BGR."""
    picture = cv2.cvtColor(sample.image, cv2.COLOR_RGB2BGR)
    quad = sample.words[0].quad.astype(np.float64)
    grow = 0.1 * float(np.linalg.norm(quad[3] - quad[0]))
    across = np.array([quad[1] - quad[0], quad[1] - quad[0], quad[2] - quad[3], quad[2] - quad[3]])
    down = np.array([quad[3] - quad[0], quad[2] - quad[1], quad[2] - quad[1], quad[3] - quad[0]])
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-9)
    down /= np.maximum(np.linalg.norm(down, axis=1, keepdims=True), 1e-9)
    signs = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    grown = quad + grow * (signs[:, :1] * across + signs[:, 1:] * down)
    if abs(math.atan2(across[0, 1], across[0, 0])) < 0.02 and abs(math.atan2(down[0, 0], down[0, 1])) < 0.3:
        # Upright already: not resampled.
        (x0, y0), (x1, y1) = grown.min(0), grown.max(0)
        crop = picture[max(round(y0), 0) : round(y1), max(round(x0), 0) : round(x1)]
        return np.ascontiguousarray(crop)
    crop_or_none = rectify(picture, [(float(x), float(y)) for x, y in grown])
    return picture if crop_or_none is None else crop_or_none


def table_row(name: str, scores: Sequence[float], read: Sequence[bool], base: float) -> dict[str, Any]:
    """How many are scored high and low, and how many of these the judge misreads and reads; high also of the default
    range alone. `base`: the share that it misreads without the effect.
    """
    high = [r for s, r in zip(scores, read, strict=True) if s >= HIGH]
    low = [r for s, r in zip(scores, read, strict=True) if s < LOW]
    wrong, right = len(high) - sum(high), sum(low)
    half = len(scores) - len(scores) // 2  # the first are of the default range
    usual = [r for s, r in zip(scores[:half], read[:half], strict=True) if s >= HIGH]
    return {
        "effect": name,
        "samples": len(scores),
        "read": sum(read),
        "high": len(high),
        "high_misread": wrong,
        "low": len(low),
        "low_read": right,
        "default_high": len(usual),
        "default_high_misread": len(usual) - sum(usual),
        "met": wrong <= max((MISREAD + base) * len(high), 1.0) and right <= max(READ * len(low), 1.0),
    }


class Readings:
    """What the judge reads, kept by picture in a file, where one is named."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.known: dict[str, str] = json.loads(path.read_text("utf-8")) if path and path.is_file() else {}
        self.judge: Judge | None = None

    def read(self, crops: Sequence[npt.NDArray[np.uint8]]) -> list[str]:
        """The text of each crop, uint8 (h, w, 3), BGR."""
        keys = [hashlib.sha256(repr(crop.shape).encode() + crop.tobytes()).hexdigest()[:24] for crop in crops]
        missing = [i for i, key in enumerate(keys) if key not in self.known]
        if missing:
            self.judge = self.judge or Judge(threads=1)
            for i, (text, _) in zip(missing, self.judge.read([crops[i] for i in missing]), strict=True):
                self.known[keys[i]] = text
            if self.path:
                self.path.write_text(json.dumps(self.known), "utf-8")
        return [self.known[key] for key in keys]


def percent(part: int, whole: int) -> str:
    """A share in percent; empty where there is none."""
    return f"{100 * part / whole:.1f} %" if whole else ""


def markdown(rows: Sequence[dict[str, Any]]) -> list[str]:
    """The table's lines."""
    lines = [
        "| effect | samples | read | 0.8 or more | misread | of the default range | misread | below 0.2 | read | |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    for row in rows:
        cells = [f"`{row['effect']}`", str(row["samples"]), percent(row["read"], row["samples"])]
        for part, of in (("high_misread", "high"), ("default_high_misread", "default_high"), ("low_read", "low")):
            cells += [str(row[of]), percent(row[part], row[of])]
        lines.append(f"| {' | '.join(cells)} | {'' if row['met'] else 'not met'} |")
    return lines


def put_table(path: Path, lines: Sequence[str]) -> None:
    """Put the table between its two marks in a page."""
    page = path.read_text("utf-8")
    begin, end = page.index(MARKS[0]) + len(MARKS[0]), page.index(MARKS[1])
    path.write_text(page[:begin] + "\n" + "\n".join(lines) + "\n" + page[end:], "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", type=int, default=160, metavar="COUNT", help="samples an effect")
    parser.add_argument("--only", default="", metavar="NAMES", help="effects whose names begin so, by comma")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--table", type=Path, metavar="PAGE", help="put the table into a page, between its marks")
    parser.add_argument("--readings", type=Path, metavar="FILE", help="keep what was read")
    args = parser.parse_args()
    readings = Readings(args.readings)
    names = tuple(args.only.split(","))
    rows: list[dict[str, Any]] = []
    base = 0.0
    for path, effect in [("", None), *((p, e) for p, e in effect_paths() if p.startswith(names))]:
        made = list(samples(path, effect, args.n))
        read = readings.read([seen_by_judge(sample) for _, sample in made])
        right = [key_of(text) == key_of(found) for (text, _), found in zip(made, read, strict=True)]
        rows.append(table_row(path or "none", [float(s.words[0].legibility) for _, s in made], right, base))
        base = base if path else 1.0 - sum(right) / len(right)
        print("  ".join(f"{value:>5}" if isinstance(value, int) else f"{value:<28}" for value in rows[-1].values()),
              flush=True)  # fmt: skip
    result = {"machine": machine(), "date": date.today().isoformat(), "samples": args.n, "rows": rows}
    if args.json:
        args.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    if args.table:
        put_table(args.table, markdown(rows))


if __name__ == "__main__":
    main()
