"""The order of text by UAX #9: Unicode's own tests whole, an independent implementation, and what always holds."""

from __future__ import annotations

import ctypes
import ctypes.util
import lzma
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
import wordfreq
from hypothesis import given
from hypothesis import strategies as st

from synthtext.text.bidi import LETTERS, Base, levels, line_levels, reorder, runs, visual_runs

CASES = Path(__file__).parent / "unicode"
BASES: tuple[Base, ...] = ("ltr", "rtl", "auto")
#: A character of each class, none of them a bracket.
OF_CLASS = dict(
    zip(
        LETTERS.values(),
        "a\u05d0\u06270+#\u0660,\u0300\u2029\t !\u00ad\u202a\u202b\u202d\u202e\u202c\u2066\u2067\u2068\u2069",
        strict=True,
    )
)
#: What is mixed where any text will do: all classes, brackets and their equivalents.
MIXED = "".join(OF_CLASS.values()).replace("\u2029", "") + "()[]\u2329\u232a\u3008\u3009 ab12 \u05d1\u05d2\u0628\u0629"


def cases(name: str) -> str:
    return lzma.decompress((CASES / f"{name}.txt.xz").read_bytes()).decode()


def numbers(text: str) -> list[int]:
    return [ord(c) - ord("0") for c in text]


def test_every_case_of_unicodes_test_of_classes():
    inputs, results, orders = (part.split("\n") for part in cases("BidiTest").split("\n\n"))
    order_of = {found: numbers(order) for found, _, order in (line.partition(" ") for line in orders)}
    count = 0
    for classes, wanted in zip(inputs, results, strict=True):
        text = "".join(map(OF_CLASS.__getitem__, classes))
        for base, expected in zip(("auto", "ltr", "rtl"), wanted.split(" "), strict=True):
            if expected == "-":
                continue
            found = levels(text, base)[1]
            seen = "".join("x" if e == "x" else chr(ord("0") + n) for n, e in zip(found, expected, strict=True))
            assert (classes, base, seen) == (classes, base, expected)
            if len(set(expected)) > 1:
                assert [i for i in reorder(found) if expected[i] != "x"] == order_of[expected], (classes, base)
            count += 1
    assert count == 770_241


def test_every_case_of_unicodes_test_of_characters():
    count = 0
    for line in cases("BidiCharacterTest").splitlines():
        code_points, base, paragraph, wanted, order = line.split(";")
        text = "".join(chr(int(p, 16)) for p in code_points.split())
        level, found = levels(text, BASES[int(base)])
        expected = wanted.split()
        assert (level, ["x" if e == "x" else str(n) for n, e in zip(found, expected, strict=True)]) == (
            int(paragraph),
            expected,
        ), line
        assert [i for i in reorder(found) if expected[i] != "x"] == [int(i) for i in order.split()], line
        count += 1
    assert count == 91_707


class FriBidi:
    """GNU FriBidi, where the system has it."""

    def __init__(self) -> None:
        name = ctypes.util.find_library("fribidi")
        if name is None:
            pytest.skip("needs libfribidi")
        self.library = ctypes.CDLL(name)

    def levels(self, text: str, base: Base) -> tuple[int, tuple[int, ...]]:
        n = len(text)
        chars = (ctypes.c_uint32 * n)(*map(ord, text))
        kinds, brackets, found = (ctypes.c_uint32 * n)(), (ctypes.c_uint32 * n)(), (ctypes.c_int8 * n)()
        self.library.fribidi_get_bidi_types(chars, n, kinds)
        self.library.fribidi_get_bracket_types(chars, n, kinds, brackets)
        direction = ctypes.c_uint32({"ltr": 0x110, "rtl": 0x111, "auto": 0x40}[base])
        assert self.library.fribidi_get_par_embedding_levels_ex(kinds, brackets, n, ctypes.byref(direction), found)
        # It leaves blanks at a line's end to whoever cuts lines (rule L1).
        paragraph = direction.value & 1
        order = (ctypes.c_int * n)(*range(n))
        assert self.library.fribidi_reorder_line(0, kinds, n, 0, paragraph | 0x110, found, None, order)
        return paragraph, tuple(found)


