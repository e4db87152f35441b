"""What the modules of a package declare of themselves, read without importing any.

A format, a detector's target, a kind of sample, a source of text, a group or a setting of scenes is one file. At its
head stands a literal, such as `TAKES = "quads"`, from which the lists of what there is follow: adding a file adds to
them, and the command line needs not load what it only names.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple


def declared(folders: Iterable[str], key: str, files: str = "*.py") -> dict[Path, Any]:
    """The literal `key = ...` of each module in `folders` that has one, by its file, sorted.

    `folders`: a package's `__path__`. `files`: which of them are looked at, a pattern.
    """
    found = {}
    for path in sorted(path for folder in folders for path in Path(folder).glob(files)):
        text = path.read_text(encoding="utf-8")
        if f"\n{key} = " in text:
            for node in ast.parse(text).body:
                if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == key for t in node.targets):
                    found[path] = ast.literal_eval(node.value)
    return found


class Choice(NamedTuple):
    """One of those that a key of the configuration lets choose from: what its file declares of it.

    `help`: what it is, for the documents. `maker`: what makes it, in `module`.
    """

    name: str
    help: str
    maker: str
    module: str

    def load(self) -> Any:
        """What makes it, imported only now."""
        return getattr(import_module(self.module), self.maker)


def choices(package: str, folders: Iterable[str], key: str) -> dict[str, Choice]:
    """What the modules of a package declare as `key = {"name": ..., "help": ..., "maker": ...}`, by name, sorted."""
    found: dict[str, Choice] = {}
    for path, literal in declared(folders, key).items():
        choice = Choice(**literal, module=f"{package}.{path.stem}")
        if choice.name in found:
            raise ValueError(f"{path}: {choice.name!r} is declared by {found[choice.name].module}, too; rename one")
        found[choice.name] = choice
    return dict(sorted(found.items()))
