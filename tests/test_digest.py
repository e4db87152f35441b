"""The digest of a generator follows everything that its samples depend on, and nothing else."""

import shutil
import sys

import cv2
import h5py
import numpy as np
import pytest
from made_fonts import build, letter

import synthtext
from synthtext import Generator

LETTERS = "abcdefgh"


@pytest.fixture(scope="module")
def originals(tmp_path_factory):
    """Fonts, photographs, texts and SynthText's backgrounds of one's own: a few of each."""
    root = tmp_path_factory.mktemp("originals")
    build(root / "fonts" / "one.ttf", {c: letter(c) for c in LETTERS}, "One")
    build(root / "fonts" / "two.ttf", {c: letter(c, 0.9) for c in LETTERS}, "Two")
    (root / "photos").mkdir()
    for name, level in (("a.png", 90), ("b.png", 160)):
        cv2.imwrite(str(root / "photos" / name), np.full((60, 80, 3), level, np.uint8))
    (root / "texts.txt").write_text("abc\nbad\nfed\n", encoding="utf-8")
    (root / "more.txt").write_text("hag\n", encoding="utf-8")
    (root / "synthtext" / "bg_img").mkdir(parents=True)
    with (
        h5py.File(root / "synthtext" / "depth.h5", "w") as depths,
        h5py.File(root / "synthtext" / "seg.h5", "w") as segments,
    ):
        for name in ("a.png", "b.png"):
            cv2.imwrite(str(root / "synthtext" / "bg_img" / name), np.full((60, 80, 3), 90, np.uint8))
            depths.create_dataset(name, data=np.ones((2, 80, 60), np.float32))
            made = segments.require_group("mask").create_dataset(name, data=np.ones((60, 80), np.uint16))
            made.attrs["area"], made.attrs["label"] = [60 * 80], [1]
    return root


def overrides(root, *more):
    return [
        f"fonts.folders=['{root / 'fonts'}']",
        "fonts.starter=false",
        f"paint.background.folders=['{root / 'photos'}']",
        "paint.background.kinds={photo: 1}",
        f"text.files=['{root / 'texts.txt'}', '{root / 'more.txt'}']",
        "text.sources={file: 1}",
        *more,
    ]


def digest_of(root, preset="words"):
    more = [f"scene.synthtext={root / 'synthtext'}", "scene.settings={photo: 1}"] if preset == "scenes" else []
    return Generator(preset, 0, overrides(root, *more)).digest


CHANGES = {
    "a font's bytes": lambda root: build(root / "fonts" / "one.ttf", {c: letter(c, 0.8) for c in LETTERS}, "One"),
    "a font more": lambda root: build(root / "fonts" / "three.ttf", {c: letter(c, 1.1) for c in LETTERS}, "Three"),
    "a font less": lambda root: (root / "fonts" / "two.ttf").unlink(),
    "a font's name": lambda root: (root / "fonts" / "two.ttf").rename(root / "fonts" / "zwei.ttf"),
    "a photograph's bytes": lambda root: cv2.imwrite(str(root / "photos" / "a.png"), np.zeros((60, 80, 3), np.uint8)),
    "a photograph more": lambda root: shutil.copy(root / "photos" / "a.png", root / "photos" / "c.png"),
    "a photograph less": lambda root: (root / "photos" / "b.png").unlink(),
    "a text": lambda root: (root / "texts.txt").write_text("abc\nbad\nfee\n", encoding="utf-8"),
    "the order of texts": lambda root: (root / "texts.txt").write_text("bad\nabc\nfed\n", encoding="utf-8"),
    "a text of the second file": lambda root: (root / "more.txt").write_text("had\n", encoding="utf-8"),
}


def change_planes(root):
    with h5py.File(root / "synthtext" / "depth.h5", "r+") as depths:
        depths["a.png"][:] = 2.0


def change_regions(root):
    with h5py.File(root / "synthtext" / "seg.h5", "r+") as segments:
        segments["mask"]["a.png"][:30] = 2


SCENE_CHANGES = {
    "SynthText's depths": change_planes,
    "SynthText's regions": change_regions,
    "SynthText's picture": lambda root: cv2.imwrite(
        str(root / "synthtext" / "bg_img" / "a.png"), np.full((60, 80, 3), 91, np.uint8)
    ),
    "SynthText's picture less": lambda root: (root / "synthtext" / "bg_img" / "b.png").unlink(),
}


def restore(root, originals):
    """Undo a change; what it left alone is not touched, so that it is not indexed anew."""
    for path in [
        path for path in root.rglob("*") if path.is_file() and not (originals / path.relative_to(root)).exists()
    ]:
        path.unlink()
    for path in [path for path in originals.rglob("*") if path.is_file()]:
        own = root / path.relative_to(originals)
        if not own.exists() or own.read_bytes() != path.read_bytes():
            shutil.copy(path, own)


@pytest.mark.parametrize("preset", ["words", "scenes"])
def test_each_resource_counts(preset, originals, tmp_path):
    changes = CHANGES | (SCENE_CHANGES if preset == "scenes" else {})
    root = tmp_path / "resources"  # the same path each time: it stands in the configuration
    shutil.copytree(originals, root)
    found = {"nothing": digest_of(root, preset)}
    for what, change in changes.items():
        change(root)
        found[what] = digest_of(root, preset)
        restore(root, originals)
    assert digest_of(root, preset) == found["nothing"]
    again = [what for what, digest in found.items() if list(found.values()).count(digest) > 1]
    assert not again, f"no other digest by {again}"


@pytest.mark.parametrize("preset", ["words", "scenes"])
def test_seed_configuration_and_version_count_as_they_should(preset, monkeypatch):
    base = Generator(preset, 0).digest
    assert Generator(preset, 7).digest == base
    for override in ("image.height=99", "degrade.jpeg.share=0.123", "text.case={upper: 1}", "legibility.minimum=0.01"):
        assert Generator(preset, 0, [override]).digest != base, override
    version = synthtext.__version__
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] == "synthtext" and getattr(module, "__version__", None) == version:
            monkeypatch.setattr(module, "__version__", "99.0")
    assert Generator(preset, 0).digest != base


@pytest.mark.parametrize("by", ["fonts", "backgrounds", "words"])
def test_each_split_has_a_digest_of_its_own(by):
    shares = ["split.shares={train: 0.5, test: 0.5}", f"split.by=[{by}]"]
    digests = {Generator("words", 0, [*shares, f"split.name={name}"]).digest for name in ("train", "test")}
    assert len(digests) == 2
