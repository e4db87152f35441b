"""Which text a sample gets: the sources, their shares, and the order in which words are used.

How the shares are held, and how each word comes once a pass, with random access by index:

- The shares of the sources are exact over blocks of samples, and a sample's *running number* within its source is
  known from its index alone: see `shares`.
- Running numbers are dealt to the languages in turn, and run through passes over a language's n words: number r takes
  the word permute(r mod n) of pass r // n, each pass with a key of its own. Hence the first words of samples use each
  word of a language exactly once a pass; where words have weights (`frequency_power`, `length_power`), as often as its
  share of the n is, rounded up or down. The further words of a sample (several words, several lines) run through
  passes of their own, which not every sample draws on in full: there, at most as often.
- Beside the passes, drawn at random: a word instead of one that no font covers, the candidates of `rare`, the second
  half of a pair ("and/or"), words inside addresses and receipts, words that fill a line up, and neighbours.
"""

from __future__ import annotations

import functools
import hashlib
import heapq
import math
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import accumulate

import msgspec

from synthtext.core.errors import InputError
from synthtext.core.records import Record
from synthtext.core.rng import Draws, Stage, hash64, permute
from synthtext.core.shares import Shares
from synthtext.core.split import NO_SPLIT, SplitConfig, text_filter
from synthtext.text.charset import CHARSETS, cut_to, fold_into, resolve_charset
from synthtext.text.composed import COMPOSERS, Context
from synthtext.text.corpus import TextFile, Vocabulary, load_file, load_vocabulary
from synthtext.text.dropped import EXAMPLES, Dropped, Example, Loss, Tally
from synthtext.text.invisible import INVISIBLE
from synthtext.text.locale import locale_of
from synthtext.text.text_config import TextConfig

REDRAWS = 20  # texts tried for one that a font covers
CANDIDATES = 8  # texts of which `rare` takes the rarest
_TRIES = 32  # composed texts tried for one that fits `length` and `charset`
_NEED_WORDS = frozenset(("word", "email", "url", "acronym", "receipt"))


class TextRecord(Record, frozen=True):
    """What is written in a sample.

    `lines`: the lines, in reading order, in logical order of characters, NFC. `source`: the name of the source.
    `cut_left`, `cut_right`: the word next to the first line at the left and at the right, of which only a piece shows
    at the crop's edge ("" for none); they are no part of the transcription.
    """

    lines: tuple[str, ...]
    source: str
    cut_left: str = ""
    cut_right: str = ""

    @property
    def text(self) -> str:
        """The transcription: the lines joined by newlines."""
        return "\n".join(self.lines)

    @property
    def characters(self) -> str:
        """Every character that a font has to cover, neighbours included, without the newlines."""
        return "".join(self.lines) + self.cut_left + self.cut_right

    @property
    def written(self) -> str:
        """All that a font has to cover, neighbours included, with newlines between."""
        if self.cut_left or self.cut_right:
            return "\n".join((*self.lines, self.cut_left, self.cut_right))
        return self.lines[0] if len(self.lines) == 1 else "\n".join(self.lines)


Allowed = Callable[[str], bool]
Uncovered = Callable[[Sequence[str]], dict[int, str]]
Pick = Callable[[], str]


class _Passes:
    """Access to `items` by running number, in passes of as many as there are: each once a pass, or, by `edges` (running
    sums of their weights), each as often as n times its share, up or down to a whole number.
    """

    __slots__ = ("_edges", "_key", "_offset", "_pass", "_pass_key", "items")

    def __init__(self, items: Sequence[str], key: int, edges: Sequence[float] = ()) -> None:
        self.items = items
        self._edges = edges
        self._key = key
        self._pass = -1
        self._pass_key = 0
        self._offset = 0.0

    def __getitem__(self, number: int) -> str:
        n = len(self.items)
        turn, place = divmod(number, n)
        if turn != self._pass:  # kept for speed alone: the key is a function of the pass
            self._pass, self._pass_key = turn, hash64(self._key, turn)
            self._offset = (hash64(self._pass_key, 1) >> 11) * 2.0**-53
        place = permute(place, n, self._pass_key)
        if not self._edges:
            return self.items[place]
        # Systematic sampling: n points evenly spaced over the weights, from a random offset.
        return self.items[_find(self._edges, (place + self._offset) / n)]


