"""The checklist of `synthtext inspect`: each thing that can be wrong with a data set, whether it is, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from msgspec import Struct

from synthtext.inspection.duplicates import Leakage, duplicates, near_duplicates
from synthtext.inspection.gather import Gathered, characters, families

_FEWEST = 50  # pictures of which the colours say something of the whole dataset
_FLAT = 5.0  # lightness between the darkest and the lightest 1/200, below which a picture shows nothing,
_EDGES = 16  # unless so many pixels are an edge: a word on a large empty page
RARE = 10  # occurrences of a character below which a network hardly learns it


class Check(Struct, frozen=True):
    """One line of the checklist.

    `state`: bad (training on it does harm), look (may be meant, may be a fault), ok. `count`, `of`: how many of how
    many; `of` 0 where there is no such share. `said`: what was found; `advice`: what to do about it. `pictures`:
    examples, by number; `pairs`: examples of two pictures that belong together (in leakage, the second is of the other
    data set).
    """

    key: str
    title: str
    state: str
    count: int
    of: int
    said: str
    advice: str
    pictures: tuple[int, ...] = ()
    pairs: tuple[tuple[int, int], ...] = ()


# key, title, of what (picture, label or word), state where any is found, share of it up to which it is only to look at,
# and the advice.
_FOUND: tuple[tuple[str, str, str, str, float, str], ...] = (
    ("missing", "pictures that are not there", "picture", "bad", 0.0, "restore the files or take the labels out"),
    ("unreadable", "pictures that cannot be read", "picture", "bad", 0.0, "fetch them again or take the labels out"),
    ("label", "labels that cannot be read", "picture", "bad", 0.0, "mend these lines of the label file"),
    ("size", "label and file differ in the picture's size", "picture", "bad", 0.0, "the quads belong to another size"),
    (
        *("exif", "pictures that EXIF turns", "picture", "bad", 0.0),
        "some readers turn them and others don't, so that labels lie wrong: write the pixels as they are to be seen",
    ),
    ("empty", "empty labels", "label", "bad", 0.0, "take the pictures out, or mark the words to be ignored"),
    ("control", "control, private or unassigned characters", "label", "bad", 0.0, "clean the texts"),
    (
        *("invisible", "labels with characters that draw nothing", "label", "bad", 0.0),
        "nobody can see soft hyphens, zero-width spaces, direction marks and the like: take them out",
    ),
    (
        "charset",
        "labels with characters outside the charset",
        "label",
        "bad",
        0.0,
        "widen the charset or clean the texts",
    ),
    (
        *("mixed_scripts", "words of mixed scripts", "label", "bad", 0.0),
        "a letter of another script that looks the same makes a label that nobody can read off: replace it",
    ),
    ("not_nfc", "labels that are not NFC", "label", "look", 1.0, "normalise them: else é has two spellings"),
    ("blanks", "blanks at an end or doubled", "label", "look", 1.0, "no reader can see them: strip them"),
    ("quad_shape", "quads without four corners", "word", "bad", 0.0, "write four corners a word"),
    ("not_finite", "quads that are no numbers", "word", "bad", 0.0, "mend or drop them"),
    ("crossing", "quads or polygons that cross themselves", "word", "bad", 0.0, "reorder the corners"),
    (
        *("flipped", "quads or polygons that run counter-clockwise", "word", "bad", 0.0),
        "reading direction is lost: list the corners clockwise from the text's top left",
    ),
    ("degenerate", "quads without an area", "word", "look", 0.001, "drop them"),
    ("outside", "words wholly outside their picture", "word", "bad", 0.0, "drop them"),
    (
        *("partly_outside", "words that reach beyond their picture", "word", "look", 1.0),
        "mark to be ignored those of which letters are missing",
    ),
    ("tiny", "words less than 8 pixels high", "word", "look", 1.0, "mark to be ignored those that nobody can read"),
    (
        *("upside_down", "quads that begin at the wrong corner, or upside-down text", "word", "look", 1.0),
        "the first corner is the text's own top left, whichever way it stands",
    ),
)


def _short(value: float) -> str:
    """Two figures, and whole numbers from 10 on."""
    return f"{value:.2g}" if value < 10 else f"{value:.0f}"


def _percent(count: int, of: int) -> str:
    return f"{count:,} of {of:,} ({_short(100 * count / of)} %)" if of else f"{count:,}"


def found_checks(g: Gathered) -> list[Check]:
    """The checks that are counts of findings."""
    totals = {"picture": g.count, "label": g.labels, "word": len(g.quads)}
    checks = []
    for key, title, of, state, tolerated, advice in _FOUND:
        total = totals[of]
        if of == "word" and not total:
            continue
        if key == "charset" and not g.charset:
            continue
        count = g.findings.counts[key]
        settled = "ok" if not count else "look" if state == "look" or count <= tolerated * total else state
        note = g.findings.notes.get(key, "")
        said = f"{_percent(count, total)}: {note}" if count and note else _percent(count, total) if count else "none"
        checks.append(Check(key, title, settled, count, total, said, advice, tuple(g.findings.examples[key])))
    return checks


def duplicate_checks(g: Gathered) -> list[Check]:
    """Pictures that occur twice, and such as contradict each other."""
    count, pairs, clashes, clashing = duplicates(g)
    near, looking = near_duplicates(g)
    k = len(g.sampled)
    return [
        Check(
            *("same_picture_other_text", "one picture under two labels", "bad" if clashes else "ok", clashes, g.count),
            _percent(clashes, g.count) if clashes else "none",
            "one of them is wrong: see which",
            pairs=tuple(clashing),
        ),
        Check(
            *("duplicates", "pictures that an earlier one equals byte for byte", "bad" if count else "ok"),
            *(count, g.count, _percent(count, g.count) if count else "none"),
            "they weigh double, and leak between splits: drop them",
            pairs=tuple(pairs),
        ),
        Check(
            *("near_duplicates", "pairs of pictures that look the same", "look" if near else "ok", near, 0),
            f"{near:,} among {k:,} decoded pictures" if near else f"none among {k:,} decoded pictures",
            "split them to one side, or drop one of each",
            pairs=tuple(looking),
        ),
    ]


def picture_checks(g: Gathered) -> list[Check]:
    """Blank pictures, the order of the colours, the aspect ratio."""
    checks = []
    looks = g.looks
    if len(looks):
        flat = (looks[:, 9] - looks[:, 8]) / 2.55 < _FLAT
        blank = np.flatnonzero(flat & (looks[:, 10] < _EDGES))
        checks.append(
            Check(
                *("blank", "pictures that show nothing"),
                "ok" if not len(blank) else "bad" if len(blank) > 0.001 * len(looks) else "look",
                *(len(blank), len(looks)),
                _percent(len(blank), len(looks)) if len(blank) else "none",
                "all but a few pixels are of one lightness: take them out",
                tuple(g.sampled[blank[:12]].tolist()),
            )
        )
        checks.append(_colour_check(looks))
    checks += _aspect_checks(g)
    return checks


def _colour_check(looks: Any) -> Check:
    """Photographs and print hold more orange (wood, skin, paper, lamps) than blue: where it is the other way by far,
    red and blue may be exchanged."""
    warm, cold = float(looks[:, 6].mean()), float(looks[:, 7].mean())
    grey = float((looks[:, 4] < 2.0).mean())
    total = warm + cold
    share = cold / total if total > 0.5 else 0.0
    state = "look" if share > 0.62 and len(looks) >= _FEWEST else "ok"
    said = f"{100 * share:.0f} % of the colour is blue rather than orange" if total > 0.5 else "hardly any colour"
    if grey > 0.01:
        said += f"; {100 * grey:.0f} % of the pictures are grey"
    advice = (
        "look at the pictures: if skin is blue and the sky orange, they were written BGR as RGB (cv2.imwrite wants BGR)"
    )
    return Check("colour_order", "red and blue exchanged", state, round(100 * share), 0, said, advice)


def _aspect_checks(g: Gathered) -> list[Check]:
    """Crops that lie on their side or are squeezed: where a label is of a whole picture."""
    height, width = g.size[:, 0].astype(np.float64), g.size[:, 1].astype(np.float64)
    usable = (height > 0) & (g.length > 0)
    if g.reader.unit != "picture" or not usable.any():
        return []
    aspect = width[usable] / height[usable] / np.maximum(g.length[usable], 1)
    numbers = np.flatnonzero(usable)
    on_side = numbers[(height[usable] > 1.5 * width[usable]) & (g.length[usable] >= 3)]
    squeezed = numbers[width[usable] < 3.0 * g.length[usable]]
    sizes = np.unique(g.size[usable], axis=0)
    checks = [
        Check(
            *("on_side", "crops that may lie on their side", "look" if len(on_side) else "ok", len(on_side), g.count),
            _percent(len(on_side), g.count) if len(on_side) else "none",
            "three letters or more and taller than wide: turn them, unless the script runs downwards",
            tuple(on_side[:12].tolist()),
        ),
        Check(
            *("squeezed", "crops with less than 3 pixels a character", "look" if len(squeezed) else "ok"),
            *(len(squeezed), g.count, _percent(len(squeezed), g.count) if len(squeezed) else "none"),
            "nobody can read them: widen the pictures or drop the longest texts",
            tuple(squeezed[:12].tolist()),
        ),
    ]
    spread = float(np.quantile(aspect, 0.95) / max(np.quantile(aspect, 0.05), 1e-9))
    stretched = len(sizes) == 1 and spread > 3.0 and len(aspect) > 50
    checks.append(
        Check(
            *("aspect", "aspect ratio not kept", "look" if stretched else "ok", int(stretched), 0),
            f"every picture is {sizes[0][1]} x {sizes[0][0]}, so characters are stretched by factors {spread:.1f} apart"
            if len(sizes) == 1
            else f"{len(sizes):,} sizes; width a character over height spans a factor {spread:.1f}",
            "right where the network's input is made the same way; else keep the aspect and pad",
        )
    )
    return checks


def text_checks(g: Gathered) -> list[Check]:
    """Rare characters, and words that are ignored."""
    found = characters(g.texts)
    rare = sorted((c for c, n in found.items() if n < RARE and not c.isspace()), key=lambda c: found[c])
    checks = [
        Check(
            *("rare", f"characters seen fewer than {RARE} times", "look" if rare else "ok", len(rare), len(found)),
            f"{len(rare)} of {len(found)}: {' '.join(rare[:30])}{' …' if len(rare) > 30 else ''}" if rare else "none",
            "a network hardly learns them: add samples (text.rare, fitting files), or leave them out of the charset",
            tuple(dict.fromkeys(g.first_with[c] for c in rare[:24] if c in g.first_with)),
        )
    ]
    if g.charset:
        missing = [c for c in g.charset if c not in found and not c.isspace()]
        checks.append(
            Check(
                *("unused", "characters of the charset that never occur", "look" if missing else "ok", len(missing)),
                *(len(g.charset), " ".join(missing[:30]) + (" …" if len(missing) > 30 else "") if missing else "none"),
                "add texts that have them, or narrow the charset",
            )
        )
    if len(g.quads):
        ignored = int(g.word_ignore.sum())
        share = ignored / len(g.quads)
        pictures = np.unique(g.word_picture[g.word_ignore])[:12]
        checks.append(
            Check(
                *("ignored", "words marked to be ignored", "look" if share > 0.25 else "ok", ignored, len(g.quads)),
                _percent(ignored, len(g.quads)) if ignored else "none",
                "above a quarter, much of each picture teaches nothing: soften the effects or raise legibility.redraws",
                tuple(pictures.tolist()),
            )
        )
    return checks


def _meant_apart(a: Gathered, b: Gathered) -> frozenset[str]:
    """Of fonts, backgrounds and words, what the two were made disjoint in: parts of one split (`generate --split`)."""
    splits = [g.reader.manifest.config.get("split", {}) if g.reader.manifest else {} for g in (a, b)]
    one, other = splits
    if not one.get("name") or not other.get("name") or one["name"] == other["name"]:
        return frozenset()
    if (one.get("shares"), one.get("seed")) != (other.get("shares"), other.get("seed")):
        return frozenset()
    return frozenset(one.get("by", ())) & frozenset(other.get("by", ()))


def leakage_checks(a: Gathered, b: Gathered, leak: Leakage) -> list[Check]:
    """What the data set shares with the one it is set against."""
    n, k = a.count, len(a.sampled)
    apart = _meant_apart(a, b)

    def check(key: str, title: str, kind: str, count: int, of: int, said: str, advice: str, **more: Any) -> Check:
        state = "ok" if not count else "bad" if not kind or kind in apart else "look"
        return Check(f"leak_{key}", title, state, count, of, said if count else "none", advice, **more)

    def named(names: Sequence[str], most: int) -> str:
        return f"{len(names)}: {', '.join(names[:most])}{' …' if len(names) > most else ''}"

    checks = [
        check(
            "samples",
            "samples made of the same seed and index",
            "",
            leak.indices,
            n,
            f"{leak.indices:,}",
            "give one of them another --seed",
        ),
        check(
            "pictures",
            "pictures that the other has too",
            "",
            leak.identical,
            n,
            _percent(leak.identical, n),
            "a score on them measures memory: drop them from one side",
            pairs=tuple(leak.identical_pairs),
        ),
        check(
            "near",
            "pictures that look like one of the other's",
            "",
            leak.near,
            k,
            f"{_percent(leak.near, k)} decoded",
            "drop them from one side",
            pairs=tuple(leak.near_pairs),
        ),
        check(
            "texts",
            "labels whose text the other has too, in whatever case",
            "words",
            leak.labels,
            a.labels,
            f"{_percent(leak.labels, a.labels)}, {leak.texts:,} distinct texts",
            "fine for common words; to measure words never seen, make splits that are apart (generate --split)",
        ),
    ]
    if a.faces and b.faces:
        checks.append(
            check(
                "fonts",
                "families of fonts in both",
                "fonts",
                len(leak.families),
                len(families(a)),
                named(leak.families, 5),
                "to measure fonts never seen, make splits that are apart (generate --split)",
            )
        )
    if a.photos and b.photos:
        checks.append(
            check(
                "backgrounds",
                "background photographs in both",
                "backgrounds",
                len(leak.photos),
                len(a.photos),
                named(leak.photos, 3),
                "to measure backgrounds never seen, make splits that are apart (generate --split)",
            )
        )
    return checks


def checklist(g: Gathered, other: Gathered | None = None, leak: Leakage | None = None) -> list[Check]:
    """Every check, worst first, and within a state in the order of a sample's life."""
    checks = found_checks(g) + duplicate_checks(g) + picture_checks(g) + text_checks(g)
    if other is not None and leak is not None:
        checks += leakage_checks(g, other, leak)
    return in_order(checks)


def in_order(checks: Sequence[Check]) -> list[Check]:
    """Worst first."""
    return sorted(checks, key=lambda check: ("bad", "look", "ok").index(check.state))
