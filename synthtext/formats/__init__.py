"""Data sets on disk: one file a format, one small protocol for all (`base.py`)."""

from __future__ import annotations

from synthtext.errors import InputError
from synthtext.formats.base import Writer

FORMATS = ("folder", "lmdb")


def writer_of(name: str) -> type[Writer]:
    """The writer class of a format, imported only now. Raises InputError for an unknown or uninstalled one."""
    if name == "folder":
        from synthtext.formats.folder import FolderWriter

        return FolderWriter
    if name == "lmdb":
        from synthtext.formats.lmdb import LmdbWriter

        return LmdbWriter
    raise InputError(f"--format {name}: unknown; the formats are {', '.join(FORMATS)}")
