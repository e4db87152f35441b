"""The lowest versions that pyproject.toml allows, as pip's constraints: `numba==0.61.0` for `numba>=0.61.0`."""

import re
import sys
import tomllib
from pathlib import Path

project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
for requirement in project["dependencies"]:
    match = re.fullmatch(r"([\w.-]+)>=([\w.]+)(,.*)?", requirement)
    if match is None:
        sys.exit(f"pyproject.toml: {requirement!r} has no lowest version; write name>=version")
    print(f"{match[1]}=={match[2]}")
