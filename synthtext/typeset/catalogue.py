"""The font catalogue: which fonts there are, which characters each of them truly draws, and the draw of one.

A character counts as covered only where the font's cmap leads to a glyph with ink that is that character: not the
font's ".notdef" box, no placeholder, and no capital in a small letter's place. So a label never says what cannot be
seen. Fonts are read once; what was found is kept in a cache file on disk, so that a start with it takes milliseconds.

`manifest.tsv` in a font folder (the starter set has one, a user's folder may) is a table with a header, separated by
tabs; the columns `path`, `family` and `tags` are used. The first tag is the font's style, one of `config.FONT_STYLES`.
Some tags narrow the coverage, for what cannot be measured: `caps` (small letters are drawn as capitals, so they don't
count), `segment` (of punctuation, only what segments can show) and `digits` (no letters: a seven-segment display).
"""

from __future__ import annotations

import difflib
import hashlib
import itertools
import logging
import os
import statistics
import struct
import sys
import tempfile
import unicodedata
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
import uharfbuzz as hb
from msgspec import Struct

from synthtext import assets
from synthtext.config import FONT_STYLES, NO_SPLIT, FontConfig, SplitConfig
from synthtext.errors import InputError
from synthtext.probe import Trouble, probe
from synthtext.rng import Draws
from synthtext.split import divides, members

Contours = list[list[tuple[float, float]]]
Shape = tuple[tuple[float, float], ...]

#: Raised when the index would come out differently for the same file: older caches are then left aside.
INDEX_VERSION = f"1/{hb.__version__}"

_LOG = logging.getLogger("synthtext")
SUFFIXES = {".ttf", ".otf", ".ttc", ".otc"}
UNSUPPORTED = {".woff", ".woff2", ".pfb", ".pfa", ".pcf", ".bdf", ".dfont", ".eot"}
_MAGIC = {b"\x00\x01\x00\x00", b"OTTO", b"true", b"ttcf"}
_TRIES = 4  # draws by weight before one among the fonts that cover the text


# What a font is, and what is drawn


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


class FontRecord(Struct, frozen=True):
    """Which font a text is set in. `variation`: (axis tag, value) of the axes that are drawn from; the rest default."""

    face: str
    variation: tuple[tuple[str, float], ...] = ()


# Outlines, as far as coverage needs them


def _move(x: float, y: float, contours: Contours) -> None:
    contours.append([(x, y)])


def _line(x: float, y: float, contours: Contours) -> None:
    contours[-1].append((x, y))


def _quadratic_hull(bx: float, by: float, x: float, y: float, contours: Contours) -> None:
    contours[-1] += ((bx, by), (x, y))


def _cubic_hull(bx: float, by: float, cx: float, cy: float, x: float, y: float, contours: Contours) -> None:
    contours[-1] += ((bx, by), (cx, cy), (x, y))


def _quadratic(bx: float, by: float, x: float, y: float, contours: Contours) -> None:
    ax, ay = contours[-1][-1]
    for t in (0.25, 0.5, 0.75, 1.0):
        a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t * t
        contours[-1].append((a * ax + b * bx + c * x, a * ay + b * by + c * y))


def _cubic(bx: float, by: float, cx: float, cy: float, x: float, y: float, contours: Contours) -> None:
    ax, ay = contours[-1][-1]
    for t in (0.25, 0.5, 0.75, 1.0):
        a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
        contours[-1].append((a * ax + b * bx + c * cx + d * x, a * ay + b * by + c * cy + d * y))


def _draw_funcs(quadratic: Callable[..., None], cubic: Callable[..., None]) -> hb.DrawFuncs:
    funcs = hb.DrawFuncs()
    funcs.set_move_to_func(_move)
    funcs.set_line_to_func(_line)
    funcs.set_quadratic_to_func(quadratic)
    funcs.set_cubic_to_func(cubic)
    funcs.set_close_path_func(lambda contours: None)
    return funcs


_HULL = _draw_funcs(_quadratic_hull, _cubic_hull)  # the control polygons: enough to tell outlines apart, and quick
_FLAT = _draw_funcs(_quadratic, _cubic)


def _contours(font: hb.Font, glyph: int, funcs: hb.DrawFuncs) -> Contours:
    contours: Contours = []
    font.draw_glyph(glyph, funcs, contours)
    return contours


