"""The small world of `integrations`, with people who can be written to, and a channel that notes what it was given."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from tests.worlds.integrations import NOW, World, by, lay
from tracker.domain.nudging.sending import Delivered
from tracker.services.engine.clock import tick
from tracker.services.engine.delivery import deliver
from tracker.services.tasks.editing import TaskInput, create_task
from tracker.tables import Message, Person, Project, Task

MOSCOW = ZoneInfo("Europe/Moscow")


def at(text):
    """A wall time in Moscow as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=MOSCOW).astimezone(UTC)


@dataclass
class Wire:
    """Stands for the network: answers each message with the next of `outcomes`, then says that it was delivered."""

    outcomes: list = field(default_factory=list)
    got: list = field(default_factory=list)

    def __call__(self, outgoing):
        self.got.append(outgoing)
        return self.outcomes.pop(0) if self.outcomes else Delivered(int(outgoing.address), len(self.got))


def settle_in(db, messages="on") -> World:
    """Everybody knows the bot and has a chat, but for Anna, who conducts: she reads her podium. The project writes."""
    with db.writing() as session:
        world = lay(session)
        for person_id in (world.anna, world.olga, world.pavel, world.ira, world.gleb, world.lena):
            person = session.get_one(Person, person_id)
            person.knows_bot = True
            if person_id != world.anna:
                person.telegram_chat_id = person.telegram_id = 1000 + person_id
            person.country = ""
            session.add(person)
        project = session.get_one(Project, world.project)
        project.messages = messages
        session.add(project)
    return world


def ask(db, world, title, owner, *, now=NOW, by_id=None, **named):
    given = TaskInput(title, owner=owner, **named)
    with db.writing() as session:
        return create_task(session, by(by_id or world.anna), world.project, given, now=now).id


def pass_time(db, wire, start, end, step=None):
    """The loops of clock and delivery, from `start` to `end`: (when, message) of all that was sent.

    Without a `step`, time jumps from one stored moment to the next: between them a round finds nothing due.
    """
    sent, now = [], start
    while now <= end:
        tick(db, now)
        seen = len(wire.got)
        deliver(db, now, {"telegram": wire})
        sent += [(now, outgoing) for outgoing in wire.got[seen:]]
        # Counters have changed: a moment may have been stored that lies at once.
        now = now + step if step else _next_moment(db, now)
    return sent


def _next_moment(db, now):
    with db.reading() as session:
        moments = [
            *session.exec(select(Task.next_at).where(col(Task.next_at).is_not(None))),
            *session.exec(select(Message.send_after).where(col(Message.state).in_(["queued", "held"]))),
        ]
    soon = now + timedelta(minutes=1)
    return max(soon, min(moments, default=datetime.max.replace(tzinfo=UTC)))
