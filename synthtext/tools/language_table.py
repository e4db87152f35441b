"""What `synthtext languages` prints: each language, which fonts cover it, and where its words come from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from synthtext.core.errors import InputError
from synthtext.text.corpus import load_vocabulary
from synthtext.text.languages import Language, language_of, languages
from synthtext.text.text_config import TextConfig
from synthtext.typeset.catalogue import Catalogue, load_catalogue
from synthtext.typeset.font_config import FontConfig

_COMMONEST = 100
_ROW = "{:<8} {:<24} {:<6} {:<4} {:>11} {:>10}  {}"


def lines(folders: Sequence[str], tags: Sequence[str]) -> Iterator[str]:
    """A head, and a line a language; each as soon as it is known, since word lists take a while to read."""
    try:
        chosen = [language_of(tag) for tag in tags] or list(languages().values())
    except InputError as error:
        raise InputError(f"languages: {error}") from None
    catalogue = load_catalogue(FontConfig(folders=tuple(folders)))
    yield _ROW.format("code", "name", "script", "dir", "fonts", "characters", "words")
    for language in chosen:
        yield _line(language, catalogue)


def _line(language: Language, catalogue: Catalogue) -> str:
    vocabulary = load_vocabulary(language.code, TextConfig().vocabulary)
    load_vocabulary.cache_clear()
    fonts = covering(catalogue, vocabulary.words[:_COMMONEST])
    characters = len(set("".join(vocabulary.words)))
    words = f"{vocabulary.origin} ({len(vocabulary):,} words)"
    row = (language.code, language.name, language.script, language.direction, f"{fonts} of {len(catalogue.faces)}")
    return _ROW.format(*row, f"{characters:,}", words)


def covering(catalogue: Catalogue, words: Sequence[str]) -> int:
    """How many faces draw at least nine in ten of the words."""
    masks = [catalogue.covering(word) for word in words]
    return sum(10 * sum(mask >> i & 1 for mask in masks) >= 9 * len(words) for i in range(len(catalogue.faces)))
