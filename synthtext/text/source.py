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
from collections.abc import Callable
from itertools import accumulate, chain

import msgspec

from synthtext.core.errors import InputError
from synthtext.core.records import Record
from synthtext.core.rng import Draws, Stage, hash64
from synthtext.core.shares import Shares
from synthtext.core.split import NO_SPLIT, SplitConfig
from synthtext.text.charset import cut_to
from synthtext.text.dropped import EXAMPLES, NOTHING, Dropped, Example, Loss
from synthtext.text.lexicon import Lexicon
from synthtext.text.limits import Limits
from synthtext.text.source_base import Composed, Source, TextStock, Uncovered
from synthtext.text.sources import SOURCES
from synthtext.text.text_config import TextConfig

REDRAWS = 20  # texts tried for one that a font covers
CANDIDATES = 8  # texts of which `rare` takes the rarest
_USUAL = ("number", "price", "date", "time")  # what may stand within a line, where no such source has a weight


class TextRecord(Record, frozen=True):
    """What is written in a sample.

    `lines`: the lines, in reading order, in logical order of characters, NFC. `source`: the name of the source.
    `cut_left`, `cut_right`: the word next to the first line at the left and at the right, of which only a piece shows
    at the crop's edge ("" for none); they are no part of the transcription. `language`: BCP 47, for the shaping.
    """

    lines: tuple[str, ...]
    source: str
    cut_left: str = ""
    cut_right: str = ""
    language: str = ""

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


class TextSource:
    """Draws the text of a sample: `TextSource(config, seed).draw(draws, index, allowed)`.

    `sources`: those that have a weight, by name; `left_out`: of them, those that `charset` or `length` leaves nothing
    of. `split`: of which the words, the files' lines and the composed texts are. `uncovered`: of texts, those that no
    font in use covers, by number, and why (`Catalogue.uncovered`); None leaves fonts aside.

    Raises InputError for a language without a word list, a bad file, or where nothing can be written at all.
    """

    def __init__(
        self, config: TextConfig, seed: int, split: SplitConfig = NO_SPLIT, uncovered: Uncovered | None = None
    ) -> None:
        self.config = config
        self._uncovered = uncovered
        self._key = hash64(seed, Stage.TEXT)
        self._limits = Limits(config, split)
        self._case_names = [name for name, weight in config.case.items() if weight > 0.0]
        self._case_cumulative = list(accumulate(weight for weight in config.case.values() if weight > 0.0))
        makers = {name: SOURCES[name].load() for name, weight in config.sources.items() if weight > 0.0}
        needed = any(maker.needs_words for maker in makers.values())
        self._lexicon = Lexicon(config, self._limits, self._key, needed)
        stock = TextStock(config, self._limits, self._lexicon, self._key, uncovered)
        self.sources: dict[str, Source] = {name: maker(name, stock) for name, maker in makers.items()}
        self.left_out = tuple(name for name, source in self.sources.items() if not source.possible())
        weights = {name: config.sources[name] for name in makers if name not in self.left_out}
        if not weights:
            raise InputError(
                f"text.charset and text.length leave nothing of {', '.join(makers)} to write; widen them, or name "
                "other sources in text.sources"
            )
        self._names = list(weights)
        self._shares = Shares(list(weights.values()), self._key)
        composed = [self.sources[name] for name in SOURCES if name in weights]
        inline = [source for source in composed if isinstance(source, Composed) and source.inline]
        if not inline:
            usual = [SOURCES[name].load()(name, stock) for name in _USUAL]
            inline = [source for source in usual if source.possible()]
        for source in self.sources.values():
            source.meet(inline)

    @property
    def charset(self) -> frozenset[str]:
        """The characters that may appear; empty for any."""
        return self._limits.charset

    @functools.cached_property
    def dropped(self) -> Dropped:
        """What of the user's lines is left out or changed, and which words of word lists no font covers."""
        words = {}
        for language in self._lexicon.languages:
            missing = self._uncovered(language.words) if self._uncovered is not None else {}
            if missing:
                first = tuple(Example(language.words[i]) for i in heapq.nsmallest(EXAMPLES, missing))
                words[language.language.code] = Loss(len(missing), len(language.words), first)
        of_files = next((s.dropped for s in self.sources.values() if s.dropped is not NOTHING), NOTHING)
        return msgspec.structs.replace(of_files, words=words)

    # --- drawing

    def draw(self, draws: Draws, index: int, allowed: Allowed | None = None, case: str = "") -> TextRecord:
        """The text of sample `index`.

        `draws`: of this sample and Stage.TEXT. `case`: of words, instead of one by weight. `allowed`: whether
        some font covers a text (it is given the lines, and then the neighbours with them, with newlines between).

        Raises InputError where no font covers the text (`strict`), or any of twenty.
        """
        config = self.config
        name, number = self._assign(index)
        which = number % len(self._lexicon.contexts)
        number //= len(self._lexicon.contexts)
        case = case or (
            self._case_names[draws.weighted(self._case_cumulative)]
            if len(self._case_names) > 1
            else self._case_names[0]
        )
        rare, cut = draws.random() < config.rare, draws.random() < config.cut
        language = self._lexicon.names[which]
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
                return TextRecord(lines, name, left, right, language)
        return TextRecord(lines, name, language=language)

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
        count = self._limits.lines.draw(draws)
        return tuple(self.sources[name].lines(draws, which, number, case, count))

    def filler(self, draws: Draws, characters: int) -> str:
        """A line of words of about `characters` characters, for what stands around the text and is not read."""
        which = draws.integer(len(self._lexicon.contexts))
        case = self._case_names[0 if len(self._case_names) == 1 else draws.weighted(self._case_cumulative)]
        space = self._lexicon.contexts[which].locale.space if self._limits.spaced else ""
        line = self._neighbour(draws, self._names[0], which, case)
        for _ in range(characters):
            if len(line) >= characters:
                break
            line += space + self._neighbour(draws, self._names[0], which, case)
        return cut_to(line, characters)

    @property
    def words(self) -> int:
        """How many words are drawn from, of all languages."""
        return sum(len(words.words) for words in self._lexicon.languages)

    def commonest(self, count: int) -> list[tuple[str, list[str]]]:
        """Of each language, the words that come first in its list."""
        return [(words.language.code, words.words[:count]) for words in self._lexicon.languages]

    @functools.cached_property
    def digest(self) -> str:
        """SHA-256, hex, of the words and lines that are drawn from."""
        digest = hashlib.sha256()
        others = chain.from_iterable(source.texts for source in self.sources.values())
        for texts in (*(words.words for words in self._lexicon.languages), others):
            digest.update("\n".join(texts).encode() + b"\0")
        return digest.hexdigest()

    def _neighbour(self, draws: Draws, name: str, which: int, case: str) -> str:
        """The word next to the text: of the same kind, without spaces at its ends."""
        if self._lexicon.languages:
            words = self._lexicon.languages[which]
            return self._lexicon.cased(draws, words.any(draws), case, words.language)
        return self._text(draws, name, which, None, case)[0].split(" ")[-1]

    def _score(self, lines: tuple[str, ...]) -> float:
        """How rare the rarest character is, in nats."""
        get, unseen = self._lexicon.rarity.get, self._lexicon.rarity[""]
        return max([get(c, unseen) for line in lines for c in line], default=0.0)
