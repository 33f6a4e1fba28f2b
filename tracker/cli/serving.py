"""`serve`, `bot`, `migrate`."""

import sys

import click

from tracker.cli.desk import Desk, as_json, desk, report
from tracker.server.emulator_address import emulator_of
from tracker.wording.marking import N_


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
        before, after = brought_up(opened)
        report({"from": before or None, "to": after}, as_json)


def brought_up(opened: Desk) -> tuple[str, str]:
    """The schema's revision before, empty for none, and now."""
    from datetime import UTC, datetime

    from tracker.migrations import current, upgrade
    from tracker.services.house.installation import ensure_house, mark_demo

    before = current(opened.database.engine)
    upgrade(opened.settings.database_url)
    with opened.database.writing() as session:
        now = datetime.now(UTC)
        ensure_house(session, now=now)
        if opened.settings.demo:
            mark_demo(session, opened.settings.clock_offset, now=now)
    return before, current(opened.database.engine)
