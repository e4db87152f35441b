"""The starter set is what its manifest says, and a font is only ever said to cover what it truly draws."""

from __future__ import annotations

import csv
import hashlib
import logging
import os
import pickle
import shutil
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import freetype
import msgspec
import numpy as np
import pytest
import uharfbuzz as hb
from fontTools.ttLib import TTCollection, TTFont
from fontTools.ttLib.tables.DefaultTable import DefaultTable
from hypothesis import given
from hypothesis import strategies as st
from made_fonts import BOX, TOFU, build, letter
from PIL import Image

from synthtext.config import load_config
from synthtext.core import assets
from synthtext.core.errors import InputError
from synthtext.core.rng import Draws, Stage
from synthtext.typeset import catalogue as catalogue_module
from synthtext.typeset import charmap, fontfiles
from synthtext.typeset.catalogue import Catalogue, FontRecord, check_table, list_table, load_catalogue, variations
from synthtext.typeset.font_config import FONT_STYLES, FontConfig
from synthtext.typeset.shaping import draws_circle

FONTS = assets.folder("fonts")
ROWS = list(csv.DictReader((FONTS / "manifest.tsv").open(encoding="utf-8"), delimiter="\t", quoting=csv.QUOTE_NONE))
LATIN_1 = [chr(p) for p in (*range(0x21, 0x7F), *range(0xA1, 0x100))] + list("€№“”‘’–—…ŁłŒœŠšŽžΩДж")


@pytest.fixture(scope="module", autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The index is kept apart from the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SYNTHTEXT_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SYNTHTEXT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(autouse=True)
def _nothing_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fontfiles, "_named", set())


@pytest.fixture(scope="module")
def starter() -> Catalogue:
    return load_catalogue(FontConfig())


def user_fonts(*folders: Path | str, **more: object) -> Catalogue:
    return load_catalogue(FontConfig(starter=False, folders=tuple(map(str, folders)), **more))  # type: ignore[arg-type]


# The starter set and its manifest


def test_manifest_matches_the_files() -> None:
    for row in ROWS:
        path = FONTS / row["path"]
        assert hashlib.sha256(path.read_bytes()).hexdigest() == row["sha256"], row["path"]
        assert all(row.values()), row
        licence = (path.parent / "LICENSE.txt").read_text(encoding="utf-8")
        said = {
            "OFL-1.1": "OPEN FONT LICENSE",
            "Apache-2.0": "APACHE",
            "MIT": "WITHOUT RESTRICTION",
            "Unlicense": "PUBLIC DOMAIN",
            "public-domain": "PUBLIC DOMAIN",
        }[row["licence"]]
        assert said in " ".join(licence.upper().split()), row["path"]
        tags = row["tags"].split(",")
        assert tags[0] in FONT_STYLES
        assert row["source"].startswith(("Debian fonts-", "npm @expo-google-fonts/"))
    assert [row["path"] for row in ROWS] == sorted({row["path"] for row in ROWS})


def test_no_file_is_unlisted() -> None:
    files = {path.relative_to(FONTS).as_posix() for path in FONTS.rglob("*") if path.is_file()}
    listed = {row["path"] for row in ROWS}
    licences = {f"{path.split('/')[0]}/LICENSE.txt" for path in listed}
    assert files == listed | licences | {"manifest.tsv", "README.md"}
    assert sum((FONTS / name).stat().st_size for name in files) < 30_000_000


def test_the_set_is_broad(starter: Catalogue) -> None:
    assert len(starter.faces) == len(ROWS) >= 100
    assert len({face.family for face in starter.faces}) >= 85
    assert sum(len(variations(face, 6)) > 1 for face in starter.faces) >= 8
    styles = {face.style for face in starter.faces}
    assert styles == set(FONT_STYLES) - {"user"}
    for text in ("Hamburg", "HAMBURG 0369", "12,50 €", "info@example.org", "£7.99", "Grüße", "crème brûlée"):
        assert starter.covering(text).bit_count() >= 80, text
    for text in ("№5", "Москва", "Ελλάδα"):
        assert starter.covering(text).bit_count() >= 8, text


