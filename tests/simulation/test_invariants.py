"""Whatever people do, in whatever order, at whatever time: the invariants and decisions of the nudge engine hold.

Hypothesis plays people, network and fate on the real engine with a given clock. After every step the judges
(`watch`, `vigil`: working time, turns and steps reckoned by themselves) have seen every message and every silence.

| invariant | where it is judged |
|---|---|
| 1 window, zone, holidays | `Watch._hours` |
| 2 one digest a day, two nudges, then a human | `Watch._twice`, `Watch._step`, `Watch.handed_over` |
| 3 never about what is closed, snoozed, paused, draft, another's, just changed | `Watch._task` |
| 4 only acts of the awaited side count | `Watch._step` (too early) and `Vigil.close_day` (too late); rule `retitle` |
| 5 one arithmetic of working time | `Watch._step`: questions and the days between them, by `hours` |
| 6 evaluated always, asked again at delivery | rules `tick`, `deliver` with deeds in between; `Watch._task` |
| 7 restart and kill at any point | rule `die`; `Watch._twice`, `Watch.leaves`, `Vigil.close_day` |
| 8 one digest after downtime | rule `go_down`; `Watch._twice` |
| 9 dead channel, retry_after, moved chat, refused, unknown | rule `bad_weather`; `Watch.leaves`, `one_card_each` |
| 10 an answer is its owner's, checked, idempotent | rules `stranger`, `again` (the buttons themselves: tests/bot) |
| 11 no empty digest, questions first | `Watch.saw` |
| 5, 7 and 12 for what was stopped or given words while it was only foreseen | rule `beforehand`; `Watch.saw` |
| 12 a row for each message, with whom, why and text | `EngineRoom._account_for` |

| decision | where it is judged |
|---|---|
| 1 two nudges, then the conductor, by the day | `Watch._step`, `Vigil._bound` |
| 2 two dates | `Watch._fitting` |
| 3 what is noted on behalf counts | rule `on_behalf`; `Watch._step`, `Vigil.close_day` |
| 4 others postpone once by a day | rule `remark`; `Vigil._due`, `Vigil._bound` |
| 5 one unasked message a day | `Watch._twice` |
| 6 approval in new projects, nobody uninvited | rules `approve_first`, `approve`; `Watch._unapproved`, `Watch._hours` |
| 7 flood and ignored questions are one card | rule `flood`; `Vigil._flood`, `one_card_each` |
| 8 opt-out, snooze cap, «не ко мне» put a card | `_card_of` in the rules |
| 9 the conductor has cards only | `Watch._task` |
| 10 a deadlock's decider is asked, its sides are not | rule `tie`; `Watch._task`, `Watch._fitting` |
| 11 gaps, days and approval are settings | `settings`; the judges take them from the project |
"""

import copy
import random
import shutil
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlmodel import col, select

from tests.simulation.engine_room import DAY, HOUSE, EngineRoom
from tests.simulation.shadow import Shadow
from tests.simulation.town import be_away, settle
from tests.telling import answers
from tracker.domain.errors import NotFound
from tracker.domain.nudging.sending import Delivered, Moved, NotConnected, RefusedForEver, RetryAt, Unknown
from tracker.domain.terms import CardKind, WaitKind, Way
from tracker.services.channels.telegram import opt_in, opt_out
from tracker.services.ground.journal import Actor
from tracker.services.ground.opening import open_database
from tracker.services.integrations.deadlocks import DeadlockInput, decide, open_deadlock
from tracker.services.messages.beforehand import let_go, say_before, stop_foreseen
from tracker.services.messages.handling import approve_message, stop_message
from tracker.services.messages.preview import foresee
from tracker.services.people.persons import PersonInput, add_person, edit_person
from tracker.services.people.projects import edit_project, pause_project
from tracker.services.tasks.comments import add_comment
from tracker.services.tasks.editing import TaskInput, WaitInput, archive_task, create_task, edit_task, restore_task
from tracker.services.turns.drift_check import verify_moments
from tracker.tables import Card, Deadlock, Message, Project

MONDAY = datetime(2026, 12, 7, 4, tzinfo=UTC)
PEOPLE = 8
HOURS = st.integers(1, 70)
DAYS = st.integers(1, 6)
WHO = st.integers(1, PEOPLE - 1)
WHICH = st.integers(0, 30)