def _has_ink(contours: Contours, em: int) -> bool:
    """Whether a contour encloses an area, of more than a hair: 1/100,000 of the em square."""
    for contour in contours:
        area = 0.0
        ax, ay = contour[-1]
        for bx, by in contour:
            area += ax * by - bx * ay
            ax, ay = bx, by
        if abs(area) > 2e-5 * em * em:
            return True
    return False


def _shape_of(contours: Contours) -> Shape:
    """The outline as one value, wherever on the line it stands."""
    points = [point for contour in contours for point in contour]
    left = min(points)[0]
    return tuple([(x - left, y) for x, y in points])


_GRID = 16


def _picture(contours: Contours) -> npt.NDArray[np.bool_] | None:
    """The outline's ink at 16 x 16 points of its own bounding box, whatever its size; None where that has no area."""
    edges = np.concatenate([np.hstack([points, np.roll(points, -1, 0)]) for points in map(np.array, contours)])
    low, high = edges.reshape(-1, 2).min(0), edges.reshape(-1, 2).max(0)
    if (high - low).min() <= 0:
        return None
    edges = (edges - np.tile(low, 2)) / np.tile(high - low, 2) * _GRID
    y = np.arange(_GRID)[:, None] + 0.5
    up = (edges[:, 1] <= y) & (edges[:, 3] > y)
    down = (edges[:, 3] <= y) & (edges[:, 1] > y)
    row, i = np.nonzero(up | down)
    x = edges[i, 0] + (y[row, 0] - edges[i, 1]) * (edges[i, 2] - edges[i, 0]) / (edges[i, 3] - edges[i, 1])
    column = np.clip(np.ceil(x - 0.5), 0, _GRID).astype(np.int64)
    turns = np.bincount(row * (_GRID + 1) + column, np.where(up[row, i], 1, -1), _GRID * (_GRID + 1))
    ink: npt.NDArray[np.bool_] = turns.reshape(_GRID, _GRID + 1).cumsum(1)[:, :_GRID] != 0
    return ink


# Which characters a font draws as themselves

# Small letters that differ from their capitals in form, per script: where they don't, the font has no small letters.
_PROBES = {"LATIN": "abdefghijlmnqrt", "GREEK": "αβγδεζημνξρυω", "CYRILLIC": "аберуф"}
# Letters whose small form may be a small capital: nobody could tell them by form alone.
_NATURAL = frozenset("ckopsuvwxyzijſ" + "ιικοπρστυφχψθ" + "вгджзийклмнопстхцчшщъыьэюяђћіїјљњќѕғқңһ")
_SAME_AS = 0.85  # overlap (intersection over union) of the pictures: fonts with small letters stay below 0.8
_COPY = 0.97
# Characters that may share an outline: each is drawn as the other in fonts that mean no harm.
_TWINS = ({"0", "O"}, {"1", "I", "l"})


# Format characters that are drawn all the same: Arabic, Syriac and Kaithi number and section signs.
_VISIBLE_FORMATS = frozenset(map(chr, (*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD)))


def _script(c: str) -> str:
    return unicodedata.name(c, "?").split(" ", 1)[0]


def _is_small(c: str) -> bool:
    return unicodedata.category(c) == "Ll"


