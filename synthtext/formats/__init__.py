"""Data sets on disk: one file a format, one small protocol for all (`base.py`; of those in shards, `shards.py`)."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from synthtext.core.errors import InputError

if TYPE_CHECKING:
    from synthtext.formats.base import Writer
    from synthtext.formats.reading import Entry, Reader, WordLabel, open_dataset, read_icdar, read_polygons

__all__ = [
    "FORMATS",
    "SHARDED",
    "Entry",
    "Reader",
    "WordLabel",
    "describe_formats",
    "open_dataset",
    "read_icdar",
    "read_polygons",
    "writer_of",
]
_READING = frozenset({"Entry", "Reader", "WordLabel", "open_dataset", "read_icdar", "read_polygons"})

# Name to (class in the module of that name, does it write shards, one line for --help).
_TABLE: dict[str, tuple[str, bool, str]] = {
    "folder": ("FolderWriter", False, "image files, labels.tsv and labels.jsonl"),
    "lmdb": ("LmdbWriter", False, "one LMDB file, with the keys of deep-text-recognition-benchmark [extra lmdb]"),
    "webdataset": ("WebDatasetWriter", True, "tar shards for WebDataset: key.jpg, key.txt, key.json"),
    "parquet": ("ParquetWriter", True, "Parquet shards that Hugging Face datasets loads [extra parquet]"),
    "mds": ("MdsWriter", True, "MDS shards for MosaicML Streaming"),
    "icdar": ("IcdarWriter", False, "as folder, and a gt_*.txt an image as of ICDAR 2015"),
    "coco": ("CocoWriter", False, "as folder, and annotations.json as of COCO"),
    "paddleocr": ("PaddleOcrWriter", False, "as folder, and label lists of PaddleOCR's detectors"),
    "mmocr": ("MmocrWriter", False, "as folder, and MMOCR's textdet JSON"),
    "yolo-obb": ("YoloObbWriter", False, "as folder, and labels of YOLO's oriented boxes"),
}
FORMATS = tuple(_TABLE)
SHARDED = tuple(name for name, (_, sharded, _) in _TABLE.items() if sharded)


def __getattr__(name: str) -> Any:
    """Import what reads on first use: the command line asks for the formats' names alone."""
    if name not in _READING:
        raise AttributeError(f"module 'synthtext.formats' has no attribute {name!r}")
    return getattr(import_module("synthtext.formats.reading"), name)


def writer_of(name: str) -> type[Writer]:
    """The writer class of a format, imported only now. Raises InputError for an unknown or uninstalled one."""
    if name not in _TABLE:
        raise InputError(f"--format {name}: unknown; the formats are {', '.join(FORMATS)}")
    writer: type[Writer] = getattr(import_module(f"synthtext.formats.{name.replace('-', '_')}"), _TABLE[name][0])
    return writer


def describe_formats() -> str:
    """One line a format, for --help."""
    return "\n".join(f"  {name:<11} {line}" for name, (_, _, line) in _TABLE.items())
