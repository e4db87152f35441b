"""Where resources lie: the embedded ones inside the installed package, or beside it in a checkout; packs in a folder
of the user's (`tools/packs.py`)."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from synthtext.core.errors import InputError

PACK = "pack:"
PACK_INDEX = "pack.json"
PACK_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

_PACKAGE = Path(__file__).resolve().parents[1]


def folder(name: str) -> Path:
    """The folder `configs`, `fonts` or `backgrounds`. Raises FileNotFoundError where the installation lacks it."""
    for path in (_PACKAGE / "assets" / name, _PACKAGE.parent / name):
        if path.is_dir():
            return path
    raise FileNotFoundError(
        f"the embedded folder {name!r} is missing from this installation of synthtext; reinstall it"
    )


def home() -> Path:
    """$SYNTHTEXT_HOME, else the user's data folder. Raises InputError where there is none."""
    for variable, below in (("SYNTHTEXT_HOME", ""), ("XDG_DATA_HOME", "synthtext")):
        if os.environ.get(variable):
            return Path(os.environ[variable], below)
    try:
        if sys.platform == "win32":
            return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local", "synthtext/data")
        return Path.home() / ".local/share/synthtext"
    except RuntimeError:
        raise InputError("packs have no place, as this user has no home; set SYNTHTEXT_HOME to a folder") from None


def cache_folder() -> Path | None:
    """Where what was found out about files is kept: $SYNTHTEXT_CACHE, else the user's cache; None without a home."""
    for variable, below in (("SYNTHTEXT_CACHE", ""), ("XDG_CACHE_HOME", "synthtext")):
        if os.environ.get(variable):
            return Path(os.environ[variable], below)
    try:
        if sys.platform == "win32":
            return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local", "synthtext")
        return Path.home() / ".cache/synthtext"
    except RuntimeError:
        return None


def packs_folder(kind: str) -> Path:
    """Where the packs of a kind (fonts, backgrounds) lie, a folder each; it may not exist."""
    return home() / "packs" / kind


def pack_folder(name: str, kind: str) -> Path:
    """The folder of the pack `name`. Raises InputError where there is none of that kind."""
    root = packs_folder(kind)
    if not PACK_NAME.fullmatch(name) or not (root / name / PACK_INDEX).is_file():
        names = sorted(path.parent.name for path in root.glob(f"*/{PACK_INDEX}")) if root.is_dir() else []
        there = ", ".join(names) or "none yet"
        raise InputError(f"{PACK}{name}: no such pack of {kind} (there: {there}); `synthtext {kind} add` makes one")
    return root / name


def resolve(folder: str, kind: str) -> str:
    """A folder as a configuration names it: `pack:NAME` becomes the pack's folder, all else stays."""
    return str(pack_folder(folder.removeprefix(PACK), kind)) if folder.startswith(PACK) else folder
