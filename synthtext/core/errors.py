"""The errors: of input that a user can mend, and of a sample that cannot be made."""

from __future__ import annotations

import difflib
import functools
import inspect
from collections.abc import Callable, Iterable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class InputError(ValueError):
    """Bad input at a boundary (config, command line, file, array). The CLI prints it and exits with status 2.

    Its message is one sentence that names the file, the key or the index, and the fix.
    """


class SampleError(RuntimeError):
    """A sample could not be made, for a reason that is no bad input. `details`: the traceback, where there is one."""

    def __init__(self, message: str, index: int, details: str) -> None:
        super().__init__(message)
        self.index = index
        self.details = details


class ArgumentError(InputError, TypeError):
    """A keyword argument that a function does not have."""


def near_miss(name: str, names: Iterable[str]) -> str:
    """The one of `names` that `name` is most like; "" where none is much like it."""
    by_folded = {other.casefold(): other for other in names}
    close = difflib.get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.4)
    return by_folded[close[0]] if close else ""


def known_arguments(function: Callable[P, R]) -> Callable[P, R]:
    """Refuse keyword arguments that the function does not have in one sentence, with the name that was meant."""
    parameters = inspect.signature(function).parameters
    assert all(p.kind is not p.VAR_KEYWORD for p in parameters.values()), "what takes any name knows none"
    names = [name for name in parameters if name not in ("self", "cls")]

    @functools.wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        for name in kwargs:
            if name not in parameters:
                what = function.__qualname__.removesuffix(".__init__").removesuffix(".__new__")
                near = near_miss(name, names)
                hint = f"did you mean {near!r}?" if near else f"the arguments are {', '.join(names)}"
                raise ArgumentError(f"{what}: unknown argument {name!r}: {hint}")
        return function(*args, **kwargs)

    return checked
