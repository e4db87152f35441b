"""Font files: read once, in a probe process, and what was found kept in a cache on disk, so that a start takes
milliseconds.

`manifest.tsv` in a font folder (the starter set has one, a user's folder may) is a table with a header, separated by
tabs; the columns `path`, `family` and `tags` are used. The first tag is the font's style, one of `config.FONT_STYLES`.
"""

from __future__ import annotations

import hashlib
import logging
import os
import struct
import tempfile
import unicodedata
from bisect import bisect_right
from pathlib import Path

import msgspec
import uharfbuzz as hb
from msgspec import Struct

from synthtext.assets import cache_folder
from synthtext.config import FONT_STYLES
from synthtext.errors import InputError
from synthtext.probe import Trouble, probe
from synthtext.typeset.charmap import covered_by, narrowed, runs

#: Raised when the index would come out differently for the same file: older caches are then left aside.
INDEX_VERSION = f"2/{hb.__version__}"

_LOG = logging.getLogger("synthtext")
SUFFIXES = {".ttf", ".otf", ".ttc", ".otc"}
UNSUPPORTED = {".woff", ".woff2", ".pfb", ".pfa", ".pcf", ".bdf", ".dfont", ".eot"}
_MAGIC = {b"\x00\x01\x00\x00", b"OTTO", b"true", b"ttcf"}


class FontFace(Struct, frozen=True):
    """One face of one font file: plain data, so that it pickles and forks well.

    `id`: stable across machines: of the starter set the path below `fonts/`, of a user's folder its name and the path
    below it; "#2" and so on for further faces of a collection. `path`, `index`: the file, and the face in it.
    `tags`: the first is the style. `axes`: of a variable font, (tag, lowest, default, highest).
    `ascender`, `descender` (negative), `cap_height`, `x_height`: in em, y upward, heights as measured on H and x.
    `coverage`: rising code points; those from an even-numbered entry to just before the next are covered.
    """

    id: str
    path: str
    index: int
    family: str
    tags: tuple[str, ...]
    axes: tuple[tuple[str, float, float, float], ...]
    units_per_em: int
    ascender: float
    descender: float
    cap_height: float
    x_height: float
    coverage: tuple[int, ...]

    @property
    def style(self) -> str:
        """The first tag."""
        return self.tags[0]

    def covers(self, code_point: int) -> bool:
        """Whether the font draws this character, and draws it as itself."""
        return bisect_right(self.coverage, code_point) % 2 == 1


# Reading a file


class _Unusable(Exception):
    """Why a file is no use as a font."""


class _Indexed(Struct, frozen=True, array_like=True):
    """What was found out about one face of a file: all of a `FontFace` but where it lies."""

    index: int
    family: str
    axes: tuple[tuple[str, float, float, float], ...]
    units_per_em: int
    ascender: float
    descender: float
    cap_height: float
    x_height: float
    coverage: tuple[int, ...]


def _check_whole(data: bytes) -> None:
    """Raise _Unusable unless the bytes are an OpenType file or collection all of whose tables are there."""
    if not data:
        raise _Unusable("is empty")
    if data[:4] not in _MAGIC:
        raise _Unusable("is not a TrueType or OpenType font")
    try:
        starts = [0]
        if data[:4] == b"ttcf":
            (count,) = struct.unpack_from(">I", data, 8)
            starts = list(struct.unpack_from(f">{min(count, 256)}I", data, 12))
        for start in starts:
            (tables,) = struct.unpack_from(">H", data, start + 4)
            for i in range(tables):
                offset, length = struct.unpack_from(">II", data, start + 12 + 16 * i + 8)
                if offset + length > len(data):
                    raise _Unusable("is cut off: a table reaches beyond the file's end")
    except struct.error:
        raise _Unusable("is cut off in its table directory") from None


