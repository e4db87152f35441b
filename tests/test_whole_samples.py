"""Whole samples against what their outlines, pictures and plans say: the kernels are handed the right things."""

import itertools

import cv2
import msgspec
import numpy as np
import pytest
import seen_from_outside as seen
from shapely.geometry import Polygon, box

from synthtext import Generator

# Upright words of one face, every one shown as it comes.
UPRIGHT = [
    "fonts.families=[Arimo]",
    "text.sources={word: 1}",
    "text.length=[3, 9]",
    "text.case={as_is: 1}",
    "text.charset=abcdefghijklmnopqrstuvwxyz",
    "legibility.redraws=0",
]
CROPS = {
    "plain": [],
    "wide": ["image.fit=stretch", "image.height=11", "image.width=300"],
    "narrow": ["image.fit=stretch", "image.width=40"],
    "faxed": ["image.fit=stretch", "image.width=100", "print.fax={share: 1, strength: [0.05, 0.12]}"],
    "cut": ["image.fit=stretch", "image.height=16", "image.margin=[-0.3, 0.1]", "text.cut=1"],
    "between lines": [
        "image.fit=stretch",
        "paint.neighbour={share: 1, strength: [0.1, 0.4]}",
        "layout.line_spacing=0.9",
    ],
    "photographed": [
        "degrade.gaussian_blur={share: 1, strength: [0.03, 0.1]}",
        "degrade.read_noise={share: 1, strength: [0.02, 0.06]}",
        "degrade.jpeg={share: 1, strength: [30, 60]}",
        "paint.contrast=[15, 40]",
    ],
    "outlined": ["image.fit=stretch", "paint.border={share: 1, strength: [0.03, 0.08]}", "paint.outline_only=1"],
    "lines": [
        "image={fit: natural, height: 96, width: 400, text_height: [12, 24]}",
        "text.lines={2: 1, 3: 1}",
        "text.words={2: 1}",
    ],
}


@pytest.mark.parametrize("kind", CROPS)
def test_legibility_of_a_crop_is_its_definition(kind):
    """By another raster, the font file's own letters, and the slow twin of the measures."""
    generator = Generator("clean", 3, [*UPRIGHT, *CROPS[kind]])
    scores = []
    for i in range(10):
        stages = generator.stages(i)
        expected = seen.legibility(stages, adorned=kind == "outlined")
        assert len(expected) == len(stages.sample.words)
        for word, (score, em) in zip(stages.sample.words, expected, strict=True):
            assert word.legibility == pytest.approx(score, abs=0.015), (i, word.text, em)
            scores.append(score)
    assert max(scores) > 0.3
    if kind in ("narrow", "faxed", "cut", "photographed", "outlined"):
        assert min(scores) < 0.85  # else nothing could be told from 1


@pytest.mark.parametrize("preset", ["words", "lines"])
def test_what_lies_in_a_crop_is_visible_of_it(preset):
    """`visible` is the share of a word's own outline that lies in the picture, where nothing hides it."""
    nothing = ("interference", "effects", "print", "surface")
    config = msgspec.structs.replace(
        (g := Generator(preset, 5, ["image.margin=[-0.4, 0.1]", "legibility.redraws=0"])).config,
        **{name: type(getattr(g.config, name))() for name in nothing},
    )
    generator = Generator(config, 5)
    shares = []
    for i in range(40):
        stages = generator.stages(i)
        height, width = stages.photographed.shape[:2]
        assert [word.text for word in stages.words] == [word.text for word in stages.sample.words]
        for word, drawn in zip(stages.sample.words, stages.words, strict=True):
            share = seen.share_inside(seen.word_shape(drawn), height, width)
            # Letters that overlap count twice, and of thin slanted ones the rows' ends are not measured.
            assert word.visible == pytest.approx(share, abs=0.06), (i, word.text)
            assert word.ignore == (word.legibility < generator.config.legibility.minimum)
            shares.append(share)
    assert min(shares) < 0.6
    assert np.mean(np.array(shares) > 0.99) < 0.8


