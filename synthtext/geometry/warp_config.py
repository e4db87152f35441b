"""The configuration of how the text's plane is seen."""

from __future__ import annotations

from typing import ClassVar

from synthtext.core.section import EffectShare, Limits, Range, Section


class WarpConfig(Section, frozen=True):
    """How the text's plane is seen.

    `rotation`: in the image plane, degrees, symmetric (a strength of 5 means -5 to 5). `tilt`: of the plane away from
    the camera, degrees, in any direction. `distance`: of the camera, in text widths (near is stronger perspective).
    `lens`: radial distortion at the text's end, as a part of its half width, either sign. `elastic`: displacement in
    line heights. `rolling_shutter`: of a camera that moves while it reads its rows: shift across per row down, either
    way, and, where it shakes, waves along the rows.
    """

    PATH = "warp"
    LIMITS: ClassVar[Limits] = {
        "rotation": (0.0, 180.0),
        "tilt": (0.0, 75.0),
        "distance": (0.5, 1000.0),
        "lens": (0.0, 0.2),
        "elastic": (0.0, 0.2),
        "rolling_shutter": (0.0, 1.0),
    }

    rotation: EffectShare = EffectShare(0.0, (0.0, 10.0))
    tilt: EffectShare = EffectShare(0.0, (5.0, 40.0))
    distance: Range = (1.2, 4.0)
    lens: EffectShare = EffectShare(0.0, (0.01, 0.08))
    elastic: EffectShare = EffectShare(0.0, (0.01, 0.05))
    rolling_shutter: EffectShare = EffectShare(0.0, (0.03, 0.25))
