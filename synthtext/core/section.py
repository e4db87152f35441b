"""What a section of the configuration is: fields with types and limits, which check themselves."""

from __future__ import annotations

import math
import numbers
import reprlib
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Annotated, Any, ClassVar

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Meta, Struct

from synthtext.core.errors import InputError, near_miss

Share = Annotated[float, Meta(ge=0.0, le=1.0)]
Range = tuple[float, float]
Weights = dict[str, Annotated[float, Meta(ge=0.0, le=1e12)]]
Limits = dict[str, Range]
Choices = dict[str, tuple[str, ...] | Mapping[str, str]]


class Field(Struct, frozen=True):
    """A key of the configuration: where it stands, and what its value may be.

    `form`: bool, int, float, str, choice, names (of strings, or of `choices` where there are any), ints, range,
    weights, effect or section. `kind`: the type, of a section. `default`: what stands where nothing is said.
    `told`: what each of the choices is, where that is told.
    """

    path: str
    form: str
    default: Any
    low: float = -math.inf
    high: float = math.inf
    choices: tuple[str, ...] = ()
    kind: Any = None
    told: Mapping[str, str] = {}

    def settle(self, value: Any, base: Any = None) -> Any:
        """The value, of its type. `base`: the effect or section whose other values stay (None: the default).

        Raises ConfigError.
        """
        form = self.form
        if form in ("section", "effect"):
            return self._settle_struct(value, self.default if base is None else base)
        if form == "bool":
            return value if isinstance(value, bool) else self._refuse(value)
        if form == "int":
            return self._whole(value, value)
        if form == "float":
            return self._number(value, value)
        if form == "str":
            return self._text(value, value)
        if form == "choice":
            return value if isinstance(value, str) and value in self.choices else self._refuse(value)
        if form == "weights":
            return self._weights(value)
        if form == "names":
            if not isinstance(value, list | tuple):
                self._refuse(value)
            return tuple(self._text(item, value) for item in value)
        if _number_of(value) is not None:
            value = (value, value)
        if not isinstance(value, list | tuple) or len(value) != 2:
            self._refuse(value)
        low, high = (self._whole(x, value) if form == "ints" else self._number(x, value) for x in value)
        return self._ordered(low, high)

    @property
    def wanted(self) -> str:
        """What to write."""
        between = f"from {_show_number(self.low)} to {_show_number(self.high)}"
        if abs(self.low) >= 2**53:
            between = "of 64 bits"
        wanted = {
            "bool": "true or false",
            "int": f"a whole number {between}",
            "float": f"a number {between}",
            "str": "a text, in quotes where YAML takes it for something else",
            "choice": " or ".join(filter(None, (", ".join(self.choices[:-1]), *self.choices[-1:]))),
            "names": "a list of texts, such as [one, two], in quotes where YAML takes them for something else",
            "ints": f"two whole numbers {between}",
            "range": f"two numbers {between}",
            "weights": "a mapping of names to weights, such as {one: 1, two: 3}",
            "effect": f"a share from 0 to 1, or {{share: S, strength: [LOW, HIGH]}} with two numbers {between}",
            "section": "a mapping of keys to values",
        }
        return wanted[self.form]

    def _refuse(self, value: Any) -> typing.NoReturn:
        if self.form == "choice" and isinstance(value, str):
            raise ConfigError([self.path], _unknown_choice(value, self.choices))
        wanted = self.wanted
        if self.form == "names" and isinstance(value, str):
            wanted = f"a list: [{value}]"
        if self.form == "str" and _number_of(value) is not None:
            wanted = f'a text, in quotes: "{show(value)}"'
        raise ConfigError([self.path], f"got {show(value)}; write {wanted}")

    def _number(self, value: Any, whole: Any) -> float:
        number = _number_of(value)
        if number is None:
            self._refuse(whole)
        self._check_within(number, whole)
        return number

    def _whole(self, value: Any, whole: Any) -> int:
        number = _number_of(value)
        if number is None:
            self._refuse(whole)
        if math.isfinite(number) and value != int(value):
            raise ConfigError([self.path], f"{show(value)} is no whole number; write {self.wanted}")
        # As it is: a float would round what is beyond 2**53.
        self._check_within(int(value) if math.isfinite(number) else number, whole)
        return int(value)

    def _check_within(self, number: float, whole: Any) -> None:
        if not math.isfinite(number):
            raise ConfigError([self.path], f"{show(whole)} is not finite; write {self.wanted}")
        if not self.low <= number <= self.high:
            limits = f"[{_show_number(self.low)}, {_show_number(self.high)}]"
            raise ConfigError([self.path], f"{_show_number(number)} lies outside {limits}; write {self.wanted}")

    def _text(self, value: Any, whole: Any) -> str:
        if not isinstance(value, str):
            self._refuse(whole)
        if self.choices and value not in self.choices:
            raise ConfigError([self.path], _unknown_choice(value, self.choices))
        if not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
            raise ConfigError([self.path], f"{value!r} is not valid Unicode; write it in UTF-8")
        return value

    def _ordered(self, low: Any, high: Any) -> tuple[Any, Any]:
        if low > high:
            a, b = _show_number(low), _show_number(high)
            raise ConfigError([self.path], f"the range [{a}, {b}] is reversed; write [{b}, {a}]")
        return low, high

    def _weights(self, value: Any) -> dict[str, float]:
        if not isinstance(value, Mapping):
            self._refuse(value)
        table: dict[str, float] = {}
        for key, weight in value.items():
            name = str(key)
            if self.choices and name not in self.choices:
                if self.choices[0] == "1":
                    raise ConfigError([self.path], f'{name!r} is not a count from "1" to "{self.choices[-1]}"')
                raise ConfigError([self.path], _unknown_choice(name, self.choices))
            one = msgspec.structs.replace(self, path=f"{self.path}.{name}", form="float", choices=())
            table[name] = one.settle(weight)
        if not sum(table.values()) > 0.0 and (table or self.default):
            raise ConfigError([self.path], "no weight is above 0; give at least one a weight")
        return table

    def _settle_struct(self, value: Any, base: Any) -> Any:
        if isinstance(value, self.kind):
            settled = value
        else:
            if self.form == "effect" and _number_of(value) is not None:
                value = {"share": value}
            if not isinstance(value, Mapping):
                self._refuse(value)
            fields = fields_of(self.kind)
            changes = {}
            for key, item in value.items():
                if key not in fields:
                    raise ConfigError([f"{self.path}.{key}"], unknown_key(f"{self.path}.{key}", str(key), fields))
                at = msgspec.structs.replace(fields[key], path=f"{self.path}.{key}")
                if self.form == "effect" and key == "strength":
                    at = msgspec.structs.replace(at, low=self.low, high=self.high)
                changes[key] = at.settle(item, getattr(base, key))
            settled = msgspec.structs.replace(base, **changes)
        if self.form == "effect":
            strength = Field(f"{self.path}.strength", "range", settled.strength, self.low, self.high)
            strength.settle(settled.strength)
        return settled


