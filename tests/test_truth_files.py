"""Ground truth files: what lines of each maker say, how a set's layout is decided, which file is which picture's."""

import os
import re
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthtext.core.errors import InputError
from synthtext.formats import open_dataset, read_icdar, read_polygons
from synthtext.formats.reading.entries import quad_of
from synthtext.formats.reading.truth_files import pair_files
from synthtext.formats.reading.truth_lines import OURS, Layout, decide_layout, is_ignored, parse_line

CORNERS = "10,10,60,10,60,30,10,30"
OTHER = "70,10,120,10,120,30,70,30"
QUAD = [(10, 10), (60, 10), (60, 30), (10, 30)]


def file_of(tmp_path, lines, name="gt_img_1.txt"):
    path = tmp_path / name
    path.write_bytes(lines if isinstance(lines, bytes) else "\n".join([*lines, ""]).encode())
    return path


def picture(path, height=80, width=140):
    path.parent.mkdir(parents=True, exist_ok=True)
    image = np.random.default_rng(len(str(path))).integers(0, 256, (height, width, 3), dtype=np.uint8)
    assert cv2.imwrite(str(path), image)


@pytest.mark.parametrize(
    ("lines", "texts", "ignored"),
    [
        ([f'{CORNERS},0,"main street"', f'{OTHER},1,"###"'], ["main street", "###"], [False, True]),
        ([f'{CORNERS},0,"a, b"', f'{OTHER},1,"hard"'], ["a, b", "hard"], [False, True]),  # RCTW-17's difficult texts
        ([f"{CORNERS},0,{k} is a column" for k in range(8)], [f"{k} is a column" for k in range(8)], [False] * 8),
        ([f"{CORNERS},0,{k} may be a text" for k in range(7)], [f"0,{k} may be a text" for k in range(7)], [False] * 7),
        ([f"{CORNERS},Latin,the", f"{OTHER},None,###"], ["the", "###"], [False, True]),
        ([f"{CORNERS},Latin,the", f"{OTHER},Greek,x"], ["Latin,the", "Greek,x"], [False, False]),
        (
            [f"{CORNERS},### ", f"{OTHER}, ###", f'{CORNERS},"###"', f"{OTHER},####x", f"{CORNERS},*"],
            ["### ", " ###", '"###"', "####x", "*"],
            [True, True, True, False, False],
        ),
        (
            [f"{CORNERS},100,000", f'{OTHER},say "hi"', f"{CORNERS},,", f'{OTHER},"open'],
            ["100,000", 'say "hi"', ",", '"open'],
            [False] * 4,
        ),
        ([f'{CORNERS},"xx, yy"', f'{OTHER},"a \\"b\\""'], ["xx, yy", 'a "b"'], [False, False]),
        ([f'{CORNERS},"a"', f"{OTHER},###"], ["a", "###"], [False, True]),
        (["10, 10, 60, 30, \"xx, yy\"", '70 10 120 30 "###"'], ["xx, yy", "###"], [False, True]),
        (["10,10,60,30,one", "70,10,120,30,two", "70,10,120,30,2,3,4,5"], ["one", "two", "2,3,4,5"], [False] * 3),
    ],
)  # fmt: skip
def test_what_lines_say(tmp_path, lines, texts, ignored):
    path = file_of(tmp_path, lines)
    for labels in (read_icdar(path), read_polygons(path)):
        assert labels.texts == texts
        assert labels.ignore.tolist() == ignored
    assert read_icdar(path).quads[0].tolist() == [list(p) for p in QUAD]


def test_a_mark_on_any_line_is_no_part_of_it(tmp_path):
    bom = b"\xef\xbb\xbf"
    path = file_of(tmp_path, bom + f"{CORNERS},one\r\n".encode() + bom + f"{OTHER},two\r\n".encode())
    assert read_icdar(path).texts == ["one", "two"]
    assert read_icdar(path).quads[1].tolist() == [[70, 10], [120, 10], [120, 30], [70, 30]]


