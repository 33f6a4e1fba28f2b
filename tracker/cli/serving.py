"""`serve`, `bot`, `migrate`."""

import sys
from typing import TYPE_CHECKING

import click

from tracker.cli.desk import N_, Desk, as_json, desk, report
from tracker.owner_only import tighten_house
from tracker.server.emulator_address import emulator_of

if TYPE_CHECKING:
    from tracker.keeping.bringing_up import BroughtUp


@click.command()
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes (PostgreSQL).")
@click.option("--no-bot", is_flag=True, help="The site only: clock, delivery and bot run elsewhere.")
def serve(workers: int, no_bot: bool) -> None:
    """Serve the site, with clock, delivery and bot."""
    with desk() as opened:
        if workers > 1 and opened.database.is_sqlite:
            raise opened.misused(
                N_("SQLite takes one serving process. For --workers {workers} set AUFTAKT_DATABASE_URL to PostgreSQL."),
                workers=workers,
            )
        settings = opened.settings
        if workers > 1 and emulator_of(settings) is not None:
            raise opened.misused(N_("The imitated Telegram of the demo lives in one process: leave out --workers."))
    from tracker.server.app import serve as run

    sys.exit(run(settings, with_bot=not no_bot, workers=workers))


@click.command()
def bot() -> None:
    """Run clock, delivery and bot without the site; with AUFTAKT_TELEGRAM_MODE=off clock and mail only."""
    with desk() as opened:
        settings = opened.settings
    from tracker.server.app import run_bot

    sys.exit(run_bot(settings))


@click.command()
@as_json
def migrate(as_json: bool) -> None:
    """Bring the database to the newest schema. Run it again after each update; it does nothing when nothing is new."""
    with desk(any_schema=True) as opened:
        done = brought_up(opened)
        found = {"from": done.before or None, "to": done.after}
        report(found, as_json)
        if done.problems:
            # Nothing that would keep a server from starting, and nothing that gets better by waiting.
            warning = N_("The journal was not whole before it was sealed: look with `auftakt verify`.")
            click.echo(opened.say(warning), err=True)


def brought_up(opened: Desk) -> "BroughtUp":
    """The newest schema, a sealed journal and the house's row, all anchored."""
    from datetime import UTC, datetime

    from tracker.keeping.bringing_up import bring_up
    from tracker.services.house.installation import mark_demo, open_house

    settings, now = opened.settings, datetime.now(UTC)
    tighten_house(settings.data_dir)
    done = bring_up(settings.database_url, opened.keys, now=now)
    with opened.database.writing() as session:
        open_house(session, now=now)
        if settings.demo:
            mark_demo(session, settings.clock_offset, now=now)
    opened.anchor_all()
    return done
