"""Words that run from right to left: labels in the order in which they are read, each where its ink is."""

import numpy as np
import pytest
import seen_from_outside as seen
from shapely.geometry import Polygon

from synthtext import Generator

ARABIC = ("سلام", "كتاب", "العربية", "لا", "سلاما", "لالا", "بيت")
HEBREW = ("שלום", "עברית", "ספר", "א")
LATIN = ("office", "fit")  # the same with ligatures that run from left to right


def generator_of(tmp_path, words, preset, *more):
    (tmp_path / "texts.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    texts = [f"text.files=['{tmp_path / 'texts.txt'}']", "text.sources={file: 1}", "text.case={as_is: 1}"]
    return Generator(preset, 0, [*texts, *more])


def check_order(word, drawn, rightwards):
    """Each char's quad stands where its ink is, and the chars in reading order along the word's own top edge."""
    assert "".join(char.text for char in word.chars) == word.text
    along = word.quad[1] - word.quad[0]
    along = along / np.hypot(*along)
    middles = [float(char.quad.mean(0) @ along) for char in word.chars]
    ordered = sorted(middles, reverse=not rightwards)
    assert middles == ordered, word.text
    # In visual order the outlines come from left to right; a ligature's is that of its characters together.
    parts = drawn.chars if rightwards else drawn.chars[::-1]
    assert "".join(text for text, _ in parts) == word.text
    at = 0
    for text, contours in parts:
        quads = [char.quad for char in word.chars[at : at + len(text)]]
        at += len(text)
        around = Polygon(np.concatenate([quad.astype(float) for quad in quads])).convex_hull
        ink = seen.ink_shape(contours)
        assert ink.difference(around.buffer(0.05)).area < 0.01 * ink.area + 0.01, (word.text, text)
        for quad in quads:
            assert Polygon(quad).area > 0.0
            assert Polygon(quad).intersects(ink), (word.text, text)


@pytest.mark.parametrize(("words", "rightwards"), [(ARABIC, False), (HEBREW, False), (LATIN, True)])
def test_chars_of_a_crop_stand_in_reading_order_over_their_ink(words, rightwards, tmp_path):
    generator = generator_of(tmp_path, words, "clean", "warp.rotation={share: 0.5, strength: [2, 20]}")
    found, ligatures = set(), 0
    for i in range(40):
        stages = generator.stages(i)
        assert [word.text for word in stages.sample.words] == [word.text for word in stages.words]
        for word, drawn in zip(stages.sample.words, stages.words, strict=True):
            check_order(word, drawn, rightwards)
            found.add(word.text)
            ligatures += any(len(text) > 1 for text, _ in drawn.chars)
            assert word.visible > 0.9
            assert word.legibility > 0.5
    assert found == set(words)
    assert (ligatures > 0) == (words != HEBREW)


@pytest.mark.parametrize("words", [ARABIC, HEBREW])
def test_chars_of_a_scene_stand_in_reading_order_over_their_ink(words, tmp_path):
    size = ["image.height=256", "image.width=320", "scene.cut=0", "scene.occluder=0"]
    groups = "scene.groups={sign: 1, plate: 1, word: 1, label: 1}"
    generator = generator_of(tmp_path, words, "scenes", *size, groups, "scene.settings={wall: 1}")
    several = 0
    for i in range(4):
        stages = generator.stages(i)
        assert [word.text for word in stages.sample.words] == [word.text for word in stages.words]
        for word, drawn in zip(stages.sample.words, stages.words, strict=True):
            check_order(word, drawn, False)
            several += len(word.chars) > 1
    assert several > 5


def test_words_of_both_directions_in_one_file(tmp_path):
    generator = generator_of(tmp_path, ("שלום", "hello", "سلام"), "clean")
    found = set()
    for i in range(15):
        stages = generator.stages(i)
        word, drawn = stages.sample.words[0], stages.words[0]
        check_order(word, drawn, word.text.isascii())
        found.add(word.text)
    assert len(found) == 3


def test_chars_of_several_glyphs_are_of_their_own_word(tmp_path):
    """A letter and its mark are two glyphs and one char: what comes after them moves by no glyph."""
    generator = generator_of(
        tmp_path, ("q\u0303a m\u0302o x\u0303i", "b\u030ae f\u0303u"), "clean", "text.words={3: 1}"
    )
    marked = 0
    for i in range(12):
        stages = generator.stages(i)
        marked += any(len(char.text) > 1 for word in stages.sample.words for char in word.chars)
        inks = [seen.ink_shape([c for _, contours in drawn.chars for c in contours]) for drawn in stages.words]
        for number, word in enumerate(stages.sample.words):
            assert "".join(char.text for char in word.chars) == word.text
            around = Polygon(word.quad).buffer(0.05)
            for other, ink in enumerate(inks):
                inside = ink.intersection(around).area
                assert inside > 0.95 * ink.area if other == number else inside < 0.05 * ink.area, (word.text, other)
    assert marked > 6