def test_faces_know_their_metrics(starter: Catalogue) -> None:
    for face in starter.faces:
        font = TTFont(face.path, lazy=True)
        assert face.units_per_em == font["head"].unitsPerEm
        assert face.descender <= 0 < face.x_height <= face.cap_height < 1.3
        assert face.cap_height < face.ascender + 0.1, face.id
        fvar = font["fvar"].axes if "fvar" in font else []
        assert face.axes == tuple((a.axisTag, a.minValue, a.defaultValue, a.maxValue) for a in fvar)
        assert pickle.loads(pickle.dumps(face)) == face


# No tofu, and no lies


def rendered(font: freetype.Face, glyph: int) -> np.ndarray:
    font.load_glyph(glyph, freetype.FT_LOAD_RENDER | freetype.FT_LOAD_NO_HINTING)
    bitmap = font.glyph.bitmap
    return np.array(bitmap.buffer, np.uint8).reshape(bitmap.rows, bitmap.pitch)[:, : bitmap.width]


def test_freetype_finds_ink_wherever_coverage_is_claimed(starter: Catalogue) -> None:
    for number, face in enumerate(starter.faces):
        font = freetype.Face(face.path)
        font.set_pixel_sizes(0, 40)
        notdef = rendered(font, 0)
        characters = LATIN_1 if number % 8 else [chr(p) for p in charmap._points(face.coverage)]
        for c in characters:
            if not face.covers(ord(c)) or unicodedata.category(c) == "Zs":
                continue
            glyph = font.get_char_index(c)
            assert glyph, (face.id, c)
            picture = rendered(font, glyph)
            assert picture.size, (face.id, c)
            assert picture.max() > 24, (face.id, c)
            assert picture.shape != notdef.shape or (picture != notdef).any(), (face.id, c)


def test_freetype_agrees_that_small_letters_are_no_capitals(starter: Catalogue) -> None:
    for face in starter.faces:
        font = freetype.Face(face.path)
        font.set_pixel_sizes(0, 60)
        overlaps = []
        for c in "abdeghmnqrt":
            if not (face.covers(ord(c)) and face.covers(ord(c.upper()))):
                continue
            a, b = (
                np.asarray(Image.fromarray(rendered(font, font.get_char_index(x))).resize((24, 24))) > 127
                for x in (c, c.upper())
            )
            overlaps.append((a & b).sum() / max(1, (a | b).sum()))
        assert not overlaps or np.median(overlaps) < 0.82, face.id


def test_fonts_without_small_letters_are_known(starter: Catalogue) -> None:
    without = {face.family for face in starter.faces if not face.covers(ord("a"))}
    assert {"Bangers", "Bebas Neue", "Bungee", "Cinzel", "Permanent Marker", "DSEG14 Classic"} <= without
    assert not without & {
        "Roboto",
        "Tinos",
        "Anton",
        "Special Elite",
        "Pacifico",
        "Press Start 2P",
        "UnifrakturMaguntia",
    }
    for face in starter.faces:
        if face.family in without:
            assert not any(face.covers(ord(c)) for c in "abcosvwxzéñß"), face.id
    seven = next(face for face in starter.faces if face.family == "DSEG7 Classic")
    assert all(seven.covers(ord(c)) for c in "0123456789 .:-")
    assert not any(seven.covers(ord(c)) for c in "ABCKMWXabc!?")


def covered(catalogue: Catalogue) -> str:
    (face,) = catalogue.faces
    return "".join(map(chr, charmap._points(face.coverage)))


def test_blank_and_tofu_glyphs_are_not_covered(tmp_path: Path) -> None:
    glyphs = {c: letter(c) for c in "AB12"}
    hairline = [[(0, 0), (0, 500), (0, 0)]]
    glyphs |= {"C": [], "D": TOFU, "E": hairline, " ": [], "\u2003": letter("x"), "\ue000": letter("p"), "\u0007": BOX}
    assert covered(user_fonts(build(tmp_path / "a.ttf", glyphs))) == " 12AB\u00a0"


