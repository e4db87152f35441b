"""An edited file is another file: for what is kept in memory, for digests, and for a data set that is gone on with."""

import os
import shutil
from pathlib import Path

import pytest

from synthtext import cli
from synthtext.core import assets, contents
from synthtext.core.contents import digests_of, file_key, kept_by_file
from synthtext.core.errors import InputError
from synthtext.generator import Generator
from synthtext.paint.paint_config import BackgroundConfig
from synthtext.paint.photographs import load_library
from synthtext.typeset.catalogue import load_catalogue
from synthtext.typeset.font_config import FontConfig

OLD = 10**18  # a time of change long ago, so that what is kept is really kept


def write(path, content, mtime_ns=OLD):
    path.write_bytes(content)
    os.utime(path, ns=(mtime_ns, mtime_ns))


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SYNTHTEXT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_what_is_kept_goes_with_the_file(tmp_path):
    calls = []

    @kept_by_file(4)
    def load(path):
        calls.append(path)
        return Path(path).read_bytes()

    path = tmp_path / "a.txt"
    write(path, b"one")
    assert [load(str(path)), load(str(path))] == [b"one", b"one"]
    assert len(calls) == 1
    write(path, b"three")  # another size, the same time
    assert load(str(path)) == b"three"
    write(path, b"other", OLD + 1)  # the same size, another time
    assert load(str(path)) == b"other"
    write(path, b"OTHER", OLD + 1)  # the same size and the same time, set back
    assert load(str(path)) == b"OTHER"
    assert len(calls) == 4
    link = tmp_path / "link.txt"
    link.symlink_to(path)
    assert load(str(link)) == b"OTHER"
    write(path, b"fresh", file_key(path).mtime_ns + 1)
    os.utime(path)
    load(str(path))
    load(str(path))
    assert len(calls) == 7  # changed a moment ago: not kept, since the clock may not tell the next change
    with pytest.raises(FileNotFoundError):
        load(str(tmp_path / "none"))


def test_an_edited_text_file_gives_the_new_text_in_the_same_process(tmp_path):
    path = tmp_path / "words.txt"
    for content in ("first", "other"):  # of one length
        path.write_text(f"{content}\n")
        generator = Generator("clean", 0, [f"text.files=[{path}]", "text.sources={file: 1}"])
        assert generator[0].text == content


def test_digests_are_of_contents_and_are_kept_on_disk(tmp_path, cache, monkeypatch):
    one, two = tmp_path / "one", tmp_path / "two"
    write(one, b"abc")
    write(two, b"")
    want = {
        str(one): "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",  # FIPS 180-2, B.1
        str(two): "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    }
    assert digests_of([one, two, one]) == want
    assert digests_of([]) == {}
    with monkeypatch.context() as patch:
        patch.setattr(contents, "_sha256", lambda path: pytest.fail("was read again"))
        assert digests_of([two, one]) == want
    write(one, b"abd", OLD + 1)
    assert digests_of([one])[str(one)] != want[str(one)]
    for file in cache.iterdir():
        file.write_bytes(b"\x00nonsense")
    assert digests_of([two]) == {str(two): want[str(two)]}
    with pytest.raises(InputError, match="none: cannot be read: No such file"):
        digests_of([one, tmp_path / "none"])


def fonts(folder):
    return load_catalogue(FontConfig(starter=False, folders=(str(folder),))).digest


def test_a_fonts_bytes_and_its_manifest_are_in_the_digest(tmp_path):
    folder = tmp_path / "fonts"
    folder.mkdir()
    starter = sorted(assets.folder("fonts").rglob("*.ttf"))
    path = folder / "a.ttf"
    write(path, starter[0].read_bytes())
    before = fonts(folder)
    assert fonts(folder) == before
    # One coordinate of an outline: what the font covers and how large it is stay as they are.
    from fontTools.ttLib import TTFont

    font = TTFont(path)
    glyph = font["glyf"][font.getBestCmap()[ord("a")]]
    x, y = glyph.coordinates[0]
    glyph.coordinates[0] = (x + 7, y)
    font.save(path)
    os.utime(path, ns=(OLD, OLD + 1))
    outlines = fonts(folder)
    assert outlines != before
    for tags in ("serif", "script"):
        (folder / "manifest.tsv").write_text(f"path\tfamily\ttags\na.ttf\tMine\t{tags}\n")
        tagged = fonts(folder)
        assert tagged not in (before, outlines)
        before = tagged
    (folder / "manifest.tsv").write_text("path\tfamily\ttags\na.ttf\tOther\tscript\n")
    assert fonts(folder) != before
    # The same files elsewhere are the same fonts.
    shutil.copytree(folder, tmp_path / "elsewhere" / "fonts")
    assert fonts(tmp_path / "elsewhere" / "fonts") == fonts(folder)


def test_a_photographs_pixels_are_in_the_digest(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    data = bytearray(next(iter(sorted(assets.folder("backgrounds").rglob("*.jpg")))).read_bytes())
    write(folder / "a.jpg", bytes(data))

    def digest():
        return load_library(BackgroundConfig(starter=False, folders=(str(folder),), kinds={"photo": 1})).digest

    before = digest()
    assert digest() == before
    data[len(data) // 2] ^= 1
    write(folder / "a.jpg", bytes(data), OLD + 1)  # as many bytes
    assert digest() != before


def test_going_on_with_another_photograph_is_refused(tmp_path, capsys):
    folder = tmp_path / "photos"
    folder.mkdir()
    pictures = sorted(assets.folder("backgrounds").rglob("*.jpg"))
    shutil.copyfile(pictures[0], folder / "a.jpg")
    argv = ["generate", "clean", "-o", str(tmp_path / "d"), "--workers", "1"]
    argv += ["--set", f"paint.background={{kinds: {{photo: 1}}, starter: false, folders: ['{folder}']}}"]
    assert cli.main([*argv, "-n", "2"]) == 0
    assert cli.main([*argv, "-n", "3", "--resume"]) == 0
    shutil.copyfile(pictures[1], folder / "a.jpg")
    capsys.readouterr()
    assert cli.main([*argv, "-n", "4", "--resume"]) == 2
    assert "made with other fonts, backgrounds or texts" in capsys.readouterr().err