@cache
def fields_of(section: type[Section]) -> dict[str, Field]:
    """What the keys of a section may hold, by name."""
    return {field.name: _field(section, field) for field in msgspec.structs.fields(section)}


def _field(section: type[Section], field: Any) -> Field:
    default = field.default_factory() if field.default is msgspec.NODEFAULT else field.default
    path = section.path(field.name)
    kind, low, high = _bounds(field.type)
    low, high = section.LIMITS.get(field.name, (low, high))
    named = section.CHOICES.get(field.name, ())
    choices, told = tuple(named), named if isinstance(named, Mapping) else {}
    args, origin = typing.get_args(kind), typing.get_origin(kind)
    if kind is EffectShare:
        return Field(path, "effect", default, low, high, kind=EffectShare)
    if isinstance(kind, type) and issubclass(kind, Section):
        return Field(path, "section", default, kind=kind)
    if origin is typing.Literal or (kind is str and choices):
        return Field(path, "choice", default, choices=choices or args)
    if origin is dict:
        _, low, high = _bounds(args[1])
        return Field(path, "weights", default, low, high, choices, told=told)
    if origin is tuple and args[1] is Ellipsis:
        return Field(path, "names", default, choices=typing.get_args(args[0]))
    if origin is tuple:
        item, lowest, highest = _bounds(args[0])
        if item is int:
            return Field(path, "ints", default, lowest, highest)
        return Field(path, "range", default, low, high)
    return Field(path, kind.__name__, default, low, high)


def _bounds(kind: Any) -> tuple[Any, float, float]:
    """A type without its annotations, and the lowest and the highest that they allow."""
    if typing.get_origin(kind) is not Annotated:
        return kind, -math.inf, math.inf
    low, high = -math.inf, math.inf
    for meta in kind.__metadata__:
        low = low if meta.ge is None else meta.ge
        high = high if meta.le is None else meta.le
    return kind.__origin__, low, high


