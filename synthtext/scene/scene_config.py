"""The configuration of a scene."""

from __future__ import annotations

import typing
from pathlib import Path
from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta

from synthtext.core.declared import choices
from synthtext.core.section import Choices, Limits, Range, Section, Share, Weights

SceneWords = Annotated[int, Meta(ge=1, le=200)]


_FOLDER = Path(__file__).resolve().parent
#: Every setting, and every kind of group, by its name in the configuration.
SETTINGS = choices("synthtext.scene.settings", [str(_FOLDER / "settings")], "SETTING")
GROUPS = choices("synthtext.scene.groups", [str(_FOLDER / "groups")], "GROUP")


class SceneConfig(Section, frozen=True):
    """A scene (`kind: scenes`): where text stands, how much of it, how large, and what is labelled.

    `words`: fewest and most words of a scene, drawn log-uniformly. `text_height`: the em as a part of the image's
    shorter side, drawn log-uniformly for each group of text.
    `settings`: weights of the places that a scene is set in.
    `groups`: weights of the kinds of groups that its text stands in, of which each place takes those that fit it.
    `occluder`: share of scenes with a pole, a cable or something out of focus in front of the text.
    `cut`: share of groups that may run over the image's edge. `edge`: `cut` labels what is seen of a word, `ignore`
    ignores every word that the edge cuts. `min_visible`: a word of which a smaller part is seen is ignored.
    `line_height`: what counts as a line height in `degrade`, as a part of the image's shorter side.
    `synthtext`: folder with `bg_img/`, `depth.h5` and `seg.h5` as SynthText (Gupta et al., 2016) has them, used as
    photographs with planes and regions ("" for none); needs h5py.
    """

    PATH = "scene"
    LIMITS: ClassVar[Limits] = {"text_height": (0.005, 2.0)}
    CHOICES: ClassVar[Choices] = {
        "settings": {name: setting.help for name, setting in SETTINGS.items()},
        "groups": {name: group.help for name, group in GROUPS.items()},
    }

    words: tuple[SceneWords, SceneWords] = (5, 60)
    text_height: Range = (0.02, 0.45)
    settings: Weights = msgspec.field(
        default_factory=lambda: {"photo": 30, "wall": 20, "street": 20, "corridor": 8, "shelf": 12, "table": 10}
    )
    groups: Weights = msgspec.field(
        default_factory=lambda: {
            "sign": 16,
            "plate": 10,
            "poster": 14,
            "label": 12,
            "block": 12,
            "word": 20,
            "curve": 5,
            "circle": 5,
            "stack": 4,
        }
    )
    occluder: Share = 0.15
    cut: Share = 0.15
    edge: typing.Literal["cut", "ignore"] = "cut"
    min_visible: Share = 0.5
    line_height: Annotated[float, Meta(ge=0.001, le=1.0)] = 0.0625
    synthtext: str = ""
