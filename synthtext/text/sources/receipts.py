"""The source `receipt`: items, totals and taxes of receipts, fields of forms."""

from __future__ import annotations

from synthtext.core.rng import Draws
from synthtext.text.composed import Composer, Context, Table, label_text, upper
from synthtext.text.letter_case import capitalised, titled
from synthtext.text.source_base import Composed
from synthtext.text.sources.codes import numbered
from synthtext.text.sources.dates import named_date, numeric_date
from synthtext.text.sources.numbers import number
from synthtext.text.sources.phones import phone
from synthtext.text.sources.prices import amount_text, money
from synthtext.text.sources.times import clock

SOURCE = {"name": "receipt", "help": "items, totals and taxes of receipts, fields of forms", "maker": "Receipts"}


def _name(draws: Draws, context: Context) -> str:
    """Goods on a receipt: one to three words in one case."""
    words = context.locale.space.join([context.word(draws) for _ in range(draws.choice((1, 2, 2, 3)))])
    return upper(words, context) if draws.chance(0.55) else titled(words, context.locale.language)


def _line_item(draws: Draws, context: Context) -> str:
    text, amount = _name(draws, context), amount_text(draws, context, 1.0)
    form = draws.integer(6)
    if form == 0:
        return f"{1 + draws.integer(9)} x {text} {amount}"
    if form == 1:
        return f"{1 + draws.integer(9)} {text} {amount}"
    if form == 2:
        return f"{text} {money(draws, context)}"
    if form == 3:
        return f"{text} {amount} {draws.choice('ABTF*')}"
    if form == 4:
        return f"{1 + draws.integer(9)} x {amount}"
    return f"{text} {amount}"


def _sum(draws: Draws, context: Context) -> str:
    kind = draws.choice(("total", "total", "total", "subtotal", "cash", "change"))
    label = label_text(draws, context, kind) or label_text(draws, context, "total")
    amount = money(draws, context) if draws.chance(0.5) else amount_text(draws, context, 1.0)
    return f"{label}{draws.choice((':', '', ''))} {amount}" if label else amount


def _tax(draws: Draws, context: Context) -> str:
    rate = draws.choice(("5", "7", "8", "10", "19", "20", "21", "22", "5.5", "8.25"))
    rate = rate.replace(".", context.locale.decimal)
    label = label_text(draws, context, "tax")
    return f"{label} {rate}{draws.choice(('%', ' %'))} {amount_text(draws, context, 1.0)}".strip()


_VALUES: tuple[Composer, ...] = (numeric_date, money, clock, phone, named_date, _name, number)


def _field(draws: Draws, context: Context) -> str:
    """A form's field: a word, a colon, and what was filled in."""
    label = context.word(draws)
    label = upper(label, context) if draws.chance(0.3) else capitalised(label, context.locale.language) if label else ""
    value = draws.choice(_VALUES)(draws, context)
    return f"{label}: {value}"


def _quantity(draws: Draws, context: Context) -> str:
    label = label_text(draws, context, "quantity")
    return f"{label}: {1 + draws.integer(20)}" if label else f"{1 + draws.integer(20)} ×"


receipt = Table(
    (42, _line_item),
    (20, _sum),
    (8, _tax),
    (14, _field),
    (5, _quantity),
    (6, lambda d, c: f"{numeric_date(d, c)} {clock(d, c)}"),
    (5, numbered),
)


class Receipts(Composed):
    """Composes the source `receipt`."""

    needs_words = True
    compose = staticmethod(receipt)
