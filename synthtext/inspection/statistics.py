"""What is measured of a data set, as distributions, and what an inspection found in all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from synthtext.inspection.checks import Check
from synthtext.inspection.gather import Gathered, quad_sizes, weighted_lengths
from synthtext.inspection.judge import Reading

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
