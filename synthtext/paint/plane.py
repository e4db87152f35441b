"""The plane that text lies on, as the picture sees it: patterns that belong to the surface are drawn in it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from synthtext.core.kernel import kernel
from synthtext.geometry.warp import W_FIT, W_H

Plane = npt.NDArray[np.float64]


@kernel
def plane_to_image(warp):
    """The homography, float64 (9,), from text space (em) to pixels: the warp without its lens and elastic field."""
    out = np.empty(9)
    sx, sy, tx, ty = warp[W_FIT], warp[W_FIT + 1], warp[W_FIT + 2], warp[W_FIT + 3]
    for k in range(3):
        last = warp[W_H + 6 + k]
        out[k], out[3 + k], out[6 + k] = sx * warp[W_H + k] + tx * last, sy * warp[W_H + 3 + k] + ty * last, last
    return out


@kernel
def image_to_plane(forward):
    """The inverse of a homography, float64 (9,), by its adjugate."""
    a, b, c, d, e, f, g, h, i = forward
    out = np.empty(9)
    out[0], out[1], out[2] = e * i - f * h, c * h - b * i, b * f - c * e
    out[3], out[4], out[5] = f * g - d * i, a * i - c * g, c * d - a * f
    out[6], out[7], out[8] = d * h - e * g, b * g - a * h, a * e - b * d
    # Divided by the determinant, so that its third row is positive wherever the plane is before the camera.
    determinant = a * out[0] + b * out[3] + c * out[6]
    for k in range(9):
        out[k] /= determinant
    return out


@kernel
def corners_in_plane(plane, height, width):
    """A picture's corners in a plane, homogeneous, float64 (4, 3), from the top left clockwise; the last: one over the
    depth. `plane`: from pixels to it."""
    out = np.empty((4, 3))
    for k in range(4):
        x, y = width if k == 1 or k == 2 else 0.0, height if k >= 2 else 0.0
        for j in range(3):
            out[k, j] = plane[3 * j] * x + plane[3 * j + 1] * y + plane[3 * j + 2]
    return out
