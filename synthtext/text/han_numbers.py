"""Numbers in Han characters."""

from __future__ import annotations

_DIGITS = "〇一二三四五六七八九"
_UNITS = ("", "十", "百", "千")


def han_digits(n: int) -> str:
    """Digit by digit, as years are written: 二〇二四."""
    return "".join(_DIGITS[int(d)] for d in str(n))


def han_number(n: int) -> str:
    """As it is read, from 0 to 9999: 三百二十五; a gap between places is a 〇."""
    digits = [int(d) for d in str(n)]
    text, gap = "", False
    for place, digit in zip(range(len(digits) - 1, -1, -1), digits, strict=True):
        if digit == 0:
            gap = True
            continue
        text += "〇" if gap and text else ""
        text += ("" if digit == 1 and place == 1 and not text else _DIGITS[digit]) + _UNITS[place]
        gap = False
    return text or _DIGITS[0]
