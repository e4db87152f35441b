"""What a plan from outside must hold beside its types: text that its fonts draw, and names that there are."""

from __future__ import annotations

import difflib

from synthtext.core.errors import InputError
from synthtext.core.records import Record, records_in
from synthtext.paint.backgrounds import KINDS, BackgroundParams
from synthtext.paint.photographs import BackgroundLibrary
from synthtext.paint.textures import KINDS as TEXTURE_KINDS
from synthtext.paint.textures import VARIANTS
from synthtext.text.invisible import draws_nothing
from synthtext.typeset.catalogue import Catalogue, FontRecord

MOST_LINES = 64  # of a text, as of the configuration


def check_records(plan: Record, font: FontRecord | None, catalogue: Catalogue, library: BackgroundLibrary) -> None:
    """Refuse what a plan's records cannot be rendered with. `font`: of the plan's own text, where it has one.

    Raises InputError, one sentence that names the field and the fix.
    """
    for path, record in records_in(plan):
        if isinstance(record, FontRecord):
            _check_font(path, record, catalogue)
        elif isinstance(record, BackgroundParams):
            _check_background(path, record, library)
        else:
            _check_texts(path, record, getattr(record, "font", font), catalogue)


def _check_texts(path: str, record: Record, font: FontRecord | None, catalogue: Catalogue) -> None:
    """Refuse the texts of a record, where it has any, that `font` does not draw."""
    lines = getattr(record, "lines", None)
    if lines is not None:
        if not lines:
            raise InputError(f"{path}.lines: is empty; give a line of text")
        if len(lines) > MOST_LINES:
            raise InputError(f"{path}.lines: has {len(lines):,} lines; give at most {MOST_LINES}")
        for i, line in enumerate(lines):
            _check_line(f"{path}.lines[{i}]", line, font, catalogue)
    for name in ("text", "cut_left", "cut_right"):
        # A field: the property `text` of a TextRecord joins its lines, which were checked.
        line = getattr(record, name) if name in record.__struct_fields__ else None
        if isinstance(line, str) and (line or name == "text"):
            _check_line(f"{path}.{name}", line, font, catalogue)


def _check_line(path: str, line: str, font: FontRecord | None, catalogue: Catalogue) -> None:
    if not any(not draws_nothing(c) and not c.isspace() for c in line):
        raise InputError(f"{path}: {line!r} has nothing to draw; give it a visible character")
    for c in line:
        if c < " " or c in "\x7f\x85\u2028\u2029":
            raise InputError(f"{path}: {line!r} has a line break, tab or control in it; give lines one by one")
    if line != " ".join(line.split()):
        raise InputError(f"{path}: {line!r} has blanks at an end or two in a row; give one blank between words")
    if font is None or catalogue.covers(catalogue.face(font.face).id, line):
        return
    faces = [font.face] if font.second is None else [font.face, catalogue.face(font.second.face).id]
    missing = [c for c in dict.fromkeys(line) if not any(catalogue.covers(face, c) for face in faces)]
    if not missing and font.second is not None:
        return
    able = catalogue.covering(line)
    others = [face.id for i, face in enumerate(catalogue.faces) if able >> i & 1]
    named = f"{', '.join(others[:3])}{f' or one of {len(others) - 3} more' if len(others) > 3 else ''}"
    hint = f"take {named}" if others else "no font of this configuration does, so add one to fonts.folders"
    raise InputError(f"{path}: font {font.face!r} does not draw {', '.join(map(repr, missing[:8]))}; {hint}")


def _check_font(path: str, font: FontRecord, catalogue: Catalogue) -> None:
    axes = {tag: (low, high) for tag, low, _, high in catalogue.face(font.face).axes}
    for tag, value in font.variation:
        if tag not in axes:
            known = ", ".join(axes) or "none"
            raise InputError(f"{path}.variation: {font.face!r} has no axis {tag!r} (it has {known})")
        low, high = axes[tag]
        if not low <= value <= high:
            raise InputError(f"{path}.variation: {tag} is {value:g}; {font.face!r} takes {low:g} to {high:g}")


def _check_background(path: str, record: BackgroundParams, library: BackgroundLibrary) -> None:
    if record.kind not in KINDS:
        raise InputError(f"{path}.kind: {record.kind!r} is unknown; the kinds are {', '.join(KINDS)}")
    if record.kind == "photo" and record.source not in library.names:
        near = difflib.get_close_matches(str(record.source), library.names, 1)
        hint = f" (the nearest is {near[0]!r})" if near else ""
        raise InputError(
            f"{path}.source: no photograph {record.source!r} is in the library{hint}; add its folder to "
            "paint.background.folders"
        )
    if record.kind in TEXTURE_KINDS and record.source not in range(VARIANTS):
        raise InputError(
            f"{path}.source: texture {record.kind!r} has no variant {record.source!r}; give 0 to {VARIANTS - 1}"
        )
