"""The configuration of the legibility that is asked for."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from synthtext.core.section import Section, Share


class LegibilityConfig(Section, frozen=True):
    """The budget: a word scored below `minimum` is drawn again up to `redraws` times, then marked `ignore`."""

    PATH = "legibility"

    minimum: Share = 0.0
    redraws: Annotated[int, Meta(ge=0, le=20)] = 3
