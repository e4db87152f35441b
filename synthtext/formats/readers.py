"""Reading data sets back, our own and those of other makers, one picture with its labels at a time.

    folder       labels.jsonl, or a table labels.tsv, gt.txt, labels.txt (image <TAB> text, image text, image, "text")
    icdar        pictures, each with its gt_NAME.txt or NAME.txt: x1,y1,...,x4,y4,text (or left,top,right,bottom,text)
    lmdb         the keys of deep-text-recognition-benchmark: num-samples, image-000000001, label-000000001, ...
    webdataset   tar files whose members NAME.jpg, NAME.txt (or .gt.txt, .cls, .json) belong together
    parquet      a column of pictures (bytes, or a struct with them) and one of texts

`open_dataset` tells them apart. Labels are read in one pass, in order; a picture's bytes are fetched by its `ref`, so
that whoever needs only some of the pictures pays for these alone.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import msgspec
from msgspec import Struct

from synthtext.errors import InputError
from synthtext.formats.base import MANIFEST
from synthtext.formats.folder import unescape
from synthtext.formats.icdar import read_polygons

PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})
KINDS = "folder (labels.jsonl, labels.tsv or gt.txt), ICDAR (pictures and gt_*.txt), LMDB, WebDataset (.tar), Parquet"

_TABLES = ("labels.tsv", "gt.txt", "labels.txt", "gt.tsv")
_QUOTED = re.compile(r'(\S+),\s*"(.*)"\s*$')  # of ICDAR's word recognition tasks
_RECTANGLE = re.compile(r'\s*(\d+),?\s+(\d+),?\s+(\d+),?\s+(\d+),?\s+"(.*)"\s*$')
_SPACED = re.compile(r"(\S+)\s+(.*)$")
_BLOCK = 512


class WordLabel(Struct, frozen=True):
    """A word's label: points xy in pixels; `legibility` below 0 where it is not known. Fields as in the label
    record."""

    text: str = ""
    quad: list[tuple[float, float]] = []
    polygon: list[tuple[float, float]] = []
    ignore: bool = False
    legibility: float = -1.0


class Entry(Struct, frozen=True):
    """One picture's labels. `name`: to show; `ref`: what `Reader.image` takes. `height`, `width`: as labelled, else 0.

    `plan`: the JSON of the sample's plan, where it is stored. `problem`: what is wrong with the label itself, else "".
    """

    name: str
    text: str
    ref: Any
    words: list[WordLabel] = []
    height: int = 0
    width: int = 0
    plan: msgspec.Raw = msgspec.Raw(b"")
    problem: str = ""


class _Record(Struct, frozen=True):
    """What of a label record is read; the rest is passed over undecoded."""

    image: str = ""
    text: str = ""
    height: int = 0
    width: int = 0
    words: list[WordLabel] = []
    plan: msgspec.Raw = msgspec.Raw(b"")


_decode_record = msgspec.json.Decoder(_Record).decode


class Manifest(Struct, frozen=True):
    """What of `dataset.json` is read, whichever version of the package wrote it."""

    synthtext: str = ""
    format_version: int = 0
    digest: str = ""
    seed: int = 0
    start: int = 0
    count: int = 0
    config: dict[str, Any] = {}


class Reader(Protocol):
    """One data set. `format`: its name; `manifest`: of our own, else None.

    `unit`: what one label is of: a picture (word or line crops) or each word in it (scenes and pages).
    """

    @property
    def format(self) -> str: ...
    @property
    def path(self) -> Path: ...
    @property
    def manifest(self) -> Manifest | None: ...
    @property
    def unit(self) -> str: ...

    def __len__(self) -> int:
        """How many pictures, as the labels have it."""

    def entries(self) -> Iterator[Entry]:
        """Every picture's labels, in order."""

    def image(self, ref: Any) -> bytes:
        """The image file's bytes. Raises OSError where they cannot be had."""

    def close(self) -> None:
        """Let go of what is open."""


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
    pairs = _icdar_pairs(root)
    if pairs:
        return IcdarReader(root, pairs)
    tables = [path for path in sorted(root.glob("*.tsv")) if path.is_file()]
    return TableReader(root, tables[0]) if len(tables) == 1 else None


def _unit(manifest: Manifest | None, several: bool = False) -> str:
    kind = manifest.config.get("kind", "words") if manifest else "scenes" if several else "words"
    return "picture" if kind == "words" else "word"


def _entry(record: _Record, name: str, ref: Any) -> Entry:
    return Entry(name, record.text, ref, record.words, record.height, record.width, record.plan)


