"""What the records of a plan have in common, and how a plan that was edited is read.

A record says of each of its fields what may stand there: kinds of numbers with their ranges, below, are checked where a
plan comes from outside (`read_plan`) and cost nothing where the engine draws them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Struct

from synthtext.core.errors import InputError

Number = Annotated[float, Meta(ge=-1e4, le=1e4)]  # of any sign: a shift, a place
Angle = Annotated[float, Meta(ge=-1e3, le=1e3)]  # radians: an angle or a hue
Stops = Annotated[float, Meta(ge=-20.0, le=20.0)]
Amount = Annotated[float, Meta(ge=0.0, le=100.0)]  # a strength, or a length in em or line heights
Length = Annotated[float, Meta(ge=0.0, le=1e6)]  # on a plane
Positive = Annotated[float, Meta(ge=1e-3, le=1e5)]  # a pitch or a scale, by which something is divided
Part = Annotated[float, Meta(ge=0.0, le=1.0)]
Lightness = Annotated[float, Meta(ge=0.0, le=100.0)]
Place = Annotated[float, Meta(ge=-1e7, le=1e7)]  # on a plane, or a number of a homography
Colour = Annotated[float, Meta(ge=-1e-6, le=10.0)]  # linear light, up to rounding
Key = Annotated[int, Meta(ge=0, le=2**63 - 1)]  # of a field of noise


# What a plan may hold in one place, so that no plan fills the memory.
MOST_ENTRIES = 512
MOST_CHARACTERS = 10_000


class Record(Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a plan: what a stage drew. Unknown fields are refused, and so are numbers out of their range."""


P = TypeVar("P")


def _faults(value: Any, path: str) -> Iterator[str]:
    """Where in plain data a number is NaN or infinite, or a list or text is longer than any that the engine draws."""
    if isinstance(value, float):
        if not math.isfinite(value):
            yield f"{path}: is not a finite number; give one"
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _faults(key, f"{path}, a key")
            yield from _faults(part, f"{path}.{key}")
    elif isinstance(value, str):
        if len(value) > MOST_CHARACTERS:
            yield f"{path}: has {len(value):,} characters; give at most {MOST_CHARACTERS:,}"
        elif not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
            yield f"{path}: {value!r} is not valid Unicode; give text without surrogates"
    elif isinstance(value, list | tuple):
        if len(value) > MOST_ENTRIES:
            yield f"{path}: has {len(value):,} entries; give at most {MOST_ENTRIES:,}"
        else:
            for i, part in enumerate(value):
                yield from _faults(part, f"{path}[{i}]")


def read_plan(plan: Any, kind: type[P]) -> P:
    """A plan as its records, from `Sample.plan`, from JSON, or from records that were changed.

    Raises InputError, one sentence that names the field, for unknown fields, wrong types and lengths, and numbers that
    are not finite or out of their range.
    """
    try:
        plain = msgspec.to_builtins(plan)
        for fault in _faults(plain, "plan"):
            raise InputError(fault)
        return msgspec.convert(plain, kind, dec_hook=_read_own)
    except msgspec.ValidationError as error:
        message = re.sub(r" - at `\$(.*)`$", r" at `plan\1`", str(error).splitlines()[0])
        raise InputError(f"the plan does not fit this version of synthtext: {message}") from None
    except (TypeError, OverflowError, RecursionError, msgspec.MsgspecError) as error:
        raise InputError(f"the plan is no plan: {str(error).splitlines()[0]}; give what `Sample.plan` holds") from None


def _read_own(kind: Any, value: Any) -> Any:
    """A value of a type that msgspec does not know, by its own `read`."""
    return kind.read(value)


def records_in(value: Any, path: str = "plan") -> Iterator[tuple[str, Record]]:
    """Every record within a record, itself included, with where it lies."""
    if isinstance(value, Record):
        yield path, value
        for name in value.__struct_fields__:
            yield from records_in(getattr(value, name), f"{path}.{name}")
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from records_in(part, f"{path}.{key}")
    elif isinstance(value, tuple):
        for i, part in enumerate(value):
            if isinstance(part, Record):
                yield from records_in(part, f"{path}[{i}]")
