"""The source `word`: words of the languages' lists, in a case, with punctuation about some."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from synthtext.core.rng import Draws
from synthtext.text.languages import Language
from synthtext.text.lexicon import LanguageWords, Pick
from synthtext.text.source_base import Composed, Source, TextStock

SOURCE = {
    "name": "word",
    "help": "words of the languages' lists, as many a line as `words` says",
    "maker": "DictionaryWords",
}


class _Marks:
    """Punctuation around a word as a language has it, as (weight, before, after), of which only those inside `charset`
    are kept."""

    def __init__(self, rows: Sequence[_Row], language: Language, charset: frozenset[str]) -> None:
        own = rows if language.english else _own_rows(rows, language)
        kept = [r for r in own if not charset or charset.issuperset(r[1] + r[2])] or [(1.0, "", "")]
        self.rows = [(before, after) for _, before, after in kept]
        self.cumulative = list(accumulate(weight for weight, _, _ in kept))

    def put(self, draws: Draws, word: str) -> str:
        row = min(bisect_right(self.cumulative, draws.random() * self.cumulative[-1]), len(self.rows) - 1)
        before, after = self.rows[row]
        return before + word + after


_Row = tuple[float, str, str]


def _rows(table: str) -> tuple[_Row, ...]:
    """Rows of (weight, before, after) from a picture: `w` stands for the word, several pictures behind each weight."""
    rows = []
    for line in table.strip().splitlines():
        weight, _, pictures = line.partition(" | ")
        for picture in pictures.split(" | "):
            before, _, after = picture.partition("w")
            rows.append((float(weight), before, after))
    return tuple(rows)


_ALONE = _rows("""
14 | w, | w.
10 | w! | w:
6 | w? | (w)
3 | "w" | w... | w's
2 | w; | “w” | 'w' | [w] | - w | #w | w- | w* | w® | w™ | (w | w) | "w | w" | w!!
1 | w… | ‘w’ | „w“ | «w» | w’s | ws' | • w | * w | @w | -w | & w | w & | w+ | w/ | w), | w." | w.) | w!!!
1 | <w> | {w} | w_ | ~w | /w | w=
""")
_INSIDE = _rows("""
50 | w,
10 | w.
5 | w; | w: | w - | (w) | w &
4 | w – | "w" | w's
2 | w? | w! | “w” | ‘w’ | w’s | w — | w...
""")
_END = _rows("""
60 | w.
10 | w,
6 | w! | w? | w:
2 | w; | w... | w…
1 | w." | w-
""")
_TYPOGRAPHIC = frozenset("“”„«»‘’")


def _own_rows(rows: Sequence[_Row], language: Language) -> list[_Row]:
    """The rows for a language other than English: its own marks and quotes, without English's genitive."""
    own: list[_Row] = []
    quoted = 0.0
    for weight, before, after in rows:
        if any(c.isalpha() for c in after) or (not before and after == "s'"):
            continue
        if _TYPOGRAPHIC & set(before + after) and language.quotes:
            quoted += weight
            continue
        pieces = [_own_marks(text, language) for text in (before, after)]
        if None not in pieces:
            own.append((weight, str(pieces[0]), str(pieces[1])))
    for quotes in language.quotes:
        before, _, after = quotes.partition("w")
        own.append((quoted / len(language.quotes), before, after))
    return own


def _own_marks(text: str, language: Language) -> str | None:
    """Marks of English as the language writes them; None where it has none of them."""
    for english in ("...", *text):
        if english in text and english in language.punctuation:
            own = language.punctuation[english]
            if not own:
                return None
            return (
                "".join(language.punctuation.get(c, c) for c in text) if english != "..." else text.replace("...", own)
            )
    return text


_PAIRS: tuple[str, ...] = (*"-----//&&+._–", " & ", " - ", " / ")


