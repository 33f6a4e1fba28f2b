"""What one meeting leaves to the next one about the same."""

from datetime import timedelta

import pytest

from tests.worlds.integrations import LATER, by
from tests.worlds.meetings import TUESDAY, lines
from tracker.services.meetings.carrying_over import items_of
from tracker.services.meetings.closing import ItemEnd, close_meeting, drop_meeting
from tracker.services.meetings.planning import MeetingInput, plan_meeting
from tracker.tables import Meeting


@pytest.mark.parametrize("planned_first", [True, False])
def test_moved_lines_go_to_the_next_meeting_whenever_it_is_planned(db, world, call, planned_first):
    def plan():
        with db.writing() as session:
            week = MeetingInput("Через неделю", TUESDAY + timedelta(days=7), integrations=[world.form])
            return plan_meeting(session, by(world.anna), world.project, week, now=LATER).id

    following = plan() if planned_first else None
    with db.writing() as session:
        first, second = lines(session, call)
        ends = [ItemEnd(first, reason="Решено"), ItemEnd(second, moved=True)]
        close_meeting(session, by(world.anna), call, 1, ends, now=LATER)
    following = following or plan()
    with db.reading() as session:
        carried = items_of(session, following)
        assert [(item.title, item.outcome) for item in carried] == [("Кто проверяет", None)]
        assert session.get_one(Meeting, following).follows_id == call
    with db.writing() as session:
        third = MeetingInput("Через две", TUESDAY + timedelta(days=14), integrations=[world.form], follows=call)
        made = plan_meeting(session, by(world.anna), world.project, third, now=LATER)
        assert items_of(session, made.id) == [], "they are carried on once"


def test_a_meeting_about_something_else_takes_nothing_over(db, world, call):
    with db.writing() as session:
        drop_meeting(session, by(world.anna), call, 1, "Никто не пришёл", now=LATER)
        bank = MeetingInput("Банк", TUESDAY + timedelta(days=1), integrations=[world.bank])
        assert items_of(session, plan_meeting(session, by(world.anna), world.project, bank, now=LATER).id) == []
        form = MeetingInput("Ещё раз", TUESDAY + timedelta(days=2), integrations=[world.form])
        made = plan_meeting(session, by(world.anna), world.project, form, now=LATER)
        assert [item.title for item in items_of(session, made.id)] == ["Маска телефона", "Кто проверяет"]
