"""Signing in with a password, and the browser sessions that it opens.

A token is random, new at every sign-in, and stored as its SHA-256. Hashing a password takes tens of milliseconds and
19 MiB: it is done between transactions, never inside one.
"""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlmodel import Session, col, select

from tracker.db import Database, rows
from tracker.domain.errors import FieldError, Forbidden, Invalid, NotFound, Slower
from tracker.domain.terms import Way
from tracker.services.ground.journal import About, Actor, record
from tracker.tables import Attempt, Person, SignIn

IDLE = timedelta(days=14)
LONGEST = timedelta(days=60)
SEEN_EVERY = timedelta(minutes=1)

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200

WINDOW = timedelta(hours=1)
FREE_TRIES = {"account": 5, "address": 30}
"""Failures within the window that cost nothing; each one more doubles the wait."""
LONGEST_WAIT = timedelta(minutes=5)

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
    """A new session; `token` is the cookie's value and is never seen again."""

    token: str
    id: int
    person_id: int
    expires_at: datetime


class Listed(NamedTuple):
    """A session as its owner sees it."""

    id: int
    created_at: datetime
    seen_at: datetime
    agent: str
    current: bool


def hash_password(password: str) -> str:
    """Raises Invalid for a password that is too short or too long to be one."""
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid(FieldError("password", "too_short", {"limit": SHORTEST_PASSWORD, "length": len(password)}))
    if len(password) > LONGEST_PASSWORD:
        raise Invalid(FieldError("password", "too_long", {"limit": LONGEST_PASSWORD, "length": len(password)}))
    return HASHER.hash(password)


@cache
def _nobodys_hash() -> str:
    """What an unknown address is checked against, so that it takes as long as a known one."""
    return HASHER.hash(secrets.token_urlsafe(16))


def _fits(kept: str, password: str) -> bool:
    try:
        return HASHER.verify(kept, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


def sign_in(
    database: Database, email: str, password: str, *, address: str, agent: str, now: datetime, previous: str = ""
) -> Opened:
    """Open a session, and close `previous` (the token the browser came with): a planted cookie is worth nothing.

    Raises Invalid("sign_in_failed") for an unknown address, a wrong password, a person without one and an archived
    person alike; Slower after too many failures of this account or from this network address.
    """
    email = email.strip().casefold()
    keys = (f"account:{digest(email)}", f"address:{address}")
    with database.writing() as session:
        # The attempt is noted before it is made: a thousand at once are counted like a thousand in a row.
        _count_attempt(session, keys, now)
        found = rows(
            session,
            sa.select(col(Person.id), col(Person.password_hash), col(Person.archived_at)).where(
                col(Person.email) == email
            ),
        )
    person = found[0] if found and found[0].password_hash and found[0].archived_at is None else None
    fits = _fits(person.password_hash if person else _nobodys_hash(), password[: LONGEST_PASSWORD + 1])
    if person is None or not fits:
        raise Invalid(code="sign_in_failed")
    newer = HASHER.hash(password) if HASHER.check_needs_rehash(person.password_hash) else None
    with database.writing() as session:
        _forget_attempts(session, keys)
        if newer is not None:
            session.get_one(Person, person.id).password_hash = newer
        if previous:
            _close(session, SignIn.token_sha256 == digest(previous), now)
        return open_session(session, Actor(person.id, Way.WEB), person.id, agent=agent, now=now)


def open_session(session: Session, actor: Actor, person_id: int, *, agent: str, now: datetime) -> Opened:
    """A session for somebody who has just proved who they are (by password, or by setting the house up)."""
    token = secrets.token_urlsafe(32)
    row = SignIn(
        token_sha256=digest(token), person_id=person_id, created_at=now, seen_at=now, expires_at=now + LONGEST,
        agent="".join(sign for sign in agent if sign.isprintable())[:200],
    )  # fmt: skip
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


def sessions_of(session: Session, person_id: int, *, current_id: int | None, now: datetime) -> list[Listed]:
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
    return [Listed(row.id, row.created_at, row.seen_at, row.agent, row.id == current_id) for row in found]


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
    open_ones = select(SignIn).where(which, col(SignIn.revoked_at).is_(None)).order_by(col(SignIn.id))
    found = session.exec(open_ones.with_for_update()).all()
    for row in found:
        row.revoked_at = now
    return [row.id for row in found]


def digest(text: str) -> str:
    """How a secret is kept: as its SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()


def _count_attempt(session: Session, keys: Sequence[str], now: datetime) -> None:
    """Note one attempt under each key, or raise Slower. What waits is not counted: it tried nothing."""
    connection = session.connection()
    connection.execute(sa.delete(Attempt).where(col(Attempt.at) < now - timedelta(days=1)))
    for key in keys:
        count, last = connection.execute(
            sa.select(sa.func.count(), sa.func.max(col(Attempt.at))).where(
                col(Attempt.key) == key, col(Attempt.at) > now - WINDOW
            )
        ).one()
        over = count - FREE_TRIES[key.split(":")[0]]
        if over >= 0:
            # A wait, not a lock: nobody shuts somebody else out for good by guessing at their account.
            wait = min(timedelta(seconds=2 ** min(over, 20)), LONGEST_WAIT) - (now - last)
            if wait > timedelta(0):
                raise Slower(int(wait.total_seconds()) + 1)
    session.add_all([Attempt(key=key, at=now) for key in keys])


def _forget_attempts(session: Session, keys: Sequence[str]) -> None:
    """A success clears its account, and gives the network address back the one attempt it was."""
    account, address = keys
    connection = session.connection()
    connection.execute(sa.delete(Attempt).where(col(Attempt.key) == account))
    last = connection.execute(sa.select(sa.func.max(col(Attempt.id))).where(col(Attempt.key) == address)).scalar_one()
    connection.execute(sa.delete(Attempt).where(col(Attempt.id) == last))
