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

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from synthtext.config import Range, WarpConfig
from synthtext.kernel import kernel
from synthtext.rng import Draws

WAVES = 3
W_H = 0  # homography, 9 numbers, row-major
W_LENS = 9  # radial coefficient, then 1 / (radius at which it is meant) squared
W_WAVES = 11  # per wave: wave vector x, y; phase; amplitude x, y
W_FIT = W_WAVES + 5 * WAVES  # scale x, scale y, shift x, shift y
W_BEND = W_FIT + 4  # bound on the second derivative of lens and waves, per em: 0 where lines stay lines
W_SHAKE = W_BEND + 1  # of a rolling shutter, along the rows: waves per em down (radians), phase, amplitude
W_SIZE = W_SHAKE + 3

Warp = npt.NDArray[np.float64]


class WarpRecord(Struct, frozen=True):
    """What was drawn for a warp. Angles in radians, clockwise on the screen; lengths in em or as named."""

    rotation: float = 0.0
    tilt: float = 0.0
    tilt_axis: float = 0.0
    distance: float = 2.0  # of the camera from the text's centre, in text widths
    lens: float = 0.0
    waves: tuple[tuple[float, float, float, float, float], ...] = ()  # wave vector (1/em), phase, amplitude (em)
    skew: float = 0.0  # of a rolling shutter: shift across per shift down
    shake: tuple[float, float, float] = (0.0, 0.0, 0.0)  # of it: waves per em down (radians), phase, amplitude (em)


def _signed(draws: Draws, strength: Range) -> float:
    magnitude = draws.uniform(*strength)
    return magnitude if draws.random() < 0.5 else -magnitude


def draw_warp(draws: Draws, config: WarpConfig) -> WarpRecord:
    """Draw the pose of the camera, the lens and the elastic field."""
    rotation = tilt = tilt_axis = lens = 0.0
    distance = 2.0
    waves: tuple[tuple[float, float, float, float, float], ...] = ()
    if draws.chance(config.rotation.share):
        rotation = math.radians(_signed(draws, config.rotation.strength))
    if draws.chance(config.tilt.share):
        tilt = math.radians(draws.uniform(*config.tilt.strength))
        tilt_axis = draws.uniform(0.0, 2.0 * math.pi)
        distance = draws.log_uniform(*config.distance)
    if draws.chance(config.lens.share):
        lens = _signed(draws, config.lens.strength)
    if draws.chance(config.elastic.share):
        amplitude = draws.uniform(*config.elastic.strength) / math.sqrt(WAVES)
        waves = tuple(_draw_wave(draws, amplitude) for _ in range(WAVES))
    skew, shake = 0.0, (0.0, 0.0, 0.0)
    if draws.chance(config.rolling_shutter.share):
        skew = _signed(draws, config.rolling_shutter.strength)
        if draws.chance(0.4):
            # Its slope, number times amplitude, is the skew's: rows never overtake each other.
            number = 2.0 * math.pi / draws.log_uniform(0.4, 1.5)
            shake = (number, draws.uniform(0.0, 2.0 * math.pi), abs(skew) / number)
    return WarpRecord(rotation, tilt, tilt_axis, distance, lens, waves, skew, shake)


def _draw_wave(draws: Draws, amplitude: float) -> tuple[float, float, float, float, float]:
    heading, towards = draws.uniform(0.0, 2.0 * math.pi), draws.uniform(0.0, 2.0 * math.pi)
    # The slope of a wave, |k| * amplitude, stays below 1/4 in each of three waves: the field cannot fold.
    number = min(2.0 * math.pi / draws.log_uniform(1.2, 5.0), 0.25 / max(amplitude, 1e-9))
    return (
        number * math.cos(heading),
        number * math.sin(heading),
        draws.uniform(0.0, 2.0 * math.pi),
        amplitude * math.cos(towards),
        amplitude * math.sin(towards),
    )


def pinhole(width: float, rotation: float, tilt: float, tilt_axis: float, distance: float) -> tuple[float, ...]:
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


