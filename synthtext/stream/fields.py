"""What a batch of a stream holds: the fields that it is declared to have, and where their arrays lie in shared memory.

A batch has room for a fixed number of samples. Its images are cut to the width of the widest, rounded up to a multiple
of `WIDTH_MULTIPLE`, unless maps of a detector go along.
"""

from __future__ import annotations

import dataclasses
import difflib
import functools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from synthtext.arrays.sample_fields import (
    Array,
    Batch,
    CharsField,
    Column,
    Extent,
    Field,
    ImageField,
    InkField,
    TextField,
    WordsField,
    extent_of,
)
from synthtext.config import Config
from synthtext.core.errors import InputError
from synthtext.sample import Labels, Sample
from synthtext.targets import TAKES as TARGETS
from synthtext.targets import empty as empty_target
from synthtext.targets import encode as encode_target
from synthtext.targets.alphabet import Alphabet

WIDTH_MULTIPLE = 32
SCENE_WORDS = 512  # for which there is room in a batch of scenes, where nothing else is asked for
Declared = Sequence[str] | Mapping[str, Mapping[str, Any]]


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

    def pictures(self, arrays: Sequence[Sequence[Array]]) -> Array | None:
        """The array into which images may be rendered: uint8 (rows, H, W, 3), of their size; None where there is none.

        An image that lies in its row already is not written again.
        """
        for field, own in zip(self.fields, arrays, strict=True):
            if isinstance(field, ImageField) and field.in_place:
                return own[0]
        return None

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
