"""Writing on a contact sheet, in any script that the embedded fonts have: by the engine's own outlines and raster."""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt

from synthtext.geometry.warp import W_FIT, WarpParams, make_warp
from synthtext.raster.coverage import fill
from synthtext.raster.polylines import bounds, flatten_glyphs
from synthtext.typeset.catalogue import Catalogue, load_catalogue, variations
from synthtext.typeset.font_config import FontConfig
from synthtext.typeset.fontfiles import FontFace
from synthtext.typeset.glyph_table import P_Y
from synthtext.typeset.layout import LayoutParams, lay_out
from synthtext.typeset.outlines import OutlineStore

_PREFERRED = ("Arimo", "Roboto", "Inter")
_MISSING = "\\u{:04x}"


@functools.lru_cache(maxsize=1)
def _fonts() -> tuple[Catalogue, OutlineStore]:
    return load_catalogue(FontConfig()), OutlineStore()


def _faces(text: str) -> list[FontFace]:
    """A plain font that has all of the text, or two that have it together; sans, where there are such."""
    catalogue, _ = _fonts()
    mask = catalogue.covering(text)
    faces = [_plainest(of) for of in ((mask,) if mask else catalogue.pair(text))]
    return [face for face in faces if face is not None] if all(faces) else []


def _plainest(mask: int) -> FontFace | None:
    catalogue, _ = _fonts()
    able = [face for i, face in enumerate(catalogue.faces) if mask >> i & 1]

    def rank(face: FontFace) -> tuple[bool, bool, bool, str]:
        return (face.family not in _PREFERRED, face.style != "sans", "Bold" in face.id or "Italic" in face.id, face.id)

    return min(able, key=rank, default=None)


def _writable(text: str) -> tuple[str, list[FontFace]]:
    """The text with what no font has written as `\\u....`, and the fonts for it."""
    faces = _faces(text)
    if not faces:
        catalogue, _ = _fonts()
        text = "".join(c if catalogue.covering(c) else _MISSING.format(ord(c)) for c in text)
        faces = _faces(text)
    if not faces:
        text = "".join(c if c.isascii() else _MISSING.format(ord(c)) for c in text)
        faces = _faces(text)
    assert faces, "the embedded fonts write ASCII"
    return text, faces


def draw_caption(
    image: npt.NDArray[np.uint8],
    text: str,
    x: float,
    baseline: float,
    em: float,
    colour: tuple[int, int, int],
    width: float = float("inf"),
) -> float:
    """Write a line of text on `image`, uint8 (H, W, 3), in place, from `x`; returns its width in pixels.

    A text that is wider than `width` is made smaller, down to 6/10, and then cut.
    """
    text = " ".join(text.split())
    if not text:
        return 0.0
    _, store = _fonts()
    text, faces = _writable(text)
    fonts = [store.instance(face, variations(face, 1)[0]) for face in faces]
    layout = lay_out((text,), (), fonts, store, LayoutParams())
    warp = make_warp(WarpParams(), layout.width, layout.height)
    warp[W_FIT : W_FIT + 4] = em, em, 0.0, 0.0
    lines = flatten_glyphs(store, layout.slots, layout.placement, warp, 1.0)
    if not len(lines.points):
        return 0.0
    x0, _, x1, _ = bounds(lines.points)
    if x1 - x0 > width:
        factor = max(width / (x1 - x0), 0.6)
        if factor * (x1 - x0) > width + 0.5:
            kept = max(int(len(text) * width / (factor * (x1 - x0))) - 1, 0)
            if not kept:
                return 0.0
            return draw_caption(image, text[:kept] + "…", x, baseline, em, colour, width)
        return draw_caption(image, text, x, baseline, em * factor, colour)
    top, bottom = max(int(baseline - 1.5 * em), 0), min(int(baseline + 1.0 * em) + 1, image.shape[0])
    coverage = np.zeros((bottom - top, image.shape[1]), np.float32)
    shift = baseline - em * float(layout.placement[0, P_Y]) - top
    fill(lines.points, lines.contour_ends, lines.glyph_ends, x - x0, shift, coverage)
    band = image[top:bottom].astype(np.float32)
    mixed = band + coverage[..., None] * (np.array(colour, np.float32) - band)
    image[top:bottom] = np.rint(mixed).astype(np.uint8)
    return float(x1 - x0)
