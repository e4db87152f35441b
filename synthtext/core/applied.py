"""Which effects of a section of the configuration are applied to a sample, and how strongly."""

from __future__ import annotations

import functools
from collections.abc import Callable
from operator import attrgetter

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Struct

from synthtext.core.kernel import kernel
from synthtext.core.rng import Draws, Stage
from synthtext.core.section import Effect

Counts = npt.NDArray[np.int64]


@functools.lru_cache(maxsize=64)
def effect_names(section: type[Struct]) -> tuple[str, ...]:
    """The names of the fields of a section that are effects, in order."""
    return tuple(field.name for field in msgspec.structs.fields(section) if field.type is Effect)


@functools.lru_cache(maxsize=64)
def _getter(section: type[Struct]) -> tuple[tuple[str, ...], Callable[[Struct], tuple[Effect, ...]]]:
    names = effect_names(section)
    return names, attrgetter(*names)


def section_shares(*sections: tuple[Stage, tuple[Effect, ...]]) -> tuple[Counts, Counts, npt.NDArray[np.float64]]:
    """What `sections_applied` needs of sections' effects: their stages, the running number of effects, the shares."""
    ends = np.cumsum([len(effects) for _, effects in sections])
    shares = np.array([effect.share for _, effects in sections for effect in effects])
    return np.array([int(stage) for stage, _ in sections]), ends, shares


def section_effects(section: Struct) -> tuple[Effect, ...]:
    """The effects of a section, in order."""
    return _getter(type(section))[1](section)


@kernel
def sections_applied(numbers, stages, ends, shares):  # type: ignore[no-untyped-def]
    """In which sections any effect is applied: bit s of the result for section s, before anything else is drawn of it.

    `numbers`: float64 (stages, n), the first uniforms of each stage. The others: as of `section_shares`.
    """
    mask, begin = 0, 0
    for s in range(stages.shape[0]):
        for i in range(begin, ends[s]):
            if numbers[stages[s], 2 * (i - begin)] < shares[i]:
                mask |= 1 << s
        begin = ends[s]
    return mask


def draw_applied(draws: Draws, section: Struct) -> dict[str, float]:
    """Name and strength of each effect of a section that is applied."""
    names, effects = _getter(type(section))
    return draw_effects(draws, names, effects(section))


def draw_effects(draws: Draws, names: tuple[str, ...], effects: tuple[Effect, ...]) -> dict[str, float]:
    """Name and strength of each of some effects that is applied.

    Each effect takes two numbers, applied or not, so that no effect's share moves what is drawn for another.
    """
    r = draws.random
    applied = {}
    for name, effect in zip(names, effects, strict=True):
        chance, where = r(), r()
        if chance < effect.share:
            low, high = effect.strength
            applied[name] = low + (high - low) * where
    return applied
