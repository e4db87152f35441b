"""What bad input gets: one clear sentence and exit status 2, no traceback, nothing lost.

A row: the command line, and what its sentence must say. `{x}` in either stands for the path of `x` in a folder that
holds what `make_files` puts there. More rows are welcome.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import fake_generator
import pytest

from synthtext import cli
from synthtext.core import assets
from synthtext.dataset import generate

GENERATE = ["generate", "clean", "-o", "{new}", "-n", "4"]
PREVIEW = ["preview", "clean", "-o", "{sheet.png}", "-n", "4"]


def make_files(root: Path) -> None:
    """The folder's contents, good and bad."""

    def write(name: str, content: bytes) -> None:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)

    write("broken.yaml", b"image: {height: 32\ntext: [")
    write("latin1.yaml", "text: {charset: äöü}".encode("latin-1"))
    write("list.yaml", b"- image\n- text\n")
    write("circle.yaml", b"extends: circle.yaml\n")
    write("child.yaml", b"extends: nobody\n")
    write("typo.yaml", b"extends: clean\nimage: {heigth: 32}\n")
    write("section.yaml", b"image: 32\n")
    write("empty.txt", b"\n  \n")
    write("latin1.txt", "Grüße\n".encode("latin-1"))
    write("control.txt", b"\x07\n")
    write("long.txt", b"supercalifragilisticexpialidocious " * 3 + b"\n")
    write("no_fonts/readme.txt", b"no fonts here")
    write("bad_font/broken.ttf", b"\x00\x01\x00\x00" + b"not a font" * 20)
    write("bad_photo/broken.jpg", b"\xff\xd8\xff\xe0 no picture")
    write("no_photos/readme.txt", b"no photographs here")
    write("other/thesis.tex", b"mine")
    write("folder.png/picture", b"mine")
    write("strange/dataset.json", b'{"format": "of another program"}')
    write("halved/dataset.json", b'{"format": "fol')
    write("file", b"no folder")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generate, "_make_generator", fake_generator.FakeGenerator)
        assert cli.main(["generate", "clean", "-o", str(root / "data"), "-n", "6", "--workers", "1"]) == 0
    (root / "mixed").mkdir()
    for name in ("dataset.json", "labels.tsv"):
        write(f"mixed/{name}", (root / "data" / name).read_bytes())
    write("mixed/notes.txt", b"mine")


def with_set(*values: str) -> list[str]:
    return [*GENERATE, *(part for value in values for part in ("--set", value))]


COMMAND_LINE = [
    ([], "the following arguments are required: COMMAND"),
    (["generat", "words"], "invalid choice: 'generat'"),
    (["generate", "words"], "the following arguments are required: -o/--out, -n"),
    (["generate", "clean", "-o", "{new}", "-n", "ten"], "argument -n: invalid int value: 'ten'"),
    (["generate", "clean", "-o", "{new}", "-n", "0"], "-n 0: ask for 1 sample or more"),
    (["generate", "clean", "-o", "{new}", "-n", "-5"], "-n -5: ask for 1 sample or more"),
    ([*GENERATE, "--start", "-1"], "--start -1: indices begin at 0"),
    ([*GENERATE, "--start", "9223372036854775807"], "the last index would be above 2**63 - 1"),
    ([*GENERATE, "--seed", "-3"], "--seed -3: give a number from 0 to 2**64 - 1"),
    ([*GENERATE, "--seed", "1.5"], "argument --seed: invalid int value: '1.5'"),
    ([*GENERATE, "--workers", "0"], "--workers 0: give a number from 1 to 4096"),
    ([*GENERATE, "--format", "tfrecord"], "--format tfrecord: unknown; the formats are folder, coco, icdar, lmdb"),
    ([*GENERATE, "--image-format", "gif"], "--image-format gif: unknown; write jpg or png"),
    ([*GENERATE, "--quality", "0"], "--quality 0: give a number from 1 to 100"),
    ([*GENERATE, "--resume", "--overwrite"], "--resume and --overwrite exclude each other"),
    ([*GENERATE, "--res"], "unrecognized arguments: --res"),
    ([*PREVIEW, "-n", "0"], "-n 0: ask for 1 sample or more"),
    ([*PREVIEW, "-o", "{sheet.gif}"], "sheet.gif: end the name in .png for a contact sheet or .html for a page"),
    ([*PREVIEW, "-o", "{nowhere/sheet.png}"], "the folder {nowhere} does not exist; make it first"),
    ([*PREVIEW, "-o", "{folder.png}"], "{folder.png}: cannot be written"),
    ([*PREVIEW, "--columns", "0"], "--columns 0: give 1 or more"),
    ([*PREVIEW, "--zoom", "nan"], "--zoom nan: give a number from 0.05 to 50"),
    ([*PREVIEW, "--zoom", "1000"], "--zoom 1000: give a number from 0.05 to 50"),
    ([*PREVIEW, "--seed", "-1"], "--seed -1: give a number"),
    (["fonts"], "the following arguments are required: ACTION"),
    (["fonts", "check", " "], "fonts check: the text is empty"),
    (["fonts", "list", "--folder", "{nowhere}"], "nowhere' does not exist"),
    (["bench", "clean", "-n", "1"], "-n 1: measure 8 samples or more"),
]

