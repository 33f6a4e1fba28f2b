"""Projects and parties: opening, editing, putting away, and when people begin to be written to."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from tests.worlds.house import CLI, LATER, NOBODY, NOW, by
from tests.worlds.house import build as build_house
from tracker.domain.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from tracker.domain.terms import WaitKind
from tracker.services.access.loading import project_by_key, standing
from tracker.services.house.journal_check import verify_journal
from tracker.services.people import parties, projects, speaking
from tracker.services.people.parties import PartyInput
from tracker.services.people.projects import ProjectInput
from tracker.services.tasks.editing import TaskInput, create_task
from tracker.services.tasks.fields import WaitInput
from tracker.tables import Event, Party, Project, Task


@pytest.fixture
def house(db):
    with db.writing() as session:
        return build_house(session)


def codes(caught):
    return {(one.field, one.code) for one in caught.value.errors}


def test_who_opens_a_project_conducts_it_and_nobody_is_written_to(db, house):
    with db.writing() as session:
        made = projects.create_project(session, by(house.marina), ProjectInput("Новый", "new2"), now=NOW)
        assert (made.key, made.messages, made.approve_until) == ("NEW2", "off", None)
        found, mine = project_by_key(session, by(house.marina), "New2")
        assert (found.id, mine.role) == (made.id, "conductor")
    with db.reading() as session:
        assert verify_journal(session).problems == []


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        (ProjectInput("", ""), {("name", "required"), ("key", "required")}),
        (ProjectInput("Имя", "ЛЁН"), {("key", "not_a_key")}),
        (ProjectInput("Имя", "A"), {("key", "not_a_key")}),
        (ProjectInput("Имя", "A" * 11), {("key", "not_a_key")}),
        (ProjectInput("Имя", "2A"), {("key", "not_a_key")}),
        (ProjectInput("Имя", "len"), {("key", "taken")}),
        (ProjectInput("Имя", "OK", country="XX", timezone="X", language="xx"),
         {("country", "unknown_word"), ("timezone", "unknown_word"), ("language", "unknown_word")}),
    ],
)  # fmt: skip
def test_each_wrong_field_of_a_project_is_told(db, house, given, wrong):
    with db.writing() as session, pytest.raises(Invalid) as caught:
        projects.create_project(session, by(house.marina), given, now=NOW)
    assert codes(caught) == wrong


def test_only_founders_and_the_house_open_projects_and_only_the_house_past_its_first_days(db, house):
    with db.writing() as session:
        for who in (house.gleb, house.olga, NOBODY):
            with pytest.raises(Forbidden):
                projects.create_project(session, by(who), ProjectInput("Имя", "XX"), now=NOW)
        with pytest.raises(Forbidden):
            projects.create_project(session, by(house.marina), ProjectInput("Имя", "XX"), now=NOW, messages="on")
        with pytest.raises(Invalid):
            projects.create_project(session, CLI, ProjectInput("Имя", "XX"), now=NOW, messages="loud")
        assert projects.create_project(session, CLI, ProjectInput("Имя", "XX"), now=NOW, messages="on").messages == "on"


def test_everybody_lists_their_own_projects(db, house):
    with db.writing() as session:
        projects.archive_project(session, by(house.gleb), house.other, now=NOW)

    def keys(actor, **options):
        with db.reading() as session:
            return [one.key for one in projects.my_projects(session, actor, **options)]

    assert keys(by(house.olga)) == ["LEN"]
    assert keys(by(house.stas)) == []
    assert keys(by(house.stas), archived=True) == ["OTHER"]
    assert keys(CLI, archived=True) == ["LEN", "OTHER"]


def test_settings_are_edited_checked_and_merged(db, house):
    changes: dict[str, object] = {"name": "Лён", "stall_days": 3, "own_columns": [" Ссылка ", "", "Часы"]}
    with db.writing() as session:
        edited = projects.edit_project(session, by(house.marina), house.len, 1, changes, now=LATER)
        assert (edited.name, edited.stall_days, edited.own_columns) == ("Лён", 3, ["Ссылка", "", "Часы"])
        assert projects.edit_project(session, by(house.marina), house.len, 2, changes, now=LATER).version == 2
        cases: list[tuple[dict[str, object], set[tuple[str, str]]]] = [
            ({"stall_days": 0}, {("stall_days", "out_of_range")}),
            ({"own_columns": ["1", "2", "3", "4"]}, {("own_columns", "too_many")}),
            ({"key": "OTHER"}, {("key", "stays")}),
            ({"messages": "on"}, {("messages", "unknown_field")}),
        ]
        for wrong, found in cases:
            with pytest.raises(Invalid) as caught:
                projects.edit_project(session, by(house.marina), house.len, None, wrong, now=NOW)
            assert codes(caught) == found
    with db.writing() as session:
        with pytest.raises(Conflict) as conflict:
            projects.edit_project(session, by(house.marina), house.len, 1, {"name": "Нить"}, now=NOW)
        assert conflict.value.both == {"name": ("Лён", "Нить")}


def test_a_longer_patience_moves_what_is_stored(db, house):
    with db.writing() as session:
        task = create_task(session, by(house.marina), house.len, TaskInput("Форма", owner=house.timur), now=NOW)
        before = task.stalls_at
        assert before is not None
        projects.edit_project(session, by(house.marina), house.len, None, {"stall_days": 4}, now=NOW)
        assert session.get_one(Task, task.id).stalls_at == before + timedelta(days=2)


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


def test_a_day_of_its_own_moves_what_is_stored_until_it_is_taken_back(db, house):
    day = date(2026, 11, 24)
    with db.writing() as session:
        task = create_task(session, by(house.marina), house.len, TaskInput("Форма", owner=house.timur), now=NOW)
        before = task.stalls_at
        assert before is not None
        projects.set_day(session, by(house.marina), house.len, day, False, now=NOW)
        assert session.get_one(Task, task.id).stalls_at == before + timedelta(days=1)
        projects.set_day(session, by(house.marina), house.len, day, True, now=NOW)
        projects.set_day(session, by(house.marina), house.len, day, None, now=NOW)
        projects.set_day(session, by(house.marina), house.len, day, None, now=NOW)
        assert session.get_one(Task, task.id).stalls_at == before
    with db.reading() as session:
        assert len(session.exec(select(Event).where(Event.kind == "project.day_set")).all()) == 3


VERBS = {
    "edit": lambda session, actor, project: projects.edit_project(
        session, actor, project, None, {"name": "X"}, now=NOW
    ),
    "switch": lambda session, actor, project: speaking.switch_messages(session, actor, project, "off", now=NOW),
    "pause": lambda session, actor, project: projects.pause_project(session, actor, project, True, now=NOW),
    "day": lambda session, actor, project: projects.set_day(session, actor, project, NOW.date(), False, now=NOW),
    "archive": lambda session, actor, project: projects.archive_project(session, actor, project, now=NOW),
    "restore": lambda session, actor, project: projects.restore_project(session, actor, project, now=NOW),
    "party": lambda session, actor, project: parties.create_party(session, actor, project, PartyInput("Банк"), now=NOW),
}


@pytest.mark.parametrize("verb", VERBS)
def test_projects_by_role_outsider_and_nonsense(db, house, verb):
    def act(who, project):
        with db.writing() as session:
            VERBS[verb](session, by(who), project)

    for who in (house.olga, house.timur, house.vera):
        with pytest.raises(Forbidden):
            act(who, house.len)
    for who, project in [(house.gleb, house.len), (house.marina, NOBODY), (house.marina, house.other)]:
        with pytest.raises(NotFound):
            act(who, project)
    act(house.marina, house.len)


def test_an_archived_project_comes_back(db, house):
    with db.writing() as session:
        assert projects.archive_project(session, by(house.marina), house.len, now=NOW).archived_at == NOW
        assert projects.archive_project(session, by(house.marina), house.len, now=LATER).archived_at == NOW
        assert projects.restore_project(session, by(house.marina), house.len, now=LATER).archived_at is None
        assert session.get_one(Project, house.len).version == 3


# --- parties


def test_a_party_is_edited_once_and_its_name_is_its_own(db, house):
    with db.writing() as session:
        edited = parties.edit_party(
            session, by(house.marina), house.studio, 1, {"name": "Студия «Лист»", "kind": "freelancer"}, now=LATER
        )
        assert (edited.name, edited.kind, edited.version) == ("Студия «Лист»", "freelancer", 2)
        assert (
            parties.edit_party(session, by(house.marina), house.studio, 2, {"kind": "freelancer"}, now=LATER).version
            == 2
        )
        for changes, wrong in [
            ({"name": "лен  и нить"}, {("name", "taken")}),
            ({"name": ""}, {("name", "required")}),
            ({"kind": "guild"}, {("kind", "unknown_word")}),
            ({"lead": house.stas}, {("lead", "not_a_member")}),
            ({"lead": house.vera}, {("lead", "observes_only")}),
            ({"colour": "red"}, {("colour", "unknown_field")}),
        ]:
            with pytest.raises(Invalid) as caught:
                parties.edit_party(session, by(house.marina), house.studio, None, changes, now=NOW)
            assert codes(caught) == wrong


def test_a_new_lead_takes_over_what_waits_for_the_party(db, house):
    with db.writing() as session:
        wait = WaitInput(WaitKind.PARTY, party_id=house.studio)
        task = create_task(
            session, by(house.marina), house.len, TaskInput("Форма", owner=house.olga, waiting=wait), now=NOW
        )
        assert task.turn_id == house.petr  # its member with the role of lead
        parties.edit_party(session, by(house.marina), house.studio, None, {"lead": house.timur}, now=LATER)
        assert session.get_one(Task, task.id).turn_id == house.timur


def test_a_party_with_people_stays(db, house):
    with db.writing() as session:
        with pytest.raises(Refused) as caught:
            parties.archive_party(session, by(house.marina), house.studio, now=NOW)
        assert [row["person"] for row in caught.value.missing] == ["Пётр Соколов", "Тимур Азаров"]
        empty = parties.create_party(session, by(house.marina), house.len, PartyInput("Банк"), now=NOW)
        assert parties.archive_party(session, by(house.marina), empty.id, now=NOW).archived_at == NOW
        assert parties.archive_party(session, by(house.marina), empty.id, now=LATER).archived_at == NOW
        mine = standing(session, by(house.timur), house.len)
        assert [party.name for party in parties.parties_of(session, mine)] == ["Лён и нить", "Студия"]
        assert len(parties.parties_of(session, mine, archived=True)) == 3
        assert parties.restore_party(session, by(house.marina), empty.id, now=LATER).archived_at is None


def test_a_party_whose_name_was_taken_meanwhile_stays_away(db, house):
    with db.writing() as session:
        bank = parties.create_party(session, by(house.marina), house.len, PartyInput("Банк"), now=NOW)
        parties.archive_party(session, by(house.marina), bank.id, now=NOW)
        other = parties.create_party(session, by(house.marina), house.len, PartyInput("банк"), now=NOW)
        with pytest.raises(Invalid) as caught:
            parties.restore_party(session, by(house.marina), bank.id, now=NOW)
        assert codes(caught) == {("name", "taken")}
        parties.edit_party(session, by(house.marina), other.id, None, {"name": "Другой банк"}, now=NOW)
        assert parties.restore_party(session, by(house.marina), bank.id, now=NOW).archived_at is None


@pytest.mark.parametrize("verb", ["edit", "archive", "restore"])
def test_parties_by_role_outsider_and_nonsense(db, house, verb):
    def act(who, party):
        with db.writing() as session:
            if verb == "edit":
                parties.edit_party(session, by(who), party, None, {"note": "x"}, now=NOW)
            elif verb == "archive":
                parties.archive_party(session, by(who), party, now=NOW)
            else:
                parties.restore_party(session, by(who), party, now=NOW)

    for who in (house.olga, house.petr, house.vera):
        with pytest.raises(Forbidden):
            act(who, house.shop)
    for who, party in [(house.gleb, house.shop), (house.marina, NOBODY)]:
        with pytest.raises(NotFound):
            act(who, party)
    with db.reading() as session:
        assert session.get_one(Party, house.shop).version == 1
