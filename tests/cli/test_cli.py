"""The command line as a whole: it names and explains every command."""

import subprocess
import sys
import time

import pytest

from tracker.cli import COMMANDS


def test_help_names_every_command_and_takes_no_time():
    begun = time.perf_counter()
    answer = subprocess.run([sys.executable, "-m", "tracker.cli", "--help"], capture_output=True, text=True, check=True)
    assert time.perf_counter() - begun < 5
    assert [name for name in COMMANDS if f"\n  {name}" not in answer.stdout] == []
    heavy = "import sys, tracker.cli; assert not {'sqlalchemy', 'litestar', 'telegram', 'holidays'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", heavy], check=True)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(shell, name):
    assert "Usage:" in shell.run(name, "--help").stdout
