"""Which kind of data set lies at a path, and the reader of it."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path

import msgspec

from synthtext.core.errors import InputError
from synthtext.formats.base import MANIFEST, REPORT
from synthtext.formats.reading.entries import FoundManifest, Reader
from synthtext.formats.reading.json_lists import open_json
from synthtext.formats.reading.json_records import RecordReader
from synthtext.formats.reading.lmdb_reader import LmdbReader
from synthtext.formats.reading.mds_reader import MdsReader, is_index
from synthtext.formats.reading.parquet_reader import ParquetReader
from synthtext.formats.reading.picture_files import files_below, is_hidden, shown
from synthtext.formats.reading.tables import TableReader, is_table
from synthtext.formats.reading.tar_reader import TarReader
from synthtext.formats.reading.truth_files import (
    LineReader,
    TruthReader,
    complete,
    find_pairs,
    hold_polygons,
    holds_truth,
    why_none,
)

KINDS = (
    "labels.jsonl, metadata.jsonl, a table (labels.tsv, labels.csv, gt.txt, Label.txt), pictures with a truth file "
    "each (ICDAR, YOLO-OBB, tesstrain's .gt.txt), one JSON file (COCO, MMOCR, docTR), LMDB, WebDataset (.tar), "
    "Parquet, MDS"
)

_RECORDS = ("labels.jsonl", "metadata.jsonl")
_TABLES = ("labels.tsv", "labels.csv", "Label.txt", "gt.txt", "labels.txt", "gt.tsv", "metadata.csv", "rec_gt.txt")
_JSON_FOLDERS = ("", "annotations", "annotation", "labels")
_PACKED = (".tar.gz", ".tgz", ".tar.xz", ".tar.bz2", ".zip", ".rar", ".7z")
_OUR_FILES = frozenset({MANIFEST, REPORT, "index.json"})
_MOST_INSIDE = 8  # folders that are looked into, where a folder is no data set
_COMPARED = 500  # labels of two lists by which it is seen whether they say the same
_MOST_TABLES = 20  # files of a folder that are looked into, whether they are tables


def open_dataset(path: str | Path) -> Reader:
    """The reader of the data set at `path`, a folder or a file. Raises InputError where it is none that is known.

    >>> for entry in open_dataset("icdar2015/").entries():  # doctest: +SKIP
    ...     entry.name, entry.text, [(word.quad, word.text, word.ignore) for word in entry.words], entry.problem
    """
    root = Path(path).expanduser()
    if not str(path):
        raise InputError("the path of a data set is empty; give its folder or file")
    if not os.path.exists(root):
        raise InputError(f"{path}: does not exist; give the folder or file of a data set")
    try:
        reader = _open(root, _manifest(root))
    except OSError as error:
        raise InputError(f"{error.filename or path}: cannot be read: {error.strerror or error}") from None
    if reader is None:
        inside = _known_inside(root)
        if inside:
            raise InputError(f"{path}: is no data set, but in it are some: {', '.join(inside)}; give the path of one")
        if why := (why_none(root) if root.is_dir() else "") or _hint(root):
            raise InputError(f"{path}: is no data set: {why}")
        if root.suffix.lower() == ".txt" and holds_truth(root):
            raise InputError(f"{path}: has the labels of one picture; give the folder with both, or use read_icdar")
        raise InputError(f"{path}: is no data set that is known here; these are: {KINDS}")
    return reader


def _hint(path: Path) -> str:
    """What to do about an archive, or about pictures of a kind that is not read."""
    names = [name for _, name in islice(files_below(path), _COMPARED)] if path.is_dir() else [path.name]
    packed = [name for name in names if name.lower().endswith(_PACKED)]
    if packed:
        return f"{shown(packed[0])} is an archive; unpack it"
    gifs = [name for name in names if name.lower().endswith(".gif")]
    return f"{shown(gifs[0])} is a GIF, which is not read; write it as PNG" if gifs else ""


def _known_inside(root: Path) -> list[str]:
    """The folders in a folder that are data sets: such as splits, each with a list of its own."""
    found = []
    folders = sorted(p for p in root.iterdir() if p.is_dir() and not is_hidden(p.name)) if root.is_dir() else []
    for folder in folders[:_MOST_INSIDE]:
        try:
            reader = _open(folder, _manifest(folder))
        except (InputError, OSError):
            continue
        if reader is not None:
            reader.close()
            found.append(folder.name)
    return found


def _manifest(root: Path) -> FoundManifest | None:
    """The manifest of a data set of ours, of which `root` is the folder or a file of labels in it."""
    file = (root if root.is_dir() else root.parent) / MANIFEST
    if not os.path.isfile(file):
        return None
    try:
        return msgspec.json.decode(file.read_bytes(), type=FoundManifest)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{file}: cannot be read ({error}); mend or remove it") from None


def _open(root: Path, manifest: FoundManifest | None) -> Reader | None:
    if root.is_file():
        return _open_file(root, manifest)
    lists = [root / name for name in (*_RECORDS, *_TABLES) if os.path.isfile(root / name)]
    if os.path.isfile(root / "data.mdb") and not (lists and lists[0].name in _RECORDS):
        return LmdbReader(root, [root], manifest)
    if lists:
        return _open_list(root, lists, manifest)
    if os.path.isfile(root / "index.json") and (any(root.glob("*.mds*")) or is_index(root / "index.json")):
        return MdsReader(root, manifest)
    if manifest is None and any(root.glob(f"*/{MANIFEST}")):
        return None  # parts of a split of ours: never one set
    for pattern, reader in (("*.tar", TarReader), ("*.parquet", ParquetReader), ("data.mdb", LmdbReader)):
        found = _glob(root, pattern)
        if found:
            return reader(root, [p.parent for p in found] if pattern == "data.mdb" else found, manifest)
    return _open_json_list(root, manifest) or _open_pairs(root, manifest) or _open_table(root, manifest)


def _open_list(root: Path, lists: list[Path], manifest: FoundManifest | None) -> Reader:
    """The reader of a list of a usual name. Of several that say different things, the user is to name one."""
    readers: list[tuple[Path, Reader]] = []
    for file in lists if manifest is None else lists[:1]:
        if file.name == "rec_gt.txt" and readers:
            continue  # PPOCRLabel's, beside its Label.txt
        readers.append(
            (file, RecordReader(root, file, manifest) if file.name in _RECORDS else TableReader(root, file, manifest))
        )
    if len(readers) > 1:
        readers = [(f, r) for f, r in readers if not isinstance(r, TableReader) or r.matched > 0.0] or readers[:1]
        said = [_said(reader) for _, reader in readers]
        if any(other != said[0] for other in said[1:]):
            raise _several(root, [file for file, _ in readers])
    return readers[0][1]


def _said(reader: Reader) -> list[tuple[str, str]]:
    """The first pictures and texts of a list, blanks and line breaks alike."""
    return [(entry.name, " ".join(entry.text.split())) for entry in islice(reader.entries(), _COMPARED)]


def _glob(root: Path, pattern: str) -> list[Path]:
    """Files of a folder, or else of the folders in it, that are not a system's own."""
    for depth in (pattern, f"*/{pattern}"):
        files = [path for path in sorted(root.glob(depth)) if path.is_file()]
        found = [path for path in files if not any(map(is_hidden, path.relative_to(root).parts))]
        if found:
            return found
    return []


