"""The maker of crops: what `Generator` asks for samples where a configuration is of `kind: words`."""

from __future__ import annotations

from typing import Any

from synthtext.core.records import read_plan
from synthtext.crop.batch import Pictures
from synthtext.crop.check_plan import check_records
from synthtext.crop.crop_plan import Drawer, Plan
from synthtext.crop.render_crop import render_crop, render_crops, sample_of
from synthtext.crop.resources import Resources
from synthtext.crop.stages import Stages, drawn_words
from synthtext.sample import Sample
from synthtext.text.source import TextRecord

_MOST_ROWS = 64  # that are rendered at a time
_MOST_BYTES = 8 << 20  # of their pictures
KIND = {"name": "words", "maker": "CropMaker"}


class CropMaker:
    """Makes crops of words and lines by index, of `resources`."""

    def __init__(self, resources: Resources) -> None:
        self.resources = resources
        self.drawer = Drawer(resources)

    def digest(self, common: str) -> str:
        """SHA-256, hex, of all that the samples depend on beside seed and index. `common`: of the resources."""
        return common

    def sample(self, index: int) -> Sample:
        """The sample of an index: drawn again where it is not legible, as often as the budget allows."""
        return self.batch(index, 1)[0]

    @property
    def together(self) -> int:
        """How many samples are made at once."""
        image = self.resources.config.image
        return min(max(_MOST_BYTES // (3 * image.height * image.width), 1), _MOST_ROWS)

    def batch(self, start: int, count: int, pictures: Pictures | None = None) -> list[Sample]:
        """The samples of the `count` indices from `start` on: what is rejected of them is made anew, all at once.

        `pictures`: uint8 (count, H, W, 3) in one piece, of the configuration's size, into which colour images that all
        have this size are rendered.
        """
        size = self.together
        image = self.resources.config.image
        rows = None
        if pictures is not None and image.fit != "natural" and image.channels != "grey":
            rows = pictures.reshape(count, -1)
        samples: list[Sample] = []
        for first in range(start, start + count, size):
            stop = min(first + size, start + count)
            samples += self._batch(range(first, stop), None if rows is None else rows[first - start : stop - start])
        return samples

    def _batch(self, indices: range, pictures: Pictures | None) -> list[Sample]:
        redraws = self.resources.config.legibility.redraws
        made: dict[int, Sample] = {}
        texts: dict[int, TextRecord | None] = dict.fromkeys(indices)
        attempt = 0
        while texts:
            plans = [self.draw(index, attempt, text) for index, text in texts.items()]
            places = [index - indices.start for index in texts]
            rendering = render_crops(self.resources, plans, [attempt < redraws] * len(plans), pictures, places)
            texts = {}
            for s, plan in enumerate(plans):
                if rendering.rejected(s):
                    texts[plan.index] = plan.text
                else:
                    made[plan.index] = sample_of(rendering, s)
            self.resources.mark("finish")
            attempt += 1
        return [made[index] for index in indices]

    def draw(self, index: int, attempt: int = 0, text: TextRecord | None = None) -> Plan:
        """The plan of a sample; `attempt` counts redraws, which change all but the text."""
        return self.drawer.draw(index, attempt, text)

    def render(self, plan: Plan | dict[str, Any]) -> Sample:
        """The sample of a plan. Raises InputError for a bad plan."""
        return render_crop(self.resources, self._read(plan))

    def stages(self, sample: int | Plan | dict[str, Any]) -> Stages:
        """A sample between its stages: by index, or of a plan as `render` takes it."""
        plan = self._read(self.sample(sample).plan if isinstance(sample, int) else sample)
        kept: dict[str, Any] = {}
        done = render_crop(self.resources, plan, keep=kept)
        words = drawn_words(kept["layout"], kept["outlines"], *done.image.shape[:2])
        return Stages(done, words, kept["background"], kept["painted"])

    def _read(self, plan: Plan | dict[str, Any]) -> Plan:
        plan = read_plan(plan, Plan)
        check_records(plan, plan.font, self.resources.catalogue, self.resources.library)
        return plan
