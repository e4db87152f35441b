"""The script of a character (UAX #24), by its ISO 15924 code, and what of a text is in which script."""

from __future__ import annotations

from synthtext.text.unicode_data import Property, spans

COMMON, INHERITED, UNKNOWN = "Zyyy", "Zinh", "Zzzz"
_SCRIPT = Property("script", UNKNOWN)
#: What is of no script of its own: it goes with what stands beside it.
SHARED_SCRIPTS = frozenset((COMMON, INHERITED, UNKNOWN))


def script_of(c: str) -> str:
    """Of a character: "Latn", "Arab", "Hani" ...; "Zyyy" for what several share, "Zinh" for marks that take the script
    of what they stand on, "Zzzz" for what is in none."""
    return _SCRIPT[c]


def _closings() -> dict[str, str]:
    """Of each closing bracket, the opening one."""
    return {chr(closing): chr(opening) for opening, closing in spans("bracket", "pairs")}


_OPENING = _closings()
_OPENINGS = frozenset(_OPENING.values())


def script_runs(text: str) -> list[tuple[int, int, str]]:
    """(first, last + 1, script) of each run of one script, in order.

    What several scripts share goes with what stands before it, at the beginning with what comes after; a closing
    bracket goes with its opening one. A text of such characters alone is "Zyyy".
    """
    own = [script_of(c) for c in text]
    last = next((script for script in own if script not in SHARED_SCRIPTS), COMMON)
    found: list[tuple[int, int, str]] = []
    opened: list[tuple[str, str]] = []
    for i, (c, script) in enumerate(zip(text, own, strict=True)):
        if script in SHARED_SCRIPTS:
            script = last
            if c in _OPENINGS:
                opened.append((c, script))
            elif c in _OPENING:
                while opened:
                    bracket, outer = opened.pop()
                    if bracket == _OPENING[c]:
                        script = outer
                        break
        last = script
        if found and found[-1][2] == script:
            found[-1] = found[-1][0], i + 1, script
        else:
            found.append((i, i + 1, script))
    return found