def _find(edges: Sequence[float], share: float) -> int:
    """Where a share in [0, 1) of the weights falls."""
    return min(bisect_right(edges, share * edges[-1]), len(edges) - 1)


class _Words:
    """The words of one language as samples use them: in passes, or weighted by frequency; and its habits."""

    def __init__(self, vocabulary: Vocabulary, config: TextConfig, key: int) -> None:
        self.words = vocabulary.words
        self.language = vocabulary.language
        self.turkic = vocabulary.language in ("tr", "az")
        self._edges = vocabulary.cumulative(config.frequency_power, config.length_power)
        weighted = config.frequency_power > 0.0 or config.length_power > 0.0
        self.first = _Passes(self.words, hash64(key, 1), self._edges if weighted else ())
        self.further = _Passes(self.words, hash64(key, 2), self._edges if weighted else ())

    def any(self, draws: Draws) -> str:
        """A word at random, with replacement, by its weight."""
        return self.words[_find(self._edges, draws.random())]


class _Weighted:
    """A weighted choice of integers."""

    __slots__ = ("cumulative", "most", "values")

    def __init__(self, weights: dict[str, float]) -> None:
        rows = sorted((int(name), weight) for name, weight in weights.items() if weight > 0.0)
        self.values = [value for value, _ in rows]
        self.cumulative = list(accumulate(weight for _, weight in rows))
        self.most = self.values[-1]

    def draw(self, draws: Draws) -> int:
        return self.values[0] if len(self.values) == 1 else self.values[draws.weighted(self.cumulative)]


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


