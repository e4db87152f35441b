"""The maker of scenes: what `Generator` asks for samples where a configuration is of `kind: scenes`."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from synthtext.core.contents import digests_of
from synthtext.core.freed_memory import keep_freed_memory
from synthtext.crop.resources import Resources
from synthtext.crop.stages import Stages, drawn_words
from synthtext.paint.photographs import load_library
from synthtext.sample import Sample
from synthtext.scene.depth import DepthSource
from synthtext.scene.fill import Filler
from synthtext.scene.gather_labels import (
    Placed,
)
from synthtext.scene.render_scene import paint_setting, placed_again, render_scene
from synthtext.scene.scene_plan import ScenePlan, read_scene_plan
from synthtext.text.source import TextRecord

KIND = {"name": "scenes", "maker": "SceneMaker"}

Image = npt.NDArray[np.float32]


class SceneMaker:
    """Makes scenes by index, of `resources`.

    Raises InputError for what scenes cannot be made with.
    """

    def __init__(self, resources: Resources) -> None:
        config = resources.config
        keep_freed_memory()
        self.depths = None
        if config.scene.synthtext:
            self.depths = DepthSource(config.scene.synthtext)
            background = config.paint.background
            pictures = str(self.depths.folder / "bg_img")
            folders = tuple(dict.fromkeys((pictures, *background.folders)))
            resources.library = load_library(msgspec.structs.replace(background, folders=folders))
        self.resources = resources
        self.filler = Filler(resources, self.depths)

    def digest(self, common: str) -> str:
        """SHA-256, hex, of all that the scenes depend on beside seed and index. `common`: of the resources."""
        if self.depths is None:
            return common
        files = digests_of(self.depths.folder / name for name in ("depth.h5", "seg.h5"))
        return hashlib.sha256("\n".join([common, *files.values(), *self.depths.names]).encode()).hexdigest()

    def sample(self, index: int) -> Sample:
        """The scene of an index."""
        plan, site = self.filler.draw(index)
        return render_scene(self.resources, plan, site.image, [placed for _, placed in site.groups])

    together = 1

    def batch(self, start: int, count: int, pictures: npt.NDArray[np.uint8] | None = None) -> list[Sample]:
        """The scenes of `count` indices from `start` on, one by one. Nothing is rendered into `pictures`."""
        return [self.sample(index) for index in range(start, start + count)]

    def draw(self, index: int, attempt: int = 0, text: TextRecord | None = None) -> ScenePlan:
        """The plan of a scene. `attempt` and `text` are for crops: a scene is drawn once."""
        return self.filler.draw(index)[0]

    def render(self, plan: ScenePlan | dict[str, Any]) -> Sample:
        """The scene of a plan. Raises InputError for a bad plan."""
        plan = self._read(plan)
        return render_scene(self.resources, plan, self._setting(plan), self._placed(plan))

    def stages(self, sample: int | ScenePlan | dict[str, Any]) -> Stages:
        """A scene between its stages: by index, or of a plan as `render` takes it; `background` has its panels."""
        plan = self._read(self.draw(sample) if isinstance(sample, int) else sample)
        placed, image = self._placed(plan), self._setting(plan)
        kept: list[Image] = []
        bare = image.copy()
        done = render_scene(self.resources, plan, image, placed, bare, lambda painted: kept.append(painted.copy()))
        size = done.image.shape[:2]
        words = tuple(word for one in placed for word in drawn_words(one.layout, one.outlines, *size))
        return Stages(done, words, bare, kept[0])

    def _read(self, plan: ScenePlan | dict[str, Any]) -> ScenePlan:
        resources = self.resources
        return read_scene_plan(plan, resources.catalogue, resources.library, resources.config.image)

    def _setting(self, plan: ScenePlan) -> Image:
        return paint_setting(plan.backdrop, plan.elements, self.resources.library, self.resources.config.image)

    def _placed(self, plan: ScenePlan) -> list[Placed]:
        catalogue, store = self.resources.catalogue, self.resources.store
        return [placed_again(group, f"plan.groups[{i}]", catalogue, store) for i, group in enumerate(plan.groups)]
