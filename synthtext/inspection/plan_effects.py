"""Which fonts, backgrounds and effects a sample was made with, read off its plan: what a report counts them by.

Effects bear the names of the configuration's keys, and strengths its units (angles in degrees, qualities as they are).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from synthtext.effects.effect import Effect, PhotoEffect
from synthtext.effects.registry import EFFECTS as EFFECTS_BY_PATH
from synthtext.geometry.warp import WAVES


class _Text(Struct, frozen=True):
    source: str = ""


class _Font(Struct, frozen=True):
    face: str = ""


class _Layout(Struct, frozen=True):
    turn: float = 0.0
    letter_spacing: float = 0.0
    slant: float = 0.0
    weight: float = 0.0
    jitter: float = 0.0
    stroke_contrast: float = 0.0
    roughness: float = 0.0
    rounding: float = 0.0
    proportions: float = 0.0


class _Warp(Struct, frozen=True):
    rotation: float = 0.0
    tilt: float = 0.0
    lens: float = 0.0
    waves: tuple[tuple[float, ...], ...] = ()
    skew: float = 0.0


class _Neighbour(Struct, frozen=True):
    reach: float = 0.0


class _Ghost(Struct, frozen=True):
    opacity: float = 0.0


class _Distractor(Struct, frozen=True):
    neighbours: tuple[_Neighbour, ...] = ()
    ghost: _Ghost | None = None


class _Background(Struct, frozen=True):
    kind: str = ""
    source: int | str = 0


class _Paint(Struct, frozen=True):
    contrast: float = 0.0
    opacity: float = 1.0
    texture: _Background | None = None
    border: float = 0.0
    outline_only: bool = False
    shadow: tuple[float, ...] | None = None


class _Shadow(Struct, frozen=True):
    depth: float = 0.0


class _Compression(Struct, frozen=True):
    quality: float = 0.0


class _Degrade(Struct, frozen=True):
    light_gradient: float = 0.0
    shadow: _Shadow | None = None
    vignette: float = 0.0
    defocus: float = 0.0
    gaussian_blur: float = 0.0
    motion_blur: float = 0.0
    resolution_factor: float = 0.0
    exposure: float = 0.0
    white_balance: tuple[float, ...] = ()
    shot_noise: float = 0.0
    read_noise: float = 0.0
    contrast: float = 1.0
    gamma: float = 1.0
    jpeg: tuple[_Compression, ...] = ()


class _Strength(Struct, frozen=True):
    """Of an effect that has a record of its own (`effects.registry.HOOKED`)."""

    strength: float = 0.0


class _Block(Struct, frozen=True):
    """A text of a scene."""

    layout: _Layout = _Layout()
    paint: _Paint = _Paint()


class _Group(Struct, frozen=True):
    """Texts of a scene on one plane."""

    kind: str = ""
    blocks: tuple[_Block, ...] = ()
    effects: dict[str, _Strength] = {}


class _Plan(Struct, frozen=True):
    """What of a plan is counted; the rest is passed over undecoded."""

    text: _Text = _Text()
    font: _Font = _Font()
    layout: _Layout = _Layout()
    warp: _Warp = _Warp()
    distractor: _Distractor = _Distractor()
    background: _Background = _Background()
    paint: _Paint = _Paint()
    degrade: _Degrade = _Degrade()
    effects: dict[str, _Strength] = {}
    groups: tuple[_Group, ...] = ()


_decode = msgspec.json.Decoder(_Plan).decode


def _elastic(plan: _Plan) -> float:
    """Of the waves' amplitudes, which are the strength over sqrt(WAVES) each."""
    return max((math.hypot(*wave[3:]) for wave in plan.warp.waves), default=0.0) * math.sqrt(WAVES)


def _strength(effect: Effect) -> Callable[[_Plan], float]:
    if isinstance(effect, PhotoEffect):
        return lambda plan: effect.strength_in(plan.degrade)
    path, off = effect.path, _Strength()
    return lambda plan: plan.effects.get(path, off).strength