def _false_small(font: hb.Font, glyphs: dict[int, int], points: dict[int, int]) -> set[int]:
    """The code points whose small letter is drawn as its capital, so that the label would be false.

    `glyphs`: code point to glyph. `points`: glyph to how many points its outline has.
    """
    pictures: dict[int, npt.NDArray[np.bool_] | None] = {}

    def picture(glyph: int) -> npt.NDArray[np.bool_] | None:
        if glyph not in pictures:
            pictures[glyph] = _picture(_contours(font, glyph, _FLAT))
        return pictures[glyph]

    def overlap(c: str) -> float | None:
        upper = c.upper()
        if len(upper) != 1 or upper == c or ord(c) not in glyphs or ord(upper) not in glyphs:
            return None
        a, b = glyphs[ord(c)], glyphs[ord(upper)]
        if a == b:
            return 1.0
        x, y = picture(a), picture(b)
        return None if x is None or y is None else float((x & y).sum() / max(1, (x | y).sum()))

    def height(c: str) -> float:
        return abs(float(font.get_glyph_extents(glyphs[ord(c)]).height))

    def is_copy(c: str) -> bool:
        upper = c.upper()
        if len(upper) != 1 or ord(upper) not in glyphs:
            return False
        a, b = glyphs[ord(c)], glyphs[ord(upper)]
        if a == b:
            return True
        if points[a] != points[b] or unicodedata.decomposition(c):  # a copy has as many points, at any scale
            return False
        if c in _NATURAL and height(c) < 0.98 * height(upper):
            return False
        value = overlap(c)
        return value is not None and value >= _COPY

    unicase: dict[str, bool] = {}
    for script, probes in _PROBES.items():
        found = [value for value in map(overlap, probes) if value is not None]
        if len(found) >= 4:
            unicase[script] = statistics.median(found) >= _SAME_AS
    false = set()
    for code_point in glyphs:
        c = chr(code_point)
        if not _is_small(c):
            continue
        if unicase.get(_script(c), unicase.get("LATIN", False)) or is_copy(c):
            false.add(code_point)
    # An accented letter is as false as its base.
    return false | {p for p in glyphs if (b := ord(unicodedata.normalize("NFD", chr(p))[0])) != p and b in false}


def _twins(shapes: dict[int, Shape]) -> set[int]:
    """ASCII letters that are drawn as another letter or digit is, as S is as 5 on a seven-segment display."""
    first: dict[Shape, str] = {}
    false = set()
    for c in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz":
        shape = shapes.get(ord(c))
        if shape is None:
            continue
        other = first.setdefault(shape, c)
        if other != c and not any({c, other} <= group for group in _TWINS) and other != c.upper():
            false.add(ord(c))
    return false


def _covered(face: hb.Face, font: hb.Font) -> set[int]:
    """The code points that the face draws as themselves."""
    em = face.upem
    notdef = _contours(font, 0, _HULL)
    coloured = face.has_color_layers or face.has_color_paint
    points: dict[int, int] = {}

    def count(glyph: int) -> int:
        """How many points the outline of a glyph has; 0 where the glyph doesn't count."""
        found = points.get(glyph)
        if found is None:
            contours = _contours(font, glyph, _HULL)
            found = sum(map(len, contours)) if _has_ink(contours, em) else 0
            if found and notdef and list(map(len, contours)) == list(map(len, notdef)):
                found = 0 if _shape_of(contours) == _shape_of(notdef) else found
            if coloured and _is_coloured(face, glyph):
                found = 0
            points[glyph] = found
        return found

    covered: dict[int, int] = {}
    blanks: set[int] = set()
    letters: defaultdict[int, set[str]] = defaultdict(set)
    for code_point in face.unicodes:
        category = unicodedata.category(chr(code_point))
        if category[0] == "C" and chr(code_point) not in _VISIBLE_FORMATS:
            continue  # controls, formats, private use, surrogates, unassigned
        glyph = font.get_nominal_glyph(code_point)
        if not glyph:
            continue
        if category == "Zs":
            if not count(glyph):
                blanks.add(code_point)
        elif count(glyph):
            covered[code_point] = glyph
            if category[0] == "L":
                letters[glyph].add(unicodedata.normalize("NFKC", chr(code_point)).casefold())
    placeholders = {glyph for glyph, meant in letters.items() if len(meant) > 6}
    covered = {p: glyph for p, glyph in covered.items() if glyph not in placeholders}
    if 0x20 in blanks:
        blanks.add(0xA0)  # HarfBuzz takes the space where a font has no no-break space
    shapes = {p: _shape_of(_contours(font, glyph, _HULL)) for p, glyph in covered.items() if p < 0x80}
    return (covered.keys() | blanks) - _false_small(font, covered, points) - _twins(shapes)


def _is_coloured(face: hb.Face, glyph: int) -> bool:
    return bool(face.glyph_has_color_paint(glyph) or face.get_glyph_color_layers(glyph))


def _runs(code_points: Iterable[int]) -> tuple[int, ...]:
    """Code points as `FontFace.coverage` has them."""
    result: list[int] = []
    for p in sorted(code_points):
        if result and result[-1] == p:
            result[-1] = p + 1
        else:
            result += (p, p + 1)
    return tuple(result)


def _points(coverage: Sequence[int]) -> Iterable[int]:
    return itertools.chain.from_iterable(map(range, coverage[::2], coverage[1::2]))