FOLDERS = [
    (
        ["generate", "clean", "-o", "{data}", "-n", "6"],
        "{data}: holds a data set already (seed 0, 6 samples, complete)",
    ),
    (["generate", "clean", "-o", "{data}", "-n", "6", "--resume", "--seed", "9"], "with seed 0, and 9 is asked for"),
    (
        ["generate", "clean", "-o", "{data}", "-n", "6", "--resume", "--set", "image.height=64"],
        "another configuration (image.height: 32 there, 64 now)",
    ),
    (["generate", "words", "-o", "{data}", "-n", "6", "--resume"], "holds a data set of another configuration"),
    (["generate", "clean", "-o", "{data}", "-n", "6", "--resume", "--format", "lmdb"], "with format folder, and lmdb"),
    (["generate", "clean", "-o", "{data}", "-n", "3", "--resume"], "holds 6 samples already, more than the 3"),
    (["generate", "clean", "-o", "{other}", "-n", "6"], "{other}: holds other files (thesis.tex) and no data set"),
    (["generate", "clean", "-o", "{other}", "-n", "6", "--overwrite"], "holds other files (thesis.tex)"),
    (["generate", "clean", "-o", "{other}", "-n", "6", "--resume"], "holds other files (thesis.tex)"),
    (
        ["generate", "clean", "-o", "{mixed}", "-n", "6", "--overwrite"],
        "it holds notes.txt, which is not deleted with it",
    ),
    (["generate", "clean", "-o", "{strange}", "-n", "6", "--overwrite"], "dataset.json: is not the manifest"),
    (["generate", "clean", "-o", "{halved}", "-n", "6", "--resume"], "dataset.json: is not the manifest"),
    (["generate", "clean", "-o", "{file}", "-n", "6"], "{file}: is a file; name a folder"),
    (["generate", "clean", "-o", "{file/below}", "-n", "6"], "{file/below}: cannot be written: Not a directory"),
    (["generate", "clean", "-o", "/proc/synthtext", "-n", "6"], "/proc/synthtext: cannot be written"),
]

