"""Inputs that hang or hurt: named, left out, and the run goes on."""

import logging
import multiprocessing
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import hostile
import numpy as np
import pytest
import uharfbuzz as hb
from fontTools.pens.ttGlyphPen import TTGlyphPen
from hypothesis import given
from hypothesis import strategies as st

from synthtext import cli
from synthtext.core import assets, files
from synthtext.core.child import end_with, this_process
from synthtext.core.errors import InputError
from synthtext.core.files import Unfit, files_below, has_suffix
from synthtext.generator import Generator
from synthtext.paint.paint_config import BackgroundConfig
from synthtext.paint.photographs import load_library
from synthtext.text.corpus import load_file
from synthtext.tools import packs
from synthtext.typeset import contours, outlines
from synthtext.typeset.catalogue import load_catalogue
from synthtext.typeset.contours import MAX_TANGLE, is_too_costly, tangle
from synthtext.typeset.font_config import FontConfig

FONTS = assets.folder("fonts")
LATO = FONTS / "lato/Lato_900Black.ttf"
POSIX = pytest.mark.skipif(os.name != "posix", reason="only POSIX has these files")
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux kills a process with its parent")


@pytest.fixture(autouse=True)
def _own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("SYNTHTEXT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SYNTHTEXT_CACHE", str(tmp_path / "cache"))


# What a glyph costs

POINT = st.tuples(st.integers(0, 9), st.integers(0, 9))


def naive_tangle(polygons):
    """Cubes of how many edges each edge meets, by exact integers."""
    edges = [
        (polygon[k - 1], polygon[k], (p, k), len(polygon))
        for p, polygon in enumerate(polygons)
        for k in range(len(polygon))
    ]

    def side(a, b, c):
        value = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
        return (value > 0) - (value < 0)

    def meet(a, b, c, d):
        if any(max(a[i], b[i]) < min(c[i], d[i]) or max(c[i], d[i]) < min(a[i], b[i]) for i in (0, 1)):
            return False
        return side(a, b, c) * side(a, b, d) <= 0 and side(c, d, a) * side(c, d, b) <= 0

    total = 0
    for a, b, (p, k), n in edges:
        met = 0
        for c, d, (q, m), _ in edges:
            neighbours = p == q and (m in (k, (k + 1) % n, (k - 1) % n))
            met += not neighbours and meet(a, b, c, d)
        total += met**3
    return total


@given(
    st.lists(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=3, max_size=7), min_size=1, max_size=5)
)
def test_the_tangle_is_that_of_the_twin(polygons):
    points = np.array([point for polygon in polygons for point in polygon], np.float64)
    ends = np.cumsum([len(polygon) for polygon in polygons])
    assert tangle(points, ends, 1 << 60) == naive_tangle(polygons)


def squares(count):
    square = [(50, 0), (50, 700), (400, 700), (400, 0)]
    return np.array(square * count, np.float64), 4 * np.arange(1, count + 1)


def test_what_skia_would_spin_on_is_too_costly_and_what_is_honest_is_not():
    assert not is_too_costly(*squares(10))
    assert is_too_costly(*squares(40))
    assert MAX_TANGLE < tangle(*squares(300), MAX_TANGLE) < tangle(*squares(300), 1 << 60) / 100  # it stops in time
    apart = squares(2400)[0].reshape(-1, 4, 2) + 1000.0 * np.arange(2400)[:, None, None]
    ends = 4 * np.arange(1, 2401)
    assert is_too_costly(apart.reshape(-1, 2), ends)  # more than MAX_CONTOURS
    assert not is_too_costly(apart[:1900].reshape(-1, 2), ends[:1900])


def font_of(data):
    return hb.Font(hb.Face(hb.Blob(data)))


def test_a_costly_outline_is_never_united(monkeypatch):
    monkeypatch.setattr(outlines, "_unite", lambda rows, ends: pytest.fail("handed to Skia"))
    rows, ends = outlines.glyph_contours(font_of(hostile.built_font(hostile.same_contours(300))), 1)
    assert (len(rows), len(ends)) == (1200, 300)  # as it is
    assert contours.control_area(rows, ends) > 0


