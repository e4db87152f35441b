"""The source `number`: whole numbers, decimals, percentages, measures, fractions, scores."""

from __future__ import annotations

import string

from synthtext.core.rng import Draws
from synthtext.text.composed import NONZERO, Context, Table, any_of, fill, grouped, magnitude, marks, words
from synthtext.text.han_numbers import han_number
from synthtext.text.source_base import Composed

SOURCE = {
    "name": "number",
    "help": "whole numbers, decimals, percentages, measures, fractions, scores",
    "maker": "Numbers",
}


def _decimal(draws: Draws, context: Context) -> str:
    whole = magnitude(draws, 3) if draws.chance(0.75) else "0"
    return whole + marks(draws, context)[1] + fill(draws, (string.digits,) * (1 + draws.integer(3)))


def _large(draws: Draws, context: Context) -> str:
    digits = fill(draws, (NONZERO,) + (string.digits,) * (3 + draws.integer(6)))
    return grouped(digits, marks(draws, context)[0], context)


def _signed(draws: Draws, context: Context) -> str:
    number = _decimal(draws, context) if draws.chance(0.4) else magnitude(draws, 3)
    return draws.choice(("-", "-", "+", "+", "−", "±", "<", ">", "~")) + number


def _percent(draws: Draws, context: Context) -> str:
    if draws.chance(0.3):
        number = _decimal(draws, context)
    else:
        number = draws.choice(("5", "10", "15", "20", "25", "30", "40", "50", "60", "70", "75", "80", "90", "100"))
    return draws.choice(("", "", "", "-", "-", "+")) + number + draws.choice(("%", "%", "%", "%", " %", "‰"))


def _ordinal(draws: Draws, context: Context) -> str:
    n = 1 + draws.integer(100 if draws.chance(0.3) else 31)
    if not context.locale.language.english:
        return draws.choice(context.locale.language.ordinals).format(n)
    ending = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{draws.choice((ending, ending, ending.upper(), '.', 'º', 'ª', '°'))}"


def _fraction(draws: Draws, context: Context) -> str:
    if draws.chance(0.2):
        return draws.choice(("", "1", "2", "3")) + draws.choice("½¼¾")
    whole = draws.choice(("", "", "1 ", "2 ", "3-"))
    below = draws.choice((2, 3, 4, 5, 8, 10, 16, 32))
    return f"{whole}{1 + draws.integer(below - 1)}/{below}"


_UNITS = words("""
g kg mg ml l L cl cm mm m km km/h mph kW W V A Hz GHz MB GB TB kcal kJ oz lb lbs ft in mi °C °F ° m² m³ min h px dB
bar psi rpm mAh kWh % x pcs km² µg Ω K M yrs " t
""")


def _measure(draws: Draws, context: Context) -> str:
    number = _decimal(draws, context) if draws.chance(0.35) else magnitude(draws, 3)
    if not context.locale.language.latin and context.locale.units:
        return draws.choice(context.locale.units).replace("{0}", number)
    return number + draws.choice(("", " ")) + draws.choice(_UNITS)


def _size(draws: Draws, context: Context) -> str:
    by = draws.choice(("x", "x", " x ", "×", " × ", "X", "*"))
    parts = [magnitude(draws, 3) for _ in range(2 + draws.chance(0.3))]
    return by.join(parts) + draws.choice(("", "", " cm", " mm", "cm", "mm", '"', " in"))


def _numeral(draws: Draws, context: Context) -> str:
    """A number in numerals that are no digits: of Rome, of Han; elsewhere in digits."""
    n = 1 + draws.integer(30) if draws.chance(0.7) else 1800 + draws.integer(225)
    language = context.locale.language
    if not language.latin:
        return han_number(n) if language.script in ("Hans", "Hant", "Jpan") else str(n)
    text = ""
    for value, letters in (
        *((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL")),
        *((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")),
    ):  # fmt: skip
        text += letters * (n // value)
        n %= value
    return text


def _span(draws: Draws, context: Context) -> str:
    low = 1 + draws.integer(90)
    return f"{low}{draws.choice('-–')}{low + 1 + draws.integer(40)}"


number = Table(
    (24, lambda d, c: magnitude(d, 5)),
    (
        8,
        any_of(
            """
00 | 000 | 0000 | 00000 | 000000 | {#}0 | {#}10 | {#}100 | 10{+} | 100{+} | (10) | 10. | 10{)} | {x}1
1{x} | 1{×}
"""
        ),
    ),
    (12, _decimal),
    (12, _large),
    (5, _signed),
    (10, _percent),
    (6, _ordinal),
    (5, _fraction),
    (12, _measure),
    (4, _size),
    (3, _numeral),
    (3, _span),
    (
        2,
        any_of("""
0:0 | 1-0 | 2:1 | 10/10 | 1.1.1 | 10.1 | 1.0.00 | 10{°}00{'}00{"}
"""),
    ),
)


class Numbers(Composed):
    """Composes the source `number`."""

    inline = True
    compose = staticmethod(number)
