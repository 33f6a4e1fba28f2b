"""When the people of a project begin to be written to."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from tests.worlds.house import CLI, LATER, NOW, by
from tracker.domain.errors import Forbidden, Invalid, NotFound, Refused
from tracker.services.people import projects, speaking
from tracker.tables import Event, Project


def test_nobody_is_written_to_before_the_conductor_has_read_what_would_go_out(db, house):
    for wanted in ("on", "approve"):
        with db.writing() as session, pytest.raises(Refused) as refused:
            speaking.switch_messages(session, by(house.marina), house.len, wanted, now=NOW)
        assert refused.value.code == "preview_first"
    for who in (house.petr, house.vera):
        with db.writing() as session, pytest.raises(Forbidden):
            speaking.see_preview(session, by(who), house.len, now=NOW)
    with db.writing() as session, pytest.raises(NotFound):
        speaking.see_preview(session, by(house.stas), house.len, now=NOW)
    for now in (NOW, LATER):
        with db.writing() as session:
            speaking.see_preview(session, by(house.marina), house.len, now=now)
    with db.reading() as session:
        project = session.get_one(Project, house.len)
        assert (project.preview_seen_at, project.preview_seen_by_id) == (NOW, house.marina), "the first time is kept"
        assert len(session.exec(select(Event).where(Event.kind == "project.preview_seen")).all()) == 1
    with db.writing() as session:
        assert speaking.switch_messages(session, by(house.marina), house.len, "on", now=NOW).messages == "approve"


def test_the_first_five_working_days_go_through_the_conductors_hands(db, house):
    monday = date(2026, 11, 23)
    with db.writing() as session:
        speaking.see_preview(session, by(house.marina), house.len, now=NOW)
        made = speaking.switch_messages(session, by(house.marina), house.len, "on", now=NOW)
        assert (made.messages, made.approve_until) == ("approve", monday + timedelta(days=4))
        again = speaking.switch_messages(session, by(house.marina), house.len, "on", now=NOW + timedelta(days=4))
        assert again.messages == "approve"
        assert speaking.switch_messages(session, by(house.marina), house.len, "off", now=NOW).messages == "off"
        after = NOW + timedelta(days=5)
        assert speaking.switch_messages(session, by(house.marina), house.len, "on", now=after).messages == "on"
        with pytest.raises(Invalid):
            speaking.switch_messages(session, by(house.marina), house.len, "loud", now=NOW)


def test_what_the_house_has_switched_on_stays_past_its_first_days(db, house):
    with db.writing() as session:
        assert speaking.switch_messages(session, CLI, house.len, "on", now=NOW).messages == "on"
        again = speaking.switch_messages(session, by(house.marina), house.len, "on", now=NOW)
        assert (again.messages, again.approve_until) == ("on", None)


def test_a_project_pauses_and_goes_on(db, house):
    with db.writing() as session:
        assert projects.pause_project(session, by(house.marina), house.len, True, now=NOW).paused_at == NOW
        assert projects.pause_project(session, by(house.marina), house.len, True, now=LATER).paused_at == NOW
        assert projects.pause_project(session, by(house.marina), house.len, False, now=LATER).paused_at is None
