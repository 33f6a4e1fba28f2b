"""The telling of the demo: short names, moments and acts of `seed_data/demo.toml` as calls of verbs."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from tracker.demo.told import tell
from tracker.domain.terms import AnswerKind, CheckResult, Scope, Status, WaitKind, Way
from tracker.domain.worktime import Calendar, is_working_day, local_day, wall
from tracker.services.access import tokens
from tracker.services.channels import telegram
from tracker.services.ground.journal import CLI, Actor
from tracker.services.ground.working_calendars import public_days
from tracker.services.integrations import checks, deadlocks, launch, systems
from tracker.services.integrations import passports as integrations
from tracker.services.meetings import agenda, closing
from tracker.services.meetings import planning as meetings
from tracker.services.meetings.guests import Invited
from tracker.services.people import memberships, parties, projects
from tracker.services.people import persons as people
from tracker.services.tasks import answers, comments, evidence, waiting
from tracker.services.tasks import editing as tasks
from tracker.services.tasks.answers import Given
from tracker.services.tasks.fields import TaskInput, WaitInput
from tracker.tables import MeetingItem

Row = Mapping[str, Any]


class StoryMoment(NamedTuple):
    """Something that happened. Steps of one moment keep the order of the file."""

    at: datetime
    do: Callable[[datetime], None]


class Days:
    """Reads "-3d 10:20" and "+2d": working days of the project's country, counted from today."""

    def __init__(self, now: datetime, zone: str) -> None:
        year = now.astimezone(ZoneInfo(zone)).year
        off, extra = public_days("RU", year - 1, year + 1)
        self.calendar = Calendar(zone=zone, days_off=off, extra_days=extra)
        self.today = local_day(self.calendar, now)

    def day(self, text: str) -> date:
        count = int(text.removesuffix("d"))
        step = timedelta(days=1 if count > 0 else -1)
        day = self.today
        while count:
            day += step
            if is_working_day(self.calendar, day):
                count -= 1 if count > 0 else -1
        return day

    def maybe(self, text: str | None) -> date | None:
        return self.day(text) if text else None

    def moment(self, text: str) -> datetime:
        day, hour = text.split()
        return wall(self.calendar, self.day(day), time.fromisoformat(hour))


