"""Packs and the probe: hostile files take down a probe process, and nothing else."""

import ctypes
import hashlib
import io
import json
import multiprocessing
import os
import shutil
import struct
import tarfile
import time
import zipfile
import zlib

import cv2
import numpy as np
import pytest

from synthtext import cli
from synthtext.core import assets
from synthtext.core import file_index as index
from synthtext.core.errors import InputError
from synthtext.core.isolated import Trouble, probe
from synthtext.generator import Generator
from synthtext.paint import photographs
from synthtext.paint.paint_config import BackgroundConfig
from synthtext.paint.photographs import load_library
from synthtext.tools import packs
from synthtext.typeset import catalogue, fontfiles
from synthtext.typeset.font_config import FontConfig

FONTS = assets.folder("fonts")
ROBOTO = next(FONTS.glob("roboto/*.ttf"))
LORA = next(FONTS.glob("lora/*.ttf"))


@pytest.fixture(autouse=True)
def _own_home(tmp_path, monkeypatch):
    # A forked probe has what is patched here, also where a library of another test has started a thread.
    if "fork" in multiprocessing.get_all_start_methods():
        monkeypatch.setattr("synthtext.core.isolated._method", lambda: "fork")
    monkeypatch.setenv("SYNTHTEXT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SYNTHTEXT_CACHE", str(tmp_path / "cache"))


# The probe


def behave(item):
    if item == "crash":
        ctypes.string_at(0)
    if item == "abort":
        os.abort()
    if item == "exit":
        os._exit(3)
    if item == "hang":
        time.sleep(60)
    if item == "spin":
        while True:
            pass
    if item == "eat":
        return len(bytearray(4 << 30))
    if item == "raise":
        raise ValueError("no font")
    return item.upper()


def test_what_harms_its_reader_is_a_finding_and_the_rest_is_read():
    items = ["a", "crash", "b", "abort", "exit", "spin", "eat", "raise", "c"]
    replies = list(probe(behave, items, seconds=lambda item: 1.0, memory_mb=512))
    assert [reply for reply in replies if isinstance(reply, str)] == ["A", "B", "C"]
    said = {item: reply.reason for item, reply in zip(items, replies, strict=True) if isinstance(reply, Trouble)}
    assert said == {
        "crash": "crashes its parser (SIGSEGV)",
        "abort": "crashes its parser (SIGABRT)",
        "exit": "ends its parser (exit status 3)",
        "spin": "takes its parser more than 1 s of processor time",
        "eat": "needs more than 512 MB of memory to be read",
        "raise": "cannot be read (ValueError: no font)",
    }


def test_what_waits_and_does_nothing_ends_by_the_clock():
    assert list(probe(behave, ["hang", "a"], patience_s=1.0)) == [Trouble("takes its parser more than 1 s", True), "A"]


def test_no_process_is_left_behind():
    answers = probe(behave, ["a", "b", "c"])
    assert next(answers) == "A"
    answers.close()
    assert multiprocessing.active_children() == []


# Fonts in a user's folder


def hostile(monkeypatch, *names):
    """From now on, files of these names crash the parser of fonts."""
    real = fontfiles._read_font

    def read(data, path):
        if path.name in names:
            ctypes.string_at(0)
        return real(data, path)

    monkeypatch.setattr(fontfiles, "_read_font", read)


def test_a_font_that_crashes_its_parser_is_left_out_and_not_read_again(tmp_path, monkeypatch, caplog):
    folder = tmp_path / "mine"
    folder.mkdir()
    shutil.copy(ROBOTO, folder / "good.ttf")
    shutil.copy(LORA, folder / "evil.ttf")
    hostile(monkeypatch, "evil.ttf")
    config = FontConfig(starter=False, folders=(str(folder),))
    fontfiles._named.clear()
    assert [face.id for face in catalogue.load_catalogue(config).faces] == ["mine/good.ttf"]
    assert "evil.ttf crashes its parser (SIGSEGV); it is left out" in caplog.text
    read = []
    monkeypatch.setattr(index, "probe", lambda function, paths, **bounds: iter(read.extend(paths) or []))
    assert [face.id for face in catalogue.load_catalogue(config).faces] == ["mine/good.ttf"]
    assert read == []  # the index says it


