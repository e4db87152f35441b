"""What samples are made of: fonts, photographs and texts of a configuration, loaded once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import msgspec

from synthtext.config import Config, config_digest
from synthtext.core.errors import InputError
from synthtext.core.split import divides
from synthtext.core.version import __version__
from synthtext.paint.photographs import load_library
from synthtext.text.languages import language_of
from synthtext.text.source import TextSource
from synthtext.typeset.catalogue import load_catalogue
from synthtext.typeset.font_sources import no_font
from synthtext.typeset.outlines import OutlineStore

Mark = Callable[[str], None]


class Resources:
    """The fonts (`catalogue`), photographs (`library`), texts (`text`) and outlines (`store`) of a configuration.

    `on_mark(stage)`: called after each stage of a sample, for profiling. Raises InputError for a bad resource.
    """

    def __init__(self, config: Config, seed: int, on_mark: Mark | None = None) -> None:
        self.config, self.seed, self.on_mark = config, seed, on_mark
        self.catalogue = load_catalogue(config.fonts, config.split)
        self.library = load_library(config.paint.background, config.split)
        self.text = TextSource(config.text, seed, config.split, self.catalogue.uncovered)
        self._check_fonts()
        self.store = OutlineStore()

    def mark(self, stage: str) -> None:
        """Tell that a stage of a sample is done."""
        if self.on_mark is not None:
            self.on_mark(stage)

    def covered(self, text: str) -> bool:
        """Whether a font draws all of a text."""
        return self.catalogue.can_draw(text)

    @property
    def digest(self) -> str:
        """SHA-256, hex, of the configuration, the resources and the version."""
        parts = [config_digest(self.config), __version__, self.catalogue.digest, self.library.digest, self.text.digest]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    @property
    def split(self) -> dict[str, Any] | None:
        """Of what the samples of this split are made: font families, photographs, number of words; None without one."""
        split = self.config.split
        if not split.name:
            return None
        return {
            **msgspec.to_builtins(split),
            "families": sorted({face.family for face in self.catalogue.faces}),
            "photographs": list(self.library.names),
            "words": self.text.words,
        }

    def _check_fonts(self) -> None:
        """Refuse fonts that cannot write a language at all: only many samples later would it be known."""
        for language, words in self.text.commonest(100):
            if any(map(self.covered, words)):
                continue
            if divides(self.config.split, "fonts"):
                raise InputError(
                    f"split: none of the {len(self.catalogue.faces)} fonts of {self.config.split.name!r} draws words "
                    f"of the language {language!r}; add fonts that do, raise the share in split.shares, or leave fonts "
                    "out of split.by"
                )
            raise InputError(f"text.languages: {no_font(language_of(language))}")
