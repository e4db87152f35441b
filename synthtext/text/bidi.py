"""The Unicode Bidirectional Algorithm (UAX #9): in which order the characters of a text stand on a line.

    levels("abc \u05d0\u05d1", "ltr")     (0, (0, 0, 0, 0, 1, 1))
    runs("abc \u05d0\u05d1", "ltr")       (Run(0, 4, 0), Run(4, 6, 1)): from left to right on the line

A text is one paragraph: several are cut apart first (rule P1; a separator may end the text). Lines are cut after
`levels`, and `line_levels` gives the levels of one of them. Brackets in runs from right to left are mirrored (rule L4)
and marks put after their letters (L3) by HarfBuzz, which is told a run's direction and takes its characters in logical
order.

The rules act on strings in which each character is the letter of its class: most rules are a regular expression.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Literal, NamedTuple

from synthtext.text.unicode_data import Property, spans

Base = Literal["ltr", "rtl", "auto"]

#: The letters that stand for the classes. Capitals: what rules W1 to N2 know; small ones: what rules X1 to X9 replace.
LETTERS = {
    "L": "L",
    "R": "R",
    "AL": "A",
    "EN": "E",
    "ES": "S",
    "ET": "T",
    "AN": "N",
    "CS": "C",
    "NSM": "M",
    "B": "P",
    "S": "G",
    "WS": "W",
    "ON": "O",
    "BN": "n",
    "LRE": "a",
    "RLE": "b",
    "LRO": "c",
    "RLO": "d",
    "PDF": "e",
    "LRI": "i",
    "RLI": "j",
    "FSI": "k",
    "PDI": "x",
}
_CLASS = Property("bidi", "L", LETTERS)
_FIRST_TURNING = "\u0590"  # before it, no character turns a text round or raises a level
_TURNS = re.compile("[RANabcdijk]")  # with none of these, all of a text from left to right is at level 0
_STRONG_OR_ISOLATE = re.compile("[LRAijkx]")
_INITIATORS = frozenset("ijk")
_REMOVED = frozenset("abcden")  # rule X9
_MAX_DEPTH = 125  # BD2
_MAX_BRACKETS = 63  # BD16

_NUMBER_SIGNS = str.maketrans("STC", "OOO")
_NEUTRALS = str.maketrans("PGW", "OOO")
# Rule L1: separators with the blanks before them, and the blanks at the end.
_TRAILING = re.compile("(?<![Wijkxabcden])[Wijkxabcden]*(?:[PG]|\\Z)")


class Run(NamedTuple):
    """Characters of one level, from `start` to before `end`: from right to left where the level is odd."""

    start: int
    end: int
    level: int

    @property
    def rtl(self) -> bool:
        """Whether it is read from right to left."""
        return self.level % 2 == 1


def levels(text: str, base: Base) -> tuple[int, tuple[int, ...]]:
    """The level of the paragraph, and of each character of it, as if it stood on one line.

    `base`: the paragraph's direction; "auto": that of its first strong character. Characters that the algorithm removes
    (rule X9) have the level of the one before.
    """
    if base != "rtl" and _is_low(text):
        return 0, (0,) * len(text)
    classes = "".join(map(_CLASS.__getitem__, text))
    if base != "rtl" and not _TURNS.search(classes):
        return 0, (0,) * len(text)
    paragraph = _first_strong(classes) if base == "auto" else int(base == "rtl")
    if classes.isupper():  # nothing embedded, isolated or removed
        direction = _direction(paragraph)
        found: Iterable[int] = _implicit(_resolved(classes, text, direction, direction, direction), paragraph)
    else:
        found = _embedded(classes, text, paragraph)
    return paragraph, _trailing_reset(classes, tuple(found), paragraph)


def line_levels(line: str, found: Sequence[int], paragraph: int) -> tuple[int, ...]:
    """The levels of the characters of a line: `found` as cut from the paragraph's, blanks at its end reset (L1)."""
    return _trailing_reset("".join(map(_CLASS.__getitem__, line)), tuple(found), paragraph)


def runs(text: str, base: Base) -> tuple[Run, ...]:
    """The runs of a paragraph that stands on one line, from left to right on that line."""
    if base != "rtl" and _is_low(text):
        return (Run(0, len(text), 0),) if text else ()
    return visual_runs(levels(text, base)[1])


def visual_runs(found: Sequence[int]) -> tuple[Run, ...]:
    """The runs of a line's levels, from left to right on the line (rule L2)."""
    logical: list[Run] = []
    start = 0
    for level, same in groupby(found):
        end = start + len(list(same))
        logical.append(Run(start, end, level))
        start = end
    if len(logical) < 2:
        return tuple(logical)
    lowest = min(run.level | 1 for run in logical)
    for level in range(max(run.level for run in logical), lowest - 1, -1):
        logical = _turned(logical, level)
    return tuple(logical)


def _turned(logical: list[Run], level: int) -> list[Run]:
    """Runs with each sequence of those of `level` or more turned round."""
    found: list[Run] = []
    for reaches, group in groupby(logical, lambda run: run.level >= level):
        part = list(group)
        found += reversed(part) if reaches else part
    return found


