"""The kinds of sample that there are: each is declared by its maker, as `KIND` in a file `*_maker.py`."""

from __future__ import annotations

from pathlib import Path

from synthtext.core.declared import declared

_PACKAGE = Path(__file__).resolve().parents[1]


def _found() -> dict[str, str]:
    folders = sorted(str(path) for path in _PACKAGE.iterdir() if path.is_dir())
    kinds = declared(folders, "KIND", "*_maker.py")
    return {kind["name"]: f"synthtext.{path.parent.name}.{path.stem}:{kind['maker']}" for path, kind in kinds.items()}


#: What makes the samples of each kind: `module:class`, to be imported on first use.
MAKERS: dict[str, str] = _found()
