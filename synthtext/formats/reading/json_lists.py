"""Labels of a whole set in one JSON file: COCO and COCO-Text, MMOCR, docTR.

    {"images": [...], "annotations": [...]}                 COCO; the text by any of TEXT_KEYS
    {"imgs": {...}, "anns": {...}}                          COCO-Text, TextOCR
    {"metainfo": ..., "data_list": [{"img_path", "instances": [{"polygon" or "bbox", "ignore", "text"}]}]}     MMOCR 1.x
    {"1.jpg": "text"}                                       docTR, recognition
    {"1.jpg": {"polygons": [[[x, y], ...]]}}                docTR, detection; by class where there are several
    {"1.jpg": {"typed_words": [{"value", "geometry"}]}}     docTR, both
    [{"file_name": ..., "text": ...}]                       objects as of `metadata.jsonl`

Each entry of a list is decoded by itself: one that cannot be read is told and costs no other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from synthtext.core.errors import InputError
from synthtext.formats.reading.entries import Entry, FoundManifest, Point, WordLabel, box_of, fitted_quad, word_of
from synthtext.formats.reading.json_records import DAMAGED, joined, named_text, text_in
from synthtext.formats.reading.picture_files import PictureFiles, find_place, is_picture, read_labels

_MOST = 1e9  # a coordinate beyond is none
_HALF = re.compile(
    rb"\\u[dD][89abAB]..(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB]..)\\u[dD][c-fC-F].."
)  # of a surrogate pair
_ILLEGIBLE = "."  # TextOCR's text of what nobody can read

Raws = dict[str, msgspec.Raw]


class CocoImage(Struct, frozen=True):
    """An entry of COCO's `images`, or of COCO-Text's `imgs`."""

    id: int | str
    file_name: str
    height: float | None = 0
    width: float | None = 0


class CocoWord(Struct, frozen=True):
    """An entry of COCO's `annotations`, or of COCO-Text's or TextOCR's `anns`."""

    image_id: int | str
    bbox: list[float] = []
    segmentation: Any = None
    mask: Any = None
    points: Any = None
    iscrowd: int | bool | None = 0
    ignore: int | bool | None = 0
    utf8_string: str | None = None
    legibility: float | str | None = -1.0


class MmocrWord(Struct, frozen=True):
    """An instance of MMOCR's."""

    text: str | int | float | None = ""
    polygon: list[float] = []
    bbox: list[float] = []
    ignore: bool | int = False


class MmocrImage(Struct, frozen=True):
    """An entry of MMOCR's `data_list`."""

    img_path: str
    height: float | None = 0
    width: float | None = 0
    instances: list[msgspec.Raw] = []


class TypedWord(Struct, frozen=True):
    """A word of docTR's OCRDataset: `geometry` begins with xmin, ymin, xmax, ymax."""

    value: str
    geometry: list[float]


class DoctrImage(Struct, frozen=True):
    """A picture of docTR's detection or OCR labels. `img_dimensions`: height and width."""

    img_dimensions: list[int] = []
    polygons: list[msgspec.Raw] | Raws = []
    typed_words: list[msgspec.Raw] = []


def _decoder(kind: Any) -> Any:
    return msgspec.json.Decoder(kind).decode


_coco_image, _coco_word = _decoder(CocoImage), _decoder(CocoWord)
_mmocr_image, _mmocr_word = _decoder(MmocrImage), _decoder(MmocrWord)
_doctr_image, _typed_word, _points_list = _decoder(DoctrImage), _decoder(TypedWord), _decoder(list[tuple[float, float]])
_raws, _raw_list, _any_object = _decoder(Raws), _decoder(list[msgspec.Raw]), _decoder(dict[str, Any])


def _pairs_of(values: Sequence[float]) -> list[Point]:
    """[x1, y1, x2, y2, ...] as points. Raises ValueError where they are none."""
    if len(values) % 2 or len(values) < 6:
        raise ValueError(f"has {len(values)} coordinates; give x and y of at least 3 points")
    return _checked(list(zip(values[::2], values[1::2], strict=True)))


def _checked(points: list[Point]) -> list[Point]:
    if len(points) < 3:
        raise ValueError(f"has {len(points)} points; a polygon has at least 3")
    if not all(isinstance(v, (int, float)) and abs(v) <= _MOST for point in points for v in point):
        raise ValueError("has a coordinate that is no number")
    return points