class Play:
    """One performance: short names of the file -> ids, and the steps in the order of their moments."""

    def __init__(self, session: Session, story: Mapping[str, Any], now: datetime, key: bytes, password: str) -> None:
        self.session = session
        self.story = story
        self.key = key
        self.password = password
        self.zone = "Europe/Moscow"
        self.days = Days(now, self.zone)
        self.ids: dict[str, dict[str, int]] = {
            name: {} for name in ("party", "person", "system", "integration", "task", "deadlock", "meeting")
        }
        self.steps: list[StoryMoment] = []
        self.project = 0

    def run(self) -> None:
        self.found_project()
        for row in self.story["integration"]:
            self.later(row["at"], self.add_integration, row)
            for field, verb in (("accepted", launch.accept_accountability), ("agreed", launch.agree_to_checks)):
                if field in row:
                    self.later(row[field], self.say_of_integration, row, verb, row["accountable"])
            if "inherited" in row:
                self.later(row["inherited"], self.say_of_integration, row, launch.mark_inherited, "marina")
        for row in self.story["check"]:
            self.later(row["at"], self.add_check, row)
        for row in self.story["task"]:
            self.later(row["created"], self.add_task, row)
            for act in row.get("acts", ()):
                self.later(act["at"], self.act, row["id"], act)
        for row in self.story["deadlock"]:
            self.later(row["at"], self.add_deadlock, row)
        for row in self.story["meeting"]:
            self.later(row["at"], self.add_meeting, row)
            if "closed" in row:
                self.later(row["closed"], self.close_meeting, row)
        for row in self.story["told"]:
            self.later(row["at"], self.tell, row)
        while self.steps:  # a step may add later ones
            self.steps.sort(key=lambda step: step.at)
            step = self.steps.pop(0)
            step.do(step.at)

    def later(self, at: str, do: Callable[..., None], *given: Any) -> None:
        self.steps.append(StoryMoment(self.days.moment(at), lambda now: do(*given, now=now)))

    def actor(self, who: str, noted_by: str | None = None) -> Actor:
        """`noted_by`: whoever wrote it down «со слов»."""
        if noted_by is not None:
            return Actor(self.ids["person"][noted_by], Way.WEB, self.ids["person"][who])
        way = Way.WEB if who == self.story["sign_in"]["person"] else Way.TELEGRAM
        return Actor(self.ids["person"][who], way)

    def id_of(self, noun: str, name: str | None) -> int | None:
        return self.ids[noun][name] if name is not None else None

    # --- the project and its people

    def found_project(self) -> None:
        given = self.story["project"]
        now = self.days.moment(given["at"])
        home = projects.ProjectInput(given["name"], given["key"], given["purpose"], self.zone)
        # Past its first days: the demo shows what goes out, not how one waits for it.
        self.project = projects.create_project(self.session, CLI, home, now=now, messages="on").id
        for row in self.story["party"]:
            party = parties.PartyInput(row["name"], row["kind"], note=row.get("note", ""))
            self.ids["party"][row["id"]] = parties.create_party(self.session, CLI, self.project, party, now=now).id
        for row in self.story["person"]:
            self.add_person(row, now + timedelta(minutes=10))
        for row in self.story["system"]:
            system = systems.SystemInput(
                row["name"], row["kind"], self.id_of("party", row["owner"]), row.get("version", "")
            )
            made = systems.create_system(self.session, CLI, self.project, system, now=now + timedelta(minutes=20))
            self.ids["system"][row["id"]] = made.id

    def add_person(self, row: Row, now: datetime) -> None:
        person = people.PersonInput(
            row["name"],
            row["email"],
            salutation=row.get("salutation", ""),
            timezone=row.get("timezone", self.zone),
            is_role=row.get("is_role", False),
            knows_bot=True,
        )
        place = memberships.Place(
            row.get("role", "contributor"), self.id_of("party", row.get("party")), row.get("decides", False), row["why"]
        )
        made = memberships.add_member(self.session, CLI, self.project, person, place, now=now)
        self.ids["person"][row["id"]] = made.id
        if row.get("role") == "lead":
            people_party = self.ids["party"][row["party"]]
            parties.edit_party(self.session, CLI, people_party, None, {"lead": made.id}, now=now)
        if row["id"] == self.story["sign_in"]["person"]:
            people.set_password(self.session, CLI, made.id, self.password, now=now)
            people.edit_person(self.session, CLI, made.id, None, {"may_found": True}, now=now)
        if "telegram" in row:
            start = tokens.issue(
                self.session, CLI, made.id, Scope.START, key=self.key, now=now, project_id=self.project
            )
            telegram.link(self.session, start.id, row["telegram"], row["telegram"], row["name"], now=now)

    # --- what is joined, and how it is known to work

    def add_integration(self, row: Row, *, now: datetime) -> None:
        given = integrations.IntegrationInput(
            row["name"],
            row["purpose"],
            row["impact"],
            self.days.maybe(row.get("launch")),
            self.id_of("person", row.get("accountable")),
            [self.ids["system"][name] for name in row["systems"]],
        )
        made = integrations.create_integration(self.session, self.actor("marina"), self.project, given, now=now)
        self.ids["integration"][row["id"]] = made.id

    def say_of_integration(self, row: Row, verb: Callable[..., Any], who: str, *, now: datetime) -> None:
        verb(self.session, self.actor(who), self.ids["integration"][row["id"]], now=now)

    def add_check(self, row: Row, *, now: datetime) -> None:
        given = checks.CheckInput(
            row["title"],
            row["section"],
            method=row["method"],
            expected=row["expected"],
            tester=self.ids["person"][row["tester"]],
        )
        integration = self.ids["integration"][row["integration"]]
        made = checks.add_check(self.session, self.actor("marina"), integration, given, now=now)
        if "passed" in row:
            self.later(row["passed"]["at"], self.pass_check, made.id, row["passed"])

    def pass_check(self, check_id: int, row: Row, *, now: datetime) -> None:
        given = checks.CheckFinding(CheckResult.PASSED, url=row["url"], caption=row["caption"])
        checks.give_result(self.session, self.actor(row["by"]), check_id, given, now=now)

    # --- the register

    def add_task(self, row: Row, *, now: datetime) -> None:
        awaited = self.id_of("task", row.get("waits_task"))
        given = TaskInput(
            row["title"],
            row.get("kind", "task"),
            row.get("status", Status.OPEN),
            row.get("priority", "normal"),
            integration=self.id_of("integration", row.get("integration")),
            party=self.id_of("party", row.get("party")),
            owner=self.id_of("person", row.get("owner")),
            checker=self.id_of("person", row.get("checker")),
            plain_title=row.get("plain", ""),
            done_means=row.get("done_means", ""),
            external_url=row.get("url", ""),
            needed_by=self.days.maybe(row.get("needed_by")),
            asks_evidence=row.get("asks_evidence", False),
            waiting=WaitInput(WaitKind.TASK, task_id=awaited) if awaited is not None else None,
        )
        made = tasks.create_task(self.session, self.actor("marina"), self.project, given, now=now)
        self.ids["task"][row["id"]] = made.id

    def act(self, name: str, row: Row, *, now: datetime) -> None:
        actor = self.actor(row["by"], row.get("as"))
        task, session, do = self.ids["task"][name], self.session, row["do"]
        if do in set(AnswerKind):
            answers.give(session, actor, task, self.given(row), now=now)
            return
        match do:
            case "wait":
                answers.wait_on(session, actor, task, self.wait_of(row), now=now)
            case "pass_on":
                waiting.pass_on(session, actor, task, now=now)
            case "comment":
                comments.add_comment(session, actor, task, row["text"], now=now)
            case "evidence":
                evidence.add_evidence(session, actor, task, url=row["url"], caption=row["caption"], now=now)
            case "owner":
                changes = {"owner": self.ids["person"][row["person"]]}
                tasks.edit_task(session, actor, task, None, changes, now=now)
            case "review" | "drop":
                status = Status.REVIEW if do == "review" else Status.DROPPED
                tasks.edit_task(session, actor, task, None, {"status": status}, now=now)
            case _:
                raise ValueError(f"seed_data/demo.toml, task {name}: unknown act {do!r}")

    def given(self, row: Row) -> Given:
        helper = self.id_of("person", row.get("unblocker"))
        return Given(AnswerKind(row["do"]), self.days.maybe(row.get("on")), row.get("note", ""), helper)

    def wait_of(self, row: Row) -> WaitInput:
        if "person" in row:
            return WaitInput(WaitKind.PERSON, person_id=self.ids["person"][row["person"]])
        return WaitInput(WaitKind.OUTSIDE, note=row["note"])

    def tell(self, row: Row, *, now: datetime) -> None:
        tell(self.session, self.ids["person"][row["person"]], now)

    # --- deadlocks and meetings

    def add_deadlock(self, row: Row, *, now: datetime) -> None:
        given = deadlocks.DeadlockInput(
            row["title"],
            row["kind"],
            self.ids["integration"][row["integration"]],
            self.ids["person"][row["decider"]],
            self.days.day(row["decide_by"]),
            [self.ids["task"][name] for name in row["tasks"]],
            [self.ids["party"][side["party"]] for side in row["positions"]],
        )
        made = deadlocks.open_deadlock(self.session, self.actor("marina"), self.project, given, now=now)
        self.ids["deadlock"][row["title"]] = made.id
        for side in row["positions"]:
            self.later(side["at"], self.state_position, made.id, side)

    def state_position(self, deadlock_id: int, side: Row, *, now: datetime) -> None:
        party = self.ids["party"][side["party"]]
        deadlocks.state_position(self.session, self.actor("marina"), deadlock_id, party, side["text"], now=now)

    def add_meeting(self, row: Row, *, now: datetime) -> None:
        given = meetings.MeetingInput(
            row["title"],
            self.days.moment(row["starts"]),
            row["minutes"],
            self.zone,
            row["place"],
            integrations=[self.ids["integration"][name] for name in row["integrations"]],
            people=[Invited(self.ids["person"][name]) for name in row["people"]],
        )
        made = meetings.plan_meeting(self.session, self.actor("marina"), self.project, given, now=now)
        self.ids["meeting"][row["id"]] = made.id
        lines = [self.line_of(item) for item in row["items"]]
        agenda.add_items(self.session, self.actor("marina"), made.id, lines, now=now)

    def line_of(self, row: Row) -> agenda.ItemInput:
        task, deadlock = self.id_of("task", row.get("task")), self.id_of("deadlock", row.get("deadlock"))
        return agenda.ItemInput(row.get("title", ""), task, deadlock)

    def close_meeting(self, row: Row, *, now: datetime) -> None:
        meeting = self.ids["meeting"][row["id"]]
        lines = self.session.exec(
            select(MeetingItem.id).where(MeetingItem.meeting_id == meeting).order_by(MeetingItem.position)
        ).all()
        ends = [
            closing.ItemEnd(
                line,
                item.get("step", ""),
                self.id_of("person", item.get("owner")),
                self.days.maybe(item.get("needed_by")),
                reason=item.get("reason", ""),
            )
            for line, item in zip(lines, row["items"], strict=True)
        ]
        closing.close_meeting(self.session, self.actor("marina"), meeting, None, ends, notes=row["notes"], now=now)
        for line, item in zip(lines, row["items"], strict=True):
            step = self.session.get_one(MeetingItem, line).step_task_id
            if step is None:
                continue
            self.ids["task"][item["step"]] = step
            for act in item.get("acts", ()):
                self.later(act["at"], self.act, item["step"], act)
