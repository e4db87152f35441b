"""Pictures with a file of ground truth each: ICDAR and its kin, YOLO's oriented boxes, tesstrain's lines of text.

A picture's truth bears its name (`NAME.txt`, `gt_NAME.txt`, `poly_gt_NAME.txt`, `NAME.jpg.txt`; of tesstrain
`NAME.gt.txt`) and lies in its folder or in another (`pair_files`).
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from synthtext.core.errors import InputError
from synthtext.formats.reading.entries import PICTURES, Entry, FoundManifest, WordLabel, word_of
from synthtext.formats.reading.picture_files import (
    PictureFiles,
    files_below,
    is_picture,
    read_bytes,
    read_labels,
    shown,
)
from synthtext.formats.reading.split_names import are_apart, splits_of, words_of
from synthtext.formats.reading.truth_lines import (
    OURS,
    Layout,
    Truth,
    decide_layout,
    parse_line,
    split_records,
)

_PREFIXES = ("gt_", "poly_gt_", "label_")  # in capitals, too
_NO_TRUTH = "has no truth file"
_LOOKED_INTO = 50  # truth files by which it is seen whether they hold polygons
_VARIANTS = (".bin", ".nrm", ".raw", ".dew")  # before the suffix of pictures of tesstrain and OCRopus

Listed = dict[str, list[tuple[str, str]]]  # folder to (name that pairs them, path) of what lies there


class Pair(NamedTuple):
    """A picture and its truth, paths below the data set's folder. `problem`: why one of them is missing, else ""."""

    picture: str | None
    truth: str | None
    problem: str = ""


def pair_files(pictures: Listed, truths: Listed) -> list[Pair]:
    """Each picture with its truth: both are folder to (name, path) of what lies there.

    A folder of pictures belongs to those folders of truths with which it shares the nearest common folder, and they to
    it; a folder named for one split never belongs to one named for another. Where that leaves a picture several truths,
    that in the folder most alike by name has it, and where two are, none. In order of the pictures' names.
    """
    nearness: dict[tuple[str, str], tuple[int, int]] = {}
    sharing = defaultdict[str, list[str]](list)
    names = {folder: {name for name, _ in found} for folder, found in truths.items()}
    for folder, found in pictures.items():
        own = {name for name, _ in found}
        for other, theirs in names.items():
            if not own.isdisjoint(theirs) and (near := _nearness(folder, other)) is not None:
                nearness[folder, other] = near
                sharing[folder].append(other)
    best_of_picture: dict[str, tuple[int, int]] = {}
    best_of_truth: dict[str, tuple[int, int]] = {}
    for (folder, other), near in nearness.items():
        best_of_picture[folder] = max(near, best_of_picture.get(folder, near))
        best_of_truth[other] = max(near, best_of_truth.get(other, near))
    linked = {
        pair: _likeness(*pair)
        for pair, near in nearness.items()
        if near == best_of_picture[pair[0]] == best_of_truth[pair[1]]
    }
    used = {other for _, other in linked}
    by_name = defaultdict[str, list[tuple[str, str]]](list)
    for other in used:
        for name, path in truths[other]:
            by_name[name].append((other, path))
    claims = defaultdict[str, list[tuple[tuple[int, int], str]]](list)
    choices: dict[str, list[tuple[tuple[int, int], str]]] = {}
    for folder, found in pictures.items():
        for name, path in found:
            choices[path] = [
                (linked[folder, other], truth) for other, truth in by_name.get(name, ()) if (folder, other) in linked
            ]
            for likeness, truth in choices[path]:
                claims[truth].append((likeness, path))
    pairs, taken = [], set[str]()
    for path in sorted(choices, key=lambda path: (len(os.path.basename(path)), path)):
        open_to = [(likeness, truth) for likeness, truth in choices[path] if likeness == max(claims[truth])[0]]
        top = [truth for likeness, truth in open_to if likeness == max(open_to)[0]]
        rivals = [other for truth in top for likeness, other in claims[truth] if likeness == max(claims[truth])[0]]
        taken.update(top)
        if not top:
            pairs.append(Pair(path, None, _NO_TRUTH))
        elif len(top) > 1:
            pairs.append(Pair(path, None, f"has several truth files: {shown(', '.join(sorted(top)[:3]))}; leave one"))
        elif len(rivals) > 1:
            others = " and ".join(rival for rival in rivals if rival != path)
            pairs.append(Pair(path, None, f"shares the truth file {shown(top[0])} with {shown(others)}; rename one"))
        else:
            pairs.append(Pair(path, top[0]))
    pairs += [
        Pair(None, truth, "has no picture")
        for other in sorted(used)
        for _, truth in truths[other]
        if truth not in taken and not claims[truth]
    ]
    return pairs


