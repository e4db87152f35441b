"""Every key of the configuration against values that it cannot have: from YAML, from `--set` and from Python.

What can be wrong follows from the schema: a key that is added is tried here without a line of its own.
"""

import math
import re

import msgspec
import pytest
import yaml

from synthtext.config import Config, load_config, preset_names, schema
from synthtext.core.errors import InputError
from synthtext.core.section import EffectShare, fields_of
from synthtext.generator import Generator

FINITE = 1e300


def leaves(section=Config):
    for field in fields_of(section).values():
        if field.form == "section":
            yield from leaves(field.kind)
        else:
            yield field


def bad_numbers(field):
    yield from (math.nan, math.inf, -math.inf, "tall", None, True, [1])
    yield from (x for x in (field.low - 1, field.high + 1, -FINITE, FINITE) if abs(x) < math.inf)


def bad_ranges(field, low, high):
    yield from ([low], [low, high, high], [low, "tall"], [low, None], "tall", None, True, {"low": low})
    if low < high:
        yield [high, low]
    for bad in (math.nan, math.inf, -math.inf, field.low - 1, field.high + 1, -FINITE, FINITE):
        yield from ([bad, high], [low, bad])


def bad_values(field):
    """Values that the key cannot have."""
    low, high = field.low, field.high
    match field.form:
        case "bool":
            yield from ("perhaps", 1, 0.5, None, [True])
        case "int":
            yield from (*bad_numbers(field), max(low, 1) + 0.5)
        case "float":
            yield from bad_numbers(field)
        case "str":
            yield from ([], {"a": 1}, ["a"])
        case "choice":
            yield from ("nothing of the kind", 3, None, True, [field.choices[0]])
        case "names":
            yield from ("one", 3, None, {"one": 1}, [3], [None], [["one"]], [True])
            yield from [["nothing of the kind"]] if field.choices else []
        case "range":
            yield from bad_ranges(field, low, high)
        case "ints":
            yield from (*bad_ranges(field, int(low), int(high)), [low + 0.5, high])
        case "weights":
            name = field.choices[0] if field.choices else "name"
            yield from ("word", 3, None, [name], *({name: bad} for bad in (-1, "tall", None, [1], math.nan, math.inf)))
            yield from [{"nothing of the kind": 1}] if field.choices else []
            yield from [{name: 0}]
        case "effect":
            yield from ("often", None, True, [0.5], -0.1, 1.5, math.nan, math.inf, {"shre": 1}, {"share": "often"})
            yield from ({"share": 1, "strength": strength} for strength in bad_ranges(field, low, high))
            yield from ({"share": share, "strength": [low, high]} for share in (-0.1, 1.5, math.nan, None))


BASE = Config()
FIELDS = list(leaves())
CASES = [(field, value) for field in FIELDS for value in bad_values(field)]


def tree_of(key, value):
    for part in reversed(key.split(".")):
        value = {part: value}
    return value


def check(error, field, origin):
    told = str(error.value)
    assert told.startswith(f"{origin}: " if origin else (field.path, f"unknown key '{field.path}")), told
    assert field.path in told
    assert "\n" not in told
    assert "msgspec" not in told
    assert not re.search(r"`(int|float|str|array|object)`", told)


def test_every_form_and_many_keys_are_tried():
    assert {field.form for field in FIELDS} == {
        *("bool", "int", "float", "str", "choice", "names", "range", "ints", "weights", "effect")
    }
    assert len(FIELDS) > 120
    assert len(CASES) > 2000


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.path)
def test_every_range_has_finite_limits(field):
    if field.form in ("int", "float", "range", "ints", "effect", "weights"):
        assert math.isfinite(field.low)
        assert math.isfinite(field.high)


def test_bad_values_in_a_file_name_the_file(tmp_path):
    path = tmp_path / "mine.yaml"
    for field, value in CASES:
        path.write_text(yaml.safe_dump(tree_of(field.path, value)), encoding="utf-8")
        with pytest.raises(InputError) as error:
            load_config(path)
        check(error, field, path.resolve())


