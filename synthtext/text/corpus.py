"""The words of the languages as vocabularies, and the texts of the user's own files."""

from __future__ import annotations

import functools
import os
import unicodedata
from array import array
from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise

import numpy as np
from msgspec import Struct

from synthtext.core.contents import kept_by_file
from synthtext.core.errors import InputError
from synthtext.core.files import Unfit, read, shown
from synthtext.text.invisible import INVISIBLE, has_invisible, without_idle
from synthtext.text.languages import language_of
from synthtext.text.word_lists import is_word, word_list

MAX_FILE = 1 << 30  # bytes of a file of texts


class Vocabulary:
    """The words of one language, most frequent first, in groups of equal frequency.

    `words`: distinct, NFC. `ends`: for each group, the number of words in it and before it. `frequencies`: of one word
    of each group, as a part of all running text. `origin`: whose list it is.
    """

    __slots__ = ("ends", "frequencies", "language", "origin", "words")

    def __init__(
        self, language: str, words: list[str], ends: list[int], frequencies: list[float], origin: str = ""
    ) -> None:
        self.language = language
        self.origin = origin
        self.words = words
        self.ends = ends
        self.frequencies = frequencies

    def __len__(self) -> int:
        return len(self.words)

    def filtered(self, keep: Callable[[str], bool]) -> Vocabulary:
        """The words for which `keep` is true, with the frequencies that they have."""
        kept = [bool(keep(word)) for word in self.words]
        before = [0, *accumulate(kept)]
        words = [word for word, k in zip(self.words, kept, strict=True) if k]
        groups = [(before[end], f) for end, f in zip(self.ends, self.frequencies, strict=True)]
        groups = [g for g, (a, b) in zip(groups, pairwise([0, *(e for e, _ in groups)]), strict=True) if b > a]
        return Vocabulary(self.language, words, [e for e, _ in groups], [f for _, f in groups], self.origin)

    def cumulative(self, power: float, length_power: float) -> array[float]:
        """Running sums over the words of their weights: frequency ** power, times what moves the share of each length
        to its share in running text: all the way with `length_power` 1, not at all with 0.
        """
        sizes = np.diff([0, *self.ends])
        frequencies = np.repeat(self.frequencies, sizes)
        weights = frequencies**power
        if length_power:
            lengths = np.array(list(map(len, self.words)))
            running, own = np.bincount(lengths, frequencies), np.bincount(lengths, weights)
            weights *= ((running / np.maximum(own, 1e-300)) ** length_power)[lengths]
        return array("d", np.cumsum(weights / weights.sum()).tolist())


@functools.cache
def load_vocabulary(code: str, size: int) -> Vocabulary:
    """The `size` most frequent words of a language, kept for the process. wordfreq's words are all in lower case.

    Distinct, NFC, also without what draws nothing (`without_idle`). Left out: what holds a digit (wordfreq smashes
    digits to zeros), a symbol, or a letter of another script than the language's; what has no letter, or begins with a
    mark.

    Raises InputError for a language that no file of `languages/` declares.
    """
    language = language_of(code)
    origin, groups = word_list(language)
    words: list[str] = []
    ends: list[int] = []
    frequencies: list[float] = []
    seen = set[str]()
    for frequency, group in groups:
        before = len(words)
        kept = [w for w in group if (w.isascii() and w.isalpha()) or is_word(w)]
        kept = [w for w in kept if language.writes(w)]
        if kept and not "".join(kept).isascii():
            kept = [
                without_idle(w if unicodedata.is_normalized("NFC", w) else unicodedata.normalize("NFC", w))
                for w in kept
            ]
        kept = [w for w in dict.fromkeys(kept) if w not in seen]
        seen.update(kept)
        words.extend(kept)
        del words[size:]
        if len(words) > before:
            ends.append(len(words))
            frequencies.append(frequency)
        if len(words) == size:
            break
    if language.english:
        words = ["I" + w[1:] if w == "i" or w.startswith(("i'", "i’")) else w for w in words]
    return Vocabulary(language.code, words, ends, frequencies, origin)


class TextFile(Struct, frozen=True):
    """The texts of a file, `texts[i]` of its line `numbers[i]` (from 1). `lines`: how many lines it has.

    `empty`: the numbers of lines that are blank; `invisible`: of those of which nothing is drawn, and what they hold.
    """

    path: str
    texts: tuple[str, ...]
    numbers: Sequence[int]
    lines: int
    empty: Sequence[int] = ()
    invisible: Sequence[tuple[int, str]] = ()


@kept_by_file(16)
def load_file(path: str) -> TextFile:
    """The texts of a UTF-8 file, one a line, without what draws nothing: NFC, each run of white space a space.

    Kept while the file stays as it is. A BOM, CRLF and blank lines are passed over.
    Raises InputError for a file that is missing, unreadable, not UTF-8, or without any text.
    """
    try:
        data = read(path, MAX_FILE)
    except Unfit as error:
        if not os.path.lexists(path):
            raise InputError(f"text.files: {path}: there is no such file; check the path") from None
        reason = str(error) if str(error).startswith("cannot be read") else f"cannot be read: it {error}"
        raise InputError(f"text.files: {shown(path)}: {reason}; name a text file") from None
    try:
        content = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"text.files: {path}: line {line} is not UTF-8 (byte 0x{data[error.start]:02x} at offset {error.start}); "
            "save the file as UTF-8"
        ) from None
    lines = content.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not lines[-1]:
        lines.pop()  # the last line ends, too
    plain = content.isascii()
    normal = unicodedata.normalize
    cleaned = [" ".join(line.split()) for line in (lines if plain else [normal("NFC", line) for line in lines])]
    empty: list[int] = []
    invisible: list[tuple[int, str]] = []
    if INVISIBLE.isdisjoint(content):
        empty = [number for number, text in enumerate(cleaned, 1) if not text]
    else:
        for number, text in enumerate(cleaned, 1):
            if not text:
                empty.append(number)
            elif has_invisible(text):
                cleaned[number - 1] = " ".join(without_idle(text).split())
                if not cleaned[number - 1]:
                    invisible.append((number, text))
    texts = tuple([text for text in cleaned if text])
    numbers: Sequence[int] = range(1, len(texts) + 1)
    if len(texts) < len(cleaned):
        numbers = array("l", [number for number, text in enumerate(cleaned, 1) if text])
    if not texts:
        drawn = f"nothing that is drawn in line {invisible[0][0]}" if invisible else "no text"
        raise InputError(f"text.files: {path}: holds {drawn}; write one text a line")
    return TextFile(path, texts, numbers, len(lines), empty, invisible)
