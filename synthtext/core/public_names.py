"""Public modules under the names that they have in the documents, wherever in the package they lie."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

NAMES = {
    "synthtext.caption": "synthtext.crop.caption",
    "synthtext.distributed": "synthtext.dataset.distributed",
    "synthtext.progress": "synthtext.runtime.progress",
    "synthtext.report": "synthtext.inspection.report",
    "synthtext.workers": "synthtext.runtime.workers",
}


class _Public(MetaPathFinder, Loader):
    """Finds a module by its public name: the one module there is, under both names."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return ModuleSpec(name, self) if name in NAMES else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = import_module(NAMES[spec.name])
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """It has run already, under its own name, and keeps its own spec."""
        assert module.__spec__ is not None
        module.__spec__ = module.__spec__.loader_state


def provide() -> None:
    """Let `import synthtext.report` and the like find what they name."""
    if not any(isinstance(finder, _Public) for finder in sys.meta_path):
        sys.meta_path.append(_Public())
