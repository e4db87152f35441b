"""The characters that a recogniser tells apart, in the order of its classes."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from synthtext.core.errors import InputError
from synthtext.core.kernel import kernel
from synthtext.targets.boundary import Bytes, Ints

UNKNOWN = ("error", "skip", "mask")
TOO_LONG = ("error", "mask")


@dataclass(frozen=True)
class Alphabet:
    """Distinct code points; the place of each is its class. Texts are taken as they stand: compose them (NFC) first
    where the alphabet is composed. Raises InputError for an empty one and a repeated character.
    """

    characters: str

    def __post_init__(self) -> None:
        if not isinstance(self.characters, str) or not self.characters:
            raise InputError("alphabet: is empty; give a string of distinct characters")
        seen: set[str] = set()
        for place, c in enumerate(self.characters):
            if c in seen:
                raise InputError(f"alphabet: character {place}, {named(c)}, stands there twice; remove one")
            seen.add(c)

    def __len__(self) -> int:
        return len(self.characters)

    @classmethod
    def of(cls, charset: str) -> Alphabet:
        """By the name of a charset ("@ascii", "@digits+upper"), in the order of code points; or as it stands."""
        if not charset.startswith("@"):
            return cls(charset)
        from synthtext.text.charset import resolve_charset

        try:
            return cls("".join(sorted(resolve_charset(charset))))
        except InputError:
            raise
        except ValueError as error:
            raise InputError(str(error)) from None

    @classmethod
    def read(cls, path: str | Path) -> Alphabet:
        """From a UTF-8 file with a character a line, as PaddleOCR's dictionaries are."""
        try:
            text = Path(path).read_text(encoding="utf-8-sig")
        except OSError as error:
            raise InputError(f"{path}: cannot be read: {error.strerror}") from None
        except UnicodeDecodeError:
            raise InputError(f"{path}: is not UTF-8; save it as UTF-8") from None
        lines = text.split("\n")
        if lines and not lines[-1]:
            lines.pop()
        for number, line in enumerate(lines, 1):
            if len(line.rstrip("\r")) != 1:
                raise InputError(f"{path}: line {number} holds {len(line)} characters; write one a line")
        return cls("".join(line.rstrip("\r") for line in lines))

    @cached_property
    def _table(self) -> tuple[npt.NDArray[np.uint32], Ints]:
        """The code points in ascending order, and the class of each."""
        codes = _code_points(self.characters)
        order = np.argsort(codes)
        return codes[order], order.astype(np.int32)

    def classes(self, texts: Sequence[str]) -> tuple[Ints, npt.NDArray[np.int64]]:
        """The class of each character of the texts, one text after the other, -1 for one that is none of these; and
        where each text ends there, int64 (n,).
        """
        if isinstance(texts, str):
            raise InputError("texts: is one string; give a list of them")
        for k, text in enumerate(texts):
            if not isinstance(text, str):
                raise InputError(f"text {k}: is {type(text).__name__}; give a string")
        codes = _code_points("".join(texts))
        found = np.empty(len(codes), np.int32)
        _look_up(codes, *self._table, found)
        return found, np.cumsum([len(text) for text in texts], dtype=np.int64)

    def text_of(self, classes: npt.NDArray[np.integer]) -> str:
        """The text of some classes, each from 0 to len - 1."""
        return "".join(self.characters[k] for k in classes.tolist())


def named(c: str) -> str:
    """A character in a message: as it looks, and its code point."""
    return f"{c!r} (U+{ord(c):04X} {unicodedata.name(c, 'without a name')})"


def _code_points(text: str) -> npt.NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


@kernel
def _look_up(codes, known, classes, found):
    """The class of each code point, by halving the ascending `known`; -1 where it is not among them."""
    for i in range(codes.shape[0]):
        low, high = 0, known.shape[0]
        while low < high:
            middle = (low + high) // 2
            if known[middle] < codes[i]:
                low = middle + 1
            else:
                high = middle
        found[i] = classes[low] if low < known.shape[0] and known[low] == codes[i] else -1


_GOOD, _IGNORED, _UNKNOWN, _LONG = range(4)


@kernel
def _lay_out(classes, ends, ignore, skip, steps, first, gap, pad, labels, lengths, needed, fate):
    """Write the texts' labels: class c as c + first, from `gap` on one more. `fate`: _GOOD, or why there is none."""
    begin = 0
    for n in range(ends.shape[0]):
        fate[n] = _IGNORED if ignore[n] else _GOOD
        count, repeats, last = 0, 0, -1
        for i in range(begin, ends[n]):
            c = classes[i]
            if c >= 0:
                repeats += c == last
                last = c
                if count < labels.shape[1]:
                    labels[n, count] = c + first + (1 if c + first >= gap else 0)
                count += 1
            elif not skip and fate[n] == _GOOD:
                fate[n] = _UNKNOWN
        if fate[n] == _GOOD and (count > labels.shape[1] or (steps > 0 and count + repeats > steps)):
            fate[n] = _LONG
        if fate[n] != _GOOD:
            count, repeats = 0, 0
        labels[n, count:] = pad
        lengths[n], needed[n] = count, count + repeats
        begin = ends[n]


def lay_out(
    texts: Sequence[str],
    alphabet: Alphabet,
    ignore: Bytes,
    *,
    length: int | None,
    unknown: str,
    too_long: str,
    first: int,
    gap: int = 2**30,
    pad: int = 0,
    steps: int = 0,
    stand_in: int | None = None,
) -> tuple[Ints, Ints, Ints, Bytes]:
    """Labels int32 (n, length), lengths int32 (n,), CTC steps needed int32 (n,), mask uint8 (n,): what CTC and
    attention share. Raises InputError that names the text.
    """
    known = UNKNOWN if stand_in is None else (*UNKNOWN, "class")
    for name, value, choices in (("unknown", unknown, known), ("too_long", too_long, TOO_LONG)):
        if value not in choices:
            raise InputError(f"{name}: is {value!r}; give one of {', '.join(choices)}")
    if length is not None and not (isinstance(length, int | np.integer) and length >= 1):
        raise InputError(f"length: is {length!r}; give a whole number of characters, at least 1")
    classes, ends = alphabet.classes(texts)
    if unknown == "class" and stand_in is not None:
        classes[classes < 0] = stand_in
    columns = max(int(np.diff(ends, prepend=0).max(initial=1)) if length is None else int(length), 1)
    n = len(ends)
    labels, lengths, needed = np.empty((n, columns), np.int32), np.empty(n, np.int32), np.empty(n, np.int32)
    fate = np.empty(n, np.uint8)
    _lay_out(classes, ends, ignore, unknown == "skip", steps, first, gap, pad, labels, lengths, needed, fate)
    for k in np.flatnonzero(fate == _UNKNOWN).tolist() if unknown == "error" else ():
        c = next(c for c in texts[k] if c not in alphabet.characters)
        raise InputError(f"text {k}: {named(c)} is not in the alphabet; add it, or give unknown='skip' or 'mask'")
    for k in np.flatnonzero(fate == _LONG).tolist() if too_long == "error" else ():
        limit = f"{columns} characters" + (f" or {steps} steps" if steps else "")
        raise InputError(f"text {k}: {texts[k]!r} does not fit into {limit}; give more, or too_long='mask'")
    return labels, lengths, needed, np.asarray(fate == _GOOD, np.uint8)
