"""The configuration of letters' effects, marks, print and surface."""

from __future__ import annotations

from typing import ClassVar

from synthtext.core.section import Effect, Limits, Section


class EffectsConfig(Section, frozen=True):
    """How the letters are made, beside their colour. Strengths are in em where nothing else is said.

    `double_border`: two lines around the letters, width of each. `extrusion`: letters with sides, lit from one side;
    their depth. `emboss`, `engrave`: raised out of and cut into the surface; steepness in [0, 1]. `neon`: glowing
    tubes; reach of the glow. `led`: a panel of round lamps; from one to the next. `worn`: rubbed-off paint, and
    `chipped`: flaked-off paint; part of it that is gone. `stencil`: bridges across letters with holes; their width.
    `stitched`: embroidery; width of a thread. `ink_spread`: ink that has run into the paper (bleed); its reach.
    """

    PATH = "effects"
    LIMITS: ClassVar[Limits] = {
        "double_border": (0.0, 0.3),
        "extrusion": (0.0, 0.6),
        "emboss": (0.0, 1.0),
        "engrave": (0.0, 1.0),
        "neon": (0.0, 1.0),
        "led": (0.01, 0.5),
        "worn": (0.0, 0.95),
        "chipped": (0.0, 0.95),
        "stencil": (0.0, 0.3),
        "stitched": (0.01, 0.3),
        "ink_spread": (0.0, 0.5),
    }

    double_border: Effect = Effect(0.0, (0.02, 0.06))
    extrusion: Effect = Effect(0.0, (0.04, 0.22))
    emboss: Effect = Effect(0.0, (0.3, 1.0))
    engrave: Effect = Effect(0.0, (0.3, 1.0))
    neon: Effect = Effect(0.0, (0.08, 0.4))
    led: Effect = Effect(0.0, (0.05, 0.11))
    worn: Effect = Effect(0.0, (0.1, 0.5))
    chipped: Effect = Effect(0.0, (0.08, 0.4))
    stencil: Effect = Effect(0.0, (0.04, 0.1))
    stitched: Effect = Effect(0.0, (0.04, 0.1))
    ink_spread: Effect = Effect(0.0, (0.03, 0.14))


class InterferenceConfig(Section, frozen=True):
    """What crosses or surrounds the text. What hides ink, the legibility knows.

    `ruled_lines`: on the paper, under the text; opacity. `underline`, `strike` (crossed out), `box` (or an oval
    around the text): width of the line, em. `seal`: a stamp of transparent ink; opacity. `scratches`, `specks` (dirt):
    how many per square em. `occlusion`: a pole, a leaf, a sheet before the text; the part of the picture that it hides.
    `plate`: the edge of the plate, label or band that bears the text, and what lies beyond; its distance from the ink.
    """

    PATH = "interference"
    LIMITS: ClassVar[Limits] = {
        "ruled_lines": (0.0, 1.0),
        "underline": (0.0, 0.5),
        "strike": (0.0, 0.5),
        "box": (0.0, 0.5),
        "seal": (0.0, 1.0),
        "scratches": (0.0, 20.0),
        "specks": (0.0, 60.0),
        "occlusion": (0.0, 0.6),
        "plate": (0.0, 3.0),
    }

    ruled_lines: Effect = Effect(0.0, (0.2, 0.9))
    underline: Effect = Effect(0.0, (0.02, 0.1))
    strike: Effect = Effect(0.0, (0.015, 0.07))
    box: Effect = Effect(0.0, (0.02, 0.08))
    seal: Effect = Effect(0.0, (0.3, 0.9))
    scratches: Effect = Effect(0.0, (0.5, 4.0))
    specks: Effect = Effect(0.0, (1.0, 12.0))
    occlusion: Effect = Effect(0.0, (0.03, 0.18))
    plate: Effect = Effect(0.0, (0.05, 0.25))


class PrintConfig(Section, frozen=True):
    """How a page was printed and scanned. Bleed is `effects.ink_spread`, skew is `warp.rotation`.

    `halftone`: the screens of four-colour (or black) print; em from dot to dot. `toner_loss`: streaks and voids where
    toner is missing; part of the ink. `thermal`: a receipt that has faded; how far, in [0, 1]. `dot_matrix`: letters
    of printed dots; em from dot to dot. `show_through`: the other side of the sheet; opacity. `fax`: scanned in one bit
    a pixel; the scanner's pixel in em (never less than a pixel of the picture).
    """

    PATH = "print"
    LIMITS: ClassVar[Limits] = {
        "halftone": (0.01, 0.5),
        "toner_loss": (0.0, 0.95),
        "thermal": (0.0, 1.0),
        "dot_matrix": (0.01, 0.5),
        "show_through": (0.0, 1.0),
        "fax": (0.0, 0.5),
    }

    halftone: Effect = Effect(0.0, (0.04, 0.12))
    toner_loss: Effect = Effect(0.0, (0.1, 0.5))
    thermal: Effect = Effect(0.0, (0.3, 0.85))
    dot_matrix: Effect = Effect(0.0, (0.055, 0.1))
    show_through: Effect = Effect(0.0, (0.08, 0.35))
    fax: Effect = Effect(0.0, (0.02, 0.09))


class SurfaceConfig(Section, frozen=True):
    """The surface that text lies on, and what lies before it. None of it moves a pixel.

    `texture_through`: the ground's texture (fabric, brick, brushed metal) shows in the ink; in [0, 1]. `folds`:
    creases of a folded sheet, `crumple`: of a crumpled one; depth of the shading. `screen`: a display's pixels, which
    beat with the camera's (moire); depth of its pattern. `night`: one lamp's light; stops. `glass`: dirt and haze on
    a pane; opacity. `reflection`: of a scene in it; part of its light. `glare`: a lamp's reflection; its light.
    """

    PATH = "surface"
    LIMITS: ClassVar[Limits] = {
        "texture_through": (0.0, 1.0),
        "folds": (0.0, 1.0),
        "crumple": (0.0, 1.0),
        "screen": (0.0, 1.0),
        "night": (0.0, 8.0),
        "glass": (0.0, 1.0),
        "reflection": (0.0, 1.0),
        "glare": (0.0, 4.0),
    }

    texture_through: Effect = Effect(0.0, (0.3, 1.0))
    folds: Effect = Effect(0.0, (0.2, 0.8))
    crumple: Effect = Effect(0.0, (0.2, 0.8))
    screen: Effect = Effect(0.0, (0.2, 0.9))
    night: Effect = Effect(0.0, (0.5, 3.0))
    glass: Effect = Effect(0.0, (0.15, 0.6))
    reflection: Effect = Effect(0.0, (0.1, 0.5))
    glare: Effect = Effect(0.0, (0.15, 0.8))
