"""Labels of recognisers: alphabets, CTC, attention, and targets of single chars."""

import itertools
import math

import naive_targets as naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from target_scenes import SIZE, box
from test_targets_craft import word

from synthtext import Generator
from synthtext.core.errors import InputError
from synthtext.targets import attention, chars, ctc
from synthtext.targets.alphabet import Alphabet

LETTERS = Alphabet("zyxabc dé字")
texts_of = st.lists(st.text(st.sampled_from(LETTERS.characters), max_size=9), max_size=6)
any_text = st.lists(st.text(st.sampled_from(LETTERS.characters + "QßÄ😀"), max_size=9), max_size=6)


def naive_labels(text, unknown, length, blank, steps):
    """classes and steps needed of one text, or None for a masked one."""
    if unknown == "skip":
        text = [c for c in text if c in LETTERS.characters]
    if any(c not in LETTERS.characters for c in text):
        return None
    classes = [LETTERS.characters.index(c) for c in text]
    classes = [c + 1 if c >= blank else c for c in classes]
    needed = len(classes) + sum(a == b for a, b in itertools.pairwise(classes))
    return None if len(classes) > length or needed > steps else (classes, needed)


@given(
    any_text, st.sampled_from([0, 4, len(LETTERS)]), st.integers(3, 9), st.integers(3, 12),
    st.sampled_from(["skip", "mask"]),
)  # fmt: skip
@settings(max_examples=100)
def test_ctc_agrees_with_naive(texts, blank, length, steps, unknown):
    t = ctc.encode(
        texts, LETTERS, length=length, blank=blank, steps=steps, pad=-7, unknown=unknown, too_long="mask"
    )  # fmt: skip
    assert t.labels.shape == (len(texts), length)
    for k, text in enumerate(texts):
        want = naive_labels(text, unknown, length, blank, steps)
        assert t.mask[k] == (want is not None)
        classes, needed = want or ([], 0)
        assert t.labels[k].tolist() == classes + [-7] * (length - len(classes))
        assert (t.lengths[k], t.steps[k]) == (len(classes), needed)


@given(texts_of, st.sampled_from([0, 3, len(LETTERS)]), st.integers(0, 10**6))
@settings(max_examples=100)
def test_ctc_decodes_what_it_encoded(texts, blank, seed):
    """Through a path in which each character lasts 1 to 3 steps, with blanks where they must be, and may be."""
    rng = np.random.default_rng(seed)
    t = ctc.encode(texts, LETTERS, blank=blank)
    steps = 60
    best = np.full((len(texts), steps), blank)
    for k in range(len(texts)):
        at, last = int(rng.integers(0, 3)), -1
        for c in t.labels[k, : t.lengths[k]]:
            at += int(c == last or rng.random() < 0.3)
            run = int(rng.integers(1, 4))
            best[k, at : at + run] = c
            at, last = at + run, c
    assert ctc.decode(best, LETTERS, blank=blank)[0] == texts
    probabilities = np.full((len(texts), steps, len(LETTERS) + 1), 0.01, np.float32)
    np.put_along_axis(probabilities, best[..., None], 0.8, 2)
    again, scores = ctc.decode(probabilities, LETTERS, blank=blank)
    assert again == texts
    assert np.allclose(scores, [0.8 if text else 0 for text in texts])


@given(st.lists(st.lists(st.integers(0, 4), min_size=7, max_size=7), max_size=5), st.integers(0, 4))
def test_collapse_agrees_with_naive(rows, blank):
    best = np.array(rows, np.int32).reshape(-1, 7)
    lengths = np.arange(len(rows)) + 3
    places, counts = np.empty(best.shape, np.int32), np.empty(len(rows), np.int64)
    ctc.collapse(best, lengths, blank, places, counts)
    for k, row in enumerate(rows):
        row = row[: k + 3]
        want = [t for t, c in enumerate(row) if c != blank and (t == 0 or row[t - 1] != c)]
        assert places[k, : counts[k]].tolist() == want


