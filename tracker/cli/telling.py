"""`tick`, `deliver`, `outbox`, `resume`: what goes out, in single rounds and in the open."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from typing import Any

import click

from tracker.cli.desk import Desk, as_json, desk, instant, now_of, report
from tracker.domain.nudging.sending import Send
from tracker.services.engine.clock import tick as round_of_the_clock
from tracker.services.engine.delivery import deliver as deliver_due
from tracker.services.ground.journal import CLI
from tracker.services.house.installation import resume_sending
from tracker.services.messages.handling import outbox_rows

at_option = click.option("--at", metavar="INSTANT", help="Take this for now, such as 2026-11-23T08:00:00Z.")


@click.command()
@at_option
@click.option("--dry-run", is_flag=True, help="Say what would be queued, and write nothing.")
@as_json
def tick(at: str | None, dry_run: bool, as_json: bool) -> None:
    """Run one round of the clock; sends nothing."""
    asked = instant(at)
    with desk() as opened:
        now = asked or _now(opened)
        found = round_of_the_clock(opened.database, now, dry_run=dry_run)
    report({**found._asdict(), "queued": [_queued(one) for one in found.queued]}, as_json)


def _queued(one: Any) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in one._asdict().items()}


@click.command()
@at_option
@as_json
def deliver(at: str | None, as_json: bool) -> None:
    """Send what is due: through Telegram, or through the emulator of the running demo server; else it stays queued."""
    asked = instant(at)
    with desk() as opened:
        now = asked or _now(opened)
        with _channels(opened, now) as channels:
            found = deliver_due(opened.database, now, channels, holder="deliver")
    report(found._asdict(), as_json)


@contextmanager
def _channels(opened: Desk, now: datetime) -> Iterator[Mapping[str, Send]]:
    from bot.run import channel_of
    from tracker.server.emulator_address import emulator_of

    emulator = emulator_of(opened.settings)
    if emulator is not None and not _answers(emulator[0]):
        yield {}  # its chats live in the server's memory: without the server there is nobody to deliver to
        return
    telegram = channel_of(opened.settings, emulator=emulator, wall=lambda: now)
    if telegram is None:
        yield {}
        return
    with closing(telegram):
        yield {"telegram": telegram}


def _answers(root: str) -> bool:
    import httpx

    try:
        return httpx.get(root, timeout=5, trust_env=False).status_code < 500
    except httpx.TransportError:
        return False


@click.command()
@click.option("--since", metavar="INSTANT", help="Only those queued at this moment or later.")
@as_json
def outbox(since: str | None, as_json: bool) -> None:
    """List messages and why they are there."""
    asked = instant(since)
    rows: list[dict[str, Any]] = []
    with desk() as opened, opened.database.reading() as session:
        while page := outbox_rows(session, since=asked, after=rows[-1]["id"] if rows else 0):
            rows += [
                {
                    "id": row.id,
                    "person": row.person,
                    "name": row.name,
                    "timezone": row.timezone,
                    "channel": row.channel,
                    "kind": row.kind,
                    "tasks": list(row.tasks),
                    "rule": row.rule,
                    "queued_at": row.queued_at,
                    "send_after": row.send_after,
                    "state": row.state,
                    "reason": row.reason,
                    "text": row.text,
                }
                for row in page
            ]
    if as_json:
        report(rows, as_json)
        return
    for row in rows:
        click.echo(f"#{row['id']} {row['state']} {row['send_after']:%Y-%m-%d %H:%M}Z {row['name']}: {row['rule']}")
        click.echo("    " + str(row["text"]).replace("\n", "\n    "))


@click.command()
@as_json
def resume(as_json: bool) -> None:
    """Send again after a restore."""
    with desk() as opened, opened.database.writing() as session:
        was_paused = resume_sending(session, CLI, now=now_of(session))
    report({"sending": "on", "was_paused": was_paused}, as_json)


def _now(opened: Desk) -> datetime:
    with opened.database.reading() as session:
        return now_of(session)
