"""The command line in this process."""

import json
from pathlib import Path

from click.testing import CliRunner, Result

from tracker.cli import main
from tracker.services.ground.opening import open_database

DEMO = {"AUFTAKT_DEMO": "1"}
"""Without it there is no demo."""


class Shell:
    """Runs `auftakt` in this process, over one database and a data folder of its own."""

    def __init__(self, database_url: str, folder: Path) -> None:
        self.variables = {
            "AUFTAKT_DATABASE_URL": database_url,
            "AUFTAKT_DATA_DIR": str(folder / "var"),
            "AUFTAKT_SECRET_KEY": "k" * 40,
            "AUFTAKT_LANGUAGE": "en",
            "AUFTAKT_TIMEZONE": "Europe/Moscow",
        }
        self.database_url = database_url

    def run(self, *words: str, status: int = 0, stdin: str | None = None, **variables: str) -> Result:
        result = CliRunner(env={**self.variables, **variables}).invoke(main, words, input=stdin)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == status, result.output
        return result

    def json(self, *words: str, status: int = 0, stdin: str | None = None, **variables: str):
        return json.loads(self.run(*words, "--json", status=status, stdin=stdin, **variables).stdout)

    def says(self, *words: str, status: int, **variables: str) -> str:
        """The one line of an end that is not well."""
        text = self.run(*words, status=status, **variables).stderr
        assert text.count("\n") == 1 and "Traceback" not in text
        return text.strip()

    def reading(self):
        return open_database(self.database_url)
