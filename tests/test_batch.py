"""Batches: the samples of a range, made at once, are those that are made one by one."""

from __future__ import annotations

import numpy as np
import pytest

from synthtext import Generator
from synthtext.crop import batch as batches
from synthtext.crop import crop_maker
from synthtext.effects.registry import BY_SECTION

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


@pytest.mark.parametrize("case", ["words", "effects"])
def test_a_plan_renders_to_its_sample_of_a_batch(case):
    generator = generator_of(case)
    for sample in generator.batch(0, 12):
        again = generator.render(sample.plan)
        np.testing.assert_array_equal(again.image, sample.image)
        np.testing.assert_array_equal(again.labels.legibility, sample.labels.legibility)


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
    with pytest.raises(IndexError, match="0 or more"):
        generator.batch(-1, 2)
    with pytest.raises(IndexError, match="below 2"):
        generator.batch(2**63 - 1, 2)
    with pytest.raises(TypeError):
        generator.batch(0, 1.5)