def _read(path: Path | str) -> bytes:
    # Not `open`: of a few kilobytes, its buffering costs as much as the file.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        size = os.fstat(descriptor).st_size
        data = os.read(descriptor, size)
        while len(data) < size and (more := os.read(descriptor, size - len(data))):
            data += more
        return data
    finally:
        os.close(descriptor)


class _Files:
    """Pictures that are files below a folder; `ref` is the path below it. No label leads out of the folder."""

    def __init__(self, root: Path) -> None:
        self.path = root
        self._inside = os.path.realpath(root)

    def image(self, ref: str) -> bytes:
        """The file's bytes."""
        full = os.path.join(self._inside, ref)
        if ".." in ref or os.path.isabs(ref):
            full = os.path.normpath(full)
            if not full.startswith(self._inside + os.sep):
                raise OSError(f"the label leads out of the data set's folder: {ref}")
        return _read(full)

    def close(self) -> None:
        """Nothing is open."""


def _lines(path: Path) -> Iterator[tuple[int, str | None]]:
    """(number, line) of a text file, without its end; None for a line that is not UTF-8."""
    with open(path, "rb") as file:
        for number, line in enumerate(file, 1):
            line = line.rstrip(b"\r\n")
            if number == 1:
                line = line.removeprefix(b"\xef\xbb\xbf")
            try:
                yield number, line.decode()
            except UnicodeDecodeError:
                yield number, None


def _count_lines(path: Path) -> int:
    count, last = 0, b"\n"
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            count += block.count(b"\n")
            last = block
    return count + (not last.endswith(b"\n"))


class RecordReader(_Files):
    """Our format `folder`: `labels.jsonl`, a label record a line."""

    format = "folder"

    def __init__(self, root: Path, table: Path, manifest: Manifest | None) -> None:
        super().__init__(root)
        self._table = table
        self.manifest = manifest
        self.unit = _unit(manifest)

    def __len__(self) -> int:
        return _count_lines(self._table)

    def entries(self) -> Iterator[Entry]:
        """A line that is no record comes as an entry with a problem."""
        with open(self._table, "rb") as file:
            for number, line in enumerate(file, 1):
                try:
                    record = _decode_record(line)
                except (msgspec.DecodeError, UnicodeDecodeError) as error:
                    yield Entry(f"{self._table.name}:{number}", "", "", problem=f"is no label record ({error})")
                    continue
                yield _entry(record, record.image, record.image)


class TableReader(_Files):
    """A folder with a table of texts: `image <TAB> text`, `image text`, or `image, "text"`; see `_split`."""

    format = "folder"
    manifest = None
    unit = "picture"

    def __init__(self, root: Path, table: Path) -> None:
        super().__init__(root)
        self._table = table
        # Ours had escapes once; other makers' backslashes are backslashes.
        self._escaped = _format_version(root) == 1
        self._below = ""
        for _, line in _lines(table):
            name = _split(line or "")[0]
            if name and not (root / name).is_file():
                self._below = next((b for b in ("images/", "image/") if (root / b / name).is_file()), "")
            if name and Path(name).suffix:
                break

    def __len__(self) -> int:
        return sum(1 for _ in self.entries())

    def entries(self) -> Iterator[Entry]:
        """Blank lines and a header (a first line whose first cell has no picture's suffix) are passed over."""
        for number, line in _lines(self._table):
            if line is None:
                yield Entry(f"{self._table.name}:{number}", "", "", problem="is not UTF-8")
                continue
            name, text, problem = _split(line)
            if not name or (number == 1 and Path(name).suffix.lower() not in PICTURES):
                continue
            yield Entry(name, unescape(text) if self._escaped else text, self._below + name, problem=problem)


def _format_version(root: Path) -> int:
    """What the manifest in a folder says; 0 where there is none that says it."""
    try:
        return msgspec.json.decode((root / MANIFEST).read_bytes(), type=Manifest).format_version
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return 0


def _split(line: str) -> tuple[str, str, str]:
    """(image, text, problem) of a line."""
    if not line.strip():
        return "", "", ""
    if "\t" in line:
        name, _, text = line.partition("\t")
        return name, text, ""
    match = _QUOTED.match(line) or _SPACED.match(line)
    if match:
        return match[1], match[2], ""
    return line.strip(), "", "has no text, only a picture's name"


# ICDAR