def _apart(folder: str, other: str) -> tuple[int, list[str], list[str]]:
    """How many folders the paths begin with together, and the words of what follows of each."""
    a, b = [part for part in folder.split("/") if part], [part for part in other.split("/") if part]
    common = 0
    while common < min(len(a), len(b)) and a[common] == b[common]:
        common += 1
    return common, words_of("/".join(a[common:])), words_of("/".join(b[common:]))


def _nearness(folder: str, other: str) -> tuple[int, int] | None:
    """(depth of the common folder, how well their splits agree); None where they name different splits."""
    common, a, b = _apart(folder, other)
    mine, theirs = splits_of(a), splits_of(b)
    if are_apart(mine, theirs):
        return None
    return common, 2 * len(mine & theirs) - len(mine ^ theirs) if mine and theirs else 0


def _likeness(folder: str, other: str) -> tuple[int, int]:
    """(words that both have, less the words that are not shared): the larger, the more alike."""
    _, a, b = _apart(folder, other)
    return len(set(a) & set(b)), -len(set(a) ^ set(b))


def _listed(root: Path, suffix: str) -> tuple[Listed, Listed]:
    """The pictures and the truths that end in `suffix` below a folder."""
    pictures, found = defaultdict[str, list[tuple[str, str]]](list), list[tuple[str, str, str]]()
    for folder, name in files_below(root):
        path = f"{folder}/{name}" if folder else name
        stem = os.path.splitext(name)[0]
        if is_picture(name):
            if suffix != ".txt":
                stem = next((stem.removesuffix(v) for v in _VARIANTS if stem.endswith(v)), stem)
            pictures[folder].append((stem, path))
        elif name.lower().endswith(suffix) and len(name) > len(suffix):
            found.append((folder, name[: -len(suffix)], path))
    stems = {stem for listed in pictures.values() for stem, _ in listed}
    truths = defaultdict[str, list[tuple[str, str]]](list)
    for folder, stem, path in found:
        if suffix == ".txt" and stem not in stems:
            base = os.path.splitext(stem)
            stem = base[0] if base[1].lower() in PICTURES else stem
            bare = (stem[len(prefix) :] for prefix in _PREFIXES if stem.lower().startswith(prefix))
            stem = next((name for name in bare if name in stems), stem)
        truths[folder].append((stem, path))
    return pictures, truths


def find_pairs(root: Path, suffix: str = ".txt") -> list[Pair]:
    """The pictures below a folder with their truths; [] where no picture has one."""
    pairs = pair_files(*_listed(root, suffix))
    if not any(pair.picture and pair.truth for pair in pairs):
        return []
    return pairs


def why_none(root: Path) -> str:
    """Why no picture below a folder has its truth, though there are such files; "" where there are none."""
    for suffix in (".gt.txt", ".txt"):
        pairs = pair_files(*_listed(root, suffix))
        for pair in pairs:
            if pair.picture and pair.problem != _NO_TRUTH:
                return f"{shown(pair.picture)} {pair.problem}"
    pictures, truths = _listed(root, ".txt")
    names = sorted(path for found in pictures.values() for _, path in found)
    for path in sorted(path for found in truths.values() for _, path in found)[:_LOOKED_INTO]:
        if names and hold_polygons(root, [Pair(names[0], path)]):
            return f"no picture has a truth file of its name and split ({shown(names[0])} beside {shown(path)})"
    return ""


def complete(pairs: list[Pair]) -> int:
    """How many pictures have their truth."""
    return sum(pair.picture is not None and pair.truth is not None for pair in pairs)


def hold_polygons(root: Path, pairs: list[Pair]) -> bool:
    """Whether most truth files that are not empty, of the first ones, have a polygon a line."""
    held = seen = 0
    for pair in islice((pair for pair in pairs if pair.picture and pair.truth), _LOOKED_INTO):
        truth = root / str(pair.truth)
        if os.path.isfile(truth) and os.path.getsize(truth):
            seen += 1
            held += holds_truth(truth)
    return 2 * held > seen


def holds_truth(file: Path) -> bool:
    """Whether a file has a polygon a line, or a record."""
    try:
        return bool(parse_truth(read_bytes(file), "")[0])
    except OSError:
        return False


