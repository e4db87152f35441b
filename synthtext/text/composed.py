"""Texts that are composed instead of looked up: each function is pure in its `Draws`.

A pattern is a picture of a text: 0 a digit, 1 a digit but zero, A and a a letter, H and h a hexadecimal digit, X a
letter or digit that isn't easily mistaken; what stands in braces, and every other character, is meant literally.
"""

from __future__ import annotations

import string
import unicodedata
from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate
from typing import NamedTuple

from synthtext.core.rng import Draws
from synthtext.text.locale import Locale, words

_ALPHABETS = {
    "0": string.digits,
    "1": "123456789",
    "A": string.ascii_uppercase,
    "a": string.ascii_lowercase,
    "H": "0123456789ABCDEF",
    "h": "0123456789abcdef",
    "X": "ABCDEFGHJKLMNPQRSTUVWXYZ23456789",
}
Pattern = tuple[str, ...]


class Context(NamedTuple):
    """What a composed text may lean on: the language's habits, a source of words, the alphabets of random strings."""

    locale: Locale
    word: Callable[[Draws], str]
    alphabets: tuple[str, ...]
    longest: int


Composer = Callable[[Draws, Context], str]


def pattern(picture: str) -> Pattern:
    """Parse a picture into one alphabet a character; a literal is an alphabet of one."""
    parts: list[str] = []
    literal = False
    for c in picture:
        if c in "{}":
            literal = c == "{"
        else:
            parts.append(c if literal else _ALPHABETS.get(c, c))
    return tuple(parts)


def _pictures(text: str) -> tuple[str, ...]:
    """Several pictures, with bars or line breaks between them."""
    return tuple(picture.strip() for line in text.strip().splitlines() for picture in line.split(" | "))


def _patterns(text: str) -> tuple[Pattern, ...]:
    """The patterns of several pictures."""
    return tuple(pattern(picture) for picture in _pictures(text))


def fill(draws: Draws, alphabets: Pattern) -> str:
    """One character out of each alphabet."""
    random = draws.random
    return "".join([a if len(a) == 1 else a[int(random() * len(a))] for a in alphabets])


class Table:
    """Ways to write something, each with a weight."""

    def __init__(self, *rows: tuple[float, Composer]) -> None:
        self.functions = [function for _, function in rows]
        self.cumulative = list(accumulate(weight for weight, _ in rows))

    def __call__(self, draws: Draws, context: Context) -> str:
        row = bisect_right(self.cumulative, draws.random() * self.cumulative[-1])
        return self.functions[min(row, len(self.functions) - 1)](draws, context)


def _of(pictures: str) -> Composer:
    """Any of the patterns, each as likely."""
    table = _patterns(pictures)
    return lambda draws, context: fill(draws, draws.choice(table))


# --- numbers


def _marks(draws: Draws, context: Context) -> tuple[str, str]:
    """The marks of thousands and of decimals: mostly the language's own."""
    if draws.chance(0.85):
        return context.locale.thousands, context.locale.decimal
    return draws.choice(((",", "."), (".", ","), (" ", ","), ("'", "."), ("", "."), ("", ",")))


def _magnitude(draws: Draws, most: int) -> str:
    """A whole number of 1 to `most` digits, as digits."""
    return fill(draws, (_ALPHABETS["1"],) + (string.digits,) * draws.integer(most))


def _grouped(digits: str, mark: str) -> str:
    """Digits in groups of three, from the right."""
    head = len(digits) % 3
    groups = [digits[:head]] if head else []
    return mark.join(groups + [digits[i : i + 3] for i in range(head, len(digits), 3)])


def _native(draws: Draws, context: Context, text: str) -> str:
    """`text` in the digits of the script, for half of the texts in a language that has its own."""
    if context.locale.digits and draws.chance(0.5):
        return text.translate(str.maketrans(string.digits, context.locale.digits))
    return text


