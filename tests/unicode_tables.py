"""Makes what the package and its tests hold of the Unicode Character Database: unicode_tables.py [FOLDER].

FOLDER has Unicode's files as Debian's package unicode-data lays them out: /usr/share/unicode where none is named.
Written are `synthtext/text/unicode.tsv` and, in `tests/unicode`, all cases of Unicode's own tests, in fewer bytes.
"""

from __future__ import annotations

import lzma
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from synthtext.text.bidi import LETTERS

ROOT = Path(__file__).resolve().parent
TABLES = ROOT.parent / "synthtext" / "text" / "unicode.tsv"
CASES = ROOT / "unicode"
COUNT = 0x110000
#: The long names that the defaults of DerivedBidiClass.txt use.
BIDI_NAMES = {"Left_To_Right": "L", "Right_To_Left": "R", "Arabic_Letter": "AL", "European_Terminator": "ET"}


def rows(path: Path) -> Iterator[list[str]]:
    """The fields of each line of data."""
    for line in path.read_text(encoding="utf-8").splitlines():
        fields = [field.strip() for field in line.partition("#")[0].split(";")]
        if len(fields) > 1:
            yield fields


def span(field: str) -> range:
    """The code points of `0041..005A` or `0041`."""
    first, _, last = field.partition("..")
    return range(int(first, 16), int(last or first, 16) + 1)


def fill(values: list[str], path: Path, key: str = "", value: str = "") -> None:
    """Set what a file says of its code points: the last field; of the lines for `key` alone; as `value` where given."""
    for fields in rows(path):
        if not key or fields[1] == key:
            for p in span(fields[0]):
                values[p] = value or fields[-1]


def bidi_classes(folder: Path) -> list[str]:
    path = folder / "extracted" / "DerivedBidiClass.txt"
    values = ["L"] * COUNT
    for field, name in re.findall(r"^# @missing: (\S+); (\w+)", path.read_text(encoding="utf-8"), re.M):
        for p in span(field):
            values[p] = BIDI_NAMES[name]
    fill(values, path)
    return values


def scripts(folder: Path) -> list[str]:
    short = {fields[2]: fields[1] for fields in rows(folder / "PropertyValueAliases.txt") if fields[0] == "sc"}
    values = ["Unknown"] * COUNT
    fill(values, folder / "Scripts.txt")
    return [short[value] for value in values]


def orientations(folder: Path) -> list[str]:
    values = ["R"] * COUNT
    fill(values, folder / "VerticalOrientation.txt")
    return values


def grapheme_classes(folder: Path) -> list[str]:
    """Grapheme_Cluster_Break; what has none of it by Indic_Conjunct_Break and Extended_Pictographic."""
    values = ["Other"] * COUNT
    fill(values, folder / "emoji" / "emoji-data.txt", "Extended_Pictographic")
    fill(values, folder / "auxiliary" / "GraphemeBreakProperty.txt")
    conjunct = ["None"] * COUNT
    for fields in rows(folder / "DerivedCoreProperties.txt"):
        if fields[1] == "InCB":
            for p in span(fields[0]):
                conjunct[p] = fields[2]
    base = {"None": "Other", "Consonant": "Other", "Linker": "Extend", "Extend": "Extend"}
    for p, value in enumerate(conjunct):
        if value != "None" and not (value == "Extend" and values[p] == "ZWJ"):
            assert values[p] == base[value], hex(p)
            values[p] = {"Consonant": "Consonant", "Linker": "Linker", "Extend": "Extend"}[value]
        elif values[p] == "Extend":
            values[p] = "Extend_Apart"
    for p in range(0xAC00, 0xD7A4):
        assert values[p] == ("LVT" if (p - 0xAC00) % 28 else "LV"), hex(p)
        values[p] = "Hangul"
    return values


def lines(name: str, values: list[str], usual: str) -> Iterator[str]:
    """A line for each value but the usual one: the property, the value, its ranges."""
    ranges: dict[str, list[str]] = {}
    first = 0
    for p in range(1, COUNT + 1):
        if p == COUNT or values[p] != values[first]:
            text = f"{first:x}" if first == p - 1 else f"{first:x}-{p - 1:x}"
            ranges.setdefault(values[first], []).append(text)
            first = p
    for value in sorted(ranges):
        if value != usual:
            yield f"{name}\t{value}\t{' '.join(ranges[value])}"


def tables(folder: Path) -> str:
    version = (folder / "BidiTest.txt").read_text(encoding="utf-8").partition("-")[2].partition(".txt")[0]
    pairs = [f"{int(a, 16):x}-{int(b, 16):x}" for a, b, kind in rows(folder / "BidiBrackets.txt") if kind == "o"]
    found = [
        f"# Unicode {version}: properties of characters, from Unicode's data files, by tests/unicode_tables.py",
        "# Copyright 1991-2025 Unicode, Inc. Licence: Unicode-3.0, https://www.unicode.org/license.txt",
        "# property, value, code points; what is not named has the property's usual value",
        *lines("bidi", bidi_classes(folder), "L"),
        *lines("grapheme", grapheme_classes(folder), "Other"),
        *lines("script", scripts(folder), "Zzzz"),
        *lines("vertical", orientations(folder), "R"),
        f"bracket\tpairs\t{' '.join(pairs)}",
    ]
    return "\n".join(found) + "\n"


def bidi_cases(folder: Path) -> str:
    """BidiTest.txt: its inputs, a letter a class; below, of each the levels by `auto`, `ltr` and `rtl`, "-" where it
    asks for none; below, of all levels the order. Numbers are written as characters from "0" on."""
    inputs: dict[str, list[str]] = {}
    orders: dict[str, str] = {}
    found = order = ""
    for line in (folder / "BidiTest.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("@Levels:"):
            found = "".join(n if n == "x" else chr(ord("0") + int(n)) for n in line.split()[1:])
        elif line.startswith("@Reorder:"):
            order = "".join(chr(ord("0") + int(n)) for n in line.split()[1:])
        elif line and line[0] not in "#@":
            classes, bits = line.split(";")
            assert orders.setdefault(found, order) == order, line
            results = inputs.setdefault("".join(LETTERS[name] for name in classes.split()), ["-", "-", "-"])
            for base in range(3):
                if int(bits, 16) >> base & 1:
                    results[base] = found
    ordered = sorted(inputs, key=lambda classes: (len(classes), classes))
    results = (" ".join(inputs[classes]) for classes in ordered)
    return "\n\n".join("\n".join(part) for part in (ordered, results, map(" ".join, orders.items())))


def character_cases(folder: Path) -> str:
    return "\n".join(";".join(fields) for fields in rows(folder / "BidiCharacterTest.txt")) + "\n"


def grapheme_cases(folder: Path) -> str:
    text = (folder / "auxiliary" / "GraphemeBreakTest.txt").read_text(encoding="utf-8")
    kept = [line.partition("#")[0].strip() for line in text.splitlines()]
    return "\n".join(line for line in kept if line) + "\n"


def main(folder: Path) -> None:
    TABLES.write_text(tables(folder), encoding="utf-8")
    CASES.mkdir(exist_ok=True)
    for name, text in (
        ("BidiTest", bidi_cases(folder)),
        ("BidiCharacterTest", character_cases(folder)),
        ("GraphemeBreakTest", grapheme_cases(folder)),
    ):
        (CASES / f"{name}.txt.xz").write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "/usr/share/unicode"))
