"""Planes in space as a pinhole camera sees them: homographies of nine numbers, row by row, from a plane to pixels.

Camera space: x to the right, y down, z forward. A plane has an origin and two unit vectors; its coordinates are in
whatever unit the scene is (metres, where it is built; em, where text makes its own).
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from synthtext.core.records import Place

Homography = tuple[Place, Place, Place, Place, Place, Place, Place, Place, Place]
Vector = tuple[float, float, float]
Box = tuple[Place, Place, Place, Place]

IDENTITY: Homography = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)


def chain(a: Homography, b: Homography) -> Homography:
    """The homography that applies `b`, then `a`."""
    a0, a1, a2, a3, a4, a5, a6, a7, a8 = a
    b0, b1, b2, b3, b4, b5, b6, b7, b8 = b
    return (
        a0 * b0 + a1 * b3 + a2 * b6,
        a0 * b1 + a1 * b4 + a2 * b7,
        a0 * b2 + a1 * b5 + a2 * b8,
        a3 * b0 + a4 * b3 + a5 * b6,
        a3 * b1 + a4 * b4 + a5 * b7,
        a3 * b2 + a4 * b5 + a5 * b8,
        a6 * b0 + a7 * b3 + a8 * b6,
        a6 * b1 + a7 * b4 + a8 * b7,
        a6 * b2 + a7 * b5 + a8 * b8,
    )


def invert(h: Homography) -> Homography:
    """The inverse, up to scale: the adjugate, whose sign is kept positive at the plane's side of the camera."""
    a, b, c, d, e, f, g, i, j = h
    det = a * (e * j - f * i) - b * (d * j - f * g) + c * (d * i - e * g)
    s = 1.0 / det
    return (
        s * (e * j - f * i),
        s * (c * i - b * j),
        s * (b * f - c * e),
        s * (f * g - d * j),
        s * (a * j - c * g),
        s * (c * d - a * f),
        s * (d * i - e * g),
        s * (b * g - a * i),
        s * (a * e - b * d),
    )


def project(h: Homography, x: float, y: float) -> tuple[float, float]:
    """Where the homography sends a point."""
    w = h[6] * x + h[7] * y + h[8]
    return (h[0] * x + h[1] * y + h[2]) / w, (h[3] * x + h[4] * y + h[5]) / w


def scale_at(h: Homography, x: float, y: float) -> float:
    """Pixels per unit about a point of the plane: the root of the Jacobian's determinant; 0 behind the camera."""
    w = h[6] * x + h[7] * y + h[8]
    if w <= 1e-9:
        return 0.0
    a, b, c, d, e, f, g, i, j = h
    det = a * (e * j - f * i) - b * (d * j - f * g) + c * (d * i - e * g)
    return math.sqrt(abs(det) / w**3)


def similarity(x: float, y: float, angle: float, scale: float) -> Homography:
    """Scale, then turn by `angle` (radians, clockwise on the screen), then shift by (x, y)."""
    c, s = scale * math.cos(angle), scale * math.sin(angle)
    return (c, -s, x, s, c, y, 0.0, 0.0, 1.0)


def corners(box: Box) -> tuple[tuple[float, float], ...]:
    """A box's corners, clockwise on the screen from its top left."""
    x0, y0, x1, y1 = box
    return (x0, y0), (x1, y0), (x1, y1), (x0, y1)


def quad_of(h: Homography, box: Box) -> npt.NDArray[np.float64]:
    """The box's corners in the image, float64 (4, 2)."""
    return np.array([project(h, x, y) for x, y in corners(box)])


def in_front(h: Homography, box: Box, least: float = 1e-6) -> bool:
    """Whether all of the box lies before the camera."""
    return all(h[6] * x + h[7] * y + h[8] > least for x, y in corners(box))


class Camera(Struct, frozen=True):
    """A pinhole camera at the origin. `focal`, `x`, `y` (of the principal point): pixels; angles in radians.

    The world is turned by `yaw` about the vertical, then by `pitch` (positive looks down), then by `roll`.
    """

    focal: float
    x: float
    y: float
    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0

    def turned(self, v: Vector) -> Vector:
        """A direction or point of the world in camera space."""
        x, y, z = v
        c, s = math.cos(self.yaw), math.sin(self.yaw)
        x, z = c * x - s * z, s * x + c * z
        c, s = math.cos(self.pitch), math.sin(self.pitch)
        y, z = c * y - s * z, s * y + c * z
        c, s = math.cos(self.roll), math.sin(self.roll)
        return c * x - s * y, s * x + c * y, z

    def plane(self, origin: Vector, along: Vector, down: Vector) -> Homography:
        """The homography of a plane: (u, v) -> the pixel of origin + u along + v down.

        Hartley and Zisserman, Multiple View Geometry, 2nd ed., section 8.1.1: H = K [r1 r2 t].
        """
        o, a, d = self.turned(origin), self.turned(along), self.turned(down)
        f, x, y = self.focal, self.x, self.y
        return (
            f * a[0] + x * a[2],
            f * d[0] + x * d[2],
            f * o[0] + x * o[2],
            f * a[1] + y * a[2],
            f * d[1] + y * d[2],
            f * o[1] + y * o[2],
            a[2],
            d[2],
            o[2],
        )