def _read_font(path: Path) -> tuple[_Indexed, ...]:
    """Every usable face of the file. Raises _Unusable where there is none."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _Unusable(f"cannot be read: {error.strerror}") from None
    _check_whole(data)
    blob = hb.Blob(data)
    count = struct.unpack_from(">I", data, 8)[0] if data[:4] == b"ttcf" else 1
    faces, reason = [], "has no face"
    for index in range(min(count, 256)):
        try:
            faces.append(_read_face(hb.Face(blob, index), index, path))
        except _Unusable as error:
            reason = str(error)
        except Exception as error:  # whatever a library makes of damaged bytes, one file must not stop the rest
            reason = f"cannot be parsed ({type(error).__name__})"
    if not faces:
        raise _Unusable(reason)
    return tuple(faces)


def _read_face(face: hb.Face, index: int, path: Path) -> _Indexed:
    tables = set(face.table_tags)
    if not tables & {"glyf", "CFF ", "CFF2"}:
        if tables & {"CBDT", "EBDT", "sbix", "SVG ", "bdat"}:
            raise _Unusable("holds bitmaps or pictures, and no outlines")
        raise _Unusable("has no outlines")
    if not face.unicodes:
        raise _Unusable("maps no characters (its cmap table is missing or damaged)")
    font = hb.Font(face)
    covered = covered_by(face, font)
    if not any(unicodedata.category(chr(p))[0] in "LN" for p in covered):
        raise _Unusable("draws no letter and no digit (is it a font of symbols?)")
    em = face.upem
    extents = font.get_font_extents("ltr")

    def top(characters: str, otherwise: float) -> float:
        for c in characters:
            glyph = font.get_nominal_glyph(ord(c)) if ord(c) in covered else None
            if glyph and (box := font.get_glyph_extents(glyph)) and box.y_bearing > 0:
                return float(box.y_bearing / em)
        return otherwise

    ascender, descender = extents.ascender / em, extents.descender / em
    cap_height = top("HEZI08", 0.7)
    if not (0.2 < ascender < 4 and -4 < descender < 0.5):  # nonsense in hhea and OS/2: take what the ink says
        ascender, descender = max(cap_height, top("bdlf", 0.75)), -0.25
    return _Indexed(
        index=index,
        family=(face.get_name(hb.OTNameIdPredefined.TYPOGRAPHIC_FAMILY) or "").strip()
        or (face.get_name(hb.OTNameIdPredefined.FONT_FAMILY) or "").strip()
        or path.stem,
        axes=tuple((a.tag, a.min_value, a.default_value, a.max_value) for a in face.axis_infos),
        units_per_em=em,
        ascender=round(ascender, 5),
        descender=round(descender, 5),
        cap_height=round(cap_height, 5),
        x_height=round(top("xzvu", 0.7 * cap_height), 5),
        coverage=runs(covered),
    )


# The index of a folder, cached


class _Entry(Struct, frozen=True, array_like=True):
    """A file as it was when it was read: `problem` says why it is of no use, "" where it is."""

    size: int
    mtime_ns: int
    faces: tuple[_Indexed, ...]
    problem: str


class _Cache(Struct, frozen=True, array_like=True):
    version: str
    entries: dict[str, _Entry]


def _cache_file(root: Path) -> Path | None:
    folder = cache_folder()
    return folder and folder / f"fonts-{hashlib.sha256(os.fsencode(root)).hexdigest()[:20]}.msgpack"


def _load_cache(file: Path | None) -> dict[str, _Entry]:
    try:
        cache = msgspec.msgpack.decode(file.read_bytes() if file else b"", type=_Cache)
    except (OSError, msgspec.DecodeError):  # absent, or from something else: made anew
        return {}
    return cache.entries if cache.version == INDEX_VERSION else {}


def _save_cache(file: Path | None, entries: dict[str, _Entry]) -> None:
    """Written beside and moved into place, so that no other process reads half of it. No cache is no error."""
    if file is None:
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as part:
                part.write(msgspec.msgpack.encode(_Cache(INDEX_VERSION, entries)))
            os.replace(name, file)
        except OSError:
            os.unlink(name)
    except OSError:
        pass


def _font_files(root: Path) -> dict[str, os.stat_result]:
    """Every file below `root` that bears a font's suffix, by its relative path with forward slashes, sorted."""
    if root.is_file():
        return {root.name: root.stat()}
    found = {}
    for folder, _, names in os.walk(root, followlinks=True):
        for name in names:
            if os.path.splitext(name)[1].lower() in SUFFIXES | UNSUPPORTED and not name.startswith("."):
                path = os.path.join(folder, name)
                try:
                    found[os.path.relpath(path, root).replace(os.sep, "/")] = os.stat(path)
                except OSError:  # a dangling link
                    _name_once(path, "cannot be read: it is a link to nothing")
    return dict(sorted(found.items()))


