"""Drawing from tables of weights."""

from __future__ import annotations

from synthtext.core.rng import Draws


def pick(draws: Draws, weights: dict[str, float]) -> str:
    """A key of `weights`, by weight; takes one number."""
    x = draws.random() * sum(weights.values())
    name = ""
    for name, weight in weights.items():
        x -= weight
        if x < 0.0:
            return name
    return name
