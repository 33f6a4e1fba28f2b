"""What would be said in the days to come if nobody did anything: the engine's rounds and deliveries, in memory.

It asks the same `decide`, `compose` and `holds` as the clock and the delivery, and keeps between them the counters that
those would write. What the conductor reads here is what would go out.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from tracker.domain.nudging.cases import NUDGING, NudgeAction, NudgeDecision, NudgeStep, PersonCase, Policy, TaskCase
from tracker.domain.nudging.digests import OVERLOADED, Digest, compose, digest_slot, holds, look_again, order
from tracker.domain.nudging.policy import LASTING, decide
from tracker.domain.worktime import local_day

ROUND = timedelta(seconds=20)
"""Between two rounds of the clock."""
PATIENCE = timedelta(hours=1)
"""What is due and stays due without anything to say is not looked at in each round of three days."""


class KnownCase(NamedTuple):
    """A task with its project, and when the clock would look at it next."""

    case: TaskCase
    project: int
    next_at: datetime | None


class WaitingMessage(NamedTuple):
    """A message that waits to leave. `fixed`: approved or reworded, so what it names stays; `tried`: a channel has
    asked to wait, so it does not leave earlier."""

    id: int | None
    day: date
    send_after: datetime
    queued_at: datetime
    rule: str
    lines: tuple[NudgeDecision, ...]
    rest: int = 0
    fixed: bool = False
    tried: bool = False


class Foretold(NamedTuple):
    """A message that would go out at `at`. `message`: its id, if it waits in the outbox already."""

    person: int
    at: datetime
    day: date
    rule: str
    lines: tuple[NudgeDecision, ...]
    rest: int
    message: int | None


Meetings = Mapping[int, Sequence[tuple[datetime, date]]]
"""Task -> beginning and day of its meetings to come, soonest first. A meeting that is over presses no more."""


def foretell(
    tasks: Iterable[KnownCase],
    people: Mapping[tuple[int, int], PersonCase],
    policies: Mapping[int, Policy],
    waiting: Mapping[int, WaitingMessage],
    carded: Collection[int],
    meetings: Meetings,
    now: datetime,
    until: datetime,
) -> list[Foretold]:
    """What leaves from `now` on and before `until`, in that order; messages that wait for approval as if they had it.

    `tasks`: without their meetings. `people`: by (project, person), as `decide` takes them. `waiting`: by the person
    who gets it. `carded`: tasks on an open card about their person.
    """
    days = _Days(tasks, people, policies, waiting, carded, meetings)
    moment = now
    while moment < until:
        days.round(moment)
        days.deliver(moment)
        following = days.next_after(moment)
        if following is None:
            break
        moment = following
    return days.told


class _Days:
    """The state that rounds and deliveries share."""

    def __init__(
        self,
        tasks: Iterable[KnownCase],
        people: Mapping[tuple[int, int], PersonCase],
        policies: Mapping[int, Policy],
        waiting: Mapping[int, WaitingMessage],
        carded: Collection[int],
        meetings: Meetings,
    ) -> None:
        self.tasks = {one.case.id: one for one in tasks}
        self.people = people
        self.policies = policies
        self.rows = dict(waiting)
        self.carded = set(carded)
        self.meetings = meetings
        self.told: list[Foretold] = []
        self.settled: set[int] = set()
        """Tasks of which nothing will be said any more, whatever time passes."""
        self.since: dict[int, dict[int, PersonCase]] = {}
        """Person -> project -> as they are by now, until that changes."""
        self.spent: dict[int, frozenset[date]] = {}
        self.ignored: dict[int, int] = {}
        self.of_turn: dict[int, list[int]] = {}
        for one in self.tasks.values():
            self.of_turn.setdefault(one.case.turn or 0, []).append(one.case.id)
        self.stands_for: dict[int, set[int]] = {}
        self.deputies: dict[int, set[int]] = {}
        for (_project, person), case in people.items():
            if case.deputy is not None:
                self.stands_for.setdefault(case.deputy.id, set()).add(person)
                self.deputies.setdefault(person, set()).add(case.deputy.id)

    def next_after(self, moment: datetime) -> datetime | None:
        looks = (one.next_at for one in self.tasks.values() if one.next_at is not None)
        leaves = (row.send_after for row in self.rows.values())
        found = min((*looks, *leaves), default=None)
        return None if found is None else max(found, moment + ROUND)

    # --- a round of the clock

    def round(self, now: datetime) -> None:
        due = {one.case.turn or 0 for one in self.tasks.values() if one.next_at is not None and one.next_at <= now}
        readers = due | {deputy for person in due for deputy in self.deputies.get(person, ())}
        looked = self._decided(
            due | readers | {one for reader in readers for one in self.stands_for.get(reader, ())}, now
        )
        told: dict[int, list[NudgeDecision]] = {}
        for key, decision in looked:
            if decision.action == NudgeAction.TELL and decision.person in readers:
                told.setdefault(decision.person or 0, []).append(decision)
            if (self.tasks[key].case.turn or 0) in due:
                self._rest(key, decision, now)
        for reader, lines in told.items():
            self._tell(reader, lines, now)
        for reader in readers - told.keys():
            self.rows.pop(reader, None)

    def _decided(self, persons: Collection[int], now: datetime) -> list[tuple[int, NudgeDecision]]:
        # Those too that rest until later: an absence that has begun gives them to somebody else today.
        keys = [key for person in sorted(persons) for key in self.of_turn.get(person, ())]
        found = [
            (key, self._decide(key, now))
            for key in keys
            if key not in self.settled or self.tasks[key].next_at is not None
        ]
        self.settled |= {key for key, one in found if one.action == NudgeAction.REST and one.rule in LASTING}
        return found

    def _decide(self, key: int, now: datetime) -> NudgeDecision:
        one = self.tasks[key]
        return decide(self._pressed(one.case, now), self._person(one), self.policies[one.project], now)

    def _pressed(self, case: TaskCase, now: datetime) -> TaskCase:
        """With its next meeting, which depends on the moment."""
        day = next((day for starts, day in self.meetings.get(case.id, ()) if starts > now), None)
        if day is None or (case.event_on is not None and case.event_on <= day):
            return case
        return case._replace(event_on=day)

    def _person(self, one: KnownCase) -> PersonCase:
        """Of the turn, with what was told and left unanswered since the beginning."""
        known = self.since.setdefault(one.case.turn or 0, {})
        if one.project not in known:
            person = self._since(self.people[one.project, one.case.turn or 0])
            deputy = person.deputy
            known[one.project] = person if deputy is None else person._replace(deputy=self._since(deputy))
        return known[one.project]

    def _moved(self, person: int) -> None:
        """What was told to them, or left unanswered, has changed: they and those whom they stand in for."""
        for one in (person, *self.stands_for.get(person, ())):
            self.since.pop(one, None)

    def _since(self, person: PersonCase) -> PersonCase:
        return person._replace(
            told_days=person.told_days | self.spent.get(person.id, frozenset()),
            ignored=person.ignored + self.ignored.get(person.id, 0),
        )

    def _reader(self, key: int, reader: int) -> PersonCase:
        person = self._person(self.tasks[key])
        return person.deputy if person.id != reader and person.deputy is not None else person

    def _rest(self, key: int, decision: NudgeDecision, now: datetime) -> None:
        one = self.tasks[key]
        if decision.action == NudgeAction.ESCALATE:
            self._hand_over(key, now)
        elif decision.action == NudgeAction.REST and one.next_at is not None and one.next_at <= now:
            again = decision.next_at
            self.tasks[key] = one._replace(next_at=now + PATIENCE if again is not None and again <= now else again)

    def _tell(self, reader: int, lines: list[NudgeDecision], now: datetime) -> None:
        person = self._reader(lines[0].task, reader)
        digest = compose(person, lines, now)
        if digest is not None:
            self._put(digest, now)
            self.carded |= set(digest.overload)
            for key in set(digest.overload) - {line.task for line in digest.lines}:
                self._hand_over(key, now)
        again = look_again(person, digest, now)
        for line in lines:
            one = self.tasks[line.task]
            if one.case.escalated_at != now:
                moments = [moment for moment in (again, line.next_at) if moment is not None]
                self.tasks[line.task] = one._replace(next_at=min(moments, default=None))

    def _hand_over(self, key: int, now: datetime) -> None:
        one = self.tasks[key]
        self.tasks[key] = one._replace(case=one.case._replace(escalated_at=now), next_at=None)

    def _put(self, digest: Digest, now: datetime) -> None:
        row = self.rows.get(digest.person)
        if row is not None and row.fixed:
            return
        leaves, rule = digest.send_after, digest.overload_why or digest.lines[0].rule
        if row is not None:
            sooner = min(leaves, row.send_after) if row.day == digest.day else leaves
            leaves = max(leaves, row.send_after) if row.tried else sooner
            rule = row.rule if row.rule in OVERLOADED else rule
        queued_at = now if row is None else row.queued_at
        self.rows[digest.person] = WaitingMessage(
            None if row is None else row.id,
            digest.day,
            leaves,
            queued_at,
            rule,
            digest.lines,
            len(digest.rest),
            tried=row is not None and row.tried,
        )
        for line in digest.lines:
            one = self.tasks[line.task]
            if line.step in NUDGING and (one.case.tried_at is None or one.case.tried_at > queued_at):
                self.tasks[line.task] = one._replace(case=one.case._replace(tried_at=queued_at))

    # --- a delivery

    def deliver(self, now: datetime) -> None:
        due = [(row.send_after, reader) for reader, row in self.rows.items() if row.send_after <= now]
        for _, reader in sorted(due):
            self._leave(reader, self.rows[reader], now)

    def _leave(self, reader: int, row: WaitingMessage, now: datetime) -> None:
        asked = [(line.task, self._decide(line.task, now)) for line in row.lines if line.task in self.tasks]
        kept = [one for _key, one in asked if one.action == NudgeAction.TELL and one.person == reader]
        for key in {line.task for line in row.lines} - {one.task for one in kept}:
            if key in self.tasks:
                self.tasks[key] = self.tasks[key]._replace(next_at=now + ROUND)
        if not kept:
            del self.rows[reader]
            return
        person = self._reader(kept[0].task, reader)
        if holds(person, now):
            slot = digest_slot(person, now)
            if slot is None:
                del self.rows[reader]
            else:
                self.rows[reader] = row._replace(send_after=slot, day=local_day(person.calendar, slot))
            return
        del self.rows[reader]
        day = local_day(person.calendar, now)
        self.spent[reader] = self.spent.get(reader, frozenset()) | {day}
        self._moved(reader)
        lines = tuple(sorted(kept, key=order))
        self.told.append(Foretold(reader, now, day, row.rule, lines, row.rest, row.id))
        for line in lines:
            self._count(line, row, reader, now)

    def _count(self, line: NudgeDecision, row: WaitingMessage, reader: int, now: datetime) -> None:
        """As `services.messages.outcomes` counts what was delivered."""
        one = self.tasks[line.task]
        case = one.case._replace(told_turn_at=one.case.told_turn_at or now)
        if line.step == NudgeStep.HEADS_UP:
            case = case._replace(heads_up_told=True)
        if line.step in NUDGING:
            stands = case.last_nudge_at is not None and case.last_nudge_at >= (case.progress_at or case.last_nudge_at)
            case = case._replace(nudges=case.nudges + 1 if stands else 1, last_nudge_at=now)
            if row.rule in OVERLOADED and line.task in self.carded:
                case = case._replace(escalated_at=now)
            if case.turn == reader:
                self.ignored[reader] = self.ignored.get(reader, 0) + 1
                self._moved(reader)
        self.tasks[line.task] = one._replace(case=case, next_at=now + ROUND)