def test_more_than_four_points_without_a_mark(tmp_path):
    path = file_of(tmp_path, ["10,40,40,36,70,36,100,40,100,60,70,56,40,56,10,60,upper"])
    labels = read_polygons(path)
    assert labels.texts == ["upper"]
    assert labels.polygons[0].tolist() == [
        [10, 40], [40, 36], [70, 36], [100, 40], [100, 60], [70, 56], [40, 56], [10, 60],
    ]  # fmt: skip
    assert read_icdar(path).texts == ["upper"]
    assert read_icdar(path).quads.tolist() == [[[10, 40], [100, 40], [100, 60], [10, 60]]]
    # Numbers that are far from the corners are a text's.
    assert read_icdar(file_of(tmp_path, [f"{CORNERS},5000,7,x"])).texts == ["5000,7,x"]
    # Beside quads alone, numbers that are near the corners by chance are a text's.
    lines = [*[f"{CORNERS},word{k}" for k in range(9)], f"{CORNERS},20,20,x"]
    assert read_icdar(file_of(tmp_path, lines)).texts[-1] == "20,20,x"


CURVE = "10,40,40,36,70,36,100,40,100,60,70,56,40,56,10,60"
SHORT = "10,40,55,36,100,40,100,60,55,56,10,60"
FIVE = "10,40,55,36,100,40,100,60,10,60"


@pytest.mark.parametrize(
    ("lines", "points", "texts"),
    [
        # A text behind the points of a set may be a number, or several.
        (
            [f"{CURVE},upper", f"{CURVE},1234", f"{CURVE},12", f"{CURVE},", CURVE, f"{CURVE},1,5"],
            [8] * 6,
            ["upper", "1234", "12", "", "", "1,5"],
        ),
        ([f"{CURVE},007", f"{SHORT},a", f"{CORNERS},20,25"], [8, 6, 4], ["007", "a", "20,25"]),
        ([f"{FIVE},a", f"{FIVE},b"], [5, 5], ["a", "b"]),
        ([CURVE, SHORT, FIVE, f"{CURVE[:-5]}5,60,2,50"], [8, 6, 5, 9], [""] * 4),
        ([CURVE] * 5 + [f"{CURVE[:-5]}5,60,2,50"], [8] * 5 + [9], [""] * 6),
        # Numbers within a quad, or beside it, are a text's.
        ([f"{CORNERS},20,25"], [4], ["20,25"]),
        ([f"{CORNERS},12,30", f"{OTHER},15,25,a"], [4, 4], ["12,30", "15,25,a"]),
        ([f"{CORNERS},11,12,13,14,x", f"{OTHER},b"], [4, 4], ["11,12,13,14,x", "b"]),
    ],
)
def test_how_many_points_a_line_has(tmp_path, lines, points, texts):
    path = file_of(tmp_path, lines)
    labels = read_polygons(path)
    assert [len(p) for p in labels.polygons] == points
    assert labels.texts == read_icdar(path).texts == texts


def test_an_odd_line_does_not_decide_how_the_others_are_read(tmp_path):
    """Of 13 lines, 12 have a column between corners and text."""
    for name, lines, odd, what in (
        ("mlt", [f"{CORNERS},Latin,word", f"{OTHER},Latin,###"], "oops", "has no script"),
        ("script", [f"{CORNERS},Latin,word", f"{OTHER},Latin,###"], "Hebrew,x", "has no script"),
        ("rctw", [f'{CORNERS},0,"word"', f'{OTHER},1,"###"'], '"oops"', "has no 0 or 1 before its text"),
    ):
        for k in range(7):
            picture(tmp_path / name / f"{k}.png")
            content = lines if k < 6 else [f"{CORNERS},{odd}"]
            file_of(tmp_path / name, content, f"gt_{k}.txt")
        *found, last = open_dataset(tmp_path / name).entries()
        for entry in found:
            assert [(w.text, w.ignore) for w in entry.words] == [("word", False), ("###", True)]
            assert entry.problem == ""
        assert last.words == []
        assert what in last.problem


def test_an_odd_line_of_yolo_costs_itself(tmp_path):
    good, lines = "0 0.1 0.1 0.5 0.1 0.5 0.4 0.1 0.4", {
        "3 0.5 0.5 0.2 0.2 0.98": "5 numbers behind the class.*is the last a confidence",
        "0 0.1 0.1 0.5 0.1 0.5 0.4 0.1": "7 numbers behind the class; write 4, or x and y of each point",
        "0 10 10 60 10 60 30 10 30": "no part of the picture's size; divide",
        "0 0.1 0.1 1.7 0.1 0.5 0.4 0.1 0.4": "no part of the picture's size; divide",
        "text 0.1 0.1 0.5 0.4": "begins with 'text'; write the number of a class",
    }  # fmt: skip
    for k, line in enumerate(lines):
        picture(tmp_path / f"images/{k}.png", 100, 100)
        (tmp_path / "labels").mkdir(exist_ok=True)
        (tmp_path / f"labels/{k}.txt").write_text(f"{good}\n{line}\n{good}\n", encoding="utf-8")
    for entry, what in zip(open_dataset(tmp_path).entries(), lines.values(), strict=True):
        np.testing.assert_allclose([w.quad for w in entry.words], [[(10, 10), (50, 10), (50, 40), (10, 40)]] * 2)
        assert re.search(rf"\.txt:2: .*{what}", entry.problem)


