"""`Warp`: the one map that moves points, glyph outlines and labels alike.

A warp goes from text space (em units, y downward, the origin in the text's centre) to image pixels, in four steps:

    homography   a pinhole camera looks at the text's plane; the skew of a rolling shutter
    lens         radial distortion about the optical axis
    elastic      a smooth field: the sum of `WAVES` plane waves, and the shake of a rolling shutter
    fit          scale and shift to pixels, per axis

It is one flat float64 array, so that kernels take it as it is; the `W_*` constants say what lies where.
"""

from __future__ import annotations

import math
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
from msgspec import Meta

from synthtext.core.kernel import kernel, part
from synthtext.core.records import Angle, Number, Positive, Record
from synthtext.core.rng import AHEAD, Draws, Stage, log_uniform, strength, uniform
from synthtext.core.section import params_table
from synthtext.geometry.warp_config import WarpConfig

WAVES = 3
W_H = 0  # homography, 9 numbers, row-major
W_LENS = 9  # radial coefficient, then 1 / (radius at which it is meant) squared
W_WAVES = 11  # per wave: wave vector x, y; phase; amplitude x, y
W_FIT = W_WAVES + 5 * WAVES  # scale x, scale y, shift x, shift y
W_BEND = W_FIT + 4  # bound on the second derivative of lens and waves, per em: 0 where lines stay lines
W_SHAKE = W_BEND + 1  # of a rolling shutter, along the rows: waves per em down (radians), phase, amplitude
W_SIZE = W_SHAKE + 3

Warp = npt.NDArray[np.float64]

# Of `sine`: pi in two parts, the first of which has few digits, so that its multiples are exact.
_PER_PI, _PI = 1.0 / math.pi, 3.140625
_PI_REST = math.pi - _PI

_NO_WAVES = np.empty((0, 5))


class WarpParams(Record, frozen=True):
    """What was drawn for a warp. Angles in radians, clockwise on the screen; lengths in em or as named."""

    rotation: Angle = 0.0
    tilt: Annotated[float, Meta(ge=0.0, le=1.5)] = 0.0
    tilt_axis: Angle = 0.0
    distance: Positive = 2.0  # of the camera from the text's centre, in text widths
    lens: Annotated[float, Meta(ge=-1.0, le=1.0)] = 0.0
    # At most WAVES of them: wave vector (1/em), phase, amplitude (em)
    waves: Annotated[tuple[tuple[Number, Number, Number, Number, Number], ...], Meta(max_length=WAVES)] = ()
    skew: Annotated[float, Meta(ge=-10.0, le=10.0)] = 0.0  # of a rolling shutter: shift across per shift down
    shake: tuple[Number, Number, Number] = (0.0, 0.0, 0.0)  # of it: waves per em down (radians), phase, amplitude (em)


def shutter_params_table(config: WarpConfig) -> npt.NDArray[np.float64]:
    """The table that `sample_shutter_params` draws from."""
    return params_table(config.rolling_shutter)


def warp_params_table(config: WarpConfig) -> npt.NDArray[np.float64]:
    """The table that `sample_warp_params` draws from."""
    return params_table(config.rotation, config.tilt, config.distance, config.lens, config.elastic)


@kernel
def _wave(u, amplitude):
    heading, towards = 2.0 * math.pi * u[0], 2.0 * math.pi * u[1]
    # The slope of a wave, |k| * amplitude, stays below 1/4 in each of three waves: the field cannot fold.
    length = 1.2 * (5.0 / 1.2) ** u[2]
    number = min(2.0 * math.pi / length, 0.25 / max(amplitude, 1e-9))
    return (
        number * math.cos(heading),
        number * math.sin(heading),
        2.0 * math.pi * u[3],
        amplitude * math.cos(towards),
        amplitude * math.sin(towards),
    )


@kernel
def sample_warp_params(u, table):
    """The fields of a WarpParams, its waves of amplitude 0 where there are none. `u`: uniforms, float64 (24,)."""
    rotation = math.radians(strength(table[0], u[0], u[1], 0.0)) * (1.0 if u[2] < 0.5 else -1.0)
    tilt, tilt_axis, distance = 0.0, 0.0, 2.0
    if u[3] < table[1, 0]:
        tilt, tilt_axis = math.radians(uniform(table[1], u[4])), 2.0 * math.pi * u[5]
        distance = log_uniform(table[2], u[6])
    lens = strength(table[3], u[7], u[8], 0.0) * (1.0 if u[9] < 0.5 else -1.0)
    amplitude = strength(table[4], u[10], u[11], 0.0) / math.sqrt(WAVES)
    waves = _wave(u[12:16], amplitude), _wave(u[16:20], amplitude), _wave(u[20:24], amplitude)
    return rotation, tilt, tilt_axis, distance, lens, amplitude, waves


