"""Pictures and label files below a folder: bytes of the ones, lines of the others, and where a named picture lies."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from io import BufferedReader, BytesIO
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from synthtext.core.errors import InputError
from synthtext.formats.reading.entries import PICTURES
from synthtext.formats.reading.split_names import are_apart, splits_of, words_of

LOOKED_AT = 500  # names or lines of a list by which it is decided how the list is to be read
_START = 1 << 16  # bytes of a file by which it is seen how its lines end
_SUBFOLDERS = 64  # below a data set's folder, in which named pictures are looked for


def read_bytes(path: Path | str) -> bytes:
    """A regular file's bytes. Raises OSError, also for a pipe or a device, and for a name that no file can have."""
    # Not `open`: of a few kilobytes, its buffering costs as much as the file.
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0))
    except ValueError as error:
        raise OSError(str(error)) from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is no regular file")
        size = status.st_size
        data = os.read(descriptor, size)
        while len(data) < size and (more := os.read(descriptor, size - len(data))):
            data += more
        return data
    finally:
        os.close(descriptor)


def read_labels(path: Path | str) -> bytes:
    """A label file's bytes. Raises InputError where they cannot be had."""
    try:
        return read_bytes(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from None


def is_hidden(name: str) -> bool:
    """Whether a file or folder is a system's own, as `.DS_Store`, `._img_1.jpg` and `__MACOSX`."""
    return name.startswith(".") or name == "__MACOSX"


def files_below(root: str | Path) -> Iterator[tuple[str, str]]:
    """(folder, name) of each file below a folder that is not hidden, in order; the folder as a path, "" for none.

    Links to folders elsewhere are followed, each once.
    """
    seen = {os.path.join(os.path.realpath(root), "")}
    for folder, subfolders, names in os.walk(root, followlinks=True):
        kept = (name for name in subfolders if not is_hidden(name) and _is_new(os.path.join(folder, name), seen))
        subfolders[:] = sorted(kept)
        below = os.path.relpath(folder, root).replace(os.sep, "/")
        for name in sorted(names):
            if not is_hidden(name):
                yield "" if below == "." else below, name


def _is_new(path: str, seen: set[str]) -> bool:
    """Whether a folder is no link, or one to a folder that is none of `seen`, nor in or about one; it is added."""
    if not os.path.islink(path):
        return True
    real = os.path.join(os.path.realpath(path), "")
    if any(real.startswith(other) or other.startswith(real) for other in seen):
        return False
    seen.add(real)
    return True


def shown(name: str) -> str:
    """A file's name as it can be printed, whatever its bytes are."""
    return name.encode(errors="surrogateescape").decode(errors="replace")


def is_picture(name: str) -> bool:
    """Whether a name ends as that of a picture."""
    return os.path.splitext(name)[1].lower() in PICTURES


class PictureFiles:
    """Pictures that are files below a folder; `ref` is the path below it. No label leads out of the folder."""

    def __init__(self, root: Path) -> None:
        self.path = root
        self._inside = os.path.realpath(root)

    def image(self, ref: str | None) -> bytes:
        """The file's bytes."""
        if ref is None:
            raise OSError("there is no picture")
        full = os.path.join(self._inside, ref)
        if ".." in ref or os.path.isabs(ref):
            full = os.path.normpath(full)
            if not full.startswith(self._inside + os.sep):
                raise OSError(f"the label leads out of the data set's folder: {ref}")
        return read_bytes(full)

    def close(self) -> None:
        """Nothing is open."""


class Place(NamedTuple):
    """Where the pictures of a list lie: `skip` folders of a name are left out, then `before` stands before it.

    `suffixes`: of names without a picture's suffix, the whole path, where one is there; None where all names have one.
    """

    before: str = ""
    skip: int = 0
    suffixes: dict[str, str] | None = None
    found: int = 0

    def path(self, name: str) -> str:
        """The picture's path below the data set's folder."""
        name = name.replace("\\", "/").removeprefix("./")
        if self.skip:
            name = name.partition("/")[2] or name
        path = self.before + name
        return self.suffixes.get(path, path) if self.suffixes else path


def find_place(root: Path, names: Iterable[str], labels: Path) -> Place:
    """Where most of the named pictures are: in the folder, in one below it, or, where the names begin with the folder's
    own (PPOCRLabel writes them so), without it; with `found`, how many of those looked at there are.

    `labels`: the file that names them. One of a split, such as `val.tsv`, is never about pictures in the folder of
    another, and sooner about those in a folder of its own. Raises InputError where it could as well be about those of
    one split as of another.
    """
    looked = list(islice((name for name in names if name), LOOKED_AT))
    splits = splits_of(words_of(os.path.relpath(labels, root)))
    folders = [(folder, splits_of(words_of(folder))) for folder in _folders_below(root)]
    folders = [(folder, others) for folder, others in folders if not are_apart(splits, others)]
    folders.sort(key=lambda item: not splits & item[1])
    best, own = Place(), splits
    for before, others in (("", splits), *folders):
        for skip in (0, 1) if not before else (0,):
            if skip and not all(name.startswith(root.resolve().name + "/") for name in looked):
                continue
            bare = Place(before, skip)
            place = bare._replace(suffixes=_without_suffix(root, [bare.path(name) for name in looked]))
            found = sum(os.path.isfile(os.path.join(root, place.path(name))) for name in looked)
            if found and found == best.found and are_apart(own, others):
                raise InputError(
                    f"{labels}: its pictures are in {best.before} and in {before}, of two splits; "
                    "move it into the folder that it is about, or name the split in its own name"
                )
            if found > best.found:
                best, own = place._replace(found=found), others
            if looked and best.found == len(looked) and (splits or not own):
                return best
    return best


def _folders_below(root: Path) -> list[str]:
    """Folders in a folder and in those, at most a few, the likely first."""
    found: list[str] = []
    for depth, parents in ((0, [""]), (1, found)):
        for parent in list(parents):
            try:
                with os.scandir(root / parent) as listing:
                    names = sorted(e.name for e in listing if not is_hidden(e.name) and e.is_dir())
            except OSError:
                continue
            found += [f"{parent}{name}/" for name in names[:_SUBFOLDERS]]
            if len(found) >= _SUBFOLDERS:
                break
        if depth == 0:
            found.sort(key=lambda name: (not name.startswith(("images", "image", "imgs", "img")), name))
    return found[:_SUBFOLDERS]


def _without_suffix(root: Path, paths: Sequence[str]) -> dict[str, str] | None:
    """The pictures in the folders of some paths by their paths without suffix, where one alone has it; None where all
    paths have a suffix."""
    if all(is_picture(path) for path in paths):
        return None
    listed: list[str] = []
    for folder in sorted({path.rpartition("/")[0] for path in paths})[:_SUBFOLDERS]:
        if not os.path.isabs(folder) and ".." not in folder:
            with contextlib.suppress(OSError, ValueError):
                found = (name for name in os.listdir(root / folder) if is_picture(name) and not is_hidden(name))
                listed += [f"{folder}/{name}".removeprefix("/") for name in found]
    often = Counter(os.path.splitext(path)[0] for path in listed)
    return {stem: path for path in listed if often[stem := os.path.splitext(path)[0]] == 1}


def lines_of(path: Path) -> Iterator[tuple[int, str | None]]:
    """(number, line) of a text file, without its end and a byte order mark; None for one that is not UTF-8."""
    try:
        with open(path, "rb") as file:
            for number, line in enumerate(lines_in(file), 1):
                try:
                    yield number, line.rstrip(b"\r\n").decode().removeprefix("\ufeff")
                except UnicodeDecodeError:
                    yield number, None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from None


def lines_in(file: BufferedReader) -> Iterable[bytes]:
    """The lines of a file at its beginning. They end with a line feed, or with a carriage return where none has one.

    Raises InputError for UTF-16.
    """
    start = file.peek(_START)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(f"{file.name}: is UTF-16; save it as UTF-8")
    if b"\n" in start or b"\r" not in start:
        return file
    data = file.read()
    return data.splitlines(True) if b"\n" not in data else BytesIO(data)


def count_lines(path: Path) -> int:
    """How many lines that are not blank a file has."""
    with open(path, "rb") as file:
        return Counter(map(bytes.isspace, lines_in(file)))[False]
