"""Meetings: planned, moved, attended, and not to be left without next steps."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import select

from tests.worlds.integrations import LATER, NOW, by, lay, put_task
from tracker.domain.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from tracker.domain.permissions import may_see_meeting
from tracker.services.access.loading import standing
from tracker.services.meetings.agenda import ItemInput, add_items, find_item, note_item, remove_item
from tracker.services.meetings.carrying_over import items_of, moved_lines
from tracker.services.meetings.closing import ItemEnd, close_meeting, drop_meeting
from tracker.services.meetings.guests import Invited, guests_of, people_of_meeting
from tracker.services.meetings.inviting import answer_invitation, invite, uninvite
from tracker.services.meetings.planning import (
    MeetingInput,
    archive_meeting,
    edit_meeting,
    find_meeting,
    meetings_of,
    plan_meeting,
    restore_meeting,
)
from tracker.tables import Event, Meeting, MeetingItem, Message, Person, Project, Task

TUESDAY = datetime(2026, 11, 24, 8, tzinfo=UTC)
FRIDAY = date(2026, 11, 27)


@pytest.fixture
def world(db):
    with db.writing() as session:
        return lay(session)


@pytest.fixture
def call(db, world):
    """Tomorrow at 11 in Moscow: Ira and Gleb, about the form; two lines."""
    with db.writing() as session:
        given = MeetingInput(
            "Созвон про телефон", TUESDAY, integrations=[world.form],
            people=[Invited(world.ira, "студия"), Invited(world.gleb), Invited(world.olga)],
        )  # fmt: skip
        made = plan_meeting(session, by(world.anna), world.project, given, now=NOW).id
        add_items(session, by(world.anna), made, [ItemInput("Маска телефона"), ItemInput("Кто проверяет")], now=NOW)
        return made


def lines(session, meeting):
    return [item.id for item in items_of(session, meeting)]


def events(session, object_type="meeting"):
    query = select(Event.kind).where(Event.object_type == object_type).order_by(Event.id)
    return [kind for kind in session.exec(query) if kind.startswith(object_type)]


def test_a_planned_meeting_has_its_zone_people_and_a_uid(db, world, call):
    with db.reading() as session:
        row = session.get_one(Meeting, call)
        assert (row.starts_at, row.minutes, row.timezone, row.sequence) == (TUESDAY, 30, "Europe/Moscow", 0)
        assert len(row.uid) == 32
        seats = [(guest.person_id, guest.why, guest.decides, guest.rsvp) for guest in guests_of(session, call)]
        assert seats == [
            (world.ira, "студия", False, "asked"), (world.gleb, "", False, "asked"), (world.olga, "", True, "asked"),
        ]  # fmt: skip


@pytest.mark.parametrize("who", ["ira", "pavel", "vera", "olga"])
def test_only_the_conductor_plans_changes_and_closes(db, world, call, who):
    actor = by(getattr(world, who))
    given = MeetingInput("Ещё", TUESDAY)
    with db.writing() as session:
        item = lines(session, call)[0]
        with pytest.raises(Forbidden):
            plan_meeting(session, actor, world.project, given, now=NOW)
        for act in (
            lambda: edit_meeting(session, actor, call, 1, {"place": "Zoom"}, now=NOW),
            lambda: invite(session, actor, call, [Invited(world.lena)], now=NOW),
            lambda: uninvite(session, actor, call, world.ira, now=NOW),
            lambda: add_items(session, actor, call, [ItemInput("x")], now=NOW),
            lambda: note_item(session, actor, item, {"title": "x"}, now=NOW),
            lambda: remove_item(session, actor, item, now=NOW),
            lambda: close_meeting(session, actor, call, 1, now=NOW),
            lambda: drop_meeting(session, actor, call, 1, "x", now=NOW),
            lambda: archive_meeting(session, actor, call, now=NOW),
        ):
            with pytest.raises(NotFound if who == "pavel" else Forbidden):
                act()


def test_an_outsider_and_a_nonsense_id_find_nothing(db, world, call):
    with db.writing() as session:
        item = lines(session, call)[0]
        for person, meeting, line in ((world.stas, call, item), (world.lena, call, item), (world.anna, 9999, 9999)):
            for act in (
                lambda who=person, it=meeting: find_meeting(session, by(who), it),
                lambda who=person, it=meeting: close_meeting(session, by(who), it, 1, now=NOW),
                lambda who=person, it=meeting: answer_invitation(session, by(who), it, "yes", now=NOW),
                lambda who=person, it=line: find_item(session, by(who), it),
            ):
                with pytest.raises(NotFound):
                    act()
        with pytest.raises(NotFound):
            plan_meeting(session, by(world.stas), world.project, MeetingInput("x", TUESDAY), now=NOW)


def test_it_is_seen_by_who_is_invited_who_conducts_and_who_observes(db, world, call):
    with db.reading() as session:
        row = session.get_one(Meeting, call)
        for person in (world.anna, world.vera, world.ira, world.gleb, world.olga, world.pavel, world.lena):
            mine = standing(session, by(person), world.project)
            seen = [one.id for one in meetings_of(session, mine)] == [call]
            assert seen == (person not in (world.pavel, world.lena))
            assert may_see_meeting(mine, people_of_meeting(session, row)) == seen


def test_sequence_rises_with_time_place_and_people_and_not_with_words(db, world, call):
    def sequence():
        with db.reading() as session:
            row = session.get_one(Meeting, call)
            return row.sequence, row.version

    anna = by(world.anna)
    with db.writing() as session:
        edit_meeting(session, anna, call, None, {"title": "Созвон", "notes": "взять макет"}, now=LATER)
        edit_meeting(session, anna, call, None, {"integrations": [world.bank]}, now=LATER)
    assert sequence() == (0, 3)
    with db.writing() as session:
        edit_meeting(session, anna, call, None, {"starts_at": TUESDAY + timedelta(hours=1), "place": "Zoom"}, now=LATER)
    assert sequence() == (1, 4)
    with db.writing() as session:
        edit_meeting(session, anna, call, None, {"starts_at": TUESDAY + timedelta(hours=1), "place": "Zoom"}, now=LATER)
        invite(session, anna, call, [Invited(world.ira)], now=LATER)
    assert sequence() == (1, 4), "nothing was different"
    with db.writing() as session:
        invite(session, anna, call, [Invited(world.lena)], now=LATER)
        uninvite(session, anna, call, world.gleb, now=LATER)
        uninvite(session, anna, call, world.gleb, now=LATER)
    assert sequence() == (3, 6)
    with db.writing() as session:
        answer_invitation(session, by(world.ira), call, "yes", now=LATER)
    assert sequence() == (3, 6)
    with db.writing() as session:
        drop_meeting(session, anna, call, None, "Болеет заказчик", now=LATER)
        drop_meeting(session, anna, call, None, "Болеет заказчик", now=LATER)
    assert sequence() == (4, 7)


def test_an_invitation_is_answered_by_the_person_or_in_their_words(db, world, call):
    with db.writing() as session:
        answer_invitation(session, by(world.ira), call, "yes", now=LATER)
        answer_invitation(session, by(world.ira), call, "yes", now=LATER)
        answer_invitation(session, by(world.anna, behalf=world.gleb), call, "no", now=LATER)
        with pytest.raises(Forbidden):
            answer_invitation(session, by(world.ira, behalf=world.gleb), call, "yes", now=LATER)
        with pytest.raises(Forbidden):
            answer_invitation(session, by(world.vera), call, "yes", now=LATER)
        with pytest.raises(Invalid):
            answer_invitation(session, by(world.ira), call, "perhaps", now=LATER)
    with db.reading() as session:
        assert [guest.rsvp for guest in guests_of(session, call)] == ["yes", "no", "asked"]
        assert events(session).count("meeting.answered") == 2


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"title": " "}, "title", "required"),
        ({"minutes": 0}, "minutes", "out_of_range"),
        ({"minutes": 1441}, "minutes", "out_of_range"),
        ({"timezone": "Mars/Olympus"}, "timezone", "unknown_zone"),
        ({"timezone": "../etc/passwd"}, "timezone", "unknown_zone"),
        ({"integrations": [9999]}, "integrations", "unknown"),
        ({"people": []}, "people", "unknown_field"),
        ({"state": "closed"}, "state", "unknown_field"),
    ],
)
def test_what_can_not_be_taken(db, world, call, changes, field, code):
    with db.writing() as session, pytest.raises(Invalid) as refused:
        edit_meeting(session, by(world.anna), call, 1, changes, now=NOW)
    assert [(error.field, error.code) for error in refused.value.errors] == [(field, code)]


def test_nobody_from_outside_is_invited(db, world, call):
    with db.writing() as session, pytest.raises(Invalid) as refused:
        invite(session, by(world.anna), call, [Invited(world.stas)], now=NOW)
    assert refused.value.errors[0].code == "not_a_member"


def test_two_who_move_it_meet(db, world, call):
    with db.writing() as session:
        edit_meeting(session, by(world.anna), call, 1, {"place": "Zoom"}, now=LATER)
    with db.writing() as session:
        edit_meeting(session, by(world.anna), call, 1, {"title": "Созвон"}, now=LATER)
        with pytest.raises(Conflict) as refused:
            edit_meeting(session, by(world.anna), call, 1, {"place": "Телемост"}, now=LATER)
    assert refused.value.both == {"place": ("Zoom", "Телемост")}


def test_a_meeting_is_not_closed_without_next_steps(db, world, call):
    with db.writing() as session:
        first, second = lines(session, call)
        ends = [ItemEnd(first, step_title="Прислать маску", step_owner=world.ira)]
        with pytest.raises(Refused) as refused:
            close_meeting(session, by(world.anna), call, 1, ends, now=LATER)
    assert refused.value.missing == [
        {"item": first, "code": "step_without_date"}, {"item": second, "code": "no_outcome"},
    ]  # fmt: skip
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
            "Прислать маску", world.ira, FRIDAY, world.form, call,
        )  # fmt: skip
        assert (task.confirmed, task.turn_id, task.status) == (True, world.ira, "open")
        row = session.get_one(Meeting, call)
        assert (row.state, row.closed_at, row.notes) == ("closed", LATER, "Говорили о маске")
        items = items_of(session, call)
        assert [(item.outcome, item.step_task_id, item.reason) for item in items] == [
            ("step", task.id, ""), ("no_step", None, "Уже решили"),
        ]  # fmt: skip
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
            ItemEnd(third, step_title="Ключ", step_owner=world.ira, step_needed_by=FRIDAY), ItemEnd(first, moved=True)
        ]  # fmt: skip
        close_meeting(session, by(world.anna), call, None, ends, now=LATER)
        step = session.exec(select(Task).where(Task.title == "Ключ")).one()
        assert step.integration_id == world.bank, "a step belongs where its line's task does"


def test_put_away_and_brought_back(db, world, call):
    with db.writing() as session:
        archive_meeting(session, by(world.anna), call, now=LATER)
        archive_meeting(session, by(world.anna), call, now=LATER)
        assert meetings_of(session, standing(session, by(world.anna), world.project)) == []
        assert session.get_one(Meeting, call).sequence == 1
        restore_meeting(session, by(world.anna), call, now=LATER)
        assert len(meetings_of(session, standing(session, by(world.anna), world.project))) == 1


@pytest.fixture
def told(db, world):
    """Everybody knows the bot, and messages are on: what people are told of the meeting, newest state."""
    with db.writing() as session:
        for person in session.exec(select(Person)):
            person.knows_bot = True
            session.add(person)
        project = session.get_one(Project, world.project)
        project.messages = "on"
        session.add(project)

    def read():
        with db.reading() as session:
            found = session.exec(select(Message).where(Message.kind == "meeting").order_by(Message.person_id))
            return {message.person_id: message.facts["change"] for message in found}

    return read


def test_a_meeting_of_the_next_24_hours_is_told_to_whom_it_invites(db, world, told):
    with db.writing() as session:
        people = [Invited(world.ira)]
        plan_meeting(session, by(world.anna), world.project, MeetingInput("Скоро", TUESDAY, people=people), now=NOW)
        later = MeetingInput("Нескоро", NOW + timedelta(hours=25), people=[Invited(world.gleb)])
        plan_meeting(session, by(world.anna), world.project, later, now=NOW)
    assert told() == {world.ira: "planned"}


def test_a_meeting_moved_away_from_today_is_told_before_its_former_time(db, world, told):
    with db.writing() as session:
        soon = NOW + timedelta(hours=2)
        given = MeetingInput("Сегодня", soon, people=[Invited(world.ira), Invited(world.gleb)])
        made = plan_meeting(session, by(world.anna), world.project, given, now=NOW - timedelta(days=3)).id
        answer_invitation(session, by(world.gleb), made, "no", now=NOW)
    assert told() == {}, "it was far away then"
    with db.writing() as session:
        edit_meeting(session, by(world.anna), made, None, {"title": "Созвон", "minutes": 45}, now=NOW)
    assert told() == {}, "a longer title is no news"
    with db.writing() as session:
        edit_meeting(session, by(world.anna), made, None, {"starts_at": soon + timedelta(days=7)}, now=NOW)
    assert told() == {world.ira: "moved"}
    with db.reading() as session:
        message = session.exec(select(Message).where(Message.kind == "meeting")).one()
        assert message.send_after < soon


@pytest.mark.parametrize("way", ["dropped", "put away"])
def test_a_meeting_that_will_not_take_place_is_told(db, world, told, way):
    with db.writing() as session:
        soon = MeetingInput("Сегодня", NOW + timedelta(hours=2), people=[Invited(world.ira)])
        made = plan_meeting(session, by(world.anna), world.project, soon, now=NOW - timedelta(days=3)).id
        if way == "dropped":
            drop_meeting(session, by(world.anna), made, None, "Болеет заказчик", now=NOW)
        else:
            archive_meeting(session, by(world.anna), made, now=NOW)
    assert told() == {world.ira: "cancelled"}


def test_who_is_invited_late_is_told_and_closing_tells_nobody(db, world, told):
    with db.writing() as session:
        soon = MeetingInput("Сегодня", NOW + timedelta(hours=2), people=[Invited(world.ira)])
        made = plan_meeting(session, by(world.anna), world.project, soon, now=NOW - timedelta(days=3)).id
        invite(session, by(world.anna), made, [Invited(world.gleb)], now=NOW)
        line = add_items(session, by(world.anna), made, [ItemInput("Маска")], now=NOW)[0].id
        close_meeting(session, by(world.anna), made, None, [ItemEnd(line, moved=True)], now=NOW)
    assert told() == {world.gleb: "planned"}
