import hashlib
import json
import multiprocessing
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import goldens
import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtext import Generator, InputError, load_config
from synthtext.core.records import read_plan
from synthtext.core.rng import Draws, Stage
from synthtext.core.srgb import decode_srgb, encode_srgb
from synthtext.crop.batch import COVERAGE, WRITTEN, Rendering
from synthtext.crop.compiled import CAST
from synthtext.crop.crop_plan import Plan
from synthtext.crop.margins import draw_crop
from synthtext.crop.table import make_table
from synthtext.degrade.draw_degrade import draw_degrade
from synthtext.effects.draw_effects import drawer_of, fit_paint
from synthtext.geometry.polygons import signed_area
from synthtext.geometry.warp import draw_warp, sample_shutter_params, shutter_params_table
from synthtext.paint.backgrounds import draw_background
from synthtext.paint.ink import draw_paint
from synthtext.sample import Sample
from synthtext.typeset.layout import draw_layout, draw_outline

GOLDEN = Path(__file__).parent / "golden" / "samples.json"
GENERATORS = {name: Generator(name, seed=0) for name in ("words", "lines", "clean")}


def digest(sample: Sample) -> str:
    """Over every byte that a data set would hold of a sample."""
    h = hashlib.sha256(np.ascontiguousarray(sample.image).tobytes())
    h.update(repr((sample.image.shape, sample.text)).encode())
    labels = sample.labels
    for array in (labels.char_quads, labels.word_quads, *labels.polygons, labels.legibility, labels.ignore):
        h.update(np.ascontiguousarray(array).tobytes())
    h.update(repr((labels.char_text, labels.word_text)).encode())
    return h.hexdigest()


def digests(job):
    preset, seed, indices = job
    generator = Generator(preset, seed)
    return [digest(generator[i]) for i in indices]


@pytest.mark.parametrize("preset", GENERATORS)
def test_same_bytes_in_any_order_and_any_process(preset):
    indices = [0, 1, 5, 77, 3_000_000_000]
    generator = GENERATORS[preset]
    here = [digest(generator[i]) for i in indices]
    again = [digest(generator[i]) for i in reversed(indices)][::-1]
    assert again == here
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.map(digests, [(preset, 0, indices[::-1])])[0][::-1] == here


def test_same_bytes_from_threads():
    generator = GENERATORS["words"]
    alone = [digest(generator[i]) for i in range(40)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda i: digest(generator[i]), range(40))) == alone


def test_seeds_and_indices_give_different_samples():
    first, second = Generator("words", 1), Generator("words", 2)
    assert len({digest(g[i]) for g in (first, second) for i in range(20)}) == 40
    assert first[0].text != second[0].text or first[1].text != second[1].text


@given(st.sampled_from(sorted(GENERATORS)), st.integers(0, 2**40))
@settings(max_examples=40)
def test_a_plan_renders_the_same_bytes_after_a_trip_through_json(preset, index):
    generator = GENERATORS[preset]
    sample = generator[index]
    plan = json.loads(json.dumps(sample.plan))
    assert digest(generator.render(plan)) == digest(sample)
    assert read_plan(plan, Plan) == generator.draw(index, plan["attempt"])


def test_a_plan_of_several_lines_renders_the_same_bytes():
    generator = Generator("clean", 3, ["text.lines={'3': 1}", "image.height=64"])
    sample = generator[2]
    assert sample.text.count("\n") == 2
    assert digest(generator.render(json.loads(json.dumps(sample.plan)))) == digest(sample)


