"""Targets of single chars, for training several tasks at once: which char is where, and its place in its word.

t = encode(char_quads, char_text, char_word, word_polygons, ignore, height, width, Alphabet.of("@ascii"), stride=2)
p = positions(texts, char_texts, char_quads, length=25)

`encode` gives maps, as CharNet, TextScanner and Mask TextSpotter train on them; `positions` gives, beside the label of
a recogniser (`ctc`, `attention`), the quad of each of its characters.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from synthtext.core.errors import InputError
from synthtext.core.kernel import kernel
from synthtext.geometry.polygons import DEGENERATE, first_sample, row_crossings, rows_of, shortest_side
from synthtext.targets.alphabet import Alphabet
from synthtext.targets.boundary import (
    Bytes,
    Floats,
    Ints,
    Polygons,
    Spec,
    as_char_word,
    as_ignore,
    as_points,
    check_share,
    check_size,
    map_shape,
    prepare,
)
from synthtext.targets.rows import mask_texts, paint_order

TAKES = "chars"  # what `encode` is made of: words' quads or polygons, or these and chars


class CharTargets(NamedTuple):
    """Maps of `h` = ceil(height / stride) rows, `w` columns; 0 outside of the chars' cores.

    `classes` int32 (h, w): 1 + the char's class in the alphabet. `order` int32: 1 + its place in its word.
    `mask` uint8: 1 where the loss counts. `instance` int32: 1 + the index of the char.
    """

    classes: Ints
    order: Ints
    mask: Bytes
    instance: Ints


_SPECS = (
    Spec("classes", (), np.int32),
    Spec("order", (), np.int32),
    Spec("mask", (), np.uint8, 1),
    Spec("instance", (), np.int32),
)


def encode(
    char_quads: npt.ArrayLike,
    char_text: Sequence[str],
    char_word: npt.ArrayLike,
    word_polygons: Polygons,
    ignore: npt.ArrayLike | None,
    height: int,
    width: int,
    alphabet: Alphabet,
    stride: int = 2,
    *,
    shrink: float = 0.5,
    min_size: float = 0.0,
    out: CharTargets | None = None,
) -> CharTargets:
    """Maps of char classes and places for an image of height x width pixels.

    `char_quads` (n, 4, 2), `char_text` (n strings), `char_word` (n,): the word of each char, chars in reading order;
    `word_polygons`: m of them, (k, 2) or (m, 4, 2); `ignore` (m,) or None. A char's core is its quad made smaller about
    its middle by `shrink`; where cores overlap, the smaller char has the sample. A char that is not one character of
    the alphabet has no core: its quad is masked, unless another's core lies there. The mask is 0, outside of cores, in
    words that are ignored, whose shortest side is below `min_size`, or of whose chars none has a core that holds a
    sample. `out`: maps of `empty` or of an earlier call, written anew and given back. Raises InputError.
    """
    shape = map_shape(height, width, stride)
    points, ends, status = as_points(char_quads, quads=True, name="char quad")
    word_points, word_ends, word_status = as_points(word_polygons, name="word polygon")
    flags = as_ignore(ignore, len(word_ends))
    words = as_char_word(char_word, len(ends), len(word_ends))
    if len(char_text) != len(ends):
        raise InputError(f"char_text: has {len(char_text)} texts for {len(ends)} chars; give one a char")
    shrink, min_size = check_share("shrink", shrink, 0.01, 1.0), check_size(min_size)
    single = [text if isinstance(text, str) and len(text) == 1 else "" for text in char_text]
    classes = np.full(len(ends), -1, np.int32)
    classes[[bool(text) for text in single]] = alphabet.classes(single)[0]
    maps = prepare(CharTargets, shape, _SPECS, out)
    _encode(
        points, ends, status, classes, words, word_points, word_ends, word_status, flags, float(stride), shrink,
        min_size, *maps,
    )  # fmt: skip
    return maps


def empty(height: int, width: int, stride: int = 2) -> CharTargets:
    """Maps of an image without text, to be given to `encode` as `out`."""
    return prepare(CharTargets, map_shape(height, width, stride), _SPECS)


@kernel
def _encode(
    points, ends, status, char_class, char_word, word_points, word_ends, word_status, ignore, stride, shrink, min_size,
    classes, order, mask, instance,
):  # fmt: skip
    """All maps of one image. See `encode`."""
    height, width = classes.shape
    n = ends.shape[0]
    masked, unknown = np.ones(word_ends.shape[0], np.uint8), np.zeros(n, np.uint8)
    core, xs, place = np.empty((4, 2)), np.empty(4), np.empty(n, np.int32)
    count = np.zeros(word_ends.shape[0], np.int32)
    for k in range(n):
        count[char_word[k]] += 1
        place[k] = count[char_word[k]]
    painted = paint_order(points, ends)
    for step in range(n):
        k = painted[step]
        m = char_word[k]
        begin = word_ends[m - 1] if m > 0 else 0
        if ignore[m] or status[k] >= DEGENERATE or word_status[m] >= DEGENERATE:
            continue
        if shortest_side(word_points, begin, word_ends[m]) < min_size:
            continue
        if char_class[k] < 0:
            unknown[k] = 1
            continue
        for c in range(2):
            middle = 0.25 * (points[4 * k, c] + points[4 * k + 1, c] + points[4 * k + 2, c] + points[4 * k + 3, c])
            for i in range(4):
                core[i, c] = middle + shrink * (points[4 * k + i, c] - middle)
        first, last = rows_of(core, 0, 4, 0.0, stride, height)
        for i in range(first, last):
            crossings = row_crossings(core, 0, 4, (i + 0.5) * stride, xs)
            for s in range(0, crossings, 2):
                for j in range(first_sample(xs[s], stride, width), first_sample(xs[s + 1], stride, width)):
                    masked[m] = 0
                    classes[i, j], order[i, j], instance[i, j] = char_class[k] + 1, place[k], k + 1
    mask_texts(word_points, word_ends, word_status, masked, stride, instance, mask)
    mask_texts(points, ends, status, unknown, stride, instance, mask)


class CharPositions(NamedTuple):
    """Of n texts. `quads` float32 (n, length, 4, 2): of each character of the text, 0 where there is none; `centres`
    float32 (n, length, 2): the middles of the quads. `mask` uint8 (n, length): 1 where a character has a quad.
    """

    quads: Floats
    centres: Floats
    mask: Bytes


def positions(
    texts: Sequence[str],
    char_texts: Sequence[Sequence[str]],
    char_quads: Sequence[npt.ArrayLike],
    *,
    length: int | None = None,
) -> CharPositions:
    """Where each character (code point) of some texts stands, column by column as in the labels of `ctc` and
    `attention` (where these skip no unknown characters).

    `texts` (n): of samples or words. `char_texts` (n): the texts of the chars of each, in order, without blanks;
    `char_quads` (n arrays (m, 4, 2)). The code points of one char share its quad; blanks of the text have none. A text
    is cut after `length` characters (None: the longest text's). Raises InputError that names the text.
    """
    if not len(texts) == len(char_texts) == len(char_quads):
        raise InputError(f"texts, char_texts, char_quads: are {len(texts)}, {len(char_texts)} and {len(char_quads)}")
    if length is not None and not (isinstance(length, int | np.integer) and length >= 1):
        raise InputError(f"length: is {length!r}; give a whole number of characters, at least 1")
    columns = max((len(text) for text in texts), default=1) if length is None else int(length)
    quads = np.zeros((len(texts), max(columns, 1), 4, 2), np.float32)
    mask = np.zeros(quads.shape[:2], np.uint8)
    for n, (text, chars, own) in enumerate(zip(texts, char_texts, char_quads, strict=True)):
        array = np.asarray(own, np.float32).reshape(-1, 4, 2) if np.size(own) % 8 == 0 else np.zeros((0, 4, 2))
        if len(array) != len(chars):
            raise InputError(f"char_quads[{n}]: has the shape {np.shape(own)} for {len(chars)} chars; give (m, 4, 2)")
        if not np.isfinite(array).all():
            raise InputError(f"char_quads[{n}]: has a coordinate that is not finite")
        at = [i for i, c in enumerate(text) if not c.isspace()]
        whose = [k for k, char in enumerate(chars) for c in char if not c.isspace()]
        if "".join(text.split()) != "".join("".join(chars).split()):
            raise InputError(f"char_texts[{n}]: are {''.join(chars)!r}, which is not the text {text!r}")
        for i, k in zip(at, whose, strict=True):
            if i < quads.shape[1]:
                quads[n, i], mask[n, i] = array[k], 1
    return CharPositions(quads, quads.mean(2), mask)
