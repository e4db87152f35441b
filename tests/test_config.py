import json

import msgspec
import pytest
import yaml

from synthtext.config import Config, config_digest, load_config, preset_names, schema
from synthtext.core.errors import InputError
from synthtext.core.section import EffectShare


@pytest.mark.parametrize("name", preset_names())
def test_presets_load_and_survive_yaml(name, tmp_path):
    config = load_config(name)
    path = tmp_path / "again.yaml"
    path.write_text(yaml.safe_dump(msgspec.to_builtins(config)), encoding="utf-8")
    assert load_config(path) == config


def test_presets_named_by_the_issue_are_there():
    assert {"words", "lines", "clean"} <= set(preset_names())


def test_extends_merges_sections_and_replaces_tables_and_ranges(tmp_path):
    base = tmp_path / "base.yaml"
    base.write_text(
        "text: {sources: {word: 1, price: 1}, length: [2, 9]}\nwarp: {tilt: {share: 0.5, strength: [1, 9]}}\n"
    )
    child = tmp_path / "child.yaml"
    child.write_text("extends: base.yaml\ntext: {sources: {date: 2}}\nwarp: {tilt: 0.25}\n")
    config = load_config(child)
    assert config.text.sources == {"date": 2.0}
    assert config.text.length == (2, 9)
    assert config.warp.tilt == EffectShare(0.25, (1.0, 9.0))


def test_overrides_come_last_and_widen_shorthands():
    config = load_config("clean", ["degrade.jpeg=0.5", "image.margin=0.1", "text.sources={price: 1}"])
    assert config.degrade.jpeg == EffectShare(0.5, Config().degrade.jpeg.strength)
    assert config.image.margin == (0.1, 0.1)
    assert config.text.sources == {"price": 1.0}


def test_digest_changes_with_any_value_and_only_then():
    one = load_config("clean")
    assert config_digest(one) == config_digest(load_config("clean"))
    assert config_digest(one) != config_digest(load_config("clean", ["degrade.jpeg=0.001"]))


def test_schema_is_json_and_describes_the_sections():
    tree = json.loads(json.dumps(schema()))
    assert {"extends", "image", "text", "fonts", "layout", "warp", "paint", "degrade", "legibility"} <= set(
        tree["$defs"]["Config"]["properties"]
    )


BAD = [
    ("degrade.jpg=1", "unknown key 'degrade.jpg': did you mean 'degrade.jpeg'?"),
    ("zzz=1", "unknown key 'zzz': the keys here are"),
    ("image.height=tall", "image.height: got 'tall'; write a whole number from 8 to 4096"),
    ("image.height=2", "image.height: 2 lies outside [8, 4096]; write a whole number from 8 to 4096"),
    ("image.margin=[0.5, 0.1]", "image.margin: the range [0.5, 0.1] is reversed; write [0.1, 0.5]"),
    ("image.margin=[.nan, 1]", "image.margin: [nan, 1] is not finite; write two numbers from -0.5 to 10"),
    ("warp.tilt.share=1.5", "warp.tilt.share: 1.5 lies outside [0, 1]; write a number from 0 to 1"),
    ("warp.tilt=[1, 2, 3]", "warp.tilt: got [1, 2, 3]; write a share from 0 to 1, or {share: S, strength"),
    ("image.fit=squeeze", "image.fit: 'squeeze' is unknown; the choices are stretch, pad, natural"),
    ("layout.curve={straight: 0}", "layout.curve: no weight is above 0"),
    ("layout.curve={spiral: 1}", "layout.curve: 'spiral' is unknown; did you mean"),
    ("layout.curve={}", "layout.curve: no weight is above 0"),
    ("image.margin", "write it as key.subkey=value"),
    ("image.margin=[1", "is not valid YAML"),
    ("text=3", "text must be a mapping"),
    ("image.text_height=[0, 3]", "image.text_height: 0 lies outside [4, 4096]"),
    ("warp.distance=[0, 3]", "warp.distance: 0 lies outside [0.5, 1000]"),
    ("layout.stretch=[-1, 1]", "layout.stretch: -1 lies outside [0.2, 5]"),
    ("warp.lens={share: 1, strength: [0, 3]}", "warp.lens.strength: 3 lies outside [0, 0.2]"),
    ("paint.contrast=[10, 300]", "paint.contrast: 300 lies outside [0, 100]"),
]


@pytest.mark.parametrize(("override", "message"), BAD)
def test_bad_values_get_one_clear_sentence(override, message):
    with pytest.raises(InputError) as error:
        load_config("clean", [override])
    assert message in str(error.value)
    assert "\n" not in str(error.value)


FILES = [
    (b"image: {height: 32", "is not valid YAML"),
    (b"- 1\n- 2\n", "holds a list, where a mapping"),
    (b"\xff\xfe\x00", "is not UTF-8 (byte 0)"),
    (b"extends: nowhere\n", "unknown preset 'nowhere'"),
    (b"extends: 3\n", "'extends' must be one preset's name"),
    (b"extends: bad.yaml\n", "goes in a circle: bad.yaml -> bad.yaml"),
    (b"image: {hight: 3}\n", "unknown key 'image.hight': did you mean 'image.height'?"),
]


@pytest.mark.parametrize(("content", "message"), FILES)
def test_bad_files_are_named(tmp_path, content, message):
    path = tmp_path / "bad.yaml"
    path.write_bytes(content)
    with pytest.raises(InputError) as error:
        load_config(path)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_unknown_preset_and_missing_file():
    with pytest.raises(InputError, match="unknown preset 'clena': did you mean 'clean'"):
        load_config("clena")
    with pytest.raises(InputError, match=r"'none\.yaml' does not exist"):
        load_config("none.yaml")
