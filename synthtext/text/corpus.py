"""Where words come from: wordfreq's lists, by language, and the user's own files."""

from __future__ import annotations

import difflib
import functools
import os
import unicodedata
from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import accumulate, chain, islice, pairwise

import numpy as np
from msgspec import Struct

from synthtext.core.contents import kept_by_file
from synthtext.core.errors import InputError
from synthtext.core.files import Unfit, read, shown
from synthtext.text.invisible import INVISIBLE, has_invisible, without_idle
from synthtext.text.scripts import INHERITED, script_of

MAX_FILE = 1 << 30  # bytes of a file of texts

# Inside a word: apostrophes, hyphens, the middle dot of Catalan, the joiners of Persian and Hindi.
_JOINERS = "'’-·\u200c\u200d"


class Vocabulary:
    """The words of one language, most frequent first, in groups of equal frequency.

    `words`: distinct, NFC. `ends`: for each group, the number of words in it and before it. `frequencies`: of one word
    of each group, as a part of all running text.
    """

    __slots__ = ("ends", "frequencies", "language", "words")

    def __init__(self, language: str, words: list[str], ends: list[int], frequencies: list[float]) -> None:
        self.language = language
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
        return Vocabulary(self.language, words, [e for e, _ in groups], [f for _, f in groups])

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


def known_languages() -> list[str]:
    """wordfreq's language codes, sorted."""
    import wordfreq  # here, not above: a configuration of digits alone should not pay for it

    return sorted(wordfreq.available_languages("best"))


@functools.cache
def load_vocabulary(language: str, size: int) -> Vocabulary:
    """The `size` most frequent words of `language`, kept for the process. wordfreq's words are all in lower case.

    Distinct, also without what draws nothing (`without_idle`). Left out: what holds a digit (wordfreq smashes digits to
    zeros), a symbol, or a letter of a script that the language is hardly ever written in; and what has no letter.

    Raises InputError for a language that wordfreq does not have.
    """
    import wordfreq

    languages = known_languages()
    if language not in languages:
        near = difflib.get_close_matches(language.lower().split("-")[0].split("_")[0], languages, 1, 0.0)[0]
        raise InputError(
            f"text.languages: no word list for {language!r}; did you mean {near!r}? (known: {', '.join(languages)})"
        )
    groups = wordfreq.get_frequency_list(language, "best")
    wordfreq.get_frequency_list.cache_clear()  # three times the words that are kept, and never asked for again
    foreign = _foreign_letters(list(islice(chain.from_iterable(groups), 2 * size + 1000)))
    words: list[str] = []
    ends: list[int] = []
    frequencies: list[float] = []
    hidden, seen = False, set[str]()
    for centibels, group in enumerate(groups):
        before = len(words)
        kept = [w for w in group if w.isalpha() or _is_word(w)]
        kept = [w for w in kept if w.isascii() or foreign.isdisjoint(w)]
        if hidden or not INVISIBLE.isdisjoint(set("".join(kept))):  # words that differ in what is not drawn alone
            seen = seen if hidden else set(words)
            hidden = True
            kept = [w for w in dict.fromkeys(map(without_idle, kept)) if w not in seen]
            seen.update(kept)
        words.extend(kept)
        del words[size:]
        if len(words) > before:
            ends.append(len(words))
            frequencies.append(10.0 ** (-centibels / 100.0))
        if len(words) == size:
            break
    if language == "en":
        words = ["I" + w[1:] if w == "i" or w.startswith(("i'", "i’")) else w for w in words]
    return Vocabulary(language, words, ends, frequencies)


def _foreign_letters(tokens: list[str]) -> frozenset[str]:
    """The letters in `tokens` of scripts that hold less than 0.5 % of the letters of the commonest 20,000."""
    counts: Counter[str] = Counter()
    for c, n in Counter("".join(tokens[:20_000])).items():
        counts[_own_script(c)] += n
    whole = sum(n for script, n in counts.items() if script)
    own = {script for script, n in counts.items() if n >= 0.005 * whole} | {""}
    return frozenset(c for c in set("".join(tokens)) if _own_script(c) not in own)


# Letters that words of several scripts are written with: modifier letters, the micro sign, marks of length.
_OF_SEVERAL = frozenset("ʹʺʻʼʽʾʿˀˁˈˌːµーｰ〆")


def _own_script(c: str) -> str:
    """The script of a letter; "" for what belongs to several."""
    if not c.isalpha():
        return ""
    script = script_of(c)
    return "" if script == INHERITED or c in _OF_SEVERAL else script


def _is_word(token: str) -> bool:
    """Letters, their marks, and joiners between them."""
    kinds = [unicodedata.category(c)[0] for c in token]
    return "L" in kinds and all(k in "LM" or c in _JOINERS for k, c in zip(kinds, token, strict=True))


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
