"""The judge of silence: what was due and was not told, and who is stalled without any human knowing of it."""

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta

from tests.simulation.hours import DAY
from tests.simulation.shadow import Case, Citizen, Shadow, Wrong
from tests.simulation.watch import A_MINUTE, NAMED, NUDGES, Watch

FLOOD = 5
A_DIGEST_HOUR = 1.0
"""Of working time: what is due after it is told at the next."""
OVER_ALL_BRAKES = 12.0


class Vigil:
    """Asked at the end of each day of each person. `downs`: when nothing of ours ran."""

    def __init__(self, shadow: Shadow, watch: Watch) -> None:
        self.shadow, self.watch = shadow, watch
        self.downs: list[tuple[datetime, datetime]] = []
        self.lateness: Counter[str] = Counter()
        self.delays: dict[str, float] = defaultdict(float)

    def close_day(self, person: Citizen, day: date) -> None:
        """At the end of somebody's working day: what was due to them since the morning has been told."""
        hours = person.hours
        opens, closes = hours.moment(day, hours.opens), hours.moment(day, hours.closes)
        if hours.works(day):
            due = [(case, kind) for case in self._cases_for(person, opens) if (kind := self._due(case, opens))]
            self._flood(person, [case for case, kind in due if "question" in kind], day, opens, closes)
            for case, kind in due:
                if not any(one.counted and hours.day(one.at) == day for one in case.told):
                    self._missed(person, case, kind, day, opens, closes, len(due))
        for case in self.shadow.cases.values():
            if case.turn == person.id and hours.works(day, covered=self.shadow.covered(case)):
                self._excuse(case, day, opens, closes)
                self._bound(case, closes)

    def _flood(self, person: Citizen, asked: list[Case], day: date, opens: datetime, closes: datetime) -> None:
        """More than five at once are the conductor's one card, by the end of the day."""
        if len(asked) <= FLOOD or not person.hours.answers(day) or person.hours.returned(day):
            return
        lost = [
            case.id
            for case in asked
            if case.carded is None
            and not self._was_ours(case, opens, closes)
            and not any(person.hours.day(one.at) == day for one in case.told)
        ]
        if lost and (person.id, day) not in self.watch.bad:
            raise Wrong(f"{len(asked)} questions due to {person.id} on {day}; {lost} stand on no card (decision 7)")

    def _excuse(self, case: Case, day: date, opens: datetime, closes: datetime) -> None:
        """A working day that passes for the task, but not for the bot."""
        deputy = self.shadow.addressee(case, opens)
        if self._was_ours(case, opens, closes):
            case.missed["ours"] += 1
        elif case.root != case.id:
            case.missed["blocked"] += 1
        elif deputy.id != case.turn and not deputy.hours.answers(deputy.hours.day(closes)):
            case.missed["the deputy is off"] += 1

    def _cases_for(self, person: Citizen, opens: datetime) -> list[Case]:
        shadow = self.shadow
        return [
            case
            for case in shadow.cases.values()
            if self._can_move(case)
            and not case.is_handed_over
            and (case.changed or opens) <= opens
            and shadow.addressee(case, opens) is person
            and person.can_be_told
            and case.facts.project_id not in person.conducts
        ]

    def _can_move(self, case: Case) -> bool:
        quiet = self.shadow.projects[case.facts.project_id].silent
        still = case.is_over or case.facts.status == "draft" or case.facts.muted
        return not (quiet or still or case.turn is None or case.root != case.id)

    def _due(self, case: Case, at: datetime) -> str:
        """What was to be told of it at this moment; empty: nothing."""
        hours, covered = self.shadow.people[case.turn or 0].hours, self.shadow.covered(case)
        here = self.shadow.projects[case.facts.project_id]
        fresh = case.others is not None and case.others > case.silent_since
        stalled = self.shadow.stalled_for(case, at) > fresh
        if len(case.nudges) >= NUDGES:
            return ""
        if case.nudges:
            # A deputy's day may have begun before the day of whose turn it is.
            today = hours.day(at) if hours.shown(at) >= hours.opens else hours.day(at) - DAY
            since = case.nudges[0].at
            # Others postpone the second question only by what they do after the first.
            later = case.others is not None and case.others > since
            ready = hours.days_between(hours.day(since), today, covered=covered) >= here.second_days + later
            return "the second question" if ready and stalled else ""
        if stalled:
            return "the first question"
        known = (
            case.progress
            or case.promise
            or case.facts.snoozed_until
            or any(one.counted and one.at >= case.silent_since for one in case.told)
        )
        return "" if known or not case.announced else "the notice"

    def _missed(
        self, person: Citizen, case: Case, kind: str, day: date, opens: datetime, closes: datetime, due: int
    ) -> None:
        excuses = (
            ("ours", self._was_ours(case, opens, closes)),
            ("approval", self._waits_for_approval(case, day) or self._went_as_approved(person, day)),
            ("changing hands", self._changes_hands(case, person, day)),
            ("cadence", not person.hours.answers(day)),
            ("first day back", person.hours.returned(day)),
            ("not delivered", (person.id, day) in self.watch.bad),
            ("three a day", self.watch.named[person.id, day] >= NAMED),
        )
        why = next((name for name, holds in excuses if holds), "")
        if not why:
            raise Wrong(f"task {case.id}: {kind} was due to {person.id} on {day} and was not told (invariant 7)")
        case.missed[why] += why != "ours"
        self.lateness[why] += 1
        if kind == "the notice" or (case.carded is not None and case.carded >= case.epoch):
            return
        case.crowded += why == "three a day"
        if case.crowded > 2:
            raise Wrong(f"task {case.id}: {kind} crowded out for days, {due} due to {person.id} on {day} (decision 7)")

    def _waits_for_approval(self, case: Case, day: date) -> bool:
        """What was approved stays as it was approved, also for some days after the last that asks for it."""
        until = self.shadow.projects[case.facts.project_id].approve_until
        return until is not None and day <= until + 5 * DAY

    def _went_as_approved(self, person: Citizen, day: date) -> bool:
        """The day's one message may be one that the conductor approved before this was due: it takes nothing in."""
        seen = [self.watch.seen[one] for one in self.watch.approved if one in self.watch.seen]
        return any(one.person == person.id and person.hours.day(one.at) == day for one in seen)

    def _changes_hands(self, case: Case, person: Citizen, day: date) -> bool:
        """On the first day of an absence the deputy may not have been asked yet: everything is looked at once a day."""
        turn = self.shadow.people[case.turn or 0]
        return self.shadow.covered(case) and any(
            turn.hours.away(day + DAY * one) != turn.hours.away(day) for one in (-1, 1)
        )

    def _was_ours(self, case: Case, opens: datetime, closes: datetime) -> bool:
        here = self.shadow.projects[case.facts.project_id]
        was_silent = here.silent or (here.silent_until is not None and here.silent_until > opens)
        return was_silent or any(first < closes and last > opens for first, last in self.downs)

    def _bound(self, case: Case, now: datetime) -> None:
        """Every stalled task comes to a human in time."""
        if not self._can_move(case) or case.is_handed_over or (case.changed or now) > now - timedelta(days=1):
            return
        fresh = case.others is not None and case.others > case.silent_since
        late = self.shadow.stalled_for(case, now) - fresh
        if case.carded is not None and case.carded >= case.epoch:
            # The conductor saw it on a card about its person, and left it with them: the count begins anew.
            hours, covered = self.shadow.people[case.turn or 0].hours, self.shadow.covered(case)
            late = min(late, hours.worked(case.carded, now, covered=covered))
        ours = case.missed["ours"] + case.missed["blocked"]
        # A deputy's morning may lie before or after that of whose turn it is: their two calendars cost a day.
        here = self.shadow.projects[case.facts.project_id]
        # With an agreed day, each question may lose what lies between its moment and the next morning.
        agreed = NUDGES * bool(self.shadow.addressee(case, now).hours.cadence)
        allowed = (
            A_DIGEST_HOUR
            + here.second_days
            + here.escalate_days
            + case.missed.total()
            + self.shadow.covered(case)
            + agreed
        )
        self.delays["no brake" if not case.missed else "braked"] = max(
            self.delays["no brake" if not case.missed else "braked"], late - ours
        )
        if late - A_MINUTE > min(allowed, OVER_ALL_BRAKES + ours):
            raise Wrong(
                f"task {case.id} of {case.turn} ({case.via}): stalled for {late:.1f} working days at {now}, "
                f"{dict(case.missed)}, and no human knows (decision 1)"
            )