@kernel
def sample_shutter_params(u, table):
    """Skew and shake of a rolling shutter, 0 where there is none. `u`: uniforms, float64 (6 or more,). `table`:
    of `shutter_params_table`."""
    skew, shake = 0.0, (0.0, 0.0, 0.0)
    if u[0] < table[0, 0]:
        skew = uniform(table[0], u[1]) * (1.0 if u[2] < 0.5 else -1.0)
        if u[3] < 0.4:
            # Its slope, number times amplitude, is the skew's: rows never overtake each other.
            number = 2.0 * math.pi / (0.4 * math.exp(math.log(1.5 / 0.4) * u[4]))
            shake = number, 2.0 * math.pi * u[5], abs(skew) / number
    return skew, shake


def warp_params(numbers: tuple[Any, ...], shutter: tuple[Any, ...] = (0.0, (0.0, 0.0, 0.0))) -> WarpParams:
    """The record of what `sample_warp_params` and `sample_shutter_params` gave."""
    rotation, tilt, tilt_axis, distance, lens, amplitude, waves = numbers
    # Adding 0.0 makes 0.0 of -0.0.
    return WarpParams(rotation + 0.0, tilt, tilt_axis, distance, lens + 0.0, waves if amplitude else (), *shutter)


def draw_warp(draws: Draws, config: WarpConfig) -> WarpParams:
    """Draw the pose of the camera, the lens and the elastic field."""
    return warp_params(sample_warp_params(draws.take(AHEAD[Stage.WARP]), warp_params_table(config)))


@kernel
def sine(x):
    """The sine of an angle in radians, to 1e-11 for angles up to a million, in plain arithmetic: loops over it fill
    vector registers, and it does not depend on the machine's mathematical library.

    The angle less the nearest multiple k pi, its half turns taken off in two parts (Cody and Waite), then Taylor's
    polynomial of degree 15; the sign is that of (-1)^k.
    """
    k = math.floor(x * _PER_PI + 0.5)
    r = min(max((x - k * _PI) - k * _PI_REST, -2.0), 2.0)  # where x is too large for digits to be left, bounded
    s = r * r
    p = -1.0 / 1307674368000.0
    p = p * s + 1.0 / 6227020800.0
    p = p * s - 1.0 / 39916800.0
    p = p * s + 1.0 / 362880.0
    p = p * s - 1.0 / 5040.0
    p = p * s + 1.0 / 120.0
    p = p * s - 1.0 / 6.0
    return (r + r * s * p) * (1.0 - 2.0 * (k - 2.0 * math.floor(0.5 * k)))


@part
def pinhole(width, rotation, tilt, tilt_axis, distance):
    """The homography, 9 numbers row by row, of a pinhole camera that looks at the origin of the text's plane.

    The plane is turned by `tilt` about the axis in it at the angle `tilt_axis`, and seen from `distance` times `width`
    with a focal length of the same, so that the scale at the origin is 1; then the image is turned by `rotation`.
    Hartley and Zisserman, Multiple View Geometry, 2nd ed., section 8.1.1: H = K [r1 r2 t].
    """
    ax, ay = math.cos(tilt_axis), math.sin(tilt_axis)
    c, s = math.cos(tilt), math.sin(tilt)
    # Rodrigues' formula for the axis (ax, ay, 0); the third column is not needed for points of the plane z = 0.
    xx, xy, yy = c + ax * ax * (1 - c), ax * ay * (1 - c), c + ay * ay * (1 - c)
    depth = distance * max(width, 1e-6)
    cr, sr = math.cos(rotation), math.sin(rotation)
    return (
        cr * xx - sr * xy,
        cr * xy - sr * yy,
        0.0,
        sr * xx + cr * xy,
        sr * xy + cr * yy,
        0.0,
        -ay * s / depth,
        ax * s / depth,
        1.0,
    )


@kernel
def project(h, x, y):
    """Where a homography, 9 numbers row by row, sends a point."""
    w = 1.0 / (h[6] * x + h[7] * y + h[8])
    return (h[0] * x + h[1] * y + h[2]) * w, (h[3] * x + h[4] * y + h[5]) * w


