"""Where words come from: wordfreq's lists, by language, and the user's own files."""

from __future__ import annotations

import difflib
import functools
import os
import unicodedata
from array import array
from collections import Counter
from collections.abc import Callable
from itertools import accumulate, chain, islice, pairwise

import numpy as np

from synthtext.errors import InputError
from synthtext.files import Unfit, read, shown

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

    Left out: what holds a digit (wordfreq smashes digits to zeros), a symbol, or a letter of a script that the language
    is hardly ever written in; and what has no letter.

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
    for centibels, group in enumerate(groups):
        before = len(words)
        kept = [w for w in group if w.isalpha() or _is_word(w)]
        words.extend(w for w in kept if w.isascii() or foreign.isdisjoint(w))
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
        counts[_script(c)] += n
    whole = sum(n for script, n in counts.items() if script)
    own = {script for script, n in counts.items() if n >= 0.005 * whole} | {""}
    return frozenset(c for c in set("".join(tokens)) if _script(c) not in own)


def _script(c: str) -> str:
    """The first word of a letter's Unicode name (its script, as a rule); "" for what belongs to several."""
    if not c.isalpha():
        return ""
    script = unicodedata.name(c, "").partition(" ")[0]
    return (
        "" if script in ("MODIFIER", "IDEOGRAPHIC", "KATAKANA-HIRAGANA", "MICRO", "FEMININE", "MASCULINE") else script
    )


def _is_word(token: str) -> bool:
    """Letters, their marks, and joiners between them."""
    kinds = [unicodedata.category(c)[0] for c in token]
    return "L" in kinds and all(k in "LM" or c in _JOINERS for k, c in zip(kinds, token, strict=True))


@functools.lru_cache(maxsize=16)
def load_file(path: str) -> tuple[str, ...]:
    """The texts of a UTF-8 file, one a line: NFC, stripped; blank lines, a BOM and CRLF are passed over. Kept.

    Raises InputError for a file that is missing, unreadable, not UTF-8, without any text, or with a control character
    (a tab between words counts as a space).
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
    texts = []
    for number, line_text in enumerate(content.replace("\r\n", "\n").split("\n"), 1):
        text = unicodedata.normalize("NFC", line_text.replace("\t", " "))
        if not text.isprintable():
            for c in text:
                if unicodedata.category(c) in ("Cc", "Zl", "Zp", "Co", "Cs"):
                    raise InputError(
                        f"text.files: {path}: line {number} holds the control character U+{ord(c):04X}; remove it"
                    )
        if text := " ".join(text.split()):
            texts.append(text)
    if not texts:
        raise InputError(f"text.files: {path}: holds no text; write one text a line")
    return tuple(texts)
