"""The conductor's message at ten: at most one a day, only if something waits, never in a silent project."""

from datetime import date, timedelta

import pytest
from sqlmodel import col, select

from tests.telling.answers import need_help
from tests.worlds.integrations import by, change
from tests.worlds.outbox import Wire, ask, at, pass_time, settle_in
from tracker.domain.terms import CardKind, Role
from tracker.services.engine.clock import tick
from tracker.services.engine.delivery import deliver
from tracker.services.messages.queue import open_rows
from tracker.services.tasks.cards import open_card, settle_card
from tracker.services.tasks.editing import TaskInput, create_task
from tracker.tables import Absence, Card, Event, Membership, Message, Person, Project
from tracker.wording.messages import PODIUM, Letter, plain_of, subject_of

TEN = at("2026-11-24T10:00")


@pytest.fixture
def world(db):
    world = settle_in(db)
    change(db, Person, world.anna, telegram_chat_id=1001, telegram_id=1001)
    return world


@pytest.fixture
def help_asked(db, world):
    """Ira asked for help on Monday: it is on Anna's podium."""
    task = ask(db, world, "Прислать поля формы", world.ira)
    with db.writing() as session:
        need_help(session, by(world.ira), task, "Нет доступа", None, now=at("2026-11-23T15:00"))
    return task


def mail(db, person):
    with db.reading() as session:
        query = select(Message).where(Message.person_id == person, Message.kind == "podium")
        return list(session.exec(query.order_by(col(Message.id))))


def send(db, now):
    wire = Wire()
    deliver(db, now, {"telegram": wire})
    return wire.got


def test_at_ten_it_says_what_waits_and_once(db, world, help_asked):
    tick(db, TEN - timedelta(seconds=1))
    assert mail(db, world.anna) == []
    queued = tick(db, TEN).queued
    assert [(one.kind, one.person) for one in queued if one.kind == "podium"] == [("podium", world.anna)]
    [sent] = [one for one in send(db, TEN) if one.person_id == world.anna]
    assert sent.plain == "Добрый день!\nЖдёт вашего решения:\nПросят помощи: 1"
    assert sent.subject == "Ваш пульт"
    for later in (TEN + timedelta(minutes=1), TEN + timedelta(hours=5)):
        tick(db, later)
    assert len(mail(db, world.anna)) == 1
    tick(db, TEN + timedelta(days=1))
    assert len(mail(db, world.anna)) == 2, "tomorrow again, while it waits"


def test_with_nothing_to_decide_there_is_nothing_even_if_it_comes_later_that_day(db, world):
    tick(db, TEN)
    assert mail(db, world.anna) == []
    task = ask(db, world, "Прислать поля формы", world.ira, now=TEN)
    with db.writing() as session:
        need_help(session, by(world.ira), task, "Нет доступа", None, now=TEN + timedelta(minutes=5))
    tick(db, TEN + timedelta(minutes=10))
    assert mail(db, world.anna) == [], "help reaches the podium at once; the message is tomorrow's"
    tick(db, TEN + timedelta(days=1))
    assert len(mail(db, world.anna)) == 1


@pytest.mark.parametrize("values", [{"messages": "off"}, {"paused_at": TEN}, {"archived_at": TEN}])
def test_a_silent_project_has_none(db, world, help_asked, values):
    change(db, Project, world.project, **values)
    tick(db, TEN)
    assert mail(db, world.anna) == []


def test_in_the_first_days_it_counts_what_waits_for_approval_and_needs_none_itself(db, world):
    change(db, Project, world.project, messages="approve")
    for name in ("ira", "gleb"):
        ask(db, world, f"Дело {name}", getattr(world, name))
    tick(db, at("2026-11-23T12:00"))
    tick(db, TEN)
    [sent] = [one for one in send(db, TEN) if one.person_id == world.anna]
    assert sent.plain.splitlines()[-1] == "Сообщения ждут одобрения: 2"


@pytest.mark.parametrize(
    "values",
    [
        {"telegram_chat_id": None},
        {"telegram_dead_at": TEN},
        {"opted_out_at": TEN},
        {"paused_until": date(2026, 11, 24)},
        {"archived_at": TEN},
    ],
)
def test_only_by_telegram_and_to_who_wants_it(db, world, help_asked, values):
    change(db, Person, world.anna, **values)
    tick(db, TEN)
    assert mail(db, world.anna) == []


def test_nobody_is_written_to_who_does_not_know_of_the_bot(db, world, help_asked):
    change(db, Person, world.anna, knows_bot=False)
    tick(db, TEN)
    assert mail(db, world.anna) == []
    change(db, Person, world.anna, knows_bot=True)
    tick(db, TEN + timedelta(minutes=1))
    change(db, Person, world.anna, knows_bot=False)
    assert [one.person_id for one in send(db, TEN + timedelta(minutes=2)) if one.kind == "podium"] == []
    assert [one.state for one in mail(db, world.anna)] == ["cancelled"]