def make_warp(record: WarpRecord, width: float, height: float) -> Warp:
    """The warp of a record for a text of `width` x `height` em, its fit still the identity."""
    warp = np.zeros(W_SIZE)
    half_diagonal = 0.5 * math.hypot(width, height)
    # A near camera and a strong tilt must not bring a corner behind the lens, nor blow it up beyond reason.
    depth = max(record.distance, 1.6 * half_diagonal * abs(math.sin(record.tilt)) / max(width, 1e-6))
    h = pinhole(width, record.rotation, record.tilt, record.tilt_axis, depth)
    if record.skew:
        # What lies further down in the picture was seen later.
        h = (*(a + record.skew * b for a, b in zip(h[:3], h[3:6], strict=True)), *h[3:])
    warp[W_H : W_H + 9] = h
    radius = max(half_diagonal, 1e-6)
    if record.lens != 0.0:
        # The lens is meant at the corner that is seen farthest out: the distortion stays monotonic up to there.
        for x, y in ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)):
            x, y = x * width, y * height
            w = h[6] * x + h[7] * y + 1.0
            radius = max(radius, math.hypot(h[0] * x + h[1] * y, h[3] * x + h[4] * y) / w)
    warp[W_LENS] = record.lens
    warp[W_LENS + 1] = 1.0 / (radius * radius)
    bend = 6.0 * abs(record.lens) / radius
    for i, wave in enumerate(record.waves):
        warp[W_WAVES + 5 * i : W_WAVES + 5 * i + 5] = wave
        bend += (wave[0] ** 2 + wave[1] ** 2) * math.hypot(wave[3], wave[4])
    number, _, amplitude = record.shake
    if amplitude:
        warp[W_SHAKE : W_SHAKE + 3] = record.shake
        bend += number * number * amplitude
    warp[W_FIT], warp[W_FIT + 1] = 1.0, 1.0
    warp[W_BEND] = bend
    return warp


@kernel
def project_xy(warp, x, y):  # type: ignore[no-untyped-def]
    """The warp's first step alone: where the homography sends a point."""
    w = 1.0 / (warp[6] * x + warp[7] * y + warp[8])
    return (warp[0] * x + warp[1] * y + warp[2]) * w, (warp[3] * x + warp[4] * y + warp[5]) * w


@kernel
def bend_xy(warp, u, v):  # type: ignore[no-untyped-def]
    """The warp's other steps: lens, elastic field and fit, of a point that the homography has sent to (u, v)."""
    if warp[W_BEND] > 0.0:
        factor = 1.0 + warp[W_LENS] * warp[W_LENS + 1] * (u * u + v * v)
        u, v = u * factor, v * factor
        du, dv = 0.0, 0.0
        for i in range(WAVES):
            j = W_WAVES + 5 * i
            if warp[j + 3] != 0.0 or warp[j + 4] != 0.0:
                wave = math.sin(warp[j] * u + warp[j + 1] * v + warp[j + 2])
                du += warp[j + 3] * wave
                dv += warp[j + 4] * wave
        if warp[W_SHAKE + 2] != 0.0:
            du += warp[W_SHAKE + 2] * math.sin(warp[W_SHAKE] * v + warp[W_SHAKE + 1])
        u, v = u + du, v + dv
    return warp[W_FIT] * u + warp[W_FIT + 2], warp[W_FIT + 1] * v + warp[W_FIT + 3]


@kernel
def warp_xy(warp, x, y):  # type: ignore[no-untyped-def]
    """Where the warp sends one point. float64 in and out."""
    u, v = project_xy(warp, x, y)
    return bend_xy(warp, u, v)


@kernel
def warp_points(warp, points, out):  # type: ignore[no-untyped-def]
    """Send `points`, float64 (n, 2), through the warp into `out`, float64 (n, 2), which may be the same array."""
    for i in range(points.shape[0]):
        out[i, 0], out[i, 1] = warp_xy(warp, points[i, 0], points[i, 1])
