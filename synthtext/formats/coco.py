"""The format `coco`: beside the files of `folder`, `annotations.json` in COCO's object detection format.

A word is an annotation of category 1, `text`: `segmentation`, its visible polygon, `bbox` [x, y, width, height] about
that, and its `area`, in pixels; `text`, its transcription, and `legibility`. What is to be ignored has `iscrowd` 1, and
no detection in it is held against a detector. There is no key `ignore`: detectron2 refuses a file with it, and
MMDetection drops such words, so that a detection there counts as false. https://cocodataset.org/#format-data

`annotations.json` is written when all samples are there, from `coco_images.jsonl` and `coco_annotations.jsonl`, which
hold its two lists, an entry a line.
"""

from __future__ import annotations

import os
from typing import ClassVar

from synthtext.formats.detection import DetectionWriter, Record, area, bounding_box, to_json
from synthtext.formats.storage import sync_folder

FORMAT = {
    "name": "coco",
    "help": "as folder, and annotations.json as of COCO",
    "writer": "CocoWriter",
    "sharded": False,
}

_ROOM = 4096  # ids of annotations an image has, so that they need not be counted


class CocoWriter(DetectionWriter):
    """Writes the format `coco`; see `Writer`."""

    growing: ClassVar[tuple[str, ...]] = ("coco_images.jsonl", "coco_annotations.jsonl")
    entries: ClassVar[frozenset[str]] = DetectionWriter.entries | {*growing, "annotations.json", "annotations.json.tmp"}

    def lines(self, record: Record) -> tuple[bytes, ...]:
        """The image's entry, and those of its words."""
        index = record["index"]
        image = {"id": index, "file_name": record["image"], "height": record["height"], "width": record["width"]}
        words = []
        for k, word in enumerate(record["words"]):
            polygon = word["polygon"]
            x0, y0, x1, y1 = bounding_box(polygon)
            entry = {
                "id": index * _ROOM + k + 1,  # 0 would count as no match to pycocotools
                "image_id": index,
                "category_id": 1,
                "bbox": [x0, y0, round(x1 - x0, 2), round(y1 - y0, 2)],
                "area": area(polygon),
                "segmentation": [[v for point in polygon for v in point]],
                "iscrowd": int(word["ignore"]),
                "text": word["text"],
                "legibility": word["legibility"],
            }
            words.append(to_json(entry) + b"\n")
        return to_json(image) + b"\n", b"".join(words)

    def finish(self) -> None:
        """Put `annotations.json` together."""
        path = self._folder / "annotations.json"
        temporary = path.with_name(path.name + ".tmp")
        with open(temporary, "wb") as out:
            info = {
                "description": "made by synthtext",
                "version": self.manifest.synthtext,
                "seed": self.manifest.seed,
            }
            out.write(b'{"info": ' + to_json(info))
            out.write(b',\n"categories": [{"id": 1, "name": "text", "supercategory": "text"}]')
            for key, name in zip((b"images", b"annotations"), self.growing, strict=True):
                out.write(b',\n"' + key + b'": [\n')
                with open(self._folder / name, "rb") as lines:
                    for number, line in enumerate(lines):
                        out.write((b",\n" if number else b"") + line.rstrip(b"\n"))
                out.write(b"\n]")
            out.write(b"}\n")
            out.flush()
            os.fsync(out.fileno())
        os.replace(temporary, path)
        sync_folder(self._folder)