@pytest.mark.parametrize("preset", GENERATORS)
def test_a_plan_holds_what_each_stage_draws_alone(preset):
    """The one kernel that draws all stages gives what a stage gives from its own stream."""
    generator = GENERATORS[preset]
    config, library, filler = generator.config, generator.library, generator.text.filler
    for index in (0, 9, *range(100, 130), 2**33):
        for attempt in (0, 2):
            plan = generator.draw(index, attempt)
            streams = {stage: Draws(0, stage, index, attempt) for stage in Stage}
            lines = len(plan.text.lines)
            layout = draw_layout(streams[Stage.LAYOUT], config.layout, lines)
            assert plan.layout == draw_outline(streams[Stage.OUTLINE], config.layout, layout)
            warp = draw_warp(streams[Stage.WARP], config.warp)
            skew, shake = sample_shutter_params(streams[Stage.SHUTTER].take(8), shutter_params_table(config.warp))
            assert plan.warp == msgspec.structs.replace(warp, skew=skew, shake=shake)
            assert plan.crop == draw_crop(streams[Stage.CROP], config.image)
            background = config.paint.background
            assert plan.background == draw_background(streams[Stage.BACKGROUND], background, library)
            paint = draw_paint(streams[Stage.PAINT], config.paint, library)
            effects = drawer_of(config, generator.catalogue, library, filler).draw(0, index, attempt)
            assert plan.effects == effects
            assert plan.paint == fit_paint(paint, effects)
            assert plan.degrade == draw_degrade(0, index, config.degrade, attempt)
            assert plan.text == generator.draw(index).text


def test_an_edited_plan_changes_that_one_thing():
    generator = GENERATORS["words"]
    plan = generator[3].plan
    for key, value in (("resolution_factor", 0.0), ("jpeg", []), ("shot_noise", 0.0), ("read_noise", 0.0)):
        plan["degrade"][key] = value
    plan["degrade"].update(gaussian_blur=0.0, defocus=0.0, motion_blur=0.0)
    sharp = generator.render(plan)
    plan["degrade"]["gaussian_blur"] = 0.2
    blurred = generator.render(plan)
    np.testing.assert_array_equal(blurred.labels.char_quads, sharp.labels.char_quads)
    assert blurred.text == sharp.text
    edges = [np.abs(np.diff(s.image.astype(int), axis=1)).sum() for s in (sharp, blurred)]
    assert edges[1] < 0.8 * edges[0]
    assert blurred.labels.legibility.min() < sharp.labels.legibility.min() or sharp.labels.legibility.min() == 0.0


def test_a_picture_of_twice_the_width_is_the_same_picture_stretched():
    """Of a crop that is stretched, lens and pixels are stretched with it, as are labels."""
    quiet = [f"degrade.{name}=0" for name in ("jpeg", "shot_noise", "read_noise", "light_gradient", "vignette")]
    quiet += ["paint.ghost=0", "degrade.cast_shadow=0", "legibility.minimum=0", "paint.background.kinds={plain: 1}"]
    config = load_config("words", [*quiet, "paint.fill={colour: 1}"])
    none = {name: type(getattr(config, name))() for name in ("effects", "interference", "print", "surface", "camera")}
    narrow, wide = (
        Generator(msgspec.structs.replace(config, image=msgspec.structs.replace(config.image, width=width), **none))
        for width in (96, 192)
    )
    differences = []
    for i in range(60):
        a, b = narrow[i], wide[i]
        np.testing.assert_allclose(b.labels.char_quads * [0.5, 1.0], a.labels.char_quads, atol=0.1)
        halved = encode_srgb(decode_srgb(b.image).reshape(32, 96, 2, 3).mean(2))
        differences.append(np.abs(halved.astype(float) - a.image).mean() / max(a.image.std(), 8.0))
    # The camera's columns are whole ones: they fall elsewhere. Stretched by the picture alone, it is 0.10 and 0.59.
    assert np.mean(differences) < 0.04
    assert np.max(differences) < 0.2