_SEGMENT_MARKS = frozenset("-.:+*/_$'")


def _narrowed(coverage: tuple[int, ...], tags: tuple[str, ...]) -> tuple[int, ...]:
    """Coverage without what the tags say is not readable as itself."""
    if not {"caps", "digits", "segment"} & set(tags):
        return coverage
    kept: Iterable[str] = map(chr, _points(coverage))
    if "caps" in tags:
        kept = (c for c in kept if not _is_small(c))
    if "digits" in tags:
        kept = (c for c in kept if not unicodedata.category(c).startswith(("L", "M")))
    if "segment" in tags:
        kept = (c for c in kept if c in _SEGMENT_MARKS or not unicodedata.category(c).startswith(("P", "S")))
    return _runs(map(ord, kept))


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
    covered = _covered(face, font)
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
        coverage=_runs(covered),
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


def cache_folder() -> Path | None:
    """Where the index is kept: $SYNTHTEXT_CACHE, else the user's cache folder; None where there is no home."""
    for variable, below in (("SYNTHTEXT_CACHE", ""), ("XDG_CACHE_HOME", "synthtext")):
        if os.environ.get(variable):
            return Path(os.environ[variable], below)
    try:
        if sys.platform == "win32":
            return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local", "synthtext")
        return Path.home() / ".cache/synthtext"
    except RuntimeError:
        return None


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


def _faces_below(root: Path, prefix: str, ours: bool = False) -> list[FontFace]:
    manifest = _read_manifest(root) if root.is_dir() else {}
    base = root.parent if root.is_file() else root
    faces = []
    for name, found in _index(root, ours).items():
        family, tags = manifest.get(name, ("", ("user",)))
        for face in found:
            coverage = _narrowed(face.coverage, tags)
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


# Variation axes

# The span of a registered axis that is drawn from: beyond it letters grow illegible or the difference is idle.
# Of the others, only axes of form that leave a letter what it is; grades, parametric axes and the like stay at default.
_SPANS = {
    "wght": (200.0, 900.0),
    "wdth": (60.0, 151.0),
    "slnt": (-15.0, 15.0),
    "ital": (0.0, 1.0),
    "opsz": (8.0, 72.0),
    "CASL": (0.0, 1.0),
    "MONO": (0.0, 1.0),
    "SOFT": (0.0, 100.0),
    "ROND": (0.0, 100.0),
}
_FURTHER_STEPS = 3  # positions of every axis after the first: instances stay few enough to be kept
_MAX_VARIATIONS = 256


def variations(face: FontFace, steps: int) -> tuple[tuple[tuple[str, float], ...], ...]:
    """Every position of the face's axes that may be drawn: `steps` on the first of wght, wdth, slnt, ital, opsz, CASL,
    MONO, SOFT and ROND that it has, at most 3 on each further one. `steps` 1, or no such axis: the default only."""
    axes = {tag: (low, high) for tag, low, _, high in face.axes}
    grids = []
    count = steps
    total = 1
    for tag, (lowest, highest) in _SPANS.items():
        if tag not in axes or count < 2:
            continue
        low, high = max(axes[tag][0], lowest), min(axes[tag][1], highest)
        if low >= high or total * count > _MAX_VARIATIONS:
            continue
        grids.append([(tag, round(low + (high - low) * i / (count - 1), 4)) for i in range(count)])
        total *= count
        count = min(steps, _FURTHER_STEPS)
    return tuple(itertools.product(*grids))


# The catalogue


def _ignored(c: str) -> bool:
    """Whether `c` draws nothing by design: control and format characters, variation selectors, line ends."""
    if "\ufe00" <= c <= "\ufe0f":
        return True
    return unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") and c not in _VISIBLE_FORMATS


class _Masks(dict[str, int]):
    """Character to the bit mask of faces that cover it, found out when first asked for."""

    def __init__(self, faces: tuple[FontFace, ...]) -> None:
        self._faces = faces
        self.every = (1 << len(faces)) - 1

    def __missing__(self, c: str) -> int:
        if _ignored(c):
            mask = self.every
        else:
            p = ord(c)
            mask = sum(1 << i for i, face in enumerate(self._faces) if face.covers(p))
        self[c] = mask
        return mask