def test_ctc_by_hand():
    t = ctc.encode(["hello", "", "lo"], Alphabet("helo"))
    assert t.labels.tolist() == [[1, 2, 3, 3, 4], [0] * 5, [3, 4, 0, 0, 0]]
    assert t.lengths.tolist() == [5, 0, 2]
    assert t.steps.tolist() == [6, 0, 2]
    assert t.mask.tolist() == [1, 1, 1]
    last = ctc.encode(["lo"], Alphabet("helo"), blank=4, length=3)
    assert last.labels.tolist() == [[2, 3, 4]]
    assert ctc.encode(["he", "lo"], Alphabet("helo"), [False, True]).mask.tolist() == [1, 0]
    assert [a.dtype for a in t] == [np.int32] * 3 + [np.uint8]
    assert ctc.encode([], Alphabet("a")).labels.shape == (0, 1)
    assert ctc.decode(np.array([[1, 1, 0, 2, 2, 0]]), Alphabet("ab"), [4])[0] == ["ab"]


@given(texts_of)
def test_attention_round_trip_and_shift(texts):
    t = attention.encode(texts, LETTERS, length=9)
    assert t.inputs.shape == t.outputs.shape == t.mask.shape == (len(texts), 10)
    assert attention.decode(t.outputs, LETTERS)[0] == texts
    for k, text in enumerate(texts):
        n = len(text)
        assert t.inputs[k, 0] == attention.START
        assert t.outputs[k, n] == attention.END
        assert t.inputs[k, 1 : n + 1].tolist() == t.outputs[k, :n].tolist()
        assert t.mask[k].tolist() == [1] * (n + 1) + [0] * (9 - n)
        assert not t.outputs[k, n + 1 :].any()


def test_attention_masks_what_it_cannot_say():
    t = attention.encode(["ab", "a?", "b"], Alphabet("ab"), [False, False, True], unknown="mask", length=2)
    assert t.outputs.tolist() == [[3, 4, 2], [0, 0, 0], [0, 0, 0]]
    assert t.mask.tolist() == [[1, 1, 1], [0, 0, 0], [0, 0, 0]]
    probabilities = np.zeros((1, 4, 5), np.float32)
    probabilities[0, [0, 1, 2, 3], [3, 2, 4, 4]] = 0.9, 0.7, 1, 1
    texts, scores = attention.decode(probabilities, Alphabet("ab"))
    assert texts == ["a"]
    assert scores[0] == pytest.approx(0.8)
    assert attention.decode(np.array([[3, 4, 4]]), Alphabet("ab"))[0] == ["abb"]  # no end: all of it


