"""The installation's one row: its id, whether it is the demo, its clock, whether it sends, and the set-up code."""

import hashlib
import hmac
import secrets
from datetime import datetime, time, timedelta
from math import ceil
from uuid import uuid4

from sqlmodel import Session, select

from tracker.db import columns
from tracker.domain.errors import Refused
from tracker.domain.permissions import require
from tracker.domain.terms import Way
from tracker.domain.worktime import Calendar, local_day, next_working_day, wall
from tracker.services.ground.journal import About, Actor, record
from tracker.services.ground.working_calendars import public_days
from tracker.tables import House, Person, Project

ENGINE = Actor(None, Way.ENGINE)
ONLY = 1
"""The id of the row."""

MORNING = time(10, 50)
"""Where the demo's clock is moved to: past the hour at which the day's messages go out, so that there is one to see."""


def ensure_house(session: Session, *, now: datetime) -> House:
    """The row, made at the first start."""
    house = session.get(House, ONLY)
    if house is None:
        house = House(id=ONLY, instance=uuid4().hex, created_at=now)
        session.add(house)
        session.flush()
    return house


def open_house(session: Session, *, now: datetime) -> None:
    """The row, by an act of its own: in the journal's first lines."""
    if session.get(House, ONLY) is None:
        ensure_house(session, now=now)
        record(session, ENGINE, "house.opened", About("house", ONLY), now=now)


def house_of(session: Session) -> House | None:
    return session.get(House, ONLY)


def is_empty(session: Session) -> bool:
    """Nobody is here yet: `/set-up` is open."""
    return session.exec(select(Person.id).limit(1)).first() is None


def has_projects(session: Session) -> bool:
    return session.exec(select(Project.id).limit(1)).first() is not None


def new_setup_code(session: Session, *, now: datetime) -> str:
    """A one-time code that opens `/set-up` from elsewhere than this machine; the one before stops working."""
    code = "-".join(secrets.token_hex(2) for _ in range(4))
    open_house(session, now=now)
    house = ensure_house(session, now=now)
    house.setup_code_sha256 = hashlib.sha256(code.encode()).hexdigest()
    session.add(house)
    return code


def setup_code_fits(session: Session, code: str) -> bool:
    house = session.get(House, ONLY)
    if house is None or not house.setup_code_sha256:
        return False
    given = hashlib.sha256(code.strip().lower().encode()).hexdigest()
    return hmac.compare_digest(given, house.setup_code_sha256)


def close_setup(session: Session, *, now: datetime) -> None:
    house = ensure_house(session, now=now)
    house.setup_code_sha256 = ""
    session.add(house)


def mark_demo(session: Session, offset: timedelta, *, now: datetime) -> None:
    """The house is a demo from now on. `offset` seeds its clock; the button moves it later."""
    house = ensure_house(session, now=now)
    if not house.demo:
        house.demo, house.clock_offset = True, int(offset.total_seconds())
        session.add(house)
        record(session, ENGINE, "house.made_a_demo", About("house", ONLY), now=now)


def is_demo(session: Session) -> bool:
    house = session.get(House, ONLY)
    return house is not None and house.demo


_CLOCK = select(House.demo, House.clock_offset).where(House.id == ONLY)


def clock(session: Session, wall_now: datetime) -> datetime:
    """What time it is here: the wall's, or in a demo the wall's and what it was moved by."""
    found = columns(session, _CLOCK)
    if not found or not found[0].demo:
        return wall_now
    return wall_now + timedelta(seconds=found[0].clock_offset)


def move_clock_to_next_working_morning(session: Session, actor: Actor, wall_now: datetime) -> datetime:
    """Demo only: the next working morning of the house's country begins now. Returns the new `now`."""
    house = session.get(House, ONLY)
    if house is None or not house.demo:
        raise Refused("not_a_demo", [])
    now = clock(session, wall_now)
    off, extra = public_days("RU", now.year, now.year + 1)
    calendar = Calendar(days_off=off, extra_days=extra)
    day = local_day(calendar, now)
    if now >= wall(calendar, day, MORNING):
        day += timedelta(days=1)
    working = next_working_day(calendar, day)
    assert working is not None, "no country rests for a year"
    morning = wall(calendar, working, MORNING)
    # Upwards: it shall not be a moment before the morning any more.
    house.clock_offset = ceil((morning - wall_now).total_seconds())
    session.add(house)
    record(session, actor, "house.clock_moved", About("house", ONLY), now=morning, changes={"now": (now, morning)})
    return morning


def is_paused(session: Session) -> bool:
    house = session.get(House, ONLY)
    return house is not None and house.paused_at is not None


def pause_sending(session: Session, actor: Actor, reason: str, *, now: datetime) -> None:
    """Nothing leaves the house until `resume_sending`; rows go on being queued."""
    _require_house(session, actor)
    house = ensure_house(session, now=now)
    if house.paused_at is not None:
        return
    house.paused_at, house.paused_reason = now, reason
    session.add(house)
    record(session, actor, "house.paused", About("house", ONLY), now=now, reason=reason)


def mark_restored(session: Session, *, now: datetime) -> None:
    """What stands here is a copy from now on: sending is paused, and the day counts as spent with everybody."""
    house = ensure_house(session, now=now)
    house.restored_at = now
    session.add(house)
    pause_sending(session, Actor(None, Way.CLI), "restored", now=now)


def restored_at(session: Session) -> datetime | None:
    house = session.get(House, ONLY)
    return None if house is None else house.restored_at


def resume_sending(session: Session, actor: Actor, *, now: datetime) -> bool:
    """Whether it was paused."""
    _require_house(session, actor)
    house = ensure_house(session, now=now)
    if house.paused_at is None:
        return False
    house.paused_at, house.paused_reason = None, ""
    session.add(house)
    record(session, actor, "house.resumed", About("house", ONLY), now=now)
    return True


def keep_bot_username(session: Session, username: str, *, now: datetime) -> None:
    """The bot's name as Telegram told it: invitations link to it."""
    house = ensure_house(session, now=now)
    if house.bot_username != username:
        was, house.bot_username = house.bot_username, username
        session.add(house)
        changes = {"bot_username": (was, username)}
        record(session, ENGINE, "house.bot_named", About("house", ONLY), now=now, changes=changes)


def _require_house(session: Session, actor: Actor) -> None:
    require(acts_for_the_house(session, actor), "not_the_houses")


def acts_for_the_house(session: Session, actor: Actor) -> bool:
    """The command line and the engine do, and who may open projects here."""
    if actor.person_id is None:
        return actor.way in (Way.CLI, Way.ENGINE)
    person = session.get(Person, actor.person_id)
    return person is not None and person.archived_at is None and person.may_found
