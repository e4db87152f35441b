"""Goldens: what a sample was when they were written, every label of it, and how a sample of today differs, by field."""

import json
from pathlib import Path

import cv2
import numpy as np

# How far numbers may lie apart: the last bit of a sine differs between C libraries.
ALLOWED = {"char_quads": 0.03, "word_quads": 0.03, "polygons": 0.03, "legibility": 0.01, "visible": 0.01, "picture": 2}


def rounded(array, digits):
    return (np.round(np.asarray(array, float), digits) + 0.0).tolist()


def row_of(sample, size, **more):
    """A golden: what is told besides, then all labels, and a small picture. `size`: its rows, columns."""
    labels = sample.labels
    rows, columns = size
    small = cv2.resize(sample.image, (columns, rows), interpolation=cv2.INTER_AREA)
    return {
        **more,
        "text": sample.text,
        "shape": list(sample.image.shape),
        "char_text": list(labels.char_text),
        "char_word": labels.char_word.tolist(),
        "char_quads": rounded(labels.char_quads.reshape(-1, 8), 2),
        "word_text": list(labels.word_text),
        "word_quads": rounded(labels.word_quads.reshape(-1, 8), 2),
        "polygons": [rounded(polygon.ravel(), 2) for polygon in labels.polygons],
        "ignore": labels.ignore.tolist(),
        "legibility": rounded(labels.legibility, 3),
        "line": labels.line.tolist(),
        "paragraph": labels.paragraph.tolist(),
        "visible": rounded(labels.visible, 3),
        "picture": small.reshape(rows, -1).tolist(),
    }


def differences(expected, actual):
    """A line for each field of a golden that is another now."""
    found = []
    for key in [*expected, *(key for key in actual if key not in expected)]:
        a, b = expected.get(key), actual.get(key)
        if a == b:
            continue
        if key not in ALLOWED or a is None or b is None:
            found.append(f"{key}: {_first_difference(a, b)}")
            continue
        sizes = [[np.size(row) for row in rows] for rows in (a, b)]
        if sizes[0] != sizes[1]:
            found.append(f"{key}: {sum(sizes[0])} numbers in {len(a)} rows -> {sum(sizes[1])} in {len(b)}")
            continue
        for i, (one, other) in enumerate(zip(a, b, strict=True)):
            away = np.abs(np.ravel(one).astype(float) - np.ravel(other))
            if away.max(initial=0) > ALLOWED[key]:
                many = sum(
                    np.abs(np.ravel(p).astype(float) - np.ravel(q)).max() > ALLOWED[key]
                    for p, q in zip(a, b, strict=True)
                )
                at = int(away.argmax())
                change = f"number {at}: {np.ravel(one)[at]:g} -> {np.ravel(other)[at]:g}"
                found.append(f"{key}: {many} of {len(a)} rows, the first of them row {i}, {change}")
                break
    return found


def _first_difference(a, b):
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        i = next(i for i in range(len(a)) if a[i] != b[i])
        return f"entry {i} of {len(a)}: {a[i]!r} -> {b[i]!r}"
    return f"{a!r} -> {b!r}"


def read(path: Path, *keys):
    """The goldens of a file by their keys."""
    return {tuple(row[key] for key in keys): row for row in json.loads(path.read_text(encoding="utf-8"))}


def write(path: Path, rows):
    text = "[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]\n"
    path.write_text(text, encoding="utf-8")
    print(f"{len(rows)} goldens written to {path}")
