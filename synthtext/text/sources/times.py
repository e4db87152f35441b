"""The source `time`: times of day, opening hours, durations."""

from __future__ import annotations

from synthtext.core.rng import Draws
from synthtext.text.composed import Context, Table, fill
from synthtext.text.source_base import Composed
from synthtext.text.sources.dates import numeric_date

SOURCE = {"name": "time", "help": "times of day, opening hours, durations", "maker": "Times"}


def clock(draws: Draws, context: Context) -> str:
    """A time of day."""
    h, m = (
        draws.integer(24),
        draws.choice((0, 0, 15, 30, 30, 45, draws.integer(60), draws.integer(60), draws.integer(60))),
    )
    if draws.chance(0.25):
        if not context.locale.language.english:
            return _own_clock(draws, context, h, m)
        ending = draws.choice(("am", " am", " AM", "AM", "a.m.", " a.m."))
        if h >= 12:
            ending = ending.replace("a", "p").replace("A", "P")
        hours = h % 12 or 12
        return f"{hours}{ending}" if m == 0 and draws.chance(0.5) else f"{hours}{draws.choice('::::.')}{m:02d}{ending}"
    mark = draws.choice("::::::.h") if context.locale.decimal == "," else draws.choice(":::::::.")
    return f"{h:02d}{mark}{m:02d}" if draws.chance(0.75) else f"{h}{mark}{m:02d}"


def _own_clock(draws: Draws, context: Context, h: int, m: int) -> str:
    """A time in one of the language's own forms, where it has some."""
    forms = [form.format(h=h, m=m) for form in context.locale.language.times]
    if context.locale.periods:
        period, time = context.locale.periods[h >= 12], f"{h % 12 or 12}:{m:02d}"
        forms.append(f"{period} {time}" if context.locale.period_first else f"{time} {period}")
    return draws.choice(forms) if forms else f"{h:02d}:{m:02d}"


def _opening(draws: Draws, context: Context) -> str:
    start, end = 6 + draws.integer(6), 14 + draws.integer(10)
    dash = draws.choice(("-", "–", " - ", " – "))
    form = draws.integer(5)
    language = context.locale.language
    if form == 0 and language.english:
        hours = f"{start}am{dash}{end - 12}pm"
    elif form == 0:
        hours = f"{start}:00{dash}{end}:00"
    elif form == 1:
        hours = f"{start:02d}:00{dash}{end:02d}:00"
    elif form == 2:
        hours = f"{start}:30{dash}{end}:30"
    elif form == 3:
        hours = f"{start}{dash}{end}{language.hour}"
    else:
        hours = f"{start}.00{dash}{end}.00"
    if draws.chance(0.35):
        first, last = draws.integer(3), 3 + draws.integer(4)
        return f"{context.locale.days.short[first]}{dash}{context.locale.days.short[last]} {hours}"
    return hours


def _duration(draws: Draws, context: Context) -> str:
    if not context.locale.language.latin and context.locale.hours and context.locale.minutes:
        hours = context.locale.hours.replace("{0}", str(1 + draws.integer(9)))
        return f"{hours} {context.locale.minutes.replace('{0}', str(draws.integer(60)))}"
    hours, minutes = draws.choice(("h ", "h", " h ")), draws.choice(("m", " min", "'"))
    return f"{1 + draws.integer(9)}{hours}{draws.integer(60):02d}{minutes}"


time = Table(
    (62, clock),
    (18, _opening),
    (8, lambda d, c: f"{d.integer(24):02d}:{d.integer(60):02d}:{d.integer(60):02d}"),
    (4, lambda d, c: f"{d.integer(60):02d}:{d.integer(60):02d}.{fill(d, ('0123456789',) * 2)}"),
    (4, _duration),
    (4, lambda d, c: f"{numeric_date(d, c)} {clock(d, c)}"),
)


class Times(Composed):
    """Composes the source `time`."""

    inline = True
    compose = staticmethod(time)
