"""The source `price`: amounts of money, with what they are for."""

from __future__ import annotations

import string

from synthtext.core.rng import Draws
from synthtext.text.composed import Context, Table, any_of, fill, grouped, label_text, magnitude, marks, words
from synthtext.text.source_base import Composed

SOURCE = {"name": "price", "help": "amounts of money, with what they are for", "maker": "Prices"}

_BEFORE = frozenset("$£€¥₹₩₦₱") | {"US$", "A$", "C$", "R$", "HK$", "S$", "Rs.", "Rs"}
_ALL_CURRENCIES = words("""
$ € £ ¥ ₹ CHF kr zł Kč ₽ ₺ ₩ R$ A$ C$ US$ HK$ EUR USD GBP JPY CAD AUD SEK NOK DKK PLN INR Rs. lei Ft ₪ ฿ ₫ ₱ RM R ₴
""")


def amount_text(draws: Draws, context: Context, cents: float = 0.8) -> str:
    """A number of a currency's units; `cents`: how often with its hundredths."""
    thousands, decimal = marks(draws, context)
    digits = magnitude(draws, 3) if draws.chance(0.85) else magnitude(draws, 6)
    text = grouped(digits, thousands, context)
    if draws.chance(cents):
        usual = draws.choice(("99", "95", "50", "00", "49", "90", "", "", ""))
        text += decimal + (usual or fill(draws, (string.digits, string.digits)))
    return text


def _currency(draws: Draws, context: Context) -> str:
    return draws.choice(context.locale.currencies if draws.chance(0.7) else _ALL_CURRENCIES)


def _stands_before(unit: str, context: Context) -> bool:
    """Whether a currency mostly stands before the amount."""
    language = context.locale.language
    if not language.latin and unit in context.locale.currencies:
        return context.locale.unit_first and unit not in language.currency_words
    return unit in _BEFORE and context.locale.decimal == "."


def money(draws: Draws, context: Context) -> str:
    """An amount with its currency."""
    unit, text = _currency(draws, context), amount_text(draws, context)
    if draws.chance(0.8 if _stands_before(unit, context) else 0.25):
        return unit + ("" if unit in _BEFORE and draws.chance(0.85) else " ") + text
    return text + ("" if not unit.isalpha() and draws.chance(0.5) else " ") + unit


def _per(draws: Draws, context: Context) -> str:
    language = context.locale.language
    if language.english:
        by = draws.choice(("/kg", "/lb", "/m²", "/100 g", "/mo", "/h", " each", " ea.", "/L", " p.p.", "/day", "/pc"))
    elif language.latin:
        by = draws.choice(("/kg", "/m²", "/100 g", "/h", "/l"))
    else:
        by = context.locale.kilogram.replace("{0}", "/").replace("/ ", "/")
    return money(draws, context) + by


def _offer(draws: Draws, context: Context) -> str:
    n = 2 + draws.integer(4)
    between = draws.choice(("for", "for", "x", "FOR", "/")) if context.locale.language.english else draws.choice("x×/")
    return f"{n} {between} {money(draws, context)}"


def _labelled_price(draws: Draws, context: Context) -> str:
    return f"{label_text(draws, context, 'price')} {money(draws, context)}".strip()


price = Table(
    (60, money),
    (14, lambda d, c: amount_text(d, c, 1.0)),
    (7, _per),
    (
        6,
        any_of("""
0{,-} | 10{,-} | 100{,-} | 10{.-} | 10{,–} | 10{¢} | 1{¢} | 10{p} | 1{.–} | 100{:-}
"""),
    ),
    (4, _offer),
    (5, _labelled_price),
    (4, lambda d, c: d.choice(("-", "-", "−", "+", "- ")) + money(d, c)),
)


class Prices(Composed):
    """Composes the source `price`."""

    inline = True
    compose = staticmethod(price)
