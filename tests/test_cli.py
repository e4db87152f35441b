import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from synthtext import cli
from synthtext.core.version import __version__

ROOT = Path(__file__).parent.parent


def synthtext(*argv, **options):
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "synthtext", *map(str, argv)],
        env=env,
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


def test_help_and_version_load_nothing_heavy():
    code = (
        "import sys, contextlib\nfrom synthtext import cli\n"
        "for argv in (['--help'], ['--version'], ['generate', '--help']):\n"
        "    with contextlib.suppress(SystemExit): cli.main(argv)\n"
        "heavy = {'numpy', 'numba', 'cv2', 'yaml', 'msgspec', 'uharfbuzz', 'wordfreq'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert f"synthtext {__version__}" in done.stdout


@pytest.mark.parametrize(
    "argv",
    [
        ["--help"],
        ["generate", "--help"],
        ["preview", "--help"],
        ["bench", "--help"],
        ["targets", "--help"],
        ["fonts", "--help"],
        ["fonts", "list", "--help"],
        ["fonts", "check", "--help"],
        ["fonts", "add", "--help"],
        ["backgrounds", "--help"],
        ["backgrounds", "add", "--help"],
        ["inspect", "--help"],
        ["schema", "--help"],
    ],
)
def test_help_of_every_command(argv, capsys):
    with pytest.raises(SystemExit) as end:
        cli.main(argv)
    assert end.value.code == 0
    assert "usage: synthtext" in capsys.readouterr().out


def test_the_reference_of_the_configuration_is_up_to_date(capsys):
    """Write it anew with `synthtext schema --markdown > docs/config.md`."""
    assert cli.main(["schema", "--markdown"]) == 0
    assert capsys.readouterr().out == (ROOT / "docs" / "config.md").read_text(encoding="utf-8")


def test_schema_is_printed_as_json(capsys):
    assert cli.main(["schema"]) == 0
    assert "Config" in json.loads(capsys.readouterr().out)["$defs"]


def test_fonts_list_and_check(capsys):
    assert cli.main(["fonts", "list"]) == 0
    listed = capsys.readouterr().out
    assert len(listed.splitlines()) > 80
    assert cli.main(["fonts", "check", "Grüße №5"]) == 0
    assert "NUMERO SIGN" in capsys.readouterr().out


def files(folder):
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("format", ["folder", "lmdb"])
def test_generate_with_the_real_engine_and_any_number_of_workers(format, tmp_path):
    for workers in (1, 2):
        done = synthtext(
            "generate", "words", "-n", 150, "-o", tmp_path / str(workers), "--workers", workers, "--format", format
        )
        assert done.returncode == 0, done.stderr
        assert "150 samples in" in done.stderr.splitlines()[-1]
        assert not done.stdout
    assert files(tmp_path / "1") == files(tmp_path / "2")


def test_preview_with_the_real_engine(tmp_path):
    done = synthtext("preview", "lines", "-o", tmp_path / "sheet.png", "-n", 6, "--zoom", 2, "--columns", 2)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "sheet.png").stat().st_size > 10_000


def test_a_reader_that_goes_away_is_no_error():
    process = subprocess.Popen(
        [sys.executable, "-m", "synthtext", "fonts", "list"],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.close()
    assert process.wait(60) == 0
    assert not process.stderr.read()
    process.stderr.close()


def test_unexpected_errors_keep_their_traceback(monkeypatch, tmp_path):
    from synthtext.dataset import generate

    def broken(**arguments):
        raise ZeroDivisionError

    monkeypatch.setattr(generate, "generate", lambda *a, **k: broken(**k))
    with pytest.raises(ZeroDivisionError):
        cli.main(["generate", "clean", "-n", "1", "-o", str(tmp_path / "d")])


def test_a_sample_that_fails_ends_with_status_1_and_its_traceback(monkeypatch, tmp_path, capsys):
    import fake_generator

    from synthtext.dataset import generate

    monkeypatch.setattr(generate, "_make_generator", fake_generator.FakeGenerator)
    (tmp_path / "faults").mkdir()
    monkeypatch.setenv("FAKE_FAULT", f"raise 3 9 {tmp_path / 'faults'}")
    assert cli.main(["generate", "clean", "-n", "9", "-o", str(tmp_path / "d")]) == 1
    told = capsys.readouterr().err
    assert "Traceback" in told
    assert "fake_generator.py" in told
    assert told.splitlines()[-1].startswith("synthtext: error: sample 3 of seed 0 cannot be made (ZeroDivisionError")
