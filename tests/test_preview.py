import base64
import io
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from fake_generator import TEXTS, FakeGenerator
from PIL import Image

from synthtext.config import load_config
from synthtext.core.errors import InputError
from synthtext.crop.caption import draw_caption
from synthtext.sample import Sample
from synthtext.tools.preview import _BLEED, _draw_points, _state, draw_tile, page, preview, sheet

RGB = FakeGenerator(load_config("clean"), 0)
GREY = FakeGenerator(load_config("clean", ["image.channels=grey"]), 0)


@pytest.mark.parametrize("zoom", [1.0, 3.0, 6.5])
def test_points_are_drawn_where_they_are(zoom):
    """A thin frame through pixel centres lies on those pixels, to a tenth of a pixel of the enlarged picture."""
    quad = np.array([[2.5, 3.5], [12.5, 3.5], [12.5, 9.5], [2.5, 9.5]], np.float32)
    size = round(16 * zoom) + 2 * _BLEED
    image = np.zeros((size, size, 3), np.uint8)
    _draw_points(image, quad, zoom, (255, 255, 255), 1)
    ink = image[..., 0].astype(float)
    middle = round(6.5 * zoom + _BLEED)
    row, column = ink[:, middle], ink[middle, :]
    centres = np.arange(size) + 0.5 - _BLEED
    left, right = column[:middle], column[middle:]
    assert (left @ centres[:middle]) / left.sum() / zoom == pytest.approx(2.5, abs=0.1 / zoom + 0.03)
    assert (right @ centres[middle:]) / right.sum() / zoom == pytest.approx(12.5, abs=0.1 / zoom + 0.03)
    top, bottom = row[:middle], row[middle:]
    assert (top @ centres[:middle]) / top.sum() / zoom == pytest.approx(3.5, abs=0.1 / zoom + 0.03)
    assert (bottom @ centres[middle:]) / bottom.sum() / zoom == pytest.approx(9.5, abs=0.1 / zoom + 0.03)


@pytest.mark.parametrize("source", [RGB, GREY])
def test_a_tile_without_labels_is_the_image_enlarged(source):
    sample = source[3]
    tile = draw_tile(sample, 2.0, ())[_BLEED:-_BLEED, _BLEED:-_BLEED]
    colour = sample.image if sample.image.ndim == 3 else np.stack([sample.image] * 3, axis=2)
    assert np.array_equal(tile[::2, ::2], colour)
    assert np.array_equal(tile[1::2, 1::2], colour)
    assert not np.array_equal(draw_tile(sample, 2.0)[_BLEED:-_BLEED, _BLEED:-_BLEED], tile)


def test_ignored_words_are_drawn_in_another_colour():
    sample = RGB[1]
    assert [word.ignore for word in sample.words] == [False, True]
    tile = draw_tile(sample, 8.0).reshape(-1, 3).tolist()
    assert [230, 30, 50] in tile
    assert [0, 190, 80] in tile
    assert "1 ignored" in _state(sample)


def test_sheet_holds_every_sample_in_reading_order():
    samples = [RGB[i] for i in range(7)]
    picture = sheet(samples, "title", columns=3, zoom=4.0, draw=())
    assert picture.dtype == np.uint8
    at = []
    for sample in samples:
        tile = draw_tile(sample, 4.0, ())[_BLEED:-_BLEED, _BLEED:-_BLEED]
        h, w = tile.shape[:2]
        windows = np.lib.stride_tricks.sliding_window_view(picture[..., 0], (1, w))[:, :, 0]
        hits = [
            (y, x)
            for y, x in np.argwhere((windows == tile[0, :, 0]).all(-1)).tolist()
            if np.array_equal(picture[y : y + h, x : x + w], tile)
        ]
        assert len(hits) == 1
        at.append(hits[0])
    assert at == sorted(at)
    assert len({y for y, _ in at}) == 3


def test_wide_samples_are_shrunk_to_the_sheet():
    wide = Sample(np.zeros((20, 4000, 3), np.uint8), "wide", RGB[0].labels, 0, 0, dict)
    assert sheet([wide], "title").shape[1] <= 1680


