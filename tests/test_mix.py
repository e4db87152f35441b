import json
import pickle
from collections import Counter

import numpy as np
import pytest
from fake_generator import FakeGenerator
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtext import Curriculum, Generator, InputError, Mix, Stream
from synthtext.config import load_config
from synthtext.core.shares import BLOCK, apportion

CLEAN = load_config("clean")


def same(a, b):
    return np.array_equal(a.image, b.image) and a.plan == b.plan


@given(st.lists(st.floats(0.01, 100.0), min_size=1, max_size=5), st.integers(0, 2**40), st.integers(0, 9))
@settings(max_examples=20)
def test_shares_are_exact_over_blocks_and_each_source_is_taken_in_order(weights, seed, block):
    mix = Mix([(FakeGenerator(CLEAN, k), weight) for k, weight in enumerate(weights)], seed)
    places = [mix.where(i) for i in range(block * BLOCK, (block + 1) * BLOCK)]
    slots = apportion(weights, BLOCK)
    assert Counter(source for source, _ in places) == dict(enumerate(slots))
    for source, count in enumerate(slots):
        numbers = sorted(number for k, number in places if k == source)
        assert numbers == list(range(block * count, (block + 1) * count))


def test_a_mix_gives_its_sources_samples():
    mix = Mix({"words": 3, "clean": 1}, seed=5)
    generators = [Generator("words", 5), Generator("clean", 6)]
    seen = set()
    for index in range(40):
        source, number = mix.where(index)
        assert same(mix[index], generators[source][number])
        seen.add(source)
    assert seen == {0, 1}
    again = pickle.loads(pickle.dumps(mix))
    assert again.digest == mix.digest
    assert same(again[7], mix[7])
    others = (
        Mix({"words": 2, "clean": 1}, 5),
        Mix({"clean": 1, "words": 3}, 5),
        Mix([("words", 3), (Generator("clean", 9), 1)], 5),
    )
    assert len({mix.digest, *(other.digest for other in others)}) == 4
    with pytest.raises(IndexError):
        mix[-1]


def test_a_stream_of_a_mix_tells_the_source_and_pads_to_the_largest():
    mix = Mix([("clean", 1), (Generator(load_config("clean", ["image.width=256"])), 1)])
    with Stream(mix, batch_size=16, fields=["image", "index", "source"], workers=2) as stream:
        for _ in range(3):
            batch = next(stream)
            assert batch["source"].tolist() == [mix.where(i)[0] for i in batch["index"].tolist()]
            assert batch["size"][:, 1].tolist() == [[128, 256][source] for source in batch["source"].tolist()]
            for row, index in enumerate(batch["index"].tolist()):
                image = mix[index].image
                assert np.array_equal(batch["image"][row, :, : image.shape[1]], image)


@pytest.mark.parametrize(
    ("sources", "message"),
    [
        ({}, "Mix: is empty"),
        ({"words": 0}, r"Mix: \('words', 0\) is no pair of a source and a weight above 0"),
        (["words"], "Mix: 'words' is no pair"),
        ({"wrods": 1}, "did you mean 'words'"),
    ],
)
def test_bad_mixes_are_told(sources, message):
    with pytest.raises(InputError, match=message):
        Mix(sources)


SCHEDULE = {
    "degrade.defocus.share": [(0, 0.0), (100, 0.5), (200, 1.0)],
    "text.length": [(50, [1, 4]), (150, [3, 24])],
    "text.case": [(0, {"lower": 1.0, "upper": 0.0}), (100, {"lower": 0.0, "upper": 1.0})],
    "image.fit": [(0, "pad"), (120, "stretch")],
    "warp.tilt": [(0, 0.0), (100, 0.8)],
}


def test_a_curriculum_goes_from_point_to_point():
    curriculum = Curriculum("words", SCHEDULE, every=10)

    def at(index):
        config = curriculum.config_at(index)
        return (
            config.degrade.defocus.share,
            config.text.length,
            config.text.case["upper"],
            config.image.fit,
            config.warp.tilt.share,
        )

    assert at(0) == (0.0, (1, 4), 0.0, "pad", 0.0)
    assert at(9) == at(0)  # the values are those at the stage's begin
    assert at(50) == (0.25, (1, 4), 0.5, "pad", pytest.approx(0.4))
    assert at(109) == (0.5, (2, 14), 1.0, "pad", 0.8)
    assert at(125)[3] == "stretch"
    assert at(200) == at(10**9) == (1.0, (3, 24), 1.0, "stretch", 0.8)
    assert curriculum.config_at(50).warp.tilt.strength == curriculum.config.warp.tilt.strength


def test_a_curriculums_samples_depend_on_the_index_alone():
    curriculum = Curriculum("words", SCHEDULE, seed=3, every=10)
    there = [curriculum[i] for i in (5, 104, 199, 500, 7, 104)]
    for index, sample in zip((5, 104, 199, 500, 7, 104), there, strict=True):
        assert same(sample, Generator(curriculum.config_at(index), 3)[index])
    assert len(curriculum._generators) <= 2
    again = pickle.loads(pickle.dumps(curriculum))
    assert again.digest == curriculum.digest
    assert same(again[104], there[1])
    assert Curriculum("words", SCHEDULE, every=20).digest != Curriculum("words", SCHEDULE, every=10).digest


def test_a_stream_of_a_curriculum_has_room_for_all_of_it():
    curriculum = Curriculum("clean", {"image.width": [(0, 64), (64, 256)]}, every=16)
    with Stream(curriculum, batch_size=16, workers=2) as stream:
        state = json.loads(json.dumps(stream.state_dict()))
        batches = [next(stream) for _ in range(3)]
    assert [batch["image"].shape[2] for batch in batches] == [64, 128, 160]
    assert [set(batch["size"][:, 1].tolist()) for batch in batches] == [{64}, {112}, {160}]
    with (
        Stream(Curriculum("clean", {"image.width": [(0, 64), (64, 128)]}), workers=0) as stream,
        pytest.raises(InputError, match="another configuration"),
    ):
        stream.load_state_dict(state)


@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        ({"degrade.defocos": [(0, 0.0)]}, "did you mean 'degrade.defocus'"),
        ({"degrade.defocus.share": [(0, 0.0), (9, 2.0)]}, "degrade.defocus.share"),
        ({"degrade.defocus.share": []}, "give points"),
        ({"degrade.defocus.share": 0.5}, "give points"),
        ({"degrade.defocus.share": [(9, 0.0), (9, 1.0)]}, "indices must rise"),
    ],
)
def test_bad_schedules_are_told_at_once(schedule, message):
    with pytest.raises(InputError, match=message):
        Curriculum("words", schedule)


def test_a_curriculums_digest_tells_the_texts_of_all_its_stages(tmp_path):
    path = tmp_path / "later.txt"
    schedule = {"text.files": [(0, []), (100, [str(path)])], "text.sources": [(0, {"word": 1}), (100, {"file": 1})]}
    digests = []
    for content in ("one", "two", "two"):
        path.write_text(content)
        digests.append(Curriculum("clean", schedule, every=50).digest)
    assert digests[0] != digests[1] == digests[2]
