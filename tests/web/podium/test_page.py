"""The podium: everything that needs the conductor, over all their projects; each number is the rows behind it."""

import re
from collections import Counter
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import select

from tests.telling.answers import need_help, not_mine
from tests.web.test_place_queries import asked
from tests.worlds.shop import NOW
from tracker.domain.terms import CardKind, MessageKind, Role, Way
from tracker.services.ground.journal import Actor
from tracker.services.integrations.deadlocks import DeadlockInput, open_deadlock
from tracker.services.integrations.passports import IntegrationInput, create_integration
from tracker.services.meetings.agenda import ItemInput, add_items
from tracker.services.meetings.guests import Invited
from tracker.services.meetings.planning import MeetingInput, plan_meeting
from tracker.services.messages.handling import queue
from tracker.services.people.memberships import Place, add_member
from tracker.services.people.parties import PartyInput, create_party
from tracker.services.people.persons import PersonInput
from tracker.services.people.projects import ProjectInput, create_project
from tracker.services.tasks.cards import open_card
from tracker.services.tasks.editing import archive_task, create_task
from tracker.services.tasks.fields import TaskInput
from tracker.tables import Message, Project

DAYS_AGO = date(2026, 11, 20)


def of(person):
    return Actor(person, Way.WEB)


def section(text, name):
    found = re.search(rf'<section class="card" id="{name}".*?</section>', text, re.DOTALL)
    return found[0] if found else ""


def rows_behind(browser, url):
    """How many rows the register shows behind a link."""
    text = browser.get(url.replace("&amp;", "&")).text
    return int(re.search(r"(\d+) rows? in all", text)[1])


def test_every_number_of_whose_turn_is_the_rows_behind_it(vera, world):
    turns = section(vera.get("/").text, "turns")
    links = re.findall(r'href="(/projects/LEN/register[^"]*)">(?:standing still: )?(\d+)', turns)
    assert len(links) >= 4
    for url, number in links:
        assert rows_behind(vera, url) == int(number), url
    assert sum(int(number) for url, number in links if url.endswith(("1", "2", "3", "none"))) > 0


def test_a_party_with_tasks_of_long_ago_has_waited_the_hours_of_its_ledger(vera, world, db):
    """The CRM contractor answered on Tuesday the 10th at 14:00 and was asked once more on Thursday the 19th at 11:30:
    69.5 and 16 hours until Monday the 23rd, 11:30. The studio named a date half an hour ago: that wait is over.
    """
    turns = section(vera.get("/").text, "turns")
    hours = {
        name.strip(): int(number)
        for name, number in re.findall(r'class="who">([^<]+).*?<b class="nowrap">\s*<a [^>]+>(\d+) h', turns, re.DOTALL)
    }
    assert (hours["CRM-подрядчик"], hours["Заказчик"], hours["Студия сайта"]) == (85, 8, 0)


def test_the_head_counts_what_is_listed(vera, world, db):
    assert "Nothing asks for your decision now." in vera.get("/").text
    with db.writing() as session:
        need_help(session, of(world.pete), world.tasks[1], "нет доступа", world.mary, now=NOW)
        not_mine(session, of(world.mary), world.tasks[3], "это к CRM", now=NOW)
        late = DeadlockInput(
            "Чьи тексты", "block", decider=world.ann, decide_by=date(2026, 11, 20), parties=[world.crm]
        )
        open_deadlock(session, of(world.conductor), world.project, late, now=NOW - timedelta(days=9))
        soon = IntegrationInput("Оплата", launch_on=date(2026, 11, 26))
        create_integration(session, of(world.conductor), world.project, soon, now=NOW)
        over = MeetingInput("Утренний", NOW - timedelta(hours=2), people=[Invited(world.ann)])
        plan_meeting(session, of(world.conductor), world.project, over, now=NOW - timedelta(days=1))
        session.get_one(Project, world.project).messages = "approve"
        held = queue(
            session,
            of(world.conductor),
            world.project,
            world.pete,
            MessageKind.MEETING,
            {"meeting": 1},
            send_after=NOW + timedelta(hours=1),
            now=NOW,
        )
        held.state = "held"
    text = vera.get("/").text
    needs = section(text, "needs")
    assert len(re.findall(r'<article class="need"', needs)) == 6
    assert '<a data-counts="needs" href="#needs">6 things wait for you.</a>' in text
    for shown in (
        "Пётр Соколов: asks for help",
        "«нет доступа»",
        "Чьи тексты",
        "the day to decide by has passed",
        "Оплата",
        "Утренний",
        "1 message waits for your approval",
        "«это к CRM»",
    ):
        assert shown in needs, shown
    for path in set(re.findall(r'href="(/projects/LEN/(?:t|integrations|meetings|deadlocks|people)[^"#]*)', needs)):
        assert vera.get(path).status_code == 200, path