def _coco_label(word: CocoWord, text: str) -> WordLabel:
    """A word: its polygon, where the annotation has one of a single part, else its box."""
    hidden = word.legibility == "illegible" or (word.utf8_string == _ILLEGIBLE and word.points is not None)
    ignore = bool(word.iscrowd) or bool(word.ignore) or hidden
    legibility = float(word.legibility) if isinstance(word.legibility, (int, float)) else -1.0
    flat = word.segmentation or word.mask or word.points
    if isinstance(flat, list) and len(flat) == 1 and isinstance(flat[0], list):
        flat = flat[0]
    if isinstance(flat, list) and flat and all(isinstance(v, (int, float)) for v in flat):
        points = _pairs_of(flat)
        quad = points if len(points) == 4 else fitted_quad(points)
        return WordLabel(text, quad, points, ignore, legibility)
    if len(word.bbox) != 4:
        raise ValueError("has neither a polygon of one part nor a bbox of four numbers")
    x, y, width, height = word.bbox
    box = _checked(box_of(x, y, x + width, y + height))
    return WordLabel(text, box, box, ignore, legibility)


def _coco_text(raw: msgspec.Raw) -> str:
    """The text of an annotation, of its own or, as CVAT has it, of its `attributes`; "" where there is none.

    A `label` is none: it is the category.
    """
    row = _any_object(raw)
    for part in (row, row.get("attributes")):
        if isinstance(part, dict) and (text := text_in(part | {"label": None})) is not None:
            return text
    return ""


def _entry(name: str, words: list[WordLabel], height: float | None, width: float | None, problems: list[str]) -> Entry:
    text = "\n".join(word.text for word in words if word.text and not word.ignore)
    size = (height, width) if height and width and max(abs(height), abs(width)) < _MOST else (0, 0)
    return Entry(name, text, name, words, int(size[0]), int(size[1]), problem=joined(problems))


def _lost(what: str, error: Exception) -> Entry:
    return Entry(what, "", None, problem=f"cannot be read ({error})")


def coco_entries(images: Iterable[tuple[str, msgspec.Raw]], words: Iterable[tuple[str, msgspec.Raw]]) -> list[Entry]:
    """Entries of COCO's two lists; each with the words that name it in a message."""
    lost: list[Entry] = []
    known: dict[int | str, tuple[CocoImage, list[WordLabel], list[str]]] = {}
    for where, raw in images:
        try:
            image = _coco_image(raw)
        except DAMAGED as error:
            lost.append(_lost(where, error))
            continue
        if image.id in known:
            lost.append(Entry(where, "", None, problem=f"has the id {image.id!r} of another image"))
            continue
        known[image.id] = (image, [], [])
    for where, raw in words:
        try:
            word = _coco_word(raw)
        except DAMAGED as error:
            lost.append(_lost(where, error))
            continue
        if word.image_id not in known:
            lost.append(Entry(where, "", None, problem=f"is of an image that is not listed: {word.image_id!r}"))
            continue
        _, labels, problems = known[word.image_id]
        try:
            labels.append(_coco_label(word, _coco_text(raw)))
        except ValueError as error:
            problems.append(f"{where} {error}")
    found = [_entry(i.file_name, labels, i.height, i.width, problems) for i, labels, problems in known.values()]
    return found + lost


def mmocr_entries(data: Iterable[tuple[str, msgspec.Raw]]) -> list[Entry]:
    """Entries of MMOCR's `data_list`."""
    found = []
    for where, raw in data:
        try:
            image = _mmocr_image(raw)
        except DAMAGED as error:
            found.append(_lost(where, error))
            continue
        words, texts, problems = [], [], list[str]()
        for k, instance in enumerate(image.instances):
            try:
                word = _mmocr_word(instance)
                text = "" if word.text is None else str(word.text)
                if word.polygon:
                    words.append(word_of(text, _pairs_of(word.polygon), bool(word.ignore)))
                elif len(word.bbox) == 4:
                    words.append(word_of(text, _checked(box_of(*word.bbox)), bool(word.ignore)))
                else:
                    texts.append(text)
            except (*DAMAGED, ValueError) as error:
                problems.append(f"instance {k} {error}")
        entry = _entry(image.img_path, words, image.height, image.width, problems)
        found.append(msgspec.structs.replace(entry, text="\n".join(texts)) if texts else entry)
    return found


