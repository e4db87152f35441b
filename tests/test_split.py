import itertools
import json
import math
import unicodedata

import msgspec
import pytest
from fake_generator import FakeGenerator
from hypothesis import given
from hypothesis import strategies as st
from test_generate import content, make

from synthtext import Generator
from synthtext.config import load_config
from synthtext.core.errors import InputError
from synthtext.core.split import SplitConfig, divide, members, parse_shares, text_filter
from synthtext.dataset.generate import generate_splits
from synthtext.formats import SHARDED
from synthtext.paint.photographs import load_library
from synthtext.split import split_configs
from synthtext.typeset.catalogue import load_catalogue
from synthtext.typeset.font_config import FontConfig

SHARES = {"train": 0.8, "val": 0.1, "test": 0.1}
names = st.dictionaries(st.sampled_from("abcde"), st.floats(0.01, 5), min_size=2, max_size=4)


def config(name, shares, seed=0, by=("fonts", "backgrounds", "words")):
    return SplitConfig(name, dict(shares), by, seed)


@given(names, st.sets(st.text(max_size=8), min_size=5, max_size=60), st.integers(0, 3))
def test_every_item_goes_to_one_split_and_no_split_is_without(shares, items, seed):
    parts = divide(config(next(iter(shares)), shares, seed), "fonts", items)
    assert parts.keys() == shares.keys()
    assert sorted(itertools.chain(*parts.values())) == sorted(items)
    assert all(parts.values())


@given(names, st.sets(st.text(max_size=8), min_size=30, max_size=90), st.sets(st.text(max_size=8), max_size=20))
def test_where_an_item_goes_does_not_depend_on_the_others(shares, items, more):
    split = config(next(iter(shares)), shares)
    few, many = divide(split, "fonts", items), divide(split, "fonts", items | more)
    # But for a split that the hash gives nothing, which is rare with so many items: it takes the nearest one.
    moved = {s for s in shares if not set(few[s]) <= set(many[s])}
    assert not moved or min(map(len, few.values())) == 1


@given(names, st.text(), st.integers(0, 3))
def test_every_text_is_held_by_one_split_in_any_case(shares, text, seed):
    filters = {name: text_filter(config(name, shares, seed)) for name in shares}
    holders = [name for name, holds in filters.items() if holds(text)]
    assert len(holders) == 1
    folded = text.casefold()
    assert filters[holders[0]](folded)
    assert filters[holders[0]](unicodedata.normalize("NFC", folded))


@given(names)
def test_the_order_of_the_shares_does_not_matter(shares):
    items = [str(i) for i in range(40)]
    back = dict(reversed(shares.items()))
    name = next(iter(shares))
    assert divide(config(name, shares), "fonts", items) == divide(config(name, back), "fonts", items)


def test_shares_are_held_and_another_seed_divides_otherwise():
    words = [f"word{i}" for i in range(20_000)]
    holds = text_filter(config("val", SHARES))
    held = {w for w in words if holds(w)}
    assert abs(len(held) - 2000) < 4 * math.sqrt(2000)
    other = text_filter(config("val", SHARES, seed=1))
    assert abs(len(held & {w for w in words if other(w)}) - 200) < 4 * math.sqrt(200)


def test_what_is_not_divided_is_whole():
    fonts_only = config("val", SHARES, by=("fonts",))
    assert text_filter(fonts_only) is None
    assert members(fonts_only, "backgrounds", "abc") == {"a", "b", "c"}
    assert text_filter(SplitConfig()) is None


@pytest.fixture(scope="module")
def generators():
    # Wrinkles that would hide a word's letters (marks around it, cuts) are not what is tested here.
    overrides = ("text.punctuation=0", "text.vocabulary=20000", "paint.background.kinds={photo: 1}")
    return {name: Generator(c) for name, c in split_configs("words", SHARES, overrides=overrides).items()}


