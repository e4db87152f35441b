"""How letters are made: borders, sides, relief, light, lamps, thread, and what wears them away.

`draw_effects` draws which; `paint_with_effects` paints letters with them: what lies behind the letters, the paint, what
shapes it, and what takes it away, in this order. No effect moves a letter: labels stay exact.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from synthtext.core.applied import draw_applied
from synthtext.core.records import Amount, Angle, Key, Lightness, Record
from synthtext.core.rng import Draws
from synthtext.effects.effects_config import EffectsConfig
from synthtext.effects.printing import PrintParams, fade
from synthtext.effects.surfaces import emphasise, luminance_of
from synthtext.geometry.warp import Warp, warp_points
from synthtext.paint.colour import colour
from synthtext.paint.composite import over, soften
from synthtext.paint.ink import Ink, PaintParams, apply_paint
from synthtext.paint.photographs import BackgroundLibrary
from synthtext.paint.plane import Plane, image_to_plane, plane_to_image
from synthtext.paint.relief import add_glow, extrude, shade_relief, threads, whiten
from synthtext.paint.wear import lamps, reveal, spread, wear
from synthtext.paint.wear_fields import choose_level, plane_field
from synthtext.raster.coverage import dilate, fill
from synthtext.raster.polylines import Polylines
from synthtext.typeset.glyph_table import P_X, P_XX, P_XY, P_Y, P_YX, P_YY

Image = npt.NDArray[np.float32]
Coverage = npt.NDArray[np.float32]

_NO_CUT = np.zeros((0, 0), np.float32)
_NO_RAMP = np.zeros(3)
_BLACK = np.zeros(3)
# Pixels of a field of wear per em.
_FIELD_SCALE = {"worn": 60.0, "flakes": 60.0, "fibres": 160.0}


class EffectsParams(Record, frozen=True):
    """What was drawn: the strength of each effect of `EffectsConfig`, 0 where it is not applied, and how it looks.

    `light_angle`: radians, from where the light comes. `tones`: of a double border's two lines, inner first, and of
    sides, as lightness. `key`: where in the fields of wear; `thread_angle`: radians.
    """

    double_border: Amount = 0.0
    extrusion: Amount = 0.0
    emboss: Amount = 0.0
    engrave: Amount = 0.0
    neon: Amount = 0.0
    led: Amount = 0.0
    worn: Amount = 0.0
    chipped: Amount = 0.0
    stencil: Amount = 0.0
    stitched: Amount = 0.0
    ink_spread: Amount = 0.0
    light_angle: Angle = -2.2
    extrusion_angle: Angle = 0.8
    tones: tuple[Lightness, Lightness, Lightness] = (100.0, 0.0, 40.0)
    thread_angle: Angle = 0.0
    key: Key = 0

    @property
    def masks(self) -> bool:
        """Whether any of it takes ink away."""
        return self.worn > 0.0 or self.chipped > 0.0 or self.stencil > 0.0

    @property
    def adorns(self) -> bool:
        """Whether letters are drawn by more than their ink: by lines around them, by sides, by light and shade."""
        return self.double_border > 0.0 or self.extrusion > 0.0 or self.emboss > 0.0 or self.engrave > 0.0


NO_EFFECTS = EffectsParams()


def draw_effects(draws: Draws, config: EffectsConfig) -> EffectsParams:
    """Draw the effects of a text."""
    applied = draw_applied(draws, config)
    if not applied:
        return NO_EFFECTS
    # Some make no sense together: a surface is either raised or cut, and lamps are not painted.
    for winner, losers in (
        ("neon", ("led", "double_border", "extrusion", "emboss", "engrave", "worn", "stitched", "ink_spread")),
        (
            "led",
            ("double_border", "extrusion", "emboss", "engrave", "worn", "chipped", "stencil", "stitched", "ink_spread"),
        ),
        ("stitched", ("emboss", "engrave", "extrusion", "chipped", "worn", "stencil", "ink_spread")),
        ("emboss", ("engrave", "extrusion")),
        ("engrave", ("extrusion", "double_border")),
        ("extrusion", ("ink_spread",)),
    ):
        if winner in applied:
            for name in losers:
                applied.pop(name, None)
    # Light comes from above, mostly from the left; what is extruded is seen from any side.
    light_angle = draws.uniform(-0.85 * math.pi, -0.15 * math.pi)
    extrusion_angle = draws.uniform(0.0, 2.0 * math.pi)
    tones = (draws.choice((0.0, 8.0, 95.0, 100.0)), draws.uniform(0.0, 100.0), draws.uniform(20.0, 75.0))
    return EffectsParams(
        **applied,
        light_angle=light_angle,
        extrusion_angle=extrusion_angle,
        tones=tones,
        thread_angle=draws.normal(0.0, 0.5),
        key=draws.key(),
    )


def fit_paint(paint: PaintParams, effects: EffectsParams, tint: float) -> PaintParams:
    """The paint that goes with the effects. `tint` in [0, 1): a uniform number.

    What shines is lighter than what lies behind it. What is raised or cut is seldom painted in full.
    """
    if effects is NO_EFFECTS:
        return paint
    if effects.neon or effects.led:
        return replace(
            paint,
            darker=False,
            # Full colours are not the lightest: a tube's is seen in its glow.
            contrast=min(max(paint.contrast, 50.0), 60.0) if effects.neon else max(paint.contrast, 60.0),
            saturation=max(paint.saturation, 0.85) if effects.neon else paint.saturation,
            texture=None,
            gradient=0.0,
            border=0.0,
            outline_only=False,
            shadow=None,
            opacity=1.0,
        )
    if effects.emboss or effects.engrave:
        return replace(paint, opacity=paint.opacity * (0.25 + 0.75 * tint), outline_only=False, border=0.0, shadow=None)
    if effects.extrusion or effects.double_border or effects.stitched:
        return replace(paint, outline_only=False, shadow=None, border=0.0 if effects.double_border else paint.border)
    return paint


def paint_with_effects(
    image: Image,
    own: Coverage,
    written: Coverage,
    outlines: Polylines,
    placement: npt.NDArray[np.float64],
    warp: Warp,
    paint: PaintParams,
    effects: EffectsParams,
    printed: PrintParams,
    through: float,
    library: BackgroundLibrary,
    em: float,
    aspect: float,
) -> tuple[Coverage, npt.NDArray[np.float64]]:
    """Paint text with its effects over `image`, float32 (H, W, 3) linear light, in place.

    `own`, `written`: float32 (H, W), coverage of labelled text, and of all. `outlines`: all of it; `placement`: of its
    glyphs; `warp`: what they went through. `through` in [0, 1]: how much of the ground shows in the ink. `em`: pixels.
    `aspect`: of horizontal to vertical scale.
    Returns the labelled ink that is left to be seen, float32 (H, W), and the text's linear colour, float64 (3,).
    """
    if effects == NO_EFFECTS and not (printed.masks or printed.dot_matrix or through):
        lightness = apply_paint(image, written, outlines, paint, library, em, aspect)
        return own, np.array(colour(lightness, paint.saturation, paint.hue))
    forward = plane_to_image(warp)
    plane = image_to_plane(forward)
    across = em * math.sqrt(aspect)  # pixels of an em, between its width and its height
    brush = _Brush(written, outlines, effects, printed, through, plane, forward, across, em)
    if effects.led:
        lit, unlit = brush.lamps(effects.led, 0.42, 1.35)
        brush.unlit = unlit
        apply_paint(image, lit, outlines, paint, library, em, aspect, brush)
        return own * (lit / np.maximum(lit + unlit, np.float32(1e-3))), brush.tint
    dots = written
    if printed.dot_matrix:
        dots, _ = brush.lamps(printed.dot_matrix, 0.55, 1.9)
    keep = brush.keep(placement, warp) if effects.masks or printed.masks else None
    apply_paint(image, dots, outlines, paint, library, em, aspect, brush)
    if keep is None:
        return own, brush.tint
    reveal(image, brush.under, keep)
    return own * keep, brush.tint


class _Brush(Ink):
    """Paints the effects, at the points at which `apply_paint` asks for them."""

    def __init__(
        self,
        coverage: Coverage,
        outlines: Polylines,
        effects: EffectsParams,
        printed: PrintParams,
        through: float,
        plane: Plane,
        forward: Plane,
        across: float,
        em: float,
    ) -> None:
        self.coverage, self.outlines, self.effects, self.printed = coverage, outlines, effects, printed
        self.through = through
        self.plane, self.forward, self.across, self.em = plane, forward, across, em
        self.under: Image = np.zeros((0, 0, 3), np.float32)
        self.unlit: Coverage | None = None
        self.ground = np.empty_like(coverage)
        self.tint = np.zeros(3)

    def _soft(self, radius: float) -> Coverage:
        """The letters blurred by `radius` em."""
        soft = self.coverage.copy()
        soften(soft, max(radius * self.across, 0.3))
        return soft

    def _field(self, kind: str, scale: float, stretch: float = 1.0, key: int | None = None) -> Coverage:
        """A field of wear on the text's plane, `scale` of its pixels per em; `stretch`: longer along the text."""
        field, factor, x, y = choose_level(kind, self.effects.key if key is None else key, scale / self.across)
        out = np.empty_like(self.coverage)
        plane_field(self.plane, field, scale * factor / stretch, scale * factor, x, y, out)
        return out

    def lamps(self, pitch: float, ratio: float, grow: float) -> tuple[Coverage, Coverage]:
        """Coverage by dots of a grid that the letters cover, and by the other dots; `ratio`, `grow`: see `lamps`."""
        lit, unlit = np.empty_like(self.coverage), np.empty_like(self.coverage)
        lamps(self._soft(0.3 * pitch), self.plane, self.forward, pitch, ratio, grow, lit, unlit)
        return lit, unlit

    def keep(self, placement: npt.NDArray[np.float64], warp: Warp) -> Coverage:
        """The part of the ink that is left, float32 (H, W)."""
        effects = self.effects
        keep = np.ones_like(self.coverage)
        soft = self._soft(0.05)
        if effects.worn:
            wear(keep, self._field("worn", _FIELD_SCALE["worn"]), soft, effects.worn, 0.16, 0.0)
        if effects.chipped:
            wear(keep, self._field("flakes", _FIELD_SCALE["flakes"]), soft, effects.chipped, 0.05, 0.7)
        if effects.stencil:
            cut = np.zeros_like(keep)
            corners, glyphs = bridges(self.outlines, placement, effects.stencil)
            if glyphs:
                warp_points(warp, corners, corners)
                ends = np.arange(1, glyphs + 1)
                fill(corners, 4 * ends, ends, 0.0, 0.0, cut)
            keep *= np.float32(1.0) - cut
        printed = self.printed
        if printed.toner_loss:
            # Along the way of the sheet, down the page, the drum gives less; there toner is missing grain by grain.
            streaks = self._field("cloud", 40.0, 0.12, printed.key)
            grain = self._field("grain", 300.0, 1.0, printed.key >> 4)
            wear(keep, np.float32(0.35) * streaks + np.float32(0.65) * grain, soft, 0.85 * printed.toner_loss, 0.2, 0.0)
        if printed.thermal:
            cloud = self._field("cloud", 50.0, 1.0, printed.key)
            fade(keep, cloud, self.plane, 0.04, printed.thermal, printed.key)
        return keep

    def behind(self, image: Image, tone: float, tint: npt.NDArray[np.float64]) -> None:
        """What lies behind the letters, whose lightness is `tone` and colour `tint`."""
        effects, lines, em = self.effects, self.outlines, self.em
        self.tint = tint
        if self.through:
            luminance_of(image, self.ground)
        if effects.masks or self.printed.masks:
            self.under = image.copy()
        if effects.neon:
            wide, near = self._soft(effects.neon), self._soft(0.3 * effects.neon)
            add_glow(image, np.float32(0.5) * wide + np.float32(0.45) * near, tint, 0.35)
        if self.unlit is not None:
            add_glow(image, self.unlit, np.full(3, 0.015), 0.2)
            glow = self.coverage.copy()
            soften(glow, max(0.12 * self.across, 0.5))
            add_glow(image, np.float32(0.12) * glow, tint, 1.0)
        if effects.extrusion:
            depth = effects.extrusion * em
            c, s = math.cos(effects.extrusion_angle), math.sin(effects.extrusion_angle)
            side = tint * (0.9 if tone > 45.0 else 1.0) + (0.0 if tone > 45.0 else 0.16)
            light = effects.light_angle
            extrude(image, self.coverage, depth * c, depth * s, side, math.cos(light), math.sin(light))
        if effects.double_border:
            width = effects.double_border * em
            for radius, lightness in ((2.0 * width, effects.tones[1]), (width, effects.tones[0])):
                outer = np.empty_like(self.coverage)
                dilate(lines.points, lines.contour_ends, lines.glyph_ends, self.coverage, radius, 0.0, 0.0, outer)
                grey = np.full(3, (0.01 * lightness) ** 2)
                over(image, outer, _NO_CUT, grey, grey, _NO_RAMP, 1.0)
        if effects.ink_spread:
            run = np.empty_like(self.coverage)
            reach = effects.ink_spread
            spread(self._soft(reach), self._field("fibres", _FIELD_SCALE["fibres"]), 0.44, run)
            over(image, run, _NO_CUT, tint, tint, _NO_RAMP, 0.65)

    def over(self, image: Image, tint: npt.NDArray[np.float64]) -> None:
        """What shapes the letters that were painted."""
        if self.through:
            around, whole = self.ground.copy(), np.ones_like(self.ground)
            # The picture's edge counts as empty, in both: their ratio is the mean of what is there.
            soften(around, max(0.15 * self.across, 1.0))
            soften(whole, max(0.15 * self.across, 1.0))
            emphasise(image, self.coverage, self.ground, around / whole, self.through)
        effects = self.effects
        x, y = math.cos(effects.light_angle), math.sin(effects.light_angle)
        if effects.emboss or effects.engrave:
            relief = self._soft(0.035)
            depth = 2.2 * (effects.emboss or -effects.engrave)
            shade_relief(image, relief, x, y, depth, 0.25 if effects.emboss else 0.1)
        if effects.neon:
            whiten(image, self.coverage, self._soft(0.035), 0.25 * tint + 0.75)
        if effects.led:
            whiten(image, self.coverage, self.coverage, 0.7 * tint + 0.3)
        if effects.stitched:
            pitch = effects.stitched
            # Threads that the picture cannot show leave their sheen alone.
            depth = min(max((pitch * self.across - 0.8) / 1.6, 0.25), 1.0)
            angle = effects.thread_angle
            threads(
                image, self.coverage, self.plane, math.cos(angle), math.sin(angle), pitch, 7.0 * pitch, 0.75 * depth
            )
            shade_relief(image, self._soft(0.05), x, y, 1.3, 0.02)


