"""The configuration's sections of effects, made of their classes: a key an effect, with its share and its strength."""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta

from synthtext.core.section import EffectShare, Section
from synthtext.effects.effect import FOLDERS
from synthtext.effects.registry import BY_SECTION

if TYPE_CHECKING:

    class EffectsSection(Section, frozen=True):
        """A section whose keys are effects."""

        def __init__(self, **effects: EffectShare | float | dict[str, Any]) -> None: ...
        def __getattr__(self, name: str) -> EffectShare: ...

    class EffectsConfig(EffectsSection, frozen=True): ...

    class InterferenceConfig(EffectsSection, frozen=True): ...

    class PrintConfig(EffectsSection, frozen=True): ...

    class SurfaceConfig(EffectsSection, frozen=True): ...

    class DegradeConfig(EffectsSection, frozen=True): ...

    class CameraConfig(EffectsSection, frozen=True): ...

else:

    def _section(section: str, name: str) -> type[Section]:
        """A section, by the name of its class: its docstring is that of the folder, then of each effect."""
        effects = BY_SECTION[section]
        package = import_module(f"synthtext.effects.{FOLDERS[section]}")
        paragraphs = [inspect.cleandoc(package.__doc__ or "")]
        paragraphs += [f"`{effect.name}`: {effect.doc}" for effect in effects.values()]
        return msgspec.defstruct(
            name,
            [
                (effect.name, Annotated[EffectShare, Meta(description=effect.doc)], EffectShare(0.0, effect.strength))
                for effect in effects.values()
            ],
            bases=(Section,),
            namespace={
                "__doc__": "\n\n".join(paragraphs),
                "__module__": __name__,
                "PATH": section,
                "LIMITS": {effect.name: effect.limits for effect in effects.values()},
            },
            frozen=True,
        )

    EffectsConfig = _section("effects", "EffectsConfig")
    InterferenceConfig = _section("interference", "InterferenceConfig")
    PrintConfig = _section("print", "PrintConfig")
    SurfaceConfig = _section("surface", "SurfaceConfig")
    DegradeConfig = _section("degrade", "DegradeConfig")
    CameraConfig = _section("camera", "CameraConfig")
