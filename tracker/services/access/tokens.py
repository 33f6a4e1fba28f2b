"""Private addresses and API keys: capability tokens of one person, for one use, revocable.

A secret is derived from the installation's key and the row (`scope/id/nonce`), so that a message can carry the link
again, while the database holds only its SHA-256: a stolen dump opens nothing.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, select

from tracker.db import rows
from tracker.domain.errors import FieldError, Gone, Invalid, NotFound
from tracker.domain.permissions import require
from tracker.domain.terms import Scope
from tracker.services.access.loading import standing
from tracker.services.access.persons import find_person
from tracker.services.ground.fields import one_line, refuse
from tracker.services.ground.journal import HOUSE, About, Actor, record
from tracker.tables import Membership, Person, Token

LIVES = {Scope.PAGE: timedelta(days=90), Scope.START: timedelta(days=30)}
"""How long a new token works. Keys and calendars work until they are revoked: programs can't ask for new ones."""

FRESH = 3
"""A link that goes into a message has at least a third of its life before it."""

PATHS = {Scope.CALENDAR: "/cal/{}.ics", Scope.PAGE: "/my/{}"}


class Issued(NamedTuple):
    """A token with its secret: shown once."""

    id: int
    scope: Scope
    secret: str


class TokenHolder(NamedTuple):
    """What a secret opens: the person as whom everything is then done, asked anew at each use."""

    id: int
    scope: Scope
    person_id: int
    project_id: int | None
    name: str
    language: str
    timezone: str
    unseen: bool


class ListedToken(NamedTuple):
    """A token as its owner, or the conductor who may revoke it, sees it: without the secret."""

    id: int
    person_id: int
    scope: Scope
    label: str
    created_at: datetime
    used_at: datetime | None
    expires_at: datetime | None


def address_of(token: Token, *, key: bytes) -> str | None:
    """The secret again; None if the installation's key is another one than when it was issued."""
    secret = _derived(token, key)
    return secret if hmac.compare_digest(_digest(secret), token.sha256) else None


def url_of(scope: Scope, secret: str, public_url: str) -> str | None:
    """The address to open; API keys and start payloads have none of their own."""
    path = PATHS.get(scope)
    return f"{public_url}{path.format(secret)}" if path else None


def issue(
    session: Session,
    actor: Actor,
    person_id: int,
    scope: Scope,
    *,
    key: bytes,
    now: datetime,
    project_id: int | None = None,
    label: str = "",
    expires_at: datetime | None = None,
) -> Issued:
    """A new token. One's own, or by the house itself; a conductor invites (`services.channels.invitations`) instead."""
    find_person(session, actor, person_id)
    require(actor.is_house or actor.person_id == person_id, "not_your_token")
    errors: list[FieldError] = []
    label = one_line(errors, "label", label, limit=100)
    refuse(errors)
    if expires_at is not None and expires_at <= now:
        raise Invalid(FieldError("expires_at", "in_the_past"))
    return issue_for(
        session, actor, person_id, scope, key=key, now=now, project_id=project_id, label=label, expires_at=expires_at
    )


def issue_for(
    session: Session,
    actor: Actor,
    person_id: int,
    scope: Scope,
    *,
    key: bytes,
    now: datetime,
    project_id: int | None = None,
    label: str = "",
    expires_at: datetime | None = None,
) -> Issued:
    """A new token without asking who may: for verbs that have asked."""
    lives = LIVES.get(scope)
    row = Token(
        person_id=person_id,
        project_id=project_id,
        scope=scope,
        label=label,
        nonce=secrets.token_hex(8),
        sha256=secrets.token_hex(32),  # until the row has its id, a digest that nothing fits
        created_at=now,
        created_by_id=actor.person_id,
        expires_at=expires_at or (now + lives if lives else None),
    )
    session.add(row)
    session.flush()
    secret = _derived(row, key)
    row.sha256 = _digest(secret)
    session.add(row)
    record(
        session,
        actor,
        "token.issued",
        About("token", row.id, project_id or HOUSE),
        now=now,
        person=person_id,
        scope=str(scope),
    )
    return Issued(row.id, scope, secret)


