"""The judge of what goes out: every message on the wire, and every one that was seen, by its own reckoning.

What was *not* said is `vigil`'s. Nothing here asks the engine's rules.
"""

from collections import Counter
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from tests.simulation.hours import DAY
from tests.simulation.shadow import Case, Citizen, Shadow, Told, Wrong
from tracker.domain.nudging.sending import NotConnected, Outcome, Outgoing, RetryAt, Unknown

NAMED = 3
NUDGES = 2
BRAKES = 5
"""Working days that cadence, absences and our own failures may add to the two questions."""
A_MINUTE = 0.002
"""Of a working day. A round comes when it comes."""


class Seen(NamedTuple):
    at: datetime
    person: int
    tasks: tuple[int, ...]


class Watch:
    """Raises `Wrong` at the first thing that must not be."""

    def __init__(self, shadow: Shadow) -> None:
        self.shadow = shadow
        self.seen: dict[int, Seen] = {}
        self.spent: dict[tuple[int, date], int] = {}
        self.bad: set[tuple[int, date]] = set()
        self.approved: set[int] = set()
        self.silenced: set[tuple[int, date]] = set()
        """Days for which the conductor stopped what was only foreseen."""
        self.words: dict[str, int] = {}
        """The conductor's own, and in which message they were seen (0: in none yet)."""
        self.unknown: set[int] = set()
        self.not_before: dict[int, datetime] = {}
        self.named: Counter[tuple[int, date]] = Counter()
        self.steps: Counter[str] = Counter()
        self.cards: Counter[str] = Counter()

    # On the wire

    def leaves(self, outgoing: Outgoing, now: datetime) -> None:
        """It is handed to a channel."""
        said = f"message {outgoing.message_id} at {now.isoformat()}"
        if outgoing.message_id in self.unknown:
            raise Wrong(f"{said}: sent again although it may have arrived (invariants 7 and 9)")
        if now < self.not_before.get(outgoing.message_id, now):
            raise Wrong(f"{said}: sooner than it was asked to wait (invariant 9)")
        if not getattr(self.shadow.people[outgoing.person_id], outgoing.channel):
            raise Wrong(f"{said}: by {outgoing.channel}, which is dead (invariant 9)")

    def heard(self, outgoing: Outgoing, outcome: Outcome, now: datetime) -> None:
        """What the channel says of it."""
        match outcome:
            case RetryAt(at):
                self.not_before[outgoing.message_id] = at
            case NotConnected():
                self.not_before[outgoing.message_id] = now + timedelta(minutes=1)
            case Unknown():
                self.unknown.add(outgoing.message_id)

    # What was seen

    def saw(self, now: datetime, outgoing: Outgoing) -> None:
        """A message stands before somebody's eyes."""
        person = self.shadow.people[outgoing.person_id]
        said = f"message {outgoing.message_id} ({outgoing.kind}) to {person.id} at {now.isoformat()}"
        self._twice(now, outgoing, person, said)
        self._hours(now, person, said, asks=bool(outgoing.tasks))
        # Their own podium's letter names nothing that another conductor could have stopped.
        if outgoing.tasks and (person.id, person.hours.day(now)) in self.silenced:
            raise Wrong(f"{said}: on a day for which it was stopped")
        for words, seen in self.words.items():
            if words in outgoing.plain.splitlines():
                if seen:
                    raise Wrong(f"{said}: «{words}» was said before, in message {seen}")
                self.words[words] = outgoing.message_id
        steps = [(self.shadow.cases[one.id], one.step) for one in outgoing.tasks]
        if len(steps) > NAMED or len({case.id for case, _step in steps}) != len(steps):
            raise Wrong(f"{said}: three tasks at most, each once (invariant 11, decision 7)")
        order = [not step.startswith("n1") and step != "n2" for _case, step in steps]
        if order != sorted(order):
            raise Wrong(f"{said}: questions come before notices (invariant 11)")
        for case, step in steps:
            self._task(now, person, case, step, outgoing.message_id, f"{said}, task {case.id}, {step}")
        for case, step in steps:
            case.told.append(Told(now, person.id, step, outgoing.message_id))
            self.steps[step] += 1
        self.named[person.id, person.hours.day(now)] += len(steps)

    def uncounted(self, message_id: int) -> None:
        """Nobody knows whether it arrived: what it told of is due again."""
        seen = self.seen.get(message_id)
        for task in seen.tasks if seen else ():
            for one in self.shadow.cases[task].told:
                if one.message == message_id:
                    one.counted = False

    def failed(self, person: int, now: datetime) -> None:
        """A try that did not go well has cost its day."""
        self.bad.add((person, self.shadow.people[person].hours.day(now)))

    def _twice(self, now: datetime, outgoing: Outgoing, person: Citizen, said: str) -> None:
        if outgoing.message_id in self.seen:
            raise Wrong(f"{said}: seen before at {self.seen[outgoing.message_id].at} (invariant 7: never twice)")
        today = person.id, person.hours.day(now)
        if today in self.spent:
            raise Wrong(
                f"{said}: the second unasked one of the day after {self.spent[today]} (invariant 2, decision 5)"
            )
        self.spent[today] = outgoing.message_id
        self.seen[outgoing.message_id] = Seen(now, person.id, tuple(one.id for one in outgoing.tasks))

    def _hours(self, now: datetime, person: Citizen, said: str, *, asks: bool) -> None:
        hours, day = person.hours, person.hours.day(now)
        if hours.away(day):
            raise Wrong(f"{said}: they are away (invariants 1 and 3)")
        if not hours.works(day):
            raise Wrong(f"{said}: on a day off (invariant 1)")
        if not hours.is_open(now):
            raise Wrong(f"{said}: at night (invariant 1)")
        # The conductor's own letter of a morning names no task and asks for no answer.
        if asks and not hours.answers(day):
            raise Wrong(f"{said}: not on an agreed day")
        if asks and hours.returned(day):
            raise Wrong(f"{said}: on the first day back")
        if not person.knows:
            raise Wrong(f"{said}: never invited (decision 6)")
        if person.opted_out:
            raise Wrong(f"{said}: opted out (decision 8)")

    def _task(self, now: datetime, person: Citizen, case: Case, step: str, message: int, said: str) -> None:
        facts, shadow = case.facts, self.shadow
        stops = (
            (case.is_over, "after it was done (invariant 3)"),
            (facts.status == "draft", "a draft (invariant 3)"),
            (facts.muted, "muted (invariant 3)"),
            (shadow.projects[facts.project_id].silent, "the project is silent (invariant 3, decision 6)"),
            (case.turn is None or shadow.addressee(case, now) is not person, "to the wrong person (invariant 3)"),
            (case.root != case.id, "what blocks it is asked about, not it (invariant 3, decision 10)"),
            (self._unapproved(now, person, case, message), "not approved (decision 6)"),
            (facts.project_id in person.conducts, "the conductor has cards, no questions (decision 9)"),
            (case.is_handed_over, "a human has taken over (invariant 2, decision 1)"),
        )
        for holds, why in stops:
            if holds:
                raise Wrong(f"{said}: {why}")
        snoozed = facts.snoozed_until
        if snoozed is not None and shadow.people[case.turn].hours.day(now) < snoozed:
            raise Wrong(f"{said}: snoozed until {snoozed} (invariant 3)")
        if any(one.step == step for one in case.said()):
            raise Wrong(f"{said}: said before (invariant 7: never twice)")
        self._step(now, person, case, step, said)

    def _unapproved(self, now: datetime, person: Citizen, case: Case, message: int) -> bool:
        until = self.shadow.projects[case.facts.project_id].approve_until
        return until is not None and person.hours.day(now) <= until and message not in self.approved

    def _step(self, now: datetime, person: Citizen, case: Case, step: str, said: str) -> None:
        shadow = self.shadow
        hours, covered = shadow.people[case.turn or 0].hours, shadow.covered(case)
        if step == "notice":
            if case.progress or any(one.at >= (case.since or now) and one.counted for one in case.told):
                raise Wrong(f"{said}: they know that it is theirs")
            if not case.announced:
                raise Wrong(f"{said}: an import notifies nobody")
            return
        if step == "heads_up":
            if case.promise is None or hours.first_day_from(hours.day(now) + DAY, covered=covered) < case.promise:
                raise Wrong(f"{said}: a word on the eve, and only then")
            return
        if len(case.nudges) >= NUDGES:
            raise Wrong(f"{said}: the third question (invariant 2, decision 1)")
        if shadow.stalled_for(case, now) < -A_MINUTE:
            raise Wrong(f"{said}: too early, {shadow.stalled_for(case, now):.2f} (invariants 3, 4, 5)")
        if step == "n2":
            if not case.nudges:
                raise Wrong(f"{said}: a second question without a first")
            apart = hours.days_between(hours.day(case.nudges[0].at), hours.day(now), covered=covered)
            if apart < shadow.projects[case.facts.project_id].second_days:
                raise Wrong(f"{said}: {apart} working days between the questions (decisions 1 and 11)")
        else:
            if case.nudges:
                raise Wrong(f"{said}: a first question after another (invariant 7: never twice)")
            if person.hours.day(now).weekday() == 4 and person.hours.shown(now) >= time(15):
                raise Wrong(f"{said}: a first question late on a Friday")
            if step != (fits := self._fitting(case, hours.day(now))):
                raise Wrong(f"{said}: what is known asks for {fits} (decisions 2 and 10)")

    def _fitting(self, case: Case, today: date) -> str:
        """The first question that fits what is known; two dates are never taken for one another."""
        if case.via == "knot":
            return "n1_decide"
        if case.promise is not None:
            return "n1_promise"
        if case.via == "check":
            return "n1_check"
        needed_by = case.facts.needed_by
        return "n1_nodate" if needed_by is None or needed_by < today else "n1_needed"

    # What was handed over

    def handed_over(self, case: Case, now: datetime) -> None:
        """A card stands before the conductor: was it time?"""
        case.handed = case.facts.escalated_at
        here, turn = self.shadow.projects[case.facts.project_id], self.shadow.people[case.turn or 0]
        addressee = self.shadow.addressee(case, now)
        if case.facts.project_id in turn.conducts | addressee.conducts:
            why = "the conductor's own"
        elif not addressee.can_be_told:
            why = "cannot be told"
        elif len(case.nudges) >= NUDGES:
            why = "two questions"
        elif case.carded is not None and case.carded >= case.epoch:
            why = "overload"
        elif case.via == "knot" and self.shadow.knots[case.id][1] is not None:
            why = "decide by"
        elif case.facts.needed_by is not None:
            why = "a date is near"
        elif self.shadow.stalled_for(case, now) >= BRAKES + here.second_days + here.escalate_days - A_MINUTE:
            why = "over all brakes"
        else:
            raise Wrong(f"task {case.id} handed over at {now} after {len(case.nudges)} questions (decision 1)")
        self.cards[why] += 1
