"""Shared settings: hypothesis without deadlines, since the first call of a kernel compiles it."""

import os
import signal
import sys
from pathlib import Path

import pytest
from hypothesis import settings

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")  # as the command line has it: a process of one thread may fork its workers
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in a shell's background jobs: their children would ignore ^C
    signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path.insert(0, str(Path(__file__).parent))  # the naive twins are plain modules beside the tests

settings.register_profile("synthtext", deadline=None, derandomize=True)
settings.load_profile("synthtext")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that fork come first: others load libraries that start threads, and then a process must not be forked."""
    items.sort(key=lambda item: item.path.name != "test_stream.py")