def _decimal(draws: Draws, context: Context) -> str:
    whole = _magnitude(draws, 3) if draws.chance(0.75) else "0"
    return whole + _marks(draws, context)[1] + fill(draws, (string.digits,) * (1 + draws.integer(3)))


def _large(draws: Draws, context: Context) -> str:
    digits = fill(draws, (_ALPHABETS["1"],) + (string.digits,) * (3 + draws.integer(6)))
    return _grouped(digits, _marks(draws, context)[0])


def _signed(draws: Draws, context: Context) -> str:
    number = _decimal(draws, context) if draws.chance(0.4) else _magnitude(draws, 3)
    return draws.choice(("-", "-", "+", "+", "−", "±", "<", ">", "~")) + number


def _percent(draws: Draws, context: Context) -> str:
    if draws.chance(0.3):
        number = _decimal(draws, context)
    else:
        number = draws.choice(("5", "10", "15", "20", "25", "30", "40", "50", "60", "70", "75", "80", "90", "100"))
    return draws.choice(("", "", "", "-", "-", "+")) + number + draws.choice(("%", "%", "%", "%", " %", "‰"))


def _ordinal(draws: Draws, context: Context) -> str:
    n = 1 + draws.integer(100 if draws.chance(0.3) else 31)
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
    number = _decimal(draws, context) if draws.chance(0.35) else _magnitude(draws, 3)
    return number + draws.choice(("", " ")) + draws.choice(_UNITS)


def _size(draws: Draws, context: Context) -> str:
    by = draws.choice(("x", "x", " x ", "×", " × ", "X", "*"))
    parts = [_magnitude(draws, 3) for _ in range(2 + draws.chance(0.3))]
    return by.join(parts) + draws.choice(("", "", " cm", " mm", "cm", "mm", '"', " in"))


def _roman(draws: Draws, context: Context) -> str:
    n = 1 + draws.integer(30) if draws.chance(0.7) else 1800 + draws.integer(225)
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
    (24, lambda d, c: _native(d, c, _magnitude(d, 5))),
    (
        8,
        _of(
            """
00 | 000 | 0000 | 00000 | 000000 | {#}0 | {#}10 | {#}100 | 10{+} | 100{+} | (10) | 10. | 10{)} | {x}1
1{x} | 1{×}
"""
        ),
    ),
    (12, lambda d, c: _native(d, c, _decimal(d, c))),
    (12, lambda d, c: _native(d, c, _large(d, c))),
    (5, _signed),
    (10, _percent),
    (6, _ordinal),
    (5, _fraction),
    (12, _measure),
    (4, _size),
    (3, _roman),
    (3, _span),
    (
        2,
        _of("""
0:0 | 1-0 | 2:1 | 10/10 | 1.1.1 | 10.1 | 1.0.00 | 10{°}00{'}00{"}
"""),
    ),
)

# --- prices

_BEFORE = frozenset("$£€¥₹₩₦₱") | {"US$", "A$", "C$", "R$", "HK$", "S$", "Rs.", "Rs"}
_ALL_CURRENCIES = words("""
$ € £ ¥ ₹ CHF kr zł Kč ₽ ₺ ₩ R$ A$ C$ US$ HK$ EUR USD GBP JPY CAD AUD SEK NOK DKK PLN INR Rs. lei Ft ₪ ฿ ₫ ₱ RM R ₴
""")


def _amount(draws: Draws, context: Context, cents: float = 0.8) -> str:
    thousands, decimal = _marks(draws, context)
    digits = _magnitude(draws, 3) if draws.chance(0.85) else _magnitude(draws, 6)
    text = _grouped(digits, thousands)
    if draws.chance(cents):
        usual = draws.choice(("99", "95", "50", "00", "49", "90", "", "", ""))
        text += decimal + (usual or fill(draws, (string.digits, string.digits)))
    return text


def _currency(draws: Draws, context: Context) -> str:
    return draws.choice(context.locale.currencies if draws.chance(0.7) else _ALL_CURRENCIES)


