"""The font catalogue: the fonts of a configuration, which of them cover a text, and the draw of one."""

from __future__ import annotations

import difflib
import hashlib
import itertools
import unicodedata
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec
import uharfbuzz as hb

from synthtext.core import assets
from synthtext.core.contents import digests_of
from synthtext.core.errors import InputError
from synthtext.core.records import Number, Record
from synthtext.core.rng import Draws
from synthtext.core.split import NO_SPLIT, SplitConfig, divides, members
from synthtext.text.invisible import SHAPING, draws_nothing, without_idle
from synthtext.text.scripts import INHERITED, SHARED_SCRIPTS, script_of
from synthtext.typeset.font_config import FONT_STYLES, FontConfig
from synthtext.typeset.fontfiles import FontFace, faces_below
from synthtext.typeset.outlines import FontInstance, OutlineStore, open_face
from synthtext.typeset.shaping import draws_circle

_MAX_CIRCLED = 1 << 17  # words of which it is kept which faces draw a dotted circle in them
_MAX_AMONG = 4096  # sets of faces of which the weights are kept
_TRIES = 4  # draws by weight before one among the fonts that cover the text


class FontRecord(Record, frozen=True):
    """Which font a text is set in. `variation`: (axis tag, value) of the axes that are drawn from; the rest default.

    `second`: the font of what it lacks, such as Latin words among Thai ones; None where it has all.
    """

    face: str
    variation: tuple[tuple[str, Number], ...] = ()
    second: FontRecord | None = None


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


# Scripts in which HarfBuzz puts a dotted circle where a mark has no letter to stand on: those of its shapers for Indic,
# Khmer, Myanmar and Hangul, and of the universal one. First and last + 1; what lies between them of other scripts costs
# a look.
_CIRCLED = (
    *((0x07C0, 0x0860), (0x0900, 0x0E00), (0x0F00, 0x10A0), (0x1700, 0x1D00), (0x2D30, 0x2D80), (0x302E, 0x3030)),
    *((0xA800, 0xA960), (0xA980, 0xAC00), (0x10A00, 0x14700), (0x16A00, 0x17000), (0x1BC00, 0x1BCB0)),
    (0x1E000, 0x1E960),
)


def may_be_circled(c: str) -> bool:
    """Whether a word with this character may be shaped with a dotted circle."""
    p = ord(c)
    return p >= 0x07C0 and any(first <= p < last for first, last in _CIRCLED)


class _Masks(dict[str, int]):
    """Character to the bit mask of faces that cover it, found out when first asked for; bit `plain` is set, too, unless
    it has to be seen by shaping whether a face can write a word with this character."""

    def __init__(self, faces: tuple[FontFace, ...]) -> None:
        self._faces = faces
        self.plain = 1 << len(faces)
        self.every = 2 * self.plain - 1

    def __missing__(self, c: str) -> int:
        if draws_nothing(c):
            mask = self.every
        else:
            p = ord(c)
            mask = sum(1 << i for i, face in enumerate(self._faces) if face.covers(p))
            if not may_be_circled(c):
                mask |= self.plain
        self[c] = mask
        return mask