def test_alphabets(tmp_path):
    assert Alphabet.of("@digits").characters == "0123456789"
    assert Alphabet.of("cba").characters == "cba"
    (tmp_path / "dict.txt").write_text("a\nb\n \né\n", encoding="utf-8")
    assert Alphabet.read(tmp_path / "dict.txt").characters == "ab é"
    (tmp_path / "bad.txt").write_text("a\nbc\n", encoding="utf-8")
    for call, message in (
        (lambda: Alphabet(""), "empty"),
        (lambda: Alphabet("abca"), r"character 3, 'a' \(U\+0061 LATIN SMALL LETTER A\)"),
        (lambda: Alphabet.of("@nonsense"), "nonsense"),
        (lambda: Alphabet.read(tmp_path / "bad.txt"), "line 2"),
        (lambda: Alphabet.read(tmp_path / "none.txt"), "cannot be read"),
    ):
        with pytest.raises(InputError, match=message):
            call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ctc.encode(["ab", "añ"], Alphabet("ab")), r"text 1: 'ñ' \(U\+00F1"),
        (lambda: ctc.encode(["ab", "abba"], Alphabet("ab"), length=3), "text 1: 'abba' does not fit into 3"),
        (lambda: ctc.encode(["abba"], Alphabet("ab"), steps=4), "text 0: 'abba' does not fit into 4 characters or 4"),
        (lambda: ctc.encode("ab", Alphabet("ab")), "texts: is one string"),
        (lambda: ctc.encode(["ab", None], Alphabet("ab")), "text 1: is NoneType"),
        (lambda: ctc.encode(["ab"], Alphabet("ab"), [True, False]), "ignore: has the shape"),
        (lambda: ctc.encode(["ab"], Alphabet("ab"), ["x"]), "ignore: holds"),
        (lambda: ctc.encode(["ab"], Alphabet("ab"), blank=3), "blank: is 3"),
        (lambda: ctc.encode(["ab"], Alphabet("ab"), length=0), "length: is 0"),
        (lambda: ctc.encode(["ab"], Alphabet("ab"), unknown="drop"), "unknown: is 'drop'"),
        (lambda: ctc.decode(np.zeros((1, 4, 7), np.float32), Alphabet("ab")), r"give probabilities \(n, steps, 3\)"),
        (lambda: ctc.decode(np.array([[0, 3]]), Alphabet("ab")), "not one of the 3"),
        (lambda: ctc.decode(np.full((1, 2, 3), np.nan), Alphabet("ab")), r"values\[0, 0, 0\]"),
        (lambda: ctc.decode(np.array([[0, 1]]), Alphabet("ab"), [3]), "lengths"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(InputError, match=message):
        call()


@given(st.integers(0, 10**6), st.integers(0, 3), st.sampled_from([1, 2]))
@settings(max_examples=25)
def test_char_maps_agree_with_naive(seed, count, stride):
    rng = np.random.default_rng(seed)
    words = [word(rng, int(rng.integers(1, 5))) for _ in range(count)]
    quads = np.concatenate([w[0] for w in words]) if words else np.zeros((0, 4, 2))
    owner = np.repeat(np.arange(count), [len(w[0]) for w in words])
    polygons, ignore = [w[1] for w in words], rng.random(count) < 0.3
    text = [LETTERS.characters[k] if k < len(LETTERS) else "?!" for k in rng.integers(0, len(LETTERS) + 2, len(quads))]
    t = chars.encode(quads, text, owner, polygons, ignore, SIZE, SIZE, LETTERS, stride, shrink=0.6)
    core = [np.mean(q, 0) + 0.6 * (q - np.mean(q, 0)) for q in quads.astype(float)]
    legible = [not ignore[w] and c in LETTERS.characters for c, w in zip(text, owner, strict=True)]
    areas = [naive.area_of(q) for q in quads]
    instance = np.zeros(t.instance.shape, int)
    for i, j, x, y in naive.samples(SIZE, SIZE, stride):
        holders = [k for k in range(len(quads)) if legible[k] and naive.inside(core[k], x, y)]
        if holders:
            instance[i, j] = 1 + min(holders, key=lambda k: (areas[k], k))
    assert (t.instance != instance).mean() < 1e-3
    for k in range(len(quads)):
        own = t.instance == k + 1
        assert (t.classes[own] == LETTERS.characters.find(text[k]) + 1).all()
        assert (t.order[own] == 1 + sum(owner[:k] == owner[k])).all()
    held = {owner[k - 1] for k in np.unique(instance) if k}
    masked = [polygons[m] for m in range(count) if m not in held]
    masked += [quads[k] for k in range(len(quads)) if text[k] == "?!" and not ignore[owner[k]]]
    mask = naive.training_mask(masked, [True] * len(masked), t.instance, SIZE, SIZE, stride)
    assert (t.mask != mask).mean() < 1e-2


def test_positions_stand_beside_the_labels():
    generator = Generator("lines", seed=0)
    samples = [generator[i] for i in range(3)]
    texts = [s.text for s in samples]
    p = chars.positions(texts, [s.labels.char_text for s in samples], [s.labels.char_quads for s in samples])
    labels = ctc.encode(texts, Alphabet("".join(sorted(set("".join(texts))))))
    assert p.mask.shape == labels.labels.shape
    for n, sample in enumerate(samples):
        expected = iter(sample.labels.char_quads)
        for i, c in enumerate(sample.text):
            assert p.mask[n, i] == (not c.isspace())
            if p.mask[n, i]:
                quad = next(expected)
                assert np.array_equal(p.quads[n, i], quad)
                assert np.allclose(p.centres[n, i], quad.mean(0))
        assert not p.mask[n, len(sample.text) :].any()
    assert chars.positions(["e\u0301a"], [["e\u0301", "a"]], [[box(0, 0, 1, 1), box(1, 0, 2, 1)]]).mask.sum() == 3
    with pytest.raises(InputError, match=r"char_texts\[0\]"):
        chars.positions(["ab"], [["a", "c"]], [[box(0, 0, 1, 1)] * 2])
    with pytest.raises(InputError, match=r"char_quads\[0\]"):
        chars.positions(["ab"], [["a", "b"]], [[box(0, 0, 1, 1)]])
    assert math.isfinite(chars.positions([], [], []).quads.sum())


# What the code that people train with says, class by class, of the alphabet "ab": PaddleOCR's ppocr/data/imaug/
# label_ops.py (NRTRLabelEncode, AttnLabelEncode, SATRNLabelEncode), MMOCR's dictionary.py, PARSeq's data/utils.py.
HABITS = {
    "synthtext": (["<pad>", "<start>", "<end>", "a", "b"], [1, 3, 4, 0], [3, 4, 2, 0]),
    "nrtr": (["blank", "<unk>", "<s>", "</s>", "a", "b"], [2, 4, 5, 0], [4, 5, 3, 0]),
    "attn": (["sos", "a", "b", "eos"], [0, 1, 2, 0], [1, 2, 3, 0]),
    "sar": (["a", "b", "<UKN>", "<BOS/EOS>", "<PAD>"], [3, 0, 1, 4], [0, 1, 3, 4]),
    "mmocr": (["a", "b", "<BOS/EOS>", "<PAD>", "<UKN>"], [2, 0, 1, 3], [0, 1, 2, 3]),
    "parseq": (["[E]", "a", "b", "[B]", "[P]"], [3, 1, 2, 4], [1, 2, 0, 4]),
}


@pytest.mark.parametrize("name", attention.IDS)
def test_attention_ids_are_those_of_their_trainers(name):
    dictionary, inputs, outputs = HABITS[name]
    t = attention.encode(["ab"], Alphabet("ab"), length=3, ids=name)
    assert t.inputs.tolist() == [inputs]
    assert t.outputs.tolist() == [outputs]
    assert attention.decode(t.outputs, Alphabet("ab"), ids=name)[0] == ["ab"]
    own, classes = attention.ids_of(name).places(2)
    assert [dictionary[k] for k in classes] == ["a", "b"]
    special = {k for k in own if k is not None}
    assert special | set(classes.tolist()) == set(range(len(dictionary)))
    assert dictionary[own.end].lower() in ("<end>", "</s>", "eos", "<bos/eos>", "[e]")
    assert own.unknown is None or "u" in dictionary[own.unknown].lower()
    probabilities = np.eye(len(dictionary), dtype=np.float32)[t.outputs] * 0.5
    texts, scores = attention.decode(probabilities, Alphabet("ab"), ids=name)
    assert (texts, scores.tolist()) == (["ab"], [0.5])


@pytest.mark.parametrize("name", ["nrtr", "sar", "mmocr"])
def test_what_the_alphabet_lacks_may_be_a_class(name):
    dictionary = HABITS[name][0]
    t = attention.encode(["a?b"], Alphabet("ab"), length=3, ids=name, unknown="class")
    assert "u" in dictionary[t.outputs[0, 1]].lower()
    assert t.lengths.tolist() == [3]
    assert t.mask.tolist() == [[1, 1, 1, 1]]
    assert attention.decode(t.outputs, Alphabet("ab"), ids=name)[0] == ["ab"]


@given(texts_of, st.sampled_from(sorted(attention.IDS)))
def test_attention_round_trip_with_any_ids(texts, name):
    t = attention.encode(texts, LETTERS, length=9, ids=name)
    assert attention.decode(t.outputs, LETTERS, ids=name)[0] == texts


@pytest.mark.parametrize(
    ("ids", "options", "message"),
    [
        ("ntr", {}, "ids: is 'ntr'; give one of synthtext, nrtr"),
        ((0, 1), {}, "ids: are"),
        ((0, None, 1), {}, "ids: are"),
        ((0, 1, 9), {}, r"ids.end: is 9; give a class from -5 to 4"),
        ((0, 0, 0), {}, "only two of them"),
        ((0, 1, 2, 2), {}, "ids.unknown: is 2"),
        ((0, 1, -5), {}, "in two ways"),
        ("parseq", {"unknown": "class"}, "no class of the unknown"),
    ],
)
def test_bad_ids_are_named(ids, options, message):
    with pytest.raises(InputError, match=message):
        attention.encode(["ab"], Alphabet("ab"), ids=ids, **options)
