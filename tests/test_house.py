"""The structure of the package: folders are the flow, nothing imports against it, each module has its own name."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import synthtext

ROOT = Path(synthtext.__file__).parent

# From what is used by all to what is used by nothing: a module imports only from its own line's folder or those above.
# A line that names a module takes it out of its folder: a kind's own part of the configuration is read before the kind.
FLOW = """
core
text
typeset
geometry
raster
labels
paint
degrade
effects
crop.image_config scene.scene_config
config
sample
arrays
crop
scene
generator split
formats
targets
runtime
stream
torch
dataset
inspection
tools
cli
__main__
"""
RANK = {name: rank for rank, line in enumerate(FLOW.split("\n")) for name in line.split()}
# Names that the documents have, for what lies deeper.
PUBLIC = {"split", "torch"}


def modules() -> dict[str, Path]:
    """Every module below the package by its name within it; a folder's `__init__` has the folder's."""
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports() -> dict[str, set[str]]:
    """Which modules of the package each module imports, at its head or within a function."""
    known = modules()
    found: dict[str, set[str]] = {}
    for name, path in known.items():
        targets = found.setdefault(name, set())
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "synthtext":
                base = (node.module or "").partition(".")[2]
                for alias in node.names:
                    inner = f"{base}.{alias.name}".strip(".")
                    targets.add(inner if inner in known else base)
            elif isinstance(node, ast.Import):
                targets |= {a.name.partition(".")[2] for a in node.names if a.name.startswith("synthtext.")}
    return found


def place(name: str) -> str:
    """What of FLOW a module belongs to."""
    return name if name in RANK else name.partition(".")[0]


def test_every_module_has_a_place_in_the_flow():
    assert {place(name) for name in modules()} - {""} == set(RANK)


def test_nothing_imports_against_the_flow():
    against = [
        f"{name} imports {target}"
        for name, targets in imports().items()
        for target in targets
        if name and target and place(name) != place(target) and RANK[place(target)] >= RANK[place(name)]
    ]
    assert not against


def test_no_modules_import_each_other_in_a_circle():
    left = imports()
    while ends := [name for name, targets in left.items() if not targets & left.keys() - {name}]:
        for name in ends:
            del left[name]
    assert not left


def test_the_root_holds_few_modules():
    assert len(list(ROOT.glob("*.py"))) <= 8


def test_no_two_modules_share_a_name():
    names = Counter(name.rpartition(".")[2] for name in modules() if name not in PUBLIC)
    # A folder and the module that it is known for may: stream/stream.py.
    twice = {name for name, count in names.items() if count > 1} - {"stream", "degrade"}
    assert not twice


def test_all_but_kernels_says_its_types():
    """Numba finds a kernel's types by itself; mypy is told to let functions without any pass."""
    untyped = []
    for name, path in modules().items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and not is_kernel(node):
                args = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                bare = [arg.arg for arg in args if arg.annotation is None and arg.arg not in ("self", "cls")]
                if bare or node.returns is None:
                    untyped.append(f"{name}.{node.name}")
    assert not untyped


def is_kernel(node: ast.FunctionDef) -> bool:
    """Whether a function is compiled by Numba: `@kernel`, `@part`, or an overload of Numba's."""
    text = [ast.unparse(decorator) for decorator in node.decorator_list]
    return any(name in ("kernel", "part") or name.startswith(("intrinsic", "overload")) for name in text)