def reorder(found: Sequence[int]) -> tuple[int, ...]:
    """The indices of a line's characters in the order in which they stand, from left to right (rule L2)."""
    order: list[int] = []
    for start, end, level in visual_runs(found):
        order.extend(reversed(range(start, end)) if level % 2 else range(start, end))
    return tuple(order)


def _is_low(text: str) -> bool:
    """Whether it is plain by its code points alone."""
    return text.isascii() or max(text) < _FIRST_TURNING


def _direction(level: int) -> str:
    return "R" if level % 2 else "L"


def _first_strong(classes: str, start: int = 0, isolated: bool = False) -> int:
    """Rules P2 and P3 from `start` on: 1 where the first strong character is of right-to-left, else 0.

    `isolated`: only until the isolate ends in which `start` is (rule X5c).
    """
    depth = 0
    for match in _STRONG_OR_ISOLATE.finditer(classes, start):
        c = match[0]
        if c in _INITIATORS:
            depth += 1
        elif c == "x":
            if depth:
                depth -= 1
            elif isolated:
                return 0
        elif not depth:
            return int(c != "L")
    return 0


def _embedded(classes: str, text: str, paragraph: int) -> list[int]:
    """The levels of a paragraph's characters where some are embedded, isolated or removed, before rule L1."""
    found, forced = _explicit(classes, paragraph)
    for sequence, before, after in _sequences(classes, found, paragraph):
        level = found[sequence[0]]
        resolved = _resolved(
            "".join([forced[i] for i in sequence]),
            [text[i] for i in sequence],
            _direction(level),
            _direction(max(level, before)),
            _direction(max(level, after)),
        )
        for i, value in zip(sequence, _implicit(resolved, level), strict=True):
            found[i] = value
    level = paragraph
    for i, c in enumerate(classes):
        if c in _REMOVED:
            found[i] = level
        level = found[i]
    return found


class _Status(NamedTuple):
    """An entry of the directional status stack: `forced` is the class that an override gives, "" for none."""

    level: int
    forced: str
    isolate: bool


def _explicit(classes: str, paragraph: int) -> tuple[list[int], list[str]]:
    """Rules X1 to X8: of each character the level of its embedding, and its class, overridden where it is; isolates'
    own are neutral."""
    found: list[int] = []
    forced: list[str] = []
    stack = [_Status(paragraph, "", False)]
    overflow_isolates = overflow_embeddings = isolates = 0
    for i, c in enumerate(classes):
        top = stack[-1]
        level, given = top.level, top.forced or c
        if c in "abcd":
            right = c in "bd"
            deeper = _deeper(level, right)
            if deeper <= _MAX_DEPTH and not overflow_isolates and not overflow_embeddings:
                stack.append(_Status(deeper, {"c": "L", "d": "R"}.get(c, ""), False))
            elif not overflow_isolates:
                overflow_embeddings += 1
        elif c in _INITIATORS:
            given = top.forced or "O"
            if overflow_isolates or overflow_embeddings:
                overflow_isolates += 1
            else:
                right = c == "j" or (c == "k" and _first_strong(classes, i + 1, isolated=True) == 1)
                deeper = _deeper(level, right)
                if deeper <= _MAX_DEPTH:
                    isolates += 1
                    stack.append(_Status(deeper, "", True))
                else:
                    overflow_isolates += 1
        elif c == "x":
            if overflow_isolates:
                overflow_isolates -= 1
            elif isolates:
                overflow_embeddings = 0
                isolates -= 1
                while not stack.pop().isolate:
                    pass
            level, given = stack[-1].level, stack[-1].forced or "O"
        elif c == "e":
            if overflow_isolates:
                pass
            elif overflow_embeddings:
                overflow_embeddings -= 1
            elif len(stack) > 1 and not top.isolate:
                stack.pop()
        elif c == "P":
            level, given = paragraph, c
        found.append(level)
        forced.append(given)
    return found, forced


def _deeper(level: int, right: bool) -> int:
    """The least greater level that is odd, where `right`, or even."""
    return (level + 1) | 1 if right else (level + 2) & ~1


def _sequences(classes: str, found: Sequence[int], paragraph: int) -> list[tuple[list[int], int, int]]:
    """The isolating run sequences (BD13): the indices of each, and the levels before and after it (rule X10)."""
    ends: dict[int, int] = {}  # BD9: the initiator that each PDI matches
    opened: list[int] = []
    for i, c in enumerate(classes):
        if c in _INITIATORS:
            opened.append(i)
        elif c == "x" and opened:
            ends[i] = opened.pop()
    matched = set(ends.values())
    kept = [i for i, c in enumerate(classes) if c not in _REMOVED]
    parts = [list(same) for _, same in groupby(kept, found.__getitem__)]
    sequences: list[tuple[list[int], int, int]] = []
    waiting: dict[int, int] = {}  # by the initiator that is the last of it so far, which sequence goes on
    for number, part in enumerate(parts):
        before = found[parts[number - 1][0]] if number else paragraph
        after = found[parts[number + 1][0]] if number + 1 < len(parts) else paragraph
        if classes[part[-1]] in _INITIATORS and part[-1] not in matched:
            after = paragraph
        at = waiting.pop(ends.get(part[0], -1), len(sequences))
        if at < len(sequences):
            sequence, before, _ = sequences[at]
            sequence += part
            sequences[at] = (sequence, before, after)
        else:
            sequences.append((part, before, after))
        waiting[part[-1]] = at
    return sequences