def test_costly_characters_are_not_covered_and_a_font_of_nothing_else_is_left_out(tmp_path, caplog):
    def draw(pen: TTGlyphPen, number: int) -> None:
        (hostile.same_contours(300) if hostile.CHARACTERS[number - 1] in "ABC" else hostile.plain_shape)(pen, number)

    (tmp_path / "some").mkdir()
    (tmp_path / "some/a.ttf").write_bytes(hostile.built_font(draw))
    (tmp_path / "all.ttf").write_bytes(hostile.built_font(hostile.same_contours(300)))
    with caplog.at_level(logging.WARNING):
        (face,) = load_catalogue(FontConfig(starter=False, folders=(str(tmp_path / "some"),))).faces
        with pytest.raises(InputError, match="holds no usable font"):
            load_catalogue(FontConfig(starter=False, folders=(str(tmp_path / "all.ttf"),)))
    assert [face.covers(ord(c)) for c in "ABCD"] == [False, False, False, True]
    assert "a.ttf is used without some characters: 3 of its characters have an outline of more than" in caplog.text
    assert "all.ttf draws no letter and no digit within bounds: 65 of its characters" in caplog.text


def test_the_starter_set_has_no_costly_character():
    faces = load_catalogue(FontConfig()).faces
    for face in faces[::7]:
        font = font_of(Path(face.path).read_bytes())
        for c in "agQ&@8ß":
            glyph = font.get_nominal_glyph(ord(c))
            if glyph:
                drawn: list[float] = []
                font.draw_glyph(glyph, outlines._DRAW_FUNCS, drawn)
                rows, ends = outlines._contours(drawn)
                assert not len(ends) or not is_too_costly(*contours.control_polygons(rows, ends)), (face.id, c)


# Which files are read


@POSIX
def test_only_regular_files_are_taken_and_each_once(tmp_path):
    root = tmp_path / "root"
    (root / "deep").mkdir(parents=True)
    outside = tmp_path / "outside"
    outside.mkdir()
    for path in (root / "b.ttf", root / "deep/a.ttf", outside / "c.ttf", root / "notes.txt", root / ".hidden.ttf"):
        path.write_bytes(b"font")
    os.symlink(".", root / "again")
    os.symlink(root / "b.ttf", root / "a_link.ttf")
    os.symlink(outside, root / "y")
    os.symlink(outside, root / "z")
    os.symlink("nothing.ttf", root / "dangling.ttf")
    os.symlink("loop.ttf", root / "loop.ttf")
    os.symlink("/dev/zero", root / "zero.ttf")
    os.mkfifo(root / "pipe.ttf")
    (root / "folder.ttf").mkdir()
    (root / "line\nend.ttf").write_bytes(b"font")
    with open(root / "large.ttf", "wb") as file:
        file.truncate(2 << 20)
    Path(os.fsdecode(os.fsencode(root) + b"/\xff\xfe.ttf")).write_bytes(b"font")
    listing = files_below(root, has_suffix({".ttf"}), limit=1 << 20)
    assert list(listing.files) == ["b.ttf", "deep/a.ttf", "y/c.ttf"]
    assert {files.shown(path).removeprefix(f"{root}/"): reason for path, reason in listing.left_out} == {
        "dangling.ttf": "cannot be read: it is a link to nothing",
        "loop.ttf": "cannot be read: it is a link to nothing",
        "zero.ttf": "is no regular file (a device)",
        "pipe.ttf": "is no regular file (a named pipe)",
        "large.ttf": "has 2 MB, more than 1",
        "line\\nend.ttf": files.RENAME,
        "\\xff\\xfe.ttf": files.RENAME,
    }