class Room(EngineRoom):
    """An engine room whose weather is as the machine says."""

    def __init__(self, url, shadow):
        super().__init__(url, shadow, MONDAY)
        self.forecast = []

    def weather(self, outgoing, now):
        match self.forecast.pop(0) if self.forecast else "fine":
            case "wait":
                return False, RetryAt(now + timedelta(hours=3))
            case "refused":
                return False, NotConnected("refused")
            case "lost":
                return False, Unknown("timed out")
            case "unheard":
                return True, Unknown("502")
            case "blocked":
                return False, RefusedForEver("blocked")
            case "moved" if outgoing.channel == "telegram":
                return False, Moved(int(outgoing.address) + 10**7)
        return True, Delivered(None, outgoing.message_id)


class Engine(RuleBasedStateMachine):
    """`template`: a database with the town in it, and the onlooker's notes on it."""

    template: tuple[Path, Shadow, int]

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        file, shadow, self.stranger_id = self.template
        shutil.copyfile(file, Path(self.folder.name) / "town.db")
        self.room = Room(f"sqlite:///{self.folder.name}/town.db", copy.deepcopy(shadow))
        self.now, self.dies_at = MONDAY, 0
        self.project, self.conductor = min(self.room.shadow.projects), 1

    def teardown(self):
        try:
            # Then nobody does anything any more: what is due is told, and what nobody answers comes to a human.
            self._pass(timedelta(days=15))
            self.room.still_sound()
        finally:
            self.room.close()
            self.folder.cleanup()

    # Time

    def _pass(self, length, *, down=False):
        # The rounds run on, also where nothing has been done: a moment may lie exactly here.
        ends, self.room.dirty = self.now + length, True
        people = self.room.shadow.people.values()
        closings = sorted(
            (closes + timedelta(seconds=1), one.id, day)
            for one in people
            for day in (one.hours.day(self.now) + DAY * ahead for ahead in range(-1, length.days + 3))
            if self.now < (closes := one.hours.moment(day, one.hours.closes)) <= ends
        )
        while True:
            room = self.room
            at = self.now + timedelta(seconds=20) if room.dirty else room.next_moment(self.now, ends)
            at = ends if down else at
            if closings and closings[0][0] <= min(at, ends):
                self.now, person, day = closings.pop(0)
                room.vigil.close_day(room.shadow.people[person], day)
            elif at < ends:
                self.now = at
                births = room.births
                room.round(at, dies_at=self.dies_at)
                self.dies_at = 0
                room.dirty = room.dirty or room.births != births
                if room.births != births:
                    self.now += timedelta(minutes=6)
            else:
                self.now = ends
                return

    def _case(self, which):
        cases = [case for case in self.room.shadow.cases.values() if case.turn is not None]
        return cases[which % len(cases)] if cases else None

    def _do(self, actor, case, deed, progress=True, **more):
        return self.room.do(self.now, actor, case, deed, progress, **more)

    def _card_of(self, kind, **about):
        with self.room.calm.reading() as session:
            query = select(Card).filter_by(kind=kind, **about).where(col(Card.settled_at).is_(None))
            assert session.exec(query).first() is not None, f"no card {kind} {about} (decision 8)"

    # What there is at first

    @initialize(stall=st.integers(1, 3), second=st.integers(1, 3), escalate=st.integers(1, 2))
    def settings(self, stall, second, escalate):
        days = {"stall_days": stall, "second_days": second, "escalate_days": escalate}
        self._do(HOUSE, None, lambda session: edit_project(session, HOUSE, self.project, None, days, now=self.now))
        for owner in range(1, PEOPLE):
            self.ask(owner, None if owner % 2 else 4, "normal", False)
        here = self.room.shadow.projects[self.project]
        here.stall_days, here.second_days, here.escalate_days = stall, second, escalate

    # What people do

    @rule(owner=WHO, due=st.none() | DAYS, level=st.sampled_from(["normal", "high", "low"]), imported=st.booleans())
    def ask(self, owner, due, level, imported):
        needed_by = None if due is None else (self.now + DAY * due).date()
        given = TaskInput("Прислать поля", owner=owner + 1, needed_by=needed_by, priority=level)
        actor = Actor(self.conductor, Way.IMPORT if imported else Way.WEB)
        self._do(
            actor,
            None,
            lambda session: create_task(session, actor, self.project, given, now=self.now),
            announced=not imported,
        )

    @rule(owner=WHO)
    def flood(self, owner):
        for _ in range(6):
            self.ask(owner, None, "high", True)

    @rule(which=WHICH, word=st.sampled_from(["done", "work", "say", "help", "not mine"]), again=st.booleans())
    def answer(self, which, word, again):
        case = self._case(which)
        if case is None:
            return
        person, task, now = case.turn, case.id, self.now
        actor = Actor(person, Way.TELEGRAM)
        verbs = {
            "done": lambda session: answers.done(session, actor, task, now=now),
            "work": lambda session: answers.in_progress(session, actor, task, now=now),
            "say": lambda session: add_comment(session, actor, task, "смотрим", now=now),
            "help": lambda session: answers.need_help(session, actor, task, "ключ", now=now),
            "not mine": lambda session: answers.not_mine(session, actor, task, now=now),
        }
        since = case.since
        went = self._do(actor, case, verbs[word], None if word in ("help", "not mine") else True)
        if went and word in ("help", "not mine"):
            self._card_of(CardKind.HELP if word == "help" else CardKind.NOT_MINE, task_id=task)
        if again and (case.turn, case.since) == (person, since):
            # Where the turn has passed, a second tap is another question's: the buttons carry which one they answer.
            before = (case.facts.status, case.turn)
            self._do(actor, case, verbs[word], False)
            assert (case.facts.status, case.turn) == before, "pressed twice is pressed once (invariant 10)"

    @rule(which=WHICH, ahead=DAYS, by_conductor=st.booleans())
    def promise(self, which, ahead, by_conductor):
        if (case := self._case(which)) is None:
            return
        day = self.room.shadow.people[case.turn].hours.day(self.now) + DAY * ahead
        actor = Actor(self.conductor, Way.WEB, case.turn) if by_conductor else Actor(case.turn, Way.TELEGRAM)
        self._do(actor, case, lambda session: answers.promise(session, actor, case.id, day, now=self.now))

    @rule(which=WHICH, ahead=DAYS)
    def snooze(self, which, ahead):
        if (case := self._case(which)) is None:
            return
        until = self.room.shadow.people[case.turn].hours.day(self.now) + DAY * ahead
        actor, outcomes = Actor(case.turn, Way.LINK), []

        def later(session):
            outcomes.append(answers.later(session, actor, case.id, until, now=self.now).outcome)

        self._do(actor, case, later, False)
        if outcomes == ["snooze_cap"]:
            self._card_of(CardKind.SNOOZE_CAP, task_id=case.id)

    @rule(which=WHICH)
    def on_behalf(self, which):
        if (case := self._case(which)) is not None:
            actor = Actor(self.conductor, Way.WEB, case.turn)
            self._do(actor, case, lambda session: answers.in_progress(session, actor, case.id, now=self.now))

    @rule(which=WHICH)
    def remark(self, which):
        if (case := self._case(which)) is not None and case.turn != self.conductor:
            actor = Actor(self.conductor, Way.WEB)
            self._do(actor, case, lambda session: add_comment(session, actor, case.id, "как?", now=self.now))
            case.others = self.now

    @rule(which=WHICH, title=st.sampled_from(["Поля", "Ключи"]))
    def retitle(self, which, title):
        if (case := self._case(which)) is not None:
            actor = Actor(self.conductor, Way.WEB)
            changes = {"title": title}
            self._do(
                actor, case, lambda session: edit_task(session, actor, case.id, None, changes, now=self.now), False
            )

    @rule(which=WHICH, owner=WHO)
    def hand_on(self, which, owner):
        if (case := self._case(which)) is not None:
            actor = Actor(self.conductor, Way.WEB)
            changes = {"owner": owner + 1}
            self._do(actor, case, lambda session: edit_task(session, actor, case.id, None, changes, now=self.now), None)

    @rule(which=WHICH, how=st.sampled_from(["open", "done", "dropped", "archive", "restore"]))
    def conduct(self, which, how):
        cases = list(self.room.shadow.cases.values())
        if not cases:
            return
        case, actor, now = cases[which % len(cases)], Actor(self.conductor, Way.WEB), self.now
        match how:
            case "archive":
                self._do(actor, case, lambda session: archive_task(session, actor, case.id, now=now), False)
            case "restore":
                self._do(actor, case, lambda session: restore_task(session, actor, case.id, now=now), False)
            case status:
                changes = {"status": status}
                self._do(actor, case, lambda session: edit_task(session, actor, case.id, None, changes, now=now), None)

    @rule(which=WHICH, other=WHICH)
    def wait_for_another(self, which, other):
        case, ahead = self._case(which), self._case(other)
        if case is not None and ahead is not None and case is not ahead:
            actor = Actor(self.conductor, Way.WEB)
            changes = {"waiting": WaitInput(WaitKind.TASK, task_id=ahead.id)}
            self._do(actor, case, lambda session: edit_task(session, actor, case.id, None, changes, now=self.now), None)

    @rule(which=WHICH, decider=WHO, ahead=DAYS)
    def tie(self, which, decider, ahead):
        if (case := self._case(which)) is None or case.id in self.room.shadow.knots:
            return
        actor = Actor(self.conductor, Way.WEB)
        parties = sorted({one.party[self.project] for one in self.room.shadow.people.values()})[:2]
        by = (self.now + DAY * ahead).date()
        given = DeadlockInput("Кнопки", decider=decider + 1, decide_by=by, tasks=[case.id], parties=parties)
        self._do(actor, None, lambda session: open_deadlock(session, actor, self.project, given, now=self.now))

    @precondition(lambda self: self.room.shadow.knots)
    @rule()
    def untie(self):
        actor = Actor(self.conductor, Way.WEB)
        with self.room.calm.reading() as session:
            knot = session.exec(select(Deadlock.id).where(col(Deadlock.decided_at).is_(None))).all()[0]
        self._do(actor, None, lambda session: decide(session, actor, knot, "Одна", now=self.now))

    @rule(which=WHICH)
    def stranger(self, which):
        if (case := self._case(which)) is not None:
            actor = Actor(self.stranger_id, Way.TELEGRAM)
            with pytest.raises(NotFound), self.room.calm.writing() as session:
                answers.done(session, actor, case.id, now=self.now)

    # What changes about people and projects

    @rule(who=WHO, ahead=st.integers(0, 4), length=st.integers(0, 6))
    def go_away(self, who, ahead, length):
        person = who + 1
        first = self.room.shadow.people[person].hours.day(self.now) + DAY * ahead
        self.room.happen(
            self.now,
            person,
            lambda session: be_away(session, self.room.shadow, person, first, first + DAY * length, self.now),
        )

    @rule(who=WHO, zone=st.sampled_from(["Asia/Kolkata", "America/New_York", "Asia/Kamchatka", "Europe/Berlin"]))
    def move(self, who, zone):
        self.room.happen(
            self.now,
            who + 1,
            lambda session: edit_person(session, HOUSE, who + 1, None, {"timezone": zone}, now=self.now),
        )
        self.room.shadow.people[who + 1].hours.zone = zone

    @rule(who=WHO)
    def opt(self, who):
        citizen, actor = self.room.shadow.people[who + 1], Actor(who + 1, Way.TELEGRAM)
        verb = opt_in if citizen.opted_out else opt_out
        self.room.happen(self.now, who + 1, lambda session: verb(session, actor, now=self.now))
        citizen.opted_out = not citizen.opted_out
        if citizen.opted_out:
            self._card_of(CardKind.OPT_OUT, person_id=who + 1)

    @rule(who=WHO)
    def unblock(self, who):
        if not self.room.shadow.people[who + 1].telegram:
            self.room.regain(who + 1, self.now)

    @rule()
    def pause(self):
        here, actor = self.room.shadow.projects[self.project], Actor(self.conductor, Way.WEB)
        self._do(
            actor, None, lambda session: pause_project(session, actor, self.project, not here.silent, now=self.now)
        )
        here.silent, here.silent_until = not here.silent, self.now

    @rule(ahead=DAYS)
    def approve_first(self, ahead):
        until = (self.now + DAY * ahead).date()
        with self.room.calm.writing() as session:
            project = session.get_one(Project, self.project)
            project.messages, project.approve_until = "approve", until
            session.add(project)
        self.room.shadow.projects[self.project].approve_until = until
        for case in self.room.shadow.cases.values():
            case.changed = self.now

    @rule(stop=st.booleans())
    def approve(self, stop):
        with self.room.calm.reading() as session:
            waiting = session.exec(select(Message).where(col(Message.state).in_(["queued", "held"]))).first()
        if waiting is None:
            return
        actor, verb = Actor(self.conductor, Way.WEB), stop_message if stop else approve_message
        if self._do(actor, None, lambda session: verb(session, actor, waiting.id, now=self.now)):
            if stop:
                self.room.watch.bad.add((waiting.person_id, waiting.local_day))
            else:
                self.room.watch.approved.add(waiting.id)

    @rule(place=WHICH, how=st.sampled_from(["stop", "say", "say", "let go"]))
    def beforehand(self, place, how):
        """What the conductor says of a message that is only foreseen."""
        actor, watch = Actor(self.conductor, Way.WEB), self.room.watch
        if how == "let go":
            with self.room.calm.reading() as session:
                stopped = session.exec(
                    select(Message).where(Message.state_reason == "stopped", Message.local_day >= self.now.date())
                ).first()
            if stopped and self._do(actor, None, lambda session: let_go(session, actor, stopped.id, now=self.now)):
                watch.silenced.discard((stopped.person_id, stopped.local_day))
            return
        with self.room.calm.reading() as session:
            found = foresee(session, self.project, self.now, self.now + 3 * DAY)
        ahead = [one for one in found if one.message is None]
        if not ahead:
            return
        one, words = ahead[place % len(ahead)], f"Слова {len(watch.words)} впереди"
        if how == "say":
            watch.words[words] = 0
            self._do(actor, None, lambda session: say_before(session, actor, self.project, one, words, now=self.now))
        elif self._do(actor, None, lambda session: stop_foreseen(session, actor, one, now=self.now)):
            watch.bad.add((one.person, one.day))
            watch.silenced.add((one.person, one.day))

    # Network, fate and time

    @rule(kind=st.sampled_from(["wait", "refused", "lost", "unheard", "blocked", "moved", "fine"]))
    def bad_weather(self, kind):
        self.room.forecast.append(kind)

    @rule(place=st.integers(1, 9))
    def die(self, place):
        self.dies_at = place

    @rule(length=HOURS)
    def go_down(self, length):
        ends = self.now + timedelta(hours=length)
        self.room.vigil.downs.append((self.now, ends + timedelta(minutes=10)))
        self.room.reborn()
        self._pass(ends - self.now, down=True)
        self.room.dirty = True

    @rule(length=HOURS)
    def wait(self, length):
        self._pass(timedelta(hours=length))

    @rule(days=st.integers(1, 3))
    def let_days_pass(self, days):
        self._pass(DAY * days)

    @rule()
    def to_the_next_moment(self):
        moment = self.room.next_moment(self.now, self.now + DAY)
        self._pass(max(moment - self.now, timedelta(0)) + timedelta(minutes=1))

    @rule()
    def tick(self):
        self.now += timedelta(minutes=1)
        self.room.clock(self.now)
        self.room.settle_accounts(self.now)
        self.now += timedelta(seconds=1)

    @rule()
    def deliver(self):
        self.now += timedelta(minutes=1)
        self.room.delivery(self.now)
        self.room.settle_accounts(self.now)
        self.now += timedelta(seconds=1)

    # After every step

    @invariant()
    def stored_moments_are_what_the_rules_say(self):
        with self.room.calm.reading() as session:
            assert verify_moments(session, self.project, self.now) == []

    @invariant()
    def one_waits_and_one_a_day(self):
        with self.room.calm.reading() as session:
            rows = session.exec(select(Message.person_id, Message.local_day, Message.state, Message.kind)).all()
        # A conductor who also has tasks may have a letter of a morning waiting besides, for another day.
        waiting = Counter(
            (person, kind == "podium") for person, _day, state, kind in rows if state in ("queued", "held")
        )
        days = Counter((person, day) for person, day, state, _kind in rows if state != "cancelled")
        assert max(waiting.values(), default=1) == 1 and max(days.values(), default=1) == 1, "invariant 2"

    @invariant()
    def one_card_each(self):
        with self.room.calm.reading() as session:
            query = select(Card.project_id, Card.kind, Card.task_id, Card.person_id)
            cards = Counter(session.exec(query.where(col(Card.settled_at).is_(None))).all())
        assert max(cards.values(), default=1) == 1, f"told once: {cards} (invariant 9, decision 7)"