@part
def set_warp(warp, width, height, reach, rotation, tilt, tilt_axis, distance, lens, waves):
    """Set `warp`, float64 (W_SIZE,), for a text of `width` x `height` em, its fit still the identity.

    `reach`: em from the text's middle up to which its plane must lie before the camera, 0 for the text alone.
    `rotation` ... `lens`: see WarpParams. `waves`: float64 (n, 5), at most WAVES of them.
    """
    half_diagonal = 0.5 * math.hypot(width, height)
    # A near camera and a strong tilt must not bring a corner behind the lens, nor blow it up beyond reason.
    depth = max(distance, 1.6 * max(half_diagonal, reach) * abs(math.sin(tilt)) / max(width, 1e-6))
    h = pinhole(width, rotation, tilt, tilt_axis, depth)
    for i in range(9):
        warp[W_H + i] = h[i]
    radius = max(half_diagonal, 1e-6)
    if lens != 0.0:
        # The lens is meant at the corner that is seen farthest out: the distortion stays monotonic up to there.
        for k in range(4):
            u, v = project(h, (0.5 if k % 2 else -0.5) * width, (0.5 if k > 1 else -0.5) * height)
            radius = max(radius, math.hypot(u, v))
    warp[W_LENS] = lens
    warp[W_LENS + 1] = 1.0 / (radius * radius)
    bend = 6.0 * abs(lens) / radius
    warp[W_WAVES:W_FIT] = 0.0
    for i in range(waves.shape[0]):
        for k in range(5):
            warp[W_WAVES + 5 * i + k] = waves[i, k]
        bend += (waves[i, 0] ** 2 + waves[i, 1] ** 2) * math.hypot(waves[i, 3], waves[i, 4])
    warp[W_FIT], warp[W_FIT + 1], warp[W_FIT + 2], warp[W_FIT + 3] = 1.0, 1.0, 0.0, 0.0
    warp[W_BEND] = bend
    warp[W_SHAKE], warp[W_SHAKE + 1], warp[W_SHAKE + 2] = 0.0, 0.0, 0.0


def make_warp(record: WarpParams, width: float, height: float, reach: float = 0.0) -> Warp:
    """The warp of a record for a text of `width` x `height` em, its fit still the identity. `reach`: see `set_warp`."""
    warp = np.empty(W_SIZE)
    waves = np.array(record.waves) if record.waves else _NO_WAVES
    pose = record.rotation, record.tilt, record.tilt_axis, record.distance
    set_warp(warp, width, height, reach, *pose, record.lens, waves)
    set_shutter(warp, record.skew, record.shake)
    return warp


@part
def set_shutter(warp, skew, shake):
    """Add a rolling shutter to a warp: `skew`, `shake`: see WarpParams."""
    if skew == 0.0:
        return
    # What lies further down in the picture was seen later.
    for i in range(3):
        warp[W_H + i] += skew * warp[W_H + 3 + i]
        warp[W_SHAKE + i] = shake[i]
    warp[W_BEND] += shake[0] * shake[0] * shake[2]


@part
def fitted(h, scale_x, scale_y, shift_x, shift_y):
    """The homography `h`, a tuple of 9 numbers, and a fit after it, as one."""
    return (
        scale_x * h[0] + shift_x * h[6], scale_x * h[1] + shift_x * h[7], scale_x * h[2] + shift_x * h[8],
        scale_y * h[3] + shift_y * h[6], scale_y * h[4] + shift_y * h[7], scale_y * h[5] + shift_y * h[8],
        h[6], h[7], h[8],
    )  # fmt: skip


@kernel
def bend_xy(warp, u, v):
    """The warp's other steps: lens, elastic field and fit, of a point that the homography has sent to (u, v)."""
    if warp[W_BEND] > 0.0:
        factor = 1.0 + warp[W_LENS] * warp[W_LENS + 1] * (u * u + v * v)
        u, v = u * factor, v * factor
        du, dv = 0.0, 0.0
        for i in range(WAVES):
            j = W_WAVES + 5 * i
            if warp[j + 3] != 0.0 or warp[j + 4] != 0.0:
                wave = sine(warp[j] * u + warp[j + 1] * v + warp[j + 2])
                du += warp[j + 3] * wave
                dv += warp[j + 4] * wave
        if warp[W_SHAKE + 2] != 0.0:
            du += warp[W_SHAKE + 2] * sine(warp[W_SHAKE] * v + warp[W_SHAKE + 1])
        u, v = u + du, v + dv
    return warp[W_FIT] * u + warp[W_FIT + 2], warp[W_FIT + 1] * v + warp[W_FIT + 3]