# Adding fonts


def test_a_folder_of_fonts_becomes_a_pack(tmp_path, monkeypatch, capsys):
    source = tmp_path / "My fonts"
    (source / "sub").mkdir(parents=True)
    shutil.copy(ROBOTO, source / "Roboto-Bold.ttf")
    shutil.copy(ROBOTO, source / "sub/again.ttf")
    shutil.copy(LORA, source / "sub/Lora.ttf")
    shutil.copy(LORA, source / "evil.ttf")
    (source / "broken.ttf").write_bytes(LORA.read_bytes()[:5000])
    (source / "web.woff2").write_bytes(b"wOF2")
    (source / "OFL.txt").write_text("the licence", encoding="utf-8")
    (source / "notes.txt").write_text("not taken", encoding="utf-8")
    hostile(monkeypatch, "evil.ttf")
    assert cli.main(["fonts", "add", str(source)]) == 0
    shown = capsys.readouterr().out
    assert "skipped evil.ttf: crashes its parser (SIGSEGV)" in shown
    assert "skipped sub/again.ttf: is the same as Roboto-Bold.ttf" in shown
    assert "pack:My-fonts  2 fonts of 2 families" in shown
    assert "fonts.folders=[pack:My-fonts]" in shown
    pack = packs.installed("fonts")[0]
    assert {name for name, _ in pack.skipped} == {"evil.ttf", "sub/again.ttf", "broken.ttf", "web.woff2"}
    assert pack.licences == ("OFL.txt",)
    folder = assets.pack_folder("My-fonts", "fonts")
    assert sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()) == [
        "OFL.txt",
        "Roboto-Bold.ttf",
        "manifest.tsv",
        "pack.json",
        "sub/Lora.ttf",
    ]
    monkeypatch.setattr(fontfiles, "_read_font", None)  # what was read once is not read again
    faces = catalogue.load_catalogue(FontConfig(starter=False, folders=("pack:My-fonts",))).faces
    assert [face.id for face in faces] == ["My-fonts/Roboto-Bold.ttf", "My-fonts/sub/Lora.ttf"]
    assert faces[0].tags == ("user", "bold")
    assert faces[0].covers(ord("ß"))
    assert pack.files[0].licence
    assert pack.files[0].characters > 200


def test_a_pack_makes_samples_and_counts_in_the_digest(tmp_path):
    packs.add("fonts", str(ROBOTO), "one")
    packs.add("fonts", str(LORA), "two", style="serif")
    one, two, both = (
        Generator("clean", 0, [f"fonts.folders={folders}", "fonts.starter=false"])
        for folders in ("[pack:one]", "[pack:two]", "[pack:one, pack:two]")
    )
    assert one.draw(0).font.face.startswith("one/")
    assert two[0].image.any()
    assert len({g.digest for g in (one, two, both)}) == 3
    assert both.catalogue.faces[1].style == "serif"


def test_names_are_kept_apart_replaced_and_removed(tmp_path, capsys):
    packs.add("fonts", str(ROBOTO), "mine")
    with pytest.raises(InputError, match="is there already"):
        packs.add("fonts", str(LORA), "mine")
    assert packs.add("fonts", str(LORA), "mine", replace=True).files[0].families == ("Lora",)
    assert [pack.files[0].families for pack in packs.installed("fonts")] == [("Lora",)]
    assert cli.main(["fonts", "packs"]) == 0
    assert "pack:mine  1 fonts of 1 families" in capsys.readouterr().out
    assert cli.main(["fonts", "remove", "mine"]) == 0
    assert packs.installed("fonts") == []
    assert cli.main(["fonts", "remove", "mine"]) == 2
    assert cli.main(["fonts", "remove", "../../x"]) == 2
    with pytest.raises(InputError, match="no such pack of fonts"):
        catalogue.load_catalogue(FontConfig(folders=("pack:mine",)))
    left = [path.name for path in (tmp_path / "home/packs/fonts").iterdir()]
    assert left == []


