"""Every number of the podium leads to the rows that it counts, and equals them: in random states of two projects."""

import random
import re
from datetime import date, timedelta
from html import unescape

import pytest

from tests.telling import answers
from tests.web.podium.test_ledger import head, rows_of
from tests.worlds.shop import NOW
from tracker.domain.errors import DomainError
from tracker.domain.terms import CardKind, MessageKind, Role, WaitKind, Way
from tracker.services.engine.clock import tick
from tracker.services.ground.journal import Actor
from tracker.services.integrations.checks import CheckInput, add_check
from tracker.services.integrations.deadlocks import DeadlockInput, open_deadlock
from tracker.services.integrations.passports import IntegrationInput, create_integration
from tracker.services.meetings.agenda import ItemInput, add_items
from tracker.services.meetings.guests import Invited
from tracker.services.meetings.planning import MeetingInput, plan_meeting
from tracker.services.messages.handling import queue
from tracker.services.people.memberships import Place, add_member
from tracker.services.people.parties import PartyInput, create_party
from tracker.services.people.pauses import pause
from tracker.services.people.persons import PersonInput
from tracker.services.people.projects import ProjectInput, create_project
from tracker.services.tasks.cards import open_card
from tracker.services.tasks.editing import archive_task, create_task, edit_task
from tracker.services.tasks.fields import TaskInput, WaitInput
from tracker.tables import MessageTask, Person, Project, Task

LINK = re.compile(r'<a ([^>]*data-counts="([a-z]+)"[^>]*)>(.*?)</a>', re.DOTALL)
FOLD = re.compile(r'<details class="fold">\s*<summary data-counts="folded">(.*?)</summary>(.*?)</details>', re.DOTALL)
NO_COUNTS = re.compile(
    r"№ \d+|\d\d:\d\d|\d+ (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b|\d+ working (?:h|days?)|"
    r"[A-Z][a-z]+day, \d+ November|[A-Z][a-z]+day, [A-Z][a-z]+ \d+"
)
"""Names of tasks, moments and durations: facts of one row, which stands beside them."""


def rows_behind(browser, kind, url):
    """How many rows the page behind the link shows, of the kind that the link counts."""
    page, _, anchor = url.partition("#")
    if kind == "hours":
        found = rows_of(browser, page)
        assert head(browser.get(page).text) == (sum(found), len(found)), url
        return sum(found) // 60
    text = browser.get(page or "/").text
    if kind == "tasks":
        return tasks_behind(browser, page)
    if kind == "needs":
        return len(re.findall(r'<article class="need"', text))
    if kind == "held":
        return len(re.findall(r'action="/messages/\d+/approve"', text))
    if kind == "named":
        article = text.partition(f'id="{anchor}"')[2].partition("</article>")[0]
        return len(re.findall(r"<li>", article.partition('class="whys"')[2].partition("</ul>")[0])) - 1
    if kind == "queue":
        return len(re.findall(r'<article [^>]*id="message-\d+"', text))
    if kind == "lines":
        return len(re.findall(r'<li [^>]*id="item-\d+"', text))
    if kind == "launch":
        gaps = text.partition('id="launch"')[2].partition("</section>")[0]
        done, of = map(int, re.search(r"<b>(\d+) of (\d+)</b>", gaps).groups())
        assert len(re.findall(r'<li><a href="#', gaps)) == of - done, url
        return done, of
    raise AssertionError(f"nobody knows how to count {kind}")


def tasks_behind(browser, url):
    """Rows of the register, over all of its pages; its own total says the same."""
    found, total, more = 0, None, url
    while more:
        text = browser.get(unescape(more)).text
        found += len(re.findall(r'<tr [^>]*id="task-\d+"', text))
        said = re.search(r"(\d+) rows? in all", text)
        total = int(said[1]) if total is None else total
        following = re.search(r'class="button" href="([^"]+)"[^>]*>Show more', text)
        more = following[1] if following else None
    assert found == total, url
    return found


def check_numbers(browser, path):
    """Follow each number of the page. How many there were."""
    text = browser.get(path).text
    body = text.partition("<main")[2].partition(">")[2].partition("</main>")[0]
    links = LINK.findall(body)
    for attributes, kind, said in links:
        url = unescape(re.search(r'href="([^"]+)"', attributes)[1])
        numbers = [int(one) for one in re.findall(r"\d+", re.sub(r"<[^>]+>|№ \d+", "", said))]
        found = rows_behind(browser, kind, path if url.startswith("#") else url)
        assert numbers == (list(found) if isinstance(found, tuple) else [found]), (kind, url, said)
    # ... of what is folded away the summary counts what it opens ...
    for said, folded in FOLD.findall(body):
        assert int(re.search(r"\d+", said)[0]) == len(re.findall(r"<li\b|<article\b", folded)), said
    # ... and none stands outside of a link.
    body = LINK.sub("", re.sub(r"<summary.*?</summary>", "", body))
    rest = re.sub(r"<[^>]+>", " ", re.sub(r'<p class="small prose">.*?</p>', "", body))
    assert re.findall(r"\d+", NO_COUNTS.sub("", unescape(rest))) == [], rest
    return len(links)


