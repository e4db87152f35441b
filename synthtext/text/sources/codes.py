"""The source `code`: serial numbers, postcodes, ISBNs, versions and other codes."""

from __future__ import annotations

import string

from synthtext.core.rng import Draws
from synthtext.text.composed import Context, Table, any_of, fill, label_text, magnitude
from synthtext.text.source_base import Composed

SOURCE = {"name": "code", "help": "serial numbers, postcodes, ISBNs, versions and other codes", "maker": "Codes"}


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


def numbered(draws: Draws, context: Context) -> str:
    """A number behind a word such as No."""
    label = label_text(draws, context, "number")
    return (label + draws.choice((" ", " ", ": ", " #")) if label else "#") + magnitude(draws, 6)


code = Table(
    (30, any_of("""
AA-0000 | AAA-000 | A00 | A0 | AA00 | AAA0000 | A-00 | 0A | 00A | 00-000 | 000-000 | 0000-0000 | A0A0A0
00000-AA | AA-00-00 | A00-000 | XXXX-XXXX | XXXX-XXXX-XXXX | XXXXX-XXXXX | XXXXXX | XXXXXXXX | XXXXXXXXXX
00/00 | 000/000 | A/00/0000 | 00.00.000 | A1.00 | AA000A | 0AA00 | AA 0000 | AAA 00 | A-000A | AA_0000
""")),
    (9, any_of("""
{S/N} XXXXXXXX | {S/N:} XX000000 | {SN} 0000000000 | {SN:} AAX0000X | {P/N} 000-00000 | {REF} 000000
{REF:} AA0000 | {Ref.} 00000 | {LOT} 000000 | {LOT} A00000 | {L}00000 | {SKU} 000000 | {SKU:} AA-000-AA
{ID:} 000000 | {ID} AA0000000 | {MOD.} AA-000 | {Model} AA000 | {TYPE} 00A | {Art.-Nr.} 000000 | {CODE} X0X0
{PIN:} 0000 | {Serial} {No.} 00000000 | {PO} {BOX} 1000 | {UN} 0000 | {E}000 | {RAL} 1000 | {DIN} 10000
{ISO} 1000 | {EN} 1000-1 | {IP}00 | {CE} 0000 | {USB} 1.0 | {Rev.} A | {Ver.} 1.0
""")),
    (12, any_of("""
00000 | 00000-0000 | AA 00000 | A0A 0A0 | AA0 0AA | AA00 0AA | A00 0AA | 1000 AA | 000-0000 | 00-000 | 1000
00000 {CEDEX} | {D-}10000 | {CH-}1000 | {A-}1000 | {F-}10000 | 000 00 | 00000-000 | 000000
""")),
    (8, any_of("""
hhhhhh | {#}hhhhhh | {#}HHHHHH | {0x}hh | {0x}HHHH | {0x}hhhhhhhh | HH:HH:HH:HH:HH:HH | hhhhhhhh
hhhhhhhh-hhhh-hhhh | hhhhhhh | HHHH
""")),
    (7, any_of("""
{v}1.0 | {v}1.0.0 | {V}1.00 | 1.0.0 | {M}1 | {M}1{x}10 | {R}100 | {A}1 | {DN}100 | {F}1 | {T}1 | {X}1 | {No.} 10
{#}100 | {№} 10 | {Nº} 1 | 1{a} | 10{b} | {G}10 | {B}1 | {L}1 | {P}1 | {C}10 | {S}1{-}100 | {AG}10
""")),
    (6, any_of("""
A100 | AA100 | AA-100 | A-100 | AAA-1000A | 1000A | AA1000-10 | {i}10 | {GT}100 | {XR}00 | {RX-}00 | {MK} 1
{Pro} 10 | A10/100 | 1A100-00
""")),
    (5, _isbn),
    (6, _barcode),
    (2, _iban),
    (7, numbered),
    (3, any_of("""
1000 0000 0000 0000 | {**** **** ****} 0000 | {XXXX}-{XXXX}-{XXXX}-0000 | {****}0000 | {x}0000
""")),
    (2, any_of("""
{192.168.}1.10 | {10.0.}0.1 | 100.10.10.1 | {127.0.0.1}:1000 | 000-00-0000 | {1Z}XXXXXXXXXXXXXXXX
AA000000000AA
""")),
)  # fmt: skip


class Codes(Composed):
    """Composes the source `code`."""

    inline = True
    any_script = True
    compose = staticmethod(code)