def make_zip(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)


def make_tar(path, members, mode="w:gz"):
    with tarfile.open(path, mode) as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))


def make_deb(path, members):
    make_tar(path.with_suffix(".tmp"), members, "w:xz")
    data = path.with_suffix(".tmp").read_bytes()

    def member(name, content):
        header = f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(content):<10}`\n".encode()
        return header + content + b"\n" * (len(content) % 2)

    path.write_bytes(b"!<arch>\n" + member("debian-binary", b"2.0\n") + member("data.tar.xz", data))


@pytest.mark.parametrize(
    ("name", "make", "pack"),
    [
        ("my.zip", make_zip, "my"),
        ("my_fonts.tar.gz", make_tar, "my_fonts"),
        ("package.tgz", make_tar, "package"),
        ("fonts-x_1.0-2_all.deb", make_deb, "fonts-x"),
    ],
)
def test_archives_are_unpacked_within_bounds(tmp_path, name, make, pack):
    members = [
        ("./usr/share/fonts/Roboto.ttf", ROBOTO.read_bytes()),
        ("../outside.ttf", LORA.read_bytes()),
        ("/absolute.ttf", LORA.read_bytes()),
        ("__MACOSX/._Roboto.ttf", b"x"),
        ("usr/share/doc/copyright", b"free"),
    ]
    make(tmp_path / name, members)
    made = packs.add("fonts", str(tmp_path / name))
    assert made.name == pack
    assert [file.path for file in made.files] == ["usr/share/fonts/Roboto.ttf"]
    assert {name for name, _ in made.skipped} == {"../outside.ttf", "/absolute.ttf"}
    assert made.licences == ("usr/share/doc/copyright",)
    assert not (tmp_path / "home/packs/fonts/outside.ttf").exists()


def test_links_in_a_tar_are_not_followed(tmp_path):
    with tarfile.open(tmp_path / "x.tar", "w") as archive:
        link = tarfile.TarInfo("link.ttf")
        link.type, link.linkname = tarfile.SYMTYPE, str(LORA)
        archive.addfile(link)
    with pytest.raises(InputError, match="no font that can be used"):
        packs.add("fonts", str(tmp_path / "x.tar"))


@pytest.mark.parametrize(("name", "make"), [("bomb.zip", make_zip), ("bomb.tar.gz", make_tar)])
def test_bombs_are_stopped_before_they_are_unpacked(tmp_path, monkeypatch, name, make):
    monkeypatch.setattr(packs, "MAX_TOTAL", 50 << 20)
    make(tmp_path / name, [(f"{i}.ttf", bytes(20 << 20)) for i in range(4)])
    assert (tmp_path / name).stat().st_size < 200_000
    with pytest.raises(InputError, match="unpacks to more than"):
        packs.add("fonts", str(tmp_path / name))
    assert list((tmp_path / "home/packs/fonts").iterdir()) == []


def test_a_file_that_unpacks_to_too_much_is_skipped(tmp_path, monkeypatch):
    monkeypatch.setattr(packs, "MAX_FILE", 1 << 20)
    make_zip(tmp_path / "x.zip", [("big.ttf", bytes(2 << 20)), ("good.ttf", ROBOTO.read_bytes()[: 1 << 20])])
    if ROBOTO.stat().st_size > 1 << 20:
        pytest.skip("the font is larger than the bound")
    made = packs.add("fonts", str(tmp_path / "x.zip"))
    assert made.skipped == (("big.ttf", "has 2 MB, more than 1"),)


@pytest.mark.parametrize("name", ["cut.zip", "cut.tar.gz", "cut.deb"])
def test_damaged_archives_are_one_sentence(tmp_path, capsys, name):
    path = tmp_path / name
    {"cut.zip": make_zip, "cut.tar.gz": make_tar, "cut.deb": make_deb}[name](path, [("a.ttf", ROBOTO.read_bytes())])
    path.write_bytes(path.read_bytes()[:1000])
    assert cli.main(["fonts", "add", str(path)]) == 2
    message = capsys.readouterr().err
    assert name in message
    assert "Traceback" not in message


def test_a_package_of_npm_is_found_by_name(tmp_path, monkeypatch):
    package = tmp_path / "project/node_modules/@scope/font/files"
    package.mkdir(parents=True)
    shutil.copy(ROBOTO, package / "r.ttf")
    inside = tmp_path / "project/src"
    inside.mkdir()
    monkeypatch.chdir(inside)
    made = packs.add("fonts", "@scope/font")
    assert (made.name, made.files[0].path) == ("font", "files/r.ttf")


@pytest.mark.parametrize("source", ["no-such-package-anywhere", "/no/such/path", "../up"])
def test_a_source_that_is_not_there_is_one_sentence(capsys, source):
    assert cli.main(["fonts", "add", source]) == 2
    assert "no installed package" in capsys.readouterr().err


@pytest.mark.parametrize("more", [["--name", "a/b"], ["--name", ".x"], ["--style", "fancy"]])
def test_bad_names_and_styles_are_refused(capsys, more):
    assert cli.main(["fonts", "add", str(ROBOTO), *more]) == 2
    assert more[0] in capsys.readouterr().err


# Backgrounds


def png_header(width, height):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(99))) + chunk(b"IEND", b"")
    )


def test_photographs_become_a_pack_without_what_is_broken(tmp_path, monkeypatch, capsys):
    source = tmp_path / "walls"
    source.mkdir()
    image = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    cv2.imwrite(str(source / "good.jpg"), image)
    cv2.imwrite(str(source / "evil.png"), image[::-1])
    (source / "copy.jpg").write_bytes((source / "good.jpg").read_bytes())
    (source / "huge.png").write_bytes(png_header(50_000, 50_000))
    (source / "empty.png").write_bytes(b"")
    (source / "fake.jpg").write_bytes(b"\xff\xd8\xff\xe0 no picture \xff\xd9")
    real, evil = photographs._decode, (source / "evil.png").read_bytes()

    def decode(data, *size):
        if data == evil:
            ctypes.string_at(0)
        return real(data, *size)

    monkeypatch.setattr(photographs, "_decode", decode)
    assert cli.main(["backgrounds", "add", str(source)]) == 0
    pack = packs.installed("backgrounds")[0]
    # The copy comes first by name.
    assert [(file.path, file.width, file.height) for file in pack.files] == [("copy.jpg", 60, 40)]
    reasons = dict(pack.skipped)
    assert reasons.keys() == {"evil.png", "good.jpg", "huge.png", "empty.png", "fake.jpg"}
    assert reasons["evil.png"] == "crashes its parser (SIGSEGV)"
    assert "50000 x 50000" in reasons["huge.png"]
    library = load_library(BackgroundConfig(kinds={"photo": 1.0}, starter=False, folders=("pack:walls",)))
    assert library.names == ("walls/copy.jpg",)
    capsys.readouterr()
    assert cli.main(["backgrounds", "list", "--folder", "pack:walls"]) == 0
    shown = capsys.readouterr().out
    assert "walls/copy.jpg" in shown
    assert "pack:walls  1 pictures" in shown
    assert cli.main(["backgrounds", "remove", "walls"]) == 0
    with pytest.raises(InputError, match="no such pack of backgrounds"):
        load_library(BackgroundConfig(folders=("pack:walls",)))


def test_the_index_of_a_pack_is_plain_json(tmp_path):
    packs.add("fonts", str(ROBOTO), "mine")
    index = json.loads((assets.pack_folder("mine", "fonts") / "pack.json").read_text(encoding="utf-8"))
    assert index["files"][0]["sha256"] == hashlib.sha256(ROBOTO.read_bytes()).hexdigest()
    assert index["source"] == str(ROBOTO)
