"""What a configuration's texts lose before the first sample: counted by reason, and told."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from msgspec import Struct

EXAMPLES = 5  # of a reason: how many are kept
_FEW = 0.001  # of a word list: what is not told on the terminal


LONGEST = 200  # characters of an example


class Example(Struct, frozen=True, omit_defaults=True):
    """A text, or its beginning, and where it stands: `file` and `line`, from 1 ("" and 0 for a word of a word list)."""

    text: str
    file: str = ""
    line: int = 0

    def __str__(self) -> str:
        shown = repr(self.text if len(self.text) <= 40 else f"{self.text[:39]}…") if self.text else ""
        return f"line {self.line} {shown}".rstrip() if self.line else shown


class Loss(Struct, frozen=True):
    """How many texts, of how many, and the first of them."""

    count: int = 0
    of: int = 0
    examples: tuple[Example, ...] = ()


# What each reason says on the terminal; of files, then of word lists.
_SAID = {
    "empty": "are empty: left out",
    "nothing_drawn": "hold nothing that is drawn: left out",
    "too_short": "are shorter than text.length: left out",
    "charset": "hold a character outside text.charset: left out",
    "no_font": "hold a character that no font covers: left out",
    "dotted_circle": "get a dotted circle from every font: left out",
    "too_long": "are longer than text.length: a run of words of each is taken",
    "doubled": "repeat an earlier line: they come as often as they stand there",
}


class Dropped(Struct, frozen=True):
    """What of the user's lines is not written as it stands, by reason. A line has one reason at most.

    Left out are those that are `empty`; of which `nothing_drawn` is left once invisible
    characters are taken out; `too_short` or with a character outside the `charset`; of which a character is in no font
    that is drawn from (`no_font`), or to which all fonts that have its characters would add a `dotted_circle`. Not left
    out are those `too_long`, of which a run of words is taken, and `doubled` ones, which repeat an earlier line.
    `words`: of each language, the words of its list that no font covers: others are drawn in their place.
    """

    empty: Loss = Loss()
    nothing_drawn: Loss = Loss()
    too_short: Loss = Loss()
    charset: Loss = Loss()
    no_font: Loss = Loss()
    dotted_circle: Loss = Loss()
    too_long: Loss = Loss()
    doubled: Loss = Loss()
    words: dict[str, Loss] = {}

    def reasons(self) -> Iterator[tuple[str, Loss]]:
        """The reasons that lines have, with how many."""
        for name in _SAID:
            loss: Loss = getattr(self, name)
            if loss.count:
                yield name, loss

    def told(self) -> list[str]:
        """For the terminal: a sentence for each reason, but for blank lines and a word list's few odd words alone."""
        sentences = [
            f"text.files: {loss.count:,} of {loss.of:,} lines {_SAID[name]} ({_first(loss)})"
            for name, loss in self.reasons()
        ]
        if len(sentences) == 1 and self.empty.count:
            sentences.clear()
        for language, loss in self.words.items():
            if loss.count > _FEW * loss.of:
                sentences.append(
                    f"text.languages: no font covers {loss.count:,} of {loss.of:,} words of {language!r}: others are "
                    f"drawn in their place ({_first(loss)})"
                )
        return sentences

    def to_dict(self) -> dict[str, Any]:
        """As JSON: each reason that occurs with `count`, `of` and `examples`, and so `words` by language."""
        result: dict[str, Any] = {name: msgspec.to_builtins(loss) for name, loss in self.reasons()}
        if self.words:
            result["words"] = msgspec.to_builtins(self.words)
        return result


NOTHING = Dropped()


def _first(loss: Loss) -> str:
    shown = []
    file = ""
    for example in loss.examples:
        shown.append(f"{example.file}: {example}" if example.file != file else str(example))
        file = example.file
    return ", ".join(shown) + (f" and {loss.count - len(shown):,} more" if loss.count > len(shown) else "")


def dropped_of(source: object) -> Dropped:
    """What the texts of a generator lose; of anything that has no such record, nothing."""
    found = getattr(getattr(source, "text", None), "dropped", None)
    return found if isinstance(found, Dropped) else NOTHING


_told: set[str] = set()


def tell(source: object) -> None:
    """Log what the texts of a generator lose; each sentence once in a process."""
    for sentence in dropped_of(source).told():
        if sentence not in _told:
            _told.add(sentence)
            logging.getLogger("synthtext").warning("%s", sentence)


class Tally:
    """Losses while they are counted."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._examples: dict[str, list[Example]] = {}

    def add(self, reason: str, examples: Iterable[Example], count: int) -> None:
        """`count` more texts; `examples`: of them, of which the first are kept."""
        self._counts[reason] = self._counts.get(reason, 0) + count
        kept = self._examples.setdefault(reason, [])
        for example in examples:
            if len(kept) >= EXAMPLES:
                break
            if len(example.text) > LONGEST:
                example = Example(f"{example.text[: LONGEST - 1]}…", example.file, example.line)
            kept.append(example)

    def losses(self, of: int) -> dict[str, Loss]:
        """What was counted, by reason; of how many texts."""
        return {reason: Loss(n, of, tuple(self._examples[reason])) for reason, n in self._counts.items() if n}
