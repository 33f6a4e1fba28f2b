"""Killed anywhere, again and again: nothing is sent twice, and no obligation is lost."""

import os
import random
import signal
import time
from collections import Counter
from datetime import timedelta

import pytest
from sqlmodel import col, select

from tests.worlds.integrations import NOW
from tests.worlds.outbox import Wire, ask, at, settle_in
from tracker.domain.nudging.sending import Delivered
from tracker.domain.terms import MessageState
from tracker.services.engine.clock import tick
from tracker.services.engine.delivery import deliver
from tracker.services.ground.opening import open_database
from tracker.tables import Message, Task

TASKS = 24
FIRST = at("2026-11-24T11:00")


def one_round(url, log, now):
    """Queue and deliver at `now`. What is written to the log has reached its person, whatever happens afterwards."""
    file = os.open(log, os.O_APPEND | os.O_WRONLY)

    def send(outgoing):
        named = ",".join(str(task.id) for task in outgoing.tasks)
        os.write(file, f"{outgoing.message_id} {outgoing.person_id} {now.date()} {named}\n".encode())
        time.sleep(0.002)
        return Delivered(1, outgoing.message_id)

    database = open_database(url)
    tick(database, now)
    deliver(database, now, {"telegram": send})


def run_and_kill(url, log, now, patience):
    """A process of its own at `now`, killed after `patience` seconds; whether it had finished by then."""
    child = os.fork()
    if child == 0:
        # Never back into the test's own stack: neither its fixtures nor its report are this process's.
        try:
            one_round(url, log, now)
        finally:
            os._exit(0)
    time.sleep(patience)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WIFEXITED(status)


@pytest.mark.parametrize("kills", [20, pytest.param(100, marks=pytest.mark.long)])
def test_kills_while_queueing_and_delivering_double_nothing_and_lose_nothing(db, database_url, tmp_path, kills):
    world = settle_in(db)
    people = [world.olga, world.pavel, world.ira, world.gleb, world.lena]
    tasks = [ask(db, world, f"Задача {number}", people[number % 5], now=NOW) for number in range(TASKS)]
    log = tmp_path / "sent"
    log.touch()
    seed = random.randrange(10**6)
    chance, now, finished = random.Random(seed), FIRST, 0
    for number in range(kills):
        finished += run_and_kill(database_url, log, now, chance.uniform(0.0, 0.3))
        # Some kills meet the same moment again, some the next day.
        now += timedelta(minutes=7) if number % 3 else timedelta(days=1)
    said = f"seed {seed}, {finished} of {kills} had finished"
    wire = Wire()
    for _ in range(14):
        now += timedelta(hours=24)
        tick(db, now)
        deliver(db, now, {"telegram": wire})
    sent = [line.split(" ") for line in log.read_text().splitlines()]
    messages = Counter(message for message, *_ in sent)
    days = Counter((person, day) for _message, person, day, _tasks in sent)
    assert not [key for key, count in messages.items() if count > 1], said
    assert not [key for key, count in days.items() if count > 1], said
    with db.reading() as session:
        states = Counter(session.exec(select(Message.state)))
        unsettled = session.exec(
            select(Task.id).where(col(Task.last_nudge_at).is_(None), col(Task.escalated_at).is_(None))
        ).all()
    assert finished < kills, said
    assert not states[MessageState.SENDING], said
    # Every task was asked about, or is with the conductor: also those whose message nobody knows the end of.
    assert unsettled == [], said
    told = {int(task) for *_, named in sent for task in named.split(",")} | {
        named.id for outgoing in wire.got for named in outgoing.tasks
    }
    with db.reading() as session:
        escalated = set(session.exec(select(Task.id).where(col(Task.escalated_at).is_not(None))))
    assert set(tasks) <= told | escalated, said
