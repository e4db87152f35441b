"""Labels of recognisers that train with CTC (Graves et al. 2006, "Connectionist Temporal Classification").

t = encode(texts, Alphabet.of("@ascii"), length=25)
texts, scores = decode(probabilities, Alphabet.of("@ascii"))
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from synthtext.core.errors import InputError
from synthtext.core.kernel import kernel
from synthtext.targets.alphabet import Alphabet, lay_out
from synthtext.targets.boundary import Bytes, Floats, Ints, as_ignore
from synthtext.targets.components import as_finite


class CtcTargets(NamedTuple):
    """Of n texts. `labels` int32 (n, length): classes, padded. `lengths` int32 (n,). `steps` int32 (n,): the fewest
    time steps that can emit the text, its length and one blank more between equal neighbours: with fewer the loss is
    infinite. `mask` uint8 (n,): 0 for a text that is ignored, unknown or too long; its length is 0.
    """

    labels: Ints
    lengths: Ints
    steps: Ints
    mask: Bytes


def encode(
    texts: Sequence[str],
    alphabet: Alphabet,
    ignore: npt.ArrayLike | None = None,
    *,
    length: int | None = None,
    blank: int = 0,
    pad: int | None = None,
    steps: int | None = None,
    unknown: str = "error",
    too_long: str = "error",
) -> CtcTargets:
    """CTC labels of some texts.

    Character k of the alphabet is class k, or k + 1 from `blank` on: 0 is the blank (PyTorch's habit), or
    `len(alphabet)` (TensorFlow's). `length`: columns (None: the longest text's). `pad` fills them up (None: the blank).
    `steps`: of the network; a text that needs more is too long. `unknown`: what becomes of a text with characters that
    the alphabet lacks: "error", "skip" (the characters are left out) or "mask"; `too_long`: "error" or "mask".
    `ignore` (n,): texts to be masked, whatever they hold. An empty text has length 0 and counts: all blanks.
    Raises InputError that names the text.
    """
    _check_blank(blank, alphabet)
    if steps is not None and not (isinstance(steps, int | np.integer) and steps >= 1):
        raise InputError(f"steps: is {steps!r}; give a whole number, at least 1")
    return CtcTargets(
        *lay_out(
            texts, alphabet, as_ignore(ignore, len(texts)), length=length, unknown=unknown, too_long=too_long,
            first=0, gap=blank, pad=blank if pad is None else pad, steps=steps or 0,
        )
    )  # fmt: skip


def _check_blank(blank: int, alphabet: Alphabet) -> None:
    if not (isinstance(blank, int | np.integer) and 0 <= blank <= len(alphabet)):
        raise InputError(f"blank: is {blank!r}; give a class from 0 to {len(alphabet)}, the alphabet's size")


@kernel
def collapse(best, lengths, blank, places, counts):
    """Best path decoding: the steps of `best` int32 (n, t) that emit a character, into `places` int32 (n, t), and how
    many, into `counts`: the first of each run of a class that is not the blank, within `lengths` (n,) steps.
    """
    for n in range(best.shape[0]):
        last, counts[n] = blank, 0
        for t in range(lengths[n]):
            c = best[n, t]
            if c != last and c != blank:
                places[n, counts[n]] = t
                counts[n] += 1
            last = c


def best_classes(values: npt.ArrayLike, classes: int) -> tuple[Ints, Floats]:
    """The best class of each step and its value, int32 and float32 (n, t); of classes (n, t) themselves the value is 1.

    InputError where `values` is neither whole numbers (n, t) nor (n, t, classes).
    """
    array = np.asarray(values)
    if array.ndim == 2 and array.dtype.kind in "iu":
        if array.size and not (array.min() >= 0 and array.max() < classes):
            raise InputError(f"values: hold a class that is not one of the {classes}, from 0 on")
        return np.ascontiguousarray(array, np.int32), np.ones(array.shape, np.float32)
    if array.ndim != 3 or array.shape[2] != classes or array.dtype.kind != "f":
        raise InputError(
            f"values: are {array.dtype} {array.shape}; give probabilities (n, steps, {classes}), or classes (n, steps)"
        )
    probabilities = as_finite("values", np.ascontiguousarray(array, np.float32))
    best = probabilities.argmax(2)
    return best.astype(np.int32), np.take_along_axis(probabilities, best[..., None], 2)[..., 0]


def decode(
    values: npt.ArrayLike, alphabet: Alphabet, lengths: npt.ArrayLike | None = None, *, blank: int = 0
) -> tuple[list[str], Floats]:
    """Greedy decoding of probabilities (n, steps, len(alphabet) + 1), or of the best classes, whole numbers (n, steps).

    Runs of a class are one character; blanks are none. `lengths` (n,): how many steps of each count. Gives the texts,
    and for each the mean value of the steps that began its characters, float32 (n,); 0 for an empty text.
    Raises InputError.
    """
    _check_blank(blank, alphabet)
    best, value = best_classes(values, len(alphabet) + 1)
    n, steps = best.shape
    own = np.full(n, steps) if lengths is None else np.asarray(lengths)
    if own.shape != (n,) or own.dtype.kind not in "iu" or (n and not (own.min() >= 0 and own.max() <= steps)):
        raise InputError(f"lengths: give a whole number from 0 to {steps} for each of the {n} texts")
    places, counts = np.empty((n, steps), np.int32), np.empty(n, np.int64)
    collapse(best, own.astype(np.int64), blank, places, counts)
    texts, scores = [], np.zeros(n, np.float32)
    for k, count in enumerate(counts.tolist()):
        at = places[k, :count]
        classes = best[k, at]
        texts.append(alphabet.text_of(classes - (classes > blank)))
        if count:
            scores[k] = value[k, at].mean()
    return texts, scores
