"""The source `file`: the lines of the user's own files."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

from synthtext.core.errors import InputError
from synthtext.core.rng import Draws, hash64
from synthtext.text.charset import cut_to
from synthtext.text.corpus import TextFile, load_file
from synthtext.text.dropped import EXAMPLES, Dropped, Example, Tally
from synthtext.text.passes import Passes
from synthtext.text.source_base import Source, TextStock

SOURCE = {"name": "file", "help": "lines of the text files that `files` names", "maker": "FileLines"}


class FileLines(Source):
    """Lines of files: in passes, each line once a pass, in its own case."""

    def __init__(self, name: str, stock: TextStock) -> None:
        super().__init__(name, stock)
        self._uncovered = stock.uncovered
        self.texts = self._load_files()
        self._first = Passes(self.texts, hash64(stock.key, 0xF11E))
        self._more = Passes(self.texts, hash64(stock.key, 0xF11F))

    def lines(self, draws: Draws, which: int, number: int | None, case: str, count: int) -> list[str]:
        return [self._line(draws, number, i) for i in range(count)]

    def _load_files(self) -> list[str]:
        """The lines of all files that can be written; what is left out or changed of them is counted."""
        tally, seen = Tally(), set[str]()
        files = [load_file(path) for path in self.config.files]
        kept = [text for file in files for text in self._lines_of(file, tally, seen)]
        self.dropped = Dropped(**tally.losses(sum(file.lines for file in files)))  # type: ignore[arg-type]
        if not kept:
            texts = sum(len(file.texts) for file in files)
            raise InputError(
                f"text.files: {', '.join(self.config.files)}: none of {texts} texts lies within text.charset, "
                "text.length and what the fonts cover; widen them, add a font or mend the file "
                f"({'; '.join(self.dropped.told())})"
            )
        kept = [text for text in kept if self.limits.holds(text)]
        self.limits.check_split(bool(kept), f"texts of {', '.join(self.config.files)}")
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
        if self.limits.charset:
            inside = self.limits.charset.issuperset
            out |= {i: "charset" for i, text in enumerate(texts) if not inside(text)}
        lengths = list(map(len, texts))
        if min(lengths) < self.limits.fewest:
            out |= {i: "too_short" for i, n in enumerate(lengths) if n < self.limits.fewest}
        changed: dict[int, str] = {}
        for i, text in enumerate(texts):
            if text in seen:
                changed[i] = "doubled"
            else:
                seen.add(text)
        if max(lengths) > self.limits.most:
            changed |= {i: "too_long" for i, n in enumerate(lengths) if n > self.limits.most}
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

    def _line(self, draws: Draws, number: int | None, at: int) -> str:
        """A line of the user's files; of one that is too long, a run of words."""
        if number is None:
            text = self.texts[draws.integer(len(self.texts))]
        elif at == 0:
            text = self._first[number]
        else:
            text = self._more[number * (self.limits.lines.most - 1) + at - 1]
        if len(text) <= self.limits.most:
            return text
        words = text.split(" ")
        start = draws.integer(len(words))
        run = words[start]
        for word in words[start + 1 :]:
            if len(run) + 1 + len(word) > self.limits.most:
                break
            run += " " + word
        return run if self.limits.fewest <= len(run) <= self.limits.most else cut_to(text, self.limits.most)
