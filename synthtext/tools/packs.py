"""Packs: a user's fonts or background photographs, checked once, copied, and used by name.

`synthtext fonts add PATH` and `synthtext backgrounds add PATH` take a folder, a file, an archive (zip, tar in any of
its compressions, a Debian .deb, an npm .tgz) or the name of an installed package (npm's below `node_modules`, Debian's
by dpkg). Every file is read once in a probe process (`core/isolated.py`): those that are of use are copied to a folder
of the pack's own, the others are named and left behind, with the reason. A configuration then says `fonts.folders:
[pack:NAME]` or `paint.background.folders: [pack:NAME]`, and a run reads only what has been read before.

    $SYNTHTEXT_HOME/packs/fonts/NAME/...        (default: the user's data folder, ~/.local/share/synthtext)
        pack.json      source, files with SHA-256, families, characters, licence; what was skipped, and why
        manifest.tsv   path, family, tags: what the font catalogue reads
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import stat
import subprocess
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import IO, Any

import msgspec
import uharfbuzz as hb
from msgspec import Struct

from synthtext.core.assets import PACK, PACK_INDEX, PACK_NAME, pack_folder, packs_folder
from synthtext.core.errors import InputError
from synthtext.core.file_index import Entry, keep, probed
from synthtext.core.files import MAX_BYTES, RENAME, Unfit, files_below, is_plain, look, read, shown
from synthtext.core.isolated import Trouble, probe
from synthtext.paint.photographs import PICTURES, SUFFIXES
from synthtext.typeset import fontfiles
from synthtext.typeset.font_config import FONT_STYLES

MAX_FILE = MAX_BYTES  # bytes of a file
MAX_TOTAL = 4 << 30  # bytes that an archive may unpack to
MAX_FILES = 100_000
MAX_RATIO = 100  # bytes that an archive may unpack to, for each of its own,
RATIO_FROM = 64 << 20  # beyond so many

_LICENCE = re.compile(r"(licen[cs]e|copying|copyright|ofl|notice|attribution)[^/]*$", re.IGNORECASE)
_ARCHIVES = (".zip", ".tar", ".tgz", ".tbz2", ".txz", ".tar.gz", ".tar.bz2", ".tar.xz", ".deb")
_MAX_LICENCE = 1 << 20
_OUR_NAMES = frozenset({PACK_INDEX, "manifest.tsv"})
_SCRATCH = ".adding-"
_ABANDONED_S = 86400.0  # where the system has no locks, what is older was left by a run that is no more
_STYLE_WORDS = (
    *("mono", "typewriter", "slab", "condensed", "serif", "sans", "script", "stencil", "rounded", "display"),
    *("bold", "italic"),
)


class PackFile(Struct, frozen=True, omit_defaults=True):
    """A file of a pack. `families`, `characters` (of the face that has most), `tags`, `licence`: of a font, as its name
    table has it; `width`, `height`: of a picture."""

    path: str
    bytes: int
    sha256: str
    families: tuple[str, ...] = ()
    characters: int = 0
    tags: tuple[str, ...] = ()
    licence: str = ""
    width: int = 0
    height: int = 0


class Pack(Struct, frozen=True):
    """`pack.json`. `skipped`: (path, reason) of what was left behind; `licences`: licence files that came along."""

    name: str
    kind: str
    source: str
    files: tuple[PackFile, ...]
    skipped: tuple[tuple[str, str], ...] = ()
    licences: tuple[str, ...] = ()


# Which packs there are


def installed(kind: str) -> list[Pack]:
    """The packs of a kind, by name; one that cannot be read is left out."""
    found = []
    root = packs_folder(kind)
    for index in sorted(root.glob(f"*/{PACK_INDEX}")) if root.is_dir() else ():
        with contextlib.suppress(OSError, msgspec.DecodeError, UnicodeDecodeError):
            found.append(msgspec.json.decode(index.read_bytes(), type=Pack))
    return found


# What is in a source


def _is_wanted(name: str, kind: str) -> bool:
    suffix = os.path.splitext(name)[1].lower()
    if kind == "fonts":
        return suffix in fontfiles.SUFFIXES | fontfiles.UNSUPPORTED
    return suffix in SUFFIXES


def _is_taken(name: str, kind: str) -> bool:
    hidden = any(part.startswith((".", "__MACOSX")) and part != ".." for part in PurePosixPath(name).parts)
    return not hidden and (_is_wanted(name, kind) or bool(_LICENCE.search(name)))


class _Unpacker:
    """Writes members of archives and files of folders below `root`, within bounds."""

    def __init__(self, root: Path, kind: str) -> None:
        self._root = root
        self._kind = kind
        self._total = 0
        self._files = 0
        self.skipped: list[tuple[str, str]] = []

    def skip(self, name: str, reason: str) -> None:
        """Leave a file behind."""
        self.skipped.append((shown(name), reason))

    def wants(self, name: str) -> bool:
        """Whether a file of that name is taken at all."""
        return _is_taken(name, self._kind)

    def count(self, size: int, archive: Path, packed: int) -> None:
        """One more member of an archive of `packed` bytes, taken or not: its cost is bounded before it is unpacked."""
        self._total += size
        self._files += 1
        if self._total > MAX_TOTAL or self._files > MAX_FILES:
            raise InputError(
                f"{shown(archive)}: unpacks to more than {MAX_TOTAL >> 30} GiB or {MAX_FILES:,} files; unpack it "
                "yourself and add the folder that is needed"
            )
        if self._total > RATIO_FROM + MAX_RATIO * packed:
            raise InputError(
                f"{shown(archive)}: unpacks to more than {MAX_RATIO} times its size, as no fonts or pictures do; "
                "unpack it yourself and add the folder that is needed"
            )

    def take(self, name: str, size: int, open_file: Callable[[], IO[bytes] | None]) -> None:
        """Copy one file, if it is of use."""
        name = name.replace("\\", "/").removeprefix("./")
        if not _is_taken(name, self._kind):
            return
        if not is_plain(name):
            self.skip(name, RENAME)
            return
        path = PurePosixPath(name)
        if path.parts[0] in _OUR_NAMES:
            self.skip(name, "has a name that a pack needs for itself")
            return
        if path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:", name) or "\0" in name:
            self.skip(name, "its path leads out of the archive")
            return
        limit = MAX_FILE if _is_wanted(name, self._kind) else _MAX_LICENCE
        if size > limit:
            self.skip(name, f"has {size >> 20} MB, more than {limit >> 20}")
            return
        target = self._root / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            source = open_file()
            if source is None:
                return
            with source, open(target, "wb") as file:
                # The size that an archive tells may be a lie.
                left = limit + 1
                while left > 0 and (block := source.read(min(1 << 20, left))):
                    file.write(block)
                    left -= len(block)
        except (OSError, EOFError, zipfile.BadZipFile, tarfile.TarError, RuntimeError, NotImplementedError) as error:
            _drop(target)
            self.skip(name, f"cannot be unpacked ({error})")
            return
        except Exception as error:  # zlib.error, lzma.LZMAError: whatever a decompressor makes of damaged bytes
            _drop(target)
            self.skip(name, f"cannot be unpacked ({type(error).__name__}: {error})")
            return
        if left <= 0:
            target.unlink()
            self.skip(name, f"unpacks to more than {limit >> 20} MB")


def _drop(path: Path) -> None:
    with contextlib.suppress(OSError):  # a name too long, or below one that is a file
        path.unlink()


def _unpack_zip(path: Path, unpacker: _Unpacker) -> None:
    packed = path.stat().st_size
    with zipfile.ZipFile(path) as archive:
        members = [
            member
            for member in archive.infolist()
            if not member.is_dir() and not stat.S_ISLNK(member.external_attr >> 16)
        ]
        for member in members:  # its directory tells what it holds, so that nothing is unpacked in vain
            unpacker.count(member.file_size if unpacker.wants(member.filename) else 0, path, packed)
        for member in members:
            unpacker.take(member.filename, member.file_size, lambda m=member: archive.open(m))  # type: ignore[misc]


def _unpack_tar(file: IO[bytes] | None, path: Path, unpacker: _Unpacker) -> None:
    packed = path.stat().st_size
    with tarfile.open(path if file is None else None, "r:*", fileobj=file) as archive:
        for member in archive:
            unpacker.count(member.size, path, packed)
            if member.isfile():
                unpacker.take(member.name, member.size, lambda m=member: archive.extractfile(m))  # type: ignore[misc]


def _unpack_deb(path: Path, unpacker: _Unpacker) -> None:
    """The member data.tar.* of an ar archive (deb(5))."""
    with open(path, "rb") as file:
        if file.read(8) != b"!<arch>\n":
            raise tarfile.ReadError("it is no ar archive")
        while len(header := file.read(60)) == 60:
            name, size = header[:16].decode("ascii", "replace").strip().rstrip("/"), int(header[48:58])
            if name.startswith("data.tar"):
                if name.endswith(".zst"):
                    raise tarfile.ReadError("it is compressed with zstd; unpack it with dpkg-deb -x")
                if size > MAX_TOTAL:
                    raise tarfile.ReadError("it is too large")
                _unpack_tar(io.BytesIO(file.read(size)), path, unpacker)
                return
            file.seek(size + size % 2, os.SEEK_CUR)
    raise tarfile.ReadError("it has no data.tar")


def _collect(source: str, kind: str, unpacker: _Unpacker) -> str:
    """Copy what a source holds; gives the name of a pack made of it."""
    path = Path(source).expanduser()
    if path.is_dir():
        _copy_folder(path, unpacker)
        return path.resolve().name
    if path.is_file():
        if path.name.lower().endswith(_ARCHIVES):
            try:
                if path.suffix.lower() == ".zip":
                    _unpack_zip(path, unpacker)
                elif path.suffix.lower() == ".deb":
                    _unpack_deb(path, unpacker)
                else:
                    _unpack_tar(None, path, unpacker)
            except (OSError, EOFError, ValueError, zipfile.BadZipFile, tarfile.TarError) as error:
                if isinstance(error, InputError):
                    raise
                raise InputError(f"{shown(path)}: cannot be unpacked ({error}); fetch it again, or unpack it") from None
            stem = re.sub(r"(\.tar)?\.[A-Za-z0-9]+$", "", path.name)
            return stem.split("_")[0] if path.suffix.lower() == ".deb" else stem
        _copy([(path.name, path)], unpacker)
        return path.stem
    folder = _node_package(source)
    if folder is not None:
        _copy_folder(folder, unpacker)
        return source.rsplit("/", 1)[-1]
    files = _debian_package(source)
    if files is None:
        raise InputError(
            f"{shown(source)}: is no folder, file or archive here, and no installed package of npm or Debian; "
            "give a path, or install it first"
        )
    _copy(files, unpacker)
    return source


def _copy_folder(root: Path, unpacker: _Unpacker) -> None:
    listing = files_below(root, unpacker.wants)
    for path, reason in listing.left_out:
        unpacker.skip(os.path.relpath(path, root), reason)
    _copy([(name, Path(found.path)) for name, found in listing.files.items()], unpacker)


def _copy(files: Sequence[tuple[str, Path]], unpacker: _Unpacker) -> None:
    for name, path in files:
        try:
            size = look(path).size
        except Unfit as error:
            unpacker.skip(name, str(error))
            continue
        unpacker.take(name, size, lambda p=path: p.open("rb"))  # type: ignore[misc]


def _node_package(name: str) -> Path | None:
    """The folder of an installed package of npm, below the nearest `node_modules`; None where there is none."""
    if re.fullmatch(r"(@[a-z0-9._~-]+/)?[a-z0-9._~-]+", name) and ".." not in name:
        for folder in (Path.cwd(), *Path.cwd().parents):
            package = folder / "node_modules" / name
            if package.is_dir():
                return package
    return None


def _debian_package(name: str) -> list[tuple[str, Path]] | None:
    """The files of an installed package of Debian; None where there is none."""
    if re.fullmatch(r"[a-z0-9][a-z0-9+.-]+", name) and shutil.which("dpkg-query"):
        done = subprocess.run(["dpkg-query", "-L", name], capture_output=True, text=True, check=False, timeout=60)
        if done.returncode == 0:
            paths = [Path(line) for line in done.stdout.splitlines()]
            return [(path.as_posix().lstrip("/"), path) for path in paths if path.is_file()]
    return None


# What a file is: in the probe process


def _probe_font(path: str) -> tuple[Entry[Any], str]:
    """(the catalogue's entry of the file, its licence)."""
    entry = fontfiles.read_entry(path)
    licence = ""
    if not entry.problem:
        face = hb.Face(hb.Blob(read(path)))
        names = hb.OTNameIdPredefined
        said = [" ".join((face.get_name(n) or "").split()) for n in (names.LICENSE, names.LICENSE_URL, names.COPYRIGHT)]
        licence = next((text for text in said if text), "")[:300]
    return entry, licence


# Adding


def _guessed(families: tuple[str, ...], name: str) -> list[str]:
    """Tags after the first, by what a font and its file are called."""
    text = f"{' '.join(families)} {name}".lower()
    words = {word: word for word in _STYLE_WORDS} | {"hand": "handwriting", "narrow": "condensed", "oblique": "italic"}
    found = [tag for word, tag in words.items() if word in text]
    if "sans" in found and "serif" in found:
        found.remove("serif")
    return list(dict.fromkeys(found))


def _sorted_files(root: Path, kind: str) -> tuple[list[str], list[str]]:
    """(files to look at, licence files) below `root`."""
    names = list(files_below(root, lambda name: True).files)
    wanted = [name for name in names if _is_wanted(name, kind)]
    return wanted, [name for name in names if not _is_wanted(name, kind)]


@contextlib.contextmanager
def _scratch(root: Path) -> Iterator[Path]:
    """A folder to unpack into, which goes away at the end; and those that killed runs have left go away before.

    Each is locked by the run that it is of, so that another run knows what nobody needs any more.
    """
    _clear_scratch(root)
    folder = Path(tempfile.mkdtemp(prefix=_SCRATCH, dir=root))
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        lock = _locked(folder)
        if lock is not None:
            stack.callback(os.close, lock)
        yield folder


def _locked(folder: Path) -> int | None:
    """A descriptor that holds the folder's lock; None where another run has it, or the system has no such locks."""
    if os.name != "posix":
        return None
    import fcntl

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _clear_scratch(root: Path) -> None:
    for folder in root.glob(f"{_SCRATCH}*"):
        with contextlib.suppress(OSError):
            lock = _locked(folder)
            if lock is not None or time.time() - folder.stat().st_mtime > _ABANDONED_S:
                shutil.rmtree(folder, ignore_errors=True)
            if lock is not None:
                os.close(lock)


def add(kind: str, source: str, name: str = "", style: str = "user", replace: bool = False) -> Pack:
    """Make a pack of a source; see the head of this module. Gives what went in and what was skipped.

    `kind`: fonts or backgrounds. `name`: of the pack (default: the source's). `style`: of fonts, the first tag, by
    which `fonts.styles` weighs them. `replace`: put it in the place of a pack of that name. Raises InputError for a
    source that is not there or holds nothing of use, and a name that is taken.
    """
    if style not in FONT_STYLES:
        raise InputError(f"--style {style}: unknown; the styles are {', '.join(FONT_STYLES)}")
    root = packs_folder(kind)
    with contextlib.ExitStack() as stack:
        try:
            root.mkdir(parents=True, exist_ok=True)
            scratch = stack.enter_context(_scratch(root))
        except OSError as error:
            raise InputError(
                f"{root}: cannot be written ({error.strerror}); set SYNTHTEXT_HOME to another folder"
            ) from None
        try:
            return _add(kind, source, name, style, replace, root, scratch)
        except OSError as error:
            raise InputError(f"{shown(error.filename or root)}: cannot be written: {error.strerror}") from None


def _add(kind: str, source: str, name: str, style: str, replace: bool, root: Path, scratch: Path) -> Pack:
    unpacked = scratch / "new"
    unpacked.mkdir()
    unpacker = _Unpacker(unpacked, kind)
    suggested = _collect(source, kind, unpacker)
    name = name or re.sub(r"[^A-Za-z0-9._-]+", "-", suggested).strip("-._") or kind
    if not PACK_NAME.fullmatch(name):
        raise InputError(f"--name {name}: give letters, digits, dots, hyphens, underscores, at most 64, a letter first")
    target = root / name
    if target.exists() and not replace:
        raise InputError(f"{PACK}{name}: is there already; give another --name, or --replace it")
    wanted, licences = _sorted_files(unpacked, kind)
    skipped = list(unpacker.skipped)
    files = (_keep_fonts if kind == "fonts" else _keep_pictures)(unpacked, wanted, skipped, style, target)
    if not files:
        why = f"; the first, {skipped[0][0]}, {skipped[0][1]}" if skipped else ""
        raise InputError(f"{shown(source)}: holds no {'font' if kind == 'fonts' else 'picture'} that can be used{why}")
    pack = Pack(name, kind, shown(source), tuple(files), tuple(skipped), tuple(licences))
    (unpacked / PACK_INDEX).write_bytes(msgspec.json.format(msgspec.json.encode(pack), indent=1) + b"\n")
    if target.exists():
        target.rename(scratch / "old")
    unpacked.rename(target)
    return pack


def _keep_fonts(
    root: Path, names: list[str], skipped: list[tuple[str, str]], style: str, target: Path
) -> list[PackFile]:
    """Drop what is no font, write `manifest.tsv`, and put the index that was made into the catalogue's cache."""
    files, entries, seen = [], {}, dict[str, str]()
    replies = probe(_probe_font, [str(root / name) for name in names])
    for name, reply in zip(names, replies, strict=True):
        path = root / name
        reason = reply.reason if isinstance(reply, Trouble) else reply[0].problem
        digest = "" if isinstance(reply, Trouble) else reply[0].sha256
        if not reason and digest in seen:
            reason = f"is the same as {seen[digest]}"
        if isinstance(reply, Trouble) or reason or not reply[0].content:
            skipped.append((name, reason))
            path.unlink()
            continue
        entry, licence = reply
        faces = reply[0].content
        seen[digest] = name
        families = tuple(dict.fromkeys(face.family for face in faces))
        characters = max(sum(face.coverage[1::2]) - sum(face.coverage[::2]) for face in faces)
        tags = (style, *(tag for tag in _guessed(families, name) if tag != style))
        files.append(PackFile(name, path.stat().st_size, digest, families, characters, tags, licence))
        entries[name] = entry
    if not files:
        return []
    clean = str.maketrans("\t\n\r", "   ")
    rows = [("path", "family", "tags", "licence")]
    # Of a collection of several families, each face keeps its own.
    rows += [(f.path, f.families[0] if len(f.families) == 1 else "", ",".join(f.tags), f.licence) for f in files]
    table = "".join("\t".join(cell.translate(clean) for cell in row) + "\n" for row in rows)
    (root / "manifest.tsv").write_text(table, encoding="utf-8")
    fontfiles.remember(target.resolve(), entries)
    return files


def _keep_pictures(
    root: Path, names: list[str], skipped: list[tuple[str, str]], style: str, target: Path
) -> list[PackFile]:
    """Drop what is no picture, and put the index that was made into the library's cache."""
    files, entries, seen = [], {}, dict[str, str]()
    replies = probed(PICTURES, [str(root / name) for name in names])
    for name, reply in zip(names, replies, strict=True):
        path = root / name
        reason = reply.reason if isinstance(reply, Trouble) else reply.problem
        if not isinstance(reply, Trouble) and not reason and reply.sha256 in seen:
            reason = f"is the same as {seen[reply.sha256]}"
        if isinstance(reply, Trouble) or reply.content is None or reason:
            skipped.append((name, reason))
            path.unlink()
            continue
        seen[reply.sha256] = name
        entries[name] = reply
        size = reply.content
        files.append(PackFile(name, path.stat().st_size, reply.sha256, width=size.width, height=size.height))
    keep(PICTURES, target.resolve(), entries)
    return files


def remove(kind: str, name: str) -> None:
    """Take a pack away. Raises InputError where there is none of that name."""
    shutil.rmtree(pack_folder(name, kind))


# What the command line prints


def describe(pack: Pack) -> str:
    """One line."""
    megabytes = sum(file.bytes for file in pack.files) / 1e6
    what = f"{len(pack.files)} pictures"
    if pack.kind == "fonts":
        families = {family for file in pack.files for family in file.families}
        what = f"{len(pack.files)} fonts of {len(families)} families"
    licences = f", {len(pack.licences)} licence files" if pack.licences else ""
    return f"{PACK}{pack.name}  {what}, {megabytes:.1f} MB{licences}, from {pack.source}"


def added_table(pack: Pack) -> str:
    """What `add` did: a line a skipped file with its reason, the pack, and how a configuration names it."""
    key = "fonts.folders" if pack.kind == "fonts" else "paint.background.folders"
    lines = [f"skipped {name}: {reason}" for name, reason in pack.skipped]
    return "\n".join([*lines, describe(pack), f"use it: --set '{key}=[{PACK}{pack.name}]'"])


def packs_table(kind: str) -> str:
    """A line a pack."""
    return "\n".join(describe(pack) for pack in installed(kind)) or f"no packs of {kind} yet: synthtext {kind} add PATH"