class TextSource:
    """Draws the text of a sample: `TextSource(config, seed).draw(draws, index, allowed)`.

    `left_out`: the sources that have a weight but that `charset` or `length` leaves nothing of.
    `charset`: the characters that may appear; empty for any. `split`: of which the words, the files' lines and the
    composed texts are. `uncovered`: of texts, those that no font in use covers, by number, and why
    (`Catalogue.uncovered`); None leaves fonts aside.

    Raises InputError for a language without a word list, a bad file, or where nothing can be written at all.
    """

    def __init__(
        self, config: TextConfig, seed: int, split: SplitConfig = NO_SPLIT, uncovered: Uncovered | None = None
    ) -> None:
        self.config = config
        self._uncovered = uncovered
        self._of_files = Dropped()
        self._split = split
        self._holds = text_filter(split) or _anything
        self._tries = 1
        if self._holds is not _anything:  # enough to meet a text of the split, if it has a tenth of its share of them
            self._tries = math.ceil(_TRIES * sum(split.shares.values()) / split.shares[split.name])
        self.charset = resolve_charset(config.charset)
        self._key = hash64(seed, Stage.TEXT)
        self._fewest, self._most = config.length
        self._lines = _Weighted(config.lines)
        self._words = _Weighted(config.words)
        self._case_names = [name for name, weight in config.case.items() if weight > 0.0]
        self._case_cumulative = list(accumulate(weight for weight in config.case.values() if weight > 0.0))
        self._spaced = not self.charset or " " in self.charset
        self._further = self._words.most * self._lines.most - 1  # words of a sample after its first, at most
        self._alone, self._inside, self._end = (_Marks(rows, self.charset) for rows in (_ALONE, _INSIDE, _END))
        self._pairs = [p for p in _PAIRS if not self.charset or self.charset.issuperset(p)]

        names = [name for name, weight in config.sources.items() if weight > 0.0]
        self._vocabularies: list[_Words] = []
        full: list[Vocabulary] = []
        if not _NEED_WORDS.isdisjoint(names):
            full = [load_vocabulary(language, config.vocabulary) for language in config.languages]
            kept = [v.filtered(self._usable) if self._filters() else v for v in full]
            if any(kept):
                kept = [v.filtered(self._holds) if self._tries > 1 else v for v in kept]
                self._check_split(any(kept), "words")
            self._vocabularies = [_Words(v, config, hash64(self._key, 1 + i)) for i, v in enumerate(kept) if len(v)]
        self._rarity = _rarity(full, self.charset)
        alphabets = _alphabets(full, self.charset)
        languages = [v.language for v in self._vocabularies] or list(config.languages)
        self._contexts = [
            Context(locale_of(language), self._plain_word(i, full), alphabets, self._most)
            for i, language in enumerate(languages)
        ]
        self._files = _Passes(self._load_files() if "file" in names else (), hash64(self._key, 0xF11E))
        self._more_files = _Passes(self._files.items, hash64(self._key, 0xF11F))
        self.left_out = tuple(name for name in names if not self._possible(name))
        weights = {name: config.sources[name] for name in names if name not in self.left_out}
        if not weights:
            raise InputError(
                f"text.charset and text.length leave nothing of {', '.join(names)} to write; widen them, or name other "
                "sources in text.sources"
            )
        self._names = list(weights)
        self._shares = Shares(list(weights.values()), self._key)
        inline = [n for n in COMPOSERS if n in weights and n not in ("receipt", "random", "url", "email")]
        self._inline = inline or [n for n in ("number", "price", "date", "time") if self._possible(n)]

    # --- set-up

    def _filters(self) -> bool:
        return bool(self.charset) or self._fewest > 1 or self._most < 30

    def _usable(self, word: str) -> bool:
        """Whether a word can be written by the charset, in one case at least, and fits the length."""
        if len(word) > self._most or (len(word) < self._fewest and (self._words.most == 1 or not self._spaced)):
            return False
        inside = self.charset.issuperset
        return not self.charset or inside(word) or inside(word.upper()) or inside(word.lower())

    def _plain_word(self, which: int, full: list[Vocabulary]) -> Callable[[Draws], str]:
        """What gives words to addresses and receipts of a language; "" where no word list is in use."""
        if self._vocabularies:
            return self._vocabularies[which].any
        if full:
            return _Words(full[0], self.config, 0).any
        return lambda draws: ""

    def _load_files(self) -> list[str]:
        """The lines of all files that can be written; what is left out or changed of them is counted."""
        tally, seen = Tally(), set[str]()
        files = [load_file(path) for path in self.config.files]
        kept = [text for file in files for text in self._lines_of(file, tally, seen)]
        self._of_files = Dropped(**tally.losses(sum(file.lines for file in files)))  # type: ignore[arg-type]
        if not kept:
            texts = sum(len(file.texts) for file in files)
            raise InputError(
                f"text.files: {', '.join(self.config.files)}: none of {texts} texts lies within text.charset, "
                "text.length and what the fonts cover; widen them, add a font or mend the file "
                f"({'; '.join(self._of_files.told())})"
            )
        kept = [text for text in kept if self._holds(text)]
        self._check_split(bool(kept), f"texts of {', '.join(self.config.files)}")
        return kept

    def _lines_of(self, file: TextFile, tally: Tally, seen: set[str]) -> Sequence[str]:
        """The texts of a file that can be written. `seen`: the texts of the files before it; these come to them."""
        texts, numbers = file.texts, file.numbers
        out = self._uncovered(texts) if self._uncovered is not None else {}
        if out and self.config.strict:
            i = min(out)
            raise InputError(
                f"text.files: {file.path}: no font in use covers line {numbers[i]}, {texts[i]!r}; add a font, narrow "
                "text.charset, or set text.strict to false"
            )
        if self.charset:
            inside = self.charset.issuperset
            out |= {i: "charset" for i, text in enumerate(texts) if not inside(text)}
        lengths = list(map(len, texts))
        if min(lengths) < self._fewest:
            out |= {i: "too_short" for i, n in enumerate(lengths) if n < self._fewest}
        changed: dict[int, str] = {}
        for i, text in enumerate(texts):
            if text in seen:
                changed[i] = "doubled"
            else:
                seen.add(text)
        if max(lengths) > self._most:
            changed |= {i: "too_long" for i, n in enumerate(lengths) if n > self._most}
        tally.add("empty", [Example("", file.path, n) for n in file.empty[:EXAMPLES]], len(file.empty))
        blanks = [Example(text, file.path, n) for n, text in file.invisible[:EXAMPLES]]
        tally.add("nothing_drawn", blanks, len(file.invisible))
        of: dict[str, list[int]] = {}
        for i, reason in (changed | out).items():
            of.setdefault(reason, []).append(i)
        for reason, found in of.items():
            first = heapq.nsmallest(EXAMPLES, found)
            tally.add(reason, [Example(texts[i], file.path, numbers[i]) for i in first], len(found))
        return [text for i, text in enumerate(texts) if i not in out] if out else texts

    @functools.cached_property
    def dropped(self) -> Dropped:
        """What of the user's lines is left out or changed, and which words of word lists no font covers."""
        words = {}
        for vocabulary in self._vocabularies:
            missing = self._uncovered(vocabulary.words) if self._uncovered is not None else {}
            if missing:
                first = tuple(Example(vocabulary.words[i]) for i in heapq.nsmallest(EXAMPLES, missing))
                words[vocabulary.language] = Loss(len(missing), len(vocabulary.words), first)
        return msgspec.structs.replace(self._of_files, words=words)

    def _check_split(self, some: bool, what: str) -> None:
        if not some:
            raise InputError(
                f"split: none of the {what} fall to {self._split.name!r}; raise its share in split.shares, or leave "
                "words out of split.by"
            )

    def _possible(self, name: str) -> bool:
        if name == "word":
            return bool(self._vocabularies)
        if name == "file" or not self.charset:
            return True
        draws = Draws(0, Stage.TEXT, 0)
        return sum(bool(self._fold(COMPOSERS[name](draws, self._contexts[0]))) for _ in range(64)) >= 16

    # --- drawing

    def draw(self, draws: Draws, index: int, allowed: Allowed | None = None, case: str = "") -> TextRecord:
        """The text of sample `index`.

        `draws`: of this sample and Stage.TEXT. `case`: of words, instead of one by weight. `allowed`: whether
        some font covers a text (it is given the lines, and then the neighbours with them, with newlines between).

        Raises InputError where no font covers the text (`strict`), or any of twenty.
        """
        config = self.config
        name, number = self._assign(index)
        which = number % len(self._contexts)
        number //= len(self._contexts)
        case = case or (
            self._case_names[draws.weighted(self._case_cumulative)]
            if len(self._case_names) > 1
            else self._case_names[0]
        )
        rare, cut = draws.random() < config.rare, draws.random() < config.cut
        lines = self._text(draws, name, which, number, case)
        if rare:
            others = [self._text(draws, name, which, None, case) for _ in range(CANDIDATES - 1)]
            lines = max([lines, *others], key=self._score)
        if allowed is not None and not allowed("\n".join(lines)):
            lines = self._redraw(draws, index, name, which, case, lines, allowed)
        if cut:
            side = draws.integer(3)
            left = self._neighbour(draws, name, which, case) if side != 1 else ""
            right = self._neighbour(draws, name, which, case) if side != 0 else ""
            if allowed is None or allowed("\n".join((*lines, left, right))):
                return TextRecord(lines, name, left, right)
        return TextRecord(lines, name)

    def _assign(self, index: int) -> tuple[str, int]:
        """The source of a sample, and the sample's running number within that source."""
        source, number = self._shares.assign(index)
        return self._names[source], number

    def _redraw(
        self, draws: Draws, index: int, name: str, which: int, case: str, lines: tuple[str, ...], allowed: Allowed
    ) -> tuple[str, ...]:
        first = "\n".join(lines)
        if self.config.strict:
            raise InputError(
                f"text {first!r} of sample {index} has a character that no font in use covers; add a font, narrow "
                "text.charset, or set text.strict to false"
            )
        for _ in range(REDRAWS):
            lines = self._text(draws, name, which, None, case)
            if allowed("\n".join(lines)):
                return lines
        raise InputError(
            f"sample {index}: none of {REDRAWS + 1} texts of the source {name!r} is covered by a font, the first being "
            f"{first!r}; add a font that has these characters (`fonts.folders`) or narrow text.charset"
        )

    def _text(self, draws: Draws, name: str, which: int, number: int | None, case: str) -> tuple[str, ...]:
        """The lines of one text; `number` is the running number of its words, None for words at random."""
        count = self._lines.draw(draws)
        if name == "word":
            pick = self._picker(draws, self._vocabularies[which], number)
            if count == 1:
                return (self._word_line(draws, pick, which, case),)
            return tuple([self._word_line(draws, pick, which, case) for _ in range(count)])
        if name == "file":
            return tuple([self._file_line(draws, number, i) for i in range(count)])
        return tuple([self._composed_line(draws, name, which) for _ in range(count)])

    def _picker(self, draws: Draws, words: _Words, number: int | None) -> Pick:
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

    def _word_line(self, draws: Draws, pick: Pick, which: int, case: str) -> str:
        count = self._words.draw(draws)
        words = self._vocabularies[which]
        punctuation = self.config.punctuation
        if count == 1 or not self._spaced:
            line = plain = self._cased(draws, pick(), case, words.turkic)
            if draws.random() < punctuation:
                line = self._punctuated(draws, plain, words, case)
                if len(line) > self._most:
                    line = plain
            tokens = [line]
        else:
            tokens = []
            for i in range(count):
                opens = i > 0 and case in ("as_is", "sentence") and tokens[-1][-1] in ".!?"
                tokens.append(self._token(draws, pick, which, "title" if opens else case, i, count))
        space = self._contexts[which].locale.space
        line = space.join(tokens)
        if self._fewest <= len(line) <= self._most:
            return line
        return self._fitted(draws, tokens, space, lambda: self._cased(draws, pick(), case, words.turkic))

    def _token(self, draws: Draws, pick: Pick, which: int, case: str, at: int, count: int) -> str:
        """The word at place `at` of a line of `count`."""
        if at and self._inline and draws.random() < self.config.inline:
            text = self._fold(COMPOSERS[draws.choice(self._inline)](draws, self._contexts[which]))
            if 0 < len(text) <= 14 and self._holds(text):
                return text
        if case == "sentence" and at:
            case = "as_is"
        word = self._cased(draws, pick(), case, self._vocabularies[which].turkic)
        if draws.random() >= self.config.punctuation:
            return word
        return (self._end if at == count - 1 else self._inside).put(draws, word)

    def _punctuated(self, draws: Draws, word: str, words: _Words, case: str) -> str:
        """A word alone with punctuation: marks around it, or a pair."""
        if self._pairs and draws.random() < 0.22:
            return word + draws.choice(self._pairs) + self._cased(draws, words.any(draws), case, words.turkic)
        return self._alone.put(draws, word)

    def _cased(self, draws: Draws, word: str, case: str, turkic: bool) -> str:
        """`word` in a case; where the charset lacks that, in one that it has."""
        if case == "as_is":
            form = word
        elif case == "mixed":
            form = "".join([c.upper() if draws.random() < 0.5 else c.lower() for c in word])
        elif case == "lower":
            form = word.lower()
        else:
            head = word if case == "upper" else word[0]
            if turkic:
                head = head.replace("i", "İ")
            form = head.upper() if case == "upper" else head.title() + word[1:]
        if not form.isascii():
            form = unicodedata.normalize("NFC", form)
        if len(form) > self._most:
            form = word
        if self.charset and not self.charset.issuperset(form):
            for form in (word, word.upper(), word.lower()):
                if self.charset.issuperset(form):
                    break
        return form

    def _fold(self, text: str) -> str:
        """A composed text inside the charset, "" where too little of it would be left."""
        if not self.charset:
            return text
        folded = fold_into(text, self.charset)
        return folded if 2 * len(folded) >= len(text) else ""

    def _composed_line(self, draws: Draws, name: str, which: int) -> str:
        """A composed text, of the split."""
        for _ in range(self._tries):
            text = self._composed(draws, name, which)
            if self._holds(text):
                return text
        raise InputError(
            f"split: of {self._tries} texts of the source {name!r} none fell to {self._split.name!r}: there are too "
            f"few different ones; take {name!r} out of text.sources, raise the share in split.shares, or leave "
            "words out of split.by"
        )

    def _composed(self, draws: Draws, name: str, which: int) -> str:
        compose, context = COMPOSERS[name], self._contexts[which]
        text = ""
        for _ in range(_TRIES):
            text = self._fold(compose(draws, context)) or text
            if self._fewest <= len(text) <= self._most:
                return text
        return self._fitted(draws, [text], " ", lambda: self._fold(compose(draws, context)))

    def _fitted(self, draws: Draws, tokens: list[str], space: str, more: Pick) -> str:
        """A line of the allowed length: words dropped from the end, or added to it; then cut by characters."""
        while len(tokens) > 1 and len(space.join(tokens)) > self._most:
            tokens.pop()
        line = space.join(tokens)
        if not self._spaced:
            space = ""
        for _ in range(4 * _TRIES):
            if len(line) >= self._fewest:
                break
            longer = f"{line}{space}{more()}" if line else more()
            if len(longer) <= self._most:
                line = longer
        while len(line) < self._fewest:
            line += more() or draws.choice(self._contexts[0].alphabets[-1])
        return cut_to(line, self._most)

    def _file_line(self, draws: Draws, number: int | None, at: int) -> str:
        """A line of the user's files; of one that is too long, a run of words."""
        passes = self._files
        if number is None:
            text = passes.items[draws.integer(len(passes.items))]
        elif at == 0:
            text = passes[number]
        else:
            text = self._more_files[number * (self._lines.most - 1) + at - 1]
        if len(text) <= self._most:
            return text
        words = text.split(" ")
        start = draws.integer(len(words))
        run = words[start]
        for word in words[start + 1 :]:
            if len(run) + 1 + len(word) > self._most:
                break
            run += " " + word
        return run if self._fewest <= len(run) <= self._most else cut_to(text, self._most)

    def filler(self, draws: Draws, characters: int) -> str:
        """A line of words of about `characters` characters, for what stands around the text and is not read."""
        which = draws.integer(len(self._contexts))
        case = self._case_names[0 if len(self._case_names) == 1 else draws.weighted(self._case_cumulative)]
        space = self._contexts[which].locale.space if self._spaced else ""
        line = self._neighbour(draws, self._names[0], which, case)
        for _ in range(characters):
            if len(line) >= characters:
                break
            line += space + self._neighbour(draws, self._names[0], which, case)
        return cut_to(line, characters)

    @property
    def words(self) -> int:
        """How many words are drawn from, of all languages."""
        return sum(len(words.words) for words in self._vocabularies)

    def commonest(self, count: int) -> list[tuple[str, list[str]]]:
        """Of each language, the words that come first in its list."""
        return [(words.language, words.words[:count]) for words in self._vocabularies]

    @functools.cached_property
    def digest(self) -> str:
        """SHA-256, hex, of the words and lines that are drawn from."""
        digest = hashlib.sha256()
        for texts in (*(words.words for words in self._vocabularies), self._files.items):
            digest.update("\n".join(texts).encode() + b"\0")
        return digest.hexdigest()

    def _neighbour(self, draws: Draws, name: str, which: int, case: str) -> str:
        """The word next to the text: of the same kind, without spaces at its ends."""
        if self._vocabularies:
            words = self._vocabularies[which]
            return self._cased(draws, words.any(draws), case, words.turkic)
        return self._text(draws, name, which, None, case)[0].split(" ")[-1]

    def _score(self, lines: tuple[str, ...]) -> float:
        """How rare the rarest character is, in nats."""
        get, unseen = self._rarity.get, self._rarity[""]
        return max([get(c, unseen) for line in lines for c in line], default=0.0)


def _anything(text: str) -> bool:
    return True


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


def _alphabets(vocabularies: Sequence[Vocabulary], charset: frozenset[str]) -> tuple[str, ...]:
    """The mixes of character classes of random strings: digits, capitals, small letters, all letters, with digits,
    and everything; each as often as it is listed."""
    characters = set(charset)
    if not characters:
        characters = set(CHARSETS["ascii"])
        for vocabulary in vocabularies:
            counts = Counter("".join(vocabulary.words))
            floor = counts.total() * 2e-5
            for c in [c for c, n in counts.items() if n >= floor and c.isalpha()]:
                characters.update(k for k in (c, c.upper()) if len(k) == 1)
    characters -= {" ", *INVISIBLE}
    characters = {c for c in characters if unicodedata.category(c)[0] != "M"}
    everything = "".join(sorted(characters))
    digits = "".join(c for c in everything if c.isdecimal())
    upper = "".join(c for c in everything if c.isupper())
    lower = "".join(c for c in everything if c.islower())
    letters = "".join(c for c in everything if c.isalpha())
    mixes = (digits, upper, upper, lower, letters, upper + digits, upper + digits, lower + digits, letters + digits)
    return tuple(mix for mix in (*mixes, everything, everything) if mix) or (" ",)