def standing_address(
    session: Session,
    actor: Actor,
    person_id: int,
    scope: Scope,
    *,
    key: bytes,
    now: datetime,
    project_id: int | None = None,
) -> str:
    """The secret of a link that still works for a while, made if there is none: what a message to its owner carries."""
    lives = LIVES.get(scope, timedelta(0))
    query = (
        select(Token)
        .where(
            Token.person_id == person_id,
            Token.scope == scope,
            Token.project_id == project_id,
            col(Token.revoked_at).is_(None),
            sa.or_(col(Token.expires_at).is_(None), col(Token.expires_at) > now + lives / FRESH),
        )
        .order_by(col(Token.id).desc())
    )
    for row in session.exec(query):
        if (secret := address_of(row, key=key)) is not None:
            return secret
    return issue_for(session, actor, person_id, scope, key=key, now=now, project_id=project_id).secret


def find_token(session: Session, scope: Scope, secret: str, *, now: datetime) -> TokenHolder:
    """What `secret` opens. NotFound if nothing, expired, revoked or its person is gone; Gone for a revoked calendar.

    Found by its digest, so the time it takes tells nothing about the secret. The stored digest decides, not the key:
    a lost key breaks no link that people have.
    """
    found = rows(
        session,
        sa.select(
            col(Token.id),
            col(Token.person_id),
            col(Token.project_id),
            col(Token.expires_at),
            col(Token.revoked_at),
            col(Token.used_at),
            col(Person.name),
            col(Person.language),
            col(Person.timezone),
            col(Person.archived_at),
        )
        .join(Person, col(Person.id) == col(Token.person_id))
        .where(col(Token.sha256) == _digest(secret), col(Token.scope) == str(scope)),
    )
    if not found:
        raise NotFound("token")
    row = found[0]
    if row.revoked_at is not None and scope is Scope.CALENDAR:
        raise Gone("calendar")
    expired = row.expires_at is not None and row.expires_at <= now
    if row.revoked_at is not None or expired or row.archived_at is not None:
        raise NotFound("token")
    unseen = row.used_at is None or now - row.used_at >= timedelta(minutes=1)
    return TokenHolder(row.id, scope, row.person_id, row.project_id, row.name, row.language, row.timezone, unseen)


def touch(session: Session, token_id: int, *, now: datetime) -> None:
    """The token was used."""
    session.connection().execute(
        sa.update(Token).where(col(Token.id) == token_id).values(used_at=now, uses=col(Token.uses) + 1)
    )


def revoke(session: Session, actor: Actor, token_id: int, *, now: datetime) -> None:
    """End a token: one's own, or a private address of somebody in a project that the actor conducts."""
    row = session.get(Token, token_id)
    if row is None or not _may_revoke(session, actor, row):
        raise NotFound("token")
    if row.revoked_at is not None:
        return
    row.revoked_at = now
    session.add(row)
    record(session, actor, "token.revoked", row, now=now, person=row.person_id, scope=row.scope)


def tokens_of(session: Session, actor: Actor, person_id: int, *, now: datetime) -> list[ListedToken]:
    """The person's working tokens that the actor may revoke, the newest first."""
    query = (
        select(Token)
        .where(
            Token.person_id == person_id,
            col(Token.revoked_at).is_(None),
            sa.or_(col(Token.expires_at).is_(None), col(Token.expires_at) > now),
        )
        .order_by(col(Token.id).desc())
    )
    return [
        ListedToken(row.id, row.person_id, Scope(row.scope), row.label, row.created_at, row.used_at, row.expires_at)
        for row in session.exec(query)
        if _may_revoke(session, actor, row)
    ]


def _may_revoke(session: Session, actor: Actor, row: Token) -> bool:
    if actor.is_house or actor.person_id == row.person_id:
        return True
    if row.scope == Scope.API:
        return False  # what somebody's own programs do is their own affair
    shared = session.exec(
        select(Membership.project_id).where(
            Membership.person_id == row.person_id, col(Membership.archived_at).is_(None)
        )
    )
    return any(_conducts(session, actor, project_id) for project_id in shared)


def _conducts(session: Session, actor: Actor, project_id: int) -> bool:
    try:
        return standing(session, actor, project_id).runs
    except NotFound:
        return False


def _derived(token: Token, key: bytes) -> str:
    mac = hmac.new(key, f"{token.scope}/{token.id}/{token.nonce}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(mac.digest()).rstrip(b"=").decode()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
