"""What a batch of a stream holds: fields, each with its arrays and how samples are written into them.

A batch has room for a fixed number of samples. Where images differ in size they lie at the top left of the batch's, and
the rest is 0; what there are different numbers of, such as quads, is padded with 0 and has a count. A batch's images
are cut to the width of the widest, rounded up to a multiple of `WIDTH_MULTIPLE`, unless maps of a detector go along.
"""

from __future__ import annotations

import dataclasses
import difflib
import functools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, NamedTuple, Protocol, cast

import numpy as np
import numpy.typing as npt

from synthtext.config import Config
from synthtext.core.errors import InputError
from synthtext.core.srgb import luma
from synthtext.labels.ink_maps import INK_MAPS, INK_NAMES, THRESHOLD, ink_maps, least_coverage
from synthtext.sample import Labels, Sample
from synthtext.targets import TAKES as TARGETS
from synthtext.targets import empty as empty_target
from synthtext.targets import encode as encode_target
from synthtext.targets.alphabet import Alphabet

WIDTH_MULTIPLE = 32
SCENE_WORDS = 512  # for which there is room in a batch of scenes, where nothing else is asked for
Array = npt.NDArray[Any]
Batch = dict[str, Any]
Declared = Sequence[str] | Mapping[str, Mapping[str, Any]]


class Column(NamedTuple):
    """An array of a batch: its shape and dtype for one sample."""

    shape: tuple[int, ...]
    dtype: Any


class Extent(NamedTuple):
    """The most pixels that an image has, its channels, and whether all have just these."""

    height: int
    width: int
    channels: int
    fixed: bool


class Field(Protocol):
    """One declared content of a batch. Picklable: workers write it, the stream's process reads it."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """The arrays in shared memory."""

    def write(self, samples: Sequence[Sample], arrays: Sequence[Array]) -> Any:
        """Write the samples into as many rows of the arrays; gives what goes along as a message (None: nothing)."""

    def read(self, arrays: Sequence[Array], messages: Sequence[Any], width: int) -> Batch:
        """The batch's entries. `messages`: of `write`, in order; `width`: of the batch's images."""


def extent_of(configs: Sequence[Config]) -> Extent:
    """What is known of the images of configurations before any is made."""
    images = [config.image for config in configs]
    sizes = {(image.height, image.width) for image in images}
    grey = all(image.channels == "grey" for image in images)
    return Extent(
        max(height for height, _ in sizes),
        max(width for _, width in sizes),
        1 if grey else 3,
        len(sizes) == 1 and all(image.fit != "natural" for image in images),
    )


@dataclass(frozen=True)
class ImageField:
    """`image` uint8 (B, H, W, C), or (B, C, H, W) with the layout NCHW; C is 3 (RGB) or 1 (grey).

    Where sizes differ, `size` int32 (B, 2) is each image's height and width within.
    """

    extent: Extent
    layout: str = "NHWC"
    channels: str = ""  # rgb or grey; empty: as the configuration has it

    def __post_init__(self) -> None:
        if self.layout not in ("NHWC", "NCHW"):
            raise InputError(f"fields: image.layout is {self.layout!r}; give NHWC or NCHW")
        if self.channels not in ("", "rgb", "grey"):
            raise InputError(f"fields: image.channels is {self.channels!r}; give rgb or grey")

    @property
    def depth(self) -> int:
        """Channels."""
        return {"": self.extent.channels, "rgb": 3, "grey": 1}[self.channels]

    @property
    def columns(self) -> tuple[Column, ...]:
        height, width = self.extent.height, self.extent.width
        shape = (height, width, self.depth) if self.layout == "NHWC" else (self.depth, height, width)
        image = Column(shape, np.uint8)
        return (image,) if self.extent.fixed else (image, Column((2,), np.int32))

    def write(self, samples: Sequence[Sample], arrays: Sequence[Array]) -> None:
        depth = self.depth
        images = [_with_channels(sample.image, depth) for sample in samples]
        rows = arrays[0] if self.layout == "NHWC" else arrays[0].transpose(0, 2, 3, 1)
        bound = rows.shape[1:]
        for image in images:
            if image.shape != bound and (self.extent.fixed or image.shape[0] > bound[0] or image.shape[1] > bound[1]):
                raise InputError(f"its image is {image.shape}, where the stream expects {bound}")
        if self.extent.fixed:
            if self.layout == "NHWC":  # one above the other: np.stack takes twice as long
                np.concatenate(images, out=rows.reshape(-1, *rows.shape[2:]))
            else:
                np.stack(images, out=rows)
            return
        for row, size, image in zip(rows, arrays[1], images, strict=True):
            height, width = image.shape[:2]
            size[:] = height, width
            row[:height, :width] = image
            row[:height, width:] = 0
            row[height:] = 0

    def read(self, arrays: Sequence[Array], messages: Sequence[Any], width: int) -> Batch:
        image = arrays[0][:, :, :width] if self.layout == "NHWC" else arrays[0][..., :width]
        return {"image": image} if self.extent.fixed else {"image": image, "size": arrays[1]}


def _with_channels(image: npt.NDArray[np.uint8], depth: int) -> npt.NDArray[np.uint8]:
    """(H, W, depth): grey of RGB by BT.601's luma, RGB of grey by repetition."""
    if image.ndim == 2:
        return image[..., None] if depth == 1 else np.repeat(image[..., None], 3, axis=2)
    return image if depth == 3 else luma(image)[..., None]