def test_samples_of_two_splits_share_no_font_photograph_or_text(generators):
    seen = {}
    for name, generator in generators.items():
        families, photographs, texts = set(), set(), set()
        family = {face.id: face.family for face in generator.catalogue.faces}
        for index in range(300):
            plan = generator.draw(index)
            families.add(family[plan.font.face])
            photographs.add(plan.background.source)
            text = plan.text.text.casefold()
            texts.update(text.split() if plan.text.source == "word" else [text])
            if plan.distractor.ghost is not None:
                families.add(family[plan.distractor.ghost.font.face])
        record = generator.split
        assert families <= set(record["families"])
        assert photographs <= set(record["photographs"])
        seen[name] = (families, photographs, texts)
    for (_, a), (_, b) in itertools.combinations(seen.items(), 2):
        for mine, theirs in zip(a, b, strict=True):
            assert mine
            assert not mine & theirs


def test_together_the_splits_are_all_there_is(generators):
    catalogue, library = load_catalogue(FontConfig()), load_library(load_config("words").paint.background)
    records = [generator.split for generator in generators.values()]
    drawn = {face.family for face in catalogue.drawn}
    assert sorted(itertools.chain(*(r["families"] for r in records))) == sorted(drawn)
    assert sorted(itertools.chain(*(r["photographs"] for r in records))) == sorted(library.names)
    assert sum(r["words"] for r in records) == Generator("words", overrides=["text.vocabulary=20000"]).text.words


def test_usual_shares_of_the_embedded_fonts_get_what_they_ask_for():
    for shares in ("train=0.9,val=0.05,test=0.05", "train=0.8,val=0.1,test=0.1"):
        configs = split_configs("words", shares)
        faces = {name: load_catalogue(c.fonts, c.split).faces for name, c in configs.items()}
        families = {name: len({f.family for f in found}) for name, found in faces.items()}
        whole = sum(families.values())
        for name, c in configs.items():
            assert 0.6 < families[name] / whole / c.split.shares[name] < 1.6


def test_a_composed_source_with_too_few_texts_is_told():
    overrides = ["text.sources={number: 1}", "text.charset='@digits'", "text.length=[1,1]"]
    digits = {
        c.split.name: c
        for c in split_configs("clean", {f"s{i}": 1.0 for i in range(12)}, ["words"], overrides).values()
    }
    without = {name for name, c in digits.items() if not any(map(text_filter(c.split), "0123456789"))}
    assert len(without) >= 2
    for name, c in digits.items():
        generator = Generator(c)
        if name in without:
            with pytest.raises(InputError, match=rf"texts of the source 'number' none fell to '{name}'"):
                generator[0]
        else:
            assert text_filter(c.split)(generator[0].text)


def test_lines_of_a_file_are_divided_and_a_split_without_any_is_told(tmp_path):
    (tmp_path / "lines.txt").write_text("\n".join(f"line number {i}" for i in range(40)))
    overrides = [f"text.files=[{tmp_path / 'lines.txt'}]", "text.sources={file: 1}", "text.length=[1, 30]"]
    texts = {}
    for name, c in split_configs("clean", "a=1,b=1", ["words"], overrides).items():
        generator = Generator(c)
        texts[name] = {generator.draw(i).text.text.casefold() for i in range(120)}
    assert len(texts["a"] | texts["b"]) == 40
    assert not texts["a"] & texts["b"]
    (tmp_path / "lines.txt").write_text("one")

    configs = split_configs("clean", "a=1,b=1", ["words"], overrides)
    without = next(c for c in configs.values() if not text_filter(c.split)("one"))
    with pytest.raises(InputError, match=r"split: none of the texts of .*lines.txt fall to '[ab]'"):
        Generator(without)


def test_fonts_that_cannot_write_a_language_are_told(tmp_path):
    source = load_catalogue(FontConfig(families=("Abril Fatface",))).faces[0].path
    with pytest.raises(InputError, match=r"split: 1 fonts cannot be divided among 2 splits \(a, b\); add some"):
        Generator(split_configs("clean", "a=1,b=1", overrides=["fonts.families=['Abril Fatface']"])["a"])
    assert source
    config = load_config("clean", ["fonts.families=['Abril Fatface','Alfa Slab One']", "text.languages=[ar]"])
    with pytest.raises(InputError, match="draws words of the language 'ar'"):
        Generator(split_configs(config, "a=1,b=1", ["fonts"])["a"])


