"""Which effects a sample gets: one kernel for all shares, then each draws from a stream of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from synthtext.core.kernel import kernel
from synthtext.core.rng import Draws, fill_uniform
from synthtext.core.section import EffectShare
from synthtext.effects.effect import Effect, EffectParams, Stock
from synthtext.effects.registry import EFFECTS, HOOKED, NONE_APPLIED, Applied, settled
from synthtext.paint.ink import PaintParams
from synthtext.paint.photographs import BackgroundLibrary
from synthtext.typeset.catalogue import Catalogue

AHEAD = 8  # numbers of a stream that the kernel makes; the first two decide about share and strength
_MASK = 0xFFFFFFFFFFFFFFFF


@kernel
def fall(streams, shares, seed, index, attempt):
    """Which effects fall to a sample: positions, int64 (n,), and the streams' first numbers, float64 (n, AHEAD).

    `streams`: int64 (effects,); `shares`: float64 (effects,). `seed`, `index`: uint64. `attempt`: below 2**16.
    """
    which, numbers, n = np.empty(streams.shape[0], np.int64), np.empty((streams.shape[0], AHEAD)), 0
    for i in range(streams.shape[0]):
        stage = np.uint64(streams[i]) | (np.uint64(attempt) << np.uint64(16))
        fill_uniform(numbers[n, :4], seed, stage, index, np.int64(0))
        if numbers[n, 0] < shares[i]:
            fill_uniform(numbers[n, 4:], seed, stage, index, np.int64(1))
            which[n] = i
            n += 1
    return which[:n], numbers[:n]


class EffectDrawer:
    """Draws the effects of samples. `shares`: of every effect of a scope, by path."""

    def __init__(self, shares: Mapping[str, EffectShare], stock: Stock) -> None:
        self.stock = stock
        self._effects = [(EFFECTS[path], share) for path, share in shares.items() if share.share > 0.0]
        self._streams = np.array([effect.stream for effect, _ in self._effects], np.int64)
        self._shares: npt.NDArray[np.float64] = np.array([share.share for _, share in self._effects], np.float64)

    def draw(self, seed: int, index: int, attempt: int = 0) -> Applied:
        """What is applied to a sample. `attempt`: of a crop, or which of a scene's texts it is."""
        if not self._effects:
            return NONE_APPLIED
        which, numbers = fall(self._streams, self._shares, np.uint64(seed & _MASK), np.uint64(index), attempt)
        if not len(which):
            return NONE_APPLIED
        fallen: dict[str, tuple[Effect, EffectShare, list[float]]] = {}
        for i, ahead in zip(which.tolist(), numbers.tolist(), strict=True):
            effect, share = self._effects[i]
            fallen[effect.path] = effect, share, ahead
        stays = settled(fallen) if len(fallen) > 1 else fallen
        applied: dict[str, EffectParams] = {}
        for path, (effect, share, ahead) in fallen.items():
            if path in stays:
                draws = Draws(seed, effect.stream, index, attempt, ahead)
                draws.random()
                low, high = share.strength
                of_range = draws.log_uniform if effect.logarithmic else draws.uniform
                params = effect.draw(draws, of_range(low, high), self.stock)
                if params is not None:
                    applied[path] = params
        return Applied(applied)


def drawer_of(
    config: Any,
    catalogue: Catalogue,
    library: BackgroundLibrary,
    words: Callable[[Draws, int], str],
    scope: str = "",
) -> EffectDrawer:
    """The drawer of a whole configuration's effects, or of those of one scope. `words`: see `Stock`.

    The photograph's are drawn apart: `degrade.draw_degrade`.
    """
    shares: dict[str, EffectShare] = {
        path: getattr(getattr(config, effect.section), effect.name)
        for path, effect in HOOKED.items()
        if scope in ("", effect.scope)
    }
    return EffectDrawer(shares, Stock(catalogue, library, config.paint.background, words))


def fit_paint(paint: PaintParams, applied: Applied) -> PaintParams:
    """The paint that goes with the effects."""
    for path, params in applied.items():
        effect = EFFECTS[path]
        if "fit" in effect.hooks:
            paint = effect.fit(paint, params)
    return paint
