"""What is set beside the labelled text of a crop, and how much room it takes."""

from __future__ import annotations

from synthtext.crop.crop_plan import Plan
from synthtext.typeset.layout import Extra
from synthtext.typeset.outlines import OutlineStore
from synthtext.typeset.shaping import Fonts, shape_line


def surroundings(
    plan: Plan, fonts: Fonts, store: OutlineStore
) -> tuple[tuple[Extra, ...], tuple[float, float, float, float]]:
    """The unlabelled text around, and the margins widened so that pieces of it are seen."""
    left, top, right, bottom = plan.crop.margins
    extras: list[Extra] = []
    stretch, spacing = plan.layout.stretch, plan.layout.letter_spacing
    middle = (len(plan.text.lines) - 1) // 2

    def reach(words: str, nearest: int) -> float:
        word = words.split()[nearest] if words.strip() else ""
        shaped = shape_line(fonts, store, word, spacing != 0.0, plan.text.language).words
        letter = shaped[0].advances[nearest] if shaped else 0.0
        blank = fonts[0].blank * plan.layout.word_spacing * stretch + spacing
        return blank + plan.distractor.cut_reach * stretch * letter

    if plan.text.cut_left:
        extras.append(Extra(plan.text.cut_left, middle, "left"))
        left = reach(plan.text.cut_left, -1)
    if plan.text.cut_right:
        extras.append(Extra(plan.text.cut_right, middle, "right"))
        right = reach(plan.text.cut_right, 0)
    gap = max(plan.layout.line_spacing - 1.0, 0.0)
    for neighbour in plan.distractor.neighbours:
        line = -1 if neighbour.above else len(plan.text.lines)
        extras.append(Extra(neighbour.text, line, "line", neighbour.shift))
        if neighbour.above:
            top = gap + neighbour.reach
        else:
            bottom = gap + neighbour.reach
    return tuple(extras), (left, top, right, bottom)
