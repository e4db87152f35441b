"""The configuration: typed, frozen, read from YAML; presets, `extends`, overrides and the JSON schema.

Each section stands in the folder of what it configures, with every parameter's unit and what it does. A share is a
probability in [0, 1]; shares of a table are relative weights. Lengths are relative to the text (to its height, its em)
wherever a name does not say pixels.
"""

from __future__ import annotations

import hashlib
import re
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import yaml

from synthtext.core import assets
from synthtext.core.errors import InputError, known_arguments, near_miss
from synthtext.core.kinds import MAKERS
from synthtext.core.section import Choices, Field, Section, fields_of, show, unknown_key
from synthtext.core.section import ConfigError as ConfigError
from synthtext.core.section import EffectShare as EffectShare
from synthtext.core.split import NO_SPLIT, SplitConfig
from synthtext.crop.image_config import ImageConfig
from synthtext.effects.effects_config import (
    CameraConfig,
    DegradeConfig,
    EffectsConfig,
    InterferenceConfig,
    PrintConfig,
    SurfaceConfig,
)
from synthtext.geometry.warp_config import WarpConfig
from synthtext.labels.legibility_config import LegibilityConfig
from synthtext.paint.paint_config import PaintConfig
from synthtext.scene.scene_config import SceneConfig
from synthtext.text.text_config import TextConfig
from synthtext.typeset.font_config import FontConfig
from synthtext.typeset.layout_config import LayoutConfig

Effect = EffectShare  # its name in configurations that are written in Python


class Config(Section, frozen=True):
    """A whole configuration: what `Generator` takes."""

    CHOICES: ClassVar[Choices] = {"kind": tuple(MAKERS)}

    kind: str = "words"
    image: ImageConfig = ImageConfig()
    text: TextConfig = TextConfig()
    fonts: FontConfig = FontConfig()
    layout: LayoutConfig = LayoutConfig()
    warp: WarpConfig = WarpConfig()
    paint: PaintConfig = PaintConfig()
    effects: EffectsConfig = EffectsConfig()
    interference: InterferenceConfig = InterferenceConfig()
    print: PrintConfig = PrintConfig()
    surface: SurfaceConfig = SurfaceConfig()
    degrade: DegradeConfig = DegradeConfig()
    camera: CameraConfig = CameraConfig()
    legibility: LegibilityConfig = LegibilityConfig()
    split: SplitConfig = NO_SPLIT
    scene: SceneConfig = SceneConfig()


def preset_names() -> list[str]:
    """The names of the embedded presets."""
    return sorted(path.stem for path in assets.folder("configs").glob("*.yaml"))


@known_arguments
def load_config(source: str | Path | Config, overrides: Sequence[str] = ()) -> Config:
    """Read a configuration.

    `source`: a preset's name, the path of a YAML file, or a `Config`, which is returned as it is (with overrides).
    `overrides`: strings `a.b=value`, the value in YAML, applied last.
    Raises InputError for an unknown preset, an unreadable file, an unknown key, a wrong type or a value out of range:
    it names the key, and the override, the file or the preset that gave the value.
    """
    return _layers(source, overrides).config()


def origin_of(source: str | Path | Config, overrides: Sequence[str], key: str) -> str:
    """Where the value of a key comes from: an override, a file or a preset; "" where nobody gave it."""
    return _layers(source, overrides).origin(key)


def _layers(source: str | Path | Config, overrides: Sequence[str]) -> _Layers:
    overrides = checked_overrides(overrides)
    if isinstance(source, Config):
        layers = _Layers(source)
    elif isinstance(source, str | Path):
        layers = _Layers(Config())
        for tree, origin in _read(_find(source), ()):
            layers.add(tree, origin)
    else:
        raise InputError(
            f"config: got {show(source)}; give a preset's name, the path of a YAML file or a Config, such as 'words'"
        )
    for text in overrides:
        layers.add(_parse_override(text), f"--set {text}")
    return layers


def checked_overrides(overrides: Sequence[str]) -> tuple[str, ...]:
    """Overrides as a tuple. Raises InputError for anything but strings in a list or a tuple."""
    if isinstance(overrides, str):
        raise InputError(f"overrides: is the string {overrides!r}; write a list of strings: [{overrides!r}]")
    if isinstance(overrides, Mapping):
        wanted = [f"{key}={value}" for key, value in overrides.items()]
        raise InputError(f"overrides: is a mapping; write a list of strings: {show(wanted)}")
    texts: tuple[Any, ...] = tuple(overrides) if isinstance(overrides, Iterable) else (overrides,)
    for text in texts:
        if not isinstance(text, str):
            raise InputError(f"overrides: holds {show(text)}; write a list of strings, such as ['image.height=64']")
    return texts


