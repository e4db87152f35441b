"""Shared settings: hypothesis without deadlines, since the first call of a kernel compiles it."""

import sys
from pathlib import Path

from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent))  # the naive twins are plain modules beside the tests

settings.register_profile("synthtext", deadline=None, derandomize=True)
settings.load_profile("synthtext")