@pytest.mark.parametrize(
    "effect",
    ["interference.occlusion", "effects.stencil", "effects.chipped", "effects.worn", "print.toner_loss"],
)
def test_what_hides_ink_is_not_visible_of_it(effect):
    """Of black letters, what is no longer black when the effect alone is added."""
    plain = [*UPRIGHT, "image.height=96", "image.width=320", "paint.dark_on_light=1"]
    free, hidden = Generator("clean", 3, plain), Generator("clean", 3, [*plain, f"{effect}.share=1"])
    least = 1.0
    for i in range(6):
        before, after = free.stages(i), hidden.stages(i)
        full = seen.ink_of(after.words, 96, 320) > 0.999
        changed = (after.painted - before.painted).max(2) > 1e-3
        wholly = cv2.erode(changed.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        visible = after.sample.words[0].visible
        assert before.sample.words[0].visible == pytest.approx(1.0, abs=1e-3)
        assert 1.0 - changed[full].mean() - 0.05 < visible < 1.0 - wholly[full].mean() + 0.05, i
        least = min(least, visible)
    assert least < 0.96


def test_a_fax_has_the_cells_of_its_scanner():
    """A cell is a share of the em, across the direction in which it is the smaller, of whatever shape the crop is."""
    for size in (["image.height=64", "image.width=100"], ["image.height=24", "image.width=300"]):
        more = ["image.fit=stretch", *size, "print.fax={share: 1, strength: [0.1, 0.1]}"]
        generator = Generator("clean", 3, [*UPRIGHT, *more])
        edges = 0
        for i in range(6):
            stages = generator.stages(i)
            pitch = max(0.1 * min(seen.pixels_per_em(stages.sample.plan["font"]["face"], stages.words)), 1.0)
            for axis in (0, 1):
                differs = np.diff(stages.photographed.astype(int), axis=axis).any((1 - axis, 2))
                borders = {int(k * pitch * (1 + bias)) for k in range(400) for bias in (-1e-3, 0.0, 1e-3)}
                assert {at + 1 for at in np.flatnonzero(differs).tolist()} <= borders, (i, axis, pitch)
                edges += differs.sum()
        assert edges > 60


def test_margins_stand_on_their_own_sides():
    """In a crop of natural size, what lies between ink and border is the plan's margins: left, top, right, bottom."""
    generator = Generator("clean", 4, [*UPRIGHT, "image={fit: natural, height: 200, width: 900, margin: [0, 0.6]}"])
    uneven = 0
    for i in range(12):
        stages = generator.stages(i)
        sample = stages.sample
        height, width = sample.image.shape[:2]
        x0, y0, x1, y1 = seen.extent([c for word in stages.words for _, contours in word.chars for c in contours])
        kx, ky = seen.pixels_per_em(sample.plan["font"]["face"], stages.words)
        found = (x0 / kx, y0 / ky, (width - x1) / kx, (height - y1) / ky)
        margins = sample.plan["crop"]["margins"]
        np.testing.assert_allclose(found, margins, atol=0.02)
        uneven += abs(margins[0] - margins[2]) > 0.1 and abs(margins[1] - margins[3]) > 0.1
    assert uneven > 3


def linear(codes):
    """Linear light of sRGB codes (IEC 61966-2-1)."""
    v = codes / 255.0
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)


def test_exposure_and_white_balance_are_stops_of_light():
    """A picture in the middle of the scale, photographed: each channel's light is multiplied by 2 to its stops."""
    quiet = ["paint.dark_on_light=1", "paint.background.kinds={plain: 1}", "paint.contrast=[5, 10]"]
    strong = [
        "degrade.exposure={share: 1, strength: [0.5, 0.9]}",
        "degrade.white_balance={share: 1, strength: [0.2, 0.4]}",
    ]
    generator = Generator("clean", 2, [*UPRIGHT, *quiet, *strong])
    tested = 0
    for i in range(30):
        stages = generator.stages(i)
        record = stages.sample.plan["degrade"]
        after = np.median(linear(stages.photographed).reshape(-1, 3), axis=0)
        before = np.median(stages.painted.reshape(-1, 3), axis=0)
        stops = record["exposure"] + np.array(record["white_balance"])
        assert 0.5 <= abs(record["exposure"]) <= 0.9
        assert np.ptp(record["white_balance"]) > 0.01
        if 0.05 < after.min() < after.max() < 0.9:  # neither clipped nor in steps of a code
            np.testing.assert_allclose(np.log2(after / before), stops, atol=0.05)
            tested += 1
    assert tested >= 5