def test_lines_that_end_in_a_carriage_return_alone(tmp_path):
    path = file_of(tmp_path, f"{CORNERS},one\r{OTHER},two\r".encode())
    assert read_icdar(path).texts == ["one", "two"]


def test_training_labels_of_ctw1500(tmp_path):
    offsets = "0,10,17,8,34,7,51,6,68,7,85,8,102,9,102,37,85,36,68,35,51,34,34,35,17,36,0,38"
    labels = read_polygons(file_of(tmp_path, [f"5,30,110,70,{offsets}"]))
    assert labels.texts == [""]
    assert labels.polygons[0].shape == (14, 2)
    assert labels.polygons[0][[0, 6, 7, 13]].tolist() == [[5, 40], [107, 39], [107, 67], [5, 68]]
    # 32 numbers that are no offsets within the box are 16 points.
    points = ",".join(f"{100 + 9 * k},40" for k in range(8)) + "," + ",".join(f"{163 - 9 * k},60" for k in range(8))
    assert read_polygons(file_of(tmp_path, [points])).polygons[0][8].tolist() == [163, 60]
    # As points of their own, without a text in any line, they are polygons too.
    points = "100,40,117,38,134,37,151,36,168,37,185,38,202,39,202,67,185,66,168,65,151,64,134,65,117,66,100,68"
    labels = read_polygons(file_of(tmp_path, [points, points]))
    assert [len(p) for p in labels.polygons] == [14, 14]
    assert labels.polygons[0][0].tolist() == [100, 40]


TOTAL_TEXT = """x: [[10 40 70
 70 40 10]], y: [[10 8 10
 30 28 30]], ornt: [u'c'], transcriptions: [u'SHOP']
x: [[80 90 95 80]], y: [[10 10 30 30]], ornt: [u'#'], transcriptions: [u'#']
x: [[1 2 3]], y: [[1 2]], ornt: [u'h'], transcriptions: [u'bad']
"""


def test_total_text_keeps_what_can_be_read(tmp_path):
    picture(tmp_path / "img7.jpg")
    file_of(tmp_path, TOTAL_TEXT.encode(), "poly_gt_img7.txt")
    (entry,) = open_dataset(tmp_path).entries()
    assert entry.ref == "img7.jpg"
    assert [(word.text, word.ignore) for word in entry.words] == [("SHOP", False), ("#", True)]
    assert entry.words[0].polygon == [(10, 10), (40, 8), (70, 10), (70, 30), (40, 28), (10, 30)]
    assert entry.problem == "poly_gt_img7.txt:5: has 3 x for 2 y; give as many of each"
    with pytest.raises(InputError, match=r"poly_gt_img7\.txt:5: has 3 x for 2 y"):
        read_polygons(tmp_path / "poly_gt_img7.txt")


@pytest.mark.parametrize(
    ("record", "text", "ignore"),
    [
        ("x: [[1 2 3]], y: [[1 2 9]], ornt: [u'h'], transcriptions: [u\"it's\"]", "it's", False),
        ("x: [[1 2 3]], y: [[1 2 9]], ornt: ['h'], transcriptions: ['a, [b]']", "a, [b]", False),
        ("x: [[1, 2, 3]], y: [[1, 2, 9]], ornt: [], transcriptions: []", "", False),
        ("x: [[1 2 3]], y: [[1 2 9]], ornt: [u'#'], transcriptions: []", "", True),
        ("x: [[1 2 3]], y: [[1 2 9]], ornt: [u'h'], transcriptions: [u'caf\\xe9 \\u2019']", "café ’", False),
        ("x: [[1 2 3]], y: [[1 2 9]], ornt: [u'h'], transcriptions: [u'a\\q']", "a\\q", False),
    ],
)
def test_strings_and_empty_lists_of_total_text(record, text, ignore):
    truth = parse_line(record, Layout())
    assert (truth.text, truth.ignore) == (text, ignore)
    assert truth.points == [(1, 1), (2, 2), (3, 9)]


