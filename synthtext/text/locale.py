"""How a language writes numbers, money, dates and times: what CLDR has of it, by Babel, and what its file adds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from synthtext.text.invisible import without_idle
from synthtext.text.languages import Language, language_of

# Where the digits of CLDR's numbering systems begin. Those of Han are no digits of a place-value system in use.
_DIGITS = {
    "arab": 0x0660,
    "arabext": 0x06F0,
    "deva": 0x0966,
    "beng": 0x09E6,
    "guru": 0x0A66,
    "gujr": 0x0AE6,
    "orya": 0x0B66,
    "tamldec": 0x0BE6,
    "telu": 0x0C66,
    "knda": 0x0CE6,
    "mlym": 0x0D66,
    "thai": 0x0E50,
    "laoo": 0x0ED0,
    "tibt": 0x0F20,
    "mymr": 0x1040,
    "khmr": 0x17E0,
}
_SKELETONS = ("yMMMd", "yMMMM", "yMMM", "MMMd", "MMMMd", "MMMEd", "yMMMEd", "yMMMMd")
_UNITS = (
    *("mass-gram", "mass-kilogram", "volume-liter", "volume-milliliter", "length-meter", "length-centimeter"),
    *("length-millimeter", "length-kilometer", "speed-kilometer-per-hour", "power-watt", "temperature-celsius"),
    *("area-square-meter", "duration-hour", "duration-minute", "duration-second", "duration-day", "duration-week"),
    *("duration-month", "duration-year", "digital-gigabyte", "digital-megabyte", "energy-kilocalorie"),
)


class Names(NamedTuple):
    """Names of months or days: `wide` and `short` within a date, `alone` by themselves."""

    wide: tuple[str, ...]
    short: tuple[str, ...]
    alone: tuple[str, ...]


class Locale(NamedTuple):
    """Habits of a language.

    `grouping`: digits of the last group of a number, and of those before it. `currencies`: symbols and names, as often
    as listed; `unit_first`: whether they stand before the amount. `dates`: patterns of dates with the month in words,
    in the letters of CLDR; `order` of the figures of others: dmy, mdy or ymd. `era`: the Gregorian one's name.
    `periods`: the halves of the day, where times of twelve hours are usual; `period_first`: whether they stand before
    the time. `units`: measures, `{0}` standing for the number; `kilogram`, `hours`, `minutes`: some of
    them, "" where the script has none.
    `digits`: by which a text is brought into the script's own digits and signs, None where it stays as it is.
    """

    language: Language
    thousands: str
    decimal: str
    grouping: tuple[int, int]
    currencies: tuple[str, ...]
    unit_first: bool
    months: Names
    days: Names
    dates: tuple[str, ...]
    order: str
    era: str
    periods: tuple[str, ...]
    period_first: bool
    units: tuple[str, ...]
    kilogram: str
    hours: str
    minutes: str
    digits: dict[int, str] | None = None

    @property
    def space(self) -> str:
        """What stands between words."""
        return self.language.space


@cache
def locale_of(code: str) -> Locale:
    """The habits of a language. Raises InputError for one that is not known."""
    from babel.core import Locale as Cldr  # here, not above: --help should not pay for it
    from babel.numbers import get_currency_symbol

    language = language_of(code)
    cldr = Cldr.parse(language.cldr)
    symbols = cldr.number_symbols["latn"]
    money = [_plain(get_currency_symbol(currency, cldr)).replace("￥", "¥") for currency in language.currencies]
    money = [unit for unit in (*money, *language.currency_words) if language.latin or language.writes(unit)]
    months, days = _names(cldr.months, range(1, 13)), _names(cldr.days, range(7))
    short_date = _plain(cldr.date_formats["short"].pattern)
    patterns = [cldr.date_formats[length].pattern for length in ("full", "long", "medium")]
    patterns += [cldr.datetime_skeletons[name].pattern for name in _SKELETONS if name in cldr.datetime_skeletons]
    dates = tuple(p for p in dict.fromkeys(map(_plain, patterns)) if not set(_letters(p)) - set("yMLdEcG"))
    short_time = _letters(cldr.time_formats["short"].pattern)
    halves = tuple(_plain(cldr.day_periods["format"]["abbreviated"][half]) for half in ("am", "pm"))
    units = {name: _unit(cldr, name) for name in _UNITS}
    units = {name: unit for name, unit in units.items() if unit and language.writes(unit)}
    return Locale(
        language=language,
        thousands=_plain(symbols["group"]),
        decimal=_plain(symbols["decimal"]),
        grouping=tuple(cldr.decimal_formats[None].grouping),
        currencies=tuple(money) or ("$", "€"),
        unit_first=_plain(cldr.currency_formats["standard"].pattern).startswith("¤"),
        months=months,
        days=days,
        dates=() if language.english else dates,
        order="".join(dict.fromkeys(c for c in _letters(short_date).replace("L", "M").lower() if c in "dmy")),
        era=_plain(cldr.eras["abbreviated"][1]),
        periods=halves if {"a", "B"} & set(short_time) and all(map(language.writes, halves)) else (),
        period_first=short_time[0] in "aB",
        units=tuple(units.values()),
        kilogram=units.get("mass-kilogram", ""),
        hours=units.get("duration-hour", ""),
        minutes=units.get("duration-minute", ""),
    )


@cache
def native_of(code: str) -> Locale | None:
    """The habits of a language with the digits of its script; None where it has none."""
    from babel.core import Locale as Cldr

    plain = locale_of(code)
    cldr = Cldr.parse(plain.language.cldr)
    systems = (cldr.default_numbering_system, cldr.other_numbering_systems.get("native", ""))
    system = next((name for name in systems if name in _DIGITS), "")
    if not system:
        return None
    symbols: dict[str, Any] = {**cldr.number_symbols["latn"], **cldr.number_symbols.get(system, {})}
    digits = {ord(str(i)): chr(_DIGITS[system] + i) for i in range(10)}
    digits[ord("%")] = _plain(symbols["percentSign"])
    return plain._replace(thousands=_plain(symbols["group"]), decimal=_plain(symbols["decimal"]), digits=digits)


def _names(names: Mapping[str, Any], numbers: range) -> Names:
    within, alone = names["format"], names["stand-alone"]
    return Names(
        *(tuple(_plain(table[i]) for i in numbers) for table in (within["wide"], within["abbreviated"], alone["wide"]))
    )


def _unit(cldr: Any, name: str) -> str:
    """The short form of a unit, such as `{0} kg`; "" for none."""
    return _plain(cldr._data.get("unit_patterns", {}).get(name, {}).get("short", {}).get("other", ""))


def _plain(text: str) -> str:
    """Without marks of direction, with a plain space for any other; a mark of grouping may be that space alone."""
    return re.sub(r"\s", " ", without_idle(str(text)))


_LITERAL = re.compile(r"'[^']*'")


def _letters(pattern: str) -> str:
    """The letters of a pattern's fields, without what it means literally."""
    return "".join(c for c in _LITERAL.sub("", pattern) if c.isascii() and c.isalpha())