def test_a_shifted_tofu_is_still_tofu(tmp_path: Path) -> None:
    glyphs = {"A": letter("A"), "B": [[(x + 30, y) for x, y in polygon] for polygon in TOFU]}
    assert covered(user_fonts(build(tmp_path / "a.ttf", glyphs))) == "A"


def test_small_capitals_are_not_small_letters(tmp_path: Path) -> None:
    capitals = {c: letter(c) for c in "ABCDEFGHIJOXÉ"}
    small = {c.lower(): letter(c, 0.7) for c in "ABCDEFGHIJOXÉ"}
    assert covered(user_fonts(build(tmp_path / "small.ttf", capitals | small))) == "ABCDEFGHIJOXÉ"
    same = {c.lower(): letter(c) for c in "ABCDEFGHIJOXÉ"}
    assert covered(user_fonts(build(tmp_path / "same.ttf", capitals | same))) == "ABCDEFGHIJOXÉ"


def test_a_natural_small_capital_counts_where_the_others_are_true(tmp_path: Path) -> None:
    glyphs = {c: letter(c) for c in "ABDEGOXabdeg"}
    glyphs |= {"o": letter("O", 0.7), "x": letter("X"), "é": letter("é"), "á": letter("á")}
    glyphs |= {"H": letter("H"), "h": letter("H", 0.7)}
    # o is as O but smaller: fine. x is X itself, h a small H: neither can be told from the capital.
    assert covered(user_fonts(build(tmp_path / "a.ttf", glyphs))) == "ABDEGHOXabdegoáé"


def test_letters_drawn_as_digits_are_not_covered(tmp_path: Path) -> None:
    glyphs = {c: letter(c) for c in "0158AB"} | {"S": letter("5"), "O": letter("0"), "I": letter("1"), "l": letter("1")}
    assert covered(user_fonts(build(tmp_path / "a.ttf", glyphs))) == "0158ABIOl"


def test_one_glyph_for_many_letters_is_a_placeholder(tmp_path: Path) -> None:
    path = build(tmp_path / "a.ttf", {c: letter(c) for c in "ABC"})
    font = TTFont(path)
    for table in font["cmap"].tables:
        table.cmap |= {ord(c): "u00043" for c in "DEFGHIJ"}
    font.save(path)
    assert covered(user_fonts(path)) == "AB"


def test_a_character_drawn_as_another_is_not_covered(tmp_path: Path) -> None:
    honest = {c: letter(c) for c in "ABEGabeio0189!?"}
    lies = {"é": "e", "è": "e", "€": "E", "@": "a", "ß": "B", "ø": "o", "¿": "?", "²": "b", "©": "G", "Ж": "A"}
    lies["ı"] = "i"
    drawn = honest | {c: letter(other) for c, other in lies.items()}
    assert covered(user_fonts(build(tmp_path / "lies.ttf", drawn))) == "".join(sorted(honest))
    assert "é" in covered(user_fonts(build(tmp_path / "true.ttf", honest | {"é": letter("é"), "ß": letter("ß")})))


def test_an_accented_letter_of_any_script_is_not_its_base(tmp_path: Path) -> None:
    bases = {"й": "и", "ά": "α", "क़": "क", "が": "か", "آ": "ا", "ế": "ê"}
    bases = {unicodedata.normalize("NFC", c) if c != "क़" else "\u0958": base for c, base in bases.items()}
    glyphs = {c: letter(c) for c in ("a", *bases.values())}
    taller = {c: [[(x, 2 * y) for x, y in polygon] for polygon in letter(base)] for c, base in bases.items()}
    for name, made in (("copy", {c: letter(base) for c, base in bases.items()}), ("scaled", taller)):
        assert covered(user_fonts(build(tmp_path / f"{name}.ttf", glyphs | made))) == "".join(sorted(glyphs)), name


