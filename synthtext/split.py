"""Configurations of splits whose fonts, backgrounds and words are disjoint: `split_configs`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from synthtext.config import Config, load_config
from synthtext.core.errors import InputError
from synthtext.core.split import NO_SPLIT, SPLIT_KINDS, parse_shares


def split_configs(
    config: str | Path | Config,
    shares: Mapping[str, float] | str,
    by: Iterable[str] = SPLIT_KINDS,
    overrides: Sequence[str] = (),
    seed: int = 0,
) -> dict[str, Config]:
    """A configuration for each split: what `Generator`, `Stream` or `generate` takes.

    `shares`: relative, by name, or as `parse_shares` reads them. `by`: what is divided, of fonts, backgrounds, words.
    `seed`: another seed divides otherwise; no matter of the samples' seed. Raises InputError.
    """
    shares = parse_shares(shares) if isinstance(shares, str) else dict(shares)
    by = (by,) if isinstance(by, str) else tuple(by)
    for kind in by:
        if kind not in SPLIT_KINDS:
            raise InputError(f"--split-by {','.join(by)}: {kind!r} is unknown; name of {', '.join(SPLIT_KINDS)}")
    if not by:
        raise InputError(f"--split-by: name what is divided, of {', '.join(SPLIT_KINDS)}")
    settled = load_config(config, overrides)
    splits = {name: msgspec.structs.replace(NO_SPLIT, name=name, shares=shares, by=by, seed=seed) for name in shares}
    return {name: msgspec.structs.replace(settled, split=split) for name, split in splits.items()}
