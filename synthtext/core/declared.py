"""What the modules of a package declare of themselves, read without importing any.

A format, a detector's target or a kind of sample is one file. At its head stands a literal, such as `TAKES = "quads"`,
from which the lists of what there is follow: adding a file adds to them, and the command line needs not load what it
only names.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path
from typing import Any


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
