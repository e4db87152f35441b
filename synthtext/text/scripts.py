"""The script of a character."""

from __future__ import annotations

import unicodedata


def script_of(c: str) -> str:
    """The first word of a character's Unicode name (of a letter, its script, as a rule); "?" without a name."""
    return unicodedata.name(c, "?").split(" ", 1)[0]