def doctr_entries(data: dict[str, msgspec.Raw]) -> list[Entry]:
    """Entries of docTR's `labels.json`."""
    found = []
    for name, raw in data.items():
        try:
            if bytes(raw)[:1] == b'"':
                found.append(Entry(name, msgspec.json.decode(raw, type=str), name))
                continue
            image = _doctr_image(raw)
            polygons = image.polygons
            parts = polygons if isinstance(polygons, list) else [p for v in polygons.values() for p in _raw_list(v)]
        except DAMAGED as error:
            found.append(msgspec.structs.replace(_lost(name, error), ref=name))
            continue
        words, problems = [], list[str]()
        for k, part in enumerate(parts):
            try:
                words.append(word_of("", _checked(_points_list(part))))
            except (*DAMAGED, ValueError) as error:
                problems.append(f"polygon {k} {error}")
        for k, part in enumerate(image.typed_words):
            try:
                word = _typed_word(part)
                if len(word.geometry) < 4:
                    raise ValueError("has no xmin, ymin, xmax, ymax")
                words.append(word_of(word.value, _checked(box_of(*word.geometry[:4]))))
            except (*DAMAGED, ValueError) as error:
                problems.append(f"word {k} {error}")
        height, width = image.img_dimensions if len(image.img_dimensions) == 2 else (0, 0)
        found.append(_entry(name, words, height, width, problems))
    return found


def object_entries(data: list[msgspec.Raw]) -> list[Entry]:
    """Entries of a list of objects with a picture's name and a text."""
    found = []
    for k, raw in enumerate(data):
        try:
            name, text = named_text(msgspec.json.decode(raw, type=dict[str, Any]))
        except DAMAGED as error:
            found.append(_lost(f"object {k}", error))
            continue
        if not name:
            found.append(Entry(f"object {k}", "", None, problem="names no picture: give image or file_name"))
        else:
            found.append(Entry(name, text or "", name, problem="" if text is not None else "has no text"))
    return found


def _numbered(what: str, raws: Sequence[msgspec.Raw]) -> Iterator[tuple[str, msgspec.Raw]]:
    return ((f"{what} {k}", raw) for k, raw in enumerate(raws))


def _is_doctr(raw: msgspec.Raw) -> bool:
    value = bytes(raw)
    return value[:1] == b'"' or (value[:1] == b"{" and (b'"polygons"' in value or b'"typed_words"' in value))


def entries_of(data: bytes) -> tuple[str, list[Entry]] | None:
    """(format, entries) of a JSON file; None where it is none of those above. Raises as DAMAGED has it."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    if data.lstrip()[:1] == b"[":
        objects = _raw_list(data)
        found = object_entries(objects)
        return ("folder", found) if any(is_picture(entry.ref or "") for entry in found) else None
    keys = _raws(data)
    if "data_list" in keys:
        return "mmocr", mmocr_entries(_numbered("entry", _raw_list(keys["data_list"])))
    if "images" in keys and "annotations" in keys:
        images = _numbered("image", _raw_list(keys["images"]))
        return "coco", coco_entries(images, _numbered("annotation", _raw_list(keys["annotations"])))
    if "imgs" in keys and "anns" in keys:
        return "coco", coco_entries(_raws(keys["imgs"]).items(), _raws(keys["anns"]).items())
    if any(map(is_picture, keys)) and 2 * sum(map(_is_doctr, keys.values())) >= len(keys):
        return "doctr", doctr_entries(keys)
    return None


class JsonReader(PictureFiles):
    """A data set whose labels are one JSON file, or several of one kind."""

    def __init__(self, root: Path, file: Path, manifest: FoundManifest | None, found: tuple[str, list[Entry]]) -> None:
        super().__init__(root)
        self.manifest = manifest
        self.format, self._entries = found
        self.unit = "word" if any(entry.words for entry in self._entries) else "picture"
        self._place = find_place(root, (entry.ref for entry in self._entries if entry.ref), file)

    def __len__(self) -> int:
        return len(self._entries)

    def entries(self) -> Iterator[Entry]:
        """An entry or a word that cannot be read is told as a problem."""
        for entry in self._entries:
            yield msgspec.structs.replace(entry, ref=self._place.path(entry.ref)) if entry.ref else entry


def open_json(root: Path, file: Path, manifest: FoundManifest | None) -> JsonReader | None:
    """The reader of a JSON file; None where it is of no kind that is known. Raises InputError where it is damaged."""
    data = read_labels(file)
    try:
        found = entries_of(data)
    except DAMAGED as error:
        what = "it has half of a surrogate pair" if _HALF.search(data) else str(error)
        raise InputError(f"{file}: is JSON that cannot be read ({what}); mend it") from None
    return None if found is None else JsonReader(root, file, manifest, found)
