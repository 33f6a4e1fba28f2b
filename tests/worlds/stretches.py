"""Stretches of waiting, put down and read."""

import random
from datetime import UTC, datetime, timedelta

from tests.worlds.integrations import by, put_task
from tracker.domain.worktime import working_time
from tracker.services.access.loading import standing
from tracker.services.ground.working_calendars import calendars_of
from tracker.services.turns.ledger import StretchRow, ledger_of, ledger_rows
from tracker.tables import Project, Stretch

NOW = datetime(2026, 11, 25, 9, 3, 20, tzinfo=UTC)
"""A Wednesday, three minutes past noon in Moscow."""


def put(db, world, *stretches):
    """(person, party, started, ended or None, ended_by, task): its time is counted as when it ended."""
    with db.writing() as session:
        project = session.get_one(Project, world.project)
        calendars = calendars_of(session, project, {person for person, *_ in stretches}, NOW.year)
        for person, party, started, ended, why, task in stretches:
            calendar = calendars[person]
            seconds = None if ended is None else int(working_time(calendar, started, ended).total_seconds())
            session.add(
                Stretch(
                    project_id=world.project,
                    task_id=task,
                    person_id=person,
                    party_id=party,
                    started_at=started,
                    ended_at=ended,
                    ended_by=why,
                    seconds=seconds,
                )
            )


def tasks_for(db, world, *integrations):
    with db.writing() as session:
        return [
            put_task(session, world, world.ira, integration=one, number=100 + place)
            for place, one in enumerate(integrations)
        ]


def read(db, world, filters, now=NOW, reader=None):
    """(sums, all rows of all pages)."""
    with db.reading() as session:
        project = session.get_one(Project, world.project)
        mine = standing(session, by(reader or world.anna), world.project)
        sums, after = ledger_of(session, project, mine, filters, now), None
        rows: list[StretchRow] = []
        while True:
            part = ledger_rows(session, project, mine, filters._replace(after=after), now)
            rows += part.rows
            if part.more is None:
                return sums, rows
            after = part.more


def scatter(db, world, seed):
    """Two hundred stretches of two months, at any hour of any day, of five people."""
    chance = random.Random(seed)
    tasks = tasks_for(db, world, world.form, world.bank, None)
    people = [(world.ira, world.studio), (world.pavel, world.studio), (world.gleb, world.crm), (world.anna, world.shop),
              (world.lena, None)]  # fmt: skip
    made = []
    for _ in range(200):
        started = NOW - timedelta(minutes=chance.randrange(60 * 24 * 60))
        ended = None if chance.random() < 0.3 else started + timedelta(minutes=chance.choice((0, 3, 200, 3000, 20000)))
        ended = None if ended is not None and ended > NOW else ended
        why = "" if ended is None else chance.choice(("answer", "answer", "turn", "done"))
        made.append((*chance.choice(people), started, ended, why, chance.choice(tasks)))
    put(db, world, *made)
