"""Batches: the samples of a range, made at once, are those that are made one by one."""

from __future__ import annotations

import copy
import pickle

import msgspec
import numpy as np
import pytest

from synthtext import Generator, InputError
from synthtext.core.srgb import luma
from synthtext.crop import batch as batches
from synthtext.crop import crop_maker
from synthtext.effects.registry import BY_SECTION
from synthtext.labels.ink_maps import ink_maps
from synthtext.paint.distractor import GhostParams
from synthtext.sample import Sample

# Every effect that acts on the picture.
EFFECTS = tuple(
    f"{section}.{name}.share=0.08" for section in BY_SECTION if section != "degrade" for name in BY_SECTION[section]
)
CASES = {
    "words": ("words", ()),
    "lines": ("lines", ()),
    "scenes": ("scenes", ("image.height=96", "image.width=128")),
    "effects": ("words", (*EFFECTS, "paint.ghost.share=0.3", "paint.border.share=0.5")),
    "effects of lines": ("lines", EFFECTS),
    "grey": ("words", ("image.channels=grey",)),
    "pad": ("words", ("image.fit=pad", "text.cut=0.5")),
    "several lines": ("words", ("text.lines={1: 1, 2: 1, 3: 1}", "image.height=64", "paint.neighbour.share=0.5")),
    "split": ("words", ("split.shares={train: 0.5, val: 0.5}", "split.name=val")),
    "redraws": ("words", ("legibility.minimum=0.8", "legibility.redraws=3")),
}


def assert_same(one, other):
    assert (one.text, one.seed, one.index, one.plan) == (other.text, other.seed, other.index, other.plan)
    np.testing.assert_array_equal(one.image, other.image)
    for name in one.labels.__struct_fields__:
        first, second = getattr(one.labels, name), getattr(other.labels, name)
        assert len(first) == len(second), name
        for a, b in zip(first, second, strict=True):
            np.testing.assert_array_equal(a, b, err_msg=name)


def generator_of(case):
    preset, overrides = CASES[case]
    return Generator(preset, 7, overrides)


@pytest.mark.parametrize("case", CASES)
def test_a_batch_is_its_samples_one_by_one(case):
    generator = generator_of(case)
    count = 3 if case == "scenes" else 40
    made = generator.batch(5, count)
    assert [sample.index for sample in made] == list(range(5, 5 + count))
    for sample in made:
        assert_same(sample, generator[sample.index])


@pytest.mark.parametrize("case", ["words", "lines", "effects", "several lines", "pad"])
def test_all_stages_at_once_are_the_stages_one_by_one(case):
    """Of a generator that marks stages, rows go through them singly; so do those into which effects reach."""
    generator, marked = generator_of(case), generator_of(case)
    marked.mark = lambda stage: None
    for sample in generator.batch(100, 24):
        assert_same(sample, marked[sample.index])


@pytest.mark.parametrize("copied", [lambda sample: pickle.loads(pickle.dumps(sample)), copy.deepcopy])
@pytest.mark.parametrize("case", ["words", "effects", "scenes"])
def test_a_sample_that_went_elsewhere_has_all_it_had(case, copied):
    """Its plan and its ink masks too, which are made when asked for; from there it goes on again."""
    sample = generator_of(case)[3]
    for other in (copied(sample), copied(copied(sample))):
        assert_same(sample, other)
        assert [word.text for word in other.words] == list(sample.labels.word_text)
        for name in sample.ink.__struct_fields__:
            np.testing.assert_array_equal(getattr(sample.ink, name), getattr(other.ink, name))


def test_a_sample_without_outlines_goes_elsewhere_without_ink():
    made = generator_of("words")[3]
    other = pickle.loads(pickle.dumps(Sample(made.image, made.text, made.labels, 7, 3, dict)))
    assert other.plan == {}
    with pytest.raises(InputError, match="does not know its outlines"):
        _ = other.ink


@pytest.mark.parametrize("case", ["words", "effects"])
def test_a_plan_renders_to_its_sample_of_a_batch(case):
    generator = generator_of(case)
    for sample in generator.batch(0, 12):
        again = generator.render(sample.plan)
        np.testing.assert_array_equal(again.image, sample.image)
        np.testing.assert_array_equal(again.labels.legibility, sample.labels.legibility)


def test_a_plate_that_compiled_code_paints_is_that_of_its_hook():
    """It has its hook where something else acts on the ground: here, faint text that cannot be seen."""
    generator = Generator("words", 7, ["interference.plate.share=1"])
    for index in range(12):
        plan = generator.draw(index)
        ghost = GhostParams("a", plan.font, 0.5, 0.5, 1.0, 0.0, mirrored=False, opacity=0.0, lightness=0.0)
        distractor = msgspec.structs.replace(plan.distractor, ghost=ghost)
        by_hook = generator.render(msgspec.structs.replace(plan, distractor=distractor))
        np.testing.assert_array_equal(generator.render(plan).image, by_hook.image)