def _icdar_pairs(root: Path) -> list[tuple[str, str]]:
    """(picture, ground truth) below `root`, as relative paths, sorted; the truth is NAME.txt or gt_NAME.txt, beside the
    picture or, where one folder holds the pictures and another the truths, anywhere below."""
    pictures: dict[tuple[str, str], str] = {}
    truths: dict[tuple[str, str], str] = {}
    for folder, subfolders, names in os.walk(root):
        subfolders.sort()
        for name in sorted(names):
            stem, suffix = os.path.splitext(name)
            where = os.path.relpath(os.path.join(folder, name), root).replace(os.sep, "/")
            if suffix.lower() in PICTURES:
                pictures[folder, stem] = where
            elif suffix.lower() == ".txt":
                truths[folder, stem.removeprefix("gt_")] = where
    elsewhere = {stem: where for (_, stem), where in truths.items()}
    pairs = [
        (stem, where, truths.get((folder, stem)) or elsewhere.get(stem)) for (folder, stem), where in pictures.items()
    ]
    pairs.sort(key=lambda pair: (len(pair[0]), pair[1]))
    return [(where, truth) for _, where, truth in pairs if truth]


def parse_rectangle(line: str) -> WordLabel | None:
    """A line `left, top, right, bottom, "text"`, with commas or blanks, as of ICDAR 2013; None where it is none."""
    match = _RECTANGLE.match(line)
    if match is None:
        return None
    left, top, right, bottom = map(float, match.groups()[:4])
    quad = [(left, top), (right, top), (right, bottom), (left, bottom)]
    return WordLabel(match[5], quad, quad, match[5] == "###")


def read_truth(path: Path) -> tuple[list[WordLabel], str]:
    """The words of a ground truth file, and what is wrong with it ("" where nothing is).

    Its lines are ICDAR's, CTW1500's or Total-Text's (`read_polygons`), or rectangles with a quoted text (ICDAR 2013).
    """
    try:
        labels = read_polygons(path)
    except InputError as error:
        words = [parse_rectangle(line or "") for _, line in _lines(path) if line is None or line.strip()]
        kept = [word for word in words if word is not None]
        return kept, "" if kept and len(kept) == len(words) else str(error)
    found = []
    for polygon, text, ignore in zip(labels.polygons, labels.texts, labels.ignore.tolist(), strict=True):
        points = [(x, y) for x, y in polygon.tolist()]
        k = len(points) // 2
        found.append(WordLabel(text, [points[0], points[k - 1], points[k], points[-1]], points, ignore))
    return found, ""


class IcdarReader(_Files):
    """Pictures with their ground truth beside them or in another folder."""

    format = "icdar"
    manifest = None
    unit = "word"

    def __init__(self, root: Path, pairs: list[tuple[str, str]]) -> None:
        super().__init__(root)
        self._pairs = pairs

    def __len__(self) -> int:
        return len(self._pairs)

    def entries(self) -> Iterator[Entry]:
        """What is wrong with a ground truth file is the entry's problem."""
        for picture, truth in self._pairs:
            words, problem = read_truth(self.path / truth)
            text = "\n".join(word.text for word in words if not word.ignore)
            yield Entry(picture, text, picture, words, problem=problem)


# LMDB


class LmdbReader:
    """One or several LMDB environments with the keys of deep-text-recognition-benchmark, and `meta-` of ours."""

    format = "lmdb"

    def __init__(self, path: Path, folders: list[Path], manifest: Manifest | None) -> None:
        try:
            import lmdb
        except ImportError:
            raise InputError(f'{path}: to read it, lmdb is missing; pip install "synthtext[lmdb]"') from None
        self.path, self.manifest, self.unit = path, manifest, _unit(manifest)
        self._transactions, self._counts = [], []
        for folder in folders:
            try:
                env = lmdb.open(str(folder), subdir=folder.is_dir(), readonly=True, lock=False, readahead=False)
                transaction = env.begin(buffers=False)
                count = transaction.get(b"num-samples")
            except lmdb.Error as error:
                raise InputError(
                    f"{folder}: is an LMDB that cannot be read ({error}); bring back a whole copy"
                ) from None
            if count is None or not count.isdigit():
                raise InputError(
                    f"{folder}: has no key num-samples, so it is not laid out as deep-text-recognition-benchmark has it"
                )
            self._transactions.append(transaction)
            self._counts.append(int(count))

    def __len__(self) -> int:
        return sum(self._counts)

    def entries(self) -> Iterator[Entry]:
        """By number, from 1; a missing label is a problem."""
        for i, (transaction, count) in enumerate(zip(self._transactions, self._counts, strict=True)):
            get = transaction.get
            for number in range(1, count + 1):
                name = b"image-%09d" % number
                label, problem = get(b"label-%09d" % number), ""
                record = get(b"meta-%09d" % number)
                if record is not None:
                    with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError):
                        yield _entry(_decode_record(record), name.decode(), (i, name))
                        continue
                if label is None:
                    label, problem = b"", f"the key label-{number:09d} is missing"
                try:
                    text = label.decode()
                except UnicodeDecodeError:
                    text, problem = "", "is not UTF-8"
                yield Entry(name.decode(), text, (i, name), problem=problem)

    def image(self, ref: tuple[int, bytes]) -> bytes:
        """The value of the key."""
        data: bytes | None = self._transactions[ref[0]].get(ref[1])
        if data is None:
            raise OSError(f"the key {ref[1].decode()} is missing")
        return data

    def close(self) -> None:
        """Close the environments."""
        for transaction in self._transactions:
            transaction.abort()