#: The strength of each effect in a plan; 0 where it is not applied.
EFFECTS: dict[str, Callable[[_Plan], float]] = {
    "layout.curve": lambda p: math.degrees(abs(p.layout.turn)),
    "layout.letter_spacing": lambda p: p.layout.letter_spacing,
    "layout.slant": lambda p: math.degrees(p.layout.slant),
    "layout.weight": lambda p: p.layout.weight,
    "layout.jitter": lambda p: p.layout.jitter,
    "layout.stroke_contrast": lambda p: p.layout.stroke_contrast,
    "layout.roughness": lambda p: p.layout.roughness,
    "layout.rounding": lambda p: p.layout.rounding,
    "layout.proportions": lambda p: p.layout.proportions,
    "warp.rotation": lambda p: math.degrees(abs(p.warp.rotation)),
    "warp.tilt": lambda p: math.degrees(p.warp.tilt),
    "warp.lens": lambda p: abs(p.warp.lens),
    "warp.elastic": _elastic,
    "warp.rolling_shutter": lambda p: abs(p.warp.skew),
    "paint.contrast": lambda p: p.paint.contrast,
    "paint.opacity": lambda p: p.paint.opacity if p.paint.opacity < 1.0 else 0.0,
    "paint.fill.texture": lambda p: 1.0 if p.paint.texture is not None else 0.0,
    "paint.border": lambda p: 0.0 if p.paint.outline_only else p.paint.border,
    "paint.outline_only": lambda p: p.paint.border if p.paint.outline_only else 0.0,
    "paint.shadow": lambda p: math.hypot(*p.paint.shadow[:2]) if p.paint.shadow else 0.0,
    "paint.ghost": lambda p: p.distractor.ghost.opacity if p.distractor.ghost else 0.0,
    "paint.neighbour": lambda p: max((n.reach for n in p.distractor.neighbours), default=0.0),
} | {path: _strength(effect) for path, effect in EFFECTS_BY_PATH.items()}
_EFFECTS = tuple(EFFECTS.values())


class Facts(NamedTuple):
    """What one plan says; empty strings and tuples where it does not tell.

    `strengths`: of each of EFFECTS in turn, 0 where it is off. `photos`: background photographs, textures' included.
    `groups`: the kind of each group of a scene.
    """

    source: str
    faces: tuple[str, ...]
    backgrounds: tuple[str, ...]
    photos: tuple[str, ...]
    strengths: tuple[float, ...]
    groups: tuple[str, ...] = ()


def facts_of(plan: msgspec.Raw | bytes) -> Facts | None:
    """What a plan's JSON says; None where there is no plan, or none that can be read.

    A plan of another make (several texts in one picture) tells its faces and backgrounds, wherever in it they stand;
    a scene also of each effect the greatest strength.
    """
    try:
        known = _decode(plan)
        if known.font.face:
            kinds, photos = _behind(known)
            return Facts(known.text.source, (known.font.face,), kinds, photos, tuple([f(known) for f in _EFFECTS]))
        found: dict[str, set[str]] = {"face": set(), "kind": set(), "photo": set()}
        _search(msgspec.json.decode(plan), found)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    if not found["face"]:
        return None
    faces, kinds, photos = (tuple(sorted(found[key])) for key in ("face", "kind", "photo"))
    groups = tuple([group.kind for group in known.groups if group.kind])
    return Facts("", faces, kinds, photos, _of_groups(known) if known.groups else (), groups)


def _of_groups(plan: _Plan) -> tuple[float, ...]:
    """Of each effect of a scene the greatest strength that a text of it, or the whole, has."""
    views = [plan]
    for group in plan.groups:
        views.append(_Plan(effects=group.effects))
        views += [_Plan(layout=block.layout, paint=block.paint) for block in group.blocks]
    return tuple([max([f(view) for view in views], key=abs) for f in _EFFECTS])


def _behind(plan: _Plan) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Kind of background, and photographs."""
    places = (plan.background, plan.paint.texture)
    photos = tuple([str(b.source) for b in places if b is not None and b.kind == "photo"])
    return (plan.background.kind,) if plan.background.kind else (), photos


def _search(node: Any, found: dict[str, set[str]]) -> None:
    """Collect faces (`{"face": ...}`) and backgrounds (`{"kind": ..., "source": ...}`) anywhere in a plan."""
    if isinstance(node, dict):
        if isinstance(node.get("face"), str):
            found["face"].add(node["face"])
        if isinstance(node.get("kind"), str) and "source" in node:
            found["kind"].add(node["kind"])
            if node["kind"] == "photo":
                found["photo"].add(str(node["source"]))
        for value in node.values():
            _search(value, found)
    elif isinstance(node, list):
        for value in node:
            _search(value, found)
