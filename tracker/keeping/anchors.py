"""Anchors: the heads of the journal's chains, written down outside the database, in a file that only grows.

One line of JSON for each head, sealed with the journal's key together with the line before it. Whoever can write the
database alone can't take back what is anchored: a chain that ends earlier, or goes another way, does not fit its
anchor.
The database remembers how many lines there were, so that a file that was cut is missed.
"""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, select

from tracker.db import Database, connection_of
from tracker.owner_only import private_file
from tracker.services.ground.journal import plain
from tracker.services.ground.journal_keys import KEYS, NO_KEYS, Keys, mac
from tracker.services.house.findings import Problem
from tracker.services.house.self_watch import beat
from tracker.tables import ProjectChain, Pulse

PULSE = "anchor"
RESTORED = "restored"
"""The kind of a line from which on what was anchored before binds no more: an older state was brought back."""

Heads = Mapping[int, tuple[int, str]]
"""Chain -> (number, head)."""


class Anchors(NamedTuple):
    """`heads`: chain -> number -> head. `file_id` and `lines`: which file it is, and its length."""

    heads: Mapping[int, Mapping[int, str]]
    problems: list[Problem]
    file_id: str = ""
    lines: int = 0

    @property
    def last(self) -> dict[int, tuple[int, str]]:
        return {chain: max(found.items()) for chain, found in self.heads.items()}


NONE = Anchors({}, [])


def heads_of(session: Session) -> dict[int, tuple[int, str]]:
    """Where each chain ends now; those that have not begun are left out."""
    chains = sa.select(ProjectChain.project_id, ProjectChain.seq, ProjectChain.head).where(ProjectChain.seq > 0)
    return {row.project_id: (row.seq, row.head) for row in connection_of(session).execute(chains)}


def read_anchors(file: Path, keys: Keys) -> Anchors:
    """All lines. A last one without an end was being written when the power went: it does not count."""
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return NONE
    except OSError as error:
        return Anchors({}, [Problem("journal.anchor", f"file:{file.name}", f"it can't be read: {error.strerror}")])
    heads: dict[int, dict[int, str]] = {}
    problems: list[Problem] = []
    before, count, file_id = "", 0, ""
    for count, line in enumerate(text.split("\n")[:-1], 1):
        where = f"line:{count}"
        try:
            told: dict[str, Any] = json.loads(line)
            seal, key_id = told.pop("mac"), told["key"]
            if key_id in keys.known and seal != _seal(keys, key_id, before, told):
                problems.append(
                    Problem("journal.anchor", where, "it was not written by us, or one before it is missing")
                )
            elif told.get("kind") == RESTORED:
                heads.clear()
            elif "project" in told:
                heads.setdefault(told["project"], {})[told["seq"]] = told["hash"]
            before, file_id = seal, told.get("file", file_id)
        except (ValueError, KeyError, TypeError, AttributeError):
            problems.append(Problem("journal.anchor", where, "it can't be read"))
    return Anchors(heads, problems, file_id, count)


def _seal(keys: Keys, key_id: str, before: str, told: Mapping[str, Any]) -> str:
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return mac(keys.known[key_id], "anchor", f"{before}\n{text}")


def missed(session: Session, file: Path, anchors: Anchors) -> list[Problem]:
    """What the database remembers of the file and the file does not have any more."""
    known = connection_of(session).execute(select(Pulse.detail).where(Pulse.name == PULSE, Pulse.ok)).scalar()
    file_id, _, written = (known or "").partition(" ")
    if not written.isdecimal():
        return []
    if not anchors.lines:
        return [Problem("journal.anchor", f"file:{file.name}", "it is not there, or empty, and was written already")]
    if file_id == anchors.file_id and int(written) > anchors.lines:
        return [Problem("journal.anchor", f"line:{anchors.lines + 1}-{written}", "written once, and gone")]
    return []


def anchor(
    database: Database, file: Path, *, now: datetime, but: Heads | None = None, restored: bool = False
) -> dict[int, tuple[int, str]]:
    """Write the heads down that are not those of `but`, and have the database remember the file; returns all heads.

    Raises OSError where the file can't be written: the database remembers that, too. `now`: the wall's.
    """
    with database.reading() as session:
        heads, keys = heads_of(session), session.info.get(KEYS, NO_KEYS)
    told: list[dict[str, Any]] = [{"kind": RESTORED}] if restored else []
    told += [
        {"project": chain, "seq": seq, "hash": head}
        for chain, (seq, head) in sorted(heads.items())
        if restored or but is None or but.get(chain) != (seq, head)
    ]
    if told:
        try:
            file_id, count = _append(file, keys, told, now)
        except OSError as error:
            with database.writing() as session:
                beat(session, PULSE, now=now, ok=False, detail=f"{file}: {error.strerror}")
            raise
        with database.writing() as session:
            beat(session, PULSE, now=now, detail=f"{file_id} {count}")
    return heads


def _append(file: Path, keys: Keys, told: list[dict[str, Any]], now: datetime) -> tuple[str, int]:
    file.parent.mkdir(parents=True, exist_ok=True)
    private_file(file)
    with _locked(file) as opened:
        whole = opened.read()
        whole = whole[: whole.rfind(b"\n") + 1]
        lines = whole.splitlines()
        last = _last(lines)
        file_id, before = last.get("file") or secrets.token_hex(6), last.get("mac", "")
        added = b""
        for one in told:
            said = {"at": plain(now), "file": file_id, **one, "key": keys.current}
            before = _seal(keys, keys.current, before, said)
            added += json.dumps({**said, "mac": before}, ensure_ascii=False).encode() + b"\n"
        opened.seek(len(whole))
        opened.truncate()
        opened.write(added)
        opened.flush()
        os.fsync(opened.fileno())
        return file_id, len(lines) + len(told)


def _last(lines: list[bytes]) -> dict[str, Any]:
    try:
        found = json.loads(lines[-1])
    except (IndexError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


@contextmanager
def _locked(file: Path) -> Iterator[IO[bytes]]:
    """Server and command line may write at the same time."""
    with file.open("r+b") as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield opened