class Teller:
    """Tells a random story of two projects through the verbs; what a verb refuses has not happened."""

    def __init__(self, db, world, seed):
        self.db, self.chance = db, random.Random(seed)
        self.me = Actor(world.conductor, Way.WEB)
        with db.writing() as session:
            first = session.get_one(Project, world.project)
            first.messages = "approve"
            second = create_project(session, self.me, ProjectInput("Вторая лавка", "SEC"), now=NOW - timedelta(days=20))
            second.messages = "on"
            self.people = {world.project: [world.ann, world.pete, world.mary], second.id: []}
            for name, of in (("Банк", "Иван Банков"), ("Склад", "Ольга Кладова")):
                party = create_party(session, self.me, second.id, PartyInput(name), now=NOW).id
                place = Place(Role.CONTRIBUTOR, party)
                person = add_member(
                    session, self.me, second.id, PersonInput(of, f"{party}@bank.example"), place, now=NOW
                )
                self.people[second.id].append(person.id)
            # One of them works in both: a message of theirs may tell of tasks of both.
            pete = session.get_one(Person, world.pete)
            add_member(session, self.me, second.id, PersonInput(pete.name, pete.email), Place(), now=NOW)
            self.people[second.id].append(world.pete)
            for person in {one for group in self.people.values() for one in group}:
                session.get_one(Person, person).knows_bot = self.chance.random() < 0.8
                session.get_one(Person, person).telegram_chat_id = 1000 + person
        self.tasks: list[int] = []
        self.joints: dict[int, list[int]] = {project: [] for project in self.people}

    def tell(self, steps):
        acts = (self.task, self.task, self.task, self.answer, self.answer, self.wait, self.card, self.deadlock,
                self.joint, self.meeting, self.news, self.end, self.pause)  # fmt: skip
        for _ in range(steps):
            act, project = self.chance.choice(acts), self.chance.choice(list(self.people))
            at = NOW - timedelta(minutes=self.chance.randrange(60 * 24 * 12))
            try:
                with self.db.writing() as session:
                    act(session, project, at)
            except DomainError:
                continue
        for days in (2, 1, 0):
            tick(self.db, NOW - timedelta(days=days))

    def anybody(self, project):
        return self.chance.choice(self.people[project])

    def one_task(self):
        return self.chance.choice(self.tasks) if self.tasks else 0

    def task(self, session, project, at):
        given = TaskInput(
            title="Дело",
            owner=self.chance.choice([None, *self.people[project], self.me.person_id]),
            integration=self.chance.choice([None, *self.joints[project]]),
            priority=self.chance.choice(("low", "normal", "high")),
            needed_by=self.chance.choice((None, NOW.date() + timedelta(days=self.chance.randrange(-3, 9)))),
        )
        self.tasks.append(create_task(session, self.me, project, given, now=at).id)

    def answer(self, session, project, at):
        task = session.get(Task, self.one_task())
        if task is None:
            return
        who = Actor(task.owner_id, Way.TELEGRAM) if task.owner_id else self.me
        match self.chance.randrange(6):
            case 0:
                answers.done(session, who, task.id, now=NOW)
            case 1:
                answers.in_progress(session, who, task.id, now=NOW)
            case 2:
                answers.promise(session, who, task.id, NOW.date() + timedelta(days=3), now=NOW)
            case 3:
                answers.need_help(session, who, task.id, "нет доступа", self.anybody(task.project_id), now=NOW)
            case 4:
                answers.not_mine(session, who, task.id, "это к другим", now=NOW)
            case 5:
                answers.later(session, who, task.id, NOW.date() + timedelta(days=2), now=NOW)

    def wait(self, session, project, at):
        task, other = session.get(Task, self.one_task()), self.one_task()
        if task is None:
            return
        wait = self.chance.choice(
            (
                WaitInput(WaitKind.TASK, task_id=other),
                WaitInput(WaitKind.PERSON, person_id=self.anybody(project)),
                WaitInput(WaitKind.OUTSIDE, note="письмо"),
            )
        )
        edit_task(session, self.me, task.id, None, {"waiting": wait}, now=NOW)

    def card(self, session, project, at):
        task = session.get(Task, self.one_task())
        about = task.id if task is not None and task.project_id == project else None
        kind = self.chance.choice(list(CardKind))
        open_card(session, self.me, project, kind, now=at, task_id=about, person_id=self.anybody(project), note="7 раз")

    def deadlock(self, session, project, at):
        by = NOW.date() + timedelta(days=self.chance.randrange(-5, 5))
        blocked = [one for one in self.tasks if session.get_one(Task, one).project_id == project][:1]
        given = DeadlockInput("Кто пишет тексты", "block", decider=self.anybody(project), decide_by=by, tasks=blocked)
        open_deadlock(session, self.me, project, given, now=NOW - timedelta(days=9))

    def joint(self, session, project, at):
        launch = self.chance.choice((None, NOW.date() + timedelta(days=self.chance.randrange(-2, 20))))
        made = create_integration(session, self.me, project, IntegrationInput("Стык", launch_on=launch), now=at).id
        self.joints[project].append(made)
        for number in range(self.chance.randrange(3)):
            given = CheckInput(f"Проверка {'абв'[number]}", expected="видно", tester=self.anybody(project))
            add_check(session, self.me, made, given, now=at)

    def meeting(self, session, project, at):
        starts = NOW + timedelta(hours=self.chance.randrange(-30, 60))
        people = [Invited(self.anybody(project), decides=self.chance.random() < 0.5)]
        given = MeetingInput("Созвон", starts, people=people)
        made = plan_meeting(session, self.me, project, given, now=NOW - timedelta(days=5)).id
        add_items(session, self.me, made, [ItemInput("Раз")] * self.chance.randrange(4), now=NOW)

    def news(self, session, project, at):
        """Of a meeting, or naming a task of whatever project: queued, held or gone."""
        message = queue(
            session,
            self.me,
            project,
            self.anybody(project),
            MessageKind.MEETING,
            {"meeting": 1, "change": "planned"},
            send_after=NOW + timedelta(hours=self.chance.randrange(48)),
            now=NOW,
        )
        message.state = self.chance.choice(("queued", "held", "held", "sent", "cancelled"))
        session.add(message)
        if self.tasks and self.chance.random() < 0.5:
            named = MessageTask(
                message_id=message.id,
                task_id=self.one_task(),
                position=1,
                step="notice",
                rule="turn_came",
                episode=1,
                facts={},
            )
            session.add(named)

    def end(self, session, project, at):
        if self.tasks and self.chance.random() < 0.5:
            archive_task(session, self.me, self.one_task(), now=NOW)

    def pause(self, session, project, at):
        who = self.anybody(project)
        pause(session, Actor(who, Way.TELEGRAM), who, date(2026, 11, 27), now=NOW)