def mixed_lines(language: str, count: int) -> Iterator[str]:
    """Words of a language among Latin ones, numbers in two ways of writing, brackets and signs."""
    draws = random.Random(f"lines of {language}")
    own, latin = wordfreq.top_n_list(language, 3000), wordfreq.top_n_list("en", 500)
    signs = ",.:;!?-/%+=#$&'\"…–—،؛؟٪۔״־"
    for _ in range(count):
        parts: list[str] = []
        for _ in range(draws.randint(1, 9)):
            kind = draws.random()
            if kind < 0.55:
                part = draws.choice(own)
            elif kind < 0.65:
                part = draws.choice(latin)
            elif kind < 0.8:
                zero = draws.choice("0\u0660\u06f0")
                digits = "".join(chr(ord(zero) + draws.randrange(10)) for _ in range(draws.randint(1, 6)))
                part = (
                    draws.choice(["", "-", "+", "$", "#", "€"])
                    + digits
                    + draws.choice(["", "%", ",5", ".25", "/7", "-3"])
                )
            else:
                part = draws.choice(own) + draws.choice(signs) + draws.choice(own + latin)
            if draws.random() < 0.2:
                opening = draws.choice('([{«"')
                part = opening + part + {"(": ")", "[": "]", "{": "}", "«": "»", '"': '"'}[opening]
            parts.append(part + (draws.choice(signs) if draws.random() < 0.2 else ""))
        yield draws.choice([" ", " ", " ", ", ", ""]).join(parts) + draws.choice(["", "", ".", " ", "\u200f"])


@pytest.mark.parametrize("language", ["ar", "fa", "ur", "he"])
def test_a_thousand_lines_as_an_independent_implementation_has_them(language):
    other = FriBidi()
    for line in mixed_lines(language, 1000):
        for base in BASES:
            assert levels(line, base) == other.levels(line, base), (line, base)


@given(st.text(MIXED, max_size=40), st.sampled_from(BASES))
def test_levels_and_order_of_any_text(text, base):
    paragraph, found = levels(text, base)
    assert len(found) == len(text)
    assert all(paragraph <= level <= 126 for level in found)
    order = reorder(found)
    assert sorted(order) == list(range(len(text)))
    placed = [
        i
        for run in runs(text, base)
        for i in (range(run.end - 1, run.start - 1, -1) if run.rtl else range(run.start, run.end))
    ]
    assert placed == list(order)


@given(st.text(MIXED, max_size=30), st.sampled_from(BASES))
def test_what_stands_in_an_isolate_turns_nothing_around_it(text, base):
    for inner in (text, "a", "\u05d0"):
        inner = inner.translate(dict.fromkeys(map(ord, "\u2066\u2067\u2068\u2069\t")))
        found = levels(f"\u05d0\u2068{inner}\u2069 b", base)[1]
        assert (found[0], found[1], found[-3:]) == ((t := levels("\u05d0\u2068\u2069 b", base)[1])[0], t[1], t[-3:])


@given(st.text(MIXED, min_size=1, max_size=30), st.sampled_from(BASES), st.data())
def test_a_line_of_a_paragraph_has_its_levels_but_for_blanks_at_its_end(text, base, data):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    paragraph, found = levels(text, base)
    line = line_levels(text[start:end], found[start:end], paragraph)
    kept = len(text[start:end].rstrip("".join(OF_CLASS[c] for c in "Wijkxabcdenn")))
    assert line[:kept] == found[start : start + kept]
    assert set(line[kept:]) <= {paragraph}


def test_plain_texts_are_one_run():
    for text in ("The quick brown fox, 25 %", "Ça va? Žluťoučký kůň", "漢字とかな「試験」", "हिन्दी में १२३", "𝒳 😀"):
        assert runs(text, "ltr") == runs(text, "auto") == ((0, len(text), 0),)
    assert runs("", "rtl") == runs("", "ltr") == ()


def test_numbers_keep_their_order_in_right_to_left_text():
    text = "سنة2024"
    assert levels(text, "auto") == (1, (1, 1, 1, 2, 2, 2, 2))
    assert "".join(text[i] for i in reorder(levels(text, "auto")[1])) == "2024" + text[2::-1]


def test_deep_nesting_is_cut_at_the_depth_that_the_standard_names():
    for opening in "\u202b\u2067\u202e\u2068":
        assert max(levels("\u05d0" + opening * 400 + "1", "rtl")[1]) <= 126
    assert levels("\u202a\u202b" * 200 + "a", "ltr")[1][-1] == 126
    assert runs("a" + "(\u05d0" * 300 + ")" * 300, "ltr")[0] == (0, 2, 0)


def test_runs_of_levels_that_skip_one_are_turned_as_often_as_levels_are_crossed():
    assert visual_runs((1, 3, 3, 1)) == ((3, 4, 1), (1, 3, 3), (0, 1, 1))
    assert reorder((0, 3, 3, 0)) == (0, 2, 1, 3)
