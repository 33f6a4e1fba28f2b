"""Messages as people deal with them: listing, approving, stopping, rewording, and news of meetings."""

from datetime import timedelta

import pytest
from sqlmodel import select

from tests.worlds.integrations import NOW, by
from tests.worlds.outbox import Wire, ask, at, settle_in
from tracker.domain.errors import Forbidden, Invalid, NotFound, Refused
from tracker.domain.terms import Way
from tracker.services.engine.clock import tick
from tracker.services.engine.delivery import DeliveryReport, deliver
from tracker.services.ground.journal import Actor
from tracker.services.meetings.inviting import uninvite
from tracker.services.messages.handling import (
    approve_message,
    outbox_rows,
    queue_meeting_change,
    reword_message,
    stop_message,
)
from tracker.services.people.memberships import remove_member
from tracker.services.people.projects import archive_project
from tracker.tables import Event, Meeting, MeetingPerson, Message, Person, Project

HOUR = at("2026-11-24T11:00")
VERBS = {
    "approve": lambda session, actor, key, now=HOUR: approve_message(session, actor, key, now=now),
    "stop": lambda session, actor, key, now=HOUR: stop_message(session, actor, key, now=now),
    "reword": lambda session, actor, key, now=HOUR: reword_message(session, actor, key, "Коротко", now=now),
}


@pytest.fixture
def world(db):
    return settle_in(db, messages="approve")


@pytest.fixture
def waiting(db, world):
    ask(db, world, "Прислать поля формы", world.ira)
    tick(db, NOW)
    with db.reading() as session:
        return session.exec(select(Message.id)).one()


def count(db, kind):
    with db.reading() as session:
        return len(session.exec(select(Event.id).where(Event.kind == kind)).all())


def test_the_list_says_what_will_go_out_to_whom_why_and_in_which_words(db, world, waiting):
    with db.reading() as session:
        [row] = outbox_rows(session)
    assert (row.id, row.person, row.timezone, row.channel) == (waiting, world.ira, "Europe/Moscow", "telegram")
    assert (row.kind, row.rule, row.state, len(row.tasks)) == ("notice", "turn_came", "held", 1)
    assert row.text.startswith("Добрый день!\nТеперь ваш ход: «Прислать поля формы».")
    assert "Anna" in row.text, "who acted before"


def test_the_list_is_filtered(db, world, waiting):
    with db.reading() as session:
        task = outbox_rows(session)[0].tasks[0]
        for some in ({"project_id": world.project}, {"task_id": task}, {"person_id": world.ira}, {"since": NOW}):
            assert len(outbox_rows(session, **some)) == 1, some
        for none in (
            {"project_id": world.other},
            {"task_id": task + 1},
            {"person_id": world.gleb},
            {"since": NOW + timedelta(seconds=1)},
            {"states": ["sent"]},
            {"after": waiting},
        ):
            assert outbox_rows(session, **none) == [], none


@pytest.mark.parametrize("verb", VERBS)
def test_the_conductor_may_and_twice_changes_nothing_more(db, world, waiting, verb):
    for _ in range(2):
        with db.writing() as session:
            VERBS[verb](session, by(world.anna), waiting)
    kind = {"approve": "approved", "stop": "cancelled", "reword": "reworded"}[verb]
    assert count(db, f"message.{kind}") == 1


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(("who", "error"), [("ira", Forbidden), ("vera", Forbidden), ("stas", NotFound)])
def test_others_may_not(db, world, waiting, verb, who, error):
    with pytest.raises(error), db.writing() as session:
        VERBS[verb](session, by(getattr(world, who)), waiting)


@pytest.mark.parametrize("verb", VERBS)
def test_an_unknown_message_is_not_found(db, world, verb):
    with pytest.raises(NotFound), db.writing() as session:
        VERBS[verb](session, by(world.anna), 999)


def test_an_approved_message_leaves_and_a_stopped_one_does_not(db, world, waiting):
    wire = Wire()
    with db.writing() as session:
        approve_message(session, by(world.anna), waiting, now=HOUR)
    assert deliver(db, HOUR, {"telegram": wire}) == DeliveryReport(sent=1)
    with pytest.raises(Refused), db.writing() as session:
        stop_message(session, by(world.anna), waiting, now=HOUR)


def test_a_stopped_message_stays_stopped(db, world, waiting):
    with db.writing() as session:
        stop_message(session, by(world.anna), waiting, now=NOW)
    tick(db, HOUR)
    assert deliver(db, HOUR, {"telegram": Wire()}) == DeliveryReport()


def test_the_conductors_own_words_leave_instead_of_ours_and_ours_can_come_back(db, world, waiting):
    wire = Wire()
    with db.writing() as session:
        reword_message(session, by(world.anna), waiting, " Ира, <как> дела? ", now=NOW)
        approve_message(session, by(world.anna), waiting, now=NOW)
        with pytest.raises(Invalid):
            reword_message(session, by(world.anna), waiting, "я" * 3501, now=NOW)
    deliver(db, HOUR, {"telegram": wire})
    assert (wire.got[0].plain, wire.got[0].html) == ("Ира, <как> дела?", "Ира, &lt;как&gt; дела?")