def test_look_alikes_may_share_an_outline(tmp_path: Path) -> None:
    for shared in ("AАΑ", "oоο", "1Il|", "0O", "'’ʼ", "-‐–", "pр", "µμ", "ÁА\u0301"[:1] + "Ά", "ÐĐ", "/⁄"):
        glyphs = {c: letter(shared[0]) for c in shared} | {"n": letter("n"), "8": letter("8")}
        made = build(tmp_path / f"{ord(shared[0])}.ttf", glyphs)
        assert covered(user_fonts(made)) == "".join(sorted(glyphs)), shared


def test_one_glyph_for_many_signs_is_a_placeholder(tmp_path: Path) -> None:
    glyphs = {c: letter(c) for c in "ab1"} | {c: letter("₽") for c in "₹₺₽₿"}
    assert covered(user_fonts(build(tmp_path / "a.ttf", glyphs))) == "1ab"


def test_a_space_without_a_width_is_not_covered(tmp_path: Path) -> None:
    glyphs = {"a": letter("a"), "b": letter("b"), " ": [], "\u2003": [], "\u2009": []}
    made = build(tmp_path / "a.ttf", glyphs, widths={" ": 0, "\u2009": 5})
    assert covered(user_fonts(made)) == "ab\u2003"


def test_what_the_starter_set_draws_falsely_is_known(starter: Catalogue) -> None:
    without = {c: {face.family for face in starter.faces if not face.covers(ord(c))} for c in "ØßĀÕéñ€@"}
    assert "Karla" in without["Ø"]  # an O in its italic
    assert "Shadows Into Light" in without["ß"]
    assert "Monoton" in without["Ā"]
    assert "OSP-DIN" in without["Õ"]
    for c in "Øßéñ€@":
        assert not without[c] & {"Roboto", "Lato", "Open Sans", "Tinos", "Arimo", "Inter", "Press Start 2P"}, c


# Dotted circles

_KA, _AA, _CIRCLE = "\u0915", "\u093e", "\u25cc"


def test_a_font_that_adds_a_dotted_circle_does_not_cover_the_text(tmp_path: Path) -> None:
    glyphs = {c: letter(c) for c in (_KA, _AA, "a")} | {" ": []}
    build(tmp_path / "mine/circle.ttf", glyphs | {_CIRCLE: letter(_CIRCLE)}, "Circle")
    build(tmp_path / "mine/plain.ttf", glyphs, "Plain")
    catalogue = user_fonts(tmp_path / "mine")
    circle, plain = (1 << [face.family for face in catalogue.faces].index(name) for name in ("Circle", "Plain"))
    assert catalogue.covering(_KA + _AA) == circle | plain
    assert catalogue.covering(_AA + _KA) == plain  # a vowel sign with no letter before it
    assert catalogue.covering(f"{_KA} {_AA}") == catalogue.covering(f"{_KA}\n{_AA}") == plain
    assert catalogue.covering(_CIRCLE + _AA) == circle  # asked for
    assert catalogue.covering(f"a{_CIRCLE}") == circle
    assert not catalogue.covers(catalogue.faces[circle.bit_length() - 1].id, _AA)
    only = load_catalogue(FontConfig(starter=False, folders=(str(tmp_path / "mine/circle.ttf"),)))
    texts = [_KA, "a", _AA, "x", f"{_KA} {_KA}{_AA}", f"a {_AA}{_KA}"]
    assert only.uncovered(texts) == {2: "dotted_circle", 3: "no_font", 5: "dotted_circle"}
    assert catalogue.uncovered(texts) == {3: "no_font"}


@given(st.lists(st.text(st.sampled_from(f"ab {_KA}{_AA}{_CIRCLE}é"), min_size=1, max_size=6), max_size=8))
def test_uncovered_texts_are_those_that_no_font_can_draw(two_fonts: Catalogue, texts: list[str]) -> None:
    texts = [" ".join(text.split()) or "a" for text in texts]
    assert two_fonts.uncovered(texts).keys() == {i for i, text in enumerate(texts) if not two_fonts.can_draw(text)}


