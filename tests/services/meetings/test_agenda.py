"""The lines of a meeting, and what is noted at them before it ends."""

import pytest
from sqlmodel import select

from tests.worlds.integrations import LATER, by, put_task
from tests.worlds.meetings import FRIDAY, events, lines
from tracker.domain.errors import Invalid
from tracker.services.meetings.agenda import ItemInput, add_items, note_item, remove_item
from tracker.services.meetings.carrying_over import moved_lines
from tracker.services.meetings.closing import ItemEnd, close_meeting
from tracker.tables import MeetingItem, Task


def test_what_was_noted_before_counts_at_closing(db, world, call):
    with db.writing() as session:
        first, second = lines(session, call)
        note = {"outcome": "step", "step_title": "Маска", "step_owner": world.ira, "step_needed_by": FRIDAY}
        note_item(session, by(world.anna), first, note, now=LATER)
        note_item(session, by(world.anna), first, note, now=LATER)
        note_item(session, by(world.anna), second, {"outcome": "moved"}, now=LATER)
        close_meeting(session, by(world.anna), call, 1, now=LATER)
    with db.reading() as session:
        assert session.exec(select(Task.title)).all() == ["Маска"]
        assert [item.title for item in moved_lines(session, call)] == ["Кто проверяет"]
        assert events(session).count("meeting.item_noted") == 2


def test_the_agenda_is_shortened_and_a_line_may_speak_of_a_task(db, world, call):
    with db.writing() as session:
        task = put_task(session, world, world.ira, integration=world.bank)
        first, second = lines(session, call)
        third = add_items(session, by(world.anna), call, [ItemInput(task=task)], now=LATER)[0].id
        remove_item(session, by(world.anna), second, now=LATER)
    with db.reading() as session:
        assert lines(session, call) == [first, third]
        assert session.get_one(MeetingItem, third).title == "Прислать поля формы"
    with db.writing() as session:
        with pytest.raises(Invalid):
            add_items(session, by(world.anna), call, [ItemInput(task=9999)], now=LATER)
        ends = [
            ItemEnd(third, step_title="Ключ", step_owner=world.ira, step_needed_by=FRIDAY),
            ItemEnd(first, moved=True),
        ]
        close_meeting(session, by(world.anna), call, None, ends, now=LATER)
        step = session.exec(select(Task).where(Task.title == "Ключ")).one()
        assert step.integration_id == world.bank, "a step belongs where its line's task does"