def test_no_global_random_state_is_read_or_set():
    code = (
        "import random, numpy as np, hashlib\n"
        "from synthtext import Generator\n"
        "g = Generator('words', 0); out = []\n"
        "for seed in (1, 2):\n"
        "    random.seed(seed); np.random.seed(seed)\n"
        "    before = (random.getstate(), np.random.get_state()[1].tobytes())\n"
        "    out.append(hashlib.sha256(g[5].image.tobytes()).hexdigest())\n"
        "    assert before == (random.getstate(), np.random.get_state()[1].tobytes())\n"
        "assert out[0] == out[1]\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("preset", GENERATORS)
def test_labels_agree_with_the_text_and_lie_in_the_image(preset):
    generator = GENERATORS[preset]
    for i in range(150):
        sample = generator[i]
        height, width = sample.image.shape[:2]
        assert sample.image.dtype == np.uint8
        assert [w.text for w in sample.words] == sample.text.split()
        for word in sample.words:
            assert "".join(c.text for c in word.chars) == word.text
            assert 0.0 <= word.legibility <= 1.0
            assert np.isfinite(word.polygon).all()
            centre = word.quad.mean(0)
            assert (-0.2 * width, -0.5 * height) < tuple(centre) < (1.2 * width, 1.5 * height)
            assert word.quad.dtype == word.polygon.dtype == word.chars[0].quad.dtype == np.float32
        assert [w.line for w in sample.words] == sorted(w.line for w in sample.words)


def test_ink_is_where_the_labels_say():
    """In clean samples, dark pixels lie in char quads, and each char quad holds some."""
    generator = GENERATORS["clean"]
    for i in range(60):
        sample = generator[i]
        ink = sample.image.min(2) < 128
        covered = np.zeros(ink.shape, np.uint8)
        for word in sample.words:
            for char in word.chars:
                quad = np.int32(np.round((char.quad - 0.5) * 256))
                mask = np.zeros(ink.shape, np.uint8)
                cv2.fillPoly(mask, [quad], 1, shift=8)
                covered |= cv2.dilate(mask, np.ones((3, 3), np.uint8))
                # A dot or a comma may be smaller than a pixel's half.
                assert (sample.image.min(2) < 250)[mask > 0].any(), (i, char.text)
        assert not (ink & (covered == 0)).any(), (i, sample.text)


def test_of_a_cut_neighbour_no_letter_is_seen_whole():
    """The share of the nearest letter's own outline that covers pixels; letters whole would make the label wrong."""
    alone = ("layout.curve={straight: 1}", "layout.jitter=0", "paint.neighbour=0", "text.sources={word: 1}")
    generator = Generator("words", 3, ("text.cut=1", *alone))
    shares = []
    for i in range(200):
        plan = read_plan(generator[i].plan, Plan)
        if plan.text.cut_left and plan.text.cut_right:
            continue  # their ink is not told apart
        rendering = Rendering(generator._resources, make_table(generator._resources, [plan], [0.0]))
        rendering.step([0], CAST, CAST)
        outlines = rendering.outlines(0)
        glyph = rendering.layout(0).own if plan.text.cut_right else len(outlines.glyph_ends) - 1
        first, last = outlines.glyph_ends[glyph - 1 : glyph + 1]
        area = sum(
            signed_area(outlines.points, outlines.contour_ends[c - 1], outlines.contour_ends[c])
            for c in range(first, last)
        )
        if abs(area) > 4.0:
            shares.append(float((rendering.mask(0, WRITTEN) - rendering.mask(0, COVERAGE)).sum()) / abs(area))
    assert len(shares) > 80
    assert np.mean(shares) < 0.4
    assert np.mean(np.array(shares) > 0.8) < 0.05


def test_margins_alike_are_all_tight_or_all_loose():
    alone = Generator("clean", 0, ["image.margin=[-0.05, 0.25]"])
    alike = Generator("clean", 0, ["image.margin=[-0.05, 0.25]", "image.margins_alike=0.5"])
    margins = [np.array([g.draw(i).crop.margins for i in range(2000)]) for g in (alone, alike)]
    spans = [np.ptp(m, axis=1) for m in margins]
    assert np.mean(spans[0] < 0.08) < 0.1
    assert 0.5 < np.mean(spans[1] < 0.08) < 0.58
    assert margins[1].min() >= -0.09
    assert margins[1].max() <= 0.29
    middles = margins[1].mean(axis=1)[spans[1] < 0.08]
    assert np.histogram(middles, 3, (-0.05, 0.25))[0].min() > 0.25 * len(middles)


def test_output_sizes():
    shapes = {GENERATORS["words"][i].image.shape for i in range(30)}
    assert shapes == {(32, 128, 3)}
    assert Generator("words", 0, ["image.channels=grey", "image.width=100"])[0].image.shape == (32, 100)
    assert {Generator("words", 0, ["image.fit=pad"])[i].image.shape for i in range(10)} == {(32, 128, 3)}
    natural = [GENERATORS["lines"][i].image.shape for i in range(60)]
    config = GENERATORS["lines"].config.image
    assert len(set(natural)) > 50
    assert max(s[0] for s in natural) <= config.height
    assert max(s[1] for s in natural) <= config.width


def test_padding_keeps_the_aspect():
    generator = Generator("clean", 0, ["text.sources={number: 1}", "text.length=[1, 3]"])
    for i in range(20):
        sample = generator[i]
        chars = [c for w in sample.words for c in w.chars]
        widths = [c.quad[:, 0].max() - c.quad[:, 0].min() for c in chars]
        assert max(widths) < 40.0  # a stretched digit would fill a third of 128 pixels


def test_in_padding_the_background_goes_on():
    """A photograph, a gradient and the camera's noise do not end where the text's margin does."""
    kinds = ("photo", "gradient", "noise")
    for kind in kinds:
        overrides = ["image.fit=pad", "text.sources={number: 1}", "text.length=[1, 3]", "image.width=256"]
        overrides += [f"paint.background.kinds={{{kind}: 1}}", "degrade.read_noise={share: 1, strength: [0.02, 0.02]}"]
        generator = Generator("words", 0, overrides)
        repeated = varied = 0
        for i in range(12):
            sample = generator[i]
            assert sample.image.shape == (32, 256, 3)
            end = int(max(word.polygon[:, 0].max() for word in sample.words)) + 12
            padding = sample.image[:, end:].astype(int)
            if padding.shape[1] < 64:
                continue
            repeated += (padding[:, 1:] == padding[:, :-1]).all()
            varied += np.abs(np.diff(padding, axis=1)).mean() > 0.2
            assert sample.plan["text"]["cut_right"] == ""
        assert not repeated
        assert varied >= 6, kind


def test_illegible_words_are_redrawn_then_ignored():
    faint = ["legibility.minimum=0.9", "paint.contrast=[8, 40]"]
    strict = Generator("words", 0, [*faint, "legibility.redraws=4"])
    lax = Generator("words", 0, [*faint, "legibility.redraws=0"])
    n = 150
    ignored = [sum(w.ignore for i in range(n) for w in g[i].words) for g in (strict, lax)]
    assert 0 < ignored[0] < 0.6 * ignored[1]
    assert [strict[i].text for i in range(n)] == [lax[i].text for i in range(n)]
    for i in range(n):
        assert all(w.ignore == (w.legibility < 0.9) for w in strict[i].words)


def test_a_redraw_is_the_next_attempt_whose_words_are_legible():
    """Samples are those of a loop that renders each attempt."""
    generator = Generator("words", 3, ["legibility.minimum=0.5"])
    minimum, redraws = generator.config.legibility.minimum, generator.config.legibility.redraws
    attempts = 0
    for i in range(120):
        text = None
        for attempt in range(redraws + 1):
            plan = generator.draw(i, attempt, text)
            whole, text = generator.render(plan), plan.text
            attempts += 1
            if whole.labels.legibility.min() >= minimum:
                break
        assert (generator[i].image == whole.image).all()
    assert attempts > 125


def test_legibility_falls_with_contrast_blur_noise_and_size():
    base = ["text.sources={word: 1}", "paint.contrast=60", "paint.opacity=1"]

    def mean(*overrides):
        generator = Generator("clean", 0, [*base, *overrides])
        return np.mean([generator[i].labels.legibility.mean() for i in range(25)])

    best = mean()
    assert best > 0.95
    for worse in (
        ["paint.contrast=2"],
        ["degrade.gaussian_blur={share: 1, strength: [0.2, 0.2]}"],
        ["degrade.read_noise={share: 1, strength: [0.5, 0.5]}"],
        ["image.height=8", "image.width=24"],
        ["image.margin=-0.3"],
    ):
        assert mean(*worse) < 0.7 * best, worse


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["text.charset=☃", "text.sources={random: 1}", "text.length=[1, 3]"], "☃"),
        (["fonts.folders=[/nowhere/at/all]"], "/nowhere/at/all"),
        (["paint.background.folders=[/nowhere/at/all]"], "/nowhere/at/all"),
        (["text.files=[/nowhere.txt]", "text.sources={file: 1}"], "/nowhere.txt"),
        (["text.strict=true", "text.sources={random: 1}", "text.length=[70, 70]"], "too long"),
    ],
)
def test_what_cannot_be_made_is_an_error_that_names_it(overrides, message):
    with pytest.raises(InputError, match=message) as error:
        Generator("words", 0, overrides)[0]
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("preset", ["clean", "scenes"])
@pytest.mark.parametrize(
    ("index", "kind"), [("a", TypeError), (1.0, TypeError), (None, TypeError), (-1, IndexError), (2**63, IndexError)]
)
def test_an_index_that_is_none_is_told(preset, index, kind):
    with pytest.raises(kind, match="a sample's index is"):
        Generator(preset)[index]