def test_a_photograph_keeps_its_colours(tmp_path):
    """A red picture is a red background, in crops and scenes."""
    for k in range(3):
        picture = np.full((300, 400, 3), (30, 60, 200), np.uint8)  # blue, green, red, as OpenCV writes them
        picture[k::7] -= 5
        assert cv2.imwrite(str(tmp_path / f"{k}.png"), picture)
    photographs = [f"paint.background.folders=[{tmp_path}]", "paint.background.starter=false"]
    crop = Generator("clean", 0, [*photographs, "paint.background.kinds={photo: 1}", "paint.dark_on_light=1"])
    for i in range(5):
        red, green, blue = np.median(crop.stages(i).background.reshape(-1, 3), axis=0)
        assert red > 2.0 * green > 2.0 * blue


@pytest.mark.parametrize("effect", ["jitter", "roughness"])
def test_lines_of_the_same_words_are_not_drawn_alike(effect, tmp_path):
    (tmp_path / "texts.txt").write_text("HHHH\n", encoding="utf-8")
    lines = [f"text.files=['{tmp_path / 'texts.txt'}']", "text.sources={file: 1}", "text.lines={2: 1}"]
    lines += ["image={fit: natural, height: 200, width: 400}", "fonts.families=[Arimo]", "text.case={as_is: 1}"]

    def away(overrides):
        """How far the second line's points lie from where the first's, moved by a line, would."""
        words = Generator("clean", 1, [*lines, *overrides]).stages(0).words
        assert [word.text for word in words] == ["HHHH", "HHHH"]
        first, second = ([np.concatenate(contours) for _, contours in word.chars] for word in words)
        shift = np.mean([b.mean(0) - a.mean(0) for a, b in zip(first, second, strict=True)], axis=0)
        if any(len(a) != len(b) for a, b in zip(first, second, strict=True)):
            return np.inf
        return max(np.abs(b - a - shift).max() for a, b in zip(first, second, strict=True))

    assert away([]) < 0.01
    assert away([f"layout.{effect}={{share: 1, strength: [0.02, 0.02]}}"]) > 0.1


# Scenes

SMALL = ["image.height=256", "image.width=320", "scene.occluder=0"]


def placed_lines(plan):
    """Of a scene's plan: (text, number of the paragraph) of each line, in reading order."""
    blocks = [block for group in plan["groups"] for block in group["blocks"]]
    return [(line, number) for number, block in enumerate(blocks) for line in block["lines"]]


def test_lines_and_paragraphs_are_those_that_were_set():
    generator = Generator("scenes", 0, [*SMALL, "scene.cut=0", "scene.groups={block: 3, poster: 2, sign: 1}"])
    several = 0
    for i in range(6):
        sample = generator[i]
        lines = placed_lines(sample.plan)
        labels = sample.labels
        assert sample.text == "\n".join(line for line, _ in lines)
        assert labels.line.tolist() == [number for number, (line, _) in enumerate(lines) for _ in line.split()]
        assert labels.paragraph.tolist() == [paragraph for line, paragraph in lines for _ in line.split()]
        several += len(lines) > labels.paragraph[-1] + 1
    assert several >= 3


def test_groups_are_read_from_the_top_and_from_the_left():
    generator = Generator("scenes", 2, [*SMALL, "scene.cut=0", "scene.groups={word: 1}"])
    beside = 0
    for i in range(8):
        sample = generator[i]
        firsts = np.cumsum(
            [0] + [sum(len(line.split()) for b in g["blocks"] for line in b["lines"]) for g in sample.plan["groups"]]
        )
        middles = [sample.words[first].quad.mean(0) for first in firsts[:-1].tolist()]
        for (x0, y0), (x1, y1) in itertools.pairwise(middles):
            band0, band1 = int(12.0 * y0 / 256), int(12.0 * y1 / 256)
            assert band0 < band1 or (band0 == band1 and x0 < x1), i
            beside += band0 == band1
    assert beside >= 5