def _index(root: Path, ours: bool) -> dict[str, tuple[_Indexed, ...]]:
    """The usable faces of each font file below `root` (or of the file `root`); the others are named and left out.

    Files that are not `ours` are read for the first time in a probe process: one that crashes its parser is left out.
    """
    file = _cache_file(root)
    cached = _load_cache(file)
    base = root.parent if root.is_file() else root
    stats = _font_files(root)
    entries = {
        name: entry
        for name, entry in cached.items()
        if name in stats and (entry.size, entry.mtime_ns) == (stats[name].st_size, stats[name].st_mtime_ns)
    }
    new = [name for name in stats if name not in entries]
    paths = [base / name for name in new]
    passing = []
    for name, reply in zip(new, map(read_entry, paths) if ours else probe(read_entry, paths), strict=True):
        if isinstance(reply, Trouble):
            passing += [name] if reply.passing else []
            reply = _Entry(stats[name].st_size, stats[name].st_mtime_ns, (), reply.reason)
        entries[name] = reply
    entries = {name: entries[name] for name in stats}
    for name, entry in entries.items():
        if entry.problem:
            _name_once(str(base / name), entry.problem)
    lasting = {name: entry for name, entry in entries.items() if name not in passing}
    if lasting != cached:
        _save_cache(file, lasting)
    return {name: entry.faces for name, entry in entries.items() if entry.faces}


def remember(root: Path, entries: dict[str, _Entry]) -> None:
    """Keep what was found out about the font files of the folder `root`, so that they are not read again."""
    _save_cache(_cache_file(root), entries)


def read_entry(path: Path) -> _Entry:
    """What a font file holds, or why it is of no use."""
    stat = path.stat()
    faces: tuple[_Indexed, ...] = ()
    problem = ""
    if path.suffix.lower() in UNSUPPORTED:
        problem = f"is a {path.suffix[1:]} file, which is not read; convert it to .ttf or .otf"
    else:
        try:
            faces = _read_font(path)
        except _Unusable as error:
            problem = str(error)
    return _Entry(stat.st_size, stat.st_mtime_ns, faces, problem)


_named: set[str] = set()


def _name_once(path: str, problem: str) -> None:
    if path not in _named:
        _named.add(path)
        _LOG.warning("font file %s %s; it is left out", path, problem)


def _read_manifest(root: Path) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Path to (family, tags), from the folder's manifest.tsv; empty where it has none."""
    path = root / "manifest.tsv"
    if not path.is_file():
        return {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        header = lines[0].split("\t")
        columns = [header.index(name) for name in ("path", "family", "tags")]
        rows = [line.split("\t") for line in lines[1:] if line]
        result = {}
        for row in rows:
            name, family, tags = (row[i] for i in columns)
            result[name] = (family, tuple(tag.strip() for tag in tags.split(",") if tag.strip()))
    except (OSError, UnicodeDecodeError, ValueError, IndexError):
        raise InputError(
            f"{path}: must be a table in UTF-8, separated by tabs, with columns path, family, tags; mend or remove it"
        ) from None
    for name, (_, styles) in result.items():
        if not styles or styles[0] not in FONT_STYLES:
            raise InputError(f"{path}: {name}: the first tag must be one of {', '.join(FONT_STYLES)}")
    return result


def faces_below(root: Path, prefix: str, ours: bool = False) -> list[FontFace]:
    manifest = _read_manifest(root) if root.is_dir() else {}
    base = root.parent if root.is_file() else root
    faces = []
    for name, found in _index(root, ours).items():
        family, tags = manifest.get(name, ("", ("user",)))
        for face in found:
            coverage = narrowed(face.coverage, tags)
            number = f"#{face.index + 1}" if face.index else ""
            faces.append(
                FontFace(
                    id=f"{prefix}{name}{number}",
                    path=str(base / name),
                    index=face.index,
                    family=family or face.family,
                    tags=tags,
                    axes=face.axes,
                    units_per_em=face.units_per_em,
                    ascender=face.ascender,
                    descender=face.descender,
                    cap_height=face.cap_height,
                    x_height=face.x_height,
                    coverage=coverage,
                )
            )
    return faces