def _number_of(value: Any) -> float | None:
    """A number as a float; None for what is no number, such as a truth value."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Real):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf  # a whole number of hundreds of digits


_short = reprlib.Repr()
_short.maxstring = _short.maxother = _short.maxlong = 80
_short.maxlist = _short.maxtuple = _short.maxdict = 8


def _show_number(value: float) -> str:
    if abs(value) < 2**53 and value == int(value):
        return str(int(value))
    return f"{value:g}" if float(f"{value:g}") == value or math.isnan(value) else repr(value)


def show(value: Any) -> str:
    """A value, as YAML has it, shortened."""
    if value is None or isinstance(value, bool):
        return {None: "nothing", True: "true", False: "false"}[value]
    if isinstance(value, numbers.Real):
        number = _number_of(value)
        return _show_number(number) if number is not None else repr(value)
    if (
        isinstance(value, list | tuple)
        and len(value) <= 8
        and not any(isinstance(x, list | tuple | dict) for x in value)
    ):
        return f"[{', '.join(map(show, value))}]"
    return " ".join(_short.repr(value).split())


def _unknown_choice(value: str, choices: tuple[str, ...]) -> str:
    near = near_miss(value, choices)
    hint = f" did you mean {near!r}?" if near else ""
    return f"{value!r} is unknown;{hint} the choices are {', '.join(choices)}"


def unknown_key(path: str, key: str, fields: Iterable[str]) -> str:
    near = near_miss(key, fields)
    meant = f"{path.removesuffix(key)}{near}"
    hint = f"did you mean {meant!r}?" if near else f"the keys here are {', '.join(fields)}"
    return f"unknown key {path!r}: {hint}"


class ConfigError(InputError):
    """A value of the configuration that cannot be. `keys`: those concerned, the one that is named first."""

    def __init__(self, keys: Sequence[str], problem: str) -> None:
        super().__init__(problem if repr(keys[0]) in problem else f"{keys[0]}: {problem}")
        self.keys = tuple(keys)


class Section(Struct, frozen=True, forbid_unknown_fields=True):
    """A part of the configuration that checks itself when it is made, in Python as from YAML.

    A value is brought to its type (a list to a tuple, a whole number to a float, a number to a range, a share to an
    effect). `PATH`: where the section stands. `LIMITS`: lowest and highest of a range, or of an effect's strength.
    `CHOICES`: the names that a table of weights may hold, or a mapping of them to what each is. Raises ConfigError, an
    InputError, which names the key.
    """

    PATH: ClassVar[str] = ""
    LIMITS: ClassVar[Limits] = {}
    CHOICES: ClassVar[Choices] = {}

    def __post_init__(self) -> None:
        for name, field in fields_of(type(self)).items():
            given = getattr(self, name)
            settled = field.settle(given)
            if settled is not given:
                msgspec.structs.force_setattr(self, name, settled)
        for names, problem in self.problems():
            raise ConfigError([self.path(name) for name in names.split()], problem)

    @classmethod
    def path(cls, name: str) -> str:
        """The key of a field, from the root of the configuration."""
        return f"{cls.PATH}.{name}" if cls.PATH else name

    def problems(self) -> Iterator[tuple[str, str]]:
        """What does not go together: the names of the values, the one to be named first, and what is wrong."""
        return iter(())


class EffectShare(Section, frozen=True):
    """How often an effect is applied (`share`) and how strongly (`strength`, drawn from the range)."""

    share: Share = 0.0
    strength: Range = (0.0, 1.0)


def params_table(*values: EffectShare | Range | float) -> npt.NDArray[np.float64]:
    """A table of parameters' ranges for a kernel that samples them, float64 (n, 3): a row (share, low, high) for each.

    Of a range the share is 1; of a share alone the range is [0, 0].
    """
    rows: list[tuple[float, float, float]] = []
    for value in values:
        if isinstance(value, EffectShare):
            rows.append((value.share, *value.strength))
        else:
            rows.append((1.0, *value) if isinstance(value, tuple) else (value, 0.0, 0.0))
    return np.array(rows)


def weights_of(table: Weights, names: Sequence[str]) -> npt.NDArray[np.float64]:
    """The weights of `names` in a configured table, 0 for those that it leaves out."""
    return np.array([table.get(name, 0.0) for name in names])
