"""Whose calendar holds what."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from tests.worlds.integrations import NOW, by, lay, put_task
from tracker.formats.calendars import feed
from tracker.services.house.installation import ensure_house
from tracker.services.meetings.closing import drop_meeting
from tracker.services.meetings.feeds import feed_of, feed_of_meeting
from tracker.services.meetings.guests import Invited
from tracker.services.meetings.inviting import answer_invitation, uninvite
from tracker.services.meetings.planning import MeetingInput, archive_meeting, edit_meeting, plan_meeting
from tracker.tables import Meeting, Membership, Project, Task

DAY = timedelta(days=1)


@pytest.fixture
def world(db):
    with db.writing() as session:
        ensure_house(session, now=NOW)
        return lay(session)


def plan(session, world, title="Созвон", at=NOW + DAY, people=("ira",), now=NOW):
    given = MeetingInput(title, at, people=[Invited(getattr(world, one)) for one in people])
    return plan_meeting(session, by(world.anna), world.project, given, now=now).id


def titles(session, person, now=NOW, project=None):
    return [one.title for one in feed_of(session, person, now=now, project_id=project).meetings]


def test_a_meeting_stands_in_the_calendars_of_whom_it_invites_and_who_planned_it(db, world):
    with db.writing() as session:
        plan(session, world, people=("ira", "olga", "vera"))
        for person in (world.ira, world.olga, world.vera, world.anna):
            assert titles(session, person) == ["Созвон"]
        for person in (world.gleb, world.pavel, world.stas):
            assert titles(session, person) == []
        assert titles(session, world.ira, project=world.project) == ["Созвон"]
        assert titles(session, world.ira, project=world.other) == []


def test_who_declined_was_uninvited_or_left_the_project_has_it_no_more(db, world):
    with db.writing() as session:
        call = plan(session, world, people=("ira", "gleb", "lena"))
        answer_invitation(session, by(world.ira), call, "no", now=NOW)
        uninvite(session, by(world.anna), call, world.gleb, now=NOW)
        place = session.exec(select(Membership).where(Membership.person_id == world.lena)).one()
        place.archived_at = NOW
        session.add(place)
        assert [titles(session, person) for person in (world.ira, world.gleb, world.lena)] == [[], [], []]
        answer_invitation(session, by(world.ira), call, "yes", now=NOW)
        assert titles(session, world.ira) == ["Созвон"]
        project = session.get_one(Project, world.project)
        project.archived_at = NOW
        session.add(project)
        assert titles(session, world.ira) == []


@pytest.mark.parametrize("way", ["not held", "put away"])
def test_a_cancelled_meeting_is_kept_for_a_month_with_a_higher_sequence(db, world, way):
    with db.writing() as session:
        call = plan(session, world, at=NOW + DAY)
        if way == "not held":
            drop_meeting(session, by(world.anna), call, None, "Болеет заказчик", now=NOW + 3 * DAY)
        else:
            archive_meeting(session, by(world.anna), call, now=NOW + 3 * DAY)
        kept = feed_of(session, world.ira, now=NOW + 33 * DAY).meetings
        assert [(one.cancelled, one.sequence) for one in kept] == [(True, 1)]
        assert titles(session, world.ira, now=NOW + 35 * DAY) == []


def test_the_window_is_a_month_back_and_a_year_ahead(db, world):
    with db.writing() as session:
        for title, at in (
            ("давно", NOW - 31 * DAY),
            ("месяц", NOW - 30 * DAY),
            ("год", NOW + 364 * DAY),
            ("потом", NOW + 366 * DAY),
        ):
            plan(session, world, title, at, now=NOW - 40 * DAY)
        assert titles(session, world.ira) == ["месяц", "год"]


def test_a_feed_is_the_same_bytes_all_day_and_changes_with_the_meeting(db, world):
    with db.writing() as session:
        call = plan(session, world)
        before = feed(feed_of(session, world.ira, now=NOW))
        assert feed(feed_of(session, world.ira, now=NOW + timedelta(hours=9))) == before
        answer_invitation(session, by(world.ira), call, "yes", now=NOW + timedelta(hours=1))
        assert feed(feed_of(session, world.ira, now=NOW)) == before
        edit_meeting(session, by(world.anna), call, None, {"place": "Zoom"}, now=NOW + timedelta(hours=1))
        after = feed_of(session, world.ira, now=NOW)
        assert feed(after) != before
        assert (after.meetings[0].sequence, after.meetings[0].updated_at) == (1, NOW + timedelta(hours=1))


def test_days_of_ones_own_unfinished_tasks_stand_in_it(db, world):
    with db.writing() as session:
        ids = [put_task(session, world, world.ira, number=number) for number in range(101, 106)]
        tasks = [session.get_one(Task, one) for one in ids]
        tasks[0].needed_by = date(2026, 11, 27)
        tasks[1].needed_by, tasks[1].promised_on = date(2026, 11, 27), date(2026, 11, 25)
        tasks[2].needed_by, tasks[2].status = date(2026, 11, 27), "done"
        tasks[3].needed_by, tasks[3].status = date(2026, 11, 27), "draft"
        tasks[4].needed_by, tasks[4].owner_id = date(2026, 11, 28), world.gleb
        session.add_all(tasks)
        session.flush()
        days = feed_of(session, world.ira, now=NOW).days
        assert [(one.task_id, one.day, one.promised) for one in days] == [
            (ids[1], date(2026, 11, 25), True),
            (ids[0], date(2026, 11, 27), False),
            (ids[4], date(2026, 11, 28), False),
        ]
        assert [one.task_id for one in feed_of(session, world.gleb, now=NOW).days] == [ids[4]]
        assert feed_of(session, world.stas, now=NOW).days == ()


def test_one_meeting_can_be_taken_into_any_calendar(db, world):
    with db.writing() as session:
        meeting = session.get_one(Meeting, plan(session, world))
        facts = feed_of_meeting(session, meeting, "en")
        assert feed(facts).count(b"BEGIN:VEVENT") == 1
