import numpy as np
import pytest

from synthtext.core.errors import InputError
from synthtext.formats import read_icdar, read_polygons


def written(tmp_path, content):
    path = tmp_path / "gt_img_1.txt"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_icdar_2015(tmp_path):
    lines = [
        "1,2,30,2,30,12,1,12,Hello, world",
        "5.5, 6,7,8,9,10,11,12.25,###",
        "",
        "0,0,9,0,9,9,0,9,",
        "1,1,2,1,2,2,1,2",
    ]
    labels = read_icdar(written(tmp_path, "\ufeff" + "\r\n".join(lines) + "\r\n"))
    assert labels.texts == ["Hello, world", "###", "", ""]
    assert labels.ignore.tolist() == [False, True, False, False]
    assert labels.quads.dtype == np.float32
    assert labels.quads[:2].tolist() == [
        [[1, 2], [30, 2], [30, 12], [1, 12]],
        [[5.5, 6], [7, 8], [9, 10], [11, 12.25]],
    ]
    quads, texts, ignore = read_icdar(written(tmp_path, ""))
    assert quads.shape == (0, 4, 2)
    assert texts == []
    assert ignore.shape == (0,)


def test_a_text_may_hold_what_unicode_calls_a_line_break(tmp_path):
    assert read_icdar(written(tmp_path, "0,0,9,0,9,9,0,9,a\u2028b\x0cc\n")).texts == ["a\u2028b\x0cc"]


def test_polygons_of_three_kinds(tmp_path):
    lines = [
        "0,0,9,0,9,9,0,9,1,2,3",
        "0,0,5,0,9,1,9,9,5,8,0,9,####with #### and, comma",
        "1,1,5,0,9,1,####" + "###",
        "x: [[ 0 5  9  9]], y: [[0 0 1 9]], ornt: [u'c'], transcriptions: [u'it's']",
        'x: [[0 5 9]], y: [[0 0 9]], ornt: [u"#"], transcriptions: [u"#"]',
    ]
    polygons, texts, ignore = read_polygons(written(tmp_path, "\n".join(lines)))
    assert texts == ["1,2,3", "with #### and, comma", "###", "it's", "#"]
    assert ignore.tolist() == [False, False, True, False, True]
    assert [len(p) for p in polygons] == [4, 6, 3, 4, 3]
    assert polygons[3].tolist() == [[0, 0], [5, 0], [9, 1], [9, 9]]


@pytest.mark.parametrize("read", [read_icdar, read_polygons])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("0,0,9,0,9,9,0,9,ok\n1,2,3,4,word", r"gt_img_1\.txt:2: has 5 fields"),
        ("0,0,9,0,9,x,0,9,ok", r"gt_img_1\.txt:1: coordinate 6, 'x', is no number"),
        ("0,0,9,0,9,nan,0,9,ok", r"gt_img_1\.txt:1: coordinate 6, 'nan'"),
        (b"0,0,9,0,9,9,0,9,\xff\xfe", r"gt_img_1\.txt: byte 16 is not UTF-8"),
    ],
)
def test_bad_files_are_named(tmp_path, read, content, message):
    with pytest.raises(InputError, match=message):
        read(written(tmp_path, content))
    with pytest.raises(InputError, match="cannot be read"):
        read(tmp_path / "none.txt")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("1,2,3,4,5,####odd", "1: has 5 coordinates"),
        ("1,2,3,4,####two", "1: has 2 points"),
        ("x: [[1 2 3]], y: [[1 2]], ornt: [u'c'], transcriptions: [u'a']", "1: has 3 x for 2 y"),
    ],
)
def test_bad_polygons_are_named(tmp_path, line, message):
    with pytest.raises(InputError, match=message):
        read_polygons(written(tmp_path, line))
