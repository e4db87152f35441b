"""Readable, slow twins of the kernels of synthtext.degrade: float64, one pixel or one matrix at a time."""

import math

import numpy as np

from synthtext.core.rng import Draws, stream_of
from synthtext.core.srgb import srgb_encode


def degrade_params(seed, index, attempt, config):
    """The fields of a DegradeParams that are not its defaults, as plain data; `config`: the section `degrade`."""
    fields = {}

    def applied(name):
        """The stream of an effect that is applied, and its strength; else nothing."""
        share = getattr(config, name)
        draws = Draws(seed, stream_of(f"degrade.{name}"), index, attempt)
        if not draws.chance(share.share):
            return
        strength = (draws.log_uniform if name == "resolution" else draws.uniform)(*share.strength)
        yield draws, strength

    for draws, fields["light_gradient"] in applied("light_gradient"):
        fields["light_angle"] = draws.uniform(0, 2 * math.pi)
    for draws, depth in applied("cast_shadow"):
        draws.take(2)  # of the stream's first block
        fields["shadow"] = shadow(draws.take(8), depth)
    for draws, fields["vignette"] in applied("vignette"):
        fields["vignette_x"], fields["vignette_y"] = draws.uniform(-0.2, 1.2), draws.uniform(-0.2, 1.2)
    for name in ("defocus", "gaussian_blur", "contrast", "gamma"):
        for _, strength in applied(name):
            fields[name] = strength
    for draws, fields["motion_blur"] in applied("motion_blur"):
        fields["motion_angle"], fields["motion_bend"] = draws.uniform(0, math.pi), draws.uniform(-1, 1)
    for draws, fields["resolution_factor"] in applied("resolution"):
        filters = ["nearest", "linear", "cubic", "lanczos"]
        fields["resolution_filter"] = filters[draws.weighted([0.1, 0.45, 0.8, 1.0])]
    for draws, stops in applied("exposure"):
        fields["exposure"] = stops if draws.chance(0.5) else -stops
    for draws, most in applied("white_balance"):
        warmth, tint = draws.uniform(-most, most), draws.uniform(-0.4 * most, 0.4 * most)
        fields["white_balance"] = [warmth, tint, -warmth]
    for name in ("shot_noise", "read_noise"):
        for _, strength in applied(name):
            fields[name] = strength
            draws = Draws(seed, stream_of("degrade.read_noise"), index, attempt)
            draws.take(2)
            fields["noise_key"] = draws.key()
    for draws, quality in applied("jpeg"):
        chroma = "4:2:0" if draws.chance(0.7) else "4:4:4"
        top, left = divmod(draws.integer(256), 16)
        fields["jpeg"] = [{"quality": round(quality), "chroma": chroma, "left": left, "top": top}]
        for again, quality in applied("jpeg_again"):
            chroma = "4:2:0" if again.chance(0.7) else "4:4:4"
            fields["jpeg"].append({"quality": round(quality), "chroma": chroma, "left": 0, "top": 0})
    return fields


def shadow(u, depth):
    """A shadow of eight uniforms, as plain data."""
    shape, turned, soft, x, y, wide, back, third = u.tolist()
    angle, softness, period = 2 * math.pi * turned, 0.02 * 30**soft, 0.0
    sides = [[angle, 0.0]]
    if 0.45 <= shape < 0.65:
        sides = [[angle, 0.1 + 0.5 * wide], [angle + math.pi, 0.1 + 0.5 * wide]]
    elif 0.65 <= shape < 0.8:
        period = 0.3 + 0.9 * wide
        softness = min(softness, 0.3 * period)
    elif shape >= 0.8:
        sides.append([angle + math.pi * (0.3 + 0.4 * wide), 0.0])
        if third >= 0.5:
            sides.append([angle - math.pi, 0.4 + back])
    at = {"x": 0.1 + 0.8 * x, "y": 0.1 + 0.8 * y}
    return {"depth": depth, "softness": softness, **at, "sides": sides, "period": period}


def illuminate(image, gradient, angle, vignette, centre_x, centre_y, depth, softness, period, sides):
    height, width, _ = image.shape
    out = image.astype(float)
    span = abs(math.cos(angle)) * width + abs(math.sin(angle)) * height
    far = math.hypot(max(centre_x, width - centre_x), max(centre_y, height - centre_y))
    for row in range(height):
        for column in range(width):
            x, y = column + 0.5, row + 0.5
            along = (x - width / 2) * math.cos(angle) + (y - height / 2) * math.sin(angle)
            light = 2 ** (gradient * along / span)
            # cos^4 of the angle of view: its tangent grows with the distance, and the far corner loses its part
            tangent2 = ((1 - vignette) ** -0.5 - 1) * (math.hypot(x - centre_x, y - centre_y) / far) ** 2
            light *= math.cos(math.atan(math.sqrt(tangent2))) ** 4
            if depth > 0:
                inside = min(a * x + b * y + c for a, b, c in sides)
                if period > 0:
                    inside = period / 4 - abs(math.remainder(inside, period))
                t = min(max(inside / softness + 0.5, 0.0), 1.0)
                light *= 1 - depth * t * t * (3 - 2 * t)
            out[row, column] *= light
    return out


