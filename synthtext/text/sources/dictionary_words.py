"""The source `word`: words of the languages' lists, in a case, with punctuation about some."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from synthtext.core.rng import Draws
from synthtext.text.lexicon import Language, Pick
from synthtext.text.source_base import Composed, Source, TextStock

SOURCE = {
    "name": "word",
    "help": "words of the languages' lists, as many a line as `words` says",
    "maker": "DictionaryWords",
}


class _Marks:
    """Punctuation around a word, as (weight, before, after), of which only those inside `charset` are kept."""

    def __init__(self, rows: Sequence[tuple[float, str, str]], charset: frozenset[str]) -> None:
        kept = [r for r in rows if not charset or charset.issuperset(r[1] + r[2])] or [(1.0, "", "")]
        self.rows = [(before, after) for _, before, after in kept]
        self.cumulative = list(accumulate(weight for weight, _, _ in kept))

    def put(self, draws: Draws, word: str) -> str:
        row = min(bisect_right(self.cumulative, draws.random() * self.cumulative[-1]), len(self.rows) - 1)
        before, after = self.rows[row]
        return before + word + after


def _marks(table: str) -> tuple[tuple[float, str, str], ...]:
    """Rows of (weight, before, after) from a picture: `w` stands for the word, several pictures behind each weight."""
    rows = []
    for line in table.strip().splitlines():
        weight, _, pictures = line.partition(" | ")
        for picture in pictures.split(" | "):
            before, _, after = picture.partition("w")
            rows.append((float(weight), before, after))
    return tuple(rows)


_ALONE = _marks("""
14 | w, | w.
10 | w! | w:
6 | w? | (w)
3 | "w" | w... | w's
2 | w; | “w” | 'w' | [w] | - w | #w | w- | w* | w® | w™ | (w | w) | "w | w" | w!!
1 | w… | ‘w’ | „w“ | «w» | w’s | ws' | • w | * w | @w | -w | & w | w & | w+ | w/ | w), | w." | w.) | w!!!
1 | <w> | {w} | w_ | ~w | /w | w=
""")
_INSIDE = _marks("""
50 | w,
10 | w.
5 | w; | w: | w - | (w) | w &
4 | w – | "w" | w's
2 | w? | w! | “w” | ‘w’ | w’s | w — | w...
""")
_END = _marks("""
60 | w.
10 | w,
6 | w! | w? | w:
2 | w; | w... | w…
1 | w." | w-
""")
_PAIRS: tuple[str, ...] = (*"-----//&&+._–", " & ", " - ", " / ")


class DictionaryWords(Source):
    """Lines of words: in passes over a language's list, each word once a pass (see `source`)."""

    needs_words = True

    def __init__(self, name: str, stock: TextStock) -> None:
        super().__init__(name, stock)
        charset = stock.limits.charset
        self._inline: Sequence[Composed] = ()
        # Words of a sample after its first, at most.
        self._further = stock.limits.words.most * stock.limits.lines.most - 1
        self._alone, self._inside, self._end = (_Marks(rows, charset) for rows in (_ALONE, _INSIDE, _END))
        self._pairs = [p for p in _PAIRS if not charset or charset.issuperset(p)]

    def possible(self) -> bool:
        return bool(self.lexicon.languages)

    def meet(self, composed: Sequence[Composed]) -> None:
        self._inline = composed

    def lines(self, draws: Draws, which: int, number: int | None, case: str, count: int) -> list[str]:
        pick = self._picker(draws, self.lexicon.languages[which], number)
        return [self._line(draws, pick, which, case) for _ in range(count)]

    def _picker(self, draws: Draws, words: Language, number: int | None) -> Pick:
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
        if count == 1 or not self.limits.spaced:
            line = plain = self.lexicon.cased(draws, pick(), case, words.turkic)
            if draws.random() < punctuation:
                line = self._punctuated(draws, plain, words, case)
                if len(line) > self.limits.most:
                    line = plain
            tokens = [line]
        else:
            tokens = []
            for i in range(count):
                opens = i > 0 and case in ("as_is", "sentence") and tokens[-1][-1] in ".!?"
                tokens.append(self._token(draws, pick, which, "title" if opens else case, i, count))
        space = self.lexicon.contexts[which].locale.space
        line = space.join(tokens)
        if self.limits.fewest <= len(line) <= self.limits.most:
            return line
        return self.lexicon.fitted(draws, tokens, space, lambda: self.lexicon.cased(draws, pick(), case, words.turkic))

    def _token(self, draws: Draws, pick: Pick, which: int, case: str, at: int, count: int) -> str:
        """The word at place `at` of a line of `count`."""
        if at and self._inline and draws.random() < self.config.inline:
            text = draws.choice(self._inline).folded(draws, which)
            if 0 < len(text) <= 14 and self.limits.holds(text):
                return text
        if case == "sentence" and at:
            case = "as_is"
        word = self.lexicon.cased(draws, pick(), case, self.lexicon.languages[which].turkic)
        if draws.random() >= self.config.punctuation:
            return word
        return (self._end if at == count - 1 else self._inside).put(draws, word)

    def _punctuated(self, draws: Draws, word: str, words: Language, case: str) -> str:
        """A word alone with punctuation: marks around it, or a pair."""
        if self._pairs and draws.random() < 0.22:
            return word + draws.choice(self._pairs) + self.lexicon.cased(draws, words.any(draws), case, words.turkic)
        return self._alone.put(draws, word)