class Catalogue:
    """The fonts of a configuration. `faces`: sorted by id."""

    def __init__(self, faces: Iterable[FontFace], config: FontConfig) -> None:
        self.faces = tuple(sorted(faces, key=lambda face: face.id))
        self._by_id = {face.id: face for face in self.faces}
        self._numbers = {face.id: i for i, face in enumerate(self.faces)}
        self._masks = _Masks(self.faces)
        self._records = tuple(
            tuple(FontRecord(face.id, variation) for variation in variations(face, config.variation_steps))
            for face in self.faces
        )
        self.weights = _weights(self.faces, config)
        self._cumulative = list(itertools.accumulate(self.weights))
        self._drawable = sum(1 << i for i, weight in enumerate(self.weights) if weight > 0.0)

    def face(self, id: str) -> FontFace:
        """The face of that id. Raises InputError where this catalogue has none."""
        found = self._by_id.get(id)
        if found is None:
            near = difflib.get_close_matches(id, self._by_id, 1)
            hint = f" (the nearest is {near[0]!r})" if near else ""
            raise InputError(
                f"font {id!r} is not in this catalogue{hint}; add the folder that holds it to fonts.folders, "
                "or make the plan again here"
            )
        return found

    def covering(self, text: str) -> int:
        """A bit mask: bit i is set where faces[i] draws every character of `text`; control characters don't count."""
        mask = self._masks.every
        masks = self._masks
        for c in text:
            mask &= masks[c]
        return mask

    def covers(self, id: str, text: str) -> bool:
        """Whether the face of that id draws every character of `text`."""
        return bool(self.covering(text) >> self._numbers[id] & 1)

    @property
    def digest(self) -> str:
        """SHA-256, hex, of what the fonts are: their ids, coverage and axes."""
        rows = [(face.id, face.coverage, face.axes, face.units_per_em) for face in self.faces]
        return hashlib.sha256(msgspec.json.encode(rows)).hexdigest()

    def draw(self, draws: Draws, text: str) -> FontRecord | None:
        """A font for the text, by weight, at one position of its axes; None where no font with a weight covers it."""
        mask = self.covering(text) & self._drawable
        if not mask:
            return None
        cumulative = self._cumulative
        total = cumulative[-1]
        for _ in range(_TRIES):
            i = bisect_right(cumulative, draws.random() * total)
            if mask >> i & 1:
                break
        else:
            i = self._draw_among(draws.random(), mask)
        records = self._records[i]
        return records[0] if len(records) == 1 else records[int(draws.random() * len(records))]

    def _draw_among(self, x: float, mask: int) -> int:
        """A face of the mask by weight; x in [0, 1)."""
        numbers = [i for i in range(len(self.faces)) if mask >> i & 1]
        cumulative = list(itertools.accumulate(self.weights[i] for i in numbers))
        return numbers[min(bisect_right(cumulative, x * cumulative[-1]), len(numbers) - 1)]

    def families_not_covering(self, text: str) -> tuple[str, ...]:
        """The families none of whose faces draws all of the text, sorted."""
        mask = self.covering(text)
        able = {face.family for i, face in enumerate(self.faces) if mask >> i & 1}
        return tuple(sorted({face.family for face in self.faces} - able))


def _weights(faces: tuple[FontFace, ...], config: FontConfig) -> tuple[float, ...]:
    """Each face's weight: its style's, shared by the style's families equally, and by the faces of a family."""
    styles = config.styles or FONT_STYLES
    members: defaultdict[tuple[str, str], int] = defaultdict(int)
    for face in faces:
        members[face.style, face.family] += 1
    families: defaultdict[str, int] = defaultdict(int)
    for style, _ in members:
        families[style] += 1
    return tuple(
        styles.get(face.style, 0.0) / families[face.style] / members[face.style, face.family] for face in faces
    )


