"""Meetings: planned, moved, seen and put away."""

from datetime import timedelta

import pytest

from tests.worlds.integrations import LATER, NOW, by
from tests.worlds.meetings import TUESDAY, lines
from tracker.domain.errors import Conflict, Forbidden, Invalid, NotFound
from tracker.domain.permissions import may_see_meeting
from tracker.services.access.loading import standing
from tracker.services.meetings.agenda import ItemInput, add_items, find_item, note_item, remove_item
from tracker.services.meetings.closing import close_meeting, drop_meeting
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
from tracker.tables import Meeting


def test_a_planned_meeting_has_its_zone_people_and_a_uid(db, world, call):
    with db.reading() as session:
        row = session.get_one(Meeting, call)
        assert (row.starts_at, row.minutes, row.timezone, row.sequence) == (TUESDAY, 30, "Europe/Moscow", 0)
        assert len(row.uid) == 32
        seats = [(guest.person_id, guest.why, guest.decides, guest.rsvp) for guest in guests_of(session, call)]
        assert seats == [
            (world.ira, "студия", False, "asked"),
            (world.gleb, "", False, "asked"),
            (world.olga, "", True, "asked"),
        ]


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


def test_two_who_move_it_meet(db, world, call):
    with db.writing() as session:
        edit_meeting(session, by(world.anna), call, 1, {"place": "Zoom"}, now=LATER)
    with db.writing() as session:
        edit_meeting(session, by(world.anna), call, 1, {"title": "Созвон"}, now=LATER)
        with pytest.raises(Conflict) as refused:
            edit_meeting(session, by(world.anna), call, 1, {"place": "Телемост"}, now=LATER)
    assert refused.value.both == {"place": ("Zoom", "Телемост")}


def test_put_away_and_brought_back(db, world, call):
    with db.writing() as session:
        archive_meeting(session, by(world.anna), call, now=LATER)
        archive_meeting(session, by(world.anna), call, now=LATER)
        assert meetings_of(session, standing(session, by(world.anna), world.project)) == []
        assert session.get_one(Meeting, call).sequence == 1
        restore_meeting(session, by(world.anna), call, now=LATER)
        assert len(meetings_of(session, standing(session, by(world.anna), world.project))) == 1
