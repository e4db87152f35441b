"""Which characters a font truly draws as themselves.

A character counts as covered only where the font's cmap leads to a glyph with ink that is that character: not the
font's ".notdef" box, no placeholder, no capital in a small letter's place, and no other character's outline (é drawn as
e, € as E) but that of a known look-alike; a space counts where it has a width. So a label never says what cannot be
seen. Some tags narrow that, for what cannot be measured: `caps` (small letters are drawn as capitals, so they don't
count), `segment` (of punctuation, only what segments can show) and `digits` (no letters: a seven-segment display).
"""

from __future__ import annotations

import functools
import itertools
import statistics
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import numpy.typing as npt
import uharfbuzz as hb

from synthtext.text.scripts import script_of
from synthtext.typeset.contours import is_too_costly

Contours = list[list[tuple[float, float]]]
Shape = tuple[tuple[float, float], ...]

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


def _is_too_costly(contours: Contours) -> bool:
    points = np.array([point for contour in contours for point in contour], np.float64)
    return is_too_costly(points, np.cumsum([len(contour) for contour in contours], dtype=np.int64))


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
_PROBES = {"Latn": "abdefghijlmnqrt", "Grek": "αβγδεζημνξρυω", "Cyrl": "аберуф"}
# Letters whose small form may be a small capital: nobody could tell them by form alone.
_NATURAL = frozenset("ckopsuvwxyzijſ" + "ιικοπρστυφχψθ" + "вгджзийклмнопстхцчшщъыьэюяђћіїјљњќѕғқңһ")
_SAME_AS = 0.85  # overlap (intersection over union) of the pictures: fonts with small letters stay below 0.8
_COPY = 0.97
_NO_WIDTH = 0.01  # em: a space that is no wider does not part words


# Format characters that are drawn all the same: Arabic, Syriac and Kaithi number and section signs.
_VISIBLE_FORMATS = frozenset(map(chr, (*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD)))


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
        if unicase.get(script_of(c), unicase.get("Latn", False)) or is_copy(c):
            false.add(code_point)
    # An accented letter is as false as its base.
    return false | {p for p in glyphs if (b := ord(unicodedata.normalize("NFD", chr(p))[0])) != p and b in false}


def _ranges(*ranges: tuple[int, int]) -> frozenset[int]:
    return frozenset(p for first, last in ranges for p in range(first, last + 1))


# Where an outline shared by two characters says that one is false: Latin, Greek, Cyrillic, and the signs beside them.
# In other scripts, and among marks and phonetic letters, many share one and mean no harm.
_TOLD_APART = _ranges(
    *((0x21, 0x24F), (0x370, 0x3FF), (0x400, 0x52F), (0x1E00, 0x1FFF), (0x2010, 0x205E), (0x2070, 0x209F)),
    *((0x20A0, 0x20CF), (0x2100, 0x214F), (0x2200, 0x22FF), (0xFB00, 0xFB06)),
)
# Characters that honest fonts draw alike, after the confusables of UTS #39: homographs of the three scripts, also those
# of italics; letters and digits; quotes and primes, dashes, dots, strokes.
_LOOK_ALIKES = r"""
AАΑ BВΒ CСϹ DД EЕΕ FϜ HНΗ IІΙӀl1|∣ǀӏ¦ JЈͿ KКΚ MМΜϺ NΝ OОΟ0 PРΡ QԚ SЅ TТΤ TГ UИ WԜ XХΧ YУΥҮ ZΖ GԌ
aаαɑ bЬь bв cсϲ dԁд eеє fƒ gɡд hһ iі jјϳ kкκĸ mт nпη oоοσ pрρ qԛ rг sѕ tτ uиυ vνѵυ wԝωѡ xхχ× yуүγ
ßβ ßẞ ıιӏ ιͺ ÐĐƉ ħћ ÆӔ æӕ ÇҪ çҫ əәǝ ƏӘƎ∃ ƐԐЄε ЭϽ℈ ƆϽ э϶ єεԑ ΓГ ΔД∆ δд∂ðẟ ΛЛɅ∧ λл ΠП∏ πп ΣƩ∑ ΦФ φфϕ ΨѰ ψѱ ΩѠ ωѡ
ΘѲӨƟ θѳөϑ ΞѮ ξѯ µμ ƷӠЗ3Ȝ ӡзƺ 6б ƂБ ƃб ÞϷ þϸƿ ØӨ∅ ǶԊ ИͶ иͷ ƞη ŋη Ʊ℧ ſ∫ ѢҌ ѣҍ ҶӋ ҷӌ ҚӃ қӄ ҢӇ ңӈ ҲӼ ҳӽ ԒԮ ԓԯ ҕӷ
€Є ¢₵Ȼȼ £₤
'’‘‛′ʼʹˈ`´‵ʻʽˊˋ՚΄᾽᾿῾,‚¸ "“”‟„″˝ˮ -‐‑‒–—―−⁃‾¯ˉ_˗⁻ .․ ·•∙⋅‧․ :∶ /⁄∕ \∖ ~˜∼∽⁓ ^ˆ∧ *∗⁎ <‹≺ >›≻ «≪ »≫ °˚º∘⁰ ‖∥ǁ !ǃ …⋯
"""
_ALIKE = _LOOK_ALIKES.split()
_GROUPS = {c: frozenset(i for i, group in enumerate(_ALIKE) if c in group) for c in set("".join(_ALIKE))}
_KEPT = ("<super>", "<sub>", "<fraction>", "<circle>", "<square>")  # compatibility that changes the look
_SAME_MARKS = {"\u0326": "\u0327", "\u0342": "\u0303", "\u0340": "\u0300", "\u0341": "\u0301"}