def plan(db, world, starts_at):
    with db.writing() as session:
        meeting = Meeting(
            project_id=world.project,
            title="Сверка",
            starts_at=starts_at,
            uid=str(starts_at),
            created_at=NOW,
            updated_at=NOW,
        )
        session.add(meeting)
        session.flush()
        session.add_all(MeetingPerson(meeting_id=meeting.id, person_id=one) for one in (world.ira, world.anna))
        return meeting.id


def tell(db, world, meeting_id, change, now, actor=None):
    """Whom it was queued for, out of Ira and Anna."""
    with db.writing() as session:
        meeting = session.get_one(Meeting, meeting_id)
        people = [world.ira, world.anna]
        told = queue_meeting_change(session, actor or by(world.anna), meeting, people, change, now=now)
        return {message.person_id for message in told}


@pytest.fixture
def speaking(db, world):
    with db.writing() as session:
        project = session.get_one(Project, world.project)
        project.messages = "on"
        session.add(project)


def test_a_meeting_tomorrow_is_told_at_once_and_one_next_week_is_not(db, world, speaking):
    assert tell(db, world, plan(db, world, NOW + timedelta(hours=24)), "planned", NOW) == {world.ira}
    assert tell(db, world, plan(db, world, NOW + timedelta(hours=24, seconds=1)), "planned", NOW) == set()
    wire = Wire()
    assert deliver(db, NOW, {"telegram": wire}) == DeliveryReport(sent=1)
    assert wire.got[0].plain == "Добрый день!\nСозвон: «Сверка», 24 ноября, 11:00."


def test_news_wait_for_the_morning_unless_the_meeting_would_be_over(db, world, speaking):
    night = at("2026-11-23T23:00")
    early, late = plan(db, world, at("2026-11-24T09:00")), plan(db, world, at("2026-11-24T15:00"))
    tell(db, world, early, "moved", night)
    tell(db, world, late, "moved", night)
    wire = Wire()
    assert deliver(db, night, {"telegram": wire}) == DeliveryReport(sent=1)
    assert "09:00" in wire.got[0].plain
    assert deliver(db, at("2026-11-24T10:00"), {"telegram": wire}) == DeliveryReport(sent=1)


def test_one_waiting_message_tells_of_the_newest_state(db, world, speaking):
    night = at("2026-11-23T23:00")
    meeting = plan(db, world, at("2026-11-24T15:00"))
    queued = [tell(db, world, meeting, change, night) for change in ("moved", "place", "cancelled")]
    assert queued == [{world.ira}, set(), set()]
    wire = Wire()
    deliver(db, at("2026-11-24T10:00"), {"telegram": wire})
    assert [outgoing.plain.splitlines()[1] for outgoing in wire.got] == [
        "Созвон «Сверка» (24 ноября, 15:00) не состоится."
    ]


def test_news_of_a_meeting_that_has_begun_are_no_news(db, world, speaking):
    meeting = plan(db, world, at("2026-11-23T15:00"))
    tell(db, world, meeting, "planned", NOW)
    assert deliver(db, at("2026-11-23T15:00"), {"telegram": Wire()}) == DeliveryReport(cancelled=1)


@pytest.mark.parametrize("what", ["uninvited", "removed", "archived"])
def test_news_that_wait_for_the_morning_are_asked_again_whether_they_hold(db, world, speaking, what):
    night = at("2026-11-23T23:00")
    meeting = plan(db, world, at("2026-11-24T15:00"))
    assert tell(db, world, meeting, "planned", night) == {world.ira}
    with db.writing() as session:
        match what:
            case "uninvited":
                uninvite(session, by(world.anna), meeting, world.ira, now=night)
            case "removed":
                remove_member(session, by(world.anna), world.project, world.ira, now=night)
            case "archived":
                archive_project(session, by(world.anna), world.project, now=night)
    wire = Wire()
    assert deliver(db, at("2026-11-24T10:00"), {"telegram": wire}) == DeliveryReport(cancelled=1)
    assert wire.got == []
    with db.reading() as session:
        reason = session.exec(select(Message.state_reason)).one()
    assert reason == ("archived" if what == "archived" else "nothing_due")


def test_who_does_not_know_the_bot_hears_no_news(db, world, speaking):
    with db.writing() as session:
        person = session.get_one(Person, world.ira)
        person.knows_bot = False
        session.add(person)
    assert tell(db, world, plan(db, world, NOW + timedelta(hours=3)), "planned", NOW) == set()


def test_the_engine_is_not_a_person_who_is_left_out(db, world, speaking):
    meeting = plan(db, world, NOW + timedelta(hours=3))
    assert tell(db, world, meeting, "moved", NOW, Actor(None, Way.ENGINE)) == {world.ira, world.anna}


def test_a_stopped_message_spends_its_day(db, world, waiting):
    with db.writing() as session:
        stop_message(session, by(world.anna), waiting, now=NOW)
    ask(db, world, "Вторая", world.ira, now=NOW)
    tick(db, NOW)
    with db.reading() as session:
        days = [row.send_after.day for row in outbox_rows(session)]
    assert days == [24, 25]
