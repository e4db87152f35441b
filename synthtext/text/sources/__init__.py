"""The sources of text, one a file, each declared by it as `SOURCE`."""

from __future__ import annotations

from synthtext.core.declared import Choice, choices

# In this order the composed sources stand where one is drawn for a place within a line: another order draws others.
# Those that it does not name follow by name; where a configuration gives them no weight, they move nothing.
_ORDER = (
    *("word", "file", "number", "price", "date", "time", "phone", "code", "plate", "email", "url", "acronym", "random"),
    "receipt",
)


def _found() -> dict[str, Choice]:
    found = choices(__name__, __path__, "SOURCE")
    return {name: found[name] for name in (*_ORDER, *sorted(found.keys() - set(_ORDER)))}


#: Every source by its name in `text.sources`.
SOURCES = _found()
