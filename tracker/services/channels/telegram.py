"""A person and their Telegram: linking, losing it, coming back, leaving off. One account there is one person here."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from tracker.db import rows
from tracker.domain.errors import NotFound, Refused
from tracker.domain.terms import CardKind, Scope, Way
from tracker.services.access.loading import conductors_of
from tracker.services.access.persons import projects_of
from tracker.services.access.tokens import find_token
from tracker.services.ground import fields
from tracker.services.ground.journal import ENGINE, Actor
from tracker.services.people.persons import tell_person
from tracker.services.tasks.cards import open_card, settle_cards_about
from tracker.tables import Membership, Party, Person, Project, TelegramUpdate, Token

ACCOUNT = frozenset({"telegram_id", "telegram_chat_id", "telegram_name"})


class Linked(NamedTuple):
    """The person behind a Telegram account."""

    person_id: int
    name: str
    language: str
    chat_id: int
    opted_out: bool
    at: datetime
    """When they write or press: whom they stand in for depends on the day."""
    lost: bool = False
    """Messages did not arrive any more."""

    @property
    def actor(self) -> Actor:
        return Actor(self.person_id, Way.TELEGRAM, at=self.at)


class Offer(NamedTuple):
    """What a deep link asks: are you this person? `party` and `conductor` are empty where there is none."""

    token_id: int
    person_id: int
    name: str
    language: str
    party: str
    project: str
    conductor: str


def person_of(session: Session, telegram_id: int, *, now: datetime) -> Linked | None:
    """The linked person; None for strangers and for those who have left."""
    person = session.exec(
        select(Person).where(Person.telegram_id == telegram_id, col(Person.archived_at).is_(None))
    ).first()
    return None if person is None else _linked(person, now)


def linked_of(session: Session, person_id: int, *, now: datetime) -> Linked:
    """The same by the person's id."""
    return _linked(session.get_one(Person, person_id), now)


def _linked(person: Person, now: datetime) -> Linked:
    return Linked(
        person.id,
        person.name,
        person.language,
        person.telegram_chat_id or 0,
        person.opted_out_at is not None,
        now,
        person.telegram_dead_at is not None,
    )


def read_offer(session: Session, secret: str, *, now: datetime) -> Offer:
    """Whom a `/start` payload invites; NotFound if it is spent, withdrawn or was never given."""
    token = find_token(session, Scope.START, secret, now=now)
    return _offer(session, token.id, token.person_id, token.project_id)


def _offer(session: Session, token_id: int, person_id: int, project_id: int | None) -> Offer:
    person = session.get_one(Person, person_id)
    project_id = project_id or next(iter(projects_of(session, person_id)), None)
    party = project = conductor = ""
    if project_id is not None:
        query = (
            sa.select(col(Project.name), col(Party.name))
            .join(Membership, col(Membership.project_id) == col(Project.id))
            .outerjoin(Party, col(Party.id) == col(Membership.party_id))
            .where(col(Membership.person_id) == person_id, col(Project.id) == project_id)
        )
        found = rows(session, query)
        project, party = (found[0][0], found[0][1] or "") if found else ("", "")
        conductor = conductor_name(session, project_id, person_id)
    return Offer(token_id, person_id, person.name, person.language, party, project, conductor)


def conductor_name(session: Session, project_id: int, but: int | None = None) -> str:
    """Who conducts the project, as it is told to others."""
    first = next((one for one in conductors_of(session, project_id) if one != but), None)
    return "" if first is None else session.get_one(Person, first).name


def link(
    session: Session, token_id: int, telegram_id: int, chat_id: int, telegram_name: str, *, now: datetime
) -> tuple[Offer, int | None]:
    """The person has confirmed who they are: the account is theirs, the token is spent.

    Also returns the chat of the account that the person had here before, so that it can be told. The token's id comes
    from what the bot has stored for this chat, never from a button.
    """
    token = session.exec(select(Token).where(Token.id == token_id).with_for_update()).first()
    if token is None or token.scope != Scope.START or token.revoked_at is not None:
        raise NotFound("token")
    if token.expires_at is not None and token.expires_at <= now:
        raise NotFound("token")
    person = session.get_one(Person, token.person_id)
    if person.archived_at is not None:
        raise NotFound("token")
    _leave_others(session, telegram_id, person.id, now)
    before = person.telegram_chat_id if person.telegram_id not in (None, telegram_id) else None
    values = {
        "telegram_id": telegram_id, "telegram_chat_id": chat_id, "telegram_name": telegram_name, "knows_bot": True,
        "opted_out_at": None, "telegram_dead_at": None, "telegram_dead_reason": "",
    }  # fmt: skip
    changed = fields.apply(person, values, now)
    session.add(person)
    try:
        with session.begin_nested():
            session.flush()
    except IntegrityError:
        raise Refused("telegram_taken", []) from None
    token.revoked_at = token.used_at = now
    token.uses += 1
    session.add(token)
    actor = Actor(person.id, Way.TELEGRAM)
    _tell(session, actor, person, "person.linked", changed, now)
    settle_reach(session, actor, person.id, "linked", now)
    return _offer(session, token.id, person.id, token.project_id), before


def _leave_others(session: Session, telegram_id: int, person_id: int, now: datetime) -> None:
    """The account belonged to somebody else here until now."""
    for other in session.exec(select(Person).where(Person.telegram_id == telegram_id, Person.id != person_id)).all():
        changed = fields.apply(other, {"telegram_id": None, "telegram_chat_id": None, "telegram_name": ""}, now)
        session.add(other)
        session.flush()
        _tell(session, ENGINE, other, "person.unlinked", changed, now)


