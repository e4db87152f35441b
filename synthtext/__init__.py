"""synthtext: labelled text images for training OCR.

    text -> typeset -> geometry -> raster -> paint -> degrade -> sample -> stream

>>> from synthtext import Generator
>>> sample = Generator("words", seed=0)[7]
>>> sample.text, sample.image.shape  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from synthtext.core.public_names import provide
from synthtext.core.version import __version__

if TYPE_CHECKING:
    from synthtext.config import Config, load_config
    from synthtext.core.errors import InputError, SampleError
    from synthtext.generator import Generator
    from synthtext.sample import Char, Labels, Sample, Word
    from synthtext.stream.mix import Curriculum, Mix
    from synthtext.stream.stream import Stream

__all__ = [
    "Char",
    "Config",
    "Curriculum",
    "Generator",
    "InputError",
    "Labels",
    "Mix",
    "Sample",
    "SampleError",
    "Stream",
    "Word",
    "__version__",
    "load_config",
]

_WHERE = {
    "Config": "config",
    "load_config": "config",
    "InputError": "core.errors",
    "SampleError": "core.errors",
    "Generator": "generator",
    "Curriculum": "stream.mix",
    "Mix": "stream.mix",
    "Char": "sample",
    "Labels": "sample",
    "Sample": "sample",
    "Word": "sample",
    "Stream": "stream.stream",
}

provide()


def __getattr__(name: str) -> Any:
    """Import on first use: `import synthtext` and `synthtext --help` need not load Numba."""
    if name not in _WHERE:
        raise AttributeError(f"module 'synthtext' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"synthtext.{_WHERE[name]}"), name)
