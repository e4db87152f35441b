"""Reading data sets back, our own and those of other makers, one picture with its labels at a time.

    folder       labels.jsonl, or a table labels.tsv, gt.txt, labels.txt (image <TAB> text, image text, image, "text")
    icdar        pictures, each with its gt_NAME.txt or NAME.txt: x1,y1,...,x4,y4,text (or left,top,right,bottom,text)
    lmdb         the keys of deep-text-recognition-benchmark: num-samples, image-000000001, label-000000001, ...
    webdataset   tar files whose members NAME.jpg, NAME.txt (or .gt.txt, .cls, .json) belong together
    parquet      a column of pictures (bytes, or a struct with them) and one of texts

`open_dataset` tells them apart. Labels are read in one pass, in order; a picture's bytes are fetched by its `ref`, so
that whoever needs only some of the pictures pays for these alone.
"""

from __future__ import annotations

from synthtext.formats.reading.detect import open_dataset
from synthtext.formats.reading.entries import Entry, Manifest, Reader, WordLabel

__all__ = ["Entry", "Manifest", "Reader", "WordLabel", "open_dataset"]
