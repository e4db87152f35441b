"""The source `date`: dates, in figures and in words."""

from __future__ import annotations

from synthtext.core.rng import Draws
from synthtext.text.composed import Context, Table, label_text, native, pictures
from synthtext.text.source_base import Composed

SOURCE = {"name": "date", "help": "dates, in figures and in words", "maker": "Dates"}

_DAYS_OF = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_ASIAN = {"円": ("年", "月", "日"), "元": ("年", "月", "日"), "원": ("년 ", "월 ", "일")}


def _day(draws: Draws) -> tuple[int, int, int]:
    """A year, a month, and a day that it has."""
    year = 1990 + draws.integer(46) if draws.chance(0.85) else 1850 + draws.integer(140)
    month = draws.integer(12)
    return year, month + 1, 1 + draws.integer(_DAYS_OF[month])


def numeric_date(draws: Draws, context: Context) -> str:
    """A date in figures."""
    year, month, day = _day(draws)
    y = f"{year}" if draws.chance(0.65) else f"{year % 100:02d}"
    mark = draws.choice("///...--") if context.locale.thousands == "," else draws.choice("///....--")
    pad = draws.chance(0.75)
    m, d = (f"{month:02d}", f"{day:02d}") if pad else (f"{month}", f"{day}")
    form = draws.random()
    if form < 0.2:
        return f"{year}{mark}{month:02d}{mark}{day:02d}"
    if form < 0.45 and mark != "." and context.locale.thousands == ",":
        d, m = m, d  # the American order
    if form > 0.92:
        mark = f" {mark} " if mark != "." else ". "
    return f"{d}{mark}{m}{mark}{y}"


def named_date(draws: Draws, context: Context) -> str:
    """A date with its month in words, where the language's names are known."""
    months, days = context.locale.months, context.locale.days
    year, month, day = _day(draws)
    if not months:
        for unit in context.locale.currencies:
            if unit in _ASIAN:
                of_year, of_month, of_day = _ASIAN[unit]
                return (f"{year}{of_year}" if draws.chance(0.6) else "") + f"{month}{of_month}{day}{of_day}"
        return numeric_date(draws, context)
    name = months[month - 1]
    english, german = months[0] == "January", months[0] == "Januar"
    if draws.chance(0.45):
        name = name[: 4 if name.startswith("Sept") and draws.chance(0.5) else 3] + draws.choice(("", "", "."))
    if draws.chance(0.25):
        name = name.upper()
    form = draws.integer(12)
    if form <= 3:
        return f"{day}. {name} {year}" if german else f"{day} {name} {year}"
    if form <= 5:
        return f"{name} {day}, {year}" if english else f"{day} {name}"
    if form == 6:
        return f"{name} {day}" if english else f"{day:02d} {name}"
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


def _short_date(draws: Draws, context: Context) -> str:
    year, month, day = _day(draws)
    form = draws.choice(_SHORT_DATES)
    return form.format(
        year=year, next_year=year + 1, later=year + month + 1, decade=year // 10 * 10, quarter=1 + month % 4,
        y=f"{year % 100:02d}", next_y=f"{(year + 1) % 100:02d}", month=f"{month:02d}", day=f"{day:02d}", d=day, m=month,
    )  # fmt: skip


def _labelled_date(draws: Draws, context: Context) -> str:
    label = label_text(draws, context, 6)
    return (
        f"{label}{draws.choice((':', ':', ''))} {numeric_date(draws, context)}"
        if label
        else _short_date(draws, context)
    )


date = Table(
    (42, lambda d, c: native(d, c, numeric_date(d, c))),
    (34, named_date),
    (18, _short_date),
    (6, _labelled_date),
)


class Dates(Composed):
    """Composes the source `date`."""

    inline = True
    compose = staticmethod(date)