def replaced(config: Config, values: Mapping[str, Any], origin: str) -> Config:
    """The configuration with the values of keys such as `image.height`. Raises InputError that begins with `origin`."""
    layers = _Layers(config)
    for key, value in values.items():
        layers.add(_nested(key, value), origin)
    return layers.config()


def schema() -> dict[str, Any]:
    """The JSON schema of a configuration file, for editors that complete and check YAML."""
    result = msgspec.json.schema(Config)
    _tell_choices(Config, result["$defs"])
    definition = result["$defs"]["Config"]
    definition["properties"] = {
        "extends": {"type": "string", "description": "the preset or file whose values stand where this one is silent"},
        **definition["properties"],
        "kind": {"enum": sorted(MAKERS), "default": Config().kind},
    }
    return result


def _tell_choices(section: type[Section], definitions: dict[str, Any]) -> None:
    """Add to the schema what the names in a table of weights are, where the section tells it."""
    for field in fields_of(section).values():
        if field.form == "section":
            _tell_choices(field.kind, definitions)
        elif field.told:
            table = definitions[section.__name__]["properties"][field.path.rpartition(".")[2]]
            weight = table["additionalProperties"]
            table["properties"] = {name: {**weight, "description": text} for name, text in field.told.items()}
            table["additionalProperties"] = False


def config_digest(config: Config) -> str:
    """SHA-256 of the configuration's values, as hex: two configurations with one digest make the same samples."""
    return hashlib.sha256(msgspec.json.encode(config, order="deterministic")).hexdigest()


# Layers: presets, files, overrides


@cache
def _all_keys() -> tuple[str, ...]:
    return tuple(_keys_below(Config))


def _keys_below(section: type[Section]) -> Iterator[str]:
    for field in fields_of(section).values():
        yield field.path
        if field.form == "section":
            yield from _keys_below(field.kind)


def _unknown(path: str, key: str, fields: Mapping[str, Field]) -> str:
    """What is said of a key that is not there; one of that name may stand in another section."""
    elsewhere = [other for other in _all_keys() if other.rpartition(".")[2] == key]
    if elsewhere:
        return f"unknown key {path!r}: did you mean {' or '.join(map(repr, elsewhere[:3]))}?"
    return unknown_key(path, key, fields)


class _Layers:
    """Values laid over each other, each with where it came from."""

    def __init__(self, base: Config) -> None:
        self._values = _leaves(base)
        self._origins: dict[str, tuple[int, str]] = {}
        self._count = 0

    def add(self, tree: Any, origin: str) -> None:
        """Lay the values of a tree over those so far. Raises InputError for any that cannot be."""
        self._count += 1
        try:
            self._lay(Config, tree, "", origin, self._values)
        except ConfigError as error:
            raise InputError(f"{origin}: {error}") from None

    def _lay(self, section: type[Section], tree: Any, path: str, origin: str, values: dict[str, Any]) -> None:
        if not isinstance(tree, Mapping):
            what = path or "the file"
            raise InputError(f"{origin}: {what} must be a mapping of keys to values, got {show(tree)}")
        fields = fields_of(section)
        for key, value in tree.items():
            name = f"{path}.{key}" if path else str(key)
            if key not in fields:
                raise InputError(f"{origin}: {_unknown(name, str(key), fields)}")
            field = fields[key]
            if field.form == "section":
                self._lay(field.kind, value, name, origin, values[key])
            else:
                values[key] = field.settle(value, values[key])
                self._origins[name] = self._count, origin

    def origin(self, key: str) -> str:
        """Who gave the value of a key last; "" for nobody."""
        return self._origins.get(key, (0, ""))[1]

    def config(self) -> Config:
        """All of it. Raises InputError for what does not go together, naming who said so last."""
        try:
            return _built(Config, self._values)
        except ConfigError as error:
            said = [self._origins[key] for key in error.keys if key in self._origins]
            raise InputError(f"{max(said)[1]}: {error}" if said else str(error)) from None


def _leaves(section: Section) -> dict[str, Any]:
    return {
        name: _leaves(getattr(section, name)) if field.form == "section" else getattr(section, name)
        for name, field in fields_of(type(section)).items()
    }


_SectionT = typing.TypeVar("_SectionT", bound=Section)


def _built(section: type[_SectionT], values: dict[str, Any]) -> _SectionT:
    fields = fields_of(section)
    made = {k: _built(fields[k].kind, v) if fields[k].form == "section" else v for k, v in values.items()}
    return section(**made)


# YAML


