"""The demo: what the story promises, at any hour of any day, and the same way in on every run."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from litestar.testing import TestClient
from sqlalchemy import func
from sqlmodel import select

from tracker.demo.seeding import load_demo
from tracker.demo.sign_in import end_demo_sessions, published_passwords
from tracker.demo.story import Days
from tracker.domain.errors import Invalid, Refused
from tracker.domain.terms import DeadlockKind, MeetingState, Way
from tracker.keeping.verifying import verify
from tracker.server.app import create_app
from tracker.services.access.entrance import enter
from tracker.services.access.sessions import hash_password, sign_in
from tracker.services.engine.clock import tick
from tracker.services.ground.journal import Actor
from tracker.services.house.installation import clock, move_clock_to_next_working_morning
from tracker.services.people.persons import set_password
from tracker.services.people.projects import ProjectInput, create_project
from tracker.settings import load_settings
from tracker.tables import (
    Check,
    Deadlock,
    Event,
    Integration,
    Meeting,
    Message,
    Party,
    Person,
    Project,
    Stretch,
    System,
    Task,
)

SUNDAY_NIGHT = datetime(2026, 11, 22, 20, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path):
    return load_settings({"AUFTAKT_DATA_DIR": str(tmp_path / "var"), "AUFTAKT_DEMO": "1"})


def count(session, table):
    return session.exec(select(func.count()).select_from(table)).one()


def test_the_demo_has_life_in_it(db, settings):
    load_demo(db, settings, wall_now=SUNDAY_NIGHT)
    with db.reading() as session:
        sizes = [count(session, table) for table in (Party, Person, System, Integration, Task, Check, Meeting)]
        assert sizes == [5, 10, 8, 6, 40, 10, 2]
        statuses = set(session.exec(select(Task.status)))
        assert statuses == {"draft", "open", "in_progress", "review", "done", "dropped"}
        assert set(session.exec(select(Task.kind))) == {"task", "question"}
        assert count(session, Event) > 200
        first = session.exec(select(func.min(Event.at)).where(Event.project_id > 0)).one()
        assert SUNDAY_NIGHT - first > timedelta(weeks=4)
        assert count(session, Stretch) > 60
        told = session.exec(select(Message).order_by(Message.id)).all()
        assert [(one.state, one.channel, bool(one.text)) for one in told] == [("sent", "telegram", True)] * 7
        assert {one.rule for one in told} == {"turn_came", "silence"}
        assert all(one.sent_at < SUNDAY_NIGHT - timedelta(days=2) for one in told), "nothing of it is news"
        assert verify(session, settings.uploads, now=SUNDAY_NIGHT).problems == []


def test_its_first_integration_has_one_stalled_turn_and_one_deadlock(db, settings):
    load_demo(db, settings, wall_now=SUNDAY_NIGHT)
    with db.reading() as session:
        first = session.exec(select(Integration).order_by(Integration.id)).first()
        assert first.name == "Поле «телефон»"
        stalled = session.exec(
            select(Task.title, Person.name)
            .join(Person, Person.id == Task.turn_id)
            .where(Task.integration_id == first.id, Task.stalls_at <= SUNDAY_NIGHT)
        ).all()
        assert [name for _, name in stalled] == ["Руслан Ахметов"]
        (deadlock,) = session.exec(select(Deadlock)).all()
        assert (deadlock.integration_id, deadlock.kind, deadlock.title, deadlock.decided_at) == (
            first.id,
            DeadlockKind.CONTRADICTION,
            "Одна кнопка или две",
            None,
        )


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 11, 22, 20, tzinfo=UTC),
        datetime(2026, 11, 27, 21, 30, tzinfo=UTC),
        datetime(2027, 1, 3, 12, tzinfo=UTC),
    ],
    ids=["Sunday night", "Friday midnight", "3 January"],
)
def test_at_any_hour_something_is_stalled_and_its_person_is_asked_next_morning(db, settings, now):
    load_demo(db, settings, wall_now=now)
    with db.reading() as session:
        meeting = session.exec(select(Meeting).where(Meeting.state == MeetingState.PLANNED)).one()
        assert meeting.starts_at > now
        assert meeting.starts_at.astimezone(ZoneInfo("Europe/Moscow")).strftime("%H:%M") == "11:00"
        assert session.exec(select(func.max(Event.at))).one() <= now
    with db.writing() as session:
        morning = move_clock_to_next_working_morning(session, Actor(None, Way.CLI), now)
        assert clock(session, now) == morning > now
    tick(db, morning)
    with db.reading() as session:
        due = session.exec(
            select(Person.name, Message.kind, Message.send_after)
            .join(Person, Person.id == Message.person_id)
            .where(Person.name == "Руслан Ахметов")
        ).all()
    assert [(name, kind) for name, kind, _ in due] == [("Руслан Ахметов", "nudge")]
    assert due[0][2] <= morning


def test_a_demo_whose_clock_is_moved_tells_everything_from_the_moved_hour(db, tmp_path):
    moved = load_settings(
        {"AUFTAKT_DATA_DIR": str(tmp_path / "var"), "AUFTAKT_DEMO": "1", "AUFTAKT_CLOCK_OFFSET": "P400D"}
    )
    load_demo(db, moved, wall_now=SUNDAY_NIGHT)
    there = SUNDAY_NIGHT + timedelta(days=400)
    with db.reading() as session:
        assert clock(session, SUNDAY_NIGHT) == there
        last = session.exec(select(func.max(Event.at)).where(Event.project_id > 0)).one()
        assert there - timedelta(days=4) < last <= there
        planned = session.exec(select(Meeting.starts_at).where(Meeting.state == MeetingState.PLANNED)).all()
        assert all(there < at < there + timedelta(days=5) for at in planned)
        assert planned


def test_the_way_in_is_the_same_on_every_run_and_works(db, settings):
    first = load_demo(db, settings, wall_now=SUNDAY_NIGHT)
    with db.reading() as session:
        events = count(session, Event)
    assert load_demo(db, settings, wall_now=SUNDAY_NIGHT + timedelta(days=3)) == first
    with db.reading() as session:
        assert count(session, Event) == events
    opened = sign_in(db, first.email, first.password, address="192.0.2.1", agent="", now=SUNDAY_NIGHT)
    with db.reading() as session:
        signed = enter(session, opened.token, "", SUNDAY_NIGHT, demo=False).person
    assert signed is not None
    assert (signed.name, signed.may_found) == ("Марина Ким", True)


def test_real_projects_are_left_alone(db, settings):
    with db.writing() as session:
        create_project(session, Actor(None, Way.CLI), ProjectInput("Настоящий", "LEN"), now=SUNDAY_NIGHT)
    with pytest.raises(Refused, match="real_projects"):
        load_demo(db, settings, wall_now=SUNDAY_NIGHT)
    with db.reading() as session:
        assert count(session, Project) == 1 and count(session, Person) == 0


def test_everybody_is_invented_and_has_an_example_address(db, settings):
    load_demo(db, settings, wall_now=SUNDAY_NIGHT)
    with db.reading() as session:
        people = session.exec(select(Person)).all()
    assert all(person.email.endswith(".example") and person.knows_bot for person in people)
    assert len({person.telegram_chat_id for person in people if person.telegram_chat_id}) == 8


def test_days_are_counted_over_weekends_and_holidays():
    days = Days(datetime(2027, 1, 3, 12, tzinfo=UTC), "Europe/Moscow")
    assert days.day("-1d") == date(2026, 12, 30)
    assert days.day("+1d") == date(2027, 1, 11)
    assert days.moment("+2d 11:00") == datetime(2027, 1, 12, 8, tzinfo=UTC)


def test_where_this_is_a_demo_no_more_its_password_opens_nothing(db, settings):
    loaded = load_demo(db, settings, wall_now=SUNDAY_NIGHT)
    opened = sign_in(db, loaded.email, loaded.password, address="192.0.2.1", agent="", now=SUNDAY_NIGHT)
    with pytest.raises(Invalid, match="sign_in_failed"):
        sign_in(
            db,
            loaded.email,
            loaded.password,
            address="192.0.2.1",
            agent="",
            now=SUNDAY_NIGHT,
            published=published_passwords(),
        )
    with db.writing() as session:
        assert enter(session, opened.token, "", SUNDAY_NIGHT, demo=False).person is not None
        assert end_demo_sessions(session, now=SUNDAY_NIGHT) == 1
        assert enter(session, opened.token, "", SUNDAY_NIGHT, demo=False).person is None
        assert end_demo_sessions(session, now=SUNDAY_NIGHT) == 0


@pytest.mark.parametrize(("said", "status"), [({}, 422), ({"AUFTAKT_DEMO": "1"}, 303)])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_server_knows_whether_it_may_take_the_demos_password(db, settings, tmp_path, said, status):
    loaded = load_demo(db, settings, wall_now=SUNDAY_NIGHT)
    app = create_app(load_settings({"AUFTAKT_DATA_DIR": str(tmp_path / "var"), **said}), db)
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        form = {"email": loaded.email, "password": loaded.password}
        assert client.post("/sign-in", data=form, follow_redirects=False).status_code == status


def test_a_person_who_has_chosen_another_password_keeps_their_sessions(db, settings):
    loaded = load_demo(db, settings, wall_now=SUNDAY_NIGHT)
    with db.writing() as session:
        person = session.exec(select(Person).where(Person.email == loaded.email)).one()
        set_password(session, Actor(None, Way.CLI), person.id, hash_password("тихая музыка"), now=SUNDAY_NIGHT)
    sign_in(db, loaded.email, "тихая музыка", address="192.0.2.1", agent="", now=SUNDAY_NIGHT)
    with db.writing() as session:
        assert end_demo_sessions(session, now=SUNDAY_NIGHT) == 0