@pytest.mark.parametrize(
    ("record", "what"),
    [
        ("x: [[]], y: [[]], ornt: [], transcriptions: []", "has 0 points"),
        ("x: [[1 2 ...]], y: [[1 2 3]], ornt: [u'h'], transcriptions: [u'a']", "coordinate 3, '...', is no number"),
        ("x: [[1 2 3]], y: [[1 2 3]]", "no list of transcriptions"),
        ("x: [[1 2 3]]", "no list of y"),
        ("x: [[1 2 3]], y: [[1 2 9]], ornt: [u'h'], transcriptions: [u'a', u'b']", "has several transcriptions"),
    ],
)
def test_records_of_total_text_that_say_nothing(record, what):
    with pytest.raises(ValueError, match=what):
        parse_line(record, Layout())


numbers = st.integers(-99, 9999)


@given(st.lists(numbers, min_size=8, max_size=8), st.text(st.characters(exclude_characters="\n", codec="utf-8")))
def test_our_own_layout_takes_all_behind_the_eighth_comma(values, text):
    truth = parse_line(",".join(map(str, values)) + "," + text, OURS)
    assert truth.text == text
    assert truth.points == list(zip(values[::2], values[1::2], strict=True))
    assert truth.ignore == is_ignored(text)


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        ('1,"a"', "a"), ("Latin,the", "the"), ('"hi"', "hi"), ("12,13,####x", "x"),
        ("20,20,x", "20,20,x"), ("20,25", "20,25"), ("11,11,22,22,33,33,44,44,a", "11,11,22,22,33,33,44,44,a"),
    ],
)  # fmt: skip
def test_files_of_a_data_set_of_ours_are_read_by_our_rule(tmp_path, text, alone):
    (tmp_path / "gt/000").mkdir(parents=True)
    path = file_of(tmp_path / "gt/000", [f"{CORNERS},{text}"])
    assert read_icdar(path).texts == [alone]
    (tmp_path / "dataset.json").write_text('{"format": "icdar"}', encoding="utf-8")
    assert read_icdar(path).texts == [text]
    assert read_polygons(path).polygons[0].tolist() == [list(p) for p in QUAD]


def test_layouts_are_of_all_lines():
    assert decide_layout([f"{CORNERS},Latin,a", f"{CORNERS},Latin,b"]).columns == 1
    assert decide_layout([f"{CORNERS},Latin,a", f"{CORNERS},b"]).columns == 0
    assert decide_layout([f'{CORNERS},"a"', f'{CORNERS},"b"']).quoted
    assert not decide_layout([f'{CORNERS},"a"', f"{CORNERS},b"]).quoted
    assert decide_layout(["0 0.1 0.1 0.5 0.1 0.5 0.3 0.1 0.3"]).relative
    assert not decide_layout(["0 0.1 0.1 0.5 0.1 0.5 0.3 0.1 0.3", f"{CORNERS},a"]).relative
    assert decide_layout(["10,10,60,30,a", "10,10,60,30,b", "1,2,3"]).rectangles
    assert not decide_layout(["10,10,60,30,a", "1,2,3", "nothing"]).rectangles
    assert decide_layout([]) == Layout()


def test_a_quad_about_points_that_are_no_two_sides_is_fitted():
    assert quad_of(QUAD) == QUAD
    cut = [(10.0, 10.0), (50.0, 10.0), (60.0, 20.0), (60.0, 30.0), (10.0, 30.0)]
    np.testing.assert_allclose(quad_of(cut), QUAD, atol=1e-4)


# Which file is which picture's


def paired(root, pictures, truths):
    for name in pictures:
        picture(root / name)
    for name in truths:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"{CORNERS},{name}\n", encoding="utf-8")
    return {e.name: e.words[0].text if e.words else e.problem for e in open_dataset(root).entries()}