# WebDataset


def _number(field: bytes) -> int:
    """A number of a tar header (POSIX.1-1988 ustar: octal; GNU: base 256 where the first bit is set)."""
    if field[0] & 0x80:
        return int.from_bytes(field[1:], "big")
    return int(field.split(b"\0", 1)[0].strip() or b"0", 8)


def _pax(data: bytes) -> dict[str, str]:
    """The records `length key=value` of a pax header (POSIX.1-2001)."""
    found = {}
    while data:
        length, _, rest = data.partition(b" ")
        size = int(length)
        key, _, value = rest[: size - len(length) - 2].partition(b"=")
        found[key.decode()] = value.decode("utf-8", "replace")
        data = data[size:]
    return found


def tar_members(path: Path) -> Iterator[tuple[str, int, int]]:
    """(name, offset, bytes) of each file in an uncompressed tar, by its headers alone: several times as fast as
    tarfile.

    Raises InputError where the file is no tar or is cut off.
    """
    size = path.stat().st_size
    at, name, long = 0, "", ""
    with open(path, "rb") as file:
        while True:
            header = file.read(_BLOCK)
            if len(header) < _BLOCK:
                if header or at > size:
                    raise InputError(f"{path}: is cut off at byte {size}; fetch it again")
                return
            if not header.strip(b"\0"):
                return
            try:
                length = _number(header[124:136])
                if _number(header[148:156]) != sum(header) - sum(header[148:156]) + 8 * 32:
                    raise ValueError
            except ValueError:
                raise InputError(f"{path}: is no tar file, or is damaged at byte {at}; fetch it again") from None
            at += _BLOCK
            if at + length > size:
                raise InputError(f"{path}: is cut off at byte {size}; fetch it again")
            kind = header[156:157]
            if kind in b"Lx":
                data = file.read(length)
                long = data.rstrip(b"\0").decode("utf-8", "replace") if kind == b"L" else _pax(data).get("path", "")
            elif kind in b"0\0":
                name = header[:100].split(b"\0", 1)[0].decode("utf-8", "replace")
                prefix = header[345:500].split(b"\0", 1)[0].decode("utf-8", "replace")
                if prefix and header[257:263] == b"ustar\0":
                    name = f"{prefix}/{name}"
                yield long or name, at, length
                long = ""
            at += -(-length // _BLOCK) * _BLOCK
            file.seek(at)


class TarReader:
    """Tar shards as the library `webdataset` reads them: files with one name up to the first dot are one sample."""

    format = "webdataset"

    def __init__(self, path: Path, files: list[Path], manifest: Manifest | None) -> None:
        self.path, self.manifest, self.unit = path, manifest, _unit(manifest)
        self._files = files
        self._descriptors = [os.open(file, os.O_RDONLY | getattr(os, "O_BINARY", 0)) for file in files]
        self._samples: list[tuple[str, int, dict[str, tuple[int, int]]]] = []
        for i, file in enumerate(files):
            last = ""
            for name, at, length in tar_members(file):
                folder, _, base = name.rpartition("/")
                stem, _, suffix = base.partition(".")
                key = f"{folder}/{stem}" if folder else stem
                if key != last:
                    self._samples.append((key, i, {}))
                    last = key
                self._samples[-1][2][suffix.lower()] = (at, length)

    def __len__(self) -> int:
        return len(self._samples)

    def _get(self, i: int, place: tuple[int, int]) -> bytes:
        return os.pread(self._descriptors[i], place[1], place[0])

    def entries(self) -> Iterator[Entry]:
        """In the order of the shards."""
        for key, i, parts in self._samples:
            ref = next(((i, place) for suffix, place in parts.items() if f".{suffix.split('.')[-1]}" in PICTURES), None)
            text, problem, record = "", "" if ref else "has no picture", None
            if "json" in parts:
                with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError):
                    record = _decode_record(self._get(i, parts["json"]))
            label = next((parts[s] for s in ("txt", "gt.txt", "text", "label", "cls") if s in parts), None)
            if label is not None:
                try:
                    text = self._get(i, label).decode()
                except UnicodeDecodeError:
                    problem = "is not UTF-8"
            elif record is None:
                problem = problem or "has no text (.txt or .json)"
            if record is not None:
                text = text or record.text
                yield Entry(key, text, ref, record.words, record.height, record.width, record.plan, problem)
            else:
                yield Entry(key, text, ref, problem=problem)

    def image(self, ref: tuple[int, tuple[int, int]] | None) -> bytes:
        """The member's bytes."""
        if ref is None:
            raise OSError("there is no picture")
        return self._get(*ref)

    def close(self) -> None:
        """Close the files."""
        for descriptor in self._descriptors:
            os.close(descriptor)


