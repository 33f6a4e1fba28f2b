"""What each page asks first, in one statement: whose session it is, what time it is here, which project is meant."""

from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session

from tracker.db import columns
from tracker.services.access.sessions import IDLE, SEEN_EVERY, SignedIn, digest
from tracker.services.ground.journal import HOUSE
from tracker.services.ground.kept import know_sequences
from tracker.tables import House, Person, Project, ProjectChain, SignIn


class Entrance(NamedTuple):
    """`project_id` is None for a page without a project and for a key that does not exist."""

    now: datetime
    person: SignedIn | None
    project_id: int | None


_HOUSE = aliased(ProjectChain)
_ONE = sa.select(sa.literal(1).label("one")).subquery()
_STATEMENT = (
    sa.select(
        House.demo,
        House.clock_offset,
        SignIn.id,
        SignIn.person_id,
        SignIn.seen_at,
        SignIn.expires_at,
        Person.name,
        Person.language,
        Person.timezone,
        Person.may_found,
        Project.id.label("project_id"),
        ProjectChain.seq,
        _HOUSE.structure,
    )
    .select_from(_ONE)
    .outerjoin(House, House.id == 1)
    .outerjoin(
        SignIn,
        sa.and_(SignIn.token_sha256 == sa.bindparam("token", type_=sa.String), SignIn.revoked_at.is_(None)),
    )
    .outerjoin(Person, sa.and_(Person.id == SignIn.person_id, Person.archived_at.is_(None)))
    .outerjoin(Project, Project.key == sa.bindparam("key", type_=sa.String))
    .outerjoin(ProjectChain, ProjectChain.project_id == Project.id)
    .outerjoin(_HOUSE, _HOUSE.project_id == HOUSE)
)


def enter(session: Session, token: str, key: str, wall_now: datetime, *, demo: bool) -> Entrance:
    """`token`: the cookie's; `key`: the project's, empty for none. Only a demo's clock may differ from the wall's."""
    row = columns(session, _STATEMENT, {"token": digest(token) if token else "", "key": key.upper()})[0]
    now = wall_now + timedelta(seconds=row.clock_offset) if demo and row.demo else wall_now
    person = None
    if row.name is not None and row.expires_at > now and row.seen_at > now - IDLE:
        person = SignedIn(
            row.id, row.person_id, row.name, row.language, row.timezone, row.may_found, now - row.seen_at >= SEEN_EVERY
        )
    if row.project_id is not None:
        know_sequences(session, row.project_id, row.seq or 0, row.structure or 0)
    return Entrance(now, person, row.project_id)
