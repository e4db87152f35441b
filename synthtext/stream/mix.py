"""`Mix` and `Curriculum`: sources of samples made of other ones, pure functions of the index like a `Generator`."""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec

from synthtext.config import Config, config_digest, load_config, replaced
from synthtext.core.errors import InputError, known_arguments
from synthtext.core.rng import Stage, hash64
from synthtext.core.shares import Shares
from synthtext.generator import Generator
from synthtext.sample import Sample, check_index

_KEPT = 2  # generators that a curriculum keeps: workers are at the end of one stage and the begin of the next


class Mix:
    """Several sources in stated proportions, which are exact over each block of 4096 indices.

        Mix({"words": 3, "clean": 1}, seed=0)[7]
        Mix([(Generator("words", 5), 0.7), (Curriculum(...), 0.3)])

    `sources`: a mapping of presets or files to weights, or pairs of a source and its weight: a preset's name, a path,
    a `Config`, or what makes samples itself. Source k, unless it has a seed already, gets the seed `seed + k`; its
    samples come in order: the j-th of its samples in the mix is `sources[k][j]`, and its `seed` and `index` say so.
    Raises InputError for bad weights and sources.
    """

    @known_arguments
    def __init__(self, sources: Mapping[str, float] | Sequence[tuple[Any, float]], seed: int = 0) -> None:
        pairs = list(sources.items()) if isinstance(sources, Mapping) else list(sources)
        weights: list[float] = []
        self.sources: list[Any] = []
        for pair in pairs:
            if not (isinstance(pair, tuple) and len(pair) == 2 and _is_weight(pair[1])):
                raise InputError(f"Mix: {pair!r} is no pair of a source and a weight above 0")
            source, weight = pair
            if isinstance(source, str | Path | Config):
                source = Generator(source, seed + len(weights))
            self.sources.append(source)
            weights.append(float(weight))
        if not weights:
            raise InputError("Mix: is empty; give at least one source with a weight")
        self.seed = seed
        self.weights = tuple(weights)
        self._shares = Shares(weights, hash64(seed, Stage.MIX))

    @property
    def configs(self) -> tuple[Config, ...]:
        """Every configuration that the samples may have."""
        return tuple(config for source in self.sources for config in source.configs)

    @property
    def digest(self) -> str:
        """SHA-256, hex, of all that the samples depend on beside seed and index."""
        parts = [f"{source.digest} {source.seed - self.seed} {weight!r}" for source, weight in self._weighted()]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def _weighted(self) -> list[tuple[Any, float]]:
        return list(zip(self.sources, self.weights, strict=True))

    def where(self, index: int) -> tuple[int, int]:
        """Which source a sample comes from, and its index there."""
        return self._shares.assign(index)

    def __getitem__(self, index: int) -> Sample:
        """The sample of an index >= 0. Raises IndexError below 0."""
        index = check_index(index)
        source, number = self.where(index)
        sample: Sample = self.sources[source][number]
        return sample


def _is_weight(value: Any) -> bool:
    return isinstance(value, int | float) and 0.0 < value < float("inf")