def test_a_plan_of_another_version_or_font_is_refused():
    generator = GENERATORS["words"]
    plan = generator[0].plan
    with pytest.raises(InputError, match="plan does not fit"):
        generator.render({**plan, "colour": 1})
    with pytest.raises(InputError, match="nowhere"):
        generator.render({**plan, "font": {"face": "nowhere.ttf"}})
    with pytest.raises(IndexError, match="0 or more"):
        generator[-1]


def leaves(value, path=()):
    """Every place within plain data."""
    if path:
        yield path
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from leaves(value[key], (*path, key))


def changed(plan, path, value):
    """A copy of a plan with one place changed; the value `...` stands for an unknown key there, if it is a record."""
    plan = json.loads(json.dumps(plan))
    at = plan
    for key in path[:-1]:
        at = at[key]
    if value is not ...:
        at[path[-1]] = value
    elif isinstance(at[path[-1]], dict):
        at[path[-1]]["unknown"] = 1
    return plan


WRONG = (float("nan"), float("inf"), -1, 0, 1e9, "", "漢", None, [], {}, ..., 0.5, 1e-9, True, "a b", "a\nb", 1e4)
SCENES = Generator("scenes", 0, ["image.height=160", "image.width=200"])


@given(st.sampled_from([*GENERATORS, "scenes"]), st.integers(0, 400), st.randoms(use_true_random=False))
@settings(max_examples=100)
def test_a_plan_changed_anywhere_renders_or_is_refused_in_one_sentence(preset, index, random):
    generator = SCENES if preset == "scenes" else GENERATORS[preset]
    plan = json.loads(json.dumps(generator[index].plan))
    places = list(leaves(plan))
    refusals = []
    for _ in range(12):
        path, value = random.choice(places), random.choice(WRONG)
        try:
            labels = generator.render(changed(plan, path, value)).labels
        except InputError as error:
            refusals.append(str(error))
            continue
        for array in (labels.char_quads, labels.word_quads, *labels.polygons, labels.legibility, labels.visible):
            assert np.isfinite(array).all(), (path, value)
    assert all("\n" not in refusal and len(refusal) < 1000 for refusal in refusals)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (
            ("text", "lines", 0),
            "𓀀",
            r"plan.text.lines\[0\]: font '.*' does not draw '𓀀'; no font of this configuration does",
        ),
        (("text", "lines", 0), "Ж", r"does not draw 'Ж'; take arimo/.*, .*, .* or one of \d+ more"),
        (("text", "lines"), [], r"plan.text.lines: is empty"),
        (("text", "lines", 0), "", "has nothing to draw"),
        (("text", "lines", 0), "two\nlines", "has a line break, tab or control in it"),
        (("text", "lines", 0), "two  blanks", "two in a row"),
        (("degrade", "gaussian_blur"), float("nan"), "plan.degrade.gaussian_blur: is not a finite number"),
        (("layout", "jitter_key"), 2**63, r"`int` <= 9223372036854775807 at `plan.layout.jitter_key`"),
        (("degrade", "jpeg"), [{}] * 513, "plan.degrade.jpeg: has 513 entries; give at most 512"),
        (("text", "lines"), ["x"] * 65, "plan.text.lines: has 65 lines; give at most 64"),
        (("text", "cut_left"), "x" * 10_001, "plan.text.cut_left: has 10,001 characters; give at most 10,000"),
        (("degrade", "gaussian_blur"), -1.0, r">= 0.0.*`plan.degrade.gaussian_blur`"),
        (("degrade",), ..., "unknown field `unknown` at `plan.degrade`"),
        (("background", "kind"), "lava", "plan.background.kind: 'lava' is unknown; the kinds are plain"),
        (("background",), {"kind": "photo", "source": "nowhere.jpg"}, "no photograph 'nowhere.jpg'"),
        (("background", "first"), [1.0, 1.0], "length 3.*`plan.background.first`"),
        (("layout", "curve"), "spiral", "spiral.*`plan.layout.curve`"),
        (("font", "variation"), [["漢", 1.0]], "has no axis '漢'"),
        (("layout", "curve"), "\ud800", r"plan.layout.curve: '\\ud800' is not valid Unicode"),
        (("paint",), {"\ud800": 1}, r"plan.paint, a key: '\\ud800' is not valid Unicode"),
    ],
)
def test_what_a_plan_cannot_hold_is_named(path, value, message):
    generator = GENERATORS["words"]
    with pytest.raises(InputError, match=message):
        generator.render(changed(generator[0].plan, path, value))
    with pytest.raises(InputError, match="plan"):
        generator.render(None)