@pytest.fixture(scope="module")
def template(sqlite_template, tmp_path_factory):
    file = tmp_path_factory.mktemp("engine") / "town.db"
    shutil.copyfile(sqlite_template, file)
    database, shadow = open_database(f"sqlite:///{file}"), Shadow()
    with database.writing() as session:
        settle(session, shadow, random.Random(11), PEOPLE, MONDAY)
        stranger = add_person(session, HOUSE, PersonInput("Стас Панин"), now=MONDAY).id
        deputy = shadow.people[4]
        shadow.people[3].deputy = deputy.id
        edit_person(session, HOUSE, 3, None, {"deputy": deputy.id}, now=MONDAY)
        edit_person(session, HOUSE, 5, None, {"cadence": "13"}, now=MONDAY)
        edit_person(session, HOUSE, 6, None, {"knows_bot": False}, now=MONDAY)
        shadow.people[5].hours.cadence, shadow.people[6].knows = "13", False
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return file, shadow, stranger


@pytest.mark.parametrize(("examples", "steps"), [(8, 20), pytest.param(300, 40, marks=pytest.mark.long)])
def test_invariants_hold_whatever_happens(template, examples, steps):
    Engine.template = template
    run_state_machine_as_test(
        Engine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
            # The short form says the same of the same code each time; to find the unthought-of is the long one's part.
            derandomize=examples < 100,
            # To shrink takes minutes here, and what it ends with is no shorter than a person reads.
            phases=[Phase.explicit, Phase.generate],
        ),
    )