@dataclass(frozen=True)
class InkField:
    """Ink masks, of the size of `image` and padded like it: `ink` uint8 (B, H, W), 255 times the covered part of each
    pixel; `ink_words` and `ink_chars` uint16 (B, H, W), where i + 1 is the ink of word or char i of a sample's labels.

    `maps`: which of coverage, words and chars are wanted. `threshold`: the coverage from which on a pixel has an id.
    """

    extent: Extent
    maps: Sequence[str] = INK_MAPS
    threshold: float = THRESHOLD

    def __post_init__(self) -> None:
        maps = self.maps
        listed = isinstance(maps, list | tuple) and all(isinstance(name, str) for name in maps)
        if not listed or not maps or not set(maps) <= set(INK_MAPS) or len(set(maps)) < len(maps):
            raise InputError(f"fields: ink.maps is {maps!r}; give some of {', '.join(INK_MAPS)}")
        try:
            least_coverage(self.threshold)
        except InputError as error:
            raise InputError(f"fields: ink.{error}") from None

    @property
    def columns(self) -> tuple[Column, ...]:
        shape = (self.extent.height, self.extent.width)
        return tuple(Column(shape, np.uint8 if name == "coverage" else np.uint16) for name in self.maps)

    def write(self, samples: Sequence[Sample], arrays: Sequence[Array]) -> None:
        for row, sample in enumerate(samples):
            for array, found in zip(arrays, ink_maps(sample.ink, self.maps, self.threshold), strict=True):
                height, width = found.shape
                out = array[row]
                out[:height, :width] = found
                out[:height, width:] = 0
                out[height:] = 0

    def read(self, arrays: Sequence[Array], messages: Sequence[Any], width: int) -> Batch:
        names = [INK_NAMES[name] for name in self.maps]
        return {name: array[..., : width or None] for name, array in zip(names, arrays, strict=True)}


@dataclass(frozen=True)
class TextField:
    """`text`: a list of B transcriptions, lines joined by newlines."""

    columns: tuple[Column, ...] = ()

    def write(self, samples: Sequence[Sample], arrays: Sequence[Array]) -> list[str]:
        return [sample.text for sample in samples]

    def read(self, arrays: Sequence[Array], messages: Sequence[Any], width: int) -> Batch:
        return {"text": [text for message in messages for text in message]}


