"""All effects there are, found by listing the folders; and those of a plan."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any

import msgspec

from synthtext.core.errors import near_miss
from synthtext.degrade.draw_degrade import SAMPLED
from synthtext.effects.canvas import Canvas
from synthtext.effects.effect import DEFINED, FOLDERS, Effect, EffectParams, PhotoEffect
from synthtext.effects.physical_order import ORDER


def _found() -> dict[str, Effect]:
    """Every effect, in order: each module of the folders is imported, and defines one."""
    for folder in FOLDERS.values():
        package = import_module(f"synthtext.effects.{folder}")
        for module in pkgutil.iter_modules(package.__path__):
            import_module(f"{package.__name__}.{module.name}")
    missing = sorted(set(DEFINED) - set(ORDER))
    if missing:
        raise ValueError(
            f"{', '.join(missing)}: has no place in synthtext/effects/physical_order.py; give it a line there"
        )
    photo = {path for path, effect in DEFINED.items() if isinstance(effect, PhotoEffect)}
    unlike = sorted(photo ^ {f"degrade.{name}" for name in SAMPLED})
    if unlike:
        raise ValueError(f"{', '.join(unlike)}: SAMPLED in synthtext/degrade/draw_degrade.py and effects/photo differ")
    return {path: DEFINED[path] for path in ORDER if path in DEFINED}


#: Every effect by path, in physical order.
EFFECTS = _found()
#: Those that have hooks and a record of their own.
HOOKED = {path: effect for path, effect in EFFECTS.items() if not isinstance(effect, PhotoEffect)}
#: All, of a section, by name.
BY_SECTION = {
    section: {effect.name: effect for effect in EFFECTS.values() if effect.section == section} for section in FOLDERS
}
_RANK = {path: rank for rank, path in enumerate(EFFECTS)}
# By path, those that leave it out where they are applied.
_LOSES_TO = {path: tuple(other.path for other in EFFECTS.values() if path in other.excludes) for path in EFFECTS}


class Applied(dict[str, EffectParams]):
    """What a plan says of effects: by path, in physical order, the record of each that is applied; frozen by custom."""

    @classmethod
    def read(cls, value: Any) -> Applied:
        """Of plain data. Raises ValueError for an effect that there is not, and for values that it cannot have."""
        if not isinstance(value, Mapping):
            raise ValueError(f"effects: got {value!r}; give a mapping such as {{'surface.glare': {{...}}}}")
        read = {}
        for path, params in value.items():
            effect = HOOKED.get(path)
            if effect is None:
                if path in EFFECTS:
                    raise ValueError(f"{path}: what is drawn of it stands in the plan's {EFFECTS[path].section!r}")
                near = near_miss(str(path), HOOKED)
                hint = f"did you mean {near!r}?" if near else "docs/gallery.md names those there are"
                raise ValueError(f"no effect is called {path!r}; {hint}")
            read[path] = _convert(effect, params)
        return in_order(read)

    @property
    def hooks(self) -> set[str]:
        """At which hooks they act."""
        return {hook for path in self for hook in EFFECTS[path].hooks}

    def any(self, hook: str) -> bool:
        """Whether any of them acts at a hook."""
        return hook in self.hooks

    def reach(self) -> float:
        """How far they go beyond the ink, em."""
        return max([EFFECTS[path].reach * params.strength for path, params in self.items()], default=0.0)

    def without(self, *kinds: str) -> Applied:
        """Those that are none of `sheet`, `along`: see `Effect`."""
        if not any(getattr(EFFECTS[path], kind) for path in self for kind in kinds):
            return self
        kept = {p: params for p, params in self.items() if not any(getattr(EFFECTS[p], kind) for kind in kinds)}
        return Applied(kept)

    def run(self, hook: str, canvas: Canvas) -> None:
        """Call the hook of each that has it."""
        for path, params in self.items():
            effect = EFFECTS[path]
            if hook in effect.hooks:
                getattr(effect, hook)(canvas, params)


NONE_APPLIED = Applied()


def in_order(params: Mapping[str, EffectParams]) -> Applied:
    """The records by path, in physical order."""
    return Applied(sorted(params.items(), key=lambda item: _RANK[item[0]]))


def _convert(effect: Effect, params: Any) -> EffectParams:
    try:
        read: EffectParams = msgspec.convert(params, effect.Params)
    except msgspec.ValidationError as error:
        raise ValueError(f"{effect.path}: {error}") from None
    low, high = effect.limits
    if not low <= read.strength <= high:
        raise ValueError(f"{effect.path}: the strength {read.strength:g} lies outside [{low:g}, {high:g}]")
    return read


def settled(paths: Iterable[str]) -> set[str]:
    """Which of the effects that fell to a sample are applied: those that none which is applied itself leaves out."""
    fallen = set(paths)

    def stays(path: str) -> bool:
        return path in fallen and not any(map(stays, _LOSES_TO[path]))

    return {path for path in fallen if stays(path)}
