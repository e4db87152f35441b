"""Clusters and scripts of text: Unicode's own test, and what always holds."""

from __future__ import annotations

import lzma
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthtext.text.graphemes import clusters
from synthtext.text.scripts import script_of, script_runs

CASES = Path(__file__).parent / "unicode" / "GraphemeBreakTest.txt.xz"


def test_every_case_of_unicodes_test_of_clusters():
    lines = lzma.decompress(CASES.read_bytes()).decode().splitlines()
    for line in lines:
        wanted = tuple(
            "".join(chr(int(p, 16)) for p in part.replace("×", " ").split()) for part in line.strip("÷ ").split("÷")
        )
        assert clusters("".join(wanted)) == wanted, line
    assert len(lines) == 766


@given(st.text(max_size=40))
def test_clusters_joined_are_the_text(text):
    assert "".join(clusters(text)) == text
    assert all(clusters(text))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("किर्ति", ["कि", "र्ति"]),  # a conjunct is one
        ("ที่นี่", ["ที่", "นี่"]),
        ("가각", ["가", "각"]),
        ("👩‍🚒🇫🇷", ["👩‍🚒", "🇫🇷"]),
        ("e\u0301a", ["e\u0301", "a"]),
    ],
)
def test_what_a_reader_points_at(text, wanted):
    assert list(clusters(text)) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("abc", [(0, 3, "Latn")]),
        ("(שלום) abc", [(0, 7, "Hebr"), (7, 10, "Latn")]),
        ("abc (привет)", [(0, 5, "Latn"), (5, 11, "Cyrl"), (11, 12, "Latn")]),
        ("日本カナ", [(0, 2, "Hani"), (2, 4, "Kana")]),
        ("12:30", [(0, 5, "Zyyy")]),
        ("", []),
    ],
)
def test_runs_of_a_script(text, wanted):
    assert script_runs(text) == wanted


@given(st.text(max_size=40))
def test_runs_hold_what_is_of_their_script_alone(text):
    found = script_runs(text)
    assert [i for first, last, _ in found for i in range(first, last)] == list(range(len(text)))
    for first, last, script in found:
        assert {script_of(c) for c in text[first:last]} <= {script, "Zyyy", "Zinh", "Zzzz"}
