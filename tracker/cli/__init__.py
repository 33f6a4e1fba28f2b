"""The command line: a composition root. Each command stands in a file of its topic and is imported when it is called.

Exit status: 0 well, 1 something wrong was found, 2 wrong use.
"""

from importlib import import_module
from typing import Any

import click

from tracker.cli.failing import said

COMMANDS = {
    "serve": ("serving", "serve", "Serve the site, with clock, delivery and bot."),
    "bot": ("serving", "bot", "Run clock, delivery and bot without the site."),
    "migrate": ("serving", "migrate", "Bring the database to the newest schema."),
    "demo": ("showing", "demo", "Load the demo project into an empty database."),
    "project": ("joining", "project", "Add and list projects."),
    "person": ("joining", "person", "Add, list and invite persons."),
    "token": ("joining", "token", "Create and revoke API keys and private addresses."),
    "import": ("sheets", "import_sheet", "Read a register out of a sheet; a dry run unless --apply."),
    "export": ("sheets", "export", "Write a project's register as CSV or XLSX."),
    "tick": ("telling", "tick", "Run one round of the clock; sends nothing."),
    "deliver": ("telling", "deliver", "Send what is due."),
    "outbox": ("telling", "outbox", "List messages and why they are there."),
    "resume": ("telling", "resume", "Send again after a restore."),
    "backup": ("keeping", "backup", "Copy database and uploads into one archive, while running."),
    "restore": ("keeping", "restore", "Bring an archive back; sending stays paused."),
    "verify": ("keeping", "verify", "Check journal, stored moments and files."),
    "doctor": ("keeping", "doctor", "Check settings, database and signs of life."),
}
"""Name -> file, function, what `auftakt --help` says: it says so without importing any of them."""


class Lazy(click.Group):
    """Commands that are imported when they are called, and refusals that end in one line instead of a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        file, name, _ = COMMANDS[cmd_name]
        command = getattr(import_module(f"tracker.cli.{file}"), name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, _, text) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Exception as error:
            # Whatever a command meets: said in one line if it is known what it is, else raised as it came.
            raise (said(error) or error) from None


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="auftakt", prog_name="auftakt")
def main() -> None:
    """Auftakt: whose turn it is, what is promised, what is next.

    Settings are AUFTAKT_* variables, also read from a file .env; the README lists them.
    """