def to_word(truth: Truth, width: float = 1.0, height: float = 1.0) -> WordLabel:
    """A polygon and its text as a word's label; of a layout in parts of the picture, by its size."""
    return word_of(truth.text, [(x * width, y * height) for x, y in truth.points], truth.ignore)


def parse_truth(data: bytes, name: str, layout: Layout | None = None) -> tuple[list[Truth], str]:
    """The records of a truth file that can be read, and what is wrong with the first that cannot, else ""."""
    records = list(split_records(data))
    if layout is None:
        layout = decide_layout(line for _, line in records if line)
    found, problems = [], []
    for number, line in records:
        try:
            if line is None:
                raise ValueError("is not UTF-8; save the file as UTF-8")
            found.append(parse_line(line, layout))
        except ValueError as error:
            problems.append(f"{name}:{number}: {error}")
    return found, problems[0] + _more(len(problems) - 1) if problems else ""


def _more(count: int) -> str:
    return f" (and {count} more line{'s' if count > 1 else ''} of it)" if count else ""


class TruthReader(PictureFiles):
    """Pictures, each with a truth file; the layout of the lines is decided by all files together."""

    unit = "word"

    def __init__(self, root: Path, pairs: list[Pair], manifest: FoundManifest | None = None) -> None:
        super().__init__(root)
        self.manifest = manifest
        if manifest is None:
            self._layout = decide_layout(_all_lines(root, pairs))
        else:
            self._layout = Layout(relative=True) if manifest.format == "yolo-obb" else OURS
        self._relative = self._layout.relative
        self.format = "yolo-obb" if self._relative else "icdar"
        self._pairs = [pair for pair in pairs if pair.picture or self._has_words(pair.truth)]

    def __len__(self) -> int:
        return len(self._pairs)

    def _has_words(self, truth: str | None) -> bool:
        """Whether a file that no picture belongs to is a truth at all, and not a note."""
        try:
            return truth is not None and bool(parse_truth(read_bytes(self.path / truth), truth, self._layout)[0])
        except OSError:
            return False

    def entries(self) -> Iterator[Entry]:
        """What is wrong with a pair, or with lines of a truth file, is a problem; the other lines are kept."""
        for pair in self._pairs:
            if pair.picture is None:
                yield Entry(shown(str(pair.truth)), "", None, problem=pair.problem)
                continue
            if pair.truth is None:
                yield Entry(shown(pair.picture), "", pair.picture, problem=pair.problem)
                continue
            try:
                found, problem = parse_truth(read_labels(self.path / pair.truth), shown(pair.truth), self._layout)
            except InputError as error:
                found, problem = [], shown(str(error))
            width, height = 1, 1
            if self._relative and found:
                try:
                    width, height = self._size(pair.picture)
                except (OSError, ValueError):
                    found, problem = [], problem or "the picture has no size by which its labels could be scaled"
            words = [to_word(truth, width, height) for truth in found]
            text = "\n".join(word.text for word in words if word.text and not word.ignore)
            yield Entry(shown(pair.picture), text, pair.picture, words, problem=problem)

    def _size(self, picture: str) -> tuple[int, int]:
        from synthtext.core.picture_header import picture_size

        return picture_size(self.image(picture))


def _all_lines(root: Path, pairs: list[Pair]) -> Iterator[str]:
    for pair in pairs:
        if pair.truth is not None and (pair.picture is not None):
            try:
                data = read_bytes(root / pair.truth)
            except OSError:
                continue
            yield from (line for _, line in split_records(data) if line)


class LineReader(PictureFiles):
    """Pictures of a line of text, each with a `NAME.gt.txt` that holds it, as tesstrain and OCRopus have them."""

    format = "tesstrain"
    manifest = None
    unit = "picture"

    def __init__(self, root: Path, pairs: list[Pair]) -> None:
        super().__init__(root)
        self._pairs = pairs

    def __len__(self) -> int:
        return len(self._pairs)

    def entries(self) -> Iterator[Entry]:
        """A text ends with its file's last line break."""
        for pair in self._pairs:
            text, problem = "", pair.problem
            if pair.truth is not None and pair.picture is not None:
                try:
                    text = read_bytes(self.path / pair.truth).decode("utf-8-sig")
                    text = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
                except OSError as error:
                    problem = f"{shown(pair.truth)}: cannot be read: {error.strerror or error}"
                except UnicodeDecodeError:
                    problem = f"{shown(pair.truth)}: is not UTF-8"
            yield Entry(shown(pair.picture or str(pair.truth)), text, pair.picture, problem=problem)