def _money(draws: Draws, context: Context) -> str:
    unit, text = _currency(draws, context), _amount(draws, context)
    if draws.chance(0.8 if unit in _BEFORE and context.locale.decimal == "." else 0.25):
        return unit + ("" if unit in _BEFORE and draws.chance(0.85) else " ") + text
    return text + ("" if not unit.isalpha() and draws.chance(0.5) else " ") + unit


def _per(draws: Draws, context: Context) -> str:
    by = draws.choice(("/kg", "/lb", "/m²", "/100 g", "/mo", "/h", " each", " ea.", "/L", " p.p.", "/day", "/pc"))
    return _money(draws, context) + by


def _offer(draws: Draws, context: Context) -> str:
    n = 2 + draws.integer(4)
    return f"{n} {draws.choice(('for', 'for', 'x', 'FOR', '/'))} {_money(draws, context)}"


def _label(draws: Draws, context: Context, which: int) -> str:
    """A label of the language's forms and receipts; "" where they aren't known."""
    return draws.choice(context.locale.labels[which]) if context.locale.labels else ""


def _labelled_price(draws: Draws, context: Context) -> str:
    return f"{_label(draws, context, 8)} {_money(draws, context)}".strip()


price = Table(
    (60, lambda d, c: _native(d, c, _money(d, c))),
    (14, lambda d, c: _native(d, c, _amount(d, c, 1.0))),
    (7, _per),
    (
        6,
        _of("""
0{,-} | 10{,-} | 100{,-} | 10{.-} | 10{,–} | 10{¢} | 1{¢} | 10{p} | 1{.–} | 100{:-}
"""),
    ),
    (4, _offer),
    (5, _labelled_price),
    (4, lambda d, c: d.choice(("-", "-", "−", "+", "- ")) + _money(d, c)),
)


# --- dates and times

_DAYS_OF = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_ASIAN = {"円": ("年", "月", "日"), "元": ("年", "月", "日"), "원": ("년 ", "월 ", "일")}


def _day(draws: Draws) -> tuple[int, int, int]:
    """A year, a month, and a day that it has."""
    year = 1990 + draws.integer(46) if draws.chance(0.85) else 1850 + draws.integer(140)
    month = draws.integer(12)
    return year, month + 1, 1 + draws.integer(_DAYS_OF[month])


def _numeric_date(draws: Draws, context: Context) -> str:
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


def _named_date(draws: Draws, context: Context) -> str:
    months, days = context.locale.months, context.locale.days
    year, month, day = _day(draws)
    if not months:
        for unit in context.locale.currencies:
            if unit in _ASIAN:
                of_year, of_month, of_day = _ASIAN[unit]
                return (f"{year}{of_year}" if draws.chance(0.6) else "") + f"{month}{of_month}{day}{of_day}"
        return _numeric_date(draws, context)
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


