"""What an onlooker knows: people, plain facts of tasks, and who did what when. Turns are worked out here anew.

From the database come only what people put in (status, owner, what is waited for, dates) and, to be judged, what the
engine says of itself. When a turn came, how long somebody is silent, what they have seen: that is counted here.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from tests.simulation.hours import DAY, Hours
from tracker.db import Database, rows
from tracker.tables import Deadlock, DeadlockTask, Task

OVER = ("done", "dropped")


@dataclass
class Citizen:
    """A person as the onlooker knows them. `conducts`: ids of projects; `party`: of each project they are in."""

    id: int
    hours: Hours
    habit: str = "prompt"
    conducts: frozenset[int] = frozenset()
    party: dict[int, int] = field(default_factory=dict)
    deputy: int | None = None
    knows: bool = True
    opted_out: bool = False
    telegram: bool = True
    email: bool = False

    @property
    def can_be_told(self) -> bool:
        return self.knows and not self.opted_out and (self.telegram or self.email)


@dataclass
class Project:
    """A project with the settings that its conductor has chosen."""

    id: int
    conductor: int
    leads: dict[int, int] = field(default_factory=dict)
    stall_days: int = 2
    second_days: int = 2
    escalate_days: int = 1
    approve_until: date | None = None
    """Through this day each message waits for the conductor's approval."""
    silent: bool = False
    """Paused, switched off or archived."""
    silent_until: datetime | None = None


@dataclass
class Told:
    """A task named in something that a person has seen. `counted`: the engine knows that it arrived."""

    at: datetime
    person: int
    step: str
    message: int
    counted: bool = True


@dataclass
class Case:
    """A task with its story. `since`: when its present turn came; `progress`: the last act of its person after that."""

    id: int
    facts: Any
    turn: int | None = None
    via: str = ""
    root: int = 0
    since: datetime | None = None
    progress: datetime | None = None
    others: datetime | None = None
    promised_at: datetime | None = None
    changed: datetime | None = None
    announced: bool = True
    told: list[Told] = field(default_factory=list)
    handed: datetime | None = None
    """When the conductor took over."""
    carded: datetime | None = None
    """When it last stood on an open card about its person."""
    crowded: int = 0
    """Days on which a question about it had to wait for others."""
    missed: Counter[str] = field(default_factory=Counter)

    @property
    def is_over(self) -> bool:
        return self.facts.status in OVER or self.facts.archived_at is not None

    @property
    def silent_since(self) -> datetime:
        assert self.since is not None
        return max(self.since, self.progress or self.since)

    @property
    def promise(self) -> date | None:
        """The date that the person of the turn stands by."""
        if self.promised_at is None or self.since is None or self.promised_at < self.since:
            return None
        day: date | None = self.facts.promised_on
        return day

    @property
    def epoch(self) -> datetime:
        """What was said and asked before this is another story."""
        return max(self.silent_since, self.promised_at or self.silent_since)

    def said(self, *, counted: bool = True) -> list[Told]:
        return [one for one in self.told if one.at >= self.epoch and (one.counted or not counted)]

    @property
    def nudges(self) -> list[Told]:
        return [one for one in self.said() if one.step.startswith("n") and one.step != "notice"]

    @property
    def is_handed_over(self) -> bool:
        return self.handed is not None and self.handed >= self.epoch


COLUMNS = (
    "id", "project_id", "number", "status", "owner_id", "checker_id", "party_id", "priority", "waiting_kind",
    "waiting_person_id", "waiting_party_id", "waiting_task_id", "waiting_agreed", "needed_by", "promised_on",
    "snoozed_until", "muted", "archived_at", "escalated_at", "turn_id", "episode",
)  # fmt: skip
TASKS = sa.select(*(getattr(Task, name) for name in COLUMNS)).order_by(Task.id)
KNOTS = (
    sa.select(DeadlockTask.task_id, Deadlock.decider_id, Deadlock.decide_by)
    .join(Deadlock, Deadlock.id == DeadlockTask.deadlock_id)
    .where(Deadlock.decided_at.is_(None))
    .order_by(Deadlock.id.desc())
)


class Wrong(AssertionError):
    """The engine did what it must never do."""


