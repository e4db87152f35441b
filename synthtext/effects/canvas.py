"""What an effect may touch: the picture, the text on it, its plane, and what fonts and photographs there are."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from synthtext.geometry.warp import W_FIT, Warp, WarpParams, make_warp
from synthtext.paint.composite import soften
from synthtext.paint.photographs import BackgroundLibrary
from synthtext.paint.plane import Plane, corners_in_plane, image_to_plane, plane_to_image
from synthtext.paint.relief import add_glow
from synthtext.paint.wear import lamps
from synthtext.paint.wear_fields import choose_level, plane_field
from synthtext.raster.polylines import Polylines
from synthtext.typeset.catalogue import Catalogue
from synthtext.typeset.layout import Layout
from synthtext.typeset.outlines import OutlineStore

Image = npt.NDArray[np.float32]
Coverage = npt.NDArray[np.float32]
Codes = npt.NDArray[np.uint8]
Colour = npt.NDArray[np.float64]


class Canvas:
    """A picture while it is painted, in linear light, and later in 8 bits.

    `image`: float32 (H, W, 3). `em`: pixels of the text's em, in the direction in which they are fewer; `aspect`: of
    horizontal to vertical scale. `warp`: of the text, on whose plane patterns of its surface lie. `rotation`: of
    the text, radians. `light`: factor on the light that falls on paint. `unit`: the em in units of the warp's plane.

    Of the text (of a whole picture, there is none): `layout`, `outlines` (of all glyphs, the labelled `own` first),
    `placement` of these glyphs, `written` float32 (H, W), coverage of all of it; `drawn`: what is painted of it.
    `seen`: the labelled ink that is left to be seen. From the hook `behind` on `tone`, its lightness, and `tint`,
    float64 (3,), its colour in linear light. In the hook `wear`, `keep`: float32 (H, W), the part of the ink that is
    left.
    `codes`: uint8 (h, 3 w), in the hooks `process` and `scan`.
    `kept`: what an effect's one hook leaves for its next, by its path.
    `ground`: float32 (H, W), how far what lies behind belongs to the text and may be dimmed; None: all of it.
    """

    own: int
    outlines: Polylines
    placement: npt.NDArray[np.float64]
    written: Coverage
    drawn: Coverage
    keep: Coverage
    codes: Codes
    tone: float
    tint: Colour
    _lay_out: Callable[[], Layout]
    _layout: Layout | None

    def __init__(
        self,
        image: Image,
        seen: Coverage,
        warp: Warp,
        em: float,
        aspect: float,
        catalogue: Catalogue,
        store: OutlineStore,
        library: BackgroundLibrary,
        rotation: float = 0.0,
        light: float = 1.0,
        unit: float = 1.0,
    ) -> None:
        self.image, self.seen = image, seen
        self.warp, self.em, self.aspect, self.light = warp, em, aspect, light
        self.rotation, self.unit = rotation, unit
        self.catalogue, self.store, self.library = catalogue, store, library
        self.kept: dict[str, Any] = {}
        self.ground: Coverage | None = None

    def set_text(
        self,
        own: int,
        layout: Callable[[], Layout],
        outlines: Polylines,
        placement: npt.NDArray[np.float64],
        written: Coverage,
    ) -> None:
        """Say what text is on it. `layout` is called where an effect asks for it, which few do."""
        self.own, self._lay_out, self._layout = own, layout, None
        self.outlines, self.placement, self.written = outlines, placement, written

    @property
    def layout(self) -> Layout:
        """Of the text."""
        if self._layout is None:
            self._layout = self._lay_out()
        return self._layout

    @property
    def height(self) -> int:
        """Of the picture, in pixels."""
        return len(self.image)

    @property
    def width(self) -> int:
        """Of the picture, in pixels."""
        return int(self.image.shape[1])

    @property
    def across(self) -> float:
        """Pixels of an em, between its width and its height."""
        return self.em * math.sqrt(self.aspect)

    @property
    def tall(self) -> float:
        """Pixels of an em down the picture."""
        return self.em / min(self.aspect, 1.0)

    @property
    def rows(self) -> npt.NDArray[np.float32]:
        """The picture as float32 (H, 3 W)."""
        return self.image.reshape(self.height, 3 * self.width)

    def shine(self, glow: Coverage, colour: Colour, dim: float) -> None:
        """Add `colour`, float64 (3,), times `glow`, float32 (H, W); the text's ground is dimmed to the part `dim`."""
        if self.ground is not None:
            self.image *= np.float32(1.0) - np.float32(1.0 - dim) * self.ground[..., None]
            dim = 1.0
        add_glow(self.image, glow, colour, dim)

    @cached_property
    def forward(self) -> Plane:
        """From the text's plane, em, to pixels: a homography, float64 (9,)."""
        forward: Plane = plane_to_image(self.warp)
        if self.unit != 1.0:
            forward *= np.array([self.unit, self.unit, 1.0] * 3)
        return forward

    @cached_property
    def plane(self) -> Plane:
        """From pixels to the text's plane, em: a homography, float64 (9,)."""
        plane: Plane = image_to_plane(self.forward)
        return plane

    @property
    def corners(self) -> npt.NDArray[np.float64]:
        """The picture's corners in the text's plane, em, homogeneous, float64 (4, 3); the last: one over the depth."""
        corners: npt.NDArray[np.float64] = corners_in_plane(self.plane, float(self.height), float(self.width))
        return corners

    def field(self, kind: str, key: int, scale: float, stretch: float = 1.0) -> Coverage:
        """A field of wear (`wear_fields.FIELDS`) on the text's plane, float32 (H, W) in [0, 1].

        `scale`: of its pixels per em; `stretch`: how much longer it is along the text.
        """
        field, factor, x, y = choose_level(kind, key, scale / self.across)
        out = np.empty((self.height, self.width), np.float32)
        plane_field(self.plane, field, scale * factor / stretch, scale * factor, x, y, out)
        return out

    def soft(self, radius: float) -> Coverage:
        """The letters blurred by `radius` em, float32 (H, W)."""
        soft = self.written.copy()
        soften(soft, max(radius * self.across, 0.3))
        return soft

    def dots(self, pitch: float, ratio: float, grow: float) -> tuple[Coverage, Coverage]:
        """Coverage by the dots of a grid that letters cover, and by the others; `pitch`: em; the rest: see `lamps`."""
        lit, unlit = np.empty_like(self.written), np.empty_like(self.written)
        lamps(self.soft(0.3 * pitch), self.plane, self.forward, pitch, ratio, grow, lit, unlit)
        return lit, unlit

    def hide(self, coverage: Coverage) -> None:
        """Say that what is under `coverage`, float32 (H, W), is seen no more."""
        self.seen = self.seen * (np.float32(1.0) - coverage)


def plane_of_picture(em: float, height: int, width: int) -> Warp:
    """The warp of a whole picture: its plane is the picture's own, with the origin in its middle, in em."""
    warp = make_warp(WarpParams(), 1.0, 1.0)
    warp[W_FIT : W_FIT + 4] = em, em, 0.5 * width, 0.5 * height
    return warp
