"""The source `email`: e-mail addresses."""

from __future__ import annotations

import string

from synthtext.core.rng import Draws
from synthtext.text.composed import Context, words
from synthtext.text.source_base import Composed
from synthtext.text.web import ascii_word, host

SOURCE = {"name": "email", "help": "e-mail addresses", "maker": "Emails"}

_STEMS = words("info contact sales support office mail hello service admin press jobs orders team booking help")


def email(draws: Draws, context: Context) -> str:
    """An e-mail address."""
    form = draws.integer(8)
    if form <= 2:
        user = draws.choice(_STEMS)
    elif form <= 4:
        user = ascii_word(draws, context) + draws.choice("..._-") + ascii_word(draws, context)
    elif form == 5:
        user = draws.choice(string.ascii_lowercase) + draws.choice((".", "")) + ascii_word(draws, context)
    else:
        user = ascii_word(draws, context) + ("" if draws.chance(0.5) else str(draws.integer(2030)))
    text = f"{user}@{host(draws, context)}"
    style = draws.random()
    return (
        text.upper()
        if style < 0.06
        else draws.choice(("E-mail: ", "Email: ", "mail: ")) + text
        if style < 0.1
        else text
    )


class Emails(Composed):
    """Composes the source `email`."""

    needs_words = True
    any_script = True
    compose = staticmethod(email)
