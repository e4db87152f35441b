"""Samples as rows of arrays: fields, each with its arrays and how samples are written into them.

Where images differ in size they lie at the top left of their rows, and the rest is 0; what there are different numbers
of, such as quads, is padded with 0 and has a count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from synthtext.config import Config
from synthtext.core.errors import InputError
from synthtext.core.srgb import luma
from synthtext.labels.ink_maps import INK_MAPS, INK_NAMES, THRESHOLD, ink_maps, least_coverage
from synthtext.sample import Sample

Array = npt.NDArray[Any]
Batch = dict[str, Any]


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
    def in_place(self) -> bool:
        """Whether images may be rendered straight into its array: RGB pixels, all of one size."""
        return (self.layout, self.depth, self.extent.fixed) == ("NHWC", 3, True)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its arrays in a batch."""
        return ("image",) if self.extent.fixed else ("image", "size")

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
                raise InputError(f"its image is {image.shape}, where {bound} is expected")
        if self.extent.fixed:
            for row, image in zip(rows, images, strict=True):
                if not np.may_share_memory(row, image):  # else it was rendered there
                    row[:] = image
            return
        for row, size, image in zip(rows, arrays[1], images, strict=True):
            height, width = image.shape[:2]
            size[:] = height, width
            row[:height, :width] = image
            row[:height, width:] = 0
            row[height:] = 0

    def read(self, arrays: Sequence[Array], messages: Sequence[Any], width: int) -> Batch:
        image = arrays[0][:, :, :width] if self.layout == "NHWC" else arrays[0][..., :width]
        return dict(zip(self.names, (image, *arrays[1:]), strict=True))


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
    def names(self) -> tuple[str, ...]:
        """The names of its arrays in a batch."""
        return tuple(INK_NAMES[name] for name in self.maps)

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
        return {name: array[..., : width or None] for name, array in zip(self.names, arrays, strict=True)}


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
    names: ClassVar = ("word_quads", "word_ignore", "word_count")

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
        return {**dict(zip(self.names, arrays, strict=True)), "word_text": texts}


@dataclass(frozen=True)
class CharsField:
    """`char_quads` float32 (B, most, 4, 2), `char_word` int32 (B, most): the word of each, `char_count` int32 (B,)."""

    most: int
    names: ClassVar = ("char_quads", "char_word", "char_count")

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
        return dict(zip(self.names, arrays, strict=True))


def _places(counts: Sequence[int], most: int, name: str) -> npt.NDArray[np.bool_]:
    """Where in padded rows the labels go; InputError where a sample has too many."""
    if max(counts) > most:
        raise InputError(
            f"it has {max(counts)} {name}, more than the {most} that a batch holds; give it room, in a stream by "
            f'fields={{..., "{name}": {{"most": {2 * max(counts)}}}}}'
        )
    return np.arange(most) < np.array(counts)[:, None]