def load_catalogue(config: FontConfig, split: SplitConfig = NO_SPLIT) -> Catalogue:
    """The fonts that the configuration names, indexed (from the cache where it holds), filtered, and of the split.

    Raises InputError for a folder that does not exist or holds no usable font, an unknown family, a manifest that
    cannot be read, and where nothing is left to draw from.
    """
    faces: list[FontFace] = []
    if config.starter:
        faces += _faces_below(assets.folder("fonts"), "", ours=True)
        if not faces:
            raise InputError(f"the embedded fonts in {assets.folder('fonts')} are missing; install synthtext again")
    taken = {face.id.split("/", 1)[0] for face in faces}
    seen: set[Path] = set()
    for name in config.folders:
        root = Path(assets.resolve(name, "fonts")).expanduser().resolve()
        if not root.exists():
            raise InputError(f"fonts.folders: {name!r} does not exist; give a folder of .ttf or .otf files")
        if root in seen:
            continue
        seen.add(root)
        folder = (root.parent if root.is_file() else root).name or "fonts"
        prefix = next(p for n in itertools.count(1) if (p := folder if n == 1 else f"{folder}~{n}") not in taken)
        taken.add(prefix)
        found = _faces_below(root, f"{prefix}/")
        if not found:
            raise InputError(f"fonts.folders: {name!r} holds no usable font; put .ttf or .otf files with letters there")
        if config.styles and not any(config.styles.get(face.style, 0.0) > 0.0 for face in found):
            styles = ", ".join(sorted({face.style for face in found}))
            raise InputError(
                f"fonts.styles: gives no weight to the fonts of {name!r}, so they would never be drawn; add {styles}: 1"
            )
        faces += found
    faces = _filtered(faces, config)
    catalogue = Catalogue(faces, config)
    if not any(catalogue.weights):
        raise InputError(
            f"fonts.styles: none of the {len(faces)} fonts has a style with a weight; "
            f"there are {', '.join(sorted({face.style for face in faces}))}"
        )
    if divides(split, "fonts"):
        drawn = {face.family for face, weight in zip(catalogue.faces, catalogue.weights, strict=True) if weight}
        kept = members(split, "fonts", drawn)
        catalogue = Catalogue([face for face in faces if face.family in kept], config)
    return catalogue


def _filtered(faces: list[FontFace], config: FontConfig) -> list[FontFace]:
    known = {face.family.casefold(): face.family for face in faces}
    for key, names in (("families", config.families), ("exclude", config.exclude)):
        for name in names:
            if name.casefold() not in known:
                near = difflib.get_close_matches(name.casefold(), known, 1)
                hint = f"; did you mean {known[near[0]]!r}?" if near else "; `synthtext fonts list` names them"
                raise InputError(f"fonts.{key}: no font of the family {name!r} is there{hint}")
    only = {name.casefold() for name in config.families}
    without = {name.casefold() for name in config.exclude}
    kept = [
        face for face in faces if (not only or face.family.casefold() in only) and face.family.casefold() not in without
    ]
    if not kept:
        raise InputError("fonts.exclude: no font is left; name fewer families")
    return kept


# What the command line prints


def _table(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows)


def list_table(catalogue: Catalogue) -> str:
    """One line a font: id, family, tags, axes, how many characters it covers, and its share of draws."""
    total = sum(catalogue.weights)
    rows = [("font", "family", "tags", "axes", "characters", "share")]
    for face, weight in zip(catalogue.faces, catalogue.weights, strict=True):
        axes = " ".join(f"{tag} {low:g}-{high:g}" for tag, low, _, high in face.axes)
        count = sum(face.coverage[1::2]) - sum(face.coverage[::2])
        share = f"{100 * weight / total:.2f} %"
        rows.append((face.id, face.family, ",".join(face.tags), axes or "-", str(count), share))
    families = len({face.family for face in catalogue.faces})
    variable = sum(bool(face.axes) for face in catalogue.faces)
    return f"{_table(rows)}\n{len(catalogue.faces)} fonts of {families} families, {variable} of them variable"


def check_table(catalogue: Catalogue, text: str) -> str:
    """For each character of the text, how many fonts draw it and which families don't; then for the whole text."""
    total = len(catalogue.faces)
    rows = [("", "character", "fonts", "families without it")]
    for c in dict.fromkeys(text):
        if _ignored(c):
            continue
        missing = catalogue.families_not_covering(c)
        named = ", ".join(missing[:6]) + (f" and {len(missing) - 6} more" if len(missing) > 6 else "")
        label = f"U+{ord(c):04X} {unicodedata.name(c, '(no name)')}"
        rows.append((c, label, f"{catalogue.covering(c).bit_count()}/{total}", named or "-"))
    able = catalogue.covering(text).bit_count()
    verdict = f"{able} of {total} fonts draw all of it" if able else "no font draws all of it"
    return f"{_table(rows)}\n{verdict}"