@pytest.mark.parametrize("seed", range(4))
def test_every_number_is_the_rows_behind_it(vera, world, db, seed):
    Teller(db, world, seed).tell(10 + seed * 30)
    assert check_numbers(vera, "/") >= 8
    for key in ("LEN", "SEC"):
        check_numbers(vera, f"/?project={key}")


def test_the_count_of_messages_to_approve_is_the_list_to_approve(vera, world, db):
    teller = Teller(db, world, 1)
    with db.writing() as session:
        for _ in range(12):
            teller.news(session, world.project, NOW)
    text = vera.get("/").text
    said = int(re.search(r'data-counts="held"[^>]*>(\d+)', text)[1])
    page = vera.get("/projects/LEN/messages").text
    assert said == len(re.findall(r'action="/messages/\d+/approve"', page)) > 0
    first = re.search(r'action="(/messages/\d+/approve)"', page)[1]
    assert vera.post(first).status_code == 303
    assert int(re.search(r'data-counts="held"[^>]*>(\d+)', vera.get("/").text)[1]) == said - 1


def test_one_project_of_several_is_chosen_and_stays_chosen(vera, world, db):
    teller = Teller(db, world, 2)
    teller.tell(30)
    with db.writing() as session:
        card = open_card(session, teller.me, world.project, CardKind.INBOX, now=NOW, note="привет").id
    text = vera.get("/?project=LEN").text
    assert '<a class="chip" href="/?project=LEN" aria-current="true">' in text
    assert "Вторая лавка" in text and "/projects/SEC/" not in text.partition('class="podium"')[2]
    back = vera.post(f"/cards/{card}/act", data={"act": "settle", "project": "LEN"})
    assert back.headers["location"] == "/?project=LEN"
    assert vera.get("/?project=OTHER").text.count("Другой") == 0
