"""Arrays of a caller, into which a batch of samples is written: their contract, and the fields that they are of."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from synthtext.arrays.sample_fields import (
    Array,
    Batch,
    CharsField,
    Column,
    Extent,
    ImageField,
    InkField,
    WordsField,
    extent_of,
)
from synthtext.config import Config
from synthtext.core.errors import InputError
from synthtext.labels.ink_maps import INK_NAMES
from synthtext.sample import Sample

_LABELS: dict[str, type[WordsField] | type[CharsField]] = {"words": WordsField, "chars": CharsField}
_NAMES = ("image", "size", *WordsField.names, *CharsField.names, *INK_NAMES.values())


class GivenArrays:
    """The arrays of a caller by their names, those that a stream's batch has. `rows`: how many samples they hold.

    `pictures`: uint8 (rows, H, W, 3), where images may be rendered to that have this size.
    Raises InputError where one is not what a batch of `configs` has under its name.
    """

    def __init__(self, arrays: Mapping[str, Array], configs: Sequence[Config]) -> None:
        if not isinstance(arrays, Mapping) or not arrays:
            raise InputError(f"arrays: is {arrays!r}; give arrays by name, such as {{'image': ..., 'word_quads': ...}}")
        for name, array in arrays.items():
            if name not in _NAMES:
                near = difflib.get_close_matches(str(name), _NAMES, 1, 0.0)[0]
                raise InputError(f"arrays: {name!r} is unknown; did you mean {near!r}? (known: {', '.join(_NAMES)})")
            _check_memory(f"arrays: {name}", array)
        counts = {name: len(array) for name, array in arrays.items()}
        first, self.rows = next(iter(counts.items()))
        for name, count in counts.items():
            if count != self.rows:
                raise InputError(f"arrays: {first} has {self.rows} rows, {name} has {count}; give all as many")
        self._arrays = dict(arrays)
        self.pictures: npt.NDArray[np.uint8] | None = None
        extent = extent_of(configs)
        self._fields: list[tuple[ImageField | InkField | WordsField | CharsField, list[Array]]] = []
        if "image" in arrays or "size" in arrays:
            self._add_image(extent)
        for kind, make in _LABELS.items():
            if any(name in arrays for name in make.names):
                quads = make.names[0]
                if quads in arrays and arrays[quads].ndim != 4:
                    raise InputError(
                        f"arrays: {quads} is {_told(arrays[quads])}; give float32 (n, most, 4, 2), where no sample has "
                        f"more {kind} than `most`"
                    )
                most = arrays[quads].shape[1] if quads in arrays else 1
                self._add(make(most), make.names)
        maps = [name for name, ink in INK_NAMES.items() if ink in arrays]
        if maps:
            field = InkField(extent, maps)
            self._add(field, field.names)

    def _add_image(self, extent: Extent) -> None:
        image = self._arrays.get("image")
        channels = ""
        if image is not None and image.ndim == 3:  # grey, as an image of its own is
            image = self._arrays["image"] = image[..., None]
        if image is not None and image.ndim == 4:
            channels = {1: "grey", 3: "rgb"}.get(image.shape[3], "")
        field = ImageField(extent, channels=channels)
        self._add(field, field.names)
        if field.in_place:
            self.pictures = image

    def _add(self, field: ImageField | InkField | WordsField | CharsField, names: Sequence[str]) -> None:
        own = []
        for name, column in zip(names, field.columns, strict=True):
            if name not in self._arrays:
                raise InputError(f"arrays: {name} is missing; {', '.join(names)} go together")
            _check_column(name, self._arrays[name], column)
            own.append(self._arrays[name])
        if "size" in self._arrays and isinstance(field, ImageField) and "size" not in names:
            raise InputError("arrays: size is for images of different sizes, and these have one; leave it out")
        self._fields.append((field, own))

    def write(self, samples: Sequence[Sample]) -> Batch:
        """Write the samples, a row each; gives the arrays with `text`, and `word_text` where there are words."""
        batch: Batch = dict(self._arrays)
        batch["text"] = [sample.text for sample in samples]
        for field, arrays in self._fields if samples else ():
            try:
                field.write(samples, arrays)
            except InputError:  # each by itself: which one was it?
                for row, sample in enumerate(samples):
                    try:
                        field.write([sample], [array[row : row + 1] for array in arrays])
                    except InputError as error:
                        raise InputError(f"sample {sample.index} of seed {sample.seed}: {error}") from None
                raise
        if "word_quads" in batch:
            batch["word_text"] = [list(sample.labels.word_text) for sample in samples]
        return batch


def check_pictures(pictures: npt.NDArray[np.uint8], count: int, config: Config) -> None:
    """Raise InputError where `count` images of a configuration cannot be rendered into an array."""
    _check_memory("pictures", pictures)
    shape = count, config.image.height, config.image.width, 3
    if pictures.shape != shape or pictures.dtype != np.uint8:
        raise InputError(f"pictures: is {_told(pictures)}; give uint8 {shape}")


def _check_memory(what: str, array: Array) -> None:
    if not isinstance(array, np.ndarray) or array.ndim == 0:
        raise InputError(f"{what} is of {type(array).__name__}; give a NumPy array with a row for each sample")
    if not array.flags.c_contiguous:
        raise InputError(f"{what} does not lie in one piece; give a C-contiguous array, such as of np.empty")
    if not array.flags.writeable:
        raise InputError(f"{what} cannot be written to; give an array of your own, such as of np.empty")


def _check_column(name: str, array: Array, column: Column) -> None:
    if array.shape[1:] != column.shape or array.dtype != column.dtype:
        shape = ", ".join(map(str, ("n", *column.shape))) + ("" if column.shape else ",")
        raise InputError(f"arrays: {name} is {_told(array)}; give {np.dtype(column.dtype)} ({shape})")


def _told(array: Array) -> str:
    return f"{array.dtype} {array.shape}"
