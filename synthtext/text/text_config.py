"""The configuration of what is written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta

from synthtext.core.errors import InputError
from synthtext.core.section import Choices, Section, Share, Weights
from synthtext.text.charset import resolve_charset
from synthtext.text.languages import language_of
from synthtext.text.sources import SOURCES

Length = Annotated[int, Meta(ge=1, le=10_000)]


TEXT_CASES = ("as_is", "lower", "upper", "title", "sentence", "mixed")
_COUNTS = tuple(str(n) for n in range(1, 65))


class TextConfig(Section, frozen=True):
    """What is written. Shares and weights are held exactly over each block of 4096 samples where it says "exact".

    `sources`: weights of the sources, exact; one source a sample. A source that `charset` rules out is left out.
    `languages`: codes of languages, each as likely (exact); `synthtext languages` lists them. `native_digits`: share of
    the composed texts that are in the digits of the language's script, where it has digits of its own and the text no
    Latin letter. `vocabulary`: how many of the most frequent words of each language are used. `frequency_power`: 0
    takes each word once a pass (a keyed permutation), above 0 weights by frequency ** power (1: as in running text),
    over a pass exactly. `length_power`: 0 leaves the lengths of words to that, which makes most of them long; 1 draws a
    length as often as running text has it, and then a word of it.
    `files`: UTF-8 text files, a text a line, for the source `file`; each line once a pass, in its own case; of a line
    that is longer than `length` allows, a run of words. Characters that draw nothing (soft hyphens, zero-width spaces,
    direction marks, controls) are taken out. Lines of which nothing is left, or that no font covers, are left out and
    told when a run starts.
    `case`: weights of as_is, lower, upper, title (each word capitalised), sentence (the first word), mixed (each letter
    at random), drawn once a sample, applied to words. `punctuation`: share of words that get some.
    `inline`: share of the words after a line's first that are replaced by a composed text.
    `words`: weights of how many words a line has, by the number as a string ("1", "2", ...): where they come from
    dictionaries. `lines`: the same for lines of a sample, for every source.
    `length`: characters (code points) of a line, fewest and most. Of `file`, a shorter line is left out.
    `rare`: share of samples that are the one of several candidates with the rarest character.
    `cut`: share of samples that show a piece of a neighbouring word, up to half of its nearest letter, at the left, the
    right, or both.
    `charset`: the characters that may appear ("" for any that a font covers): a literal set, or names after an "@"
    joined by "+": digits, lower, upper, letters, alphanumeric, punctuation, space, ascii, currency, latin, greek,
    cyrillic ("@ascii", "@digits+upper"). Several words need a space in it.
    `strict`: a text that no font covers is an error, instead of being drawn again.
    """

    PATH = "text"
    CHOICES: ClassVar[Choices] = {
        "sources": {name: source.help for name, source in SOURCES.items()},
        "case": TEXT_CASES,
        "words": _COUNTS,
        "lines": _COUNTS,
    }

    sources: Weights = msgspec.field(default_factory=lambda: {"word": 1.0})
    languages: tuple[str, ...] = ("en",)
    native_digits: Share = 0.5
    vocabulary: Annotated[int, Meta(ge=1, le=10_000_000)] = 100_000
    frequency_power: Annotated[float, Meta(ge=0.0, le=2.0)] = 0.0
    length_power: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.0
    files: tuple[str, ...] = ()
    case: Weights = msgspec.field(default_factory=lambda: {"as_is": 1.0})
    punctuation: Share = 0.0
    inline: Share = 0.0
    words: Weights = msgspec.field(default_factory=lambda: {"1": 1.0})
    lines: Weights = msgspec.field(default_factory=lambda: {"1": 1.0})
    length: tuple[Length, Length] = (1, 24)
    rare: Share = 0.0
    cut: Share = 0.0
    charset: str = ""
    strict: bool = False

    def problems(self) -> Iterator[tuple[str, str]]:
        if self.sources.get("file", 0.0) > 0.0 and not self.files:
            yield "sources files", "`file` has a weight but `files` is empty; name a text file in `files`"
        if self.files and not self.sources.get("file", 0.0) > 0.0:
            yield "files sources", "given, but `file` has no weight in `sources`; add one, such as `file: 1`"
        if not self.languages:
            yield "languages", "is empty; name at least one, such as `en`"
        try:
            if len({language_of(tag).code for tag in self.languages}) < len(self.languages):
                yield "languages", f"{', '.join(self.languages)} names one twice; name each once"
        except InputError as error:
            yield "languages", str(error)
        try:
            resolve_charset(self.charset)
        except ValueError as error:
            yield "charset", str(error).removeprefix("charset: ")
