"""Who may import whom: the contracts stand in pyproject.toml, under import-linter."""

import subprocess
import sys
from pathlib import Path

from tests.places import ROOT


def test_imports_go_only_downwards() -> None:
    # A process of its own: the linter sets up logging anew, and would silence the loggers of all tests after it.
    linter = Path(sys.executable).with_name("lint-imports")
    asked = [str(linter), "--no-cache", "--config", "pyproject.toml"]
    answer = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr
