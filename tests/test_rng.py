from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthtext.core.rng import (
    AHEAD,
    COUNTS,
    NUMBERS_SHAPE,
    STAGES,
    Draws,
    Stage,
    fill_streams,
    hash64,
    permute,
    philox4x32,
)

# Known answers of philox4x32-10: the test vectors that go with Salmon et al. 2011.
KNOWN = [
    ((0, 0, 0, 0, 0, 0), "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ((0xFFFFFFFF,) * 6, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ((0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344, 0xA4093822, 0x299F31D0), "d16cfe09 94fdcceb 5001e420 24126ea1"),
]


@pytest.mark.parametrize(("words", "expected"), KNOWN)
def test_philox_gives_the_published_answers(words, expected):
    assert " ".join(f"{int(w):08x}" for w in philox4x32(*words)) == expected


@given(st.integers(1, 3000), st.integers(0, 2**64 - 1))
def test_permute_is_a_permutation(n, key):
    assert sorted(permute(i, n, key) for i in range(n)) == list(range(n))


def test_permutations_of_different_keys_differ_and_look_shuffled():
    n = 1000
    first, second = ([permute(i, n, key) for i in range(n)] for key in (1, 2))
    assert sum(a == b for a, b in zip(first, second, strict=True)) < 10
    assert abs(np.corrcoef(range(n), first)[0, 1]) < 0.1


@pytest.mark.parametrize(("i", "n"), [(-1, 5), (5, 5), (0, 0), (0, 1 << 62)])
def test_permute_refuses_what_lies_outside(i, n):
    with pytest.raises(ValueError, match="permute needs"):
        permute(i, n, 0)


@given(st.integers(-(2**70), 2**70), st.integers(0, 2**63), st.integers(0, 30))
def test_draws_depend_on_their_key_alone(seed, index, attempt):
    draws = Draws(seed, Stage.PAINT, index, attempt)
    first = [draws.random() for _ in range(70)]
    other = Draws(seed + 1, Stage.PAINT, index, attempt)
    other.random()
    again = Draws(seed, Stage.PAINT, index, attempt)
    assert [again.random() for _ in range(70)] == first
    assert len(set(first)) == 70 or Counter(first).most_common(1)[0][1] <= 2
    assert all(0.0 <= x < 1.0 for x in first)


def test_streams_differ_by_seed_stage_index_and_attempt():
    keys = [(s, g, i, a) for s in (0, 1) for g in (Stage.TEXT, Stage.FONT) for i in (0, 1, 2**33) for a in (0, 1)]
    assert len({Draws(*key).random() for key in keys}) == len(keys)


def test_draws_have_the_distributions_that_they_name():
    draws = Draws(3, Stage.TEXT, 5)
    n = 20_000
    normal = np.array([draws.normal(2.0, 3.0) for _ in range(n)])
    assert abs(normal.mean() - 2.0) < 0.1
    assert abs(normal.std() - 3.0) < 0.1
    logs = np.log([draws.log_uniform(0.1, 10.0) for _ in range(n)])
    assert np.histogram(logs, 10, (np.log(0.1), np.log(10.0)))[0].min() > 0.9 * n / 10
    picks = Counter(draws.weighted([1.0, 1.0, 4.0]) for _ in range(n))
    assert picks[1] == 0
    assert abs(picks[2] / n - 0.75) < 0.02
    assert {draws.integer(3) for _ in range(100)} == {0, 1, 2}


def test_hash64_separates_order_and_size():
    assert len({hash64(1, 2), hash64(2, 1), hash64(1), hash64(1, 2, 0), hash64(-1), hash64(2**64 + 1)}) == 6


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**60), st.integers(0, 20))
def test_numbers_made_ahead_are_the_streams(seed, index, attempt):
    numbers = np.empty(NUMBERS_SHAPE)
    fill_streams(numbers, STAGES, COUNTS, np.uint64(seed), np.uint64(index), attempt)
    for stage, count in AHEAD.items():
        assert numbers[stage, :count].tolist() == Draws(seed, stage, index, attempt).take(count).tolist()
        draws = Draws(seed, stage, index, attempt, numbers[stage, :count].tolist())
        assert draws.take(200).tolist() == Draws(seed, stage, index, attempt).take(200).tolist()