def test_splits_side_by_side_keep_their_own(tmp_path):
    pictures = ["train/img_1.png", "train/img_2.png", "val/img_1.png", "val/img_2.png", "val/img_3.png"]
    truths = ["train/gt_img_1.txt", "train/gt_img_2.txt", "train/gt_img_3.txt", "val/gt_img_1.txt"]
    found = paired(tmp_path, pictures, truths)
    assert found == {
        "train/img_1.png": "train/gt_img_1.txt",
        "train/img_2.png": "train/gt_img_2.txt",
        "val/img_1.png": "val/gt_img_1.txt",
        "val/img_2.png": "has no truth file",
        "val/img_3.png": "has no truth file",
        "train/gt_img_3.txt": "has no picture",
    }


def test_a_truth_beside_other_pictures_is_theirs(tmp_path):
    found = paired(tmp_path, ["day1/1.png", "day2/1.png", "day2/2.png"], ["day1/1.txt", "day1/2.txt"])
    assert found["day2/1.png"] == found["day2/2.png"] == "has no truth file"
    assert found["day1/2.txt"] == "has no picture"
    found = paired(
        tmp_path / "b", ["images/1.png", "images/9.png", "images_train/1.png"], ["train/1.txt", "train/9.txt"]
    )
    assert found["images_train/1.png"] == "train/1.txt"
    assert found["images/1.png"] == found["images/9.png"] == "has no truth file"


def test_of_two_truths_the_likelier_folder_has_it(tmp_path):
    found = paired(tmp_path, ["photos_a/1.png"], ["gt_a/1.txt", "old/1.txt"])
    assert found == {"photos_a/1.png": "gt_a/1.txt"}


@pytest.mark.parametrize(
    ("pictures", "truths"),
    [
        ("ch4_training_images/img_{}.png", "ch4_training_localization_transcription_gt/gt_img_{}.txt"),
        ("ch4_test_images/img_{}.png", "Challenge4_Test_Task1_GT/gt_img_{}.txt"),
        ("images/train/{}.png", "labels/train/{}.txt"),
        ("valid/images/{}.png", "valid/labels/{}.txt"),
        ("Images/Test/img{}.png", "Groundtruth/Polygon/Test/poly_gt_img{}.txt"),
        ("images/001/{}.png", "gt/001/gt_{}.txt"),
        ("{}.png", "gt/{}.png.txt"),
        ("TrainImages/{}.png", "TrainGT/{}.txt"),
        ("ImagesTest/{}.png", "GroundTruthTest/{}.txt"),
        ("trainval_images/{}.png", "trainval_gt/{}.txt"),
        ("im/tr/{}.png", "gt/tr/{}.txt"),
        ("images/train2017/{}.png", "labels/train2017/{}.txt"),
    ],
)
def test_layouts_in_use(tmp_path, pictures, truths):
    """Each beside another split of the same names."""
    rivals = {
        "ch4_training_images/img_{}.png": ("ch4_test_images/img_{}.png", "Challenge4_Test_Task1_GT/gt_img_{}.txt"),
        "ch4_test_images/img_{}.png": (
            "ch4_training_images/img_{}.png",
            "ch4_training_localization_transcription_gt/gt_img_{}.txt",
        ),
        "images/train/{}.png": ("images/val/{}.png", "labels/val/{}.txt"),
        "valid/images/{}.png": ("train/images/{}.png", "train/labels/{}.txt"),
        "Images/Test/img{}.png": ("Images/Train/img{}.png", "Groundtruth/Polygon/Train/poly_gt_img{}.txt"),
        "images/001/{}.png": ("images/002/{}.png", "gt/002/gt_{}.txt"),
        "TrainImages/{}.png": ("TestImages/{}.png", "TestGT/{}.txt"),
        "ImagesTest/{}.png": ("ImagesTrain/{}.png", "GroundTruthTrain/{}.txt"),
        "trainval_images/{}.png": ("test_images/{}.png", "test_gt/{}.txt"),
        "im/tr/{}.png": ("im/te/{}.png", "gt/te/{}.txt"),
        "images/train2017/{}.png": ("images/val2017/{}.png", "labels/val2017/{}.txt"),
    }
    expected = {pictures.format(k): truths.format(k) for k in (1, 2)}
    if pictures in rivals:
        expected |= {rivals[pictures][0].format(k): rivals[pictures][1].format(k) for k in (1, 2)}
    assert paired(tmp_path, list(expected), list(expected.values())) == expected