class _Habits:
    """A language's punctuation: about a word alone, within a line, at its end, and between the two words of a pair.

    `stops`: marks after which a word begins with a capital.
    """

    def __init__(self, language: Language, charset: frozenset[str]) -> None:
        self.alone, self.inside, self.end = (_Marks(rows, language, charset) for rows in (_ALONE, _INSIDE, _END))
        self.pairs = [p for p in language.pairs or _PAIRS if not charset or charset.issuperset(p)]
        self.stops = tuple(filter(None, (language.punctuation.get(mark, mark) for mark in ".!?")))


class DictionaryWords(Source):
    """Lines of words: in passes over a language's list, each word once a pass (see `source`)."""

    needs_words = True

    def __init__(self, name: str, stock: TextStock) -> None:
        super().__init__(name, stock)
        charset = stock.limits.charset
        self._inline: Sequence[Composed] = ()
        # Words of a sample after its first, at most.
        self._further = stock.limits.words.most * stock.limits.lines.most - 1
        self._habits = [_Habits(words.language, charset) for words in stock.lexicon.languages]

    def possible(self) -> bool:
        return bool(self.lexicon.languages)

    def meet(self, composed: Sequence[Composed]) -> None:
        self._inline = composed

    def lines(self, draws: Draws, which: int, number: int | None, case: str, count: int) -> list[str]:
        pick = self._picker(draws, self.lexicon.languages[which], number)
        return [self._line(draws, pick, which, case) for _ in range(count)]

    def _picker(self, draws: Draws, words: LanguageWords, number: int | None) -> Pick:
        """What gives a sample its words, one after the other."""
        if number is None:
            return lambda: words.any(draws)
        at, further = -1, self._further

        def pick() -> str:
            nonlocal at
            at += 1
            if at == 0:
                return words.first[number]
            if at <= further:
                return words.further[number * further + at - 1]
            return words.any(draws)

        return pick

    def _line(self, draws: Draws, pick: Pick, which: int, case: str) -> str:
        count = self.limits.words.draw(draws)
        words = self.lexicon.languages[which]
        punctuation = self.config.punctuation
        space = words.language.space
        if count == 1 or (space and not self.limits.spaced):
            line = plain = self.lexicon.cased(draws, pick(), case, words.language)
            if draws.random() < punctuation:
                line = self._punctuated(draws, plain, words, which, case)
                if len(line) > self.limits.most:
                    line = plain
            tokens = [line]
        else:
            tokens = []
            for i in range(count):
                opens = i > 0 and case in ("as_is", "sentence") and tokens[-1].endswith(self._habits[which].stops)
                tokens.append(self._token(draws, pick, which, "title" if opens else case, i, count))
        line = space.join(tokens)
        if self.limits.fewest <= len(line) <= self.limits.most:
            return line
        return self.lexicon.fitted(
            draws, tokens, space, lambda: self.lexicon.cased(draws, pick(), case, words.language)
        )

    def _token(self, draws: Draws, pick: Pick, which: int, case: str, at: int, count: int) -> str:
        """The word at place `at` of a line of `count`."""
        if at and self._inline and draws.random() < self.config.inline:
            text = draws.choice(self._inline).folded(draws, which)
            if 0 < len(text) <= 14 and self.limits.holds(text):
                return text
        if case == "sentence" and at:
            case = "as_is"
        word = self.lexicon.cased(draws, pick(), case, self.lexicon.languages[which].language)
        if draws.random() >= self.config.punctuation:
            return word
        habits = self._habits[which]
        return (habits.end if at == count - 1 else habits.inside).put(draws, word)

    def _punctuated(self, draws: Draws, word: str, words: LanguageWords, which: int, case: str) -> str:
        """A word alone with punctuation: marks around it, or a pair."""
        habits = self._habits[which]
        if habits.pairs and draws.random() < 0.22:
            return word + draws.choice(habits.pairs) + self.lexicon.cased(draws, words.any(draws), case, words.language)
        return habits.alone.put(draws, word)