CONFIG = [
    (["generate", "wods", "-o", "{new}", "-n", "4"], "unknown preset 'wods': did you mean 'words'?"),
    (["generate", "{nowhere.yaml}", "-o", "{new}", "-n", "4"], "nowhere.yaml' does not exist"),
    (["generate", "{broken.yaml}", "-o", "{new}", "-n", "4"], "broken.yaml: is not valid YAML"),
    (["generate", "{latin1.yaml}", "-o", "{new}", "-n", "4"], "latin1.yaml: is not UTF-8 (byte 16)"),
    (["generate", "{list.yaml}", "-o", "{new}", "-n", "4"], "list.yaml: holds a list, where a mapping"),
    (["generate", "{circle.yaml}", "-o", "{new}", "-n", "4"], "circle.yaml: 'extends' goes in a circle"),
    (["generate", "{child.yaml}", "-o", "{new}", "-n", "4"], "unknown preset 'nobody'"),
    (["generate", "{typo.yaml}", "-o", "{new}", "-n", "4"], "unknown key 'image.heigth': did you mean 'image.height'?"),
    (["generate", "{section.yaml}", "-o", "{new}", "-n", "4"], "image must be a mapping"),
    (with_set("image.height"), "write it as key.subkey=value"),
    (with_set("image.height=4"), "image.height: 4 lies outside [8, 4096]; write a whole number from 8 to 4096"),
    (
        with_set("image.height=-4"),
        "--set image.height=-4: image.height: -4 lies outside [8, 4096]; write a whole number",
    ),
    (
        with_set("image.channels=gray"),
        "--set image.channels=gray: image.channels: 'gray' is unknown; did you mean 'grey'? the choices are rgb, grey",
    ),
    (with_set("image.fit=padd"), "did you mean 'pad'? the choices are stretch, pad, natural"),
    (
        with_set("degrade.read_noise={share: 1, strength: [1e-3, 1e7]}"),
        "degrade.read_noise.strength: 10000000 lies outside [0, 1]; write two numbers from 0 to 1",
    ),
    (with_set("paint.background.scale=[1, .inf]"), "paint.background.scale: [1, inf] is not finite; write two numbers"),
    (with_set("image.margin=[0.5, 0.1]"), "image.margin: the range [0.5, 0.1] is reversed; write [0.1, 0.5]"),
    (with_set("warp.tilt.strength=[40, 5]"), "warp.tilt.strength: the range [40, 5] is reversed; write [5, 40]"),
    (with_set("text.length=[9, 2]"), "text.length: the range [9, 2] is reversed; write [2, 9]"),
    (with_set("text.sources={wrod: 1}"), "'wrod' is unknown; did you mean 'word'?"),
    (with_set("text.languages=[]"), "languages: is empty"),
    (with_set("text.charset='@letters+digts'"), "'digts' is not a named set; did you mean 'digits'?"),
    ([*PREVIEW, "--set", "zzz=1"], "unknown key 'zzz'"),
]

RESOURCES = [
    (with_set("text.languages=[klingon]"), "klingon"),
    (with_set("text={sources: {file: 1}}"), "sources: `file` has a weight but `files` is empty"),
    (with_set("text={files: ['{nowhere.txt}'], sources: {file: 1}}"), "{nowhere.txt}: there is no such file"),
    (
        with_set("text={files: ['{empty.txt}'], sources: {file: 1}}"),
        "{empty.txt}: holds no text; write one text a line",
    ),
    (with_set("text={files: ['{latin1.txt}'], sources: {file: 1}}"), "{latin1.txt}: line 1 is not UTF-8"),
    (
        with_set("text={files: ['{control.txt}'], sources: {file: 1}}"),
        "{control.txt}: holds nothing that is drawn in line 1",
    ),
    (with_set("text={files: ['{no_fonts}'], sources: {file: 1}}"), "{no_fonts}: cannot be read"),
    (
        with_set("text={files: ['{long.txt}'], sources: {file: 1}, length: [1, 200], strict: true}", "image.width=64"),
        "is too long",
    ),
    (with_set("fonts.folders=['{nowhere}']"), "fonts.folders: '{nowhere}' does not exist"),
    (with_set("fonts.folders=['{no_fonts}']"), "fonts.folders: '{no_fonts}' holds no usable font"),
    (with_set("fonts.folders=['{bad_font}']"), "fonts.folders: '{bad_font}' holds no usable font"),
    (["fonts", "check", "A", "--folder", "{bad_font}"], "'{bad_font}' holds no usable font"),
    (with_set("fonts.families=[Comix]"), "no font of the family 'Comix' is there"),
    (with_set("fonts={starter: false}"), "folders: is empty and `starter` is false"),
    (with_set("paint.background={kinds: {photo: 1}, folders: ['{nowhere}']}"), "{nowhere}"),
    (with_set("paint.background={kinds: {photo: 1}, starter: false, folders: ['{no_photos}']}"), "{no_photos}"),
    (with_set("paint.background={kinds: {photo: 1}, starter: false, folders: ['{bad_photo}']}"), "{bad_photo}"),
]


def snapshot(folder):
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        for path in sorted(folder.rglob("*"))
        if path.relative_to(folder).parts[0] != "new"
    }


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    root = tmp_path_factory.mktemp("bad")
    make_files(root)
    return root


def filled(text, root):
    """`{x}` replaced by the path of x; other braces, as YAML has them, stay."""
    return re.sub(r"\{([\w.]+(?:/[\w.]*)*)\}", lambda match: os.path.join(root, match.group(1)), text)


