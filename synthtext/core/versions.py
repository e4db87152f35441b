"""The versions of what makes the samples: other versions of these may give other bytes for the same configuration."""

from __future__ import annotations

import importlib.metadata
import sys
from collections.abc import Iterable, Sequence

from synthtext.core.errors import InputError

Versions = dict[str, str]


def library_versions() -> Versions:
    """Python (major.minor, which fixes its Unicode tables), and each library that draws, shapes, rasters, lists
    words or tells how a language writes, by its name in the package index; `harfbuzz` and `llvmlite` are what
    uharfbuzz and numba compile with."""
    import cv2
    import llvmlite
    import numba
    import numpy as np
    import pathops
    import uharfbuzz

    return {
        "python": f"{sys.version_info[0]}.{sys.version_info[1]}",
        "numpy": np.__version__,
        "opencv": cv2.__version__,
        "uharfbuzz": uharfbuzz.__version__,
        "harfbuzz": uharfbuzz.version_string(),
        "skia-pathops": pathops.__version__,
        "numba": numba.__version__,
        "llvmlite": llvmlite.__version__,
        "babel": importlib.metadata.version("babel"),
        "wordfreq": importlib.metadata.version("wordfreq"),  # it does not say so itself, and is slow to import
    }


def version_differences(old: Versions, new: Versions) -> str:
    """`numba 0.61.0 there, 0.68.1 now`, and so on; "" where all are the same. An empty `old` was never recorded."""
    if not old:
        return "it does not say with which versions of the libraries it was made"
    names = [name for name in dict.fromkeys((*old, *new)) if old.get(name) != new.get(name)]
    return ", ".join(f"{name} {old.get(name, 'unknown')} there, {new.get(name, 'unknown')} now" for name in names)


def joined_versions(what: str, held: Sequence[Versions], now: Versions, accept: bool) -> tuple[Versions, ...]:
    """What a data set is made with when it is gone on with: what it was made with, and `now`, where that is another.

    Raises InputError for other versions, unless they are accepted. `what`: whose `held` is.
    """
    made = tuple(held) or ({},)
    if now in made:
        return made
    if not accept:
        raise InputError(
            f"{what} made with other versions of what makes the samples, which may come out otherwise "
            f"({version_differences(made[-1], now)}); install those, begin again with --overwrite, or go on with "
            "--accept-versions"
        )
    return (*made, now)


def all_versions(parts: Iterable[Sequence[Versions]]) -> tuple[Versions, ...]:
    """Every set of versions that any part was made with, once, in order."""
    seen: list[Versions] = []
    for part in parts:
        seen += [versions for versions in (part or ({},)) if versions not in seen]
    return tuple(seen) if seen != [{}] else ()