@pytest.mark.parametrize(
    ("text", "shares"),
    [("train=0.9,val=0.1", {"train": 0.9, "val": 0.1}), (" a = 3 , b-2=1 ", {"a": 3.0, "b-2": 1.0})],
)
def test_shares_are_parsed(text, shares):
    assert parse_shares(text) == shares


@pytest.mark.parametrize(
    "text", ["", "train", "train=x", "train=0,val=1", "a=1,a=2", "../x=1,b=1", "a=-1,b=2", "a=inf,b=1"]
)
def test_bad_shares_are_told(text):
    with pytest.raises(InputError, match=r"--split .*: write each split once as name=share"):
        parse_shares(text)


def test_one_split_and_unknown_kinds_are_told():
    with pytest.raises(InputError, match="name two splits or more"):
        parse_shares("train=1")
    with pytest.raises(InputError, match="'colours' is unknown; name of fonts, backgrounds, words"):
        split_configs("words", "a=1,b=1", ["colours"])
    with pytest.raises(InputError, match=r"split.*'dev' is none of the splits in `shares` \(train, val\)"):
        load_config("words", ["split.name=dev", "split.shares={train: 1, val: 1}"])


@pytest.mark.parametrize("format", ["folder", *SHARDED])
def test_splits_are_written_to_folders_of_their_own_and_resumed(format, tmp_path):
    options = {"format": format, "workers": 1, "make_generator": FakeGenerator, "seed": 5}
    results = generate_splits("clean", tmp_path / "d", 100, SHARES, **options)
    assert {name: r.samples for name, r in results.items()} == {"train": 80, "val": 10, "test": 10}
    assert results["val"].summary().endswith("; 1 font families, 0 photographs, 10 words")
    for k, name in enumerate(SHARES):
        manifest = json.loads((tmp_path / "d" / name / "dataset.json").read_text())
        assert manifest["config"]["split"] == {
            "name": name,
            "shares": SHARES,
            "by": ["fonts", "backgrounds", "words"],
            "seed": 0,
        }
        assert manifest["split"]["name"] == name
        assert (manifest["seed"], manifest["start"]) == (5 + k, 0)
    generate_splits("clean", tmp_path / "d", 200, SHARES, resume=True, **options)
    generate_splits("clean", tmp_path / "fresh", 200, SHARES, **options)
    assert content(tmp_path / "d") == content(tmp_path / "fresh")


def test_a_split_can_be_made_alone_and_is_the_same(tmp_path):
    generate_splits("clean", tmp_path / "d", 40, "train=3,val=1", workers=1, make_generator=FakeGenerator)
    make(tmp_path / "val", 10, seed=1, overrides=["split.shares={train: 3, val: 1}", "split.name=val"])
    assert content(tmp_path / "val") == content(tmp_path / "d" / "val")
    make(tmp_path / "plain", 10)
    with pytest.raises(InputError, match="holds a data set itself"):
        generate_splits("clean", tmp_path / "plain", 40, "train=3,val=1")
    with pytest.raises(InputError, match=r'split\.name: "val" there, "train" now'):
        make(
            tmp_path / "val", 10, seed=1, resume=True, overrides=["split.shares={train: 3, val: 1}", "split.name=train"]
        )


def test_hugging_face_is_told_the_split(tmp_path):
    datasets = pytest.importorskip("datasets")
    generate_splits(
        "clean", tmp_path / "d", 40, "train=3,val=1", workers=1, make_generator=FakeGenerator, format="parquet"
    )
    data = datasets.load_dataset(str(tmp_path / "d" / "val"), cache_dir=str(tmp_path / "cache"))
    assert {name: len(rows) for name, rows in data.items()} == {"validation": 10}


def test_the_digest_knows_the_split():
    digests = {Generator(c).digest for c in split_configs("clean", SHARES).values()}
    assert len(digests) == 3
    assert msgspec.to_builtins(load_config("clean"))["split"]["name"] == ""