class _Loader(yaml.SafeLoader):
    """YAML with the scalars of YAML 1.2's core schema (https://yaml.org/spec/1.2.2/#103-core-schema), and no key twice.

    So 1e7 is a number, 040 is forty, and `no`, 2:08 and 2024-01-01 are texts.
    """

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            if isinstance(key, yaml.ScalarNode) and key.value != "<<":
                if key.value in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"the key {key.value!r} stands twice; leave one of them out", key.start_mark
                    )
                seen.add(key.value)
        return super().construct_mapping(node, deep)


def _whole_number(loader: _Loader, node: yaml.ScalarNode) -> int:
    value = loader.construct_scalar(node)
    return int(value, 0) if value.startswith(("0x", "0o")) else int(value)


_OF_YAML_1_1 = {f"tag:yaml.org,2002:{name}" for name in ("bool", "int", "float", "timestamp")}
_Loader.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in rows if tag not in _OF_YAML_1_1]
    for first, rows in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _name, _form, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    ("float", r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("float", r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)", "-+."),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_name}", re.compile(rf"(?:{_form})\Z"), list(_first))
_Loader.add_constructor("tag:yaml.org,2002:int", _whole_number)


def _parse(text: str) -> Any:
    """Raises yaml.YAMLError."""
    try:
        return yaml.load(text, _Loader)
    except (RecursionError, ValueError, OverflowError) as error:  # nested too deep; a date such as 2024-99-99
        raise yaml.YAMLError(" ".join(str(error).split()) or type(error).__name__) from None


def _find(source: str | Path) -> Path:
    path = Path(source)
    if path.suffix in {".yaml", ".yml"}:
        if path.is_file():
            return path
        raise InputError(f"configuration file {str(source)!r} does not exist")
    names = preset_names()
    if str(source) in names:
        return assets.folder("configs") / f"{source}.yaml"
    near = near_miss(str(source), names)
    hint = f"did you mean {near!r}? " if near else ""
    raise InputError(
        f"unknown preset {str(source)!r}: {hint}the presets are {', '.join(names)}; a file's name ends in .yaml"
    )


def _read(path: Path, seen: tuple[Path, ...]) -> list[tuple[dict[str, Any], str]]:
    """The file's mapping, after that of the file which it extends and so on; each with its name."""
    path = path.resolve()
    packaged = path.parent == assets.folder("configs").resolve()
    name = f"preset {path.stem!r}" if packaged else str(path)
    if path in seen:
        raise InputError(f"{name}: 'extends' goes in a circle: {' -> '.join(p.name for p in (*seen, path))}")
    try:
        tree = _parse(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: is not UTF-8 (byte {error.start}); save it as UTF-8") from None
    except yaml.YAMLError as error:
        raise InputError(f"{name}: is not valid YAML: {_yaml_problem(error)}") from None
    except OSError as error:
        raise InputError(f"{name}: cannot be read: {error.strerror}") from None
    if tree is None:
        tree = {}
    if not isinstance(tree, dict):
        raise InputError(f"{name}: holds a {type(tree).__name__}, where a mapping of keys to values is needed")
    parent = tree.pop("extends", None)
    if parent is None:
        return [(tree, name)]
    if not isinstance(parent, str):
        raise InputError(f"{name}: 'extends' must be one preset's name or a path, got {show(parent)}")
    beside = path.parent / parent
    try:
        found = beside if beside.is_file() else _find(parent)
    except InputError as error:
        raise InputError(f"{name}: extends: {error}") from None
    return [*_read(found, (*seen, path)), (tree, name)]


def _yaml_problem(error: yaml.YAMLError) -> str:
    """What is wrong, and where, on one line."""
    problem, mark = getattr(error, "problem", None), getattr(error, "problem_mark", None)
    text = " ".join(str(problem or error).split())
    if "cannot start any token" in text:
        text += "; put the value in quotes"
    return f"line {mark.line + 1}: {text}" if mark else text


def _nested(key: str, value: Any) -> Any:
    for part in reversed(key.strip().split(".")):
        value = {part: value}
    return value


def _parse_override(text: str) -> Any:
    """The tree of `a.b=value`. The value of a key that holds a text is that text, where it is not in quotes."""
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise InputError(f"--set {text}: write it as key.subkey=value")
    kind: Any = Config
    field: Field | None = None
    for part in key.strip().split("."):
        field = fields_of(kind).get(part) if kind is not None else None
        kind = field.kind if field is not None else None
    value = value.strip()
    if field is not None and field.form == "str" and value[:1] not in ("'", '"'):
        return _nested(key, value)
    try:
        return _nested(key, _parse(value))
    except yaml.YAMLError as error:
        raise InputError(f"--set {text}: the value {value!r} is not valid YAML: {_yaml_problem(error)}") from None
