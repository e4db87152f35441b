"""Where the embedded presets, fonts and backgrounds lie: inside the installed package, or beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """The folder `configs`, `fonts` or `backgrounds`. Raises FileNotFoundError where the installation lacks it."""
    for path in (_PACKAGE / "assets" / name, _PACKAGE.parent / name):
        if path.is_dir():
            return path
    raise FileNotFoundError(
        f"the embedded folder {name!r} is missing from this installation of synthtext; reinstall it"
    )
