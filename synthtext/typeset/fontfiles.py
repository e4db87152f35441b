"""Font files: read once, in a probe process, and what was found kept in an index (`synthtext/index.py`).

`manifest.tsv` in a font folder (the starter set has one, a user's folder may) is a table with a header, separated by
tabs; the columns `path`, `family` and `tags` are used. The first tag is the font's style, one of `config.FONT_STYLES`.
"""

from __future__ import annotations

import hashlib
import logging
import struct
import unicodedata
from bisect import bisect_right
from pathlib import Path

import uharfbuzz as hb
from msgspec import Struct

from synthtext.core.errors import InputError
from synthtext.core.file_index import Entry, Index, Kind, keep, look_up
from synthtext.core.files import Found, Unfit, files_below, has_suffix, look, read, shown
from synthtext.typeset.charmap import covered_by, narrowed, runs
from synthtext.typeset.contours import MAX_CONTOURS, MAX_POINTS
from synthtext.typeset.font_config import FONT_STYLES

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
    `tags`: the first is the style; ISO 15924 codes among them name the scripts that it is meant for. `axes`: of a
    variable font, (tag, lowest, default, highest).
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

    @property
    def scripts(self) -> frozenset[str]:
        """The scripts that the face is meant for, ISO 15924; none for a face of Latin, whatever else it has."""
        return frozenset(tag for tag in self.tags if len(tag) == 4 and tag.istitle())

    def covers(self, code_point: int) -> bool:
        """Whether the font draws this character, and draws it as itself."""
        return bisect_right(self.coverage, code_point) % 2 == 1


# Reading a file


class _Unusable(Exception):
    """Why a file is no use as a font."""


class _Indexed(Struct, frozen=True, array_like=True):
    """What was found out about one face of a file: all of a `FontFace` but where it lies.

    `costly`: how many characters are not covered because their outlines are too costly to draw.
    """

    index: int
    family: str
    axes: tuple[tuple[str, float, float, float], ...]
    units_per_em: int
    ascender: float
    descender: float
    cap_height: float
    x_height: float
    coverage: tuple[int, ...]
    costly: int = 0


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


def _read_font(data: bytes, path: Path) -> tuple[_Indexed, ...]:
    """Every usable face of a file's bytes. Raises _Unusable where there is none."""
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


def _costs(count: int) -> str:
    return (
        f"{count} of its characters have an outline of more than {MAX_POINTS:,} points or {MAX_CONTOURS:,} contours, "
        "or one that overlaps itself too often to be united"
    )


def _read_face(face: hb.Face, index: int, path: Path) -> _Indexed:
    tables = set(face.table_tags)
    if not tables & {"glyf", "CFF ", "CFF2"}:
        if tables & {"CBDT", "EBDT", "sbix", "SVG ", "bdat"}:
            raise _Unusable("holds bitmaps or pictures, and no outlines")
        raise _Unusable("has no outlines")
    if not face.unicodes:
        raise _Unusable("maps no characters (its cmap table is missing or damaged)")
    font = hb.Font(face)
    costly: set[int] = set()
    covered = covered_by(face, font, costly)
    if not any(unicodedata.category(chr(p))[0] in "LN" for p in covered):
        if costly:
            raise _Unusable(f"draws no letter and no digit within bounds: {_costs(len(costly))}")
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
        costly=len(costly),
    )


# The index of a folder


def read_entry(path: str) -> Entry[tuple[_Indexed, ...]]:
    """What a font file holds, or why it is of no use."""
    found = Found(path, 0, 0, 0)
    digest = ""
    try:
        found = look(path)
        if Path(path).suffix.lower() in UNSUPPORTED:
            raise _Unusable(f"is a {Path(path).suffix[1:]} file, which is not read; convert it to .ttf or .otf")
        data = read(path)
        digest = hashlib.sha256(data).hexdigest()
        return Entry(*found[1:], digest, content=_read_font(data, Path(path)))
    except (Unfit, _Unusable) as error:
        return Entry(*found[1:], digest, str(error))


FONTS = Kind("fonts", INDEX_VERSION, Index[tuple[_Indexed, ...]], read_entry)


def _index(root: Path, ours: bool) -> dict[str, tuple[_Indexed, ...]]:
    """The usable faces of each font file below `root` (or of the file `root`); the others are named and left out.

    Files that are not `ours` are read for the first time in a probe process: one that crashes its parser is left out.
    """
    listing = files_below(root, has_suffix(SUFFIXES | UNSUPPORTED))
    entries = look_up(FONTS, root, listing.files, trusted=ours)
    for path, reason in listing.left_out:
        _name_once(path, f"{reason}; it is left out")
    faces = {}
    for name, entry in entries.items():
        path = listing.files[name].path
        if entry.problem:
            _name_once(path, f"{entry.problem}; it is left out")
        if entry.content:
            faces[name] = entry.content
            if costly := sum(face.costly for face in entry.content):
                _name_once(path, f"is used without some characters: {_costs(costly)}")
    return faces


def remember(root: Path, entries: dict[str, Entry[tuple[_Indexed, ...]]]) -> None:
    """Keep what was found out about the font files of the folder `root`, so that they are not read again."""
    keep(FONTS, root, entries)


_named: set[str] = set()


def _name_once(path: str, problem: str) -> None:
    if path not in _named:
        _named.add(path)
        _LOG.warning("font file %s %s", shown(path), problem)


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
