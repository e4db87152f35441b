"""The plan of a scene: its records, and what those of one from outside must hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from synthtext.core.errors import InputError
from synthtext.core.records import Key, Positive, Record, read_plan
from synthtext.crop.check_plan import check_records
from synthtext.crop.image_config import ImageConfig
from synthtext.degrade.degrade import DegradeParams
from synthtext.effects.registry import NONE_APPLIED, Applied
from synthtext.geometry.polygons import clip_convex
from synthtext.paint.backgrounds import BackgroundParams
from synthtext.paint.photographs import BackgroundLibrary
from synthtext.scene.blocks import Block
from synthtext.scene.panel import Element, Panel
from synthtext.scene.planes import Box, Homography, quad_of
from synthtext.typeset.catalogue import Catalogue

Image = npt.NDArray[np.float32]

_FARTHEST = 1e7  # pixels to which a corner may be sent


class Group(Record, frozen=True):
    """A text with what is behind it. `plane`: from its plane (em of its main block) to pixels.

    `scale`: pixels per unit about its middle. `light`: factor on the light that falls on its paint.
    `effects`: of scope "text".
    """

    kind: str
    blocks: tuple[Block, ...]
    panels: tuple[Panel, ...]
    plane: Homography
    scale: Positive
    light: Positive = 1.0
    effects: Applied = NONE_APPLIED


class ScenePlan(Record, frozen=True):
    """The records of a scene: all that was drawn for it. `effects`: of scope "picture"."""

    seed: int
    index: Key
    attempt: Key
    backdrop: BackgroundParams
    elements: tuple[Element, ...]
    groups: tuple[Group, ...]
    occluders: tuple[Element, ...]
    degrade: DegradeParams
    effects: Applied = NONE_APPLIED


def read_scene_plan(
    plan: ScenePlan | dict[str, Any], catalogue: Catalogue, library: BackgroundLibrary, image: ImageConfig
) -> ScenePlan:
    """A plan from outside, checked."""
    plan = read_plan(plan, ScenePlan)
    check_records(plan, None, catalogue, library)
    for name in ("elements", "occluders"):
        for i, element in enumerate(getattr(plan, name)):
            check_plane(element.plane, (element.panel.box,), f"plan.{name}[{i}]")
            _check_light(image, element.plane, element.panel, f"plan.{name}[{i}].panel")
    for i, group in enumerate(plan.groups):
        for j, panel in enumerate(group.panels):
            check_plane(group.plane, (panel.box,), f"plan.groups[{i}].panels[{j}]")
            _check_light(image, group.plane, panel, f"plan.groups[{i}].panels[{j}]")
    return plan


def _check_light(image: ImageConfig, plane: Homography, panel: Panel, path: str) -> None:
    """Refuse a panel from which light is taken that is not there."""
    height, width = image.height, image.width
    picture = np.array([(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)])
    part, spare = np.empty((9, 2)), np.empty((9, 2))
    size = clip_convex(quad_of(plane, panel.box), 4, picture, 4, part, spare)
    if size and (part[:size] @ np.array(panel.light[:2]) + panel.light[2]).min() < -1e-6:
        raise InputError(f"{path}.light: is below 0 within the picture; give light that is 0 or more at each pixel")


def check_plane(plane: Homography, boxes: Sequence[Box], path: str) -> None:
    """Refuse a plane of which the camera does not see the boxes."""
    for x0, y0, x1, y1 in boxes:
        if not (x0 < x1 and y0 < y1):
            raise InputError(f"{path}: a box from ({x0:g}, {y0:g}) to ({x1:g}, {y1:g}) is empty; give x0 < x1, y0 < y1")
        h = np.array(plane).reshape(3, 3)
        corners = np.array([(x0, y0, 1.0), (x1, y0, 1.0), (x1, y1, 1.0), (x0, y1, 1.0)]) @ h.T
        far = np.abs(corners[:, :2]) > _FARTHEST * np.abs(corners[:, 2:])
        if abs(np.linalg.det(h)) < 1e-12 or corners[:, 2].min() <= 1e-9 or far.any():
            raise InputError(f"{path}.plane: sends its box out of sight; give a homography from the plane to pixels")