class Shadow:
    """The onlooker's notebook."""

    def __init__(self) -> None:
        self.people: dict[int, Citizen] = {}
        self.projects: dict[int, Project] = {}
        self.cases: dict[int, Case] = {}
        self.knots: dict[int, tuple[int | None, date | None]] = {}

    # Whose turn it is

    def whose(self, case: Case) -> tuple[int | None, str, int]:
        """(the person, why, the task at which the chain ends)."""
        if case.is_over:
            return None, "over", case.id
        passed = {case.id}
        while True:
            facts = case.facts
            conductor = self.projects[facts.project_id].conductor
            if case.id in self.knots:
                return self.knots[case.id][0] or conductor, "knot", case.id
            ahead = self._ahead(case)
            if ahead is None:
                break
            if not self._agreed(facts, ahead.facts.party_id):
                return conductor, "to pass on", case.id
            if ahead.id in passed:
                return conductor, "circle", case.id
            passed.add(ahead.id)
            case = ahead
        if facts.waiting_kind == "outside":
            return facts.owner_id or conductor, "outside", case.id
        if facts.waiting_kind == "person":
            party = self.people[facts.waiting_person_id].party.get(facts.project_id)
            agreed = self._agreed(facts, party)
            return (facts.waiting_person_id if agreed else conductor), "awaited" if agreed else "to pass on", case.id
        if facts.waiting_kind == "party":
            if not self._agreed(facts, facts.waiting_party_id):
                return conductor, "to pass on", case.id
            return self.projects[facts.project_id].leads.get(facts.waiting_party_id, conductor), "awaited", case.id
        if facts.status == "review":
            return facts.checker_id or conductor, "check", case.id
        return facts.owner_id or conductor, "owner", case.id

    def _ahead(self, case: Case) -> Case | None:
        if case.facts.waiting_kind != "task":
            return None
        ahead = self.cases[case.facts.waiting_task_id]
        return None if ahead.is_over else ahead

    def _agreed(self, facts: Any, party: int | None) -> bool:
        return bool(facts.waiting_agreed) or party == facts.party_id

    # Reading

    def look(self, database: Database, now: datetime, *, announced: bool = True) -> list[Case]:
        """Take in what has been put in; returns the cases that have changed."""
        with database.reading() as session:
            found, knots = rows(session, TASKS), rows(session, KNOTS)
        self.knots = {task: (decider, by) for task, decider, by in knots}
        changed = set()
        for facts in found:
            case = self.cases.get(facts.id)
            if case is None:
                case = self.cases[facts.id] = Case(facts.id, facts, announced=announced)
                case.promised_at = now if facts.promised_on else None
                changed.add(case.id)
            elif case.facts != facts:
                if facts.promised_on != case.facts.promised_on:
                    case.promised_at = now if facts.promised_on else None
                case.facts = facts
                changed.add(case.id)
        for case in self.cases.values():
            root = case.root
            turn, case.via, case.root = self.whose(case)
            if case.root != root:
                # What it waited for is over, or it waits now: from here on another question is due.
                changed.add(case.id)
            if turn != case.turn:
                case.turn, case.since = turn, now if turn is not None else None
                case.progress = case.others = None
                case.announced = announced
                self._afresh(case)
                changed.add(case.id)
            if case.turn != case.facts.turn_id:
                raise Wrong(f"task {case.id}: the turn is {case.turn}'s ({case.via}), stored is {case.facts.turn_id}")
        for one in changed:
            self.cases[one].changed = now
        return [self.cases[one] for one in sorted(changed)]

    def progressed(self, case: Case, person: int, now: datetime) -> None:
        """The person of the turn has acted: to be noted before the act is looked at."""
        if case.turn == person:
            case.progress = case.changed = now
            self._afresh(case)

    def _afresh(self, case: Case) -> None:
        case.crowded = 0
        case.missed.clear()

    def unsettle(self, person: int, now: datetime) -> None:
        """Something about them has changed: their tasks are as new."""
        for case in self.cases.values():
            if case.turn is not None and person in (case.turn, self.people[case.turn].deputy):
                case.changed = now

    def concerned(self, case: Case | None) -> set[int]:
        """Who does it, checks it, has it, is waited for."""
        if case is None:
            return set()
        facts = case.facts
        return {facts.owner_id, facts.checker_id, facts.waiting_person_id, case.turn} - {None}

    # Who is asked, and by which clock

    def stand_in(self, case: Case) -> Citizen | None:
        """The deputy of whose turn it is, if they may stand in at all."""
        assert case.turn is not None
        deputy = self.people[case.turn].deputy
        if deputy is None or case.facts.project_id not in self.people[deputy].party:
            return None
        return self.people[deputy]

    def addressee(self, case: Case, now: datetime) -> Citizen:
        """Who gets the messages about it."""
        assert case.turn is not None
        person, deputy = self.people[case.turn], self.stand_in(case)
        return deputy if deputy is not None and person.hours.away(person.hours.day(now)) else person

    def covered(self, case: Case) -> bool:
        return self.stand_in(case) is not None

    def quiet_days(self, case: Case) -> int:
        """Working days of silence before it stalls."""
        return {"high": 1, "low": 4}.get(case.facts.priority, self.projects[case.facts.project_id].stall_days)

    def stalled_for(self, case: Case, now: datetime) -> float:
        """Working days since it stalled, in the time of whose turn it is; below zero: not yet."""
        assert case.turn is not None
        hours, covered = self.people[case.turn].hours, self.covered(case)
        silent = case.silent_since
        spans = [hours.worked(silent, now, covered=covered) - self.quiet_days(case)]
        promise = case.promise
        if promise is not None:
            assert case.promised_at is not None
            morning = hours.moment(hours.first_day_from(promise + DAY, covered=covered), hours.opens)
            since = hours.worked(morning, now, covered=covered) if now >= morning else -1.0
            later_act = silent > case.promised_at and hours.day(silent) >= promise
            spans = [min(since, spans[0]) if later_act else since]
        if case.facts.snoozed_until is not None:
            morning = hours.moment(hours.first_day_from(case.facts.snoozed_until, covered=covered), hours.opens)
            spans.append(hours.worked(morning, now, covered=covered) if now >= morning else -1.0)
        return min(spans)
