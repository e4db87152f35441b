"""The reference of all configuration keys as Markdown, made from the structs of config.py, so that it keeps up."""

from __future__ import annotations

import inspect
import json
import re

import msgspec

from synthtext.config import Config
from synthtext.core.section import Section, fields_of

_HEAD = """# Configuration

Every key, its default, and what it means; made by `synthtext schema --markdown`. `synthtext schema` prints the JSON
schema, for editors that complete and check YAML.

A file may say `extends: PRESET_OR_PATH` and then only what differs. Sections merge key by key; tables of weights, lists
and ranges are replaced as a whole. A single number stands for a range of one value, and, for an effect, for its share:
`jpeg: 0.8` leaves the strength as it is. On the command line: `--set section.key=value`, the value in YAML.

A value that cannot be is refused in one sentence, which names the `--set`, the file or the preset that gave it, the
key, and what to write; in Python (`ImageConfig(height=4)`) where the section is made. Every range and every strength
has limits. `1e7` is a number, as in YAML 1.2; a key that stands twice in a file is an error. `--set` of a key that
holds a text takes it as it stands: `--set text.charset=@digits` (a file needs quotes there: `charset: "@digits"`).

An effect is `{share: S, strength: [LOW, HIGH]}`: applied to the share S of the samples, with a strength drawn from the
range. A table of weights is `{name: weight, ...}`: relative, they need not sum to anything.
"""


def markdown() -> str:
    """The reference: a section a struct, with its docstring, a table of keys and defaults, and what the choices are."""
    return "\n".join([_HEAD, *_section(Config, "")]).rstrip() + "\n"


def _section(section: type[Section], path: str) -> list[str]:
    lines = [f"## {path}", "", _prose(section), ""] if path else []
    rows, told, below = [], [], []
    for field in fields_of(section).values():
        if field.form == "section":
            below += _section(field.kind, field.path)
        else:
            rows.append(f"| `{field.path}` | `{_yaml(field.default)}` |")
        if field.told:
            told += [f"| in `{field.path}` | what it is |", "| --- | --- |"]
            told += [*(f"| `{name}` | {text} |" for name, text in field.told.items()), ""]
    if rows:
        lines += ["| key | default |", "| --- | --- |", *rows, ""]
    return lines + told + below


def _prose(section: type[Section]) -> str:
    """The docstring, each paragraph that begins with a key as an item of a list."""
    text = inspect.cleandoc(section.__doc__ or "")
    return re.sub(r"(?<!\n)\n(?=`\w+`[^\n]*:)", "\n\n", text)


def _yaml(value: object) -> str:
    """A default in YAML's flow style."""
    value = msgspec.to_builtins(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_yaml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_yaml, value)) + "]"
    if isinstance(value, str):
        return value or '""'
    return json.dumps(value)