class Catalogue:
    """The fonts of a configuration.

    `faces`: sorted by id; `drawn`: of them, those whose style has a weight; `weights`: of each face, for texts of
    Latin, 0 for those that are meant for other scripts.
    """

    def __init__(self, faces: Iterable[FontFace], config: FontConfig) -> None:
        self.faces = tuple(sorted(faces, key=lambda face: face.id))
        self._by_id = {face.id: face for face in self.faces}
        self._numbers = {face.id: i for i, face in enumerate(self.faces)}
        self._masks = _Masks(self.faces)
        self._records = tuple(
            tuple(FontRecord(face.id, variation) for variation in variations(face, config.variation_steps))
            for face in self.faces
        )
        self._styles = config.styles or FONT_STYLES
        # Texts of Latin are drawn from the faces that are meant for no other script: what such a one has of Latin is a
        # plain face's again.
        general = [face for face in self.faces if not face.scripts] or self.faces
        weights = _weights(general, self._styles)
        self.weights = tuple(weights.get(face.id, 0.0) for face in self.faces)
        self._special = sum(1 << i for i, face in enumerate(self.faces) if face.id not in weights)
        self._scripts = frozenset(script for face in self.faces for script in face.scripts)
        self._cumulative = list(itertools.accumulate(self.weights))
        self.drawn = tuple(face for face in self.faces if self._styles.get(face.style, 0.0) > 0.0)
        self._drawable = sum(1 << self._numbers[face.id] for face in self.drawn)
        self._among: dict[int, tuple[list[int], list[float]]] = {}
        self._shapers: dict[int, hb.Font] = {}
        self._circled: dict[str, int] = {}

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
        """A bit mask: bit i is set where faces[i] draws every character of `text`, and nothing else.

        Characters that draw nothing by design don't count. A dotted circle that a face would draw and the text does not
        have counts against it: give words that stand apart apart, by blanks or newlines.
        """
        masks = self._masks
        mask = masks.every
        for c in text:
            mask &= masks[c]
        if mask & masks.plain:
            return mask ^ masks.plain
        for word in text.split() if mask else ():
            mask &= ~self._circling(word, mask)
        return mask

    def can_draw(self, text: str) -> bool:
        """Whether a font that is drawn from covers `text`, or one its main script and another the rest."""
        if self.covering(text) & self._drawable:
            return True
        own, rest = self.pair(text)
        return bool(own and rest)

    def pair(self, text: str) -> tuple[int, int]:
        """The fonts that are drawn from of which the one covers the main script of a text, and the other all else: two
        bit masks, 0 where the text is of one script alone."""
        if text.isascii():
            return 0, 0
        scripts = Counter(map(script_of, text))
        main = max((s for s in scripts if s not in SHARED_SCRIPTS), key=scripts.__getitem__, default="")
        own = [script_of(c) in (main, INHERITED) or c in SHAPING for c in text]
        letters = " ".join("".join(c if is_own else " " for c, is_own in zip(text, own, strict=True)).split())
        rest = "".join(c for c, is_own in zip(text, own, strict=True) if not (is_own or c.isspace()))
        if not letters or not rest:
            return 0, 0
        return self.covering(letters) & self._drawable, self.covering(rest) & self._drawable

    def uncovered(self, texts: Sequence[str]) -> dict[int, str]:
        """Of texts that no font that is drawn from covers, the number and why: "no_font" (a character is in none) or
        "dotted_circle" (fonts have the characters, but all would draw a dotted circle)."""
        masks, drawable = self._masks, self._drawable
        characters = sorted(set("".join(texts)))
        mask = drawable | masks.plain
        for c in characters:
            mask &= masks[c]
        if mask > masks.plain:  # one font has them all
            return {}
        # Nearly all texts are told by the one face that has most of the characters, word by word.
        numbers = [i for i in range(len(self.faces)) if drawable >> i & 1]
        best = max(numbers, key=lambda i: sum(masks[c] >> i & 1 for c in characters))
        has = frozenset(c for c in characters if masks[c] >> best & 1)
        plain = frozenset(c for c in has if masks[c] & masks.plain).issuperset
        good: set[str] = set()
        other: set[str] = set()

        def writes(word: str) -> bool:
            if word not in good and word not in other:
                able = has.issuperset(word)
                if able and not plain(word):
                    able = not draws_circle(self._shaper(best), without_idle(word))
                (good if able else other).add(word)
            return word in good

        found = {}
        for number, text in enumerate(texts):
            if plain(text):
                continue
            words = text.split()
            if (len(words) == 1 or " " in has) and (good.issuperset(words) or all(map(writes, words))):
                continue
            if not self.can_draw(text):
                mask = drawable
                for c in text:
                    mask &= masks[c]
                found[number] = "dotted_circle" if mask else "no_font"
        return found

    def _circling(self, word: str, mask: int) -> int:
        """Of the faces of the mask, those that draw a dotted circle in the word, as a mask."""
        found = self._circled.get(word)
        if found is None:
            able = self._masks.every
            for c in word:
                able &= self._masks[c]
            drawn = without_idle(word)
            found = 0
            for i in range(len(self.faces)) if drawn and not able & self._masks.plain else ():
                if able >> i & 1 and draws_circle(self._shaper(i), drawn):
                    found |= 1 << i
            if len(self._circled) >= _MAX_CIRCLED:
                self._circled.clear()
            self._circled[word] = found
        return found & mask

    def _shaper(self, number: int) -> hb.Font:
        """The face at its default position: variation changes outlines, and not how marks are put together."""
        font = self._shapers.get(number)
        if font is None:
            font = self._shapers[number] = hb.Font(open_face(self.faces[number]))
        return font

    def covers(self, id: str, text: str) -> bool:
        """Whether the face of that id draws every character of `text`."""
        return bool(self.covering(text) >> self._numbers[id] & 1)

    @property
    def digest(self) -> str:
        """SHA-256, hex, of what the fonts are: their ids, tags, families and coverage, and their files' bytes."""
        files = digests_of(face.path for face in self.faces)
        rows = [(f.id, files[f.path], f.index, f.family, f.tags, f.coverage) for f in self.faces]
        return hashlib.sha256(msgspec.json.encode(rows)).hexdigest()

    def draw(self, draws: Draws, text: str) -> FontRecord | None:
        """A font for the text, by weight, at one position of its axes; two, where none has all of it: for its main
        script, and for what that one lacks one of the same style if there is one. None where no font covers it."""
        mask = self.covering(text) & self._drawable
        if not mask:
            return self._draw_pair(draws, text)
        cumulative = self._cumulative
        total = cumulative[-1]
        general = mask & ~self._special
        of_script = not text.isascii() and not self._scripts.isdisjoint(map(script_of, text))
        if of_script or not general:
            i = self._draw_among(draws.random(), mask)
        else:
            for _ in range(_TRIES):
                i = bisect_right(cumulative, draws.random() * total)
                if general >> i & 1:
                    break
            else:
                i = self._draw_among(draws.random(), general)
        records = self._records[i]
        return records[0] if len(records) == 1 else records[int(draws.random() * len(records))]

    def _draw_pair(self, draws: Draws, text: str) -> FontRecord | None:
        own, rest = self.pair(text)
        if not (own and rest):
            return None
        i = self._draw_among(draws.random(), own)
        style = self.faces[i].style
        alike = sum(1 << n for n, face in enumerate(self.faces) if rest >> n & 1 and face.style == style)
        second = draws.choice(self._records[self._draw_among(draws.random(), alike or rest)])
        return msgspec.structs.replace(draws.choice(self._records[i]), second=second)

    def instances(self, record: FontRecord, store: OutlineStore, rounding: float = 0.0) -> tuple[FontInstance, ...]:
        """The fonts of a record, opened. `rounding`: of their corners, em."""
        first = store.instance(self.face(record.face), record.variation, rounding)
        if record.second is None:
            return (first,)
        return first, *self.instances(record.second, store, rounding)

    def _draw_among(self, x: float, mask: int) -> int:
        """A face of the mask by weight; x in [0, 1)."""
        found = self._among.get(mask)
        if found is None:
            numbers = [i for i in range(len(self.faces)) if mask >> i & 1]
            weights = _weights([self.faces[i] for i in numbers], self._styles)
            if len(self._among) >= _MAX_AMONG:
                self._among.clear()
            found = self._among[mask] = numbers, list(itertools.accumulate(weights[self.faces[i].id] for i in numbers))
        numbers, cumulative = found
        return numbers[min(bisect_right(cumulative, x * cumulative[-1]), len(numbers) - 1)]

    def families_not_covering(self, text: str) -> tuple[str, ...]:
        """The families none of whose faces draws all of the text, sorted."""
        mask = self.covering(text)
        able = {face.family for i, face in enumerate(self.faces) if mask >> i & 1}
        return tuple(sorted({face.family for face in self.faces} - able))