@pytest.fixture(scope="module")
def two_fonts(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    folder = tmp_path_factory.mktemp("two")
    build(folder / "a.ttf", {c: letter(c) for c in (_KA, _AA, _CIRCLE, "a")}, "A")
    build(folder / "b.ttf", {c: letter(c) for c in ("a", "b", "é", _AA)} | {" ": []}, "B")
    return user_fonts(folder)


def test_every_character_that_harfbuzz_circles_is_looked_at(tmp_path: Path) -> None:
    """A font that has every character, by functions of its own: each is shaped alone, with and without circles."""
    funcs = hb.FontFuncs()
    funcs.set_nominal_glyph_func(lambda font, code_point, data: 1 + code_point)
    funcs.set_glyph_h_advance_func(lambda font, glyph, data: 500)
    font = hb.Font(hb.Face(hb.Blob(build(tmp_path / "a.ttf", {"a": letter("a")}).read_bytes())))
    font.funcs = funcs
    letters = [chr(p) for p in (*range(0x300, 0xD800), *range(0xE000, 0x1F000)) if chr(p).isprintable()]
    circled = [c for c in letters if unicodedata.category(c)[0] in "ML" and draws_circle(font, c)]
    assert len(circled) > 1000
    assert [c for c in circled if not catalogue_module.may_be_circled(c)] == []


# Broken files


def broken_files(folder: Path) -> dict[str, str]:
    """Files that are no fonts, with a piece of what must be said of each."""
    whole = (FONTS / "oswald/Oswald_600SemiBold.ttf").read_bytes()
    rng = np.random.default_rng(0)
    contents = {
        "empty.ttf": (b"", "is empty"),
        "text.otf": (b"not a font, but a note\n" * 50, "is not a TrueType"),
        "random.ttf": (rng.bytes(5000), "is not a TrueType"),
        "head.ttf": (whole[:8], "is cut off"),
        "half.ttf": (whole[: len(whole) // 2], "is cut off"),
        "scrambled.ttf": (whole[:12] + rng.bytes(5000), "cut off"),
        "hollow.ttf": (b"\x00\x01\x00\x00" + bytes(200), "has no outlines"),
        "collection.ttc": (b"ttcf\x00\x01\x00\x00\xff\xff\xff\xff", "is cut off"),
        "web.woff2": (b"wOF2" + bytes(100), "convert it to .ttf"),
    }
    for name, (data, _) in contents.items():
        (folder / name).write_bytes(data)
    bitmap = TTFont(build(folder / "bitmap.ttf", {"A": letter("A")}))
    del bitmap["glyf"], bitmap["loca"]
    bitmap["CBDT"] = table = DefaultTable("CBDT")
    table.data = bytes(8)
    bitmap.save(folder / "bitmap.ttf")
    build(folder / "symbols.ttf", {"\u2708": letter("a"), "\ue001": letter("b")})
    problems = {name: problem for name, (_, problem) in contents.items()}
    return problems | {"bitmap.ttf": "bitmaps", "symbols.ttf": "no letter and no digit"}


def test_broken_files_are_named_once_and_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    problems = broken_files(folder)
    (folder / "notes.txt").write_text("not a font and not meant as one")
    shutil.copy(FONTS / "oswald/Oswald_600SemiBold.ttf", folder / "good.TTF")
    with caplog.at_level(logging.WARNING, "synthtext"):
        first = user_fonts(folder)
        second = user_fonts(folder)  # from the cache, and silent
    assert [face.id for face in first.faces] == ["mine/good.TTF"]
    assert first.faces == second.faces
    for name, problem in problems.items():
        (message,) = [m for m in caplog.messages if f"{os.sep}{name} " in m]
        assert problem in message, message
        assert "\n" not in message
    assert len(caplog.messages) == len(problems)


@given(st.integers(0, 2**32), st.integers(1, 60))
def test_damaged_bytes_never_raise(tmp_path_factory: pytest.TempPathFactory, seed: int, count: int) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.ttf"
    data = np.frombuffer((FONTS / "passion-one/PassionOne_700Bold.ttf").read_bytes(), np.uint8).copy()
    rng = np.random.default_rng(seed)
    data[rng.integers(0, len(data), count)] = rng.integers(0, 256, count)
    data[rng.integers(0, 400, count // 8)] = rng.integers(0, 256, count // 8)
    path.write_bytes(data.tobytes())
    try:
        faces = fontfiles._read_font(path.read_bytes(), path)
    except fontfiles._Unusable:
        return
    assert all(face.coverage for face in faces)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda folder: folder / "nowhere", "does not exist"),
        (lambda folder: folder, "holds no usable font"),
        (lambda folder: broken_files(folder) and folder, "holds no usable font"),
        (lambda folder: folder / "text.otf", "holds no usable font"),
    ],
)
def test_folders_without_a_font_are_refused(tmp_path: Path, make, said: str) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "fonts").mkdir()
    (tmp_path / "fonts/text.otf").write_text("a note")
    with pytest.raises(InputError, match=said) as caught:
        user_fonts(make(tmp_path / "fonts"))
    assert str(tmp_path) in str(caught.value)


# Folders of the user


def test_ids_are_the_folder_and_the_path_below_it(tmp_path: Path) -> None:
    source = FONTS / "lato/Lato_900Black.ttf"
    for name in ("one/fonts/sub", "two/fonts", "lato"):
        (tmp_path / name).mkdir(parents=True)
        shutil.copy(source, tmp_path / name / "Lato_900Black.ttf")
    folders = [str(tmp_path / name) for name in ("one/fonts", "two/fonts", "lato", "lato/../one/fonts")]
    mine = [*folders, str(tmp_path / "two/fonts/Lato_900Black.ttf")]
    catalogue = load_catalogue(FontConfig(folders=tuple(mine)))
    ids = [face.id for face in catalogue.faces if face.style == "user"]
    assert sorted(ids) == [
        "fonts/sub/Lato_900Black.ttf",
        "fonts~2/Lato_900Black.ttf",
        "fonts~3/Lato_900Black.ttf",
        "lato~2/Lato_900Black.ttf",
    ]
    assert [face.id for face in catalogue.faces] == sorted({face.id for face in catalogue.faces})


def test_every_face_of_a_collection_is_there(tmp_path: Path) -> None:
    collection = TTCollection()
    collection.fonts = [TTFont(build(tmp_path / f"{c}.ttf", {c: letter(c)}, family=f"Family {c}")) for c in "AB"]
    (tmp_path / "both").mkdir()
    collection.save(tmp_path / "both/all.ttc")
    catalogue = user_fonts(tmp_path / "both")
    assert [(f.id, f.index, f.family) for f in catalogue.faces] == [
        ("both/all.ttc", 0, "Family A"),
        ("both/all.ttc#2", 1, "Family B"),
    ]
    assert [catalogue.covering(c) for c in "AB"] == [1, 2]


def test_a_users_manifest_gives_family_and_style(tmp_path: Path) -> None:
    build(tmp_path / "a.ttf", {c: letter(c) for c in "ABab12"})
    manifest = tmp_path / "manifest.tsv"
    manifest.write_text("tags\tpath\tfamily\nstencil,caps\ta.ttf\tCrates\n", encoding="utf-8")
    (face,) = user_fonts(tmp_path).faces
    assert (face.family, face.tags) == ("Crates", ("stencil", "caps"))
    assert not face.covers(ord("a"))
    manifest.write_text("tags\tpath\tfamily\nstencils\ta.ttf\tCrates\n", encoding="utf-8")
    with pytest.raises(InputError, match="first tag must be one of sans"):
        user_fonts(tmp_path)
    manifest.write_text("path\nx", encoding="utf-8")
    with pytest.raises(InputError, match="separated by tabs"):
        user_fonts(tmp_path)


# The cache


def test_the_cache_gives_equal_faces(own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cold = load_catalogue(FontConfig(families=("Roboto", "Karla")))
    monkeypatch.setattr(fontfiles, "_read_font", lambda data, path: pytest.fail(f"{path} was read again"))
    warm = load_catalogue(FontConfig(families=("Roboto", "Karla")))
    assert warm.faces == cold.faces


def test_a_changed_file_is_read_again_and_a_removed_one_forgotten(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    path = build(folder / "a.ttf", {c: letter(c) for c in "AB"})
    build(folder / "b.ttf", {c: letter(c) for c in "XY"})
    assert user_fonts(folder).covering("AB")
    build(path, {c: letter(c) for c in "ABCDEFGH"})
    os.utime(path, ns=(1, 1))
    assert user_fonts(folder).covering("FGH")
    path.unlink()
    assert [face.id for face in user_fonts(folder).faces] == ["mine/b.ttf"]


@pytest.mark.parametrize("content", [b"", b"\xff\x00 nonsense", b"\x92\xa9other/0.0\x80"])
def test_a_spoilt_or_outdated_cache_is_made_anew(tmp_path: Path, own_cache: Path, content: bytes) -> None:
    folder = tmp_path / "mine"
    build(folder / "a.ttf", {"A": letter("A")})
    before = user_fonts(folder).faces
    (file,) = own_cache.iterdir()
    good = file.read_bytes()
    file.write_bytes(content)
    assert user_fonts(folder).faces == before
    assert file.read_bytes() == good


def test_an_unwritable_cache_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SYNTHTEXT_CACHE", str(tmp_path / "file/below"))
    build(tmp_path / "mine/a.ttf", {"A": letter("A")})
    assert len(user_fonts(tmp_path / "mine").faces) == 1


# Masks and draws


@given(st.text(st.sampled_from("abcdefgXYZ012 ,.€£éüßñ№Жλ中\u200d\n"), max_size=12))
def test_masks_mean_what_they_say(starter: Catalogue, text: str) -> None:
    mask = starter.covering(text)
    visible = [ord(c) for c in text if c not in "\u200d\n"]
    for i, face in enumerate(starter.faces):
        points = set(charmap._points(face.coverage))
        assert bool(mask >> i & 1) == all(p in points for p in visible)
    assert mask < 1 << len(starter.faces)


@given(st.text(st.sampled_from("abcXYZ012 ,.€éß№Ж"), min_size=1, max_size=8), st.integers(0, 2**40))
def test_draws_cover_the_text_and_repeat(starter: Catalogue, text: str, index: int) -> None:
    record = starter.draw(Draws(7, Stage.FONT, index), text)
    mask = starter.covering(text)
    assert (record is None) == (mask == 0)
    if record is not None:
        face = starter.face(record.face)
        assert mask >> starter.faces.index(face) & 1
        assert record == starter.draw(Draws(7, Stage.FONT, index), text)
        assert record.variation in variations(face, 6)
        assert msgspec.convert(msgspec.to_builtins(record), FontRecord) == record
        assert msgspec.json.decode(msgspec.json.encode(record), type=FontRecord) == record


def test_a_text_that_no_font_covers_gives_none(starter: Catalogue) -> None:
    assert starter.draw(Draws(0, Stage.FONT, 0), "a\U00013000") is None
    assert starter.draw(Draws(0, Stage.FONT, 0), "\ud800") is None


def test_styles_families_and_files_share_weight_as_said(starter: Catalogue) -> None:
    count = Counter(starter.draw(Draws(1, Stage.FONT, i), "1").face for i in range(20000))  # type: ignore[union-attr]
    total = sum(weight for style, weight in FONT_STYLES.items() if style != "user")
    drawn: Counter[str] = Counter()
    for id, n in count.items():
        drawn[starter.face(id).style] += n
    for style, weight in FONT_STYLES.items():
        if style != "user":
            expected = 20000 * weight / total
            assert abs(drawn[style] - expected) < 5 * expected**0.5, style
    by_family: Counter[str] = Counter()
    for face, weight in zip(starter.faces, starter.weights, strict=True):
        if face.style == "sans" and not face.scripts:
            by_family[face.family] += weight  # type: ignore[assignment]
    assert max(by_family.values()) == pytest.approx(min(by_family.values()))


def test_only_the_named_styles_are_drawn() -> None:
    catalogue = load_catalogue(FontConfig(styles={"blackletter": 2.0, "ocr": 1.0}))
    styles = {catalogue.face(catalogue.draw(Draws(0, Stage.FONT, i), "A").face).style for i in range(200)}  # type: ignore[union-attr]
    assert styles == {"blackletter", "ocr"}
    assert catalogue.draw(Draws(0, Stage.FONT, 0), "Ж") is None


def test_axes_are_drawn_on_a_grid_within_bounds(starter: Catalogue) -> None:
    for face in starter.faces:
        for steps in (1, 2, 6, 64):
            grid = variations(face, steps)
            assert 1 <= len(grid) <= 256
            assert len(set(grid)) == len(grid)
            for variation in grid:
                for tag, value in variation:
                    low, high = next((a[1], a[3]) for a in face.axes if a[0] == tag)
                    assert low <= value <= high
        assert variations(face, 1) == ((),)
    weights = {
        value
        for position in variations(next(f for f in starter.faces if f.family == "Inter"), 6)
        for _, value in position
    }
    assert {200.0, 340.0, 900.0} <= weights


def test_families_and_exclude_filter() -> None:
    catalogue = load_catalogue(FontConfig(families=("roboto", "Lora")))
    assert {face.family for face in catalogue.faces} == {"Roboto", "Lora"}
    assert "Lora" not in {face.family for face in load_catalogue(FontConfig(exclude=("lora",))).faces}
    with pytest.raises(InputError, match=r"fonts\.families: .*'Robotto'.*did you mean 'Roboto'"):
        load_catalogue(FontConfig(families=("Robotto",)))
    with pytest.raises(InputError, match=r"fonts\.exclude"):
        load_catalogue(FontConfig(exclude=("zzzzzz",)))


def test_an_unknown_id_is_explained(starter: Catalogue) -> None:
    with pytest.raises(InputError, match=r"'lato/Lato_Black\.ttf' is not in this catalogue.*lato/Lato_900Black"):
        starter.face("lato/Lato_Black.ttf")


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("fonts.styles={sanss: 1}", "'sanss' is unknown; did you mean 'sans'"),
        ("fonts.styles={sans: 0}", "no weight is above 0"),
        ("fonts.starter=false", "name a folder of fonts"),
        ("fonts.folders=['']", "an entry is empty"),
        ("fonts={families: [Lora], exclude: [lora]}", "stands in `families` too"),
        ("fonts.variation_steps=0", "fonts.variation_steps"),
    ],
)
def test_bad_font_configs_are_refused(override: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        load_config("clean", [override])
    assert said in str(caught.value)
    assert "fonts" in str(caught.value)


def test_a_style_table_that_forgets_the_users_fonts_is_refused(tmp_path: Path) -> None:
    build(tmp_path / "a.ttf", {"A": letter("A")})
    with pytest.raises(InputError, match="add user: 1"):
        load_catalogue(FontConfig(folders=(str(tmp_path),), styles={"sans": 1.0}))


# Tables


def test_tables(starter: Catalogue) -> None:
    lines = list_table(starter).splitlines()
    assert len(lines) == len(starter.faces) + 2
    assert lines[1 + [f.family for f in starter.faces].index("Inter")].split()[:2] == ["inter/Inter.var.ttf", "Inter"]
    table = check_table(starter, "Ab 中\n")
    assert [line.split()[0] for line in table.splitlines()[1:3]] == ["A", "b"]
    assert "U+4E2D CJK UNIFIED IDEOGRAPH-4E2D" in table
    assert table.endswith("no font draws all of it")
    assert "Bangers" in starter.families_not_covering("b")
    latin = {face.family for face in starter.faces if not face.scripts}
    assert [name for name in starter.families_not_covering("B") if name in latin] == ["DSEG7 Classic", "DSEG7 Modern"]
