"""The measure of learning value: its figures are those of what it read, its comparison those of the words."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from synthtext.dataset.generate import generate

pytest.importorskip("torch")
BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))
import learning_value  # noqa: E402


def run(*args: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(BENCHMARKS / "learning_value.py"), *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("words")
    generate("clean", folder / "set", 96, seed=5, workers=1)
    return folder / "set"


def test_what_it_folds_and_what_ctc_can_align() -> None:
    assert learning_value.fold("Café-Bar №7") == "cafbar7"
    assert learning_value.fits("a" * 13)
    assert not learning_value.fits("a" * 14)
    assert learning_value.fits("ab" * 12 + "a")
    assert not learning_value.fits("ab" * 13)
    assert not learning_value.fits("")


def test_a_data_set_is_read_as_it_was_made(data: Path) -> None:
    (words,) = learning_value.read_sets(data).values()
    made = learning_value.make_words(learning_value.load_config("clean"), 5, 96)
    kept = [i for i, text in enumerate(made.texts) if text]
    assert words.texts == [made.texts[i] for i in kept]
    difference = np.abs(words.images.astype(int) - made.images[kept].astype(int))
    assert difference.mean() < 4.0  # JPEG


def test_batches_show_every_word_once_a_pass(data: Path) -> None:
    source = learning_value.Source(str(data), ())
    (words,) = learning_value.read_sets(data).values()
    usable = [text for text in words.texts if learning_value.fits(text)]

    class Args:
        live, samples, batch = False, 96, 8

    batches = source.batches(1, Args)
    first = [text for _ in range(len(usable) // 8) for text in next(batches)[1]]
    assert len(first) >= len(usable) - 7
    counts = {text: usable.count(text) for text in set(usable)}
    assert all(first.count(text) <= counts[text] for text in first)


def test_the_comparison_is_the_difference_and_tells_chance_from_gain() -> None:
    rng = np.random.default_rng(0)
    a = (rng.random(4000) < 0.6).astype(float)
    better = {"set": np.maximum(a, (rng.random(4000) < 0.2).astype(float))}
    points, low, high = learning_value.compare(better, {"set": a})["set"]
    assert points == pytest.approx(100 * (better["set"].mean() - a.mean()), abs=0.01)
    assert 0 < low < points < high
    shuffled = {"set": rng.permutation(a)}
    points, low, high = learning_value.compare(shuffled, {"set": a})["set"]
    assert points == 0
    assert low < 0 < high


def test_it_learns_what_it_is_shown(data: Path, tmp_path: Path) -> None:
    out, net = tmp_path / "figures.json", tmp_path / "net.pt"
    common = (data, "--real", data, "--batch", 32, "--json", out)
    done = run(*common, "--steps", 220, "--mistakes", tmp_path / "wrong", "--save", net)
    assert done.returncode == 0, done.stderr
    figures = json.loads(out.read_text())
    (name,) = figures["words"]
    assert figures["first"][name] > 50.0, figures
    assert (tmp_path / "wrong" / f"{name}.png").exists() or figures["first"][name] == 100.0
    # trained on from there, and not from nothing
    done = run(*common, "--steps", 1, "--lr", 1e-6, "--start", net)
    assert done.returncode == 0, done.stderr
    assert json.loads(out.read_text())["first"][name] > 0.5 * figures["first"][name]
    done = run(*common, "--steps", 1, "--start", tmp_path / "none.pt")
    assert done.returncode == 2
    assert "no such file" in done.stderr


def test_a_live_source_wants_a_configuration(data: Path) -> None:
    done = run(data, "--real", data, "--live", "--steps", 2)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "--live wants a preset" in done.stderr


def test_two_sources_are_compared(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "figures.json"
    common = ("--real", data, "--steps", 3, "--batch", 16, "--samples", 64, "--seeds", 2, "--json", out)
    done = run("clean", "--against", data, *common)
    assert done.returncode == 0, done.stderr
    figures = json.loads(out.read_text())
    assert len(figures["first"]["runs"]) == len(figures["second"]["runs"]) == 2
    assert set(figures["difference"]) == set(figures["words"])
