"""Data sets on disk: one file a format, one small protocol for all (`base.py`; of those in shards, `shards.py`)."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from synthtext.core.declared import declared
from synthtext.core.errors import InputError

if TYPE_CHECKING:
    from synthtext.formats.base import Writer
    from synthtext.formats.reading import (
        Entry,
        InkArrays,
        Reader,
        WordLabel,
        open_dataset,
        read_icdar,
        read_ink,
        read_polygons,
    )

__all__ = [
    "FORMATS",
    "SHARDED",
    "Entry",
    "InkArrays",
    "Reader",
    "WordLabel",
    "describe_formats",
    "open_dataset",
    "read_icdar",
    "read_ink",
    "read_polygons",
    "writer_of",
]
_READING = frozenset(
    {"Entry", "InkArrays", "Reader", "WordLabel", "open_dataset", "read_icdar", "read_ink", "read_polygons"}
)


class FormatInfo(NamedTuple):
    """What a format's file declares of itself as `FORMAT`. `writer`: the class in the module; `help`: one line."""

    name: str
    help: str
    writer: str
    sharded: bool
    module: str


def _found() -> dict[str, FormatInfo]:
    """The formats by name, the default one first."""
    infos = [FormatInfo(**info, module=path.stem) for path, info in declared(__path__, "FORMAT").items()]
    return {info.name: info for info in sorted(infos, key=lambda info: (info.name != "folder", info.name))}


_TABLE = _found()
FORMATS = tuple(_TABLE)
SHARDED = tuple(name for name, info in _TABLE.items() if info.sharded)


def __getattr__(name: str) -> Any:
    """Import what reads on first use: the command line asks for the formats' names alone."""
    if name not in _READING:
        raise AttributeError(f"module 'synthtext.formats' has no attribute {name!r}")
    return getattr(import_module("synthtext.formats.reading"), name)


def writer_of(name: str) -> type[Writer]:
    """The writer class of a format, imported only now. Raises InputError for an unknown or uninstalled one."""
    if name not in _TABLE:
        raise InputError(f"--format {name}: unknown; the formats are {', '.join(FORMATS)}")
    writer: type[Writer] = getattr(import_module(f"{__name__}.{_TABLE[name].module}"), _TABLE[name].writer)
    return writer


def describe_formats() -> str:
    """One line a format, for --help."""
    return "\n".join(f"  {info.name:<11} {info.help}" for info in _TABLE.values())
