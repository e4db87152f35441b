"""Dates of other calendars than the Gregorian one, by arithmetic."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import NamedTuple


class Day(NamedTuple):
    """A day as a calendar counts it. `era`: what stands before or after the year, "" for nothing."""

    year: int
    month: int
    day: int
    era: str = ""


# Julian day numbers of the first day of each, and of the day before the first of Python's ordinals.
_PERSIAN, _ISLAMIC, _ORDINAL = 1948320, 1948440, 1721425


def persian(day: datetime.date) -> Day:
    """Of the solar calendar of Iran, with its leap years in cycles of 33, as ICU has it: right from 1178 to 1633."""
    since = day.toordinal() + _ORDINAL - _PERSIAN
    year = 1 + (33 * since + 3) // 12053
    past = since - _persian_days(year)
    month = past // 31 if past < 216 else (past - 6) // 30
    return Day(year, month + 1, past - (31 * month if month < 7 else 30 * month + 6) + 1)


def _persian_days(year: int) -> int:
    """Days before a year."""
    return 365 * (year - 1) + (8 * year + 21) // 33


def islamic(day: datetime.date) -> Day:
    """Of the Islamic civil calendar: 11 leap years in 30 (Reingold and Dershowitz, "Calendrical Calculations")."""
    since = day.toordinal() + _ORDINAL - _ISLAMIC
    year = (30 * since + 10646) // 10631
    past = since - (354 * (year - 1) + (11 * year + 3) // 30)
    month = min(11, 2 * past // 59)
    return Day(year, month + 1, past - (59 * month + 1) // 2 + 1)


def buddhist(day: datetime.date) -> Day:
    """Of Thailand since 1941."""
    return Day(day.year + 543, day.month, day.day)


def roc(day: datetime.date) -> Day:
    """Of Taiwan: years since the founding of the republic."""
    return Day(day.year - 1911, day.month, day.day)


_ERAS = (
    (datetime.date(2019, 5, 1), "令和"),
    (datetime.date(1989, 1, 8), "平成"),
    (datetime.date(1926, 12, 25), "昭和"),
    (datetime.date(1912, 7, 30), "大正"),
    (datetime.date(1868, 10, 23), "明治"),
)


def japanese(day: datetime.date) -> Day:
    """Of Japan: years of an emperor's era."""
    for start, era in _ERAS:
        if day >= start:
            return Day(day.year - start.year + 1, day.month, day.day, era)
    return Day(0, day.month, day.day)


#: By name: of a Gregorian day, that of the calendar; a year below 1 is before its first.
CALENDARS: dict[str, Callable[[datetime.date], Day]] = {
    "buddhist": buddhist,
    "islamic": islamic,
    "japanese": japanese,
    "persian": persian,
    "roc": roc,
}
