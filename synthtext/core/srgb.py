"""The sRGB transfer curve (IEC 61966-2-1): 8-bit codes to linear light and back, by table.

The way back is indexed by the square root of the linear value, which is nearly as even to the eye as sRGB itself, so
that a small table is enough: in steps of 1/4096 it is never further than 0.55 of a level from the exact curve (0.5 is
the rounding to 8 bits), and a code that is decoded and encoded again is itself.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

ENCODE_STEPS = 4096
#: What red, green and blue, linear light, give to the relative luminance (ITU-R BT.709, whose primaries sRGB has).
LUMINANCE = (0.2126, 0.7152, 0.0722)


def srgb_decode(v: float) -> float:
    """Display value in [0, 1] to linear light in [0, 1]."""
    return v / 12.92 if v <= 0.04045 else math.pow((v + 0.055) / 1.055, 2.4)


def srgb_encode(x: float) -> float:
    """Linear light in [0, 1] to display value in [0, 1]."""
    return 12.92 * x if x <= 0.0031308 else 1.055 * math.pow(x, 1.0 / 2.4) - 0.055


# By Python's own arithmetic, since NumPy's power differs in the last bit from one processor to the next.
SRGB_TO_LINEAR: npt.NDArray[np.float32] = np.array([srgb_decode(i / 255) for i in range(256)], np.float32)
"""float32 (256,): linear light of an sRGB code."""

ROOT_TO_DISPLAY: npt.NDArray[np.float32] = np.array(
    [srgb_encode((i / ENCODE_STEPS) ** 2) for i in range(ENCODE_STEPS + 1)], np.float32
)
"""float32 (4097,): display value in [0, 1] of the linear light (i / 4096) ** 2; strictly increasing."""

ROOT_TO_SRGB: npt.NDArray[np.uint8] = np.array([int(255.0 * v + 0.5) for v in ROOT_TO_DISPLAY.tolist()], np.uint8)
"""uint8 (4097,): sRGB code of the linear light (i / 4096) ** 2; index it by int(4096 sqrt(x) + 0.5)."""


def decode_srgb(image: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """sRGB codes of any shape to linear light in [0, 1]."""
    return SRGB_TO_LINEAR[image]


def encode_srgb(light: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """Linear light of any shape to sRGB codes; what lies outside [0, 1] is clipped."""
    root = np.sqrt(np.clip(light, 0.0, 1.0, dtype=np.float32))
    codes: npt.NDArray[np.uint8] = ROOT_TO_SRGB[(root * np.float32(ENCODE_STEPS) + np.float32(0.5)).astype(np.intp)]
    return codes


def luma(rgb: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """ITU-R BT.601 luma of uint8 (..., 3), in 16-bit fixed point, as JPEG and OpenCV have it."""
    wide = rgb.astype(np.uint32)
    grey = (19595 * wide[..., 0] + 38470 * wide[..., 1] + 7471 * wide[..., 2] + 32768) >> 16
    return grey.astype(np.uint8)
