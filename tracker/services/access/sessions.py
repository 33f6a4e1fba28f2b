"""Signing in with a password, and the browser sessions that it opens.

A token is random, new at every sign-in, and stored as its SHA-256. Hashing a password takes tens of milliseconds and
19 MiB: it is done between transactions, never inside one.
"""

import hashlib
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlmodel import Session, col, select

from tracker.db import Database, rows
from tracker.domain.errors import Forbidden, Invalid, NotFound
from tracker.domain.terms import Way
from tracker.services.access.attempts import browser_mark, count_attempt, forget_attempts, keys_of, known_browser
from tracker.services.access.passwords import LONGEST_PASSWORD, require_strong
from tracker.services.ground.journal import About, Actor, record
from tracker.tables import Person, SignIn

IDLE = timedelta(days=14)
LONGEST = timedelta(days=60)
SEEN_EVERY = timedelta(minutes=1)

# OWASP's smallest: two threads hash at a time, in a process that may hold 200 MB.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


class SignedIn(NamedTuple):
    """Who a session belongs to, with what each page needs of them. `unseen`: call `touch` when there is a moment."""

    id: int
    person_id: int
    name: str
    language: str
    timezone: str
    may_found: bool
    unseen: bool


class Opened(NamedTuple):
    """A new session; `token` is the cookie's value and is never seen again. `mark`: the browser is known by it."""

    token: str
    id: int
    person_id: int
    expires_at: datetime
    mark: str = ""


class ListedSession(NamedTuple):
    """A session as its owner sees it."""

    id: int
    created_at: datetime
    seen_at: datetime
    agent: str
    current: bool


def hash_password(password: str, own: Sequence[str] = ()) -> str:
    """Raises Invalid for one that is too short, too long or too easily guessed; `own`: see `require_strong`."""
    require_strong(password, own)
    return HASHER.hash(password)


@cache
def _nobodys_hash() -> str:
    """What an unknown address is checked against, so that it takes as long as a known one."""
    return HASHER.hash(secrets.token_urlsafe(16))


def password_fits(kept: str, password: str) -> bool:
    try:
        return HASHER.verify(kept, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


def sign_in(
    database: Database,
    email: str,
    password: str,
    *,
    address: str,
    agent: str,
    now: datetime,
    previous: str = "",
    key: bytes = b"",
    mark: str = "",
    published: Collection[str] = (),
) -> Opened:
    """Open a session, and close `previous` (the token the browser came with): a planted cookie is worth nothing.

    `key`: the installation's, `mark`: what the browser is known by (see `attempts`). `published`: passwords that
    everybody can read, which open nothing here. Raises Invalid("sign_in_failed") for an unknown address, a wrong
    password, a person without one and an archived person alike; Slower after too many failures.
    """
    email = email.strip().casefold()
    with database.writing() as session:
        found = rows(
            session,
            sa.select(col(Person.id), col(Person.password_hash), col(Person.archived_at)).where(
                col(Person.email) == email
            ),
        )
        person = found[0] if found and found[0].password_hash and found[0].archived_at is None else None
        browser = known_browser(key, mark, person.id, person.password_hash, now=now) if person else ""
        keys = keys_of(digest(email), address, browser)
        # The attempt is noted before it is made: a thousand at once are counted like a thousand in a row.
        count_attempt(session, keys, now)
    fits = password_fits(person.password_hash if person else _nobodys_hash(), password[: LONGEST_PASSWORD + 1])
    if person is None or not fits or password in published:
        raise Invalid(code="sign_in_failed")
    newer = HASHER.hash(password) if HASHER.check_needs_rehash(person.password_hash) else None
    with database.writing() as session:
        forget_attempts(session, keys)
        if newer is not None:
            session.connection().execute(
                sa.update(Person).where(col(Person.id) == person.id).values(password_hash=newer)
            )
        if previous:
            _close(session, SignIn.token_sha256 == digest(previous), now)
        opened = open_session(session, Actor(person.id, Way.WEB), person.id, agent=agent, now=now)
        return opened._replace(mark=browser_mark(key, person.id, newer or person.password_hash, now=now))


def open_session(session: Session, actor: Actor, person_id: int, *, agent: str, now: datetime) -> Opened:
    """A session for somebody who has just proved who they are (by password, or by setting the house up)."""
    token = secrets.token_urlsafe(32)
    row = SignIn(
        token_sha256=digest(token),
        person_id=person_id,
        created_at=now,
        seen_at=now,
        expires_at=now + LONGEST,
        agent="".join(sign for sign in agent if sign.isprintable())[:200],
    )
    session.add(row)
    session.flush()
    record(session, actor, "session.opened", About("session", row.id), now=now, person=person_id)
    return Opened(token, row.id, person_id, row.expires_at)


def touch(session: Session, session_id: int, *, now: datetime) -> None:
    """The session was used. Not journaled: it changes nothing that anybody works with."""
    session.connection().execute(
        sa.update(SignIn)
        .where(col(SignIn.id) == session_id, col(SignIn.seen_at) <= now - SEEN_EVERY)
        .values(seen_at=now)
    )


def sign_out(session: Session, actor: Actor, token: str, *, now: datetime) -> None:
    for session_id in _close(session, SignIn.token_sha256 == digest(token), now):
        record(session, actor, "session.closed", About("session", session_id), now=now)


def sessions_of(session: Session, person_id: int, *, current_id: int | None, now: datetime) -> list[ListedSession]:
    """The person's open sessions, the latest used first."""
    found = session.exec(
        select(SignIn)
        .where(
            SignIn.person_id == person_id,
            col(SignIn.revoked_at).is_(None),
            col(SignIn.expires_at) > now,
            col(SignIn.seen_at) > now - IDLE,
        )
        .order_by(col(SignIn.seen_at).desc(), col(SignIn.id).desc())
    )
    return [ListedSession(row.id, row.created_at, row.seen_at, row.agent, row.id == current_id) for row in found]


def revoke_session(session: Session, actor: Actor, session_id: int, *, now: datetime) -> None:
    """Close one of one's own sessions; somebody else's is not found. Twice is once."""
    row = session.get(SignIn, session_id)
    if row is None or actor.person_id is None or row.person_id != actor.person_id:
        raise NotFound("session")
    for closed in _close(session, SignIn.id == session_id, now):
        record(session, actor, "session.closed", About("session", closed), now=now)


def revoke_all(session: Session, actor: Actor, person_id: int, *, now: datetime, except_id: int | None = None) -> int:
    """Sign the person out everywhere, but for `except_id`; returns how many sessions ended."""
    if actor.person_id is not None and actor.person_id != person_id:
        raise Forbidden("forbidden")
    closed = _close(session, sa.and_(col(SignIn.person_id) == person_id, col(SignIn.id) != (except_id or 0)), now)
    for session_id in closed:
        record(session, actor, "session.closed", About("session", session_id), now=now)
    return len(closed)


def _close(session: Session, which: sa.ColumnElement[bool] | bool, now: datetime) -> Sequence[int]:
    statement = (
        sa.update(SignIn)
        .where(which, col(SignIn.revoked_at).is_(None))  # type: ignore[arg-type]
        .values(revoked_at=now)
        .returning(col(SignIn.id))
    )
    return [int(row.id) for row in session.connection().execute(statement)]


def digest(text: str) -> str:
    """How a secret is kept: as its SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()
