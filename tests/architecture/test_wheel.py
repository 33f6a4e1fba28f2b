"""The wheel: installed elsewhere and run from `/`, it brings everything along and needs no checkout."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.places import ROOT

FOLDERS = ["templates", "seed_data", "migrations", "locale", "web/static"]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the unpacked wheel. What it depends on is taken from the environment of the tests: no network."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True, timeout=120)
    (wheel,) = folder.glob("auftakt-*.whl")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-compile"]
    subprocess.run([*install, "--target", str(folder / "site"), str(wheel)], check=True, timeout=120)
    return folder / "site"


def run(installed: Path, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("AUFTAKT_")}
    environment |= {"PYTHONPATH": str(installed), "PYTHONDONTWRITEBYTECODE": "1", **variables}
    return subprocess.run(command, cwd="/", env=environment, capture_output=True, text=True, timeout=120)


def test_the_command_explains_itself(installed: Path) -> None:
    answer = run(installed, str(installed / "bin" / "auftakt"), "--help")
    assert answer.returncode == 0, answer.stderr
    assert "migrate" in answer.stdout


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_folder_comes_along_complete(installed: Path, folder: str) -> None:
    program = "import sys; from tracker.paths import shipped; print(shipped(sys.argv[1]))"
    answer = run(installed, sys.executable, "-c", program, folder)
    assert answer.returncode == 0, answer.stderr
    there = Path(answer.stdout.strip())
    assert there.is_relative_to(installed)
    here = next(base / folder for base in (ROOT / "tracker", ROOT) if (base / folder).is_dir())
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=here, check=True, capture_output=True, text=True).stdout
    names = {name for name in tracked.split("\0") if name and (here / name).is_file()}
    assert names
    assert names - {str(file.relative_to(there)) for file in there.rglob("*")} == set()


def test_a_database_is_made_from_the_wheel_alone(installed: Path, tmp_path: Path) -> None:
    file = tmp_path / "auftakt.db"
    variables = {"AUFTAKT_DATABASE_URL": f"sqlite:///{file}", "AUFTAKT_DATA_DIR": str(tmp_path)}
    answer = run(installed, str(installed / "bin" / "auftakt"), "migrate", **variables)
    assert answer.returncode == 0, answer.stderr
    assert file.stat().st_size > 0


def test_the_wheel_holds_the_two_packages_and_nothing_else(installed: Path) -> None:
    (wheel,) = installed.parent.glob("auftakt-*.whl")
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"tracker", "bot"}
