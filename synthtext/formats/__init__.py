"""Data sets on disk: one file a format, one small protocol for all (`base.py`)."""

from __future__ import annotations

from importlib import import_module

from synthtext.errors import InputError
from synthtext.formats.base import Writer

# Name to the module and class of its writer.
_TABLE = {
    "folder": ("folder", "FolderWriter"),
    "lmdb": ("lmdb", "LmdbWriter"),
    "icdar": ("icdar", "IcdarWriter"),
    "coco": ("coco", "CocoWriter"),
    "paddleocr": ("paddleocr", "PaddleOcrWriter"),
    "mmocr": ("mmocr", "MmocrWriter"),
    "yolo-obb": ("yolo_obb", "YoloObbWriter"),
}
FORMATS = tuple(_TABLE)


def writer_of(name: str) -> type[Writer]:
    """The writer class of a format, imported only now. Raises InputError for an unknown or uninstalled one."""
    if name not in _TABLE:
        raise InputError(f"--format {name}: unknown; the formats are {', '.join(FORMATS)}")
    module, writer = _TABLE[name]
    found: type[Writer] = getattr(import_module(f"synthtext.formats.{module}"), writer)
    return found