def test_the_rest_is_said_to_move_only_while_nothing_stands_still(vera, world, db):
    with db.writing() as session:
        need_help(session, of(world.pete), world.tasks[1], "нет доступа", world.mary, now=NOW)
    assert "standing still" in (text := vera.get("/").text) and "The rest is moving." not in text
    with db.writing() as session:
        for task in (2, 3, 4, 5):
            archive_task(session, of(world.conductor), world.tasks[task], now=NOW)
    assert "standing still" not in (text := vera.get("/").text) and "The rest is moving." in text


@pytest.mark.parametrize("kind", list(CardKind))
def test_a_card_of_any_kind_is_shown_and_can_be_seen_to(vera, world, db, kind):
    with db.writing() as session:
        made = open_card(
            session,
            of(world.conductor),
            world.project,
            kind,
            now=NOW,
            task_id=world.tasks[1],
            person_id=world.pete,
            note="<слово>",
        ).id
        bare = open_card(session, of(world.conductor), world.project, kind, now=NOW).id
    text = vera.get("/").text
    assert f'id="card-{made}"' in text
    assert f'id="card-{bare}"' in text
    assert "to be looked at" not in text
    assert "<слово>" not in text
    vera.cookies["auftakt_language"] = "ru"
    assert not re.search(r"class=\"tag [a-z]+\">[^<]*[a-z]{4}", vera.get("/").text)


def test_meetings_of_today_and_tomorrow_with_who_decides(vera, world, db):
    with db.writing() as session:
        for title, at in (
            ("Сегодня", NOW + timedelta(hours=2)),
            ("Завтра", NOW + timedelta(days=1)),
            ("Потом", NOW + timedelta(days=2)),
        ):
            people = [Invited(world.ann, decides=True), Invited(world.pete)]
            made = plan_meeting(
                session, of(world.conductor), world.project, MeetingInput(title, at, people=people), now=NOW
            )
            add_items(session, of(world.conductor), made.id, [ItemInput("Раз"), ItemInput("Два")], now=NOW)
    calls = section(vera.get("/").text, "calls")
    assert "Сегодня" in calls
    assert "tomorrow, 11:30" in calls
    assert "Потом" not in calls
    assert "decides: Анна Белова · 2 lines" in re.sub(r"\s+", " ", re.sub(r"</?a[^>]*>", "", calls))


def test_what_the_bot_writes_next_is_the_queue_soonest_first(vera, world, db):
    with db.writing() as session:
        for person, hours in ((world.pete, 5), (world.ann, 1)):
            queue(
                session,
                of(world.conductor),
                world.project,
                person,
                MessageKind.MEETING,
                {"meeting": 1},
                send_after=NOW + timedelta(hours=hours),
                now=NOW,
            )
        gone = queue(
            session,
            of(world.conductor),
            world.project,
            world.mary,
            MessageKind.MEETING,
            {"meeting": 1},
            send_after=NOW,
            now=NOW,
        )
        gone.state = "sent"
    told = section(vera.get("/").text, "next-messages")
    assert told.index("Анна Белова") < told.index("Пётр Соколов")
    assert "Марина Ким" not in told
    with db.reading() as session:
        waiting = session.exec(select(Message).where(Message.state == "queued")).all()
    assert told.count("<b>") == len(waiting)


def test_several_projects_stand_together_and_a_strange_one_is_not_told_of(vera, world, db):
    with db.writing() as session:
        second = create_project(session, of(world.conductor), ProjectInput("Вторая лавка", "SEC"), now=NOW)
        party = create_party(session, of(world.conductor), second.id, PartyInput("Банк"), now=NOW).id
        person = add_member(
            session,
            of(world.conductor),
            second.id,
            PersonInput("Иван Банков", "ivan@bank.example"),
            Place(party=party),
            now=NOW,
        ).id
        create_task(session, of(world.conductor), second.id, TaskInput(title="Договор", owner=person), now=NOW)
        other = session.exec(select(Project).where(Project.key == "OTHER")).one()
        open_card(session, of(world.stranger), other.id, CardKind.INBOX, now=NOW, note="чужое слово")
    text = vera.get("/").text
    turns = section(text, "turns")
    assert "Банк" in turns
    assert "CRM-подрядчик" in turns
    assert "/projects/SEC/register?turn_party=" in turns
    assert "Другой" not in text
    assert "чужое слово" not in text


def test_the_others_go_on_to_their_own_project(sign_in, anybody, world):
    for who in ("pete", "lev", "mary"):
        browser = sign_in(who)
        assert browser.get("/").headers["location"] == "/projects/LEN"
        assert 'href="/" aria-current="page"' not in browser.get("/projects/LEN/register").text
        assert ">Podium<" not in browser.get("/projects/LEN/register").text
    assert anybody.get("/").headers["location"] == "/sign-in"


def test_who_has_no_project_at_all_is_told_how_to_make_one(sign_in, world, db):
    with db.writing() as session:
        session.exec(select(Project).where(Project.key == "OTHER")).one().archived_at = NOW
    stranger = sign_in("stranger")
    assert stranger.get("/").headers["location"] == "/projects"
    assert 'href="/projects/new"' in stranger.get("/projects").text


