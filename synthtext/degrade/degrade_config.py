"""The configuration of light, camera and compression."""

from __future__ import annotations

from typing import ClassVar

from synthtext.core.section import EffectShare, Limits, Section


class DegradeConfig(Section, frozen=True):
    """What light, camera and compression do, in this order. Strengths are drawn uniformly; blurs are in line heights.

    Where a picture is stretched to its width (`image.fit: stretch`), all that lens and pixels do is stretched with it.

    light: `light_gradient`, stops from one end of the image to the other, in any direction. `cast_shadow`, part of the
    light that is taken by a shadow with a soft edge. `vignette`, part of the light that is lost at the furthest corner.
    optics: `defocus`, radius of a disk. `gaussian_blur`, standard deviation. `motion_blur`, length of the path.
    sensor: `resolution`, height of a camera's pixel in rows of the picture, its logarithm uniform: above 1, the
    photograph is as much smaller, and is enlarged to the picture by nearest, linear, cubic or Lanczos; below 1, only a
    picture that is stretched in width loses anything.
    `exposure`, stops, either way. `white_balance`, the most stops that red and blue are apart from neutral.
    `shot_noise`, standard deviation at full white, where it is strongest; `read_noise`, the same in dark and light:
    both in parts of full white, linear, for each pixel of the camera and channel.
    processing: `contrast`, factor about the middle; `gamma`, exponent; both of display values.
    compression: `jpeg`, quality 1 to 100 (lower is stronger), of the photograph that the image was cut from, so that
    its grid of blocks lies anywhere. `jpeg_again`: of the image itself, after the first; its share is of those.
    """

    PATH = "degrade"
    LIMITS: ClassVar[Limits] = {
        "light_gradient": (0.0, 8.0),
        "cast_shadow": (0.0, 1.0),
        "vignette": (0.0, 0.95),
        "defocus": (0.0, 1.0),
        "gaussian_blur": (0.0, 1.0),
        "motion_blur": (0.0, 2.0),
        "resolution": (0.05, 100.0),
        "exposure": (0.0, 6.0),
        "white_balance": (0.0, 3.0),
        "shot_noise": (0.0, 1.0),
        "read_noise": (0.0, 1.0),
        "contrast": (0.1, 10.0),
        "gamma": (0.1, 10.0),
        "jpeg": (1.0, 100.0),
        "jpeg_again": (1.0, 100.0),
    }

    light_gradient: EffectShare = EffectShare(0.0, (0.1, 1.5))
    cast_shadow: EffectShare = EffectShare(0.0, (0.15, 0.7))
    vignette: EffectShare = EffectShare(0.0, (0.1, 0.5))
    defocus: EffectShare = EffectShare(0.0, (0.01, 0.06))
    gaussian_blur: EffectShare = EffectShare(0.0, (0.01, 0.04))
    motion_blur: EffectShare = EffectShare(0.0, (0.03, 0.15))
    resolution: EffectShare = EffectShare(0.0, (1.1, 2.5))
    exposure: EffectShare = EffectShare(0.0, (0.0, 1.0))
    white_balance: EffectShare = EffectShare(0.0, (0.0, 0.4))
    shot_noise: EffectShare = EffectShare(0.0, (0.005, 0.06))
    read_noise: EffectShare = EffectShare(0.0, (0.001, 0.015))
    contrast: EffectShare = EffectShare(0.0, (0.7, 1.3))
    gamma: EffectShare = EffectShare(0.0, (0.7, 1.4))
    jpeg: EffectShare = EffectShare(0.0, (25.0, 95.0))
    jpeg_again: EffectShare = EffectShare(0.0, (40.0, 95.0))