@dataclass(frozen=True)
class WordsField:
    """`word_quads` float32 (B, most, 4, 2), `word_ignore` bool (B, most), `word_count` int32 (B,): how many there are.

    `word_text`: a list of B lists of strings.
    """

    most: int

    @property
    def columns(self) -> tuple[Column, ...]:
        return Column((self.most, 4, 2), np.float32), Column((self.most,), np.bool_), Column((), np.int32)

    def write(self, samples: Sequence[Sample], arrays: Sequence[Array]) -> list[tuple[str, ...]]:
        quads, ignore, count = arrays
        counts = [len(sample.labels.word_text) for sample in samples]
        places = _places(counts, self.most, "words")
        count[:], quads[:], ignore[:] = counts, 0.0, False
        quads[places] = np.concatenate([sample.labels.word_quads for sample in samples])
        ignore[places] = np.concatenate([sample.labels.ignore for sample in samples])
        return [sample.labels.word_text for sample in samples]

    def read(self, arrays: Sequence[Array], messages: Sequence[Any], width: int) -> Batch:
        texts = [list(texts) for message in messages for texts in message]
        return {"word_quads": arrays[0], "word_ignore": arrays[1], "word_count": arrays[2], "word_text": texts}


@dataclass(frozen=True)
class CharsField:
    """`char_quads` float32 (B, most, 4, 2), `char_word` int32 (B, most): the word of each, `char_count` int32 (B,)."""

    most: int

    @property
    def columns(self) -> tuple[Column, ...]:
        return Column((self.most, 4, 2), np.float32), Column((self.most,), np.int32), Column((), np.int32)

    def write(self, samples: Sequence[Sample], arrays: Sequence[Array]) -> None:
        quads, word, count = arrays
        counts = [len(sample.labels.char_text) for sample in samples]
        places = _places(counts, self.most, "chars")
        count[:], quads[:], word[:] = counts, 0.0, 0
        quads[places] = np.concatenate([sample.labels.char_quads for sample in samples])
        word[places] = np.concatenate([sample.labels.char_word for sample in samples])

    def read(self, arrays: Sequence[Array], messages: Sequence[Any], width: int) -> Batch:
        return {"char_quads": arrays[0], "char_word": arrays[1], "char_count": arrays[2]}


def _places(counts: Sequence[int], most: int, name: str) -> npt.NDArray[np.bool_]:
    """Where in padded rows the labels go; InputError where a sample has too many."""
    if max(counts) > most:
        raise InputError(
            f"it has {max(counts)} {name}, more than the {most} that a batch holds; give it room: "
            f'fields={{..., "{name}": {{"most": {2 * max(counts)}}}}}'
        )
    return np.arange(most) < np.array(counts)[:, None]


@dataclass(frozen=True)
class TargetField:
    """Maps of an encoder of `synthtext.targets`, made straight in the batch: the encoder's record, as `batch[name]`.

    Each of its arrays has the batch as first axis: `batch["east"].score` is float32 (B, h, w).
    """

    name: str
    target: str
    extent: Extent
    options: tuple[tuple[str, Any], ...]

    def __post_init__(self) -> None:
        labels = Labels((), _NO_QUADS, _NO_INTS, (), _NO_QUADS, (), _NO_FLAGS, _NO_SCORES, _NO_INTS, _NO_INTS)
        encode_target(self.target, labels, self.extent.height, self.extent.width, **dict(self.options))

    @functools.cached_property
    def _blank(self) -> Any:
        """The maps of an image without text."""
        return empty_target(self.target, self.extent.height, self.extent.width, **dict(self.options))

    @property
    def columns(self) -> tuple[Column, ...]:
        return tuple(Column(array.shape, array.dtype) for array in self._blank)

    def write(self, samples: Sequence[Sample], arrays: Sequence[Array]) -> None:
        options = dict(self.options)
        for row, sample in enumerate(samples):
            out = type(self._blank)(*(array[row] for array in arrays))
            encode_target(self.target, sample.labels, self.extent.height, self.extent.width, out=out, **options)

    def read(self, arrays: Sequence[Array], messages: Sequence[Any], width: int) -> Batch:
        return {self.name: type(self._blank)(*arrays)}


_NO_QUADS = np.zeros((0, 4, 2), np.float32)
_NO_INTS = np.zeros(0, np.int64)
_NO_FLAGS = np.zeros(0, np.bool_)
_NO_SCORES = np.zeros(0, np.float32)