def _weights(faces: Sequence[FontFace], styles: Mapping[str, float]) -> dict[str, float]:
    """Each face's weight, by its id: its style's, shared by the style's families equally, and by a family's faces."""
    members: defaultdict[tuple[str, str], int] = defaultdict(int)
    for face in faces:
        members[face.style, face.family] += 1
    families: defaultdict[str, int] = defaultdict(int)
    for style, _ in members:
        families[style] += 1
    return {
        face.id: styles.get(face.style, 0.0) / families[face.style] / members[face.style, face.family] for face in faces
    }


def load_catalogue(config: FontConfig, split: SplitConfig = NO_SPLIT) -> Catalogue:
    """The fonts that the configuration names, indexed (from the cache where it holds), filtered, and of the split.

    Raises InputError for a folder that does not exist or holds no usable font, an unknown family, a manifest that
    cannot be read, and where nothing is left to draw from.
    """
    faces: list[FontFace] = []
    if config.starter:
        faces += faces_below(assets.folder("fonts"), "", ours=True)
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
        found = faces_below(root, f"{prefix}/")
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
    if not catalogue.drawn:
        raise InputError(
            f"fonts.styles: none of the {len(faces)} fonts has a style with a weight; "
            f"there are {', '.join(sorted({face.style for face in faces}))}"
        )
    if divides(split, "fonts"):
        kept = members(split, "fonts", {face.family for face in catalogue.drawn})
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
    """One line a font: id, family, tags, axes, how many characters it covers, and its share of draws of
    Latin text, or the script that it is meant for."""
    total = sum(catalogue.weights)
    rows = [("font", "family", "tags", "axes", "characters", "share")]
    for face, weight in zip(catalogue.faces, catalogue.weights, strict=True):
        axes = " ".join(f"{tag} {low:g}-{high:g}" for tag, low, _, high in face.axes)
        count = sum(face.coverage[1::2]) - sum(face.coverage[::2])
        share = (
            f"{100 * weight / total:.2f} %" if weight or not face.scripts else f"of {', '.join(sorted(face.scripts))}"
        )
        rows.append((face.id, face.family, ",".join(face.tags), axes or "-", str(count), share))
    families = len({face.family for face in catalogue.faces})
    variable = sum(bool(face.axes) for face in catalogue.faces)
    return f"{_table(rows)}\n{len(catalogue.faces)} fonts of {families} families, {variable} of them variable"


def check_table(catalogue: Catalogue, text: str) -> str:
    """For each character of the text, how many fonts draw it and which families don't; then for the whole text."""
    total = len(catalogue.faces)
    rows = [("", "character", "fonts", "families without it")]
    for c in dict.fromkeys(text):
        if draws_nothing(c):
            continue
        missing = catalogue.families_not_covering(c)
        named = ", ".join(missing[:6]) + (f" and {len(missing) - 6} more" if len(missing) > 6 else "")
        label = f"U+{ord(c):04X} {unicodedata.name(c, '(no name)')}"
        rows.append((c, label, f"{catalogue.covering(c).bit_count()}/{total}", named or "-"))
    able = catalogue.covering(text).bit_count()
    verdict = f"{able} of {total} fonts draw all of it" if able else "no font draws all of it"
    return f"{_table(rows)}\n{verdict}"
