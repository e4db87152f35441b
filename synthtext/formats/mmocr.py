"""The format `mmocr`: beside the files of `folder`, `textdet.json` as MMOCR 1.x reads it (OCRDataset).

{"metainfo": {...}, "data_list": [{"img_path", "height", "width", "instances": [...]}, ...]}; an instance has `polygon`
[x1, y1, x2, y2, ...], the visible part, `bbox` [x0, y0, x1, y1] about it, `bbox_label` 0, `ignore` and `text`
(https://mmocr.readthedocs.io, "Dataset Preparer", "Annotation format").
The file is closed by its last brackets when all samples are there.
"""

from __future__ import annotations

import os
from typing import ClassVar

from synthtext.formats.base import Manifest
from synthtext.formats.detection import DetectionWriter, Record, bounding_box, to_json
from synthtext.formats.storage import Storage

FORMAT = {"name": "mmocr", "help": "as folder, and MMOCR's textdet JSON", "writer": "MmocrWriter", "sharded": False}

_HEAD = {"dataset_type": "TextDetDataset", "task_name": "textdet", "category": [{"id": 0, "name": "text"}]}


class MmocrWriter(DetectionWriter):
    """Writes the format `mmocr`; see `Writer`."""

    growing: ClassVar[tuple[str, ...]] = ("textdet.json",)
    entries: ClassVar[frozenset[str]] = DetectionWriter.entries | {*growing}

    def __init__(self, storage: Storage, manifest: Manifest) -> None:
        super().__init__(storage, manifest)
        stream = self._growing["textdet.json"]
        self._empty = os.fstat(stream.fileno()).st_size == 0
        if self._empty:
            stream.write(b'{"metainfo": ' + to_json(_HEAD) + b', "data_list": [')

    def lines(self, record: Record) -> tuple[bytes, ...]:
        """The image's entry, behind a comma unless it is the first."""
        instances = []
        for word in record["words"]:
            instances.append(
                {
                    "polygon": [v for point in word["polygon"] for v in point],
                    "bbox": bounding_box(word["polygon"]),
                    "bbox_label": 0,
                    "ignore": word["ignore"],
                    "text": word["text"],
                }
            )
        entry = {
            "img_path": record["image"],
            "height": record["height"],
            "width": record["width"],
            "instances": instances,
        }
        start = b"\n" if self._empty else b",\n"
        self._empty = False
        return (start + to_json(entry),)

    def finish(self) -> None:
        """Close the list: of no sample, and cut off when a run goes on."""
        stream = self._growing["textdet.json"]
        stream.write(b"\n]}\n")
        stream.flush()
        os.fsync(stream.fileno())
