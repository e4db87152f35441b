"""`Generator`: samples by index. A sample is a pure function of (config, seed, index)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from synthtext.arrays.given_arrays import GivenArrays, check_pictures
from synthtext.config import Config, load_config
from synthtext.core.errors import InputError, known_arguments
from synthtext.core.kinds import MAKERS
from synthtext.crop.resources import Mark, Resources
from synthtext.crop.stages import Stages
from synthtext.paint.photographs import BackgroundLibrary
from synthtext.sample import Sample, check_count, check_index
from synthtext.text.source import TextSource
from synthtext.typeset.catalogue import Catalogue
from synthtext.typeset.outlines import OutlineStore

Pictures = npt.NDArray[np.uint8]


class Maker(Protocol):
    """Makes the samples of one kind. A plan is a record of the kind's own.

    `pictures`: where a batch's images may be rendered, uint8 (count, H, W, 3) of the configuration's size.
    """

    @property
    def together(self) -> int: ...
    def digest(self, common: str) -> str: ...
    def sample(self, index: int) -> Sample: ...
    def batch(self, start: int, count: int, pictures: Pictures | None = None) -> Sequence[Sample]: ...
    def draw(self, index: int, attempt: int = 0, text: Any = None) -> Any: ...
    def render(self, plan: Any) -> Sample: ...
    def stages(self, sample: Any) -> Stages: ...


class Generator:
    """Makes samples by index.

    `config`: a preset's name, the path of a YAML file, or a `Config`. `seed`: any integer.
    `overrides`: strings `a.b=value`, as of the command line's `--set`.
    `generator[i]` is the same sample, byte for byte, whatever was asked for before, in whichever process.
    `mark(stage)`: called after each stage of a sample, for profiling.
    Raises InputError for a bad configuration or resource.
    """

    @known_arguments
    def __init__(
        self, config: str | Path | Config, seed: int = 0, overrides: Sequence[str] = (), mark: Mark | None = None
    ) -> None:
        self.config = load_config(config, overrides)
        if isinstance(seed, bool) or not isinstance(seed, int | np.integer):
            raise InputError(f"seed: got {seed!r}; give a whole number")
        self.seed = seed
        self._resources = Resources(self.config, seed, mark)
        module, name = MAKERS[self.config.kind].split(":")
        make: Callable[[Resources], Maker] = getattr(import_module(module), name)
        self._maker = make(self._resources)

    def __reduce__(self) -> tuple[type[Generator], tuple[Config, int]]:
        """Pickled, it is its configuration and seed, and built anew elsewhere: in spawned workers."""
        return type(self), (self.config, self.seed)

    @property
    def configs(self) -> tuple[Config, ...]:
        """Every configuration that the samples may have: the one."""
        return (self.config,)

    @property
    def catalogue(self) -> Catalogue:
        """The fonts."""
        return self._resources.catalogue

    @property
    def library(self) -> BackgroundLibrary:
        """The photographs."""
        return self._resources.library

    @property
    def text(self) -> TextSource:
        """The texts; `text.dropped` counts those that cannot be drawn, by reason."""
        return self._resources.text

    @property
    def store(self) -> OutlineStore:
        """The outlines of the glyphs that were met."""
        return self._resources.store

    @property
    def mark(self) -> Mark | None:
        """What is called after each stage of a sample."""
        return self._resources.on_mark

    @mark.setter
    def mark(self, mark: Mark | None) -> None:
        self._resources.on_mark = mark

    @property
    def digest(self) -> str:
        """SHA-256, hex, of all that the samples depend on beside seed and index: config, resources, version."""
        return self._maker.digest(self._resources.digest)

    @property
    def split(self) -> dict[str, Any] | None:
        """Of what the samples of this split are made: font families, photographs, number of words; None without one."""
        return self._resources.split

    def __getitem__(self, index: int) -> Sample:
        """The sample of an index >= 0. Raises IndexError below 0."""
        return self._maker.sample(check_index(index))

    @property
    def together(self) -> int:
        """How many samples `batch` makes at once: 1 where it makes them one by one."""
        return self._maker.together

    def batch(self, start: int, count: int, pictures: Pictures | None = None) -> Sequence[Sample]:
        """The samples of `count` indices from `start` on: the same as one by one, made in less time.

        `pictures`: uint8 (count, H, W, 3), C-contiguous, of the configuration's size. Where all images have this size,
        they may be rendered straight into it: a sample's `image` then is a view of its row.
        Raises the error of the first sample that fails; no sample is returned then.
        """
        start = check_index(start)
        count = check_count(start, count)
        if pictures is not None:
            check_pictures(pictures, count, self.config)
        return self._maker.batch(start, count, pictures)

    def batch_into(self, start: int, arrays: Mapping[str, npt.NDArray[Any]]) -> dict[str, Any]:
        """Fill arrays with the samples from `start` on, a row each; gives the arrays and, in lists, `text`.

        `arrays`: C-contiguous, by the names, dtypes and shapes that a batch of `Stream` has: `image` uint8
        (n, H, W, 3), or grey (n, H, W, 1) or (n, H, W); where sizes differ, `size` int32 (n, 2) with it; `word_quads`
        float32 (n, most, 4, 2), `word_ignore` bool (n, most) and `word_count` int32 (n,), which bring `word_text`;
        `char_quads` float32 (n, most, 4, 2), `char_word` int32 (n, most) and `char_count` int32 (n,); `ink` uint8,
        `ink_words` and `ink_chars` uint16 (n, H, W). What a row has room for and a sample has not is 0.
        Raises InputError for arrays that are not so, and for a sample for which `most` is too few; otherwise what
        `batch` does. After an error the arrays hold nothing of use.
        """
        given = GivenArrays(arrays, self.configs)
        return given.write(self.batch(start, given.rows, given.pictures))

    def draw(self, index: int, attempt: int = 0, text: Any = None) -> Any:
        """The plan of a sample, a record of its kind's own; `attempt` counts redraws, which change all but `text`."""
        return self._maker.draw(index, attempt, text)

    def render(self, plan: Any) -> Sample:
        """The sample of a plan, as of `draw` or of `Sample.plan`, edited or not. Raises InputError for a bad plan."""
        return self._maker.render(plan)

    def stages(self, sample: Any) -> Stages:
        """A sample between its stages: by index, or of a plan as `render` takes it. For inspection: it costs two."""
        return self._maker.stages(sample if isinstance(sample, Struct | dict) else check_index(sample))