def test_bad_overrides_name_themselves_and_python_gets_the_same_sentence():
    """In Python where the section is made, before a configuration is used."""
    for field, value in CASES:
        with pytest.raises(InputError) as of_python:
            Config(**tree_of(field.path, value))
        check(of_python, field, "")
        if field.form == "str":
            continue  # `--set` takes anything for a text
        text = f"{field.path}={yaml.safe_dump(value, default_flow_style=True, width=1000).split(chr(10))[0]}"
        with pytest.raises(InputError) as of_set:
            load_config(BASE, [text])
        check(of_set, field, f"--set {text}")
        assert str(of_set.value) == f"--set {text}: {of_python.value}"


def test_good_ends_of_every_limit_are_taken():
    for field in FIELDS:
        low, high = field.low, field.high
        match field.form:
            case "int" | "float":
                values = [low, high]
            case "range" | "ints":
                values = [[low, high], low, [high, high]]
            case "effect":
                values = [{"share": 1, "strength": [low, high]}, 0, 1, 0.5]
            case "choice":
                values = list(field.choices)
            case _:
                continue
        for value in values:
            made = Config(**tree_of(field.path, value))
            assert msgspec.convert(msgspec.to_builtins(made), Config) == made


def test_values_are_brought_to_their_types():
    config = Config(
        image={"height": 64.0, "margin": 0, "text_height": [8, 9]},
        text={"words": {1: 2}, "languages": ["en", "de"]},
        degrade={"jpeg": 0.5, "gamma": EffectShare(1, (1, 2))},
    )
    assert (config.image.height, config.image.margin, config.image.text_height) == (64, (0.0, 0.0), (8.0, 9.0))
    assert isinstance(config.image.height, int)
    assert isinstance(config.image.margin[0], float)
    assert config.text.words == {"1": 2.0}
    assert config.text.languages == ("en", "de")
    assert config.degrade.jpeg == EffectShare(0.5, (25.0, 95.0))
    assert msgspec.json.encode(config.degrade.gamma) == b'{"share":1.0,"strength":[1.0,2.0]}'


def test_each_way_gives_one_configuration(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("degrade: {read_noise: {share: 1, strength: [1e-3, 1E-2]}}\ntext: {vocabulary: 1e5}\n")
    of_file = load_config(path)
    assert of_file.degrade.read_noise == EffectShare(1.0, (0.001, 0.01))
    assert of_file.text.vocabulary == 100_000
    assert of_file == Config(degrade={"read_noise": EffectShare(1, [1e-3, 1e-2])}, text={"vocabulary": 1e5})
    told = ["degrade.read_noise={share: 1, strength: [1e-3, 1E-2]}", "text.vocabulary=1e5"]
    assert of_file == load_config(Config(), told)


@pytest.mark.parametrize(("text", "charset"), [
    ("@digits", "@digits"), ("'@digits'", "@digits"), ('"@digits"', "@digits"), ("123", "123"), ("%&", "%&"),
    ("#", "#"), ("0b1", "0b1"), ("", ""), ("no", "no"), ("[a]", "[a]"), ("1e7", "1e7"),
])  # fmt: skip
def test_a_text_is_taken_as_it_stands(text, charset):
    assert load_config("words", [f"text.charset={text}"]).text.charset == charset


def test_the_source_of_a_value_is_named(tmp_path):
    """Each fault by who said it: never a packaged file that the user has not touched."""
    base, child = tmp_path / "base.yaml", tmp_path / "child.yaml"
    base.write_text("extends: words\nimage: {height: 4}\n")
    child.write_text("extends: base.yaml\nimage: {width: 64}\n")

    def told(source, *overrides):
        with pytest.raises(InputError) as error:
            load_config(source, overrides)
        assert "configs" not in str(error.value)
        return str(error.value)

    assert told(child).startswith(f"{base.resolve()}: image.height: 4 ")
    base.write_text("extends: words\ntext: {sources: {file: 1, word: 1}, files: [a.txt]}\n")
    assert load_config(child).text.files == ("a.txt",)
    # What does not go together is laid to who came last.
    assert told(child, "text.files=[]").startswith("--set text.files=[]: text.sources: `file` has a weight")
    child.write_text("extends: base.yaml\ntext: {sources: {word: 1}}\n")
    assert told(child).startswith(f"{child.resolve()}: text.files: given, but `file` has no weight")
    assert told("words", "image.width=64", "text.sources={file: 1}").startswith("--set text.sources={file: 1}: ")
    assert told("words", "height=64") == "--set height=64: unknown key 'height': did you mean 'image.height'?"
    child.write_text("image: {height: 32}\nimage: {width: 64}\n")
    assert (
        told(child)
        == f"{child.resolve()}: is not valid YAML: line 2: the key 'image' stands twice; leave one of them out"
    )
    child.write_text("text: {charset: @digits}\n")
    assert told(child).startswith(f"{child.resolve()}: is not valid YAML: line 1: ")
    assert told(child).endswith("; put the value in quotes")
    child.write_text("text: {languages: [no, nl], length: [010, 0x10]}\n")  # as of YAML 1.2: Norwegian; ten
    assert load_config(child).text.languages == ("no", "nl")
    assert load_config(child).text.length == (10, 16)
    child.write_text("image: {width: 2:08}\n")
    assert told(child).startswith(f"{child.resolve()}: image.width: got '2:08'; write a whole number from 8 to 16384")
    child.write_text("text: {languages: [false]}\n")
    assert told(child).startswith(f"{child.resolve()}: text.languages: got [false]; write a list of texts")
    child.write_text("text: {charset: 123}\n")
    assert told(child).endswith('text.charset: got 123; write a text, in quotes: "123"')
    child.write_text("text: {languages: en}\n")
    assert told(child).endswith("text.languages: got 'en'; write a list: [en]")
    child.write_text("[" * 5000)
    assert told(child).startswith(f"{child.resolve()}: is not valid YAML: ")
    child.write_text(
        "a: &a [x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\nimage: {height: *b}\n"
    )
    assert len(told(child)) < 500


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ("image.height=64", "overrides: is the string 'image.height=64'; write a list of strings: ['image.height=64']"),
        ({"image.height": 64}, "overrides: is a mapping; write a list of strings: ['image.height=64']"),
        ([3], "overrides: holds 3; write a list of strings"),
        (3, "overrides: holds 3; write a list of strings"),
    ],
)
def test_overrides_are_a_list_of_strings(overrides, message):
    for call in (lambda: load_config("words", overrides), lambda: Generator("words", 0, overrides)):
        with pytest.raises(InputError, match=re.escape(message)):
            call()