def _resolved(classes: str, chars: Sequence[str], direction: str, before: str, after: str) -> str:
    """Rules W1 to N2 on one isolating run sequence: of each character L, R, E (European number) or N (Arabic number).

    `direction`: of its level; `before` and `after`: what stands at its ends (`sos`, `eos`).
    """
    given = classes
    if "M" in classes:  # W1
        classes = re.sub("(.)M+", lambda match: match[1] * len(match[0]), before + classes)[1:]
    if "A" in classes:  # W2, W3
        if "E" in classes:
            classes = re.sub("A[^LR]*", lambda match: match[0].replace("E", "N"), classes)
        classes = classes.replace("A", "R")
    if "E" in classes:  # W4, W5
        classes = re.sub("(?<=E)[SC](?=E)", "E", classes)
        classes = re.sub("T+(?=E)|(?<=E)T+", lambda match: "E" * len(match[0]), classes)
    if "N" in classes:  # W4
        classes = re.sub("(?<=N)C(?=N)", "N", classes)
    classes = classes.translate(_NUMBER_SIGNS)  # W6
    if "E" in classes:  # W7
        classes = re.sub("L[^R]*", lambda match: match[0].replace("E", "L"), before + classes)[1:]
    if not _brackets().keys().isdisjoint(chars):
        classes = _with_brackets(classes, chars, given, direction, before)
    classes = before + classes.translate(_NEUTRALS) + after
    classes = re.sub("(?<=L)O+(?=L)", lambda match: "L" * len(match[0]), classes)  # N1
    classes = re.sub("(?<=[REN])O+(?=[REN])", lambda match: "R" * len(match[0]), classes)
    return classes[1:-1].replace("O", direction)  # N2


@functools.cache
def _rises(level: int) -> dict[str, int]:
    """Rules I1 and I2: the levels of what is of each kind within a level."""
    if level % 2:
        return {"L": level + 1, "R": level, "E": level + 1, "N": level + 1}
    return {"L": level, "R": level + 1, "E": level + 2, "N": level + 2}


def _implicit(resolved: str, level: int) -> Iterable[int]:
    return map(_rises(level).__getitem__, resolved)


@functools.cache
def _brackets() -> dict[str, tuple[bool, str]]:
    """Of each bracket, whether it opens, and its closing one; of canonically equivalent ones the same (BD16)."""
    found = {}
    for opening, closing in spans("bracket", "pairs"):
        pair = unicodedata.normalize("NFD", chr(closing))
        found[chr(opening)] = (True, pair)
        found[chr(closing)] = (False, pair)
    return found


def _bracket_pairs(classes: str, chars: Sequence[str]) -> list[tuple[int, int]]:
    """BD16: where the paired brackets of a sequence stand, by the opening ones."""
    known = _brackets()
    opened: list[tuple[str, int]] = []
    pairs: list[tuple[int, int]] = []
    for i, c in enumerate(chars):
        if c not in known or classes[i] != "O":
            continue
        opens, pair = known[c]
        if opens:
            if len(opened) == _MAX_BRACKETS:
                break
            opened.append((pair, i))
        else:
            for depth in range(len(opened) - 1, -1, -1):
                if opened[depth][0] == pair:
                    pairs.append((opened[depth][1], i))
                    del opened[depth:]
                    break
    return sorted(pairs)


def _with_brackets(classes: str, chars: Sequence[str], given: str, direction: str, before: str) -> str:
    """Rule N0: paired brackets take the direction of what they hold. `given`: the classes before rule W1."""
    strong = {"L": "L", "R": "R", "E": "R", "N": "R"}
    found = list(classes)
    for start, end in _bracket_pairs(classes, chars):
        inside = {strong[c] for c in found[start + 1 : end] if c in strong}
        if not inside:
            continue
        taken = direction
        if direction not in inside:
            earlier = next((strong[found[i]] for i in range(start - 1, -1, -1) if found[i] in strong), before)
            taken = earlier if earlier in inside else direction
        for i in (start, end):
            found[i] = taken
            while i + 1 < len(given) and given[i + 1] == "M":
                i += 1
                found[i] = taken
    return "".join(found)


def _trailing_reset(classes: str, found: tuple[int, ...], paragraph: int) -> tuple[int, ...]:
    """Rule L1: separators, and the blanks before them and at the end, at the level of the paragraph."""
    spans_of_blanks = [match.span() for match in _TRAILING.finditer(classes) if match[0]]
    if not spans_of_blanks:
        return found
    reset = list(found)
    for start, end in spans_of_blanks:
        reset[start:end] = [paragraph] * (end - start)
    return tuple(reset)
