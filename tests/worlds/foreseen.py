"""What is foreseen of a message, and what is said of it beforehand."""

from datetime import timedelta

from sqlmodel import select

from tests.worlds.integrations import by
from tests.worlds.outbox import MOSCOW, Wire, at, pass_time
from tracker.services.messages.beforehand import say_before, stop_foreseen
from tracker.services.messages.overview import foreseen_messages
from tracker.services.messages.preview import foresee
from tracker.tables import Event

NOW = at("2026-11-23T12:00")
"""Monday: asked at eleven; what the turn brings is told on Tuesday, the first question follows on Thursday."""
WORDS = "Без этих полей витрина не откроется в пятницу."


def end_of(now, days=3):
    """The midnight that ends today, tomorrow and the day after."""
    local = now.astimezone(MOSCOW).replace(hour=0, minute=0, second=0, microsecond=0)
    return local + timedelta(days=days)


def foreseen(db, world, now, until):
    with db.reading() as session:
        return foresee(session, world.project, now, until)


def told(found):
    return sorted((one.day, one.person, [(line.task, line.step) for line in one.tasks]) for one in found)


def sent(db, now, until):
    """What the loops really send: each minute of it that matters."""
    return sorted(
        (now.astimezone(MOSCOW).date(), message.person_id, [(line.id, line.step) for line in message.tasks])
        for now, message in pass_time(db, Wire(), now, until - timedelta(seconds=1))
    )


def of_ira(db, world, now=NOW, days=6):
    return [one for one in foreseen(db, world, now, end_of(now, days)) if one.person == world.ira]


def stop(db, world, one, now=NOW, who=None):
    with db.writing() as session:
        return stop_foreseen(session, by(who or world.anna), one, now=now).id


def say(db, world, one, text=WORDS, now=NOW, who=None):
    with db.writing() as session:
        say_before(session, by(who or world.anna), world.project, one, text, now=now)


def kinds(db, kind):
    with db.reading() as session:
        return len(session.exec(select(Event.id).where(Event.kind == kind)).all())


def texts(db, now, until):
    return [(when.date(), one.plain) for when, one in pass_time(db, Wire(), now, until)]


def worded(db, world, found):
    with db.reading() as session:
        return [
            (one.day, told.text)
            for one, told in zip(found, foreseen_messages(session, by(world.anna), world.project, found), strict=True)
        ]
