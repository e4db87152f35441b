"""Which kind of data set lies at a path, and the reader of it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from synthtext.errors import InputError
from synthtext.formats.base import MANIFEST
from synthtext.formats.reading.entries import Manifest, Reader
from synthtext.formats.reading.lmdb_reader import LmdbReader
from synthtext.formats.reading.parquet_reader import ParquetReader
from synthtext.formats.reading.records import RecordReader
from synthtext.formats.reading.tables import TableReader
from synthtext.formats.reading.tar_reader import TarReader
from synthtext.formats.reading.truth_files import IcdarReader, icdar_pairs

KINDS = "folder (labels.jsonl, labels.tsv or gt.txt), ICDAR (pictures and gt_*.txt), LMDB, WebDataset (.tar), Parquet"
_TABLES = ("labels.tsv", "gt.txt", "labels.txt", "gt.tsv")


def open_dataset(path: str | Path) -> Reader:
    """The reader of the data set at `path`, a folder or a file. Raises InputError where it is none that is known."""
    root = Path(path).expanduser()
    if not root.exists():
        raise InputError(f"{path}: does not exist; give the folder or file of a data set")
    manifest = None
    if (root / MANIFEST).is_file():
        try:
            manifest = msgspec.json.decode((root / MANIFEST).read_bytes(), type=Manifest)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
            raise InputError(f"{root / MANIFEST}: cannot be read ({error}); mend or remove it") from None
    reader = _open(root, manifest)
    if reader is None:
        raise InputError(f"{path}: is no data set that is known here; these are: {KINDS}")
    return reader


def _open(root: Path, manifest: Manifest | None) -> Reader | None:
    if root.is_file():
        kind = root.suffix.lower()
        if kind == ".tar":
            return TarReader(root, [root], manifest)
        if kind == ".parquet":
            return ParquetReader(root, [root], manifest)
        if kind == ".jsonl":
            return RecordReader(root.parent, root, manifest)
        if kind in (".mdb", ".lmdb"):
            return LmdbReader(root, [root.parent if root.name == "data.mdb" else root], manifest)
        return TableReader(root.parent, root) if kind in (".tsv", ".txt") else None
    if (root / "labels.jsonl").is_file():
        return RecordReader(root, root / "labels.jsonl", manifest)
    if (root / "data.mdb").is_file():
        return LmdbReader(root, [root], manifest)
    for name in _TABLES:
        if (root / name).is_file():
            return TableReader(root, root / name)
    for pattern, reader in (("*.tar", TarReader), ("*.parquet", ParquetReader), ("data.mdb", LmdbReader)):
        found = sorted(root.glob(pattern)) or sorted(root.glob(f"*/{pattern}"))
        if found:
            return reader(root, [p.parent for p in found] if pattern == "data.mdb" else found, manifest)
    pairs = icdar_pairs(root)
    if pairs:
        return IcdarReader(root, pairs)
    tables = [path for path in sorted(root.glob("*.tsv")) if path.is_file()]
    return TableReader(root, tables[0]) if len(tables) == 1 else None