def test_not_on_a_day_off_nor_while_away(db, world, help_asked):
    tick(db, at("2026-11-28T10:00"))
    with db.writing() as session:
        session.add(Absence(person_id=world.anna, first=date(2026, 11, 30), last=date(2026, 11, 30)))
    tick(db, at("2026-11-30T10:00"))
    assert mail(db, world.anna) == []
    tick(db, at("2026-12-01T10:00"))
    assert len(mail(db, world.anna)) == 1


def test_ten_is_ten_where_the_conductor_is(db, world, help_asked):
    change(db, Person, world.anna, timezone="Asia/Kamchatka")
    tick(db, at("2026-11-24T00:59:59"))
    assert mail(db, world.anna) == []
    tick(db, at("2026-11-24T01:00"))
    assert len(mail(db, world.anna)) == 1


def test_what_was_decided_meanwhile_takes_it_back(db, world, help_asked):
    tick(db, TEN)
    with db.writing() as session:
        settle_card(session, by(world.anna), session.exec(select(Card.id)).one(), now=TEN)
    assert send(db, TEN + timedelta(seconds=3)) == []
    assert [(one.state, one.state_reason) for one in mail(db, world.anna)] == [("cancelled", "nothing_due")]


def test_it_counts_as_things_stand_when_it_leaves(db, world, help_asked):
    tick(db, TEN)
    with db.writing() as session:
        open_card(session, by(world.ira), world.project, CardKind.INBOX, now=TEN, person_id=world.ira, note="привет")
    [sent] = send(db, TEN + timedelta(seconds=3))
    assert sent.plain.splitlines()[2:] == ["Просят помощи: 1", "Во входящих: 1"]


def test_one_that_could_not_leave_that_day_does_not_leave_the_next(db, world, help_asked):
    tick(db, TEN)
    assert send(db, TEN + timedelta(hours=9)) == []
    assert mail(db, world.anna)[0].state_reason == "past"


def test_the_clock_leaves_it_alone(db, world, help_asked):
    tick(db, TEN)
    for minutes in range(1, 60, 20):
        tick(db, TEN + timedelta(minutes=minutes))
    assert [one.state for one in mail(db, world.anna)] == ["queued"]
    with db.reading() as session:
        assert open_rows(session, [world.anna]) == {}


def test_who_is_asked_something_elsewhere_gets_it_inside_that_message(db, world, help_asked):
    """Anna is a contributor of the other project, too."""
    change(db, Project, world.other, messages="on")
    with db.writing() as session:
        session.add(
            Membership(
                project_id=world.other, person_id=world.anna, role=Role.CONTRIBUTOR, created_at=TEN, invited_at=TEN
            )
        )
        given = TaskInput("Чужое дело", owner=world.anna)
        elsewhere = create_task(session, by(world.stas), world.other, given, now=at("2026-11-23T12:00")).id
    change(db, Person, world.anna, podium_on=date(2026, 11, 23))
    tick(db, at("2026-11-23T13:00"))
    tick(db, TEN)
    assert mail(db, world.anna) == []
    sent = [one for _now, one in pass_time(db, Wire(), TEN, TEN + timedelta(hours=6)) if one.person_id == world.anna]
    assert len(sent) == 1, "one unasked message a day"
    assert [line.id for line in sent[0].tasks] == [elsewhere]
    assert sent[0].plain.endswith("Ждёт вашего решения:\nПросят помощи: 1")


def test_of_two_projects_it_is_one_and_no_page_of_one_tells_of_the_other(db, world, help_asked):
    change(db, Project, world.other, messages="on")
    with db.writing() as session:
        session.add(Membership(project_id=world.other, person_id=world.anna, role=Role.CONDUCTOR, created_at=TEN))
        open_card(session, by(world.stas), world.other, CardKind.INBOX, now=TEN, note="привет")
    tick(db, TEN)
    [one] = mail(db, world.anna)
    assert one.project_id is None
    assert one.facts == {"podium": {"help": 1, "inbox": 1}}


def test_a_dry_run_says_it_and_writes_nothing(db, world, help_asked):
    dry = tick(db, TEN, dry_run=True).queued
    assert [(one.id, one.kind) for one in dry if one.kind == "podium"] == [(None, "podium")]
    assert mail(db, world.anna) == []
    assert len([one for one in tick(db, TEN).queued if one.kind == "podium"]) == 1


def test_it_is_in_the_journal(db, world, help_asked):
    tick(db, TEN)
    send(db, TEN)
    with db.reading() as session:
        kinds = [one.kind for one in session.exec(select(Event).where(Event.object_type == "message"))]
    assert kinds.count("message.queued") >= 1 and "message.sent" in kinds


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_kind_of_need_has_its_words(language):
    letter = Letter(language, "podium", "Марина", "", (), podium=(*((kind, 2) for kind in PODIUM), ("new", 3)))
    said = plain_of(letter)
    assert said.count(": 2") == len(PODIUM) and said.splitlines()[-1].endswith(": 3")
    assert "{" not in said
    assert subject_of(letter)