@pytest.mark.parametrize(
    ("image", "truths", "other"),
    [
        ("TrainImages/1.png", "TrainGT", "TestImages/2.png"),
        ("trainval_images/1.png", "trainval_gt", "test_images/2.png"),
        ("im/tr/1.png", "gt/tr", "im/te/2.png"),
        ("im_train/1.png", "gt_train", "im_eval/2.png"),
        ("images/train2017/1.png", "labels/train2017", "images/val2017/2.png"),
        ("trainset/1.png", "traingt", "devset/2.png"),
    ],
)
def test_a_truth_of_one_split_is_not_of_a_picture_of_another(tmp_path, image, truths, other):
    found = paired(tmp_path, [image, other], [f"{truths}/1.txt", f"{truths}/2.txt"])
    assert found == {image: f"{truths}/1.txt", other: "has no truth file", f"{truths}/2.txt": "has no picture"}


def test_pictures_in_a_linked_folder(tmp_path):
    picture(tmp_path / "elsewhere/1.png")
    file_of(tmp_path, [f"{CORNERS},a"])
    (tmp_path / "set/gt").mkdir(parents=True)
    file_of(tmp_path / "set/gt", [f"{CORNERS},a"], "gt_1.txt")
    try:
        for link, target in (("images", "elsewhere"), ("again", "set/gt"), ("up", "")):
            (tmp_path / "set" / link).symlink_to(tmp_path / target, target_is_directory=True)
    except OSError:
        pytest.skip("links cannot be made here")
    reader = open_dataset(tmp_path / "set")
    ((name, text, problem),) = [(e.name, e.text, e.problem) for e in reader.entries()]
    assert (name, text, problem) == ("images/1.png", "a", "")


def test_one_folder_of_truths_for_several_of_pictures(tmp_path):
    expected = {"images/1.png": "truth/1.txt", "images/b/2.png": "truth/2.txt", "images/c/3.png": "truth/3.txt"}
    assert paired(tmp_path, list(expected), list(expected.values())) == expected


def test_what_could_be_either_is_told_and_not_guessed(tmp_path):
    found = paired(tmp_path, ["images/1.png", "images/2.png"], ["one/1.txt", "one/2.txt", "two/1.txt"])
    assert found["images/1.png"] == "has several truth files: one/1.txt, two/1.txt; leave one"
    assert found["images/2.png"] == "one/2.txt"
    other = tmp_path / "other"
    found = paired(other, ["a/1.png", "b/1.png", "b/2.png"], ["gt/1.txt", "gt/2.txt"])
    assert found["a/1.png"] == "shares the truth file gt/1.txt with b/1.png; rename one"
    assert found["b/1.png"] == "shares the truth file gt/1.txt with a/1.png; rename one"
    assert found["b/2.png"] == "gt/2.txt"