def check(argv, message, root, capsys):
    before = snapshot(root)
    status = cli.main([filled(part, root) for part in argv])
    told = capsys.readouterr()
    lines = told.err.splitlines()
    assert status == 2, told
    assert not told.out
    assert lines[-1].startswith("synthtext: error: ")
    assert filled(message, root) in lines[-1]
    assert "Traceback" not in told.err
    assert snapshot(root) == before
    shutil.rmtree(root / "new", ignore_errors=True)  # which a run that fails at a sample has begun
    return lines


def name(row):
    return " ".join(row) if isinstance(row, list) else ""


@pytest.mark.parametrize(("argv", "message"), [*COMMAND_LINE, *CONFIG, *FOLDERS], ids=name)
def test_bad_input_gets_one_clear_sentence(argv, message, place, capsys, monkeypatch):
    monkeypatch.setattr(generate, "_make_generator", fake_generator.FakeGenerator)
    assert len(check(argv, message, place, capsys)) == 1


@pytest.mark.parametrize(("argv", "message"), RESOURCES, ids=name)
def test_bad_resources_get_one_clear_sentence(argv, message, place, capsys):
    """Of fonts, images and texts, by the real engine; files that are skipped are named on lines of their own."""
    check(argv, message, place, capsys)


def test_the_table_is_long_enough():
    assert len([*COMMAND_LINE, *CONFIG, *FOLDERS, *RESOURCES]) >= 30


def test_bad_files_beside_good_ones_are_named_and_skipped(place, tmp_path):
    """A broken font and a broken photograph among good ones cost a line each, and no sample."""
    fonts, photos = tmp_path / "fonts", tmp_path / "photos"
    fonts.mkdir()
    photos.mkdir()
    good = next(path for path in sorted(assets.folder("fonts").rglob("*.ttf")))
    (fonts / "good.ttf").write_bytes(good.read_bytes())
    (fonts / "broken.ttf").write_bytes((place / "bad_font" / "broken.ttf").read_bytes())
    picture = next(path for path in sorted(assets.folder("backgrounds").rglob("*.jpg")))
    (photos / "good.jpg").write_bytes(picture.read_bytes())
    (photos / "broken.jpg").write_bytes((place / "bad_photo" / "broken.jpg").read_bytes())
    argv = ["generate", "clean", "-n", "20", "-o", str(tmp_path / "d"), "--workers", "1"]
    argv += ["--set", f"fonts={{starter: false, folders: ['{fonts}']}}"]
    argv += ["--set", f"paint.background={{kinds: {{photo: 1}}, starter: false, folders: ['{photos}']}}"]
    env = os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)}
    done = subprocess.run(
        [sys.executable, "-m", "synthtext", *argv], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    told = done.stderr
    assert sum("broken.ttf" in line for line in told.splitlines()) == 1
    assert sum("broken.jpg" in line for line in told.splitlines()) == 1


@pytest.mark.parametrize(
    ("setting", "key"),
    [
        ("text.languages=[xx]", "text.languages: 'xx' is not a language that is known"),
        ("fonts.folders=[/nowhere]", "fonts.folders: '/nowhere' does not exist"),
        ("fonts.families=[Nonsense]", "fonts.families: no font"),
        ("paint.background.folders=[/nowhere]", "paint.background.folders: '/nowhere' does not exist"),
    ],
)
def test_what_only_the_resources_show_names_the_setting(setting, key, tmp_path, capsys):
    assert cli.main(["generate", "clean", "-o", str(tmp_path / "new"), "-n", "4", "--set", setting]) == 2
    assert f"error: --set {setting}: {key}" in capsys.readouterr().err
    name, _, value = setting.partition("=")
    section, _, rest = name.partition(".")
    for part in reversed(rest.split(".")):
        value = f"{{{part}: {value}}}"
    (tmp_path / "own.yaml").write_text(f"extends: clean\n{section}: {value}\n")
    assert cli.main(["generate", str(tmp_path / "own.yaml"), "-o", str(tmp_path / "new"), "-n", "4"]) == 2
    assert f"error: {tmp_path / 'own.yaml'}: {key}" in capsys.readouterr().err