def refuse_offer(session: Session, token_id: int, telegram_name: str, *, now: datetime) -> None:
    """«Нет, это не я»: the conductor learns that the link came to somebody else."""
    token = session.get(Token, token_id)
    if token is None or token.revoked_at is not None:
        return
    projects = [token.project_id] if token.project_id is not None else projects_of(session, token.person_id)
    for project_id in projects:
        open_card(
            session, ENGINE, project_id, CardKind.UNMATCHED, now=now, person_id=token.person_id, note=telegram_name
        )


def lose_telegram(session: Session, person_id: int, reason: str, *, now: datetime) -> None:
    """Messages do not arrive any more. The conductor is told once, until it works again."""
    person = session.get(Person, person_id)
    if person is None or person.telegram_chat_id is None or person.telegram_dead_at is not None:
        return
    changed = fields.apply(person, {"telegram_dead_at": now, "telegram_dead_reason": reason}, now)
    session.add(person)
    _tell(session, ENGINE, person, "person.unreachable", changed, now)
    for project_id in projects_of(session, person_id):
        open_card(
            session,
            ENGINE,
            project_id,
            CardKind.UNREACHABLE,
            now=now,
            person_id=person_id,
            channel="telegram",
            reason=reason,
            email=bool(person.email and person.email_dead_at is None),
        )


def regain_telegram(session: Session, person_id: int, *, now: datetime) -> None:
    """The person has unblocked the bot, or writes to it."""
    person = session.get(Person, person_id)
    if person is None or person.telegram_dead_at is None:
        return
    changed = fields.apply(person, {"telegram_dead_at": None, "telegram_dead_reason": ""}, now)
    session.add(person)
    _tell(session, ENGINE, person, "person.reachable", changed, now)
    settle_reach(session, ENGINE, person_id, "reachable", now)


def move_chat(session: Session, old: int, new: int, *, now: datetime) -> bool:
    """Telegram has given the chat another id. Whether anybody's was meant."""
    person = session.exec(select(Person).where(Person.telegram_chat_id == old)).first()
    if person is None:
        return False
    changed = fields.apply(person, {"telegram_chat_id": new}, now)
    session.add(person)
    _tell(session, ENGINE, person, "person.chat_moved", changed, now)
    return True


def opt_out(session: Session, actor: Actor, *, now: datetime) -> bool:
    """`/stop`: no more messages, and the conductors learn it. Whether that is news."""
    person = _self(session, actor)
    if person.opted_out_at is not None:
        return False
    changed = fields.apply(person, {"opted_out_at": now}, now)
    session.add(person)
    _tell(session, actor, person, "person.opted_out", changed, now)
    for project_id in projects_of(session, person.id):
        open_card(session, actor, project_id, CardKind.OPT_OUT, now=now, person_id=person.id)
    return True


def opt_in(session: Session, actor: Actor, *, now: datetime) -> bool:
    """Messages are welcome again. Whether that is news."""
    person = _self(session, actor)
    if person.opted_out_at is None:
        return False
    changed = fields.apply(person, {"opted_out_at": None}, now)
    session.add(person)
    _tell(session, actor, person, "person.opted_in", changed, now)
    settle_cards_about(session, actor, person.id, (CardKind.OPT_OUT,), "resumed", now=now)
    return True


def settle_reach(session: Session, actor: Actor, person_id: int, how: str, now: datetime) -> None:
    kinds = (CardKind.UNREACHABLE, CardKind.OPT_OUT, CardKind.UNMATCHED)
    settle_cards_about(session, actor, person_id, kinds, how, now=now)


def _tell(
    session: Session, actor: Actor, person: Person, kind: str, changed: Mapping[str, tuple[Any, Any]], now: datetime
) -> None:
    """Journaled without the account's ids and name: they are contacts, and of no use to who reads along."""
    shown = {name: both for name, both in changed.items() if name not in ACCOUNT}
    tell_person(session, actor, person, kind, shown, now=now)


def _self(session: Session, actor: Actor) -> Person:
    person = session.get(Person, actor.person_id) if actor.person_id is not None else None
    if person is None:
        raise NotFound("person")
    return person


def known_chats(session: Session) -> list[tuple[int, str]]:
    """(chat, name) of everybody who is linked: the emulator learns them again at its start."""
    query = sa.select(col(Person.telegram_chat_id), col(Person.name)).where(
        col(Person.telegram_chat_id).is_not(None), col(Person.archived_at).is_(None)
    )
    return [(chat_id, name) for chat_id, name in rows(session, query.order_by(col(Person.id)))]


def is_taken(session: Session, update_id: int) -> bool:
    """Whether this update was taken in already. Ids restart at random after a silent week: kept for days, not more."""
    return session.get(TelegramUpdate, update_id) is not None


def take_update(session: Session, update_id: int, *, now: datetime) -> None:
    """The update is done with; of two that take it at once, both are right."""
    insert = sa.insert(TelegramUpdate).values(update_id=update_id, at=now)
    try:
        with session.begin_nested():
            session.connection().execute(insert)
    except IntegrityError:
        return


def forget_updates(session: Session, before: datetime) -> None:
    session.connection().execute(sa.delete(TelegramUpdate).where(col(TelegramUpdate.at) < before))