@kernel
def project_points(h, x, y, p, q):
    """`project` of points, `x` and `y` float64 (n,), into `p` and `q`."""
    h0, h1, h2, h3, h4, h5, h6, h7, h8 = h
    if h6 == 0.0 and h7 == 0.0 and h8 == 1.0:
        for i in range(x.shape[0]):
            p[i] = h0 * x[i] + h1 * y[i] + h2
            q[i] = h3 * x[i] + h4 * y[i] + h5
        return
    for i in range(x.shape[0]):
        w = 1.0 / (h6 * x[i] + h7 * y[i] + h8)
        p[i] = (h0 * x[i] + h1 * y[i] + h2) * w
        q[i] = (h3 * x[i] + h4 * y[i] + h5) * w


@kernel
def _add_wave(u, v, du, dv, across, down, phase, by_x, by_y):
    for i in range(u.shape[0]):
        wave = sine(across * u[i] + down * v[i] + phase)
        du[i] += by_x * wave
        dv[i] += by_y * wave


@kernel
def bend_points(warp, u, v, du, dv):
    """`bend_xy` of points, `u` and `v` float64 (n,), in place. `du`, `dv`: scratch, float64 (n or more,)."""
    n = u.shape[0]
    du, dv = du[:n], dv[:n]
    lens = warp[W_LENS] * warp[W_LENS + 1]
    for i in range(n):
        factor = 1.0 + lens * (u[i] * u[i] + v[i] * v[i])
        u[i], v[i] = u[i] * factor, v[i] * factor
    du[:], dv[:] = 0.0, 0.0
    for i in range(WAVES):
        j = W_WAVES + 5 * i
        if warp[j + 3] != 0.0 or warp[j + 4] != 0.0:
            _add_wave(u, v, du, dv, warp[j], warp[j + 1], warp[j + 2], warp[j + 3], warp[j + 4])
    if warp[W_SHAKE + 2] != 0.0:
        _add_wave(u, v, du, dv, 0.0, warp[W_SHAKE], warp[W_SHAKE + 1], warp[W_SHAKE + 2], 0.0)
    sx, sy, tx, ty = warp[W_FIT], warp[W_FIT + 1], warp[W_FIT + 2], warp[W_FIT + 3]
    for i in range(n):
        u[i] = sx * (u[i] + du[i]) + tx
        v[i] = sy * (v[i] + dv[i]) + ty


@kernel
def warp_xy(warp, x, y):
    """Where the warp sends one point. float64 in and out."""
    u, v = project(warp, x, y)  # the homography stands first in a warp
    return bend_xy(warp, u, v)


@kernel
def warp_points(warp, points, out):
    """Send `points`, float64 (n, 2), through the warp into `out`, float64 (n, 2), which may be the same array."""
    for i in range(points.shape[0]):
        out[i, 0], out[i, 1] = warp_xy(warp, points[i, 0], points[i, 1])


@kernel
def warp_far(warp, points, nearest):
    """A closed convex line, float64 (n, 2), em, in pixels, though it leave the picture far behind.

    What is behind the camera, or nearer to it than `nearest` of the text's middle, is cut off. From where a lens folds
    the plane back into the picture, points go on along their ray.
    """
    n = points.shape[0]
    kept = np.empty((n + 2, 2))
    m = 0
    for i in range(n):
        ax, ay = points[i - 1, 0], points[i - 1, 1]
        bx, by = points[i, 0], points[i, 1]
        a = warp[W_H + 6] * ax + warp[W_H + 7] * ay + warp[W_H + 8] - nearest
        b = warp[W_H + 6] * bx + warp[W_H + 7] * by + warp[W_H + 8] - nearest
        if (a < 0.0) != (b < 0.0):
            t = a / (a - b)
            kept[m, 0], kept[m, 1] = ax + t * (bx - ax), ay + t * (by - ay)
            m += 1
        if b >= 0.0:
            kept[m, 0], kept[m, 1] = bx, by
            m += 1
    fold = 1.0 / math.sqrt(-3.0 * warp[W_LENS] * warp[W_LENS + 1]) if warp[W_LENS] < 0.0 else math.inf
    for i in range(m):
        u, v = project(warp, kept[i, 0], kept[i, 1])
        radius = math.hypot(u, v)
        if radius > fold:  # where the lens has brought it to two thirds of its radius
            far = (radius - fold / 3.0) / radius
            kept[i, 0], kept[i, 1] = (
                warp[W_FIT] * u * far + warp[W_FIT + 2],
                warp[W_FIT + 1] * v * far + warp[W_FIT + 3],
            )
        else:
            kept[i, 0], kept[i, 1] = bend_xy(warp, u, v)
    return kept[:m]