def test_what_is_no_configuration_is_told():
    with pytest.raises(InputError, match=r"config: got 3; give a preset's name"):
        load_config(3)


@pytest.mark.parametrize("name", preset_names())
def test_a_preset_is_one_configuration_whichever_way(name):
    """Also byte for byte, so that its digest is one."""
    config = load_config(name)
    again = msgspec.convert(msgspec.to_builtins(config), Config)
    assert msgspec.json.encode(again) == msgspec.json.encode(config)
    assert "extends" in schema()["$defs"]["Config"]["properties"]


def calls():
    from synthtext.dataset.generate import generate
    from synthtext.dataset.merge import merge
    from synthtext.stream.mix import Curriculum, Mix
    from synthtext.stream.stream import Stream

    return [
        (lambda: Stream("words", batchsize=3), "Stream: unknown argument 'batchsize': did you mean 'batch_size'?"),
        (lambda: Generator("words", sed=3), "Generator: unknown argument 'sed': did you mean 'seed'?"),
        (lambda: Generator("scenes", override=[]), "Generator: unknown argument 'override': did you mean 'overrides'?"),
        (lambda: generate("words", "out", 3, worker=2), "generate: unknown argument 'worker': did you mean 'workers'?"),
        (lambda: Mix({"words": 1}, sed=3), "Mix: unknown argument 'sed': did you mean 'seed'?"),
        (lambda: Curriculum("words", {}, steps=3), "Curriculum: unknown argument 'steps': "),
        (
            lambda: load_config("words", override=[]),
            "load_config: unknown argument 'override': did you mean 'overrides'?",
        ),
        (lambda: merge(["a"], check=False), "merge: unknown argument 'check': "),
        (lambda: Generator("words", "3"), "seed: got '3'; give a whole number"),
        (lambda: Stream("words", overrides="a=b"), "overrides: is the string 'a=b'; write a list of strings: ['a=b']"),
    ]


@pytest.mark.parametrize("number", range(10))
def test_an_unknown_argument_gets_the_near_miss(number):
    call, message = calls()[number]
    with pytest.raises(InputError) as error:
        call()
    assert str(error.value).startswith(message)
    assert isinstance(error.value, TypeError) == ("unknown argument" in message)
