"""Training targets of text detectors and recognisers, made of vector labels: anybody's quads and polygons will do.

Each detector has a module with `encode`, `empty` (blank maps, for `encode`'s `out`) and, where the method has one,
`decode`; rules for ignored, tiny, overlapping and bad labels: `boundary`. By name, of a sample's labels:

    t = encode("dbnet", sample.labels, height, width, stride=4)
"""

from __future__ import annotations

import importlib
import inspect
from types import ModuleType
from typing import TYPE_CHECKING, Any

from synthtext.core.declared import declared
from synthtext.core.errors import InputError

if TYPE_CHECKING:
    from synthtext.sample import Labels

#: The encoders of maps, and what each is made of: the words' quads or polygons, or these and the chars. Each module
#: declares its own.
TAKES: dict[str, str] = {path.stem: takes for path, takes in declared(__path__, "TAKES").items()}


def encoder(name: str) -> ModuleType:
    """The module of a method, imported only now. Raises InputError for an unknown one."""
    if name not in TAKES:
        raise InputError(f"target {name!r}: is unknown; the targets are {', '.join(TAKES)}")
    return importlib.import_module(f"{__name__}.{name}")


def encode(
    name: str, labels: Labels, height: int, width: int, stride: int | None = None, *, out: Any = None, **options: Any
) -> Any:
    """The maps of a method for an image of height x width pixels: the NamedTuple of its module.

    `labels`: a sample's (`Sample.labels`). `stride`: None for the method's own. `out`: maps of `empty`, written anew.
    `options`: of the module's `encode`. Raises InputError.
    """
    module = encoder(name)
    args: list[Any] = [labels.word_quads if TAKES[name] == "quads" else labels.polygons, labels.ignore, height, width]
    if TAKES[name] == "chars":
        chars = [labels.char_quads, labels.char_text, labels.char_word]
        args = [*(chars if name == "chars" else chars[::2]), *args]
    if stride is not None:
        options["stride"] = stride
    try:
        bound = inspect.signature(module.encode).bind(*args, out=out, **options)
    except TypeError as error:
        raise InputError(f"target {name!r}: {error}") from None
    return module.encode(*bound.args, **bound.kwargs)


def empty(name: str, height: int, width: int, stride: int | None = None, **options: Any) -> Any:
    """Blank maps of a method: shapes and dtypes for whoever allocates them. `options`: as for `encode`."""
    make = encoder(name).empty
    if stride is not None:
        options["stride"] = stride
    known = inspect.signature(make).parameters
    return make(height, width, **{key: value for key, value in options.items() if key in known})
