"""The numbers behind `synthtext inspect`: one pass over a data set's labels, headers and pictures, then plain sums.

Labels, headers and files' bytes are read of every picture; decoded are a sample of them, drawn without replacement by a
keyed permutation, so that two runs look at the same ones. Memory grows by some 100 bytes a label, and by 1 kB a sampled
picture.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import numpy as np
import numpy.typing as npt

from synthtext.core.errors import InputError
from synthtext.core.kernel import kernel
from synthtext.core.picture_header import exif_orientation, picture_size
from synthtext.core.rng import hash64, permute
from synthtext.formats import SHARDED, Entry, Reader
from synthtext.geometry.polygons import COUNTER_CLOCKWISE, CROSSING, DEGENERATE, NOT_FINITE, inspect_polygons
from synthtext.inspection.pictures import GRID, MEASURES, decode, look_at, measure
from synthtext.inspection.plan_effects import EFFECTS, facts_of
from synthtext.inspection.text_checks import is_plain, text_troubles
from synthtext.text.charset import resolve_charset
from synthtext.typeset.font_config import FontConfig

Array = npt.NDArray[Any]
_NO_PLAN = Entry("", "", "").plan
EXAMPLES = 12  # of a finding: how many are kept to be shown
_SAMPLE_KEY = hash64(0x5A3B1E)
_OUTSIDE = (1.0, 0.15)  # pixels, and heights of the quad, by which a corner may lie outside of its picture


class Findings:
    """Kinds of trouble: how many pictures or labels have each, and the first pictures of it, by number."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.examples: defaultdict[str, list[int]] = defaultdict(list)
        self.notes: dict[str, str] = {}

    def forget(self, kind: str) -> None:
        """It was no trouble after all."""
        for kept in (self.counts, self.examples, self.notes):
            kept.pop(kind, None)

    def add(self, kind: str, index: int, note: str = "") -> None:
        """One more, seen in the picture of that number. `note`: of the first, what exactly."""
        self.counts[kind] += 1
        known = self.examples[kind]
        if len(known) < EXAMPLES and (not known or known[-1] != index):
            known.append(index)
        if note and kind not in self.notes:
            self.notes[kind] = note


@dataclass
class Gathered:
    """What one pass brought. Arrays of pictures have length n, of words m, of sampled pictures k.

    `texts`: labels and how often each occurs. `digest`, `text_key`: uint64 (n,). `size`: int32 (n, 2), height and
    width, 0 where unknown. `length`: int32 (n,), code points of the label. `legibility`: float32 (n,), least of the
    words', NaN where unknown. `bad`: bool (n,), a word is marked to be ignored or lies below the configured legibility.
    `quads`: float32 (m, 4, 2); `word_picture`: int64 (m,); `word_ignore`: bool (m,). `sampled`: int64 (k,), pictures
    decoded; `looks`: float64 (k, 11); `hashes`: uint64 (k,); `thumbs`: uint8 (k, GRID²). `word_looks`: float64 (w, 11)
    of words' boxes in sampled pictures, `looked_words`: int64 (w,), which words. `first_with`: character to the first
    picture whose label has it. `strengths`: float32 (n, effects), 0 where off, or (0, effects) without plans.
    """

    reader: Reader
    count: int = 0
    labels: int = 0
    findings: Findings = field(default_factory=Findings)
    texts: Counter[str] = field(default_factory=Counter)
    first_with: dict[str, int] = field(default_factory=dict)
    faces: Counter[str] = field(default_factory=Counter)
    backgrounds: Counter[str] = field(default_factory=Counter)
    photos: Counter[str] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    groups: Counter[str] = field(default_factory=Counter)
    plans: int = 0
    charset: str = ""
    digest: Array = field(default_factory=lambda: np.zeros(0, np.uint64))
    text_key: Array = field(default_factory=lambda: np.zeros(0, np.uint64))
    size: Array = field(default_factory=lambda: np.zeros((0, 2), np.int32))
    length: Array = field(default_factory=lambda: np.zeros(0, np.int32))
    legibility: Array = field(default_factory=lambda: np.zeros(0, np.float32))
    bad: Array = field(default_factory=lambda: np.zeros(0, np.bool_))
    face: list[tuple[str, ...]] = field(default_factory=list)
    strengths: Array = field(default_factory=lambda: np.zeros((0, len(EFFECTS)), np.float32))
    quads: Array = field(default_factory=lambda: np.zeros((0, 4, 2), np.float32))
    word_picture: Array = field(default_factory=lambda: np.zeros(0, np.int64))
    word_ignore: Array = field(default_factory=lambda: np.zeros(0, np.bool_))
    word_legibility: Array = field(default_factory=lambda: np.zeros(0, np.float32))
    sampled: Array = field(default_factory=lambda: np.zeros(0, np.int64))
    looks: Array = field(default_factory=lambda: np.zeros((0, len(MEASURES))))
    hashes: Array = field(default_factory=lambda: np.zeros(0, np.uint64))
    thumbs: Array = field(default_factory=lambda: np.zeros((0, GRID * GRID), np.uint8))
    word_looks: Array = field(default_factory=lambda: np.zeros((0, len(MEASURES))))
    looked_words: Array = field(default_factory=lambda: np.zeros(0, np.int64))

    @property
    def of_words(self) -> bool:
        """Whether contrast and the like are those of words' boxes, and not of whole pictures."""
        return len(self.word_looks) > 0

    @property
    def measured(self) -> Array:
        """Of words' boxes where there are some in larger pictures, else of pictures: float64 (k or w, 11)."""
        return self.word_looks if self.of_words else self.looks


