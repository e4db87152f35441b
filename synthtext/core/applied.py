"""Which of a stage's own effects (of letters' outlines, of the shutter) are applied to a sample, and how strongly."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from synthtext.core.kernel import kernel
from synthtext.core.rng import AHEAD, Draws, Stage
from synthtext.core.section import EffectShare

Counts = npt.NDArray[np.int64]


def section_shares(*sections: tuple[Stage, tuple[EffectShare, ...]]) -> tuple[Counts, Counts, npt.NDArray[np.float64]]:
    """What `sections_applied` needs of sections' effects: their stages, the running number of effects, the shares."""
    for stage, effects in sections:
        if 2 * len(effects) > AHEAD[stage]:
            raise ValueError(f"{stage.name}: {len(effects)} effects need {2 * len(effects)} numbers ahead in rng.AHEAD")
    ends = np.cumsum([len(effects) for _, effects in sections])
    shares = np.array([effect.share for _, effects in sections for effect in effects])
    return np.array([int(stage) for stage, _ in sections]), ends, shares


@kernel
def sections_applied(numbers, stages, ends, shares):
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


def draw_effects(draws: Draws, names: tuple[str, ...], effects: tuple[EffectShare, ...]) -> dict[str, float]:
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
