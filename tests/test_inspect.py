"""`synthtext inspect` on data sets with known faults: what is found, counted and shown."""

import io
import json
import re
import shutil
import struct
import zlib
from collections import Counter
from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest
from fake_generator import FakeGenerator
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from synthtext import cli
from synthtext.config import Config
from synthtext.core import picture_header
from synthtext.core.errors import InputError
from synthtext.core.section import fields_of
from synthtext.dataset.generate import generate
from synthtext.formats import open_dataset
from synthtext.formats.base import Encoding
from synthtext.generator import Generator
from synthtext.inspection import gather as inspection
from synthtext.inspection import judge, report, statistics, text_checks
from synthtext.inspection import page as report_page
from synthtext.inspection import plan_effects as effects


def write_folder(folder, samples):
    """samples: (name, image uint8 BGR or bytes, text)."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for name, image, text in samples:
        data = image if isinstance(image, bytes) else cv2.imencode(Path(name).suffix, image)[1].tobytes()
        (folder / name).write_bytes(data)
        lines.append(f"{name}\t{text}\n")
    (folder / "labels.tsv").write_text("".join(lines), encoding="utf-8")
    return folder


def word_images(count, seed=1):
    generator = Generator("words", seed)
    return [np.ascontiguousarray(generator[i].image[:, :, ::-1]) for i in range(count)]


def by_key(result):
    return {check.key: check for check in result.checks}


@pytest.fixture(scope="module")
def images():
    return word_images(24)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """150 samples of ours, with plans."""
    folder = tmp_path_factory.mktemp("made") / "d"
    generate("words", folder, 150, seed=5, workers=1, encoding=Encoding(plans=True), stream=io.StringIO())
    return folder


def huge_png():
    """A PNG of a few bytes that says it has 60,000 x 60,000 pixels."""
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def test_a_sound_set_has_no_bad_check(tmp_path, images):
    result = report.inspect(write_folder(tmp_path / "d", [(f"{i}.png", im, f"w{i}") for i, im in enumerate(images)]))
    assert [check.key for check in result.checks if check.state == "bad"] == []
    assert result.gathered.count == result.gathered.labels == 24


def test_every_fault_of_labels_and_files_is_found(tmp_path, images):
    jpeg = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(images[3]).save(jpeg, "jpeg", exif=exif)
    whole = cv2.imencode(".png", images[4])[1].tobytes()
    samples = [
        ("0.png", images[0], "fine"),
        ("1.png", images[1], "  "),
        ("2.png", images[2], "con\x07trol"),
        ("3.jpg", jpeg.getvalue(), "turned"),
        ("4.png", whole[: len(whole) // 2], "cut"),
        ("5.png", b"GIF89a nonsense", "none"),
        ("6.png", huge_png(), "bomb"),
        ("7.png", images[7], "pаypal"),  # its second letter is Cyrillic
        ("8.png", images[8], "cafe\u0301"),
        ("9.png", images[9], "two  blanks "),
        ("10.png", np.full((32, 100, 3), 128, np.uint8), "blank"),
        ("11.png", images[0], "other"),
        ("12.png", cv2.rotate(images[12], cv2.ROTATE_90_CLOCKWISE), "side"),
        ("13.png", images[13], "\ufffd"),
        ("14.png", images[14][:, :20], "squeezed"),
    ]
    folder = write_folder(tmp_path / "d", samples)
    with open(folder / "labels.tsv", "a", encoding="utf-8") as file:
        file.write("gone.png\tgone\nnotext.png\n")
    result = report.inspect(folder, charset="@ascii")
    checks = by_key(result)
    expected = {
        "empty": [1],
        "control": [2, 13],
        "exif": [3],
        "unreadable": [4, 5, 6],
        "mixed_scripts": [7],
        "not_nfc": [8],
        "blanks": [9],
        "blank": [10],
        "on_side": [12, 14],
        "squeezed": [14],
        "charset": [2, 7, 8, 13],
        "label": [16],
    }
    for key, pictures in expected.items():
        assert list(checks[key].pictures) == pictures, key
        assert checks[key].count == len(pictures), key
        assert checks[key].state != "ok"
    assert checks["missing"].count == 2
    others = {"missing", "same_picture_other_text", "duplicates"}
    assert faults_of(result).keys() == expected.keys() | others
    assert checks["same_picture_other_text"].pairs == ((0, 11),)
    assert checks["duplicates"].count == 1
    assert "60000 x 60000" in result.gathered.findings.notes["unreadable"] or "cut off" in checks["unreadable"].said
    page = report_page.page(result)
    assert "cannot be shown" in page


def test_exchanged_colours_are_told_of_enough_pictures(tmp_path):
    orange, blue = (np.full((16, 16, 3), colour, np.uint8) for colour in ((60, 120, 200), (200, 120, 60)))
    for number, (count, colour) in enumerate(((60, blue), (60, orange), (12, blue))):
        shade = np.arange(16, dtype=np.uint8)[:, None]
        samples = [(f"{i}.png", np.roll(colour + shade, i, 0), f"w{i}") for i in range(count)]
        check = by_key(report.inspect(write_folder(tmp_path / str(number), samples)))["colour_order"]
        assert check.state == ("look" if number == 0 else "ok")
        assert check.said.startswith("0 %" if colour is orange else "100 %")


def record(name, text, words, height=40, width=60):
    return {"image": name, "text": text, "height": height, "width": width, "words": words}


def faults_of(result):
    """Every check that is not fine: its count and its pictures; but for characters that few labels have."""
    found = {check.key: (check.count, list(check.pictures)) for check in result.checks if check.state != "ok"}
    return {key: value for key, value in found.items() if key not in ("rare", "unused")}


def square(x, y):
    """20 x 15 pixels, its first corner at (x, y)."""
    return [[x, y], [x + 20, y], [x + 20, y + 15], [x, y + 15]]


def test_every_fault_of_quads_is_found_and_no_other(tmp_path):
    good = square(10, 10)
    quads = {
        "good": [good],
        "flipped": [good[::-1]],
        "crossing": [[good[0], good[2], good[1], good[3]]],
        "degenerate": [[[10, 10], [30, 10], [30, 10], [10, 10]]],
        "right": [square(100, 10)],
        "below": [square(10, 45), good],
        "far left": [square(-9, 10)],
        "far below": [square(10, 34)],
        "tiny": [[[10, 10], [30, 10], [30, 15], [10, 15]]],
        "upside down": [[good[2], good[3], good[0], good[1]]],
        "three corners": [good[:3], good],
        # As wide as the picture is, and not as high: nothing is wrong with them.
        "at the right": [square(39, 10)],
        "at the bottom": [square(10, 24)],
        "a little over": [square(41, 26)],
    }
    image = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    rows = []
    for i, (kind, of) in enumerate(quads.items()):
        cv2.imwrite(str(tmp_path / f"{i}.png"), np.roll(image, i, 1))
        rows.append(record(f"{i}.png", kind, [{"text": kind, "quad": quad, "polygon": quad} for quad in of]))
    rows[0]["height"] = 41
    (tmp_path / "labels.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows) + "{\n", encoding="utf-8")
    result = report.inspect(tmp_path)
    found = faults_of(result)
    at = {kind: i for i, kind in enumerate(quads)}
    expected = {
        "flipped": (1, [at["flipped"]]),
        "crossing": (1, [at["crossing"]]),
        "degenerate": (1, [at["degenerate"]]),
        "outside": (2, [at["right"], at["below"]]),
        "partly_outside": (2, [at["far left"], at["far below"]]),
        "tiny": (2, [at["degenerate"], at["tiny"]]),
        "upside_down": (1, [at["upside down"]]),
        "quad_shape": (1, [at["three corners"]]),
        "size": (1, [0]),
        "label": (1, [len(quads)]),
        "missing": (1, [len(quads)]),
    }
    assert found == expected


def test_one_word_of_many_is_one_finding(tmp_path):
    """40 crops, as wide as words are: the one whose word reaches beyond its picture is told, and no other."""
    rows = []
    images = np.random.default_rng(1).integers(0, 256, (40, 32, 128, 3), dtype=np.uint8)
    for i, image in enumerate(images):
        cv2.imwrite(str(tmp_path / f"{i}.png"), image)
        right = 140 if i == 17 else 126
        quad = [[2, 3], [right, 3], [right, 29], [2, 29]]
        rows.append(record(f"{i}.png", f"word{i}", [{"text": f"word{i}", "quad": quad, "polygon": quad}], 32, 128))
    (tmp_path / "labels.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    result = report.inspect(tmp_path)
    assert faults_of(result) == {"partly_outside": (1, [17])}
    assert by_key(result)["partly_outside"].of == 40


def test_leakage_is_counted_exactly(tmp_path, images):
    train = write_folder(tmp_path / "train", [(f"{i}.png", images[i], f"word{i}") for i in range(12)])
    near = cv2.imencode(".jpg", images[2], [cv2.IMWRITE_JPEG_QUALITY, 70])[1].tobytes()
    samples = [("0.png", images[1], "new"), ("1.jpg", near, "newer"), ("2.png", images[13], "WORD3")]
    samples += [(f"{i}.png", images[i], f"unseen{i}") for i in range(14, 20)]
    test = write_folder(tmp_path / "test", samples)
    checks = by_key(report.inspect(test, train))
    assert (checks["leak_pictures"].count, checks["leak_pictures"].pairs) == (1, ((0, 1),))
    assert (checks["leak_near"].count, checks["leak_near"].pairs) == (1, ((1, 2),))
    assert checks["leak_texts"].count == 1
    assert checks["leak_pictures"].state == checks["leak_near"].state == "bad"
    assert checks["leak_texts"].state == "look"
    apart = by_key(report.inspect(write_folder(tmp_path / "apart", samples[3:]), train))
    assert [apart[f"leak_{key}"].state for key in ("pictures", "near", "texts")] == ["ok"] * 3


def test_sets_of_one_seed_share_samples_fonts_and_photographs(made, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(made, copy)
    manifest = json.loads((copy / "dataset.json").read_text(encoding="utf-8"))
    manifest |= {"start": 100}
    (copy / "dataset.json").write_text(json.dumps(manifest), encoding="utf-8")
    result = report.inspect(made, copy)
    checks = by_key(result)
    assert checks["leak_samples"].count == 50
    assert checks["leak_pictures"].count == 150
    assert checks["leak_fonts"].count == checks["leak_fonts"].of > 20
    assert checks["leak_fonts"].state == checks["leak_backgrounds"].state == "look"
    for name, folder in (("train", made), ("test", copy)):
        split = {"name": name, "by": ["fonts"], "shares": {"train": 1, "test": 1}, "seed": 0}
        manifest = json.loads((folder / "dataset.json").read_text(encoding="utf-8"))
        changed = tmp_path / name
        shutil.copytree(folder, changed)
        manifest["config"]["split"] = split
        (changed / "dataset.json").write_text(json.dumps(manifest), encoding="utf-8")
    checks = by_key(report.inspect(tmp_path / "train", tmp_path / "test"))
    assert checks["leak_fonts"].state == "bad"
    assert checks["leak_backgrounds"].state == "look"


def test_counts_of_our_own_set_are_those_of_its_plans(made):
    g = inspection.gather(open_dataset(made), 40)
    plans = [json.loads(line)["plan"] for line in (made / "labels.jsonl").read_text(encoding="utf-8").splitlines()]
    assert g.plans == 150
    assert g.faces == Counter(plan["font"]["face"] for plan in plans)
    assert g.backgrounds == Counter(plan["background"]["kind"] for plan in plans)
    assert g.sources == Counter(plan["text"]["source"] for plan in plans)
    assert len(g.sampled) == 40
    names = list(effects.EFFECTS)
    for name, value in (
        ("degrade.gaussian_blur", lambda p: p["degrade"]["gaussian_blur"]),
        ("warp.tilt", lambda p: np.degrees(p["warp"]["tilt"])),
        ("degrade.jpeg", lambda p: p["degrade"]["jpeg"][0]["quality"] if p["degrade"]["jpeg"] else 0),
        ("paint.contrast", lambda p: p["paint"]["contrast"]),
    ):
        np.testing.assert_allclose(g.strengths[:, names.index(name)], [value(plan) for plan in plans], rtol=1e-5)


def test_strengths_read_off_plans_lie_in_the_configured_ranges():
    sections = ("degrade.", "warp.", "effects.", "interference.", "print.", "surface.", "camera.")
    overrides = [f"{name}.share=1" for name in effects.EFFECTS if name.startswith(sections)]
    seen = set()
    generator = Generator("words", 3, overrides)
    for i in range(12):
        facts = effects.facts_of(msgspec.json.encode(generator.draw(i)))
        for name, strength in zip(effects.EFFECTS, facts.strengths, strict=True):
            if name.startswith(sections):
                section, key = name.split(".")
                low, high = getattr(getattr(generator.config, section), key).strength
                # Of effects on ink, some put others out of the sample.
                assert low - 1e-6 <= strength <= high + 1e-6 or low < 0 or (strength == 0 and section == "effects"), (
                    name
                )
                assert strength != 0.0 or section == "effects", name
                seen |= {name} if strength else set()
    assert {"effects.neon", "effects.stencil"} <= seen


def test_every_effect_of_the_configuration_is_counted():
    def effects_of(section):
        for field in fields_of(section).values():
            if field.form == "effect":
                yield field.path
            elif field.form == "section":
                yield from effects_of(field.kind)

    for section in ("layout", "warp", "paint", "degrade", "effects", "interference", "print", "surface", "camera"):
        names = set(effects_of(type(getattr(Config(), section))))
        assert names <= set(effects.EFFECTS), names - set(effects.EFFECTS)


def test_a_plan_of_another_make_tells_its_fonts_and_backgrounds():
    plan = {
        "texts": [{"font": {"face": "a.ttf"}}, {"font": {"face": "b.ttf"}}],
        "ground": {"kind": "photo", "source": "x"},
    }
    facts = effects.facts_of(json.dumps(plan).encode())
    assert facts.faces == ("a.ttf", "b.ttf")
    assert (facts.backgrounds, facts.photos, facts.strengths) == (("photo",), ("x",), ())
    assert effects.facts_of(b"{}") is None
    assert effects.facts_of(b"nonsense") is None


# Sums against plain counting


@given(st.lists(st.text(max_size=6), max_size=30))
def test_characters_words_and_lengths(texts):
    counted = Counter(texts)
    assert inspection.characters(counted) == Counter("".join(texts))
    assert inspection.words(counted) == Counter(word for text in texts for word in text.split())
    assert sorted(inspection.weighted_lengths(counted).tolist()) == sorted(map(len, texts))


@given(st.text(max_size=8))
def test_plain_labels_have_no_trouble(text):
    if text_checks.is_plain(text):
        assert text_checks.text_troubles(text) == []


def test_effect_table_finds_the_guilty_effect():
    random = np.random.default_rng(0)
    strengths = np.zeros((4000, len(effects.EFFECTS)), np.float32)
    blur, noise = (list(effects.EFFECTS).index(f"degrade.{n}") for n in ("gaussian_blur", "shot_noise"))
    strengths[:2000, blur] = random.uniform(0.01, 0.05, 2000)
    strengths[::2, noise] = random.uniform(0.01, 0.05, 2000)
    bad = strengths[:, blur] > 0.04
    bad[2000:2030] = True  # without blur; half of them without noise
    rows = statistics.effect_table(strengths, bad, 0.05)
    assert [row["effect"] for row in rows] == ["degrade.gaussian_blur", "degrade.shot_noise"]
    worst = rows[0]
    assert worst["samples"] == 2000
    assert worst["bad"] == int(bad[:2000].sum())
    assert worst["share"] == worst["bad"] / 2000
    assert worst["share_without"] == 30 / 2000
    assert rows[1]["bad"] == int(bad[::2].sum())
    assert rows[1]["share_without"] == int(bad[1::2].sum()) / 2000
    assert [part["over"] for part in worst["strengths"]] == [False, False, False, True]
    assert sum(part["samples"] for part in worst["strengths"]) == 2000
    assert sum(part["bad"] for part in worst["strengths"]) == worst["bad"]


@pytest.mark.parametrize(("bad", "total"), [(0, 10), (3, 10), (10, 10), (50, 1000)])
def test_wilson_interval_is_scipys_formula(bad, total):
    low, high = statistics.wilson(bad, total)
    assert 0.0 <= low <= bad / total <= high <= 1.0
    # Its ends are where the test of the share just fails: |p - q| = z sqrt(q (1 - q) / n).
    for end in (low, high):
        if 0.0 < end < 1.0:
            assert abs(bad / total - end) == pytest.approx(1.96 * np.sqrt(end * (1 - end) / total))


# The judge


@given(st.text("abc", max_size=7), st.text("abc", max_size=7))
def test_edit_distance_is_the_recursive_definition(a, b):
    def distance(x, y):
        if not x or not y:
            return len(x) + len(y)
        if x[0] == y[0]:
            return distance(x[1:], y[1:])
        return 1 + min(distance(x[1:], y), distance(x, y[1:]), distance(x[1:], y[1:]))

    assert judge.edit_distance(a[:5], b[:5]) == distance(a[:5], b[:5])


def test_similarity_folds_case_blanks_and_width():
    assert judge.similarity("Ab c", "ABC") == 1.0
    assert judge.similarity("１２", "12") == 1.0
    assert judge.similarity("abcd", "abxx") == 0.5
    assert judge.similarity("abcd", "") == 0.0


def test_rectify_cuts_a_word_upright():
    image = np.zeros((60, 80, 3), np.uint8)
    image[20:30, 30:50] = 255
    crop = judge.rectify(image, [(30, 20), (50, 20), (50, 30), (30, 30)])
    assert crop.shape == (10, 20, 3)
    assert crop.min() == 255
    assert judge.rectify(image, [(30, 20), (31, 20), (31, 21), (30, 21)]) is None
    assert judge.rectify(image, [(float("nan"), 20), (31, 20), (31, 21), (30, 21)]) is None


def test_the_judge_reads_clean_words_and_counts_by_effect(tmp_path):
    pytest.importorskip("rapidocr")
    pytest.importorskip("onnxruntime")
    folder = tmp_path / "clean"
    generate("clean", folder, 24, seed=1, workers=1, encoding=Encoding(plans=True), stream=io.StringIO())
    result = report.inspect(folder, judge=24)
    assert len(result.readings) == 24
    assert sum(reading.agrees for reading in result.readings) >= 18
    assert result.by_judge["samples"] == 24
    assert by_key(result)["judge"].state in ("ok", "look")
    assert any(row["effect"] == "paint.contrast" for row in result.by_judge["effects"])


def test_without_the_judges_package_one_sentence(monkeypatch, made):
    import builtins

    real = builtins.__import__

    def missing(name, *args, **kwargs):
        if name.split(".")[0] in ("rapidocr", "onnxruntime"):
            raise ImportError(name=name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(InputError, match=r'pip install "synthtext\[judge\]"'):
        report.inspect(made, judge=5)


# The command


def test_json_and_page(made, tmp_path, capsys):
    out, figures = tmp_path / "r.html", tmp_path / "r.json"
    other = write_folder(tmp_path / "o", [(f"{i}.png", im, f"w{i}") for i, im in enumerate(word_images(8, 9))])
    assert cli.main(["inspect", str(made), "-o", str(out), "--json", str(figures), "--against", str(other)]) == 0
    shown = capsys.readouterr().out
    assert "150 pictures with 150 labels (folder, made by synthtext" in shown
    found = json.loads(figures.read_text(encoding="utf-8"))
    assert [d["pictures"] for d in found["datasets"]] == [150, 8]
    rows = (made / "labels.tsv").read_text(encoding="utf-8").splitlines()
    assert found["text"]["characters"] == Counter("".join(row.split("\t", 1)[1] for row in rows))
    for measured in found["distributions"].values():
        assert len(measured["edges"]) == len(measured["counts"]) + 1
        assert measured["min"] <= measured["p5"] <= measured["median"] <= measured["p95"] <= measured["max"]
    assert sum(found["distributions"]["length"]["counts"]) == 150
    assert sum(found["distributions"]["contrast"]["counts"]) == 150
    assert sum(found["distributions"]["contrast"]["against"]["counts"]) == 8
    assert sum(found["fonts"].values()) == 150
    page = out.read_text(encoding="utf-8")
    # Nothing is fetched: labels alone, which stand between tags and in titles, may hold addresses.
    assert "http" not in re.sub(r'>[^<]*<| title="[^"]*"', "><", page)
    assert page.count("<svg") == page.count("</svg>")
    for key in ("checks", "measures", "text", "made", "random", "faint", "longest", "rarest"):
        assert f'id="{key}"' in page
    for data in re.findall(r"data:image/(?:png|jpeg);base64,([A-Za-z0-9+/=]+)", page)[:20]:
        import base64

        Image.open(io.BytesIO(base64.b64decode(data))).load()


def test_labels_cannot_write_into_the_page(tmp_path, images):
    folder = write_folder(
        tmp_path / "d", [("0.png", images[0], "<script>alert(1)</script>"), ("1.png", images[1], '"><b>')]
    )
    page = report_page.page(report.inspect(folder))
    assert "<script" not in page
    assert '"><b>' not in page.replace("&quot;", "")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--sample", "few"], "--sample few"),
        (["--sample", "0"], "--sample 0"),
        (["--target", "2"], "--target 2"),
        (["--charset", "@nonsense"], "--charset"),
        (["-o", "x.pdf"], "x.pdf"),
        (["-o", "no/such/x.html"], "does not exist"),
        (["--against", "/no/such"], "/no/such"),
    ],
)
def test_bad_arguments_are_one_sentence(made, capsys, more, said):
    assert cli.main(["inspect", str(made), *more]) == 2
    message = capsys.readouterr().err
    assert said in message
    assert "Traceback" not in message


def test_check_is_the_exit_status(tmp_path, images, capsys):
    good = write_folder(tmp_path / "good", [(f"{i}.png", im, f"w{i}") for i, im in enumerate(images[:4])])
    bad = write_folder(tmp_path / "bad", [("0.png", images[0], ""), ("1.png", images[1], "x")])
    assert cli.main(["inspect", str(good), "--check"]) == 0
    assert cli.main(["inspect", str(bad), "--check"]) == 1
    assert cli.main(["inspect", str(bad)]) == 0
    assert "BAD   empty labels" in capsys.readouterr().out


def test_two_runs_look_at_the_same_pictures(made):
    one, other = (inspection.gather(open_dataset(made), 30) for _ in range(2))
    assert np.array_equal(one.sampled, other.sampled)
    assert len(set(one.sampled.tolist())) == 30


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif"])
@pytest.mark.parametrize("turned", [1, 3, 6, 8])
def test_exif_of_every_kind_of_picture(tmp_path, images, suffix, turned):
    exif = Image.Exif()
    exif[0x0112] = turned
    data = io.BytesIO()
    Image.fromarray(images[0]).save(data, Image.registered_extensions()[suffix], exif=exif)
    plain = io.BytesIO()
    Image.fromarray(images[1]).save(plain, Image.registered_extensions()[suffix])
    folder = write_folder(tmp_path, [(f"a{suffix}", data.getvalue(), "a"), (f"b{suffix}", plain.getvalue(), "b")])
    assert picture_header.exif_orientation(data.getvalue()) == turned
    check = by_key(report.inspect(folder))["exif"]
    assert (check.count, list(check.pictures)) == ((0, []) if turned == 1 else (1, [0]))
    assert picture_header.picture_size(data.getvalue()) == (images[0].shape[1], images[0].shape[0])


@given(st.integers(0, 2**32), st.sampled_from(["jpeg", "png", "webp", "tiff"]))
def test_damaged_exif_is_none(number, kind):
    exif = Image.Exif()
    exif[0x0112] = 6
    data = io.BytesIO()
    Image.new("RGB", (16, 12)).save(data, kind, exif=exif)
    damaged = bytearray(data.getvalue())
    random = np.random.default_rng(number)
    for at in random.integers(0, len(damaged), 8):
        damaged[at] = random.integers(0, 256)
    assert picture_header.exif_orientation(bytes(damaged[: random.integers(1, len(damaged))])) in range(1, 9)


def test_labels_of_a_detector_alone_have_no_empty_texts(tmp_path, images):
    for split in ("train", "val"):
        for folder in ("images", "labels"):
            (tmp_path / folder / split).mkdir(parents=True)
        cv2.imwrite(str(tmp_path / f"images/{split}/1.png"), images[split == "val"])
        (tmp_path / f"labels/{split}/1.txt").write_text("0 0.1 0.1 0.9 0.1 0.9 0.9 0.1 0.9\n", encoding="utf-8")
    checks = by_key(report.inspect(tmp_path))
    assert checks["empty"].count == 0
    assert checks["label"].count == checks["missing"].count == 0
    (tmp_path / "labels/val/1.txt").unlink()
    result = report.inspect(tmp_path)
    assert (by_key(result)["label"].count, by_key(result)["label"].pictures) == (1, (1,))
    assert result.gathered.findings.notes["label"] == "images/val/1.png: has no truth file"


def test_texts_that_are_empty_beside_others_are_found(tmp_path, images):
    cv2.imwrite(str(tmp_path / "1.png"), images[0])
    lines = "1,1,30,1,30,20,1,20,\n1,1,30,1,30,20,1,20,word\n"
    (tmp_path / "1.txt").write_text(lines, encoding="utf-8")
    assert by_key(report.inspect(tmp_path))["empty"].count == 1


def test_a_page_with_little_ink_shows_something(tmp_path):
    """Not a receipt with 3 % of ink, nor a small word on a large page; but noise on paper does not."""
    receipt = np.full((400, 300, 3), 250, np.uint8)
    cv2.putText(receipt, "HELLO", (20, 40), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (0, 0, 0), 3)
    page = np.full((1500, 1000, 3), 255, np.uint8)
    cv2.putText(page, "a", (500, 700), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0), 1)
    noise = np.random.default_rng(0).normal(240, 2, (200, 200, 1)).astype(np.uint8).repeat(3, 2)
    samples = [(f"{k}.png", image, f"text{k}") for k, image in enumerate((receipt, page, noise))]
    blank = by_key(report.inspect(write_folder(tmp_path / "d", samples)))["blank"]
    assert (blank.count, blank.pictures[0]) == (1, 2)


@pytest.mark.parametrize("format", ["parquet", "webdataset"])
def test_a_shard_that_is_gone_is_told(tmp_path, format):
    make = {"workers": 1, "make_generator": FakeGenerator, "stream": io.StringIO(), "shard_size": 5}
    generate(Config(), tmp_path, 12, seed=3, format=format, **make)
    next(tmp_path.glob("shard-000001*")).unlink()
    missing = by_key(report.inspect(tmp_path))["missing"]
    assert (missing.state, missing.count) == ("bad", 5)
    assert "5 of 12, as dataset.json tells" in missing.said
