"""The plane that text lies on, as the picture sees it: patterns that belong to the surface are drawn in it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from synthtext.geometry.warp import W_FIT, W_H, Warp

Plane = npt.NDArray[np.float64]


def plane_to_image(warp: Warp) -> Plane:
    """The homography, float64 (9,), from text space (em) to pixels: the warp without its lens and elastic field."""
    a, b, c, d, e, f, g, h, i = warp[W_H : W_H + 9].tolist()
    sx, sy, tx, ty = warp[W_FIT : W_FIT + 4].tolist()
    return np.array(
        [sx * a + tx * g, sx * b + tx * h, sx * c + tx * i, sy * d + ty * g, sy * e + ty * h, sy * f + ty * i, g, h, i]
    )


def image_to_plane(forward: Plane) -> Plane:
    """The inverse of a homography, float64 (9,), by its adjugate."""
    a, b, c, d, e, f, g, h, i = forward.tolist()
    inverse = np.array(
        [
            e * i - f * h,
            c * h - b * i,
            b * f - c * e,
            f * g - d * i,
            a * i - c * g,
            c * d - a * f,
            d * h - e * g,
            b * g - a * h,
            a * e - b * d,
        ]
    )
    # Divided by the determinant, so that its third row is positive wherever the plane is before the camera.
    inverse /= a * inverse[0] + b * inverse[3] + c * inverse[6]
    return inverse
