"""The end of a meeting: not without next steps, which become tasks."""

import pytest
from sqlmodel import select

from tests.worlds.integrations import LATER, by
from tests.worlds.meetings import FRIDAY, events, lines
from tracker.domain.errors import Invalid, Refused
from tracker.services.meetings.agenda import ItemInput, add_items, remove_item
from tracker.services.meetings.carrying_over import items_of
from tracker.services.meetings.closing import ItemEnd, close_meeting, drop_meeting
from tracker.services.meetings.guests import Invited, guests_of
from tracker.services.meetings.inviting import answer_invitation, invite
from tracker.services.meetings.planning import edit_meeting
from tracker.tables import Meeting, Task


def test_a_meeting_is_not_closed_without_next_steps(db, world, call):
    with db.writing() as session:
        first, second = lines(session, call)
        ends = [ItemEnd(first, step_title="Прислать маску", step_owner=world.ira)]
        with pytest.raises(Refused) as refused:
            close_meeting(session, by(world.anna), call, 1, ends, now=LATER)
    assert refused.value.missing == [
        {"item": first, "code": "step_without_date"},
        {"item": second, "code": "no_outcome"},
    ]
    with db.reading() as session:
        assert session.get_one(Meeting, call).state == "planned"
        assert session.exec(select(Task)).all() == []


def test_closing_makes_its_steps_tasks(db, world, call):
    with db.writing() as session:
        first, second = lines(session, call)
        ends = [
            ItemEnd(first, step_title="Прислать маску", step_owner=world.ira, step_needed_by=FRIDAY),
            ItemEnd(second, reason="Уже решили"),
        ]
        close_meeting(session, by(world.anna), call, 1, ends, notes="Говорили о маске", now=LATER)
    with db.writing() as session:
        close_meeting(session, by(world.anna), call, 1, ends, now=LATER)
    with db.reading() as session:
        task = session.exec(select(Task)).one()
        assert (task.title, task.owner_id, task.needed_by, task.integration_id, task.meeting_id) == (
            "Прислать маску",
            world.ira,
            FRIDAY,
            world.form,
            call,
        )
        assert (task.confirmed, task.turn_id, task.status) == (True, world.ira, "open")
        row = session.get_one(Meeting, call)
        assert (row.state, row.closed_at, row.notes) == ("closed", LATER, "Говорили о маске")
        items = items_of(session, call)
        assert [(item.outcome, item.step_task_id, item.reason) for item in items] == [
            ("step", task.id, ""),
            ("no_step", None, "Уже решили"),
        ]
        assert events(session).count("meeting.closed") == 1


def test_a_step_for_somebody_absent_waits_for_their_tap(db, world, call):
    with db.writing() as session:
        first, second = lines(session, call)
        ends = [
            ItemEnd(first, step_title="Маска", step_owner=world.ira, step_needed_by=FRIDAY),
            ItemEnd(second, step_title="Тест", step_owner=world.gleb, step_needed_by=FRIDAY),
        ]
        close_meeting(session, by(world.anna), call, 1, ends, attended=[world.gleb], now=LATER)
    with db.reading() as session:
        confirmed = {task.owner_id: task.confirmed for task in session.exec(select(Task))}
        assert confirmed == {world.ira: False, world.gleb: True}
        assert [guest.attended for guest in guests_of(session, call)] == [False, True, False]


def test_who_declined_or_was_not_invited_counts_as_absent(db, world, call):
    with db.writing() as session:
        answer_invitation(session, by(world.ira), call, "no", now=LATER)
        first, second = lines(session, call)
        ends = [
            ItemEnd(first, step_title="Маска", step_owner=world.ira, step_needed_by=FRIDAY),
            ItemEnd(second, step_title="Тест", step_owner=world.lena, step_needed_by=FRIDAY),
        ]
        close_meeting(session, by(world.anna), call, 1, ends, now=LATER)
    with db.reading() as session:
        assert [task.confirmed for task in session.exec(select(Task))] == [False, False]


def test_a_meeting_that_was_not_held_needs_a_reason_and_stays_ended(db, world, call):
    with db.writing() as session:
        with pytest.raises(Refused) as refused:
            drop_meeting(session, by(world.anna), call, 1, " ", now=LATER)
        assert refused.value.missing == [{"item": None, "code": "no_reason"}]
        drop_meeting(session, by(world.anna), call, 1, "Болеет заказчик", now=LATER)
        item = lines(session, call)[0]
        for act in (
            lambda: close_meeting(session, by(world.anna), call, 2, now=LATER),
            lambda: edit_meeting(session, by(world.anna), call, 2, {"place": "x"}, now=LATER),
            lambda: invite(session, by(world.anna), call, [Invited(world.lena)], now=LATER),
            lambda: add_items(session, by(world.anna), call, [ItemInput("x")], now=LATER),
            lambda: remove_item(session, by(world.anna), item, now=LATER),
            lambda: answer_invitation(session, by(world.ira), call, "yes", now=LATER),
        ):
            with pytest.raises(Refused):
                act()
        edit_meeting(session, by(world.anna), call, 2, {"notes": "Перенесли"}, now=LATER)


def test_one_line_ends_one_way(db, world, call):
    with db.writing() as session:
        first = lines(session, call)[0]
        with pytest.raises(Invalid) as refused:
            close_meeting(session, by(world.anna), call, 1, [ItemEnd(first, moved=True, reason="x")], now=LATER)
        assert refused.value.errors[0].code == "only_one"
        with pytest.raises(Invalid):
            close_meeting(session, by(world.anna), call, 1, [ItemEnd(9999, moved=True)], now=LATER)
        with pytest.raises(Invalid) as refused:
            step = ItemEnd(first, step_title="x", step_owner=world.stas, step_needed_by=FRIDAY)
            close_meeting(session, by(world.anna), call, 1, [step], now=LATER)
        assert refused.value.errors[0].field == f"items.{first}.step_owner"
