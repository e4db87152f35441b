"""What is measured of a data set, as distributions, and what an inspection found in all."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from synthtext.inspection.checks import Check
from synthtext.inspection.gather import Gathered, quad_sizes, weighted_lengths
from synthtext.inspection.judge import Reading
from synthtext.inspection.plan_effects import EFFECTS

Array = npt.NDArray[Any]
Values = npt.NDArray[np.float64]
_BINS = 32


@dataclass(frozen=True)
class Distribution:
    """A number measured of every picture, word or label. `log`: its axis is logarithmic; `whole`: it is an integer."""

    key: str
    title: str
    unit: str
    values: Values
    log: bool = False
    whole: bool = False


@dataclass
class Inspection:
    """All that was found of one data set. `readings`: the judge's; `target`: the tolerated share of illegible
    samples."""

    gathered: Gathered
    against: Gathered | None = None
    checks: list[Check] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    target: float = 0.05
    by_score: dict[str, Any] = field(default_factory=dict)
    by_judge: dict[str, Any] = field(default_factory=dict)


def distributions(g: Gathered) -> list[Distribution]:
    """What is measured of a data set, in the order of the report; without those that it has no values of."""
    size = g.size[g.size[:, 0] > 0].astype(np.float64)
    height, width, angle = quad_sizes(g.quads[~g.word_ignore]) if len(g.quads) else (np.zeros(0),) * 3
    known = g.word_legibility[g.word_legibility >= 0.0]
    looks = g.measured
    of = "words" if g.of_words else "pictures"
    per_picture = np.bincount(g.word_picture, minlength=g.count) if len(g.quads) else np.zeros(0)
    finite = np.isfinite(height) & np.isfinite(angle)
    found = [
        Distribution("length", "characters of a label", "", weighted_lengths(g.texts).astype(np.float64), whole=True),
        Distribution("words", "words with a quad in a picture", "", per_picture.astype(np.float64), whole=True),
        Distribution("width", "width of pictures", "px", size[:, 1], log=True),
        Distribution("height", "height of pictures", "px", size[:, 0], log=True),
        Distribution("aspect", "width over height of pictures", "", size[:, 1] / np.maximum(size[:, 0], 1), log=True),
        Distribution("word_height", "height of words", "px", np.maximum(height[finite], 0.5), log=True),
        Distribution("word_width", "width of words", "px", np.maximum(width[finite], 0.5), log=True),
        Distribution("angle", "angle of words' top edges, clockwise", "°", angle[finite]),
        Distribution("contrast", f"contrast of {of}: lightness, 5 % to 95 %", "", (looks[:, 1] - looks[:, 0]) / 2.55),
        Distribution("brightness", f"mean lightness of {of}", "", looks[:, 2] / 2.55),
        Distribution(
            "edge", f"blur of {of}: pixels that an edge takes", "px", np.clip(looks[:, 3], 0.8, 12.0), log=True
        ),
        Distribution("chroma", f"colourfulness of {of}: largest less least channel", "", looks[:, 4]),
        Distribution("legibility", "legibility of words, as stored", "", known.astype(np.float64)),
    ]
    return [d for d in found if len(d.values)]


def edges_of(key: str, log: bool, whole: bool, values: Sequence[Values]) -> Values:
    """Bins for one distribution of several data sets."""
    every = np.concatenate(list(values))
    low, high = (0.0, 1.0) if key == "legibility" else (float(every.min()), float(every.max()))
    if key in ("contrast", "brightness"):
        low, high = 0.0, 100.0
    if whole:
        step = max(int(np.ceil((high - low + 1) / 40)), 1)
        return np.arange(low, high + step + 1, step) - 0.5
    if high <= low:
        low, high = low - 0.5, high + 0.5
        log = False
    if log:
        return np.geomspace(max(low, 1e-6), high * (1 + 1e-9), _BINS + 1)
    return np.linspace(low, high, _BINS + 1)


def quantiles(values: Values) -> dict[str, float]:
    """Least, 5 %, median, mean, 95 % and most."""
    low, q5, q50, q95, high = np.quantile(values, (0.0, 0.05, 0.5, 0.95, 1.0)).tolist()
    return {"min": low, "p5": q5, "median": q50, "mean": float(values.mean()), "p95": q95, "max": high}


_FEWEST = 3  # bad samples without which no share is called too high


def wilson(bad: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson, JASA 1927); (0, 1) of nothing."""
    if total == 0:
        return 0.0, 1.0
    p = bad / total
    centre, spread = p + z * z / (2 * total), z * math.sqrt(p * (1 - p) / total + z * z / (4 * total * total))
    scale = 1 + z * z / total
    return max((centre - spread) / scale, 0.0), min((centre + spread) / scale, 1.0)


def effect_table(strengths: Array, bad: Array, target: float, bins: int = 4) -> list[dict[str, Any]]:
    """For each effect: how many samples have it, what share of them is bad, with and without it, and by strength.

    `strengths`: float32 (n, effects), 0 where off. `bad`: bool (n,). `target`: the share that is tolerated. `over`: the
    share is above the target beyond doubt (the interval's lower end is, by 3 bad samples or more). Strengths are cut
    into `bins` of about as many samples each. Effects that no sample has are left out; rows come worst first.
    """
    rows = []
    for k, name in enumerate(EFFECTS):
        on = strengths[:, k] != 0.0
        count = int(on.sum())
        if not count:
            continue
        values, hit = strengths[on, k].astype(np.float64), bad[on]
        edges = np.unique(np.quantile(values, np.linspace(0.0, 1.0, bins + 1)))
        place = np.clip(np.searchsorted(edges, values, "right") - 1, 0, max(len(edges) - 2, 0))
        parts = []
        for b in range(max(len(edges) - 1, 1)):
            inside = place == b
            n, wrong = int(inside.sum()), int(hit[inside].sum())
            low, high = wilson(wrong, n)
            parts.append(
                {
                    "from": float(edges[b]),
                    "to": float(edges[min(b + 1, len(edges) - 1)]),
                    "samples": n,
                    "bad": wrong,
                    "share": wrong / n if n else 0.0,
                    "interval": [low, high],
                    "over": low > target and wrong >= _FEWEST,
                }
            )
        wrong, others = int(hit.sum()), len(bad) - count
        low, high = wilson(wrong, count)
        without = int(bad[~on].sum())
        rows.append(
            {
                "effect": name,
                "samples": count,
                "bad": wrong,
                "share": wrong / count,
                "interval": [low, high],
                "share_without": without / others if others else None,
                "over": low > target and wrong >= _FEWEST,
                "strengths": parts,
            }
        )
    return sorted(rows, key=lambda row: -row["interval"][0])


def face_table(faces: Sequence[tuple[str, ...]], bad: Array, target: float, least: int = 5) -> list[dict[str, Any]]:
    """For each font with at least `least` samples: their number and what share of them is bad; worst first."""
    total: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for names, hit in zip(faces, bad.tolist(), strict=True):
        for name in names:
            total[name] += 1
            wrong[name] += hit
    rows = []
    for name, count in total.items():
        if count >= least:
            low, high = wilson(wrong[name], count)
            share = wrong[name] / count
            rows.append({"font": name, "samples": count, "bad": wrong[name], "share": share, "interval": [low, high]})
            rows[-1]["over"] = low > target and wrong[name] >= _FEWEST
    return sorted(rows, key=lambda row: -row["interval"][0])