def test_records_that_were_changed_are_checked_as_plain_data_is():
    generator = GENERATORS["words"]
    plan = generator.draw(3)
    text = msgspec.structs.replace(plan.text, lines=("漢",))
    with pytest.raises(InputError, match="does not draw '漢'"):
        generator.render(msgspec.structs.replace(plan, text=text))


def test_digest_follows_config_and_resources():
    base = Generator("clean", 0).digest
    assert Generator("clean", 5).digest == base
    assert Generator("clean", 0, ["image.height=33"]).digest != base
    assert Generator("clean", 0, ["fonts.exclude=[Inter]"]).digest != base


def golden_row(preset: str, index: int) -> dict:
    """What a golden sample keeps: enough to tell what changed, and where."""
    sample = GENERATORS[preset][index]
    told = {"font": sample.plan["font"]["face"], "background": sample.plan["background"]["kind"]}
    return goldens.row_of(sample, (2, 8), preset=preset, index=index, **told)


def golden_cases():
    return [("words", i) for i in range(7)] + [("lines", i) for i in range(4)] + [("clean", i) for i in range(2)]


@pytest.mark.parametrize("case", golden_cases(), ids=str)
def test_golden(case):
    """Against tests/golden/samples.json; written anew by `python tests/test_generator.py` after a wanted change."""
    changed = goldens.differences(goldens.read(GOLDEN, "preset", "index")[case], golden_row(*case))
    assert not changed, "\n".join(changed)


def test_a_golden_tells_every_label_that_is_another():
    row = golden_row("lines", 1)
    assert goldens.differences(row, json.loads(json.dumps(row))) == []

    def other(value):
        if isinstance(value, bool):
            return not value
        return value + (3 if isinstance(value, int) else 0.05 if isinstance(value, float) else "x")

    for key, value in row.items():
        changed = json.loads(json.dumps(row))
        if isinstance(value, list):
            at = changed[key]
            while isinstance(at[-1], list):
                at = at[-1]
            at[-1] = other(at[-1])
        else:
            changed[key] = other(value)
        told = goldens.differences(row, changed)
        assert len(told) == 1, key
        assert told[0].startswith(f"{key}: ")
        assert goldens.differences(row, {k: v for k, v in row.items() if k != key}) == [f"{key}: {value!r} -> None"]


def write_goldens() -> None:
    goldens.write(GOLDEN, [golden_row(*case) for case in golden_cases()])


def test_load_config_is_what_the_generator_holds():
    assert GENERATORS["clean"].config == load_config("clean")


if __name__ == "__main__":
    write_goldens()