# Parquet

_TEXT_COLUMNS = ("text", "label", "transcription", "caption", "words", "ground_truth")


class ParquetReader:
    """Parquet files with a column of pictures, as Hugging Face `datasets` has it, and one of texts."""

    format = "parquet"

    def __init__(self, path: Path, files: list[Path], manifest: Manifest | None) -> None:
        try:
            import pyarrow as pa
            import pyarrow.parquet as pq
        except ImportError:
            raise InputError(f'{path}: to read it, pyarrow is missing; pip install "synthtext[parquet]"') from None
        self.path, self.manifest, self.unit = path, manifest, _unit(manifest)
        try:
            self._files = [pq.ParquetFile(file) for file in files]
        except (pa.ArrowException, OSError) as error:
            raise InputError(f"{path}: is Parquet that cannot be read ({str(error).splitlines()[0]})") from None
        schema = self._files[0].schema_arrow
        self._image = self._text = self._record = ""
        for field in schema:
            inner = field.type.field("bytes").type if _has_bytes(pa, field.type) else field.type
            if not self._image and (pa.types.is_binary(inner) or pa.types.is_large_binary(inner)):
                self._image = field.name
        strings = [f.name for f in schema if pa.types.is_string(f.type) or pa.types.is_large_string(f.type)]
        self._text = next((name for name in _TEXT_COLUMNS if name in strings), "")
        if manifest is not None and self._text == "text" and "label" in strings:  # ours: the label record
            self._record = "label"
        if not self._image or not self._text:
            raise InputError(
                f"{path}: has no column of pictures and of texts; its columns are {', '.join(schema.names)}"
            )
        self._held: tuple[int, int] | None = None
        self._column: Any = None

    def __len__(self) -> int:
        return sum(file.metadata.num_rows for file in self._files)

    def entries(self) -> Iterator[Entry]:
        """Row group by row group; the pictures of the group at hand are kept, so that they are read once."""
        columns = [name for name in (self._text, self._record) if name]
        row = 0
        for i, file in enumerate(self._files):
            for group in range(file.num_row_groups):
                table = file.read_row_group(group, columns=columns)
                texts = table.column(self._text).to_pylist()
                records = table.column(self._record).to_pylist() if self._record else [None] * len(texts)
                for k, (text, raw) in enumerate(zip(texts, records, strict=True)):
                    record = _Record()
                    if raw:
                        with contextlib.suppress(msgspec.DecodeError):
                            record = _decode_record(raw)
                    problem = "" if text is not None else "the text is null"
                    yield Entry(
                        f"row {row}",
                        text or "",
                        (i, group, k),
                        record.words,
                        record.height,
                        record.width,
                        record.plan,
                        problem,
                    )
                    row += 1

    def image(self, ref: tuple[int, int, int]) -> bytes:
        """The cell's bytes."""
        i, group, k = ref
        if self._held != (i, group):
            self._column = self._files[i].read_row_group(group, columns=[self._image]).column(self._image)
            self._held = (i, group)
        value = self._column[k].as_py()
        data = value.get("bytes") if isinstance(value, dict) else value
        if not data:
            raise OSError("the cell holds no picture's bytes")
        return bytes(data)

    def close(self) -> None:
        """Close the files."""
        for file in self._files:
            file.close()


def _has_bytes(pa: Any, kind: Any) -> bool:
    return bool(pa.types.is_struct(kind) and kind.get_field_index("bytes") >= 0)
