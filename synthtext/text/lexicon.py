"""The words of a configuration's languages, and the habits of each language, as all sources of text share them."""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence

from synthtext.core.rng import Draws, hash64
from synthtext.text.charset import CHARSETS, cut_to
from synthtext.text.composed import Context
from synthtext.text.corpus import Vocabulary, load_vocabulary
from synthtext.text.invisible import INVISIBLE
from synthtext.text.languages import Language, language_of
from synthtext.text.letter_case import capitalised, lower, upper
from synthtext.text.limits import TRIES, Limits
from synthtext.text.locale import locale_of, native_of
from synthtext.text.passes import Passes, find
from synthtext.text.text_config import TextConfig

Pick = Callable[[], str]


class LanguageWords:
    """The words of one language as samples use them: in passes, or weighted by frequency; and its habits."""

    def __init__(self, vocabulary: Vocabulary, config: TextConfig, key: int) -> None:
        self.words = vocabulary.words
        self.language = language_of(vocabulary.language)
        self._edges = vocabulary.cumulative(config.frequency_power, config.length_power)
        weighted = config.frequency_power > 0.0 or config.length_power > 0.0
        self.first = Passes(self.words, hash64(key, 1), self._edges if weighted else ())
        self.further = Passes(self.words, hash64(key, 2), self._edges if weighted else ())

    def any(self, draws: Draws) -> str:
        """A word at random, with replacement, by its weight."""
        return self.words[find(self._edges, draws.random())]


class Lexicon:
    """The words that may be written, by language.

    `needed`: whether a source asks for word lists at all. `languages`: those of which words are left; `names`: of the
    languages that are drawn from; `contexts`: what composed texts lean on, one each. `rarity`: of characters, see
    `_rarity`.
    """

    def __init__(self, config: TextConfig, limits: Limits, key: int, needed: bool) -> None:
        self._config = config
        self._limits = limits
        self.languages: list[LanguageWords] = []
        full: list[Vocabulary] = []
        if needed:
            full = [load_vocabulary(language, config.vocabulary) for language in config.languages]
            kept = [v.filtered(limits.usable) if limits.narrow else v for v in full]
            if any(kept):
                kept = [v.filtered(limits.holds) if limits.tries > 1 else v for v in kept]
                limits.check_split(any(kept), "words")
            self.languages = [LanguageWords(v, config, hash64(key, 1 + i)) for i, v in enumerate(kept) if len(v)]
        self.rarity = _rarity(full, limits.charset)
        self.names = [v.language.code for v in self.languages] or [language_of(tag).code for tag in config.languages]
        lists = {v.language: v for v in full}
        self.contexts = [
            Context(
                locale_of(code),
                self._plain_word(i, full),
                _alphabets(lists.get(code), language_of(code), limits.charset),
                limits.most,
                native_of(code),
            )
            for i, code in enumerate(self.names)
        ]

    def _plain_word(self, which: int, full: list[Vocabulary]) -> Callable[[Draws], str]:
        """What gives words to addresses and receipts of a language; "" where no word list is in use."""
        if self.languages:
            return self.languages[which].any
        if full:
            return LanguageWords(full[0], self._config, 0).any
        return lambda draws: ""

    def cased(self, draws: Draws, word: str, case: str, language: Language) -> str:
        """`word` in a case; where the charset lacks that, in one that it has."""
        if case == "as_is" or not language.cased:
            form = word
        elif case == "mixed":
            form = "".join([upper(c, language) if draws.random() < 0.5 else lower(c, language) for c in word])
        elif case == "lower":
            form = lower(word, language)
        else:
            form = upper(word, language) if case == "upper" else capitalised(word, language)
        if not form.isascii():
            form = unicodedata.normalize("NFC", form)
        if len(form) > self._limits.most:
            form = word
        if self._limits.charset and not self._limits.charset.issuperset(form):
            for form in (word, word.upper(), word.lower()):
                if self._limits.charset.issuperset(form):
                    break
        return form

    def fitted(self, draws: Draws, tokens: list[str], space: str, more: Pick) -> str:
        """A line of the allowed length: words dropped from the end, or added to it; then cut by characters."""
        while len(tokens) > 1 and len(space.join(tokens)) > self._limits.most:
            tokens.pop()
        line = space.join(tokens)
        if not self._limits.spaced:
            space = ""
        for _ in range(4 * TRIES):
            if len(line) >= self._limits.fewest:
                break
            longer = f"{line}{space}{more()}" if line else more()
            if len(longer) <= self._limits.most:
                line = longer
        while len(line) < self._limits.fewest:
            line += more() or draws.choice(self.contexts[0].alphabets[-1])
        return cut_to(line, self._limits.most)


def _rarity(vocabularies: Sequence[Vocabulary], charset: frozenset[str]) -> dict[str, float]:
    """-log of each character's share in the words; "" stands for a character that they don't have.

    Capitals count as a third as common as their small letters, other printable ASCII as 1 in 500.
    """
    counts: Counter[str] = Counter()
    for vocabulary in vocabularies:
        counts.update("".join(vocabulary.words))
    whole = max(1, counts.total())
    rarity = {c: math.log(500.0) for c in CHARSETS["ascii"] if not c.isalpha()}
    for c, n in counts.items():
        rarity[c.upper()] = math.log(3.0 * whole / n)
    for c, n in counts.items():
        rarity[c] = math.log(whole / n)
    rarity[""] = math.log(2.0 * whole) if charset or counts else math.log(500.0)
    return rarity


def _alphabets(vocabulary: Vocabulary | None, language: Language, charset: frozenset[str]) -> tuple[str, ...]:
    """The mixes of character classes of a language's random strings: digits, capitals, small letters, all letters, with
    digits, and everything; each as often as it is listed. Latin letters are in those of Latin script."""
    characters = set(charset)
    if not characters:
        characters = {c for c in CHARSETS["ascii"] if vocabulary is None or language.writes(c)}
        counts = Counter("".join(vocabulary.words)) if vocabulary is not None else Counter[str]()
        floor = counts.total() * 2e-5
        for c in [c for c, n in counts.items() if n >= floor and c.isalpha()]:
            characters.update(k for k in (c, upper(c, language)) if len(k) == 1)
    characters -= {" ", *INVISIBLE}
    characters = {c for c in characters if unicodedata.category(c)[0] != "M"}
    everything = "".join(sorted(characters))
    digits = "".join(c for c in everything if c.isdecimal())
    capitals = "".join(c for c in everything if c.isupper())
    small = "".join(c for c in everything if c.islower())
    letters = "".join(c for c in everything if c.isalpha())
    mixes = (digits, capitals, capitals, small, letters, capitals + digits, capitals + digits, small + digits)
    return tuple(mix for mix in (*mixes, letters + digits, everything, everything) if mix) or (" ",)
