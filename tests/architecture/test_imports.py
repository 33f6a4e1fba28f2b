"""Who may import whom: the contracts stand in pyproject.toml, under import-linter."""

import subprocess
import sys
from pathlib import Path

import grimp

from scripts.structure import circles
from tests.places import ROOT


def test_imports_go_only_downwards() -> None:
    # A process of its own: the linter sets up logging anew, and would silence the loggers of all tests after it.
    linter = Path(sys.executable).with_name("lint-imports")
    asked = [str(linter), "--no-cache", "--config", "pyproject.toml"]
    answer = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_no_two_modules_import_one_another_however_far_around() -> None:
    graph = grimp.build_graph("tracker", "bot", cache_dir=None)
    assert len(graph.modules) > 200
    assert {module: sorted(circle) for module, circle in circles(graph).items() if len(circle) > 1} == {}
