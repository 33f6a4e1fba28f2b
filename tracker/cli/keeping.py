"""`backup`, `restore`, `verify`, `doctor`: that nothing is lost, and that one knows."""

import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy.exc import DBAPIError

from tracker.cli.desk import N_, as_json, desk, now_of, report
from tracker.cli.failing import Ended
from tracker.keeping import backup as archives
from tracker.keeping.anchors import missed, read_anchors
from tracker.keeping.verifying import as_rows, examine
from tracker.keeping.verifying import verify as verify_all
from tracker.services.ground.journal_keys import keys_of
from tracker.services.house.self_watch import beat
from tracker.settings import load_settings
from tracker.wording.say import say

NO_KEYS_IN_IT = N_(
    "The keys are not in it: keep a copy of secret.key and journal.key (or of their variables) somewhere else."
)


@click.command()
@click.argument("target", required=False, type=click.Path(dir_okay=False, path_type=Path))
@as_json
def backup(target: Path | None, as_json: bool) -> None:
    """Copy database and uploads into one archive, while running. TARGET: else a dated file in the data folder."""
    wall_now = datetime.now(UTC)
    with desk(any_key=True) as opened:
        settings = opened.settings
        place = target or settings.data_dir / "backups" / f"auftakt-{wall_now:%Y%m%dT%H%M%SZ}.tar.gz"
        try:
            made = archives.make_backup(
                opened.database, settings.database_url, settings.uploads, place.absolute(), now=wall_now
            )
        except archives.BackupFailed as failed:
            # Where the disk is full this may fail, too; what is said below is more to the point.
            with suppress(DBAPIError), opened.database.writing() as session:
                beat(session, "backup", now=wall_now, ok=False, detail=str(failed))
            raise Ended(say(settings.language, failed.text, **failed.facts)) from None
        with opened.database.writing() as session:
            beat(session, "backup", now=wall_now)
        opened.anchor({})
    report(made._asdict(), as_json)
    if not as_json:
        click.echo(say(settings.language, NO_KEYS_IN_IT))


@click.command()
@click.argument("archive", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--anyway", is_flag=True, help="Also an archive whose journal does not verify.")
@as_json
def restore(archive: Path, anyway: bool, as_json: bool) -> None:
    """Bring an archive back; what is there now is moved aside. Sending stays paused until `auftakt resume`.

    It is unpacked and checked beside the data first: whatever fails, what is there now stays.
    """
    settings = load_settings()
    wall_now, keys = datetime.now(UTC), keys_of(settings.journal_words)
    try:
        made = archives.restore_backup(
            archive, settings.database_url, settings.uploads, now=wall_now, wall_now=wall_now, keys=keys, anyway=anyway
        )
    except archives.BackupFailed as failed:
        raise Ended(say(settings.language, failed.text, **failed.facts)) from None
    with desk(any_key=True) as opened:
        opened.anchor({}, restored=True)
    report({**made._asdict(), "sending": "paused"}, as_json)


@click.command()
@as_json
def verify(as_json: bool) -> None:
    """Check journal, anchors, rows, stored moments, references and files. Exit status 1 if anything is wrong.

    `unanchored`: how many events came after the last anchor of their chain; for them only their key speaks.
    """
    with desk(any_key=True) as opened:
        # Before the database: what is anchored meanwhile may be of a moment that is not seen here.
        anchors = read_anchors(opened.settings.anchors, opened.keys)
        with opened.database.steady() as session:
            known = anchors._replace(problems=[*anchors.problems, *missed(session, opened.settings.anchors, anchors)])
            found = verify_all(session, opened.settings.uploads, now=now_of(session), anchors=known)
    told = {"ok": found.ok, "checked": found.checked, "unanchored": found.unanchored}
    report({**told, "problems": as_rows(found.problems)}, as_json)
    sys.exit(0 if found.ok else 1)


@click.command()
@as_json
def doctor(as_json: bool) -> None:
    """Check settings, database and signs of life. Exit status 1 if anything is wrong."""
    with desk(any_schema=True) as opened:
        found = examine(opened.settings, opened.database, wall_now=datetime.now(UTC))
    report([finding._asdict() for finding in found], as_json)
    sys.exit(0 if all(finding.ok for finding in found) else 1)
