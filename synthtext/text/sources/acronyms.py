"""The source `acronym`: initials, also with points, figures and strokes."""

from __future__ import annotations

import string

from synthtext.core.rng import Draws
from synthtext.text.composed import Context, Table, fill, upper
from synthtext.text.source_base import Composed
from synthtext.text.web import ascii_word

SOURCE = {"name": "acronym", "help": "initials, also with points, figures and strokes", "maker": "Acronyms"}


def _initials(draws: Draws, context: Context) -> str:
    """Two to five capitals with the frequency that initials have; Latin ones for a script without capitals."""
    n = draws.choice((2, 3, 3, 3, 4, 4, 5))
    language = context.locale.language
    if language.cased and not language.latin:
        return "".join([upper(context.word(draws)[:1], context)[:1] for _ in range(n)])
    if draws.chance(0.25):
        return fill(draws, (string.ascii_uppercase,) * n)
    return "".join([ascii_word(draws, context)[0] for _ in range(n)]).upper()


def _composed_acronym(draws: Draws, context: Context) -> str:
    letters = _initials(draws, context)
    form = draws.integer(8)
    if form == 0:
        return ".".join(letters) + "."
    if form == 1:
        return letters[0] + draws.choice(("&", " & ", "/", "+")) + letters[1:]
    if form == 2:
        return letters + "-" + str(1 + draws.integer(20))
    if form == 3:
        return letters + str(1 + draws.integer(9))
    if form == 4:
        return letters + "s"
    if form == 5:
        return letters[:2] + draws.choice("24") + letters[2:4]
    if form == 6:
        return f"({letters})"
    return letters + "/" + _initials(draws, context)


acronym = Table((70, _initials), (30, _composed_acronym))


class Acronyms(Composed):
    """Composes the source `acronym`."""

    needs_words = True
    inline = True
    any_script = True
    compose = staticmethod(acronym)