def test_outlines_that_do_not_fit_get_more_room(monkeypatch):
    generator = generator_of("words")
    expected = generator.batch(0, 8)
    monkeypatch.setattr(batches, "room_for", lambda glyphs: (3, 1))
    for one, other in zip(generator.batch(0, 8), expected, strict=True):
        assert_same(one, other)


def test_a_batch_may_be_of_any_size(monkeypatch):
    generator = generator_of("redraws")
    expected = generator.batch(0, 10)
    monkeypatch.setattr(crop_maker, "_MOST_ROWS", 3)
    for one, other in zip(generator.batch(0, 10), expected, strict=True):
        assert_same(one, other)
    assert generator.batch(4, 0) == []


def test_what_is_no_range_is_refused():
    generator = generator_of("words")
    with pytest.raises(ValueError, match="a batch's count is 0 or more, got -1"):
        generator.batch(0, -1)
    for count in ("3", 1.5, None):
        with pytest.raises(InputError, match=f"a batch's count is a whole number, got {count!r}"):
            generator.batch(0, count)
    with pytest.raises(IndexError, match="0 or more"):
        generator.batch(-1, 2)
    with pytest.raises(IndexError, match="below 2"):
        generator.batch(2**63 - 1, 2)


# Into arrays of the caller


def arrays_for(generator, n, most=40):
    """Arrays for all that a batch may be written to, full of what must not stay."""
    image = generator.config.image
    shape = n, image.height, image.width
    arrays = {
        "image": np.empty((*shape, 1 if image.channels == "grey" else 3), np.uint8),
        "word_quads": np.empty((n, most, 4, 2), np.float32),
        "word_ignore": np.empty((n, most), np.bool_),
        "word_count": np.empty(n, np.int32),
        "char_quads": np.empty((n, most, 4, 2), np.float32),
        "char_word": np.empty((n, most), np.int32),
        "char_count": np.empty(n, np.int32),
        "ink": np.empty(shape, np.uint8),
        "ink_words": np.empty(shape, np.uint16),
        "ink_chars": np.empty(shape, np.uint16),
    }
    if image.fit == "natural":
        arrays["size"] = np.empty((n, 2), np.int32)
    for array in arrays.values():
        array.fill(True if array.dtype == np.bool_ else 77)
    return arrays


def padded(values, row):
    """A row with the values at its begin and 0 after them."""
    expected = np.zeros_like(row)
    expected[tuple(map(slice, np.shape(values)))] = values
    return expected


@pytest.mark.parametrize("case", CASES)
def test_a_batch_is_written_into_arrays(case):
    generator = generator_of(case)
    chance = np.random.default_rng(list(CASES).index(case))
    n, start = (2 if case == "scenes" else int(chance.integers(1, 24))), int(chance.integers(0, 1000))
    arrays = arrays_for(generator, n, most=600)
    batch = generator.batch_into(start, arrays)
    assert all(batch[name] is array for name, array in arrays.items())
    for row in range(n):
        sample = generator[start + row]
        labels = sample.labels
        image = sample.image[..., None] if sample.image.ndim == 2 else sample.image
        assert batch["text"][row] == sample.text
        assert batch["word_text"][row] == list(labels.word_text)
        assert (batch["word_count"][row], batch["char_count"][row]) == (len(labels.word_text), len(labels.char_text))
        expected = {
            "image": image,
            "word_quads": labels.word_quads,
            "word_ignore": labels.ignore,
            "char_quads": labels.char_quads,
            "char_word": labels.char_word,
            "ink": sample.ink.coverage,
        }
        for name, values in expected.items():
            np.testing.assert_array_equal(arrays[name][row], padded(values, arrays[name][row]), err_msg=name)
        ids = ink_maps(sample.ink, ("words", "chars"))
        for name, values in zip(("ink_words", "ink_chars"), ids, strict=True):
            np.testing.assert_array_equal(arrays[name][row], padded(values, arrays[name][row]), err_msg=name)
        if "size" in arrays:
            assert tuple(arrays["size"][row]) == image.shape[:2]


