"""The format `yolo-obb`: beside the files of `folder`, labels/000/000000007.txt and `data.yaml`, for Ultralytics.

A word a line, `0 x1 y1 x2 y2 x3 y3 x4 y4`: the class and the quad fitted to the visible part, clockwise from the top
left, in parts of the image's width and height (https://docs.ultralytics.com/datasets/obb). All lie in [0, 1], since
Ultralytics drops a picture with a label that does not. The format cannot say that a word is to be ignored: such words
are left out. `train` and `val` in `data.yaml` are the same; make a second data set to validate on.
"""

from __future__ import annotations

from typing import ClassVar

from synthtext.formats.base import Manifest
from synthtext.formats.detection import DetectionWriter, Record, fitted_quad, numbered
from synthtext.formats.storage import Storage

FORMAT = {
    "name": "yolo-obb",
    "help": "as folder, and labels of YOLO's oriented boxes",
    "writer": "YoloObbWriter",
    "sharded": False,
}

_DATA = b"train: images\nval: images\nnames:\n  0: text\n"


class YoloObbWriter(DetectionWriter):
    """Writes the format `yolo-obb`; see `Writer`."""

    entries: ClassVar[frozenset[str]] = DetectionWriter.entries | {"labels", "data.yaml", "data.yaml.tmp"}

    def __init__(self, storage: Storage, manifest: Manifest) -> None:
        super().__init__(storage, manifest)
        storage.replace("data.yaml", _DATA)

    def file(self, record: Record) -> tuple[str, bytes]:
        """The label file."""
        height, width = record["height"], record["width"]
        lines = []
        for word in record["words"]:
            if not word["ignore"]:
                parts = [
                    f"{v / size:.6f}" for x, y in fitted_quad(word, record) for v, size in ((x, width), (y, height))
                ]
                lines.append(f"0 {' '.join(parts)}\n")
        return numbered("labels", "", record["index"], ".txt"), "".join(lines).encode()