def test_files_of_a_system_are_no_truths_or_pictures(tmp_path):
    picture(tmp_path / "1.png")
    file_of(tmp_path, [f"{CORNERS},a"], "gt_1.txt")
    for name in ("._1.png", "._gt_1.txt", ".DS_Store", "__MACOSX/1.png", ".git/1.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"\0\x05\x16\x07")
    file_of(tmp_path, ["no truth"], "readme.txt")
    assert [(e.name, e.text, e.problem) for e in open_dataset(tmp_path).entries()] == [("1.png", "a", "")]


def test_names_that_are_not_utf_8_can_be_shown(tmp_path):
    picture(tmp_path / "1.png")
    try:
        (tmp_path / "1.png").rename(os.fsdecode(os.fsencode(tmp_path) + b"/\xff1.png"))
    except OSError:
        pytest.skip("this file system takes UTF-8 alone")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/gt_\xff1.txt")).write_text(f"{CORNERS},a\nx", encoding="utf-8")
    reader = open_dataset(tmp_path)
    (entry,) = reader.entries()
    assert (entry.name, entry.text) == ("\ufffd1.png", "a")
    assert entry.problem.startswith("gt_\ufffd1.txt:2")
    assert reader.image(entry.ref)


folders = st.sampled_from(["", "a", "a/b", "train", "val", "train/images", "val/images", "train/gt", "val/gt", "gt"])
listed = st.dictionaries(folders, st.sets(st.sampled_from("1234"), min_size=1), max_size=5)


@given(listed, listed)
def test_pairs_are_one_to_one_of_one_name_and_never_of_two_splits(pictures, truths):
    def paths(found, suffix):
        return {f: [(n, f"{f}/{n}{suffix}".lstrip("/")) for n in sorted(names)] for f, names in found.items()}

    pairs = pair_files(paths(pictures, ".png"), paths(truths, ".txt"))
    both = [(p.picture, p.truth) for p in pairs if p.picture and p.truth]
    assert len({picture for picture, _ in both}) == len({truth for _, truth in both}) == len(both)
    for image, truth in both:
        assert image.rpartition("/")[2][:-4] == truth.rpartition("/")[2][:-4]
        assert not any(a in image and b in truth for a, b in (("train", "val"), ("val", "train")))
    shown = [p.picture for p in pairs if p.picture]
    assert sorted(shown) == sorted(path for found in paths(pictures, ".png").values() for _, path in found)
    assert all(bool(p.problem) != bool(p.picture and p.truth) for p in pairs)


# YOLO's oriented boxes, and lines of tesstrain


def test_boxes_of_yolo_are_scaled_by_the_picture(tmp_path):
    picture(tmp_path / "images/train/1.png", 80, 140)
    picture(tmp_path / "images/val/1.jpg", 40, 70)
    for split, lines in (("train", "0 0.5 0.25 1 0.25 1 0.5 0.5 0.5\n"), ("val", "3 0.5 0.5 0.5 0.25\n")):
        (tmp_path / f"labels/{split}").mkdir(parents=True)
        (tmp_path / f"labels/{split}/1.txt").write_text(lines, encoding="utf-8")
    (tmp_path / "data.yaml").write_text("train: images/train\nval: images/val\nnames: [text]\n", encoding="utf-8")
    reader = open_dataset(tmp_path)
    assert (reader.format, reader.unit, len(reader)) == ("yolo-obb", "word", 2)
    found = {e.name: e.words for e in reader.entries()}
    assert found["images/train/1.png"][0].quad == [(70, 20), (140, 20), (140, 40), (70, 40)]
    assert found["images/val/1.jpg"][0].quad == [(17.5, 15), (52.5, 15), (52.5, 25), (17.5, 25)]
    with pytest.raises(InputError, match="open the folder of both"):
        read_icdar(tmp_path / "labels/train/1.txt")


def test_lines_of_tesstrain(tmp_path):
    for name in ("a_1.tif", "b.bin.png", "sub/c.png", "d.png"):
        picture(tmp_path / name)
    for name, text in (("a_1.gt.txt", "ein Wort\n"), ("b.gt.txt", "\ufeffzwei\r\n"), ("sub/c.gt.txt", "")):
        (tmp_path / name).write_bytes(text.encode())
    (tmp_path / "a_1.box").write_text("e 0 0 1 1 0\n", encoding="utf-8")
    (tmp_path / "e.gt.txt").write_text("kein Bild\n", encoding="utf-8")
    reader = open_dataset(tmp_path)
    assert (reader.format, reader.unit, len(reader)) == ("tesstrain", "picture", 5)
    found = {e.name: (e.text, e.problem) for e in reader.entries()}
    assert found == {
        "a_1.tif": ("ein Wort", ""),
        "b.bin.png": ("zwei", ""),
        "sub/c.png": ("", ""),
        "d.png": ("", "has no truth file"),
        "e.gt.txt": ("", "has no picture"),
    }
    (tmp_path / "a_1.gt.txt").write_bytes(b"one\rtwo\r")
    (tmp_path / "a_1.txt").write_text("what a program read", encoding="utf-8")
    assert {e.name: e.text for e in open_dataset(tmp_path).entries()}["a_1.tif"] == "one\ntwo"


def test_a_line_of_tesstrain_among_truths_of_icdar_and_the_other_way_round(tmp_path):
    for name in ("1.png", "2.png"):
        picture(tmp_path / "a" / name)
        picture(tmp_path / "b" / name)
    file_of(tmp_path / "a", [f"{CORNERS},hello"], "gt_1.txt")
    file_of(tmp_path / "a", ["line"], "2.gt.txt")
    reader = open_dataset(tmp_path / "a")
    assert reader.format == "icdar"
    assert [(e.text, e.problem) for e in reader.entries()] == [("hello", ""), ("", "has no truth file")]
    file_of(tmp_path / "b", [f"{CORNERS},one"], "1.gt.txt")
    file_of(tmp_path / "b", [f"{OTHER},two"], "2.gt.txt")
    reader = open_dataset(tmp_path / "b")
    assert [(e.text, len(e.words)) for e in reader.entries()] == [("one", 1), ("two", 1)]
