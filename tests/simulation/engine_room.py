"""The engine at work: the rounds of clock and delivery as a process runs them, over a real database, and they may die.

What the rounds send goes to the judge; what people do comes in by `do`, through the verbs.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from tests.simulation.mortal import Fate, Killed, open_mortal
from tests.simulation.shadow import Case, Shadow, Wrong
from tests.simulation.vigil import Vigil
from tests.simulation.watch import Watch
from tests.worlds.soundness import unsaid, unsound
from tracker.domain.errors import DomainError
from tracker.domain.nudging.sending import Delivered, Outcome, Outgoing, RefusedForEver
from tracker.domain.terms import MessageState, Way
from tracker.services.channels.telegram import regain_telegram
from tracker.services.engine.clock import restamp_everything, tick
from tracker.services.engine.delivery import deliver
from tracker.services.ground.journal import Actor
from tracker.services.ground.opening import open_database
from tracker.services.house.leases import CLOCK, take
from tracker.services.turns.drift_check import verify_moments
from tracker.tables import Card, Message, MessageTask, ProjectChain, Task

DAY = timedelta(days=1)
HOUSE = Actor(None, Way.CLI)
UNDONE = {"nothing_new", "snooze_cap"}
WAITING = ("waiting_kind", "waiting_person_id", "waiting_party_id", "waiting_task_id")
BOTH = ("telegram", "email")


class EngineRoom:
    """A database with its processes. `now` of the last round is `last`."""

    def __init__(self, url: str, shadow: Shadow, begins: datetime) -> None:
        self.url, self.shadow, self.watch = url, shadow, Watch(shadow)
        self.vigil = Vigil(shadow, self.watch)
        self.fate = Fate()
        self.database, self.calm = open_mortal(url, self.fate), open_database(url)
        self.last, self.restamped, self.dirty = begins, begins - DAY, True
        self.in_flight: list[tuple[Outgoing, Outcome]] = []
        self.births, self.rounds, self.deeds = 1, 0, 0
        self.refused: list[str] = []
        self.written: int | None = 0

    def close(self) -> None:
        self.database.close()
        self.calm.close()

    # What is left to who uses the room

    def weather(self, outgoing: Outgoing, now: datetime) -> tuple[bool, Outcome]:
        """(whether it arrives, what is heard of it)."""
        return True, Delivered(None, outgoing.message_id)

    def seen(self, outgoing: Outgoing, now: datetime) -> None:
        """Somebody has read it."""

    def done(self, changed: list[Case], case: Case | None, before: set[int], actor: Actor, now: datetime) -> None:
        """Something has been done by somebody; `before`: whom the task had concerned."""

    # Deeds

    def do(
        self, now: datetime, actor: Actor, case: Case | None, deed: Callable[[Session], Any],
        progress: bool | None = True, *, announced: bool = True,
    ) -> bool:  # fmt: skip
        """Somebody does something by a verb of the house, which may refuse: whether it did not. `progress`: whether it
        counts as an act of whose turn it is; None: if it has changed what counts."""
        self.deeds += 1
        turn, since, facts = case and case.turn, case and case.since, case and case.facts
        before = self.shadow.concerned(case)
        try:
            with self.calm.writing() as session:
                done = deed(session)
        except DomainError as error:
            self.refused.append(error.code)
            return False
        if getattr(done, "outcome", "") in UNDONE:
            progress = False
        changed = self.shadow.look(self.calm, now, announced=announced)
        if progress is None:
            progress = case is not None and any(
                getattr(case.facts, name) != getattr(facts, name) for name in ("status", "promised_on", *WAITING)
            )
        if case is not None and progress and turn is not None and turn == actor.mover_id and case.since == since:
            self.shadow.progressed(case, turn, now)
        self.done(changed, case, before, actor, now)
        self.dirty = True
        return True

    def happen(self, now: datetime, person: int, deed: Callable[[Session], object]) -> None:
        """Something about a person changes: the onlooker judges them again from the next day on."""
        with self.calm.writing() as session:
            deed(session)
        self.shadow.unsettle(person, now)
        self.dirty = True

    # Rounds

    def round(self, now: datetime, *, dies_at: int = 0, delivery_first: bool = False) -> None:
        """One round of each loop. `dies_at`: at which of the places where it can die it does."""
        self.last, self.dirty, self.rounds = now, False, self.rounds + 1
        self.fate.countdown = dies_at
        parts = [self.clock, self.delivery]
        try:
            for part in reversed(parts) if delivery_first else parts:
                part(now)
        except Killed:
            self.reborn()
            with self.calm.reading() as session:
                # Nobody will ever know what became of these.
                for person in session.exec(select(Message.person_id).where(Message.state == MessageState.SENDING)):
                    self.watch.failed(person, now)
        self.fate.countdown = 0
        self.settle_accounts(now)

    def reborn(self) -> None:
        """A new process, with a new name: the lease of the dead one keeps the clock from it for a while."""
        self.database.close()
        self.births += 1
        self.database = open_mortal(self.url, self.fate)

    def clock(self, now: datetime) -> None:
        with self.database.writing() as session:
            if not take(session, CLOCK, f"process {self.births}", now=now):
                self.dirty = True
                return
        if now - self.restamped >= DAY:
            restamp_everything(self.database, now)
            self.restamped = now
        tick(self.database, now, channels=BOTH)

    def delivery(self, now: datetime) -> None:
        channels = {name: lambda outgoing: self._send(outgoing, now) for name in BOTH}
        deliver(self.database, now, channels, holder=f"process {self.births}")
        if self.in_flight:
            # Now, and not at the round's end: what nobody was reached with waits again, and the clock may recompose it.
            with self.calm.reading() as session:
                self._account_for_flights(session, now)
            self.dirty = True

    def _send(self, outgoing: Outgoing, now: datetime) -> Outcome:
        self.fate("before sending")
        self.watch.leaves(outgoing, now)
        arrives, outcome = self.weather(outgoing, now)
        if arrives:
            self.watch.saw(now, outgoing)
            self.seen(outgoing, now)
        self.watch.heard(outgoing, outcome, now)
        self.in_flight.append((outgoing, outcome))
        self.fate("after sending")
        return outcome

    def regain(self, person: int, now: datetime) -> None:
        """They have unblocked the bot."""
        self.happen(now, person, lambda session: regain_telegram(session, person, now=now))
        self.shadow.people[person].telegram = True

    def next_moment(self, after: datetime, default: datetime) -> datetime:
        """The next one that the engine has stored."""
        with self.calm.reading() as session:
            tasks = sa.select(sa.func.min(col(Task.next_at))).where(col(Task.next_at) > after)
            messages = sa.select(sa.func.min(col(Message.send_after))).where(
                col(Message.state).in_(["queued", "held"]), col(Message.send_after) > after
            )
            moments: list[datetime | None] = [session.scalar(tasks), session.scalar(messages)]  # type: ignore[list-item]
        return min((one for one in moments if one is not None), default=default)

    def settle_accounts(self, now: datetime) -> None:
        """What became of what was sent, and who was handed over."""
        with self.calm.reading() as session:
            written = session.scalar(sa.select(sa.func.sum(col(ProjectChain.seq))))
            if written == self.written and not self.in_flight:
                return
            # What was sent or put back is looked at again in the next round, as it follows in life.
            self.written, self.dirty = written, True
            self._account_for_flights(session, now)
            carded = session.exec(select(Card).where(Card.kind == "overload", col(Card.settled_at).is_(None)))
            for task in {task for card in carded for task in card.facts.get("tasks", [])}:
                self.shadow.cases[task].carded = now
        self.shadow.look(self.calm, now)
        for case in self.shadow.cases.values():
            at = case.facts.escalated_at
            if at is not None and at != case.handed and case.turn is not None and at >= case.epoch:
                self.watch.handed_over(case, now)

    def _account_for_flights(self, session: Session, now: datetime) -> None:
        for outgoing, outcome in self.in_flight:
            self._account_for(session, outgoing, outcome, now)
        self.in_flight.clear()

    def _account_for(self, session: Session, outgoing: Outgoing, outcome: Outcome, now: datetime) -> None:
        row = session.get_one(Message, outgoing.message_id)
        lines = session.exec(
            select(MessageTask.task_id, MessageTask.cancelled).where(MessageTask.message_id == row.id)
        ).all()
        named = [task for task, cancelled in lines if not cancelled]
        # What fell out at the last moment has kept its place from others until the next day.
        person = self.shadow.people[row.person_id]
        self.watch.named[person.id, person.hours.day(now)] += len(lines) - len(named)
        told = sorted(named) == sorted(one.id for one in outgoing.tasks)
        if not (row.person_id == outgoing.person_id and row.rule and row.text and row.channel and told):
            raise Wrong(f"message {row.id} has no full row: {row} (invariant 12)")
        # Who died before writing down that the channel is dead will try it once more.
        if isinstance(outcome, RefusedForEver) and row.state != MessageState.SENDING:
            setattr(person, outgoing.channel, False)
            about = select(Card.id).where(Card.kind == "unreachable", Card.person_id == row.person_id)
            if session.exec(about.where(col(Card.settled_at).is_(None))).first() is None:
                raise Wrong(f"message {row.id}: {outgoing.channel} is dead and the conductor is not told (invariant 9)")
        if row.state != MessageState.SENT:
            self.watch.uncounted(row.id)
            self.watch.failed(row.person_id, now)
            if row.state == MessageState.FAILED:
                self.shadow.unsettle(row.person_id, now)
        elif row.id not in self.watch.seen:
            raise Wrong(f"message {row.id} is said to be sent and was not (invariant 12)")

    def still_sound(self) -> None:
        """At the end: what is stored is what the rules say, and nothing hangs."""
        with self.calm.reading() as session:
            drifts = [one for key in self.shadow.projects for one in verify_moments(session, key, self.last)]
            lost = col(Message.claimed_at) < self.last - timedelta(minutes=10)
            left = session.exec(select(Message.id).where(Message.state == MessageState.SENDING, lost)).all()
        if drifts or left:
            raise Wrong(f"at the end: {drifts[:3]}, still being sent: {left}")
        if (untold := unsound(self.calm)) or unsaid(self.calm):
            raise Wrong(f"the journal says something else, or nothing, of what was done: {untold[:3]}")
