"""A format, a target, an effect, a source of text, ... is one file: adding it adds to everything that lists them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from synthtext import Generator
from synthtext.core.declared import choices, declared
from synthtext.core.kinds import MAKERS
from synthtext.core.rng import Draws, Stage
from synthtext.formats import FORMATS, SHARDED
from synthtext.targets import TAKES

FORMAT = '''"""The format `plain`: a text an image, for a test."""
from synthtext.formats.folder import FolderWriter

FORMAT = {"name": "plain-text", "help": "a text an image, for a test", "writer": "PlainWriter", "sharded": False}


class PlainWriter(FolderWriter):
    """Writes the format `plain-text`."""
'''
TARGET = '''"""A target for a test: a map of ones."""
from typing import NamedTuple
import numpy as np

TAKES = "quads"


class Maps(NamedTuple):
    ones: np.ndarray


def empty(height, width, stride=2):
    """Blank maps."""
    return Maps(np.zeros((height // stride, width // stride), np.float32))


def encode(quads, ignore, height, width, stride=2, out=None):
    """Ones, and as many as there are quads at the first place."""
    maps = empty(height, width, stride) if out is None else out
    maps.ones[:] = 1.0
    maps.ones[0, 0] = len(quads)
    return maps
'''
KIND = '''"""A kind of sample for a test: a grey picture with its index as its text."""
import numpy as np
from synthtext.sample import Labels, Sample

KIND = {"name": "greys", "maker": "GreyMaker"}


class GreyMaker:
    """Makes grey pictures."""

    def __init__(self, resources):
        self.resources = resources

    def digest(self, common):
        return common

    def sample(self, index):
        image = np.full((8, 8, 3), index % 256, np.uint8)
        quad = np.array([[[0, 0], [8, 0], [8, 8], [0, 8]]], np.float32)
        one = np.ones(1, np.float32)
        labels = Labels((str(index),), quad, np.zeros(1, np.int64), (str(index),), quad, [quad[0]],
                        np.zeros(1, bool), one, np.zeros(1, np.int64), np.zeros(1, np.int64), one)
        return Sample(image, str(index), labels, self.resources.seed, index, lambda: {"index": index})
'''
EFFECT = '''"""A picture that is dimmed, for a test."""
import numpy as np
from synthtext.effects.effect import Effect


class Dimming(Effect):
    """A picture that is dimmed, for a test; part of its light."""

    strength = (0.2, 0.4)
    limits = (0.0, 0.9)
    scope = "picture"

    def after(self, canvas, params):
        canvas.image *= np.float32(1.0 - params.strength)
'''
SOURCE = '''"""The source `ticket`, for a test."""
from synthtext.text.source_base import Composed

SOURCE = {"name": "ticket", "help": "tickets, for a test", "maker": "Tickets"}


class Tickets(Composed):
    """Composes the source `ticket`."""

    inline = True

    @staticmethod
    def compose(draws, context):
        return f"T{draws.integer(1000):03d}"
'''
LANGUAGE = '''"""Javanese, for a test."""

LANGUAGE = {"code": "jv", "name": "Javanese", "script": "Latn", "labels": {"total": ("Gunggung",)}}
'''
GROUP = '''"""The group `pair`, for a test."""
from synthtext.scene.group import GroupKind, PanelStyle

GROUP = {"name": "pair", "help": "two lines on wood, for a test", "maker": "Pair"}


class Pair(GroupKind):
    """Makes groups of the kind `pair`."""

    needs = (2.0, 2.0)
    panel = PanelStyle(materials={"wood": 1}, contrast=(0.02, 0.1))

    def content(self, composer, draws, line):
        block = composer.block(draws, [line(""), line("")], None, composer.paint(draws))
        return composer.arranged(self, [block], "left", 0.0)
'''
SETTING = '''"""The setting `board`, for a test."""
from synthtext.scene.panel import Panel
from synthtext.scene.planes import IDENTITY
from synthtext.scene.setting import Area

SETTING = {"name": "board", "help": "a plain board, for a test", "maker": "board"}


def board(b):
    """A board that fills the picture."""
    box, light = (-9.0, -9.0, b.width + 9.0, b.height + 9.0), b.light(0.8)
    b.surface(IDENTITY, box, {"plain": 1.0}, 100.0, light, photos=0.0)
    b.areas.append(Area(IDENTITY, box, light))
    return b.done(b.sky())
'''
# Run on a copy of the package with one more file; prints what is asked of it as JSON.
ASK = """
import json, sys
from synthtext import cli, Generator, Stream
from synthtext.config import schema
from synthtext.formats import describe_formats
out = {}
SMALL = ["kind=greys", "image.height=8", "image.width=8"]
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """A copy of the package that files can be added to. What is compiled of the one serves the other."""
    import shutil

    import synthtext

    place = tmp_path_factory.mktemp("copy")
    root = Path(synthtext.__file__).parent
    shutil.copytree(root, place / "synthtext", ignore=shutil.ignore_patterns("__pycache__"))
    for folder in [root, *(path for path in root.rglob("*") if path.is_dir() and path.name != "__pycache__")]:
        (folder / "__pycache__").mkdir(exist_ok=True)
        (place / "synthtext" / folder.relative_to(root) / "__pycache__").symlink_to(folder / "__pycache__")
    for name in ("configs", "fonts", "backgrounds"):
        (place / name).symlink_to(root.parent / name)
    (place / "synthtext" / "formats" / "anything.py").write_text(FORMAT)
    (place / "synthtext" / "targets" / "ones.py").write_text(TARGET)
    (place / "synthtext" / "tools" / "grey_maker.py").write_text(KIND)
    (place / "synthtext" / "effects" / "surface" / "dimming.py").write_text(EFFECT)
    (place / "synthtext" / "text" / "sources" / "tickets.py").write_text(SOURCE)
    (place / "synthtext" / "text" / "languages" / "javanese.py").write_text(LANGUAGE)
    (place / "synthtext" / "scene" / "groups" / "pair.py").write_text(GROUP)
    (place / "synthtext" / "scene" / "settings" / "board.py").write_text(SETTING)
    order = place / "synthtext" / "effects" / "physical_order.py"
    before, after = order.read_text().rsplit("]", 1)
    order.write_text(f'{before}    "surface.dimming",\n]{after}')
    return place