_SHORT_DATES = _pictures("""
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
    label = _label(draws, context, 6)
    return (
        f"{label}{draws.choice((':', ':', ''))} {_numeric_date(draws, context)}"
        if label
        else _short_date(draws, context)
    )


date = Table(
    (42, lambda d, c: _native(d, c, _numeric_date(d, c))),
    (34, _named_date),
    (18, _short_date),
    (6, _labelled_date),
)


def _clock(draws: Draws, context: Context) -> str:
    h, m = (
        draws.integer(24),
        draws.choice((0, 0, 15, 30, 30, 45, draws.integer(60), draws.integer(60), draws.integer(60))),
    )
    if draws.chance(0.25):
        ending = draws.choice(("am", " am", " AM", "AM", "a.m.", " a.m."))
        if h >= 12:
            ending = ending.replace("a", "p").replace("A", "P")
        hours = h % 12 or 12
        return f"{hours}{ending}" if m == 0 and draws.chance(0.5) else f"{hours}{draws.choice('::::.')}{m:02d}{ending}"
    mark = draws.choice("::::::.h") if context.locale.decimal == "," else draws.choice(":::::::.")
    return f"{h:02d}{mark}{m:02d}" if draws.chance(0.75) else f"{h}{mark}{m:02d}"


def _opening(draws: Draws, context: Context) -> str:
    start, end = 6 + draws.integer(6), 14 + draws.integer(10)
    dash = draws.choice(("-", "–", " - ", " – "))
    form = draws.integer(5)
    if form == 0:
        hours = f"{start}am{dash}{end - 12}pm"
    elif form == 1:
        hours = f"{start:02d}:00{dash}{end:02d}:00"
    elif form == 2:
        hours = f"{start}:30{dash}{end}:30"
    elif form == 3:
        hours = f"{start}{dash}{end}" + (" Uhr" if context.locale.months[:1] == ("Januar",) else "h")
    else:
        hours = f"{start}.00{dash}{end}.00"
    if context.locale.days and draws.chance(0.35):
        first, last = draws.integer(3), 3 + draws.integer(4)
        short = 2 if context.locale.decimal == "," else 3
        return f"{context.locale.days[first][:short]}{dash}{context.locale.days[last][:short]} {hours}"
    return hours


def _duration(draws: Draws, context: Context) -> str:
    hours, minutes = draws.choice(("h ", "h", " h ")), draws.choice(("m", " min", "'"))
    return f"{1 + draws.integer(9)}{hours}{draws.integer(60):02d}{minutes}"


time = Table(
    (62, lambda d, c: _native(d, c, _clock(d, c))),
    (18, _opening),
    (8, lambda d, c: f"{d.integer(24):02d}:{d.integer(60):02d}:{d.integer(60):02d}"),
    (4, lambda d, c: f"{d.integer(60):02d}:{d.integer(60):02d}.{fill(d, ('0123456789',) * 2)}"),
    (4, _duration),
    (4, lambda d, c: f"{_numeric_date(d, c)} {_clock(d, c)}"),
)

# --- phones, codes, plates

_PHONES = _patterns("""
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
    label = _label(draws, context, 9) if draws.chance(0.12) else ""
    return f"{label}{draws.choice(('', ':', ':'))} {text}" if label else text


def _ean(draws: Draws, prefix: str, length: int) -> str:
    """A number whose last digit is the check digit of GS1 (weights 3 and 1 in turn, from the right)."""
    body = prefix + fill(draws, (string.digits,) * (length - 1 - len(prefix)))
    total = sum(int(c) * (3, 1)[i % 2] for i, c in enumerate(reversed(body)))
    return body + str(-total % 10)


def _isbn(draws: Draws, context: Context) -> str:
    n = _ean(draws, draws.choice(("978", "978", "979")), 13)
    cut = 6 + draws.integer(5)
    text = n if draws.chance(0.35) else f"{n[:3]}-{n[3]}-{n[4:cut]}-{n[cut:12]}-{n[12]}"
    return draws.choice(("", "ISBN ", "ISBN: ", "ISBN-13: ")) + text


def _barcode(draws: Draws, context: Context) -> str:
    n = _ean(draws, "", draws.choice((8, 12, 13, 13)))
    if draws.chance(0.6) or len(n) == 8:
        return n
    return f"{n[0]} {n[1:7]} {n[7:]}" if len(n) == 13 else f"{n[0]} {n[1:6]} {n[6:11]} {n[11]}"


def _iban(draws: Draws, context: Context) -> str:
    """ISO 13616: moved to the end, letters as 10 to 35, the number with its check digits is 1 modulo 97."""
    country, length = draws.choice((("DE", 18), ("AT", 16), ("CH", 17), ("ES", 20), ("DK", 14), ("BE", 12)))
    account = fill(draws, (string.digits,) * length)
    check = 98 - int("".join(str(int(c, 36)) for c in account + country + "00")) % 97
    text = f"{country}{check:02d}{account}"
    return text if draws.chance(0.3) else " ".join(text[i : i + 4] for i in range(0, len(text), 4))


def _numbered(draws: Draws, context: Context) -> str:
    label = _label(draws, context, 7) or "No."
    return label + draws.choice((" ", " ", ": ", " #")) + _magnitude(draws, 6)


code = Table(
    (30, _of("""
AA-0000 | AAA-000 | A00 | A0 | AA00 | AAA0000 | A-00 | 0A | 00A | 00-000 | 000-000 | 0000-0000 | A0A0A0
00000-AA | AA-00-00 | A00-000 | XXXX-XXXX | XXXX-XXXX-XXXX | XXXXX-XXXXX | XXXXXX | XXXXXXXX | XXXXXXXXXX
00/00 | 000/000 | A/00/0000 | 00.00.000 | A1.00 | AA000A | 0AA00 | AA 0000 | AAA 00 | A-000A | AA_0000
""")),
    (9, _of("""
{S/N} XXXXXXXX | {S/N:} XX000000 | {SN} 0000000000 | {SN:} AAX0000X | {P/N} 000-00000 | {REF} 000000
{REF:} AA0000 | {Ref.} 00000 | {LOT} 000000 | {LOT} A00000 | {L}00000 | {SKU} 000000 | {SKU:} AA-000-AA
{ID:} 000000 | {ID} AA0000000 | {MOD.} AA-000 | {Model} AA000 | {TYPE} 00A | {Art.-Nr.} 000000 | {CODE} X0X0
{PIN:} 0000 | {Serial} {No.} 00000000 | {PO} {BOX} 1000 | {UN} 0000 | {E}000 | {RAL} 1000 | {DIN} 10000
{ISO} 1000 | {EN} 1000-1 | {IP}00 | {CE} 0000 | {USB} 1.0 | {Rev.} A | {Ver.} 1.0
""")),
    (12, _of("""
00000 | 00000-0000 | AA 00000 | A0A 0A0 | AA0 0AA | AA00 0AA | A00 0AA | 1000 AA | 000-0000 | 00-000 | 1000
00000 {CEDEX} | {D-}10000 | {CH-}1000 | {A-}1000 | {F-}10000 | 000 00 | 00000-000 | 000000
""")),
    (8, _of("""
hhhhhh | {#}hhhhhh | {#}HHHHHH | {0x}hh | {0x}HHHH | {0x}hhhhhhhh | HH:HH:HH:HH:HH:HH | hhhhhhhh
hhhhhhhh-hhhh-hhhh | hhhhhhh | HHHH
""")),
    (7, _of("""
{v}1.0 | {v}1.0.0 | {V}1.00 | 1.0.0 | {M}1 | {M}1{x}10 | {R}100 | {A}1 | {DN}100 | {F}1 | {T}1 | {X}1 | {No.} 10
{#}100 | {№} 10 | {Nº} 1 | 1{a} | 10{b} | {G}10 | {B}1 | {L}1 | {P}1 | {C}10 | {S}1{-}100 | {AG}10
""")),
    (6, _of("""
A100 | AA100 | AA-100 | A-100 | AAA-1000A | 1000A | AA1000-10 | {i}10 | {GT}100 | {XR}00 | {RX-}00 | {MK} 1
{Pro} 10 | A10/100 | 1A100-00
""")),
    (5, _isbn),
    (6, _barcode),
    (2, _iban),
    (7, _numbered),
    (3, _of("""
1000 0000 0000 0000 | {**** **** ****} 0000 | {XXXX}-{XXXX}-{XXXX}-0000 | {****}0000 | {x}0000
""")),
    (2, _of("""
{192.168.}1.10 | {10.0.}0.1 | 100.10.10.1 | {127.0.0.1}:1000 | 000-00-0000 | {1Z}XXXXXXXXXXXXXXXX
AA000000000AA
""")),
)  # fmt: skip

_PLATES = _patterns("""
AAA 000 | AAA 0000 | AAA-000 | AAA-0000 | 000 AAA | 000-AAA | 0000 AAA | 0000-AAA | AA-000-AA | AA 000 AA
AA000AA | A AA 100 | A AA 1000 | A-AA 1000 | AA A 100 | AA AA 1000 | AA-AA 100 | AAA-A 10 | AAA A 100 | AA00 AAA
AA00AAA | A000 AAA | 0AAA000 | 0AAA 000 | 00-AA-00 | AA-00-00 | 00-AAA-0 | 0-AAA-00 | AA 00 AA 0000 | AA00AA0000
AA 0000 AA | AA 00-00 | AA0000 | AA-0000-A | A000AA 00 | 00A-00000 | 000A000 | AA 0000 | A 00000 | AAA0A00
{·}00-00 | AA·00000
""")


def plate(draws: Draws, context: Context) -> str:
    """A vehicle's plate."""
    return fill(draws, draws.choice(_PLATES))


# --- the net, and letters

_SYLLABLES = tuple(c + v for c in words("b c d f g h k l m n p r s t v z st tr") for v in "aeiou")
_DOMAINS = words("""
com com com com com com net net org org info io co co.uk co.uk de fr it es nl eu us ca com.au ch at be pl se edu gov
shop app dev tv me biz ru jp in com.br
""")
_STEMS = words("info contact sales support office mail hello service admin press jobs orders team booking help")


def _plain_word(draws: Draws, context: Context) -> str:
    """A word in plain lower-case ASCII, as domains have it: accents off; syllables for what isn't Latin."""
    word = unicodedata.normalize("NFKD", context.word(draws).lower())
    word = "".join([c for c in word if "a" <= c <= "z"])
    if 2 < len(word) < 13:
        return word
    return "".join([draws.choice(_SYLLABLES) for _ in range(2 + draws.integer(3))])


def _host(draws: Draws, context: Context) -> str:
    name = _plain_word(draws, context)
    if draws.chance(0.4):
        second = _plain_word(draws, context)
        if len(name) + len(second) < 16:
            name += draws.choice(("", "", "-")) + second
    if draws.chance(0.08):
        name += str(1 + draws.integer(99))
    return name + "." + draws.choice(_DOMAINS)


def email(draws: Draws, context: Context) -> str:
    """An e-mail address."""
    form = draws.integer(8)
    if form <= 2:
        user = draws.choice(_STEMS)
    elif form <= 4:
        user = _plain_word(draws, context) + draws.choice("..._-") + _plain_word(draws, context)
    elif form == 5:
        user = draws.choice(string.ascii_lowercase) + draws.choice((".", "")) + _plain_word(draws, context)
    else:
        user = _plain_word(draws, context) + ("" if draws.chance(0.5) else str(draws.integer(2030)))
    text = f"{user}@{_host(draws, context)}"
    style = draws.random()
    return (
        text.upper()
        if style < 0.06
        else draws.choice(("E-mail: ", "Email: ", "mail: ")) + text
        if style < 0.1
        else text
    )


def url(draws: Draws, context: Context) -> str:
    """A web address, a handle or a hashtag."""
    form = draws.random()
    if form < 0.1:
        return (
            "@"
            + _plain_word(draws, context)
            + draws.choice(("", "", "_" + _plain_word(draws, context), str(draws.integer(99))))
        )
    if form < 0.2:
        word = _plain_word(draws, context)
        return "#" + draws.choice(
            (word, word.title(), word.upper(), word.title() + _plain_word(draws, context).title())
        )
    text = draws.choice(("www.", "www.", "www.", "", "", "http://", "https://", "https://www.")) + _host(draws, context)
    tail = draws.random()
    if tail < 0.12:
        text += "/" + _plain_word(draws, context)
    elif tail < 0.18:
        text += "/" + _plain_word(draws, context) + draws.choice((".html", ".php", "/", "?id=" + _magnitude(draws, 4)))
    elif tail < 0.22:
        text += "/" + fill(draws, pattern("XaX0aa"))
    style = draws.random()
    return text.upper() if style < 0.08 else "WWW." + text[4:] if style < 0.14 and text.startswith("www.") else text


def _initials(draws: Draws, context: Context) -> str:
    """Two to five capitals with the frequency that initials have."""
    n = draws.choice((2, 3, 3, 3, 4, 4, 5))
    if draws.chance(0.25):
        return fill(draws, (string.ascii_uppercase,) * n)
    return "".join([_plain_word(draws, context)[0] for _ in range(n)]).upper()


def _composed_acronym(draws: Draws, context: Context) -> str:
    letters = _initials(draws, context)
    form = draws.integer(8)
    if form == 0:
        return ".".join(letters) + "."
    if form == 1:
        return letters[0] + draws.choice(("&", " & ", "/", "+")) + letters[1:]
    if form == 2:
        return letters + "-" + str(1 + draws.integer(20))
    if form == 3:
        return letters + str(1 + draws.integer(9))
    if form == 4:
        return letters + "s"
    if form == 5:
        return letters[:2] + draws.choice("24") + letters[2:4]
    if form == 6:
        return f"({letters})"
    return letters + "/" + _initials(draws, context)


acronym = Table((70, _initials), (30, _composed_acronym))


def random(draws: Draws, context: Context) -> str:
    """A string without context: one mix of character classes, characters equally likely within it."""
    alphabet = draws.choice(context.alphabets)
    length = 1 + draws.integer(min(context.longest, 12 if draws.chance(0.3) else 8))
    return fill(draws, (alphabet,) * length)


# --- receipts and forms


def _name(draws: Draws, context: Context) -> str:
    """Goods on a receipt: one to three words in one case."""
    words = context.locale.space.join([context.word(draws) for _ in range(draws.choice((1, 2, 2, 3)))])
    return words.upper() if draws.chance(0.55) else words.title()


def _line_item(draws: Draws, context: Context) -> str:
    text, amount = _name(draws, context), _amount(draws, context, 1.0)
    form = draws.integer(6)
    if form == 0:
        return f"{1 + draws.integer(9)} x {text} {amount}"
    if form == 1:
        return f"{1 + draws.integer(9)} {text} {amount}"
    if form == 2:
        return f"{text} {_money(draws, context)}"
    if form == 3:
        return f"{text} {amount} {draws.choice('ABTF*')}"
    if form == 4:
        return f"{1 + draws.integer(9)} x {amount}"
    return f"{text} {amount}"


def _sum(draws: Draws, context: Context) -> str:
    label = _label(draws, context, draws.choice((0, 0, 0, 1, 3, 4))) or "TOTAL"
    amount = _money(draws, context) if draws.chance(0.5) else _amount(draws, context, 1.0)
    return f"{label}{draws.choice((':', '', ''))} {amount}"


def _tax(draws: Draws, context: Context) -> str:
    rate = draws.choice(("5", "7", "8", "10", "19", "20", "21", "22", "5.5", "8.25"))
    rate = rate.replace(".", context.locale.decimal)
    return f"{_label(draws, context, 2) or 'VAT'} {rate}{draws.choice(('%', ' %'))} {_amount(draws, context, 1.0)}"


_VALUES: tuple[Composer, ...] = (_numeric_date, _money, _clock, phone, _named_date, _name, number)


def _field(draws: Draws, context: Context) -> str:
    """A form's field: a word, a colon, and what was filled in."""
    label = context.word(draws)
    label = label.upper() if draws.chance(0.3) else label[:1].upper() + label[1:]
    value = draws.choice(_VALUES)(draws, context)
    return f"{label}: {value}"


receipt = Table(
    (42, _line_item),
    (20, _sum),
    (8, _tax),
    (14, _field),
    (5, lambda d, c: f"{_label(d, c, 5) or 'Qty'}: {1 + d.integer(20)}"),
    (6, lambda d, c: f"{_numeric_date(d, c)} {_clock(d, c)}"),
    (5, _numbered),
)

#: Every composed source by its name in `text.sources`.
COMPOSERS: dict[str, Composer] = {
    "number": number,
    "price": price,
    "date": date,
    "time": time,
    "phone": phone,
    "code": code,
    "plate": plate,
    "email": email,
    "url": url,
    "acronym": acronym,
    "random": random,
    "receipt": receipt,
}
