"""The group `poster`."""

from __future__ import annotations

from synthtext.core.rng import Draws
from synthtext.scene.group import Composer, Content, GroupKind, Line, PanelStyle, paragraph, wrapped
from synthtext.scene.planes import Box

GROUP = {
    "name": "poster",
    "help": "a sheet with a heading, perhaps smaller lines below and a picture above",
    "maker": "Poster",
}


class Poster(GroupKind):
    """Makes groups of the kind `poster`."""

    needs = (10.0, 7.0)
    panel = PanelStyle(
        materials={"plain": 45, "paper": 30, "gradient": 20, "fabric": 5},
        contrast=(0.01, 0.12),
        rim=0.15,
    )

    def content(self, composer: Composer, draws: Draws, line: Line) -> Content | None:
        align = "center" if draws.chance(0.5) else "left"
        heading = [text for _ in range(1 + draws.chance(0.4)) for text in wrapped(line(""), draws.integer(6) + 7)][:3]
        paint = composer.paint(draws)
        parts = [composer.block(draws, heading, None, paint, align)]
        small = draws.log_uniform(0.22, 0.5)
        if draws.chance(0.75):
            rows = [paragraph(line, draws.integer(14) + 12) for _ in range(1 + draws.integer(5))]
            second = composer.paint(draws) if draws.chance(0.4) else paint
            parts.append(composer.block(draws, rows, None, second, align, small))
        if draws.chance(0.4):
            font = parts[-1][0].font if parts[-1] is not None else None
            size = draws.log_uniform(0.3, 0.8)
            parts.append(composer.block(draws, wrapped(line(""), 14)[:2], font, paint, align, size))
        picture = draws.uniform(0.3, 0.6) if draws.chance(0.4) else 0.0
        return composer.arranged(self, parts, align, draws.uniform(0.4, 1.2), picture)

    def outline(self, draws: Draws, content: Content, ink: Box, across: float, down: float) -> tuple[Box, float]:
        """As paper has it: in a format."""
        box, _ = super().outline(draws, content, ink, across, down)
        aspect = draws.uniform(1.0, 1.5) if draws.chance(0.7) else draws.uniform(0.55, 0.8)
        return _to_aspect(box, aspect, draws), 0.0


def _to_aspect(box: Box, aspect: float, draws: Draws) -> Box:
    """The box grown, below or at both sides, so that its height over its width is at least (or at most) `aspect`."""
    x0, y0, x1, y1 = box
    w, h = x1 - x0, y1 - y0
    if h < aspect * w:
        more = min(aspect * w - h, 0.8 * h)
        share = draws.uniform(0.2, 0.8)
        return x0, y0 - share * more, x1, y1 + (1.0 - share) * more
    more = min(h / aspect - w, 0.8 * w)
    return x0 - 0.5 * more, y0, x1 + 0.5 * more, y1