# Labels


# Geometry


@kernel
def classify_polygons(points, ends, status):
    """What each polygon is: `status` uint8 (n,) as of `inspect_polygons`, which stops at the first bad one."""
    begin = 0
    one = np.empty(1, np.int64)
    for k in range(ends.shape[0]):
        one[0] = ends[k] - begin
        inspect_polygons(points[begin : ends[k]], one, status[k : k + 1])
        begin = ends[k]


def quad_sizes(quads: Array) -> tuple[Array, Array, Array]:
    """Height, width and angle in degrees of the top edge of quads (m, 4, 2), float64 (m,) each."""
    q = quads.astype(np.float64)
    top, bottom = q[:, 1] - q[:, 0], q[:, 2] - q[:, 3]
    left, right = q[:, 3] - q[:, 0], q[:, 2] - q[:, 1]
    height = 0.5 * (np.hypot(*left.T) + np.hypot(*right.T))
    width = 0.5 * (np.hypot(*top.T) + np.hypot(*bottom.T))
    return height, width, np.degrees(np.arctan2(top[:, 1], top[:, 0]))


# Pictures


def chosen(count: int, sample: int) -> Callable[[int], bool]:
    """Whether a picture is among the `sample` of `count` that are decoded."""
    if sample >= count:
        return lambda index: True
    return {permute(i, count, _SAMPLE_KEY) for i in range(sample)}.__contains__


# The pass


