"""Which effects of a section of the configuration are applied to a sample, and how strongly."""

from __future__ import annotations

import functools
from collections.abc import Callable
from operator import attrgetter

import msgspec
from msgspec import Struct

from synthtext.config import Effect
from synthtext.rng import Draws


@functools.lru_cache(maxsize=64)
def effect_names(section: type[Struct]) -> tuple[str, ...]:
    """The names of the fields of a section that are effects, in order."""
    return tuple(field.name for field in msgspec.structs.fields(section) if field.type is Effect)


@functools.lru_cache(maxsize=64)
def _getter(section: type[Struct]) -> tuple[tuple[str, ...], Callable[[Struct], tuple[Effect, ...]]]:
    names = effect_names(section)
    return names, attrgetter(*names)


def draw_applied(draws: Draws, section: Struct) -> dict[str, float]:
    """Name and strength of each effect that is applied.

    Each effect takes two numbers, applied or not, so that no effect's share moves what is drawn for another.
    """
    r = draws.random
    applied = {}
    names, effects = _getter(type(section))
    for name, effect in zip(names, effects(section), strict=True):
        chance, where = r(), r()
        if chance < effect.share:
            low, high = effect.strength
            applied[name] = low + (high - low) * where
    return applied