@POSIX
def test_reading_never_waits_and_has_an_end(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path, reason in ((tmp_path / "pipe", "a named pipe"), ("/dev/zero", "a device"), (tmp_path, "a folder")):
        with pytest.raises(Unfit, match=rf"is no regular file \({reason}\)"):
            files.read(path)
        with pytest.raises(InputError, match=rf"cannot be read: it is no regular file \({reason}\)"):
            load_file(str(path))
    (tmp_path / "ten").write_bytes(bytes(10))
    assert files.read(tmp_path / "ten", 10) == bytes(10)
    with pytest.raises(Unfit, match="more than"):
        files.read(tmp_path / "ten", 9)


@POSIX
def test_fonts_and_pictures_among_strange_files_are_used(tmp_path, caplog):
    for kind, name, data in (
        ("fonts", "good.ttf", LATO.read_bytes()),
        ("pictures", "good.png", hostile.encoded(hostile.scenery(), ".png")),
    ):
        folder = tmp_path / kind
        folder.mkdir()
        (folder / name).write_bytes(data)
        suffix = Path(name).suffix
        os.symlink(".", folder / "loop")
        os.mkfifo(folder / f"pipe{suffix}")
        os.symlink("/dev/zero", folder / f"zero{suffix}")
        Path(os.fsdecode(os.fsencode(folder) + b"/\xff" + suffix.encode())).write_bytes(data)
    with caplog.at_level(logging.WARNING):
        generator = Generator(
            "words",
            0,
            [
                "fonts.starter=false",
                f"fonts.folders=['{tmp_path}/fonts']",
                "paint.background.starter=false",
                f"paint.background.folders=['{tmp_path}/pictures']",
                "paint.background.kinds={photo: 1}",
            ],
        )
    assert [face.id for face in generator.catalogue.faces] == ["fonts/good.ttf"]
    assert generator.library.names == ("pictures/good.png",)
    assert generator[0].image.any()
    for word in (
        "pipe.ttf is no regular",
        "zero.ttf is no regular",
        "pipe.png is left out: it is no regular",
        "\\xff.png",
    ):
        assert word in caplog.text
    pack = packs.add("fonts", str(tmp_path / "fonts"))
    assert [file.path for file in pack.files] == ["good.ttf"]
    assert [name for name, _ in pack.skipped] == ["pipe.ttf", "zero.ttf", "\\xff.ttf"]


@POSIX
def test_a_folder_whose_name_is_not_utf8_is_one_sentence(tmp_path, capsys):
    folder = os.fsdecode(os.fsencode(tmp_path) + b"/\xff")
    os.mkdir(folder)
    Path(folder, "a.ttf").write_bytes(LATO.read_bytes())
    assert cli.main(["fonts", "add", folder]) in (0, 2)
    assert "has a name that is not UTF-8" in capsys.readouterr().err
    with pytest.raises(InputError, match="is not valid Unicode; write it in UTF-8"):
        load_catalogue(FontConfig(starter=False, folders=(folder,)))


# Archives


@pytest.mark.parametrize("name", ["bomb.zip", "bomb.tar.gz"])
def test_an_archive_of_zeros_is_refused_before_it_is_unpacked(tmp_path, monkeypatch, name):
    monkeypatch.setattr(packs, "RATIO_FROM", 8 << 20)
    if name.endswith("zip"):
        with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as archive:
            for i in range(4):
                archive.writestr(f"{i}.ttf", bytes(6 << 20))
        monkeypatch.setattr(zipfile.ZipFile, "open", lambda *args: pytest.fail("unpacked"))
    else:
        import io
        import tarfile

        with tarfile.open(tmp_path / name, "w:gz") as archive:
            for i in range(4):
                info = tarfile.TarInfo(f"{i}.ttf")
                info.size = 6 << 20
                archive.addfile(info, io.BytesIO(bytes(info.size)))
    with pytest.raises(InputError, match="unpacks to more than 100 times its size"):
        packs.add("fonts", str(tmp_path / name))
    assert list((tmp_path / "home/packs/fonts").iterdir()) == []


def test_members_that_would_take_a_packs_place_are_skipped(tmp_path):
    members = ("a/b.ttf", "pack.json/license.ttf", "a/b.ttf/c.ttf", "n" * 300 + ".ttf", "li\nne.ttf")
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for name in members:
            archive.writestr(name, LATO.read_bytes())
    pack = packs.add("fonts", str(tmp_path / "x.zip"))
    assert [file.path for file in pack.files] == ["a/b.ttf"]
    assert [name for name, _ in pack.skipped] == [
        "pack.json/license.ttf",
        "a/b.ttf/c.ttf",
        "n" * 300 + ".ttf",
        "li\\nne.ttf",
    ]


@POSIX
def test_what_a_killed_run_has_unpacked_goes_away_and_a_running_ones_stays(tmp_path):
    root = tmp_path / "home/packs/fonts"
    (root / ".adding-killed/new").mkdir(parents=True)
    (root / ".adding-killed/new/big.ttf").write_bytes(bytes(1000))
    with packs._scratch(root) as running:
        assert not (root / ".adding-killed").exists()
        packs.add("fonts", str(LATO))
        assert running.is_dir()
    assert [path.name for path in root.iterdir()] == ["Lato_900Black"]


# Processes


def _spin_in_c(pipe, parent):
    end_with(parent)
    pipe.send(os.getpid())
    import ctypes

    ctypes.PyDLL(None).pause()  # with Python's lock: no thread of this process runs any more


def _start_and_wait(pipe):
    context = multiprocessing.get_context("spawn")
    context.Process(target=_spin_in_c, args=(pipe, this_process())).start()
    time.sleep(60)


def gone(pid):
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or " Z " in stat.read_text()


@LINUX
def test_a_process_that_holds_pythons_lock_ends_with_its_parent():
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    parent = context.Process(target=_start_and_wait, args=(theirs,))
    parent.start()
    assert ours.poll(60)
    child = ours.recv()
    assert not gone(child)
    parent.kill()
    parent.join()
    until = time.monotonic() + 20
    while not gone(child) and time.monotonic() < until:
        time.sleep(0.05)
    assert gone(child)


@POSIX
def test_where_the_kernel_does_not_do_it_a_timer_ends_a_process_that_holds_the_lock():
    """The watching thread winds the timer up; one that cannot run does not."""
    code = (
        "import synthtext.core.child as child, re, os\n"
        "child.ALONE_S = 1.0\n"
        "child.end_with(child.Parent(os.getppid(), False))\n"
        "import time; time.sleep(1.0)\n"
        "sum(range(10**7))\n"
        "print('alive', flush=True)\n"
        "re.match(r'(a+)+$', 'a' * 60 + 'b')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=False)
    assert done.stdout == "alive\n"
    assert done.returncode == -signal.SIGPROF


def test_a_worker_that_hangs_is_named_with_its_font():
    from synthtext.runtime.workers import Failure, Workers

    told: list[str] = []
    workers = Workers(1, Hanging(), encode, tell=told.append, patience_s=0.5)
    try:
        replies = list(workers.replies(0, 8, 8))
    finally:
        workers.close()
    assert isinstance(replies[0].failure, Failure)
    assert replies[0].failure.index == 3
    assert "has hung for" in told[0]
    assert "at sample 3 of 0 to 7, with the font mine/slow.ttf (family Slow); these are made again" in told[0]
    assert "with the font mine/slow.ttf (family Slow), where 3 workers have died now" in replies[0].failure.message
    assert "leave it out by fonts.exclude" in replies[0].failure.message


class Face:
    id, family = "mine/slow.ttf", "Slow"


class Store:
    watch = None


class Hanging:
    """A source whose sample 3 never comes."""

    def __init__(self):
        self.store = Store()

    def __getitem__(self, index):
        self.store.watch(Face)
        if index == 3:
            time.sleep(600)
        return Made(index)


class Made:
    image = np.zeros((8, 8, 3), np.uint8)

    def __init__(self, index):
        self.index = index


def encode(sample):
    from synthtext.formats.base import Item

    return Item(sample.index, "", b"", b"")


# Spoilt bytes


def test_spoilt_fonts_and_pictures_are_named_and_the_others_make_samples(tmp_path, caplog):
    honest = sorted(path for path in FONTS.rglob("*") if path.suffix in (".ttf", ".otf"))
    made = {"fonts": list(hostile.fonts(honest, 41)), "pictures": list(hostile.pictures(49))}
    for kind, contents in made.items():
        (tmp_path / kind).mkdir()
        for name, data in contents:
            (tmp_path / kind / name).write_bytes(data)
    with caplog.at_level(logging.WARNING):
        faces = load_catalogue(FontConfig(starter=False, folders=(str(tmp_path / "fonts"),))).faces
        library = load_library(
            BackgroundConfig(kinds={"photo": 1.0}, starter=False, folders=(str(tmp_path / "pictures"),))
        )
        generator = Generator(
            "words",
            0,
            [
                "fonts.starter=false",
                f"fonts.folders=['{tmp_path}/fonts']",
                "text.charset='@digits'",
                "text.sources={random: 1}",
                "paint.background.starter=false",
                f"paint.background.folders=['{tmp_path}/pictures']",
                "paint.background.kinds={photo: 1}",
            ],
        )
    used = {face.id.split("/")[1].split("#")[0] for face in faces}
    named = {name for name, _ in made["fonts"] if f"{name} " in caplog.text and "left out" in caplog.text}
    assert used | named == {name for name, _ in made["fonts"]}
    assert {"same_contours.ttf", "scribble.ttf", "tiles.ttf", "lattice.ttf"} <= named - used
    kept = {name.split("/")[1] for name in library.names}
    assert kept | {Path(path).name for path, _ in library.skipped} == {name for name, _ in made["pictures"]}
    assert {"vast.png", "vaster.png", "nothing.jpg", "zeros.png", "page.png", "bmp_least.bmp", "loop.tif"}.isdisjoint(
        kept
    )
    assert {"grey.jpg", "sixteen_bits.png", "transparent.png", "cmyk.jpg", "bmp_upside.bmp"} <= kept
    for name in library.names:
        library.photo(name)
    for index in range(60):
        assert generator[index].image.size