def convolve(image, shifts, weights):
    height, width, _ = image.shape
    ys, xs = np.arange(height), np.arange(width)
    out = np.zeros(image.shape)
    for (dy, dx), weight in zip(shifts, weights, strict=True):
        out += float(weight) * image[np.clip(ys + dy, 0, height - 1)][:, np.clip(xs + dx, 0, width - 1)]
    return out


def splat(points):
    """The taps as a dictionary (dy, dx) -> weight: each point gives each whole pixel the product of two tents."""
    taps = {}
    for y, x in points:
        for iy in (math.floor(y), math.floor(y) + 1):
            for ix in (math.floor(x), math.floor(x) + 1):
                share = (1 - abs(y - iy)) * (1 - abs(x - ix)) / len(points)
                taps[iy, ix] = taps.get((iy, ix), 0.0) + share
    return taps


def area_matrix(n, m):
    """m x n: the part of each output sample's cover that lies over each input sample."""
    matrix = np.zeros((m, n))
    for j in range(m):
        for i in range(n):
            overlap = min(i + 1, (j + 1) * n / m) - max(i, j * n / m)
            matrix[j, i] = max(overlap, 0.0) / (n / m)
    return matrix


def _keys(x):
    x = abs(x)
    if x < 1:
        return 1.5 * x**3 - 2.5 * x**2 + 1
    return -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2 if x < 2 else 0.0


FILTERS = {
    "nearest": lambda x: 1.0 if -0.5 <= x < 0.5 else 0.0,
    "linear": lambda x: max(0.0, 1 - abs(x)),
    "cubic": _keys,
    "lanczos": lambda x: np.sinc(x) * np.sinc(x / 3) if abs(x) < 3 else 0.0,
}


def interpolation_matrix(n, m, kind):
    """m x n by the definition: samples beyond the ends are the last ones, and each row is divided by its sum."""
    matrix = np.zeros((m, n))
    for j in range(m):
        # Where nearest has a tie, it is decided exactly.
        u = (2 * j * n + n - m) / (2 * m)
        for i in range(math.floor(u) - 4, math.floor(u) + 6):
            matrix[j, min(max(i, 0), n - 1)] += FILTERS[kind](((2 * j + 1) * n - m - 2 * i * m) / (2 * m))
    return matrix / matrix.sum(1, keepdims=True)


def shrink(image, height, width):
    full_height, full_width, _ = image.shape
    down, across = area_matrix(full_height, height), area_matrix(full_width, width)
    return np.einsum("yr,rcz,xc->yxz", down, image.astype(float), across)


def enlarge(codes, height, width, kind):
    """Display values in [0, 255], not rounded."""
    small_height, small_width, _ = codes.shape
    up, along = interpolation_matrix(small_height, height, kind), interpolation_matrix(small_width, width, kind)
    return np.clip(np.einsum("yr,rcz,xc->yxz", up, codes.astype(float), along), 0.0, 255.0)


def noise(height, width, key, normals):
    """Per pixel one splitmix64 word, whose 12-bit pieces, from the top, choose the channels' normal deviates."""
    mask = (1 << 64) - 1
    out = np.zeros((height, width, 3))
    for i in range(height * width):
        z = (key + (i + 1) * 0x9E3779B97F4A7C15) & mask
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        z ^= z >> 31
        out[i // width, i % width] = [normals[(z >> (52 - 12 * c)) & 4095] for c in range(3)]
    return out


def tone(light, contrast, gamma):
    """Display value in [0, 255], not rounded, of linear light."""
    v = srgb_encode(min(max(light, 0.0), 1.0))
    return 255 * min(max(0.5 + contrast * (v - 0.5), 0.0), 1.0) ** gamma


def develop(image, gains, shot, read, key, normals):
    """Display values in [0, 255], not rounded."""
    height, width, _ = image.shape
    light = np.maximum(image.astype(float) * gains, 0.0)
    if shot or read:
        light += noise(height, width, key, normals) * np.sqrt(shot**2 * light + read**2)
    return np.vectorize(lambda v: tone(v, 1.0, 1.0))(light)


_DCT = np.array([[math.cos((2 * x + 1) * u * math.pi / 16) / 2 for x in range(8)] for u in range(8)])
_DCT[0] /= math.sqrt(2)


def code_plane(plane, table):
    out = np.zeros(plane.shape)
    for y in range(0, plane.shape[0], 8):
        for x in range(0, plane.shape[1], 8):
            coefficients = _DCT @ plane[y : y + 8, x : x + 8].astype(float) @ _DCT.T
            steps = np.sign(coefficients) * np.floor(np.abs(coefficients) / table + 0.5 + 1 / 4096)
            out[y : y + 8, x : x + 8] = _DCT.T @ (steps * table) @ _DCT
    return np.clip(np.floor(out + 128.5), 0, 255)
