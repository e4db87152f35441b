"""What takes ink away, and what ink is cut into: masks over the letters."""

from __future__ import annotations

import numpy as np

from synthtext.core.kernel import kernel


@kernel
def wear(keep, field, soft, share, edge, bias):
    """Multiply `keep`, float32 (H, W), by what wear leaves: nothing where `field` lies below `share`, all above.

    `field`: float32 (H, W), evenly spread in [0, 1]. `edge`: the width of the step between, in its values. `soft`: the
    blurred letters, float32 (H, W); `bias` in [0, 1] moves wear from their middles to their edges.
    """
    for y in range(keep.shape[0]):
        for x in range(keep.shape[1]):
            local = share * (1.0 + bias * (1.0 - 2.0 * soft[y, x]))
            t = (field[y, x] - local) / edge + 0.5
            keep[y, x] *= np.float32(min(max(t, 0.0), 1.0))


@kernel
def lamps(coverage, plane, forward, pitch, ratio, grow, lit, unlit):
    """A grid of round dots on a plane: those that letters cover, and those that they do not.

    `coverage`: float32 (H, W), the letters, blurred over about a dot. `plane`, `forward`: float64 (9,), pixels to em
    and back. `pitch`: em from dot to dot; `ratio`: a dot's radius over the pitch. A dot is on as far as the coverage at
    its centre, times `grow`, exceeds 1/2. Out, float32 (H, W): coverage by dots that are on, and by those that are off.
    """
    height, width = coverage.shape
    for y in range(height):
        for x in range(width):
            px, py = x + 0.5, y + 0.5
            w = 1.0 / (plane[6] * px + plane[7] * py + plane[8])
            u = (plane[0] * px + plane[1] * py + plane[2]) * w / pitch
            v = (plane[3] * px + plane[4] * py + plane[5]) * w / pitch
            cu, cv = np.floor(u) + 0.5, np.floor(v) + 0.5
            du, dv = u - cu, v - cv
            # Pixels to a unit of the grid here, from where the dot's centre is seen.
            gu, gv = cu * pitch, cv * pitch
            z = 1.0 / (forward[6] * gu + forward[7] * gv + forward[8])
            ox = (forward[0] * gu + forward[1] * gv + forward[2]) * z
            oy = (forward[3] * gu + forward[4] * gv + forward[5]) * z
            off = np.sqrt((px - ox) * (px - ox) + (py - oy) * (py - oy))
            r = np.sqrt(du * du + dv * dv)
            scale = off / r if r > 1e-6 else 1e6
            disc = min(max((ratio - r) * scale + 0.5, 0.0), 1.0)
            # Where a dot is smaller than a pixel, it is seen as its share of the cell.
            fine = min(max((scale - 1.2) / 1.3, 0.0), 1.0)
            disc = disc * fine + (1.0 - fine) * min(3.14159265 * ratio * ratio, 1.0)
            i, j = int(min(max(ox, 0.0), width - 1.0)), int(min(max(oy, 0.0), height - 1.0))
            on = min(max((coverage[j, i] * grow - 0.5) * 4.0 + 0.5, 0.0), 1.0)
            lit[y, x] = np.float32(disc * on)
            unlit[y, x] = np.float32(disc * (1.0 - on))


@kernel
def reveal(image, under, keep):
    """Where ink is gone, show what was `under` it, float32 (H, W, 3), in place; `keep`: float32 (H, W)."""
    for y in range(keep.shape[0]):
        for x in range(keep.shape[1]):
            if keep[y, x] < np.float32(1.0):
                for k in range(3):
                    image[y, x, k] = under[y, x, k] + keep[y, x] * (image[y, x, k] - under[y, x, k])


@kernel
def spread(soft, field, reach, out):
    """Ink that has run along fibres. `soft`: letters blurred over the reach, float32 (H, W); `field`: in [0, 1].

    `reach` in [0, 1]: how far down the blurred edge the ink comes where the fibres lead it. `out`: float32 (H, W).
    """
    for y in range(soft.shape[0]):
        for x in range(soft.shape[1]):
            low = 0.5 - reach * field[y, x]
            t = min(max((soft[y, x] - low) / 0.2 + 0.2, 0.0), 1.0)
            out[y, x] = np.float32(t * t * (3.0 - 2.0 * t))
