"""A command line over each database, and a project in it."""

import pytest

from tests.cli.shell import Shell


@pytest.fixture
def shell(database_url, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Shell(database_url, tmp_path)


@pytest.fixture
def project(shell):
    shell.run("project", "add", "--name", "Лён и нить", "--key", "LEN")
    return shell
