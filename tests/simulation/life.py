"""Weeks in the town: people act by habit, things go wrong, and the engine's rounds run in between.

Time jumps from event to event: a round is run where the engine has stored a moment, some seconds later, and after what
people do. Everything follows from the seed.
"""

import heapq
import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from tests.simulation import habits
from tests.simulation.counts import Counts
from tests.simulation.engine_room import DAY, HOUSE, EngineRoom
from tests.simulation.mortal import weather
from tests.simulation.shadow import Case, Shadow, Wrong
from tests.simulation.town import be_away, settle
from tracker.domain.nudging.sending import Outcome, Outgoing, RefusedForEver
from tracker.domain.terms import Way
from tracker.services.channels.telegram import opt_in, opt_out
from tracker.services.ground.journal import Actor
from tracker.services.people.persons import edit_person
from tracker.services.people.projects import pause_project

SECOND = timedelta(seconds=1)
Deed = Callable[[datetime], object]


class Life(EngineRoom):
    """One run from `start` on, the first day."""

    def __init__(self, url: str, seed: int, start: date, *, weeks: int = 6, people: int = 40) -> None:
        self.begins = datetime(start.year, start.month, start.day, tzinfo=UTC)
        super().__init__(url, Shadow(), self.begins)
        self.seed, self.chance = seed, random.Random(seed)
        self.ends = self.begins + weeks * 7 * DAY
        self.people, self.weeks = people, weeks
        self.counts = Counts(self.shadow)
        self.plan: list[tuple[datetime, int, Deed]] = []
        self.serial = self.person_days = 0
        self.down_until: datetime | None = None

    def __str__(self) -> str:
        return f"{self.people} people, {self.begins.date()} to {self.ends.date()}, seed {self.seed}"

    # Time

    def later(self, at: datetime, deed: Deed) -> None:
        self.serial += 1
        heapq.heappush(self.plan, (at, self.serial, deed))

    def run(self) -> "Life":
        try:
            self._found()
            self._live()
            self.still_sound()
        except Wrong as wrong:
            again = f"--seed {self.seed} --start {self.begins.date()} --people {self.people} --weeks {self.weeks}"
            raise Wrong(f"{wrong}\n    to see it again: python -m tests.simulation {again}") from None
        finally:
            self.close()
        return self

    def _live(self) -> None:
        at = self._round_at(self.begins)
        while at < self.ends:
            if self.plan and self.plan[0][0] <= at:
                now, _serial, deed = heapq.heappop(self.plan)
                deed(now)
                if self.dirty:
                    at = min(at, self._round_at(now))
            else:
                self._one_round(at)
                at = self._round_at(at)

    def _round_at(self, now: datetime) -> datetime:
        """The next round: where a moment is stored, or soon after somebody has done something."""
        after = now if self.down_until is None else max(now, self.down_until)
        if self.dirty:
            # Most verbs are followed by a round at once, as in life; some wait, since each round costs its time here.
            return after + SECOND * self.chance.choice([2, 20, 300, 900])
        return self.next_moment(after, self.ends) + SECOND * self.chance.randint(0, 40)

    def _one_round(self, now: datetime) -> None:
        dies_at = self.chance.randint(1, 12) if self.chance.random() < 0.04 else 0
        births = self.births
        self.round(now, dies_at=dies_at, delivery_first=self.chance.random() < 0.3)
        if self.births != births:
            # Its claims are buried after some minutes.
            self.later(now + timedelta(minutes=6), lambda _at: setattr(self, "dirty", True))

    def _found(self) -> None:
        with self.calm.writing() as session:
            settle(session, self.shadow, self.chance, self.people, self.begins)
        for number in range(self.people * 2):
            project = self.chance.choice(sorted(self.shadow.projects))
            moment = self.begins - DAY + SECOND * number
            habits.ask(self, moment, project, Way.IMPORT if number % 5 == 0 else Way.WEB)
        for ahead in range((self.ends - self.begins).days + 1):
            for person in self.shadow.people:
                self._plan_day(person, self.begins.date() + DAY * ahead)
            self._plan_troubles(self.begins + DAY * ahead)

    def _plan_day(self, person_id: int, day: date) -> None:
        """By the hours that they keep on that very day: they may move."""
        hours = self.shadow.people[person_id].hours
        opens = hours.moment(day, hours.opens)
        if opens < self.begins:
            return

        def morning(_at: datetime) -> None:
            for project in sorted(self.shadow.people[person_id].conducts) if hours.works(day) else []:
                at = opens + timedelta(minutes=self.chance.randint(0, 300))
                self.later(at, lambda at, project=project: habits.conduct(self, at, project))  # type: ignore[misc]
            if hours.works(day):
                at = opens + timedelta(minutes=self.chance.randint(0, 400))
                self.later(at, lambda at: habits.morning(self, at, person_id))
            self.later(hours.moment(day, hours.closes) + SECOND, close)

        def close(_at: datetime) -> None:
            self.vigil.close_day(self.shadow.people[person_id], day)
            self.person_days += 1
            self.counts.close_day(self.shadow.people[person_id], day)

        self.later(opens, morning)

    # What people see and do

    def weather(self, outgoing: Outgoing, now: datetime) -> tuple[bool, Outcome]:
        arrives, outcome = weather(self.chance, outgoing, now)
        if isinstance(outcome, RefusedForEver) and outgoing.channel == "telegram":
            back = now + DAY * self.chance.randint(2, 9)
            self.later(back, lambda at: self.regain(outgoing.person_id, at))
        return arrives, outcome

    def seen(self, outgoing: Outgoing, now: datetime) -> None:
        self.counts.message(outgoing.person_id, now)
        habits.react(self, now, outgoing.person_id, tuple(one.id for one in outgoing.tasks))
        if self.chance.random() < 0.03 and outgoing.tasks:
            # Quicker than the network: the answer is there before the delivery is.
            habits.answer(self, now + SECOND, outgoing.person_id, outgoing.tasks[0].id)

    def done(self, changed: list[Case], case: Case | None, before: set[int], actor: Actor, now: datetime) -> None:
        for one in changed:
            self.counts.event(one, before if one is case else set(), actor.person_id, now)

    # Troubles

    def _plan_troubles(self, day: datetime) -> None:
        chance, someone = self.chance, self.chance.choice(sorted(self.shadow.people))
        at = day + timedelta(hours=chance.uniform(0, 24))
        if chance.random() < 0.06:
            length = timedelta(hours=chance.choice([1, 5, 20, 70]))
            self.later(at, lambda now: self._go_down(now, now + length))
        if chance.random() < 0.15:
            first = day.date() + DAY * chance.randint(0, 6)
            last = first + DAY * chance.randrange(6)
            self.later(
                at,
                lambda now: self.happen(
                    now, someone, lambda session: be_away(session, self.shadow, someone, first, last, now)
                ),
            )
        if chance.random() < 0.05:
            self.later(at, lambda now: self._opt(someone, now))
        if chance.random() < 0.05:
            zone = chance.choice(["Asia/Kolkata", "Europe/Moscow", "America/New_York", "Asia/Kamchatka"])
            self.later(at, lambda now: self._move(someone, zone, now))
        if chance.random() < 0.04:
            project, length = chance.choice(sorted(self.shadow.projects)), timedelta(hours=chance.choice([3, 30]))
            self.later(at, lambda now: self._pause(project, now, now + length))

    def _opt(self, person: int, now: datetime) -> None:
        citizen, actor = self.shadow.people[person], Actor(person, Way.TELEGRAM)
        verb = opt_in if citizen.opted_out else opt_out
        self.happen(now, person, lambda session: verb(session, actor, now=now))
        citizen.opted_out = not citizen.opted_out

    def _move(self, person: int, zone: str, now: datetime) -> None:
        self.happen(now, person, lambda session: edit_person(session, HOUSE, person, None, {"timezone": zone}, now=now))
        self.shadow.people[person].hours.zone = zone

    def _pause(self, project: int, now: datetime, until: datetime) -> None:
        here = self.shadow.projects[project]
        if here.silent:
            return
        actor = Actor(here.conductor, Way.WEB)
        self.do(now, actor, None, lambda session: pause_project(session, actor, project, True, now=now))
        here.silent = True

        def resume(at: datetime) -> None:
            self.do(at, actor, None, lambda session: pause_project(session, actor, project, False, now=at))
            here.silent, here.silent_until = False, at

        self.later(until, resume)

    def _go_down(self, now: datetime, until: datetime) -> None:
        self.down_until, self.dirty = until, True
        self.vigil.downs.append((now, until + timedelta(minutes=10)))
        self.reborn()
