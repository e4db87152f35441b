"""Labels of recognisers that write one character after the other: attention and transformer decoders.

t = encode(texts, Alphabet.of("@ascii"), length=25)
t = encode(texts, Alphabet.of("@ascii"), length=25, ids="nrtr")
texts, scores = decode(probabilities, Alphabet.of("@ascii"), ids="nrtr")
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from synthtext.core.errors import InputError
from synthtext.targets.alphabet import Alphabet, lay_out
from synthtext.targets.boundary import Bytes, Floats, Ints, as_ignore
from synthtext.targets.ctc import best_classes


class Ids(NamedTuple):
    """The classes that are no characters; below 0, counted from the end, as indices are: -1 is the last class.

    `pad` fills up, `start` comes first in `inputs`, `end` last in `outputs` (`start` and `end` may be one class).
    `unknown` stands for what the alphabet lacks; None: there is no such class. The characters are the classes that are
    left, in the alphabet's order.
    """

    pad: int
    start: int
    end: int
    unknown: int | None = None

    def places(self, count: int) -> tuple[Ids, Ints]:
        """The same, counted from 0, beside `count` characters; and the class of each character, int32 (count,).

        Raises InputError where the classes do not fit together.
        """
        names = [name for name in self._fields if getattr(self, name) is not None]
        total = count + len({getattr(self, name) for name in names})
        known: dict[str, int] = {}
        for name in names:
            value = getattr(self, name)
            if not (isinstance(value, int | np.integer) and -total <= value < total):
                raise InputError(f"ids.{name}: is {value!r}; give a class from {-total} to {total - 1}")
            known[name] = int(value) % total
        if known["end"] == known["pad"] and known["end"] == known["start"]:
            raise InputError("ids: pad, start and end are one class; only two of them may be the same")
        if "unknown" in known and [*known.values()].count(known["unknown"]) > 1:
            raise InputError(f"ids.unknown: is {self.unknown}, which is another class too; give it one of its own")
        left = [k for k in range(total) if k not in known.values()]
        if len(left) != count:
            raise InputError(f"ids: {tuple(self)} name a class in two ways; count all from 0 or all from the end")
        return Ids(**known), np.array(left, np.int32)


#: By name. `synthtext`: padding, start, end, characters. `nrtr`: PaddleOCR's NRTR: blank, unknown, start, end,
#: characters. `attn`: PaddleOCR's attention decoders: start (which fills up, too), characters, end. `sar`: PaddleOCR's
#: SAR and SATRN: characters, unknown, one class for start and end, padding. `mmocr`: characters, one class for start
#: and end, padding, unknown. `parseq`: PARSeq's (and the strhub models'): end, characters, start, padding.
IDS = {
    "synthtext": Ids(0, 1, 2),
    "nrtr": Ids(0, 2, 3, 1),
    "attn": Ids(0, 0, -1),
    "sar": Ids(-1, -2, -2, -3),
    "mmocr": Ids(-2, -3, -3, -1),
    "parseq": Ids(-1, -2, 0),
}

PAD, START, END = IDS["synthtext"][:3]


class AttentionTargets(NamedTuple):
    """Of n texts. `inputs` int32 (n, length + 1): start, characters, padding: what the decoder is fed in training.
    `outputs` int32 (n, length + 1): characters, end, padding: what it is to answer. `lengths` int32 (n,): characters.
    `mask` uint8 (n, length + 1): 1 where the loss counts: the characters and the end of texts that are not masked.
    """

    inputs: Ints
    outputs: Ints
    lengths: Ints
    mask: Bytes


def ids_of(ids: str | Sequence[int | None]) -> Ids:
    """The ids of a name, or as they stand: pad, start, end, and unknown or None. Raises InputError."""
    if isinstance(ids, str):
        if ids not in IDS:
            raise InputError(f"ids: is {ids!r}; give one of {', '.join(IDS)}, or Ids(pad, start, end, unknown)")
        return IDS[ids]
    values = tuple(ids)
    if not 3 <= len(values) <= 4 or any(value is None for value in values[:3]):
        raise InputError(f"ids: are {values!r}; give pad, start and end, and as a fourth the class of the unknown")
    return Ids(*values)  # type: ignore[arg-type]


def encode(
    texts: Sequence[str],
    alphabet: Alphabet,
    ignore: npt.ArrayLike | None = None,
    *,
    length: int | None = None,
    ids: str | Sequence[int | None] = "synthtext",
    unknown: str = "error",
    too_long: str = "error",
) -> AttentionTargets:
    """Inputs and outputs of the decoder for some texts.

    `ids`: the name of a habit (`IDS`), or `Ids`. `unknown`: as for `ctc.encode`, or "class": what the alphabet lacks
    becomes the class `ids.unknown`. Other parameters, rules and errors: see `ctc.encode`.
    """
    own, classes = ids_of(ids).places(len(alphabet))
    if unknown == "class" and own.unknown is None:
        raise InputError("unknown: is 'class', but these ids have no class of the unknown, as 'nrtr' has")
    labels, lengths, _, good = lay_out(
        texts, alphabet, as_ignore(ignore, len(texts)), length=length, unknown=unknown, too_long=too_long, first=0,
        stand_in=None if own.unknown is None else len(alphabet),
    )  # fmt: skip
    # The alphabet's places become classes; one more stands for the unknown.
    table = np.append(classes, own.pad if own.unknown is None else own.unknown).astype(np.int32)
    n, columns = labels.shape
    inputs, outputs = np.full((n, columns + 1), own.pad, np.int32), np.full((n, columns + 1), own.pad, np.int32)
    written = np.where(np.arange(columns) < lengths[:, None], table[labels], own.pad)
    inputs[:, 0] = own.start
    inputs[:, 1:], outputs[:, :-1] = written, written
    outputs[np.arange(n), lengths] = own.end
    outputs[good == 0] = own.pad
    mask = (np.arange(columns + 1) <= lengths[:, None]) & (good[:, None] != 0)
    return AttentionTargets(inputs, outputs, lengths, mask.astype(np.uint8))


def decode(
    values: npt.ArrayLike, alphabet: Alphabet, *, ids: str | Sequence[int | None] = "synthtext"
) -> tuple[list[str], Floats]:
    """Greedy decoding of probabilities (n, steps, classes), or of the best classes, whole numbers (n, steps).

    A text ends before the first end, or with the last step where there is none; classes that are no characters are
    passed over. Gives the texts and the mean value of their characters and their end, float32 (n,). Raises InputError.
    """
    own, classes = ids_of(ids).places(len(alphabet))
    total = len(classes) + len({k for k in own if k is not None})
    place = np.full(total, -1, np.int64)
    place[classes] = np.arange(len(classes))
    best, value = best_classes(values, total)
    texts, scores = [], np.zeros(len(best), np.float32)
    for k, row in enumerate(best):
        ends = np.flatnonzero(row == own.end)
        stop = int(ends[0]) if len(ends) else len(row)
        places = place[row[:stop]]
        texts.append(alphabet.text_of(places[places >= 0]))
        said = np.append(places >= 0, [True] if len(ends) else [])
        if said.any():
            scores[k] = value[k, : len(said)][said.astype(bool)].mean()
    return texts, scores