@dataclass(frozen=True)
class EncodedField:
    """Labels of `synthtext.targets.ctc` or `attention`: that module's record, as `batch[name]`, n being the batch.

    Where a person could not read a word of it, a text is masked.
    """

    name: str
    alphabet: Alphabet
    options: tuple[tuple[str, Any], ...]

    def __post_init__(self) -> None:
        try:
            self._encode([""], [False])
        except TypeError as error:
            raise InputError(f"fields: {self.name}: {error}") from None

    def _encode(self, texts: Sequence[str], ignore: Sequence[bool]) -> Any:
        return import_module(f"synthtext.targets.{self.name}").encode(
            texts, self.alphabet, np.array(ignore), **dict(self.options)
        )

    @functools.cached_property
    def _blank(self) -> Any:
        return self._encode([""], [False])

    @property
    def columns(self) -> tuple[Column, ...]:
        return tuple(Column(array.shape[1:], array.dtype) for array in self._blank)

    def write(self, samples: Sequence[Sample], arrays: Sequence[Array]) -> None:
        encoded = self._encode([s.text for s in samples], [bool(s.labels.ignore.any()) for s in samples])
        for array, values in zip(arrays, encoded, strict=True):
            array[:] = values

    def read(self, arrays: Sequence[Array], messages: Sequence[Any], width: int) -> Batch:
        return {self.name: type(self._blank)(*arrays)}


ENCODED = ("ctc", "attention")
#: The targets by their names as fields: the chars' quads have that of one of them.
_TARGET_FIELDS = {("char_maps" if name == "chars" else name): name for name in TARGETS}
FIELDS = ("image", "text", "index", "source", "words", "chars", "ink", *_TARGET_FIELDS, *ENCODED)


def make_fields(declared: Declared, configs: Sequence[Config]) -> tuple[Field, ...]:
    """The fields of a declaration: names, or names with options. Raises InputError for what is unknown.

    `index` and `source` (which of a `Mix`'s) need no field: a stream knows them without one.
    """
    table: Mapping[str, Mapping[str, Any]]
    table = declared if isinstance(declared, Mapping) else {name: {} for name in declared}
    if isinstance(declared, str) or not table:
        raise InputError(f"fields: is {declared!r}; give a list of names, such as {list(FIELDS[:3])}")
    extent = extent_of(configs)
    fields = []
    for name, options in table.items():
        if name not in FIELDS:
            near = (difflib.get_close_matches(str(name), FIELDS, 1, 0.0) or FIELDS)[0]
            raise InputError(f"fields: {name!r} is unknown; did you mean {near!r}? (known: {', '.join(FIELDS)})")
        if not isinstance(options, Mapping):
            raise InputError(f"fields: {name} has the options {options!r}; give a mapping of names to values")
        if name not in ("index", "source"):
            fields.append(_make_field(name, dict(options), configs, extent))
    return tuple(fields)


def _make_field(name: str, options: dict[str, Any], configs: Sequence[Config], extent: Extent) -> Field:
    words, chars = _most(configs)
    if name in ENCODED:
        alphabet = _alphabet(name, options.pop("alphabet", ""), configs)
        return EncodedField(name, alphabet, tuple(({"length": chars} | options).items()))
    if name in _TARGET_FIELDS:
        if name == "char_maps":
            options["alphabet"] = _alphabet(name, options.get("alphabet", ""), configs)
        return TargetField(name, _TARGET_FIELDS[name], extent, tuple(options.items()))
    makers: dict[str, tuple[Callable[..., Field], dict[str, Any]]] = {
        "image": (ImageField, {"extent": extent}),
        "text": (TextField, {}),
        "words": (WordsField, {"most": words}),
        "chars": (CharsField, {"most": chars}),
        "ink": (InkField, {"extent": extent}),
    }
    make, defaults = makers[name]
    names = [field.name for field in dataclasses.fields(cast(Any, make))]
    known = [name for name in names if name not in ("extent", "columns")]
    for key in options:
        if key not in known:
            raise InputError(
                f"fields: {name} has no option {key!r}" + (f"; it has {', '.join(known)}" if known else "")
            )
    most = options.get("most", 1)
    if not (isinstance(most, int) and 1 <= most <= 1 << 20):
        raise InputError(f"fields: {name}.most is {most!r}; give a whole number, at least 1")
    return make(**defaults | options)