class _Pass:
    """Lists that grow while the data set is read."""

    def __init__(self, reader: Reader, sample: int, charset: str) -> None:
        self.g = Gathered(reader, charset=charset)
        self.allowed = frozenset(charset) | {"\n"} if charset else frozenset()
        self.minimum = 0.0
        if reader.manifest is not None:
            self.minimum = float(reader.manifest.config.get("legibility", {}).get("minimum", 0.0))
        self.wanted = chosen(len(reader), sample)
        self.by_word = reader.unit == "word"
        self.digests = bytearray()
        self.text_keys: list[int] = []
        self.sizes: list[tuple[int, int]] = []
        self.lengths: list[int] = []
        self.legibility: list[float] = []
        self.bad: list[bool] = []
        self.strengths: list[tuple[float, ...]] = []
        self.off = (0.0,) * len(EFFECTS)
        self.xy: list[float] = []
        self.word_picture: list[int] = []
        self.word_ignore: list[bool] = []
        self.word_legibility: list[float] = []
        self.polygons: list[float] = []
        self.ends: list[int] = []
        self.polygon_word: list[int] = []
        self.sampled: list[int] = []
        self.looks: list[Array] = []
        self.hashes: list[int] = []
        self.thumbs: list[Array] = []
        self.word_looks: list[Array] = []
        self.looked_words: list[int] = []
        self.seen: set[str] = set()
        self.texts: dict[str, int] = {}  # a Counter is several times as slow at one more
        self.known: dict[str, list[tuple[str, str]]] = {}

    def take(self, index: int, entry: Entry) -> None:
        """Read one picture and its labels."""
        g = self.g
        if entry.problem:
            g.findings.add("label", index, f"{entry.name}: {entry.problem}")
        size = self._picture(index, entry)
        self._labels(index, entry)
        self._words(index, entry, size)
        self._plan(entry)
        self.sizes.append(size)

    def _labels(self, index: int, entry: Entry) -> None:
        if self.by_word:
            labels: Sequence[str] = [word.text for word in entry.words if not word.ignore]
        else:
            labels = (entry.text,)
        seen, texts = self.seen, self.texts
        self.g.labels += len(labels)
        for text in labels:
            texts[text] = texts.get(text, 0) + 1
            if not is_plain(text):
                self._troubles(index, text, entry)
            if self.allowed and not self.allowed.issuperset(text):
                outside = next(c for c in text if c not in self.allowed)
                self.g.findings.add("charset", index, f"{outside!r} in {text!r}")
            if not seen.issuperset(text):
                for c in set(text) - seen:
                    self.g.first_with[c] = index
                seen.update(text)
        self.text_keys.append(hash(entry.text))
        self.lengths.append(max(map(len, labels), default=0) if self.by_word else len(entry.text))

    def _troubles(self, index: int, text: str, entry: Entry) -> None:
        troubles = self.known.get(text)
        if troubles is None:
            troubles = text_troubles(text)
            if len(self.known) < 100_000:
                self.known[text] = troubles
        for kind, what in troubles:
            if kind == "empty" and entry.problem:
                continue
            self.g.findings.add(kind, index, what)

    def _words(self, index: int, entry: Entry, size: tuple[int, int]) -> None:
        least, bad = math.nan, False
        for word in entry.words:
            if len(word.quad) == 4:
                self.word_picture.append(index)
                self.word_ignore.append(word.ignore)
                self.word_legibility.append(word.legibility)
                self.xy += [c for point in word.quad for c in point]
                if len(word.polygon) > 2 and word.polygon != word.quad:
                    self.polygons += [c for point in word.polygon for c in point]
                    self.ends.append(len(self.polygons) // 2)
                    self.polygon_word.append(len(self.word_picture) - 1)
            else:
                self.g.findings.add("quad_shape", index, f"{len(word.quad)} corners, of {word.text!r}")
            legibility = word.legibility
            if legibility >= 0.0 and not least <= legibility:
                least = legibility
            bad = bad or word.ignore or 0.0 <= legibility < self.minimum
        self.legibility.append(least)
        self.bad.append(bad)
        if entry.height and size[0] and (entry.height, entry.width) != size:
            what = f"{entry.width} x {entry.height} in the label, {size[1]} x {size[0]} in the file of {entry.name}"
            self.g.findings.add("size", index, what)

    def _plan(self, entry: Entry) -> None:
        g = self.g
        facts = facts_of(entry.plan) if entry.plan != _NO_PLAN else None
        if facts is None:
            self.strengths.append(self.off)
            g.face.append(())
            return
        g.plans += 1
        for counter, names in ((g.faces, facts.faces), (g.backgrounds, facts.backgrounds), (g.photos, facts.photos)):
            for name in names:
                counter[name] += 1
        if facts.source:
            g.sources[facts.source] += 1
        g.groups.update(facts.groups)
        g.face.append(facts.faces)
        self.strengths.append(facts.strengths or self.off)

    def _picture(self, index: int, entry: Entry) -> tuple[int, int]:
        """(height, width); (0, 0) where the picture cannot be read."""
        findings = self.g.findings
        try:
            data = self.g.reader.image(entry.ref)
        except OSError as error:
            findings.add("missing", index, f"{entry.name}: {error.strerror or error}")
            self.digests += bytes(8)
            return 0, 0
        self.digests += blake2b(data, digest_size=8).digest()
        try:
            width, height = picture_size(data)
        except ValueError as error:
            findings.add("unreadable", index, f"{entry.name}: {error}")
            return 0, 0
        if (turned := exif_orientation(data)) != 1:
            findings.add("exif", index, f"{entry.name} (orientation {turned})")
        if self.wanted(index):
            image = decode(data)
            if image is None:
                findings.add("unreadable", index, f"{entry.name}: it cannot be decoded")
                return 0, 0
            self._look(index, image, entry)
            return image.shape[0], image.shape[1]
        return height, width

    def _look(self, index: int, image: npt.NDArray[np.uint8], entry: Entry) -> None:
        look = look_at(image)
        self.sampled.append(index)
        self.looks.append(look.measures)
        self.hashes.append(look.hash)
        self.thumbs.append(look.thumb)
        if not self.by_word:
            return
        number = len(self.word_picture)
        for word in entry.words:
            if len(word.quad) != 4:
                continue
            xs, ys = [p[0] for p in word.quad], [p[1] for p in word.quad]
            if not word.ignore and all(map(math.isfinite, (*xs, *ys))):
                left, right = max(int(min(xs)), 0), min(math.ceil(max(xs)), image.shape[1])
                top, bottom = max(int(min(ys)), 0), min(math.ceil(max(ys)), image.shape[0])
                if right - left >= 2 and bottom - top >= 2:
                    out = np.empty(len(MEASURES))
                    measure(image, look.grey, left, top, right, bottom, out)
                    self.word_looks.append(out)
                    self.looked_words.append(number)
            number += 1

    def done(self) -> Gathered:
        """The lists as arrays, and what follows from all of them together."""
        g = self.g
        g.count = len(self.sizes)
        g.texts = Counter(self.texts)
        if self.by_word and set(self.texts) == {""}:  # labels of a detector alone: that no word has a text is no fault
            g.findings.forget("empty")
        g.digest = np.frombuffer(bytes(self.digests), "<u8")
        g.text_key = np.array(self.text_keys, np.int64)
        g.size = np.array(self.sizes, np.int32).reshape(-1, 2)
        g.length = np.array(self.lengths, np.int32)
        g.legibility = np.array(self.legibility, np.float32)
        g.bad = np.array(self.bad, np.bool_)
        g.quads = np.array(self.xy, np.float32).reshape(-1, 4, 2)
        g.word_picture = np.array(self.word_picture, np.int64)
        g.word_ignore = np.array(self.word_ignore, np.bool_)
        g.word_legibility = np.array(self.word_legibility, np.float32)
        g.sampled = np.array(self.sampled, np.int64)
        g.looks = np.array(self.looks).reshape(-1, len(MEASURES))
        g.hashes = np.array(self.hashes, np.uint64)
        g.thumbs = np.array(self.thumbs, np.uint8).reshape(-1, GRID * GRID)
        g.word_looks = np.array(self.word_looks).reshape(-1, len(MEASURES))
        g.looked_words = np.array(self.looked_words, np.int64)
        if g.plans:
            g.strengths = np.array(self.strengths, np.float32).reshape(-1, len(EFFECTS))
        else:
            g.face.clear()
        self._geometry()
        return g

    def _geometry(self) -> None:
        g = self.g
        m = len(g.quads)
        if not m:
            return
        corners = g.quads.reshape(-1, 2).astype(np.float64)
        points = np.concatenate([corners, np.array(self.polygons, np.float64).reshape(-1, 2)])
        ends = np.concatenate([4 * np.arange(1, m + 1), 4 * m + np.array(self.ends, np.int64)]).astype(np.int64)
        status = np.zeros(len(ends), np.uint8)
        classify_polygons(points, ends, status)
        word_of = np.concatenate([np.arange(m), np.array(self.polygon_word, np.int64)]).astype(np.int64)
        kinds = {COUNTER_CLOCKWISE: "flipped", CROSSING: "crossing", DEGENERATE: "degenerate", NOT_FINITE: "not_finite"}
        ignored = g.word_ignore
        for code, kind in kinds.items():
            for word in np.unique(word_of[status == code]).tolist():
                g.findings.add(kind, int(g.word_picture[word]))
        size = g.size[g.word_picture].astype(np.float64)
        known = (size[:, 0] > 0) & ~ignored
        low, high = g.quads.min(1), g.quads.max(1)
        beyond = np.maximum(-low.min(1), np.maximum(high[:, 0] - size[:, 1], high[:, 1] - size[:, 0]))
        wholly = (high[:, 0] <= 0) | (high[:, 1] <= 0) | (low[:, 0] >= size[:, 1]) | (low[:, 1] >= size[:, 0])
        for word in np.flatnonzero(known & wholly).tolist():
            g.findings.add("outside", int(g.word_picture[word]))
        height, _, angle = quad_sizes(g.quads)
        for word in np.flatnonzero(known & ~wholly & (beyond > np.maximum(_OUTSIDE[0], _OUTSIDE[1] * height))).tolist():
            g.findings.add("partly_outside", int(g.word_picture[word]), f"the first by {beyond[word]:.0f} pixels")
        for word in np.flatnonzero(known & (height < 8.0)).tolist():
            g.findings.add("tiny", int(g.word_picture[word]))
        for word in np.flatnonzero(known & (np.abs(angle) > 100.0)).tolist():
            g.findings.add("upside_down", int(g.word_picture[word]))


def gather(
    reader: Reader, sample: int, charset: str = "", progress: Callable[[int], None] = lambda done: None
) -> Gathered:
    """Read the data set once. `sample`: pictures decoded; `charset`: the characters that labels may have, "" for any.

    Raises InputError where the data set holds nothing.
    """
    if not charset and reader.manifest is not None:
        configured = reader.manifest.config.get("text", {}).get("charset", "")
        charset = "".join(sorted(resolve_charset(configured) or "")) if configured else ""
    state = _Pass(reader, sample, charset)
    for index, entry in enumerate(reader.entries()):
        state.take(index, entry)
        if index % 256 == 0:
            progress(index)
    gathered = state.done()
    _missing_shards(gathered)
    if not gathered.count:
        raise InputError(f"{reader.path}: holds no picture with a label")
    return gathered


def _missing_shards(g: Gathered) -> None:
    """Tell the pictures of shards of ours that are not there, by the number in `dataset.json`."""
    manifest = g.reader.manifest
    if manifest is None or g.reader.format not in SHARDED or not g.reader.path.is_dir():
        return
    if gone := max(manifest.count - g.count, 0):
        note = f"{gone:,} of {manifest.count:,}, as dataset.json tells; a shard is missing"
        g.findings.add("missing", max(g.count - 1, 0), note)
        g.findings.counts["missing"] += gone - 1


def fetch(reader: Reader, indices: Iterable[int]) -> dict[int, Entry]:
    """The entries of some pictures, by their numbers: a second pass over the labels, as far as the last of them."""
    wanted = set(indices)
    last = max(wanted, default=-1)
    found = {}
    if wanted:
        for index, entry in enumerate(reader.entries()):
            if index in wanted:
                found[index] = entry
            if index >= last:
                break
    return found


# Sums


def characters(texts: Counter[str]) -> Counter[str]:
    """How often each character occurs in all labels."""
    if not texts:
        return Counter()
    joined = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    weight = np.repeat(np.fromiter(texts.values(), np.int64), np.fromiter(map(len, texts), np.int64))
    counts = np.bincount(joined, weight)
    points = np.flatnonzero(counts)
    return Counter({chr(p): int(counts[p]) for p in points.tolist()})


def words(texts: Counter[str]) -> Counter[str]:
    """How often each word (what stands between blanks) occurs in all labels."""
    found: Counter[str] = Counter()
    for text, count in texts.items():
        for word in text.split():
            found[word] += count
    return found


def weighted_lengths(texts: Counter[str]) -> Array:
    """Length in code points of every label, int64 (labels,)."""
    return np.repeat(np.fromiter(map(len, texts), np.int64), np.fromiter(texts.values(), np.int64))


def families(g: Gathered) -> Counter[str]:
    """Pictures by family of font; of a font that is not installed here, its id stands for its family."""
    names: dict[str, str] = {}
    if g.faces and g.reader.manifest is not None:
        import msgspec

        from synthtext.typeset.catalogue import load_catalogue

        try:
            config = msgspec.convert(g.reader.manifest.config.get("fonts", {}), FontConfig)
            names = {face.id: face.family for face in load_catalogue(config).faces}
        except (InputError, msgspec.ValidationError, FileNotFoundError):
            names = {}
    found: Counter[str] = Counter()
    for face, count in g.faces.items():
        found[names.get(face, face)] += count
    return found


# Effects against what cannot be read