def _open_file(file: Path, manifest: FoundManifest | None) -> Reader | None:
    kind = file.suffix.lower()
    if kind == ".tar":
        return TarReader(file, [file], manifest)
    if kind == ".parquet":
        return ParquetReader(file, [file], manifest)
    if kind == ".jsonl":
        return RecordReader(file.parent, file, manifest)
    if kind in (".mdb", ".lmdb"):
        return LmdbReader(file, [file.parent if file.name == "data.mdb" else file], manifest)
    if kind == ".json":
        if file.name == "index.json":
            return MdsReader(file.parent, manifest)
        root = file.parent.parent if file.parent.name in _JSON_FOLDERS else file.parent
        return open_json(root, file, manifest or _manifest(root))
    if kind not in (".tsv", ".csv", ".txt"):
        return None
    table = TableReader(file.parent, file, manifest)
    return None if kind == ".txt" and not table.matched and holds_truth(file) else table


def _open_json_list(root: Path, manifest: FoundManifest | None) -> Reader | None:
    """The reader of the one JSON file of labels; where there are several, the user is to name one."""
    for folder in _JSON_FOLDERS:
        files = [p for p in _glob_here(root / folder, ".json") if p.name not in _OUR_FILES]
        found = []
        problem: InputError | None = None
        for file in files[:_MOST_TABLES]:
            try:
                if (reader := open_json(root, file, manifest)) is not None:
                    found.append((file, reader))
            except InputError as error:
                problem = error
        if len(found) > 1:
            raise _several(root, [file for file, _ in found])
        if found:
            return found[0][1]
        if problem is not None and len(files) == 1:
            raise problem
    return None


def _open_pairs(root: Path, manifest: FoundManifest | None) -> Reader | None:
    """The reader of pictures with a truth file each: what most files hold says whether they are lines or polygons."""
    lines, pairs = find_pairs(root, ".gt.txt"), find_pairs(root)
    if hold_polygons(root, lines) and complete(lines) > complete(pairs):
        return TruthReader(root, lines, manifest)
    if lines and not (complete(pairs) >= complete(lines) and hold_polygons(root, pairs)):
        return LineReader(root, lines)
    return TruthReader(root, pairs, manifest) if pairs else None


def _open_table(root: Path, manifest: FoundManifest | None) -> Reader | None:
    """The reader of the one table of another name; where there are several, the user is to name one."""
    files = [p for kind in (".tsv", ".csv", ".txt") for p in _glob_here(root, kind)]
    found = [p for p in files if is_table(root, p)] if len(files) <= _MOST_TABLES else []
    if len(found) > 1:
        raise _several(root, found)
    if not found:
        found = [p for p in files if p.suffix.lower() == ".tsv"]
    return TableReader(root, found[0], manifest) if len(found) == 1 else None


def _glob_here(folder: Path, suffix: str) -> list[Path]:
    if not os.path.isdir(folder):
        return []
    return [p for p in sorted(folder.iterdir()) if p.suffix.lower() == suffix and not is_hidden(p.name) and p.is_file()]


def _several(root: Path, files: list[Path]) -> InputError:
    names = ", ".join(str(file.relative_to(root)) for file in files[:4])
    return InputError(f"{root}: has several lists of labels ({names}); give the path of one")