def test_a_sheet_that_is_too_large_is_refused():
    with pytest.raises(InputError, match="more than 60000; give a lower -n"):
        sheet([RGB[0]] * 2000, "title", columns=1, zoom=4.0)


@pytest.mark.parametrize("text", [*TEXTS, "\U000f1234 unknown", "한글", "ﷺ", "x" * 500, "", "  "])
def test_captions_are_ink_within_their_width(text):
    image = np.full((40, 300, 3), 255, np.uint8)
    width = draw_caption(image, text, 20.0, 25.0, 15.0, (0, 0, 0), 200.0)
    inked = np.argwhere(image.min(2) < 250)
    if text.strip():
        assert 0 < width <= 201
        assert inked[:, 1].min() >= 19
        assert inked[:, 1].max() <= 221
    else:
        assert width == 0
        assert not len(inked)


def test_captions_stand_on_their_baseline():
    image = np.full((60, 300, 3), 255, np.uint8)
    draw_caption(image, "HEIM", 10.0, 40.0, 20.0, (0, 0, 0))
    rows = np.argwhere(image.min(2) < 128)[:, 0]
    assert rows.max() == 39
    assert 24 <= rows.min() <= 28


class Collector(HTMLParser):
    """What a browser would make of the page, as far as it matters here."""

    def __init__(self, text):
        super().__init__()
        self.open, self.figures, self.polygons, self.images, self.texts, self.codes = [], 0, [], [], [], []
        self.addresses = []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag not in ("meta", "img", "input"):
            self.open.append((tag, attributes.get("class")))
        self.addresses += [v for k, v in attributes.items() if k in ("src", "href") and not v.startswith("data:")]
        if tag == "figure":
            self.figures += 1
        if tag == "polygon":
            self.polygons.append((attributes["class"], attributes["points"]))
        if tag == "img":
            self.images.append(attributes["src"])
        if ("div", "text") in self.open and tag == "div":
            self.texts.append("")
        if tag == "code":
            self.codes.append("")

    def handle_data(self, data):
        if self.open and self.open[-1] == ("div", "text"):
            self.texts[-1] += data
        if self.open and self.open[-1][0] == "code":
            self.codes[-1] += data

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag


@pytest.mark.parametrize("source", [RGB, GREY])
def test_page_shows_what_the_samples_say(source):
    samples = [source[i] for i in range(len(TEXTS))]
    read = Collector(page(samples, "a <title>", lambda i: f"Generator('clean', 0)[{i}]"))
    assert read.figures == len(samples)
    assert not read.addresses
    assert read.texts == [sample.text for sample in samples]
    assert read.codes == [f"Generator('clean', 0)[{i}]" for i in range(len(samples))]
    for sample, address in zip(samples, read.images, strict=True):
        picture = Image.open(io.BytesIO(base64.b64decode(address.removeprefix("data:image/png;base64,"))))
        assert np.array_equal(np.array(picture), sample.image)
    expected = []
    for sample in samples:
        for word in sample.words:
            expected.append(("word ignored" if word.ignore else "word", word.quad))
            expected.append(("side", word.polygon))
            expected += [("char", char.quad) for char in word.chars]
    assert [kind for kind, _ in read.polygons] == [kind for kind, _ in expected]
    for (_, points), (_, quad) in zip(read.polygons, expected, strict=True):
        np.testing.assert_allclose([[float(v) for v in p.split(",")] for p in points.split()], quad, atol=0.0051)


def test_preview_writes_both_kinds_and_names_the_samples(tmp_path):
    for name in ("a.png", "b.html"):
        preview("clean", tmp_path / name, 5, seed=3, start=20, overrides=("text.cut=0",), make_generator=FakeGenerator)
    assert Image.open(tmp_path / "a.png").size[0] >= 480
    text = (tmp_path / "b.html").read_text(encoding="utf-8")
    assert re.findall(r"<code>(.*?)</code>", text)[0] == "Generator(&#x27;clean&#x27;, 3, [&#x27;text.cut=0&#x27;])[20]"
    assert "clean text.cut=0, seed 3, samples 20 to 24" in text
    assert "<polygon" in text
    preview("clean", tmp_path / "c.html", 5, draw=(), make_generator=FakeGenerator)
    assert "<polygon" not in (tmp_path / "c.html").read_text(encoding="utf-8")
