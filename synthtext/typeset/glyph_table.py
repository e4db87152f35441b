"""The columns of a table of placed glyphs."""

from __future__ import annotations

# Columns of a placement, float64 (n, PLACEMENT): how a glyph's em units (y upward) become text space (y downward).
P_SHEAR = 0  # added to x per unit of y: synthetic slant
P_STRETCH = 1  # factor on x
P_WEIGHT = 2  # each side of a stroke moves out by this many em
P_XX, P_XY, P_YX, P_YY, P_X, P_Y = 3, 4, 5, 6, 7, 8  # the frame: x' = XX x + XY y + X, y' = YX x + YY y + Y
P_CONTRAST = 9  # of strokes: each side of an upright moves out by this many em more, of a level stroke less
P_ROUGH = 10  # amplitude in em by which the outline wanders
P_SEED = 11  # where in the noise it wanders
P_WAIST = 12  # x-height and waist move up by this many em
PLACEMENT = 13
