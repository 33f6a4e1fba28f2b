"""`backup`, `restore`, `verify`, `doctor`: that nothing is lost, and that one knows."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from tracker.cli.desk import as_json, desk, now_of, report
from tracker.cli.failing import Ended
from tracker.keeping import backup as archives
from tracker.keeping.verifying import as_rows, examine
from tracker.keeping.verifying import verify as verify_all
from tracker.services.house.self_watch import beat
from tracker.settings import load_settings
from tracker.temporary import temporary_files_in
from tracker.wording.say import say


@click.command()
@click.argument("target", required=False, type=click.Path(dir_okay=False, path_type=Path))
@as_json
def backup(target: Path | None, as_json: bool) -> None:
    """Copy database and uploads into one archive, while running. TARGET: else a dated file in the data folder."""
    wall_now = datetime.now(UTC)
    with desk() as opened:
        settings = opened.settings
        place = target or settings.data_dir / "backups" / f"auftakt-{wall_now:%Y%m%dT%H%M%SZ}.tar.gz"
        try:
            made = archives.make_backup(
                opened.database, settings.database_url, settings.uploads, place.absolute(), now=wall_now
            )
        except archives.BackupFailed as failed:
            with opened.database.writing() as session:
                beat(session, "backup", now=wall_now, ok=False, detail=str(failed))
            raise Ended(say(settings.language, failed.text, **failed.facts)) from None
        with opened.database.writing() as session:
            beat(session, "backup", now=wall_now)
    report(made._asdict(), as_json)


@click.command()
@click.argument("archive", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@as_json
def restore(archive: Path, as_json: bool) -> None:
    """Bring an archive back; what is there now is moved aside. Sending stays paused until `auftakt resume`."""
    settings = load_settings()
    wall_now = datetime.now(UTC)
    try:
        with temporary_files_in(settings.temporary):
            made = archives.restore_backup(
                archive, settings.database_url, settings.uploads, now=wall_now, wall_now=wall_now
            )
    except archives.BackupFailed as failed:
        raise Ended(say(settings.language, failed.text, **failed.facts)) from None
    report({**made._asdict(), "sending": "paused"}, as_json)


@click.command()
@as_json
def verify(as_json: bool) -> None:
    """Check the journal's chain, stored moments and references. Exit status 1 if anything is wrong."""
    with desk() as opened, opened.database.reading() as session:
        found = verify_all(session, opened.settings.uploads, now=now_of(session))
    report({"ok": found.ok, "checked": found.checked, "problems": as_rows(found.problems)}, as_json)
    sys.exit(0 if found.ok else 1)


@click.command()
@as_json
def doctor(as_json: bool) -> None:
    """Check settings, database and signs of life. Exit status 1 if anything is wrong."""
    with desk(any_schema=True) as opened:
        found = examine(opened.settings, opened.database, wall_now=datetime.now(UTC))
    report([finding._asdict() for finding in found], as_json)
    sys.exit(0 if all(finding.ok for finding in found) else 1)