def _alphabet(name: str, given: Any, configs: Sequence[Config]) -> Alphabet:
    """The alphabet that is given, or of the configurations' charset."""
    if isinstance(given, Alphabet):
        return given
    charsets = {config.text.charset for config in configs}
    charset = given or (charsets.pop() if len(charsets) == 1 else "")
    if not (isinstance(charset, str) and charset):
        raise InputError(f'fields: {name} needs an alphabet, since no charset is set: {{"alphabet": "@ascii"}}')
    return Alphabet.of(charset)


def _most(configs: Sequence[Config]) -> tuple[int, int]:
    """Room for the words and chars of a sample, where none is asked for."""
    words, chars = 1, 1
    for config in configs:
        kind: str = config.kind
        if kind == "scenes":
            words, chars = max(words, SCENE_WORDS), max(chars, 8 * SCENE_WORDS)
        lines = max(int(count) for count, weight in config.text.lines.items() if weight > 0.0)
        longest = config.text.length[1]
        words = max(words, lines * (longest // 2 + 1))
        chars = max(chars, lines * 2 * longest)  # capitals may be more than their small letters, as of ß
    return words, chars


class Layout:
    """Where the fields' arrays lie in a slot of shared memory that holds `batch_size` samples."""

    def __init__(self, fields: Sequence[Field], batch_size: int, cut: bool = True) -> None:
        """`cut`: images to the width that a batch needs."""
        self.fields = tuple(fields)
        self._cut = cut and not any(isinstance(field, TargetField) for field in fields)
        self.batch_size = batch_size
        self._places: list[list[tuple[int, int, tuple[int, ...], Any]]] = []
        at = 0
        for field in self.fields:
            places = []
            for column in field.columns:
                size = math.prod((batch_size, *column.shape)) * np.dtype(column.dtype).itemsize
                places.append((at, at + size, column.shape, np.dtype(column.dtype)))
                at += -(-size // 64) * 64
            self._places.append(places)
        self.slot_size = max(-(-at // 4096) * 4096, 4096)

    def arrays(self, slot: npt.NDArray[np.uint8], rows: int) -> list[list[Array]]:
        """The first `rows` rows of each field's arrays in a slot's bytes."""
        return [
            [
                slot[first:last].view(dtype).reshape(self.batch_size, *shape)[:rows]
                for first, last, shape, dtype in places
            ]
            for places in self._places
        ]

    def write(self, arrays: Sequence[Sequence[Array]], first: int, samples: Sequence[Sample]) -> list[Any]:
        """Write samples into the rows from `first`; gives the fields' messages."""
        rows = slice(first, first + len(samples))
        return [
            field.write(samples, [array[rows] for array in own]) for field, own in zip(self.fields, arrays, strict=True)
        ]

    def read(self, arrays: Sequence[Sequence[Array]], messages: Sequence[Sequence[Any]]) -> Batch:
        """The batch. `messages`: of `write`, a row each part, in the order of the parts."""
        batch: Batch = {}
        width = self._width(arrays)
        for number, (field, own) in enumerate(zip(self.fields, arrays, strict=True)):
            batch.update(field.read(own, [message[number] for message in messages], width))
        return batch

    def _width(self, arrays: Sequence[Sequence[Array]]) -> int:
        """The width of a batch's images."""
        for field, own in zip(self.fields, arrays, strict=True):
            if isinstance(field, ImageField):
                full = field.extent.width
                if field.extent.fixed or not self._cut:
                    return full
                return min(-(-int(own[1][:, 1].max()) // WIDTH_MULTIPLE) * WIDTH_MULTIPLE, full)
        return 0
