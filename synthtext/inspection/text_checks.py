"""What is wrong with the text of a label."""

from __future__ import annotations

import unicodedata

from synthtext.text.invisible import needless, without_idle
from synthtext.text.scripts import script_of

_HARMLESS = frozenset("\n")


_LOOKALIKE = ("Latn", "Cyrl", "Grek")


def text_troubles(text: str) -> list[tuple[str, str]]:
    """(kind, what exactly) of everything that is wrong with a label; kinds as in `checklist`."""
    if not without_idle(text).strip():
        return [("empty", repr(text))]
    found = []
    if text.isascii():
        controls = [c for c in text if not c.isprintable() and c not in _HARMLESS]
    else:
        controls = [
            c
            for c in text
            if c == "\ufffd" or (unicodedata.category(c) in ("Cc", "Cs", "Co", "Cn") and c not in _HARMLESS)
        ]
        if unseen := needless(text):
            found.append(("invisible", f"U+{ord(unseen):04X} in {text!r}"))
        if not unicodedata.is_normalized("NFC", text):
            found.append(("not_nfc", repr(text)))
        for word in text.split():
            if not word.isascii() and len({s for c in word if c.isalpha() and (s := script_of(c)) in _LOOKALIKE}) > 1:
                found.append(("mixed_scripts", repr(word)))
    if controls:
        found.append(("control", f"U+{ord(controls[0]):04X} in {text!r}"))
    if any(line != line.strip() or "  " in line for line in text.split("\n")):
        found.append(("blanks", repr(text)))
    return found


def is_plain(text: str) -> bool:
    """Whether a label is so ordinary that `text_troubles` need not look at it."""
    return text.isascii() and text.isprintable() and text != "" and " " not in text
