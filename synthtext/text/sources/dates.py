"""The source `date`: dates, in figures and in words."""

from __future__ import annotations

import datetime
import re
from typing import NamedTuple

from synthtext.core.rng import Draws
from synthtext.text.calendars import CALENDARS
from synthtext.text.composed import Context, Table, label_text, pictures, upper
from synthtext.text.han_numbers import han_digits, han_number
from synthtext.text.source_base import Composed

SOURCE = {"name": "date", "help": "dates, in figures and in words", "maker": "Dates"}

_DAYS_OF = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FIELD = re.compile(r"'([^']*)'|(y+|[ML]+|d+|E+|c+|G+)")
_ERA_BEFORE_YEAR = ("japanese", "roc")


class _When(NamedTuple):
    """A day: as the Gregorian calendar has it, and as it is written. `months`: names, where the calendar has its own.
    `kind`: of the calendar, "" for the Gregorian one."""

    date: datetime.date
    year: int
    month: int
    day: int
    kind: str = ""
    era: str = ""
    months: tuple[str, ...] = ()


def _day(draws: Draws, context: Context) -> _When:
    """A day; now and then of the calendar that the language has beside the Gregorian one."""
    year = 1990 + draws.integer(46) if draws.chance(0.85) else 1850 + draws.integer(140)
    month = draws.integer(12)
    date = datetime.date(year, month + 1, 1 + draws.integer(_DAYS_OF[month]))
    other = context.locale.language.calendar
    if other is not None and draws.chance(0.4):
        day = CALENDARS[other.kind](date)
        if day.year > 0:
            return _When(date, day.year, day.month, day.day, other.kind, day.era or other.era, other.months)
    return _When(date, date.year, date.month, date.day)


def numeric_date(draws: Draws, context: Context) -> str:
    """A date in figures."""
    when = _day(draws, context)
    year, month, day = when.year, when.month, when.day
    y = f"{year}" if draws.chance(0.65) else f"{year % 100:02d}"
    mark = draws.choice("///...--") if context.locale.thousands == "," else draws.choice("///....--")
    pad = draws.chance(0.75)
    m, d = (f"{month:02d}", f"{day:02d}") if pad else (f"{month}", f"{day}")
    form = draws.random()
    if when.kind == "japanese":
        return f"{when.era}{year}{mark}{m}{mark}{d}"
    if form < 0.2:
        return f"{year}{mark}{month:02d}{mark}{day:02d}"
    if form < 0.45 and mark != "." and context.locale.order == "mdy":
        d, m = m, d  # the American order
    if form > 0.92:
        mark = f" {mark} " if mark != "." else ". "
    return f"{y}{mark}{m}{mark}{d}" if context.locale.order == "ymd" else f"{d}{mark}{m}{mark}{y}"


def named_date(draws: Draws, context: Context) -> str:
    """A date with its month or its day in words, as the language writes it."""
    if context.locale.language.english:
        return _english_date(draws, context)
    when = _day(draws, context)
    form = draws.integer(12)
    if form == 0:
        return draws.choice(context.locale.days.alone)
    if form == 1:
        return draws.choice(context.locale.months.alone)
    text = _written(when, draws.choice(context.locale.dates), context, han=draws.chance(0.15))
    return upper(text, context) if draws.chance(0.1) else text


def _written(when: _When, pattern: str, context: Context, han: bool) -> str:
    """A day by a pattern of CLDR. `han`: in Han numerals, where the language has them."""
    locale = context.locale
    han = han and locale.language.script in ("Hans", "Hant", "Jpan")

    def field(match: re.Match[str]) -> str:
        literal, letters = match.groups()
        if letters is None:
            return str(literal)
        if letters[0] == "y":
            year = f"{when.year % 100:02d}" if len(letters) == 2 else han_digits(when.year) if han else str(when.year)
            if when.kind in _ERA_BEFORE_YEAR:
                year = when.era + ("元" if when.year == 1 else str(when.year))
            return year
        if letters[0] in "ML":
            if len(letters) > 2:
                own = when.months or (locale.months.wide if len(letters) > 3 else locale.months.short)
                return own[when.month - 1]
            return han_number(when.month) if han else f"{when.month:0{len(letters)}d}"
        if letters[0] == "d":
            return han_number(when.day) if han else f"{when.day:0{len(letters)}d}"
        if letters[0] == "G":
            return when.era or locale.era
        return (locale.days.wide if len(letters) > 3 else locale.days.short)[when.date.weekday()]

    text = _FIELD.sub(field, pattern)
    return " ".join(f"{text} {when.era}".split()) if when.kind == "islamic" and when.day % 2 else text


def _english_date(draws: Draws, context: Context) -> str:
    """In one of the forms of signs, prints and letters."""
    when = _day(draws, context)
    year, day, days = when.year, when.day, context.locale.days.wide
    name = context.locale.months.wide[when.month - 1]
    if draws.chance(0.45):
        name = name[: 4 if name.startswith("Sept") and draws.chance(0.5) else 3] + draws.choice(("", "", "."))
    if draws.chance(0.25):
        name = name.upper()
    form = draws.integer(12)
    if form <= 3:
        return f"{day} {name} {year}"
    if form <= 5:
        return f"{name} {day}, {year}"
    if form == 6:
        return f"{name} {day}"
    if form == 7:
        return f"{name} {year}"
    if form == 8:
        mark = draws.choice(" -/")
        return f"{day:02d}{mark}{name.rstrip('.')}{mark}{year % 100:02d}"
    if form == 9:
        weekday = draws.choice(days)
        weekday = weekday[:3] if draws.chance(0.5) else weekday
        return f"{weekday}{draws.choice((',', ''))} {day} {name}" + (f" {year}" if draws.chance(0.5) else "")
    if form == 10:
        return f"{name} '{year % 100:02d}"
    return draws.choice(days) if draws.chance(0.5) else name


_SHORT_DATES = pictures("""
{month}/{year} | {month}/{y} | {month}-{year} | {d}.{m}. | {day}/{month} | {year} | {year} | {year} | © {year} | ©{year}
'{y} | {year}-{next_y} | {year}/{next_y} | {year}–{later} | {year} - {later} | Q{quarter} {year} | {decade}s
EST. {year} | EXP {month}/{y} | EXP {month} {year}
BB {day}.{month}.{y} | {year}{month}{day} | {d}/{m} | {year}-{month}
""")
_WITHOUT_WORDS = tuple(form for form in _SHORT_DATES if not re.search("[A-Za-z]", re.sub("{.*?}", "", form)))


def _short_date(draws: Draws, context: Context) -> str:
    when = _day(draws, context)
    year, month, day = when.year, when.month, when.day
    form = draws.choice(_SHORT_DATES if context.locale.language.english else _WITHOUT_WORDS)
    return form.format(
        year=year, next_year=year + 1, later=year + month + 1, decade=year // 10 * 10, quarter=1 + month % 4,
        y=f"{year % 100:02d}", next_y=f"{(year + 1) % 100:02d}", month=f"{month:02d}", day=f"{day:02d}", d=day, m=month,
    )  # fmt: skip


def _labelled_date(draws: Draws, context: Context) -> str:
    label = label_text(draws, context, "date")
    return (
        f"{label}{draws.choice((':', ':', ''))} {numeric_date(draws, context)}"
        if label
        else _short_date(draws, context)
    )


date = Table(
    (42, numeric_date),
    (34, named_date),
    (18, _short_date),
    (6, _labelled_date),
)


class Dates(Composed):
    """Composes the source `date`."""

    inline = True
    compose = staticmethod(date)