def matched(stages):
    """(word, drawn word) of a scene's labels: a label's text is a part of what was drawn, in the same order."""
    drawn = iter(stages.words)
    for word in stages.sample.words:
        middle = Polygon(word.polygon).buffer(0.3)
        for candidate in drawn:
            left = iter(candidate.text)
            if all(c in left for c in word.text) and middle.intersects(seen.word_shape(candidate)):
                yield word, candidate
                break
        else:
            raise AssertionError(f"no word was drawn for the label {word.text!r}")


def test_what_lies_in_a_scene_is_visible_of_it_and_its_chars_are_kept():
    generator = Generator("scenes", 0, [*SMALL, "scene.cut=1", "scene.settings={wall: 1, table: 1}"])
    shares, dropped = [], 0
    for i in range(15):
        stages = generator.stages(i)
        for word, drawn in matched(stages):
            share = seen.share_inside(seen.word_shape(drawn), 256, 320)
            assert word.visible == pytest.approx(share, abs=0.02), (i, word.text)
            shares.append(share)
            chars = [(text, seen.ink_shape(contours)) for text, contours in drawn.chars]
            inside = [seen.share_inside(shape, 256, 320) for _, shape in chars]
            surely = sum(len(text) for (text, _), part in zip(chars, inside, strict=True) if part > 0.85)
            possibly = sum(len(text) for (text, _), part in zip(chars, inside, strict=True) if part > 0.15)
            assert surely <= len(word.text)
            if surely:  # else the word is a remnant, of which all is told that shows
                assert len(word.text) <= possibly, (i, word.text, drawn.text)
                dropped += len(word.text) < len(drawn.text)
    assert np.mean(np.array(shares) < 0.9) > 0.05
    assert dropped >= 5


def test_a_pole_hides_what_it_covers():
    """`visible` against the outlines less the pole's rectangle, and pixels of the pole's own colour."""
    generator = Generator("scenes", 0, [*SMALL, "scene.cut=0"])
    hidden = 0
    for i in range(6):
        stages = generator.stages(i)
        middle = float(np.median([word.quad[:, 0].mean() for word in stages.sample.words]))
        panel = {"box": [-6, -500, 6, 500], "material": {"kind": "plain", "first": [0.1, 0.1, 0.1]}}
        pole = {"plane": [1, 0, middle, 0, 1, 0, 0, 0, 1], "panel": panel}
        behind = generator.stages({**stages.sample.plan, "occluders": [pole]})
        covered = box(middle - 6, 0, middle + 6, 256)
        for word, drawn in matched(behind):
            shape = seen.word_shape(drawn)
            share = shape.intersection(box(0, 0, 320, 256)).difference(covered).area / shape.area
            assert word.visible == pytest.approx(share, abs=0.06), (i, word.text)
            hidden += 0.1 < share < 0.9
    assert hidden >= 3


def test_text_of_a_scene_stands_out_from_its_ground_by_its_contrast():
    """In lightness, as lit evenly, from the mean of what its ink covers, whatever colour that has."""
    quiet = ["paint.border.share=0", "paint.shadow.share=0", "paint.fill={colour: 1}", "paint.opacity=1"]
    quiet += ["paint.outline_only=0", "paint.shade=0"]
    generator = Generator("scenes", 0, [*SMALL, "scene.cut=0", *quiet])
    compared = coloured = 0
    for i in range(8):
        stages = generator.stages(i)
        words = iter(stages.words)
        for group in stages.sample.plan["groups"]:
            for block in group["blocks"]:
                ink = seen.ink_of([next(words) for line in block["lines"] for _ in line.split()], 256, 320)
                if (ink > 0.995).sum() < 8:
                    continue
                ground = (stages.background * ink[..., None]).sum((0, 1)) / ink.sum() / group["light"]
                behind = float(np.minimum(seen.lightness(ground), 100.0))
                own = float(np.median(seen.lightness(stages.painted / group["light"])[ink > 0.995]))
                contrast = block["paint"]["contrast"]
                away = [abs(own - np.clip(behind + sign * contrast, 0.0, 100.0)) for sign in (-1.0, 1.0)]
                assert min(away) < 0.5, (i, block["lines"])
                compared += 1
                coloured += np.ptp(ground) > 0.3
    assert compared >= 12
    assert coloured >= 3