@pytest.mark.parametrize(
    ("case", "there"),
    [("words", True), ("pad", True), ("redraws", True), ("effects", True), ("lines", False), ("grey", False)],
)
def test_pictures_are_rendered_where_they_are_wanted(case, there, monkeypatch):
    """Colour images of one size: without a copy."""
    monkeypatch.setattr(crop_maker, "_MOST_ROWS", 5)
    generator = generator_of(case)
    image = generator.config.image
    pictures = np.full((12, image.height, image.width, 3), 77, np.uint8)
    for row, sample in enumerate(generator.batch(30, 12, pictures)):
        assert_same(sample, generator[30 + row])
        assert np.shares_memory(sample.image, pictures) == there
        if there:
            np.testing.assert_array_equal(pictures[row], sample.image)


def test_arrays_of_some_fields_and_of_no_rows():
    generator = generator_of("words")
    image = generator.config.image
    grey = np.empty((3, image.height, image.width), np.uint8)
    batch = generator.batch_into(4, {"image": grey})
    assert set(batch) == {"image", "text"}
    for row in range(3):
        np.testing.assert_array_equal(grey[row], luma(generator[4 + row].image))
    assert generator.batch_into(4, {"image": grey[:0]})["text"] == []


def change(name, make):
    """Arrays with one replaced; None takes it out."""

    def changed(arrays):
        arrays[name] = make(arrays.get(name))
        return {key: array for key, array in arrays.items() if array is not None}

    return changed


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (lambda arrays: {}, r"arrays: is \{\}; give arrays by name"),
        (lambda arrays: list(arrays), "give arrays by name"),
        (change("imgae", np.copy), "arrays: 'imgae' is unknown; did you mean 'image'"),
        (change("image", lambda a: a.tolist()), "arrays: image is of list; give a NumPy array"),
        (
            change("image", lambda a: a.astype(np.float32)),
            r"image is float32 \(3, 32, 128, 3\); give uint8 \(n, ",
        ),
        (change("image", lambda a: a[:, :, :100].copy()), r"uint8 \(3, 32, 100, 3\); give uint8 \(n, 32, 128, 3\)"),
        (change("image", lambda a: a[:, :, :, :2].copy()), r"give uint8 \(n, 32, 128, 3\)"),
        (change("image", lambda a: a[:, ::-1]), "image does not lie in one piece; give a C-contiguous array"),
        (change("image", np.asfortranarray), "one piece"),
        (change("image", lambda a: np.frombuffer(bytes(a), a.dtype).reshape(a.shape)), "image cannot be written to"),
        (change("image", lambda a: a[:2].copy()), "image has 2 rows, word_quads has 3; give all as many"),
        (
            change("word_count", lambda a: None),
            "is missing; word_quads, word_ignore, word_count go toget",
        ),
        (change("char_quads", lambda a: None), "char_quads is missing"),
        (
            change("word_quads", lambda a: a[:, 0].copy()),
            r"give float32 \(n, most, 4, 2\), where no sample has",
        ),
        (change("word_count", lambda a: a.astype(np.int64)), r"word_count is int64 \(3,\); give int32 \(n,\)"),
        (change("char_word", lambda a: a[:, :3].copy()), r"char_word is int32 \(3, 3\); give int32 \(n, 40\)"),
        (change("ink_words", lambda a: a.astype(np.uint8)), r"give uint16 \(n, 32, 128\)"),
        (change("size", lambda a: np.empty((3, 2), np.int32)), "size is for images of different sizes"),
    ],
)
def test_arrays_that_are_not_so_are_refused(changed, told):
    generator = generator_of("words")
    with pytest.raises(InputError, match=told) as error:
        generator.batch_into(0, changed(arrays_for(generator, 3)))
    assert "\n" not in str(error.value)


def test_sizes_go_with_images_of_different_sizes():
    generator = generator_of("lines")
    arrays = arrays_for(generator, 2)
    del arrays["size"]
    with pytest.raises(InputError, match="size is missing; image, size go together"):
        generator.batch_into(0, arrays)


def test_a_sample_with_more_than_there_is_room_for_is_named():
    generator = generator_of("words")
    counts = [len(sample.labels.char_text) for sample in generator.batch(0, 20)]
    worst = int(np.argmax(counts))
    arrays = arrays_for(generator, 20, most=max(counts) - 1)
    with pytest.raises(InputError, match=f"sample {worst} of seed 7: it has {max(counts)} chars, more than the"):
        generator.batch_into(0, arrays)


@pytest.mark.parametrize("shape", [(2, 32, 128, 3), (3, 32, 128), (3, 32, 100, 3)])
def test_pictures_of_another_shape_are_refused(shape):
    with pytest.raises(InputError, match=r"give uint8 \(3, 32, 128, 3\)"):
        generator_of("words").batch(0, 3, np.empty(shape, np.uint8))