class Curriculum:
    """A configuration of which values change with the index.

        Curriculum("words", {"degrade.defocus.share": [(0, 0.0), (1_000_000, 0.3)], "text.length": [(0, [1, 6]), ...]})

    `schedule`: for each key of the configuration, points (index, value) in the order of the indices. Before the first
    point its value holds, after the last point the last's. Between two, numbers go in a straight line from one to the
    other (whole ones are rounded), also within lists and mappings of the same shape; anything else stays as at the
    point before. The values are those at the begin of a stage of `every` samples: each change builds a generator anew.
    Raises InputError for a bad configuration, key or value, at any of the points.
    """

    @known_arguments
    def __init__(
        self,
        config: str | Path | Config,
        schedule: Mapping[str, Sequence[tuple[int, Any]]],
        seed: int = 0,
        overrides: Sequence[str] = (),
        every: int = 10_000,
    ) -> None:
        if not (isinstance(every, int) and every >= 1):
            raise InputError(f"every: is {every!r}; give a whole number of samples, at least 1")
        self.config = load_config(config, overrides)
        self.seed = seed
        self.every = every
        self.schedule = {key: _check_points(key, points) for key, points in schedule.items()}
        self._tree = msgspec.to_builtins(self.config)
        self._generators: OrderedDict[int, Generator] = OrderedDict()
        self._last = max((points[-1][0] for points in self.schedule.values()), default=0)
        self.configs  # noqa: B018 (a bad value is told now, not after a million samples)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.config, self.schedule, self.seed, (), self.every)

    @property
    def configs(self) -> tuple[Config, ...]:
        """The configurations at the points, between which all others lie."""
        indices = sorted({0, *(index for points in self.schedule.values() for index, _ in points)})
        return tuple(self._at(index) for index in indices)

    @property
    def digest(self) -> str:
        """SHA-256, hex, of all that the samples depend on beside seed and index."""
        text = json.dumps([config_digest(self.config), self.every, sorted(self.schedule.items())], default=list)
        first = self._generator(0)
        # Fonts, texts and photographs that only a later stage has.
        later = {_resources(config): config for config in self.configs}
        later.pop(_resources(first.config), None)
        digests = [first.digest, *(Generator(config, self.seed).digest for config in later.values())]
        return hashlib.sha256("\n".join([text, *digests]).encode()).hexdigest()

    def config_at(self, index: int) -> Config:
        """The configuration of a sample."""
        return self._at(index // self.every * self.every)

    def _at(self, index: int) -> Config:
        values = {key: _value_at(points, index) for key, points in self.schedule.items()}
        values = {key: _like(_leaf(self._tree, key), value) for key, value in values.items()}
        return replaced(self.config, values, "curriculum")

    def _generator(self, stage: int) -> Generator:
        generators = self._generators
        if stage not in generators:
            config = self.config_at(stage * self.every)
            same = [generator for generator in generators.values() if generator.config == config]
            generators[stage] = same[0] if same else Generator(config, self.seed)
            while len(generators) > _KEPT:
                generators.popitem(last=False)
        return generators[stage]

    def __getitem__(self, index: int) -> Sample:
        """The sample of an index >= 0. Raises IndexError below 0."""
        index = check_index(index)
        # After the last point all stages are one.
        last = -(-self._last // self.every)
        return self._generator(min(index // self.every, last))[index]


def _resources(config: Config) -> str:
    """What of a configuration names files and word lists."""
    text, background = config.text, config.paint.background
    named = [config.fonts, text.files, text.languages, text.vocabulary, background.starter, background.folders]
    return msgspec.json.encode([*named, config.scene.synthtext, config.split]).decode()


def _check_points(key: str, points: Any) -> tuple[tuple[int, Any], ...]:
    try:
        pairs = tuple((index, value) for index, value in points)
    except (TypeError, ValueError):
        pairs = ()
    if not pairs or not all(isinstance(index, int) and index >= 0 for index, _ in pairs):
        raise InputError(f"curriculum: {key}: give points (index, value), such as [(0, 0.0), (100000, 0.5)]")
    if any(later <= earlier for (earlier, _), (later, _) in pairwise(pairs)):
        raise InputError(f"curriculum: {key}: the points' indices must rise")
    return pairs


def _value_at(points: Sequence[tuple[int, Any]], index: int) -> Any:
    after = bisect_right(points, index, key=lambda point: point[0])
    if after == 0:
        return points[0][1]
    if after == len(points):
        return points[-1][1]
    (i, low), (j, high) = points[after - 1], points[after]
    return _between(low, high, (index - i) / (j - i))


def _between(low: Any, high: Any, part: float) -> Any:
    if _is_number(low) and _is_number(high):
        return low + (high - low) * part
    if isinstance(low, list | tuple) and isinstance(high, list | tuple) and len(low) == len(high):
        return [_between(a, b, part) for a, b in zip(low, high, strict=True)]
    if isinstance(low, dict) and isinstance(high, dict) and low.keys() == high.keys():
        return {key: _between(low[key], high[key], part) for key in low}
    return low


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _leaf(tree: Any, key: str) -> Any:
    for part in key.split("."):
        tree = tree.get(part) if isinstance(tree, dict) else None
    return tree


def _like(model: Any, value: Any) -> Any:
    """`value` with its numbers rounded where the configuration has whole ones."""
    if isinstance(value, list | tuple):
        models = model if isinstance(model, list | tuple) and len(model) == len(value) else [None] * len(value)
        return [_like(m, v) for m, v in zip(models, value, strict=True)]
    if isinstance(value, dict):
        return {k: _like(model.get(k) if isinstance(model, dict) else None, v) for k, v in value.items()}
    if isinstance(value, float) and isinstance(model, int) and not isinstance(model, bool):
        return round(value)
    return value
