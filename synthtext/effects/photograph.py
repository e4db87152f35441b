"""The photograph of a picture: light, lens, sensor, processing, scan, with the effects that act there."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from synthtext.degrade.degrade import DegradeParams, Process, apply_degrade
from synthtext.effects.canvas import Canvas, Codes
from synthtext.effects.registry import Applied


def take_photograph(canvas: Canvas, record: DegradeParams, applied: Applied) -> npt.NDArray[np.uint8]:
    """Degrade a canvas's picture, which is overwritten. Returns uint8 (H, W, 3), sRGB."""

    def processed(hook: str) -> Process | None:
        if not applied.any(hook):
            return None

        def run(codes: Codes) -> None:
            canvas.codes = codes
            applied.run(hook, canvas)

        return run

    lens = (lambda: applied.run("lens", canvas)) if applied.any("lens") else None
    return apply_degrade(
        canvas.image, record, canvas.tall, canvas.aspect, lens, processed("process"), processed("scan")
    )
