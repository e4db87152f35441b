"""The source `url`: web addresses, handles, hashtags."""

from __future__ import annotations

from synthtext.core.rng import Draws
from synthtext.text.composed import Context, fill, magnitude, pattern
from synthtext.text.source_base import Composed
from synthtext.text.web import ascii_word, host

SOURCE = {"name": "url", "help": "web addresses, handles, hashtags", "maker": "Urls"}


def url(draws: Draws, context: Context) -> str:
    """A web address, a handle or a hashtag."""
    form = draws.random()
    if form < 0.1:
        return (
            "@"
            + ascii_word(draws, context)
            + draws.choice(("", "", "_" + ascii_word(draws, context), str(draws.integer(99))))
        )
    if form < 0.2:
        word = ascii_word(draws, context)
        return "#" + draws.choice((word, word.title(), word.upper(), word.title() + ascii_word(draws, context).title()))
    text = draws.choice(("www.", "www.", "www.", "", "", "http://", "https://", "https://www.")) + host(draws, context)
    tail = draws.random()
    if tail < 0.12:
        text += "/" + ascii_word(draws, context)
    elif tail < 0.18:
        text += "/" + ascii_word(draws, context) + draws.choice((".html", ".php", "/", "?id=" + magnitude(draws, 4)))
    elif tail < 0.22:
        text += "/" + fill(draws, pattern("XaX0aa"))
    style = draws.random()
    return text.upper() if style < 0.08 else "WWW." + text[4:] if style < 0.14 and text.startswith("www.") else text


class Urls(Composed):
    """Composes the source `url`."""

    needs_words = True
    any_script = True
    compose = staticmethod(url)
