"""The configuration of where the glyphs go."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from synthtext.core.section import Choices, EffectShare, Limits, Range, Section, Weights


class LayoutConfig(Section, frozen=True):
    """Where the glyphs go, before any warp. Strengths in em, angles in degrees.

    `curve`: weights of straight, arc, free. `curvature`: of an arc or curve, as total turn of the baseline in degrees.
    `letter_spacing`: added to each advance. `word_spacing`: factor on the space. `line_spacing`: of lines, in em.
    `slant`: synthetic, degrees; `weight`: synthetic, em by which each side of a stroke moves out (negative
    thins), bounded by the mean gap and the mean stroke of the letters.
    `stroke_contrast`: em by which each side of an upright moves out and of a level stroke moves in (negative: the
    other way round). `roughness`: em by which outlines wander, as of old type; `rounding`: radius of corners, em.
    `proportions`: makes another face of a face: letters narrower and wider by up to about this part, those of one width
    alike, and x-height and waist higher or lower by up to two fifths of it, em.
    `stretch`: factor on the glyphs' width. `jitter`: per-glyph displacement (em) and, times 60, rotation in degrees.
    `align`: weights of left, center, right, for several lines.
    """

    PATH = "layout"
    LIMITS: ClassVar[Limits] = {
        "curvature": (0.0, 300.0),
        "letter_spacing": (-0.2, 2.0),
        "word_spacing": (0.2, 10.0),
        "line_spacing": (0.5, 10.0),
        "slant": (-45.0, 45.0),
        "weight": (-0.05, 0.1),
        "stroke_contrast": (-0.05, 0.05),
        "roughness": (0.0, 0.1),
        "rounding": (0.0, 0.5),
        "proportions": (0.0, 0.3),
        "stretch": (0.2, 5.0),
        "jitter": (0.0, 0.5),
    }
    CHOICES: ClassVar[Choices] = {"curve": ("straight", "arc", "free"), "align": ("left", "center", "right")}

    curve: Weights = msgspec.field(default_factory=lambda: {"straight": 1.0})
    curvature: Range = (10.0, 60.0)
    letter_spacing: EffectShare = EffectShare(0.0, (-0.02, 0.2))
    word_spacing: Range = (1.0, 1.0)
    line_spacing: Range = (1.1, 1.5)
    slant: EffectShare = EffectShare(0.0, (-8.0, 18.0))
    weight: EffectShare = EffectShare(0.0, (-0.012, 0.03))
    stroke_contrast: EffectShare = EffectShare(0.0, (-0.012, 0.012))
    roughness: EffectShare = EffectShare(0.0, (0.003, 0.02))
    rounding: EffectShare = EffectShare(0.0, (0.02, 0.08))
    proportions: EffectShare = EffectShare(0.0, (0.03, 0.15))
    stretch: Range = (1.0, 1.0)
    jitter: EffectShare = EffectShare(0.0, (0.01, 0.06))
    align: Weights = msgspec.field(default_factory=lambda: {"left": 1.0, "center": 1.0, "right": 0.5})
