"""Inviting a person: a Telegram deep link, and a private page for who has no Telegram."""

from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session

from tracker.domain.errors import NotFound
from tracker.domain.permissions import require
from tracker.domain.terms import Scope
from tracker.services.access.tokens import issue_for, standing_address, url_of
from tracker.services.ground.journal import ENGINE, About, Actor, record
from tracker.services.house.installation import house_of
from tracker.services.people.memberships import find_member
from tracker.services.people.persons import mark_knows_bot
from tracker.tables import Person


class Invitation(NamedTuple):
    """`start`: the payload of /start; `telegram_url`: None until the bot's name is known; `my_url`: their page."""

    start: str
    telegram_url: str | None
    my_url: str


def invite(
    session: Session, actor: Actor, project_id: int, person_id: int, *, key: bytes, public_url: str, now: datetime
) -> Invitation:
    """New links for a member, by who conducts, to be handed over once. From now on they may be written to.

    An invitation is the one moment at which a private address passes through the conductor's hands: without it nobody
    who has no Telegram could ever be reached. Later the page's address is sent, never shown (`standing_address`).
    """
    mine, row = find_member(session, actor, project_id, person_id)
    require(mine.runs, "invite")
    person = session.get(Person, person_id)
    if person is None or person.archived_at is not None:
        raise NotFound("person")
    start = issue_for(session, actor, person_id, Scope.START, key=key, now=now, project_id=project_id)
    page = standing_address(session, actor, person_id, Scope.PAGE, key=key, now=now)
    row.invited_at = now
    session.add(row)
    record(session, actor, "person.invited", About("person", person_id, project_id), now=now)
    mark_knows_bot(session, actor, person_id, True, now=now)
    house = house_of(session)
    bot = house.bot_username if house else ""
    my_url = url_of(Scope.PAGE, page, public_url)
    assert my_url is not None
    return Invitation(start.secret, f"https://t.me/{bot}?start={start.secret}" if bot else None, my_url)


def private_page(session: Session, person_id: int, *, key: bytes, public_url: str, now: datetime) -> str:
    """The address of somebody's own page, for a message to them: nobody else is shown it."""
    secret = standing_address(session, ENGINE, person_id, Scope.PAGE, key=key, now=now)
    return f"{public_url}/my/{secret}"
