"""The source `phone`: telephone numbers, sometimes with a label."""

from __future__ import annotations

from synthtext.core.rng import Draws
from synthtext.text.composed import Context, fill, label_text, patterns
from synthtext.text.source_base import Composed

SOURCE = {"name": "phone", "help": "telephone numbers, sometimes with a label", "maker": "Phones"}

_PHONES = patterns("""
{(}100{)} 100-0000 | {(}100{)}100-0000 | 100-100-0000 | 100.100.0000 | 100 100 0000 | {+1} 100 100 0000
{+1} {(}100{)} 100-0000 | {1-800-}000-0000 | {1 800} 000 000 | {0800} 000 0000 | {0800} 000000
{+44} {20} 0000 0000 | {+44} {(0)}100 000 0000 | {07}000 000000 | {020} 0000 0000 | {+49} 100 0000000
{+49} {(0)} 10 000000 | {0}100 000000 | {0}10 0000000 | {0}10/000000-0 | {0}100-000000 | {0}1 00 00 00 00
{0}1.00.00.00.00 | {+33} 1 00 00 00 00 | {+34} 100 000 000 | 100 00 00 00 | {+39} {0}1 00000000
{+31} 10 0000000 | {+41} 10 000 00 00 | {+7} {(}100{)} 000-00-00 | {+81-}1-0000-0000 | {03-}0000-0000
{+86} {1}00 0000 0000 | {+91} 10000 00000 | {+61} 1 0000 0000 | {+55} {(}11{)} {9}0000-0000 | {+971} 1 000 0000
100-0000 | 100 0000 | 1000000000 | {+}110000000000 | {00}11 100 000000 | {1}10 | {911} | {112} | {*}100{#}
{ext.} 1000
""")


def phone(draws: Draws, context: Context) -> str:
    """A telephone number, sometimes with its label."""
    text = fill(draws, draws.choice(_PHONES))
    label = label_text(draws, context, "phone") if draws.chance(0.12) else ""
    return f"{label}{draws.choice(('', ':', ':'))} {text}" if label else text


class Phones(Composed):
    """Composes the source `phone`."""

    inline = True
    compose = staticmethod(phone)