@functools.cache
def _skeleton(c: str) -> tuple[str, ...]:
    """What `c` is made of, as far as it shows: a letter and its marks."""
    c = unicodedata.normalize("NFC", c)  # one character for its canonical equivalents, such as the acute for the oxia
    if c in _GROUPS or unicodedata.decomposition(c).startswith(_KEPT):
        return (c,)
    return tuple(_SAME_MARKS.get(part, part) for part in unicodedata.normalize("NFKD", c))


def alike(a: str, b: str) -> bool:
    """Whether an honest font may draw two characters alike: equivalents, known look-alikes, a letter in two cases."""
    x, y = _skeleton(a), _skeleton(b)
    none: frozenset[int] = frozenset()
    if len(x) == len(y):
        pairs = zip(x, y, strict=True)
        if all(p == q or _GROUPS.get(p, none) & _GROUPS.get(q, none) for p, q in pairs):
            return True
    upper_a, upper_b = a.upper(), b.upper()
    if len(upper_a) > 1 or len(upper_b) > 1 or (upper_a, upper_b) == (a, b) or _is_small(a) == _is_small(b):
        return False
    return alike(upper_a, upper_b)


def _rank(c: str) -> tuple[bool, bool, int, str]:
    """Of characters with one outline, that with the least rank is taken at its word."""
    return not (c.isascii() and c.isalnum()), not c.isascii(), len(unicodedata.normalize("NFD", c)), c


def _liars(shapes: dict[int, Shape]) -> set[int]:
    """The code points that are drawn as another character that means something else: é as e, € as E, S as 5."""
    sharing: defaultdict[Shape, list[str]] = defaultdict(list)
    for p, shape in shapes.items():
        sharing[shape].append(chr(p))
    false: set[int] = set()
    for characters in sharing.values():
        honest: list[str] = []
        others: list[str] = []
        for c in sorted(characters, key=_rank):
            (others if honest and not any(alike(c, other) for other in honest) else honest).append(c)
        false.update(map(ord, others))
        if len(others) > max(1, len(honest)) and not honest[0].isascii():  # one box that stands for many
            false.update(map(ord, honest))
    return false


def _bare(p: int) -> int:
    """The code point of which `p` is the same with a mark more; 0 where there is none, and for Hangul's syllables."""
    decomposition = unicodedata.decomposition(chr(p))
    if not decomposition or decomposition[0] == "<" or " " not in decomposition or 0xAC00 <= p < 0xD7A4:
        return 0
    return int(decomposition.split()[0], 16)


def covered_by(face: hb.Face, font: hb.Font, costly: set[int]) -> set[int]:
    """The code points that the face draws as themselves. Those whose outline is too costly to draw (`is_too_costly`)
    are not among them: they are added to `costly`."""
    em = face.upem
    notdef = _contours(font, 0, _HULL)
    coloured = face.has_color_layers or face.has_color_paint
    points: dict[int, int] = {}
    beyond: set[int] = set()

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
            if found and _is_too_costly(contours):
                beyond.add(glyph)
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
            if not count(glyph) and font.get_glyph_h_advance(glyph) > _NO_WIDTH * em:
                blanks.add(code_point)
        elif not count(glyph):
            if glyph in beyond:
                costly.add(code_point)
        else:
            covered[code_point] = glyph
            if category[0] == "L":
                letters[glyph].add(unicodedata.normalize("NFKC", chr(code_point)).casefold())
    placeholders = {glyph for glyph, meant in letters.items() if len(meant) > 6}
    covered = {p: glyph for p, glyph in covered.items() if glyph not in placeholders}
    if 0x20 in blanks:
        blanks.add(0xA0)  # HarfBuzz takes the space where a font has no no-break space
    outlines: dict[int, Shape] = {}

    def outline(glyph: int) -> Shape:
        if glyph not in outlines:
            outlines[glyph] = _shape_of(_contours(font, glyph, _HULL))
        return outlines[glyph]

    bare = {p: base for p in covered if (base := _bare(p)) in covered}
    unmarked = {
        p
        for p, base in bare.items()
        if points[covered[p]] == points[covered[base]] and _is_same(font, covered[p], covered[base], outline)
    }
    apart = {p: glyph for p, glyph in covered.items() if p in _TOLD_APART and unicodedata.category(chr(p))[0] != "M"}
    liars = _liars({p: outline(glyph) for p, glyph in apart.items()})
    return (covered.keys() | blanks) - _false_small(font, covered, points) - liars - unmarked


def _is_same(font: hb.Font, a: int, b: int, outline: Callable[[int], Shape]) -> bool:
    """Whether two glyphs have one outline, wherever on the line, at whatever size."""
    if a == b or outline(a) == outline(b):
        return True
    x, y = (_picture(_contours(font, glyph, _FLAT)) for glyph in (a, b))
    return x is not None and y is not None and float((x & y).sum() / max(1, (x | y).sum())) >= _COPY


def _is_coloured(face: hb.Face, glyph: int) -> bool:
    return bool(face.glyph_has_color_paint(glyph) or face.get_glyph_color_layers(glyph))


def runs(code_points: Iterable[int]) -> tuple[int, ...]:
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


def narrowed(coverage: tuple[int, ...], tags: tuple[str, ...]) -> tuple[int, ...]:
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
    return runs(map(ord, kept))
