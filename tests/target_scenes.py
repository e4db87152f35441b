"""Random texts for the tests of the target encoders."""

import math

import numpy as np
import shapely

SIZE = 48


def box(x0, y0, x1, y1):
    return [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]


def iou(a, b):
    """Of two polygons, on a grid: GEOS gives no overlap at all for some polygons that all but coincide."""
    one, two = (shapely.set_precision(shapely.Polygon(p), 1e-5) for p in (a, b))
    return shapely.intersection(one, two, grid_size=1e-5).area / shapely.union(one, two, grid_size=1e-5).area


def ribbon(rng, size=SIZE):
    """A text on an arc, (2k, 2), of 2 to 6 points a side, in any direction, often partly outside of the image."""
    k = int(rng.integers(2, 7))
    height, length = rng.uniform(4, 0.4 * size), rng.uniform(8, 1.2 * size)
    bend = rng.uniform(-1, 1) * min(1.8 * length / height * 0.4, 2.5)
    s = np.linspace(-0.5, 0.5, k)
    turn = bend * s
    if abs(bend) > 1e-3:
        radius = length / bend
        x, y = radius * np.sin(turn), radius * (1 - np.cos(turn))
    else:
        x, y = length * s, 0 * s
    up = 0.5 * height * np.stack([np.sin(turn), -np.cos(turn)], 1) * rng.uniform(0.7, 1.0, (k, 1))
    middle = np.stack([x, y], 1)
    points = np.concatenate([middle + up, (middle - up)[::-1]])
    angle = rng.uniform(-math.pi, math.pi)
    c, s = math.cos(angle), math.sin(angle)
    return points @ np.array([[c, s], [-s, c]]) + rng.uniform(-4, size + 4, 2)


def scene(seed, count):
    """`count` ribbons, simple and clockwise, as float32, and which of them are to be ignored."""
    rng = np.random.default_rng(seed)
    polygons = []
    while len(polygons) < count:
        polygon = ribbon(rng).astype(np.float32)
        if shapely.Polygon(polygon).is_valid and shapely.Polygon(polygon).area > 1:
            polygons.append(polygon)
    return polygons, rng.random(count) < 0.25
