"""Labels of recognisers that write one character after the other: attention and transformer decoders.

t = encode(texts, Alphabet.of("@ascii"), length=25)
texts, scores = decode(probabilities, Alphabet.of("@ascii"))

Class 0 is the padding, 1 the start, 2 the end; character k of the alphabet is class k + 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from synthtext.targets.alphabet import Alphabet, lay_out
from synthtext.targets.boundary import Bytes, Floats, Ints, as_ignore
from synthtext.targets.ctc import best_classes

PAD, START, END, FIRST = 0, 1, 2, 3


class AttentionTargets(NamedTuple):
    """Of n texts. `inputs` int32 (n, length + 1): start, characters, padding: what the decoder is fed in training.
    `outputs` int32 (n, length + 1): characters, end, padding: what it is to answer. `lengths` int32 (n,): characters.
    `mask` uint8 (n, length + 1): 1 where the loss counts: the characters and the end of texts that are not masked.
    """

    inputs: Ints
    outputs: Ints
    lengths: Ints
    mask: Bytes


def encode(
    texts: Sequence[str],
    alphabet: Alphabet,
    ignore: npt.ArrayLike | None = None,
    *,
    length: int | None = None,
    unknown: str = "error",
    too_long: str = "error",
) -> AttentionTargets:
    """Inputs and outputs of the decoder for some texts. Parameters, rules and errors: see `ctc.encode`."""
    labels, lengths, _, good = lay_out(
        texts, alphabet, as_ignore(ignore, len(texts)), length=length, unknown=unknown, too_long=too_long, first=FIRST
    )
    n, columns = labels.shape
    inputs, outputs = np.full((n, columns + 1), PAD, np.int32), np.full((n, columns + 1), PAD, np.int32)
    inputs[:, 0] = START
    inputs[:, 1:], outputs[:, :-1] = labels, labels
    outputs[np.arange(n), lengths] = END
    outputs[good == 0] = PAD
    mask = (np.arange(columns + 1) <= lengths[:, None]) & (good[:, None] != 0)
    return AttentionTargets(inputs, outputs, lengths, mask.astype(np.uint8))


def decode(values: npt.ArrayLike, alphabet: Alphabet) -> tuple[list[str], Floats]:
    """Greedy decoding of probabilities (n, steps, len(alphabet) + 3), or of the best classes, whole numbers (n, steps).

    A text ends before the first end, or with the last step where there is none; padding and start are passed over.
    Gives the texts and the mean value of their characters and their end, float32 (n,). Raises InputError.
    """
    best, value = best_classes(values, len(alphabet) + FIRST)
    texts, scores = [], np.zeros(len(best), np.float32)
    for k, row in enumerate(best):
        ends = np.flatnonzero(row == END)
        stop = int(ends[0]) if len(ends) else len(row)
        own = row[:stop]
        texts.append(alphabet.text_of(own[own >= FIRST] - FIRST))
        said = (row[: stop + 1] >= END) if len(ends) else (own >= FIRST)
        if said.any():
            scores[k] = value[k, : len(said)][said].mean()
    return texts, scores