def test_the_podium_leads_back_from_every_page(vera):
    assert '<a href="/">Podium' in vera.get("/projects/LEN/register").text
    assert '<a href="/" aria-current="page">Podium' in vera.get("/").text


def grow(db, world, start):
    me = of(world.conductor)
    with db.writing() as session:
        for number in range(start, start + 8):
            party = create_party(session, me, world.project, PartyInput(f"Сторона {number}"), now=NOW).id
            person = add_member(
                session, me, world.project, PersonInput(f"Человек {number}"), Place(Role.CONTRIBUTOR, party), now=NOW
            ).id
            task = create_task(session, me, world.project, TaskInput(title=f"Дело {number}", owner=person), now=NOW).id
            open_card(
                session, me, world.project, CardKind.HELP, now=NOW, task_id=task, person_id=person, unblocker=world.mary
            )
            given = IntegrationInput(f"Стык {number}", launch_on=date(2026, 11, 25))
            create_integration(session, me, world.project, given, now=NOW)
            late = DeadlockInput(f"Тупик {number}", "block", decider=person, decide_by=date(2026, 11, 20), tasks=[task])
            open_deadlock(session, me, world.project, late, now=NOW - timedelta(days=9))
            at = NOW + timedelta(minutes=number)
            meeting = MeetingInput(f"Созвон {number}", at, people=[Invited(person)])
            plan_meeting(session, me, world.project, meeting, now=NOW)
            queue(session, me, world.project, person, MessageKind.MEETING, {"meeting": 1}, send_after=at, now=NOW)


def test_more_of_everything_takes_no_more_statements(vera, world, db):
    grow(db, world, 10)
    few = asked(db, vera, "/")
    grow(db, world, 20)
    assert asked(db, vera, "/") == few


def put_before_the_conductor(db, world, title, *kinds):
    """A task of their own, with these cards about it."""
    me = of(world.conductor)
    with db.writing() as session:
        one = create_task(session, me, world.project, TaskInput(title, owner=world.conductor), now=NOW).id
        for kind in kinds:
            open_card(session, me, world.project, kind, now=NOW, task_id=one, person_id=world.pete)


def test_ones_own_standing_step_is_nobodys_missing_answer(vera, world, db):
    """Nobody is to be called or spoken for: it is looked at, or given to somebody else."""
    put_before_the_conductor(db, world, "Составить план", CardKind.ESCALATION)
    text = section(vera.get("/").text, "needs")
    assert "your own step stands still" in text and "no answer yet" not in text
    for act in ("Call a meeting", "Note what was said", "I take it on"):
        assert act not in text
    assert "Look" in text and "Another owner" in text


def test_who_asked_the_conductor_for_help_is_told_of_once(vera, world, db):
    """The task stands with the conductor since then: that is the same thing, not a second one."""
    put_before_the_conductor(db, world, "Нужны доступы", CardKind.HELP, CardKind.ESCALATION)
    text = section(vera.get("/").text, "needs")
    assert text.count('<article class="need"') == 1 and "asks for help" in text
    first = re.search(r'action="(/cards/\d+/act)"', text)[1]
    vera.post(first, data={"act": "settle"})
    assert "your own step stands still" in section(vera.get("/").text, "needs"), "what is left is told then"


def test_a_single_one_is_not_hidden_behind_a_line_of_its_own(vera, world, db):
    with db.writing() as session:
        for number in range(3):
            meeting = MeetingInput(f"Созвон {number}", NOW + timedelta(hours=2 + number))
            plan_meeting(session, Actor(world.conductor, Way.WEB), world.project, meeting, now=NOW)
    assert "<details" not in section(vera.get("/").text, "calls")
    with db.writing() as session:
        meeting = MeetingInput("Созвон 4", NOW + timedelta(hours=6))
        plan_meeting(session, Actor(world.conductor, Way.WEB), world.project, meeting, now=NOW)
    text = section(vera.get("/").text, "calls")
    assert "Show the rest: 2" in text and text.count('<li class="call">') == 4


def test_the_podium_asks_nothing_twice_and_counts_who_waits_for_all_cards_at_once(vera, world, db):
    said: list[str] = []

    def hear(_connection, _cursor, statement, parameters, *_):
        said.append(f"{statement} {parameters}")

    with db.writing() as session:
        need_help(session, of(world.pete), world.tasks[1], "нет доступа", world.mary, now=NOW)
    vera.get("/")
    sa.event.listen(sa.Engine, "before_cursor_execute", hear)
    try:
        vera.get("/")
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", hear)
    assert len(said) > 5
    assert [one for one, times in Counter(said).items() if times > 1 and one.startswith("SELECT")] == []
    cards = next(one for one in said if "FROM card" in one and "waiting_agreed" in one)
    assert "count(" not in cards, "not beside each card"