def bridges(
    outlines: Polylines, placement: npt.NDArray[np.float64], width: float
) -> tuple[npt.NDArray[np.float64], int]:
    """A stencil's bridges: an upright bar, `width` em wide, through each glyph that has a hole.

    Returns corners in text space, float64 (4 n, 2), and n.
    """
    corners: list[tuple[float, float]] = []
    first = 0
    ends = outlines.glyph_ends.tolist()
    for glyph, (end, box) in enumerate(zip(ends, outlines.boxes.tolist(), strict=True)):
        if has_hole(outlines, first, end):
            frame = placement[glyph].tolist()
            x0, y0, x1, y1 = box
            middle = 0.5 * (x0 + x1)
            for x, y in (
                (middle - 0.5 * width, y1 + 0.1),
                (middle + 0.5 * width, y1 + 0.1),
                (middle + 0.5 * width, y0 - 0.1),
                (middle - 0.5 * width, y0 - 0.1),
            ):
                corners.append(
                    (
                        frame[P_XX] * x + frame[P_XY] * y + frame[P_X],
                        frame[P_YX] * x + frame[P_YY] * y + frame[P_Y],
                    )
                )
        first = end
    return np.array(corners).reshape(-1, 2), len(corners) // 4


def has_hole(outlines: Polylines, first: int, end: int) -> bool:
    """Whether two of the contours [first, end) run in opposite senses."""
    senses = set()
    for contour in range(first, end):
        begin = int(outlines.contour_ends[contour - 1]) if contour else 0
        x, y = outlines.points[begin : int(outlines.contour_ends[contour])].T
        senses.add(float((x * np.roll(y, -1) - y * np.roll(x, -1)).sum()) > 0.0)
    return len(senses) == 2