def ask(package, code):
    """What `code` leaves in `out`."""
    command = [sys.executable, "-c", ASK + code + "\nprint(json.dumps(out))"]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=package, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_what_is_declared_is_what_there_is():
    assert FORMATS[0] == "folder"
    assert set(SHARDED) == {"webdataset", "parquet", "mds"}
    assert (len(FORMATS), len(TAKES)) == (10, 8)
    assert set(MAKERS) == {"words", "scenes"}


def test_a_declaration_is_read_without_running_its_module(tmp_path):
    (tmp_path / "a.py").write_text('raise SystemExit\nTAKES = "quads"\n')
    (tmp_path / "b.py").write_text('def f():\n    TAKES = "chars"\n')
    assert declared([str(tmp_path)], "TAKES") == {tmp_path / "a.py": "quads"}


def test_a_name_is_declared_once(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.py").write_text('"""Doc."""\nTHING = {"name": "x", "help": "an x", "maker": "X"}\n')
    with pytest.raises(ValueError, match=r"b\.py: 'x' is declared by things\.a, too; rename one"):
        choices("things", [str(tmp_path)], "THING")


def test_one_file_adds_a_format(package, tmp_path):
    out = tmp_path / "out"
    code = f"""
out["help"] = describe_formats()
options = ["--set", "kind=greys", "--format", "plain-text", "--workers", "1"]
out["code"] = cli.main(["generate", "words", "-n", "2", "-o", {str(out)!r}, *options])
"""
    told = ask(package, code)
    assert "plain-text  a text an image, for a test" in told["help"]
    assert told["code"] == 0
    assert len((out / "labels.tsv").read_text().splitlines()) == 2


def test_one_file_adds_a_target(package):
    code = """
with Stream("words", batch_size=3, workers=0, overrides=SMALL, fields=["ones"]) as stream:
    batch = next(iter(stream))
ones = batch["ones"].ones
out["shape"], out["quads"] = list(ones.shape), float(ones[0, 0, 0])
"""
    assert ask(package, code) == {"shape": [3, 4, 4], "quads": 1.0}


def test_one_file_adds_a_kind(package):
    code = """
out["kinds"] = schema()["$defs"]["Config"]["properties"]["kind"]["enum"]
sample = Generator("words", 3, ["kind=greys"])[7]
out["text"], out["pixel"] = sample.text, int(sample.image[0, 0, 0])
"""
    told = ask(package, code)
    assert told == {"kinds": ["greys", "scenes", "words"], "text": "7", "pixel": 7}


def pixels(generator):
    """What a few samples look like, in short."""
    return [int(generator[i].image.astype(int).sum()) for i in range(12)]


def test_one_file_adds_an_effect_and_moves_no_other(package):
    code = """
from synthtext.inspection.plan_effects import EFFECTS
from synthtext.tools import gallery, reference

def pixels(generator):
    return [int(generator[i].image.astype(int).sum()) for i in range(12)]

out["schema"] = "dimming" in schema()["$defs"]["SurfaceConfig"]["properties"]
out["docs"] = "A picture that is dimmed" in reference.markdown()
out["gallery"] = "surface.dimming" in gallery.markdown("gallery")
out["inspect"] = "surface.dimming" in EFFECTS
out["words"] = pixels(Generator("words"))
dimmed = Generator("words", 0, ["surface.dimming=1", "legibility.redraws=0"])
out["plans"] = [dimmed[i].plan["effects"]["surface.dimming"]["strength"] for i in range(12)]
out["scene"] = list(Generator("scenes", 0, ["surface.dimming=1"])[0].plan["effects"])
out["rest"] = [{k: v for k, v in dimmed[i].plan["effects"].items() if k != "surface.dimming"} for i in range(12)]
try:
    Generator("words", 0, ["surface.dimming={share: 1, strength: [0, 2]}"])
except ValueError as error:
    out["error"] = str(error)
"""
    told = ask(package, code)
    asked = ("schema", "docs", "gallery", "inspect")
    assert {name: told[name] for name in asked} == dict.fromkeys(asked, True)
    assert told["words"] == pixels(Generator("words"))
    assert all(0.2 <= strength < 0.4 for strength in told["plans"])
    assert len(set(told["plans"])) == 12
    assert told["scene"][-1:] == ["surface.dimming"]
    plain = Generator("words", 0, ["legibility.redraws=0"])
    assert told["rest"] == [json.loads(json.dumps(plain[i].plan["effects"])) for i in range(12)]
    assert "surface.dimming.strength: 2 lies outside [0, 0.9]" in told["error"]


def test_one_file_adds_a_source_of_text_and_moves_no_other(package, tmp_path):
    out = tmp_path / "out"
    code = f"""
from synthtext.tools import reference

from synthtext.core.rng import Draws, Stage

def texts(*overrides):
    text = Generator("lines", 0, ["text.inline=0.5", *overrides]).text
    return [text.draw(Draws(0, Stage.TEXT, i), i).text for i in range(40)]

out["schema"] = schema()["$defs"]["TextConfig"]["properties"]["sources"]["properties"]["ticket"]["description"]
out["docs"] = "| `ticket` | tickets, for a test |" in reference.markdown()
out["lines"] = texts()
out["tickets"] = texts("text.sources={{ticket: 1}}", "text.length=[1, 9]", "text.cut=0")
out["within"] = texts("text.sources={{word: 99, ticket: 1}}")
try:
    Generator("words", 0, ["text.sources={{tickets: 1}}"])
except ValueError as error:
    out["error"] = str(error)
options = ["--set", "text.sources={{ticket: 1}}", "--workers", "1", "--plans"]
out["generate"] = cli.main(["generate", "clean", "-n", "3", "-o", {str(out)!r}, *options])
out["inspect"] = cli.main(["inspect", {str(out)!r}, "--json", {str(tmp_path / "report.json")!r}])
"""
    told = ask(package, code)
    assert told["schema"] == "tickets, for a test"
    assert told["docs"]
    plain = Generator("lines", 0, ["text.inline=0.5"]).text
    assert told["lines"] == [plain.draw(Draws(0, Stage.TEXT, i), i).text for i in range(40)]
    assert all(re.fullmatch(r"T\d{3}", text) for text in told["tickets"])
    assert any(re.search(r" T\d{3}", text) for text in told["within"])
    assert "'tickets' is unknown; did you mean 'ticket'?" in told["error"]
    assert told["generate"] == 0
    assert json.loads((tmp_path / "report.json").read_text())["text_sources"] == {"ticket": 3}


def test_one_file_adds_a_language(package):
    code = """
from synthtext.tools import language_table

from synthtext.core.rng import Draws, Stage

out["table"] = list(language_table.lines((), ["jv"]))[1]
text = Generator("clean", 0, ["text.languages=[jv]", "text.sources={receipt: 1}", "text.length=[1, 60]"]).text
out["texts"] = " ".join(text.draw(Draws(0, Stage.TEXT, i), i).text for i in range(99))
"""
    told = ask(package, code)
    assert re.match(r"jv +Javanese +Latn +ltr .* CLDR names \([0-9,]+ words\)", told["table"])
    assert "Gunggung" in told["texts"]


def test_one_file_adds_a_kind_of_group_and_a_setting_and_moves_no_other(package, tmp_path):
    out = tmp_path / "out"
    code = f"""
from synthtext.tools import reference

defined = schema()["$defs"]["SceneConfig"]["properties"]
out["schema"] = [
    defined["groups"]["properties"]["pair"]["description"],
    defined["settings"]["properties"]["board"]["description"],
]
markdown = reference.markdown()
out["docs"] = [f"| `{{name}}` | {{text}}" in markdown for name, text in (("pair", "two lines"), ("board", "a plain"))]
size = ["image.height=160", "image.width=200", "scene.occluder=0"]
out["plain"] = [Generator("scenes", 0, size)[i].plan["groups"] for i in range(2)]
scene = Generator("scenes", 0, [*size, "scene.groups={{pair: 1}}", "scene.settings={{board: 1}}"])
plans = [scene[i].plan for i in range(4)]
out["groups"] = [[(group["kind"], len(group["blocks"]), group["panels"][0]["material"]["kind"])
                  for group in plan["groups"]] for plan in plans]
out["elements"] = [[element["panel"]["material"]["kind"] for element in plan["elements"]] for plan in plans]
options = ["--set", "scene.groups={{pair: 1}}", "--set", "scene.settings={{board: 1}}", "--workers", "1", "--plans"]
options += [x for value in size for x in ("--set", value)]
out["generate"] = cli.main(["generate", "scenes", "-n", "2", "-o", {str(out)!r}, *options])
out["inspect"] = cli.main(["inspect", {str(out)!r}, "--json", {str(tmp_path / "report.json")!r}])
"""
    told = ask(package, code)
    assert told["schema"] == ["two lines on wood, for a test", "a plain board, for a test"]
    assert told["docs"] == [True, True]
    plain = Generator("scenes", 0, ["image.height=160", "image.width=200", "scene.occluder=0"])
    assert told["plain"] == [json.loads(json.dumps(plain[i].plan["groups"])) for i in range(2)]
    assert all(told["groups"])
    assert {tuple(group) for groups in told["groups"] for group in groups} == {("pair", 1, "wood")}
    assert told["elements"] == [["plain"]] * 4
    assert told["generate"] == 0
    report = json.loads((tmp_path / "report.json").read_text())
    assert set(report["groups"]) == {"pair"}
